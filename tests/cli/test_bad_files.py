"""Bad files through the command line: every fault with its file and line, code 4, nothing recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.world import (
    ABSENCE_HEADER,
    BOTH,
    METHODOLOGY,
    PAYROLL,
    ROOT,
    STRANGER,
    TERMS,
    TREND_HEADER,
    WORKFORCE_HEADER,
    Result,
    World,
    absences,
)

CORPUS = sorted((ROOT / "fixtures" / "imports" / "bad").glob("*.csv"))
SCOPE = ("--source", "payroll", "--complete", "2019-04")


def send(world: World, kind: str, path: Path, *more: str) -> Result:
    """Send a file as what it claims to be."""
    commands: dict[str, list[str | Path]] = {
        "absences": ["import", "absences", "tiny", path, *(more or ("--source", "payroll"))],
        "workforce": ["import", "workforce", "tiny", path],
        "trend": ["import", "trend", path],
        "reimbursements": ["import", "reimbursements", "tiny", path],
        "terms": ["contract", "sign", path],
        "amended terms": ["contract", "amend", "tiny", path, "--from", "2019-09", *BOTH, "--reason", "r"],
        "methodology": ["methodology", "adopt", "tiny", path, "--from", "2019-07-01", *BOTH],
    }
    return world.soc(*commands[kind])


def refused(world: World, kind: str, path: Path, *more: str) -> list[str]:
    """What is said of a file that is refused: the heading and a line a fault, advice left out. Nothing was recorded."""
    before, employees = world.head(), world.employees_in_vault()
    result = send(world, kind, path, *more)
    assert (result.code, result.out) == (4, ""), result.out + result.err
    lines = result.err.splitlines()
    assert lines[0].startswith(f"soc: {path} refused: ")
    assert lines[0].endswith(", nothing recorded")
    assert world.head() == before
    assert world.employees_in_vault() == employees
    return [line.strip() for line in lines if line.strip() and not line.strip().startswith("→")]


# --- The corpus of bad files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_each_file_of_the_corpus_is_refused_with_its_golden_message(settled: World, path: Path) -> None:
    before, employees = settled.head(), settled.employees_in_vault()
    result = send(settled, path.name.split("-")[0], path)
    assert (result.code, result.out) == (4, "")
    golden = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert result.err.replace(str(path), path.name).rstrip("\n") == "soc: " + golden.rstrip("\n")
    assert settled.head() == before
    assert settled.employees_in_vault() == employees


def test_the_corpus_has_every_kind() -> None:
    assert {path.name.split("-")[0] for path in CORPUS} == {"absences", "workforce", "trend", "reimbursements"}
    assert len(CORPUS) >= 10


# --- Files that only the record, the clock or the command show to be wrong -----------------------------------------

ROWS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "open without a period": ("absences", "S1,Skolan,2019-04-01,,100,sick", (), ":2: has no last day, and the file's period is"),
    "open after its period": ("absences", "S1,Skolan,2019-07-01,,100,sick", SCOPE, ":2: begins after the period 2019-04"),
    "in the future": ("absences", "S1,Skolan,2019-08-01,2019-08-02,100,sick", (), ":2: begins after today, 2019-07-22"),
    "withdraws what is not there": ("absences", "S1,Skolan,2019-04-01,2019-04-02,0,sick", (), ":2: withdraws (extent 0) a spell"),
    "withdraws from another source": (
        "absences",
        "S7001,Skolan,2019-01-07,2019-01-11,0,sick",
        ("--source", "health-support"),
        ":2: withdraws (extent 0) a spell",
    ),
    "nothing in a partial report": ("absences", "", (), ": holds no absences"),
    "extent above 100": ("absences", "S1,Skolan,2019-04-01,2019-04-02,101,sick", (), ":2: extent '101' is not a whole number"),
    "negative extent": ("absences", "S1,Skolan,2019-04-01,2019-04-02,-50,sick", (), ":2: extent '-50' is not a whole number"),
    "year 1019": ("absences", "S1,Skolan,1019-04-01,2019-04-02,100,sick", (), ":2: first_day '1019-04-01' is not in the years"),
    "cause in Swedish": ("absences", "S1,Skolan,2019-04-01,2019-04-02,100,sjuk", (), ":2: cause 'sjuk' is not a known cause"),
    "month not ended": ("workforce", "2019-07,Skolan,10", (), ":2: 2019-07 has not ended; today is 2019-07-22"),
    "negative headcount": ("workforce", "2019-04,Skolan,-1", (), ":2: employees '-1' is not a whole number"),
    "no headcounts": ("workforce", "", (), ": no lines below the header"),
    "published tomorrow": ("trend", "s,2019Q1,2.5,2019-07-23,published,x", (), ":2: published on 2019-07-23, after today"),
    "two series": (
        "trend",
        "s,2019Q1,2.5,2019-07-01,published,x\nt,2019Q1,2.5,2019-07-01,published,x",
        (),
        "holds 2 series: s, t",
    ),
    "unknown status": ("trend", "s,2019Q1,2.5,2019-07-01,official,x", (), ":2: status 'official' is not a known status"),
    "index 0": ("trend", "s,2019Q1,0,2019-07-01,published,x", (), ":2: value '0' is not above 0"),
    "quarter five": ("trend", "s,2019Q5,2.5,2019-07-01,published,x", (), ":2: quarter '2019Q5' is not a quarter"),
}
HEADERS = {"absences": ABSENCE_HEADER, "workforce": WORKFORCE_HEADER, "trend": TREND_HEADER}


@pytest.mark.parametrize("case", ROWS)
def test_a_bad_row_is_named_with_file_and_line(settled: World, case: str) -> None:
    kind, row, more, said = ROWS[case]
    path = settled.file("sent.csv", f"{HEADERS[kind]}\n{row}\n")
    heading, *faults = refused(settled, kind, path, *more)
    assert "refused: 1 fault," in heading
    assert [fault.startswith(str(path)) and said in fault for fault in faults] == [True], faults


def test_every_bad_row_is_listed(settled: World) -> None:
    rows = ["S1,Skolan,2019-13-01,2019-04-02,100,sick", "S2,Skolan,2019-04-01,2019-04-02,x,flu", "S3,Skolan"]
    path = settled.file("sent.csv", "\n".join([ABSENCE_HEADER, *rows]))
    heading, *faults = refused(settled, "absences", path)
    assert "refused: 4 faults," in heading
    assert [fault.removeprefix(f"{path}:")[0] for fault in faults] == ["2", "3", "3", "4"]


def test_a_spell_left_open_must_be_repeated_or_ended_by_the_next_complete_report(settled: World) -> None:
    april = settled.file("april.csv", f"{ABSENCE_HEADER}\nS1,Skolan,2019-04-29,,100,sick\n")
    settled.done("import", "absences", "tiny", april, *SCOPE)
    may = settled.file("may.csv", f"{ABSENCE_HEADER}\n")
    _, *faults = refused(settled, "absences", may, "--source", "payroll", "--complete", "2019-05")
    said = "employee S1 at Skolan, absent from 2019-04-29 without a last day in april.csv line 2, is neither repeated nor ended"
    assert faults == [f"{may}: {said}"]


WRONG = {
    "a workforce file as absences": ("absences", f"{WORKFORCE_HEADER}\n2019-04,Skolan,1\n", "that of a file of workforce"),
    "absences as workforce": ("workforce", f"{ABSENCE_HEADER}\n", "that of a file of absences"),
    "a trend as workforce": ("workforce", f"{TREND_HEADER}\n", "that of a file of trend"),
    "absences as a trend": ("trend", f"{ABSENCE_HEADER}\n", "that of a file of absences"),
    "an unknown header": ("absences", "namn;dag\n", "the header is none that is known here"),
    "an empty file": ("absences", "", "the file is empty"),
    "XML": ("absences", '<?xml version="1.0"?><data/>', "is XML, but not PAXml"),
    "a web page": ("absences", '<?xml version="1.0"?><html/>', "is a web page, not an export"),
    "a web page as workforce": ("workforce", "<!DOCTYPE HTML><p>", "is a web page, not an export"),
    "PAXml as workforce": ("workforce", "<paxml/>", "that of a file of absences"),
    "a spreadsheet": ("absences", b"PK\x03\x04\x14\x00\x06\x00", "is a compressed file (zip), not text"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_file_of_another_kind_is_refused(settled: World, case: str) -> None:
    kind, content, said = WRONG[case]
    path = settled.file("sent", content)
    _, *faults = refused(settled, kind, path)
    assert len(faults) == 1
    assert said in faults[0]


# --- Terms and methodologies ----------------------------------------------------------------------------------------

TOML: dict[str, tuple[str, str, str, str]] = {
    "terms that are no TOML": ("terms", "months = 12", "months = ", "sent.toml:7: is not valid TOML"),
    "a key twice": ("terms", "months = 12\n", "months = 12\nmonths = 13\n", "sent.toml:8: is not valid TOML"),
    "a key missing": ("terms", "starts_on = 2019-01-01\n", "", "starts_on"),
    "a key of a section missing": ("terms", 'ceiling = "1.5"\n', "", "outcome.ceiling is missing"),
    "a key unknown": ("terms", "starts_on =", "start_on = 1\nstarts_on =", "start_on"),
    "a share as a number": ("terms", '"0.2"', "0.2", 'outcome.provider_share: write a share as a string, as "0.184"'),
    "money with one decimal": ("terms", '"1000000.00"', '"1000000.0"', "investment.total: '1000000.0' is not an amount"),
    "a role without a party": ("terms", 'pays = "payer"', 'pays = "boss"', "governance names boss, which is not in [parties]"),
    "an unknown key assumed": ("terms", '["population"]', '["populatoin"]', "assumed names populatoin"),
    "measured before the start": (
        "terms",
        "measured_from = 2019-01-01",
        "measured_from = 2018-12-01",
        "measured_from lies before",
    ),
    "all at risk": (
        "terms",
        'at_risk_share = "0.50"',
        'at_risk_share = "1"',
        "investment.at_risk_share must lie between 0 and 1",
    ),
    "another currency": ("terms", '"SEK"', '"EUR"', "currency"),
    "nobody agrees": ("terms", 'agrees = ["payer", "external_provider"]', "agrees = []", "governance.agrees must name"),
    "amended terms that are no TOML": ("amended terms", "[parties]", "[parties", "sent.toml:15: is not valid TOML"),
    "a methodology that is no TOML": ("methodology", "version = 1", "version 1", "sent.toml:2: is not valid TOML"),
    "an unknown rule": ("methodology", "reference-years@1", "reference-years@9", "reference.kind"),
    "part of a year": ("methodology", "to = 2018-12-31", "to = 2018-11-30", "must span whole years"),
    "part of a month": ("methodology", "to = 2018-12-31", "to = 2018-12-30", "to the last of one"),
    "a price as a number": ("methodology", '"2000.00"', "2000.00", "price.sek.0.amount: write money as a string"),
    "a price of zero": ("methodology", '"2000.00"', '"0.00"', "a price must be above zero"),
    "a rule missing": ("methodology", '[disruption]\nkind = "none@1"\n', "", "disruption"),
}


def _toml(world: World, case: str) -> tuple[str, Path, str]:
    kind, old, new, said = TOML[case]
    source = (
        METHODOLOGY
        if kind == "methodology"
        else TERMS.replace('id = "tiny"', 'id = "other"' if kind == "terms" else 'id = "tiny"')
    )
    assert old in source
    return kind, world.file("sent.toml", source.replace(old, new, 1)), said


@pytest.mark.parametrize("case", TOML)
def test_bad_terms_and_methodologies_are_refused_with_the_key(settled: World, case: str) -> None:
    kind, path, said = _toml(settled, case)
    _, *faults = refused(settled, kind, path)
    assert any(fault.startswith(str(path)) and said in fault for fault in faults), faults


def test_terms_in_another_encoding_are_refused(settled: World) -> None:
    path = settled.file("sent.toml", TERMS.replace("Tiny SOC", "Örn").encode("cp1252"))
    _, fault = refused(settled, "terms", path)
    assert "is not UTF-8 text" in fault


@pytest.mark.parametrize(
    "case", ["a key of a section missing", "a key unknown", "another currency", "an unknown rule", "money with one decimal"]
)
def test_a_fault_in_toml_names_the_line_in_words_that_a_controller_knows(settled: World, case: str) -> None:
    kind, path, _ = _toml(settled, case)
    _, *faults = refused(settled, kind, path)
    for words in ("Field required", "Extra inputs", "Input should be"):
        assert not any(words in fault for fault in faults)
    assert all(fault.startswith((f"{path}:", f"{path}: ")) and fault.removeprefix(f"{path}:")[0].isdigit() for fault in faults)


def test_a_key_missing_outside_any_section_has_no_line_and_plain_words(settled: World) -> None:
    kind, path, _ = _toml(settled, "a key missing")
    assert refused(settled, kind, path)[1:] == [f"{path}: starts_on is missing"]


def test_terms_with_nothing_at_risk_are_refused(settled: World) -> None:
    without_value = TERMS.replace('external_service_value = "400000.00"\n', "").replace(
        'at_risk_share = "0.50"', 'at_risk_share = "0"'
    )
    path = settled.file("sent.toml", without_value)
    _, *faults = refused(settled, "terms", path)
    assert "investment.at_risk_share must lie between 0 and 1" in faults[0]


# --- Several files, and what a refused one leaves behind ------------------------------------------------------------


def test_of_several_files_the_bad_one_is_refused_and_the_others_are_recorded(settled: World) -> None:
    good = [settled.file(f"{month}.csv", absences([month], 2, 1)) for month in ("2019-04", "2019-05")]
    bad = settled.file("bad.csv", f"{ABSENCE_HEADER}\nS1,Skolan,2019-04-31,,100,sick\n")
    result = settled.soc("import", "absences", "tiny", good[0], bad, good[1], "--source", "payroll", by=PAYROLL)
    assert result.code == 4
    assert [line for line in result.out.splitlines() if not line.startswith(" ")] == [
        f"Recorded tiny/13: {good[0]}: 3 absences from payroll, partial",
        f"Recorded tiny/14: {good[1]}: 3 absences from payroll, partial",
    ]
    assert f"{bad} refused: 1 fault, nothing recorded" in result.err
    assert f"{bad}:2: first_day '2019-04-31' is no day in the calendar" in result.err
    assert not any(str(path) in result.err for path in good)
    again = settled.soc("import", "absences", "tiny", *good, "--source", "payroll", by=PAYROLL)
    assert (again.code, again.out.count("Already recorded")) == (0, 2)


def test_of_several_bad_files_every_fault_is_listed(settled: World) -> None:
    before = settled.head()
    bad = [settled.file(f"bad{number}.csv", f"{ABSENCE_HEADER}\nS1,Skolan,2019-04-31,,100,sick\n") for number in (1, 2)]
    result = settled.soc("import", "absences", "tiny", *bad, settled.folder / "missing.csv", "--source", "payroll", by=PAYROLL)
    assert (result.code, result.out) == (4, "")
    assert all(f"{path}:2: first_day" in result.err for path in bad)
    assert "missing.csv: there is no such file" in result.err
    assert settled.head() == before


def test_a_file_refused_by_its_rows_leaves_nobody_in_the_vault(settled: World) -> None:
    employees = settled.employees_in_vault()
    path = settled.file("sent.csv", f"{ABSENCE_HEADER}\nNEW1,Skolan,2019-04-01,2019-04-02,100,sick\nNEW2,Skolan,x,,100,sick\n")
    refused(settled, "absences", path)
    assert settled.employees_in_vault() == employees


def test_a_rehearsed_import_leaves_nobody_in_the_vault(settled: World) -> None:
    employees = settled.employees_in_vault()
    path = settled.file("sent.csv", f"{ABSENCE_HEADER}\nNEW1,Skolan,2019-04-01,2019-04-02,100,sick\n")
    settled.done("import", "absences", "tiny", path, "--source", "payroll", "--dry-run")
    assert settled.employees_in_vault() == employees


@pytest.mark.parametrize(("extent", "by", "code"), [("0", PAYROLL, 4), ("100", STRANGER, 1)])
def test_a_file_refused_by_the_record_or_the_rules_leaves_nobody_in_the_vault(
    settled: World, extent: str, by: str, code: int
) -> None:
    employees = settled.employees_in_vault()
    path = settled.file("sent.csv", f"{ABSENCE_HEADER}\nNEW1,Skolan,2019-04-01,2019-04-02,{extent},sick\n")
    assert settled.soc("import", "absences", "tiny", path, "--source", "payroll", by=by).code == code
    assert settled.employees_in_vault() == employees


def test_a_workplace_without_a_name_is_refused(settled: World) -> None:
    path = settled.file("sent.csv", absences(["2019-04"], 1, 0))
    result = settled.soc("import", "absences", "tiny", path, *SCOPE, "--workplaces", "Skolan,,Hemmet")
    assert result.code == 2


def test_a_file_in_tabs_is_told_so(settled: World) -> None:
    path = settled.file("sent.csv", WORKFORCE_HEADER.replace(",", "\t"))
    _, fault = refused(settled, "workforce", path)
    assert "separated by tabs" in fault
