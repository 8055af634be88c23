"""Calendar and numbers: months and quarters counted from year 0, days, instants in Stockholm; öre, and the one way to round."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache


@cache
def _month(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def _month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def _month_text(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last_day(month: int) -> date:
    return _first_day(month + 1) - timedelta(days=1)


@cache
def _weekdays(month: int) -> int:
    """Mondays to Fridays of the month; public holidays are not left out (rule 5)."""
    count = 0
    day = _first_day(month)
    while _month_of(day) == month:
        if day.weekday() < 5:
            count += 1
        day += timedelta(days=1)
    return count


def _quarter_text(quarter: int) -> str:
    return f"{quarter // 4:04d}Q{quarter % 4 + 1}"


@cache
def _period(text: str) -> tuple[int, int]:
    """First and last month of ``2020-02``, ``2019Q2`` or ``2018-10..2020-02``."""
    first, _, last = text.partition("..")
    edges = []
    for part in (first, last or first):
        if "Q" in part:
            year, number = part.split("Q")
            begins = int(year) * 12 + (int(number) - 1) * 3
            edges.append((begins, begins + 2))
        else:
            edges.append((_month(part), _month(part)))
    return edges[0][0], edges[1][1]


@cache
def _day(text: str) -> date:
    return date.fromisoformat(text)


@cache
def _day_number(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


@cache
def _month_holding(ordinal: int) -> str:
    """The month of a day that is counted as ``date.toordinal`` does."""
    return date.fromordinal(ordinal).isoformat()[:7]


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant


def rounded(exact: Fraction) -> int:
    """The nearest whole number, half away from zero (rules 8 and 10)."""
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -size if exact < 0 else size


def _ore(kronor: str) -> int:
    amount = Fraction(kronor) * 100
    if amount.denominator != 1:
        raise ValueError(f"{kronor} is not a whole number of öre")
    return int(amount)


def _decimal(exact: Fraction, places: int) -> str:
    units = rounded(exact * 10**places)
    sign = "-" if units < 0 else ""
    return f"{sign}{abs(units) // 10**places}.{abs(units) % 10**places:0{places}d}"


def _kronor(ore: int) -> str:
    return _decimal(Fraction(ore, 100), 2)
