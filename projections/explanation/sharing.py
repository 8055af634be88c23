"""How a sum of savings is shared: the entitlement at a month's end, from share, ceiling and maximum with their clauses (rule 10),
and how it moves month by month."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ledger.contract import ContractState
from ledger.money import rounded
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections.explanation import terms as agreed
from projections.explanation.tree import Node, added, computed, exact, number

Leaf = Callable[[Month], Node]
"""A month's savings as a node."""

Once = Callable[[str, Callable[[], Node]], Node]
"""A node of a key, taken apart where the tree first comes to it."""


def entitlement(key: str, what: str, terms: ContractTerms, savings: Node, value: int) -> Node:
    """The provider's entitlement at a sum of savings: ``value`` öre as it stands on record, given by the terms."""
    share, ceiling = agreed.share(terms, f"{key}.share"), agreed.ceiling(terms, f"{key}.ceiling")
    maximum = agreed.maximum(terms, f"{key}.maximum")
    shared = min(Fraction(max(number(savings), 0)), terms.outcome.ceiling * terms.investment.total)
    before = exact(share) * shared
    return computed(
        key,
        what,
        value,
        min(number(maximum), rounded(before)),
        (savings, share, ceiling, maximum),
        unit="SEK",
        how="share × savings, rounded to the öre; of no savings below zero and none beyond the ceiling; at most the maximum",
        notes=tuple(_binding(terms, number(savings), before)),
    )


def _binding(terms: ContractTerms, savings: int, shared: Fraction) -> list[str]:
    """Which of the limits binds."""
    found = []
    if savings < 0:
        found.append("The sum is below zero: nothing is shared, and later savings make up for it first.")
    if savings > terms.outcome.ceiling * terms.investment.total:
        found.append("The sum lies beyond the ceiling: what is above it is the authority's alone.")
    if rounded(shared) > terms.outcome.maximum_payment:
        found.append("The maximum binds: the provider is paid no more.")
    return found


class Path:
    """Sums and entitlements month by month, as they stood just before or just after a determination. ``name`` begins the keys of
    its nodes; ``leaf``: a month's savings as a node; months before ``since`` are summed at once."""

    def __init__(self, name: str, folded: ContractState, leaf: Leaf, since: Month, once: Once) -> None:
        self.name, self.terms_of, self.leaf, self.since, self.once = name, folded.terms_of, leaf, since, once
        self.steps = {step.month: step for step in folded.path}

    def last_before(self, month: Month) -> Month | None:
        """The last determined month before a month."""
        return max((one for one in self.steps if one < month), default=None)

    def savings(self, through: Month) -> Node:
        """The sum of savings at a month's end: that at the end of the month before, and the month's own."""
        key, before = f"{self.name}.{through}.sum", self.last_before(through)

        def make() -> Node:
            if through < self.since:
                parts = [self.leaf(month) for month in sorted(self.steps) if month <= through]
            else:
                parts = [*([self.savings(before)] if before is not None else []), self.leaf(through)]
            return added(key, f"Savings determined through {through}", parts, self.steps[through].savings)

        return self.once(key, make)

    def entitlement(self, through: Month) -> Node:
        """The entitlement at a month's end, under the terms in force in it (rule 20)."""
        key = f"{self.name}.{through}.entitlement"
        value, terms = self.steps[through].entitlement, self.terms_of(through)
        what = f"The provider's entitlement at the end of {through}"
        return self.once(key, lambda: entitlement(key, what, terms, self.savings(through), value))

    def step(self, key: str, what: str, month: Month) -> Node:
        """How the entitlement moves at a month's end; by nothing where the path does not have the month."""
        if month not in self.steps:
            return Node(key, what, 0, "SEK", how="not determined")
        before = self.last_before(month)
        ends = (self.entitlement(month), *((self.entitlement(before),) if before is not None else ()))
        stood = self.steps[before].entitlement if before is not None else 0
        how = "at its end − at the end of the month before" if before is not None else "at its end; there is no month before"
        moved = self.steps[month].entitlement - stood
        return computed(key, what, moved, number(ends[0]) - sum(map(number, ends[1:])), ends, unit="SEK", how=how)
