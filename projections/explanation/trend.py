"""A month's trend factor taken apart: the national index of its quarter over the mean of the reference quarters (rule 7)."""

from __future__ import annotations

from fractions import Fraction

from ledger.contract import Determination
from ledger.events import IndexValue, MonthDetermined
from ledger.methodology import Methodology
from ledger.periods import Month
from projections import trend
from projections.explanation.ground import Ground
from projections.explanation.tree import ABSENT, Node, computed, exact
from projections.rules import freeze_trend_1, reference_years_1


def factor(ground: Ground, one: Determination, line: MonthDetermined, key: str) -> Node:
    """The trend factor of a month, on the index values that its determination took."""
    method = ground.method(line)
    frozen, locked = method.frozen_at(line.month), ground.locked(one, method)
    own = _own(ground, one, line, method, key)
    reference = trend.first_recorded(ground.at(locked), method.trend)
    quarters = [month.quarter for month in compared_with(method, line.month)]
    parts = [_value(ground, f"{key}.mean", method, reference[one], locked, last=False) for one in quarters if one in reference]
    mean = sum(map(exact, parts), Fraction(0)) / max(1, len(parts))
    base = computed(
        f"{key}.mean",
        "Mean of the index over the reference quarters",
        mean,
        mean if len(parts) == len(quarters) else ABSENT,
        parts,
        unit="index",
        how="the mean of the quarters in which the reference months lie",
        notes=(f"Kept as known at record {locked}; values recorded later change it by agreement alone.",),
    )
    return computed(
        key,
        "Trend factor",
        line.trend.factor,
        exact(own) / mean if mean else ABSENT,
        (own, base),
        unit="factor",
        how="index of the quarter ÷ mean of the index over the reference quarters",
        clause=f"methodology {method.name}, version {method.version}",
        notes=() if frozen is None else (f"Held at {frozen} by agreement.",),
    )


def _own(ground: Ground, one: Determination, line: MonthDetermined, method: Methodology, key: str) -> Node:
    """The index of the month's quarter: the first recorded, of a redo the last; a reference quarter from before the contract
    keeps its locked one."""
    quarter, years = line.trend.quarter, method.reference_of(line.month)
    kept = quarter < ground.folded.signed.first_month.quarter and any(month.quarter == quarter for month in years)
    upto, last = (ground.locked(one, method), False) if kept else (one.basis, one.redo)
    index = (trend.last_recorded if last else trend.first_recorded)(ground.at(upto), method.trend)
    if quarter not in index:
        what = f"Index {method.trend.series} of {quarter}"
        return Node(f"{key}.{quarter}", what, Fraction(line.trend.value), "index", given=ABSENT)
    return _value(ground, key, method, index[quarter], upto, last=last)


def compared_with(method: Methodology, month: Month) -> list[Month]:
    """The reference months whose quarters the index is compared with."""
    years, frozen = method.reference_of(month), method.frozen_at(month)
    if frozen is not None:
        return freeze_trend_1.reference_months(frozen, years)
    return reference_years_1.months_like(month, years)


def _value(ground: Ground, key: str, method: Methodology, value: IndexValue, upto: int, *, last: bool) -> Node:
    """One value of the index, with the record that gave it. ``last``: a redo takes the last recorded, else the first."""
    series = method.trend.series
    position = ground.index_record(series, value, upto, last=last)
    return Node(
        f"{key}.{value.quarter}",
        f"Index {series} of {value.quarter}",
        Fraction(value.value),
        "index",
        status=value.status,
        rests_on=(ground.rests(position, f"{value.status} on {value.published_on}"),),
        notes=(f"Source: {value.source}",),
    )
