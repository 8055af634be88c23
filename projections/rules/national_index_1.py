"""``national-index@1``: the trend factor of a month (rule 7).

Source: case study §5, reference values are adjusted for the national trend; how is assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ledger.events import IndexValue
from ledger.periods import Month, Period, Quarter


def quarter_for(month: Month, disrupted: Period | None, quarter_split: str) -> Quarter | None:
    """The quarter whose index a month takes; None where the methodology refuses it.

    A quarter that holds disrupted months gives its undisturbed months the factor of the same quarter a year earlier under
    ``previous-year``, none under ``refuse``.
    """
    if disrupted is None or month in disrupted or not any(one in disrupted for one in month.quarter.months):
        return month.quarter
    match quarter_split:
        case "previous-year":
            return month.quarter - 4
        case "refuse":
            return None
        case _:
            return month.quarter


def factor(value: IndexValue, reference: list[Month], values: Mapping[Quarter, IndexValue]) -> Fraction:
    """The quarter's index ÷ the arithmetic mean of the index over the quarters in which the reference months lie."""
    base = [Fraction(values[month.quarter].value) for month in reference]
    return Fraction(value.value) * len(base) / sum(base)
