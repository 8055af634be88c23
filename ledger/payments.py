"""Payments and the internal loan: what may be instructed, what is always recorded, how an entry is corrected (rules 13, 14, 17).
Pure; a refusal names the clause or the amount."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ledger import events as e
from ledger.authority import require, require_dated
from ledger.commands import Context, CorrectEntry, Decided, DrawLoan, Pay, RepayLoan
from ledger.contract import ContractState, MoneyEntry, without_payment
from ledger.errors import Refused
from ledger.events import PaymentKind
from ledger.money import shown


def pay(command: Pay, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """An instruction within what is due, or a payment that was made, which is always recorded."""
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
    payable, held = state.balance(command.on), state.held(command.on)
    if command.kind == "outcome" and held and payable <= held:
        return f"nothing is due on {command.on}: {shown(held)} is held in {_held_in(state, command)}"
    if command.kind == "outcome" and payable > 0:
        entitled = shown(state.entitled)
        return (
            f"{shown(payable)} is payable on {command.on}, but paid and instructed may not exceed the entitlement of {entitled}"
        )
    return f"nothing is due on {command.on}"


def _held_in(state: ContractState, command: Pay) -> str:
    return ", ".join(one.name for one in state.disputes if one.open_on(command.on))


def _above(command: Pay, amount: int, limit: int, state: ContractState) -> str:
    if command.kind == "recovery":
        return f"{shown(amount)} is above what is overpaid on {command.on}: {shown(limit)}"
    said = f"{shown(amount)} is above what is due on {command.on}: {shown(limit)}"
    if command.kind == "outcome":
        on = command.on
        parts = [("payable", state.payable(on)), ("paid", state.sum_of("outcome", on))]
        parts += [("instructed", state.sum_of("instructed outcome", on)), ("recovered", state.sum_of("recovery", on))]
        parts += [(f"held in {_held_in(state, command)}", held)] if (held := state.held(on)) else []
        listed = ", ".join(f"{name} {shown(part)}" for name, part in parts)
        return f"{said} ({listed}; entitled {shown(state.entitled)}, which paid and instructed may not exceed)"
    return said


def draw(command: DrawLoan, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A draw within the loan's limit."""
    terms = state.terms_on(command.on)
    require(terms, "pays", context.by, also=("internal_provider", "investor"))
    require_dated(command.on, state, context)
    number = len(state.loans) + 1
    _loan_limits(state, [MoneyEntry(f"L{number}", number, 0, "draw", command.amount, command.on)])
    event = e.LoanDrawn(number=number, amount_ore=command.amount, on=command.on, purpose=command.purpose)
    return (Decided(command.on, event),)


def repay(command: RepayLoan, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A repayment of what is outstanding."""
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


def correct(command: CorrectEntry, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """Reverse or replace an entry; one that is disputed waits for the dispute."""
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
    if found.name.startswith("P") and (disputed := state.open_disputes(payment=found.number)):
        raise Refused(
            f"{found.name} is disputed in {disputed[0].name}; what it becomes, the dispute's resolution says",
            do=f"resolve it: soc dispute resolve {terms.id}/{disputed[0].name}, or withdraw it",
        )
    decided = [one for one in state.disputes if one.raised.payment == found.number and one.status in ("settled", "upheld")]
    if found.name.startswith("P") and decided:
        raise Refused(f"{found.name} stands as the resolution of {decided[0].name} says; nothing corrects it but agreement")
    return (corrected(found, becomes, command.reason, state),)


def corrected(found: MoneyEntry, becomes: e.Entry | None, reason: str, state: ContractState) -> Decided:
    """The event that reverses an entry (``becomes`` None) or replaces it."""
    lifts = _lifted_anew(found, becomes, state)
    event = e.EntryCorrected(
        corrects=found.position,
        lifted=None if lifts is None else found.settles,
        lifts=lifts,
        entry=found.entry,  # type: ignore[arg-type]
        number=found.number,
        was=e.Entry(amount_ore=found.amount, on=found.on),
        becomes=becomes,
        reason=reason,
    )
    return Decided(becomes.on if becomes else found.on, event)


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
