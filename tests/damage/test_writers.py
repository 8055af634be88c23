"""Eight processes write at once: everything that was answered is recorded, once, and a limited balance is never overdrawn."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ledger.log import Log
from ledger.recorder import Recorder
from projections import read_model
from projections.check import storage
from tests.cli.world import ABSENCE_HEADER, PAYER, PAYROLL, TERMS, World
from tests.damage.conftest import Databases, count
from tests.damage.stable import Stable

WRITERS = count("LEDGER_WRITERS", 8)
WRITES = count("LEDGER_WRITES", 500, by_hand=150)
CONTRACTS = 100  # so that no contract's own history gets long, which would be what takes the time
IMPORT_EVERY = 10
Say = Callable[[str], None]


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """Where a ledger can be opened; the vault beside it, or in the same database."""
    if request.param == "SQLite":
        return World(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    databases: Databases = request.getfixturevalue("databases")
    url = databases(None)
    return World(tmp_path, url, url)


def _signed(world: World) -> World:
    world.opened()
    for number in range(CONTRACTS):
        terms = world.file("terms.toml", TERMS.replace('id = "tiny"', f'id = "c{number}"'))
        world.done("contract", "sign", terms, at="2019-01-02T09:00")
    world.at = "2019-07-22T09:00"
    return world


def _write(world: World, writer: int, number: int) -> list[str]:
    """One command, unlike every other: an import of sick calls, else a draw on the loan or an upfront payment."""
    contract, name = f"c{(writer * WRITES + number) % CONTRACTS}", f"W{writer}-{number}"
    if number % IMPORT_EVERY == 0:
        lines = [f"{name}-{line},Skolan,2019-06-03,2019-06-04,100,sick" for line in range(3)]
        path = world.file(f"{name}.csv", "\n".join([ABSENCE_HEADER, *lines]))
        sent = ["import", "absences", contract, str(path), "--source", "payroll"]
        return [*world.options(PAYROLL, None), *sent, "--reference", name, "-O", "json"]
    if number % 2:
        sent = ["loan", "draw", contract, str(number + 1), "--on", "2019-07-01", "--for", "internal"]
    else:
        paid = ["--invoice", name, "--made", "--bank-reference", name]
        sent = ["pay", "upfront", contract, str(number + 1), "--on", "2019-07-01", *paid]
    return [*world.options(PAYER, None), *sent, "--reference", name, "-O", "json"]


def _in_order(recorder: Recorder) -> list[Any]:
    """Every row, after asserting that positions are dense and times strictly later."""
    rows = list(recorder.rows())
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    assert all(before.recorded_at < after.recorded_at for before, after in pairwise(rows))
    assert not list(storage(recorder.rows(beside=True)))
    assert not list(read_model.differences(Log(recorder)))
    return rows


@pytest.mark.xdist_group("writers")
def test_every_write_is_recorded_once(stable: Stable, place: World, say: Say) -> None:
    world = _signed(place)
    before = world.head()[0]
    work = [[_write(world, writer, number) for number in range(WRITES)] for writer in range(WRITERS)]
    began = time.monotonic()
    answers = stable.together(work)
    took = time.monotonic() - began
    receipts: dict[int, str] = {}
    for writer, answered in enumerate(answers):
        for number, (code, out, err) in enumerate(answered):
            assert code == 0, err
            said = json.loads(out)
            assert (said["recorded"], said["repeated"], len(said["events"])) == (True, False, 1)
            receipts[int(said["events"][0]["id"].partition("/")[2])] = f"W{writer}-{number}"
    recorder = Recorder(world.ledger)
    rows = _in_order(recorder)
    recorder.close()
    recorded = {row.position: json.loads(row.body)["evidence"][-1]["document"] for row in rows[before:]}
    assert recorded == receipts
    assert len(set(recorded.values())) == len(recorded) == WRITERS * WRITES
    say(f"{WRITERS} processes × {WRITES} writes, {_kind(world)}: {len(recorded)} recorded, 0 lost, 0 doubled, in {took:.0f} s")


@pytest.mark.xdist_group("writers")
def test_a_limited_balance_is_never_overdrawn(stable: Stable, place: World, say: Say) -> None:
    """34 909.09 are due; eight processes instruct 1 000 at a time, each under an invoice of its own, until nothing is left."""
    world = place.settled()
    pay = [*world.options(PAYER, None), "pay", "outcome", "tiny", "1000", "--on", "2019-07-22", "--invoice"]
    work = [[[*pay, f"W{writer}-{number}", "-O", "json"] for number in range(10)] for writer in range(WRITERS)]
    answers = [one for answered in stable.together(work) for one in answered]
    paid = [json.loads(out) for code, out, _ in answers if code == 0]
    refused = [err for code, _, err in answers if code == 1]
    assert len(paid) + len(refused) == len(answers)
    assert all("is above what is due on 2019-07-22: 909.09" in err for err in refused)
    recorder = Recorder(world.ledger)
    rows = _in_order(recorder)
    recorder.close()
    instructed = {f"tiny/{row.position}" for row in rows if row.type == "PaymentInstructed@1"}
    assert {one["events"][0]["id"] for one in paid} == instructed
    provider = world.state()["balance"]["provider"]
    assert (len(paid), provider["instructed"], provider["due"]) == (34, "34000.00", "909.09")
    say(f"{WRITERS} processes out of one balance, {_kind(world)}: {len(paid)} paid, {len(refused)} refused, 0 öre too much")


def _kind(world: World) -> str:
    return "SQLite" if world.ledger.startswith("sqlite") else "PostgreSQL"
