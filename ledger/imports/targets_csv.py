"""Targets as CSV: ``measure,change,stated_on,by,from_period,to_period,source,note``.

``change`` in per cent with the sign and ``%``, as ``-12 %``: so that nobody takes -0.12 for it. What is empty was not published:
``stated_on``, ``from_period``, ``to_period``; ``note`` may be empty too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import NamedTuple, get_args

from ledger import events as e
from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.indicators_csv import line_of, line_or_none, one_of, period_of
from ledger.imports.tables import Column, Table
from ledger.indicators import change_faults
from ledger.periods import Period

COLUMNS = ("measure", "change", "stated_on", "by", "from_period", "to_period", "source", "note")

MEASURES: tuple[str, ...] = get_args(e.TargetMeasure)


class TargetLine(NamedTuple):
    """One target. ``change``: as a share, −3/25 for twelve per cent less."""

    line: int
    measure: str
    change: Fraction
    stated_on: date | None
    by: str
    from_period: Period | None
    to_period: Period | None
    source: str
    note: str | None


@dataclass(frozen=True)
class TargetLines:
    """Checked rows in the order of the file; no measure and source twice, at least one row."""

    rows: tuple[TargetLine, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read(content: bytes, file: str) -> TargetLines:
    """The rows of one file. Raises InputRefused with every fault; ``file`` is the name they carry."""
    columns = (
        Column("measure", partial(one_of, names=MEASURES), ""),
        Column("change", _change, _NO_CHANGE),
        Column("stated_on", _day_or_none, None),
        Column("by", line_of, ""),
        Column("from_period", _period_or_none, None),
        Column("to_period", _period_or_none, None),
        Column("source", line_of, ""),
        Column("note", line_or_none, None),
    )
    table = tables.read(content, file, columns)
    values = (column.values for column in columns)
    rows = tuple(map(TargetLine._make, zip(table.lines, *values, strict=True)))
    _check_rows(rows, table)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every target one line.")
    table.accept()
    return TargetLines(rows)


_NO_CHANGE = Fraction(0)
_PER_CENT = re.compile(r"([-+])([0-9]{1,4})(?:[.,]([0-9]{1,6}))? ?%")


def _change(cell: str) -> Fraction:
    text = " ".join(cell.replace("\u2212", "-").replace("\u00a0", " ").split())
    advice = "Write the change in per cent with its sign, as -12 % for twelve per cent less."
    if not text:
        raise Unreadable("is empty", advice)
    match = _PER_CENT.fullmatch(text)
    if match is None:
        raise Unreadable("is not a change in per cent", advice)
    change = Fraction(f"{match[1]}{match[2]}.{match[3] or 0}") / 100
    for fault in change_faults(change):
        raise Unreadable(f"cannot be: {fault}", advice)
    return change


def _day_or_none(cell: str) -> date | None:
    return fields.day_of(cell) if cell.strip() else None


def _period_or_none(cell: str) -> Period | None:
    return period_of(cell) if cell.strip() else None


def _check_rows(rows: tuple[TargetLine, ...], table: Table) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.from_period is not None and row.to_period is not None and row.to_period.last <= row.from_period.last:
            what = f"to_period {row.to_period} does not come after from_period {row.from_period}"
            table.fault(row.line, what, "Give the period compared with first; leave empty what was not published.")
        if not row.measure or not row.source:
            continue  # a fault already
        earlier = seen.setdefault((row.measure, row.source), row.line)
        if earlier != row.line:
            what = f"lines {earlier} and {row.line} both give {row.measure} of {fields.shown(row.source)}"
            table.fault(row.line, what, "Keep one; a source states one target for a measure.")
