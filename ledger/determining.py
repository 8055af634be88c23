"""Determinations: which months may be determined when, what a redo supersedes, how the entitlement moves (rules 9, 15, 19).
Pure; a refusal names the clause."""

from __future__ import annotations

from datetime import date

from ledger import events as e
from ledger import waterfall
from ledger.authority import require, require_open
from ledger.commands import Context, Decided, RecordDetermination
from ledger.contract import ContractState, Determination, accepted_on, closed_on
from ledger.errors import Refused
from ledger.events import MonthAmount
from ledger.periods import Month, Period


def determine(command: RecordDetermination, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A determination of the next period, or anew of whole ones."""
    period = Period(command.months[0].month, command.months[-1].month)
    if [one.month for one in command.months] != list(period):
        raise Refused(f"a determination holds every month of {period}, once and in order")
    terms = state.terms_of(period.last)
    require(terms, "determines", context.by)
    superseded = check_period(state, period, context.today, redo=command.redo is not None)
    return (Decided(period.last_day, determination(command, state, superseded)),)


def determination(
    command: RecordDetermination, state: ContractState, superseded: tuple[Determination, ...]
) -> e.SavingsDetermined:
    """The event: how the sum and the entitlement move at each month's end, and what its notice will claim."""
    before = state.path
    savings = {**state.savings, **{month.month: month.savings_ore for month in command.months}}
    moves = waterfall.difference(before, waterfall.path(savings, state.terms_of))
    unclaimed = sum(one.claim_ore for one in superseded if one.notice is None)
    return e.SavingsDetermined(
        number=len(state.determinations) + 1,
        months=command.months,
        supersedes=tuple(one.number for one in superseded),
        reason=command.redo,
        preliminary=command.preliminary,
        basis=command.basis,
        computed_by=command.computed_by,
        savings=tuple(
            MonthAmount(month=one.month, amount_ore=moved)
            for one in command.months
            if (moved := one.savings_ore - state.savings.get(one.month, 0))
        ),
        entitlement=tuple(MonthAmount(month=month, amount_ore=amount) for month, amount in moves),
        claim_ore=sum(amount for _, amount in moves) + unclaimed,
    )


def check_period(state: ContractState, period: Period, today: date, *, redo: bool) -> tuple[Determination, ...]:
    """Refuse a period that cannot be determined now (rules 9, 15, 19); return the determinations that a redo supersedes."""
    require_open(state)
    terms = state.terms_of(period.last)
    if period.first < terms.first_month or period.last > terms.last_month:
        raise Refused(
            f"{period} is not within the contract, {terms.first_month} to {terms.last_month}", where=terms.clause("months")
        )
    if period.last_day >= today:
        raise Refused(f"{period} has not ended; today is {today}", do="determine it when it has")
    for month in period:
        if state.suspended(month):
            raise Refused(f"follow-up of {month} is suspended by agreement", where=terms.clause("governance.agrees"))
    touched = tuple(one for one in state.in_force if one.period.first <= period.last and period.first <= one.period.last)
    return _check_redo(state, period, touched, today) if redo else _check_next(state, period, touched)


def _check_next(state: ContractState, period: Period, touched: tuple[Determination, ...]) -> tuple[Determination, ...]:
    clause = state.signed.clause("settlement.period")
    if touched:
        names = ", ".join(f"D{one.number} ({one.period})" for one in touched)
        raise Refused(f"{period} is determined by {names}", where=clause, do="determine it again with --redo --reason TEXT")
    following = state.next_month
    if following is None or period.first != following:
        raise Refused(
            f"months are determined in order, without gaps: the next is {following or 'none'}, not {period.first}", where=clause
        )
    ends = _settlement_end(state, following)
    if period.last != ends:
        raise Refused(f"a determination is a calendar quarter: {Period(following, ends)}, not {period}", where=clause)
    return ()


def _settlement_end(state: ContractState, first: Month) -> Month:
    """The last month of the determination that begins with ``first``: the quarter's, the contract's, or the one before a
    suspension (rule 9)."""
    last, determined = first, state.savings.keys()
    while last + 1 in first.quarter.months and last + 1 <= state.terms_of(last + 1).last_month:
        if state.suspended(last + 1) or last + 1 in determined:
            break
        last = last + 1
    return last


def _check_redo(
    state: ContractState, period: Period, touched: tuple[Determination, ...], today: date
) -> tuple[Determination, ...]:
    if not touched:
        raise Refused(f"{period} is not determined; there is nothing to redo", do="leave --redo out")
    whole = Period(touched[0].period.first, touched[-1].period.last)
    if whole != period or sum(len(one.months) for one in touched) != len(period):
        raise Refused(f"a redo takes whole determinations: {whole}, not {period}", where=state.signed.clause("settlement.period"))
    for one in touched:
        closed = closed_on(state, one)
        if closed is not None and closed <= today:
            raise Refused(_why_closed(state, one, closed), where=state.signed.clause("settlement.correction_months"))
    return touched


def _why_closed(state: ContractState, one: Determination, closed: date) -> str:
    decided = [f"X{one.resolves}"] if one.resolves is not None else []
    for dispute in state.disputes:
        if dispute.raised.determination == one.number and dispute.status in ("settled", "upheld"):
            decided.append(dispute.name)
    said = f"D{one.number} ({one.period})"
    if decided:
        return f"{said} stands as the resolution of {decided[0]} of {closed} says; it is not determined again"
    return f"{said} was accepted on {accepted_on(one, closed)} and is closed since {closed}"
