"""A bond's redemption within its limits, its state on a day, and what other savings would pay."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.bonds import Bond, schedule
from ledger.canonical import canonical
from ledger.errors import Refused, Usage
from ledger.tiered_terms import TieredTerms
from ledger.tiers import divide
from projections.bond import BondState, bond_of, bond_state, scenarios
from projections.bond_redemption import redemption
from projections.parties import every
from projections.tiered import check as check_tiered
from projections.tiered.state import PartyBalance
from projections.tiered.state import state as tiered_state
from tests import oracle_bonds as oracle
from tests.bond_ledger import HEALTH, SBIR, BondLedger, changed
from tests.ledger.test_bonds import bonds, dated

HEALTH_BOND, SBIR_BOND = bond_of(HEALTH), bond_of(SBIR)
M = 100_000_000
"""Öre in a million."""


def entitled(terms: TieredTerms, savings: int) -> int:
    return divide(terms.waterfall, {"savings": savings}).entitled("investor")


# ── Redemption ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("savings", "total", "percent", "limit"),
    [
        (-5 * M, 24 * M, -20, "least"),
        (0, 24 * M, -20, "least"),
        (4 * M, 27 * M, -10, None),
        (8 * M, 30 * M, 0, None),
        (12 * M, 33 * M, 10, "most"),
        (12 * M - 2, 33 * M - 1, None, None),  # three quarters are 1.5 öre below 9 m: rounded away from zero
        (12 * M + 2, 33 * M, 10, "most"),
        (1000 * M, 33 * M, 10, "most"),
    ],
)
def test_the_health_impact_bond_pays_from_minus_20_to_plus_10_per_cent(
    savings: int, total: int, percent: int | None, limit: str | None
) -> None:
    found = redemption(HEALTH_BOND, entitled(HEALTH, savings))
    assert (found.total, found.limit, found.adjustment) == (total, limit, 0)
    assert percent is None or found.total_return == Fraction(percent, 100)


@pytest.mark.parametrize(
    ("outcome", "adjustment", "limit"),
    [
        (0, 100 * 100, "least"),
        (9_999, 1, "least"),
        (10_000, 0, "least"),
        (10_001, 0, None),
        (49_999, 0, None),
        (50_000, 0, "most"),
        (50_001, -1, "most"),
        (10**9, 50_000 - 10**9, "most"),
    ],
)
def test_the_limits_bind_to_the_ore(outcome: int, adjustment: int, limit: str | None) -> None:
    """600.00 fixed and 400.00 by outcomes: at least 700.00, at most 1 100.00 in all."""
    one = bond(least_return="-0.30", most_return="0.10")
    found = redemption(one, outcome)
    assert (found.adjustment, found.limit) == (adjustment, limit)
    assert [part.at_maturity for part in found.parts] == [60_000, outcome + adjustment]
    assert 70_000 <= found.total <= 110_000


def bond(**changes: Any) -> Bond:
    """600.00 fixed and 400.00 by outcomes."""
    fixed = {"kind": "zero-coupon@1", "id": "fixed", "what": "fixed", "principal": "600.00", "rate": "0", "day_count": "A/365"}
    moved = {"kind": "outcome@1", "id": "moved", "what": "moved", "principal": "400.00"}
    dates = {"issued_on": "2020-01-01", "matures_on": "2023-01-01"}
    values = {"holder": "investor", "issuer": "issuer", **dates, "parts": [fixed, moved], **changes}
    return Bond.model_validate_json(canonical(values))


def test_without_limits_outcomes_pass_through() -> None:
    found = redemption(bond(), 12_345_678)
    assert (found.total, found.adjustment, found.limit) == (60_000 + 12_345_678, 0, None)


def test_interest_counts_within_the_limit() -> None:
    """SBIR's five payments of 450 000 lie within a most return of 3 %: 103.0 m, of which 92.25 m are fixed."""
    one = bond_of(changed(SBIR, most_return="0.03"))
    found = redemption(one, 1200 * M)
    assert (found.interest, found.total) == (225_000_000, 103 * M)
    assert found.parts[1].at_maturity == 103 * M - 9_225_000_000


def test_nobody_is_given_less_than_nothing() -> None:
    with pytest.raises(ValueError, match="less than nothing"):
        redemption(bond(), -1)


LIMITS = st.tuples(st.integers(-100, 300), st.integers(0, 400)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None)
@given(values=bonds(), limits=LIMITS, outcome=st.integers(0, 10**13))
def test_redemption_is_what_the_oracle_pays_and_nothing_is_made_or_lost(
    values: dict[str, Any], limits: tuple[int, int], outcome: int
) -> None:
    least, most = (f"{'-' if share < 0 else ''}{abs(share) // 100}.{abs(share) % 100:02d}" for share in limits)
    values = {**values, "least_return": least, "most_return": most}
    try:
        one = Bond.model_validate_json(canonical(values))
    except ValueError as refused:
        assert "bond.most_return allows" in str(refused)  # noqa: PT017 -- the only fault that drawn values can have
        return
    found = redemption(one, outcome)
    assert found.total == oracle.total(dated(values), outcome)
    assert found.total == sum(part.total for part in found.parts) == found.interest + found.at_maturity
    fixed = sum(flow.amount or 0 for flow in schedule(one))
    assert found.total == fixed + outcome + found.adjustment
    assert all(part.at_maturity >= 0 for part in found.parts)
    assert redemption(one, outcome + 1).total >= found.total


# ── Scenarios ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_scenarios_divide_all_of_the_savings_between_the_parties() -> None:
    found = scenarios(SBIR, [Fraction(number, 2) for number in range(7)])
    assert [one.savings for one in found] == [number * 500_000_000 for number in range(7)]
    assert all(one.kept.amount + one.redemption.outcome == one.savings for one in found)
    assert [one.redemption.total for one in found] == [9_225_000_000 + min(number * 250_000_000, 12 * M) for number in range(7)]
    assert {one.kept.party for one in found} == {"authorities"}


def test_a_scenario_moves_one_amount_alone() -> None:
    values = HEALTH.model_dump(mode="json", exclude_none=True)
    values["valuations"].append({**values["valuations"][0], "id": "more"})
    values["waterfall"]["tiers"].append(
        {"name": "second", "what": "x", "of": "more", "shares": [{"party": "investor", "share": "1"}]}
    )
    values["waterfall"]["remainder"].append({"of": "more", "party": "issuer"})
    terms = TieredTerms.model_validate_json(canonical(values))
    with pytest.raises(Refused, match="divides savings, more; a scenario moves one amount"):
        scenarios(terms, [Fraction(1)])


# ── State ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ledger(tmp_path: Path) -> BondLedger:
    return BondLedger(tmp_path)


@pytest.fixture
def sbir(tmp_path: Path) -> BondLedger:
    return BondLedger(tmp_path, SBIR)


def at(ledger: BondLedger, day: str) -> BondState:
    return bond_state(ledger.facts(), ledger.terms.id, date.fromisoformat(day))


def test_a_bond_just_issued_owes_what_is_guaranteed(ledger: BondLedger) -> None:
    one = at(ledger.issued(), "2020-06-16")
    assert (one.lent, one.paid, one.due, one.balance) == (30 * M, 0, 0, 24 * M)
    assert (one.owed_at_least, one.owed_by_outcome, one.may_be_owed) == (24 * M, 0, 9 * M)
    assert (one.determination, one.return_so_far, one.not_lent) == (None, Fraction(-20, 100), 0)


def test_the_determination_as_of_the_day_holds(ledger: BondLedger) -> None:
    ledger.issued().determined("2021-12-31", 4 * M).determined("2022-12-31", 8 * M)
    before, then, now = (at(ledger, day) for day in ("2021-12-30", "2022-12-30", "2023-01-01"))
    assert [one.determined.outcome for one in (before, then, now)] == [0, 3 * M, 6 * M]
    assert [one.balance for one in (before, then, now)] == [24 * M, 27 * M, 30 * M]
    assert (now.owed_at_least, now.owed_by_outcome, now.may_be_owed) == (24 * M, 6 * M, 3 * M)


def test_what_is_recorded_later_changes_no_earlier_answer(ledger: BondLedger) -> None:
    earlier = ledger.issued().determined("2021-12-31", 4 * M).facts()
    before = bond_state(earlier, "health-impact-bond", date(2022, 6, 1))
    ledger.determined("2021-12-31", 8 * M, redo="late facts")
    assert bond_state(ledger.facts().at(earlier.position), "health-impact-bond", date(2022, 6, 1)) == before
    assert at(ledger, "2022-06-01").determined.outcome == 6 * M


def test_at_maturity_all_falls_due_and_is_redeemed(ledger: BondLedger) -> None:
    ledger.issued().determined("2025-06-16", 12 * M).agreed(1, "2025-06-16")
    one = at(ledger, "2025-06-16")
    assert (one.due, one.open, one.balance, one.return_so_far) == (33 * M, 33 * M, 33 * M, Fraction(1, 10))
    ledger.paid("redemption", "issuer", "investor", 33 * M, "2025-06-17")
    one = at(ledger, "2025-06-17")
    assert (one.redeemed, one.open, one.balance) == (33 * M, 0, 0)
    assert (one.owed_at_least, one.owed_by_outcome, one.may_be_owed) == (0, 0, 0)
    assert one.return_so_far == one.determined.total_return == Fraction(1, 10)


def test_the_day_before_maturity_nothing_is_due(ledger: BondLedger) -> None:
    ledger.issued().determined("2025-06-15", 12 * M)
    one = at(ledger, "2025-06-15")
    assert (one.due, one.open, one.balance) == (0, 0, 33 * M)


def test_a_payment_entered_in_error_counts_no_more(ledger: BondLedger) -> None:
    ledger.issued().paid("redemption", "issuer", "investor", 1 * M, "2021-01-04").corrected(2, "2021-02-01")
    assert at(ledger, "2021-06-01").paid == 0
    assert bond_state(ledger.facts().at(4), "health-impact-bond", date(2021, 6, 1)).open == -1 * M


def test_what_the_holder_paid_back_is_taken_off(ledger: BondLedger) -> None:
    ledger.issued().paid("redemption", "issuer", "investor", 5 * M, "2021-01-04")
    ledger.paid("recovery", "investor", "issuer", 2 * M, "2021-01-05")
    one = at(ledger, "2021-06-01")
    assert (one.redeemed, one.open, one.owed_at_least) == (3 * M, -3 * M, 21 * M)


def test_a_principal_that_is_not_lent_is_said(ledger: BondLedger) -> None:
    ledger.signed()
    assert at(ledger, "2020-06-16").not_lent == 30 * M


def test_signed_before_issue_nothing_is_owed_but_what_the_terms_promise(tmp_path: Path) -> None:
    values = HEALTH.model_dump(mode="json", exclude_none=True)
    terms = TieredTerms.model_validate_json(canonical({**values, "starts_on": "2020-06-01"}))
    one = at(BondLedger(tmp_path, terms).signed(), "2020-06-15")
    assert (one.balance, one.not_lent, one.return_so_far) == (0, 0, None)


def test_interest_is_due_paid_and_accrued(sbir: BondLedger) -> None:
    sbir.issued().paid("interest", "issuer", "investor", 45_000_000, "2019-10-01")
    one = at(sbir, "2020-04-01")
    assert (one.interest_due, one.paid_interest, one.open) == (45_000_000, 45_000_000, 0)
    assert [(part.due, part.accrued, part.balance) for part in one.parts] == [(45_000_000, 22_500_000, 9_022_500_000), (0, 0, 0)]
    assert one.balance == 9_022_500_000
    assert at(sbir, "2020-10-01").open == 45_000_000


def test_without_a_limit_nothing_says_what_outcomes_may_add(sbir: BondLedger) -> None:
    assert at(sbir.issued(), "2019-01-01").may_be_owed is None


@pytest.mark.parametrize("paid", [0, 1, 45_000_000, 9_225_000_000, 10_000_000_000])
def test_what_the_issuer_owes_is_what_the_holder_has_coming(sbir: BondLedger, paid: int) -> None:
    sbir.issued().determined("2023-09-30", 20 * M)
    if paid:
        sbir.paid("interest", "issuer", "investor", paid, "2023-10-01")
    one = at(sbir, "2023-10-01")
    assert one.owed_at_least + one.owed_by_outcome == max(one.determined.total - one.paid, 0) == max(one.open, 0)


# ── One bond, two views ──────────────────────────────────────────────────────────────────────────────────────────────


def holder(ledger: BondLedger, day: str = "2025-06-17") -> PartyBalance:
    [one] = tiered_state(ledger.facts(), ledger.terms.id, date.fromisoformat(day)).parties
    return one


@pytest.mark.parametrize(
    ("redeemed", "outcome", "due", "overpaid", "told"),
    [
        (0, 0, 9 * M, 0, False),
        (24 * M, 0, 9 * M, 0, False),
        (24 * M + 1, 0, 9 * M - 1, 0, False),
        (24 * M, 9 * M, 0, 0, False),
        (33 * M, 0, 0, 0, False),
        (33 * M + 1, 0, 0, 1, True),
        (27 * M, 9 * M, 0, 3 * M, True),
        (33 * M, 9 * M, 0, 9 * M, True),
    ],
)
def test_outcome_money_of_a_bond_is_due_once(
    ledger: BondLedger, redeemed: int, outcome: int, due: int, overpaid: int, told: bool
) -> None:
    """24 m whatever comes and 9 m by outcomes: what redemption pays beyond the 24 m is outcome money."""
    ledger.issued().determined("2025-06-16", 12 * M).agreed(1, "2025-06-16")
    for kind, amount in (("redemption", redeemed), ("outcome", outcome)):
        if amount:
            ledger.paid(kind, "issuer", "investor", amount, "2025-06-17")  # type: ignore[arg-type]
    one = holder(ledger)
    assert (one.payable, one.due, one.overpaid) == (9 * M, due, overpaid)
    found = list(check_tiered.standing(ledger.facts(), ledger.terms.id))
    assert ["paid on the bond beyond what is due" in line for line in found] == [True] * told
    assert at(ledger, "2025-06-17").open == 33 * M - redeemed - outcome


def test_what_is_redeemed_before_it_falls_due_is_told(ledger: BondLedger) -> None:
    ledger.issued().paid("redemption", "issuer", "investor", 1 * M, "2021-01-04")
    [said] = check_tiered.standing(ledger.facts(), ledger.terms.id)
    assert said.replace("\u2009", " ").startswith("1 000 000.00 SEK paid on the bond beyond what is due as of 2021-01-04")


def test_what_the_most_return_takes_of_an_outcome_is_not_due(tmp_path: Path) -> None:
    """At most 30 m in all: of 9 m that the tier gives, 6 m are paid."""
    ledger = BondLedger(tmp_path, changed(HEALTH, most_return="0"))
    ledger.issued().determined("2025-06-16", 12 * M).agreed(1, "2025-06-16")
    assert (holder(ledger).payable, holder(ledger).by_bond, holder(ledger).due) == (9 * M, 3 * M, 6 * M)


def test_a_party_sees_what_a_bond_lends_and_owes(ledger: BondLedger) -> None:
    ledger.issued().determined("2022-03-31", 4 * M)
    found = {line.role: line for line in every(ledger.facts(), date(2022, 3, 31))}
    for role in ("investor", "issuer"):
        figures = found[role].figures
        assert [figures[key] for key in ("bond_lent", "bond_owed", "bond_owed_by_outcomes")] == [30 * M, 24 * M, 3 * M]
    assert "bond_lent" not in found["arranger"].figures


def test_new_terms_hold_from_their_day(ledger: BondLedger) -> None:
    longer = changed(HEALTH, matures_on="2026-06-16")
    ledger.issued().amended(longer, "2022-01-01")
    assert at(ledger, "2021-12-31").bond.matures_on == date(2025, 6, 16)
    assert at(ledger, "2022-01-01").bond.matures_on == date(2026, 6, 16)


def test_a_bond_that_is_not_on_record_is_an_error(ledger: BondLedger) -> None:
    with pytest.raises(Usage, match="no bond health-impact-bond is on record; contracts settled by tiers: none"):
        at(ledger, "2021-01-01")
    with pytest.raises(Refused, match="was signed on 2020-06-16; there is no state before, as of 2020-06-15"):
        at(ledger.signed(), "2020-06-15")


def test_terms_without_a_bond_are_refused() -> None:
    with pytest.raises(Refused, match="is no bond"):
        bond_of(HEALTH.model_copy(update={"bond": None}))


def test_a_bond_that_does_not_fit_its_terms_is_refused_with_every_fault() -> None:
    with pytest.raises(ValueError, match=r"bond.issuer is nobody, which is not in \[parties\]; waterfall gives arranger nothing"):
        changed(HEALTH, holder="arranger", issuer="nobody")


@settings(deadline=None, max_examples=25)
@given(savings=st.integers(0, 20 * M), days=st.integers(0, 1900))
def test_a_balance_is_never_below_what_is_guaranteed_nor_above_the_most(
    tmp_path_factory: pytest.TempPathFactory, savings: int, days: int
) -> None:
    ledger = BondLedger(tmp_path_factory.mktemp("bond")).issued().determined("2020-06-16", savings)
    one = at(ledger, str(date(2020, 6, 16) + timedelta(days=days)))
    assert 24 * M <= one.balance <= 33 * M
    assert one.balance == one.determined.total == 24 * M + entitled(HEALTH, savings)
