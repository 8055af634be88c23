"""How many people, never who: counts of distinct employees in the spells in force."""

from __future__ import annotations

import numpy as np

from ledger.periods import Month
from projections.absences import Spells
from projections.columns import day_number


def distinct_absent(spells: Spells, month: Month) -> dict[str, int]:
    """Distinct people absent some day of the month, by workplace."""
    touching = (spells.first <= day_number(month.last_day)) & (spells.last >= day_number(month.first_day))
    pairs = np.unique(spells.workplace[touching] * (1 << 40) + spells.employee[touching])
    numbers, counts = np.unique(pairs >> 40, return_counts=True)
    return {spells.workplaces[int(number)]: int(count) for number, count in zip(numbers, counts, strict=True)}
