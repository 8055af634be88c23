"""``soc audit report``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import answers_in, looking
from ledger.facts import Facts


@click.command("report")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@click.option(
    "--backdated",
    "days",
    type=click.IntRange(min=0, max=3650),
    default=30,
    show_default=True,
    metavar="DAYS",
    help="From how many days late on a record is told, and an instruction not carried out.",
)
@answers_in("text", "json", "xlsx")
@looking
def command(desk: Desk, contract_id: str, known_at: str | None, days: int, form: str, file: str) -> None:
    """What an auditor asks on day one: is the evidence complete, what was dated back, who did what, what was paid on what, what
    do the figures rest on, what was changed later. How many were absent is not told."""
    from cli.audit import report_forms, report_text
    from cli.audit.report_sections import sections

    facts = desk.known_at(known_at)
    found = sections(facts, contract_id, days, desk.log.recorder)
    head = _head(facts, contract_id)
    if form == "text":
        whole = "The whole, with every workplace and record: -O xlsx -o FILE."
        output.emit(report_text.as_text([*head, whole], found), file)
    elif form == "json":
        value = {"contract": contract_id, **output.basis_json(facts), "backdated_days": days}
        output.emit(output.as_json(report_forms.as_json(value, found)), file)
    else:
        output.emit_bytes(report_forms.as_workbook(head, found), file)


def _head(facts: Facts, contract_id: str) -> list[str]:
    terms = facts.contract(contract_id).versions[-1][1]
    return [
        f"Audit report of {contract_id} — {terms.name}",
        output.basis_line(facts),
        f"SEK excluding VAT. Records go by number: soc register {contract_id}, soc explain {contract_id}/NUMBER.",
    ]
