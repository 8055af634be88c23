"""Delimited text, read strictly: bytes in, columns of values out, and every fault with its line.

UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252; comma or semicolon; a header
in any order. A format names its columns and how to parse them, looks at what only shows across fields and
lines, and ends with :meth:`Table.accept`, which refuses the file whole if anything at all was wrong.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Generic, NoReturn, TypeVar

from ledger.errors import Fault, InputRefused

YEARS = range(1990, 2101)
"""Years that a date, month or quarter may lie in; others are taken for slips of the pen."""

FAULTS_LISTED = 1000
"""So many faults are listed; a last one says how many more there are."""

_CHUNK = 512  # rows parsed at a time: few enough to stay in the processor's cache

T = TypeVar("T")


class Unreadable(ValueError):
    """One field cannot be read: ``what`` is wrong with it ("is not a date"), and what to ``do``."""

    def __init__(self, what: str, do: str | None = None) -> None:
        super().__init__(what)
        self.what, self.do = what, do


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
                if why := parsed.refused.get(text):
                    table.fault(line, _about(self.name, text, why.what), why.do)


class _Memo(dict[str, T]):
    def __init__(self, parse: Callable[[str], T], instead: T) -> None:
        super().__init__()
        self.parse, self.instead = parse, instead
        self.refused: dict[str, Unreadable] = {}

    def __missing__(self, text: str) -> T:
        try:
            value = self.parse(text)
        except Unreadable as why:
            value, self.refused[text] = self.instead, why
        self[text] = value
        return value


@dataclass(frozen=True)
class Table:
    """What was read: row i of every column stands on physical line ``lines[i]`` of the file, header 1.

    ``faults`` gathers what is wrong; lines with the wrong number of fields are in it and not in the columns.
    """

    file: str
    lines: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int | None, what: str, do: str | None = None) -> None:
        """Notes that something is wrong there."""
        self.faults.append(Fault(self.file, line, what, do))

    def accept(self) -> None:
        """Returns if the file is without fault. Raises InputRefused with its faults in order of line."""
        if self.faults:
            refuse(self.faults)


def refuse(faults: Iterable[Fault]) -> NoReturn:
    """Raises InputRefused with the faults of one file in order of line, at most FAULTS_LISTED of them."""
    listed = sorted(faults, key=lambda fault: fault.line or 0)
    more = len(listed) - FAULTS_LISTED
    if more > 0:
        advice = "Correct these and import the file again."
        listed[FAULTS_LISTED:] = [Fault(listed[0].file, None, f"{more} more faults are not listed", advice)]
    raise InputRefused(listed)


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
    for found_on, found in chunks:
        lines, rows = _of_width(len(header), found_on, found, delimiter, table)
        table.lines.extend(lines)
        for column, place in zip(columns, order, strict=True):
            column.take([row[place] for row in rows], lines, table)
    return table


def header_names(content: bytes, file: str) -> list[str]:
    """The column names of the first line that is not blank, trimmed and in lower case; [] if there is none.

    Raises InputRefused if the file cannot be decoded or its first line not be read.
    """
    text = decoded(content, file)
    table = Table(file)
    _, [header] = next(_chunks(text, _separator(text), table), ([1], [[]]))
    if table.faults:
        refuse(table.faults[:1])
    return [_name(cell) for cell in header]


def decoded(content: bytes, file: str) -> str:
    """The file's text without its byte order mark. Raises InputRefused: binary, or an unknown encoding."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text, encoding, line = _attempt(content, "utf-16" if marked else "utf-8-sig")
    if text is None and not marked and not content.startswith(codecs.BOM_UTF8):
        text, encoding, line = _attempt(content, "cp1252")
    if text is None:
        what = f"bytes that are not {_ENCODING_NAMES[encoding]} text"
    elif "\0" in text:
        what, line = "a NUL byte: this is not a text file", _line_at(text[: text.index("\0")])
    elif encoding == "cp1252" and (garbled := _garbled(text)):
        what, line = "å, ä or ö in yet another encoding", _line_at(text[: garbled.start()])
    else:
        return text
    refuse([Fault(file, line, what, "Export it again as CSV in UTF-8 or Windows-1252.")])


def _attempt(content: bytes, encoding: str) -> tuple[str | None, str, int | None]:
    """The text; or None with the line of the first byte that is not text, where that can be counted."""
    try:
        return content.decode(encoding), encoding, None
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("latin-1")  # of the object: it has no byte order mark
        return None, encoding, None if encoding == "utf-16" else _line_at(before)


def _garbled(text: str) -> re.Match[str] | None:
    """Where å, ä or ö was written in UTF-8, or in DOS code page 850, and reads as Windows-1252 has it."""
    if "Ã" in text and (found := _UTF_8_AS_1252.search(text)):
        return found
    # Whoever writes å, ä and ö rightly elsewhere may well put ” before a letter.
    if any(mark in text for mark in "†„”") and not any(letter in text for letter in "åäöÅÄÖ"):
        return _850_AS_1252.search(text)
    return None


def shown(text: str) -> str:
    """The text in quotation marks, as a message may repeat it: short, on one line, no personal numbers."""
    line = "".join(char if char.isprintable() else " " for char in text.strip())
    line = _LIKE_PERSONAL.sub(lambda match: "…" if is_personal_number(match[0]) else match[0], line)
    return f"'{line if len(line) <= 40 else line[:39] + '…'}'"


def is_personal_number(text: str) -> bool:
    """Whether it reads as a Swedish personal identity or coordination number: a real date, and written with its sign, or else
    with the right check digit."""
    match = _PERSONAL.fullmatch(unicodedata.normalize("NFKC", text).translate(_DASHES).removesuffix(".0"))
    if match is None:
        return False
    century, year, month, day, sign, serial = match.groups()
    try:
        # Without a century 2000 serves: it calls 29 February right in whatever year either century does.
        date(int((century or "20") + year), int(month), int(day) - 60 if int(day) > 60 else int(day))
    except ValueError:
        return False
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(year + month + day + serial))
    return bool(sign) or sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def holds_personal_number(text: str) -> bool:
    """Whether free text holds a personal number: with its sign, or with its century. Ten bare digits may be an invoice."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return any(is_personal_number(found) for found in _IN_TEXT.findall(plain))


def place_of(cell: str) -> str:
    """A workplace's name. Raises Unreadable: empty, invisible characters, a personal number."""
    name = text_of(cell)
    if holds_personal_number(name):
        raise Unreadable("the workplace holds a personal number", "Name the workplace; personal numbers must not enter.")
    return name


def text_of(cell: str) -> str:
    """What a reader sees in the field, spaces single. Raises Unreadable: empty, invisible characters."""
    if cell.isascii() and cell.isprintable() and cell and " " not in cell:
        return cell  # nothing to tidy, as in most employment numbers
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if not text:
        raise Unreadable("is empty", "Fill it in on every line.")
    if not text.isprintable():
        hidden = next(char for char in text if not char.isprintable())
        raise Unreadable(f"holds an invisible character (U+{ord(hidden):04X})", "Take the character away.")
    return text


def day_of(cell: str) -> date:
    """The date in ``2019-03-31`` or ``20190331``. Raises Unreadable, also for years outside YEARS."""
    text = cell.strip()
    advice = "Write dates as 2019-03-31 or 20190331."
    if not text:
        raise Unreadable("is empty", advice)
    if _DAY.fullmatch(text) is None:
        raise Unreadable("is not a date", advice)
    digits = text.replace("-", "")
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Unreadable("is no day in the calendar", advice) from None
    check_year(day.year)
    return day


def check_year(year: int) -> None:
    """Raises Unreadable for a year outside YEARS."""
    if year not in YEARS:
        raise Unreadable(f"is not in the years {YEARS[0]} to {YEARS[-1]}", "Correct the year.")


def whole_of(cell: str) -> int | None:
    """The whole number in ``120``, ``120,0`` or ``120.00``, at most seven digits; None if it is not one."""
    match = _WHOLE.fullmatch(cell.strip())
    return None if match is None else int(match[1])


_ENCODING_NAMES = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "UTF-8 or Windows-1252"}
_UTF_8_AS_1252 = re.compile("Ã[¥¤¶…„\u2013©]")
_850_AS_1252 = re.compile("(?<=[A-Za-z])[†„”](?=[a-z])")
_LIKE_PERSONAL = re.compile(r"(?<![0-9])[0-9]{6,8}[-+ ]?[0-9]{4}(?![0-9])")
_PERSONAL = re.compile(r"(18|19|20)?([0-9]{2})([0-9]{2})([0-9]{2})([-+ ]?)([0-9]{4})")
_IN_TEXT = re.compile(r"(?<![0-9])(?:[0-9]{6}[-+][0-9]{4}|[0-9]{8}[-+]?[0-9]{4})(?![0-9])")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_DAY = re.compile(r"[0-9]{4}(-?)[0-9]{2}\1[0-9]{2}")
_WHOLE = re.compile(r"([0-9]{1,7})(?:[.,]0+)?")
_NOT_BLANK = re.compile(r"\S[^\r\n]*")
_LINE_END = re.compile(r"\r\n|\r|\n")


def _line_at(before: str) -> int:
    return len(_LINE_END.findall(before)) + 1


def _separator(text: str) -> str:
    """Comma or semicolon: whichever the header has more of."""
    header = _NOT_BLANK.search(text)
    return ";" if header and header[0].count(";") > header[0].count(",") else ","


def refuse_tabs(text: str, file: str) -> None:
    """Raises InputRefused if the header's columns are separated by tabs."""
    header = _NOT_BLANK.search(text)
    if header and "\t" in header[0] and ";" not in header[0] and "," not in header[0]:
        what, advice = "the columns are separated by tabs", "Export it with commas or semicolons."
        refuse([Fault(file, _line_at(text[: header.start()]), what, advice)])


def _check_header(text: str, file: str, names: Sequence[str]) -> None:
    """Raises InputRefused if there is no header at all, or one in tabs."""
    header = _NOT_BLANK.search(text)
    if header is None:
        refuse([Fault(file, None, "the file is empty", _expected(names))])
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
    width: int, lines: list[int], rows: list[list[str]], delimiter: str, table: Table
) -> tuple[list[int], list[list[str]]]:
    """The rows with so many fields, and their lines; the others become faults."""
    if set(map(len, rows)) <= {width}:
        return lines, rows
    for line, row in zip(lines, rows, strict=True):
        if len(row) != width:
            table.fault(line, *_wrong_width(len(row), width, delimiter))
    kept = [(line, row) for line, row in zip(lines, rows, strict=True) if len(row) == width]
    return [line for line, _ in kept], [row for _, row in kept]


def _wrong_width(found: int, width: int, delimiter: str) -> tuple[str, str]:
    mark = {",": "comma", ";": "semicolon"}[delimiter]
    what = f"{found} field{'s' if found != 1 else ''} where the header names {width} columns"
    if found > width:
        return what, f"Put a field that itself holds a {mark} in quotation marks."
    return what, "Complete the line; an empty field keeps its separator."


def _name(cell: str) -> str:
    return cell.strip().lower()


def _expected(names: Sequence[str]) -> str:
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
    faults = [
        Fault(file, line, f"{kind} column{'s'[: len(those) - 1]}: {', '.join(those)}", _expected(names))
        for kind, those in wrong.items()
        if those
    ]
    if faults:
        refuse(faults)
    return [found.index(name) for name in names]


def _about(column: str, text: str, what: str) -> str:
    return f"{column} {shown(text)} {what}" if text.strip() else f"{column} {what}"
