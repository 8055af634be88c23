"""A national index by quarter as CSV: ``series,quarter,value,published_on,status,source``.

``status`` says whether the value is published, derived or estimated, and follows it into every output.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from ledger.imports import fields, tables
from ledger.imports.fields import Unreadable
from ledger.imports.tables import Column, Table
from ledger.periods import Quarter

COLUMNS = ("series", "quarter", "value", "published_on", "status", "source")

STATUSES = ("published", "derived", "estimated")


class TrendRow(NamedTuple):
    """One value of a series. ``value`` is a decimal above 0 without needless zeros, as ``3.41``."""

    line: int
    series: str
    quarter: Quarter
    value: str
    published_on: date
    status: str
    source: str


@dataclass(frozen=True)
class TrendRows:
    """Checked rows in the order of the file; no series and quarter twice, at least one row."""

    rows: tuple[TrendRow, ...]

    def __len__(self) -> int:
        return len(self.rows)


def read(content: bytes, file: str) -> TrendRows:
    """The rows of one file. Raises InputRefused with every fault; ``file`` is the name they carry."""
    columns = (
        Column("series", fields.text_of, ""),
        Column("quarter", _quarter, _UNREADABLE),
        Column("value", _value, ""),
        Column("published_on", fields.day_of, date.max),
        Column("status", _status, ""),
        Column("source", partial(fields.text_of, longest=fields.LONGEST_TEXT), ""),
    )
    table = tables.read(content, file, columns)
    values = (column.values for column in columns)
    rows = tuple(map(TrendRow._make, zip(table.lines, *values, strict=True)))
    _check_published(rows, table)
    _check_keys(rows, table)
    if not rows and not table.faults:
        table.fault(None, "no lines below the header", "Give every quarter one line.")
    table.accept()
    return TrendRows(rows)


_UNREADABLE = Quarter(0)
_BELOW = re.compile(r"-[0-9]+(?:[.,][0-9]+)?")
_VALUE = re.compile(r"0*([0-9]{1,9})(?:[.,]([0-9]{1,6}))?")


def _quarter(cell: str) -> Quarter:
    text = cell.strip().upper()
    advice = "Write quarters as 2019Q2."
    if not text:
        raise Unreadable("is empty", advice)
    try:
        if not text.isascii():
            raise ValueError(text)
        quarter = Quarter.parse(text)
    except ValueError:
        raise Unreadable("is not a quarter", advice) from None
    fields.check_year(quarter.index // 4)
    return quarter


def _value(cell: str) -> str:
    text = cell.strip()
    advice = "Write the index as 3.41 or 3,41."
    if not text:
        raise Unreadable("is empty", advice)
    match = _VALUE.fullmatch(text)
    if _BELOW.fullmatch(text.replace("\u2212", "-")):
        raise Unreadable("is not above 0", advice)
    if match is None:
        raise Unreadable("is not a number with at most 6 decimals", advice)
    whole, decimals = match[1], (match[2] or "").rstrip("0")
    value = f"{whole}.{decimals}" if decimals else whole
    if value == "0":
        raise Unreadable("is not above 0", advice)
    return value


def _status(cell: str) -> str:
    status = cell.strip().lower()
    if status not in STATUSES:
        what = "is not a known status" if status else "is empty"
        raise Unreadable(what, f"Write one of: {', '.join(STATUSES)}.")
    return status


def _check_published(rows: tuple[TrendRow, ...], table: Table) -> None:
    for row in rows:
        if row.quarter != _UNREADABLE and row.published_on < row.quarter.months.last_day:
            what = f"published_on {row.published_on} is before the end of {row.quarter}"
            table.fault(row.line, what, "Give the day on which the value was made public.")


def _check_keys(rows: tuple[TrendRow, ...], table: Table) -> None:
    seen: dict[tuple[str, Quarter], int] = {}
    for row in rows:
        if row.quarter == _UNREADABLE or not row.series:
            continue  # a fault already
        earlier = seen.setdefault((row.series, row.quarter), row.line)
        if earlier != row.line:
            what = f"lines {earlier} and {row.line} both give {fields.shown(row.series)} for {row.quarter}"
            table.fault(row.line, what, "Keep one; a revised value comes in a later file.")
