"""What a PAXml file says of single days, against what is on record of them before and after: a second opinion without spells."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.events import Scope
from ledger.imports.absence_csv import AbsenceRows
from ledger.periods import Month
from projections.absences import Reports, in_force
from tests.fuzz.hold import hold

Kind = tuple[int, int, str]
"""Extent, cause, workplace."""
Days = dict[tuple[int, date], Kind]
"""By employee's token and day."""

MOST = 3000
"""Files that speak of more days are not looked at: they would take seconds."""

_EPOCH = date(1970, 1, 1)


def on_record(reports: Reports) -> Days:
    """The days of all spells in force; a day belongs to the spell that begins first (rule 4)."""
    found: Days = {}
    spells = in_force(reports)
    columns = (spells.employee, spells.first, spells.last, spells.extent, spells.cause, spells.workplace)
    for employee, first, last, extent, cause, place in zip(*(column.tolist() for column in columns), strict=True):
        for day in range(first, last + 1):
            found.setdefault((employee, _EPOCH + timedelta(days=day)), (extent, cause, spells.workplaces[place]))
    return found


def said(rows: AbsenceRows, tokens: dict[str, int]) -> Days:
    """The days that a file names."""
    found: Days = {}
    columns = (rows.employee, rows.first_day, rows.last_day, rows.extent, rows.cause, rows.workplace)
    for employee, first, last, extent, cause, workplace in zip(*columns, strict=True):
        begins, ends = (date(day // 10000, day // 100 % 100, day % 100) for day in (first, last))
        for number in range((ends - begins).days + 1):
            found[tokens[employee], begins + timedelta(days=number)] = (extent, cause, workplace)
    return found


def check(before: Days, named: Days, after: Days, scope: Scope | None, corrected: set[int]) -> None:
    """What must hold of every day. ``corrected``: employees from whose days the file subtracts, which are left out."""
    for (employee, day), kind in named.items():
        hold(employee in corrected or after.get((employee, day)) == kind, f"{day}: the file says {kind}, the record otherwise")
    for (employee, day), kind in before.items():
        if employee in corrected or (employee, day) in named:
            continue
        left = after.get((employee, day))
        if _complete(scope, day, kind[2]):
            hold(left is None or day.weekday() >= 5, f"{day}: not in a file that is complete for it, and still on record")
        else:
            hold(left == kind, f"{day}: was {kind}, and is {left} by a file that does not speak of it")
    for employee, day in after.keys() - before.keys() - named.keys():
        hold(employee in corrected or day.weekday() >= 5, f"{day}: on record, and nobody said so")


def _complete(scope: Scope | None, day: date, workplace: str) -> bool:
    return scope is not None and Month.holding(day) in scope.complete and workplace in (scope.workplaces or (workplace,))
