"""Spells in force and the net days that they count (rules 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from cli.verifier.calendar import _day_number, _last_day, _month_holding, _month_of, _period
from cli.verifier.facts import CAUSES, SHORT_TERM, Lines, NotDeterminable, Numbers, Record, Records, _of

DAYS_TO_RELAPSE = 5


class Spell(NamedTuple):
    """A spell in force: absent from ``first`` to ``last``, both included. ``position``: the report that says so."""

    employee: int
    workplace: str
    first: date
    last: date
    extent: int
    cause: str
    position: int


def _reports(records: Records, contract: str, source: str, upto: int) -> list[Record]:
    """The absence reports of one source (rule 2: other sources never replace)."""
    return [
        record for record in _of(records, f"absences/{contract}", "AbsenceReported@1", upto) if record["data"]["source"] == source
    ]


def _is_at(scope: Mapping[str, Any], workplace: str) -> bool:
    """Whether a report of this scope is about the workplace; no workplaces named means all."""
    named = scope.get("workplaces")
    return named is None or workplace in named


def _lines_of(record: Record, lines: Lines) -> list[tuple[int, str, date, date | None, int, str]]:
    """A report's lines: employee, workplace, first day, last day (None: open), extent, cause."""
    count = record["data"]["lines"]["count"]
    columns = (lines or {}).get(record["position"])
    if columns is None:
        if count == 0:
            return []
        raise NotDeterminable(f"the {count} lines of record {record['position']} are not at hand")
    if len(columns["employee"]) != count:
        raise NotDeterminable(f"record {record['position']} has {count} lines, {len(columns['employee'])} are at hand")
    found = []
    for number in range(count):
        last = columns["last_day"][number]
        found.append(
            (
                columns["employee"][number],
                columns["workplaces"][columns["workplace"][number]],
                _day_number(columns["first_day"][number]),
                _day_number(last) if last else None,
                columns["extent"][number],
                CAUSES[columns["cause"][number]],
            )
        )
    return found


Key = tuple[int, date]
"""What a line is known by: the employee and the spell's first day."""
Tally = dict[tuple[str, str, str], int]
"""Hundredths of net days by month, workplace and cause."""


class Standing:
    """The spells of one source that stand after one report after another (rule 3), and the days that they count, which are
    counted anew for those employees alone of whom something was reported since. ``numbers``: the days that count."""

    def __init__(self, numbers: Numbers = SHORT_TERM) -> None:
        self._numbers = numbers
        self.position = 0
        """Of the last report read."""
        self._begun: dict[int, dict[Key, Spell]] = {}
        self._complete: list[Mapping[str, Any]] = []
        self._of: dict[int, dict[Key, Spell]] = {}
        self._counted: dict[int, Tally] = {}
        self._total: Tally = {}
        self._changed: set[int] = set()

    @property
    def spells(self) -> list[Spell]:
        """By employee and first day."""
        every = {key: spell for begun in self._begun.values() for key, spell in begun.items()}
        return [every[key] for key in sorted(every)]

    def read(self, record: Record, lines: Lines) -> None:
        """What stands after one more report. Raises NotDeterminable, and then nothing has changed."""
        said = _lines_of(record, lines)
        ends = _end_of_period(record) if any(line[3] is None and line[4] for line in said) else None
        scope = record["data"].get("scope")
        before: dict[Key, Spell | None] = {}  # of each line touched, what stood when the report came
        if scope is not None:
            first, last = _period(scope["complete"])
            for month in range(first, last + 1):
                for key, spell in list(self._begun.get(month, {}).items()):
                    if _is_at(scope, spell.workplace):
                        before[key] = self._take(key)
        for employee, workplace, first_day, last_day, extent, cause in said:
            key = (employee, first_day)
            earlier = before.setdefault(key, self._take(key))
            if extent == 0:
                continue
            if last_day is None:
                assert ends is not None
                last_day = ends
                if earlier is not None and _restates_an_earlier_month(record, workplace, self._complete):
                    last_day = max(ends, earlier.last)
            self._put(key, Spell(employee, workplace, first_day, last_day, extent, cause, record["position"]))
        if scope is not None:
            self._complete.append(scope)
        self.position = record["position"]

    def _take(self, key: Key) -> Spell | None:
        self._changed.add(key[0])
        self._of.get(key[0], {}).pop(key, None)
        return self._begun.get(_month_of(key[1]), {}).pop(key, None)

    def _put(self, key: Key, spell: Spell) -> None:
        self._take(key)
        self._begun.setdefault(_month_of(key[1]), {})[key] = spell
        self._of.setdefault(key[0], {})[key] = spell

    def total(self) -> Tally:
        """The net days that the spells which stand count."""
        for employee in sorted(self._changed):
            for key, hundredths in self._counted.pop(employee, {}).items():
                self._total[key] -= hundredths
            self._counted[employee] = counted = _days_of(self._of.get(employee, {}).values(), self._numbers)
            for key, hundredths in counted.items():
                self._total[key] = self._total.get(key, 0) + hundredths
        self._changed = set()
        return dict(self._total)


def spells_in_force(records: Records, lines: Lines, contract: str, source: str, upto: int) -> list[Spell]:
    """The spells of one source that stand after the record at position ``upto``, by employee and first day (rule 3)."""
    standing = Standing()
    for record in _reports(records, contract, source, upto):
        standing.read(record, lines)
    return standing.spells


def _end_of_period(record: Record) -> date:
    """The last day of the period of a report, with which its open spells end (rule 3)."""
    period = record["data"].get("period")
    if period is None and record["data"].get("scope") is not None:
        period = record["data"]["scope"]["complete"]
    if period is None:
        raise NotDeterminable(f"record {record['position']} leaves a spell open and names no period")
    return _last_day(_period(period)[1])


def _restates_an_earlier_month(record: Record, workplace: str, complete_before: list[Mapping[str, Any]]) -> bool:
    """Whether the report is complete for the workplace, for months before the latest that an earlier report was complete
    for: it does not shorten a spell that its line leaves open (rule 3)."""
    scope = record["data"].get("scope")
    if scope is None or not _is_at(scope, workplace):
        return False
    last = _period(scope["complete"])[1]
    return any(_is_at(earlier, workplace) and _period(earlier["complete"])[1] > last for earlier in complete_before)


def net_days(
    spells: Iterable[Spell], causes: Sequence[str] = CAUSES, numbers: Numbers = SHORT_TERM
) -> dict[tuple[str, str], int]:
    """Hundredths of net days by month and workplace, numbered whatever their cause; those with one of ``numbers`` in their
    sick-pay period that take one of ``causes`` from the spell that counts them (rules 4 and 5)."""
    by_employee: dict[int, list[Spell]] = {}
    for spell in spells:
        by_employee.setdefault(spell.employee, []).append(spell)
    total: dict[tuple[str, str], int] = {}
    for employee in sorted(by_employee):
        for (month, workplace, cause), hundredths in _days_of(by_employee[employee], numbers).items():
            if cause in causes:
                total[month, workplace] = total.get((month, workplace), 0) + hundredths
    return total


def _days_of(spells: Iterable[Spell], numbers: Numbers) -> Tally:
    """The days that the spells of one employee count, day by day."""
    total: Tally = {}
    first_counted, last_counted = numbers
    number = 0  # of the latest absent day in its sick-pay period
    latest: int | None = None  # the latest absent day so far, as an ordinal; ordinal 1 was a Monday
    for spell in sorted(spells, key=lambda one: one.first):
        first, last = spell.first.toordinal(), spell.last.toordinal()
        if latest is not None:
            first = max(first, latest + 1)  # an earlier spell covers the days before
            if first > last:
                continue
            between = range(latest + 1, first)
            if first - latest > DAYS_TO_RELAPSE:
                number = 0
            elif between and all((other - 1) % 7 >= 5 for other in between):
                number += len(between)  # only Saturday and Sunday: absent too
        for day in range(first, last + 1):
            number += 1
            if number > last_counted:
                break  # nor does any later day of the spell count
            if number >= first_counted and (day - 1) % 7 < 5:
                key = (_month_holding(day), spell.workplace, spell.cause)
                total[key] = total.get(key, 0) + spell.extent
        latest = last
    return total
