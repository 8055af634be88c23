"""``soc export bundle``: one zip for an auditor, who verifies and recomputes it offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import options
from cli.desk import Desk
from cli.options import audience, looking
from ledger.errors import Refused, Usage

if TYPE_CHECKING:
    from ledger.facts import Facts
    from ledger.seal import Checkpoint
    from projections.audience import Audience


@click.command("bundle")
@click.option("-o", "file", required=True, metavar="FILE", callback=options.writable, help="The zip to write; - is stdout.")
@click.option("--contract", "contracts", multiple=True, metavar="ID", help="Show this contract alone; repeat for each.")
@audience
@click.option("--upto", type=click.IntRange(min=1), metavar="SIZE", help="The checkpoint to end at; default: the last one.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Open N absence lines, drawn by the checkpoint.")
@looking
def command(desk: Desk, file: str, contracts: tuple[str, ...], audience: Audience, upto: int | None, sample: int | None) -> None:
    """One zip with the record as it stood at a checkpoint, and all that it takes to verify and recompute it: also verify.py,
    which needs nothing but Python.

    The payer's bundle holds every absence line. All others hold the days of each month as totals, which recomputing then takes
    as stated; each line stays bound to the record, and --sample opens some of them for an auditor.
    """
    from cli.export.bundle_members import Asked, members
    from ledger import bundle
    from ledger.seal import checkpoints

    every = checkpoints(desk.log.recorder)
    last = _chosen(every, upto)
    facts = desk.log.facts(desk.log.recorder.head_at(last.size))
    shown = _shown(facts, contracts)
    _check_audience(facts, shown, audience, sample)
    upto_last = [one for one in every if one.size <= last.size]
    found: dict[str, bytes] = members(desk.log, facts, upto_last, Asked(shown, audience, sample))
    parts = list(bundle.written(found))
    if file == "-":
        for part in parts:
            click.echo(part, nl=False)
    else:
        with Path(file).open("wb") as out:
            out.writelines(parts)
        click.echo(f"written to {file}", err=True)
    hidden = found["events.jsonl"].count(b"null\n")
    click.echo(_said(last.size, hidden, shown, audience), err=True)
    if later := desk.log.recorder.head().position - last.size:
        click.echo(f"{later} later records are not in it; to include them seal first: soc seal --key FILE", err=True)


def _chosen(every: list[Checkpoint], upto: int | None) -> Checkpoint:
    if not every:
        raise Refused("a bundle ends at a checkpoint, and the record has none", do="seal it first: soc seal --key FILE")
    if upto is None:
        return every[-1]
    for one in every:
        if one.size == upto:
            return one
    sizes = ", ".join(str(one.size) for one in every)
    raise Usage(f"there is no checkpoint at record {upto}; there are: {sizes}", do="see them with: soc seal list")


def _shown(facts: Facts, contracts: tuple[str, ...]) -> tuple[str, ...]:
    """The contracts to show, and those whose savings one of them divides: without these it could not be computed again."""
    from ledger.tiered_terms import ContractsSavings
    from projections.tiered.valuation import folded

    tiered = {one: folded(facts, one) for one in facts.named("tiered")}
    every = (*facts.contracts, *tiered)
    for one in contracts:
        if one not in every:
            raise Usage(f"no contract {one} is on record; contracts on record: {', '.join(sorted(every)) or 'none'}")
    if not every:
        raise Refused("no contract was on record at that checkpoint", do="seal the record again: soc seal --key FILE")
    asked = set(contracts or every)
    versions = [terms for one in asked & tiered.keys() for _, terms in tiered[one].versions]
    valuations = [one for terms in versions for one in terms.valuations]
    rests_on = {name for one in valuations if isinstance(one, ContractsSavings) for name in one.contracts}
    return tuple(sorted(asked | (rests_on & set(facts.contracts))))


def _check_audience(facts: Facts, shown: tuple[str, ...], audience: Audience, sample: int | None) -> None:
    from projections.audience import is_employer

    measured = [one for one in shown if one in facts.contracts]
    if is_employer(audience) and measured:
        payers = {_payer(facts, one) for one in shown}
        if len(payers) > 1:
            raise Refused(
                f"absence lines are for their employer alone, and these contracts have several: {', '.join(sorted(payers))}",
                do="choose with --contract",
            )
    if sample is None:
        return
    if audience not in ("payer", "auditor"):
        raise Usage("lines are opened for an auditor or the payer alone", do="add --audience auditor")
    if len(shown) != 1 or not measured:
        raise Usage("a sample is drawn from the lines of one contract measured by sick leave", do="choose it with --contract")


def _payer(facts: Facts, contract_id: str) -> str:
    """Who pays by a contract, of either sort."""
    if contract_id in facts.contracts:
        return facts.contract(contract_id).versions[-1][1].parties.get("payer", contract_id)
    from projections.tiered.valuation import folded

    terms = folded(facts, contract_id).versions[-1][1]
    return terms.parties[terms.governance.pays]


def _said(size: int, hidden: int, shown: tuple[str, ...], audience: Audience) -> str:
    others = f"; {hidden} of other contracts are left out, their fingerprints alone are in" if hidden else ""
    return f"{size} records up to the checkpoint, {', '.join(shown)}, for the audience {audience}{others}"
