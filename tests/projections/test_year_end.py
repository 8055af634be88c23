"""A year's end: opening and movements make the closing balance, the parts make the wholes, and what differs has its records."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Refused
from ledger.events import SavingsDetermined
from ledger.facts import Facts, contract_stream
from ledger.periods import day_in_stockholm
from projections.postings import ENTITLED, postings
from projections.since import MOVES, sums
from projections.state import state
from projections.year_end import FIGURES, Standing, YearEnd, year_end
from tests import histories
from tests.memory import Memory
from tests.test_against_oracle import Player, memory

KINDS = ["money", "contested", "savings", "disputed"]


@cache
def played(kind: str, seed: int) -> tuple[Memory, str]:
    """A random history on a ledger in memory, and the contract."""
    steps = histories.savings(seed) if kind == "disputed" else getattr(histories, kind)(seed)
    if kind == "disputed":
        steps = histories.disputed(Random(f"year-end {seed}"), steps)
    ledger = memory()
    player = Player(ledger)
    for step in steps:
        if not isinstance(step, histories.Ask):
            player.play(step)
    return ledger, player.id


def years(ledger: Memory, contract_id: str) -> range:
    """The years in which the contract ran, and the one after."""
    signed_on = ledger.facts().contract(contract_id).signed_on
    assert signed_on is not None
    return range(signed_on.year, day_in_stockholm(ledger.records[-1].recorded_at).year + 1)


def by(ledger: Memory, day: date) -> int:
    """The last position recorded by that day; 0 where there is none."""
    return max((one.position for one in ledger.records if day_in_stockholm(one.recorded_at) <= day), default=0)


def at(ledger: Memory, position: int) -> Facts | None:
    return ledger.facts(position) if position else None


def ended(ledger: Memory, contract_id: str, year: int) -> YearEnd:
    """As known at the end of 31 December, opened as known a year before."""
    then, opening = (at(ledger, by(ledger, date(one, 12, 31))) for one in (year, year - 1))
    return year_end(ledger.facts(), then, opening, contract_id, year)


def check(one: Standing, facts: Facts, opening: Facts | None, contract_id: str, year: int) -> None:
    """What each sum and part must be, by way of states alone."""
    before, last = date(year - 1, 12, 31), date(year, 12, 31)
    signed_on = facts.contract(contract_id).signed_on
    assert signed_on is not None
    nothing = dict.fromkeys(MOVES, 0)
    opened = sums(state(opening, contract_id, before)) if opening is not None and signed_on <= before else nothing
    carried = sums(state(facts, contract_id, before)) if signed_on <= before else nothing
    closing = sums(state(facts, contract_id, last))
    for name, moved in one.movements.items():
        expected = (opened[name], carried[name] - opened[name], closing[name] - carried[name], closing[name])
        assert (moved.opening, moved.earlier, moved.own, moved.closing) == expected, name
        assert moved.opening + moved.earlier + moved.own == moved.closing
    figures, provider = one.figures, state(facts, contract_id, last).provider
    assert figures.keys() == FIGURES.keys()
    assert figures["earned_not_payable"] == provider.entitled - provider.payable
    assert figures["determined_not_notified"] + figures["notified_not_payable"] == figures["earned_not_payable"]
    moved = [one for record in facts.stream(contract_stream(contract_id)) for one in postings(record) if one.account == ENTITLED]
    if all(one.effective_on <= last for one in moved):
        claims = [one.notice for one in facts.contract(contract_id).determinations if one.notice is not None]
        waiting = (one.claim for one in claims if one.on <= last < one.claim.payable_on)
        assert figures["notified_not_payable"] == sum(one.amount_ore for one in waiting)
    unpaid = provider.payable - provider.paid + provider.recovered
    assert figures["payable_not_instructed"] + figures["instructed_not_paid"] - figures["overpaid"] == unpaid
    assert figures["held_by_disputes"] + figures["due"] == figures["payable_not_instructed"]
    assert 0 <= figures["held_by_disputes"] <= provider.held
    owed = provider.entitled - provider.paid + provider.recovered
    assert figures["worst_case_remaining"] >= max(0, owed) + figures["upfront_due_not_paid"] + figures["upfront_not_due"]
    assert one.booked.about_the_year == one.movements["entitled"].own


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(KINDS), seed=st.integers(0, 20))
def test_opening_and_movements_make_the_closing_balance(data: st.DataObject, kind: str, seed: int) -> None:
    """At whatever moments the books were closed."""
    ledger, contract_id = played(kind, seed)
    signed = next(one.position for one in ledger.records if one.stream == contract_stream(contract_id))
    year = data.draw(st.sampled_from(years(ledger, contract_id)), "year")
    now = data.draw(st.integers(signed, len(ledger.records)), "now")
    then = data.draw(st.integers(1, now), "then")
    opening = data.draw(st.integers(0, then), "opening")
    known, opened = ledger.facts(then), at(ledger, opening)
    if opened is not None and contract_id not in opened.contracts:
        opened = None
    found = year_end(ledger.facts(now), known, opened, contract_id, year)
    check(found.now, ledger.facts(now), opened, contract_id, year)
    assert (found.then is None) == (contract_id not in known.contracts) == (found.changed is None)
    if found.then is not None:
        check(found.then, known, opened, contract_id, year)
        for name in MOVES:
            moved = sum(one.moves.get(name, 0) for one in found.causes)
            assert found.now.movements[name].closing - found.then.movements[name].closing == moved


def test_figures_differ_only_with_a_record_that_is_told() -> None:
    """Of all histories, and all sorts of figures."""
    seen: Counter[str] = Counter()
    for kind in KINDS:
        for seed in range(12):
            ledger, contract_id = played(kind, seed)
            for year in years(ledger, contract_id):
                found = ended(ledger, contract_id, year)
                seen.update(name for name, amount in found.now.figures.items() if amount)
                if found.then is not None and found.then.figures != found.now.figures:
                    assert found.causes, (kind, seed, year)
                    seen["differs"] += 1
    assert seen.keys() >= {*FIGURES, "differs"} - {"upfront_not_due"}, seen


def test_what_was_booked_in_the_year_is_what_moved_as_known_at_its_end() -> None:
    """With the books closed on 31 December each year: by the day of recording and the months that it is about."""
    again = after = 0
    for kind in ("savings", "money"):
        for seed in range(25):
            ledger, contract_id = played(kind, seed)
            for year in years(ledger, contract_id):
                found = ended(ledger, contract_id, year)
                if found.then is None:
                    continue
                booked, moved = found.then.booked, found.then.movements["entitled"]
                assert (booked.own, booked.own_after, booked.first + booked.again) == (moved.own, 0, moved.earlier)
                assert found.now.booked.own == booked.own
                assert (found.now.booked.first, found.now.booked.again) == (booked.first, booked.again)
                assert booked.again == trued_up(ledger, contract_id, year)
                again, after = again + bool(booked.again), after + bool(found.now.booked.own_after)
    assert again > 3
    assert after > 3


def trued_up(ledger: Memory, contract_id: str, year: int) -> int:
    """Öre that determinations anew, recorded in the year, moved of months before it."""
    return -sum(
        one.amount
        for record in ledger.facts().stream(contract_stream(contract_id))
        if isinstance(record.data, SavingsDetermined) and record.data.supersedes
        for one in postings(record)
        if one.account == ENTITLED and one.booked_on.year == year > one.effective_on.year
    )


def test_each_closing_balance_opens_the_next_year() -> None:
    """As known when the first was closed."""
    for seed in range(15):
        ledger, contract_id = played("money", seed)
        closed = None
        for year in years(ledger, contract_id):
            found = ended(ledger, contract_id, year)
            if closed is not None:
                assert {name: one.opening for name, one in found.now.movements.items()} == closed
            closed = {name: one.closing for name, one in found.then.movements.items()} if found.then else None


def test_a_year_before_the_signature_is_refused() -> None:
    ledger, contract_id = played("money", 1)
    with pytest.raises(Refused, match="was signed on"):
        year_end(ledger.facts(), None, None, contract_id, years(ledger, contract_id)[0] - 1)


def test_nothing_was_on_record_before_the_ledger_was_opened() -> None:
    ledger, contract_id = played("money", 1)
    year = years(ledger, contract_id)[0]
    found = year_end(ledger.facts(), None, None, contract_id, year)
    assert (found.then, found.changed, found.causes, found.opening) == (None, None, (), None)
    assert {one.opening for one in found.now.movements.values()} == {0}
