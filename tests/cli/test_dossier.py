"""The dossier as both parties get it: one version, everything that was said, and nothing that is not on record."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from ledger.money import parse_kronor
from tests.cli.world import BOTH, METHODOLOGY, PAYER, World, copy

PROVIDER = "F. Frisk, external_provider"
RAISE = ("dispute", "raise", "tiny/D1", "--by", "payer", "--on", "2019-06-20", "--grounds", "too dear")


@pytest.fixture(scope="module")
def _disputed(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("disputed")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").notified()
    world.at = "2019-06-25T09:00"
    cheaper = world.file("cheaper.toml", METHODOLOGY.replace("2000.00", "1500.00").replace("tiny-2019", "cheaper"))
    letter = world.file("objection.txt", "We object.\n")
    world.done(*RAISE, "--methodology", cheaper, "--evidence", letter)
    answer = ("dispute", "answer", "tiny/X1", "--by", "external_provider", "--on", "2019-06-25", "--answer", "as agreed")
    world.done(*answer, "--savings", "180000", by=PROVIDER)
    return world


@pytest.fixture
def disputed(_disputed: World, tmp_path: Path) -> World:
    """The payer holds that a day is worth 1 500, the provider that the quarter saved 180 000."""
    return copy(_disputed, tmp_path)


def dossier(world: World, *args: str, by: str | None = None) -> Any:
    return world.done("dossier", "tiny/X1", *args, "-O", "json", by=by).json


def page(world: World, *args: str, by: str | None = None) -> str:
    return world.done("dossier", "tiny/X1", *args, "-O", "html", by=by).out


def ore(kronor: str) -> int:
    return parse_kronor(kronor)


def test_it_is_the_same_for_whoever_makes_it_and_whenever(disputed: World) -> None:
    mine, position = page(disputed, by=PAYER), str(disputed.head()[0])
    assert mine == page(disputed, by=PROVIDER)
    withdrawn = ("dispute", "withdraw", "tiny/X1", "--on", "2019-06-26", "--reason", "found to be right")
    disputed.done(*withdrawn, by=PAYER, at="2019-06-26T09:00")
    disputed.at = "2019-06-27T09:00"
    assert page(disputed, "--known-at", position, "--as-of", "2019-06-25") == mine
    assert page(disputed) != mine


def test_both_positions_stand_beside_what_was_determined(disputed: World) -> None:
    found = dossier(disputed)
    determined, payer, provider = found["positions"]
    shown = disputed.done("dispute", "show", "tiny/X1", "-O", "json", by=None).json
    assert [determined["savings"], payer["savings"], provider["savings"]] == [shown["disputed"], shown["position"], "180000.00"]
    assert (determined["savings"], payer["savings"]) == ("174545.45", "130909.09")
    for side in found["positions"]:
        assert sum(ore(month["savings"]) for month in side["by_month"]) == ore(side["savings"])
    assert provider["causes"] is None


def test_the_causes_of_a_computed_position_add_up_with_nothing_left_over(disputed: World) -> None:
    determined, payer, _ = dossier(disputed)["positions"]
    assert [cause["cause"] for cause in payer["causes"] if ore(cause["savings"]) not in (0, 1, -1)] == ["price"]
    assert sum(ore(cause["savings"]) for cause in payer["causes"]) == ore(payer["savings"]) - ore(determined["savings"])
    entitlement = ore(payer["entitlement_in_all"]) - ore(determined["entitlement_in_all"])
    assert sum(ore(cause["entitlement"]) for cause in payer["causes"]) == entitlement
    assert payer["residual"] == ["0", "0"]


def test_what_is_held_follows_the_days(disputed: World) -> None:
    rows = dossier(disputed, "--as-of", "2019-09-01")["held"]
    state = disputed.state("--as-of", "2019-09-01")["balance"]["provider"]
    assert [(row["on"], row["held"]) for row in rows] == [
        ("2019-06-20", "0.00"),
        ("2019-08-13", state["held"]),
        ("2019-09-01", state["held"]),
    ]
    assert state["held"] == "8727.27"


def test_every_end_is_given_through_the_sharing(disputed: World) -> None:
    found = dossier(disputed)
    ends = {each["name"]: each for each in found["alternatives"]}
    determined, payer, _ = found["positions"]
    assert ends["rejected: as determined"]["savings"] == determined["savings"]
    assert ends["upheld: as its position says"]["entitlement"] == payer["entitlement_in_all"]
    half = (ore(determined["savings"]) + ore(payer["savings"])) / 2
    assert abs(ore(ends["settled half-way between"]["savings"]) - half) <= 3
    assert ends["by tiny-2019"]["savings"] == determined["savings"]


def test_every_document_relied_on_is_named_with_its_fingerprint(disputed: World) -> None:
    documents = {one["document"]: one["sha256"] for one in dossier(disputed)["documents"]}
    assert documents["objection.txt"] == hashlib.sha256(b"We object.\n").hexdigest()
    assert {"objection.txt", "cheaper.toml"} < documents.keys()
    assert sum(bool(name.endswith(".csv")) for name in documents) >= 3


def test_the_decisions_say_what_was_known_then(disputed: World) -> None:
    found = dossier(disputed)
    assert [one["type"].partition("@")[0] for one in found["decisions"]] == [
        "SavingsDetermined",
        "SavingsNotified",
        "DisputeRaised",
        "DisputeAnswered",
    ]
    assert all(one["off"] == {"savings": "0.00", "entitlement": "0.00"} for one in found["decisions"])


def test_the_explanations_come_out(disputed: World) -> None:
    recorded, position = dossier(disputed)["explanations"]
    assert recorded["explanation"]["value"] == "34909.09"
    assert position["explanation"]["value"] == "130909.09"
    assert all("residual 0.00" in one["proof"] for one in (recorded, position))


def test_the_page_needs_nothing_else_and_says_so_in_text_too(disputed: World) -> None:
    html, text = page(disputed), disputed.done("dossier", "tiny/X1", "-O", "text", by=None).out
    assert not re.findall(r"<script|<iframe|<object|\ssrc=|@import|url\((?!data:)", html)
    assert [link for link in re.findall(r'href="([^"]*)"', html) if not link.startswith(("#", "data:"))] == []
    assert html.count("<svg") == 2
    assert len(html) < 2_000_000
    for said in ("too dear", "as agreed", "130\u2009909.09", "cheaper", "180\u2009000.00", "settlement.objection_days"):
        assert said in text, said
        assert said in re.sub(r"</?span[^>]*>", "", html), said


def test_a_disputed_payment_has_a_dossier(disputed: World) -> None:
    disputed.at = "2019-08-14T09:00"
    payment = ("pay", "outcome", "tiny", "20000", "--on", "2019-08-14", "--invoice", "F1", "--made", "--bank-reference", "BG")
    disputed.done(*payment, by=PAYER)
    raised = ("dispute", "raise", "tiny/P1", "--by", "external_provider", "--on", "2019-08-14", "--grounds", "it never came")
    disputed.done(*raised, "--amount", "0", by=PROVIDER)
    found = disputed.done("dossier", "tiny/X2", "-O", "json", by=None).json
    assert [side["amount"] for side in found["positions"]] == ["20000.00", "0.00"]
    html = disputed.done("dossier", "tiny/X2", "-O", "html", by=None).out
    assert "it never came" in html
    assert "<svg" not in html


def test_one_that_a_redo_made_moot_says_so(disputed: World) -> None:
    disputed.at = "2019-06-26T09:00"
    other = disputed.file("other.toml", METHODOLOGY.replace("2000.00", "1900.00").replace("tiny-2019", "other"))
    disputed.done("methodology", "adopt", "tiny", other, "--from", "2019-01-01", *BOTH)
    disputed.done("determine", "tiny", "2019Q1", "--redo", "--reason", "agreed anew")
    found = dossier(disputed)
    assert (found["dispute"]["status"], found["dispute"]["ended"]["determination"]) == ("moot", "tiny/D2")
    assert [each["type"].partition("@")[0] for each in found["arrived"]][-2:] == ["MethodologyAdopted", "SavingsDetermined"]


def test_only_disputes_have_one(disputed: World) -> None:
    assert disputed.soc("dossier", "tiny/D1", by=None).code == 2
    assert disputed.soc("dossier", "tiny/X9", by=None).code == 2
