"""A report that speaks of days → the lines of one that speaks of spells, under the ledger's lock (rules 3, 4).

PAXml says on which days an employee was absent. It neither repeats the days of a spell before its month nor leaves a spell
open, and corrects single days; the ledger keeps spells by employee and first day. So where a spell on record shares days with the
file, it is written anew:

- A report complete for some months says every day in them at its workplaces. What stands on record there is replaced, and what
  stands before and after is kept, also of spells that reach in or out. A spell left open at the end of the month before goes on
  if the file has its next day (a Saturday and Sunday between do not matter) with the same extent, cause and workplace; it is
  then one line with the first day on record. Otherwise it ends where its last report ended, and the receipt says so.
- Any other day that the file names replaces that day of the employee on record, and no other.
- A correction subtracts from a day on record. What comes to 0 is withdrawn; a day that is not on record is a fault.

A spell cut so ends with a known day, even if it was open, unless it is the same spell as before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ledger.errors import Fault, InputRefused
from ledger.facts import Facts
from ledger.lines import OPEN, Lines
from ledger.money import rounded
from projections.absences import Reports, in_force, reports
from projections.columns import day_numbers
from projections.days_on_record import Kind, Known, Less, Line, date_of, months_of, number_of, touched
from projections.reporting import File

__all__ = ["Less", "Rewritten", "rewritten"]

Days = dict[int, tuple[Kind, int]]
"""Day number → what is absent that day, and the line of the file that says so, 0 where the record does."""


@dataclass(frozen=True)
class Rewritten:
    """The file as spells that agree with the record; how many spells left open it ends, and from how many days on record it
    subtracts."""

    file: File
    ended: int
    corrected: int


def rewritten(facts: Facts, contract: str, file: File, less: Sequence[Less], name_of: Callable[[int], str | None]) -> Rewritten:
    """The file's lines, and those that spells on record take because of it. Raises InputRefused for corrections of days that are
    not on record, with their lines."""
    before = reports(facts, contract, file.source)
    said, taken = _by_employee(file), defaultdict(list)
    for one in less:
        taken[one.employee].append(one)
    written = _Written(file, before)
    rest = dict(said)
    for employee, known in touched(in_force(before), file.scope, said, taken):
        if employee in said or employee in taken or name_of(employee) is not None:  # nobody writes for a person erased since
            written.employee(employee, known, said.get(employee, []), taken.pop(employee, []))
            rest.pop(employee, None)
    for some in taken.values():
        written.faults += [_not_on_record(file.name, one, number_of(one.first_day)) for one in some]
    if written.faults:
        raise InputRefused(sorted(written.faults, key=lambda fault: fault.line or 0))
    lines = sorted([*written.lines, *(line for lines in rest.values() for line in lines)], key=lambda line: line[:3])
    made = replace(file, at_line=[line.at_line for line in lines], lines=_columns(lines))
    return Rewritten(made, written.ended, written.corrected)


def _by_employee(file: File) -> dict[int, list[Line]]:
    lines = file.lines
    first, last = (day_numbers(np.array(days, dtype=np.int64)).tolist() for days in (lines.first_day, lines.last_day))
    found: dict[int, list[Line]] = defaultdict(list)
    columns = zip(file.at_line, lines.employee, first, last, lines.extent, lines.cause, lines.workplace, strict=True)
    for at_line, employee, begins, ends, extent, cause, workplace in columns:
        found[employee].append(Line(at_line, employee, begins, ends, Kind(extent, cause, lines.workplaces[workplace])))
    return found


class _Written:
    """The lines that are written anew, an employee at a time."""

    def __init__(self, file: File, before: Reports) -> None:
        self.file, self.before = file, before
        self.begins, self.ends = months_of(file.scope)
        self.lines: list[Line] = []
        self.faults: list[Fault] = []
        self.ended = self.corrected = 0

    def employee(self, employee: int, known: Sequence[Known], said: list[Line], less: list[Less]) -> None:
        """What the employee's days on record and in the file come to."""
        days: Days = {day: (line.kind, line.at_line) for line in said for day in range(line.first, (line.last or 0) + 1)}
        corrected = {day for one in less for day in range(number_of(one.first_day), number_of(one.last_day) + 1)}
        altered = [
            one for one in known if one.goes_on or (not self._is_gone(one) and self._cut(one, days, corrected) is not None)
        ]
        if any(one.goes_on for one in altered) and not any(_bridged(self.begins - 1, day) for day in days):
            self.ended += sum(one.goes_on for one in altered)
        heads = [(one, self._cut(one, days, corrected) or one.last + 1) for one in altered]
        if less or any(not self._is_said(one, day, days) for one, cut in heads for day in range(cut, one.last + 1)):
            self._anew(employee, _with_overlaps(known, altered), days, less)
        else:
            self._shortened(employee, heads, said)

    def _is_gone(self, spell: Known) -> bool:
        """Whether the report takes the whole spell away by itself."""
        return spell.replaced and spell.last <= self.ends

    def _is_said(self, spell: Known, day: int, days: Days) -> bool:
        return day in days or (spell.covered and self.begins <= day <= self.ends)

    def _cut(self, spell: Known, days: Days, corrected: set[int]) -> int | None:
        """The first day of the spell of which the file says something else or the same; None where it says nothing."""
        return next(
            (day for day in range(spell.first, spell.last + 1) if day in corrected or self._is_said(spell, day, days)), None
        )

    def _shortened(self, employee: int, heads: list[tuple[Known, int]], said: list[Line]) -> None:
        """Spells of which the file says every day from ``cut`` on: what stands before stays, or goes on with the file's days."""
        lines = {line.first: line for line in said}
        for spell, cut in heads:
            if cut == spell.first:
                if cut not in lines and not spell.replaced:
                    self.lines.append(_withdrawal(employee, spell))
                continue
            following = next((one for one in lines.values() if one.first >= cut and _bridged(cut - 1, one.first)), None)
            if following is not None and following.kind == spell.kind:
                del lines[following.first]
                self.lines.append(following._replace(first=spell.first))
            else:
                self.lines.append(Line(1, employee, spell.first, cut - 1, spell.kind))
        self.lines += lines.values()

    def _anew(self, employee: int, group: list[Known], days: Days, less: list[Less]) -> None:
        """Spells that go on after the days of which the file speaks: every day of the group is written anew."""
        for spell in group:
            for day in range(spell.first, spell.last + 1):
                if not self._is_said(spell, day, days):
                    days[day] = spell.kind, 0  # a day belongs to the spell that begins first (rule 4)
        for one in less:
            self._subtract(one, days)
        runs, standing = list(_runs(employee, days)), {spell.first: spell for spell in group}
        for run in runs:
            known = standing.get(run.first)
            if known is None or (known.last, known.kind) != (run.last, run.kind):
                self.lines.append(run._replace(at_line=run.at_line or 1))
            elif run.at_line or known.goes_on or known.replaced:
                last = None if known.open and not known.goes_on and self._may_stay_open(known) else run.last
                self.lines.append(run._replace(at_line=run.at_line or 1, last=last))
        begun = {run.first for run in runs}
        self.lines += [_withdrawal(employee, spell) for spell in group if spell.first not in begun and not spell.replaced]

    def _subtract(self, one: Less, days: Days) -> None:
        for day in range(number_of(one.first_day), number_of(one.last_day) + 1):
            if day not in days:
                self.faults.append(_not_on_record(self.file.name, one, day))
                return
            kind = days[day][0]
            remains = rounded(kind.extent - Fraction(one.extent))
            if remains < 0:
                what = f"takes {_percent(one.extent)} from {date_of(day)}, of which {kind.extent} per cent is on record"
                advice = "Correct it to what an earlier report said of that day, or send the day anew."
                self.faults.append(Fault(self.file.name, one.line, what, advice))
                return
            self.corrected += 1
            del days[day]
            if remains:
                days[day] = kind._replace(extent=remains), one.line

    def _may_stay_open(self, spell: Known) -> bool:
        """Whether an open line keeps its end: in a complete report of a month before the workplace's latest (rule 3)."""
        scope, place = self.file.scope, spell.kind.workplace
        if scope is None or (scope.workplaces is not None and place not in scope.workplaces):
            return False
        scopes = [record.data.scope for record in self.before.records if record.data.scope is not None]
        covering = [one.complete.last for one in scopes if one.workplaces is None or place in one.workplaces]
        return any(last > scope.complete.last for last in covering)


def _with_overlaps(known: Sequence[Known], altered: list[Known]) -> list[Known]:
    """The spells altered, and those that share days with them, in order of first day."""
    group: list[Known] = []
    found = altered
    while found != group:
        group = found
        low, high = min(one.first for one in group), max(one.last for one in group)
        found = [one for one in known if one.first <= high and one.last >= low and (one in altered or not one.replaced)]
    return group


def _runs(employee: int, days: Days) -> Iterator[Line]:
    """Days in a row of one kind, Saturdays and Sundays between them bridged; ``at_line`` is 0 where the file says none."""
    run: Line | None = None
    for day in sorted(days):
        kind, at_line = days[day]
        if run is not None and run.last is not None and run.kind == kind and _bridged(run.last, day):
            run = run._replace(last=day, at_line=run.at_line or at_line)
            continue
        if run is not None:
            yield run
        run = Line(at_line, employee, day, day, kind)
    if run is not None:
        yield run


def _bridged(last: int, first: int) -> bool:
    """Whether the days are in a row, or only Saturdays and Sundays lie between (rule 4). Day 0 is a Thursday."""
    return 0 < first - last <= 3 and all((day + 3) % 7 >= 5 for day in range(last + 1, first))


def _withdrawal(employee: int, spell: Known) -> Line:
    return Line(1, employee, spell.first, spell.first, spell.kind._replace(extent=0))


def _columns(lines: Sequence[Line]) -> Lines:
    names = tuple(sorted({line.kind.workplace for line in lines}))
    index = {name: number for number, name in enumerate(names)}
    return Lines(
        workplaces=names,
        employee=tuple(line.employee for line in lines),
        workplace=tuple(index[line.kind.workplace] for line in lines),
        first_day=tuple(_written(line.first) for line in lines),
        last_day=tuple(OPEN if line.last is None else _written(line.last) for line in lines),
        extent=tuple(line.kind.extent for line in lines),
        cause=tuple(line.kind.cause for line in lines),
        secret=b"",
    )


def _written(day: int) -> int:
    return int(date_of(day).strftime("%Y%m%d"))


def _not_on_record(file: str, one: Less, day: int) -> Fault:
    advice = "Correct a day that an earlier report of the same source said, or export the days of the month without corrections."
    return Fault(file, one.line, f"takes {_percent(one.extent)} from {date_of(day)}, a day that is not on record", advice)


def _percent(extent: int | Fraction) -> str:
    return f"{rounded(Fraction(extent))} per cent"
