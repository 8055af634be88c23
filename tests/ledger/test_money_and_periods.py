"""Amounts, months, periods and instants: what is read, what is refused, what is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ledger.money import LARGEST, decimals, kronor, parse_kronor, parse_share, rounded, shown
from ledger.periods import Month, Period, Quarter, day_in_stockholm, end_of_day, instant_text, parse_instant
from ledger.vocabulary import decimal_text

UNHURRIED = settings(deadline=None)

# ── Kronor ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "ore"),
    [
        ("4200000", 420000000),
        ("4200000.00", 420000000),
        ("4200000,00", 420000000),
        ("4 200 000", 420000000),
        ("4 200 000.00", 420000000),
        ("4 200 000,00", 420000000),
        ("4\u00a0200\u00a0000", 420000000),
        ("4\u2009200\u2009000.00", 420000000),
        ("4\u202f200\u202f000,00", 420000000),
        ("  4200000.00 ", 420000000),
        ("4200000\n", 420000000),
        ("0", 0),
        ("0.00", 0),
        ("-0", 0),
        ("0.01", 1),
        ("0,99", 99),
        ("007", 700),
        ("1", 100),
        ("999", 99900),
        ("1 000", 100000),
        ("12 345 678.90", 1234567890),
        ("-120.50", -12050),
        ("\u2212120.50", -12050),
        ("-4200000", -420000000),
        ("-4 200 000,00", -420000000),
        ("90071992547409.91", 2**53 - 1),
    ],
)
def test_kronor_read(text: str, ore: int) -> None:
    assert parse_kronor(text) == ore


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "kr",
        "4200000 kr",
        "SEK 4200000",
        "4200000.0",
        "4200000,5",
        "4200000.000",
        "4200000.",
        ".50",
        ",50",
        "4,200,000",
        "4,200,000.00",
        "4.200.000",
        "4.200.000,00",
        "4'200'000",
        "4_200_000",
        "4,200",
        "4.200",
        "4 20",
        "42 00 000",
        "4200 000",
        "4 2000",
        "4  200",
        "4 200 000 .00",
        "4 200 000. 00",
        "- 5",
        "5-",
        "--5",
        "+5",
        "(5)",
        "1e6",
        "0x10",
        "NaN",
        "1/2",
        "4200000.00.00",
        "4\t200",
        "4\n200",
    ],
)
def test_kronor_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount: write whole kronor or exactly two decimals"):
        parse_kronor(text)


@pytest.mark.parametrize("text", ["٤٢", "１２００", "४.५०"])
def test_kronor_in_other_digits_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        parse_kronor(text)


@pytest.mark.parametrize("text", ["90071992547409.92", "-90071992547409.92", "90 071 992 547 410", "9" * 40])
def test_more_than_readers_of_json_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is more money than the ledger can hold"):
        parse_kronor(text)


@pytest.mark.parametrize(
    ("ore", "written", "told"),
    [
        (0, "0.00", "0.00"),
        (1, "0.01", "0.01"),
        (-1, "-0.01", "−0.01"),
        (-50, "-0.50", "−0.50"),
        (100, "1.00", "1.00"),
        (99999, "999.99", "999.99"),
        (100000, "1000.00", "1 000.00"),
        (420000000, "4200000.00", "4 200 000.00"),
        (-12050, "-120.50", "−120.50"),
        (-420000000, "-4200000.00", "−4 200 000.00"),
    ],
)
def test_kronor_written(ore: int, written: str, told: str) -> None:
    assert kronor(ore) == written
    assert shown(ore) == told.replace(" ", "\u2009")


@UNHURRIED
@given(st.integers(-LARGEST, LARGEST))
def test_kronor_read_back(ore: int) -> None:
    assert parse_kronor(kronor(ore)) == ore
    assert parse_kronor(kronor(ore).replace(".", ",")) == ore


@UNHURRIED
@given(st.integers(0, LARGEST))
def test_what_is_shown_reads_back(ore: int) -> None:
    assert parse_kronor(shown(ore)) == ore


@pytest.mark.parametrize("ore", [-100000, -420000000])
def test_what_is_shown_below_zero_reads_back(ore: int) -> None:
    assert parse_kronor(shown(ore)) == ore


# ── Rounding, shares, decimals ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("exact", "whole"),
    [
        (Fraction(0), 0),
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(3, 2), 2),
        (Fraction(-3, 2), -2),
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(49, 100), 0),
        (Fraction(-49, 100), 0),
        (Fraction(499999999999999999999, 10**21), 0),
        (Fraction(500000000000000000001, 10**21), 1),
        (Fraction(-500000000000000000001, 10**21), -1),
        (Fraction(1, 3), 0),
        (Fraction(2, 3), 1),
        (Fraction(7), 7),
        (Fraction(-7), -7),
        (Fraction(2**80 + 1, 2), 2**79 + 1),
    ],
)
def test_rounding_is_half_away_from_zero(exact: Fraction, whole: int) -> None:
    assert rounded(exact) == whole


@UNHURRIED
@given(st.fractions())
def test_rounding_is_to_the_nearest_and_the_same_on_both_sides_of_zero(exact: Fraction) -> None:
    whole = rounded(exact)
    assert abs(exact - whole) <= Fraction(1, 2)
    assert rounded(-exact) == -whole
    if abs(exact - whole) == Fraction(1, 2):
        assert abs(whole) > abs(exact)


@pytest.mark.parametrize(
    ("exact", "places", "text"),
    [
        (Fraction(0), 2, "0.00"),
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(5, 1000), 2, "0.01"),
        (Fraction(-5, 1000), 2, "-0.01"),
        (Fraction(1495, 10), 1, "149.5"),
        (Fraction(1995, 10), 0, "200"),
        (Fraction(-5, 2), 0, "-3"),
        (Fraction(7, 5), 2, "1.40"),
        (Fraction(707477, 100), 2, "7074.77"),
        (Fraction(100), 2, "100.00"),
    ],
)
def test_decimals(exact: Fraction, places: int, text: str) -> None:
    assert decimals(exact, places) == text


@UNHURRIED
@given(st.fractions(), st.integers(1, 6))
def test_decimals_are_the_rounded_number(exact: Fraction, places: int) -> None:
    assert Fraction(decimals(exact, places)) == Fraction(rounded(exact * 10**places), 10**places)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("0.184", Fraction(23, 125)),
        ("0.50", Fraction(1, 2)),
        ("1", Fraction(1)),
        ("1.5", Fraction(3, 2)),
        ("-0.5", Fraction(-1, 2)),
    ],
)
def test_shares_are_exact(text: str, share: Fraction) -> None:
    assert parse_share(text) == share
    assert parse_share(decimal_text(share)) == share


@pytest.mark.parametrize("text", ["", ".5", "0,184", "18.4 %", "1/2", "5e-1", " 0.5", "0.5 ", "+0.5", "0.", "half"])
def test_shares_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a decimal number such as"):
        parse_share(text)


# ── Months, quarters, periods ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "first", "last", "length", "written"),
    [
        ("2019Q2", date(2019, 4, 1), date(2019, 6, 30), 3, "2019Q2"),
        ("2019-04..2019-06", date(2019, 4, 1), date(2019, 6, 30), 3, "2019Q2"),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), 1, "2020-02"),
        ("2020-02..2020-02", date(2020, 2, 1), date(2020, 2, 29), 1, "2020-02"),
        ("2019-02", date(2019, 2, 1), date(2019, 2, 28), 1, "2019-02"),
        ("2018-10..2020-02", date(2018, 10, 1), date(2020, 2, 29), 17, "2018-10..2020-02"),
        ("2019Q1..2019Q2", date(2019, 1, 1), date(2019, 6, 30), 6, "2019-01..2019-06"),
        ("2019Q1..2019-05", date(2019, 1, 1), date(2019, 5, 31), 5, "2019-01..2019-05"),
        ("2018-12..2019Q1", date(2018, 12, 1), date(2019, 3, 31), 4, "2018-12..2019-03"),
        ("2019-05..2019-07", date(2019, 5, 1), date(2019, 7, 31), 3, "2019-05..2019-07"),
    ],
)
def test_periods_read(text: str, first: date, last: date, length: int, written: str) -> None:
    period = Period.parse(text)
    assert (period.first_day, period.last_day, len(period), str(period)) == (first, last, length, written)
    assert next(iter(period)).first_day == first
    assert [month.last_day for month in period][-1] == last
    assert all(month in period for month in period)
    assert period.first - 1 not in period
    assert period.last + 1 not in period
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2019",
        "2019-4",
        "2019-00",
        "2019-13",
        "19-04",
        "2019/04",
        "201904",
        "2019-04-01",
        "2019Q0",
        "2019Q5",
        "2019q2",
        "Q2",
        "2019-Q2",
        "2019 Q2",
        " 2019Q2",
        "2019Q2 ",
        "2019Q2\n",
        "2019-04-2019-06",
        "2019-04...2019-06",
        "2019-04..",
        "..2019-04",
        "..",
        "2019-04..2019-05..2019-06",
        "2019-04 .. 2019-06",
        "april",
    ],
)
def test_periods_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a period such as 2019Q2, 2020-02 or 2018-10\.\.2020-02"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["2019-06..2019-04", "2019Q2..2019Q1", "2019-05..2019Q1"])
def test_a_period_ends_after_it_begins(text: str) -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["٢٠١٩-٠٤", "２０１９Q2"])
def test_periods_in_other_digits_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(text)


@UNHURRIED
@given(st.integers(12, 12 * 9999 - 24), st.integers(0, 23))
def test_periods_read_back(index: int, more: int) -> None:
    period = Period(Month(index), Month(index) + more)
    assert Period.parse(str(period)) == period
    assert sum((month.last_day - month.first_day).days + 1 for month in period) == (period.last_day - period.first_day).days + 1


@pytest.mark.parametrize(
    ("month", "weekdays"),
    [("2018-10", 23), ("2018-12", 21), ("2019-01", 23), ("2017-01", 22), ("2019-02", 20), ("2020-02", 20), ("2016-02", 21)],
)
def test_weekdays_of_a_month(month: str, weekdays: int) -> None:
    assert Month.parse(month).weekdays == weekdays


@UNHURRIED
@given(st.dates())
def test_a_day_lies_in_its_month_and_quarter(day: date) -> None:
    month = Month.holding(day)
    assert month.first_day <= day
    assert (month.year, month.number) == (day.year, day.month)
    assert month in month.quarter.months
    assert str(month.quarter) == f"{day.year:04d}Q{(day.month + 2) // 3}"
    assert Quarter.parse(str(month.quarter)) == month.quarter


def test_neighbours_over_new_year() -> None:
    assert str(Month.parse("2018-12") + 1) == "2019-01"
    assert str(Month.parse("2019-01") - 1) == "2018-12"
    assert str(Quarter.parse("2019Q1") - 1) == "2018Q4"
    assert str(Quarter.parse("2018Q4") + 2) == "2019Q2"


@pytest.mark.parametrize("kind", [Month, Quarter, Period])
@pytest.mark.parametrize("value", [201904, 2019.04, None, ["2019-04"], date(2019, 4, 1), ""])
def test_only_text_is_read_as_a_month_a_quarter_or_a_period(kind: type, value: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


# ── Instants and days in Stockholm ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2020-06-15T09:00:00Z", "2020-06-15T09:00:00.000000Z"),
        ("2020-06-15T09:00:00.000000Z", "2020-06-15T09:00:00.000000Z"),
        ("2020-06-15T09:00:00.123456Z", "2020-06-15T09:00:00.123456Z"),
        ("2020-06-15T09:00Z", "2020-06-15T09:00:00.000000Z"),
        ("2020-06-15T11:00:00+02:00", "2020-06-15T09:00:00.000000Z"),
        ("2020-06-15 11:00+02:00", "2020-06-15T09:00:00.000000Z"),
        ("2020-06-14T23:30:00-05:30", "2020-06-15T05:00:00.000000Z"),
        ("2020-06-15T09:00:00", "2020-06-15T07:00:00.000000Z"),
        ("2020-06-15 09:00", "2020-06-15T07:00:00.000000Z"),
        ("2020-01-15 09:00", "2020-01-15T08:00:00.000000Z"),
        ("2020-10-25 02:30", "2020-10-25T00:30:00.000000Z"),
        ("2020-10-25 03:00", "2020-10-25T02:00:00.000000Z"),
        ("2020-01-15", "2020-01-15T22:59:59.999999Z"),
        ("2020-06-15", "2020-06-15T21:59:59.999999Z"),
        ("2020-03-28", "2020-03-28T22:59:59.999999Z"),
        ("2020-03-29", "2020-03-29T21:59:59.999999Z"),
        ("2020-10-24", "2020-10-24T21:59:59.999999Z"),
        ("2020-10-25", "2020-10-25T22:59:59.999999Z"),
        ("2019-12-31", "2019-12-31T22:59:59.999999Z"),
        ("2020-02-29", "2020-02-29T22:59:59.999999Z"),
    ],
)
def test_instants_read(text: str, utc: str) -> None:
    instant = parse_instant(text)
    assert instant.utcoffset() == timedelta(0)
    assert instant_text(instant) == utc


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not an instant"),
        ("now", "is not an instant"),
        ("yesterday", "is not an instant"),
        ("2020-06", "is not an instant"),
        ("15/6 2020", "is not an instant"),
        ("2020-06-15T25:00Z", "is not an instant"),
        ("2020-06-15T09:00 CET", "is not an instant"),
        ("0001-01-01", "the year 1 is not one that a contract is about"),
        ("9999-12-31T00:00Z", "the year 9999 is not one that a contract is about"),
        ("2020-02-30", "is not a date such as 2020-06-15"),
        ("2020-13-01", "is not a date such as 2020-06-15"),
    ],
)
def test_instants_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_instant(text)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2020, 1, 15), 24),
        (date(2020, 6, 15), 24),
        (date(2020, 3, 29), 23),
        (date(2020, 10, 25), 25),
        (date(2019, 3, 31), 23),
        (date(2019, 10, 27), 25),
    ],
)
def test_a_day_in_stockholm_is_as_long_as_it_is(day: date, hours: int) -> None:
    assert end_of_day(day) - end_of_day(day - timedelta(days=1)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2020-01-15T22:59:59.999999Z", date(2020, 1, 15)),
        ("2020-01-15T23:00:00Z", date(2020, 1, 16)),
        ("2020-06-15T21:59:59.999999Z", date(2020, 6, 15)),
        ("2020-06-15T22:00:00Z", date(2020, 6, 16)),
        ("2020-03-28T23:00:00Z", date(2020, 3, 29)),
        ("2020-03-29T22:00:00Z", date(2020, 3, 30)),
        ("2020-10-24T22:00:00Z", date(2020, 10, 25)),
        ("2020-10-25T22:59:59Z", date(2020, 10, 25)),
        ("2020-10-25T23:00:00Z", date(2020, 10, 26)),
        ("2019-12-31T23:00:00Z", date(2020, 1, 1)),
    ],
)
def test_the_day_in_stockholm(instant: str, day: date) -> None:
    assert day_in_stockholm(parse_instant(instant)) == day


@UNHURRIED
@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)))
def test_a_day_ends_with_its_last_microsecond(day: date) -> None:
    last = end_of_day(day)
    assert day_in_stockholm(last) == day
    assert day_in_stockholm(last + timedelta(microseconds=1)) == day + timedelta(days=1)
    assert parse_instant(day.isoformat()) == last


@UNHURRIED
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_instants_read_back_whatever_their_offset(naive: datetime, minutes: int) -> None:
    instant = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = instant_text(instant)
    assert len(text) == len("2020-06-15T09:00:00.000000Z")
    assert parse_instant(text) == instant
    assert parse_instant(instant.isoformat()) == instant
    assert parse_instant(text).tzinfo is UTC
