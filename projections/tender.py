"""What each bid would pay at savings of 0 to 200 % of the investment, and where who breaks even. Nothing is promised by it: all
that is here follows from a tender and a bid by rules 10 and 11."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from ledger import tendering, tenders
from ledger.errors import Usage
from ledger.facts import Facts, tender_stream
from ledger.findings import TermsFinding, findings
from ledger.money import rounded, shown
from ledger.tender_terms import TenderTerms, share_findings
from ledger.tenders import Bid, TenderState
from ledger.terms import ContractTerms
from ledger.waterfall import Targets, entitlement, targets

if TYPE_CHECKING:
    from projections.audience import Audience

MOST = 200
"""Per cent of the investment up to which bids are compared."""


@dataclass(frozen=True)
class Point:
    """What a bid gives at savings of so many ``percent`` of the investment. All else in öre.

    ``outcome``: paid out of savings. ``paid``: that and the upfront payment. ``authority``: savings less what is paid and less
    its own cost, rounded once with the upfront payment (rule 11); below zero until it breaks even. ``provider``: the outcome
    payment less what it put at risk.
    """

    percent: int
    savings: int
    outcome: int
    paid: int
    authority: int
    provider: int


@dataclass(frozen=True)
class Offer:
    """A bid, or one that is tried, with the terms that follow from it and what they give step by step."""

    bid: Bid
    terms: ContractTerms
    points: tuple[Point, ...]
    findings: tuple[TermsFinding, ...]

    @property
    def targets(self) -> Targets:
        """Break-even and cap (rule 11)."""
        return targets(self.terms)

    @cached_property
    def provider_most(self) -> int:
        """Öre: the most that the provider can be paid in all."""
        return self.terms.upfront_agreed + self.terms.outcome.maximum_payment


@dataclass(frozen=True)
class Comparison:
    """The offers of a tender, in order of their numbers. ``awarded``: the number of the one that it was awarded to."""

    tender: TenderTerms
    offers: tuple[Offer, ...]
    withdrawn: tuple[Bid, ...] = ()
    awarded: int | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know when comparing: where a bid's order with another changes along the way."""
        return tuple(_crossings(self.offers))


def of(facts: Facts, tender_id: str) -> TenderState:
    """The tender's state. Raises Usage for one that is not on record: silence is an error."""
    records = facts.stream(tender_stream(tender_id))
    if not records:
        known = ", ".join(facts.named("tender")) or "none"
        raise Usage(f"no tender {tender_id} is on record; tenders on record: {known}")
    return tenders.fold(records)


def streams_for(facts: Facts, contracts: Container[str], audience: Audience) -> frozenset[str]:
    """The streams of the tenders that these contracts were awarded in. Bids are for the payer, who received them, and for the
    auditor: what others bid is nothing that a provider or the public is handed with a contract."""
    if audience not in ("payer", "auditor"):
        return frozenset()
    found = ((one, of(facts, one)) for one in facts.named("tender"))
    return frozenset(tender_stream(one) for one, state in found if state.opened.draft.id in contracts)


def compared(state: TenderState, step: int) -> Comparison:
    """The standing bids of a tender; ``step`` in per cent of the investment. Raises Usage where there is none."""
    offers = tuple(offer(state.opened, bid, step) for bid in state.bids if bid.stands)
    if not offers:
        raise Usage(f"{state.opened.id} has no bid that stands", do="try some: soc tender try TENDER.toml --at-risk 25%,50%,75%")
    withdrawn = tuple(bid for bid in state.bids if not bid.stands)
    return Comparison(state.opened, offers, withdrawn, None if state.award is None else state.award.event.bid)


def offer(tender: TenderTerms, bid: Bid, step: int) -> Offer:
    """What follows from a bid. Raises Refused outside the tender's limits, and where no contract can follow."""
    tendering.check_share(tender, bid.at_risk_share)
    terms = tendering.checked_terms(tender, bid.bidder, bid.at_risk_share, bid.value)
    found = (*share_findings(tender, bid.at_risk_share, bid.value), *findings(terms))
    return Offer(bid, terms, tuple(point(terms, percent) for percent in range(0, MOST + 1, step)), found)


def point(terms: ContractTerms, percent: int) -> Point:
    """What the terms give at savings of so many per cent of the investment."""
    savings = rounded(Fraction(terms.investment.total * percent, 100))
    outcome = entitlement(terms, savings)
    paid = terms.upfront_agreed + outcome
    authority = savings - outcome - terms.loan_limit
    return Point(percent, savings, outcome, paid, authority, outcome - terms.at_risk)


def _crossings(offers: Sequence[Offer]) -> Iterator[str]:
    """Between which steps the dearer of two bids becomes the cheaper."""
    for number, one in enumerate(offers):
        for other in offers[number + 1 :]:
            ahead = [(a.percent, a.savings, a.paid - b.paid) for a, b in zip(one.points, other.points, strict=True)]
            apart = [found for found in ahead if found[2]]
            for (low, _, was), (high, savings, now) in pairwise(apart):
                if (was < 0) != (now < 0):
                    less, more = (one.bid, other.bid) if was < 0 else (other.bid, one.bid)
                    yield (
                        f"Up to {low} % of the investment bid {less.number} is paid less than bid {more.number}; "
                        f"from {high} % ({shown(savings)}) on, more."
                    )
