"""What the records of a tender say, in a controller's words."""

from __future__ import annotations

from typing import assert_never

from ledger import events as e
from ledger.money import shown
from ledger.tender_terms import percent


def told_of_tenders(event: e.TenderEvent) -> str:
    """What the record says, for a register. Amounts are SEK excluding VAT."""
    match event:
        case e.TenderOpened():
            terms = event.terms
            limits = f"{percent(terms.at_risk.least)} to {percent(terms.at_risk.most)} at risk"
            return f"tender {terms.id} opened, of the contract {terms.draft.id}: {limits}, {terms.opens_on} to {terms.closes_on}"
        case e.BidReceived():
            value = "" if event.service_value_ore is None else f" of {shown(event.service_value_ore)}"
            return f"bid {event.number} received on {event.on}: {event.bidder}, {percent(event.at_risk_share)} at risk{value}"
        case e.BidWithdrawn():
            return f"bid {event.bid} withdrawn on {event.on}: {event.reason}"
        case e.TenderAwarded():
            return f"awarded on {event.on} to bid {event.bid}, terms {event.terms_sha256[:16]}: {event.reason}"
        case _:
            assert_never(event)
