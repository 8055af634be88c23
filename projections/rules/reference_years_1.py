"""``reference-years@1``: the reference rate of a calendar month (rule 6). Assumed: no public source gives the formula."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ledger.periods import Month, Period


def months_like(month: Month, reference: Period) -> list[Month]:
    """The reference months of the same calendar month."""
    first = reference.first + (month.number - reference.first.number) % 12
    return [Month(index) for index in range(first.index, reference.last.index + 1, 12)]


def rate(months: list[Month], hundredths: Mapping[Month, int], employees: Mapping[Month, int]) -> Fraction:
    """Net days per employee and weekday over the months: a ratio of sums, so that January with 23 weekdays is not worse than
    January with 21. ``hundredths``: net days × 100 by month; ``employees``: head counts by month."""
    days = sum(hundredths[month] for month in months)
    exposure = sum(employees[month] * month.weekdays for month in months)
    return Fraction(days, 100 * exposure)
