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
from ledger.holds import MOOT, WITHDRAWN, Answer, Claims, Dispute, Disputed, Ended, claims
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

    @property
    def resolves(self) -> int | None:
        """The number of the dispute whose resolution it carries out (rule 18)."""
        first = self.months[0]
        return first.dispute if isinstance(first, e.MonthAgreed) else None


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
    recorded_on: date = date.min


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
    adopted, by SHA-256; ``adopted_at``: the position of the record that did so last; ``evaluation``: the SHA-256 of the document
    on which it was closed; ``audits`` and ``sign_offs``: the records of the external auditor's findings and sign-offs."""

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
    disputes: tuple[Dispute, ...] = ()
    corrected_at: int = 0
    closed_on: date | None = None
    evaluation: str | None = None
    audits: tuple[Recorded[Any], ...] = ()
    sign_offs: tuple[Recorded[Any], ...] = ()

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
        now, or that a dispute's resolution decided: of these an average may be taken."""
        found: dict[Month, int] = {}
        for one in self.in_force:
            for line in one.months:
                agreed = isinstance(line, e.MonthDetermined) and line.methodology_sha256 == self.methodology_of(line.month).sha256
                if agreed or one.resolves is not None:
                    found[line.month] = line.savings_ore
        return found

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

    def held(self, on: date) -> int:
        """Öre of what is payable that open disputes hold back on that date (rule 18)."""
        unpaid = self.payable(on) - self.sum_of("outcome", on) + self.sum_of("recovery", on)
        return min(self.disputed(on).lower, max(0, unpaid))

    def disputed(self, on: date) -> Claims:
        """How much less and more the provider would be owed if the positions open on that date prevailed (rule 18)."""
        open_ones = [one for one in self.disputes if one.open_on(on)]
        if not open_ones:
            return Claims(0, 0)
        determined = sorted({one.raised.determination for one in open_ones if one.raised.determination is not None})
        paid = sorted({one.raised.payment for one in open_ones if one.raised.payment is not None})
        payments = [(number, self._owed_less(number, open_ones)) for number in paid]
        return claims(self.savings, [self._disputed(one, open_ones, on) for one in determined], payments, self.terms_of, on)

    def _disputed(self, number: int, among: Iterable[Dispute], on: date) -> Disputed:
        positions = tuple(dispute.raised.position for dispute in among if dispute.raised.determination == number)
        months = {line.month: line.savings_ore for line in self.determination(number).months}
        return Disputed(months, self._claimed(number, on), positions)

    def _claimed(self, number: int, on: date) -> dict[Month, int]:
        """Savings in öre of a determination's months as they are claimed and payable on a day: its own once its claim is, else
        those of the determinations that it superseded."""
        one = self.determination(number)
        if one.notice is not None and one.notice.claim.payable_on <= on:
            return {line.month: line.savings_ore for line in one.months}
        earlier = (self._claimed(each.number, on) for each in self.determinations if each.superseded_by == number)
        return {month: amount for found in earlier for month, amount in found.items()}

    def payable_from(self, number: int) -> date:
        """The day from which anything of a determination's months is payable: by its own notice, or by that of one that it
        superseded, whose claim stands."""
        one = self.determination(number)
        own = one.notice.claim.payable_on if one.notice is not None else date.max
        return min([own, *(self.payable_from(each.number) for each in self.determinations if each.superseded_by == number)])

    def _owed_less(self, number: int, among: Iterable[Dispute]) -> tuple[int, ...]:
        """By how many öre the provider would be owed less if each position about a payment prevailed (below zero: more)."""
        raised = [dispute.raised for dispute in among if dispute.raised.payment == number]
        sign = {"outcome": 1, "recovery": -1}.get(raised[0].payment_kind or "", 0)
        ends = [dispute.ended for dispute in self.disputes if dispute.raised.payment == number]
        decided = [how.says.total for how in ends if how is not None and how.says is not None]
        stands = decided[-1] if decided else raised[0].was_ore  # as corrected, on the day of the payment
        return tuple(sign * (one.position.total - stands) for one in raised)

    def open_disputes(self, *, determination: int | None = None, payment: int | None = None) -> tuple[Dispute, ...]:
        """The open disputes about a determination or a payment."""
        about = (determination, payment)
        return tuple(one for one in self.disputes if one.open and (one.raised.determination, one.raised.payment) == about)

    def payment_limit(self, kind: PaymentKind, on: date) -> int:
        """The most in öre that may be instructed on that date (rules 13, 15, 17)."""
        match kind:
            case "upfront":
                return self._least(on, self.upfront_due)
            case "outcome":
                every = date.max
                settled = self.sum_of("outcome", every) + self.sum_of("instructed outcome", every)
                below_entitlement = self.entitled - self.held(on) - settled + self.sum_of("recovery", every)
                return max(0, min(self._least(on, lambda day: self.balance(day) - self.held(day)), below_entitlement))
            case "recovery":
                return self._least(on, lambda day: -self.balance(day) - self.sum_of("instructed recovery", day))
            case never:
                assert_never(never)

    def upfront_due(self, on: date) -> int:
        """Öre of instalments fallen due by that date, less paid and instructed (rule 13)."""
        paid = self.sum_of("upfront", on) + self.sum_of("instructed upfront", on)
        return self.terms_on(on).instalments_until(on) - paid

    def _least(self, on: date, free: Callable[[date], int]) -> int:
        """The least that is free on a date and on every later day with a payment, or from which a dispute holds: a payment
        dated earlier must not take what others have taken, or what is held."""
        days = {on, *(one.on for one in self.payments)}
        for one in self.disputes:
            if not one.open:
                continue
            number = one.raised.determination
            days |= {one.raised.on} if number is None else {one.raised.on, self.payable_from(number)}
        return max(0, min(free(day) for day in days if on <= day < date.max))

    def determination(self, number: int) -> Determination:
        """The determination with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.determinations):
            raise Refused(f"{self.signed.id} has no determination D{number}")
        return self.determinations[number - 1]

    @property
    def standing_audits(self) -> tuple[Recorded[Any], ...]:
        """The auditor's findings whose place no later ones have taken."""
        superseded = {one.data.supersedes for one in self.audits}
        return tuple(one for one in self.audits if one.data.number not in superseded)

    @property
    def signed_off(self) -> Recorded[Any] | None:
        """The auditor's sign-off of the final evaluation that holds: the last."""
        return self.sign_offs[-1] if self.sign_offs else None

    def proposal(self, number: int) -> Proposal:
        """The proposal with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.proposals):
            raise Refused(
                f"{self.signed.id} has no proposal M{number}", do=f"see them with: soc methodology list {self.signed.id}"
            )
        return self.proposals[number - 1]

    def dispute(self, number: int) -> Dispute:
        """The dispute with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.disputes):
            raise Refused(f"{self.signed.id} has no dispute X{number}", do=f"see them with: soc dispute list {self.signed.id}")
        return self.disputes[number - 1]


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
        case e.DisputeRaised():
            return replace(state, disputes=(*state.disputes, Dispute(record.position, event)))
        case e.DisputeAnswered():
            answer = Answer(record.position, event.by, event.on, event.answer, event.position)
            return _with_dispute(state, event.dispute, state.dispute(event.dispute).with_answer(answer))
        case e.DisputeWithdrawn():
            return _ended(state, event.dispute, Ended(WITHDRAWN, event.on, record.position, event.reason))
        case e.DisputeResolved():
            return _evolve_resolution(state, record, event)
        case e.ContractClosed():
            return replace(state, closed_on=event.on, evaluation=next((one.sha256 for one in record.evidence), None))
        case e.AuditFindingsRecorded() | e.EvaluationSignedOff():
            return _evolve_audit(state, record)
        case _:
            assert_never(event)


def _evolve_audit(state: ContractState, record: Recorded[Any]) -> ContractState:
    if isinstance(record.data, e.AuditFindingsRecorded):
        return replace(state, audits=(*state.audits, record))
    return replace(state, sign_offs=(*state.sign_offs, record))


def _with_proposal(state: ContractState, number: int, **changes: Any) -> ContractState:
    changed = tuple(replace(one, **changes) if one.number == number else one for one in state.proposals)
    return replace(state, proposals=changed)


def _with(state: ContractState, number: int, **changes: Any) -> ContractState:
    changed = tuple(replace(one, **changes) if one.number == number else one for one in state.determinations)
    return replace(state, determinations=changed)


def _with_dispute(state: ContractState, number: int, dispute: Dispute) -> ContractState:
    return replace(state, disputes=tuple(dispute if one.raised.number == number else one for one in state.disputes))


def _ended(state: ContractState, number: int, ended: Ended) -> ContractState:
    return _with_dispute(state, number, replace(state.dispute(number), ended=ended))


def _evolve_resolution(state: ContractState, record: Recorded[Any], event: e.DisputeResolved) -> ContractState:
    said = (event.outcome, event.on, record.position, event.reason, event.agreed_by, event.decided_by, event.position)
    state = _ended(state, event.dispute, Ended(*said, event.determination))
    raised = state.dispute(event.dispute).raised
    if raised.payment is not None and event.position is not None and event.position.total != raised.was_ore:
        for other in state.open_disputes(payment=raised.payment):
            reason = f"what it is about became what the resolution of X{event.dispute} says"
            state = _ended(state, other.raised.number, Ended(MOOT, max(event.on, other.raised.on), record.position, reason))
    if event.determination is None or event.claim is None:
        return state
    for other in state.open_disputes(determination=raised.determination):  # the parties agreed on all of it
        reason = f"D{raised.determination} was superseded by D{event.determination}"
        on = max(event.on, other.raised.on)
        state = _ended(state, other.raised.number, Ended(MOOT, on, record.position, reason, determination=event.determination))
    notice = Notice(record.position, event.on, event.on, event.claim, event.claim, accepted_on=event.on)
    return _with(state, event.determination, notice=notice)


def _evolve_determination(state: ContractState, record: Recorded[Any], event: e.SavingsDetermined) -> ContractState:
    determined_on = day_in_stockholm(record.recorded_at)
    for number in event.supersedes:
        state = _with(state, number, superseded_by=event.number)
        resolved = isinstance(event.months[0], e.MonthAgreed) and event.months[0].dispute is not None  # what follows ends them
        for dispute in () if resolved else state.open_disputes(determination=number):
            reason = f"D{number} was superseded by D{event.number}"
            ended = Ended(MOOT, max(determined_on, dispute.raised.on), record.position, reason, determination=event.number)
            state = _ended(state, dispute.raised.number, ended)
    new = Determination(
        number=event.number,
        position=record.position,
        determined_on=determined_on,
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
    made = replace(made, recorded_on=day_in_stockholm(record.recorded_at))
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
    """The date from which the determination can no longer be redone (rule 15); None while it is not noticed, or is disputed.

    One that a dispute's resolution confirms or makes is closed with it, for the parties or a third person have decided; a dispute
    that is rejected closes nothing, but keeps it open until then.
    """
    if one.notice is None:
        return None
    if one.resolves is not None:
        return one.notice.on
    ended = [dispute.ended for dispute in state.disputes if dispute.raised.determination == one.number and dispute.ended]
    if settled := [how.on for how in ended if how.how in ("settled", "upheld")]:
        return min(settled)
    if state.open_disputes(determination=one.number):
        return None
    accepted = one.notice.deemed_on
    target = Month.holding(accepted) + state.terms_on(accepted).settlement.correction_months
    by_time = min(target.first_day + timedelta(days=accepted.day - 1), target.last_day)
    return max([by_time, *(how.on for how in ended if how.how == "rejected")])


def payment_basis(state: ContractState, kind: PaymentKind, invoice: str) -> int:
    """The position of the last record that an amount due rests on, payments under the same invoice aside: part of the
    submission id of ``--due`` (decision 3)."""
    notices = [one.notice for one in state.determinations if one.notice is not None]
    agreed = [position for notice in notices for position in (notice.position, *notice.acceptances)]
    others = [one.position for one in state.payments if one.invoice != invoice or kind not in one.entry]
    partly = [one.position for one in state.payments if one.settles is not None and one.settles.amount_ore != one.amount]
    disputed = [position for one in state.disputes for position in (one.position, one.ended.position if one.ended else 0)]
    return max([0, state.corrected_at, *agreed, *others, *partly, *disputed])
