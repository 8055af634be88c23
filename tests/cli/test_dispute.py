"""Disputes as users record and read them: what is typed, what is said, what the state shows, and what is refused.

The first quarter of 2019 saved 174 545.45 SEK, at 2 000 SEK a net day: D1 claims 34 909.09 for the provider. Notified on
2019-06-13: objection at latest on 2019-07-13, payable on 2019-08-13.
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from tests.cli.world import BOTH, MANAGER, METHODOLOGY, PAYER, STRANGER, TERMS, Result, World, absences, copy

PROVIDER = "F. Frisk, external_provider"
RAISE = ("dispute", "raise", "tiny/D1", "--by", "payer", "--on", "2019-06-20", "--grounds", "too dear")
ANSWER = ("dispute", "answer", "tiny/X1", "--by", "external_provider", "--on", "2019-06-25", "--answer", "as agreed")
WITHDRAW = ("dispute", "withdraw", "tiny/X1", "--on", "2019-06-25", "--reason", "found to be right")
RESOLVE = ("dispute", "resolve", "tiny/X1", "--on", "2019-06-25", "--reason", "agreed at a meeting")
PAYABLE = "2019-08-13T09:00"


@pytest.fixture(scope="module")
def _notified(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("notified")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").notified()
    world.at = "2019-06-25T09:00"
    return world


@pytest.fixture
def notified(_notified: World, tmp_path: Path) -> World:
    """D1 is notified; it is 2019-06-25."""
    return copy(_notified, tmp_path)


@pytest.fixture
def disputed(notified: World) -> World:
    """… and the payer holds that the quarter saved 100 000: 20 000 for the provider, 14 909.09 less."""
    notified.done(*RAISE, "--savings", "100000")
    return notified


@pytest.fixture
def paid(notified: World) -> World:
    """… with 30 000 of what D1 claims paid on the day it falls payable."""
    payment = ("pay", "outcome", "tiny", "30000", "--on", "2019-08-13", "--invoice", "F1", "--made", "--bank-reference", "BG")
    notified.at = PAYABLE
    notified.done(*payment, by=PAYER)
    return notified


def plain(result: Result) -> str:
    """What was said, thin spaces as spaces and lines as one."""
    return " ".join((result.out + result.err).replace("\u2009", " ").split())


def refused(world: World, *args: str | Path, code: int = 1, by: str | None = None, at: str | None = None) -> str:
    """What is said where nothing is recorded."""
    before = world.head()
    result = world.soc(*args, **({"by": by} if by else {}), at=at)
    assert result.code == code, plain(result)
    assert world.head() == before
    return plain(result)


def money(world: World, as_of: str) -> dict[str, str]:
    """What the provider is owed as of a day."""
    provider = world.state("--as-of", as_of)["balance"]["provider"]
    return {key: provider[key] for key in ("payable", "held", "due", "claimed_above")}


def dispute(world: World, *args: str) -> Any:
    """``soc dispute show tiny/X1 -O json``."""
    return world.done("dispute", "show", "tiny/X1", *args, "-O", "json", by=None).json


# --- Positions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "position", "held", "due", "above"),
    [
        (("--savings", "100000"), "100000.00", "14909.09", "20000.00", "0.00"),
        (("--savings", "200 000,00"), "200000.00", "0.00", "34909.09", "5090.91"),
        (("--savings", "0"), "0.00", "34909.09", "0.00", "0.00"),
        (("--savings=-100000.00",), "-100000.00", "34909.09", "0.00", "0.00"),
        (("--claim", "30000"), "150000.00", "4909.09", "30000.00", "0.00"),
        (("--claim", "40000"), "200000.00", "0.00", "34909.09", "5090.91"),
    ],
)
def test_a_position_is_stated_as_savings_or_as_a_claim(
    notified: World, options: tuple[str, ...], position: str, held: str, due: str, above: str
) -> None:
    notified.done(*RAISE, *options)
    assert (dispute(notified)["position"], dispute(notified)["position_rests_on"]) == (position, "stated")
    assert money(notified, "2019-08-13") == {"payable": "34909.09", "held": held, "due": due, "claimed_above": above}
    assert money(notified, "2019-08-12") == {"payable": "0.00", "held": "0.00", "due": "0.00", "claimed_above": above}


def cheaper(world: World) -> Path:
    """A methodology by which a net day costs 1 500 SEK."""
    return world.file("cheaper.toml", METHODOLOGY.replace("2000.00", "1500.00").replace("tiny-2019", "cheaper"))


def test_a_position_is_another_methodology_whose_consequence_is_computed(notified: World) -> None:
    method = cheaper(notified)
    notified.done(*RAISE, "--methodology", method)
    said = dispute(notified)
    assert (said["disputed"], said["position"]) == ("174545.45", "130909.09")
    assert [line["savings"] for line in said["position_by_month"]] == ["45000.00", "45000.00", "40909.09"]
    assert "methodology cheaper (version 1)" in said["position_rests_on"]
    assert said["position_rests_on"].endswith("the facts up to record 8")
    record = notified.done("register", "tiny", "-O", "json", by=None).json["records"][-1]
    assert [one["sha256"] for one in record["evidence"]] == [hashlib.sha256(method.read_bytes()).hexdigest()]


def test_a_position_is_other_facts_whose_consequence_is_computed(notified: World) -> None:
    """A report that came late has twice as many absent: 30 net days a month more."""
    late = notified.file("late.csv", absences(["2019-01", "2019-02", "2019-03"], 10, 2))
    notified.done("import", "absences", "tiny", late, "--source", "payroll", "--complete", "2019Q1", at="2019-06-24T09:00")
    notified.done(*RAISE, "--facts", "now")
    assert (dispute(notified)["position"], dispute(notified)["position_rests_on"]) == ("-5454.55", "the facts up to record 11")
    assert "Already recorded as tiny/X1" in notified.done(*RAISE, "--facts", "11").out
    notified.done(*RAISE, "--facts", "now", "--methodology", cheaper(notified))
    assert notified.state()["disputes"][1]["position"] == "-4090.91"
    assert "there is nothing to dispute" in refused(notified, *RAISE, "--facts", "then")
    assert "there is nothing to dispute" in refused(notified, *RAISE, "--facts", "now", "--without", "11")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), 2, "say one position"),
        (("--savings", "1", "--claim", "1"), 2, "say one position"),
        (("--savings", "1", "--facts", "now"), 2, "say one position"),
        (("--amount", "1"), 2, "say one position"),
        (("--savings", "much"), 2, "--savings"),
        (("--savings", "174545.45"), 1, "174 545.45, as is recorded; there is nothing to dispute"),
        (("--claim", "300000.01"), 1, "no savings give a claim of 300 000.01; D1 could claim at most 300 000.00"),
        (("--facts", "later"), 2, "--facts is then, now or a record number, not 'later'"),
        (("--facts", "99"), 2, "record 99 is outside the record, which runs from 1 to 10"),
        (("--facts", "3"), 1, "2019-01: headcounts are missing"),
        (("--without", "7"), 1, "2019-03: no complete absence report for Hemmet, Skolan"),
        (("--without", "9"), 2, "record 9 is no report, headcount, reimbursement or index value that tiny is measured by"),
        (("--without", "99"), 2, "'99' is not a record of tiny"),
        (("--without", "other/7"), 2, "'other/7' is not a record of tiny"),
        (("--methodology", "nothing.toml"), 4, "there is no such file"),
        (("--savings", "1", "--evidence", "nothing.pdf"), 4, "there is no such file"),
    ],
)
def test_a_position_that_cannot_be_is_refused(notified: World, options: tuple[str, ...], code: int, said: str) -> None:
    assert said in refused(notified, *RAISE, *options, code=code)


def test_a_methodology_that_is_none_is_refused_with_its_faults(notified: World) -> None:
    wrong = notified.file("wrong.toml", METHODOLOGY.replace('"2000.00"', "2000"))
    assert "wrong.toml" in refused(notified, *RAISE, "--methodology", wrong, code=4)


# --- Raising ------------------------------------------------------------------------------------------------------


def test_the_receipt_says_what_is_disputed_and_what_will_be_held(notified: World) -> None:
    said = plain(notified.done(*RAISE, "--savings", "100000"))
    assert said.startswith("Recorded tiny/X1: X1 raised by payer on 2019-06-20")
    for text in ("174 545.45", "100 000.00", "too dear", "by itself it holds 14 909.09 SEK from 2019-08-13"):
        assert text in said


def test_the_receipt_in_json(notified: World) -> None:
    receipt = notified.done(*RAISE, "--savings", "100000", "-O", "json").json
    assert receipt["events"] == [{"id": "tiny/11", "name": "tiny/X1", "type": "DisputeRaised@1"}]
    told = {key: receipt["dispute"][key] for key in ("id", "against", "by", "raised_on", "disputed", "position", "status")}
    assert told == {
        "id": "tiny/X1",
        "against": "tiny/D1",
        "by": "payer",
        "raised_on": "2019-06-20",
        "disputed": "174545.45",
        "position": "100000.00",
        "status": "open",
    }


def test_a_dry_run_says_the_same_and_records_nothing(notified: World) -> None:
    for command in ((*RAISE, "--savings", "100000"), ANSWER, (*RESOLVE, "--outcome", "upheld", *BOTH)):
        before = notified.head()
        dry = plain(notified.done(*command, "--dry-run"))
        assert notified.head() == before
        recorded = plain(notified.done(*command))
        assert dry == recorded.replace("Recorded", "Would record", 1) + " This was a dry run: nothing was recorded."


def test_the_same_write_twice_records_once(notified: World) -> None:
    for command in ((*RAISE, "--savings", "100000"), ANSWER, WITHDRAW):
        notified.done(*command, by=PAYER if command == WITHDRAW else MANAGER)
        before = notified.head()
        assert "Already recorded" in notified.done(*command).out
        assert notified.head() == before


def test_a_resolution_twice_is_recorded_once(disputed: World) -> None:
    for _ in range(2):
        disputed.done(*RESOLVE, "--outcome", "upheld", *BOTH)
    assert disputed.head()[0] == 13
    assert "X1 is upheld since 2019-06-25" in refused(disputed, *RESOLVE, "--outcome", "rejected", *BOTH)


def test_what_was_withdrawn_is_raised_again_in_the_same_words(disputed: World) -> None:
    disputed.done(*WITHDRAW, by=PAYER)
    assert "X2" in disputed.done(*RAISE, "--savings", "100000").out
    assert "Already recorded as tiny/X2" in disputed.done(*RAISE, "--savings", "100000").out
    assert [one["status"] for one in disputed.state()["disputes"]] == ["withdrawn", "open"]


@pytest.mark.parametrize(("on", "at"), [("2019-06-12", "2019-06-25T09:00"), ("2019-07-14", "2019-07-14T09:00")])
def test_an_objection_out_of_time_is_refused_with_the_clause(notified: World, on: str, at: str) -> None:
    command = [*RAISE, "--savings", "1"]
    command[6] = on
    said = refused(notified, *command, at=at)
    assert "D1 (2019Q1) was notified on 2019-06-13" in said
    assert "2019-07-13" in said
    assert said.endswith("(settlement.objection_days)")


@pytest.mark.parametrize(
    ("against", "code", "said"),
    [
        ("tiny/D9", 2, "tiny has no D9 on record"),
        ("tiny/P1", 2, "tiny has no P1 on record"),
        ("tiny/N1", 2, "tiny/N1 is neither a determination nor a payment"),
        ("tiny/3", 2, "tiny/3 is neither a determination nor a payment"),
        ("other/D1", 2, "no contract other is on record"),
        ("D1", 2, "'D1' is not an ID such as botkyrka/D5"),
    ],
)
def test_only_a_determination_or_a_payment_is_disputed(notified: World, against: str, code: int, said: str) -> None:
    assert said in refused(notified, *RAISE[:2], against, *RAISE[3:], "--savings", "1", code=code)


def test_a_determination_is_named_by_its_record_too(notified: World) -> None:
    notified.done(*RAISE[:2], "tiny/9", *RAISE[3:], "--savings", "1")
    assert dispute(notified)["against"] == "tiny/D1"


def test_who_may(notified: World) -> None:
    said = refused(notified, *RAISE, "--savings", "1", by=STRANGER)
    assert said.startswith("soc: technical_advisor may not do this; governance.records names")
    no_party = [*RAISE, "--savings", "1"]
    no_party[4] = "investor"
    assert refused(notified, *no_party).endswith("payer, external_provider are (governance.agrees)")
    notified.done(*RAISE, "--savings", "1", by=PAYER)
    assert "may not do this" in refused(notified, *WITHDRAW, by=PROVIDER)
    notified.done(*ANSWER, by=PROVIDER)
    assert "governance.signs" in refused(notified, *RESOLVE, "--outcome", "rejected", *BOTH, by=PROVIDER)


def test_grounds_say_something(notified: World) -> None:
    command = [*RAISE, "--savings", "1"]
    command[8] = "  "
    assert "--grounds" in refused(notified, *command, code=2)


def test_evidence_is_recorded_with_its_digest(notified: World) -> None:
    letter, table = notified.file("letter.pdf", "we object"), notified.file("table.csv", "a;b")
    notified.done(*RAISE, "--savings", "1", "--evidence", letter, "--evidence", table, "--reference", "KS 2019:7")
    record = notified.done("register", "tiny", "-O", "json", by=None).json["records"][-1]
    assert [(one["document"], one.get("sha256")) for one in record["evidence"]] == [
        ("letter.pdf", hashlib.sha256(b"we object").hexdigest()),
        ("table.csv", hashlib.sha256(b"a;b").hexdigest()),
        ("KS 2019:7", None),
    ]


# --- Reading ------------------------------------------------------------------------------------------------------


def test_the_state_shows_what_is_held_and_what_is_disputed(disputed: World) -> None:
    said = disputed.state("--as-of", "2019-08-13")
    assert said["disputes"] == [
        {
            "id": "tiny/X1",
            "against": "tiny/D1",
            "by": "payer",
            "raised_on": "2019-06-20",
            "disputed": "174545.45",
            "position": "100000.00",
            "status": "open",
            "ended_on": None,
            "answers": 0,
        }
    ]
    assert disputed.state("--as-of", "2019-06-19")["disputes"] == []
    text = plain(disputed.done("state", "tiny", "--as-of", "2019-08-13", by=None))
    assert "Held 14 909.09" in text
    assert "Due on 2019-08-13 20 000.00" in text
    assert "X1 is open since 2019-06-20: the payer disputes D1." in text


def test_a_claim_above_is_shown_and_lessens_nothing(notified: World) -> None:
    notified.done(*RAISE, "--savings", "200000")
    text = plain(notified.done("state", "tiny", "--as-of", "2019-08-13", by=None))
    assert "Claimed above 5 090.91" in text
    assert "Due on 2019-08-13 34 909.09" in text
    assert "Held" not in text


def test_a_dispute_that_ended_later_is_open_as_of_a_day_before(disputed: World) -> None:
    disputed.done(*WITHDRAW, by=PAYER, at="2019-06-26T09:00")
    days = {day: disputed.state("--as-of", day)["disputes"][0] for day in ("2019-06-24", "2019-06-25")}
    assert [(one["status"], one["ended_on"]) for one in days.values()] == [("open", None), ("withdrawn", "2019-06-25")]


def test_show_says_both_positions_and_how_it_ended(disputed: World) -> None:
    disputed.done(*ANSWER, "--savings", "170000")
    disputed.done(*RESOLVE, "--outcome", "settled", "--savings", "150000", *BOTH)
    text = plain(disputed.done("dispute", "show", "tiny/X1", by=None))
    for said in (
        "too dear",
        "recorded 174 545.45",
        "its position 100 000.00",
        "difference −74 545.45",
        "position of the external provider 170 000.00",
        "External provider answered on 2019-06-25: as agreed",
        "Settled at 150 000.00 on 2019-06-25 by payer, external provider: agreed at a meeting",
        "D2 stands in its place.",
    ):
        assert said in text
    whole = dispute(disputed)
    assert whole["said"] == [
        {"by": "external_provider", "on": "2019-06-25", "answer": "as agreed", "position": "170000.00", "rests_on": "stated"}
    ]
    assert whole["ended"] == {
        "how": "settled",
        "on": "2019-06-25",
        "reason": "agreed at a meeting",
        "agreed_by": ["payer", "external_provider"],
        "decided_by": None,
        "stands": "150000.00",
        "determination": "tiny/D2",
    }


def test_show_as_it_was_known(disputed: World) -> None:
    disputed.done(*RESOLVE, "--outcome", "upheld", *BOTH)
    assert "It is open." in disputed.done("dispute", "show", "tiny/X1", "--known-at", "11", by=None).out
    assert dispute(disputed, "--known-at", "11")["status"] == "open"
    assert "tiny has no X1 on record" in refused(disputed, "dispute", "show", "tiny/X1", "--known-at", "10", code=2)


def test_a_contract_without_disputes_says_so(notified: World) -> None:
    assert "None is on record." in notified.done("dispute", "list", "tiny", by=None).out
    assert notified.done("dispute", "list", "tiny", "-O", "json", by=None).json["disputes"] == []


def test_the_list_in_every_form(disputed: World) -> None:
    disputed.done(*WITHDRAW, by=PAYER)
    disputed.done(*RAISE, "--savings", "200000")
    text = disputed.done("dispute", "list", "tiny", by=None).out
    assert text.index("tiny/X1") < text.index("tiny/X2")
    rows = list(csv.DictReader(io.StringIO(disputed.done("dispute", "list", "tiny", "-O", "csv", by=None).out)))
    assert [(row["id"], row["position"], row["status"], row["ended_on"]) for row in rows] == [
        ("tiny/X1", "100000.00", "withdrawn", "2019-06-25"),
        ("tiny/X2", "200000.00", "open", ""),
    ]
    told = disputed.done("dispute", "list", "tiny", "-O", "json", by=None).json
    assert [one["id"] for one in told["disputes"]] == ["tiny/X1", "tiny/X2"]


@pytest.mark.parametrize(
    "command", [("show", "tiny/X2"), ("answer", "tiny/X2", *ANSWER[3:]), ("withdraw", "tiny/X2", *WITHDRAW[3:])]
)
def test_a_dispute_must_be_on_record(disputed: World, command: tuple[str, ...]) -> None:
    assert "tiny has no X2 on record" in refused(disputed, "dispute", *command, code=2)
    assert "tiny/D1 is not a dispute" in refused(disputed, "dispute", command[0], "tiny/D1", *command[2:], code=2)


def test_the_register_tells_the_story(disputed: World) -> None:
    disputed.done(*ANSWER)
    disputed.done(*RESOLVE, "--outcome", "upheld", *BOTH)
    text = plain(disputed.done("register", "tiny", by=None))
    told = [
        "X1 raised by payer on 2019-06-20",
        "X1 answered by external provider on 2019-06-25",
        "supersedes D1",
        "X1 upheld on 2019-06-25",
    ]
    assert sorted(told, key=text.index) == told
    assert "14 909.09" in text[text.index("X1 upheld") :]


# --- Paying meanwhile ---------------------------------------------------------------------------------------------


def test_what_is_not_held_is_paid_and_no_more(disputed: World) -> None:
    disputed.at = PAYABLE
    pay = ("pay", "outcome", "tiny", "--on", "2019-08-13", "--invoice", "F1")
    said = refused(disputed, *pay, "20000.01", by=PAYER)
    assert "20 000.01 is above what is due on 2019-08-13: 20 000.00" in said
    assert "held in X1 14 909.09" in said
    assert said.endswith("(settlement.payment_days)")
    receipt = disputed.done(*pay, "--due", "-O", "json", by=PAYER).json
    assert (receipt["payable"], receipt["held"], receipt["due"]) == ("34909.09", "14909.09", "0.00")
    assert "14 909.09 of what is payable is held" in plain(disputed.done("pay", "list", "--on", "2019-08-13", by=None))
    assert disputed.done("portfolio", "--as-of", "2019-08-13", "-O", "json", by=None).json["contracts"][0]["held"] == "14909.09"


def test_the_same_words_for_what_is_due_are_new_once_the_dispute_has_ended(disputed: World) -> None:
    disputed.at = PAYABLE
    due = ("pay", "outcome", "tiny", "--due", "--on", "2019-08-13", "--invoice", "F1")
    disputed.done(*due, by=PAYER)
    assert "Already recorded" in disputed.done(*due, by=PAYER).out
    disputed.done("dispute", "withdraw", "tiny/X1", "--on", "2019-08-13", "--reason", "found to be right", by=PAYER)
    assert "14 909.09" in plain(disputed.done(*due, by=PAYER))
    assert money(disputed, "2019-08-13") == {"payable": "34909.09", "held": "0.00", "due": "0.00", "claimed_above": "0.00"}


@pytest.mark.parametrize(
    ("outcome", "due"),
    [
        (("--outcome", "upheld"), "20000.00"),
        (("--outcome", "rejected"), "34909.09"),
        (("--outcome", "settled", "--savings", "150000"), "30000.00"),
        (("--outcome", "settled", "--claim", "25000"), "25000.00"),
        (("--outcome", "settled", "--savings", "174545.45"), "34909.09"),
    ],
)
@pytest.mark.parametrize("on", ["2019-06-25", "2019-08-14"])
def test_a_resolution_releases_or_reverses(disputed: World, outcome: tuple[str, ...], due: str, on: str) -> None:
    """Before the claim is payable, and after."""
    command = [*RESOLVE, *outcome, *BOTH]
    command[4] = on
    disputed.done(*command, at="2019-08-14T09:00")
    held = {"payable": "34909.09", "held": "14909.09", "due": "20000.00", "claimed_above": "0.00"}
    free = {"payable": due, "held": "0.00", "due": due, "claimed_above": "0.00"}
    assert money(disputed, "2019-08-13") == (held if on > "2019-08-13" else free)
    assert money(disputed, "2019-08-14") == free
    assert "no difference" in disputed.soc("check", by=None).out


def test_a_payment_is_disputed(paid: World) -> None:
    """The provider says that nothing came, the payer that all of it was paid."""
    raise_ = ("dispute", "raise", "tiny/P1", "--on", "2019-08-13", "--grounds", "the bank says so")
    assert "its right amount: --amount" in refused(paid, *raise_, "--by", "payer", "--savings", "1", code=2)
    assert "30 000.00, as is recorded" in refused(paid, *raise_, "--by", "payer", "--amount", "30000")
    paid.done(*raise_, "--by", "external_provider", "--amount", "0", by=PROVIDER)
    assert money(paid, "2019-08-13") == {"payable": "34909.09", "held": "0.00", "due": "4909.09", "claimed_above": "30000.00"}
    paid.done(*raise_, "--by", "payer", "--amount", "34909.09")
    assert money(paid, "2019-08-13") == {"payable": "34909.09", "held": "4909.09", "due": "0.00", "claimed_above": "30000.00"}
    assert "P1 is disputed in X1" in refused(paid, "correct", "tiny/P1", "--amount", "1", "--reason", "typed wrongly")
    paid.done("dispute", "withdraw", "tiny/X1", "--on", "2019-08-13", "--reason", "it came", by=PROVIDER)
    upheld = ("dispute", "resolve", "tiny/X2", "--outcome", "upheld", "--on", "2019-08-13", "--reason", "the statement", *BOTH)
    paid.done(*upheld)
    assert paid.state()["balance"]["provider"]["paid"] == "34909.09"
    assert "no difference" in paid.soc("check", by=None).out


def test_an_instruction_is_not_disputed(notified: World) -> None:
    notified.at = PAYABLE
    notified.done("pay", "outcome", "tiny", "--due", "--on", "2019-08-13", "--invoice", "F1", by=PAYER)
    said = refused(notified, *RAISE[:2], "tiny/P1", *RAISE[3:6], "2019-08-13", *RAISE[7:], "--amount", "1")
    assert "P1 is an instruction; nothing was paid yet" in said


# --- Resolving ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--outcome", "moot", *BOTH), 2, "--outcome"),
        (("--outcome", "upheld"), 1, "agreement is missing from payer, external_provider (governance.agrees)"),
        (("--outcome", "upheld", *BOTH[:2]), 1, "agreement is missing from external_provider"),
        (("--outcome", "settled", *BOTH), 1, "what is settled says an amount"),
        (("--outcome", "rejected", "--savings", "1", *BOTH), 1, "what is upheld or rejected says none"),
        (("--outcome", "settled", "--amount", "1", *BOTH), 2, "say one position"),
        (("--outcome", "settled", "--methodology", "m.toml", *BOTH), 2, "--methodology"),
        (("--outcome", "upheld", "--decided-by", "M. Wik"), 1, "is recorded with the decision itself"),
        (("--outcome", "upheld", "--decided-by", " ", "--reference", "T 17"), 2, "--decided-by"),
        (("--outcome", "upheld", "--decided-by", "M. Wik", "--reference", "T 17", *BOTH), 1, "not by both"),
    ],
)
def test_a_resolution_is_refused(disputed: World, options: tuple[str, ...], code: int, said: str) -> None:
    assert said in refused(disputed, *RESOLVE, *options, code=code)


def test_a_third_person_decides_with_the_decision_as_evidence(disputed: World) -> None:
    decision = disputed.file("decision.pdf", "the position is right")
    disputed.done(*RESOLVE, "--outcome", "upheld", "--decided-by", "M. Wik", "--evidence", decision)
    ended = dispute(disputed)["ended"]
    assert (ended["decided_by"], ended["agreed_by"], ended["determination"]) == ("M. Wik", [], "tiny/D2")
    records = disputed.done("register", "tiny", "-O", "json", by=None).json["records"][-2:]
    assert [one["evidence"][0]["document"] for one in records] == ["decision.pdf", "decision.pdf"]
    assert "by M. Wik" in disputed.done("dispute", "show", "tiny/X1", by=None).out


def test_what_was_decided_stands(disputed: World) -> None:
    disputed.done(*RESOLVE, "--outcome", "upheld", *BOTH)
    redo = ("determine", "tiny", "2019Q1", "--redo", "--reason", "late reports")
    assert "D2 (2019Q1) stands as the resolution of X1 of 2019-06-25 says" in refused(disputed, *redo)
    assert "D1 (2019Q1) was superseded by D2" in refused(disputed, *RAISE, "--savings", "1")
    again = [*RAISE, "--savings", "1"]
    again[2], again[6] = "tiny/D2", "2019-06-25"
    assert "D2 (2019Q1) carries out the resolution of X1, which is final" in refused(disputed, *again)


def test_a_determination_made_again_makes_it_moot(disputed: World) -> None:
    disputed.done("determine", "tiny", "2019Q1", "--redo", "--reason", "counted anew")
    one = disputed.state()["disputes"][0]
    assert (one["status"], one["ended_on"]) == ("moot", "2019-06-25")
    assert "Moot on 2019-06-25: D1 was superseded by D2" in disputed.done("dispute", "show", "tiny/X1", by=None).out
    assert "X1 is moot since 2019-06-25" in refused(disputed, *WITHDRAW)


# --- What waits ---------------------------------------------------------------------------------------------------


def test_the_party_does_not_accept_what_it_disputes(disputed: World) -> None:
    said = refused(disputed, "accept", "tiny/D1", "--by", "payer", "--on", "2019-06-25")
    assert said.startswith("soc: payer disputes D1 in X1 (settlement.objection_days)")
    assert said.endswith("soc dispute withdraw tiny/X1")
    disputed.done("accept", "tiny/D1", "--by", "external_provider", "--on", "2019-06-25")


def test_nor_is_the_notice_corrected_or_the_contract_closed(disputed: World) -> None:
    assert "D1 is disputed in X1" in refused(disputed, "correct", "tiny/N1", "--reason", "the wrong day", "--date", "2019-06-14")
    terms = disputed.file("short.toml", TERMS.replace("months = 12", "months = 3"))
    disputed.done("contract", "amend", "tiny", terms, "--from", "2019-04", *BOTH, "--reason", "it ends early")
    evaluation = disputed.file("evaluation.pdf", "%PDF final")
    closing = ("contract", "close", "tiny", "--on", "2019-08-14", "--evaluation", evaluation)
    assert "X1 is open: payer disputes D1" in refused(disputed, *closing, at="2019-08-14T09:00")
    disputed.done(*WITHDRAW[:4], "2019-08-14", *WITHDRAW[5:], by=PAYER, at="2019-08-14T09:00")
    disputed.done(*closing, at="2019-08-14T09:00")
    again = [*RAISE, "--savings", "1"]
    assert "tiny was closed on 2019-08-14" in refused(disputed, *again, at="2019-08-14T09:00")
