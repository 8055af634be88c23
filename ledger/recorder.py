"""The log's table: eventsourcing's ``ApplicationRecorder`` on SQLAlchemy Core, in SQLite or PostgreSQL.

One table, one writer at a time, and triggers that let the log only grow. The recorder hashes what it is given
and knows nothing of what is in it: the bodies belong to the log.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

import sqlalchemy as sa
from eventsourcing import persistence
from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, Notification, StoredEvent
from eventsourcing.utils import Environment, EnvType

from ledger import database, merkle, schema
from ledger.errors import Refused, Usage, VerificationFailed
from ledger.schema import events

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ZLIB_LEVEL = 1  # 8 ms a megabyte; level 6 takes ten times that
_LARGEST = 2**29  # bytes; what unpacks to more is no report but a trap
_PAGE = 200  # rows fetched at a time

# --- what goes in and comes out -----------------------------------------------------------------------------


@dataclass(frozen=True)
class RecordedEvent(StoredEvent):
    """An event as the log stores it. ``state`` is its canonical body, uncompressed, whose hash is the leaf.

    ``recorded_at`` is the instant the ledger learned it, later than that of every event before.
    ``submission`` and ``part`` say which command it came of, and as which of its events; no pair is recorded
    twice. ``beside`` is kept with the body but not hashed.
    """

    recorded_at: datetime
    submission: str | None = None
    part: int = 0
    beside: bytes | None = None


class Row(NamedTuple):
    """A recorded event as it stands in the table, decompressed. ``peaks`` are the tree's after it.

    ``beside`` is None as well where it was not asked for.
    """

    position: int
    stream: str
    version: int
    type: str
    recorded_at: datetime
    submission: str | None
    part: int
    leaf: bytes
    peaks: tuple[bytes, ...]
    body: bytes
    beside: bytes | None


class Head(NamedTuple):
    """The log up to ``position``, the last event's. Before the first: 0, no time, no peaks."""

    position: int
    recorded_at: datetime | None
    peaks: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root of the tree over all events up to here."""
        return merkle.root(self.peaks)


_START = Head(0, None, ())
_HEADS = sa.select(events.c.position, events.c.recorded_at, events.c.peaks)
_WITH_BESIDE = sa.select(events)
_READER = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WRITER = """
SELECT set_config('lock_timeout', '{}', true), has_table_privilege('events', 'INSERT'), has_table_privilege('events', 'UPDATE')
"""
_WITHOUT_BESIDE = sa.select(*[c for c in events.c if c.name != "beside"], sa.null().label("beside"))


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        raise VerificationFailed(f"a record's instant, {micros} microseconds since 1970, is none") from None


def _split(peaks: bytes) -> tuple[bytes, ...]:
    return tuple(peaks[at : at + 32] for at in range(0, len(peaks), 32))


def _packed(data: bytes | None) -> bytes | None:
    return None if data is None else zlib.compress(data, _ZLIB_LEVEL)


def unpacked(position: int, data: bytes) -> bytes:
    """What is stored, decompressed. Raises VerificationFailed where it does not unpack, or to more than any report holds."""
    unpack = zlib.decompressobj()
    try:
        plain = unpack.decompress(data, _LARGEST)
    except zlib.error:
        plain = b""
    if not unpack.eof or unpack.unused_data:
        raise VerificationFailed(f"record {position} cannot be unpacked: it is not what was recorded")
    return plain


def as_row(stored: sa.Row[Any]) -> Row:
    """The event of a stored row."""
    position, stream, version, kind, micros, submission, part, leaf, peaks, body, beside = stored
    event = (position, stream, version, kind, _instant(micros), submission, part)
    more = None if beside is None else unpacked(position, beside)
    return Row(*event, leaf, _split(peaks), unpacked(position, body), more)


def _timed(stored: StoredEvent, last: datetime | None) -> RecordedEvent:
    """The library's own events know no time: the next there is after ``last``."""
    return RecordedEvent(**vars(stored), recorded_at=_EPOCH if last is None else last + _MICROSECOND)


def _values(head: Head, stored_events: Iterable[StoredEvent]) -> Iterator[dict[str, Any]]:
    """The rows to insert after ``head``."""
    position, last, peaks = head
    for stored in stored_events:
        event = stored if isinstance(stored, RecordedEvent) else _timed(stored, last)
        leaf = merkle.leaf_hash(event.state)
        peaks = merkle.peaks_after(peaks, position, leaf)
        position, last = position + 1, event.recorded_at
        yield {
            "position": position,
            "stream": str(event.originator_id),
            "version": event.originator_version,
            "type": event.topic,
            "recorded_at": _micros(event.recorded_at),
            "submission": event.submission,
            "part": event.part,
            "leaf": leaf,
            "peaks": b"".join(peaks),
            "body": _packed(event.state),
            "beside": _packed(event.beside),
        }


# --- the recorder -------------------------------------------------------------------------------------------


@dataclass
class _Transaction:
    connection: sa.Connection
    rollback: bool
    failed: bool = False


class Recorder(ApplicationRecorder):
    """The log at ``url``: ``sqlite:///path`` or ``postgresql://…``. Opening it creates nothing.

    A writer waits up to ``wait`` seconds for another. Raises Usage where there is no ledger or it cannot be
    reached, Locked after the wait, Refused where the database cannot be written, the library's IntegrityError
    where an event stands against those recorded, and its other errors for what else a database can say.
    """

    def __init__(self, url: str, *, wait: float = 30) -> None:
        self.wait = wait
        self._local = threading.local()
        self._file: Path | None = None
        match database.parsed(url):
            case sa.URL(database=str(path)) as at if at.get_backend_name() == "sqlite" and path != ":memory:":
                if at.query and at.query != {"mode": "ro"}:  # another mode might keep nothing
                    raise Usage(f"after {path} the URL takes no option but mode=ro", do="Leave out ? and the rest.")
                self.place, self._file = path, Path(path)
                self._look = "BEGIN"
                mode = "ro" if at.query else "rw"  # connecting creates no file
                connect = partial(database.connect_sqlite, self._file, mode, wait)
                self._engine = sa.create_engine(at, creator=connect)
            case sa.URL(database=str()) as at if at.get_backend_name() == "postgresql":
                self.place, self._look = database.shown(at), _READER
                self._engine = database.postgresql(at)
            case _:
                raise Usage("that URL names no ledger", do="Give sqlite:///path/to/file or postgresql://…")

    @property
    def on_postgresql(self) -> bool:
        """Whether it is a PostgreSQL database, not a SQLite file."""
        return self._file is None

    def exists(self) -> bool:
        """Whether a ledger is here. Raises Usage where what is here is no database, or cannot be reached."""
        if self._file is not None and not self._file.exists():
            return False
        with self.reading() as connection:
            return sa.inspect(connection).has_table(events.name)

    def create(self) -> None:
        """Make the table and its guards, once. Raises Refused where they are."""
        if self.exists():
            raise Refused(f"there is a ledger at {self.place} already", do="Use it, or choose another place.")
        if self._file is not None and not self._file.parent.is_dir():
            raise Usage(f"the folder {self._file.parent} does not exist", do="Make it, or choose another place.")
        with self._in_plain_words():
            if self._file is not None:
                with closing(sqlite3.connect(self._file, timeout=self.wait)) as file:
                    file.execute("PRAGMA journal_mode=WAL")  # kept in the file, so never asked for again
            with self.maintaining() as connection:
                if self._file is not None and sa.inspect(connection).get_table_names():
                    raise Refused(f"{self.place} holds something else than a ledger", do="Choose a file that is not there yet.")
                schema.create(connection)

    def close(self) -> None:
        """Let go of the connections; the next use opens new ones."""
        self._engine.dispose()

    def damage(self) -> list[str]:
        """What SQLite finds wrong with its file: pages, or indexes that do not say what their tables say."""
        if self._file is None:
            return []
        with self.reading() as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars().all()
        return [one for one in said if one != "ok"]

    # --- transactions ---

    @contextmanager
    def writing(self, rollback: bool = False) -> Iterator[sa.Connection]:
        """The one writer's transaction: all of it is recorded at the end, or nothing.

        Re-entrant in its thread: what is written and read inside joins it. An error rolls all of it back,
        even one that is caught before the end (RuntimeError then). ``rollback`` always does: a dry run.
        """
        with self._in_plain_words():
            if (outer := self._transaction) is not None:
                outer.rollback |= rollback
                try:
                    yield outer.connection
                except Exception:
                    outer.failed = True
                    raise
                return
            with self._engine.connect() as connection:  # closing it rolls back what is not committed
                self._take_lock(connection)
                self._local.transaction = transaction = _Transaction(connection, rollback)
                try:
                    yield connection
                finally:
                    self._local.transaction = None
                if transaction.failed:
                    raise RuntimeError("a part of the transaction failed; all of it is rolled back")
                if not transaction.rollback:
                    # After an error that was caught, PostgreSQL would answer a commit with a silent rollback.
                    connection.exec_driver_sql("SELECT 1")
                    connection.commit()

    def _take_lock(self, connection: sa.Connection) -> None:
        if self._file is not None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        timeout_ms = max(1, round(self.wait * 1000))  # 0 would wait for ever
        _, may_append, may_lock = connection.exec_driver_sql(_WRITER.format(timeout_ms)).one()
        if not may_append:
            raise Refused(
                f"the ledger at {self.place} may not be written: this database user may only read",
                do="Connect as a user who may append; the ledger's owner gives that right with: soc grant ROLE append",
            )
        # The lock takes more than the right to append, so who has no more asks a function of the owner's.
        connection.exec_driver_sql("LOCK TABLE events IN EXCLUSIVE MODE" if may_lock else "SELECT events_lock()")

    @contextmanager
    def maintaining(self) -> Iterator[sa.Connection]:
        """A transaction for the owner's work on tables and rights; the log is not locked."""
        with self._in_plain_words(), self._engine.connect() as connection:
            if self._file is not None:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def view(self) -> Iterator[None]:
        """One unchanging view for all that its thread reads inside: the questions of one answer in one transaction."""
        with self.reading() as connection:
            self._local.view = connection
            try:
                yield
            finally:
                self._local.view = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One unchanging view of the database, for reading only; inside ``writing`` or ``view``, theirs."""
        if self._transaction is not None:
            with self.writing() as connection:
                yield connection
            return
        if (view := getattr(self._local, "view", None)) is not None:
            yield view
            return
        with self._in_plain_words(), self._engine.connect() as connection:
            connection.exec_driver_sql(self._look)
            yield connection

    @property
    def _transaction(self) -> _Transaction | None:
        return getattr(self._local, "transaction", None)

    def _in_plain_words(self) -> AbstractContextManager[None]:
        return database.plain_words(self.place, self.wait)

    # --- reading ---

    def head(self) -> Head:
        """The log as it stands."""
        return self._last(_HEADS.order_by(events.c.position.desc()).limit(1)) or _START

    def head_at(self, position: int) -> Head:
        """The log as it stood after the event at ``position``; 0: before any. Raises Usage past the end."""
        found = self._last(_HEADS.where(events.c.position == position)) if position else _START
        if found is None:
            raise Usage(f"the ledger has {self.head().position} events; there is no position {position}")
        return found

    def _last(self, statement: sa.Select[tuple[int, int, bytes]]) -> Head | None:
        with self.reading() as connection:
            row = connection.execute(statement).first()
        return None if row is None else Head(row.position, _instant(row.recorded_at), _split(row.peaks))

    def position_at(self, instant: datetime) -> int:
        """The position of the last event recorded at ``instant`` (aware) or before; 0 if none was."""
        known = events.c.recorded_at <= _micros(instant)
        statement = sa.select(events.c.position).where(known).order_by(events.c.recorded_at.desc()).limit(1)
        return self._scalar(statement) or 0

    def last_version(self, stream: str, upto: int | None = None) -> int:
        """The version of the last event in ``stream``, of those ``upto`` a position; 0 if there is none."""
        chosen = [events.c.stream == stream, *([] if upto is None else [events.c.position <= upto])]
        version = events.c.version
        return self._scalar(sa.select(version).where(*chosen).order_by(version.desc()).limit(1)) or 0

    def max_notification_id(self) -> int | None:
        """The last position; None if nothing is recorded."""
        return self._scalar(sa.select(sa.func.max(events.c.position)))

    def leaves(self, upto: int) -> list[bytes]:
        """The leaf hashes of the first ``upto`` records, in order. Raises VerificationFailed where one of them is missing."""
        statement = sa.select(events.c.leaf).where(events.c.position <= upto).order_by(events.c.position)
        with self.reading() as connection:
            found = list(connection.scalars(statement))
        if len(found) != upto:
            raise VerificationFailed(f"of the first {upto} records {len(found)} are there", do="See what differs with: soc check")
        return found

    def _scalar(self, statement: sa.Select[Any]) -> int | None:
        with self.reading() as connection:
            found: int | None = connection.scalar(statement)
            return found

    def submitted(self, submission: str) -> tuple[int, ...]:
        """The positions of the events that came of this submission; empty if it was never recorded."""
        statement = sa.select(events.c.position).where(events.c.submission == submission)
        with self.reading() as connection:
            return tuple(connection.scalars(statement.order_by(events.c.position)))

    def streams(self, prefix: str = "", upto: int | None = None) -> list[str]:
        """The names of the streams that begin with ``prefix``, in code point order; those begun ``upto`` a position."""
        stream = events.c.stream
        inside = [stream >= prefix, stream <= prefix + "\U0010ffff"]
        if upto is not None:
            inside += [events.c.version == 1, events.c.position <= upto]
        with self.reading() as connection:
            return list(connection.scalars(sa.select(stream).distinct().where(*inside).order_by(stream)))

    def rows(
        self,
        streams: Sequence[str] | None = None,
        *,
        after: int = 0,
        upto: int | None = None,
        among: sa.Select[tuple[int]] | None = None,
        beside: bool = False,
    ) -> Iterator[Row]:
        """The events of these streams (None: of all) by position: those ``after`` one and ``upto`` another, ``among`` others.

        Reads as it goes and ends with the last event there is when it begins. ``beside`` comes if asked for.
        """
        end = upto if upto is not None else sa.select(sa.func.max(events.c.position)).scalar_subquery()
        chosen = [events.c.position > after, events.c.position <= end]
        if streams is not None:
            chosen.append(events.c.stream.in_(streams))
        if among is not None:
            chosen.append(events.c.position.in_(among))
        statement = _WITH_BESIDE if beside else _WITHOUT_BESIDE
        return self._rows(statement.where(*chosen).order_by(events.c.position))

    def _rows(self, statement: sa.Select[Any]) -> Iterator[Row]:
        options = {"yield_per": _PAGE}
        with self.reading() as connection, connection.execute(statement, execution_options=options) as result:
            yield from map(as_row, result)

    # --- what the library asks of a recorder ---

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Append; the positions given, which are the library's notification ids.

        Raises IntegrityError, and records nothing, where a version or submission is taken, or time goes back.
        """
        if others := [name for name, value in kwargs.items() if value is not None]:
            raise TypeError(f"nothing but events is recorded here: {', '.join(others)}")
        if not stored_events:
            return []
        with self.writing() as connection:
            rows = list(_values(self.head(), stored_events))
            connection.execute(events.insert(), rows)
        return [row["position"] for row in rows]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream, by version."""
        version = events.c.version
        statement = _WITHOUT_BESIDE.where(events.c.stream == str(originator_id)).limit(limit)
        if gt is not None:
            statement = statement.where(version > gt)
        if lte is not None:
            statement = statement.where(version <= lte)
        ordered = statement.order_by(version.desc() if desc else version)
        return [StoredEvent(row.stream, row.version, row.type, row.body) for row in self._rows(ordered)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events of all streams by position, from ``start`` to ``stop``."""
        position = events.c.position
        statement = _WITHOUT_BESIDE.order_by(position).limit(limit)
        if start is not None:
            statement = statement.where(position >= start if inclusive_of_start else position > start)
        if stop is not None:
            statement = statement.where(position <= stop)
        if topics:
            statement = statement.where(events.c.type.in_(topics))
        return [Notification(row.stream, row.version, row.type, row.body, id=row.position) for row in self._rows(statement)]

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> NoReturn:
        """Not offered."""
        raise NotImplementedError("nobody waits for events: what follows the log is written in its transaction")


class Factory(InfrastructureFactory[persistence.TrackingRecorder]):
    """Gives eventsourcing's ``Application`` a recorder: the one handed over, or that of LEDGER_URL."""

    def __init__(self, env: Environment | EnvType | None = None, recorder: Recorder | None = None) -> None:
        super().__init__(env)
        self._recorder = recorder or Recorder(self.env.get("LEDGER_URL") or "")

    def application_recorder(self) -> Recorder:
        """The one there is."""
        return self._recorder

    def aggregate_recorder(self, purpose: str = "events") -> NoReturn:
        """Not offered."""
        raise NotImplementedError(f"no table for {purpose}: state is always computed from the events")

    def tracking_recorder(self, tracking_recorder_class: Any = None) -> NoReturn:
        """Not offered."""
        raise NotImplementedError("nothing to track: what follows the log is written in its transaction")

    def process_recorder(self) -> NoReturn:
        """Not offered."""
        raise NotImplementedError("nothing to track: what follows the log is written in its transaction")

    def close(self) -> None:
        """Let go of the connections."""
        self._recorder.close()
