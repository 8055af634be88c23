"""A tender in a bundle, changed by hand: verify.py's rules find it, and what the rules bring about they let pass."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.verifier.fields import faults_of_body
from cli.verifier.tender import faults_of_tenders
from tests.ledger.test_tenders import OPENED, TERMS, Ledger, award, bid, lapsed_and_tendered_anew, told_after_the_fact, withdraw
from tests.projections.test_tender import both_awarded

Body = dict[str, Any]


def honest() -> list[Body]:
    """The opening, a tender with three bids of which the second is withdrawn, the award, the signature."""
    ledger = Ledger().tender(OPENED, bid(), bid("B", "0.75"), withdraw(2), bid("C", "0.25"), award())
    ledger.sign(TERMS)
    return [json.loads(body) for body in ledger.memory.bodies]


def test_what_the_rules_bring_about_is_right() -> None:
    records = honest()
    assert [fault for record in records for fault in faults_of_body(record)] == []
    assert faults_of_tenders(records) == []


def test_a_tender_that_came_to_nothing_binds_nobody() -> None:
    ledger = Ledger().tender(OPENED, bid(), withdraw())
    ledger.sign(TERMS)
    assert faults_of_tenders([json.loads(body) for body in ledger.memory.bodies]) == []


@pytest.mark.parametrize("start", [lapsed_and_tendered_anew, told_after_the_fact])
def test_a_tender_takes_the_place_of_one_that_lapsed(start: Callable[[], Ledger]) -> None:
    assert faults_of_tenders([json.loads(body) for body in start().memory.bodies]) == []


def test_two_tenders_of_one_contract_are_found() -> None:
    found = faults_of_tenders([json.loads(body) for body in both_awarded().memory.bodies])
    assert [position for position, _ in found] == [6, 7]
    assert all("tender/second stands for the contract tiny-two already" in what for _, what in found)


def test_what_is_tendered_once_signed_is_found() -> None:
    records = honest()
    signed = {**records.pop(), "position": 1}
    assert [what for _, what in faults_of_tenders([signed, *records])] == ["the contract tiny-two was signed before it"] * 5


CHANGES = [
    (3, ("data", "at_risk_share"), "0.8", "0.8 is outside the limits"),
    (3, ("data", "on"), "2019-03-16", "outside the time for bids"),
    (3, ("data", "number"), 2, "its number is not the next"),
    (3, ("data", "service_value_ore"), 5, "given both by the tender and the bid"),
    (3, ("recorded_by", "role"), "external_auditor", "external_auditor recorded it"),
    (3, ("effective_on",), "2019-02-11", "effective_on is 2019-02-11, recomputed 2019-02-10"),
    (3, ("evidence",), [], "it was recorded after 2019-03-15, when bids closed, and names no document"),
    (2, ("recorded_at",), "2019-03-15T12:00:00.000000Z", "the tender lapsed after 2019-03-15"),
    (4, ("data", "bidder"), "FRISKARE AB", "the bidder has another bid that stands"),
    (5, ("data", "bid"), 3, "bid 3 does not stand"),
    (5, ("data", "on"), "2019-02-09", "bid 2 was received later"),
    (7, ("data", "bid"), 2, "bid 2 does not stand"),
    (7, ("data", "bid"), 3, "the terms that follow from bid 3 have another SHA-256"),
    (7, ("data", "on"), "2019-03-15", "bids were received until 2019-03-15"),
    (7, ("data", "on"), "2019-04-02", "2019-04-02 lies after 2019-04-01"),
    (7, ("data", "terms_sha256"), "0" * 64, "have another SHA-256"),
    (7, ("recorded_by", "role"), "performance_manager", "performance_manager recorded it; payer may"),
    (2, ("data", "terms", "service", "value"), "410000.00", None),
    (8, ("data", "terms", "months"), 24, "its terms are not those awarded in the tender next"),
]


@pytest.mark.parametrize(("position", "path", "value", "said"), CHANGES)
def test_what_was_changed_is_told(position: int, path: tuple[str, ...], value: Any, said: str | None) -> None:
    records = copy.deepcopy(honest())
    table = records[position - 1]
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    found = faults_of_tenders(records)
    if said is None:  # the value of the service moves what follows from every bid
        assert [where for where, _ in found] == [7]
        return
    assert found[0][0] == (3 if path == ("recorded_at",) else position)  # an opening told earlier makes the first bid a late one
    assert said in found[0][1]


@pytest.mark.parametrize("left_out", [2, 3, 7])
def test_what_was_left_out_is_missed(left_out: int) -> None:
    records = [record for record in honest() if record["position"] != left_out]
    assert faults_of_tenders(records)


def test_an_awarded_tender_takes_no_more() -> None:
    records = honest()
    records.insert(7, {**records[5], "position": 8})
    records[8] = {**records[8], "position": 9}
    assert (8, "the tender was awarded before it") in [(where, what.split("; ")[0]) for where, what in faults_of_tenders(records)]
