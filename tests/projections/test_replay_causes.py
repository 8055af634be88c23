"""Why two outcomes differ: every öre has a cause and none is left over; and the causes are those that one finds by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import permutations
from random import Random

import pytest

from ledger.errors import Refused
from ledger.events import MethodologyAdopted, Reimbursement
from ledger.evidence import ReportReimbursements
from ledger.facts import contract_stream
from ledger.methodology import Methodology
from projections.replays.causes import ORDER, Difference, Way, difference
from projections.replays.replay import Replay, Replayer, replay
from tests.histories import Line, Report, Step, Trend, Workforce
from tests.replayed import PLAIN_MONTHS, SICK, Story, cut, methodologies, plain, plain_methodology, ways
from tests.test_against_oracle import TIMES

SEEDS = range(int(100 * TIMES))


# Nothing is left over


def explained(why: Difference) -> set[str]:
    """The causes of a difference that leaves nothing over: exactly, in whole öre, of all months and of each."""
    assert why.residual == (0, 0)
    moved = {month: (why.after.savings.get(month, 0) - why.before.savings.get(month, 0)) for month in why.months}
    rows = why.by_cause()
    assert [name for name, *_ in rows] == [name for name in ORDER if name in {row[0] for row in rows}]
    assert tuple(sum(row[column] for row in rows) for column in (1, 2)) == (why.savings, why.entitlement)
    assert sum(moved.values()) == why.savings
    for month in why.months:
        by_month = why.by_cause(month)
        assert sum(savings for _, savings, _, _ in by_month) == moved[month]
        exact = sum((part.savings for part in why.parts if part.month == month), Fraction(0))
        assert exact == moved[month]
    _rounding_is_small(why)
    return {part.cause for part in why.parts}


def _rounding_is_small(why: Difference) -> None:
    """Each figure is rounded once, so it is off by half an öre at most; what the other causes' whole öre leave comes on top."""
    rounding = [part for part in why.parts if part.cause == "rounding"]
    assert all(abs(part.savings) <= 1 and abs(part.entitlement) <= 3 for part in rounding)
    for _, savings, entitlement, _ in [row for row in why.by_cause() if row[0] == "rounding"]:
        assert abs(savings) <= len(why.months) + len(ORDER)
        assert abs(entitlement) <= 3 * len(why.months) + len(ORDER)


def replayed(told: Story, draw: Random) -> Replay | None:
    """The methodology in force and those of three others that can measure anything, side by side."""
    usable = []
    for method in methodologies(draw, told.folded, 3):
        try:
            usable.append(method)
            replay(told.facts, told.id, usable)
        except Refused:
            usable.pop()
    return replay(told.facts, told.id, usable) if usable else None


def test_every_difference_between_two_methodologies_is_explained() -> None:
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        told = cut(seed)
        found = replayed(told, Random(f"pairs {seed}")) if told is not None else None
        for before, after in permutations(ways(found), 2) if found is not None else ():
            assert found is not None
            compared.update(explained(difference(before, after, found.months)))
            compared["pairs"] += 1
    assert compared["pairs"] > 400 * TIMES
    assert min(compared[name] for name in ORDER if name not in ("days counted", "trend revisions", "resolution")) > 0, compared


def test_every_difference_from_the_record_and_from_an_earlier_moment_is_explained() -> None:
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        told, draw = cut(seed), Random(f"since {seed}")
        now = replayed(told, draw) if told is not None else None
        if told is None or now is None:
            continue
        then = Replayer(told.facts, told.id, then=True)
        recorded = Way(then, then.in_force, now.recorded)
        determined = tuple(month for month in now.months if month in then.determined)
        for after in ways(now):
            compared.update(explained(difference(recorded, after, determined)))
            compared["from the record"] += bool(determined)
        earlier = _earlier(told, now, draw)
        for before in ways(earlier) if earlier is not None else ():
            for after in ways(now):
                assert earlier is not None
                months = tuple(month for month in now.months if month in earlier.months)
                compared.update(explained(difference(before, after, months)))
                compared["from an earlier moment"] += bool(months)
    assert compared["from the record"] > 100 * TIMES
    assert compared["from an earlier moment"] > 60 * TIMES
    assert min(compared[name] for name in ORDER if name not in ("days counted", "resolution")) > 0, compared


def _earlier(told: Story, now: Replay, draw: Random) -> Replay | None:
    """The same methodologies at a random moment since the first was adopted; None where they could measure nothing then."""
    stream = told.facts.stream(contract_stream(told.id))
    first = next(one.position for one in stream if isinstance(one.data, MethodologyAdopted))
    facts = told.facts.at(draw.randint(first, told.facts.position))
    try:
        return replay(facts, told.id, [one.methodology for one in now.outcomes if one.methodology is not None])
    except Refused:
        return None


def test_what_stands_on_record_differs_in_nothing_from_its_replay_on_the_facts_of_then() -> None:
    for seed in SEEDS:
        told = cut(seed)
        if told is None or not told.recorded:
            continue
        then = Replayer(told.facts, told.id, then=True)
        determined = tuple(then.determined)
        recorded = replay(told.facts, told.id, []).recorded
        lines = then.lines({month: then.in_force(month) for month in determined})
        again = Way(then, then.in_force, replace(recorded, lines=lines))
        assert difference(Way(then, then.in_force, recorded), again, determined).parts == ()


# By hand: 7 490, 16 050, 9 630 and 13 910 SEK from November to February

NOVEMBER = {"window": "2018-11"}
WINTER = {"window": "2019-01..2019-02"}
COVID_OUT = {"kind": "exclude-cause@1", "causes": ("covid",)}
FROZEN = {"kind": "freeze-trend@1", "at": "2018Q1"}
NET = {"kind": "net-of-reimbursement@1", "reimbursed": "average"}
REBASED = {"kind": "rebase@1", "from": "2018-02-01", "to": "2019-01-31"}
MEAN = {"kind": "deem-average@1", "of": "2018-11..2018-12"}
DAY = 2140_00

Moved = list[tuple[str, int, int, int]]


def months_apart(told: Story, other: Methodology) -> dict[str, Moved]:
    """By month that differs, the causes from the methodology in force to another."""
    found = replay(told.facts, told.id, [plain_methodology(), other])
    why = difference(*ways(found), found.months)
    explained(why)
    return {str(month): rows for month in why.months if (rows := why.by_cause(month))}


def moved(cause: str, savings: int, facts: int = 0) -> tuple[str, int, int, int]:
    """One cause; the provider's share of it is 18.4 per cent, in whole öre here."""
    share = Fraction(184, 1000) * savings
    assert share.denominator == 1
    return cause, savings, int(share), facts


BY_HAND: list[tuple[str, Methodology, dict[str, Moved]]] = [
    ("two days are left out", plain_methodology(COVID_OUT | NOVEMBER), {"2018-11": [moved("days left out", 2 * DAY, 1)]}),
    ("the factor is 1, not 1.5", plain_methodology(FROZEN | NOVEMBER), {"2018-11": [moved("trend", -5 * DAY // 2, 2)]}),
    (
        "the price is lower by 140",
        plain_methodology(price="2000.00"),
        {
            "2018-11": [moved("price", -490_00)],
            "2018-12": [moved("price", -1050_00)],
            "2019-01": [moved("price", -630_00)],
            "2019-02": [moved("price", -910_00)],
        },
    ),
    (
        "days, then trend, then price: each on what those before left",
        plain_methodology(COVID_OUT | NOVEMBER, FROZEN | NOVEMBER, price="2000.00"),
        {
            "2018-11": [moved("days left out", 2 * DAY, 1), moved("trend", -5 * DAY // 2, 2), moved("price", -420_00)],
            "2018-12": [moved("price", -1050_00)],
            "2019-01": [moved("price", -630_00)],
            "2019-02": [moved("price", -910_00)],
        },
    ),
    (
        "January beside itself: three days at an index of 3.00, five at 2.00 a year before",
        plain_methodology(REBASED | {"window": "2019-01"}),
        {"2019-01": [moved("reference years", -3 * DAY, 1), moved("trend", -3 * DAY // 2, 2)]},
    ),
    (
        "the mean of November and December is 11 770",
        plain_methodology(MEAN | WINTER),
        {"2019-01": [moved("window", DAY, 2)], "2019-02": [moved("window", -DAY, 2)]},
    ),
    (
        "months count for nothing",
        plain_methodology({"kind": "exclude-months@1"} | WINTER),
        {"2019-01": [moved("window", -9630_00)], "2019-02": [moved("window", -13910_00)]},
    ),
]


@pytest.mark.parametrize(("other", "expected"), [row[1:] for row in BY_HAND], ids=[row[0] for row in BY_HAND])
def test_the_causes_are_those_found_by_hand(other: Methodology, expected: dict[str, Moved]) -> None:
    assert months_apart(plain(), other) == expected


def test_what_the_state_repaid_lowers_the_price() -> None:
    told = plain()
    told.submit(lambda _: ReportReimbursements(told.id, (repaid("2019-01", 100_000_00, 25_000_00),)))
    assert months_apart(told, plain_methodology(NET | {"window": "2019-01"})) == {"2019-01": [moved("price", -2407_50, 1)]}


def repaid(month: str, cost: int, back: int) -> Reimbursement:
    said = {"month": month, "sick_pay_cost_ore": cost, "wage_cost_ore": 0, "threshold": "0", "reimbursed_ore": back}
    return Reimbursement.model_validate(said)


def test_days_of_another_source_are_days_counted() -> None:
    told = plain()
    lines = (Line(1, "Alby", date(2018, 11, 5), date(2018, 11, 5), 100), *(line for line in SICK if line.first.year < 2018))
    told.player.play(Report(lines, "2017-11..2018-11", source="health-support"))
    other = plain_methodology()
    other = other.model_copy(update={"measure": other.measure.model_copy(update={"source": "health-support"}), "name": "other"})
    found = replay(told.facts, told.id, [plain_methodology(), other], months=[PLAIN_MONTHS.first])
    assert difference(*ways(found), found.months).by_cause() == [moved("days counted", 3 * DAY)]


# Facts recorded since


LATE: list[tuple[str, Step, dict[str, Moved]]] = [
    (
        "a spell of two days",
        Report((Line(5, "Alby", date(2018, 12, 10), date(2018, 12, 11), 100),), None, None, "2018-12"),
        {"2018-12": [moved("facts recorded since", -2 * DAY, 1)]},
    ),
    ("two employees fewer", Workforce((("2019-02", "Alby", 8),)), {"2019-02": [moved("facts recorded since", -3 * DAY // 2, 1)]}),
    (
        "an index of 4.00",
        Trend((("2018Q4", "4.00", date(2019, 3, 1), "published"),)),
        {month: [moved("trend revisions", 5 * DAY // 2, 1)] for month in ("2018-11", "2018-12")},
    ),
    (
        "what is about reference months that are locked",
        Report((Line(5, "Alby", date(2017, 12, 11), date(2017, 12, 12), 100),), None, None, "2017-12"),
        {},
    ),
    (
        "what another source says",
        Report((Line(5, "Alby", date(2018, 12, 10), date(2018, 12, 11), 100),), None, None, "2018-12", "other"),
        {},
    ),
]


@pytest.mark.parametrize(("late", "expected"), [row[1:] for row in LATE], ids=[row[0] for row in LATE])
def test_what_was_recorded_since_is_told_with_its_records(late: Step, expected: dict[str, Moved]) -> None:
    told = plain()
    assert told.player.play(late) is not None
    found = replay(told.facts, told.id, [plain_methodology()])
    then = Replayer(told.facts, told.id, then=True)
    why = difference(Way(then, then.in_force, found.recorded), *ways(found), found.months)
    explained(why)
    assert {str(month): rows for month in why.months if (rows := why.by_cause(month))} == expected


def test_only_records_that_a_month_rests_on_are_counted() -> None:
    """A spell of two days is told by payroll; another source tells it too, and the state repaid nothing."""
    told = plain()
    spell = Line(5, "Alby", date(2018, 12, 10), date(2018, 12, 11), 100)
    for source in ("other", "payroll"):
        told.player.play(Report((spell,), None, None, "2018-12", source))
    told.submit(lambda _: ReportReimbursements(told.id, (repaid("2018-12", 0, 0),)))
    found = replay(told.facts, told.id, [plain_methodology()])
    then = Replayer(told.facts, told.id, then=True)
    why = difference(Way(then, then.in_force, found.recorded), *ways(found), found.months)
    assert why.by_cause() == [moved("facts recorded since", -2 * DAY, 1)]


def test_the_spells_behind_days_left_out_are_those_that_one_side_alone_leaves_out() -> None:
    """In November one spell of two days is coded as covid and one is not; in February one is not."""
    told, out = plain(), {"kind": "exclude-cause@1", "window": "2018-11..2019-02"}
    covid, others = plain_methodology(out | {"causes": ("covid",)}), plain_methodology(out | {"causes": ("sick",)})
    both = plain_methodology(out | {"causes": ("covid", "sick")})
    for methods, november, february in (
        ((plain_methodology(), others), 1, 1),
        ((others, plain_methodology()), 1, 1),
        ((covid, others), None, 1),
        ((covid, both), 1, 1),
        ((both, others), 1, None),
    ):
        found = replay(told.facts, told.id, methods)
        why = difference(*ways(found), found.months)
        facts = [{name: facts for name, _, _, facts in why.by_cause(month)} for month in (PLAIN_MONTHS.first, PLAIN_MONTHS.last)]
        assert [one.get("days left out") for one in facts] == [november, february]


# Cap and ceiling


def test_a_cap_takes_what_lies_above_it_month_by_month() -> None:
    """The provider has 18.4 per cent, 2 000 SEK at most: 1 378.16 in November, the rest in December; with the days left out
    all of it in November."""
    told = plain(("outcome.maximum_payment", "2000.00"))
    found = replay(told.facts, told.id, [plain_methodology(), plain_methodology(COVID_OUT | NOVEMBER)])
    why = difference(*ways(found), found.months)
    explained(why)
    left_out, capped = ("days left out", 4280_00, 787_52, 1), ("cap and ceiling", 0, -165_68, 0)
    assert why.by_cause(PLAIN_MONTHS.first) == [left_out, capped]
    assert why.by_cause(PLAIN_MONTHS.first + 1) == [("cap and ceiling", 0, -621_84, 0)]
    assert why.by_cause() == [left_out, ("cap and ceiling", 0, -787_52, 0)]


def test_one_ore_of_rounding_is_told_as_rounding() -> None:
    """A day at 0.01 SEK: half a day expected less is worth half an öre."""
    told = plain()
    cheap = [
        plain_methodology(price="0.01", name="all"),
        plain_methodology(COVID_OUT | NOVEMBER, FROZEN | NOVEMBER, price="0.01"),
    ]
    found = replay(told.facts, told.id, cheap, months=[PLAIN_MONTHS.first])
    assert [one.lines[PLAIN_MONTHS.first].savings_ore for one in found.outcomes] == [4, 3]
    why = difference(*ways(found), found.months)
    explained(why)
    parts = {part.cause: part.savings for part in why.parts if part.savings}
    assert parts == {"days left out": 2, "trend": Fraction(-5, 2), "rounding": Fraction(-1, 2)}
    assert sum(row[1] for row in why.by_cause()) == -1


# What random histories have found


def test_years_that_the_other_methodology_could_not_know_yet_are_reference_years() -> None:
    """The one in force took its reference rates when January was not over; the other compares January with itself."""
    found = replay(plain().facts, "botkyrka", [plain_methodology(REBASED | {"window": "2019-01"}), plain_methodology()])
    why = difference(*ways(found), found.months)
    explained(why)
    assert why.by_cause() == [moved("reference years", 2 * DAY, 1), moved("trend", 5 * DAY // 2, 2)]
