"""``soc export facts``."""

from __future__ import annotations

import click

from cli.desk import Desk
from cli.export import facts_absences, facts_other
from cli.export.datasets import Dataset, data_answers, emit
from cli.options import audience, looking
from ledger.facts import Facts
from projections.audience import Audience

SORTS = ("absences", "workforce", "trend", "reimbursements")


@click.command("facts")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--of", "sort", type=click.Choice(SORTS), help="Which facts; default: absences, in a workbook all of them.")
@audience
@data_answers("csv", "jsonl", "xlsx")
@looking
def command(
    desk: Desk, contract_id: str, sort: str | None, audience: Audience, known_at: str | None, form: str, file: str
) -> None:
    """The facts on record: absences line by line, headcounts, the national trend, what the state repaid of sick pay. Lines of
    absence are for the payer, as employer, alone; others see net days by month and workplace, where five persons or more are
    behind them."""
    facts = desk.known_at(known_at)
    facts.contract(contract_id)
    sorts = (sort,) if sort else SORTS if form == "xlsx" else SORTS[:1]
    emit(desk.settings, facts, contract_id, [_table(facts, contract_id, one, audience) for one in sorts], form, file)


def _table(facts: Facts, contract_id: str, sort: str, audience: Audience) -> Dataset:
    match sort:
        case "workforce":
            return facts_other.workforce(facts, contract_id)
        case "trend":
            return facts_other.trend(facts, contract_id)
        case "reimbursements":
            return facts_other.reimbursements(facts, contract_id)
        case _:
            return facts_absences.absences(facts, contract_id, audience)
