"""Whose absences are behind net days: employees' tokens, to count people by; never shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from ledger.methodology import Measure, Methodology
from ledger.periods import Month
from projections.audience import FEWEST, NARROWEST, WITHHELD, withheld
from projections.facts_used import Cell, EveryReport, Tokens
from projections.facts_window import NO_EMPLOYEES
from projections.measured import Measured

FEW = f"{WITHHELD}: fewer than five persons"
"""That a figure is withheld, and why."""


def may_rest_on_few(hundredths: int, month: Month) -> bool:
    """Whether so many net days × 100 of a month may rest on fewer than five persons: nobody has more than its weekdays (rule 5).
    Where they may not, nobody need be counted."""
    return hundredths <= (FEWEST - 1) * month.weekdays * 100


def hidden_months(who: Mapping[Month, Tokens]) -> frozenset[Month]:
    """Of a table by month, whose sum is exact, the months that are withheld. ``who``: those behind each."""

    def together(names: Collection[str]) -> int:
        return len(Tokens().union(*(by_name[name] for name in names)))

    by_name = {str(month): found for month, found in who.items()}
    hidden = withheld({name: len(found) for name, found in by_name.items()}, NARROWEST, together)
    return frozenset(month for month in who if str(month) in hidden)


class Behind:
    """Who is behind a contract's net days, as known at any position. ``measured``: what a source's reports say; they are read
    when first asked about, and once."""

    def __init__(self, measured: Callable[[str], Measured]) -> None:
        self._measured = measured
        self._sources: dict[str, Measured] = {}
        self._reports: dict[tuple[str, int], EveryReport] = {}
        self._cells: dict[tuple[Measure, int, Month], tuple[Cell, ...]] = {}

    def reports(self, source: str, position: int) -> EveryReport:
        """The source's reports as known at a position."""
        if (source, position) not in self._reports:
            if source not in self._sources:
                self._sources[source] = self._measured(source)
            latest = self._sources[source]
            self._reports[source, position] = EveryReport(latest.at(latest.facts.at(position)))
        return self._reports[source, position]

    def cells(self, method: Methodology, position: int, month: Month) -> tuple[Cell, ...]:
        """The month's net days by workplace with employees and by cause, also those of causes that are left out."""
        key = (method.measure, position, month)
        if key not in self._cells:
            self._cells[key] = self.reports(method.measure.source, position).used(month, method, reference=True).cells
        return self._cells[key]

    def with_causes(self, method: Methodology, position: int, month: Month, causes: Iterable[str]) -> Tokens:
        """Who has net days of the causes in the month."""
        wanted = set(causes)
        return Tokens().union(*(one.who for one in self.cells(method, position, month) if one.cause in wanted))

    def without_employees(self, method: Methodology, position: int, month: Month, workplace: str) -> Tokens:
        """Who has net days in the month at a workplace that had no employees then (rule 1)."""
        lines = self.reports(method.measure.source, position).lines(month, method, reference=True)
        return Tokens(one.employee for one in lines if one.why == NO_EMPLOYEES.why and one.workplace == workplace)
