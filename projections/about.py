"""What a record of evidence is about, and what a determined month rests on: how facts that came late are found (rule 15)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from ledger import events as e
from ledger.contract import ContractState, Determination
from ledger.facts import evidence_streams, trend_stream
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
    elif isinstance(event, (e.WorkforceReported, e.ReimbursementsReported)):
        periods = (row.month for row in event.rows)
    elif isinstance(event, e.TrendPublished):
        periods = (value.quarter for value in event.values)
    return [About(record.position, record.stream, source, period) for period in sorted({str(one) for one in periods})]


class RestsOn(NamedTuple):
    """What a determined month rests on: its own absences and headcounts, and the index of the quarter whose factor it took.
    ``locked``: that quarter is a reference quarter from before the contract, which no later value moves (rule 7). ``net``: what
    the state repaid lowers its price."""

    month: str
    source: str
    series: str
    quarter: str
    locked: bool
    net: bool


def rests_on(month: e.AnyMonth, folded: ContractState) -> RestsOn | None:
    """What the month rests on, under the methodology that it was determined by; None for one that is not measured."""
    if isinstance(month, e.MonthAgreed):
        return None
    methodology, quarter = folded.every_methodology[month.methodology_sha256], month.trend.quarter
    before = quarter < folded.signed.first_month.quarter
    locked = before and any(one.quarter == quarter for one in methodology.reference_of(month.month))
    series = trend_stream(methodology.trend.series)
    return RestsOn(str(month.month), methodology.measure.source, series, str(quarter), locked, month.reimbursed is not None)


def is_about(one: About, month: RestsOn) -> bool:
    """Whether a record says something that the month rests on."""
    if one.stream.startswith("trend/"):
        return one.stream == month.series and one.period == month.quarter
    if one.stream.startswith("reimbursements/") and not month.net:
        return False
    return one.period == month.month and one.source in (None, month.source)


def streams(contract_id: str, folded: ContractState) -> list[str]:
    """Where a contract's evidence stands: absences, headcounts, and the national series that it is measured by."""
    series = sorted({methodology.trend.series for methodology in folded.every_methodology.values()})
    return [*evidence_streams(contract_id), *map(trend_stream, series)]


def late(found: Sequence[About], folded: ContractState, as_of: date) -> dict[int, list[int]]:
    """By the number of each determination in force, the positions in order of the records that it rests on and did not see, and
    of the adoptions that it does not apply yet and the averages that it has not taken anew; months that ended by ``as_of``
    count."""
    each = {one.number: _late(found, folded, one, as_of) for one in folded.in_force}
    return {number: positions for number, positions in each.items() if positions}


def _late(found: Sequence[About], folded: ContractState, one: Determination, as_of: date) -> list[int]:
    ended = (rests_on(month, folded) for month in one.months if month.month.last_day <= as_of)
    months = [month for month in ended if month is not None]
    unseen = [about for about in found if about.position > one.basis]
    touching = {
        about.position
        for about in unseen
        for month in months
        if is_about(about, month) and not (month.locked and about.stream == month.series)
    }
    return sorted(touching | set(_agreed_since(folded, one, as_of)) | set(_averaged_since(folded, one, as_of)))


def _averaged_since(folded: ContractState, one: Determination, as_of: date) -> Iterator[int]:
    """The determinations made since of months that the determination takes an average of."""
    for month in one.months:
        of = month.of if isinstance(month, e.MonthAgreed) and month.month.last_day <= as_of else None
        for other in folded.in_force:
            if of is not None and other.position > one.position and any(line.month in of for line in other.months):
                yield other.position


def _agreed_since(folded: ContractState, one: Determination, as_of: date) -> Iterator[int]:
    """The adoptions of methodologies that the determination's months are to be measured by and were not; none for one that a
    dispute's resolution decided."""
    if one.resolves is not None:
        return
    for month in one.months:
        agreed = folded.methodology_of(month.month).sha256
        if agreed != month.methodology_sha256 and month.month.last_day <= as_of:
            yield folded.adopted_at[agreed]
