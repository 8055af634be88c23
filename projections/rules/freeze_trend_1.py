"""``freeze-trend@1``: a window's months take the trend factor of one quarter (rule 7).

Argued for in the COVID negotiation: an index that measures the pandemic says nothing about what the service prevented. What is
held is the factor, not the index: sick leave has seasons, and a fourth quarter's days are not a second quarter's.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ledger.events import IndexValue
from ledger.periods import Month, Period, Quarter
from projections.rules import national_index_1, reference_years_1


def reference_months(at: Quarter, years: Period) -> list[Month]:
    """The months of the reference years whose quarters the frozen quarter is compared with: its own, year by year."""
    return reference_years_1.months_like(at.months.first, years)


def factor(value: IndexValue, reference: list[Month], values: Mapping[Quarter, IndexValue]) -> Fraction:
    """The frozen quarter's index ÷ the arithmetic mean of the index over the same quarter of the reference years."""
    return national_index_1.factor(value, reference, values)
