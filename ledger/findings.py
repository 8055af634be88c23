"""Findings at signature: where published numbers do not close, with their size in kronor (rule 12)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.money import decimals, rounded, shown
from ledger.terms import ContractTerms
from ledger.waterfall import targets


@dataclass(frozen=True)
class TermsFinding:
    """Where published numbers do not close (rule 12). ``size`` in öre."""

    what: str
    size: int
    clause: str


def findings(terms: ContractTerms) -> list[TermsFinding]:
    """The findings at signature, each with its size in öre (rule 12)."""
    outcome, total = terms.outcome, terms.investment.total
    found = []

    def note(what: str, size: int, key: str) -> None:
        if size:
            found.append(TermsFinding(what, abs(size), terms.clause(key)))

    at_ceiling = rounded(outcome.provider_share * terms.ceiling_savings)
    binds = outcome.maximum_payment / outcome.provider_share / total * 100
    note(
        f"the maximum payment binds at {decimals(binds, 1)} % of the investment, the ceiling at "
        f"{decimals(outcome.ceiling * 100, 1)} %: {shown(at_ceiling)} at the ceiling, {shown(outcome.maximum_payment)} at most",
        at_ceiling - outcome.maximum_payment,
        "outcome.maximum_payment",
    )
    provider, authority = targets(terms).provider.at_savings, targets(terms).authority.at_savings
    share = outcome.provider_share
    exactly = terms.at_risk_exact / share == (total - terms.at_risk_exact) / (1 - share)
    if provider is not None and authority is not None and not exactly:
        note(
            f"the parties do not break even at the same savings: provider at {shown(provider)}, authority at {shown(authority)}",
            authority - provider,
            "outcome.provider_share",
        )
    by_share = outcome.provider_share * total / terms.investment.at_risk_share
    implied = rounded(outcome.provider_share * total * (1 + outcome.bonus_rate))
    note(
        f"the service value is {shown(rounded(terms.service_value))}"
        f"{' from the maximum' if terms.value_is_derived else ''}, or {shown(rounded(by_share))} from share × investment "
        f"÷ at-risk share; the maximum payment would then be {shown(implied)}",
        implied - outcome.maximum_payment,
        "investment.external_service_value",
    )
    from_bonus = rounded(terms.at_risk_exact * (1 + outcome.bonus_rate))
    note(
        f"the amount at risk with its bonus is {shown(from_bonus)}, the maximum payment {shown(outcome.maximum_payment)}",
        from_bonus - outcome.maximum_payment,
        "outcome.bonus_rate",
    )
    agreed = sum(part.amount for part in terms.upfront.instalments)
    note(
        f"the upfront instalments sum to {shown(agreed)}, value less amount at risk is {shown(terms.upfront_agreed)}",
        agreed - terms.upfront_agreed,
        "upfront",
    )
    return found
