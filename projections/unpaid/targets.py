"""Targets and the result against them: met, not met, or not yet.

What is paid by is held against each target twice, without and with the national trend, because no source says which was meant;
any other measure against what it was before. Where no source says by when, the contract's last day is taken [A].
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ledger.contract import ContractState
from ledger.events import TargetRow
from ledger.indicators import IndicatorState
from projections.unpaid.indicator import Indicator, Measure
from projections.unpaid.paid_metric import PaidMetric, within

Status = Literal["met", "not met", "not yet"]


@dataclass(frozen=True)
class Result:
    """A change against a target. ``year``: the contract's; None for all of it, or for a measure that has no years.
    ``adjusted``: for the national trend, of what is paid by alone. A status is None where there is no change to hold against
    the target."""

    year: int | None
    unadjusted: Fraction | None
    unadjusted_status: Status | None
    adjusted: Fraction | None = None
    adjusted_status: Status | None = None


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
    indicators: Mapping[Measure, Indicator],
) -> tuple[TargetResult, ...]:
    """Every target stated by then, or at a date not published, in the order of their records."""
    found = []
    for position, row in sorted(held.targets.values(), key=lambda one: one[0]):
        if row.stated_on is not None and row.stated_on > as_of:
            continue
        end = folded.terms_on(as_of).last_month.last_day
        due_on = end if row.to_period is None else row.to_period.last_day
        if row.measure == "short-term-days":
            parts = paid if row.to_period is None else (within(folded, as_of, row.to_period),)
            said = tuple(_of_paid(parts, row.change, due_on, as_of))
            found.append(TargetResult(position, row, due_on, row.to_period is None, said))
        else:
            one = indicators[row.measure]
            said = (Result(None, one.change, status(one.change, row.change, due_on, as_of)),)
            found.append(TargetResult(position, row, due_on, row.to_period is None, said, bool(one.withheld)))
    return tuple(found)


def _of_paid(parts: Sequence[PaidMetric], target: Fraction, due_on: date, as_of: date) -> Iterable[Result]:
    for one in parts:
        by = min(due_on, one.ends_on)
        yield Result(
            one.year,
            one.unadjusted,
            status(one.unadjusted, target, by, as_of),
            one.adjusted,
            status(one.adjusted, target, by, as_of),
        )
