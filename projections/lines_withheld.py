"""Of which absence reports others than the employer do not learn how many lines they hold: those that name fewer than five
persons, or that change what is known of fewer than five."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from ledger.events import AbsenceReported
from ledger.record import Recorded
from projections.absences import Reports, Spells
from projections.audience import FEWEST
from projections.columns import Marks, among
from projections.measured import Measured


def few_lines(records: Iterable[Recorded[Any]], reports: Callable[[str, int], Measured]) -> frozenset[int]:
    """The positions of those reports. ``reports``: what a source's say as known at a position.

    Two reports of one month that differ by one person's spell would tell it by their numbers. Raises VerificationFailed for lines
    that are not what was recorded.
    """
    sources = {record.position: record.data.source for record in records if isinstance(record.data, AbsenceReported)}
    last = max(sources, default=0)
    first_said = {source: _first_said(reports(source, last).reported) for source in set(sources.values())}
    return frozenset(
        position for position, source in sources.items() if _few(position, partial(reports, source), first_said[source])
    )


def _few(position: int, known: Callable[[int], Measured], first_said: Marks) -> bool:
    reported = known(position).reported
    columns, length = reported.columns, len(reported.order)
    own = columns["report"] == len(reported.records) - 1
    if _persons(columns["employee"][own]) < FEWEST:
        return True
    if _persons(columns["employee"][own & first_said[:length] & (columns["extent"] > 0)]) >= FEWEST:
        return False  # spells that nobody had heard of: so many came
    return 0 < len(changed(known(position - 1).spells, known(position).spells, position)) < FEWEST


def _persons(employees: Any) -> int:
    return len(np.unique(employees))


def _first_said(reported: Reports) -> Marks:
    """Which lines are the first with their employee and first day."""
    order, found = reported.order, np.zeros(len(reported.order), dtype=bool)
    keys = reported.columns["key"][order]
    found[order] = np.append(True, keys[1:] != keys[:-1]) if len(order) else found
    return found


def changed(before: Spells, after: Spells, position: int) -> frozenset[int]:
    """Whose spells came, went or changed with the report at a position: those that stand in it now, and those that do no more."""
    says = after.report == position
    went = ~among(before.key, after.key) | among(before.key, after.key[says])
    rows = (
        zip(*(column.tolist() for column in (one.employee, one.first, one.last, one.extent, one.cause)), strict=True)
        for one in (before.where(went), after.where(says))
    )
    old, new = map(frozenset, rows)
    return frozenset(row[0] for row in old ^ new)
