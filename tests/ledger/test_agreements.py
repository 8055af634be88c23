"""What the parties agree on, row by row: methodologies proposed, rejected and adopted, follow-up suspended and resumed, and the
contract's end (rules 19 to 21).

Botkyrka's provider has 18.4 % of the savings. Its determination of the last quarter of 2018 is notified on 2019-02-20, accepted
by silence on 2019-03-23, and can be determined again until 2020-03-22.
"""

from __future__ import annotations

from typing import Any

import pytest

from ledger.methodology import Methodology
from ledger.periods import Month, Period
from tests.spec import (
    BOTKYRKA,
    CONTRACT_2018,
    HR,
    MANAGER,
    PAYER,
    PROVIDER,
    Commanded,
    Given,
    Happened,
    accept,
    accepted,
    adopt,
    adopted,
    amend,
    amended,
    changed,
    claim_of,
    close,
    closed,
    correct,
    corrected,
    day,
    determine,
    determined,
    draw,
    drawn,
    finding,
    given,
    instruct,
    instructed,
    methodology,
    months,
    notified,
    notify,
    ore,
    paid,
    pay,
    propose,
    proposed,
    reject,
    rejected,
    repay,
    resume,
    resumed,
    sign,
    signed,
    suspend,
    suspended,
    withdraw,
)


def with_rule(name: str, kind: str, window: str, **parameters: str) -> Methodology:
    """The contract's methodology with a rule for disrupted months."""
    return methodology(name=name, disruption={"kind": kind, "window": window, **parameters})


CODED_OUT = methodology(
    name="coded-out", disruption={"kind": "exclude-cause@1", "causes": ["covid"], "window": "2020-03..2021-06"}
)
LEFT_OUT = with_rule("left-out", "exclude-months@1", "2019-01..2019-06")
DEEMED = with_rule("deemed", "deem-average@1", "2019-01..2019-06", of="2018Q4")

SIGNED = given(signed(), adopted())
FIRST = determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-02-15")
NOTICE = notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22")
DETERMINED = SIGNED.with_(FIRST)
NOTIFIED = DETERMINED.with_(NOTICE)

# ── Proposals ────────────────────────────────────────────────────────────────────────────────────────────────────────

PROPOSED = SIGNED.with_(proposed(1, CODED_OUT, from_="2020-03-01", recorded="2020-11-05"))


@pytest.mark.parametrize("by", [MANAGER, HR, PROVIDER])
def test_a_party_proposes_a_methodology(by: str) -> None:
    """Recorded by who records, or by the party itself; never by the other party."""
    SIGNED.when(propose(CODED_OUT, from_="2020-03-01"), by=by, today="2020-11-05").then(
        proposed(1, CODED_OUT, from_="2020-03-01", recorded="2020-11-05")
    )


@pytest.mark.parametrize("party", list(BOTKYRKA.parties))
def test_every_party_may_propose(party: str) -> None:
    SIGNED.when(propose(CODED_OUT, from_="2020-03-01", by=party), by=MANAGER, today="2020-11-05").then(
        proposed(1, CODED_OUT, from_="2020-03-01", recorded="2020-11-05", by=party)
    )


def test_proposals_are_numbered_and_change_nothing() -> None:
    record = PROPOSED.when(propose(DEEMED, from_="2020-03-01", by=PAYER), by=PAYER, today="2020-11-20").then(
        proposed(2, DEEMED, from_="2020-03-01", recorded="2020-11-20", by=PAYER)
    )
    assert [(one.number, one.proposed_on, one.open) for one in record.folded.proposals] == [
        (1, day("2020-11-05"), True),
        (2, day("2020-11-20"), True),
    ]
    assert record.folded.methodology_of(Month.parse("2020-03")) == CONTRACT_2018


@pytest.mark.parametrize("from_", ["2020-04-01", "2018-09-26"])
def test_the_same_methodology_from_another_date_is_another_proposal(from_: str) -> None:
    PROPOSED.when(propose(CODED_OUT, from_), by=PROVIDER, today="2020-11-20").then(
        proposed(2, CODED_OUT, from_, recorded="2020-11-20")
    )


@pytest.mark.parametrize(
    ("command", "by", "text", "key"),
    [
        (propose(DEEMED, "2020-03-01"), "technical_advisor", "technical_advisor may not do this", "governance.records"),
        (propose(DEEMED, "2020-03-01", by=PAYER), PROVIDER, "governance.records names performance_manager", "governance.records"),
        (propose(DEEMED, "2020-03-01", by="mayor"), MANAGER, "mayor is not a party", "case study, at a glance"),
        (propose(DEEMED, "2020-03-02"), PROVIDER, "starts on the first of a month, or with the contract", "governance.agrees"),
        (
            propose(CODED_OUT, "2020-03-01", by=PAYER),
            PAYER,
            "it was proposed from that date by external_provider on 2020-11-05, as M1",
            None,
        ),
    ],
)
def test_proposals_that_are_refused(command: Commanded, by: str, text: str, key: str | None) -> None:
    PROPOSED.when(command, by=by, today="2020-11-20").then_refused(text, clause=key)


@pytest.mark.parametrize("by", [PAYER, PROVIDER])
def test_a_party_that_would_have_to_agree_rejects(by: str) -> None:
    record = PROPOSED.when(reject(1, by=by), by=by, today="2020-11-20").then(rejected(1, recorded="2020-11-20", by=by))
    one = record.folded.proposal(1)
    assert (one.open, dict(one.rejected)) == (False, {by: day("2020-11-20")})


def test_both_may_reject() -> None:
    record = PROPOSED.with_(rejected(1, recorded="2020-11-20"))
    record.when(reject(1, by=PROVIDER), by=MANAGER, today="2020-11-21").then(rejected(1, recorded="2020-11-21", by=PROVIDER))


ADOPTED = PROPOSED.with_(adopted(CODED_OUT, from_="2020-03-01", recorded="2021-02-01", proposal=1))


@pytest.mark.parametrize(
    ("record", "command", "by", "text", "key"),
    [
        (PROPOSED, reject(1), "technical_advisor", "technical_advisor may not do this", "governance.records"),
        (
            PROPOSED,
            reject(1, by="investor"),
            MANAGER,
            "investor need not agree; payer, external_provider do",
            "governance.agrees",
        ),
        (PROPOSED, reject(2), MANAGER, "botkyrka has no proposal M2", None),
        (SIGNED, reject(0), MANAGER, "botkyrka has no proposal M0", None),
        (
            PROPOSED.with_(rejected(1, recorded="2020-11-20")),
            reject(1),
            PAYER,
            "payer rejected M1 on 2020-11-20",
            None,
        ),
        (ADOPTED, reject(1), PAYER, "M1 was adopted by all that must agree; it can no longer be rejected", None),
    ],
)
def test_rejections_that_are_refused(record: Given, command: Commanded, by: str, text: str, key: str | None) -> None:
    record.when(command, by=by, today="2021-03-01").then_refused(text, clause=key)


@pytest.mark.parametrize(
    "answered",
    [rejected(1, recorded="2020-11-20"), adopted(CODED_OUT, from_="2020-03-01", recorded="2020-11-20", proposal=1)],
    ids=["rejected", "adopted"],
)
def test_what_was_answered_may_be_proposed_again(answered: Happened) -> None:
    PROPOSED.with_(answered).when(propose(CODED_OUT, "2020-03-01"), by=PROVIDER, today="2020-12-01").then(
        proposed(2, CODED_OUT, "2020-03-01", recorded="2020-12-01")
    )


# ── Adoption ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("record", [PROPOSED, PROPOSED.with_(rejected(1, recorded="2020-11-20"))], ids=["open", "rejected"])
def test_an_adoption_names_the_proposal_that_it_adopts(record: Given) -> None:
    """Also where the parties came to agree on a proposal that one of them had rejected."""
    record = record.when(adopt(CODED_OUT, "2020-03-01"), by=MANAGER, today="2021-02-01").then(
        adopted(CODED_OUT, "2020-03-01", recorded="2021-02-01", proposal=1)
    )
    assert not record.folded.proposal(1).open
    assert record.folded.methodology_of(Month.parse("2020-03")) == CODED_OUT


def test_an_adoption_from_another_date_adopts_no_proposal() -> None:
    record = PROPOSED.when(adopt(CODED_OUT, "2020-01-01"), by=MANAGER, today="2021-02-01").then(
        adopted(CODED_OUT, "2020-01-01", recorded="2021-02-01")
    )
    assert record.folded.proposal(1).open


def test_of_several_equal_proposals_the_last_is_adopted() -> None:
    record = PROPOSED.with_(proposed(2, CODED_OUT, from_="2020-04-01", recorded="2020-11-06", by=PAYER))
    record = record.when(adopt(CODED_OUT, "2020-04-01"), by=MANAGER, today="2021-02-01").then(
        adopted(CODED_OUT, "2020-04-01", recorded="2021-02-01", proposal=2)
    )
    assert [one.open for one in record.folded.proposals] == [True, False]


@pytest.mark.parametrize("record", [SIGNED, PROPOSED, ADOPTED])
def test_what_was_never_proposed_is_adopted_without_a_proposal(record: Given) -> None:
    """Nor is one adopted twice."""
    record.when(adopt(DEEMED, "2020-03-01"), by=MANAGER, today="2021-03-01").then(
        adopted(DEEMED, "2020-03-01", recorded="2021-03-01")
    )
    ADOPTED.when(adopt(CODED_OUT, "2020-04-01"), by=MANAGER, today="2021-03-01").then(
        adopted(CODED_OUT, "2020-04-01", recorded="2021-03-01")
    )


SYMMETRY = finding("symmetry", "days are left out of actual and kept in the trend", size="10 000 000")
PROCUREMENT = finding("procurement", "the provider's pay rises by 12 per cent of the contract's value")


def test_what_is_found_must_be_accepted_by_name() -> None:
    record = SIGNED.when(adopt(CODED_OUT, "2020-03-01", findings=(SYMMETRY, PROCUREMENT)), by=MANAGER, today="2021-02-01")
    record.then_refused("symmetry: days are left out of actual and kept in the trend")
    record.then_refused("procurement: the provider's pay rises")
    record.then_refused("Adopt it knowingly with: --accept-finding symmetry --accept-finding procurement")


@pytest.mark.parametrize(("accepted_name", "other"), [("symmetry", "procurement"), ("procurement", "symmetry")])
def test_one_finding_accepted_leaves_the_other(accepted_name: str, other: str) -> None:
    command = adopt(CODED_OUT, "2020-03-01", findings=(SYMMETRY, PROCUREMENT), accepted=(accepted_name,))
    refused = SIGNED.when(command, by=MANAGER, today="2021-02-01")
    refused.then_refused(f"with: --accept-finding {other}")
    assert f"--accept-finding {accepted_name}" not in str(refused.result)


def test_findings_accepted_are_recorded_with_their_size() -> None:
    both = (SYMMETRY, PROCUREMENT)
    command = adopt(CODED_OUT, "2020-03-01", findings=both, accepted=("procurement", "symmetry"))
    PROPOSED.when(command, by=MANAGER, today="2021-02-01").then(
        adopted(CODED_OUT, "2020-03-01", recorded="2021-02-01", proposal=1, accepts=both)
    )


@pytest.mark.parametrize(
    ("findings", "text"),
    [
        ((), "there is no finding symetry beside this methodology; nothing is found beside it"),
        ((SYMMETRY,), "there is no finding symetry beside this methodology; found: symmetry"),
    ],
)
def test_a_finding_that_is_not_there_cannot_be_accepted(findings: Any, text: str) -> None:
    names = ("symetry", *(one.name for one in findings))
    command = adopt(CODED_OUT, "2020-03-01", findings=findings, accepted=names)
    SIGNED.when(command, by=MANAGER, today="2021-02-01").then_refused(text)


# ── Adoption from a date that is determined already (rules 15, 20) ───────────────────────────────────────────────────

OTHER = methodology(name="negotiated", version=2)


@pytest.mark.parametrize(("from_", "unsettled"), [("2018-10-01", 1), ("2018-12-01", 1), ("2019-01-01", 0)])
def test_months_that_are_determined_stay_until_they_are_determined_again(from_: str, unsettled: int) -> None:
    record = NOTIFIED.when(adopt(OTHER, from_), by=MANAGER, today="2019-03-01").recorded()
    assert record.folded.savings == NOTIFIED.folded.savings
    before, after = NOTIFIED.state("2019-03-01"), record.state("2019-03-01")
    assert (after.savings, after.provider, before.unsettled_facts, after.unsettled_facts) == (
        before.savings,
        before.provider,
        0,
        unsettled,
    )


# ── The methodology before measured beside the new one ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("beside", ["2019-01", "2019-01..2019-06", "2019-02..2021-09"])
def test_an_adoption_says_in_which_months_the_methodology_before_is_measured_beside_it(beside: str) -> None:
    record = SIGNED.when(adopt(OTHER, "2019-01-01", beside=beside), by=MANAGER, today="2018-12-20").then(
        adopted(OTHER, "2019-01-01", recorded="2018-12-20", beside=beside)
    )
    months = Month.parse("2018-12"), Month.parse("2019-01")
    assert [record.folded.methodology_of(month) for month in months] == [CONTRACT_2018, OTHER]


BESIDE: list[tuple[str, Given, str, str, str]] = [
    ("before it begins", SIGNED, "2019-01-01", "2018-12..2019-03", "2018-12..2019-03 begins before 2019-01-01"),
    ("after the contract", SIGNED, "2019-01-01", "2021-07..2021-10", "the contract's last month is 2021-09"),
    ("none before", given(signed()), "2018-10-01", "2018-10", "no methodology is in force before 2018-10-01"),
    ("in its place", SIGNED, "2018-10-01", "2018-10", "no methodology is in force before 2018-10-01"),
]


@pytest.mark.parametrize(("record", "from_", "beside", "said"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_nothing_is_measured_beside_where_nothing_can_be(record: Given, from_: str, beside: str, said: str) -> None:
    refusal = record.when(adopt(OTHER, from_, beside=beside), by=MANAGER, today="2019-02-01")
    refusal.then_refused(said, clause="case study §4.1" if "last month" in said else "governance.agrees")


def test_a_redo_settles_the_adoption_and_the_difference_is_claimed() -> None:
    record = NOTIFIED.with_(adopted(OTHER, "2018-10-01", recorded="2019-03-01"))
    again = months("2018Q4", "1 500 000")
    record = record.when(determine(again, redo="adopted anew", by=OTHER), by=MANAGER, today="2019-03-02").then(
        determined(2, again, claim="92 000", supersedes=[1], reason="adopted anew", by=OTHER)
    )
    state = record.state("2019-03-02")
    assert (state.unsettled_facts, state.savings) == (0, ore("1 500 000"))


def test_only_the_determinations_that_it_reaches_are_unsettled() -> None:
    record = NOTIFIED.with_(determined(2, months("2019Q1"), claim="0", recorded="2019-06-12"))
    record = record.with_(adopted(OTHER, "2019-03-01", recorded="2019-07-01"))
    assert [one.name for one in (record.folded.methodology_of(Month.parse(month)) for month in ("2019-02", "2019-03"))] == [
        "contract-2018",
        "negotiated",
    ]
    assert record.state("2019-03-30").unsettled_facts == 0, "March has not ended"
    assert record.state("2019-03-31").unsettled_facts == 1


@pytest.mark.parametrize(
    ("from_", "today", "outcome"),
    [
        ("2018-12-01", "2020-03-22", "adopted"),
        ("2018-12-01", "2020-03-23", "refused"),
        ("2018-10-01", "2020-03-23", "refused"),
        ("2019-01-01", "2020-03-23", "adopted"),
    ],
)
def test_what_is_closed_can_no_longer_be_measured_otherwise(from_: str, today: str, outcome: str) -> None:
    """Twelve months after it counts as accepted, on 2019-03-23."""
    done = NOTIFIED.when(adopt(OTHER, from_), by=MANAGER, today=today)
    if outcome == "adopted":
        done.then(adopted(OTHER, from_, recorded=today))
    else:
        done.then_refused(
            "D1 (2018Q4) is closed since 2020-03-23: its months can no longer be measured otherwise",
            clause="settlement.correction_months",
        )
        done.then_refused("Let it start on 2019-01-01 or later")


def test_what_was_never_notified_is_never_closed() -> None:
    DETERMINED.when(adopt(OTHER, "2018-10-01"), by=MANAGER, today="2021-10-01").then(
        adopted(OTHER, "2018-10-01", recorded="2021-10-01")
    )


# ── Suspension (rule 19) ─────────────────────────────────────────────────────────────────────────────────────────────

PAUSED = SIGNED.with_(suspended("2020-03", recorded="2020-05-20"))


def test_follow_up_resumes_from_the_very_month_of_suspension() -> None:
    """Every month counts again, as if follow-up had not been suspended."""
    record = PAUSED.when(resume("2020-03"), by=MANAGER, today="2021-06-10").then(resumed("2020-03", recorded="2021-06-10"))
    assert not any(record.folded.suspended(month) for month in Period.parse("2020-01..2021-09"))
    record.when(suspend("2020-03"), by=MANAGER, today="2021-06-11").then(suspended("2020-03", recorded="2021-06-11"))


@pytest.mark.parametrize("month", ["2020-02", "2021-11"])
def test_follow_up_resumes_neither_earlier_nor_after_the_contract(month: str) -> None:
    PAUSED.when(resume(month), by=MANAGER, today="2021-06-10").then_refused(
        "follow-up is suspended from 2020-03; it can resume from then on, until 2021-10"
    )


SUSPENDED = NOTIFIED.with_(suspended("2019-01", recorded="2019-02-21"))
RESUMED = SUSPENDED.with_(resumed("2019-07", recorded="2019-08-01"))


def next_month(record: Given) -> str:
    """The next month to determine."""
    return str(record.folded.next_month)


def test_months_of_an_ended_suspension_count_for_nothing_while_nothing_is_agreed() -> None:
    assert next_month(RESUMED) == "2019-07"
    RESUMED.when(determine(months("2019Q1")), by=MANAGER, today="2019-12-01").then_refused(
        "follow-up of 2019-01 is suspended by agreement"
    )


@pytest.mark.parametrize(("method", "average"), [(LEFT_OUT, "0"), (DEEMED, "333 333.33")], ids=["left out", "deemed"])
def test_months_of_an_ended_suspension_count_for_what_is_agreed(method: Methodology, average: str) -> None:
    record = RESUMED.with_(adopted(method, "2019-01-01", recorded="2019-08-02"))
    assert next_month(record) == "2019-01"
    for number, quarter in ((2, "2019Q1"), (3, "2019Q2")):
        savings = months(quarter, average, average, average)
        done = record.when(determine(savings, by=method), by=MANAGER, today="2019-12-01")
        claim = "0" if average == "0" else "184 000.00"
        record = done.then(determined(number, savings, claim=claim, by=method))
    assert next_month(record) == "2019-07"
    state = record.state("2019-12-01")
    agreed = state.excluded if method is LEFT_OUT else state.deemed
    assert (agreed, state.suspended) == (tuple(Period.parse("2019-01..2019-06")), ())


def test_what_is_agreed_may_be_less_than_what_was_suspended() -> None:
    method = with_rule("first-quarter", "exclude-months@1", "2019-02..2019-04")
    record = RESUMED.with_(adopted(method, "2019-01-01", recorded="2019-08-02"))
    assert next_month(record) == "2019-02"
    done = record.when(determine(months("2019-02..2019-03"), by=method), by=MANAGER, today="2019-12-01")
    record = done.then(determined(2, months("2019-02..2019-03"), claim="0", by=method))
    record = record.with_(determined(3, months("2019-04"), claim="0", by=method, recorded="2019-12-02"))
    assert [str(month) for month in Period.parse("2019Q1..2019Q2") if record.folded.suspended(month)] == [
        "2019-01",
        "2019-05",
        "2019-06",
    ]
    assert next_month(record) == "2019-07"


def test_months_that_were_passed_over_are_determined_when_they_are_agreed_on() -> None:
    """The third quarter was determined before; the entitlement moves at the ends of the months themselves."""
    third = determined(2, months("2019Q3", "500 000"), claim="92 000")
    record = RESUMED.with_(third, adopted(DEEMED, "2019-01-01", recorded="2019-12-02"))
    assert next_month(record) == "2019-01"
    savings = months("2019Q1", "333 333.33", "333 333.33", "333 333.33")
    record.when(determine(savings, by=DEEMED), by=MANAGER, today="2019-12-03").then(
        determined(3, savings, claim="184 000.00", by=DEEMED)
    )
    record.when(determine(months("2019Q4"), by=DEEMED), by=MANAGER, today="2020-03-01").then_refused("the next is 2019-01")


@pytest.mark.parametrize("method", [LEFT_OUT, DEEMED], ids=["left out", "deemed"])
def test_while_follow_up_is_suspended_nothing_is_determined_whatever_is_agreed(method: Methodology) -> None:
    record = SUSPENDED.with_(adopted(method, "2019-01-01", recorded="2019-08-02"))
    assert record.folded.next_month is None
    record.when(determine(months("2019Q1"), by=method), by=MANAGER, today="2019-12-01").then_refused(
        "follow-up of 2019-01 is suspended by agreement"
    )


# ── The contract's end (rule 21) ─────────────────────────────────────────────────────────────────────────────────────

SHORT = changed(BOTKYRKA, months=3)
"""October to December 2018."""

BEGUN = given(signed(SHORT), adopted())
SETTLED = BEGUN.with_(FIRST, NOTICE)
ENDED = "2019-03-23"
"""The first day on which nobody can object to its only determination."""


@pytest.mark.parametrize("by", [MANAGER, PAYER])
@pytest.mark.parametrize(("on", "today"), [(ENDED, ENDED), (ENDED, "2019-06-01"), ("2019-05-31", "2019-06-01")])
def test_a_contract_is_closed_when_nothing_is_left_to_settle(by: str, on: str, today: str) -> None:
    record = SETTLED.when(close(on), by=by, today=today).then(closed(on))
    assert record.folded.closed_on == day(on)
    assert record.state("2019-06-01").provider == SETTLED.state("2019-06-01").provider


def test_a_contract_is_closed_as_soon_as_both_have_accepted() -> None:
    by_silence, at_once = claim_of("184 000", payable_on="2019-04-22"), claim_of("184 000", payable_on="2019-03-27")
    record = SETTLED.with_(accepted(1, PAYER, "2019-02-24"), accepted(1, PROVIDER, "2019-02-25", by_silence, at_once))
    record.when(close("2019-02-24"), by=MANAGER, today="2019-02-25").then_refused("the notice of D1 runs until 2019-03-22")
    record.when(close("2019-02-25"), by=MANAGER, today="2019-02-25").then(closed("2019-02-25"))


def test_a_contract_is_closed_whose_last_months_were_suspended() -> None:
    record = BEGUN.with_(
        determined(1, months("2018-10", "1 000 000"), claim="184 000", recorded="2019-02-15"),
        suspended("2018-11", recorded="2019-02-16"),
        resumed("2019-01", recorded="2019-02-16"),
        NOTICE,
    )
    record.when(close(ENDED), by=MANAGER, today=ENDED).then(closed(ENDED))


LONG_AFTER = "2019-06-01"
UNFINISHED: list[tuple[str, Given, str, str]] = [
    ("the future", SETTLED, "2019-06-02", "2019-06-02 is in the future; today is 2019-06-01"),
    ("before signature", SETTLED, "2018-09-25", "2018-09-25 is before the contract was signed on 2018-09-26"),
    ("its last day", SETTLED, "2018-12-31", "its last month is 2018-12"),
    ("it goes on", NOTIFIED, LONG_AFTER, "its last month is 2021-09"),
    ("lengthened", SETTLED.with_(amended(changed(SHORT, months=9), "2019-01", "2019-01-10")), LONG_AFTER, "its last month is"),
    (
        "suspended",
        BEGUN.with_(suspended("2018-12", recorded="2019-01-10")),
        LONG_AFTER,
        "follow-up is suspended from 2018-12: what its months count for is not agreed",
    ),
    ("not determined", BEGUN, LONG_AFTER, "neither determined nor excluded by agreement: 2018-10, 2018-11, 2018-12"),
    (
        "not all determined",
        BEGUN.with_(
            determined(1, months("2018-10"), claim="0"), suspended("2018-11", "2019-01-10"), resumed("2018-12", "2019-01-10")
        ),
        LONG_AFTER,
        "neither determined nor excluded by agreement: 2018-12",
    ),
    ("agreed on anew", BEGUN.with_(
        suspended("2018-10", "2019-01-10"), resumed("2018-12", "2019-01-10"), determined(1, months("2018-12"), claim="0"),
        adopted(with_rule("out", "exclude-months@1", "2018-11"), "2018-10-01", recorded="2019-01-11"),
    ), LONG_AFTER, "neither determined nor excluded by agreement: 2018-11"),
    ("not notified", BEGUN.with_(FIRST), LONG_AFTER, "D1 (2018Q4) is not notified; its claim of 184 000.00 is due to nobody yet"),
    ("a notice runs", SETTLED, "2019-03-22", "the notice of D1 runs until 2019-03-22"),
    (
        "determined again",
        SETTLED.with_(determined(2, months("2018Q4", "1 500 000"), "92 000", "2019-05-01", supersedes=[1], reason="late")),
        LONG_AFTER,
        "D2 (2018Q4) is not notified; its claim of 92 000.00 is due to nobody yet",
    ),
    (
        "measured otherwise",
        SETTLED.with_(adopted(methodology(name="negotiated-2019"), "2018-10-01", recorded="2019-03-25")),
        LONG_AFTER,
        "D1 (2018Q4) is not measured by negotiated-2019, which was agreed for 2018-10 since",
    ),
    (
        "an earlier notice runs",
        SETTLED.with_(
            determined(2, months("2018Q4", "1 500 000"), "92 000", "2019-03-01", supersedes=[1], reason="late"),
            notified(2, "2019-03-01", objection_until="2019-03-31", claim="92 000", payable_on="2019-05-01"),
            accepted(2, PAYER, "2019-03-02"),
            accepted(2, PROVIDER, "2019-03-02", claim_of("92 000", "2019-05-01"), claim_of("92 000", "2019-04-01")),
        ),
        "2019-03-02",
        "the notice of D1 runs until 2019-03-22",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("record", "on", "text"), [row[1:] for row in UNFINISHED], ids=[row[0] for row in UNFINISHED])
def test_closing_is_refused_while_something_is_left(record: Given, on: str, text: str) -> None:
    record.when(close(on), by=MANAGER, today=LONG_AFTER).then_refused(text)


def test_everything_that_is_left_is_listed_with_the_clause() -> None:
    record = given(signed(changed(BOTKYRKA, months=12)), adopted(), FIRST, suspended("2019-08", recorded="2019-08-20"))
    refused = record.when(close("2019-09-30"), by=MANAGER, today="2019-10-01")
    for text in (
        "botkyrka cannot be closed on 2019-09-30",
        "its last month is 2019-09",
        "follow-up is suspended from 2019-08",
        "2019-01, 2019-02, 2019-03, 2019-04, 2019-05, 2019-06, 2019-07",
        "D1 (2018Q4) is not notified",
    ):
        refused.then_refused(text, clause="case study §4.1")


@pytest.mark.parametrize("by", [PROVIDER, HR, "external_auditor", "technical_advisor"])
def test_who_does_not_sign_does_not_close(by: str) -> None:
    SETTLED.when(close(ENDED), by=by, today=ENDED).then_refused(f"{by} may not do this", clause="governance.signs")


CLOSED = SETTLED.with_(proposed(1, OTHER, "2018-10-01", recorded="2019-03-01"), closed(ENDED))

FINAL: dict[str, Commanded] = {
    "amend": amend(changed(SHORT, months=48), from_="2019-01"),
    "propose": propose(CODED_OUT, "2018-10-01"),
    "reject": reject(1),
    "adopt": adopt(OTHER, "2018-10-01"),
    "suspend": suspend("2018-12"),
    "resume": resume("2018-12"),
    "determine": determine(months("2019Q1")),
    "determine again": determine(months("2018Q4"), redo="late"),
    "notify": notify(1, on=ENDED),
    "accept": accept(1, PAYER, on="2019-03-22"),
    "close": close(ENDED),
}


@pytest.mark.parametrize("name", FINAL)
def test_what_was_settled_stands(name: str) -> None:
    CLOSED.when(FINAL[name], by=MANAGER, today="2019-06-01").then_refused(
        "botkyrka was closed on 2019-03-23; what it settled stands", clause="settlement.correction_months"
    )


def test_a_closed_contract_is_not_signed_again() -> None:
    CLOSED.when(sign(SHORT), by=MANAGER, today="2019-06-01").then_refused("botkyrka was signed on 2018-09-26")


def test_what_was_claimed_may_still_be_instructed_and_paid() -> None:
    record = CLOSED.when(instruct("outcome", None, on="2019-04-22"), by=PAYER, today="2019-04-22").then(
        instructed(1, "outcome", "184 000", on="2019-04-22")
    )
    record = record.when(pay("outcome", None, on="2019-04-24"), by=PAYER, today="2019-04-24").then(
        paid(2, "outcome", "184 000", on="2019-04-24", carries_out=(1, "184 000", "2019-04-24"))
    )
    assert record.state("2019-04-24").provider.due == 0
    record.when(instruct("outcome", "0.01", on="2019-04-24"), by=PAYER, today="2019-04-24").then_refused("is above what is due")


def test_the_upfront_payment_may_still_be_paid_and_what_was_overpaid_recovered() -> None:
    CLOSED.when(pay("upfront", "4 200 000", on=ENDED), by=PAYER, today=ENDED).then(paid(1, "upfront", "4 200 000", on=ENDED))
    record = CLOSED.with_(paid(1, "outcome", "200 000", on="2019-04-22"))
    record.when(pay("recovery", "16 000", on="2019-04-23"), by=PAYER, today="2019-04-23").then(
        paid(2, "recovery", "16 000", on="2019-04-23")
    )


def test_the_loan_may_still_move() -> None:
    record = CLOSED.when(draw("1 000", on="2019-04-01"), by=HR, today="2019-04-01").then(drawn(1, "1 000", on="2019-04-01"))
    record.when(repay("1 000", on="2019-04-02"), by=HR, today="2019-04-02").recorded()


def test_a_payment_recorded_in_error_may_still_be_corrected() -> None:
    record = CLOSED.with_(paid(1, "outcome", "184 000", on="2019-04-22"))
    record.when(correct("P1"), by=PAYER, today="2019-04-23").then(
        corrected(record.position("P1"), "outcome", 1, was=("184 000", "2019-04-22"))
    )


def test_the_notice_that_was_settled_can_no_longer_be_corrected() -> None:
    refused = CLOSED.when(correct("N1"), by=MANAGER, today="2019-04-01")
    refused.then_refused("botkyrka was closed on 2019-03-23; what it settled stands", clause="settlement.correction_months")


def test_an_acceptance_that_was_settled_can_no_longer_be_withdrawn() -> None:
    by_silence, at_once = claim_of("184 000", payable_on="2019-04-22"), claim_of("184 000", payable_on="2019-03-27")
    both = SETTLED.with_(accepted(1, PAYER, "2019-02-24"), accepted(1, PROVIDER, "2019-02-25", by_silence, at_once))
    record = both.with_(closed("2019-02-25"))
    record.when(withdraw(1, PAYER), by=MANAGER, today="2019-02-26").then_refused("botkyrka was closed on 2019-02-25")


def test_nothing_is_agreed_before_signature() -> None:
    commands = [propose(CODED_OUT, "2020-03-01"), reject(1), close("2020-03-01")]
    for command in commands:
        Given(()).when(command, by=MANAGER, today="2020-11-05").then_refused("the contract is not signed")
