"""Which days are short-term, and how many net days they make (rules 4 and 5), against a walk over single days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.periods import Month
from projections.absences import Spells
from projections.columns import day_number
from projections.rules.short_term_net_days_1 import CONTINUES_WITHIN, NUMBERING_REACH, SICK_PAY_DAYS, net_days, short_term

WORKPLACES = ("Fittja", "Tumba")
ONE_DAY = timedelta(days=1)
UNHURRIED = settings(deadline=None, max_examples=200)


class Spell(NamedTuple):
    """Absent from ``first`` to ``last``, both included. ``workplace`` indexes WORKPLACES."""

    first: date
    last: date
    extent: int = 100
    workplace: int = 0
    employee: int = 1


def sick(first: str, last: str | None = None, extent: int = 100, workplace: int = 0, employee: int = 1) -> Spell:
    """``sick("09-16", "09-19")`` of 2019."""
    days = [date.fromisoformat(text if len(text) > 5 else f"2019-{text}") for text in (first, last or first)]
    return Spell(days[0], days[1], extent, workplace, employee)


def columns(spells: Sequence[Spell]) -> Spells:
    """The spells as the ledger holds them, ordered by employee and first day."""
    ordered = sorted(spells, key=lambda one: (one.employee, one.first))

    def column(values: Iterable[int]) -> np.ndarray:
        return np.array(list(values), dtype=np.int64)

    return Spells(
        workplaces=WORKPLACES,
        employee=column(one.employee for one in ordered),
        workplace=column(one.workplace for one in ordered),
        first=column(day_number(one.first) for one in ordered),
        last=column(day_number(one.last) for one in ordered),
        extent=column(one.extent for one in ordered),
        cause=column(0 for _ in ordered),
        report=column(1 for _ in ordered),
        line=column(range(len(ordered))),
        open=column(0 for _ in ordered),
    )


# ── A second opinion, day by day ─────────────────────────────────────────────────────────────────────────────────────


def days_of(spell: Spell) -> list[date]:
    return [spell.first + ONE_DAY * offset for offset in range((spell.last - spell.first).days + 1)]


def numbered(spells: Iterable[Spell]) -> dict[date, int]:
    """The number in its sick-pay period of every absent day of one employee, bridged Saturdays and Sundays among them."""
    absent = {day for spell in spells for day in days_of(spell)}
    for day in sorted(absent):
        after = next((later for later in sorted(absent) if later > day), day)
        between = [day + ONE_DAY * offset for offset in range(1, (after - day).days)]
        if all(one.weekday() >= 5 for one in between):
            absent |= set(between)
    numbers: dict[date, int] = {}
    previous: date | None = None
    for day in sorted(absent):
        goes_on = previous is not None and (day - previous).days <= 5
        numbers[day] = numbers[previous] + 1 if goes_on and previous is not None else 1
        previous = day
    return numbers


def counted(spells: Iterable[Spell]) -> dict[tuple[int, date], Spell]:
    """Every short-term day that a spell counts: (employee, day) → the earliest spell that covers it."""
    found: dict[tuple[int, date], Spell] = {}
    for employee in {one.employee for one in spells}:
        own = sorted((one for one in spells if one.employee == employee), key=lambda one: one.first)
        for day, number in numbered(own).items():
            covering = [one for one in own if one.first <= day <= one.last]
            if number <= 14 and covering:
                found[employee, day] = covering[0]
    return found


def hundredths(spells: Sequence[Spell]) -> dict[tuple[str, str], int]:
    """Net days × 100 by month and workplace: Monday to Friday, each times the extent in per cent (rule 5)."""
    sums: dict[tuple[str, str], int] = {}
    for (_, day), spell in counted(spells).items():
        if day.weekday() < 5:
            key = (day.isoformat()[:7], WORKPLACES[spell.workplace])
            sums[key] = sums.get(key, 0) + spell.extent
    return sums


# ── The ledger's answers in the same words ───────────────────────────────────────────────────────────────────────────


def ledger_counted(spells: Sequence[Spell]) -> dict[tuple[int, date], Spell]:
    ordered = sorted(spells, key=lambda one: (one.employee, one.first))
    start, days = short_term(columns(spells))
    found: dict[tuple[int, date], Spell] = {}
    for spell, begins, length in zip(ordered, start.tolist(), days.tolist(), strict=True):
        for number in range(begins, begins + length):
            key = (spell.employee, date.fromordinal(date(1970, 1, 1).toordinal() + number))
            assert key not in found, "a day is counted once"
            found[key] = spell
    return found


def ledger_hundredths(spells: Sequence[Spell]) -> dict[tuple[str, str], int]:
    table = net_days(columns(spells))
    every = [Month.holding(day) for spell in spells for day in (spell.first, spell.last)]
    if not every:
        return {}
    sums: dict[tuple[str, str], int] = {}
    for index in range(min(every).index - 1, max(every).index + 2):
        month = Month(index)
        sums |= {(str(month), name): days for name, days in table.of(month).items()}
    return sums


def short_days(*spells: Spell) -> list[str]:
    """The short-term days that are counted, weekends included, as 09-16."""
    assert ledger_counted(spells).keys() == counted(spells).keys()
    return sorted(day.isoformat()[5:] for _, day in ledger_counted(spells))


def days(first: str, last: str) -> list[str]:
    return [day.isoformat()[5:] for day in days_of(sick(first, last))]


# ── Rule 4, row by row (2019: 16 September and 7 October are Mondays) ────────────────────────────────────────────────


def test_the_constants_of_the_law() -> None:
    assert (SICK_PAY_DAYS, CONTINUES_WITHIN, NUMBERING_REACH) == (14, 5, 70)


def test_monday_to_thursday_and_tuesday_again_is_day_five() -> None:
    again = [sick("09-16", "09-19"), sick("09-24")]
    assert numbered(again)[date(2019, 9, 24)] == 5
    long = [sick("09-16", "09-19"), sick("09-24", "10-31")]
    assert short_days(*long) == [*days("09-16", "09-19"), *days("09-24", "10-03")]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param("09-20", "09-29", id="the day after: ten days are left"),
        pytest.param("09-21", "09-30", id="Friday between"),
        pytest.param("09-23", "10-02", id="Friday to Sunday between"),
        pytest.param("09-24", "10-03", id="five days after the last"),
        pytest.param("09-25", "10-08", id="six days after: a new period, fourteen days"),
        pytest.param("09-26", "10-09", id="seven days after"),
    ],
)
def test_within_five_days_the_period_goes_on(first: str, last: str) -> None:
    """Sick 16–19 September, four days, and again through October."""
    assert short_days(sick("09-16", "09-19"), sick(first, "10-31")) == [*days("09-16", "09-19"), *days(first, last)]


@pytest.mark.parametrize(
    ("before", "after", "last"),
    [
        pytest.param("09-20", "09-23", "09-29", id="Saturday and Sunday between are days six and seven"),
        pytest.param("09-21", "09-23", "09-29", id="Sunday between is day seven"),
        pytest.param("09-20", "09-22", "09-29", id="Saturday between is day six"),
        pytest.param("09-19", "09-23", "10-02", id="Friday to Sunday between: no day of them is absent"),
        pytest.param("09-20", "09-24", "10-02", id="Saturday to Monday between: no day of them is absent"),
    ],
)
def test_a_weekend_between_is_absent_too(before: str, after: str, last: str) -> None:
    """Sick from Monday 16 September, and again through October."""
    assert short_days(sick("09-16", before), sick(after, "10-31")) == [*days("09-16", before), *days(after, last)]


def test_a_bridged_weekend_makes_no_net_days_but_uses_up_numbers() -> None:
    spells = [sick("09-16", "09-20"), sick("09-23", "09-27"), sick("09-30", "10-04")]
    assert numbered(spells)[date(2019, 9, 30)] == 15
    assert ledger_hundredths(spells) == {("2019-09", "Fittja"): 1000} == hundredths(spells)


def test_a_bridged_weekend_is_no_latest_day_by_itself() -> None:
    """Friday 20, then Thursday 26: six days, though Sunday would have been four before."""
    assert short_days(sick("09-20"), sick("09-26", "10-31")) == ["09-20", *days("09-26", "10-09")]


def test_fourteen_days() -> None:
    assert short_days(sick("09-16", "10-31")) == days("09-16", "09-29")
    assert short_days(sick("09-16", "09-29")) == days("09-16", "09-29")
    assert ledger_hundredths([sick("09-16", "10-31")]) == {("2019-09", "Fittja"): 1000}


def test_after_fourteen_days_the_period_goes_on_without_any() -> None:
    """Healthy for five days is not enough; for six it is."""
    assert short_days(sick("09-02", "09-15"), sick("09-20", "10-31")) == days("09-02", "09-15")
    assert short_days(sick("09-02", "09-15"), sick("09-21", "10-31")) == [*days("09-02", "09-15"), *days("09-21", "10-04")]


def test_a_long_spell_is_the_latest_day_until_it_ends() -> None:
    """A day within a long spell, and one just after it, are of its period."""
    assert short_days(sick("08-01", "09-15"), sick("08-20"), sick("09-18", "09-19")) == days("08-01", "08-14")


def test_single_days_every_five() -> None:
    """Numbering reaches back 70 days: 14 days, each five after the last; the fifteenth no longer counts."""
    spells = [sick((date(2019, 7, 1) + ONE_DAY * 5 * number).isoformat()) for number in range(16)]
    assert short_days(*spells) == [one.first.isoformat()[5:] for one in spells[:14]]
    assert (spells[13].first - spells[0].first).days == NUMBERING_REACH - 5


def test_a_day_covered_twice_is_counted_once_by_the_earlier_spell() -> None:
    half, whole = sick("09-16", "09-20", extent=50), sick("09-18", "09-24", workplace=1)
    assert short_days(half, whole) == days("09-16", "09-24")
    assert ledger_hundredths([half, whole]) == {("2019-09", "Fittja"): 250, ("2019-09", "Tumba"): 200}


def test_a_spell_within_another_counts_nothing() -> None:
    spells = [sick("09-16", "09-27"), sick("09-18", "09-19", extent=25, workplace=1)]
    assert ledger_hundredths(spells) == {("2019-09", "Fittja"): 1000}


def test_part_time_is_counted_by_its_extent() -> None:
    spells = [sick("09-16", "09-17", extent=100), sick("09-18", "09-19", extent=50), sick("09-20", extent=25)]
    assert ledger_hundredths(spells) == {("2019-09", "Fittja"): 325}


def test_a_day_belongs_to_the_month_it_falls_in() -> None:
    assert ledger_hundredths([sick("09-26", "10-04")]) == {("2019-09", "Fittja"): 300, ("2019-10", "Fittja"): 400}
    over_new_year = [sick("2019-12-30", "2020-01-31")]
    assert ledger_hundredths(over_new_year) == {("2019-12", "Fittja"): 200, ("2020-01", "Fittja"): 800}
    whole_february = [sick("2019-01-25", "2019-03-05")]
    assert ledger_hundredths(whole_february) == {("2019-01", "Fittja"): 500, ("2019-02", "Fittja"): 500}


def test_a_leap_day_counts() -> None:
    assert ledger_hundredths([sick("2016-02-26", "2016-03-01")]) == {("2016-02", "Fittja"): 200, ("2016-03", "Fittja"): 100}
    assert short_days(sick("2016-02-28", "2016-03-31"))[:3] == ["02-28", "02-29", "03-01"]


def test_public_holidays_are_not_left_out() -> None:
    """Midsummer's eve 2019-06-21 and 25 December are weekdays."""
    assert ledger_hundredths([sick("06-21"), sick("12-25")]) == {("2019-06", "Fittja"): 100, ("2019-12", "Fittja"): 100}


def test_employees_have_periods_of_their_own() -> None:
    spells = [sick("09-02", "09-15"), sick("09-16", "09-20", employee=2), sick("09-16", "09-20")]
    assert ledger_hundredths(spells) == {("2019-09", "Fittja"): 1500}


def test_nobody_absent() -> None:
    assert ledger_hundredths([]) == {}
    assert net_days(columns([])).of(Month.parse("2019-09")) == {}
    assert net_days(columns([sick("09-16")])).of(Month.parse("2025-01")) == {}


# ── Generated spells ─────────────────────────────────────────────────────────────────────────────────────────────────

FIRST = date(2019, 1, 14)


@st.composite
def spells_of(draw: st.DrawFn, employee: int) -> list[Spell]:
    """Spells of one employee, first days apart: gaps around the five days and the weekend are common."""
    first, spells = FIRST + ONE_DAY * draw(st.integers(0, 30)), []
    for _ in range(draw(st.integers(0, 9))):
        length = draw(st.integers(1, 9) | st.integers(10, 40))
        extent, workplace = draw(st.sampled_from([25, 50, 75, 100])), draw(st.integers(0, 1))
        spells.append(Spell(first, first + ONE_DAY * (length - 1), extent, workplace, employee))
        first += ONE_DAY * draw(st.integers(1, 4) | st.just(length) | st.integers(length, length + 8))
    return spells


HISTORIES = st.tuples(*(spells_of(employee) for employee in (1, 2, 7))).map(lambda parts: [one for part in parts for one in part])


@UNHURRIED
@given(HISTORIES)
def test_every_day_is_counted_as_day_by_day(spells: list[Spell]) -> None:
    assert ledger_counted(spells) == counted(spells)
    assert ledger_hundredths(spells) == hundredths(spells)


def by_working_day(spell: Spell) -> list[Spell]:
    """The same absence as payroll by working day has it: a line a day, Monday to Friday."""
    return [spell._replace(first=day, last=day) for day in days_of(spell) if day.weekday() < 5]


def from_weekday_to_weekday(spells: list[Spell]) -> list[Spell]:
    """The spells, beginning and ending on weekdays; nothing covered twice."""
    kept: list[Spell] = []
    for spell in spells:
        working = by_working_day(spell)
        free = not kept or kept[-1].employee != spell.employee or kept[-1].last < spell.first
        if working and free:
            kept.append(spell._replace(first=working[0].first, last=working[-1].last))
    return kept


@UNHURRIED
@given(HISTORIES)
def test_payroll_by_working_day_and_from_to_give_the_same(spells: list[Spell]) -> None:
    whole = from_weekday_to_weekday(spells)
    assert ledger_hundredths([day for spell in whole for day in by_working_day(spell)]) == ledger_hundredths(whole)


@UNHURRIED
@given(HISTORIES)
def test_the_days_before_the_numbering_reach_do_not_matter(spells: list[Spell]) -> None:
    """Without the lines that end more than 70 days before a month, its days are the same (rule 4)."""
    month = Month.parse("2019-05")
    touching = [one for one in spells if one.last >= month.first_day - ONE_DAY * NUMBERING_REACH]

    def within(found: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        return {key: value for key, value in found.items() if key[0] == str(month)}

    assert within(ledger_hundredths(touching)) == within(ledger_hundredths(spells))
