"""``soc audit sign-off``: the external auditor's sign-off of the final evaluation."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from cli import files, output
from cli.desk import Desk
from cli.options import TEXT, on, with_desk, writes
from ledger.canonical import sha256
from ledger.commands import OfContract, SignOffEvaluation
from ledger.errors import Fault, InputRefused
from projections.audit.findings import superseded

if TYPE_CHECKING:
    from ledger.events import EvaluationSignedOff, Opinion

OPINIONS = ("unqualified", "qualified", "adverse", "disclaimer")


@click.command("sign-off")
@click.argument("contract_id", metavar="CONTRACT")
@on("The day on which the auditor signed.")
@click.option("--evaluation", required=True, metavar="FILE", help="The final evaluation that is signed off.")
@click.option("--opinion", type=click.Choice(OPINIONS), required=True, help="What the auditor concludes (ISA 700 and 705).")
@click.option("--text", type=TEXT, required=True, metavar="TEXT", help="The conclusion in words.")
@click.option(
    "--reason", type=TEXT, metavar="TEXT", help="Why in place of an earlier sign-off, or of another document than at the closing."
)
@writes
@with_desk
def command(
    desk: Desk,
    contract_id: str,
    on: date,
    evaluation: str,
    opinion: Opinion,
    text: str,
    reason: str | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that the external auditor signs off the final evaluation, with all findings on record considered; also when the
    contract is closed. It is of no day before those findings, the closing, or, of a contract not closed, what was determined
    last. A document other than the one that the contract was closed on needs a reason, which stands in the text. No money is
    moved."""
    desk.facts.contract(contract_id)
    data = files.content(evaluation)
    if not data:
        raise InputRefused([Fault(evaluation, None, "the file is empty", "Give the evaluation as it was delivered.")])
    digest = sha256(data)
    words = {"command": "audit sign-off", "contract": contract_id, "on": on.isoformat(), "evaluation": digest}
    words |= {"opinion": opinion, "text": text} | ({} if reason is None else {"reason": reason})
    done = desk.submit(
        lambda facts: OfContract(contract_id, SignOffEvaluation(on, opinion, text, digest, reason)),
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(evaluation, data, desk.today, "final evaluation, file given to soc")],
        replaced=superseded,
    )
    event, document = done.records[0].data, done.records[0].evidence[0].document
    said = [f"final evaluation of {contract_id} signed off on {event.on}: {event.opinion}", *_more(event, document)]
    more = {"evaluation": {"document": document, "sha256": event.evaluation}, "opinion": event.opinion}
    more |= {"findings": [f"{contract_id}/A{number}" for number in event.findings]}
    more |= {"recorded_at_closing": event.recorded_at_closing}
    output.receipts([output.Receipted(done, contract_id, said, more)], form, file)


def _more(event: EvaluationSignedOff, document: str) -> list[str]:
    """Which document, whether the contract was closed on it, and what was considered."""
    closing = {
        None: "the contract is not closed yet; it is to be closed on this document",
        True: "it is the evaluation that the contract was closed on",
        False: "it is NOT the evaluation that the contract was closed on",
    }
    considered = ", ".join(f"A{number}" for number in event.findings) or "none is on record"
    lines = [f"document: {document}, {event.evaluation[:16]}; {closing[event.recorded_at_closing]}"]
    lines += [f"findings considered: {considered}"]
    return lines + ([] if event.supersedes is None else [f"it takes the place of S{event.supersedes}: {event.reason}"])
