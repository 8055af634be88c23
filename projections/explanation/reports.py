"""The reports that an explanation reads: only the lines that some months can follow from, so that explaining one month does not
cost as much as counting all of them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ledger.lines import OPEN
from ledger.methodology import Numbers
from ledger.periods import Month
from projections.absences import Reports
from projections.columns import day_number
from projections.numbering import reach


def about(reported: Reports, months: Collection[Month], numbers: Numbers) -> Reports:
    """The lines that touch one of the months or the days before it which its numbering depends on (rule 4), and every other line
    with the employee and first day of one of these (rule 3). Lines are numbered anew in each report."""
    columns, order = reported.columns, reported.order
    last = np.where(columns["last_day"] == OPEN, reported.ends[columns["report"]], columns["last"])
    touching = np.zeros(len(order), dtype=bool)
    for month in months:
        since = day_number(month.first_day) - reach(numbers)
        touching |= (columns["first"] <= day_number(month.last_day)) & (last >= since)
    keys = columns["key"][order]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(order) else order
    lengths = np.diff(np.append(begins, len(order)))
    kept = np.zeros(len(order), dtype=bool)
    kept[order] = np.repeat(np.logical_or.reduceat(touching[order], begins), lengths) if len(order) else False
    narrow = {name: column[kept] for name, column in columns.items()}
    starts = np.searchsorted(narrow["report"], np.arange(len(reported.records)))
    narrow["line"] = np.arange(len(narrow["report"])) - starts[narrow["report"]]
    places = np.cumsum(kept) - 1
    return Reports(reported.records, reported.workplaces, narrow, places[order[kept[order]]])
