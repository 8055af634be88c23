"""The audit report for a terminal or a printer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from cli import output
from cli.audit.report_table import Brief, Section
from cli.sections import WIDTH, wrapped

LONG_WORD = 16
"""A longer word is cut where a table would be too wide."""

PADDING = 2
"""Columns that a table keeps beside a header."""


def as_text(head: Sequence[str], sections: Iterable[Section]) -> str:
    """The report, at most 100 columns wide."""
    lines = [line for said in head for line in wrapped(said)]
    for number, section in enumerate(sections, 1):
        title = f"{number}  {section.title}"
        lines += ["", title, "─" * len(title)]
        lines += [line for said in section.says for line in wrapped(said)]
        for table in section.tables:
            if table.brief is not None and table.brief.rows:
                lines += ["", *_table(table.brief)]
    return "\n".join(lines)


def _table(brief: Brief) -> list[str]:
    rows = [[str(output.plain(cell)) for cell in row] for row in brief.rows[: brief.most]]
    columns = list(zip(*rows, strict=True))
    widths = _widths(brief, columns)
    headers = [_wrapped(header, width - PADDING) for header, width in zip(brief.headers, widths, strict=True)]
    wrap = [[_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines = output.table(wrap, headers, right=brief.figures).splitlines()
    more = len(brief.rows) - len(rows)
    return [*lines, f"… and {more} more; the whole with -O xlsx -o FILE"] if more else lines


def _widths(brief: Brief, columns: Sequence[Sequence[str]]) -> list[int]:
    """Widths within the page's: as long as it is too wide, the column gives way whose rows then need the fewest lines more."""
    named = list(zip(brief.headers, columns, strict=True))
    least = [_least(header, cells, number in brief.figures) for number, (header, cells) in enumerate(named)]
    widths = [max(low, len(header) + PADDING, *map(len, cells)) for low, (header, cells) in zip(least, named, strict=True)]
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        spare = [number for number, width in enumerate(widths) if width > least[number]]
        if not spare:
            break
        narrow = min(spare, key=lambda number: (_lines(columns, _narrower(widths, number)), -widths[number]))
        widths = _narrower(widths, narrow)
    return widths


def _least(header: str, cells: Sequence[str], figures: bool) -> int:
    """The width that a column keeps: its header's longest word; of figures every one whole, of words the longest, unless too
    long."""
    words = cells if figures else [word for cell in cells for word in cell.split(" ")]  # a thin space holds
    longest = max(map(len, words), default=0)
    return max(longest if figures else min(longest, LONG_WORD), *(len(word) + PADDING for word in header.split()))


def _narrower(widths: Sequence[int], number: int) -> list[int]:
    return [width - (each == number) for each, width in enumerate(widths)]


def _lines(columns: Sequence[Sequence[str]], widths: Sequence[int]) -> int:
    """How many lines the rows need, about."""
    needed = ([-(-len(cell) // width) for cell in cells] for cells, width in zip(columns, widths, strict=True))
    return sum(map(max, zip(*needed, strict=True)))


def _wrapped(cell: str, width: int) -> str:
    return "\n".join(textwrap.wrap(cell, width, break_on_hyphens=False)) if len(cell) > width else cell
