"""Money in an INDIGO record: commitments, investments, payments planned and actual, transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.contract import Determination, MoneyEntry
from ledger.money import decimals, shown
from ledger.periods import Period
from projections.indigo.sources import Json, money, value

if TYPE_CHECKING:
    from projections.indigo.record import Ground

METRIC = "net-days"
"""The identifier of the one outcome metric."""


def commitments(ground: Ground) -> list[Json]:
    """What the payer is bound to, and how that was changed."""
    terms = ground.state.terms
    end = terms.last_month.last_day
    found = {
        "organisation_id": ground.organisation("payer"),
        "maximum_potential_outcome_payment": money(terms.outcome.maximum_payment),
        "result_type": value("Interim" if ground.state.closed_on is None else "Overall"),
        "period": {"start_date": value(str(terms.measured_from)), "end_date": value(str(end))},
        "total_outcome_payments": money(ground.state.provider.paid),
    }
    ids = ground.sources.clauses("outcome.maximum_payment", "measured_from", "months")
    if ground.changes:
        ids = f"{ids},{ground.sources.recorded(*(one.position for one in ground.changes))}"
        reasons = dict.fromkeys(one.why for one in ground.changes if one.why)
        found["alterations"] = {
            "description": value("; ".join(f"{one.says} (record {one.position})" for one in ground.changes)),
            **({"reason": value("; ".join(reasons))} if reasons else {}),
        }
    share = decimals(100 * terms.outcome.provider_share, 2)
    notes = (
        f"{share} % of the savings, never more than the maximum; savings beyond {shown(terms.ceiling_savings)} SEK not shared."
    )
    return [{**found, "source_ids": ids, "notes": notes}]


def investments(ground: Ground) -> list[Json]:
    """Who stands for what the contract costs: the investor lends, the provider risks part of its price."""
    terms, found = ground.state.terms, []
    parts = (
        (
            "investor",
            terms.loan_limit,
            "Debt",
            "Lends the internal cost and the upfront payment to the authority's own department.",
        ),
        ("external_provider", terms.at_risk, None, "Gives its service for this amount, and is paid for it out of savings alone."),
    )
    for role, amount, sort, notes in parts:
        if ground.has(role):
            said = money(amount)
            one = {
                "id": f"investment-{role.replace('_', '-')}",
                "organisation_id": ground.organisation(role),
                "investment_commitment": {"currency": said["currency"], "amount": {"exact": said["amount"]}},
                **({"investment_type": value(sort)} if sort else {}),
                **_repaid(ground, role),
                "source_ids": ground.sources.clauses("parties", "investment.total", "investment.at_risk_share"),
                "notes": f"{notes} The amount follows from the terms.",
            }
            found.append(one)
    return found


def _repaid(ground: Ground, role: str) -> Json:
    """How far a closed contract repaid the investor; nothing where no repayment is on record, for it may be made elsewhere."""
    loan = ground.state.loan
    if role != "investor" or ground.state.closed_on is None or not loan.repaid:
        return {}
    if loan.outstanding <= 0:
        return {"investor_repayment": value("Principal repaid (but no net return)")}
    return {"investor_repayment": value("Some repayment (but below value of principle)")}  # so spelt in the standard's list


def outcome_payments(ground: Ground) -> list[Json]:
    """Planned: what each determination claims. Actual: what was paid, or recovered."""
    planned = [_planned(ground, one) for one in ground.folded.determinations if one.notice or _unnoticed(one)]
    return [*planned, *(_actual(ground, one) for one in _made(ground) if one.entry in ("outcome", "recovery"))]


def _unnoticed(one: Determination) -> bool:
    return one.superseded_by is None and one.claim_ore != 0


def _planned(ground: Ground, one: Determination) -> Json:
    notice = one.notice
    amount = one.claim_ore if notice is None else notice.claim.amount_ore
    said = "not notified yet" if notice is None else f"notified on {notice.on}, payable on {notice.claim.payable_on}"
    below = " Below zero: it lowers what earlier ones claim." if amount < 0 else ""
    positions = [one.position] if notice is None else [one.position, notice.position]
    return {
        "outcome_metric_id": value(METRIC),
        "period": period(one.period),
        "payer_organisation_id": ground.organisation("payer"),
        "recipient_organisation_id": ground.organisation("external_provider"),
        "type": value("Planned"),
        "money": money(amount),
        **({"status": "DISPUTED"} if is_disputed(ground, one.number) else {}),
        "source_ids": ground.sources.recorded(*positions),
        "notes": f"Claim of D{one.number}, {said}.{below}",
    }


def _actual(ground: Ground, one: MoneyEntry) -> Json:
    payer, recipient = _parties(one)
    recovered = " Recovered from the provider: below zero." if one.entry == "recovery" else ""
    dispute = any(each.open_on(ground.at) and each.raised.payment == one.number for each in ground.state.disputes)
    return {
        "outcome_metric_id": value(METRIC),
        "payer_organisation_id": ground.organisation(payer),
        "recipient_organisation_id": ground.organisation(recipient),
        "type": value("Actual"),
        "money": money(-one.amount if one.entry == "recovery" else one.amount),
        **({"status": "DISPUTED"} if dispute else {}),
        "source_ids": ground.sources.recorded(one.position),
        "notes": f"{one.name}, paid on {one.on}, invoice {one.invoice}. It settles what is due in all, no one period.{recovered}",
    }


def transactions(ground: Ground) -> list[Json]:
    """Every movement of money between the parties, by date; what was reversed is left out."""
    loans = [one for one in ground.folded.loans if one.open and one.on <= ground.at and ground.has("investor")]
    return [_transaction(ground, one) for one in sorted((*_made(ground), *loans), key=lambda one: (one.on, one.position))]


def _transaction(ground: Ground, one: MoneyEntry) -> Json:
    sender, receiver = _parties(one)
    sorts = {"outcome": "Outcome Payment", "draw": "Debt", "repayment": "Capital Repayment"}
    said = {"upfront": "Upfront payment, whatever the outcome.", "recovery": "Outcome payment recovered from the provider."}
    link = {"outcome": {"outcome_metric_id": value(METRIC)}, "recovery": {"outcome_metric_id": value(METRIC)}}
    loan = {"investment_id": value("investment-investor")}
    invoice = f" Invoice {one.invoice}." if one.invoice else ""
    return {
        **link.get(one.entry, loan if one.entry in ("draw", "repayment") else {}),
        "date": value(str(one.on)),
        "sending_organisation_id": ground.organisation(sender),
        "receiving_organisation_id": ground.organisation(receiver),
        "transaction_type": value(sorts.get(one.entry, "Other")),
        "money": money(one.amount),
        "source_ids": ground.sources.recorded(one.position),
        "notes": f"{one.name}. {said.get(one.entry, '')}{invoice}".replace(".  ", ". ").rstrip(),
    }


def _parties(one: MoneyEntry) -> tuple[str, str]:
    """Who sends money, and who receives it."""
    pairs = {
        "recovery": ("external_provider", "payer"),
        "draw": ("investor", "internal_provider"),
        "repayment": ("internal_provider", "investor"),
    }
    return pairs.get(one.entry, ("payer", "external_provider"))


def _made(ground: Ground) -> list[MoneyEntry]:
    """Payments that were made by the as-of date and stand."""
    made = (one for one in ground.folded.payments if one.open and not one.entry.startswith("instructed"))
    return [one for one in made if one.on <= ground.at]


def period(of: Period) -> Json:
    """First and last day."""
    return {"start_date": value(str(of.first_day)), "end_date": value(str(of.last_day))}


def is_disputed(ground: Ground, determination: int) -> bool:
    """Whether a dispute against the determination is open on the as-of date."""
    return any(one.open_on(ground.at) and one.raised.determination == determination for one in ground.state.disputes)
