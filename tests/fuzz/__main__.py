"""``make fuzz``: files that nobody would send, made by atheris from good ones and guided by what they reach, through both
importers at once. ``python -m tests.fuzz --minutes 1 csv`` fuzzes one of them.

A file that breaks something is written to the folder of findings with the fault that it met, and the fuzzing goes on. Exit code 1
if anything was found.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random
from typing import NoReturn

FINDINGS = Path(tempfile.gettempdir()) / "soc-fuzz"
INSTRUMENTED = ["ledger.imports", "projections.reporting", "projections.day_reports", "cli.absence_file", "cli.absence_import"]
MEMORY = Path("/dev/shm")
"""Where a file system in memory is, on most machines: ledgers are made by the thousand."""


class Fuzzer:
    """One importer fuzzed until the time is over."""

    def __init__(self, form: str, minutes: float, findings: Path, folder: Path) -> None:
        import atheris

        with atheris.instrument_imports(include=INSTRUMENTED):
            from tests.fuzz.target import Target, said
            from tests.fuzz.ways import seeds

        self.atheris, self.said = atheris, said
        self.form, self.findings = form, findings
        self.target = Target(folder / "ledgers")
        self.seeds = seeds(form)
        self.begun = time.monotonic()
        self.until = self.begun + 60 * minutes
        self.known: set[str] = set()
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        for number, seed in enumerate(self.seeds):
            (self.corpus / f"{number:03}").write_bytes(seed)

    def run(self) -> NoReturn:
        """Fuzz; print the counts; leave with 1 if anything was found."""
        options = ["-rss_limit_mb=2000", "-timeout=20", "-max_len=20000", "-verbosity=0", f"-artifact_prefix={self.findings}/"]
        self.atheris.Setup(["fuzz", *options, str(self.corpus)], self.one, custom_mutator=self.mutator)
        self.atheris.Fuzz()
        self.end()  # not reached as long as the time decides

    def one(self, data: bytes) -> None:
        """One input."""
        if time.monotonic() > self.until:
            self.end()
        try:
            self.target.send(self.form, data)
        except Exception as error:
            self.target.counts["crashes"] += 1
            self.keep(data, error)

    def mutator(self, data: bytes, max_size: int, seed: int) -> bytes:
        """Most often a change in form, of what has reached something new or of a good file; else byte by byte."""
        from tests.fuzz.mutations import mutated

        random = Random(seed)
        if not data or random.random() < 0.15:
            changed: bytes = self.atheris.Mutate(data, max_size)
            return changed
        if random.random() < 0.4:
            data = random.choice(self.seeds)
        way = data[:1] if random.random() < 0.8 else bytes([random.randrange(8)])
        return (way + mutated(self.form, data[1:], random, random.choice(self.seeds)[1:]))[:max_size]

    def keep(self, data: bytes, error: Exception) -> None:
        """Write the first file that meets a fault at a place, with the fault."""
        frames = traceback.extract_tb(error.__traceback__)
        where = frames[-1]
        broken = re.sub("[0-9]+", "", str(error))[:30] if where.name == "hold" else ""
        told = f"{type(error).__name__} {where.filename}:{where.lineno} {broken}"
        if told in self.known:
            return
        self.known.add(told)
        name = self.findings / f"{self.form}-{hashlib.sha256(data).hexdigest()[:12]}"
        name.write_bytes(data)
        name.with_suffix(".txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        sys.stderr.write(f"{self.form}: {type(error).__name__}: {str(error)[:300]} → {name}\n")

    def end(self) -> NoReturn:
        """The counts, and out: atheris never returns."""
        seconds = time.monotonic() - self.begun
        counts = self.target.counts
        pace = f"{counts['inputs'] / seconds:.0f} inputs a second, {seconds:.0f} s"
        sys.stdout.write(f"{self.form}: {self.said(counts)}; {pace}\n")
        sys.stdout.flush()
        os._exit(1 if counts["crashes"] else 0)


def main() -> int:
    """Each importer in a process of its own, in a folder that is gone afterwards; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz the importers.")
    parser.add_argument("formats", nargs="*", help="csv, paxml; default: both at once")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--findings", type=Path, default=FINDINGS, help="where files that break something are written")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    said.findings.mkdir(parents=True, exist_ok=True)
    if said.folder is not None:
        Fuzzer(said.formats[0], said.minutes, said.findings, said.folder).run()
    with tempfile.TemporaryDirectory(prefix="soc-fuzz-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        again = [sys.executable, "-m", "tests.fuzz", "--minutes", str(said.minutes), "--findings", str(said.findings)]
        running = []
        for form in said.formats or ["csv", "paxml"]:
            folder = Path(name) / form
            folder.mkdir()
            running.append(subprocess.Popen([*again, "--folder", str(folder), form]))
        return max(abs(one.wait()) for one in running)


if __name__ == "__main__":
    sys.exit(main())
