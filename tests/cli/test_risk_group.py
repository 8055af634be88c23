"""``soc risk-group`` and ``soc target-population``, as users run them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.cli.world import World

# In the tiny world ten of 100 in Skolan and two of 50 in Hemmet are absent from the first Monday to the Friday of every month of
# 2018, and five and one of the first quarter of 2019; each month is another absence.

PAYER = ("--audience", "payer")


def asked(world: World, *args: str) -> Any:
    return world.done(*args, "-O", "json", by=None).json


def month(answer: Any, wanted: str) -> Any:
    return next(one for one in answer["months"] if one["month"] == wanted)


# ── soc risk-group ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_month_for_the_employer(reported: World) -> None:
    answer = asked(reported, "risk-group", "tiny", "2018-12", *PAYER)
    assert (answer["contract"], answer["as_of"], answer["currency"]) == ("tiny", "2019-06-10", "SEK")
    assert answer["label"] == "recorded (simulated ledger)"
    assert (answer["source"], answer["audience"], answer["withheld"], answer["threshold"]) == ("payroll", "payer", None, 4)
    (one,) = answer["months"]
    assert one["missing"] is None
    group = one["group"]
    assert group["size"] == {"group": 12, "employees": 150, "share": "0.0800"}
    assert group["short_term_net_days"] == {"group": "720.00", "all": "720.00", "share": "1.0000"}
    assert group["all_net_days"] == {"group": "720.00", "all": "720.00", "share": "1.0000"}
    assert group["in_it_a_year_later"]["share"] is None
    assert group["in_it_a_year_later"]["missing"].startswith("2019-04: headcounts are missing; 8 more of 2019-01..2019-12")
    assert group["long_term"]["times"] is None
    assert group["withheld"] == []


def test_the_threshold_is_a_parameter_and_the_answer_says_which(reported: World) -> None:
    usual = asked(reported, "risk-group", "tiny", "2019-03", *PAYER)
    assert month(usual, "2019-03")["group"]["size"]["group"] == 12
    assert "4 absences or more" in usual["meaning"]
    assert "another page says 3+" in usual["meaning"]
    twelve = asked(reported, "risk-group", "tiny", "2019-03", "--threshold", "12", *PAYER)
    assert month(twelve, "2019-03")["group"]["size"]["group"] == 6  # the others have nine: April to December
    assert "12 absences or more" in twelve["meaning"]
    assert "sources differ" in twelve["meaning"]


def test_others_than_the_employer_do_not_see_figures_of_few(reported: World) -> None:
    """All who were absent are in the group, so that their days follow from the total; the size is of twelve and shown."""
    for audience in ((), ("--audience", "provider"), ("--audience", "auditor")):
        answer = asked(reported, "risk-group", "tiny", "2018-12", *audience)
        group = month(answer, "2018-12")["group"]
        assert group["size"] == {"group": 12, "employees": 150, "share": "0.0800"}
        assert group["short_term_net_days"] == {"group": None, "all": "720.00", "share": None}
        assert group["all_net_days"] == {"group": None, "all": None, "share": None}
        assert {"short", "every"} <= set(group["withheld"])
        assert "fewer than five" in answer["withheld"]
    refused = reported.soc("risk-group", "tiny", "--threshold", "2", by=None)
    assert refused.code == 1
    assert "--audience payer" in refused.err


def test_text_says_what_is_missing_how_it_is_counted_and_what_sources_say(reported: World) -> None:
    out = " ".join(reported.done("risk-group", "tiny", by=None).out.split())
    assert out.startswith("Risk group of Tiny SOC — tiny As of 2019-06-10 · known at")
    assert "SEK excluding VAT" in out
    assert "2018-12 12 150 8.0 % withheld withheld" in out
    assert "Not answered: 2018-01..2018-11, whose twelve months are not all reported (2017-12: headcounts are missing)." in out
    assert "Who is in it a year later is not known for 2018-12..2019-03 (2019-04: headcounts are missing" in out
    assert "Of 2018-12..2019-02: absences of the 70 days before the twelve months are not complete" in out
    assert "75 % of the costs of short-term sick leave" in out
    assert "75 % of sick leave, with around 6 times the risk" in out
    assert "a share of days is a share of cost" in out
    assert "For the public: figures that rest on fewer than five persons" in out


def test_csv_has_a_row_a_month(reported: World) -> None:
    rows = list(csv.DictReader(io.StringIO(reported.done("risk-group", "tiny", *PAYER, "-O", "csv", by=None).out)))
    assert len(rows) == 15
    assert rows[0]["missing"].startswith("2017-02: headcounts are missing")
    assert (rows[11]["month"], rows[11]["size"], rows[11]["share_of_short_term_cost"]) == ("2018-12", "12", "1.0000")


def test_no_month_that_can_be_answered_is_refused_with_what_is_missing(reported: World) -> None:
    refused = reported.soc("risk-group", "tiny", "2018-05", by=None)
    assert (refused.code, refused.out) == (1, "")
    assert "2018-05 needs its twelve months reported" in refused.err
    assert "2017-06: headcounts are missing; 6 more of 2017-06..2018-05" in refused.err
    assert "soc evidence tiny 2017-06..2018-05" in refused.err


def test_as_of_and_known_at(reported: World) -> None:
    """As of a date nothing later is looked at; as known before the first quarter came, it is missing."""
    early = asked(reported, "risk-group", "tiny", "--as-of", "2019-01-31", *PAYER)
    assert [one["month"] for one in early["months"]][-1] == "2019-01"
    assert month(early, "2018-12")["group"]["in_it_a_year_later"]["missing"].startswith("2019-02 has not ended by 2019-01-31")
    known = asked(reported, "risk-group", "tiny", "2018-12..2019-01", "--known-at", "2019-04-08T08:25:00", *PAYER)
    assert month(known, "2018-12")["group"]["size"]["group"] == 12
    assert month(known, "2019-01") == {
        "month": "2019-01",
        "missing": "2019-01: no complete absence report for Hemmet, Skolan",
        "group": None,
    }
    assert reported.soc("risk-group", "tiny", "--as-of", "2017-12-31", by=None).code == 1


def test_unknown_contract_and_bad_threshold_are_usage_errors(reported: World) -> None:
    assert reported.soc("risk-group", "nowhere", by=None).code == 2
    assert reported.soc("risk-group", "tiny", "--threshold", "0", by=None).code == 2
    assert reported.soc("target-population", "nowhere", by=None).code == 2
    assert reported.soc("target-population", "tiny", "--above", "many", by=None).code == 2
    assert reported.soc("target-population", "tiny", "--above", "-1", by=None).code == 2


@pytest.mark.parametrize("command", ["risk-group", "target-population"])
def test_no_person_is_named_whoever_reads(reported: World, command: str, tmp_path: Path) -> None:
    for audience in ("payer", "public"):
        for form in ("text", "json", "csv"):
            file = tmp_path / f"{audience}.{form}"
            reported.done(command, "tiny", "--audience", audience, "-O", form, "-o", str(file), by=None)
            text = file.read_text(encoding="utf-8")
            assert not [name for name in reported.employees_in_vault() if name in text]


# ── soc target-population ────────────────────────────────────────────────────────────────────────────────────────────


def test_workplaces_for_the_employer(reported: World) -> None:
    """April 2018 to March 2019: Skolan 10 × 9 + 5 × 3 absences of five days, 100 employees; Hemmet 2 × 9 + 1 × 3, 50."""
    answer = asked(reported, "target-population", "tiny", *PAYER)
    assert answer["months"] == {"first": "2018-04", "last": "2019-03"}
    assert answer["before"]["missing"].startswith("2017-04: headcounts are missing")
    assert answer["high_above"] == {"net_days_an_employee": "4.20", "is": "mean"}  # 630 net days, 150 employees
    skolan, hemmet = answer["workplaces"]
    assert (skolan["workplace"], skolan["employees"], skolan["persons"]) == ("Skolan", 100, 10)
    assert (skolan["net_days"], skolan["net_days_an_employee"], skolan["excess"]) == ("525.00", "5.25", "1.05")
    assert (skolan["excess_net_days"], skolan["high"], skolan["increasing"]) == ("105.00", True, None)
    assert (hemmet["net_days"], hemmet["net_days_an_employee"], hemmet["high"]) == ("105.00", "2.10", False)
    above = asked(reported, "target-population", "tiny", *PAYER, "--above", "2")
    assert above["high_above"] == {"net_days_an_employee": "2.00", "is": "given"}
    assert [one["high"] for one in above["workplaces"]] == [True, True]


def test_workplaces_of_few_are_withheld_from_others(reported: World) -> None:
    answer = asked(reported, "target-population", "tiny")
    assert [(one["workplace"], one["net_days"], one["high"]) for one in answer["workplaces"]] == [
        ("Hemmet", None, None),
        ("Skolan", None, None),
    ]
    assert answer["all"]["now"]["net_days"] == "630.00"
    out = " ".join(reported.done("target-population", "tiny", by=None).out.split())
    assert "Hemmet 50 withheld" in out
    assert "2 withheld, which are not counted here" in out
    assert "Whether absence increases is not known: of 2017-04..2018-03" in out


def test_workplaces_as_csv_and_as_of(reported: World) -> None:
    text = reported.done("target-population", "tiny", *PAYER, "--as-of", "2018-12-31", "-O", "csv", by=None).out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(one["workplace"], one["net_days"], one["high"]) for one in rows] == [
        ("Skolan", "600.00", "true"),
        ("Hemmet", "120.00", "false"),
    ]
    refused = reported.soc("target-population", "tiny", "--as-of", "2018-11-30", by=None)
    assert refused.code == 1
    assert "2017-12: headcounts are missing" in refused.err
