"""A ledger in memory: records stamped as ``ledger/log.py`` stamps them, byte for byte, and no database."""

from __future__ import annotations

import hmac
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger import contract, decisions, evidence, merkle
from ledger.canonical import fingerprint
from ledger.commands import Context, Decided, OfContract, SignContract
from ledger.contract import ContractState
from ledger.dispatch import AnyCommand, decide, recorders, stream_of
from ledger.errors import Refused, Usage
from ledger.events import Actor, Document, Event, LedgerOpened, TrendPublished
from ledger.evidence import ReportAbsences, ReportReimbursements, ReportWorkforce
from ledger.facts import OPENED, Facts
from ledger.log import CLOCK_TOLERANCE, Propose, Receipt
from ledger.periods import day_in_stockholm
from ledger.record import Recorded


class Memory:
    """A simulated ledger that is written through ``submit`` as a ``ledger.log.Log`` is, and read as a ``ledger.facts.Source``.

    ``bodies``: what would be hashed and stored. ``plain`` and ``columns``: the same decoded, for a reader that shares no code.
    """

    def __init__(self, *, by: Actor, at: datetime, seed: str) -> None:
        self.records: list[Recorded[Any]] = []
        self.bodies: list[bytes] = []
        self.beside: dict[int, bytes] = {}
        self.plain: list[dict[str, Any]] = []
        self.columns: dict[int, dict[str, Any]] = {}
        self._instants: list[datetime] = []
        self._peaks: list[tuple[bytes, ...]] = [()]
        self._streams: dict[str, list[Recorded[Any]]] = {}
        self._beside_of: dict[str, dict[int, bytes]] = {}
        self._states: dict[str, ContractState] = {}
        self._submitted: dict[str, tuple[Recorded[Any], ...]] = {}
        self._seed = seed.encode()
        opened = Decided(day_in_stockholm(at), LedgerOpened(simulated=True, seed=seed))
        self._append((opened,), OPENED, fingerprint(["init"]), (), by, at)

    # Reading, as ledger.facts.Source

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        """The stream's records in order."""
        return self._streams.get(name, [])

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        """What stands beside the stream's records, by position."""
        return self._beside_of.get(stream, {})

    def contracts(self) -> Sequence[str]:
        """The ids of all contracts."""
        return sorted(name.removeprefix("contract/") for name in self._streams if name.startswith("contract/"))

    def named(self, kind: str) -> Sequence[str]:
        """The names of the streams of a kind, without it."""
        return sorted(name.removeprefix(f"{kind}/") for name in self._streams if name.startswith(f"{kind}/"))

    def root(self, position: int) -> bytes:
        """The root of the tree over the records up to that position."""
        return merkle.root(self._peaks[position])

    def recorded_at(self, position: int) -> datetime:
        """When the record at that position was recorded."""
        return self._instants[position - 1]

    def facts(self, position: int | None = None) -> Facts:
        """The record as it stands, or as it stood at an earlier position."""
        position = len(self.records) if position is None else position
        return Facts(self, position, self.recorded_at(position))

    def known_at(self, instant: datetime) -> Facts:
        """The record as known at an instant, inclusive. Raises Usage outside the record."""
        if not self._instants[0] <= instant <= self._instants[-1]:
            raise Usage(f"{instant} is outside the record")
        return Facts(self, bisect_right(self._instants, instant), instant)

    def state(self, contract_id: str) -> ContractState:
        """What the contract's decider remembers."""
        return self._states.get(contract_id, contract.Initial)

    def tamper(self, position: int, stored: bytes | None) -> None:
        """Put something else beside the record at that position, or nothing, as someone with the database could."""
        beside = self._beside_of[self.records[position - 1].stream]
        del beside[position]
        if stored is not None:
            beside[position] = stored

    def without(self, types: tuple[type[Event], ...]) -> Memory:
        """The same record without its events of these types: in their place stand values of a series, none, that nobody is
        measured by, so that every other record keeps its position and its instant."""
        first = self.records[0]
        other = Memory(by=first.recorded_by, at=first.recorded_at, seed=self._seed.decode())
        for record in self.records[1:]:
            if isinstance(record.data, types):
                nothing = TrendPublished(series="nothing", values=())
                at = {"stream": "trend/nothing", "version": len(other.stream("trend/nothing")) + 1, "type": nothing.TYPE}
                record = record.model_copy(update={**at, "data": nothing, "evidence": ()})
            other._keep(record, self.beside.get(record.position))
            other._submitted.setdefault(record.submission, ())
        return other

    # Writing, as ledger.log.Log

    def submit(
        self,
        propose: Propose,
        words: Mapping[str, Any],
        *,
        by: Actor,
        at: datetime,
        evidence: tuple[Document, ...] = (),
    ) -> Receipt:
        """Look, decide, append. The same words twice are a no-op. Raises Refused and InputRefused; then nothing is recorded."""
        facts = self.facts()
        if at < facts.known_at - CLOCK_TOLERANCE:
            raise Refused("the clock is behind the last record")
        submission = fingerprint(dict(words))
        if submission in self._submitted:
            return Receipt(self._submitted[submission], facts, facts, repeated=True)
        command = propose(facts)
        secret = hmac.digest(self._seed, submission.encode(), "sha256")
        decided = self._decide(command, Context(by, day_in_stockholm(at), secret, recorders(command, facts)))
        records = self._append(decided, stream_of(command), submission, evidence, by, at)
        return Receipt(records, facts, self.facts())

    def _decide(self, command: AnyCommand, context: Context) -> tuple[Decided, ...]:
        """As the log does; a contract's state is kept, not folded anew."""
        if isinstance(command, OfContract) and not isinstance(command.command, SignContract):
            return decisions.decide(command.command, self.state(command.contract), context)
        if isinstance(command, (ReportAbsences, ReportWorkforce, ReportReimbursements)):
            return evidence.decide(command, self.state(command.contract), context)
        return decide(command, self.facts(), context)

    def _append(
        self,
        decided: Sequence[Decided],
        stream: str,
        submission: str,
        documents: tuple[Document, ...],
        by: Actor,
        at: datetime,
    ) -> tuple[Recorded[Any], ...]:
        instant = at.astimezone(UTC)
        appended = []
        for one in decided:
            if self._instants and instant <= self._instants[-1]:
                instant = self._instants[-1] + timedelta(microseconds=1)
            record: Recorded[Any] = Recorded(
                position=len(self.records) + 1,
                stream=stream,
                version=len(self.stream(stream)) + 1,
                type=one.event.TYPE,
                recorded_at=instant,
                effective_on=one.effective_on,
                recorded_by=by,
                evidence=documents,
                submission=submission,
                data=one.event,
            )
            self._keep(record, one.beside)
            appended.append(record)
        self._submitted[submission] = tuple(appended)
        return tuple(appended)

    def _keep(self, record: Recorded[Any], beside: bytes | None) -> None:
        body = record.body()
        self._peaks.append(merkle.peaks_after(self._peaks[-1], len(self.records), merkle.leaf_hash(body)))
        self.records.append(record)
        self.bodies.append(body)
        self.plain.append(json.loads(body))
        self._instants.append(record.recorded_at)
        self._streams.setdefault(record.stream, []).append(record)
        if beside is not None:
            self.beside[record.position] = beside
            self.columns[record.position] = json.loads(beside)
            self._beside_of.setdefault(record.stream, {})[record.position] = beside
        if record.stream.startswith("contract/"):
            contract_id = record.stream.removeprefix("contract/")
            self._states[contract_id] = contract.evolve(self.state(contract_id), record)
