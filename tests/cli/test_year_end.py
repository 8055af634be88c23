"""``soc year-end``: a tiny contract's first year closed, and what was recorded about it afterwards."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from projections.since import MOVES
from projections.year_end import FIGURES
from tests.cli.accounting_world import storied
from tests.cli.world import PAYER, PAYROLL, World, absences


@pytest.fixture
def closed(settled: World) -> World:
    """The year 2019 with a settled quarter, paid in part, redone and lowered; in 2020 it is determined again, then paid."""
    world = storied(settled)
    more = world.file("more.csv", absences(["2019-03"], 2, 0).replace("S700", "S790"))
    world.done("import", "absences", "tiny", more, "--source", "payroll", by=PAYROLL, at="2020-01-10T08:00")
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "late notes of March", at="2020-01-12T09:00")
    world.done("notify", "tiny/D3", "--on", "2020-01-13", at="2020-01-13T09:00")
    world.at = "2020-01-20T09:00"
    return world


def answer(world: World, *more: str) -> Any:
    return world.done("year-end", "tiny", *more, "-O", "json", by=None).json


def money(text: str) -> int:
    return int(text.replace(".", ""))


def test_the_year_then_and_now(closed: World) -> None:
    """Every figure beside what soc state says, as of and as known at the same moments."""
    one = answer(closed, "2019")
    then, now = (closed.state("--as-of", "2019-12-31", *known) for known in (["--known-at", "2019-12-31"], []))
    for name, key in (("entitled", "entitled"), ("payable", "payable"), ("overpaid", "overpaid"), ("due", "due")):
        said = one["figures"][name]
        assert (said["then"], said["now"]) == (then["balance"]["provider"][key], now["balance"]["provider"][key])
    assert one["figures"]["headroom"]["now"] == now["cap"]["headroom"]
    assert (one["then"]["basis"], one["basis"]) == (then["basis"], now["basis"])
    assert one["as_of"] == "2019-12-31"
    assert one["months"]["undetermined"]["now"] == now["undetermined_months"] == [f"2019-{number:02d}" for number in range(4, 13)]


def test_a_redo_after_the_year_is_told_with_its_record(closed: World) -> None:
    one = answer(closed, "2019")
    moved = {cause["id"]: cause["moves"] for cause in one["causes"]}
    assert moved.keys() == {"tiny/D3"}, "the notice of D3 is about 2020"
    assert moved["tiny/D3"]["entitled"] == one["figures"]["entitled"]["difference"]
    assert money(moved["tiny/D3"]["entitled"]) < 0
    booked = one["entitlement_booked"]
    assert booked["own_after"] == {
        "then": "0.00",
        "now": moved["tiny/D3"]["entitled"],
        "difference": moved["tiny/D3"]["entitled"],
    }
    assert one["figures"]["determined_not_notified"]["now"] == moved["tiny/D3"]["entitled"]


def test_what_is_recorded_about_the_year_before_stands_apart(closed: World) -> None:
    """2020 as it stands: D3 is about 2019, and was determined again in 2020."""
    one = answer(closed, "2020")
    moved, booked = one["movements"]["entitled"], one["entitlement_booked"]
    assert moved["own"]["now"] == "0.00"
    assert moved["earlier"]["now"] == booked["again"]["now"] == answer(closed, "2019")["figures"]["entitled"]["difference"]
    assert booked["first"]["now"] == "0.00"
    assert moved["opening"]["now"] == answer(closed, "2019")["movements"]["entitled"]["closing"]["then"]
    for name in MOVES:
        row = {part: money(each["now"]) for part, each in one["movements"][name].items()}
        assert row["opening"] + row["earlier"] + row["own"] == row["closing"]


def test_the_books_may_be_closed_later(closed: World) -> None:
    """With what is known in mid January, D3 belongs to 2019, and 2020 opens with it."""
    known = answer(closed, "2019", "--known-at", "2020-01-12")
    assert {each["difference"] for each in known["figures"].values()} == {"0.00"}
    opened = answer(closed, "2020", "--opening-known-at", "2020-01-12")
    assert opened["movements"]["entitled"]["earlier"]["now"] == "0.00"
    assert opened["movements"]["entitled"]["opening"]["now"] == known["figures"]["entitled"]["then"]
    result = closed.soc("year-end", "tiny", "2019", "--opening-known-at", "2020-01-12", by=None)
    assert result.code == 2
    assert "name an earlier moment" in result.err.lower()


def test_one_notice_claims_what_was_determined_again_before_it(reported: World) -> None:
    """D1 was never notified: the notice of D2 claims all of it, and falls payable in the year after."""
    reported.done("determine", "tiny", "2019Q1", at="2019-12-10T09:00")
    late = reported.file("late.csv", absences(["2019-02"], 1, 0).replace("S7001", "S7999"))
    reported.done("import", "absences", "tiny", late, "--source", "payroll", by=PAYROLL, at="2019-12-11T09:00")
    reported.done("determine", "tiny", "2019Q1", "--redo", "--reason", "a late note", at="2019-12-12T09:00")
    before = answer(reported, "2019")["figures"]
    reported.done("notify", "tiny/D2", "--on", "2019-12-20", at="2019-12-20T09:00")
    after = answer(reported, "2019")["figures"]
    entitled, names = after["entitled"]["now"], ("determined_not_notified", "notified_not_payable", "payable")
    assert money(entitled) > 0
    assert [before[name]["now"] for name in names] == [entitled, "0.00", "0.00"]
    assert [after[name]["now"] for name in names] == ["0.00", entitled, "0.00"]


def test_held_and_claimed_above(closed: World) -> None:
    """A payer's dispute about what is payable holds; the provider's claims above; both as of 31 December."""
    closed.done(
        *("dispute", "raise", "tiny/D3", "--by", "external_provider", "--on", "2020-01-15", "--savings", "900000"),
        *("--grounds", "too little"),
        at="2020-01-20T10:00",
    )
    closed.at = "2020-01-21T09:00"
    one, state = answer(closed, "2020"), closed.state("--as-of", "2020-12-31")
    assert one["figures"]["claimed_above"]["now"] == state["balance"]["provider"]["claimed_above"] != "0.00"
    assert answer(closed, "2019")["figures"]["claimed_above"]["now"] == "0.00", "it was raised in 2020"


def test_upfront_that_is_due_and_not_paid(settled: World) -> None:
    one = answer(settled, "2019")["figures"]
    assert one["upfront_due_not_paid"]["now"] == "200000.00"
    assert one["worst_case_remaining"]["now"] == "500000.00", "maximum 300 000 and upfront 200 000, nothing paid"
    settled.done(
        *("pay", "upfront", "tiny", "150000", "--on", "2019-01-02", "--invoice", "F-1", "--made", "--bank-reference", "BG 1"),
        by=PAYER,
    )
    one = answer(settled, "2019")["figures"]
    assert (one["upfront_due_not_paid"]["now"], one["worst_case_remaining"]["now"]) == ("50000.00", "350000.00")


def test_instructed_and_not_paid(settled: World) -> None:
    settled.done("pay", "outcome", "tiny", "100", "--on", "2019-07-22", "--invoice", "F-2", by=PAYER)
    one = answer(settled, "2019")["figures"]
    assert one["instructed_not_paid"]["now"] == "100.00"
    assert money(one["payable"]["now"]) - money(one["payable_not_instructed"]["now"]) == 10000


def test_text_names_what_a_reader_asks_for(closed: World) -> None:
    text = closed.done("year-end", "tiny", "2019", by=None).out
    for word in ("Tiny SOC — tiny", "Year-end 2019 · as of 2019-12-31", "recorded (simulated ledger)", "SEK excluding VAT"):
        assert word in text
    for word in ("Earned, not payable", "Instructed, not paid", "held by disputes", "Claimed above", "Left to the cap"):
        assert word in text
    assert "Not determined, as known then: 2019-04, 2019-05" in text
    assert "tiny/D3, 2020-01-12: savings of 2019Q1 determined" in text
    assert "2019 has not ended" not in text
    assert "2020 has not ended as far as is known" in closed.done("year-end", "tiny", "2020", by=None).out


def test_csv_has_every_figure(closed: World) -> None:
    rows = list(csv.DictReader(io.StringIO(closed.done("year-end", "tiny", "2019", "-O", "csv", by=None).out)))
    by_key = {(row["part"], row["key"]): row for row in rows}
    one = answer(closed, "2019")
    assert {key for part, key in by_key if part == "figures"} == set(FIGURES)
    for name in FIGURES:
        row = by_key["figures", name]
        assert {key: row[key] for key in ("then", "now", "difference")} == one["figures"][name]


def test_before_the_ledger_was_opened_nothing_was_known(settled: World) -> None:
    one = answer(settled, "2019")
    assert one["opening"] is None
    assert {each["opening"]["now"] for each in one["movements"].values()} == {"0.00"}


@pytest.mark.parametrize(
    ("year", "code", "said"),
    [("2018", 1, "was signed on"), ("19", 2, "not a year such as 2019"), ("9999", 2, "not one that a contract is about")],
)
def test_years_that_cannot_be_asked_for(settled: World, year: str, code: int, said: str) -> None:
    result = settled.soc("year-end", "tiny", year, by=None)
    assert (result.code, result.out) == (code, "")
    assert said in result.err


def test_an_unknown_contract(settled: World) -> None:
    result = settled.soc("year-end", "nowhere", "2019", by=None)
    assert result.code == 2
    assert "no contract nowhere" in result.err
