"""Two writers at once: no krona is paid twice. What is killed, cut off or full is in tests/damage."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.world import PAYER, ROOT, Result, World, environment

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
