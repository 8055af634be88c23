"""``soc loan``: draw, repay."""

from __future__ import annotations

from datetime import date
from typing import Literal

import click

from cli import output
from cli.desk import Desk
from cli.options import AMOUNT, on, with_desk, writes
from ledger.commands import DrawLoan, OfContract, RepayLoan
from ledger.money import shown
from projections.replaced import corrected


@click.group("loan")
def command() -> None:
    """Draw on and repay the loan from the finance department to the HR department."""


@command.command("draw")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("amount", type=AMOUNT)
@on("The day of the draw.")
@click.option("--for", "purpose", type=click.Choice(["internal", "upfront"]), required=True, help="What it is for.")
@writes
@with_desk
def draw(
    desk: Desk,
    contract_id: str,
    amount: int,
    on: date,
    purpose: Literal["internal", "upfront"],
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record a draw; more than internal cost and upfront payment together is refused."""
    desk.facts.contract(contract_id)
    words = {"command": "loan draw", "contract": contract_id, "amount_ore": amount, "on": on.isoformat(), "for": purpose}
    done = desk.submit(
        lambda facts: OfContract(contract_id, DrawLoan(amount, on, purpose)),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=corrected,
    )
    output.receipt(done, contract_id, [f"loan draw of {shown(amount)} SEK on {on} for the {purpose} cost"], form, file)


@command.command("repay")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("amount", type=AMOUNT)
@on("The day of the repayment.")
@writes
@with_desk
def repay(
    desk: Desk, contract_id: str, amount: int, on: date, dry_run: bool, reference: str | None, form: str, file: str
) -> None:
    """Record a repayment; more than is outstanding is refused."""
    desk.facts.contract(contract_id)
    words = {"command": "loan repay", "contract": contract_id, "amount_ore": amount, "on": on.isoformat()}
    done = desk.submit(
        lambda facts: OfContract(contract_id, RepayLoan(amount, on)),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=corrected,
    )
    output.receipt(done, contract_id, [f"loan repayment of {shown(amount)} SEK on {on}"], form, file)
