"""Rows of an absence file → a report that agrees with those before it (rule 3), under the ledger's lock.

What only the record can tell is checked here: a withdrawal of a spell that is not on record, a spell left open that the
workplace's next complete report neither repeats nor ends. Every fault is listed with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ledger.errors import Fault, InputRefused
from ledger.events import AbsenceReported, Actor, LineCommitment, Scope
from ledger.evidence import ReportAbsences
from ledger.facts import Facts, absence_stream
from ledger.lines import OPEN, Lines
from ledger.methodology import Source
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections.absences import Reports, Spells, in_force, reports
from projections.columns import Ints, day_numbers, month_at, month_number, months_of
from projections.rules.short_term_net_days_1 import NetDays, net_days

NameOf = Callable[[int], str | None]
"""From an employee's token to the employment number; None for a person erased since."""


ByKey = dict[tuple[int, int], tuple[Any, ...]]
"""Spells by employee and first day: last day, workplace, extent, cause."""


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
    facts.contract(contract)
    before = reports(facts, contract, file.source)
    standing = in_force(before)
    faults = [*_without_period(file), *_unknown_withdrawals(file, standing), *_left_open(file, before, standing, name_of)]
    if file.scope is None and not len(file.lines):
        faults.append(Fault(file.name, None, "holds no absences", "a nil report says for what it is complete: --complete PERIOD"))
    if faults:
        raise InputRefused(faults)
    after = in_force(_with(before, contract, file))
    old, new = _by_key(standing), _by_key(after)
    months = _changed(old, new) | _counted_otherwise(net_days(standing), net_days(after))
    months |= set(file.scope.complete) if file.scope else set()
    withdraws = len(old.keys() - new.keys())
    return ReportAbsences(contract, file.source, file.scope, file.period, tuple(sorted(months)), file.lines, withdraws)


def outside(file: File) -> int:
    """How many lines have no day in the months for which the file is complete: they count as in a partial report."""
    if file.scope is None:
        return 0
    first, last = (int(day.strftime("%Y%m%d")) for day in (file.scope.complete.first_day, file.scope.complete.last_day))
    days = zip(file.lines.first_day, file.lines.last_day, strict=True)
    return sum(begins > last or (ends != OPEN and ends < first) for begins, ends in days)


def _without_period(file: File) -> list[Fault]:
    ends = file.scope.complete if file.scope else file.period
    faults = []
    for number, (first, last) in enumerate(zip(file.lines.first_day, file.lines.last_day, strict=True)):
        if last != OPEN:
            continue
        if ends is None:
            say = "say which months the file is about: --complete PERIOD or --period PERIOD"
            faults.append(Fault(file.name, file.at_line[number], "has no last day, and the file's period is not known", say))
        elif first > int(ends.last_day.strftime("%Y%m%d")):
            faults.append(Fault(file.name, file.at_line[number], f"begins after the period {ends}, and has no last day"))
    return faults


def _unknown_withdrawals(file: File, standing: Spells) -> list[Fault]:
    withdrawn = [number for number, extent in enumerate(file.lines.extent) if extent == 0]
    if not withdrawn:
        return []
    known = set(zip(standing.employee.tolist(), standing.first.tolist(), strict=True))
    first = day_numbers(np.array([file.lines.first_day[number] for number in withdrawn], dtype=np.int64))
    return [
        Fault(
            file.name,
            file.at_line[number],
            "withdraws (extent 0) a spell that is not on record with that employee and first day",
            "check the first day; only a spell on record from the same source can be withdrawn",
        )
        for number, day in zip(withdrawn, first.tolist(), strict=True)
        if (file.lines.employee[number], day) not in known
    ]


def _left_open(file: File, before: Reports, standing: Spells, name_of: NameOf) -> list[Fault]:
    """Spells open at the end of a month that this, the workplace's next complete report, neither repeats nor ends (rule 3)."""
    if file.scope is None:
        return []
    held = set(zip(file.lines.employee, file.lines.first_day, strict=True))
    names = {record.position: record for record in before.records}
    faults = []
    for place in np.flatnonzero(standing.open == 1):
        workplace = standing.workplaces[int(standing.workplace[place])]
        first = int(_written(standing.first[place : place + 1])[0])
        employee = int(standing.employee[place])
        if (employee, first) in held or not _must_hold(file.scope, before, standing, int(place), workplace):
            continue
        number = name_of(employee)
        if number is None:
            continue  # erased since: nobody can repeat the line, and it ends where it stands
        record = names[int(standing.report[place])]
        document = record.evidence[0].document if record.evidence else f"record {record.position}"
        faults.append(
            Fault(
                file.name,
                None,
                f"employee {number} at {workplace}, absent from {_iso(first)} without a last day in {document} line "
                f"{int(standing.line[place]) + 2}, is neither repeated nor ended",
                "give the spell its last day, or leave its last day empty if it goes on",
            )
        )
    return faults


def _must_hold(scope: Scope, before: Reports, standing: Spells, place: int, workplace: str) -> bool:
    """Whether a report with that scope is the workplace's next after a spell left open, and does not just withdraw it."""
    if scope.workplaces is not None and workplace not in scope.workplaces:
        return False
    begins = int(months_of(standing.first[place : place + 1])[0])
    following = int(months_of(standing.last[place : place + 1])[0]) + 1
    covered = range(month_number(scope.complete.first), month_number(scope.complete.last) + 1)
    return following in covered and begins not in covered and not before.covering(following, workplace)


def _with(before: Reports, contract: str, file: File) -> Reports:
    """The reports as they will be once the file is recorded."""
    event = AbsenceReported(
        contract=contract,
        source=file.source,
        scope=file.scope,
        period=file.period,
        months=(),
        lines=LineCommitment(count=len(file.lines), sha256="0" * 64),
    )
    position = before.records[-1].position + 1 if before.records else 1
    record: Recorded[AbsenceReported] = Recorded.model_construct(
        position=position, data=event, recorded_at=datetime.min.replace(tzinfo=UTC), recorded_by=Actor.model_construct()
    )
    return replace(before, records=(*before.records, record), lines=(*before.lines, file.lines))


def _counted_otherwise(before: NetDays, after: NetDays) -> set[Month]:
    """The months whose net days differ, also because a day earlier renumbers theirs (rule 4)."""
    ends = [end for one in (before, after) if len(one.table) for end in (one.first, one.first + len(one.table))]
    every = map(month_at, range(min(ends, default=0), max(ends, default=0)))
    return {month for month in every if before.of(month) != after.of(month)}


def _changed(old: ByKey, new: ByKey) -> set[Month]:
    """The months in which days on record differ: all of a spell that came, went or changed in kind; of one that only ends
    otherwise, the days between."""
    months: set[int] = set()
    for key in {key for key, _ in old.items() ^ new.items()}:
        one, other = old.get(key), new.get(key)
        if one is not None and other is not None and one[1:] == other[1:]:
            start, stop = min(one[0], other[0]) + 1, max(one[0], other[0])
        else:
            start, stop = key[1], max(one[0] if one else 0, other[0] if other else 0)
        ends = months_of(np.array([start, stop], dtype=np.int64))
        months |= set(range(int(ends[0]), int(ends[1]) + 1))
    return {month_at(number) for number in months}


def _by_key(spells: Spells) -> ByKey:
    names = [spells.workplaces[number] for number in spells.workplace.tolist()]
    keys = zip(spells.employee.tolist(), spells.first.tolist(), strict=True)
    values = zip(spells.last.tolist(), names, spells.extent.tolist(), spells.cause.tolist(), strict=True)
    return dict(zip(keys, values, strict=True))


def _written(days: Ints) -> Ints:
    """Day numbers as YYYYMMDD."""
    months = months_of(days)
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return (months // 12 + 1970) * 10000 + (months % 12 + 1) * 100 + days - first + 1


def _iso(day: int) -> str:
    return f"{day // 10000}-{day // 100 % 100:02d}-{day % 100:02d}"


def highest_token(facts: Facts, contract: str) -> int:
    """The highest employee token on record in a contract, whatever the source; 0 before the first."""
    records = facts.stream(absence_stream(contract))
    return max((max(facts.lines(record).employee, default=0) for record in records), default=0)


def _line_since(reported: Reports, number: int, scope: Scope) -> bool:
    """Whether a later report has a line that begins in the scope's months at its workplaces: a complete report replaces it."""
    columns = reported.columns
    begins = months_of(columns["first"])
    within = (begins >= month_number(scope.complete.first)) & (begins <= month_number(scope.complete.last))
    for place in np.flatnonzero(within & (columns["report"] > number)):
        if scope.workplaces is None or reported.workplaces[int(columns["workplace"][place])] in scope.workplaces:
            return True
    return False


def replaced_by_later(facts: Facts, contract: str, record: Recorded[AbsenceReported]) -> bool:
    """Whether a later report of the same source has replaced something that this one said: then it can be recorded again."""
    reported = reports(facts, contract, record.data.source)
    number = next(index for index, one in enumerate(reported.records) if one.position == record.position)
    scope = record.data.scope
    columns = reported.columns
    later = columns["report"] > number
    if np.isin(columns["key"][columns["report"] == number], columns["key"][later]).any():
        return True
    begins = {
        (int(months_of(columns["first"][one : one + 1])[0]), reported.workplaces[int(columns["workplace"][one])])
        for one in np.flatnonzero(columns["report"] == number)
    }
    if scope is not None and _line_since(reported, number, scope):
        return True
    if scope is not None:
        places = scope.workplaces or reported.workplaces
        begins |= {(month_number(month), name) for month in scope.complete for name in places}
    return any(index > number for month, name in begins for index in reported.covering(month, name))
