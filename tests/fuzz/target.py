"""One file through ``soc import`` on a ledger with a history, and what must hold whatever is in the file.

Refused: exit code 1, 2 or 4, a message that can be read, and record and vault as they were. Accepted: one record more, the vault
holds exactly the people on record, the lines are those that the record commits to, answers are still given, and the same file
again is a no-op. Each file meets the same ledger.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import sqlite3
import unicodedata
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import InputRefused, Refused, Usage
from ledger.imports import recognise
from ledger.lines import Lines
from ledger.log import Log
from ledger.periods import parse_date
from projections import check
from tests.cli.world import BOTH, METHODOLOGY, TERMS, Result, World, copy
from tests.fuzz.hold import Broken, hold
from tests.fuzz.rehearsal import Rehearsal
from tests.fuzz.ways import GOOD, Way, way_of

NOW = "2020-06-01T09:00"
CONTRACTS = ("tiny", "coded")
WHOLE_EVERY = 20
"""One file in so many, of those that a rehearsal refuses and of those that it accepts, goes through the whole command."""

PERSONAL = re.compile(r"(?<![0-9])(?:19)?81\W?12\W?18\W{0,3}9876(?![0-9])|811218\W{1,3}9876")
"""The one personal number that files are given, however it is written."""


class Stand(NamedTuple):
    """What is on record: the last position with its tree, and every row of the vault."""

    position: int
    peaks: bytes
    vault: tuple[Any, ...]


class Target:
    """A ledger to send files to. ``counts``: inputs, accepted, refused, crashes, partial records, whole commands."""

    def __init__(self, folder: Path, whole_every: int = WHOLE_EVERY) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.whole_every = folder, whole_every
        self.counts: Counter[str] = Counter()
        self._first = _history(World(folder, f"sqlite:///{folder / 'first.db'}"))
        self._stand = stand(self._first)
        tokens = {contract: _people(self._first, contract) for contract in CONTRACTS}
        self._rehearsal = Rehearsal(Log.open(self._first.ledger).facts(), tokens, parse_date(NOW[:10]))
        self._copies = 0
        self._world = self._fresh()

    def send(self, form: str, data: bytes) -> str:
        """Send what a fuzzer made; "accepted" or "refused". Raises Broken, or what the product raises and should not."""
        self.counts["inputs"] += 1
        way, content = way_of(form, data), data[1:]
        outcome, by_a_rule = "accepted", False
        try:
            self._rehearsal.send(way, content)
        except (InputRefused, Refused, Usage) as refused:
            _check_message(str(refused), content, "sent")
            outcome, by_a_rule = "refused", not isinstance(refused, InputRefused)
        if by_a_rule or self.counts[outcome] % self.whole_every == 0:
            found = self._whole(way, content)
            agreed = found == outcome or (outcome == "accepted" and way.kind != "absences")
            hold(agreed, f"{outcome} in rehearsal, {found} by the command")
            outcome = found
        self.counts[outcome] += 1
        return outcome

    def _whole(self, way: Way, content: bytes) -> str:
        """The file through the whole command."""
        self.counts["whole commands"] += 1
        path = self._world.file("sent", content)
        trace = os.environ.get("SOC_TRACE")
        os.environ["SOC_TRACE"] = "1"  # a fault of ours is raised, not told
        try:
            result = self._world.soc(*way.command(path))
            if result.code == 0:
                self._check_accepted(way, path)
                return "accepted"
            self._check_refused(result, path, content)
            return "refused"
        finally:
            os.environ.pop("SOC_TRACE")
            if trace is not None:
                os.environ["SOC_TRACE"] = trace

    def _check_refused(self, result: Result, path: Path, content: bytes) -> None:
        if stand(self._world) != self._stand:
            self.counts["partial records"] += 1
            self._world = self._fresh()
            raise Broken(f"refused, and yet something was recorded: {result.err}")
        hold(result.code in (1, 2, 4), f"exit code {result.code}: {result.err}")
        hold(result.out == "", f"an answer beside a refusal: {result.out}")
        hold(result.code != 4 or str(path) in result.err, f"a message that names no file: {result.err}")
        _check_message(result.err, content, str(path))

    def _check_accepted(self, way: Way, path: Path) -> None:
        after = stand(self._world)
        if after.position == self._stand.position:
            hold(after == self._stand, "nothing recorded, and yet something is there")
            return
        try:
            self._check_record(way, path, after)
        except Broken:
            self.counts["partial records"] += 1
            raise
        finally:
            self._world = self._fresh()

    def _check_record(self, way: Way, path: Path, after: Stand) -> None:
        hold(after.position == self._stand.position + 1, f"from record {self._stand.position} to {after.position}")
        _check_record(self._world)
        again = self._world.soc(*way.command(path))
        hold(again.code == 0 and "Already recorded" in again.out, f"the same file again: {again.out}{again.err}")
        hold(stand(self._world) == after, "the same file again left something on record")
        for question in (("state", way.contract, "--unsettled"), ("evidence", way.contract)):
            answer = self._world.soc(*question, by=None)
            hold(answer.code in (0, 1), f"soc {' '.join(question)}: {answer.err}")

    def _fresh(self) -> World:
        """The ledger as it was, at another place: an open connection may still hold the one before."""
        shutil.rmtree(self.folder / str(self._copies), ignore_errors=True)
        self._copies += 1
        if self._copies % 100 == 0:
            gc.collect()  # the connections of old places
        return copy(self._first, self.folder / str(self._copies))


def _history(world: World) -> World:
    """Two contracts, one with agreed codes, and the good files on record in both."""
    world.settled()
    world.at = NOW
    terms = TERMS.replace('id = "tiny"', 'id = "coded"') + '\n[absence_codes]\nFR1 = "covid"\nworkplace_dimension = 1\n'
    world.done("contract", "sign", world.file("coded.toml", terms), "--on", "2019-01-02")
    method = world.file("method.toml", METHODOLOGY)
    world.done("methodology", "adopt", "coded", method, "--from", "2019-01-01", *BOTH)
    for path in sorted(GOOD.iterdir()):
        content = path.read_bytes()
        if recognise.kind(content, path.name) == "absences":
            for contract in CONTRACTS:
                sent = world.file(path.name, content)
                world.soc("import", "absences", contract, sent, "--source", "payroll", "--period", "2019-09")
    return world


def _check_message(said: str, content: bytes, path: str) -> None:
    """No character that does what it should not on a screen, no personal number, no line that the file does not have."""
    hidden = [char for char in said if not char.isprintable() and char not in "\n\u2009\u00a0"]
    hold(not hidden, f"a message with invisible characters {hidden!r}")
    hold(not PERSONAL.search(unicodedata.normalize("NFKC", said)), f"a personal number in a message: {said}")
    ends = len(re.findall(rb"\r\n|\r|\n", content)) + 2
    lines = [int(line) for line in re.findall(rf"^ *{re.escape(path)}:([0-9]+):", said, re.MULTILINE)]
    hold(all(1 <= line <= ends for line in lines), f"a line that the file does not have: {said}")


def stand(world: World) -> Stand:
    """What is on record, read past the product."""
    with closing(sqlite3.connect(world.database())) as ledger:
        position, peaks = ledger.execute("SELECT position, peaks FROM events ORDER BY position DESC LIMIT 1").fetchone()
    return Stand(position, peaks, vault_rows(world))


def vault_rows(world: World) -> tuple[Any, ...]:
    """Every row of every table of the vault."""
    with closing(sqlite3.connect(world.database().with_suffix(".vault.db"))) as vault:
        tables = [name for (name,) in vault.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return tuple((name, *sorted(vault.execute(f'SELECT * FROM "{name}"').fetchall())) for name in tables)


def _check_record(world: World) -> None:
    """The last record is what it commits to, and the vault knows exactly the people on record."""
    log = Log.open(world.ledger)
    rows = list(log.recorder.rows(beside=True))
    log.recorder.close()
    found = list(check.storage(rows))
    hold(not found, f"storage: {found}")
    for contract in CONTRACTS:
        lines = [Lines.checked(row.beside) for row in rows if row.stream == f"absences/{contract}" and row.beside]
        recorded = {token for one in lines for token in one.employee}
        known = set(_people(world, contract).values())
        hold(recorded == known, f"{contract}: on record {len(recorded)} people, in the vault {len(known)}")


def _people(world: World, contract: str) -> dict[str, int]:
    with closing(sqlite3.connect(world.database().with_suffix(".vault.db"))) as vault:
        return dict(vault.execute("SELECT employee, token FROM employees WHERE contract = ?", [contract]).fetchall())


def said(counts: Counter[str]) -> str:
    """The counts on one line."""
    names = ("inputs", "accepted", "refused", "crashes", "partial records", "whole commands")
    return ", ".join(f"{counts[name]:,} {name}".replace(",", " ") for name in names)
