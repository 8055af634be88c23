"""``soc determine``: computes a period's savings and records them, one line a month."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from cli import methodology_words, output, source
from cli.desk import Desk
from cli.options import PERIOD, TEXT, with_desk, writes
from cli.words import role
from ledger.contract import ContractState
from ledger.errors import Usage
from ledger.events import AnyMonth, MonthAgreed, MonthDetermined, SavingsDetermined
from ledger.holds import MOOT
from ledger.money import decimals, kronor, shown
from ledger.periods import Period
from projections import proposals
from projections.redone import redone
from projections.replays.causes import Difference


@click.command("determine")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("period", type=PERIOD)
@click.option("--redo", is_flag=True, help="Determine again, superseding whole determinations, on all facts now recorded.")
@click.option("--reason", type=TEXT, metavar="TEXT", help="Why it is determined again.")
@writes
@with_desk
def command(
    desk: Desk,
    contract_id: str,
    period: Period,
    redo: bool,
    reason: str | None,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Determine a calendar quarter's savings under the methodology in force, and record the determination."""
    if redo and not reason:
        raise Usage("a redo says why: --redo --reason TEXT")
    if reason and not redo:
        raise Usage("--reason belongs to --redo")
    desk.facts.contract(contract_id)
    words: dict[str, Any] = {
        "command": "determine",
        "contract": contract_id,
        "period": str(period),
        "redo": reason,
        "last_fact": lambda facts: proposals.last_fact(facts, contract_id, period),
    }
    done = desk.submit(
        lambda facts: proposals.determination(
            facts, contract_id, period, today=desk.today, computed_by=source.computed_by(), redo=reason
        ),
        words,
        dry_run=dry_run,
        reference=reference,
    )
    event = done.records[0].data
    why = redone(done.facts, contract_id, event.number)
    more = {"months": [_month_json(month) for month in event.months], "causes": _causes_json(why)}
    said = _said(done.facts.contract(contract_id), event, why)
    output.receipts([output.Receipted(done, contract_id, said, more)], form, file)


def _causes(why: Difference | None) -> list[str]:
    """Why a redo gives other savings than what it supersedes, facts recorded since first."""
    if why is None or not why.parts:
        return []
    heading = f"the difference to what it supersedes, {shown(why.savings)} SEK of savings, by cause:"
    return [heading, *(f"  {cause}: {shown(savings)}" for cause, savings, _, _ in why.by_cause() if savings)]


def _causes_json(why: Difference | None) -> list[dict[str, Any]]:
    rows = why.by_cause() if why is not None else []
    return [
        {"cause": cause, "savings": kronor(savings), "to_provider": kronor(entitlement), "facts": facts}
        for cause, savings, entitlement, facts in rows
    ]


def _said(folded: ContractState, event: SavingsDetermined, why: Difference | None) -> list[str]:
    period = Period(event.months[0].month, event.months[-1].month)
    total = sum(month.savings_ore for month in event.months)
    said = [f"savings of {period}: {shown(total)} SEK{' (preliminary)' if event.preliminary else ''}"]
    said += [month_line(month, folded) for month in event.months]
    for dispute in folded.disputes:
        ended = dispute.ended
        if ended is not None and ended.how == MOOT and ended.determination == event.number:
            by = role(dispute.raised.by)
            said.append(f"{dispute.name} is moot: what it held is released; {by} may object to D{event.number} at once")
    if event.supersedes:
        said.append(f"supersedes {', '.join(f'D{number}' for number in event.supersedes)}: {event.reason}")
        said += _causes(why)
    moved = sum(one.amount_ore for one in event.entitlement)
    claim = event.claim_ore
    notice = f"claim {shown(claim)} SEK" if claim >= 0 else f"lower what is payable by {shown(-claim)} SEK"
    said.append(f"the provider's entitlement changes by {shown(moved)} SEK; its notice will {notice}")
    findings = list(dict.fromkeys(finding for month in event.months for finding in month.findings))
    said += [f"finding: {finding}" for finding in findings[:8]]
    if len(findings) > 8:
        said.append(f"and {len(findings) - 8} more findings")
    return [*said, f"next: soc notify {folded.signed.id}/D{event.number} --on DATE"]


def month_line(month: AnyMonth, folded: ContractState) -> str:
    """One month in words and figures, step by step; exact inside, shown with six decimals."""
    if isinstance(month, MonthAgreed):
        return f"{month.month}  {methodology_words.agreed(month)}: {shown(month.savings_ore)}"
    trend, actual = month.trend, Fraction(month.actual_hundredths, 100)
    rate = f"{decimals(month.reference_rate, 6)} × {month.employees} employees × {month.weekdays} weekdays"
    factor = f"trend {decimals(trend.factor, 6)} ({trend.quarter} {trend.value}, {trend.status} {trend.published_on})"
    return (
        f"{month.month}  expected {decimals(month.expected_days, 6)} = {rate} × {factor}; actual {decimals(actual, 2)}"
        f"{_left_out(month, folded)}; avoided {decimals(month.expected_days - actual, 6)} × {shown(month.price_ore)}"
        f"{_netted(month)} = {shown(month.savings_ore)}"
    )


def _left_out(month: MonthDetermined, folded: ContractState) -> str:
    if month.left_out_hundredths is None:
        return ""
    causes = folded.every_methodology[month.methodology_sha256].left_out(month.month)
    days = decimals(Fraction(month.left_out_hundredths, 100), 2)
    return f" ({days} {methodology_words.with_cause(causes)} left out)"


def _netted(month: MonthDetermined) -> str:
    return "" if month.reimbursed is None else f" × (1 − {decimals(month.reimbursed, 6)} borne by the state)"


def _month_json(month: AnyMonth) -> dict[str, Any]:
    said = {"savings": kronor(month.savings_ore), "findings": list(month.findings)}
    return {**output.rests_on(month), **(_steps_json(month) if isinstance(month, MonthDetermined) else {}), **said}


def _steps_json(month: MonthDetermined) -> dict[str, Any]:
    actual, left_out = Fraction(month.actual_hundredths, 100), month.left_out_hundredths
    return {
        "expected_days": decimals(month.expected_days, 6),
        "actual_days": decimals(actual, 2),
        "left_out_days": None if left_out is None else decimals(Fraction(left_out, 100), 2),
        "avoided_days": decimals(month.expected_days - actual, 6),
        "price": kronor(month.price_ore),
        "reimbursed": None if month.reimbursed is None else str(month.reimbursed),
    }
