"""What follows from the terms alone, taken apart: investment, amounts at risk and upfront, the loan's limit, the worst case
(rules 11, 12, 14)."""

from __future__ import annotations

from ledger.money import rounded
from ledger.terms import ContractTerms
from ledger.waterfall import targets
from projections.explanation.ground import term
from projections.explanation.tree import Node, computed, exact


def total(terms: ContractTerms, key: str) -> Node:
    """The investment."""
    return term(terms, "investment.total", "The investment in all", terms.investment.total, "SEK", key)


def service(terms: ContractTerms, key: str) -> Node:
    """What the external provider's service costs, exact; derived where the terms do not say it."""
    what, under = "Value of the provider's service", "investment.external_service_value"
    if terms.investment.external_service_value is not None:
        return term(terms, under, what, terms.investment.external_service_value, "SEK", key)
    share = _share(terms, f"{key}.share")
    exactly = at_risk_exact(terms, f"{key}.at-risk")
    given, how = exact(exactly) / exact(share), "at risk ÷ share at risk"
    return computed(key, what, terms.service_value, given, (exactly, share), unit="SEK", how=how, status="derived")


def _share(terms: ContractTerms, key: str) -> Node:
    """How much of the service is at risk."""
    what = "Share of the service that is at risk"
    return term(terms, "investment.at_risk_share", what, terms.investment.at_risk_share, "share", key)


def at_risk_exact(terms: ContractTerms, key: str) -> Node:
    """What the provider is paid only out of savings, before it is rounded."""
    what = "At risk, exact"
    if terms.investment.external_service_value is not None:
        parts = (service(terms, f"{key}.value"), _share(terms, f"{key}.share"))
        given, how = exact(parts[0]) * exact(parts[1]), "value × share at risk"
    else:
        bonus = term(
            terms, "outcome.bonus_rate", "Bonus on the amount at risk", terms.outcome.bonus_rate, "share", f"{key}.bonus"
        )
        parts = (maximum(terms, f"{key}.maximum"), bonus)
        given, how = exact(parts[0]) / (1 + exact(bonus)), "maximum ÷ (1 + bonus)"
    return computed(key, what, terms.at_risk_exact, given, parts, unit="SEK", how=how)


def maximum(terms: ContractTerms, key: str) -> Node:
    """The most that the provider is paid."""
    what = "The most that the provider is paid"
    return term(terms, "outcome.maximum_payment", what, terms.outcome.maximum_payment, "SEK", key)


def at_risk(terms: ContractTerms, key: str) -> Node:
    """The same, rounded once."""
    part = at_risk_exact(terms, f"{key}.exact")
    what, how = "What the provider is paid only out of savings", "at risk, rounded to the öre"
    return computed(key, what, terms.at_risk, rounded(exact(part)), (part,), unit="SEK", how=how)


def internal(terms: ContractTerms, key: str) -> Node:
    """The authority's own cost."""
    parts = (total(terms, f"{key}.total"), service(terms, f"{key}.value"))
    given, how = rounded(exact(parts[0]) - exact(parts[1])), "investment − value of the service, rounded to the öre"
    return computed(key, "The authority's own cost", terms.internal, given, parts, unit="SEK", how=how)


def upfront(terms: ContractTerms, key: str) -> Node:
    """What is paid whatever the outcome."""
    parts = (service(terms, f"{key}.value"), at_risk_exact(terms, f"{key}.at-risk"))
    given, how = rounded(exact(parts[0]) - exact(parts[1])), "value of the service − at risk, rounded to the öre"
    return computed(key, "Upfront payment, whatever the outcome", terms.upfront_agreed, given, parts, unit="SEK", how=how)


def loan_limit(terms: ContractTerms, key: str) -> Node:
    """What the HR department may borrow."""
    parts = (total(terms, f"{key}.total"), at_risk_exact(terms, f"{key}.at-risk"))
    given = rounded(exact(parts[0]) - exact(parts[1]))
    how = "investment − at risk, rounded to the öre: own cost and upfront payment"
    return computed(key, "The most that may be borrowed", terms.loan_limit, given, parts, unit="SEK", how=how)


def worst_case(terms: ContractTerms, key: str) -> Node:
    """What the authority may have to pay in all."""
    parts = (total(terms, f"{key}.total"), at_risk_exact(terms, f"{key}.at-risk"), maximum(terms, f"{key}.maximum"))
    given = rounded(exact(parts[0]) - exact(parts[1]) + exact(parts[2]))
    how = "investment − at risk + maximum, rounded to the öre"
    return computed(key, "What the authority may have to pay in all", terms.worst_case, given, parts, unit="SEK", how=how)


def ceiling(terms: ContractTerms, key: str) -> Node:
    """Savings beyond this are the authority's alone."""
    what = "The ceiling, as a multiple of the investment"
    times = term(terms, "outcome.ceiling", what, terms.outcome.ceiling, "share", f"{key}.times")
    parts = (times, total(terms, f"{key}.total"))
    given, how = rounded(exact(times) * exact(parts[1])), "ceiling × investment"
    what = "Savings beyond this are the authority's alone"
    return computed(key, what, terms.ceiling_savings, given, parts, unit="SEK", how=how)


def share(terms: ContractTerms, key: str) -> Node:
    """The provider's share of the savings."""
    what = "The provider's share of the savings"
    return term(terms, "outcome.provider_share", what, terms.outcome.provider_share, "share", key)


def binding(terms: ContractTerms, key: str) -> Node:
    """Whether the maximum or the ceiling binds first."""
    parts = (maximum(terms, f"{key}.maximum"), share(terms, f"{key}.share"), ceiling(terms, f"{key}.ceiling"))
    beyond = rounded(exact(parts[1]) * terms.outcome.ceiling * terms.investment.total)
    given = "maximum" if exact(parts[0]) <= beyond else "ceiling"
    how = "the maximum, where share × ceiling × investment is no less; otherwise the ceiling"
    return computed(key, "What binds first", targets(terms).binding, given, parts, how=how)
