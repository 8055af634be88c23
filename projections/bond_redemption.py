"""What an impact-linked bond pays over its whole term at an outcome, within the least and the most total return. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ledger.bonds import Bond, BondPart, Limit, schedule


@dataclass(frozen=True)
class Redeemed:
    """What a part pays its holder over the whole term, in öre: ``interest`` on the way, ``at_maturity`` the rest."""

    part: BondPart
    interest: int
    at_maturity: int

    @property
    def total(self) -> int:
        """All that the part pays."""
        return self.interest + self.at_maturity


@dataclass(frozen=True)
class Redemption:
    """All that the holder gets, part by part, when ``outcome`` öre are given by the waterfall.

    ``adjustment``: what the limits add to the outcome part (above zero) or take from it. ``limit``: the one that the whole
    stands at, also where it moves nothing.
    """

    principal: int
    parts: tuple[Redeemed, ...]
    outcome: int
    adjustment: int
    limit: Limit | None

    @property
    def interest(self) -> int:
        """Öre of interest over the term."""
        return sum(one.interest for one in self.parts)

    @property
    def at_maturity(self) -> int:
        """Öre paid at maturity, the last interest aside."""
        return sum(one.at_maturity for one in self.parts)

    @property
    def total(self) -> int:
        """Öre paid over the whole term."""
        return self.interest + self.at_maturity

    @property
    def total_return(self) -> Fraction:
        """What is paid over the whole term, less what was lent, as a share of it; not a rate a year."""
        return Fraction(self.total - self.principal, self.principal)


def redemption(bond: Bond, outcome: int) -> Redemption:
    """What the bond pays where the waterfall gives the holder ``outcome`` öre. Raises ValueError below zero."""
    if outcome < 0:
        raise ValueError("a waterfall gives nobody less than nothing")
    sums = {one.id: [0, 0] for one in bond.parts}
    for flow in schedule(bond):
        sums[flow.part][flow.kind != "interest"] += outcome if flow.amount is None else flow.amount
    before = sum(sum(pair) for pair in sums.values())
    least, most = bond.limit("least"), bond.limit("most")
    total = before if least is None else max(before, least)
    total = total if most is None else min(total, most)
    sums[bond.outcome_part.id][1] += total - before
    parts = tuple(Redeemed(one, *sums[one.id]) for one in bond.parts)
    limit: Limit | None = "most" if total == most else "least" if total == least else None
    return Redemption(bond.principal, parts, outcome, total - before, limit)
