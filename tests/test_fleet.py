"""A fleet of contracts: built the same twice, and measured the same wherever it is asked."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cli.fleet import determination, opened
from fixtures import fleet_records
from fixtures.fleet import HISTORY_FROM, Fleet, fleet, headcounts
from fixtures.fleet_absences import Absences
from ledger.errors import Usage
from ledger.events import Scope
from ledger.evidence import ReportAbsences
from ledger.facts import absence_stream
from ledger.findings import findings
from ledger.lines import OPEN, Lines
from ledger.log import Log
from ledger.periods import Period
from projections.fleet import Answer, Place, ask, here, processes, scheduler, signed
from projections.fleet_measure import Measurement, measurement
from tests.cli.world import World, copy, environment, run
from tests.questions import deadly, how_many_reports, process

pytestmark = pytest.mark.xdist_group("fleet")  # one scheduler, one built fleet

SMALL = fleet(5, 60, 4)


def build(url: str, of: Fleet) -> Log:
    log = opened(url, of.seed)
    assert sum(fleet_records.record_all(log, fleet_records.steps(of, determination))) == fleet_records.count(of)
    return log


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SOC_LEDGER", "SOC_VAULT", "SOC_ACTOR", "SOC_NOW", "SOC_TRACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("fleet")
    build(f"sqlite:///{folder / 'ledger.db'}", SMALL)
    return World(folder, f"sqlite:///{folder / 'ledger.db'}")


@pytest.fixture
def world(built: World, tmp_path: Path) -> World:
    """Five contracts, four months in; a copy of this test's own."""
    return copy(built, tmp_path / "copy")


def measured(world: World, on: Place | None = None) -> list[Answer[Measurement]]:
    log = Log.open(world.ledger)
    facts = log.facts()
    return list(ask(world.ledger, facts.basis, measurement, signed(log, facts.position), on))


# ── The fleet ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_builds_give_the_same_root(tmp_path: Path) -> None:
    of = fleet(2, 30, 3)
    roots = [build(f"sqlite:///{tmp_path / name}.db", of).facts().basis for name in ("one", "two")]
    other = build(f"sqlite:///{tmp_path / 'three'}.db", fleet(2, 30, 3, seed=2)).facts().basis
    assert roots[0] == roots[1] != other


def test_its_terms_differ_and_agree_with_themselves() -> None:
    terms = [member.terms for member in fleet(40, 2000, 36).members]
    assert len({one.id for one in terms}) == 40
    assert len({one.investment.total for one in terms}) > 20
    assert {one.investment.at_risk_share * 100 >= 25 for one in terms} == {True}
    assert len({one.investment.at_risk_share for one in terms}) > 10
    assert [finding for one in terms for finding in findings(one)] == []


def test_its_absences_are_plausible() -> None:
    member = fleet(1, 3000, 12).members[0]
    staff = Absences(member)
    reports = [staff.report(month) for month in Period(HISTORY_FROM, HISTORY_FROM + 35)]
    spells = {key for lines in reports for key in zip(lines.employee, lines.first_day, strict=True)}
    per_year = len(spells) / (3 * member.employees)
    assert 2.8 < per_year < 3.4
    assert all(len(set(zip(lines.employee, lines.first_day, strict=True))) == len(lines) for lines in reports)
    assert sum(headcounts(member).tolist()) == member.employees
    short = [last - first < 3 for first, last in zip(reports[9].first_day, reports[9].last_day, strict=True) if last]
    assert 0.45 < sum(short) / len(short) < 0.7


def test_what_is_left_open_is_repeated_by_the_next_report() -> None:
    staff = Absences(fleet(1, 400, 12).members[0])
    months = list(Period(HISTORY_FROM, HISTORY_FROM + 11))
    reports = [staff.report(month) for month in months]
    for one, following in pairwise(reports):
        left_open = {(who, first) for who, first, last in _keys(one) if last == OPEN}
        assert left_open
        assert left_open <= {(who, first) for who, first, _ in _keys(following)}


def _keys(lines: Lines) -> list[tuple[int, int, int]]:
    return list(zip(lines.employee, lines.first_day, lines.last_day, strict=True))


def test_what_is_measured_is_what_was_determined(world: World) -> None:
    facts = Log.open(world.ledger).facts()
    for one in measured(world):
        assert one.value is not None
        determined = {month.month: month.savings_ore for each in facts.contract(one.contract).in_force for month in each.months}
        assert len(determined) == 3
        assert {month.month: month.savings_ore for month in one.value.months if month.savings_ore is not None} == determined
        assert one.value.missing == ("2019Q2: no value of synthetic-sick-days is recorded",)


# ── Asked anywhere ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def dask() -> Iterator[str]:
    """A Dask scheduler and a worker, each a process of its own; the scheduler's URL."""
    from distributed import Client

    def start(*words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        return subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    port = _free_port()
    address = f"tcp://127.0.0.1:{port}"
    started = [start("scheduler", "--host", "127.0.0.1", "--port", str(port))]
    try:
        started.append(start("worker", address, "--nthreads", "1", "--no-nanny"))
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=60)
        yield address
    finally:
        for one in reversed(started):
            one.terminate()
            one.wait(timeout=30)


def _free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_same_bytes_here_in_two_processes_and_on_dask(world: World, dask: str) -> None:
    asked = [[], ["--processes", "2"], ["--scheduler", dask]]
    for form in ("text", "json", "csv"):
        answers = [run(["--ledger", world.ledger, "fleet", "measure", *where, "-O", form]) for where in asked]
        assert [(one.code, one.err) for one in answers] == [(0, "")] * 3
        assert answers[0].out == answers[1].out == answers[2].out
    values = [measured(world, on) for on in (here, processes(2), scheduler(dask))]
    assert values[0] == values[1] == values[2]
    assert [one.contract for one in values[0]] == [member.id for member in SMALL.members]


def test_other_processes_are_asked(world: World) -> None:
    import os

    log = Log.open(world.ledger)
    basis = log.facts().basis
    contracts = signed(log, basis.position)
    assert {one.value for one in ask(world.ledger, basis, process, contracts, here)} == {os.getpid()}
    assert os.getpid() not in {one.value for one in ask(world.ledger, basis, process, contracts, processes(2))}


def test_a_question_of_ones_own(world: World, dask: str) -> None:
    log = Log.open(world.ledger)
    basis = log.facts().basis
    for on in (here, processes(2), scheduler(dask)):
        found = ask(world.ledger, basis, how_many_reports, ["m001-norrvik", "nobody", "m003-vestervik"], on)
        assert [(one.value, one.exit_code) for one in found] == [(43, 0), (None, 2), (43, 0)]


def test_on_postgresql_as_on_sqlite(world: World, postgres_database: str) -> None:
    log = build(postgres_database, SMALL)
    there = World(world.folder, postgres_database)
    assert log.facts().basis == Log.open(world.ledger).facts().basis
    assert measured(there, processes(2)) == measured(world)


# ── What is recorded meanwhile ───────────────────────────────────────────────────────────────────────────────────────


def record_late(world: World, contract_id: str) -> None:
    """A restatement of January 2019 without any absence."""
    month = Period.parse("2019-01")
    nothing = Lines((), (), (), (), (), (), (), b"")
    report = ReportAbsences(contract_id, "payroll", Scope(complete=month), month, (month.first,), nothing)
    step = fleet_records.Step(
        datetime(2019, 9, 1, tzinfo=UTC).date(), fleet_records.PAYROLL, {"late": contract_id}, lambda facts: report, "late.csv"
    )
    fleet_records.record(Log.open(world.ledger), step)


@pytest.mark.parametrize("on", [here, processes(2)], ids=["here", "processes"])
def test_a_report_recorded_meanwhile_changes_nothing(world: World, on: Place) -> None:
    before = measured(world)
    log = Log.open(world.ledger)
    facts = log.facts()
    contracts = signed(log, facts.position)
    asked = ask(world.ledger, facts.basis, measurement, contracts, on)
    found = [next(asked)]
    record_late(world, contracts[-1])
    found += asked
    assert found == before
    assert measured(world)[-1] != before[-1]
    assert list(ask(world.ledger, facts.basis, measurement, contracts, on)) == before


def test_an_earlier_moment_can_be_asked_for(world: World) -> None:
    before = run(["--ledger", world.ledger, "fleet", "measure", "-O", "json"]).out
    position = json.loads(before)["basis"]["position"]
    record_late(world, "m005-lillvik")
    now = run(["--ledger", world.ledger, "fleet", "measure", "-O", "json"]).out
    then = run(["--ledger", world.ledger, "fleet", "measure", "--known-at", str(position), "-O", "json", "--processes", "2"]).out
    assert now != before == then


def test_contracts_signed_later_are_left_out(world: World) -> None:
    log = Log.open(world.ledger)
    first = log.facts().at(5)
    assert 0 < len(signed(log, first.position)) < 5


# ── What goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


def damage(world: World, contract_id: str, column: str, content: bytes) -> None:
    """Write past the guards, as whoever owns the file can."""
    with closing(sqlite3.connect(world.database())) as file:
        triggers = file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            file.execute(f"DROP TRIGGER {name}")
        done = file.execute(
            f"UPDATE events SET {column} = ? WHERE stream = ? AND version = 7", (content, absence_stream(contract_id))
        )
        assert done.rowcount == 1
        file.commit()


DAMAGES: list[tuple[str, bytes]] = [
    ("body", zlib.compress(b"{}")),
    ("body", b"not packed"),
    ("beside", b"not packed"),
    ("beside", zlib.compress(b'{"employee":[1')),
    ("beside", zlib.compress(b"[]")),
]


@pytest.mark.parametrize(("column", "content"), DAMAGES)
def test_a_damaged_contract_is_named_and_the_others_answered(world: World, column: str, content: bytes) -> None:
    whole = measured(world)
    damage(world, "m003-vestervik", column, content)
    for on in (here, processes(2)):
        found = measured(world, on)
        assert [one.contract for one in found if one.error] == ["m003-vestervik"]
        assert found[2].exit_code == 3
        assert found[:2] + found[3:] == whole[:2] + whole[3:]
    said = run(["--ledger", world.ledger, "fleet", "measure", "--processes", "2", "-O", "json"])
    assert said.code == 3
    assert said.err.startswith("soc: m003-vestervik: ")
    answer = json.loads(said.out)
    assert [one["contract"] for one in answer["errors"]] == ["m003-vestervik"]
    assert len(answer["contracts"]) == 4


def test_a_damaged_contract_is_named_by_dask_too(world: World, dask: str) -> None:
    damage(world, "m003-vestervik", "beside", b"not packed")
    assert measured(world, scheduler(dask)) == measured(world)


def test_a_contract_whose_process_dies_is_named(world: World) -> None:
    log = Log.open(world.ledger)
    basis = log.facts().basis
    found = list(ask(world.ledger, basis, deadly, signed(log, basis.position), processes(2)))
    assert [one.value for one in found] == [43, None, 43, 43, 43]
    assert "ended from outside" in str(found[1].error)


def test_another_ledger_at_the_url_is_not_taken_for_this_one(world: World, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'other.db'}"
    build(other, replace(SMALL, members=SMALL.members[:1]))
    basis = Log.open(world.ledger).facts().basis
    found = list(ask(other, basis.model_copy(update={"position": 40}), measurement, ["m001-norrvik"]))
    assert found[0].exit_code == 3
    assert "another ledger" in str(found[0].error)


def test_a_ledger_that_is_not_there_is_an_error_of_each_contract(world: World) -> None:
    basis = Log.open(world.ledger).facts().basis
    found = list(ask("sqlite:////nowhere/ledger.db", basis, measurement, ["a", "b"], processes(1)))
    assert [(one.contract, one.exit_code) for one in found] == [("a", 2), ("b", 2)]


def test_without_dask_the_error_says_what_to_install(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = run(["--ledger", world.ledger, "fleet", "measure", "--scheduler", "tcp://127.0.0.1:1"])
    assert said.code == 2
    assert 'pip install "soc-ledger[cluster]"' in said.err


def test_a_scheduler_that_does_not_answer_is_an_error(world: World) -> None:
    began = time.monotonic()
    with pytest.raises(Usage, match="no Dask scheduler answers"):
        measured(world, scheduler(f"tcp://127.0.0.1:{_free_port()}", wait=1))
    assert time.monotonic() - began < 10


def test_unknown_contracts_and_two_places_are_refused(world: World) -> None:
    unknown = run(["--ledger", world.ledger, "fleet", "measure", "m001-norrvik", "nobody"])
    assert (unknown.code, "nobody" in unknown.err) == (2, True)
    both = run(["--ledger", world.ledger, "fleet", "measure", "--processes", "2", "--scheduler", "tcp://127.0.0.1:1"])
    assert both.code == 2


def test_a_relative_url_is_sent_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(["--ledger", world.ledger, "fleet", "measure", "m002-sunnvik", "-O", "csv"]).out
    monkeypatch.chdir(world.folder)
    assert run(["--ledger", "sqlite:///ledger.db", "fleet", "measure", "m002-sunnvik", "-O", "csv"]).out == whole


def test_build_from_the_command_line(tmp_path: Path) -> None:
    folder = tmp_path / "fleet"
    args = ["fleet", "build", "2", "--employees", "30", "--months", "2", "--to", str(folder)]
    assert run(args).code == 0
    assert run(args).code == 1
    ledger = f"sqlite:///{folder / 'ledger.db'}"
    answer: dict[str, Any] = json.loads(run(["--ledger", ledger, "fleet", "measure", "-O", "json"]).out)
    assert answer["label"] == "recorded (simulated ledger)"
    assert [one["months"] for one in answer["contracts"]] == [41, 41]
    assert run(["--ledger", ledger, "check"]).code == 0
