"""``soc determine``: computes a period's savings and records them, one line a month."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from cli import output, source
from cli.desk import Desk
from cli.options import PERIOD, TEXT, with_desk, writes
from ledger.errors import Usage
from ledger.events import MonthDetermined, SavingsDetermined
from ledger.money import decimals, kronor, shown
from ledger.periods import Period
from projections import proposals


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
        "last_fact": lambda facts: proposals.last_fact(facts, contract_id),
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
    more = {"months": [_month_json(month) for month in event.months]}
    output.receipts([output.Receipted(done, contract_id, _said(contract_id, event), more)], form, file)


def _said(contract_id: str, event: SavingsDetermined) -> list[str]:
    period = Period(event.months[0].month, event.months[-1].month)
    total = sum(month.savings_ore for month in event.months)
    said = [f"savings of {period}: {shown(total)} SEK{' (preliminary)' if event.preliminary else ''}"]
    said += [month_line(month) for month in event.months]
    if event.supersedes:
        said.append(f"supersedes {', '.join(f'D{number}' for number in event.supersedes)}: {event.reason}")
    moved = sum(one.amount_ore for one in event.entitlement)
    claim = event.claim_ore
    notice = f"claim {shown(claim)} SEK" if claim >= 0 else f"lower what is payable by {shown(-claim)} SEK"
    said.append(f"the provider's entitlement changes by {shown(moved)} SEK; its notice will {notice}")
    findings = list(dict.fromkeys(finding for month in event.months for finding in month.findings))
    said += [f"finding: {finding}" for finding in findings[:8]]
    if len(findings) > 8:
        said.append(f"and {len(findings) - 8} more findings")
    return [*said, f"next: soc notify {contract_id}/D{event.number} --on DATE"]


def month_line(month: MonthDetermined) -> str:
    """One month in words and figures, step by step; exact inside, shown with six decimals."""
    trend, actual = month.trend, Fraction(month.actual_hundredths, 100)
    rate = f"{decimals(month.reference_rate, 6)} × {month.employees} employees × {month.weekdays} weekdays"
    factor = f"trend {decimals(trend.factor, 6)} ({trend.quarter} {trend.value}, {trend.status} {trend.published_on})"
    return (
        f"{month.month}  expected {decimals(month.expected_days, 6)} = {rate} × {factor}; actual {decimals(actual, 2)}; "
        f"avoided {decimals(month.expected_days - actual, 6)} × {shown(month.price_ore)} = {shown(month.savings_ore)}"
    )


def _month_json(month: MonthDetermined) -> dict[str, Any]:
    actual = Fraction(month.actual_hundredths, 100)
    return {
        **output.rests_on(month),
        "expected_days": decimals(month.expected_days, 6),
        "actual_days": decimals(actual, 2),
        "avoided_days": decimals(month.expected_days - actual, 6),
        "price": kronor(month.price_ore),
        "savings": kronor(month.savings_ore),
        "findings": list(month.findings),
    }
