"""Bonds: day counts by their definitions, schedules, what terms are refused, and ACTUS' reference values for plain loans."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ledger.bonds import (
    Bond,
    DayCount,
    LoanPart,
    ZeroCouponPart,
    accrued,
    counted,
    faults_within,
    grown,
    loan_flows,
    months_later,
    schedule,
)
from ledger.canonical import canonical
from ledger.money import shown
from tests import oracle_bonds as oracle
from tests.bond_ledger import FIXTURES, HEALTH, SBIR

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


def loan(**changes: Any) -> dict[str, Any]:
    plain = {"kind": "loan@1", "id": "loan", "what": "a loan", "principal": "1000.00", "rate": "0.05"}
    return {**plain, "day_count": "30E/360", "interest_months": 6, **changes}


def zero(**changes: Any) -> dict[str, Any]:
    plain = {"kind": "zero-coupon@1", "id": "zero", "what": "grows", "principal": "1000.00", "rate": "0.05"}
    return {**plain, "day_count": "30E/360", **changes}


OUTCOME = {"kind": "outcome@1", "id": "outcome", "what": "by outcomes", "principal": "100.00"}


def plain(*parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A bond as TOML gives it."""
    whole = {"holder": "investor", "issuer": "issuer", "issued_on": "2020-06-16", "matures_on": "2025-06-16"}
    return {**whole, "parts": [*parts, OUTCOME], **changes}


def bond(*parts: dict[str, Any], **changes: Any) -> Bond:
    return Bond.model_validate_json(canonical(plain(*parts, **changes)))


def dated(values: dict[str, Any]) -> dict[str, Any]:
    """The same for the oracle, whose days are dates."""
    return {**values, "issued_on": day(values["issued_on"]), "matures_on": day(values["matures_on"])}


# ── Day counts ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "first", "last", "days", "year"),
    [
        ("30E/360", "2013-01-01", "2014-01-01", 360, 360),
        ("30E/360", "2013-01-30", "2013-02-28", 28, 360),
        ("30E/360", "2013-01-31", "2013-02-28", 28, 360),
        ("30E/360", "2013-02-28", "2013-03-31", 32, 360),
        ("30E/360", "2012-02-29", "2012-03-31", 31, 360),
        ("30E/360", "2013-03-31", "2013-05-31", 60, 360),
        ("30E/360", "2013-05-30", "2013-05-31", 0, 360),
        ("A/360", "2012-02-28", "2012-03-01", 2, 360),
        ("A/360", "2013-02-28", "2013-03-01", 1, 360),
        ("A/365", "2012-01-01", "2013-01-01", 366, 365),
        ("A/365", "2013-01-01", "2014-01-01", 365, 365),
    ],
)
def test_days_are_counted_by_the_definition(count: DayCount, first: str, last: str, days: int, year: int) -> None:
    assert counted(count, day(first), day(last)) == (days, year)


@given(first=DAYS, more=st.integers(0, 1500), count=st.sampled_from(["30E/360", "A/360", "A/365"]))
def test_days_are_counted_as_the_oracle_counts_them(first: date, more: int, count: DayCount) -> None:
    last = first + timedelta(days=more)
    assert Fraction(*counted(count, first, last)) == oracle.year_fraction(count, first, last)


@pytest.mark.parametrize(
    ("first", "months", "then"),
    [
        ("2020-01-31", 1, "2020-02-29"),
        ("2021-01-31", 1, "2021-02-28"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-02-29", 48, "2024-02-29"),
        ("2020-12-31", 2, "2021-02-28"),
        ("2020-11-30", 1, "2020-12-30"),
        ("2020-06-16", 0, "2020-06-16"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(first: str, months: int, then: str) -> None:
    assert months_later(day(first), months) == day(then)


# ── Schedules ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_interest_falls_due_from_the_day_of_issue_on_and_the_principal_at_maturity() -> None:
    one = bond(loan(), issued_on="2020-08-31", matures_on="2021-08-31")
    assert [(str(flow.on), flow.part, flow.kind, flow.amount) for flow in schedule(one)] == [
        ("2021-02-28", "loan", "interest", 2472),  # 178 days of 360: 24.7222
        ("2021-08-31", "loan", "interest", 2528),  # 182 days: 25.2778
        ("2021-08-31", "loan", "principal", 100_000),
        ("2021-08-31", "outcome", "redemption", None),
    ]


@pytest.mark.parametrize(
    ("stub", "days"),
    [("short", ["2020-12-16", "2021-06-16", "2021-07-01"]), ("long", ["2020-12-16", "2021-07-01"])],
)
def test_what_is_left_of_the_term_is_a_period_of_its_own_or_joins_the_last(stub: str, days: list[str]) -> None:
    one = bond(loan(stub=stub), matures_on="2021-07-01")
    assert [str(flow.on) for flow in schedule(one) if flow.kind == "interest"] == days


def test_a_term_shorter_than_a_period_has_one_interest_day() -> None:
    one = bond(loan(stub="long"), matures_on="2020-07-16")
    assert [(str(flow.on), flow.amount) for flow in schedule(one) if flow.kind == "interest"] == [("2020-07-16", 417)]


def test_a_zero_coupon_part_is_compounded_by_whole_years_and_rounded_once() -> None:
    [flow, _] = schedule(bond(zero(principal="1000.00", rate="0.05")))
    assert (flow.amount, flow.formula) == (127_628, f"{shown(100_000)} × (1 + 0.05)^5")  # 1 276.2815625


def test_what_is_left_after_whole_years_grows_by_simple_interest() -> None:
    [flow, _] = schedule(bond(zero(day_count="A/365"), matures_on="2022-12-16"))
    assert flow.amount == 113_014  # 1000 × 1.05² × (1 + 0.05 × 183/365) = 1130.1380
    assert flow.formula == f"{shown(100_000)} × (1 + 0.05)^2 × (1 + 0.05 × 183/365) (A/365)"


def test_a_part_issued_on_a_leap_day_has_its_anniversary_on_the_last_of_february() -> None:
    part = ZeroCouponPart.model_validate_json(canonical(zero(day_count="A/365")))
    assert grown(part, day("2020-02-29"), day("2021-02-28")) == 105_000
    assert grown(part, day("2020-02-29"), day("2021-02-27")) == 100_000 * (1 + Fraction(5, 100) * Fraction(364, 365))


def test_half_an_ore_is_rounded_away_from_zero_once_a_payment() -> None:
    one = bond(loan(principal="1.00", rate="0.01", interest_months=6))  # 0.5 öre each half year
    assert [flow.amount for flow in schedule(one) if flow.kind == "interest"] == [1] * 10


def test_interest_accrues_from_the_day_it_last_fell_due() -> None:
    part = LoanPart.model_validate_json(canonical(loan(day_count="A/365")))
    days = ("2020-06-15", "2020-06-16", "2020-12-15", "2020-12-16", "2020-12-17", "2025-06-15", "2025-06-16")
    found = [accrued(part, day("2020-06-16"), day("2025-06-16"), day(one)) for one in days]
    assert found == [100_000 * Fraction(5, 100) * Fraction(number, 365) for number in (0, 0, 182, 0, 1, 181, 0)]


def test_the_terms_that_come_with_the_product_pay_what_they_say() -> None:
    assert HEALTH.bond is not None
    assert SBIR.bond is not None
    assert [(str(one.on), one.part, one.amount) for one in schedule(HEALTH.bond)] == [
        ("2025-06-16", "fixed", 2_400_000_000),
        ("2025-06-16", "variable", None),
    ]
    limits = HEALTH.bond.limit("least"), HEALTH.bond.limit("most")
    assert (HEALTH.bond.principal, *limits) == (3_000_000_000, 2_400_000_000, 3_300_000_000)
    assert [one.amount for one in schedule(SBIR.bond)] == [45_000_000] * 5 + [9_000_000_000, None]
    assert [part.principal for part in SBIR.bond.parts] == [9_000_000_000, 1_000_000_000]


def test_what_no_source_gives_is_said_to_be_unpublished() -> None:
    assert {HEALTH.status(key) for key in ("bond.parts", "waterfall", "valuations", "governance")} == {"not published"}
    assert {HEALTH.status(key) for key in ("bond.issued_on", "bond.least_return", "bond.most_return")} == {"published"}
    assert HEALTH.status("bond.matures_on") == "derived"
    assert {SBIR.status(f"bond.parts.{key}") for key in ("rate", "day_count", "interest_months")} == {"not published"}


# ── Against the oracle ───────────────────────────────────────────────────────────────────────────────────────────────

RATES = st.integers(0, 200_000).map(lambda number: f"0.{number:06d}")
MONEY = st.integers(1, 10**11).map(lambda number: f"{number // 100}.{number % 100:02d}")
COUNTS = st.sampled_from(["30E/360", "A/360", "A/365"])


@st.composite
def bonds(draw: st.DrawFn) -> dict[str, Any]:
    """A bond with a loan, a zero-coupon part and an outcome part over up to six years."""
    issued = draw(DAYS)
    matures = issued + timedelta(days=draw(st.integers(1, 2200)))
    stub, months = draw(st.sampled_from(["short", "long"])), draw(st.integers(1, 24))
    lent = loan(principal=draw(MONEY), rate=draw(RATES), day_count=draw(COUNTS), interest_months=months, stub=stub)
    grows = zero(principal=draw(MONEY), rate=draw(RATES), day_count=draw(COUNTS))
    return plain(lent, grows, issued_on=str(issued), matures_on=str(matures))


@settings(deadline=None)
@given(values=bonds())
def test_a_schedule_is_what_the_oracle_makes_of_the_terms(values: dict[str, Any]) -> None:
    one = Bond.model_validate_json(canonical(values))
    found = [(flow.on, flow.part, flow.kind, flow.amount) for flow in schedule(one)]
    assert sorted(found, key=str) == sorted(oracle.rows(dated(values)), key=str)
    assert [flow.on for flow in schedule(one)] == sorted(flow.on for flow in schedule(one))


# ── ACTUS ────────────────────────────────────────────────────────────────────────────────────────────────────────────

ACTUS = json.loads((FIXTURES / "actus" / "pam.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ACTUS["cases"])
def test_a_plain_loan_pays_what_actus_says(name: str) -> None:
    """Their results are floats in kronor; ours are rounded to the öre, so they lie within half an öre."""
    case = ACTUS["cases"][name]
    keys = ("principal", "rate", "day_count", "interest_months", "stub")
    part = LoanPart.model_validate_json(canonical(loan(**{key: case[key] for key in keys})))
    *interest, principal = loan_flows(part, day(case["issued_on"]), day(case["matures_on"]))
    assert (str(principal.on), principal.kind, principal.amount) == (case["matures_on"], "principal", 300_000)
    assert [str(flow.on) for flow in interest] == [on for on, _ in case["interest"]]
    for flow, (_, payoff) in zip(interest, case["interest"], strict=True):
        assert flow.amount is not None
        assert abs(Decimal(flow.amount) / 100 - Decimal(payoff)) <= Decimal("0.005")


def test_every_case_of_actus_is_kept_or_left_out_for_a_reason() -> None:
    assert len(ACTUS["cases"]) == 6
    assert {case["day_count"] for case in ACTUS["cases"].values()} == {"30E/360", "A/360", "A/365"}
    assert sum(len(case["interest"]) for case in ACTUS["cases"].values()) == 55


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (plain(loan(), issuer="investor"), "bond.holder and bond.issuer are one"),
        (plain(loan(id="outcome")), "bond.parts name one id twice"),
        (plain(loan(), parts=[loan()]), 'exactly one of kind "outcome@1"'),
        (plain(loan(), {**OUTCOME, "id": "second"}), 'exactly one of kind "outcome@1"'),
        (plain(loan(principal="0.00")), "loan must be above zero"),
        (plain(loan(rate="-0.01")), "the rate of loan lies from 0 to 1"),
        (plain(zero(rate="1.01")), "the rate of zero lies from 0 to 1"),
        (plain(loan(), least_return="-1.01"), "bond.least_return is below -1"),
        (plain(loan(), least_return="0.30", most_return="0.29"), "bond.least_return is above bond.most_return"),
        (plain(loan(), matures_on="2020-06-16"), "bond.matures_on must lie after bond.issued_on"),
        (plain(loan(), matures_on="2120-06-17"), "at most 100 years"),
        (plain(loan(), matures_on="2025-06-17"), 'no whole number of interest periods of loan: it says stub = "short" or "long"'),
        (plain(loan(), most_return="0.1363"), "the parts that no outcome moves pay"),
    ],
)
def test_terms_that_cannot_be_kept_are_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Bond.model_validate_json(canonical(values))


def test_the_most_return_may_be_what_the_fixed_parts_pay() -> None:
    """1 250.00 of 1 100.00 lent: 3/22, which no decimal says; one decimal above is allowed, one below is not."""
    bond(loan(), most_return="0.1364")


def test_a_bond_must_fit_the_terms_around_it() -> None:
    assert HEALTH.bond is not None
    assert list(faults_within(HEALTH.bond, HEALTH.parties, HEALTH.waterfall)) == []
    other = HEALTH.bond.model_copy(update={"holder": "arranger", "issuer": "nobody"})
    assert list(faults_within(other, HEALTH.parties, HEALTH.waterfall)) == [
        "bond.issuer is nobody, which is not in [parties]",
        "waterfall gives arranger nothing, whom bond.parts repay by outcomes",
    ]
    turned = HEALTH.bond.model_copy(update={"holder": "issuer", "issuer": "investor"})
    assert "waterfall leaves savings with issuer; a bond's holder is paid by tiers alone" in list(
        faults_within(turned, HEALTH.parties, HEALTH.waterfall)
    )


def test_the_fixture_names_its_source() -> None:
    assert "actusfrf/actus-tests" in ACTUS["source"]
    assert Path(FIXTURES / "actus" / "pam.json").stat().st_size < 10_000
