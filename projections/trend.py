"""The national series as recorded: which value of a quarter counts (rule 7)."""

from __future__ import annotations

from ledger.events import IndexValue
from ledger.facts import Facts, trend_stream
from ledger.methodology import NationalIndex
from ledger.periods import Quarter

Index = dict[Quarter, IndexValue]


def first_recorded(facts: Facts, trend: NationalIndex) -> Index:
    """The first value of an accepted status that was recorded for each quarter."""
    values: Index = {}
    for value in _accepted(facts, trend):
        values.setdefault(value.quarter, value)
    return values


def last_recorded(facts: Facts, trend: NationalIndex) -> Index:
    """The last value of an accepted status that was recorded for each quarter: what a redo takes."""
    return {value.quarter: value for value in _accepted(facts, trend)}


def _accepted(facts: Facts, trend: NationalIndex) -> list[IndexValue]:
    return [
        value
        for record in facts.stream(trend_stream(trend.series))
        for value in record.data.values
        if value.status in trend.accept
    ]


def values(facts: Facts, series: str) -> Index:
    """The last value recorded of each quarter, whatever its status."""
    return {value.quarter: value for record in facts.stream(trend_stream(series)) for value in record.data.values}
