"""A file of the state's reimbursements of sick pay: read, checked against the calendar, and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from cli.words import counted
from ledger.errors import Faults
from ledger.events import Reimbursement
from ledger.facts import Facts
from ledger.imports import reimbursements_csv
from ledger.imports.reimbursements_csv import ReimbursementRow
from ledger.money import ORE, decimals, rounded, shown
from ledger.vocabulary import decimal_text
from projections.reimbursements import reimbursements


def read(data: bytes, path: str, today: date) -> tuple[ReimbursementRow, ...]:
    """The months of a file, all of which have ended. Raises InputRefused with every fault."""
    rows = reimbursements_csv.read(data, path).rows
    late = Faults(path)
    for row in rows:
        if row.month.last_day > today:
            advice = "Leave the month out until it has ended: nothing can have been repaid for it."
            late.add(row.line, f"{row.month} has not ended; today is {today}", advice)
    late.refuse()
    return rows


def recorded(rows: Iterable[ReimbursementRow]) -> tuple[Reimbursement, ...]:
    """The months as the record keeps them."""
    return tuple(
        Reimbursement(
            month=row.month,
            sick_pay_cost_ore=row.sick_pay_cost,
            wage_cost_ore=row.wage_cost,
            threshold=decimal_text(row.threshold),  # type: ignore[arg-type]  # shares are read from text
            reimbursed_ore=row.reimbursed,
        )
        for row in rows
    )


def said(path: str, rows: Sequence[ReimbursementRow], before: Facts, contract_id: str) -> list[str]:
    """What the file says, which months it replaces, and where what was repaid is not what the rule gives."""
    months = sorted(row.month for row in rows)
    cost, repaid = (sum(amounts) for amounts in zip(*((row.sick_pay_cost, row.reimbursed) for row in rows), strict=True))
    period = f"{months[0]} to {months[-1]}" if len(months) > 1 else str(months[0])
    of = f"{shown(repaid)} of {shown(cost)} SEK of sick pay"
    lines = [f"{path}: the state repaid {of}, {counted(len(months), 'month')}, {period}"]
    standing = reimbursements(before, contract_id)
    replaced = [str(row.month) for row in recorded(rows) if standing.get(row.month, row) != row]
    if replaced:
        lines.append(f"replaces what was recorded of {', '.join(replaced)}")
    return lines + [_beside_the_rule(row) for row in rows if abs(row.reimbursed - row.by_rule) > ORE]


def _beside_the_rule(row: ReimbursementRow) -> str:
    """A month in which more than a krona more or less was repaid than the rule gives: the decision is the fact."""
    by_rule = rounded(row.by_rule)
    differs = row.reimbursed - by_rule
    return (
        f"finding: line {row.line}, {row.month}: {shown(row.reimbursed)} was repaid, and what lies above "
        f"{decimals(row.threshold * 100, 2)} % of {shown(row.wage_cost)} is {shown(by_rule)} of {shown(row.sick_pay_cost)}: "
        f"{shown(abs(differs))} {'more' if differs > 0 else 'less'}; recorded as it was decided"
    )
