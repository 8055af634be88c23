"""Synthetic histories: the same bytes every time, absence as statistics describe it, the stated sums."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from fixtures.synthetic import (
    BOTKYRKA,
    HISTORY_FROM,
    ORNSKOLDSVIK,
    History,
    Profile,
    Spell,
    generate,
    late_notes,
    payroll_extract,
    restated_extract,
    workforce_file,
)
from ledger.periods import Month, Period, Quarter

TREND_FILE = Path(__file__).parents[1] / "fixtures" / "trend" / "trend-scb-ksju-kommun.csv"
UNTIL = Month.of(2020, 2)
REFERENCE = Period.parse("2015-10..2018-09")
BOTH = pytest.mark.parametrize("profile", [BOTKYRKA, ORNSKOLDSVIK], ids=lambda profile: profile.id)
BYTES = {
    "botkyrka": "555560cf033f1135380fb3061ad465b82637c0c2aa25102dd4e367405349dcaf",
    "ornskoldsvik": "32636f6173254c9179d906cc267e15eef4a87d3ff7b4606b44b298554b754d7e",
}


@cache
def national_index() -> dict[Quarter, Fraction]:
    with TREND_FILE.open(encoding="utf-8", newline="") as file:
        return {Quarter.parse(row["quarter"]): Fraction(row["value"]) for row in csv.DictReader(file)}


@cache
def history_of(profile: Profile, until: Month = UNTIL) -> History:
    return generate(profile, national_index(), until)


def rows(history: History, extract: bytes) -> list[dict[str, str]]:
    text = io.StringIO(extract.decode(history.profile.encoding))
    return list(csv.DictReader(text, delimiter=history.profile.delimiter))


def by_employee(history: History) -> dict[str, list[Spell]]:
    spells = defaultdict(list)
    for spell in history.spells:
        spells[spell.employee].append(spell)
    return spells


# The same bytes


@BOTH
@pytest.mark.parametrize("until", [UNTIL, Month.of(2021, 10)], ids=str)
def test_same_seed_same_bytes_on_any_machine(profile: Profile, until: Month) -> None:
    history, months = history_of(profile, until), Period(HISTORY_FROM, UNTIL)
    files = [*(payroll_extract(history, month) for month in months), workforce_file(history, months)]
    assert hashlib.sha256(b"".join(files)).hexdigest() == BYTES[profile.id]


def test_a_longer_history_begins_with_the_shorter_one() -> None:
    shorter, longer = history_of(ORNSKOLDSVIK, Month.of(2019, 8)), history_of(ORNSKOLDSVIK)
    months = Period(HISTORY_FROM, Month.of(2019, 8))
    assert workforce_file(shorter, months) == workforce_file(longer, months)
    for month in months:
        assert payroll_extract(shorter, month) == payroll_extract(longer, month)


# Workforce


def test_head_counts() -> None:
    assert BOTKYRKA.headcount == 6164
    assert ORNSKOLDSVIK.headcount == 4900


@BOTH
def test_workforce_drifts_slightly_one_workplace_closes_and_one_opens(profile: Profile) -> None:
    history = history_of(profile)
    counts: dict[str, dict[Month, int]] = defaultdict(dict)
    for month, workplace, employees in history.workforce:
        counts[workplace][month] = employees
    months = Period(HISTORY_FROM, UNTIL)
    everyone = [sum(count.get(month, 0) for count in counts.values()) for month in months]
    assert max(everyone) < 1.06 * min(everyone)
    closed = [name for name, count in counts.items() if count[UNTIL] == 0]
    opened = [name for name, count in counts.items() if HISTORY_FROM not in count]
    assert len(closed) == len(opened) == 1
    assert all(employees > 0 for month, employees in counts[closed[0]].items() if month < Month.of(2019, 7))
    assert min(counts[opened[0]]) > profile.measured_from


@BOTH
def test_never_more_absent_than_employed_and_nobody_at_a_closed_workplace(profile: Profile) -> None:
    history = history_of(profile)
    employees = {(month, workplace): count for month, workplace, count in history.workforce}
    for month in Period(HISTORY_FROM, UNTIL):
        touching = [history.spells[spell] for spell in history.touching(month)]
        people = {(spell.workplace, spell.employee) for spell in touching}
        absent = Counter(workplace for workplace, _ in people)
        assert all(count <= employees[month, workplace] for workplace, count in absent.items())


# Spells, against published statistics


@BOTH
def test_lengths(profile: Profile) -> None:
    spells = begun_in(history_of(profile), REFERENCE)
    lengths = [(spell.last_day - spell.first_day).days + 1 for spell in spells]

    def share(days: int) -> float:
        return sum(length <= days for length in lengths) / len(lengths)

    assert share(3) == pytest.approx(0.55, abs=0.02)
    assert share(7) == pytest.approx(0.87, abs=0.02)
    assert 0.04 < 1 - share(14) < 0.08
    assert sum(min(length, 14) for length in lengths) / len(lengths) == pytest.approx(4.2, abs=0.3)
    assert max(lengths) > 180


@BOTH
def test_mondays_and_seasons(profile: Profile) -> None:
    spells = begun_in(history_of(profile), REFERENCE)
    weekdays = Counter(spell.first_day.weekday() for spell in spells)
    assert weekdays.most_common(1)[0][0] == 0
    quarters = Counter(Month.holding(spell.first_day).quarter for spell in spells)
    index = national_index()
    level = sum(quarters.values()) / sum(index[quarter] for quarter in quarters)
    for quarter, count in quarters.items():
        assert count == pytest.approx(level * index[quarter], rel=0.1)


@BOTH
def test_a_fifth_has_most_of_the_cost_and_a_third_is_never_sick(profile: Profile) -> None:
    history = history_of(profile)
    cost: Counter[str] = Counter()
    for employee, month, number, percent in counted_days(profile):
        if month.year == 2017 and number > 1:  # the first day is deducted from sick pay
            cost[employee] += percent
    employees = sum(count for month, _, count in history.workforce if month == Month.of(2017, 6))
    costliest = cost.most_common(employees // 5)
    assert sum(percent for _, percent in costliest) / cost.total() == pytest.approx(0.75, abs=0.05)
    sick = {spell.employee for spell in history.spells if spell.first_day.year <= 2017 <= spell.last_day.year}
    leavers = 1.08  # people who worked there in 2017, for each who did on a given day
    assert 1 - len(sick) / (employees * leavers) == pytest.approx(1 / 3, abs=0.05)


@BOTH
def test_frequency_extent_cause_relapse_and_overlap(profile: Profile) -> None:
    history = history_of(profile)
    years = Fraction(sum(count for _, _, count in history.workforce), 12)
    assert len(history.spells) / years == pytest.approx(1.85, abs=0.1)
    total = len(history.spells)
    assert Counter(spell.extent for spell in history.spells)[100] / total == pytest.approx(0.93, abs=0.02)
    assert {spell.extent for spell in history.spells} == {25, 50, 75, 100}
    assert 0.005 < Counter(spell.cause for spell in history.spells)["work-injury"] / total < 0.03
    pairs = [pair for spells in by_employee(history).values() for pair in pairwise(spells)]
    gaps = [(later.first_day - earlier.last_day).days for earlier, later in pairs]
    assert 0.002 < sum(gap <= 0 for gap in gaps) / total < 0.02
    assert 0.03 < sum(0 < gap <= 5 for gap in gaps) / total < 0.15


def test_botkyrka_sends_about_as_many_lines_as_it_should() -> None:
    history = history_of(BOTKYRKA)
    assert 74_000 < sum(len(history.touching(month)) for month in Period(HISTORY_FROM, UNTIL)) < 78_000


@BOTH
def test_no_employee_has_two_spells_with_one_first_day(profile: Profile) -> None:
    history = history_of(profile)
    assert len({(spell.employee, spell.first_day) for spell in history.spells}) == len(history.spells)


# Files


@BOTH
def test_an_extract_holds_what_touches_the_month_and_leaves_open_what_goes_on(profile: Profile) -> None:
    history, month = history_of(profile), Month.of(2019, 3)
    touching = [s for s in history.spells if s.first_day <= month.last_day and s.last_day >= month.first_day]
    lines = rows(history, payroll_extract(history, month))
    assert len(lines) == len(touching)
    for spell, line in zip(touching, lines, strict=True):
        last_day = "" if spell.last_day > month.last_day else spell.last_day.isoformat()
        assert line == {
            "employee": spell.employee,
            "workplace": spell.workplace,
            "first_day": spell.first_day.isoformat(),
            "last_day": last_day,
            "extent": str(spell.extent),
            "cause": spell.cause,
        }
    assert {"", "2019-03-31"} < {line["last_day"] for line in lines}
    assert any(line["first_day"] < "2019-03-01" for line in lines)


def test_what_an_extract_leaves_open_the_next_one_repeats() -> None:
    history = history_of(BOTKYRKA)
    for month in Period.parse("2019-01..2020-01"):
        left_open = {
            (line["employee"], line["first_day"])
            for line in rows(history, payroll_extract(history, month))
            if not line["last_day"]
        }
        next_lines = rows(history, payroll_extract(history, month + 1))
        repeated = {(line["employee"], line["first_day"]) for line in next_lines}
        assert left_open <= repeated


def test_late_notes_are_left_out_and_come_with_the_restated_extract() -> None:
    history, month = history_of(BOTKYRKA), Month.of(2019, 11)
    late = late_notes(history, month, Fraction(2, 100))
    assert late == late_notes(history, month, Fraction(2, 100))
    assert 10 <= len(late) <= 40
    for spell in (history.spells[place] for place in late):
        assert month.first_day <= spell.first_day <= spell.last_day <= month.last_day
    first = payroll_extract(history, month, late).splitlines()
    restated = restated_extract(history, month).splitlines()
    assert len(first) == len(restated) - len(late)
    assert set(first) < set(restated)
    assert restated_extract(history, month) == payroll_extract(history, month)


def test_a_restated_extract_knows_how_spells_ended_since() -> None:
    history, month = history_of(BOTKYRKA), Month.of(2019, 11)
    then, later = (rows(history, restated_extract(history, month, month + months)) for months in (0, 2))
    assert [line["first_day"] for line in then] == [line["first_day"] for line in later]
    assert sum(not line["last_day"] for line in then) > sum(not line["last_day"] for line in later) > 0


def test_each_municipality_sends_files_in_its_own_dress_unless_told_otherwise() -> None:
    history, month = history_of(ORNSKOLDSVIK), Month.of(2019, 11)
    extract = payroll_extract(history, month)
    assert extract.startswith(b"employee;workplace;first_day;last_day;extent;cause\n")
    assert "Äldreboendet".encode("cp1252") in extract
    plain = payroll_extract(history, month, encoding="utf-8", delimiter=",")
    assert plain.decode("utf-8").replace(",", ";") == extract.decode("cp1252")
    assert payroll_extract(history_of(BOTKYRKA), month).startswith(b"employee,workplace,")
    assert workforce_file(history, [month]).startswith(b"month;workplace;employees\n2019-11;")


# Calibration: rules 4 to 8 of contract-2018, computed the plain way


@BOTH
def test_savings_to_february_2020_are_those_that_the_demo_tells_of(profile: Profile) -> None:
    months = savings(profile, national_index())
    assert len(months) == {"botkyrka": 17, "ornskoldsvik": 16}[profile.id]
    million = {"botkyrka": 15.14, "ornskoldsvik": 6.96}[profile.id]
    assert float(sum(months.values())) / 1e6 == pytest.approx(million, abs=0.02)
    quarters: dict[Quarter, Fraction] = defaultdict(Fraction)
    for month, amount in months.items():
        quarters[month.quarter] += amount
    assert min(quarters.values()) > -300_000
    assert max(quarters, key=lambda quarter: quarters[quarter]) == Quarter.parse("2020Q1")


def test_what_the_pandemic_in_the_index_adds_to_botkyrkas_first_months_of_2020() -> None:
    index = national_index()
    undisturbed = index | {Quarter.parse("2020Q1"): index[Quarter.parse("2019Q1")]}
    added = sum(savings(BOTKYRKA, index).values()) - sum(savings(BOTKYRKA, undisturbed).values())
    assert float(added) == pytest.approx(2_696_000, abs=5_000)
    assert float(added) * 0.184 == pytest.approx(496_000, abs=1_000)


def savings(profile: Profile, index: dict[Quarter, Fraction]) -> dict[Month, Fraction]:
    """Savings in kronor of each month of the contract (rules 5 to 8), at 2 140 SEK a net day."""
    net: Counter[Month] = Counter()
    for _, month, _, percent in counted_days(profile):
        net[month] += percent
    employees: Counter[Month] = Counter()
    for month, _, count in history_of(profile).workforce:
        employees[month] += count
    result = {}
    for month in Period(profile.measured_from, UNTIL):
        reference = [other for other in REFERENCE if other.number == month.number]
        worked = sum(employees[other] * other.weekdays for other in reference)
        rate = Fraction(sum(net[other] for other in reference), worked)
        factor = index[month.quarter] * len(reference) / sum(index[other.quarter] for other in reference)
        result[month] = (rate * employees[month] * month.weekdays * factor - net[month]) * Fraction(2140, 100)
    return result


@cache
def counted_days(profile: Profile) -> list[tuple[str, Month, int, int]]:
    """Short-term weekdays (rule 4): employee, month, number in the sick-pay period, per cent absent."""
    days = []
    for employee, spells in by_employee(history_of(profile)).items():
        latest, number = 0, 0
        for spell in spells:
            first, last = spell.first_day.toordinal(), spell.last_day.toordinal()
            between = range(latest + 1, first)
            if len(between) <= 2 and not any(is_weekday(day) for day in between):
                number += len(between)
            elif first - latest > 5:
                number = 0
            for day in range(max(first, latest + 1), last + 1):
                number += 1
                if number > 14:
                    break
                if is_weekday(day):
                    days.append((employee, month_of(day), number, spell.extent))
            latest = max(latest, last)
    return days


def is_weekday(day: int) -> bool:
    return (day - 1) % 7 < 5


@cache
def month_of(day: int) -> Month:
    return Month.holding(date.fromordinal(day))


def begun_in(history: History, period: Period) -> list[Spell]:
    return [spell for spell in history.spells if period.first_day <= spell.first_day <= period.last_day]
