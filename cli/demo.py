"""``soc demo``: the story of both Swedish contracts, built with the commands that users type, and shown."""

from __future__ import annotations

import json
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from cli.options import marked
from cli.stories.audit import bundles
from cli.stories.chapters import chapters
from cli.stories.pandemic import METHODOLOGIES
from cli.stories.stage import Stage
from ledger.errors import Refused
from ledger.money import parse_kronor, shown

INTRODUCTION = """\
Two social outcomes contracts, from signature in September 2018 to their end in March 2022, told by the ledger.

  published   investment, shares, amounts at risk, maximum payments, terms of 36 months, nine of the trend's quarters
  derived     Örnsköldsvik's service value (from its maximum), the price of a net day (from days and kronor published)
  assumed     settlement and payment dates, governance, reference years, the employees covered
  estimated   the trend's other quarters; what rests on them is marked preliminary
  synthetic   every absence and headcount, from a seeded generator calibrated to the published results to March 2020
  invented    the disputes, and how the parties settled the pandemic year: published is only that follow-up was
              interrupted and a methodology was negotiated in November 2020

And Norrköping's contract of 2016 and Region Stockholm's bond of 2020, entered late: shares, limits and results are
published, every amount reported is synthetic, and terms that no source gives are parameters, called so.
"""

QUESTIONS = [
    (
        "Botkyrka through February 2020, as known at the end of June 2020",
        "state botkyrka --as-of 2020-02-29 --known-at 2020-06-30",
        "The loan covers internal cost and upfront payment; outcome payouts come out of savings only.",
    ),
    (
        "The same contract on the day when silence will have made the last claim payable",
        "state botkyrka --as-of 2020-08-20 --known-at 2020-06-30",
        "Nobody has to record anything for that: what a deadline brings about follows from the date.",
    ),
    (
        "Botkyrka at the end of August 2019, as the parties knew it on 10 September 2019",
        "state botkyrka --as-of 2019-08-31 --known-at 2019-09-10",
        "February 2019 had been restated after its quarter was determined and paid: one report is unsettled.",
    ),
    (
        "The same day, 31 August 2019, as known at the end of June 2020",
        "state botkyrka --as-of 2019-08-31 --known-at 2020-06-30",
        "The quarter was determined again on 18 September 2019, and later quarters have been determined since.",
    ),
    (
        "Örnsköldsvik through February 2020: its first two months were negative, and were carried",
        "state ornskoldsvik --as-of 2020-02-29 --known-at 2020-06-30",
        "",
    ),
    ("Which reports are in: one came late", "evidence ornskoldsvik", ""),
    (
        "The dispute over January and February 2020, while it was open",
        "dispute show botkyrka/X1 --as-of 2020-09-01 --known-at 2020-09-01",
        "What Botkyrka does not dispute fell due and was paid; the rest is held, and nobody has to decide that anew each day.",
    ),
    ("Botkyrka on that day", "state botkyrka --as-of 2020-09-01 --known-at 2020-09-01", ""),
    (
        "December 2020: what each methodology on the table would give, over the same facts",
        "replay botkyrka {methodologies} --known-at 2020-12-10",
        "Each file says what it argues and whose interest it serves. --diff says why they differ, krona by krona.",
    ),
    ("What the parties proposed, rejected and adopted", "methodology list botkyrka", ""),
    (
        "The true-up of October 2021: two quarters measured anew by the extended agreement",
        "state botkyrka --as-of 2021-06-30 --known-at 2021-10-25 --against 2021-10-19",
        "The difference was noticed and fell payable on its own day; what had been paid was not touched.",
    ),
    (
        "What is paid by beside what is not, in April 2020: days fall, and engagement with them",
        "indicators botkyrka --as-of 2020-02-29 --known-at 2020-06-30",
        "Surveys and purchases are synthetic. The warning is there from the day on which the corrected survey was known.",
    ),
    ("Botkyrka at its end", "state botkyrka --as-of 2022-01-31", ""),
    ("Both contracts", "portfolio", ""),
    (
        "Both as one programme, beside what the case study states of the whole",
        "programme state occupational-health --as-of 2020-02-29 --known-at 2022-04-25",
        "A programme moves no money: each contract keeps its own cap.",
    ),
    (
        "Another contract: Norrköping's of 2016, settled by tiers, when its two years of follow-up were evaluated",
        "tiered state norrkoping --as-of 2021-04-30 --known-at 2022-04-20",
        "Two years showed no saving (published; the amounts are synthetic): the contract pays the guaranteed part alone.",
    ),
    (
        "What if it had followed both groups for three years?",
        "tiered what-if norrkoping --terms {folder}/files/norrkoping/three-years.toml --as-of 2021-02-28 --known-at 2022-04-20",
        "Published is that a third year indicates positive economics; how much is synthetic.",
    ),
    ("The record, sealed at each year's end", "seal list", "Whoever keeps a signed note sees if anything before it is changed."),
    (
        "Botkyrka's record as its external auditor gets it, verified and computed again",
        "verify {folder}/audit/botkyrka-auditor.zip --keys {folder}/keys/verifier-keys.txt",
        "The verify.py in the zip says the same with nothing but Python. Absence lines are the employer's: days are stated here.",
    ),
]


@click.command("demo")
@click.option("--to", "folder", default="demo", show_default=True, metavar="DIR", help="Where the ledger and the files go.")
@marked
def command(folder: str) -> None:
    """Build a simulated ledger of Botkyrka and Örnsköldsvik, from signature to the contracts' end, and show it."""
    target = Path(folder)
    if (target / "ledger.db").exists():
        raise Refused(f"there is a ledger in {target} already", do="name another folder with --to, or remove it")
    began = time.monotonic()
    click.echo(INTRODUCTION)
    stage = Stage(target)
    click.echo("Generating absences and headcounts ...", err=True)
    steps = list(chapters(stage))
    with click.progressbar(length=len(steps), label="Recording", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for step in steps:
            said = step()
            if said:
                click.echo(said)
            bar.update(1)
    bundles(stage)
    _kept(stage)
    for title, question, note in QUESTIONS:
        asked = question.format(methodologies=_methodologies(stage), folder=stage.folder)
        click.echo(f"\n{'─' * 100}\n{title}\n{f'{note}{chr(10)}' if note else ''}$ soc {_wrapped(asked)}\n")
        click.echo(stage.run(None, *asked.split()), nl=False)
    click.echo(_closing(stage))
    click.echo(f"\nBuilt and shown in {time.monotonic() - began:.0f} s.")


def _kept(stage: Stage) -> None:
    """Files that come with the product and that the closing names, beside what was sent."""
    for name in ("imports/ledger-amounts-botkyrka.csv", "contracts/sbir.toml"):
        stage.file(name.rpartition("/")[2], Path(stage.fixture(name)).read_bytes())


def _methodologies(stage: Stage) -> str:
    """The options that name every methodology on the table, from among the files that were sent."""
    folder = stage.folder / "files" / "methodologies"
    return " ".join(f"--methodology {folder / name}.toml" for name in METHODOLOGIES)


def _wrapped(command: str) -> str:
    """A long command over several lines, as a shell takes it."""
    return command if len(command) < 100 else command.replace(" --", " \\\n    --")


def _closing(stage: Stage) -> str:
    """What the demo's figures are beside what was published, and where to look further."""
    botkyrka, ornskoldsvik = _state(stage, "botkyrka", "2020-02-29"), _state(stage, "ornskoldsvik", "2020-02-29")
    provider = _state(stage, "botkyrka", "2020-03-31")["balance"]["provider"]
    entitled, paid = parse_kronor(provider["entitled"]), parse_kronor(provider["paid"])
    days, files = botkyrka["savings"]["net_days_avoided"], stage.folder / "files"
    savings = shown(parse_kronor(botkyrka["savings"]["determined"]))
    return f"""
{"─" * 100}
Beside what was published

  Botkyrka to March 2020       published: 140 % of the investment pro rata, more than 7 000 days, 15 m SEK
                               here:      {_percent(botkyrka)} %, {days} net days, {savings} SEK
  Örnsköldsvik to March 2020   published: 90 % of the investment pro rata
                               here:      {_percent(ornskoldsvik)} %
  Botkyrka's provider          published: 3.2 m SEK accrued and unpaid by March 2020 (its accounts)
                               here:      {shown(entitled)} SEK entitled on 2020-03-31, {shown(entitled - paid)} of it unpaid
                                          (the dates of payment are assumed)

  The synthetic absences are calibrated to these results; they prove nothing about them. January and February 2020 take
  the index of 2020Q1, which contains March's pandemic: factor 1.30 instead of 1.12, which is about 2.7 m SEK of
  Botkyrka's savings and half a million of the provider's entitlement. Nobody foresaw it; Botkyrka disputes it (X1).
  What the parties agreed on for the pandemic, and what was paid in the end, is not public: that part is an example.

Look further

  export SOC_LEDGER={stage.ledger}
  soc contract show botkyrka                     the terms, each figure with its clause
  soc register botkyrka                          every record, with its postings
  soc state botkyrka --as-of 2019-12-31 -O json  any date, as known at any moment, for programs
  soc statement botkyrka/D7 -O html -o D7.html   the settlement statement, two pages to file
  soc state botkyrka --as-of 2019-08-31 --against 2019-09-17   what changed since a moment, and why
  soc explain botkyrka/D7                        a claim, down to the reports that it rests on
  soc explain botkyrka/D2 --known-at 2019-05-01 --against 2019-12-31   what it rested on then, what has arrived since
  soc dossier botkyrka/X1 -o X1.html             the dispute, on one page for both sides
  soc replay botkyrka --methodology FILE --methodology FILE --diff   why methodologies differ, krona by krona
  soc audit report botkyrka                      what an auditor asks on day one
  soc audit findings botkyrka                    the sample's error rate, with its interval
  soc export history botkyrka -O xlsx -o history.xlsx   who recorded what, on which document, what corrected what
  soc evidence botkyrka                          which reports are in
  soc tender compare botkyrka                    what each bid would have paid, and who breaks even where
  soc forecast botkyrka --as-of 2020-02-29 --known-at 2020-06-30   what the savings might come to, three ways
  soc year-end botkyrka 2019                     for who closes the books: as known then, and now
  soc risk-group botkyrka 2019-01..2019-06       employees with more than three absences in twelve months
  soc target-population botkyrka                 workplaces with high or increasing absence
  soc bond state health-impact-bond --as-of 2022-03-31   a bond whose return follows outcomes
  soc reconcile botkyrka --ledger-amounts {files}/ledger-amounts-botkyrka.csv   beside what payroll booked
  soc bond scenarios {files}/sbir.toml   the bond that was designed and never issued
  soc tiered explain norrkoping/D2               Norrköping: from what a party is given down to the rows
  soc check                                      recompute everything

  An auditor needs Python and the zip alone. Three errors are planted in three-errors.zip, signed by the operator; find them:
  cd {stage.folder / "audit"} && python3 -m zipfile -e three-errors.zip taken && python3 taken/verify.py three-errors.zip

  (soc stands in .venv/bin; the files that were sent are in {stage.folder / "files"})"""


def _state(stage: Stage, contract_id: str, as_of: str) -> dict[str, Any]:
    asked = ("state", contract_id, "--as-of", as_of, "--known-at", "2020-06-30", "-O", "json")
    value: dict[str, Any] = json.loads(stage.run(None, *asked))
    return value


def _percent(state: dict[str, Any]) -> int:
    return round(Fraction(state["forecast"]["ratio_to_investment"]) * 100)
