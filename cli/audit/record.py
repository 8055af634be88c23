"""``soc audit record``: a findings sheet as the auditor filled it in."""

from __future__ import annotations

import re
from datetime import date

import click

from cli import files, output
from cli.audit import sheet
from cli.desk import Desk
from cli.options import TEXT, Parsed, on, with_desk, writes
from cli.words import counted
from ledger.canonical import sha256
from ledger.commands import OfContract, RecordAuditFindings
from ledger.errors import Faults
from ledger.facts import Facts
from ledger.log import Receipt
from ledger.periods import day_in_stockholm
from projections.audit.findings import superseded
from projections.audit.sheet import tested


def _number(text: str) -> int:
    match = re.fullmatch(r"A([1-9][0-9]{0,5})", text)
    if match is None:
        raise ValueError("name findings as A1")
    return int(match[1])


FINDINGS = Parsed("findings", _number)


@click.command("record")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("path", metavar="SHEET")
@on("The day on which the auditor finished testing.")
@click.option("--supersedes", type=FINDINGS, metavar="A1", help="Earlier findings whose place these take.")
@click.option("--reason", type=TEXT, metavar="TEXT", help="Why they do.")
@writes
@with_desk
def command(
    desk: Desk,
    contract_id: str,
    path: str,
    on: date,
    supersedes: int | None,
    reason: str | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record a findings sheet (CSV) of soc audit sample as the external auditor filled it in. It is refused whole, with every
    fault, where a line drawn is left out or has no result, where one was not drawn, where a fact was altered, or where a
    difference in days cannot be; and where it still holds employment numbers."""
    desk.facts.contract(contract_id)
    data = files.content(path)
    rows, single = sheet.read(data, path)
    sizes = sheet.sealed(desk)

    def proposed(facts: Facts) -> OfContract:
        faults = Faults(path)
        faults.include(single)
        said = tested(facts, contract_id, rows, sizes, faults)
        day = day_in_stockholm(facts.at(said.checkpoint.size).known_at)
        found = (on, said.checkpoint, day, said.population, said.procedure, said.items)
        return OfContract(contract_id, RecordAuditFindings(*found, supersedes, reason))

    words = {"command": "audit record", "contract": contract_id, "on": on.isoformat(), "sheet": sha256(data)}
    words |= {} if supersedes is None else {"supersedes": f"A{supersedes}"}
    words |= {} if reason is None else {"reason": reason}
    done = desk.submit(
        proposed,
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(path, data, desk.today, "findings sheet, file given to soc")],
        replaced=superseded,
    )
    output.receipts([_told(done, contract_id)], form, file)


def _told(done: Receipt, contract_id: str) -> output.Receipted:
    """What was recorded, and where to look at what it says."""
    event = done.records[0].data
    exceptions = sum(one.result == "exception" for one in event.items)
    said = [
        f"findings A{event.number} on {counted(event.sample, 'line')} of {event.population}: {counted(exceptions, 'exception')}"
    ]
    said += [f"procedure: {event.procedure}", f"what that says of all lines: soc audit findings {contract_id}"]
    return output.Receipted(done, contract_id, said, {"sample": event.sample, "exceptions": exceptions})
