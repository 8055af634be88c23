"""A year of a tiny contract as commands, the record that they make undisturbed, and what must hold of any ledger that
they were sent to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ledger.facts import absence_stream
from ledger.log import Log
from ledger.recorder import Recorder
from ledger.vault import Vault, beside
from projections import read_model
from projections.check import storage
from tests.cli.world import ABSENCE_HEADER, MANAGER, PAYER, PAYROLL, Q2, World, absences, copy, trend, workforce

Q3 = ["2019-07", "2019-08", "2019-09"]


@dataclass(frozen=True)
class Step:
    """A command, by whom, when, and how many records it makes."""

    args: tuple[str, ...]
    by: str
    at: str
    records: int = 1

    def on(self, world: World) -> list[str]:
        """Its arguments for a ledger."""
        return [*world.options(self.by, self.at), *self.args]


def _sick_calls(folder: Path, number: int, lines: int) -> str:
    day = f"2019-04-{number + 1:02d}"
    rows = [f"K{number}{line:03d},Skolan,{day},{day},100,sick" for line in range(lines)]
    path = folder / f"calls-{number}.csv"
    path.write_text("\n".join([ABSENCE_HEADER, *rows]))
    return str(path)


def steps(folder: Path) -> list[Step]:
    """The story after ``World.settled``: payments, imports, a determination with its notice and acceptances, the loan."""
    files = {
        "calls.csv": absences(Q2, 6, 2),
        "quarter.csv": absences(Q3, 100, 50),
        "workforce.csv": workforce(Q2),
        "trend.csv": trend(["2019Q2"]),
    }
    for name, content in files.items():
        (folder / name).write_text(content)
    calls = [_sick_calls(folder, number, 150) for number in range(4)]
    payroll = ("--source", "payroll")
    paid = ("--invoice", "F1", "--made", "--bank-reference", "BG 1")
    return [
        Step(("pay", "outcome", "tiny", "20000", "--on", "2019-07-22", "--invoice", "F1"), PAYER, "2019-07-22T09:00"),
        Step(("pay", "outcome", "tiny", "20000", "--on", "2019-07-22", *paid), PAYER, "2019-07-22T10:00"),
        Step(("import", "absences", "tiny", *calls, *payroll), PAYROLL, "2019-07-23T09:00", records=len(calls)),
        Step(("pay", "upfront", "tiny", "--due", "--on", "2019-07-23", *paid), PAYER, "2019-07-23T10:00"),
        Step(("loan", "draw", "tiny", "200000", "--on", "2019-07-23", "--for", "upfront"), PAYER, "2019-07-23T11:00"),
        Step(("import", "workforce", "tiny", str(folder / "workforce.csv")), MANAGER, "2019-07-24T09:00"),
        Step(
            ("import", "absences", "tiny", str(folder / "calls.csv"), *payroll, "--complete", "2019Q2"),
            PAYROLL,
            "2019-07-24T10:00",
        ),
        Step(("import", "trend", str(folder / "trend.csv")), MANAGER, "2019-09-10T09:00"),
        Step(("determine", "tiny", "2019Q2"), MANAGER, "2019-09-11T09:00"),
        Step(("notify", "tiny/D2", "--on", "2019-09-12"), MANAGER, "2019-09-12T09:00"),
        Step(("accept", "tiny/D2", "--by", "payer", "--on", "2019-09-20"), PAYER, "2019-09-20T09:00"),
        Step(("accept", "tiny/D2", "--by", "external_provider", "--on", "2019-09-20"), MANAGER, "2019-09-20T10:00"),
        Step(
            ("import", "absences", "tiny", str(folder / "quarter.csv"), *payroll, "--complete", "2019Q3"),
            PAYROLL,
            "2019-10-08T09:00",
        ),
        Step(("pay", "outcome", "tiny", "--due", "--on", "2019-10-25", "--invoice", "F2"), PAYER, "2019-10-25T09:00"),
        Step(("loan", "repay", "tiny", "10000", "--on", "2019-10-25"), PAYER, "2019-10-25T10:00"),
    ]


@dataclass(frozen=True)
class Story:
    """A ledger to start from, the steps after it, and the root after every record of the undisturbed run."""

    start: World
    steps: list[Step]
    roots: dict[int, bytes]

    @property
    def first(self) -> int:
        """How many records the start holds."""
        return len(self.roots) - sum(step.records for step in self.steps)


def told(folder: Path) -> Story:
    """The story, run once undisturbed."""
    start = World(folder, f"sqlite:///{folder / 'ledger.db'}").settled()
    files = folder / "files"
    files.mkdir()
    sent = steps(files)
    whole = copy(start, folder / "whole")
    for step in sent:
        whole.done(*step.args, by=step.by, at=step.at)
    recorder = Recorder(whole.ledger)
    roots = {row.position: recorder.head_at(row.position).root for row in recorder.rows()}
    recorder.close()
    return Story(start, sent, roots)


def head(world: World) -> tuple[int, bytes]:
    """How many records stand, and the root over them."""
    recorder = Recorder(world.ledger)
    found = recorder.head()
    recorder.close()
    return found.position, found.root


def whole(world: World, roots: dict[int, bytes]) -> int:
    """How many records stand, after asserting that they are a whole beginning of the undisturbed record, byte for byte; that
    the tables follow them; and that the vault fits them."""
    recorder = Recorder(world.ledger)
    position = recorder.head().position
    assert not list(storage(recorder.rows(beside=True)))
    assert recorder.head().root == roots[position]
    log = Log(recorder)
    assert not list(read_model.differences(log))
    with recorder.reading() as connection:
        assert all((connection.scalar(sa.select(sa.func.max(table.c.position))) or 0) <= position for table in read_model.ROWS)
    _vault_fits(world, log)
    recorder.close()
    if world.ledger.startswith("sqlite"):
        with closing(sqlite3.connect(world.database())) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return position


def _vault_fits(world: World, log: Log) -> None:
    """It belongs to this ledger, gave no token twice, and knows every token on record."""
    url = world.vault or beside(world.ledger) or ""
    vault = Vault(url)
    vault.belongs_to(log.recorder.head_at(1).root.hex())
    with vault._engine.connect() as connection:
        given = [token for (token,) in connection.exec_driver_sql("SELECT token FROM employees WHERE contract = 'tiny'")]
    assert len(given) == len(set(given))
    assert max(given) <= vault.last_token("tiny")
    assert set(given) >= set(_tokens(log))
    vault._engine.dispose()


def _tokens(log: Log) -> Iterable[int]:
    facts = log.facts()
    for record in facts.stream(absence_stream("tiny")):
        yield from facts.lines(record).employee
