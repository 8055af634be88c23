"""``soc methodology list`` and ``show``: what was adopted, and how the parties came to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, with_desk
from cli.words import role
from ledger.contract import ContractState, Proposal
from ledger.errors import Usage
from ledger.events import MethodologyAdopted, MethodologyRejected
from ledger.facts import Facts, contract_stream
from ledger.methodology import Methodology
from ledger.periods import day_in_stockholm

COLUMNS = ["from", "name", "version", "sha256", "proposal", "by", "on", "reason", "status"]


@click.command("list")
@click.argument("contract_id", metavar="CONTRACT")
@answers
@with_desk
def list_(desk: Desk, contract_id: str, form: str, file: str) -> None:
    """The methodologies that a contract adopted, and from when; and every proposal, with what came of it."""
    facts = desk.facts
    folded = facts.contract(contract_id)
    rows = [
        {"from": str(start), "name": one.name, "version": one.version, "sha256": one.sha256}
        for start, one in folded.methodologies
    ]
    if form == "json":
        proposals = [_json(facts, contract_id, one) for one in folded.proposals]
        value = {"contract": contract_id, **output.basis_json(facts), "methodologies": rows, "proposals": proposals}
        output.emit(output.as_json(value), file)
    elif form == "csv":
        adopted = [{**row, "status": "adopted"} for row in rows]
        output.emit(output.as_csv([*adopted, *(_row(facts, contract_id, one) for one in folded.proposals)], COLUMNS), file)
    else:
        table = output.table([list(row.values()) for row in rows], ["from", "name", "version", "fingerprint"])
        lines = [f"Methodologies of {contract_id}, {output.basis_line(facts)}", "", table if rows else "None is adopted."]
        output.emit("\n".join([*lines, *_negotiation(facts, contract_id, folded)]), file)


@click.command("show")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("name", required=False)
@answers
@with_desk
def show(desk: Desk, contract_id: str, name: str | None, form: str, file: str) -> None:
    """A methodology's rules and parameters: the one adopted last, or the one of that name or fingerprint, adopted or proposed; a
    proposal also by its short name, such as M1."""
    facts = desk.facts
    start, methodology, proposal = _found(facts, contract_id, name)
    value = {
        "contract": contract_id,
        **output.basis_json(facts),
        "from": str(start),
        "sha256": methodology.sha256,
        "proposal": None if proposal is None else _json(facts, contract_id, proposal),
        "methodology": methodology.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
    if form == "json":
        output.emit(output.as_json(value), file)
    elif form == "csv":
        output.emit(output.as_csv(output.flat(value), ["key", "value"]), file)
    else:
        rows = [[row["key"], output.plain(row["value"])] for row in output.flat(value["methodology"])]
        head = f"{methodology.name}, adopted by {contract_id} from {start}, {methodology.sha256}"
        if proposal is not None:
            head = "\n".join(_told(facts, contract_id, proposal, methodology.sha256))
        output.emit(f"{head}\n{output.basis_line(facts)}\n\n{output.table(rows, ['rule or parameter', 'value'])}", file)


def status(facts: Facts, contract_id: str, one: Proposal) -> str:
    """What came of a proposal: ``open``, by whom, when and why it was rejected, when it was adopted."""
    return "; ".join(_answers(facts, contract_id, one)) or "open"


def _answers(facts: Facts, contract_id: str, one: Proposal) -> list[str]:
    rejections = _rejections(facts, contract_id, one)
    adopted_on = _adopted_on(facts, contract_id, one)
    said = [f"rejected by {role(each['by'])} on {each['on']}: {each['reason']}" for each in rejections]
    return said if adopted_on is None else [*said, f"adopted on {adopted_on}"]


def _rejections(facts: Facts, contract_id: str, one: Proposal) -> list[dict[str, str]]:
    return [
        {"by": record.data.by, "on": str(day_in_stockholm(record.recorded_at)), "reason": record.data.reason}
        for record in facts.stream(contract_stream(contract_id))
        if isinstance(record.data, MethodologyRejected) and record.data.proposal == one.number
    ]


def _adopted_on(facts: Facts, contract_id: str, one: Proposal) -> str | None:
    stream = facts.stream(contract_stream(contract_id))
    return next((str(day_in_stockholm(record.recorded_at)) for record in stream if record.position == one.adopted_at), None)


def _json(facts: Facts, contract_id: str, one: Proposal) -> dict[str, Any]:
    return {
        "id": f"{contract_id}/M{one.number}",
        "number": one.number,
        "name": one.methodology.name,
        "version": one.methodology.version,
        "sha256": one.methodology.sha256,
        "from": str(one.from_on),
        "by": one.by,
        "on": str(one.proposed_on),
        "reason": one.reason,
        "status": "adopted" if one.adopted_at is not None else "rejected" if one.rejected else "open",
        "rejections": _rejections(facts, contract_id, one),
        "adopted_on": _adopted_on(facts, contract_id, one),
    }


def _row(facts: Facts, contract_id: str, one: Proposal) -> dict[str, Any]:
    value = _json(facts, contract_id, one)
    return {**value, "proposal": f"M{one.number}", "status": status(facts, contract_id, one)}


def _negotiation(facts: Facts, contract_id: str, folded: ContractState) -> Iterable[str]:
    """Every proposal, in order."""
    if folded.proposals:
        yield from ("", "Proposals")
    for one in folded.proposals:
        yield from ("", *_told(facts, contract_id, one, one.methodology.sha256[:16]))


def _told(facts: Facts, contract_id: str, one: Proposal, fingerprint: str) -> list[str]:
    methodology = one.methodology
    return [
        f"M{one.number}  {methodology.name} (version {methodology.version}) from {one.from_on}, {fingerprint}",
        f"    proposed by {role(one.by)} on {one.proposed_on}: {one.reason}",
        *(f"    {answer}" for answer in _answers(facts, contract_id, one) or ["open"]),
    ]


def _found(facts: Facts, contract_id: str, name: str | None) -> tuple[date, Methodology, Proposal | None]:
    """The methodology of that name or fingerprint: the one adopted last, also where another holds since; else the one proposed
    last. Raises Usage."""
    folded = facts.contract(contract_id)
    if name is None:
        if folded.methodologies:
            return (*folded.methodologies[-1], None)
        raise Usage(
            f"{contract_id} has adopted no methodology", do=f"see what is proposed with: soc methodology list {contract_id}"
        )
    stream = (record.data for record in facts.stream(contract_stream(contract_id)))
    adopted = [one for one in stream if isinstance(one, MethodologyAdopted) and _is(one.methodology, name)]
    if adopted:
        return adopted[-1].from_on, adopted[-1].methodology, None
    short = name.removeprefix(f"{contract_id}/")
    proposed = [one for one in folded.proposals if short == f"M{one.number}" or _is(one.methodology, name)]
    if proposed:
        return proposed[-1].from_on, proposed[-1].methodology, proposed[-1]
    raise Usage(f"{contract_id} has adopted no methodology {name}, and none is proposed")


def _is(one: Methodology, name: str) -> bool:
    return one.name == name or one.sha256.startswith(name)
