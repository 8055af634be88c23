"""What a payment was against what was due on its day: above it, held by a dispute, late, or less (rules 13, 16, 17, 18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from ledger.contract import ContractState, Determination, MoneyEntry


@dataclass(frozen=True)
class Above:
    """By how many öre a payment is above what was payable on its day, and how many of the rest an open dispute held. ``waits``:
    the determinations whose claim had not fallen payable; ``unaccepted``: those of them not accepted by then.

    ``again``: öre of it that an earlier payment had overpaid already, and that this one did not set off.
    """

    ore: int
    held: int = 0
    waits: tuple[int, ...] = ()
    unaccepted: tuple[int, ...] = ()
    again: int = 0

    @property
    def own(self) -> int:
        """Öre that this payment is the first to pay too much, or too early."""
        return self.ore - self.again


def above(state: ContractState, number: int) -> Above:
    """What a payment made is above what was payable on its day, payments of that day recorded before it counted first."""
    entry = next(one for one in state.payments if one.number == number)
    before, on = _before(state, entry), entry.on
    if entry.entry == "upfront":
        return Above(_beyond(entry.amount, before.terms_on(on).instalments_until(on) - before.sum_of("upfront", on)))
    free = before.payable(on) - _paid(before, on)
    if entry.entry == "recovery":
        return Above(_beyond(entry.amount, -free))
    ore = _beyond(entry.amount, free)
    held = _beyond(entry.amount, free - before.held(on)) - ore
    if not ore:
        return Above(0, held)
    again = next((one.again for one in _too_much(state) if one.entry.number == number), 0)
    return Above(ore, held, *_waiting(before, on), again)


def _before(state: ContractState, entry: MoneyEntry) -> ContractState:
    return replace(state, payments=tuple(one for one in state.payments if (one.on, one.position) < (entry.on, entry.position)))


def _paid(state: ContractState, on: date) -> int:
    return state.sum_of("outcome", on) - state.sum_of("recovery", on)


def _beyond(amount: int, free: int) -> int:
    return max(0, amount - max(0, free))


def _coming(state: ContractState, on: date) -> list[Determination]:
    """The determinations made by a day whose claim was not payable yet."""
    made = [one for one in state.determinations if one.determined_on <= on]
    return [one for one in made if (one.notice.claim.payable_on > on if one.notice else one.superseded_by is None)]


def _waiting(state: ContractState, on: date) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The determinations made by a day whose claim was not payable yet, and those of them not accepted by then."""
    coming = [one for one in _coming(state, on) if one.claim_ore > 0]
    unaccepted = [one for one in coming if one.notice is None or one.notice.deemed_on > on]
    return tuple(one.number for one in coming), tuple(one.number for one in unaccepted)


def _claimed(state: ContractState, on: date) -> int:
    """Öre claimed by a day, payable or not: paid above it, money is not early but too much."""
    coming = (one.notice.claim.amount_ore if one.notice else one.claim_ore for one in _coming(state, on))
    return state.payable(on) + sum(coming)


@dataclass(frozen=True)
class _After:
    """A payment in its place: ``again`` as in ``Above``; ``new``: öre that it is the first to pay too much; ``told``: öre told of
    it or of earlier ones, and not set off or recovered after it."""

    entry: MoneyEntry
    again: int
    new: int
    told: int


def _too_much(state: ContractState) -> Iterator[_After]:
    """Outcome payments and recoveries that stand, by bank day."""
    standing = [one for one in state.payments if one.open and one.entry in ("outcome", "recovery")]
    told = paid = again = new = 0
    for one in sorted(standing, key=lambda one: (one.on, one.position)):
        claimed, free = _claimed(state, one.on), state.payable(one.on) - paid
        before, paid = max(0, paid - claimed), paid + (one.amount if one.entry == "outcome" else -one.amount)
        much = min(_beyond(one.amount, free), max(0, paid - claimed)) if one.entry == "outcome" else 0
        again = min(much, max(0, told - before))
        new = much - again
        told = min(max(0, paid - claimed), told + new)
        yield _After(one, again, new, told)


def what_became(state: ContractState, number: int, today: date) -> str:
    """What became of what a payment was the first to pay too much, in words; empty where it did not."""
    found = list(_too_much(state))
    place = next((place for place, one in enumerate(found) if one.entry.number == number), None)
    if place is None or not found[place].new:
        return ""
    base, recovered = found[place].told - found[place].new, []
    for one in found[place + 1 :]:
        recovered += [f"{one.entry.name} on {one.entry.on}"] if one.entry.entry == "recovery" else []
        if one.told <= base:
            return f"recovered by {', '.join(recovered)}" if recovered else f"set off by {one.entry.name} on {one.entry.on}"
    if _paid(state, today) <= _claimed(state, today):
        return "covered by later claims"
    return f"recovered in part by {', '.join(recovered)}" if recovered else f"not set off or recovered by {today}"


@dataclass(frozen=True)
class Due:
    """Öre that were due from a day on, and why from that day: the claims that fell payable, or the dispute that ended."""

    ore: int
    since: date
    why: str


def paid_late(state: ContractState, number: int) -> list[Due]:
    """What a payment made paid of what had fallen due before its day, as known now: öre that neither a dispute nor a lower claim
    took back in between. What fell due first is paid first; what makes good a recovery of more than was paid is never late."""
    entry = next(one for one in state.payments if one.number == number)
    if entry.entry == "recovery":
        return []
    before = _before(state, entry)
    paid = before.sum_of("upfront", entry.on) if entry.entry == "upfront" else _paid(before, entry.on)
    return [one for one in _due(state, entry.entry, max(0, paid), paid + entry.amount, entry.on) if one.since < entry.on]


def unpaid(state: ContractState, today: date) -> list[Due]:
    """What of the outcome is due and not paid, without what a dispute holds."""
    return list(_due(state, "outcome", _paid(state, today), state.payable(today), today))


def _due(state: ContractState, entry: str, paid: int, until: int, on: date) -> Iterator[Due]:
    """Öre above ``paid``, up to ``until``, that are due on a day, by the day since which they have been."""
    days = _days(state, entry, on)
    levels = [_level(state, entry, day) for day in days]
    low = paid
    for place, day in enumerate(days):
        high = min(until, *levels[place:])
        if high > low:
            yield Due(high - low, day, _why(state, entry, day))
        low = max(low, high)


def _days(state: ContractState, entry: str, on: date) -> list[date]:
    """The days up to ``on`` on which what is due may change."""
    if entry == "upfront":
        found = {part.on for part in state.terms_on(on).upfront.instalments}
    else:
        found = {one.notice.claim.payable_on for one in state.determinations if one.notice}
        found |= {one.raised.on for one in state.disputes} | {one.ended.on for one in state.disputes if one.ended}
    return sorted(day for day in found if day <= on)


def _level(state: ContractState, entry: str, day: date) -> int:
    """Öre that were to be paid by a day, in all."""
    if entry == "upfront":
        return state.terms_on(day).instalments_until(day)
    return state.payable(day) - state.disputed(day).lower


def _why(state: ContractState, entry: str, day: date) -> str:
    if entry == "upfront":
        return "an instalment"
    claims = [f"D{one.number}" for one in state.determinations if one.notice and one.notice.claim.payable_on == day]
    return ", ".join([*claims, *(f"{one.name} {one.ended.how}" for one in state.disputes if one.ended and one.ended.on == day)])
