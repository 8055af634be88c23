"""Who gets what: amounts divided tier by tier, in whole öre, so that nothing is made and nothing is lost.

A tier divides a slice of one amount: from where the tier before it ended up to its own limit, counted from the amount's first
öre. What no tier gives is the remainder's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _ore, rounded

Line = dict[str, Any]


def limit_of(limit: Mapping[str, Any], amounts: Mapping[str, int]) -> Fraction:
    """A limit in öre: an amount, or so many times another, which counts as nothing where it is below zero."""
    if "amount" in limit:
        return Fraction(_ore(limit["amount"]))
    return Fraction(limit["times"]) * max(0, amounts[limit["of"]])


def slices_of(waterfall: Mapping[str, Any], of: str, amounts: Mapping[str, int]) -> list[tuple[str, Fraction, Fraction]]:
    """Of each tier that divides an amount: its name, and from where to where in öre its slice goes. Below zero nothing is
    divided."""
    found, reached = [], Fraction(0)
    for tier in waterfall["tiers"]:
        if tier["of"] != of:
            continue
        ends = Fraction(max(0, amounts[of]))
        if "up_to" in tier:
            ends = min(ends, limit_of(tier["up_to"], amounts))
        ends = max(ends, reached)
        found.append((tier["name"], reached, ends))
        reached = ends
    return found


def divide(waterfall: Mapping[str, Any], amounts: Mapping[str, int], unmet: Collection[str]) -> tuple[list[Line], list[Line]]:
    """What the tiers give, and what they leave, as a determination says it. ``amounts`` in öre: all that the valuations gave and
    that the terms name; ``unmet``: the tiers whose condition does not hold."""
    given: list[Line] = []
    kept: list[Line] = []
    rest = {one["of"]: one["party"] for one in waterfall["remainder"]}
    for of in dict.fromkeys(tier["of"] for tier in waterfall["tiers"]):
        parts = _parts_of(waterfall, of, amounts, unmet)
        lines = [
            {"of": of, "tier": tier, "party": party, "amount_ore": amount}
            for (tier, party, _), amount in zip(parts, _whole_ore(parts), strict=True)
        ]
        left = amounts[of] - sum(line["amount_ore"] for line in lines)
        given += lines
        kept.append({"of": of, "party": rest[of], "amount_ore": left})
    return given, kept


def _parts_of(
    waterfall: Mapping[str, Any], of: str, amounts: Mapping[str, int], unmet: Collection[str]
) -> list[tuple[str, str, Fraction]]:
    """Tier, party and exact öre."""
    slices = {name: ends - begins for name, begins, ends in slices_of(waterfall, of, amounts)}
    found = []
    for tier in waterfall["tiers"]:
        for part in tier["shares"] if tier["of"] == of else ():
            exact = Fraction(part["share"]) * slices[tier["name"]] * (tier["name"] not in unmet)
            if "most" in part:
                exact = min(exact, limit_of(part["most"], amounts))
            found.append((tier["name"], part["party"], exact))
    return found


def _whole_ore(parts: list[tuple[str, str, Fraction]]) -> list[int]:
    """Each part in whole öre: by the party's sum so far, the nearest for the party that is named first, else what is full."""
    found, first = [], parts[0][1] if parts else ""
    for number, (_, party, exact) in enumerate(parts):
        before = sum((other for _, name, other in parts[:number] if name == party), Fraction(0))
        sums = (before, before + exact)
        was, now = (rounded(one) if party == first else one.numerator // one.denominator for one in sums)
        found.append(now - was)
    return found
