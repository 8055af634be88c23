"""The audit report as JSON and as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cli.audit.report_table import Section, Table
from cli.workbook import Column, Sheet, workbook
from ledger.money import kronor


def as_json(head: Mapping[str, Any], sections: Sequence[Section]) -> dict[str, Any]:
    """Every section by its key: what it says, and its tables as lists of rows; money in kronor as text."""
    return {**head, "sections": {section.key: _section_json(section) for section in sections}}


def _section_json(section: Section) -> dict[str, Any]:
    tables = {table.key: [_row_json(table.columns, row) for row in table.rows] for table in section.tables}
    return {"title": section.title, "says": list(section.says), **tables}


def _row_json(columns: Sequence[Column], row: Sequence[Any]) -> dict[str, Any]:
    return {column.name.replace(" ", "_"): _cell_json(column, cell) for column, cell in zip(columns, row, strict=True)}


def _cell_json(column: Column, cell: Any) -> Any:
    match cell:
        case int() if column.kind == "money":
            return kronor(cell)
        case tuple():
            return list(map(str, cell))
        case None | int():
            return cell
        case _:
            return str(cell)


def as_workbook(head: Sequence[str], sections: Sequence[Section]) -> bytes:
    """A sheet that says what the sections say, then every table on a sheet of its own."""
    says = [(number, section.title, said) for number, section in enumerate(sections, 1) for said in section.says]
    columns = (Column("section", "number"), Column("about"), Column("says"))
    sheets = [Sheet("Summary", columns, says, tuple(head))]
    return workbook([*sheets, *(_sheet(number, table) for number, one in enumerate(sections, 1) for table in one.tables)])


def _sheet(number: int, table: Table) -> Sheet:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return Sheet(f"{number} {table.title}", table.columns, rows)


def _cell(cell: Any) -> Any:
    match cell:
        case tuple():
            return ", ".join(map(str, cell)) or None
        case None | int() | date():
            return cell
        case _:
            return str(cell)
