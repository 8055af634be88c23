"""What is measured in an INDIGO record: the outcome metric, its price, and results by determination."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from ledger import waterfall
from ledger.contract import Determination
from ledger.events import AnyMonth, MonthAgreed, MonthDetermined
from ledger.methodology import SHORT_TERM, Methodology
from ledger.money import decimals, shown
from ledger.periods import Period
from projections.indigo.finance import METRIC, is_disputed, period
from projections.indigo.sources import Json, kronor, value

if TYPE_CHECKING:
    from projections.indigo.record import Ground


def _definition(method: Methodology | None) -> str:
    """The metric, as the methodology in force counts it."""
    first, last = SHORT_TERM if method is None else method.measure.numbers
    absence = "short-term sickness absence" if (first, last) == SHORT_TERM else "sickness absence"
    return (
        f"Net days of {absence} (days {first} to {last} of a sick-pay period, Mondays to Fridays, times the extent of absence) "
        "less than expected from the reference years, adjusted for headcount, weekdays and the national trend; valued at a "
        "price a net day. Savings are the value; they may be below zero."
    )


def metrics(ground: Ground) -> list[Json]:
    """The one metric that is paid by."""
    targets, method = waterfall.targets(ground.state.terms), ground.state.methodology
    cap = "" if targets.cap.at_savings is None else f"; the maximum payment is reached at {shown(targets.cap.at_savings)} SEK"
    population = ground.state.terms.population
    found = {
        "id": METRIC,
        "definition": value(_definition(method)),
        "target_population": value(f"Employees: {population.employees}; workplaces: {population.workplaces}"),
        "outcome_metric_target": value(f"break-even at savings of {shown(targets.contract.amount)} SEK{cap}"),
        "outcome_validation_method": value("Historical comparison"),
    }
    keys = ground.sources.clauses("population", "investment.total", "outcome.maximum_payment")
    if method is None:
        return [{**found, "source_ids": keys}]
    data = f"Administrative data: absence reports from {method.measure.source}, headcounts, national series {method.trend.series}"
    ids = f"{keys},{ground.sources.recorded(*dict.fromkeys(ground.folded.adopted_at.values()))}"
    found["data_source_for_outcome_validation"] = value(data)
    return [{**found, "source_ids": ids, "notes": f"Measured by {'; '.join(_methods(ground))}."}]


def _methods(ground: Ground) -> Iterator[str]:
    for start, one in ground.folded.methodologies:
        years = one.reference.months
        yield f"{one.name} in months from {start} (compared with {years.first} to {years.last}; SHA-256 {one.sha256})"


def pricings(ground: Ground) -> list[Json]:
    """What a net day avoided is worth, and what the payer pays of it."""
    terms, method = ground.state.terms, ground.state.methodology
    if method is None:
        return []
    first, *later = method.price.sek
    share = decimals(100 * terms.outcome.provider_share, 2)
    said = f"A net day avoided counts for {shown(first.amount)} SEK of savings; the provider is paid {share} % of them."
    steps = "; ".join(f"{shown(one.amount)} SEK from {one.from_}" for one in later)
    return [
        {
            "outcome_metric_id": value(METRIC),
            "currency": value("SEK"),
            "maximum_price_if_all_targets_achieved": {"amount": value(f"{kronor(terms.outcome.maximum_payment)}")},
            **({"contracted_increases_to_outcome_pricing": value(steps)} if steps else {}),
            "price_description": value(said),
            "source_ids": ",".join(
                [
                    ground.sources.clauses("outcome.provider_share", "outcome.maximum_payment"),
                    ground.sources.recorded(ground.folded.adopted_at[method.sha256]),
                ]
            ),
        }
    ]


def results(ground: Ground) -> list[Json]:
    """A result a determination in force, then the contract's own."""
    found = [one for one in ground.folded.in_force if one.period.last.last_day <= ground.at]
    return [*(_result(ground, one) for one in found), *_overall(ground, found)]


def _result(ground: Ground, one: Determination) -> Json:
    savings = sum(month.savings_ore for month in one.months)
    notes = [f"D{one.number}.", *_agreed(one.months)]
    if one.preliminary:
        status = sorted({m.trend.status for m in one.months if isinstance(m, MonthDetermined)} - {"published"})
        notes.append(f"Preliminary: the national index is {', '.join(status)}.")
    return {
        "outcome_metric_id": value(METRIC),
        "result_level": value("Outcome level"),
        "result_type": value(_type(ground)),
        "period": period(one.period),
        "outcomes_achieved": value(f"savings {shown(savings)} SEK{_days(one.months)}"),
        "source_ids": ground.sources.recorded(one.position),
        "notes": " ".join([*notes, f"Measured by {', '.join(_names(ground, one))}."]),
        **({"status": "DISPUTED"} if is_disputed(ground, one.number) else {}),
    }


def _names(ground: Ground, one: Determination) -> list[str]:
    used: list[Methodology] = [ground.folded.every_methodology[month.methodology_sha256] for month in one.months]
    return list(dict.fromkeys(method.name for method in used))


def _days(months: tuple[AnyMonth, ...]) -> str:
    """The days of the months that were measured."""
    measured = [month for month in months if isinstance(month, MonthDetermined)]
    if not measured:
        return ""
    expected = sum((month.expected_days for month in measured), Fraction(0))
    actual = Fraction(sum(month.actual_hundredths for month in measured), 100)
    which = "" if len(measured) == len(months) else f" in {', '.join(str(month.month) for month in measured)}"
    days = f"{decimals(expected, 2)} net days expected, {decimals(actual, 2)} actual"
    return f"; {days}, {decimals(expected - actual, 2)} avoided{which}"


def _agreed(months: tuple[AnyMonth, ...]) -> Iterator[str]:
    """Which months were not measured, and what each counts for."""
    for month in months:
        if isinstance(month, MonthAgreed):
            of = f", the mean of {month.of}" if month.of is not None else ""
            by = f", the resolution of X{month.dispute}" if month.dispute is not None else ""
            yield f"{month.month} is not measured: {shown(month.savings_ore)} SEK by agreement ({month.kind}{of}{by})."


def _type(ground: Ground) -> str:
    return "Interim" if ground.state.closed_on is None else "Final"


def _overall(ground: Ground, found: list[Determination]) -> Iterator[Json]:
    state = ground.state
    if state.determined_through is None:
        return
    breaks = (
        f"break-even reached on {state.break_even_contract.reached_on}"
        if state.break_even_contract.reached
        else "not broken even"
    )
    provider = f"{shown(state.to_provider)} SEK of them for the provider"
    result = {
        "outcome_metric_id": value(METRIC),
        "result_level": value("Project level"),
        "result_type": value(_type(ground)),
        "period": period(Period(state.terms.first_month, state.determined_through)),
        "outcomes_achieved": value(f"savings {shown(state.savings)} SEK, {provider}; {breaks}"),
        "source_ids": ground.sources.recorded(*(one.position for one in found)),
    }
    if state.closed_on is not None and ground.has("external_auditor"):
        result["outcomes_validator_organisation_ids"] = ground.organisation("external_auditor")
    days = decimals(state.net_days_avoided, 2)
    more = f" {state.unsettled_facts} records that came later are not counted." if state.unsettled_facts else ""
    yield {**result, "notes": f"{days} net days avoided in the months that were measured.{more}"}
