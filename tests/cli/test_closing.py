"""A contract's end: closed once, with its final evaluation; what is final then, and what may still move."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.world import BOTH, METHODOLOGY, PAYER, Q2, STRANGER, TERMS, World, workforce

EVALUATION = b"%PDF-1.7 final evaluation, by the external auditor"
DIGEST = hashlib.sha256(EVALUATION).hexdigest()


def shortened(world: World, at: str = "2019-06-21T09:00") -> World:
    """… with the contract agreed to end with March 2019, so that its only determination is its last."""
    terms = world.file("short.toml", TERMS.replace("months = 12", "months = 3"))
    world.done("contract", "amend", "tiny", terms, "--from", "2019-04", *BOTH, "--reason", "it ends early", at=at)
    return world


@pytest.fixture
def ended(settled: World) -> World:
    """A contract whose months are all determined and accepted: 34 909.09 is claimed, payable since 2019-07-20."""
    return shortened(settled)


def closing(world: World, content: bytes = EVALUATION, on: str = "2019-07-22") -> list[str | Path]:
    """The command that closes the contract."""
    return ["contract", "close", "tiny", "--on", on, "--evaluation", world.file("evaluation.pdf", content)]


def said(world: World, command: list[str | Path], at: str | None = None) -> list[str]:
    """What a receipt says, line by line, without the balance."""
    return [line.strip() for line in world.done(*command, at=at).out.splitlines()[:-1]]


def paid(amount: str, invoice: str = "O1") -> list[str | Path]:
    """An outcome payment that has been made."""
    return [*("pay", "outcome", "tiny", amount, "--on", "2019-07-22"), "--invoice", invoice, "--made", "--bank-reference", "BG"]


UPFRONT = "of the upfront payment 200\u2009000.00 SEK is neither paid nor instructed"


# --- Closing ------------------------------------------------------------------------------------------------------


def test_the_receipt_says_that_it_is_final_and_what_is_left_to_pay(ended: World) -> None:
    assert said(ended, closing(ended)) == [
        "Recorded tiny/14: tiny closed on 2019-07-22; its state is final, and what it settled stands",
        f"final evaluation: evaluation.pdf, {DIGEST[:16]}",
        "claimed and not yet paid: 34\u2009909.09 SEK; it may still be paid",
        UPFRONT,
    ]


def test_the_receipt_in_json(ended: World) -> None:
    receipt = ended.done(*closing(ended), "-O", "json").json
    assert receipt["events"] == [{"id": "tiny/14", "name": None, "type": "ContractClosed@1"}]
    assert receipt["evaluation"] == {"document": "evaluation.pdf", "sha256": DIGEST}
    assert (receipt["claimed_and_not_paid"], receipt["due"]) == ("34909.09", "34909.09")


def test_the_evaluation_is_the_evidence(ended: World) -> None:
    ended.done(*closing(ended), "--reference", "RISE 2019:7")
    evaluation, reference = ended.done("register", "tiny", "-O", "json", by=None).json["records"][-1]["evidence"]
    assert evaluation == {
        "document": "evaluation.pdf",
        "sha256": DIGEST,
        "obtained_on": "2019-07-22",
        "obtained_how": "final evaluation, file given to soc",
    }
    assert reference["document"] == "RISE 2019:7"
    assert "contract closed on 2019-07-22; final evaluation: evaluation.pdf" in ended.done("register", "tiny", by=None).out


def test_what_is_not_payable_yet_is_named_with_its_day(ended: World) -> None:
    assert said(ended, closing(ended, on="2019-06-22"), at="2019-06-22T09:00")[2:4] == [
        "claimed and not yet paid: 34\u2009909.09 SEK; it may still be paid",
        "34\u2009909.09 of it falls payable on 2019-07-20",
    ]


@pytest.mark.parametrize(
    ("amounts", "line"),
    [
        (["34909.09"], "all that is claimed is paid"),
        (["34909.00"], "claimed and not yet paid: 0.09 SEK; it may still be paid"),
        (["34909.09", "0.01"], "overpaid: 0.01 SEK; it may still be recovered"),
    ],
)
def test_what_was_paid_is_not_left_to_pay(ended: World, amounts: list[str], line: str) -> None:
    for number, amount in enumerate(amounts):
        ended.done(*paid(amount, f"O{number}"), by=PAYER)
    assert said(ended, closing(ended))[2:] == [line, UPFRONT]


def test_what_is_instructed_is_not_yet_paid(ended: World) -> None:
    ended.done("pay", "outcome", "tiny", "30000", "--on", "2019-07-22", "--invoice", "O1", by=PAYER)
    ended.done("pay", "upfront", "tiny", "--due", "--on", "2019-07-22", "--invoice", "U1", by=PAYER)
    assert said(ended, closing(ended))[2:] == [
        "claimed and not yet paid: 34\u2009909.09 SEK, of which 30\u2009000.00 is instructed; it may still be paid"
    ]


def test_what_was_recovered_counts_as_not_paid(ended: World) -> None:
    ended.done(*paid("40000"), by=PAYER)
    recovery = ["pay", "recover", "tiny", "6000", "--on", "2019-07-22", "--invoice", "R1", "--made", "--bank-reference", "BG"]
    ended.done(*recovery)
    assert said(ended, closing(ended))[2] == "claimed and not yet paid: 909.09 SEK; it may still be paid"


def test_a_rehearsal_says_the_same_and_records_nothing(ended: World) -> None:
    before = ended.head()
    rehearsed = ended.done(*closing(ended), "--dry-run").out.splitlines()
    assert ended.head() == before
    recorded = ended.done(*closing(ended)).out.splitlines()
    assert [rehearsed[0].replace("Would record", "Recorded"), *rehearsed[1:-1]] == recorded


def test_the_same_twice_is_a_no_op_and_another_evaluation_is_refused(ended: World) -> None:
    ended.done(*closing(ended))
    before = ended.head()
    again = ended.done(*closing(ended)).out
    assert again.startswith("Already recorded as tiny/14 on 2019-07-22 09:00:00; nothing was recorded now: tiny closed on")
    for content, on in ((b"another", "2019-07-22"), (EVALUATION, "2019-07-21")):
        result = ended.soc(*closing(ended, content, on))
        assert (result.code, result.out) == (1, "")
        assert "tiny was closed on 2019-07-22; what it settled stands" in result.err
    assert ended.head() == before


# --- Not yet ------------------------------------------------------------------------------------------------------


def test_everything_that_stands_against_it_is_listed(settled: World) -> None:
    before = settled.head()
    result = settled.soc(*closing(settled))
    assert (result.code, result.out) == (1, "")
    for text in (
        "tiny cannot be closed on 2019-07-22:",
        "its last month is 2019-12",
        "neither determined nor excluded by agreement: 2019-04, 2019-05, 2019-06, 2019-07",
    ):
        assert text in result.err
    assert settled.head() == before


def test_a_notice_that_runs_stands_against_it(reported: World) -> None:
    shortened(reported, at="2019-06-11T09:00")
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    reported.at = "2019-06-13T09:00"
    assert "D1 (2019Q1) is not notified" in reported.soc(*closing(reported, on="2019-06-13")).err
    reported.done("notify", "tiny/D1", "--on", "2019-06-13")
    assert "the notice of D1 runs until 2019-07-13" in reported.soc(*closing(reported, on="2019-06-13")).err
    done = said(reported, closing(reported, on="2019-07-14"), at="2019-07-14T09:00")
    assert done[3] == "34\u2009909.09 of it falls payable on 2019-08-13"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("evaluation.pdf", b"", "the file is empty"),
        ("missing.pdf", None, "there is no such file"),
        ("811218-9876.pdf", b"x", "its name holds a personal number"),
    ],
)
def test_an_evaluation_that_is_none_is_refused(ended: World, name: str, content: bytes | None, what: str) -> None:
    path = ended.folder / name if content is None else ended.file(name, content)
    before = ended.head()
    result = ended.soc("contract", "close", "tiny", "--on", "2019-07-22", "--evaluation", path)
    assert (result.code, result.out) == (4, "")
    assert what in result.err
    assert "9876" not in result.err
    assert ended.head() == before


def test_who_does_not_sign_does_not_close(ended: World) -> None:
    result = ended.soc(*closing(ended), by=STRANGER)
    assert (result.code, result.out) == (1, "")
    assert "technical_advisor may not do this; governance.signs names performance_manager, payer" in result.err


# --- Closed -------------------------------------------------------------------------------------------------------


@pytest.fixture
def closed(ended: World) -> World:
    """A contract that was closed, with nothing paid yet."""
    ended.done(*closing(ended))
    return ended


FINAL = {
    "amend": "contract amend tiny {short.toml} --from 2019-08 {both} --reason r",
    "propose": "methodology propose tiny {method.toml} --from 2019-01-01 --by payer --reason r",
    "adopt": "methodology adopt tiny {method.toml} --from 2019-02-01 {both}",
    "suspend": "suspend tiny --from 2019-03 {both} --reason r",
    "resume": "resume tiny --from 2019-03 {both} --reason r",
    "determine": "determine tiny 2019Q2",
    "determine again": "determine tiny 2019Q1 --redo --reason r",
    "notify": "notify tiny/D1 --on 2019-07-22",
    "accept": "accept tiny/D1 --by payer --on 2019-06-21",
}


@pytest.mark.parametrize("name", FINAL)
def test_what_was_settled_stands(closed: World, name: str) -> None:
    command = FINAL[name].replace("{both}", " ".join(BOTH))
    closed.file("method.toml", METHODOLOGY.replace("tiny-2019", "other"))
    for file in ("short.toml", "method.toml"):
        command = command.replace(f"{{{file}}}", str(closed.folder / file))
    before = closed.head()
    result = closed.soc(*command.split())
    assert (result.code, result.out) == (1, "")
    assert "tiny was closed on 2019-07-22; what it settled stands" in result.err
    assert closed.head() == before


def test_money_that_was_claimed_may_still_be_paid(closed: World) -> None:
    closed.done("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "O1", by=PAYER)
    closed.done(*paid("34909.09"), by=PAYER)
    closed.done("pay", "upfront", "tiny", "200000", "--on", "2019-07-22", "--invoice", "U", "--made", "--bank-reference", "B")
    assert closed.state()["balance"]["provider"]["due"] == "0.00"
    above = closed.soc("pay", "outcome", "tiny", "0.01", "--on", "2019-07-22", "--invoice", "O2", by=PAYER)
    assert above.code == 1
    assert closed.done("check", by=None).out == ""


def test_the_state_is_as_it_was(ended: World) -> None:
    ended.done("loan", "draw", "tiny", "1", "--on", "2019-07-22", "--for", "internal", by=PAYER)
    before = ended.state()
    ended.done(*closing(ended))
    after = ended.state()
    assert (before["closed_on"], after["closed_on"]) == (None, "2019-07-22")
    kept = before.keys() - {"known_at", "basis", "closed_on"}
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}


def test_the_contract_says_that_it_is_closed(ended: World) -> None:
    assert ended.done("contract", "show", "tiny", "-O", "json", by=None).json["closed_on"] is None
    assert ", closed on" not in ended.done("contract", "show", "tiny", by=None).out
    ended.done(*closing(ended))
    assert ended.done("contract", "show", "tiny", "-O", "json", by=None).json["closed_on"] == "2019-07-22"
    shown = ended.done("contract", "show", "tiny", by=None).out
    assert shown.startswith("Tiny SOC — tiny, signed on 2019-01-01, closed on 2019-07-22\n")


def test_evidence_that_comes_later_is_recorded_and_changes_nothing(closed: World) -> None:
    before = closed.state()["savings"]
    closed.done("import", "workforce", "tiny", closed.file("q2.csv", workforce(Q2)))
    assert closed.state()["savings"] == before
