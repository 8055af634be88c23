"""Whose absences stand behind what moves between two ways of measuring months: who has other net days in them, or in the months
that they are compared with, and whose spells came, went or changed. Employees' tokens, to count people by; never shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from ledger.methodology import Methodology, Numbers
from ledger.periods import Month
from projections.audience import FEWEST
from projections.facts_used import Tokens
from projections.facts_window import Read
from projections.measured import Causes, Measured
from projections.rules.reference_years_1 import months_like


class Footing(NamedTuple):
    """What a month is measured by: a methodology, and what its source's reports say, ``now`` of the month itself, ``locked`` of
    the months that it is compared with (rule 6)."""

    methodology: Methodology
    now: Measured
    locked: Measured


Footings = Mapping[Month, Footing]
"""Of each month that is measured."""


class Moved(NamedTuple):
    """Who has other net days, and whose spells are others."""

    days: Tokens = Tokens()
    spells: Tokens = Tokens()

    @property
    def enough(self) -> bool:
        """Whether others than the employer may be told what moves: it rests on at least five persons, or on nobody. Where spells
        change and no days do, that nothing moves rests on their persons."""
        return not 0 < len(self.days or self.spells) < FEWEST


def in_all(several: Iterable[Moved]) -> Moved:
    """Who moves in any of them."""
    found = list(several)
    return Moved(*(Tokens().union(*(one[place] for one in found)) for place in range(2)))


class _Absent(NamedTuple):
    """Of the employees in some months: net days × 100, and the spells in force."""

    days: frozenset[tuple[int, ...]] = frozenset()
    spells: frozenset[tuple[int, ...]] = frozenset()


class People:
    """Counts whom differences rest on; the reports are read and numbered once."""

    def __init__(self) -> None:
        self._reads: dict[int, Read] = {}
        self._found: dict[tuple[int, Month, frozenset[str], Causes, bool, Numbers], _Absent] = {}

    def moved(self, before: Footings, after: Footings) -> dict[Month, Moved]:
        """Who moves in each month that both measure; where they have none in common, in each that one does."""
        months = before.keys() & after.keys() or before.keys() | after.keys()
        return {month: self._moved(month, before.get(month), after.get(month)) for month in months}

    def enough(self, before: Footings, after: Footings) -> bool:
        """Whether what moves in all months together may be told."""
        return in_all(self.moved(before, after).values()).enough

    def enough_by_month(self, before: Footings, after: Footings) -> bool:
        """Whether what moves in each month may be told."""
        return all(one.enough for one in self.moved(before, after).values())

    def _moved(self, month: Month, before: Footing | None, after: Footing | None) -> Moved:
        own = _between(*(self._own(month, one) for one in (before, after)))
        if len(own.days) >= FEWEST or _compared(month, before) == _compared(month, after):
            return own
        return in_all((own, _between(*(self._reference(month, one) for one in (before, after)))))

    def _own(self, month: Month, on: Footing | None) -> _Absent:
        if on is None:
            return _Absent()
        method = on.methodology
        return self._absent(
            on.now.counting(method.measure.numbers), month, method.left_out(month), method.agreed(month) is not None
        )

    def _reference(self, month: Month, on: Footing | None) -> _Absent:
        """Of a month compared with no cause is left out (rule 6)."""
        if on is None:
            return _Absent()
        locked = on.locked.counting(on.methodology.measure.numbers)
        found = [self._absent(locked, one, (), False) for one in _like(month, on)]
        days, spells = (frozenset[tuple[int, ...]]().union(*(one[place] for one in found)) for place in range(2))
        return _Absent(days, spells)

    def _absent(self, measured: Measured, month: Month, causes: Causes, agreed: bool) -> _Absent:
        read = self._reads.setdefault(id(measured.spells), Read(measured.reported, measured.spells))  # it keeps them alive
        having = frozenset(name for name, employees in measured.coverage.counts.get(month, {}).items() if employees)
        key = (id(measured.spells), month, having, causes, agreed, measured.numbers)
        if key not in self._found:
            self._found[key] = _read(read, month, having, causes, agreed, measured.numbers)
        return self._found[key]


def _read(read: Read, month: Month, having: frozenset[str], causes: Causes, agreed: bool, numbers: Numbers) -> _Absent:
    employed = np.array([name in having for name in read.reported.workplaces], dtype=bool)
    part = read.decided(month, employed, causes, agreed, numbers)
    who, at = np.unique(part.column("employee")[part.used], return_inverse=True)
    days = np.zeros(len(who), np.int64)
    np.add.at(days, at, part.days[part.used])
    places, spells = read.spell[part.places], read.spells
    said = (column[places[places >= 0]] for column in (spells.employee, spells.first, spells.last, spells.extent, spells.cause))
    return _Absent(
        frozenset((one, month.index, number) for one, number in zip(who.tolist(), days.tolist(), strict=True)),
        frozenset(zip(*(column.tolist() for column in said), strict=True)),
    )


def _like(month: Month, on: Footing) -> list[Month]:
    """The months that it is compared with; none where it is not measured."""
    agreed = on.methodology.agreed(month) is not None
    return [] if agreed else months_like(month, on.methodology.reference_of(month))


def _compared(month: Month, on: Footing | None) -> tuple[Measured, list[Month]] | None:
    return None if on is None else (on.locked, _like(month, on))


def _between(before: _Absent, after: _Absent) -> Moved:
    return Moved(*(Tokens(row[0] for row in old ^ new) for old, new in zip(before, after, strict=True)))
