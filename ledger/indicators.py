"""The decider of targets and unpaid outcomes: who may record them, and which values there can be. Pure.

No savings, no entitlement and no payment rests on what is recorded here. Sources: the case study (§3) names the outcomes that are
followed and not paid by; how they are measured is not published, so that the unit is said with each value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, assert_never

from ledger import events as e
from ledger.authority import require
from ledger.commands import Context, Decided
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.periods import Month, Period
from ledger.record import Recorded

UNITS: Mapping[e.ReportedIndicator, tuple[e.IndicatorUnit, ...]] = {
    "engagement": ("index-0-100",),
    "work-capacity": ("index-0-100", "score-0-10", "per-cent"),
    "ohs-preventive": ("sek",),
    "ohs-rehabilitative": ("sek",),
}
"""What each indicator may be in: engagement as the index that municipalities use (HME); of work capacity no source says."""

MOST: Mapping[e.IndicatorUnit, int] = {"index-0-100": 100, "score-0-10": 10, "per-cent": 100, "sek": 10**13}
"""The largest value of each unit; the least is 0."""


EARLIEST = Month.of(2000, 1)
"""The first month that a value or a target may be about: what lies before is a slip of the pen. Assumed."""

FEWEST = 5
"""Persons who must have answered: what fewer say tells of each of them, and whatever is recorded is handed over in bundles."""


@dataclass(frozen=True)
class ReportIndicators:
    """One document's values of unpaid outcomes."""

    contract: str
    rows: tuple[e.IndicatorRow, ...]


@dataclass(frozen=True)
class StateTargets:
    """One document's targets."""

    contract: str
    rows: tuple[e.TargetRow, ...]


IndicatorCommand = ReportIndicators | StateTargets

IndicatorKey = tuple[str, Period]
TargetKey = tuple[str, str]
"""Measure and source."""


@dataclass(frozen=True)
class IndicatorState:
    """What is on record: of each indicator and period, and of each measure and source, the last row with its record's
    position."""

    values: Mapping[IndicatorKey, tuple[int, e.IndicatorRow]] = field(default_factory=dict)
    targets: Mapping[TargetKey, tuple[int, e.TargetRow]] = field(default_factory=dict)


def fold(records: Iterable[Recorded[Any]]) -> IndicatorState:
    """The state after a stream's records."""
    values: dict[IndicatorKey, tuple[int, e.IndicatorRow]] = {}
    targets: dict[TargetKey, tuple[int, e.TargetRow]] = {}
    for record in records:
        event: e.IndicatorEvent = record.data
        match event:
            case e.IndicatorsReported():
                values |= {(row.indicator, row.period): (record.position, row) for row in event.rows}
            case e.TargetsStated():
                targets |= {(row.measure, row.source): (record.position, row) for row in event.rows}
            case _:
                assert_never(event)
    return IndicatorState(values, targets)


def decide(command: IndicatorCommand, contract: ContractState, state: IndicatorState, context: Context) -> tuple[Decided, ...]:
    """The event that a document brings about. Raises Refused with every fault; who may record, governance.records says."""
    if contract.signed_on is None:
        raise Refused("the contract is not signed", do="sign it with: soc contract sign TERMS.toml")
    require(contract.versions[-1][1], "records", context.by)
    match command:
        case ReportIndicators():
            _refuse(list(_report_faults(command.rows, state, context)), "the indicators cannot be recorded")
            about = max(row.period.last_day for row in command.rows)
            return (Decided(about, e.IndicatorsReported(contract=command.contract, rows=command.rows)),)
        case StateTargets():
            _refuse(list(_target_faults(command.rows, context)), "the targets cannot be recorded")
            about = max((row.stated_on for row in command.rows if row.stated_on is not None), default=context.today)
            return (Decided(about, e.TargetsStated(contract=command.contract, rows=command.rows)),)
        case _:
            assert_never(command)


def _refuse(faults: Sequence[str], what: str) -> None:
    if faults:
        raise Refused(f"{what}:\n    " + "\n    ".join(faults), do="correct the file, and send it whole")


def _report_faults(rows: Sequence[e.IndicatorRow], state: IndicatorState, context: Context) -> Iterator[str]:
    if not rows:
        yield "there are no rows"
    yield from _twice([f"{row.indicator} {row.period}" for row in rows])
    units: dict[str, str] = {row.indicator: row.unit for _, row in state.values.values()}
    for row in rows:
        said = f"{row.indicator} {row.period}"
        yield from (f"{said}: {fault}" for fault in value_faults(row.indicator, row.value, row.unit, row.respondents))
        if row.period.last_day > context.today:
            yield f"{said}: the period has not ended; today is {context.today}"
        if row.period.first < EARLIEST:
            yield f"{said}: the period lies before {EARLIEST}"
        if units.setdefault(row.indicator, row.unit) != row.unit:
            yield f"{said}: it is in {row.unit}, and elsewhere in {units[row.indicator]}; the two cannot be compared"


def value_faults(
    indicator: e.ReportedIndicator, value: str, unit: e.IndicatorUnit, respondents: int | None = None
) -> Iterator[str]:
    """What speaks against a value, in words."""
    if unit not in UNITS[indicator]:
        yield f"it is never in {unit}; it may be in {' or '.join(UNITS[indicator])}"
    if Fraction(value) > MOST[unit]:
        yield f"{value} is more than there can be in {unit}"
    places = len(value.partition(".")[2])
    if unit == "sek" and places not in (0, 2):
        yield f"{value} is not an amount: write whole kronor or exactly two decimals, as 900000 or 900000.00"
    if places > 6:
        yield f"{value} has more decimals than are kept of {unit}"
    if respondents is not None and respondents < FEWEST:
        yield f"{respondents} answered, and a value of fewer than {FEWEST} persons tells of each of them"


def _target_faults(rows: Sequence[e.TargetRow], context: Context) -> Iterator[str]:
    if not rows:
        yield "there are no rows"
    yield from _twice([f"{row.measure} of {row.source}" for row in rows])
    for row in rows:
        said = f"{row.measure} of {row.source}"
        yield from (f"{said}: {fault}" for fault in change_faults(row.change))
        if row.stated_on is not None and row.stated_on > context.today:
            yield f"{said}: {row.stated_on} is in the future; today is {context.today}"
        if row.from_period is not None and row.to_period is not None and row.to_period.last <= row.from_period.last:
            yield f"{said}: {row.to_period} does not come after {row.from_period}"


def change_faults(change: Fraction) -> Iterator[str]:
    """What speaks against a change that is aimed at, in words."""
    if not change:
        yield "a change of nothing is no target"
    if not -1 <= change <= 10:
        yield "a change lies between -100 and 1000 per cent"


def _twice(keys: Sequence[str]) -> Iterator[str]:
    yield from (f"{key} stands twice" for key in dict.fromkeys(keys) if keys.count(key) > 1)
