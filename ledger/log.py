"""The log, open: facts to read, and the only door to write through: ``submit`` locks, looks, decides and appends in one
transaction (decisions 1 to 4)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from ledger import merkle
from ledger.canonical import fingerprint
from ledger.commands import Context, Decided
from ledger.errors import Refused, Usage, VerificationFailed
from ledger.events import Actor, Document, LedgerOpened
from ledger.facts import OPENED, Facts
from ledger.periods import day_in_stockholm, instant_text, stockholm_text
from ledger.record import Recorded, Stamped, decode
from ledger.recorder import Head, Recorder, Row

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ledger.application import LedgerApplication
    from ledger.dispatch import AnyCommand

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A clock further behind the last record than this is refused."""


@dataclass(frozen=True)
class Receipt:
    """What a submission did. ``repeated``: it was recorded before and nothing has replaced it, so nothing was recorded now."""

    records: tuple[Recorded[Any], ...]
    before: Facts
    facts: Facts
    repeated: bool = False
    dry_run: bool = False


Propose = Callable[[Facts], "AnyCommand"]
Replaced = Callable[[Facts, Sequence[Recorded[Any]]], bool]


class Follower(Protocol):
    """What follows the log in the same database: a read model."""

    def create(self, connection: sa.Connection) -> None:
        """Make its tables, empty."""
        ...

    def write(self, connection: sa.Connection, appended: Sequence[Recorded[Any]]) -> None:
        """Add what these records make, in the transaction that appends them."""
        ...


class Log:
    """A ledger that is open: read it as facts, write it by submitting. ``follower`` is written in the same transaction."""

    def __init__(self, recorder: Recorder, entropy: Callable[[], bytes] | None = None, follower: Follower | None = None) -> None:
        self.recorder = recorder
        self._entropy = entropy
        self._follower = follower

    @cached_property
    def _application(self) -> LedgerApplication:
        from ledger.application import LedgerApplication

        return LedgerApplication(self.recorder)

    @classmethod
    def open(
        cls, url: str, *, wait: float = 30, entropy: Callable[[], bytes] | None = None, follower: Follower | None = None
    ) -> Log:
        """The ledger at a URL. Raises Usage where there is none."""
        recorder = Recorder(url, wait=wait)
        if not recorder.exists():
            raise Usage(f"there is no ledger at {recorder.place}", do="open one with: soc init, or name another with --ledger")
        return cls(recorder, entropy, follower)

    @classmethod
    def create(
        cls,
        url: str,
        *,
        by: Actor,
        at: datetime,
        simulated: bool,
        seed: str | None = None,
        follower: Follower | None = None,
    ) -> Log:
        """A new ledger, its first record saying how it was opened. Raises Refused where there is one."""
        recorder = cls.check_free(url)
        if not recorder.exists():  # else an opening was cut short, and is taken up
            recorder.create()
        log = cls(recorder, follower=follower)
        event = LedgerOpened(simulated=simulated, seed=seed)
        with recorder.writing() as connection:
            if follower is not None:
                follower.create(connection)
            log._append(
                connection, log._stamp((Decided(day_in_stockholm(at), event),), OPENED, fingerprint(["init"]), (), by, at)
            )
        return log

    def _append(self, connection: sa.Connection, stamped: Sequence[Stamped]) -> tuple[Recorded[Any], ...]:
        """The records appended, and what follows them written with them."""
        self._application.save(*stamped)
        records = tuple(one.record for one in stamped)
        if self._follower is not None:
            self._follower.write(connection, records)
        return records

    @classmethod
    def check_free(cls, url: str) -> Recorder:
        """The recorder for a new ledger. Raises Refused where there is a ledger."""
        recorder = Recorder(url)
        if recorder.exists() and recorder.head().position:
            raise Refused(f"there is a ledger at {recorder.place} already", do="use it, or choose another place")
        return recorder

    def facts(self, head: Head | None = None) -> Facts:
        """The record as it stands, or as it stood at an earlier head."""
        head = head or self.recorder.head()
        if head.recorded_at is None:
            raise Usage("the ledger holds no record yet")
        return Facts(_Records(self.recorder, head.position), head.position, head.recorded_at)

    def known_at(self, instant: datetime) -> Facts:
        """The record as known at an instant, inclusive. Raises Usage outside the record."""
        head = self.recorder.head()
        opened = self.recorder.head_at(1).recorded_at
        assert head.recorded_at is not None
        if opened is None or instant < opened or instant > head.recorded_at:
            raise Usage(
                f"{stockholm_text(instant)} is outside the record, which runs from {stockholm_text(opened or instant)} to "
                f"{stockholm_text(head.recorded_at)}, Stockholm time",
                do="name an instant within it; without one, all that is on record counts",
            )
        earlier = self.facts(self.recorder.head_at(self.recorder.position_at(instant)))
        return replace(earlier, known_at=instant)

    def submit(
        self,
        propose: Propose,
        words: Mapping[str, Any],
        *,
        by: Actor,
        at: datetime,
        evidence: tuple[Document, ...] = (),
        replaced: Replaced | None = None,
        before_commit: Callable[[], None] | None = None,
        dry_run: bool = False,
    ) -> Receipt:
        """Lock, look, decide, append: one transaction.

        ``words``: everything the command says except its instant; their SHA-256 is the submission id. The same words twice
        are a no-op, unless ``replaced`` says that later records have replaced what they did. ``propose`` computes the command
        from the facts as they stand under the lock. ``before_commit`` is called last, when nothing else stands against the
        records, and not in a dry run; what it raises takes them back.
        Raises Refused, InputRefused, Locked; then nothing is recorded.
        """
        from ledger import dispatch  # every decider: for those who only look, all of it is waiting

        with self.recorder.writing(rollback=dry_run) as connection:
            facts = self.facts()
            self.check_clock(facts, at)
            resolved = {key: word(facts) if callable(word) else word for key, word in words.items()}
            submission, earlier = self._submission(facts, resolved, replaced)
            if earlier:
                return Receipt(tuple(earlier), facts, facts, repeated=True, dry_run=dry_run)
            command = propose(facts)
            context = Context(by, day_in_stockholm(at), self._secret(facts, submission), dispatch.recorders(command, facts))
            decided = dispatch.decide(command, facts, context)
            records = self._append(connection, self._stamp(decided, dispatch.stream_of(command), submission, evidence, by, at))
            after = self.facts()
            if isinstance(after.source, _Records):
                after.source.keep(dispatch.answered_from(command))
            if before_commit is not None and not dry_run:
                before_commit()
            return Receipt(records, facts, after, dry_run=dry_run)

    def _submission(
        self, facts: Facts, words: Mapping[str, Any], replaced: Replaced | None
    ) -> tuple[str, Sequence[Recorded[Any]] | None]:
        """The id to record under, or the records that the same words made before."""
        occurrence = 1
        while True:
            said = dict(words) if occurrence == 1 else {**words, "occurrence": occurrence}
            submission = fingerprint(said)
            positions = self.recorder.submitted(submission)
            if not positions:
                return submission, None
            rows = self.recorder.rows(after=positions[0] - 1, upto=positions[-1])
            records = [decode(row.type, row.body) for row in rows]
            if replaced is None or not replaced(facts, records):
                return submission, records
            occurrence += 1

    def check_clock(self, facts: Facts, at: datetime) -> None:
        """Raise Refused for a clock more than five minutes behind the last record (decision 3)."""
        if at < facts.known_at - CLOCK_TOLERANCE:
            raise Refused(
                f"the clock says {instant_text(at)}, more than five minutes before the last record at "
                f"{instant_text(facts.known_at)}",
                do="set the clock right; records are kept in the order in which they became known",
            )

    def _secret(self, facts: Facts, submission: str) -> bytes:
        if facts.opened.simulated:
            return hmac.digest((facts.opened.seed or "").encode(), submission.encode(), "sha256")
        if self._entropy is None:
            raise RuntimeError("a real ledger was opened for writing without a source of entropy")
        return self._entropy()

    def _stamp(
        self,
        decided: Sequence[Decided],
        stream: str,
        submission: str,
        documents: tuple[Document, ...],
        by: Actor,
        at: datetime,
    ) -> list[Stamped]:
        """Position, version and recorded_at, given under the lock; recorded_at always later than the last."""
        head = self.recorder.head()
        version = self.recorder.last_version(stream)
        instant = at.astimezone(UTC)
        stamped = []
        for part, one in enumerate(decided):
            if head.recorded_at is not None and instant <= head.recorded_at:
                instant = head.recorded_at + timedelta(microseconds=1)
            record: Recorded[Any] = Recorded(
                position=head.position + 1 + part,
                stream=stream,
                version=version + 1 + part,
                type=one.event.TYPE,
                recorded_at=instant,
                effective_on=one.effective_on,
                recorded_by=by,
                evidence=documents,
                submission=submission,
                data=one.event,
            )
            stamped.append(Stamped(record, part, one.beside))
            instant += timedelta(microseconds=1)
        return stamped


def verified(row: Row) -> Recorded[Any]:
    """The record of a row, if it is what was recorded: no figure may rest on anything else. Raises VerificationFailed."""
    if merkle.leaf_hash(row.body) == row.leaf:
        record = decode(row.type, row.body)
        said = (record.position, record.stream, record.version, record.recorded_at, record.submission)
        if said == (row.position, row.stream, row.version, row.recorded_at, row.submission):
            return record
    raise VerificationFailed(f"record {row.position} is not what was recorded", do="see what else differs with: soc check")


class _Records:
    """Records read from the recorder, each stream once."""

    def __init__(self, recorder: Recorder, upto: int) -> None:
        self._recorder, self._upto = recorder, upto
        # Kept in plain dictionaries: caches around its own methods would keep what was read until the garbage is collected.
        self._streams: dict[str, tuple[Recorded[Any], ...]] = {}
        self._stored_lines: dict[str, Mapping[int, bytes]] = {}
        self._roots: dict[int, bytes] = {}

    def keep(self, *streams: str) -> None:
        """Read now what an answer after the transaction will need; a dry run's records are gone by then."""
        for name in streams:
            self.stream(name)
        self.contracts()
        self.root(self._upto)

    def stream(self, name: str) -> tuple[Recorded[Any], ...]:
        """The stream's records in order."""
        if name not in self._streams:
            records = tuple(verified(row) for row in self._recorder.rows([name], upto=self._upto))
            last = self._recorder.last_version(name, upto=self._upto)  # by another index than the rows
            if [record.version for record in records] != list(range(1, last + 1)):
                raise VerificationFailed(f"records of {name} are missing", do="see what else differs with: soc check")
            self._streams[name] = records
        return self._streams[name]

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        """What stands beside the stream's records, by position."""
        if stream not in self._stored_lines:
            rows = self._recorder.rows([stream], upto=self._upto, beside=True)
            self._stored_lines[stream] = {row.position: row.beside for row in rows if row.beside is not None}
        return self._stored_lines[stream]

    def contracts(self) -> tuple[str, ...]:
        """The ids of all contracts."""
        return self._contracts

    @cached_property
    def _contracts(self) -> tuple[str, ...]:
        return tuple(name.removeprefix("contract/") for name in self._recorder.streams("contract/"))

    def named(self, kind: str) -> tuple[str, ...]:
        """The names of the streams of a kind, without it."""
        return tuple(name.removeprefix(f"{kind}/") for name in self._recorder.streams(f"{kind}/"))

    def root(self, position: int) -> bytes:
        """The root of the tree over the records up to that position."""
        if position not in self._roots:
            [row] = self._recorder.rows(after=position - 1, upto=position)
            verified(row)
            if merkle.peaks_after(self._recorder.head_at(position - 1).peaks, position - 1, row.leaf) != row.peaks:
                raise VerificationFailed(
                    f"the fingerprint at record {position} does not follow", do="see what differs with: soc check"
                )
            self._roots[position] = merkle.root(row.peaks)
        return self._roots[position]

    def recorded_at(self, position: int) -> datetime:
        """When the record at that position was recorded."""
        instant = self._recorder.head_at(position).recorded_at
        assert instant is not None
        return instant
