"""``soc import absences``: from CSV to durable events, line commitments included, beside sqlite3 with the same rows."""

from __future__ import annotations

import io
import sqlite3
import statistics
from contextlib import closing, redirect_stdout
from pathlib import Path

from cli.main import soc
from fixtures import synthetic
from fixtures.synthetic import ABSENCE_HEADER, BOTKYRKA, HISTORY_FROM, History
from ledger.imports import absence_csv
from ledger.periods import Month, Period
from tests.benchmarks.figures import Figure, beside, paired, seconds

CONTRACT = "botkyrka"
PAYROLL, MANAGER = "HR payroll, internal_provider", "M. Lind, performance_manager"
UNTIL = Month.parse("2020-02")


def figures(folder: Path, history: History) -> list[Figure]:
    """One large file; and month by month, each into all that came before."""
    return [*_one_file(folder, history), _month_by_month(folder, history)]


def _soc(ledger: Path, actor: str, *args: str, now: str = "2020-06-15T09:00:00+02:00") -> None:
    with redirect_stdout(io.StringIO()):
        soc.main(["--ledger", f"sqlite:///{ledger}", "--now", now, "--actor", actor, *args], standalone_mode=False)


def _opened(ledger: Path) -> Path:
    _soc(ledger, MANAGER, "init", "--simulated", now="2018-09-24T08:00:00+02:00")
    _soc(ledger, MANAGER, "contract", "sign", "fixtures/contracts/botkyrka.toml", now="2018-09-26T08:00:00+02:00")
    return ledger


def _one_file(folder: Path, history: History) -> list[Figure]:
    months = Period(HISTORY_FROM, UNTIL)
    last = UNTIL.last_day
    rows = [
        (who, place, str(first), str(end) if end <= last else "", str(extent), cause)
        for who, place, first, end, extent, cause in history.spells
        if first <= last
    ]
    file = folder / "all.csv"
    file.write_bytes(synthetic.tabled(ABSENCE_HEADER, rows))
    ledgers = iter([_opened(folder / f"import-{number}.db") for number in range(9)])
    tables = iter(range(9))

    def imported() -> None:
        args = ("import", "absences", CONTRACT, str(file), "--source", "payroll", "--complete", str(months))
        _soc(next(ledgers), PAYROLL, *args)

    def inserted() -> None:
        with closing(sqlite3.connect(folder / f"floor-{next(tables)}.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("CREATE TABLE spells (a, b, c, d, e, f)")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO spells VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.execute("COMMIT")

    def read() -> None:
        absence_csv.read(file.read_bytes(), "all.csv")

    one, floor = paired(imported, inserted, runs=5)
    parsed, _ = paired(read, list, runs=5)
    many = len(rows)
    return [
        Figure(
            f"import of one CSV file of {many:,} spells into durable events",
            f"{many / one:,.0f} spells/s",
            "≥ 100,000 spells/s",
            f"sqlite3 executemany, durable: {many / floor:,.0f} rows/s",
            f"{one / floor:.1f}",
        ),
        beside("of which reading and checking the CSV", parsed, "", "the import", one, f", {many / parsed:,.0f} lines/s"),
    ]


def _month_by_month(folder: Path, history: History) -> Figure:
    ledger, lines, times = _opened(folder / "months.db"), 0, []
    for month in Period(HISTORY_FROM, UNTIL):
        content = synthetic.payroll_extract(history, month, encoding="utf-8", delimiter=",")
        file = folder / f"{month}.csv"
        file.write_bytes(content)
        lines += content.count(b"\n") - 1
        args = ("import", "absences", CONTRACT, str(file), "--source", "payroll", "--complete", str(month))
        times.append(seconds(lambda args=args: _soc(ledger, PAYROLL, *args)))  # type: ignore[misc]
    first, last = statistics.median(times[:12]), statistics.median(times[-12:])
    size = ledger.stat().st_size / lines
    return Figure(
        f"a month's extract (about {lines // len(times):,} lines) into 4 years of earlier ones",
        f"{last * 1000:.0f} ms; {size:.1f} bytes a line at rest",
        "≤ 20 bytes a line",
        f"into the first year: {first * 1000:.0f} ms",
        f"{last / first:.2f}",
    )


def history() -> History:
    """Botkyrka's synthetic history."""
    from cli.stories.stage import Stage, trend_values

    return synthetic.generate(BOTKYRKA, trend_values(Stage(Path())), UNTIL)
