"""``soc correct``."""

from __future__ import annotations

from datetime import date

import click

from cli import output
from cli.desk import Desk
from cli.options import AMOUNT, DATE, TEXT, with_desk, writes
from ledger.commands import CorrectEntry, OfContract
from ledger.money import shown
from projections.names import resolve
from projections.replaced import corrected, corrected_again


@click.command("correct")
@click.argument("entry", metavar="ID")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="What was wrong.")
@click.option("--amount", type=AMOUNT, metavar="AMOUNT", help="The right amount.")
@click.option("--date", "on", type=DATE, metavar="DATE", help="The right date.")
@writes
@with_desk
def command(
    desk: Desk,
    entry: str,
    reason: str,
    amount: int | None,
    on: date | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Reverse a payment, loan movement, notice or acceptance recorded in error, or replace its amount or date.

    The original stays readable."""
    contract_id, record = resolve(desk.facts, entry)
    words = {
        "command": "correct",
        "contract": contract_id,
        "corrects": record.position,
        "reason": reason,
        "amount_ore": amount,
        "on": on.isoformat() if on else None,
    }
    done = desk.submit(
        lambda facts: OfContract(contract_id, CorrectEntry(record.position, reason, amount, on)),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=lambda facts, records: corrected(facts, [record]) and corrected_again(facts, records),
    )
    event = done.records[0].data
    was = f"{shown(event.was.amount_ore)} SEK on {event.was.on}"
    now = "is reversed" if event.becomes is None else f"becomes {shown(event.becomes.amount_ore)} SEK on {event.becomes.on}"
    output.receipt(done, contract_id, [f"{entry} said {was}; it {now}: {event.reason}"], form, file)
