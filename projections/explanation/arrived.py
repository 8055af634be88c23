"""Who knew what when: what some months of a contract were at an earlier and at a later moment of the ledger's knowledge, and by
how much each record that arrived between them moves them (rules 2, 3, 6, 7, 15, 18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, Literal, NamedTuple, assert_never

from ledger import events as e
from ledger import waterfall
from ledger.contract import ContractState, Determination
from ledger.errors import Refused, VerificationFailed
from ledger.events import OfContracts
from ledger.facts import Facts, absence_stream
from ledger.money import shown
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections.as_of import AsOf
from projections.explanation.arrived_ground import Index, Kind, Records, averaged, by_position, method_of, needed, rested_on
from projections.measured import Measured
from projections.proposals import AGREED, by_methodology, locked_at
from projections.savings import Standing, in_order, missing, standing
from projections.unsettled import late_facts

Savings = Mapping[Month, int]


class Amounts(NamedTuple):
    """Öre of savings, and by how much they move the provider's entitlement."""

    savings: int
    entitlement: int

    def less(self, other: Amounts) -> Amounts:
        """The difference."""
        return Amounts(self.savings - other.savings, self.entitlement - other.entitlement)


NOTHING = Amounts(0, 0)
ByMonth = Mapping[Month, Amounts]


def total(months: Iterable[Amounts]) -> Amounts:
    """The sum of both."""
    found = list(months)
    return Amounts(sum(one.savings for one in found), sum(one.entitlement for one in found))


def _difference(before: ByMonth, after: ByMonth) -> ByMonth:
    """After less before, of the months that differ."""
    pairs = ((month, after.get(month, NOTHING).less(before.get(month, NOTHING))) for month in sorted({*before, *after}))
    return {month: moved for month, moved in pairs if moved != NOTHING}


EVIDENCE = (e.AbsenceReported, e.WorkforceReported, e.ReimbursementsReported, e.TrendPublished)

Sort = Literal[
    "report", "restatement", "headcounts", "reimbursements", "index value", "index revision", "agreement", "decision", "dispute"
]
"""A restatement says anew of a month what a complete report had said; an index revision gives a quarter another value."""


@dataclass(frozen=True)
class Moment:
    """The months as known at one moment: ``on_record`` as determined, ``given`` as determining them again on all facts known then
    would give them. ``waits``: why those facts do not allow it; ``given`` is then what they last gave, at the earlier moment what
    is on record. ``rests_on``: what the determinations in force saw, or, where there is none, what was known then;
    ``uncounted``: what was known and they had not seen."""

    facts: Facts
    determinations: tuple[Determination, ...]
    on_record: ByMonth
    given: ByMonth
    waits: tuple[str, ...]
    rests_on: Mapping[Kind, tuple[Recorded[Any], ...]]
    index: tuple[Index, ...]
    uncounted: tuple[Recorded[Any], ...]


@dataclass(frozen=True)
class Arrival:
    """A record that bears on the months, and by how much it moves what the facts give and what is on record, by month.

    ``late``: the months were determined already. ``counted_by``: the first determination of them that saw it. ``waits``: why the
    facts up to it do not allow the months to be measured; a later record then counts it.
    """

    record: Recorded[Any]
    sort: Sort
    given: ByMonth
    on_record: ByMonth
    late: bool
    counted_by: int | None
    waits: tuple[str, ...]


@dataclass(frozen=True)
class Arrived:
    """What arrived about the months between two moments, in order. ``records``, ``reports``: the contract at each of its records,
    and what a source's reports say as known at a position; read once."""

    contract: str
    months: tuple[Month, ...]
    as_of: date
    then: Moment
    now: Moment
    arrivals: tuple[Arrival, ...]
    records: Records = field(repr=False, compare=False)
    reports: Callable[[str, int], Measured] = field(repr=False, compare=False)

    @property
    def residual(self) -> tuple[Amounts, Amounts]:
        """What no arrival explains of the difference by the facts, and of that on record: nothing."""
        given, on_record = ([getattr(one, name) for one in self.arrivals] for name in ("given", "on_record"))
        return _left(self.then.given, self.now.given, given), _left(self.then.on_record, self.now.on_record, on_record)


def _left(then: ByMonth, now: ByMonth, moves: Iterable[ByMonth]) -> Amounts:
    return total(_difference(then, now).values()).less(total(one for moved in moves for one in moved.values()))


def arrived(earlier: Facts, later: Facts, contract_id: str, months: Iterable[Month], as_of: date | None = None) -> Arrived:
    """What arrived about the months between the two moments, and what each record changes.

    Months that end after ``as_of``, by default the day of the later moment, are left out. Raises Usage for an unknown contract,
    Refused where no month is left, VerificationFailed where the records do not account for a difference.
    """
    history = _History(later, contract_id, tuple(sorted(months)), AsOf.latest(later, as_of).as_of)
    then = history.moment(earlier, {})
    arrivals, given, waits, agreed = [], then.given, then.waits, history.agreed(earlier.position)
    for record in history.records.between(earlier):
        was, agreed = agreed, history.agreed(record.position)
        bears = agreed != was or history.bears(record)
        savings: Savings | None = None
        if bears:
            savings, waits = history.measured(record.position)
        before, given = given, history.amounts(record.position, savings or {month: one.savings for month, one in given.items()})
        moved, on_record = _difference(before, given), history.posted(record)
        if bears or moved or on_record:
            arrivals.append(history.arrival(record, moved, on_record, waits))
    moments = then, history.moment(later, given)
    found = Arrived(contract_id, history.months, history.as_of, *moments, tuple(arrivals), history.records, history.reports)
    for what, left in zip(("what the facts give", "what is on record"), found.residual, strict=True):
        if left != NOTHING:
            said = f"{shown(left.savings)} of savings and {shown(left.entitlement)} of entitlement"
            what = f"{contract_id}: the records that arrived leave {said} unexplained of {what}"
            raise VerificationFailed(what, do="see what differs with: soc check")
    return found


class _History:
    """Some months of a contract at every moment up to the later one. Reports are read once, and numbered anew only where one
    that bears on the months has come between."""

    def __init__(self, later: Facts, contract_id: str, months: tuple[Month, ...], as_of: date) -> None:
        self.later, self.contract, self.as_of, self._whole = later, contract_id, as_of, months
        self.months = tuple(month for month in months if month.last_day <= as_of)
        if not self.months:
            raise Refused(f"none of the months asked about had ended by {as_of}", do="ask as of a later date")
        self.records = Records(later, contract_id)
        self.state, self.latest = self.records.state, self.records.latest
        self._read: Callable[[str], Measured] = cache(lambda source: Measured(later, contract_id, source))
        self._covered: Callable[[str, int], Measured] = cache(lambda source, at: Measured(later.at(at), contract_id, source))

    def measured(self, position: int) -> tuple[Savings | None, tuple[str, ...]]:
        """The months' savings as a redo would compute them on the facts up to a record; None, and why, where it could not."""
        folded = self.state(position)
        lacking = self._not_agreed(folded)
        if not lacking:
            on = self._on(folded, position, self._covered)
            together = {month for month in on if on[month].methodology.agreed(month) is None}
            lacking = [said for month in on for said in missing(on[month], month, together)]
        if lacking:
            return None, tuple(dict.fromkeys(lacking))
        lines = in_order(self._whole, self._on(folded, position, self.reports), folded.terms_of)
        return {line.month: line.savings_ore for line in lines if line.month in self.months}, ()

    def _not_agreed(self, folded: ContractState) -> list[str]:
        """Why the months are not to be measured, whatever the evidence."""
        if folded.signed_on is None:
            return ["the contract was not on record"]
        lacking = [f"follow-up of {month} is suspended by agreement" for month in self._whole if folded.suspended(month)]
        return lacking + [f"no methodology is in force in {month}" for month in self._whole if not method_of(folded, month)]

    def _on(self, folded: ContractState, position: int, now: Callable[[str, int], Measured]) -> dict[Month, Standing]:
        """Each month's methodology on the facts; ``now`` measures a source's reports up to a record."""
        before = {month: amount for month, amount in folded.averageable.items() if month not in self._whole}
        on: dict[Month, Standing] = {}
        for method, part in by_methodology(folded, Period(self._whole[0], self._whole[-1])):
            locked, source = locked_at(folded, method) or position, method.measure.source
            facts, reference = self.later.at(position), self.later.at(locked)
            one = standing(facts, reference, folded, method, redo=True, now=now(source, locked))
            counted = now(source, position).counting(method.measure.numbers)
            on |= dict.fromkeys(part, replace(one, now=counted, settled=before))
        return on

    def reports(self, source: str, position: int) -> Measured:
        """A source's reports up to a record, read once; what was numbered is shared until the next of them."""
        stream = self.later.stream(absence_stream(self.contract))
        following = (one.position for one in stream if one.data.source == source and one.position > position)
        last = self.later.at(next(following, self.later.position + 1) - 1)
        return self._read(source).at(last).at(self.later.at(position))

    def amounts(self, position: int, savings: Savings) -> ByMonth:
        """The months with these savings, all others as on record at that position."""
        if not savings:
            return {}
        folded = self.state(position)
        moves = waterfall.increments(waterfall.path({**folded.savings, **savings}, folded.terms_of))
        return {month: Amounts(amount, moves[month]) for month, amount in savings.items()}

    def agreed(self, position: int) -> list[object]:
        """How the months are to be measured, whatever the evidence: what the parties agreed, and the months averaged."""
        folded = self.state(position)
        methods = [(month, method_of(folded, month), folded.suspended(month)) for month in self._whole if folded.signed_on]
        mean_of = {one for month, method, _ in methods if method for one in averaged(method, month)} - {*self._whole}
        said = [(method and method.sha256, suspended) for _, method, suspended in methods]
        return [*said, *((one, folded.averageable.get(one)) for one in sorted(mean_of))]

    def bears(self, record: Recorded[Any]) -> bool:
        """Whether the months rest on a record at that moment, or it decides about them."""
        event: OfContracts = record.data
        match event:
            case e.AbsenceReported() | e.WorkforceReported() | e.ReimbursementsReported() | e.TrendPublished():
                return needed(self.records, self._whole, record)
            case e.ContractSigned():
                return True
            case e.ContractAmended() | e.FollowUpSuspended() | e.FollowUpResumed():
                return event.from_month <= self.months[-1]
            case e.MethodologyAdopted():
                return event.from_on <= self.months[-1].first_day
            case e.SavingsDetermined():
                return any(line.month in self.months for line in event.months)
            case e.DisputeRaised(determination=number):
                return number is not None and self._is_about(self.latest.determination(number))
            case e.DisputeAnswered() | e.DisputeWithdrawn() | e.DisputeResolved():
                number = self.latest.dispute(event.dispute).raised.determination
                return number is not None and self._is_about(self.latest.determination(number))
            case e.MethodologyProposed() | e.MethodologyRejected() | e.LedgerOpened() | e.ContractClosed():
                return False
            case e.SavingsNotified() | e.DeterminationAccepted() | e.PaymentInstructed() | e.PaymentMade():
                return False
            case e.LoanDrawn() | e.LoanRepaid() | e.EntryCorrected():
                return False
            case e.AuditFindingsRecorded() | e.EvaluationSignedOff():
                return False
            case _:
                assert_never(event)

    def _is_about(self, one: Determination) -> bool:
        return any(month in one.period for month in self.months)

    def posted(self, record: Recorded[Any]) -> ByMonth:
        """By how much a determination moves what is on record of the months."""
        event = record.data
        if not isinstance(event, e.SavingsDetermined):
            return {}
        savings, entitled = ({one.month: one.amount_ore for one in each} for each in (event.savings, event.entitlement))
        moved = (month for month in self.months if month in savings or month in entitled)
        return {month: Amounts(savings.get(month, 0), entitled.get(month, 0)) for month in moved}

    def arrival(self, record: Recorded[Any], given: ByMonth, on_record: ByMonth, waits: tuple[str, ...]) -> Arrival:
        """A record that arrived, with what it moves."""
        late = bool({*self.months} & self.state(record.position - 1).savings.keys())
        saw = (
            one.number for one in self.latest.determinations if one.basis >= record.position and self._counts(one, record.data)
        )
        return Arrival(record, self._sort(record), given, on_record, late, next(saw, None), waits)

    def _counts(self, one: Determination, event: OfContracts) -> bool:
        """Whether a determination counts what is on record of the months: evidence where it measures them; decisions never."""
        lines = [line for line in one.months if line.month in self.months]
        if isinstance(event, EVIDENCE):
            return any(isinstance(line, e.MonthDetermined) for line in lines)
        return isinstance(event, AGREED) and bool(lines) and one.resolves is None

    def _sort(self, record: Recorded[Any]) -> Sort:
        event = record.data
        before = [one.data for one in self.later.at(record.position - 1).stream(record.stream)]
        if isinstance(event, e.AbsenceReported):
            said = [one.scope for one in before if one.source == event.source and one.scope]
            complete = event.scope.complete if event.scope else ()
            again = any(month in one.complete for month in complete for one in said)
            return "restatement" if again else "report"
        if isinstance(event, e.TrendPublished):
            quarters = {value.quarter for one in before for value in one.values}
            return "index revision" if any(value.quarter in quarters for value in event.values) else "index value"
        if isinstance(event, EVIDENCE):
            return "headcounts" if isinstance(event, e.WorkforceReported) else "reimbursements"
        return "agreement" if isinstance(event, AGREED) else "decision" if isinstance(event, e.SavingsDetermined) else "dispute"

    def moment(self, facts: Facts, given: ByMonth) -> Moment:
        """The months as known at a moment; ``given``: what the facts gave last, or nothing."""
        folded = self.state(facts.position)
        steps = waterfall.increments(folded.path)
        on_record = {month: Amounts(folded.savings[month], steps[month]) for month in self.months if month in steps}
        savings, waits = self.measured(facts.position)
        found = (given or on_record) if savings is None else self.amounts(facts.position, savings)
        in_force = tuple(one for one in folded.in_force if {*one.period} & {*self.months})
        late = late_facts(facts, folded, self.contract, self.as_of) if in_force else {}
        uncounted = by_position(record for one in in_force for record in late.get(one.number, ()))
        rested = rested_on(self.records, facts, self.months)
        return Moment(facts, in_force, on_record, found, waits, rested.records, rested.index, uncounted)
