"""The verifier's own waterfall: worked by hand at the boundaries, and against the product's on random tiers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.verifier.tiers import divide, slices_of
from ledger import tiers
from ledger.tiered_terms import TieredTerms
from tests.verifier.tiered_ledger import terms

WATERFALL = {
    "tiers": [
        {
            "name": "even",
            "of": "savings",
            "up_to": {"times": "1", "of": "cost"},
            "shares": [{"party": "investor", "share": "0.6"}, {"party": "payer", "share": "0.4"}],
        },
        {
            "name": "return",
            "of": "savings",
            "shares": [{"party": "investor", "share": "0.6", "most": {"times": "0.2", "of": "cost"}}],
        },
    ],
    "remainder": [{"of": "savings", "party": "payer"}],
}


def given_to(savings: int, cost: int, unmet: tuple[str, ...] = ()) -> tuple[list[int], int]:
    """What the investor is given, tier by tier; and what the payer has in all, by its share and by what is left."""
    said, kept = divide(WATERFALL, {"savings": savings, "cost": cost}, unmet)
    payers = sum(one["amount_ore"] for one in said if one["party"] == "payer")
    return [one["amount_ore"] for one in said if one["party"] == "investor"], payers + kept[0]["amount_ore"]


def test_the_share_of_who_has_the_rest_is_given_and_rounded_down() -> None:
    said, kept = divide(WATERFALL, {"savings": 999, "cost": 1000}, ())
    assert [(one["party"], one["amount_ore"]) for one in said] == [("investor", 599), ("payer", 399), ("investor", 0)]
    assert kept == [{"of": "savings", "party": "payer", "amount_ore": 1}]


@pytest.mark.parametrize(
    ("savings", "expected"),
    [
        (-500, ([0, 0], -500)),  # below zero nothing is divided, and the remainder bears it
        (0, ([0, 0], 0)),
        (1, ([1, 0], 0)),  # 0.6 öre is one
        (2, ([1, 0], 1)),  # 1.2 öre is one
        (1000, ([600, 0], 400)),  # up to the limit
        (1001, ([600, 1], 400)),  # 600.6 in all is 601, one of it above the limit
        (1333, ([600, 200], 533)),  # 199.8 of the second tier: 799.8 in all is 800
        (1334, ([600, 200], 534)),  # 200.4, at most 200
        (10**9, ([600, 200], 10**9 - 800)),
    ],
)
def test_at_the_boundaries(savings: int, expected: tuple[list[int], int]) -> None:
    assert given_to(savings, 1000) == expected


def test_an_unmet_tier_gives_nothing_and_takes_its_slice() -> None:
    assert given_to(1500, 1000, ("even",)) == ([0, 200], 1300)
    assert given_to(1500, 1000, ("return",)) == ([600, 0], 900)


def test_a_limit_by_an_amount_below_zero_is_zero() -> None:
    assert given_to(100, -1) == ([0, 0], 100)
    assert [
        (name, int(begins), int(ends)) for name, begins, ends in slices_of(WATERFALL, "savings", {"savings": 9, "cost": -1})
    ] == [
        ("even", 0, 0),
        ("return", 0, 9),
    ]


def test_a_lower_limit_after_a_higher_one_takes_nothing_back() -> None:
    waterfall = {
        "tiers": [
            {"name": "one", "of": "x", "up_to": {"amount": "1.00"}, "shares": [{"party": "a", "share": "0.5"}]},
            {"name": "two", "of": "x", "up_to": {"amount": "0.40"}, "shares": [{"party": "a", "share": "0.5"}]},
            {"name": "three", "of": "x", "shares": [{"party": "a", "share": "1"}]},
        ],
        "remainder": [{"of": "x", "party": "b"}],
    }
    said, kept = divide(waterfall, {"x": 130}, ())
    assert [one["amount_ore"] for one in said] == [50, 0, 30]
    assert kept == [{"of": "x", "party": "b", "amount_ore": 50}]


def test_two_halves_of_an_ore_are_never_two() -> None:
    """The first that is named is rounded, the second down: together no more than there is."""
    shares = [{"party": "a", "share": "0.5"}, {"party": "b", "share": "0.5"}]
    waterfall = {"tiers": [{"name": "t", "of": "x", "shares": shares}], "remainder": [{"of": "x", "party": "c"}]}
    said, kept = divide(waterfall, {"x": 1}, ())
    assert ([one["amount_ore"] for one in said], kept[0]["amount_ore"]) == ([1, 0], 0)


AMOUNTS = st.integers(-5_000_000, 20_000_000)


@settings(max_examples=300, deadline=None)
@given(terms(), AMOUNTS, AMOUNTS, AMOUNTS, st.sets(st.sampled_from(["t0", "t1", "t2", "t3"])))
def test_as_the_product_divides(one: TieredTerms, activity: int, savings: int, worth: int, unmet: set[str]) -> None:
    amounts = {"activity": activity, "savings": savings, "worth": worth, "most": 5_000_000}
    plain: dict[str, Any] = json.loads(one.waterfall.model_dump_json(exclude_none=True))
    said, kept = divide(plain, amounts, unmet)
    theirs = tiers.divide(one.waterfall, amounts, unmet)
    assert [(line["of"], line["tier"], line["party"], line["amount_ore"]) for line in said] == [
        (line.of, line.tier, line.party, line.amount) for line in theirs.given
    ]
    assert [(line["of"], line["party"], line["amount_ore"]) for line in kept] == [
        (line.of, line.party, line.amount) for line in theirs.kept
    ]
    for rest in kept:
        assert rest["amount_ore"] + sum(line["amount_ore"] for line in said if line["of"] == rest["of"]) == amounts[rest["of"]]
        assert min(0, amounts[rest["of"]]) <= rest["amount_ore"] <= max(0, amounts[rest["of"]])
