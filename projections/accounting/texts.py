"""What a voucher's record is, in words: from the record itself and from those before it, so that no later one changes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger import contract
from ledger import events as e
from ledger.contract import ContractState
from ledger.money import kronor
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections.accounting.settling import Open, settled_text


@dataclass(frozen=True)
class Said:
    """What a voucher's record is, in words. ``name``: its determination, notice, payment, loan movement or dispute.

    ``about``: the months that it is about, where it says so; ``late``: it changes what was booked in an earlier period.
    """

    name: str
    text: str
    about: tuple[Month, ...] = ()
    late: bool = False
    invoice: str | None = None
    bank_reference: str | None = None


@dataclass
class Known:
    """What the records so far say that a voucher's text needs."""

    state: ContractState = contract.Initial
    open: Open = field(default_factory=Open)
    determinations: dict[int, e.SavingsDetermined] = field(default_factory=dict)
    payments: dict[int, e.PaymentMade] = field(default_factory=dict)
    notified: set[int] = field(default_factory=set)

    def learn(self, record: Recorded[Any]) -> None:
        """Take in the next record."""
        self.state = contract.evolve(self.state, record)
        self.open.learn(record)
        if isinstance(record.data, e.SavingsDetermined):
            self.determinations[record.data.number] = record.data
        elif isinstance(record.data, e.PaymentMade):
            self.payments[record.data.number] = record.data
        elif isinstance(record.data, e.SavingsNotified):
            self.notified.add(record.data.determination)

    def redone(self, number: int) -> bool:
        """Whether the determination took the place of others."""
        return bool(self.determinations[number].supersedes)

    def claimed(self, number: int) -> tuple[Month, ...]:
        """The months whose entitlement a determination's claim is about; those of superseded ones never notified with them."""
        one = self.determinations[number]
        own = {each.month for each in one.entitlement if each.amount_ore}
        before = (self.claimed(other) for other in one.supersedes if other not in self.notified)
        return tuple(sorted(own.union(*before))) or tuple(each.month for each in one.months)

    def provider(self, on: date) -> str:
        """The name of the party that is paid, by the terms in force on a day."""
        return self.state.terms_on(on).parties.get("external_provider", "the external provider")


def months_text(months: Iterable[Month]) -> str:
    """Months with their runs drawn together: ``2019-02``, ``2018Q4, 2019-05..2019-06``."""
    runs: list[Period] = []
    for month in sorted(set(months)):
        if runs and runs[-1].last + 1 == month:
            runs[-1] = Period(runs[-1].first, month)
        else:
            runs.append(Period(month, month))
    return ", ".join(map(str, runs))


def determined(event: e.SavingsDetermined, month: Month) -> Said:
    """One month of a determination."""
    name = f"D{event.number}"
    if not event.supersedes:
        return Said(name, f"{name} determined: entitlement of {month}", (month,))
    before = ", ".join(f"D{number}" for number in event.supersedes)
    return Said(name, f"{name} determined anew, in place of {before}: difference in entitlement", (month,), late=True)


def notified(event: e.SavingsNotified, known: Known) -> Said:
    """A claim."""
    number, about = event.determination, known.claimed(event.determination)
    text = f"N{number} claims the entitlement of D{number}, {months_text(about)}, payable on {event.claim.payable_on}"
    return Said(f"N{number}", text, about, known.redone(number))


def accepted(event: e.DeterminationAccepted, known: Known, effective_on: date) -> Said:
    """The last acceptance: the claim is taken back from the day on which it would have fallen due, and put on another."""
    number, was, becomes = event.determination, event.was, event.becomes
    text = f"D{number} accepted by {event.role.replace('_', ' ')}, the last to agree"
    if was is not None and becomes is not None:
        back = effective_on == was.payable_on and was.payable_on != becomes.payable_on
        moved = f"payable on {becomes.payable_on} instead of {was.payable_on}"
        text += f": earlier due day {was.payable_on} taken back" if back else f": {moved}"
    return Said(f"D{number}", text, known.claimed(number), known.redone(number))


def paid(event: e.PaymentMade, known: Known) -> Said:
    """A payment: to whom or from whom, what it settles where that can be said, invoice and bank reference."""
    name, party = f"P{event.number}", known.provider(event.on)
    what = f"recovery received from {party}" if event.kind == "recovery" else f"{event.kind} payment to {party}"
    settles = settled_text(known.open.settled.get(event.number, ()))
    rests = f"invoice {event.invoice}, bank reference {event.bank_reference}"
    text = ", ".join(part for part in (f"{name} {what}", settles, rests) if part)
    return Said(name, text, invoice=event.invoice, bank_reference=event.bank_reference)


def corrected(event: e.EntryCorrected, known: Known, effective_on: date) -> Said:
    """A correction: what it takes back, what takes its place, or both where they are of one day."""
    letter = {"notice": "N", "acceptance": "D", "draw": "L", "repayment": "L"}.get(event.entry, "P")
    name = f"{letter}{event.number}"
    claim = event.entry in ("notice", "acceptance")
    about = known.claimed(event.number) if claim else (Month.holding(event.was.on),)
    payment = known.payments.get(event.number) if letter == "P" else None
    invoice, bank = (None, None) if payment is None else (payment.invoice, payment.bank_reference)
    rests = "" if payment is None else f", invoice {invoice}, bank reference {bank}"
    text = f"{name} corrected (record {event.corrects}, {event.entry}{rests}): {_changed(event, effective_on)}: {event.reason}"
    return Said(name, text, about, late=True, invoice=invoice, bank_reference=bank)


def _changed(event: e.EntryCorrected, effective_on: date) -> str:
    before = f"{kronor(event.was.amount_ore)} on {event.was.on}"
    if event.becomes is None:
        return f"{before} is reversed"
    after = f"{kronor(event.becomes.amount_ore)} on {event.becomes.on}"
    if event.was.on == event.becomes.on:
        return f"{before} becomes {after}"
    return f"{before} taken back" if effective_on == event.was.on else f"{after} in place of {before}"


def resolved(event: e.DisputeResolved, known: Known) -> Said:
    """A dispute's end, with the difference in what is claimed."""
    name, number = f"X{event.dispute}", event.determination
    about = () if number is None else known.claimed(number)
    carried = "" if number is None else f": difference in what D{number} claims"
    payable = "" if event.claim is None else f", payable on {event.claim.payable_on}"
    return Said(name, f"{name} resolved, {event.outcome}{carried}{payable}", about, late=bool(about))
