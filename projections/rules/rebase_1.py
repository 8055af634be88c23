"""``rebase@1``: a window's months are compared with other reference years (rules 6, 7).

Argued for in the COVID negotiation: the years before the contract no longer tell what would have been. Rate and mean index are
taken over the other years, as ``reference-years@1`` takes them; years in which the service worked already make it look smaller.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ledger.periods import Month, Period
from projections.rules import reference_years_1


def months_like(month: Month, years: Period) -> list[Month]:
    """The months of the other years of the same calendar month."""
    return reference_years_1.months_like(month, years)


def rate(months: list[Month], hundredths: Mapping[Month, int], employees: Mapping[Month, int]) -> Fraction:
    """Net days per employee and weekday over them: a ratio of sums."""
    return reference_years_1.rate(months, hundredths, employees)
