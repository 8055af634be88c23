"""A findings sheet as an auditor filled it in, held against the drawing: nothing left out, nothing put in, nothing altered."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.audits import MOST_DAYS, says_something
from ledger.errors import Faults
from ledger.events import Checkpoint, ItemTested
from ledger.facts import Facts
from ledger.money import decimals
from projections.audit.sampling import Line, sample

LARGEST = 5000
"""So many lines may a sample have."""

UNREAD, UNREAD_DAY, UNREAD_TEXT = -1, date.min, "\0"
"""What stands in place of a number, a day and a text that could not be read: a fault already."""


@dataclass(frozen=True)
class SheetRow:
    """One row: where it stands in the file (``at``), which line it says was drawn and what that says, and what was filled in.

    ``days``: hundredths, ``amount``: öre, both what the evidence shows less what is on record. Empty texts are not filled in.
    """

    at: int
    checkpoint: int
    fingerprint: str
    sample: int
    draw: int
    record: int
    line: int
    document: str
    workplace: str
    first_day: date | None
    last_day: date | None
    extent: int
    cause: str
    procedure: str
    evidence: str
    result: str
    exception: str
    days: int | None
    amount: int | None


@dataclass(frozen=True)
class Tested:
    """What a sheet without fault says."""

    checkpoint: Checkpoint
    population: int
    procedure: str
    items: tuple[ItemTested, ...]


def tested(facts: Facts, contract_id: str, rows: Sequence[SheetRow], sealed: Sequence[int], faults: Faults) -> Tested:
    """What the sheet says. ``sealed``: the sizes of the checkpoints; ``faults``: what was wrong with single fields.

    Raises InputRefused with all that is wrong, Refused where there is nothing to draw from.
    """
    _filled_in(rows, faults)
    first = _origin(facts, rows, sealed, faults)
    if first is None:
        faults.refuse()
        raise AssertionError("a sheet that names no checkpoint is refused")
    found = sample(facts.at(first.checkpoint), contract_id, first.sample)
    by_place = {(line.record, line.line): line for line in found.lines}
    _compare(rows, by_place, faults)
    faults.refuse()
    said = {(row.record, row.line): row for row in rows}
    return Tested(
        checkpoint=Checkpoint(size=first.checkpoint, root=first.fingerprint),
        population=found.population,
        procedure=first.procedure,
        items=tuple(_item(said[place]) for place in by_place),
    )


def _item(row: SheetRow) -> ItemTested:
    return ItemTested(
        record=row.record,
        line=row.line,
        result="ok" if row.result == "ok" else "exception",
        exception=row.exception or None,
        days_hundredths=row.days,
        amount_ore=row.amount,
        evidence=row.evidence,
    )


def _filled_in(rows: Sequence[SheetRow], faults: Faults) -> None:
    """What the auditor has to say of each row, and may not."""
    first = next((row.procedure for row in rows if row.procedure), "")
    for row in rows:
        for name in ("procedure", "evidence", "result"):
            if not getattr(row, name):
                faults.add(row.at, f"{name} is not filled in", "Say what was done, on what, and with which result.")
        if row.procedure and UNREAD_TEXT not in (row.procedure, first) and row.procedure != first:
            advice = "Record the findings of each procedure by a sheet of its own."
            faults.add(row.at, "the procedure is another than in the rows before", advice)
        if row.result == "exception" and row.exception != UNREAD_TEXT and not says_something(row.exception):
            nothing = " and differs in nothing" if 0 in (row.days, row.amount) and not (row.days or row.amount) else ""
            faults.add(row.at, f"the exception is not described{nothing}", "Say in what the evidence differs from the record.")
        if row.result == "ok" and (row.exception or row.days is not None or row.amount is not None):
            faults.add(row.at, "the result is ok, and an exception or a difference is given", "Correct one of them.")


def _origin(facts: Facts, rows: Sequence[SheetRow], sealed: Sequence[int], faults: Faults) -> SheetRow | None:
    """The first row, if it says from which checkpoint the sample was drawn, and every other says the same."""
    if not rows:
        faults.add(None, "no rows below the header", "Draw a sample with: soc audit sample")
        return None
    first = rows[0]
    for row in rows[1:]:
        said = row.checkpoint, row.fingerprint, row.sample
        if UNREAD not in said and said != (first.checkpoint, first.fingerprint, first.sample):
            faults.add(row.at, "checkpoint, fingerprint or size of the sample are others than in the first row", _AS_DRAWN)
    if UNREAD in (first.checkpoint, first.sample):
        return None
    if first.checkpoint not in sealed:
        sizes = ", ".join(map(str, sealed[-5:])) or "none"
        faults.add(first.at, f"there is no checkpoint {first.checkpoint}; the last ones are: {sizes}", _AS_DRAWN)
    elif facts.at(first.checkpoint).basis.root != first.fingerprint:
        faults.add(first.at, f"checkpoint {first.checkpoint} has another fingerprint", _AS_DRAWN)
    elif 1 <= first.sample <= LARGEST:
        return first
    else:
        faults.add(first.at, f"a sample has 1 to {LARGEST} lines, not {first.sample}", _AS_DRAWN)
    return None


_AS_DRAWN = "Leave the columns as they were drawn; what they say is compared with the record."


def _compare(rows: Sequence[SheetRow], drawn: dict[tuple[int, int], Line], faults: Faults) -> None:
    seen: dict[tuple[int, int], int] = {}
    for row in rows:
        place = row.record, row.line
        if UNREAD in place:
            continue
        if place not in drawn:
            faults.add(
                row.at, f"record {row.record}, line {row.line} was not drawn", "Draw the sample again, and take its lines."
            )
        elif place in seen:
            faults.add(row.at, f"record {row.record}, line {row.line} stands on line {seen[place]} too", "Keep one of them.")
        else:
            seen[place] = row.at
            for name, is_, should in _altered(row, drawn[place]):
                faults.add(row.at, f"{name} is {is_ or 'empty'}; drawn was {should or 'empty'}", _AS_DRAWN)
            for what in _impossible(row, drawn[place]):
                faults.add(row.at, what, _NET)
    for place, line in drawn.items():
        if place not in seen:
            what = f"draw {line.draw}, record {line.record}, line {line.line}, is left out"
            faults.add(None, what, "Every line drawn has a result.")


_NET = "Net days are days 1 to 14 of the absence in the report's months, Mondays to Fridays, times extent; say the rest in words."


def _impossible(row: SheetRow, line: Line) -> Iterator[str]:
    """A difference that cannot be: more days too many than the line accounts for, or more in all than a year has."""
    counts = line.net_hundredths
    if row.days is not None and row.days < -counts:
        yield f"days_difference is {_days(row.days)}, and the line accounts for {_days(counts)} net days in all"
    if row.days is not None and row.days > MOST_DAYS - counts:
        all_days = f"{_days(counts + row.days)} net days in all, more than the {MOST_DAYS // 100} weekdays of a year"
        yield f"days_difference is {_days(row.days)}: with the {_days(counts)} of the line {all_days}"


def _days(hundredths: int) -> str:
    return decimals(Fraction(hundredths, 100), 2)


def _altered(row: SheetRow, line: Line) -> Iterator[tuple[str, str, str]]:
    """The facts of a row that are not those drawn: the column, what it says, what it should."""
    for name in ("draw", "document", "workplace", "first_day", "last_day", "extent", "cause"):
        said = getattr(row, name)
        is_, should = _text(said), _text(getattr(line, name))
        if said not in (UNREAD, UNREAD_DAY) and is_ not in (
            should,
            f"'{should}",
        ):  # a text that a spreadsheet would take for a formula is written with an apostrophe
            yield name, is_, should


def _text(value: object) -> str:
    return "" if value is None else " ".join(unicodedata.normalize("NFC", str(value)).split())
