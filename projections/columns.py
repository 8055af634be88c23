"""Columns of whole numbers in numpy: read from lines as they are stored, and days as numbers.

Day numbers count from 1970-01-01, a Thursday.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ledger.lines import COLUMNS, LARGEST, Lines
from ledger.periods import Month

Ints = NDArray[np.int64]
"""A column of whole numbers."""

Marks = NDArray[np.bool_]
"""A column of yes and no."""

_EPOCH = date(1970, 1, 1).toordinal()
_FROM_MONDAY = 3  # day number 0 is a Thursday


def stored_columns(stored: bytes) -> tuple[list[str], dict[str, Ints]]:
    """The workplaces and the columns of a report's lines (ledger.lines.COLUMNS), read without a step of Python for each line.

    Raises ValueError for what ``Lines.stored`` does not write; whether they are the lines committed to, only ``soc check`` asks.
    """
    begins = stored.index(_WORKPLACES) + len(_WORKPLACES)
    workplaces: list[str] = json.loads(stored[begins : stored.rindex(b"}")])
    columns = {name: stored_column(stored, name) for name in COLUMNS}
    largest = {**LARGEST, "workplace": len(workplaces) - 1}
    within = all(column.max(initial=-1) <= largest[name] for name, column in columns.items())
    if not within or len(set(map(len, columns.values()))) > 1:
        raise ValueError("columns of several lengths, or a number that is too large")
    return workplaces, columns


def stored_column(stored: bytes, name: str) -> Ints:
    """One column of a report's lines. Raises ValueError where it does not hold whole numbers from 0 on."""
    label = b'"%b":[' % name.encode()
    begins = stored.index(label) + len(label)
    text = stored[begins : stored.index(b"]", begins)]
    if not text:
        return np.zeros(0, np.int64)
    if text.translate(None, b"0123456789,"):
        raise ValueError(f"the column {name} does not hold whole numbers")
    return np.fromstring(text, dtype=np.int64, sep=",")  # of what is malformed still, fewer than were recorded


_WORKPLACES = b'"workplaces":'


def columns_of(lines: Lines) -> tuple[list[str], dict[str, Ints]]:
    """The same of lines that are not stored yet."""
    return list(lines.workplaces), {name: np.array(getattr(lines, name), dtype=np.int64) for name in COLUMNS}


def joined(parts: Sequence[Ints]) -> Ints:
    """One column after another."""
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def among(values: Ints, ascending: Ints) -> Marks:
    """Which values stand in a column in ascending order."""
    if not len(ascending):
        return np.zeros(len(values), bool)
    there: Marks = ascending[np.minimum(np.searchsorted(ascending, values), len(ascending) - 1)] == values
    return there


def day_numbers(days: Ints) -> Ints:
    """Day numbers of days written YYYYMMDD."""
    return months_and_days(days)[1]


def months_and_days(days: Ints) -> tuple[Ints, Ints]:
    """The month numbers and the day numbers of days written YYYYMMDD."""
    months = (days // 10000 - 1970) * 12 + days // 100 % 100 - 1
    return months, first_days(months) + days % 100 - 1


def first_days(months: Ints) -> Ints:
    """The day number of the first of each month; months count from January 1970."""
    return _looked_up(months, "datetime64[M]", "datetime64[D]")


def months_of(days: Ints) -> Ints:
    """The month of each day number; months count from January 1970."""
    return _looked_up(days, "datetime64[D]", "datetime64[M]")


def _looked_up(numbers: Ints, unit: str, other: str) -> Ints:
    """Numbers of one unit as those of the other, converted once for all between the least and the largest: they are few."""
    if not len(numbers):
        return numbers
    least, most = int(numbers.min()), int(numbers.max())
    converted: Ints = np.arange(least, most + 1).astype(unit).astype(other).astype(np.int64)
    return converted[numbers - least]


def day_number(day: date) -> int:
    """The day number of a date."""
    return day.toordinal() - _EPOCH


def month_number(month: Month) -> int:
    """Months from January 1970."""
    return month.index - 1970 * 12


def month_at(number: int) -> Month:
    """The month with that number."""
    return Month(number + 1970 * 12)


def weekday(days: Ints) -> Ints:
    """0 for Monday … 6 for Sunday."""
    return (days + _FROM_MONDAY) % 7


def weekdays_from(days: Ints, count: Ints) -> Ints:
    """How many of ``count`` days from each day on are Mondays to Fridays."""
    return count // 7 * 5 + _PARTIAL[weekday(days), count % 7]


_PARTIAL: Ints = np.array(
    [[sum((start + offset) % 7 < 5 for offset in range(length)) for length in range(7)] for start in range(7)], dtype=np.int64
)
