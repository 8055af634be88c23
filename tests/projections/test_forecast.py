"""The forecast: three ways to the end of the term, worked by hand and against a second opinion; what the range and the dates say;
nothing recorded later changes it; and the back-test says what was said then."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from cli.forecast.words import remark
from ledger.contract import ContractState
from ledger.disruption import DeemAverage, ExcludeMonths
from ledger.errors import LedgerError, Refused, Usage
from ledger.money import rounded
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections.forecasts.forecast import Forecast, Outlook, forecast
from projections.forecasts.methods import root_up, spread, weight
from projections.state import state
from tests import histories
from tests import oracle_forecast as oracle
from tests.memory import Memory
from tests.spec import (
    BOTKYRKA,
    Given,
    adopted,
    amended,
    changed,
    day,
    determined,
    given,
    methodology,
    months,
    ore,
    resumed,
    signed,
    suspended,
)
from tests.test_against_oracle import Player, memory

HALF_A_YEAR = ("150 000", "50 000", "110 000", "90 000", "120 000", "80 000")
"""2018-10 to 2019-03: 600 000 SEK, mean 100 000; s² is 12 times 10 000², since 25 + 25 + 1 + 1 + 4 + 4 = 60 = 5 × 12."""


def a_year(ramp_up: int = 0) -> Given:
    """A contract over twelve months from 2018-10, of which six are determined."""
    return given(
        signed(changed(BOTKYRKA, months=12, ramp_up_months=ramp_up)),
        adopted(),
        determined(1, months("2018Q4", *HALF_A_YEAR[:3]), claim="0"),
        determined(2, months("2019Q1", *HALF_A_YEAR[3:]), claim="0"),
    )


def of(record: Given, as_of: str) -> Forecast:
    """The forecast of all that is on record."""
    return forecast(record.facts(), record.id, day(as_of))


def way(one: Forecast, name: str) -> Outlook:
    """What one way says."""
    return next(each for each in one.outlooks if each.method == name)


def moves(one: Forecast, name: str) -> dict[str, int]:
    """By how much a way's sum moves in each month ahead."""
    steps = way(one, name).steps
    ends = [one.ground.carried, *(step.savings for step in steps)]
    return {str(step.month): after - before for step, (before, after) in zip(steps, pairwise(ends), strict=True)}


# ── Worked by hand ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_pro_rata_is_the_mean_for_every_month() -> None:
    one = of(a_year(), "2019-03-31")
    assert way(one, "pro-rata").savings == ore("1 200 000")
    assert moves(one, "pro-rata") == {f"2019-0{number}": ore("100 000") for number in range(4, 10)}


def test_ramp_up_weighs_each_month_by_what_its_middle_has_reached() -> None:
    """Four months: 1/8, 3/8, 5/8, 7/8 weigh 2, two more 1 each: 4. Six to come weigh 6: 600 000 + 600 000 × 6 ÷ 4."""
    assert [weight(4, place) for place in range(1, 6)] == [Fraction(number, 8) for number in (1, 3, 5, 7, 8)]
    assert way(of(a_year(ramp_up=4), "2019-03-31"), "ramp-up").savings == ore("1 500 000")


def test_the_seeds_figures() -> None:
    """15 m SEK over 17 months: 31.8 m pro rata, 37.8 m with a linear ramp-up of nine months, 12.5 of 31.5 effective ones."""
    one = of(given(signed(), adopted(), determined(1, months("2018-10..2020-02", "15 000 000"), claim="0")), "2020-02-29")
    assert way(one, "ramp-up").savings == ore("37 800 000")
    assert way(one, "pro-rata").savings == ore("31 764 705.88")


def test_without_ramp_up_it_is_pro_rata() -> None:
    one = of(a_year(), "2019-03-31")
    assert way(one, "ramp-up").steps == way(one, "pro-rata").steps


def test_seasonal_takes_the_same_calendar_months_per_weekday_and_fills_what_was_not_seen() -> None:
    """Most months are worth 1 000 a weekday, November 2 000, the second quarter nothing: 152 000 SEK over 195 weekdays."""
    record = given(
        signed(changed(BOTKYRKA, months=26)),
        adopted(),
        determined(1, months("2018-10..2019-03", "23 000", "44 000", "21 000", "23 000", "20 000", "21 000"), claim="0"),
        determined(2, months("2019Q2"), claim="0"),
    )
    said = moves(of(record, "2019-06-30"), "seasonal")
    assert said["2019-10"] == ore("23 000")
    assert said["2019-11"] == ore("42 000")  # 21 weekdays; those of 2018 were 22
    assert said["2020-04"] == 0
    assert said["2019-07"] == rounded(Fraction(ore("152 000") * 23, 195))  # no third quarter is measured: all months
    said = moves(of(record.with_(determined(3, months("2019-07", "46 000"), claim="0")), "2019-07-31"), "seasonal")
    assert [said[month] for month in ("2019-08", "2019-09")] == [ore("44 000"), ore("42 000")]  # as July: 2 000 a weekday


def test_the_range() -> None:
    """Six months ahead on six: 2 × √(12 × (6 + 6² ÷ 6)) is 24 times 10 000; a month ahead: 2 × √(12 × 7/6), up to the öre."""
    found = way(of(a_year(), "2019-03-31"), "pro-rata")
    assert (found.low, found.high) == (ore("960 000"), ore("1 440 000"))
    assert found.steps[0].high == ore("700 000") + ore("74 833.15")
    assert found.entitlement_low == rounded(Fraction(184, 1000) * ore("960 000"))
    assert found.entitlement_high == rounded(Fraction(184, 1000) * ore("1 440 000"))


def test_one_month_has_no_range() -> None:
    one = of(given(signed(), adopted(), determined(1, months("2018-10", "100 000"), claim="0")), "2018-10-31")
    for found in one.outlooks:
        assert (found.low, found.high, found.entitlement_low) == (None, None, None)
        assert all(each.earliest is None and each.latest is None for each in found.expected.values())


def test_the_worst_and_the_best_run() -> None:
    """Half of six months: 50 + 110 + 90 is least, 110 + 90 + 120 most; twice as many are to come."""
    one = of(a_year(), "2019-03-31")
    assert one.worst is not None
    assert one.best is not None
    assert (str(one.worst.first), str(one.worst.last), one.worst.savings) == ("2018-11", "2019-01", ore("1 100 000"))
    assert (str(one.best.first), str(one.best.last), one.best.savings) == ("2018-12", "2019-02", ore("1 240 000"))


def test_half_of_three_months_is_two() -> None:
    one = of(given(signed(), adopted(), determined(1, QUARTER, claim="0")), "2018-12-31")
    assert one.worst is not None
    assert (one.worst.months, str(one.worst.first), one.worst.mean) == (2, "2018-11", ore("75 000"))


def test_dates() -> None:
    """Three millions a month, 18 determined: 24 in May pass break-even, 36 in September the cap (34 239 130.41)."""
    large = [str(30 * int(amount.replace(" ", ""))) for amount in HALF_A_YEAR]
    one = of(
        given(signed(changed(BOTKYRKA, months=12)), adopted(), determined(1, months("2018-10..2019-03", *large), claim="0")),
        "2019-03-31",
    )
    found = way(one, "pro-rata").expected
    for party in ("contract", "authority", "provider"):
        each = found[party]  # type: ignore[index]
        assert (each.reached_on, each.on, each.earliest, each.latest) == (
            None,
            day("2019-05-31"),
            day("2019-04-30"),
            day("2019-07-31"),
        )
        assert each.missing == 0
    cap = found["cap"]
    assert (cap.on, cap.earliest, cap.latest, cap.missing) == (day("2019-09-30"), day("2019-07-31"), None, 0)


def test_what_is_not_attained_has_no_date_but_what_is_missing() -> None:
    found = way(of(a_year(), "2019-03-31"), "pro-rata").expected
    assert {each.on for each in found.values()} == {None}
    assert found["contract"].missing == ore("22 900 000") - ore("1 200 000")
    assert found["provider"].missing == ore("4 200 000") - ore("220 800")
    assert found["authority"].missing == ore("18 700 000") - ore("979 200")
    assert found["cap"].missing == ore("6 300 000") - ore("220 800")


def test_what_is_reached_has_its_date_and_what_is_missing_again_at_the_end() -> None:
    """30 m in October 2018, a million lost in each month from April to September 2019, nothing moves since: 24 m, above
    break-even. Pro rata never falls; season by season the six months to come lose as much again."""
    saved = ["30 000 000", *["0"] * 5, *["-1 000 000"] * 6, *["0"] * 6]
    record = given(signed(changed(BOTKYRKA, months=24)), adopted(), determined(1, months("2018-10..2020-03", *saved), claim="0"))
    one = of(record, "2020-03-31")
    found = way(one, "pro-rata").expected["contract"]
    assert (found.reached_on, found.on, found.missing) == (day("2018-10-31"), None, 0)
    seasonal = way(one, "seasonal")
    assert seasonal.savings < ore("19 000 000")
    found = seasonal.expected["contract"]
    assert (found.reached_on, found.on, found.missing) == (day("2018-10-31"), None, ore("22 900 000") - seasonal.savings)
    assert "is missing at the end of the term" in (remark(found) or "")


# ── What counts (rule 19) ────────────────────────────────────────────────────────────────────────────────────────────

LEFT_OUT = methodology(name="left-out", disruption={"kind": "exclude-months@1", "window": "2019-01..2019-04"})
DEEMED = methodology(name="deemed", disruption={"kind": "deem-average@1", "window": "2019-01..2019-04", "of": "2018Q4"})
QUARTER = months("2018Q4", "150 000", "50 000", "100 000")
MEASURED = determined(1, QUARTER, claim="0")


def test_months_left_out_are_not_divided_by_and_count_for_nothing_to_come() -> None:
    """Three months of 100 000 on average; four left out, one of them not determined yet; five to come."""
    terms = changed(BOTKYRKA, months=12, ramp_up_months=0)
    record = given(
        signed(terms),
        adopted(LEFT_OUT),
        determined(1, QUARTER, claim="0", by=LEFT_OUT),
        determined(2, months("2019Q1"), claim="0", by=LEFT_OUT),
    )
    one = of(record, "2019-03-31")
    assert [str(month) for month in one.ground.left_out] == ["2019-01", "2019-02", "2019-03", "2019-04"]
    assert [str(month) for month in one.ground.counted] == ["2018-10", "2018-11", "2018-12"]
    assert [way(one, name).savings for name in ("pro-rata", "ramp-up")] == [ore("800 000")] * 2
    assert len(one.ground.coming) == 5


def test_months_that_stand_for_a_mean_count_but_are_not_measured() -> None:
    """Three months at the mean of 100 000, a fourth agreed; five to come. The spread is that of the three measured."""
    terms = changed(BOTKYRKA, months=12, ramp_up_months=0)
    deemed = determined(2, months("2019Q1", "100 000", "100 000", "100 000"), claim="0", by=DEEMED)
    one = of(given(signed(terms), adopted(DEEMED), determined(1, QUARTER, claim="0", by=DEEMED), deemed), "2019-03-31")
    assert one.ground.agreed == {Month.parse("2019-04"): ore("100 000")}
    assert (len(one.ground.counted), len(one.ground.measured), len(one.ground.coming)) == (6, 3, 5)
    assert [way(one, name).savings for name in ("pro-rata", "ramp-up")] == [ore("1 200 000")] * 2
    assert spread(one.ground) == ore("50 000") ** 2
    agreed = way(one, "pro-rata").steps[0]
    assert agreed.low == agreed.high == agreed.savings  # what is agreed cannot err


def test_a_mean_agreed_of_months_after_the_date_asked_about_is_not_known_then() -> None:
    record = given(signed(changed(BOTKYRKA, months=12)), adopted(DEEMED), determined(1, QUARTER, claim="0", by=DEEMED))
    assert len(of(record, "2018-12-31").ground.agreed) == 4
    assert of(record, "2018-11-30").ground.agreed == {}


def test_months_of_an_open_suspension_are_forecast_and_named() -> None:
    record = given(signed(changed(BOTKYRKA, months=12)), adopted(), MEASURED, suspended("2019-01", "2019-03-01"))
    one = of(record, "2019-03-31")
    assert one.ground.open == one.ground.coming
    assert len(one.ground.open) == 9
    assert way(one, "pro-rata").savings == ore("1 200 000")


def test_months_of_an_ended_suspension_count_for_nothing_unless_something_is_agreed() -> None:
    record = given(signed(changed(BOTKYRKA, months=12)), adopted(), MEASURED, suspended("2019-01", "2019-03-01"))
    one = of(record.with_(resumed("2019-04", "2019-03-20")), "2019-03-31")
    assert [str(month) for month in one.ground.left_out] == ["2019-01", "2019-02", "2019-03"]
    assert (one.ground.open, way(one, "pro-rata").savings) == ((), ore("900 000"))


def test_terms_that_are_not_in_force_yet_are_not_counted_and_said() -> None:
    longer = changed(BOTKYRKA, months=24)
    record = a_year().with_(amended(longer, "2019-05", "2019-05-02"))
    early, late = of(record, "2019-04-30"), of(record, "2019-05-31")
    assert (str(early.ends_on), str(early.ground.amended_from)) == ("2019-09-30", "2019-05")
    assert (str(late.ends_on), late.ground.amended_from) == ("2020-09-30", None)


def test_when_every_month_is_determined_it_is_what_came() -> None:
    record = a_year().with_(determined(3, months("2019-04..2019-09", "600 000"), claim="0"))
    one = of(record, "2019-09-30")
    assert {(found.savings, found.low, found.high, found.steps) for found in one.outlooks} == {
        (ore("1 200 000"), ore("1 200 000"), ore("1 200 000"), ())
    }
    assert (one.worst, one.best) == (None, None)


def test_without_a_measured_month_it_is_refused() -> None:
    with pytest.raises(Refused, match="no measured month of botkyrka is determined as of 2018-11-30"):
        of(given(signed(), adopted()), "2018-11-30")
    with pytest.raises(Refused, match="no measured month of botkyrka is determined as of 2018-10-30"):
        of(a_year(), "2018-10-30")
    with pytest.raises(Refused, match="was signed on 2018-09-26"):
        of(a_year(), "2018-09-25")
    with pytest.raises(Usage, match="no contract elsewhere"):
        forecast(a_year().facts(), "elsewhere")


# ── The back-test ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_back_test_by_hand() -> None:
    """After the first quarter, 310 000 SEK, pro rata said 620 000 for the second; 600 000 came: 20 000 too high, 3.3 %."""
    test = of(a_year(), "2019-03-31").back_test
    said = {one.method: one for one in test.said}
    found = said["pro-rata"]
    assert (found.determination, str(found.through), str(found.about)) == (1, "2018-12", "2019-03")
    assert (found.said, found.came, found.error) == (ore("620 000"), ore("600 000"), ore("20 000"))
    assert (found.ratio, found.quarters_ahead, found.within) == (Fraction(1, 30), 1, True)
    assert len(test.said) == 3
    score = test.scores[0]
    assert (score.method, score.times, score.mean_absolute, score.mean, score.within, score.ranged) == (
        ("pro-rata", 1, ore("20 000"), ore("20 000"), 1, 1)
    )


def test_the_back_test_takes_what_is_determined_now_and_what_was_known_then() -> None:
    """A redo of the first quarter moves what came, by 10 000 SEK; what was said stays."""
    again = determined(3, months("2018Q4", "160 000", "50 000", "110 000"), claim="0", supersedes=[1], reason="late facts")
    test = of(a_year().with_(again), "2019-06-30").back_test
    assert {one.determination for one in test.said} == {1}
    assert [(one.said, one.came) for one in test.said if one.method == "pro-rata"] == [(ore("620 000"), ore("610 000"))]


def test_the_scores() -> None:
    """300 000 SEK, 600 000 and nothing by quarter. After the first pro rata said 600 and 900 thousand, after the second
    1 350; 900 came, and 900: 300 000 too low, right, 450 000 too high."""
    record = given(
        signed(),
        adopted(),
        determined(1, QUARTER, claim="0"),
        determined(2, months("2019Q1", "200 000", "250 000", "150 000"), claim="0"),
        determined(3, months("2019Q2"), claim="0"),
    )
    test = of(record, "2019-06-30").back_test
    score = test.scores[0]
    assert (score.times, score.mean_absolute, score.mean) == (3, ore("250 000"), ore("50 000"))
    ahead = {quarters: scores[0] for quarters, scores in test.by_quarters_ahead.items()}
    assert [(ahead[1].times, ahead[1].mean_absolute, ahead[1].mean)] == [(2, ore("375 000"), ore("75 000"))]
    assert [(ahead[2].times, ahead[2].mean_absolute, ahead[2].mean)] == [(1, 0, 0)]
    assert of(record, "2019-03-31").back_test.scores[0].times == 1


def test_the_back_test_is_empty_where_no_later_date_is_determined() -> None:
    test = of(given(signed(), adopted(), MEASURED), "2018-12-31").back_test
    assert (test.said, test.scores, test.by_quarters_ahead) == ((), (), {})


# ── On random histories ──────────────────────────────────────────────────────────────────────────────────────────────

KINDS = ("money", "savings", "renegotiated", "contested")
DRAWN = [(kind, seed) for kind in KINDS for seed in range(6)]


@cache
def played(kind: str, seed: int) -> tuple[Memory, str, dict[int, Forecast | str]]:
    """A history, and after each determination, agreement or dispute what the forecast said then, as of the end of what was
    determined."""
    ledger = memory()
    player = Player(ledger)
    then: dict[int, Forecast | str] = {}
    for step in getattr(histories, kind)(seed):
        player.play(step)
        position = len(ledger.records)
        if player.id and position not in then and ledger.records[-1].stream == f"contract/{player.id}":
            then[position] = told(ledger, player.id, position)
    return ledger, player.id, then


def told(ledger: Memory, contract_id: str, position: int) -> Forecast | str:
    """The forecast at a position, or why there is none; as of the last day determined then, or of its recording."""
    facts = ledger.facts(position)
    through = facts.contract(contract_id).determined_through
    try:
        return forecast(facts, contract_id, None if through is None else through.last_day)
    except LedgerError as error:
        return str(error)


@pytest.mark.parametrize(("kind", "seed"), DRAWN)
def test_nothing_recorded_later_changes_it(kind: str, seed: int) -> None:
    ledger, contract_id, then = played(kind, seed)
    assert then
    for position, said in then.items():
        assert told(ledger, contract_id, position) == said


@pytest.mark.parametrize(("kind", "seed"), DRAWN)
def test_against_a_second_opinion(kind: str, seed: int) -> None:
    ledger, contract_id, then = played(kind, seed)
    for position, said in then.items():
        if isinstance(said, str):
            continue
        folded = ledger.facts(position).contract(contract_id)
        theirs = oracle.answer(*plain(folded, said.ground.terms, said.state.when.as_of))
        assert [pair(month) for month in sorted(said.ground.counted)] == theirs.counted
        assert [pair(month) for month in sorted(said.ground.measured)] == theirs.measured
        for found in said.outlooks:
            ours = [oracle.End(pair(one.month), one.savings, one.low, one.high, one.entitlement) for one in found.steps]
            assert ours == theirs.ends[found.method], (position, found.method)


def pair(month: Month) -> oracle.Pair:
    return month.year, month.number


def plain(
    folded: ContractState, terms: ContractTerms, as_of: date
) -> tuple[oracle.Terms, list[oracle.Line], list[oracle.Ahead], dict[oracle.Pair, int]]:
    """What the second opinion is told of a contract: its terms, months and agreements, as plain values."""
    outcome, total = terms.outcome, terms.investment.total
    sharing = (outcome.provider_share, outcome.ceiling, outcome.maximum_payment, total)
    kinds = {"exclude-months@1": "out", "deem-average@1": "mean"}
    lines = [
        oracle.Line(pair(line.month), line.savings_ore, kinds.get(getattr(line, "kind", ""), "measured"))
        for found in folded.determinations
        if found.superseded_by is None
        for line in found.months
        if line.month.last_day <= as_of
    ]
    determined_pairs = {one.month for one in lines}
    ahead = []
    for offset in range(terms.months):
        month = terms.first_month + offset
        if pair(month) in determined_pairs:
            continue
        rule = folded.methodology_of(month).agreed(month)
        inside = any(month in period for period in folded.suspensions)
        again = folded.suspended_from is not None and folded.suspended_from <= month
        if isinstance(rule, ExcludeMonths) or (inside and not again and rule is None):
            ahead.append(oracle.Ahead(pair(month), "out"))
        elif isinstance(rule, DeemAverage):
            ahead.append(oracle.Ahead(pair(month), "mean", tuple(map(pair, rule.of))))
        else:
            ahead.append(oracle.Ahead(pair(month), "open"))
    known = {pair(month): amount for month, amount in folded.averageable.items() if month.last_day <= as_of}
    return oracle.Terms(pair(terms.first_month), terms.months, terms.ramp_up_months, *sharing), lines, ahead, known


def test_the_histories_hold_what_a_forecast_must_cope_with() -> None:
    """Months left out, agreed, standing for a mean, in an open suspension; sums below zero; several determinations back."""
    found = [one for drawn in DRAWN for one in played(*drawn)[2].values() if isinstance(one, Forecast)]
    assert len(found) > 100
    assert any(one.ground.left_out for one in found)
    assert any(one.ground.agreed for one in found)
    assert any(len(one.ground.measured) < len(one.ground.counted) for one in found)
    assert any(one.ground.open for one in found)
    assert any(one.ground.carried < 0 for one in found)
    assert any(len(one.back_test.by_quarters_ahead) > 2 for one in found)
    assert any(each.on for one in found for each in one.outlooks[0].expected.values())


@pytest.mark.parametrize(("kind", "seed"), DRAWN)
def test_pro_rata_is_that_of_the_state_where_nothing_is_left_out(kind: str, seed: int) -> None:
    for said in played(kind, seed)[2].values():
        if isinstance(said, str) or said.ground.left_out or said.ground.agreed or said.state.forecast.ratio is None:
            continue
        within = [month for month in said.ground.counted if month <= said.ground.terms.last_month]
        if len(within) == len(said.ground.counted):
            assert said.outlooks[0].savings == rounded(said.state.forecast.ratio * said.ground.terms.investment.total)


@pytest.mark.parametrize(("kind", "seed"), DRAWN)
def test_what_holds_of_every_forecast(kind: str, seed: int) -> None:
    """The range holds the forecast; dates are in order, and at each the party's amount is attained, before it not."""
    for said in played(kind, seed)[2].values():
        if isinstance(said, str):
            continue
        for found in said.outlooks:
            for step in found.steps:
                assert step.low is None or step.high is None or step.low <= step.savings <= step.high
            for party, each in found.expected.items():
                assert each.reached_on is None or each.on is each.earliest is each.latest is None
                if each.reached_on is None:
                    assert each.on == first_end(found, party, each.target.at_savings)
                if each.on is not None and each.earliest is not None:
                    assert each.earliest <= each.on
                if each.on is not None and each.latest is not None:
                    assert each.on <= each.latest


def first_end(found: Outlook, party: str, at_savings: int | None) -> date | None:
    """The first month's end at which the sum attains the smallest sum that attains the target (rule 11)."""
    ends = (step.month.last_day for step in found.steps if at_savings is not None and step.savings >= at_savings)
    return next(ends, None)


@pytest.mark.parametrize(("kind", "seed"), DRAWN)
def test_the_back_test_says_what_was_said_then_and_what_came(kind: str, seed: int) -> None:
    ledger, contract_id, then = played(kind, seed)
    if not then or isinstance(now := then[max(then)], str):
        return
    determinations = ledger.facts(max(then)).contract(contract_id).determinations
    for one in now.back_test.said:
        facts = ledger.facts(determinations[one.determination - 1].position)
        earlier = way(forecast(facts, contract_id, one.through.last_day), one.method)
        step = [step for step in earlier.steps if step.month <= one.about][-1]
        assert (one.said, one.low, one.high) == (step.savings, step.low, step.high)
        assert one.came == state(ledger.facts(max(then)), contract_id, one.about.last_day).savings
        assert facts.known_at == one.recorded_at


# ── The square root ──────────────────────────────────────────────────────────────────────────────────────────────────


@drawn(st.fractions(min_value=0, max_value=10**30))
def test_a_root_is_the_smallest_whole_number_whose_square_is_enough(squared: Fraction) -> None:
    found = root_up(squared)
    assert found * found >= squared
    assert found == 0 or (found - 1) ** 2 < squared


@drawn(st.integers(min_value=0, max_value=10**15))
def test_the_root_of_a_square_is_itself(root: int) -> None:
    assert root_up(Fraction(root * root)) == root
