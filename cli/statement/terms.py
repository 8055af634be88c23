"""The contract's terms by name, and where each stands in the contract."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.terms import ContractTerms

TERMS = {
    "id": "the contract's short name",
    "name": "the contract's name",
    "currency": "the currency",
    "vat": "that amounts exclude VAT",
    "starts_on": "the day on which it starts",
    "measured_from": "the first month measured",
    "months": "the number of months",
    "ramp_up_months": "the months before full effect",
    "clauses": "where its terms stand",
    "parties": "the parties",
    "population": "who is measured",
    "population.employees": "which employees are measured",
    "population.workplaces": "which workplaces are measured",
    "investment": "the investment",
    "investment.total": "the investment in all",
    "investment.external_service_value": "the value of the provider's service",
    "investment.at_risk_share": "how much of that value is at risk",
    "upfront": "when the upfront payment is paid",
    "upfront.instalments": "when the upfront payment is paid",
    "outcome": "how savings are shared",
    "outcome.provider_share": "the provider's share of the savings",
    "outcome.maximum_payment": "the most that the provider is paid",
    "outcome.bonus_rate": "the bonus on the amount at risk",
    "outcome.ceiling": "the savings beyond which nothing is shared",
    "settlement": "the settlement period, the days to object and to pay, the months to correct",
    "settlement.period": "the settlement period",
    "settlement.objection_days": "the days to object",
    "settlement.payment_days": "the days to pay",
    "settlement.correction_months": "the months to correct",
    "settlement.report_days": "the days to report",
    "settlement.overpaid": "what becomes of an overpayment",
    "settlement.interest": "interest",
    "governance": "who records, determines, pays and agrees",
    "governance.signs": "who signs",
    "governance.records": "who records",
    "governance.determines": "who determines",
    "governance.pays": "who pays",
    "governance.agrees": "who must agree",
    "absence_codes": "what the payroll system's codes mean",
}
"""What the keys of the terms hold."""


def place(terms: ContractTerms, key: str) -> str:
    """The clause of a key; where no clause is given, its key in the terms."""
    return terms.clauses.get(key, f"terms: {key}")


def named_terms(terms: ContractTerms, keys: Sequence[str]) -> str:
    """Keys in words, each with its clause where there is one."""
    return "; ".join(_named(terms, key) for key in keys)


def _named(terms: ContractTerms, key: str) -> str:
    if key not in TERMS:
        return f"{TERMS.get(key.partition('.')[0], 'a term')} (terms: {key})"
    return f"{TERMS[key]} ({terms.clauses[key]})" if key in terms.clauses else TERMS[key]
