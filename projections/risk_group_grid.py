"""Who was absent how often and how long, by month and person: what the risk group is counted from (rules 1 to 5).

Months are rows, persons columns, numbered in order of their tokens: to count people by, never to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ledger.periods import Month
from projections.absences import Spells
from projections.columns import Ints, Marks, day_number, first_days, month_number, months_of, weekdays_from
from projections.rules.short_term_net_days_1 import CONTINUES_WITHIN, short_term
from projections.unpaid.long_term import LONG_TERM, before, begins_row
from projections.workforce import Headcounts

Counts = NDArray[np.int32]
"""Absences or net days × 100 of a person and month; half the memory of a column, and twelve months of them fit in it."""


@dataclass(frozen=True)
class Days:
    """Absent days in pieces, each of one person, month and workplace: net days × 100 (rule 5), ``short`` of those numbered 1–14,
    ``every`` of all. ``month``, ``person``: row and column, from 0. Only of workplaces with employees that month."""

    month: Ints
    person: Ints
    workplace: Ints
    short: Ints
    every: Ints


@dataclass(frozen=True)
class Grid:
    """By month (row) and person (column). ``begun``: absences that begin in the month, relapses merged (rule 4); ``short``,
    ``every``: net days × 100 of days numbered 1–14, and of all; ``long_begun``: whether long-term leave begins in the month;
    ``long_last``: whether the person is on it on the month's last day."""

    begun: Counts
    short: Counts
    every: Counts
    long_begun: Marks
    long_last: Marks


def employed(counts: Headcounts, months: Sequence[Month], workplaces: Sequence[str]) -> Marks:
    """By month and workplace: whether anybody was employed there; other days are not counted (rule 1)."""
    number = {name: place for place, name in enumerate(workplaces)}
    found = np.zeros((len(months), len(workplaces)), dtype=bool)
    for row, month in enumerate(months):
        found[row, [number[name] for name, heads in counts.get(month, {}).items() if heads and name in number]] = True
    return found


def days(spells: Spells, months: Sequence[Month], there: Marks) -> Days:
    """The absent days of these months, which follow one another, at the workplaces that are ``there``, as in ``employed``. A day
    that an earlier spell covers is not counted again, and takes extent and workplace from that one (rule 4)."""
    start, numbered = short_term(spells)
    low, high = day_number(months[0].first_day), day_number(months[-1].last_day)
    begins, ends = np.maximum(start, low), np.minimum(spells.last, high)
    within = np.flatnonzero(begins <= ends)
    which, month, begin, count = _by_month(begins[within], ends[within])
    spell = within[which]
    row, workplace = month - month_number(months[0]), spells.workplace[spell]
    counted = there[row, workplace]
    if not counted.all():
        spell, row, workplace, begin, count = (one[counted] for one in (spell, row, workplace, begin, count))
    every, extent = weekdays_from(begin, count), spells.extent[spell]
    short, early = every.copy(), (start + numbered)[spell] - begin
    longer = np.flatnonzero(early < count)  # few pieces hold later days too
    short[longer] = weekdays_from(begin[longer], np.maximum(early[longer], 0))
    return Days(row, persons(spells)[spell], workplace, short * extent, every * extent)


def grid(spells: Spells, months: Sequence[Month], counts: Headcounts) -> Grid:
    """The spells in force, by month and person, of these months, which follow one another.

    An absence is a sick-pay period (rule 4), and belongs to the month in which it begins. Long-term leave is at least
    ``LONG_TERM`` days in a row, weekends between absent days among them. Both count where the workplace at which they begin has
    employees in the month asked about (rule 1).
    """
    person = persons(spells)
    shape = (len(months), int(person[-1]) + 1 if len(person) else 0)
    there = employed(counts, months, spells.workplaces)
    found = days(spells, months, there)
    absence, run = _beginnings(spells)
    leave, last = _long_term(spells, run)
    until_last, on_leave = _last_days(spells, leave, last, months)

    def cells(spell: Ints, month: Ints) -> Ints:
        row = month - month_number(months[0])
        within = np.flatnonzero((row >= 0) & (row < len(months)))
        within = within[there[row[within], spells.workplace[spell[within]]]]
        return row[within] * shape[1] + person[spell[within]]

    cell = found.month * shape[1] + found.person
    return Grid(
        begun=_summed(shape, cells(absence, months_of(spells.first[absence]))),
        short=_summed(shape, cell, found.short),
        every=_summed(shape, cell, found.every),
        long_begun=_marked(shape, cells(leave, months_of(spells.first[leave]))),
        long_last=_marked(shape, cells(on_leave, until_last)),
    )


def _summed(shape: tuple[int, int], cells: Ints, values: Ints | None = None) -> Counts:
    """A table of the values' sums by cell; of how many cells there are, without values."""
    found = np.zeros(shape[0] * shape[1], dtype=np.int32)
    np.add.at(found, cells, np.int32(1) if values is None else values.astype(np.int32))
    return found.reshape(shape)


def _marked(shape: tuple[int, int], cells: Ints) -> Marks:
    found = np.zeros(shape[0] * shape[1], dtype=bool)
    found[cells] = True
    return found.reshape(shape)


def persons(spells: Spells) -> Ints:
    """The number of each spell's person, from 0; spells are in order of employee."""
    changes = spells.employee[1:] != spells.employee[:-1]
    return np.append(0, np.cumsum(changes)) if len(spells.employee) else np.zeros(0, np.int64)


def _by_month(first: Ints, last: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Days from ``first`` to ``last`` as pieces within a month: which of the two columns' rows, the month, the first day and how
    many days."""
    begins = months_of(first)
    count = months_of(last) - begins + 1
    which = np.repeat(np.arange(len(first)), count)
    month = begins[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    begin = np.maximum(first[which], first_days(month))
    return which, month, begin, np.minimum(last[which] + 1, first_days(month + 1)) - begin


def _beginnings(spells: Spells) -> tuple[Ints, Ints]:
    """Which spells begin an absence (more than five days after the latest absent day), and which a row of absent days without
    a gap, but for Saturdays and Sundays that alone lie between."""
    other, latest = before(spells)
    return np.flatnonzero(other | (spells.first - latest > CONTINUES_WITHIN)), np.flatnonzero(begins_row(spells))


def _long_term(spells: Spells, run: Ints) -> tuple[Ints, Ints]:
    """Of the rows of absent days those that are long-term: the spell that begins each, and its last day."""
    last = np.maximum.reduceat(spells.last, run) if len(run) else run
    long = last - spells.first[run] + 1 >= LONG_TERM
    return run[long], last[long]


def _last_days(spells: Spells, leave: Ints, last: Ints, months: Sequence[Month]) -> tuple[Ints, Ints]:
    """Every month on whose last day one of these leaves goes on, with the spell that begins it."""
    low, high = day_number(months[0].first_day), day_number(months[-1].last_day)
    begins, ends = np.maximum(spells.first[leave], low), np.minimum(last, high)
    within = np.flatnonzero(begins <= ends)
    which, month, begin, count = _by_month(begins[within], ends[within])
    to_the_end = begin + count == first_days(month + 1)
    return month[to_the_end], leave[within][which[to_the_end]]
