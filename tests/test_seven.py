"""The seven authorities that were planned: exactly the plan's size and investment, the same twice, determined to the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fixtures.fleet import fleet
from fixtures.seven import ARTICLE, ID, PARAMETER, Plan, divided, programme, seven
from ledger.findings import findings
from tests.cli.world import run

SMALL = ("--employees", "140", "--euro", "42420", "--months", "6")


def test_the_plan_is_met_to_the_person_and_the_ore() -> None:
    made = seven(Plan())
    assert sum(one.employees for one in made.members) == 33_000
    assert sum(one.terms.investment.total for one in made.members) == 10_000_000 * 10 * 100
    assert [one.id for one in made.members] == [f"kommun-{number}" for number in range(1, 8)]
    assert made.members[0].terms.months == 36


def test_the_terms_agree_with_themselves_as_a_fleets_do() -> None:
    drawn = fleet(7, 4714, 36).members
    for one, before in zip(seven(Plan()).members, drawn, strict=True):
        terms = one.terms
        assert terms.internal + terms.upfront_agreed + terms.at_risk == terms.investment.total
        assert terms.outcome.maximum_payment * 2 == 3 * terms.at_risk
        assert len(list(findings(terms))) == len(list(findings(before.terms)))
        assert 40_000 <= one.effect_ppm <= 201_000
        assert "(synthetic)" in terms.parties["payer"]


@pytest.mark.parametrize(("whole", "weights"), [(10, [1, 1, 1]), (7, [5, 1, 1]), (0, [1, 2]), (33_000, [3, 1, 4, 1, 5, 9, 2])])
def test_a_whole_is_divided_without_remainder(whole: int, weights: list[int]) -> None:
    parts = divided(whole, weights)
    assert sum(parts) == whole
    assert all(abs(part * sum(weights) - whole * weight) < sum(weights) for part, weight in zip(parts, weights, strict=True))


def test_another_size_is_said_to_be_a_parameter() -> None:
    plan, other = Plan(), Plan(employees=140, euro=42_000, rate="10.5")
    stated = programme(plan, seven(plan)).stated
    assert [(one.value, one.unit, one.status, one.source) for one in stated] == [
        ("10000000", "EUR", "published", ARTICLE),
        ("33000", "employees", "published", ARTICLE),
    ]
    parameters = programme(other, seven(other))
    assert {(one.status, one.source) for one in (*parameters.stated, *parameters.rates)} == {("assumed", PARAMETER)}


def test_it_is_built_from_the_command_line_the_same_twice(tmp_path: Path) -> None:
    one, other = (run(["programme", "demo", "--to", str(tmp_path / name), *SMALL]) for name in ("one", "other"))
    assert one.code == other.code == 0
    assert one.out.replace(str(tmp_path / "one"), "") == other.out.replace(str(tmp_path / "other"), "")
    assert "All of it is synthetic." in one.out
    assert run(["programme", "demo", "--to", str(tmp_path / "one"), *SMALL]).code == 1
    ledger = ["--ledger", f"sqlite:///{tmp_path / 'one' / 'ledger.db'}"]
    answer = json.loads(run([*ledger, "programme", "state", ID, "-O", "json"]).out)
    assert answer["whole"]["determined_through"] == "2019-06-30"
    assert answer["whole"]["investment"] == "424200.00"
    assert [(one["unit"], one["computed"], one["agrees"]) for one in answer["stated"]] == [
        ("EUR", "42420.00", True),
        ("employees", "140", True),
    ]
    assert run([*ledger, "check"]).code == 0
    early = json.loads(run([*ledger, "programme", "state", ID, "--as-of", "2018-12-31", "-O", "json"]).out)
    assert len(early["contracts"]) == 7


@pytest.mark.parametrize("wrong", [["--rate", "ten"], ["--rate", "0"], ["--euro", "1", "--rate", "0.01"]])
def test_what_comes_to_no_investment_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    result = run(["programme", "demo", "--to", str(tmp_path / "none"), *wrong])
    assert (result.code, (tmp_path / "none").exists()) == (2, False)
