"""What is paid by, as a metric: net short-term days per employee in the determined months, against the reference period.

Taken from the determinations in force, so that it is what the savings rest on: actual days, days expected from the reference
years alone, and days expected with the national trend (rules 5 to 8). Months that count by agreement are not measured, and not
in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger.contract import ContractState
from ledger.events import MonthDetermined
from ledger.periods import Month, Period


@dataclass(frozen=True)
class PaidMetric:
    """Net days per employee, summed over ``months``: ``actual``; ``reference``, at the reference rate; ``expected``, at that rate
    and the trend. ``year``: the contract's, from 1; None for all of it. ``ends_on``: of the year or the contract, its last day.
    ``left_out``: whether days were left out of actual by agreement."""

    year: int | None
    ends_on: date
    months: tuple[Month, ...]
    actual: Fraction
    reference: Fraction
    expected: Fraction
    left_out: bool

    @property
    def unadjusted(self) -> Fraction | None:
        """The change against the reference period, −3/25 for twelve per cent less; None where nothing was expected."""
        return self.actual / self.reference - 1 if self.reference else None

    @property
    def adjusted(self) -> Fraction | None:
        """The same against what the national trend makes of it."""
        return self.actual / self.expected - 1 if self.expected else None


def paid_metric(folded: ContractState, as_of: date) -> tuple[PaidMetric, ...]:
    """By contract year as far as months are determined, and in all: the last, and there even where nothing is determined."""
    terms = folded.terms_on(as_of)
    lines = _lines(folded, as_of)
    years: dict[int, list[MonthDetermined]] = {}
    for line in lines:
        years.setdefault((line.month.index - terms.first_month.index) // 12 + 1, []).append(line)
    last = terms.last_month
    ends = {year: min(terms.first_month + (12 * year - 1), last).last_day for year in years}
    return (*(_sum(ends[year], some, year) for year, some in sorted(years.items())), _sum(last.last_day, lines, None))


def within(folded: ContractState, as_of: date, period: Period) -> PaidMetric:
    """The same of the determined months of a period."""
    return _sum(period.last_day, [line for line in _lines(folded, as_of) if line.month in period], None)


def reference(folded: ContractState, as_of: date) -> Period | None:
    """The reference years of the last month measured, or of the methodology in force; None where none is adopted."""
    lines = _lines(folded, as_of)
    if lines:
        last = lines[-1]
        return folded.every_methodology[last.methodology_sha256].reference_of(last.month)
    month = max(Month.holding(as_of), folded.signed.first_month)
    adopted = [one for start, one in folded.methodologies if start <= month.first_day]
    return adopted[-1].reference_of(month) if adopted else None


def _lines(folded: ContractState, as_of: date) -> list[MonthDetermined]:
    """The measured months of the determinations in force that ended by then, in order; those without employees say nothing."""
    lines = (line for found in folded.in_force for line in found.months if line.month.last_day <= as_of)
    return [line for line in lines if isinstance(line, MonthDetermined) and line.employees]


def _sum(ends_on: date, lines: Sequence[MonthDetermined], year: int | None) -> PaidMetric:
    return PaidMetric(
        year=year,
        ends_on=ends_on,
        months=tuple(line.month for line in lines),
        actual=sum((Fraction(line.actual_hundredths, 100 * line.employees) for line in lines), Fraction(0)),
        reference=sum((line.reference_rate * line.weekdays for line in lines), Fraction(0)),
        expected=sum((line.expected_days / line.employees for line in lines), Fraction(0)),
        left_out=any(line.left_out_hundredths for line in lines),
    )
