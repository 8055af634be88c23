"""The bookable postings as vouchers for the payer's accounting (rules.md, "Two dates and two kinds of posting").

The accounts of postings are those of the payer's books: what the intervention costs, what is owed to the provider, the bank, and
the internal loan between its departments. Memorandum postings never become a voucher: avoided cost is not money.

A voucher holds the postings of one record that are effective on one date. It is booked on the day of recording, the period of
discovery: what a correction or a redone determination changes is booked then and not in the months that it is about, which its
text names. Its identity is the record's number, so that no export holds what another held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, assert_never

from ledger import events as e
from ledger.errors import VerificationFailed
from ledger.events import ContractEvent
from ledger.facts import Facts, contract_stream
from ledger.money import kronor
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections import postings as accounts
from projections.postings import Posting, postings

BOOKABLE = frozenset(
    [
        *(accounts.OUTCOME_COST, accounts.ENTITLED, accounts.CLAIMED, accounts.PAYABLE, accounts.PAID, accounts.RECOVERED),
        *(accounts.UPFRONT, accounts.BANK, accounts.LOAN_FUNDS, accounts.DRAWN, accounts.REPAID),
    ]
)
"""The accounts that accounting is told of."""

MEMORANDUM = frozenset(
    [
        *(accounts.SAVINGS, accounts.AVOIDED, accounts.INSTRUCTIONS),
        *(f"{accounts.INSTRUCTED}:{kind}" for kind in ("upfront", "outcome", "recovery")),
    ]
)
"""The accounts that never leave for accounting."""


@dataclass(frozen=True)
class Row:
    """One row of a voucher: an account of the ledger, and öre, debit positive."""

    account: str
    amount: int


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


@dataclass(frozen=True)
class Voucher:
    """Postings of one record on one effective date; its rows sum to zero. ``part`` of ``parts``: which of its record's."""

    record: int
    part: int
    parts: int
    booked_on: date
    effective_on: date
    said: Said
    rows: tuple[Row, ...]

    @property
    def number(self) -> str:
        """Its identity within the contract: ``141``, or ``137-2`` where the record has several."""
        return str(self.record) if self.parts == 1 else f"{self.record}-{self.part}"

    @property
    def text(self) -> str:
        """What it books; of a correction also the months that it is about."""
        if not self.said.late:
            return self.said.text
        return f"{self.said.text}; in the period of discovery, about {months_text(self.said.about)}"


def vouchers(facts: Facts, contract_id: str) -> list[Voucher]:
    """All vouchers of a contract, in order of record and effective date, and so of the day of booking.

    Raises Usage for an unknown contract, VerificationFailed where a voucher would not sum to zero or hold what is not for the
    books.
    """
    facts.contract(contract_id)
    known = _Known()
    found: list[Voucher] = []
    for record in facts.stream(contract_stream(contract_id)):
        known.learn(record)
        found += _of(record, known)
    return found


def booked_in(every: Iterable[Voucher], period: Period, after: int = 0) -> list[Voucher]:
    """Those booked in the period by records later than ``after``."""
    return [one for one in every if period.first_day <= one.booked_on <= period.last_day and one.record > after]


def balances(every: Iterable[Voucher]) -> dict[str, int]:
    """Öre by account of the ledger, debit positive."""
    sums: dict[str, int] = {}
    for row in (row for one in every for row in one.rows):
        sums[row.account] = sums.get(row.account, 0) + row.amount
    return sums


def months_text(months: Iterable[Month]) -> str:
    """Months with their runs drawn together: ``2019-02``, ``2018Q4, 2019-05..2019-06``."""
    runs: list[Period] = []
    for month in sorted(set(months)):
        if runs and runs[-1].last + 1 == month:
            runs[-1] = Period(runs[-1].first, month)
        else:
            runs.append(Period(month, month))
    return ", ".join(map(str, runs))


def _of(record: Recorded[Any], known: _Known) -> list[Voucher]:
    """The record's vouchers; none on a date on which no account moves."""
    booked = [one for one in postings(record) if one.kind == "bookable" and one.amount]
    by_date = [list(some) for _, some in groupby(sorted(booked, key=attrgetter("effective_on")), attrgetter("effective_on"))]
    moving = [some for some in by_date if _moves(some)]
    return [
        Voucher(
            record=record.position,
            part=part,
            parts=len(moving),
            booked_on=some[0].booked_on,
            effective_on=some[0].effective_on,
            said=_said(record.data, known, some[0].effective_on),
            rows=tuple(Row(one.account, one.amount) for one in some),
        )
        for part, some in enumerate(moving, 1)
    ]


def _moves(some: Sequence[Posting]) -> bool:
    """Whether any account moves. Raises VerificationFailed for what must not reach accounting."""
    strange = {one.account for one in some} - BOOKABLE
    if strange or sum(one.amount for one in some):
        what = f"holds {', '.join(sorted(strange))}" if strange else "does not sum to zero"
        raise VerificationFailed(f"the voucher of record {some[0].position} {what}", do="run soc check")
    return any(sum(one.amount for one in some if one.account == account) for account in {one.account for one in some})


@dataclass
class _Known:
    """What earlier records say that a voucher's text needs."""

    determinations: dict[int, e.SavingsDetermined] = field(default_factory=dict)
    payments: dict[int, e.PaymentMade] = field(default_factory=dict)
    notified: set[int] = field(default_factory=set)

    def learn(self, record: Recorded[Any]) -> None:
        """Take in the next record."""
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


def _said(event: ContractEvent, known: _Known, effective_on: date) -> Said:
    match event:
        case e.SavingsDetermined():
            return _determined(event, Month.holding(effective_on))
        case e.SavingsNotified(determination=number):
            about = known.claimed(number)
            text = f"N{number} claims the entitlement of D{number}, {months_text(about)}, payable on {event.claim.payable_on}"
            return Said(f"N{number}", text, about, known.redone(number))
        case e.DeterminationAccepted(determination=number):
            text = f"D{number} accepted by {event.role.replace('_', ' ')}, the last to agree"
            if event.was is not None and event.becomes is not None:
                text += f": payable on {event.becomes.payable_on} instead of {event.was.payable_on}"
            return Said(f"D{number}", text, known.claimed(number), known.redone(number))
        case e.PaymentMade():
            return _paid(event)
        case e.LoanDrawn():
            return Said(f"L{event.number}", f"L{event.number} loan drawn for the {event.purpose} cost")
        case e.LoanRepaid():
            return Said(f"L{event.number}", f"L{event.number} loan repaid")
        case e.EntryCorrected():
            return _corrected(event, known)
        case e.DisputeResolved():
            return _resolved(event, known)
        case e.ContractSigned() | e.ContractAmended() | e.ContractClosed() | e.FollowUpSuspended() | e.FollowUpResumed():
            raise VerificationFailed(f"{event.TYPE} has bookable postings", do="run soc check")
        case e.MethodologyProposed() | e.MethodologyRejected() | e.MethodologyAdopted() | e.PaymentInstructed():
            raise VerificationFailed(f"{event.TYPE} has bookable postings", do="run soc check")
        case e.DisputeRaised() | e.DisputeAnswered() | e.DisputeWithdrawn() | e.AuditFindingsRecorded() | e.EvaluationSignedOff():
            raise VerificationFailed(f"{event.TYPE} has bookable postings", do="run soc check")
        case _:
            assert_never(event)


def _determined(event: e.SavingsDetermined, month: Month) -> Said:
    name = f"D{event.number}"
    if not event.supersedes:
        return Said(name, f"{name} determined: entitlement of {month}", (month,))
    before = ", ".join(f"D{number}" for number in event.supersedes)
    return Said(name, f"{name} determined anew, in place of {before}: difference in entitlement", (month,), late=True)


def _paid(event: e.PaymentMade) -> Said:
    name = f"P{event.number}"
    what = "recovery received" if event.kind == "recovery" else f"{event.kind} payment made"
    text = f"{name} {what}, invoice {event.invoice}, bank reference {event.bank_reference}"
    return Said(name, text, invoice=event.invoice, bank_reference=event.bank_reference)


def _corrected(event: e.EntryCorrected, known: _Known) -> Said:
    letter = {"notice": "N", "acceptance": "D", "draw": "L", "repayment": "L"}.get(event.entry, "P")
    name = f"{letter}{event.number}"
    was = f"{kronor(event.was.amount_ore)} on {event.was.on}"
    now = "is reversed" if event.becomes is None else f"becomes {kronor(event.becomes.amount_ore)} on {event.becomes.on}"
    claim = event.entry in ("notice", "acceptance")
    about = known.claimed(event.number) if claim else (Month.holding(event.was.on),)
    payment = known.payments.get(event.number) if letter == "P" else None
    invoice, bank = (None, None) if payment is None else (payment.invoice, payment.bank_reference)
    rests = "" if payment is None else f", invoice {invoice}, bank reference {bank}"
    text = f"{name} corrected (record {event.corrects}, {event.entry}{rests}): {was} {now}: {event.reason}"
    return Said(name, text, about, late=True, invoice=invoice, bank_reference=bank)


def _resolved(event: e.DisputeResolved, known: _Known) -> Said:
    name, number = f"X{event.dispute}", event.determination
    about = () if number is None else known.claimed(number)
    carried = "" if number is None else f": difference in what D{number} claims"
    return Said(name, f"{name} resolved, {event.outcome}{carried}", about, late=bool(about))
