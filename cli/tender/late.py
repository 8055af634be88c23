"""What is said of a bid that was received in time and recorded after closing."""

from __future__ import annotations

from ledger.tender_terms import TenderTerms
from ledger.tendering import days
from ledger.tenders import Bid


def late_lines(bid: Bid, tender: TenderTerms) -> list[str]:
    """That a bid was recorded after the tender closed, and upon what; nothing of one that was recorded by then."""
    late = bid.days_late(tender)
    return [f"received in time, recorded {days(late)} after closing, upon: {bid.document or 'no document'}"] if late else []
