"""Event → double-entry postings in whole öre, bookable or memorandum; each kind of each event sums to zero (decision 9).

Debits are positive. A posting has two dates: ``effective_on`` for every answer, ``booked_on`` for accounting exports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, assert_never

from ledger import events as e
from ledger.events import ContractEvent
from ledger.periods import day_in_stockholm
from ledger.record import Recorded

Kind = Literal["bookable", "memorandum"]

SAVINGS, AVOIDED = "memorandum:savings", "memorandum:avoided-cost"
INSTRUCTED, INSTRUCTIONS = "memorandum:instructed", "memorandum:instructions"
OUTCOME_COST, ENTITLED = "expenses:outcome", "liabilities:outcome:entitled"
CLAIMED, PAYABLE = "liabilities:outcome:claimed", "liabilities:outcome:payable"
PAID, RECOVERED = "liabilities:outcome:paid", "liabilities:outcome:recovered"
UPFRONT = "expenses:upfront"
BANK = "assets:bank"
LOAN_FUNDS, DRAWN, REPAID = "assets:loan-funds", "liabilities:loan:drawn", "liabilities:loan:repaid"


ACCOUNTS = frozenset(
    [
        *(SAVINGS, AVOIDED, INSTRUCTIONS, OUTCOME_COST, ENTITLED, CLAIMED, PAYABLE, PAID, RECOVERED, UPFRONT, BANK),
        *(LOAN_FUNDS, DRAWN, REPAID),
        *(f"{INSTRUCTED}:{kind}" for kind in ("upfront", "outcome", "recovery")),
    ]
)
"""Every account there is."""


@dataclass(frozen=True)
class Posting:
    """One side of an entry. ``amount`` in öre, debit positive; ``position`` is the record that it comes from."""

    position: int
    recorded_at: datetime
    account: str
    amount: int
    kind: Kind
    effective_on: date
    booked_on: date


def postings(record: Recorded[Any]) -> list[Posting]:
    """The postings of one record of a contract's stream; most records have none."""
    event: ContractEvent = record.data
    match event:
        case e.SavingsDetermined():
            return [
                *_by_month(record, SAVINGS, AVOIDED, event.savings, "memorandum"),
                *_by_month(record, OUTCOME_COST, ENTITLED, event.entitlement, "bookable"),
            ]
        case e.SavingsNotified():
            return _claim(record, event.claim, 1)
        case e.DeterminationAccepted():
            if event.was is None or event.becomes is None:
                return []
            return [*_claim(record, event.was, -1), *_claim(record, event.becomes, 1)]
        case e.PaymentInstructed():
            return _instructed(record, event.kind, event.amount_ore, event.on)
        case e.PaymentMade():
            settled = event.settles
            lifted = [] if settled is None else _instructed(record, event.kind, -settled.amount_ore, settled.on)
            return [*lifted, *_paid(record, event.kind, event.amount_ore, event.on)]
        case e.LoanDrawn():
            return _pair(record, LOAN_FUNDS, DRAWN, event.amount_ore, event.on)
        case e.LoanRepaid():
            return _pair(record, REPAID, LOAN_FUNDS, event.amount_ore, event.on)
        case e.EntryCorrected():
            anew = [] if event.becomes is None else _entry(record, event, event.becomes, 1)
            return [*_entry(record, event, event.was, -1), *anew, *_lifted(record, event)]
        case e.ContractSigned() | e.ContractAmended() | e.ContractClosed() | e.FollowUpSuspended() | e.FollowUpResumed():
            return []
        case e.MethodologyProposed() | e.MethodologyRejected() | e.MethodologyAdopted():
            return []
        case e.DisputeRaised() | e.DisputeAnswered() | e.DisputeWithdrawn():
            return []  # what is held follows from the open positions and the sum, which moves (rule 18)
        case e.DisputeResolved():
            return [] if event.claim is None else _claim(record, event.claim, 1)
        case e.AuditFindingsRecorded() | e.EvaluationSignedOff():
            return []  # audit work moves no money; what it finds is determined, or paid back, by a record of its own
        case _:
            assert_never(event)


def _pair(
    record: Recorded[Any], debit: str, credit: str, amount: int, effective_on: date, kind: Kind = "bookable"
) -> list[Posting]:
    booked_on = day_in_stockholm(record.recorded_at)
    return [
        Posting(record.position, record.recorded_at, account, signed, kind, effective_on, booked_on)
        for account, signed in ((debit, amount), (credit, -amount))
    ]


def _by_month(record: Recorded[Any], debit: str, credit: str, amounts: tuple[e.MonthAmount, ...], kind: Kind) -> list[Posting]:
    pairs = (_pair(record, debit, credit, one.amount_ore, one.month.last_day, kind) for one in amounts)
    return [posting for pair in pairs for posting in pair]


def _claim(record: Recorded[Any], claim: e.Claim, sign: int) -> list[Posting]:
    """A claim falls payable: what was entitled is claimed (rule 16)."""
    return _pair(record, CLAIMED, PAYABLE, sign * claim.amount_ore, claim.payable_on)


def _instructed(record: Recorded[Any], kind: e.PaymentKind, amount: int, on: date) -> list[Posting]:
    return _pair(record, f"{INSTRUCTED}:{kind}", INSTRUCTIONS, amount, on, "memorandum")


def _paid(record: Recorded[Any], kind: e.PaymentKind, amount: int, on: date) -> list[Posting]:
    match kind:
        case "upfront":
            return _pair(record, UPFRONT, BANK, amount, on)
        case "outcome":
            return _pair(record, PAID, BANK, amount, on)
        case "recovery":
            return _pair(record, BANK, RECOVERED, amount, on)
        case never:
            assert_never(never)


def _lifted(record: Recorded[Any], event: e.EntryCorrected) -> list[Posting]:
    """The day moves from which the instruction that a payment carried out no longer stands."""
    if event.lifted is None or event.lifts is None or event.entry not in ("upfront", "outcome", "recovery"):
        return []
    before = _instructed(record, event.entry, event.lifted.amount_ore, event.lifted.on)
    return [*before, *_instructed(record, event.entry, -event.lifts.amount_ore, event.lifts.on)]


def _entry(record: Recorded[Any], event: e.EntryCorrected, entry: e.Entry, sign: int) -> list[Posting]:
    """The postings of a corrected entry, reversed (sign −1) or anew (sign 1)."""
    amount = sign * entry.amount_ore
    match event.entry:
        case "upfront" | "outcome" | "recovery":
            return _paid(record, event.entry, amount, entry.on)
        case "instructed upfront":
            return _instructed(record, "upfront", amount, entry.on)
        case "instructed outcome":
            return _instructed(record, "outcome", amount, entry.on)
        case "instructed recovery":
            return _instructed(record, "recovery", amount, entry.on)
        case "draw":
            return _pair(record, LOAN_FUNDS, DRAWN, amount, entry.on)
        case "repayment":
            return _pair(record, REPAID, LOAN_FUNDS, amount, entry.on)
        case "notice" | "acceptance":
            return _pair(record, CLAIMED, PAYABLE, amount, entry.on)
        case never:
            assert_never(never)
