"""``soc export tables``."""

from __future__ import annotations

import click

from cli.desk import Desk
from cli.export import tables_determined, tables_money
from cli.export.datasets import Dataset, data_answers, emit
from cli.options import audience, looking
from ledger.facts import Facts
from projections.audience import Audience

SORTS = ("postings", "determinations", "payments", "loan", "disputes")


@click.command("tables")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--of", "sort", type=click.Choice(SORTS), help="Which table; default: postings, in a workbook all of them.")
@audience
@data_answers("csv", "jsonl", "xlsx")
@looking
def command(
    desk: Desk, contract_id: str, sort: str | None, audience: Audience, known_at: str | None, form: str, file: str
) -> None:
    """What follows from the facts: postings with account and both dates, determinations month by month with all that was
    measured, payments with invoice and bank reference, the loan, disputes."""
    facts = desk.known_at(known_at)
    facts.contract(contract_id)
    sorts = (sort,) if sort else SORTS if form == "xlsx" else SORTS[:1]
    emit(desk.settings, facts, contract_id, [_table(desk, facts, contract_id, one, audience) for one in sorts], form, file)


def _table(desk: Desk, facts: Facts, contract_id: str, sort: str, audience: Audience) -> Dataset:
    match sort:
        case "determinations":
            return tables_determined.determinations(facts, contract_id, audience)
        case "payments":
            return tables_money.payments(facts, contract_id)
        case "loan":
            return tables_money.loan(facts, contract_id)
        case "disputes":
            return tables_money.disputes(facts, contract_id)
        case _:
            return tables_money.postings(facts, contract_id, desk.book(facts))
