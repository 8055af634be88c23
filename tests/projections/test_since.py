"""What changed between two moments: the records since account for every figure that differs, to the öre."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.changes import since_json
from cli.output import flat
from cli.state import as_json
from ledger.errors import VerificationFailed
from ledger.events import SavingsDetermined
from ledger.facts import contract_stream
from ledger.money import parse_kronor
from projections.since import MOVES, Since, since
from projections.state import State, state
from projections.unsettled import late_facts
from tests import histories
from tests.memory import Memory
from tests.test_against_oracle import Player, memory

JSON_KEYS = {
    "savings": "savings.determined",
    "entitled": "balance.provider.entitled",
    "payable": "balance.provider.payable",
    "instructed": "balance.provider.instructed",
    "paid": "balance.provider.paid",
    "recovered": "balance.provider.recovered",
    "upfront_paid": "balance.upfront.paid",
    "loan_drawn": "balance.loan.drawn",
    "loan_repaid": "balance.loan.repaid",
}
"""Where a state's JSON shows each sum that records move."""
ABOUT = ("determined_through", "preliminary", "investment.worst_case", "savings.", "balance.", "break_even.", "cap.")
"""The figures of a state whose change is told."""


@cache
def played(kind: str, seed: int) -> tuple[Memory, str, date]:
    """A random history on a ledger in memory, the contract, and the day on which it ended."""
    ledger = memory()
    player = Player(ledger)
    for step in getattr(histories, kind)(seed):
        if not isinstance(step, histories.Ask):
            player.play(step)
    return ledger, player.id, player.today


def ore(text: str) -> int:
    """Öre of an amount in JSON."""
    return -parse_kronor(text[1:]) if text.startswith("-") else parse_kronor(text)


def answer(ledger: Memory, contract_id: str, then: int, now: int, as_of: date) -> tuple[State | None, State, Since]:
    """The states at both positions, and what changed."""
    after = state(ledger.facts(now), contract_id, as_of)
    known = contract_id in ledger.facts(then).contracts
    before = state(ledger.facts(then), contract_id, as_of) if known else None
    return before, after, since(ledger.facts(now), ledger.facts(then), after)


def told(one: State) -> dict[str, Any]:
    """A state's figures by their dotted key, as JSON says them."""
    every = {row["key"]: row["value"] for row in flat(as_json(one))}
    return {key: value for key, value in every.items() if key.startswith(ABOUT)}


def check(before: State | None, after: State, found: Since) -> None:
    """Every figure that differs is told, no other, with what JSON says; and the causes sum to the differences."""
    value = since_json(after.contract, found)
    now, was = told(after), {} if before is None else told(before)
    changes = {change["figure"]: change for change in value["changes"]}
    if before is not None:
        assert {key for key in now if was[key] != now[key]} <= changes.keys() <= now.keys()
    for key, change in changes.items():
        assert (change["before"], change["after"]) == (was.get(key), now[key])
    for name in MOVES:
        moved = sum(ore(cause["moves"].get(name, "0.00")) for cause in value["causes"])
        assert ore(was.get(JSON_KEYS[name], "0.00")) + moved == ore(now[JSON_KEYS[name]]), name
    for key in ("balance.provider.due", "balance.provider.overpaid"):
        if key in changes:
            moved = sum(map(ore, changes[key]["parts"].values()))
            assert balance(before, key) + moved == balance(after, key)


def balance(one: State | None, key: str) -> int:
    """What due or overpaid follow from (rule 17): due also from what is held."""
    if one is None:
        return 0
    provider = one.provider
    x = provider.payable - provider.paid - provider.instructed + provider.recovered
    return x - provider.held if key == "balance.provider.due" else x


@settings(max_examples=120, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["money", "money", "savings"]), seed=st.integers(0, 40))
def test_the_causes_sum_to_every_difference(data: st.DataObject, kind: str, seed: int) -> None:
    ledger, contract_id, ended = played(kind, seed)
    signed = next(record.position for record in ledger.records if record.stream == contract_stream(contract_id))
    now = data.draw(st.integers(signed, len(ledger.records)), "now")
    then = data.draw(st.integers(1, now), "then")
    first = ledger.records[signed - 1].data.signed_on
    as_of = first + timedelta(days=data.draw(st.integers(0, (ended - first).days + 100), "days"))
    check(*answer(ledger, contract_id, then, now, as_of))


def test_every_step_of_some_histories() -> None:
    """From each record to the next: one record at most is told, and it moves what differs."""
    pairs = 0
    moved: Counter[str] = Counter()
    for kind, seed in (*(("money", seed) for seed in range(41)), ("savings", 8), ("savings", 30)):
        ledger, contract_id, ended = played(kind, seed)
        for now in range(3, len(ledger.records) + 1):
            before, after, found = answer(ledger, contract_id, now - 1, now, ended)
            check(before, after, found)
            assert len(found.causes) + len(found.uncounted) <= 1
            pairs += 1
            moved.update(name for cause in found.causes for name in cause.moves)
    assert pairs > 400
    assert set(moved) == set(MOVES), moved


def test_the_same_moment_differs_in_nothing() -> None:
    ledger, contract_id, ended = played("money", 1)
    _, _, found = answer(ledger, contract_id, len(ledger.records), len(ledger.records), ended)
    assert (found.changes, found.causes, found.uncounted) == ((), (), ())


def test_before_the_signature_was_recorded_all_is_new() -> None:
    ledger, contract_id, ended = played("money", 1)
    before, after, found = answer(ledger, contract_id, 1, len(ledger.records), ended)
    assert before is None is found.before
    assert found.causes[0].record.data.TYPE.startswith("ContractSigned")
    assert {change.before for change in found.changes} == {None} == {change.difference for change in found.changes}
    check(before, after, found)


def test_a_difference_that_the_records_do_not_explain_is_never_shown() -> None:
    ledger, contract_id, ended = played("money", 1)
    after = state(ledger.facts(), contract_id, ended)
    with pytest.raises(VerificationFailed, match="savings went from") as caught:
        since(ledger.facts(), ledger.facts(5), replace(after, savings=after.savings + 1))
    assert caught.value.do is not None
    assert "soc check" in caught.value.do


def test_a_redo_names_the_records_that_it_counts_and_the_rest_is_uncounted() -> None:
    """Of all histories: what a redo rests on was unsettled before it; evidence since is counted by a determination or told."""
    redone = uncounted = 0
    for seed in range(30):
        ledger, contract_id, ended = played("savings", seed)
        facts = ledger.facts()
        for record in facts.stream(contract_stream(contract_id)):
            if isinstance(record.data, SavingsDetermined) and record.data.supersedes:
                seen = ledger.facts(record.position - 1)
                late = late_facts(seen, seen.contract(contract_id), contract_id, record.effective_on)
                _, _, found = answer(ledger, contract_id, record.position - 1, record.position, ended)
                expected = {one.position for number in record.data.supersedes for one in late.get(number, ())}
                assert {one.position for one in found.causes[0].rests_on} == expected
                redone += bool(expected)
        through = [record.position for record in facts.stream(contract_stream(contract_id))][-1]
        _, _, found = answer(ledger, contract_id, 2, through, ended)
        _, _, later = answer(ledger, contract_id, through, len(ledger.records), ended)
        assert not later.causes
        assert [one.position for one in later.uncounted] == list(range(through + 1, len(ledger.records) + 1))
        uncounted += len(found.uncounted)
    assert redone > 5
    assert uncounted > 5
