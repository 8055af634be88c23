"""What payroll booked as sick pay as CSV: ``month,sick_pay``, and where they are known ``cost`` and ``employer_charges``.

Amounts in kronor. ``sick_pay``: what the books have of days 1–14; ``employer_charges``: what they have of charges on it;
``cost``: the real cost of a whole net day in that month, with charges where the file gives them; it may be empty. The file is
compared with the record, and never recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ledger.imports import fields, tables
from ledger.imports.decoding import decoded
from ledger.imports.fields import Unreadable
from ledger.imports.tables import Column, Table
from ledger.money import parse_kronor
from ledger.periods import Month

COLUMNS = ("month", "sick_pay")
OPTIONAL = ("cost", "employer_charges")
"""Columns that a file may leave out."""


class LedgerAmountRow(NamedTuple):
    """One month, in öre. ``employer_charges`` and ``cost`` None: the file does not say."""

    line: int
    month: Month
    sick_pay: int
    cost: int | None
    employer_charges: int | None

    @property
    def booked(self) -> int:
        """Sick pay, and charges where the file gives them."""
        return self.sick_pay + (self.employer_charges or 0)


@dataclass(frozen=True)
class LedgerAmountRows:
    """Checked rows in the order of the file; no month twice, at least one row."""

    rows: tuple[LedgerAmountRow, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read(content: bytes, file: str) -> LedgerAmountRows:
    """The rows of one file. Raises InputRefused with every fault; ``file`` is the name they carry."""
    month, sick_pay = Column("month", fields.month_of, _NO_MONTH), Column("sick_pay", _amount, 0)
    cost, charges = Column("cost", _cost, None), Column("employer_charges", _amount, 0)
    named = set(tables.header_names(decoded(content, file), file))
    table = tables.read(content, file, [month, sick_pay, *(one for one in (cost, charges) if one.name in named)])
    nothing = [None] * len(table.lines)
    costs, charged = cost.values or nothing, charges.values or nothing
    values = zip(table.lines, month.values, sick_pay.values, costs, charged, strict=True)
    rows = tuple(LedgerAmountRow(*one) for one in values)
    _check_keys(rows, table)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every month one line.")
    table.accept()
    return LedgerAmountRows(rows)


_NO_MONTH = Month(0)
_DIGITS = 15  # of an amount in öre, more than any municipality books: a slip of the pen, or another column
_ADVICE = "Write whole kronor or exactly two decimals, as 3250000 or 3250000.00."


def _amount(cell: str) -> int:
    if not cell.strip():
        raise Unreadable("is empty", f"{_ADVICE} Where there is nothing, write 0.")
    if sum(map(str.isdigit, cell)) > _DIGITS:
        raise Unreadable("is too much", "See whether it stands in the right column.")
    try:
        amount = parse_kronor(cell)
    except ValueError:
        raise Unreadable("is not an amount", _ADVICE) from None
    if amount < 0:
        raise Unreadable("is below 0", "Write costs without a sign, and a month with what was corrected in it.")
    return amount


def _cost(cell: str) -> int | None:
    if not cell.strip():
        return None
    amount = _amount(cell)
    if amount == 0:
        raise Unreadable("is 0", "A net day costs something; leave the field empty where the cost is not known.")
    return amount


def _check_keys(rows: tuple[LedgerAmountRow, ...], table: Table) -> None:
    seen: dict[Month, int] = {}
    for row in rows:
        if row.month == _NO_MONTH:
            continue  # a fault already
        earlier = seen.setdefault(row.month, row.line)
        if earlier != row.line:
            table.fault(row.line, f"lines {earlier} and {row.line} both give {row.month}", "Keep the one that holds.")
