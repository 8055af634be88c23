"""The bookable postings as vouchers for the payer's accounting (rules.md, "Two dates and two kinds of posting").

The accounts of postings are those of the payer's books: what the intervention costs, what is owed to the provider, the bank, and
the internal loan between its departments. Memorandum postings never become a voucher: avoided cost is not money.

A voucher holds the postings of one record that are effective on one date. It is booked on the day of recording, the period of
discovery: what a correction or a redone determination changes is booked then and not in the months that it is about, which its
text names. Its identity is the record's number, so that no export holds what another held.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, assert_never

from ledger import events as e
from ledger.errors import VerificationFailed
from ledger.events import ContractEvent
from ledger.facts import Facts, contract_stream
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections import postings as accounts
from projections.accounting import texts
from projections.accounting.texts import Known, Said, months_text
from projections.postings import Posting, postings

BOOKABLE = frozenset(
    [
        *(accounts.OUTCOME_COST, accounts.ENTITLED, accounts.CLAIMED, accounts.PAYABLE, accounts.PAID, accounts.RECOVERED),
        *(accounts.UPFRONT, accounts.BANK, accounts.LOAN_FUNDS, accounts.DRAWN, accounts.REPAID),
    ]
)
"""The accounts that accounting is told of."""

LOAN = frozenset([accounts.LOAN_FUNDS, accounts.DRAWN, accounts.REPAID])
"""The accounts of the internal loan: a claim and a debt within one legal person."""

COST = frozenset([accounts.OUTCOME_COST, accounts.UPFRONT])
"""The accounts of cost."""

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

    @property
    def cost(self) -> int:
        """Öre of cost that it books."""
        return sum(row.amount for row in self.rows if row.account in COST)

    @property
    def of_the_loan(self) -> bool:
        """Whether it moves the internal loan, and nothing else."""
        return all(row.account in LOAN for row in self.rows)


def vouchers(facts: Facts, contract_id: str) -> list[Voucher]:
    """All vouchers of a contract, in order of record and effective date, and so of the day of booking.

    Raises Usage for an unknown contract, VerificationFailed where a voucher would not sum to zero or hold what is not for the
    books.
    """
    facts.contract(contract_id)
    known = Known()
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


def _of(record: Recorded[Any], known: Known) -> list[Voucher]:
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


def _said(event: ContractEvent, known: Known, effective_on: date) -> Said:
    match event:
        case e.SavingsDetermined():
            return texts.determined(event, Month.holding(effective_on))
        case e.SavingsNotified():
            return texts.notified(event, known)
        case e.DeterminationAccepted():
            return texts.accepted(event, known, effective_on)
        case e.PaymentMade():
            return texts.paid(event, known)
        case e.LoanDrawn():
            return Said(f"L{event.number}", f"L{event.number} loan drawn for the {event.purpose} cost")
        case e.LoanRepaid():
            return Said(f"L{event.number}", f"L{event.number} loan repaid")
        case e.EntryCorrected():
            return texts.corrected(event, known, effective_on)
        case e.DisputeResolved():
            return texts.resolved(event, known)
        case e.ContractSigned() | e.ContractAmended() | e.ContractClosed() | e.FollowUpSuspended() | e.FollowUpResumed():
            raise VerificationFailed(f"{event.TYPE} has bookable postings", do="run soc check")
        case e.MethodologyProposed() | e.MethodologyRejected() | e.MethodologyAdopted() | e.PaymentInstructed():
            raise VerificationFailed(f"{event.TYPE} has bookable postings", do="run soc check")
        case e.DisputeRaised() | e.DisputeAnswered() | e.DisputeWithdrawn() | e.AuditFindingsRecorded() | e.EvaluationSignedOff():
            raise VerificationFailed(f"{event.TYPE} has bookable postings", do="run soc check")
        case _:
            assert_never(event)
