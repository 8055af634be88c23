"""Facts recorded after the determination of a month that they are about: they change no figure by themselves (rule 15)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ledger.contract import ContractState
from ledger.facts import Facts, absence_stream, trend_stream, workforce_stream
from ledger.methodology import Methodology
from ledger.periods import Month
from ledger.record import Recorded

Basis = dict[Month, int]


def unsettled(facts: Facts, folded: ContractState, contract_id: str, as_of: date) -> list[Recorded[Any]]:
    """The records of the methodology's source, the headcounts and trend values, that touch a month determined without them."""
    months = {
        one.month: (found.basis, folded.methodology_of(one.month))
        for found in folded.in_force
        for one in found.months
        if one.month.last_day <= as_of
    }
    if not months:
        return []
    basis: Basis = {month: position for month, (position, _) in months.items()}
    methodologies = {month: methodology for month, (_, methodology) in months.items()}
    return sorted(
        [
            *_absences(facts, contract_id, basis, methodologies),
            *_workforce(facts, contract_id, basis),
            *_trend(facts, basis, methodologies),
        ],
        key=lambda record: record.position,
    )


def unsettled_facts(facts: Facts, folded: ContractState, contract_id: str, as_of: date) -> int:
    """How many such records there are."""
    return len(unsettled(facts, folded, contract_id, as_of))


def _after(position: int, basis: Basis, months: Iterable[Month]) -> bool:
    return any(position > basis[month] for month in months if month in basis)


def _absences(facts: Facts, contract_id: str, basis: Basis, methodologies: dict[Month, Methodology]) -> list[Recorded[Any]]:
    return [
        record
        for record in facts.stream(absence_stream(contract_id))
        if _after(
            record.position,
            basis,
            (one for one in record.data.months if one in basis and methodologies[one].measure.source == record.data.source),
        )
    ]


def _workforce(facts: Facts, contract_id: str, basis: Basis) -> list[Recorded[Any]]:
    stream = facts.stream(workforce_stream(contract_id))
    return [record for record in stream if _after(record.position, basis, {row.month for row in record.data.rows})]


def _trend(facts: Facts, basis: Basis, methodologies: dict[Month, Methodology]) -> list[Recorded[Any]]:
    found = []
    for series in sorted({methodology.trend.series for methodology in methodologies.values()}):
        for record in facts.stream(trend_stream(series)):
            quarters = {value.quarter for value in record.data.values}
            about = [one for one in basis if one.quarter in quarters and methodologies[one].trend.series == series]
            if _after(record.position, basis, about):
                found.append(record)
    return found
