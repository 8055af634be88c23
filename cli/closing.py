"""``soc contract close``: the contract's end, with the external auditor's final evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import click

from cli import files, output
from cli.desk import Desk
from cli.options import on, with_desk, writes
from ledger.canonical import sha256
from ledger.commands import CloseContract, OfContract
from ledger.errors import Fault, InputRefused
from ledger.money import kronor, shown
from projections.state import State, state


@click.command("close")
@click.argument("contract_id", metavar="CONTRACT")
@on("The day on which the parties closed it.")
@click.option("--evaluation", required=True, metavar="FILE", help="The external auditor's final evaluation.")
@writes
@with_desk
def close(
    desk: Desk,
    contract_id: str,
    on: date,
    evaluation: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that a contract is closed, for good: all is determined, agreed and claimed, and the final evaluation is there."""
    desk.facts.contract(contract_id)
    data = files.content(evaluation)
    if not data:
        raise InputRefused([Fault(evaluation, None, "the file is empty", "Give the evaluation as it was delivered.")])
    digest = sha256(data)
    done = desk.submit(
        lambda facts: OfContract(contract_id, CloseContract(on)),
        {"command": "contract close", "contract": contract_id, "on": on.isoformat(), "evaluation": digest},
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(evaluation, data, desk.today, "final evaluation, file given to soc")],
    )
    document, after = done.records[0].evidence[0].document, state(done.facts, contract_id)
    said = [f"{contract_id} closed on {on}; its state is final, and what it settled stands"]
    said += [f"final evaluation: {document}, {digest[:16]}", *_left_to_pay(after)]
    more = {"evaluation": {"document": document, "sha256": digest}, "claimed_and_not_paid": kronor(_unpaid(after))}
    output.receipts([output.Receipted(done, contract_id, said, more)], form, file)


def _unpaid(one: State) -> int:
    """Öre claimed and not yet paid, payable already or not; below zero where more was paid than is claimed."""
    paid = one.provider.paid - one.provider.recovered
    return one.provider.payable + sum(claim.amount for claim in one.coming) - paid


def _left_to_pay(one: State) -> Iterable[str]:
    """What is claimed and not yet paid, and of the upfront payment what is not."""
    left, instructed = _unpaid(one), one.provider.instructed
    if left > 0:
        ordered = f", of which {shown(instructed)} is instructed" if instructed else ""
        yield f"claimed and not yet paid: {shown(left)} SEK{ordered}; it may still be paid"
        yield from (f"{shown(claim.amount)} of it falls payable on {claim.payable_on}" for claim in one.coming if claim.amount)
    elif left < 0:
        yield f"overpaid: {shown(-left)} SEK; it may still be recovered"
    else:
        yield "all that is claimed is paid"
    if one.upfront_due:
        yield f"of the upfront payment {shown(one.upfront_due)} SEK is neither paid nor instructed"
