"""What the decider must remember of a contract: its state. ``evolve`` only remembers; the rules stand in ``decisions.py`` and
``agreements.py``. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, assert_never

from ledger import events as e
from ledger import waterfall
from ledger.errors import Refused
from ledger.events import Claim, ContractEvent, PaymentKind
from ledger.methodology import Methodology
from ledger.money import shown
from ledger.periods import Month, Period, day_in_stockholm
from ledger.record import Recorded
from ledger.terms import ContractTerms


@dataclass(frozen=True)
class Notice:
    """A determination's notice; ``claim`` falls payable when silence or acceptance will have made it so, ``by_silence`` when
    silence alone does."""

    position: int
    on: date
    objection_until: date
    claim: Claim
    by_silence: Claim
    accepted: Mapping[str, date] = field(default_factory=dict)
    acceptances: Mapping[int, str] = field(default_factory=dict)
    accepted_on: date | None = None

    @property
    def deemed_on(self) -> date:
        """The day on which it counts as accepted: by the last that must agree, or by silence (rule 16)."""
        return self.accepted_on or self.objection_until + timedelta(days=1)


@dataclass(frozen=True)
class Determination:
    """One determination. ``claim_ore``: what its notice claims, or will claim; ``redo``: it was one, with a reason."""

    number: int
    position: int
    determined_on: date
    basis: int
    months: tuple[e.AnyMonth, ...]
    preliminary: bool
    claim_ore: int
    redo: bool = False
    superseded_by: int | None = None
    notice: Notice | None = None

    @property
    def period(self) -> Period:
        """Its months."""
        return Period(self.months[0].month, self.months[-1].month)


@dataclass(frozen=True)
class MoneyEntry:
    """A payment, an instruction, or a movement of the loan, as it stands after corrections. ``open``: an instruction not
    yet carried out, or any other entry not reversed; ``note`` says in words what came of it."""

    name: str
    number: int
    position: int
    entry: str
    amount: int
    on: date
    invoice: str = ""
    open: bool = True
    settles: e.Settled | None = None
    note: str = ""


@dataclass(frozen=True)
class Proposal:
    """A methodology that a party proposed. ``adopted_at``: the record that adopted it; ``rejected``: who refused it, and when."""

    number: int
    position: int
    proposed_on: date
    methodology: Methodology
    from_on: date
    by: str
    reason: str
    adopted_at: int | None = None
    rejected: Mapping[str, date] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.adopted_at is None and not self.rejected


@dataclass(frozen=True)
class ContractState:
    """What the decider must remember of a contract. ``methodologies``: those agreed, from when; ``every_methodology``: all ever
    adopted, by SHA-256; ``adopted_at``: the position of the record that did so last."""

    signed_on: date | None = None
    versions: tuple[tuple[Month, ContractTerms], ...] = ()
    methodologies: tuple[tuple[date, Methodology], ...] = ()
    every_methodology: Mapping[str, Methodology] = field(default_factory=dict)
    adopted_at: Mapping[str, int] = field(default_factory=dict)
    proposals: tuple[Proposal, ...] = ()
    suspensions: tuple[Period, ...] = ()
    suspended_from: Month | None = None
    determinations: tuple[Determination, ...] = ()
    payments: tuple[MoneyEntry, ...] = ()
    loans: tuple[MoneyEntry, ...] = ()
    corrected_at: int = 0
    closed_on: date | None = None

    @property
    def signed(self) -> ContractTerms:
        """The terms as first signed."""
        return self.versions[0][1]

    def terms_of(self, month: Month) -> ContractTerms:
        """The terms in force on the month's first day (rule 20)."""
        return [terms for start, terms in self.versions if start <= month or terms is self.signed][-1]

    def terms_on(self, day: date) -> ContractTerms:
        """The terms in force on a day."""
        return self.terms_of(Month.holding(day))

    def methodology_of(self, month: Month) -> Methodology:
        """The methodology in force on the month's first day. Raises Refused where none is adopted."""
        adopted = self._adopted_by(month)
        if not adopted:
            raise Refused(
                f"no methodology is in force in {month}",
                where=self.signed.clause("governance.agrees"),
                do=f"adopt one with: soc methodology adopt {self.signed.id} METHOD.toml --from DATE --agreed-by ROLE",
            )
        return adopted[-1]

    def _adopted_by(self, month: Month) -> list[Methodology]:
        return [methodology for start, methodology in self.methodologies if start <= month.first_day]

    def was_suspended(self, month: Month) -> bool:
        """Whether the month lies inside a suspension that has ended."""
        return any(month in period for period in self.suspensions)

    def suspended(self, month: Month) -> bool:
        """Whether follow-up of the month is suspended. Once it has resumed, a month inside counts for what the methodology then
        agreed says that it counts for; where that says nothing, for nothing (rule 19)."""
        if self.suspended_from is not None and self.suspended_from <= month:
            return True
        return self.was_suspended(month) and not any(one.agreed(month) for one in self._adopted_by(month)[-1:])

    @property
    def in_force(self) -> tuple[Determination, ...]:
        """Determinations not superseded, in order of their months."""
        standing = (one for one in self.determinations if one.superseded_by is None)
        return tuple(sorted(standing, key=lambda one: one.months[0].month))

    @property
    def savings(self) -> dict[Month, int]:
        """Savings by month in öre, from the determinations in force."""
        return {month.month: month.savings_ore for one in self.in_force for month in one.months}

    @property
    def averageable(self) -> dict[Month, int]:
        """Savings by month in öre of the determined months that were measured, and by the methodology that is agreed for them
        now: of these an average may be taken."""
        lines = (line for one in self.in_force for line in one.months if isinstance(line, e.MonthDetermined))
        return {one.month: one.savings_ore for one in lines if one.methodology_sha256 == self.methodology_of(one.month).sha256}

    @property
    def path(self) -> tuple[waterfall.Step, ...]:
        """The entitlement path over the determined months."""
        return waterfall.path(self.savings, self.terms_of)

    @property
    def entitled(self) -> int:
        """The provider's entitlement in öre at the last determined month's end."""
        return self.path[-1].entitlement if self.path else 0

    @property
    def determined_through(self) -> Month | None:
        """The last determined month."""
        return max(self.savings, default=None)

    @property
    def next_month(self) -> Month | None:
        """The next month to determine; None after the last."""
        month, determined = self.signed.first_month, self.savings.keys()
        while month <= self.terms_of(month).last_month:
            if month not in determined and not self.suspended(month):
                return month
            if self.suspended_from is not None and self.suspended_from <= month:
                return None
            month = month + 1
        return None

    def sum_of(self, entry: str, on: date) -> int:
        """Öre of the open payments of that sort dated on or before ``on``."""
        return sum(one.amount for one in self.payments if one.open and one.entry == entry and one.on <= on)

    def payable(self, on: date) -> int:
        """Öre claimed and fallen payable by that date (rule 16)."""
        claims = (one.notice.claim for one in self.determinations if one.notice)
        return sum(claim.amount_ore for claim in claims if claim.payable_on <= on)

    def balance(self, on: date) -> int:
        """x of rule 17, in öre: payable − paid − instructed + recovered; due above zero, overpaid below."""
        settled = self.sum_of("outcome", on) + self.sum_of("instructed outcome", on)
        return self.payable(on) - settled + self.sum_of("recovery", on)

    def payment_limit(self, kind: PaymentKind, on: date) -> int:
        """The most in öre that may be instructed on that date (rules 13, 15, 17)."""
        match kind:
            case "upfront":
                return self._least(on, self.upfront_due)
            case "outcome":
                every = date.max
                settled = self.sum_of("outcome", every) + self.sum_of("instructed outcome", every)
                below_entitlement = self.entitled - settled + self.sum_of("recovery", every)
                return max(0, min(self._least(on, self.balance), below_entitlement))
            case "recovery":
                return self._least(on, lambda day: -self.balance(day) - self.sum_of("instructed recovery", day))
            case never:
                assert_never(never)

    def upfront_due(self, on: date) -> int:
        """Öre of instalments fallen due by that date, less paid and instructed (rule 13)."""
        paid = self.sum_of("upfront", on) + self.sum_of("instructed upfront", on)
        return self.terms_on(on).instalments_until(on) - paid

    def _least(self, on: date, free: Callable[[date], int]) -> int:
        """The least that is free on a date and on every later day with a payment: a payment dated earlier than others must
        not take what they have taken already."""
        return max(0, min(free(day) for day in {on, *(one.on for one in self.payments if one.on > on)}))

    def determination(self, number: int) -> Determination:
        """The determination with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.determinations):
            raise Refused(f"{self.signed.id} has no determination D{number}")
        return self.determinations[number - 1]

    def proposal(self, number: int) -> Proposal:
        """The proposal with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.proposals):
            raise Refused(
                f"{self.signed.id} has no proposal M{number}", do=f"see them with: soc methodology list {self.signed.id}"
            )
        return self.proposals[number - 1]


Initial = ContractState()


def fold(records: Iterable[Recorded[Any]], state: ContractState = Initial) -> ContractState:
    """The state after the records of a contract's stream."""
    for record in records:
        state = evolve(state, record)
    return state


def evolve(state: ContractState, record: Recorded[Any]) -> ContractState:
    """Remember one record; no rules here."""
    event: ContractEvent = record.data
    match event:
        case e.ContractSigned(terms=terms):
            return replace(state, signed_on=event.signed_on, versions=((terms.first_month, terms),))
        case e.ContractAmended():
            kept = tuple(version for version in state.versions if version[0] < event.from_month or version[1] is state.signed)
            return replace(state, versions=(*kept, (event.from_month, event.terms)))
        case e.MethodologyProposed():
            proposed_on = day_in_stockholm(record.recorded_at)
            said = (event.methodology, event.from_on, event.by, event.reason)
            return replace(state, proposals=(*state.proposals, Proposal(event.number, record.position, proposed_on, *said)))
        case e.MethodologyRejected():
            rejected = {**state.proposal(event.proposal).rejected, event.by: day_in_stockholm(record.recorded_at)}
            return _with_proposal(state, event.proposal, rejected=rejected)
        case e.MethodologyAdopted():
            earlier = tuple(one for one in state.methodologies if one[0] < event.from_on)
            if event.proposal is not None:
                state = _with_proposal(state, event.proposal, adopted_at=record.position)
            return replace(
                state,
                methodologies=(*earlier, (event.from_on, event.methodology)),
                every_methodology={**state.every_methodology, event.sha256: event.methodology},
                adopted_at={**state.adopted_at, event.sha256: record.position},
            )
        case e.FollowUpSuspended():
            return replace(state, suspended_from=event.from_month)
        case e.FollowUpResumed():
            assert state.suspended_from is not None
            ended = (Period(state.suspended_from, event.from_month - 1),) if state.suspended_from < event.from_month else ()
            return replace(state, suspended_from=None, suspensions=(*state.suspensions, *ended))
        case e.SavingsDetermined():
            return _evolve_determination(state, record, event)
        case e.SavingsNotified():
            notice = Notice(record.position, event.on, event.objection_until, event.claim, event.claim)
            return _with(state, event.determination, notice=notice)
        case e.DeterminationAccepted():
            return _evolve_acceptance(state, record, event)
        case e.PaymentInstructed():
            return _with_payment(state, record, f"instructed {event.kind}", event)
        case e.PaymentMade():
            settled = event.settles
            if settled is not None:
                note = f"carried out by P{event.number} on {event.on}"
                state = _replace_payment(state, settled.number, open=False, note=note)
            return _with_payment(state, record, event.kind, event)
        case e.LoanDrawn() | e.LoanRepaid():
            sort = "draw" if isinstance(event, e.LoanDrawn) else "repayment"
            loan = MoneyEntry(f"L{event.number}", event.number, record.position, sort, event.amount_ore, event.on)
            return replace(state, loans=(*state.loans, loan))
        case e.EntryCorrected():
            return _evolve_correction(replace(state, corrected_at=record.position), record, event)
        case e.ContractClosed():
            return replace(state, closed_on=event.on)
        case _:
            assert_never(event)


def _with_proposal(state: ContractState, number: int, **changes: Any) -> ContractState:
    changed = tuple(replace(one, **changes) if one.number == number else one for one in state.proposals)
    return replace(state, proposals=changed)


def _with(state: ContractState, number: int, **changes: Any) -> ContractState:
    changed = tuple(replace(one, **changes) if one.number == number else one for one in state.determinations)
    return replace(state, determinations=changed)


def _evolve_determination(state: ContractState, record: Recorded[Any], event: e.SavingsDetermined) -> ContractState:
    for number in event.supersedes:
        state = _with(state, number, superseded_by=event.number)
    new = Determination(
        number=event.number,
        position=record.position,
        determined_on=day_in_stockholm(record.recorded_at),
        basis=event.basis.position,
        months=event.months,
        preliminary=event.preliminary,
        claim_ore=event.claim_ore,
        redo=event.reason is not None,
    )
    return replace(state, determinations=(*state.determinations, new))


def _evolve_acceptance(state: ContractState, record: Recorded[Any], event: e.DeterminationAccepted) -> ContractState:
    notice = state.determination(event.determination).notice
    assert notice is not None
    accepted = replace(
        notice,
        accepted={**notice.accepted, event.role: event.on},
        acceptances={**notice.acceptances, record.position: event.role},
    )
    if event.becomes is not None:
        accepted = replace(accepted, claim=event.becomes, accepted_on=max(accepted.accepted.values()))
    return _with(state, event.determination, notice=accepted)


def _with_payment(
    state: ContractState, record: Recorded[Any], entry: str, event: e.PaymentInstructed | e.PaymentMade
) -> ContractState:
    name = f"P{event.number}"
    settles = event.settles if isinstance(event, e.PaymentMade) else None
    made = MoneyEntry(name, event.number, record.position, entry, event.amount_ore, event.on, event.invoice, settles=settles)
    return replace(state, payments=(*state.payments, made))


def _replace_payment(state: ContractState, number: int, **changes: Any) -> ContractState:
    changed = tuple(replace(one, **changes) if one.number == number else one for one in state.payments)
    return replace(state, payments=changed)


def _evolve_acceptance_withdrawn(state: ContractState, event: e.EntryCorrected) -> ContractState:
    notice = state.determination(event.number).notice
    assert notice is not None
    assert event.becomes is not None
    withdrawn = replace(
        notice,
        accepted={role: on for role, on in notice.accepted.items() if role != event.role},
        acceptances={position: role for position, role in notice.acceptances.items() if role != event.role},
        accepted_on=None,
        claim=Claim(amount_ore=event.becomes.amount_ore, payable_on=event.becomes.on),
    )
    return _with(state, event.number, notice=withdrawn)


def without_payment(state: ContractState, number: int) -> ContractState:
    """The state as if that payment or instruction did not stand."""
    return _replace_payment(state, number, open=False)


def _evolve_correction(state: ContractState, record: Recorded[Any], event: e.EntryCorrected) -> ContractState:
    if event.entry == "acceptance":
        return _evolve_acceptance_withdrawn(state, event)
    if event.entry == "notice":
        notice = state.determination(event.number).notice
        assert notice is not None
        if event.becomes is None:
            return _with(state, event.number, notice=None)
        on = record.effective_on
        objection_until = on + timedelta(days=state.terms_on(on).settlement.objection_days)
        claim = Claim(amount_ore=event.becomes.amount_ore, payable_on=event.becomes.on)
        corrected = replace(notice, on=on, objection_until=objection_until, claim=claim, by_silence=claim)
        return _with(state, event.number, notice=corrected)
    reversed_ = "cancelled" if event.entry.startswith("instructed") else "reversed"
    changes: dict[str, Any] = {"open": False, "note": f"{reversed_}: {event.reason}"}
    if event.becomes is not None:
        note = f"corrected, was {shown(event.was.amount_ore)} on {event.was.on}: {event.reason}"
        changes = {"amount": event.becomes.amount_ore, "on": event.becomes.on, "note": note}
        if event.lifts is not None:
            changes["settles"] = event.lifts
    if event.entry in ("draw", "repayment"):
        changed = tuple(replace(one, **changes) if one.number == event.number else one for one in state.loans)
        return replace(state, loans=changed)
    return _replace_payment(state, event.number, **changes)


def accepted_on(one: Determination, as_of: date) -> date | None:
    """When the determination counted as accepted, by acceptance or by silence; None if it did not by ``as_of`` (rule 16)."""
    if one.notice is None or one.notice.deemed_on > as_of:
        return None
    return one.notice.deemed_on


def closed_on(state: ContractState, one: Determination) -> date | None:
    """The date from which the determination can no longer be redone (rule 15); None while it is not noticed."""
    if one.notice is None:
        return None
    accepted = one.notice.deemed_on
    target = Month.holding(accepted) + state.terms_on(accepted).settlement.correction_months
    return min(target.first_day + timedelta(days=accepted.day - 1), target.last_day)


def payment_basis(state: ContractState, kind: PaymentKind, invoice: str) -> int:
    """The position of the last record that an amount due rests on, payments under the same invoice aside: part of the
    submission id of ``--due`` (decision 3)."""
    notices = [one.notice for one in state.determinations if one.notice is not None]
    agreed = [position for notice in notices for position in (notice.position, *notice.acceptances)]
    others = [one.position for one in state.payments if one.invoice != invoice or kind not in one.entry]
    partly = [one.position for one in state.payments if one.settles is not None and one.settles.amount_ore != one.amount]
    return max([0, state.corrected_at, *agreed, *others, *partly])
