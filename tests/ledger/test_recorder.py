"""The log's table: what it takes, what it refuses, and that many writers lose nothing."""

from __future__ import annotations

import importlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import IntegrityError, PersistenceError, StoredEvent

import ledger
from ledger import merkle
from ledger.errors import Locked, Refused, Usage
from ledger.recorder import Factory, Head, RecordedEvent, Recorder

# The library's tests import its ciphers, and those a package that nothing here has use for.
sys.modules.setdefault("eventsourcing.cipher", types.SimpleNamespace(AESCipher=None))  # type: ignore[arg-type]
library = importlib.import_module("eventsourcing.tests.persistence")

START = datetime(2020, 6, 15, 9, tzinfo=UTC)


def naive_root(bodies: list[bytes]) -> bytes:
    """MTH, word for word from RFC 9162, section 2.1.1."""
    if not bodies:
        return merkle.EMPTY_ROOT
    if len(bodies) == 1:
        return merkle.leaf_hash(bodies[0])
    k = 1 << (len(bodies) - 1).bit_length() - 1
    return merkle.node_hash(naive_root(bodies[:k]), naive_root(bodies[k:]))


def event(number: int, stream: str = "contract/botkyrka", **other: Any) -> RecordedEvent:
    """The event with this number: its version, its second, its body."""
    values: dict[str, Any] = {
        "originator_id": stream,
        "originator_version": number,
        "topic": "Noted@1",
        "state": f'{{"number":{number}}}'.encode(),
        "recorded_at": START + timedelta(seconds=number),
        **other,
    }
    return RecordedEvent(**values)


@pytest.fixture
def recorder(ledger_url: str) -> Iterator[Recorder]:
    """A new ledger, on either database."""
    recorder = Recorder(ledger_url, wait=10)
    recorder.create()
    yield recorder
    recorder.close()


# --- the library's own tests --------------------------------------------------------------------------------


class OnOurs(library.ApplicationRecorderTestCase):  # type: ignore[misc,name-defined]
    """eventsourcing's contract for application recorders, with streams named in text."""

    __test__ = False
    url: str
    recorder: Recorder

    def create_recorder(self) -> Recorder:
        self.recorder = Recorder(self.url)
        self.recorder.create()
        return self.recorder

    def new_originator_id(self) -> str:
        return f"absences/{uuid4()}"

    def setUp(self) -> None:
        self.before = set(threading.enumerate())

    def tearDown(self) -> None:
        for reader in set(threading.enumerate()) - self.before:
            reader.join(10)  # the library tells its readers to stop and does not wait for them
        self.recorder.close()


class TestLibraryOnSQLite(OnOurs):
    __test__ = True

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.url = f"sqlite:///{tmp_path / 'ledger.db'}"


class TestLibraryOnPostgreSQL(OnOurs):
    __test__ = True

    @pytest.fixture(autouse=True)
    def _place(self, postgres_database: str) -> None:
        self.url = postgres_database


class Diary(Aggregate):
    """Something that the library's Application can save."""

    INITIAL_VERSION = 1

    class Opened(Aggregate.Created):
        """It began."""


@pytest.mark.parametrize("handed_over", [True, False])
def test_the_library_s_application_runs_on_it(recorder: Recorder, ledger_url: str, handed_over: bool) -> None:
    class Diaries(Application[UUID]):
        def construct_factory(self, env: Any) -> Any:
            return Factory(env, recorder) if handed_over else super().construct_factory(env)

    application = Diaries({"PERSISTENCE_MODULE": "ledger.recorder", "LEDGER_URL": ledger_url})
    diary = Diary()
    application.save(diary)
    assert recorder.max_notification_id() == 1
    assert recorder.streams() == [str(diary.id)]
    assert application.repository.get(diary.id).version == 1
    application.close()


# --- what goes in comes out ---------------------------------------------------------------------------------


def test_an_event_comes_back_as_it_was_recorded(recorder: Recorder) -> None:
    sent = event(1, submission="a" * 64, part=0, beside=b"[20190305]" * 100)
    assert recorder.insert_events([sent]) == [1]
    (row,) = recorder.rows(beside=True)
    assert row.position == 1
    assert (row.stream, row.version, row.type) == (sent.originator_id, sent.originator_version, sent.topic)
    assert (row.recorded_at, row.submission, row.part) == (sent.recorded_at, sent.submission, sent.part)
    assert (row.body, row.beside) == (sent.state, sent.beside)
    assert row.leaf == merkle.leaf_hash(sent.state)
    assert row.peaks == (row.leaf,)
    assert [row.beside for row in recorder.rows()] == [None]


def test_microseconds_and_other_zones_are_kept_to_the_instant(recorder: Recorder) -> None:
    from zoneinfo import ZoneInfo

    at = datetime(2019, 1, 19, 4, 14, 7, 999_999, ZoneInfo("Europe/Stockholm"))
    recorder.insert_events([event(1, recorded_at=at)])
    (row,) = recorder.rows()
    assert row.recorded_at == at
    assert row.recorded_at.isoformat() == "2019-01-19T03:14:07.999999+00:00"


def test_an_event_without_time_zone_is_a_mistake(recorder: Recorder) -> None:
    with pytest.raises(TypeError):
        recorder.insert_events([event(1, recorded_at=datetime(2020, 1, 1))])
    assert recorder.head().position == 0


def test_an_event_of_the_library_s_own_takes_the_next_microsecond(recorder: Recorder) -> None:
    recorder.insert_events([StoredEvent("a", 1, "T", b"{}"), event(1), StoredEvent("a", 2, "T", b"{}")])
    times = [row.recorded_at for row in recorder.rows()]
    assert times == [
        datetime(1970, 1, 1, tzinfo=UTC),
        event(1).recorded_at,
        event(1).recorded_at + timedelta(microseconds=1),
    ]


def test_the_head_is_the_naive_tree_s_at_every_position(recorder: Recorder) -> None:
    assert recorder.head() == recorder.head_at(0) == Head(0, None, ())
    sent = [event(number) for number in range(1, 41)]
    for batch in (sent[:1], sent[1:8], sent[8:]):
        recorder.insert_events(batch)
    for position in range(41):
        head = recorder.head_at(position)
        assert head.position == position
        assert head.root == naive_root([one.state for one in sent[:position]])
    assert recorder.head() == recorder.head_at(40)
    assert recorder.head().recorded_at == sent[-1].recorded_at
    with pytest.raises(Usage, match="40 events; there is no position 41"):
        recorder.head_at(41)


def test_reading_by_stream_position_and_instant(recorder: Recorder) -> None:
    streams = ["contract/a", "absences/a", "national", "contract/ab", "Contract/a"]
    sent = [event(n, streams[n % 5], submission=f"s{n // 4}", part=n % 4) for n in range(1, 21)]
    assert recorder.insert_events(sent) == list(range(1, 21))

    def positions(*names: str, after: int = 0, upto: int | None = None) -> list[int]:
        return [row.position for row in recorder.rows(list(names) or None, after=after, upto=upto)]

    assert positions() == list(range(1, 21))
    assert positions("contract/a") == [5, 10, 15, 20]
    assert positions("national", "contract/a") == [2, 5, 7, 10, 12, 15, 17, 20]
    assert positions("national", "contract/a", after=5, upto=12) == [7, 10, 12]
    assert positions(after=18) == [19, 20]
    assert list(recorder.rows([])) == []
    assert recorder.streams() == sorted(streams)
    assert recorder.streams("contract/a") == ["contract/a", "contract/ab"]
    assert recorder.streams("absent") == []
    assert recorder.last_version("national") == 17
    assert recorder.last_version("absent") == 0
    assert recorder.submitted("s2") == (8, 9, 10, 11)
    assert recorder.submitted("absent") == ()
    assert recorder.position_at(START) == 0
    assert recorder.position_at(sent[6].recorded_at) == 7
    assert recorder.position_at(sent[6].recorded_at - timedelta(microseconds=1)) == 6
    assert recorder.position_at(START + timedelta(days=9)) == 20


def test_reading_ends_with_the_last_event_there_was(recorder: Recorder) -> None:
    recorder.insert_events([event(number) for number in range(1, 1001)])
    with recorder.writing():
        read = []
        for row in recorder.rows():
            read.append(row.position)
            if row.position % 100 == 0:
                recorder.insert_events([event(1000 + len(read) // 100)])
    assert read == list(range(1, 1001))
    assert recorder.head().position == 1010


def test_a_reading_left_halfway_hinders_nobody(recorder: Recorder) -> None:
    recorder.insert_events([event(number) for number in range(1, 1001)])
    with recorder.writing():
        halfway = recorder.rows()
        assert next(halfway).position == 1
        del halfway
        recorder.insert_events([event(1001)])
    assert recorder.head().position == 1001


def test_reading_is_one_view(recorder: Recorder) -> None:
    recorder.insert_events([event(1)])
    count = sa.text("SELECT count(*) FROM events")
    with recorder.reading() as connection:
        assert connection.scalar(count) == 1
        recorder.insert_events([event(2)])
        assert connection.scalar(count) == 1
    assert recorder.head().position == 2


def test_one_view_holds_for_all_that_is_read_inside(recorder: Recorder, ledger_url: str) -> None:
    with closing(Recorder(ledger_url)) as other, recorder.view():
        before = recorder.head()
        other.insert_events([event(1)])
        assert recorder.head() == before
        assert list(recorder.rows()) == []
    assert recorder.head().position == before.position + 1


def test_nobody_subscribes(recorder: Recorder) -> None:
    with pytest.raises(NotImplementedError, match="in its transaction"):
        recorder.subscribe()


# --- refusals -----------------------------------------------------------------------------------------------

COLUMNS = "position, stream, version, type, recorded_at, submission, part, leaf, peaks, body"


def forged(position: str, stream: str, version: int, recorded_at: str, submission: str = "forged") -> str:
    """A row's values in SQL, to be inserted past the recorder."""
    leaf = "(SELECT leaf FROM events LIMIT 1)"
    return f"({position}, '{stream}', {version}, 'T', {recorded_at}, '{submission}', 0, {leaf}, {leaf}, {leaf})"


LAST = "(SELECT max(recorded_at) FROM events)"
LATER = "(SELECT max(recorded_at) + 1 FROM events)"
TAMPERING = {
    "update": ("UPDATE events SET stream = 'x' WHERE position = 2", "neither changed nor removed"),
    "delete": ("DELETE FROM events WHERE position = 3", "neither changed nor removed"),
    "gap": (f"INSERT INTO events ({COLUMNS}) VALUES {forged('5', 'x', 1, LATER)}", "next position"),
    "position 0": (f"INSERT INTO events ({COLUMNS}) VALUES {forged('0', 'x', 1, LATER)}", "next position"),
    "same time": (
        f"INSERT INTO events ({COLUMNS}) VALUES {forged('4', 'x', 1, LAST)}",
        "later than",
    ),
    "clock back": (f"INSERT INTO events ({COLUMNS}) VALUES {forged('4', 'x', 1, '0')}", "later than"),
    "same version": (
        f"INSERT INTO events ({COLUMNS}) VALUES {forged('4', 'contract/botkyrka', 2, LATER)}",
        "version|already",
    ),
    "same submission": (
        f"INSERT INTO events ({COLUMNS}) VALUES {forged('4', 'x', 1, LATER, 's2')}",
        "submission|already",
    ),
}
ON_SQLITE = {
    "replace a position": (
        f"INSERT OR REPLACE INTO events ({COLUMNS}) VALUES {forged('1', 'x', 1, LATER)}",
        "next position",
    ),
    # At the next position and a later time, yet it would remove the second event:
    "replace a version": (
        f"INSERT OR REPLACE INTO events ({COLUMNS}) VALUES {forged('4', 'contract/botkyrka', 2, LATER)}",
        "recorded already",
    ),
    "replace a submission": (
        f"INSERT OR REPLACE INTO events ({COLUMNS}) VALUES {forged('4', 'x', 1, LATER, 's2')}",
        "recorded already",
    ),
    "update or replace": ("UPDATE OR REPLACE events SET position = 1 WHERE position = 2", "neither changed"),
    "upsert": (
        f"INSERT INTO events ({COLUMNS}) VALUES {forged('1', 'x', 1, LATER)} ON CONFLICT (position) DO UPDATE SET stream = 'x'",
        "next position",
    ),
    "no position": (
        f"INSERT INTO events ({COLUMNS}) VALUES {forged('NULL', 'x', 1, LATER)}",
        "next position",
    ),
    "text as time": (
        f"""INSERT INTO events ({COLUMNS}) VALUES {forged("4", "x", 1, "'evermore'")}""",
        "INTEGER",
    ),
}
ON_POSTGRESQL = {
    "truncate": ("TRUNCATE events", "neither changed nor removed"),
    "upsert": (
        f"INSERT INTO events ({COLUMNS}) VALUES {forged('4', 'contract/botkyrka', 2, LATER)}"
        " ON CONFLICT (stream, version) DO UPDATE SET body = EXCLUDED.body",
        "neither changed nor removed",
    ),
}


def check_refusal(recorder: Recorder, statement: str, words: str) -> None:
    """The database itself refuses; every event is left as it was."""
    recorder.insert_events([event(number, submission=f"s{number}") for number in (1, 2, 3)])
    before = list(recorder.rows())
    with pytest.raises(IntegrityError, match=words), recorder.writing() as transaction:
        transaction.exec_driver_sql(statement)
    assert list(recorder.rows()) == before


@pytest.mark.parametrize("crime", TAMPERING)
def test_tampering_is_refused(recorder: Recorder, crime: str) -> None:
    check_refusal(recorder, *TAMPERING[crime])


@pytest.mark.parametrize("crime", ON_SQLITE)
def test_tampering_is_refused_on_sqlite(tmp_path: Path, crime: str) -> None:
    recorder = Recorder(f"sqlite:///{tmp_path / 'ledger.db'}")
    recorder.create()
    check_refusal(recorder, *ON_SQLITE[crime])
    recorder.close()


@pytest.mark.parametrize("crime", ON_POSTGRESQL)
def test_tampering_is_refused_on_postgresql(postgres_database: str, crime: str) -> None:
    recorder = Recorder(postgres_database)
    recorder.create()
    check_refusal(recorder, *ON_POSTGRESQL[crime])
    recorder.close()


@pytest.mark.parametrize(
    "refused",
    [
        [event(4), event(3, "other", recorded_at=START)],
        [event(4, submission="new", part=0), event(5, submission="new", part=0)],
        [event(4, submission="s3")],
        [event(4), event(4, recorded_at=START + timedelta(days=1))],
        [event(3)],
    ],
    ids=[
        "clock back",
        "submission twice at once",
        "submission again",
        "version twice at once",
        "version again",
    ],
)
def test_a_refused_event_leaves_nothing_behind(recorder: Recorder, refused: list[RecordedEvent]) -> None:
    recorder.insert_events([event(number, submission=f"s{number}") for number in (1, 2, 3)])
    before = list(recorder.rows())
    with pytest.raises(IntegrityError):
        recorder.insert_events(refused)
    assert list(recorder.rows()) == before
    assert recorder.insert_events([event(4)]) == [4]  # no number is lost to a refusal


def test_what_is_not_an_event_is_not_silently_dropped(recorder: Recorder) -> None:
    with pytest.raises(TypeError, match="tracking"):
        recorder.insert_events([event(1)], tracking=1)


# --- transactions -------------------------------------------------------------------------------------------


def test_a_transaction_is_joined_and_reads_its_own_events(recorder: Recorder, ledger_url: str) -> None:
    other = Recorder(ledger_url)
    with recorder.writing() as outer:
        recorder.insert_events([event(1)])
        with recorder.writing() as inner:
            assert inner is outer
            recorder.insert_events([event(2)])
        assert recorder.head().position == 2
        assert [row.version for row in recorder.rows(["contract/botkyrka"])] == [1, 2]
        with recorder.reading() as view:
            assert view is outer
        assert other.head().position == 0
    assert other.head().position == 2
    other.close()


def test_an_error_rolls_all_back(recorder: Recorder) -> None:
    with pytest.raises(ZeroDivisionError), recorder.writing():
        recorder.insert_events([event(1)])
        with recorder.writing():
            recorder.insert_events([event(2)])
        raise ZeroDivisionError
    assert recorder.head() == Head(0, None, ())
    assert recorder.insert_events([event(1)]) == [1]


def test_an_error_rolls_all_back_even_if_caught(recorder: Recorder) -> None:
    with pytest.raises(RuntimeError, match="rolled back"), recorder.writing():
        recorder.insert_events([event(1)])
        with pytest.raises(IntegrityError):
            recorder.insert_events([event(2), event(2)])
    assert recorder.head().position == 0


def test_postgresql_does_not_roll_back_in_silence(postgres_database: str) -> None:
    recorder = Recorder(postgres_database)
    recorder.create()
    with pytest.raises(PersistenceError, match="aborted"), recorder.writing() as transaction:
        recorder.insert_events([event(1)])
        with pytest.raises(sa.exc.ProgrammingError):
            transaction.exec_driver_sql("SELECT nonsense")
    assert recorder.head().position == 0
    recorder.close()


@pytest.mark.parametrize("nested", [False, True])
def test_a_dry_run_records_nothing(recorder: Recorder, nested: bool) -> None:
    with recorder.writing(rollback=not nested):
        with recorder.writing(rollback=nested):
            assert recorder.insert_events([event(1)]) == [1]
        assert recorder.head().position == 1
    assert recorder.head().position == 0


def test_tables_of_others_share_the_transaction(recorder: Recorder) -> None:
    count = sa.text("SELECT count(*) FROM seen")
    with recorder.writing() as transaction:
        transaction.exec_driver_sql("CREATE TABLE seen (position INTEGER)")
    with pytest.raises(ZeroDivisionError), recorder.writing() as transaction:
        recorder.insert_events([event(1)])
        transaction.exec_driver_sql("INSERT INTO seen VALUES (1)")
        raise ZeroDivisionError
    with recorder.reading() as connection:
        assert connection.scalar(count) == 0
    with recorder.writing() as transaction:
        recorder.insert_events([event(1)])
        transaction.exec_driver_sql("INSERT INTO seen VALUES (1)")
    with recorder.reading() as connection:
        assert connection.scalar(count) == 1


# --- many writers -------------------------------------------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from ledger.recorder import RecordedEvent, Recorder
recorder, name = Recorder(sys.argv[1]), sys.argv[2]
for number in range(1, 51):
    with recorder.writing():  # lock, look, stamp, append
        last = recorder.head().recorded_at or datetime(2020, 1, 1, tzinfo=UTC)
        at = max(datetime.now(UTC), last + timedelta(microseconds=1))
        body = f"{name} {number}".encode()
        recorder.insert_events([RecordedEvent(name, number, "Noted@1", body, at, submission=body.decode())])
"""


def test_two_processes_lose_and_double_nothing(recorder: Recorder, ledger_url: str) -> None:
    command = [sys.executable, "-c", WRITER, ledger_url]
    environment = {**os.environ, "PYTHONPATH": str(Path(ledger.__path__[0]).parent)}
    writers = [subprocess.Popen([*command, name], env=environment) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    rows = list(recorder.rows())
    assert [row.position for row in rows] == list(range(1, 101))
    for name in ("one", "two"):
        assert [row.version for row in rows if row.stream == name] == list(range(1, 51))
    assert recorder.head().root == naive_root([row.body for row in rows])


def test_a_held_ledger_is_locked_after_the_wait(recorder: Recorder, ledger_url: str) -> None:
    other = Recorder(ledger_url, wait=0.1)
    with recorder.writing():
        begun = time.monotonic()
        with pytest.raises(Locked, match=r"another writer holds .* still after 0.1 s"):
            other.insert_events([event(1)])
        assert time.monotonic() - begun < 5
        assert other.head().position == 0  # readers never wait
    assert other.insert_events([event(1)]) == [1]
    other.close()


# --- places -------------------------------------------------------------------------------------------------


def test_a_ledger_is_made_once(ledger_url: str) -> None:
    recorder = Recorder(ledger_url)
    assert not recorder.exists()
    with pytest.raises(Usage, match="there is no ledger at"):
        recorder.head()
    with pytest.raises(Usage, match="there is no ledger at"):
        recorder.insert_events([event(1)])
    assert not recorder.exists()
    recorder.create()
    assert recorder.exists()
    recorder.insert_events([event(1)])
    with pytest.raises(Refused, match="already"):
        recorder.create()
    recorder.close()
    assert recorder.head().position == 1  # it opens again
    recorder.close()


def test_opening_and_asking_makes_no_file(tmp_path: Path) -> None:
    recorder = Recorder(f"sqlite:///{tmp_path / 'none.db'}")
    assert not recorder.exists()
    with pytest.raises(Usage):
        recorder.head()
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_a_name_of_signs(tmp_path: Path) -> None:
    path = tmp_path / "år 2019 #1%20.db"
    recorder = Recorder(sa.URL.create("sqlite", database=str(path)).render_as_string())
    recorder.create()
    recorder.insert_events([event(1)])
    recorder.close()
    assert path.exists()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("url", ["", "ledger.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "postgresql://h"])
def test_what_names_no_ledger_is_refused(url: str) -> None:
    with pytest.raises(Usage, match="names no ledger") as refusal:
        Recorder(url)
    assert "secret" not in str(refusal.value)


def test_what_is_no_database_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be taken for one" * 100)
    with pytest.raises(Usage, match="there is no ledger"):
        Recorder(f"sqlite:///{tmp_path / 'notes.txt'}").exists()


def test_no_folder_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="does not exist"):
        Recorder(f"sqlite:///{tmp_path / 'absent' / 'ledger.db'}").create()


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(Usage, match="no connection to postgresql") as refusal:
        Recorder("postgresql://user:secret@localhost:1/ledger?connect_timeout=2").head()
    assert "secret" not in str(refusal.value)


def test_a_full_disk_records_nothing(tmp_path: Path) -> None:
    recorder = Recorder(f"sqlite:///{tmp_path / 'ledger.db'}")
    recorder.create()
    recorder.insert_events([event(1)])
    with pytest.raises(Refused, match="is full"), recorder.writing() as transaction:
        transaction.exec_driver_sql("PRAGMA max_page_count = 30")
        recorder.insert_events([event(2)])
        recorder.insert_events([event(3, state=os.urandom(1_000_000))])
    assert recorder.head().position == 1
    recorder.close()


def test_a_file_that_may_only_be_read(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    recorder = Recorder(url)
    recorder.create()
    reader = Recorder(f"{url}?mode=ro")
    assert reader.head().position == 0
    with pytest.raises(Refused, match="may not be written"):
        reader.insert_events([event(1)])
    recorder.close()
    reader.close()


def test_a_user_who_may_only_read(postgres_database: str) -> None:
    recorder = Recorder(postgres_database)
    recorder.create()
    role = f"reader_{uuid4().hex}"
    with recorder.writing() as transaction:
        transaction.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        transaction.exec_driver_sql(f"GRANT SELECT ON events TO {role}")
    reader = Recorder(postgres_database.replace("postgres:@", f"{role}:@"))
    assert reader.head().position == 0
    with pytest.raises(Refused, match="may not be written"):
        reader.insert_events([event(1)])
    reader.close()
    recorder.close()
