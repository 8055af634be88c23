"""Unpaid outcomes that somebody reported, as of a date: the last period that had ended, beside what was reported before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import get_args

from ledger.events import IndicatorRow, ReportedIndicator
from ledger.indicators import UNITS, IndicatorState
from ledger.periods import Month, Period
from projections.unpaid.indicator import Indicator

Rows = Mapping[Period, tuple[int, IndicatorRow]]
"""Of one indicator: by period in order, the record's position and the row."""

NOT_REPORTED = "nothing is reported"
ONE_PERIOD = "one period alone is reported"


def reported(held: IndicatorState, as_of: date) -> dict[ReportedIndicator, Rows]:
    """What is on record of each indicator for periods that had ended, in order of their ends."""
    found: dict[ReportedIndicator, dict[Period, tuple[int, IndicatorRow]]] = {}
    for (_, period), (position, row) in sorted(held.values.items(), key=lambda one: (one[0][1].last, one[0][1].first)):
        if period.last_day <= as_of:
            found.setdefault(row.indicator, {})[period] = (position, row)
    return dict(found)


def indicators(rows: Mapping[ReportedIndicator, Rows], first: Month) -> Iterator[Indicator]:
    """Each reported indicator, and the share of the purchases that is rehabilitative. ``first``: the contract's first month."""
    for name in get_args(ReportedIndicator):
        yield _indicator(name, rows.get(name, {}), first)
    yield _rehabilitative(rows, first)


def within(
    name: ReportedIndicator, rows: Rows, first: Month, months: Period | None = None, against: Period | None = None
) -> Indicator:
    """One of them. ``months``, ``against``: the last value whose period lies in these, in place of the last known and of what was
    reported before the contract. Amounts of periods of different lengths are not compared."""
    of, was = _lying_in(rows, months), _lying_in(rows, against)
    if not of:
        missing = NOT_REPORTED if months is None else f"nothing is reported for {months}"
        return Indicator(name, UNITS[name][0], period=months, missing=missing)
    period = _last(of)
    found = _indicator(name, {key: rows[key] for key in rows if key.last <= period.last}, first)
    if against is not None:
        before = next((key for key in reversed(was) if key.last < period.last), None)
        value = None if before is None else Fraction(rows[before][1].value)
        lacking = f"nothing is reported for {against}" if before is None else None
        found = replace(found, before=value, before_period=before, missing=lacking)
    before = found.before_period
    if found.unit == "sek" and before is not None and len(before) != len(period):
        unequal = f"{period} and {before} are not equally long"
        return replace(found, before=None, before_period=None, missing=unequal)
    return found


def _lying_in(rows: Rows, period: Period | None) -> list[Period]:
    """The periods reported that lie in this one, in order; all where there is none."""
    return [one for one in rows if period is None or (one.first in period and one.last in period)]


def _indicator(name: ReportedIndicator, rows: Rows, first: Month) -> Indicator:
    if not rows:
        return Indicator(name, UNITS[name][0], missing=NOT_REPORTED)
    period, before = _last(rows), _before(rows, first)
    position, row = rows[period]
    return Indicator(
        name,
        row.unit,
        value=Fraction(row.value),
        period=period,
        before=None if before is None else Fraction(rows[before][1].value),
        before_period=before,
        missing=ONE_PERIOD if before is None else None,
        position=position,
        row=row,
    )


def _last(rows: Iterable[Period]) -> Period:
    return list(rows)[-1]


def _before(rows: Mapping[Period, object], first: Month) -> Period | None:
    """What the last period is compared with: the last one that ended before the contract's first month, or else the first of all;
    None where that is the period itself."""
    earlier = [period for period in rows if period.last < first]
    found = earlier[-1] if earlier else next(iter(rows))
    return None if found == _last(rows) else found


def _rehabilitative(rows: Mapping[ReportedIndicator, Rows], first: Month) -> Indicator:
    """Rehabilitative ÷ all purchases, of periods for which both are reported."""
    preventive, rehabilitative = rows.get("ohs-preventive", {}), rows.get("ohs-rehabilitative", {})
    shares: dict[Period, Fraction | None] = {}
    for period, (_, row) in rehabilitative.items():
        if period in preventive:
            both = Fraction(row.value) + Fraction(preventive[period][1].value)
            shares[period] = Fraction(row.value) * 100 / both if both else None
    if not shares:
        return Indicator("ohs-rehabilitative-share", "per-cent-sek", missing="no period has both sorts of purchases reported")
    last, before = _last(shares), _before(shares, first)
    return Indicator(
        "ohs-rehabilitative-share",
        "per-cent-sek",
        value=shares[last],
        period=last,
        before=None if before is None else shares[before],
        before_period=before,
        missing=ONE_PERIOD if before is None else None,
        position=rehabilitative[last][0],
    )
