"""From the exceptions in a sample to those in the population: exact two-sided bounds, in whole numbers and exact fractions.

The rate: Clopper and Pearson (Biometrika 26, 1934, 404–413). Of n items k are exceptions; with α = 1 − confidence the interval
ends at the p for which P(X ≥ k | p) = α/2, below, and P(X ≤ k | p) = α/2, above, X binomial of n and p; 0 where k is 0, 1 where
k is n. Found by bisection to 2⁻²⁴ and given at the outer end of the last step, so that the interval is never too narrow.

The number of lines: the same with the hypergeometric distribution, which is exact for a sample drawn from P lines without
replacement (ISA 530 asks for the projection; the method is that of attribute sampling).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb

CONFIDENCES = (90, 95, 99)
"""Per cent; two-sided."""

FEWEST_WITH_DAYS = 5
"""So many exceptions must state days before an amount is stated for all: the ratio has no interval, for nothing is known of how
the differences are distributed, and on fewer it is the chance of one line."""

_BITS = 24
_STEPS = 1 << _BITS


@dataclass(frozen=True)
class ErrorRate:
    """Exceptions in a sample, and with a ``confidence`` in per cent the bounds of their rate and of their number in the
    population, both ends included."""

    sample: int
    exceptions: int
    population: int
    confidence: int
    low: Fraction
    high: Fraction
    lines_low: int
    lines_high: int

    @property
    def rate(self) -> Fraction:
        """Exceptions ÷ sample."""
        return Fraction(self.exceptions, self.sample)

    @property
    def lines(self) -> Fraction:
        """The lines of the population in which as many would be exceptions as in the sample."""
        return self.rate * self.population


def error_rate(exceptions: int, sample: int, population: int, confidence: int = 95) -> ErrorRate:
    """The rate of exceptions with its bounds. Raises ValueError where the numbers do not belong together."""
    if not 0 <= exceptions <= sample <= population or sample < 1:
        raise ValueError(f"{exceptions} exceptions in a sample of {sample} from {population}")
    rate = clopper_pearson(exceptions, sample, confidence)
    return ErrorRate(
        sample, exceptions, population, confidence, *rate, *in_population(exceptions, sample, population, confidence)
    )


def clopper_pearson(exceptions: int, sample: int, confidence: int) -> tuple[Fraction, Fraction]:
    """The bounds of the rate: multiples of 2⁻²⁴, rounded outwards."""
    k, n = exceptions, sample
    every = power(n)

    def below(steps: int) -> bool:
        """Whether so low a rate is out of the question: k or more would be too improbable."""
        return 200 * at_most(n - k, n, _STEPS - steps) < (100 - confidence) * every

    def within(steps: int) -> bool:
        return 200 * at_most(k, n, steps) >= (100 - confidence) * every

    low = 0 if k == 0 else _last(0, _STEPS, below)
    high = _STEPS if k == n else _last(0, _STEPS, within) + 1
    return Fraction(low, _STEPS), Fraction(high, _STEPS)


def power(n: int) -> int:
    """2^(24 n): what ``at_most`` counts the probabilities of n items in."""
    return 1 << (_BITS * n)


def at_most(k: int, n: int, steps: int) -> int:
    """P(X ≤ k) × 2^(24 n), for X binomial of n and the probability steps ÷ 2²⁴."""
    if k < 0:
        return 0
    if 2 * k >= n:  # fewer terms from the other end
        return power(n) - (at_most(n - k - 1, n, _STEPS - steps) if k < n else 0)
    other = _STEPS - steps
    if other == 0:
        return 0
    term: int = other**n
    total = term
    for number in range(k):
        term = term * (n - number) * steps // ((number + 1) * other)  # exact: the next term of the binomial sum
        total += term
    return total


def in_population(exceptions: int, sample: int, population: int, confidence: int) -> tuple[int, int]:
    """The fewest and the most exceptions that the population may hold, exact for a sample without replacement."""
    k, n, every = exceptions, sample, comb(population, sample)

    def below(marked: int) -> bool:
        return 200 * drawn_at_most(n - k, n, population - marked, population) <= (100 - confidence) * every

    def within(marked: int) -> bool:
        return 200 * drawn_at_most(k, n, marked, population) > (100 - confidence) * every

    fewest = _last(k - 1, population, below) + 1 if k else 0
    return max(k, fewest), min(population - (n - k), _last(k, population + 1, within))


def drawn_at_most(k: int, n: int, marked: int, population: int) -> int:
    """In how many of the samples of n without replacement at most k are among the marked of the population."""
    if 2 * k >= n:  # fewer terms from the other end
        return comb(population, n) - (drawn_at_most(n - k - 1, n, population - marked, population) if k < n else 0)
    first = max(0, n - (population - marked))
    if first > min(k, marked):
        return 0
    term = total = comb(marked, first) * comb(population - marked, n - first)
    for number in range(first, min(k, marked)):
        others = population - marked - n + number + 1
        term = term * (marked - number) * (n - number) // ((number + 1) * others)  # exact: a product of two binomials
        total += term
    return total


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The last number for which it holds, where it does at ``low``, does not at ``high``, and turns once between them."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
