"""Absences as data: every line for the employer, months by workplace for others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from cli.export.datasets import Dataset, Field
from ledger.facts import Facts
from ledger.periods import instant_text
from ledger.record import Recorded
from projections.absences_shown import Shown, absences_shown
from projections.audience import FEWEST, Audience, is_employer
from projections.lines_on_record import LinesOnRecord, lines_on_record

LINES = (
    Field("record", "the report's record number", "whole"),
    Field("line", "the line's number in the report, from 0", "whole"),
    Field("employee", "the employee's number in the ledger; who it is stands in the vault alone", "whole"),
    Field("workplace", "the workplace"),
    Field("first_day", "the first day of absence", "date"),
    Field("last_day", "the last day of absence; empty where the report left it open", "date"),
    Field("ends", "the day with which it ends while it stands: that of an open one is the end of its report's period", "date"),
    Field("extent", "per cent of the day; 0 says that there is no such absence", "whole"),
    Field("cause", "why: sick, work-injury, covid"),
    Field("stands", "whether it is in force", "flag"),
    Field("fate", "in force, or what a later report did: said it anew, withdrew it, did not repeat it"),
    Field("replaced_by", "the record that did", "whole"),
    Field("source", "whose report it is"),
    Field("recorded_at", "when the report was recorded, UTC"),
    Field("document", "the report's document"),
    Field("sha256", "its SHA-256"),
)

MONTHS = (
    Field("month", "the month"),
    Field("workplace", "the workplace; empty: all that are withheld in the month, together"),
    Field("workplaces", "how many workplaces the row is about", "whole"),
    Field("spells", "absences with net days in the month; empty where withheld", "whole"),
    Field("net_days", "short-term net days as they are measured, in force now; empty where withheld", "number"),
    Field("withheld", "whether the figures are withheld", "flag"),
    Field("compared_with", "whether the contract's months are compared with this one", "flag"),
)


def absences(facts: Facts, contract_id: str, audience: Audience) -> Dataset:
    """The lines for the employer; for others months by workplace."""
    if not is_employer(audience):
        rows = [_month(one) for one in absences_shown(facts, contract_id, audience)]
        said = (
            f"Made for: {audience}. Single absences, and figures that rest on fewer than {FEWEST} absent persons, are for the "
            "employer alone; so that none follows from the others, more may be withheld. Months that are not measured, by "
            "agreement, are left out."
        )
        return Dataset("absences", f"Absences of {contract_id}, by month and workplace", MONTHS, rows, [said])
    rows = [row for source in lines_on_record(facts, contract_id) for row in _lines(source)]
    rows.sort(key=lambda row: (row[0], row[1]))
    said = "Made for the payer, as employer. Every line that was ever reported, also those that stand no more: personal data."
    return Dataset("absences", f"Absences of {contract_id}, line by line", LINES, rows, [said])


def _month(one: Shown) -> list[Any]:
    days = None if one.hundredths is None else f"{one.hundredths // 100}.{one.hundredths % 100:02d}"
    return [str(one.month), one.workplace, one.workplaces, one.spells, days, one.spells is None, one.reference]


def _lines(source: LinesOnRecord) -> Iterator[list[Any]]:
    reports = {record.position: _report(record) for record in source.reported.records}
    for one in source:
        position = one.report.position
        yield [
            position,
            one.line,
            one.employee,
            one.workplace,
            _day(one.first),
            None if one.last is None else _day(one.last),
            None if one.until is None else _day(one.until),
            one.extent,
            one.cause,
            one.until is not None,
            one.fate,
            one.by,
            *reports[position],
        ]


_EPOCH = date(1970, 1, 1).toordinal()


@cache
def _day(number: int) -> date:
    return date.fromordinal(number + _EPOCH)


def _report(record: Recorded[Any]) -> list[Any]:
    document, digest = next(((one.document, one.sha256) for one in record.evidence), (None, None))
    return [record.data.source, instant_text(record.recorded_at), document, digest]
