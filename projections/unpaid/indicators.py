"""Paid and unpaid outcomes of a contract side by side, its targets, and the warning, under an AsOf: ``soc indicators``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from ledger import indicators as decider
from ledger.contract import ContractState
from ledger.errors import Refused
from ledger.events import ReportedIndicator, TargetMeasure
from ledger.facts import Facts, indicator_stream
from ledger.indicators import IndicatorState
from ledger.periods import Period
from ledger.terms import ContractTerms
from projections.as_of import AsOf
from projections.audience import NARROWEST, Audience
from projections.measured import measured
from projections.unpaid.computed import COMPUTED, Computed
from projections.unpaid.healthy_workplaces import BELOW
from projections.unpaid.indicator import Indicator
from projections.unpaid.long_term import LongTerm
from projections.unpaid.paid_metric import PaidMetric, paid_metric, reference
from projections.unpaid.reported import Rows, indicators, reported, within
from projections.unpaid.targets import TargetResult, results
from projections.unpaid.warning import MARGINS, Warned, warned


@dataclass(frozen=True)
class Quarter:
    """Long-term leave in a calendar quarter; ``withheld``: it rests on too few persons for the audience."""

    leave: LongTerm
    withheld: bool


@dataclass(frozen=True)
class Indicators:
    """The whole answer. ``paid``: by contract year, and in all as the last; ``reference``: the years that it is compared with.
    ``source``: whose absence reports count; ``reported``: every value reported for periods that had ended."""

    contract: str
    when: AsOf
    terms: ContractTerms
    audience: Audience
    source: str
    below: Fraction
    reference: Period | None
    paid: tuple[PaidMetric, ...]
    indicators: tuple[Indicator, ...]
    quarters: tuple[Quarter, ...]
    reported: Mapping[ReportedIndicator, Rows]
    targets: tuple[TargetResult, ...]
    warned: Warned


def indicators_of(
    facts: Facts,
    contract_id: str,
    as_of: date | None = None,
    audience: Audience = NARROWEST,
    below: Fraction = BELOW,
    margin: Fraction | None = None,
) -> Indicators:
    """The answer. ``below``: what makes a workplace healthy; ``margin``: of the warning, in place of its own.

    Raises Usage for an unknown contract, Refused for a date before its signature.
    """
    folded, when = _folded(facts, contract_id, as_of), AsOf.latest(facts, as_of)
    held = _held(facts, contract_id)
    rows = reported(held, when.as_of)
    counted = _computed(facts, folded, when.as_of, audience, below)
    paid = paid_metric(folded, when.as_of)

    def follow(measure: TargetMeasure, months: Period | None, against: Period | None) -> Indicator:
        if measure in COMPUTED:
            return counted.compared(measure, months, against)
        name: ReportedIndicator = measure  # type: ignore[assignment]  # what is not computed is reported
        return within(name, rows.get(name, {}), folded.signed.first_month, months, against)

    followed = (*counted.indicators(), *indicators(rows, folded.signed.first_month))
    return Indicators(
        contract=contract_id,
        when=when,
        terms=folded.terms_on(when.as_of),
        audience=audience,
        source=counted.measured.source,
        below=below,
        reference=reference(folded, when.as_of),
        paid=paid,
        indicators=followed,
        quarters=tuple(Quarter(one, counted.is_few(one)) for one in counted.quarters()),
        reported=rows,
        targets=results(held, folded, when.as_of, paid, follow),
        warned=warned(paid[-1], followed, margin),
    )


def warning(facts: Facts, contract_id: str, as_of: date) -> Warned | None:
    """What the rule says for any reader; None where no targets and no unpaid outcomes are on record, or nothing that is paid
    by has improved: then there is nothing to look for. Reads no absence report before it must."""
    held = _held(facts, contract_id)
    if not (held.values or held.targets):
        return None
    folded = _folded(facts, contract_id, as_of)
    paid = paid_metric(folded, as_of)[-1]
    if not warned(paid, ()).paid_better:
        return None
    said = indicators(reported(held, as_of), folded.signed.first_month)
    counted = _computed(facts, folded, as_of, NARROWEST, BELOW)
    compared = [counted.compared(one) for one in ("long-term-days", "risk-group")]
    return warned(paid, [*compared, *(one for one in said if one.measure in MARGINS)])


def _held(facts: Facts, contract_id: str) -> IndicatorState:
    return decider.fold(facts.stream(indicator_stream(contract_id)))


def _folded(facts: Facts, contract_id: str, as_of: date | None) -> ContractState:
    folded, when = facts.contract(contract_id), AsOf.latest(facts, as_of)
    assert folded.signed_on is not None
    if when.as_of < folded.signed_on:
        raise Refused(
            f"{contract_id} was signed on {folded.signed_on}; nothing is followed as of {when.as_of}",
            where=folded.signed.clause("starts_on"),
        )
    return folded


def _computed(facts: Facts, folded: ContractState, as_of: date, audience: Audience, below: Fraction) -> Computed:
    source = folded.methodologies[-1][1].measure.source if folded.methodologies else "payroll"
    contract_id = folded.signed.id
    return Computed(measured(facts, contract_id, source), folded.signed.first_month, as_of, audience, below)
