"""``soc forget``."""

from __future__ import annotations

import re

import click

from cli import output
from cli.desk import Desk
from cli.options import TEXT, answers, with_desk
from ledger.authority import require
from ledger.errors import Refused
from ledger.vault import Erasure


@click.command("forget")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("employee", metavar="EMPLOYEE")
@click.option("--decision", type=TEXT, required=True, metavar="TEXT", help="The decision that it rests on.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased; erase nothing.")
@answers
@with_desk
def command(desk: Desk, contract_id: str, employee: str, decision: str, dry_run: bool, form: str, file: str) -> None:
    """Erase a person from the vault: their employment number can no longer be found behind their absences. Records, totals and
    payments stay as they are."""
    facts = desk.facts
    require(facts.contract(contract_id).versions[-1][1], "records", desk.actor)
    desk.log.check_clock(facts, desk.now)
    actor = desk.actor
    erasure = Erasure(contract_id, desk.now, decision, f"{actor.name}, {actor.role}")
    if re.search(rf"\b{re.escape(employee)}\b", decision, re.IGNORECASE):
        raise Refused("the decision names the employment number, which would stay in the vault", do="say which decision it is")
    with desk.log.recorder.writing(rollback=True):  # no import may give tokens meanwhile
        desk.vault.forget(erasure, employee, keep=not dry_run)
    if form == "text":
        done = "Would erase" if dry_run else "Erased"
        lines = [f"{done} one person of {contract_id} from the vault on {desk.today}: {decision}"]
        lines.append(f"  The record is unchanged: {output.basis_line(facts)}")
        lines.append("  Their absences stay on record without a number; they are still personal data, to be treated as such.")
        output.emit("\n".join(lines), file)
        return
    value = {"contract": contract_id, "erased": not dry_run, "on": str(desk.today), "decision": decision}
    value |= output.basis_json(facts)
    output.emit(output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"]), file)
