"""A second opinion on forecasts, from plain values: (year, month) pairs, öre and Fractions. Shares no code with the ledger.

Every end of a month is worked out anew from the whole list of months, never from the end before it.
"""

from __future__ import annotations

import calendar
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

Pair = tuple[int, int]


class Terms(NamedTuple):
    """The term and the sharing. Öre and Fractions."""

    first: Pair
    months: int
    ramp_up: int
    share: Fraction
    ceiling: Fraction
    maximum: int
    investment: int


class Line(NamedTuple):
    """A determined month; ``kind``: measured, out or mean."""

    month: Pair
    savings: int
    kind: str


class Ahead(NamedTuple):
    """A month of the term that is not determined; ``kind``: open, out or mean of the months ``of``."""

    month: Pair
    kind: str
    of: tuple[Pair, ...] = ()


class End(NamedTuple):
    """A month's end: sum, range, and the provider's part."""

    month: Pair
    savings: int
    low: int | None
    high: int | None
    provider: int


class Answer(NamedTuple):
    """What each way says at every end, and which months it divides by."""

    counted: list[Pair]
    measured: list[Pair]
    ends: dict[str, list[End]]


def answer(terms: Terms, lines: list[Line], ahead: list[Ahead], known: dict[Pair, int]) -> Answer:
    """The forecast. ``known``: savings of the months of which a mean may be taken."""
    counted = {one.month: one.savings for one in lines if one.kind != "out"}
    measured = {one.month: one.savings for one in lines if one.kind == "measured"}
    carried = sum(one.savings for one in lines)
    fixed, free = {}, []
    for one in sorted(ahead):
        if one.kind == "mean" and all(each in known for each in one.of):
            fixed[one.month] = nearest(Fraction(sum(known[each] for each in one.of), len(one.of)))
        elif one.kind != "out":
            free.append(one.month)
    ends = {
        way: [_end(way, terms, counted, measured, carried, fixed, free, until) for until in sorted([*fixed, *free])]
        for way in ("pro-rata", "ramp-up", "seasonal")
    }
    return Answer(sorted(counted), sorted(measured), ends)


def _end(way, terms, counted, measured, carried, fixed, free, until):  # type: ignore[no-untyped-def]
    upto = [month for month in free if month <= until]
    base = counted if way == "pro-rata" else measured
    taken = {past: sum((part(way, terms, base, past, month) for month in upto), Fraction(0)) for past in base}
    total = carried + sum(amount for month, amount in fixed.items() if month <= until)
    exact = total + sum(base[past] * much for past, much in taken.items())
    savings = nearest(Fraction(exact))
    half = None
    if len(measured) > 1:
        n, amounts = len(measured), list(measured.values())
        squared = (sum(x * x for x in amounts) - Fraction(sum(amounts) ** 2, n)) / (n - 1)
        half = root(4 * squared * (len(upto) + sum(much**2 for much in taken.values())))
    low, high = (None, None) if half is None else (savings - half, savings + half)
    return End(until, savings, low, high, provider(terms, savings))


def part(way: str, terms: Terms, base: dict[Pair, int], past: Pair, month: Pair) -> Fraction:
    """How much of a past month's savings a month to come is expected to save."""
    if way == "pro-rata":
        return Fraction(1, len(base))
    if way == "ramp-up":
        return effect(terms, month) / sum(effect(terms, one) for one in base)
    alike = [one for one in base if one[1] == month[1]]
    alike = alike or [one for one in base if (one[1] + 2) // 3 == (month[1] + 2) // 3] or list(base)
    if past not in alike:
        return Fraction(0)
    return Fraction(weekdays(month), sum(weekdays(one) for one in alike))


def effect(terms: Terms, month: Pair) -> Fraction:
    """What a month has of the full effect: the middle of the k-th of so many months of ramp-up."""
    place = 12 * (month[0] - terms.first[0]) + month[1] - terms.first[1] + 1
    return min(Fraction(1), Fraction(2 * place - 1, 2 * terms.ramp_up)) if place <= terms.ramp_up else Fraction(1)


def provider(terms: Terms, savings: int) -> int:
    """E = min(maximum, round(share × min(max(S, 0), ceiling × investment)))."""
    shared = min(Fraction(max(savings, 0)), terms.ceiling * terms.investment)
    return min(terms.maximum, nearest(terms.share * shared))


def weekdays(month: Pair) -> int:
    """Mondays to Fridays."""
    return sum(1 for week in calendar.monthcalendar(*month) for day in week[:5] if day)


def nearest(exact: Fraction) -> int:
    """Half away from zero."""
    whole, rest = divmod(abs(exact), 1)
    whole = int(whole) + (1 if rest >= Fraction(1, 2) else 0)
    return whole if exact >= 0 else -whole


def root(squared: Fraction) -> int:
    """The square root, up to the next whole öre."""
    with localcontext() as context:
        context.prec = 120
        found = (Decimal(squared.numerator) / Decimal(squared.denominator)).sqrt()
        return int(found.to_integral_value(rounding=ROUND_CEILING))
