"""What disputes hold back and claim above, day by day, in rows (rules 16, 17, 18).

Botkyrka's provider has 18.4 % of the savings, at most 6 300 000 SEK: 1 000 000 SEK saved entitle it to 184 000. D1 is notified on
2019-02-20 and payable on 2019-04-22; D2 on 2019-06-01 and 2019-08-01; D3 on 2019-09-01 and 2019-11-01.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from ledger.holds import Dispute
from ledger.periods import Month
from ledger.terms import ContractTerms
from tests.spec import (
    BOTKYRKA,
    MANAGER,
    PAYER,
    PROVIDER,
    Given,
    Happened,
    adopted,
    amended,
    changed,
    claim_of,
    determine,
    determined,
    disputed,
    entitlements,
    given,
    instruct,
    instructed,
    months,
    notified,
    notify,
    ore,
    paid,
    raise_dispute,
    resolve_dispute,
    resolved,
    signed,
    withdraw_dispute,
    withdrawn,
)

QUARTERS = {1: "2018Q4", 2: "2019Q1", 3: "2019Q2"}
NOTICES = {
    1: {"on": "2019-02-20", "objection_until": "2019-03-22", "payable_on": "2019-04-22"},
    2: {"on": "2019-06-01", "objection_until": "2019-07-01", "payable_on": "2019-08-01"},
    3: {"on": "2019-09-01", "objection_until": "2019-10-01", "payable_on": "2019-11-01"},
}
OBJECTED = {1: "2019-02-25", 2: "2019-06-10", 3: "2019-09-10"}


def quarters(*saved: tuple[str, str], terms: ContractTerms = BOTKYRKA) -> Given:
    """The first quarters determined and notified, each with what it saved and what it claims for the provider."""
    record = given(signed(terms), adopted())
    for number, (savings, claim) in enumerate(saved, 1):
        recorded = NOTICES[number]["on"]
        record = record.with_(
            determined(number, months(QUARTERS[number], savings), claim=claim, recorded=recorded),
            notified(number, claim=claim, **NOTICES[number]),
        )
    return record


def objection(number: int, against: int, was: str, says: str, by: str = PAYER) -> Happened:
    """A party holds that a quarter saved something else."""
    return disputed(number, f"D{against}", was=was, says=months(QUARTERS[against], says), on=OBJECTED[against], by=by)


ONE = quarters(("1 000 000", "184 000"))
HALF = ONE.with_(objection(1, 1, was="1 000 000", says="500 000"))
"""The payer holds that half was saved: 92 000 of 184 000."""
MORE = ONE.with_(objection(1, 1, was="1 000 000", says="1 500 000", by=PROVIDER))
"""The provider holds that half as much again was saved: 276 000."""

# ── Lower and higher positions ───────────────────────────────────────────────────────────────────────────────────────


def test_the_difference_to_a_lower_position_is_held_and_the_rest_is_payable() -> None:
    """From the day on which the disputed claim falls payable."""
    HALF.stands("2019-02-25", payable="0", due="0")
    HALF.stands("2019-04-21", payable="0", due="0")
    HALF.stands("2019-04-22", payable="184 000", held="92 000", due="92 000")
    HALF.stands("2025-01-01", payable="184 000", held="92 000", due="92 000")


def test_a_higher_position_holds_nothing_and_is_claimed_above() -> None:
    """From the day on which it was raised; what is due is as without it."""
    MORE.stands("2019-02-24", payable="0", due="0")
    MORE.stands("2019-02-25", payable="0", due="0", above="92 000")
    MORE.stands("2019-04-21", payable="0", due="0", above="92 000")
    MORE.stands("2019-04-22", payable="184 000", due="184 000", above="92 000")


def test_the_worked_example_of_the_rule() -> None:
    """1.0 m accepted and payable, a second determination of 0.5 m disputed at 0: payable 1.5, held 0.5, due 1.0."""
    record = quarters(("5 434 782.61", "1 000 000"), ("2 717 391.30", "500 000"))
    assert record.folded.entitled == ore("1 500 000")
    record = record.with_(objection(1, 2, was="2 717 391.30", says="0"))
    record.stands("2019-07-31", payable="1 000 000", due="1 000 000")
    record.stands("2019-08-01", payable="1 500 000", held="500 000", due="1 000 000")


AT_CEILING = changed(BOTKYRKA, outcome__ceiling="1.4")
"""Savings beyond 32 060 000 are the authority's alone: 5 899 040 for the provider, below the maximum."""

BOUNDARIES = [
    ("one öre of savings", BOTKYRKA, "1 000 000", "999 999.99", "0"),
    ("two", BOTKYRKA, "1 000 000", "999 999.98", "0"),
    ("three", BOTKYRKA, "1 000 000", "999 999.97", "0.01"),
    ("at the cap", BOTKYRKA, "34 239 130.41", "34 239 130.40", "0.01"),
    ("down to the cap", BOTKYRKA, "34 239 130.42", "34 239 130.41", "0"),
    ("from above it", BOTKYRKA, "40 000 000", "34 239 130.40", "0.01"),
    ("at the provider's break-even", BOTKYRKA, "22 826 086.93", "22 826 086.92", "0.01"),
    ("at the contract's break-even", BOTKYRKA, "22 900 000.01", "22 900 000", "0"),
    ("below it", BOTKYRKA, "22 900 000", "22 899 999.97", "0.01"),
    ("at the ceiling", AT_CEILING, "32 060 000", "32 059 999.97", "0.01"),
    ("down to the ceiling", AT_CEILING, "32 060 000.03", "32 060 000", "0"),
    ("from above the ceiling", AT_CEILING, "50 000 000", "32 059 999.97", "0.01"),
    ("at nothing", BOTKYRKA, "0.03", "0", "0.01"),
    ("to below nothing", BOTKYRKA, "0.03", "−5 000 000", "0.01"),
    ("too little for an öre", BOTKYRKA, "0.02", "0", "0"),
    ("below nothing", BOTKYRKA, "−1 000 000", "−2 000 000", "0"),
]
AT_EACH = pytest.mark.parametrize(
    ("terms", "high", "low", "differs"), [row[1:] for row in BOUNDARIES], ids=[row[0] for row in BOUNDARIES]
)


def kronor(terms: ContractTerms, savings: str) -> str:
    """What a quarter that saved this claims for the provider."""
    (amount,) = entitlements(lambda _: terms, {Month.parse("2018-10"): ore(savings)}).values()
    return f"{amount // 100}.{amount % 100:02}"


@AT_EACH
def test_what_is_held_at_the_targets(terms: ContractTerms, high: str, low: str, differs: str) -> None:
    """Determined high, held to be low: what the entitlement differs by, to the öre."""
    claim = kronor(terms, high)
    record = quarters((high, claim), terms=terms).with_(objection(1, 1, was=high, says=low))
    due = ore(claim) - ore(differs)
    record.stands("2019-04-22", payable=claim, held=differs, due=f"{due // 100}.{due % 100:02}")


@AT_EACH
def test_what_is_claimed_above_at_the_targets(terms: ContractTerms, high: str, low: str, differs: str) -> None:
    """Determined low, held to be high."""
    claim = kronor(terms, low)
    record = quarters((low, claim), terms=terms).with_(objection(1, 1, was=low, says=high, by=PROVIDER))
    record.stands("2019-04-22", payable=claim, due=claim, above=differs)


# ── Several disputes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_lower_positions_about_one_determination_the_lowest_counts() -> None:
    """They cannot prevail together."""
    record = HALF.with_(objection(2, 1, was="1 000 000", says="800 000"))
    record.stands("2019-04-22", payable="184 000", held="92 000", due="92 000")
    record = record.with_(withdrawn(1, on="2019-05-02"))
    record.stands("2019-05-01", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-05-02", payable="184 000", held="36 800", due="147 200")


def test_of_two_higher_positions_the_highest_counts() -> None:
    record = MORE.with_(objection(2, 1, was="1 000 000", says="1 200 000"))
    record.stands("2019-04-22", payable="184 000", due="184 000", above="92 000")
    record = record.with_(withdrawn(1, on="2019-05-02"))
    record.stands("2019-05-02", payable="184 000", due="184 000", above="36 800")


def test_both_sides_dispute_one_determination() -> None:
    """What the payer disputes is held, what the provider claims beyond is shown; the one does not lessen the other."""
    record = HALF.with_(objection(2, 1, was="1 000 000", says="1 500 000", by=PROVIDER))
    record.stands("2019-04-22", payable="184 000", held="92 000", due="92 000", above="92 000")


TWO = quarters(("1 000 000", "184 000"), ("1 000 000", "184 000"))


def test_disputes_about_two_determinations_add_up() -> None:
    """Each from its own day."""
    record = TWO.with_(objection(1, 1, was="1 000 000", says="500 000"), objection(2, 2, was="1 000 000", says="750 000"))
    record.stands("2019-04-22", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-07-31", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-08-01", payable="368 000", held="138 000", due="230 000")


def test_what_a_lower_position_takes_from_earlier_savings_is_held_too() -> None:
    """The second quarter cost half a million, holds the payer: the first quarter's share would fall."""
    record = TWO.with_(objection(1, 2, was="1 000 000", says="−500 000"))
    record.stands("2019-07-31", payable="184 000", due="184 000")
    record.stands("2019-08-01", payable="368 000", held="276 000", due="92 000")


def test_a_higher_position_outweighs_no_lower_one() -> None:
    """The payer disputes the first quarter, the provider the second."""
    record = TWO.with_(
        objection(1, 1, was="1 000 000", says="0"), objection(2, 2, was="1 000 000", says="3 000 000", by=PROVIDER)
    )
    record.stands("2019-08-01", payable="368 000", held="184 000", due="184 000", above="368 000")


def test_two_disputes_above_the_cap_hold_together_what_neither_holds_alone() -> None:
    """A million more than the cap takes: one of two quarters of a million may fall away, both may not."""
    record = quarters(("33 239 130.41", "6 116 000"), ("1 000 000", "184 000"), ("1 000 000", "0"))
    first, second = objection(1, 2, was="1 000 000", says="0"), objection(2, 3, was="1 000 000", says="0")
    record.with_(first).stands("2019-11-01", payable="6 300 000", due="6 300 000")
    record.with_(first, second).stands("2019-10-31", payable="6 300 000", due="6 300 000")
    record.with_(first, second).stands("2019-11-01", payable="6 300 000", held="184 000", due="6 116 000")


# ── The sum moves ────────────────────────────────────────────────────────────────────────────────────────────────────

BELOW_CAP = quarters(("31 539 130.41", "5 803 200"), ("2 700 000", "496 800")).with_(objection(1, 2, was="2 700 000", says="0"))
"""At the cap, 34 239 130.41, with a second quarter that the payer holds to have saved nothing."""


@pytest.mark.parametrize(
    ("saved", "held", "due"),
    [
        ("0", "496 800", "5 803 200"),
        ("1 000 000", "312 800", "5 987 200"),
        ("2 699 999.99", "0.01", "6 299 999.99"),
        ("2 700 000", "0", "6 300 000"),
        ("9 000 000", "0", "6 300 000"),
    ],
)
def test_a_later_quarter_that_reaches_the_cap_sets_free_what_was_held(saved: str, held: str, due: str) -> None:
    """What the third quarter saves beyond the cap stands in for the disputed second, though D3 claims nothing."""
    BELOW_CAP.stands("2019-08-01", payable="6 300 000", held="496 800", due="5 803 200")
    record = BELOW_CAP.when(determine(months("2019Q2", saved)), by=MANAGER, today="2019-08-15").then(
        determined(3, months("2019Q2", saved), claim="0", recorded="2019-08-15")
    )
    record.stands("2019-08-15", payable="6 300 000", held=held, due=due)


def test_a_later_quarter_that_costs_makes_more_depend_on_the_dispute() -> None:
    """Above the cap nothing was held; a third quarter that costs two million brings the sum below it."""
    record = quarters(("31 539 130.41", "5 803 200"), ("5 400 000", "496 800"))
    record = record.with_(objection(1, 2, was="5 400 000", says="2 700 000"))
    record.stands("2019-08-01", payable="6 300 000", due="6 300 000")
    record = record.when(determine(months("2019Q2", "−2 000 000")), by=MANAGER, today="2019-08-15").recorded()
    record.stands("2019-08-15", payable="6 300 000", held="368 000", due="5 932 000")


def test_the_sum_counts_the_months_that_have_ended() -> None:
    """A second quarter of 2019 that reaches the cap, known since August: as of its last day it sets free what was held."""
    record = quarters(("10 000 000", "1 840 000"), ("0", "0")).with_(objection(1, 1, was="10 000 000", says="0"))
    record = record.when(determine(months("2019Q2", "0", "0", "34 239 130.41")), by=MANAGER, today="2019-08-15").recorded()
    record.stands("2019-06-29", payable="1 840 000", held="1 840 000", due="0")
    record.stands("2019-06-30", payable="1 840 000", due="1 840 000")


def test_the_terms_of_the_last_month_say_what_is_held() -> None:
    """The maximum falls to 300 000 from April: of two million saved, one stands in for the other half of the other."""
    low = changed(BOTKYRKA, outcome__maximum_payment="300000.00")
    record = TWO.with_(objection(1, 2, was="1 000 000", says="0"))
    record = record.with_(amended(low, from_="2019-04", recorded="2019-06-20"))
    record.stands("2019-08-01", payable="368 000", held="184 000", due="184 000")
    record = record.when(determine(months("2019Q2", "0")), by=MANAGER, today="2019-08-15").recorded()
    record.stands("2019-08-15", payable="368 000", held="116 000", due="252 000")


# ── Release and reversal ─────────────────────────────────────────────────────────────────────────────────────────────

THIRD = "M. Wik, district court judge"
ENDS: dict[str, Any] = {
    "withdrawn": lambda on: withdraw_dispute(1, on),
    "rejected": lambda on: resolve_dispute(1, "rejected", on),
    "rejected by a third person": lambda on: resolve_dispute(1, "rejected", on, decided_by=THIRD),
    "settled as determined": lambda on: resolve_dispute(1, "settled", on, months("2018Q4", "1 000 000")),
    "upheld": lambda on: resolve_dispute(1, "upheld", on),
    "upheld by a third person": lambda on: resolve_dispute(1, "upheld", on, decided_by=THIRD),
    "settled between": lambda on: resolve_dispute(1, "settled", on, months("2018Q4", "800 000")),
    "settled by a third person": lambda on: resolve_dispute(1, "settled", on, months("2018Q4", "800 000"), decided_by=THIRD),
    "settled below the position": lambda on: resolve_dispute(1, "settled", on, months("2018Q4", "400 000")),
    "settled below nothing": lambda on: resolve_dispute(1, "settled", on, months("2018Q4", "−1")),
}
OWED = {
    **dict.fromkeys(list(ENDS)[:4], "184 000"),
    **dict.fromkeys(("upheld", "upheld by a third person"), "92 000"),
    **dict.fromkeys(("settled between", "settled by a third person"), "147 200"),
    "settled below the position": "73 600",
    "settled below nothing": "0",
}
"""What the provider is owed in the end."""


@pytest.mark.parametrize("how", ENDS)
def test_after_the_claim_is_payable_what_was_held_is_released_or_reversed_on_the_day(how: str) -> None:
    record = HALF.when(ENDS[how]("2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    record.stands("2019-04-21", payable="0", due="0")
    record.stands("2019-04-22", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-05-01", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-05-02", payable=OWED[how], due=OWED[how])
    record.stands("2025-01-01", payable=OWED[how], due=OWED[how])


@pytest.mark.parametrize("on", ["2019-02-25", "2019-04-21", "2019-04-22"])
@pytest.mark.parametrize("how", ENDS)
def test_before_the_claim_is_payable_nothing_is_held_and_what_was_decided_falls_payable_then(how: str, on: str) -> None:
    record = HALF.when(ENDS[how](on), by=MANAGER, today="2019-04-22").recorded()
    record.stands("2019-04-21", payable="0", due="0")
    record.stands("2019-04-22", payable=OWED[how], due=OWED[how])


@pytest.mark.parametrize("how", ENDS)
def test_what_was_held_on_a_day_is_told_as_it_was_known_then(how: str) -> None:
    """Known before the end was recorded, the dispute is open on every later day."""
    after = HALF.when(ENDS[how]("2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    before = Given(after.records[: len(HALF.records)])
    before.stands("2019-05-02", payable="184 000", held="92 000", due="92 000")


@pytest.mark.parametrize(("how", "rest"), [("withdrawn", "92 000"), ("upheld", "0"), ("settled between", "55 200")])
def test_what_was_not_disputed_is_paid_meanwhile(how: str, rest: str) -> None:
    record = HALF.with_(paid(1, "outcome", "92 000", on="2019-04-22"))
    record.stands("2019-04-22", payable="184 000", held="92 000", due="0")
    record = record.when(ENDS[how]("2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    record.stands("2019-05-02", payable=OWED[how], due=rest)
    assert record.state("2019-05-02").provider.overpaid == 0


def test_what_was_paid_though_disputed_is_overpaid_once_it_is_decided() -> None:
    record = HALF.with_(paid(1, "outcome", "184 000", on="2019-04-22"))
    record = record.when(ENDS["upheld"]("2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    assert [record.state(on).provider.overpaid for on in ("2019-05-01", "2019-05-02")] == [0, ore("92 000")]
    record.when(instruct("recovery", None, on="2019-05-02", invoice="R-1"), by=PAYER, today="2019-05-02").then(
        instructed(2, "recovery", "92 000", on="2019-05-02", invoice="R-1")
    )


def test_a_higher_position_upheld_is_due_as_what_is_accepted_is() -> None:
    """Claimed above until it is decided; 30 days from then it is payable."""
    record = MORE.when(resolve_dispute(1, "upheld", "2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    record.stands("2019-05-01", payable="184 000", due="184 000", above="92 000")
    record.stands("2019-05-02", payable="184 000", due="184 000")
    record.stands("2019-05-31", payable="184 000", due="184 000")
    record.stands("2019-06-01", payable="276 000", due="276 000")


@pytest.mark.parametrize("how", ["withdrawn", "rejected"])
def test_a_higher_position_that_falls_is_claimed_no_more(how: str) -> None:
    record = MORE.when(ENDS[how]("2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    record.stands("2019-05-01", payable="184 000", due="184 000", above="92 000")
    record.stands("2019-05-02", payable="184 000", due="184 000")


def test_a_dispute_settled_above_what_was_determined_releases_at_once_and_claims_later() -> None:
    record = HALF.when(
        resolve_dispute(1, "settled", "2019-05-02", months("2018Q4", "1 500 000")), by=MANAGER, today="2019-05-02"
    ).recorded()
    record.stands("2019-05-02", payable="184 000", due="184 000")
    record.stands("2019-06-01", payable="276 000", due="276 000")


def test_a_resolution_recorded_later_counts_from_the_day_of_the_decision() -> None:
    """Decided on 2019-05-02, recorded three weeks later."""
    record = HALF.when(resolve_dispute(1, "upheld", "2019-05-02"), by=MANAGER, today="2019-05-23").recorded()
    record.stands("2019-05-01", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-05-02", payable="92 000", due="92 000")


def test_a_resolution_below_the_cap_moves_what_the_sum_moves() -> None:
    """Of a million that is taken back, the third quarter stands in for all but 184 000 of the provider's share."""
    record = quarters(("31 539 130.41", "5 803 200"), ("2 700 000", "496 800"), ("1 700 000", "0"))
    record = record.with_(objection(1, 2, was="2 700 000", says="0"))
    record.stands("2019-11-01", payable="6 300 000", held="184 000", due="6 116 000")
    record = record.when(resolve_dispute(1, "upheld", "2019-11-02"), by=MANAGER, today="2019-11-02").then(
        determined(4, months("2019Q1", "0"), claim="−184 000", supersedes=(2,), resolves=1),
        resolved(
            1,
            "upheld",
            "2019-11-02",
            months("2019Q1", "0"),
            carried_out_by=4,
            claim=claim_of("−184 000", "2019-11-02"),
        ),
    )
    record.stands("2019-11-02", payable="6 116 000", due="6 116 000")


# ── Moot ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_true_up_makes_a_dispute_moot() -> None:
    """Determined again on 2019-05-02 at 800 000: from then X1 holds nothing, and nothing above the new entitlement is paid."""
    record = HALF.when(determine(months("2018Q4", "800 000"), redo="late reports"), by=MANAGER, today="2019-05-02").recorded()
    record.stands("2019-05-01", payable="184 000", held="92 000", due="92 000")
    record.stands("2019-05-02", payable="184 000", due="184 000")
    record.when(instruct("outcome", "147 200.01", on="2019-05-02"), by=PAYER, today="2019-05-02").then_refused(
        "147 200.01 is above what is due on 2019-05-02: 147 200.00", clause="settlement.payment_days"
    )
    record.when(instruct("outcome", None, on="2019-05-02"), by=PAYER, today="2019-05-02").then(
        instructed(1, "outcome", "147 200", on="2019-05-02")
    )


def test_a_true_up_upwards_makes_a_claim_above_moot() -> None:
    record = MORE.when(determine(months("2018Q4", "1 500 000"), redo="late reports"), by=MANAGER, today="2019-05-02").recorded()
    record = record.when(notify(2, on="2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    record.stands("2019-05-01", payable="184 000", due="184 000", above="92 000")
    record.stands("2019-05-02", payable="184 000", due="184 000")
    record.stands("2019-07-02", payable="276 000", due="276 000")


def test_the_determination_made_again_can_be_disputed_and_is_held_from_its_own_day() -> None:
    """At two million from 2019-05-02; of the 184 000 more that D2 claims from 2019-07-02 the payer grants none."""
    record = ONE.when(determine(months("2018Q4", "2 000 000"), redo="late reports"), by=MANAGER, today="2019-05-02").recorded()
    record = record.when(notify(2, on="2019-05-02"), by=MANAGER, today="2019-05-02").recorded()
    record = record.with_(disputed(1, "D2", was="2 000 000", says=months("2018Q4", "1 000 000"), on="2019-05-03"))
    record.stands("2019-07-02", payable="368 000", held="184 000", due="184 000")


# ── What is paid meanwhile (rule 17) ─────────────────────────────────────────────────────────────────────────────────

DUE = "settlement.payment_days"


def test_no_more_is_instructed_than_is_not_held() -> None:
    on = "2019-04-22"
    refused = HALF.when(instruct("outcome", "92 000.01", on), by=PAYER, today=on)
    refused.then_refused("92 000.01 is above what is due on 2019-04-22: 92 000.00", clause=DUE)
    refused.then_refused("held in X1 92 000.00")
    for amount in ("92 000", None):
        HALF.when(instruct("outcome", amount, on), by=PAYER, today=on).then(instructed(1, "outcome", "92 000", on))


def test_where_all_is_held_nothing_is_due() -> None:
    record = ONE.with_(objection(1, 1, was="1 000 000", says="0"))
    record.stands("2019-04-22", payable="184 000", held="184 000", due="0")
    record.when(instruct("outcome", None, "2019-04-22"), by=PAYER, today="2019-04-22").then_refused(
        "nothing is due on 2019-04-22: 184 000.00 is held in X1", clause=DUE
    )


def test_before_the_day_nothing_is_said_to_be_held() -> None:
    HALF.when(instruct("outcome", None, "2019-04-21"), by=PAYER, today="2019-04-21").then_refused("nothing is due on 2019-04-21")


@pytest.mark.parametrize(
    ("made", "held", "due"),
    [("91 999.99", "92 000", "0.01"), ("92 000", "92 000", "0"), ("92 000.01", "91 999.99", "0"), ("184 000", "0", "0")],
)
def test_a_payment_that_was_made_though_held_is_recorded_and_lessens_what_is_held(made: str, held: str, due: str) -> None:
    """Held is never more than what is payable and not paid."""
    record = HALF.with_(paid(1, "outcome", made, on="2019-04-22"))
    record.stands("2019-04-22", payable="184 000", held=held, due=due)
    assert record.state("2019-04-22").provider.overpaid == 0


@pytest.mark.parametrize(
    ("recovered", "held", "due"),
    [("20 000", "74 000", "0"), ("38 000", "92 000", "0"), ("38 000.01", "92 000", "0.01"), ("130 000", "92 000", "92 000")],
)
def test_what_is_recovered_can_be_held_again(recovered: str, held: str, due: str) -> None:
    """130 000 was paid, 38 000 more than was due."""
    record = HALF.with_(
        paid(1, "outcome", "130 000", on="2019-04-22"), paid(2, "recovery", recovered, on="2019-04-25", invoice="R-1")
    )
    record.stands("2019-04-22", payable="184 000", held="54 000", due="0")
    record.stands("2019-04-25", payable="184 000", held=held, due=due)


def test_what_is_instructed_lessens_what_is_due_and_not_what_is_held() -> None:
    record = HALF.with_(instructed(1, "outcome", "50 000", on="2019-04-22"))
    record.stands("2019-04-22", payable="184 000", held="92 000", due="42 000")
    record.when(instruct("outcome", None, "2019-04-23", invoice="F-2"), by=PAYER, today="2019-04-23").then(
        instructed(2, "outcome", "42 000", on="2019-04-23", invoice="F-2")
    )


def test_an_objection_in_time_that_is_recorded_late_holds_though_all_is_instructed() -> None:
    """Objected on 2019-03-22, recorded the day after everything was instructed: nothing more is due, and nothing overpaid."""
    record = ONE.with_(instructed(1, "outcome", "184 000", on="2019-04-22"))
    record = record.when(
        raise_dispute("D1", months("2018Q4", "500 000"), on="2019-03-22", documented=True), by=PAYER, today="2019-04-23"
    ).recorded()
    record.stands("2019-04-23", payable="184 000", held="92 000", due="0")
    assert record.state("2019-04-23").provider.overpaid == 0


def test_what_was_held_of_one_quarter_is_due_no_sooner_because_the_next_is() -> None:
    """1 000 000 a quarter, the first disputed at nothing: of 368 000 payable 184 000 is due."""
    record = TWO.with_(objection(1, 1, was="1 000 000", says="0"))
    record.when(instruct("outcome", "184 000.01", "2019-08-01"), by=PAYER, today="2019-08-01").then_refused(
        "184 000.01 is above what is due on 2019-08-01: 184 000.00", clause=DUE
    )
    record.when(instruct("outcome", "184 000", "2019-08-01"), by=PAYER, today="2019-08-01").recorded()


# ── Disputed payments ────────────────────────────────────────────────────────────────────────────────────────────────

PAID = ONE.with_(paid(1, "outcome", "100 000", on="2019-04-22"))


def about_payment(kind: Any, was: str, says: str, number: int = 1, payment: int = 1, by: str = PAYER) -> Happened:
    """A party holds that another amount was paid."""
    return disputed(number, f"P{payment}", was=was, says=says, on="2019-05-02", by=by, kind=kind)


@pytest.mark.parametrize(
    ("says", "held", "due", "above"),
    [
        ("100 000.01", "0.01", "83 999.99", "0"),
        ("150 000", "50 000", "34 000", "0"),
        ("184 000", "84 000", "0", "0"),
        ("900 000", "84 000", "0", "0"),
        ("99 999.99", "0", "84 000", "0.01"),
        ("0", "0", "84 000", "100 000"),
    ],
)
def test_more_paid_than_recorded_is_held_and_less_is_claimed_above(says: str, held: str, due: str, above: str) -> None:
    """100 000 of 184 000 is recorded as paid; from the day of the objection."""
    record = PAID.with_(about_payment("outcome", "100 000", says))
    record.stands("2019-05-01", payable="184 000", due="84 000")
    record.stands("2019-05-02", payable="184 000", held=held, due=due, above=above)


@pytest.mark.parametrize(
    ("says", "held", "due", "above"),
    [
        ("49 999.99", "0.01", "33 999.99", "0"),
        ("20 000", "30 000", "4 000", "0"),
        ("0", "34 000", "0", "0"),
        ("60 000", "0", "34 000", "10 000"),
    ],
)
def test_less_recovered_than_recorded_is_held_and_more_is_claimed_above(says: str, held: str, due: str, above: str) -> None:
    """200 000 paid and 50 000 recovered: 34 000 of 184 000 is due."""
    record = ONE.with_(
        paid(1, "outcome", "200 000", on="2019-04-22"),
        paid(2, "recovery", "50 000", on="2019-04-25", invoice="R-1"),
        about_payment("recovery", "50 000", says, payment=2),
    )
    record.stands("2019-05-01", payable="184 000", due="34 000")
    record.stands("2019-05-02", payable="184 000", held=held, due=due, above=above)


@pytest.mark.parametrize("says", ["0", "9 000 000"])
def test_the_upfront_payment_is_no_part_of_what_is_held_or_claimed_above(says: str) -> None:
    record = ONE.with_(paid(1, "upfront", "4 200 000", on="2018-09-26"), about_payment("upfront", "4 200 000", says))
    record.stands("2019-05-02", payable="184 000", due="184 000")


def test_both_sides_dispute_one_payment() -> None:
    record = PAID.with_(
        about_payment("outcome", "100 000", "150 000"), about_payment("outcome", "100 000", "0", number=2, by=PROVIDER)
    )
    record.stands("2019-05-02", payable="184 000", held="50 000", due="34 000", above="100 000")


def test_of_several_positions_of_one_side_about_a_payment_the_furthest_counts() -> None:
    record = PAID.with_(about_payment("outcome", "100 000", "150 000"), about_payment("outcome", "100 000", "120 000", number=2))
    record.stands("2019-05-02", payable="184 000", held="50 000", due="34 000")
    record = record.with_(withdrawn(1, on="2019-05-03"))
    record.stands("2019-05-03", payable="184 000", held="20 000", due="64 000")


def test_disputes_about_two_payments_add_up() -> None:
    record = PAID.with_(
        paid(2, "outcome", "10 000", on="2019-04-23", invoice="F-2"),
        about_payment("outcome", "100 000", "130 000"),
        about_payment("outcome", "10 000", "15 000", number=2, payment=2),
    )
    record.stands("2019-05-02", payable="184 000", held="35 000", due="39 000")


def test_disputes_about_savings_and_about_a_payment_add_up_to_what_is_not_paid() -> None:
    """92 000 by the savings, 50 000 by the payment: more than the 84 000 that is payable and not paid."""
    record = HALF.with_(paid(1, "outcome", "100 000", on="2019-04-22"), about_payment("outcome", "100 000", "120 000", number=2))
    record.stands("2019-05-01", payable="184 000", held="84 000", due="0")
    record.stands("2019-05-02", payable="184 000", held="84 000", due="0")
    record = record.with_(withdrawn(1, on="2019-05-03"))
    record.stands("2019-05-03", payable="184 000", held="20 000", due="64 000")


@pytest.mark.parametrize(
    ("says", "end", "due"),
    [
        ("150 000", withdraw_dispute(1, "2019-05-10"), "84 000"),
        ("150 000", resolve_dispute(1, "rejected", "2019-05-10"), "84 000"),
        ("150 000", resolve_dispute(1, "settled", "2019-05-10", "100 000"), "84 000"),
        ("150 000", resolve_dispute(1, "upheld", "2019-05-10"), "34 000"),
        ("150 000", resolve_dispute(1, "upheld", "2019-05-10", decided_by=THIRD), "34 000"),
        ("150 000", resolve_dispute(1, "settled", "2019-05-10", "120 000"), "64 000"),
        ("0", withdraw_dispute(1, "2019-05-10"), "84 000"),
        ("0", resolve_dispute(1, "upheld", "2019-05-10"), "184 000"),
        ("0", resolve_dispute(1, "settled", "2019-05-10", "60 000"), "124 000"),
    ],
)
def test_once_a_payment_is_no_longer_disputed_it_counts_for_what_it_was(says: str, end: Any, due: str) -> None:
    record = PAID.with_(about_payment("outcome", "100 000", says))
    after = record.when(end, by=MANAGER, today="2019-05-10").recorded()
    after.stands("2019-05-10", payable="184 000", due=due)


# ── Whether a dispute lowers or raises what is owed ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("happened", "at_stake", "lowers"),
    [
        (objection(1, 1, was="1 000 000", says="500 000"), "−500 000", True),
        (objection(1, 1, was="1 000 000", says="999 999.99"), "−0.01", True),
        (objection(1, 1, was="1 000 000", says="1 500 000"), "500 000", False),
        (objection(1, 1, was="1 000 000", says="1 000 000.01"), "0.01", False),
        (about_payment("outcome", "100 000", "150 000"), "50 000", True),
        (about_payment("outcome", "100 000", "100 000.01"), "0.01", True),
        (about_payment("outcome", "100 000", "0"), "−100 000", False),
        (about_payment("recovery", "100 000", "0"), "−100 000", True),
        (about_payment("recovery", "100 000", "150 000"), "50 000", False),
    ],
)
def test_what_is_at_stake_and_for_whom(happened: Happened, at_stake: str, lowers: bool) -> None:
    one = Dispute(1, happened.event)  # type: ignore[arg-type]
    assert (one.at_stake, one.lowers, one.name, one.status) == (ore(at_stake), lowers, "X1", "open")


# ── For any savings and positions ────────────────────────────────────────────────────────────────────────────────────

AMOUNT = st.integers(-10_000_000_00, 30_000_000_00)
RAISED = st.tuples(st.integers(1, 3), AMOUNT)
FAR = "2030-01-01"


def text(amount: int) -> str:
    """Öre as rows write them."""
    return f"{'−' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"


def entitled(saved: list[int]) -> int:
    """What the provider has of quarters that saved this."""
    by_month = {Month.parse("2018-10") + place: amount for place, amount in enumerate(saved)}
    return list(entitlements(lambda _: BOTKYRKA, by_month).values())[-1]


def recorded(saved: list[int], raised: list[tuple[int, int]]) -> tuple[Given, list[tuple[int, int]]]:
    """The quarters determined and notified, and the objections that there is something in, by number of the determination."""
    claims = [entitled(saved[: place + 1]) - (entitled(saved[:place]) if place else 0) for place in range(3)]
    record = quarters(*((text(amount), text(claim)) for amount, claim in zip(saved, claims, strict=True)))
    said = [(number, says) for number, says in raised if says != saved[number - 1]]
    for place, (number, says) in enumerate(said, 1):
        record = record.with_(objection(place, number, was=text(saved[number - 1]), says=text(says)))
    return record, said


@settings(deadline=None, max_examples=40)
@generated(st.lists(AMOUNT, min_size=3, max_size=3), st.lists(RAISED, max_size=4))
def test_held_is_what_would_be_owed_less_if_every_lower_position_prevailed(
    saved: list[int], raised: list[tuple[int, int]]
) -> None:
    record, said = recorded(saved, raised)
    low = [min([amount, *(says for about, says in said if about == number)]) for number, amount in enumerate(saved, 1)]
    high = [max([amount, *(says for about, says in said if about == number)]) for number, amount in enumerate(saved, 1)]
    owed = entitled(saved)
    held, above = owed - entitled(low), entitled(high) - owed
    record.stands(FAR, payable=text(owed), held=text(held), due=text(owed - held), above=text(above))


@settings(deadline=None, max_examples=25)
@generated(st.lists(AMOUNT, min_size=3, max_size=3), st.lists(RAISED, min_size=1, max_size=4))
def test_withdrawing_everything_leaves_what_there_was_without_it(saved: list[int], raised: list[tuple[int, int]]) -> None:
    record, said = recorded(saved, raised)
    for number, _ in enumerate(said, 1):
        record = record.with_(withdrawn(number, on="2019-12-01"))
    without, _ = recorded(saved, [])
    for on in ("2019-12-01", FAR):
        assert record.state(on).provider == without.state(on).provider


@settings(deadline=None, max_examples=25)
@generated(st.lists(AMOUNT, min_size=3, max_size=3), st.tuples(RAISED, RAISED, RAISED), st.lists(AMOUNT, min_size=3, max_size=3))
def test_whatever_is_settled_all_that_is_owed_falls_due_once(saved: list[int], raised: Any, agreed: list[int]) -> None:
    """One dispute a determination, settled one after another: nothing stays held, and payable is the entitlement."""
    record, said = recorded(saved, list(dict(raised).items()))
    for number, (against, _) in enumerate(said, 1):
        saved[against - 1] = agreed[against - 1]
        settled = resolve_dispute(number, "settled", "2019-12-01", months(QUARTERS[against], text(agreed[against - 1])))
        record = record.when(settled, by=MANAGER, today="2019-12-01").recorded()
    owed = text(entitled(saved))
    record.stands(FAR, payable=owed, due=owed)
    assert record.folded.entitled == ore(owed)
