"""A payment, an instruction or a movement of the loan taken apart: what was open when it was recorded, and what it left
(rules 13, 14, 17)."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger import contract
from ledger.contract import ContractState, MoneyEntry
from ledger.events import LoanDrawn, LoanRepaid, PaymentInstructed, PaymentKind, PaymentMade
from ledger.record import Recorded
from projections.explanation.balance import Balance
from projections.explanation.entries import said
from projections.explanation.ground import Ground, place, term
from projections.explanation.tree import Node, added, computed, number
from projections.state import Provider


def payment(ground: Ground, one: Recorded[Any], event: PaymentInstructed | PaymentMade) -> Node:
    """What a payment or an instruction paid: what was open just before it, less what is open just after."""
    settles = event.settles if isinstance(event, PaymentMade) else None
    as_of = event.on if settles is None else max(event.on, settles.on)
    before = contract.fold(record for record in ground.records.values() if record.position < one.position)
    after = contract.evolve(before, one)
    key, name = (
        f"P{event.number}",
        {"outcome": "outcome payment", "upfront": "upfront payment", "recovery": "recovery"}[event.kind],
    )
    was = _open(ground, event.kind, Balance(ground, before, provider_of(before, as_of), as_of, one.position - 1))
    parts, how = [was], "what was open just before it"
    if settles is not None:
        parts.append(_carried_out(ground, before, settles.number, key))
        how += ", with the instruction that it carries out"
    parts.append(Node(f"{key}.left", f"Open just after it, on {as_of}", _measure(after, event.kind, as_of), "SEK"))
    given = sum(map(number, parts[:-1])) - number(parts[-1])
    made = "made" if isinstance(event, PaymentMade) else "instructed"
    return computed(
        key,
        f"{key}, {name} {made} on {event.on}",
        event.amount_ore,
        given,
        parts,
        unit="SEK",
        how=f"{how} − what is open just after it",
        clause=_clause(ground, event.kind, as_of),
        rests_on=(ground.rests(one.position, said(one)),),
        notes=tuple(_notes(ground, event)),
    )


def _notes(ground: Ground, event: PaymentInstructed | PaymentMade) -> list[str]:
    found = [f"Invoice {event.invoice}."]
    if isinstance(event, PaymentMade) and event.bank_reference:
        found = [f"Invoice {event.invoice}, bank reference {event.bank_reference}."]
    stands = next(one for one in ground.folded.payments if one.number == event.number)
    return [*found, f"{stands.note[:1].upper()}{stands.note[1:]}."] if stands.note else found


def _clause(ground: Ground, kind: PaymentKind, on: date) -> str:
    keys = {"upfront": "upfront.instalments", "outcome": "settlement.payment_days", "recovery": "settlement.overpaid"}
    return place(ground.folded.terms_on(on), keys[kind])


def _measure(folded: ContractState, kind: PaymentKind, on: date) -> int:
    """What is open of a kind of payment on a date, in öre."""
    match kind:
        case "outcome":
            return folded.balance(on)
        case "upfront":
            return folded.upfront_due(on)
        case "recovery":
            return -folded.balance(on) - folded.sum_of("instructed recovery", on)


def _open(ground: Ground, kind: PaymentKind, at: Balance) -> Node:
    """The same taken apart."""
    value = _measure(at.folded, kind, at.as_of)
    match kind:
        case "outcome":
            return _with_held(at)
        case "upfront":
            return upfront_due(at, value)
        case "recovery":
            parts = (at.open(), at.posted("recovery.instructed", at.folded.sum_of("instructed recovery", at.as_of)))
            given, how = -number(parts[0]) - number(parts[1]), "− what is open − what is asked back already"
            what = f"Overpaid and not asked back, on {at.as_of}"
            return computed("balance.recovery.open", what, value, given, parts, unit="SEK", how=how)


def _with_held(at: Balance) -> Node:
    """What is open of the balance, and how much of it was held."""
    open_ = at.open()
    if not at.disputes.open:
        return open_
    held = at.disputes.held()
    how = "payable − paid − instructed + recovered; of it what is disputed is held and not due"
    key, what = "balance.provider.with-held", f"Open between the parties on {at.as_of}, of it {held.what.lower()}"
    return computed(key, what, open_.value, open_.value, (open_, held), unit="SEK", how=how)


def upfront_due(at: Balance, value: int) -> Node:
    """Instalments of the upfront payment that have fallen due, less paid and instructed (rule 13)."""
    terms = at.folded.terms_on(at.as_of)
    parts = [part for part in terms.upfront.instalments if part.on <= at.as_of]
    instalments = added(
        "balance.upfront.instalments",
        f"Instalments fallen due by {at.as_of}",
        [
            term(terms, "upfront.instalments", f"Instalment of {part.on}", part.amount, "SEK", f"balance.upfront.{part.on}")
            for part in parts
        ],
    )
    paid = at.posted("upfront.paid", at.folded.sum_of("upfront", at.as_of))
    instructed = at.posted("upfront.instructed", at.folded.sum_of("instructed upfront", at.as_of))
    given, how = number(instalments) - number(paid) - number(instructed), "instalments − paid − instructed"
    what = f"Upfront payment due on {at.as_of}"
    return computed("balance.upfront.due", what, value, given, (instalments, paid, instructed), unit="SEK", how=how)


def _carried_out(ground: Ground, before: ContractState, instructed: int, key: str) -> Node:
    """The instruction that a payment carries out."""
    one: MoneyEntry = next(entry for entry in before.payments if entry.number == instructed)
    what = f"{one.name}, the instruction of {one.on} that it carries out"
    rests = (ground.rests(one.position, said(ground.records[one.position])),)
    return Node(f"{key}.carries-out", what, one.amount, "SEK", see=f"{ground.contract}/{one.name}", rests_on=rests)


def provider_of(folded: ContractState, on: date) -> Provider:
    """The provider's balance on a date, of the entries as they stand (rule 17)."""
    entitled = next((step.entitlement for step in reversed(folded.path) if step.month.last_day <= on), 0)
    paid, instructed = folded.sum_of("outcome", on), folded.sum_of("instructed outcome", on)
    held, above, open_ = folded.held(on), folded.disputed(on).above, folded.balance(on)
    figures = (folded.payable(on), instructed, paid, folded.sum_of("recovery", on))
    return Provider(entitled, *figures, held, above, max(0, -open_), max(0, open_ - held))


# The loan


def loan(ground: Ground, one: Recorded[Any], event: LoanDrawn | LoanRepaid) -> Node:
    """A movement of the internal loan: what was outstanding before it and after (rule 14)."""
    before = contract.fold(record for record in ground.records.values() if record.position < one.position)
    after, key, terms = contract.evolve(before, one), f"L{event.number}", before.terms_on(event.on)
    drawn = isinstance(event, LoanDrawn)
    ends = [
        Node(f"{key}.{name}", f"Loan outstanding just {name} it", _outstanding(folded, event.on), "SEK")
        for name, folded in (("before", before), ("after", after))
    ]
    was, now = map(number, ends)
    limit = Node(
        f"{key}.limit", "The most that may be outstanding", terms.loan_limit, "SEK", clause=place(terms, "investment.total")
    )
    purpose = f" for the {event.purpose} cost" if isinstance(event, LoanDrawn) else ""
    return computed(
        key,
        f"{key}, loan {'drawn' if drawn else 'repaid'} on {event.on}{purpose}",
        event.amount_ore,
        now - was if drawn else was - now,
        (*ends, limit),
        unit="SEK",
        how="after − before" if drawn else "before − after",
        rests_on=(ground.rests(one.position, said(one)),),
        notes=tuple(f"{entry.note}." for entry in ground.folded.loans if entry.number == event.number and entry.note),
    )


def _outstanding(folded: ContractState, on: date) -> int:
    """Öre drawn less repaid by a date."""
    signs = {"draw": 1, "repayment": -1}
    return sum(signs[one.entry] * one.amount for one in folded.loans if one.open and one.on <= on)
