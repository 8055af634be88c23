"""``soc suspend`` and ``soc resume``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import MONTH, TEXT, agreed_by, with_desk, writes
from ledger.commands import OfContract, ResumeFollowUp, SuspendFollowUp
from ledger.contract import ContractState
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
        said = [f"follow-up of {contract_id} {told} from {from_month}: {reason}"]
        output.receipt(done, contract_id, [*said, *_passed_over(done.facts.contract(contract_id))], form, file)

    return command


def _passed_over(folded: ContractState) -> list[str]:
    """The months inside suspensions that have ended which nothing agreed says anything of."""
    if folded.suspended_from is not None:
        return []
    months = [str(month) for period in folded.suspensions for month in period if folded.suspended(month)]
    if not months:
        return []
    named = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]} ({len(months)} months)"
    return [
        f"{named}: inside a suspension, and the methodology agreed for it neither excludes nor deems it, so it counts for nothing"
    ]


suspend = _command(
    "suspend", "suspended", SuspendFollowUp, "Suspend follow-up from a month on: no month is determined until it resumes."
)
resume = _command("resume", "resumed", ResumeFollowUp, "Resume follow-up from a month on, which counts again.")
