"""``soc check``."""

from __future__ import annotations

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking
from ledger import seal
from ledger.facts import absence_stream
from projections import check, read_model
from projections.check import Finding


@click.command("check")
@answers
@looking
@click.pass_context
def command(ctx: click.Context, desk: Desk, form: str, file: str) -> None:
    """Recompute everything that can be recomputed and compare, to the öre. Silent when all is well; exits with 1 for findings,
    with 3 where what is stored is not what was recorded."""
    found = _found(desk)
    broken = any(one.sort == "broken" for one in found)
    differs = any(one.sort != "finding" for one in found)
    if form == "text":
        if found:
            head = "Checked " + output.basis_line(desk.facts) if not broken else "Checked, and the record is not what it was:"
            last = [] if differs else ["", f"All {desk.facts.position} records and every figure recomputed: no difference."]
            output.emit("\n".join([head, "", *map(_said, found), *last]), file)
    else:
        rows = [vars(one) for one in found]
        value = {**({} if broken else output.basis_json(desk.facts)), "findings": rows}
        output.emit(output.as_json(value) if form == "json" else output.as_csv(rows, ["sort", "where", "what"]), file)
    if differs:
        ctx.exit(3)
    if found:
        ctx.exit(1)


def _said(one: Finding) -> str:
    return f"{one.where}: {one.what}"


def _found(desk: Desk) -> list[Finding]:
    recorder = desk.log.recorder
    found = [Finding("broken", "the file", said) for said in recorder.damage()]
    found += check.storage(recorder.rows(beside=True))
    if any(one.sort == "broken" for one in found):
        return found
    found += check.seals(seal.faults(recorder, seal.kept(recorder)))
    facts = desk.facts
    found += check.unknown_streams(facts, recorder.streams())
    found += [Finding("differs", "tables", said) for said in read_model.differences(desk.log)]
    vault = desk.vault if desk.has_vault else None
    for contract_id in facts.contracts:
        found += check.contract_findings(facts, contract_id)
        if vault is not None:
            erased = [one.erased_at for one in vault.erasures(contract_id)]
            found += check.erasures(contract_id, erased, facts.stream(absence_stream(contract_id)))
    for contract_id in facts.named("tiered"):
        found += check.tiered_findings(facts, contract_id)
    for tender_id in facts.named("tender"):
        found += check.tender_findings(facts, tender_id)
    if vault is None:
        found.append(
            Finding("finding", "vault", "it is not at hand, so reports that reach back before an erasure were not looked for")
        )
    return found
