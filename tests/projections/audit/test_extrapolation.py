"""The bounds of an error rate: against published values, against sums computed another way, and by how often they hold."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from projections.audit.extrapolation import at_most, clopper_pearson, drawn_at_most, error_rate, in_population, power

STEP = Fraction(1, 1 << 24)


# ── The rate ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("exceptions", "sample", "confidence", "low", "high"),
    [  # scipy 1.17, binomtest(k, n).proportion_ci(confidence, "exact"), by the beta distribution
        (1, 10, 95, "0.002528579", "0.445016117"),
        (5, 20, 95, "0.086571469", "0.491045872"),
        (0, 60, 95, "0", "0.059629492"),
        (3, 60, 95, "0.010432330", "0.139243247"),
        (50, 100, 95, "0.398321130", "0.601678870"),
        (2, 25, 95, "0.009839590", "0.260305842"),
        (3, 40, 90, "0.020753601", "0.182586850"),
        (3, 40, 99, "0.008627789", "0.248372275"),
    ],
)
def test_the_interval_is_that_of_others_rounded_outwards(
    exceptions: int, sample: int, confidence: int, low: str, high: str
) -> None:
    found = clopper_pearson(exceptions, sample, confidence)
    nano = Fraction(1, 10**9)
    assert -nano <= Fraction(low) - found[0] <= STEP + nano
    assert -nano <= found[1] - Fraction(high) <= STEP + nano


def upper_tail(k: int, n: int, p: Fraction) -> Fraction:
    """P(X ≥ k), term by term."""
    return sum((comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)), Fraction(0))


@pytest.mark.parametrize("confidence", [90, 95, 99])
@pytest.mark.parametrize(("k", "n"), [(0, 1), (1, 1), (0, 30), (1, 30), (7, 30), (15, 30), (16, 30), (29, 30), (30, 30)])
def test_the_ends_are_where_a_tail_is_half_of_what_is_left(k: int, n: int, confidence: int) -> None:
    half = Fraction(100 - confidence, 200)
    low, high = clopper_pearson(k, n, confidence)
    if k:
        assert upper_tail(k, n, low) < half <= upper_tail(k, n, low + STEP)
    else:
        assert low == 0
    if k < n:
        assert 1 - upper_tail(k + 1, n, high) < half <= 1 - upper_tail(k + 1, n, high - STEP)
    else:
        assert high == 1


@pytest.mark.parametrize("steps", [0, 1, 123_456, 1 << 23, (1 << 24) - 1, 1 << 24])
@pytest.mark.parametrize("k", range(-1, 8))
def test_at_most_is_the_binomial_sum(k: int, steps: int) -> None:
    p = Fraction(steps, 1 << 24)
    assert Fraction(at_most(k, 7, steps), power(7)) == 1 - upper_tail(k + 1, 7, p)


def test_the_rate_mirrors() -> None:
    low, high = clopper_pearson(4, 25, 95)
    assert clopper_pearson(21, 25, 95) == (1 - high, 1 - low)


@pytest.mark.parametrize(("confidence", "wider"), [(90, 95), (95, 99)])
def test_more_confidence_is_a_wider_interval(confidence: int, wider: int) -> None:
    (low, high), (lower, higher) = clopper_pearson(3, 40, confidence), clopper_pearson(3, 40, wider)
    assert lower < low < Fraction(3, 40) < high < higher


# ── The population ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("n", "population"), [(1, 1), (3, 7), (5, 9), (7, 7)])
def test_drawn_at_most_counts_samples(n: int, population: int) -> None:
    for marked in range(population + 1):
        for k in range(-1, n + 1):
            counted = sum(comb(marked, i) * comb(population - marked, n - i) for i in range(k + 1))
            assert drawn_at_most(k, n, marked, population) == counted


@pytest.mark.parametrize("confidence", [90, 95, 99])
@pytest.mark.parametrize(("n", "population"), [(1, 1), (1, 30), (12, 40), (40, 60), (40, 40)])
def test_the_bounds_are_those_that_no_tail_rules_out(n: int, population: int, confidence: int) -> None:
    half, every = Fraction(100 - confidence, 200), comb(population, n)

    def chance(number: int, marked: int) -> Fraction:
        return Fraction(comb(marked, number) * comb(population - marked, n - number), every)

    for k in range(n + 1):
        possible = [
            marked
            for marked in range(k, population - (n - k) + 1)
            if sum(chance(i, marked) for i in range(k, n + 1)) > half and sum(chance(i, marked) for i in range(k + 1)) > half
        ]
        assert in_population(k, n, population, confidence) == (possible[0], possible[-1])


def test_the_bounds_hold_at_least_as_often_as_they_say() -> None:
    """Whatever the population holds: the samples whose bounds miss it are five in a hundred at most."""
    n, population = 15, 50
    bounds = [in_population(k, n, population, 95) for k in range(n + 1)]
    for marked in range(population + 1):
        hit = [k for k, (low, high) in enumerate(bounds) if low <= marked <= high]
        held = sum(comb(marked, k) * comb(population - marked, n - k) for k in hit)
        assert 100 * held >= 95 * comb(population, n)


def test_a_whole_population_is_known() -> None:
    assert in_population(3, 40, 40, 99) == (3, 3)


# ── Together ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_error_rate_says_its_numbers() -> None:
    found = error_rate(2, 25, 105_881)
    assert (found.rate, found.lines, found.confidence) == (Fraction(2, 25), Fraction(211_762, 25), 95)
    assert found.low < found.rate < found.high
    assert found.lines_low < found.lines < found.lines_high
    assert abs(Fraction(found.lines_high, 105_881) - found.high) < Fraction(1, 1000)


@pytest.mark.parametrize(("k", "n", "population"), [(-1, 5, 9), (6, 5, 9), (1, 10, 9), (0, 0, 9)])
def test_numbers_that_do_not_belong_together_are_refused(k: int, n: int, population: int) -> None:
    with pytest.raises(ValueError, match="exceptions in a sample"):
        error_rate(k, n, population)
