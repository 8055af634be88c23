"""Two writers at once, and one that is killed: no krona is paid twice, and a submission is recorded whole or not at all."""

from __future__ import annotations

import json
import multiprocessing
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.world import ABSENCE_HEADER, PAYER, PAYROLL, ROOT, Result, World, copy, environment, run

PAYING = """
import json, sys
from tests.cli.world import run
run(["--help"])
from cli import pay, state
print("ready", flush=True)
for line in sys.stdin:
    result = run(json.loads(line))
    print(json.dumps([result.code, result.out, result.err]), flush=True)
"""


class Payer:
    """A process of its own that runs ``soc`` whenever it is told."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PAYING],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env=environment(),
        )
        assert self._line() == "ready\n"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def tell(self, args: list[str]) -> None:
        """Run this, without waiting."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(args) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Result:
        """What came of it."""
        return Result(*json.loads(self._line()))

    def close(self) -> None:
        """Let it end."""
        self.process.communicate(timeout=60)


@contextmanager
def two_payers() -> Iterator[tuple[Payer, Payer]]:
    payers = Payer(), Payer()
    try:
        yield payers
    finally:
        for payer in payers:
            payer.close()


@pytest.fixture
def owing(ledger_url: str, tmp_path: Path) -> World:
    """A contract in which exactly 100 kr are due, on SQLite or PostgreSQL."""
    vault = None if ledger_url.startswith("sqlite") else f"sqlite:///{tmp_path / 'vault.db'}"
    world = World(tmp_path, ledger_url, vault).settled()
    paid = ("--made", "--bank-reference", "BG")
    world.done("pay", "outcome", "tiny", "34809.09", "--on", "2019-07-22", "--invoice", "first", *paid, by=PAYER)
    assert due(world) == "100.00"
    return world


def due(world: World) -> str:
    found: str = world.state("--as-of", "2019-07-22")["balance"]["provider"]["due"]
    return found


def at_once(world: World, payers: tuple[Payer, Payer], commands: tuple[list[str], list[str]]) -> list[Result]:
    """Both commands, started together."""
    for payer, command in zip(payers, commands, strict=True):
        payer.tell([*world.options(PAYER, None), *command])
    return [payer.answer() for payer in payers]


ROUNDS = 12


def test_two_processes_never_pay_one_krona_twice(owing: World) -> None:
    """Each tries to instruct 60 of the 100 kr that are due, under an invoice of its own; one succeeds, then it is cancelled."""
    won = [0, 0]
    with two_payers() as payers:
        for number in range(ROUNDS):
            pay = [["pay", "outcome", "tiny", "60", "--on", "2019-07-22", "--invoice", f"{name}-{number}"] for name in ("a", "b")]
            results = at_once(owing, payers, (pay[0], pay[1]))
            assert sorted(result.code for result in results) == [0, 1], results
            refused = next(result for result in results if result.code)
            assert "is above what is due on 2019-07-22: 40.00" in refused.err
            assert due(owing) == "40.00"
            winner = [result.code for result in results].index(0)
            won[winner] += 1
            name = results[winner].out.split()[1].rstrip(":")
            owing.done("correct", name, "--reason", "the next round", by=PAYER)
            assert due(owing) == "100.00"
    sys.stdout.write(f"{ROUNDS} rounds of two processes: one instruction each; won {won[0]} to {won[1]}\n")
    assert owing.soc("check").code == 1
    assert "BROKEN" not in owing.soc("check").out


def test_the_same_payment_sent_by_two_processes_is_recorded_once(owing: World) -> None:
    repeated = 0
    with two_payers() as payers:
        for number in range(ROUNDS):
            pay = ["pay", "outcome", "tiny", "1", "--on", "2019-07-22", "--invoice", f"same-{number}"]
            results = at_once(owing, payers, (pay, pay))
            assert [result.code for result in results] == [0, 0], results
            repeated += sum(result.out.startswith("Already recorded") for result in results)
            assert due(owing) == f"{100 - number - 1}.00"
    sys.stdout.write(f"{ROUNDS} payments sent by two processes at once: {repeated} answered 'already recorded'\n")
    assert repeated == ROUNDS


def test_what_is_due_is_instructed_once(owing: World) -> None:
    """--due is what is due under the lock, not when the command was typed."""
    with two_payers() as payers:
        pay = [["pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", name] for name in ("a", "b")]
        results = at_once(owing, payers, (pay[0], pay[1]))
    assert sorted(result.code for result in results) == [0, 1], results
    assert "nothing is due on 2019-07-22" in next(result.err for result in results if result.code)
    assert due(owing) == "0.00"


# --- Killed ---------------------------------------------------------------------------------------------------------

KILLS, FILES, LINES = 20, 6, 300


def _sent(world: World) -> list[str]:
    """The import of files of many absences each."""
    paths = []
    for part in range(FILES):
        lines = [f"K{part}{line:03d},Skolan,2019-04-{part + 1:02d},2019-04-{part + 1:02d},100,sick" for line in range(LINES)]
        paths.append(str(world.file(f"sent-{part}.csv", "\n".join([ABSENCE_HEADER, *lines]))))
    return [*world.options(PAYROLL, None), "import", "absences", "tiny", *paths, "--source", "payroll"]


def _killed(args: list[str], after: float) -> float:
    """Import in a process of its own, killed after so many seconds; how long it was alive."""
    writer = multiprocessing.get_context("fork").Process(target=run, args=(args,))
    began = time.monotonic()
    writer.start()
    writer.join(after)
    alive = time.monotonic() - began
    writer.kill()
    writer.join()
    return alive


def test_a_writer_killed_at_any_point_leaves_whole_submissions_or_nothing(settled: World, tmp_path: Path) -> None:
    """An import of several files is killed at random points; what stands is whole, and sending all of it again completes it."""
    draw = random.Random(20190722)
    worlds = [copy(settled, tmp_path / str(number)) for number in range(KILLS + 1)]
    whole = _killed(_sent(worlds[KILLS]), 60)
    assert worlds[KILLS].head()[0] == 12 + FILES
    found = dict.fromkeys(range(FILES + 1), 0)
    for world in worlds[:KILLS]:
        args = _sent(world)
        _killed(args, draw.random() * whole)
        recorded = world.head()[0] - 12
        found[recorded] += 1
        checked = world.soc("check")
        assert checked.code == 1, checked.out + checked.err
        assert "BROKEN" not in checked.out
        assert "DIFFERS" not in checked.out
        again = run(args)
        assert again.code == 0, again.err
        assert again.out.count("Already recorded") == recorded
        assert again.out.count("Recorded tiny/") == FILES - recorded
        assert again.out.count(f"{LINES} absences from payroll") == FILES
        assert world.head() == worlds[KILLS].head()
        assert len(world.employees_in_vault()) == 12 + FILES * LINES
    said = ", ".join(f"{number} after {recorded} of {FILES} files" for recorded, number in found.items() if number)
    sys.stdout.write(f"{KILLS} imports killed: {said}\n")
    assert len([number for number in found.values() if number]) > 1, "all were killed at the same point"


def test_a_writer_killed_in_the_middle_of_its_transaction_records_nothing(settled: World) -> None:
    """The last moment before the commit: everything is written, nothing is recorded, and the lock is free again."""
    head = settled.head()
    blocked = subprocess.Popen(
        [sys.executable, "-c", _BLOCKED, *settled.options(PAYER, None), *_DRAW],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    )
    assert blocked.stdout is not None
    assert blocked.stdout.readline() == "written\n"
    blocked.kill()
    blocked.communicate()
    assert settled.head() == head
    assert replace(settled).done(*_DRAW, by=PAYER).out.startswith("Recorded tiny/L1")


_DRAW = ("loan", "draw", "tiny", "100", "--on", "2019-07-01", "--for", "internal")
_BLOCKED = """
import sys, time
from ledger import application
save = application.LedgerApplication.save
def late(*args, **kwargs):
    save(*args, **kwargs)
    print("written", flush=True)
    time.sleep(60)
application.LedgerApplication.save = late
from cli.main import main
main()
"""
