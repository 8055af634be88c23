"""Contracts settled by tiers: what the product's rules brought about is right, whatever is changed in it is told, and both
programs judge alike."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.export.bundle_states import states
from cli.verifier.bonds import _paid_of, interest_dates
from cli.verifier.calendar import rounded
from cli.verifier.fields import faults_of_body
from cli.verifier.recompute import recompute
from cli.verifier.shapes import checker
from cli.verifier.tiered_fields import TIERED_TERMS
from cli.verifier.tiered_state import total_paid
from ledger.bonds import Bond, LoanPart, ZeroCouponPart, grown, interest_days, loan_flows
from ledger.canonical import canonical
from ledger.commands import Decided
from ledger.errors import LedgerError
from ledger.events import Actor, TiersAgreed
from ledger.facts import tiered_stream
from ledger.record import Recorded, decode
from ledger.tiered import AmendTiered, PayTiered
from ledger.tiered_terms import TieredTerms, read_tiered_terms
from projections.bond_redemption import redemption
from projections.tiered.proposals import determination
from projections.verification import tiered as verifying_tiered
from tests.tiered_spec import changed as with_other
from tests.verifier.test_fields import at, changed, places
from tests.verifier.tiered_ledger import FIXTURES, ID, TieredLedger, assigned, histories, norrkoping

Body = dict[str, Any]


def said_wrong(records: list[Body]) -> list[str]:
    """What the verifier has against the records, states apart."""
    return [what for where, what in recompute(records, {}, [], {}).bad if where.startswith("record ")]


# --- What is right ------------------------------------------------------------------------------------------------------


def test_what_the_rules_brought_about_is_right() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=120, deadline=None)
    @given(histories())
    def is_right(ledger: TieredLedger) -> None:
        records = ledger.plain
        assert [fault for record in records for fault in faults_of_body(record)] == []
        stated = json.loads(canonical(states(ledger.facts, [ID])))
        found = recompute(records, {}, [], stated)
        assert (found.bad, found.not_recomputed) == ([], [])
        assert found.determinations == sum(record["type"] == "TiersDetermined@1" for record in records)
        assert found.states == len(stated[ID]) > 2
        assert list(verifying_tiered.wrong(ledger.facts, ID)) == []
        seen.update(record["type"] for record in records)
        seen["claims"] += sum(bool(record["data"].get("claims")) for record in records)

    is_right()
    kinds = ("TieredAmended@1", "TiersDetermined@1", "TiersAgreed@1", "TieredPaid@1", "TieredPaymentCorrected@1", "claims")
    assert min(seen[kind] for kind in kinds) > 5


# --- What was changed ---------------------------------------------------------------------------------------------------


def numbers(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where whole numbers, days and roles stand in a record's data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        if isinstance(one, (dict, list)):
            yield from numbers(one, (*path, key))
        elif type(one) in (int, bool) or key in (
            "on",
            "from_on",
            "signed_on",
            "until",
            "payable_on",
            "role",
            "payer",
            "payee",
            "party",
            "part",
            "reason",
        ):
            yield (*path, key)


def other(value: Any, by: int) -> Any:
    """Another value of the same kind."""
    if type(value) is bool:
        return not value
    if type(value) is int:
        return value + by
    try:
        return (date.fromisoformat(value) + timedelta(days=by)).isoformat()
    except ValueError:
        return ["payer", "investor", "partner", "manager", "stranger"][by % 5]


@settings(max_examples=250, deadline=None)
@given(histories(), st.data())
def test_both_judge_a_changed_record_alike(ledger: TieredLedger, data: st.DataObject) -> None:
    """One thing of one record is another: who recorded it, a number, a day, a role. Terms and rows of reports apart, both tell
    that it is wrong or neither; of these what rests on them is told."""
    records = ledger.plain
    number = data.draw(st.integers(1, len(records) - 1))
    record = copy.deepcopy(records[number])
    places = [("recorded_by", "role"), ("effective_on",)]
    places += [("data", *path) for path in numbers(record["data"]) if "terms" not in path]
    path = data.draw(st.sampled_from(places))
    value = other(at(record, path), data.draw(st.sampled_from([1, -1, 2, 400, -400, -4000])))
    at(record, path[:-1])[path[-1]] = value
    if path[-1] in ("on", "from_on", "signed_on") and data.draw(st.booleans()):
        record["effective_on"] = value
    judged = [*records[:number], record]
    try:
        decoded: Recorded[Any] = decode(record["type"], canonical(record))
    except LedgerError:
        assert faults_of_body(record)
        return
    assert faults_of_body(record) == []
    forged = TieredLedger([*ledger.records[:number], decoded], [*ledger.bodies[:number], canonical(record)])
    theirs = [what for at_, what in verifying_tiered.wrong(forged.facts, ID) if at_ == number + 1]
    ours = said_wrong(judged)
    assert bool(ours) == bool(theirs), (path, ours, theirs)


def test_one_thing_changed_is_told_by_its_name() -> None:
    records = norrkoping().plain
    [determined, _], [_, agreed] = (
        [one for one in records if one["type"] == kind] for kind in ("TiersDetermined@1", "TiersAgreed@1")
    )
    determined["data"]["given"][0]["amount_ore"] += 1
    where, what = recompute(records, {}, [], {}).bad[0]
    assert where == f"record {determined['position']}"
    assert "given: activity-cost guaranteed investor is 383440001, recomputed 383440000" in what
    determined["data"]["given"][0]["amount_ore"] -= 1
    agreed["data"]["claims"][0]["payable_on"] = "2023-01-01"
    where, what = recompute(records, {}, [], {}).bad[0]
    assert (where, "payable on 2023-01-01, recomputed 2019-05-30" in what) == (f"record {agreed['position']}", True)


FORGED: list[tuple[str, int, dict[tuple[Any, ...], Any], str]] = [
    ("TieredPaymentCorrected@1", 0, {("data", "becomes", "amount_ore"): 0}, "it becomes what it was, or nothing"),
    ("TieredPaymentCorrected@1", 0, {("data", "was", "on"): "2019-06-02"}, "it was 383440000 on 2019-06-03"),
    ("TieredPaid@1", 0, {("data", "on"): "2016-02-14", ("effective_on",): "2016-02-14"}, "lies before the contract was signed"),
    ("TieredPaid@1", 1, {("data", "payer"): "investor", ("data", "payee"): "payer"}, "an outcome is paid by the payer"),
    ("TiersAgreed@1", 1, {("data", "role"): "payer"}, "payer agreed on 2019-04-30"),
    ("TiersAgreed@1", 1, {("data", "claims"): []}, "claims are of , recomputed investor"),
    ("TiersDetermined@1", 1, {("data", "on"): "2019-03-30", ("effective_on",): "2019-03-30"}, "what stood as of 2019-03-31"),
    ("TiersDetermined@1", 1, {("data", "reason"): "anew"}, "why it is determined anew, and only that"),
    ("TiersDetermined@1", 1, {("data", "basis", "position"): 3}, "it rests on record 3, and not on record"),
    ("MetricsReported@1", 0, {("data", "rows", 0, "until"): "2030-01-01"}, "after it was recorded"),
    ("MetricsReported@1", 1, {("data", "rows"): []}, "there are none"),
    ("TieredSigned@1", 0, {("data", "terms", "id"): "elsewhere"}, "the terms are of elsewhere"),
]
"""Which record of Norrköping's says what else, and what is told of it."""


@pytest.mark.parametrize(("kind", "number", "changes", "tells"), FORGED)
def test_what_the_rules_would_refuse_is_told(kind: str, number: int, changes: dict[tuple[Any, ...], Any], tells: str) -> None:
    ledger = norrkoping()
    records = ledger.plain
    record = [one for one in records if one["type"] == kind][number]
    for path, value in changes.items():
        at(record, path[:-1])[path[-1]] = value
    assert faults_of_body(record) == []
    where = record["position"]
    assert tells in dict(recompute(records, {}, [], {}).bad)[f"record {where}"]
    ledger.records[where - 1], ledger.bodies[where - 1] = decode(kind, canonical(record)), canonical(record)
    assert where in dict(verifying_tiered.wrong(ledger.facts, ledger.id))


def test_amendments_follow_one_another() -> None:
    ledger = norrkoping()
    signed = ledger.state.signed
    for day in (date(2021, 1, 1), date(2022, 1, 1)):
        assert ledger.tell(AmendTiered(signed, day, ("payer", "investor"), "agreed"), "payer")
    records = ledger.plain
    records[-1]["data"]["from_on"] = records[-1]["effective_on"] = "2020-01-01"
    assert "it begins on 2020-01-01, before what was agreed from 2021-01-01" in recompute(records, {}, [], {}).bad[0][1]
    records[-1]["data"]["from_on"] = records[-1]["effective_on"] = "2019-03-31"
    assert "what is determined as of 2019-03-31 is agreed" in recompute(records, {}, [], {}).bad[0][1]


def test_a_party_that_the_terms_drop_is_a_party_still_to_both() -> None:
    ledger = assigned()
    back = PayTiered("recovery", "investor", "payer", 383_440_000, date(2021, 4, 1), "B3")
    assert ledger.tell(determination(ledger.facts, ledger.id, date(2021, 3, 1), computed_by="x").command, "performance_manager")
    assert ledger.tell(back, "payer")
    stated = json.loads(canonical(states(ledger.facts, [ledger.id])))
    assert {"fund", "investor"} <= stated[ledger.id][-1]["parties"].keys()
    assert recompute(ledger.plain, {}, [], stated).bad == []
    records = ledger.plain
    records[-1]["data"]["payer"] = "stranger"
    assert "stranger is no party" in recompute(records, {}, [], {}).bad[0][1]


def test_a_change_of_who_pays_is_told_once_there_is_money() -> None:
    ledger = assigned()
    records = ledger.plain
    records[-1]["data"]["terms"]["governance"]["pays"] = "performance_manager"
    tells = "it makes the performance_manager pay, and what is claimed or paid is of the payer"
    assert tells in recompute(records, {}, [], {}).bad[0][1]
    ledger.records[-1], ledger.bodies[-1] = decode("TieredAmended@1", canonical(records[-1])), canonical(records[-1])
    assert any("cannot make the performance_manager pay" in what for _, what in verifying_tiered.wrong(ledger.facts, ledger.id))


def test_an_agreement_under_terms_that_were_changed_is_told_by_both() -> None:
    """As it was recorded of old: the terms of the second determination's day are changed, and then the payer agrees to it."""
    ledger = norrkoping()
    terms = with_other(ledger.state.signed, payment_days=5)
    assert ledger.tell(AmendTiered(terms, date(2021, 2, 28), ("payer", "investor"), "sooner"), "payer")
    agreed = TiersAgreed(determination=2, role="payer", on=date(2021, 3, 31), claims=())
    ledger.append(tiered_stream(ledger.id), Decided(agreed.on, agreed), Actor(name="N. N.", role="payer"))
    where = len(ledger.records)
    assert "the terms of 2021-02-28 were changed since D2" in dict(recompute(ledger.plain, {}, [], {}).bad)[f"record {where}"]
    assert "were changed since D2" in dict(verifying_tiered.wrong(ledger.facts, ledger.id))[where]


@pytest.mark.parametrize("kind", ["issue", "interest", "redemption"])
def test_a_payment_of_a_bond_that_there_is_not_is_told(kind: str) -> None:
    records = norrkoping().plain
    [paid, *_] = [one for one in records if one["type"] == "TieredPaid@1"]
    paid["data"]["kind"] = kind
    assert f"{kind} is of a bond, and there is none" in recompute(records, {}, [], {}).bad[0][1]


# --- Bonds --------------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 5_000_000),
    st.sampled_from([None, "-0.10", "0.02"]),
    st.sampled_from([None, "0.10", "0.50"]),
    st.sampled_from(["health-impact-bond", "sbir"]),
)
def test_a_bond_pays_as_the_product_has_it(outcome: int, least: str | None, most: str | None, name: str) -> None:
    terms = read_tiered_terms((FIXTURES / "contracts" / f"{name}.toml").read_bytes(), name)
    assert terms.bond is not None
    said = json.loads(canonical(terms.bond.model_dump(mode="json", exclude_none=True)))
    limits = {"least_return": least, "most_return": most}
    said = {key: value for key, value in (said | limits).items() if value is not None}
    found = redemption(Bond.model_validate_json(canonical(said)), outcome * 1000)
    assert total_paid(said, outcome * 1000) == found.total


LENT_DAYS = st.dates(date(2018, 1, 1), date(2020, 12, 31))


@settings(max_examples=200, deadline=None)
@given(
    LENT_DAYS,
    st.integers(1, 3000),
    st.sampled_from(["30E/360", "A/360", "A/365"]),
    st.integers(1, 24),
    st.sampled_from(["short", "long"]),
)
def test_what_no_outcome_moves_is_as_the_product_has_it(issued: date, days: int, count: str, months: int, stub: str) -> None:
    matures = issued + timedelta(days=days)
    said = {"id": "x", "what": "x", "principal": "1234567.89", "rate": "0.0375", "day_count": count}
    loan = {"kind": "loan@1", **said, "interest_months": months, "stub": stub}
    zero = {"kind": "zero-coupon@1", **said}
    assert interest_dates(loan, issued, matures) == list(interest_days(LoanPart.model_validate(loan), issued, matures))
    flows = loan_flows(LoanPart.model_validate(loan), issued, matures)
    assert _paid_of(loan, issued, matures) == sum(flow.amount or 0 for flow in flows)
    assert _paid_of(zero, issued, matures) == rounded(grown(ZeroCouponPart.model_validate(zero), issued, matures))


# --- Shapes -------------------------------------------------------------------------------------------------------------

CONTRACTS = ("norrkoping", "norrkoping-three-years", "health-impact-bond", "sbir")
BOUNDARIES: dict[str, tuple[Any, ...]] = {
    "matures_on": ("2025-06-15", "2025-06-17", "2018-10-01", "2020-06-16", "2118-10-01", "2118-10-02", "9999-01-01"),
    "most_return": ("0", "-0.2", "-0.3", "-0.200000000001"),
    "least_return": ("-1", "-1.1", "0.11"),
    "interest_months": (1, 5, 7, 12, 120, 121),
    "stub": ("short", "long"),
    "rate": ("0.05", "1", "1.01", "-0.01"),
    "amount": ("-0.01", "0.00"),
    "times": ("-0.1", "0"),
    "share": ("0", "0.41", "0.6", "1", "1.1"),
    "kind": ("cost-difference@2", "loan@1", "outcome@1", "price-per-unit@1", "reported-amount@1"),
    "unit": ("money", "days"),
    "of": ("savings", "activity-cost", "investment", "nothing"),
    "guaranteed": (True, False),
    "party": ("payer", "investor", "stranger"),
    "metric": ("school-results", "social-costs", "nothing"),
}


def reads(said: Body) -> bool:
    """Whether the product reads terms, and would write them so."""
    try:
        found = TieredTerms.model_validate_json(canonical(said))
        return canonical(found.model_dump(mode="json", by_alias=True, exclude_none=True)) == canonical(said)
    except ValueError:
        return False


@pytest.mark.parametrize("name", CONTRACTS)
def test_both_read_terms_or_neither_does(name: str) -> None:
    found = read_tiered_terms((FIXTURES / "contracts" / f"{name}.toml").read_bytes(), name)
    body: Body = json.loads(canonical(found.model_dump(mode="json", by_alias=True, exclude_none=True)))
    is_right, seen = checker(TIERED_TERMS), Counter[bool]()
    for what, one in [("as it is", body), *changed(body), *at_boundaries(body)]:
        try:
            ours = is_right(one)
        except (ArithmeticError, ValueError):  # a day that nothing can be computed with
            ours = False
        assert ours == reads(one), what
        seen[ours] += 1
    assert min(seen.values()) > 20


def at_boundaries(body: Body) -> Iterator[tuple[str, Body]]:
    """The terms with one field at a boundary of its own, and without one that may be left out."""
    for path in places(body):
        for value in BOUNDARIES.get(path[-1], ()) if isinstance(path[-1], str) else ():
            one = copy.deepcopy(body)
            at(one, path[:-1])[path[-1]] = value
            yield f"{path} = {value!r}", one
