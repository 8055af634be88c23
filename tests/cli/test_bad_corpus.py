"""Bad files of every kind that was thought of or found by fuzzing, each sent as a user sends it."""

from __future__ import annotations

import re
import sqlite3
import time
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.world import ROOT, Result, World

BAD = ROOT / "fixtures" / "imports" / "bad"
KINDS = ("absences", "paxml", "reimbursements", "trend", "workforce")
SECONDS = 2
"""So much of the processor may a refusal take, loading all that ``soc`` needs included."""


class Kind(NamedTuple):
    """A line of the table in the corpus's README."""

    file: str
    sent_with: str
    code: int
    lines: list[str]
    says: str


def _table() -> list[Kind]:
    found = []
    for line in (BAD / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 6 and cells[2].isdigit():
            file, sent_with, code, lines, says, what = ("" if cell == "–" else cell for cell in cells)
            assert what, f"{file}: say what is wrong"
            found.append(Kind(file, sent_with, int(code), lines.split() or ["–"], says))
    return found


TABLE = _table()


def standing(world: World) -> tuple[Any, ...]:
    """The last record with its tree, and every row of the vault."""
    with closing(sqlite3.connect(world.database())) as ledger:
        last = ledger.execute("SELECT position, peaks FROM events ORDER BY position DESC LIMIT 1").fetchone()
    with closing(sqlite3.connect(world.database().with_suffix(".vault.db"))) as vault:
        return (*last, *vault.iterdump())


def send(world: World, kind: str, path: Path, *options: str) -> Result:
    """``soc import`` of a file in a folder of that kind."""
    if kind == "trend":
        return world.soc("import", "trend", path)
    if kind in ("workforce", "reimbursements"):
        return world.soc("import", kind, "tiny", path)
    return world.soc("import", "absences", "tiny", path, "--source", "payroll", *options)


def fault_lines(result: Result, path: Path) -> list[str]:
    """The line of each fault in the order of the list, – where it has none."""
    return [line or "–" for line in re.findall(rf"^  {re.escape(str(path))}:(?:([0-9]+):)? ", result.err, re.MULTILINE)]


def readable(said: str) -> None:
    """No personal number, nothing that a terminal would act upon, no words of a programmer."""
    plain = unicodedata.normalize("NFKC", said)
    assert not re.search(r"(?<![0-9])[0-9]{6}(?:[0-9]{2})?\W?[0-9]{4}(?![0-9-])", plain), f"a personal number: {said}"
    assert all(char.isprintable() or char == "\n" for char in said), f"invisible characters: {said!r}"
    assert not re.search(r"Traceback|Error\b|None|ValueError|codec|utf-8-sig|pydantic", said), said


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.file)
def test_a_bad_file_is_refused_with_its_lines_and_nothing_is_recorded(settled: World, kind: Kind) -> None:
    path = BAD / kind.file
    before = standing(settled)
    begun = time.process_time()
    result = send(settled, kind.file.split("/")[0], path, *kind.sent_with.split())
    took = time.process_time() - begun
    assert (result.code, result.out) == (kind.code, "")
    assert standing(settled) == before
    if kind.code == 4:
        assert fault_lines(result, path) == kind.lines
    first = result.err.splitlines()[1 if kind.code == 4 else 0]
    assert kind.says in first
    readable(result.err.replace(str(path), path.name))
    assert took < SECONDS


def test_every_file_is_in_the_table_and_every_line_of_the_table_is_a_file() -> None:
    files = sorted(str(path.relative_to(BAD)) for kind in KINDS for path in (BAD / kind).iterdir())
    assert files == sorted(kind.file for kind in TABLE)
    assert len(files) == len(set(files)) >= 40
