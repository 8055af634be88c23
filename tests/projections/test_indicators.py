"""Paid and unpaid outcomes: long-term leave and healthy workplaces by hand and against the oracle, what later days cannot change,
what is reported, targets, and the warning on both sides of its thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.events import IndicatorRow, TargetRow
from ledger.indicators import IndicatorState
from ledger.periods import Month, Period
from projections.absences import Spells
from projections.columns import day_number
from projections.measured import Measured
from projections.unpaid import targets as of_targets
from projections.unpaid.computed import Computed
from projections.unpaid.healthy_workplaces import HealthyWorkplaces, healthy_workplaces
from projections.unpaid.indicator import Indicator, Measure
from projections.unpaid.long_term import Leave, LongTerm
from projections.unpaid.paid_metric import PaidMetric
from projections.unpaid.reported import indicators, reported, within
from projections.unpaid.targets import Result, attains, results, status
from projections.unpaid.warning import MARGINS, warned
from tests import oracle_indicators
from tests.oracle_indicators import Spell

PLACES = ("Fittja", "Tumba")
QUARTER = Period.parse("2019Q2")


def spells_of(several: Sequence[Spell]) -> Spells:
    """The spells as columns, in order of employee and first day."""
    ordered = sorted(several, key=lambda one: (one.employee, one.first))

    def column(values: list[int]) -> Any:
        return np.array(values, dtype=np.int64)

    nothing = column([0] * len(ordered))
    return Spells(
        workplaces=PLACES,
        employee=column([one.employee for one in ordered]),
        workplace=column([PLACES.index(one.workplace) for one in ordered]),
        first=column([day_number(one.first) for one in ordered]),
        last=column([day_number(one.last) for one in ordered]),
        extent=column([one.extent for one in ordered]),
        cause=nothing,
        report=nothing,
        line=nothing,
        open=nothing,
    )


def leave(*several: Spell, heads: dict[str, int] | None = None, period: Period = QUARTER) -> LongTerm:
    counts = {month: heads or {"Fittja": 100, "Tumba": 50} for month in Period.parse("2018Q1..2020Q4")}
    return Leave(spells_of(several), counts).of(period)


def spell(first: str, last: str, employee: int = 1, workplace: str = "Fittja", extent: int = 100) -> Spell:
    return Spell(employee, workplace, date.fromisoformat(first), date.fromisoformat(last), extent)


# ── Long-term leave ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("last", "days"), [("2019-05-30", 59), ("2019-05-31", 60)])
def test_leave_is_long_term_from_its_sixtieth_day(last: str, days: int) -> None:
    assert (date.fromisoformat(last) - date(2019, 4, 2)).days + 1 == days
    found = leave(spell("2019-04-02", last))
    assert (found.persons, found.hundredths) == ((1, 4400) if days == 60 else (0, 0))


def test_days_before_the_quarter_make_it_long_and_are_not_its_own() -> None:
    found = leave(spell("2019-02-01", "2019-04-05", extent=50))
    assert (found.persons, found.hundredths) == (1, 5 * 50)


def test_a_quarter_does_not_wait_for_what_comes_after_it() -> None:
    """Leave of fewer than sixty days by the quarter's end counts in the next, with its days there alone."""
    going_on = spell("2019-06-01", "2019-08-15")
    assert leave(going_on).persons == 0
    assert leave(going_on, period=QUARTER.first.quarter.months).persons == 0
    later = leave(going_on, period=Period.parse("2019Q3"))
    assert (later.persons, later.hundredths) == (1, 34 * 100)


def test_weekends_between_and_overlaps() -> None:
    """Friday to Monday goes on; a Thursday between ends it; a day covered twice counts once, by the earlier."""
    together = [spell("2019-04-01", "2019-05-03", extent=50), spell("2019-05-06", "2019-06-30", extent=100)]
    assert leave(*together).hundredths == 25 * 50 + 40 * 100
    apart = [spell("2019-04-01", "2019-05-01"), spell("2019-05-03", "2019-06-30")]
    assert leave(*apart).hundredths == 0
    twice = [spell("2019-04-01", "2019-06-15", extent=50), spell("2019-05-01", "2019-06-28", extent=100)]
    assert leave(*twice).hundredths == 55 * 50 + 10 * 100


def test_where_nobody_is_employed_days_do_not_count() -> None:
    found = leave(spell("2019-04-01", "2019-06-30", workplace="Tumba"), heads={"Fittja": 100, "Tumba": 0})
    assert (found.persons, found.hundredths) == (0, 0)


def test_for_each_hundred_employees() -> None:
    found = LongTerm(QUARTER, 123400, 3, 600)
    assert found.days_per_100 == Fraction(1234, 200) * 100
    assert found.persons_per_100 == Fraction(3, 2)
    assert LongTerm(QUARTER, 0, 0, 0).days_per_100 is None


DAYS = st.integers(0, 900).map(lambda number: date(2018, 3, 1) + timedelta(days=number))
SPELL = st.builds(
    lambda employee, place, first, length, extent: Spell(employee, place, first, first + timedelta(days=length), extent),
    st.integers(1, 4),
    st.sampled_from(PLACES),
    DAYS,
    st.one_of(st.integers(0, 20), st.integers(40, 130)),
    st.integers(1, 100),
)
SPELLS = st.lists(SPELL, max_size=14, unique_by=lambda one: (one.employee, one.first))
COUNTS = st.lists(st.fixed_dictionaries({name: st.sampled_from((0, 7, 50)) for name in PLACES}), min_size=36, max_size=36)


@settings(max_examples=300, deadline=None)
@given(SPELLS, COUNTS, st.integers(0, 32), st.sampled_from((1, 3, 12)))
def test_long_term_leave_against_the_oracle(several: list[Spell], counts: list[dict[str, int]], begin: int, length: int) -> None:
    months = [Month.parse("2018-01") + number for number in range(36)]
    period = Period(months[begin], months[min(begin + length, 36) - 1])
    found = Leave(spells_of(several), dict(zip(months, counts, strict=True))).of(period)
    heads = {(month.year, month.number): one for month, one in zip(months, counts, strict=True)}
    said = oracle_indicators.long_term(several, heads, period.first_day, period.last_day)
    assert (found.hundredths, found.persons) == said
    assert found.heads == sum(sum(heads[month.year, month.number].values()) for month in period)


@settings(max_examples=150, deadline=None)
@given(SPELLS, st.integers(0, 11))
def test_what_a_quarter_says_later_days_do_not_change(several: list[Spell], number: int) -> None:
    """Spells that begin later, and the later days of those that do not, are as if they were not."""
    quarter = (Month.parse("2018-01").quarter + number).months
    known = [replace(one, last=min(one.last, quarter.last_day)) for one in several if one.first <= quarter.last_day]
    assert leave(*several, period=quarter) == leave(*known, period=quarter)


# ── Healthy workplaces ───────────────────────────────────────────────────────────────────────────────────────────────


class Places:
    """What ``healthy_workplaces`` reads of measured reports: days and employees by month, and nobody's spells."""

    def __init__(self, days: Sequence[dict[str, int]], heads: Sequence[dict[str, int]], first: Month) -> None:
        self.period = Period(first, first + (len(heads) - 1))
        self.days = dict(zip(self.period, days, strict=True))
        self.coverage = SimpleNamespace(counts=dict(zip(self.period, heads, strict=True)))
        self.spells = spells_of([])

    def by_workplace(self, month: Month) -> dict[str, int]:
        return {name: self.days[month].get(name, 0) for name, count in self.coverage.counts[month].items() if count}

    def healthy(self, below: Fraction) -> HealthyWorkplaces:
        return healthy_workplaces(cast(Measured, self), self.period, below)


def test_a_workplace_is_healthy_below_its_part_of_the_mean() -> None:
    """The mean is one day per employee and month; three quarters of it is not below three quarters."""
    heads = [{"a": 100, "b": 100, "c": 100}] * 12
    at = Places([{"a": 7500, "b": 10000, "c": 12500}] * 12, heads, QUARTER.first)
    assert (at.healthy(Fraction(3, 4)).healthy, at.healthy(Fraction(3, 4)).mean) == (0, 12)
    below = Places([{"a": 7499, "b": 10001, "c": 12500}] * 12, heads, QUARTER.first)
    assert below.healthy(Fraction(3, 4)).share == Fraction(1, 3)


CELLS = st.lists(
    st.fixed_dictionaries({name: st.tuples(st.integers(0, 4000), st.sampled_from((0, 9, 30, 80))) for name in "abcd"}),
    min_size=12,
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(CELLS, st.sampled_from([Fraction(3, 4), Fraction(1), Fraction(1, 2)]))
def test_healthy_workplaces_against_the_oracle(cells: list[dict[str, tuple[int, int]]], below: Fraction) -> None:
    heads = [{name: count for name, (_, count) in month.items()} for month in cells]
    days = [{name: one for name, (one, count) in month.items() if count} for month in cells]
    if not any(count for month in heads for count in month.values()):
        return
    found = Places(days, heads, QUARTER.first).healthy(below)
    assert (found.healthy, found.workplaces) == oracle_indicators.healthy(days, heads, below)


@pytest.mark.parametrize(
    ("healthy", "persons", "hidden"),
    [(1, (5, 5), False), (1, (4, 90), True), (1, (90, 4), True), (0, (0, 90), False), (2, (90, 0), False), (0, (0, 4), True)],
)
def test_healthy_workplaces_of_few_are_the_employers(healthy: int, persons: tuple[int, int], hidden: bool) -> None:
    one = HealthyWorkplaces(QUARTER, healthy, 2, Fraction(1), persons)
    assert one.withheld("provider") is hidden
    assert not one.withheld("payer")


# ── What is reported ─────────────────────────────────────────────────────────────────────────────────────────────────

CONTRACT_FROM = Month.parse("2018-10")


def row(indicator: str, period: str, value: str, unit: str = "index-0-100") -> IndicatorRow:
    said = {"indicator": indicator, "period": Period.parse(period), "value": value, "unit": unit}
    return IndicatorRow.model_validate(said)


def held(*rows: IndicatorRow, targets: Sequence[TargetRow] = ()) -> IndicatorState:
    return IndicatorState(
        {(one.indicator, one.period): (position, one) for position, one in enumerate(rows, 10)},
        {(one.measure, one.source): (position, one) for position, one in enumerate(targets, 50)},
    )


def followed(state: IndicatorState, as_of: str) -> dict[str, Indicator]:
    rows = reported(state, date.fromisoformat(as_of))
    return {one.measure: one for one in indicators(rows, CONTRACT_FROM)}


def test_the_last_survey_is_held_against_the_last_before_the_contract() -> None:
    state = held(
        row("engagement", "2017-09", "80"),
        row("engagement", "2018-09", "79"),
        row("engagement", "2019-10", "76.2"),
        row("engagement", "2020-10", "78"),
    )
    one = followed(state, "2020-02-29")["engagement"]
    assert (one.value, one.before, one.verdict) == (Fraction("76.2"), 79, "worse")
    assert one.change == Fraction("76.2") / 79 - 1
    assert (one.position, one.period) == (12, Period.parse("2019-10"))
    assert followed(state, "2020-10-31")["engagement"].value == 78
    assert followed(state, "2020-10-30")["engagement"].value == Fraction("76.2"), "a period counts when it has ended"


def test_without_a_survey_before_the_contract_the_first_is_compared_with() -> None:
    state = held(row("engagement", "2019-10", "76"), row("engagement", "2020-10", "77"))
    assert followed(state, "2021-01-01")["engagement"].before == 76
    alone = followed(state, "2020-01-01")["engagement"]
    assert (alone.value, alone.before, alone.change, alone.missing) == (76, None, None, "one period alone is reported")
    none = followed(state, "2019-01-01")["engagement"]
    assert (none.value, none.missing) == (None, "nothing is reported")


def test_the_rehabilitative_part_of_the_purchases() -> None:
    state = held(
        row("ohs-preventive", "2018Q1", "20", "sek"),
        row("ohs-rehabilitative", "2018Q1", "80", "sek"),
        row("ohs-preventive", "2019Q1", "30.50", "sek"),
        row("ohs-rehabilitative", "2019Q1", "30.50", "sek"),
        row("ohs-rehabilitative", "2019Q2", "1000", "sek"),
    )
    found = followed(state, "2020-01-01")
    assert (found["ohs-rehabilitative-share"].value, found["ohs-rehabilitative-share"].before) == (50, 80)
    assert found["ohs-rehabilitative-share"].verdict == "better"
    assert found["ohs-rehabilitative"].value == 1000
    assert found["ohs-rehabilitative"].verdict is None, "no source says which way is better"


# ── The warning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def paid(
    actual: str, expected: str = "10", reference: str = "10", year: int | None = None, ends: str = "2021-09-30"
) -> PaidMetric:
    months = (CONTRACT_FROM,)
    return PaidMetric(year, date.fromisoformat(ends), months, Fraction(actual), Fraction(reference), Fraction(expected), False)


def measure(name: Measure, value: str, before: str = "100") -> Indicator:
    return Indicator(name, "index-0-100", Fraction(value), QUARTER, Fraction(before), QUARTER)


@pytest.mark.parametrize(
    ("name", "at_margin", "beyond"),
    [
        ("engagement", "98", "97.99"),
        ("work-capacity", "98", "97.99"),
        ("long-term-days", "105", "105.01"),
        ("risk-group", "105", "105.01"),
    ],
)
def test_a_measure_warns_beyond_its_margin_and_not_at_it(name: Measure, at_margin: str, beyond: str) -> None:
    better = paid("9.99")
    assert not warned(better, [measure(name, at_margin)]).warns
    found = warned(better, [measure(name, beyond)])
    assert found.warns
    assert [one.indicator.measure for one in found.worse] == [name]
    assert warned(better, [measure(name, at_margin)], margin=MARGINS[name] - Fraction(1, 10**6)).warns
    assert not warned(better, [measure(name, beyond)], margin=Fraction(1, 2)).warns


@pytest.mark.parametrize(("actual", "warns"), [("9.99", True), ("10", False), ("10.01", False)])
def test_it_warns_only_where_what_is_paid_by_improves(actual: str, warns: bool) -> None:
    assert warned(paid(actual), [measure("engagement", "50")]).warns is warns


def test_it_is_the_adjusted_metric_that_counts_for_it_is_paid_by() -> None:
    risen = paid("11", expected="12", reference="10")
    assert warned(risen, [measure("engagement", "50")]).warns
    assert not warned(paid("11", expected="11", reference="12"), [measure("engagement", "50")]).warns


def test_what_is_not_compared_neither_warns_nor_clears() -> None:
    nothing = warned(paid("9"), [Indicator("engagement", "index-0-100", missing="nothing is reported")])
    assert (nothing.warns, len(nothing.unknown)) == (False, 1)
    undetermined = PaidMetric(None, date(2021, 9, 30), (), Fraction(0), Fraction(0), Fraction(0), False)
    found = warned(undetermined, [measure("engagement", "50")])
    assert (found.paid_better, found.warns) == (None, False)
    others = warned(paid("9"), [measure("healthy-workplaces", "1"), measure("ohs-preventive", "1")])
    assert others.comparisons == ()


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "target", "met"),
    [
        ("-0.12", "-0.12", True),
        ("-0.1199", "-0.12", False),
        ("-0.2", "-0.12", True),
        ("0.05", "0.05", True),
        ("0.04", "0.05", False),
    ],
)
def test_a_target_is_attained_at_it(change: str, target: str, met: bool) -> None:
    assert attains(Fraction(change), Fraction(target)) is met


@pytest.mark.parametrize(
    ("change", "as_of", "said"),
    [
        ("-0.12", "2020-01-01", "met"),
        ("-0.11", "2021-09-29", "not yet"),
        ("-0.11", "2021-09-30", "not met"),
        (None, "2022-01-01", None),
    ],
)
def test_met_not_met_not_yet(change: str | None, as_of: str, said: str | None) -> None:
    due = date(2021, 9, 30)
    assert status(None if change is None else Fraction(change), Fraction("-0.12"), due, date.fromisoformat(as_of)) == said


def target(change: str, source: str = "a", measure: str = "short-term-days", **more: Any) -> TargetRow:
    return TargetRow.model_validate({"measure": measure, "change": change, "by": "RISE", "source": source, **more})


FOLDED = cast(Any, SimpleNamespace(terms_on=lambda day: SimpleNamespace(last_month=Month.parse("2021-09")), in_force=()))


def paid_results(*targets: TargetRow, as_of: str, parts: Sequence[PaidMetric] = (), monkey: pytest.MonkeyPatch) -> Any:
    monkey.setattr(of_targets, "reference", lambda folded, day: Period.parse("2015-10..2018-09"))
    return results(held(targets=targets), FOLDED, date.fromisoformat(as_of), parts, cast(Any, None))


def test_a_target_is_held_against_each_year_and_all_with_and_without_the_trend(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [
        paid("9", "10", "9.5", year=1, ends="2019-09-30"),
        paid("8", "10", "9", year=2, ends="2020-09-30"),
        paid("17", "20", "18.5"),
    ]
    (one,) = paid_results(target("-0.12"), as_of="2020-02-29", parts=parts, monkey=monkeypatch)
    assert (one.due_on, one.assumed) == (date(2021, 9, 30), True)
    assert [each.unadjusted_status for each in one.results] == ["not met", "not yet", "not yet"]
    assert [each.adjusted_status for each in one.results] == ["not met", "met", "met"]
    assert one.results[-1].adjusted == Fraction(-3, 20)
    assert (str(one.results[0].months), str(one.results[0].against)) == ("2018-10", "2015-10..2018-09")


def test_a_target_of_months_that_are_not_determined_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = target("-0.12", to_period=QUARTER)
    (one,) = paid_results(wanted, as_of="2020-02-29", monkey=monkeypatch)
    assert [(each.adjusted_status, each.missing) for each in one.results] == [(None, "no month of it is determined")]


def test_a_target_stated_later_is_not_known_of_then(monkeypatch: pytest.MonkeyPatch) -> None:
    later = target("-0.12", stated_on="2018-11-01")
    undated = target("-0.1", source="b")
    before = paid_results(later, undated, as_of="2018-10-31", parts=[paid("9")], monkey=monkeypatch)
    assert [one.target for one in before] == [undated]
    assert len(paid_results(later, undated, as_of="2018-11-01", parts=[paid("9")], monkey=monkeypatch)) == 2


# ── Targets of what is reported ──────────────────────────────────────────────────────────────────────────────────────


def judged(wanted: TargetRow, state: IndicatorState, as_of: str) -> Result:
    """The result of one target of a reported measure."""
    rows = reported(state, date.fromisoformat(as_of))

    def follow(name: Any, months: Period | None, against: Period | None) -> Indicator:
        return within(name, rows.get(name, {}), CONTRACT_FROM, months, against)

    wanted_alone = IndicatorState(state.values, held(targets=[wanted]).targets)
    (found,) = results(wanted_alone, FOLDED, date.fromisoformat(as_of), [], follow)
    return found.results[0]


SURVEYED = held(
    row("engagement", "2017-09", "70"),
    row("engagement", "2018-09", "80"),
    row("engagement", "2019-10", "84"),
    row("engagement", "2020-10", "60"),
)


@pytest.mark.parametrize(
    ("as_of", "months", "said"),
    [
        ("2019-10-31", "2019-10", "met"),
        ("2019-12-31", "2019-10", "met"),
        ("2022-01-01", "2019-10", "met"),
    ],
)
def test_a_target_of_an_indicator_is_judged_on_its_own_months(as_of: str, months: str, said: str) -> None:
    one = judged(target("0.05", measure="engagement", to_period="2019Q4"), SURVEYED, as_of)
    assert (str(one.months), str(one.against), one.unadjusted, one.unadjusted_status) == (
        months,
        "2018-09",
        Fraction(1, 20),
        said,
    )


def test_it_is_held_against_the_months_that_it_names() -> None:
    one = judged(target("0.05", measure="engagement", from_period="2017Q3", to_period="2019Q4"), SURVEYED, "2022-01-01")
    assert (str(one.against), one.unadjusted) == ("2017-09", Fraction(1, 5))


@pytest.mark.parametrize(
    ("from_period", "to_period", "missing"),
    [
        ("2018Q3", "2019Q1", "nothing is reported for 2019Q1"),
        ("2016Q3", "2019Q4", "nothing is reported for 2016Q3"),
    ],
)
def test_where_nothing_is_reported_of_its_months_it_is_not_measured(from_period: str, to_period: str, missing: str) -> None:
    wanted = target("0.05", measure="engagement", from_period=from_period, to_period=to_period)
    one = judged(wanted, SURVEYED, "2022-01-01")
    assert (one.unadjusted, one.unadjusted_status, one.missing) == (None, None, missing)


def test_before_its_day_the_latest_known_stands_for_it() -> None:
    one = judged(target("0.06", measure="engagement", to_period="2020Q4"), SURVEYED, "2020-09-30")
    assert (str(one.months), one.unadjusted_status) == ("2019-10", "not yet")


def test_amounts_of_unequal_periods_are_not_compared() -> None:
    state = held(row("ohs-preventive", "2018Q3", "1000", "sek"), row("ohs-preventive", "2019-10", "900", "sek"))
    one = judged(target("0.05", measure="ohs-preventive", to_period="2019Q4"), state, "2022-01-01")
    assert (one.unadjusted_status, one.missing) == (None, "2019-10 and 2018Q3 are not equally long")


VALUES = st.lists(st.integers(1, 100), min_size=36, max_size=36)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.integers(0, 11), st.integers(12, 30), st.integers(0, 5))
def test_what_is_reported_of_later_months_changes_no_past_verdict(values: list[int], from_: int, to: int, later: int) -> None:
    months = [Month.parse("2018-01") + number for number in range(36)]
    wanted = target("0.05", measure="engagement", from_period=str(months[from_]), to_period=str(months[to]))
    rows = [row("engagement", str(month), str(value)) for month, value in zip(months, values, strict=True)]
    then = judged(wanted, held(*rows[: to + 1]), months[to].last_day.isoformat())
    assert judged(wanted, held(*rows[: to + 1 + later]), months[to + later].last_day.isoformat()) == then
    change = Fraction(values[to], values[from_]) - 1
    assert (then.unadjusted, then.unadjusted_status) == (change, "met" if change >= Fraction(1, 20) else "not met")


# ── Targets of what is computed ──────────────────────────────────────────────────────────────────────────────────────


class Known:
    """What ``Computed`` reads of measured reports for long-term leave: all months with headcounts are complete."""

    def __init__(self, several: Sequence[Spell], months: int, lacking: frozenset[Month] = frozenset()) -> None:
        heads = {Month.parse("2016-01") + number: {"Fittja": 100, "Tumba": 50} for number in range(months)}
        self.coverage, self.spells, self.lacking = SimpleNamespace(counts=heads), spells_of(several), lacking

    def incomplete(self, month: Month) -> str | None:
        missing = month in self.lacking or month not in self.coverage.counts
        return f"{month}: no complete absence report for Tumba" if missing else None


def of_leave(known: Known, as_of: date, months: str | None, against: str | None = None) -> Indicator:
    periods = [None if one is None else Period.parse(one) for one in (months, against)]
    return Computed(cast(Measured, known), Month.parse("2018-01"), as_of, "payer").compared("long-term-days", *periods)


@settings(max_examples=100, deadline=None)
@given(SPELLS, st.integers(0, 8), st.integers(0, 12), st.integers(3, 5))
def test_past_months_of_computed_measures_against_the_oracle(
    several: list[Spell], number: int, later: int, quarters: int
) -> None:
    """The twelve months that end with the target's, whatever comes later; and the twelve that end with those compared with."""
    end = Month.parse("2019-03") + number
    months, against = Period(end - 2, end), Period.parse(f"2017Q{quarters}" if quarters < 5 else "2018Q1")
    then = of_leave(Known(several, 48), end.last_day, str(months), str(against))
    now = of_leave(Known(several, 60), (end + later).last_day, str(months), str(against))
    assert (now.value, now.before, now.change, now.verdict) == (then.value, then.before, then.change, then.verdict)
    assert (str(now.period), now.before_period) == (f"{end - 11}..{end}", Period(against.last - 11, against.last))
    heads = {(month.year, month.number): one for month, one in Known([], 60).coverage.counts.items()}
    for value, period in ((now.value, now.period), (now.before, now.before_period)):
        assert period is not None
        hundredths, _ = oracle_indicators.long_term(several, heads, period.first_day, period.last_day)
        assert value == Fraction(hundredths, 150)


def test_months_that_are_not_complete_are_not_measured() -> None:
    known = Known([], 48, frozenset({Month.parse("2018-06")}))
    one = of_leave(known, date(2020, 1, 1), "2018Q4")
    assert (one.value, one.missing) == (
        None,
        "2018-01..2018-12 is not complete: 2018-06: no complete absence report for Tumba",
    )
    whole = Known([], 48)
    assert of_leave(whole, date(2020, 1, 1), "2018Q4", "2018Q4").missing == (
        "no months after 2018-01..2018-12 are complete as of 2020-01-01"
    )
    early = of_leave(whole, date(2020, 1, 1), "2018Q4", "2016Q1")
    assert early.missing == "2015-04..2016-03 is not complete: 2015-04: no complete absence report for Tumba"
