"""Absences as PAXml 2.x time transactions (``tidtrans``): what each says, checked, and made into spells.

What PAXml leaves open is decided so:

- A workplace is the unit (``resenhet``) of the dimension that ``[absence_codes]`` of the terms names; where they name none, the
  only one that a transaction has, all of one dimension. It is called as ``<resultatenheter>`` of the same file names it, as the
  workforce file does, and by its id where the file has no name for it. Two units of one name are refused.
- A transaction without hours and extent is 100 per cent. Hours are divided by those that ``<schematransaktioner>`` schedules for
  that employment and day, all its ``dag`` together; without them they are refused. 0 hours say nothing.
- ``starttid`` and ``sluttid`` on one day are hours; over several days all days are whole, the last one too unless it ends at
  00:00. They are read as local time, whatever zone they are written in.
- Values below zero are corrections. A day with one is not said but changed: what the file adds and takes of each cause and
  workplace goes to what an earlier report said of the day, if the file is not complete for it.
- ``<klar>`` without an employment says for which months the file is complete, if its dates make whole months together;
  ``<nyexport>`` does, and must make whole months unless the command line says what the file is about.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.imports.absence_csv import AbsenceRows
from ledger.imports.fields import Unreadable
from ledger.imports.paxml_days import Change, Percent, Piece, united
from ledger.imports.paxml_transactions import Transactions
from ledger.imports.paxml_xml import Document
from ledger.terms import AbsenceCodes


class Correction(NamedTuple):
    """Days (YYYYMMDD) of an employee from which ``extent`` per cent is to be taken, below zero to be added, of one cause and
    workplace. ``weekend``: these are a Saturday or Sunday that the file names by itself."""

    line: int
    employee: str
    first_day: int
    last_day: int
    extent: Percent
    cause: int
    workplace: str
    weekend: bool


@dataclass(frozen=True)
class Spoken:
    """What a file says: spells in order of line, corrections of earlier reports, and for the receipt how many transactions have
    codes that are no sick leave (``left_out``), agreed codes that the terms do not map (``unmapped``), and no hours; on how many
    days two causes or workplaces met (``mixed``)."""

    rows: AbsenceRows
    corrections: tuple[Correction, ...]
    left_out: Counter[str]
    unmapped: Counter[str]
    without_hours: int
    mixed: int


def spoken(document: Document, codes: AbsenceCodes | None) -> Spoken:
    """What the file says under the terms' codes. Raises InputRefused with every fault."""
    reading = Transactions(document, codes or AbsenceCodes())
    parts = reading.parts()
    reading.faults.refuse()
    spells: list[tuple[str, Piece]] = []
    less: list[Correction] = []
    for employee, said in parts.items():
        try:
            absent, changes = united(said)
        except Unreadable as why:
            reading.faults.add(max(part.line for part in said), why.what, why.do)
            continue
        spells += [(employee, piece) for piece in absent]
        less += [_correction(employee, one) for one in changes]
    reading.faults.refuse()
    spells.sort(key=lambda one: (one[1].line, one[1].first))
    less.sort(key=lambda one: (one.line, one.first_day))
    mixed = sum(piece.mixed for _, piece in spells)
    return Spoken(_rows(spells), tuple(less), document.left_out, reading.unmapped, reading.without_hours, mixed)


def _correction(employee: str, one: Change) -> Correction:
    first, last = _number(one.first), _number(one.last)
    return Correction(one.line, employee, first, last, -one.extent, one.cause, one.workplace, one.weekend)


def _rows(spells: list[tuple[str, Piece]]) -> AbsenceRows:
    return AbsenceRows(
        [piece.line for _, piece in spells],
        [employee for employee, _ in spells],
        [piece.workplace for _, piece in spells],
        [_number(piece.first) for _, piece in spells],
        [_number(piece.last) for _, piece in spells],
        [int(piece.extent) for _, piece in spells],
        [piece.cause for _, piece in spells],
    )


def _number(ordinal: int) -> int:
    day = date.fromordinal(ordinal)
    return day.year * 10000 + day.month * 100 + day.day
