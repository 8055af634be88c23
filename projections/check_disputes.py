"""Disputes recomputed: what was disputed, what a position was computed to be, what a resolution decided and claims (rule 18)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger import contract, decisions
from ledger.commands import AnswerDispute, Command, Context, RaiseDispute, ResolveDispute, WithdrawDispute
from ledger.contract import ContractState
from ledger.errors import LedgerError
from ledger.events import (
    Basis,
    DisputeAnswered,
    DisputeRaised,
    DisputeResolved,
    DisputeWithdrawn,
    Position,
    SavingsDetermined,
)
from ledger.facts import Facts, contract_stream
from ledger.money import shown
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from projections import positions


def resolution_of(facts: Facts, contract_id: str, record: Recorded[SavingsDetermined]) -> DisputeResolved | None:
    """The resolution that a determination carries out: the record that follows it; None for one that was measured."""
    following = (one.data for one in facts.stream(contract_stream(contract_id)) if one.position == record.position + 1)
    event = next(following, None)
    if isinstance(event, DisputeResolved) and event.determination == record.data.number:
        return event
    return None


def differences(facts: Facts, contract_id: str, before: ContractState, record: Recorded[Any]) -> Iterator[str]:
    """Where a dispute's record is not what the rules give, in words."""
    event = record.data
    if isinstance(event, (DisputeRaised, DisputeAnswered, DisputeWithdrawn, DisputeResolved)):
        yield from _decided(facts, contract_id, record)
    if isinstance(event, DisputeRaised):
        yield from _raised(before, event)
        yield from _position(facts, contract_id, before, record, event.determination, event.position)
    if isinstance(event, DisputeAnswered) and event.position is not None:
        number = before.dispute(event.dispute).raised.determination
        yield from _position(facts, contract_id, before, record, number, event.position)
    if isinstance(event, DisputeResolved):
        yield from _resolved(before, event)


def _decided(facts: Facts, contract_id: str, record: Recorded[Any]) -> Iterator[str]:
    """Whether the rules bring about this record, and those of its submission, upon what was on record before."""
    stream = facts.stream(contract_stream(contract_id))
    together = [one for one in stream if one.submission == record.submission]
    before = contract.fold(one for one in stream if one.position < together[0].position)
    context = Context(record.recorded_by, day_in_stockholm(record.recorded_at))
    try:
        found = decisions.decide(_command(together, record), before, context)
    except LedgerError as error:
        yield f"the rules refuse it: {error.what}"
        return
    if [one.event for one in found] != [one.data for one in together]:
        yield "the rules give another record, or others with it"


def _command(together: list[Recorded[Any]], record: Recorded[Any]) -> Command:
    """What was commanded, as the record says it."""
    event, documented = record.data, bool(record.evidence)
    match event:
        case DisputeRaised():
            about = {"determination": event.determination, "payment": event.payment}
            return RaiseDispute(event.by, event.on, event.grounds, event.position, **about, documented=documented)
        case DisputeAnswered():
            return AnswerDispute(event.dispute, event.by, event.on, event.answer, event.position)
        case DisputeWithdrawn():
            return WithdrawDispute(event.dispute, event.on, event.reason, documented)
        case _:
            first = together[0].data
            basis, source = Basis(position=0, root="0" * 64), ""
            if isinstance(first, SavingsDetermined):
                basis, source = first.basis, first.computed_by
            settled = event.position if event.outcome == "settled" else None
            said = {"agreed_by": event.agreed_by, "decided_by": event.decided_by, "position": settled, "documented": documented}
            return ResolveDispute(event.dispute, event.on, event.outcome, event.reason, basis, source, **said)


def _raised(before: ContractState, event: DisputeRaised) -> Iterator[str]:
    if event.determination is not None:
        was = sum(line.savings_ore for line in before.determination(event.determination).months)
    else:
        was = next((one.amount for one in before.payments if one.number == event.payment), 0)
    if was != event.was_ore:
        yield f"X{event.number} disputes {shown(event.was_ore)}, but {shown(was)} was recorded"


def _position(
    facts: Facts, contract_id: str, before: ContractState, record: Recorded[Any], number: int | None, said: Position
) -> Iterator[str]:
    if said.facts is None or number is None:
        return  # stated, not computed
    if said.methodology is not None and said.sha256 != said.methodology.sha256:
        yield f"the methodology {said.methodology.name} of the position has another fingerprint than was recorded"
    try:
        seen = facts.at(record.position - 1)
        found = positions.computed(seen, contract_id, number, said.methodology, said.facts, said.computed_by or "")
    except LedgerError as error:
        yield f"the position cannot be recomputed: {error.what}"
        return
    if found.savings != said.savings:
        yield f"the position says {shown(said.total)}, recomputed it is {shown(found.total)}"


def _resolved(before: ContractState, event: DisputeResolved) -> Iterator[str]:
    dispute = before.dispute(event.dispute)
    if event.outcome == "upheld" and event.position != dispute.raised.position:
        yield f"X{event.dispute} is upheld at another position than was raised"
    if event.determination is None:
        return
    one = before.determination(event.determination)
    stands = {line.month: line.amount_ore for line in event.position.savings or ()} if event.position else {}
    if {line.month: line.savings_ore for line in one.months} != stands:
        yield f"D{one.number} does not say what the resolution of X{event.dispute} decided"
    if event.claim is None or event.claim.amount_ore != one.claim_ore:
        yield f"the resolution of X{event.dispute} does not claim what D{one.number} says"
