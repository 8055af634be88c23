"""Names as files and people write them: look-alikes, garbled letters, formulas, files that are no files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from cli import files, output
from ledger.errors import FAULTS_LISTED, Fault, Faults, InputRefused
from ledger.imports import lookalikes
from tests.cli.test_bad_corpus import readable, send
from tests.cli.world import ABSENCE_HEADER, WORKFORCE_HEADER, World


@pytest.mark.parametrize("name", ["=1+1", "+46A", "-x", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "-2+3"])
def test_a_text_that_a_spreadsheet_would_take_for_a_formula_is_guarded(name: str) -> None:
    [row] = csv.DictReader(io.StringIO(output.as_csv([{"a": name}], ["a"]), newline=""))
    assert row["a"] == "'" + name.replace("\r", "\n")


@pytest.mark.parametrize("name", ["-12.50", "+3", "-", "-1 000.00", "-1\u2009000", "-3%", "Skolan = bra", "", "'x"])
def test_numbers_and_other_texts_are_not(name: str) -> None:
    [row] = csv.DictReader(io.StringIO(output.as_csv([{"a": name, "b": -3}], ["a", "b"]), newline=""))
    assert row == {"a": name, "b": "-3"}


def test_a_workplace_that_looks_like_a_formula_is_recorded_and_guarded_in_csv(settled: World) -> None:
    path = settled.file("sent.csv", f"{ABSENCE_HEADER}\nS1,=cmd|' /C calc'!A0,2019-04-01,2019-04-02,100,sick\n")
    settled.done("import", "absences", "tiny", path, "--source", "payroll")
    heads = settled.file("heads.csv", f"{WORKFORCE_HEADER}\n2019-04,=cmd|' /C calc'!A0,12\n")
    settled.done("import", "workforce", "tiny", heads)
    said = settled.soc("evidence", "tiny", "2019-04", "-O", "csv", by=None).out
    cells = [cell for row in csv.reader(io.StringIO(said)) for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not any(cell.startswith("=") for cell in cells)


@pytest.mark.parametrize(
    "name",
    ["alby förskola", "ALBY FÖRSKOLA", "Albyförskola", "Alby  Förskola", "Alby-Förskola", "Аlby Förskolа", "Alby Forskola"],
)
def test_a_name_that_only_looks_like_a_known_one_names_it(name: str) -> None:
    assert list(lookalikes.found([name], {"Alby Förskola", "Norr"})) == [f"'{name}' is not 'Alby Förskola'"]


def test_other_names_are_no_look_alikes() -> None:
    assert list(lookalikes.found(["Alby Förskola 2", "Alby", "Söder"], {"Alby Förskola", "Norr"})) == []


def test_absences_and_headcounts_of_a_look_alike_are_a_finding(settled: World) -> None:
    path = settled.file("sent.csv", f"{ABSENCE_HEADER}\nS1,skolan,2019-04-01,2019-04-02,100,sick\n")
    assert "finding: 'skolan' is not 'Skolan', which has headcounts" in send(settled, "absences", path).out
    path = settled.file("heads.csv", f"{WORKFORCE_HEADER}\n2019-05,SKOLAN,12\n2019-05,Ny skola,12\n")
    found = [line for line in send(settled, "workforce", path).out.splitlines() if "finding" in line]
    assert found == ["  finding: 'SKOLAN' is not 'Skolan', which has headcounts"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    settled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(files.LARGEST + 1)
    result = send(settled, "absences", large)
    assert (result.code, result.out) == (4, "")
    assert f"{large}: is larger than 256 MB" in result.err
    monkeypatch.setattr(files, "LARGEST", 1_000_000)
    result = send(settled, "absences", Path("/dev/zero"))
    assert result.code == 4
    assert "/dev/zero: is larger than 1 MB" in result.err


@pytest.mark.parametrize("name", ["good\x1b[31m.csv", "\u202egnp.csv", "a\nb.csv"])
def test_the_name_of_a_file_is_shown_safely(settled: World, name: str) -> None:
    path = settled.folder / name
    path.write_text(ABSENCE_HEADER)
    result = send(settled, "absences", path)
    assert result.code == 4
    assert "its name holds control characters" in result.err
    readable(result.err)


def test_a_file_whose_name_holds_a_personal_number_is_not_named(settled: World) -> None:
    path = settled.file("811218-9876.csv", "no header at all")
    result = send(settled, "absences", path)
    assert (result.code, "9876" in result.err) == (4, False)


def test_faults_are_kept_up_to_a_number_and_counted_beyond_it() -> None:
    faults, every = Faults("f"), []
    for number in range(3 * FAULTS_LISTED, 0, -1):
        faults.add(number, "x")
        faults.add(number, "y")
        every += [Fault("f", number, "x"), Fault("f", number, "y")]
    faults.add(None, "z")
    with pytest.raises(InputRefused) as refused:
        faults.refuse()
    first = sorted([*every, Fault("f", None, "z")], key=lambda fault: fault.line or 0)[:FAULTS_LISTED]
    assert list(refused.value.faults[:-1]) == first
    assert refused.value.count == 6 * FAULTS_LISTED + 1
    assert refused.value.faults[-1].what == f"{5 * FAULTS_LISTED + 1} more faults are not listed"
    assert f"f refused: {6 * FAULTS_LISTED + 1} faults" in str(refused.value)
