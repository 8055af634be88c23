"""``soc tiered determine``: what the contract is worth as of a day, and who gets what."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from cli.desk import Desk
from cli.options import TEXT, on, with_desk, writes
from cli.source import divided_by
from cli.tiered.receipt import receipt
from cli.words import role
from ledger.errors import Usage
from ledger.events import TiersDetermined
from ledger.facts import Facts
from ledger.money import shown
from projections.tiered import proposals as tiered_proposals
from projections.tiered.valuation import folded, valued


@click.command("determine")
@click.argument("contract_id", metavar="CONTRACT")
@on("The day as of which: rows about what had ended by then count.")
@click.option("--redo", is_flag=True, help="Determine again as of the same day, on all facts now recorded.")
@click.option("--reason", type=TEXT, metavar="TEXT", help="Why it is determined again.")
@writes
@with_desk
def determine(
    desk: Desk,
    contract_id: str,
    on: date,
    redo: bool,
    reason: str | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Determine what the valuations give as of a day, from the beginning, and divide it tier by tier."""
    if redo and not reason:
        raise Usage("a redo says why: --redo --reason TEXT")
    if reason and not redo:
        raise Usage("--reason belongs to --redo")
    folded(desk.facts, contract_id)
    words: dict[str, Any] = {
        "command": "tiered determine",
        "contract": contract_id,
        "on": on.isoformat(),
        "redo": reason,
        "last_fact": lambda facts: tiered_proposals.last_fact(facts, contract_id),
    }
    done = desk.submit(
        lambda facts: tiered_proposals.determination(facts, contract_id, on, computed_by=divided_by(), redo=reason),
        words,
        dry_run=dry_run,
        reference=reference,
    )
    event = done.records[0].data
    receipt(done, contract_id, _said(done.facts, contract_id, event), form, file)


def _said(facts: Facts, contract_id: str, event: TiersDetermined) -> list[str]:
    contract = folded(facts, contract_id)
    terms = contract.terms_on(event.on)
    said = [f"{contract_id} determined as of {event.on}, {terms.currency}"]
    said += [f"{one.id}: {shown(one.amount_ore)}" for one in event.amounts]
    for found in event.conditions:
        what = "not reported" if found.value is None else found.value
        said.append(f"condition of {found.tier}: {what}, {'met' if found.met else 'not met'}")
    said += [f"{one.tier} gives {shown(one.amount_ore)} to the {role(one.party)}" for one in event.given]
    said += [f"the rest of {one.of}, {shown(one.amount_ore)}, is kept or borne by the {role(one.party)}" for one in event.kept]
    seen = facts.at(event.basis.position)
    said += [f"note: {note}" for note in valued(seen, folded(seen, contract_id), terms, event.on).notes]
    said += [f"determined anew: {event.reason}"] if event.reason is not None else []
    return [*said, f"next: soc tiered agree {contract_id}/D{event.number} --by ROLE --on DATE"]
