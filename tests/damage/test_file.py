"""A file that lost its end in a power cut, or in which a bit turned over: what is shown is what was recorded, or it is said
that it is not."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.world import World, copy
from tests.damage.conftest import count
from tests.damage.stable import Ended, Stable
from tests.damage.story import Story, whole

pytestmark = pytest.mark.xdist_group("disk")
CUTS = count("LEDGER_CUTS", 50)
FLIPS = count("LEDGER_FLIPS", 100)
QUESTIONS = (
    ("state", "tiny", "-O", "json"),
    ("portfolio", "-O", "json"),
    ("register", "tiny", "-O", "json"),
    ("pay", "list", "--on", "2019-07-01", "-O", "json"),
    ("check",),
)
Say = Callable[[str], None]


def _wal(world: World) -> Path:
    return Path(f"{world.database()}-wal")


def _all_in_the_write_ahead_log(stable: Stable, story: Story, folder: Path) -> World:
    """A ledger whose last fifteen commands stand in the write-ahead log only: somebody was reading all the while."""
    world = copy(story.start, folder / "lost")
    with closing(sqlite3.connect(world.database(), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        for step in story.steps:
            assert stable.run(step.on(world)).code == 0
        for file in (world.database(), _wal(world)):
            shutil.copy(file, folder / file.name)
    return world


def test_a_write_ahead_log_cut_off_anywhere(stable: Stable, story: Story, tmp_path: Path, draw: random.Random, say: Say) -> None:
    """SQLite opens at the end of a whole transaction, and sending everything again completes the record."""
    world = _all_in_the_write_ahead_log(stable, story, tmp_path)
    size = (tmp_path / _wal(world).name).stat().st_size
    stood: Counter[int] = Counter()
    for cut in [size, *(draw.randrange(size) for _ in range(CUTS - 1))]:
        for file in (world.database(), _wal(world)):
            shutil.copy(tmp_path / file.name, file)
        Path(f"{world.database()}-shm").unlink(missing_ok=True)
        os.truncate(_wal(world), cut)
        position = whole(world, story.roots)
        assert stable.run([*world.options(None, None), "check"]).code < 2
        stood[position] += 1
    assert max(stood) == len(story.roots)
    assert min(stood) < len(story.roots) - 3
    done = story.first
    for step in story.steps:
        done += step.records
        if done > position:
            again = stable.run(step.on(world))
            assert again.code == 0, again.err
    assert whole(world, story.roots) == len(story.roots)
    say(f"a write-ahead log cut off: {CUTS} points, each a whole beginning of the record ({len(stood)} different ones)")


def test_a_bit_turned_over(stable: Stable, story: Story, tmp_path: Path, draw: random.Random, say: Say) -> None:
    """Every answer is the same, or refused in plain words: a figure is never shown otherwise, and nothing crashes."""
    world = World(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")
    copy(World(story.start.folder, f"sqlite:///{story.start.folder / 'whole' / 'ledger.db'}"), tmp_path)
    with closing(sqlite3.connect(world.database())) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sound = world.database().read_bytes()
    asked = [[*world.options(None, None), *question] for question in QUESTIONS]
    answers = [stable.run(one) for one in asked]
    written = [spot for spot, byte in enumerate(sound) if byte]  # elsewhere is mostly room that nothing uses
    outcome: Counter[str] = Counter()
    wrong = []
    for _ in range(FLIPS):
        at, bit = draw.choice(written), draw.randrange(8)
        for suffix in ("-wal", "-shm"):
            Path(f"{world.database()}{suffix}").unlink(missing_ok=True)
        world.database().write_bytes(sound[:at] + bytes([sound[at] ^ 1 << bit]) + sound[at + 1 :])
        now = [stable.run(one) for one in asked]
        how = [_how(one, before) for one, before in zip(now, answers, strict=True)]
        outcome.update(f"{question[0]} {one}" for question, one in zip(QUESTIONS, how, strict=True))
        if "shown wrong" in how:
            wrong.append(f"byte {at} bit {bit}: " + "; ".join(f"{one.code} {one.err[:200]}" for one in now) + f" {how}")
    said = ", ".join(f"{times} {what}" for what, times in sorted(outcome.items()))
    say(f"a bit turned over: {FLIPS} bits; {said}")
    assert not wrong, "\n".join(wrong)


def _how(now: Ended, before: Ended) -> str:
    if (now.code, now.out, now.err) == (before.code, before.out, before.err):
        return "unchanged"
    return "refused or reported" if now.code in (2, 3) else "shown wrong"
