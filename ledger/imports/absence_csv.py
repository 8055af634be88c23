"""Absence spells as CSV: ``employee,workplace,first_day,last_day,extent,cause``.

One line a spell. ``employee`` is the employment number; ``last_day`` is empty while the spell is open;
``extent`` is the per cent of full time absent, and 0 withdraws the spell with that employee and first day
(rule 3). A file without lines is a nil report and valid.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.personal_numbers import is_personal_number
from ledger.imports.tables import Column, Table

COLUMNS = ("employee", "workplace", "first_day", "last_day", "extent", "cause")

CAUSES = ("sick", "work-injury", "covid")
"""What an absence may be caused by; columns of integers hold the place in this tuple."""


@dataclass(frozen=True)
class AbsenceRows:
    """Checked spells in the order of the file, as parallel columns of equal length.

    ``first_day`` and ``last_day`` are days as 20190331, ``last_day`` 0 where the spell is open; ``extent`` is
    per cent, 0 to 100; ``cause`` is a place in CAUSES; ``line`` the physical line in the file, header 1.
    """

    line: list[int]
    employee: list[str]
    workplace: list[str]
    first_day: list[int]
    last_day: list[int]
    extent: list[int]
    cause: list[int]

    def __len__(self) -> int:
        return len(self.line)


def read(content: bytes, file: str) -> AbsenceRows:
    """The spells of one file. Raises InputRefused with every fault; ``file`` is the name they carry."""
    employee = Column("employee", employee_of, "")
    workplace = Column("workplace", fields.place_of, "")
    first_day = Column("first_day", _day, 0)
    last_day = Column("last_day", _day_or_open, 0)
    extent = Column("extent", _extent, 0)
    cause = Column("cause", _cause, 0)
    table = tables.read(content, file, (employee, workplace, first_day, last_day, extent, cause))
    rows = AbsenceRows(
        table.lines,
        employee.values,
        workplace.values,
        first_day.values,
        last_day.values,
        extent.values,
        cause.values,
    )
    _check_order(rows, table)
    _check_keys(rows, table)
    _check_employees(rows, table)
    table.accept()
    return rows


_SHORTENED = re.compile(r"[0-9]([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


def employee_of(cell: str) -> str:
    """An employment number. Raises Unreadable: empty, a personal number, shortened by a spreadsheet."""
    employee = fields.text_of(cell)
    if is_personal_number(employee) or (" " in employee and any(map(is_personal_number, employee.split()))):
        advice = "Export the employment number instead: personal identity numbers must not enter the ledger."
        raise Unreadable("looks like a personal identity number", advice)
    if _SHORTENED.fullmatch(employee):
        # Two long numbers shortened to the same text would become one employee.
        advice = "Export it again without opening it in a spreadsheet, or format the column as text."
        raise Unreadable("is a number that a spreadsheet has shortened", advice)
    return employee


def _day(cell: str) -> int:
    day = fields.day_of(cell)
    return day.year * 10000 + day.month * 100 + day.day


def _day_or_open(cell: str) -> int:
    return _day(cell) if cell.strip() else 0


def _extent(cell: str) -> int:
    extent = fields.whole_of(cell)
    advice = "Write the per cent of full time absent, as 50 or 100; 0 withdraws the spell."
    if not cell.strip():
        raise Unreadable("is empty", advice)
    if extent is None or extent > 100:
        raise Unreadable("is not a whole number from 0 to 100", advice)
    return extent


def _cause(cell: str) -> int:
    cause = cell.strip().lower()
    if cause not in CAUSES:
        what = "is not a known cause" if cause else "is empty"
        raise Unreadable(what, f"Write one of: {', '.join(CAUSES)}.")
    return CAUSES.index(cause)


def _check_order(rows: AbsenceRows, table: Table) -> None:
    for line, first, last in zip(rows.line, rows.first_day, rows.last_day, strict=True):
        if last < first and last:
            what = f"last_day {_iso(last)} is before first_day {_iso(first)}"
            table.fault(line, what, "Correct one of them; leave last_day empty while the spell is open.")


def _check_keys(rows: AbsenceRows, table: Table) -> None:
    # As many hashes as rows: no key stands twice. Faster than a set of keys, which a doubt falls back to.
    if len(set(map(hash, zip(rows.employee, rows.first_day, strict=True)))) == len(rows):
        return
    seen: dict[tuple[str, int], int] = {}
    for line, employee, first in zip(rows.line, rows.employee, rows.first_day, strict=True):
        if not employee or not first:
            continue  # unreadable, and a fault already
        earlier = seen.setdefault((employee, first), line)
        if earlier != line:
            what = f"lines {earlier} and {line} have the same employee and first_day {_iso(first)}"
            table.fault(line, what, "Keep the one that holds.")


def _check_employees(rows: AbsenceRows, table: Table) -> None:
    employees = set(rows.employee)
    together = "".join(employees)
    if together.isascii() and together.isdigit():
        return
    if len(set(map(str.lower if together.isascii() else folded, employees))) == len(employees):
        return
    seen: dict[str, tuple[int, str]] = {}
    for line, employee in zip(rows.line, rows.employee, strict=True):
        earlier, other = seen.setdefault(folded(employee), (line, employee))
        if employee != other:
            table.fault(line, *alike(earlier, other, line, employee))


def folded(employee: str) -> str:
    """An employment number with capitals and wide characters as others write them."""
    return employee.lower() if employee.isascii() else unicodedata.normalize("NFKC", employee).casefold()


def alike(earlier: int, other: str, line: int, employee: str) -> tuple[str, str]:
    """What is wrong where one file has two employment numbers that are the same when folded, and what to do."""
    what = f"lines {earlier} and {line} have employees {fields.shown(other)} and {fields.shown(employee)}"
    advice = "Write an employment number alike on every line: these would count as two people."
    return f"{what}, which differ only in capitals or the width of characters", advice


def _iso(day: int) -> str:
    return f"{day // 10000:04d}-{day // 100 % 100:02d}-{day % 100:02d}"
