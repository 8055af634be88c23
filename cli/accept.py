"""``soc accept``."""

from __future__ import annotations

from datetime import date

import click

from cli import output
from cli.desk import Desk
from cli.options import on, with_desk, writes
from ledger.commands import AcceptDetermination, OfContract
from ledger.money import shown
from projections.names import determination_number
from projections.replaced import corrected


@click.command("accept")
@click.argument("determination", metavar="ID")
@click.option("--by", "role", required=True, metavar="ROLE", help="The party that accepted.")
@on("The day on which it accepted.")
@writes
@with_desk
def command(
    desk: Desk, determination: str, role: str, on: date, dry_run: bool, reference: str | None, form: str, file: str
) -> None:
    """Record that a party accepted a determination. When all that must have, the claim falls payable from then."""
    contract_id, number = determination_number(desk.facts, determination)
    done = desk.submit(
        lambda facts: OfContract(contract_id, AcceptDetermination(number, role, on)),
        {"command": "accept", "contract": contract_id, "determination": number, "role": role, "on": on.isoformat()},
        dry_run=dry_run,
        reference=reference,
        replaced=corrected,
    )
    event = done.records[0].data
    said = [f"D{number} accepted by {event.role} on {event.on}"]
    if event.becomes is not None:
        said.append(f"all parties have accepted: {shown(event.becomes.amount_ore)} SEK payable on {event.becomes.payable_on}")
    else:
        folded = done.facts.contract(contract_id)
        notice = folded.determination(number).notice
        agrees = folded.terms_on(on).governance.agrees
        missing = [party for party in agrees if notice is not None and party not in notice.accepted]
        if missing:
            said.append(f"still to accept, by act or by silence: {', '.join(missing)}")
    output.receipt(done, contract_id, said, form, file)
