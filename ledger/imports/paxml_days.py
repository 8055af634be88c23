"""Time transactions, which speak of days → spells, which the ledger keeps.

Several transactions of one employment and day add up, to 100 per cent at most. A day on which two causes or workplaces meet takes
the one with the greater extent; of equal ones the cause that stands first in CAUSES, then the workplace that sorts first; its
extent is that of both. Days in a row with the same extent, cause and workplace become one spell. Nothing is added over a Saturday
and Sunday that the file does not say: rule 4 counts them as absent between two absent days, and no longer when one of these goes.

A day with a value below zero is not said but changed: each cause and workplace carries its sum to what is on record of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from ledger.imports.fields import Unreadable
from ledger.money import rounded

Percent = int | Fraction
"""Per cent of a day, exact."""


MOST_CHANGED = 20
"""So many causes and workplaces one day with values below zero may have; more would take days to work out."""


class Part(NamedTuple):
    """What one transaction says: an extent, negative for a correction, on all days from ``first`` to ``last`` (ordinals)."""

    first: int
    last: int
    line: int
    extent: Percent
    cause: int
    workplace: str


class Piece(NamedTuple):
    """Days in a row on which one employee is absent alike. ``mixed``: on how many of them two causes or workplaces met."""

    first: int
    last: int
    line: int
    extent: Percent
    cause: int
    workplace: str
    mixed: int


class Change(NamedTuple):
    """Per cent of one cause and workplace to be added to days, below zero to be taken. ``weekend``: a Saturday or Sunday that a
    transaction names without any other day."""

    first: int
    last: int
    line: int
    extent: Percent
    cause: int
    workplace: str
    weekend: bool


def united(parts: Sequence[Part]) -> tuple[list[Piece], list[Change]]:
    """One employee's spells in order, in whole per cent 1–100; and what is to be changed on the days of values below zero.
    Raises Unreadable for such a day of more than MOST_CHANGED causes and workplaces."""
    ordered = sorted(parts)
    if all(one.last < other.first for one, other in pairwise(ordered)):
        changes = [Change(*part, _is_weekend(part)) for part in ordered if part.extent < 0]
        return list(_joined(Piece(*part, 0) for part in ordered if part.extent > 0)), changes
    changes = []
    return list(_joined(_summed(ordered, changes))), changes


def whole(extent: Percent) -> int:
    """Whole per cent of an extent above zero: half away from zero, at least 1, at most 100."""
    return min(100, max(1, extent if isinstance(extent, int) else rounded(extent)))


def _is_weekend(part: Part) -> bool:
    """Whether the part is of a Saturday, a Sunday, or both, and no other day."""
    return part.last - part.first <= 1 and all(date.fromordinal(day).weekday() >= 5 for day in part[:2])


def _joined(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Pieces in whole per cent, those in a row that are alike as one."""
    run: list[Piece] = []
    alike: tuple[int, int, str] | None = None
    for piece in pieces:
        kind = whole(piece.extent), piece.cause, piece.workplace
        if run and (kind != alike or piece.first > run[-1].last + 1):
            yield _one(run, alike)
            run = []
        alike = kind
        run.append(piece)
    if run:
        yield _one(run, alike)


def _one(run: list[Piece], alike: tuple[int, int, str] | None) -> Piece:
    assert alike is not None, "a run has a kind"
    return Piece(run[0].first, run[-1].last, run[0].line, *alike, sum(piece.mixed for piece in run))


def _summed(ordered: Sequence[Part], changes: list[Change]) -> Iterable[Piece]:
    """Parts that overlap, as pieces that do not: the sum of those that cover each day. Days with values below zero go to
    ``changes``."""
    bounds = sorted({part.first for part in ordered} | {part.last + 1 for part in ordered})
    ends = sorted(ordered, key=lambda part: part.last)
    begun = ended = 0
    under_way = _UnderWay()
    for first, following in pairwise(bounds):
        while ended < len(ends) and ends[ended].last < first:
            under_way.add(ends[ended], -1)
            ended += 1
        while begun < len(ordered) and ordered[begun].first <= first:
            under_way.add(ordered[begun], 1)
            begun += 1
        if under_way.below_zero:
            changes += under_way.changes(first, following - 1)
        elif under_way.sums:
            yield under_way.piece(first, following - 1)


class _UnderWay:
    """The parts that cover a day: their sums by cause and workplace, kept as parts begin and end."""

    def __init__(self) -> None:
        self.sums: dict[tuple[int, str], Percent] = {}
        self.below_zero = 0
        self._held: dict[tuple[int, str], int] = {}
        self._lines: dict[tuple[int, str], int] = {}
        self._weekends = self._line = 0
        self._total: Percent = 0
        self._greatest: list[tuple[Percent, tuple[int, str]]] = []

    def add(self, part: Part, sign: int) -> None:
        """A part begins (1) or has ended (−1)."""
        kind = part.cause, part.workplace
        self._total += sign * part.extent
        self.sums[kind] = self.sums.get(kind, 0) + sign * part.extent
        self._held[kind] = self._held.get(kind, 0) + sign
        self.below_zero += sign * (part.extent < 0)
        self._weekends += sign * _is_weekend(part)
        if sign > 0:
            self._line = self._lines[kind] = part.line
        if self._held[kind]:
            heappush(self._greatest, (-self.sums[kind], kind))
        else:
            del self.sums[kind], self._held[kind]

    def piece(self, first: int, last: int) -> Piece:
        """The days as one piece, of the greatest cause and workplace."""
        while self.sums.get(self._greatest[0][1]) != -self._greatest[0][0]:
            heappop(self._greatest)  # a sum that has changed since
        cause, workplace = self._greatest[0][1]
        return Piece(first, last, self._line, self._total, cause, workplace, (last - first + 1) * (len(self.sums) > 1))

    def changes(self, first: int, last: int) -> list[Change]:
        """What the days are changed by."""
        if len(self.sums) > MOST_CHANGED:
            day = date.fromordinal(first)
            what = f"has values below zero on a day of more than {MOST_CHANGED} causes and workplaces, {day}"
            raise Unreadable(what, "Export the days of the month anew, without values below zero.")
        named, lines = self._weekends > 0, self._lines
        return [Change(first, last, lines[kind], extent, *kind, named) for kind, extent in self.sums.items() if extent]
