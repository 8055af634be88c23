"""The story that ``soc demo`` tells, as commands with their dates; every command is one that a user could type.

What is published, derived, assumed, estimated and synthetic is said where it is shown. The dates of settlement are assumed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Literal

from fixtures import paxml, synthetic
from fixtures.synthetic import BOTKYRKA, HISTORY_FROM, ORNSKOLDSVIK, History, Profile
from ledger.errors import Refused
from ledger.periods import STOCKHOLM, Month, Period, Quarter

MANAGER = "M. Lind, performance_manager"
PAYROLL = "HR payroll, internal_provider"
PAYER = "A. Ek, payer"
UNTIL = Month.parse("2020-02")

Step = Callable[[], str | None]


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
        with redirect_stdout(printed):
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
            self.histories[profile.id] = synthetic.generate(profile, trend_values(self), UNTIL)
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


def chapters(stage: Stage) -> Iterator[Step]:
    """Every step, in the order in which it was recorded."""
    timed: list[tuple[str, Step]] = []
    timed += _trend(stage)
    for plot in PLOTS:
        timed += [*_signature(stage, plot), *_evidence(stage, plot), *_settlement(stage, plot)]
    timed += _redo(stage)
    yield lambda: _open(stage)
    for _, step in sorted(timed, key=lambda one: one[0]):
        yield step


def _open(stage: Stage) -> str:
    stage.folder.mkdir(parents=True, exist_ok=True)
    stage.run(("2018-09-24T08:00:00+02:00", MANAGER), "init", "--simulated", "--seed", "soc-demo")
    return "2018-09-24  A simulated ledger is opened; its clock, tokens and salts come from outside, so two builds are equal."


def _at(day: date | str, time: str, stage: Stage, actor: str, *args: str, say: str | None = None) -> tuple[str, Step]:
    """A step at a date and time in Stockholm. ``say``: what to tell; after a colon the command's first line follows."""
    instant = f"{day}T{time}"

    def step() -> str | None:
        printed = stage.run((_instant(instant), actor), *args)
        if say is None:
            return None
        return f"{day}  {say} {_first(printed)}" if say.endswith(":") else f"{day}  {say}"

    return instant, step


def _first(printed: str) -> str:
    return printed.splitlines()[0].removeprefix("Recorded ")


def _instant(local: str) -> str:
    return datetime.fromisoformat(local).replace(tzinfo=STOCKHOLM).isoformat()


def _trend(stage: Stage) -> Iterator[tuple[str, Step]]:
    """Each quarter is published on its date; those before the ledger was opened are recorded together."""
    rows = [row for row in trend_rows(stage) if row["published_on"] <= "2020-06-30"]
    before = [row for row in rows if row["published_on"] < "2018-09-24"]
    path = _trend_file(stage, "trend-before-2018-09.csv", before)
    say = f"{len(before)} quarters of the national series are recorded, {_count(before)}"
    yield _at("2018-09-25", "09:00", stage, MANAGER, "import", "trend", path, say=say)
    for row in rows:
        if row not in before:
            path = _trend_file(stage, f"trend-{row['quarter']}.csv", [row])
            yield _at(row["published_on"], "09:30", stage, MANAGER, "import", "trend", path)


def _count(rows: Sequence[dict[str, str]]) -> str:
    published = sum(row["status"] == "published" for row in rows)
    return f"{published} published and {len(rows) - published} estimated"


def _trend_file(stage: Stage, name: str, rows: Sequence[dict[str, str]]) -> str:
    header = ("series", "quarter", "value", "published_on", "status", "source")
    return stage.file(name, synthetic.tabled(header, [[row[key] for key in header] for row in rows]))


def _signature(stage: Stage, plot: Plot) -> Iterator[tuple[str, Step]]:
    contract, signed = plot.profile.id, date.fromisoformat(plot.signed_on)
    terms = stage.fixture(f"contracts/{contract}.toml")
    yield _at(signed, "10:00", stage, MANAGER, "contract", "sign", terms, say="Signed:")
    methodology = stage.fixture("methodologies/contract-2018.toml")
    start = str(max(signed, date(2018, 10, 1)))
    agreed = ("--agreed-by", "payer", "--agreed-by", "external_provider")
    yield _at(signed, "10:30", stage, MANAGER, "methodology", "adopt", contract, methodology, "--from", start, *agreed)
    invoice = ("--invoice", f"{contract}-upfront")
    yield _at(signed, "11:00", stage, PAYER, "loan", "draw", contract, plot.upfront, "--on", str(signed), "--for", "upfront")
    made = ("--made", "--bank-reference", f"BG-{contract}-1")
    paying = ("pay", "upfront", contract, "--due", "--on", str(signed), *invoice, *made)
    yield _at(signed, "11:30", stage, PAYER, *paying, say="Paid upfront, whatever the outcome:")
    for draw in ("2018-12-03", "2019-06-03", "2019-12-02"):
        drawn = ("loan", "draw", contract, plot.draw, "--on", draw, "--for", "internal")
        yield _at(draw, "09:00", stage, PAYER, *drawn)


def _evidence(stage: Stage, plot: Plot) -> Iterator[tuple[str, Step]]:
    """The reference years in one go, then each month as payroll sends it, one of them late; CSV, later PAXml."""
    contract, history = plot.profile.id, stage.history(plot.profile)
    reference = Period(HISTORY_FROM, history.profile.measured_from - 1)
    sent = date.fromisoformat(plot.signed_on) + timedelta(days=14)
    path = stage.file(f"{contract}/workforce-{reference}.csv", synthetic.workforce_file(history, list(reference)))
    yield _at(sent, "08:00", stage, PAYROLL, "import", "workforce", contract, path)
    for number, month in enumerate(reference):
        clock = f"09:{number:02d}"
        say = (
            f"{contract}: {len(reference)} months of absences before the contract, from {reference.first}" if not number else None
        )
        yield _absences(stage, plot, month, sent, clock, say=None if number else say)
    for month in Period(history.profile.measured_from, UNTIL):
        day = month.last_day + timedelta(days=8)
        path = stage.file(f"{contract}/workforce-{month}.csv", synthetic.workforce_file(history, [month]))
        yield _at(day, "08:00", stage, PAYROLL, "import", "workforce", contract, path)
        late = str(month) == plot.late_month
        said = [f"the absences of {month} come in late"] if late else []
        if str(month) == plot.paxml_from:
            said.append(f"absences from {month} on as PAXml, {'day by day' if plot.paxml_by == 'day' else 'from–to'}")
        say = f"{contract}: {'; '.join(said)}" if said else None
        yield _absences(stage, plot, month, month.last_day + timedelta(days=43 if late else 8), "08:30", say=say)


def _absences(stage: Stage, plot: Plot, month: Month, day: date, clock: str, say: str | None) -> tuple[str, Step]:
    contract, history = plot.profile.id, stage.history(plot.profile)
    without = synthetic.late_notes(history, month, SHARE_LATE) if str(month) == plot.restated_month else frozenset()
    if str(month) < plot.paxml_from:
        path = stage.file(f"{contract}/absences-{month}.csv", synthetic.payroll_extract(history, month, without))
    else:
        path = stage.file(f"{contract}/absences-{month}.xml", paxml.paxml_extract(history, month, without, by=plot.paxml_by))
    importing = ("import", "absences", contract, path, "--source", "payroll", "--complete", str(month))
    return _at(day, clock, stage, PAYROLL, *importing, say=say)


SHARE_LATE = Fraction(1, 20)
"""How much of the restated month's sickness payroll learned of only later."""


def _settlement(stage: Stage, plot: Plot) -> Iterator[tuple[str, Step]]:
    """Each quarter is determined when its trend is published, noticed, accepted by silence or by both, and paid."""
    contract = plot.profile.id
    agreed = ("--agreed-by", "payer", "--agreed-by", "external_provider")
    reason = ("--reason", "COVID-19 disturbs the measurement; the parties negotiate how to go on")
    suspend = ("suspend", contract, "--from", "2020-03", *agreed, *reason)
    yield _at("2020-05-20", "14:00", stage, MANAGER, *suspend, say="Suspended by agreement (date assumed):")
    first = "2018-10" if contract == "botkyrka" else "2018-11"
    quarters = [(f"{first}..2018-12", "2019-03-15"), ("2019Q1", "2019-06-12"), ("2019Q2", "2019-09-11")]
    quarters += [("2019Q3", "2019-12-12"), ("2019Q4", "2020-03-12"), ("2020-01..2020-02", "2020-06-15")]
    for number, (period, day) in enumerate(quarters, 1):
        determined = date.fromisoformat(day)
        name = f"{contract}/D{number + _redone_before(contract, number)}"
        yield _at(determined, "09:00", stage, MANAGER, "determine", contract, period, say=f"{contract}:")
        noticed = determined + timedelta(days=5 if number == 6 else 1)
        yield _at(noticed, "10:00", stage, MANAGER, "notify", name, "--on", str(noticed))
        yield from _payment(stage, contract, name, number, noticed)


def _redone_before(contract: str, number: int) -> int:
    """How many redos stand before the contract's n-th quarter in the numbering of its determinations."""
    return 1 if contract == "botkyrka" and number > 3 else 0


def _payment(stage: Stage, contract: str, name: str, number: int, noticed: date) -> Iterator[tuple[str, Step]]:
    """Odd quarters are accepted by both parties, even ones by their silence; what is then due is instructed and paid."""
    if number == 6:
        return
    payable = noticed + timedelta(days=61)
    if number % 2:
        accepted = noticed + timedelta(days=12)
        payable = accepted + timedelta(days=30)
        for clock, role in (("13:00", "external_provider"), ("13:30", "payer")):
            yield _at(accepted, clock, stage, MANAGER, "accept", name, "--by", role, "--on", str(accepted))
    if payable > date(2020, 6, 30):
        return
    due = ("pay", "outcome", contract, "--due", "--invoice", f"{contract}-outcome-{number}")
    made = ("--made", "--bank-reference", f"BG-{contract}-{number + 1}")
    paid = payable + timedelta(days=1)

    instructed: list[str] = []

    def instruct() -> str:
        try:
            printed = stage.run((_instant(f"{payable}T14:00"), PAYER), *due, "--on", str(payable))
        except Refused as refused:
            return f"{payable}  {contract}: no payout for the {number}{_ordinal(number)} quarter: {refused.what}"
        instructed.append(_first(printed))
        return f"{payable}  {contract}: {instructed[0]}"

    def pay() -> None:
        if instructed:
            stage.run((_instant(f"{paid}T15:00"), PAYER), *due, "--on", str(paid), *made)

    yield f"{payable}T14:00", instruct
    yield f"{paid}T15:00", pay


def _ordinal(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number, "th")


def _redo(stage: Stage) -> Iterator[tuple[str, Step]]:
    """Botkyrka's payroll restates February 2019 after it was determined and paid; the quarter is determined again."""
    plot = PLOTS[0]
    month = Month.parse("2019-02")
    history = stage.history(plot.profile)
    path = stage.file("botkyrka/absences-2019-02-restated.csv", synthetic.restated_extract(history, month))
    restated = ("import", "absences", "botkyrka", path, "--source", "payroll", "--complete", str(month))
    yield _at("2019-08-28", "08:30", stage, PAYROLL, *restated, say="botkyrka: February 2019 is restated, after it was settled")
    redo = ("determine", "botkyrka", "2019Q1", "--redo", "--reason", "late sick notes of February 2019")
    yield _at("2019-09-18", "09:00", stage, MANAGER, *redo, say="botkyrka, determined again:")
    yield _at("2019-09-19", "10:00", stage, MANAGER, "notify", "botkyrka/D4", "--on", "2019-09-19")
