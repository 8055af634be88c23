"""The risk group: employees with more than three absences in a rolling twelve months, month by month, as aggregates alone.

Sources: the case study (§2: more than three; 20 % of employees have 75 % of the costs of short-term sick leave) and the article
(20 % drive about 75 % of sick leave, with about six times the risk of long-term sick leave). Another page says "3+": so the
threshold is a parameter. What an absence is, rules 2 to 5 say; that it belongs to the twelve months in which it begins, and how
risk and persistence are counted, is assumed [A] and said in the answer.

Only the employer sees figures that rest on fewer than five persons, as in ``audience``. What that cannot prevent: two months one
after the other differ by whoever came and went between.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

import numpy as np

from ledger.errors import Refused
from ledger.periods import Month, Period
from projections.audience import FEWEST, Audience, is_employer
from projections.columns import Ints, Marks
from projections.measured import Measured
from projections.risk_group_grid import Counts, Grid, grid

USUAL = 4
"""Absences from which a person is in the group: more than three."""

NAMED = (3, 4)
"""The thresholds that sources name: "3+" and "more than three"."""

YEAR = 12
LONG_TERM_KNOWN = 14
"""Months after which it is known who began long-term leave within twelve: its sixtieth day may come two months later."""


@dataclass(frozen=True)
class Part:
    """``some`` of a ``whole``: persons, or net days × 100. ``persons``: the fewest that ``some``, or what follows from it, rests
    on; ``others``: those that the rest of the whole does."""

    some: int
    whole: int
    persons: int
    others: int

    @property
    def share(self) -> Fraction | None:
        """``some`` ÷ ``whole``; None of nothing."""
        return Fraction(self.some, self.whole) if self.whole else None


@dataclass(frozen=True)
class Group:
    """The group of a month. ``size``: of the employees by head on its last day. Of the twelve months: ``short``, its part of the
    net days numbered 1–14 (of their cost alike: a net day costs the same whoever is absent); ``every``, of all net days.

    ``again``: of the group, those who are in it twelve months later. ``long_term``: of those in it who are not on long-term leave
    on the month's last day, those who begin one within twelve months; ``average``: the same of all employees. None: not known.
    """

    size: Part
    short: Part
    every: Part
    again: Part | None
    long_term: Part | None
    average: Part | None

    @property
    def times(self) -> Fraction | None:
        """The group's risk of long-term leave ÷ the average employee's; None where there is none to compare with."""
        if self.long_term is None or self.average is None:
            return None
        risk, average = self.long_term.share, self.average.share
        return risk / average if risk is not None and average else None


FIGURES = ("size", "short", "every", "again", "long_term", "average")


@dataclass(frozen=True)
class MonthAnswer:
    """A month's group, or what is missing in words. ``again``, ``long_term``: what is missing before these are known;
    ``numbered``: whether the days before the twelve months are complete as far back as rule 4 reaches; ``hidden``: the figures
    that the audience may not see."""

    month: Month
    group: Group | None
    missing: str | None
    again: str | None
    long_term: str | None
    numbered: bool
    hidden: frozenset[str] = frozenset()

    @property
    def shown(self) -> bool:
        """Whether there is a group that the audience may see the size of."""
        return self.group is not None and "size" not in self.hidden


def risk_group(
    measured: Measured, until: date, audience: Audience, months: Sequence[Month] | None = None, threshold: int = USUAL
) -> tuple[MonthAnswer, ...]:
    """The group of each of the months; by default of all with headcounts that ended on or before ``until``. Nothing later than
    that is looked at.

    Raises Refused where there are no headcounts at all, and for a threshold that only the employer may ask for.
    """
    if not is_employer(audience) and threshold not in NAMED:
        raise Refused(
            f"a risk group of {threshold} absences or more is for the employer alone: beside that of {USUAL} it would tell of "
            "the few between",
            do="ask for 3 or 4, which sources name, or with --audience payer",
        )
    counted = Counted(measured, until)
    usual = threshold if is_employer(audience) else USUAL
    return tuple(counted.answer(month, threshold, usual, audience) for month in months or counted.with_headcounts)


class Counted:
    """One contract's evidence, by person and month, as far as ``until``."""

    def __init__(self, measured: Measured, until: date) -> None:
        self._measured, self._until = measured, until
        self._said: dict[int, str | None] = {}
        self._rolling: dict[int, Rolling] = {}

    @cached_property
    def with_headcounts(self) -> tuple[Month, ...]:
        """All months from the first to the last that have headcounts and ended by then. Raises Refused where none has."""
        counts = [month for month, by_place in self._measured.coverage.counts.items() if by_place and self._ended(month)]
        if not counts:
            raise Refused(
                f"no headcounts of {self._measured.contract} are recorded for months that ended by {self._until}",
                do=f"record them with: soc import workforce {self._measured.contract} FILE",
            )
        return tuple(Period(min(counts), max(counts)))

    @cached_property
    def _grid(self) -> Grid:
        return grid(self._measured.spells, self.with_headcounts, self._measured.coverage.counts)

    def _ended(self, month: Month) -> bool:
        return month.last_day <= self._until

    def _lacking(self, first: Month, last: Month) -> str | None:
        """What is missing of these months, in words: the first one's, and how many more lack something."""
        said = [found for index in range(first.index, last.index + 1) if (found := self._missing(index)) is not None]
        more = f"; {len(said) - 1} more of {Period(first, last)} lack something too" if len(said) > 1 else ""
        return f"{said[0]}{more}" if said else None

    def _missing(self, index: int) -> str | None:
        """What is missing of one month; asked of each month for many others."""
        if index not in self._said:
            month = Month(index)
            ended = self._ended(month)
            self._said[index] = self._measured.incomplete(month) if ended else f"{month} has not ended by {self._until}"
        return self._said[index]

    def answer(self, month: Month, threshold: int, usual: int, audience: Audience) -> MonthAnswer:
        """The month's group with that threshold. ``usual``: the one that the audience may see beside it."""
        first = month - (YEAR - 1)
        missing = self._lacking(first, month)
        again, long_term = (self._lacking(month + 1, month + later) for later in (YEAR, LONG_TERM_KNOWN))
        if missing is not None:
            return MonthAnswer(month, None, missing, again, long_term, numbered=False)
        one = self._group(month, threshold, again is None, long_term is None)
        beside = one if usual == threshold else self._group(month, usual, again is None, long_term is None)
        numbered = self._measured.numbering_known(first)
        return MonthAnswer(month, one, None, again, long_term, numbered, hidden(one, beside, audience))

    def _group(self, month: Month, threshold: int, again: bool, long_term: bool) -> Group:
        if threshold not in self._rolling:
            self._rolling[threshold] = Rolling(self._grid, threshold)
        rolling, row = self._rolling[threshold], month.index - self.with_headcounts[0].index
        employees = self._measured.employees(month)
        short, every = rolling.days(row)
        went, average = rolling.long_term(row, employees) if long_term else (None, None)
        return Group(rolling.size(row, employees), short, every, rolling.again(row) if again else None, went, average)


class Rolling:
    """The group of the twelve months that end with each row; of the first eleven it holds what there is."""

    def __init__(self, one: Grid, threshold: int) -> None:
        self._one = one
        self._members: list[Marks] = []
        self._days: list[tuple[Part, Part]] = []
        begun, short, every = (_rolling(table) for table in (one.begun, one.short, one.every))
        for absences, numbered, days in zip(begun, short, every, strict=True):
            members = absences >= threshold
            chosen = np.flatnonzero(members)
            self._members.append(members)
            self._days.append((_part(numbered, chosen, numbered), _part(days, chosen, days - numbered)))

    def size(self, row: int, employees: int) -> Part:
        """How many of the employees."""
        size = _count(self._members[row])
        return Part(size, employees, size, employees - size)

    def days(self, row: int) -> tuple[Part, Part]:
        """Its part of the net days numbered 1–14, and of all."""
        return self._days[row]

    def again(self, row: int) -> Part:
        """How many of the group are in it twelve months later."""
        before, after = self._members[row], self._members[row + YEAR]
        stay, size, later = map(_count, (before & after, before, after))
        return Part(stay, size, stay, min(size, later) - stay)

    def long_term(self, row: int, employees: int) -> tuple[Part, Part]:
        """How many of the group, and of all employees, begin long-term leave within twelve months, without those on it."""
        on_leave = self._one.long_last[row]
        begin = self._one.long_begun[row + 1 : row + 1 + YEAR].any(axis=0) & ~on_leave
        members = self._members[row] & ~on_leave
        went, base, all_, away = map(_count, (begin & members, members, begin, on_leave))
        return Part(went, base, went, base - went), Part(all_, employees - away, all_, all_ - went)


def _rolling(table: Counts) -> Iterator[Counts]:
    """The sum of each row and the eleven before it; the array is the same each time, so that a large fleet fits in memory."""
    window = np.zeros_like(table[0])
    for row in range(len(table)):
        window += table[row]
        if row >= YEAR:
            window -= table[row - YEAR]
        yield window


def _part(days: Counts, members: Ints, behind: Counts) -> Part:
    """The part of these days of the members, by column. ``behind``: the days to count persons by: whoever knows all days and
    those numbered 1–14 knows the later ones."""
    persons = _count(behind[members])
    return Part(int(days[members].sum()), int(days.sum()), persons, _count(behind) - persons)


def _count(some: Marks | Counts) -> int:
    """How many are not zero."""
    return int(np.count_nonzero(some))


def hidden(one: Group, beside: Group, audience: Audience) -> frozenset[str]:
    """Which figures the audience may not see: those that rest on fewer than five persons, or leave fewer to the rest of what they
    are part of, or to what ``beside`` says of another threshold. Without the size there is nothing; the two risks go together,
    and what they are of tells, beside the sizes, how many are on long-term leave."""
    if is_employer(audience):
        return frozenset()
    few = {name for name in FIGURES if _few(getattr(one, name), getattr(beside, name), other=one is not beside)}
    if "size" in few:
        return frozenset(FIGURES)
    return frozenset(few | {"long_term", "average"} if few & {"long_term", "average"} or _few_away(one, beside) else few)


def _few(part: Part | None, beside: Part | None, *, other: bool) -> bool:
    if part is None:
        return False
    if min(part.persons, part.others) < FEWEST:
        return True
    same = not other or beside is None or (part.some, part.whole) == (beside.some, beside.whole)
    return not same and beside is not None and abs(part.persons - beside.persons) < FEWEST


def _few_away(one: Group, beside: Group) -> bool:
    """Whether few are on long-term leave on the month's last day: of the group, of all, of those not in the group, or of those in
    one group alone of the two thresholds. Each follows from a size less what a risk is of."""
    if one.long_term is None or one.average is None:
        return False
    group, every = one.size.some - one.long_term.whole, one.size.whole - one.average.whole
    other = group if beside.long_term is None else beside.size.some - beside.long_term.whole
    return any(0 < abs(away) < FEWEST for away in (group, every, every - group, group - other))
