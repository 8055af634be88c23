"""Delimited text, read strictly: bytes in, columns of values out, and every fault with its line.

UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252; comma or semicolon; a header
in any order. A format names its columns and how to parse them, looks at what only shows across fields and
lines, and ends with :meth:`Table.accept`, which refuses the file whole if anything at all was wrong.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

from ledger.errors import Fault, Faults, InputRefused
from ledger.imports.decoding import decoded, line_at
from ledger.imports.fields import Unreadable, shown

_COLUMNS_NAMED = 10
_CHUNK = 512  # rows parsed at a time: few enough to stay in the processor's cache

T = TypeVar("T")


class Column(Generic[T]):
    """One column to read: its name, how to ``parse`` a field, and what stands ``instead`` of a refused one.

    ``parse`` raises Unreadable and sees each distinct text once, however many lines repeat it.
    """

    def __init__(self, name: str, parse: Callable[[str], T], instead: T) -> None:
        self.name = name
        self.values: list[T] = []
        self._parsed = _Memo(parse, instead)

    def take(self, texts: Sequence[str], lines: Sequence[int], table: Table) -> None:
        """Appends the parsed fields; those refused go to the table's faults, with their lines."""
        parsed = self._parsed
        self.values.extend(map(parsed.__getitem__, texts))
        if parsed.refused:
            for line, text in zip(lines, texts, strict=True):
                why = parsed.refused.get(text)
                if why is not None and not table.faults.passes_over(line):
                    what, do = why
                    table.fault(line, _about(self.name, text, what), do)


class _Memo(dict[str, T]):
    def __init__(self, parse: Callable[[str], T], instead: T) -> None:
        super().__init__()
        self.parse, self.instead = parse, instead
        self.refused: dict[str, tuple[str, str | None]] = {}
        self._reasons: dict[tuple[str, str | None], tuple[str, str | None]] = {}  # one for the thousands that are alike

    def __missing__(self, text: str) -> T:
        try:
            value = self.parse(text)
        except Unreadable as why:
            reason = why.what, why.do
            value, self.refused[text] = self.instead, self._reasons.setdefault(reason, reason)
        self[text] = value
        return value


@dataclass
class Table:
    """What was read: row i of every column stands on physical line ``lines[i]`` of the file, header 1.

    ``faults`` gathers what is wrong; lines that are a fault as a whole are in it and not in the columns.
    """

    file: str
    lines: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.faults = Faults(self.file)

    def fault(self, line: int | None, what: str, do: str | None = None) -> None:
        """Notes that something is wrong there."""
        self.faults.add(line, what, do)

    def accept(self) -> None:
        """Returns if the file is without fault. Raises InputRefused with its faults in order of line."""
        self.faults.refuse()


def read(content: bytes, file: str, columns: Sequence[Column[Any]]) -> Table:
    """Fills the columns from a file whose header names them and no others; blank lines are left out.

    Raises InputRefused where nothing below can be read: encoding or header. What is wrong with single lines
    is gathered in the table's faults.
    """
    text = decoded(content, file)
    names = [column.name for column in columns]
    _check_header(text, file, names)
    delimiter = _separator(text)
    table = Table(file)
    chunks = _chunks(text, delimiter, table)
    header_on, [header] = next(chunks, ([1], [[]]))
    table.accept()  # a first row that cannot be split leaves no header
    order = _order(header, file, header_on[0], names)
    odd = _SUMS | {header[0]}
    for found_on, found in chunks:
        lines, rows = _of_width(header, found_on, found, delimiter, table)
        if not odd.isdisjoint(map(_FIRST, rows)):
            lines, rows = _without_odd(header, lines, rows, table)
        table.lines.extend(lines)
        for column, place in zip(columns, order, strict=True):
            column.take([row[place] for row in rows], lines, table)
    return table


def header_names(text: str, file: str) -> list[str]:
    """The column names of the first line that is not blank, trimmed and in lower case; [] if there is none.

    Raises InputRefused if that line cannot be read.
    """
    table = Table(file)
    _, [header] = next(_chunks(text, _separator(text), table), ([1], [[]]))
    table.accept()
    return [_name(cell) for cell in header]


_NOT_BLANK = re.compile(r"\S[^\r\n]*")
_FIRST = itemgetter(0)
_SUMS = frozenset(form for word in ("sum", "summa", "total", "totalt") for form in (word, word.title(), word.upper()))


def _separator(text: str) -> str:
    """Comma or semicolon: whichever the header has more of."""
    header = _NOT_BLANK.search(text)
    return ";" if header and header[0].count(";") > header[0].count(",") else ","


def refuse_tabs(text: str, file: str) -> None:
    """Raises InputRefused if the header's columns are separated by tabs."""
    header = _NOT_BLANK.search(text)
    if header and "\t" in header[0] and ";" not in header[0] and "," not in header[0]:
        what, advice = "the columns are separated by tabs", "Export it with commas or semicolons."
        raise InputRefused([Fault(file, line_at(text[: header.start()]), what, advice)])


def _check_header(text: str, file: str, names: Sequence[str]) -> None:
    """Raises InputRefused if there is no header at all, or one in tabs."""
    header = _NOT_BLANK.search(text)
    if header is None:
        raise InputRefused([Fault(file, None, "the file is empty", expected(names))])
    refuse_tabs(text, file)


def _chunks(text: str, delimiter: str, table: Table) -> Iterator[tuple[list[int], list[list[str]]]]:
    """Rows that are not blank, some at a time, with their first physical lines; unreadable ones are faults.

    The first chunk is the first row alone.
    """
    # newline="": the csv module must see line ends as they are, or quoted ones would shift the count
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=delimiter, strict=True, skipinitialspace=True)
    size, line, done = 1, 1, False
    while not done:
        rows: list[list[str]] = []
        lines: list[int] = []
        try:
            for row in islice(reader, size):
                rows.append(row)
                lines.append(line)
                line = reader.line_num + 1
            done = len(rows) < size
        except csv.Error as error:
            table.fault(line, *_unsplit(str(error)))
            line = reader.line_num + 1
        if [row for row in rows if not row or not row[0].strip()]:  # faster than any() over a generator
            kept = [place for place, row in enumerate(rows) if any(map(str.strip, row))]
            rows, lines = [rows[place] for place in kept], [lines[place] for place in kept]
        if rows:
            yield lines, rows
            size = _CHUNK


def _unsplit(error: str) -> tuple[str, str]:
    """What is wrong and what to do, for a message of the csv module."""
    if "expected after" in error:
        advice = 'Write quotation marks inside a quoted field twice: "Avdelning ""A""".'
        return "a quoted field goes on after its closing quotation mark", advice
    if "limit" in error:
        advice = "Close its quotation mark, or see whether it is the right file."
        return f"a field of more than {csv.field_size_limit()} characters", advice
    return "a quotation mark that is never closed", "Close it, or take it away."


def _of_width(
    header: list[str], lines: list[int], rows: list[list[str]], delimiter: str, table: Table
) -> tuple[list[int], list[list[str]]]:
    """The rows with as many fields as the header, and their lines; the others become faults."""
    width = len(header)
    if set(map(len, rows)) <= {width}:
        return lines, rows
    for line, row in zip(lines, rows, strict=True):
        if len(row) != width and not table.faults.passes_over(line):
            table.fault(line, *_wrong_width(row, width, delimiter))
    kept = [(line, row) for line, row in zip(lines, rows, strict=True) if len(row) == width]
    return [line for line, _ in kept], [row for _, row in kept]


def _without_odd(header: list[str], lines: list[int], rows: list[list[str]], table: Table) -> tuple[list[int], list[list[str]]]:
    """The rows that are neither the header again nor a sum, and their lines; these become one fault each."""
    kept = []
    for line, row in zip(lines, rows, strict=True):
        if row == header:
            table.fault(line, "is the header again", "Delete the line; two exports were perhaps pasted together.")
        elif row[0] in _SUMS and 2 * sum(not cell.strip() for cell in row[1:]) >= len(row) - 1:
            table.fault(line, f"is a sum: {shown(row[0])}", "Delete the line.")
        else:
            kept.append((line, row))
    return [line for line, _ in kept], [row for _, row in kept]


_MARKS = {",": "comma", ";": "semicolon"}


def _wrong_width(row: list[str], width: int, delimiter: str) -> tuple[str, str]:
    """What is wrong with a line of another width than the header, and what to do."""
    found, mark = len(row), _MARKS[delimiter]
    if found == 1 and row[0].count(delimiter) >= width - 1:
        return "the whole line stands in quotation marks", "Take away the quotation marks around each line, or export it again."
    [other] = _MARKS.keys() - {delimiter}
    if found == 1 and row[0].count(other) >= width - 1:
        what = f"the header has {mark}s between its columns, this line {_MARKS[other]}s"
        return what, "Export it again with one separator throughout."
    what = f"{found} field{'s' if found != 1 else ''} where the header names {width} columns"
    if found > width:
        return what, f"Put a field that itself holds a {mark} in quotation marks."
    return what, "Complete the line; an empty field keeps its separator."


def _name(cell: str) -> str:
    return cell.strip().lower()


def expected(names: Sequence[str]) -> str:
    """What the first line of a file must name."""
    return f"The first line must name, in any order: {','.join(names)}"


def _order(header: Sequence[str], file: str, line: int, names: Sequence[str]) -> list[int]:
    """Where each column stands. Raises InputRefused with one fault each for missing, doubled, unknown."""
    found = [_name(cell) for cell in header]
    counts = Counter(found)
    wrong = {
        "missing": [name for name in names if name not in counts],
        "doubled": [name for name in names if counts[name] > 1],
        "unknown": [shown(name) if name else "one without a name" for name in counts if name not in names],
    }
    faults = [Fault(file, line, _columns(kind, those), expected(names)) for kind, those in wrong.items() if those]
    if faults:
        raise InputRefused(faults)
    return [found.index(name) for name in names]


def _columns(kind: str, those: list[str]) -> str:
    more = len(those) - _COLUMNS_NAMED
    named = [*those[:_COLUMNS_NAMED], f"{more} more"] if more > 0 else those
    return f"{kind} column{'s'[: len(those) - 1]}: {', '.join(named)}"


def _about(column: str, text: str, what: str) -> str:
    return f"{column} {shown(text)} {what}" if text.strip() else f"{column} {what}"
