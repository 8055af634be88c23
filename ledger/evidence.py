"""The deciders of evidence: absence reports, workforce, national trend. Pure; lines come in as checked columns.

What a file says about itself is checked by its importer; what the record says about it, by a proposal. Here stand the
rules that need neither: who may record, and that nothing is about the future.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never

from ledger import events as e
from ledger.authority import require
from ledger.commands import Context, Decided
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.events import Headcount, IndexValue, LineCommitment, Reimbursement, Scope
from ledger.lines import Lines
from ledger.methodology import Source
from ledger.periods import Month, Period
from ledger.terms import ContractTerms


@dataclass(frozen=True)
class ReportAbsences:
    """One document's absences. ``lines`` come with an empty secret: the decider salts them. ``months``: those of its scope,
    and those in which it changes what stands on record. ``withdraws``: how many spells on record it ends, for the receipt."""

    contract: str
    source: Source
    scope: Scope | None
    period: Period | None
    months: tuple[Month, ...]
    lines: Lines
    withdraws: int = 0


@dataclass(frozen=True)
class ReportWorkforce:
    """One document's headcounts."""

    contract: str
    rows: tuple[Headcount, ...]


@dataclass(frozen=True)
class PublishTrend:
    """One document's values of one series."""

    series: str
    values: tuple[IndexValue, ...]


@dataclass(frozen=True)
class ReportReimbursements:
    """One document's reimbursements of sick pay by the state."""

    contract: str
    rows: tuple[Reimbursement, ...]


EvidenceCommand = ReportAbsences | ReportWorkforce | ReportReimbursements | PublishTrend


def decide(command: EvidenceCommand, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The event that a document brings about. ``state`` is the contract's, empty for a trend. Raises Refused."""
    match command:
        case ReportAbsences():
            return _absences(command, state, context)
        case ReportWorkforce():
            require(_signed(state), "records", context.by)
            last = max(row.month for row in command.rows)
            if last.last_day > context.today:
                raise Refused(f"headcounts are of a month's last day, and {last} has not ended; today is {context.today}")
            return (Decided(last.last_day, e.WorkforceReported(contract=command.contract, rows=command.rows)),)
        case ReportReimbursements():
            require(_signed(state), "records", context.by)
            last = max(row.month for row in command.rows)
            if last.last_day > context.today:
                raise Refused(f"{last} has not ended, so nothing can have been repaid for it; today is {context.today}")
            return (Decided(last.last_day, e.ReimbursementsReported(contract=command.contract, rows=command.rows)),)
        case PublishTrend():
            _may_publish(context)
            latest = max(value.published_on for value in command.values)
            if latest > context.today:
                raise Refused(f"a value published on {latest} is in the future; today is {context.today}")
            return (Decided(latest, e.TrendPublished(series=command.series, values=command.values)),)
        case _:
            assert_never(command)


def _may_publish(context: Context) -> None:
    """The national series serves all contracts that measure by it: who records in each of them may record it."""
    if context.recorders and context.by.role not in context.recorders:
        named = ", ".join(sorted(context.recorders))
        raise Refused(f"{context.by.role} may not do this; governance.records names {named}", where="governance.records")


def _absences(command: ReportAbsences, state: ContractState, context: Context) -> tuple[Decided, ...]:
    require(_signed(state), "records", context.by)
    if command.scope is not None and command.scope.complete.last_day > context.today:
        raise Refused(
            f"a report cannot be complete for {command.scope.complete}, which has not ended; today is {context.today}",
            do="report the months that have ended, or send it as partial: without --complete, with --period",
        )
    lines = replace(command.lines, secret=context.secret)
    event = e.AbsenceReported(
        contract=command.contract,
        source=command.source,
        scope=command.scope,
        period=command.period,
        months=command.months,
        lines=LineCommitment(count=len(lines), sha256=lines.commitment()),
    )
    about = command.period.last_day if command.period else _day(max(max(command.lines.first_day), max(command.lines.last_day)))
    return (Decided(min(about, context.today), event, lines.stored()),)


def _signed(state: ContractState) -> ContractTerms:
    if state.signed_on is None:
        raise Refused("the contract is not signed", do="sign it with: soc contract sign TERMS.toml")
    return state.versions[-1][1]


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)
