"""The story that ``soc demo`` tells, to the summer of 2020; ``story_pandemic`` goes on to the end. Every step is a command that a
user could type; the dates of settlement are assumed. What is published, derived, assumed, estimated and synthetic is said where
it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction

from cli.stories.audit import audit
from cli.stories.bond import health_impact_bond
from cli.stories.dispute import disputes
from cli.stories.indicators import indicators
from cli.stories.norrkoping import norrkoping
from cli.stories.pandemic import pandemic
from cli.stories.programme import programme
from cli.stories.stage import (
    AGREED,
    MANAGER,
    PAYER,
    PAYROLL,
    PLOTS,
    Plot,
    Stage,
    Step,
    Timed,
    at,
    due_paid,
    last_month,
    trend_rows,
)
from cli.stories.tender import tenders
from fixtures import paxml, synthetic
from fixtures.synthetic import HISTORY_FROM
from ledger.periods import Month, Period


def chapters(stage: Stage) -> Iterator[Step]:
    """Every step, in the order in which it was recorded."""
    timed: list[Timed] = []
    timed += _trend(stage)
    timed += tenders(stage)
    for plot in PLOTS:
        timed += [*_signature(stage, plot), *_evidence(stage, plot), *_settlement(stage, plot)]
    timed += _redo(stage)
    timed += pandemic(stage)
    timed += disputes(stage)
    timed += audit(stage)
    timed += indicators(stage)
    timed += norrkoping(stage)
    timed += health_impact_bond(stage)
    timed += programme(stage)
    yield lambda: _open(stage)
    for _, step in sorted(timed, key=lambda one: one[0]):
        yield step


def _open(stage: Stage) -> str:
    stage.folder.mkdir(parents=True, exist_ok=True)
    stage.run(("2018-09-24T08:00:00+02:00", MANAGER), "init", "--simulated", "--seed", "soc-demo")
    return "2018-09-24  A simulated ledger is opened; clock and random numbers come from outside, so two builds are equal."


def _trend(stage: Stage) -> Iterator[Timed]:
    """Each quarter is published on its date; those before the ledger was opened are recorded together."""
    rows = [row for row in trend_rows(stage) if row["published_on"] <= "2022-03-31"]
    before = [row for row in rows if row["published_on"] < "2018-09-24"]
    path = _trend_file(stage, "trend-before-2018-09.csv", before)
    say = f"{len(before)} quarters of the national series are recorded, {_count(before)}"
    yield at("2018-09-25", "09:00", stage, MANAGER, "import", "trend", path, say=say)
    for row in rows:
        if row not in before:
            path = _trend_file(stage, f"trend-{row['quarter']}.csv", [row])
            yield at(row["published_on"], "09:30", stage, MANAGER, "import", "trend", path)


def _count(rows: Sequence[dict[str, str]]) -> str:
    published = sum(row["status"] == "published" for row in rows)
    return f"{published} published and {len(rows) - published} estimated"


def _trend_file(stage: Stage, name: str, rows: Sequence[dict[str, str]]) -> str:
    header = ("series", "quarter", "value", "published_on", "status", "source")
    return stage.file(name, synthetic.tabled(header, [[row[key] for key in header] for row in rows]))


def _signature(stage: Stage, plot: Plot) -> Iterator[Timed]:
    contract, signed = plot.profile.id, date.fromisoformat(plot.signed_on)
    yield at(signed, "10:00", stage, MANAGER, "contract", "sign", "--award", contract, "--on", str(signed), say="Signed:")
    methodology = stage.fixture("methodologies/contract-2018.toml")
    start = str(max(signed, date(2018, 10, 1)))
    yield at(signed, "10:30", stage, MANAGER, "methodology", "adopt", contract, methodology, "--from", start, *AGREED)
    invoice = ("--invoice", f"{contract}-upfront")
    yield at(signed, "11:00", stage, PAYER, "loan", "draw", contract, plot.upfront, "--on", str(signed), "--for", "upfront")
    made = ("--made", "--bank-reference", f"BG-{contract}-1")
    paying = ("pay", "upfront", contract, "--due", "--on", str(signed), *invoice, *made)
    yield at(signed, "11:30", stage, PAYER, *paying, say="Paid upfront, whatever the outcome:")
    for draw in ("2018-12-03", "2019-06-03", "2019-12-02"):
        drawn = ("loan", "draw", contract, plot.draw, "--on", draw, "--for", "internal")
        yield at(draw, "09:00", stage, PAYER, *drawn)


def _evidence(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """The reference years in one go, then each month as payroll sends it, one of them late; CSV, later PAXml."""
    contract, history = plot.profile.id, stage.history(plot.profile)
    reference = Period(HISTORY_FROM, history.profile.measured_from - 1)
    sent = date.fromisoformat(plot.signed_on) + timedelta(days=14)
    path = stage.file(f"{contract}/workforce-{reference}.csv", synthetic.workforce_file(history, list(reference)))
    yield at(sent, "08:00", stage, PAYROLL, "import", "workforce", contract, path)
    for number, month in enumerate(reference):
        clock = f"09:{number:02d}"
        say = (
            f"{contract}: {len(reference)} months of absences before the contract, from {reference.first}" if not number else None
        )
        yield _absences(stage, plot, month, sent, clock, say=None if number else say)
    for month in Period(history.profile.measured_from, last_month(history.profile)):
        day = month.last_day + timedelta(days=8)
        path = stage.file(f"{contract}/workforce-{month}.csv", synthetic.workforce_file(history, [month]))
        yield at(day, "08:00", stage, PAYROLL, "import", "workforce", contract, path)
        late = str(month) == plot.late_month
        said = [f"the absences of {month} come in late"] if late else []
        if str(month) == plot.paxml_from:
            said.append(f"absences from {month} on as PAXml, {'day by day' if plot.paxml_by == 'day' else 'from–to'}")
        say = f"{contract}: {'; '.join(said)}" if said else None
        yield _absences(stage, plot, month, month.last_day + timedelta(days=43 if late else 8), "08:30", say=say)


def _absences(stage: Stage, plot: Plot, month: Month, day: date, clock: str, say: str | None) -> Timed:
    contract, history = plot.profile.id, stage.history(plot.profile)
    without = synthetic.late_notes(history, month, SHARE_LATE) if str(month) == plot.restated_month else frozenset()
    if str(month) < plot.paxml_from:
        path = stage.file(f"{contract}/absences-{month}.csv", synthetic.payroll_extract(history, month, without))
    else:
        path = stage.file(f"{contract}/absences-{month}.xml", paxml.paxml_extract(history, month, without, by=plot.paxml_by))
    importing = ("import", "absences", contract, path, "--source", "payroll", "--complete", str(month))
    return at(day, clock, stage, PAYROLL, *importing, say=say)


SHARE_LATE = Fraction(1, 20)
"""How much of the restated month's sickness payroll learned of only later."""


def _settlement(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """Each quarter is determined when its trend is published, noticed, accepted by silence or by both, and paid."""
    contract = plot.profile.id
    reason = ("--reason", "COVID-19 disturbs the measurement; the parties negotiate how to go on")
    suspend = ("suspend", contract, "--from", "2020-03", *AGREED, *reason)
    yield at("2020-05-20", "14:00", stage, MANAGER, *suspend, say="Suspended by agreement (date assumed):")
    first = "2018-10" if contract == "botkyrka" else "2018-11"
    quarters = [(f"{first}..2018-12", "2019-03-15"), ("2019Q1", "2019-06-12"), ("2019Q2", "2019-09-11")]
    quarters += [("2019Q3", "2019-12-12"), ("2019Q4", "2020-03-12"), ("2020-01..2020-02", "2020-06-15")]
    for number, (period, day) in enumerate(quarters, 1):
        determined = date.fromisoformat(day)
        name = f"{contract}/D{number + _redone_before(contract, number)}"
        yield at(determined, "09:00", stage, MANAGER, "determine", contract, period, say=f"{contract}:")
        noticed = determined + timedelta(days=5 if number == 6 else 1)
        yield at(noticed, "10:00", stage, MANAGER, "notify", name, "--on", str(noticed))
        yield from _payment(stage, contract, name, number, noticed)


def _redone_before(contract: str, number: int) -> int:
    """How many redos stand before the contract's n-th quarter in the numbering of its determinations."""
    return 1 if contract == "botkyrka" and number > 3 else 0


def _payment(stage: Stage, contract: str, name: str, number: int, noticed: date) -> Iterator[Timed]:
    """Odd quarters are accepted by both parties, even ones by their silence; what is then due is instructed and paid."""
    if number == 6:
        return
    payable = noticed + timedelta(days=61)
    if number % 2:
        accepted = noticed + timedelta(days=12)
        payable = accepted + timedelta(days=30)
        for clock, role in (("13:00", "external_provider"), ("13:30", "payer")):
            yield at(accepted, clock, stage, MANAGER, "accept", name, "--by", role, "--on", str(accepted))
    if payable > date(2020, 6, 30):
        return
    papers = f"{contract}-outcome-{number}", f"BG-{contract}-{number + 1}"
    yield from due_paid(stage, contract, payable, papers, f"the {number}{_ordinal(number)} quarter")


def _ordinal(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number, "th")


def _redo(stage: Stage) -> Iterator[Timed]:
    """Botkyrka's payroll restates February 2019 after it was determined and paid; the quarter is determined again."""
    plot = PLOTS[0]
    month = Month.parse("2019-02")
    history = stage.history(plot.profile)
    path = stage.file("botkyrka/absences-2019-02-restated.csv", synthetic.restated_extract(history, month))
    restated = ("import", "absences", "botkyrka", path, "--source", "payroll", "--complete", str(month))
    yield at("2019-08-28", "08:30", stage, PAYROLL, *restated, say="botkyrka: February 2019 is restated, after it was settled")
    redo = ("determine", "botkyrka", "2019Q1", "--redo", "--reason", "late sick notes of February 2019")
    yield at("2019-09-18", "09:00", stage, MANAGER, *redo, say="botkyrka, determined again:")
    yield at("2019-09-19", "10:00", stage, MANAGER, "notify", "botkyrka/D4", "--on", "2019-09-19")
