"""``make bench``: each figure beside a floor or an alternative of the same run. Trust ratios, not milliseconds."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

RUNS = 7


def main() -> None:
    """Build the demo's ledger in a temporary folder, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, median of {RUNS}, alternating\n")
        soc = [sys.executable, "-c", "from cli.main import main; main()"]
        target = str(Path(folder) / "demo")
        began = time.perf_counter()
        subprocess.run([*soc, "demo", "--to", target], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows = [["soc demo, both contracts, 112 reports", f"{time.perf_counter() - began:.1f} s", "", ""]]
        ledger = f"sqlite:///{target}/ledger.db"
        rows += [_processes(soc, ledger), _help(soc), *_in_process(Path(target), ledger)]
        print(tabulate(rows, ["what", "measured", "beside", "ratio"]))


def _paired(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of both, run in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for taken, run in zip(times, (one, other), strict=True):
            began = time.perf_counter()
            run()
            taken.append(time.perf_counter() - began)
    return statistics.median(times[0]), statistics.median(times[1])


def _row(what: str, one: float, beside: str, other: float, note: str = "") -> list[str]:
    return [what, f"{one * 1000:.0f} ms{note}", f"{beside} {other * 1000:.0f} ms", f"{one / other:.2f}"]


def _process(*args: str) -> Callable[[], object]:
    return lambda: subprocess.run(args, check=True, stdout=subprocess.DEVNULL)


def _processes(soc: list[str], ledger: str) -> list[str]:
    one, other = _paired(
        _process(*soc, "--ledger", ledger, "state", "botkyrka"),
        _process(sys.executable, "-c", "import click, sqlalchemy, pydantic, eventsourcing.application"),
    )
    return _row("soc state, whole process", one, "importing its libraries", other)


def _help(soc: list[str]) -> list[str]:
    one, other = _paired(_process(*soc, "--help"), _process(sys.executable, "-c", "import click"))
    return _row("soc --help, whole process", one, "importing click", other)


def _in_process(target: Path, ledger: str) -> list[list[str]]:
    from ledger.imports import absence_csv
    from ledger.log import Log
    from ledger.periods import Period
    from projections import proposals
    from projections.state import state

    facts = Log.open(ledger).facts()
    folded = facts.contract("botkyrka")
    files = sorted((target / "files" / "botkyrka").glob("absences-*.csv"))
    contents = [file.read_bytes() for file in files]
    spells = sum(len(absence_csv.read(content, "")) for content in contents)

    def from_log() -> object:
        fresh = Log.open(ledger).facts()
        return proposals.measured(fresh, "botkyrka", folded, Period.parse("2019Q4"), redo=True)

    def read_only() -> object:
        with sqlite3.connect(target / "ledger.db") as connection:
            return connection.execute("SELECT body, beside FROM events").fetchall()

    def parse() -> object:
        return [absence_csv.read(content, "") for content in contents]

    rows_of = [[tuple(line.split(b",")) for line in content.splitlines()[1:]] for content in contents]

    def insert() -> object:
        with sqlite3.connect(":memory:") as connection:
            connection.execute("CREATE TABLE spells (a, b, c, d, e, f)")
            return [connection.executemany("INSERT INTO spells VALUES (?, ?, ?, ?, ?, ?)", rows) for rows in rows_of]

    measured, read = _paired(from_log, read_only)
    parsed, inserted = _paired(parse, insert)
    stated, opened = _paired(lambda: state(Log.open(ledger).facts(), "botkyrka"), lambda: Log.open(ledger).facts())
    return [
        _row(f"a quarter's savings from the log, {spells} lines", measured, "reading the rows", read),
        _row(f"checking {spells} lines of CSV", parsed, "sqlite3 executemany", inserted, f", {spells / parsed:,.0f}/s"),
        _row("state, in process", stated, "opening the ledger", opened),
    ]


if __name__ == "__main__":
    main()
