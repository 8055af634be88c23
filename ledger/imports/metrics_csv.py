"""Metrics of a contract settled by tiers: ``metric,group,part,until,persons,amount,value``. Bytes in, rows or every fault with
its line. A row has an amount of money, or another value; ``persons`` may be empty."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.personal_numbers import holds_personal_number
from ledger.imports.tables import Column, Table
from ledger.money import parse_kronor


class MetricsRow(NamedTuple):
    """One row: ``amount`` in öre or ``value`` as an exact decimal number, the other None."""

    line: int
    metric: str
    group: str
    part: str
    until: date
    persons: int | None
    amount: int | None
    value: str | None


def read(content: bytes, file: str) -> tuple[MetricsRow, ...]:
    """The rows of one file, in its order. Raises InputRefused with every fault; ``file`` is the name they carry."""
    columns: tuple[Column[object], ...] = (
        Column("metric", _key, ""),
        Column("group", _key, ""),
        Column("part", _key, ""),
        Column("until", fields.day_of, date.min),
        Column("persons", _persons, None),
        Column("amount", _amount, _UNREADABLE),
        Column("value", _value, _UNREADABLE),
    )
    table = tables.read(content, file, columns)
    values = (column.values for column in columns)
    rows = tuple(map(MetricsRow._make, zip(table.lines, *values, strict=True)))
    _check_found(rows, table)
    _check_keys(rows, table)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every metric, group and part one line.")
    table.accept()
    return rows


_UNREADABLE = object()
"""Stands for a field that is a fault already."""

_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
_NUMBER = re.compile(r"-?[0-9]{1,12}([.,][0-9]{1,6})?")
_DIGITS = 15  # of an amount in öre, more than any contract costs: a slip of the pen, or another column


def _key(cell: str) -> str:
    text = fields.text_of(cell)
    if holds_personal_number(text):
        raise Unreadable("holds a personal number", "Name it without: personal identity numbers must not enter the ledger.")
    if _KEY.fullmatch(text) is None:
        raise Unreadable("is not a name of the terms", "Write it as the terms do: small letters, digits and hyphens, as year-1.")
    return text


def _persons(cell: str) -> int | None:
    if not cell.strip():
        return None
    count = fields.whole_of(cell)
    if not count:
        raise Unreadable("is not a number of persons", "Write a whole number above 0, or leave it empty.")
    return count


def _amount(cell: str) -> int | None:
    advice = "Write whole kronor or exactly two decimals, as 4200000 or 4200000.00; leave it empty where there is a value."
    if not cell.strip():
        return None
    if len(cell.strip()) > _DIGITS + 6:
        raise Unreadable("is more than any contract costs", "See whether it stands in the right column.")
    try:
        amount = parse_kronor(cell)
    except ValueError:
        raise Unreadable("is not an amount", advice) from None
    if amount < 0:
        raise Unreadable("is below 0", "Write amounts without a sign; a later file replaces a line that was wrong.")
    return amount


def _value(cell: str) -> str | None:
    text = cell.strip().replace("\u2212", "-")
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        raise Unreadable("is not a number", "Write it with at most six decimals, as 61 or 61.5; leave it empty for an amount.")
    return text.replace(",", ".")


def _check_found(rows: Sequence[MetricsRow], table: Table) -> None:
    for row in rows:
        if _UNREADABLE in (row.amount, row.value) or table.faults.passes_over(row.line):
            continue
        if row.amount is None and row.value is None:
            table.fault(row.line, "has neither amount nor value", "Fill in one of them; where there was nothing, 0.")
        elif row.amount is not None and row.value is not None:
            table.fault(row.line, "has both amount and value", "Keep the amount for money, the value for all else.")


def _check_keys(rows: Sequence[MetricsRow], table: Table) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (row.metric, row.group, row.part)
        if "" in key:
            continue  # a fault already
        earlier = seen.setdefault(key, row.line)
        if earlier != row.line:
            table.fault(row.line, f"lines {earlier} and {row.line} both give {' '.join(key)}", "Keep the one that holds.")
