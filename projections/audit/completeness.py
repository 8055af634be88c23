"""Completeness for an auditor: every workplace and month that the contract is measured by, whether its absences were reported,
how late, and how often that was said anew (rules 2, 3). States of reports alone: how many absences they hold is not told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from ledger.contract import ContractState
from ledger.disruption import Rebase
from ledger.events import AbsenceReported
from ledger.facts import Facts, absence_stream
from ledger.methodology import Methodology
from ledger.periods import Month, Period, day_in_stockholm
from ledger.record import Recorded
from projections.audit.records import recorded_on
from projections.evidence import Cell, Coverage

Status = Literal["complete", "partial", "missing", "no headcount", "no employees"]
Use = Literal["reference", "measured", "by agreement", "suspended"]
"""What a month is needed for: it may count for what the methodology agrees on, or for nothing while follow-up is suspended."""

EVERY = "every workplace"
"""What stands for the workplaces of a month without any headcount."""


@dataclass(frozen=True)
class Reported:
    """One workplace in one month. ``due_by``: the last day to report, None in reference years. ``days_late``: how long after it
    the first complete report came or, where none has come, how long it has been waited for. ``reports``: the complete ones.

    ``restated``: how often a later complete report replaced an earlier; ``restated_on``: when last. ``unseen_by``: the numbers of
    the determinations of the month that were made before the last of these.
    """

    workplace: str
    month: Month
    use: Use
    status: Status
    due_by: date | None
    days_late: int = 0
    reports: tuple[int, ...] = ()
    restated_on: date | None = None
    unseen_by: tuple[int, ...] = ()

    @property
    def restated(self) -> int:
        """How often a later complete report replaced an earlier one."""
        return max(0, len(self.reports) - 1)

    @property
    def perfect(self) -> bool:
        """Whether it was reported completely, in time and once; a workplace without employees has nothing to report."""
        return self.status in ("complete", "no employees") and not self.days_late and not self.restated


@dataclass(frozen=True)
class Completeness:
    """``source``: whose reports are judged. ``partial``: reports of that source that are complete for nothing; ``others``: those
    of other sources, which the methodology does not see."""

    source: str
    cells: tuple[Reported, ...]
    partial: tuple[Recorded[AbsenceReported], ...]
    others: tuple[Recorded[AbsenceReported], ...]


def completeness(facts: Facts, folded: ContractState) -> Completeness:
    """Every workplace in every month of the reference years, and of the contract as far as it has ended."""
    methodologies = [one for _, one in folded.methodologies]
    source = methodologies[-1].measure.source if methodologies else "payroll"
    reports = facts.stream(absence_stream(folded.signed.id))
    coverage = Coverage(facts, folded.signed.id, source)
    seen = _Seen(folded, day_in_stockholm(facts.known_at), {record.position: recorded_on(record) for record in reports})
    return Completeness(
        source=source,
        cells=tuple(cell for month in _months(folded, seen.today) for cell in _month(coverage, seen, month)),
        partial=tuple(one for one in reports if one.data.source == source and one.data.scope is None),
        others=tuple(one for one in reports if one.data.source != source),
    )


@dataclass(frozen=True)
class _Seen:
    folded: ContractState
    today: date
    recorded: dict[int, date]

    def use(self, month: Month) -> Use:
        if month < self.folded.signed.first_month:
            return "reference"
        if self.folded.suspended(month):
            return "suspended"
        return "by agreement" if _agreed(self.folded, month) else "measured"

    def due_by(self, month: Month) -> date | None:
        if month < self.folded.signed.first_month:
            return None
        return month.last_day + timedelta(days=self.folded.terms_of(month).settlement.report_days)

    def days_late(self, month: Month, day: date) -> int:
        due_by = self.due_by(month)
        return 0 if due_by is None else max(0, (day - due_by).days)

    def unseen_by(self, month: Month, position: int) -> tuple[int, ...]:
        return tuple(one.number for one in self.folded.determinations if month in one.period and one.basis < position)


def _agreed(folded: ContractState, month: Month) -> bool:
    adopted = any(start <= month.first_day for start, _ in folded.methodologies)
    return adopted and folded.methodology_of(month).agreed(month) is not None


def _months(folded: ContractState, today: date) -> list[Month]:
    years = {month for _, one in folded.methodologies for period in _reference(one) for month in period}
    terms = folded.versions[-1][1]
    own = Period(folded.signed.first_month, terms.last_month)
    return sorted({*(month for month in years if month < own.first), *(month for month in own if month.last_day < today)})


def _reference(one: Methodology) -> Iterator[Period]:
    yield one.reference.months
    yield from (rule.months for rule in one.disruption if isinstance(rule, Rebase))


def _month(coverage: Coverage, seen: _Seen, month: Month) -> Iterator[Reported]:
    never = seen.folded.signed.first_month + 10_000  # lateness is judged here, by the terms in force in the month
    for cell in coverage.cells([month], 0, never):
        yield _reported(seen, cell)
    unsaid = coverage.silent.get(month, []) if month in coverage.counts else [EVERY]
    for workplace in unsaid:
        late = seen.days_late(month, seen.today)
        yield Reported(workplace, month, seen.use(month), "no headcount", seen.due_by(month), late)


def _reported(seen: _Seen, cell: Cell) -> Reported:
    month, restated = cell.month, len(cell.reports) > 1
    late = 0
    if cell.status != "no employees":
        late = seen.days_late(month, seen.recorded[cell.reports[0]] if cell.reports else seen.today)
    return Reported(
        workplace=cell.workplace,
        month=month,
        use=seen.use(month),
        status=cell.status,
        due_by=seen.due_by(month),
        days_late=late,
        reports=cell.reports,
        restated_on=seen.recorded[cell.reports[-1]] if restated else None,
        unseen_by=seen.unseen_by(month, cell.reports[-1]) if restated else (),
    )


@dataclass(frozen=True)
class Alike:
    """Workplaces of a month of which the same is to be said; ``like`` is one of them."""

    like: Reported
    workplaces: tuple[str, ...]
    of: int


def imperfect(cells: Iterable[Reported]) -> list[Alike]:
    """What is not complete, in time and once, by month; workplaces of which the same is to be said together."""
    every: dict[Month, int] = {}
    found: dict[tuple[Any, ...], list[Reported]] = {}
    for cell in cells:
        every[cell.month] = every.get(cell.month, 0) + (cell.status != "no employees")
        if not cell.perfect:
            key = (cell.month, cell.status, cell.days_late, cell.reports)
            found.setdefault(key, []).append(cell)
    return [Alike(same[0], tuple(one.workplace for one in same), every[same[0].month]) for same in found.values()]


@dataclass(frozen=True)
class Counted:
    """How many workplaces × months of one use are what."""

    use: Use
    months: int
    cells: int
    complete: int
    partial: int
    missing: int
    no_headcount: int
    late: int
    restated: int


def counted(cells: Iterable[Reported]) -> list[Counted]:
    """The summary, by what the months are needed for; workplaces without employees are not counted."""
    by_use: dict[Use, list[Reported]] = {}
    for cell in cells:
        if cell.status != "no employees":
            by_use.setdefault(cell.use, []).append(cell)
    return [_counted(use, found) for use, found in by_use.items()]


def _counted(use: Use, found: list[Reported]) -> Counted:
    def having(status: Status) -> int:
        return sum(cell.status == status for cell in found)

    return Counted(
        use=use,
        months=len({cell.month for cell in found}),
        cells=len(found),
        complete=having("complete"),
        partial=having("partial"),
        missing=having("missing"),
        no_headcount=having("no headcount"),
        late=sum(cell.days_late > 0 for cell in found),
        restated=sum(cell.restated > 0 for cell in found),
    )
