"""A methodology that counts other days, adopted with the one before measured beside it: seen, determined, explained, checked and
verified.

The tiny contract compares with 60 net days a month of 2018 and 150 employees: 60 ÷ (150 × weekdays). In April 2019 four weeks of
absence of one employee come to 30 ordinary net days: days 1 to 14 of them are ten weekdays, 1 to 20 fifteen.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_bundle import export
from tests.cli.world import BOTH, METHODOLOGY, PAYROLL, Q2, Result, World, absences, copy, trend, workforce

LONGER = METHODOLOGY.replace('"tiny-2019"', '"days-1-20"').replace(
    'kind = "short-term-net-days@1"', 'kind = "net-days@1"\nfirst_day_counted = 1\nlast_day_counted = 20'
)
PAYER = ("--audience", "payer")
FOUR_WEEKS = "S7100,Skolan,2019-04-01,2019-04-28,100,sick\n"


def adopt(world: World, beside: str | None = "2019Q2", from_: str = "2019-04-01", content: str = LONGER) -> Result:
    """Adopt the methodology that counts days 1 to 20."""
    more = [] if beside is None else ["--beside", beside]
    return world.soc("methodology", "adopt", "tiny", world.file("longer.toml", content), "--from", from_, *BOTH, *more)


def beside(world: World, *more: str) -> Any:
    """``soc methodology beside -O json`` for the employer."""
    return world.done("methodology", "beside", "tiny", *PAYER, "-O", "json", *more, by=None).json


def report(world: World) -> World:
    """… with the second quarter reported, four weeks of absence in April among it."""
    world.done("import", "workforce", "tiny", world.file("q2.csv", workforce(Q2)), at="2019-09-12T08:00")
    file = world.file("absences-q2.csv", absences(Q2, 5, 1) + FOUR_WEEKS)
    world.done(
        "import", "absences", "tiny", file, "--source", "payroll", "--complete", "2019Q2", by=PAYROLL, at="2019-09-12T08:10"
    )
    world.done("import", "trend", world.file("trend-q2.csv", trend(["2019Q2"])), at="2019-09-12T08:20")
    world.at = "2019-09-12T08:30"
    return world


@pytest.fixture
def adopted(settled: World) -> World:
    """Adopted from April on, beside the contract's own in the second quarter."""
    assert adopt(settled).code == 0
    return settled


@pytest.fixture
def determined(adopted: World) -> World:
    """… with the second quarter determined."""
    report(adopted).done("determine", "tiny", "2019Q2", at="2019-09-12T09:00")
    adopted.at = "2019-09-12T10:00"
    return adopted


# ── Adopting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_adoption_says_what_is_measured_beside_it(settled: World) -> None:
    said = adopt(settled).out
    assert "tiny measures by days-1-20 (version 1) from 2019-04-01" in said
    assert "the one before is measured beside it in 2019Q2, which moves no money; see it with:" in said
    assert "soc methodology beside tiny" in said
    register = " ".join(settled.done("register", "tiny", by=None).out.split())
    assert (
        "days-1-20 adopted from 2019-04-01, agreed by payer, external provider; the one before is measured beside it" in register
    )


def test_the_same_adoption_again_is_said_and_another_period_is_another(settled: World) -> None:
    assert adopt(settled).code == 0
    assert adopt(settled).out.startswith("Already recorded")
    assert adopt(settled, "2019-04").out.startswith("Recorded")


@pytest.mark.parametrize(
    ("period", "from_", "said"),
    [
        ("2019-03..2019-06", "2019-04-01", "begins before 2019-04-01"),
        ("2019-10..2020-01", "2019-04-01", "the contract's last month is 2019-12"),
        ("2019-01", "2019-01-01", "no methodology is in force before 2019-01-01"),
    ],
)
def test_nothing_is_measured_beside_where_nothing_can_be(settled: World, period: str, from_: str, said: str) -> None:
    result = adopt(settled, period, from_)
    assert result.code == 1
    assert said in result.err
    assert ("months" if "last month" in said else "governance.agrees") in result.err


def test_a_contract_without_any_says_how_one_is_agreed(settled: World) -> None:
    result = settled.soc("methodology", "beside", "tiny", by=None)
    assert result.code == 1
    assert "nothing is measured beside the methodology of tiny" in result.err
    assert "--beside PERIOD" in result.err


# ── Side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_before_anything_is_determined_both_are_simulations(adopted: World) -> None:
    [one] = beside(report(adopted))["adoptions"]
    assert [(month["new"]["label"], month["before"]["label"]) for month in one["months"]] == [("simulation", "simulation")] * 3
    assert one["missing"] == []


def test_what_is_missing_is_said_and_nothing_is_guessed(adopted: World) -> None:
    [one] = beside(adopted)["adoptions"]
    assert one["months"] == []
    assert one["missing"] == ["2019-04: headcounts are missing", "2019Q2: no value of tiny-index is recorded"]
    assert "No month of the period can be compared yet." in adopted.done("methodology", "beside", "tiny", *PAYER, by=None).out


def test_month_by_month_both_are_told_in_days_kronor_and_entitlement(determined: World) -> None:
    found = beside(determined)
    assert (found["contract"], found["currency"], found["vat"]) == ("tiny", "SEK", "excluded")
    [one] = found["adoptions"]
    assert (one["from"], one["beside"], one["note"]) == (
        "2019-04-01",
        "2019Q2",
        "before: simulation: measured beside, moves no money",
    )
    assert [one["methodologies"][side]["name"] for side in ("new", "before")] == ["days-1-20", "tiny-2019"]
    april, may, june = one["months"]
    assert april["new"] == {
        "label": "recorded",
        "net_days": "45.00",
        "expected": "62.86",
        "avoided": "17.86",
        "savings": "35714.29",  # (60 × 22 ÷ 21 − 45) × 2 000
        "entitled": "7142.86",
    }
    assert april["before"] == {
        "label": "simulation",
        "net_days": "40.00",
        "expected": "62.86",
        "avoided": "22.86",
        "savings": "45714.29",
        "entitled": "9142.86",
    }
    assert april["difference"] == {"savings": "-10000.00", "entitled": "-2000.00"}
    assert [month["difference"] for month in (may, june)] == [{"savings": "0.00", "entitled": "0.00"}] * 2
    assert (one["in_all"]["savings_difference"], one["in_all"]["entitled_difference"]) == ("-10000.00", "-2000.00")
    assert (one["not_compared"], one["missing"], one["not_determined_before"]) == ([], [], [])


def test_text_and_csv_say_the_same(determined: World) -> None:
    text = determined.done("methodology", "beside", "tiny", *PAYER, by=None).out.replace("\u2009", " ")
    assert text.startswith("tiny: methodologies side by side as of 2019-09-12\nknown at 2019-09-12 09:00:00 · record")
    for said in ("days-1-20 beside tiny-2019", "simulation: measured beside, moves no money", "−10 000.00", "45.00", "40.00"):
        assert said in text
    rows = list(csv.DictReader(io.StringIO(determined.done("methodology", "beside", "tiny", *PAYER, "-O", "csv", by=None).out)))
    assert [(row["month"], row["methodology"], row["label"]) for row in rows[:2]] == [
        ("2019-04", "days-1-20", "recorded"),
        ("2019-04", "tiny-2019", "simulation"),
    ]


def test_months_that_end_later_are_left_out_and_earlier_knowledge_answers_as_then(determined: World) -> None:
    [one] = beside(determined, "--as-of", "2019-05-31")["adoptions"]
    assert [month["month"] for month in one["months"]] == ["2019-04", "2019-05"]
    before = determined.head()[0] - 1
    [one] = beside(determined, "--known-at", str(before), "--as-of", "2019-08-01")["adoptions"]
    assert {month["new"]["label"] for month in one["months"]} == {"simulation"}


def test_months_agreed_otherwise_since_are_not_compared(determined: World) -> None:
    assert adopt(determined, None, "2019-06-01", METHODOLOGY.replace('"tiny-2019"', '"back-again"')).code == 0
    [one] = beside(determined)["adoptions"]
    assert [month["month"] for month in one["months"]] == ["2019-04", "2019-05"]
    assert one["not_compared"] == [{"month": "2019-06", "why": "measured by back-again, as was agreed since"}]


def test_an_adoption_from_a_month_determined_before_tells_what_is_recorded_on_either_side(settled: World) -> None:
    """The quarter was determined by the contract's own; the new one is a simulation until it is determined again."""
    report(settled).done("determine", "tiny", "2019Q2", at="2019-09-12T09:00")
    settled.at = "2019-09-12T10:00"
    assert adopt(settled).code == 0
    [one] = beside(settled)["adoptions"]
    assert [(month["new"]["label"], month["before"]["label"]) for month in one["months"]] == [("simulation", "recorded")] * 3
    assert one["note"] == "before: recorded until the months are determined again by the new one"
    again = one["in_all"]
    settled.done("determine", "tiny", "2019Q2", "--redo", "--reason", "agreed", at="2019-09-13T09:00")
    settled.at = "2019-09-13T10:00"
    [one] = beside(settled)["adoptions"]
    assert [(month["new"]["label"], month["before"]["label"]) for month in one["months"]] == [("recorded", "simulation")] * 3
    assert one["in_all"] == again


# ── Everywhere else ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_of_it_moves_money(settled: World, tmp_path: Path) -> None:
    """The same record without ``--beside`` stands at the same."""
    figures = []
    for period, world in (("2019Q2", settled), (None, copy(settled, tmp_path / "without"))):
        assert adopt(world, period).code == 0
        report(world).done("determine", "tiny", "2019Q2", at="2019-09-12T09:00")
        world.at = "2019-09-12T10:00"
        state = world.state()
        figures.append({key: value for key, value in state.items() if key not in ("basis", "known_at")})
    assert figures[0] == figures[1]


def test_a_determination_by_other_days_is_explained_and_stated(determined: World) -> None:
    explained = determined.done("explain", "tiny/D2", "--audience", "payer", "--depth", "all", "-O", "json", by=None).out
    assert "days 1 to 20 of each sick-pay period" in explained
    assert "1–20" in explained
    statement = determined.done("statement", "tiny/D2", by=None).out
    assert "days 1 to 20" in " ".join(statement.split())
    findings = " ".join(statement.split())
    assert "absences of the 100 days before are not complete" in findings, "2018 begins the record: its first months lack history"
    assert "every figure recomputed: no difference" in determined.soc("check", by=None).out


@pytest.mark.parametrize("audience", ["payer", "public"])
def test_both_verifiers_recompute_it_with_lines_and_without(determined: World, audience: str) -> None:
    determined.done("seal", "new-key", "tiny.se/economy", determined.folder / "key")
    determined.done("seal", "--key", determined.folder / "key")
    members = export(determined, "--audience", audience)
    script, file = determined.file("verify.py", members["verify.py"]), determined.folder / "bundle.zip"
    theirs = subprocess.run([sys.executable, "-I", str(script), str(file), "-O", "json"], capture_output=True, check=False)
    ours = determined.soc("verify", file, "-O", "json")
    assert ours.out.encode() == theirs.stdout
    verdict = json.loads(theirs.stdout)
    assert verdict["bad"] == []
    assert verdict["parts"]["recomputed"]["determinations"] == 2
    if audience == "public":
        totals = [json.loads(line) for line in members["totals.jsonl"].splitlines()]
        assert {tuple(row["numbers"]) for row in totals if "numbers" in row} == {(1, 20)}
        assert {row["month"] for row in totals if "numbers" in row} == {*Q2, "2018-04", "2018-05", "2018-06"}
