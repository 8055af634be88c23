"""An audit from end to end: a sample drawn by a checkpoint, its sheet filled in and recorded, what it says, and the sign-off."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from projections.audit.sampling import draw
from tests.cli.test_verify import both
from tests.cli.world import (
    ABSENCE_HEADER,
    BOTH,
    MANAGER,
    MONTHS_2018,
    PAYER,
    PAYROLL,
    Q1,
    TERMS,
    Result,
    World,
    absences,
    copy,
)

AUDITOR = "R. Revisor, external_auditor"
NAMED = TERMS.replace('technical_advisor = "RISE"', 'technical_advisor = "RISE"\nexternal_auditor = "Granskarna AB"')
EVALUATION = b"the final evaluation"
DIGEST = hashlib.sha256(EVALUATION).hexdigest()
LINES = 12 * 12 + 3 * 6
"""Twelve absences a month of the reference year, six a month of the quarter."""


def sealed(world: World) -> int:
    """Seal the record as it stands; how many records there are."""
    key = world.folder / "payer.key"
    if not key.exists():
        world.done("seal", "new-key", "lilla.example/payer", key)
    world.done("seal", "--key", key)
    return world.head()[0]


@pytest.fixture(scope="module")
def _audited(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A first quarter settled, an auditor named among the parties, and the record sealed at record 13; it is 2019-07-22."""
    folder = tmp_path_factory.mktemp("audited")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").settled()
    named = world.file("named.toml", NAMED)
    world.done("contract", "amend", "tiny", named, "--from", "2019-04", *BOTH, "--reason", "an auditor is appointed")
    assert sealed(world) == 13
    return world


@pytest.fixture
def audited(_audited: World, tmp_path: Path) -> World:
    world = copy(_audited, tmp_path)
    (tmp_path / "payer.key").write_bytes((_audited.folder / "payer.key").read_bytes())
    (tmp_path / "payer.key").chmod(0o600)
    return world


def sheet(world: World, number: int = 10, *more: str) -> list[dict[str, str]]:
    """The rows of a sheet as it is drawn for the auditor."""
    done = world.done("audit", "sample", "tiny", str(number), "--audience", "auditor", "-O", "csv", *more, by=None)
    return list(csv.DictReader(io.StringIO(done.out)))


def filled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows, each with a result that is ok."""
    return [{**row, "procedure": "agreed to payslips", "evidence": f"payslip {row['draw']}", "result": "ok"} for row in rows]


def written(world: World, rows: list[dict[str, str]], delimiter: str = ",", name: str = "sheet.csv") -> Path:
    """The rows as a file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0]], delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return world.file(name, out.getvalue())


def record(world: World, path: Path, *more: str, on: str = "2019-07-22", by: str = AUDITOR) -> Result:
    """Record a sheet."""
    return world.soc("audit", "record", "tiny", path, "--on", on, *more, by=by)


EXCEPTIONS = {
    2: {"exception": "a day too many", "days_difference": "-1"},
    5: {"exception": "no note", "amount_difference": "−350,50"},
}


def with_exceptions(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows filled in, two of them with an exception."""
    said = filled(rows)
    for place, more in EXCEPTIONS.items():
        said[place] |= {"result": "Exception", **more}
    return said


# --- The sample ---------------------------------------------------------------------------------------------------


def test_anybody_can_draw_the_sample_again(audited: World) -> None:
    said = audited.done("audit", "sample", "tiny", "10", "-O", "json", by=None).json
    assert (said["population"], said["sample"], said["basis"]["position"]) == (LINES, 10, 13)
    counts = [(6, 144), (7, 18)]  # the records of absences, and how many lines they hold
    every = [(position, line) for position, count in counts for line in range(count)]
    root = bytes.fromhex(audited.head()[1])
    assert [(one["record"], one["line"]) for one in said["items"]] == [every[place] for place in draw(root, "tiny", LINES, 10)]
    assert [one["draw"] for one in said["items"]] == list(range(1, 11))


@pytest.mark.parametrize("args", [["tiny", "10"], ["tiny", "10", "--seed-from-root"], ["tiny", "--seed-from-root", "10"]])
def test_the_fingerprint_is_what_it_is_drawn_by_however_it_is_asked_for(audited: World, args: list[str]) -> None:
    first = audited.done("audit", "sample", "tiny", "10", by=None).out
    assert audited.done("audit", "sample", *args, by=None).out == first
    assert f"10 of {LINES} reported lines of tiny, drawn by checkpoint 13, fingerprint {audited.head()[1]}" in first


def test_it_is_drawn_from_the_last_checkpoint_or_the_one_named(audited: World) -> None:
    before = sheet(audited)
    more = audited.file("more.csv", f"{ABSENCE_HEADER}\nS7001,Skolan,2019-04-01,2019-04-02,100,sick\n")
    audited.done("import", "absences", "tiny", more, "--source", "payroll", "--period", "2019-04", by=PAYROLL)
    assert sheet(audited) == before
    assert sealed(audited) == 14
    assert sheet(audited) != before
    assert sheet(audited, 10, "--checkpoint", "13") == before


def test_without_a_checkpoint_nothing_is_drawn(settled: World) -> None:
    refused = settled.soc("audit", "sample", "tiny", "10", by=None)
    assert (refused.code, refused.out) == (1, "")
    assert "the record has none" in refused.err
    assert "soc seal --key FILE" in refused.err


def test_a_checkpoint_that_is_none_is_refused(audited: World) -> None:
    refused = audited.soc("audit", "sample", "tiny", "10", "--checkpoint", "12", by=None)
    assert refused.code == 2
    assert "there is no checkpoint of 12 records; there are: 13" in refused.err


@pytest.mark.parametrize("number", ["0", "5001", "ten"])
def test_a_sample_has_a_size(audited: World, number: str) -> None:
    assert audited.soc("audit", "sample", "tiny", number, by=None).code == 2


def test_a_sample_of_all_is_all(audited: World) -> None:
    rows = sheet(audited, 5000)
    assert len({(row["record"], row["line"]) for row in rows}) == len(rows) == LINES
    assert {row["sample"] for row in rows} == {str(LINES)}


def test_the_sheet_says_what_was_reported(audited: World) -> None:
    rows = [row for row in sheet(audited, 5000) if row["record"] == "7"]
    assert {row["document"] for row in rows} == {"absences-2019Q1.csv"}
    assert {(row["extent"], row["cause"]) for row in rows} == {("100", "sick")}
    assert sorted({(row["first_day"], row["last_day"]) for row in rows}) == [
        ("2019-01-07", "2019-01-11"),
        ("2019-02-04", "2019-02-08"),
        ("2019-03-04", "2019-03-08"),
    ]
    assert sorted(row["workplace"] for row in rows) == ["Hemmet"] * 3 + ["Skolan"] * 15


@pytest.mark.parametrize("audience", ["payer", "auditor"])
def test_the_lines_are_for_the_employer_and_the_auditor(audited: World, audience: str) -> None:
    for form in ("text", "csv", "json"):
        out = audited.done("audit", "sample", "tiny", "10", "--audience", audience, "-O", form, by=None).out
        assert "Skolan" in out
        assert "S70" not in out  # an employment number
        assert "H70" not in out


@pytest.mark.parametrize("audience", [(), ("--audience", "public"), ("--audience", "provider")])
def test_to_others_it_says_only_which_lines_were_drawn(audited: World, audience: tuple[str, ...]) -> None:
    for form in ("text", "csv", "json"):
        out = audited.done("audit", "sample", "tiny", "10", *audience, "-O", form, by=None).out
        assert "Skolan" not in out
        assert "2018-" not in out.replace("absences-2018", "")
        assert "absences-2018.csv" in out


NUMBERS = ("--audience", "payer", "--employment-numbers")


def test_it_says_that_lines_are_counted_from_0_in_the_record(audited: World) -> None:
    out = audited.done("audit", "sample", "tiny", "10", *NUMBERS, by=None).out
    assert "Column line: the line in the record, from 0; it is not the line of the file that was imported." in out
    assert "employment_number: for the employer's own hands. Take the column out" in out
    helped = " ".join(audited.done("audit", "sample", "--help", by=None).out.split())
    assert "The column line is the line in the record, from 0" in helped


@pytest.mark.parametrize("form", ["csv", "json"])
def test_each_line_has_the_employment_number_that_the_file_gave_it(audited: World, form: str) -> None:
    out = audited.done("audit", "sample", "tiny", "5000", *NUMBERS, "-O", form, by=None).out
    rows = json.loads(out)["items"] if form == "json" else list(csv.DictReader(io.StringIO(out)))
    shown = sorted((one["employment_number"], one["workplace"], one["first_day"], one["last_day"]) for one in rows)
    files = absences(MONTHS_2018, 10, 2).splitlines()[1:] + absences(Q1, 5, 1).splitlines()[1:]
    assert shown == sorted(tuple(line.split(",")[:4]) for line in files)


def test_employment_numbers_stand_in_the_workbook_for_the_employers_own_hands(audited: World) -> None:
    import openpyxl

    path = audited.folder / "own.xlsx"
    audited.done("audit", "sample", "tiny", "10", *NUMBERS, "-O", "xlsx", "-o", path, by=None)
    book = openpyxl.load_workbook(path)
    header, *rows = book["Findings"].iter_rows(values_only=True)
    place = header.index("employment_number")
    assert all(str(row[place])[:3] in ("S70", "H70") for row in rows)
    assert any("own hands" in str(row[0]) for row in book["How to fill it in"].iter_rows(values_only=True))


def test_who_was_erased_is_called_so(audited: World) -> None:
    drawn = audited.done("audit", "sample", "tiny", "5000", *NUMBERS, "-O", "csv", by=None).out
    assert "S7001" in drawn
    audited.done("forget", "tiny", "S7001", "--decision", "DPO 2019-7")
    rows = list(csv.DictReader(io.StringIO(audited.done("audit", "sample", "tiny", "5000", *NUMBERS, "-O", "csv", by=None).out)))
    before = csv.DictReader(io.StringIO(drawn))
    assert [one["employment_number"] for one in rows] == [
        "erased" if one["employment_number"] == "S7001" else one["employment_number"] for one in before
    ]


@pytest.mark.parametrize("audience", [(), ("--audience", "auditor"), ("--audience", "provider"), ("--audience", "public")])
def test_employment_numbers_are_refused_to_all_but_the_employer(audited: World, audience: tuple[str, ...]) -> None:
    refused = audited.soc("audit", "sample", "tiny", "10", "--employment-numbers", *audience, by=None)
    assert (refused.code, refused.out) == (2, "")
    assert "employment numbers are for the employer alone" in refused.err


def test_without_a_vault_there_are_no_employment_numbers(audited: World) -> None:
    audited.database().with_suffix(".vault.db").unlink()
    refused = audited.soc("audit", "sample", "tiny", "10", *NUMBERS, by=None)
    assert (refused.code, refused.out) == (2, "")
    assert "there is no vault" in refused.err


@pytest.mark.parametrize("name", ["employment_number", " Employment_Number "])
def test_a_sheet_with_employment_numbers_is_not_recorded(audited: World, name: str) -> None:
    rows = [{name: "S7001", **row} for row in filled(sheet(audited))]
    before = audited.head()
    refused = record(audited, written(audited, rows))
    assert (refused.code, refused.out) == (4, "")
    assert "the column employment_number is for the employer's own hands, and must not leave them" in refused.err
    assert "Take the whole column out" in refused.err
    assert "S7001" not in refused.err
    assert audited.head() == before


def test_the_sheet_as_a_workbook_is_the_same(audited: World) -> None:
    import openpyxl

    path = audited.folder / "sheet.xlsx"
    more = ("--audience", "auditor", "--procedure", "agreed to payslips", "-O", "xlsx", "-o", path)
    audited.done("audit", "sample", "tiny", "10", *more, by=None)
    book = openpyxl.load_workbook(path)
    header, *rows = book["Findings"].iter_rows(values_only=True)
    as_text = [["" if cell is None else str(cell) for cell in row] for row in rows]
    expected = sheet(audited, 10, "--procedure", "agreed to payslips")
    assert [dict(zip(header, row, strict=True)) for row in as_text] == expected
    notes = "\n".join(str(row[0]) for row in book["How to fill it in"].iter_rows(values_only=True))
    for word in ("procedure", "evidence", "result", "exception", audited.head()[1]):
        assert word in notes


# --- Recording ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_sheet_is_recorded(audited: World, delimiter: str) -> None:
    done = record(audited, written(audited, with_exceptions(sheet(audited)), delimiter))
    assert done.code == 0, done.err
    assert done.out.splitlines()[:2] == [
        f"Recorded tiny/A1: findings A1 on 10 lines of {LINES}: 2 exceptions",
        "  procedure: agreed to payslips",
    ]
    [last] = audited.done("register", "tiny", "-O", "json", by=None).json["records"][-1:]
    assert (last["type"], last["name"], last["about"], last["role"]) == (
        "AuditFindingsRecorded@1",
        "tiny/A1",
        "2019-07-22",
        "external_auditor",
    )
    assert last["says"] == f"10 of {LINES} reported lines tested, drawn at record 13: 2 exceptions; agreed to payslips"
    assert last["postings"] == []
    assert "findings of 2019-07-22" in audited.done("explain", "tiny/A1", by=None).out
    assert audited.soc("check", by=None).code == 1  # for the upfront payment that is due, and nothing else
    assert "A1" not in audited.soc("check", by=None).out


def test_a_sheet_drawn_before_later_checkpoints_is_recorded(audited: World) -> None:
    path = written(audited, filled(sheet(audited)))
    audited.done("loan", "draw", "tiny", "5000", "--on", "2019-07-22", "--for", "internal", by=PAYER)
    sealed(audited)
    assert record(audited, path).code == 0


def test_the_rows_may_stand_in_another_order(audited: World) -> None:
    assert record(audited, written(audited, list(reversed(filled(sheet(audited)))))).code == 0
    assert "A1" not in audited.soc("check", by=None).out


@pytest.mark.parametrize("by", [MANAGER, PAYER, PAYROLL])
def test_only_the_auditor_records(audited: World, by: str) -> None:
    refused = record(audited, written(audited, filled(sheet(audited))), by=by)
    assert refused.code == 1
    assert "audit work is recorded by the external_auditor, Granskarna AB (parties.external_auditor)" in refused.err


def test_a_contract_without_an_auditor_is_refused(settled: World) -> None:
    sealed(settled)
    refused = record(settled, written(settled, filled(sheet(settled))))
    assert refused.code == 1
    assert "tiny names no external_auditor among its parties" in refused.err
    assert "(parties)" in refused.err


def test_findings_are_not_from_before_the_checkpoint(audited: World) -> None:
    refused = record(audited, written(audited, filled(sheet(audited))), on="2019-07-21")
    assert refused.code == 1
    assert "drawn from record 13 of 2019-07-22" in refused.err


def test_the_same_sheet_twice_is_recorded_once(audited: World) -> None:
    path = written(audited, filled(sheet(audited)))
    for more, said in (((), "Recorded"), ((), "Already"), (("--dry-run",), "Already"), (("--reference", "R 2"), "Recorded")):
        assert record(audited, path, *more).out.split()[0] == said
    assert [one["id"] for one in found(audited)] == ["tiny/A1", "tiny/A2"]


def test_findings_whose_place_was_taken_may_be_recorded_again(audited: World) -> None:
    first = written(audited, filled(sheet(audited)))
    second = written(audited, with_exceptions(sheet(audited)), name="second.csv")
    assert record(audited, first).code == 0
    assert record(audited, second, "--supersedes", "A1").code == 1
    assert record(audited, second, "--supersedes", "1", "--reason", "late notes").code == 2
    assert record(audited, second, "--supersedes", "A1", "--reason", "late notes").code == 0
    assert record(audited, first, "--supersedes", "A2", "--reason", "all came").code == 0
    said = [(one["id"], one["supersedes"], one["superseded_by"]) for one in found(audited)]
    assert said == [("tiny/A1", None, "tiny/A2"), ("tiny/A2", "tiny/A1", "tiny/A3"), ("tiny/A3", "tiny/A2", None)]
    assert record(audited, first).out.split()[:3] == ["Recorded", "tiny/A4:", "findings"]  # A1 does not stand


# --- What is wrong with a sheet -----------------------------------------------------------------------------------

Change = Callable[[list[dict[str, str]]], Any]
WRONG: dict[str, tuple[Change, str]] = {
    "no result": (lambda rows: rows[3].update(result=""), ":5: result is not filled in"),
    "another result": (lambda rows: rows[3].update(result="good"), ":5: result 'good' is neither ok nor exception"),
    "no evidence": (lambda rows: rows[0].update(evidence=" "), ":2: evidence is not filled in"),
    "no procedure": (lambda rows: rows[0].update(procedure=""), ":2: procedure is not filled in"),
    "another procedure": (
        lambda rows: rows[9].update(procedure="asked"),
        ":11: the procedure is another than in the rows before",
    ),
    "an exception without words": (lambda rows: rows[1].update(result="exception"), ":3: the exception is not described"),
    "an exception that is ok": (lambda rows: rows[1].update(exception="late"), ":3: the result is ok, and an exception"),
    "a difference that is ok": (lambda rows: rows[1].update(days_difference="1"), ":3: the result is ok, and an exception"),
    "more days less than the line has": (
        lambda rows: rows[1].update(result="exception", exception="late", days_difference="-5.01"),
        ":3: days_difference is -5.01, and the line accounts for 5.00 net days in all",
    ),
    "more days than a year has": (
        lambda rows: rows[1].update(result="exception", exception="late", days_difference="257.01"),
        ":3: days_difference is 257.01: with the 5.00 of the line 262.01 net days in all, more than the 262 weekdays of a year",
    ),
    "an exception that is nothing": (
        lambda rows: rows[1].update(result="exception", exception=" - ", days_difference="0", amount_difference="0"),
        ":3: the exception is not described and differs in nothing",
    ),
    "no days": (lambda rows: rows[1].update(days_difference="one"), ":3: days_difference 'one' is not a number of days"),
    "no amount": (lambda rows: rows[1].update(amount_difference="1.5"), ":3: amount_difference '1.5' is no amount"),
    "a personal number": (lambda rows: rows[1].update(evidence="19121212-1212"), ":3: evidence '…' holds a personal number"),
    "a row left out": (lambda rows: rows.pop(4), ": draw 5, record"),
    "a row twice": (lambda rows: rows.append(dict(rows[0])), ":12: record"),
    "a row put in": (lambda rows: rows[2].update(line="143000"), ":4: record 6, line 143000 was not drawn"),
    "another workplace": (lambda rows: rows[2].update(workplace="Gården"), ":4: workplace is Gården; drawn was"),
    "another document": (lambda rows: rows[2].update(document="x.csv"), ":4: document is x.csv; drawn was absences-201"),
    "another first day": (lambda rows: rows[2].update(first_day="2018-01-02"), ":4: first_day is 2018-01-02; drawn was"),
    "another last day": (lambda rows: rows[2].update(last_day=""), ":4: last_day is empty; drawn was 201"),
    "another extent": (lambda rows: rows[2].update(extent="50"), ":4: extent is 50; drawn was 100"),
    "another cause": (lambda rows: rows[2].update(cause="covid"), ":4: cause is covid; drawn was sick"),
    "another draw": (lambda rows: rows[2].update(draw="9"), ":4: draw is 9; drawn was 3"),
    "a date that is none": (lambda rows: rows[2].update(first_day="1/2/2018"), ":4: first_day '1/2/2018' is not a date"),
    "a record that is none": (lambda rows: rows[2].update(record="x"), ":4: record 'x' is not a whole number"),
    "another checkpoint": (lambda rows: rows[2].update(checkpoint="12"), ":4: checkpoint, fingerprint or size"),
    "a checkpoint that is none": (lambda rows: [row.update(checkpoint="12") for row in rows], ":2: there is no checkpoint 12"),
    "another fingerprint": (lambda rows: [row.update(fingerprint="0" * 64) for row in rows], ":2: checkpoint 13 has another"),
    "a larger sample": (lambda rows: [row.update(sample="11") for row in rows], ": draw 11, record"),
    "a smaller sample": (lambda rows: [row.update(sample="9") for row in rows], " was not drawn"),
    "no sample": (lambda rows: [row.update(sample="0") for row in rows], ":2: a sample has 1 to 5000 lines, not 0"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_sheet_that_is_not_as_drawn_and_filled_in_is_refused(audited: World, what: str) -> None:
    rows = filled(sheet(audited))
    if what == "a row put in":
        rows[2]["record"] = "6"
    change, said = WRONG[what]
    change(rows)
    before = audited.head()
    refused = record(audited, written(audited, rows))
    assert (refused.code, refused.out) == (4, "")
    assert f"sheet.csv{said}" in refused.err or said in refused.err.replace("sheet.csv:11", "")
    assert audited.head() == before


@pytest.mark.parametrize("days", ["-5", "257", "0"])
def test_a_difference_that_can_be_is_recorded(audited: World, days: str) -> None:
    rows = filled(sheet(audited))
    rows[1] |= {"result": "exception", "exception": "no note", "days_difference": days, "amount_difference": "0"}
    done = record(audited, written(audited, rows))
    assert done.code == 0, done.err


def test_every_impossible_difference_is_listed(audited: World) -> None:
    rows = filled(sheet(audited))
    for row in rows[:3]:
        row |= {"result": "exception", "exception": "late", "days_difference": "-6"}
    refused = record(audited, written(audited, rows))
    assert "sheet.csv refused: 3 faults, nothing recorded" in refused.err


def test_every_fault_is_listed_with_its_line(audited: World) -> None:
    rows = filled(sheet(audited))
    for row in rows:
        row["result"] = ""
    rows[0]["cause"] = "covid"
    rows[1]["evidence"] = ""
    refused = record(audited, written(audited, rows))
    assert "sheet.csv refused: 12 faults, nothing recorded" in refused.err
    assert [line for line in range(2, 12) if f"sheet.csv:{line}: result is not filled in" not in refused.err] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("draw,record\n1,2\n", "checkpoint"),
        (b"PK\x03\x04 xl/", "is an Excel workbook (.xlsx), not text"),
    ],
)
def test_what_is_no_sheet_is_refused(audited: World, content: str | bytes, said: str) -> None:
    refused = record(audited, audited.file("other.csv", content))
    assert refused.code == 4
    assert said in refused.err


def test_a_sheet_without_rows_is_refused(audited: World) -> None:
    header = ",".join(sheet(audited)[0])
    refused = record(audited, audited.file("header.csv", header + "\n"))
    assert refused.code == 4
    assert "no rows below the header" in refused.err


def test_a_document_named_like_a_formula_is_compared_as_it_was_drawn(audited: World) -> None:
    odd = audited.file("=1+1.csv", f"{ABSENCE_HEADER}\nS7001,Skolan,2019-04-01,,100,sick\n")
    audited.done("import", "absences", "tiny", odd, "--source", "payroll", "--period", "2019-04", by=PAYROLL)
    sealed(audited)
    rows = filled(sheet(audited, 5000))
    [row] = [row for row in rows if row["record"] == "14"]
    assert (row["document"], row["last_day"]) == ("'=1+1.csv", "")
    assert record(audited, written(audited, rows)).code == 0


# --- What it says -------------------------------------------------------------------------------------------------


def found(world: World, *more: str) -> Any:
    """``soc audit findings -O json``."""
    return world.done("audit", "findings", "tiny", *more, "-O", "json", by=None).json["findings"]


def test_findings_say_the_error_rate_and_its_interval(audited: World) -> None:
    assert record(audited, written(audited, with_exceptions(sheet(audited)))).code == 0
    [one] = found(audited)
    rate = {"rate": "0.200000", "confidence": 95, "method": "Clopper-Pearson, two-sided, exact"}
    assert one["error_rate"] == {**rate, "low": "0.025210", "high": "0.556096"}
    assert one["lines"] == {"method": "hypergeometric, two-sided, exact", "at_the_rate": "32", "low": 5, "high": 88}
    assert (one["sample"], one["exceptions"], one["population"], one["amount_difference"]) == (10, 2, LINES, "-350.50")
    assert found(audited, "--confidence", "90")[0]["error_rate"]["low"] == "0.036771"


def test_days_are_an_indication_in_kronor_at_the_price_in_force(audited: World) -> None:
    """Ten lines of five days, one less in five of them: 10 % of 90 net days at 2000.00 would be 18000.00 of savings more."""
    rows = with_exceptions(sheet(audited))
    for place in (1, 3, 4, 6):
        rows[place] |= {"result": "exception", "exception": "a day too many", "days_difference": "-1"}
    assert record(audited, written(audited, rows)).code == 0
    [one] = found(audited)
    assert one["days"] == {
        "net_days_of_the_sample": "50.00",
        "ratio": "-0.100000",
        "exceptions_with": 5,
        "exceptions_without": 1,
        "indication_of_savings": "18000.00",
    }
    out = audited.done("audit", "findings", "tiny", by=None).out
    assert "the evidence shows 5.00 fewer than the 50.00 of the lines drawn, 10.00 %" in out
    assert "An indication only" in out
    assert "savings would be 18\u2009000.00 higher, before sharing" in out
    assert "1 exception without a stated difference count as none" in out


def test_on_few_exceptions_no_amount_is_stated(audited: World) -> None:
    assert record(audited, written(audited, with_exceptions(sheet(audited)))).code == 0
    [one] = found(audited)
    days = one["days"]
    assert (days["ratio"], days["exceptions_with"], days["indication_of_savings"]) == ("-0.020000", 1, None)
    out = audited.done("audit", "findings", "tiny", by=None).out
    assert "No amount is stated: 1 exception with days is too few, 5 are needed." in out
    assert "savings would be" not in out
    assert "days 1 to 14 of its absence in its report's months, Mondays to Fridays, times extent" in out


@pytest.mark.parametrize(("audience", "shown"), [("payer", True), ("auditor", True), ("provider", False), ("public", False)])
def test_single_exceptions_are_for_the_employer_and_the_auditor(audited: World, audience: str, shown: bool) -> None:
    assert record(audited, written(audited, with_exceptions(sheet(audited)))).code == 0
    for form in ("text", "json", "csv"):
        out = audited.done("audit", "findings", "tiny", "--audience", audience, "-O", form, by=None).out
        assert ("a day too many" in out) == shown
    assert (found(audited, "--audience", audience)[0]["items"] == "withheld") == (not shown)


def test_the_text_speaks_of_every_figure(audited: World) -> None:
    assert record(audited, written(audited, with_exceptions(sheet(audited)))).code == 0
    out = audited.done("audit", "findings", "tiny", "--audience", "auditor", by=None).out
    assert "A1: findings of 2019-07-22, recorded by R. Revisor, external auditor" in out
    assert "Exceptions: 2, 20.00 % of the sample" in out
    assert "With 95 % confidence the error rate is 2.52 % to 55.61 %" in out
    assert f"5 to 88 of the {LINES} lines are exceptions" in out
    assert "a day too many; −1.00 days (payslip 3)" in out
    assert "no note; −350.50 (payslip 6)" in out


def test_before_any_findings_it_says_so(audited: World) -> None:
    assert "No findings are on record." in audited.done("audit", "findings", "tiny", by=None).out
    assert found(audited) == []
    assert audited.soc("audit", "findings", "huge", by=None).code == 2


def test_findings_are_those_known_at_a_moment(audited: World) -> None:
    assert record(audited, written(audited, filled(sheet(audited)))).code == 0
    assert found(audited, "--known-at", "13") == []
    assert len(found(audited, "--known-at", "14")) == 1


# --- The sign-off -------------------------------------------------------------------------------------------------


def sign_off(world: World, *more: str, content: bytes = EVALUATION, opinion: str = "unqualified", by: str = AUDITOR) -> Result:
    """Sign off an evaluation."""
    path = world.file("evaluation.pdf", content)
    args = ("--on", "2019-07-22", "--evaluation", path, "--opinion", opinion, "--text", "fair in all material respects")
    return world.soc("audit", "sign-off", "tiny", *args, *more, by=by)


def ended(world: World) -> World:
    """… with the contract agreed to end with March 2019, and closed on the evaluation."""
    short = world.file("short.toml", NAMED.replace("months = 12", "months = 3"))
    world.done("contract", "amend", "tiny", short, "--from", "2019-04", *BOTH, "--reason", "it ends early")
    path = world.file("evaluation.pdf", EVALUATION)
    world.done("contract", "close", "tiny", "--on", "2019-07-22", "--evaluation", path)
    return world


WHY = ("--reason", "a page was added")


@pytest.mark.parametrize(
    ("content", "more", "same", "said"),
    [(EVALUATION, (), True, "it is the evaluation that"), (b"another", WHY, False, "it is NOT the evaluation that")],
)
def test_a_sign_off_after_the_closing_says_whether_it_is_of_the_same_document(
    audited: World, content: bytes, more: tuple[str, ...], same: bool, said: str
) -> None:
    ended(audited)
    done = sign_off(audited, *more, content=content)
    assert done.code == 0, done.err
    assert done.out.startswith("Recorded tiny/S1: final evaluation of tiny signed off on 2019-07-22: unqualified\n")
    assert said in done.out
    assert sign_off(audited, *more, "-O", "json", content=content).json["recorded_at_closing"] is same
    assert "S1" not in audited.soc("check", by=None).out


def test_another_document_than_that_of_the_closing_needs_a_reason_and_is_told(audited: World) -> None:
    ended(audited)
    before = audited.head()
    refused = sign_off(audited, content=b"another")
    assert refused.code == 1
    assert f"tiny was closed on another document, {DIGEST[:16]}" in refused.err
    assert audited.head() == before
    assert sign_off(audited, *WHY, content=b"another").code == 0
    told = "on another document than the contract was closed on"
    state = audited.done("state", "tiny", by=None).out
    assert f"by the external auditor: unqualified (S1), {told}." in state
    assert "NOT the evaluation recorded at closing: a page was added" in audited.done("contract", "show", "tiny", by=None).out
    shown = audited.done("contract", "show", "tiny", "-O", "json", by=None).json["signed_off"]
    assert shown["recorded_at_closing"] is False


def test_a_reason_where_there_is_nothing_to_give_one_for_is_refused(audited: World) -> None:
    ended(audited)
    assert "there is nothing to give a reason for" in sign_off(audited, *WHY).err


def test_a_sign_off_comes_after_what_it_is_about(audited: World) -> None:
    before = audited.head()
    refused = sign_off(audited, "--on", "2019-06-11")
    assert refused.code == 1
    assert "D1 was determined on 2019-06-12; nothing was signed off before, on 2019-06-11" in refused.err
    assert audited.head() == before
    assert record(audited, written(audited, filled(sheet(audited)))).code == 0
    assert "findings A1 are of 2019-07-22" in sign_off(audited, "--on", "2019-07-21").err
    ended(audited)
    assert "tiny was closed on 2019-07-22" in sign_off(audited, "--on", "2019-07-21").err


@pytest.mark.parametrize("content", [EVALUATION, b"another"])
def test_both_verifiers_agree_on_audit_work(audited: World, content: bytes) -> None:
    assert record(audited, written(audited, with_exceptions(sheet(audited)))).code == 0
    ended(audited)
    assert sign_off(audited, *(() if content == EVALUATION else WHY), content=content).code == 0
    sealed(audited)
    path = audited.folder / "bundle.zip"
    audited.done("export", "bundle", "--audience", "payer", "-o", path, by=None)
    assert both(path.read_bytes())["verdict"] == "verified"


def test_findings_are_recorded_after_the_closing_and_considered(audited: World) -> None:
    rows = filled(sheet(audited))
    ended(audited)
    assert record(audited, written(audited, rows)).code == 0
    done = sign_off(audited, "-O", "json").json
    assert (done["findings"], done["opinion"]) == (["tiny/A1"], "unqualified")
    assert done["evaluation"] == {"document": "evaluation.pdf", "sha256": DIGEST}
    assert done["events"] == [{"id": "tiny/17", "name": "tiny/S1", "type": "EvaluationSignedOff@1"}]


def test_before_the_closing_it_says_so(audited: World) -> None:
    assert "the contract is not closed yet" in sign_off(audited).out


def test_a_second_sign_off_says_why_and_the_first_words_hold_no_longer(audited: World) -> None:
    assert sign_off(audited).code == 0
    assert sign_off(audited).out.startswith("Already recorded as tiny/S1")
    refused = sign_off(audited, opinion="qualified")
    assert refused.code == 1
    assert "signed off in S1 of 2019-07-22: unqualified; what takes its place says why" in refused.err
    done = sign_off(audited, "--reason", "a letter came", opinion="qualified")
    assert "it takes the place of S1: a letter came" in done.out
    assert sign_off(audited).code == 1


def test_contract_register_and_state_say_that_it_was_signed_off(audited: World) -> None:
    assert "signed off" not in audited.done("state", "tiny", by=None).out
    assert audited.done("contract", "show", "tiny", "-O", "json", by=None).json["signed_off"] is None
    assert sign_off(audited).code == 0
    assert "signed off on 2019-07-22 by the external auditor: unqualified (S1)" in audited.done("state", "tiny", by=None).out
    assert "final evaluation signed off on 2019-07-22 by external auditor" in audited.done("register", "tiny", by=None).out
    assert "S1: final evaluation signed off on 2019-07-22" in audited.done("contract", "show", "tiny", by=None).out
    said = {
        "id": "tiny/S1",
        "on": "2019-07-22",
        "opinion": "unqualified",
        "evaluation_sha256": DIGEST,
        "recorded_at_closing": None,
    }
    assert audited.done("contract", "show", "tiny", "-O", "json", by=None).json["signed_off"] == said
    assert "final evaluation signed off" in audited.done("explain", "tiny/S1", by=None).out


@pytest.mark.parametrize("by", [MANAGER, PAYER])
def test_only_the_auditor_signs_off(audited: World, by: str) -> None:
    assert "audit work is recorded by the external_auditor" in sign_off(audited, by=by).err


def test_an_evaluation_that_is_empty_or_missing_is_refused(audited: World) -> None:
    assert sign_off(audited, content=b"").code == 4
    assert sign_off(audited, "--evaluation", "nowhere.pdf").code == 4


def test_audit_work_changes_no_figure(audited: World) -> None:
    before = audited.state()
    assert record(audited, written(audited, with_exceptions(sheet(audited)))).code == 0
    assert sign_off(audited).code == 0
    after = audited.state()
    assert {**after, "basis": 0, "known_at": 0} == {**before, "basis": 0, "known_at": 0}
