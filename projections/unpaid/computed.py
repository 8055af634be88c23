"""Unpaid outcomes that follow from absence reports and headcounts: long-term sick leave, the risk group, healthy workplaces.

Each over twelve months: the last that are complete as of the date, beside the twelve before the contract's first month. In the
contract's first year the two overlap, and differ by less than what came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from functools import cached_property

from ledger.events import TargetMeasure
from ledger.periods import Month, Period
from projections.audience import FEWEST, Audience, is_employer
from projections.measured import Measured
from projections.risk_group import MonthAnswer, risk_group
from projections.unpaid.healthy_workplaces import BELOW, healthy_workplaces
from projections.unpaid.indicator import Indicator, Unit
from projections.unpaid.long_term import Leave, LongTerm

YEAR = 12

Figure = tuple[Fraction | None, bool]
"""A value, and whether it is withheld from the audience; None where it is, or where nobody was employed."""


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
        yield self.compared("long-term-days")
        yield self.compared("long-term-employees")
        yield self.compared("risk-group")
        yield self.compared("healthy-workplaces")

    def compared(self, measure: TargetMeasure) -> Indicator:
        """One of them, beside what it was before."""
        unit, figure = self._figures[measure]
        if self.now is None:
            return Indicator(measure, unit, missing=f"no twelve months in a row are complete as of {self.as_of}")
        value, few = figure(self.now)
        missing, was, few_before = self._not_comparable(), None, False
        if missing is None:
            was, few_before = figure(self.before)
        return Indicator(
            measure,
            unit,
            value=value,
            period=self.now,
            before=was,
            before_period=None if missing is not None else self.before,
            missing=missing,
            withheld=frozenset([*(["value"] if few else []), *(["before"] if few_before else [])]),  # type: ignore[list-item]
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
        return None if few else value(one), few

    @cached_property
    def _leave(self) -> Leave:
        return Leave(self.measured.spells, self.measured.coverage.counts)

    def _long_term(self, period: Period) -> LongTerm:
        if period not in self._of:
            self._of[period] = self._leave.of(period)
        return self._of[period]

    @cached_property
    def _groups(self) -> dict[Month, MonthAnswer]:
        months = (year.last for year in (self.now, self.before) if year is not None)
        return {one.month: one for one in risk_group(self.measured, self.as_of, self.audience, list(dict.fromkeys(months)))}

    def _risk_group(self, year: Period) -> Figure:
        one = self._groups[year.last]
        if one.group is None or not one.shown:
            return None, one.group is not None
        share = one.group.size.share
        return None if share is None else share * 100, False

    def _healthy(self, year: Period) -> Figure:
        one = healthy_workplaces(self.measured, year, self.below)
        few = one.withheld(self.audience)
        return None if few or one.share is None else one.share * 100, few

    def _not_comparable(self) -> str | None:
        """Why nothing can be compared with the twelve months before the contract, in words; None where it can."""
        assert self.now is not None
        if self.now.last < self.first:
            return f"no month of the contract is complete as of {self.as_of}"
        lacking = self._lacking(self.before)
        return None if lacking is None else f"the twelve months before the contract are not complete: {lacking}"

    def _lacking(self, period: Period) -> str | None:
        for month in period:
            if month not in self._missing:
                self._missing[month] = self.measured.incomplete(month)
            if self._missing[month] is not None:
                return self._missing[month]
        return None
