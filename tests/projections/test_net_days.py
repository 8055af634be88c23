"""``net-days@1`` on random histories: for days 1 to 14 as ``short-term-net-days@1``, additive over numbers, and as two second
opinions count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.lines import CAUSES
from ledger.periods import Month
from projections.rules import short_term_net_days_1
from projections.rules.net_days_1 import net_days, numbered, reach
from projections.rules.short_term_net_days_1 import NUMBERING_REACH, NetDays
from tests import oracle
from tests.projections.test_short_term_days import HISTORIES, WORKPLACES, Spell, columns, days_of
from tests.projections.test_short_term_days import numbered as day_by_day

UNHURRIED = settings(deadline=None, max_examples=100)
NUMBERS = st.tuples(st.integers(1, 90), st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))
MONTHS = [Month(index) for index in range(Month.of(2018, 12).index, Month.of(2021, 1).index)]


def by_month(days: NetDays) -> dict[tuple[str, str], int]:
    """Hundredths by month and workplace."""
    return {(str(month), name): count for month in MONTHS for name, count in days.of(month).items()}


def plainly(spells: Sequence[Spell], first: int, last: int) -> dict[tuple[str, str], int]:
    """The same counted over single days: of an employee's absent days in order each takes its number, and its earliest spell."""
    sums: dict[tuple[str, str], int] = {}
    for employee in {one.employee for one in spells}:
        own = sorted((one for one in spells if one.employee == employee), key=lambda one: one.first)
        for day, number in day_by_day(own).items():
            spell = next((one for one in own if day in days_of(one)), None)
            if first <= number <= last and day.weekday() < 5 and spell is not None:
                key = (day.isoformat()[:7], WORKPLACES[spell.workplace])
                sums[key] = sums.get(key, 0) + spell.extent
    return sums


@UNHURRIED
@given(HISTORIES)
def test_days_1_to_14_are_the_short_term_days(spells: list[Spell]) -> None:
    every = columns(spells)
    assert by_month(net_days(every, 1, 14)) == by_month(short_term_net_days_1.net_days(every))
    (start, days), (begins, length) = numbered(every, 1, 14), short_term_net_days_1.short_term(every)
    assert days.tolist() == length.tolist()
    assert start.tolist() == begins.tolist()
    whole_time = every.extent == 100
    assert by_month(net_days(every, 1, 14, whole_time)) == by_month(short_term_net_days_1.net_days(every, whole_time))
    assert reach(14) == NUMBERING_REACH


@UNHURRIED
@given(HISTORIES, NUMBERS)
def test_any_days_are_counted_as_over_single_days(spells: list[Spell], numbers: tuple[int, int]) -> None:
    assert by_month(net_days(columns(spells), *numbers)) == plainly(spells, *numbers)


@UNHURRIED
@given(HISTORIES, NUMBERS)
def test_any_days_are_counted_as_the_offline_verifier_counts_them(spells: list[Spell], numbers: tuple[int, int]) -> None:
    theirs = [
        oracle.Spell(one.employee, WORKPLACES[one.workplace], one.first, one.last, one.extent, CAUSES[0], 1) for one in spells
    ]
    found = oracle.net_days(theirs, numbers=numbers)
    assert by_month(net_days(columns(spells), *numbers)) == {key: count for key, count in found.items() if count}


@UNHURRIED
@given(HISTORIES, st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_days_cut_in_two_are_the_days(spells: list[Spell], first: int, more: int, most: int) -> None:
    every, middle, last = columns(spells), first + more, first + more + most
    whole, *parts = (by_month(net_days(every, *ends)) for ends in ((first, last), (first, middle), (middle + 1, last)))
    assert whole == {
        key: total for key in whole.keys() | parts[0].keys() | parts[1].keys() if (total := sum(p.get(key, 0) for p in parts))
    }


@UNHURRIED
@given(HISTORIES, NUMBERS)
def test_the_days_before_the_reach_do_not_matter(spells: list[Spell], numbers: tuple[int, int]) -> None:
    """Without the lines that end before the days that its numbering reaches back to, a month's days are the same (rule 4)."""
    month = Month.parse("2019-05")
    since = month.first_day - timedelta(days=reach(numbers[1]))
    touching = [one for one in spells if one.last >= since]
    assert net_days(columns(touching), *numbers).of(month) == net_days(columns(spells), *numbers).of(month)
