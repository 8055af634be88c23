"""Three ways to forecast savings from the months determined, the range of past months around each, and the worst and best run.

Each way says of every month to come what share of each past month it is expected to save, so that one rule gives every range.
Nothing is drawn by chance: the same months give the same forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import isqrt
from typing import Literal

from ledger import waterfall
from ledger.money import rounded
from ledger.periods import Month
from projections.forecasts.ground import Ground

Name = Literal["pro-rata", "ramp-up", "seasonal"]
Shares = Mapping[Month, Fraction]
"""Past month → the share of its savings that a month to come is expected to save."""

WIDTH = 2
"""How many standard deviations the range reaches to either side."""

RAMP_HALF = Fraction(1, 2)
"""A month of ramp-up weighs what its middle has reached."""


@dataclass(frozen=True)
class Step:
    """A month's end to come: the sum of savings forecast to it and the provider's entitlement there, in öre, each with the ends
    of its range (None where fewer than two months are measured)."""

    month: Month
    savings: int
    entitlement: int
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Run:
    """The ``months`` measured in a row that saved least or most, ``first`` to ``last``, and the sum at the end in öre if every
    month to come saved their mean."""

    first: Month
    last: Month
    months: int
    mean: Fraction
    savings: int
    entitlement: int


@dataclass(frozen=True)
class Filled:
    """What the seasonal way takes for a calendar month: the months measured, and whether they are of the same calendar ``month``,
    of the same ``quarter`` of the year, or ``all``."""

    by: Literal["month", "quarter", "all"]
    months: tuple[Month, ...]


def weight(terms_ramp_up: int, place: int) -> Fraction:
    """How much of the full effect the ``place``-th month of the term has, from 1: (place − 1/2) ÷ ramp-up, then 1."""
    return (place - RAMP_HALF) / terms_ramp_up if place <= terms_ramp_up else Fraction(1)


def weights(ground: Ground, months: Iterable[Month]) -> dict[Month, Fraction]:
    """How much of the full effect each month has under the terms."""
    terms = ground.terms
    return {month: weight(terms.ramp_up_months, month.index - terms.first_month.index + 1) for month in months}


def filled(ground: Ground, month: Month) -> Filled:
    """The months measured that a month to come is forecast from, season by season."""
    same = tuple(one for one in ground.measured if one.number == month.number)
    quarter = tuple(one for one in ground.measured if (one.number - 1) // 3 == (month.number - 1) // 3)
    if same:
        return Filled("month", same)
    return Filled("quarter", quarter) if quarter else Filled("all", tuple(ground.measured))


def _pro_rata(ground: Ground) -> Callable[[Month], Shares]:
    shares = dict.fromkeys(ground.counted, Fraction(1, len(ground.counted)))
    return lambda month: shares


def _ramp_up(ground: Ground) -> Callable[[Month], Shares]:
    past, coming = sum(weights(ground, ground.measured).values()), weights(ground, ground.coming)
    return lambda month: dict.fromkeys(ground.measured, coming[month] / past)


def _seasonal(ground: Ground) -> Callable[[Month], Shares]:
    return partial(_of_season, ground)


def _of_season(ground: Ground, month: Month) -> Shares:
    alike = filled(ground, month).months
    return dict.fromkeys(alike, Fraction(month.weekdays, sum(one.weekdays for one in alike)))


METHODS: dict[Name, Callable[[Ground], Callable[[Month], Shares]]] = {
    "pro-rata": _pro_rata,
    "ramp-up": _ramp_up,
    "seasonal": _seasonal,
}
"""Each way to forecast, in the order in which they are shown."""


def path(ground: Ground, name: Name) -> tuple[Step, ...]:
    """The sum at the end of each month ahead. The first has its months alone to err by, the last all of them, and each errs by
    what the past months' mean may be wrong: half the range is WIDTH × s × √(r + Σ a²), where r months are forecast up to here, a
    is the share of each past month in them altogether, and s² is the spread of the months measured."""
    shares_of, variance = METHODS[name](ground), spread(ground)
    total, forecast, steps = Fraction(ground.carried), 0, list[Step]()
    taken: dict[Month, Fraction] = {}
    for month in ground.ahead:
        if month in ground.agreed:
            total += ground.agreed[month]
        else:
            forecast += 1
            for past, share in shares_of(month).items():
                taken[past] = taken.get(past, Fraction(0)) + share
                total += share * ground.counted[past]
        erring = forecast + sum(share * share for share in taken.values())
        steps.append(_step(ground, month, rounded(total), None if variance is None else variance * erring))
    return tuple(steps)


def _step(ground: Ground, month: Month, savings: int, squared: Fraction | None) -> Step:
    half = None if squared is None else root_up(WIDTH * WIDTH * squared)
    ends = (None, None) if half is None else (savings - half, savings + half)
    return Step(month, savings, waterfall.entitlement(ground.terms, savings), *ends)


def spread(ground: Ground) -> Fraction | None:
    """s²: the squared differences of the measured months' savings from their mean, divided by one less than there are months; in
    square öre, None where fewer than two are measured."""
    amounts = list(ground.measured.values())
    if len(amounts) < 2:
        return None
    mean = Fraction(sum(amounts), len(amounts))
    return sum(((amount - mean) ** 2 for amount in amounts), Fraction(0)) / (len(amounts) - 1)


def root_up(squared: Fraction) -> int:
    """The smallest whole number whose square is not below ``squared``: a square root in öre, rounded up, never below zero."""
    root = isqrt(-(-squared.numerator // squared.denominator))
    return root if root * root >= squared else root + 1


def runs(ground: Ground) -> tuple[Run, Run] | None:
    """The worst and the best run, as long as the months to come but at most half of those measured, rounded up, so that there are
    several to choose from; the earliest of equals. None where nothing is to come."""
    months = sorted(ground.measured)
    if not ground.coming or not months:
        return None
    length = min(len(ground.coming), -(-len(months) // 2))
    every = [_run(ground, months[place : place + length]) for place in range(len(months) - length + 1)]
    return min(every, key=lambda one: one.mean), max(every, key=lambda one: one.mean)


def _run(ground: Ground, months: list[Month]) -> Run:
    mean = Fraction(sum(ground.measured[month] for month in months), len(months))
    savings = rounded(ground.carried + sum(ground.agreed.values()) + mean * len(ground.coming))
    return Run(months[0], months[-1], len(months), mean, savings, waterfall.entitlement(ground.terms, savings))
