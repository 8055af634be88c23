"""Absence reports → the spells in force, as columns: which lines stand, which were replaced or withdrawn (rules 2, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ledger.events import AbsenceReported
from ledger.facts import Facts, absence_stream
from ledger.lines import COLUMNS, OPEN, Lines
from ledger.periods import Month
from ledger.record import Recorded
from projections.columns import Ints, day_number, day_numbers, month_number, months_of

_KEY_BITS = 20  # day numbers stay below 2**20 for eight centuries


@dataclass(frozen=True)
class Spells:
    """Spells in force, ordered by employee and first day. ``first``, ``last``: day numbers, the last one included.

    ``workplace`` indexes ``workplaces``; ``extent`` is per cent 1–100; ``report`` is the position of the record that the line
    stands in, ``line`` its number there from 0. ``open`` marks spells that their line leaves open.
    """

    workplaces: tuple[str, ...]
    employee: Ints
    workplace: Ints
    first: Ints
    last: Ints
    extent: Ints
    cause: Ints
    report: Ints
    line: Ints
    open: Ints


@dataclass(frozen=True)
class Reports:
    """All lines of one source's reports, in the order in which they were recorded."""

    records: tuple[Recorded[AbsenceReported], ...]
    lines: tuple[Lines, ...]

    @cached_property
    def workplaces(self) -> tuple[str, ...]:
        """Every workplace that a line names."""
        return tuple(sorted({name for lines in self.lines for name in lines.workplaces}))

    @cached_property
    def columns(self) -> dict[str, Ints]:
        """The lines' columns one after another; ``report`` is the index of the report, ``key`` employee and first day."""
        joined = {name: _joined([getattr(lines, name) for lines in self.lines]) for name in COLUMNS}
        index = {name: number for number, name in enumerate(self.workplaces)}
        joined["workplace"] = _joined([_renumbered(lines, index) for lines in self.lines if len(lines)])
        joined["report"] = np.repeat(np.arange(len(self.lines)), [len(lines) for lines in self.lines])
        joined["line"] = _joined([range(len(lines)) for lines in self.lines])
        joined["first"] = day_numbers(joined["first_day"])
        joined["key"] = joined["employee"] << _KEY_BITS | joined["first"]
        return joined

    @cached_property
    def complete(self) -> dict[tuple[int, str | None], list[int]]:
        """(month, workplace or None for all) → the reports, by index, that are complete for it."""
        covered: dict[tuple[int, str | None], list[int]] = {}
        for number, record in enumerate(self.records):
            scope = record.data.scope
            if scope is not None:
                for month in scope.complete:
                    for workplace in scope.workplaces or (None,):
                        covered.setdefault((month_number(month), workplace), []).append(number)
        return covered

    def covering(self, month: int, workplace: str) -> list[int]:
        """The reports, by index and in order, that are complete for a month and workplace."""
        return sorted({*self.complete.get((month, None), ()), *self.complete.get((month, workplace), ())})

    def covers(self, number: int, workplace: str) -> bool:
        """Whether a report is complete for that workplace in some month."""
        scope = self.records[number].data.scope
        return scope is not None and (scope.workplaces is None or workplace in scope.workplaces)

    def restates_earlier(self, number: int, workplace: str) -> bool:
        """Whether a report is complete for the workplace, and of months before the latest that an earlier report covers."""
        if (number, workplace) not in self._restating:
            scope = self.records[number].data.scope
            earlier = [
                record.data.scope.complete.last
                for index, record in enumerate(self.records[:number])
                if record.data.scope is not None and self.covers(index, workplace)
            ]
            latest = max(earlier, default=Month(0))
            restates = scope is not None and self.covers(number, workplace) and scope.complete.last < latest
            self._restating[number, workplace] = restates
        return self._restating[number, workplace]

    @cached_property
    def _restating(self) -> dict[tuple[int, str], bool]:
        """What ``restates_earlier`` has answered."""
        return {}


def _renumbered(lines: Lines, index: dict[str, int]) -> Ints:
    return np.array([index[name] for name in lines.workplaces], dtype=np.int64)[list(lines.workplace)]


def _joined(parts: Sequence[Any]) -> Ints:
    if not parts:
        return np.zeros(0, np.int64)
    return np.concatenate([np.asarray(part, dtype=np.int64) for part in parts])


def reports(facts: Facts, contract: str, source: str) -> Reports:
    """The contract's reports of one source; other sources never matter (rule 2)."""
    records = tuple(record for record in facts.stream(absence_stream(contract)) if record.data.source == source)
    return Reports(records, tuple(facts.lines(record) for record in records))


def in_force(reported: Reports) -> Spells:
    """The spells in force after the last of the reports (rule 3).

    Of the lines with one employee and first day the last recorded stands, unless a later complete report of its month and
    workplace does not repeat it, or its extent is 0.
    """
    columns = reported.columns
    order = np.argsort(columns["key"], kind="stable")
    keys = columns["key"][order]
    ends_run = np.append(keys[1:] != keys[:-1], True) if len(keys) else np.zeros(0, bool)
    standing = order[ends_run]
    standing = standing[columns["extent"][standing] > 0]
    begins, workplace = months_of(columns["first"][standing]), columns["workplace"][standing]
    standing = standing[_last_complete(reported, begins, workplace) <= columns["report"][standing]]
    last_day = columns["last_day"][standing]
    is_open = last_day == OPEN
    last = day_numbers(np.where(is_open, 19700101, last_day))
    runs = _runs(order, keys)
    for place in np.flatnonzero(is_open):
        line = int(standing[place])
        number = int(columns["report"][line])
        if reported.restates_earlier(number, reported.workplaces[int(columns["workplace"][line])]):
            last[place], is_open[place] = _open_end(reported, runs(int(columns["key"][line])))
        else:
            last[place] = period_end(reported.records[number].data)
    positions = np.array([record.position for record in reported.records], dtype=np.int64)
    return Spells(
        workplaces=reported.workplaces,
        employee=columns["employee"][standing],
        workplace=columns["workplace"][standing],
        first=columns["first"][standing],
        last=last,
        extent=columns["extent"][standing],
        cause=columns["cause"][standing],
        report=positions[columns["report"][standing]] if len(positions) else columns["report"][standing],
        line=columns["line"][standing],
        open=is_open.astype(np.int64),
    )


def _last_complete(reported: Reports, begins: Ints, workplace: Ints) -> Ints:
    """For each line's first month and workplace, the last report that is complete for it; −1 where there is none."""
    if not len(begins):
        return np.zeros(0, np.int64)
    lowest = int(begins.min())
    table = np.full((int(begins.max()) - lowest + 1, len(reported.workplaces)), -1, dtype=np.int64)
    places = {name: number for number, name in enumerate(reported.workplaces)}
    for (month, name), numbers in reported.complete.items():
        if lowest <= month < lowest + len(table) and (name is None or name in places):
            cells = slice(None) if name is None else places[name]
            table[month - lowest, cells] = np.maximum(table[month - lowest, cells], numbers[-1])
    return table[begins - lowest, workplace]


def _runs(order: Ints, keys: Ints) -> Any:
    def run(key: int) -> Ints:
        start, stop = np.searchsorted(keys, [key, key + 1])
        return order[start:stop]

    return run


def _open_end(reported: Reports, run: Ints) -> tuple[int, bool]:
    """The day number with which a spell ends whose line leaves it open, from all lines of its employee and first day in order,
    and whether it is open still (rule 3).

    It ends with the period of the last report that holds it, but a complete report of a month before the workplace's latest
    does not shorten it: then the end that it had stands, known or open.
    """
    columns = reported.columns
    end: int | None = None
    is_open = True
    before: int | None = None
    for place in map(int, run):
        number, workplace = int(columns["report"][place]), reported.workplaces[int(columns["workplace"][place])]
        if before is not None and _withdrawn_between(reported, before, number):
            end = None
        if columns["extent"][place] == 0:
            end = None
        elif columns["last_day"][place] != OPEN:
            end, is_open = int(day_numbers(columns["last_day"][place : place + 1])[0]), False
        else:
            until = period_end(reported.records[number].data)
            if end is None or end < until or not reported.restates_earlier(number, workplace):
                end, is_open = until, True
        before = place
    assert end is not None, "the last line of an open spell has an end"
    return end, is_open


def _withdrawn_between(reported: Reports, place: int, until: int) -> bool:
    """Whether a report before ``until`` is complete for the line's month and workplace, and later than the line's own."""
    columns = reported.columns
    month = int(months_of(columns["first"][place : place + 1])[0])
    workplace = reported.workplaces[int(columns["workplace"][place])]
    after = int(columns["report"][place])
    return any(after < number < until for number in reported.covering(month, workplace))


def period_end(report: AbsenceReported) -> int:
    """The day number with which the report's open spells end."""
    period = report.scope.complete if report.scope is not None else report.period
    assert period is not None, "a report with open spells has a period"
    return day_number(period.last_day)
