"""The synthetic histories from March 2020 to the contracts' end: nothing before it moves, the level follows the index, the coding
is imperfect, and the state repays what the rules of its scheme say."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from fixtures.paxml import paxml_extract
from fixtures.reimbursements import REPAID, Reimbursement, reimbursements, reimbursements_file
from fixtures.synthetic import (
    BOTKYRKA,
    HISTORY_FROM,
    ORNSKOLDSVIK,
    History,
    Profile,
    generate,
    late_notes,
    payroll_extract,
    restated_extract,
    workforce_file,
)
from ledger.imports import paxml, paxml_xml
from ledger.lines import CAUSES
from ledger.periods import Month, Period, Quarter
from ledger.terms import AbsenceCodes
from projections.absences import Spells
from projections.columns import day_number
from projections.rules.short_term_net_days_1 import net_days
from tests.test_synthetic import BOTH, REFERENCE, UNTIL, national_index, rows

END = Month.of(2021, 10)
OUTBREAK = date(2020, 3, 9)
PANDEMIC = tuple(Quarter.parse("2020Q1") + number for number in range(7))
PRICE = Fraction(2140, 100)
"""Kronor for a hundredth of a net day."""


def a_year_without(quarter: Quarter) -> Quarter:
    """The same quarter of 2019, for one after it."""
    while quarter >= PANDEMIC[0]:
        quarter = quarter - 4
    return quarter


@cache
def history_of(profile: Profile, *, until: Month = END, pandemic: bool = True) -> History:
    index = national_index()
    if not pandemic:
        index = {quarter: index[a_year_without(quarter)] for quarter in index}
    return generate(profile, index, until)


@cache
def days_of(profile: Profile, *, pandemic: bool = True, coded: bool = True) -> dict[Month, int]:
    """Net short-term days by month, in hundredths; with ``coded`` False those of cause covid left out, their numbers kept."""
    history = history_of(profile, pandemic=pandemic)
    numbers = {name: number for number, name in enumerate(sorted({spell.employee for spell in history.spells}))}
    lines = sorted((numbers[spell.employee], spell) for spell in history.spells)
    columns = np.array(
        [
            (who, 0, day_number(spell.first_day), day_number(spell.last_day), spell.extent, CAUSES.index(spell.cause), 0, 0, 0)
            for who, spell in lines
        ],
        np.int64,
    ).T
    spells = Spells(("all",), *columns)
    if not coded:
        spells = replace(spells, extent=np.where(spells.cause == CAUSES.index("covid"), 0, spells.extent))
    found = net_days(spells)
    return {month: found.of(month).get("all", 0) for month in Period(HISTORY_FROM, END)}


def in_quarter(days: dict[Month, int], quarter: Quarter) -> int:
    return sum(days[month] for month in quarter.months)


@cache
def employees_of(profile: Profile) -> Counter[Month]:
    employees: Counter[Month] = Counter()
    for month, _, count in history_of(profile).workforce:
        employees[month] += count
    return employees


# Nothing before it moves


@BOTH
def test_every_file_of_the_months_before_is_the_same(profile: Profile) -> None:
    def digests(history: History) -> Iterator[str]:
        for month in Period(HISTORY_FROM, UNTIL):
            files = [payroll_extract(history, month), workforce_file(history, [month])]
            files += [restated_extract(history, month, min(month + 2, UNTIL))]
            files += [payroll_extract(history, month, late_notes(history, month, Fraction(1, 20)))]
            if month >= Month.of(2019, 11):
                files += [paxml_extract(history, month, by="day"), paxml_extract(history, month, by="range")]
            yield from (hashlib.sha256(file).hexdigest() for file in files)

    assert list(digests(history_of(profile, until=UNTIL))) == list(digests(history_of(profile)))


@BOTH
def test_spells_over_the_turn_of_the_month_are_told_by_both_months(profile: Profile) -> None:
    history = history_of(profile)
    february, march = (rows(history, payroll_extract(history, month)) for month in (UNTIL, UNTIL + 1))
    told = ("employee", "workplace", "first_day", "extent", "cause")
    left_open = [[line[key] for key in told] for line in february if not line["last_day"]]
    goes_on = [[line[key] for key in told] for line in march if line["first_day"] < "2020-03-01"]
    assert goes_on == left_open
    ends = Counter(line["last_day"][:7] for line in march if line["first_day"] < "2020-03-01")
    assert set(ends) == {"", "2020-03"}
    assert ends["2020-03"] > 50


@BOTH
def test_spells_begun_before_the_outbreak_are_those_of_a_world_without_one(profile: Profile) -> None:
    disturbed, undisturbed = (
        [spell for spell in history_of(profile, pandemic=pandemic).spells if spell.first_day < OUTBREAK]
        for pandemic in (True, False)
    )
    assert disturbed == undisturbed
    assert not any(spell.cause == "covid" for spell in history_of(profile, pandemic=False).spells)


# The level


@BOTH
def test_each_quarter_rises_over_2019_as_the_index_does(profile: Profile) -> None:
    unserved = replace(profile, effect_ppm=0)
    disturbed, undisturbed = days_of(unserved), days_of(unserved, pandemic=False)
    index = national_index()
    for quarter in PANDEMIC:
        rose = index[quarter] / index[a_year_without(quarter)]
        assert in_quarter(disturbed, quarter) / in_quarter(undisturbed, quarter) == pytest.approx(float(rose), rel=0.06)
    added = sum(in_quarter(disturbed, quarter) - in_quarter(undisturbed, quarter) for quarter in PANDEMIC)
    expected = sum(
        in_quarter(undisturbed, quarter) * (index[quarter] / index[a_year_without(quarter)] - 1) for quarter in PANDEMIC
    )
    assert added == pytest.approx(float(expected), rel=0.05)


def test_the_service_works_on_ordinary_spells_alone() -> None:
    unserved = replace(BOTKYRKA, effect_ppm=0)
    added = [
        sum(days_of(profile)[month] - days_of(profile, pandemic=False)[month] for month in Period(Month.of(2020, 3), END))
        for profile in (BOTKYRKA, unserved)
    ]
    assert added[0] == pytest.approx(added[1], rel=0.03)
    served, without = (
        sum(in_quarter(days_of(profile, pandemic=False), quarter) for quarter in PANDEMIC) for profile in (BOTKYRKA, unserved)
    )
    assert 0.11 < 1 - served / without < 0.1425  # somewhat less than of spells: relapses happen all the same


@BOTH
def test_march_2020_is_the_worst_month(profile: Profile) -> None:
    days = days_of(profile)
    assert max(days, key=lambda month: days[month]) == Month.of(2020, 3)
    assert max(days, key=lambda month: Fraction(days[month], month.weekdays)) == Month.of(2020, 3)


@BOTH
def test_never_more_absent_than_employed_and_one_spell_a_day(profile: Profile) -> None:
    history = history_of(profile)
    employees = {(month, workplace): count for month, workplace, count in history.workforce}
    for month in Period(Month.of(2020, 3), END):
        people = {(history.spells[spell].workplace, history.spells[spell].employee) for spell in history.touching(month)}
        absent = Counter(workplace for workplace, _ in people)
        assert all(count <= employees[month, workplace] for workplace, count in absent.items())
    keys = [(spell.first_day, spell.employee) for spell in history.spells]
    assert keys == sorted(set(keys))


def test_a_quarter_that_the_trend_does_not_have_is_asked_for() -> None:
    index = {quarter: value for quarter, value in national_index().items() if quarter < Quarter.parse("2020Q2")}
    with pytest.raises(ValueError, match="no value of 2020Q2"):
        generate(ORNSKOLDSVIK, index, Month.of(2020, 4))


# The coding


@BOTH
def test_coded_spells_are_short_and_whole_days_and_begin_with_the_outbreak(profile: Profile) -> None:
    coded = [spell for spell in history_of(profile).spells if spell.cause == "covid"]
    lengths = [(spell.last_day - spell.first_day).days + 1 for spell in coded]
    assert min(spell.first_day for spell in coded) == OUTBREAK
    assert {spell.extent for spell in coded} == {100}
    assert min(lengths) == 1
    assert max(lengths) == 14
    assert sum(lengths) / len(lengths) == pytest.approx(5.8, abs=0.2)


@BOTH
def test_as_much_of_the_excess_is_coded_as_the_profile_says(profile: Profile) -> None:
    some, every = history_of(profile).spells, history_of(replace(profile, covid_coded_permille=1000)).spells
    coded, all_of_it = (sum(spell.cause == "covid" for spell in spells) for spells in (some, every))
    assert coded / all_of_it == pytest.approx(profile.covid_coded_permille / 1000, abs=0.01)
    assert [spell[:5] for spell in some] == [spell[:5] for spell in every]
    assert {spell.cause for spell, other in zip(some, every, strict=True) if spell != other} == {"sick"}


def test_leaving_coded_days_out_of_actual_alone_gives_botkyrka_ten_million_in_one_quarter() -> None:
    quarter = Quarter.parse("2020Q2")
    actual, left = (in_quarter(days_of(BOTKYRKA, coded=coded), quarter) for coded in (True, False))
    expected = expected_days(BOTKYRKA, quarter)
    assert float((expected - actual) * PRICE) == pytest.approx(2.02e6, abs=0.02e6)
    assert float((expected - left) * PRICE) == pytest.approx(11.82e6, abs=0.02e6)
    assert float((actual - left) * PRICE) == pytest.approx(9.80e6, abs=0.02e6)


def expected_days(profile: Profile, quarter: Quarter) -> Fraction:
    """Rules 6 to 8 of contract-2018, in hundredths of net days."""
    index, days, employees = national_index(), days_of(profile), employees_of(profile)
    expected = Fraction(0)
    for month in quarter.months:
        reference = [other for other in REFERENCE if other.number == month.number]
        rate = Fraction(sum(days[other] for other in reference), sum(employees[other] * other.weekdays for other in reference))
        factor = index[quarter] * len(reference) / sum(index[other.quarter] for other in reference)
        expected += rate * employees[month] * month.weekdays * factor
    return expected


@BOTH
def test_paxml_says_covid_by_a_code_of_payrolls_own(profile: Profile) -> None:
    history, month = history_of(profile), Month.of(2020, 4)
    codes = AbsenceCodes(FR3="covid", workplace_dimension=1)
    coded: dict[str, set[int]] = defaultdict(set)
    for place in history.touching(month):
        spell = history.spells[place]
        first, last = max(spell.first_day, month.first_day), min(spell.last_day, month.last_day)
        if spell.cause == "covid":
            coded[spell.employee] |= set(range(first.toordinal(), last.toordinal() + 1))
    for by in ("day", "range"):
        content = paxml_extract(history, month, by=by)
        assert paxml.spoken(paxml_xml.document(content, "f.xml"), None).unmapped.keys() == {"FR3"}
        said = paxml.spoken(paxml_xml.document(content, "f.xml"), codes).rows
        covid = [place for place, cause in enumerate(said.cause) if CAUSES[cause] == "covid"]
        found: dict[str, set[int]] = defaultdict(set)
        for place in covid:
            first, last = (date.fromisoformat(str(day)).toordinal() for day in (said.first_day[place], said.last_day[place]))
            found[said.employee[place]] |= set(range(first, last + 1))
        assert found.keys() == coded.keys()
        for who, days in found.items():
            weekend = {day for day in coded[who] - days if date.fromordinal(day).weekday() >= 5}
            assert days | (weekend if by == "day" else set()) == coded[who]


# What the state repaid


def test_the_file_that_the_municipality_sends() -> None:
    content = reimbursements_file(history_of(BOTKYRKA))
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    assert list(lines[0]) == ["month", "sick_pay_cost", "wage_cost", "threshold", "reimbursed"]
    assert [line["month"] for line in lines] == [str(month) for month in Period.parse("2020-04..2021-09")]
    assert [line["threshold"] for line in lines] == ["0.00"] * 4 + ["1.07"] * 14
    for line in lines:
        cost, wages, threshold, reimbursed = (Fraction(value) for value in list(line.values())[1:])
        exact = max(Fraction(0), cost - threshold * wages / 100)
        assert abs(reimbursed - exact) <= Fraction(1, 200)
        assert wages == employees_of(BOTKYRKA)[Month.parse(line["month"])] * 29_800 * Fraction("1.4015")
    semicolons = reimbursements_file(history_of(ORNSKOLDSVIK))
    assert semicolons.startswith(b"month;sick_pay_cost;wage_cost;threshold;reimbursed\n2020-04;")
    assert reimbursements_file(history_of(ORNSKOLDSVIK), delimiter=",") == semicolons.replace(b";", b",")


def test_months_above_and_below_the_threshold() -> None:
    below = {profile.id: [str(row.month) for row in paid(profile) if not row.reimbursed] for profile in (BOTKYRKA, ORNSKOLDSVIK)}
    assert below == {"botkyrka": [], "ornskoldsvik": ["2021-07"]}
    assert [row.reimbursed for row in paid(BOTKYRKA)[:4]] == [row.sick_pay_cost for row in paid(BOTKYRKA)[:4]]


@BOTH
def test_the_cost_is_that_of_short_term_days_less_the_waiting_deduction(profile: Profile) -> None:
    days = days_of(profile)
    for row in paid(profile):
        whole = days[row.month] * Fraction("14.4603")  # kronor for a hundredth of a work day
        assert 0.70 < row.sick_pay_cost / 100 / whole < 0.77


@cache
def paid(profile: Profile) -> list[Reimbursement]:
    return reimbursements(history_of(profile))


def test_the_waiting_deduction_by_example() -> None:
    """April 2020 of one employee: a whole day of each sick-pay period, over the first days where they are part-time."""
    cases = {
        (("2020-04-06", "2020-04-08", 100),): 200,
        (("2020-04-06", "2020-04-08", 50),): 50,
        (("2020-04-06", "2020-04-06", 75),): 0,
        (("2020-04-04", "2020-04-07", 100),): 100,
        (("2020-04-06", "2020-04-08", 100), ("2020-04-13", "2020-04-14", 100)): 400,
        (("2020-04-06", "2020-04-08", 100), ("2020-04-14", "2020-04-15", 100)): 300,
        (("2020-04-06", "2020-04-08", 100), ("2020-04-07", "2020-04-09", 100)): 300,
        (("2020-03-25", "2020-05-31", 100),): 500,
        (("2020-04-20", "2020-05-31", 100),): 800,
    }
    for said, hundredths in cases.items():
        history = one_employee(*said)
        (april,) = reimbursements(history, [Month.of(2020, 4)])
        assert abs(april.sick_pay_cost - hundredths * Fraction("1446.03")) < hundredths / 100 + 1, said


def one_employee(*said: tuple[str, str, int]) -> History:
    whole = history_of(BOTKYRKA)
    spells = tuple(
        whole.spells[0]._replace(first_day=date.fromisoformat(first), last_day=date.fromisoformat(last), extent=extent)
        for first, last, extent in said
    )
    return replace(whole, spells=spells)


def test_no_month_that_the_state_did_not_repay_and_none_after_the_history() -> None:
    with pytest.raises(ValueError, match=r"no reimbursement of 2020-03, 2021-10: the state repaid 2020-04\.\.2021-09"):
        reimbursements(history_of(BOTKYRKA), Period.parse("2020-03..2021-10"))
    with pytest.raises(ValueError, match=r"no reimbursement of 2020-05, .* the history ends with 2020-04"):
        reimbursements(replace(history_of(BOTKYRKA), until=Month.of(2020, 4)), REPAID)
