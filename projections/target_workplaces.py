"""The target population by workplace: high or increasing short-term sick absence, twelve months against the twelve before.

Source: the case study, at a glance ("workplaces with high or increasing sick absence"). From where absence is high no source
says: a parameter, by default the contract's mean of the same months [A]. Days and headcounts as rules 1 to 5 count them.

A year's table stands beside the tables of its months that others than the employer may have (``audience``): who knows a
workplace's year and eleven of its months knows the twelfth. So others see the year of a workplace of which they may see every
month: it tells nothing that those do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from ledger.errors import Refused
from ledger.periods import Month, Period
from projections.audience import Audience, withheld
from projections.measured import Measured
from projections.risk_group_grid import days, employed

YEAR = 12

_PERSON_BITS = 40

Who = Mapping[Month, Mapping[str, frozenset[int]]]
"""By month and workplace with employees: the numbers of those with net days there, to count people by; never shown."""


@dataclass(frozen=True)
class Year:
    """Twelve months at a workplace, or at all. ``hundredths``: net days × 100 numbered 1–14; ``heads``: the headcounts of the
    twelve month ends, summed; ``persons``: how many had net days there."""

    hundredths: int
    heads: int
    persons: int

    @property
    def rate(self) -> Fraction:
        """Net days an employee, as if all had been there for the whole year."""
        return Fraction(self.hundredths * YEAR, 100 * self.heads)


@dataclass(frozen=True)
class Place:
    """One workplace. ``employees``: on the last day of the twelve months; ``before``: None where the twelve months before are not
    known, or had no employees there. ``hidden``: what the audience may not see, ``now`` and ``before``."""

    name: str
    employees: int
    now: Year
    before: Year | None
    bar: Fraction
    hidden: frozenset[str] = frozenset()

    @property
    def excess(self) -> Fraction:
        """Net days an employee above the bar."""
        return self.now.rate - self.bar

    @property
    def excess_days(self) -> Fraction:
        """Net days of the twelve months above the bar."""
        return self.excess * self.now.heads / YEAR

    @property
    def high(self) -> bool:
        """Whether absence is above the bar."""
        return self.excess > 0

    @property
    def increasing(self) -> bool | None:
        """Whether it is above that of the twelve months before; None where those are not known."""
        return None if self.before is None else self.now.rate > self.before.rate

    @property
    def shown(self) -> bool:
        """Whether the audience may see its figures of the twelve months."""
        return "now" not in self.hidden


@dataclass(frozen=True)
class Targets:
    """All workplaces with employees in the ``months``, those most above the bar first; withheld ones last, by name.

    ``all_now``, ``all_before``: the contract's, exact, None as in ``Place``; ``mean``: its net days an employee.
    ``before_missing``: what is missing of the twelve months before, in words. ``numbered``: whether the days before are complete
    as far back as rule 4 reaches.
    """

    months: Period
    before: Period
    before_missing: str | None
    mean: Fraction
    bar: Fraction
    all_now: Year
    all_before: Year | None
    places: tuple[Place, ...]
    numbered: bool


def target_workplaces(measured: Measured, until: date, audience: Audience, bar: Fraction | None = None) -> Targets:
    """The workplaces of the latest twelve months with headcounts that ended on or before ``until``, against ``bar`` net days an
    employee and year; by default the contract's mean. Raises Refused where anything is missing of the twelve months."""
    months = _months(measured, until)
    before = Period(months.first - YEAR, months.first - 1)
    lacking = [said for month in before if (said := measured.incomplete(month)) is not None]
    counted = [months] if lacking else [before, months]
    who, hundredths = _counted(measured, Period(counted[0].first, months.last))
    years = {period: _years(measured, period, who, hundredths) for period in counted}
    total = {period: _all(years[period], who, period) for period in counted}
    mean = total[months].rate
    hidden = {period: _hidden(who, period, audience) for period in counted}
    places = [
        Place(
            name=name,
            employees=measured.coverage.counts[months.last].get(name, 0),
            now=now,
            before=years.get(before, {}).get(name),
            bar=mean if bar is None else bar,
            hidden=frozenset(key for key, period in (("now", months), ("before", before)) if name in hidden.get(period, ())),
        )
        for name, now in years[months].items()
    ]
    return Targets(
        months=months,
        before=before,
        before_missing=_said(lacking) if lacking else None,
        mean=mean,
        bar=mean if bar is None else bar,
        all_now=total[months],
        all_before=one if (one := total.get(before)) is not None and one.heads else None,
        places=tuple(sorted(places, key=lambda one: (not one.shown, -one.excess if one.shown else 0, one.name))),
        numbered=measured.numbering_known(counted[0].first),
    )


def _months(measured: Measured, until: date) -> Period:
    ended = [month for month, counts in measured.coverage.counts.items() if counts and month.last_day <= until]
    if not ended:
        raise Refused(
            f"no headcounts of {measured.contract} are recorded for months that ended by {until}",
            do=f"record them with: soc import workforce {measured.contract} FILE",
        )
    months = Period(max(ended) - (YEAR - 1), max(ended))
    lacking = [said for month in months if (said := measured.incomplete(month)) is not None]
    lacking += [] if any(measured.employees(month) for month in months) else [f"{months}: nobody is employed"]
    if lacking:
        raise Refused(
            f"the twelve months {months} are not all reported: {_said(lacking)}",
            do=f"see what is in with: soc evidence {measured.contract} {months}; an earlier --as-of asks about earlier months",
        )
    return months


def _said(lacking: list[str], most: int = 3) -> str:
    more = f"; and {len(lacking) - most} more months" if len(lacking) > most else ""
    return "; ".join(lacking[:most]) + more


def _counted(measured: Measured, period: Period) -> tuple[Who, Mapping[str, Mapping[Month, int]]]:
    """Who has net days numbered 1–14, and how many (× 100), by month and workplace with employees."""
    spells, counts, months = measured.spells, measured.coverage.counts, tuple(period)
    found = days(spells, months, employed(counts, months, spells.workplaces))
    cell = found.month * len(spells.workplaces) + found.workplace
    absent = np.unique((cell << _PERSON_BITS | found.person)[found.short > 0])
    who: dict[Month, dict[str, set[int]]] = {
        month: {name: set() for name, heads in counts[month].items() if heads} for month in months
    }
    for number, person in zip((absent >> _PERSON_BITS).tolist(), (absent % (1 << _PERSON_BITS)).tolist(), strict=True):
        month, place = divmod(number, len(spells.workplaces))
        who[months[month]][spells.workplaces[place]].add(person)
    sums = np.zeros((len(spells.workplaces), len(months)), dtype=np.int64)
    np.add.at(sums, (found.workplace, found.month), found.short)
    by_place = {name: dict(zip(months, row, strict=True)) for name, row in zip(spells.workplaces, sums.tolist(), strict=True)}
    return {month: {name: frozenset(some) for name, some in here.items()} for month, here in who.items()}, by_place


def _years(measured: Measured, period: Period, who: Who, hundredths: Mapping[str, Mapping[Month, int]]) -> dict[str, Year]:
    names = sorted({name for month in period for name in who[month]})
    counts = measured.coverage.counts
    return {
        name: Year(
            hundredths=sum(hundredths.get(name, {}).get(month, 0) for month in period),
            heads=sum(counts[month].get(name, 0) for month in period),
            persons=len(_together(who, period, (name,))),
        )
        for name in names
    }


def _all(years: Mapping[str, Year], who: Who, period: Period) -> Year:
    hundredths, heads = (sum(getattr(one, key) for one in years.values()) for key in ("hundredths", "heads"))
    return Year(hundredths, heads, len(_together(who, period, years)))


def _together(who: Who, months: Iterable[Month], names: Iterable[str]) -> frozenset[int]:
    wanted = tuple(names)
    return frozenset[int]().union(*(who[month].get(name, frozenset()) for month in months for name in wanted))


def _hidden(who: Who, period: Period, audience: Audience) -> frozenset[str]:
    """The workplaces of which the audience may not see every month."""
    found: set[str] = set()
    for month in period:

        def together(names: Iterable[str], month: Month = month) -> int:
            return len(_together(who, (month,), names))

        found |= withheld({name: len(some) for name, some in who[month].items()}, audience, together)
    return frozenset(found)
