"""Tables of data for users who load them with a tool: CSV, JSON lines, XLSX.

The rows of CSV and JSON lines are nothing but data; what they rest on and what their columns mean stands in a file beside them,
``FILE-metadata.json``, where *CSV on the Web* (W3C, Metadata Vocabulary for Tabular Data, 2015) looks for it. A sheet of XLSX has
it above its table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import click

from cli import output
from cli.options import F, files_of
from cli.settings import Settings
from ledger.canonical import sha256
from ledger.errors import Usage
from ledger.facts import Facts
from ledger.money import kronor

Kind = Literal["text", "money", "number", "whole", "date", "flag"]
"""What a column holds: ``money`` öre (int), ``number`` a decimal text, ``whole`` an int, ``date`` a date, ``flag`` a bool."""

_DATATYPES: dict[Kind, str] = {
    "text": "string",
    "money": "decimal",
    "number": "decimal",
    "whole": "integer",
    "date": "date",
    "flag": "boolean",
}


@dataclass(frozen=True)
class Field:
    """A column: its name, what it says, and what it holds. An absent value is None."""

    name: str
    says: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Dataset:
    """A table. ``notes``: what a reader must know of it."""

    name: str
    title: str
    fields: Sequence[Field]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()


def data_answers(*forms: str) -> Callable[[F], F]:
    """``--known-at``, ``-O`` with these forms and ``-o FILE``, of every export of data."""
    from cli.options import answers_in

    known = click.option(
        "--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it."
    )
    return lambda function: known(answers_in(*forms)(function))


def emit(settings: Settings, facts: Facts, contract_id: str | None, tables: Sequence[Dataset], form: str, file: str) -> None:
    """Write the tables; CSV and JSON lines hold one. Raises Usage where a workbook has no file to go to, or the file beside would
    be the ledger's own."""
    if form == "xlsx":
        _emit_workbook(facts, contract_id, tables, file)
        return
    [table] = tables
    content = _csv(table) if form == "csv" else _json_lines(table)
    beside = Path(f"{file}-metadata.json")
    if file == "-":
        click.echo(f"{table.title}: {output.basis_line(facts)}", err=True)
    elif beside.resolve() in files_of(settings):
        raise Usage(f"{beside} is the ledger itself, or its vault", do="name another file with -o")
    output.emit(content, file)
    if file != "-":
        output.emit(output.as_json(_metadata(facts, contract_id, table, Path(file))), str(beside))


def to_file(content: bytes, file: str) -> None:
    """Write a workbook. Raises Usage for stdout."""
    if file == "-":
        raise Usage("a workbook needs a file to go to", do="name it: -o FILE.xlsx")
    output.emit_bytes(content, file)


def basis(facts: Facts, contract_id: str | None) -> dict[str, Any]:
    """What the data rests on."""
    about = {} if contract_id is None else {"contract": contract_id}
    return {**about, **output.basis_json(facts), "currency": "SEK", "vat": "excluded"}


def above(facts: Facts, contract_id: str | None) -> list[str]:
    """The same, above a sheet."""
    return [f"{contract_id or 'All contracts'} · {output.basis_line(facts)} · SEK excluding VAT"]


# ── CSV and JSON lines ───────────────────────────────────────────────────────────────────────────────────────────────


def _text(kind: Kind) -> Callable[[Any], Any]:
    """How a value is written where a file holds text."""
    match kind:
        case "money":
            return kronor
        case "date":
            return date.isoformat
        case _:
            return lambda value: value


def _rows(table: Dataset) -> Iterator[dict[str, Any]]:
    names = [one.name for one in table.fields]
    texts = [_text(one.kind) for one in table.fields]
    for row in table.rows:
        yield {name: None if value is None else text(value) for name, text, value in zip(names, texts, row, strict=True)}


def _csv(table: Dataset) -> str:
    return output.as_csv(list(_rows(table)), [one.name for one in table.fields])


def _json_lines(table: Dataset) -> str:
    """One object a line; no lines where there are no rows."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in _rows(table))


def _metadata(facts: Facts, contract_id: str | None, table: Dataset, file: Path) -> Mapping[str, Any]:
    columns = [
        {"name": one.name, "titles": one.name, "datatype": _DATATYPES[one.kind], "dc:description": one.says}
        for one in table.fields
    ]
    rests = {**basis(facts, contract_id), "rows": len(table.rows), "sha256": sha256(file.read_bytes())}
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": file.name,
        "dc:title": table.title,
        "tableSchema": {"columns": columns},
        "notes": [rests, *({"says": note} for note in table.notes)],
    }


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _emit_workbook(facts: Facts, contract_id: str | None, tables: Sequence[Dataset], file: str) -> None:
    from cli.workbook import Column, Sheet, workbook

    kinds = {"text": "text", "money": "money", "number": "number", "whole": "number", "date": "date", "flag": "text"}
    sheets = [
        Sheet(
            table.name,
            [Column(one.name, kinds[one.kind]) for one in table.fields],  # type: ignore[arg-type]
            [[("yes" if cell else "no") if isinstance(cell, bool) else cell for cell in row] for row in table.rows],
            [table.title, *above(facts, contract_id), *table.notes],
        )
        for table in tables
    ]
    to_file(workbook(sheets), file)
