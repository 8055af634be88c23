"""``soc tiered sign``, ``amend`` and ``agree``: what the parties agreed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from cli import files
from cli.desk import Desk
from cli.options import DATE, TEXT, agreed_by, on, with_desk, writes
from cli.tiered.receipt import numbered, receipt
from cli.words import role as role_of
from cli.words import roles
from ledger.errors import Refused
from ledger.events import TieredAmended
from ledger.facts import Facts
from ledger.money import shown
from ledger.record import Recorded
from ledger.tiered import AgreeTiers, AmendTiered, OfTiered, SignTiered
from ledger.tiered_terms import TieredTerms, read_tiered_terms
from projections.tiered.valuation import folded


@click.command("sign")
@click.argument("terms_file", metavar="TERMS.toml")
@click.option("--on", "day", type=DATE, metavar="DATE", help="The day of signature; default: the day the terms start.")
@writes
@with_desk
def sign(desk: Desk, terms_file: str, day: date | None, dry_run: bool, reference: str | None, form: str, file: str) -> None:
    """Record that the parties signed the terms of a contract settled by tiers."""
    data = files.content(terms_file)
    terms = read_tiered_terms(data, terms_file)
    signed_on = day or terms.starts_on

    def propose(facts: Facts) -> OfTiered:
        if terms.id in facts.contracts:
            raise Refused(f"{terms.id} is the id of a contract measured by sick leave", do="give the terms another id")
        return OfTiered(terms.id, SignTiered(terms, signed_on))

    done = desk.submit(
        propose,
        {"command": "tiered sign", "terms": terms.sha256, "on": signed_on.isoformat()},
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(terms_file, data, desk.today)],
    )
    said = [f"{terms.name}, signed on {signed_on}, terms {terms.sha256[:16]}", *_parameters(terms)]
    receipt(done, terms.id, said, form, file)


def _parameters(terms: TieredTerms) -> list[str]:
    return [f"not published, a parameter: {key} ({terms.clause(key)})" for key in terms.unpublished]


@click.command("amend")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("terms_file", metavar="TERMS.toml")
@click.option("--from", "from_on", type=DATE, required=True, metavar="DATE", help="The first day under the new terms.")
@agreed_by
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why the parties changed the terms.")
@writes
@with_desk
def amend(
    desk: Desk,
    contract_id: str,
    terms_file: str,
    from_on: date,
    agreed_by: tuple[str, ...],
    reason: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record new terms, for what is determined as of a day or later."""
    folded(desk.facts, contract_id)
    data = files.content(terms_file)
    terms = read_tiered_terms(data, terms_file)
    words = {
        "command": "tiered amend",
        "contract": contract_id,
        "terms": terms.sha256,
        "from": from_on.isoformat(),
        "agreed_by": list(agreed_by),
        "reason": reason,
    }
    done = desk.submit(
        lambda facts: OfTiered(contract_id, AmendTiered(terms, from_on, agreed_by, reason)),
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(terms_file, data, desk.today)],
        replaced=_amended_since,
    )
    said = [f"new terms of {contract_id} from {from_on}, terms {terms.sha256[:16]}", *_parameters(terms)]
    receipt(done, contract_id, said, form, file)


def _amended_since(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the parties have changed the terms again since: then the same change is a new one."""
    last = records[-1]
    return any(isinstance(one.data, TieredAmended) and one.position > last.position for one in facts.stream(last.stream))


@click.command("agree")
@click.argument("determination", metavar="ID")
@click.option("--by", "role", required=True, metavar="ROLE", help="The party that agreed.")
@on("The day on which it agreed.")
@writes
@with_desk
def agree(
    desk: Desk, determination: str, role: str, on: date, dry_run: bool, reference: str | None, form: str, file: str
) -> None:
    """Record that a party agreed to a determination, as norrkoping/D1. When all that must have, what is claimed falls payable."""
    contract_id, number = numbered(desk.facts, determination, "D", "a determination")
    done = desk.submit(
        lambda facts: OfTiered(contract_id, AgreeTiers(number, role, on)),
        {"command": "tiered agree", "contract": contract_id, "determination": number, "role": role, "on": on.isoformat()},
        dry_run=dry_run,
        reference=reference,
    )
    event = done.records[0].data
    said = [f"D{number} agreed to by {role_of(event.role)} on {event.on}"]
    one = folded(done.facts, contract_id).determination(number)
    terms = folded(done.facts, contract_id).terms_on(one.event.on)
    for claim in event.claims:
        said.append(f"{shown(claim.amount_ore)} {terms.currency} payable to {role_of(claim.party)} on {claim.payable_on}")
    missing = [party for party in terms.governance.agrees if party not in one.agreed]
    if missing:
        said.append(f"still to agree: {roles(missing)}")
    elif not event.claims:
        said.append("all parties have agreed; it claims nothing beyond what was claimed before")
    receipt(done, contract_id, said, form, file)
