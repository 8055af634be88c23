"""How a methodology is negotiated: proposed, rejected, adopted, seen; and the state's reimbursements that one may net by."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from ledger.events import AcceptedFinding
from ledger.facts import Facts
from tests.cli.world import (
    BOTH,
    MANAGER,
    METHODOLOGY,
    PAYROLL,
    Q2,
    STRANGER,
    TERMS,
    Result,
    World,
    absences,
    trend,
    workforce,
)

PROVIDER = "S. Ny, external_provider"


def with_rules(name: str, *rules: str) -> str:
    """The methodology with other rules for disrupted months."""
    tables = "".join(f"[[disruption]]\n{rule}\n" for rule in rules)
    return METHODOLOGY.replace('"tiny-2019"', f'"{name}"').replace('[disruption]\nkind = "none@1"\n', tables)


LEFT_OUT = with_rules("left-out", 'kind = "exclude-months@1"\nwindow = "2019-03..2019-04"')
NETTED = with_rules("netted", 'kind = "net-of-reimbursement@1"\nreimbursed = "average"\nwindow = "2019-02..2019-06"')
CODED_OUT = with_rules("coded-out", 'kind = "exclude-cause@1"\ncauses = ["covid"]\nwindow = "2019-02..2019-03"')
ARGUED = ("--reason", "the flu swamps it")


def proposal(world: World, content: str = LEFT_OUT, by: str = "external_provider", from_: str = "2019-01-01") -> list[str]:
    """The command that proposes a methodology."""
    path = world.file(f"{by}.toml", content)
    return ["methodology", "propose", "tiny", str(path), "--from", from_, "--by", by, *ARGUED]


def adoption(world: World, content: str = LEFT_OUT, from_: str = "2019-01-01", *more: str) -> list[str]:
    """The command that adopts a methodology."""
    return ["methodology", "adopt", "tiny", str(world.file("adopted.toml", content)), "--from", from_, *BOTH, *more]


REJECTION = ["methodology", "reject", "tiny/M1", "--by", "payer", "--reason", "it counts too little"]


def negotiated(world: World, *more: str) -> Any:
    """``soc methodology list -O json``."""
    return world.done("methodology", "list", "tiny", "-O", "json", *more, by=None).json


def with_second_quarter(world: World) -> World:
    """… with the second quarter reported and determined."""
    world.done("import", "workforce", "tiny", world.file("q2.csv", workforce(Q2)), at="2019-09-12T08:00")
    report = world.file("absences-q2.csv", absences(Q2, 5, 1))
    world.done("import", "absences", "tiny", report, "--source", "payroll", "--complete", "2019Q2", at="2019-09-12T08:10")
    world.done("import", "trend", world.file("trend-q2.csv", trend(["2019Q2"])), at="2019-09-12T08:20")
    world.done("determine", "tiny", "2019Q2", at="2019-09-12T09:00")
    world.at = "2019-09-12T10:00"
    return world


# --- Propose and reject -------------------------------------------------------------------------------------------


def test_a_proposal_says_its_short_name_and_what_is_needed(settled: World) -> None:
    result = settled.done(*proposal(settled), by=PROVIDER)
    first, *more = result.out.splitlines()
    assert first == "Recorded tiny/M1: left-out (version 1), proposed from 2019-01-01 by external provider: the flu swamps it"
    assert more[0].strip() == f"fingerprint {negotiated(settled)['proposals'][0]['sha256'][:16]}"
    assert more[1].strip() == "it changes nothing until it is adopted; payer, external provider must agree"
    second = settled.done(*proposal(settled, NETTED, by="payer"), "-O", "json").json
    assert second["events"] == [{"id": "tiny/14", "name": "tiny/M2", "type": "MethodologyProposed@1"}]
    assert settled.state()["unsettled"]["facts"] == 0


def test_the_file_is_kept_as_evidence(settled: World) -> None:
    settled.done(*proposal(settled), "--reference", "minutes of 20 July")
    evidence = settled.done("register", "tiny", "-O", "json", by=None).json["records"][-1]["evidence"]
    assert [one["document"] for one in evidence] == ["external_provider.toml", "minutes of 20 July"]
    assert len(evidence[0]["sha256"]) == 64


def test_a_proposal_or_a_rejection_twice_is_a_no_op_that_says_so(settled: World) -> None:
    settled.done(*proposal(settled))
    settled.done(*REJECTION)
    before = settled.head()
    again = settled.done(*proposal(settled)).out.splitlines()[0]
    assert again.startswith("Already recorded as tiny/M1 on 2019-07-22 09:00:00; nothing was recorded now: left-out (version 1)")
    assert again.endswith("(rejected by payer on 2019-07-22: it counts too little)")
    assert settled.done(*REJECTION).out.startswith("Already recorded as tiny/14 on ")
    assert settled.done(*REJECTION, "-O", "json").json["repeated"] is True
    assert settled.head() == before


def test_another_argument_proposes_anew_what_was_rejected(settled: World) -> None:
    settled.done(*proposal(settled))
    settled.done(*REJECTION)
    anew = [*proposal(settled)[:-1], "now that the auditor agrees"]
    assert settled.done(*anew).out.startswith("Recorded tiny/M2: ")


@pytest.mark.parametrize("name", ["tiny/M1", "tiny/13"])
def test_a_proposal_is_rejected_by_its_short_name_or_its_record(settled: World, name: str) -> None:
    settled.done(*proposal(settled))
    result = settled.done(*REJECTION[:2], name, *REJECTION[3:])
    assert result.out.startswith("Recorded tiny/14: M1, left-out (version 1), rejected by payer: it counts too little\n")


@pytest.mark.parametrize("write", ["propose", "reject", "adopt"])
def test_a_rehearsal_records_nothing(settled: World, write: str) -> None:
    settled.done(*proposal(settled))
    before = settled.head()
    command = {"propose": proposal(settled, NETTED), "reject": REJECTION, "adopt": adoption(settled)}[write]
    result = settled.done(*command, "--dry-run")
    assert result.out.startswith("Would record tiny/")
    assert settled.head() == before


REFUSED: dict[str, tuple[list[str], str, int, str]] = {
    "a stranger proposes": (["propose", "{M}", "--by", "payer"], STRANGER, 1, "governance.records names"),
    "for nobody": (["propose", "{M}", "--by", "mayor"], MANAGER, 1, "mayor is not a party"),
    "twice, by another": (["propose", "{M}", "--by", "payer"], MANAGER, 1, "it was proposed from that date by external_provider"),
    "within a month": (["propose", "{M}", "--by", "payer", "--from", "2019-03-02"], MANAGER, 1, "starts on the first of a month"),
    "rejected by who need not agree": (["reject", "tiny/M1", "--by", "investor"], MANAGER, 1, "investor need not agree"),
    "no proposal": (["reject", "tiny/M2", "--by", "payer"], MANAGER, 2, "tiny has no M2 on record"),
    "not a proposal": (["reject", "tiny/D1", "--by", "payer"], MANAGER, 2, "tiny/D1 is not a proposal"),
    "no ID": (["reject", "M1", "--by", "payer"], MANAGER, 2, "'M1' is not an ID"),
    "no contract": (["propose", "{other}", "--by", "payer"], MANAGER, 2, "no contract other is on record"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(settled: World, case: str) -> None:
    args, by, code, said = REFUSED[case]
    settled.done(*proposal(settled))
    before, path = settled.head(), str(settled.folder / "external_provider.toml")
    filled = [part for arg in args for part in ({"{M}": ["tiny", path], "{other}": ["other", path]}.get(arg) or [arg])]
    dated = ["--from", "2019-01-01"] if args[0] == "propose" and "--from" not in args else []
    result = settled.soc("methodology", *filled, *dated, *ARGUED, by=by)
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert settled.head() == before


def test_a_bad_file_is_refused_with_its_lines(settled: World) -> None:
    result = settled.soc(*proposal(settled, LEFT_OUT.replace("2019-03..2019-04", "2019-04..2019-03")))
    assert result.code == 4
    assert "external_provider.toml:" in result.err
    assert settled.head()[0] == 12


# --- List and show ------------------------------------------------------------------------------------------------


@pytest.fixture
def negotiation(settled: World) -> World:
    """Three proposals: one rejected, one adopted after it had been rejected, one open."""
    settled.done(*proposal(settled), at="2019-07-22T09:00")
    settled.done(*proposal(settled, NETTED, by="payer"), at="2019-07-23T09:00")
    settled.done(*REJECTION, at="2019-07-24T09:00")
    rejection = ["methodology", "reject", "tiny/M2", "--by", "external_provider", "--reason", "it nets, twice"]
    settled.done(*rejection, by=PROVIDER, at="2019-07-25T09:00")
    third = with_rules("left-out", 'kind = "exclude-months@1"\nwindow = "2019-04"')
    settled.done(*proposal(settled, third, from_="2019-04-01"), at="2019-07-26T09:00")
    settled.done(*adoption(settled, NETTED), at="2019-07-29T09:00")
    settled.at = "2019-07-30T09:00"
    return settled


def test_the_list_shows_the_negotiation(negotiation: World) -> None:
    said = negotiation.done("methodology", "list", "tiny", by=None).out
    head, proposals = said.split("\nProposals\n")
    assert [line.split()[:3] for line in head.splitlines()[4:]] == [["2019-01-01", "netted", "1"]]
    sha256 = [one["sha256"][:16] for one in negotiated(negotiation)["proposals"]]
    assert proposals.strip().split("\n\n") == [
        f"M1  left-out (version 1) from 2019-01-01, {sha256[0]}\n"
        "    proposed by external provider on 2019-07-22: the flu swamps it\n"
        "    rejected by payer on 2019-07-24: it counts too little",
        f"M2  netted (version 1) from 2019-01-01, {sha256[1]}\n"
        "    proposed by payer on 2019-07-23: the flu swamps it\n"
        "    rejected by external provider on 2019-07-25: it nets, twice\n"
        "    adopted on 2019-07-29",
        f"M3  left-out (version 1) from 2019-04-01, {sha256[2]}\n"
        "    proposed by external provider on 2019-07-26: the flu swamps it\n"
        "    open",
    ]


def test_the_list_in_json(negotiation: World) -> None:
    said = negotiated(negotiation)
    assert [sorted(one) for one in said["methodologies"]] == [["from", "name", "sha256", "version"]]
    first, second, third = said["proposals"]
    assert first == {
        "id": "tiny/M1",
        "number": 1,
        "name": "left-out",
        "version": 1,
        "sha256": first["sha256"],
        "from": "2019-01-01",
        "by": "external_provider",
        "on": "2019-07-22",
        "reason": "the flu swamps it",
        "status": "rejected",
        "rejections": [{"by": "payer", "on": "2019-07-24", "reason": "it counts too little"}],
        "adopted_on": None,
    }
    assert (second["status"], second["adopted_on"], second["rejections"][0]["on"]) == ("adopted", "2019-07-29", "2019-07-25")
    assert (third["status"], third["rejections"], third["adopted_on"]) == ("open", [], None)


def test_the_list_in_csv(negotiation: World) -> None:
    rows = list(csv.DictReader(io.StringIO(negotiation.done("methodology", "list", "tiny", "-O", "csv", by=None).out)))
    assert [(row["name"], row["proposal"], row["by"], row["on"], row["status"]) for row in rows] == [
        ("netted", "", "", "", "adopted"),
        ("left-out", "M1", "external_provider", "2019-07-22", "rejected by payer on 2019-07-24: it counts too little"),
        (
            "netted",
            "M2",
            "payer",
            "2019-07-23",
            "rejected by external provider on 2019-07-25: it nets, twice; adopted on 2019-07-29",
        ),
        ("left-out", "M3", "external_provider", "2019-07-26", "open"),
    ]


def test_without_proposals_the_list_is_as_short_as_ever(settled: World) -> None:
    assert "Proposals" not in settled.done("methodology", "list", "tiny", by=None).out
    assert negotiated(settled)["proposals"] == []


def test_a_contract_that_has_adopted_nothing_says_so(nothing: World) -> None:
    world = nothing.opened()
    world.at = "2019-01-02T09:00"
    world.done("contract", "sign", world.file("tiny.toml", TERMS))
    world.done(*proposal(world))
    assert "None is adopted.\n\nProposals\n\nM1  left-out" in world.done("methodology", "list", "tiny", by=None).out
    result = world.soc("methodology", "show", "tiny", by=None)
    assert result.code == 2
    assert "tiny has adopted no methodology\n  → See what is proposed with: soc methodology list tiny" in result.err


def shown(world: World, *name: str) -> Any:
    """``soc methodology show -O json``."""
    return world.done("methodology", "show", "tiny", *name, "-O", "json", by=None).json


@pytest.mark.parametrize(("name", "number"), [("M1", 1), ("M2", 2), ("M3", 3), ("tiny/M1", 1), ("left-out", 3), (0, 1), (2, 3)])
def test_a_proposal_is_shown_by_short_name_name_or_fingerprint(negotiation: World, name: str | int, number: int) -> None:
    """Of two with the same name, the one proposed last."""
    wanted = negotiated(negotiation)["proposals"][number - 1]
    text = name if isinstance(name, str) else negotiated(negotiation)["proposals"][name]["sha256"][:12]
    said = shown(negotiation, text)
    assert (said["proposal"], said["sha256"], said["from"]) == (wanted, wanted["sha256"], wanted["from"])
    assert said["methodology"]["name"] == wanted["name"]


def test_a_proposal_in_text_says_what_came_of_it_and_its_rules(negotiation: World) -> None:
    said = negotiation.done("methodology", "show", "tiny", "M1", by=None).out
    assert "    rejected by payer on 2019-07-24: it counts too little\n" in said
    assert "exclude-months@1" in said
    assert shown(negotiation, "M1")["sha256"] in said
    rows = list(csv.DictReader(io.StringIO(negotiation.done("methodology", "show", "tiny", "M1", "-O", "csv", by=None).out)))
    assert {"key": "proposal.rejections.1.by", "value": "payer"} in rows
    assert {"key": "methodology.disruption.window", "value": "2019-03..2019-04"} in rows


def test_what_was_adopted_is_shown_as_adopted_also_where_another_holds_since(negotiation: World) -> None:
    for name, methodology in ((), "netted"), (("netted",), "netted"), (("tiny-2019",), "tiny-2019"):
        said = shown(negotiation, *name)
        assert (said["methodology"]["name"], said["proposal"], said["from"]) == (methodology, None, "2019-01-01")
    assert negotiation.done("methodology", "show", "tiny", "tiny-2019", by=None).out.startswith("tiny-2019, adopted by tiny from")


@pytest.mark.parametrize("name", ["M4", "other", "ffffffffffff"])
def test_what_is_neither_adopted_nor_proposed_is_an_error(negotiation: World, name: str) -> None:
    result = negotiation.soc("methodology", "show", "tiny", name, by=None)
    assert (result.code, result.out) == (2, "")
    assert f"tiny has adopted no methodology {name}, and none is proposed" in result.err


# --- Adopt --------------------------------------------------------------------------------------------------------


def lines(result: Result) -> list[str]:
    """What a receipt says, line by line, without the balance, and without a word on windows that begin before the start."""
    return [line.strip() for line in result.out.splitlines()[:-1] if "window begins before" not in line]


def test_an_adoption_says_that_a_window_reaches_further_back_than_it(settled: World) -> None:
    said = settled.done(*adoption(settled, NETTED, from_="2019-03-01"), "--dry-run").out
    assert "the window begins before 2019-03-01; months before that stay as they are" in said
    assert "window begins" not in settled.done(*adoption(settled, NETTED, from_="2019-01-01"), "--dry-run").out


def test_an_adoption_says_which_proposal_it_adopts(settled: World) -> None:
    settled.done(*proposal(settled, from_="2019-04-01"))
    result = settled.done(*adoption(settled, from_="2019-04-01"))
    sha256 = negotiated(settled)["proposals"][0]["sha256"]
    assert lines(result) == [
        f"Recorded tiny/14: tiny measures by left-out (version 1) from 2019-04-01, {sha256[:16]}",
        "adopts M1, proposed by external provider on 2019-07-22",
    ]
    said = settled.done(*adoption(settled, from_="2019-04-01"), "-O", "json").json
    assert (said["repeated"], said["proposal"], said["accepts"], said["to_redo"]) == (True, "tiny/M1", [], [])


def test_an_adoption_without_a_proposal_says_nothing_of_one(settled: World) -> None:
    result = settled.done(*adoption(settled, from_="2019-04-01"))
    assert len(lines(result)) == 1
    assert settled.done(*adoption(settled, from_="2019-04-01"), "-O", "json").json["proposal"] is None


def test_an_adoption_says_what_is_to_be_determined_again(settled: World) -> None:
    with_second_quarter(settled)
    result = settled.done(*adoption(settled, from_="2019-02-01"))
    assert lines(result)[1:] == [
        "D1, D2 were measured by tiny-2019 (version 1); determine again with:",
        "soc determine tiny 2019Q1 --redo --reason TEXT",
        "soc determine tiny 2019Q2 --redo --reason TEXT",
    ]
    assert settled.state()["unsettled"]["facts"] == 1
    said = settled.done(*adoption(settled, from_="2019-02-01"), "-O", "json").json
    assert said["to_redo"] == [
        {"id": "tiny/D1", "period": "2019Q1", "measured_by": "tiny-2019 (version 1)"},
        {"id": "tiny/D2", "period": "2019Q2", "measured_by": "tiny-2019 (version 1)"},
    ]


def test_the_commands_that_it_names_settle_it(settled: World) -> None:
    with_second_quarter(settled)
    before = settled.state()["savings"]["determined"]
    said = lines(settled.done(*adoption(settled, from_="2019-02-01")))
    assert settled.state()["savings"]["determined"] == before
    for command in [line.removeprefix("soc ") for line in said if line.startswith("soc determine ")]:
        settled.done(*command.replace("TEXT", "adopted").split())
    state = settled.state()
    assert (state["unsettled"]["facts"], state["excluded_months"]) == (0, ["2019-03", "2019-04"])
    assert state["savings"]["determined"] != before
    again = settled.done(*adoption(settled, from_="2019-02-01"), "-O", "json").json
    assert (again["repeated"], again["to_redo"]) == (True, [])


def test_what_lies_before_it_or_agrees_with_it_stands(settled: World) -> None:
    with_second_quarter(settled)
    assert [line for line in lines(settled.done(*adoption(settled, from_="2019-04-01"))) if "determine again" in line] == [
        "D2 was measured by tiny-2019 (version 1); determine again with:"
    ]
    settled.done("determine", "tiny", "2019Q2", "--redo", "--reason", "adopted")
    third = settled.done(*adoption(settled, NETTED, from_="2019-03-01"))
    assert lines(third)[1:] == [
        "D1 was measured by tiny-2019 (version 1); determine again with:",
        "soc determine tiny 2019Q1 --redo --reason TEXT",
        "D3 was measured by left-out (version 1); determine again with:",
        "soc determine tiny 2019Q2 --redo --reason TEXT",
    ]


def test_an_agreement_of_the_same_after_another_is_a_new_one(settled: World) -> None:
    first, second = adoption(settled, LEFT_OUT, "2019-04-01"), adoption(settled, NETTED, "2019-04-01")
    settled.file("adopted.toml", LEFT_OUT)
    said = [settled.done(*first).out.split()[0]]
    settled.file("adopted.toml", NETTED)
    said.append(settled.done(*second).out.split()[0])
    settled.file("adopted.toml", LEFT_OUT)
    said += [settled.done(*first).out.split()[0] for _ in range(2)]
    assert said == ["Recorded", "Recorded", "Recorded", "Already"]


def test_the_record_of_a_negotiation_holds_when_it_is_checked(negotiation: World) -> None:
    assert "and every figure recomputed: no difference." in negotiation.soc("check", by=None).out
    register = negotiation.done("register", "tiny", by=None).out
    assert "methodology left-out proposed from 2019-01-01 by external provider: the flu swamps it" in register
    assert "proposal M1 rejected by payer: it counts too little" in register
    assert "methodology netted (M2) adopted from 2019-01-01" in register


def test_follow_up_resumed_from_the_month_of_its_suspension_counts_throughout(settled: World) -> None:
    settled.done("suspend", "tiny", "--from", "2019-05", *BOTH, "--reason", "the flu")
    assert settled.state()["suspended_months"] == ["2019-05", "2019-06", "2019-07"]
    settled.done("resume", "tiny", "--from", "2019-05", *BOTH, "--reason", "measured anew")
    assert settled.state()["suspended_months"] == []
    assert settled.state()["undetermined_months"] == ["2019-04", "2019-05", "2019-06"]


# --- What is found beside it --------------------------------------------------------------------------------------

FOUND = (
    AcceptedFinding(name="symmetry", what="days are left out of one side alone", size_ore=123456),
    AcceptedFinding(name="procurement", what="the provider's pay changes"),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, str, str]]:
    """Two findings beside every methodology; and what was asked for them."""
    found: list[tuple[int, str, str, str]] = []

    def beside(facts: Facts, contract_id: str, methodology: Any, from_on: Any) -> tuple[AcceptedFinding, ...]:
        found.append((facts.position, contract_id, methodology.name, str(from_on)))
        return FOUND

    monkeypatch.setattr("cli.methodology.found_beside", beside)
    return found


def test_what_is_found_must_be_accepted_by_name(settled: World, asked: list[Any]) -> None:
    result = settled.soc(*adoption(settled, LEFT_OUT, "2019-04-01", "--accept-finding", "procurement"))
    assert (result.code, result.out) == (1, "")
    assert "    symmetry: days are left out of one side alone\n" in result.err
    assert "Adopt it knowingly with: --accept-finding symmetry\n" in result.err
    assert settled.head()[0] == 12
    assert asked == [(12, "tiny", "left-out", "2019-04-01")]


def test_findings_accepted_stand_in_the_record(settled: World, asked: list[Any]) -> None:
    accepting = ("--accept-finding", "procurement", "--accept-finding", "symmetry")
    command = adoption(settled, LEFT_OUT, "2019-04-01", *accepting)
    assert lines(settled.done(*command))[1:] == [
        "accepted: symmetry, 1\u2009234.56 SEK: days are left out of one side alone",
        "accepted: procurement: the provider's pay changes",
    ]
    assert "; accepting symmetry 1\u2009234.56, procurement" in settled.done("register", "tiny", by=None).out
    other_order = adoption(settled, LEFT_OUT, "2019-04-01", *accepting[2:], *accepting[:2])
    said = settled.done(*other_order, "-O", "json").json
    assert (said["repeated"], said["accepts"]) == (
        True,
        [
            {"name": "symmetry", "what": "days are left out of one side alone", "size": "1234.56"},
            {"name": "procurement", "what": "the provider's pay changes", "size": None},
        ],
    )
    assert len(asked) == 1


def test_a_finding_that_is_not_there_cannot_be_accepted(settled: World, asked: list[Any]) -> None:
    result = settled.soc(*adoption(settled, LEFT_OUT, "2019-04-01", "--accept-finding", "symetry"))
    assert result.code == 1
    assert "there is no finding symetry beside this methodology; found: symmetry, procurement" in result.err


def test_days_left_out_of_one_side_are_found(settled: World) -> None:
    """Coded days are left out of actual, and the index keeps them: it is a fifth above that of the year before."""
    settled.done("import", "trend", settled.file("revised.csv", trend(["2019Q1"], "3.00")))
    result = settled.soc(*adoption(settled, CODED_OUT, "2019-02-01"))
    assert result.code == 1
    assert "Adopt it knowingly with: --accept-finding symmetry\n" in result.err
    done = settled.done(*adoption(settled, CODED_OUT, "2019-02-01", "--accept-finding", "symmetry"))
    assert any(line.startswith("accepted: symmetry") for line in lines(done))


# --- What the state repaid ----------------------------------------------------------------------------------------

HEADER = "month,sick_pay_cost,wage_cost,threshold,reimbursed"
APRIL, MAY, JUNE = "2019-04,100000,2000000,0,100000", "2019-05,100000.00,2000000,1.07,78600", "2019-06,10000,2000000,1.07,0.00"


def repaid(world: World, name: str, *rows: str) -> Path:
    """A file of reimbursements."""
    return world.file(name, "\n".join([HEADER, *rows]))


def test_a_receipt_of_reimbursements(settled: World) -> None:
    path = repaid(settled, "repaid.csv", MAY, APRIL, JUNE)
    result = settled.done("import", "reimbursements", "tiny", path, by=PAYROLL)
    of = "the state repaid 178\u2009600.00 of 210\u2009000.00 SEK of sick pay"
    assert lines(result) == [f"Recorded tiny/13: {path}: {of}, 3 months, 2019-04 to 2019-06"]
    one = settled.done("import", "reimbursements", "tiny", repaid(settled, "one.csv", "2019-03,1,1,0,1"), "-O", "json").json
    assert one["events"] == [{"id": "tiny/14", "name": None, "type": "ReimbursementsReported@1"}]
    assert one["said"] == [f"{settled.folder / 'one.csv'}: the state repaid 1.00 of 1.00 SEK of sick pay, 1 month, 2019-03"]


def test_the_same_file_twice_is_a_no_op_and_a_later_one_replaces_months(settled: World) -> None:
    first = repaid(settled, "first.csv", APRIL, MAY)
    second = repaid(settled, "second.csv", MAY.replace("78600", "78600.01"), JUNE)
    results = [settled.done("import", "reimbursements", "tiny", path) for path in (first, first, second, first, first)]
    assert [result.out.split()[0] for result in results] == ["Recorded", "Already", "Recorded", "Recorded", "Already"]
    assert [lines(result)[1:] for result in results] == [
        [],
        [],
        ["replaces what was recorded of 2019-05"],
        ["replaces what was recorded of 2019-05"],
        [],
    ]
    assert "nothing was recorded now" in results[1].out


@pytest.mark.parametrize(
    ("reimbursed", "said"),
    [
        ("78600.00", None),
        ("78601.00", None),
        ("78599.00", None),
        ("78601.01", "1.01 more"),
        ("78598.99", "1.01 less"),
        ("100000.00", "21\u2009400.00 more"),
    ],
)
def test_what_is_more_than_a_krona_beside_the_rule_is_recorded_and_said(
    settled: World, reimbursed: str, said: str | None
) -> None:
    path = repaid(settled, "repaid.csv", APRIL, f"2019-05,100000.00,2000000,1.07,{reimbursed}", JUNE)
    _, *findings = lines(settled.done("import", "reimbursements", "tiny", path))
    assert len(findings) == (said is not None)
    for one in findings:
        assert one.startswith("finding: line 3, 2019-05: ")
        assert "what lies above 1.07 % of 2\u2009000\u2009000.00 is 78\u2009600.00 of 100\u2009000.00" in one
        assert one.endswith(f"{said}; recorded as it was decided")


def test_a_rehearsed_import_says_the_same(settled: World) -> None:
    path = repaid(settled, "repaid.csv", APRIL, MAY.replace("78600", "1"))
    rehearsed = settled.done("import", "reimbursements", "tiny", path, "--dry-run").out.splitlines()
    assert settled.head()[0] == 12
    recorded = settled.done("import", "reimbursements", "tiny", path).out.splitlines()
    assert [rehearsed[0].replace("Would record", "Recorded"), *rehearsed[1:-1]] == recorded


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (f"{HEADER}\n{APRIL}\n2019-07,1,1,0,1\n", 4, ":3: 2019-07 has not ended; today is 2019-07-22"),
        (f"{HEADER}\n{APRIL}\n{APRIL}\n", 4, ":3: lines 2 and 3 both give 2019-04"),
        ("month,workplace,employees\n2019-04,Skolan,1\n", 4, ":1: its header is that of a file of workforce"),
        (f"{HEADER}\n", 4, ": no lines below the header"),
    ],
)
def test_a_bad_file_of_reimbursements_is_refused(settled: World, content: str, code: int, said: str) -> None:
    result = settled.soc("import", "reimbursements", "tiny", settled.file("sent.csv", content))
    assert (result.code, result.out) == (code, "")
    assert said in result.err
    assert settled.head()[0] == 12


def test_a_file_of_reimbursements_sent_as_another_is_named(settled: World) -> None:
    result = settled.soc("import", "workforce", "tiny", repaid(settled, "sent.csv", APRIL))
    assert result.code == 4
    assert "its header is that of a file of reimbursements\n    → Import it with: soc import reimbursements" in result.err


def test_who_does_not_record_does_not_import(settled: World) -> None:
    result = settled.soc("import", "reimbursements", "tiny", repaid(settled, "sent.csv", APRIL), by=STRANGER)
    assert (result.code, result.out) == (1, "")
    assert "technical_advisor may not do this; governance.records" in result.err


def can(world: World, month: str) -> str:
    """What ``soc evidence`` says of a month."""
    said = world.soc("evidence", "tiny", month, by=None).out
    [line] = [line for line in said.splitlines() if line.startswith(f"{month} ")]
    return line.split("  ")[-1].strip()


def test_evidence_says_which_reimbursements_are_missing(settled: World) -> None:
    with_second_quarter(settled)
    settled.done(*adoption(settled, NETTED, "2019-04-01"))
    settled.done("import", "workforce", "tiny", settled.file("july.csv", workforce(["2019-07"])))
    assert settled.soc("determine", "tiny", "2019Q2", "--redo", "--reason", "netted").code == 1
    settled.done("import", "reimbursements", "tiny", repaid(settled, "repaid.csv", APRIL, MAY))
    refused = settled.soc("determine", "tiny", "2019Q2", "--redo", "--reason", "netted")
    assert "2019-06: what the state repaid of sick pay is not recorded" in refused.err
    assert "2019-05:" not in refused.err
    settled.done("import", "reimbursements", "tiny", repaid(settled, "june.csv", JUNE))
    said = settled.done("determine", "tiny", "2019Q2", "--redo", "--reason", "netted", "-O", "json").json
    assert said["months"][0]["savings"] == "0.00"
    assert [month["reimbursed"] for month in said["months"]] == ["1", "393/500", "0"]


def test_evidence_of_a_month_that_nets(reported: World) -> None:
    reported.at = "2019-06-11T09:00"
    assert can(reported, "2019-02") == "yes"
    reported.done(*adoption(reported, NETTED))
    assert can(reported, "2019-01") == "yes"
    missing = "no: what the state repaid of sick pay is missing; record it with: soc import reimbursements tiny FILE"
    assert can(reported, "2019-02") == missing
    assert reported.soc("evidence", "tiny", "2019Q1", by=None).code == 1
    rows = ["2019-02,100,2000000,1.07,0", "2019-03,100,2000000,1.07,0"]
    reported.done("import", "reimbursements", "tiny", repaid(reported, "repaid.csv", *rows))
    assert can(reported, "2019-02") == "yes"
    assert reported.soc("evidence", "tiny", "2019Q1", by=None).code == 0


def test_evidence_of_months_that_are_agreed_needs_none(reported: World) -> None:
    reported.at = "2019-06-11T09:00"
    assert can(reported, "2019-04") == "no: headcounts are missing"
    rules = ('kind = "exclude-months@1"\nwindow = "2019-04"', 'kind = "deem-average@1"\nwindow = "2019-05"\nof = "2019Q1"')
    reported.done(*adoption(reported, with_rules("agreed", *rules)))
    assert can(reported, "2019-04") == "yes, by agreement it is left out"
    assert can(reported, "2019-05") == "yes, by agreement it counts for the mean of 2019Q1"
    assert can(reported, "2019-06") == "no: headcounts are missing"
    assert reported.soc("evidence", "tiny", "2019-04..2019-05", by=None).code == 0


def test_evidence_of_other_reference_years_concerns_the_contract(reported: World) -> None:
    reported.at = "2019-06-11T09:00"
    assert can(reported, "2017-06") == "no: neither a month of the contract nor of its reference years"
    rule = 'kind = "rebase@1"\nfrom = 2017-01-01\nto = 2017-12-31\nwindow = "2019-02"'
    reported.done(*adoption(reported, with_rules("rebased", rule)))
    assert can(reported, "2017-06") == "no: headcounts are missing"
