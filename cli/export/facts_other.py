"""Headcounts, the national trend and reimbursements as data: every row that was ever recorded, and which record says it anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from cli.export.datasets import Dataset, Field
from ledger.facts import Facts, reimbursement_stream, workforce_stream
from ledger.money import decimals
from ledger.periods import instant_text
from ledger.record import Recorded
from projections.about import streams

RECORD = Field("record", "the record's number", "whole")
RECORDED = (
    Field("said_anew_by", "the next record that says the same thing; empty for the last", "whole"),
    Field("recorded_at", "when it was recorded, UTC"),
    Field("document", "its document"),
    Field("sha256", "the document's SHA-256"),
)

WORKFORCE = (
    RECORD,
    Field("month", "the month"),
    Field("workplace", "the workplace"),
    Field("employees", "employees by head on the last day of the month; 0 ends a workplace", "whole"),
)
TREND = (
    RECORD,
    Field("series", "the national series"),
    Field("quarter", "the quarter"),
    Field("value", "the index", "number"),
    Field("published_on", "when it was published", "date"),
    Field("status", "published, derived or estimated"),
    Field("source", "where it is from"),
)
REIMBURSEMENTS = (
    RECORD,
    Field("month", "the month"),
    Field("sick_pay_cost", "what sick pay cost, SEK", "money"),
    Field("wage_cost", "what wages cost, SEK", "money"),
    Field("threshold_per_cent", "what lies above so many per cent of the wage cost was repaid", "number"),
    Field("reimbursed", "what the state repaid, SEK", "money"),
)

Rows = Callable[[Any], Iterator[tuple[Hashable, list[Any]]]]
"""What a record says: of what, and the cells."""


def workforce(facts: Facts, contract_id: str) -> Dataset:
    """Headcounts by month and workplace; the last recorded holds (rule 1)."""

    def rows(event: Any) -> Iterator[tuple[Hashable, list[Any]]]:
        for one in event.rows:
            yield (one.month, one.workplace), [str(one.month), one.workplace, one.employees]

    found = _said(facts.stream(workforce_stream(contract_id)), rows)
    said = "The last row of a month and workplace holds."
    return Dataset("workforce", f"Headcounts of {contract_id}", (*WORKFORCE, *RECORDED), found, [said])


def trend(facts: Facts, contract_id: str) -> Dataset:
    """Every value of the national series that the contract is measured by (rule 7)."""
    names = [name for name in streams(contract_id, facts.contract(contract_id)) if name.startswith("trend/")]

    def rows(event: Any) -> Iterator[tuple[Hashable, list[Any]]]:
        for one in event.values:
            cells = [event.series, str(one.quarter), one.value, one.published_on, one.status, one.source]
            yield one.quarter, cells

    found = [row for name in names for row in _said(facts.stream(name), rows)]
    said = "A determination takes the first value of a status that its methodology accepts; one made anew takes the last."
    return Dataset("trend", f"The national trend that {contract_id} is measured by", (*TREND, *RECORDED), found, [said])


def reimbursements(facts: Facts, contract_id: str) -> Dataset:
    """What the state repaid of sick pay by month; the last recorded holds."""

    def rows(event: Any) -> Iterator[tuple[Hashable, list[Any]]]:
        for one in event.rows:
            threshold = decimals(100 * one.threshold, 2)
            yield one.month, [str(one.month), one.sick_pay_cost_ore, one.wage_cost_ore, threshold, one.reimbursed_ore]

    found = _said(facts.stream(reimbursement_stream(contract_id)), rows)
    title = f"What the state repaid of the sick pay of {contract_id}"
    return Dataset("reimbursements", title, (*REIMBURSEMENTS, *RECORDED), found, ["The last row of a month holds."])


def _said(records: Sequence[Recorded[Any]], rows: Rows) -> list[list[Any]]:
    said: list[tuple[Hashable, Recorded[Any], list[Any]]] = []
    for record in records:
        said += ((key, record, cells) for key, cells in rows(record.data))
    following: dict[Hashable, int] = {}
    found = []
    for key, record, cells in reversed(said):
        document, digest = next(((one.document, one.sha256) for one in record.evidence), (None, None))
        ends = [following.get(key), instant_text(record.recorded_at), document, digest]
        found.append([record.position, *cells, *ends])
        following[key] = record.position
    return found[::-1]
