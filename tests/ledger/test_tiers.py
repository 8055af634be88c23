"""Tiers: money conserved whatever they are, never more for less, never above a limit; and as a second opinion divides it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.terms import INVESTMENT, SAVINGS, ContractTerms
from ledger.tiers import Waterfall, divide
from ledger.waterfall import entitlement
from tests import oracle_tiers
from tests.spec import BOTKYRKA, ORNSKOLDSVIK
from tests.tiered_spec import NORRKOPING, THREE_YEARS, ore

PARTIES = ("payer", "investor", "provider", "school")
ORE = st.integers(-(10**11), 10**11)
SHARES = st.integers(1, 1000).map(lambda parts: Fraction(parts, 1000))


def _text(share: Fraction) -> str:
    return f"{share.numerator * 1000 // share.denominator / 1000:.3f}"


@st.composite
def limits(draw: st.DrawFn) -> dict[str, str]:
    """An amount, or so many times the fixed amount ``base``."""
    if draw(st.booleans()):
        ore = draw(st.integers(0, 10**10))
        return {"amount": f"{ore // 100}.{ore % 100:02d}"}
    return {"times": f"{draw(st.integers(0, 3000)) / 1000:.3f}", "of": "base"}


@st.composite
def waterfalls(draw: st.DrawFn) -> dict[str, Any]:
    """One to five tiers over one or two amounts, whose limits refer to a third that is not divided."""
    amounts = draw(st.sampled_from([("savings",), ("savings", "activity")]))
    tiers = []
    for number in range(draw(st.integers(len(amounts), 5))):
        of = amounts[number] if number < len(amounts) else draw(st.sampled_from(amounts))
        parties = draw(st.lists(st.sampled_from(PARTIES), min_size=1, max_size=3, unique=True))
        left, shares = 1000, []
        for party in parties:
            if not left:
                break
            part = draw(st.integers(1, left))
            left -= part
            share = {"party": party, "share": f"{part / 1000:.3f}"}
            shares.append(share if draw(st.booleans()) else {**share, "most": draw(limits())})
        tier = {"name": f"tier-{number}", "what": "one of many", "of": of, "shares": tuple(shares)}
        tiers.append(tier if draw(st.booleans()) else {**tier, "up_to": draw(limits())})
    remainder = tuple({"of": of, "party": draw(st.sampled_from(PARTIES))} for of in amounts)
    return {"tiers": tuple(tiers), "remainder": remainder}


def _unmet(said: dict[str, Any], numbers: set[int]) -> list[str]:
    return [one["name"] for number, one in enumerate(said["tiers"]) if number in numbers]


@given(waterfalls(), ORE, ORE, ORE, st.sets(st.integers(0, 4)))
def test_nothing_is_made_and_nothing_is_lost(
    said: dict[str, Any], savings: int, activity: int, base: int, numbers: set[int]
) -> None:
    found = Waterfall.model_validate(said)
    amounts = {"savings": savings, "activity": activity, "base": base}
    division = divide(found, amounts, _unmet(said, numbers))
    for kept in division.kept:
        of = [one.amount for one in division.given if one.of == kept.of]
        assert sum(of) + kept.amount == amounts[kept.of]
        assert min(of, default=0) >= 0
        assert kept.amount >= min(amounts[kept.of], 0)


@given(waterfalls(), ORE, ORE, ORE, st.sets(st.integers(0, 4)))
def test_a_second_opinion_divides_alike(said: dict[str, Any], savings: int, activity: int, base: int, numbers: set[int]) -> None:
    amounts, unmet = {"savings": savings, "activity": activity, "base": base}, _unmet(said, numbers)
    division = divide(Waterfall.model_validate(said), amounts, unmet)
    given_, stays = oracle_tiers.divide(said, amounts, unmet)
    assert {(one.of, one.tier, one.party): one.amount for one in division.given} == given_
    assert {one.of: one.amount for one in division.kept} == stays


@given(waterfalls(), ORE, st.integers(0, 10**9), ORE)
def test_more_never_gives_a_party_less(said: dict[str, Any], savings: int, more: int, base: int) -> None:
    found = Waterfall.model_validate(said)
    less, much = (divide(found, {"savings": amount, "activity": 0, "base": base}) for amount in (savings, savings + more))
    for party in PARTIES:
        assert less.entitled(party) <= much.entitled(party)


@given(waterfalls(), ORE, ORE, ORE)
def test_no_tier_gives_above_a_limit(said: dict[str, Any], savings: int, activity: int, base: int) -> None:
    amounts = {"savings": savings, "activity": activity, "base": base}
    found = Waterfall.model_validate(said)
    tiers = {one.name: one for one in found.tiers}
    for one in divide(found, amounts).given:
        tier = tiers[one.tier]
        [part] = [part for part in tier.shares if part.party == one.party]
        if part.most is not None:
            assert one.amount < part.most.exact(amounts) + 1  # a limit of whole öre is kept to the öre
        if tier.up_to is not None:
            assert one.amount < part.share * tier.up_to.exact(amounts) + 1


@given(waterfalls(), ORE, ORE, st.sets(st.integers(0, 4), min_size=1))
def test_a_tier_whose_condition_does_not_hold_gives_nothing(
    said: dict[str, Any], savings: int, base: int, numbers: set[int]
) -> None:
    unmet = _unmet(said, numbers)
    division = divide(Waterfall.model_validate(said), {"savings": savings, "activity": 0, "base": base}, unmet)
    assert [one for one in division.given if one.tier in unmet and one.amount] == []


@given(ORE, st.integers(0, 10**9))
def test_what_is_guaranteed_does_not_move_with_savings(savings: int, cost: int) -> None:
    amounts = {"activity-cost": cost, "savings": savings, "investment": ore("10 000 000")}
    division = divide(NORRKOPING.waterfall, amounts)
    [guaranteed] = [one.amount for one in division.given if one.tier == "guaranteed"]
    assert guaranteed == (4 * cost + 5) // 10


@pytest.mark.parametrize("terms", [BOTKYRKA, ORNSKOLDSVIK], ids=lambda terms: terms.id)
@given(savings=ORE)
@example(savings=3_423_913_041)
@example(savings=3_423_913_042)
@example(savings=3_435_000_000)
@example(savings=-1)
def test_both_contracts_are_instances_by_rule_10(terms: ContractTerms, savings: int) -> None:
    """E = min(maximum, round(share × min(max(S, 0), ceiling × I))), by whole numbers alone."""
    share, ceiling = terms.outcome.provider_share, terms.outcome.ceiling
    shared = min(max(savings, 0) * ceiling.denominator, ceiling.numerator * terms.investment.total)
    below = share.denominator * ceiling.denominator
    expected = min(terms.outcome.maximum_payment, (2 * share.numerator * shared + below) // (2 * below))
    division = divide(terms.waterfall, {SAVINGS: savings, INVESTMENT: terms.investment.total})
    assert entitlement(terms, savings) == division.entitled("external_provider") == expected
    assert [one.amount for one in division.kept] == [savings - expected]


@given(ORE, st.integers(0, 10**9), st.booleans())
def test_norrkoping_is_its_formula(savings: int, cost: int, school: bool) -> None:
    """0.4 C + min(0.6 C, 0.6 S); above S = C a return of 0.6 (S − C), at most 0.2 C, if school results
    improved."""
    amounts = {"activity-cost": cost, "savings": savings, "investment": ore("10 000 000")}
    found = divide(THREE_YEARS.waterfall, amounts, [] if school else ["return"]).entitled("investor")
    saved = max(savings, 0)
    exact = Fraction(4 * cost, 10) + Fraction(6 * min(saved, cost), 10)
    exact += min(Fraction(6 * max(saved - cost, 0), 10), Fraction(2 * cost, 10)) if school else 0
    assert abs(found - exact) <= 1


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"tiers": (), "remainder": ()}, "must name at least one"),
    ({"remainder": ()}, "nobody has the remainder of savings"),
    ({"remainder": ({"of": "savings", "party": "payer"}, {"of": "savings", "party": "payer"})}, "named twice"),
    ({"remainder": ({"of": "savings", "party": "payer"}, {"of": "days", "party": "payer"})}, "no tier divides days"),
    ({"shares": ()}, "at least one"),
    ({"shares": ({"party": "payer", "share": "0.6"}, {"party": "payer", "share": "0.2"})}, "each party once"),
    ({"shares": ({"party": "payer", "share": "0.6"}, {"party": "investor", "share": "0.5"})}, "together not above 1"),
    ({"shares": ({"party": "payer", "share": "0"},)}, "above 0"),
    ({"up_to": {"times": "1"}}, "a limit is"),
    ({"up_to": {"amount": "-1.00"}}, "cannot be negative"),
    ({"guaranteed": True, "only_if": {"metric": "m", "group": "g", "part": "p", "at_least": "1"}}, "cannot be conditional"),
    ({"only_if": {"metric": "m", "group": "g", "part": "p"}}, "at_least or at_most"),
    ({"only_if": {"metric": "m", "group": "g", "part": "p", "at_least": "many"}}, "pattern"),
]


@pytest.mark.parametrize(("change", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_tiers_that_do_not_hold_together_are_refused(change: dict[str, Any], said: str) -> None:
    tier = {"name": "one", "what": "x", "of": "savings", "shares": ({"party": "investor", "share": "0.5"},)}
    whole: dict[str, Any] = {"tiers": (tier,), "remainder": ({"of": "savings", "party": "payer"},)}
    inner = {key: value for key, value in change.items() if key not in whole}
    whole = {**whole, **{key: value for key, value in change.items() if key in whole}}
    whole["tiers"] = tuple({**one, **inner} for one in whole["tiers"])
    with pytest.raises(ValidationError, match=said):
        Waterfall.model_validate(whole)
