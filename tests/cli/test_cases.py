"""``soc test`` as a negotiator runs it: what holds, what fails and how it was computed, what is refused."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.money import THIN
from tests.cli.world import ROOT, Result, run
from tests.test_cases import FILES

FOLDER = ROOT / "fixtures" / "cases"
EXCLUDE = FOLDER / "exclude-cause.toml"


def soc_test(*args: str | Path) -> Result:
    """Run it, with a ledger that is not there; thousands with plain spaces."""
    found = run(["--ledger", "sqlite:////nowhere/ledger.db", "test", *map(str, args)])
    return replace(found, out=found.out.replace(THIN, " "))


def edited(folder: Path, *edits: tuple[str, str], source: Path = EXCLUDE) -> Path:
    """A copy of a case file with each edit made once, and the terms beside it."""
    text = source.read_text(encoding="utf-8")
    for old, new in (('"../contracts/botkyrka.toml"', '"botkyrka.toml"'), *edits):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "botkyrka.toml").write_bytes((ROOT / "fixtures" / "contracts" / "botkyrka.toml").read_bytes())
    path = folder / "cases.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_fixtures_hold_and_no_ledger_is_needed() -> None:
    found = soc_test(*sorted(FOLDER.glob("*.toml")))
    assert (found.code, found.err) == (0, "")
    count = sum(len(one.cases) for one in FILES)
    assert found.out.splitlines()[-1] == f"{count} cases in {len(FILES)} files: all hold"
    assert found.out.count("  holds  ") == count


def test_a_case_that_fails_says_what_was_expected_what_came_out_and_how(tmp_path: Path) -> None:
    found = soc_test(edited(tmp_path, ('"38520.00"', '"38520.01"'), ('"15.00"', '"15.01"')))
    assert (found.code, found.err) == (1, "")
    *differences, how, _, last = [line.strip() for line in found.out.splitlines() if not line.startswith("  holds")]
    assert differences == [
        f"Coded days left out, the index kept ({tmp_path / 'cases.toml'})",
        "FAILS  March 2020, the first month: 25 coded days of 40 are left out; the index is the whole quarter's",
        "rule: rule 5; exclude-cause@1",
        "actual days of 2020-03: the case says 15.01; came out: 15.00",
        "savings of 2020-03: the case says 38520.01; came out: 38520.00",
    ]
    assert how.startswith("2020-03  expected 33.000000 = 0.010000 × 100 employees × 22 weekdays × trend 1.500000 (2020Q1 3.00,")
    assert how.endswith("avoided 18.000000 × 2 140.00 = 38 520.00")
    assert last == "7 cases in 1 file: 1 of them fails"


def test_a_case_about_sharing_shows_the_steps_of_the_sharing(tmp_path: Path) -> None:
    found = soc_test(edited(tmp_path, ('"2785760.00"', '"2785760.01"'), source=FOLDER / "sharing-botkyrka.toml"))
    assert found.code == 1
    assert "entitlement at the end of 2020-02: the case says 2785760.01; came out: 2785760.00" in found.out
    step = "2020-02  entitlement 2 785 760.00 = min(6 300 000.00, 0.184 × min(max(15 140 000.00, 0), 34 350 000.00)); "
    assert step + "to the authority 12 354 240.00" in found.out


def test_a_refusal_that_the_case_does_not_expect_says_what_is_missing(tmp_path: Path) -> None:
    found = soc_test(edited(tmp_path, ('2020Q1 = "3.00"\n', "")))
    assert found.code == 1
    assert "determination of 2020-03: the case says it is determined; came out: 2020-03 cannot be determined:" in found.out
    assert "2020Q1: no value of scb-ksju-kommun is recorded" in found.out
    assert "soc evidence" not in found.out  # there is no ledger to look into


def test_a_refusal_that_does_not_come_says_what_came(tmp_path: Path) -> None:
    found = soc_test(edited(tmp_path, ('when.determined = "2020-03"\nthen.refused', 'when.determined = "2020-04"\nthen.refused')))
    assert found.code == 1
    assert "refusal of 2020-04: the case says 2020-03: net days are not given; came out: 2020-04 cannot be" in found.out


def test_json_carries_the_same(tmp_path: Path) -> None:
    answer = soc_test(edited(tmp_path, ('"38520.00"', '"38520.01"')), "-O", "json")
    assert answer.code == 1
    value = answer.json
    assert (value["cases"], value["failing"]) == (7, 1)
    [file] = value["files"]
    assert (file["contract"], file["methodology"]["name"]) == ("botkyrka", "covid-coded-out-in-cases")
    first, second, *_ = file["cases"]
    assert (first["holds"], second["holds"], second["differences"]) == (False, True, [])
    assert first["differences"] == [{"what": "savings of 2020-03", "expected": "38520.01", "found": "38520.00"}]
    assert first["savings"] == {"2020-03": "38520.00"}
    assert len(first["computed"]) == 1


def test_csv_has_a_row_for_each_case_and_each_difference(tmp_path: Path) -> None:
    wrong = edited(tmp_path, ('"38520.00"', '"38520.01"'), ('"15.00"', '"15.01"'))
    rows = list(csv.DictReader(io.StringIO(soc_test(wrong, "-O", "csv").out)))
    assert [row["holds"] for row in rows] == ["false", "false", *["true"] * 6]
    assert (rows[1]["what"], rows[1]["expected"], rows[1]["found"]) == ("savings of 2020-03", "38520.01", "38520.00")


def test_files_with_faults_are_refused_together_and_nothing_is_run(tmp_path: Path) -> None:
    wrong = edited(tmp_path, ('title = "Coded', 'titel = "Coded'), ('causes = ["covid"]', "causes = []"))
    found = soc_test(EXCLUDE, wrong, tmp_path / "nowhere.toml")
    assert (found.code, found.out) == (4, "")
    text = wrong.read_text(encoding="utf-8").splitlines()
    titel, causes = (next(number for number, line in enumerate(text, 1) if line.startswith(key)) for key in ("titel", "causes"))
    assert f"{wrong}: title is missing" in found.err
    assert f"{wrong}:{titel}: titel is no key that is known here" in found.err
    assert f"{wrong}:{causes}: methodology.disruption.causes must name at least one" in found.err
    assert f"{tmp_path / 'nowhere.toml'}: there is no such file" in found.err


def test_terms_that_are_not_beside_the_file_are_named(tmp_path: Path) -> None:
    wrong = edited(tmp_path)
    (tmp_path / "botkyrka.toml").unlink()
    found = soc_test(wrong)
    assert found.code == 4
    assert f"{tmp_path / 'botkyrka.toml'}: there is no such file" in found.err


@pytest.mark.parametrize("args", [[], ["--every"]])
def test_a_question_that_cannot_be_asked_exits_with_2(args: list[str]) -> None:
    assert soc_test(*args).code == 2


def test_the_answer_goes_to_a_file_and_the_exit_code_stands(tmp_path: Path) -> None:
    answer = tmp_path / "answer.json"
    found = soc_test(edited(tmp_path, ('"38520.00"', '"38520.01"')), "-O", "json", "-o", answer)
    assert (found.code, found.out) == (1, "")
    assert '"failing": 1' in answer.read_text(encoding="utf-8")
