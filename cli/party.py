"""``soc party``: what a party is given, pays, lends, borrows and keeps, role by role, over every contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking, moment
from cli.sections import Section, Table, as_text
from cli.words import role
from ledger.money import kronor, shown
from projections.as_of import AsOf
from projections.parties import FIGURES, Together, every, of_party, together


@click.command("party")
@click.argument("name", required=False, metavar="[NAME]")
@moment
@answers
@looking
def command(desk: Desk, name: str | None, as_of: date | None, known_at: str | None, form: str, file: str) -> None:
    """A party's money over all contracts, a line for each of its roles; without a name, every party. A department that is named
    after a comma is of its party: "Botkyrka kommun" finds "Botkyrka kommun, finance department" too."""
    facts = desk.known_at(known_at)
    lines = every(facts, as_of, desk.book(facts))
    found = together(lines if name is None else of_party(lines, name))
    when = AsOf.latest(facts, as_of).as_of
    if form == "text":
        title = "Every party" if name is None else name.strip()
        head = f"{title}, over all contracts\nAs of {when} · {output.basis_line(facts)}\nExcluding VAT\n\n"
        output.emit(head + _text(found), file)
    elif form == "json":
        value = {"party": name, "as_of": str(when), **output.basis_json(facts), "vat": "excluded"}
        output.emit(output.as_json({**value, "roles": [as_json(one) for one in found]}), file)
    else:
        output.emit(output.as_csv([as_json(one) for one in found], COLUMNS), file)


COLUMNS = ["party", "role", "contracts", "side", "currency", *FIGURES]


def as_json(one: Together) -> dict[str, Any]:
    """A party in one role: sums over its contracts, and each contract's; figures that its role has not are null."""
    first = one.first
    return {
        "party": first.name,
        "role": first.role,
        "contracts": list(one.contracts),
        "side": first.side,
        "currency": first.currency,
        **_kronor(one.figures),
        "by_contract": [{"contract": line.contract, **_kronor(line.figures)} for line in one.lines],
    }


def _kronor(figures: Any) -> dict[str, str | None]:
    return {key: kronor(figures[key]) if key in figures else None for key in FIGURES}


NAMES = {
    "entitled": "entitled",
    "payable": "payable",
    "paid": "outcome paid",
    "held": "held",
    "due": "due",
    "overpaid": "overpaid",
    "upfront": "upfront paid",
    "savings_kept": "savings kept",
    "loan_drawn": "loan drawn",
    "loan_repaid": "loan repaid",
    "loan_outstanding": "loan left",
    "bond_lent": "lent",
    "bond_owed": "owed whatever comes",
    "bond_owed_by_outcomes": "owed by outcomes",
}
BOND = ("bond_lent", "bond_owed", "bond_owed_by_outcomes")
SIDES = {
    "receives": "is given",
    "pays": "pays; the figures are what others are given",
    "lends": "lends",
    "borrows": "borrows",
    None: "no money on record of it",
}


def section(found: Sequence[Together]) -> Section:
    """Many parties, a row each in two tables: outcome payments; the upfront payment, savings kept and the loan."""
    tables = [
        _table("Outcome payments", ("entitled", "payable", "paid", "held", "due"), found),
        _table("Upfront payment, savings, loan", ("upfront", "savings_kept", "loan_outstanding"), found),
    ]
    without = [f"{_called(one)} of {', '.join(one.contracts)}" for one in found if not one.figures]
    says = [f"No money is on record of: {'; '.join(without)}."] if without else []
    return Section("parties", "Parties", tables=[one for one in tables if one.rows], says=says)


def _called(one: Together) -> str:
    return f"{one.first.name} ({role(one.first.role)})"


def _table(caption: str, keys: Sequence[str], found: Sequence[Together]) -> Table:
    rows = [
        [_called(one), one.first.side or "", *(shown(one.figures[key]) if key in one.figures else "" for key in keys)]
        for one in found
        if any(key in one.figures for key in keys)
    ]
    return Table(caption, ["party", "which", *(NAMES[key] for key in keys)], rows, range(2, 2 + len(keys)))


def _text(found: Sequence[Together]) -> str:
    sections = []
    for one in found:
        first, figures = one.first, one.figures
        currency = f" ({first.currency})" if first.side else ""
        title = f"{first.name}, as {role(first.role)}: {SIDES[first.side]}{currency}"
        plain, bond = ([key for key in figures if (key in BOND) == of_bond] for of_bond in (False, True))
        tables = [_by_contract(one, keys, caption) for keys, caption in ((plain, ""), (bond, "Of bonds:")) if keys]
        bonds = [line.contract for line in one.lines if "bond_lent" in line.figures]
        says = [f"A bond's parts, and what is due and open of it: soc bond state {contract}" for contract in bonds]
        says += [] if figures else [f"In {', '.join(one.contracts)}."]
        sections.append(Section(first.role, title, tables=tables, says=says))
    return as_text(sections)


def _by_contract(one: Together, keys: Sequence[str], caption: str) -> Table:
    """Some figures, a row for each contract that has them, and together."""
    lines = [line for line in one.lines if any(key in line.figures for key in keys)]
    headers = ["contract", *(NAMES[key] for key in keys)]
    rows = [[line.contract, *(shown(line.figures.get(key, 0)) for key in keys)] for line in lines]
    rows += [["together", *(shown(one.figures[key]) for key in keys)]] if lines[1:] else []
    return Table(caption, headers, rows, range(1, len(headers)), total=bool(lines[1:]))
