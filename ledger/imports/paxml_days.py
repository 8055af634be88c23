"""Time transactions, which speak of days → spells, which the ledger keeps.

Several transactions of one employment and day add up, to 100 per cent at most; negative ones subtract. A day on which two causes
or workplaces meet takes the one with the greater extent; of equal ones the cause that stands first in CAUSES, then the workplace
that sorts first; its extent is that of both. Days in a row with the same extent, cause and workplace become one spell, also over
a Saturday and Sunday between them: rule 4 calls these absent in any case, so payroll by working day and from–to make one spell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ledger.money import rounded

Percent = int | Fraction
"""Per cent of a day, exact."""


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


def united(parts: Sequence[Part]) -> tuple[list[Piece], list[Piece]]:
    """One employee's spells in order, in whole per cent 1–100; and the days from which more is subtracted than the file itself
    reports on them, with what remains to be subtracted."""
    ordered = sorted(parts)
    apart = all(one.last < other.first for one, other in pairwise(ordered))
    pieces = [Piece(*part, 0) for part in ordered] if apart else list(_summed(ordered))
    return list(_joined(piece for piece in pieces if piece.extent > 0)), [piece for piece in pieces if piece.extent < 0]


def whole(extent: Percent) -> int:
    """Whole per cent of an extent above zero: half away from zero, at least 1, at most 100."""
    return min(100, max(1, extent if isinstance(extent, int) else rounded(extent)))


def bridged(last: int, first: int) -> bool:
    """Whether no day lies between two days (ordinals), or only Saturdays and Sundays (rule 4)."""
    return first - last <= 1 or (
        first - last <= 3 and all(date.fromordinal(day).weekday() >= 5 for day in range(last + 1, first))
    )


def _joined(pieces: Iterable[Piece]) -> Iterable[Piece]:
    """Pieces in whole per cent, those in a row that are alike as one."""
    run: list[Piece] = []
    alike: tuple[int, int, str] | None = None
    for piece in pieces:
        kind = whole(piece.extent), piece.cause, piece.workplace
        if run and (kind != alike or not bridged(run[-1].last, piece.first)):
            yield _one(run, alike)
            run = []
        alike = kind
        run.append(piece)
    if run:
        yield _one(run, alike)


def _one(run: list[Piece], alike: tuple[int, int, str] | None) -> Piece:
    assert alike is not None, "a run has a kind"
    return Piece(run[0].first, run[-1].last, run[0].line, *alike, sum(piece.mixed for piece in run))


def _summed(ordered: Sequence[Part]) -> Iterable[Piece]:
    """Parts that overlap, as pieces that do not: the sum of those that cover each day."""
    bounds = sorted({part.first for part in ordered} | {part.last + 1 for part in ordered})
    ends = sorted(ordered, key=lambda part: part.last)
    begun = ended = 0
    sums: dict[tuple[int, str], Percent] = {}
    held: dict[tuple[int, str], int] = {}
    line = 0
    for first, following in pairwise(bounds):
        while ended < len(ends) and ends[ended].last < first:
            _add(sums, held, ends[ended], -1)
            ended += 1
        while begun < len(ordered) and ordered[begun].first <= first:
            _add(sums, held, ordered[begun], 1)
            line = ordered[begun].line
            begun += 1
        total = sum(sums.values())
        if total:
            cause, workplace = min(sums, key=lambda kind: (-sums[kind], kind))
            yield Piece(first, following - 1, line, total, cause, workplace, (following - first) * (len(sums) > 1))


def _add(sums: dict[tuple[int, str], Percent], held: dict[tuple[int, str], int], part: Part, sign: int) -> None:
    kind = part.cause, part.workplace
    sums[kind] = sums.get(kind, 0) + sign * part.extent
    held[kind] = held.get(kind, 0) + sign
    if not held[kind]:
        del sums[kind], held[kind]
