"""Break-even and cap taken apart: the sum that attains them, whether, since when and since when known, and what is missing
(rule 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from ledger import waterfall
from ledger.contract import ContractState
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections.explanation import terms as agreed
from projections.explanation.ground import Ground
from projections.explanation.tree import Node, computed, number
from projections.state import Reaching

Whose = str
"""``contract``, ``authority``, ``provider`` or ``cap``."""


NAMES = {
    "contract": "Contract's break-even",
    "authority": "Authority's break-even",
    "provider": "Provider's break-even",
    "cap": "Cap",
}
"""What a target is called."""


@dataclass(frozen=True)
class Standing:
    """A month's end: the sum of savings and the entitlement carried to it, in öre, and the terms in force."""

    month: Month
    savings: int
    entitlement: int
    terms: ContractTerms

    def amount(self, whose: Whose) -> int:
        """What counts towards the target: the contract's savings, or a party's part of them."""
        if whose == "contract":
            return self.savings
        return self.savings - self.entitlement if whose == "authority" else self.entitlement

    def attained(self, whose: Whose) -> bool:
        """Whether it has attained the target of its terms."""
        return self.amount(whose) >= wanted(self.terms, whose)


def wanted(terms: ContractTerms, whose: Whose) -> int:
    """The target, in öre."""
    return {
        "contract": terms.investment.total,
        "authority": terms.loan_limit,
        "provider": terms.at_risk,
        "cap": terms.outcome.maximum_payment,
    }[whose]


def target(terms: ContractTerms, whose: Whose, key: str) -> Node:
    """The target taken apart."""
    return {
        "contract": agreed.total,
        "authority": agreed.loan_limit,
        "provider": agreed.at_risk,
        "cap": agreed.maximum,
    }[whose](terms, key)


def standings(folded: ContractState, as_of: date) -> Iterator[Standing]:
    """Each month's end up to a date, and the month running then."""
    steps = {step.month: step for step in folded.path}
    savings = entitled = 0
    month = folded.signed.first_month
    while month.first_day <= as_of:
        if month in steps and month.last_day <= as_of:
            savings, entitled = steps[month].savings, steps[month].entitlement
        yield Standing(month, savings, entitled, folded.terms_of(month))
        month = month + 1


Amount = Callable[[str, Month | None], Node]
"""What counts towards a target at a month's end (None: the last), taken apart under a key."""


@dataclass(frozen=True)
class Target:
    """One target of a contract as of a date. ``reaching``: what the state says of it; ``own``: what counts towards it, taken
    apart."""

    ground: Ground
    whose: Whose
    reaching: Reaching
    terms: ContractTerms
    as_of: date
    own: Amount

    def _named(self, what: str) -> str:
        return f"{NAMES[self.whose]}: {what}"

    @property
    def _ends(self) -> list[Standing]:
        return list(standings(self.ground.folded, self.as_of))

    def at_savings(self, key: str) -> Node:
        """The smallest sum that attains it: there it is attained, at one öre less it is not."""
        value, sharing = self.reaching.target.at_savings, self._sharing(key)
        parts = [target(self.terms, self.whose, f"{key}.target"), *sharing]
        what, how = (
            self._named("the smallest sum of savings that attains it"),
            "the sum at which it is attained, and at one öre less is not",
        )
        if value is None:
            never = None if self._at(self.terms.ceiling_savings * 2) < wanted(self.terms, self.whose) else "attained"
            return computed(key, what, None, never, parts, unit="SEK", how="none: the ceiling prevents it")
        ends = [
            Node(f"{key}.{name}", f"What counts towards it {said}", self._at(at), "SEK")
            for name, said, at in (("there", "at that sum", value), ("below", "at one öre less", value - 1))
        ]
        holds = number(ends[0]) >= wanted(self.terms, self.whose) > number(ends[1])
        return computed(key, what, value, value if holds else 0, (*parts, *ends), unit="SEK", how=how)

    def _at(self, savings: int) -> int:
        """What would count towards it at a sum of savings."""
        entitled = waterfall.entitlement(self.terms, savings)
        return Standing(self.terms.first_month, savings, entitled, self.terms).amount(self.whose)

    def _sharing(self, key: str) -> tuple[Node, ...]:
        if self.whose == "contract":
            return ()
        return (
            agreed.share(self.terms, f"{key}.share"),
            agreed.ceiling(self.terms, f"{key}.ceiling"),
            agreed.maximum(self.terms, f"{key}.maximum"),
        )

    def reached(self, key: str) -> Node:
        """Whether it is attained."""
        parts = (self.own(f"{key}.own", None), target(self.terms, self.whose, f"{key}.target"))
        how = "what counts towards it is no less than the target"
        given = number(parts[0]) >= number(parts[1]) and bool(self._ends)
        return computed(key, self._named("whether it is attained"), self.reaching.reached, given, parts, how=how)

    def remaining(self, key: str) -> Node:
        """What is missing, in the party's own kronor."""
        parts = (target(self.terms, self.whose, f"{key}.target"), self.own(f"{key}.own", None))
        given = max(0, number(parts[0]) - number(parts[1]))
        how = "target − what counts towards it, never below zero"
        return computed(key, self._named("what is missing"), self.reaching.remaining, given, parts, unit="SEK", how=how)

    def reached_on(self, key: str) -> Node:
        """The last day of the first month of the latest run of months in which it held."""
        run = self._run()
        what = self._named("attained on, the end of the first month of the latest run in which it held")
        return self._turning(key, what, self.reaching.reached_on, run[0] if run else None, "it has not been attained")

    def lost_on(self, key: str) -> Node:
        """The last day of the first month after that run."""
        run, ends = self._run(), self._ends
        after = next((one for one in ends if run and one.month == run[-1].month + 1), None)
        what = self._named("lost on, the end of the first month after that run")
        return self._turning(key, what, self.reaching.lost_on, after, "it has not been lost")

    def _run(self) -> list[Standing]:
        """The latest run of months in which it held."""
        run: list[Standing] = []
        for one in self._ends:
            if one.attained(self.whose):
                run = [*run, one] if run and run[-1].month + 1 == one.month else [one]
        return run

    def _turning(self, key: str, what: str, value: date | None, at: Standing | None, otherwise: str) -> Node:
        """The end of the month at which it came to hold, or no longer did, with the month before."""
        given = None if at is None else at.month.last_day
        if at is None:
            now = (self.own(f"{key}.own", None), target(self.terms, self.whose, f"{key}.target"))
            return computed(key, what, value, given, now, how=otherwise)
        before = [one for one in self._ends if one.month < at.month][-1:]
        parts = (
            self.own(f"{key}.own", at.month),
            *(Node(f"{key}.before", f"The same a month before, {one.month}", one.amount(self.whose), "SEK") for one in before),
            target(at.terms, self.whose, f"{key}.target"),
        )
        return computed(key, what, value, given, parts, how="the end of the month that passes the target")

    def known_since(self, key: str) -> Node:
        """The instant from which the ledger could say that it holds."""
        what, value = self._named("known since, when it could first be said"), self.reaching.known_since
        if not self.reaching.reached:
            return Node(key, what, value, how="it does not hold")
        history = [(record, self._last(folded)) for record, folded in self.ground.history]
        held = list(takewhile(lambda one: one[1] is not None and one[1].attained(self.whose), reversed(history)))
        from_, earlier = held[-1][0], history[: len(history) - len(held)][-1:]
        ends = [("before", *one) for one in earlier] + [("from", *held[-1])]
        leaves = [
            Node(f"{key}.{name}", f"What counts towards it, known {name} record {from_.position}", end.amount(self.whose), "SEK")
            for name, _, end in ends
            if end is not None
        ]
        parts = (*leaves, target(self.terms, self.whose, f"{key}.target"))
        rests = (self.ground.rests(from_.position, "from which on it could be said"),)
        return computed(key, what, value, from_.recorded_at, parts, rests_on=rests)

    def _last(self, folded: ContractState) -> Standing | None:
        return next(reversed(list(standings(folded, self.as_of))), None)
