"""``soc statement``: what both parties file of a determination, as text, JSON, or a page of its own."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from cli import output
from cli import state as of_state
from cli.desk import Desk
from cli.dispute_view import as_json as dispute_json
from cli.options import answers_in, audience, looking
from cli.sections import as_text, wrapped
from cli.statement.reference import as_json as references
from cli.statement.reference import not_published
from cli.statement.sections import in_short, same_records, sections, title
from ledger.events import AnyMonth, MonthDetermined
from ledger.money import decimals, kronor
from ledger.periods import instant_text
from ledger.waterfall import Step
from projections.audience import NARROWEST, WITHHELD, Audience, is_employer
from projections.names import determination_number
from projections.statements.findings import told as findings_of
from projections.statements.people import FEW
from projections.statements.reference import Mean
from projections.statements.statement import Measured, Moved, Notification, Redone, Statement, statement


@click.command("statement")
@click.argument("ident", metavar="ID")
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@audience
@answers_in("text", "html", "json")
@looking
def command(desk: Desk, ident: str, known_at: str | None, audience: Audience, form: str, file: str) -> None:
    """The settlement statement of a determination, such as botkyrka/D5: two pages that both sides can file."""
    facts = desk.known_at(known_at)
    one = statement(facts, *determination_number(facts, ident), audience)
    basis = output.basis_line(facts)
    if form == "json":
        output.emit(output.as_json({**as_json(one), **output.basis_json(facts)}), file)
    elif form == "html":
        from cli.statement.as_html import as_html

        output.emit(as_html(one, basis), file)
    else:
        head = [f"Settlement statement {one.contract}/D{one.found.number}", *wrapped(one.terms.name), title(one)]
        head += [*wrapped(basis), *wrapped(same_records(one))]
        short = [line for said in in_short(one) for line in wrapped(said)]
        output.emit("\n".join([*head, "SEK excluding VAT", "", *short, "", as_text(sections(one))]), file)


def as_json(one: Statement) -> dict[str, Any]:
    """The statement as JSON: money in kronor as text, days with two decimals and exact as fractions, absent values null."""
    standing = of_state.as_json(one.standing)
    provider = one.now.provider
    return {
        "contract": one.contract,
        "determination": _determination(one),
        "as_of": str(one.as_of),
        "currency": one.terms.currency,
        "vat": one.terms.vat,
        "name": one.terms.name,
        "parties": dict(one.terms.parties),
        "methodologies": [_measured(part) for part in one.measured],
        "methodologies_before": [_measured(part) for part in one.measured_before],
        **_readers(one),
        "months": [_month(one, month) for month in one.months],
        "references": references(one),
        "means": [_mean(found) for found in one.means],
        "references_not_published": [
            {"quarter": str(value.quarter), "value": value.value, "status": value.status} for value in not_published(one)
        ],
        "redone": [_redone(one, month) for month in one.redone],
        "savings": {"determined": kronor(one.determined), **_moved(one.savings)},
        "entitlement": _moved(one.entitlement),
        "sharing": _sharing(one),
        "claim": _claim(one),
        "balance": {key: kronor(amount) for key, amount in vars(provider).items()},
        "above_entitlement": kronor(one.now.above_entitlement),
        "break_even": standing["break_even"],
        "cap": standing["cap"],
        "by_month": [{"month": str(step.month), **_sums(step)} for step in one.path],
        "findings": [
            {"finding": found.what, "months": [*map(str, found.months)], "reference_months": [*map(str, found.reference)]}
            for found in one.findings
        ],
        "assumed": list(one.terms.assumed),
        "derived": list(one.terms.derived),
        "unsettled": [f"{one.contract}/{record.position}" for record in one.unsettled],
    }


def _readers(one: Statement) -> dict[str, Any]:
    """Who may read it as it is, and whether anything is withheld for that."""
    few = bool(one.few) or any(found is not None and found.few for found in one.references)
    own = is_employer(one.audience)
    return {"audience": one.audience if few and own else NARROWEST, "withheld": FEW if few and not own else None}


def _measured(part: Measured) -> dict[str, Any]:
    one = part.methodology
    return {"name": one.name, "version": one.version, "sha256": one.sha256, "period": str(part.period)}


def _determination(one: Statement) -> dict[str, Any]:
    record, event, later = one.record, one.record.data, one.superseded_by
    return {
        "id": f"{one.contract}/{record.position}",
        "name": f"{one.contract}/D{one.found.number}",
        "period": str(one.found.period),
        "recorded_at": instant_text(record.recorded_at),
        "by": record.recorded_by.name,
        "role": record.recorded_by.role,
        "basis": {"position": event.basis.position, "root": event.basis.root},
        "computed_by": event.computed_by,
        "preliminary": one.found.preliminary,
        "preliminary_others_in_sums": [f"{one.contract}/D{number}" for number in one.preliminary_others],
        "supersedes": [f"{one.contract}/D{number}" for number in event.supersedes],
        "reason": event.reason,
        "superseded_by": None if later is None else f"{one.contract}/D{later.number}",
        "superseded_because": None if later is None else later.reason,
    }


def _month(one: Statement, month: AnyMonth) -> dict[str, Any]:
    return {
        **output.rests_on(month),
        **(_steps(one, month) if isinstance(month, MonthDetermined) else {}),
        "savings": kronor(month.savings_ore),
        "terms_sha256": month.terms_sha256,
        "methodology_sha256": month.methodology_sha256,
        "findings": findings_of(month, one.hidden.findings),
    }


def _steps(one: Statement, month: MonthDetermined) -> dict[str, Any]:
    actual, left_out = Fraction(month.actual_hundredths, 100), month.left_out_hundredths
    days_left_out = None if left_out is None else decimals(Fraction(left_out, 100), 2)
    return {
        "expected_days": decimals(month.expected_days, 2),
        "expected_days_exact": str(month.expected_days),
        "actual_days": decimals(actual, 2),
        "left_out_days": WITHHELD if month.month in one.hidden.left_out else days_left_out,
        "avoided_days": decimals(month.expected_days - actual, 2),
        "avoided_days_exact": str(month.expected_days - actual),
        "price": kronor(month.price_ore),
        "reimbursed": None if month.reimbursed is None else str(month.reimbursed),
    }


def _mean(found: Mean) -> dict[str, Any]:
    return {
        "of": str(found.of),
        "months": [*map(str, found.months)],
        "agrees": found.total is not None,
        "savings_of_all": None if found.total is None else kronor(found.total),
    }


def _redone(one: Statement, month: Redone) -> dict[str, Any]:
    return {
        "month": str(month.now.month),
        "before": None if month.before is None else _month(one, month.before),
        "difference": kronor(month.difference),
    }


def _sums(step: Step) -> dict[str, str]:
    return {"savings": kronor(step.savings), "entitlement": kronor(step.entitlement)}


def _moved(amount: Moved) -> dict[str, str]:
    return {"before": kronor(amount.before), "change": kronor(amount.change), "after": kronor(amount.after)}


def _sharing(one: Statement) -> dict[str, Any]:
    terms, outcome = one.terms, one.terms.outcome
    shown = {
        "provider_share": decimals(outcome.provider_share, 4),
        "ceiling": decimals(outcome.ceiling, 4),
        "maximum_payment": kronor(outcome.maximum_payment),
    }
    return {
        key: {"value": value, "clause": terms.clause(f"outcome.{key}"), "status": terms.status(f"outcome.{key}")}
        for key, value in shown.items()
    }


def _claim(one: Statement) -> dict[str, Any]:
    return {
        "amount": kronor(one.found.claim_ore),
        "of_superseded_never_notified": kronor(one.carried),
        "accepted": one.accepted,
        "notice": None if one.notice is None else _notice(one.notice),
        "disputes": [dispute_json(one.contract, dispute, one.as_of) for dispute in one.disputes],
    }


def _notice(notice: Notification) -> dict[str, Any]:
    return {
        "on": str(notice.on),
        "recorded_at": instant_text(notice.recorded_at),
        "by": notice.recorded_by.name,
        "role": notice.recorded_by.role,
        "objection_until": str(notice.objection_until),
        "accepted_from": str(notice.deemed_on),
        "accepted_by": "silence" if notice.by_silence else "act",
        "acceptances": [
            {"role": one.role, "on": str(one.on), "by": one.recorded_by.name, "recorder": one.recorded_by.role}
            for one in notice.acceptances
        ],
        "payable_on": str(notice.claim.payable_on),
        "closed_on": None if notice.closed_on is None else str(notice.closed_on),
    }
