"""``soc tiered state``, ``soc tiered explain``: what a contract settled by tiers comes to, and why."""

from __future__ import annotations

from datetime import date

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking, moment
from cli.tiered.state_as_json import as_json
from cli.tiered.state_as_text import as_text
from ledger.errors import Usage, VerificationFailed
from ledger.facts import Facts
from ledger.periods import day_in_stockholm
from projections.tiered import explain as tiered_explain
from projections.tiered import state as tiered_state
from projections.tiered.valuation import folded


@click.command("state")
@click.argument("contract_id", metavar="CONTRACT")
@moment
@answers
@looking
def state(desk: Desk, contract_id: str, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """What the contract is worth, what each tier gives, and what each party is entitled to, was paid and is due: as of a date, as
    known at a moment."""
    output.emit(answer(desk.known_at(known_at), contract_id, as_of, form), file)


def answer(facts: Facts, contract_id: str, as_of: date | None, form: str) -> str:
    """The contract's state."""
    one = tiered_state.state(facts, contract_id, as_of)
    if form == "text":
        return as_text(one, output.basis_line(facts))
    value = as_json(one)
    return output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"])


@click.command("explain")
@click.argument("ident", metavar="ID")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers
@looking
def explain(desk: Desk, ident: str, known_at: str | None, form: str, file: str) -> None:
    """From what each party is given by a determination, as norrkoping/D1, down to tier, valuation, reported row and record;
    computed anew. Of a contract: the determination that holds."""
    from cli.tiered.explain import COLUMNS, as_text, rows
    from cli.tiered.explain import as_json as explained

    facts = desk.known_at(known_at)
    contract_id, number = _determination(facts, ident)
    one = tiered_explain.explain(facts, contract_id, number)
    if form == "text":
        output.emit(as_text(one, output.basis_line(facts)), file)
    elif form == "json":
        output.emit(output.as_json({**explained(one), **output.basis_json(facts)}), file)
    else:
        output.emit(output.as_csv(list(rows(one)), COLUMNS), file)
    if one.differs:
        raise VerificationFailed(
            f"{contract_id}/D{number} does not come out: it says where", do="see what differs with: soc check"
        )


def _determination(facts: Facts, ident: str) -> tuple[str, int]:
    from cli.tiered.receipt import numbered

    if "/" in ident:
        return numbered(facts, ident, "D", "a determination")
    found = folded(facts, ident).in_force(day_in_stockholm(facts.known_at))
    if found is None:
        raise Usage(f"nothing is determined in {ident} yet", do=f"determine it with: soc tiered determine {ident} --on DATE")
    return ident, found.number
