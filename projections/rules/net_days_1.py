"""``net-days@1``: which days have one of the agreed numbers in their sick-pay period, and how many net days they make (rules 4
and 5).

Days are numbered as ``short-term-net-days@1`` numbers them; days 1 to 14 are the same as its days, to the hundredth. Which
numbers count is for the parties to agree: no public source names any but 1 to 14. From day 60 on absence is long-term (SKR).
"""

from __future__ import annotations

import numpy as np

from projections.absences import Spells
from projections.columns import Ints, Marks, first_days, months_of, weekdays_from
from projections.rules.short_term_net_days_1 import CONTINUES_WITHIN, NetDays, _latest_before, _weekend_between


def reach(last_number: int) -> int:
    """Days before a window that its numbering may depend on: so many days, each at most five after the last."""
    return last_number * CONTINUES_WITHIN


def net_days(spells: Spells, first_number: int, last_number: int, among: Marks | None = None) -> NetDays:
    """The days with these numbers, both included, that are Monday–Friday, by extent; ``among``: of these spells alone, numbered
    among all."""
    start, days = numbered(spells, first_number, last_number)
    left = np.flatnonzero(days if among is None else days * among)
    if not len(left):
        return NetDays(spells.workplaces, 0, np.zeros((0, len(spells.workplaces)), np.int64))
    start, days, extent, workplace = start[left], days[left], spells.extent[left], spells.workplace[left]
    first, last = int(months_of(start).min()), int(months_of(start + days - 1).max())
    table = np.zeros((last - first + 1, len(spells.workplaces)), dtype=np.int64)
    while len(start):  # what lies in the month of each spell's first day that is left, then what goes on
        month = months_of(start)
        here = np.minimum(days, first_days(month + 1) - start)
        np.add.at(table, (month - first, workplace), weekdays_from(start, here) * extent)
        later = days > here
        start, days, extent, workplace = (start + here)[later], (days - here)[later], extent[later], workplace[later]
    return NetDays(spells.workplaces, first, table)


def numbered(spells: Spells, first_number: int, last_number: int) -> tuple[Ints, Ints]:
    """For each spell the first day that it counts itself with one of these numbers, and how many of its days from there on have
    one; 0 where none has. Which days it counts itself, and how they are numbered, is as in ``short-term-net-days@1``."""
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
    skipped = np.clip(first_number - 1 - before, 0, days)
    return start + skipped, np.clip(last_number - before, skipped, days) - skipped
