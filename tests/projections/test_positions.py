"""What a party's position comes to, month by month: stated, as a claim, or computed otherwise (rule 18).

Ten employees, four months that can be worked out in the head: 7.5 net days expected of each at 2 140 SEK. D1 determines November
2018 with four days and December with none, 7 490 and 16 050 SEK; D2 January with three and February with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from ledger.errors import Refused, Usage
from ledger.events import OtherFacts, Position
from ledger.methodology import Methodology
from ledger.periods import Period
from projections import positions
from tests.histories import Line, Report, Trend, Workforce
from tests.replayed import Story, plain, plain_methodology
from tests.spec import adopted, determined, given, months, notified, ore, signed

THEN = 36
"""The last record that D1 saw."""


def kronor(position: Position) -> list[str]:
    """The savings of its months, as rows write them."""
    return [f"{one.amount_ore / 100:.2f}" for one in position.savings or ()]


def computed(
    told: Story, methodology: Methodology | None = None, upto: int = THEN, without: Sequence[int] = (), number: int = 1
) -> Position:
    """What the ledger computes of D1, or of another."""
    return positions.computed(told.facts, told.id, number, methodology, OtherFacts(upto=upto, without=tuple(without)), "by hand")


# ── Computed ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("number", "upto", "saved"), [(1, 36, ["7490.00", "16050.00"]), (2, 42, ["9630.00", "13910.00"])])
def test_its_own_methodology_on_the_facts_of_then_gives_what_was_determined(number: int, upto: int, saved: list[str]) -> None:
    found = computed(plain(), number=number, upto=upto)
    assert kronor(found) == saved
    assert (found.methodology, found.sha256, found.computed_by) == (None, None, "by hand")


@pytest.mark.parametrize(
    ("methodology", "saved"),
    [
        (plain_methodology(price="1000.00"), ["3500.00", "7500.00"]),
        (plain_methodology({"kind": "exclude-cause@1", "causes": ("covid",), "window": "2018-11"}), ["11770.00", "16050.00"]),
        (plain_methodology({"kind": "exclude-months@1", "window": "2018-12"}), ["7490.00", "0.00"]),
        (plain_methodology({"kind": "freeze-trend@1", "at": "2018Q1", "window": "2018-12"}), ["7490.00", "10700.00"]),
    ],
    ids=["another price", "days of covid left out", "a month left out", "the trend of another quarter"],
)
def test_another_methodology_on_the_same_facts(methodology: Methodology, saved: list[str]) -> None:
    """2 140 SEK a day becomes 1 000; two of November's four days are left out; December counts for nothing; no trend is added."""
    found = computed(plain(), methodology)
    assert kronor(found) == saved
    assert (found.methodology, found.sha256) == (methodology, methodology.sha256)


def later(*steps: Any) -> Story:
    """… with something that came after the determinations; records 44 on."""
    told = plain()
    for step in steps:
        told.player.play(step)
    return told


SPELL = Report((Line(1, "Alby", date(2018, 12, 3), date(2018, 12, 5), 100),), None, None, "2018-12")
"""Three days of December that were not reported."""
REVISED = Trend((("2018Q4", "4.00", date(2019, 3, 8), "published"),))
"""The index, revised: ten days expected instead of 7.5."""
FEWER = Workforce((("2018-12", "Alby", 6),))
"""Six employees in December instead of ten: 4.5 days expected."""


@pytest.mark.parametrize(
    ("step", "now"),
    [(SPELL, ["7490.00", "9630.00"]), (REVISED, ["12840.00", "21400.00"]), (FEWER, ["7490.00", "9630.00"])],
    ids=["a late spell", "a revised index", "a corrected headcount"],
)
def test_on_later_facts_as_a_redo_would_take_them(step: Any, now: list[str]) -> None:
    told = later(step)
    assert told.facts.position == 44
    assert kronor(computed(told)) == ["7490.00", "16050.00"]
    assert kronor(computed(told, upto=43)) == ["7490.00", "16050.00"]
    assert kronor(computed(told, upto=44)) == now
    assert kronor(computed(told, upto=44, without=[44])) == ["7490.00", "16050.00"]


def test_what_was_determined_again_is_computed_as_that_took_the_facts() -> None:
    """D3 takes the last index recorded, as a redo does; computed on what it saw, so does the position."""
    told = later(REVISED)
    told.determine(Period.parse("2018-11..2018-12"), "the index is revised")
    assert told.folded.determination(3).basis == 44
    assert kronor(computed(told, number=3, upto=44)) == ["12840.00", "21400.00"]
    assert kronor(computed(told, plain_methodology(price="1000.00"), number=3, upto=44)) == ["6000.00", "10000.00"]


def test_another_methodology_on_later_facts() -> None:
    assert kronor(computed(later(SPELL), plain_methodology(price="1000.00"), upto=44)) == ["3500.00", "4500.00"]


def test_of_several_late_records_each_can_be_left_out() -> None:
    told = later(SPELL, REVISED)
    assert kronor(computed(told, upto=45)) == ["12840.00", "14980.00"]
    assert kronor(computed(told, upto=45, without=[44])) == ["12840.00", "21400.00"]
    assert kronor(computed(told, upto=45, without=[45])) == ["7490.00", "9630.00"]
    assert kronor(computed(told, upto=45, without=[45, 44])) == ["7490.00", "16050.00"]


def test_a_report_left_out_brings_back_what_it_had_replaced() -> None:
    """November reported anew without its days: seven and a half are saved, unless that report is left out."""
    anew = later(Report((), "2018-11"))
    assert kronor(computed(anew, upto=44)) == ["16050.00", "16050.00"]
    assert kronor(computed(anew, upto=44, without=[44])) == ["7490.00", "16050.00"]


@pytest.mark.parametrize(
    ("upto", "without", "lacking"),
    [
        (36, [33], "2018-11: no complete absence report"),
        (36, [32], "2018-11: headcounts are missing"),
        (36, [36], "2018Q4: no value of index is recorded"),
        (36, [7], "2017-11: no complete absence report"),
        (35, [], "2018Q4: no value of index is recorded"),
        (32, [], "2018-12: headcounts are missing"),
    ],
)
def test_what_cannot_be_measured_so_is_refused_with_all_that_is_missing(upto: int, without: list[int], lacking: str) -> None:
    with pytest.raises(Refused, match="the position cannot be computed") as refused:
        computed(plain(), upto=upto, without=without)
    assert lacking in refused.value.what


def test_everything_that_is_missing_is_named_once() -> None:
    with pytest.raises(Refused) as refused:
        computed(plain(), without=[33, 34, 36])
    said = refused.value.what.splitlines()[1:]
    assert [line.strip().split(":")[0] for line in said] == ["2018-11", "2018-12", "2018Q4"]


@pytest.mark.parametrize(
    ("upto", "without", "text"),
    [
        (0, (), "record 0 is outside the record, which runs from 1 to 43"),
        (44, (), "record 44 is outside the record, which runs from 1 to 43"),
        (36, (37,), "record 37 is no report, headcount, reimbursement or index value that botkyrka is measured by"),
        (36, (33, 2), "record 2 is no report"),
        (36, (44,), "record 44 is no report"),
    ],
    ids=["none", "beyond the record", "the determination", "the contract", "left out beyond the record"],
)
def test_facts_that_are_none_are_refused(upto: int, without: tuple[int, ...], text: str) -> None:
    with pytest.raises(Usage, match=text):
        computed(plain(), upto=upto, without=without)


def test_nothing_is_written() -> None:
    told = plain()
    before = list(told.ledger.bodies)
    computed(told, plain_methodology(price="1000.00"), without=[])
    assert told.ledger.bodies == before


# ── Stated ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("total", "saved"),
    [
        ("23 540", ["7490.00", "16050.00"]),
        ("20 000", ["5720.00", "14280.00"]),
        ("23 540.01", ["7490.01", "16050.00"]),
        ("23 540.03", ["7490.02", "16050.01"]),
        ("23 539.99", ["7490.00", "16049.99"]),
        ("0", ["-4280.00", "4280.00"]),
        ("−100", ["-4330.00", "4230.00"]),
    ],
)
def test_a_stated_amount_is_spread_evenly_over_the_months(total: str, saved: list[str]) -> None:
    """What it differs by; of an odd öre more on the first, so the sum is to the öre what was stated."""
    found = positions.stated(plain().folded.determination(1), ore(total))
    assert (kronor(found), found.total) == (saved, ore(total))
    assert (found.methodology, found.facts, found.computed_by) == (None, None, None)


# ── As a claim ───────────────────────────────────────────────────────────────────────────────────────────────────────

ONE = given(signed(), adopted(), determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-02-15"))
TWO = ONE.with_(
    notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22"),
    determined(2, months("2019Q1", "1 000 000"), claim="184 000"),
)
AT_CAP = ONE.with_(determined(2, months("2019Q1", "40 000 000"), claim="6 116 000"))


@pytest.mark.parametrize(
    ("record", "number", "claim", "savings"),
    [
        (ONE, 1, "92 000", "500 000"),
        (ONE, 1, "184 000.01", "1 000 000.05"),
        (ONE, 1, "0.01", "0.05"),
        (ONE, 1, "0", "0"),
        (ONE, 1, "6 300 000", "34 239 130.43"),
        (TWO, 1, "92 000", "500 000"),
        (TWO, 2, "92 000", "500 000"),
        (TWO, 2, "−184 000", "−1 000 000"),
        (TWO, 2, "6 116 000", "33 239 130.43"),
        (AT_CAP, 2, "6 115 999.99", "33 239 130.38"),
    ],
)
def test_a_claim_is_turned_into_savings_that_give_it(record: Any, number: int, claim: str, savings: str) -> None:
    """All months before stand as they are; those after do not matter."""
    one = record.folded.determination(number)
    found = positions.claiming(record.folded, one, ore(claim))
    assert found.total == ore(savings)
    assert [line.month for line in found.savings or ()] == [line.month for line in one.months]


def test_of_what_was_determined_again_the_claim_is_the_difference() -> None:
    """D2 takes back 92 000 of the 184 000 that D1 claimed: to claim nothing it must say a million again."""
    record = TWO.with_(
        determined(3, months("2018Q4", "500 000"), claim="−92 000", recorded="2019-06-01", supersedes=(1,), reason="late")
    )
    found = positions.claiming(record.folded, record.folded.determination(3), 0)
    assert found.total == ore("1 000 000")


@pytest.mark.parametrize(
    ("record", "number", "claim", "most"),
    [
        (ONE, 1, "6 300 000.01", "6 300 000.00"),
        (TWO, 2, "6 116 000.01", "6 116 000.00"),
        (AT_CAP, 1, "7 000 000", "6 300 000.00"),
    ],
)
def test_a_claim_that_no_savings_give_is_refused_with_the_most_that_they_do(
    record: Any, number: int, claim: str, most: str
) -> None:
    with pytest.raises(Refused, match="no savings give a claim of") as refused:
        positions.claiming(record.folded, record.folded.determination(number), ore(claim))
    assert f"D{number} could claim at most {most}" in refused.value.what.replace("\u2009", " ")
    assert refused.value.where == "case study §4.2"


@pytest.mark.parametrize(("record", "number", "claim"), [(ONE, 1, "−0.01"), (TWO, 2, "−184 000.01")])
def test_nor_is_there_a_claim_below_what_was_claimed_before(record: Any, number: int, claim: str) -> None:
    """The entitlement does not fall below nothing."""
    with pytest.raises(Refused, match="no savings give a claim of"):
        positions.claiming(record.folded, record.folded.determination(number), ore(claim))
