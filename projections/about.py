"""What a record of evidence is about, and what a determined month rests on: how facts that came late are found (rule 15)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger import events as e
from ledger.contract import ContractState, Determination
from ledger.facts import absence_stream, trend_stream, workforce_stream
from ledger.record import Recorded


class About(NamedTuple):
    """One month, or for a national series one quarter, that one record says something of; ``source`` of an absence report."""

    position: int
    stream: str
    source: str | None
    period: str


def abouts(record: Recorded[Any]) -> list[About]:
    """What a report, headcounts or values of a series are about; nothing for other records."""
    event = record.data
    periods: Iterable[object] = ()
    source = None
    if isinstance(event, e.AbsenceReported):
        periods, source = event.months, event.source
    elif isinstance(event, e.WorkforceReported):
        periods = (row.month for row in event.rows)
    elif isinstance(event, e.TrendPublished):
        periods = (value.quarter for value in event.values)
    return [About(record.position, record.stream, source, period) for period in sorted({str(one) for one in periods})]


class RestsOn(NamedTuple):
    """What a determined month rests on: its own absences and headcounts, and the index of the quarter whose factor it took.
    ``locked``: that quarter is a reference quarter from before the contract, which no later value moves (rule 7)."""

    month: str
    source: str
    series: str
    quarter: str
    locked: bool


def rests_on(month: e.MonthDetermined, folded: ContractState) -> RestsOn:
    """What the month rests on, under the methodology in force on its first day."""
    methodology, quarter = folded.methodology_of(month.month), month.trend.quarter
    before = quarter < folded.signed.first_month.quarter
    locked = before and any(one.quarter == quarter for one in methodology.reference.months)
    series = trend_stream(methodology.trend.series)
    return RestsOn(str(month.month), methodology.measure.source, series, str(quarter), locked)


def is_about(one: About, month: RestsOn) -> bool:
    """Whether a record says something that the month rests on."""
    if one.stream.startswith("trend/"):
        return one.stream == month.series and one.period == month.quarter
    return one.period == month.month and one.source in (None, month.source)


def streams(contract_id: str, folded: ContractState) -> list[str]:
    """Where a contract's evidence stands: absences, headcounts, and the national series that it is measured by."""
    series = sorted({methodology.trend.series for _, methodology in folded.methodologies})
    return [absence_stream(contract_id), workforce_stream(contract_id), *map(trend_stream, series)]


def late(found: Sequence[About], folded: ContractState, as_of: date) -> dict[int, list[int]]:
    """By the number of each determination in force, the positions in order of the records that it rests on and did not see;
    months that ended by ``as_of`` count."""
    each = {one.number: _late(found, folded, one, as_of) for one in folded.in_force}
    return {number: positions for number, positions in each.items() if positions}


def _late(found: Sequence[About], folded: ContractState, one: Determination, as_of: date) -> list[int]:
    months = [rests_on(month, folded) for month in one.months if month.month.last_day <= as_of]
    unseen = [about for about in found if about.position > one.basis]
    touching = {
        about.position
        for about in unseen
        for month in months
        if is_about(about, month) and not (month.locked and about.stream == month.series)
    }
    return sorted(touching)
