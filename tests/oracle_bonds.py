"""A second opinion on bonds: the schedule and the redemption computed in another way, from the terms' plain values alone.

It walks through the calendar day by day, counts 30E/360 by its own months, compounds by multiplying, and rounds with Decimal.
It shares no code with the product. Terms are plain dicts as TOML gives them, amounts in hundredths.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

Row = tuple[date, str, str, int | None]
"""Date, part, kind, hundredths."""


def hundredths(text: str) -> int:
    """Money in text, in hundredths."""
    return int(Decimal(text) * 100)


def half_away(exact: Fraction) -> int:
    """The nearest whole number, halves away from zero, by way of decimal text with enough places."""
    with localcontext() as context:
        context.prec = 400
        tied = exact * 2 == int(exact * 2)
        value = Decimal(exact.numerator) / Decimal(exact.denominator) if not tied else Decimal(int(exact * 2)) / 2
        return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def is_month_day(day: date, of: date) -> bool:
    """Whether a day is that day of its month, or the month's last where it has no such day."""
    return day.day == of.day or (day.day < of.day and (day + timedelta(days=1)).month != day.month)


def days_through(first: date, last: date) -> Iterator[date]:
    """The days after the first, to the last."""
    day = first
    while day < last:
        day += timedelta(days=1)
        yield day


def due_days(part: dict[str, Any], issued: date, matures: date) -> list[date]:
    """Interest days."""
    monthly = [day for day in days_through(issued, matures) if is_month_day(day, issued)]
    every = part["interest_months"]
    days = [day for number, day in enumerate(monthly, 1) if number % every == 0]
    if not days or days[-1] != matures:
        if days and part.get("stub") == "long":
            del days[-1]
        days.append(matures)
    return days


def year_fraction(count: str, first: date, last: date) -> Fraction:
    """Days of interest over days of the year."""
    if count == "30E/360":  # every day counts but the 31st; a short month's missing days count on the step into the next

        def ordinal(day: date) -> int:
            return 30 * (day.year * 12 + day.month) + (30 if day.day == 31 else day.day)

        return Fraction(ordinal(last) - ordinal(first), 360)
    return Fraction(sum(1 for _ in days_through(first, last)), 365 if count == "A/365" else 360)


def growth(part: dict[str, Any], issued: date, on: date) -> Fraction:
    """A zero-coupon part's exact value."""
    value, began = Fraction(hundredths(part["principal"])), issued
    months = 0
    for day in days_through(issued, on):
        if is_month_day(day, issued):
            months += 1
            if months % 12 == 0:
                value, began = value + value * Fraction(part["rate"]), day
    return value + value * Fraction(part["rate"]) * year_fraction(part["day_count"], began, on)


def rows(bond: dict[str, Any]) -> list[Row]:
    """The schedule."""
    issued, matures = bond["issued_on"], bond["matures_on"]
    found: list[Row] = []
    for part in bond["parts"]:
        if part["kind"] == "loan@1":
            owed, began = hundredths(part["principal"]), issued
            for day in due_days(part, issued, matures):
                interest = owed * Fraction(part["rate"]) * year_fraction(part["day_count"], began, day)
                found.append((day, part["id"], "interest", half_away(interest)))
                began = day
            found.append((matures, part["id"], "principal", owed))
        elif part["kind"] == "zero-coupon@1":
            found.append((matures, part["id"], "redemption", half_away(growth(part, issued, matures))))
        else:
            found.append((matures, part["id"], "redemption", None))
    return found


def total(bond: dict[str, Any], outcome: int) -> int:
    """All that the holder gets."""
    lent = sum(hundredths(part["principal"]) for part in bond["parts"])
    paid = outcome + sum(amount for *_, amount in rows(bond) if amount is not None)
    if "least_return" in bond:
        paid = max(paid, half_away(lent + lent * Fraction(bond["least_return"])))
    if "most_return" in bond:
        paid = min(paid, half_away(lent + lent * Fraction(bond["most_return"])))
    return paid
