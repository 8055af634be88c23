"""The settlement statement of one determination: what it measured, how that is shared, what it claims and what came of it.

Two times, never mixed: ``before`` and ``after`` are the contract just before and just after the determination was recorded;
notice, payments and what is unsettled are as known at the end of the facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ledger.contract import ContractState, Determination, closed_on
from ledger.events import Actor, AnyMonth, Basis, Claim, MonthAgreed, MonthDetermined, SavingsDetermined
from ledger.facts import Facts, contract_stream
from ledger.holds import Dispute
from ledger.methodology import Methodology, TrendStatus
from ledger.periods import Month, Period, Quarter, day_in_stockholm
from ledger.record import Recorded
from ledger.terms import ContractTerms
from ledger.waterfall import Step
from projections.audience import NARROWEST, Audience, is_employer
from projections.state import State, state
from projections.statements.findings import Finding, findings
from projections.statements.reference import Mean, Reference, means, references
from projections.statements.withheld import NOTHING, Lines, Withheld, withheld_of
from projections.unsettled import late_facts


@dataclass(frozen=True)
class Moved:
    """An amount in öre before the determination and after it."""

    before: int
    after: int

    @property
    def change(self) -> int:
        """Öre: what the determination adds."""
        return self.after - self.before


@dataclass(frozen=True)
class Measured:
    """A methodology and the months of the determination that were determined by it (rule 20)."""

    methodology: Methodology
    period: Period


@dataclass(frozen=True)
class TrendValue:
    """A value of the national index and the months that rest on it (rule 7)."""

    quarter: Quarter
    value: str
    status: TrendStatus
    published_on: date
    months: tuple[Month, ...]


@dataclass(frozen=True)
class Redone:
    """A month as it stood before the redo and as it is determined now; ``before`` None where it was not determined."""

    before: AnyMonth | None
    now: AnyMonth

    @property
    def difference(self) -> int:
        """Öre of savings."""
        return self.now.savings_ore - (self.before.savings_ore if self.before else 0)


@dataclass(frozen=True)
class Acceptance:
    """A party's acceptance, and who recorded it."""

    role: str
    on: date
    recorded_by: Actor


@dataclass(frozen=True)
class Notification:
    """The notice and what came of it (rule 16). ``deemed_on``: accepted by the last party or by silence, whichever comes first;
    in the future while the notice runs. ``closed_on``: from then it cannot be determined again (rule 15)."""

    on: date
    recorded_at: datetime
    recorded_by: Actor
    objection_until: date
    claim: Claim
    acceptances: tuple[Acceptance, ...]
    by_silence: bool
    deemed_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Superseding:
    """The determination that took this one's place, and why."""

    number: int
    period: Period
    recorded_at: datetime
    reason: str


@dataclass(frozen=True)
class Statement:
    """All that the statement says. Amounts in öre; days and rates exact.

    ``terms`` are those in force in the determination's last month. ``savings`` and ``entitlement`` are the sum over all months
    determined and the provider's part of it (rules 9, 10). ``carried``: öre in the claim that superseded determinations, never
    notified, would have claimed. ``measured_before``: by what a redo's months were determined before. ``references``: what each
    measured month's rate and factor come from, None where they come out otherwise. ``preliminary_others``: the other
    preliminary determinations in the sums. ``standing``: the contract just after the determination; ``now``: as of ``as_of``.
    ``few``: what rests on fewer than five absent persons, whoever reads.
    """

    contract: str
    record: Recorded[SavingsDetermined]
    found: Determination
    terms: ContractTerms
    measured: tuple[Measured, ...]
    measured_before: tuple[Measured, ...]
    trend: tuple[TrendValue, ...]
    references: tuple[Reference | None, ...]
    means: tuple[Mean, ...]
    preliminary_others: tuple[int, ...]
    savings: Moved
    entitlement: Moved
    carried: int
    redone: tuple[Redone, ...]
    superseded: tuple[Determination, ...]
    superseded_by: Superseding | None
    notice: Notification | None
    path: tuple[Step, ...]
    standing: State
    now: State
    unsettled: tuple[Recorded[Any], ...]
    few: Withheld
    audience: Audience
    simulated: bool
    basis: Basis
    known_at: datetime

    @property
    def disputes(self) -> tuple[Dispute, ...]:
        """The disputes raised about it by ``as_of``, open or ended."""
        return tuple(one for one in self.now.disputes if one.raised.determination == self.found.number)

    @property
    def hidden(self) -> Withheld:
        """What its audience does not see."""
        return NOTHING if is_employer(self.audience) else self.few

    @property
    def for_the_employer(self) -> bool:
        """Whether it holds what others do not see."""
        return is_employer(self.audience) and bool(self.few)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader must know beside its months, as its audience may read it."""
        return tuple(findings(self.months, self.hidden.findings))

    @property
    def as_of(self) -> date:
        """The date in Stockholm of the last record known: what notice and payments are told as of."""
        return self.now.when.as_of

    @property
    def months(self) -> tuple[AnyMonth, ...]:
        """Its months, measured or agreed."""
        return self.found.months

    @property
    def months_measured(self) -> tuple[MonthDetermined, ...]:
        """Those that were measured, with every step of the calculation."""
        return tuple(_measured_ones(self.months))

    @property
    def months_agreed(self) -> tuple[MonthAgreed, ...]:
        """Those that are not measured: what they count for is agreed."""
        return tuple(month for month in self.months if isinstance(month, MonthAgreed))

    def methodology_of(self, one: AnyMonth) -> Methodology:
        """What one of its months was determined by."""
        return next(part.methodology for part in self.measured if one.month in part.period)

    @property
    def determined(self) -> int:
        """Öre: the savings of its months, which a redo does not add to the sum but puts in place of others."""
        return sum(month.savings_ore for month in self.months)

    @property
    def accepted(self) -> bool:
        """Whether it counts as accepted by ``as_of``."""
        return self.notice is not None and self.notice.deemed_on <= self.as_of


def statement(facts: Facts, contract_id: str, number: int, audience: Audience = NARROWEST) -> Statement:
    """The statement of a determination on all facts, for its audience. Raises Refused where the contract has none such."""
    folded = facts.contract(contract_id)
    found = folded.determination(number)
    records = {record.position: record for record in facts.stream(contract_stream(contract_id))}
    record = records[found.position]
    then = facts.at(found.position)
    before, after = facts.at(found.position - 1).contract(contract_id), then.contract(contract_id)
    entitlement = Moved(before.entitled, after.entitled)
    through, redone = after.determined_through, tuple(_redone(before, record.data))
    unsettled = tuple(_unsettled(facts, folded, contract_id, found))
    assert through is not None
    return Statement(
        contract=contract_id,
        record=record,
        found=found,
        terms=after.terms_of(found.period.last),
        measured=tuple(_measured(after, found.months)),
        measured_before=tuple(_measured(before, (month.before for month in redone if month.before))),
        trend=tuple(_trend(_measured_ones(found.months))),
        references=tuple(references(facts.at(record.data.basis.position), contract_id, after, _measured_ones(found.months))),
        means=tuple(means(after, found.months)),
        preliminary_others=tuple(sorted(one.number for one in after.in_force if one.preliminary and one.number != number)),
        savings=Moved(_sum(before), _sum(after)),
        entitlement=entitlement,
        carried=found.claim_ore - entitlement.change,
        redone=redone,
        superseded=tuple(before.determination(one) for one in record.data.supersedes),
        superseded_by=_superseding(folded, found, records),
        notice=_notification(folded, found, records),
        path=after.path,
        standing=_state(then, folded, through.last_day),
        now=_state(facts, folded, day_in_stockholm(facts.known_at)),
        unsettled=unsettled,
        few=withheld_of(facts, folded, _versions(before, found), unsettled),
        audience=audience,
        simulated=facts.opened.simulated,
        basis=facts.basis,
        known_at=facts.known_at,
    )


def _state(facts: Facts, folded: ContractState, day: date) -> State:
    """The state on a day, at the earliest that of signature."""
    assert folded.signed_on is not None
    return state(facts, folded.signed.id, max(day, folded.signed_on))


def _versions(before: ContractState, found: Determination) -> list[Lines]:
    """The determination's measured months, and what stood of them before."""
    every = ([found], before.in_force)
    return [
        {line.month: (one.basis, line) for one in several for line in _measured_ones(one.months) if line.month in found.period}
        for several in every
    ]


def _sum(folded: ContractState) -> int:
    return folded.path[-1].savings if folded.path else 0


def _measured_ones(months: Iterable[AnyMonth]) -> Iterable[MonthDetermined]:
    return (month for month in months if isinstance(month, MonthDetermined))


def _measured(folded: ContractState, months: Iterable[AnyMonth]) -> Iterable[Measured]:
    """What the months were determined by, which another methodology may have replaced since."""
    parts: list[Measured] = []
    for one in months:
        methodology, month = folded.every_methodology[one.methodology_sha256], one.month
        if parts and parts[-1].methodology == methodology:
            parts[-1] = Measured(methodology, Period(parts[-1].period.first, month))
        else:
            parts.append(Measured(methodology, Period(month, month)))
    return parts


def _trend(months: Iterable[MonthDetermined]) -> Iterable[TrendValue]:
    resting: dict[tuple[Quarter, str, TrendStatus, date], tuple[Month, ...]] = {}
    for month in months:
        used = month.trend
        key = (used.quarter, used.value, used.status, used.published_on)
        resting[key] = (*resting.get(key, ()), month.month)
    return (TrendValue(*key, found) for key, found in resting.items())


def _redone(before: ContractState, event: SavingsDetermined) -> Iterable[Redone]:
    """A redo's months beside what stood before; nothing for a first determination."""
    if not event.supersedes:
        return []
    stood = {month.month: month for one in before.in_force for month in one.months}
    return [Redone(stood.get(month.month), month) for month in event.months]


def _superseding(folded: ContractState, found: Determination, records: dict[int, Recorded[Any]]) -> Superseding | None:
    if found.superseded_by is None:
        return None
    later = folded.determination(found.superseded_by)
    record = records[later.position]
    return Superseding(later.number, later.period, record.recorded_at, record.data.reason or "")


def _notification(folded: ContractState, found: Determination, records: dict[int, Recorded[Any]]) -> Notification | None:
    notice = found.notice
    if notice is None:
        return None
    recorded = records[notice.position]
    return Notification(
        on=notice.on,
        recorded_at=recorded.recorded_at,
        recorded_by=recorded.recorded_by,
        objection_until=notice.objection_until,
        claim=notice.claim,
        acceptances=tuple(
            Acceptance(role, notice.accepted[role], records[position].recorded_by)
            for position, role in sorted(notice.acceptances.items())
        ),
        by_silence=notice.accepted_on is None,
        deemed_on=notice.deemed_on,
        closed_on=closed_on(folded, found),
    )


def _unsettled(facts: Facts, folded: ContractState, contract_id: str, found: Determination) -> list[Recorded[Any]]:
    """What was recorded since about its months and no figure counts (rule 15); nothing once it is superseded."""
    return late_facts(facts, folded, contract_id, found.period.last_day).get(found.number, [])
