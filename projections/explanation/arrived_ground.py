"""What some months of a contract rest on: the records that their determinations saw or, before there is one, that were known; and
whether a record is needed to measure them (rules 1, 2, 6, 7)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal, NamedTuple

from ledger import contract
from ledger import events as e
from ledger.contract import ContractState, Determination
from ledger.disruption import DeemAverage
from ledger.errors import Refused
from ledger.events import AnyMonth, IndexValue
from ledger.facts import Facts, contract_stream, trend_stream
from ledger.methodology import Methodology
from ledger.periods import Month
from ledger.record import Recorded
from projections.about import About, RestsOn, abouts, is_about
from projections.proposals import locked_at
from projections.rules import freeze_trend_1, national_index_1, reference_years_1
from projections.trend import first_recorded, last_recorded
from projections.unsettled import evidence
from projections.workforce import headcounts, silent

Kind = Literal["terms", "methodology", "absence reports", "headcounts", "reimbursements", "reference months", "months averaged"]
"""``reference months``: reports and headcounts of the months that months are compared with; ``months averaged``: the
determinations of those that an average is taken of."""
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

OWN: dict[type[e.Event], Kind] = {
    e.AbsenceReported: "absence reports",
    e.WorkforceReported: "headcounts",
    e.ReimbursementsReported: "reimbursements",
}


@dataclass(frozen=True)
class Index:
    """An index value that months rested on, and the record that gave it; ``reference``: they are compared with it."""

    value: IndexValue
    record: Recorded[Any]
    reference: bool


class Records:
    """A contract at each of its records up to a moment, ``facts``, and the evidence about it. Raises Usage for an unknown one."""

    def __init__(self, facts: Facts, contract_id: str) -> None:
        self.facts, self.contract, self.latest = facts, contract_id, facts.contract(contract_id)
        self.own = facts.stream(contract_stream(contract_id))
        self._states = list(accumulate(self.own, contract.evolve, initial=contract.Initial))
        self.evidence = {one.position: (one, abouts(one)) for one in evidence(facts, self.latest, contract_id)}
        """By position, with what each speaks of."""

    def state(self, position: int) -> ContractState:
        """The contract at a record; before its first one as if there were none."""
        return self._states[bisect_right(self.own, position, key=lambda one: one.position)]

    def between(self, earlier: Facts) -> list[Recorded[Any]]:
        """The records of the contract, and of the national series, since an earlier moment."""
        records = [*self.own, *(one for one, _ in self.evidence.values())]
        return sorted((one for one in records if one.position > earlier.position), key=lambda one: one.position)


def method_of(folded: ContractState, month: Month) -> Methodology | None:
    """What is agreed for the month; None before anything is."""
    try:
        return folded.methodology_of(month)
    except Refused:
        return None


def averaged(method: Methodology, month: Month) -> Iterable[Month]:
    """The months that the month takes the mean of."""
    rule = method.agreed(month)
    return rule.of if isinstance(rule, DeemAverage) else ()


def by_position(records: Iterable[Recorded[Any]]) -> tuple[Recorded[Any], ...]:
    """Each once, in order of recording."""
    found = {record.position: record for record in records}
    return tuple(found[position] for position in sorted(found))


# ── Whether a record is needed ───────────────────────────────────────────────────────────────────────────────────────


class _Needs(NamedTuple):
    """What a month is measured from: what is said of itself, and of the months and quarters that it is compared with; ``like``:
    these months."""

    own: tuple[RestsOn, ...] = ()
    reference: tuple[RestsOn, ...] = ()
    like: tuple[Month, ...] = ()


def _needs(signed: Month, method: Methodology, month: Month, *, locked: bool) -> _Needs:
    """Once the reference values are ``locked``, an index value among them from before the contract, signed from a month on, stays
    as it is (rules 6, 7)."""
    if method.agreed(month) is not None:
        return _Needs()
    years, frozen, source = method.reference_of(month), method.frozen_at(month), method.measure.source
    quarter = frozen or national_index_1.quarter_for(month, method.trend.disrupted, method.trend.quarter_split)
    kept = quarter is not None and quarter < signed.quarter and any(one.quarter == quarter for one in years)
    series = trend_stream(method.trend.series)
    own_series = "" if locked and kept else series
    own = RestsOn(str(month), source, own_series, str(quarter), kept, method.netting(month) is not None)
    like = reference_years_1.months_like(month, years)
    compared = like if frozen is None else freeze_trend_1.reference_months(frozen, years)
    days = [RestsOn(str(one), source, "", "", False, False) for one in like]
    index = [RestsOn("", source, series, str(one.quarter), True, False) for one in compared]
    return _Needs((own,), (*days, *index), tuple(like))


def _says(about: Iterable[About], needs: Collection[RestsOn]) -> bool:
    """Whether a record says something that is needed."""
    return any(is_about(one, need) for one in about for need in needs)


def needed(records: Records, months: Collection[Month], record: Recorded[Any]) -> bool:
    """Whether the months need what a record of evidence is about; reference values are taken once. Before a methodology is
    agreed, that counts which is agreed at last."""
    folded, needs = records.state(record.position), list[RestsOn]()
    days = {*months}
    for month in months:
        method = (folded.signed_on and method_of(folded, month)) or method_of(records.latest, month)
        if method is not None:
            locked = locked_at(folded, method) is not None
            found = _needs(records.latest.signed.first_month, method, month, locked=locked)
            needs += found.own if locked else (*found.own, *found.reference)
            days |= set() if locked else {*found.like}
    return _says(records.evidence[record.position][1], needs) or _silences(records, record, days)


def _silences(records: Records, record: Recorded[Any], days: set[Month]) -> bool:
    """Whether headcounts change which workplaces say nothing in a later month that is needed (rule 1)."""
    if not isinstance(record.data, e.WorkforceReported) or min(row.month for row in record.data.rows) > max(days):
        return False
    moments = (records.facts.at(position) for position in (record.position - 1, record.position))
    before, after = (silent(headcounts(facts, records.contract)) for facts in moments)
    return any(before.get(month) != after.get(month) for month in days)


# ── What they rested on ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rested:
    """What months rested on: the records behind them by kind, and the index values, which stand apart."""

    records: Mapping[Kind, tuple[Recorded[Any], ...]]
    index: tuple[Index, ...]


class _Ground(NamedTuple):
    """What a month rests on: the facts that were ``seen``, and those of which reference values were taken; ``last``: of index
    values it takes the last recorded."""

    month: Month
    method: Methodology | None
    line: AnyMonth | None
    seen: Facts
    locked: Facts
    needs: _Needs
    last: bool


def rested_on(records: Records, facts: Facts, months: Iterable[Month]) -> Rested:
    """What the months rested on at a moment."""
    folded = records.state(facts.position)
    lines = {line.month: (one, line) for one in folded.in_force for line in one.months}
    known = months if folded.signed_on else ()
    grounds = [_ground(records, facts, month, *lines.get(month, (None, None))) for month in known]
    behind = [pair for one in grounds for pair in _behind(records, one)]
    by_kind = {kind: by_position(record for found, record in behind if found == kind) for kind in KINDS}
    index = {(one.reference, one.value.quarter): one for ground in grounds for one in _index(records, ground)}
    return Rested(by_kind, tuple(index[key] for key in sorted(index)))


def _ground(records: Records, facts: Facts, month: Month, one: Determination | None, line: AnyMonth | None) -> _Ground:
    """What a month rests on: as its determination saw it or, before there is one, as it was known."""
    folded = records.state(facts.position)
    method = method_of(folded, month) if line is None else folded.every_methodology[line.methodology_sha256]
    seen = facts if one is None else facts.at(one.basis)
    locked = facts.at((locked_at(folded, method) if method else None) or seen.position)
    first = records.latest.signed.first_month
    needs = _Needs() if method is None or isinstance(line, e.MonthAgreed) else _needs(first, method, month, locked=False)
    return _Ground(month, method, line, seen, locked, needs, last=one is None or one.redo)


def _behind(records: Records, ground: _Ground) -> Iterator[tuple[Kind, Recorded[Any]]]:
    """The records behind a month by kind; those with index values stand apart."""
    folded = records.state(ground.seen.position)
    terms = ground.line.terms_sha256 if ground.line else folded.terms_of(ground.month).sha256
    mean_of = {*averaged(ground.method, ground.month)} if ground.method else set()
    taken = {one.position for one in folded.in_force if mean_of & {*one.period}}
    for record in ground.seen.stream(contract_stream(records.contract)):
        event = record.data
        if isinstance(event, (e.ContractSigned, e.ContractAmended)) and event.terms.sha256 == terms:
            yield "terms", record
        if isinstance(event, e.MethodologyAdopted) and ground.method and event.sha256 == ground.method.sha256:
            yield "methodology", record
        if record.position in taken:
            yield "months averaged", record
    for record, about in records.evidence.values():
        kind = OWN.get(type(record.data))
        if kind and record.position <= ground.seen.position and _says(about, ground.needs.own):
            yield kind, record
        if kind and record.position <= ground.locked.position and _says(about, ground.needs.reference):
            yield "reference months", record


def _index(records: Records, ground: _Ground) -> Iterator[Index]:
    """The index values behind a month."""
    if ground.method is None:
        return
    trend = ground.method.trend
    now = (last_recorded if ground.last else first_recorded)(ground.seen, trend)
    locked = first_recorded(ground.locked, trend)
    for need in (*ground.needs.own, *ground.needs.reference):
        value = next((one for quarter, one in (locked if need.locked else now).items() if str(quarter) == need.quarter), None)
        if value is not None:
            given = (one for one in records.facts.stream(trend_stream(trend.series)) if value in one.data.values)
            yield Index(value, next(given), reference=not need.month)
