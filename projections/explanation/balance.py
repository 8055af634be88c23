"""The balance taken apart: claims payable, less what is paid and instructed, plus what was recovered; and what open disputes hold
back of it (rules 17, 18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.contract import ContractState
from ledger.events import EntryCorrected, PaymentMade
from ledger.record import Recorded
from projections import postings as accounts
from projections.explanation.entries import entry
from projections.explanation.ground import Ground
from projections.explanation.held import Disputes
from projections.explanation.money import claim
from projections.explanation.tree import Node, added, computed, number
from projections.postings import postings
from projections.state import Provider

SUMS = {
    "provider.instructed": ("Instructed, not yet paid", f"{accounts.INSTRUCTED}:outcome", 1),
    "provider.paid": ("Paid", accounts.PAID, 1),
    "provider.recovered": ("Recovered from the provider", accounts.RECOVERED, -1),
    "upfront.paid": ("Upfront payment paid", accounts.UPFRONT, 1),
    "upfront.instructed": ("Upfront payment instructed, not yet paid", f"{accounts.INSTRUCTED}:upfront", 1),
    "recovery.instructed": ("Asked back, not yet paid back", f"{accounts.INSTRUCTED}:recovery", 1),
    "loan.drawn": ("Loan drawn", accounts.DRAWN, -1),
    "loan.repaid": ("Loan repaid", accounts.REPAID, 1),
}
"""The figures that are sums of postings: what they are, on which account, and the sign that makes them count upwards."""


@dataclass(frozen=True)
class Balance:
    """The balance of a contract as of a date, known at a record: ``folded`` is the contract then, ``provider`` its figures.
    ``under`` begins the keys."""

    ground: Ground
    folded: ContractState
    provider: Provider
    as_of: date
    position: int
    under: str = "balance."

    def posted(self, name: str, value: int) -> Node:
        """A figure that is a sum of postings: each record's part of it; of instructions each that is not carried out."""
        what, account, sign = SUMS[name]
        key, open_ = f"{self.under}{name}", account.startswith(accounts.INSTRUCTED)
        sums: dict[int, int] = {}
        for record in self.ground.records.values():
            own = (one for one in postings(record) if one.account == account and one.effective_on <= self.as_of)
            amount = sign * sum(one.amount for one in own)
            if amount and record.position <= self.position:
                about = self._instruction(record) if open_ else record.position
                sums[about] = sums.get(about, 0) + amount
        records = self.ground.records
        parts = [entry(self.ground, records[at], f"{key}.{at}", amount) for at, amount in sums.items() if amount]
        done = len(sums) - len(parts)
        how = f"{done} carried out or cancelled by then, which leave nothing" if open_ and done else ""
        return added(key, f"{what} by {self.as_of}", parts, value, how=how)

    def _instruction(self, record: Recorded[Any]) -> int:
        """The record of the instruction that a record gives, carries out or corrects."""
        event = record.data
        if isinstance(event, PaymentMade) and event.settles is not None:
            number_ = event.settles.number
        elif isinstance(event, EntryCorrected):
            number_ = event.lifted.number if event.lifted is not None else event.number
        else:
            return record.position
        return next(one.position for one in self.ground.folded.payments if one.number == number_)

    def payable(self) -> Node:
        """All claims that have fallen payable."""
        fallen = sorted(
            (one.notice.claim.payable_on, one.number)
            for one in self.folded.determinations
            if one.notice is not None and one.notice.claim.payable_on <= self.as_of
        )
        parts = [claim(self.ground, self.folded, determination) for _, determination in fallen]
        what = f"Payable: claims that have fallen payable by {self.as_of}"
        return added(f"{self.under}provider.payable", what, parts, self.provider.payable)

    def paid(self) -> Node:
        """Outcome payments made."""
        return self.posted("provider.paid", self.provider.paid)

    def recovered(self) -> Node:
        """Outcome payments paid back by the provider."""
        return self.posted("provider.recovered", self.provider.recovered)

    def open(self) -> Node:
        """x of rule 17: what is open between the parties; below zero where too much is paid."""
        provider = self.provider
        value = provider.payable - provider.paid - provider.instructed + provider.recovered
        parts = (self.payable(), self.paid(), self.posted("provider.instructed", provider.instructed), self.recovered())
        payable, paid, instructed, recovered = map(number, parts)
        return computed(
            f"{self.under}provider.open",
            f"Open between the parties on {self.as_of}",
            value,
            payable - paid - instructed + recovered,
            parts,
            unit="SEK",
            how="payable − paid − instructed + recovered",
        )

    def due(self) -> Node:
        """What the payer owes now."""
        open_, held = self.open(), self.disputes.held()
        return computed(
            f"{self.under}provider.due",
            f"Due to the provider on {self.as_of}",
            self.provider.due,
            max(0, number(open_) - number(held)),
            (open_, held),
            unit="SEK",
            how="what is open − what is held, never below zero",
        )

    def overpaid(self) -> Node:
        """What is paid above what is payable."""
        open_ = self.open()
        key, how = f"{self.under}provider.overpaid", "what is open, where it is below zero"
        given = max(0, -number(open_))
        return computed(key, f"Overpaid on {self.as_of}", self.provider.overpaid, given, (open_,), unit="SEK", how=how)

    @property
    def disputes(self) -> Disputes:
        """Those that are open, and what they hold (rule 18)."""
        return Disputes(self.ground, self.folded, self.provider, self.as_of, self.under)
