"""From a bid to the contract's terms, written for itself from the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _kronor, _ore, rounded
from cli.verifier.members import WHOLE_LARGEST
from cli.verifier.together import faults_of_terms

Tender = Mapping[str, Any]
TENDERED_PROVIDER = "external_provider"
"""The party that the award decides."""


def faults_of_terms_of_bid(tender: Tender, bidder: str, share: str, value: int | None) -> Iterator[str]:
    """What keeps the terms that follow from a bid from being a contract's."""
    terms = terms_of_bid(tender, bidder, share, value)
    if _ore(terms["outcome"]["maximum_payment"]) > WHOLE_LARGEST:
        yield "the maximum payment is more than can be held"
    yield from faults_of_terms(terms)


def terms_of_bid(tender: Tender, bidder: str, share: str, value: int | None) -> dict[str, Any]:
    """The contract's terms: r·V at risk, the rest upfront, at most (1 + bonus rate)·r·V; ``value`` in öre where it was bid."""
    draft, service, risk = tender["draft"], tender["service"], Fraction(share)
    worth, total = _ore(service["value"]) if "value" in service else value or 0, _ore(draft["investment"]["total"])
    bonus = 1 + Fraction(draft["outcome"]["bonus_rate"])
    most = rounded(bonus * risk * worth)
    stated = service["in_terms"] == "stated"
    at_risk = risk * worth if stated else most / bonus
    upfront = rounded((Fraction(worth) if stated else at_risk / risk) - at_risk)
    scale = 10 ** tender["provider_share"]["decimals"]
    ruled = _exact_decimal(Fraction(rounded(risk * worth * scale / total), scale))
    fixed = {Fraction(one["at_risk_share"]): one["provider_share"] for one in tender["provider_share"]["fixed"]}
    investment = {"total": draft["investment"]["total"], "at_risk_share": share}
    investment |= {"external_service_value": _kronor(worth)} if stated else {}
    outcome = {**draft["outcome"], "provider_share": fixed.get(risk, ruled), "maximum_payment": _kronor(most)}
    return {
        **draft,
        "parties": {**draft["parties"], TENDERED_PROVIDER: bidder},
        "investment": investment,
        "upfront": {"instalments": _upfront_parts(tender, upfront)},
        "outcome": outcome,
    }


def _upfront_parts(tender: Tender, upfront: int) -> list[dict[str, str]]:
    amounts = [rounded(Fraction(one["part"]) * upfront) for one in tender["upfront"][:-1]]
    amounts.append(upfront - sum(amounts))
    return [{"on": one["on"], "amount": _kronor(amount)} for one, amount in zip(tender["upfront"], amounts, strict=True)]


def _exact_decimal(exact: Fraction) -> str:
    """The shortest decimal that a share equals."""
    places = next(number for number in range(13) if (exact * 10**number).denominator == 1)
    whole, part = divmod(int(exact * 10**places), 10**places)
    return f"{whole}.{part:0{places}d}" if places else f"{whole}"
