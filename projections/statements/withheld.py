"""What of a statement rests on fewer than five absent persons, and is for the employer alone: days left out of a month, findings
about a workplace, how many absences a late report holds.

Absences are read only where a figure is so small that it may. Days that money is computed from are totals over the contract, and
stay: actual days of a month, days of the reference years together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ledger.contract import ContractState
from ledger.errors import LedgerError
from ledger.events import AbsenceReported, MonthDetermined
from ledger.facts import Facts
from ledger.periods import Month
from ledger.record import Recorded
from projections.absences import employees
from projections.audience import FEWEST
from projections.facts_used import Tokens
from projections.measured import Measured
from projections.proposals import locked_at
from projections.statements.findings import Said, few_were_absent, not_counted
from projections.statements.people import Behind, hidden_months, may_rest_on_few

Lines = Mapping[Month, tuple[int, MonthDetermined]]
"""Months as they were measured, with the record up to which their determination saw the facts."""


@dataclass(frozen=True)
class Withheld:
    """``left_out``: months whose days left out are withheld, ``left_out_in_all``: also their sum; ``findings``: those without
    workplace and figures; ``reports``: positions of late reports whose number of absences is withheld."""

    left_out: frozenset[Month] = frozenset()
    left_out_in_all: bool = False
    findings: frozenset[Said] = frozenset()
    reports: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.left_out or self.findings or self.reports)


NOTHING = Withheld()
"""What is withheld from the employer."""


def withheld_of(facts: Facts, folded: ContractState, versions: Sequence[Lines], unsettled: Iterable[Recorded[Any]]) -> Withheld:
    """What others than the employer do not see. ``versions``: the months as determined now and, in a redo, before; what is
    withheld of one is withheld of both. ``unsettled``: what was recorded since."""
    behind = Behind(lambda source: Measured(facts, folded.signed.id, source))
    left_out = [_left_out(behind, folded, lines) for lines in versions]
    return Withheld(
        left_out=frozenset().union(*(months for months, _ in left_out)),
        left_out_in_all=any(in_all for _, in_all in left_out),
        findings=frozenset(said for lines in versions for said in _findings(behind, folded, lines)),
        reports=frozenset(record.position for record in unsettled if _few_lines(facts, record)),
    )


def _left_out(behind: Behind, folded: ContractState, lines: Lines) -> tuple[frozenset[Month], bool]:
    """Of a table of days left out by month those that are withheld, and whether their sum is."""
    days = {month: line.left_out_hundredths for month, (_, line) in lines.items() if line.left_out_hundredths is not None}
    if not any(may_rest_on_few(hundredths, month) for month, hundredths in days.items()):
        return frozenset(), False
    try:
        who = {month: _who_is_left_out(behind, folded, *lines[month]) for month in days}
    except LedgerError:  # a statement says what is recorded even where its evidence is damaged; then nobody can be counted
        return frozenset(days), True
    return hidden_months(who), len(Tokens().union(*who.values())) < FEWEST


def _who_is_left_out(behind: Behind, folded: ContractState, position: int, line: MonthDetermined) -> Tokens:
    method = folded.every_methodology[line.methodology_sha256]
    return behind.with_causes(method, position, line.month, method.left_out(line.month))


def _findings(behind: Behind, folded: ContractState, lines: Lines) -> Iterable[Said]:
    """Those that rest on fewer than five; where one about days that are not counted does, all of its month: their sum may be
    known from elsewhere."""
    for month, (position, line) in lines.items():
        yield from ((month, said) for said in line.findings if few_were_absent(said))
        by_month: dict[Month, list[str]] = {}
        for said in line.findings:
            found = not_counted(month, said)
            if found is not None:
                by_month.setdefault(found.month, []).append(said)
        for several in by_month.values():
            if any(_few_not_counted(behind, folded, position, line, said) for said in several):
                yield from ((month, said) for said in several)


def _few_not_counted(behind: Behind, folded: ContractState, position: int, line: MonthDetermined, said: str) -> bool:
    found, method = not_counted(line.month, said), folded.every_methodology[line.methodology_sha256]
    assert found is not None
    if not may_rest_on_few(found.hundredths, found.month):
        return False
    known = position if found.month == line.month else locked_at(folded, method) or position
    try:
        return len(behind.without_employees(method, known, found.month, found.workplace)) < FEWEST
    except LedgerError:
        return True


def _few_lines(facts: Facts, record: Recorded[Any]) -> bool:
    """Whether it is an absence report that names fewer than five persons."""
    if not isinstance(record.data, AbsenceReported):
        return False
    if record.data.lines.count < FEWEST:
        return True
    try:
        return len(np.unique(employees(facts, record))) < FEWEST
    except LedgerError:
        return True
