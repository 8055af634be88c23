"""The types of records of a tender, with their fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _day, _ore
from cli.verifier.facts import CAUSES
from cli.verifier.tender_terms import TENDERED_PROVIDER, faults_of_terms_of_bid


def faults_of_tender_terms(terms: Mapping[str, Any]) -> Iterator[str]:
    """Limits, parts and roles that fit each other, names that there are, and a draft that becomes terms at both limits."""
    faults = list(_faults_of_tender(terms))
    yield from faults
    if not faults:
        value = None if "value" in terms["service"] else _ore(terms["draft"]["investment"]["total"])
        for share in (terms["at_risk"]["least"], terms["at_risk"]["most"]):
            yield from faults_of_terms_of_bid(terms, "a bidder", share, value)


def _faults_of_tender(terms: Mapping[str, Any]) -> Iterator[str]:
    limits, service, draft = terms["at_risk"], terms["service"], terms["draft"]
    if _day(terms["closes_on"]) < _day(terms["opens_on"]):
        yield "it closes before it opens"
    if not 0 < Fraction(limits["least"]) <= Fraction(limits["most"]) < 1:
        yield "the limits of what is at risk are not between 0 and 1, the least first"
    if _ore(service.get("value", "1.00")) <= 0 or _ore(draft["investment"]["total"]) <= 0:
        yield "an amount is not above zero"
    if Fraction(draft["outcome"]["bonus_rate"]) < 0:
        yield "the bonus is below zero"
    if service["in_terms"] == "derived" and "value" not in service:
        yield "the service's value is bid, so that it cannot be derived"
    parts = [Fraction(one["part"]) for one in terms["upfront"]]
    if not parts or min(parts) <= 0 or sum(parts) != 1:
        yield "the upfront payment's parts are not above zero, or do not sum to 1"
    shares = [Fraction(one["at_risk_share"]) for one in terms["provider_share"]["fixed"]]
    if len(set(shares)) < len(shares):
        yield "one at-risk share is fixed twice"
    for name in ("records", "awards"):
        named = terms["governance"][name]
        if not named or set(named) - draft["parties"].keys():
            yield f"governance.{name} names no role, or one that is no party"
    if TENDERED_PROVIDER in draft["parties"]:
        yield f"the draft names the {TENDERED_PROVIDER}, whom the award decides"
    for name in ("unpublished", "clauses"):
        yield from (f"{name} names {key}, which the tender does not have" for key in terms[name] if not _tender_has(terms, key))


def _tender_has(value: Any, key: str) -> bool:
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


DRAFT_TERMS = {
    "id": "name40",
    "name": "line",
    "currency": ("SEK",),
    "vat": ("excluded",),
    "starts_on": "day",
    "measured_from": "day",
    "months": "months",
    "ramp_up_months": "ramp",
    "assumed": ["text"],
    "derived": ["text"],
    "clauses": {"*": "line"},
    "parties": {"*role": "line"},
    "population": {"employees": "line", "workplaces": "line"},
    "investment": {"total": "kronor"},
    "outcome": {"bonus_rate": "share", "ceiling": "share"},
    "settlement": {
        "period": ("quarter",),
        "objection_days": "days",
        "payment_days": "days",
        "correction_months": "months",
        "report_days": "days",
        "overpaid": ("set-off", "refund"),
        "interest": ("none",),
    },
    "governance": {"signs": ["role"], "records": ["role"], "determines": "role", "pays": "role", "agrees": ["role"]},
    "absence_codes?": {
        **{f"{code}?": CAUSES for code in ("SMB", *(f"FR{number}" for number in range(1, 10)))},
        "workplace_dimension?": "dimension",
    },
}
TENDER_TERMS = {
    "": faults_of_tender_terms,
    "form": ("tender",),
    "id": "name40",
    "name": "line",
    "opens_on": "day",
    "closes_on": "day",
    "criteria": ["line"],
    "unpublished": ["text"],
    "clauses": {"*": "line"},
    "at_risk": {"least": "share", "most": "share"},
    "service": {"value?": "kronor", "in_terms": ("stated", "derived")},
    "provider_share": {"decimals": "decimals", "fixed": [{"at_risk_share": "share", "provider_share": "share"}]},
    "upfront": [{"on": "day", "part": "share"}],
    "governance": {"records": ["role"], "awards": ["role"]},
    "draft": DRAFT_TERMS,
}
TENDER_FIELDS: dict[str, dict[str, Any]] = {
    "TenderOpened@1": {"terms": TENDER_TERMS},
    "BidReceived@1": {
        "number": "whole",
        "bidder": "line",
        "at_risk_share": "share",
        "service_value_ore?": "above zero",
        "on": "day",
    },
    "BidWithdrawn@1": {"bid": "whole", "on": "day", "reason": "text"},
    "TenderAwarded@1": {"bid": "whole", "on": "day", "reason": "text", "terms_sha256": "sha256"},
}
