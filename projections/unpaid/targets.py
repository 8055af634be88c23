"""Targets and the result against them: met, not met, or not yet.

What is paid by is held against each target twice, without and with the national trend, because no source says which was meant;
any other measure against what it was before. Where no source says by when, the contract's last day is taken [A].

From its day on a target is judged on its own months, so that no later month moves the verdict; until then on the latest known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ledger.contract import ContractState
from ledger.events import TargetMeasure, TargetRow
from ledger.indicators import IndicatorState
from ledger.periods import Period
from projections.unpaid.indicator import Indicator
from projections.unpaid.paid_metric import PaidMetric, reference, within

Status = Literal["met", "not met", "not yet"]

Follow = Callable[[TargetMeasure, Period | None, Period | None], Indicator]
"""A measure in these months, None for the latest known, against those, None for its own before."""

YEAR = 12


@dataclass(frozen=True)
class Result:
    """A change against a target. ``year``: the contract's; None for all of it, or for a measure that has no years.
    ``adjusted``: for the national trend, of what is paid by alone. A status is None where there is no change to hold against
    the target. ``months``, ``against``: what was compared; ``missing``: why nothing was, in words."""

    year: int | None
    unadjusted: Fraction | None
    unadjusted_status: Status | None
    adjusted: Fraction | None = None
    adjusted_status: Status | None = None
    months: Period | None = None
    against: Period | None = None
    missing: str | None = None


@dataclass(frozen=True)
class TargetResult:
    """A target on record, when it is to be attained, and the results. ``assumed``: whether that day is the contract's last,
    because none was published. ``withheld``: whether the result rests on too few persons for the audience."""

    position: int
    target: TargetRow
    due_on: date
    assumed: bool
    results: tuple[Result, ...]
    withheld: bool = False


def attains(change: Fraction, target: Fraction) -> bool:
    """Whether a change is at least what was aimed at, in its direction; equality is."""
    return change <= target if target < 0 else change >= target


def status(change: Fraction | None, target: Fraction, due_on: date, as_of: date) -> Status | None:
    """Met as of the date; or not, or not yet because its day has not come."""
    if change is None:
        return None
    return "met" if attains(change, target) else "not met" if as_of >= due_on else "not yet"


def results(
    held: IndicatorState,
    folded: ContractState,
    as_of: date,
    paid: Sequence[PaidMetric],
    follow: Follow,
) -> tuple[TargetResult, ...]:
    """Every target stated by then, or at a date not published, in the order of their records."""
    found = []
    for position, row in sorted(held.targets.values(), key=lambda one: one[0]):
        if row.stated_on is not None and row.stated_on > as_of:
            continue
        end = folded.terms_on(as_of).last_month
        months = Period(end - (YEAR - 1), end) if row.to_period is None else row.to_period
        if row.measure == "short-term-days":
            parts = paid if row.to_period is None else (within(folded, as_of, row.to_period),)
            said, few = tuple(_of_paid(parts, row.change, months.last_day, as_of, reference(folded, as_of))), False
        else:
            one = follow(row.measure, months if as_of >= months.last_day else None, row.from_period)
            said, few = (_of_unpaid(one, row.change, months.last_day, as_of),), bool(one.withheld)
        found.append(TargetResult(position, row, months.last_day, row.to_period is None, said, few))
    return tuple(found)


def _of_unpaid(one: Indicator, target: Fraction, due_on: date, as_of: date) -> Result:
    missing = one.missing
    if missing is None and one.change is None and not one.withheld:
        missing = "it was nothing before, or nobody was employed"
    said = status(one.change, target, due_on, as_of)
    return Result(None, one.change, said, months=one.period, against=one.before_period, missing=missing)


def _of_paid(
    parts: Sequence[PaidMetric], target: Fraction, due_on: date, as_of: date, against: Period | None
) -> Iterable[Result]:
    for one in parts:
        by = min(due_on, one.ends_on)
        yield Result(
            one.year,
            one.unadjusted,
            status(one.unadjusted, target, by, as_of),
            one.adjusted,
            status(one.adjusted, target, by, as_of),
            months=Period(one.months[0], one.months[-1]) if one.months else None,
            against=against if one.months else None,
            missing=None if one.months else "no month of it is determined",
        )
