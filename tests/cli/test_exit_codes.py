"""Each exit code by the situations that bring it about: 0, 1, 2, 3, 4, 5, 70."""

from __future__ import annotations

import inspect
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import partial
from typing import Any

import pytest

from ledger.log import Log
from tests.cli.world import BOTH, PAYER, PAYROLL, ROOT, STRANGER, World, environment, run

GUARDS = ("events_unchanged", "events_kept", "events_in_order")


def tamper(world: World, statement: str, *values: Any) -> None:
    """Change the ledger's file behind its back."""
    with closing(sqlite3.connect(world.database())) as file:
        for guard in GUARDS:
            file.execute(f"DROP TRIGGER {guard}")
        file.execute(statement, values)
        file.commit()


def body(world: World, position: int) -> bytes:
    """What a record says, as stored."""
    with closing(sqlite3.connect(world.database())) as file:
        found = file.execute("SELECT body FROM events WHERE position = ?", (position,)).fetchone()
    return zlib.decompress(found[0])


# --- 0 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["--version"], ["pay", "--help"], ["pay", "outcome", "-h"]])
def test_help_exits_with_0_and_needs_no_ledger(args: list[str]) -> None:
    result = run(["--ledger", "sqlite:////nowhere/ledger.db", *args])
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(("Usage: soc", "soc, version"))


def test_questions_exit_with_0_and_need_no_actor(settled: World) -> None:
    for question in (["state", "tiny"], ["portfolio"], ["register", "tiny"], ["pay", "list"], ["contract", "list"]):
        result = settled.soc(*question, by=None)
        assert (result.code, result.err) == (0, "")


def test_a_check_that_finds_nothing_is_silent_and_exits_with_0(signed: World) -> None:
    paid = ("pay", "upfront", "tiny", "--due", "--on", "2019-01-02", "--invoice", "U1", "--made", "--bank-reference", "B")
    signed.done(*paid, by=PAYER, at="2019-01-02T11:00")
    result = signed.soc("check", by=None)
    assert (result.code, result.out, result.err) == (0, "", "")


def test_a_check_reports_an_upfront_instalment_that_is_not_paid(signed: World) -> None:
    result = signed.soc("check", by=None)
    assert (result.code, result.err) == (1, "")
    assert "200\u2009000.00" in result.out
    assert result.out.splitlines()[-1] == f"All {signed.head()[0]} records and every figure recomputed: no difference."


# --- 1 ------------------------------------------------------------------------------------------------------------

REFUSED = {
    "role": (["loan", "draw", "tiny", "100", "--on", "2019-07-01", "--for", "internal"], STRANGER, "technical_advisor may not"),
    "clause": (["pay", "upfront", "tiny", "--due", "--on", "2019-07-01", "--invoice", "F"], STRANGER, "agreement §7"),
    "agreement": (
        ["suspend", "tiny", "--from", "2019-06", "--agreed-by", "payer", "--reason", "r"],
        PAYER,
        "agreement is missing from external_provider",
    ),
    "above due": (["pay", "outcome", "tiny", "34909.10", "--on", "2019-07-21", "--invoice", "F"], PAYER, "34 909.09"),
    "nothing due": (["pay", "recover", "tiny", "--due", "--on", "2019-07-21", "--invoice", "F"], PAYER, "nothing is due"),
    "before signature": (
        ["loan", "draw", "tiny", "1", "--on", "2018-12-31", "--for", "internal"],
        PAYER,
        "signed on 2019-01-01",
    ),
    "in the future": (["loan", "draw", "tiny", "1", "--on", "2019-07-23", "--for", "internal"], PAYER, "today is 2019-07-22"),
    "above the loan": (["loan", "draw", "tiny", "800000.01", "--on", "2019-07-01", "--for", "internal"], PAYER, "800 000.00"),
    "period not ended": (["determine", "tiny", "2019Q3"], "M. Lind, performance_manager", "2019Q3 has not ended"),
    "evidence missing": (["determine", "tiny", "2019Q2"], "M. Lind, performance_manager", "2019-04"),
    "determined already": (["determine", "tiny", "2019-01"], "M. Lind, performance_manager", "determined by D1 (2019Q1)"),
    "a ledger is here": (["init", "--simulated"], PAYER, "there is a ledger"),
    "state before signature": (["state", "tiny", "--as-of", "2018-12-31"], PAYER, "signed on 2019-01-01"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_rule_refuses_exits_with_1_says_why_and_records_nothing(settled: World, case: str) -> None:
    args, by, why = REFUSED[case]
    before = settled.head()
    result = settled.soc(*args, by=by)
    assert (result.code, result.out) == (1, "")
    assert why in result.err.replace("\u2009", " ")
    assert settled.head() == before


def test_a_check_that_finds_something_exits_with_1(settled: World) -> None:
    path = settled.file("late.csv", "employee,workplace,first_day,last_day,extent,cause\n1,Alby,2019-02-04,2019-02-05,100,sick\n")
    settled.done("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL)
    result = settled.soc("check", by=None)
    assert result.code == 1
    assert "of the upfront payment is due" in result.out
    assert "recorded after the months that they are about were determined, 1 in all" in result.out


def test_evidence_exits_with_1_where_a_month_cannot_be_determined(settled: World) -> None:
    assert settled.soc("evidence", "tiny", "2019Q1", by=None).code == 0
    result = settled.soc("evidence", "tiny", "2019Q2", by=None)
    assert result.code == 1
    assert "no: headcounts are missing" in result.out


# --- 2 ------------------------------------------------------------------------------------------------------------

USAGE = {
    "unknown contract": (["state", "huddinge"], "contracts on record: tiny"),
    "unknown contract of a write": (["loan", "draw", "huddinge", "1", "--on", "2019-07-01", "--for", "internal"], "huddinge"),
    "unknown determination": (["notify", "tiny/D7", "--on", "2019-07-01"], "no D7 on record"),
    "unknown record": (["correct", "tiny/812", "--reason", "r"], "no 812 on record"),
    "record of nobody": (["correct", "812", "--reason", "r"], "not an ID such as"),
    "not a determination": (["notify", "tiny/N1", "--on", "2019-07-01"], "not a determination"),
    "unknown methodology": (["methodology", "show", "tiny", "other"], "other"),
    "known before the ledger": (["state", "tiny", "--known-at", "2018-12-01"], "outside the record"),
    "known after the last record": (["state", "tiny", "--known-at", "2019-12-01T00:00:00Z"], "outside the record"),
    "record 0": (["state", "tiny", "--known-at", "0"], "from 1 to 12"),
    "record 13": (["state", "tiny", "--known-at", "13"], "from 1 to 12"),
    "known at no instant": (["state", "tiny", "--known-at", "yesterday"], "not an instant"),
    "as of a year that no contract is about": (["state", "tiny", "--as-of", "2201-01-01"], "--as-of"),
    "an invoice of two lines": (["pay", "outcome", "tiny", "1", "--on", "2019-07-21", "--invoice", "F\nG"], "--invoice"),
    "an invoice that says nothing": (["pay", "outcome", "tiny", "1", "--on", "2019-07-21", "--invoice", " "], "--invoice"),
    "a reason with a personal number": (["correct", "tiny/N1", "--reason", "811218-9876"], "--reason"),
    "a reference of two lines": (
        ["loan", "draw", "tiny", "1", "--on", "2019-07-01", "--for", "internal", "--reference", "a\tb"],
        "--reference",
    ),
    "as of no date": (["state", "tiny", "--as-of", "2019-02-30"], "not a date"),
    "no period": (["evidence", "tiny", "2019Q5"], "not a period"),
    "no month": (["suspend", "tiny", "--from", "2019-13", *BOTH, "--reason", "r"], "not a month"),
    "no amount": (["loan", "draw", "tiny", "12.5", "--on", "2019-07-01", "--for", "internal"], "not an amount"),
    "amount and due": (["pay", "outcome", "tiny", "1", "--due", "--on", "2019-07-21", "--invoice", "F"], "not both"),
    "neither amount nor due": (["pay", "outcome", "tiny", "--on", "2019-07-21", "--invoice", "F"], "name an amount"),
    "made without bank": (["pay", "outcome", "tiny", "1", "--on", "2019-07-21", "--invoice", "F", "--made"], "bank"),
    "redo without reason": (["determine", "tiny", "2019Q1", "--redo"], "--reason"),
    "workplaces without complete": (
        ["import", "absences", "tiny", "f", "--source", "payroll", "--workplaces", "A"],
        "--complete",
    ),
    "unknown command": (["frobnicate"], "No such command"),
    "unknown option": (["state", "tiny", "--as-off", "2019-01-01"], "No such option"),
    "unknown form": (["state", "tiny", "-O", "xml"], "-O"),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_question_that_cannot_be_asked_exits_with_2_and_says_why(settled: World, case: str) -> None:
    args, why = USAGE[case]
    result = settled.soc(*args, by=PAYER)
    assert (result.code, result.out) == (2, "")
    assert why in result.err


@pytest.mark.parametrize("by", [None, "A. Ek", "A. Ek,", ", payer", "A. Ek, Payer", "A. Ek, the payer"])
def test_a_write_without_an_actor_exits_with_2_and_records_nothing(settled: World, by: str | None) -> None:
    before = settled.head()
    result = settled.soc("loan", "draw", "tiny", "1", "--on", "2019-07-01", "--for", "internal", by=by)
    assert (result.code, result.out) == (2, "")
    assert "--actor" in result.err or "is not a role" in result.err
    assert settled.head() == before


@pytest.mark.parametrize("url", ["sqlite:////nowhere/ledger.db", "sqlite://", "nonsense", "", "mysql://host/ledger"])
def test_no_ledger_at_the_url_exits_with_2(url: str) -> None:
    result = run(["--ledger", url, "state", "tiny"])
    assert (result.code, result.out) == (2, "")
    assert "ledger" in result.err


def test_a_file_that_is_no_ledger_exits_with_2_and_stays_as_it_is(nothing: World) -> None:
    nothing.file("ledger.db", "not a database, but somebody's notes\n" * 100)
    before = nothing.database().read_bytes()
    result = nothing.soc("state", "tiny")
    assert (result.code, result.out) == (2, "")
    assert nothing.database().read_bytes() == before


def test_asking_creates_no_file(nothing: World) -> None:
    assert nothing.soc("state", "tiny").code == 2
    assert list(nothing.folder.iterdir()) == []


FAR = {
    "as of the last day of the calendar": ["state", "tiny", "--as-of", "9999-12-31"],
    "known at the last day of the calendar": ["state", "tiny", "--known-at", "9999-12-31"],
    "known at a digit that is no number": ["state", "tiny", "--known-at", "²"],
    "more öre than fit": ["pay", "outcome", "tiny", "9" * 20, "--on", "2019-07-21", "--invoice", "F", "--made"],
}


@pytest.mark.parametrize("case", FAR)
def test_values_at_the_edge_are_no_fault_of_ours(settled: World, case: str) -> None:
    more = ["--bank-reference", "B"] if "--made" in FAR[case] else []
    assert settled.soc(*FAR[case], *more, by=PAYER).code in (1, 2)


@pytest.mark.parametrize("option", ["--ledger", "--vault"])
def test_init_at_a_url_that_is_none_exits_with_2(nothing: World, option: str) -> None:
    result = run(["--ledger", nothing.ledger, option, "nonsense", "--actor", PAYER, "init", "--simulated"])
    assert result.code == 2


def test_init_without_a_place_for_the_vault_leaves_nothing_behind(nothing: World) -> None:
    nothing.vault = f"sqlite:///{nothing.folder / 'missing' / 'vault.db'}"
    assert nothing.soc("init", "--simulated", at="2018-12-20T08:00").code in (1, 2)
    assert not nothing.database().exists()


def test_init_beside_a_ledger_makes_no_new_vault(settled: World) -> None:
    """A new vault would give every employee a new token, and count people twice."""
    vault = settled.database().with_suffix(".vault.db")
    vault.unlink()
    assert settled.soc("init", "--simulated").code == 1
    assert not vault.exists()


# --- 3 ------------------------------------------------------------------------------------------------------------

SAVINGS = 9
"""The record of the determination in the settled ledger; 6 is an absence report."""


def _amount_changed(world: World) -> None:
    changed = body(world, SAVINGS).replace(b'"savings_ore":6000000', b'"savings_ore":7000000')
    assert changed != body(world, SAVINGS)
    tamper(world, "UPDATE events SET body = ? WHERE position = ?", zlib.compress(changed), SAVINGS)


def _lines_changed(world: World) -> None:
    with closing(sqlite3.connect(world.database())) as file:
        lines = zlib.decompress(file.execute("SELECT beside FROM events WHERE position = 6").fetchone()[0])
    changed = lines.replace(b'"extent":[100,', b'"extent":[50,')
    assert changed != lines
    tamper(world, "UPDATE events SET beside = ? WHERE position = 6", zlib.compress(changed))


TAMPERED: dict[str, tuple[Callable[[World], None], str]] = {
    "an amount changed": (_amount_changed, f"record {SAVINGS}"),
    "a line changed": (_lines_changed, "record 6"),
    "lines removed": (partial(tamper, statement="UPDATE events SET beside = NULL WHERE position = 6"), "record 6"),
    "a record removed": (partial(tamper, statement="DELETE FROM events WHERE position = 7"), "record 7"),
    "the instant changed": (partial(tamper, statement="UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 9"), "9"),
    "the stream changed": (partial(tamper, statement="UPDATE events SET stream = 'contract/other' WHERE position = 12"), "12"),
    "the type changed": (partial(tamper, statement="UPDATE events SET type = 'Unheard@1' WHERE position = 9"), "record 9"),
    "the leaf changed": (partial(tamper, statement=f"UPDATE events SET leaf = x'{'00' * 32}' WHERE position = 9"), "record 9"),
    "the peaks changed": (partial(tamper, statement=f"UPDATE events SET peaks = x'{'00' * 32}' WHERE position = 9"), "record 9"),
}


@pytest.mark.parametrize("crime", TAMPERED)
def test_a_record_tampered_with_exits_with_3_and_is_named(settled: World, crime: str) -> None:
    commit, named = TAMPERED[crime]
    commit(settled)
    result = settled.soc("check", by=None)
    assert result.code == 3
    assert "Checked, and the record is not what it was" in result.out
    assert named in result.out
    findings = settled.soc("check", "-O", "json", by=None)
    assert findings.code == 3
    assert "broken" in {one["sort"] for one in findings.json["findings"]}


def test_a_record_that_this_version_does_not_know_stops_every_answer(settled: World) -> None:
    tamper(settled, "UPDATE events SET type = 'Unheard@1' WHERE position = 9")
    for args in (
        ["state", "tiny"],
        ["register", "tiny"],
        ["pay", "outcome", "tiny", "1", "--on", "2019-07-21", "--invoice", "F"],
    ):
        result = settled.soc(*args, by=PAYER)
        assert (result.code, result.out) == (3, "")
        assert "Unheard@1" in result.err


GARBLED = {
    "record 9's body": "UPDATE events SET body = x'6761726261676500' WHERE position = 9",
    "record 6's lines": "UPDATE events SET beside = x'6761726261676500' WHERE position = 6",
    "record 9's body by half": f"UPDATE events SET body = x'{zlib.compress(b'{').hex()}' WHERE position = 9",
    "record 6's lines in another shape": f"UPDATE events SET beside = x'{zlib.compress(b'[]').hex()}' WHERE position = 6",
}


@pytest.mark.parametrize("part", GARBLED)
def test_bytes_that_cannot_be_read_exit_with_3(settled: World, part: str) -> None:
    tamper(settled, GARBLED[part])
    result = settled.soc("check", by=None)
    assert result.code == 3, result.err
    assert part.split("'")[0] in result.out


# --- 4 ------------------------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_exits_with_4(settled: World) -> None:
    before = settled.head()
    for path in (settled.folder / "missing.csv", settled.folder):
        for args in (
            ["import", "absences", "tiny", path, "--source", "payroll"],
            ["import", "workforce", "tiny", path],
            ["import", "trend", path],
            ["contract", "sign", path],
            ["methodology", "adopt", "tiny", path, "--from", "2020-01-01", *BOTH],
            ["contract", "amend", "tiny", path, "--from", "2019-09", *BOTH, "--reason", "r"],
        ):
            result = settled.soc(*args)
            assert (result.code, result.out) == (4, "")
            said = "cannot be read: Is a directory" if path.is_dir() else "there is no such file"
            assert f"{path}: {said}" in result.err
    assert settled.head() == before


# --- 5 ------------------------------------------------------------------------------------------------------------

DRAW = ["loan", "draw", "tiny", "100", "--on", "2019-07-01", "--for", "internal"]


def test_a_writer_waits_30_seconds_for_another() -> None:
    from cli.desk import Desk
    from cli.settings import Settings

    assert Desk(Settings("sqlite:///ledger.db", None, None, None)).wait == 30
    assert inspect.signature(Log.open).parameters["wait"].default == 30


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for another writer is 0.2 s."""
    monkeypatch.setenv("SOC_WAIT", "0.2")


@pytest.mark.usefixtures("impatient")
def test_a_ledger_locked_by_another_writer_exits_with_5(settled: World) -> None:
    with closing(sqlite3.connect(settled.database(), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = settled.soc(*DRAW, by=PAYER)
        assert (result.code, result.out) == (5, "")
        assert "another writer holds the ledger" in result.err
        assert settled.done("state", "tiny", by=None).out
        other.execute("ROLLBACK")
    assert settled.done(*DRAW, by=PAYER).code == 0


@pytest.mark.usefixtures("impatient")
def test_a_postgresql_ledger_locked_by_another_writer_exits_with_5(postgres_database: str, nothing: World) -> None:
    import psycopg

    nothing.ledger, nothing.vault = postgres_database, f"sqlite:///{nothing.folder / 'vault.db'}"
    world = nothing.signed()
    world.at = "2019-07-22T09:00"
    with psycopg.connect(postgres_database) as other:
        other.execute("LOCK TABLE events IN EXCLUSIVE MODE")
        result = world.soc(*DRAW, by=PAYER)
        assert (result.code, result.out) == (5, "")
        assert "another writer holds the ledger" in result.err
        assert world.done("state", "tiny", by=None).out
        other.rollback()
    assert world.done(*DRAW, by=PAYER).code == 0


@pytest.mark.usefixtures("impatient")
def test_a_vault_locked_by_another_writer_exits_with_5(settled: World) -> None:
    path = settled.database().with_suffix(".vault.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = settled.soc("forget", "tiny", "S7001", "--decision", "d")
        other.execute("ROLLBACK")
    assert (result.code, result.out) == (5, "")
    assert "S7001" not in result.err
    assert "S7001" in settled.employees_in_vault()


@pytest.mark.parametrize("wait", ["soon", "-1", "nan"])
def test_a_wait_that_is_no_number_of_seconds_exits_with_2(settled: World, monkeypatch: pytest.MonkeyPatch, wait: str) -> None:
    monkeypatch.setenv("SOC_WAIT", wait)
    result = settled.soc(*DRAW, by=PAYER)
    assert (result.code, result.out) == (2, "")
    assert "SOC_WAIT" in result.err


# --- 70 -----------------------------------------------------------------------------------------------------------


def test_a_fault_of_ours_exits_with_70_and_says_where_to_look(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(log: Log) -> None:
        raise ZeroDivisionError("nobody foresaw it")

    monkeypatch.setattr(Log, "facts", fail)
    result = settled.soc("state", "tiny")
    assert (result.code, result.out) == (70, "")
    assert "a fault of ours, at test_exit_codes.py:" in result.err
    assert "ZeroDivisionError: nobody foresaw it" in result.err
    assert "SOC_TRACE=1" in result.err
    assert "recorded" not in result.err, "nothing was to be recorded"
    monkeypatch.setenv("SOC_TRACE", "1")
    with pytest.raises(ZeroDivisionError):
        settled.soc("state", "tiny")


def test_an_interruption_records_nothing_and_says_so(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from ledger import decisions

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = settled.head()
    monkeypatch.setattr(decisions, "decide", interrupt)
    result = settled.soc(*DRAW, by=PAYER)
    assert result.code == 130
    assert result.err.strip() == "soc: interrupted; nothing was recorded"
    assert settled.head() == before


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "soc: interrupted\n"),
        (OSError(28, "No space left on device"), 1, "soc: cannot write: No space left on device\n  → Make room or see to the "
         "permissions, then run it again\n"),
    ],
)  # fmt: skip
def test_what_stops_an_answer_does_not_speak_of_recording(
    settled: World, monkeypatch: pytest.MonkeyPatch, fault: BaseException, code: int, says: str
) -> None:
    from cli import output

    def fail(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(output, "emit", fail)
    result = settled.soc("state", "tiny")
    assert (result.code, result.err.lstrip()) == (code, says)


def test_only_a_write_that_is_refused_says_that_nothing_was_recorded(settled: World) -> None:
    """A file may be refused by what only reads too: the map of an export, the methodology of a replay."""
    bad = settled.file("bad.toml", "[")
    written = settled.soc("methodology", "propose", "tiny", bad, "--from", "2019-04-01", "--by", "payer", "--reason", "better")
    read = [
        settled.soc("replay", "tiny", "--methodology", bad),
        settled.soc("export", "hledger", "tiny", "--period", "2019Q1", "--accounts", bad),
    ]
    assert [one.code for one in (written, *read)] == [4, 4, 4]
    assert written.err.splitlines()[0] == f"soc: {bad} refused: 1 fault, nothing recorded"
    assert [one.err.splitlines()[0] for one in read] == [f"soc: {bad} refused: 1 fault"] * 2


def test_a_fault_after_the_record_was_made_does_not_say_that_nothing_was(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli import output

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    before = settled.head()
    monkeypatch.setattr(output, "emit", fail)
    result = settled.soc(*DRAW, by=PAYER)
    monkeypatch.undo()
    assert settled.head() != before
    assert result.code == 70
    assert "nothing was recorded" not in result.err
    assert "record 13 was recorded and stands; only the answer failed" in result.err


def test_a_disk_that_is_full_after_the_record_was_made_says_that_it_stands(settled: World) -> None:
    """The file may be written when the command starts, and not when it ends."""
    result = settled.soc(*DRAW, "-o", "/dev/full", by=PAYER)
    assert settled.head()[0] == 13
    assert result.code != 1, "1 says that a rule refused it"
    assert "record 13 was recorded and stands" in result.err


def test_an_interruption_after_the_record_was_made_says_that_it_stands(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from cli import output

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(output, "receipts", interrupt)
    result = settled.soc(*DRAW, by=PAYER)
    assert settled.head()[0] == 13
    assert result.code == 130
    assert "nothing was recorded" not in result.err


def test_an_answer_into_a_pipe_is_written_and_nothing_is_read_from_it(settled: World) -> None:
    """As a shell makes one for ``-o >(gzip)``: whether a key stands there is asked of files alone."""
    pipe = settled.folder / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    writer = settled.process("state", "tiny", "-o", pipe)
    try:
        assert (writer.wait(30), reader.wait(30)) == (0, 0)
        assert reader.stdout is not None
        assert reader.stdout.read() == settled.done("state", "tiny").out
    finally:
        writer.kill()
        reader.kill()


def test_an_answer_in_another_encoding_is_no_fault(settled: World) -> None:
    """What a Windows console's pipe is."""
    found = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", "--ledger", settled.ledger, "state", "tiny"],
        capture_output=True,
        cwd=ROOT,
        env={**environment(), "PYTHONIOENCODING": "cp1252"},
        timeout=60,
    )
    assert found.returncode == 0
