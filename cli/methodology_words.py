"""A methodology in words that a controller knows: what is counted, against what, at what price."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.methodology import Methodology
from ledger.money import shown

SOURCES = {"payroll": "the employer's payroll", "health-support": "the provider's Health Support", "other": "another source"}

TAKEN = {
    "whole-quarter": "as agreed, the index of the whole quarter is used",
    "previous-year": "as agreed, the factor of the same quarter a year earlier is used",
    "refuse": "as agreed, they cannot be determined",
}
"""What a month takes whose quarter holds disrupted months."""

SPLITS = {
    "whole-quarter": "the index of the whole quarter is used for its other months",
    "previous-year": "its other months take the factor of the same quarter a year earlier",
    "refuse": "its other months cannot be determined",
}
"""The same, told of a quarter's other months."""


def told(one: Methodology) -> Iterable[tuple[str, str]]:
    """What it measures, step by step (rules 4 to 8), each with a name."""
    yield (
        "Counted",
        (
            f"net sick days from {SOURCES[one.measure.source]}: days 1 to 14 of each sick-pay period, Monday to Friday "
            "(public holidays included), times the extent of absence; absences at most five days apart are one period"
        ),
    )
    reference = one.reference.months
    yield (
        "Expected",
        (
            "reference rate (net days per employee and weekday in the same calendar month of the reference years, "
            f"{reference.first} to {reference.last}) × employees × weekdays × trend factor"
        ),
    )
    yield (
        "Trend factor",
        f"index {one.trend.series} of the month's quarter ÷ the mean of the same quarter in the reference years{_disrupted(one)}",
    )
    prices = ", ".join(f"{shown(price.amount)} SEK from {price.from_}" for price in one.price.sek)
    rounded = "rounded to the öre month by month; the sum adds the rounded months"
    yield "Savings", f"(expected − actual net days) × price of a net day: {prices}; {rounded}"
    if one.disruption.kind != "none@1":
        said = one.disruption.model_dump(mode="json", by_alias=True, exclude={"kind"}, exclude_none=True)
        yield "Disruption", ", ".join([one.disruption.kind, *(f"{name} {value}" for name, value in said.items())])


def _disrupted(one: Methodology) -> str:
    if one.trend.disrupted is None:
        return ""
    first, last = one.trend.disrupted.first, one.trend.disrupted.last
    return f"; of a quarter that holds disrupted months ({first} to {last}), {SPLITS[one.trend.quarter_split]}"
