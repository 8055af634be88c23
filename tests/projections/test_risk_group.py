"""The risk group by month: by hand, against the oracle on random histories, and what others than the employer may see of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.facts import Facts
from ledger.periods import Month
from projections.absences import Spells
from projections.audience import FEWEST, Audience
from projections.columns import day_number
from projections.measured import Measured
from projections.risk_group import FIGURES, USUAL, Group, MonthAnswer, Part, hidden, risk_group
from tests import histories, oracle, oracle_risk_group
from tests.oracle_risk_group import Everybody
from tests.test_against_oracle import TIMES, Player, memory

PLACES = ("Fittja", "Tumba")
FIRST = Month.parse("2018-01")
LATER = date(2030, 1, 1)
OTHERS: tuple[Audience, ...] = ("provider", "auditor", "public")

counted: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _say_what_was_compared() -> Iterator[None]:
    yield
    if "months of histories" in counted:
        assert counted["months of histories"] > 500 * TIMES
        assert counted["of them with long-term leave known"] > 50 * TIMES


# ── Evidence as plain values ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Spell:
    """Absent from ``first`` to ``last``, both included."""

    employee: int
    first: date
    last: date
    extent: int = 100
    workplace: str = PLACES[0]


@dataclass
class Coverage:
    counts: dict[Month, dict[str, int]]


@dataclass
class Evidence:
    """What ``risk_group`` asks of ``Measured``: months are complete where they have headcounts, but for the ``lacking``."""

    spells: Spells
    coverage: Coverage
    lacking: frozenset[Month] = frozenset()
    contract: str = "tiny"
    unnumbered: frozenset[Month] = field(default_factory=frozenset)

    def incomplete(self, month: Month) -> str | None:
        missing = month in self.lacking or not self.coverage.counts.get(month)
        return f"{month}: no complete absence report for Tumba" if missing else None

    def employees(self, month: Month) -> int:
        return sum(self.coverage.counts[month].values())

    def numbering_known(self, month: Month) -> bool:
        return month not in self.unnumbered


def columns(spells: Sequence[Spell]) -> Spells:
    """The spells as the ledger holds them, ordered by employee and first day."""
    ordered = sorted(spells, key=lambda one: (one.employee, one.first))
    days = [
        (one.employee, PLACES.index(one.workplace), day_number(one.first), day_number(one.last), one.extent) for one in ordered
    ]
    table = np.array(days, dtype=np.int64).reshape(len(days), 5).T
    zeros = np.zeros(len(days), np.int64)
    return Spells(PLACES, *table, cause=zeros, report=zeros, line=zeros, open=zeros)


def evidence(spells: Sequence[Spell], months: int, heads: Mapping[str, int] | None = None, **more: Any) -> Any:
    """Headcounts that stay for so many months from January 2018 on."""
    counts = {FIRST + number: dict(heads or {"Fittja": 60, "Tumba": 40}) for number in range(months)}
    return Evidence(columns(spells), Coverage(counts), **more)


def sick(employee: int, *days: str, length: int = 1, **more: Any) -> list[Spell]:
    """``sick(7, "2018-03-05", "2018-04-02", length=3)``: two spells of three days."""
    firsts = map(date.fromisoformat, days)
    return [Spell(employee, first, first + timedelta(days=length - 1), **more) for first in firsts]


def answered(spells: Sequence[Spell], month: str, months: int = 36, threshold: int = USUAL, **more: Any) -> MonthAnswer:
    """The employer's answer for one month."""
    (one,) = risk_group(evidence(spells, months, **more), LATER, "payer", [Month.parse(month)], threshold)
    return one


def group(spells: Sequence[Spell], month: str, **more: Any) -> Group:
    one = answered(spells, month, **more)
    assert one.group is not None, one.missing
    return one.group


# ── By hand (1 January 2018 is a Monday) ─────────────────────────────────────────────────────────────────────────────

FOUR = sick(1, "2018-02-05", "2018-04-02", "2018-08-06", "2018-11-05", length=2)
THREE = sick(2, "2018-02-05", "2018-04-02", "2018-08-06", length=2)


def test_more_than_three_absences_in_twelve_months() -> None:
    one = group(FOUR + THREE, "2018-12")
    assert (one.size.some, one.size.whole, one.size.share) == (1, 100, Fraction(1, 100))
    assert (one.short.some, one.short.whole) == (800, 1400)
    assert one.short.share == Fraction(4, 7)


def test_three_or_more_is_another_group() -> None:
    assert group(FOUR + THREE, "2018-12", threshold=3).size.some == 2


def test_the_twelve_months_end_with_the_month_and_roll() -> None:
    sizes = {month: group(FOUR, month).size.some for month in ("2018-12", "2019-01", "2019-02")}
    assert sizes == {"2018-12": 1, "2019-01": 1, "2019-02": 0}


def test_a_relapse_within_five_days_is_the_same_absence() -> None:
    """Friday the 9th is four days after Monday the 5th, Monday the 12th three after that; Sunday the 18th is six after."""
    relapsing = sick(1, "2018-02-05", "2018-02-09", "2018-02-12", "2018-02-18")
    assert group(relapsing, "2018-12", threshold=2).size.some == 1
    assert group(relapsing, "2018-12", threshold=3).size.some == 0


def test_payroll_by_working_day_and_from_to_give_the_same() -> None:
    by_day = sick(1, *(f"2018-02-{day:02d}" for day in (5, 6, 7, 8, 9, 12)))
    assert group(by_day, "2018-12", threshold=1) == group(sick(1, "2018-02-05", length=8), "2018-12", threshold=1)


def test_all_sick_leave_holds_the_days_after_the_fourteenth() -> None:
    """Sick for four weeks: ten weekdays are numbered 1–14, ten more come after."""
    one = group(FOUR + sick(2, "2018-05-07", length=28, extent=50), "2018-12")
    assert (one.short.some, one.short.whole) == (800, 800 + 500)
    assert (one.every.some, one.every.whole) == (800, 800 + 1000)


def test_who_is_in_the_group_again_a_year_later() -> None:
    again = sick(1, "2019-02-04", "2019-04-01", "2019-08-05", "2019-11-04")
    other = [replace(one, employee=3) for one in FOUR]
    part = group(FOUR + again + other, "2018-12").again
    assert part is not None
    assert (part.some, part.whole, part.share) == (1, 2, Fraction(1, 2))


def test_the_risk_of_long_term_leave_beside_the_average_employee() -> None:
    """Two in the group, one falls ill for sixty days; of the others one of 98 does."""
    ill = sick(1, "2019-03-04", length=60) + sick(9, "2019-12-02", length=60)
    one = group(FOUR + [replace(spell, employee=3) for spell in FOUR] + ill, "2018-12")
    assert one.long_term is not None
    assert one.average is not None
    assert (one.long_term.some, one.long_term.whole) == (1, 2)
    assert (one.average.some, one.average.whole) == (2, 100)
    assert one.times == 25


@pytest.mark.parametrize(
    ("first", "length", "begins"),
    [
        pytest.param("2019-01-01", 60, 1, id="the day after the month"),
        pytest.param("2019-12-31", 60, 1, id="on the last day of the twelve months"),
        pytest.param("2020-01-01", 60, 0, id="after them"),
        pytest.param("2019-03-04", 59, 0, id="not sixty days"),
        pytest.param("2018-12-31", 200, 0, id="on long-term leave then: not counted at all"),
    ],
)
def test_long_term_leave_that_begins_within_twelve_months(first: str, length: int, begins: int) -> None:
    one = group(FOUR + sick(1, first, length=length), "2018-12")
    assert one.long_term is not None
    assert one.average is not None
    on_leave = first < "2019"
    assert (one.long_term.some, one.long_term.whole) == (begins, 0 if on_leave else 1)
    assert (one.average.some, one.average.whole) == (begins, 99 if on_leave else 100)


def test_who_is_on_long_term_leave_does_not_count_when_another_begins() -> None:
    one = group(FOUR + sick(1, "2018-12-03", "2019-06-03", length=60), "2018-12")
    assert one.long_term is not None
    assert one.average is not None
    assert (one.long_term.some, one.long_term.whole) == (0, 0)
    assert (one.average.some, one.average.whole) == (0, 99)


def test_sixty_days_are_in_a_row_weekends_between_among_them() -> None:
    """Two parts that meet at a weekend are one leave; a working day between parts them."""
    meeting = sick(1, "2019-03-04", length=33) + sick(1, "2019-04-08", length=30)  # Friday 5 April, Monday the 8th
    parted = sick(1, "2019-03-04", length=32) + sick(1, "2019-04-08", length=30)
    begins = [group(FOUR + one, "2018-12").long_term for one in (meeting, parted)]
    assert [one.some for one in begins if one is not None] == [1, 0]


def test_a_workplace_without_employees_does_not_count() -> None:
    """Rule 1: neither days nor absences there."""
    elsewhere = [replace(one, workplace="Tumba") for one in FOUR]
    assert group(elsewhere, "2018-12").size.some == 1
    one = group(elsewhere, "2018-12", heads={"Fittja": 60, "Tumba": 0})
    assert (one.size.some, one.size.whole, one.every.whole) == (0, 60, 0)
    assert one.short.share is None


def test_nobody_is_absent() -> None:
    one = group([], "2018-12")
    assert (one.size.some, one.size.whole, one.short.share, one.times) == (0, 100, None, None)


# ── What is not known is said ────────────────────────────────────────────────────────────────────────────────────────


def test_months_whose_twelve_months_are_not_covered_are_named() -> None:
    answers = risk_group(evidence(FOUR, 14), LATER, "payer")
    assert [str(one.month) for one in answers if one.group is not None] == ["2018-12", "2019-01", "2019-02"]
    assert answers[0].missing == ("2017-02: no complete absence report for Tumba; 10 more of 2017-02..2018-01 lack something too")
    lacking = answered(FOUR, "2018-12", lacking=frozenset({Month.parse("2018-06")}))
    assert (lacking.group, lacking.missing) == (None, "2018-06: no complete absence report for Tumba")


def test_a_year_later_is_known_only_when_it_is_covered() -> None:
    """Persistence needs twelve months more; whether a leave is long-term, two more than that."""
    for months, again, long_term in ((23, False, False), (24, True, False), (25, True, False), (26, True, True)):
        one = answered(FOUR, "2018-12", months=months)
        assert one.group is not None
        assert (one.group.again is not None, one.again is None) == (again, again)
        assert (one.group.long_term is not None, one.group.average is not None, one.long_term is None) == (long_term,) * 3
    one = answered(FOUR, "2018-12", months=23)
    assert one.again == "2019-12: no complete absence report for Tumba"


def test_nothing_after_the_date_is_looked_at() -> None:
    one = evidence(FOUR, 36)
    (early,) = risk_group(one, date(2019, 11, 30), "payer", [Month.parse("2018-12")])
    assert early.group is not None
    assert early.again == "2019-12 has not ended by 2019-11-30"
    (before,) = risk_group(one, date(2018, 12, 30), "payer", [Month.parse("2018-12")])
    assert (before.group, before.missing) == (None, "2018-12 has not ended by 2018-12-30")
    assert risk_group(one, date(2019, 1, 31), "payer")[-1].month == Month.parse("2019-01")


def test_no_headcounts_at_all_is_an_error() -> None:
    with pytest.raises(Refused, match="no headcounts of tiny are recorded for months that ended by 2017-12-31"):
        risk_group(evidence(FOUR, 12), date(2017, 12, 31), "payer")


def test_days_that_may_be_numbered_too_low_are_said() -> None:
    assert answered(FOUR, "2018-12").numbered
    assert not answered(FOUR, "2018-12", unnumbered=frozenset({Month.parse("2018-01")})).numbered


# ── Against the oracle ───────────────────────────────────────────────────────────────────────────────────────────────

START = date(2018, 1, 1)
MONTHS = 28


@st.composite
def spells_of(draw: st.DrawFn, employee: int) -> list[Spell]:
    """First days apart; gaps around five days, a weekend and sixty days are common."""
    first, spells = START + timedelta(days=draw(st.integers(-80, 300))), []
    for _ in range(draw(st.integers(0, 12))):
        length = draw(st.integers(1, 9) | st.integers(20, 40) | st.integers(56, 64))
        last = first + timedelta(days=length - 1)
        spells.append(Spell(employee, first, last, draw(st.sampled_from([25, 50, 100])), draw(st.sampled_from(PLACES))))
        apart = draw(st.integers(1, 4) | st.just(length) | st.integers(length, length + 8) | st.integers(30, 120))
        first += timedelta(days=apart)
    return spells


EVERYBODY = st.tuples(*(spells_of(employee) for employee in (1, 2, 7))).map(lambda parts: [one for part in parts for one in part])
HEADS = st.lists(st.sampled_from([0, 5, 9]), min_size=2 * MONTHS, max_size=2 * MONTHS)


def figures(answers: Sequence[MonthAnswer]) -> dict[int, oracle_risk_group.Figures | None]:
    """The ledger's answers in the oracle's words."""
    return {one.month.index: None if one.group is None else _figures(one.group) for one in answers}


def _figures(one: Group) -> oracle_risk_group.Figures:
    parts = ((name, getattr(one, name)) for name in FIGURES)
    return {name: None if part is None else (part.some, part.whole) for name, part in parts}


@settings(deadline=None, max_examples=60)
@given(EVERYBODY, HEADS, st.integers(1, 5), st.integers(0, MONTHS * 31))
def test_every_figure_is_as_day_by_day(spells: list[Spell], heads: list[int], threshold: int, days: int) -> None:
    counts = {FIRST + number: dict(zip(PLACES, heads[2 * number :], strict=False)) for number in range(MONTHS)}
    until = START + timedelta(days=days)
    months = [month for month in counts if month.last_day <= until]
    if not months:
        return
    ours: Any = Evidence(columns(spells), Coverage(counts))
    everybody = Everybody(spells, {month.index: here for month, here in counts.items()})
    known = {month.index for month in counts}
    theirs = oracle_risk_group.risk_groups(everybody, known.__contains__, [one.index for one in months], until, threshold)
    assert figures(risk_group(ours, until, "payer", threshold=threshold)) == theirs


def history_fault(seed: int) -> str | None:
    """Whether both say the same of a contract's record, as of some day, and whether its net days are those that are paid by."""
    ledger, draw = memory(), Random(f"risk group {seed}")
    player = Player(ledger)
    for step in histories.savings(seed) if seed % 2 else histories.renegotiated(seed):
        player.play(step)
    facts = ledger.facts(draw.choice((len(ledger.records), draw.randint(1, len(ledger.records)))))
    until = player.today - timedelta(days=draw.choice((0, 0, draw.randint(0, 400))))
    threshold = draw.randint(1, 4)
    return compared(ledger, facts, player.id, until, threshold)


def compared(ledger: Any, facts: Facts, contract: str, until: date, threshold: int) -> str | None:
    plain = ledger.plain[: facts.position]
    heads = oracle_risk_group.heads_of(plain, contract)
    complete = oracle_risk_group.complete_of(plain, contract, "payroll", heads)
    ended = [month for month in heads if oracle_risk_group.last_day(month) <= until]
    measured = Measured(facts, contract, "payroll")
    try:
        answers = risk_group(measured, until, "payer", threshold=threshold)
    except Refused:
        return "nothing is answered" if ended else None
    spells = oracle.spells_in_force(ledger.plain, ledger.columns, contract, "payroll", facts.position)
    everybody = Everybody(spells, heads)
    months = range(min(ended), max(ended) + 1)
    theirs = oracle_risk_group.risk_groups(everybody, complete, months, until, threshold)
    if figures(answers) != theirs:
        return f"{figures(answers)} in the ledger, {theirs} by the oracle"
    for one in answers:
        if one.group is not None:
            counted["months of histories"] += 1
            counted["of them with long-term leave known"] += one.group.long_term is not None
            if one.group.short.whole != sum(measured.hundredths(one.month - back) for back in range(12)):
                return f"the net days of the twelve months to {one.month} are not those that are paid by"
    return None


def test_random_histories() -> None:
    for seed in range(int(120 * TIMES)):
        found = history_fault(seed)
        assert found is None, f"seed {seed}: {found}"


def test_what_is_recorded_later_changes_no_earlier_answer() -> None:
    """The same record number gives the same answer, however much has been recorded since."""
    for seed in range(int(10 * TIMES)):
        ledger = memory()
        player = Player(ledger)
        steps = histories.savings(seed)
        for step in steps[: len(steps) // 2]:
            player.play(step)
        position, today = len(ledger.records), player.today

        def asked(position: int = position, today: date = today, ledger: Any = ledger, contract: str = player.id) -> object:
            try:
                return risk_group(Measured(ledger.facts(position), contract, "payroll"), today, "payer", threshold=1)
            except Refused as refused:
                return str(refused)

        before = asked()
        for step in steps[len(steps) // 2 :]:
            player.play(step)
        assert len(ledger.records) > position
        assert asked() == before


# ── Who may see what ─────────────────────────────────────────────────────────────────────────────────────────────────


def several(persons: int, spells: Sequence[Spell], since: int = 100) -> list[Spell]:
    """The same absences of so many persons."""
    return [replace(one, employee=since + number) for number in range(persons) for one in spells]


def shown(spells: Sequence[Spell], audience: Audience = "public", threshold: int = USUAL, month: str = "2018-12") -> MonthAnswer:
    (one,) = risk_group(evidence(spells, 36), LATER, audience, [Month.parse(month)], threshold)
    return one


@pytest.mark.parametrize("audience", OTHERS)
def test_a_group_of_fewer_than_five_is_for_the_employer_alone(audience: Audience) -> None:
    rest = several(20, THREE, since=500)
    assert shown(several(FEWEST - 1, FOUR) + rest, audience).hidden == set(FIGURES)
    assert "size" not in shown(several(FEWEST, FOUR) + rest, audience).hidden
    assert shown(several(FEWEST - 1, FOUR) + rest, "payer").hidden == set()


def test_what_fewer_than_five_others_have_follows_from_no_share() -> None:
    """Four others have the rest of the days: the total is exact, so the group's part is withheld."""
    few, enough = (shown(several(20, FOUR) + several(others, THREE, since=500)) for others in (4, 5))
    assert "short" in few.hidden
    assert "short" not in enough.hidden
    assert "size" not in few.hidden


def test_what_few_have_after_the_fourteenth_day_follows_from_no_difference() -> None:
    """All net days less those numbered 1–14 are later ones: in the group and outside five persons have some, or none is shown."""
    people, long = several(20, FOUR) + several(20, THREE, since=500), sick(0, "2018-06-04", length=28)
    for inside, outside, withheld in ((5, 5, False), (4, 5, True), (5, 4, True), (0, 5, True)):
        one = shown(people + several(inside, long) + several(outside, long, since=900))
        assert ("every" in one.hidden) == withheld
        assert "short" not in one.hidden


def test_a_risk_that_rests_on_few_is_withheld_with_the_average() -> None:
    people = several(20, FOUR) + several(20, THREE, since=500)
    ill, others = sick(0, "2019-03-04", length=60), several(6, sick(0, "2019-03-04", length=60), since=500)
    four, five = (shown(people + several(number, ill) + others).hidden for number in (4, 5))
    assert {"long_term", "average"} <= four
    assert not {"long_term", "average"} & five


def test_what_a_risk_is_of_does_not_tell_that_few_are_on_leave() -> None:
    """The size less those whose risk is told are those who are on long-term leave: in the group, in all, and outside it."""
    ill, away = sick(0, "2019-03-04", length=60), sick(0, "2018-11-05", length=60)
    people = several(20, FOUR) + several(20, THREE, since=500) + several(6, ill) + several(6, ill, since=500)
    cases = {(0, 0): False, (5, 0): False, (0, 5): False, (5, 5): False}  # so many of the group on leave, so many others
    cases |= {(1, 0): True, (4, 0): True, (0, 1): True, (4, 4): True, (5, 4): True, (4, 5): True}
    for (inside, outside), withheld in cases.items():
        members = several(inside, [*FOUR, *away], since=300)
        one = shown(people + members + several(outside, away, since=900))
        assert one.group is not None
        assert one.group.long_term is not None
        assert one.group.average is not None
        assert one.group.size.some - one.group.long_term.whole == inside
        assert one.group.size.whole - one.group.average.whole == inside + outside
        assert ({"long_term", "average"} <= one.hidden) == withheld
        assert "size" not in one.hidden


def test_who_comes_and_goes_is_withheld_where_they_are_few() -> None:
    again = sick(0, "2019-02-04", "2019-04-01", "2019-08-05", "2019-11-04")
    people = several(20, FOUR) + several(20, THREE, since=500)
    cases = {(15, 5): False, (16, 5): True, (15, 4): True}  # so many stay of twenty, so many come
    for (stay, come), withheld in cases.items():
        one = shown(people + several(stay, again) + several(come, again, since=900))
        assert ("again" in one.hidden) == withheld


def test_two_thresholds_tell_nothing_of_the_few_between() -> None:
    people = several(20, FOUR) + several(20, sick(0, "2018-03-05"), since=700)
    few, enough = (shown(people + several(number, THREE, since=500), threshold=3) for number in (4, 5))
    assert few.hidden == set(FIGURES)
    assert not {"size", "short"} & enough.hidden
    assert shown(people + several(4, THREE, since=500), "payer", threshold=3).hidden == set()


def test_a_risk_is_shown_by_either_threshold_where_many_are_between() -> None:
    ill = sick(0, "2019-03-04", length=60)
    people = [*several(20, FOUR), *several(20, THREE, since=500), *several(20, sick(0, "2018-03-05"), since=700)]
    people += [*several(6, ill), *several(6, ill, since=700)]
    for between, withheld in ((4, True), (5, False)):
        one = shown(people + several(between, ill, since=500), threshold=3)
        assert ({"long_term", "average"} <= one.hidden) == withheld
        assert not {"long_term", "average"} & shown(people).hidden


@pytest.mark.parametrize("threshold", [1, 2, 5, 6])
def test_others_ask_only_for_thresholds_that_sources_name(threshold: int) -> None:
    people = several(20, FOUR)
    with pytest.raises(Refused, match=rf"{threshold} absences or more is for the employer alone"):
        shown(people, threshold=threshold)
    assert shown(people, "payer", threshold=threshold).hidden == set()


PART = st.builds(lambda persons, others: Part(persons, persons + others, persons, others), st.integers(0, 12), st.integers(0, 12))
GROUP = st.builds(Group, PART, PART, PART, st.none() | PART, st.none() | PART, st.none() | PART)


@given(GROUP, GROUP)
def test_nothing_that_is_shown_rests_on_few(one: Group, beside: Group) -> None:
    found = hidden(one, beside, "public")
    for name in set(FIGURES) - found:
        part, other = getattr(one, name), getattr(beside, name)
        if part is not None:
            assert min(part.persons, part.others) >= FEWEST
            same = other is None or (part.some, part.whole) == (other.some, other.whole)
            assert same or abs(part.persons - other.persons) >= FEWEST
    assert ("long_term" in found) == ("average" in found)
    if "long_term" not in found and one.long_term is not None and one.average is not None:
        group, every = one.size.some - one.long_term.whole, one.size.whole - one.average.whole
        assert not {group, every, every - group} & set(range(1, FEWEST))
    assert hidden(one, beside, "payer") == frozenset()
