"""``soc statement``: what both parties file, as text, page and JSON."""

from __future__ import annotations

import re
from fractions import Fraction
from html import unescape
from typing import Any

import pytest

from cli.sections import as_text
from cli.statement_reference import as_json as references_json
from cli.statement_sections import sections
from cli.statement_terms import TERMS as TERMS_IN_WORDS
from ledger.log import Log
from ledger.money import decimals, parse_kronor, shown
from ledger.terms import ContractTerms
from projections.statement import statement
from projections.statement_reference import references
from tests import spec
from tests.cli.world import METHODOLOGY, MONTHS_2018, PAYROLL, Q1, Q2, QUARTERS_2018, TERMS, World, absences, trend, workforce


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
    assert "who is measured: terms that no public source gives" in " ".join(text.split())
    assert not re.search(r"merkle|token|projection|vintage", text, re.IGNORECASE)


def test_text_is_two_printed_pages(settled: World) -> None:
    lines = told(settled, "tiny/D1").splitlines()
    assert len(lines) <= 155
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
    assert "its notice will lower what is payable by 4\u2009000.00 SEK" in text
    redone.done("notify", "tiny/D2", "--on", "2019-08-22", at="2019-08-22T11:00")
    redone.at = "2019-08-22T12:00"
    notified = " ".join(told(redone, "tiny/D2").split("\n"))
    assert re.search(r"if nobody objects by 2019-09-21, it lowers what is payable by 4.000\.00 +SEK on 2019-10-22", notified)
    assert not re.search(r"−[^ ]+ SEK falls", notified)
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


def test_rate_and_factor_can_be_computed_from_the_reference_years(settled: World) -> None:
    one = as_json(settled, "tiny/D1")
    for month, source in zip(one["months"], one["references"], strict=True):
        behind = source["months"]
        assert [found["month"] for found in behind] == [month["month"].replace("2019", "2018")]
        days = sum(Fraction(found["net_days"]) for found in behind)
        exposure = sum(found["employees"] * found["weekdays"] for found in behind)
        mean = sum(Fraction(found["trend"]["value"]) for found in behind) / len(behind)
        assert (Fraction(source["net_days"]), source["employee_weekdays"], Fraction(source["index_mean"])) == (
            days,
            exposure,
            mean,
        )
        assert (str(days / exposure), str(Fraction(month["trend"]["value"]) / mean)) == (
            month["reference_rate"],
            month["trend"]["factor"],
        )
    # January 2018: ten and two people, five weekdays each; 150 employees, 23 weekdays
    assert (one["references"][0]["net_days"], one["references"][0]["employee_weekdays"]) == ("60.00", 3450)
    text = told(settled, "tiny/D1")
    assert "60.00 net days ÷ 3\u2009450 employee weekdays = 0.017391; in 2018" in text
    assert "2.5 ÷ mean(2.5) = 2.5 ÷ 2.500000 = 1.000000; 2019Q1 2.5 (published" in text


def test_late_facts_of_the_reference_years_change_neither_rate_nor_factor(settled: World) -> None:
    before = as_json(settled, "tiny/D1")["references"]
    late = settled.file("late.csv", absences(["2018-01"], 30, 1))
    complete = ("--source", "payroll", "--complete", "2018-01")
    settled.done("import", "absences", "tiny", late, *complete, by=PAYROLL, at="2019-08-20T09:00")
    determine_again(settled)
    assert as_json(settled, "tiny/D1")["references"] == as_json(settled, "tiny/D2")["references"] == before
    assert before[0]["known_at_record"] == as_json(settled, "tiny/D1")["determination"]["basis"]["position"]


def test_references_are_shown_where_they_give_what_is_recorded_and_only_there(settled: World) -> None:
    facts = Log.open(settled.ledger, wait=1).facts()
    one = statement(facts, "tiny", 1)
    assert None not in one.references
    seen = facts.at(one.record.data.basis.position)
    january, february, march = one.months
    other = january.trend.model_copy(update={"factor": january.trend.factor + Fraction(1, 10**9)})
    altered = [
        january.model_copy(update={"trend": other}),
        february.model_copy(update={"reference_rate": february.reference_rate + Fraction(1, 10**9)}),
        march,
    ]
    assert references(seen, "tiny", facts.contract("tiny"), altered) == [None, None, one.references[2]]


def test_what_does_not_give_the_recorded_figures_is_not_shown() -> None:
    first = spec.determined(1, spec.months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-03-15")
    one = statement(spec.given(spec.signed(), spec.adopted(), first).facts(), "botkyrka", 1)
    text = " ".join(as_text(sections(one)).split())
    assert text.count("recomputed otherwise: see soc check") == 5
    assert "1.021459 from 2018Q4 2.38 (published 2019-03-08); recomputed otherwise: see soc check" in text
    assert "÷ mean(" not in text
    assert [found["agrees"] for found in references_json(one)] == [False] * 3


def test_a_published_index_does_not_hide_estimated_reference_values(signed: World) -> None:
    signed.done("import", "trend", signed.file("e.csv", trend(QUARTERS_2018, status="estimated")), at="2019-04-08T08:00")
    reported_on(signed)
    signed.at = "2019-06-12T10:00"
    text, one = told(signed, "tiny/D1"), as_json(signed, "tiny/D1")
    assert re.search(r"Preliminary +no: the index that its months take is published", text)
    assert re.search(r"Reference index +not published: 2018Q1 2\.5 \(estimated\); kept as known at record", text)
    assert "every trend value is published" not in text
    assert one["determination"]["preliminary"] is False
    assert one["references_not_published"] == [{"quarter": "2018Q1", "value": "2.5", "status": "estimated"}]


def test_preliminary_determinations_in_the_sums_are_named(reported: World) -> None:
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    reported.done("import", "workforce", "tiny", reported.file("w2.csv", workforce(Q2)), at="2019-08-20T08:00")
    reported.done("import", "trend", reported.file("t2.csv", trend(["2019Q2"], status="estimated")), at="2019-09-10T08:00")
    q2 = reported.file("q2.csv", absences(Q2, 5, 1))
    complete = ("--source", "payroll", "--complete", "2019Q2")
    reported.done("import", "absences", "tiny", q2, *complete, by=PAYROLL, at="2019-09-10T09:00")
    reported.done("determine", "tiny", "2019Q2", at="2019-09-11T09:00")
    reported.done("determine", "tiny", "2019Q1", "--redo", "--reason", "to see it again", at="2019-09-12T09:00")
    reported.at = "2019-09-12T10:00"
    again, second = as_json(reported, "tiny/D3"), as_json(reported, "tiny/D2")
    assert again["determination"]["preliminary_others_in_sums"] == ["tiny/D2"]
    assert second["determination"]["preliminary_others_in_sums"] == []
    assert "published. The sums also count what is preliminary: D2" in " ".join(told(reported, "tiny/D3").split())


def test_what_is_due_above_the_entitlement_is_said(redone: World) -> None:
    determine_again(redone)
    one = as_json(redone, "tiny/D2")
    assert one["above_entitlement"] == "4000.00"
    assert parse_kronor(one["balance"]["due"]) - parse_kronor(one["entitlement"]["after"]) == 400_000
    text = " ".join(told(redone, "tiny/D2").split())
    assert "of which not payable now" in text
    assert "of which not payable now" not in told(redone, "tiny/D1", "--known-at", "13")
    assert "lowers what is payable once it is notified and accepted" in text


def test_words_not_keys(settled: World) -> None:
    text = told(settled, "tiny/D1")
    assert re.findall(r"\w+_\w+", re.sub(r"\(?terms:\s+[a-z_.]+\)?|_{3,}", "", text)) == []
    assert not re.search(r"(?<![\w-])-[0-9]", text)


def test_every_term_has_a_name() -> None:
    fields = ContractTerms.model_fields
    keys = set(fields) - {"assumed", "derived"}
    for name in ("population", "investment", "upfront", "outcome", "settlement", "governance"):
        keys |= {f"{name}.{key}" for key in fields[name].annotation.model_fields}  # type: ignore[union-attr]
    assert keys == set(TERMS_IN_WORDS)


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
    assert "tiny has no D1 on record, as known at record 8" in result.err


def test_it_is_written_where_asked(settled: World) -> None:
    file = settled.folder / "statement.html"
    result = settled.done("statement", "tiny/D1", "-O", "html", "-o", file, by=None)
    assert (result.out, file.read_text(encoding="utf-8").rstrip().endswith("</html>")) == ("", True)
    assert settled.soc("statement", "tiny/D1", "-o", settled.folder / "nowhere" / "x", by=None).code == 2
