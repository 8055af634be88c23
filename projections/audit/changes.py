"""What was said and later changed: determinations superseded, disputes, corrections, and what the parties agreed on anew; why, by
whom, and what it did to the money (rules 15, 18, 20)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledger import contract
from ledger import events as e
from ledger.contract import ContractState, Determination
from ledger.facts import Facts
from ledger.holds import Dispute
from ledger.periods import Month, day_in_stockholm
from ledger.record import Recorded
from projections.audit.records import recorded_on
from projections.unsettled import late_facts


@dataclass(frozen=True)
class Accepted:
    """How a determination came to count: ``by`` the roles that accepted, and when; ``deemed_on`` the day from which it counts as
    accepted, None while it does not; ``silence``: nobody's act made it so."""

    by: tuple[tuple[str, date], ...]
    deemed_on: date | None
    silence: bool


@dataclass(frozen=True)
class Superseded:
    """A determination that another superseded. Amounts in öre.

    ``record``: of the one that stands in its place, ``together`` with others that it superseded too, and of all of which the
    amounts are. ``on``: what it counts that they had not seen. ``was`` and ``becomes``: how they were accepted, as known when it
    was recorded, and how it is, as known now. ``paid``: outcome paid less recovered by then; ``above``: how far above the
    entitlement then left; ``claim``: what its notice claims, ``payable_on`` when; ``following``: the next outcome payment, and by
    how much it stayed ``below`` what was payable on its day, as known then.
    """

    record: Recorded[e.SavingsDetermined]
    together: tuple[Determination, ...]
    on: tuple[Recorded[Any], ...]
    reason: str
    was: tuple[Accepted, ...]
    becomes: Accepted
    savings: int
    entitlement: int
    paid: int
    above: int
    claim: int
    payable_on: date | None
    following: Recorded[e.PaymentMade] | None
    below: int = 0


def superseded(facts: Facts, records: Sequence[Recorded[Any]], now: ContractState) -> list[Superseded]:
    """Every determination that took the place of others, in order of recording."""
    own = [record for record in records if record.stream.startswith("contract/")]
    found, before = [], contract.Initial
    for record in own:
        after = contract.evolve(before, record)
        if isinstance(record.data, e.SavingsDetermined) and record.data.supersedes:
            found.append(_superseded(facts, record, own, before, after, now))
        before = after
    return found


def _superseded(
    facts: Facts,
    record: Recorded[e.SavingsDetermined],
    own: Sequence[Recorded[Any]],
    before: ContractState,
    after: ContractState,
    now: ContractState,
) -> Superseded:
    event, day = record.data, recorded_on(record)
    together = tuple(before.determination(number) for number in event.supersedes)
    paid = before.sum_of("outcome", day) - before.sum_of("recovery", day)
    one = now.determination(event.number)
    later = (each for each in own if isinstance(each.data, e.PaymentMade) and each.position > record.position)
    following = next((each for each in later if each.data.kind == "outcome"), None)
    return Superseded(
        record=record,
        together=together,
        on=tuple(_unseen(facts, record, before)) if one.resolves is None else (),
        reason=event.reason or _resolution(one, now),
        was=tuple(accepted(each, day) for each in together),
        becomes=accepted(one, day_in_stockholm(facts.known_at)),
        savings=sum(each.amount_ore for each in event.savings),
        entitlement=sum(each.amount_ore for each in event.entitlement),
        paid=paid,
        above=max(0, paid - max(after.entitled, 0)),
        claim=event.claim_ore,
        payable_on=None if one.notice is None else one.notice.claim.payable_on,
        following=following,
        below=0 if following is None else _below(following, own),
    )


def _below(paid: Recorded[e.PaymentMade], own: Sequence[Recorded[Any]]) -> int:
    """Öre that a payment stayed below what was payable on its day and that no dispute held, as known when it was recorded."""
    state, on = contract.fold(record for record in own if record.position < paid.position), paid.data.on
    free = state.payable(on) - state.sum_of("outcome", on) + state.sum_of("recovery", on) - state.held(on)
    return max(0, free - paid.data.amount_ore)


def _resolution(one: Determination, now: ContractState) -> str:
    if one.resolves is None:
        return ""
    ended = now.dispute(one.resolves).ended
    return f"resolution of X{one.resolves}: {ended.reason if ended else ''}"


def _unseen(facts: Facts, record: Recorded[e.SavingsDetermined], before: ContractState) -> Iterator[Recorded[Any]]:
    """What the superseded determinations had not seen when they were redone."""
    seen = facts.at(record.position - 1)
    late = late_facts(seen, before, before.signed.id, record.effective_on)
    found = {one.position: one for number in record.data.supersedes for one in late.get(number, ())}
    yield from (found[position] for position in sorted(found))


def accepted(one: Determination, by: date) -> Accepted:
    """How a determination counts as accepted, as far as is known, by a day."""
    if one.notice is None:
        return Accepted((), None, silence=False)
    roles = tuple(sorted(one.notice.accepted.items(), key=lambda each: each[1]))
    deemed = one.notice.deemed_on if one.notice.deemed_on <= by else None
    return Accepted(roles, deemed, silence=deemed is not None and one.notice.accepted_on is None)


@dataclass(frozen=True)
class Held:
    """The most that a dispute held of what was payable, in öre, from a day ``until`` it ended, None while it is open."""

    ore: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Disputed:
    """A dispute with the records that raised and ended it; amounts in öre. ``claim``: what its resolution moves the claim by;
    ``held``: what it held by itself, as known now, None where it never did."""

    dispute: Dispute
    raised: Recorded[e.DisputeRaised]
    ended: Recorded[Any] | None
    claim: int | None
    held: Held | None


def disputes(records: Sequence[Recorded[Any]], now: ContractState) -> list[Disputed]:
    """Every dispute, in order of raising."""
    by_position = {record.position: record for record in records}
    today = max((recorded_on(record) for record in records), default=date.min)
    return [_disputed(one, by_position, now, today) for one in now.disputes]


def _disputed(one: Dispute, by_position: dict[int, Recorded[Any]], now: ContractState, today: date) -> Disputed:
    ended = by_position[one.ended.position] if one.ended else None
    claim = ended.data.claim if ended is not None and isinstance(ended.data, e.DisputeResolved) else None
    amount = None if claim is None else claim.amount_ore
    return Disputed(one, by_position[one.position], ended, amount, _held(one, now, today))


def _held(one: Dispute, now: ContractState, today: date) -> Held | None:
    """What the dispute held, had it been the only one (rule 18)."""
    alone, ends = replace(now, disputes=(one,)), one.ended.on if one.ended else None
    days = {one.raised.on, *(payment.on for payment in now.payments)}
    days |= {each.notice.claim.payable_on for each in now.determinations if each.notice}
    held = {day: alone.held(day) for day in sorted(days) if one.open_on(day) and day <= today}
    since = next((day for day, ore in held.items() if ore), None)
    return None if since is None else Held(max(held.values()), since, ends)


def corrections(records: Sequence[Recorded[Any]]) -> list[tuple[Recorded[e.EntryCorrected], Recorded[Any]]]:
    """Every correction, with the record that it corrects."""
    by_position = {record.position: record for record in records}
    return [(one, by_position[one.data.corrects]) for one in records if isinstance(one.data, e.EntryCorrected)]


Agreement = e.ContractAmended | e.MethodologyAdopted | e.FollowUpSuspended | e.FollowUpResumed


@dataclass(frozen=True)
class Agreed:
    """What the parties agreed on after signature, and the first methodology. ``from_on``: for which months.
    ``determined_before``: the determinations in force then of months that it is about, which only a redo settles by it."""

    record: Recorded[Agreement]
    agreed_by: tuple[str, ...]
    from_on: date
    determined_before: tuple[int, ...]


def agreements(records: Sequence[Recorded[Any]], now: ContractState) -> list[Agreed]:
    """Every amendment, adoption, suspension and resumption, in order of recording."""
    found = []
    for record in records:
        event = record.data
        if isinstance(event, (e.ContractAmended, e.MethodologyAdopted, e.FollowUpSuspended, e.FollowUpResumed)):
            start = event.from_on if isinstance(event, e.MethodologyAdopted) else event.from_month.first_day
            found.append(Agreed(record, event.agreed_by, start, _before(now, record.position, Month.holding(start))))
    return found


def _before(now: ContractState, position: int, first: Month) -> tuple[int, ...]:
    """The determinations of months from ``first`` on that were in force at a position."""

    def superseded_at(one: Determination) -> int:
        return position + 1 if one.superseded_by is None else now.determination(one.superseded_by).position

    found = (one for one in now.determinations if one.position < position and one.period.last >= first)
    return tuple(one.number for one in found if superseded_at(one) > position)
