"""The waterfall at its boundaries: where an öre more or less changes who gets it (rules 10 and 11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from ledger.periods import Month
from ledger.terms import ContractTerms, read_terms
from ledger.waterfall import Step, Target, difference, entitlement, exact_entitlement, increments, path, targets

BOTKYRKA = (Path(__file__).parents[2] / "fixtures" / "contracts" / "botkyrka.toml").read_text(encoding="utf-8")

SMALL = {
    "total": "1000.00",
    "external_service_value": "400.00",
    "at_risk_share": "0.5",
    "provider_share": "0.25",
    "maximum_payment": "300.00",
    "ceiling": "1.5",
}
"""Investment 1 000.00; at risk 200.00; a quarter of at most 1 500.00, 375.00, but never more than 300.00."""


def terms(**changed: str) -> ContractTerms:
    """Terms with these keys."""
    text = BOTKYRKA
    for key, value in {**SMALL, **changed}.items():
        text, count = re.subn(rf'^{key} = "[^"]*"', f'{key} = "{value}"', text, flags=re.MULTILINE)
        assert count == 1, key
    return read_terms(text.encode(), "terms.toml")


def months(savings: Mapping[str, int]) -> dict[Month, int]:
    return {Month.parse(text): amount for text, amount in savings.items()}


# ── Entitlement (rule 10), in öre ────────────────────────────────────────────────────────────────────────────────────

MAXIMUM = [
    pytest.param(-400, 0, id="a sum below zero is no debt"),
    pytest.param(-1, 0, id="an öre below zero"),
    pytest.param(0, 0, id="nothing saved"),
    pytest.param(1, 0, id="a quarter of an öre"),
    pytest.param(2, 1, id="half an öre is rounded up"),
    pytest.param(5, 1, id="one and a quarter"),
    pytest.param(6, 2, id="one and a half, not to the even one below"),
    pytest.param(10, 3, id="two and a half, not to the even two"),
    pytest.param(119997, 29999, id="a quarter of an öre more than 299.99"),
    pytest.param(119998, 30000, id="half an öre less than the maximum: rounded, it is attained"),
    pytest.param(120000, 30000, id="the maximum"),
    pytest.param(120002, 30000, id="beyond the maximum"),
    pytest.param(150000, 30000, id="the ceiling, above the maximum"),
    pytest.param(10**12, 30000, id="far beyond both"),
]
CEILING = [
    pytest.param(149997, 37499, id="below the ceiling"),
    pytest.param(149998, 37500, id="rounded to what the ceiling gives"),
    pytest.param(150000, 37500, id="the ceiling"),
    pytest.param(150002, 37500, id="savings beyond the ceiling are the authority's alone"),
    pytest.param(10**12, 37500, id="far beyond"),
]


@pytest.mark.parametrize(("savings", "entitled"), MAXIMUM)
def test_where_the_maximum_binds(savings: int, entitled: int) -> None:
    assert entitlement(terms(), savings) == entitled


@pytest.mark.parametrize(("savings", "entitled"), CEILING)
def test_where_the_ceiling_binds(savings: int, entitled: int) -> None:
    assert entitlement(terms(maximum_payment="400.00"), savings) == entitled


@pytest.mark.parametrize("savings", [-400, -1, 0])
def test_nothing_is_nothing_whatever_the_share(savings: int) -> None:
    """Nine tenths of an öre would be rounded to one."""
    assert entitlement(terms(provider_share="0.9"), savings) == 0


@pytest.mark.parametrize(
    ("savings", "exact"),
    [(-1, Fraction(0)), (0, Fraction(0)), (1, Fraction(1, 4)), (119999, Fraction(119999, 4)), (120001, Fraction(30000))],
)
def test_what_is_rounded(savings: int, exact: Fraction) -> None:
    found = exact_entitlement(terms(), savings)
    assert (found, type(found)) == (exact, Fraction)


@pytest.mark.parametrize(
    ("share", "entitled"),
    [
        pytest.param("0.99", 1486, id="1 486.485; from 1 502 it would be 1 487"),
        pytest.param("0.999", 1500, id="1 499.9985; from 1 501 it would be 1 499"),
    ],
)
def test_the_ceiling_is_not_rounded_before_the_share_is(share: str, entitled: int) -> None:
    """10.01 invested: the ceiling is 1 501.5 öre."""
    small = {"total": "10.01", "external_service_value": "4.00", "maximum_payment": "400.00"}
    assert entitlement(terms(provider_share=share, **small), 10**9) == entitled


@pytest.mark.parametrize("maximum", ["300.00", "375.00", "400.00"])
def test_the_entitlement_never_falls_as_savings_grow_and_never_by_more_than_they(maximum: str) -> None:
    of = terms(maximum_payment=maximum)
    around = [*range(-5, 40), *range(119990, 120010), *range(149990, 150010)]
    assert all(0 <= entitlement(of, more + 1) - entitlement(of, more) <= 1 for more in around)


# ── The path (rules 9, 20) ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_path_adds_up_month_by_month_whatever_the_order_of_the_determinations() -> None:
    found = path(months({"2019-01": 400, "2018-12": 200, "2019-02": -500, "2018-11": -100}), lambda month: terms())
    assert found == (
        Step(Month.parse("2018-11"), -100, 0),
        Step(Month.parse("2018-12"), 100, 25),
        Step(Month.parse("2019-01"), 500, 125),
        Step(Month.parse("2019-02"), 0, 0),
    )


def test_each_month_is_shared_under_the_terms_in_force_in_it() -> None:
    """From 2019-02 the maximum is 1.00; it holds for the whole sum, and only from then on."""
    lower = terms(maximum_payment="1.00")
    found = path(
        months({"2019-01": 500, "2019-02": 100, "2019-03": 100}),
        lambda month: terms() if month < Month.parse("2019-02") else lower,
    )
    assert [(step.savings, step.entitlement) for step in found] == [(500, 125), (600, 100), (700, 100)]


def test_no_months_no_path() -> None:
    assert path({}, lambda month: terms()) == ()
    assert increments(()) == {}
    assert difference((), ()) == ()


def steps(**entitled: int) -> tuple[Step, ...]:
    """A path with these entitlements: ``steps(m2019_01=125)``."""
    return tuple(Step(Month.parse(key[1:].replace("_", "-")), 0, amount) for key, amount in entitled.items())


def test_increments_are_what_each_month_adds_or_takes_back() -> None:
    found = increments(steps(m2019_01=125, m2019_02=125, m2019_03=100, m2019_04=130))
    assert found == months({"2019-01": 125, "2019-02": 0, "2019-03": -25, "2019-04": 30})


def test_a_difference_names_the_months_that_moved_in_order() -> None:
    """January 125 → 120, February 0 → 5, so that March stands as it did; April is new."""
    before = steps(m2019_01=125, m2019_02=125, m2019_03=150)
    after = steps(m2019_01=120, m2019_02=125, m2019_03=150, m2019_04=180)
    assert difference(before, after) == (
        (Month.parse("2019-01"), -5),
        (Month.parse("2019-02"), 5),
        (Month.parse("2019-04"), 30),
    )


def test_a_difference_takes_back_a_month_that_is_gone() -> None:
    assert difference(steps(m2019_01=100, m2019_02=140), steps(m2019_01=100)) == ((Month.parse("2019-02"), -40),)
    assert difference(steps(m2019_02=140), steps(m2019_01=100)) == (
        (Month.parse("2019-01"), 100),
        (Month.parse("2019-02"), -140),
    )


def test_a_difference_is_in_order_of_month_however_the_paths_are() -> None:
    years = [Month.of(2010, 1) + number for number in range(240)]
    after = tuple(Step(month, 0, entitled) for entitled, month in enumerate(reversed(years), 1))
    assert [month for month, _ in difference((), after)] == years


@pytest.mark.parametrize("late", [-300, 0, 90, 10**7])
def test_a_difference_leads_from_the_old_sum_to_the_new(late: int) -> None:
    """Whatever a redone month turns out to be, the amounts posted add up to how the entitlement moved."""
    savings = months({"2019-01": 400, "2019-02": 119000, "2019-03": 5000})
    before = path(savings, lambda month: terms())
    after = path({**savings, Month.parse("2019-02"): late}, lambda month: terms())
    assert sum(amount for _, amount in difference(before, after)) == after[-1].entitlement - before[-1].entitlement
    assert all(amount for _, amount in difference(before, after))


# ── Break-even and cap (rule 11) ─────────────────────────────────────────────────────────────────────────────────────


def test_the_four_targets_of_a_contract() -> None:
    """Worked by hand, in öre: a quarter of 79 998 is 19 999.5, rounded 20 000; of 106 666 it is 26 666.5, which leaves 79 999,
    of 106 667 it is 26 666.75, which leaves 80 000."""
    found = targets(terms())
    assert found.contract == Target(100000, 100000)
    assert found.provider == Target(20000, 79998)
    assert found.authority == Target(80000, 106667)
    assert found.cap == Target(30000, 119998)
    assert found.binding == "maximum"


@pytest.mark.parametrize(
    ("maximum", "binding"),
    [
        pytest.param("374.99", "maximum", id="an öre below what the ceiling gives"),
        pytest.param("375.00", "maximum", id="exactly that: the maximum is paid"),
        pytest.param("375.01", "ceiling", id="an öre above: it can never be paid"),
    ],
)
def test_what_binds(maximum: str, binding: str) -> None:
    found = targets(terms(maximum_payment=maximum))
    assert (found.binding, found.cap.at_savings is None) == (binding, binding == "ceiling")


def test_what_the_ceiling_gives_is_rounded_before_it_is_compared() -> None:
    """A quarter of 1 501.5 öre is 375.375: a maximum of 3.75 binds, 3.76 does not; half of it, 750.75, is rounded up."""
    small = {"total": "10.01", "external_service_value": "4.00"}
    assert targets(terms(maximum_payment="3.75", **small)).binding == "maximum"
    assert targets(terms(maximum_payment="3.76", **small)).binding == "ceiling"
    assert targets(terms(maximum_payment="7.51", provider_share="0.5", **small)).binding == "maximum"
    assert targets(terms(maximum_payment="7.52", provider_share="0.5", **small)).binding == "ceiling"


SMALLER = {"total": "1.00", "external_service_value": "0.40", "maximum_payment": "0.30"}
TINY = [
    pytest.param({}, id="as it comes"),
    pytest.param({"provider_share": "0.01", "ceiling": "20", "maximum_payment": "0.19"}, id="savings far beyond the investment"),
    pytest.param({"provider_share": "0.1", "ceiling": "3", "maximum_payment": "0.30"}, id="attained just at the ceiling"),
    pytest.param({"provider_share": "0.9", "ceiling": "0.1", "maximum_payment": "0.90"}, id="a low ceiling"),
    pytest.param({"provider_share": "0.9", "ceiling": "0.1", "maximum_payment": "0.01"}, id="a low ceiling and next to nothing"),
    pytest.param({"provider_share": "0.999", "ceiling": "9", "maximum_payment": "4.00"}, id="nearly all the provider's"),
    pytest.param({"provider_share": "0.5", "ceiling": "2", "maximum_payment": "5.00"}, id="a maximum that is never paid"),
    pytest.param({"total": "0.01", "external_service_value": "0.01"}, id="an öre invested"),
    pytest.param({"external_service_value": "0.01", "at_risk_share": "0.1"}, id="at risk less than half an öre: nothing"),
    pytest.param({"external_service_value": "1.00", "at_risk_share": "0.9999"}, id="nothing for the authority to get back"),
]
"""Contracts so small that every sum of savings can be tried."""


@pytest.mark.parametrize("changed", TINY)
def test_the_smallest_sum_is_that_of_trying_them_all(changed: dict[str, str]) -> None:
    of = terms(**{**SMALLER, **changed})
    share, ceiling = of.outcome.provider_share, of.outcome.ceiling * of.investment.total

    def provider(savings: int) -> int:
        exact = share * min(Fraction(savings), ceiling)
        return min(of.outcome.maximum_payment, int(exact + Fraction(1, 2)))

    def smallest(amounts: list[int], target: int) -> int | None:
        return next((savings for savings, amount in enumerate(amounts) if amount >= target), None)

    every = [provider(savings) for savings in range(3000)]
    rest = [savings - amount for savings, amount in enumerate(every)]
    found = targets(of)
    assert found.contract == Target(of.investment.total, of.investment.total)
    assert found.provider == Target(of.at_risk, smallest(every, of.at_risk))
    assert found.cap == Target(of.outcome.maximum_payment, smallest(every, of.outcome.maximum_payment))
    assert found.authority == Target(of.loan_limit, smallest(rest, of.loan_limit))
