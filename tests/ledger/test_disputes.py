"""Disputes, row by row: who may object to what, when, and how it is answered, withdrawn and resolved (rules 15, 16, 18, 20, 21).

Botkyrka's first quarter is determined at 1 000 000 SEK: D1 claims 184 000 for the provider. Notice on 2019-02-20 with 30 days:
objection at latest on 2019-03-22, payable on 2019-04-22. What disputes hold back stands in ``test_holds.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger import contract as c
from tests.spec import (
    BOTH,
    BOTKYRKA,
    HR,
    MANAGER,
    PAYER,
    PROVIDER,
    Commanded,
    Given,
    accept,
    accepted,
    adopted,
    amend,
    amended,
    answer_dispute,
    answered,
    changed,
    claim_of,
    clause,
    close,
    closed,
    correct,
    corrected,
    day,
    determine,
    determined,
    disputed,
    given,
    instructed,
    methodology,
    months,
    notified,
    notify,
    ore,
    paid,
    raise_dispute,
    resolve_dispute,
    resolved,
    signed,
    withdraw,
    withdraw_dispute,
    withdrawn,
)

CLAUSED = BOTKYRKA
for number, key in enumerate(
    [
        *(f"governance.{may}" for may in ("signs", "records", "determines", "pays", "agrees")),
        "settlement.objection_days",
        "settlement.correction_months",
    ],
    1,
):
    CLAUSED = clause(CLAUSED, key, f"agreement §9.{number}")
AGREES, OBJECTION, CORRECTION = "agreement §9.5", "agreement §9.6", "agreement §9.7"

MILLION, HALF, MORE = months("2018Q4", "1 000 000"), months("2018Q4", "500 000"), months("2018Q4", "1 500 000")
DETERMINED = given(signed(CLAUSED), adopted(), determined(1, MILLION, claim="184 000", recorded="2019-02-15"))
NOTIFIED = DETERMINED.with_(notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22"))
LOWER = disputed(1, "D1", was="1 000 000", says=HALF, on="2019-02-25")
HIGHER = disputed(1, "D1", was="1 000 000", says=MORE, on="2019-02-25", by=PROVIDER)
DISPUTED = NOTIFIED.with_(LOWER)
PAID = NOTIFIED.with_(replace(paid(1, "outcome", "100 000", on="2019-04-22"), recorded_on="2019-04-25"))
MORE_PAID = disputed(1, "P1", was="100 000", says="150 000", on="2019-05-02", kind="outcome")
PAYMENT_DISPUTED = PAID.with_(MORE_PAID)

BY_RESOLUTION = determined(2, HALF, claim="−92 000", supersedes=(1,), resolves=1)
"""The determination by which D1 says half, as the position X1 does."""

# ── Objecting to a determination (rules 16, 18) ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("by", "says"), [(PAYER, HALF), (PAYER, MORE), (PROVIDER, MORE), (PROVIDER, HALF)])
def test_a_party_objects_and_says_what_it_holds_to_be_right(by: str, says: Any) -> None:
    NOTIFIED.when(raise_dispute("D1", says, on="2019-02-25", by=by), by=MANAGER, today="2019-02-25").then(
        disputed(1, "D1", was="1 000 000", says=says, on="2019-02-25", by=by)
    )


@pytest.mark.parametrize("on", ["2019-02-20", "2019-03-22"])
def test_an_objection_is_in_time_from_the_notice_to_the_last_day(on: str) -> None:
    NOTIFIED.when(raise_dispute("D1", HALF, on, documented=False), by=PAYER, today="2019-03-22").then(
        disputed(1, "D1", was="1 000 000", says=HALF, on=on)
    )


@pytest.mark.parametrize("on", ["2019-02-20", "2019-03-22"])
def test_the_day_on_which_the_party_objected_counts_and_once_it_is_past_the_letter_that_shows_it(on: str) -> None:
    late = NOTIFIED.when(raise_dispute("D1", HALF, on, documented=False), by=PAYER, today="2019-03-23")
    late.then_refused("the last day to object was 2019-03-22", clause=OBJECTION)
    shown = raise_dispute("D1", HALF, on, documented=True)
    NOTIFIED.when(shown, by=PAYER, today="2020-01-15").then(disputed(1, "D1", was="1 000 000", says=HALF, on=on))


@pytest.mark.parametrize(("on", "late"), [("2019-02-19", False), ("2019-03-23", True)])
def test_an_objection_is_out_of_time_the_day_before_the_notice_and_the_day_after_the_last(on: str, late: bool) -> None:
    done = NOTIFIED.when(raise_dispute("D1", HALF, on), by=PAYER, today="2019-03-23")
    for said in ("D1 (2018Q4) was notified on 2019-02-20", "until 2019-03-22", on):
        done.then_refused(said, clause=OBJECTION)
    assert ("too late" in str(done.result)) == late


ACCEPTED_BY_PAYER = NOTIFIED.with_(accepted(1, PAYER, on="2019-02-21"))
REDONE = DISPUTED.with_(
    determined(2, months("2018Q4", "800 000"), claim="−36 800", recorded="2019-03-01", supersedes=(1,), reason="late reports")
)


@pytest.mark.parametrize(
    ("record", "command", "text", "place"),
    [
        (NOTIFIED, raise_dispute("D1", HALF, "2019-02-25", by=HR), "internal_provider is no party to what is disputed", AGREES),
        (NOTIFIED, raise_dispute("D2", HALF, "2019-02-25"), "botkyrka has no determination D2", None),
        (DETERMINED, raise_dispute("D1", HALF, "2019-02-25"), "D1 (2018Q4) was not notified", OBJECTION),
        (NOTIFIED, raise_dispute("D1", MILLION, "2019-02-25"), "1 000 000.00, as is recorded; there is nothing to dispute", None),
        (
            NOTIFIED,
            raise_dispute("D1", months("2018Q4", "0", "0", "1 000 000"), "2019-02-25"),
            "1 000 000.00, as is recorded; there is nothing to dispute",
            None,
        ),
        (ACCEPTED_BY_PAYER, raise_dispute("D1", HALF, "2019-02-25"), "payer accepted D1 (2018Q4) on 2019-02-21", None),
        (REDONE, raise_dispute("D1", HALF, "2019-02-25"), "D1 (2018Q4) was superseded by D2", None),
        (REDONE, raise_dispute("D2", HALF, "2019-03-02", by=PROVIDER), "D2 (2018Q4) was not notified", OBJECTION),
        (NOTIFIED, raise_dispute("D1", months("2018-10..2018-11"), "2019-02-25"), "says what each of its months saved", None),
        (NOTIFIED, raise_dispute("D1", months("2018-10..2019-01"), "2019-02-25"), "says what each of its months saved", None),
        (NOTIFIED, raise_dispute("D1", "500 000", "2019-02-25"), "says what its months saved", None),
    ],
    ids=[
        "no party",
        "no determination",
        "not notified",
        "the same",
        "the same, by other months",
        "accepted",
        "superseded",
        "its successor, not notified",
        "a month missing",
        "a month too many",
        "an amount",
    ],
)
def test_an_objection_is_refused(record: Given, command: Commanded, text: str, place: str | None) -> None:
    record.when(command, by=MANAGER, today="2019-03-05").then_refused(text, clause=place)


def test_one_party_may_object_though_the_other_accepted() -> None:
    record = NOTIFIED.with_(accepted(1, PROVIDER, on="2019-02-21"))
    record.when(raise_dispute("D1", HALF, on="2019-02-25"), by=PAYER, today="2019-02-25").then(LOWER)


def test_one_who_accepted_in_error_may_object_once_that_is_withdrawn() -> None:
    record = ACCEPTED_BY_PAYER.when(withdraw(1, PAYER), by=MANAGER, today="2019-02-22").recorded()
    record.when(raise_dispute("D1", HALF, on="2019-02-25"), by=PAYER, today="2019-02-25").then(LOWER)


def test_both_parties_may_object_and_one_of_them_twice() -> None:
    record = DISPUTED.when(raise_dispute("D1", MORE, "2019-02-26", by=PROVIDER), by=PROVIDER, today="2019-02-26").then(
        disputed(2, "D1", was="1 000 000", says=MORE, on="2019-02-26", by=PROVIDER)
    )
    less = months("2018Q4", "200 000")
    record.when(raise_dispute("D1", less, "2019-02-27"), by=PAYER, today="2019-02-27").then(
        disputed(3, "D1", was="1 000 000", says=less, on="2019-02-27")
    )


def test_what_was_withdrawn_may_be_raised_again_in_the_same_words() -> None:
    record = DISPUTED.with_(withdrawn(1, on="2019-03-01"))
    again = raise_dispute("D1", HALF, on="2019-03-05")
    record.when(again, by=PAYER, today="2019-03-05").then(disputed(2, "D1", was="1 000 000", says=HALF, on="2019-03-05"))


@pytest.mark.parametrize("by", [PAYER, PROVIDER])
def test_what_is_settled_is_raised_anew_by_nobody(by: str) -> None:
    again = raise_dispute("D1", months("2018Q4", "700 000"), on="2019-03-05", by=by)
    ENDED["settled"].when(again, by=MANAGER, today="2019-03-05").then_refused("2019-03-01")


def test_what_is_rejected_is_not_raised_anew_by_the_party_whose_objection_it_was() -> None:
    again = raise_dispute("D1", months("2018Q4", "700 000"), on="2019-03-05")
    ENDED["rejected"].when(again, by=MANAGER, today="2019-03-05").then_refused(
        "X1 about it was rejected on 2019-03-01, and that is final"
    )


@pytest.mark.parametrize(("today", "closed_already"), [("2020-03-22", False), ("2020-03-23", True)])
def test_an_objection_recorded_once_the_determination_is_closed_opens_it_no_more(today: str, closed_already: bool) -> None:
    """Accepted by silence on 2019-03-23, and closed a year later: whatever letter shows that the payer objected in time."""
    done = NOTIFIED.when(raise_dispute("D1", HALF, "2019-03-01"), by=PAYER, today=today)
    if closed_already:
        done.then_refused("D1 (2018Q4) is closed since 2020-03-23", clause=CORRECTION)
    else:
        done.recorded()


def test_what_was_rejected_may_be_raised_by_the_other_party() -> None:
    again = raise_dispute("D1", MORE, on="2019-03-05", by=PROVIDER)
    ENDED["rejected"].when(again, by=PROVIDER, today="2019-03-05").then(
        disputed(2, "D1", was="1 000 000", says=MORE, on="2019-03-05", by=PROVIDER)
    )


# ── Objecting to a payment ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["upfront", "outcome", "recovery"])
@pytest.mark.parametrize("says", ["0", "99 999.99", "100 000.01"])
def test_a_payment_is_disputed_at_its_right_amount(kind: Any, says: str) -> None:
    record = NOTIFIED.with_(paid(1, kind, "100 000", on="2019-04-22"))
    record.when(raise_dispute("P1", says, on="2019-04-23", by=PROVIDER), by=PROVIDER, today="2019-04-23").then(
        disputed(1, "P1", was="100 000", says=says, on="2019-04-23", by=PROVIDER, kind=kind)
    )


@pytest.mark.parametrize(
    ("on", "in_time"), [("2019-04-21", False), ("2019-04-22", True), ("2019-05-25", True), ("2019-05-26", False)]
)
def test_objection_to_a_payment_runs_from_the_later_of_its_day_and_the_day_it_was_recorded(on: str, in_time: bool) -> None:
    """Made on 2019-04-22, recorded on 2019-04-25: whoever was to receive it may object from the day it was made."""
    done = PAID.when(raise_dispute("P1", "0", on, by=PROVIDER, documented=True), by=PROVIDER, today="2019-06-01")
    if in_time:
        done.then(disputed(1, "P1", was="100 000", says="0", on=on, by=PROVIDER, kind="outcome"))
    else:
        done.then_refused("P1 of 2019-04-22 was recorded on 2019-04-25", clause=OBJECTION)


def test_so_does_an_objection_to_a_payment_that_is_recorded_after_its_last_day_need_the_letter() -> None:
    in_time = raise_dispute("P1", "0", "2019-05-25", documented=False)
    PAID.when(in_time, by=PAYER, today="2019-05-25").recorded()
    PAID.when(in_time, by=PAYER, today="2019-05-26").then_refused("the last day to object was 2019-05-25", clause=OBJECTION)


@pytest.mark.parametrize(("number", "was"), [(1, "100 000"), (2, "50 000")])
def test_of_several_payments_the_one_with_the_number_is_disputed(number: int, was: str) -> None:
    record = PAID.with_(paid(2, "outcome", "50 000", on="2019-04-25", invoice="F-2"))
    record.when(raise_dispute(f"P{number}", "1", on="2019-05-02"), by=PAYER, today="2019-05-02").then(
        disputed(1, f"P{number}", was=was, says="1", on="2019-05-02", kind="outcome")
    )
    for none in ("P0", "P3"):
        record.when(raise_dispute(none, "1", on="2019-05-02"), by=PAYER, today="2019-05-02").then_refused(f"no payment {none}")


def test_a_payment_recorded_on_its_day_is_objected_to_for_thirty_days() -> None:
    """Recorded on the day it was made: 30 days from then."""
    record = NOTIFIED.with_(paid(1, "outcome", "100 000", on="2019-04-22"))
    record.when(raise_dispute("P1", "0", "2019-05-22"), by=PAYER, today="2019-05-22").recorded()
    record.when(raise_dispute("P1", "0", "2019-05-23"), by=PAYER, today="2019-05-23").then_refused("too late", clause=OBJECTION)


INSTRUCTED = NOTIFIED.with_(instructed(1, "outcome", "100 000", on="2019-04-22"))
REVERSED = PAID.when(correct("P1"), by=MANAGER, today="2019-04-26").recorded()


@pytest.mark.parametrize(
    ("record", "command", "text", "place"),
    [
        (PAID, raise_dispute("P2", "0", "2019-05-02"), "botkyrka has no payment P2", None),
        (PAID, raise_dispute("P1", "0", "2019-05-02", by="investor"), "investor is no party to what is disputed", AGREES),
        (PAID, raise_dispute("P1", "100 000", "2019-05-02"), "100 000.00, as is recorded; there is nothing to dispute", None),
        (PAID, raise_dispute("P1", HALF, "2019-05-02"), "a position about P1 says its amount", None),
        (INSTRUCTED, raise_dispute("P1", "0", "2019-05-02"), "P1 is an instruction; nothing was paid yet", None),
        (REVERSED, raise_dispute("P1", "0", "2019-05-02"), "P1 no longer stands: reversed: recorded in error", None),
    ],
    ids=["no payment", "no party", "the same", "savings", "an instruction", "reversed"],
)
def test_an_objection_to_a_payment_is_refused(record: Given, command: Commanded, text: str, place: str | None) -> None:
    record.when(command, by=MANAGER, today="2019-05-02").then_refused(text, clause=place)


# ── Answers and withdrawal ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("says", [None, months("2018Q4", "900 000")])
@pytest.mark.parametrize("on", ["2019-02-25", "2019-06-30"])
def test_another_party_answers(says: Any, on: str) -> None:
    """On the day of the objection or long after it; with a position of its own, or none."""
    DISPUTED.when(answer_dispute(1, PROVIDER, on, says), by=PROVIDER, today="2019-07-01").then(answered(1, PROVIDER, on, says))


def test_a_dispute_keeps_its_answers_in_order() -> None:
    record = DISPUTED.with_(answered(1, PROVIDER, "2019-03-01"), answered(1, PROVIDER, "2019-03-02", HALF))
    one = record.folded.dispute(1)
    assert [(answer.by, answer.on, answer.says) for answer in one.answers] == [
        (PROVIDER, day("2019-03-01"), None),
        (PROVIDER, day("2019-03-02"), one.raised.position),
    ]


def test_another_records_that_it_is_withdrawn_with_the_letter_that_says_so() -> None:
    without = withdraw_dispute(1, on="2019-03-01", documented=False)
    DISPUTED.when(without, by=PAYER, today="2019-03-01").then(withdrawn(1, on="2019-03-01"))
    DISPUTED.when(without, by=MANAGER, today="2019-03-01").then_refused("payer raised X1")
    DISPUTED.when(withdraw_dispute(1, on="2019-03-01"), by=MANAGER, today="2019-03-01").then(withdrawn(1, on="2019-03-01"))


def test_the_party_that_raised_it_withdraws_it() -> None:
    after = DISPUTED.when(withdraw_dispute(1, on="2019-03-01"), by=PAYER, today="2019-03-02").then(withdrawn(1, on="2019-03-01"))
    one = after.folded.dispute(1)
    assert (one.status, one.open) == ("withdrawn", False)
    assert [one.open_on(day(on)) for on in ("2019-02-24", "2019-02-25", "2019-02-28", "2019-03-01")] == [False, True, True, False]


ENDED = {
    "withdrawn": DISPUTED.with_(withdrawn(1, on="2019-03-01")),
    "rejected": DISPUTED.with_(resolved(1, "rejected", on="2019-03-01")),
    "settled": DISPUTED.with_(resolved(1, "settled", on="2019-03-01", says=MILLION)),
    "upheld": DISPUTED.when(resolve_dispute(1, "upheld", on="2019-03-01"), by=MANAGER, today="2019-03-01").recorded(),
    "moot": REDONE,
}
STEPS: dict[str, Any] = {
    "answer": lambda on: answer_dispute(1, PROVIDER, on),
    "withdraw": lambda on: withdraw_dispute(1, on),
    "resolve": lambda on: resolve_dispute(1, "rejected", on),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("how", ENDED)
def test_nothing_happens_to_a_dispute_that_has_ended(how: str, step: Any) -> None:
    ENDED[how].when(step("2019-03-05"), by=MANAGER, today="2019-03-05").then_refused(f"X1 is {how} since 2019-03-01")


def test_the_refusal_says_why_it_ended() -> None:
    again = withdraw_dispute(1, "2019-03-05")
    for how, why in (
        ("withdrawn", "found to be right"),
        ("rejected", "meeting of the steering group"),
        ("moot", "D1 was superseded"),
    ):
        ENDED[how].when(again, by=MANAGER, today="2019-03-05").then_refused(f"X1 is {how} since 2019-03-01: {why}")


def test_what_to_do_instead_is_said() -> None:
    REDONE.when(raise_dispute("D1", HALF, "2019-02-25"), by=MANAGER, today="2019-03-05").then_refused("bject to D2")
    INSTRUCTED.when(raise_dispute("P1", "0", "2019-05-02"), by=MANAGER, today="2019-05-02").then_refused("soc correct")
    by_third = resolve_dispute(1, "upheld", "2019-03-01", decided_by="M. Wik")
    DISPUTED.with_(SECOND).when(by_third, by=MANAGER, today="2019-03-01").then_refused("what was decided of X2")


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_nothing_happens_to_a_dispute_before_it_was_raised(step: Any) -> None:
    DISPUTED.when(step("2019-02-24"), by=MANAGER, today="2019-03-01").then_refused("X1 was raised on 2019-02-25")
    DISPUTED.when(step("2019-02-25"), by=MANAGER, today="2019-03-01").recorded()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_there_must_be_a_dispute(step: Any) -> None:
    NOTIFIED.when(step("2019-03-01"), by=MANAGER, today="2019-03-01").then_refused("botkyrka has no dispute X1")


@pytest.mark.parametrize(
    ("command", "text", "place"),
    [
        (answer_dispute(1, PAYER, "2019-03-01"), "payer raised X1; another party answers it", None),
        (answer_dispute(1, HR, "2019-03-01"), "internal_provider is no party to what is disputed", AGREES),
        (answer_dispute(1, PROVIDER, "2019-03-01", says="100 000"), "X1 is about savings", None),
        (
            answer_dispute(1, PROVIDER, "2019-03-01", says=months("2018-10..2018-11")),
            "X1 is about 2018-10, 2018-11, 2018-12",
            None,
        ),
    ],
    ids=["by who raised it", "by no party", "with an amount", "with a month missing"],
)
def test_an_answer_is_refused(command: Commanded, text: str, place: str | None) -> None:
    DISPUTED.when(command, by=MANAGER, today="2019-03-01").then_refused(text, clause=place)


def test_an_answer_about_a_payment_says_an_amount() -> None:
    PAYMENT_DISPUTED.when(answer_dispute(1, PROVIDER, "2019-05-03", says=HALF), by=MANAGER, today="2019-05-03").then_refused(
        "X1 is about the amount of a payment"
    )
    PAYMENT_DISPUTED.when(answer_dispute(1, PROVIDER, "2019-05-03", says="120 000"), by=MANAGER, today="2019-05-03").then(
        answered(1, PROVIDER, "2019-05-03", "120 000")
    )


# ── Resolution ───────────────────────────────────────────────────────────────────────────────────────────────────────


def carried_out(dispute: int, payable_on: str, claim: str, says: Any, outcome: Any, on: str, **more: Any) -> Any:
    """The resolution that D2 carries out."""
    claimed = claim_of(claim, payable_on)
    return resolved(dispute, outcome, on, says, carried_out_by=2, claim=claimed, **more)


@pytest.mark.parametrize(
    ("on", "payable_on"), [("2019-03-01", "2019-04-22"), ("2019-04-22", "2019-04-22"), ("2019-04-23", "2019-04-23")]
)
def test_a_lower_position_upheld_takes_back_the_claim_when_it_falls_payable_or_at_once(on: str, payable_on: str) -> None:
    """D2 takes the place of D1, and needs no notice."""
    after = DISPUTED.when(resolve_dispute(1, "upheld", on), by=MANAGER, today="2019-04-23").then(
        BY_RESOLUTION, carried_out(1, payable_on, "−92 000", HALF, "upheld", on)
    )
    assert [one.number for one in after.folded.in_force] == [2]
    assert (after.folded.entitled, after.folded.dispute(1).status) == (ore("92 000"), "upheld")


def test_a_higher_position_upheld_is_claimed_as_what_is_accepted_is() -> None:
    """The parties agree on 2019-05-02: payable 30 days later."""
    record = NOTIFIED.with_(HIGHER)
    record.when(resolve_dispute(1, "upheld", "2019-05-02"), by=MANAGER, today="2019-05-02").then(
        determined(2, MORE, claim="92 000", supersedes=(1,), resolves=1),
        carried_out(1, "2019-06-01", "92 000", MORE, "upheld", "2019-05-02"),
    )


@pytest.mark.parametrize(
    ("says", "claim", "payable_on"),
    [
        ("800 000", "−36 800", "2019-05-02"),
        ("400 000", "−110 400", "2019-05-02"),
        ("1 000 000.03", "0.01", "2019-06-01"),
        ("999 999.97", "−0.01", "2019-05-02"),
        ("1 000 000.01", "0", "2019-06-01"),
    ],
    ids=["between", "below the position", "one öre more", "one öre less", "no whole öre"],
)
def test_the_parties_settle_at_any_amount(says: str, claim: str, payable_on: str) -> None:
    settled = months("2018Q4", says)
    DISPUTED.when(resolve_dispute(1, "settled", "2019-05-02", settled), by=PAYER, today="2019-05-02").then(
        determined(2, settled, claim=claim, supersedes=(1,), resolves=1),
        carried_out(1, payable_on, claim, settled, "settled", "2019-05-02"),
    )


@pytest.mark.parametrize(
    "says", [MILLION, months("2018Q4", "200 000", "300 000", "500 000")], ids=["as it was", "by other months"]
)
def test_a_settlement_at_what_was_determined_changes_no_figure(says: Any) -> None:
    after = DISPUTED.when(resolve_dispute(1, "settled", "2019-03-01", says), by=MANAGER, today="2019-03-01").then(
        resolved(1, "settled", "2019-03-01", says)
    )
    assert (after.folded.savings, after.folded.payable(day("2019-04-22"))) == (MILLION, ore("184 000"))


def test_a_rejection_changes_no_figure() -> None:
    after = DISPUTED.when(resolve_dispute(1, "rejected", "2019-03-01"), by=MANAGER, today="2019-03-01").then(
        resolved(1, "rejected", "2019-03-01")
    )
    assert (after.folded.savings, after.folded.payable(day("2019-04-22"))) == (MILLION, ore("184 000"))


def test_a_third_person_decides_where_the_parties_do_not_agree() -> None:
    third = "M. Wik, district court judge"
    DISPUTED.when(resolve_dispute(1, "upheld", "2019-05-02", decided_by=third), by=MANAGER, today="2019-05-02").then(
        BY_RESOLUTION, carried_out(1, "2019-05-02", "−92 000", HALF, "upheld", "2019-05-02", decided_by=third)
    )
    after = DISPUTED.when(resolve_dispute(1, "rejected", "2019-05-02", decided_by=third), by=MANAGER, today="2019-05-02").then(
        resolved(1, "rejected", "2019-05-02", decided_by=third)
    )
    ended = after.folded.dispute(1).ended
    assert ended is not None
    assert (ended.decided_by, ended.agreed_by) == (third, ())


@pytest.mark.parametrize("name", [PAYER, "Botkyrka kommun", " AINO HEALTH ", "  "])
def test_a_party_is_no_third_person(name: str) -> None:
    decided = resolve_dispute(1, "upheld", "2019-05-02", decided_by=name)
    DISPUTED.when(decided, by=MANAGER, today="2019-05-02").then_refused("is no third person", clause=AGREES)


def test_a_third_persons_decision_comes_with_the_decision() -> None:
    decided = replace(resolve_dispute(1, "upheld", "2019-05-02", decided_by="M. Wik"), documented=False)
    DISPUTED.when(decided, by=MANAGER, today="2019-05-02").then_refused("is recorded with the decision itself")


@pytest.mark.parametrize(
    ("becomes", "outcome", "says"),
    [("150 000", "upheld", None), ("120 000", "settled", "120 000"), ("100 000.01", "settled", "100 000.01")],
)
def test_a_payment_becomes_what_was_decided(becomes: str, outcome: Any, says: str | None) -> None:
    PAYMENT_DISPUTED.when(resolve_dispute(1, outcome, "2019-05-10", says), by=MANAGER, today="2019-05-10").then(
        corrected(
            PAID.position("P1"),
            "outcome",
            1,
            was=("100 000", "2019-04-22"),
            becomes=(becomes, "2019-04-22"),
            reason="resolution of X1",
        ),
        resolved(1, outcome, "2019-05-10", becomes),
    )


def test_a_payment_found_never_made_is_reversed() -> None:
    record = PAID.with_(disputed(1, "P1", was="100 000", says="0", on="2019-05-02", by=PROVIDER, kind="outcome"))
    record.when(resolve_dispute(1, "upheld", "2019-05-10"), by=MANAGER, today="2019-05-10").then(
        corrected(PAID.position("P1"), "outcome", 1, was=("100 000", "2019-04-22"), reason="resolution of X1"),
        resolved(1, "upheld", "2019-05-10", "0"),
    )


@pytest.mark.parametrize(("outcome", "says"), [("rejected", None), ("settled", "100 000")])
def test_a_payment_that_was_right_stays(outcome: Any, says: str | None) -> None:
    PAYMENT_DISPUTED.when(resolve_dispute(1, outcome, "2019-05-10", says), by=MANAGER, today="2019-05-10").then(
        resolved(1, outcome, "2019-05-10", says)
    )


SECOND = disputed(2, "D1", was="1 000 000", says=MORE, on="2019-02-26", by=PROVIDER)


@pytest.mark.parametrize(
    ("command", "text", "place"),
    [
        (resolve_dispute(1, "settled", "2019-03-01"), "what is settled says an amount", None),
        (resolve_dispute(1, "upheld", "2019-03-01", HALF), "what is upheld or rejected says none", None),
        (resolve_dispute(1, "rejected", "2019-03-01", MILLION), "what is upheld or rejected says none", None),
        (resolve_dispute(1, "settled", "2019-03-01", "100 000"), "X1 is about savings", None),
        (resolve_dispute(1, "settled", "2019-03-01", months("2018-11..2018-12")), "X1 is about 2018-10, 2018-11, 2018-12", None),
        (resolve_dispute(1, "upheld", "2019-03-01", agreed_by=()), "agreement is missing from payer, external_provider", AGREES),
        (resolve_dispute(1, "upheld", "2019-03-01", agreed_by=(PAYER,)), "agreement is missing from external_provider", AGREES),
        (
            resolve_dispute(1, "rejected", "2019-03-01", agreed_by=(PROVIDER, HR)),
            "agreement is missing from payer",
            AGREES,
        ),
        (resolve_dispute(1, "upheld", "2019-03-01", agreed_by=(*BOTH, "mayor")), "mayor is not a party", None),
        (
            replace(resolve_dispute(1, "upheld", "2019-03-01"), decided_by="M. Wik"),
            "resolved by the parties or by a third person, not by both",
            None,
        ),
    ],
    ids=[
        "settled without an amount",
        "upheld with one",
        "rejected with one",
        "the amount of a payment",
        "a month missing",
        "nobody agreed",
        "one did not",
        "another did not",
        "one who is none",
        "parties and a third",
    ],
)
def test_a_resolution_is_refused(command: Commanded, text: str, place: str | None) -> None:
    DISPUTED.when(command, by=MANAGER, today="2019-03-01").then_refused(text, clause=place)


@pytest.mark.parametrize(("number", "says"), [(1, HALF), (2, MORE)])
def test_what_the_parties_agree_ends_what_else_is_disputed_of_it(number: int, says: Any) -> None:
    record = DISPUTED.with_(SECOND)
    after = record.when(resolve_dispute(number, "upheld", "2019-03-01"), by=MANAGER, today="2019-03-01").recorded()
    assert after.folded.savings == says
    assert {one.raised.number: one.status for one in after.folded.disputes} == {number: "upheld", 3 - number: "moot"}


@pytest.mark.parametrize(("outcome", "says"), [("rejected", None), ("settled", MILLION)])
def test_what_changes_no_figure_ends_one_dispute_alone(outcome: Any, says: Any) -> None:
    record = DISPUTED.with_(SECOND)
    after = record.when(resolve_dispute(1, outcome, "2019-03-01", says), by=MANAGER, today="2019-03-01").recorded()
    assert [one.status for one in after.folded.disputes] == [outcome, "open"]


@pytest.mark.parametrize(("number", "other"), [(1, "X2"), (2, "X1")])
def test_a_third_person_replaces_nothing_that_others_dispute_too(number: int, other: str) -> None:
    """One can be rejected; what would replace D1 waits for the other."""
    record, third = DISPUTED.with_(SECOND), "M. Wik, district court judge"
    upheld = resolve_dispute(number, "upheld", "2019-03-01", decided_by=third)
    record.when(upheld, by=MANAGER, today="2019-03-01").then_refused(f"{other} is about D1 too")
    rejected = resolve_dispute(3 - number, "rejected", "2019-03-01", decided_by=third)
    record = record.when(rejected, by=MANAGER, today="2019-03-01").recorded()
    record.when(upheld, by=MANAGER, today="2019-03-02").recorded()


BOTH_ABOUT_P1 = PAYMENT_DISPUTED.with_(disputed(2, "P1", was="100 000", says="0", on="2019-05-02", by=PROVIDER, kind="outcome"))


def test_so_it_is_with_a_payment() -> None:
    upheld = resolve_dispute(1, "upheld", "2019-05-10")
    after = BOTH_ABOUT_P1.when(upheld, by=MANAGER, today="2019-05-10").recorded()
    assert [one.status for one in after.folded.disputes] == ["upheld", "moot"]
    by_third = replace(upheld, agreed_by=(), decided_by="M. Wik", documented=True)
    BOTH_ABOUT_P1.when(by_third, by=MANAGER, today="2019-05-10").then_refused("X2 is about P1 too")


def test_a_resolution_of_months_under_two_versions_of_the_terms_keeps_to_both() -> None:
    """The maximum falls to 100 000 from December: of what is settled, October and November reach further than the end."""
    low = changed(CLAUSED, outcome__maximum_payment="100000.00")
    record = given(
        signed(CLAUSED),
        adopted(),
        amended(low, from_="2018-12", recorded="2018-11-01"),
        determined(1, MILLION, claim="100 000", recorded="2019-02-15"),
        notified(1, on="2019-02-20", objection_until="2019-03-22", claim="100 000", payable_on="2019-04-22"),
        LOWER,
    )
    after = record.when(resolve_dispute(1, "upheld", "2019-05-02"), by=MANAGER, today="2019-05-02").then(
        determined(2, HALF, claim="−8 000", supersedes=(1,), resolves=1),
        carried_out(1, "2019-05-02", "−8 000", HALF, "upheld", "2019-05-02"),
    )
    assert [line.terms_sha256 for line in after.folded.in_force[0].months] == [CLAUSED.sha256, CLAUSED.sha256, low.sha256]


# ── Who may (rule 20) ────────────────────────────────────────────────────────────────────────────────────────────────

GOVERNED: list[tuple[str, Given, Commanded, set[str], str]] = [
    ("raise for the payer", NOTIFIED, raise_dispute("D1", HALF, "2019-02-25", documented=True), {MANAGER, HR, PAYER}, "records"),
    (
        "raise for the provider",
        NOTIFIED,
        raise_dispute("D1", MORE, "2019-02-25", PROVIDER, documented=True),
        {MANAGER, HR, PROVIDER},
        "records",
    ),
    ("raise about a payment", PAID, raise_dispute("P1", "0", "2019-05-02"), {MANAGER, HR, PAYER}, "records"),
    ("answer", DISPUTED, answer_dispute(1, PROVIDER, "2019-03-01"), {MANAGER, HR, PROVIDER}, "records"),
    ("withdraw", DISPUTED, withdraw_dispute(1, "2019-03-01"), {MANAGER, HR, PAYER}, "records"),
    ("withdraw the provider's", NOTIFIED.with_(HIGHER), withdraw_dispute(1, "2019-03-01"), {MANAGER, HR, PROVIDER}, "records"),
    ("resolve", DISPUTED, resolve_dispute(1, "upheld", "2019-03-01"), {MANAGER, PAYER}, "signs"),
    ("resolve about a payment", PAYMENT_DISPUTED, resolve_dispute(1, "upheld", "2019-05-10"), {MANAGER, PAYER}, "signs"),
]


@pytest.mark.parametrize(("record", "command", "roles", "may"), [row[1:] for row in GOVERNED], ids=[row[0] for row in GOVERNED])
def test_who_may(record: Given, command: Commanded, roles: set[str], may: str) -> None:
    """Every party in turn, and one that is none."""
    for role in (*CLAUSED.parties, "mayor"):
        done = record.when(command, by=role, today="2019-05-10")
        if role in roles:
            done.recorded()
        else:
            done.then_refused(f"{role} may not do this; governance.{may} names", clause=CLAUSED.clauses[f"governance.{may}"])


DATED: list[tuple[str, Given, Any]] = [
    ("raise", NOTIFIED, lambda on: raise_dispute("D1", HALF, on)),
    ("raise about a payment", PAID, lambda on: raise_dispute("P1", "0", on)),
    ("answer", DISPUTED, lambda on: answer_dispute(1, PROVIDER, on)),
    ("withdraw", DISPUTED, lambda on: withdraw_dispute(1, on)),
    ("resolve", DISPUTED, lambda on: resolve_dispute(1, "rejected", on)),
]


@pytest.mark.parametrize(("record", "command"), [row[1:] for row in DATED], ids=[row[0] for row in DATED])
def test_nothing_is_recorded_before_its_day_or_of_a_day_before_signature(record: Given, command: Any) -> None:
    refused = record.when(command("2019-03-02"), by=PAYER if record is NOTIFIED else MANAGER, today="2019-03-01")
    refused.then_refused("2019-03-02 is in the future; today is 2019-03-01")
    record.when(command("2018-09-25"), by=MANAGER, today="2019-03-01").then_refused(
        "2018-09-25 is before the contract was signed"
    )


# ── What waits for a dispute ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_party_that_disputes_does_not_accept() -> None:
    accepting = accept(1, PAYER, on="2019-03-05")
    DISPUTED.when(accepting, by=MANAGER, today="2019-03-05").then_refused("payer disputes D1 in X1", clause=OBJECTION)
    record = DISPUTED.when(accept(1, PROVIDER, on="2019-03-05"), by=MANAGER, today="2019-03-05").then(
        accepted(1, PROVIDER, on="2019-03-05")
    )
    assert record.folded.payable(day("2019-04-22")) == ore("184 000")


@pytest.mark.parametrize("how", ["withdrawn", "rejected"])
def test_once_it_has_ended_the_party_may_accept_in_time(how: str) -> None:
    ENDED[how].when(accept(1, PAYER, on="2019-03-05"), by=MANAGER, today="2019-03-05").then(accepted(1, PAYER, on="2019-03-05"))


def test_the_notice_that_was_objected_to_is_not_corrected() -> None:
    for record in (DISPUTED, *(ENDED[how] for how in ("withdrawn", "rejected", "settled"))):
        for on in (None, "2019-02-21"):
            record.when(correct("N1", on=on), by=MANAGER, today="2019-03-05").then_refused(
                "D1 is disputed in X1", clause=OBJECTION
            )


def test_a_disputed_payment_is_not_corrected_by_one_side() -> None:
    refused = PAYMENT_DISPUTED.when(correct("P1", amount="150 000"), by=MANAGER, today="2019-05-03")
    refused.then_refused("P1 is disputed in X1")
    PAYMENT_DISPUTED.when(correct("P1"), by=MANAGER, today="2019-05-03").then_refused("P1 is disputed in X1")
    record = PAYMENT_DISPUTED.with_(withdrawn(1, on="2019-05-03"))
    record.when(correct("P1", amount="150 000"), by=MANAGER, today="2019-05-03").recorded()


@pytest.mark.parametrize(("outcome", "says"), [("upheld", None), ("settled", "120 000"), ("settled", "100 000")])
def test_what_was_decided_of_a_payment_is_not_corrected_or_disputed_again(outcome: Any, says: str | None) -> None:
    record = PAYMENT_DISPUTED.when(resolve_dispute(1, outcome, "2019-05-10", says), by=MANAGER, today="2019-05-10").recorded()
    record.when(correct("P1"), by=MANAGER, today="2019-05-11").then_refused("P1 stands as the resolution of X1 says")
    again = raise_dispute("P1", "1", on="2019-05-11", by=PROVIDER)
    record.when(again, by=PROVIDER, today="2019-05-11").then_refused(
        f"X1 about it was {outcome} on 2019-05-10, and that is final"
    )


def test_another_payment_is_corrected_meanwhile() -> None:
    record = PAYMENT_DISPUTED.with_(paid(2, "outcome", "1 000", on="2019-05-02", invoice="F-2"))
    record.when(correct("P2"), by=MANAGER, today="2019-05-03").recorded()


ONE_QUARTER = given(
    signed(changed(CLAUSED, months=3)),
    adopted(),
    determined(1, MILLION, claim="184 000", recorded="2019-02-15"),
    notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22"),
)


def test_the_contract_is_not_closed_while_a_dispute_is_open() -> None:
    closing = close("2019-04-23")
    ONE_QUARTER.when(closing, by=MANAGER, today="2019-04-23").then(closed("2019-04-23"))
    record = ONE_QUARTER.with_(LOWER, disputed(2, "D1", was="1 000 000", says=MORE, on="2019-02-25"))
    refused = record.when(closing, by=MANAGER, today="2019-04-23")
    refused.then_refused("X1 is open: payer disputes D1")
    refused.then_refused("X2 is open: payer disputes D1")
    record = record.with_(withdrawn(2, on="2019-04-22"), resolved(1, "rejected", on="2019-04-23"))
    record.when(close("2019-04-22"), by=MANAGER, today="2019-04-23").then_refused("X1 is open: payer disputes D1")
    record.when(closing, by=MANAGER, today="2019-04-23").then(closed("2019-04-23"))


def test_nor_while_a_payment_is_disputed() -> None:
    record = ONE_QUARTER.with_(
        paid(1, "outcome", "184 000", on="2019-04-22"),
        disputed(1, "P1", was="184 000", says="0", on="2019-04-23", by=PROVIDER, kind="outcome"),
    )
    record.when(close("2019-04-23"), by=MANAGER, today="2019-04-23").then_refused("X1 is open: external_provider disputes P1")


@pytest.mark.parametrize(
    "command",
    [
        raise_dispute("D1", HALF, "2019-03-01"),
        answer_dispute(1, PROVIDER, "2019-03-01"),
        withdraw_dispute(1, "2019-03-01"),
        resolve_dispute(1, "rejected", "2019-03-01"),
    ],
)
def test_a_closed_contract_is_disputed_no_more(command: Commanded) -> None:
    record = ONE_QUARTER.with_(LOWER, withdrawn(1, on="2019-03-01"), closed("2019-04-23"))
    record.when(command, by=MANAGER, today="2019-04-24").then_refused("botkyrka was closed on 2019-04-23", clause=CORRECTION)


def test_the_terms_are_amended_and_later_quarters_determined_while_a_dispute_is_open() -> None:
    longer = changed(CLAUSED, months=48)
    record = DISPUTED.when(amend(longer, from_="2019-04"), by=MANAGER, today="2019-03-05").then(
        amended(longer, from_="2019-04", recorded="2019-03-05")
    )
    record = record.when(determine(months("2019Q1", "1 000 000")), by=MANAGER, today="2019-05-02").recorded()
    assert record.folded.dispute(1).open


# ── Determining again (rule 15) ──────────────────────────────────────────────────────────────────────────────────────

REDO = determine(months("2018Q4", "800 000"), redo="late reports")


def test_a_determination_made_again_makes_the_dispute_moot() -> None:
    """From the day it was recorded; the new one can be disputed in its turn, upon its own notice."""
    record = DISPUTED.when(REDO, by=MANAGER, today="2019-03-01").recorded()
    one = record.folded.dispute(1)
    assert one.ended is not None
    assert (one.status, one.ended.on, one.ended.determination) == ("moot", day("2019-03-01"), 2)
    record = record.when(notify(2, on="2019-03-02"), by=MANAGER, today="2019-03-02").recorded()
    record.when(raise_dispute("D2", HALF, on="2019-03-03"), by=PAYER, today="2019-03-03").then(
        disputed(2, "D2", was="800 000", says=HALF, on="2019-03-03")
    )


@pytest.mark.parametrize(
    ("on", "text"),
    [
        ("2019-02-28", "D2 (2018Q4) was determined on 2019-03-01"),
        ("2019-03-01", None),
        ("2019-03-31", None),
        ("2019-04-01", None),
        ("2019-05-01", None),
        ("2019-05-02", "2019-05-02 is too late"),
    ],
)
def test_whose_dispute_was_made_moot_may_object_from_the_day_it_was_determined(on: str, text: str | None) -> None:
    """D2 is determined on 2019-03-01 and notified a month later: the payer need not wait, the provider must."""
    record = REDONE if on < "2019-04-01" else REDONE.when(notify(2, "2019-04-01"), by=MANAGER, today="2019-04-01").recorded()
    done = record.when(raise_dispute("D2", HALF, on), by=PAYER, today=max(on, "2019-03-01"))
    if text is None:
        done.then(disputed(2, "D2", was="800 000", says=HALF, on=on))
    else:
        done.then_refused(text)
    if on < "2019-04-01":
        other = record.when(raise_dispute("D2", MORE, on, by=PROVIDER), by=PROVIDER, today="2019-04-01")
        other.then_refused("D2 (2018Q4) was not notified", clause=OBJECTION)


def test_only_disputes_about_what_was_superseded_are_moot() -> None:
    record = DISPUTED.with_(
        determined(2, months("2019Q1", "1 000 000"), claim="184 000"),
        notified(2, on="2019-06-01", objection_until="2019-07-01", claim="184 000", payable_on="2019-08-01"),
        disputed(2, "D2", was="1 000 000", says=months("2019Q1", "0"), on="2019-06-02"),
        paid(1, "outcome", "100 000", on="2019-06-03"),
        disputed(3, "P1", was="100 000", says="0", on="2019-06-04", by=PROVIDER, kind="outcome"),
    )
    record = record.when(REDO, by=MANAGER, today="2019-06-10").recorded()
    assert [one.status for one in record.folded.disputes] == ["moot", "open", "open"]


@pytest.mark.parametrize("redo", ["2019-03-02", "2023-01-01"])
@pytest.mark.parametrize("how", ["settled", "upheld"])
def test_what_a_resolution_decided_is_not_determined_again(how: str, redo: str) -> None:
    number = {"settled": 1, "upheld": 2}[how]
    ENDED[how].when(REDO, by=MANAGER, today=redo).then_refused(
        f"D{number} (2018Q4) stands as the resolution of X1 of 2019-03-01 says", clause=CORRECTION
    )


def test_nor_is_it_notified_corrected_or_disputed() -> None:
    record = ENDED["upheld"]
    record.when(notify(2, on="2019-03-02"), by=MANAGER, today="2019-03-02").then_refused("D2 was notified on 2019-03-01")
    record.when(correct("N2"), by=MANAGER, today="2019-03-01").then_refused("D2 carries out the resolution of X1")
    record.when(raise_dispute("D2", MILLION, on="2019-03-01"), by=PAYER, today="2019-03-01").then_refused(
        "D2 (2018Q4) carries out the resolution of X1, which is final"
    )


@pytest.mark.parametrize(
    ("happened", "closes"),
    [
        ([], "2020-03-23"),
        ([LOWER], None),
        ([LOWER, withdrawn(1, on="2019-05-01")], "2020-03-23"),
        ([LOWER, withdrawn(1, on="2021-05-01")], "2020-03-23"),
        ([LOWER, resolved(1, "rejected", on="2019-05-01")], "2020-03-23"),
        ([LOWER, resolved(1, "rejected", on="2020-03-24")], "2020-03-24"),
        ([LOWER, SECOND, resolved(1, "rejected", on="2020-03-24")], None),
        ([LOWER, SECOND, resolved(1, "rejected", on="2020-05-01"), resolved(2, "rejected", on="2020-04-01")], "2020-05-01"),
        ([LOWER, resolved(1, "settled", on="2019-05-01", says=MILLION)], "2019-05-01"),
        ([LOWER, resolved(1, "settled", on="2021-05-01", says=MILLION)], "2021-05-01"),
    ],
    ids=[
        "no dispute",
        "open",
        "withdrawn",
        "withdrawn late",
        "rejected",
        "rejected late",
        "one still open",
        "two rejected late",
        "settled",
        "settled late",
    ],
)
def test_from_when_a_determination_is_closed(happened: list[Any], closes: str | None) -> None:
    """Accepted by silence on 2019-03-23, closed twelve months later unless a dispute says otherwise."""
    record = NOTIFIED.with_(*happened)
    assert c.closed_on(record.folded, record.folded.determination(1)) == (None if closes is None else day(closes))
    if closes is None:
        record.when(REDO, by=MANAGER, today="2025-01-01").recorded()
    else:
        on = day(closes)
        record.when(REDO, by=MANAGER, today=str(on)).then_refused("D1 (2018Q4)", clause=CORRECTION)


@pytest.mark.parametrize("late", ["2020-03-22", "2020-03-24"])
def test_a_rejection_closes_nothing_before_the_correction_time(late: str) -> None:
    """Rejected before it has run out, D1 may be made again until then; after it, not on that day."""
    record = DISPUTED.with_(resolved(1, "rejected", on=late))
    done = record.when(REDO, by=MANAGER, today=late)
    if late < "2020-03-23":
        done.recorded()
    else:
        done.then_refused("was accepted on 2019-03-23 and is closed since 2020-03-24", clause=CORRECTION)


def test_an_average_may_be_taken_of_months_that_a_resolution_decided() -> None:
    """Of those measured by a methodology that no longer holds it may not; what was decided was decided whatever it says."""
    other = adopted(methodology(name="negotiated"), from_="2018-10-01", recorded="2019-06-01")
    assert DISPUTED.folded.averageable == MILLION
    assert DISPUTED.with_(other).folded.averageable == {}
    assert ENDED["upheld"].with_(other).folded.averageable == HALF


def test_a_resolution_is_not_measured_anew_when_the_contract_is_closed() -> None:
    """Another methodology is agreed for the months: D1 must be made again before the end, D2 stands as it was decided."""
    other = adopted(methodology(name="negotiated"), from_="2018-10-01", recorded="2019-03-05")
    ONE_QUARTER.with_(other).when(close("2019-04-23"), by=MANAGER, today="2019-04-23").then_refused(
        "D1 (2018Q4) is not measured by negotiated"
    )
    record = ONE_QUARTER.with_(LOWER).when(resolve_dispute(1, "upheld", "2019-03-04"), by=MANAGER, today="2019-03-04").recorded()
    record.with_(other).when(close("2019-04-23"), by=MANAGER, today="2019-04-23").then(closed("2019-04-23"))


# ── Paying rests on what is disputed ─────────────────────────────────────────────────────────────────────────────────


def test_what_is_due_rests_on_disputes_and_their_ends() -> None:
    """So the same words, ``--due``, are a new submission once a dispute was raised or ended."""

    def basis(record: Given) -> int:
        return c.payment_basis(record.folded, "outcome", "F-1")

    ended = DISPUTED.with_(withdrawn(1, on="2019-03-01"))
    assert (basis(NOTIFIED), basis(DISPUTED), basis(ended)) == (5, 6, 7)
    assert basis(DISPUTED.with_(answered(1, PROVIDER, "2019-03-01"))) == 6
