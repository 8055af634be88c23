"""What the fields of an object say together: sums that fit, dates in order, names that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _day, _last_day, _month_of, _ore, _period
from cli.verifier.facts import STEPS

_STEPS_IN_ORDER = ("leave out", "reference", "trend", "price", "window")


def faults_of_years(rule: Mapping[str, Any]) -> Iterator[str]:
    """Whole years to compare with."""
    first, last = _day(rule["from"]), _day(rule["to"])
    if first.day != 1 or _last_day(_month_of(last)) != last:
        yield "from must be the first of a month and to the last of one"
    elif last < first or (_month_of(last) - _month_of(first) + 1) % 12:
        yield "from and to must span whole years"


def faults_of_prices(rule: Mapping[str, Any]) -> Iterator[str]:
    """Prices above zero, one a date, in order."""
    begins = [price["from"] for price in rule["sek"]]
    if not begins or begins != sorted(set(begins)):
        yield "prices must be in order of date, one a date"
    if any(_ore(price["amount"]) <= 0 for price in rule["sek"]):
        yield "a price must be above zero"


def faults_of_causes(rule: Mapping[str, Any]) -> Iterator[str]:
    """Causes in order, each once."""
    if not rule["causes"] or rule["causes"] != sorted(set(rule["causes"])):
        yield "causes must be in order, each once"


def faults_of_numbers(measure: Mapping[str, Any]) -> Iterator[str]:
    """Days of a sick-pay period from one number to another, of at most a year."""
    if not measure["first_day_counted"] <= measure["last_day_counted"] <= 365:
        yield "the days counted do not run from one number to another, at most 365"


def faults_of_methodology(methodology: Mapping[str, Any]) -> Iterator[str]:
    """The rules for disrupted months in the order in which they act, no two of them at one step in one month."""
    agreed = methodology["disruption"]
    rules = agreed if isinstance(agreed, list) else [agreed]
    if any(rule["kind"] not in STEPS for rule in rules):
        if len(rules) > 1 and any(rule["kind"] == "none@1" for rule in rules):
            yield "none@1 stands alone"
        return
    placed = [(_STEPS_IN_ORDER.index(STEPS[rule["kind"]]), *_period(rule["window"])) for rule in rules]
    if [one[:2] for one in placed] != sorted(one[:2] for one in placed):
        yield "the rules are not in the order in which they act"
    for number, (step, first, last) in enumerate(placed):
        if any(other[0] == step and other[1] <= last and first <= other[2] for other in placed[:number]):
            yield "two rules act at one step in one month"
    windows = [place[1:] for rule, place in zip(rules, placed, strict=True) if STEPS[rule["kind"]] == "window"]
    for rule in rules:
        if rule["kind"] == "deem-average@1":
            first, last = _period(rule["of"])
            if any(begins <= last and first <= ends for begins, ends in windows):
                yield "an average is taken of months that are not measured"


def faults_of_terms(terms: Mapping[str, Any]) -> Iterator[str]:
    """Amounts that fit each other, and names that there are."""
    investment, outcome, governance = terms["investment"], terms["outcome"], terms["governance"]
    measured_from, starts_on = _day(terms["measured_from"]), _day(terms["starts_on"])
    if measured_from.day != 1 or _month_of(measured_from) < _month_of(starts_on):
        yield "measured_from must be the first of a month, not before starts_on"
    if not _amounts_fit(terms):
        yield "an amount is not above zero, or a share not between 0 and 1"
    elif _service_value(investment, outcome) > _ore(investment["total"]):
        yield "the service costs more than the investment"
    named = {governance["determines"], governance["pays"]}.union(*(governance[name] for name in ("signs", "records", "agrees")))
    if named - terms["parties"].keys():
        yield f"governance names {', '.join(sorted(named - terms['parties'].keys()))}, not among the parties"
    if not all(governance[name] for name in ("signs", "records", "agrees")):
        yield "signs, records and agrees must each name a role"
    for name in ("assumed", "derived", "clauses"):
        for key in terms[name]:
            if not _has(terms, key):
                yield f"{name} names {key}, which the terms do not have"


def _amounts_fit(terms: Mapping[str, Any]) -> bool:
    investment, outcome = terms["investment"], terms["outcome"]
    above = [
        investment["total"],
        investment.get("external_service_value", "1.00"),
        outcome["maximum_payment"],
        outcome["ceiling"],
    ]
    above += [part["amount"] for part in terms["upfront"]["instalments"]]
    shares = [Fraction(investment["at_risk_share"]), Fraction(outcome["provider_share"])]
    return all(Fraction(one) > 0 for one in above) and all(0 < one < 1 for one in shares) and Fraction(outcome["bonus_rate"]) >= 0


def _service_value(investment: Mapping[str, Any], outcome: Mapping[str, Any]) -> Fraction:
    value = investment.get("external_service_value")
    if value is not None:
        return Fraction(_ore(value))
    return _ore(outcome["maximum_payment"]) / (1 + Fraction(outcome["bonus_rate"])) / Fraction(investment["at_risk_share"])


def _has(terms: Mapping[str, Any], key: str) -> bool:
    """Whether the terms have a key: those that may be left out are there even then."""
    if key in ("investment.external_service_value", "absence_codes"):
        return True
    codes = {"SMB", "workplace_dimension", *(f"FR{number}" for number in range(1, 10))}
    if "absence_codes" in terms and key in {f"absence_codes.{code}" for code in codes}:
        return True
    value: Any = terms
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return False
        value = value[part]
    return True


def faults_of_position_said(position: Mapping[str, Any]) -> Iterator[str]:
    """Either savings or an amount; what was computed says by what, on which facts."""
    for one, other, together in (
        ("savings", "amount_ore", False),
        ("methodology", "sha256", True),
        ("facts", "computed_by", True),
    ):
        if ((one in position) == (other in position)) != together:
            yield f"{one} and {other} {'come together' if together else 'exclude each other, and one is needed'}"


def faults_of_raised(raised: Mapping[str, Any]) -> Iterator[str]:
    """Against a determination, or against a payment of a kind."""
    if ("determination" in raised) == ("payment" in raised) or ("payment" in raised) != ("payment_kind" in raised):
        yield "it is against a determination, or against a payment of a kind"


def faults_of_reimbursement(row: Mapping[str, Any]) -> Iterator[str]:
    """No more was repaid than there was cost."""
    if row["reimbursed_ore"] > row["sick_pay_cost_ore"]:
        yield "more is repaid than the sick pay cost"


def faults_of_item(item: Mapping[str, Any]) -> Iterator[str]:
    """An exception says what it is; what is ok differs in nothing."""
    is_ok = item["result"] == "ok"
    if ("exception" in item) == is_ok or (is_ok and ("days_hundredths" in item or "amount_ore" in item)):
        yield "an exception says what it is, and only that"


def faults_of_superseding(said: Mapping[str, Any]) -> Iterator[str]:
    """What takes the place of something earlier says why."""
    if ("supersedes" in said) != ("reason" in said):
        yield "what takes the place of something earlier says why, and only that"


def faults_of_signed_off(said: Mapping[str, Any]) -> Iterator[str]:
    """What takes the place of an earlier sign-off, or is of another document than the contract was closed on, says why."""
    if ("reason" in said) != ("supersedes" in said or said.get("recorded_at_closing") is False):
        yield "a sign-off in the place of an earlier one, or of another document, says why, and only that"


def faults_of_audit(said: Mapping[str, Any]) -> Iterator[str]:
    """The items are the sample, and the sample is of the population."""
    if not 1 <= said["sample"] <= said["population"] or len(said["items"]) != said["sample"]:
        yield "the items are not the sample, or the sample is not of the population"
    yield from faults_of_superseding(said)
