"""The records that an audit report of a contract goes through: its own, its evidence's, and the national series' that it is
measured by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ledger.contract import ContractState
from ledger.events import AbsenceReported
from ledger.facts import Facts, contract_stream
from ledger.money import shown
from ledger.periods import Month, Period, day_in_stockholm
from ledger.record import Recorded
from projections.about import streams


def records(facts: Facts, folded: ContractState) -> tuple[Recorded[Any], ...]:
    """All of them, in order of recording."""
    contract_id = folded.signed.id
    names = (contract_stream(contract_id), *streams(contract_id, folded))
    return tuple(sorted((record for name in names for record in facts.stream(name)), key=lambda record: record.position))


def recorded_on(record: Recorded[Any]) -> date:
    """The day in Stockholm on which it was recorded."""
    return day_in_stockholm(record.recorded_at)


def dated(record: Recorded[Any]) -> date:
    """The day that it is about. Of an absence report the end of that day's month: a single line's last day is health data."""
    if isinstance(record.data, AbsenceReported):
        return min(Month.holding(record.effective_on).last_day, recorded_on(record))
    return record.effective_on


def person(name: str) -> str:
    """A name as names are compared: without case and spaces."""
    return "".join(name.split()).casefold()


def amounts(figures: Iterable[tuple[str, int]]) -> str:
    """Amounts in öre with their names, those of nothing left out."""
    return ", ".join(f"{name} {shown(ore)}" for name, ore in figures if ore)


def runs(months: Iterable[Month]) -> str:
    """Months in a row as periods: ``2020-03..2020-06, 2020-09``."""
    found: list[Period] = []
    for month in sorted(months):
        if found and found[-1].last + 1 == month:
            found[-1] = Period(found[-1].first, month)
        else:
            found.append(Period(month, month))
    return ", ".join(map(str, found))
