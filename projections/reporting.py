"""Rows of an absence file → a report that agrees with those before it (rule 3), under the ledger's lock.

What only the record can tell is checked here: a withdrawal of a spell that is not on record, a spell left open that the
workplace's next complete report neither repeats nor ends. Every fault is listed with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ledger.errors import Faults
from ledger.events import AbsenceReported, Actor, LineCommitment, Scope
from ledger.evidence import ReportAbsences
from ledger.facts import Facts, absence_stream
from ledger.lines import OPEN, Lines
from ledger.methodology import SHORT_TERM, Numbers, Source
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections.absences import Reports, Spells, employees, in_force, keys, reports
from projections.columns import Ints, Marks, among, day_numbers, first_days, month_at, month_number, months_of
from projections.numbering import net_days
from projections.rules.short_term_net_days_1 import NetDays

NameOf = Callable[[int], str | None]
"""From an employee's token to the employment number; None for a person erased since."""


@dataclass(frozen=True)
class File:
    """A file of absences, read: its name, the line in the file of each row, and the rows as columns."""

    name: str
    at_line: Sequence[int]
    lines: Lines
    source: Source
    scope: Scope | None
    period: Period | None


def report(facts: Facts, contract: str, file: File, name_of: NameOf) -> ReportAbsences:
    """The report that a file makes. Raises InputRefused with every fault that the record shows."""
    methods = facts.contract(contract).every_methodology.values()
    counted = {SHORT_TERM, *(one.measure.numbers for one in methods if one.measure.source == file.source)}
    after = reports(facts, contract, file.source, then=(_record(facts, contract, file), file.lines))
    before = after.earlier(len(after.records) - 1)
    standing = in_force(before)
    faults = Faults(file.name)
    _check_periods(file, faults)
    _check_withdrawals(file, standing, faults)
    _check_left_open(file, before, standing, name_of, faults)
    if file.scope is None and not len(file.lines):
        faults.add(None, "holds no absences", "Say for what a nil report is complete: --complete PERIOD.")
    faults.refuse()
    months, withdraws = _difference(standing, in_force(after), counted)
    months |= set(file.scope.complete) if file.scope else set()
    return ReportAbsences(contract, file.source, file.scope, file.period, tuple(sorted(months)), file.lines, withdraws)


def outside(file: File) -> int:
    """How many lines have no day in the months for which the file is complete: they count as in a partial report."""
    if file.scope is None:
        return 0
    first, last = (int(day.strftime("%Y%m%d")) for day in (file.scope.complete.first_day, file.scope.complete.last_day))
    begins, ends = np.array(file.lines.first_day), np.array(file.lines.last_day)
    return int(np.count_nonzero((begins > last) | ((ends != OPEN) & (ends < first))))


def _check_periods(file: File, faults: Faults) -> None:
    ends = file.scope.complete if file.scope else file.period
    for number in np.flatnonzero(np.array(file.lines.last_day) == OPEN).tolist():
        if faults.passes_over(file.at_line[number]):
            continue
        if ends is None:
            say = "Say which months the file is about: --complete PERIOD or --period PERIOD."
            faults.add(file.at_line[number], "has no last day, and the file's period is not known", say)
        elif file.lines.first_day[number] > int(ends.last_day.strftime("%Y%m%d")):
            say = "Give it its last day, leave it out, or name the period that the file is about."
            faults.add(file.at_line[number], f"begins after the period {ends}, and has no last day", say)


def _check_withdrawals(file: File, standing: Spells, faults: Faults) -> None:
    withdrawn = np.flatnonzero(np.array(file.lines.extent) == 0)
    employee, first = (np.array(column, dtype=np.int64)[withdrawn] for column in (file.lines.employee, file.lines.first_day))
    unknown = withdrawn[~among(keys(employee, day_numbers(first)), standing.key)]
    what = "withdraws (extent 0) a spell that is not on record with that employee and first day"
    for number in unknown.tolist():
        faults.add(
            file.at_line[number], what, "Check the first day; only a spell on record from the same source can be withdrawn."
        )


def _check_left_open(file: File, before: Reports, standing: Spells, name_of: NameOf, faults: Faults) -> None:
    """Spells open at the end of a month that this, the workplace's next complete report, neither repeats nor ends (rule 3)."""
    if file.scope is None:
        return
    due = standing.where(_must_hold(file.scope, before, standing))
    held = set(zip(file.lines.employee, file.lines.first_day, strict=True)) if len(due.first) else set()
    records = {record.position: record for record in before.records}
    for place, first in enumerate(_written(due.first).tolist()):
        workplace, employee = due.workplaces[int(due.workplace[place])], int(due.employee[place])
        following = int(months_of(due.last[place : place + 1])[0]) + 1
        if (employee, first) in held or before.covering(following, workplace):
            continue
        number = name_of(employee)
        if number is None:
            continue  # erased since: nobody can repeat the line, and it ends where it stands
        record = records[int(due.report[place])]
        document = record.evidence[0].document if record.evidence else f"record {record.position}"
        what = (
            f"employee {number} at {workplace}, absent from {_iso(first)} without a last day in {document} line "
            f"{int(due.line[place]) + 2}, is neither repeated nor ended"
        )
        faults.add(None, what, "Give the spell its last day, or leave its last day empty if it goes on.")


def _must_hold(scope: Scope, before: Reports, standing: Spells) -> Marks:
    """Which spells left open a report with that scope must hold, if it is their workplace's next: it covers the month after
    them, and does not just withdraw them."""
    begins, following = months_of(standing.first), months_of(standing.last) + 1
    first, last = month_number(scope.complete.first), month_number(scope.complete.last)
    there = np.isin(standing.workplace, before.cells(scope.workplaces))
    covers = (first <= following) & (following <= last) & ((begins < first) | (begins > last))
    due: Marks = (standing.open == 1) & there & covers
    return due


def _record(facts: Facts, contract: str, file: File) -> Recorded[AbsenceReported]:
    """The record that the file will make, as far as later lines depend on it."""
    event = AbsenceReported(
        contract=contract,
        source=file.source,
        scope=file.scope,
        period=file.period,
        months=(),
        lines=LineCommitment(count=len(file.lines), sha256="0" * 64),
    )
    return Recorded.model_construct(
        position=facts.position + 1, data=event, recorded_at=facts.known_at, recorded_by=Actor.model_construct()
    )


def _difference(old: Spells, new: Spells, counted: Iterable[Numbers] = (SHORT_TERM,)) -> tuple[set[Month], int]:
    """The months in which days on record, or net days with the numbers that are counted, differ; and how many spells are no more.
    Both know the same workplaces.

    A day earlier may renumber later days of the same employee (rule 4), and of nobody else."""
    gone, came = ~among(old.key, new.key), ~among(new.key, old.key)
    one, other = old.where(~gone), new.where(~came)
    otherwise = (one.workplace != other.workplace) | (one.extent != other.extent) | (one.cause != other.cause)
    longer = (one.last != other.last) & ~otherwise
    least, most = np.minimum(one.last, other.last), np.maximum(one.last, other.last)
    # All days of a spell that came, went or changed in kind; of one that only ends otherwise, the days between.
    start = np.concatenate([old.first[gone], new.first[came], one.first[otherwise], least[longer] + 1])
    stop = np.concatenate([old.last[gone], new.last[came], most[otherwise], most[longer]])
    changed = np.unique(np.concatenate([old.employee[gone], new.employee[came], one.employee[otherwise | longer]]))
    before, after = (spells.where(np.isin(spells.employee, changed)) for spells in (old, new))
    otherwise_counted = [_counted_otherwise(net_days(before, one), net_days(after, one)) for one in counted]
    return _months_between(start, stop).union(*otherwise_counted), int(np.count_nonzero(gone))


def _months_between(start: Ints, stop: Ints) -> set[Month]:
    """Every month from that of a start to that of its stop."""
    begins, ends = months_of(start), months_of(stop) + 1
    begins, ends = begins[begins < ends], ends[begins < ends]
    lowest, after = int(begins.min(initial=0)), int(ends.max(initial=0))
    under_way = np.zeros(after - lowest + 1, dtype=np.int64)
    np.add.at(under_way, begins - lowest, 1)
    np.add.at(under_way, ends - lowest, -1)
    return {month_at(lowest + number) for number in np.flatnonzero(np.cumsum(under_way)).tolist()}


def _counted_otherwise(before: NetDays, after: NetDays) -> set[Month]:
    """The months whose net days differ."""
    ends = [end for one in (before, after) if len(one.table) for end in (one.first, one.first + len(one.table))]
    every = map(month_at, range(min(ends, default=0), max(ends, default=0)))
    return {month for month in every if before.of(month) != after.of(month)}


def _written(days: Ints) -> Ints:
    """Day numbers as YYYYMMDD."""
    months = months_of(days)
    return (months // 12 + 1970) * 10000 + (months % 12 + 1) * 100 + days - first_days(months) + 1


def _iso(day: int) -> str:
    return f"{day // 10000}-{day // 100 % 100:02d}-{day % 100:02d}"


def highest_token(facts: Facts, contract: str) -> int:
    """The highest employee token on record in a contract, whatever the source; 0 before the first."""
    records = facts.stream(absence_stream(contract))
    return max((int(employees(facts, record).max(initial=0)) for record in records), default=0)


def replaced_by_later(facts: Facts, contract: str, record: Recorded[AbsenceReported]) -> bool:
    """Whether a later report of the same source has replaced something that this one said: then it can be recorded again."""
    reported = reports(facts, contract, record.data.source)
    number = next(index for index, one in enumerate(reported.records) if one.position == record.position)
    scope, columns = record.data.scope, reported.columns
    own, later = np.flatnonzero(columns["report"] == number), columns["report"] > number
    if np.isin(columns["key"][own], columns["key"][later]).any() or reported.replaced(own, len(reported.records)).any():
        return True
    if scope is None:
        return False
    within = (columns["month"] >= month_number(scope.complete.first)) & (columns["month"] <= month_number(scope.complete.last))
    if np.isin(columns["workplace"][within & later], reported.cells(scope.workplaces)).any():
        return True  # what a complete report says, a later line in its months and workplaces replaces
    places = scope.workplaces or reported.workplaces
    covering = (reported.covering(month_number(month), name) for month in scope.complete for name in places)
    return any(index > number for found in covering for index in found)
