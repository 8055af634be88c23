"""``soc indicators`` and the imports of indicators and targets, as users run them; and the warning in ``soc state``."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ledger.events import SavingsDetermined
from ledger.log import Log
from tests import oracle_indicators
from tests.cli.world import MANAGER, PAYROLL, STRANGER, World

# In the tiny world ten of 100 in Skolan and two of 50 in Hemmet are absent for five days of every month of 2018, five and one in
# the first quarter of 2019, which is determined: days fall by half, and nobody is on long-term leave.

BEFORE = "engagement,2018-10,80,index-0-100,120,synthetic\nwork-capacity,2018-10,8,score-0-10,120,synthetic\n"
FALLEN = "engagement,2019-03,{value},index-0-100,118,synthetic\n"
TARGETS = """measure,change,stated_on,by,from_period,to_period,source,note
short-term-days,-12 %,2019-01-05,RISE,,,release,at least
short-term-days,-60 %,,RISE,,,story,
engagement,+1 %,2019-06-01,Lilla kommun,2018Q4,2019Q1,plan,
"""
SURVEYS = "indicator,period,value,unit,respondents,note\n"
PAYER = ("--audience", "payer")
LATER = "2019-07-22T12:00"


def sent(world: World, content: str, name: str = "sent.csv") -> Path:
    return world.file(name, content)


def import_(world: World, content: str, at: str, kind: str = "indicators", name: str = "sent.csv") -> Any:
    return world.done("import", kind, "tiny", sent(world, content, name), "-O", "json", by=PAYROLL, at=at).json


def asked(world: World, *args: str) -> Any:
    return world.done("indicators", "tiny", *args, "-O", "json", by=None).json


def measure(answer: Any, wanted: str) -> Any:
    return next(one for one in answer["indicators"] if one["measure"] == wanted)


@pytest.fixture
def surveyed(settled: World) -> World:
    """Engagement has fallen by more than two per cent while days fell by half."""
    import_(settled, SURVEYS + BEFORE + FALLEN.format(value="78.39"), "2019-07-22T09:00")
    import_(settled, TARGETS, "2019-07-22T09:10", "targets", "targets.csv")
    return settled


# ── Importing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_receipts(settled: World) -> None:
    first = import_(settled, SURVEYS + BEFORE, "2019-07-22T09:00")
    assert first["events"] == [{"id": "tiny/13", "name": None, "type": "IndicatorsReported@1"}]
    assert first["said"][1] == "Employee engagement (HME), 2018-10: 80 index 0–100"
    again = import_(settled, SURVEYS + BEFORE, "2019-07-22T09:30")
    assert (again["recorded"], again["repeated"]) == (False, True)
    other = import_(settled, SURVEYS + BEFORE.replace(",80,", ",81,"), "2019-07-22T09:40")
    assert other["said"][-1] == "replaces what was recorded of engagement 2018-10"
    back = import_(settled, SURVEYS + BEFORE, "2019-07-22T09:50")
    assert back["recorded"], "what a later file replaced is recorded again"
    targets = import_(settled, TARGETS, "2019-07-22T10:00", "targets")
    assert targets["events"][0]["type"] == "TargetsStated@1"
    assert targets["said"][1] == "Net short-term days per employee: −12.0 %, RISE, release"
    assert "no difference" in settled.soc("check", by=None).out


def test_a_dry_run_records_nothing(settled: World) -> None:
    before = settled.head()
    path = sent(settled, SURVEYS + BEFORE)
    assert "dry run" in settled.done("import", "indicators", "tiny", path, "--dry-run", by=PAYROLL).out
    assert settled.head() == before


@pytest.mark.parametrize(
    ("kind", "content", "code", "said"),
    [
        ("indicators", SURVEYS + "engagement,2019-10,101,index-0-100,,\nmorale,2018,x,points,,\n", 4, "6 faults"),
        ("indicators", SURVEYS + "engagement,2019-07,70,index-0-100,,\n", 4, "2019-07 has not ended; today is 2019-07-22"),
        ("indicators", SURVEYS + "engagement,2019-07,70,index-0-100,,\nohs-preventive,2019-05,9.5,sek,,\n", 4, "2 faults"),
        ("indicators", TARGETS, 4, "its header is that of a file of targets"),
        ("targets", SURVEYS + BEFORE, 4, "its header is that of a file of indicators"),
        ("targets", TARGETS.replace("-12 %", "-0.12"), 4, "change '-0.12' is not a change in per cent"),
        ("targets", TARGETS.replace("2019-01-05", "2019-07-23"), 4, "stated_on 2019-07-23 is in the future"),
        ("targets", "a,b\n1,2\n", 4, "the header is none that is known here"),
    ],
)
def test_bad_files_are_refused_whole(settled: World, kind: str, content: str, code: int, said: str) -> None:
    before = settled.head()
    result = settled.soc("import", kind, "tiny", sent(settled, content), by=PAYROLL)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert settled.head() == before


def test_a_unit_on_record_is_kept_and_strangers_are_refused(surveyed: World) -> None:
    path = sent(surveyed, SURVEYS + "work-capacity,2019-03,80,per-cent,,\n")
    result = surveyed.soc("import", "indicators", "tiny", path, by=PAYROLL, at=LATER)
    assert (result.code, "elsewhere in score-0-10" in result.err) == (1, True)
    for kind, content in (("indicators", SURVEYS + FALLEN.format(value="1")), ("targets", TARGETS.replace("-12", "-13"))):
        result = surveyed.soc("import", kind, "tiny", sent(surveyed, content), by=STRANGER, at=LATER)
        assert result.code == 1
        assert "governance.records names" in result.err


def test_an_unknown_contract(settled: World) -> None:
    assert settled.soc("indicators", "lilla", by=None).code == 2
    assert settled.soc("import", "targets", "lilla", sent(settled, TARGETS), by=PAYROLL).code == 2


def test_a_target_of_months_before_the_reference_years_is_recorded_with_a_finding(settled: World) -> None:
    header = TARGETS.splitlines()[0]
    early = f"{header}\nrisk-group,-5 %,,RISE,2016Q4,2017Q4,early,\nrisk-group,-5 %,,RISE,2018Q1,2019Q1,later,\n"
    said = import_(settled, early, "2019-07-22T09:00", "targets")["said"]
    assert [line for line in said if line.startswith("finding")] == [
        f"finding: risk-group of early: {name} {period} lies before the contract's reference years, 2018-01..2018-12"
        for name, period in (("from_period", "2016Q4"), ("to_period", "2017Q4"))
    ]


# ── The answer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_paid_by_is_what_was_determined(settled: World) -> None:
    """Against the oracle, from the determination as it stands on record."""
    records = Log.open(settled.ledger).facts().stream("contract/tiny")
    (determined,) = [one for one in records if isinstance(one.data, SavingsDetermined)]
    months = json.loads(determined.body())["data"]["months"]
    actual, reference, expected = oracle_indicators.paid(months)
    (year, whole) = asked(settled)["paid"]
    assert (year["contract_year"], whole["contract_year"]) == (1, None)
    assert whole["months"] == ["2019-01", "2019-02", "2019-03"]
    for name, exact in (("days_per_employee", actual), ("reference", reference), ("expected", expected)):
        assert abs(Fraction(whole[name]) - exact) <= Fraction(1, 200)
    for name, exact in (("change_unadjusted", actual / reference - 1), ("change_adjusted", actual / expected - 1)):
        assert abs(Fraction(whole[name]) - exact) <= Fraction(1, 20000)
    assert (whole["days_per_employee"], year["ends_on"]) == ("0.60", "2019-12-31")


def test_unpaid_outcomes_beside_it(surveyed: World) -> None:
    answer = asked(surveyed, *PAYER)
    assert (answer["contract"], answer["currency"], answer["vat"]) == ("tiny", "SEK", "excluded")
    assert (answer["label"], answer["source"]) == ("recorded (simulated ledger)", "payroll")
    engagement = measure(answer, "engagement")
    assert (engagement["value"], engagement["before"], engagement["change"]) == ("78.39", "80.00", "-0.0201")
    assert (engagement["verdict"], engagement["record"], engagement["note"]) == ("worse", 13, "synthetic")
    assert (engagement["period"], engagement["before_period"]) == ("2019-03", "2018-10")
    group = measure(answer, "risk-group")
    assert (group["period"], group["before_period"]) == ("2018-04..2019-03", "2018") or group[
        "before_period"
    ] == "2018-01..2018-12"
    assert (group["value"], group["before"]) == ("8.00", "8.00")
    assert measure(answer, "long-term-days")["value"] == "0.00"
    assert measure(answer, "healthy-workplaces")["value"] == "50.00"
    assert measure(answer, "work-capacity")["missing"] == "one period alone is reported"
    assert [one["quarter"] for one in answer["long_term_by_quarter"]] == ["2018Q1", "2018Q2", "2018Q3", "2018Q4", "2019Q1"]


def test_others_than_the_employer_do_not_see_figures_of_few(surveyed: World) -> None:
    answer = asked(surveyed)
    days = measure(answer, "long-term-days")
    assert (days["value"], days["before"], days["change"], days["withheld"]) == (None, None, None, ["before", "value"])
    assert all(one["withheld"] and one["days_per_100"] is None for one in answer["long_term_by_quarter"])
    text = surveyed.done("indicators", "tiny", by=None).out
    assert "withheld" in text
    rows = list(csv.DictReader(io.StringIO(surveyed.done("indicators", "tiny", "-O", "csv", by=None).out)))
    assert next(one for one in rows if one["measure"] == "long-term-days")["value"] == "withheld"
    refused = surveyed.soc("indicators", "tiny", "--healthy-below", "90", by=None)
    assert (refused.code, "for the employer alone" in refused.err) == (1, True)
    assert asked(surveyed, "--healthy-below", "90", *PAYER)["assumed"] == {"healthy_below": "0.9000"}
    assert surveyed.soc("indicators", "tiny", "--margin", "-2", by=None).code == 2


def test_targets_and_the_result_against_them(surveyed: World) -> None:
    twelve, sixty, engaged = asked(surveyed)["targets"]
    assert (twelve["change"], twelve["stated_on"], twelve["by"], twelve["record"]) == ("-0.1200", "2019-01-05", "RISE", 14)
    assert (twelve["due_on"], twelve["due_assumed"]) == ("2019-12-31", True)
    assert [one["status_adjusted"] for one in twelve["results"]] == ["met", "met"]
    assert [one["status_unadjusted"] for one in sixty["results"]] == ["not yet", "not yet"]
    assert (engaged["due_on"], engaged["due_assumed"]) == ("2019-03-31", False)
    assert engaged["results"] == [
        {
            "contract_year": None,
            "change_unadjusted": "-0.0201",
            "status_unadjusted": "not met",
            "change_adjusted": None,
            "status_adjusted": None,
            "months": "2019-03",
            "against": "2018-10",
            "missing": None,
        }
    ]
    earlier = asked(surveyed, "--as-of", "2019-05-31")["targets"]
    assert [one["measure"] for one in earlier] == ["short-term-days", "short-term-days"], "the third was stated in June"


def test_a_verdict_of_the_past_stands_whatever_comes_later(surveyed: World) -> None:
    """Engagement recovers in the second quarter: what was missed in the first stays missed."""
    before = asked(surveyed)["targets"][2]
    import_(surveyed, SURVEYS + FALLEN.format(value="99").replace("2019-03", "2019-06"), "2019-07-22T11:00", name="b.csv")
    answer = asked(surveyed)
    assert measure(answer, "engagement")["value"] == "99.00"
    assert answer["targets"][2] == before
    text = " ".join(surveyed.done("indicators", "tiny", by=None).out.split())
    assert "2019-03 against 2018-10 −2.0 % not met" in text


def test_a_target_of_months_without_a_value_is_not_measured(settled: World) -> None:
    import_(settled, SURVEYS + BEFORE + FALLEN.format(value="90"), "2019-07-22T09:00")
    header = TARGETS.splitlines()[0]
    wanted = f"{header}\nengagement,+1 %,,A,,2019-01,plan,\nlong-term-days,-5 %,,A,2017Q4,2019Q1,plan,\n"
    import_(settled, wanted, "2019-07-22T09:10", "targets", "targets.csv")
    engaged, long = (one["results"][0] for one in asked(settled, *PAYER)["targets"])
    assert (engaged["status_unadjusted"], engaged["missing"]) == (None, "nothing is reported for 2019-01")
    assert (long["months"], long["missing"]) == (
        "2018-04..2019-03",
        "2017-01..2017-12 is not complete: 2017-01: headcounts are missing",
    )
    text = " ".join(settled.done("indicators", "tiny", *PAYER, by=None).out.split())
    assert "not measured for those months: nothing is reported for 2019-01" in text
    assert "Not yet:" not in text, "no row is not yet"


def test_figures_are_grouped_and_workplaces_counted(settled: World) -> None:
    bought = "ohs-preventive,2018Q4,900000,sek,,\nohs-preventive,2019Q1,33000.50,sek,,\n"
    import_(settled, SURVEYS + BEFORE.replace(",80,", ",79.125,") + bought, "2019-07-22T09:00")
    text = settled.done("indicators", "tiny", *PAYER, by=None).out
    for said in ("900\u2009000.00", "33\u2009000.50", "79.125", "50.00 (1 of 2)"):
        assert said in text, said
    healthy = measure(asked(settled, *PAYER), "healthy-workplaces")
    assert (healthy["counts"], healthy["value"]) == ([1, 2], "50.00")
    assert measure(asked(settled), "healthy-workplaces")["counts"] is None, "it rests on few, and is the employer's"


@pytest.mark.parametrize(("value", "warns"), [("78.39", True), ("78.40", False)])
def test_the_warning_on_both_sides_of_its_margin(settled: World, value: str, warns: bool) -> None:
    import_(settled, SURVEYS + BEFORE + FALLEN.format(value=value), "2019-07-22T09:00")
    answer = asked(settled)
    assert (answer["warning"]["warns"], answer["warning"]["paid_better"]) == (warns, True)
    said = {one["measure"]: one["beyond_margin"] for one in answer["warning"]["compared"]}
    assert said == {"long-term-days": None, "risk-group": False, "engagement": warns, "work-capacity": None}
    text = " ".join(settled.done("indicators", "tiny", by=None).out.split())
    assert ("Warning: what is paid by improves" in text) is warns
    assert ("No warning: net short-term days per employee are −49.2 %" in text) is not warns
    assert asked(settled, "--margin", "0")["warning"]["warns"]
    state = " ".join(settled.done("state", "tiny", by=None).out.split())
    assert ("Warning: what is paid by improves (Net short-term days per employee −49.2 %)" in state) is warns


def test_the_state_says_nothing_of_it_in_json_and_nothing_before_anything_is_recorded(settled: World) -> None:
    before = settled.state("--as-of", "2019-07-22")
    assert "Warning" not in settled.done("state", "tiny", by=None).out
    import_(settled, SURVEYS + BEFORE + FALLEN.format(value="60"), "2019-07-22T09:00")
    after = settled.state("--as-of", "2019-07-22")
    moved = ("known_at", "basis")
    assert {key: one for key, one in after.items() if key not in moved} == {
        key: one for key, one in before.items() if key not in moved
    }
    then = settled.done("state", "tiny", "--as-of", "2019-03-30", by=None).out
    assert "Warning" not in then, "nothing was determined of months that ended by then"


def test_what_is_recorded_later_changes_no_answer_of_before(surveyed: World) -> None:
    at = ("--known-at", "14")
    answers = {
        (form, day): answer(surveyed, form, day, at) for form in ("text", "json", "csv") for day in ("2019-03-31", "2019-07-22")
    }
    import_(surveyed, SURVEYS + BEFORE.replace(",80,", ",60,") + FALLEN.format(value="90"), "2019-07-22T11:00", name="b.csv")
    import_(surveyed, TARGETS.replace("-12 %", "-99 %"), "2019-07-22T11:10", "targets", "c.csv")
    assert {(form, day): answer(surveyed, form, day, at) for form, day in answers} == answers
    assert not asked(surveyed)["warning"]["warns"]


def answer(world: World, form: str, day: str, at: tuple[str, ...]) -> str:
    return world.done("indicators", "tiny", "--as-of", day, *at, "-O", form, by=None).out


def test_before_anything_is_known(signed: World) -> None:
    answer = asked(signed)
    assert measure(answer, "risk-group")["missing"] == "no twelve months in a row are complete as of 2019-01-02"
    assert (answer["warning"]["warns"], answer["warning"]["paid_better"]) == (False, None)
    text = signed.done("indicators", "tiny", by=None).out
    assert "no month is determined, so it is not known whether what is paid by improves" in text
    assert "No target is on record" in text
    refused = signed.soc("indicators", "tiny", "--as-of", "2018-12-31", by=None)
    assert (refused.code, "was signed on 2019-01-01" in refused.err) == (1, True)


def test_the_text_names_dates_sources_and_what_is_assumed(surveyed: World) -> None:
    text = surveyed.done("indicators", "tiny", *PAYER, by=None).out
    for said in (
        "Tiny SOC — tiny",
        "recorded (simulated ledger)",
        "SEK excluding VAT",
        "reported, tiny/13, 118 answered",
        "(synthetic)",
        "the contract's last day: none was published",
        "date not published",
        "The margins are assumed",
        "no source says what",
        "80 %",
    ):
        assert said in " ".join(text.split()), said
    assert max(map(len, text.splitlines())) <= 130


def test_register_explain_and_bundle_hold_them(surveyed: World) -> None:
    listed = surveyed.done("register", "tiny", by=None).out
    assert "outcomes not paid by: Employee engagement (HME), 2018-10: 80 index 0–100" in listed
    assert "targets: Net short-term days per employee −12.0 %, RISE" in listed
    assert "Values of outcomes that are not paid by" in surveyed.done("explain", "tiny/13", by=None).out
    assert "Targets" in surveyed.done("explain", "tiny/14", by=None).out
    key, bundle = surveyed.folder / "k.key", surveyed.folder / "b.zip"
    surveyed.done("seal", "new-key", "soc.example/test", key, by=None)
    surveyed.done("seal", "--key", key, by=MANAGER)
    surveyed.done("export", "bundle", "--audience", "payer", "-o", bundle, by=None)
    assert "NOTHING BAD FOUND" in surveyed.soc("verify", bundle, by=None).out


def test_workplaces_below_the_mean_have_the_minus_sign_of_all_figures(settled: World) -> None:
    text = settled.done("target-population", "tiny", *PAYER, by=None).out
    (row,) = [line for line in text.splitlines() if line.startswith("Hemmet")]
    assert re.search(r" −\d+\.\d{2} ", row)
    assert not re.search(r"-\d", row)
    places = settled.done("target-population", "tiny", *PAYER, "-O", "json", by=None).json["workplaces"]
    assert next(one["excess"] for one in places if one["workplace"] == "Hemmet").startswith("-")
