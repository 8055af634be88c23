"""``soc notify``."""

from __future__ import annotations

from datetime import date

import click

from cli import output
from cli.desk import Desk
from cli.options import on, with_desk, writes
from ledger.commands import NotifyDetermination, OfContract
from ledger.money import shown
from projections.names import determination_number
from projections.replaced import corrected


@click.command("notify")
@click.argument("determination", metavar="ID")
@on("The day on which the parties were notified.")
@writes
@with_desk
def command(desk: Desk, determination: str, on: date, dry_run: bool, reference: str | None, form: str, file: str) -> None:
    """Record that the parties were notified of a determination; from then the time to object runs."""
    contract_id, number = determination_number(desk.facts, determination)
    done = desk.submit(
        lambda facts: OfContract(contract_id, NotifyDetermination(number, on)),
        {"command": "notify", "contract": contract_id, "determination": number, "on": on.isoformat()},
        dry_run=dry_run,
        reference=reference,
        replaced=corrected,
    )
    event = done.records[0].data
    said = [
        f"notice of D{number} on {event.on}: objection at latest {event.objection_until}",
        _claim(event.claim.amount_ore, event.claim.payable_on),
    ]
    output.receipt(done, contract_id, said, form, file)


def _claim(amount_ore: int, payable_on: date) -> str:
    if amount_ore < 0:
        return f"lowers what is payable by {shown(-amount_ore)} SEK on {payable_on}; earlier if all parties accept"
    return f"claims {shown(amount_ore)} SEK, payable on {payable_on}; earlier if all parties accept"
