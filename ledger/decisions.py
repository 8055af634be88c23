"""The contract's rules: ``decide(command, state) -> events``. Pure: no clock, no I/O. A refusal names the clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, assert_never

from ledger import agreements, waterfall
from ledger import events as e
from ledger.authority import require, require_dated, require_open
from ledger.commands import (
    AcceptDetermination,
    AdoptMethodology,
    AmendTerms,
    CloseContract,
    Command,
    Context,
    CorrectEntry,
    Decided,
    DrawLoan,
    NotifyDetermination,
    Pay,
    ProposeMethodology,
    RecordDetermination,
    RejectMethodology,
    RepayLoan,
    ResumeFollowUp,
    SignContract,
    SuspendFollowUp,
)
from ledger.contract import ContractState, Determination, MoneyEntry, Notice, accepted_on, closed_on, without_payment
from ledger.errors import Refused
from ledger.events import Claim, MonthAmount, PaymentKind
from ledger.money import shown
from ledger.periods import Month, Period
from ledger.terms import ContractTerms

STILL = (Pay, DrawLoan, RepayLoan, CorrectEntry)
"""What may still be recorded of a closed contract: money that moves as it was settled."""


def decide(command: Command, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The events that a command brings about. Raises Refused, naming the clause, where a rule stands against it."""
    if isinstance(command, SignContract):
        return _sign(command, state, context)
    if state.signed_on is None:
        raise Refused("the contract is not signed", do="sign it with: soc contract sign TERMS.toml")
    if not isinstance(command, STILL):
        require_open(state)
    match command:
        case AmendTerms():
            return agreements.amend(command, state, context)
        case ProposeMethodology():
            return agreements.propose(command, state, context)
        case RejectMethodology():
            return agreements.reject(command, state, context)
        case AdoptMethodology():
            return agreements.adopt(command, state, context)
        case SuspendFollowUp() | ResumeFollowUp():
            return agreements.suspend_or_resume(command, state, context)
        case CloseContract():
            return agreements.close(command, state, context)
        case RecordDetermination():
            return _determine(command, state, context)
        case NotifyDetermination():
            return _notify(command, state, context)
        case AcceptDetermination():
            return _accept(command, state, context)
        case Pay():
            return _pay(command, state, context)
        case DrawLoan():
            return _draw(command, state, context)
        case RepayLoan():
            return _repay(command, state, context)
        case CorrectEntry():
            return _correct(command, state, context)
        case _:
            assert_never(command)


def _sign(command: SignContract, state: ContractState, context: Context) -> tuple[Decided, ...]:
    terms = command.terms
    if state.signed_on is not None:
        raise Refused(
            f"{terms.id} was signed on {state.signed_on}",
            do=f"change it with: soc contract amend {terms.id} TERMS.toml --from MONTH --agreed-by ROLE --reason TEXT",
        )
    require(terms, "signs", context.by)
    require_dated(command.on, state, context)
    return (Decided(command.on, e.ContractSigned(terms=terms, signed_on=command.on)),)


def _determine(command: RecordDetermination, state: ContractState, context: Context) -> tuple[Decided, ...]:
    period = Period(command.months[0].month, command.months[-1].month)
    if [one.month for one in command.months] != list(period):
        raise Refused(f"a determination holds every month of {period}, once and in order")
    terms = state.terms_of(period.last)
    require(terms, "determines", context.by)
    superseded = check_period(state, period, context.today, redo=command.redo is not None)
    before = state.path
    savings = {**state.savings, **{month.month: month.savings_ore for month in command.months}}
    moves = waterfall.difference(before, waterfall.path(savings, state.terms_of))
    unclaimed = sum(one.claim_ore for one in superseded if one.notice is None)
    event = e.SavingsDetermined(
        number=len(state.determinations) + 1,
        months=command.months,
        supersedes=tuple(one.number for one in superseded),
        reason=command.redo,
        preliminary=command.preliminary,
        basis=command.basis,
        computed_by=command.computed_by,
        savings=tuple(
            MonthAmount(month=one.month, amount_ore=moved)
            for one in command.months
            if (moved := one.savings_ore - state.savings.get(one.month, 0))
        ),
        entitlement=tuple(MonthAmount(month=month, amount_ore=amount) for month, amount in moves),
        claim_ore=sum(amount for _, amount in moves) + unclaimed,
    )
    return (Decided(period.last_day, event),)


def check_period(state: ContractState, period: Period, today: date, *, redo: bool) -> tuple[Determination, ...]:
    """Refuse a period that cannot be determined now (rules 9, 15, 19); return the determinations that a redo supersedes."""
    require_open(state)
    terms = state.terms_of(period.last)
    if period.first < terms.first_month or period.last > terms.last_month:
        raise Refused(
            f"{period} is not within the contract, {terms.first_month} to {terms.last_month}", where=terms.clause("months")
        )
    if period.last_day >= today:
        raise Refused(f"{period} has not ended; today is {today}", do="determine it when it has")
    for month in period:
        if state.suspended(month):
            raise Refused(f"follow-up of {month} is suspended by agreement", where=terms.clause("governance.agrees"))
    touched = tuple(one for one in state.in_force if one.period.first <= period.last and period.first <= one.period.last)
    return _check_redo(state, period, touched, today) if redo else _check_next(state, period, touched)


def _check_next(state: ContractState, period: Period, touched: tuple[Determination, ...]) -> tuple[Determination, ...]:
    clause = state.signed.clause("settlement.period")
    if touched:
        names = ", ".join(f"D{one.number} ({one.period})" for one in touched)
        raise Refused(f"{period} is determined by {names}", where=clause, do="determine it again with --redo --reason TEXT")
    following = state.next_month
    if following is None or period.first != following:
        raise Refused(
            f"months are determined in order, without gaps: the next is {following or 'none'}, not {period.first}", where=clause
        )
    ends = _settlement_end(state, following)
    if period.last != ends:
        raise Refused(f"a determination is a calendar quarter: {Period(following, ends)}, not {period}", where=clause)
    return ()


def _settlement_end(state: ContractState, first: Month) -> Month:
    """The last month of the determination that begins with ``first``: the quarter's, the contract's, or the one before a
    suspension (rule 9)."""
    last, determined = first, state.savings.keys()
    while last + 1 in first.quarter.months and last + 1 <= state.terms_of(last + 1).last_month:
        if state.suspended(last + 1) or last + 1 in determined:
            break
        last = last + 1
    return last


def _check_redo(
    state: ContractState, period: Period, touched: tuple[Determination, ...], today: date
) -> tuple[Determination, ...]:
    if not touched:
        raise Refused(f"{period} is not determined; there is nothing to redo", do="leave --redo out")
    whole = Period(touched[0].period.first, touched[-1].period.last)
    if whole != period or sum(len(one.months) for one in touched) != len(period):
        raise Refused(f"a redo takes whole determinations: {whole}, not {period}", where=state.signed.clause("settlement.period"))
    for one in touched:
        closed = closed_on(state, one)
        if closed is not None and closed <= today:
            raise Refused(
                f"D{one.number} ({one.period}) was accepted on {accepted_on(one, today)} and is closed since {closed}",
                where=state.signed.clause("settlement.correction_months"),
            )
    return touched


def _notify(command: NotifyDetermination, state: ContractState, context: Context) -> tuple[Decided, ...]:
    one = state.determination(command.determination)
    terms = state.terms_on(command.on)
    require(terms, "determines", context.by)
    require_dated(command.on, state, context)
    if one.superseded_by is not None:
        raise Refused(f"D{one.number} was superseded by D{one.superseded_by}", do=f"notify D{one.superseded_by}")
    if one.notice is not None:
        raise Refused(f"D{one.number} was notified on {one.notice.on}")
    if command.on < one.determined_on:
        raise Refused(f"D{one.number} was determined on {one.determined_on}; it cannot be notified before, on {command.on}")
    return (Decided(command.on, notice_event(terms, one.number, one.claim_ore, command.on)),)


def notice_event(terms: ContractTerms, number: int, claim_ore: int, on: date) -> e.SavingsNotified:
    """The notice of a determination, its claim on the day when silence will have made it payable (rule 16)."""
    objection_until = on + timedelta(days=terms.settlement.objection_days)
    payable_on = objection_until + timedelta(days=1 + terms.settlement.payment_days)
    claim = Claim(amount_ore=claim_ore, payable_on=payable_on)
    return e.SavingsNotified(determination=number, on=on, objection_until=objection_until, claim=claim)


def _accept(command: AcceptDetermination, state: ContractState, context: Context) -> tuple[Decided, ...]:
    one = state.determination(command.determination)
    terms = state.terms_on(command.on)
    require(terms, "records", context.by, also=(command.role, terms.governance.determines))
    require_dated(command.on, state, context)
    notice, agrees = one.notice, terms.governance.agrees
    if command.role not in agrees:
        raise Refused(f"{command.role} need not accept; {', '.join(agrees)} do", where=terms.clause("governance.agrees"))
    if notice is None:
        raise Refused(f"D{one.number} was not notified", do=f"notify it with: soc notify {terms.id}/D{one.number} --on DATE")
    if command.on < notice.on:
        raise Refused(f"D{one.number} was notified on {notice.on}; it cannot be accepted before, on {command.on}")
    if command.role in notice.accepted:
        raise Refused(f"{command.role} accepted D{one.number} on {notice.accepted[command.role]}")
    if command.on > notice.objection_until:
        raise Refused(
            f"D{one.number} counts as accepted since {notice.deemed_on}, because nobody objected by {notice.objection_until}",
            where=terms.clause("settlement.objection_days"),
        )
    accepted = {**notice.accepted, command.role: command.on}
    event = e.DeterminationAccepted(determination=one.number, role=command.role, on=command.on)
    if all(role in accepted for role in agrees):
        last = max(accepted.values())
        payable_on = last + timedelta(days=state.terms_on(last).settlement.payment_days)
        becomes = Claim(amount_ore=notice.claim.amount_ore, payable_on=payable_on)
        event = e.DeterminationAccepted(
            determination=one.number, role=command.role, on=command.on, was=notice.claim, becomes=becomes
        )
    return (Decided(command.on, event),)


def _pay(command: Pay, state: ContractState, context: Context) -> tuple[Decided, ...]:
    terms = state.terms_on(command.on)
    require(terms, "pays", context.by, also=terms.governance.records if command.made else ())
    require_dated(command.on, state, context)
    instruction = _instruction(state, command)
    limit = state.payment_limit(command.kind, command.on)
    amount = command.amount
    if amount is None:
        amount = instruction.amount if instruction is not None else limit
        if not amount:
            raise Refused(_nothing_due(command, state), where=terms.clause(_key(command.kind)))
    if amount <= 0:
        raise Refused("an amount to pay must be above zero")
    number = len(state.payments) + 1
    if not command.made:
        if amount > limit:
            raise Refused(_above(command, amount, limit, state), where=terms.clause(_key(command.kind)))
        instructed = e.PaymentInstructed(
            number=number, kind=command.kind, amount_ore=amount, on=command.on, invoice=command.invoice
        )
        return (Decided(command.on, instructed),)
    settles = None
    if instruction is not None:
        until = max(command.on, instruction.on)
        settles = e.Settled(number=instruction.number, amount_ore=instruction.amount, on=until)
    made = e.PaymentMade(
        number=number,
        kind=command.kind,
        amount_ore=amount,
        on=command.on,
        invoice=command.invoice,
        bank_reference=command.bank_reference or "",
        settles=settles,
    )
    return (Decided(command.on, made),)


def _instruction(state: ContractState, command: Pay) -> MoneyEntry | None:
    """The open instruction that a payment made carries out: the one with its invoice, of several the one with its amount."""
    if not command.made:
        return None
    entry = f"instructed {command.kind}"
    matching = [one for one in state.payments if one.open and one.entry == entry and one.invoice == command.invoice]
    exact = [one for one in matching if one.amount == command.amount]
    if exact or len(matching) == 1:
        return (exact or matching)[0]
    return None  # none, or several of which none has the amount: then they stay open


def _key(kind: PaymentKind) -> str:
    return {"upfront": "upfront.instalments", "outcome": "settlement.payment_days", "recovery": "settlement.overpaid"}[kind]


def _nothing_due(command: Pay, state: ContractState) -> str:
    payable = state.balance(command.on)
    if command.kind == "outcome" and payable > 0:
        entitled = shown(state.entitled)
        return (
            f"{shown(payable)} is payable on {command.on}, but paid and instructed may not exceed the entitlement of {entitled}"
        )
    return f"nothing is due on {command.on}"


def _above(command: Pay, amount: int, limit: int, state: ContractState) -> str:
    if command.kind == "recovery":
        return f"{shown(amount)} is above what is overpaid on {command.on}: {shown(limit)}"
    said = f"{shown(amount)} is above what is due on {command.on}: {shown(limit)}"
    if command.kind == "outcome":
        on = command.on
        parts = [("payable", state.payable(on)), ("paid", state.sum_of("outcome", on))]
        parts += [("instructed", state.sum_of("instructed outcome", on)), ("recovered", state.sum_of("recovery", on))]
        listed = ", ".join(f"{name} {shown(part)}" for name, part in parts)
        return f"{said} ({listed}; entitled {shown(state.entitled)}, which paid and instructed may not exceed)"
    return said


def _draw(command: DrawLoan, state: ContractState, context: Context) -> tuple[Decided, ...]:
    terms = state.terms_on(command.on)
    require(terms, "pays", context.by, also=("internal_provider", "investor"))
    require_dated(command.on, state, context)
    number = len(state.loans) + 1
    _loan_limits(state, [MoneyEntry(f"L{number}", number, 0, "draw", command.amount, command.on)])
    event = e.LoanDrawn(number=number, amount_ore=command.amount, on=command.on, purpose=command.purpose)
    return (Decided(command.on, event),)


def _repay(command: RepayLoan, state: ContractState, context: Context) -> tuple[Decided, ...]:
    terms = state.terms_on(command.on)
    require(terms, "pays", context.by, also=("internal_provider", "investor"))
    require_dated(command.on, state, context)
    number = len(state.loans) + 1
    _loan_limits(state, [MoneyEntry(f"L{number}", number, 0, "repayment", command.amount, command.on)])
    event = e.LoanRepaid(number=number, amount_ore=command.amount, on=command.on)
    return (Decided(command.on, event),)


def _loan_limits(state: ContractState, entries: list[MoneyEntry], instead_of: MoneyEntry | None = None) -> None:
    """Refuse to draw more than the limit in all, or to repay on any day more than is outstanding then (rule 14)."""
    if any(one.amount <= 0 for one in entries):
        raise Refused("an amount must be above zero")
    standing = [one for one in state.loans if one.open and (instead_of is None or one.number != instead_of.number)] + entries
    drawn = sum(one.amount for one in standing if one.entry == "draw")
    limit = state.versions[-1][1].loan_limit
    where = state.signed.clause("investment.total")
    if drawn > limit:
        raise Refused(f"{shown(drawn)} drawn in all is above the loan's limit of {shown(limit)}", where=where)
    outstanding = 0
    for one in sorted(standing, key=lambda one: (one.on, one.entry)):
        if one.entry == "repayment" and not outstanding:
            raise Refused(f"nothing is outstanding on {one.on}, so nothing can be repaid then", where=where)
        outstanding += one.amount if one.entry == "draw" else -one.amount
        if outstanding < 0:
            raise Refused(
                f"{shown(one.amount)} on {one.on} repays {shown(-outstanding)} more than is outstanding then", where=where
            )


def _correct(command: CorrectEntry, state: ContractState, context: Context) -> tuple[Decided, ...]:
    for one in state.determinations:
        if one.notice is not None and command.position in (one.notice.position, *one.notice.acceptances):
            require_open(state)
            correct = _correct_notice if one.notice.position == command.position else _withdraw_acceptance
            return correct(command, one, one.notice, state, context)
    found = next((one for one in (*state.payments, *state.loans) if one.position == command.position), None)
    if found is None:
        raise Refused(
            f"record {command.position} is not a payment, a loan movement, a notice or an acceptance that stands",
            do="correct reports by sending them anew, determinations by soc determine --redo",
        )
    terms = state.terms_on(found.on)
    require(terms, "pays", context.by, also=() if found.entry.startswith("instructed") else terms.governance.records)
    if not found.open:
        raise Refused(f"{found.name} no longer stands: it was reversed, or carried out by a later payment")
    becomes = None
    if command.amount is not None or command.on is not None:
        becomes = e.Entry(amount_ore=found.amount if command.amount is None else command.amount, on=command.on or found.on)
        if becomes == e.Entry(amount_ore=found.amount, on=found.on):
            raise Refused(f"{found.name} already says {shown(found.amount)} on {found.on}")
        _check_replacement(found, becomes, state, context)
    elif found.entry == "draw":
        _loan_limits(state, [], instead_of=found)
    lifts = _lifted_anew(found, becomes, state)
    event = e.EntryCorrected(
        corrects=found.position,
        lifted=None if lifts is None else found.settles,
        lifts=lifts,
        entry=found.entry,  # type: ignore[arg-type]
        number=found.number,
        was=e.Entry(amount_ore=found.amount, on=found.on),
        becomes=becomes,
        reason=command.reason,
    )
    return (Decided(becomes.on if becomes else found.on, event),)


def _lifted_anew(found: MoneyEntry, becomes: e.Entry | None, state: ContractState) -> e.Settled | None:
    """From when the instruction that a payment carried out no longer stands, where the payment's new date moves that."""
    settles = found.settles
    if settles is None or becomes is None:
        return None
    instruction = next(one for one in state.payments if one.number == settles.number)
    until = max(becomes.on, instruction.on)
    return None if until == settles.on else e.Settled(number=settles.number, amount_ore=settles.amount_ore, on=until)


def _check_replacement(found: MoneyEntry, becomes: e.Entry, state: ContractState, context: Context) -> None:
    require_dated(becomes.on, state, context)
    if becomes.amount_ore <= 0:
        raise Refused("an amount must be above zero", do="leave --amount out to reverse the entry")
    if found.entry in ("draw", "repayment"):
        _loan_limits(state, [replace(found, amount=becomes.amount_ore, on=becomes.on)], instead_of=found)
    if found.entry.startswith("instructed "):
        kind: Any = found.entry.removeprefix("instructed ")
        limit = without_payment(state, found.number).payment_limit(kind, becomes.on)
        if becomes.amount_ore > limit:
            pay = Pay(kind, becomes.amount_ore, becomes.on, found.invoice)
            raise Refused(_above(pay, becomes.amount_ore, limit, state), where=state.signed.clause(_key(kind)))


def _correct_notice(
    command: CorrectEntry, one: Determination, notice: Notice, state: ContractState, context: Context
) -> tuple[Decided, ...]:
    terms = state.terms_on(command.on or notice.on)
    require(terms, "determines", context.by)
    if notice.deemed_on <= context.today:
        raise Refused(
            f"D{one.number} counts as accepted since {notice.deemed_on}; its notice can no longer be corrected",
            where=terms.clause("settlement.objection_days"),
        )
    if command.amount is not None:
        raise Refused("a notice's amount follows from its determination", do="redo the determination instead")
    if notice.accepted:
        raise Refused(f"D{one.number} was accepted by {', '.join(notice.accepted)}; its notice can no longer be corrected")
    becomes = None
    if command.on is None and one.superseded_by is not None:
        raise Refused(
            f"D{one.number} was superseded by D{one.superseded_by}, which claims the difference only; its own notice must stand",
            do="correct its date instead, or determine the months again",
        )
    if command.on is not None:
        require_dated(command.on, state, context)
        if command.on < one.determined_on or command.on == notice.on:
            raise Refused(f"D{one.number} was determined on {one.determined_on} and notified on {notice.on}")
        claim = notice_event(terms, one.number, one.claim_ore, command.on).claim
        becomes = e.Entry(amount_ore=claim.amount_ore, on=claim.payable_on)
    event = e.EntryCorrected(
        corrects=notice.position,
        entry="notice",
        number=one.number,
        was=e.Entry(amount_ore=notice.claim.amount_ore, on=notice.claim.payable_on),
        becomes=becomes,
        reason=command.reason,
    )
    return (Decided(command.on or notice.on, event),)


def _withdraw_acceptance(
    command: CorrectEntry, one: Determination, notice: Notice, state: ContractState, context: Context
) -> tuple[Decided, ...]:
    """An acceptance recorded in error no longer stands; unless accepted anew, silence decides as if it had not been given."""
    terms, role = state.terms_on(notice.on), notice.acceptances[command.position]
    require(terms, "records", context.by, also=(role, terms.governance.determines))
    if command.amount is not None or command.on is not None:
        raise Refused("an acceptance can only be withdrawn", do="withdraw it, then record it with its right date: soc accept")
    claim = notice.claim
    event = e.EntryCorrected(
        corrects=command.position,
        entry="acceptance",
        number=one.number,
        was=e.Entry(amount_ore=claim.amount_ore, on=claim.payable_on),
        becomes=e.Entry(amount_ore=claim.amount_ore, on=notice.by_silence.payable_on),
        role=role,
        reason=command.reason,
    )
    return (Decided(notice.accepted[role], event),)
