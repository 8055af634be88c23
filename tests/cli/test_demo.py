"""The story of both contracts: two builds are equal, the figures are those published, and a second opinion agrees."""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import chdir, closing
from pathlib import Path
from typing import Any

import pytest

from ledger.log import Log
from ledger.money import parse_kronor
from projections.redone import redone
from tests import oracle, oracle_tiers
from tests.cli.world import World


@pytest.fixture(scope="module")
def told(builds: tuple[Path, Path]) -> str:
    """What the demo printed."""
    return (builds[0] / "out").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def log(demo: World) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
    """The log as a second opinion reads it: bodies, and lines by position; nothing of the product is used."""
    with closing(sqlite3.connect(demo.database())) as file:
        rows = file.execute("SELECT position, body, beside FROM events ORDER BY position").fetchall()
    records = [json.loads(zlib.decompress(body)) for _, body, _ in rows]
    return records, {position: json.loads(zlib.decompress(beside)) for position, _, beside in rows if beside is not None}


# --- Two builds -----------------------------------------------------------------------------------------------------


def test_two_builds_give_the_same_root_and_tell_the_same_story(builds: tuple[Path, Path], demo: World, told: str) -> None:
    other = World(builds[1] / "demo", f"sqlite:///{builds[1] / 'demo' / 'ledger.db'}")
    assert demo.head() == other.head()
    assert demo.head()[0] > 200

    def plain(text: str) -> str:
        return re.sub(r"Built and shown in \d+ s", "", text)

    assert plain((builds[1] / "out").read_text(encoding="utf-8")) == plain(told)


def test_a_demo_is_not_built_over_another(demo: World) -> None:
    head = demo.head()
    result = demo.soc("demo", "--to", demo.folder, by=None)
    assert (result.code, result.out) == (1, "")
    assert "there is a ledger in" in result.err
    assert demo.head() == head


def test_every_file_that_was_sent_is_kept(demo: World, log: tuple[list[dict[str, Any]], Any]) -> None:
    import hashlib

    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (demo.folder / "files").rglob("*.*")}
    sent = {
        document["sha256"]
        for record in log[0]
        for document in record.get("evidence", ())
        if document["document"].endswith((".csv", ".xml")) and record["type"] != "TrendPublished@1"
    }
    assert sent
    assert sent <= kept
    assert len(list((demo.folder / "files").rglob("*.xml"))) >= 12


# --- Figures --------------------------------------------------------------------------------------------------------


def test_botkyrka_is_as_published(demo: World) -> None:
    found = demo.done("state", "botkyrka", "--as-of", "2020-02-29", "-O", "json").json
    assert 15_120_000 <= float(found["savings"]["determined"]) <= 15_160_000
    assert float(found["savings"]["net_days_avoided"]) > 7000
    assert found["forecast"] == {"method": "pro-rata", "months": 17, "ratio_to_investment": "1.40"}
    assert found["investment"] == {
        "total": "22900000.00",
        "internal": "14500000.00",
        "upfront": "4200000.00",
        "at_risk": "4200000.00",
        "worst_case": "25000000.00",
    }
    assert found["cap"]["at_savings"] == "34239130.41"
    assert found["break_even"]["provider"]["at_savings"] == "22826086.93"
    assert found["break_even"]["authority"]["at_savings"] == "22916666.67"
    assert found["label"] == "recorded (simulated ledger)"


def test_ornskoldsvik_is_as_published(demo: World) -> None:
    found = demo.done("state", "ornskoldsvik", "--as-of", "2020-02-29", "-O", "json").json
    assert 6_930_000 <= float(found["savings"]["determined"]) <= 6_970_000
    assert found["forecast"] == {"method": "pro-rata", "months": 16, "ratio_to_investment": "0.90"}
    assert found["investment"]["total"] == "17400000.00"
    assert found["cap"]["amount"] == "8660000.00"


@pytest.mark.parametrize(("contract", "savings"), [("botkyrka", "15142286.19"), ("ornskoldsvik", "6952756.74")])
def test_months_sent_as_paxml_move_no_figure(demo: World, contract: str, savings: str) -> None:
    """What the same absences come to if every month is sent as CSV."""
    assert demo.done("state", contract, "--as-of", "2020-02-29", "-O", "json").json["savings"]["determined"] == savings


@pytest.mark.parametrize(("contract", "number"), [("botkyrka", 14), ("ornskoldsvik", 13)])
def test_what_was_shown_before_the_true_up_is_what_it_recorded(demo: World, contract: str, number: int) -> None:
    extended = str(demo.folder / "files" / "methodologies" / "medium-scenario.toml")
    asked = ("--methodology", extended, "--periods", "2021-01..2021-06", "--known-at", "2021-10-19", "-O", "json")
    [shown] = demo.done("replay", contract, *asked).json["methodologies"]
    recorded = demo.done("statement", f"{contract}/D{number}", "-O", "json").json
    months = {month["month"]: month["savings"] for month in recorded["months"]}
    assert {month: shown["savings"]["by_month"][month] for month in months} == months
    entitled = demo.done("state", contract, "--as-of", "2021-06-30", "--known-at", "2021-10-25", "-O", "json").json
    assert shown["to_provider"] == entitled["balance"]["provider"]["entitled"]


@pytest.mark.parametrize(
    ("contract", "number", "causes"),
    [
        ("botkyrka", 4, ["facts recorded since"]),
        ("botkyrka", 14, ["window", "rounding"]),
        ("ornskoldsvik", 13, ["window"]),
    ],
)
def test_a_redo_says_why_to_the_ore(demo: World, contract: str, number: int, causes: list[str]) -> None:
    found = redone(Log.open(demo.ledger).facts(), contract, number)
    assert found is not None
    assert found.residual == (0, 0)
    assert [row[0] for row in found.by_cause()] == causes
    stated = demo.done("statement", f"{contract}/D{number}", "-O", "json").json
    assert parse_kronor(stated["entitlement"]["change"]) == found.entitlement


def test_both_contracts_end_with_nothing_left_to_pay(demo: World) -> None:
    for contract, closed_on in (("botkyrka", "2021-12-20"), ("ornskoldsvik", "2022-03-21")):
        found = demo.done("state", contract, "-O", "json").json
        assert found["closed_on"] == closed_on
        provider = found["balance"]["provider"]
        assert provider["entitled"] == provider["paid"]
        assert (provider["due"], provider["overpaid"]) == ("0.00", "0.00")
        assert found["undetermined_months"] == []


def test_nobody_is_paid_more_than_what_is_payable_on_any_day(demo: World) -> None:
    for contract in ("botkyrka", "ornskoldsvik"):
        for as_of in ("2019-04-30", "2019-08-31", "2019-12-31", "2020-04-30", "2020-08-31"):
            provider = demo.done("state", contract, "--as-of", as_of, "-O", "json").json["balance"]["provider"]
            assert provider["overpaid"] == "0.00"
            assert float(provider["paid"]) <= float(provider["payable"])


def test_check_is_silent(demo: World) -> None:
    result = demo.soc("check")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert demo.soc("check", "-O", "json").json["findings"] == []


# --- A second opinion -----------------------------------------------------------------------------------------------


def test_a_second_opinion_recomputes_every_determination_and_notice(log: tuple[list[dict[str, Any]], Any]) -> None:
    records, lines = log
    assert oracle.check(records, lines) == []
    assert sum(record["type"].startswith("SavingsDetermined@") for record in records) >= 28


BOTH_TIMES = [
    ("2018-11-30", "2018-12-31T23:00:00.000000Z"),
    ("2018-12-31", "2019-03-20T12:00:00.000000Z"),
    ("2019-03-31", "2019-06-13T12:00:00.000000Z"),
    ("2019-08-31", "2019-09-10T21:59:59.999999Z"),
    ("2019-08-31", "2019-09-18T12:00:00.000000Z"),
    ("2019-08-13", "2020-06-16T12:00:00.000000Z"),
    ("2019-12-31", "2020-03-13T12:00:00.000000Z"),
    ("2020-02-29", "2020-06-15T06:59:59.999999Z"),
    ("2020-02-29", "2020-06-15T09:00:00.000000Z"),
    ("2021-12-31", "2020-06-16T12:00:00.000000Z"),
    ("2020-12-31", "2021-01-20T09:15:00.000000Z"),
    ("2020-12-31", "2021-01-25T23:00:00.000000Z"),
    ("2021-06-30", "2021-10-20T12:00:00.000000Z"),
    ("2021-06-30", "2021-10-25T12:00:00.000000Z"),
    ("2021-11-14", "2021-11-14T22:00:00.000000Z"),
    ("2022-04-15", "2022-04-15T22:00:00.000000Z"),
]
"""As of, known at."""


def _differing(ours: Any, theirs: Any, key: str = "") -> Iterator[str]:
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name, inner in theirs.items():
            yield from _differing(ours.get(name, "nothing"), inner, f"{key}.{name}")
    elif ours != theirs:
        yield f"{key}: {ours}, a second opinion: {theirs}"


@pytest.mark.parametrize("contract", ["botkyrka", "ornskoldsvik"])
@pytest.mark.parametrize(("as_of", "known_at"), BOTH_TIMES)
def test_a_second_opinion_gives_the_same_state_on_both_axes(
    demo: World, log: tuple[list[dict[str, Any]], Any], contract: str, as_of: str, known_at: str
) -> None:
    ours = demo.done("state", contract, "--as-of", as_of, "--known-at", known_at, "-O", "json").json
    theirs = oracle.state(log[0], contract, as_of, known_at)
    assert list(_differing(ours, theirs)) == []
    assert ours["known_at"] == known_at
    assert set(theirs) <= set(ours)


# --- What rests on what ---------------------------------------------------------------------------------------------


def test_the_story_says_what_is_published_derived_assumed_estimated_and_synthetic(told: str) -> None:
    opening = told[: told.index("2018-09-24")]
    for status in ("published", "derived", "assumed", "estimated", "synthetic"):
        assert re.search(rf"^ +{status} +\w", opening, re.MULTILINE), status
    closing = told[told.index("Beside what was published") :]
    assert "synthetic absences" in closing
    assert "dates of payment are assumed" in closing
    assert "published:" in closing


def _blocks(told: str) -> dict[str, str]:
    """What each question that the demo asked was answered."""
    parts = re.split(r"^\$ soc ((?:.*\\\n)*.*)$", told, flags=re.MULTILINE)
    commands = [re.sub(r"\s*\\\n\s*", " ", command) for command in parts[1::2]]
    return {command: answer.split("─" * 100)[0] for command, answer in zip(commands, parts[2::2], strict=True)}


def test_every_answer_shown_says_that_its_ledger_is_simulated_and_what_it_rests_on(told: str) -> None:
    blocks = _blocks(told)
    assert len(blocks) >= 6
    for command, answer in blocks.items():
        if command.startswith("verify"):  # it sees the bundle alone
            assert "This ledger is simulated" in answer
            assert re.search(r"SHA-256 [0-9a-f]{64}", answer)
            continue
        assert ("simulation" if command.startswith(("replay", "tiered what-if")) else "recorded (simulated ledger)") in answer, (
            command
        )
        assert re.search(r"record \d+ · fingerprint [0-9a-f]{16}", answer), command


def test_every_state_shown_says_what_is_assumed_and_preliminary(told: str) -> None:
    states = {one: answer for one, answer in _blocks(told).items() if one.startswith("state") and "--against" not in one}
    assert len(states) >= 4
    for command, answer in states.items():
        assert "Assumed, not published: " in answer, command
        assert "preliminary: it rests on trend values that are not published figures" in answer, command


def test_what_the_demo_answers_is_what_a_user_would_be_answered(demo: World, told: str) -> None:
    with chdir(demo.folder.parent):
        for command, answer in _blocks(told).items():
            assert demo.soc(*command.split(), by=None).out.strip() == answer.split("Beside what")[0].strip(), command


def test_terms_and_determinations_say_the_status_of_their_figures(demo: World) -> None:
    shown = demo.done("contract", "show", "ornskoldsvik").out
    for status in ("published", "derived", "assumed"):
        assert re.search(rf"\b{status}\b", shown)
    assert "Findings: the published figures do not agree with each other" in shown
    register = demo.done("register", "botkyrka", "-O", "json").json["records"]
    determined = [record["says"] for record in register if record["type"].startswith("SavingsDetermined@")]
    first = [said for said in determined if "2018" in said or "2019" in said or "2020-01..2020-02" in said]
    assert sum("preliminary" in said for said in first) == len(first) - 1  # 2020Q1 was published


def test_the_portfolio_says_what_is_assumed(demo: World) -> None:
    assert "ssumed" in demo.done("portfolio").out


def test_the_demo_tells_where_to_look_further(demo: World, told: str) -> None:
    further = re.findall(r"^  soc (.*?)(?:  .*)?$", told[told.index("Look further") :], re.MULTILINE)
    assert len(further) >= 4
    for command in further:
        if "FILE" in command:
            continue  # any two methodologies
        with chdir(demo.folder.parent):
            assert demo.soc(*command.split(), by=None).code in (0, 1), command
    assert "SOC_LEDGER=sqlite:///demo/ledger.db" in told


# ── The disputes ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _provider(demo: World, as_of: str, known_at: str) -> dict[str, str]:
    state = demo.done("state", "botkyrka", "--as-of", as_of, "--known-at", known_at, "-O", "json", by=None).json
    return {key: state["balance"]["provider"][key] for key in ("payable", "paid", "held", "due")}


def test_botkyrka_holds_what_it_disputes_and_pays_the_rest(demo: World) -> None:
    """Half a million of the claim of January and February 2020 (rules.md: about 496 000) is held from the day it is payable."""
    assert _provider(demo, "2020-08-19", "2020-08-19")["held"] == "0.00"
    assert _provider(demo, "2020-08-20", "2020-08-19") == {
        "payable": "2786180.66",
        "paid": "1837451.83",
        "held": "496035.55",
        "due": "452693.28",
    }
    assert _provider(demo, "2020-12-01", "2020-12-01") == {
        "payable": "2786180.66",
        "paid": "2290145.11",
        "held": "496035.55",
        "due": "0.00",
    }
    assert _provider(demo, "2021-01-20", "2021-01-20")["due"] == "496035.55"


def test_the_sum_through_february_2020_is_the_same_as_known_at_any_time(demo: World) -> None:
    for known_at in ("2020-06-30", "2020-09-01", "2021-02-01", "2022-04-01"):
        state = demo.done("state", "botkyrka", "--as-of", "2020-02-29", "--known-at", known_at, "-O", "json", by=None).json
        assert state["savings"]["determined"] == "15142286.19"


def test_the_dossier_says_what_separates_the_parties(demo: World) -> None:
    found = demo.done("dossier", "botkyrka/X1", "-O", "json", by=None).json
    determined, payer = found["positions"]
    assert parse_kronor(payer["savings"]) - parse_kronor(determined["savings"]) == -269584539
    causes = {cause["cause"]: parse_kronor(cause["savings"]) for cause in payer["causes"]}
    assert causes.keys() <= {"trend", "rounding"}
    assert sum(causes.values()) == -269584539
    assert abs(causes.get("rounding", 0)) <= 2
    assert found["dispute"]["ended"]["how"] == "settled"


def test_the_true_up_makes_the_second_dispute_moot(demo: World) -> None:
    rows = {row["id"]: row for row in demo.done("dispute", "list", "botkyrka", "-O", "json", by=None).json["disputes"]}
    assert (rows["botkyrka/X2"]["status"], rows["botkyrka/X2"]["ended_on"]) == ("moot", "2021-10-25")


@pytest.mark.parametrize("number", [1, 2, 4, 7, 8, 13, 14, 15])
def test_every_fact_behind_a_determination_is_accounted_for(demo: World, number: int) -> None:
    found = demo.done("explain", f"botkyrka/D{number}", "-O", "json", by=None).json
    assert found["sound"]
    assert (found["coverage"]["residual_not_zero"], found["coverage"]["left_over"]) == ([], 0)
    assert found["coverage"]["facts"] > 1000 or number in (8, 14)  # months that are agreed, not measured


# ── Norrköping ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_norrkoping_pays_the_guaranteed_part_alone(demo: World) -> None:
    """Published: 40 % guaranteed on activity, no saving in two years of follow-up. The amounts are synthetic."""
    found = demo.done("tiered", "state", "norrkoping", "--as-of", "2021-04-30", "-O", "json", by=None).json
    investor = found["parties"]["investor"]
    assert parse_kronor(investor["entitled"]) * 10 == parse_kronor(found["amounts"]["activity-cost"]) * 4
    assert (investor["guaranteed"], investor["due"]) == (investor["entitled"], "0.00")
    assert parse_kronor(found["amounts"]["savings"]) < 0
    assert all("synthetic" in source for source in found["sources"].values())


def test_a_second_opinion_recomputes_what_is_settled_by_tiers(log: tuple[list[dict[str, Any]], Any]) -> None:
    assert oracle_tiers.check(log[0]) == []
    assert sum(record["type"] == "TiersDetermined@1" for record in log[0]) >= 2
