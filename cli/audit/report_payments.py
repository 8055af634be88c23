"""Payments, and what about them needs an answer: the fourth section of the audit report."""

from __future__ import annotations

from datetime import date
from typing import Any

from cli.audit.report_table import Brief, Names, Section, Table, documents, grouped, number
from cli.words import who
from cli.workbook import Column
from ledger.contract import ContractState
from ledger.money import shown
from projections.audit.paid import unpaid
from projections.audit.payments import Flag, Payment, Sort, flagged
from projections.audit.records import amounts, recorded_on
from projections.audit.report import AuditReport


def payments(report: AuditReport, names: Names) -> Section:
    """Every payment with its references; what needs an answer."""
    return Section(
        "payments",
        "Payments: what was paid, on what, and what needs an answer?",
        _says(report),
        [_flags(report, names), _payments(report, names)],
    )


def _says(report: AuditReport) -> list[str]:
    state, today = report.folded, report.today
    made = [one for one in report.payments if one.made]
    paid = [
        (kind, sum(one.entry.amount for one in made if one.stands and one.entry.entry == kind))
        for kind in ("upfront", "outcome", "recovery")
    ]
    says = [f"{number(len(made), 'payment')} on record{f': {amounts(paid)} SEK' if made else ''}."]
    balance = state.payable(today) - state.sum_of("outcome", today) + state.sum_of("recovery", today)
    says.append(
        f"As known now, of {shown(state.entitled)} SEK entitled {shown(state.payable(today))} are payable on {today}; "
        f"{_balance(state, today, balance)}."
    )
    found = flagged(report.payments)
    missing = [sort for sort in ABSENT if sort not in found]
    if missing:
        says.append(f"None: {'; '.join(ABSENT[what] for what in missing)}.")
    draws = [one for one in state.loans if one.open]
    if draws:
        by_sort = [(f"{sort}s", sum(one.amount for one in draws if one.entry == sort)) for sort in ("draw", "repayment")]
        says.append(f"The internal loan is no payment to the provider: {amounts(by_sort)} SEK; see soc register.")
    return says


def _balance(state: ContractState, today: date, balance: int) -> str:
    if balance <= 0:
        return f"overpaid by {shown(-balance)} SEK" if balance else "all paid"
    since = [f"{shown(one.ore)} due since {one.since} ({one.why})" for one in unpaid(state, today)]
    held = state.held(today)
    since += [f"{shown(held)} held by a dispute"] if held else []
    return f"unpaid {shown(balance)} SEK: {', '.join(since)}"


ABSENT: dict[Sort, str] = {
    "overpaid": "above what was payable on its day",
    "before acceptance": "before acceptance",
    "before it fell payable": "before it fell payable",
    "disputed": "while a dispute held it",
    "paid late": "after it fell due",
    "no instruction": "without instruction",
    "other amount than instructed": "of another amount than instructed",
    "invoice used twice": "under an invoice used twice",
    "bank reference used twice": "under a bank reference used twice",
    "reversed": "reversed or cancelled",
    "corrected": "corrected",
    "unsettled instruction": "instructed long ago and not made",
    "no document": "without a document",
}
"""What is not the case of any payment, in words."""


def _flags(report: AuditReport, names: Names) -> Table:
    columns = (Column("needs an answer"), Column("record"), Column("payment"), Column("amount", "money"), Column("why"))
    found = flagged(report.payments)
    rows = [
        (sort, names.full(one.record.position), one.entry.name, one.entry.amount if flag.ore is None else flag.ore, flag.what)
        for sort, several in found.items()
        for one, flag in several
    ]
    brief = [
        _brief(same, len(report.payments), names) for several in found.values() for same in grouped(several, _alike).values()
    ]
    return Table("flags", "Needs an answer", columns, rows, Brief(["needs an answer", "record", "SEK", "why"], brief, (2,), 12))


def _alike(flagged_: tuple[Payment, Flag]) -> Any:
    """What the text tells in one row: what is the same of many payments."""
    one, flag = flagged_
    return flag.days or flag.sort in ("no document", "no instruction") or one.record.position


def _brief(same: list[tuple[Payment, Flag]], made: int, names: Names) -> tuple[str, str, str, str]:
    (_, first), sizes = same[0], [one.entry.amount if flag.ore is None else flag.ore for one, flag in same]
    which = names.several([one.record.position for one, _ in same], 2)
    late = "" if first.days is None else f", {number(first.days, 'day')} after it fell due"
    alone = len(same) == 1 and first.sort not in ("no document", "no instruction")
    return first.sort, which, shown(sum(sizes)), first.what if alone else f"{len(same)} of {made}{late}"


PAYMENTS = (
    Column("record"),
    Column("payment"),
    Column("kind"),
    Column("amount", "money"),
    Column("bank day", "date"),
    Column("recorded", "date"),
    Column("by"),
    Column("invoice"),
    Column("bank reference"),
    Column("carries out"),
    Column("stands"),
    Column("above payable then", "money"),
    Column("above payable now", "money"),
    Column("flags"),
    Column("documents"),
)


def _payments(report: AuditReport, names: Names) -> Table:
    rows = [_payment(one, names) for one in report.payments]
    brief = [
        (
            names.short(one.record.position) + (f" for {settles}" if (settles := _settles(one)) else ""),
            one.entry.entry,
            shown(one.entry.amount),
            one.entry.on,
            one.entry.invoice,
            _bank(one) or "—",
        )
        for one in report.payments
    ]
    headers = ["record", "kind", "SEK", "bank day", "invoice", "bank reference"]
    return Table("payments", "Payments", PAYMENTS, rows, Brief(headers, brief, (2,), 12))


def _payment(one: Payment, names: Names) -> tuple[Any, ...]:
    return (
        names.full(one.record.position),
        one.entry.name,
        one.entry.entry,
        one.entry.amount,
        one.entry.on,
        recorded_on(one.record),
        who(one.record.recorded_by),
        one.entry.invoice,
        _bank(one),
        _settles(one),
        _stands(one),
        one.above_then,
        one.above_now,
        tuple(dict.fromkeys(flag.sort for flag in one.flags)),
        documents(one.record),
    )


def _bank(one: Payment) -> str | None:
    return getattr(one.record.data, "bank_reference", None)


def _settles(one: Payment) -> str | None:
    return f"P{one.entry.settles.number}" if one.entry.settles else None


def _stands(one: Payment) -> str:
    if one.stands:
        return "made" if one.made else "not made yet"
    return one.entry.note
