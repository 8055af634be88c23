"""The demo's story from March 2020 to the contracts' end: the follow-up interrupted, the methodology negotiated, adopted,
extended and trued up, the last quarters, the final evaluation.

Published are the interruption and that a methodology was negotiated in November 2020. What the parties agreed on in the end is
not public: proposals, adoption, dates and every figure here are an example.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cli.stories.stage import AGREED, MANAGER, PAYROLL, PLOTS, Plot, Stage, Timed, at, due_paid, last_month
from fixtures.reimbursements import reimbursements_file
from ledger.periods import Period

METHODOLOGIES = (
    "contract-2018",
    "covid-coded-out",
    "pandemic-months-out",
    "medium-scenario",
    "trend-frozen-2019q4",
    "net-of-reimbursement",
    "rebased-2019",
    "previous-year-quarter",
)
"""What lies on the table when the parties negotiate; each file says what it argues and whose interest it serves."""

PROPOSALS = (
    ("2020-10-12", "covid-coded-out", "external_provider", "what the authorities ordered the service could not prevent"),
    ("2020-10-19", "trend-frozen-2019q4", "payer", "an index that measures the pandemic says nothing about the service"),
    ("2020-11-16", "medium-scenario-2020", "performance_manager", "neither side has to trust what was measured in the pandemic"),
)
REJECTIONS = (
    ("2020-10-26", "M1", "payer", "the index keeps the days that actual leaves out"),
    ("2020-11-02", "M2", "external_provider", "actual keeps the days that the index is freed of"),
)
REPAID = (("2020-09-15", "2020-04..2020-07"), ("2020-11-20", "2020-08..2020-09"))
REPAID_LATER = (("2021-02-22", "2020-10..2020-12"), ("2021-11-10", "2021-01..2021-09"))


def methodology(stage: Stage, name: str) -> str:
    """A methodology as it lay on the table; its path among the files that were sent."""
    with open(stage.fixture(f"methodologies/{name}.toml"), "rb") as file:
        return stage.file(f"methodologies/{name}.toml", file.read())


def pandemic(stage: Stage) -> Iterator[Timed]:
    """Every step from March 2020 on, each with its time."""
    for name in METHODOLOGIES:
        methodology(stage, name)
    for plot in PLOTS:
        yield from _interruption(stage, plot)
        yield from _negotiation(stage, plot)
        yield from _agreement(stage, plot)
        yield from _true_up(stage, plot)
        yield from _end(stage, plot)


def _interruption(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """Payroll and the parties agree on a code for COVID-19; the state repays sick pay; nothing is determined."""
    contract = plot.profile.id
    with open(stage.fixture(f"contracts/{contract}.toml"), encoding="utf-8") as file:
        signed = file.read().replace("assumed = [", 'assumed = ["absence_codes", ')
    terms = signed + '\n[absence_codes]   # agreed with payroll in March 2020\nFR3 = "covid"\n'
    path = stage.file(f"{contract}/terms-2020-03.toml", terms.encode())
    amend = ("contract", "amend", contract, path, "--from", "2020-03", *AGREED)
    said = f"{contract}: the terms say from March 2020 on which payroll code is COVID-19"
    yield at("2020-03-27", "10:00", stage, MANAGER, *amend, "--reason", "payroll codes COVID-19 as FR3", say=said)
    if contract == "ornskoldsvik":  # what Botkyrka does not dispute is paid in the chapter on its dispute
        yield from _paid(stage, contract, date(2020, 8, 20), "2020-02")
    for day, period in (*REPAID, *REPAID_LATER):
        months = list(Period.parse(period))
        path = stage.file(f"{contract}/reimbursements-{period}.csv", reimbursements_file(stage.history(plot.profile), months))
        say = f"{contract}: what the state repaid of sick pay, {period}"
        yield at(day, "10:30", stage, PAYROLL, "import", "reimbursements", contract, path, say=say)


def _negotiation(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """Proposals and refusals, on record."""
    contract = plot.profile.id
    for day, name, role, reason in PROPOSALS:
        path = methodology(stage, name)
        proposal = ("methodology", "propose", contract, path, "--from", "2020-03-01", "--by", role, "--reason", reason)
        yield at(day, "11:00", stage, MANAGER, *proposal, say=f"{contract}, proposed:")
    for day, number, role, reason in REJECTIONS:
        rejection = ("methodology", "reject", f"{contract}/{number}", "--by", role, "--reason", reason)
        yield at(day, "11:30", stage, MANAGER, *rejection, say=f"{contract}, rejected:")


def _agreement(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """The medium scenario to December 2020; follow-up resumes with the month in which it was suspended, and catches up."""
    contract = plot.profile.id
    new = (methodology(stage, "medium-scenario-2020"), "--from", "2020-03-01", *AGREED, "--beside", "2020-03..2020-12")
    adopt = ("methodology", "adopt", contract, *new)
    yield at("2021-01-20", "10:00", stage, MANAGER, *adopt, say="Adopted (an example; what was agreed is not public):")
    resume = ("resume", contract, "--from", "2020-03", *AGREED, "--reason", "the months count for what the methodology says")
    yield at("2021-01-20", "10:30", stage, MANAGER, *resume, say="Resumed:")
    number = _determined_before(contract)
    for clock, period in enumerate(("2020-03", "2020Q2", "2020Q3", "2020Q4"), 9):
        number += 1
        yield at("2021-01-25", f"{clock:02d}:00", stage, MANAGER, "determine", contract, period, say=f"{contract}:")
        yield from _settled(stage, contract, number, date(2021, 1, 26), f"{clock:02d}:00", accepted=date(2021, 2, 8))
    yield from _paid(stage, contract, date(2021, 3, 10), "2020")
    for period, day, payable in (("2021Q1", "2021-06-14", "2021-08-15"), ("2021Q2", "2021-09-13", "2021-11-14")):
        number += 1
        yield at(day, "09:00", stage, MANAGER, "determine", contract, period, say=f"{contract}:")
        yield from _settled(stage, contract, number, date.fromisoformat(day) + timedelta(days=1), "09:30")
        yield from _paid(stage, contract, date.fromisoformat(payable), period)


def _true_up(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """The pandemic lasted: the scenario is extended to June 2021, and the two quarters measured meanwhile are determined anew."""
    contract, number = plot.profile.id, _determined_before(plot.profile.id) + 7
    adopt = ("methodology", "adopt", contract, methodology(stage, "medium-scenario"), "--from", "2021-01-01", *AGREED)
    yield at("2021-10-20", "10:00", stage, MANAGER, *adopt, say="Adopted:")
    redo = ("determine", contract, "2021-01..2021-06", "--redo", "--reason", "the medium scenario is extended to June 2021")
    yield at("2021-10-25", "09:00", stage, MANAGER, *redo, say=f"{contract}, determined again:")
    yield from _settled(stage, contract, number, date(2021, 10, 26), "09:00", accepted=date(2021, 11, 8))
    yield from _paid(stage, contract, date(2021, 12, 8), "true-up")


def _end(stage: Stage, plot: Plot) -> Iterator[Timed]:
    """The last quarters when their trend is published, the external auditor's evaluation, the end."""
    contract, number = plot.profile.id, _determined_before(plot.profile.id) + 8
    yield at("2021-12-08", "10:00", stage, MANAGER, "determine", contract, "2021Q3", say=f"{contract}:")
    yield from _settled(stage, contract, number, date(2021, 12, 9), "10:00", accepted=date(2021, 12, 15))
    closing = date(2021, 12, 20)
    if str(last_month(plot.profile)) == "2021-10":
        yield at("2022-03-09", "10:00", stage, MANAGER, "determine", contract, "2021-10", say=f"{contract}:")
        yield from _settled(stage, contract, number + 1, date(2022, 3, 10), "10:00", accepted=date(2022, 3, 16))
        closing = date(2022, 3, 21)
    evaluation = stage.file(f"{contract}/final-evaluation.txt", EVALUATION.format(contract=plot.profile.municipality).encode())
    close = ("contract", "close", contract, "--on", str(closing), "--evaluation", evaluation)
    yield at(closing, "15:00", stage, MANAGER, *close, say="Closed:")
    yield from _paid(stage, contract, date(2022, 1, 14), "2021Q3")
    if closing.year == 2022:
        yield from _paid(stage, contract, date(2022, 4, 15), "2021-10")


EVALUATION = """\
Final evaluation of the social outcomes contract, {contract}
By the external auditor. Synthetic: it stands in the demo for a document that is not public.
"""


def _determined_before(contract: str) -> int:
    """How many determinations stand on record when follow-up resumes: Botkyrka's first quarter of 2019 was determined twice."""
    return 7 if contract == "botkyrka" else 6


def _settled(
    stage: Stage, contract: str, number: int, noticed: date, clock: str, accepted: date | None = None
) -> Iterator[Timed]:
    """A notice, and where a day is named, acceptance by both; else silence accepts."""
    name = f"{contract}/D{number}"
    yield at(noticed, clock, stage, MANAGER, "notify", name, "--on", str(noticed))
    if accepted is not None:
        for minute, role in (("10", "external_provider"), ("40", "payer")):
            by = ("accept", name, "--by", role, "--on", str(accepted))
            yield at(accepted, f"{clock[:2]}:{minute}", stage, MANAGER, *by)


def _paid(stage: Stage, contract: str, payable: date, what: str) -> Iterator[Timed]:
    return due_paid(stage, contract, payable, (f"{contract}-outcome-{what}", f"BG-{contract}-{what}"), "what is due")
