"""Where the demo's story plays: a folder with a ledger, commands with their dates, and the two contracts' plots."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Literal

from fixtures import synthetic
from fixtures.synthetic import BOTKYRKA, ORNSKOLDSVIK, History, Profile
from ledger.errors import Refused
from ledger.periods import STOCKHOLM, Month, Quarter

MANAGER = "M. Lind, performance_manager"
PAYROLL = "HR payroll, internal_provider"
PAYER = "A. Ek, payer"
AGREED = ("--agreed-by", "payer", "--agreed-by", "external_provider")

Step = Callable[[], str | None]
Timed = tuple[str, Step]
"""A step with its local time."""


@dataclass
class Stage:
    """Where the story plays: a folder with the ledger, its vault, and the files that were sent."""

    folder: Path
    histories: dict[str, History] = field(default_factory=dict)

    @property
    def ledger(self) -> str:
        """The ledger's URL."""
        return f"sqlite:///{self.folder / 'ledger.db'}"

    def run(self, when: tuple[str, str] | None, *args: str) -> str:
        """Run ``soc`` as a user would: ``when`` is the instant and who acts, None for a question. What it printed."""
        from cli.main import soc

        options = ["--ledger", self.ledger]
        if when is not None:
            options += ["--now", when[0], "--actor", when[1]]
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(io.StringIO()):  # talk is for who types; errors are raised
            soc.main([*options, *args], standalone_mode=False)
        return printed.getvalue()

    def file(self, name: str, content: bytes) -> str:
        """Keep a file as it was sent; its path."""
        path = self.folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return str(path)

    def fixture(self, name: str) -> str:
        """The path of a file that comes with the product."""
        return str(resources.files("fixtures") / name)

    def history(self, profile: Profile) -> History:
        """The municipality's synthetic history, generated once."""
        if profile.id not in self.histories:
            self.histories[profile.id] = synthetic.generate(profile, trend_values(self), last_month(profile))
        return self.histories[profile.id]


@dataclass(frozen=True)
class Plot:
    """What happens in one contract. Dates not published are assumed."""

    profile: Profile
    signed_on: str
    upfront: str
    draw: str
    paxml_from: str
    paxml_by: Literal["day", "range"]
    late_month: str | None = None
    restated_month: str | None = None


def last_month(profile: Profile) -> Month:
    """The last month that the contract measures: both run for 36 months."""
    return profile.measured_from + 35


PLOTS = (
    Plot(BOTKYRKA, "2018-09-26", "4200000", "2400000", "2019-10", "range", restated_month="2019-02"),
    Plot(ORNSKOLDSVIK, "2018-11-01", "1924444.44", "1600000", "2019-07", "day", late_month="2019-07"),
)


def trend_rows(stage: Stage) -> list[dict[str, str]]:
    """The national series as published or estimated, from ``fixtures/trend``."""
    with Path(stage.fixture("trend/trend-scb-ksju-kommun.csv")).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def trend_values(stage: Stage) -> dict[Quarter, Fraction]:
    """The index by quarter."""
    return {Quarter.parse(row["quarter"]): Fraction(row["value"]) for row in trend_rows(stage)}


def at(day: date | str, time: str, stage: Stage, actor: str, *args: str, say: str | None = None) -> Timed:
    """A step at a date and time in Stockholm. ``say``: what to tell; after a colon the command's first line follows."""
    local = f"{day}T{time}"

    def step() -> str | None:
        printed = stage.run((instant(local), actor), *args)
        if say is None:
            return None
        return f"{day}  {say} {first(printed)}" if say.endswith(":") else f"{day}  {say}"

    return local, step


def first(printed: str) -> str:
    """The first line of what a command printed."""
    return printed.splitlines()[0].removeprefix("Recorded ")


def instant(local: str) -> str:
    """A local time in Stockholm as an instant with its offset."""
    return datetime.fromisoformat(local).replace(tzinfo=STOCKHOLM).isoformat()


def due_paid(stage: Stage, contract: str, payable: date, papers: tuple[str, str], what: str) -> Iterator[Timed]:
    """What is due is instructed on the day on which it falls payable, and paid the day after; or nothing is due for ``what``.
    ``papers``: invoice and bank reference."""
    due = ("pay", "outcome", contract, "--due", "--invoice", papers[0])
    paid = payable + timedelta(days=1)
    instructed: list[str] = []

    def instruct() -> str:
        try:
            printed = stage.run((instant(f"{payable}T14:00"), PAYER), *due, "--on", str(payable))
        except Refused as refused:
            return f"{payable}  {contract}: no payout for {what}: {refused.what}"
        instructed.append(first(printed))
        return f"{payable}  {contract}: {instructed[0]}"

    def pay() -> None:
        if instructed:
            made = ("--made", "--bank-reference", papers[1])
            stage.run((instant(f"{paid}T15:00"), PAYER), *due, "--on", str(paid), *made)

    yield f"{payable}T14:00", instruct
    yield f"{paid}T15:00", pay
