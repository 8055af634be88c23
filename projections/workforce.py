"""Headcounts by month and workplace: the last recorded of each holds (rule 1)."""

from __future__ import annotations

from ledger.facts import Facts, workforce_stream
from ledger.periods import Month

Headcounts = dict[Month, dict[str, int]]


def headcounts(facts: Facts, contract: str) -> Headcounts:
    """Employees by head on the last day of each month, by workplace; 0 where a workplace has ended."""
    by_index: dict[int, dict[str, int]] = {}
    for record in facts.stream(workforce_stream(contract)):
        for row in record.data.rows:
            by_index.setdefault(row.month.index, {})[row.workplace] = row.employees
    return {Month(index): counts for index, counts in by_index.items()}


def silent(counts: Headcounts) -> dict[Month, list[str]]:
    """For each month with headcounts the workplaces without one whose latest earlier one is above 0: a workplace that ends says 0
    (rule 1)."""
    found: dict[Month, list[str]] = {}
    employed: set[str] = set()
    for month in sorted(counts):
        found[month] = sorted(employed - counts[month].keys())
        employed |= {name for name, employees in counts[month].items() if employees}
        employed -= {name for name, employees in counts[month].items() if not employees}
    return found
