"""``soc copy``: the same bytes and the same fingerprint in another place, on either database; all of it or nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import seal
from ledger.copying import copy
from ledger.errors import VerificationFailed
from ledger.keys import SigningKey
from ledger.notes import VerifierKey
from ledger.recorder import RecordedEvent, Recorder
from tests.cli.world import PAYER, ROOT, World, environment
from tests.ledger.test_notes import PUBLIC, SEED
from tests.ledger.test_recorder import START, timedelta


def stored(url: str) -> list[tuple[object, ...]]:
    """Every column of every row, as stored: compressed bytes included."""
    return _rows(url, "SELECT * FROM events ORDER BY position")


def sealed(url: str) -> list[tuple[object, ...]]:
    """Every column of every seal."""
    return _rows(url, "SELECT * FROM seals ORDER BY number")


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(statement))]
    engine.dispose()
    return rows


KEY = SigningKey(VerifierKey("tiny.se", PUBLIC), SEED)


def sqlite_at(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}"


def test_there_and_back_again_every_byte_is_the_same(settled: World, postgres_database: str, tmp_path: Path) -> None:
    before, head = stored(settled.ledger), settled.head()
    assert any(row[-1] for row in before), "none has lines beside it"
    back, twin = sqlite_at(tmp_path, "back.db"), sqlite_at(tmp_path, "twin.db")
    for source, target in ((settled.ledger, postgres_database), (postgres_database, back), (back, twin)):
        said = World(tmp_path, source).done("copy", target, by=None).out
        assert f"Copied {head[0]} records from" in said
        assert head[1][:16] in said
        assert stored(target) == before
        assert World(tmp_path, target).head() == head


def test_what_was_sealed_goes_with_it(settled: World, postgres_database: str, tmp_path: Path) -> None:
    source, again = Recorder(settled.ledger), SigningKey(VerifierKey("other.se", PUBLIC), SEED)
    seal.sign(source, KEY)
    seal.sign(source, again)
    settled.done("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "A-1", by=PAYER)
    seal.sign(source, KEY)
    back = sqlite_at(tmp_path, "back.db")
    for place, target in ((settled.ledger, postgres_database), (postgres_database, back)):
        copied = World(tmp_path, place).done("copy", target, "-O", "json", by=None).json
        assert copied["checkpoints"] == 2
        assert sealed(target) == sealed(settled.ledger)
        assert seal.checkpoints(Recorder(target)) == seal.checkpoints(source)
        assert seal.sign(Recorder(target), again).checkpoint.size == 13
        forget_last_seal(target)


def forget_last_seal(url: str) -> None:
    """Only the copy's owner can, past the guards."""
    recorder = Recorder(url)
    with recorder.maintaining() as connection:
        names = ["seals_kept"] if not recorder.on_postgresql else ["seals_kept ON seals"]
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("DELETE FROM seals WHERE number = (SELECT max(number) FROM seals)")
    recorder.close()


def test_a_ledger_from_before_there_were_seals_is_copied(settled: World, tmp_path: Path) -> None:
    with closing(sqlite3.connect(settled.database())) as file:
        file.execute("DROP TABLE seals")
    target = sqlite_at(tmp_path, "copy.db")
    assert settled.done("copy", target, "-O", "json", by=None).json["checkpoints"] == 0
    assert seal.sign(Recorder(target), KEY).checkpoint.size == 12


def test_a_copy_answers_and_goes_on_as_the_original_would(settled: World, postgres_database: str) -> None:
    settled.done("copy", postgres_database, by=None)
    vault = f"sqlite:///{settled.database().with_suffix('.vault.db')}"
    copied = World(settled.folder, postgres_database, vault, settled.at)
    pay = ("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "A-1")
    for question in (("state", "tiny"), ("register", "tiny"), ("check",), ("contract", "show", "tiny")):
        asked = [world.soc(*question, "-O", "json", by=None) for world in (settled, copied)]
        assert asked[0] == asked[1]
    paid = [world.done(*pay, by=PAYER) for world in (settled, copied)]
    assert paid[0] == paid[1]
    assert paid[0].out.startswith("Recorded tiny/P1")
    assert settled.head() == copied.head()
    assert stored(settled.ledger) == stored(postgres_database)


bodies = st.binary(max_size=200)
histories = st.lists(
    st.tuples(
        st.sampled_from(["contract/a", "absences/å", "𝔸/b"]),
        bodies,
        st.one_of(st.none(), bodies),
        st.one_of(st.none(), st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=5)),
        st.integers(1, 10**15),
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_any_history_survives_sqlite_postgresql_sqlite(
    postgres_database: str, tmp_path: Path, history: list[tuple[str, bytes, bytes | None, str | None, int]]
) -> None:
    for name in ("one.db", "two.db"):
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"{name}{suffix}").unlink(missing_ok=True)
    between = Recorder(postgres_database)
    with between.maintaining() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS events, seals CASCADE")
    one, two = Recorder(sqlite_at(tmp_path, "one.db")), Recorder(sqlite_at(tmp_path, "two.db"))
    one.create()
    at = START
    for number, (stream, body, beside, submission, later) in enumerate(history, 1):
        at += timedelta(microseconds=min(later, 10**9))
        one.insert_events([RecordedEvent(stream, number, "Noted@1", body, at, submission, number, beside)])
        if number % 3 == 1:
            seal.sign(one, KEY)
    assert copy(one, between) == copy(between, two) == one.head() == two.head()
    urls = (sqlite_at(tmp_path, "one.db"), postgres_database, sqlite_at(tmp_path, "two.db"))
    for table, count in ((stored, len(history)), (sealed, 2 * ((len(history) + 2) // 3))):
        rows = [table(url) for url in urls]
        assert rows[0] == rows[1] == rows[2]
        assert len(rows[0]) == count
    for recorder in (one, between, two):
        recorder.close()


def test_a_place_that_holds_a_ledger_is_refused(settled: World, postgres_database: str) -> None:
    settled.done("copy", postgres_database, by=None)
    before = stored(postgres_database)
    for target in (postgres_database, settled.ledger):
        refused = settled.soc("copy", target, by=None)
        assert (refused.code, refused.out) == (1, "")
        assert "there is a ledger at" in refused.err
    assert stored(postgres_database) == before


def test_a_place_that_holds_something_else_is_refused(settled: World) -> None:
    vault = settled.database().with_suffix(".vault.db")
    refused = settled.soc("copy", f"sqlite:///{vault}", by=None)
    assert refused.code == 1
    assert "holds something else than a ledger" in refused.err
    assert len(settled.employees_in_vault()) == 12


def test_what_is_no_place_is_refused(settled: World, tmp_path: Path) -> None:
    for url, said in (("copy.db", "names no ledger"), (sqlite_at(tmp_path / "absent", "c.db"), "does not exist")):
        refused = settled.soc("copy", url, by=None)
        assert refused.code == 2
        assert said in refused.err


def test_an_empty_ledger_is_not_copied(tmp_path: Path, nothing: World) -> None:
    Recorder(nothing.ledger).create()
    refused = nothing.soc("copy", sqlite_at(tmp_path, "copy.db"), by=None)
    assert refused.code == 2
    assert "holds no record yet" in refused.err
    assert not (tmp_path / "copy.db").exists()


def forge(world: World, statement: str, *values: object) -> None:
    """Change the file as whoever owns it can: past the triggers."""
    with closing(sqlite3.connect(world.database())) as file:
        triggers = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        file.execute(statement, values)
        for _, sql in triggers:
            file.execute(sql)
        file.commit()


@pytest.mark.parametrize(
    ("statement", "values", "said"),
    [
        ("UPDATE events SET body = ? WHERE position = 7", [zlib.compress(b"{}", 1)], "record 7 is not what was recorded"),
        ("UPDATE events SET body = ? WHERE position = 7", [b"not packed"], "record 7 cannot be unpacked"),
        ("UPDATE events SET leaf = zeroblob(32) WHERE position = 3", [], "record 3 is not what was recorded"),
        ("UPDATE events SET peaks = zeroblob(64) WHERE position = 5", [], "record 5 does not follow from those before it"),
        ("UPDATE events SET peaks = zeroblob(0) WHERE position = 1", [], "record 1 does not follow from those before it"),
        ("DELETE FROM events WHERE position = 4", [], "record 4 is missing"),
        ("DELETE FROM events WHERE position = 1", [], "record 1 is missing"),
        ("UPDATE seals SET content = ? WHERE number = 2", [b"another"], "seal 2: is not what was kept"),
        ("DELETE FROM seals WHERE number = 1", [], "seal 2: stands where seal 1 should"),
    ],
)
def test_what_is_not_what_was_recorded_is_not_copied(
    settled: World, ledger_url: str, statement: str, values: list[bytes], said: str
) -> None:
    target = ledger_url.replace("ledger.db", "copy.db")
    seal.sign(Recorder(settled.ledger), KEY)
    forge(settled, statement, *values)
    refused = settled.soc("copy", target, by=None)
    assert (refused.code, refused.out) == (3, "")
    assert said in refused.err
    assert stored(target) == []


def test_a_target_that_keeps_something_else_is_caught(settled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Recorder(sqlite_at(tmp_path, "copy.db"))

    def tamper() -> None:
        with target.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER events_unchanged")
            connection.exec_driver_sql("UPDATE events SET peaks = zeroblob(64) WHERE position = 12")

    with pytest.raises(VerificationFailed, match="is not what was copied"):
        copy(Recorder(settled.ledger), target, after=tamper)
    assert stored(sqlite_at(tmp_path, "copy.db")) == []


KILLED = """
import sys, time
from ledger import copying
followed, seen = copying._followed, []
def slow(before, row):
    seen.append(row.position)
    if len(seen) == 11:
        print("eleven", flush=True)
        time.sleep(60)
    return followed(before, row)
copying._followed, copying._PAGE = slow, 2
from cli.main import main
main()
"""


def test_a_copy_cut_short_can_be_made_again(settled: World, ledger_url: str) -> None:
    target = ledger_url.replace("ledger.db", "copy.db")
    command = [sys.executable, "-c", KILLED, *settled.options(None, None), "copy", target]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "eleven\n"
        killed.kill()
    assert stored(target) == []
    settled.done("copy", target, by=None)
    assert stored(target) == stored(settled.ledger)


def test_a_copy_is_of_one_moment_while_others_write(settled: World, tmp_path: Path) -> None:
    """What is recorded while it is copied is not in it, and nothing waits."""
    source, target = Recorder(settled.ledger), Recorder(sqlite_at(tmp_path, "copy.db"))
    before = source.head()
    draw = ("loan", "draw", "tiny", "100", "--on", "2019-07-01", "--for", "internal")
    written: list[object] = []
    assert copy(source, target, copied=lambda _: written.append(settled.done(*draw, by=PAYER))) == before
    assert written
    assert target.head() == before
    assert source.head().position == before.position + 1


def test_the_vault_is_named_and_passwords_are_not_shown(settled: World, postgres_database: str, tmp_path: Path) -> None:
    url = postgres_database.replace("postgres:@", "postgres:hemligt@")
    for form in ("text", "json", "csv"):
        target = url if form == "text" else sqlite_at(tmp_path, f"{form}.db")
        copied = World(tmp_path, settled.ledger if form == "text" else url).done("copy", target, "-O", form, by=None)
        assert "hemligt" not in copied.out + copied.err
        if form == "text":
            assert f"soc --ledger {postgres_database.split('?')[0].replace(':@', ':***@')}" in copied.out
            assert f"--vault sqlite:///{settled.database().with_suffix('.vault.db')}" in copied.out
            assert "soc grant" in copied.out
        if form == "json":
            assert copied.json["copied"] == 12
            assert copied.json["basis"] == {"position": 12, "root": settled.head()[1]}
            assert copied.json["vault"] == {"copied": False, "use": None, "or_beside": sqlite_at(tmp_path, "json.vault.db")}
    said = World(tmp_path, url).done("copy", sqlite_at(tmp_path, "last.db"), by=None).out
    assert f"is found by itself: {sqlite_at(tmp_path, 'last.vault.db')}" in said


def test_no_bar_in_a_pipe(settled: World, tmp_path: Path) -> None:
    assert settled.done("copy", sqlite_at(tmp_path, "copy.db"), by=None).err == ""
