"""Workplaces with high or increasing absence: by hand, against the oracle, and what others than the employer may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from ledger.errors import Refused
from ledger.periods import Month, Period
from projections.audience import FEWEST, Audience, withheld
from projections.measured import Measured
from projections.target_workplaces import Place, Targets, target_workplaces
from tests import histories, oracle, oracle_risk_group
from tests.oracle_risk_group import Everybody
from tests.projections.test_risk_group import FIRST, LATER, PLACES, Spell, evidence, sick
from tests.test_against_oracle import TIMES, Player, memory

OTHERS: tuple[Audience, ...] = ("provider", "auditor", "public")
HEADS = {"Fittja": 60, "Tumba": 40}


def targets(spells: Sequence[Spell], months: int = 24, audience: Audience = "payer", **more: Any) -> Targets:
    bar = more.pop("bar", None)
    return target_workplaces(evidence(spells, months, **more), more.pop("until", LATER), audience, bar)


def names(places: Sequence[Place]) -> list[str]:
    return [one.name for one in places]


def at(found: Targets, name: str) -> Place:
    return next(one for one in found.places if one.name == name)


# ── By hand: 2018 is the year before, 2019 the year ──────────────────────────────────────────────────────────────────


def test_net_days_an_employee_against_the_mean_and_the_year_before() -> None:
    """Fittja, 60: 5 days in 2018, 15 in 2019. Tumba, 40: 10 and 5. The mean of 2019: 20 days of 100."""
    spells = [
        *sick(1, "2018-03-05", length=5),
        *sick(1, "2019-03-04", "2019-05-06", "2019-09-02", length=5),
        *sick(2, "2018-03-05", "2018-06-04", length=5, workplace="Tumba"),
        *sick(2, "2019-03-04", length=5, workplace="Tumba"),
    ]
    found = targets(spells)
    assert (str(found.months), str(found.before)) == ("2019-01..2019-12", "2018-01..2018-12")
    assert found.mean == found.bar == Fraction(20, 100)
    assert names(found.places) == ["Fittja", "Tumba"]
    fittja, tumba = found.places
    assert (fittja.now.rate, fittja.excess, fittja.excess_days) == (Fraction(15, 60), Fraction(1, 20), 3)
    assert (tumba.now.rate, tumba.excess, tumba.excess_days) == (Fraction(5, 40), Fraction(-3, 40), -3)
    assert [(one.high, one.increasing) for one in found.places] == [(True, True), (False, False)]
    assert found.all_before is not None
    assert found.all_before.rate == Fraction(15, 100)


def test_the_bar_is_a_parameter_and_the_same_is_not_above() -> None:
    spells = [*sick(1, "2018-03-05", length=5), *sick(1, "2019-03-04", length=5)]
    fittja = at(targets(spells, bar=Fraction(5, 60)), "Fittja")
    assert (fittja.high, fittja.increasing, fittja.excess) == (False, False, 0)
    assert at(targets(spells, bar=Fraction(49, 600)), "Fittja").high


def test_days_beyond_the_fourteenth_do_not_count() -> None:
    """Nor does who has no other days that year."""
    fittja = at(targets(sick(1, "2019-03-04", length=28) + sick(2, "2018-11-05", length=90)), "Fittja")
    assert (fittja.now.hundredths, fittja.now.persons) == (1000, 1)


def test_a_workplace_that_was_not_there_before_is_neither_increasing_nor_not() -> None:
    one = evidence(sick(1, "2019-08-05", length=5, workplace="Tumba"), 24)
    for month, here in one.coverage.counts.items():
        if month < Month.parse("2019-07"):
            del here["Tumba"]
    tumba = at(target_workplaces(one, LATER, "payer"), "Tumba")
    assert (tumba.before, tumba.increasing) == (None, None)
    assert tumba.now.heads == 6 * 40
    assert tumba.now.rate == Fraction(5, 20)  # as if it had been there for twelve months


def test_twelve_months_that_are_not_all_reported_are_refused_and_named() -> None:
    lacking = frozenset({Month.parse("2019-03"), Month.parse("2019-05")})
    with pytest.raises(Refused, match="2019-03: no complete absence report for Tumba; 2019-05: no complete") as refused:
        targets([], lacking=lacking)
    assert "soc evidence tiny 2019-01..2019-12" in str(refused.value)
    with pytest.raises(Refused, match="no headcounts of tiny are recorded for months that ended by 2017-12-31"):
        target_workplaces(evidence([], 24), date(2017, 12, 31), "payer")
    with pytest.raises(Refused, match="nobody is employed"):
        targets([], heads={"Fittja": 0})


def test_where_the_year_before_is_not_reported_nothing_is_said_to_increase() -> None:
    found = targets(sick(1, "2019-03-04"), lacking=frozenset({Month.parse("2018-03")}))
    assert found.before_missing == "2018-03: no complete absence report for Tumba"
    assert [one.increasing for one in found.places] == [None, None]
    assert found.all_before is None
    assert at(found, "Fittja").high


def test_nothing_after_the_date_is_looked_at() -> None:
    found = target_workplaces(evidence(sick(1, "2019-12-02"), 24), date(2019, 12, 30), "payer")
    assert str(found.months) == "2018-12..2019-11"
    assert found.all_now.hundredths == 0


# ── Against the oracle ───────────────────────────────────────────────────────────────────────────────────────────────


def history_fault(seed: int) -> str | None:
    """Whether both have the same days and headcounts of each workplace, in both years; and the net days that are paid by."""
    ledger = memory()
    player = Player(ledger)
    for step in histories.savings(seed):
        player.play(step)
    until = player.today - timedelta(days=Random(seed).choice((0, 0, 40)))
    measured = Measured(ledger.facts(), player.id, "payroll")
    heads = oracle_risk_group.heads_of(ledger.plain, player.id)
    complete = oracle_risk_group.complete_of(ledger.plain, player.id, "payroll", heads)
    last = max(month for month in heads if oracle_risk_group.last_day(month) <= until)
    known = [all(complete(month) for month in range(first, first + 12)) for first in (last - 11, last - 23)]
    try:
        found = target_workplaces(measured, until, "payer")
    except Refused as refused:
        employed = any(heads.get(month, {}).values() for month in range(last - 11, last + 1))
        return f"refused: {refused}" if known[0] and employed else None
    spells = oracle.spells_in_force(ledger.plain, ledger.columns, player.id, "payroll", len(ledger.records))
    everybody = Everybody(spells, heads)
    theirs = everybody.by_workplace(last)
    ours = {one.name: (one.now.hundredths, one.now.heads) for one in found.places}
    before = {one.name: (one.before.hundredths, one.before.heads) for one in found.places if one.before is not None}
    earlier = {name: year for name, year in everybody.by_workplace(last - 12).items() if name in ours} if known[1] else {}
    paid_by = sum(measured.hundredths(month) for month in found.months)
    if not known[0] or (ours, before, found.all_now.hundredths) != (theirs, earlier, paid_by):
        return f"{ours} after {before} in the ledger, {theirs} after {earlier} by the oracle; {paid_by} net days are paid by"
    return None


def test_random_histories() -> None:
    for seed in range(int(60 * TIMES)):
        found = history_fault(seed)
        assert found is None, f"seed {seed}: {found}"


# ── Who may see what ─────────────────────────────────────────────────────────────────────────────────────────────────


def every_month(persons: int, workplace: str, since: int = 1, months: int = 24, without: tuple[int, ...] = ()) -> list[Spell]:
    """So many persons absent on the 10th and two days more, every month but those."""
    firsts = [(FIRST + number).first_day + timedelta(days=9) for number in range(months) if number not in without]
    return [
        Spell(since + number, first, first + timedelta(days=2), workplace=workplace)
        for number in range(persons)
        for first in firsts
    ]


@pytest.mark.parametrize("audience", OTHERS)
def test_workplaces_of_many_are_shown(audience: Audience) -> None:
    spells = every_month(5, "Fittja") + every_month(5, "Tumba", since=50)
    assert [set(one.hidden) for one in targets(spells, audience=audience).places] == [set(), set()]


@pytest.mark.parametrize("audience", OTHERS)
def test_a_workplace_of_few_is_withheld_and_another_with_it(audience: Audience) -> None:
    """The contract's total is exact: with one alone withheld it would follow."""
    spells = every_month(4, "Fittja") + every_month(20, "Tumba", since=50)
    assert [set(one.hidden) for one in targets(spells, audience=audience).places] == [{"now", "before"}] * 2
    assert [set(one.hidden) for one in targets(spells).places] == [set()] * 2


def test_one_month_of_few_withholds_the_year() -> None:
    """Who has the other eleven months has the twelfth."""
    spells = every_month(4, "Fittja") + every_month(3, "Fittja", since=20, without=(15,)) + every_month(20, "Tumba", since=50)
    hidden = [set(one.hidden) for one in targets(spells, audience="public").places]
    assert hidden == [{"now"}] * 2  # April 2019; all of 2018 rests on seven


def test_withheld_workplaces_come_last_by_name() -> None:
    heads = {"Fittja": 10, "Tumba": 10}
    found = targets(every_month(4, "Tumba"), audience="public", heads=heads)
    assert names(found.places) == ["Fittja", "Tumba"]
    assert names(targets(every_month(4, "Tumba"), heads=heads).places) == ["Tumba", "Fittja"]


def test_a_shown_year_is_the_sum_of_shown_months() -> None:
    """So it tells nothing that the months' tables do not."""
    for seed in range(40):
        draw = Random(seed)
        spells = [
            Spell(number, day, day + timedelta(days=draw.randint(0, 4)), workplace=draw.choice(PLACES))
            for number in range(draw.randint(5, 12))
            for month in range(24)
            if draw.random() < 0.9
            for day in [(FIRST + month).first_day + timedelta(days=draw.randint(0, 9))]
        ]
        found = targets(spells, audience="public")
        everybody = Everybody(spells, {(FIRST + number).index: HEADS for number in range(24)})
        for one in found.places:
            for key, months in (("now", found.months), ("before", found.before)):
                fewest = min(_persons(everybody, month, one.name) for month in months)
                assert key in one.hidden or fewest >= FEWEST
                assert _hidden_in_some(everybody, months, one.name) == (key in one.hidden)


def _persons(everybody: Everybody, month: Month, name: str) -> int:
    return sum(
        any(
            day.weekday() < 5 and oracle_risk_group.month_of(day) == month.index and spell.workplace == name
            for day, spell in person.by_day.items()
            if person.number[day] <= 14
        )
        for person in everybody.persons.values()
    )


def _hidden_in_some(everybody: Everybody, months: Period, name: str) -> bool:
    """Of two workplaces both are withheld where either is."""
    return any(
        name in withheld({one: _persons(everybody, month, one) for one in PLACES}, "public", lambda _: 0) for month in months
    )
