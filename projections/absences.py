"""Absence reports → the spells in force, as columns: which lines stand, which were replaced or withdrawn (rules 2, 3)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ledger.errors import VerificationFailed
from ledger.events import AbsenceReported
from ledger.facts import Facts, absence_stream
from ledger.lines import OPEN, Lines
from ledger.periods import Month
from ledger.record import Recorded
from projections.columns import (
    Ints,
    Marks,
    columns_of,
    day_number,
    day_numbers,
    joined,
    month_number,
    months_and_days,
    stored_column,
    stored_columns,
)

_KEY_BITS = 20  # day numbers stay below 2**20 for eight centuries
_NEVER = np.iinfo(np.int64).min
"""The end of a spell that is not in force."""

Record = Recorded[AbsenceReported]


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

    @property
    def key(self) -> Ints:
        """Employee and first day as one number, ascending: no two spells share it."""
        return keys(self.employee, self.first)

    def where(self, mask: Marks) -> Spells:
        """Those of the spells that the mask chooses."""
        return replace(self, **{name: column[mask] for name, column in vars(self).items() if name != "workplaces"})


def keys(employee: Ints, first: Ints) -> Ints:
    """Employee and first day (a day number) as one number, in order of both."""
    return employee << _KEY_BITS | first


@dataclass(frozen=True)
class Reports:
    """All lines of one source's reports, in the order in which they were recorded.

    ``columns``: the lines' columns one report after another; ``report`` is the index of the report, ``line`` the line's number in
    it from 0, ``first`` and ``last`` the days' numbers, ``month`` that of the first day's month, ``key`` that of employee and
    first day. ``order``: the lines by key, those with the same as recorded. ``workplaces``: every one that a line names, perhaps
    others.
    """

    records: tuple[Record, ...]
    workplaces: tuple[str, ...]
    columns: dict[str, Ints]
    order: Ints

    def earlier(self, count: int) -> Reports:
        """The first so many of the reports."""
        length = int(np.searchsorted(self.columns["report"], count))
        columns = {name: column[:length] for name, column in self.columns.items()}
        return Reports(self.records[:count], self.workplaces, columns, self.order[self.order < length])

    @cached_property
    def positions(self) -> Ints:
        """The reports' positions."""
        return np.array([record.position for record in self.records], dtype=np.int64)

    @cached_property
    def ends(self) -> Ints:
        """The day number with which each report's open spells end: the last day of its period."""
        periods = [record.data.scope.complete if record.data.scope else record.data.period for record in self.records]
        return np.array([_NEVER if one is None else day_number(one.last_day) for one in periods], dtype=np.int64)

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

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Where each workplace stands in ``workplaces``."""
        return {name: number for number, name in enumerate(self.workplaces)}

    def cells(self, workplaces: tuple[str, ...] | None) -> Ints:
        """The numbers of a scope's workplaces; those that no line names are left out."""
        if workplaces is None:
            return np.arange(len(self.workplaces))
        return np.array([self.numbers[name] for name in workplaces if name in self.numbers], dtype=np.int64)

    @cached_property
    def restating(self) -> Marks:
        """By report and workplace: whether it is complete for the workplace, and of months before the latest that an earlier
        report covers there."""
        latest = np.full(len(self.workplaces), month_number(Month(0)))
        table = np.zeros((len(self.records), len(self.workplaces)), dtype=bool)
        for number, record in enumerate(self.records):
            scope = record.data.scope
            if scope is not None:
                cells, last = self.cells(scope.workplaces), month_number(scope.complete.last)
                table[number, cells] = last < latest[cells]
                latest[cells] = np.maximum(latest[cells], last)
        return table

    @cached_property
    def complete_cells(self) -> Ints:
        """Every month, workplace and report that is complete for them, as one number (``_cell``), ascending."""
        found = [np.zeros(0, np.int64)]
        for number, record in enumerate(self.records):
            scope = record.data.scope
            if scope is not None:
                months = np.arange(month_number(scope.complete.first), month_number(scope.complete.last) + 1)
                found.append(self._cell(months[:, None], self.cells(scope.workplaces), number).ravel())
        return np.sort(np.concatenate(found))

    def _cell(self, months: Ints, workplaces: Ints, report: Ints | int) -> Ints:
        cell: Ints = (months * len(self.workplaces) + workplaces) * len(self.records) + report
        return cell

    def replaced(self, before: Ints, until: Ints | int) -> Marks:
        """For each line, whether a report after its own and before ``until``, by index, is complete for its month and
        workplace."""
        columns, complete = self.columns, self.complete_cells
        months, workplaces = columns["month"][before], columns["workplace"][before]
        own, end = (self._cell(months, workplaces, report) for report in (columns["report"][before], until))
        found: Marks = np.searchsorted(complete, own, side="right") < np.searchsorted(complete, end)
        return found


def reports(facts: Facts, contract: str, source: str, then: tuple[Record, Lines] | None = None) -> Reports:
    """The contract's reports of one source; other sources never matter (rule 2). ``then``: one more, not recorded yet.

    Raises VerificationFailed for lines that are not as many, or not of the kind, that were recorded.
    """
    records = tuple(record for record in facts.stream(absence_stream(contract)) if record.data.source == source)
    parts = [_read(facts, record) for record in records]
    if then is not None:
        return _reports((*records, then[0]), [*parts, columns_of(then[1])])
    return _reports(records, parts)


def _read(facts: Facts, record: Record) -> tuple[list[str], dict[str, Ints]]:
    with suppress(ValueError, TypeError):
        workplaces, columns = stored_columns(facts.stored_lines(record))
        if len(columns["employee"]) == record.data.lines.count:
            return workplaces, columns
    raise _altered(record)


def employees(facts: Facts, record: Record) -> Ints:
    """The employee's token on each line of a report. Raises VerificationFailed as ``reports`` does."""
    with suppress(ValueError):
        tokens = stored_column(facts.stored_lines(record), "employee")
        if len(tokens) == record.data.lines.count:
            return tokens
    raise _altered(record)


def _altered(record: Record) -> VerificationFailed:
    said = f"the lines of record {record.position} are not what was recorded"
    return VerificationFailed(said, do="see what else differs with: soc check")


def _reports(records: tuple[Record, ...], parts: Sequence[tuple[list[str], dict[str, Ints]]]) -> Reports:
    workplaces = tuple(sorted({name for names, _ in parts for name in names}))
    index = {name: number for number, name in enumerate(workplaces)}
    lengths = [len(columns["employee"]) for _, columns in parts]
    columns = {name: joined([found[name] for _, found in parts]) for name in ("employee", "extent", "cause", "last_day")}
    columns["workplace"] = joined([_numbered(names, index)[found["workplace"]] for names, found in parts])
    columns["report"] = np.repeat(np.arange(len(parts)), lengths)
    columns["line"] = joined([np.arange(length) for length in lengths])
    columns["month"], columns["first"] = months_and_days(joined([found["first_day"] for _, found in parts]))
    columns["last"] = day_numbers(np.where(columns["last_day"] == OPEN, 19700101, columns["last_day"]))
    columns["key"] = keys(columns["employee"], columns["first"])
    return Reports(records, workplaces, columns, np.argsort(columns["key"], kind="stable"))


def _numbered(names: list[str], index: dict[str, int]) -> Ints:
    return np.array([index[name] for name in names], dtype=np.int64)


def in_force(reported: Reports) -> Spells:
    """The spells in force after the last of the reports (rule 3).

    Of the lines with one employee and first day the last recorded stands, unless a later complete report of its month and
    workplace does not repeat it, or its extent is 0.
    """
    columns, order = reported.columns, reported.order
    ordered = columns["key"][order]
    ends_run = np.append(ordered[1:] != ordered[:-1], True) if len(order) else np.zeros(0, bool)
    standing = order[ends_run]
    standing = standing[columns["extent"][standing] > 0]
    last_complete = _last_complete(reported, columns["month"][standing], columns["workplace"][standing])
    standing = standing[last_complete <= columns["report"][standing]]
    found = {name: columns[name][standing] for name in ("employee", "workplace", "first", "last", "extent", "cause", "line")}
    report, is_open = columns["report"][standing], columns["last_day"][standing] == OPEN
    left = np.flatnonzero(is_open)
    found["last"][left] = reported.ends[report[left]]
    restated = left[reported.restating[report[left], found["workplace"][left]]]
    found["last"][restated], is_open[restated] = _open_ends(reported, ordered, columns["key"][standing[restated]])
    assert found["last"].min(initial=0) > _NEVER, "a report with open spells has a period"
    return Spells(reported.workplaces, report=reported.positions[report], open=is_open.astype(np.int64), **found)


def _last_complete(reported: Reports, begins: Ints, workplace: Ints) -> Ints:
    """For each line's first month and workplace, the last report that is complete for it; −1 where there is none."""
    if not len(begins):
        return np.zeros(0, np.int64)
    lowest, highest = int(begins.min()), int(begins.max())
    table = np.full((highest - lowest + 1, len(reported.workplaces)), -1, dtype=np.int64)
    for number, record in enumerate(reported.records):
        scope = record.data.scope
        if scope is not None:
            first, last = (max(month_number(month) - lowest, -1) for month in (scope.complete.first, scope.complete.last))
            table[max(first, 0) : last + 1, reported.cells(scope.workplaces)] = number
    return table[begins - lowest, workplace]


def _open_ends(reported: Reports, ordered: Ints, wanted: Ints) -> tuple[Ints, Marks]:
    """The day numbers with which spells end whose line leaves them open, from all lines of their key in order, and whether they
    are open still (rule 3). ``ordered``: the keys of all lines in order; ``wanted``: those of the spells.

    A spell ends with the period of the last report that holds it, but a complete report of a month before the workplace's latest
    does not shorten it: then the end that it had stands, known or open.
    """
    columns = reported.columns
    starts, stops = np.searchsorted(ordered, wanted), np.searchsorted(ordered, wanted, side="right")
    end, is_open = np.full(len(wanted), _NEVER), np.ones(len(wanted), bool)
    for step in range(int((stops - starts).max(initial=0))):  # the first lines of all spells, their second ones, …
        live = np.flatnonzero(stops - starts > step)
        place = reported.order[starts[live] + step]
        report, known = columns["report"][place], columns["last_day"][place] != OPEN
        had, was_open = end[live], is_open[live]
        if step:
            had[reported.replaced(reported.order[starts[live] + step - 1], report)] = _NEVER
        until = reported.ends[report]
        takes = (had < until) | ~reported.restating[report, columns["workplace"][place]]
        withdrawn = columns["extent"][place] == 0
        end[live] = np.where(withdrawn, _NEVER, np.where(known, columns["last"][place], np.where(takes, until, had)))
        is_open[live] = np.where(withdrawn, was_open, ~known & (takes | was_open))
    assert end.min(initial=0) > _NEVER, "the last line of an open spell has an end"
    return end, is_open
