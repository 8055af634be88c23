"""Facts → command, for what rests on the record: a determination, and a report that must agree with earlier ones.

The ledger calls a proposal under its write lock, on the facts as they stand, so nothing comes between a figure and its record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledger.commands import OfContract, RecordDetermination
from ledger.contract import ContractState
from ledger.determining import check_period
from ledger.disruption import DeemAverage
from ledger.events import (
    AnyMonth,
    ContractAmended,
    ContractSigned,
    FollowUpResumed,
    FollowUpSuspended,
    MethodologyAdopted,
    MonthDetermined,
)
from ledger.facts import Facts, contract_stream, evidence_streams, trend_stream
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from projections.savings import Standing, determine, standing

AGREED = (ContractSigned, ContractAmended, MethodologyAdopted, FollowUpSuspended, FollowUpResumed)
"""What the parties agreed, which a determination rests on beside the evidence."""


def determination(
    facts: Facts, contract_id: str, period: Period, *, today: date, computed_by: str, redo: str | None = None
) -> OfContract:
    """The savings of a period under the methodology in force, on the facts as they stand (rules 4 to 9, 15).

    ``redo``: the reason for superseding earlier determinations. Raises Refused where the period or its evidence does not allow.
    """
    state = facts.contract(contract_id)
    check_period(state, period, today, redo=redo is not None)
    months = measured(facts, state, period, redo=redo is not None)
    command = RecordDetermination(
        months=tuple(months),
        preliminary=any(is_preliminary(month) for month in months),
        basis=facts.basis,
        computed_by=computed_by,
        redo=redo,
    )
    return OfContract(contract_id, command)


def measured(facts: Facts, state: ContractState, period: Period, *, redo: bool) -> list[AnyMonth]:
    """The period's months, each under the methodology in force on its first day; also what ``soc check`` compares with."""
    before = {month: amount for month, amount in state.averageable.items() if month not in period}
    on: dict[Month, Standing] = {}
    for methodology, part in by_methodology(state, period):
        locked = facts.at(locked_at(state, methodology) or facts.position)
        on |= dict.fromkeys(part, replace(standing(facts, locked, state, methodology, redo=redo), settled=before))
    return determine(on, state.terms_of)


def is_preliminary(month: AnyMonth) -> bool:
    """Whether the month rests on an index value that is not published (rule 7)."""
    return isinstance(month, MonthDetermined) and month.trend.status != "published"


def by_methodology(state: ContractState, period: Period) -> list[tuple[Methodology, Period]]:
    """The period cut where the methodology in force changes (rule 20)."""
    parts: list[tuple[Methodology, Period]] = []
    for month in period:
        methodology = state.methodology_of(month)
        if parts and parts[-1][0] == methodology:
            parts[-1] = (methodology, Period(parts[-1][1].first, month))
        else:
            parts.append((methodology, Period(month, month)))
    return parts


def locked_at(state: ContractState, methodology: Methodology) -> int | None:
    """The record up to which reference rates and values are taken: that of the first determination that measures a month by the
    methodology; None before it (rules 6, 7)."""
    measured = ((one.basis, line) for one in state.determinations for line in one.months if isinstance(line, MonthDetermined))
    return next((basis for basis, line in measured if line.methodology_sha256 == methodology.sha256), None)


def last_fact(facts: Facts, contract_id: str, period: Period) -> int:
    """The position of the last record that a determination of the period rests on; part of its submission id (decision 3)."""
    state = facts.contract(contract_id)
    rules = [method.agreed(month) for method, part in by_methodology(state, period) for month in part]
    averaged = {month for rule in rules if isinstance(rule, DeemAverage) for month in rule.of if month not in period}
    before = [one.position for one in state.in_force if any(line.month in averaged for line in one.months)]
    series = {trend_stream(methodology.trend.series) for _, methodology in state.methodologies}
    streams = [*evidence_streams(contract_id), *sorted(series)]
    evidence = [record.position for name in streams for record in facts.stream(name)]
    agreed = [record.position for record in facts.stream(contract_stream(contract_id)) if isinstance(record.data, AGREED)]
    return max(evidence + agreed + before)
