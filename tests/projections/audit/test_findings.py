"""What findings on record say, and whether they can be recomputed: on a ledger in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from cli.verifier.agreeing import faults_of_agreeing
from ledger import contract
from ledger.commands import OfContract, RecordAuditFindings, SignOffEvaluation
from ledger.events import Actor, AuditFindingsRecorded, Checkpoint, Document, EvaluationSignedOff, ItemTested
from ledger.facts import contract_stream
from projections.audit.findings import DaysFound, differences, findings, sees_lines, superseded
from projections.audit.sampling import sample
from projections.check import contract_findings
from tests.memory import Memory
from tests.projections.audit.test_sampling import ledger, lines

AUDITOR = Actor(name="R. Revisor", role="external_auditor")
DAY = date(2019, 5, 3)
EVALUATION = Document(document="evaluation.pdf", sha256="e" * 64, obtained_how="file given to soc")


def at(minute: int) -> datetime:
    return datetime(2019, 5, 3, 12, minute, tzinfo=UTC)


def exception(item: ItemTested, days: int | None = None, amount: int | None = None) -> ItemTested:
    """The item with an exception."""
    changes = {"result": "exception", "exception": "differs", "days_hundredths": days, "amount_ore": amount}
    return item.model_copy(update=changes)


def items(memory: Memory, size: int, number: int) -> list[ItemTested]:
    """The items drawn, each ok."""
    found = sample(memory.facts(size), "botkyrka", number).lines
    return [ItemTested(record=one.record, line=one.line, result="ok", evidence="payslip") for one in found]


def recorded(memory: Memory, size: int, said: list[ItemTested], **more: Any) -> None:
    """Record findings on what was drawn at that record."""
    checkpoint = Checkpoint(size=size, root=memory.root(size).hex())
    population = sample(memory.facts(size), "botkyrka", 1).population
    command = RecordAuditFindings(DAY, checkpoint, DAY, population, "payslips", tuple(said), **more)
    words = {"record": len(memory.records)}
    memory.submit(lambda _: OfContract("botkyrka", command), words, by=AUDITOR, at=at(len(memory.records)))


def signed_off(memory: Memory, reason: str | None = None) -> None:
    """Sign off the evaluation."""
    command = SignOffEvaluation(DAY, "unqualified", "fair", "e" * 64, reason)
    words = {"sign": len(memory.records)}
    memory.submit(
        lambda _: OfContract("botkyrka", command), words, by=AUDITOR, at=at(len(memory.records)), evidence=(EVALUATION,)
    )


REPORT = lines(4, 5, 6, 7, 8, 4, 5, last=20190308)  # of half a day: 2.5, 2, 1.5, 1, 0.5, 2.5, 2 days


@pytest.fixture
def memory() -> Memory:
    """Seven lines on record 3."""
    return ledger(REPORT)


# ── What they say ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("confidence", [90, 99])
def test_findings_say_how_many_exceptions_there_are(memory: Memory, confidence: int) -> None:
    said = items(memory, 3, 5)
    recorded(memory, 3, [*said[:4], exception(said[4])])
    [found] = findings(memory.facts(), "botkyrka", confidence)
    assert (found.rate.exceptions, found.rate.sample, found.rate.population, found.rate.confidence) == (1, 5, 7, confidence)
    assert found.exceptions == (exception(said[4]),)
    assert (found.days, found.amount_ore, found.superseded_by) == (None, None, None)


def test_differences_in_days_are_a_ratio_of_what_the_sample_says(memory: Memory) -> None:
    said = items(memory, 3, 7)
    recorded(memory, 3, [exception(said[0], 150), exception(said[1], -50, -1250), exception(said[2], None, 250), *said[3:]])
    [found] = findings(memory.facts(), "botkyrka")
    assert found.days == DaysFound(100, 1200, 7, 2, 1, Fraction(1, 12), None)
    assert found.amount_ore == -1000


def test_an_amount_is_stated_from_five_exceptions_with_days_on(memory: Memory) -> None:
    said = items(memory, 3, 7)
    recorded(memory, 3, [*(exception(one, 0) for one in said[:4]), *said[4:]])
    recorded(memory, 3, [*(exception(one, 0) for one in said[:5]), *said[5:]])
    few, enough = findings(memory.facts(), "botkyrka")
    assert few.days == DaysFound(0, 1200, 7, 4, 0, Fraction(0), None)
    assert enough.days == DaysFound(0, 1200, 7, 5, 0, Fraction(0), 0)  # nothing is determined


def test_days_of_the_sample_are_those_that_its_reports_account_for() -> None:
    """A line open from 4 March: ten weekdays within its first fourteen days at half extent, not the twenty of the month."""
    memory = ledger(lines(4, last=0))
    recorded(memory, 3, [exception(items(memory, 3, 1)[0], -100)])
    [found] = findings(memory.facts(), "botkyrka")
    assert found.days is not None
    assert (found.days.recorded, found.days.ratio) == (500, Fraction(-1, 5))


def test_findings_whose_place_was_taken_say_by_which(memory: Memory) -> None:
    recorded(memory, 3, items(memory, 3, 2))
    recorded(memory, 3, items(memory, 3, 3), supersedes=1, reason="again")
    assert [one.superseded_by for one in findings(memory.facts(), "botkyrka")] == [2, None]
    first, second = memory.stream(contract_stream("botkyrka"))[-2:]
    assert superseded(memory.facts(), [first])
    assert not superseded(memory.facts(), [second])


def test_a_sign_off_whose_place_was_taken_is_known(memory: Memory) -> None:
    signed_off(memory)
    signed_off(memory, "a letter came")
    first, second = memory.stream(contract_stream("botkyrka"))[-2:]
    assert superseded(memory.facts(), [first])
    assert not superseded(memory.facts(), [second])


@pytest.mark.parametrize(("audience", "sees"), [("payer", True), ("auditor", True), ("provider", False), ("public", False)])
def test_lines_are_for_the_employer_and_the_auditor(audience: Any, sees: bool) -> None:
    assert sees_lines(audience) == sees
    assert DaysFound(1, 1, 4, 5, 0, Fraction(1), 0).shown_to(audience) == sees
    assert DaysFound(1, 1, 5, 5, 0, Fraction(1), 0).shown_to(audience)


# ── Whether they can be recomputed ───────────────────────────────────────────────────────────────────────────────────


def said_of(memory: Memory, change: Callable[[Any], Any] = lambda event: event) -> list[str]:
    """What is found of the last record, its event changed by somebody with the database."""
    facts, records = memory.facts(), memory.stream(contract_stream("botkyrka"))
    record = records[-1].model_copy(update={"data": change(records[-1].data)})
    return list(differences(facts, "botkyrka", contract.fold(records[:-1]), record))


def test_audit_work_as_it_was_recorded_is_found_right(memory: Memory) -> None:
    recorded(memory, 3, items(memory, 3, 4))
    assert said_of(memory) == []
    recorded(memory, 4, items(memory, 4, 2), supersedes=1, reason="again")
    assert said_of(memory) == []
    signed_off(memory)
    assert said_of(memory) == []
    signed_off(memory, "a letter came")
    assert said_of(memory) == []
    assert [one for one in contract_findings(memory.facts(), "botkyrka") if one.sort != "finding"] == []


def test_other_records_are_not_looked_at(memory: Memory) -> None:
    assert said_of(memory) == []


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"population": 8}, "says that there are 8 lines up to record 3; there are 7"),
    ({"checkpoint": Checkpoint(size=3, root="0" * 64)}, "has another fingerprint"),
    ({"checkpoint": Checkpoint(size=4, root="0" * 64)}, "which it does not follow"),
    ({"number": 2}, "A2 is not the next"),
    ({"supersedes": 1}, "takes the place of findings that do not stand"),
    ({"sample": 3}, "are not those drawn"),
]


@pytest.mark.parametrize(("changes", "said"), CHANGES)
def test_changed_findings_are_found(memory: Memory, changes: dict[str, Any], said: str) -> None:
    recorded(memory, 3, items(memory, 3, 4))
    [found] = said_of(memory, lambda event: event.model_copy(update=changes))
    assert said in found


@pytest.mark.parametrize("order", [[1, 0, 2, 3], [0, 1, 2, 2], [0, 1, 2]])
def test_items_that_were_not_drawn_in_that_order_are_found(memory: Memory, order: list[int]) -> None:
    recorded(memory, 3, items(memory, 3, 4))

    def change(event: AuditFindingsRecorded) -> AuditFindingsRecorded:
        return event.model_copy(update={"items": tuple(event.items[place] for place in order)})

    assert said_of(memory, change) == ["the items of A1 are not those drawn from record 3"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": 3}, "S3 is not the next"),
        ({"supersedes": None, "reason": None}, "does not take the place of the one before it"),
        ({"findings": ()}, "does not consider exactly the findings that stood then"),
        ({"evaluation": "f" * 64}, "is not among its documents"),
        ({"recorded_at_closing": True}, "says otherwise than the record whether its evaluation is the one of the closing"),
    ],
)
def test_a_changed_sign_off_is_found(memory: Memory, changes: dict[str, Any], said: str) -> None:
    recorded(memory, 3, items(memory, 3, 4))
    signed_off(memory)
    signed_off(memory, "a letter came")

    def change(event: EvaluationSignedOff) -> EvaluationSignedOff:
        return event.model_copy(update=changes)

    [found] = said_of(memory, change)
    assert said in found


def test_a_sign_off_before_the_findings_is_found(memory: Memory) -> None:
    recorded(memory, 3, items(memory, 3, 4))
    signed_off(memory)
    [found] = said_of(memory, lambda event: event.model_copy(update={"on": date(2019, 5, 2)}))
    assert found == "S1 is of 2019-05-02; findings A1 are of 2019-05-03"


@pytest.mark.parametrize(("reason", "told"), [(None, True), ("a page was added", False)])
def test_a_sign_off_of_another_document_that_does_not_say_why_is_found(memory: Memory, reason: str | None, told: bool) -> None:
    signed_off(memory)
    [*before, record] = memory.stream(contract_stream("botkyrka"))
    closed = replace(contract.fold(before), closed_on=DAY, evaluation="f" * 64)
    record = record.model_copy(update={"data": record.data.model_copy(update={"recorded_at_closing": False, "reason": reason})})
    found = list(differences(memory.facts(), "botkyrka", closed, record))
    assert found == (["S1 is on another document than the contract was closed on, and does not say why"] if told else [])


def test_items_that_cannot_be_are_found(memory: Memory) -> None:
    said = items(memory, 3, 4)
    recorded(memory, 3, [*said[:3], exception(said[3], 26200)])

    def change(event: AuditFindingsRecorded) -> AuditFindingsRecorded:
        more = event.items[3].model_copy(update={"days_hundredths": 26201, "exception": "."})
        return event.model_copy(update={"items": (*event.items[:3], more)})

    days, words = said_of(memory, change)
    assert "differs by more than the 262 weekdays of a year" in days
    assert "has an exception that is not described" in words


def verifier_says(memory: Memory, **changes: Any) -> list[str]:
    """What verify.py has against the last record, its body changed."""
    *before, last = (json.loads(record.body()) for record in memory.stream(contract_stream("botkyrka")))
    return faults_of_agreeing([*before, last], {**last, "data": {**last["data"], **changes}})


def test_who_verifies_refuses_the_same_items(memory: Memory) -> None:
    said = items(memory, 3, 2)
    recorded(memory, 3, [said[0], exception(said[1], -100)])
    assert verifier_says(memory) == []
    ok, differs = json.loads(memory.stream(contract_stream("botkyrka"))[-1].body())["data"]["items"]
    for changes, told in (
        ({"days_hundredths": -26201}, "differs by more days than a year has weekdays"),
        ({"exception": "—"}, "has an exception that is not described"),
    ):
        [found] = verifier_says(memory, items=[ok, {**differs, **changes}])
        assert found.endswith(told)
    assert verifier_says(memory, items=[ok, {**differs, "days_hundredths": 26200}]) == []


def test_who_verifies_refuses_the_same_sign_offs(memory: Memory) -> None:
    recorded(memory, 3, items(memory, 3, 2))
    signed_off(memory)
    assert verifier_says(memory) == []
    assert verifier_says(memory, on="2019-05-02") == ["it is of 2019-05-02, before 2019-05-03"]
    other = "recorded_at_closing is False, recomputed None"
    assert verifier_says(memory, recorded_at_closing=False, reason="a page was added") == [other]


def test_soc_check_finds_what_was_not_drawn(memory: Memory) -> None:
    said = items(memory, 3, 7)
    recorded(memory, 3, said[3:])  # the decider cannot draw: who writes past the command line is found out here
    found = [one for one in contract_findings(memory.facts(), "botkyrka") if one.sort == "differs"]
    assert [(one.where, one.what) for one in found] == [("record 4", "the items of A1 are not those drawn from record 3")]
