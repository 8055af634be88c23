"""Outcomes that are not paid by as CSV: ``indicator,period,value,unit,respondents,note``.

``respondents`` and ``note`` may be empty. The unit is said on every line: no source says how work capacity is measured.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple, get_args

from ledger import events as e
from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.personal_numbers import holds_personal_number
from ledger.imports.tables import Column, Table
from ledger.indicators import EARLIEST, value_faults
from ledger.periods import Month, Period

COLUMNS = ("indicator", "period", "value", "unit", "respondents", "note")

INDICATORS: tuple[str, ...] = get_args(e.ReportedIndicator)
UNITS: tuple[str, ...] = get_args(e.IndicatorUnit)


class IndicatorLine(NamedTuple):
    """One value. ``value`` is a decimal from 0 on, as ``78.4``."""

    line: int
    indicator: str
    period: Period
    value: str
    unit: str
    respondents: int | None
    note: str | None


@dataclass(frozen=True)
class IndicatorLines:
    """Checked rows in the order of the file; no indicator and period twice, at least one row."""

    rows: tuple[IndicatorLine, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read(content: bytes, file: str, today: date | None = None) -> IndicatorLines:
    """The rows of one file. Raises InputRefused with every fault; ``file`` is the name they carry. ``today``: by when the periods
    must have ended, where that is known."""
    columns = (
        Column("indicator", partial(one_of, names=INDICATORS), ""),
        Column("period", period_of, NO_PERIOD),
        Column("value", _value, ""),
        Column("unit", partial(one_of, names=UNITS), ""),
        Column("respondents", _respondents, None),
        Column("note", line_or_none, None),
    )
    table = tables.read(content, file, columns)
    values = (column.values for column in columns)
    rows = tuple(map(IndicatorLine._make, zip(table.lines, *values, strict=True)))
    _check_values(rows, table)
    _check_keys(rows, table)
    _check_ended(rows, table, today)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every indicator and period one line.")
    table.accept()
    return IndicatorLines(rows)


NO_PERIOD = Period(Month(0), Month(0))
"""What stands where a period cannot be read."""

LONGEST_LINE = 300
"""So many characters may a note or a source have."""

_VALUE = re.compile(r"0*([0-9]{1,14})(?:[.,]([0-9]{1,6}))?")


def one_of(cell: str, names: Sequence[str]) -> str:
    """One of these names. Raises Unreadable."""
    text, advice = cell.strip().lower(), f"Write one of: {', '.join(names)}."
    if not text:
        raise Unreadable("is empty", advice)
    if text not in names:
        raise Unreadable("is none that is known here", advice)
    return text


def period_of(cell: str) -> Period:
    """The period in ``2019Q2``, ``2020-02`` or ``2018-10..2020-02``. Raises Unreadable."""
    text, advice = cell.strip(), "Write periods as 2019Q2, 2020-02 or 2018-10..2020-02."
    if not text:
        raise Unreadable("is empty", advice)
    try:
        if not text.isascii():
            raise ValueError(text)
        period = Period.parse(text)
    except ValueError:
        raise Unreadable("is not a period", advice) from None
    fields.check_year(period.last.year)
    if period.first < EARLIEST:
        raise Unreadable(f"begins before {EARLIEST}", "Correct the year.")
    return period


def line_or_none(cell: str) -> str | None:
    """A text on one line; None of an empty field. Raises Unreadable."""
    return line_of(cell) if cell.strip() else None


def line_of(cell: str) -> str:
    """A text on one line. Raises Unreadable."""
    text = fields.text_of(cell, longest=LONGEST_LINE)
    if holds_personal_number(text):
        raise Unreadable("holds a personal number", "Say it without: personal identity numbers must not enter the ledger.")
    return text


def _value(cell: str) -> str:
    text, advice = cell.strip(), "Write it as 78.4 or 78,4, without thousands separators."
    if not text:
        raise Unreadable("is empty", "Leave the line out where there is no value.")
    match = _VALUE.fullmatch(text)
    if match is None:
        raise Unreadable("is not a number from 0 on with at most 6 decimals", advice)
    return f"{match[1]}.{match[2]}" if match[2] else match[1]


def _respondents(cell: str) -> int | None:
    if not cell.strip():
        return None
    found = fields.whole_of(cell)
    if found is None:
        raise Unreadable("is not a number of persons", "Write how many persons answered, or leave it empty.")
    return found


def _check_values(rows: tuple[IndicatorLine, ...], table: Table) -> None:
    for row in rows:
        if row.indicator and row.value and row.unit:
            for what in value_faults(row.indicator, row.value, row.unit, row.respondents):  # type: ignore[arg-type]  # known names
                table.fault(row.line, f"{row.indicator}: {what}", "Correct the line, or leave it out.")


def _check_keys(rows: tuple[IndicatorLine, ...], table: Table) -> None:
    seen: dict[tuple[str, Period], int] = {}
    for row in rows:
        if row.period == NO_PERIOD or not row.indicator:
            continue  # a fault already
        earlier = seen.setdefault((row.indicator, row.period), row.line)
        if earlier != row.line:
            what = f"lines {earlier} and {row.line} both give {row.indicator} for {row.period}"
            table.fault(row.line, what, "Keep the one that holds.")


def _check_ended(rows: tuple[IndicatorLine, ...], table: Table, today: date | None) -> None:
    for row in rows:
        if today is not None and row.period != NO_PERIOD and row.period.last_day > today:
            what = f"{row.period} has not ended; today is {today}"
            table.fault(row.line, what, "Leave the line out until it has ended.")
