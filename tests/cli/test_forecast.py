"""``soc forecast`` as a controller reads it and as programs do: what it says it is, its figures, what it refuses."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from tests.cli.world import PAYROLL, Q2, World, absences, run, trend, workforce

THIN = "\u2009"


def answer(world: World, *args: str) -> Any:
    """``soc forecast -O json``."""
    return world.done("forecast", "tiny", *args, "-O", "json", by=None).json


def method(value: Any, name: str) -> Any:
    return next(one for one in value["methods"] if one["method"] == name)


def ore(kronor: str) -> int:
    return int(kronor.replace(".", ""))


def test_json_says_what_it_is_and_rests_on_the_state(settled: World) -> None:
    value, state = answer(settled), settled.state()
    for key in ("contract", "as_of", "known_at", "basis", "currency", "determined_through"):
        assert value[key] == state[key]
    assert value["label"] == "forecast (simulated ledger)"
    assert value["vat"] == "excluded"
    assert "no claim" in value["says"]
    assert value["ends_on"] == "2019-12-31"
    assert value["rests_on"]["savings"] == state["savings"]["determined"]
    assert value["rests_on"]["months_counted"] == ["2019-01", "2019-02", "2019-03"]
    assert len(value["rests_on"]["months_coming"]) == 9
    assert method(value, "pro-rata")["ratio_to_investment"] == state["forecast"]["ratio_to_investment"]


def test_figures(settled: World) -> None:
    """Three months of twelve: pro rata is four times the sum; the tiny contract has no ramp-up."""
    value = answer(settled)
    determined = ore(value["rests_on"]["savings"])
    pro_rata = method(value, "pro-rata")
    assert determined > 0
    assert ore(pro_rata["savings"]) == 4 * determined
    assert method(value, "ramp-up")["savings"] == pro_rata["savings"]
    assert pro_rata["path"][-1]["savings"] == pro_rata["savings"]
    assert [step["month"] for step in pro_rata["path"]] == value["rests_on"]["months_coming"]
    assert ore(pro_rata["low"]) < ore(pro_rata["savings"]) < ore(pro_rata["high"])
    assert ore(pro_rata["to_provider"]) == min(30000000, round(0.2 * ore(pro_rata["savings"])))
    assert ore(pro_rata["to_authority"]) + ore(pro_rata["to_provider"]) == ore(pro_rata["savings"])


def test_dates_or_the_reason_why_there_is_none(settled: World) -> None:
    for one in answer(settled)["methods"]:
        for each in (*one["break_even"].values(), one["cap"]):
            assert (each["expected_on"] is None) == (each["reason"] is not None)
            if each["expected_on"] is None:
                assert each["reason"].startswith("not within the term: ")
                assert ore(each["missing_at_end"]) > 0
            else:
                assert "2019-04-30" <= each["expected_on"] <= "2019-12-31"
                ends = [step["month"] for step in one["path"] if ore(step["savings"]) >= ore(each["at_savings"])]
                assert each["expected_on"].startswith(ends[0])


def test_text_for_a_controller(settled: World) -> None:
    out = settled.done("forecast", "tiny", by=None).out
    value = answer(settled)
    assert "forecast (simulated ledger)" in out
    assert "A forecast, no claim: nothing is owed, payable or paid by it." in out
    assert "SEK excluding VAT" in out
    assert "To the end of the term, 2019-12-31" in out
    assert "Divided by 3 months: 2019-01 to 2019-03" in " ".join(out.split())
    assert "÷ 3 × 12" in out
    assert "The terms have no ramp-up" in out
    assert "all months measured stand in for 2019-04 to 2019-12" in " ".join(out.split())
    assert "Not tried on this record yet" in out
    whole, cents = method(value, "pro-rata")["savings"].split(".")
    assert f"{int(whole):,}".replace(",", THIN) + "." + cents in out
    assert all(len(line) <= 100 for line in out.splitlines()[4:])


def test_the_way_back_in_one_line_and_in_full(settled: World) -> None:
    """A second quarter is reported and determined: the first said something of it."""
    second(settled)
    value = answer(settled, "--back-test")
    said = value["back_test"]["said"]
    assert [(one["determination"], one["through"], one["about"]) for one in said] == [("D1", "2019-03-31", "2019-06-30")] * 3
    assert [one["method"] for one in said] == ["pro-rata", "ramp-up", "seasonal"]
    sums = settled.state()["savings"]["determined"]
    for one, score in zip(said, value["back_test"]["methods"], strict=True):
        assert one["came"] == sums
        assert ore(one["error"]) == ore(one["forecast"]) - ore(one["came"])
        assert ore(score["mean_absolute_error"]) == abs(ore(one["error"]))
        assert (score["times"], score["with_range"]) == (1, 1)
    assert "said" not in answer(settled)["back_test"]
    text = settled.done("forecast", "tiny", "--back-test", by=None).out
    assert "Tried on this record, 1 times each" not in text
    assert "Tried on this record, once each" in text
    assert "D1 2019-03  2019-06  Pro rata" in text


def test_a_forecast_of_then_is_not_changed_by_what_came_later(settled: World) -> None:
    position = settled.state()["basis"]["position"]
    before = {form: settled.done("forecast", "tiny", "-O", form, by=None).out for form in ("text", "json", "csv")}
    as_of = settled.state()["as_of"]
    second(settled)
    for form, was in before.items():
        again = settled.done("forecast", "tiny", "--known-at", str(position), "--as-of", as_of, "-O", form, by=None)
        assert again.out == was


def test_csv_holds_the_path_or_what_was_said(settled: World) -> None:
    rows = list(csv.DictReader(io.StringIO(settled.done("forecast", "tiny", "-O", "csv", by=None).out)))
    assert len(rows) == 27
    assert {row["label"] for row in rows} == {"forecast (simulated ledger)"}
    last = [row for row in rows if row["month"] == "2019-12"]
    assert {row["method"]: row["savings"] for row in last} == {
        one["method"]: one["savings"] for one in answer(settled)["methods"]
    }
    second(settled)
    rows = list(csv.DictReader(io.StringIO(settled.done("forecast", "tiny", "--back-test", "-O", "csv", by=None).out)))
    assert [row["about"] for row in rows] == ["2019-06-30"] * 3


def test_a_file(settled: World) -> None:
    file = settled.folder / "forecast.json"
    settled.done("forecast", "tiny", "-O", "json", "-o", file, by=None)
    assert file.read_text(encoding="utf-8") == settled.done("forecast", "tiny", "-O", "json", by=None).out


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("tiny",), 1, "no measured month of tiny is determined as of 2019-06-10: a forecast rests on past months"),
        (("nowhere",), 2, "no contract nowhere is on record"),
        (("tiny", "--as-of", "2018-12-31"), 1, "tiny was signed on 2019-01-01; it has no state as of 2018-12-31"),
        (("tiny", "--known-at", "99999"), 2, "outside the record"),
    ],
)
def test_refusals(reported: World, args: tuple[str, ...], code: int, said: str) -> None:
    result = reported.soc("forecast", *args, by=None)
    assert (result.code, result.out) == (code, "")
    assert said in result.err


def test_help() -> None:
    out = run(["forecast", "--help"]).out
    assert "no claim" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80


def second(world: World) -> None:
    """The second quarter, reported and determined."""
    world.at = None
    world.done("import", "workforce", "tiny", world.file("workforce-2.csv", workforce(Q2)), at="2019-07-23T08:00")
    file = world.file("absences-2.csv", absences(Q2, 4, 2))
    world.done(
        "import", "absences", "tiny", file, "--source", "payroll", "--complete", "2019Q2", by=PAYROLL, at="2019-07-23T08:30"
    )
    world.done("import", "trend", world.file("trend-2.csv", trend(["2019Q2"])), at="2019-09-10T09:00")
    world.done("determine", "tiny", "2019Q2", at="2019-09-12T09:00")
    world.at = "2019-09-12T10:00"


def test_a_page_that_stands_alone(settled: World) -> None:
    page = settled.done("forecast", "tiny", "-O", "html", by=None).out
    assert page.count("<svg") == 3
    assert "A forecast, no claim: nothing is owed, payable or paid by it." in page
    assert 'id="chart-pro-rata-title"' in page
    assert "When break-even and cap may be expected" in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page == settled.done("forecast", "tiny", "-O", "html", by=None).out
