"""A report that speaks of days → the lines of one that speaks of spells, under the ledger's lock (rules 3, 4).

PAXml says on which days an employee was absent. It neither repeats the days of a spell before its month nor leaves a spell
open, and corrects single days; the ledger keeps spells by employee and first day. So where a spell on record shares days with the
file, it is written anew:

- A report complete for some months says every day in them at its workplaces. What stands on record there is replaced, and what
  stands before and after is kept, also of spells that reach in or out. A spell left open at the end of the month before goes on
  if the file has its next day with the same extent, cause and workplace; it is then one line with the first day on record. If
  only a Saturday and Sunday lie between, it lasted over them. Otherwise it ends where its last report ended, and the receipt
  says so.
- Any other day that the file names replaces that day of the employee on record, and no other.
- A day with values below zero is changed: what the file adds and takes, by cause and workplace, goes to what is on record of it,
  or, where the file is complete for the day, to nothing. The greatest part then gives cause and workplace. What comes to 0 is
  withdrawn; less than 0 is a fault. A Saturday or Sunday not on record, in a longer range, is passed over.
- Days are absent that a file or the record says. None are added over a weekend: rule 4 counts it while days on both sides stand.

A spell cut so ends with a known day. But what a partial report leaves of the end of one that is open stays open, whatever it says
of that last day; a complete report of earlier months leaves open those that it does not cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ledger.errors import Faults
from ledger.facts import Facts
from ledger.lines import OPEN, Lines
from ledger.money import rounded
from ledger.periods import Month, Period
from projections.absences import Reports, in_force, reports
from projections.columns import day_numbers
from projections.days_on_record import (
    Difference,
    Kind,
    Known,
    Less,
    Line,
    date_of,
    differences,
    is_weekend,
    months_of,
    touched,
    with_overlaps,
)
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
    for employee, some in taken.items():
        written.employee(employee, [], rest.pop(employee, []), some)
    written.check_ends()
    written.faults.refuse()
    lines = sorted([*written.lines, *(line for lines in rest.values() for line in lines)], key=lambda line: line[:3])
    made = replace(file, at_line=[line.at_line for line in lines], lines=_columns(lines), period=written.period())
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
        self.faults = Faults(file.name)
        self.ended = self.corrected = 0
        self.refused: set[int] = set()
        self.open_ends: dict[int, int] = {}  # with which days spells end that the report leaves open, and a line of the file

    def employee(self, employee: int, known: Sequence[Known], said: list[Line], less: list[Less]) -> None:
        """What the employee's days on record and in the file come to."""
        days: Days = {day: (line.kind, line.at_line) for line in said for day in range(line.first, (line.last or 0) + 1)}
        gone = self._changed(known, days, differences(less)) if less else set()
        for one in known:
            if one.goes_on:
                self._go_on(one, days, gone)
        spoken = days.keys() | gone
        altered = [one for one in known if one.goes_on or (not self._is_gone(one) and self._cut(one, spoken) is not None)]
        heads = [(one, self._cut(one, spoken) or one.last + 1) for one in altered]
        if gone or any(self._stays_open(one) or self._has_tail(one, cut, spoken) for one, cut in heads):
            self._anew(employee, with_overlaps(known, altered), days, gone)
        else:
            self._shortened(employee, heads, list(_runs(employee, days)))

    def _changed(self, known: Sequence[Known], days: Days, changes: Mapping[int, Difference]) -> set[int]:
        """Work out the days that the file changes; those of which nothing is left."""
        gone = set()
        for day, change in sorted(changes.items()):
            spell = next((one for one in known if one.first <= day <= one.last), None)  # that which begins first (rule 4)
            if spell is not None and self._is_complete(day, [spell.kind.workplace, *(place for _, place in change.parts)]):
                spell = None
            left = self._left(day, change, spell)
            if left is not None:
                days[day] = left, change.line
            elif spell is not None:
                gone.add(day)
        return gone

    def _left(self, day: int, change: Difference, spell: Known | None) -> Kind | None:
        """What a day comes to. Notes a fault if that is less than nothing."""
        parts, by = dict(change.parts), sum(change.parts.values())
        if spell is None:
            if by < 0 and change.named and change.line not in self.refused:
                self.not_on_record(change.line, -by, day)
            total = max(1, rounded(Fraction(by))) if by > 0 else 0
        else:
            kind = spell.kind.cause, spell.kind.workplace
            parts[kind] = parts.get(kind, 0) + spell.kind.extent
            total = rounded(Fraction(by + spell.kind.extent))
            self.corrected += by < 0 <= total
            if total < 0 and change.line not in self.refused:
                self.refused.add(change.line)
                what = f"takes {_percent(-by)} from {date_of(day)}, of which {spell.kind.extent} per cent is on record"
                advice = "Correct it to what an earlier report said of that day, or send the day anew."
                self.faults.add(change.line, what, advice)
        cause, workplace = min(parts, key=lambda part: (-parts[part], part))
        return Kind(min(100, total), cause, workplace) if total > 0 else None

    def _is_complete(self, day: int, workplaces: Sequence[str]) -> bool:
        """Whether the report is complete for the day at one of the workplaces."""
        named = self.file.scope.workplaces if self.file.scope else ()
        return self.begins <= day <= self.ends and (named is None or any(place in named for place in workplaces))

    def _go_on(self, spell: Known, days: Days, gone: set[int]) -> None:
        """A spell left open at the end of the month before lasts over a Saturday and Sunday to the file's next day."""
        following = spell.last + 1
        while is_weekend(following) and following not in days and following not in gone:
            following += 1
        kind, line = days.get(following, (None, 0))
        if kind == spell.kind:
            days.update(dict.fromkeys(range(spell.last + 1, following), (spell.kind, line)))
        self.ended += kind is None

    def _has_tail(self, spell: Known, cut: int, spoken: Set[int]) -> bool:
        """Whether days of the spell stay after the first of which the file says something."""
        return any(not self._is_said(spell, day, spoken) for day in range(cut, spell.last + 1))

    def _stays_open(self, spell: Known) -> bool:
        """Whether nobody has said the spell's end, even with this report."""
        return spell.open and not spell.goes_on and not (spell.covered and spell.last <= self.ends)

    def _is_gone(self, spell: Known) -> bool:
        """Whether the report takes the whole spell away by itself."""
        return spell.replaced and spell.last <= self.ends

    def _is_said(self, spell: Known, day: int, spoken: Set[int]) -> bool:
        return day in spoken or (spell.covered and self.begins <= day <= self.ends)

    def _cut(self, spell: Known, spoken: Set[int]) -> int | None:
        """The first day of the spell of which the file says something else or the same; None where it says nothing."""
        return next((day for day in range(spell.first, spell.last + 1) if self._is_said(spell, day, spoken)), None)

    def _shortened(self, employee: int, heads: list[tuple[Known, int]], said: list[Line]) -> None:
        """Spells of which the file says every day from ``cut`` on: what stands before stays, or goes on with the file's days."""
        lines = {line.first: line for line in said}
        for spell, cut in heads:
            if cut == spell.first:
                if cut not in lines and not spell.replaced:
                    self.lines.append(_withdrawal(employee, spell))
                continue
            following = lines.get(cut)
            if following is not None and following.kind == spell.kind:
                del lines[following.first]
                self.lines.append(following._replace(first=spell.first))
            else:
                self.lines.append(Line(1, employee, spell.first, cut - 1, spell.kind))
        self.lines += lines.values()

    def _anew(self, employee: int, group: list[Known], days: Days, gone: set[int]) -> None:
        """Spells that go on after the days of which the file speaks: every day of the group is written anew."""
        spoken = days.keys() | gone
        for spell in group:
            for day in range(spell.first, spell.last + 1):
                if day not in days and not self._is_said(spell, day, spoken):
                    days[day] = spell.kind, 0  # a day belongs to the spell that begins first (rule 4)
        open_ends = {spell.last for spell in group if self.file.scope is None and self._stays_open(spell)}
        runs, standing = list(_runs(employee, days, open_ends)), {spell.first: spell for spell in group}
        for run in runs:
            known, line = standing.get(run.first), run.at_line or 1
            same = known is not None and (known.last, known.kind) == (run.last, run.kind)
            if run.last in open_ends:
                if not same or run.at_line:
                    self.open_ends[run.last] = line
                    self.lines.append(run._replace(at_line=line, last=None))
            elif known is None or not same:
                self.lines.append(run._replace(at_line=line))
            elif known.replaced or known.goes_on or (run.at_line and not known.open):
                last = None if known.open and not known.goes_on and self._may_stay_open(known) else run.last
                self.lines.append(run._replace(at_line=line, last=last))
        begun = {run.first for run in runs}
        self.lines += [_withdrawal(employee, spell) for spell in group if spell.first not in begun and not spell.replaced]

    def check_ends(self) -> None:
        """A report has one period, with which the spells end that it leaves open. Notes a fault where they end otherwise."""
        latest = max(self.open_ends, default=0)
        for day, line in self.open_ends.items():
            if day != latest:
                what = f"is of an absence left open on {date_of(day)}, and other lines of absences left open on {date_of(latest)}"
                self.faults.add(line, what, "Send the days of the two in a file each.")

    def period(self) -> Period | None:
        """What the report is about: the month with which its open spells end, if it leaves any open."""
        if not self.open_ends:
            return self.file.period
        month = Month.holding(date_of(max(self.open_ends)))
        return Period(month, month)

    def not_on_record(self, line: int, extent: int | Fraction, day: int) -> None:
        """Note that a correction is of a day that is not on record."""
        self.refused.add(line)
        advice = (
            "Correct a day that an earlier report of the same source said, or export the days of the month without corrections."
        )
        self.faults.add(line, f"takes {_percent(extent)} from {date_of(day)}, a day that is not on record", advice)

    def _may_stay_open(self, spell: Known) -> bool:
        """Whether an open line keeps its end: in a complete report of a month before the workplace's latest (rule 3)."""
        scope, place = self.file.scope, spell.kind.workplace
        if scope is None or (scope.workplaces is not None and place not in scope.workplaces):
            return False
        scopes = [record.data.scope for record in self.before.records if record.data.scope is not None]
        covering = [one.complete.last for one in scopes if one.workplaces is None or place in one.workplaces]
        return any(last > scope.complete.last for last in covering)


def _runs(employee: int, days: Days, ends: Collection[int] = ()) -> Iterator[Line]:
    """Days in a row of one kind, none over one of the ``ends``; ``at_line`` is 0 where the file says none of them."""
    run: Line | None = None
    for day in sorted(days):
        kind, at_line = days[day]
        if run is not None and run.last == day - 1 and run.kind == kind and run.last not in ends:
            run = run._replace(last=day, at_line=run.at_line or at_line)
            continue
        if run is not None:
            yield run
        run = Line(at_line, employee, day, day, kind)
    if run is not None:
        yield run


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


def _percent(extent: int | Fraction) -> str:
    return f"{rounded(Fraction(extent))} per cent"
