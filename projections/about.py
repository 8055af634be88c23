"""Which months a record of evidence is about: what makes it count as unsettled once they are determined (rule 15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ledger import events as e
from ledger.contract import ContractState
from ledger.facts import absence_stream, trend_stream, workforce_stream
from ledger.methodology import Methodology
from ledger.periods import Month
from ledger.record import Recorded


class About(NamedTuple):
    """One month that one record says something of; ``source`` of an absence report, else None."""

    position: int
    stream: str
    source: str | None
    month: Month


def abouts(record: Recorded[Any]) -> list[About]:
    """The months that a report, a headcount or a trend value is about; none for records of a contract's own stream."""
    event = record.data
    months: Iterable[Month] = ()
    source = None
    if isinstance(event, e.AbsenceReported):
        months, source = event.months, event.source
    elif isinstance(event, e.WorkforceReported):
        months = {row.month for row in event.rows}
    elif isinstance(event, e.TrendPublished):
        months = {month for value in event.values for month in value.quarter.months}
    return [About(record.position, record.stream, source, month) for month in sorted(months)]


class Settled(NamedTuple):
    """A determined month: the position of the last record that its determination saw, and the methodology it went by."""

    basis: int
    methodology: Methodology


def settled_months(folded: ContractState, as_of: Any) -> dict[Month, Settled]:
    """The months determined, of those that ended on or before ``as_of``."""
    return {
        one.month: Settled(found.basis, folded.methodology_of(one.month))
        for found in folded.in_force
        for one in found.months
        if one.month.last_day <= as_of
    }


def streams(contract_id: str, settled: Mapping[Month, Settled]) -> list[str]:
    """Where evidence about those months stands: absences, headcounts, and the national series they are measured by."""
    series = sorted({one.methodology.trend.series for one in settled.values()})
    return [absence_stream(contract_id), workforce_stream(contract_id), *map(trend_stream, series)]


def unsettled_positions(found: Iterable[About], settled: Mapping[Month, Settled]) -> list[int]:
    """The positions, in order, of the records about a month that was determined without them."""
    return sorted({one.position for one in found if one.month in settled and _without(one, settled[one.month])})


def _without(one: About, month: Settled) -> bool:
    if one.position <= month.basis:
        return False
    if one.source is not None:
        return one.source == month.methodology.measure.source
    return not one.stream.startswith("trend/") or one.stream == trend_stream(month.methodology.trend.series)
