"""``soc methodology``: propose, reject, adopt; show and list stand in ``cli/negotiation.py``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import click

from cli import files, methodology_beside, negotiation, output
from cli.desk import Desk
from cli.options import DATE, PERIOD, TEXT, agreed_by, with_desk, writes
from cli.words import role, roles
from ledger.commands import AdoptMethodology, OfContract, ProposeMethodology, RejectMethodology
from ledger.contract import ContractState, Determination
from ledger.disruption import Disruption
from ledger.errors import Usage
from ledger.events import AcceptedFinding, MethodologyAdopted, MethodologyProposed
from ledger.facts import Facts
from ledger.methodology import Methodology, read_methodology
from ledger.money import kronor, shown
from ledger.periods import Period
from projections.names import resolve
from projections.replaced import agreed_since


@click.group("methodology")
def command() -> None:
    """Propose, reject, adopt, show, list and compare methodologies."""


command.add_command(methodology_beside.beside)
command.add_command(negotiation.list_)
command.add_command(negotiation.show)


@command.command("propose")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("method_file", metavar="METHOD.toml")
@click.option("--from", "from_on", type=DATE, required=True, metavar="DATE", help="From when it would hold.")
@click.option("--by", required=True, metavar="ROLE", help="The party that proposes it.")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="What the party argues.")
@writes
@with_desk
def propose(
    desk: Desk,
    contract_id: str,
    method_file: str,
    from_on: date,
    by: str,
    reason: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that a party proposes a methodology. It changes nothing until it is adopted."""
    desk.facts.contract(contract_id)
    data = files.content(method_file)
    methodology = read_methodology(data, method_file)
    words = _words("propose", contract_id, methodology, from_on) | {"by": by, "reason": reason}
    done = desk.submit(
        lambda facts: OfContract(contract_id, ProposeMethodology(methodology, from_on, by, reason)),
        words,
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(method_file, data, desk.today)],
    )
    folded, number = done.facts.contract(contract_id), done.records[0].data.number
    status = negotiation.status(done.facts, contract_id, folded.proposal(number))
    proposed = f"{_named(methodology)}, proposed from {from_on} by {role(by)}: {reason}"
    agrees = roles(folded.versions[-1][1].governance.agrees)
    said = [proposed if status == "open" else f"{proposed} ({status})", f"fingerprint {methodology.sha256[:16]}"]
    output.receipt(done, contract_id, [*said, f"it changes nothing until it is adopted; {agrees} must agree"], form, file)


@command.command("reject")
@click.argument("proposal", metavar="ID")
@click.option("--by", required=True, metavar="ROLE", help="The party that rejects it.")
@click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why the party does not agree.")
@writes
@with_desk
def reject(desk: Desk, proposal: str, by: str, reason: str, dry_run: bool, reference: str | None, form: str, file: str) -> None:
    """Record that a party whose agreement is needed rejects a proposal, such as botkyrka/M1."""
    contract_id, record = resolve(desk.facts, proposal)
    if not isinstance(record.data, MethodologyProposed):
        raise Usage(f"{proposal} is not a proposal", do=f"name one of: soc methodology list {contract_id}")
    number = record.data.number
    done = desk.submit(
        lambda facts: OfContract(contract_id, RejectMethodology(number, by, reason)),
        {"command": "methodology reject", "contract": contract_id, "proposal": number, "by": by, "reason": reason},
        dry_run=dry_run,
        reference=reference,
    )
    said = [f"M{number}, {_named(record.data.methodology)}, rejected by {role(by)}: {reason}"]
    output.receipt(done, contract_id, said, form, file)


@command.command("adopt")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("method_file", metavar="METHOD.toml")
@click.option("--from", "from_on", type=DATE, required=True, metavar="DATE", help="From when it holds.")
@agreed_by
@click.option("--accept-finding", multiple=True, metavar="NAME", help="A finding that the parties accept; repeat for each.")
@click.option("--beside", type=PERIOD, metavar="PERIOD", help="Months in which the one before is measured beside it.")
@writes
@with_desk
def adopt(
    desk: Desk,
    contract_id: str,
    method_file: str,
    from_on: date,
    agreed_by: tuple[str, ...],
    accept_finding: tuple[str, ...],
    beside: Period | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record that the parties adopted a methodology. Months that are determined stay so until they are determined again."""
    desk.facts.contract(contract_id)
    data = files.content(method_file)
    methodology = read_methodology(data, method_file)
    accepted = tuple(sorted(set(accept_finding)))
    words = _words("adopt", contract_id, methodology, from_on) | {"agreed_by": list(agreed_by)}
    words |= {} if beside is None else {"beside": str(beside)}

    def proposed(facts: Facts) -> OfContract:
        findings = found_beside(facts, contract_id, methodology, from_on)
        return OfContract(contract_id, AdoptMethodology(methodology, from_on, agreed_by, findings, accepted, beside))

    done = desk.submit(
        proposed,
        words | ({"accepts": list(accepted)} if accepted else {}),
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(method_file, data, desk.today)],
        replaced=agreed_since,
    )
    said, more = _adopted(done.facts.contract(contract_id), done.records[0].data)
    output.receipts([output.Receipted(done, contract_id, said, more)], form, file)


def found_beside(facts: Facts, contract_id: str, methodology: Methodology, from_on: date) -> tuple[AcceptedFinding, ...]:
    """What is found beside a methodology on the facts as they stand, which the parties must know of when they adopt it."""
    from projections.findings_beside import beside

    return beside(facts, contract_id, methodology, from_on)


def _words(what: str, contract_id: str, methodology: Methodology, from_on: date) -> dict[str, Any]:
    """What a submission about a methodology says; what else it says comes with it."""
    return {
        "command": f"methodology {what}",
        "contract": contract_id,
        "methodology": methodology.sha256,
        "from": from_on.isoformat(),
    }


def _named(one: Methodology) -> str:
    return f"{one.name} (version {one.version})"


def _adopted(folded: ContractState, event: MethodologyAdopted) -> tuple[list[str], dict[str, Any]]:
    """What the adoption says, as lines and for JSON: the proposal, the findings accepted, what is to be determined again."""
    contract_id, accepts = folded.signed.id, event.accepts or ()
    said = [f"{contract_id} measures by {_named(event.methodology)} from {event.from_on}, {event.sha256[:16]}"]
    if event.proposal is not None:
        one = folded.proposal(event.proposal)
        said.append(f"adopts M{one.number}, proposed by {role(one.by)} on {one.proposed_on}")
    for finding in accepts:
        size = "" if finding.size_ore is None else f", {shown(finding.size_ore)} SEK"
        said.append(f"accepted: {finding.name}{size}: {finding.what}")
    if event.beside is not None:
        said.append(f"the one before is measured beside it in {event.beside}, which moves no money; see it with:")
        said.append(f"soc methodology beside {contract_id}")
    if one_rejected := _rejections(folded, event):
        said.append(one_rejected)
    if early := [rule.kind for rule in event.methodology.disruption if _begins_before(rule, event.from_on)]:
        said.append(f"{', '.join(early)}: the window begins before {event.from_on}; months before that stay as they are")
    redo = _to_redo(folded, event)
    for measured_by, several in redo.items():
        names, were = ", ".join(f"D{one.number}" for one in several), "was" if len(several) == 1 else "were"
        said.append(f"{names} {were} measured by {measured_by}; determine again with:")
        said += [f"soc determine {contract_id} {one.period} --redo --reason TEXT" for one in several]
    more = {
        "proposal": None if event.proposal is None else f"{contract_id}/M{event.proposal}",
        "beside": None if event.beside is None else str(event.beside),
        "accepts": [
            {"name": one.name, "what": one.what, "size": None if one.size_ore is None else kronor(one.size_ore)}
            for one in accepts
        ],
        "to_redo": [
            {"id": f"{contract_id}/D{one.number}", "period": str(one.period), "measured_by": measured_by}
            for measured_by, several in redo.items()
            for one in several
        ],
    }
    return said, more


def _begins_before(rule: Disruption, from_on: date) -> bool:
    window: Period | None = getattr(rule, "window", None)
    return window is not None and window.first_day < from_on


def _rejections(folded: ContractState, event: MethodologyAdopted) -> str:
    """Who had rejected the proposal that is adopted, and when."""
    rejected = {} if event.proposal is None else folded.proposal(event.proposal).rejected
    said = ", ".join(f"{role(by)} on {on}" for by, on in rejected.items())
    return f"it had been rejected by {said}" if said else ""


def _to_redo(folded: ContractState, event: MethodologyAdopted) -> dict[str, list[Determination]]:
    """The determinations in force with months that the methodology is to measure and did not, by what measured them."""
    found: dict[str, list[Determination]] = {}
    for one in folded.in_force:
        others = {
            month.methodology_sha256
            for month in one.months
            if folded.methodology_of(month.month).sha256 == event.sha256 != month.methodology_sha256
        }
        if others:
            found.setdefault(_all_named(folded.every_methodology[sha256] for sha256 in sorted(others)), []).append(one)
    return found


def _all_named(several: Iterable[Methodology]) -> str:
    return ", ".join(map(_named, several))
