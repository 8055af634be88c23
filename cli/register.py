"""``soc register``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking
from cli.words import told, who
from ledger.facts import Facts, is_tiered, streams_of, tiered_stream
from ledger.money import kronor, shown
from ledger.periods import instant_text, stockholm_text
from ledger.record import Recorded
from projections.about import streams
from projections.names import short_name
from projections.postings import Posting
from projections.tiered.valuation import folded


@click.command("register")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers
@looking
def command(desk: Desk, contract_id: str, known_at: str | None, form: str, file: str) -> None:
    """A contract's records in order: when recorded, what about, by whom, with the postings of each."""
    facts = desk.known_at(known_at)
    if is_tiered(facts, contract_id):
        output.emit(of_tiered(facts, contract_id, form), file)
        return
    facts.contract(contract_id)
    records, posted = _records(facts, contract_id), desk.book(facts).postings(contract_id)
    below = ("SEK excluding VAT", _common(facts, contract_id))
    output.emit(_answer(facts, contract_id, records, posted, below, form), file)


def of_tiered(facts: Facts, contract_id: str, form: str) -> str:
    """The register of a contract settled by tiers. Raises Usage for one that is not on record."""
    from cli.tiered.receipt import money_line
    from projections.tiered.postings import posted

    terms = folded(facts, contract_id).versions[-1][1]
    records = facts.stream(tiered_stream(contract_id))
    return _answer(facts, contract_id, records, posted(records), (money_line(terms), []), form)


def _answer(
    facts: Facts,
    contract_id: str,
    records: Sequence[Recorded[Any]],
    posted: Posted,
    said: tuple[str, list[str]],
    form: str,
) -> str:
    """The records with their postings; ``said``: what the amounts are in, and what stands below the records."""
    if form == "text":
        head = f"Register of {contract_id} · {output.basis_line(facts)}"
        told_ = [line for record in records for line in _told(contract_id, record, posted)]
        return "\n".join([head, f"{said[0]}; debit positive, credit negative", "", *told_, *said[1]])
    if form == "json":
        listed = [_json(contract_id, one, posted) for one in records]
        return output.as_json({"contract": contract_id, **output.basis_json(facts), "records": listed})
    rows = [
        {**_head(contract_id, record), **posting}
        for record in records
        for posting in (_postings(record, posted) or [{"account": None}])
    ]
    return output.as_csv(rows, [*_head(contract_id, records[0]), *POSTING])


def _common(facts: Facts, contract_id: str) -> list[str]:
    """Where the national series that the contract is measured by stands: in records of its own, common to all contracts."""
    series = [name for name in streams(contract_id, facts.contract(contract_id)) if name.startswith("trend/")]
    positions = [str(record.position) for name in series for record in facts.stream(name)]
    return ["", f"The national trend, common to all contracts, is in records {', '.join(positions)}."] if positions else []


KINDS = {"bookable": "for the books", "memorandum": "for information"}
"""What a posting is for, in a controller's words."""

Posted = Mapping[int, Sequence[Posting]]
"""Postings by the position of their record."""

POSTING = ["account", "amount", "kind", "effective_on", "booked_on"]


def _records(facts: Facts, contract_id: str) -> list[Recorded[Any]]:
    return sorted(
        (record for name in streams_of(contract_id) for record in facts.stream(name)), key=lambda record: record.position
    )


def _told(contract_id: str, record: Recorded[Any], posted: Posted) -> list[str]:
    name = short_name(record)
    head = f"{record.position:>5} {name or '':<4} {stockholm_text(record.recorded_at)}  about {record.effective_on}"
    documents = ", ".join(document.document for document in record.evidence)
    rests = f"; rests on {documents}" if documents else ""
    lines = [f"{head}  {told(record)}", f"{'':11}by {who(record.recorded_by)}{rests}"]
    return [*lines, *map(_posting, posted.get(record.position, ()))]


def _posting(one: Posting) -> str:
    account = one.account.removeprefix("memorandum:")
    return f"{'':13}{one.effective_on}  {account:<34}{shown(one.amount):>18}  {KINDS[one.kind]}"


def _head(contract_id: str, record: Recorded[Any]) -> dict[str, Any]:
    name = short_name(record)
    return {
        "id": f"{contract_id}/{record.position}",
        "name": f"{contract_id}/{name}" if name else None,
        "type": record.type,
        "recorded_at": instant_text(record.recorded_at),
        "about": str(record.effective_on),
        "by": record.recorded_by.name,
        "role": record.recorded_by.role,
        "says": told(record),
    }


def _postings(record: Recorded[Any], posted: Posted) -> list[dict[str, Any]]:
    return [
        {
            "account": one.account,
            "amount": kronor(one.amount),
            "kind": one.kind,
            "effective_on": str(one.effective_on),
            "booked_on": str(one.booked_on),
        }
        for one in posted.get(record.position, ())
    ]


def _json(contract_id: str, record: Recorded[Any], posted: Posted) -> dict[str, Any]:
    documents = [document.model_dump(mode="json", exclude_none=True) for document in record.evidence]
    return {**_head(contract_id, record), "evidence": documents, "postings": _postings(record, posted)}
