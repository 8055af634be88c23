"""Financial years, and what is booked after the one that it is about."""

from __future__ import annotations

import pytest

from ledger.periods import Month, Period
from projections.accounting.remarks import after_the_year, financial_year, of_earlier_years, standing, year_text
from projections.accounting.vouchers import booked_in, vouchers
from tests.spec import adopted, corrected, determined, given, months, paid, signed

FIRST = determined(1, months("2018Q4", "1 000 000", "0", "500 000"), claim="276 000", recorded="2019-03-15")
SECOND = determined(2, months("2019Q1", "2 000 000"), claim="368 000", recorded="2019-06-12")
MADE = paid(1, "upfront", "1 000", "2018-11-01")
LATE = corrected(3, "upfront", 1, ("1 000", "2018-11-01"), ("2 000", "2018-11-01"), "2019-01-10")


@pytest.mark.parametrize(
    ("month", "begins", "year", "text"),
    [
        ("2020-01", 1, "2020-01..2020-12", "2020"),
        ("2020-12", 1, "2020-01..2020-12", "2020"),
        ("2020-06", 7, "2019-07..2020-06", "2019-07..2020-06"),
        ("2020-07", 7, "2020-07..2021-06", "2020-07..2021-06"),
    ],
)
def test_financial_years(month: str, begins: int, year: str, text: str) -> None:
    found = financial_year(Month.parse(month), begins)
    assert (found, year_text(found)) == (Period.parse(year), text)


def test_cost_booked_after_its_year_is_told_by_year_and_what_is_no_cost_is_not() -> None:
    every = vouchers(given(signed(), adopted(), MADE, LATE, FIRST, SECOND).facts(), "botkyrka")
    assert list(of_earlier_years(every, 1, "SEK")) == [
        "3 vouchers, 277 000.00 SEK of cost, booked after the year are about the financial year 2018: "
        "accrue them there (periodisering)."
    ]
    assert list(of_earlier_years(booked_in(every, Period.parse("2019-01")), 1, "SEK")) == [
        "1 voucher, 1 000.00 SEK of cost, booked after the year is about the financial year 2018: "
        "accrue them there (periodisering)."
    ]
    assert list(of_earlier_years(every, 7, "SEK")) == []
    broken = list(of_earlier_years(every, 4, "SEK"))
    assert broken == [
        "1 voucher, 368 000.00 SEK of cost, booked after the year is about the financial year 2018-04..2019-03: "
        "accrue them there (periodisering)."
    ]


def test_a_period_that_ends_with_a_year_is_told_what_is_booked_later_about_it() -> None:
    facts = given(signed(), adopted(), FIRST, SECOND).facts()
    every = vouchers(facts, "botkyrka")

    def told(period: str, begins: int = 1) -> list[str]:
        found = standing(facts, "botkyrka", Period.parse(period))
        assert found is not None
        return list(after_the_year(facts, every, Period.parse(period), begins, found))

    assert told("2018Q4") == [
        "2 vouchers, 276 000.00 SEK of cost, booked after 2018-12-31 are about the financial year 2018, "
        "as known on 2019-06-12: accrue them there (periodisering)."
    ]
    assert told("2018-11") == []
    assert told("2019-01..2019-12") == []
    assert told("2019-05", begins=6) == [
        "1 voucher, 368 000.00 SEK of cost, booked after 2019-05-31 is about the financial year 2018-06..2019-05, "
        "as known on 2019-06-12: accrue them there (periodisering).",
        "No outcome payment is determined for 2019-04..2019-05, as known on 2019-06-12: what it will cost is on no voucher.",
    ]


def test_before_the_contract_is_signed_nothing_stands() -> None:
    assert standing(given(signed(), adopted()).facts(), "botkyrka", Period.parse("2017-01")) is None
