"""``soc tiered what-if``: the same facts under other terms."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from cli import files, output
from cli.desk import Desk
from cli.options import answers, looking, moment
from cli.sections import wrapped
from cli.tiered.receipt import money_line, parameters, sources
from cli.words import role
from ledger.facts import Facts
from ledger.money import kronor, shown
from ledger.tiered_terms import read_tiered_terms
from projections.tiered.valuation import Valued
from projections.tiered.what_if import WhatIf
from projections.tiered.what_if import what_if as computed


@click.command("what-if")
@click.argument("contract_id", metavar="CONTRACT")
@click.option("--terms", "terms_file", required=True, metavar="OTHER.toml", help="The other terms.")
@moment
@answers
@looking
def what_if(
    desk: Desk, contract_id: str, terms_file: str, as_of: date | None, known_at: str | None, form: str, file: str
) -> None:
    """What other terms would give on the same facts, beside the terms in force. A simulation: nothing is recorded."""
    facts = desk.known_at(known_at)
    terms = read_tiered_terms(files.content(terms_file), terms_file)
    one = computed(facts, contract_id, terms, as_of)
    if form == "text":
        output.emit(_text(facts, one, terms_file), file)
        return
    value = {**_json(one), **output.basis_json(facts), "label": "simulation"}
    output.emit(output.as_json(value) if form == "json" else output.as_csv(output.flat(value), ["key", "value"]), file)


def _text(facts: Facts, one: WhatIf, file: str) -> str:
    other = one.other.terms
    basis = output.basis_line(facts).replace(output.label(facts), "simulation")
    head = [f"What if — {one.contract} under {file}", other.name, f"As of {one.when.as_of} · {basis}", money_line(other)]
    columns = ["", "terms in force", "other terms", "difference"]
    amounts = [_row(key, one.agreed.amounts.get(key), one.other.amounts.get(key)) for key in _keys(one)]
    given = [_row(f"{tier} to the {role(party)}", *found) for (tier, party), found in _given(one).items()]
    sums = [_row(f"in all to the {role(party)}", *one.given(party)) for party in one.parties]
    kept = [_row(f"{of} kept or borne by the {role(party)}", *found) for (of, party), found in _kept(one).items()]
    table = output.table([*amounts, *given, *sums, *kept], columns, right=(1, 2, 3))
    notes = [*_notes(one.agreed, "terms in force"), *_notes(one.other, "other terms"), *parameters(other), *sources(other)]
    said = "A simulation: nothing was recorded, and nobody is entitled by it."
    return "\n".join([*head, "", table, "", said, *(line for note in notes for line in wrapped(note))])


def _notes(one: Valued, which: str) -> list[str]:
    conditions = [
        f"condition of {found.tier}: {found.value or 'not reported'}, {'met' if found.met else 'not met'}"
        for found in one.conditions
    ]
    return [f"Under the {which}: {said}." for said in (*one.notes, *conditions)]


def _row(what: str, before: int | None, after: int | None) -> list[str]:
    moved = shown((after or 0) - (before or 0))
    return [what, *("none" if amount is None else shown(amount) for amount in (before, after)), moved]


def _keys(one: WhatIf) -> list[str]:
    return list(dict.fromkeys([*one.agreed.amounts, *one.other.amounts]))


def _given(one: WhatIf) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    before, after = ({(line.tier, line.party): line.amount for line in found.division.given} for found in (one.agreed, one.other))
    return {key: (before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])}


def _kept(one: WhatIf) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    before, after = ({(line.of, line.party): line.amount for line in found.division.kept} for found in (one.agreed, one.other))
    return {key: (before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])}


def _json(one: WhatIf) -> dict[str, Any]:
    return {
        "contract": one.contract,
        "as_of": str(one.when.as_of),
        "currency": one.other.terms.currency,
        "vat": one.other.terms.vat,
        "agreed": _valued(one.agreed),
        "other": _valued(one.other),
        "not_published": list(one.other.terms.unpublished),
        "sources": {metric.id: metric.source for metric in one.other.terms.metrics},
    }


def _valued(one: Valued) -> dict[str, Any]:
    return {
        "name": one.terms.name,
        "terms_sha256": one.terms.sha256,
        "amounts": {key: kronor(amount) for key, amount in one.amounts.items()},
        "conditions": [{"tier": found.tier, "value": found.value, "met": found.met} for found in one.conditions],
        "given": [
            {"of": line.of, "tier": line.tier, "party": line.party, "amount": kronor(line.amount)} for line in one.division.given
        ],
        "kept": [{"of": line.of, "party": line.party, "amount": kronor(line.amount)} for line in one.division.kept],
        "notes": list(one.notes),
    }
