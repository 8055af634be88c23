"""Healthy workplaces: those with low short-term sick leave over twelve months.

The case study (§3) names them in quotation marks and gives no definition. Assumed [A], and a parameter: net short-term days per
employee below so many per cent of the mean of all workplaces. A workplace counts that had employees in each of the months.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ledger.periods import Period
from projections.audience import FEWEST, Audience, is_employer
from projections.columns import day_number
from projections.measured import Measured
from projections.rules.short_term_net_days_1 import short_term

BELOW = Fraction(75, 100)
"""The part of the mean below which a workplace is healthy, unless another is asked for. [A]"""


@dataclass(frozen=True)
class HealthyWorkplaces:
    """Of twelve months: how many of the ``workplaces`` are ``healthy``, and the mean of all in net days per employee and year.
    ``persons``: how many absent persons the healthy ones rest on, and the others."""

    period: Period
    healthy: int
    workplaces: int
    mean: Fraction
    persons: tuple[int, int]

    @property
    def share(self) -> Fraction | None:
        """The healthy part of the workplaces; None where there are none."""
        return Fraction(self.healthy, self.workplaces) if self.workplaces else None

    def withheld(self, audience: Audience) -> bool:
        """Whether one of the two sides rests on fewer absent persons than others than the employer may be told of."""
        sides = zip((self.healthy, self.workplaces - self.healthy), self.persons, strict=True)
        return not is_employer(audience) and any(count and persons < FEWEST for count, persons in sides)


def healthy_workplaces(measured: Measured, period: Period, below: Fraction = BELOW) -> HealthyWorkplaces:
    """The healthy workplaces of months whose reports are complete."""
    days: dict[str, int] = {}
    heads: dict[str, int] = {}
    months: dict[str, int] = {}
    for month in period:
        for name, hundredths in measured.by_workplace(month).items():
            days[name] = days.get(name, 0) + hundredths
            heads[name] = heads.get(name, 0) + measured.coverage.counts[month][name]
            months[name] = months.get(name, 0) + 1
    per_month = Fraction(sum(days.values()), 100 * sum(heads.values())) if heads else Fraction(0)
    throughout = [name for name, count in months.items() if count == len(period)]
    healthy = {name for name in throughout if Fraction(days[name], 100 * heads[name]) < below * per_month}
    others = set(throughout) - healthy
    persons = _absent(measured, period, healthy), _absent(measured, period, others)
    return HealthyWorkplaces(period, len(healthy), len(throughout), per_month * 12, persons)


def _absent(measured: Measured, period: Period, workplaces: Collection[str]) -> int:
    """How many distinct persons have short-term days in the period at these workplaces."""
    spells = measured.spells
    start, days = short_term(spells)
    within = (start <= day_number(period.last_day)) & (start + days > day_number(period.first_day)) & (days > 0)
    there = np.array([name in workplaces for name in spells.workplaces], dtype=bool)
    if not len(there):
        return 0
    return len(np.unique(spells.employee[within & there[spells.workplace]]))
