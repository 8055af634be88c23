"""A contract in the shape of INDIGO, the dataset of impact bonds of the Government Outcomes Lab, University of Oxford: the data
dictionary's *project*, with its field names and code lists (INDIGO-Initiative/indigo-data-standard, ``schema/project.json``).

What the ledger does not know is left out. Every section names its sources, clauses of the terms or records of the ledger; what is
assumed, derived or simulated stands in the notes. Organisations have identifiers of this file alone: INDIGO gives its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ledger.contract import ContractState
from ledger.facts import Facts, contract_stream
from ledger.holds import disputed
from ledger.money import decimals, shown
from projections.indigo.changes import Change, changes, covid
from projections.indigo.finance import commitments, investments, outcome_payments, transactions
from projections.indigo.outcomes import metrics, pricings, results
from projections.indigo.sources import Json, Sources, money, value
from projections.state import State

STANDARD = "INDIGO data standard, project, as of its change log after 2.3.0"
"""The version whose names and code lists these are."""

FINANCE = (
    "investment.total",
    "investment.external_service_value",
    "investment.at_risk_share",
    "upfront",
    "outcome.maximum_payment",
    "outcome.bonus_rate",
)
"""The keys of the terms that the project's finance follows from."""

NO_PLACE = (
    "The standard has no place for: the parties' positions in a dispute, what is held meanwhile and who decided; overpayment and "
    "set-off; the upfront payment as part of a commitment (it is among the transactions); the days that money is computed from."
)


@dataclass(frozen=True)
class Ground:
    """What an INDIGO record is made from: one contract as of a date, as known at a moment."""

    facts: Facts
    folded: ContractState
    state: State
    sources: Sources
    changes: tuple[Change, ...]

    @property
    def at(self) -> date:
        """The date as of which."""
        return self.state.when.as_of

    def organisation(self, role: str) -> Json:
        """The identifier of a party."""
        return value(organisation_id(self.state.contract, role))

    def has(self, role: str) -> bool:
        """Whether the terms name that party."""
        return role in self.state.terms.parties


def organisation_id(contract_id: str, role: str) -> str:
    """A party's identifier in this file."""
    return f"{contract_id}-{role.replace('_', '-')}"


def project(facts: Facts, state: State) -> Json:
    """The contract as a project of INDIGO. Amounts are Decimal, kronor excluding VAT."""
    folded = facts.contract(state.contract)
    sources = Sources(facts, state.terms)
    ground = Ground(facts, folded, state, sources, tuple(changes(facts.stream(contract_stream(state.contract)))))
    found = {
        "name": value(state.terms.name),
        "stage_development": {"value": _stage(ground), "source_ids": sources.clauses("starts_on", "months")},
        "dates": _dates(ground),
        "overall_project_finance": _finance(ground),
        "investment_details": _invested(ground),
        "service_and_beneficiaries": _population(ground),
        "changes_to_project_due_to_covid19": covid(ground),
        "service_provisions": list(_services(ground)),
        "outcome_payment_commitments": commitments(ground),
        "investments": investments(ground),
        "intermediary_services": list(_intermediaries(ground)),
        "outcome_metrics": metrics(ground),
        "outcome_pricings": pricings(ground),
        "transactions": transactions(ground),
        "results": results(ground),
        "outcome_payments": outcome_payments(ground),
    }
    whole = {name: part for name, part in found.items() if part}
    return {**whole, "notes": value(_notes(ground)), "sources": sources.listed()}


def organisations(state: State) -> list[Json]:
    """The parties as organisations of INDIGO, each with the identifier that the project names it by."""
    return [
        {
            "id": organisation_id(state.contract, role),
            "data": {"name": value(name), "description": value(f"{role.replace('_', ' ')} of {state.terms.name}")},
        }
        for role, name in sorted(state.terms.parties.items())
    ]


def _stage(ground: Ground) -> str:
    """Stage of development on the as-of date; a contract is complete when it is closed (rule 21)."""
    terms = ground.state.terms
    if ground.state.closed_on is not None:
        return "Complete"
    if ground.at > terms.last_month.last_day:
        return "Service delivery complete"
    return "Implementation" if ground.at >= terms.starts_on else "Contracted"


def _dates(ground: Ground) -> Json:
    terms, folded = ground.state.terms, ground.folded
    signed = ground.sources.records[0].position
    ids = f"{ground.sources.recorded(signed)},{ground.sources.clauses('starts_on', 'measured_from', 'months')}"
    dates = {
        "outcomes_contract_signed": value(str(folded.signed_on)),
        "start_date_of_service_provision": value(str(terms.starts_on)),
        "anticipated_end_date_of_service_provision": value(str(terms.last_month.last_day)),
    }
    paid = [one.on for one in folded.payments if one.open and one.entry == "outcome" and one.on <= ground.at]
    if ground.state.closed_on is not None and paid:
        dates["actual_completion_date"] = value(str(max(paid)))
    notes = (
        f"Start and end are those of the contract's terms; the ledger does not record the service's own. Outcomes are measured "
        f"from {terms.measured_from} for {terms.months} months."
    )
    return {**dates, "source_ids": ids, "notes": notes}


def _finance(ground: Ground) -> Json:
    terms, state = ground.state.terms, ground.state
    total = money(terms.investment.total)
    at_risk = decimals(100 * terms.investment.at_risk_share, 2)
    upfront = (
        f"Besides, {shown(terms.upfront_agreed)} is paid upfront whatever the outcome; {shown(state.upfront_paid)} has been."
    )
    recovered = f" {shown(state.provider.recovered)} of outcome payments has been recovered." if state.provider.recovered else ""
    return {
        "total_investment_commitment": {"currency": total["currency"], "amount": {"exact": total["amount"]}},
        "maximum_potential_outcome_payment_v2": money(terms.outcome.maximum_payment),
        "maximum_potential_loss": value(
            f"external provider: {at_risk} % of the value of its service, {shown(terms.at_risk)} SEK of "
            f"{decimals(terms.service_value / 100, 2)} SEK"
        ),
        "maximum_potential_return": value(
            f"external provider: {decimals(100 * terms.outcome.bonus_rate, 2)} % of the amount that it risks"
        ),
        "total_outcome_payments_made": money(state.provider.paid),
        "source_ids": ",".join([ground.sources.clauses(*FINANCE), *_paid_at(ground)]),
        "notes": f"SEK excluding VAT. {upfront}{recovered}",
    }


def _paid_at(ground: Ground) -> Iterator[str]:
    found = [one.position for one in ground.folded.payments if one.open and one.entry == "outcome" and one.on <= ground.at]
    if found:
        yield ground.sources.recorded(*found)


def _invested(ground: Ground) -> Json:
    """What the investor has lent so far."""
    loans = [one for one in ground.folded.loans if one.open and one.entry == "draw" and one.on <= ground.at]
    if not loans:
        return {}
    latest = {**money(ground.state.loan.drawn), "date": value(str(max(one.on for one in loans)))}
    notes = f"Loan drawn from the investor; {shown(ground.state.loan.repaid)} SEK has been repaid."
    ids = ground.sources.recorded(*(one.position for one in loans))
    return {"total_funds_invested": {"latest": latest}, "source_ids": ids, "notes": notes}


def _population(ground: Ground) -> Json:
    population = ground.state.terms.population
    assumed = " It is assumed, not published." if ground.state.terms.status("population") == "assumed" else ""
    return {
        "target_population": value(f"Employees: {population.employees}; workplaces: {population.workplaces}"),
        "source_ids": ground.sources.clauses("population"),
        "notes": f"The population that absence and headcounts are reported for; the ledger cannot check it.{assumed}",
    }


def _services(ground: Ground) -> Iterator[Json]:
    terms = ground.state.terms
    service = {"start_date": value(str(terms.starts_on)), "end_date": value(str(terms.last_month.last_day))}
    for role in ("external_provider", "internal_provider"):
        if ground.has(role):
            yield {
                "id": role.replace("_", "-"),
                "organisation_id": ground.organisation(role),
                "planned_service": service,
                "source_ids": ground.sources.clauses("parties", "starts_on", "months"),
                "notes": f"{terms.parties[role]}, {role.replace('_', ' ')}.",
            }


def _intermediaries(ground: Ground) -> Iterator[Json]:
    roles = {"performance_manager": "Performance management", "technical_advisor": "Technical assistance"}
    for role, category in roles.items():
        if ground.has(role):
            yield {
                "organisation_id": ground.organisation(role),
                "organisation_role_category": value(category),
                "source_ids": ground.sources.clauses("parties"),
                "notes": f"{ground.state.terms.parties[role]}, {role.replace('_', ' ')}.",
            }


def _notes(ground: Ground) -> str:
    simulated = "The ledger is a simulated one: what it records has not happened. " if ground.state.simulated else ""
    assumed = f"Assumed, not published: {', '.join(ground.sources.assumed)}. " if ground.sources.assumed else ""
    return f"{simulated}{assumed}{_disputes(ground)}{NO_PLACE}"


def _disputes(ground: Ground) -> str:
    told = []
    for one in ground.state.disputes:
        ended = one.ended is not None and not one.open_on(ground.at)
        status = f"{one.status} on {one.ended.on}" if one.ended is not None and ended else "open"
        raised, at = one.raised, f"record {one.position}"
        amounts = f"{shown(raised.was_ore)}, {shown(raised.position.total)} by its position; {at}"
        told.append(f"{one.name} by {raised.by.replace('_', ' ')} against {disputed(one)} ({amounts}): {status}")
    return f"Disputes: {'; '.join(told)}. " if told else ""
