"""How many people, never who: counts of distinct employees in the spells in force."""

from __future__ import annotations

import numpy as np

from ledger.periods import Month
from projections.absences import Spells
from projections.columns import day_number


def distinct_absent(spells: Spells, month: Month) -> dict[str, int]:
    """Distinct people absent some day of the month, by workplace."""
    touching = (spells.first <= day_number(month.last_day)) & (spells.last >= day_number(month.first_day))
    pairs = np.sort(spells.workplace[touching] << 40 | spells.employee[touching])
    distinct = pairs[np.append(True, pairs[1:] != pairs[:-1])] if len(pairs) else pairs
    counts = np.bincount(distinct >> 40, minlength=len(spells.workplaces)).tolist()
    return {name: count for name, count in zip(spells.workplaces, counts, strict=True) if count}
