"""A methodology in words that a controller knows: what is counted, against what, at what price, and what is agreed for
disrupted months."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

from ledger.disruption import (
    DeemAverage,
    ExcludeCause,
    ExcludeMonths,
    FreezeTrend,
    NetOfReimbursement,
    NoDisruption,
    Rebase,
    Rule,
)
from ledger.events import MonthAgreed
from ledger.methodology import Methodology
from ledger.money import shown
from ledger.periods import Period

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
            f"net sick days from {SOURCES[one.measure.source]}: {_days(one)} of each sick-pay period, Monday to Friday "
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
    for rule in one.disruption:
        yield from _rule(rule)


def _days(one: Methodology) -> str:
    """The days that count, by their numbers."""
    first, last = one.measure.numbers
    return f"day {first}" if first == last else f"days {first} to {last}"


def _disrupted(one: Methodology) -> str:
    if one.trend.disrupted is None:
        return ""
    first, last = one.trend.disrupted.first, one.trend.disrupted.last
    return f"; of a quarter that holds disrupted months ({first} to {last}), {SPLITS[one.trend.quarter_split]}"


BORNE = {
    "average": "what it repaid ÷ the month's sick-pay cost",
    "marginal": "all of it in a month whose sick-pay cost lies above its threshold, where it repaid the last krona whole",
}
"""The share of a price that the state bore."""


def _rule(rule: Rule) -> Iterable[tuple[str, str]]:
    """A rule for disrupted months in a sentence; nothing where they are measured as any other."""
    match rule:
        case NoDisruption():
            return
        case ExcludeCause(causes=causes, window=window):
            kept = "they keep their numbers, and expected days stay as they are"
            yield "Days left out", f"in {span(window)}, days {with_cause(causes)} are left out of the actual days; {kept}"
        case Rebase(months=years, window=window):
            yield "Other reference years", f"in {span(window)}, reference rate and mean index are those of {span(years)}"
        case FreezeTrend(at=at, window=window):
            held = f"the index of {at} ÷ the mean of the same quarter in the reference years"
            yield "Trend held", f"in {span(window)}, the trend factor is that of {at}, not the month's own: {held}"
        case NetOfReimbursement(reimbursed=how, window=window):
            net = "a net day is worth its price × (1 − the share borne by the state)"
            yield "Price netted", f"in {span(window)}, {net}; the state bore {BORNE[how]}"
        case ExcludeMonths(window=window):
            yield "Months left out", f"in {span(window)}, nothing is measured: by agreement a month counts for 0.00 SEK"
        case DeemAverage(window=window, of=of):
            mean = f"the mean of {span(of)}: the savings of those months ÷ their number, rounded to the öre"
            yield "Months agreed", f"in {span(window)}, nothing is measured: by agreement a month counts for {mean}"
        case _:
            assert_never(rule)


def agreed(month: MonthAgreed) -> str:
    """What a month that is not measured counts for."""
    if month.dispute is not None:
        return f"decided by the resolution of X{month.dispute}"
    return "left out by agreement" if month.of is None else f"counts for the mean of {span(month.of)}"


def with_cause(causes: Sequence[str]) -> str:
    """``with cause covid``."""
    return f"with cause {' or '.join(causes)}"


def span(period: Period) -> str:
    """``2018-10 to 2020-02``, or the month alone."""
    return str(period.first) if period.first == period.last else f"{period.first} to {period.last}"
