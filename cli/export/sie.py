"""``soc export sie``: vouchers for the books, as SIE 4I.

By "SIE filformat", edition 4B (SIE-gruppen, 2008-09-30): code page 437, records from flag to vouchers in the order of its §5, no
balances in a file of type 4I. A voucher is dated by booking, and its rows say from when they are effective; their own date, by
which some programs book, is left empty. #GEN is the date of the last record known, so that the same record gives the same bytes.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.metadata import version

import click

from cli import output
from cli.export.accounts import ABOUT, Export, accounting
from ledger.money import kronor
from ledger.periods import Month, day_in_stockholm
from projections.accounting.account_map import Account
from projections.accounting.vouchers import Voucher
from projections.postings import CLAIMED, PAYABLE

CODE_PAGE = "cp437"
REPLACED = {
    **dict.fromkeys("–—−‑", "-"),
    **dict.fromkeys("’‘", "'"),
    **dict.fromkeys("”“", '"'),
    "…": "...",
    "€": "EUR",
    "×": "x",
    "\\": "/",
}
"""What stands for characters that the code page lacks; others lose their accents, or become a question mark."""

BACKSLASH = "\\"
"""It would escape what comes after it, so that it is replaced in texts."""

Field = str | tuple[str, ...]
"""A field as it is before it is quoted; a tuple is a list of objects."""

Record = tuple[Field, ...]
"""A record's label and fields."""

CLAIM = frozenset([CLAIMED, PAYABLE])
"""The accounts on which a claim is booked when it is noticed, effective from when it falls due."""

OPEN, CLOSE = ("{",), ("}",)
"""The lines around a voucher's rows."""


@click.command("sie", epilog=ABOUT)
@click.option("--checksum", is_flag=True, help="Add #KSUMMA; programs disagree on how it is computed.")
@accounting("sie")
def command(export: Export, checksum: bool, file: str) -> None:
    """Vouchers booked in a period, as SIE 4I.

    A voucher is dated by the day on which it was recorded; corrections are booked in the period of discovery and name the months
    that they are about. What is for information alone, such as savings, never leaves.

    Vouchers are numbered by record, 141, or 114-1 and 114-2 where a record has several. Where your program wants numerals alone,
    write series = "" in the map: the numbers are left empty, and the program gives its own.
    """
    page = CodePage()
    flag, *others = [page.record(one) for one in _records(export)]
    if checksum:
        others = [("#KSUMMA",), *others, ("#KSUMMA", str(ksumma(others)))]
    output.emit_bytes("".join(f"{_line(one)}\r\n" for one in [flag, *others]).encode(CODE_PAGE), file)
    if page.replaced:
        said = ", ".join(f"{char!a} ({unicodedata.name(char, 'control character').lower()})" for char in sorted(page.replaced))
        click.echo(f"SIE is written in code page 437; replaced in its texts: {said}", err=True)
    if file != "-" and not file.lower().endswith(".si"):
        click.echo("Most programs expect the name of such a file to end in .si", err=True)


class CodePage:
    """Texts as the code page can hold them; ``replaced`` are the characters that it could not."""

    def __init__(self) -> None:
        self.replaced: set[str] = set()

    def record(self, one: Record) -> Record:
        """The record with all its texts so."""
        return tuple(self._text(field) if isinstance(field, str) else tuple(map(self._text, field)) for field in one)

    def _text(self, text: str) -> str:
        return "".join(map(self._char, text))

    def _char(self, char: str) -> str:
        if char.isspace():
            return " "
        if char.isprintable() and char != BACKSLASH and _has(char):
            return char
        self.replaced.add(char)
        if not char.isprintable():
            return ""
        return REPLACED.get(char) or "".join(filter(_has, unicodedata.normalize("NFKD", char))) or "?"


def _has(char: str) -> bool:
    try:
        char.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def ksumma(records: Iterable[Record]) -> int:
    """The CRC-32 of labels and fields, without what separates and quotes them, and without braces (§10)."""
    parts = (field if isinstance(field, str) else "".join(field) for one in records if one not in (OPEN, CLOSE) for field in one)
    return zlib.crc32("".join(parts).encode(CODE_PAGE))


def _line(record: Record) -> str:
    label, *fields = record
    return " ".join([str(label), *map(_field, fields)])


def _field(field: Field) -> str:
    if not isinstance(field, str):
        return "{" + " ".join(map(_field, field)) + "}"
    if re.fullmatch(r"[0-9A-Z.-]+", field):
        return field
    return '"' + field.replace('"', BACKSLASH + '"') + '"'


def _records(export: Export) -> Iterator[Record]:
    """Everything but the checksum, in the order of §5: flag, identification, accounts, vouchers."""
    company, facts = export.map.company, export.facts
    yield "#FLAGGA", "0"
    yield "#PROGRAM", "soc-ledger", version("soc-ledger")
    yield "#FORMAT", "PC8"
    yield "#GEN", _date(day_in_stockholm(facts.known_at))
    yield "#SIETYP", "4"
    yield "#PROSA", " ".join(note.rstrip(".") + "." for note in export.notes)
    yield "#ORGNR", company.organisation_number
    yield "#FNAMN", company.name
    yield from _years(export)
    if company.chart is not None:
        yield "#KPTYP", company.chart
    yield "#VALUTA", export.currency
    yield from _accounts(export)
    for one in export.held:
        yield from _voucher(one, export)


def _years(export: Export) -> Iterator[Record]:
    """The financial years that the period touches; 0 is the last of them."""
    begins, last = export.map.company.financial_year_begins, export.period.last
    start = Month.of(last.year if last.number >= begins else last.year - 1, begins)
    number = 0
    while True:
        yield "#RAR", str(number), _date(start.first_day), _date((start + 11).last_day)
        if start <= export.period.first:
            return
        start, number = start - 12, number - 1


def _accounts(export: Export) -> Iterator[Record]:
    """The accounts, dimensions and objects that the vouchers use."""
    used = {row.account for one in export.held for row in one.rows}
    accounts = [export.map.accounts[account] for account in used]
    for number, name in sorted({(one.number, one.name) for one in accounts}):
        yield "#KONTO", number, name
    objects = {pair for one in accounts for pair in one.objects.items()}
    dimensions = [one for one in export.map.dimensions if str(one.number) in {dimension for dimension, _ in objects}]
    for one in dimensions:
        yield "#DIM", str(one.number), one.name
    for one in dimensions:
        for number, name in one.objects.items():
            if (str(one.number), number) in objects:
                yield "#OBJEKT", str(one.number), number, name


def _voucher(one: Voucher, export: Export) -> Iterator[Record]:
    series = export.map.series
    yield "#VER", series, one.number if series else "", _date(one.booked_on), one.text
    yield OPEN
    for row in one.rows:
        account = export.map.accounts[row.account]
        dated = "falls due" if row.account in CLAIM else "effective"
        yield "#TRANS", account.number, _objects(account), kronor(row.amount), "", f"{dated} {one.effective_on}"
    yield CLOSE


def _objects(account: Account) -> tuple[str, ...]:
    return tuple(part for pair in account.objects.items() for part in pair)


def _date(day: date) -> str:
    return f"{day:%Y%m%d}"
