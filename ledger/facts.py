"""The record as known at a moment: a value that can be read and never written. Projections are handed nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ledger import contract
from ledger.contract import ContractState
from ledger.errors import Usage, VerificationFailed
from ledger.events import Basis, LedgerOpened
from ledger.lines import Lines
from ledger.record import Recorded

OPENED = "ledger"
"""The stream that holds how the ledger was opened."""


def contract_stream(contract_id: str) -> str:
    """The contract's own stream: terms, methodologies, determinations, money."""
    return f"contract/{contract_id}"


def absence_stream(contract_id: str) -> str:
    """The contract's absence reports."""
    return f"absences/{contract_id}"


def workforce_stream(contract_id: str) -> str:
    """The contract's headcounts."""
    return f"workforce/{contract_id}"


def reimbursement_stream(contract_id: str) -> str:
    """What the state repaid of the contract's sick-pay cost."""
    return f"reimbursements/{contract_id}"


def tiered_stream(contract_id: str) -> str:
    """The stream of a contract settled by tiers: terms, metrics, determinations, money."""
    return f"tiered/{contract_id}"


def indicator_stream(contract_id: str) -> str:
    """The contract's targets and unpaid outcomes: no figure that anyone is paid by rests on them."""
    return f"indicators/{contract_id}"


def tender_stream(tender_id: str) -> str:
    """A tender's stream: its terms, the bids, the award."""
    return f"tender/{tender_id}"


def programme_stream(programme_id: str) -> str:
    """A programme: the contracts that are looked at as one. No figure that anyone is paid by rests on it."""
    return f"programme/{programme_id}"


def evidence_streams(contract_id: str) -> tuple[str, ...]:
    """What a contract is measured by, the national series aside."""
    return absence_stream(contract_id), workforce_stream(contract_id), reimbursement_stream(contract_id)


def streams_of(contract_id: str) -> tuple[str, ...]:
    """Every stream of a contract measured by sick leave: its own, its evidence, its targets and unpaid outcomes."""
    return contract_stream(contract_id), *evidence_streams(contract_id), indicator_stream(contract_id)


def trend_stream(series: str) -> str:
    """A national series, shared by all contracts."""
    return f"trend/{series}"


class Source(Protocol):
    """Where records are read from."""

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        """The stream's records in order."""
        ...

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        """What stands beside the stream's records, by position: lines as ``Lines.stored`` writes them."""
        ...

    def contracts(self) -> Sequence[str]:
        """The ids of all contracts."""
        ...

    def named(self, kind: str) -> Sequence[str]:
        """The names of the streams of a kind, without it: of ``tiered``, the contracts settled by tiers."""
        ...

    def root(self, position: int) -> bytes:
        """The root of the tree over the records up to that position."""
        ...

    def recorded_at(self, position: int) -> datetime:
        """When the record at that position was recorded."""
        ...


@dataclass(frozen=True)
class Facts:
    """What was on record at ``position``, last recorded at ``known_at``."""

    source: Source
    position: int
    known_at: datetime

    def stream(self, name: str) -> tuple[Recorded[Any], ...]:
        """The stream's records up to here."""
        return tuple(record for record in self.source.stream(name) if record.position <= self.position)

    def stored_lines(self, record: Recorded[Any]) -> bytes:
        """The lines of an absence report, as they are stored. Raises VerificationFailed where they are gone."""
        stored = self.source.stored_lines(record.stream).get(record.position)
        if stored is None:
            raise VerificationFailed(f"record {record.position} has lost its lines", do="see what else differs with: soc check")
        return stored

    def lines(self, record: Recorded[Any]) -> Lines:
        """The lines of an absence report."""
        return Lines.read(self.stored_lines(record))

    def at(self, position: int) -> Facts:
        """The record as it stood at an earlier position."""
        if position >= self.position:
            return self
        return Facts(self.source, position, self.source.recorded_at(position))

    @property
    def basis(self) -> Basis:
        """Position and root: the same basis gives the same answers for ever."""
        return Basis(position=self.position, root=self.source.root(self.position).hex())

    @property
    def opened(self) -> LedgerOpened:
        """How the ledger was opened."""
        opened: LedgerOpened = self.stream(OPENED)[0].data
        return opened

    @property
    def contracts(self) -> tuple[str, ...]:
        """The ids of the contracts signed by now."""
        return tuple(one for one in self.source.contracts() if self.stream(contract_stream(one)))

    def named(self, kind: str) -> tuple[str, ...]:
        """The names of the streams of a kind begun by now, without it, in order."""
        return tuple(one for one in self.source.named(kind) if self.stream(f"{kind}/{one}"))

    def contract(self, contract_id: str) -> ContractState:
        """The contract's state. Raises Usage for a contract that is not on record: silence is an error."""
        records = self.stream(contract_stream(contract_id))
        if not records:
            known = ", ".join(self.contracts) or "none"
            if contract_id in self.named("tiered"):
                raise Usage(
                    f"{contract_id} is settled by tiers; this is answered of contracts measured by sick leave: {known}",
                    do="see what there is with: soc tiered --help",
                )
            raise Usage(f"no contract {contract_id} is on record; contracts on record: {known}")
        return contract.fold(records)


def is_tiered(facts: Facts, contract_id: str) -> bool:
    """Whether a contract is one settled by tiers."""
    return bool(facts.stream(tiered_stream(contract_id)))
