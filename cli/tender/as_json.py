"""A comparison of bids, and a tender, for programs."""

from __future__ import annotations

from typing import Any

from cli.tender.as_text import known
from ledger.findings import TermsFinding
from ledger.money import decimals, kronor, rounded
from ledger.tender_terms import TenderTerms
from ledger.tenders import Bid, TenderState
from ledger.waterfall import Target
from projections.tender import Comparison, Offer, Point

COLUMNS = ("tender", "bid", "bidder", "at_risk_share", "percent", "savings", "outcome", "paid", "authority", "provider")


def as_json(one: Comparison) -> dict[str, Any]:
    """The comparison; shares with four decimals."""
    return {
        "tender": one.tender.id,
        "contract": one.tender.draft.id,
        "currency": "SEK",
        "vat": one.tender.draft.vat,
        "tender_sha256": one.tender.sha256,
        "investment": kronor(one.tender.draft.investment.total),
        "at_risk": {key: decimals(getattr(one.tender.at_risk, key), 4) for key in ("least", "most")},
        "offers": [_offer(offer, one.tender) for offer in one.offers],
        "withdrawn": [bid_json(bid, one.tender) for bid in one.withdrawn],
        "awarded": one.awarded,
        "not_published": list(one.tender.unpublished),
        "notes": [*one.notes, *known(one)],
    }


def bid_json(bid: Bid, terms: TenderTerms) -> dict[str, Any]:
    """A bid as it stands."""
    return {
        "bid": bid.number,
        "record": bid.position or None,
        "bidder": bid.bidder,
        "at_risk_share": decimals(bid.at_risk_share, 4),
        "service_value_bid": None if bid.value is None else kronor(bid.value),
        "on": bid.on.isoformat() if bid.position else None,
        "recorded_on": None if bid.recorded_on is None else bid.recorded_on.isoformat(),
        "recorded_days_after_closing": None if bid.recorded_on is None else bid.days_late(terms),
        "document": bid.document,
        "withdrawn_on": None if bid.withdrawn_on is None else bid.withdrawn_on.isoformat(),
    }


def _offer(offer: Offer, tender: TenderTerms) -> dict[str, Any]:
    terms, found = offer.terms, offer.targets
    targets = {"contract": found.contract, "authority": found.authority, "provider": found.provider, "cap": found.cap}
    return {
        **bid_json(offer.bid, tender),
        "service_value": kronor(rounded(terms.service_value)),
        "upfront": kronor(terms.upfront_agreed),
        "amount_at_risk": kronor(terms.at_risk),
        "internal": kronor(terms.internal),
        "provider_share": decimals(terms.outcome.provider_share, 4),
        "maximum_payment": kronor(terms.outcome.maximum_payment),
        "paid_at_most": kronor(offer.provider_most),
        "binding": found.binding,
        "break_even": {key: _target(target) for key, target in targets.items()},
        "terms_sha256": terms.sha256,
        "points": [point_json(point) for point in offer.points],
        "findings": [_finding(one) for one in offer.findings],
    }


def _target(target: Target) -> dict[str, Any]:
    at = target.at_savings
    return {"amount": kronor(target.amount), "at_savings": None if at is None else kronor(at)}


def _finding(one: TermsFinding) -> dict[str, str]:
    return {"what": one.what, "size": kronor(one.size), "clause": one.clause}


def point_json(point: Point) -> dict[str, Any]:
    """One step."""
    amounts = ("savings", "outcome", "paid", "authority", "provider")
    return {"percent": point.percent, **{key: kronor(getattr(point, key)) for key in amounts}}


def rows(one: Comparison) -> list[dict[str, Any]]:
    """A row of each bid and step, for CSV."""
    return [
        {
            "tender": one.tender.id,
            "bid": offer.bid.number,
            "bidder": offer.bid.bidder,
            "at_risk_share": decimals(offer.bid.at_risk_share, 4),
            **point_json(point),
        }
        for offer in one.offers
        for point in offer.points
    ]


def tender_json(state: TenderState) -> dict[str, Any]:
    """A tender with its bids and its award."""
    terms, award = state.opened, state.award
    said = None
    if award is not None:
        event = award.event
        said = {"bid": event.bid, "record": award.position, "on": event.on.isoformat(), "reason": event.reason}
        said |= {"terms_sha256": event.terms_sha256}
    return {
        "tender": terms.id,
        "contract": terms.draft.id,
        "currency": "SEK",
        "vat": terms.draft.vat,
        "tender_sha256": terms.sha256,
        "terms": _plain(terms),
        "not_published": list(terms.unpublished),
        "bids": [bid_json(bid, terms) for bid in state.bids],
        "award": said,
        "awarded_terms": None if state.awarded_terms is None else _plain(state.awarded_terms),
    }


def _plain(terms: Any) -> dict[str, Any]:
    value: dict[str, Any] = terms.model_dump(mode="json", exclude_none=True)
    return value
