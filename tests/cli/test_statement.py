"""``soc statement``: what both parties file, as text, page and JSON."""

from __future__ import annotations

import re
from fractions import Fraction
from html import unescape
from typing import Any

import pytest

from ledger.money import decimals, parse_kronor, shown
from tests.cli.world import METHODOLOGY, MONTHS_2018, PAYROLL, Q1, QUARTERS_2018, TERMS, World, absences, trend, workforce


def told(world: World, ident: str, *more: str) -> str:
    return world.done("statement", ident, *more, by=None).out


def as_json(world: World, ident: str, *more: str) -> Any:
    return world.done("statement", ident, "-O", "json", *more, by=None).json


@pytest.fixture
def redone(settled: World) -> World:
    """The first quarter determined again after March was restated: D2 supersedes D1, not yet notified."""
    late = settled.file("late.csv", absences(["2019-03"], 7, 1))
    complete = ("--source", "payroll", "--complete", "2019-03")
    settled.done("import", "absences", "tiny", late, *complete, by=PAYROLL, at="2019-08-20T09:00")
    settled.at = "2019-08-21T09:00"
    return settled


def determine_again(world: World) -> World:
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "late notes of March", at="2019-08-22T09:00")
    world.at = "2019-08-22T10:00"
    return world


def test_every_step_of_a_months_savings_can_be_computed_from_the_answer(settled: World) -> None:
    one = as_json(settled, "tiny/D1")
    assert [month["month"] for month in one["months"]] == Q1
    total = 0
    for month in one["months"]:
        rate, factor = Fraction(month["reference_rate"]), Fraction(month["trend"]["factor"])
        expected = rate * month["employees"] * month["weekdays"] * factor
        avoided = expected - Fraction(month["actual_days"])
        assert month["expected_days_exact"] == str(expected)
        assert month["avoided_days_exact"] == str(avoided)
        assert month["avoided_days"] == decimals(avoided, 2)
        assert month["savings"] == decimals(avoided * Fraction(month["price"]), 2)
        total += parse_kronor(month["savings"])
    assert parse_kronor(one["savings"]["determined"]) == total == parse_kronor(one["savings"]["change"])


def test_the_answer_agrees_with_state(settled: World) -> None:
    one, state = as_json(settled, "tiny/D1"), settled.state()
    assert one["entitlement"]["after"] == state["balance"]["provider"]["entitled"]
    assert one["savings"]["after"] == state["savings"]["determined"]
    assert (one["balance"], one["break_even"], one["cap"]) == (state["balance"]["provider"], state["break_even"], state["cap"])
    assert (one["basis"], one["known_at"], one["label"]) == (state["basis"], state["known_at"], "recorded (simulated ledger)")


def test_text_says_who_agreed_and_when_it_is_payable(settled: World) -> None:
    text = told(settled, "tiny/D1")
    claim = shown(parse_kronor(as_json(settled, "tiny/D1")["claim"]["amount"]))
    assert f"Accepted by the parties on 2019-06-20; {claim} SEK falls payable on 2019-07-20." in text
    assert re.search(r"Accepted by external provider +2019-06-20; recorded by M\. Lind, performance manager", text)
    assert "Lilla kommun, payer" in text
    assert "Friskare AB, external provider" in text
    assert "recorded (simulated ledger)" in " ".join(text.split())
    assert "SEK excluding VAT" in text
    assert "20 % of the savings" in text
    assert "population (who is measured): terms that no public source gives" in " ".join(text.split())
    assert not re.search(r"merkle|token|projection|vintage", text, re.IGNORECASE)


def test_text_is_two_printed_pages(settled: World) -> None:
    lines = told(settled, "tiny/D1").splitlines()
    assert len(lines) <= 150
    assert max(map(len, lines)) <= 100


def test_what_silence_will_do_is_said_until_it_has(reported: World) -> None:
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    before = told(reported, "tiny/D1")
    assert "Not yet notified" in before
    assert "within 30 days of the notice" in before
    assert as_json(reported, "tiny/D1")["claim"]["notice"] is None
    reported.done("notify", "tiny/D1", "--on", "2019-06-13", at="2019-06-13T09:00")
    assert "if nobody objects by 2019-07-13" in " ".join(told(reported, "tiny/D1").split())
    assert "silence accepts it on 2019-07-14" in told(reported, "tiny/D1")
    reported.done("import", "trend", reported.file("t.csv", TREND), at="2019-07-14T08:00")
    after = told(reported, "tiny/D1")
    assert "by silence: nobody objected" in after
    assert as_json(reported, "tiny/D1")["claim"]["notice"]["accepted_by"] == "silence"


TREND = "series,quarter,value,published_on,status,source\ntiny-index,2019Q2,2.50,2019-07-13,published,made up\n"


def test_late_reports_are_unsettled_until_the_months_are_determined_again(redone: World) -> None:
    assert as_json(redone, "tiny/D1")["unsettled"] == ["tiny/13"]
    assert "1 report recorded since" in told(redone, "tiny/D1")
    determine_again(redone)
    assert as_json(redone, "tiny/D2")["unsettled"] == []
    assert "superseded: see D2" in told(redone, "tiny/D1")


def test_a_redo_says_what_it_changes_and_why(redone: World) -> None:
    determine_again(redone)
    first, second = as_json(redone, "tiny/D1"), as_json(redone, "tiny/D2")
    assert second["determination"]["supersedes"] == ["tiny/D1"]
    assert [month["before"] for month in second["redone"]] == first["months"]
    # two more people absent for five days in March, at 2 000.00 a day
    assert [month["difference"] for month in second["redone"]] == ["0.00", "0.00", "-20000.00"]
    assert second["savings"]["change"] == "-20000.00"
    assert second["claim"]["amount"] == "-4000.00"
    assert first["determination"]["superseded_by"] == "tiny/D2"
    text = told(redone, "tiny/D2")
    assert "late notes of March" in text
    assert "set off against later claims" in text
    assert "Superseded by D2 on 2019-08-22: late notes of March" in told(redone, "tiny/D1")


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_an_earlier_statement_can_be_had_again_byte_for_byte(redone: World, form: str) -> None:
    before, position = told(redone, "tiny/D1", "-O", form), redone.head()[0]
    determine_again(redone)
    assert told(redone, "tiny/D1", "-O", form) != before
    assert told(redone, "tiny/D1", "-O", form, "--known-at", str(position)) == before


def test_two_processes_give_the_same_page(settled: World) -> None:
    pages = [settled.process("statement", "tiny/D1", "-O", "html", by=None) for _ in range(2)]
    (first, _), (second, _) = [page.communicate(timeout=60) for page in pages]
    assert first == second == told(settled, "tiny/D1", "-O", "html")
    assert first.startswith("<!DOCTYPE html>")


def test_the_page_stands_alone(settled: World) -> None:
    page = told(settled, "tiny/D1", "-O", "html")
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["data:,"]
    assert (
        re.findall(
            r"url\(|@import|https?://", page.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "")
        )
        == []
    )


def test_the_chart_tells_what_it_shows(settled: World) -> None:
    page = told(settled, "tiny/D1", "-O", "html")
    svg = page[page.index("<svg") : page.index("</svg>")]
    assert 'role="img" aria-labelledby="chart-title chart-what"' in svg
    assert "Contract breaks even at 1.00" in svg
    assert "stroke-dasharray" in svg
    for name in ("Savings", "Provider's share", "m SEK", "D1", "2019-03"):
        assert name in unescape(re.sub(r"<desc.*?</desc>", "", svg))


def hostile(world: World) -> World:
    """A contract whose names would be markup, its first quarter determined."""
    markup = "<script>alert(1)</script>"
    world.opened()
    terms = TERMS.replace("Tiny SOC", markup).replace("Friskare AB", f"{markup}{{{{ 7*7 }}}}")
    terms = terms.replace("agreement §7", "</style>").replace('"governance.pays"', '"outcome.ceiling"')
    terms = terms.replace('"monthly-paid"', "'\"><img src=x onerror=alert(1)>'")
    world.done("contract", "sign", world.file("tiny.toml", terms), at="2019-01-02T09:00")
    agreed = ("--from", "2019-01-01", "--agreed-by", "payer", "--agreed-by", "external_provider")
    world.done("methodology", "adopt", "tiny", world.file("method.toml", METHODOLOGY), *agreed, at="2019-01-02T10:00")
    reported_on(world)
    return world


def test_names_from_files_are_never_markup(nothing: World) -> None:
    page = told(hostile(nothing), "tiny/D1", "-O", "html")
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("</style>") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


def reported_on(world: World) -> None:
    """Evidence for the first quarter, and its determination."""
    world.done("import", "workforce", "tiny", world.file("w.csv", workforce(MONTHS_2018 + Q1)), at="2019-04-08T08:00")
    world.done("import", "trend", world.file("t.csv", trend([*QUARTERS_2018, "2019Q1"])), at="2019-06-10T08:10")
    for name, months, count in (("2018-01..2018-12", MONTHS_2018, 10), ("2019Q1", Q1, 5)):
        file = world.file(f"{name}.csv", absences(months, count, 1))
        world.done(
            "import", "absences", "tiny", file, "--source", "payroll", "--complete", name, by=PAYROLL, at="2019-06-11T08:00"
        )
    world.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")


@pytest.mark.parametrize(
    ("ident", "said"),
    [
        ("tiny", "is not an ID such as"),
        ("tiny/D9", "tiny has no D9 on record"),
        ("tiny/N1", "is not a determination"),
        ("other/D1", "no contract other is on record"),
    ],
)
def test_what_is_no_determination_has_no_statement(settled: World, ident: str, said: str) -> None:
    result = settled.soc("statement", ident, by=None)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_before_it_was_recorded_there_was_no_statement(settled: World) -> None:
    result = settled.soc("statement", "tiny/D1", "--known-at", "8", by=None)
    assert result.code == 2
    assert "tiny has no D1 on record" in result.err


def test_it_is_written_where_asked(settled: World) -> None:
    file = settled.folder / "statement.html"
    result = settled.done("statement", "tiny/D1", "-O", "html", "-o", file, by=None)
    assert (result.out, file.read_text(encoding="utf-8").rstrip().endswith("</html>")) == ("", True)
    assert settled.soc("statement", "tiny/D1", "-o", settled.folder / "nowhere" / "x", by=None).code == 2
