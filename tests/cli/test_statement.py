"""``soc statement``: what both parties file, as text, page and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from html import unescape
from typing import Any, get_args

import pytest

from cli import methodology_words
from cli.options import AUDIENCES
from cli.sections import as_text
from cli.statement.reference import as_json as references_json
from cli.statement.sections import sections
from cli.statement.terms import TERMS as TERMS_IN_WORDS
from ledger.commands import AdoptMethodology, OfContract
from ledger.dispatch import AnyCommand
from ledger.events import Actor, Reimbursement
from ledger.evidence import ReportReimbursements
from ledger.log import Log
from ledger.methodology import Methodology, read_methodology
from ledger.money import decimals, parse_kronor, shown
from ledger.periods import Month
from ledger.terms import ContractTerms
from projections import read_model
from projections.audience import NARROWEST, Audience
from projections.statements.people import Behind
from projections.statements.reference import references
from projections.statements.statement import statement
from tests import spec
from tests.cli.world import (
    ABSENCE_HEADER,
    METHODOLOGY,
    MONTHS_2018,
    PAYROLL,
    Q1,
    Q2,
    QUARTERS_2018,
    TERMS,
    WORKFORCE_HEADER,
    World,
    absences,
    instant,
    spells,
    trend,
    workforce,
)


def told(world: World, ident: str, *more: str) -> str:
    return world.done("statement", ident, *more, by=None).out


def as_json(world: World, ident: str, *more: str) -> Any:
    return world.done("statement", ident, "-O", "json", *more, by=None).json


PAYER = ("--audience", "payer")
FORMS = ("text", "html", "json")


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


# --- Months of a disruption -----------------------------------------------------------------------------------------

MARCH = {"kind": "deem-average@1", "window": "2019-03"}
JANUARY = {"kind": "deem-average@1", "window": "2019-01", "of": "2019-02..2019-03"}
Rules = Sequence[dict[str, object]]


def agreed(rules: Rules) -> Methodology:
    """The tiny contract's methodology with these rules for disrupted months."""
    tables = ["\n".join(["[[disruption]]", *(f"{key} = {value!r}" for key, value in rule.items())]) for rule in rules]
    for key in ("from", "to"):  # dates
        tables = [re.sub(rf"^{key} = '(.*)'$", rf"{key} = \1", table, flags=re.MULTILINE) for table in tables]
    text = METHODOLOGY.replace('"tiny-2019"', '"agreed"').partition("[disruption]")[0] + "\n".join(tables)
    return read_methodology(text.encode(), "agreed.toml")


def submit(world: World, command: AnyCommand, at: str) -> None:
    """Record what a party says."""
    log = Log.open(world.ledger, wait=1, follower=read_model)
    by = Actor(name="M. Lind", role="performance_manager")
    log.submit(lambda facts: command, {"at": at}, by=by, at=datetime.fromisoformat(instant(at)))


def adopt(world: World, rules: Rules, at: str, from_: str = "2019-01") -> None:
    """The parties adopt them from a month on."""
    submit(
        world,
        OfContract("tiny", AdoptMethodology(agreed(rules), Month.parse(from_).first_day, ("payer", "external_provider"))),
        at,
    )


def determined(world: World, rules: Rules, period: str = "2019Q1", from_: str = "2019-01") -> World:
    """They adopt them, and the period is determined."""
    adopt(world, rules, "2019-09-11T09:00", from_)
    world.done("determine", "tiny", period, at="2019-09-12T09:00")
    world.at = "2019-09-12T10:00"
    return world


def test_an_agreed_month_shows_what_it_counts_for_and_the_sums_add_up(reported: World) -> None:
    """February saved 60 000.00 and March 54 545.45; half of that is 57 272.725."""
    text = told(determined(reported, [JANUARY]), "tiny/D1")
    assert re.search(r"2019-01 +counts for the mean of 2019-02 to 2019-03 +57\u2009272\.73\n", text)
    assert re.search(r"Months measured +the sum above +114\u2009545\.45\nSum +171\u2009818\.18\n", text)
    assert "The mean of 2019-02 to 2019-03: 114\u2009545.45 SEK ÷ 2 = 57\u2009272.73, rounded to the öre." in text
    assert re.search(r"Savings, SEK +60\u2009000\.00 +54\u2009545\.45 +114\u2009545\.45\n", text)
    assert "Not measured, by agreement: 2019-01; they count for 57\u2009272.73 SEK of these savings." in text
    assert "by agreement a month counts for the mean of 2019-02 to 2019-03" in " ".join(text.split())
    assert "Rate, 2019-01" not in text


def test_json_of_an_agreed_month_names_the_rule_in_place_of_the_steps(reported: World) -> None:
    one = as_json(determined(reported, [JANUARY]), "tiny/D1")
    january, february, _ = one["months"]
    assert {key: january[key] for key in ("month", "agreed", "of", "savings")} == {
        "month": "2019-01",
        "agreed": "deem-average@1",
        "of": "2019-02..2019-03",
        "savings": "57272.73",
    }
    assert "expected_days" not in january
    assert (february["agreed"], february["left_out_days"], february["reimbursed"]) == (None, None, None)
    assert [(found["month"], found["agrees"]) for found in one["references"]] == list(zip(Q1, (None, True, True), strict=True))
    assert one["means"] == [{"of": "2019-02..2019-03", "months": ["2019-01"], "agrees": True, "savings_of_all": "114545.45"}]
    assert sum(parse_kronor(month["savings"]) for month in one["months"]) == parse_kronor(one["savings"]["determined"])


def test_determining_says_of_each_month_what_the_statement_says(reported: World) -> None:
    adopt(reported, [JANUARY], "2019-09-11T09:00")
    reported.at = "2019-09-12T09:00"
    line = reported.done("determine", "tiny", "2019Q1", "--dry-run").out
    assert "  2019-01  counts for the mean of 2019-02 to 2019-03: 57\u2009272.73\n" in line
    january, february, _ = reported.done("determine", "tiny", "2019Q1", "-O", "json").json["months"]
    assert january == {
        "month": "2019-01",
        "agreed": "deem-average@1",
        "of": "2019-02..2019-03",
        "savings": "57272.73",
        "findings": [],
    }
    assert (february["agreed"], february["left_out_days"], february["reimbursed"]) == (None, None, None)


def test_a_quarter_left_out_has_a_statement_too(reported: World) -> None:
    world = determined(reported, [{"kind": "exclude-months@1", "window": "2019-01..2019-03"}])
    text = told(world, "tiny/D1")
    assert [len(re.findall(rf"{month} +left out by agreement +0\.00\n", text)) for month in Q1] == [1, 1, 1]
    assert "Month by month" not in text
    assert "Where reference rate and trend factor come from" not in text
    assert re.search(r"Preliminary +no: none of its months takes an index", text)
    page = told(world, "tiny/D1", "-O", "html")
    assert page.count("left out by agreement") == 3
    assert 'id="sources"' not in page


def test_a_redo_names_both_methodologies(settled: World) -> None:
    adopt(settled, [{"kind": "exclude-months@1", "window": "2019-02"}], "2019-08-01T09:00")
    settled.at = "2019-08-02T09:00"
    assert "1 agreement recorded since" in " ".join(told(settled, "tiny/D1").split())
    assert as_json(settled, "tiny/D1")["methodologies"][0]["name"] == "tiny-2019"
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "agreed anew")
    one, text = as_json(settled, "tiny/D2"), " ".join(told(settled, "tiny/D2").split())
    assert [part["name"] for part in one["methodologies_before"]] == ["tiny-2019"]
    assert [part["name"] for part in one["methodologies"]] == ["agreed"]
    assert re.search(r"Measured by tiny-2019, version 1, fingerprint \w+ before; now by agreed, version 1, fingerprint", text)
    assert re.search(r"Net days now 30\.00 not measured 30\.00 Trend", text)
    assert one["redone"][1]["difference"] == "-60000.00"


def test_days_left_out_and_a_netted_price_are_shown_beside_what_remains(reported: World) -> None:
    """Four of January's six absent people are coded covid: 20 net days. The state repaid 3 of 7 kronor of February's sick pay."""
    lines = absences(Q1, 5, 1).splitlines()
    lines[1:5] = [line.replace(",sick", ",covid") for line in lines[1:5]]
    file, complete = reported.file("covid.csv", "\n".join(lines) + "\n"), ("--source", "payroll", "--complete", "2019Q1")
    reported.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-09-10T09:00")
    repaid = {"sick_pay_cost_ore": 70000, "wage_cost_ore": 9000000, "threshold": "0", "reimbursed_ore": 30000}
    row = Reimbursement(month=Month.parse("2019-02"), **repaid)
    submit(reported, ReportReimbursements("tiny", (row,)), "2019-09-10T10:00")
    rules: Rules = [
        {"kind": "exclude-cause@1", "causes": ["covid"], "window": "2019-01"},
        {"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2019-02"},
    ]
    world = determined(reported, rules)
    january, february, march = as_json(world, "tiny/D1", *PAYER)["months"]
    assert (january["left_out_days"], january["actual_days"], january["savings"]) == ("20.00", "10.00", "100000.00")
    assert (february["reimbursed"], february["price"], february["savings"]) == ("3/7", "2000.00", "34285.71")
    assert (march["left_out_days"], march["reimbursed"], march["savings"]) == (None, None, "54545.45")
    text = told(world, "tiny/D1", *PAYER)
    assert re.search(r"Left out net days +20\.00 +20\.00\n", text)
    assert re.search(r"Actual net days +10\.00 +30\.00 +30\.00 +70\.00\n", text)
    assert re.search(r"Share borne by the state +× \(1 − 0\.428571\)\n", text)
    assert "Left out by agreement: 20.00 net days with cause covid; actual net days are without them." in text
    assert "Savings = avoided × price × (1 − share borne by the state), rounded to the öre." in text
    words = " ".join(text.split())
    assert "in 2019-01, days with cause covid are left out of the actual days" in words
    assert "in 2019-02, a net day is worth its price × (1 − the share borne by the state)" in words
    again = world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "to see it again").out
    assert "actual 10.00 (20.00 with cause covid left out); avoided 50.000000 × 2\u2009000.00 = 100\u2009000.00" in again
    assert "× 2\u2009000.00 × (1 − 0.428571 borne by the state) = 34\u2009285.71" in again


def test_ordinary_months_stand_in_a_table_without_columns_for_rules(settled: World) -> None:
    text = told(settled, "tiny/D1")
    for said in ("Left out", "borne by the state", "agreement:", "Not measured", "Measured by"):
        assert said not in text


def test_a_rebased_month_is_told_by_the_years_that_it_is_compared_with(reported: World) -> None:
    """Eight people absent five days in February 2017, at an index of 2.00: 40 net days, and a factor of 2.50 ÷ 2.00."""
    months = [month.replace("2018", "2017") for month in MONTHS_2018]
    quarters = [quarter.replace("2018", "2017") for quarter in QUARTERS_2018]
    reported.done("import", "workforce", "tiny", reported.file("w7.csv", workforce(months)), at="2019-09-10T08:00")
    reported.done("import", "trend", reported.file("t7.csv", trend(quarters, "2.00")), at="2019-09-10T08:10")
    file, complete = reported.file("a7.csv", absences(months, 7, 1)), ("--source", "payroll", "--complete", "2017-01..2017-12")
    reported.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-09-10T08:20")
    rule: dict[str, object] = {"kind": "rebase@1", "from": "2017-01-01", "to": "2017-12-31", "window": "2019-02"}
    world = determined(reported, [rule])
    january, february, _ = as_json(world, "tiny/D1")["references"]
    assert [found["month"] for found in january["months"]] == ["2018-01"]
    assert [(found["month"], found["net_days"]) for found in february["months"]] == [("2017-02", "40.00")]
    assert (february["agrees"], february["index_mean"], february["months"][0]["trend"]["quarter"]) == (True, "2", "2017Q1")
    assert as_json(world, "tiny/D1")["months"][1]["savings"] == "40000.00"  # (40 × 1.25 − 30) × 2 000
    text = " ".join(told(world, "tiny/D1").split())
    assert "Rate, 2019-02 40.00 net days ÷ 3 000 employee weekdays = 0.013333; in 2017" in text
    assert "2.5 ÷ mean(2) = 2.5 ÷ 2.000000 = 1.250000; 2019Q1 2.5" in text
    assert "in 2019-02, reference rate and mean index are those of 2017-01 to 2017-12" in text


def test_a_frozen_trend_is_told_by_the_quarter_that_it_is_held_at(signed: World) -> None:
    """The first quarter's index is 2.50, a year before 2.00; the second quarter's is never published and not needed."""
    signed.done("import", "trend", signed.file("q1.csv", trend(["2018Q1"], "2.00")), at="2019-04-08T08:00")
    reported_on(signed)
    signed.done("import", "workforce", "tiny", signed.file("w2.csv", workforce(Q2)), at="2019-08-20T08:00")
    file, complete = signed.file("a2.csv", absences(Q2, 5, 1)), ("--source", "payroll", "--complete", "2019Q2")
    signed.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-08-20T08:10")
    rule: dict[str, object] = {"kind": "freeze-trend@1", "at": "2019Q1", "window": "2019-04..2019-06"}
    world = determined(signed, [rule], "2019Q2", "2019-04")
    one = as_json(world, "tiny/D2")
    assert [(month["trend"]["quarter"], month["trend"]["factor"]) for month in one["months"]] == [("2019Q1", "5/4")] * 3
    for found in one["references"]:
        assert (found["agrees"], found["index_mean"]) == (True, "2")
        assert [value["quarter"] for value in found["index"]] == ["2018Q1"]
        assert [month["trend"] for month in found["months"]] == [None]
    text = " ".join(told(world, "tiny/D2").split())
    assert "Factor, 2019Q1 2.5 ÷ mean(2) = 2.5 ÷ 2.000000 = 1.250000; 2019Q1 2.5" in text
    assert "held by agreement for 2019-04, 2019-05, 2019-06" in text
    assert "in 2019-04 to 2019-06, the trend factor is that of 2019Q1, not the month's own" in text


def test_every_rule_for_disrupted_months_is_said_in_a_sentence() -> None:
    window = "2019-02..2019-03"
    rules: Rules = [
        {"kind": "exclude-cause@1", "causes": ["sick", "covid"], "window": window},
        {"kind": "rebase@1", "from": "2017-01-01", "to": "2017-12-31", "window": window},
        {"kind": "freeze-trend@1", "at": "2018Q4", "window": window},
        {"kind": "net-of-reimbursement@1", "reimbursed": "marginal", "window": window},
        {"kind": "exclude-months@1", "window": "2019-04"},
        {"kind": "deem-average@1", "window": "2019-05", "of": "2019-02"},
    ]
    said = dict(methodology_words.told(agreed(list(reversed(rules)))))
    ordinary = dict(methodology_words.told(read_methodology(METHODOLOGY.encode(), "m.toml")))
    own = [name for name in said if name not in ordinary]
    assert own == ["Days left out", "Other reference years", "Trend held", "Price netted", "Months left out", "Months agreed"]
    assert "days with cause covid or sick are left out" in said["Days left out"]
    assert "of 2018Q4" in said["Trend held"]
    assert "where it repaid the last krona whole" in said["Price netted"]
    assert said["Months left out"] == "in 2019-04, nothing is measured: by agreement a month counts for 0.00 SEK"
    assert "counts for the mean of 2019-02:" in said["Months agreed"]
    assert all("2019-02 to 2019-03" in said[name] for name in own[:4])


# --- What is for the employer alone ----------------------------------------------------------------------------------

OTHERS = ("public", "provider", "auditor")


def coded(world: World, *covid: int) -> World:
    """The first quarter reported anew: seven absent from the school and one from the home every month, so many of those of the
    school coded covid; by agreement the coded days are left out."""
    lines = [ABSENCE_HEADER]
    for month, count in zip(Q1, covid, strict=True):
        school = spells(month, 7, "Skolan")
        lines += [*(line.replace(",sick", ",covid") for line in school[:count]), *school[count:], *spells(month, 1, "Hemmet")]
    file, complete = world.file("coded.csv", "\n".join(lines) + "\n"), ("--source", "payroll", "--complete", "2019Q1")
    world.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-09-10T09:00")
    return determined(world, [{"kind": "exclude-cause@1", "causes": ["covid"], "window": "2019-01..2019-03"}])


def in_small_places(world: World, *, in_store: int = 3) -> World:
    """Also absent in January: three of the kitchen, which has two employees, so many of the store, which has none; and in a
    reference month, two of the store."""
    more = "2019-01,Köket,2\n2019-01,Förrådet,0\n2018-01,Förrådet,0\n2019-02,Köket,0\n"
    world.done("import", "workforce", "tiny", world.file("w.csv", f"{WORKFORCE_HEADER}\n{more}"), at="2019-09-10T08:00")
    files = {
        "2019-01": absences(["2019-01"], 5, 1)
        + "\n".join(spells("2019-01", 3, "Köket") + spells("2019-01", in_store, "Förrådet")),
        "2018-01": absences(["2018-01"], 10, 2) + "\n".join(spells("2018-01", 2, "Förrådet")),
    }
    for month, lines in files.items():
        file, complete = world.file(f"{month}.csv", lines + "\n"), ("--source", "payroll", "--complete", month)
        world.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-09-10T09:00")
    world.done("determine", "tiny", "2019Q1", at="2019-09-12T09:00")
    world.at = "2019-09-12T10:00"
    return world


def left_out(one: Any) -> list[str]:
    return [month["left_out_days"] for month in one["months"]]


def test_who_may_read_is_who_the_rules_know() -> None:
    assert get_args(Audience) == AUDIENCES
    assert AUDIENCES[-1] == NARROWEST


def test_days_left_out_of_few_are_withheld_and_their_sum_is_not(reported: World) -> None:
    """Two were coded in January, five in February, seven in March: January's would follow from the others and the sum."""
    world = coded(reported, 2, 5, 7)
    assert left_out(as_json(world, "tiny/D1", *PAYER)) == ["10.00", "25.00", "35.00"]
    one = as_json(world, "tiny/D1")
    assert left_out(one) == ["withheld", "withheld", "35.00"]
    assert (one["audience"], one["withheld"]) == ("public", "withheld: fewer than five persons")
    assert [month["actual_days"] for month in one["months"]] == ["30.00", "15.00", "5.00"]
    text = told(world, "tiny/D1")
    assert re.search(r"Left out net days +withheld +withheld +35\.00 +70\.00\n", text)
    words = " ".join(text.split())
    assert "70.00 net days with cause covid (by month withheld: fewer than five persons); actual net days are without" in words


def test_where_all_are_few_their_sum_is_withheld_too(reported: World) -> None:
    world = coded(reported, 2, 0, 1)
    assert left_out(as_json(world, "tiny/D1")) == ["withheld"] * 3
    text = told(world, "tiny/D1")
    assert re.search(r"Left out net days( +withheld){4}\n", text)
    assert "net days with cause covid (withheld: fewer than five persons); actual" in " ".join(text.split())
    for said in ("10.00", "15.00"):  # January's, and the sum
        assert said not in text
        assert said in told(world, "tiny/D1", *PAYER)


def test_days_left_out_of_five_are_told_to_all(reported: World) -> None:
    world = coded(reported, 5, 6, 7)
    assert left_out(as_json(world, "tiny/D1")) == ["25.00", "30.00", "35.00"]
    for form in FORMS:
        assert told(world, "tiny/D1", "-O", form) == told(world, "tiny/D1", "-O", form, *PAYER)


def test_a_redo_withholds_what_stood_before(reported: World) -> None:
    """The days coded first are those of two; then five more are coded in each month."""
    coded(reported, 2, 2, 2)
    lines = "\n".join([ABSENCE_HEADER, *(line for month in Q1 for line in spells(month, 7, "Skolan"))]).replace(",sick", ",covid")
    file, complete = reported.file("anew.csv", lines + "\n"), ("--source", "payroll", "--complete", "2019Q1")
    reported.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-09-13T09:00")
    reported.done("determine", "tiny", "2019Q1", "--redo", "--reason", "coded late", at="2019-09-14T09:00")
    reported.at = "2019-09-14T10:00"
    one, own = (as_json(reported, "tiny/D2", *more) for more in ((), PAYER))
    assert [month["before"]["left_out_days"] for month in own["redone"]] == ["10.00"] * 3
    assert [month["before"]["left_out_days"] for month in one["redone"]] == left_out(one) == ["withheld"] * 3


def test_findings_about_few_name_neither_workplace_nor_figures(reported: World) -> None:
    world, times = in_small_places(reported), {"text": 2, "html": 2, "json": 4}  # JSON also tells them month by month
    for form in FORMS:
        own, page = (" ".join(unescape(told(world, "tiny/D1", "-O", form, *more)).split()) for more in (PAYER, ()))
        assert "3 people were absent from Köket, which had 2 employees" in own
        assert "15.00 net days at Förrådet, which had no employees, are not counted" in own
        assert "10.00 net days at Förrådet, which had no employees, are not counted" in own
        for said in ("Köket", "Förrådet", "15.00 net days", "10.00 net days", "3 people"):
            assert said not in page
        assert "more people were absent from a workplace than it had employees (withheld: fewer than five persons)" in page
        elsewhere = "net days at workplaces without employees are not counted (withheld: fewer than five persons)"
        assert page.count(elsewhere) == times[form]
    january = as_json(world, "tiny/D1")["months"][0]["findings"]
    assert sum(said.startswith("reference month 2018-01: net days at workplaces without employees") for said in january) == 1


def test_findings_about_five_are_told_to_all(reported: World) -> None:
    text = " ".join(told(in_small_places(reported, in_store=5), "tiny/D1").split())
    assert "25.00 net days at Förrådet, which had no employees, are not counted" in text
    assert "10.00 net days" not in text  # of the reference month


def test_how_many_absences_a_late_report_of_few_holds_is_withheld(settled: World) -> None:
    """Six lines, but of two persons; then seven of seven."""
    reports = ([line for month in Q1 for line in spells(month, 2, "Hemmet")], spells("2019-03", 7, "Skolan"))
    for number, lines in enumerate(reports):
        file = settled.file(f"late-{number}.csv", "\n".join([ABSENCE_HEADER, *lines]) + "\n")
        settled.done("import", "absences", "tiny", file, "--source", "payroll", by=PAYROLL, at=f"2019-08-20T09:0{number}")
    settled.at = "2019-08-21T09:00"
    text, own = (" ".join(told(settled, "tiny/D1", *more).split()) for more in ((), PAYER))
    assert ": 6 absences from payroll, partial, late-0.csv; record" in own
    assert ": absences from payroll, partial, late-0.csv (withheld: fewer than five persons); record" in text
    for said in (text, own):
        assert ": 7 absences from payroll, partial, late-1.csv" in said


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_both_parties_have_one_version(reported: World, form: str) -> None:
    world = coded(reported, 2, 5, 7)
    narrow = told(world, "tiny/D1", "-O", form)
    for audience in OTHERS:
        assert told(world, "tiny/D1", "-O", form, "--audience", audience) == narrow
    own = told(world, "tiny/D1", "-O", form, *PAYER)
    assert own != narrow
    if form == "json":
        assert (json.loads(own)["audience"], json.loads(own)["withheld"]) == ("payer", None)
    else:
        assert re.search(r"--known-at \d+\s+--audience payer", own)
        assert "savings of January to March 2019 (for the payer alone)" in own
        assert "for the payer" not in narrow


@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_where_nothing_rests_on_few_the_employer_has_that_version_too(settled: World, form: str) -> None:
    assert told(settled, "tiny/D1", "-O", form) == told(settled, "tiny/D1", "-O", form, *PAYER)


def test_nobody_is_counted_where_nothing_can_be_withheld(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("absences are read")

    monkeypatch.setattr(Behind, "reports", refuse)
    assert "Month by month" in told(settled, "tiny/D1")


def test_reference_months_of_few_are_withheld_where_they_are_told_one_by_one(reported: World) -> None:
    """One person in January 2017, twelve in 2018: both are withheld, their sum stays."""
    months = [month.replace("2018", "2017") for month in MONTHS_2018]
    quarters = [quarter.replace("2018", "2017") for quarter in QUARTERS_2018]
    reported.done("import", "workforce", "tiny", reported.file("w7.csv", workforce(months)), at="2019-09-10T08:00")
    reported.done("import", "trend", reported.file("t7.csv", trend(quarters)), at="2019-09-10T08:10")
    lines = absences(months, 7, 1).split()
    lines = [line for line in lines if not (line.startswith("S") and ",2017-01-" in line)]  # nobody of the school that month
    file, complete = reported.file("a7.csv", "\n".join(lines) + "\n"), ("--source", "payroll", "--complete", "2017-01..2017-12")
    reported.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-09-10T08:20")
    rule: dict[str, object] = {"kind": "rebase@1", "from": "2017-01-01", "to": "2018-12-31", "window": "2019-01..2019-02"}
    world = determined(reported, [rule])
    own, narrow = (as_json(world, "tiny/D1", *more)["references"] for more in (PAYER, ()))
    assert [[month["net_days"] for month in found["months"]] for found in own[:2]] == [["5.00", "60.00"], ["40.00", "60.00"]]
    assert [[month["net_days"] for month in found["months"]] for found in narrow[:2]] == [["withheld"] * 2, ["40.00", "60.00"]]
    assert (own[0]["net_days"], narrow[0]["net_days"]) == ("65.00", "65.00")
    assert told(world, "tiny/D1") == told(world, "tiny/D1", *PAYER)  # the text tells the sum alone


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
