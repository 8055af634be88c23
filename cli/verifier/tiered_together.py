"""What the fields of a contract settled by tiers say together: limits and conditions of one sort, shares that fit, names that
there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _day, _ore


def faults_of_limit(limit: Mapping[str, Any]) -> Iterator[str]:
    """An amount, or so many times another; not below zero."""
    if ("times" in limit) != ("of" in limit) or ("amount" in limit) == ("times" in limit):
        yield "a limit is an amount, or so many times another"
    elif _ore(limit.get("amount", "0.00")) < 0 or Fraction(limit.get("times", "0")) < 0:
        yield "a limit is below zero"


def faults_of_condition(condition: Mapping[str, Any]) -> Iterator[str]:
    """One bound."""
    if ("at_least" in condition) == ("at_most" in condition):
        yield "a condition says at_least or at_most"


def faults_of_metric_row(row: Mapping[str, Any]) -> Iterator[str]:
    """An amount of money, or another value."""
    if ("amount_ore" in row) == ("value" in row):
        yield "a row says an amount of money, or another value"


def faults_of_waterfall(waterfall: Mapping[str, Any]) -> Iterator[str]:
    """Every tier and remainder once, each amount that is divided with its remainder, and shares of at most the whole."""
    tiers = waterfall["tiers"]
    names, of = [tier["name"] for tier in tiers], [one["of"] for one in waterfall["remainder"]]
    if not tiers or len(set(names)) < len(names):
        yield "tiers are named once each, and there is one"
    if len(set(of)) < len(of) or set(of) != {tier["of"] for tier in tiers}:
        yield "each amount that tiers divide has one remainder, and no other has"
    for tier in tiers:
        parties, shares = [part["party"] for part in tier["shares"]], [Fraction(part["share"]) for part in tier["shares"]]
        if not parties or len(set(parties)) < len(parties):
            yield f"tier {tier['name']} names each party once, and one"
        if min(shares, default=1) <= 0 or sum(shares) > 1:
            yield f"tier {tier['name']}: shares are above 0, and together not above 1"
        if tier["guaranteed"] and "only_if" in tier:
            yield f"tier {tier['name']} is guaranteed and conditional"


def limits_of(tier: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every limit of a tier."""
    return [one for one in (tier.get("up_to"), *(part.get("most") for part in tier["shares"])) if one is not None]


def faults_of_tiered_terms(terms: Mapping[str, Any]) -> Iterator[str]:
    """Days in order, and names that there are: of roles, amounts, metrics."""
    if _day(terms["ends_on"]) <= _day(terms["starts_on"]):
        yield "it ends before it starts"
    governance, waterfall = terms["governance"], terms["waterfall"]
    several = [governance[name] for name in ("signs", "records", "agrees")]
    roles = {governance["determines"], governance["pays"]}.union(*several)
    roles |= {part["party"] for tier in waterfall["tiers"] for part in tier["shares"]}
    roles |= {one["party"] for one in waterfall["remainder"]}
    if roles - terms["parties"].keys():
        yield f"{', '.join(sorted(roles - terms['parties'].keys()))} is not among the parties"
    if not all(several):
        yield "signs, records and agrees must each name a role"
    amounts, valued = [one["id"] for one in terms["amounts"]], [one["id"] for one in terms["valuations"]]
    named = [*amounts, *valued]
    if not valued or len(set(named)) < len(named):
        yield "amounts and valuations are named once each, and something is valued"
    divided = {tier["of"] for tier in waterfall["tiers"]}
    referred = {one["of"] for tier in waterfall["tiers"] for one in limits_of(tier) if "of" in one}
    if not divided <= set(valued) or not referred <= set(named):
        yield "the waterfall names an amount that there is not"
    yield from _faults_of_metrics(terms)
    yield from _faults_of_guarantees(terms)
    yield from _faults_of_lending(terms)


def _faults_of_metrics(terms: Mapping[str, Any]) -> Iterator[str]:
    """Metrics once each; valuations of those that there are, of money or not, as each needs; conditions of those in no money."""
    units = {one["id"]: one["unit"] for one in terms["metrics"]}
    if len(units) < len(terms["metrics"]):
        yield "metrics are there once each"
    for one in terms["valuations"]:
        if [] in (one.get("parts"), one.get("contracts")):
            yield f"{one['id']} is of nothing"
        is_of_money = one["kind"] != "price-per-unit@1"
        if "metric" in one and (one["metric"] not in units or (units[one["metric"]] == "money") != is_of_money):
            yield f"{one['id']} is of {one['metric']}, no metric that it can be of"
    for tier in terms["waterfall"]["tiers"]:
        if "only_if" in tier and units.get(tier["only_if"]["metric"], "money") == "money":
            yield f"tier {tier['name']} is conditional on {tier['only_if']['metric']}, no metric that it can be"


def _faults_of_guarantees(terms: Mapping[str, Any]) -> Iterator[str]:
    """What is guaranteed does not move with the outcome."""
    outcomes = {one["id"] for one in terms["valuations"] if one["kind"] != "reported-amount@1"}
    for tier in terms["waterfall"]["tiers"]:
        rests_on = {tier["of"], *(one["of"] for one in limits_of(tier) if "of" in one)}
        if tier["guaranteed"] and rests_on & outcomes:
            yield f"tier {tier['name']} is guaranteed, and rests on {', '.join(sorted(rests_on & outcomes))}"


def _faults_of_lending(terms: Mapping[str, Any]) -> Iterator[str]:
    """Savings of other contracts are in SEK. A bond's holder and issuer are parties; tiers give the holder something, and it has
    no remainder."""
    if terms["currency"] != "SEK" and any(one["kind"] == "contracts-savings@1" for one in terms["valuations"]):
        yield f"savings of other contracts are in SEK, these terms in {terms['currency']}"
    bond, waterfall = terms.get("bond"), terms["waterfall"]
    if bond is None:
        return
    if not {bond["holder"], bond["issuer"]} <= terms["parties"].keys():
        yield "the bond's holder or issuer is not among the parties"
    if bond["holder"] not in {part["party"] for tier in waterfall["tiers"] for part in tier["shares"]}:
        yield "tiers give the bond's holder nothing"
    if bond["holder"] in {one["party"] for one in waterfall["remainder"]}:
        yield "the bond's holder has what tiers leave"
