"""``soc reconcile``: a tiny contract's counted days beside what payroll booked, part by part, and what nobody can explain."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from tests.cli.world import (
    ABSENCE_HEADER,
    BOTH,
    METHODOLOGY,
    PAYROLL,
    ROOT,
    World,
    absences,
    spells,
    workforce,
)

HEADER = "month,sick_pay,cost"
FIXTURE = ROOT / "fixtures" / "imports" / "ledger-amounts-botkyrka.csv"
COST = 1000
"""Kronor a day. In a month of 2019 six people are absent for five days each: 30 net days, of which 6 are deducted."""


def reconciled(world: World, *lines: str, code: int = 0, more: tuple[str, ...] = (), header: str = HEADER) -> Any:
    """The answer for a file with these months."""
    file = world.file("amounts.csv", "\n".join([header, *lines]))
    result = world.soc("reconcile", "tiny", "--ledger-amounts", file, *more, "-O", "json", by=None)
    assert result.code == code, result.out + result.err
    return result.json


def refused(world: World, *lines: str, code: int, more: tuple[str, ...] = (), header: str = HEADER) -> str:
    file = world.file("amounts.csv", "\n".join([header, *lines]))
    result = world.soc("reconcile", "tiny", "--ledger-amounts", file, *more, by=None)
    assert (result.code, result.out) == (code, "")
    return result.err


def flowing(text: str) -> str:
    """A text without its line ends and columns; thin spaces stay."""
    return re.sub(r"[ \n]+", " ", text)


def late(world: World, *lines: str, at: str = "2019-07-23T09:00") -> None:
    """A partial report."""
    file = world.file("late.csv", "\n".join([ABSENCE_HEADER, *lines]))
    world.done("import", "absences", "tiny", file, "--source", "payroll", by=PAYROLL, at=at)
    world.at = "2019-07-24T09:00"


# ── What explains a difference ───────────────────────────────────────────────────────────────────────────────────────


def test_the_waiting_deduction_explains_what_is_counted_and_not_paid(settled: World) -> None:
    [month] = reconciled(settled, f"2019-01,24000,{COST}")["months"]
    assert month == {
        "month": "2019-01",
        "determined": "tiny/D1",
        "counted_days": "30.00",
        "price": "2000.00",
        "at_price": "60000.00",
        "cost": "1000.00",
        "cost_from": "file",
        "at_cost": "30000.00",
        "booked": "24000.00",
        "difference": "-6000.00",
        "parts": {
            "no_employees": {"days": "0.00", "amount": "0.00", "periods": None},
            "left_out": {"days": "0.00", "amount": "0.00", "periods": None},
            "waiting": {"days": "-6.00", "amount": "-6000.00", "periods": 6},
            "late": {"days": "0.00", "amount": "0.00", "periods": None},
        },
        "explained": "-6000.00",
        "not_explained": "0.00",
        "not_explained_share": "0.0000",
        "within": True,
        "withheld": False,
        "if_part_time_were_whole": "0.00",
        "numbering_known": True,
    }


def test_before_the_contract_days_count_as_on_record(settled: World) -> None:
    """In a month of 2018 twelve people are absent from a Monday on: the waiting day is one of five."""
    [month] = reconciled(settled, f"2018-06,48000,{COST}")["months"]
    assert (month["determined"], month["price"], month["at_price"]) == (None, None, None)
    assert (month["counted_days"], month["parts"]["waiting"]["days"], month["not_explained"]) == ("60.00", "-12.00", "0.00")


def test_the_first_months_on_record_say_that_numbering_is_not_sure(settled: World) -> None:
    [month] = reconciled(settled, f"2018-01,48000,{COST}")["months"]
    assert month["numbering_known"] is False


def test_late_reports_are_paid_and_not_counted_by_the_determination(settled: World) -> None:
    late(settled, "S7999,Skolan,2019-02-04,2019-02-08,100,sick")
    [month] = reconciled(settled, f"2019-02,28000,{COST}")["months"]
    assert month["counted_days"] == "30.00"
    assert month["parts"]["late"] == {"days": "5.00", "amount": "5000.00", "periods": None}
    assert (month["parts"]["waiting"]["days"], month["not_explained"]) == ("-7.00", "0.00")
    [before] = reconciled(settled, f"2019-02,24000,{COST}", more=("--known-at", "2019-07-22"))["months"]
    assert (before["parts"]["late"]["days"], before["not_explained"]) == ("0.00", "0.00")


def test_days_at_workplaces_without_employees_are_paid_and_not_counted(settled: World) -> None:
    late(settled, *(line.replace("S7", "S8") for line in spells("2019-03", 5, "Stängd")))
    [month] = reconciled(settled, f"2019-03,44000,{COST}")["months"]
    assert month["parts"]["no_employees"] == {"days": "25.00", "amount": "25000.00", "periods": None}
    assert (month["counted_days"], month["parts"]["waiting"]["days"], month["not_explained"]) == ("30.00", "-11.00", "0.00")


def test_causes_left_out_are_paid_and_not_counted(reported: World) -> None:
    rule = 'kind = "exclude-cause@1"\ncauses = ["covid"]\nwindow = "2019-01..2019-12"\n'
    written = METHODOLOGY.replace('kind = "none@1"\n', rule).replace("tiny-2019", "tiny-covid")
    adopting = ("methodology", "adopt", "tiny", reported.file("excluding.toml", written), "--from", "2019-01-01", *BOTH)
    reported.done(*adopting, "--accept-finding", "symmetry", at="2019-06-11T09:00")
    sick = "Skolan,2019-02-04,2019-02-08,100,sick"
    lines = absences(["2019-01", "2019-02", "2019-03"], 5, 1).replace(sick, sick.replace("sick", "covid"))
    coded = reported.file("coded.csv", lines)
    complete = ("--source", "payroll", "--complete", "2019Q1")
    reported.done("import", "absences", "tiny", coded, *complete, by=PAYROLL, at="2019-06-11T10:00")
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    reported.at = "2019-06-13T09:00"
    [month] = reconciled(reported, f"2019-02,24000,{COST}")["months"]
    assert (month["counted_days"], month["parts"]["left_out"]["days"]) == ("5.00", "25.00")
    assert (month["determined"], month["not_explained"]) == ("tiny/D1", "0.00")


def test_part_time_absences_booked_as_whole_days_are_told_and_not_taken_for_it(settled: World) -> None:
    half = [line.replace("S7", "S6").replace(",100,", ",50,") for line in spells("2019-03", 6, "Skolan")]
    late(settled, *half)
    [month] = reconciled(settled, f"2019-03,48000,{COST}", code=1)["months"]
    assert (month["parts"]["late"]["days"], month["parts"]["waiting"]["days"]) == ("15.00", "-12.00")
    assert (month["if_part_time_were_whole"], month["not_explained"], month["within"]) == ("15000.00", "15000.00", False)
    file = settled.file("amounts.csv", f"{HEADER}\n2019-03,48000,{COST}")
    text = settled.soc("reconcile", "tiny", "--ledger-amounts", file, by=None).out
    assert "would explain +15\u2009000.00 at most" in flowing(text)


# ── What is not explained ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("booked", "within", "code", "share"),
    [
        ("24000", (), 0, "0.0000"),
        ("25000", (), 0, "0.0400"),
        ("26000", (), 1, "0.0769"),
        ("26000", ("--within", "7.7"), 0, "0.0769"),
        ("23000", (), 0, "-0.0435"),
        ("22000", (), 1, "-0.0909"),
        ("24000", ("--within", "0"), 0, "0.0000"),
        ("24000.01", ("--within", "0"), 1, "0.0000"),
        ("0", ("--within", "100"), 1, None),
    ],
)
def test_more_than_the_tolerance_is_a_finding(
    settled: World, booked: str, within: tuple[str, ...], code: int, share: str | None
) -> None:
    one = reconciled(settled, f"2019-01,{booked},{COST}", f"2019-02,24000,{COST}", code=code, more=within)
    assert one["months"][0]["not_explained_share"] == share
    assert one["not_within"] == (["2019-01"] if code else [])


def test_charges_are_booked_too_where_the_file_has_them(settled: World) -> None:
    [month] = reconciled(settled, "2019-01,18000,1000,6000", header=f"{HEADER},employer_charges")["months"]
    assert (month["booked"], month["not_explained"]) == ("24000.00", "0.00")


def test_the_cost_of_a_day_may_be_said_once(settled: World) -> None:
    months = reconciled(settled, "2019-01,24000,", "2019-02,48000,2000", more=("--cost-per-day", "1000"))["months"]
    assert [(month["cost"], month["not_explained"]) for month in months] == [("1000.00", "0.00"), ("2000.00", "0.00")]
    [month] = reconciled(settled, "2019-01,24000", header="month,sick_pay", more=("--cost-per-day", "1000"))["months"]
    assert (month["cost"], month["cost_from"]) == ("1000.00", "given")


def test_the_text_says_where_the_cost_of_a_day_comes_from(settled: World) -> None:
    file = settled.file("amounts.csv", f"{HEADER}\n2019-01,24000,\n2019-02,48000,2000")
    out = settled.done("reconcile", "tiny", "--ledger-amounts", file, "--cost-per-day", "1000", by=None).out
    assert "costs 2\u2009000.00 SEK as the file says, and 1\u2009000.00 SEK as given with --cost-per-day;" in flowing(out)


def test_the_sum_and_what_the_file_leaves_out(settled: World) -> None:
    one = reconciled(settled, f"2019-03,24000,{COST}", f"2019-01,25000,{COST}")
    assert [month["month"] for month in one["months"]] == ["2019-01", "2019-03"]
    assert one["missing_months"] == ["2019-02"]
    assert one["total"] == {
        "at_cost": "60000.00",
        "booked": "49000.00",
        "difference": "-11000.00",
        "explained": "-12000.00",
        "not_explained": "1000.00",
    }


# ── For whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_parts_that_rest_on_few_are_for_the_employer(settled: World) -> None:
    late(settled, *(line.replace("S7", "S8") for line in spells("2019-03", 1, "Stängd")))
    lines = (f"2019-02,24000,{COST}", f"2019-03,28000,{COST}")
    shown, hidden = reconciled(settled, *lines)["months"]
    assert (shown["withheld"], hidden["withheld"]) == (False, True)
    assert {hidden[key] for key in ("explained", "not_explained", "not_explained_share", "if_part_time_were_whole")} == {None}
    assert set(hidden["parts"].values()) == {None}
    assert hidden["difference"] == "-2000.00"
    assert reconciled(settled, *lines)["total"]["explained"] is None
    every = reconciled(settled, *lines, more=("--audience", "payer"))
    assert every["months"][1]["parts"]["no_employees"]["days"] == "5.00"
    assert every["months"][1]["not_explained"] == "0.00"
    file = settled.file("amounts.csv", "\n".join([HEADER, *lines]))
    text = settled.done("reconcile", "tiny", "--ledger-amounts", file, by=None).out
    assert "Withheld" in text
    assert "5\u2009000.00" not in text.split("What explains")[1]


# ── Text and CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_text_names_what_a_reader_asks_for(settled: World) -> None:
    file = settled.file("amounts.csv", f"{HEADER}\n2019-01,30000,{COST}\n2019-02,24000,{COST}")
    result = settled.soc("reconcile", "tiny", "--ledger-amounts", file, by=None)
    assert result.code == 1
    text = flowing(result.out)
    for said in (
        "Tiny SOC — tiny",
        "Beside amounts.csv, fingerprint",
        "recorded (simulated ledger)",
        "SEK excluding VAT",
        "costs 1\u2009000.00 SEK as the file says; the contract's agreed price of a net day is 2\u2009000.00 SEK",
        "−6\u2009000.00 (−6.00 in 6 periods)",
        "2019-01: +6\u2009000.00 is not explained, 20.0 % of what is booked.",
        "Determined, and not in the file: 2019-03.",
    ):
        assert said in text


def test_months_in_a_row_are_told_as_one(settled: World) -> None:
    lines = [f"2018-{number:02d},48000,{COST}" for number in (4, 6, 7, 8, 9)]
    file = settled.file("amounts.csv", "\n".join([HEADER, *lines]))
    text = flowing(settled.done("reconcile", "tiny", "--ledger-amounts", file, by=None).out)
    assert "not by a determination that measured them: 2018-04, 2018-06..2018-09." in text
    assert "Determined, and not in the file: 2019-01..2019-03." in text


def test_csv_has_a_row_for_each_month(settled: World) -> None:
    file = settled.file("amounts.csv", f"{HEADER}\n2019-01,24000,{COST}\n2019-02,24000,{COST}")
    out = settled.done("reconcile", "tiny", "--ledger-amounts", file, "-O", "csv", by=None).out
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["month"], row["waiting.amount"], row["not_explained"]) for row in rows] == [
        ("2019-01", "-6000.00", "0.00"),
        ("2019-02", "-6000.00", "0.00"),
    ]


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_fault_of_the_file_is_told_with_its_line(settled: World) -> None:
    said = refused(settled, "2019-01,24000,", "2019-02,24000,", "2019-09,1,1000", code=4)
    for line in (
        "amounts.csv:2: 2019-01 has no cost",
        "amounts.csv:3: 2019-02 has no cost",
        "amounts.csv:4: 2019-09 has not ended",
    ):
        assert line in said
    assert "3 faults" in said


def test_months_that_are_not_all_on_record_are_refused(settled: World) -> None:
    said = refused(settled, f"2019-01,24000,{COST}", f"2019-04,24000,{COST}", f"2017-12,24000,{COST}", code=1)
    assert "2019-04: headcounts are missing" in said
    assert "2017-12: headcounts are missing" in said
    settled.done("import", "workforce", "tiny", settled.file("more.csv", workforce(["2019-04"])))
    assert "2019-04: no complete absence report for Hemmet, Skolan" in refused(settled, f"2019-04,24000,{COST}", code=1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--within", "-1"), "not a number of per cent"),
        (("--within", "101"), "not a number of per cent"),
        (("--within", "5 %"), "not a number of per cent"),
        (("--cost-per-day", "0"), "a day costs something"),
        (("--cost-per-day", "x"), "not an amount"),
    ],
)
def test_usage(settled: World, more: tuple[str, ...], said: str) -> None:
    assert said in refused(settled, f"2019-01,24000,{COST}", code=2, more=more)


def test_a_file_that_is_not_there_and_an_unknown_contract(settled: World) -> None:
    assert settled.soc("reconcile", "tiny", "--ledger-amounts", "nowhere.csv", by=None).code == 4
    assert settled.soc("reconcile", "nobody", "--ledger-amounts", FIXTURE, by=None).code == 2


def test_nothing_is_recorded(settled: World) -> None:
    before = settled.head()
    reconciled(settled, f"2019-01,24000,{COST}")
    assert settled.head() == before


# ── The demo ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_demo_explains_every_month_but_the_planted_one(demo: World) -> None:
    """The fixture is synthetic: what the demo's days cost, a few per cent up or down, and 14 % more in November 2019."""
    result = demo.soc("reconcile", "botkyrka", "--ledger-amounts", FIXTURE, "-O", "json", by=None)
    assert result.code == 1
    one = result.json
    assert len(one["months"]) == 36
    assert (one["not_within"], one["missing_months"]) == (["2019-11"], [])
    [planted] = [month for month in one["months"] if not month["within"]]
    assert planted["not_explained_share"] == "0.1223"
    assert all(abs(int(month["not_explained_share"].replace(".", ""))) <= 210 for month in one["months"] if month["within"])
