"""What is found beside a methodology, and how large it is: cases worked out by hand, and none where both sides are treated alike.

7.5 days are expected of each month: five, and an index that is half as high again as in the reference year. A day is 2 140 SEK.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from ledger.commands import AdoptMethodology, OfContract
from ledger.errors import Refused
from ledger.events import MethodologyAdopted, Reimbursement
from ledger.evidence import ReportReimbursements
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from projections.findings_beside import Procurement, Side, beside, procurement, symmetry
from projections.replays.replay import Replayer
from tests.histories import Report, Trend, Workforce
from tests.replayed import PLAIN_MONTHS, Story, cut, methodologies, plain, plain_methodology
from tests.spec import BOTKYRKA
from tests.test_against_oracle import TIMES

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = PLAIN_MONTHS
DAY = 2140_00
OUT: Side = "left out of actual, kept in the trend"
KEPT: Side = "kept in actual, left out of the trend"
SPLIT: Side = "not in actual, but in the index of the quarter"

Rule = dict[str, Any]


def coded(window: str, *causes: str) -> Rule:
    """Days with those causes left out; by default those of the pandemic."""
    return {"kind": "exclude-cause@1", "causes": causes or ("covid",), "window": window}


def frozen(window: str, at: str = "2018Q1") -> Rule:
    """The trend held; at 2018Q1 its factor is 1."""
    return {"kind": "freeze-trend@1", "at": at, "window": window}


def plainly(said: str) -> str:
    """With ordinary spaces in amounts."""
    return said.replace("\N{THIN SPACE}", " ")


def found(told: Story, methodology: Methodology, months: Any = PLAIN_MONTHS) -> list[tuple[Side, tuple[Month, ...], int | None]]:
    """Side, months and size of each finding of symmetry."""
    said = symmetry(Replayer(told.facts, told.id), methodology, months)
    return [(one.side, one.months, one.size) for one in said]


# Each side

CASES: dict[str, tuple[Methodology, list[tuple[Side, tuple[Month, ...], int | None]]]] = {
    "two months, whole quarter, coded days out: 2.5 of the 7.5 days come of the index": (
        plain_methodology(coded("2019-01..2019-03")),
        [(OUT, (JANUARY, FEBRUARY), 2 * 5 * DAY // 2)],
    ),
    "no day was coded: it is found all the same": (
        plain_methodology(coded("2018-12"), quarter_split="previous-year", disrupted="2018-10..2018-12"),
        [(OUT, (DECEMBER,), 5 * DAY // 2)],
    ),
    "at another price": (plain_methodology(coded("2019-01..2019-03"), price="1000.00"), [(OUT, (JANUARY, FEBRUARY), 5000_00)]),
    "the index held at a quarter that measured the pandemic": (
        plain_methodology(coded("2018-10..2018-12"), frozen("2018-10..2018-12", at="2018Q4")),
        [(OUT, (NOVEMBER, DECEMBER), 2 * 5 * DAY // 2)],
    ),
    "the trend held, two coded days kept in November, none in December": (
        plain_methodology(frozen("2018-10..2018-12")),
        [(KEPT, (NOVEMBER, DECEMBER), -2 * DAY)],
    ),
    "the trend held, days of another cause out": (
        plain_methodology(frozen("2019-01..2019-03"), coded("2019-01..2019-03", "work-injury")),
        [(KEPT, (JANUARY, FEBRUARY), -3 * DAY)],
    ),
    "an undisturbed month in a quarter that holds a disrupted one": (
        plain_methodology(disrupted="2018-12..2018-12"),
        [(SPLIT, (NOVEMBER,), 5 * DAY // 2)],
    ),
    "one side in one month, another in another": (
        plain_methodology(coded("2018-12"), frozen("2019-01..2019-03")),
        [(SPLIT, (NOVEMBER,), 5 * DAY // 2), (OUT, (DECEMBER,), 5 * DAY // 2), (KEPT, (JANUARY, FEBRUARY), -3 * DAY)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_side_is_found_with_its_size(case: str) -> None:
    methodology, expected = CASES[case]
    assert found(plain(), methodology) == expected


ALIKE: dict[str, Methodology] = {
    "nothing is disrupted": plain_methodology(),
    "every month of the quarter is, on both sides": plain_methodology(disrupted="2018-10..2019-06"),
    "left out of both": plain_methodology(coded("2018-10..2018-12"), frozen("2018-10..2018-12")),
    "an undisturbed month takes the year before": plain_methodology(disrupted="2018-12..2018-12", quarter_split="previous-year"),
    "the months are out": plain_methodology(
        {"kind": "exclude-months@1", "window": "2018-10..2019-02"}, coded("2018-10..2019-02")
    ),
    "the months are a mean": plain_methodology(
        {"kind": "deem-average@1", "window": "2019-01..2019-03", "of": "2018-11..2018-12"}, frozen("2019-01..2019-03")
    ),
    "the trend is held, and nobody was coded": plain_methodology(frozen("2018-12"), disrupted="2018-10..2018-12"),
}


@pytest.mark.parametrize("case", ALIKE)
def test_nothing_is_found_where_both_sides_are_treated_alike(case: str) -> None:
    assert found(plain(), ALIKE[case]) == []


def test_days_of_a_cause_that_has_nothing_to_do_with_the_pandemic_are_left_out_of_actual_alone() -> None:
    """The index measures every cause, so leaving any out is on one side only."""
    [(side, months, size)] = found(plain(), plain_methodology(coded("2018-10..2018-12", "sick")))
    assert (side, size > 0) == ("left out of actual, kept in the trend", True)
    assert months


def test_what_the_state_repaid_of_a_day_does_not_come_of_the_index() -> None:
    told = plain()
    said = {"month": "2019-01", "sick_pay_cost_ore": 100, "wage_cost_ore": 0, "threshold": "0", "reimbursed_ore": 40}
    told.submit(lambda _: ReportReimbursements(told.id, (Reimbursement.model_validate(said),)))
    net = {"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2019-01"}
    methodology = plain_methodology(coded("2019-01..2019-03"), net)
    assert found(told, methodology, [JANUARY]) == [(OUT, (JANUARY,), 5 * DAY // 2 * 6 // 10)]


def test_of_months_that_cannot_be_measured_yet_it_says_no_size() -> None:
    told = plain(determined=1)
    facts = told.facts.at(told.folded.determinations[0].basis)
    both = symmetry(Replayer(facts, told.id), plain_methodology(coded("2018-12..2019-03")), PLAIN_MONTHS)
    assert [(one.side, one.months, one.size) for one in both] == [
        (SPLIT, (NOVEMBER,), 5 * DAY // 2),
        (OUT, (DECEMBER, JANUARY, FEBRUARY), 5 * DAY // 2),
    ]
    [none] = symmetry(Replayer(facts, told.id), plain_methodology(coded("2019-01..2019-03")), PLAIN_MONTHS)
    assert (none.side, none.months, none.size) == (OUT, (JANUARY, FEBRUARY), None)
    assert none.what == "disrupted days are left out of actual, kept in the trend, in 2019-01 to 2019-02"


def test_the_quarters_that_the_index_is_compared_with_are_those_of_the_months_own_reference_months() -> None:
    """Reference years from November to October hold the October before the contract, but the November of the year before that."""
    methodology = plain_methodology(disrupted="2018-12..2018-12")
    years = methodology.reference.model_copy(update={"from_": date(2017, 11, 1), "to": date(2018, 10, 31)})
    assert found(plain(), methodology.model_copy(update={"reference": years})) == [(SPLIT, (NOVEMBER,), 5 * DAY // 2)]


def test_where_the_undisturbed_index_is_not_on_record_it_says_no_size() -> None:
    """The trend is held at a quarter that measured the pandemic, so nobody needed the fourth quarter of 2016 before."""
    told = plain()
    for month in Period.parse("2016-10..2017-09"):
        told.player.play(Workforce(((str(month), "Alby", 10),)))
        told.player.play(Report((), str(month)))
    told.player.play(Trend((("2017Q1", "2.00", date(2019, 1, 1), "published"),)))
    methodology = plain_methodology(coded("2018-11..2019-02"), frozen("2018-11..2019-02", at="2019Q1"))
    years = methodology.reference.model_copy(update={"from_": date(2016, 10, 1)})
    longer = methodology.model_copy(update={"reference": years})
    assert not Replayer(told.facts, told.id).lacking(longer, list(PLAIN_MONTHS))
    assert found(told, longer, [NOVEMBER, DECEMBER]) == [(OUT, (NOVEMBER, DECEMBER), None)]


def test_it_says_side_months_and_size_in_words() -> None:
    [one] = symmetry(Replayer(plain().facts, "botkyrka"), plain_methodology(coded("2019-01..2019-03")), PLAIN_MONTHS)
    said = "disrupted days are left out of actual, kept in the trend, in 2019-01 to 2019-02"
    assert plainly(one.what) == f"{said}: 10 700.00 SEK of the savings come of that"


# Adopting


def test_adopting_takes_accepting_what_the_methodologys_own_rules_bring_about() -> None:
    told = plain()
    methodology = plain_methodology(coded("2018-12"), frozen("2019-01..2019-03"))
    [both] = beside(told.facts, told.id, methodology, NOVEMBER.first_day)
    assert (both.name, both.size_ore) == ("symmetry", 5 * DAY // 2 - 3 * DAY)
    assert "2018-12" in both.what
    assert "2019-01 to 2019-02" in both.what
    assert "2018-11" not in both.what
    agrees = tuple(told.folded.signed.governance.agrees)
    with pytest.raises(Refused, match="must be accepted by name") as refused:
        told.submit(lambda _: OfContract(told.id, AdoptMethodology(methodology, NOVEMBER.first_day, agrees, (both,))))
    assert refused.value.do is not None
    assert "--accept-finding symmetry" in refused.value.do
    event = told.adopt(methodology, NOVEMBER).records[0].data
    assert isinstance(event, MethodologyAdopted)
    assert event.accepts == (both,)


def test_only_months_from_the_date_on_are_looked_at() -> None:
    facts, methodology = plain().facts, plain_methodology(coded("2018-12"), frozen("2019-01..2019-03"))
    sizes = [
        [one.size_ore for one in beside(facts, "botkyrka", methodology, month.first_day)]
        for month in (DECEMBER - 12, DECEMBER, JANUARY, FEBRUARY, FEBRUARY + 1)
    ]
    assert sizes == [[-DAY // 2], [-DAY // 2], [-3 * DAY], [], []]


def test_an_index_that_is_split_against_a_month_is_told_and_needs_no_accepting() -> None:
    methodology = plain_methodology(disrupted="2018-12..2018-12")
    [one] = symmetry(Replayer(plain().facts, "botkyrka"), methodology, PLAIN_MONTHS)
    assert not one.to_accept
    assert beside(plain().facts, "botkyrka", methodology, NOVEMBER.first_day) == ()


def test_whatever_is_agreed_there_is_a_size_wherever_a_month_can_be_measured() -> None:
    compared: Counter[str] = Counter()
    for seed in range(int(150 * TIMES)):
        told, draw = cut(seed), Random(f"symmetry {seed}")
        for methodology in methodologies(draw, told.folded, 3) if told is not None else ():
            assert told is not None
            replayer, terms = Replayer(told.facts, told.id), told.folded.versions[-1][1]
            months = Period(terms.first_month, terms.last_month)
            for one in symmetry(replayer, methodology, months):
                compared[one.side] += 1
                measurable = [month for month in one.months if not replayer.lacking(methodology, [month])]
                assert (one.size is None) <= (not measurable or one.side != KEPT), seed
                assert not any(methodology.agreed(month) for month in one.months)
                assert set(one.months) <= set(months)
    assert min(compared[side] for side in (OUT, KEPT, SPLIT)) > 10 * TIMES, compared


# Procurement


def test_the_change_stands_beside_the_services_value_as_arithmetic() -> None:
    """Botkyrka's service is worth 8.4 m, 4.2 m of it paid upfront: 630 000 SEK more are 7.5 per cent."""
    found = procurement(BOTKYRKA, 3_630_000_00, 3_000_000_00)
    assert found == Procurement(change=630_000_00, remuneration=7_830_000_00, value=8_400_000_00)
    assert found.share == Fraction(75, 1000)
    less = procurement(BOTKYRKA, 0, 6_300_000_00)
    assert (less.change, less.remuneration, less.share) == (-6_300_000_00, 4_200_000_00, Fraction(-3, 4))
    assert "changes by 630 000.00 SEK, 7.5 % of the service's agreed value of 8 400 000.00 SEK" in plainly(found.what)
    assert "10 % of LOU 17:9" in found.what
    assert "−75.0 %" in less.what
    assert procurement(BOTKYRKA, 5, 5).share == 0
