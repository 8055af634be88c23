"""What a reader must know beside a measured month (rules 1, 4, 7)."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.methodology import Methodology
from ledger.periods import Month
from projections.measured import Counted
from projections.rules.reference_years_1 import months_like


def month_findings(method: Methodology, now: Counted, locked: Counted, month: Month) -> Iterator[str]:
    """The findings of a month and of its reference months, in words."""
    yield from now.findings(month)
    yield from now.crowded(month)
    for one in months_like(month, method.reference_of(month)):
        yield from (f"reference month {one}: {said}" for said in locked.findings(one))
    rule = method.trend
    if method.frozen_at(month) is not None or rule.disrupted is None or month in rule.disrupted:
        return
    if any(other in rule.disrupted for other in month.quarter.months):
        yield f"the index of {month.quarter} also measures disrupted months ({rule.quarter_split})"
