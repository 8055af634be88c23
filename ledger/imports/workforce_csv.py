"""Employees by month and workplace as CSV: ``month,workplace,employees``.

Heads on the last day of the month (rule 1); a workplace that ends says 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.tables import Column, Table
from ledger.periods import Month

COLUMNS = ("month", "workplace", "employees")


class WorkforceRow(NamedTuple):
    """How many ``employees`` by head the ``workplace`` had on the last day of the ``month``."""

    line: int
    month: Month
    workplace: str
    employees: int


@dataclass(frozen=True)
class WorkforceRows:
    """Checked rows in the order of the file; no month and workplace twice, at least one row."""

    rows: tuple[WorkforceRow, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read(content: bytes, file: str) -> WorkforceRows:
    """The rows of one file. Raises InputRefused with every fault; ``file`` is the name they carry."""
    columns = (
        Column("month", fields.month_of, _UNREADABLE),
        Column("workplace", fields.place_of, ""),
        Column("employees", _employees, 0),
    )
    table = tables.read(content, file, columns)
    values = (column.values for column in columns)
    rows = tuple(map(WorkforceRow._make, zip(table.lines, *values, strict=True)))
    _check_keys(rows, table)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every workplace of the month one line.")
    table.accept()
    return WorkforceRows(rows)


_UNREADABLE = Month(0)


def _employees(cell: str) -> int:
    employees = fields.whole_of(cell)
    if employees is None:
        what = "is not a whole number, 0 or more" if cell.strip() else "is empty"
        raise Unreadable(what, "Count employees by head, as 120; a workplace that has ended says 0.")
    return employees


def _check_keys(rows: tuple[WorkforceRow, ...], table: Table) -> None:
    seen: dict[tuple[Month, str], int] = {}
    for line, month, workplace, _ in rows:
        if month == _UNREADABLE or not workplace:
            continue  # a fault already
        earlier = seen.setdefault((month, workplace), line)
        if earlier != line:
            what = f"lines {earlier} and {line} both count {fields.shown(workplace)} in {month}"
            table.fault(line, what, "Keep the one that holds.")
