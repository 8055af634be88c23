"""``soc tiered show``, ``list`` and ``register``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking
from cli.register import of_tiered as register_of
from cli.sections import wrapped
from cli.tiered.receipt import money_line, parameters
from cli.tiered.tables import of_tiered
from ledger.facts import Facts
from ledger.tiered import TieredState
from projections.tiered.valuation import folded


@click.command("show")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number.")
@answers
@looking
def show(desk: Desk, contract_id: str, known_at: str | None, form: str, file: str) -> None:
    """What a contract measures, what that is worth, and who gets what, each with whether it is published, derived, assumed or a
    parameter that no source gives."""
    output.emit(answer(desk.known_at(known_at), contract_id, form), file)


def answer(facts: Facts, contract_id: str, form: str) -> str:
    """The contract's terms, as three tables."""
    contract = folded(facts, contract_id)
    terms = contract.versions[-1][1]
    shape = of_tiered(terms)
    if form == "text":
        head = f"{terms.name} — {terms.id}, signed on {contract.signed_on}, {terms.starts_on} to {terms.ends_on}"
        parties = [f"{role.replace('_', ' ')}: {name}" for role, name in terms.parties.items()]
        amended = [f"Terms amended from {start}, {one.sha256[:16]}." for start, one in contract.versions[1:]]
        said = [head, output.basis_line(facts), money_line(terms), "", *parties, *amended, *shape.as_text(), ""]
        clauses = [f"  {key}: {place}" for key, place in terms.clauses.items()]
        notes = [line for one in parameters(terms) for line in wrapped(one)]
        return "\n".join([*said, "Sources", *clauses, "", *notes])
    value = {
        "contract": contract_id,
        **output.basis_json(facts),
        "signed_on": str(contract.signed_on),
        "currency": terms.currency,
        "vat": terms.vat,
        "terms_sha256": terms.sha256,
        "terms": terms.model_dump(mode="json", exclude_none=True),
        **shape.as_json(),
    }
    return output.as_json(value) if form == "json" else output.as_csv(list(shape.rows()), ["key", "value"])


@click.command("list")
@answers
@looking
def list_(desk: Desk, form: str, file: str) -> None:
    """The contracts settled by tiers on record."""
    facts = desk.facts
    rows = [_row(folded(facts, one)) for one in facts.named("tiered")]
    if form == "json":
        output.emit(output.as_json({**output.basis_json(facts), "contracts": rows}), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, COLUMNS), file)
    else:
        table = (
            output.table([list(row.values()) for row in rows], COLUMNS) if rows else "No contract settled by tiers is on record."
        )
        output.emit(f"Contracts settled by tiers, {output.basis_line(facts)}\n\n{table}", file)


COLUMNS = ["contract", "name", "payer", "signed_on", "starts_on", "ends_on", "currency", "determinations"]


def _row(contract: TieredState) -> dict[str, str]:
    terms = contract.versions[-1][1]
    payer = terms.parties[terms.governance.pays]
    days = [str(contract.signed_on), str(terms.starts_on), str(terms.ends_on)]
    values = [terms.id, terms.name, payer, *days, terms.currency, str(len(contract.determinations))]
    return dict(zip(COLUMNS, values, strict=True))


@click.command("register")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers
@looking
def register(desk: Desk, contract_id: str, known_at: str | None, form: str, file: str) -> None:
    """The contract's records in order: when recorded, what about, by whom, with the postings of each."""
    output.emit(register_of(desk.known_at(known_at), contract_id, form), file)
