"""SEEDS.md names for each sentence of the sources a command that shows it: each is run on the demo's ledger."""

from __future__ import annotations

import re
import shlex
from contextlib import chdir
from pathlib import Path

import pytest

from tests.cli.world import World

ROOT = Path(__file__).parents[2]
SEEDS = (ROOT / "SEEDS.md").read_text(encoding="utf-8")
COMMANDS = sorted({shlex.join(shlex.split(one)) for one in re.findall(r"`soc ([^`]+)`", SEEDS)})
GENERAL = [one for one in COMMANDS if re.search(r"…|\b[A-Z]{3,}\b", one.replace("RISE and SALAR", ""))]
FINDS = {"reconcile": 1}
"""Those that end with a finding on the demo, by intention: its books have a month that nothing explains."""


def test_the_tables_are_read() -> None:
    rows = [line for line in SEEDS.splitlines() if line.startswith("| ") and "the sources say" not in line]
    assert len(rows) >= 30
    assert [row for row in rows if "`soc " not in row] == [], "a row without a command"


@pytest.mark.parametrize("command", [one for one in COMMANDS if one not in GENERAL])
def test_each_command_shows_what_it_says(demo: World, command: str) -> None:
    with chdir(ROOT):
        answer = demo.soc(*shlex.split(command), by=None)
    assert answer.code == FINDS.get(command.split()[0], 0), answer.err
    assert answer.out.strip()


@pytest.mark.parametrize("command", GENERAL)
def test_each_command_with_places_to_fill_is_there(demo: World, command: str) -> None:
    words = [word for word in command.split(" ") if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-")][:2]
    options = [word for word in command.split(" ") if word.startswith("--")]
    said = demo.soc(*words, "--help", by=None)
    assert said.code == 0
    assert all(option in said.out for option in options)
