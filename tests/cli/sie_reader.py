"""A reader of SIE 4I files, written from the specification ("SIE filformat", edition 4B) and from nothing of the product.

It is strict: whatever the specification forbids in a file of type 4I is a ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Objects = tuple[tuple[str, str], ...]
Token = str | tuple[str, ...]

ORDER = (
    ("#FLAGGA",),
    ("#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#PROSA", "#FNR", "#ORGNR", "#FNAMN", "#ADRESS", "#RAR", "#KPTYP", "#VALUTA"),
    ("#KONTO", "#KTYP", "#ENHET", "#SRU", "#DIM", "#UNDERDIM", "#OBJEKT"),
    ("#VER",),
)
"""The groups of records, in the order in which they must come (§5)."""

REQUIRED = ("#FLAGGA", "#PROGRAM", "#FORMAT", "#GEN", "#SIETYP", "#FNAMN")
FORBIDDEN = ("#IB", "#UB", "#OIB", "#OUB", "#RES", "#PSALDO", "#PBUDGET", "#BKOD", "#OMFATTN", "#TAXAR")
"""What a file of type 4I may not hold (table of §11)."""


@dataclass(frozen=True)
class Trans:
    """A row: account, objects by dimension, amount in öre, its own date where it has one, text."""

    account: str
    objects: Objects
    ore: int
    on: date | None
    text: str


@dataclass(frozen=True)
class Ver:
    """A voucher: series and number, date, text, rows."""

    series: str
    number: str
    on: date
    text: str
    rows: tuple[Trans, ...]


@dataclass
class Sie:
    """What a file says."""

    single: dict[str, tuple[str, ...]] = field(default_factory=dict)
    years: dict[int, tuple[date, date]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    dimensions: dict[str, str] = field(default_factory=dict)
    objects: dict[tuple[str, str], str] = field(default_factory=dict)
    vouchers: list[Ver] = field(default_factory=list)
    checksum: int | None = None

    @property
    def sums(self) -> dict[str, int]:
        """Öre by account."""
        sums: dict[str, int] = {}
        for row in (row for ver in self.vouchers for row in ver.rows):
            sums[row.account] = sums.get(row.account, 0) + row.ore
        return sums


def read(content: bytes) -> Sie:
    """Read a file. Raises ValueError for what the specification forbids."""
    if content and not content.endswith(b"\n"):
        raise ValueError("the last line does not end")
    records = [list(tokens(line)) for line in _lines(content) if line.strip()]
    found, records = Sie(), _summed(records)
    if found_sum := records.pop() if records and records[-1][0] == "#KSUMMA" else None:
        found.checksum = int(str(found_sum[1]))
    _in_order([str(record[0]) for record in records])
    walk = iter(records)
    for record in walk:
        if record[0] == "#VER":
            found.vouchers.append(_ver(record, walk))
        else:
            _take(found, record)
    _check(found)
    return found


def _lines(content: bytes) -> list[str]:
    lines = [line.removesuffix(b"\r") for line in content.split(b"\n")]
    if any((byte < 32 and byte != 9) or byte == 127 for line in lines for byte in line):
        raise ValueError("control characters are not allowed")
    return [line.decode("cp437") for line in lines]


def tokens(line: str) -> Iterator[Token]:
    """Label and fields of a line; a list in braces as a tuple."""
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
        elif line[at] == '"':
            text, at = _quoted(line, at)
            yield text
        elif line[at] == "{" and line.strip() != "{":
            inside, at = _braced(line, at)
            yield inside
        else:
            match = re.compile(r"[^ \t\"]+").match(line, at)
            assert match is not None
            yield match[0]
            at = match.end()


def _quoted(line: str, at: int) -> tuple[str, int]:
    text, at = "", at + 1
    while at < len(line) and line[at] != '"':
        at += line[at] == "\\" and line[at + 1 : at + 2] == '"'
        text, at = text + line[at], at + 1
    if at >= len(line) or line[at + 1 : at + 2] not in ("", " ", "\t", "}"):
        raise ValueError(f"a field in quotation marks does not end: {line}")
    return text, at + 1


def _braced(line: str, at: int) -> tuple[tuple[str, ...], int]:
    end, quoted = at + 1, False
    while end < len(line) and (quoted or line[end] != "}"):
        quoted ^= line[end] == '"' and line[end - 1] != "\\"
        end += 1
    if end == len(line):
        raise ValueError(f"a list of objects does not end: {line}")
    return tuple(str(one) for one in tokens(line[at + 1 : end])), end + 1


def crc32(data: bytes) -> int:
    """The checksum as the specification's example in C computes it, by table."""
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ 0xEDB88320 if number & 1 else number >> 1
        table.append(number)
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def _summed(records: list[list[Token]]) -> list[list[Token]]:
    """The records without the first #KSUMMA; its value is checked."""
    at = [number for number, record in enumerate(records) if record[0] == "#KSUMMA"]
    if not at:
        return records
    if at != [1, len(records) - 1] or len(records[1]) != 1:
        raise ValueError("#KSUMMA stands after #FLAGGA and, with its value, last")
    inside = [part for record in records[2:-1] if record[0] not in ("{", "}") for part in record]
    data = "".join(part if isinstance(part, str) else "".join(part) for part in inside).encode("cp437")
    if int(str(records[-1][1])) != crc32(data):
        raise ValueError("the checksum is not that of the file")
    return [records[0], *records[2:]]


def _in_order(labels: Sequence[str]) -> None:
    groups = [number for label in labels for number, group in enumerate(ORDER) if label in group]
    if groups != sorted(groups):
        raise ValueError("records do not come in the order of the specification")
    if missing := [label for label in REQUIRED if label not in labels]:
        raise ValueError(f"{missing} must be there")
    if wrong := [label for label in labels if label in FORBIDDEN]:
        raise ValueError(f"{wrong} may not stand in a file of type 4I")
    known = {label for group in ORDER for label in group} | {"#TRANS", "{", "}"}
    if unknown := [label for label in labels if label not in known]:
        raise ValueError(f"{unknown} are no records of type 4I")


def _take(found: Sie, record: list[Token]) -> None:
    label, *fields = map(str, record)
    match label, fields:
        case "#RAR", [number, start, end]:
            found.years[int(number)] = (_date(start), _date(end))
        case "#KONTO", [number, name] if number.isdigit() and number not in found.accounts:
            found.accounts[number] = name
        case "#DIM", [number, name] if number.isdigit() and number not in found.dimensions:
            found.dimensions[number] = name
        case "#OBJEKT", [dimension, number, name] if dimension in found.dimensions:
            found.objects[(dimension, number)] = name
        case "#KONTO" | "#DIM" | "#OBJEKT" | "#RAR" | "#TRANS" | "{" | "}", _:
            raise ValueError(f"out of place: {record}")
        case _:
            if label in found.single:
                raise ValueError(f"{label} stands twice")
            found.single[label] = tuple(fields)


def _ver(head: list[Token], walk: Iterator[list[Token]]) -> Ver:
    _, series, number, on, text = map(str, head[:5])
    if next(walk) != ["{"]:
        raise ValueError(f"a voucher's rows stand in braces: {head}")
    rows = []
    for record in walk:
        if record == ["}"]:
            return Ver(series, number, _date(on), text, tuple(rows))
        rows.append(_trans(record))
    raise ValueError(f"a voucher does not end: {head}")


def _trans(record: list[Token]) -> Trans:
    label, account, objects, amount, *rest = record
    if label != "#TRANS" or not isinstance(objects, tuple) or len(objects) % 2:
        raise ValueError(f"not a row of a voucher: {record}")
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]{1,2})?", str(amount)):
        raise ValueError(f"not an amount: {amount}")
    on, text = [*map(str, rest), "", ""][:2]
    pairs = tuple(zip(objects[::2], objects[1::2], strict=True))
    return Trans(str(account), pairs, int(Decimal(str(amount)) * 100), _date(on) if on else None, text)


def _date(text: str) -> date:
    if not re.fullmatch(r"[0-9]{8}", text):
        raise ValueError(f"not a date: {text}")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _check(found: Sie) -> None:
    single = found.single
    if (single["#FLAGGA"], single["#FORMAT"], single["#SIETYP"]) != (("0",), ("PC8",), ("4",)):
        raise ValueError("not a fresh file of type 4 in code page 437")
    _date(single["#GEN"][0])
    for ver in found.vouchers:
        if sum(row.ore for row in ver.rows):
            raise ValueError(f"voucher {ver.number} does not sum to zero")
        for row in ver.rows:
            if row.account not in found.accounts:
                raise ValueError(f"account {row.account} is not declared")
            if not set(row.objects) <= set(found.objects):
                raise ValueError(f"{row.objects} are not declared")
    numbers = [(ver.series, ver.number) for ver in found.vouchers if ver.number]
    if len(set(numbers)) < len(numbers):
        raise ValueError("two vouchers have one number")
