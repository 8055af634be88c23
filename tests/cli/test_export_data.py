"""What leaves as data reads back as what the ledger says: history, facts, tables, and the contract in the shape of INDIGO."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest

from cli import workbook
from ledger.errors import Refused
from tests.cli.world import BOTH, METHODOLOGY, PAYER, PAYROLL, Q1, Q2, World, absences, copy, trend, workforce

PROVIDER = "F. Frisk, external_provider"
REASON = "=HYPERLINK(wrong) invoice read"
DISRUPTED = METHODOLOGY.replace("tiny-2019", "tiny-apart").replace(
    'kind = "none@1"', 'kind = "exclude-cause@1"\ncauses = ["covid"]\nwindow = "2019-04..2019-06"'
)


@pytest.fixture(scope="module")
def _told(tmp_path_factory: pytest.TempPathFactory) -> World:
    """D1 is paid, D2 takes its place and is disputed; a loan was corrected, a payment reversed; a methodology was changed."""
    folder = tmp_path_factory.mktemp("told")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").settled()
    world.done("loan", "draw", "tiny", "100000", "--on", "2019-07-22", "--for", "upfront", by=PAYER)
    world.done("pay", "upfront", "tiny", "200000", "--on", "2019-07-22", "--invoice", "U1", *made("B1"), by=PAYER)
    world.done("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "F1", by=PAYER)
    world.done("pay", "outcome", "tiny", "34909.09", "--on", "2019-07-22", "--invoice", "F1", *made("B2"), by=PAYER)
    world.done("pay", "outcome", "tiny", "1.50", "--on", "2019-07-22", "--invoice", "F2", *made("B3"), by=PAYER)
    world.done("correct", "tiny/P4", "--reason", REASON, by=PAYER)
    world.done("correct", "tiny/L1", "--reason", "misread", "--amount", "150000", by=PAYER)
    late = world.file("late.csv", absences(Q1, 6, 1))
    world.done("import", "absences", "tiny", late, "--source", "payroll", "--complete", "2019Q1", by=PAYROLL)
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "a late sick note")
    world.done("notify", "tiny/D2", "--on", "2019-07-22")
    raised = ("--by", "external_provider", "--on", "2019-07-22", "--grounds", "the note is another's", "--savings", "174545.45")
    world.done("dispute", "raise", "tiny/D2", *raised, by=PROVIDER)
    method = world.file("apart.toml", DISRUPTED)
    world.done("methodology", "adopt", "tiny", method, "--from", "2019-04-01", *BOTH, "--accept-finding", "symmetry")
    return world


def made(bank: str) -> tuple[str, ...]:
    return "--made", "--bank-reference", bank


@pytest.fixture
def told(_told: World, tmp_path: Path) -> World:
    """A ledger where something of every sort has happened."""
    return copy(_told, tmp_path)


def exported(world: World, *args: str, form: str = "csv") -> str:
    return world.done("export", *args, "-O", form, by=None).out


def rows(world: World, *args: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(world, *args))))


def objects(world: World, *args: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in exported(world, *args, form="jsonl").splitlines()]


def sheets(world: World, *args: str) -> dict[str, list[dict[str, Any]]]:
    """Each sheet's rows by column, read with openpyxl; above the headers stand notes and an empty row."""
    file = world.folder / "out.xlsx"
    world.done("export", *args, "-O", "xlsx", "-o", file, by=None)
    return {page.title: _read(list(page.iter_rows(values_only=True))) for page in openpyxl.load_workbook(file)}


def _read(lines: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    top = next(number for number, line in enumerate(lines) if not any(line)) + 1
    assert "record" in " ".join(str(line[0]) for line in lines[:top])
    return [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :]]


def total(found: list[dict[str, Any]], column: str, **wanted: str) -> Decimal:
    chosen = [row for row in found if all(row[name] == value for name, value in wanted.items())]
    return sum((Decimal(row[column]) for row in chosen), Decimal(0))


# ── The processing history ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_history_holds_every_record_once(told: World) -> None:
    found = rows(told, "history")
    assert [int(row["record"]) for row in found] == list(range(1, told.head()[0] + 1))
    assert [row["record"] for row in rows(told, "history", "tiny")] == [row["record"] for row in found]


def ties(row: dict[str, str], column: str) -> set[int]:
    return {int(number) for number in re.findall(r"record (\d+) \(", row[column])}


def test_what_corrects_a_record_is_what_it_was_corrected_by(told: World) -> None:
    found = {int(row["record"]): row for row in rows(told, "history")}
    forth = {(later, earlier) for later, row in found.items() for earlier in ties(row, "corrects")}
    back = {(later, earlier) for earlier, row in found.items() for later in ties(row, "corrected_by")}
    assert forth == back
    assert len(forth) == 5  # the payment, the loan, the late report, the determination, the methodology


def test_the_history_says_why_who_and_on_what(told: World) -> None:
    found = {row["name"] or row["record"]: row for row in rows(told, "history")}
    redo, first = found["D2"], found["D1"]
    assert redo["corrects"] == f"record {first['record']} (supersedes)"
    assert redo["why"] == first["corrected_why"] == "a late sick note"
    assert re.fullmatch(r"soc-ledger \S+, source [0-9a-f]{16}", redo["computed_by"])
    assert int(redo["rests_on_records_to"]) == int(redo["record"]) - 1
    payment = found["P4"]
    assert payment["corrected_why"] == f"'{REASON}"  # a spreadsheet takes it for no formula
    late = next(row for row in found.values() if row["documents"] == "late.csv")
    assert late["sha256"] == hashlib.sha256(absences(Q1, 6, 1).encode()).hexdigest()
    assert late["why"] == "no reason was recorded"
    assert re.fullmatch(r"record \d+ \(restates 2019Q1\)", late["corrects"])
    assert (late["recorded_by"], late["role"], late["booked_on"]) == ("HR payroll", "internal provider", "2019-07-22")


def test_how_many_absences_a_report_holds_is_for_the_employer(told: World) -> None:
    others, employer = exported(told, "history"), exported(told, "history", "--audience", "payer")
    assert "21 absences" in employer
    assert "(restates 2019Q1, 3 absences)" in employer
    assert not re.search(r"\d absence", others)


def test_a_period_of_the_history_is_when_it_was_recorded(told: World) -> None:
    every, june = rows(told, "history"), rows(told, "history", "--period", "2019-06")
    assert june
    assert june == [row for row in every if row["booked_on"].startswith("2019-06")]


def test_the_history_in_json_and_xlsx_says_the_same(told: World) -> None:
    flat = rows(told, "history", "tiny")
    nested = json.loads(exported(told, "history", "tiny", form="json"))
    assert nested["basis"]["position"] == told.head()[0]
    assert [one["what"] for one in nested["records"]] == [row["what"] for row in flat]
    assert [[tie["record"] for tie in one["corrects"]] for one in nested["records"]] == [
        sorted(ties(row, "corrects")) for row in flat
    ]
    page = sheets(told, "history", "tiny")["history"]
    assert [row["what"] for row in page] == [row["what"] for row in flat]
    assert next(row for row in page if row["name"] == "P4")["corrected_why"] == REASON


# ── Facts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_line_with_what_became_of_it(told: World) -> None:
    found = rows(told, "facts", "tiny", "--audience", "payer")
    assert len(found) == 12 * 12 + 3 * 6 + 3 * 7
    first = [row for row in found if row["document"] == "absences-2019Q1.csv"]
    late = [row for row in found if row["document"] == "late.csv"]
    assert {(row["stands"], row["fate"], row["replaced_by"]) for row in first} == {("false", "said anew", late[0]["record"])}
    assert {(row["stands"], row["fate"], row["replaced_by"]) for row in late} == {("true", "in force", "")}
    monday = date(2019, 1, 7)
    assert (late[0]["first_day"], late[0]["last_day"], late[0]["extent"]) == (str(monday), "2019-01-11", "100")


def test_lines_hold_no_employment_number(told: World) -> None:
    every = "".join(exported(told, "facts", "tiny", "--audience", "payer", form=form) for form in ("csv", "jsonl"))
    assert not [number for number in told.employees_in_vault() if re.search(rf"\b{number}\b", every)]


@pytest.mark.parametrize("audience", ["provider", "auditor", "public"])
def test_others_than_the_employer_see_months_of_five_persons_or_more(told: World, audience: str) -> None:
    found = objects(told, "facts", "tiny", "--audience", audience)
    assert "employee" not in found[0]
    assert {row["workplace"] for row in found if row["withheld"]} == {"Hemmet", "Skolan"}  # one alone would tell the other
    together = {row["month"]: (row["spells"], row["net_days"]) for row in found if row["workplace"] is None}
    assert together["2018-01"] == (12, "60.00")
    assert together["2019-01"] == (7, "35.00")
    assert all(row["spells"] is None and row["net_days"] is None for row in found if row["workplace"])


def test_the_employer_sees_days_by_line_that_others_see_in_sum(told: World) -> None:
    lines = rows(told, "facts", "tiny", "--audience", "payer")
    standing = [row for row in lines if row["stands"] == "true" and row["first_day"].startswith("2019-01")]
    others = [row for row in objects(told, "facts", "tiny") if row["month"] == "2019-01" and row["workplace"] is None]
    assert sum(5 * int(row["extent"]) for row in standing) == 100 * Decimal(others[0]["net_days"])


def test_other_facts(told: World) -> None:
    heads = rows(told, "facts", "tiny", "--of", "workforce")
    assert (len(heads), heads[0]["workplace"], heads[0]["employees"]) == (30, "Skolan", "100")
    values = objects(told, "facts", "tiny", "--of", "trend")
    assert [one["quarter"] for one in values] == ["2018Q1", "2018Q2", "2018Q3", "2018Q4", "2019Q1"]
    assert exported(told, "facts", "tiny", "--of", "reimbursements").count("\n") == 1


def test_a_later_row_says_which_it_says_anew(told: World) -> None:
    again = told.file("again.csv", "month,workplace,employees\n2019-03,Skolan,99\n")
    told.done("import", "workforce", "tiny", again)
    found = [
        row
        for row in rows(told, "facts", "tiny", "--of", "workforce")
        if (row["month"], row["workplace"]) == ("2019-03", "Skolan")
    ]
    assert [(row["employees"], row["said_anew_by"]) for row in found] == [("100", str(told.head()[0])), ("99", "")]


def test_a_workbook_has_a_sheet_for_every_sort(told: World) -> None:
    found = sheets(told, "facts", "tiny", "--audience", "payer")
    assert list(found) == ["absences", "workforce", "trend", "reimbursements"]
    lines = rows(told, "facts", "tiny", "--audience", "payer")
    assert [(row["record"], row["line"], row["first_day"].date()) for row in found["absences"]] == [
        (int(row["record"]), int(row["line"]), date.fromisoformat(row["first_day"])) for row in lines
    ]


# ── Tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_postings_sum_to_the_state(told: World) -> None:
    found, state = rows(told, "tables", "tiny"), told.state("--as-of", "2030-01-01")
    provider, loan = state["balance"]["provider"], state["balance"]["loan"]
    assert total(found, "amount") == total(found, "amount", kind="memorandum") == 0
    sums = {
        "memorandum:savings": Decimal(state["savings"]["determined"]),
        "liabilities:outcome:entitled": -Decimal(provider["entitled"]),
        "liabilities:outcome:payable": -Decimal(provider["payable"]),
        "liabilities:outcome:paid": Decimal(provider["paid"]),
        "expenses:upfront": Decimal(state["balance"]["upfront"]["paid"]),
        "liabilities:loan:drawn": -Decimal(loan["drawn"]),
    }
    assert {account: total(found, "amount", account=account) for account in sums} == sums
    assert all(sums.values())


def test_postings_in_a_workbook_are_the_same(told: World) -> None:
    page, found = sheets(told, "tables", "tiny")["postings"], rows(told, "tables", "tiny")
    assert [round(Decimal(str(row["amount"])), 2) for row in page] == [Decimal(row["amount"]) for row in found]
    assert isinstance(page[0]["effective_on"], datetime)


def test_determinations_by_month(told: World) -> None:
    found = objects(told, "tables", "tiny", "--of", "determinations")
    assert [(row["determination"], row["month"], row["stands"]) for row in found] == [
        *(("D1", month, False) for month in Q1),
        *(("D2", month, True) for month in Q1),
    ]
    standing = [row for row in found if row["stands"]]
    assert str(total(standing, "savings")) == told.state("--as-of", "2019-07-22")["savings"]["determined"]
    one = standing[0]
    avoided = Decimal(one["expected_days"]) - Decimal(one["actual_days"])
    assert abs(avoided * 2000 - Decimal(one["savings"])) <= 10  # expected days are rounded here
    assert (one["employees"], one["weekdays"], one["actual_days"], one["price"]) == (150, 23, "35.00", "2000.00")
    assert (one["trend_quarter"], one["trend_factor"], one["reason"]) == ("2019Q1", "1", "a late sick note")


def test_days_left_out_of_few_persons_are_for_the_employer(told: World) -> None:
    told.at = "2019-10-01T09:00"
    told.done("import", "workforce", "tiny", told.file("heads.csv", workforce(Q2)))
    told.done("import", "trend", told.file("trend2.csv", trend(["2019Q2"])))
    coded = absences(Q2, 5, 1) + "H7999,Hemmet,2019-05-06,2019-05-07,100,covid\n"
    complete = ("--source", "payroll", "--complete", "2019Q2")
    told.done("import", "absences", "tiny", told.file("coded.csv", coded), *complete, by=PAYROLL)
    told.done("determine", "tiny", "2019Q2")

    def left_out(audience: str) -> list[str | None]:
        found = objects(told, "tables", "tiny", "--of", "determinations", "--audience", audience)
        return [row["left_out_days"] for row in found if row["determination"] == "D3"]

    assert left_out("payer") == ["0.00", "2.00", "0.00"]
    assert left_out("provider") == left_out("public") == [None, None, None]


def test_payments_the_loan_and_disputes(told: World) -> None:
    found = {row["name"]: row for row in rows(told, "tables", "tiny", "--of", "payments")}
    assert (found["P3"]["invoice"], found["P3"]["bank_reference"], found["P3"]["carries_out"]) == ("F1", "B2", "P2")
    assert (found["P4"]["stands"], found["P2"]["stands"], found["P3"]["stands"]) == ("false", "false", "true")
    provider = told.state()["balance"]["provider"]
    paid = [row for row in found.values() if (row["step"], row["kind"], row["stands"]) == ("made", "outcome", "true")]
    assert str(total(paid, "amount")) == provider["paid"]
    [drawn] = rows(told, "tables", "tiny", "--of", "loan")
    assert (drawn["amount"], drawn["note"]) == ("150000.00", "corrected, was 100\u2009000.00 on 2019-07-22: misread")
    [dispute] = rows(told, "tables", "tiny", "--of", "disputes")
    assert (dispute["against"], dispute["by"], dispute["status"], dispute["position"]) == (
        "D2",
        "external_provider",
        "open",
        "174545.45",
    )


def test_as_known_earlier(told: World) -> None:
    now = told.head()[0]
    before = rows(told, "tables", "tiny", "--of", "determinations", "--known-at", "2019-06-30")
    assert {(row["determination"], row["stands"]) for row in before} == {("D1", "true")}
    assert rows(told, "tables", "tiny", "--of", "disputes", "--known-at", str(now - 5)) == []


# ── What it rests on, and its bytes ──────────────────────────────────────────────────────────────────────────────────

EXPORTS = [
    ("history", "tiny"),
    ("facts", "tiny", "--audience", "payer"),
    ("facts", "tiny"),
    ("tables", "tiny"),
    ("tables", "tiny", "--of", "determinations"),
]


@pytest.mark.parametrize("args", EXPORTS)
def test_what_it_rests_on_stands_beside_the_data(told: World, args: tuple[str, ...]) -> None:
    file = told.folder / "data.csv"
    told.done("export", *args, "-o", file, by=None)
    metadata = json.loads((told.folder / "data.csv-metadata.json").read_text(encoding="utf-8"))
    rests = metadata["notes"][0]
    assert [rests["basis"]["position"], rests["basis"]["root"]] == list(told.head())
    assert (rests["contract"], rests["label"]) == ("tiny", "recorded (simulated ledger)")
    assert rests["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    frame = pandas.read_csv(file)  # the data are nothing but data
    assert list(frame.columns) == [column["name"] for column in metadata["tableSchema"]["columns"]]
    assert len(frame) == rests["rows"] > 0
    assert all(column["dc:description"] for column in metadata["tableSchema"]["columns"])


@pytest.mark.parametrize("args", [*EXPORTS, ("indigo", "tiny")])
def test_the_same_bytes_twice(told: World, args: tuple[str, ...]) -> None:
    forms = {"history": ("csv", "xlsx", "json"), "indigo": ("json", "xlsx")}.get(args[0], ("csv", "jsonl", "xlsx"))
    for form in forms:
        files = [told.folder / f"{number}" / f"data.{form}" for number in (1, 2)]
        for file in files:
            file.parent.mkdir(exist_ok=True)
            told.done("export", *args, "-O", form, "-o", file, by=None)
        each = [{path.name: path.read_bytes() for path in file.parent.glob(f"data.{form}*")} for file in files]
        assert each[0] == each[1]


def test_a_workbook_needs_a_file(told: World) -> None:
    result = told.soc("export", "facts", "tiny", "-O", "xlsx", by=None)
    assert (result.code, "-o FILE.xlsx" in result.err) == (2, True)


def test_more_rows_than_a_sheet_holds_are_refused_not_cut() -> None:
    wide = [workbook.Column("a")]
    with pytest.raises(Refused, match="1048576"):
        workbook.workbook([workbook.Sheet("many", wide, [("x",)] * 1_048_576)])
    with pytest.raises(Refused, match="32767"):
        workbook.workbook([workbook.Sheet("long", wide, [("x" * 32_768,)])])


def test_the_file_beside_is_never_the_ledger(told: World) -> None:
    before = told.head()
    ledger = told.database()
    told.ledger = f"sqlite:///{ledger.rename(ledger.with_name('data.csv-metadata.json'))}"
    told.vault = f"sqlite:///{ledger.with_suffix('.vault.db')}"
    result = told.soc("export", "facts", "tiny", "-o", told.folder / "data.csv", by=None)
    assert (result.code, "is the ledger itself" in result.err) == (2, True)
    assert told.head() == before


# ── INDIGO ───────────────────────────────────────────────────────────────────────────────────────────────────────────

SCHEMA = json.loads((Path(__file__).parent / "indigo_schema.json").read_text(encoding="utf-8"))
TYPES = {"string": str, "number": (int, float), "object": dict, "array": list}


def faults(value: Any, schema: dict[str, Any], at: str = "") -> Iterator[str]:
    """Where a value is not what the schema says. A name that it does not know is a fault, though the standard allows it."""
    if "$ref" in schema:
        schema = SCHEMA["definitions"][schema["$ref"].rpartition("/")[2]]
    if not isinstance(value, TYPES[schema["type"]]):
        yield f"{at} is no {schema['type']}"
    elif isinstance(value, dict):
        for name, inner in value.items():
            known = schema["properties"].get(name)
            yield from [f"{at}/{name} is unknown"] if known is None else faults(inner, known, f"{at}/{name}")
    elif isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{at} has too few"
        for number, inner in enumerate(value):
            yield from faults(inner, schema["items"], f"{at}/{number}")
    elif value not in schema.get("enum", [value]):
        yield f"{at}: {value} is in no list"
    elif not re.search(schema.get("pattern", ""), str(value)):
        yield f"{at}: {value} is not as the pattern"


def test_the_check_finds_faults() -> None:
    wrong = {
        "nam": {"value": "x"},
        "stage_development": {"value": "Done"},
        "dates": {"outcomes_contract_signed": {"value": "1 May 2019"}},
        "transactions": [{"money": {"amount": {"value": "100"}}}],
        "sources": [],
    }
    assert list(faults(wrong, SCHEMA)) == [
        "/nam is unknown",
        "/stage_development/value: Done is in no list",
        "/dates/outcomes_contract_signed/value: 1 May 2019 is not as the pattern",
        "/transactions/0/money/amount/value is no number",
        "/sources has too few",
    ]


def indigo(world: World, *args: str) -> Any:
    return json.loads(exported(world, "indigo", "tiny", *args, form="json"))


STAGES = [(), ("--known-at", "3"), ("--known-at", "2019-06-30"), ("--known-at", "2019-01-02")]


@pytest.mark.parametrize("known", STAGES)
def test_it_has_the_shape_of_the_standard(told: World, known: tuple[str, ...]) -> None:
    found = indigo(told, *known)
    assert list(faults(found["project"], SCHEMA)) == []
    organisation = {**SCHEMA["organisation"]}
    assert [fault for one in found["organisations"] for fault in faults(one["data"], organisation)] == []


def every(value: Any, name: str) -> Iterator[Any]:
    """Every value under that name, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from every(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from every(inner, name)


def test_what_it_refers_to_is_in_it(told: World) -> None:
    found = indigo(told)
    project = found["project"]
    named = {one for ids in every(project, "source_ids") for one in ids.split(",")}
    assert named == {one["id"] for one in project["sources"]}
    organisations = {one["id"] for one in found["organisations"]}
    parts = ("", "payer_", "recipient_", "sending_", "receiving_")
    assert {one["value"] for part in parts for one in every(project, f"{part}organisation_id")} <= organisations
    metrics = {one["id"] for one in project["outcome_metrics"]}
    assert {one["value"] for one in every(project, "outcome_metric_id")} == metrics
    assert {one["value"] for one in every(project, "investment_id")} <= {one["id"] for one in project["investments"]}


def amount(one: dict[str, Any]) -> Decimal:
    return Decimal(str(one["money"]["amount"]["value"]))


def test_its_amounts_are_those_of_the_state(told: World) -> None:
    project, state = indigo(told)["project"], told.state()
    provider = state["balance"]["provider"]
    payments = project["outcome_payments"]
    planned = [one for one in payments if one["type"]["value"] == "Planned"]
    assert sum(amount(one) for one in payments if one["type"]["value"] == "Actual") == Decimal(provider["paid"])
    assert sum(map(amount, planned)) == Decimal(provider["entitled"])  # everything determined has been notified
    finance = project["overall_project_finance"]
    assert finance["total_investment_commitment"]["amount"]["exact"]["value"] == 1000000
    assert Decimal(str(finance["total_outcome_payments_made"]["amount"]["value"])) == Decimal(provider["paid"])
    assert sum(one["investment_commitment"]["amount"]["exact"]["value"] for one in project["investments"]) == 1000000
    kinds = [(one["transaction_type"]["value"], str(amount(one))) for one in project["transactions"]]
    assert kinds == [("Debt", "150000"), ("Other", "200000"), ("Outcome Payment", "34909.09")]  # what was reversed is left out
    overall = project["results"][-1]
    assert overall["result_level"]["value"] == "Project level"
    assert state["savings"]["determined"] in overall["outcomes_achieved"]["value"].replace("\u2009", "")


def test_disputes_and_changes_stand_where_there_is_room(told: World) -> None:
    project = indigo(told)["project"]
    disputed = {one["notes"].split(",")[0]: one.get("status") for one in project["outcome_payments"] if "Claim" in one["notes"]}
    assert disputed == {"Claim of D1": None, "Claim of D2": "DISPUTED"}
    assert [one.get("status") for one in project["results"]] == ["DISPUTED", None]
    assert "X1 by external provider against D2" in project["notes"]["value"]
    assert "simulated" in project["notes"]["value"]
    assert "population" in project["notes"]["value"]  # assumed
    assert project["changes_to_project_due_to_covid19"]["value"] == "Continue on outcomes contract with variations"
    said = project["outcome_payment_commitments"][0]["alterations"]["description"]["value"]
    assert "savings measured by tiny-apart in place of tiny-2019 in months from 2019-04-01: exclude-cause@1 for 2019" in said
    assert "changes_to_project_due_to_covid19" not in indigo(told, "--known-at", "2019-06-30")["project"]


def test_what_was_recovered_is_paid_the_other_way(settled: World) -> None:
    settled.done("pay", "outcome", "tiny", "40000", "--on", "2019-07-22", "--invoice", "F1", *made("B1"), by=PAYER)
    settled.done("pay", "recover", "tiny", "5090.91", "--on", "2019-07-22", "--invoice", "C1", *made("B2"), by=PAYER)
    project = indigo(settled)["project"]
    actual = [one for one in project["outcome_payments"] if one["type"]["value"] == "Actual"]
    assert [str(amount(one)) for one in actual] == ["40000", "-5090.91"]
    assert actual[1]["payer_organisation_id"] == actual[0]["recipient_organisation_id"] == {"value": "tiny-external-provider"}
    assert project["transactions"][-1]["sending_organisation_id"]["value"] == "tiny-external-provider"
    assert str(amount(project["transactions"][-1])) == "5090.91"
    assert "5\u2009090.91" in project["overall_project_finance"]["notes"]


@pytest.mark.parametrize(("reason", "said"), [("COVID-19 disturbs the measurement", "Pause project"), ("a strike", None)])
def test_a_pause_is_of_the_pandemic_where_its_reason_says_so(settled: World, reason: str, said: str | None) -> None:
    settled.done("suspend", "tiny", "--from", "2019-08", *BOTH, "--reason", reason)
    project = indigo(settled)["project"]
    assert project.get("changes_to_project_due_to_covid19", {}).get("value") == said
    assert project["outcome_payment_commitments"][0]["alterations"]["reason"]["value"] == reason


def test_indigo_in_a_workbook(told: World) -> None:
    project = indigo(told)["project"]
    found = sheets(told, "indigo", "tiny")
    once = {row["field"]: row["value"] for row in found["project"]}
    assert once["overall_project_finance/maximum_potential_outcome_payment_v2/amount/value"] == "300000.00"
    assert once["dates/outcomes_contract_signed/value"] == "2019-01-01"
    assert [row["money/amount/value"] for row in found["outcome_payments"]] == [
        one["money"]["amount"]["value"] for one in project["outcome_payments"]
    ]
    assert {name for name, part in project.items() if isinstance(part, list)} | {"project", "organisations"} == set(found)
