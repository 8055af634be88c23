"""``soc audit report``: what an auditor reads, in three forms that say the same, and nobody's absence in any of them."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli.audit.report_backdated import backdated
from cli.audit.report_changes import changes
from cli.audit.report_completeness import completeness
from cli.audit.report_duties import duties
from cli.audit.report_forms import as_json, as_workbook
from cli.audit.report_payments import payments
from cli.audit.report_rests import rests
from cli.audit.report_table import Names
from cli.audit.report_text import as_text
from projections.audit.report import report as audit_report
from tests.cli.world import (
    BOTH,
    METHODOLOGY,
    MONTHS_2018,
    PAYER,
    PAYROLL,
    Q1,
    QUARTERS_2018,
    TERMS,
    Result,
    World,
    absences,
    copy,
    trend,
    workforce,
)
from tests.projections.test_since import played

SECTIONS = ["completeness", "backdated", "who_did_what", "payments", "rests_on", "changes", "sealed"]
COMPLETE = ("--source", "payroll", "--complete")


def report(world: World, *args: str) -> Any:
    """The sections of ``soc audit report -O json``."""
    return world.done("audit", "report", "tiny", *args, "-O", "json", by=None).json["sections"]


def text(world: World, *args: str) -> str:
    """The report for a reader, thin spaces as spaces."""
    return world.done("audit", "report", "tiny", *args, by=None).out.replace("\u2009", " ")


def plain(said: str) -> str:
    """Lines as one."""
    return " ".join(said.split())


def rows(found: Any, section: str, table: str, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in found[section][table]]


def pay(world: World, amount: str, on: str, invoice: str, *more: str, at: str | None = None) -> Result:
    return world.done("pay", "outcome", "tiny", amount, "--on", on, "--invoice", invoice, *more, by=PAYER, at=at or f"{on}T12:00")


def made(world: World, amount: str, on: str, invoice: str, bank: str, *more: str, at: str | None = None) -> Result:
    return pay(world, amount, on, invoice, "--made", "--bank-reference", bank, *more, at=at)


# ── Three forms ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sections_in_the_order_in_which_an_auditor_asks(settled: World) -> None:
    assert list(report(settled)) == SECTIONS
    lines = text(settled).splitlines()
    titles = [line for line, under in pairwise(lines) if line and under == "─" * len(line)]
    assert [title[0] for title in titles] == list("1234567")


def test_text_fits_a_page(settled: World) -> None:
    made(
        settled,
        "30000",
        "2019-07-22",
        "an invoice with a very long name indeed, and more",
        "and-a-bank-reference-in-one-word" * 2,
    )
    assert max(map(len, text(settled).splitlines())) <= 100


@pytest.mark.parametrize("kind", ["money", "contested", "closing"])
def test_any_history_fits_a_page_and_every_form(kind: str) -> None:
    for seed in range(8):
        ledger, contract_id, _ = played(kind, seed)
        found = audit_report(ledger.facts(), contract_id, 30)
        names = Names(contract_id, found.of)
        parts = [one(found, names) for one in (completeness, backdated, duties, payments, rests, changes)]
        assert max(map(len, as_text([], parts).splitlines())) <= 100
        json.dumps(as_json({}, parts))
        titles = openpyxl.load_workbook(io.BytesIO(as_workbook([], parts))).sheetnames
        assert titles == ["Summary", *(f"{number} {table.title}" for number, one in enumerate(parts, 1) for table in one.tables)]


def test_the_workbook_has_every_row_of_the_json(settled: World) -> None:
    where = settled.folder / "report.xlsx"
    settled.done("audit", "report", "tiny", "-O", "xlsx", "-o", where, by=None)
    book = openpyxl.load_workbook(where)
    found = report(settled)
    said = [line for section in found.values() for line in section["says"]]
    assert [row[2] for row in book["Summary"].iter_rows(values_only=True) if row[2] not in (None, "says")] == said
    tables = [
        (number, key, rows) for number, one in enumerate(found.values(), 1) for key, rows in one.items() if isinstance(rows, list)
    ]
    expected = [(number, len(rows)) for number, key, rows in tables if key != "says"]
    assert [(int(sheet.title[0]), sheet.max_row - 1) for sheet in book if sheet.title != "Summary"] == expected
    flagged = book["4 Payments"]
    assert [cell.value for cell in flagged[1]][:4] == ["record", "payment", "kind", "amount"]


def test_the_same_record_gives_the_same_workbook(settled: World) -> None:
    def content(name: str) -> bytes:
        settled.done("audit", "report", "tiny", "-O", "xlsx", "-o", settled.folder / name, by=None)
        return (settled.folder / name).read_bytes()

    assert content("a.xlsx") == content("b.xlsx")


def test_long_lists_say_how_many_more_there_are_and_where(settled: World) -> None:
    for number in range(14):
        made(settled, "100", "2019-07-22", f"F{number}", f"B{number}", at=f"2019-07-22T12:{number:02d}")
    assert "… and 2 more; the whole with -O xlsx -o FILE" in text(settled)
    assert len(report(settled)["payments"]["payments"]) == 14


def test_it_answers_from_what_was_known(settled: World) -> None:
    before = settled.done("audit", "report", "tiny", "--known-at", "9", "-O", "json", by=None).out
    made(settled, "30000", "2019-07-22", "F1", "B1")
    assert settled.done("audit", "report", "tiny", "--known-at", "9", "-O", "json", by=None).out == before
    assert report(settled, "--known-at", "9")["payments"]["payments"] == []


def test_it_writes_nothing_and_refuses_what_is_not_there(settled: World) -> None:
    before = settled.head()
    text(settled)
    assert settled.head() == before
    assert settled.soc("audit", "report", "other", by=None).code == 2
    assert settled.soc("audit", "report", "tiny", "--backdated", "-1", by=None).code == 2


def test_a_contract_just_signed_has_a_report(signed: World) -> None:
    found = report(signed)
    assert found["payments"]["payments"] == []
    assert "No determination was ever superseded." in found["changes"]["says"]
    assert max(map(len, text(signed).splitlines())) <= 100


def test_records_can_be_followed(settled: World) -> None:
    made(settled, "30000", "2019-07-22", "F1", "B1")
    found = report(settled)
    tables = [one for section in found.values() for key, one in section.items() if isinstance(one, list) and key != "says"]
    named = {row["record"] for table in tables for row in table if "record" in row}
    assert named
    for name in sorted(name for name in named if name.startswith("tiny/")):
        settled.done("explain", name, by=None)


# ── Nobody's absence ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_number_of_absences_is_told(settled: World, tmp_path: Path) -> None:
    """Two reports that differ in how many were absent make the same first three sections."""

    def reporting(in_school: int, folder: str) -> Any:
        world = copy(settled, tmp_path / folder)
        late = world.file("late.csv", absences(Q1, in_school, 1))
        world.done("import", "absences", "tiny", late, *COMPLETE, "2019Q1", by=PAYROLL, at="2019-07-23T09:00")
        found = report(world)
        return {key: found[key] for key in ("completeness", "backdated", "who_did_what", "payments")}

    assert reporting(6, "six") == reporting(17, "seventeen")


def test_the_last_day_of_a_single_absence_is_not_told(reported: World) -> None:
    call = reported.file("call.csv", absences([], 0, 0) + "S1,Skolan,2019-02-11,2019-02-13,100,sick\n")
    reported.done("import", "absences", "tiny", call, "--source", "payroll", by=PAYROLL, at="2019-06-12T09:00")
    about = dict(rows(report(reported), "backdated", "records", "record", "about"))
    assert about["tiny/9"] == "2019-02-28"
    assert "2019-02-13" not in reported.done("audit", "report", "tiny", "-O", "json", by=None).out


def test_findings_that_tell_of_a_workplace_are_told_without_it(reported: World) -> None:
    """Nobody works at Badet, and one person was absent from it."""
    reported.done(
        "import",
        "workforce",
        "tiny",
        reported.file("w.csv", "month,workplace,employees\n2019-01,Badet,0\n"),
        at="2019-06-11T08:00",
    )
    one = absences([], 0, 0) + "B1,Badet,2019-01-14,2019-01-14,100,sick\n"
    reported.done(
        "import",
        "absences",
        "tiny",
        reported.file("b.csv", one),
        "--source",
        "payroll",
        "--period",
        "2019-01",
        by=PAYROLL,
        at="2019-06-11T09:00",
    )
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    assert "net days at Badet" in reported.done("explain", "tiny/D1", "--audience", "payer", by=None).out
    found = rows(report(reported), "rests_on", "rests_on", "sort", "what")
    assert ("finding of a month", "net days at workplaces without employees are not counted") in found
    said = text(reported) + str(report(reported)["rests_on"])
    assert "Badet" not in said


# ── Completeness ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def reporting(signed: World) -> World:
    """Headcounts of January to March; Skolan reports January in time, February 19 days late; nothing else. It is 1 May 2019."""
    signed.done("import", "workforce", "tiny", signed.file("w.csv", workforce(Q1)), at="2019-04-08T08:00")
    january = signed.file("jan.csv", absences(["2019-01"], 5, 0))
    school = ("--workplaces", "Skolan")
    signed.done("import", "absences", "tiny", january, *COMPLETE, "2019-01", *school, by=PAYROLL, at="2019-04-08T09:00")
    february = signed.file("feb.csv", absences(["2019-02"], 5, 0))
    signed.done("import", "absences", "tiny", february, *COMPLETE, "2019-02", *school, by=PAYROLL, at="2019-04-08T10:00")
    signed.done("import", "trend", signed.file("t.csv", trend(QUARTERS_2018)), at="2019-05-01T08:00")
    return signed


def cells(world: World, month: str, *keys: str) -> dict[str, tuple[Any, ...]]:
    found = report(world)["completeness"]["matrix"]
    return {row["workplace"]: tuple(row[key] for key in keys) for row in found if row["month"] == month}


def test_late_and_missing_are_counted_from_the_last_day_to_report(reporting: World) -> None:
    """January is due by 20 February, 47 days before 8 April; February by 20 March, 19 days; March by 20 April, 11 days before
    1 May."""
    keys = ("status", "due_by", "days_late")
    assert cells(reporting, "2019-01", *keys) == {
        "Skolan": ("complete", "2019-02-20", 47),
        "Hemmet": ("missing", "2019-02-20", 70),
    }
    assert cells(reporting, "2019-02", *keys) == {
        "Skolan": ("complete", "2019-03-20", 19),
        "Hemmet": ("missing", "2019-03-20", 42),
    }
    assert cells(reporting, "2019-03", *keys) == {
        "Skolan": ("missing", "2019-04-20", 11),
        "Hemmet": ("missing", "2019-04-20", 11),
    }
    assert "2019-01 complete, 47 days late Skolan" in plain(text(reporting))


def test_what_is_in_time_complete_and_said_once_is_not_listed(settled: World) -> None:
    """The reference year has no last day to report; January to March were reported together on 8 April."""
    months = [(row["month"], row["status"]) for row in report(settled)["completeness"]["not_perfect"]]
    assert months == [("2019-01", "complete"), ("2019-02", "complete"), ("2019-04", "no headcount"), ("2019-05", "no headcount")]
    both = ("Skolan", "Hemmet")
    assert cells(settled, "2019-03", "status", "days_late", "times_restated") == dict.fromkeys(both, ("complete", 0, 0))
    assert cells(settled, "2018-05", "needed_as", "due_by", "days_late") == dict.fromkeys(both, ("reference", None, 0))


def test_months_without_headcounts_are_listed(signed: World) -> None:
    signed.done("import", "trend", signed.file("t.csv", trend(QUARTERS_2018[:3])), at="2019-02-25T08:00")
    assert cells(signed, "2019-01", "status", "days_late") == {"every workplace": ("no headcount", 5)}
    only = signed.file("w.csv", "month,workplace,employees\n2019-01,Skolan,100\n2019-01,Hemmet,50\n2019-02,Skolan,100\n")
    signed.done("import", "workforce", "tiny", only, at="2019-03-25T08:00")
    assert cells(signed, "2019-02", "status") == {"Skolan": ("missing",), "Hemmet": ("no headcount",)}


def test_a_partial_report_is_told_by_its_months(reporting: World) -> None:
    call = reporting.file("call.csv", absences(["2019-03"], 1, 0))
    reporting.done(
        "import", "absences", "tiny", call, "--source", "payroll", "--period", "2019-03", by=PAYROLL, at="2019-05-02T09:00"
    )
    found = report(reporting)
    assert cells(reporting, "2019-03", "status")["Skolan"] == ("partial",)
    assert rows(found, "completeness", "other_reports", "source", "months") == [("payroll", "2019-03")]
    assert rows(report(reporting, "--known-at", "2019-05-01"), "completeness", "other_reports", "record") == []


def test_reports_of_other_sources_are_on_record_and_not_used(reporting: World) -> None:
    other = reporting.file("hs.csv", absences(["2019-03"], 1, 0))
    reporting.done(
        "import",
        "absences",
        "tiny",
        other,
        "--source",
        "health-support",
        "--complete",
        "2019-03",
        by=PAYROLL,
        at="2019-05-02T09:00",
    )
    assert cells(reporting, "2019-03", "status")["Skolan"] == ("missing",)
    assert "1 report from health-support: on record, and not used." in report(reporting)["completeness"]["says"]


def test_reported_again_after_the_month_was_determined(settled: World) -> None:
    again = settled.file("again.csv", absences(["2019-03"], 6, 1))
    settled.done("import", "absences", "tiny", again, *COMPLETE, "2019-03", by=PAYROLL, at="2019-07-23T09:00")
    found = report(settled)
    last = [row for row in found["completeness"]["not_perfect"] if row["month"] == "2019-03"]
    assert [(row["times_restated"], row["last_restated_on"], row["settled_before_by"], row["of"]) for row in last] == [
        (1, "2019-07-23", ["D1"], 2)
    ]
    assert cells(settled, "2019-01", "days_late")["Skolan"] == (47,)
    assert "Reported again after D1 had settled the month: see section 6." in found["completeness"]["says"]
    assert not any("had settled" in said for said in report(settled, "--known-at", "2019-07-22")["completeness"]["says"])


def test_a_month_is_late_by_the_terms_in_force_in_it(reporting: World) -> None:
    """From March on a report is late after 40 days: by 10 May."""
    terms = TERMS.replace("report_days = 20", "report_days = 40")
    new = reporting.file("new.toml", terms)
    reporting.done("contract", "amend", "tiny", new, "--from", "2019-03", *BOTH, "--reason", "more time", at="2019-05-02T09:00")
    assert cells(reporting, "2019-03", "due_by", "days_late")["Skolan"] == ("2019-05-10", 0)
    assert cells(reporting, "2019-02", "due_by")["Skolan"] == ("2019-03-20",)
    march = reporting.file("mar.csv", absences(["2019-03"], 5, 0))
    to = ("2019-03", "--workplaces", "Skolan")
    reporting.done("import", "absences", "tiny", march, *COMPLETE, *to, by=PAYROLL, at="2019-05-12T09:00")
    days = {"2019-02": 19, "2019-03": 2}
    assert {month: cells(reporting, month, "days_late")["Skolan"] for month in days} == {month: (n,) for month, n in days.items()}
    said = json.loads(reporting.soc("evidence", "tiny", "2019-02..2019-03", "-O", "json", by=None).out)["cells"]
    assert {one["month"]: one["days_late"] for one in said if one["workplace"] == "Skolan"} == days


# ── Dated back ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_dated_back_by_whom_on_what(settled: World) -> None:
    made(settled, "30000", "2019-07-22", "F1", "B1", "--reference", "receipt 7", at="2019-08-22T09:00")
    keys = ("record", "sort", "by", "about", "recorded", "days", "documents")
    acts = [row for row in rows(report(settled), "backdated", "records", *keys) if row[1] == "act"]
    assert acts == [("tiny/13", "act", "A. Ek", "2019-07-22", "2019-08-22", 31, ["receipt 7"])]
    assert [row for row in rows(report(settled, "--backdated", "31"), "backdated", "records", *keys) if row[1] == "act"] == []


def test_an_agreement_for_months_gone_by_is_dated_back(settled: World) -> None:
    method = settled.file("anew.toml", METHODOLOGY.replace("tiny-2019", "anew").replace("2000.00", "1900.00"))
    settled.done("methodology", "adopt", "tiny", method, "--from", "2019-01-01", *BOTH, at="2019-07-23T09:00")
    found = report(settled)
    assert [row for row in rows(found, "backdated", "records", "sort", "days") if row[0] == "agreement"] == [("agreement", 203)]
    assert rows(found, "changes", "agreements", "determined_before", "determined_again_by") == [([], []), (["D1"], [])]
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "agreed anew", at="2019-07-24T09:00")
    assert rows(report(settled), "changes", "agreements", "determined_again_by") == [([],), (["D2"],)]


def test_a_notice_recorded_late_is_told_with_the_time_left(reported: World) -> None:
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    reported.done("notify", "tiny/D1", "--on", "2019-06-13", at="2019-07-08T09:00")
    keys = ("days_given", "days_left", "needs_an_answer", "accepted")
    assert rows(report(reported), "backdated", "notices", *keys) == [(30, 5, "yes", "not yet")]
    assert "the shortest time left to object was 5 days." in plain(text(reported))
    assert "5 of 30" in text(reported)


def test_a_notice_recorded_on_its_day_needs_no_answer(settled: World) -> None:
    assert rows(report(settled), "backdated", "notices", "days_left", "needs_an_answer") == [(30, "no")]
    assert "object until" not in text(settled)


# ── Who did what ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_imported_and_determined(settled: World) -> None:
    """M. Lind recorded the headcounts and the trend; payroll the absences."""
    found = rows(report(settled), "who_did_what", "twice", "person", "did", "record", "of")
    one = next(row for row in found if row[1].startswith("imported"))
    assert one == ("M. Lind", "imported the evidence and determined on it", "tiny/9", ["tiny/4", "record 5", "record 8"])


def test_what_was_imported_after_the_determination_is_no_ground_of_it(settled: World) -> None:
    more = settled.file("more.csv", workforce(Q1).replace(",100", ",101"))
    settled.done("import", "workforce", "tiny", more, at="2019-07-23T09:00")
    assert ("tiny/9", ["tiny/4", "record 5", "record 8"]) in rows(report(settled), "who_did_what", "twice", "record", "of")


def test_a_party_that_recorded_its_own_acceptance_on_a_letter(reported: World) -> None:
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    reported.done("notify", "tiny/D1", "--on", "2019-06-13", at="2019-06-13T09:00")
    reported.done(
        "accept", "tiny/D1", "--by", "payer", "--on", "2019-06-20", "--reference", "letter", by=PAYER, at="2019-06-20T09:00"
    )
    reported.done("accept", "tiny/D1", "--by", "external_provider", "--on", "2019-06-20", at="2019-06-20T09:10")
    said = "2 acceptances on record: 1 recorded by another role than the one that accepted, 1 on no document."
    assert said in report(reported)["who_did_what"]["says"]


def test_who_only_determined_imported_nothing(settled: World, signed: World) -> None:
    """All that the second determination rests on was recorded by others."""
    by = "HR clerk, internal_provider"
    world = signed
    world.done("import", "workforce", "tiny", world.file("w.csv", workforce(MONTHS_2018 + Q1)), by=by, at="2019-04-08T08:00")
    world.done("import", "trend", world.file("t.csv", trend([*QUARTERS_2018, "2019Q1"])), by=by, at="2019-06-10T08:10")
    for name, months, period in (("a", MONTHS_2018, "2018-01..2018-12"), ("b", Q1, "2019Q1")):
        world.done(
            "import",
            "absences",
            "tiny",
            world.file(f"{name}.csv", absences(months, 5, 1)),
            *COMPLETE,
            period,
            by=by,
            at=f"2019-06-10T09:0{name == 'b':d}",
        )
    world.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    assert rows(report(world), "who_did_what", "twice", "did") == []


def test_who_recorded_the_parties_acceptances(settled: World) -> None:
    found = report(settled)
    assert (
        "2 acceptances on record: 2 recorded by another role than the one that accepted, 2 on no document."
        in found["who_did_what"]["says"]
    )
    did = rows(found, "who_did_what", "twice", "did", "record", "of")
    assert ("determined, and recorded a party's acceptance of it", "tiny/11", ["tiny/9"]) in did


def test_the_same_name_in_another_role_and_spelling(settled: World) -> None:
    settled.done("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "F1", by="m.  lind, payer")
    says = report(settled)["who_did_what"]["says"]
    assert any(
        said.startswith("M. Lind recorded in 2 roles: performance manager, payer; and is written in 2 ways") for said in says
    )
    assert ("M. Lind",) not in rows(report(settled, "--known-at", "12"), "who_did_what", "deeds", "role")
    did = rows(report(settled), "who_did_what", "twice", "did", "record")
    assert ("determined, and instructed the payment", "tiny/13") in did


def test_no_name_in_two_roles(settled: World) -> None:
    assert "No name appears in two roles, or is written in two ways." in report(settled)["who_did_what"]["says"]


# ── Payments, and what they rest on ──────────────────────────────────────────────────────────────────────────────────


def test_payments_with_their_references(settled: World) -> None:
    pay(settled, "34909.09", "2019-07-20", "F1", at="2019-07-22T10:00")
    made(settled, "34909.09", "2019-07-20", "F1", "BG 7", "--reference", "receipt 7", at="2019-07-22T12:00")
    keys = (
        "record",
        "payment",
        "kind",
        "amount",
        "bank_day",
        "invoice",
        "bank_reference",
        "carries_out",
        "stands",
        "flags",
        "documents",
    )
    found = report(settled)["payments"]
    expected = ("tiny/14", "P2", "outcome", "34909.09", "2019-07-20", "F1", "BG 7", "P1", "made", [], ["receipt 7"])
    assert [tuple(row[key] for key in keys) for row in found["payments"]] == [expected]
    assert found["flags"] == []
    assert any(said.startswith("None: above what was payable on its day; before acceptance;") for said in found["says"])


def test_what_was_paid_late_and_what_is_unpaid(settled: World) -> None:
    """Accepted on 20 June, payable on 20 July."""
    made(settled, "30000", "2019-07-22", "F1", "BG 7")
    found = report(settled)["payments"]
    assert [(row["amount"], row["why"]) for row in found["flags"] if row["needs_an_answer"] == "paid late"] == [
        ("30000.00", "2 days after 2019-07-20 (D1)")
    ]
    assert "unpaid 4 909.09 SEK: 4 909.09 due since 2019-07-20 (D1)." in plain(text(settled))


def test_payments_that_need_an_answer(settled: World) -> None:
    made(settled, "40000", "2019-07-15", "F1", "BG 7", at="2019-07-22T09:30")
    found = report(settled)["payments"]
    assert [row["needs_an_answer"] for row in found["flags"]] == [
        "overpaid",
        "before it fell payable",
        "no instruction",
        "no document",
    ]
    assert found["flags"][0]["amount"] == "40000.00"
    assert "overpaid by 5 090.91 SEK" in plain(text(settled))


def test_late_facts_are_told_with_what_they_would_move(settled: World) -> None:
    assert "Every report about the determined months is counted: nothing is unsettled." in report(settled)["rests_on"]["says"]
    again = settled.file("again.csv", absences(Q1, 6, 1))
    settled.done("import", "absences", "tiny", again, *COMPLETE, "2019Q1", by=PAYROLL, at="2019-07-23T09:00")
    state = settled.state("--unsettled", at="2019-07-23T09:00")["unsettled"]
    keys = ("where", "size", "of_the_entitlement", "records")
    (one,) = (row for row in report(settled)["rests_on"]["rests_on"] if row["sort"] == "unsettled")
    assert tuple(one[key] for key in keys) == ("D1, 2019Q1", state["savings"], state["entitlement"], ["tiny/13"])


def test_a_preliminary_determination_says_on_what(signed: World) -> None:
    found = preliminary(signed)
    (one,) = (row for row in report(found)["rests_on"]["rests_on"] if row["sort"] == "preliminary")
    assert (one["what"], one["where"]) == ("index 2019Q1 2.5 (estimated); none is published", "D1, 2019Q1")
    assert one["size"] == found.state()["savings"]["determined"]
    assert one["of_the_entitlement"] == found.state()["savings"]["to_provider"]
    found.done("import", "trend", found.file("p.csv", trend(["2019Q1"])), at="2019-06-20T08:10")
    (one,) = (row for row in report(found)["rests_on"]["rests_on"] if row["sort"] == "preliminary")
    assert one["what"] == "index 2019Q1 2.5 (estimated); published: record 10"


def preliminary(world: World) -> World:
    """The first quarter of 2019 determined on an estimate."""
    world.done("import", "workforce", "tiny", world.file("w.csv", workforce(MONTHS_2018 + Q1)), at="2019-04-08T08:00")
    world.done("import", "trend", world.file("t.csv", trend(QUARTERS_2018)), at="2019-04-08T08:10")
    for name, months, count, period in (("a", MONTHS_2018, 10, "2018-01..2018-12"), ("b", Q1, 5, "2019Q1")):
        world.done(
            "import",
            "absences",
            "tiny",
            world.file(f"{name}.csv", absences(months, count, 1)),
            *COMPLETE,
            period,
            by=PAYROLL,
            at=f"2019-04-08T09:0{name == 'b':d}",
        )
    world.done("import", "trend", world.file("e.csv", trend(["2019Q1"], status="estimated")), at="2019-06-12T08:10")
    world.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    return world


def test_published_values_make_nothing_preliminary(settled: World) -> None:
    sorts = {row["sort"] for row in report(settled)["rests_on"]["rests_on"]}
    assert not sorts & {"preliminary", "reference trend", "agreed, not measured", "unsettled", "finding accepted at adoption"}
    assert "assumed term" in sorts


def test_months_that_are_agreed_are_told_with_their_amounts(settled: World) -> None:
    window = '[[disruption]]\nkind = "exclude-months@1"\nwindow = "2019-01"\n'
    method = METHODOLOGY.replace('[disruption]\nkind = "none@1"\n', window).replace("tiny-2019", "agreed")
    settled.done(
        "methodology", "adopt", "tiny", settled.file("m.toml", method), "--from", "2019-01-01", *BOTH, at="2019-07-23T09:00"
    )
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "agreed anew", at="2019-07-24T09:00")
    found = [row for row in report(settled)["rests_on"]["rests_on"] if row["sort"] == "agreed, not measured"]
    assert [(row["what"], row["where"], row["size"]) for row in found] == [
        ("left out by agreement: no savings", "D2, 2019-01", "0.00")
    ]
    assert cells(settled, "2019-01", "needed_as")["Skolan"] == ("agreed on",)


# ── What was changed, and what is sealed ─────────────────────────────────────────────────────────────────────────────


def test_a_determination_superseded_after_payment(settled: World) -> None:
    made(settled, "34909.09", "2019-07-22", "F1", "BG 7")
    again = settled.file("again.csv", absences(Q1, 6, 1))
    settled.done("import", "absences", "tiny", again, *COMPLETE, "2019Q1", by=PAYROLL, at="2019-07-23T09:00")
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "late sick notes", at="2019-07-24T09:00")
    settled.done("notify", "tiny/D2", "--on", "2019-07-24", at="2019-07-24T10:00")
    keys = (
        "determination",
        "supersedes",
        "counts",
        "reason",
        "paid_by_then",
        "superseded_was_accepted",
        "accepted",
        "next_outcome_payment",
    )
    (one,) = rows(report(settled), "changes", "superseded", *keys)
    accepted = "D1: accepted by payer on 2019-06-20, external provider on 2019-06-20"
    assert one == ("D2", ["D1"], ["tiny/14"], "late sick notes", "34909.09", accepted, "not accepted yet", None)
    (row,) = report(settled)["changes"]["superseded"]
    assert row["entitlement"] == row["claims"] == f"-{row['paid_above_the_new_entitlement']}"
    assert "above the entitlement left" in plain(text(settled))


def test_disputes_and_corrections_are_told(settled: World) -> None:
    says = report(settled)["changes"]["says"]
    assert {"No dispute is on record.", "No correction is on record."} <= set(says)
    made(settled, "30000", "2019-07-22", "F1", "BG 7")
    settled.done("correct", "tiny/P1", "--reason", "typed wrong", "--amount", "31000", by=PAYER, at="2019-07-23T09:00")
    found = report(settled)
    assert rows(found, "changes", "corrections", "corrects", "was", "becomes", "reason") == [
        ("tiny/13", "30000.00", "31000.00", "typed wrong")
    ]
    assert "No correction is on record." not in found["changes"]["says"]


def test_what_is_sealed_and_what_came_since(settled: World) -> None:
    unsealed = report(settled)["sealed"]["says"]
    assert unsealed[0] == "No checkpoint was signed: whoever holds the file could rewrite all 12 records unseen."
    assert "soc check" in unsealed[-1]
    key = settled.folder / "key"
    settled.done("seal", "new-key", "lilla-kommun", key, by=None)
    settled.done("seal", "--key", key, by=None)
    made(settled, "30000", "2019-07-22", "F1", "BG 7")
    said = report(settled)["sealed"]["says"][0]
    assert said.startswith("The last of 1 checkpoint is of 12 records, signed by lilla-kommun, with no time stamp from outside;")
    assert said.endswith("1 record since.")
    assert "verify.py with --key for each party" in report(settled)["sealed"]["says"][1]
    assert report(settled, "--known-at", "9")["sealed"]["says"][0].startswith("No checkpoint was signed")


# ── The demo's words ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_help_names_no_inner_word(settled: World) -> None:
    said = settled.done("audit", "report", "--help", by=None).out
    assert "--backdated" in said
    assert "day one" in said
