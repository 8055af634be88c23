"""A comparison of bids as sections, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from cli import sections as cli_sections
from cli.sections import Section, Table
from cli.tender.late import late_lines
from ledger.money import decimals, rounded, shown
from ledger.tender_terms import percent
from ledger.tenders import Bid
from ledger.waterfall import Target
from projections.tender import Comparison, Offer

CLAIM = "Computed from each bid by the contract's own rules: what savings there will be, no bid says."


def as_text(one: Comparison, head: Sequence[str]) -> str:
    """The comparison for a terminal, under its header."""
    lines = [*head, "", CLAIM]
    return "\n".join([*lines, "", cli_sections.as_text(sections(one))])


def sections(one: Comparison) -> list[Section]:
    """What each bid is, where who breaks even, what is paid at which savings, and what to know."""
    return [_bids(one), _break_even(one), _paid(one), _net(one), _known(one)]


def name(bid: Bid) -> str:
    """A bid in a table: its number and share."""
    return f"bid {bid.number}, {percent(bid.at_risk_share)}"


def _bids(one: Comparison) -> Section:
    headers = ["bid", "bidder", "at risk", "service", "upfront", "at risk, SEK", "share of savings", "at most of savings"]
    rows = [[*_head(offer), *_money(offer)] for offer in one.offers]
    table = Table("What follows from each bid", headers, rows, figures=range(2, 8))
    tender = one.tender
    facts = [
        ("Contract", f"{tender.draft.name} ({tender.draft.id}), investment {shown(tender.draft.investment.total)}"),
        ("May be bid", f"{percent(tender.at_risk.least)} to {percent(tender.at_risk.most)} at risk ({tender.clause('at_risk')})"),
        ("Criteria", "; ".join(tender.criteria)),
        *[("Awarded", f"to bid {one.awarded}") for _ in range(one.awarded is not None)],
        *[("Withdrawn", f"bid {bid.number}, {bid.bidder}, on {bid.withdrawn_on}") for bid in one.withdrawn],
    ]
    return Section("bids", "The bids", facts, [table])


def _head(offer: Offer) -> list[str]:
    return [str(offer.bid.number), offer.bid.bidder, percent(offer.bid.at_risk_share)]


def _money(offer: Offer) -> list[str]:
    terms = offer.terms
    amounts = [shown(amount) for amount in (rounded(terms.service_value), terms.upfront_agreed, terms.at_risk)]
    return [*amounts, percent(terms.outcome.provider_share), shown(terms.outcome.maximum_payment)]


def _break_even(one: Comparison) -> Section:
    headers = ["bid", "bidder", "provider", "authority", "contract", "cap reached"]
    rows = []
    for offer in one.offers:
        found = offer.targets
        at = [_at(target, one) for target in (found.provider, found.authority, found.contract, found.cap)]
        rows.append([*_head(offer)[:2], *at])
    table = Table(
        "Savings from which each breaks even, in SEK and per cent of the investment", headers, rows, figures=range(2, 6)
    )
    return Section("break-even", "Who breaks even where", tables=[table])


def _at(target: Target, one: Comparison) -> str:
    if target.at_savings is None:
        return "never: the ceiling prevents it"
    of = Fraction(target.at_savings * 100, one.tender.draft.investment.total)
    return f"{shown(target.at_savings)} ({decimals(of, 2)} %)"


def _paid(one: Comparison) -> Section:
    said = "The upfront payment, and what is paid out of savings; the same from the cap on."
    table = _by_savings(one, "Paid to the provider in all, SEK", "paid")
    return Section("paid", "What the provider is paid", tables=[table], says=[said, *one.notes])


def _net(one: Comparison) -> Section:
    said = "Savings less what is paid to the provider and the authority's own cost; below zero until it has broken even."
    table = _by_savings(one, "Left to the authority, SEK", "authority")
    return Section("net", "What is left to the authority", tables=[table], says=[said])


def _by_savings(one: Comparison, caption: str, figure: str) -> Table:
    headers = ["of investment", "savings", *(name(offer.bid) for offer in one.offers)]
    rows = [
        [f"{points[0].percent} %", shown(points[0].savings), *(shown(getattr(point, figure)) for point in points)]
        for points in zip(*(offer.points for offer in one.offers), strict=True)
    ]
    return Table(caption, headers, rows, figures=range(len(headers)))


def _known(one: Comparison) -> Section:
    return Section("known", "What to know", says=list(known(one)))


def known(one: Comparison) -> Iterator[str]:
    """Parameters that no source gives, bids told after closing, and where figures do not agree with each other."""
    if one.tender.unpublished:
        yield f"Not published, so parameters here: {', '.join(one.tender.parameters)}."
    for offer in one.offers:
        yield from (f"Bid {offer.bid.number}: {said}." for said in late_lines(offer.bid, one.tender))
        for found in offer.findings:
            yield f"Finding, bid {offer.bid.number}: {found.what}; {shown(found.size)} SEK apart ({found.clause})."
