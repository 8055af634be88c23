"""Determinations as a table: a row a month, with everything that was measured, superseded ones too."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cli.export.datasets import Dataset, Field
from ledger.contract import ContractState, Determination, accepted_on
from ledger.events import MonthAgreed, MonthDetermined, SavingsDetermined
from ledger.facts import Facts, contract_stream
from ledger.money import decimals
from projections.as_of import AsOf
from projections.audience import Audience, is_employer
from projections.statements.findings import told
from projections.statements.withheld import NOTHING, Withheld, withheld_of

FIELDS = (
    Field("determination", "its short name"),
    Field("month", "the month"),
    Field("stands", "whether it is in force", "flag"),
    Field("superseded_by", "the determination that took its place"),
    Field("savings", "SEK", "money"),
    Field("agreed", "of a month that is not measured: by which rule; else empty"),
    Field("agreed_of", "… the months that the mean is taken of"),
    Field("agreed_dispute", "… the dispute whose resolution says it"),
    Field("employees", "employees by head", "whole"),
    Field("weekdays", "Mondays to Fridays", "whole"),
    Field("reference_rate", "net days an employee and weekday in the reference years, exact"),
    Field("trend_quarter", "the quarter whose index was taken"),
    Field("trend_value", "the index", "number"),
    Field("trend_status", "published, derived or estimated"),
    Field("trend_published_on", "when it was published", "date"),
    Field("trend_factor", "the factor that it gives, exact"),
    Field("expected_days", "net days expected, rounded", "number"),
    Field("expected_days_exact", "… exact"),
    Field("actual_days", "net days that were", "number"),
    Field("left_out_days", "net days of causes that the methodology leaves out; empty where withheld", "number"),
    Field("avoided_days", "expected less actual, rounded", "number"),
    Field("price", "SEK a net day", "money"),
    Field("reimbursed", "the share of the price that the state bore, exact"),
    Field("findings", "what a reader must know beside the figures"),
    Field("preliminary", "whether an index that is not published was taken", "flag"),
    Field("notified_on", "when the parties were notified", "date"),
    Field("objection_until", "until when they could object", "date"),
    Field("accepted_on", "when it counted as accepted, by acceptance or silence", "date"),
    Field("payable_on", "when the difference falls payable", "date"),
    Field("methodology", "the methodology's name"),
    Field("methodology_sha256", "its SHA-256"),
    Field("terms_sha256", "the SHA-256 of the terms"),
    Field("computed_by", "the version of the program, and of what measures savings"),
    Field("rests_on_records_to", "the last record that it saw", "whole"),
    Field("reason", "of one made anew: why"),
    Field("record", "its record", "whole"),
)


def determinations(facts: Facts, contract_id: str, audience: Audience) -> Dataset:
    """Every month of every determination, in order of recording."""
    folded, found = facts.contract(contract_id), _events(facts, contract_id)
    hidden = NOTHING if is_employer(audience) else _hidden(facts, folded)
    rows = [row for one in folded.determinations for row in _rows(facts, folded, one, found[one.number], hidden)]
    notes = (
        [] if is_employer(audience) else [f"Made for: {audience}. What rests on fewer than five absent persons is left empty."]
    )
    return Dataset("determinations", f"Determinations of {contract_id} by month", FIELDS, rows, notes)


def _events(facts: Facts, contract_id: str) -> dict[int, SavingsDetermined]:
    every = (record.data for record in facts.stream(contract_stream(contract_id)))
    return {event.number: event for event in every if isinstance(event, SavingsDetermined)}


def _hidden(facts: Facts, folded: ContractState) -> Withheld:
    """What is withheld of a month in one determination is withheld in all."""
    versions = [
        {month.month: (one.basis, month) for month in one.months if isinstance(month, MonthDetermined)}
        for one in folded.determinations
    ]
    return withheld_of(facts, folded, versions, [])


def _rows(
    facts: Facts, folded: ContractState, one: Determination, event: SavingsDetermined, hidden: Withheld
) -> Iterator[list[Any]]:
    ends = _ends(facts, one, event)
    for month in one.months:
        said = "; ".join(told(month, hidden.findings)) or None
        method = folded.every_methodology[month.methodology_sha256]
        agreed = _agreed(month) if isinstance(month, MonthAgreed) else [None] * 3
        measured = [None] * 15 if isinstance(month, MonthAgreed) else _measured(month, month.month in hidden.left_out)
        superseded = None if one.superseded_by is None else f"D{one.superseded_by}"
        head = [f"D{one.number}", str(month.month), superseded is None, superseded, month.savings_ore]
        shas = [method.name, month.methodology_sha256, month.terms_sha256]
        yield [*head, *agreed, *measured, said, *ends[:5], *shas, *ends[5:]]


def _agreed(month: MonthAgreed) -> list[Any]:
    of = None if month.of is None else str(month.of)
    return [month.kind, of, None if month.dispute is None else f"X{month.dispute}"]


def _measured(month: MonthDetermined, hidden: bool) -> list[Any]:
    trend, left_out = month.trend, month.left_out_hundredths
    return [
        month.employees,
        month.weekdays,
        str(month.reference_rate),
        str(trend.quarter),
        trend.value,
        trend.status,
        trend.published_on,
        str(trend.factor),
        decimals(month.expected_days, 2),
        str(month.expected_days),
        _days(month.actual_hundredths),
        None if hidden or left_out is None else _days(left_out),
        decimals(month.expected_days - Fraction(month.actual_hundredths, 100), 2),
        month.price_ore,
        None if month.reimbursed is None else str(month.reimbursed),
    ]


def _days(hundredths: int) -> str:
    return decimals(Fraction(hundredths, 100), 2)


def _ends(facts: Facts, one: Determination, event: SavingsDetermined) -> list[Any]:
    """Its notice, then what it was computed by and why."""
    notice: list[Any] = [None] * 4
    if one.notice is not None:
        accepted = accepted_on(one, AsOf.latest(facts).as_of)
        notice = [one.notice.on, one.notice.objection_until, accepted, one.notice.claim.payable_on]
    return [one.preliminary, *notice, event.computed_by, one.basis, event.reason, one.position]
