"""What an auditor asks on day one: each flag where it is due, and nowhere else.

The first quarter saves 1 000 000 SEK, 184 000 for the provider: notified on 2019-02-20, accepted by silence on 2019-03-23, and
payable on 2019-04-22.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ledger import events as e
from ledger.periods import Month
from ledger.record import Recorded
from projections.audit.assumptions import INDEX_ALONE, Rests, agreed_months, rests
from projections.audit.backdated import backdated, hurried, notices, sort_of
from projections.audit.changes import Held, agreements, corrections, disputes, superseded
from projections.audit.duties import ACTS, deeds, same_person, twice
from projections.audit.paid import Due, paid_late, unpaid
from projections.audit.payments import Payment, flagged, payments
from projections.audit.records import person, runs
from projections.audit.report import report
from projections.restated import restated
from projections.state import state
from tests.projections.test_since import played
from tests.spec import (
    BOTKYRKA,
    PAYER,
    PROVIDER,
    Given,
    Happened,
    accepted,
    adopted,
    amended,
    changed,
    claim_of,
    corrected,
    day,
    determined,
    disputed,
    given,
    instructed,
    methodology,
    months,
    notified,
    ore,
    paid,
    replace_record,
    resolved,
    resumed,
    signed,
    suspended,
)

DETERMINED = determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-02-18")
NOTIFIED = notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22")
NOTICED = (signed(), adopted(), DETERMINED, NOTIFIED)
PAID = ("outcome", "184 000", "2019-04-22")
TODAY = "2019-05-02"


def recorded(one: Happened, on: str) -> Happened:
    """The same, recorded on another day."""
    return replace(one, recorded_on=on)


def payments_of(record: Given, today: str = TODAY, days: int = 30) -> dict[str, Payment]:
    found = payments(record.records, record.folded, day(today), days)
    return {one.entry.name: one for one in found}


def flags(record: Given, name: str, today: str = TODAY) -> dict[str, int | None]:
    """What is said of a payment, but for the document that none of these has."""
    said = {flag.sort: flag.ore for flag in payments_of(record, today)[name].flags}
    assert said.pop("no document", "said") is None
    return said  # type: ignore[return-value]


def by(record: Given, *names: str) -> tuple[Recorded[Any], ...]:
    """The records, the last ones recorded by these persons, each ``NAME`` or ``NAME, ROLE``."""
    told = [name.split(", ") for name in names]
    first = len(record.records) - len(names)
    changed_ = [
        replace_record(one, recorded_by=e.Actor(name=who[0], role=who[1] if len(who) > 1 else one.recorded_by.role))
        for one, who in zip(record.records[first:], told, strict=True)
    ]
    return (*record.records[:first], *changed_)


# ── Payments ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_in_order_is_not_flagged() -> None:
    record = given(*NOTICED, instructed(1, *PAID), paid(2, *PAID, carries_out=(1, "184 000", "2019-04-22")))
    assert list(payments_of(record)) == ["P2"]  # the instruction that it carries out is no payment of its own
    assert flags(record, "P2") == {}


def test_a_payment_on_a_document_is_not_flagged_for_it() -> None:
    record = given(*NOTICED, paid(1, *PAID))
    document = e.Document(document="receipt.pdf", obtained_how="named")
    last = replace_record(record.records[-1], evidence=(document,))
    (one,) = payments((*record.records[:-1], last), record.folded, day(TODAY), 30)
    assert [flag.sort for flag in one.flags] == ["no instruction"]


def test_without_instruction() -> None:
    assert flags(given(*NOTICED, paid(1, *PAID)), "P1") == {"no instruction": None}


def test_above_what_was_payable() -> None:
    record = given(*NOTICED, paid(1, "outcome", "200 000", "2019-04-22"))
    assert flags(record, "P1") == {"no instruction": None, "overpaid": ore("16 000")}
    one = payments_of(record)["P1"]
    assert (one.above_then, one.above_now) == (ore("16 000"), ore("16 000"))


def test_what_was_paid_before_on_the_same_day_counts_first() -> None:
    two = (paid(1, "outcome", "100 000", "2019-04-22", "F-1"), paid(2, "outcome", "100 000", "2019-04-22", "F-2"))
    record = given(*NOTICED, *two)
    assert "overpaid" not in flags(record, "P1")
    assert flags(record, "P2")["overpaid"] == ore("16 000")


@pytest.mark.parametrize(
    ("on", "said"),
    [("2019-03-22", "before acceptance"), ("2019-03-23", "before it fell payable"), ("2019-04-21", "before it fell payable")],
)
def test_too_early(on: str, said: str) -> None:
    found = flags(given(*NOTICED, paid(1, "outcome", "184 000", on)), "P1")
    assert found == {"no instruction": None, "overpaid": ore("184 000"), said: ore("184 000")}


def test_before_any_notice_is_before_acceptance() -> None:
    found = flags(given(*NOTICED[:3], paid(1, "outcome", "184 000", "2019-02-19")), "P1")
    assert found["before acceptance"] == ore("184 000")


def test_too_early_is_told_although_the_determination_was_superseded_since() -> None:
    record = redone("400 000", "-110 400", paid(1, "outcome", "184 000", "2019-04-01"))
    assert flags(record, "P1")["before it fell payable"] == ore("184 000")


def test_a_claim_determined_after_the_payment_is_not_waited_for() -> None:
    """What was overpaid in April did not await what was determined in May."""
    later = determined(2, months("2019Q1", "1 000 000"), "184 000", "2019-05-20")
    assert flags(given(*NOTICED, paid(1, "outcome", "200 000", "2019-04-22"), later), "P1") == {
        "no instruction": None,
        "overpaid": ore("16 000"),
    }


def test_what_was_known_then_and_what_is_known_now_are_two_things() -> None:
    """Paid on 1 April, when silence would have made it payable on the 22nd; acceptance of 25 February was recorded later."""
    was, becomes = claim_of("184 000", "2019-04-22"), claim_of("184 000", "2019-03-27")
    late = [recorded(accepted(1, PAYER, "2019-02-25"), "2019-04-10")]
    late += [recorded(accepted(1, PROVIDER, "2019-02-25", was, becomes), "2019-04-10")]
    one = payments_of(given(*NOTICED, paid(1, "outcome", "184 000", "2019-04-01"), *late))["P1"]
    assert (one.above_then, one.above_now) == (ore("184 000"), 0)
    assert "184\u2009000.00 above what was payable that day as known then, 0.00 as known now" in {flag.what for flag in one.flags}


def test_paid_what_a_dispute_held() -> None:
    raised = disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-03-01")
    record = given(*NOTICED, raised, paid(1, *PAID))
    assert flags(record, "P1") == {"no instruction": None, "disputed": ore("110 400")}
    assert "disputed" not in flags(given(*NOTICED, raised, paid(1, "outcome", "73 600", "2019-04-22")), "P1")


def late(record: Given, name: str) -> list[tuple[int | None, int | None]]:
    """What a payment paid late, and by how many days."""
    found = payments_of(record, "2021-12-31")[name].flags
    return [(flag.ore, flag.days) for flag in found if flag.sort == "paid late"]


@pytest.mark.parametrize(("on", "found"), [("2019-04-21", []), ("2019-04-22", []), ("2019-04-24", [(ore("184 000"), 2)])])
def test_late_is_after_the_day_on_which_it_fell_due(on: str, found: list[tuple[int, int]]) -> None:
    assert late(given(*NOTICED, paid(1, "outcome", "184 000", on)), "P1") == found


def test_what_fell_due_first_is_paid_first() -> None:
    two = (paid(1, "outcome", "84 000", "2019-04-22", "F-1"), paid(2, "outcome", "100 000", "2019-04-30", "F-2"))
    assert [late(given(*NOTICED, *two), name) for name in ("P1", "P2")] == [[], [(ore("100 000"), 8)]]


def test_what_a_dispute_held_fell_due_when_it_ended() -> None:
    """73 600 of 184 000 were due on 22 April; the 110 400 that the dispute held from 10 May on."""
    raised = disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-03-01")
    ended = resolved(1, "rejected", "2019-05-10")
    record = given(*NOTICED, raised, ended, paid(1, "outcome", "184 000", "2019-05-20"))
    assert late(record, "P1") == [(ore("73 600"), 28), (ore("110 400"), 10)]
    flag = next(flag for flag in payments_of(record)["P1"].flags if flag.days == 10)
    assert flag.what == "10 days after 2019-05-10 (X1 rejected)"


def test_what_a_lower_claim_took_back_was_never_late() -> None:
    """84 000 stayed unpaid until D2 took back 110 400 in July; 184 000 of D3 then fell due, and were paid a day late."""
    again = determined(2, months("2018Q4", "400 000"), "-110 400", "2019-05-20", supersedes=(1,), reason="late sick notes")
    lower = notified(2, "2019-05-21", "2019-06-20", "-110 400", "2019-07-21")
    more = determined(3, months("2019Q1", "1 000 000"), "184 000", "2019-07-25")
    third = notified(3, "2019-07-26", "2019-08-25", "184 000", "2019-09-25")
    short = paid(1, "outcome", "73 600", "2019-04-22", "F-1")
    record = given(*NOTICED, short, again, lower, more, third, paid(2, "outcome", "184 000", "2019-09-26", "F-2"))
    assert late(record, "P2") == [(ore("184 000"), 1)]


def test_upfront_after_its_instalment_is_late() -> None:
    record = given(signed(), paid(1, "upfront", "4 200 000", "2018-10-01"))
    assert late(record, "P1") == [(ore("4 200 000"), (day("2018-10-01") - BOTKYRKA.upfront.instalments[0].on).days)]


def test_what_is_unpaid_says_since_when() -> None:
    record = given(*NOTICED, paid(1, "outcome", "100 000", "2019-04-22"))
    assert unpaid(record.folded, day("2019-04-21")) == []
    assert unpaid(record.folded, day(TODAY)) == [Due(ore("84 000"), day("2019-04-22"), "D1")]


def overpaid_twice(*more: Happened) -> Given:
    """P1 pays 16 000 too much; of D2's claim all is paid by P2, although that much could have been set off."""
    first = paid(1, "outcome", "200 000", "2019-04-22", "F-1")
    second = determined(2, months("2019Q1", "1 000 000"), "184 000", "2019-05-20")
    notice = notified(2, "2019-05-21", "2019-06-20", "184 000", "2019-07-21")
    return given(*NOTICED, first, second, notice, *more)


def overpaid(record: Given, today: str) -> dict[str, tuple[int | None, str]]:
    found = payments_of(record, today)
    flags_ = {name: flag for name, one in found.items() for flag in one.flags if flag.sort == "overpaid"}
    return {name: (flag.ore, flag.what.rpartition("; ")[2]) for name, flag in flags_.items()}


def test_one_krona_is_overpaid_once_and_what_became_of_it_is_told() -> None:
    twice_ = (paid(2, "outcome", "184 000", "2019-07-21", "F-2"),)
    still = (ore("16 000"), "not set off or recovered by 2019-08-01")
    assert overpaid(overpaid_twice(*twice_), "2019-08-01") == {"P1": still}
    part = paid(3, "recovery", "6 000", "2019-08-02", "R-1")
    assert overpaid(overpaid_twice(*twice_, part), "2019-08-03")["P1"][1] == "recovered in part by P3 on 2019-08-02"
    rest = paid(4, "recovery", "10 000", "2019-08-05", "R-2")
    said = "recovered by P3 on 2019-08-02, P4 on 2019-08-05"
    assert overpaid(overpaid_twice(*twice_, part, rest), "2019-08-06") == {"P1": (ore("16 000"), said)}


def test_what_was_set_off_and_overpaid_again_is_told_again() -> None:
    less = paid(2, "outcome", "168 000", "2019-07-21", "F-2")
    assert overpaid(overpaid_twice(less), "2019-08-01") == {"P1": (ore("16 000"), "set off by P2 on 2019-07-21")}
    over = paid(3, "outcome", "5 000", "2019-07-22", "F-3")
    assert overpaid(overpaid_twice(less, over), "2019-08-01")["P3"][0] == ore("5 000")
    more = paid(2, "outcome", "189 000", "2019-07-21", "F-2")
    assert overpaid(overpaid_twice(more), "2019-08-01")["P2"][0] == ore("5 000")


def test_upfront_before_its_instalment() -> None:
    early = given(signed(on="2018-09-20"), paid(1, "upfront", "4 200 000", "2018-09-25"))
    assert flags(early, "P1")["overpaid"] == ore("4 200 000")
    assert "overpaid" not in flags(given(signed(), paid(1, "upfront", "4 200 000", "2018-09-26")), "P1")


def test_recovered_more_than_was_overpaid() -> None:
    over = paid(1, "outcome", "200 000", "2019-04-22", "F-1")
    record = given(*NOTICED, over, paid(2, "recovery", "20 000", "2019-04-29", "F-2"))
    assert flags(record, "P2")["overpaid"] == ore("4 000")
    assert "overpaid" not in flags(given(*NOTICED, over, paid(2, "recovery", "16 000", "2019-04-29", "F-2")), "P2")


def test_invoice_and_bank_reference_used_twice() -> None:
    first, second = paid(1, "outcome", "84 000", "2019-04-22", "F-1"), paid(2, "outcome", "100 000", "2019-04-23", "f 1")
    other = paid(2, "outcome", "100 000", "2019-04-23", "F -1")
    both = {"invoice used twice", "bank reference used twice"}
    assert both & flags(given(*NOTICED, first, other), "P1").keys() == both
    assert both & flags(given(*NOTICED, first, second), "P2").keys() == {"bank reference used twice"}  # f1 is not f-1


def test_what_was_reversed_uses_no_reference() -> None:
    record = given(*NOTICED, paid(1, "outcome", "84 000", "2019-04-22"), paid(2, "outcome", "100 000", "2019-04-23"))
    position = record.position("P1")
    record = record.with_(corrected(position, "outcome", 1, ("84 000", "2019-04-22")))
    assert flags(record, "P1") == {"no instruction": None, "reversed": ore("84 000")}
    assert "invoice used twice" not in flags(record, "P2")
    assert not payments_of(record)["P1"].stands


def test_what_was_reversed_was_above_what_was_payable_only_then() -> None:
    record = given(*NOTICED, paid(1, "outcome", "200 000", "2019-04-22"))
    record = record.with_(corrected(record.position("P1"), "outcome", 1, ("200 000", "2019-04-22")))
    one = payments_of(record)["P1"]
    assert (one.above_then, one.above_now) == (ore("16 000"), 0)


def test_corrected() -> None:
    record = given(*NOTICED, paid(1, *PAID))
    record = record.with_(
        corrected(record.position("P1"), "outcome", 1, ("184 000", "2019-04-22"), becomes=("180 000", "2019-04-24"))
    )
    assert flags(record, "P1") == {"no instruction": None, "corrected": ore("-4 000"), "paid late": ore("180 000")}
    assert payments_of(record)["P1"].entry.amount == ore("180 000")


def test_another_amount_than_instructed() -> None:
    ordered = instructed(1, *PAID)
    record = given(*NOTICED, ordered, paid(2, "outcome", "180 000", "2019-04-22", carries_out=(1, "184 000", "2019-04-22")))
    assert flags(record, "P2") == {"other amount than instructed": ore("-4 000")}


@pytest.mark.parametrize(("today", "old"), [("2019-05-22", {}), ("2019-05-23", {"unsettled instruction": ore("184 000")})])
def test_an_instruction_not_carried_out(today: str, old: dict[str, int]) -> None:
    assert flags(given(*NOTICED, instructed(1, *PAID)), "P1", today) == old


def test_a_cancelled_instruction_does_not_wait() -> None:
    record = given(*NOTICED, instructed(1, *PAID))
    record = record.with_(corrected(record.position("P1"), "instructed outcome", 1, ("184 000", "2019-04-22")))
    assert flags(record, "P1", "2020-01-01") == {"reversed": ore("184 000")}


def test_flags_come_with_what_is_gravest_first() -> None:
    record = given(*NOTICED, paid(1, "outcome", "200 000", "2019-04-22"))
    assert list(flagged(payments_of(record).values())) == ["overpaid", "no instruction", "no document"]


# ── Dated back ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("on", "found"), [("2019-05-22", []), ("2019-05-23", [("act", 31)])])
def test_dated_back_by_more_than_so_many_days(on: str, found: list[tuple[str, int]]) -> None:
    record = given(signed(), recorded(paid(1, *PAID), on))
    assert [(one.sort, one.days) for one in backdated(record.records, 30)] == found


def why(*happened: Happened) -> list[str | None]:
    """Why the determinations that came more than 30 days after their months did."""
    return [one.why for one in backdated(given(*happened).records, 30) if one.sort == "determination"]


def test_why_a_determination_came_late() -> None:
    """The trend that it uses was published on 2019-03-08."""
    later = determined(1, months("2018Q4", "1 000 000"), "184 000", "2019-04-07")
    assert why(signed(), adopted(), later) == ["trend published later"]
    assert why(signed(), adopted(), recorded(later, "2019-04-08")) == ["no reason on record"]
    again = determined(2, months("2018Q4", "400 000"), "-110 400", "2019-03-20", supersedes=(1,), reason="late sick notes")
    assert why(*NOTICED, again) == ["determined again", "trend published later"]


@pytest.mark.parametrize(("end", "said"), [("2019-04-30", "follow-up was suspended"), ("2019-03-30", "no reason on record")])
def test_a_determination_of_months_that_ended_while_follow_up_was_suspended(end: str, said: str) -> None:
    """Follow-up rested from January to ``end``; the quarter was determined in July."""
    rest = (suspended("2019-01", "2019-01-20"), recorded(resumed("2019-01", end), end))
    late_ = determined(2, months("2019Q1", "1 000 000"), "184 000", "2019-07-01")
    assert why(*NOTICED, *rest, late_)[0] == said


def test_acts_before_agreements_before_what_is_late_by_nature() -> None:
    record = given(*NOTICED, recorded(suspended("2019-04", "2019-06-20"), "2019-06-20"), recorded(paid(1, *PAID), "2019-06-21"))
    assert [one.sort for one in backdated(record.records, 30)] == ["act", "agreement", "determination"]


def test_every_event_has_its_sort_and_its_act() -> None:
    assert set(ACTS) == set(e.TYPES.values())
    assert {sort_of(one.data) for one in given(*NOTICED, suspended("2019-04", "2019-04-20")).records} == {
        "act",
        "agreement",
        "determination",
    }


@pytest.mark.parametrize(
    ("on", "left", "told"),
    [
        ("2019-02-20", 30, False),
        ("2019-02-21", 29, False),
        ("2019-03-07", 15, False),
        ("2019-03-08", 14, True),
        ("2019-03-25", -3, True),
    ],
)
def test_a_notice_recorded_late_leaves_less_time_to_object(on: str, left: int, told: bool) -> None:
    record = given(*NOTICED[:3], recorded(NOTIFIED, on))
    (one,) = notices(record.records, record.folded)
    assert (one.given, one.left, one.by_silence) == (30, left, True)
    assert bool(hurried([one], 30)) == told


def test_a_notice_whose_date_was_corrected_runs_from_the_new_day() -> None:
    record = given(*NOTICED)
    moved = corrected(record.position("N1"), "notice", 1, ("184 000", "2019-04-22"), ("184 000", "2019-04-20"), "2019-02-18")
    record = record.with_(recorded(moved, "2019-03-15"))
    _, one = notices(record.records, record.folded)
    assert (str(one.on), str(one.objection_until), one.left) == ("2019-02-18", "2019-03-20", 5)
    assert hurried([one], 30) == [one]


# ── Who did what ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_names_are_compared_without_case_and_spaces() -> None:
    assert person("M. Lind") == person(" m.LIND ") != person("M. Lindh")


def test_the_same_name_in_two_roles_and_in_two_spellings() -> None:
    records = by(given(*NOTICED), "M. Lind", "M. Lind", "m.lind, payer", "A. Ek")
    (one,) = same_person(records)
    assert (one.name, one.roles, one.spellings) == ("M. Lind", ("performance_manager", "payer"), ("M. Lind", "m.lind"))
    assert same_person(by(given(*NOTICED), "M. Lind", "M. Lind", "B. Ny, payer", "A. Ek")) == []


def test_deeds_are_counted_by_person_and_role() -> None:
    found = deeds(by(given(*NOTICED), "M. Lind", "M. Lind", "m.lind", "A. Ek, payer"))
    assert [(one.name, one.role, one.act, len(one.records)) for one in found] == [
        ("M. Lind", "performance_manager", "signed", 1),
        ("M. Lind", "performance_manager", "adopted", 1),
        ("M. Lind", "performance_manager", "determined", 1),
        ("A. Ek", "payer", "notified", 1),
    ]


def pairs(record: Given, *names: str) -> list[tuple[str, int, list[int]]]:
    found = twice(by(record, *names), record.folded)
    return [(one.pair, one.did.position, [each.position for each in one.others]) for one in found]


def test_determined_and_instructed_and_paid() -> None:
    record = given(*NOTICED, instructed(1, *PAID), paid(2, *PAID, carries_out=(1, "184 000", "2019-04-22")))
    assert pairs(record, "M", "N", "A", "B") == []
    assert pairs(record, "M", "N", "m", "B") == [("determined and instructed", 6, [4])]
    assert pairs(record, "M", "N", "A", "a") == [("instructed and recorded the payment", 7, [6])]


def test_an_upfront_payment_rests_on_no_determination() -> None:
    record = given(*NOTICED, instructed(1, "upfront", "4 200 000", "2019-04-22"))
    assert pairs(record, "M", "N", "M") == []


def test_determined_and_accepted() -> None:
    record = given(*NOTICED, accepted(1, PAYER, "2019-02-25"))
    assert pairs(record, "M", "N", "M") == [("determined and recorded the acceptance", 6, [4])]
    assert pairs(record, "M", "N", "A") == []


def test_raised_and_resolved_or_decided() -> None:
    raised = disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-03-01")
    record = given(*NOTICED, raised, resolved(1, "rejected", "2019-03-05"))
    assert pairs(record, "M", "N", "A", "B") == []
    assert pairs(record, "M", "N", "A", "A") == [("raised and resolved", 7, [6])]
    decided = given(*NOTICED, raised, resolved(1, "rejected", "2019-03-05", decided_by="A. Ek"))
    assert pairs(decided, "M", "N", "a.ek", "B") == [("raised and decided", 7, [6])]


# ── What was changed ─────────────────────────────────────────────────────────────────────────────────────────────────


def redone(savings: str, claim: str, *before: Happened) -> Given:
    """D1 determined again on 20 May as D2."""
    again = determined(2, months("2018Q4", savings), claim, "2019-05-20", supersedes=(1,), reason="late sick notes")
    return given(*NOTICED, *before, again)


def test_a_determination_superseded_after_it_was_paid() -> None:
    record = redone("400 000", "-110 400", paid(1, *PAID))
    (one,) = superseded(record.facts(), record.records, record.folded)
    assert (one.reason, one.savings, one.entitlement) == ("late sick notes", ore("-600 000"), ore("-110 400"))
    assert (one.paid, one.above, one.claim, one.payable_on) == (ore("184 000"), ore("110 400"), ore("-110 400"), None)
    assert [(how.by, str(how.deemed_on), how.silence) for how in one.was] == [((), "2019-03-23", True)]
    assert (one.becomes.deemed_on, one.following) == (None, None)


def test_a_determination_superseded_before_it_was_paid_leaves_nothing_above() -> None:
    record = redone("400 000", "-110 400").with_(paid(1, "outcome", "73 600", "2019-05-22"))
    (one,) = superseded(record.facts(), record.records, record.folded)
    assert (one.paid, one.above) == (0, 0)
    assert one.following is not None
    assert one.following.data.amount_ore == ore("73 600")


def test_a_determination_that_superseded_nothing_is_not_told() -> None:
    record = given(*NOTICED)
    assert superseded(record.facts(), record.records, record.folded) == []


def test_disputes_and_corrections() -> None:
    record = given(*NOTICED, disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-03-01"))
    (open_,) = disputes(record.records, record.folded)
    assert (open_.dispute.status, open_.ended, open_.claim) == ("open", None, None)
    record = record.with_(resolved(1, "rejected", "2019-03-05"))
    (ended,) = disputes(record.records, record.folded)
    assert ended.ended is record.records[-1]
    assert corrections(record.records) == []
    record = record.with_(corrected(record.position("N1"), "notice", 1, ("184 000", "2019-04-22")))
    ((correction, of),) = corrections(record.records)
    assert (correction, of) == (record.records[-1], record.records[3])


def test_what_a_dispute_held_and_from_when_to_when() -> None:
    """110 400 of 184 000, from the day on which they would have been payable."""
    raised = disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-03-01")
    record = given(*NOTICED, raised)
    assert [one.held for one in disputes(record.records, record.folded)] == [None]  # nothing is payable yet
    record = record.with_(paid(1, "outcome", "73 600", "2019-04-23"))
    held = Held(ore("110 400"), day("2019-04-22"), None)
    assert [one.held for one in disputes(record.records, record.folded)] == [held]
    record = record.with_(resolved(1, "rejected", "2019-05-10"))
    assert [one.held for one in disputes(record.records, record.folded)] == [replace(held, until=day("2019-05-10"))]


def test_a_payment_before_less_is_payable_says_how_much_lower_it_was() -> None:
    lower = notified(2, "2019-05-21", "2019-06-20", "-110 400", "2019-07-21")
    record = redone("400 000", "-110 400", lower).with_(paid(1, "outcome", "73 600", "2019-05-22"))
    (one,) = superseded(record.facts(), record.records, record.folded)
    assert one.below == ore("110 400")
    full = redone("400 000", "-110 400", lower).with_(paid(1, "outcome", "184 000", "2019-05-22"))
    assert [one.below for one in superseded(full.facts(), full.records, full.folded)] == [0]


def test_an_agreement_says_which_months_were_determined_before() -> None:
    record = given(
        *NOTICED, adopted(from_="2018-10-01", recorded="2019-05-01"), adopted(from_="2019-01-01", recorded="2019-05-02")
    )
    assert [one.determined_before for one in agreements(record.records, record.folded)] == [(), (1,), ()]


def test_an_agreement_is_about_what_was_in_force_then() -> None:
    record = redone("400 000", "-110 400").with_(adopted(from_="2018-10-01", recorded="2019-05-25"))
    assert [one.determined_before for one in agreements(record.records, record.folded)] == [(), (2,)]


# ── What it rests on ─────────────────────────────────────────────────────────────────────────────────────────────────


def resting(record: Given, sort: str) -> list[Rests]:
    return [one for one in rests(record.facts(), record.folded) if one.sort == sort]


def test_assumed_and_derived_terms_with_their_amounts() -> None:
    found = {one.what: (one.where, one.ore) for one in resting(given(signed()), "assumed term")}
    assert found["upfront"] == (BOTKYRKA.clause("upfront"), ore("4 200 000"))
    assert found["population: employees monthly-paid, workplaces all"][1] is None
    assert resting(given(signed()), "derived term") == []
    bare = changed(BOTKYRKA, assumed=[], derived=["investment.external_service_value"])
    assert resting(given(signed(bare)), "assumed term") == []
    assert [one.ore for one in resting(given(signed(bare)), "derived term")] == [ore("8 400 000")]


def test_terms_are_those_in_force() -> None:
    record = given(signed(), amended(changed(BOTKYRKA, assumed=[]), "2019-03", "2019-02-20"))
    assert resting(record, "assumed term") == []
    assert {one.records for one in resting(record, "finding at signature")} == {(3,)}


def test_findings_at_signature_with_their_size() -> None:
    assert [one.ore for one in resting(given(signed()), "finding at signature")] == [
        ore("20 400"),
        ore("90 579.74"),
        ore("20 400"),
    ]


def test_findings_accepted_at_adoption() -> None:
    accepts = (e.AcceptedFinding(name="symmetry", what="one side alone", size_ore=ore("1 000")),)
    (one,) = resting(given(signed(), adopted(accepts=accepts)), "finding accepted at adoption")
    assert (one.what, one.ore, one.records) == ("one side alone", ore("1 000"), (3,))
    assert resting(given(signed(), adopted()), "finding accepted at adoption") == []


def estimated(record: Given, *months_: str) -> Given:
    """The record, those months of its determinations on index values that are estimates."""

    def line(one: e.AnyMonth) -> e.AnyMonth:
        if not isinstance(one, e.MonthDetermined) or str(one.month) not in months_:
            return one
        return one.model_copy(update={"trend": one.trend.model_copy(update={"status": "estimated"})})

    def told(one: Recorded[Any]) -> Recorded[Any]:
        if not isinstance(one.data, e.SavingsDetermined):
            return one
        return replace_record(one, data=one.data.model_copy(update={"months": tuple(map(line, one.data.months))}))

    return Given(tuple(map(told, record.records)))


def test_a_mean_of_months_on_estimates_is_no_surer_than_they_are() -> None:
    """January counts for the mean of October to December, of which 2018-11 and 2018-12 are estimates when it is determined."""
    mean = {"kind": "deem-average@1", "window": "2019-01", "of": "2018-10..2018-12"}
    method = methodology(name="mean", disruption=[mean])
    deemed = determined(2, months("2019-01", "300 000"), "55 200", "2019-04-20", by=method)
    record = given(signed(), adopted(), DETERMINED, adopted(method, "2019-01-01", "2019-04-10"), deemed)
    (sure,) = agreed_months(record.folded)
    assert (sure.what, sure.unsure) == ("counts for the mean of 2018Q4", False)
    first = estimated(record, "2018-11", "2018-12")
    (one,) = agreed_months(first.folded)
    assert one.what == "counts for the mean of 2018Q4, 2 of its 3 months on index values not published"
    assert (one.unsure, one.provider_ore) == (True, ore("55 200"))
    again = determined(3, months("2018Q4", "1 000 000"), "0", "2019-05-20", supersedes=(1,), reason="published")
    (still,) = agreed_months(first.with_(again).folded)
    assert still.unsure  # the mean was taken before


def test_suspension_is_told_while_it_lasts() -> None:
    (one,) = resting(given(signed(), suspended("2019-04", "2019-04-20")), "suspended")
    assert one.where == "from 2019-04"
    assert resting(given(signed()), "suspended") == []


def test_runs_of_months() -> None:
    named = [Month.parse(text) for text in ("2020-09", "2020-03", "2020-04", "2020-05")]
    assert runs(named) == "2020-03..2020-05, 2020-09"
    assert runs([]) == ""


def test_the_size_of_disrupted_days_is_told_where_only_the_index_holds_them() -> None:
    """Of days left out, or kept in actual, it may be few persons' absences."""
    sizes: dict[bool, list[int | None]] = {True: [], False: []}
    for seed in range(40):
        ledger, contract_id, _ = played("renegotiated", seed)
        facts = ledger.facts()
        for one in rests(facts, facts.contract(contract_id)):
            if one.sort == "disrupted days on one side":
                sizes[one.what.endswith(INDEX_ALONE)].append(one.ore)
    assert set(sizes[False]) == {None}
    assert any(sizes[True])


# ── On random histories ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["money", "contested", "renegotiated"])
def test_whoever_is_overpaid_as_of_a_day_was_paid_too_much_by_then(kind: str) -> None:
    """Held against the state as of each day with a payment, and against what redetermining would move."""
    told = 0
    for seed in range(20):
        ledger, contract_id, _ = played(kind, seed)
        facts = ledger.facts()
        found = report(facts, contract_id, 30)
        outcome = [one for one in found.payments if one.made and one.stands and one.entry.entry == "outcome"]
        for on in {one.entry.on for one in outcome if one.entry.on >= (found.folded.signed_on or day(TODAY))}:
            provider = state(facts, contract_id, on).provider
            until = [one for one in outcome if one.entry.on <= on]
            if provider.paid - provider.recovered > provider.payable:
                told += 1
                assert any(one.above_now for one in until)
        unsettled = [one for one in found.rests if one.sort == "unsettled"]
        late = restated(facts, contract_id)
        assert sum(one.ore or 0 for one in unsettled) == sum(
            month.savings for part in (late.open, late.closed) for month in part.months if month.determination is not None
        )
        assert bool(unsettled) == bool(late.facts)
    assert told or kind == "renegotiated"


@pytest.mark.parametrize("kind", ["money", "contested", "renegotiated"])
def test_paid_late_is_what_was_due_the_day_before_and_still_was(kind: str) -> None:
    """In all, and each part from a day on which so much was due, and was not the day before."""
    told = 0
    for seed in range(20):
        ledger, contract_id, _ = played(kind, seed)
        now = ledger.facts().contract(contract_id)
        outcome = sorted((one.on, one.position, one) for one in now.payments if one.open and one.entry in ("outcome", "recovery"))
        paid_ = 0
        for on, _, one in outcome:
            due = min(now.payable(each) - now.disputed(each).lower for each in (on - timedelta(days=1), on))
            if one.entry == "outcome":
                parts = paid_late(now, one.number)
                assert sum(part.ore for part in parts) == max(0, min(paid_ + one.amount, due) - max(0, paid_))
                assert [part.since for part in parts] == sorted({part.since for part in parts})
                assert all(part.why for part in parts)
                told += bool(parts)
            paid_ += one.amount if one.entry == "outcome" else -one.amount
    assert told or kind == "renegotiated"
