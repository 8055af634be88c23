"""Tables for a terminal: their columns in several blocks where one line does not hold them."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence

from cli import output

WIDTH = 120
"""Columns of text."""

NAME = 13
"""So wide may a header be before it is broken into lines."""

GAP = 2
"""What a table keeps between columns."""

Rows = Sequence[Sequence[str]]


def in_blocks(headers: Sequence[str], rows: Rows, *, keep: int, right: Collection[int] | None = None) -> list[str]:
    """The table; where it is wider than a terminal, in blocks of about as many columns, each beginning with the first ``keep``.
    ``right``: the columns of figures; by default all but the first."""
    headers = [in_lines(one) for one in headers]
    widths = _widths(headers, rows)
    figures = range(1, len(headers)) if right is None else right
    lines: list[str] = []
    for block in _blocks(widths, keep):
        numbers = [*range(keep), *block]
        cells = [[row[number] for number in numbers] for row in rows]
        aligned = [place for place, number in enumerate(numbers) if number in figures]
        text = output.table(cells, [headers[number] for number in numbers], right=aligned)
        lines += [*([""] if lines else []), *text.splitlines()]
    return lines


def fits(headers: Sequence[str], rows: Rows) -> bool:
    """Whether a terminal holds the table in one block."""
    return sum(_widths([in_lines(one) for one in headers], rows)) - GAP <= WIDTH


def turned(headers: Sequence[str], rows: Rows) -> tuple[list[str], list[list[str]]]:
    """The table with its columns as rows; the first header stays."""
    first, *others = headers
    return [first, *(row[0] for row in rows)], [[name, *(row[number] for row in rows)] for number, name in enumerate(others, 1)]


def in_lines(name: str) -> str:
    """A header in lines, broken at spaces and hyphens."""
    return "\n".join(textwrap.wrap(name, NAME)) or name


def wrapped(said: str, indent: str = "  ") -> list[str]:
    """A sentence in lines; those after the first are indented."""
    return textwrap.wrap(said, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _widths(headers: Sequence[str], rows: Rows) -> list[int]:
    """Of each column with the gap after it; a header has another gap around it."""
    cells = [max((len(row[number]) for row in rows), default=0) for number in range(len(headers))]
    names = [max(map(len, header.split("\n"))) + GAP for header in headers]
    return [max(pair) + GAP for pair in zip(cells, names, strict=True)]


def _blocks(widths: Sequence[int], keep: int) -> list[range]:
    """The columns after the kept ones in as few blocks as fit, each with about as many."""
    first, count = sum(widths[:keep]), len(widths) - keep
    for blocks in range(1, count + 1):
        size = -(-count // blocks)
        found = [range(start, min(start + size, len(widths))) for start in range(keep, len(widths), size)]
        if all(first + sum(widths[number] for number in block) - GAP <= WIDTH for block in found) or size == 1:
            return found
    return []
