"""A tender by the formula of the case study (§4.2, §4.3), written anew: it shares no code with the product, and knows no file.

Kronor as exact fractions; amounts of money are rounded to the öre where they become one, half away from zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ORE = Decimal("0.01")


def money(exact: Fraction) -> Decimal:
    """Kronor to the öre."""
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(ORE, ROUND_HALF_UP)


def share_of(exact: Fraction, decimals: int) -> Decimal:
    """A share to so many decimals."""
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@dataclass(frozen=True)
class OracleBid:
    """What follows from a bid of ``risk`` at a service ``value`` and an ``investment``, in kronor."""

    risk: Fraction
    value: Fraction
    investment: Fraction
    share: Fraction
    bonus: Fraction
    ceiling: Fraction

    @property
    def upfront(self) -> Decimal:
        """(1 − r)·V."""
        return money((1 - self.risk) * self.value)

    @property
    def maximum(self) -> Decimal:
        """(1 + bonus)·r·V."""
        return money((1 + self.bonus) * self.risk * self.value)

    def outcome(self, savings: Fraction) -> Decimal:
        """What is paid out of savings."""
        return min(self.maximum, money(self.share * min(max(savings, Fraction(0)), self.ceiling * self.investment)))

    def paid(self, savings: Fraction) -> Decimal:
        """What the provider is paid in all."""
        return self.upfront + self.outcome(savings)

    def authority(self, savings: Fraction) -> Decimal:
        """Savings less what is paid and what the authority itself spends: the investment but the service."""
        own_and_upfront = money(self.investment - self.risk * self.value)
        return money(savings) - self.outcome(savings) - own_and_upfront

    def provider_breaks_even_at(self) -> Decimal:
        """The smallest sum in whole öre at which the outcome payment covers what is at risk: by walking up to it."""
        target = money(self.risk * self.value)
        near = money((self.risk * self.value - Fraction(1, 10)) / self.share)
        while self.outcome(Fraction(near)) < target:
            near += ORE
        return near
