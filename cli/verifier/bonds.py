"""What the fields of a bond say together, and what its parts pay that no outcome moves, from day counts and rates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from cli.verifier.calendar import _day, _ore, rounded

BOND_YEARS_MOST = 100
OUTCOME = "outcome@1"


def faults_of_bond(bond: Mapping[str, Any]) -> Iterator[str]:
    """Two parties, days in order, parts that are each there once, one of them repaid by outcomes; limits that hold."""
    parts, fixed = bond["parts"], [part for part in bond["parts"] if part["kind"] != OUTCOME]
    issued, matures = _day(bond["issued_on"]), _day(bond["matures_on"])
    if bond["holder"] == bond["issuer"]:
        yield "holder and issuer are one"
    if len({part["id"] for part in parts}) < len(parts) or len(parts) - len(fixed) != 1:
        yield "parts are there once each, and one of them is repaid by outcomes"
    if any(_ore(part["principal"]) <= 0 for part in parts) or any(not 0 <= Fraction(part["rate"]) <= 1 for part in fixed):
        yield "a principal is not above zero, or a rate not from 0 to 1"
    least, most = (Fraction(bond[name]) if name in bond else None for name in ("least_return", "most_return"))
    if least is not None and (least < -1 or (most is not None and least > most)):
        yield "the least return is below -1, or above the most"
    if not issued < matures <= months_after(issued, 12 * BOND_YEARS_MOST):
        yield "it matures before it is issued, or too late"
        return
    for part in fixed:
        if part["kind"] == "loan@1" and "stub" not in part and not _is_whole_term(part, issued, matures):
            yield f"the term is no whole number of interest periods of {part['id']}, and it says no stub"
    paid = sum(_paid_of(part, issued, matures) for part in fixed)
    if most is not None and paid > rounded(sum(_ore(part["principal"]) for part in parts) * (1 + most)):
        yield "what no outcome moves is above the most return"


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later; where that month is shorter, its last."""
    month = day.year * 12 + day.month - 1 + months
    first, following = (date(one // 12, one % 12 + 1, 1) for one in (month, month + 1))
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def year_fraction(count: str, first: date, last: date) -> Fraction:
    """How much of a year lies between two days, by the day count."""
    if count == "30E/360":
        thirties = [360 * day.year + 30 * day.month + min(30, day.day) for day in (first, last)]
        return Fraction(thirties[1] - thirties[0], 360)
    return Fraction((last - first).days, {"A/360": 360, "A/365": 365}[count])


def interest_dates(part: Mapping[str, Any], issued: date, matures: date) -> list[date]:
    """When interest of a loan falls due, the last time at maturity; of a long stub, the last whole period is paid with it."""
    days, number = [], 1
    while months_after(issued, number * part["interest_months"]) < matures:
        days.append(months_after(issued, number * part["interest_months"]))
        number += 1
    ends_whole = months_after(issued, number * part["interest_months"]) == matures
    return [*(days if ends_whole or part.get("stub") != "long" else days[:-1]), matures]


def _is_whole_term(part: Mapping[str, Any], issued: date, matures: date) -> bool:
    return months_after(issued, len(interest_dates(part, issued, matures)) * part["interest_months"]) == matures


def _paid_of(part: Mapping[str, Any], issued: date, matures: date) -> int:
    """Öre that a part pays in all, each payment rounded once; a zero-coupon part grows by years, then by simple interest."""
    principal, rate = _ore(part["principal"]), Fraction(part["rate"])
    if part["kind"] == "loan@1":
        days = [issued, *interest_dates(part, issued, matures)]
        fractions = [year_fraction(part["day_count"], *both) for both in pairwise(days)]
        return principal + sum(rounded(principal * rate * one) for one in fractions)
    years = 0
    while months_after(issued, 12 * (years + 1)) <= matures:
        years += 1
    rest = year_fraction(part["day_count"], months_after(issued, 12 * years), matures)
    return rounded(principal * (1 + rate) ** years * (1 + rate * rest))
