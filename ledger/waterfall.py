"""Savings by month → each party's entitlement path: share, ceiling, maximum, remainder (rules 10 and 11). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from ledger.money import rounded
from ledger.periods import Month
from ledger.terms import INVESTMENT, SAVINGS, ContractTerms
from ledger.tiers import slices


def entitlement(terms: ContractTerms, savings: int) -> int:
    """The provider's entitlement in öre at a sum of savings in öre; the authority has the rest (rule 10).

    E = min(maximum payment, round(share × min(max(S, 0), ceiling × investment))), half away from zero. It depends on
    S alone, not on the path, and can fall.
    """
    return rounded(exact_entitlement(terms, savings))


def exact_entitlement(terms: ContractTerms, savings: int) -> Fraction:
    """The same before it is rounded to the öre; the maximum is whole öre, so rounding before or after it is the same."""
    amounts = {SAVINGS: savings, INVESTMENT: terms.investment.total}
    [(_, _, exact)] = slices(terms.waterfall, SAVINGS, amounts)
    return exact


@dataclass(frozen=True)
class Step:
    """One month's end: the sum of savings and the entitlement there, in öre."""

    month: Month
    savings: int
    entitlement: int


def path(savings: Mapping[Month, int], terms_of: Callable[[Month], ContractTerms]) -> tuple[Step, ...]:
    """The sum and the entitlement at each determined month's end, under the terms in force in that month (rules 9, 20)."""
    steps, total = [], 0
    for month in sorted(savings):
        total += savings[month]
        steps.append(Step(month, total, entitlement(terms_of(month), total)))
    return tuple(steps)


def increments(steps: tuple[Step, ...]) -> dict[Month, int]:
    """How much the entitlement moves at each month's end, in öre."""
    before = 0
    moves = {}
    for step in steps:
        moves[step.month] = step.entitlement - before
        before = step.entitlement
    return moves


def difference(before: tuple[Step, ...], after: tuple[Step, ...]) -> tuple[tuple[Month, int], ...]:
    """The difference between two entitlement paths by month, in öre: what an event posts at the month ends."""
    old, new = increments(before), increments(after)
    moved = ((month, new.get(month, 0) - old.get(month, 0)) for month in sorted(old.keys() | new.keys()))
    return tuple((month, amount) for month, amount in moved if amount)


@dataclass(frozen=True)
class Target:
    """A break-even or the cap: the ``amount`` in öre that must be attained, and the smallest whole-öre sum of savings
    that attains it (None where the ceiling prevents it)."""

    amount: int
    at_savings: int | None


@dataclass(frozen=True)
class Targets:
    """The four targets of rule 11."""

    contract: Target
    authority: Target
    provider: Target
    cap: Target
    binding: Literal["maximum", "ceiling"]


@lru_cache(maxsize=256)
def targets(terms: ContractTerms) -> Targets:
    """Contract: S ≥ investment. Provider: E ≥ at risk. Authority: S − E ≥ internal + upfront. Cap: E ≥ maximum (rule 11)."""

    def provider(savings: int) -> int:
        return entitlement(terms, savings)

    def authority(savings: int) -> int:
        return savings - entitlement(terms, savings)

    maximum = terms.outcome.maximum_payment
    at_ceiling = rounded(terms.outcome.provider_share * terms.outcome.ceiling * terms.investment.total)
    return Targets(
        contract=Target(terms.investment.total, terms.investment.total),
        authority=Target(terms.loan_limit, _smallest(authority, terms.loan_limit, terms)),
        provider=Target(terms.at_risk, _smallest(provider, terms.at_risk, terms)),
        cap=Target(maximum, _smallest(provider, maximum, terms)),
        binding="maximum" if maximum <= at_ceiling else "ceiling",
    )


def _smallest(amount: Callable[[int], int], target: int, terms: ContractTerms) -> int | None:
    """The smallest sum whose ``amount`` attains the target; both parties' amounts never fall as the sum grows."""
    low, high = 0, terms.ceiling_savings + terms.investment.total + terms.outcome.maximum_payment
    if amount(high) < target:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if amount(middle) >= target else (middle + 1, high)
    return low
