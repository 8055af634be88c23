"""``soc suspend`` and ``soc resume``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import MONTH, TEXT, agreed_by, with_desk, writes
from ledger.commands import OfContract, ResumeFollowUp, SuspendFollowUp
from ledger.periods import Month
from projections.replaced import agreed_since


def _command(name: str, told: str, make: type[SuspendFollowUp | ResumeFollowUp], help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("contract_id", metavar="CONTRACT")
    @click.option("--from", "from_month", type=MONTH, required=True, metavar="MONTH", help="The first month that it holds for.")
    @agreed_by
    @click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why the parties agreed on it.")
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
        desk.facts.contract(contract_id)
        words = {
            "command": name,
            "contract": contract_id,
            "from": str(from_month),
            "agreed_by": list(agreed_by),
            "reason": reason,
        }
        done = desk.submit(
            lambda facts: OfContract(contract_id, make(from_month, agreed_by, reason)),
            words,
            dry_run=dry_run,
            reference=reference,
            replaced=agreed_since,
        )
        output.receipt(done, contract_id, [f"follow-up of {contract_id} {told} from {from_month}: {reason}"], form, file)

    return command


suspend = _command(
    "suspend", "suspended", SuspendFollowUp, "Suspend follow-up from a month on: no month is determined until it resumes."
)
resume = _command("resume", "resumed", ResumeFollowUp, "Resume follow-up from a month on, which counts again.")
