"""Who gets what: amounts divided tier by tier, so that nothing is made and nothing is lost. Pure.

A *waterfall* is a list of tiers. Each tier divides a slice of one named amount, such as ``savings``: from where the tier before
it ended, up to its own limit. What no tier gives stays with the role that the waterfall names as the amount's remainder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from ledger.money import rounded
from ledger.vocabulary import Frozen, Kronor, Role, Share, printable

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
"""What an amount, a metric or a tier is called in the terms: small letters, digits and hyphens."""

Line = Annotated[str, Field(max_length=300), AfterValidator(printable)]
"""One line of text."""

Number = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]
"""An exact decimal number in text: what a metric was found to be."""


class Limit(Frozen):
    """A limit: an ``amount`` of money, or so many ``times`` the amount called ``of``."""

    amount: Kronor | None = None
    times: Share | None = None
    of: Key | None = None

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Limit:
        if (self.times is None) != (self.of is None) or (self.amount is None) == (self.times is None):
            raise ValueError('a limit is { amount = "…" }, or { times = "…", of = "…" }')
        if (self.amount if self.times is None else self.times) < 0:  # type: ignore[operator]
            raise ValueError("a limit cannot be negative")
        return self

    def exact(self, amounts: Mapping[str, int]) -> Fraction:
        """The limit in öre, where ``amounts`` are those named in the terms and determined."""
        if self.times is None or self.of is None:
            return Fraction(self.amount or 0)
        return self.times * max(amounts[self.of], 0)


class Condition(Frozen):
    """A tier pays only if a metric's last value of a ``group`` and ``part`` is at least, or at most, what was agreed."""

    metric: Key
    group: Key
    part: Key
    at_least: Number | None = None
    at_most: Number | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Condition:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a condition says at_least or at_most")
        return self

    def met(self, value: str) -> bool:
        """Whether a value meets it; equality does."""
        if self.at_least is not None:
            return Fraction(value) >= Fraction(self.at_least)
        return Fraction(value) <= Fraction(self.at_most or 0)


class Part(Frozen):
    """A party's ``share`` of a tier's slice, at ``most`` so much in all from this tier."""

    party: Role
    share: Share
    most: Limit | None = None


class Tier(Frozen):
    """One tier: how a slice of the amount ``of`` is divided, ``up_to`` so much of it counted from its first öre.

    ``guaranteed``: paid whatever the outcome. ``only_if``: paid only where a metric reached what was agreed; else the slice
    stays with the remainder.
    """

    name: Key
    what: Line
    of: Key
    up_to: Limit | None = None
    shares: tuple[Part, ...]
    guaranteed: bool = False
    only_if: Condition | None = None


class Remainder(Frozen):
    """The role that keeps, or bears, what no tier gives of the amount ``of``."""

    of: Key
    party: Role


class Waterfall(Frozen):
    """Tiers in order, and who has what they leave."""

    tiers: tuple[Tier, ...]
    remainder: tuple[Remainder, ...]

    @model_validator(mode="after")
    def _closed(self) -> Waterfall:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        names, of = [one.name for one in self.tiers], [one.of for one in self.remainder]
        if not names:
            yield "waterfall.tiers must name at least one"
        yield from (f"tier {name} is named twice" for name in sorted({one for one in names if names.count(one) > 1}))
        yield from (f"the remainder of {key} is named twice" for key in sorted({one for one in of if of.count(one) > 1}))
        yield from (f"nobody has the remainder of {key}" for key in self.divided if key not in of)
        yield from (f"no tier divides {key}, whose remainder is named" for key in of if key not in self.divided)
        for tier in self.tiers:
            parties = [one.party for one in tier.shares]
            if not parties or len(set(parties)) < len(parties):
                yield f"tier {tier.name} names each party once, and at least one"
            if any(one.share <= 0 for one in tier.shares) or sum(one.share for one in tier.shares) > 1:
                yield f"tier {tier.name}: shares lie above 0, and together not above 1"
            if tier.guaranteed and tier.only_if is not None:
                yield f"tier {tier.name} is guaranteed, so it cannot be conditional"

    @cached_property
    def divided(self) -> tuple[str, ...]:
        """The amounts that are divided, in the order of their first tier."""
        return tuple(dict.fromkeys(one.of for one in self.tiers))

    @cached_property
    def left_with(self) -> Mapping[str, str]:
        """The role that has the remainder of each amount."""
        return {one.of: one.party for one in self.remainder}

    @cached_property
    def referred(self) -> frozenset[str]:
        """The amounts that limits refer to."""
        limits = [one.up_to for one in self.tiers] + [part.most for one in self.tiers for part in one.shares]
        return frozenset(limit.of for limit in limits if limit is not None and limit.of is not None)


@dataclass(frozen=True)
class Given:
    """What a tier gives a party, in öre."""

    of: str
    tier: str
    party: str
    amount: int


@dataclass(frozen=True)
class Kept:
    """What no tier gives of an amount, in öre, and the role that keeps or bears it; below zero where the amount is."""

    of: str
    party: str
    amount: int


@dataclass(frozen=True)
class Division:
    """How amounts were divided: of each, what is given and what is kept add up to it."""

    given: tuple[Given, ...]
    kept: tuple[Kept, ...]

    def entitled(self, party: str) -> int:
        """Öre that the tiers give a party."""
        return sum(one.amount for one in self.given if one.party == party)


def spans(waterfall: Waterfall, of: str, amounts: Mapping[str, int]) -> Iterator[tuple[Tier, Fraction, Fraction]]:
    """Each tier's slice of the amount ``of``, from where to where, in exact öre; an amount below zero has none."""
    amount, begins = Fraction(max(amounts[of], 0)), Fraction(0)
    for tier in waterfall.tiers:
        if tier.of == of:
            ends = max(begins, amount if tier.up_to is None else min(amount, tier.up_to.exact(amounts)))
            yield tier, begins, ends
            begins = ends


def slices(
    waterfall: Waterfall, of: str, amounts: Mapping[str, int], unmet: Iterable[str] = ()
) -> Iterator[tuple[Tier, Part, Fraction]]:
    """Each tier's exact part, in öre, of the amount ``of`` for each party. ``unmet``: the tiers whose condition does not hold."""
    unmet = frozenset(unmet)
    for tier, begins, ends in spans(waterfall, of, amounts):
        for part in tier.shares:
            exact = Fraction(0) if tier.name in unmet else part.share * (ends - begins)
            yield tier, part, exact if part.most is None else min(part.most.exact(amounts), exact)


def divide(waterfall: Waterfall, amounts: Mapping[str, int], unmet: Iterable[str] = ()) -> Division:
    """The amounts divided, in whole öre. ``amounts``: every amount that is divided or that a limit refers to.

    Rounded by the running sum of a party's parts of an amount: half away from zero for the first party named, down for others, so
    that parts are never more than the whole. What is left, and what lies below zero, is the remainder's.
    """
    given: list[Given] = []
    kept = []
    for of in waterfall.divided:
        before = len(given)
        given += _rounded(of, slices(waterfall, of, amounts, unmet))
        rest = amounts[of] - sum(one.amount for one in given[before:])
        kept.append(Kept(of, waterfall.left_with[of], rest))
    return Division(tuple(given), tuple(kept))


def _rounded(of: str, parts: Iterable[tuple[Tier, Part, Fraction]]) -> Iterator[Given]:
    exact: dict[str, Fraction] = {}
    for tier, part, amount in parts:
        before = exact.get(part.party, Fraction(0))
        exact[part.party] = before + amount
        rounds = rounded if part.party == next(iter(exact)) else _down
        yield Given(of, tier.name, part.party, rounds(before + amount) - rounds(before))


def _down(exact: Fraction) -> int:
    return exact.numerator // exact.denominator
