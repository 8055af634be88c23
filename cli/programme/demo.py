"""``soc programme demo``: the seven authorities that were planned, as a ledger of that size, and their state as one."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from cli import output
from cli.fleet import determination, opened
from ledger.errors import Refused, Usage


@click.command("demo")
@click.option("--to", "folder", required=True, metavar="DIR", help="Where the ledger goes.")
@click.option("--employees", type=click.IntRange(70, 500_000), default=33_000, show_default=True, help="Of the seven together.")
@click.option("--euro", type=click.IntRange(1), default=10_000_000, show_default=True, help="The investment in euro, together.")
@click.option("--rate", default="10", show_default=True, help="Kronor for a euro; ten follows from the case study.")
@click.option("--months", type=click.IntRange(1, 120), default=36, show_default=True, help="Of the contracts that have passed.")
@click.option("--seed", type=click.IntRange(0, 10**6), default=1, show_default=True, help="Another seed, other authorities.")
def demo(folder: str, employees: int, euro: int, rate: str, months: int, seed: int) -> None:
    """Build the seven authorities that were planned: 33 000 employees and EUR 10 m over three years, determined to the end.

    Published is the plan. Which seven, their sizes, terms, absences and results are not: all of that is invented, and called
    so. The same numbers build the same ledger.
    """
    from fixtures import fleet_records, seven
    from projections import read_model
    from projections.programme import programme

    plan = seven.Plan(employees, euro, _rate(rate), months, seed)
    target = Path(folder)
    if (target / "ledger.db").exists():
        raise Refused(f"there is a ledger in {target} already", do="name another folder with --to, or remove it")
    try:
        made = seven.seven(plan)
    except ValueError as error:
        raise Usage(str(error), do="choose another --euro or --rate") from None
    target.mkdir(parents=True, exist_ok=True)
    url, began = f"sqlite:///{target / 'ledger.db'}", time.monotonic()
    log = opened(url, seed)
    length = fleet_records.count(made) + 1
    with click.progressbar(length=length, label="Recording", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for recorded in fleet_records.record_all(log, seven.seven_steps(plan, made, determination)):
            bar.update(recorded)
    click.echo(f"built in {time.monotonic() - began:.0f} s", err=True)
    from cli.programme.as_text import as_text

    facts = log.facts()
    one = programme(facts, seven.ID, None, read_model.Book(log.recorder, facts))
    click.echo(as_text(one, output.basis_line(facts)))
    click.echo(f"\nAll of it is synthetic.\n\nnext: soc --ledger {url} programme state {seven.ID} --as-of 2020-12-31")


def _rate(text: str) -> str:
    """Kronor for a euro, as the record writes it. Raises Usage."""
    from pydantic import ValidationError

    from ledger.events import StatedRate

    try:
        return StatedRate(currency="EUR", sek=text, status="assumed", source="--rate").sek
    except ValidationError:
        raise Usage(f"--rate: {text!r} is not a number of kronor such as 10 or 10.25") from None
