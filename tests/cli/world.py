"""A tiny signed contract with one reference year, and ``soc`` run on it as a user runs it."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

MANAGER = "M. Lind, performance_manager"
PAYROLL = "HR payroll, internal_provider"
PAYER = "A. Ek, payer"
STRANGER = "N. Ny, technical_advisor"
BOTH = ("--agreed-by", "payer", "--agreed-by", "external_provider")

TERMS = """\
id = "tiny"
name = "Tiny SOC"
currency = "SEK"
vat = "excluded"
starts_on = 2019-01-01
measured_from = 2019-01-01
months = 12
ramp_up_months = 0
assumed = ["population"]
derived = []

[clauses]
"governance.pays" = "agreement §7"

[parties]
payer = "Lilla kommun"
investor = "Lilla kommun, finance department"
internal_provider = "Lilla kommun, HR department"
external_provider = "Friskare AB"
performance_manager = "The project organisation"
technical_advisor = "RISE"

[population]
employees = "monthly-paid"
workplaces = "all"

[investment]
total = "1000000.00"
external_service_value = "400000.00"
at_risk_share = "0.50"

[upfront]
instalments = [{ on = 2019-01-02, amount = "200000.00" }]

[outcome]
provider_share = "0.2"
maximum_payment = "300000.00"
bonus_rate = "0.5"
ceiling = "1.5"

[settlement]
period = "quarter"
objection_days = 30
payment_days = 30
correction_months = 12
report_days = 20
overpaid = "set-off"
interest = "none"

[governance]
signs = ["performance_manager", "payer"]
records = ["performance_manager", "internal_provider"]
determines = "performance_manager"
pays = "payer"
agrees = ["payer", "external_provider"]
"""

METHODOLOGY = """\
name = "tiny-2019"
version = 1
[measure]
kind = "short-term-net-days@1"
source = "payroll"
day_basis = "weekday"
extent = "proportional"
[reference]
kind = "reference-years@1"
from = 2018-01-01
to = 2018-12-31
[trend]
kind = "national-index@1"
series = "tiny-index"
accept = ["published", "derived", "estimated"]
quarter_split = "whole-quarter"
[price]
kind = "per-net-day@1"
sek = [{ from = 2019-01-01, amount = "2000.00" }]
[disruption]
kind = "none@1"
"""

WORKPLACES = {"Skolan": 100, "Hemmet": 50}
TREND_HEADER = "series,quarter,value,published_on,status,source"
ABSENCE_HEADER = "employee,workplace,first_day,last_day,extent,cause"
WORKFORCE_HEADER = "month,workplace,employees"
MONTHS_2018 = [f"2018-{number:02d}" for number in range(1, 13)]
Q1, Q2 = ["2019-01", "2019-02", "2019-03"], ["2019-04", "2019-05", "2019-06"]


@dataclass(frozen=True)
class Result:
    """What one run of ``soc`` gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer, as JSON."""
        return json.loads(self.out)


@dataclass
class World:
    """A ledger, its vault and a folder for files; ``at`` is where a simulated clock stands."""

    folder: Path
    ledger: str
    vault: str | None = None
    at: str | None = None
    files: list[Path] = field(default_factory=list)

    def options(self, by: str | None, at: str | None) -> list[str]:
        """The options before the command."""
        options = ["--ledger", self.ledger]
        options += ["--vault", self.vault] if self.vault else []
        options += ["--actor", by] if by else []
        now = at or self.at
        return options + (["--now", instant(now)] if now else [])

    def soc(self, *args: str | Path, by: str | None = MANAGER, at: str | None = None) -> Result:
        """Run ``soc`` in this process: its own ``main``, with what it prints and its exit code."""
        return run([*self.options(by, at), *map(str, args)])

    def done(self, *args: str | Path, by: str | None = MANAGER, at: str | None = None) -> Result:
        """Run ``soc``, which must exit with 0."""
        result = self.soc(*args, by=by, at=at)
        assert result.code == 0, f"soc {' '.join(map(str, args))}\n{result.out}{result.err}"
        return result

    def process(self, *args: str | Path, by: str | None = MANAGER, at: str | None = None) -> subprocess.Popen[str]:
        """Start ``soc`` as a process of its own."""
        command = [sys.executable, "-m", "cli", *self.options(by, at), *map(str, args)]
        command[1:3] = ["-c", "from cli.main import main; main()"]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT, env=environment()
        )

    def file(self, name: str, content: str | bytes) -> Path:
        """A file as a user would send it."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def head(self) -> tuple[int, str]:
        """How many records there are, and the root over them."""
        basis = self.done("contract", "list", "-O", "json", by=None).json["basis"]
        return basis["position"], basis["root"]

    def state(self, *args: str, at: str | None = None) -> Any:
        """``soc state -O json``."""
        return self.done("state", "tiny", *args, "-O", "json", by=None, at=at).json

    def database(self) -> Path:
        """The file of a SQLite ledger."""
        return Path(self.ledger.removeprefix("sqlite:///"))

    def employees_in_vault(self) -> set[str]:
        """The employment numbers that the vault beside a SQLite ledger holds."""
        with closing(sqlite3.connect(self.database().with_suffix(".vault.db"))) as vault:
            return {row[0] for row in vault.execute("SELECT employee FROM employees")}

    # --- the story -----------------------------------------------------------------------------------------------

    def opened(self) -> World:
        """A simulated ledger, empty but for its opening."""
        self.done("init", "--simulated", "--seed", "tiny", at="2018-12-20T08:00")
        return self

    def signed(self) -> World:
        """… with the contract signed and its methodology adopted."""
        self.opened()
        terms, method = self.file("tiny.toml", TERMS), self.file("method.toml", METHODOLOGY)
        self.done("contract", "sign", terms, at="2019-01-02T09:00")
        self.done("methodology", "adopt", "tiny", method, "--from", "2019-01-01", *BOTH, at="2019-01-02T10:00")
        return self

    def reported(self) -> World:
        """… with the reference year and the first quarter of 2019 reported."""
        self.signed()
        self.done("import", "workforce", "tiny", self.file("workforce.csv", workforce(MONTHS_2018 + Q1)), at="2019-04-08T08:00")
        self.done("import", "trend", self.file("trend.csv", trend(QUARTERS_2018)), at="2019-04-08T08:10")
        reference = self.file("absences-2018.csv", absences(MONTHS_2018, 10, 2))
        complete = ("--source", "payroll", "--complete", "2018-01..2018-12")
        self.done("import", "absences", "tiny", reference, *complete, by=PAYROLL, at="2019-04-08T08:20")
        quarter = self.file("absences-2019Q1.csv", absences(Q1, 5, 1))
        complete = ("--source", "payroll", "--complete", "2019Q1")
        self.done("import", "absences", "tiny", quarter, *complete, by=PAYROLL, at="2019-04-08T08:30")
        self.done("import", "trend", self.file("trend-2019Q1.csv", trend(["2019Q1"])), at="2019-06-10T09:00")
        return self

    def notified(self) -> World:
        """… with the first quarter determined and notified: a claim payable on 2019-08-13."""
        self.reported()
        self.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
        self.done("notify", "tiny/D1", "--on", "2019-06-13", at="2019-06-13T09:00")
        return self

    def settled(self) -> World:
        """… and accepted: a claim payable on 2019-07-20."""
        self.notified()
        for clock, role in (("09:00", "payer"), ("09:10", "external_provider")):
            self.done("accept", "tiny/D1", "--by", role, "--on", "2019-06-20", at=f"2019-06-20T{clock}")
        self.at = "2019-07-22T09:00"
        return self


ROOT = Path(__file__).parents[2]
QUARTERS_2018 = [f"2018Q{number}" for number in range(1, 5)]


def run(args: Sequence[str]) -> Result:
    """``soc`` with these arguments, in this process, through ``cli.main.main``."""
    from cli.desk import RECORDED
    from cli.main import main

    RECORDED.clear()  # what a process of its own would have recorded so far: nothing
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    with mock.patch.object(sys, "argv", ["soc", *args]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as left:
            code = left.code
    assert isinstance(code, int)
    return Result(code, out.getvalue(), err.getvalue())


def environment() -> dict[str, str]:
    """This process's environment, without what would steer ``soc``."""
    return {**{key: value for key, value in os.environ.items() if not key.startswith("SOC_")}, "PYTHONPATH": str(ROOT)}


def copy(source: World, folder: Path) -> World:
    """The same SQLite ledger and vault in another folder, guards included."""
    folder.mkdir(exist_ok=True)
    for suffix in (".db", ".vault.db"):
        old = sqlite3.connect(source.database().with_suffix(suffix))
        new = sqlite3.connect(folder / f"ledger{suffix}")
        with closing(old), closing(new):
            old.backup(new)
    return World(folder, f"sqlite:///{folder / 'ledger.db'}", at=source.at)


def instant(text: str) -> str:
    """A local time in Stockholm as ``--now`` takes it; an instant that says its offset stays."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    local = datetime.fromisoformat(text)
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo("Europe/Stockholm"))).isoformat()


def first_monday(month: str) -> date:
    """The first Monday of a month."""
    first = date.fromisoformat(f"{month}-01")
    return first + timedelta(days=-first.weekday() % 7)


def spells(month: str, count: int, workplace: str) -> list[str]:
    """Lines of that many employees, absent from the first Monday of the month to the Friday."""
    monday = first_monday(month)
    letter = workplace[0]
    return [f"{letter}{7001 + number},{workplace},{monday},{monday + timedelta(days=4)},100,sick" for number in range(count)]


def absences(months: Iterable[str], in_school: int, in_home: int) -> str:
    """An absence file: so many employees of each workplace absent five weekdays of every month."""
    lines = [ABSENCE_HEADER]
    for month in months:
        lines += spells(month, in_school, "Skolan") + spells(month, in_home, "Hemmet")
    return "\n".join(lines) + "\n"


def workforce(months: Iterable[str]) -> str:
    """A workforce file."""
    return "\n".join([WORKFORCE_HEADER, *(f"{month},{name},{count}" for month in months for name, count in WORKPLACES.items())])


def trend(quarters: Iterable[str], value: str = "2.50", status: str = "published") -> str:
    """A trend file: every quarter the same value, published on the tenth of its third next month."""
    lines = [TREND_HEADER]
    for quarter in quarters:
        year, number = int(quarter[:4]), int(quarter[5])
        published = date(year, number * 3, 28) + timedelta(days=73)
        lines.append(f"tiny-index,{quarter},{value},{published},{status},made up for this test")
    return "\n".join(lines) + "\n"
