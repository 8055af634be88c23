"""An impact-linked bond as data, and its schedule: the parts that money was lent in, interest by a named day count, and what is
paid at maturity. Pure.

Amounts are rounded once a payment, half away from zero (``rounded``). No date moves for a weekend or a holiday.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, Literal, assert_never

from pydantic import Field, model_validator

from ledger.money import rounded, shown
from ledger.tiers import Key, Line, Waterfall
from ledger.vocabulary import Day, Frozen, Kronor, Role, Share, decimal_text

DayCount = Literal["30E/360", "A/360", "A/365"]
"""How a fraction of a year is counted: 30E/360, actual/360, actual/365 fixed (ISDA 2006 Definitions, 4.16(g), (e), (d))."""

Limit = Literal["least", "most"]

YEARS_MAX = 100


class LoanPart(Frozen):
    """A plain loan: ``principal`` at ``rate`` a year, interest every ``interest_months``, all principal at maturity.

    Interest falls due on the day of the month of issue, or the month's last where it has no such day. ``stub``: where the term is
    no whole number of interest periods, whether the last one is what is left (*short*) or is paid with it (*long*).
    """

    kind: Literal["loan@1"]
    id: Key
    what: Line
    principal: Kronor
    rate: Share
    day_count: DayCount
    interest_months: Annotated[int, Field(gt=0, le=120)]
    stub: Literal["short", "long"] | None = None


class ZeroCouponPart(Frozen):
    """A zero-coupon part: ``principal`` grows by ``rate`` a year, compounded every year, and is paid at maturity.

    What is left after whole years grows by simple interest: principal × (1 + rate)^years × (1 + rate × rest of a year).
    """

    kind: Literal["zero-coupon@1"]
    id: Key
    what: Line
    principal: Kronor
    rate: Share
    day_count: DayCount


class OutcomePart(Frozen):
    """A part that is repaid by outcomes alone: by what the waterfall gives the holder."""

    kind: Literal["outcome@1"]
    id: Key
    what: Line
    principal: Kronor


BondPart = Annotated[LoanPart | ZeroCouponPart | OutcomePart, Field(discriminator="kind")]


class Bond(Frozen):
    """A bond: its ``holder`` lends the parts on the day of issue, the ``issuer`` redeems them at maturity.

    ``least_return`` and ``most_return``: of the whole principal over the whole term, interest counted; None: no such limit.
    """

    holder: Role
    issuer: Role
    issued_on: Day
    matures_on: Day
    parts: Annotated[tuple[BondPart, ...], Field(min_length=1)]
    least_return: Share | None = None
    most_return: Share | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Bond:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if self.holder == self.issuer:
            yield "bond.holder and bond.issuer are one"
        if len({one.id for one in self.parts}) < len(self.parts):
            yield "bond.parts name one id twice"
        if sum(isinstance(one, OutcomePart) for one in self.parts) != 1:
            yield 'bond.parts must hold exactly one of kind "outcome@1"'
        yield from (f"bond.parts: {one.id} must be above zero" for one in self.parts if one.principal <= 0)
        fixed = [one for one in self.parts if not isinstance(one, OutcomePart)]
        yield from (f"bond.parts: the rate of {one.id} lies from 0 to 1" for one in fixed if not 0 <= one.rate <= 1)
        if self.least_return is not None and self.least_return < -1:
            yield "bond.least_return is below -1: nobody loses more than was lent"
        if self.least_return is not None and self.most_return is not None and self.least_return > self.most_return:
            yield "bond.least_return is above bond.most_return"
        if not self.issued_on < self.matures_on <= months_later(self.issued_on, 12 * YEARS_MAX):
            yield f"bond.matures_on must lie after bond.issued_on, at most {YEARS_MAX} years"
        else:
            yield from self._schedule_faults()

    def _schedule_faults(self) -> Iterator[str]:
        for one in self.parts:
            if isinstance(one, LoanPart) and one.stub is None and not _whole(one, self.issued_on, self.matures_on):
                yield f'bond.parts: the term is no whole number of interest periods of {one.id}: it says stub = "short" or "long"'
        most, fixed = self.limit("most"), sum(flow.amount or 0 for flow in schedule(self))
        if most is not None and fixed > most:
            yield f"bond.most_return allows {shown(most)}, and the parts that no outcome moves pay {shown(fixed)}"

    @property
    def principal(self) -> int:
        """Öre lent in all."""
        return sum(one.principal for one in self.parts)

    @property
    def outcome_part(self) -> OutcomePart:
        """The part that outcomes repay."""
        return next(one for one in self.parts if isinstance(one, OutcomePart))

    def limit(self, which: Limit) -> int | None:
        """The least or the most that the holder gets in all, in öre: principal × (1 + return), rounded; None: no such limit."""
        share = self.least_return if which == "least" else self.most_return
        return None if share is None else rounded(self.principal * (1 + share))


def faults_within(bond: Bond, parties: Collection[str], waterfall: Waterfall) -> Iterator[str]:
    """What does not fit between a bond and the terms that it stands in."""
    roles = (("holder", bond.holder), ("issuer", bond.issuer))
    yield from (f"bond.{name} is {role}, which is not in [parties]" for name, role in roles if role not in parties)
    if all(part.party != bond.holder for tier in waterfall.tiers for part in tier.shares):
        yield f"waterfall gives {bond.holder} nothing, whom bond.parts repay by outcomes"
    rests = (key for key, role in waterfall.left_with.items() if role == bond.holder)
    yield from (f"waterfall leaves {key} with {bond.holder}; a bond's holder is paid by tiers alone" for key in rests)


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return date(year, month + 1, min(day.day, last.day))


def counted(count: DayCount, first: date, last: date) -> tuple[int, int]:
    """Days from ``first`` to ``last`` and the days of a year, by the day count: the fraction of a year is one over the other."""
    match count:
        case "A/365":
            return (last - first).days, 365
        case "A/360":
            return (last - first).days, 360
        case "30E/360":
            months = 12 * (last.year - first.year) + last.month - first.month
            return 30 * months + min(last.day, 30) - min(first.day, 30), 360
        case _:
            assert_never(count)


def interest_days(part: LoanPart, issued_on: date, matures_on: date) -> tuple[date, ...]:
    """The days on which interest falls due, the last at maturity."""
    days: list[date] = []
    while (day := months_later(issued_on, part.interest_months * (len(days) + 1))) < matures_on:
        days.append(day)
    if days and day != matures_on and part.stub == "long":
        days.pop()
    return (*days, matures_on)


def _whole(part: LoanPart, issued_on: date, matures_on: date) -> bool:
    periods = len(interest_days(part, issued_on, matures_on))
    return months_later(issued_on, part.interest_months * periods) == matures_on


# ── The schedule ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Flow:
    """What falls due to the holder on a day, in öre; ``amount`` None: what outcomes make it. ``formula``: how it comes about."""

    on: date
    part: str
    kind: Literal["interest", "principal", "redemption"]
    amount: int | None
    formula: str


def schedule(bond: Bond) -> tuple[Flow, ...]:
    """Every payment to the holder, by day and in the order of the parts."""
    flows = (flow for part in bond.parts for flow in _flows(part, bond))
    return tuple(sorted(flows, key=lambda one: one.on))


def _flows(part: BondPart, bond: Bond) -> Iterator[Flow]:
    match part:
        case LoanPart():
            yield from loan_flows(part, bond.issued_on, bond.matures_on)
        case ZeroCouponPart():
            amount = rounded(grown(part, bond.issued_on, bond.matures_on))
            yield Flow(bond.matures_on, part.id, "redemption", amount, _growth(part, bond.issued_on, bond.matures_on))
        case OutcomePart():
            yield Flow(bond.matures_on, part.id, "redemption", None, "what outcomes give, within the limits of the whole")
        case _:
            assert_never(part)


def loan_flows(part: LoanPart, issued_on: date, matures_on: date) -> Iterator[Flow]:
    """A plain loan's interest and principal."""
    first = issued_on
    for day in interest_days(part, issued_on, matures_on):
        days, year = counted(part.day_count, first, day)
        said = f"{shown(part.principal)} × {decimal_text(part.rate)} × {days}/{year} ({part.day_count})"
        yield Flow(day, part.id, "interest", rounded(part.principal * part.rate * Fraction(days, year)), said)
        first = day
    yield Flow(matures_on, part.id, "principal", part.principal, "all principal at maturity")


def accrued(part: LoanPart, issued_on: date, matures_on: date, on: date) -> Fraction:
    """Interest in öre since it last fell due, exact; 0 before issue and from maturity on."""
    if not issued_on <= on < matures_on:
        return Fraction(0)
    first = max([issued_on, *(day for day in interest_days(part, issued_on, matures_on) if day <= on)])
    return part.principal * part.rate * Fraction(*counted(part.day_count, first, on))


def grown(part: ZeroCouponPart, issued_on: date, on: date) -> Fraction:
    """What a zero-coupon part has grown to by a day, in öre, exact; its principal until issue."""
    if on <= issued_on:
        return Fraction(part.principal)
    years, anniversary = _years(issued_on, on)
    rest = Fraction(*counted(part.day_count, anniversary, on))
    return part.principal * (1 + part.rate) ** years * (1 + part.rate * rest)


def _years(issued_on: date, on: date) -> tuple[int, date]:
    """Whole years from issue to a day, and the day on which the last of them ended."""
    years = on.year - issued_on.year
    years -= months_later(issued_on, 12 * years) > on
    return years, months_later(issued_on, 12 * years)


def _growth(part: ZeroCouponPart, issued_on: date, on: date) -> str:
    years, anniversary = _years(issued_on, on)
    days, year = counted(part.day_count, anniversary, on)
    rest = f" × (1 + {decimal_text(part.rate)} × {days}/{year}) ({part.day_count})" if days else ""
    return f"{shown(part.principal)} × (1 + {decimal_text(part.rate)})^{years}{rest}"
