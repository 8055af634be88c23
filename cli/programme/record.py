"""``soc programme form``, ``join`` and ``leave``: which contracts are looked at as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import DATE, TEXT, agreed_by, with_desk, writes
from cli.programme.words import told_of_programme
from ledger.canonical import fingerprint
from ledger.events import ProgrammeFormed
from ledger.facts import Facts, programme_stream
from ledger.log import Receipt
from ledger.money import shown
from ledger.programmes import ChangeProgramme, FormProgramme, fold, read_programme
from ledger.record import Recorded
from projections.programme import folded


@click.command("form")
@click.argument("programme_file", metavar="PROGRAMME.toml")
@writes
@with_desk
def form(desk: Desk, programme_file: str, dry_run: bool, reference: str | None, form: str, file: str) -> None:
    """Record that several contracts are looked at as one, with what is stated of the whole, from a file. No payment rests on it.
    Who records it signs each of them."""
    data = files.content(programme_file)
    programme: ProgrammeFormed = read_programme(data, programme_file)
    said = programme.model_dump(mode="json")
    done = desk.submit(
        lambda facts: FormProgramme(programme),
        {"command": "programme form", "programme": programme.id, "said": fingerprint(said)},
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(programme_file, data, desk.today)],
    )
    _receipt(done, form, file)


Moving = Callable[..., None]


def _moving(function: Moving) -> Moving:
    """What ``join`` and ``leave`` are asked with."""
    for option in (
        click.option("--reason", type=TEXT, required=True, metavar="TEXT", help="Why."),
        agreed_by,
        click.option("--from", "from_on", type=DATE, required=True, metavar="DATE", help="From which day on."),
        click.argument("contracts", metavar="CONTRACT...", nargs=-1, required=True),
        click.argument("programme_id", metavar="PROGRAMME"),
    ):
        function = option(function)
    return function


@click.command("join")
@_moving
@writes
@with_desk
def join(desk: Desk, programme_id: str, contracts: tuple[str, ...], **how: Any) -> None:
    """Record that contracts join a programme from a day on, by the agreement of those that must agree in each of them."""
    _change(desk, programme_id, contracts, (), **how)


@click.command("leave")
@_moving
@writes
@with_desk
def leave(desk: Desk, programme_id: str, contracts: tuple[str, ...], **how: Any) -> None:
    """Record that contracts leave a programme from a day on, by the agreement of those that must agree in each of them."""
    _change(desk, programme_id, (), contracts, **how)


def _change(
    desk: Desk,
    programme_id: str,
    joins: tuple[str, ...],
    leaves: tuple[str, ...],
    *,
    from_on: date,
    agreed_by: tuple[str, ...],
    reason: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    folded(desk.facts, programme_id)
    words = {
        "command": "programme join" if joins else "programme leave",
        "programme": programme_id,
        "contracts": sorted(joins or leaves),
        "from": from_on.isoformat(),
        "agreed_by": list(agreed_by),
        "reason": reason,
    }
    done = desk.submit(
        lambda facts: ChangeProgramme(programme_id, from_on, joins, leaves, agreed_by, reason),
        words,
        dry_run=dry_run,
        reference=reference,
        replaced=_moved_since,
    )
    _receipt(done, form, file)


def _moved_since(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether a contract that these records moved was moved back since: then the same is recorded anew."""
    event = records[-1].data
    held = folded(facts, event.id).versions[-1].contracts
    return any(one not in held for one in event.joins) or any(one in held for one in event.leaves)


def _receipt(done: Receipt, form: str, file: str) -> None:
    """The record, and the contracts that the programme then holds, with what they come to."""
    event = done.records[-1].data
    contracts = fold(done.facts.stream(programme_stream(event.id))).versions[-1].contracts
    terms = [done.facts.contract(one).versions[-1][1] for one in contracts]
    investment, most = sum(one.investment.total for one in terms), sum(one.outcome.maximum_payment for one in terms)
    said = [
        told_of_programme(event),
        f"it holds {', '.join(contracts)}: investment {shown(investment)}, outcome payments at most {shown(most)} SEK",
    ]
    output.receipts([output.Receipted(done, None, said, {"programme": event.id, "contracts": list(contracts)})], form, file)
