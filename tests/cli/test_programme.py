"""``soc programme`` and ``soc party`` as users run them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.tiered_world import KIDS, KIDS_MEASURED
from tests.cli.world import BOTH, MANAGER, METHODOLOGY, STRANGER, TERMS, Result, World, copy

PROGRAMME = """\
id = "both"
name = "Both of them"
contracts = ["tiny", "small"]
from_on = 2019-01-03

[[stated]]
figure = "investment"
words = "about 2 million"
value = "2000000"
unit = "SEK"
nearest = "1000000"
status = "published"
source = "a leaflet"

[[stated]]
figure = "employees"
words = "some 150"
value = "150"
unit = "employees"
nearest = "10"
status = "assumed"
source = "a leaflet"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The tiny contract settled, and a second one, signed by the same parties with another provider, without any report."""
    folder = tmp_path_factory.mktemp("programmes")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").settled()
    second = TERMS.replace('id = "tiny"', 'id = "small"').replace("Friskare AB", "Piggare AB").replace("1000000.00", "1200000.00")
    world.done("contract", "sign", world.file("small.toml", second), "--on", "2019-01-03")
    world.done("methodology", "adopt", "small", world.file("m.toml", METHODOLOGY), "--from", "2019-01-01", *BOTH)
    return world


@pytest.fixture
def world(built: World, tmp_path: Path) -> World:
    return copy(built, tmp_path / "copy")


def form(world: World, content: str = PROGRAMME, *args: str, by: str = MANAGER) -> Result:
    return world.soc("programme", "form", world.file("both.toml", content), *args, by=by)


def plain(text: str) -> str:
    return text.replace("\u2009", " ")


# ── Forming and changing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_formed_once_and_says_what_it_comes_to(world: World) -> None:
    rehearsed = form(world, PROGRAMME, "--dry-run")
    head = world.head()
    first, second = form(world), form(world)
    assert rehearsed.code == first.code == second.code == 0
    assert rehearsed.out.startswith("Would record record ")
    assert rehearsed.out.endswith("This was a dry run: nothing was recorded.\n")
    assert "investment 2 200 000.00, outcome payments at most 600 000.00 SEK" in plain(first.out)
    assert second.out.startswith("Already recorded as record ")
    assert world.head()[0] == head[0] + 1


def test_a_stranger_and_a_file_with_faults_are_refused_and_nothing_is_recorded(world: World) -> None:
    before = world.head()
    stranger = form(world, by=STRANGER)
    assert (stranger.code, "technical_advisor may not do this" in stranger.err) == (1, True)
    faulty = form(world, PROGRAMME.replace("2019-01-03", "soon"))
    assert (faulty.code, "both.toml" in faulty.err) == (4, True)
    unknown = form(world, PROGRAMME.replace('"small"', '"large"'))
    assert (unknown.code, "no contract large that is measured by sick leave is on record" in unknown.err) == (1, True)
    assert world.head() == before


def test_contracts_leave_and_join_again(world: World) -> None:
    form(world)
    leave = ("programme", "leave", "both", "small", "--from", "2019-03-01", *BOTH, "--reason", "ended")
    join = ("programme", "join", "both", "small", "--from", "2019-03-01", *BOTH, "--reason", "back")
    assert world.done(*leave).out.startswith("Recorded record ")
    assert world.done(*leave).out.startswith("Already recorded as ")
    assert world.done(*join).out.startswith("Recorded record ")
    assert world.done(*leave).out.startswith("Recorded record ")
    held = world.done("programme", "list", "-O", "json").json["programmes"]
    assert held == [{"programme": "both", "name": "Both of them", "formed_from": "2019-01-03", "contracts": ["tiny"]}]
    shown = world.done("programme", "show", "both", "-O", "json").json
    assert [one["contracts"] for one in shown["changes"]] == [["tiny", "small"], ["tiny"], ["tiny", "small"], ["tiny"]]
    said = "programme both: small leaves from 2019-03-01, agreed by payer, external provider: ended"
    assert [one["said"] for one in shown["changes"]][1::2] == [said, said]


def test_a_change_of_an_unknown_programme_is_a_usage_error(world: World) -> None:
    result = world.soc("programme", "join", "none", "tiny", "--from", "2019-03-01", *BOTH, "--reason", "x")
    assert (result.code, "no programme none is on record" in result.err) == (2, True)


# ── The state ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_state_sums_what_each_contract_says(world: World) -> None:
    form(world)
    answer = world.done("programme", "state", "both", "-O", "json").json
    tiny = world.done("state", "tiny", "-O", "json").json
    each, whole = {one["contract"]: one for one in answer["contracts"]}, answer["whole"]
    assert each["tiny"]["entitled"] == tiny["balance"]["provider"]["entitled"] == whole["entitled"]
    assert (whole["investment"], whole["savings"], whole["maximum"]) == ("2200000.00", tiny["savings"]["determined"], "600000.00")
    assert (whole["determined_through"], whole["forecast_ratio"], each["small"]["savings"]) == (None, None, "0.00")
    assert whole["break_even"]["remaining"] == f"{2_200_000 - float(whole['savings']):.2f}"
    assert (answer["currency"], answer["vat"], answer["label"]) == ("SEK", "excluded", "recorded (simulated ledger)")
    assert [(one["figure"], one["computed"], one["agrees"]) for one in answer["stated"]] == [
        ("investment", "2200000.00", True),
        ("employees", None, None),
    ]


def test_the_text_and_the_csv_say_the_same(world: World) -> None:
    form(world)
    text = plain(world.done("programme", "state", "both").out)
    assert "SEK excluding VAT" in text
    assert "known at" in text
    assert "the same, rounded to" in text
    assert "no headcount is on record" in text
    assert "nothing that counts for one is determined of small" in text.replace("\n", " ")
    rows = list(csv.DictReader(io.StringIO(world.done("programme", "state", "both", "-O", "csv").out)))
    assert [row["contract"] for row in rows] == ["tiny", "small", "whole"]
    assert rows[2]["break_even.remaining"] in text.replace(" ", "")


def test_an_earlier_moment_gives_the_same_answer_for_ever(world: World) -> None:
    form(world)
    position = str(world.head()[0])
    asked = ("programme", "state", "both", "--as-of", "2019-06-30", "--known-at", position, "-O", "json")
    before = world.done(*asked).out
    world.done("loan", "draw", "tiny", "5000", "--on", "2019-06-01", "--for", "internal", by="A. Ek, payer")
    world.done("programme", "leave", "both", "small", "--from", "2019-03-01", *BOTH, "--reason", "ended")
    assert world.done(*asked).out == before
    assert world.done("programme", "state", "both", "--as-of", "2019-06-30", "-O", "json").out != before
    assert world.soc("programme", "state", "both", "--known-at", "3").code == 2
    early = world.soc("programme", "state", "both", "--as-of", "2019-01-02")
    assert (early.code, "was formed from 2019-01-03 on" in early.err) == (1, True)


def test_live_tables_and_rebuilt_ones_answer_alike_and_the_check_is_silent(world: World) -> None:
    form(world)
    asked = [("programme", "state", "both", "-O", "json"), ("party", "-O", "json")]
    before = [world.done(*one).out for one in asked]
    world.done("rebuild")
    assert [world.done(*one).out for one in asked] == before
    found = world.soc("check", "-O", "json").json["findings"]
    assert [one for one in found if one["sort"] != "finding" or "programme" in one["where"]] == []


# ── Parties ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_party_is_shown_role_by_role_over_its_contracts(world: World) -> None:
    answer = world.done("party", "lilla kommun", "-O", "json").json
    assert [(one["role"], one["side"], one["contracts"]) for one in answer["roles"]] == [
        ("payer", "pays", ["small", "tiny"]),
        ("internal_provider", "borrows", ["small", "tiny"]),
        ("investor", "lends", ["small", "tiny"]),
    ]
    payer = answer["roles"][0]
    assert sum(float(one["payable"]) for one in payer["by_contract"]) == float(payer["payable"]) > 0
    assert (payer["loan_outstanding"], payer["currency"]) == (None, "SEK")


def test_a_party_in_text_and_csv(world: World) -> None:
    text = world.done("party", "Friskare AB").out
    assert "Friskare AB, as external provider: is given (SEK)" in text
    rows = list(csv.DictReader(io.StringIO(world.done("party", "-O", "csv").out)))
    assert {row["party"] for row in rows} >= {"Friskare AB", "Piggare AB", "RISE"}
    assert next(row for row in rows if row["party"] == "RISE")["entitled"] == ""


def test_an_unknown_party_is_told_which_there_are(world: World) -> None:
    result = world.soc("party", "Frisk")
    assert (result.code, '"Friskare AB"' in result.err) == (2, True)


def test_a_contract_settled_by_tiers_counts_among_its_parties_contracts(world: World) -> None:
    world.at = "2019-10-08T09:00"
    world.done("tiered", "sign", world.file("kids.toml", KIDS))
    world.done("tiered", "report", "kids", world.file("kids.csv", KIDS_MEASURED))
    world.done("tiered", "determine", "kids", "--on", "2019-06-30")
    every = world.done("party", "-O", "json").json["roles"]
    tiers = world.done("tiered", "state", "kids", "-O", "json").json
    ours = {one["role"]: one["entitled"] for one in every if one["contracts"] == ["kids"] and one["side"]}
    assert ours == {role: one["entitled"] for role, one in tiers["parties"].items()}
    [payer] = [one for one in every if one["side"] == "pays"]
    assert payer["contracts"] == ["small", "tiny", "kids"]
    assert float(payer["by_contract"][2]["entitled"]) == sum(map(float, ours.values())) > 0
    assert payer["by_contract"][2]["savings_kept"] is None
