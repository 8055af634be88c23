"""A single posting taken apart: a month's difference of a determination, or the amount of its record (decision 9)."""

from __future__ import annotations

from typing import Any

from ledger import events as e
from ledger.errors import Usage
from ledger.facts import contract_stream
from ledger.periods import Month
from ledger.record import Recorded
from projections.explanation.entries import said
from projections.explanation.ground import Ground
from projections.explanation.money import moved
from projections.explanation.month import named, savings
from projections.explanation.record import record
from projections.explanation.tree import Node, computed, number
from projections.postings import ENTITLED, OUTCOME_COST, Posting, postings

KINDS = {"bookable": "for the books", "memorandum": "for information"}
"""What a posting is for, as ``soc register`` says it."""


def posting(ground: Ground, one: Recorded[Any], place: int) -> Node:
    """One posting of a record, numbered from 1 as ``soc register`` has them. Raises Usage where it has none of that number."""
    every = postings(one) if one.stream == contract_stream(ground.contract) else []
    if not 1 <= place <= len(every):
        has = f"postings 1 to {len(every)}" if every else "no postings"
        raise Usage(
            f"record {one.position} has {has}; it has no posting {place}", do=f"see them with: soc register {ground.contract}"
        )
    found = every[place - 1]
    behind = _behind(ground, one, found, place)
    given = number(behind) if found.amount == number(behind) else -number(behind)
    side = "debit" if found.amount >= 0 else "credit, shown below zero"
    return computed(
        f"{one.position}.{place}",
        f"Posting {place} of record {one.position}: {found.account.removeprefix('memorandum:')}",
        found.amount,
        given,
        (behind,),
        unit="SEK",
        how=f"{side}; effective on {found.effective_on}, booked on {found.booked_on}; {KINDS[found.kind]}",
        rests_on=(ground.rests(one.position, said(one)),),
    )


def _behind(ground: Ground, one: Recorded[Any], found: Posting, place: int) -> Node:
    """What the amount is."""
    event = one.data
    if isinstance(event, e.SavingsDetermined):
        return _of_month(ground, event, found)
    if isinstance(event, e.EntryCorrected):
        return _of_correction(ground, one, event, place)
    if isinstance(event, e.PaymentMade) and event.settles is not None and place <= 2:
        settled = event.settles
        what = f"P{settled.number}, the instruction that P{event.number} carries out"
        return Node(f"P{settled.number}", what, settled.amount_ore, "SEK", see=f"{ground.contract}/P{settled.number}")
    return record(ground, one)


def _of_month(ground: Ground, event: e.SavingsDetermined, found: Posting) -> Node:
    """A month's difference in entitlement, or in savings."""
    month = Month.holding(found.effective_on)
    if found.account in (OUTCOME_COST, ENTITLED):
        return moved(ground, event.number, month)
    one, key = ground.folded.determination(event.number), f"D{event.number}.{month}.moved"
    line = next(line for line in one.months if line.month == month)
    earlier = [(found, was) for found in ground.before[event.number].in_force for was in found.months if was.month == month]
    parts = [savings(ground, one, line), *(named(ground, found, was, f"{key}.before") for found, was in earlier)]
    amount = next(each.amount_ore for each in event.savings if each.month == month)
    given = number(parts[0]) - sum(map(number, parts[1:]))
    how = "now − before" if earlier else "determined for the first time"
    return computed(key, f"Savings of {month}, difference", amount, given, parts, unit="SEK", how=how)


def _of_correction(ground: Ground, one: Recorded[Any], event: e.EntryCorrected, place: int) -> Node:
    """An amount that a correction takes away, says instead, or moves to another day."""
    about = f"{ground.contract}/{event.corrects}"
    amounts = [("taken away", event.was.amount_ore)]
    if event.becomes is not None:
        amounts.append(("said instead", event.becomes.amount_ore))
    amounts += [("the instruction that was carried out", each.amount_ore) for each in (event.lifted, event.lifts) if each]
    what, amount = amounts[(place - 1) // 2]
    return Node(f"{one.position}.amount", f"{said(one)}: {what}", amount, "SEK", see=about)
