"""``net-of-reimbursement@1``: what the state bears and what the municipality saves make up the whole price."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from ledger.events import Reimbursement
from ledger.periods import Month
from projections.rules.net_of_reimbursement_1 import repaid, worth


def row(cost: int, wages: int, threshold: str, reimbursed: int) -> Reimbursement:
    return Reimbursement(
        month=Month.parse("2020-08"),
        sick_pay_cost_ore=cost,
        wage_cost_ore=wages,
        threshold=threshold,
        reimbursed_ore=reimbursed,
    )


@pytest.mark.parametrize("share", [Fraction(0), Fraction(1, 3), Fraction(43, 150), Fraction(1)])
@pytest.mark.parametrize("days", [Fraction(7, 3), Fraction(0), Fraction(-5)])
def test_the_state_and_the_municipality_share_the_price(days: Fraction, share: Fraction) -> None:
    assert worth(days, 214000, share) + worth(days, 214000, 1 - share) == days * 214000


@pytest.mark.parametrize("cost", [0, 1, 106, 107, 108, 500])
def test_from_the_threshold_on_the_margin_is_above_the_average(cost: int) -> None:
    """A month of 10 000 öre of wages: 107 öre are the municipality's own."""
    month = row(cost, 10000, "0.0107", max(0, cost - 107))
    average, marginal = repaid(month, "average"), repaid(month, "marginal")
    assert (average > 0) == (cost > 107) == (marginal == 1)
    assert 0 <= average <= marginal <= 1
    assert average * cost == max(0, cost - 107)


@pytest.mark.parametrize("how", ["median", "", None])
def test_a_word_that_no_methodology_may_use_is_a_fault_of_ours(how: Any) -> None:
    with pytest.raises(AssertionError, match="unreachable"):
        repaid(row(200, 10000, "0.0107", 93), how)
