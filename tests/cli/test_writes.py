"""Every write: rehearsed, recorded once however often it is sent, refused to the wrong role; and every answer's forms."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from freezegun import freeze_time

from cli.main import soc
from tests.cli.tender_world import TENDER
from tests.cli.tiered_world import KIDS, KIDS_MEASURED
from tests.cli.world import (
    BOTH,
    MANAGER,
    METHODOLOGY,
    MONTHS_2018,
    PAYER,
    PAYROLL,
    Q1,
    Q2,
    QUARTERS_2018,
    STRANGER,
    TERMS,
    Result,
    World,
    absences,
    run,
    trend,
    workforce,
)

AUDITOR = "R. Revisor, external_auditor"

# --- Every write, in the order of a contract's life ---------------------------------------------------------------

FILES = {
    "tiny.toml": TERMS,
    "amended.toml": TERMS.replace('maximum_payment = "300000.00"', 'maximum_payment = "280000.00"'),
    "short.toml": TERMS.replace("months = 12", "months = 7").replace("[population]", 'external_auditor = "EY"\n[population]'),
    "method.toml": METHODOLOGY,
    "left-out.toml": METHODOLOGY.replace("tiny-2019", "left-out").replace(
        'kind = "none@1"', 'kind = "exclude-months@1"\nwindow = "2019-04..2019-07"'
    ),
    "repaid.csv": "month,sick_pay_cost,wage_cost,threshold,reimbursed\n2019-04,100,1000,0,100\n",
    "surveys.csv": "indicator,period,value,unit,respondents,note\nengagement,2019-03,78.4,index-0-100,118,\n",
    "targets.csv": (
        "measure,change,stated_on,by,from_period,to_period,source,note\nshort-term-days,-12 %,2019-01-05,RISE,,,release,\n"
    ),
    "evaluation.pdf": "the final evaluation",
    "sheet.csv": "drawn and filled in when its turn comes",
    "kids.toml": KIDS,
    "tender.toml": TENDER,
    "small.toml": TERMS.replace('id = "tiny"', 'id = "small"'),
    "both.toml": 'id = "both"\nname = "Both of them"\ncontracts = ["tiny", "small"]\nfrom_on = 2019-10-01\n',
    "longer.toml": KIDS.replace("payment_days = 30", "payment_days = 60"),
    "kids.csv": KIDS_MEASURED,
    "workforce.csv": workforce(MONTHS_2018 + Q1),
    "trend.csv": trend([*QUARTERS_2018, "2019Q1"]),
    "reference.csv": absences(MONTHS_2018, 10, 2),
    "quarter.csv": absences(Q1, 5, 1),
    "restated.csv": absences(Q1, 4, 1),
}
OUTCOME = ("pay", "outcome", "tiny")
WRITES: dict[str, tuple[str, str, str]] = {
    "contract sign": ("2019-01-02T09:00", MANAGER, "contract sign {tiny.toml}"),
    "methodology adopt": ("2019-01-02T10:00", MANAGER, "methodology adopt tiny {method.toml} --from 2019-01-01 {both}"),
    "import workforce": ("2019-06-10T08:00", MANAGER, "import workforce tiny {workforce.csv}"),
    "import trend": ("2019-06-10T08:10", MANAGER, "import trend {trend.csv}"),
    "import absences of the reference year": (
        "2019-06-10T08:20",
        PAYROLL,
        "import absences tiny {reference.csv} --source payroll --complete 2018-01..2018-12",
    ),
    "import absences": ("2019-06-10T08:30", PAYROLL, "import absences tiny {quarter.csv} --source payroll --complete 2019Q1"),
    "determine": ("2019-06-12T09:00", MANAGER, "determine tiny 2019Q1"),
    "notify": ("2019-06-13T09:00", MANAGER, "notify tiny/D1 --on 2019-06-13"),
    "accept by the payer": ("2019-06-20T09:00", MANAGER, "accept tiny/D1 --by payer --on 2019-06-20"),
    "accept by the provider": ("2019-06-20T09:10", MANAGER, "accept tiny/D1 --by external_provider --on 2019-06-20"),
    "pay upfront": ("2019-07-22T09:00", PAYER, "pay upfront tiny --due --on 2019-07-22 --invoice U1"),
    "pay upfront --made": (
        "2019-07-22T09:10",
        PAYER,
        "pay upfront tiny 200000 --on 2019-07-22 --invoice U1 --made --bank-reference BG1",
    ),
    "pay outcome": ("2019-07-22T10:00", PAYER, "pay outcome tiny 30000.00 --on 2019-07-22 --invoice O1"),
    "pay outcome --made": (
        "2019-07-22T10:10",
        PAYER,
        "pay outcome tiny 30000.00 --on 2019-07-22 --invoice O1 --made --bank-reference BG2",
    ),
    "pay outcome --due": ("2019-07-22T10:20", PAYER, "pay outcome tiny --due --on 2019-07-22 --invoice O2"),
    "pay outcome --due --made": (
        "2019-07-22T10:30",
        PAYER,
        "pay outcome tiny --due --on 2019-07-22 --invoice O2 --made --bank-reference BG3",
    ),
    "pay recover --made": (
        "2019-07-22T11:00",
        MANAGER,
        "pay recover tiny 100 --on 2019-07-22 --invoice R1 --made --bank-reference BG4",
    ),
    "loan draw": ("2019-07-22T12:00", PAYER, "loan draw tiny 5000 --on 2019-07-22 --for internal"),
    "loan repay": ("2019-07-22T12:10", PAYER, "loan repay tiny 1000 --on 2019-07-22"),
    "correct an amount": ("2019-07-22T13:00", PAYER, "correct tiny/L2 --reason typing --amount 1500"),
    "correct a date": ("2019-07-22T13:10", PAYER, "correct tiny/L1 --reason day --date 2019-07-21"),
    "correct by reversal": ("2019-07-22T13:20", PAYER, "correct tiny/P7 --reason twice"),
    "import absences anew": (
        "2019-07-23T08:00",
        PAYROLL,
        "import absences tiny {restated.csv} --source payroll --complete 2019Q1",
    ),
    "determine --redo": ("2019-07-24T09:00", MANAGER, "determine tiny 2019Q1 --redo --reason late-notes"),
    "notify again": ("2019-07-25T09:00", MANAGER, "notify tiny/D2 --on 2019-07-25"),
    "correct a notice": ("2019-07-26T09:00", MANAGER, "correct tiny/N2 --reason day --date 2019-07-26"),
    "suspend": ("2019-07-27T09:00", MANAGER, "suspend tiny --from 2019-05 {both} --reason agreed"),
    "resume": ("2019-07-28T09:00", MANAGER, "resume tiny --from 2019-07 {both} --reason agreed"),
    "contract amend": ("2019-07-29T09:00", MANAGER, "contract amend tiny {amended.toml} --from 2019-08 {both} --reason agreed"),
    "contract amend its end": (
        "2019-07-29T10:00",
        MANAGER,
        "contract amend tiny {short.toml} --from 2019-08 {both} --reason end",
    ),
    "import reimbursements": ("2019-07-30T08:00", PAYROLL, "import reimbursements tiny {repaid.csv}"),
    "import indicators": ("2019-07-30T08:10", PAYROLL, "import indicators tiny {surveys.csv}"),
    "import targets": ("2019-07-30T08:20", PAYROLL, "import targets tiny {targets.csv}"),
    "methodology propose": (
        "2019-07-30T09:00",
        MANAGER,
        "methodology propose tiny {left-out.toml} --from 2019-04-01 --by payer --reason flu",
    ),
    "methodology reject": ("2019-07-30T10:00", MANAGER, "methodology reject tiny/M1 --by external_provider --reason no"),
    "methodology adopt a proposal": (
        "2019-07-31T10:00",
        MANAGER,
        "methodology adopt tiny {left-out.toml} --from 2019-04-01 {both}",
    ),
    "determine what is left out": ("2019-08-02T09:00", MANAGER, "determine tiny 2019Q2"),
    "determine the last month": ("2019-08-02T09:10", MANAGER, "determine tiny 2019-07"),
    "notify what is left out": ("2019-08-03T09:00", MANAGER, "notify tiny/D3 --on 2019-08-03"),
    "notify the last month": ("2019-08-03T09:10", MANAGER, "notify tiny/D4 --on 2019-08-03"),
    "dispute raise": (
        "2019-08-04T09:00",
        MANAGER,
        "dispute raise tiny/D3 --by payer --on 2019-08-04 --grounds dear --savings 100",
    ),
    "dispute answer": (
        "2019-08-05T09:00",
        MANAGER,
        "dispute answer tiny/X1 --by external_provider --on 2019-08-05 --answer no",
    ),
    "dispute withdraw": ("2019-08-06T09:00", PAYER, "dispute withdraw tiny/X1 --on 2019-08-06 --reason checked"),
    "dispute raise once more": (
        "2019-08-07T09:00",
        MANAGER,
        "dispute raise tiny/D3 --by external_provider --on 2019-08-07 --grounds more --savings 200",
    ),
    "dispute resolve": (
        "2019-08-08T09:00",
        MANAGER,
        "dispute resolve tiny/X2 --outcome rejected --on 2019-08-08 {both} --reason agreed",
    ),
    "contract close": ("2019-10-01T09:00", MANAGER, "contract close tiny --on 2019-10-01 --evaluation {evaluation.pdf}"),
    "audit record": ("2019-10-02T09:00", AUDITOR, "audit record tiny {sheet.csv} --on 2019-10-02"),
    "audit sign-off": (
        "2019-10-03T09:00",
        AUDITOR,
        "audit sign-off tiny --on 2019-10-03 --evaluation {evaluation.pdf} --opinion unqualified --text fair",
    ),
    "tiered sign": ("2019-10-04T09:00", MANAGER, "tiered sign {kids.toml}"),
    "tiered report": ("2019-10-05T09:00", MANAGER, "tiered report kids {kids.csv}"),
    "tiered pay what is lent": (
        "2019-10-05T10:00",
        PAYER,
        "tiered pay kids investment 1000 --from investor --to payer --on 2019-02-01 --bank-reference BG1",
    ),
    "tiered determine": ("2019-10-06T09:00", MANAGER, "tiered determine kids --on 2019-06-30"),
    "tiered determine --redo": ("2019-10-06T10:00", MANAGER, "tiered determine kids --on 2019-06-30 --redo --reason anew"),
    "tiered agree by the payer": ("2019-10-07T09:00", MANAGER, "tiered agree kids/D2 --by payer --on 2019-07-01"),
    "tiered agree by the investor": ("2019-10-07T09:10", MANAGER, "tiered agree kids/D2 --by investor --on 2019-07-02"),
    "tiered pay": (
        "2019-10-08T09:00",
        PAYER,
        "tiered pay kids outcome 400.00 --from payer --to investor --on 2019-08-01 --bank-reference BG2",
    ),
    "tiered correct": ("2019-10-08T10:00", PAYER, "tiered correct kids/P2 --reason typing --amount 401"),
    "tiered amend": (
        "2019-10-09T09:00",
        MANAGER,
        "tiered amend kids {longer.toml} --from 2019-09-01 --agreed-by payer --agreed-by investor --reason agreed",
    ),
    "tender open": ("2019-10-10T09:00", MANAGER, "tender open {tender.toml}"),
    "tender bid": (
        "2019-10-10T09:10",
        MANAGER,
        "tender bid next --bidder Friskare --at-risk 50% --on 2019-02-10 --reference D7",
    ),
    "tender bid once more": (
        "2019-10-10T09:20",
        MANAGER,
        "tender bid next --bidder Piggare --at-risk 0.75 --on 2019-02-11 --reference D8",
    ),
    "tender withdraw": ("2019-10-10T09:30", MANAGER, "tender withdraw next --bid 2 --reason ill --on 2019-02-12"),
    "tender award": ("2019-10-10T09:40", PAYER, "tender award next --bid 1 --reason best --on 2019-03-18"),
    "programme form": ("2019-10-11T09:00", MANAGER, "programme form {both.toml}"),
    "programme leave": ("2019-10-12T09:00", MANAGER, "programme leave both small --from 2019-10-12 {both} --reason ended"),
    "programme join": ("2019-10-13T09:00", MANAGER, "programme join both small --from 2019-10-13 {both} --reason back"),
}
"""Instant, actor and command of each."""


@dataclass(frozen=True)
class Played:
    """A write rehearsed, rehearsed as JSON, recorded, sent again, and sent again as JSON, with the heads between."""

    rehearsed: Result
    rehearsed_json: Result
    recorded: Result
    again: Result
    again_json: Result
    heads: tuple[tuple[int, str], ...]


def arguments(folder: Path, command: str) -> list[str]:
    """The command with its files and the parties' agreement filled in."""
    for name in FILES:
        command = command.replace(f"{{{name}}}", str(folder / name))
    return command.replace("{both}", " ".join(BOTH)).split(" ")


def draw_and_fill_in(world: World, at: str) -> None:
    """Seal the record, and write the findings sheet of two lines, both ok."""
    key, sheet = world.folder / "payer.key", world.folder / "sheet.csv"
    world.done("seal", "new-key", "lilla.example/payer", key, at=at)
    world.done("seal", "--key", key, at=at)
    world.done("audit", "sample", "tiny", "2", "--audience", "auditor", "-O", "csv", "-o", sheet, at=at)
    rows = list(csv.DictReader(io.StringIO(sheet.read_text())))
    with sheet.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows({**row, "procedure": "read", "evidence": "payslip", "result": "ok"} for row in rows)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    folder = tmp_path_factory.mktemp("played")
    world = World(folder, f"sqlite:///{folder / 'ledger.db'}").opened()
    for name, content in FILES.items():
        world.file(name, content)
    story = {}
    for name, (at, by, command) in WRITES.items():
        if name == "audit record":
            draw_and_fill_in(world, at)
        if name == "programme form":
            world.done("contract", "sign", world.folder / "small.toml", at=at)
        args, results, heads = arguments(folder, command), [], [world.head()]
        for more in (["--dry-run"], ["--dry-run", "-O", "json"], [], [], ["-O", "json"]):
            results.append(world.soc(*args, *more, by=by, at=at))
            heads.append(world.head())
        story[name] = Played(*results, tuple(heads))
    return story


@pytest.mark.parametrize("name", WRITES)
def test_a_dry_run_records_nothing_and_prints_what_would_result(played: dict[str, Played], name: str) -> None:
    write = played[name]
    assert write.rehearsed.code == write.rehearsed_json.code == 0, write.rehearsed.err
    assert write.heads[0] == write.heads[1] == write.heads[2]
    lines = write.rehearsed.out.splitlines()
    assert lines[0].startswith("Would record ")
    assert lines[-1] == "  This was a dry run: nothing was recorded."
    assert ["Recorded " + lines[0].removeprefix("Would record "), *lines[1:-1]] == write.recorded.out.splitlines()
    said = write.rehearsed_json.json
    assert (said["recorded"], said["repeated"], said["dry_run"]) == (False, False, True)


@pytest.mark.parametrize("name", WRITES)
def test_a_write_prints_its_id_and_what_results(played: dict[str, Played], name: str) -> None:
    write = played[name]
    assert (write.recorded.code, write.recorded.err) == (0, "")
    assert write.heads[3][0] == write.heads[2][0] + 1
    position = write.heads[3][0]
    event = write.again_json.json["events"][0]
    contract = "kids" if name.startswith("tiered") else "tiny"
    of_nobody = name == "import trend" or name.startswith(("tender", "programme"))
    assert event["id"] == (f"record {position}" if of_nobody else f"{contract}/{position}")
    assert write.recorded.out.startswith(f"Recorded {event['name'] or event['id']}: ")
    if name.startswith("tiered"):
        assert re.search(r"entitled .*payable .*due", write.recorded.out.splitlines()[-1])
        assert [one["figure"] for one in write.again_json.json["parties"]] == ["entitled", "payable", "due"]
    elif not of_nobody:
        for word in ("entitled", "payable", "due", "left to the cap"):
            assert f"{word} " in write.recorded.out.splitlines()[-1]
        assert {"entitled", "payable", "due", "headroom"} <= write.again_json.json.keys()


@pytest.mark.parametrize("name", WRITES)
def test_the_same_write_twice_is_a_no_op_that_says_so(played: dict[str, Played], name: str) -> None:
    write = played[name]
    assert (write.again.code, write.again.err) == (0, "")
    assert write.heads[3] == write.heads[4] == write.heads[5]
    assert write.again.out.startswith("Already recorded as ")
    assert "nothing was recorded now" in write.again.out
    said = write.again_json.json
    assert (said["recorded"], said["repeated"], said["dry_run"]) == (False, True, False)


def test_every_command_that_writes_is_among_them() -> None:
    """Those that take --dry-run; ``forget`` writes to the vault alone."""
    context = click.Context(soc)
    writing = set()
    for name in soc.list_commands(context):
        command = soc.get_command(context, name)
        assert command is not None
        for path, one in ((name, command), *_inner(name, command)):
            if any(parameter.name == "dry_run" for parameter in one.params):
                writing.add(path)
    covered = {path for path in writing for _, _, command in WRITES.values() if command.startswith(f"{path} ")}
    assert writing - covered == {"forget"}


def _inner(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            yield f"{name} {inner}", command.get_command(context, inner)


# --- Twice, and again after a correction --------------------------------------------------------------------------

DRAW = ("loan", "draw", "tiny", "5000", "--on", "2019-07-01", "--for", "internal")
PAID = ("pay", "outcome", "tiny", "100", "--on", "2019-07-22", "--invoice", "O1", "--made", "--bank-reference", "BG")


@pytest.mark.parametrize("write", [DRAW, PAID])
def test_a_second_equal_payment_with_another_reference_is_recorded(settled: World, write: tuple[str, ...]) -> None:
    first = settled.done(*write, by=PAYER)
    second = settled.done(*write, "--reference", "second half", by=PAYER)
    third = settled.done(*write, "--reference", "third", by=PAYER)
    assert [result.out.split()[1] for result in (first, second, third)] == [
        f"tiny/{write[0][0].upper()}{number}:" for number in (1, 2, 3)
    ]
    assert settled.done(*write, "--reference", "second half", by=PAYER).out.startswith("Already recorded as tiny/")
    assert settled.head()[0] == 15


def test_the_reference_is_kept_as_evidence(settled: World) -> None:
    settled.done(*DRAW, "--reference", "decision KS 2019:14", by=PAYER)
    register = settled.done("register", "tiny", "-O", "json").json
    assert register["records"][-1]["evidence"] == [
        {"document": "decision KS 2019:14", "obtained_on": "2019-07-22", "obtained_how": "named by who recorded it"}
    ]


def test_who_sends_it_again_does_not_matter(settled: World) -> None:
    settled.done(*DRAW, by=PAYER)
    assert settled.done(*DRAW, by="B. Al, investor").out.startswith("Already recorded as tiny/L1")


def test_a_payment_reversed_may_be_made_again(settled: World) -> None:
    settled.done(*PAID, by=PAYER)
    settled.done("correct", "tiny/P1", "--reason", "not paid after all", by=PAYER)
    assert settled.done(*PAID, by=PAYER).out.startswith("Recorded tiny/P2")
    assert settled.state()["balance"]["provider"]["paid"] == "100.00"


def test_a_file_sent_again_after_a_later_one_replaced_its_lines_is_recorded_again(reported: World) -> None:
    reported.at = "2019-06-11T09:00"
    first, second = reported.file("a.csv", absences(Q1, 5, 1)), reported.file("b.csv", absences(Q1, 3, 1))
    complete = ("--source", "payroll", "--complete", "2019Q1")
    said = [
        reported.done("import", "absences", "tiny", path, *complete, by=PAYROLL).out.split()[0]
        for path in (first, second, second, first, first)
    ]
    assert said == ["Already", "Recorded", "Already", "Recorded", "Already"]
    assert reported.done("determine", "tiny", "2019Q1").out.count("actual 30.00") == 3


def test_headcounts_sent_again_after_later_ones_are_recorded_again(reported: World) -> None:
    reported.at = "2019-06-11T09:00"
    first, second = (
        reported.file("a.csv", workforce(["2019-01"])),
        reported.file("b.csv", workforce(["2019-01"]).replace("50", "51")),
    )
    said = [reported.done("import", "workforce", "tiny", path).out.split()[0] for path in (first, second, first, first)]
    assert said == ["Recorded", "Recorded", "Recorded", "Already"]


def test_trend_values_sent_again_after_a_revision_are_recorded_again(reported: World) -> None:
    reported.at = "2019-06-11T09:00"
    first, second = reported.file("a.csv", trend(["2019Q1"])), reported.file("b.csv", trend(["2019Q1"], "2.60"))
    said = [reported.done("import", "trend", path).out.split()[0] for path in (first, second, first, first)]
    assert said == ["Already", "Recorded", "Recorded", "Already"]


def test_a_suspension_after_follow_up_was_resumed_is_a_new_one(settled: World) -> None:
    suspend = ("suspend", "tiny", "--from", "2019-05", *BOTH, "--reason", "agreed")
    settled.done(*suspend)
    settled.done("resume", "tiny", "--from", "2019-07", *BOTH, "--reason", "agreed")
    again = settled.soc(*suspend)
    assert again.code == 1
    assert "follow-up was suspended until 2019-06" in again.err
    later = ("suspend", "tiny", "--from", "2019-07", *BOTH, "--reason", "agreed")
    assert settled.done(*later).out.startswith("Recorded ")


# --- Roles --------------------------------------------------------------------------------------------------------

NOT_THEIRS = {
    "contract amend": "contract amend tiny {amended.toml} --from 2019-08 {both} --reason agreed",
    "methodology adopt": "methodology adopt tiny {method.toml} --from 2019-04-01 {both}",
    "methodology propose": "methodology propose tiny {left-out.toml} --from 2019-04-01 --by payer --reason flu",
    "contract close": "contract close tiny --on 2019-07-22 --evaluation {evaluation.pdf}",
    "import reimbursements": "import reimbursements tiny {repaid.csv}",
    "import indicators": "import indicators tiny {surveys.csv}",
    "import targets": "import targets tiny {targets.csv}",
    "import workforce": "import workforce tiny {q2.csv}",
    "import absences": "import absences tiny {restated.csv} --source payroll --complete 2019Q1",
    "determine": "determine tiny 2019Q1 --redo --reason late-notes",
    "notify": "notify tiny/D1 --on 2019-06-14",
    "accept": "accept tiny/D1 --by payer --on 2019-06-21",
    "pay upfront": "pay upfront tiny --due --on 2019-07-22 --invoice F",
    "pay outcome": "pay outcome tiny 1 --on 2019-07-22 --invoice F",
    "pay outcome --made": "pay outcome tiny 1 --on 2019-07-22 --invoice F --made --bank-reference B",
    "pay recover --made": "pay recover tiny 1 --on 2019-07-22 --invoice F --made --bank-reference B",
    "loan draw": "loan draw tiny 1 --on 2019-07-22 --for internal",
    "loan repay": "loan repay tiny 1 --on 2019-07-22",
    "correct a payment": "correct tiny/P1 --reason typing",
    "correct a notice": "correct tiny/N1 --reason typing",
    "suspend": "suspend tiny --from 2019-05 {both} --reason agreed",
    "resume": "resume tiny --from 2019-07 {both} --reason agreed",
    "forget": "forget tiny S7001 --decision D",
}


@pytest.mark.parametrize("name", NOT_THEIRS)
def test_a_role_that_may_not_is_refused_with_the_clause(settled: World, name: str) -> None:
    for file, content in {**FILES, "q2.csv": workforce(Q2)}.items():
        settled.file(file, content)
    settled.done("pay", "outcome", "tiny", "1", "--on", "2019-07-21", "--invoice", "F1", by=PAYER)
    before = settled.head()
    args = arguments(settled.folder, NOT_THEIRS[name].replace("{q2.csv}", str(settled.folder / "q2.csv")))
    result = settled.soc(*args, by=STRANGER)
    assert (result.code, result.out) == (1, "")
    assert "technical_advisor may not do this; governance." in result.err
    assert settled.head() == before
    assert "S7001" in settled.employees_in_vault()


def test_only_who_signs_may_sign(nothing: World) -> None:
    world = nothing.opened()
    result = world.soc("contract", "sign", world.file("tiny.toml", TERMS), by=STRANGER, at="2019-01-02T09:00")
    assert result.code == 1
    assert "governance.signs names performance_manager, payer" in result.err
    assert world.head()[0] == 1


# --- Amounts and dates --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["4200", "4 200", "4\u00a0200", "4\u2009200", "4\u202f200", "4200.00", "4200,00", "4 200.00", "4 200,00", " 4200 ", "04200"],
)
def test_amounts_are_read_in_every_accepted_spelling(settled: World, text: str) -> None:
    result = settled.done("loan", "draw", "tiny", text, "--on", "2019-07-01", "--for", "internal", "--dry-run", by=PAYER)
    assert "loan draw of 4\u2009200.00 SEK" in result.out


@pytest.mark.parametrize(
    "text",
    ["4200.0", "4200,5", "4200.000", "4,200", "4,200.00", "4.200,00", "42 00", "4e3", "0x10", "kr 4200", "4200 kr", "", " ", "."],
)
def test_other_spellings_of_amounts_are_refused(settled: World, text: str) -> None:
    result = settled.soc("loan", "draw", "tiny", text, "--on", "2019-07-01", "--for", "internal", by=PAYER)
    assert (result.code, result.out) == (2, "")
    assert "is not an amount: write whole kronor or exactly two decimals" in result.err


@pytest.mark.parametrize("amount", ["0", "0.00", "-5", "-5.00"])
def test_amounts_that_are_not_above_zero_are_refused(settled: World, amount: str) -> None:
    for command in (
        ("pay", "outcome", "tiny", "--invoice", "F"),
        ("pay", "outcome", "tiny", "--invoice", "F", "--made", "--bank-reference", "B"),
        ("loan", "draw", "tiny", "--for", "internal"),
        ("loan", "repay", "tiny"),
    ):
        result = settled.soc(*command, "--on", "2019-07-01", "--", amount, by=PAYER)
        assert (result.code, result.out) == (1, "")
        assert "above zero" in result.err


@pytest.mark.parametrize(
    "command",
    [
        "pay outcome tiny 1 --invoice F",
        "pay outcome tiny 1 --invoice F --made --bank-reference B",
        "pay upfront tiny --due --invoice F",
        "pay recover tiny 1 --invoice F --made --bank-reference B",
        "loan draw tiny 1 --for internal",
        "loan repay tiny 1",
        "accept tiny/D1 --by payer",
    ],
)
def test_a_date_in_the_future_is_refused(settled: World, command: str) -> None:
    before = settled.head()
    result = settled.soc(*command.split(), "--on", "2019-07-23", by=PAYER)
    assert (result.code, result.out) == (1, "")
    assert "2019-07-23 is in the future; today is 2019-07-22" in result.err
    assert settled.head() == before


def test_signing_notifying_and_correcting_in_the_future_are_refused(reported: World) -> None:
    reported.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    reported.at = "2019-06-13T09:00"
    draw = ("loan", "draw", "tiny", "1", "--on", "2019-06-13", "--for", "internal")
    reported.done(*draw, by=PAYER)
    other = reported.file("other.toml", TERMS.replace('id = "tiny"', 'id = "other"'))
    for command in (
        ("notify", "tiny/D1", "--on", "2019-06-14"),
        ("correct", "tiny/L1", "--reason", "r", "--date", "2019-06-14"),
        ("contract", "sign", other, "--on", "2019-06-14"),
    ):
        result = reported.soc(*command)
        assert (result.code, result.out) == (1, "")
        assert "2019-06-14 is in the future; today is 2019-06-13" in result.err


def test_a_document_cannot_have_been_obtained_in_the_future(settled: World) -> None:
    path = settled.file("q2.csv", workforce(Q2))
    assert settled.soc("import", "workforce", "tiny", path, "--obtained-on", "2099-01-01").code in (1, 2)


@pytest.mark.parametrize("how", ["by post\nand by mail", " ", "from 811218-9876"])
def test_how_a_document_was_obtained_is_one_line_that_names_nobody(settled: World, how: str) -> None:
    before = settled.head()
    result = settled.soc("import", "workforce", "tiny", settled.file("q2.csv", workforce(Q2)), "--obtained-how", how)
    assert (result.code, result.out) == (2, "")
    assert settled.head() == before


# --- Forms --------------------------------------------------------------------------------------------------------

QUESTIONS = [
    "contract list",
    "contract show tiny",
    "methodology list tiny",
    "methodology show tiny",
    "evidence tiny",
    "evidence tiny 2018-12..2019-02",
    "pay list",
    "pay list --on 2019-07-01",
    "state tiny",
    "state tiny --as-of 2019-03-31",
    "portfolio",
    "register tiny",
    "check",
]
ANSWERS = [
    *QUESTIONS,
    "loan draw tiny 1 --on 2019-07-01 --for internal",
    "pay outcome tiny --due --on 2019-07-22 --invoice F --dry-run",
    "import workforce tiny {q2.csv}",
    "import trend {trend.csv}",
    "forget tiny S7009 --decision D --dry-run",
]


@pytest.fixture
def with_files(settled: World) -> World:
    settled.file("q2.csv", workforce(Q2))
    settled.file("trend.csv", trend(["2019Q1"], "2.61"))
    settled.done("pay", "outcome", "tiny", "100", "--on", "2019-07-22", "--invoice", 'F;1, "quoted"', by=PAYER)
    return settled


def _asked(world: World, answer: str, *more: str) -> Result:
    args = answer.replace("{q2.csv}", str(world.folder / "q2.csv")).replace("{trend.csv}", str(world.folder / "trend.csv"))
    result = world.soc(*args.split(), *more, by=MANAGER if answer.startswith(("import", "forget")) else PAYER)
    assert result.code in (0, 1), result.err
    return result


@pytest.mark.parametrize("answer", ANSWERS)
def test_json_of_every_answer_parses_and_says_what_it_rests_on(with_files: World, answer: str) -> None:
    result = _asked(with_files, answer, "-O", "json")
    value = json.loads(result.out)
    assert isinstance(value, dict)
    assert not _floats(value)
    if answer in QUESTIONS:
        assert value["basis"]["position"] == 13
        assert len(value["basis"]["root"]) == 64
        assert value["label"] == "recorded (simulated ledger)"
        assert value["known_at"].endswith("Z")


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [one for inner in value.values() for one in _floats(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in _floats(inner)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("answer", ANSWERS)
def test_csv_of_every_answer_parses(with_files: World, answer: str) -> None:
    result = _asked(with_files, answer, "-O", "csv")
    rows = list(csv.reader(io.StringIO(result.out), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert all(rows[0])
    assert len(rows) > 1 or answer in ("check", "pay list --on 2019-07-01")
    columns = [number for number, name in enumerate(rows[0]) if name not in ("says", "value", "what")]
    assert not any("\u2009" in row[number] for row in rows for number in columns)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_an_answer_goes_into_a_file(with_files: World, answer: str, form: str) -> None:
    path = with_files.folder / "answer"
    rehearsal = ["--dry-run"] if answer.startswith(("loan", "import")) else []
    printed = _asked(with_files, answer, "-O", form, *rehearsal)
    written = _asked(with_files, answer, "-O", form, *rehearsal, "-o", str(path))
    assert (written.code, written.out, written.err) == (printed.code, "", f"written to {path}\n")
    assert path.read_bytes().decode() == printed.out


def test_a_dash_is_stdout(settled: World) -> None:
    assert settled.done("state", "tiny", "-o", "-") == settled.done("state", "tiny")


def test_a_write_whose_answer_cannot_be_written_records_nothing(settled: World) -> None:
    before = settled.head()
    result = settled.soc(*DRAW, "-o", str(settled.folder / "missing" / "answer"), by=PAYER)
    assert (result.code, result.out) == (2, "")
    assert "cannot be written" in result.err
    assert settled.head() == before


@pytest.mark.parametrize("into", ["stdout", "file"])
def test_json_of_an_import_of_several_files_parses(settled: World, into: str) -> None:
    files = [settled.file(f"{month}.csv", absences([month], 2, 0)) for month in Q2]
    path = settled.folder / "answer.json"
    result = settled.done(
        "import", "absences", "tiny", *files, "--source", "payroll", "-O", "json", "-o", path if into == "file" else "-"
    )
    receipts = json.loads(path.read_text() if into == "file" else result.out)["receipts"]
    assert [file.name in json.dumps(receipt) for file, receipt in zip(files, receipts, strict=True)] == [True] * 3


def test_csv_of_an_import_of_several_files_says_which_receipt(settled: World) -> None:
    files = [settled.file(f"{month}.csv", absences([month], 2, 0)) for month in Q2]
    result = settled.done("import", "absences", "tiny", *files, "--source", "payroll", "-O", "csv")
    rows = list(csv.DictReader(io.StringIO(result.out), strict=True))
    assert list(rows[0]) == ["receipt", "key", "value"]
    assert sorted({row["receipt"] for row in rows}) == ["1", "2", "3"]
    assert [row["value"] for row in rows if row["key"] == "recorded"] == ["true"] * 3


# --- The clock ----------------------------------------------------------------------------------------------------


def test_a_simulated_ledger_takes_now_and_else_the_instant_after_its_last_record(settled: World) -> None:
    settled.at = None
    settled.done("loan", "draw", "tiny", "1", "--on", "2019-06-20", "--for", "internal", by=PAYER)
    assert settled.state()["known_at"] == "2019-06-20T07:10:00.000001Z"
    settled.done("loan", "draw", "tiny", "2", "--on", "2019-06-20", "--for", "internal", by=PAYER, at="2019-06-21T00:30:00+02:00")
    assert settled.state()["known_at"] == "2019-06-20T22:30:00.000000Z"
    assert settled.state()["as_of"] == "2019-06-21"


@pytest.mark.parametrize("now", ["2019-13-01", "yesterday", "2019-06-20T09:00:00+25:00"])
def test_an_instant_that_cannot_be_read_exits_with_2(settled: World, now: str) -> None:
    result = run(["--ledger", settled.ledger, "--actor", PAYER, "--now", now, *DRAW])
    assert (result.code, result.out) == (2, "")
    assert "--now" in result.err


def test_an_instant_without_a_time_zone_is_one_in_stockholm(settled: World) -> None:
    result = run(["--ledger", settled.ledger, "--actor", PAYER, "--now", "2019-07-22T09:00:00", *DRAW])
    assert result.code == 0, result.err
    assert settled.state()["known_at"] == "2019-07-22T07:00:00.000000Z"


@pytest.fixture
def real(nothing: World, _settled: World) -> World:
    """A place for a real ledger, the product imported before any clock is stopped."""
    with freeze_time("2019-01-02T08:00:00Z"):
        nothing.done("init")
        nothing.done("contract", "sign", nothing.file("tiny.toml", TERMS))
    return nothing


def test_a_real_ledger_refuses_now_and_a_seed_for_good(real: World, nothing: World) -> None:
    head = real.head()
    for at in ("2019-01-02T09:00:00Z", "2030-01-01T00:00:00Z"):
        result = real.soc(*DRAW, by=PAYER, at=at)
        assert (result.code, result.out) == (2, "")
        assert "--now is for simulated ledgers; this one records real time, for good" in result.err
        asked = real.soc("state", "tiny", by=None, at=at)
        assert (asked.code, asked.out) == (2, "")
    assert real.head() == head
    other = World(real.folder, f"sqlite:///{real.folder / 'other.db'}")
    assert other.soc("init", at="2019-01-02T09:00:00Z").code == 2
    assert other.soc("init", "--seed", "s").code == 2
    assert not other.database().exists()


def test_the_environment_cannot_set_the_clock_of_a_real_ledger(real: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOC_NOW", "2019-01-02T09:00:00Z")
    assert real.soc(*DRAW, by=PAYER).code == 2


def test_a_real_ledger_records_the_machines_clock(real: World) -> None:
    assert real.state()["label"] == "recorded"
    assert "simulated" not in real.done("state", "tiny").out
    with freeze_time("2019-07-22T07:00:00.5Z"):
        real.done(*DRAW, by=PAYER)
    assert real.state()["known_at"] == "2019-07-22T07:00:00.500000Z"


def test_a_clock_more_than_five_minutes_behind_is_refused_with_both_instants(real: World) -> None:
    with freeze_time("2019-07-22T07:00:00Z"):
        real.done(*DRAW, by=PAYER)
    head = real.head()
    with freeze_time("2019-07-22T06:54:59.999999Z"):
        result = real.soc(*DRAW, "--reference", "another", by=PAYER)
    assert (result.code, result.out) == (1, "")
    assert "2019-07-22T06:54:59.999999Z" in result.err
    assert "2019-07-22T07:00:00.000000Z" in result.err
    assert "more than five minutes" in result.err
    assert real.head() == head


def test_a_clock_one_minute_behind_is_recorded_after_the_last_record(real: World) -> None:
    with freeze_time("2019-07-22T07:00:00Z"):
        real.done(*DRAW, by=PAYER)
    with freeze_time("2019-07-22T06:59:00Z"):
        for reference in ("a", "b", "c"):
            real.done(*DRAW, "--reference", reference, by=PAYER)
    with freeze_time("2019-07-22T06:55:00.000003Z"):  # five minutes behind to the microsecond
        real.done(*DRAW, "--reference", "d", by=PAYER)
    instants = [record["recorded_at"] for record in real.done("register", "tiny", "-O", "json").json["records"]]
    assert instants[1:] == [f"2019-07-22T07:00:00.{number:06d}Z" for number in range(5)]
    assert instants == sorted(set(instants))


def test_two_real_ledgers_of_the_same_story_differ_in_salts(real: World) -> None:
    """A real ledger draws its salts from the machine; a simulated one from its seed."""
    other = World(real.folder, f"sqlite:///{real.folder / 'other.db'}")
    with freeze_time("2019-01-02T08:00:00Z"):
        other.done("init")
        other.done("contract", "sign", real.folder / "tiny.toml")
    assert other.head() == real.head()
    path = real.file("a.csv", absences(["2018-12"], 1, 1))
    for world in (real, other):
        with freeze_time("2019-02-01T08:00:00Z"):
            world.done("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL)
    assert other.head()[1] != real.head()[1]


# --- What CSV leaves out ------------------------------------------------------------------------------------------


def test_csv_of_what_is_due_says_what_is_due(settled: World) -> None:
    assert "34909.09" in settled.done("pay", "list", "--on", "2019-07-22", "-O", "csv").out


def test_csv_of_evidence_names_months_of_which_nothing_is_in(settled: World) -> None:
    result = settled.soc("evidence", "tiny", "2019Q2", "-O", "csv")
    assert result.code == 1
    assert "2019-04" in result.out


def test_two_writes_under_a_bare_date_stay_within_the_day(settled: World) -> None:
    for amount in ("100", "200"):
        draw = ("loan", "draw", "tiny", amount, "--on", "2019-08-01", "--for", "internal")
        assert "as of 2019-08-01" in run(["--ledger", settled.ledger, "--actor", PAYER, "--now", "2019-08-01", *draw]).out


def test_a_receipt_says_what_is_overpaid(settled: World) -> None:
    paid = ("pay", "outcome", "tiny", "1000000", "--on", "2019-07-22", "--invoice", "F", "--made", "--bank-reference", "B")
    assert " · overpaid " in settled.done(*paid, by=PAYER).out
