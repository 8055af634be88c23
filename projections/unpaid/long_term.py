"""Long-term sick leave: absent 60 days or more in a row (SKR; glossary ``absence_long``), weekends between absent days among
them.

It counts in a period from the day on which it has lasted so long: leave that touches the period and has lasted 60 days by its
last day counts there with all its days in the period. So what a period says never waits for what comes after it; that leave of
fewer days by then counts only later is assumed [A]. Days are net days (rule 5): Monday to Friday, by extent, also after day
14.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ledger.periods import Month, Period
from projections.absences import Spells
from projections.columns import Ints, Marks, day_number, weekday, weekdays_from
from projections.rules.short_term_net_days_1 import short_term
from projections.workforce import Headcounts

LONG_TERM = 60
"""Calendar days in a row from which sick leave is long-term, whatever its extent."""


@dataclass(frozen=True)
class LongTerm:
    """Of a period: net days × 100 of long-term leave, the distinct ``persons`` on it, the employees of its months summed and how
    many months those are."""

    period: Period
    hundredths: int
    persons: int
    heads: int

    @property
    def days_per_100(self) -> Fraction | None:
        """Net days for each hundred employees, mean headcount of the period; None without employees."""
        return Fraction(self.hundredths * len(self.period), self.heads) if self.heads else None

    @property
    def persons_per_100(self) -> Fraction | None:
        """Persons for each hundred employees, mean headcount of the period; None without employees."""
        return Fraction(self.persons * 100 * len(self.period), self.heads) if self.heads else None


class Leave:
    """The rows of absent days that spells make, found once for all periods."""

    def __init__(self, spells: Spells, counts: Headcounts) -> None:
        self._spells, self._counts = spells, counts
        self._counted_from, _ = short_term(spells)
        begins = begins_row(spells)
        self._row = np.cumsum(begins) - 1
        self._first = spells.first[begins]

    def of(self, period: Period) -> LongTerm:
        """The long-term leave of a period."""
        spells, until = self._spells, day_number(period.last_day)
        begun = spells.first <= until
        last = np.zeros(len(self._first), dtype=np.int64)
        np.maximum.at(last, self._row[begun], np.minimum(spells.last[begun], until))
        long = (last - self._first + 1 >= LONG_TERM)[self._row] & begun if len(last) else begun
        hundredths, persons = 0, [np.zeros(0, np.int64)]
        for month in period:
            begin = np.maximum(self._counted_from, day_number(month.first_day))
            days = np.minimum(spells.last, day_number(month.last_day)) - begin + 1
            found = np.flatnonzero(long & (days > 0) & self._there(month))
            hundredths += int((weekdays_from(begin[found], days[found]) * spells.extent[found]).sum())
            persons.append(spells.employee[found])
        heads = sum(sum(self._counts.get(month, {}).values()) for month in period)
        return LongTerm(period, hundredths, len(np.unique(np.concatenate(persons))), heads)

    def _there(self, month: Month) -> Marks:
        """Which spells' workplaces had employees in a month; days elsewhere are not counted (rule 1)."""
        counts = self._counts.get(month, {})
        employed = np.array([counts.get(name, 0) > 0 for name in self._spells.workplaces], dtype=bool)
        there: Marks = employed[self._spells.workplace] if len(employed) else np.zeros(len(self._spells.employee), bool)
        return there


def begins_row(spells: Spells) -> Marks:
    """Which spells begin a row of absent days: another person's, or after a day that is neither absent nor of a weekend that
    alone lies between (rule 4)."""
    other, latest = before(spells)
    between, following = spells.first - latest - 1, weekday(latest + 1)
    weekend = ((between == 1) & (following >= 5)) | ((between == 2) & (following == 5))
    begins: Marks = other | ((between > 0) & ~weekend)
    return begins


def before(spells: Spells) -> tuple[Marks, Ints]:
    """Which spells are the first of a person, and the latest absent day before each; meaningless for the first."""
    if not len(spells.first):
        return np.zeros(0, bool), spells.first
    other = np.append(True, spells.employee[1:] != spells.employee[:-1])
    offset = np.cumsum(other) * (int(spells.last.max()) + 1)
    return other, np.append(0, (np.maximum.accumulate(offset + spells.last) - offset)[:-1])
