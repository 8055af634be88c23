"""``soc suspend``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk, agreed_since
from cli.options import MONTH, agreed_by, with_desk, writes
from ledger.contract import SuspendFollowUp
from ledger.log import OfContract
from ledger.periods import Month


@click.command("suspend")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--from", "from_month", type=MONTH, required=True, metavar="MONTH", help="The first month that it holds for.")
@agreed_by
@click.option("--reason", required=True, metavar="TEXT", help="Why the parties agreed on it.")
@writes
@with_desk
def command(
    desk: Desk,
    contract_id: str,
    from_month: Month,
    agreed_by: tuple[str, ...],
    reason: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Suspend follow-up from a month on, by the parties' agreement."""
    desk.facts.contract(contract_id)
    words = {
        "command": "suspend",
        "contract": contract_id,
        "from": str(from_month),
        "agreed_by": list(agreed_by),
        "reason": reason,
    }
    done = desk.submit(
        lambda facts: OfContract(contract_id, SuspendFollowUp(from_month, agreed_by, reason)),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=agreed_since,
    )
    output.receipt(done, contract_id, [f"follow-up of {contract_id} suspended from {from_month}: {reason}"], form, file)
