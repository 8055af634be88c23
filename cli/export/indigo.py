"""``soc export indigo``."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.export.datasets import above, basis, data_answers, to_file
from cli.options import looking
from ledger.facts import Facts
from projections.indigo.record import STANDARD, organisations, project
from projections.state import state


@click.command("indigo")
@click.argument("contract_id", metavar="CONTRACT")
@data_answers("json", "xlsx")
@looking
def command(desk: Desk, contract_id: str, known_at: str | None, form: str, file: str) -> None:
    """The contract in the shape of INDIGO, the impact bond dataset of the Government Outcomes Lab, Oxford, with its field names
    and code lists. What the ledger does not know is left out; each part names its sources."""
    facts = desk.known_at(known_at)
    one = state(facts, contract_id, None, desk.book(facts))
    said, parties = project(facts, one), organisations(one)
    if form == "xlsx":
        to_file(_workbook(facts, contract_id, said, parties), file)
        return
    about = {**basis(facts, contract_id), "as_of": str(one.when.as_of), "standard": STANDARD}
    output.emit(output.as_json({"about": about, "project": _numbers(said), "organisations": parties}), file)


def _numbers(value: Any) -> Any:
    """The same with amounts as JSON's numbers: at most 17 digits, which a float carries and JSON shows as they are."""
    match value:
        case dict():
            return {name: _numbers(one) for name, one in value.items()}
        case list():
            return [_numbers(one) for one in value]
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case _:
            return value


def _workbook(facts: Facts, contract_id: str, said: dict[str, Any], parties: list[dict[str, Any]]) -> bytes:
    """A sheet for what is said once, and one for each list; the columns are paths of field names, as in INDIGO's own sheets."""
    from cli.workbook import Column, Sheet, workbook

    notes = [STANDARD, *above(facts, contract_id)]
    lists = {name: part for name, part in said.items() if isinstance(part, list)}
    lists["organisations"] = [{"id": one["id"], **one["data"]} for one in parties]
    once = [[path, _cell(one)] for name, part in said.items() if name not in lists for path, one in _paths(part, name)]
    sheets = [Sheet("project", [Column("field"), Column("value")], once, notes)]
    for name, part in lists.items():
        rows = [dict(_paths(item)) for item in part]
        paths = list(dict.fromkeys(path for row in rows for path in row))
        kinds = [Column(path, "number" if any(isinstance(row.get(path), Decimal) for row in rows) else "text") for path in paths]
        sheets.append(Sheet(name, kinds, [[row.get(path) for path in paths] for row in rows], notes))
    return workbook(sheets)


def _paths(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value with its path: ``money/amount/value``."""
    if not isinstance(value, dict):
        yield path, value
        return
    for name, inner in value.items():
        yield from _paths(inner, f"{path}/{name}" if path else name)


def _cell(value: Any) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
