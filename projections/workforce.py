"""Headcounts by month and workplace: the last recorded of each holds (rule 1)."""

from __future__ import annotations

from ledger.facts import Facts, workforce_stream
from ledger.periods import Month

Headcounts = dict[Month, dict[str, int]]


def headcounts(facts: Facts, contract: str) -> Headcounts:
    """Employees by head on the last day of each month, by workplace; 0 where a workplace has ended."""
    counts: Headcounts = {}
    for record in facts.stream(workforce_stream(contract)):
        for row in record.data.rows:
            counts.setdefault(row.month, {})[row.workplace] = row.employees
    return counts


def silent(counts: Headcounts, month: Month) -> list[str]:
    """Workplaces without a headcount for the month whose latest earlier one is above 0: a workplace that ends says 0 (rule 1)."""
    latest = {name: employees for one in sorted(counts) if one < month for name, employees in counts[one].items()}
    return sorted(name for name, employees in latest.items() if employees and name not in counts.get(month, {}))
