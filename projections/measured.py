"""What one source's reports say, as known at one position: net days and headcounts by month, what is missing (rules 1 to 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from typing import Protocol

from ledger.facts import Facts
from ledger.methodology import SHORT_TERM, Numbers
from ledger.money import decimals
from ledger.periods import Month, Period
from projections.absences import Reports, Spells, in_force, reports
from projections.columns import Ints, day_number
from projections.evidence import Coverage
from projections.numbering import net_days, numbered, reach
from projections.rules.exclude_cause_1 import with_causes
from projections.rules.short_term_net_days_1 import NetDays

Causes = tuple[str, ...]
_Counted = tuple[int, dict[str, int]]


class Counted(Protocol):
    """What a month is determined from. Days are net days × 100, at workplaces that had employees that month."""

    def incomplete(self, month: Month) -> str | None:
        """What is missing before the month can be determined, in words; None when nothing is (rule 2)."""
        ...

    def has_headcounts(self, month: Month) -> bool:
        """Whether any headcount of the month is known."""
        ...

    def employees(self, month: Month) -> int:
        """Employees by head, all workplaces."""
        ...

    def hundredths(self, month: Month) -> int:
        """Its net days."""
        ...

    def left_out(self, month: Month, causes: Causes) -> int:
        """Those of them that have the causes."""
        ...

    def findings(self, month: Month) -> Iterator[str]:
        """What a reader must know beside the month's days (rules 1, 4)."""
        ...

    def crowded(self, month: Month) -> Iterator[str]:
        """Where more people were absent than employed (rule 1)."""
        ...


class Measured:
    """What one source's reports say of the days with some ``numbers`` in their sick-pay period. Nothing is read before it is
    asked for; the days alone need the absence reports alone, and everything is counted once, however many methodologies ask.
    ``like``: the same reports, of which other days are counted."""

    def __init__(
        self, facts: Facts, contract: str, source: str, numbers: Numbers = SHORT_TERM, like: Measured | None = None
    ) -> None:
        self.facts, self.contract, self.source, self.numbers, self._like = facts, contract, source, numbers, like
        self._tables: dict[tuple[Numbers, Causes], NetDays] = {} if like is None else like._tables
        self._counting: dict[Numbers, Measured] = {numbers: self} if like is None else like._counting
        self._counted: dict[tuple[Month, Causes], _Counted] = {}
        self._absent: dict[Month, dict[str, int]] = {}
        self._findings: dict[Month, tuple[str, ...]] = {}
        self._earlier: dict[int, Measured] = {}

    def counting(self, numbers: Numbers) -> Measured:
        """The same reports, of which the days with these numbers are counted."""
        if numbers not in self._counting:
            self._counting[numbers] = Measured(self.facts, self.contract, self.source, numbers, self._like or self)
        return self._counting[numbers]

    def at(self, facts: Facts) -> Measured:
        """The same as known at an earlier position."""
        if facts.position == self.facts.position:
            return self
        if self._like is not None:
            return self._like.at(facts).counting(self.numbers)
        if facts.position not in self._earlier:
            self._earlier[facts.position] = self._at(facts)
        return self._earlier[facts.position]

    def _at(self, facts: Facts) -> Measured:
        measured = Measured(facts, self.contract, self.source, self.numbers)
        known = sum(record.position <= facts.position for record in self.reported.records)
        if known < len(self.reported.records):
            measured.reported = self.reported.earlier(known)
        else:  # the same reports, of which nothing need be numbered again
            measured.reported, measured.spells, measured._tables = self.reported, self.spells, self._tables
        return measured

    @cached_property
    def coverage(self) -> Coverage:
        """Which months the reports are complete for, and who works where."""
        return Coverage(self.facts, self.contract, self.source) if self._like is None else self._like.coverage

    @cached_property
    def reported(self) -> Reports:
        """The reports' lines."""
        return reports(self.facts, self.contract, self.source) if self._like is None else self._like.reported

    @cached_property
    def spells(self) -> Spells:
        """The spells in force."""
        return in_force(self.reported) if self._like is None else self._like.spells

    @cached_property
    def _numbered(self) -> tuple[Ints, Ints]:
        return numbered(self.spells, self.numbers)

    @property
    def days(self) -> NetDays:
        """Net days by month and workplace, whatever their cause."""
        return self._days(())

    def _days(self, causes: Causes) -> NetDays:
        """Net days by month and workplace, all or those with the causes alone."""
        key = self.numbers, causes
        if key not in self._tables:
            among = with_causes(self.spells, causes) if causes else None
            self._tables[key] = net_days(self.spells, self.numbers, among)
        return self._tables[key]

    def employees(self, month: Month) -> int:
        """Employees by head, all workplaces."""
        return sum(self.coverage.counts.get(month, {}).values())

    def has_headcounts(self, month: Month) -> bool:
        """Whether any headcount of the month is known."""
        return bool(self.coverage.counts.get(month))

    def hundredths(self, month: Month) -> int:
        """Net days × 100 at workplaces that had employees that month (rule 1)."""
        return self._at_workplaces(month, ())[0]

    def left_out(self, month: Month, causes: Causes) -> int:
        """Those of them that have the causes."""
        return self._at_workplaces(month, causes)[0] if causes else 0

    def not_counted(self, month: Month) -> dict[str, int]:
        """Net days × 100 at workplaces without employees that month: recorded, not counted."""
        return self._at_workplaces(month, ())[1]

    def _at_workplaces(self, month: Month, causes: Causes) -> _Counted:
        if (month, causes) not in self._counted:
            counts, days = self.coverage.counts.get(month, {}), self._days(causes).of(month)
            elsewhere = {name: one for name, one in days.items() if not counts.get(name, 0)}
            self._counted[month, causes] = (sum(days.values()) - sum(elsewhere.values()), elsewhere)
        return self._counted[month, causes]

    def spells_with(self, month: Month, causes: Causes) -> int:
        """How many spells with the causes have days that count in the month."""
        start, days = self._numbered
        within = (start <= day_number(month.last_day)) & (start + days > day_number(month.first_day)) & (days > 0)
        return int((within & with_causes(self.spells, causes)).sum())

    def by_workplace(self, month: Month, causes: Causes = ()) -> dict[str, int]:
        """Net days × 100 at each workplace that had employees that month; those with the causes alone, where any are given."""
        counts, days = self.coverage.counts.get(month, {}), self._days(causes).of(month)
        return {name: days.get(name, 0) for name, employees in counts.items() if employees}

    def numbering_known(self, month: Month) -> bool:
        """Whether the absences of the days before the month are complete as far back as its numbering reaches (rule 4)."""
        before = Period(Month.holding(month.first_day - timedelta(days=reach(self.numbers))), month - 1)
        return all(self.coverage.all_workplaces(one) for one in before)

    def findings(self, month: Month) -> Iterator[str]:
        """What a reader must know beside the month's days (rules 1, 4)."""
        if month not in self._findings:
            self._findings[month] = tuple(self._found(month))
        yield from self._findings[month]

    def _found(self, month: Month) -> Iterator[str]:
        if not self.numbering_known(month):
            yield f"absences of the {reach(self.numbers)} days before are not complete, so days may be numbered too low"
        for name, days in self.not_counted(month).items():
            yield f"{decimals(Fraction(days, 100), 2)} net days at {name}, which had no employees, are not counted"

    def crowded(self, month: Month) -> Iterator[str]:
        """Where more people were absent than employed (rule 1)."""
        from projections.people import distinct_absent

        if month not in self._absent:
            self._absent[month] = distinct_absent(self.spells, month)
        absent = self._absent[month]
        for name, employees in sorted(self.coverage.counts.get(month, {}).items()):
            if absent.get(name, 0) > employees > 0:
                yield f"{absent[name]} people were absent from {name}, which had {employees} employees"

    def incomplete(self, month: Month) -> str | None:
        """What is missing before the month can be determined, in words; None when nothing is (rule 2)."""
        if not self.coverage.counts.get(month):
            return f"{month}: headcounts are missing"
        if unsaid := self.coverage.silent[month]:
            return f"{month}: no headcount for {_named(unsaid)}; a workplace that ends says 0"
        missing = self.coverage.missing(month)
        if missing:
            return f"{month}: no complete absence report for {_named(missing)}"
        return None


def _named(names: list[str], most: int = 5) -> str:
    said = ", ".join(names[:most])
    return said if len(names) <= most else f"{said} and {len(names) - most} more workplaces"


def measured(facts: Facts, contract: str, source: str) -> Measured:
    """What a source's reports say: counted from their lines; where those are not at hand, as the record's source states it. Days
    1 to 14 are counted until others are asked for (``counting``)."""
    reader = getattr(facts.source, "measured", None)
    found: Measured = Measured(facts, contract, source) if reader is None else reader(facts, contract, source)
    return found
