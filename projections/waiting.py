"""Which short-term net days carry no sick pay because an employee waits: the waiting day before 2019, the waiting deduction from
2019 on.

Sources (domain facts 4.1): to 2018-12-31 no sick pay on day 1; from 2019-01-01 a deduction of 20 % of an average week's sick pay,
never above the sick pay, carried on until it is made (prop. 2017/18:96); in municipalities for all alike (AB 17 §). A relapse
within five days gives no new one. 20 % of five days is a whole day. A sick-pay period follows the rule of its first day [A]. At
most ten deductions in twelve months, and special high-risk protection, are not looked at: by these the waiting is too high.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ledger.lines import CAUSES
from ledger.periods import Month
from projections.absences import Spells
from projections.columns import Ints, Marks, day_number, first_days, month_number, months_of, weekday, weekdays_from
from projections.rules.short_term_net_days_1 import CONTINUES_WITHIN, short_term
from projections.unpaid.long_term import before

DEDUCTION_FROM = date(2019, 1, 1)
"""From this day on the waiting day is a deduction."""

WHOLE_DAY = 100
"""20 % of a week's sick pay, in hundredths of a day's."""


@dataclass(frozen=True)
class PaidDays:
    """Short-term days of spells, cut at months' ends, in order of employee and day; a row for each spell and month.

    ``hundredths``: net days × 100; ``whole``: the same as if every absence were whole; ``waiting``: those of them that carry no
    sick pay because the employee waits; ``period``: the number of the sick-pay period; others as in ``Spells``.
    """

    workplaces: tuple[str, ...]
    month: Ints
    employee: Ints
    workplace: Ints
    cause: Ints
    period: Ints
    hundredths: Ints
    whole: Ints
    waiting: Ints

    def of(self, month: Month) -> Marks:
        """The rows of a month."""
        found: Marks = self.month == month_number(month)
        return found

    def at(self, workplaces: frozenset[str]) -> Marks:
        """The rows at workplaces."""
        named = np.array([name in workplaces for name in self.workplaces], dtype=bool)
        found: Marks = named[self.workplace] if len(named) else np.zeros(len(self.workplace), bool)
        return found

    def caused(self, causes: tuple[str, ...]) -> Marks:
        """The rows with one of the causes."""
        found: Marks = np.isin(self.cause, [CAUSES.index(one) for one in causes])
        return found

    def persons(self, rows: Marks) -> int:
        """How many distinct employees rows are of."""
        return len(np.unique(self.employee[rows]))


def paid_days(spells: Spells) -> PaidDays:
    """The short-term days of spells in force, numbered as ``short-term-net-days@1`` numbers them (rules 4, 5)."""
    start, days = short_term(spells)
    period, begun = _periods(spells)
    spell, start, days = _by_month(start, days)
    period, begun, extent = period[spell], begun[spell], spells.extent[spell]
    weekdays = weekdays_from(start, days)
    hundredths = weekdays * extent
    return PaidDays(
        spells.workplaces,
        month=months_of(start),
        employee=spells.employee[spell],
        workplace=spells.workplace[spell],
        cause=spells.cause[spell],
        period=period,
        hundredths=hundredths,
        whole=weekdays * WHOLE_DAY,
        waiting=np.where(begun < day_number(DEDUCTION_FROM), _first_day(start, begun, extent), _deducted(hundredths, period)),
    )


def _periods(spells: Spells) -> tuple[Ints, Ints]:
    """For each spell the number of its sick-pay period, and the period's first day."""
    if not len(spells.first):
        return spells.first, spells.first
    other, latest = before(spells)
    begins = other | (spells.first - latest > CONTINUES_WITHIN)
    period = np.cumsum(begins) - 1
    return period, spells.first[begins][period]


def _by_month(start: Ints, days: Ints) -> tuple[Ints, Ints, Ints]:
    """The spell, first day and number of days of each part that lies in one month; 14 days touch at most two."""
    spell = np.arange(len(start))
    here = np.minimum(days, first_days(months_of(start) + 1) - start)
    parts = (np.append(spell, spell), np.append(start, start + here), np.append(here, days - here))
    order = np.argsort(parts[0], kind="stable")
    order = order[parts[2][order] > 0]
    return parts[0][order], parts[1][order], parts[2][order]


def _first_day(start: Ints, begun: Ints, extent: Ints) -> Ints:
    """The whole of day 1, where it is a Monday to Friday."""
    return np.where((start == begun) & (weekday(start) < 5), extent, 0)


def _deducted(hundredths: Ints, period: Ints) -> Ints:
    """A whole day of each period, from its first days on as far as they go."""
    if not len(period):
        return hundredths
    until = np.cumsum(hundredths)
    opens = np.append(True, period[1:] != period[:-1])
    before_period = (until - hundredths)[opens][np.cumsum(opens) - 1]
    until = until - before_period
    taken: Ints = np.minimum(WHOLE_DAY, until) - np.minimum(WHOLE_DAY, until - hundredths)
    return taken
