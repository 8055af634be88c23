"""What a payment settles: said where its amount can mean nothing else, and only there."""

from __future__ import annotations

import pytest

from projections.accounting.vouchers import vouchers
from tests import spec
from tests.spec import accepted, adopted, claim_of, corrected, determined, given, months, notified, paid, signed

FIRST = determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-03-15")
NOTICE = notified(1, on="2019-03-20", objection_until="2019-04-19", claim="184 000", payable_on="2019-05-20")
SECOND = determined(2, months("2019Q1", "2 000 000"), claim="368 000", recorded="2019-06-12")
SECOND_NOTICE = notified(2, on="2019-06-13", objection_until="2019-07-13", claim="368 000", payable_on="2019-08-13")
LOWERED = determined(3, months("2018Q4", "500 000"), claim="-92 000", recorded="2019-06-20", supersedes=[1], reason="late")
LOWERED_NOTICE = notified(3, on="2019-06-21", objection_until="2019-07-21", claim="-92 000", payable_on="2019-08-21")
BOTH = (FIRST, NOTICE, SECOND, SECOND_NOTICE)


def said(*happened: spec.Happened) -> list[str]:
    """What each payment to the provider is said to settle; empty where nothing is."""
    facts = given(signed(), adopted(), *happened).facts()
    texts = [one.text for one in vouchers(facts, "botkyrka") if " outcome payment to " in one.text or " recovery " in one.text]
    return [", ".join(text.split(", ")[1:]).partition("invoice ")[0].rstrip(", ") for text in texts]


@pytest.mark.parametrize(("amount", "on"), [("184 000", "2019-05-20"), ("184 000", "2019-05-02")])
def test_the_one_claim_that_is_open(amount: str, on: str) -> None:
    """Paid on the day, or before it."""
    assert said(FIRST, NOTICE, paid(1, "outcome", amount, on)) == ["settles N1"]


def test_one_claim_of_two_and_both() -> None:
    assert said(*BOTH, paid(1, "outcome", "184 000", "2019-07-01")) == ["settles N1"]
    assert said(*BOTH, paid(1, "outcome", "368 000", "2019-08-13")) == ["settles N2"]
    assert said(*BOTH, paid(1, "outcome", "552 000", "2019-08-13")) == ["settles N1 184000.00, N2 368000.00"]


def test_what_is_set_off_before_it_falls_due() -> None:
    first = paid(1, "outcome", "184 000", "2019-05-20")
    rest = paid(2, "outcome", "276 000", "2019-08-13")
    assert said(FIRST, NOTICE, first, SECOND, SECOND_NOTICE, LOWERED, LOWERED_NOTICE, rest) == [
        "settles N1",
        "settles N2 368000.00, N3 92000.00 set off",
    ]


def test_a_part_says_nothing_and_the_rest_names_it() -> None:
    assert said(FIRST, NOTICE, paid(1, "outcome", "100 000", "2019-05-20"), paid(2, "outcome", "84 000", "2019-06-01")) == [
        "",
        "settles N1 184000.00, P1 100000.00 already paid",
    ]


def test_two_claims_of_one_amount_are_not_told_apart() -> None:
    again = determined(2, months("2019Q1", "1 000 000"), claim="184 000", recorded="2019-03-16")
    noticed = notified(2, on="2019-03-20", objection_until="2019-04-19", claim="184 000", payable_on="2019-05-20")
    assert said(FIRST, again, NOTICE, noticed, paid(1, "outcome", "184 000", "2019-05-20")) == [""]


def test_a_claim_that_is_moved_stays_one_claim() -> None:
    was, becomes = claim_of("184 000", "2019-05-20"), claim_of("184 000", "2019-04-24")
    moved = (accepted(1, spec.PAYER, "2019-03-24"), accepted(1, spec.PROVIDER, "2019-03-25", was, becomes))
    assert said(FIRST, NOTICE, *moved, paid(1, "outcome", "184 000", "2019-04-24")) == ["settles N1"]


def test_what_was_paid_too_much_and_comes_back() -> None:
    """A correction opens the payment again, and the recovery settles it."""
    made = paid(1, "outcome", "184 000", "2019-05-20")
    more = corrected(5, "outcome", 1, ("184 000", "2019-05-20"), ("200 000", "2019-05-20"), "2019-06-01")
    assert said(FIRST, NOTICE, made, more, paid(2, "recovery", "16 000", "2019-07-01")) == ["settles N1", "settles P1"]
