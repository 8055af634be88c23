"""The external auditor's work, row by row: who records findings and sign-offs, when, and what takes the place of what.

That a sample is the one drawn is tested where it is drawn (``tests/projections/test_sampling.py``) and recorded
(``tests/cli/test_audit.py``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger import events as e
from ledger.commands import RecordAuditFindings, SignOffEvaluation
from tests.spec import (
    BOTKYRKA,
    HR,
    MANAGER,
    PAYER,
    PROVIDER,
    Given,
    Happened,
    amended,
    changed,
    clause,
    closed,
    day,
    determined,
    given,
    months,
    signed,
)

AUDITOR = "external_auditor"
CLAUSED = clause(clause(BOTKYRKA, "parties.external_auditor", "agreement §10.1"), "parties", "agreement §10")
NO_AUDITOR = changed(
    CLAUSED, parties={key: name for key, name in BOTKYRKA.parties.items() if key != AUDITOR}, clauses={"parties": "§10"}
)

SIGNED = given(signed(CLAUSED))
ROOT, EVALUATION, OTHER = "a" * 64, "b" * 64, "c" * 64
OK = e.ItemTested(record=9, line=4, result="ok", evidence="payslip")
DIFFERS = e.ItemTested(record=7, line=0, result="exception", exception="a day more", days_hundredths=100, evidence="note")


def found(number: int = 1, on: str = "2019-06-03", supersedes: int | None = None, items: Any = (OK, DIFFERS)) -> Happened:
    """The auditor's findings on two of a hundred lines."""
    event = e.AuditFindingsRecorded(
        number=number,
        on=day(on),
        checkpoint=e.Checkpoint(size=40, root=ROOT),
        population=100,
        sample=len(items),
        procedure="agreed to payslips",
        items=items,
        supersedes=supersedes,
        reason=None if supersedes is None else "wrong column",
    )
    return Happened(day(on), event, on, AUDITOR)


def record(
    on: str = "2019-06-03", recorded_on: str = "2019-06-01", supersedes: int | None = None, reason: str | None = None
) -> Any:
    """The command that records them."""
    checkpoint = e.Checkpoint(size=40, root=ROOT)
    return RecordAuditFindings(
        day(on), checkpoint, day(recorded_on), 100, "agreed to payslips", (OK, DIFFERS), supersedes, reason
    )


def sign_off(
    on: str = "2021-12-20", evaluation: str = EVALUATION, reason: str | None = None, opinion: Any = "unqualified"
) -> Any:
    """The command that signs off the evaluation."""
    return SignOffEvaluation(day(on), opinion, "fair", evaluation, reason)


def signed_off(number: int = 1, findings: tuple[int, ...] = (), at_closing: bool | None = None, **more: Any) -> Happened:
    """The auditor signed off the evaluation."""
    said: dict[str, Any] = {"opinion": "unqualified", "text": "fair", "evaluation": EVALUATION, "on": day("2021-12-20"), **more}
    event = e.EvaluationSignedOff(number=number, by=AUDITOR, findings=findings, recorded_at_closing=at_closing, **said)
    return Happened(day("2021-12-20"), event, "2021-12-20", AUDITOR)


def closed_on_evaluation(record: Given = SIGNED) -> Given:
    """… closed, with the evaluation as its evidence."""
    end = record.with_(closed("2021-12-17"))
    document = e.Document(document="evaluation.pdf", sha256=EVALUATION, obtained_how="file given to soc")
    return Given((*end.records[:-1], end.records[-1].model_copy(update={"evidence": (document,)})))


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_auditor_records_findings() -> None:
    SIGNED.when(record(), by=AUDITOR, today="2019-06-04").then(found())


def test_findings_are_numbered() -> None:
    SIGNED.with_(found()).when(record("2019-06-05"), by=AUDITOR, today="2019-06-05").then(found(2, "2019-06-05"))


def test_findings_may_come_after_the_closing() -> None:
    closed_on_evaluation().when(record("2021-12-20"), by=AUDITOR, today="2021-12-20").then(found(on="2021-12-20"))


@pytest.mark.parametrize("by", [MANAGER, PAYER, PROVIDER, HR, "technical_advisor"])
@pytest.mark.parametrize("command", [record(), sign_off("2019-06-03")])
def test_nobody_else_records_audit_work(command: Any, by: str) -> None:
    SIGNED.when(command, by=by, today="2019-06-04").then_refused(
        "audit work is recorded by the external_auditor", clause="agreement §10.1"
    )


@pytest.mark.parametrize("command", [record(), sign_off("2019-06-03")])
def test_a_contract_without_an_auditor_has_no_audit_work(command: Any) -> None:
    given(signed(NO_AUDITOR)).when(command, by=AUDITOR, today="2019-06-04").then_refused(
        "names no external_auditor", clause="§10"
    )


@pytest.mark.parametrize(("on", "allowed"), [("2019-05-31", False), ("2019-06-03", True)])
def test_the_auditor_is_who_the_terms_of_that_day_name(on: str, allowed: bool) -> None:
    appointed = given(signed(NO_AUDITOR), amended(CLAUSED, "2019-06", "2019-05-20"))
    outcome = appointed.when(record(on, "2019-05-01"), by=AUDITOR, today="2019-06-04")
    if allowed:
        outcome.then(found(on=on))
    else:
        outcome.then_refused("names no external_auditor")


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("2019-06-05", "2019-06-05 is in the future"),
        ("2019-05-31", "drawn from record 40 of 2019-06-01; nothing was tested before, on 2019-05-31"),
    ],
)
def test_findings_are_of_a_day_between_the_checkpoint_and_today(on: str, said: str) -> None:
    SIGNED.when(record(on), by=AUDITOR, today="2019-06-04").then_refused(said)


def test_findings_of_the_day_of_the_checkpoint_are_in_time() -> None:
    SIGNED.when(record("2019-06-01"), by=AUDITOR, today="2019-06-04").then(found(on="2019-06-01"))


def test_findings_take_the_place_of_earlier_ones() -> None:
    done = SIGNED.with_(found()).when(record("2019-06-05", supersedes=1, reason="wrong column"), by=AUDITOR, today="2019-06-05")
    after = done.then(found(2, "2019-06-05", supersedes=1)).folded
    assert [one.data.number for one in after.standing_audits] == [2]
    assert [one.data.number for one in after.audits] == [1, 2]


@pytest.mark.parametrize(
    ("supersedes", "reason", "said"),
    [
        (1, None, "name them, and say why"),
        (None, "wrong column", "name them, and say why"),
        (1, "again", "no findings A1 that stand; those that do: A2"),
        (3, "again", "no findings A3 that stand"),
    ],
)
def test_what_takes_the_place_of_findings_names_some_that_stand(supersedes: Any, reason: Any, said: str) -> None:
    before = SIGNED.with_(found(), found(2, supersedes=1))
    before.when(record(supersedes=supersedes, reason=reason), by=AUDITOR, today="2019-06-05").then_refused(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days_hundredths": 26201}, "record 7, line 0 differs by more than the 262 weekdays of a year"),
        ({"days_hundredths": -26201}, "record 7, line 0 differs by more than the 262 weekdays of a year"),
        ({"exception": " - "}, "record 7, line 0 has an exception that is not described"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    command = replace(record(), items=(OK, DIFFERS.model_copy(update=changes)))
    SIGNED.when(command, by=AUDITOR, today="2019-06-04").then_refused(said)


@pytest.mark.parametrize("days", [26200, -26200, 0, None])
def test_a_year_of_days_can_be(days: int | None) -> None:
    items = (OK, DIFFERS.model_copy(update={"days_hundredths": days}))
    SIGNED.when(replace(record(), items=items), by=AUDITOR, today="2019-06-04").then(found(items=items))


# ── Sign-off ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sign_off_says_that_the_contract_was_closed_on_the_document() -> None:
    closed_on_evaluation().when(sign_off(), by=AUDITOR, today="2021-12-20").then(signed_off(at_closing=True))


def test_another_document_than_that_of_the_closing_is_signed_off_with_a_reason() -> None:
    expected = signed_off(at_closing=False, evaluation=OTHER, reason="a page was added")
    command = sign_off(evaluation=OTHER, reason="a page was added")
    closed_on_evaluation().when(command, by=AUDITOR, today="2021-12-20").then(expected)


def test_another_document_without_a_reason_is_refused() -> None:
    closed_on_evaluation().when(sign_off(evaluation=OTHER), by=AUDITOR, today="2021-12-20").then_refused(
        "botkyrka was closed on another document, bbbbbbbbbbbbbbbb"
    )


def test_a_second_sign_off_on_another_document_says_why_once() -> None:
    before = closed_on_evaluation().with_(signed_off(at_closing=True))
    expected = signed_off(2, at_closing=False, evaluation=OTHER, supersedes=1, reason="a page was added")
    before.when(sign_off(evaluation=OTHER, reason="a page was added"), by=AUDITOR, today="2021-12-20").then(expected)


def test_before_the_closing_any_document_is_signed_off() -> None:
    expected = signed_off(evaluation=OTHER)
    SIGNED.when(sign_off(evaluation=OTHER), by=AUDITOR, today="2021-12-20").then(expected)


DETERMINED = determined(1, months("2018Q4", "100 000"), "18 400", "2019-03-01")


@pytest.mark.parametrize(
    ("before", "on", "why"),
    [
        (SIGNED.with_(found()), "2019-06-02", "findings A1 are of 2019-06-03; nothing was signed off before, on 2019-06-02"),
        (SIGNED.with_(found()), "2019-06-03", None),
        (SIGNED.with_(found(), found(2, "2019-06-01", supersedes=1)), "2019-06-01", None),
        (SIGNED.with_(DETERMINED), "2019-02-28", "D1 was determined on 2019-03-01"),
        (SIGNED.with_(DETERMINED), "2019-03-01", None),
        (closed_on_evaluation(), "2021-12-16", "botkyrka was closed on 2021-12-17"),
        (closed_on_evaluation(), "2021-12-17", None),
        (closed_on_evaluation().with_(found(on="2021-12-18")), "2021-12-17", "findings A1 are of 2021-12-18"),
    ],
)
def test_a_sign_off_is_of_no_day_before_what_it_is_about(before: Given, on: str, why: str | None) -> None:
    outcome = before.when(sign_off(on), by=AUDITOR, today="2021-12-20")
    if why is None:
        outcome.recorded()
    else:
        outcome.then_refused(why)


def test_an_evaluation_may_be_signed_off_before_the_closing() -> None:
    SIGNED.when(sign_off(), by=AUDITOR, today="2021-12-20").then(signed_off())


def test_a_sign_off_considers_the_findings_that_stand() -> None:
    before = SIGNED.with_(found(), found(2), found(3, supersedes=1))
    before.when(sign_off(), by=AUDITOR, today="2021-12-20").then(signed_off(findings=(2, 3)))


@pytest.mark.parametrize("opinion", ["unqualified", "qualified", "adverse", "disclaimer"])
def test_a_second_sign_off_takes_the_place_of_the_first_and_says_why(opinion: Any) -> None:
    before = SIGNED.with_(signed_off())
    expected = signed_off(2, opinion=opinion, supersedes=1, reason="a letter came")
    done = before.when(sign_off(opinion=opinion, reason="a letter came"), by=AUDITOR, today="2021-12-20").then(expected)
    assert done.folded.signed_off is not None
    assert done.folded.signed_off.data.number == 2


def test_a_second_sign_off_without_a_reason_is_refused() -> None:
    before = SIGNED.with_(signed_off())
    before.when(sign_off(opinion="adverse"), by=AUDITOR, today="2021-12-20").then_refused(
        "signed off in S1 of 2021-12-20: unqualified"
    )


def test_a_first_sign_off_has_no_reason() -> None:
    SIGNED.when(sign_off(reason="again"), by=AUDITOR, today="2021-12-20").then_refused("was not signed off before")


def test_a_sign_off_is_not_of_the_future() -> None:
    SIGNED.when(sign_off("2021-12-21"), by=AUDITOR, today="2021-12-20").then_refused("2021-12-21 is in the future")


def test_audit_work_moves_no_money() -> None:
    before, after = SIGNED, SIGNED.with_(found(), signed_off(findings=(1,)))
    assert replace(after.folded, audits=(), sign_offs=()) == before.folded
    assert vars(after.state("2021-12-31").provider) == vars(before.state("2021-12-31").provider)


@pytest.mark.parametrize(("as_of", "number"), [("2021-12-19", None), ("2021-12-20", 1)])
def test_the_state_says_from_its_day_on_that_the_evaluation_was_signed_off(as_of: str, number: int | None) -> None:
    signed_off_ = SIGNED.with_(signed_off()).state(as_of).signed_off
    assert (None if signed_off_ is None else signed_off_.number) == number
