"""Waiting days and deductions, against a walk over single days and the days of the law's own examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.lines import CAUSES
from ledger.periods import Month
from projections.rules.short_term_net_days_1 import net_days
from projections.waiting import DEDUCTION_FROM, PaidDays, paid_days
from tests.projections.rules.reading import spells_of


class Spell(NamedTuple):
    """A line of ``spells_of``."""

    employee: int
    first: date
    last: date
    extent: int = 100
    workplace: str = "Fittja"
    cause: str = "sick"

    def __str__(self) -> str:
        return f"{self.employee} {self.workplace} {self.first}..{self.last} {self.extent} {self.cause}"


def days_of(*spells: Spell) -> PaidDays:
    return paid_days(spells_of([str(one) for one in sorted(spells)]))


def sick(first: str, last: str, extent: int = 100, employee: int = 1) -> Spell:
    return Spell(employee, date.fromisoformat(first), date.fromisoformat(last), extent)


def waits(*spells: Spell) -> dict[str, int]:
    """Hundredths of days without pay, by month."""
    days = days_of(*spells)
    months = {Month.holding(day) for one in spells for day in (one.first, one.last)}
    found = {str(month): int(days.waiting[days.of(month)].sum()) for month in sorted(months)}
    return {month: amount for month, amount in found.items() if amount}


# ── Examples ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_before_2019_day_1_is_without_pay() -> None:
    assert waits(sick("2018-10-01", "2018-10-05")) == {"2018-10": 100}
    assert waits(sick("2018-10-01", "2018-10-05", 25)) == {"2018-10": 25}, "the rest of that day was worked"


def test_before_2019_a_day_1_on_a_weekend_costs_nothing() -> None:
    assert waits(sick("2018-10-06", "2018-10-10")) == {}


def test_from_2019_a_whole_day_is_deducted_from_the_first_days_on() -> None:
    assert waits(sick("2019-03-04", "2019-03-08")) == {"2019-03": 100}
    assert waits(sick("2019-03-02", "2019-03-08")) == {"2019-03": 100}, "it begins on a Saturday"


def test_the_deduction_is_never_more_than_the_sick_pay() -> None:
    assert waits(sick("2019-03-04", "2019-03-04", 50)) == {"2019-03": 50}
    assert waits(sick("2019-03-04", "2019-03-06", 25)) == {"2019-03": 75}


def test_it_is_carried_on_within_the_period_until_it_is_made() -> None:
    assert waits(sick("2019-01-31", "2019-02-05", 50)) == {"2019-01": 50, "2019-02": 50}
    assert waits(sick("2019-03-04", "2019-03-04", 50), sick("2019-03-06", "2019-03-08", 100)) == {"2019-03": 100}


def test_a_relapse_within_five_days_waits_no_more() -> None:
    first = sick("2019-03-04", "2019-03-05")
    assert waits(first, sick("2019-03-10", "2019-03-15")) == {"2019-03": 100}
    assert waits(first, sick("2019-03-11", "2019-03-15")) == {"2019-03": 200}


def test_a_period_begun_in_2018_keeps_its_rule() -> None:
    assert waits(sick("2018-12-30", "2019-01-04")) == {}, "day 1 was a Sunday"
    assert waits(sick("2018-12-31", "2019-01-04")) == {"2018-12": 100}
    assert waits(sick("2018-12-31", "2019-01-04", 50)) == {"2018-12": 50}, "half of its first day"
    assert waits(sick("2019-01-01", "2019-01-04", 50)) == {"2019-01": 100}, "two halves"


def test_days_after_the_fourteenth_carry_no_sick_pay_and_no_waiting() -> None:
    days = days_of(sick("2019-03-04", "2019-05-31"))
    assert (int(days.hundredths.sum()), int(days.waiting.sum())) == (1000, 100)


def test_nobody_absent() -> None:
    days = days_of()
    assert (len(days.month), days.persons(days.of(Month.of(2019, 1)))) == (0, 0)
    assert len(days.at(frozenset({"Fittja"}))) == len(days.caused(("sick",))) == 0


def test_rows_by_workplace_and_cause() -> None:
    one, other = date(2019, 3, 4), date(2019, 3, 5)
    days = days_of(Spell(1, one, one), Spell(2, one, one, 100, "Tumba", "covid"), Spell(2, other, other, 100, "Tumba"))
    assert days.persons(days.at(frozenset({"Tumba"}))) == 1
    assert int(days.hundredths[days.caused(("covid", "work-injury"))].sum()) == 100
    assert not days.caused(()).any()
    assert int(days.hundredths[days.at(frozenset())].sum()) == 0


# ── Against a walk over single days ──────────────────────────────────────────────────────────────────────────────────


def walked(spells: Sequence[Spell]) -> tuple[Counter[Month], Counter[Month]]:
    """Hundredths of net days numbered 1–14, and of those without pay, by month."""
    paid: Counter[Month] = Counter()
    unpaid: Counter[Month] = Counter()
    for _, own in groupby(sorted(spells), key=lambda one: one.employee):
        left, old = 0, False
        for day, number, extent in numbered(own):
            if number == 1:
                left, old = 100, day < DEDUCTION_FROM
            if day.weekday() < 5:
                taken = (extent if number == 1 else 0) if old else min(left, extent)
                left -= taken
                paid[Month.holding(day)] += extent
                unpaid[Month.holding(day)] += taken
    return paid, unpaid


def numbered(spells: Iterator[Spell]) -> Iterator[tuple[date, int, int]]:
    """An employee's days: day, number in the sick-pay period, extent (rule 4)."""
    latest, number = date.min, 0
    for one in spells:
        gap = (one.first - latest).days
        between = [latest + timedelta(days) for days in range(1, min(gap, 4))]
        if gap > 5:
            number = 0
        elif between and len(between) <= 2 and all(day.weekday() >= 5 for day in between):
            number += len(between)
        day = max(one.first, latest + timedelta(1))
        while day <= one.last:
            number += 1
            if number <= 14:
                yield day, number, one.extent
            day += timedelta(1)
        latest = max(latest, one.last)


SPELLS = st.lists(
    st.builds(
        lambda employee, first, days, extent, cause: Spell(
            employee, first, first + timedelta(days=days), extent, "Fittja", cause
        ),
        st.integers(1, 3),
        st.dates(date(2018, 11, 15), date(2019, 2, 15)),
        st.integers(0, 20),
        st.sampled_from([100, 75, 50, 25, 1]),
        st.sampled_from(CAUSES),
    ),
    max_size=14,
    unique_by=lambda one: (one.employee, one.first),
)


@settings(max_examples=400, deadline=None)
@given(spells=SPELLS)
def test_a_walk_over_single_days_says_the_same(spells: list[Spell]) -> None:
    days = days_of(*spells)
    paid, unpaid = walked(spells)
    table = net_days(spells_of([str(one) for one in sorted(spells)]))
    for month in (Month.of(2018, 11) + number for number in range(6)):
        rows = days.of(month)
        assert int(days.hundredths[rows].sum()) == paid[month] == sum(table.of(month).values())
        assert int(days.waiting[rows].sum()) == unpaid[month]
    assert (days.waiting <= days.hundredths).all()
    assert (days.hundredths <= days.whole).all()
