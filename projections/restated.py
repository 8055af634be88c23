"""What the facts recorded after determination would change, in öre: every determination that did not see them computed as a
redo would now, in memory, and the difference followed record by record (rules 9, 10, 15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

from ledger import waterfall
from ledger.contract import ContractState, Determination, closed_on
from ledger.determining import check_period
from ledger.errors import Refused
from ledger.events import AnyMonth, MethodologyAdopted, MonthDetermined, SavingsDetermined
from ledger.facts import Facts, contract_stream
from ledger.periods import Month, day_in_stockholm
from ledger.record import Recorded
from projections import proposals
from projections.as_of import AsOf
from projections.unsettled import late_facts

Sort = Literal["recorded late", "agreed since", "averaged since", "revised before", "computed otherwise"]
Savings = dict[Month, int]
Late = Mapping[int, list[Recorded[Any]]]


@dataclass(frozen=True)
class MonthMoved:
    """What a month's savings and its step of the entitlement would move by, in öre. ``determination``: the number of the one
    that would be redone; None where only the entitlement moves, because the sum before it does."""

    month: Month
    determination: int | None
    savings: int
    entitlement: int


@dataclass(frozen=True)
class Cause:
    """What one record moves, in öre, all before it being counted.

    ``recorded late``: a record of evidence; ``agreed since``: a methodology that its months were not measured by yet;
    ``averaged since``: a determination of months that an average is taken of; ``revised
    before``: a determination that took the first index value where a redo
    takes the last, both recorded before it; ``computed otherwise``: one that gives another amount on the same facts, which
    ``soc check`` explains. ``waits``: why its months cannot be determined on the facts up to it; then a later record counts it.
    """

    record: Recorded[Any]
    sort: Sort
    savings: int
    entitlement: int
    waits: str | None = None


@dataclass(frozen=True)
class Difference:
    """The difference in savings and entitlement in öre, by month and by cause; the causes sum to it exactly."""

    savings: int
    entitlement: int
    months: tuple[MonthMoved, ...]
    causes: tuple[Cause, ...]
    determinations: tuple[Determination, ...]


@dataclass(frozen=True)
class Unable:
    """A determination that cannot be redone on the facts as they stand, and why."""

    determination: Determination
    reason: str


@dataclass(frozen=True)
class Restated:
    """What is unsettled: ``open`` may be redone; ``closed`` lies outside the correction period and comes on top of it;
    ``closed_on`` says since when, by the determination's number."""

    facts: tuple[Recorded[Any], ...]
    open: Difference
    closed: Difference
    closed_on: Mapping[int, date]
    unable: tuple[Unable, ...]


def restated(facts: Facts, contract_id: str, as_of: date | None = None) -> Restated:
    """Every determination with unsettled facts as ``determine --redo`` would record it now; nothing is written.

    Months that ended after ``as_of`` are left out. What is closed is judged on the later of ``as_of`` and the day of the last
    record. Raises Usage for an unknown contract.
    """
    folded = facts.contract(contract_id)
    when = AsOf.latest(facts, as_of)
    today = max(when.as_of, day_in_stockholm(facts.known_at))
    late = late_facts(facts, folded, contract_id, when.as_of)
    redo = _Redo(facts, contract_id, folded, when.as_of)
    able, closed, unable = [], {}, []
    for one in (one for one in folded.in_force if one.number in late):
        try:
            redo.at(one, facts.position)
            check_period(folded, one.period, today, redo=True)
            able.append(one)
        except Refused as error:
            since = closed_on(folded, one)
            if since is not None and since <= today and redo.possible(one):
                closed[one.number] = since
            else:
                unable.append(Unable(one, _reason(error, one)))
    determined = {month: amount for month, amount in folded.savings.items() if month.last_day <= when.as_of}
    now, difference = _followed(redo, determined, able, late)
    _, beyond = _followed(redo, now, [folded.determination(number) for number in closed], late)
    every = {record.position: record for found in late.values() for record in found}
    return Restated(tuple(every[position] for position in sorted(every)), difference, beyond, closed, tuple(unable))


def _reason(error: Refused, one: Determination) -> str:
    """Why, in one line; that it cannot be determined is said already."""
    said = error.what.removeprefix(f"{one.period} cannot be determined:")
    return "; ".join(line.strip() for line in said.strip().splitlines())


class _Redo:
    """Determinations as a redo would compute them on the facts up to a position."""

    def __init__(self, facts: Facts, contract_id: str, folded: ContractState, as_of: date) -> None:
        self._facts, self._contract, self.folded, self.as_of = facts, contract_id, folded, as_of
        self._months = cache(self._compute)

    def at(self, one: Determination, position: int) -> list[AnyMonth]:
        """Its months that ended by the as-of date. Raises Refused where evidence is missing."""
        return [month for month in self._months(one.number, position) if month.month.last_day <= self.as_of]

    def possible(self, one: Determination) -> bool:
        """Whether the evidence as it stands is enough."""
        try:
            self.at(one, self._facts.position)
        except Refused:
            return False
        return True

    @property
    def last(self) -> int:
        """The position of the last record."""
        return self._facts.position

    def record(self, one: Determination) -> Recorded[Any]:
        """The determination's own record."""
        stream = self._facts.stream(contract_stream(self._contract))
        return next(record for record in stream if record.position == one.position)

    def path(self, savings: Savings) -> tuple[waterfall.Step, ...]:
        """The entitlement path over the months, each under the terms in force in it."""
        return waterfall.path(savings, self.folded.terms_of)

    def entitled(self, savings: Savings) -> int:
        """The entitlement in öre at the last of the months."""
        path = self.path(savings)
        return path[-1].entitlement if path else 0

    def _compute(self, number: int, position: int) -> list[AnyMonth]:
        period, facts = self.folded.determination(number).period, self._facts.at(position)
        return proposals.measured(facts, facts.contract(self._contract), period, redo=True)


def _followed(redo: _Redo, determined: Savings, redone: list[Determination], late: Late) -> tuple[Savings, Difference]:
    """The savings after redoing those determinations, and how the difference came about, record by record."""
    savings, causes = determined, []
    for record, computed in _steps(redo, redone, late):
        after, waits = dict(savings), None
        for one, position in computed:
            try:
                after |= {month.month: month.savings_ore for month in redo.at(one, position)}
            except Refused as error:
                waits = _reason(error, one)
        if after != savings or not isinstance(record.data, SavingsDetermined):
            entitlement = redo.entitled(after) - redo.entitled(savings)
            moved = sum(after.values()) - sum(savings.values())
            causes.append(Cause(record, _sort(redo, record, late), moved, entitlement, waits))
        savings = after
    months = _months(redo, determined, savings, redone)
    moved, entitlement = sum(one.savings for one in months), sum(one.entitlement for one in months)
    return savings, Difference(moved, entitlement, months, tuple(causes), tuple(redone))


Step = tuple[Recorded[Any], list[tuple[Determination, int]]]


def _steps(redo: _Redo, redone: list[Determination], late: Late) -> list[Step]:
    """Each record in order, with the determinations that it touches and the position up to which they are computed then: first
    on the facts that they saw, last on all."""
    steps: dict[int, Step] = {}
    for one in redone:
        steps[one.position] = (redo.record(one), [(one, one.basis)])
    for one in redone:
        for record in late[one.number]:
            position = redo.last if record is late[one.number][-1] else record.position
            steps.setdefault(record.position, (record, []))[1].append((one, position))
    return [steps[position] for position in sorted(steps)]


def _sort(redo: _Redo, record: Recorded[Any], late: Late) -> Sort:
    event = record.data
    if isinstance(event, MethodologyAdopted):
        return "agreed since"
    if not isinstance(event, SavingsDetermined):
        return "recorded late"
    if any(record is one for found in late.values() for one in found):
        return "averaged since"
    now = redo.at(redo.folded.determination(event.number), event.basis.position)
    return "revised before" if _index(now) != _index(event.months) else "computed otherwise"


def _index(months: Iterable[AnyMonth]) -> dict[Month, str]:
    return {one.month: one.trend.value for one in months if isinstance(one, MonthDetermined)}


def _months(redo: _Redo, before: Savings, after: Savings, redone: list[Determination]) -> tuple[MonthMoved, ...]:
    """The months of those determinations, and later ones whose entitlement moves with the sum."""
    steps = dict(waterfall.difference(redo.path(before), redo.path(after)))
    numbers = {month.month: one.number for one in redone for month in one.months if month.month in after}
    return tuple(
        MonthMoved(month, numbers.get(month), after[month] - before[month], steps.get(month, 0))
        for month in sorted(numbers.keys() | steps.keys())
    )
