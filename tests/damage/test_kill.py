"""``kill -9`` at random points of imports, determinations and payments: whole submissions or nothing stand, the tables and
the vault fit them, and the same command again completes."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.world import World, copy
from tests.damage.conftest import Databases, count
from tests.damage.stable import COMMITTING, LOCKED, OUTSIDE, WRITTEN, Ended, Stable
from tests.damage.story import Step, Story, head, whole

KILLS = count("LEDGER_KILLS", 500, by_hand=200)
ON_POSTGRESQL = KILLS // 8


@dataclass
class Tally:
    """Where the kills hit."""

    killed: int = 0
    too_late: int = 0
    hit: Counter[str] = field(default_factory=Counter)

    def add(self, ended: Ended, recorded: int) -> None:
        """A child that was killed after so many of its submissions were recorded, or that ended before."""
        if ended.code is not None:
            assert ended.code == 0, ended.err
            self.too_late += 1
            return
        self.killed += 1
        if ended.phase == OUTSIDE:
            self.hit["after" if recorded else "before"] += 1
        else:
            self.hit["commit" if ended.phase == COMMITTING else "inside"] += 1

    def __str__(self) -> str:
        return (
            f"{self.killed} points: {self.hit['before']} before the write, {self.hit['inside']} inside it, "
            f"{self.hit['commit']} in the commit itself, {self.hit['after']} after; 0 half recorded, 0 doubled "
            f"({self.too_late} commands ended before they were hit)"
        )

    def sensible(self) -> bool:
        """Whether every part of a command was hit, and the write often; of too few kills nothing can be said."""
        inside = self.hit["inside"] + self.hit["commit"]
        return self.killed < 40 or (min(self.hit["before"], self.hit["after"]) > 0 and inside >= self.killed // 5)


def _settled_down(world: World) -> None:
    """Wait until PostgreSQL has noticed that its client is gone: what it was sent last may still be on its way."""
    if world.ledger.startswith("sqlite"):
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(world.ledger, autocommit=True) as connection:
        for _ in range(1000):
            if connection.execute(others).fetchone() == (0,):
                return
            time.sleep(0.005)
    raise AssertionError("a connection stays")


def _measured(stable: Stable, world: World, steps: list[Step]) -> list[tuple[float, ...]]:
    """The times of every step's phases, undisturbed."""
    ended = [stable.run(step.on(world)) for step in steps]
    assert not [one for one in ended if one.code]
    return [one.times for one in ended]


def _aim(draw: random.Random, times: tuple[float, ...]) -> dict[str, Any]:
    """When to kill: anywhere in the command, or from its lock to a little after its commit."""
    locked, committed, end = times[1], times[4], times[5]
    if draw.random() < 0.4:
        return {"kill": draw.uniform(0, 1.2 * end)}
    return {"kill": draw.uniform(0, 1.2 * (committed - locked)), "from_lock": True}


def _chain(
    stable: Stable, world: World, story: Story, times: list[tuple[float, ...]], draw: random.Random, tally: Tally, kills: int
) -> None:
    """The story told in one ledger, every step killed up to three times and then sent again, until there were enough."""
    stood = story.first
    for step, took in zip(story.steps, times, strict=True):
        sent, target, now = step.on(world), stood + step.records, stood
        for _ in range(draw.randint(1, 3)):
            if tally.killed < kills and now < target:
                ended = stable.run(sent, **_aim(draw, took))
                _settled_down(world)
                before, now = now, whole(world, story.roots)
                assert before <= now <= target
                tally.add(ended, now - before)
        again = stable.run(sent)
        assert again.code == 0, again.err
        assert again.out.count("Already recorded") == now - stood
        assert again.out.count("Recorded") == target - now
        _settled_down(world)
        stood = target
        assert head(world) == (target, story.roots[target])
    whole(world, story.roots)


@pytest.mark.xdist_group("kill")
def test_killed_on_sqlite(stable: Stable, story: Story, tmp_path: Path, draw: random.Random, say: Callable[[str], None]) -> None:
    tally, kills = Tally(), KILLS - ON_POSTGRESQL
    times = _measured(stable, copy(story.start, tmp_path / "measured"), story.steps)
    while tally.killed < kills:
        _chain(stable, copy(story.start, tmp_path / str(tally.killed)), story, times, draw, tally, kills)
    say(f"kill -9, SQLite: {tally}")
    assert tally.sensible()


@pytest.mark.xdist_group("kill")
def test_killed_on_postgresql(
    stable: Stable, story: Story, tmp_path: Path, databases: Databases, draw: random.Random, say: Callable[[str], None]
) -> None:
    """The vault is there too."""
    template = databases(None)
    start = World(tmp_path, template, template).settled()
    tally = Tally()

    def fresh() -> World:
        url = databases(template)
        return World(tmp_path, url, url, at=start.at)

    times = _measured(stable, fresh(), story.steps)
    while tally.killed < ON_POSTGRESQL:
        _chain(stable, fresh(), story, times, draw, tally, ON_POSTGRESQL)
    say(f"kill -9, PostgreSQL: {tally}")
    assert tally.sensible()


@pytest.mark.xdist_group("kill")
@pytest.mark.parametrize("phase", [LOCKED, WRITTEN, COMMITTING])
def test_killed_at_the_last_moments_before_the_commit(stable: Stable, story: Story, tmp_path: Path, phase: int) -> None:
    """Everything is written, nothing is recorded, and the lock is free again."""
    world = copy(story.start, tmp_path)
    for step in story.steps[:3]:
        stood = whole(world, story.roots)
        stable.run(step.on(world), stop=phase)
        assert stable.kill().phase == phase
        assert whole(world, story.roots) == stood
        assert stable.run(step.on(world)).out.count("Recorded") == step.records
