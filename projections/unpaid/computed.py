"""Unpaid outcomes that follow from absence reports and headcounts: long-term sick leave, the risk group, healthy workplaces.

Each over twelve months: the last that are complete as of the date, beside the twelve before the contract's first month. In the
contract's first year the two overlap, and differ by less than what came. A target may name others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from ledger.events import TargetMeasure
from ledger.periods import Month, Period
from projections.audience import FEWEST, Audience, is_employer
from projections.measured import Measured
from projections.risk_group import USUAL
from projections.risk_group import Counted as Groups
from projections.unpaid.healthy_workplaces import BELOW, healthy_workplaces
from projections.unpaid.indicator import Indicator, Unit
from projections.unpaid.long_term import Leave, LongTerm

COMPUTED: tuple[TargetMeasure, ...] = ("long-term-days", "long-term-employees", "risk-group", "healthy-workplaces")
"""What is computed here, in the order in which it is told."""

YEAR = 12


class Figure(NamedTuple):
    """A value, whether it is withheld from the audience, and how many of how many it is; None where it is withheld, or where
    nobody was employed."""

    value: Fraction | None = None
    few: bool = False
    counts: tuple[int, int] | None = None


class Computed:
    """What one source's reports give, as of a date and for an audience. ``first``: the contract's first month; ``below``: what
    makes a workplace healthy."""

    def __init__(self, measured: Measured, first: Month, as_of: date, audience: Audience, below: Fraction = BELOW) -> None:
        self.measured, self.first, self.as_of, self.audience, self.below = measured, first, as_of, audience, below
        self._missing: dict[Month, str | None] = {}
        self._of: dict[Period, LongTerm] = {}

    @cached_property
    def now(self) -> Period | None:
        """The last twelve months that ended by then and are complete; None where there are none."""
        ended = sorted(month for month in self.measured.coverage.counts if month.last_day <= self.as_of)
        years = (Period(month - (YEAR - 1), month) for month in reversed(ended))
        return next((year for year in years if self._lacking(year) is None), None)

    @property
    def before(self) -> Period:
        """The twelve months before the contract's first."""
        return Period(self.first - YEAR, self.first - 1)

    def indicators(self) -> Iterator[Indicator]:
        """Long-term leave in days and employees, the risk group, healthy workplaces."""
        yield from map(self.compared, COMPUTED)

    def compared(self, measure: TargetMeasure, months: Period | None = None, against: Period | None = None) -> Indicator:
        """One of them, beside what it was before. ``months``, ``against``: the twelve months that end with these, in place of the
        last known and of those before the contract."""
        unit, figure = self._figures[measure]
        now, before = self.now if months is None else _year(months), self.before if against is None else _year(against)
        if now is None:
            return Indicator(measure, unit, missing=f"no twelve months in a row are complete as of {self.as_of}")
        if months is not None and (lacking := self._lacking(now)) is not None:
            return Indicator(measure, unit, period=now, missing=f"{now} is not complete: {lacking}")
        said, missing = figure(now), self._not_comparable(now, before)
        was = figure(before) if missing is None else Figure()
        return Indicator(
            measure,
            unit,
            value=said.value,
            period=now,
            before=was.value,
            before_period=None if missing is not None else before,
            missing=missing,
            withheld=frozenset([*(["value"] if said.few else []), *(["before"] if was.few else [])]),  # type: ignore[list-item]
            counts=said.counts,
            counts_before=was.counts,
        )

    def quarters(self) -> tuple[LongTerm, ...]:
        """Long-term leave by calendar quarter, of those that ended by then and are complete, from the first year compared
        with."""
        quarter, found = self.before.first.quarter, []
        while quarter.months.last_day <= self.as_of:
            if self._lacking(quarter.months) is None:
                found.append(self._long_term(quarter.months))
            quarter = quarter + 1
        return tuple(found)

    def is_few(self, one: LongTerm) -> bool:
        """Whether it rests on too few persons for the audience, or leaves too few aside."""
        others = Fraction(one.heads, len(one.period)) - one.persons
        return not is_employer(self.audience) and (one.persons < FEWEST or others < FEWEST)

    @property
    def _figures(self) -> dict[TargetMeasure, tuple[Unit, Callable[[Period], Figure]]]:
        return {
            "long-term-days": ("days-per-100", lambda year: self._leave_of(year, lambda one: one.days_per_100)),
            "long-term-employees": ("employees-per-100", lambda year: self._leave_of(year, lambda one: one.persons_per_100)),
            "risk-group": ("per-cent-employees", self._risk_group),
            "healthy-workplaces": ("per-cent-workplaces", self._healthy),
        }

    def _leave_of(self, year: Period, value: Callable[[LongTerm], Fraction | None]) -> Figure:
        one = self._long_term(year)
        few = self.is_few(one)
        return Figure(None if few else value(one), few)

    @cached_property
    def _leave(self) -> Leave:
        return Leave(self.measured.spells, self.measured.coverage.counts)

    def _long_term(self, period: Period) -> LongTerm:
        if period not in self._of:
            self._of[period] = self._leave.of(period)
        return self._of[period]

    @cached_property
    def _groups(self) -> Groups:
        return Groups(self.measured, self.as_of)

    def _risk_group(self, year: Period) -> Figure:
        one = self._groups.answer(year.last, USUAL, USUAL, self.audience)
        if one.group is None or not one.shown:
            return Figure(few=one.group is not None)
        share = one.group.size.share
        return Figure(None if share is None else share * 100)

    def _healthy(self, year: Period) -> Figure:
        one = healthy_workplaces(self.measured, year, self.below)
        if one.withheld(self.audience) or one.share is None:
            return Figure(few=one.withheld(self.audience))
        return Figure(one.share * 100, counts=(one.healthy, one.workplaces))

    def _not_comparable(self, now: Period, before: Period) -> str | None:
        """Why nothing can be compared with the months before, in words; None where it can."""
        own = before == self.before
        if now.last <= before.last:
            after = "no month of the contract is" if own else f"no months after {before} are"
            return f"{after} complete as of {self.as_of}"
        lacking = self._lacking(before)
        name = "the twelve months before the contract are" if own else f"{before} is"
        return None if lacking is None else f"{name} not complete: {lacking}"

    def _lacking(self, period: Period) -> str | None:
        for month in period:
            if month not in self._missing:
                self._missing[month] = self.measured.incomplete(month)
            if self._missing[month] is not None:
                return self._missing[month]
        return None


def _year(period: Period) -> Period:
    """The twelve months that end with a period."""
    return Period(period.last - (YEAR - 1), period.last)
