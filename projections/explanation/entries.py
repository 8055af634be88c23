"""Records of a contract in words, and what one moves of a sum, as parts of an explanation."""

from __future__ import annotations

from typing import Any, assert_never

from ledger import events as e
from ledger.events import ContractEvent
from ledger.money import shown
from ledger.record import Recorded
from projections.explanation.ground import Ground
from projections.explanation.tree import Node


def entry(ground: Ground, record: Recorded[Any], key: str, amount: int) -> Node:
    """What a record moves of a sum, in öre."""
    says = said(record)
    return Node(
        key, says, amount, "SEK", rests_on=(ground.rests(record.position, says),), see=f"{ground.contract}/{record.position}"
    )


def said(record: Recorded[Any]) -> str:
    """What a record of a contract says, in a few words."""
    event: ContractEvent = record.data
    match event:
        case e.ContractSigned(signed_on=on):
            return f"contract signed on {on}"
        case e.ContractAmended():
            return f"terms amended from {event.from_month}: {event.reason}"
        case e.MethodologyProposed() | e.MethodologyRejected() | e.MethodologyAdopted():
            return _methodology(event)
        case e.FollowUpSuspended() | e.FollowUpResumed():
            how = "suspended" if isinstance(event, e.FollowUpSuspended) else "resumed"
            return f"follow-up {how} from {event.from_month}"
        case e.SavingsDetermined():
            return f"D{event.number} determined"
        case e.SavingsNotified():
            return f"D{event.determination} notified on {event.on}"
        case e.DeterminationAccepted():
            return f"D{event.determination} accepted by {_role(event.role)} on {event.on}"
        case e.PaymentInstructed():
            return f"P{event.number}: {event.kind} payment instructed on {event.on}, invoice {event.invoice}"
        case e.PaymentMade():
            carries = f", carries out P{event.settles.number}" if event.settles else ""
            return f"P{event.number}: {event.kind} payment made on {event.on}, invoice {event.invoice}{carries}"
        case e.LoanDrawn() | e.LoanRepaid():
            how = f"drawn for the {event.purpose} cost" if isinstance(event, e.LoanDrawn) else "repaid"
            return f"L{event.number}: loan {how} on {event.on}"
        case e.EntryCorrected():
            return f"{_corrected(event)} corrected: {event.reason}"
        case e.DisputeRaised() | e.DisputeAnswered():
            how = f"X{event.number} raised" if isinstance(event, e.DisputeRaised) else f"X{event.dispute} answered"
            return f"{how} by {_role(event.by)} on {event.on}"
        case e.DisputeWithdrawn():
            return f"X{event.dispute} withdrawn on {event.on}"
        case e.DisputeResolved():
            return f"X{event.dispute} {event.outcome} on {event.on}"
        case e.ContractClosed():
            return f"contract closed on {event.on}"
        case e.AuditFindingsRecorded():
            return f"A{event.number}: a sample of {event.sample} lines tested, findings of {event.on}"
        case e.EvaluationSignedOff():
            return f"S{event.number}: final evaluation signed off on {event.on}, {event.opinion}"
        case _:
            assert_never(event)


def _methodology(event: e.MethodologyProposed | e.MethodologyRejected | e.MethodologyAdopted) -> str:
    """What is said of how savings are to be measured."""
    if isinstance(event, e.MethodologyRejected):
        return f"proposal M{event.proposal} rejected by {_role(event.by)}"
    how = f"proposed as M{event.number}" if isinstance(event, e.MethodologyProposed) else f"adopted from {event.from_on}"
    return f"methodology {event.methodology.name} {how}"


def _corrected(event: e.EntryCorrected) -> str:
    """What a correction is about, and what it said."""
    names = {"notice": f"notice of D{event.number}", "acceptance": f"acceptance of D{event.number}"}
    names |= {"draw": f"L{event.number}", "repayment": f"L{event.number}"}
    was = f"{shown(event.was.amount_ore)} on {event.was.on}"
    return f"{names.get(event.entry, f'P{event.number}')}, {was},"


def _role(key: str) -> str:
    return key.replace("_", " ")
