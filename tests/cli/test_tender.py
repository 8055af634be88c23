"""``soc tender`` from bids to the signed contract, in every form; and the demo's tenders."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cli.stories.stage import Stage
from cli.stories.tender import tenders
from ledger.terms import read_terms
from tests.cli.tender_world import BID, SIGNED, TENDER
from tests.cli.world import PAYER, ROOT, STRANGER, World, environment, run

FIXTURES = ROOT / "fixtures"
AWARD = ("tender", "award", "next", "--bid", "1", "--reason", "most at risk", "--on", "2019-03-18")
LATE = ("--reference", "diary 2019/17")
THIRD = ("--bidder", "Raskare AB", "--at-risk", "25 %", "--on", "2019-02-12", *LATE)


@pytest.fixture
def tendered(nothing: World) -> World:
    """A tender with two bids that stand and one that was withdrawn."""
    world = nothing.opened()
    world.at = "2019-04-01T09:00"
    world.done("tender", "open", world.file("tender.toml", TENDER))
    world.done("tender", "bid", "next", *BID)
    world.done("tender", "bid", "next", "--bidder", "Piggare AB", "--at-risk", "0.75", "--on", "2019-02-11", *LATE)
    world.done("tender", "bid", "next", *THIRD)
    world.done("tender", "withdraw", "next", "--bid", "3", "--reason", "no staff", "--on", "2019-02-20")
    return world


# ── From bids to the contract ────────────────────────────────────────────────────────────────────────────────────────


def test_from_the_award_to_the_signed_terms(tendered: World) -> None:
    assert f"terms {read_terms(SIGNED.encode(), 't').sha256} of the contract tiny-two" in tendered.done(*AWARD, by=PAYER).out
    signed = tendered.done("contract", "sign", "--award", "next", "--on", "2019-03-20")
    assert signed.out.startswith("Recorded tiny-two/8: Tiny SOC, signed on 2019-03-20")
    assert "Awarded in tender next, bid 1 of 3, record 7." in tendered.done("contract", "show", "tiny-two").out
    shown = tendered.done("contract", "show", "tiny-two", "-O", "json").json
    assert shown["awarded_in"] == {"tender": "next", "bid": 1, "bids": 3, "record": 7}
    [record] = tendered.done("register", "tiny-two", "-O", "json").json["records"]
    assert record["evidence"] == [
        {
            "document": "award of tender next, record 7",
            "sha256": shown["terms_sha256"],
            "obtained_on": "2019-04-01",
            "obtained_how": "terms as they follow from bid 1 of 3",
        }
    ]
    assert tendered.done("contract", "sign", "--award", "next", "--on", "2019-03-20").out.startswith("Already recorded as")
    check = tendered.soc("check")
    assert "no difference" in check.out


def test_a_file_with_the_awarded_terms_is_the_award(tendered: World) -> None:
    tendered.done(*AWARD, by=PAYER)
    tendered.done("contract", "sign", tendered.file("terms.toml", SIGNED))
    assert "Awarded in tender next, bid 1 of 3, record 7." in tendered.done("contract", "show", "tiny-two").out


def test_other_terms_are_refused_with_each_difference(tendered: World) -> None:
    tendered.done(*AWARD, by=PAYER)
    file = tendered.file("other.toml", SIGNED.replace('maximum_payment = "300000.00"', 'maximum_payment = "310000.00"'))
    before = tendered.head()
    result = tendered.soc("contract", "sign", file)
    assert result.code == 1
    assert "these are not the terms awarded in tender next, record 7:" in result.err
    assert "outcome.maximum_payment: awarded 300000.00, here 310000.00" in result.err
    assert tendered.head() == before


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("contract", "sign"), 2, "name the terms to sign: a file TERMS.toml, or --award TENDER"),
        (("contract", "sign", "{terms}", "--award", "next"), 2, "and not both"),
        (("contract", "sign", "--award", "next"), 1, "the tender next is not awarded (governance.awards)"),
        (("contract", "sign", "{terms}"), 1, "the tender next of tiny-two is not awarded"),
        (("contract", "sign", "--award", "other"), 2, "no tender other is on record; tenders on record: next"),
        (("tender", "show", "other"), 2, "no tender other is on record"),
        (("tender", "bid", "other", *BID), 2, "no tender other is on record"),
        (
            ("tender", "bid", "next", "--bidder", "X", "--at-risk", "80%", "--on", "2019-02-10"),
            1,
            "a provider may bid 25 % to 75 % at risk; 80 % is above it (invitation §4)",
        ),
        (("tender", "bid", "next", "--bidder", "X", "--at-risk", "50", "--on", "2019-02-10"), 2, "write per cent as 50%"),
        (("tender", "bid", "next", "--bidder", "X", "--at-risk", "half", "--on", "2019-02-10"), 2, "is not a share such as 50%"),
        (AWARD, 1, "performance_manager may not do this; governance.awards names payer"),
        (
            ("tender", "bid", "next", "--bidder", "X", "--at-risk", "50%", "--on", "2019-02-10"),
            1,
            "recorded 17 days after closing, a bid needs a document that shows that it was received on 2019-02-10 (closes_on)",
        ),
        (("tender", "compare", "next", "--step", "0"), 2, "0 is not in the range"),
    ],
)
def test_what_cannot_be_is_refused(tendered: World, args: tuple[str, ...], code: int, said: str) -> None:
    terms = str(tendered.file("terms.toml", SIGNED))
    result = tendered.soc(*[terms if arg == "{terms}" else arg for arg in args])
    assert (result.code, result.out) == (code, "")
    assert said in result.err


def test_who_is_not_named_records_no_bid(tendered: World) -> None:
    result = tendered.soc("tender", "bid", "next", "--bidder", "X", "--at-risk", "50%", "--on", "2019-02-10", by=STRANGER)
    assert result.code == 1
    assert "technical_advisor may not do this; governance.records names performance_manager, payer" in result.err


def test_a_bid_withdrawn_may_be_made_again(tendered: World) -> None:
    bid = ("tender", "bid", "next", *THIRD)
    assert "bid 4 on next" in tendered.done(*bid).out
    assert tendered.done(*bid).out.startswith("Already recorded")


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_comparison_in_every_form(tendered: World) -> None:
    text = tendered.done("tender", "compare", "next", "--step", "50").out
    assert "recorded (simulated ledger)" in text
    assert "SEK excluding VAT" in text
    assert "Withdrawn   bid 3, Raskare AB, on 2019-02-20" in text
    said = tendered.done("tender", "compare", "next", "--step", "50", "-O", "json").json
    assert [one["bid"] for one in said["offers"]] == [1, 2]
    half = said["offers"][0]
    assert (half["upfront"], half["maximum_payment"], half["provider_share"]) == ("200000.00", "300000.00", "0.2000")
    assert half["points"][2] == {
        "percent": 100,
        "savings": "1000000.00",
        "outcome": "200000.00",
        "paid": "400000.00",
        "authority": "0.00",
        "provider": "0.00",
    }
    assert half["break_even"]["cap"] == {"amount": "300000.00", "at_savings": "1499999.98"}
    assert (said["as_of"], said["label"], said["basis"]["position"]) == ("2019-04-01", "recorded (simulated ledger)", 6)
    rows = list(csv.DictReader(io.StringIO(tendered.done("tender", "compare", "next", "--step", "50", "-O", "csv").out)))
    assert len(rows) == 10
    assert rows[2]["paid"] == "400000.00"


def test_as_known_before_a_bid_was_withdrawn(tendered: World) -> None:
    said = tendered.done("tender", "compare", "next", "--known-at", "5", "-O", "json").json
    assert [one["bid"] for one in said["offers"]] == [1, 2, 3]


def test_a_page_shows_every_bid(tendered: World) -> None:
    page = tendered.done("tender", "compare", "next", "-O", "html").out
    assert page.count("<svg") == 2
    for bidder in ("Friskare AB", "Piggare AB", "Raskare AB"):
        assert bidder in page


def test_what_bids_would_give_needs_no_ledger(tmp_path: Path) -> None:
    file = str(FIXTURES / "tenders" / "botkyrka.toml")
    missing = ["--ledger", f"sqlite:///{tmp_path / 'none.db'}"]
    said = run([*missing, "tender", "try", file, "--at-risk", "25%,50%,75%", "--step", "100", "-O", "json"]).json
    assert [[point["paid"] for point in one["points"]] for one in said["offers"]] == [
        ["6300000.00", "8406800.00", "9450000.00"],
        ["4200000.00", "8413600.00", "10500000.00"],
        ["2100000.00", "8397500.00", "11546250.00"],
    ]
    assert said["label"] == "simulation"
    assert "provider_share.decimals" in said["not_published"]
    refused = run([*missing, "tender", "try", file, "--at-risk", "20%"])
    assert refused.code == 1
    assert "a provider may bid 25 % to 75 % at risk; 20 % is below it (case study §4.2)" in refused.err
    assert not (tmp_path / "none.db").exists()


def test_a_tender_is_shown_and_listed(tendered: World) -> None:
    tendered.done(*AWARD, by=PAYER)
    text = tendered.done("tender", "show", "next").out
    assert "Awarded to bid 1 on 2019-03-18, record 7: most at risk" in text
    assert "invitation §4" in text
    said = tendered.done("tender", "show", "next", "-O", "json").json
    assert said["award"]["bid"] == 1
    assert said["bids"][2]["withdrawn_on"] == "2019-02-20"
    [row] = tendered.done("tender", "list", "-O", "json").json["tenders"]
    assert (row["bids_standing"], row["awarded_to"], row["record"]) == (2, "Friskare AB", 7)
    assert "Friskare AB" in tendered.done("tender", "list").out
    assert "awarded_to" in tendered.done("tender", "list", "-O", "csv").out


def test_what_was_told_after_closing_says_so(tendered: World) -> None:
    said = "received in time, recorded 17 days after closing, upon: diary 2019/17"
    shown = [line for line in tendered.done("tender", "show", "next").out.splitlines() if "Piggare AB" in line]
    assert shown[0].endswith(said)
    assert f"Bid 2: {said}." in tendered.done("tender", "compare", "next").out
    bids = tendered.done("tender", "show", "next", "-O", "json").json["bids"]
    assert [(one["recorded_on"], one["recorded_days_after_closing"], one["document"]) for one in bids] == [
        ("2019-04-01", 17, "diary 2019/17")
    ] * 3


def test_what_was_told_by_closing_says_nothing_of_it(nothing: World) -> None:
    world = nothing.opened()
    world.at = "2019-03-15T09:00"
    world.done("tender", "open", world.file("tender.toml", TENDER))
    assert "after closing" not in world.done("tender", "bid", "next", *BID[:-2]).out
    assert "after closing" not in world.done("tender", "show", "next").out


def test_one_tender_of_a_contract_at_a_time(nothing: World) -> None:
    """A tender that lapsed is not bid for anew beside the one that took its place: else neither award could be signed."""
    world = nothing.opened()
    world.at = "2019-02-01T09:00"
    world.done("tender", "open", world.file("tender.toml", TENDER))
    world.at = "2019-04-01T09:00"
    again = TENDER.replace('id = "next"', 'id = "second"').replace("closes_on = 2019-03-15", "closes_on = 2019-04-30")
    world.done("tender", "open", world.file("second.toml", again))
    world.done("tender", "bid", "second", *BID)
    world.at = "2019-05-02T09:00"
    world.done("tender", "award", "second", "--bid", "1", "--reason", "best", "--on", "2019-05-02", by=PAYER)
    refused = world.soc("tender", "bid", "next", *BID)
    assert (refused.code, refused.out) == (1, "")
    assert "tiny-two is awarded in second already (draft.id)" in refused.err
    world.done("contract", "sign", "--award", "second")
    assert "no difference" in world.soc("check").out


def test_no_tender_is_an_empty_list(signed: World) -> None:
    assert "No tender is on record." in signed.done("tender", "list").out
    assert signed.done("contract", "show", "tiny", "-O", "json").json["awarded_in"] is None


# ── Handed on ────────────────────────────────────────────────────────────────────────────────────────────────────────


def bundled(world: World, audience: str) -> Path:
    key, bundle = world.folder / "payer.key", world.folder / f"{audience}.zip"
    if not key.exists():
        world.done("seal", "new-key", "lilla.example/payer", key)
        world.done("seal", "--key", key)
    world.done("export", "bundle", "--audience", audience, "-o", bundle)
    return bundle


def test_a_bundle_with_a_tender_is_recomputed_by_both_verifiers(tendered: World) -> None:
    tendered.done(*AWARD, by=PAYER)
    tendered.done("contract", "sign", "--award", "next")
    bundle = bundled(tendered, "auditor")
    with zipfile.ZipFile(bundle) as members:
        (tendered.folder / "verify.py").write_bytes(members.read("verify.py"))
        events = members.read("events.jsonl").decode().splitlines()
    assert "TenderAwarded@1" in events[6]
    command = [sys.executable, str(tendered.folder / "verify.py"), str(bundle)]
    theirs = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    for out in (theirs.stdout, tendered.soc("verify", bundle).out):
        assert "NOTHING BAD FOUND" in out
        assert "not recomputed" not in out
        assert "8 records" in out


def test_bids_are_not_handed_to_providers(tendered: World) -> None:
    tendered.done(*AWARD, by=PAYER)
    tendered.done("contract", "sign", "--award", "next")
    with zipfile.ZipFile(bundled(tendered, "provider")) as members:
        events = members.read("events.jsonl").decode()
    assert "Raskare" not in events
    assert "ContractSigned@1" in events
    assert "NOTHING BAD FOUND" in tendered.soc("verify", tendered.folder / "provider.zip").out


# ── The demo's ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def told(tmp_path: Path) -> tuple[Stage, list[str]]:
    stage = Stage(tmp_path / "demo")
    stage.folder.mkdir()
    stage.run(("2018-09-24T08:00:00+02:00", "M. Lind, performance_manager"), "init", "--simulated", "--seed", "soc-demo")
    return stage, [said for _, step in tenders(stage) if (said := step()) is not None]


def test_the_demo_tells_of_both_tenders(told: tuple[Stage, list[str]]) -> None:
    stage, said = told
    assert next(line for line in said if "(synthetic)" in line).startswith("2018-09-25  Bid: record 4: bid 2 on botkyrka")
    for contract, signed_on in (("botkyrka", "2018-09-26"), ("ornskoldsvik", "2018-11-01")):
        when = (f"{signed_on}T10:00:00+02:00", "M. Lind, performance_manager")
        stage.run(when, "contract", "sign", stage.fixture(f"contracts/{contract}.toml"))
    shown = stage.run(None, "contract", "show", "botkyrka")
    assert "Awarded in tender botkyrka, bid 1 of 3, record 6." in shown
    compared = json.loads(stage.run(None, "tender", "compare", "ornskoldsvik", "-O", "json"))
    assert [one["bidder"] for one in compared["offers"]] == ["Previa"]
    assert compared["offers"][0]["maximum_payment"] == "8660000.00"
