"""What the state repaid of sick pay as CSV: ``month,sick_pay_cost,wage_cost,threshold,reimbursed``.

Amounts in kronor; ``threshold`` in per cent of the wage cost, 0 where all was repaid. Where nothing was repaid, the month says 0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.tables import Column, Table
from ledger.money import kronor, parse_kronor
from ledger.periods import Month

COLUMNS = ("month", "sick_pay_cost", "wage_cost", "threshold", "reimbursed")


class ReimbursementRow(NamedTuple):
    """One month, in öre; ``threshold`` is a share of the wage cost."""

    line: int
    month: Month
    sick_pay_cost: int
    wage_cost: int
    threshold: Fraction
    reimbursed: int

    @property
    def by_rule(self) -> Fraction:
        """What the rule gives, in öre: the cost above the threshold (förordning 2020:195 as amended in 2020:510)."""
        return max(Fraction(0), self.sick_pay_cost - self.threshold * self.wage_cost)


@dataclass(frozen=True)
class ReimbursementRows:
    """Checked rows in the order of the file; no month twice, at least one row."""

    rows: tuple[ReimbursementRow, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read(content: bytes, file: str) -> ReimbursementRows:
    """The rows of one file. Raises InputRefused with every fault; ``file`` is the name they carry."""
    columns = (
        Column("month", fields.month_of, _NO_MONTH),
        Column("sick_pay_cost", _amount, _NO_AMOUNT),
        Column("wage_cost", _amount, _NO_AMOUNT),
        Column("threshold", _share, Fraction(0)),
        Column("reimbursed", _amount, _NO_AMOUNT),
    )
    table = tables.read(content, file, columns)
    values = (column.values for column in columns)
    rows = tuple(map(ReimbursementRow._make, zip(table.lines, *values, strict=True)))
    _check_repaid(rows, table)
    _check_keys(rows, table)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every month one line.")
    table.accept()
    return ReimbursementRows(rows)


_NO_MONTH = Month(0)
_NO_AMOUNT = -1
_DIGITS = 15  # of an amount in öre, more than any municipality pays: a slip of the pen, or another column
_PER_CENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,6}))?")


def _amount(cell: str) -> int:
    advice = "Write whole kronor or exactly two decimals, as 4200000 or 4200000.00."
    if not cell.strip():
        raise Unreadable("is empty", f"{advice} Where there is nothing, write 0.")
    if sum(map(str.isdigit, cell)) > _DIGITS:
        raise Unreadable("is too much", "See whether it stands in the right column.")
    try:
        amount = parse_kronor(cell)
    except ValueError:
        raise Unreadable("is not an amount", advice) from None
    if amount < 0:
        raise Unreadable("is below 0", "Write amounts without a sign; where nothing was repaid, 0.")
    return amount


def _share(cell: str) -> Fraction:
    advice = "Write the threshold in per cent of the wage cost, as 1.07; 0 where all was repaid."
    match = _PER_CENT.fullmatch(cell.strip())
    if match is None:
        raise Unreadable("is not a number of per cent" if cell.strip() else "is empty", advice)
    share = Fraction(f"{match[1]}.{match[2] or 0}") / 100
    if share > 1:
        raise Unreadable("is more than 100 per cent", advice)
    return share


def _check_repaid(rows: tuple[ReimbursementRow, ...], table: Table) -> None:
    for row in rows:
        if row.reimbursed > row.sick_pay_cost != _NO_AMOUNT:
            what = f"reimbursed {kronor(row.reimbursed)} is above sick_pay_cost {kronor(row.sick_pay_cost)}"
            table.fault(row.line, what, "Correct one of them: the state repays no more than the cost.")


def _check_keys(rows: tuple[ReimbursementRow, ...], table: Table) -> None:
    seen: dict[Month, int] = {}
    for row in rows:
        if row.month == _NO_MONTH:
            continue  # a fault already
        earlier = seen.setdefault(row.month, row.line)
        if earlier != row.line:
            table.fault(row.line, f"lines {earlier} and {row.line} both give {row.month}", "Keep the one that holds.")
