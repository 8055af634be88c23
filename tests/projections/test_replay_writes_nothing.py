"""A replay is handed nothing that it could write to: ledger, read model and vault are the same bytes after a thousand of them."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import cycle, islice, product
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from ledger.application import LedgerApplication
from ledger.errors import Refused
from ledger.facts import Facts
from ledger.log import Log
from ledger.methodology import read_methodology
from ledger.periods import Month
from ledger.recorder import RecordedEvent, Recorder
from ledger.vault import Vault
from projections import read_model
from projections.findings_beside import beside, symmetry
from projections.replays.causes import difference
from projections.replays.replay import Replay, replay
from tests.cli.world import METHODOLOGY, ROOT, World, environment
from tests.replayed import ways

MONTHS = (Month.parse("2019-01"), Month.parse("2019-02"), Month.parse("2019-03"))
RULES = {
    "tiny-2019": 'kind = "none@1"',
    "coded-out": 'kind = "exclude-cause@1"\ncauses = ["sick"]\nwindow = "2019-02"',
    "out": 'kind = "exclude-months@1"\nwindow = "2019-03"',
    "mean": 'kind = "deem-average@1"\nwindow = "2019-03"\nof = "2019-01..2019-02"',
    "frozen": 'kind = "freeze-trend@1"\nat = "2018Q4"\nwindow = "2019-02"',
}
FILES = {name: METHODOLOGY.replace('"tiny-2019"', f'"{name}"').replace('kind = "none@1"', rules) for name, rules in RULES.items()}
METHODS = [read_methodology(content.encode(), f"{name}.toml") for name, content in FILES.items()]
WRITERS = (Log, LedgerApplication, Recorder, Vault, sa.Engine, sa.Connection, sqlite3.Connection)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A contract with a determination accepted, a report of somebody in the vault, and a read model."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SOC_LEDGER", "SOC_VAULT", "SOC_ACTOR", "SOC_NOW"):
            patch.delenv(name, raising=False)
        folder = tmp_path_factory.mktemp("settled")
        return World(folder, f"sqlite:///{folder / 'ledger.db'}").settled()


def stored(folder: Path) -> dict[str, bytes]:
    """Every database file of the folder; nothing waits in a file of writes beside one."""
    gc.collect()
    assert [file.name for file in folder.iterdir() if file.suffix == ".db-wal" and file.stat().st_size] == []
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.suffix == ".db"}


def tables(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table of the ledger, read model included, and of the vault."""
    found = {}
    for name in ("ledger.db", "ledger.vault.db"):
        with closing(sqlite3.connect(f"file:{folder / name}?mode=ro", uri=True)) as database:
            names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            found |= {f"{name} {table}": database.execute(f'SELECT * FROM "{table}"').fetchall() for table in names}
    return found


def asked(facts: Facts) -> Iterator[Replay]:
    """Every question that there is, again and again: methodologies, months, dates, facts of now or then, known at a moment."""
    signed = facts.stream("contract/tiny")[1].position
    wanted = (None, MONTHS, MONTHS[1:])
    dates = (None, date(2019, 3, 31), date(2019, 6, 30))
    for methods, months, as_of, then, back in cycle(
        product((METHODS, METHODS[:2], METHODS[3:]), wanted, dates, (False, True), (0, 2, 3))
    ):
        known = facts.at(max(signed, facts.position - back))
        yield replay(known, "tiny", methods, months=months, as_of=as_of, then=then)


def test_ledger_read_model_and_vault_are_the_same_bytes_after_a_thousand_replays(world: World) -> None:
    before, rows = stored(world.folder), tables(world.folder)
    assert {"ledger.db", "ledger.vault.db"} <= before.keys()
    assert all(rows[f"ledger.db {name}"] for name in ("events", "postings", "determinations")), rows.keys()
    log = Log.open(world.ledger, follower=read_model)
    sums = set()
    for number, found in enumerate(islice(asked(log.facts()), 1000)):
        sums |= {outcome.sum for outcome in found.outcomes}
        if number % 10 == 0:
            assert difference(*ways(found)[:2], found.months).residual == (0, 0)
            symmetry(found.replayer, METHODS[1], found.months)
    beside(log.facts(), "tiny", METHODS[1], date(2019, 1, 1))
    log.recorder.close()
    assert len(sums) > 3
    assert tables(world.folder) == rows
    assert stored(world.folder) == before


def test_so_are_they_after_replays_on_the_command_line(world: World) -> None:
    files = [world.file(f"{name}.toml", content) for name, content in FILES.items()]
    before = stored(world.folder)
    asked_for = [option for file in files for option in ("--methodology", file)]
    said = [
        world.done("replay", "tiny", *asked_for, *more, by=None, at="2019-07-23T09:00").out
        for more in ([], ["--diff"], ["-O", "json"], ["-O", "csv"], ["--facts", "then"], ["--as-of", "2019-06-30"])
    ]
    assert len(set(said)) == len(said)
    assert stored(world.folder) == before


def test_a_replay_needs_no_more_than_a_ledger_that_may_only_be_read(world: World) -> None:
    log = Log.open(f"{world.ledger}?mode=ro")
    facts = log.facts()
    assert replay(facts, "tiny", METHODS).outcomes == replay(Log.open(world.ledger).facts(), "tiny", METHODS).outcomes
    event = RecordedEvent("contract/tiny", 99, "LedgerOpened@1", b"{}", recorded_at=facts.known_at)
    with pytest.raises(Refused, match="may not be written"):
        log.recorder.insert_events([event])


# What can be reached from a replay


def held(root: object) -> Iterator[tuple[object, str, object]]:
    """Everything that an object leads to, with who holds it and under which name: all but classes, modules, and what functions
    know by their module. What could write is not looked into."""
    seen, waiting = {id(root)}, [root]
    while waiting:
        owner = waiting.pop()
        for name, one in _parts(owner):
            if isinstance(one, (type, ModuleType)) or id(one) in seen:
                continue
            seen.add(id(one))
            yield owner, name, one
            if not isinstance(one, WRITERS):
                waiting.append(one)


def _parts(owner: object) -> list[tuple[str, object]]:
    if isinstance(owner, FunctionType):
        cells = [cell.cell_contents for cell in owner.__closure__ or ()]
        return [("", one) for one in (*cells, owner.__defaults__, owner.__kwdefaults__)]
    names = list(vars(owner).items()) if hasattr(owner, "__dict__") else []
    return [*names, *(("", one) for one in gc.get_referents(owner) if one is not getattr(owner, "__dict__", None))]


def test_neither_log_nor_vault_can_be_reached_from_a_replay(world: World) -> None:
    """Of what could write, the reader of the records alone holds anything: the recorder, for itself."""
    log = Log.open(world.ledger, follower=read_model)
    found = replay(log.facts(), "tiny", METHODS)
    difference(*ways(found)[:2], found.months)
    reached = list(held(found))
    assert {type(one).__name__ for _, _, one in reached} >= {"Replayer", "ContractState", "MonthDetermined", "Facts", "Measured"}
    writers = {(type(owner).__name__, name, type(one)) for owner, name, one in reached if isinstance(one, WRITERS)}
    assert writers == {("_Records", "_recorder", Recorder)}
    assert id(log) not in {id(one) for _, _, one in reached}


def test_nothing_reached_by_name_appends(world: World) -> None:
    """By names that are not private: no object that a replay leads to has a method that records anything."""
    found = replay(Log.open(world.ledger).facts(), "tiny", METHODS)
    public = {
        name
        for owner in (found, found.facts, found.facts.source, found.replayer, found.recorded, *found.outcomes)
        for name in dir(owner)
        if not name.startswith("_")
    }
    writing = {"append", "submit", "insert_events", "save", "write", "writing", "create", "maintaining", "execute", "commit"}
    assert {"stream", "contract", "lines", "savings"} <= public
    assert not public & writing


def test_what_replays_knows_no_log_and_no_database() -> None:
    """Not even its modules, taken together with all that they import."""
    modules = ("projections.replays.replay", "projections.replays.causes", "projections.findings_beside")
    code = f"import {', '.join(modules)}, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    imported = set(done.stdout.split())
    assert set(modules) <= imported
    assert not imported & {"ledger.log", "ledger.recorder", "ledger.application", "ledger.vault", "sqlalchemy", "sqlite3"}
