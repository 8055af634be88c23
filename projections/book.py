"""What a contract's state is computed from: the records that shape the contract, and sums over its postings.

``Folded`` takes both from the facts; ``read_model.Book`` from tables that were written with the records. They agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from ledger import events as e
from ledger.contract import ContractState
from ledger.facts import Facts, contract_stream
from ledger.record import Recorded
from projections.as_of import AsOf, visible
from projections.postings import Posting, postings
from projections.unsettled import unsettled

Sums = dict[str, int]
"""Öre by account, debit positive."""


class Book(Protocol):
    """What is known at one position of the record."""

    def contracts(self) -> Sequence[str]:
        """The ids of the contracts signed."""
        ...

    def shaping(self, contract_id: str) -> Sequence[Recorded[Any]]:
        """The contract's records in order, without its money entries."""
        ...

    def sums(self, contract_id: str, as_of: date) -> Sums:
        """The sum of each account's postings that are effective by ``as_of``."""
        ...

    def postings(self, contract_id: str) -> dict[int, list[Posting]]:
        """All postings, by the position of the record that they come from."""
        ...

    def unsettled(self, contract_id: str, folded: ContractState, as_of: date) -> list[int]:
        """The positions of the records about determined months that their determination did not see (rule 15)."""
        ...


def is_entry(event: Any) -> bool:
    """Whether an event only moves money: payments, instructions, the loan, and corrections of these."""
    if isinstance(event, e.EntryCorrected):
        return event.entry not in ("notice", "acceptance")
    return isinstance(event, (e.PaymentInstructed, e.PaymentMade, e.LoanDrawn, e.LoanRepaid))


class Folded:
    """The book as the facts give it, record by record."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def contracts(self) -> Sequence[str]:
        """The ids of the contracts signed."""
        return self._facts.contracts

    def shaping(self, contract_id: str) -> Sequence[Recorded[Any]]:
        """The contract's records in order, without its money entries."""
        return [record for record in self._facts.stream(contract_stream(contract_id)) if not is_entry(record.data)]

    def sums(self, contract_id: str, as_of: date) -> Sums:
        """The sum of each account's postings that are effective by ``as_of``."""
        every = (one for found in self.postings(contract_id).values() for one in found)
        sums: Sums = {}
        for one in visible(every, AsOf(as_of, self._facts.known_at)):
            sums[one.account] = sums.get(one.account, 0) + one.amount
        return sums

    def postings(self, contract_id: str) -> dict[int, list[Posting]]:
        """All postings, by the position of the record that they come from."""
        return {record.position: postings(record) for record in self._facts.stream(contract_stream(contract_id))}

    def unsettled(self, contract_id: str, folded: ContractState, as_of: date) -> list[int]:
        """The positions of the records about determined months that their determination did not see (rule 15)."""
        return [record.position for record in unsettled(self._facts, folded, contract_id, as_of)]
