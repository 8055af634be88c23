"""``soc programme show`` and ``list``: what was agreed and stated of programmes, and from where."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking
from cli.programme.words import FIGURES, in_unit, told_of_programme
from cli.sections import Section, Table, as_text
from cli.words import who
from ledger.facts import Facts
from ledger.periods import stockholm_text
from ledger.programmes import ProgrammeState
from projections.programme import folded


@click.command("list")
@answers
@looking
def list_(desk: Desk, form: str, file: str) -> None:
    """The programmes on record, with the contracts that they hold now."""
    facts = desk.facts
    every = [folded(facts, name) for name in facts.named("programme")]
    rows = [_row(one) for one in every]
    if form == "json":
        output.emit(output.as_json({**output.basis_json(facts), "programmes": rows}), file)
    elif form == "csv":
        output.emit(output.as_csv(rows, ["programme", "name", "formed_from", "contracts"]), file)
    else:
        table = [[output.plain(value) for value in row.values()] for row in rows]
        text = output.table(table, ["programme", "name", "formed from", "contracts"]) if rows else "No programme is on record."
        output.emit(f"Programmes, {output.basis_line(facts)}\n\n{text}", file)


def _row(one: ProgrammeState) -> dict[str, Any]:
    assert one.formed is not None
    return {
        "programme": one.formed.id,
        "name": one.formed.name,
        "formed_from": str(one.formed.from_on),
        "contracts": list(one.versions[-1].contracts),
    }


@click.command("show")
@click.argument("programme_id", metavar="PROGRAMME")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers
@looking
def show(desk: Desk, programme_id: str, known_at: str | None, form: str, file: str) -> None:
    """What a programme holds and since when, what is stated of it, and from where."""
    facts = desk.known_at(known_at)
    one = folded(facts, programme_id)
    if form == "text":
        output.emit(_text(facts, one), file)
        return
    value = _json(facts, one)
    output.emit(output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"]), file)


def _json(facts: Facts, one: ProgrammeState) -> dict[str, Any]:
    assert one.formed is not None
    return {
        **_row(one),
        **output.basis_json(facts),
        "stated": [stated.model_dump(mode="json") for stated in one.formed.stated],
        "rates": [rate.model_dump(mode="json") for rate in one.formed.rates],
        "changes": [
            {
                "record": version.record.position,
                "from": str(version.from_on),
                "contracts": list(version.contracts),
                "said": told_of_programme(version.record.data),
                "recorded_by": who(version.record.recorded_by),
            }
            for version in one.versions
        ],
    }


def _text(facts: Facts, one: ProgrammeState) -> str:
    assert one.formed is not None
    stated = [
        [FIGURES[each.figure], f"{each.words}", in_unit(Fraction(each.value), each.unit), each.status, each.source]
        for each in one.formed.stated
    ]
    changes = [
        [str(version.record.position), stockholm_text(version.record.recorded_at), told_of_programme(version.record.data)]
        for version in one.versions
    ]
    rates = [
        f"1 {rate.currency} is taken for {rate.sek} SEK, {rate.status}: {rate.source}. It is for the stated figures alone."
        for rate in one.formed.rates
    ]
    sections = [
        Section("changes", "Contracts", tables=[Table("", ["record", "recorded", "what"], changes, [0])]),
        Section(
            "stated",
            "Stated of the whole",
            tables=[Table("", ["figure", "stated", "read as", "status", "source"], stated, [2])] if stated else [],
            says=rates if stated else ["Nothing is stated of the whole."],
        ),
    ]
    head = f"{one.formed.name} — {one.formed.id}\nProgramme, {output.basis_line(facts)}\n\n"
    return head + as_text(sections)
