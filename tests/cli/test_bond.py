"""``soc bond`` as users run it: on the terms that come with the product, and on a bond on record."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.bond_ledger import FIXTURES, BondLedger
from tests.cli.world import Result, run

M = 100_000_000
HEALTH, SBIR = str(FIXTURES / "contracts" / "health-impact-bond.toml"), str(FIXTURES / "contracts" / "sbir.toml")


@pytest.fixture
def ledger(tmp_path: Path) -> BondLedger:
    """The health impact bond, issued, with savings of 4 m determined as of 2022-03-31 and not yet agreed."""
    return BondLedger(tmp_path).issued().determined("2022-03-31", 4 * M)


def soc(*args: str, ledger: BondLedger | None = None) -> Result:
    return run([*(("--ledger", ledger.url) if ledger else ()), "bond", *args])


def rows(result: Result) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(result.out)))


def plain(text: str) -> str:
    return text.replace("\u2009", " ")


def test_a_file_needs_no_ledger_and_says_that_it_is_a_simulation() -> None:
    result = soc("schedule", SBIR, "-O", "json")
    answer = result.json
    assert result.code == 0
    assert (answer["label"], answer["known_at"], answer["basis"], answer["as_of"]) == ("simulation", None, None, None)
    assert (answer["currency"], answer["vat"], answer["principal"]) == ("EUR", "none", "100000000.00")
    assert "bond.parts.rate" in answer["unpublished"]
    assert answer["payments"][0] == {
        "on": "2019-10-01",
        "part": "loan",
        "kind": "interest",
        "amount": "450000.00",
        "formula": "90\u2009000\u2009000.00 × 0.005 × 360/360 (30E/360)",
    }
    assert answer["payments"][-1]["amount"] is None


def test_a_schedule_says_how_each_amount_comes_about() -> None:
    text = plain(soc("schedule", HEALTH).out)
    assert "24 000 000.00 × (1 + 0)^5" in text
    assert "at least 24 000 000.00 (−20.00 %) and at most 33 000 000.00\n(+10.00 %)" in text
    assert "No date moves for a weekend or a holiday" in text
    assert "SEK, no VAT" in text
    assert "not published, parameters of these terms: bond.parts" in text
    assert max(map(len, text.splitlines())) <= 110


def test_a_schedule_as_csv_has_a_row_a_payment() -> None:
    found = rows(soc("schedule", HEALTH, "-O", "csv"))
    assert [(row["on"], row["part"], row["amount"]) for row in found] == [
        ("2025-06-16", "fixed", "24000000.00"),
        ("2025-06-16", "variable", ""),
    ]


def test_scenarios_of_a_file_whole_and_part_by_part() -> None:
    found = soc("scenarios", HEALTH, "-O", "json", "--at", "0,66.67,200,1000").json["scenarios"]
    assert [one["total"] for one in found] == ["24000000.00", "27000150.00", "33000000.00", "33000000.00"]
    assert [one["total_return"] for one in found] == ["-0.2000", "-0.1000", "0.1000", "0.1000"]
    assert [one["limit"] for one in found] == ["least", None, "most", "most"]
    assert found[1]["parts"] == [
        {"part": "fixed", "interest": "0.00", "at_maturity": "24000000.00"},
        {"part": "variable", "interest": "0.00", "at_maturity": "3000150.00"},
    ]
    by_part = rows(soc("scenarios", SBIR, "-O", "csv", "--at", "100"))
    assert [(row["part"], row["total"]) for row in by_part] == [
        ("", "97250000.00"),
        ("loan", "92250000.00"),
        ("outcomes", "5000000.00"),
    ]


def test_scenarios_in_words() -> None:
    text = plain(soc("scenarios", HEALTH).out)
    assert "At other savings (simulation)" in text
    assert "kept by issuer" in text
    assert "+10.00 %" in text


@pytest.mark.parametrize("at", ["", "abc", "50,,100", "-1", "100001", "1e3"])
def test_per_cents_that_are_none_are_refused(at: str) -> None:
    result = soc("scenarios", HEALTH, f"--at={at}")
    assert (result.code, result.out) == (2, "")


def test_a_bond_on_record_says_what_holder_and_issuer_have(ledger: BondLedger) -> None:
    answer = soc("state", "health-impact-bond", "-O", "json", ledger=ledger).json
    assert (answer["as_of"], answer["label"], answer["basis"]["position"]) == ("2022-03-31", "recorded (simulated ledger)", 4)
    assert answer["holder"]["balance"] == "27000000.00"
    assert answer["issuer"] == {
        "party": "issuer",
        "owed_at_least": "24000000.00",
        "owed_by_outcome": "3000000.00",
        "may_be_owed": "6000000.00",
    }
    assert answer["outcome"]["determination"] == "health-impact-bond/D1"
    assert (answer["outcome"]["given"], answer["outcome"]["agreed"]) == ("3000000.00", False)
    text = plain(soc("state", "health-impact-bond", ledger=ledger).out)
    assert "3 000 000.00, determined as of 2022-03-31 (D1, not yet agreed by the investor)" in text
    assert "balance        27 000 000.00" in text


def test_a_party_is_told_what_a_bond_owes_and_where_to_see_its_parts(ledger: BondLedger) -> None:
    text = plain(run(["--ledger", ledger.url, "party", "Skandia"]).out)
    assert "owed whatever comes" in text
    [line] = [line for line in text.splitlines() if "24 000 000.00" in line]
    assert line.split("  ")[0] == "health-impact-bond"
    assert [one.strip() for one in line.split("  ")[1:] if one] == ["30 000 000.00", "24 000 000.00", "3 000 000.00"]
    assert "soc bond state health-impact-bond" in text


def test_a_state_as_of_and_known_at(ledger: BondLedger) -> None:
    asked = ("state", "health-impact-bond", "-O", "json")
    assert soc(*asked, "--as-of", "2022-03-30", ledger=ledger).json["holder"]["balance"] == "24000000.00"
    early = soc(*asked, "--known-at", "3", "--as-of", "2022-03-31", ledger=ledger).json
    assert (early["basis"]["position"], early["holder"]["balance"]) == (3, "24000000.00")
    found = {row["key"]: row["value"] for row in rows(soc(*asked[:2], "-O", "csv", "--as-of", "2025-06-16", ledger=ledger))}
    assert (found["holder.due"], found["holder.open"]) == ("27000000.00", "27000000.00")


def test_a_schedule_and_scenarios_of_a_bond_on_record_say_what_they_rest_on(ledger: BondLedger) -> None:
    schedule = soc("schedule", "health-impact-bond", "-O", "json", ledger=ledger).json
    assert (schedule["label"], schedule["basis"]["position"]) == ("recorded (simulated ledger)", 4)
    found = soc("scenarios", "health-impact-bond", "-O", "json", ledger=ledger).json
    assert (found["label"], found["basis"]["position"]) == ("simulation", 4)


def test_an_answer_goes_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "schedule.csv"
    assert soc("schedule", HEALTH, "-O", "csv", "-o", str(path)).code == 0
    assert path.read_text(encoding="utf-8").startswith("on,part,kind,amount,formula\n")


def test_what_cannot_be_asked_says_what_to_do(ledger: BondLedger, tmp_path: Path) -> None:
    unknown = soc("state", "nix", ledger=ledger)
    assert (unknown.code, unknown.out) == (2, "")
    assert "no bond nix is on record; contracts settled by tiers: health-impact-bond" in unknown.err
    assert soc("schedule", str(tmp_path / "none.toml")).code != 0
    early = soc("state", "health-impact-bond", "--as-of", "2020-06-15", ledger=ledger)
    assert (early.code, early.out) == (1, "")
    odd = soc("schedule", "a/b", ledger=ledger)
    assert (odd.code, "neither a file TERMS.toml nor the id of a bond" in odd.err) == (2, True)


def test_a_file_with_faults_is_refused_with_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    text = Path(SBIR).read_text(encoding="utf-8")
    path.write_text(text.replace('holder = "investor"\nissuer = "issuer"', 'holder = "issuer"\nissuer = "issuer"')
                    .replace('principal = "10000000.00"', 'principal = "0.00"'), encoding="utf-8")  # fmt: skip
    result = soc("schedule", str(path))
    assert result.code == 4
    assert "bond.holder and bond.issuer are one" in result.err
    assert "outcomes must be above zero" in result.err


def test_terms_without_a_bond_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    text = Path(SBIR).read_text(encoding="utf-8")
    path.write_text(text[: text.index("[bond]")], encoding="utf-8")
    result = soc("scenarios", str(path))
    assert (result.code, "sbir is no bond" in result.err) == (1, True)
