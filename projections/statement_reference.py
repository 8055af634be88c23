"""What each month's reference rate and trend factor come from: the reference months' days, employees and index values.

Read from the facts as the determination saw them: rates and reference values are those on record when the methodology's first
month was determined (rules 6, 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ledger.contract import ContractState
from ledger.errors import LedgerError
from ledger.events import IndexValue, MonthDetermined
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month
from projections import trend
from projections.proposals import locked_at
from projections.rules import reference_years_1
from projections.savings import Measured


@dataclass(frozen=True)
class ReferenceMonth:
    """A reference month: net days × 100, employees by head, and the index of its quarter."""

    month: Month
    hundredths: int
    employees: int
    index: IndexValue

    @property
    def exposure(self) -> int:
        """Employees × weekdays of the month."""
        return self.employees * self.month.weekdays


@dataclass(frozen=True)
class Reference:
    """Where a month's reference rate and trend factor come from. ``locked_at``: the record up to which they are known."""

    month: Month
    months: tuple[ReferenceMonth, ...]
    locked_at: int

    @property
    def net_days(self) -> Fraction:
        """Net days of all its months."""
        return Fraction(sum(one.hundredths for one in self.months), 100)

    @property
    def exposure(self) -> int:
        """Employee weekdays of all its months."""
        return sum(one.exposure for one in self.months)

    @property
    def index_mean(self) -> Fraction:
        """The mean of the index over the quarters of its months."""
        return sum((Fraction(one.index.value) for one in self.months), Fraction(0)) / len(self.months)


def references(seen: Facts, contract_id: str, after: ContractState, months: Iterable[MonthDetermined]) -> list[Reference | None]:
    """For each month what its rate and factor come from; None where that does not give the recorded ones.

    ``seen``: the facts up to the determination's basis; ``after``: the contract just after it.
    """
    locked: dict[str, _Locked] = {}
    found: list[Reference | None] = []
    for month in months:
        methodology = after.methodology_of(month.month)
        try:
            if methodology.sha256 not in locked:
                locked[methodology.sha256] = _Locked(seen, contract_id, after, methodology)
            reference = locked[methodology.sha256].reference(month.month)
            found.append(reference if methodology.sha256 == month.methodology_sha256 and _gives(reference, month) else None)
        except LedgerError:  # a statement says what is recorded even where its evidence is damaged; soc check says how
            found.append(None)
    return found


class _Locked:
    """A methodology's reference facts, as known when its first month was determined."""

    def __init__(self, seen: Facts, contract_id: str, after: ContractState, methodology: Methodology) -> None:
        locked = seen.at(locked_at(after, methodology) or seen.position)
        self.position = locked.position
        self.months = methodology.reference.months
        self.measured = Measured(locked, contract_id, methodology.measure.source)
        self.index = trend.first_recorded(locked, methodology.trend)

    def reference(self, month: Month) -> Reference | None:
        """The reference months of a month; None where a quarter's index is missing."""
        like = reference_years_1.months_like(month, self.months)
        if not all(one.quarter in self.index for one in like):
            return None
        measured = self.measured
        months = [ReferenceMonth(one, measured.hundredths(one), measured.employees(one), self.index[one.quarter]) for one in like]
        return Reference(month, tuple(months), self.position)


def _gives(reference: Reference | None, month: MonthDetermined) -> bool:
    """Whether it gives the recorded rate and factor."""
    if reference is None or not reference.exposure or not reference.index_mean:
        return False
    rate, factor = reference.net_days / reference.exposure, Fraction(month.trend.value) / reference.index_mean
    return (rate, factor) == (month.reference_rate, month.trend.factor)
