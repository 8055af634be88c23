"""What each month's figures come from: of a measured one the reference months' days, employees and index values, of one that
counts for a mean the savings behind it.

Read from the facts as the determination saw them: rates and reference values are those on record when the methodology's first
month was determined (rules 6, 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ledger.contract import ContractState
from ledger.errors import LedgerError
from ledger.events import AnyMonth, IndexValue, MonthAgreed, MonthDetermined
from ledger.facts import Facts
from ledger.lines import CAUSES
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from projections import trend
from projections.measured import Measured
from projections.proposals import locked_at
from projections.rules import deem_average_1, freeze_trend_1, reference_years_1
from projections.statements.people import Behind, hidden_months, may_rest_on_few


@dataclass(frozen=True)
class ReferenceMonth:
    """A reference month: net days × 100 and employees by head."""

    month: Month
    hundredths: int
    employees: int

    @property
    def exposure(self) -> int:
        """Employees × weekdays of the month."""
        return self.employees * self.month.weekdays


@dataclass(frozen=True)
class Reference:
    """Where a month's reference rate and trend factor come from.

    ``index``: what the month's index is compared with, year by year: the values of its ``months``' quarters or, where the trend
    is ``held`` by agreement, of the quarter that it is held at. ``locked_at``: the record up to which they are known. ``few``:
    the months whose own days are withheld from others than the employer, because some rest on fewer than five absent persons; the
    days of all together are what the rate is computed from, and stay.
    """

    month: Month
    months: tuple[ReferenceMonth, ...]
    index: tuple[IndexValue, ...]
    held: bool
    locked_at: int
    few: frozenset[Month] = frozenset()

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
        """The mean of the index over the quarters that the month's is compared with."""
        return sum((Fraction(one.value) for one in self.index), Fraction(0)) / len(self.index)


@dataclass(frozen=True)
class Mean:
    """What months that are not measured count for by agreement: the mean savings of the months ``of``. ``total``: öre of all of
    those, as determined then; None where that does not give the recorded savings."""

    of: Period
    months: tuple[Month, ...]
    total: int | None


def references(seen: Facts, contract_id: str, after: ContractState, months: Iterable[MonthDetermined]) -> list[Reference | None]:
    """For each measured month what its rate and factor come from; None where that does not give the recorded ones.

    ``seen``: the facts up to the determination's basis; ``after``: the contract just after it.
    """
    locked: dict[str, _Locked] = {}
    found: list[Reference | None] = []
    for month in months:
        sha256 = month.methodology_sha256
        try:
            if sha256 not in locked:
                locked[sha256] = _Locked(seen, contract_id, after, after.every_methodology[sha256])
            reference = locked[sha256].reference(month.month)
            found.append(reference if _gives(reference, month) else None)
        except LedgerError:  # a statement says what is recorded even where its evidence is damaged; soc check says how
            found.append(None)
    return found


class _Locked:
    """A methodology's reference facts, as known when its first month was determined."""

    def __init__(self, seen: Facts, contract_id: str, after: ContractState, methodology: Methodology) -> None:
        locked = seen.at(locked_at(after, methodology) or seen.position)
        self.position = locked.position
        self.methodology = methodology
        measure = methodology.measure
        self.measured = Measured(locked, contract_id, measure.source).counting(measure.numbers)
        self.behind = Behind(lambda source: self.measured)
        self.index = trend.first_recorded(locked, methodology.trend)

    def reference(self, month: Month) -> Reference | None:
        """The reference months of a month; None where a quarter's index is missing."""
        years, at = self.methodology.reference_of(month), self.methodology.frozen_at(month)
        like = reference_years_1.months_like(month, years)
        compared = like if at is None else freeze_trend_1.reference_months(at, years)
        if not all(one.quarter in self.index for one in compared):
            return None
        months = [ReferenceMonth(one, self.measured.hundredths(one), self.measured.employees(one)) for one in like]
        index = [self.index[one.quarter] for one in compared]
        return Reference(month, tuple(months), tuple(index), at is not None, self.position, self._few(months))

    def _few(self, months: Sequence[ReferenceMonth]) -> frozenset[Month]:
        """Which of the months' days are withheld; of a single one they are the total."""
        if len(months) == 1 or not any(may_rest_on_few(one.hundredths, one.month) for one in months):
            return frozenset()
        who = {one.month: self.behind.with_causes(self.methodology, self.position, one.month, CAUSES) for one in months}
        return hidden_months(who)


def _gives(reference: Reference | None, month: MonthDetermined) -> bool:
    """Whether it gives the recorded rate and factor."""
    if reference is None or not reference.exposure or not reference.index_mean:
        return False
    rate, factor = reference.net_days / reference.exposure, Fraction(month.trend.value) / reference.index_mean
    return (rate, factor) == (month.reference_rate, month.trend.factor)


def means(after: ContractState, months: Iterable[AnyMonth]) -> list[Mean]:
    """The means that months count for by agreement, each once; ``after``: the contract just after the determination, whose
    savings in force they were taken from."""
    counting: dict[Period, list[MonthAgreed]] = {}
    for month in months:
        if isinstance(month, MonthAgreed) and month.of is not None:
            counting.setdefault(month.of, []).append(month)
    return [Mean(of, tuple(one.month for one in agreed), _total(after, of, agreed)) for of, agreed in counting.items()]


def _total(after: ContractState, of: Period, agreed: Iterable[MonthAgreed]) -> int | None:
    savings = [after.savings[month] for month in of if month in after.savings]
    if len(savings) < len(of):
        return None
    mean = deem_average_1.savings_ore(savings)
    return sum(savings) if all(month.savings_ore == mean for month in agreed) else None
