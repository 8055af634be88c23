"""Which evidence is in: workplace × month, complete, partial, missing, late, restated (rules 2 and 3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from ledger.events import AbsenceReported
from ledger.facts import Facts, absence_stream
from ledger.periods import Month, day_in_stockholm
from ledger.record import Recorded
from projections.workforce import Headcounts, headcounts, silent

Status = Literal["complete", "partial", "missing", "no employees"]


@dataclass(frozen=True)
class Cell:
    """One workplace in one month. ``reports``: positions of the complete reports, in order; more than one is a restatement.

    ``days_late``: how long after the last day to report the first complete report came; 0 when in time.
    """

    workplace: str
    month: Month
    employees: int
    status: Status
    reports: tuple[int, ...] = ()
    days_late: int = 0

    @property
    def restated(self) -> bool:
        """Whether a later complete report replaced an earlier one."""
        return len(self.reports) > 1


class Coverage:
    """Which reports of one source are complete for which months and workplaces, and who works where."""

    def __init__(self, facts: Facts, contract: str, source: str) -> None:
        self.counts: Headcounts = headcounts(facts, contract)
        self._reports: tuple[Recorded[AbsenceReported], ...] = tuple(
            record for record in facts.stream(absence_stream(contract)) if record.data.source == source
        )
        self._by_month: dict[Month, list[Recorded[AbsenceReported]]] = {}
        self._partial: dict[Month, list[Recorded[AbsenceReported]]] = {}
        for record in self._reports:
            scope = record.data.scope
            for month in scope.complete if scope else ():
                self._by_month.setdefault(month, []).append(record)
            for month in record.data.months:
                if scope is None:
                    self._partial.setdefault(month, []).append(record)

    def complete(self, month: Month, workplace: str) -> tuple[Recorded[AbsenceReported], ...]:
        """The reports, in order, that are complete for the month and workplace."""
        return tuple(
            record
            for record in self._by_month.get(month, ())
            if (names := record.data.scope.workplaces) is None or workplace in names  # type: ignore[union-attr]
        )

    def missing(self, month: Month) -> list[str]:
        """Workplaces with employees in the month that no complete report covers; a month without headcounts misses all."""
        if self._everywhere(month):
            return []
        counts = self.counts.get(month, {})
        return sorted(name for name, employees in counts.items() if employees and not self.complete(month, name))

    def all_workplaces(self, month: Month) -> bool:
        """Whether some report is complete for the month at all workplaces, or for each that has employees."""
        return self._everywhere(month) or (month in self.counts and not self.missing(month))

    def _everywhere(self, month: Month) -> bool:
        return any(record.data.scope.workplaces is None for record in self._by_month.get(month, ()) if record.data.scope)

    @cached_property
    def silent(self) -> dict[Month, list[str]]:
        """The workplaces that say nothing in a month and have not ended (rule 1), for each month with headcounts."""
        return silent(self.counts)

    def cells(self, months: Iterable[Month], report_days: int, since: Month) -> list[Cell]:
        """Every workplace of those months, in order of month and name. Reports of months before ``since``, the contract's first,
        are never late."""
        cells = []
        for month in months:
            for workplace in sorted(self.counts.get(month, {})):
                cells.append(self._cell(month, workplace, report_days if month >= since else None))
        return cells

    def _cell(self, month: Month, workplace: str, report_days: int | None) -> Cell:
        employees = self.counts[month][workplace]
        complete = self.complete(month, workplace)
        if complete:
            late = 0 if report_days is None else _days_late(month, complete[0].recorded_at, report_days)
            return Cell(workplace, month, employees, "complete", tuple(one.position for one in complete), late)
        if not employees:
            return Cell(workplace, month, employees, "no employees")
        return Cell(workplace, month, employees, "partial" if month in self._partial else "missing")


def _days_late(month: Month, recorded_at: datetime, report_days: int) -> int:
    last_day_to_report = month.last_day + timedelta(days=report_days)
    return max(0, (day_in_stockholm(recorded_at) - last_day_to_report).days)
