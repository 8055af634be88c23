"""Which spells on record share days with a report that speaks of days, and so must be written anew (``day_reports``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from ledger.events import Scope
from projections.absences import Spells
from projections.columns import Ints, day_number

_EPOCH = date(1970, 1, 1).toordinal()


class Less(NamedTuple):
    """Per cent to be taken from days (YYYYMMDD, both included) of an employee, below zero to be added, as ``line`` of the file
    says; of one cause and workplace. ``weekend``: these are a Saturday or Sunday that the file names by itself."""

    line: int
    employee: int
    first_day: int
    last_day: int
    extent: int | Fraction
    cause: int
    workplace: str
    weekend: bool


class Difference(NamedTuple):
    """What the file adds to one day, by cause and workplace, and takes from it. ``named``: by itself, not only as a Saturday or
    Sunday in a longer range; ``parts``: per cent, below zero to be taken."""

    line: int
    named: bool
    parts: dict[tuple[int, str], int | Fraction]


def differences(less: Sequence[Less]) -> dict[int, Difference]:
    """One employee's differences by day number."""
    found: dict[int, Difference] = {}
    for one in less:
        for day in range(number_of(one.first_day), number_of(one.last_day) + 1):
            known = found.setdefault(day, Difference(one.line, one.weekend or not is_weekend(day), {}))
            kind = one.cause, one.workplace
            known.parts[kind] = known.parts.get(kind, 0) - one.extent
    return found


class Kind(NamedTuple):
    """What the days of a spell have in common."""

    extent: int
    cause: int
    workplace: str


class Line(NamedTuple):
    """One line of the report to be; days are day numbers. ``last`` None: still open."""

    at_line: int
    employee: int
    first: int
    last: int | None
    kind: Kind


class Known(NamedTuple):
    """A spell on record. ``replaced``: the report itself takes its line away, for it begins in its months; ``covered``: its days
    there are said anew; ``goes_on``: it was left open at the end of the month before."""

    first: int
    last: int
    kind: Kind
    open: bool
    replaced: bool
    covered: bool
    goes_on: bool


def months_of(scope: Scope | None) -> tuple[int, int]:
    """First and last day (day numbers) for which a report is complete; an empty span where it is partial."""
    return (day_number(scope.complete.first_day), day_number(scope.complete.last_day)) if scope else (1, 0)


def number_of(written: int) -> int:
    """The day number of a day written YYYYMMDD."""
    return day_number(date(written // 10000, written // 100 % 100, written % 100))


def is_weekend(day: int) -> bool:
    """Whether the day is a Saturday or Sunday. Day 0 is a Thursday."""
    return (day + 3) % 7 >= 5


def date_of(day: int) -> date:
    """The date with that day number."""
    return date.fromordinal(day + _EPOCH)


def touched(
    standing: Spells, scope: Scope | None, said: Mapping[int, Sequence[Line]], taken: Mapping[int, Sequence[Less]]
) -> Iterator[tuple[int, list[Known]]]:
    """Each employee of whom a spell on record shares a day with the file, or goes on into it, with all the employee's spells on
    record in order of first day."""
    inside, first, last = _inside(standing, scope), standing.first, standing.last
    begins, ends = months_of(scope)
    replaced = inside & (first >= begins) & (first <= ends)
    goes_on = inside & (standing.open == 1) & (last == begins - 1)
    covered = inside & (first <= ends) & (last >= begins)
    near = _near(standing, _spans(said, taken))
    matters = goes_on | (covered & ((first < begins) | (last > ends))) | (near & ~(replaced & (last <= ends)))
    employees = np.unique(standing.employee[matters])
    starts = np.searchsorted(standing.employee, employees)
    stops = np.searchsorted(standing.employee, employees, side="right")
    for employee, start, stop in zip(employees.tolist(), starts.tolist(), stops.tolist(), strict=True):
        flags = zip(replaced[start:stop], covered[start:stop], goes_on[start:stop], strict=True)
        yield employee, [Known(*_spell(standing, start + number), *map(bool, some)) for number, some in enumerate(flags)]


def with_overlaps(known: Sequence[Known], altered: list[Known]) -> list[Known]:
    """The spells altered, and those that share days with them, directly or through others, in order of first day."""
    chosen, group, together = set(altered), list[Known](), list[Known]()
    reach = -1
    for one in known:
        if one.replaced and one not in chosen:
            continue
        if one.first > reach:
            group += together if not chosen.isdisjoint(together) else []
            together = []
        together.append(one)
        reach = max(reach, one.last)
    return group + (together if not chosen.isdisjoint(together) else [])


def _spell(standing: Spells, place: int) -> tuple[int, int, Kind, bool]:
    workplace = standing.workplaces[int(standing.workplace[place])]
    kind = Kind(int(standing.extent[place]), int(standing.cause[place]), workplace)
    return int(standing.first[place]), int(standing.last[place]), kind, bool(standing.open[place])


def _inside(standing: Spells, scope: Scope | None) -> Ints:
    """Which spells are at a workplace for which the report is complete."""
    if scope is None:
        return np.zeros(len(standing.first), bool)
    named = [scope.workplaces is None or name in scope.workplaces for name in standing.workplaces]
    return np.array(named, dtype=bool)[standing.workplace]


def _spans(said: Mapping[int, Sequence[Line]], taken: Mapping[int, Sequence[Less]]) -> dict[int, tuple[int, int]]:
    """The first and last day that the file says anything of, by employee."""
    days: dict[int, list[int]] = defaultdict(list)
    for employee, lines in said.items():
        days[employee] += [day for one in lines for day in (one.first, one.last or one.first)]
    for employee, some in taken.items():
        days[employee] += [number_of(written) for one in some for written in (one.first_day, one.last_day)]
    return {employee: (min(some), max(some)) for employee, some in days.items()}


def _near(standing: Spells, spans: Mapping[int, tuple[int, int]]) -> Ints:
    """Which spells share a day with their employee's span."""
    if not spans:
        return np.zeros(len(standing.first), bool)
    employees = np.array(sorted(spans), dtype=np.int64)
    low, high = np.array([spans[employee] for employee in employees.tolist()], dtype=np.int64).T
    place = np.minimum(np.searchsorted(employees, standing.employee), len(employees) - 1)
    near: Ints = (employees[place] == standing.employee) & (standing.first <= high[place]) & (standing.last >= low[place])
    return near
