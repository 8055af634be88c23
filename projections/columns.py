"""Days as numbers, in numpy columns. Day numbers count from 1970-01-01, a Thursday."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from ledger.periods import Month

Ints = NDArray[np.int64]
"""A column of whole numbers."""

_EPOCH = date(1970, 1, 1).toordinal()
_FROM_MONDAY = 3  # day number 0 is a Thursday


def day_numbers(days: Ints) -> Ints:
    """Day numbers of days written YYYYMMDD."""
    months = (days // 10000 - 1970) * 12 + days // 100 % 100 - 1
    return first_days(months) + days % 100 - 1


def first_days(months: Ints) -> Ints:
    """The day number of the first of each month; months count from January 1970."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def months_of(days: Ints) -> Ints:
    """The month of each day number; months count from January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


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
