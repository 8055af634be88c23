"""``short-term-net-days@1``: which days are short-term, and how many net days they make (rules 4 and 5).

Source: Sjuklönelagen 7 §: a sick-pay period is 14 calendar days, and a spell that begins within five days of the last
continues it. Weekends between absences, and Monday to Friday as net days, are assumed by the contract's terms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ledger.periods import Month
from projections.absences import Spells
from projections.columns import Ints, Marks, first_days, month_number, months_of, weekday, weekdays_from

SICK_PAY_DAYS = 14
CONTINUES_WITHIN = 5
NUMBERING_REACH = SICK_PAY_DAYS * CONTINUES_WITHIN
"""Days before a window that its numbering may depend on: 14 days, each at most five after the last."""


@dataclass(frozen=True)
class NetDays:
    """Net short-term days in hundredths (days × per cent), by month (rows, from month number ``first``) and workplace."""

    workplaces: tuple[str, ...]
    first: int
    table: Ints

    def of(self, month: Month) -> dict[str, int]:
        """Hundredths of net days by workplace in a month; workplaces without any are left out."""
        row = month_number(month) - self.first
        if not 0 <= row < len(self.table):
            return {}
        found = np.flatnonzero(self.table[row])
        days = self.table[row][found].tolist()
        return {self.workplaces[number]: one for number, one in zip(found.tolist(), days, strict=True)}


def net_days(spells: Spells, among: Marks | None = None) -> NetDays:
    """Number the absent days of each sick-pay period and count those numbered 1–14 that are Monday–Friday, by extent; ``among``:
    of these spells alone, numbered among all."""
    start, days = short_term(spells)
    counted = np.flatnonzero(days if among is None else days * among)
    if not len(counted):
        return NetDays(spells.workplaces, 0, np.zeros((0, len(spells.workplaces)), np.int64))
    start, days = start[counted], days[counted]
    extent, workplace = spells.extent[counted], spells.workplace[counted]
    month = months_of(start)
    here = np.minimum(days, first_days(month + 1) - start)  # 14 days touch at most two months
    first = int(month.min())
    table = np.zeros((int(month.max()) - first + 2, len(spells.workplaces)), dtype=np.int64)
    cell = (month - first) * len(spells.workplaces) + workplace
    np.add.at(table.reshape(-1), cell, weekdays_from(start, here) * extent)
    later = np.flatnonzero(days > here)
    start, here, days, extent, cell = (column[later] for column in (start, here, days, extent, cell))
    np.add.at(table.reshape(-1), cell + len(spells.workplaces), weekdays_from(start + here, days - here) * extent)
    return NetDays(spells.workplaces, first, table)


def short_term(spells: Spells) -> tuple[Ints, Ints]:
    """For each spell the first day that it counts itself, and how many of its days from there on are numbered 1–14.

    A day that an earlier spell covers is not counted again; the gap to the latest absent day decides whether the numbering
    goes on; Saturdays and Sundays that alone lie between two absent days are absent too.
    """
    first, last = spells.first, spells.last
    if not len(first):
        return first, first
    same = np.append(False, spells.employee[1:] == spells.employee[:-1])
    latest = _latest_before(spells, same)
    start = np.where(same, np.maximum(first, latest + 1), first)
    days = np.maximum(last - start + 1, 0)
    continues = same & (first - latest <= CONTINUES_WITHIN)
    bridged = np.where(continues, _weekend_between(latest, first), 0)
    absent = days + bridged
    counted = np.cumsum(absent) - absent
    begins = np.maximum.accumulate(np.where(continues, 0, np.arange(len(first))))
    before = counted - counted[begins] + bridged
    return start, np.clip(SICK_PAY_DAYS - before, 0, days)


def _latest_before(spells: Spells, same: Ints) -> Ints:
    """The latest absent day of the employee's earlier spells; meaningless where there is none."""
    rank = np.cumsum(~same)
    span = int(spells.last.max()) + 1
    latest = np.maximum.accumulate(rank * span + spells.last) - rank * span
    return np.append(0, latest[:-1])


def _weekend_between(latest: Ints, first: Ints) -> Ints:
    """How many days lie between, where all of them are Saturday or Sunday; else 0."""
    between = first - latest - 1
    begins = weekday(latest + 1)
    weekend = ((between == 1) & (begins >= 5)) | ((between == 2) & (begins == 5))
    return np.where(weekend, between, 0)
