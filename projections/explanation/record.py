"""Any record of a contract taken apart: what it says, and what that follows from."""

from __future__ import annotations

from typing import Any, assert_never

from ledger import events as e
from ledger.events import ContractEvent
from ledger.facts import contract_stream
from ledger.record import Recorded
from projections.explanation.entries import said
from projections.explanation.ground import Ground
from projections.explanation.held import computed_by
from projections.explanation.money import claim, determination
from projections.explanation.month import savings
from projections.explanation.payment import loan, payment
from projections.explanation.tree import Node, computed, number


def record(ground: Ground, one: Recorded[Any]) -> Node:
    """What a record says, and what that follows from."""
    if one.stream != contract_stream(ground.contract):
        return _evidence(ground, one)
    event: ContractEvent = one.data
    match event:
        case e.SavingsDetermined():
            return determination(ground, event.number, why=True)
        case e.SavingsNotified() | e.DeterminationAccepted():
            return _answered(ground, one, event)
        case e.PaymentInstructed() | e.PaymentMade():
            return payment(ground, one, event)
        case e.LoanDrawn() | e.LoanRepaid():
            return loan(ground, one, event)
        case e.EntryCorrected():
            return _corrected(ground, one, event)
        case e.DisputeRaised():
            return _raised(ground, one, event)
        case e.DisputeResolved():
            return _resolved(ground, one, event)
        case e.DisputeAnswered() | e.DisputeWithdrawn():
            return _leaf(ground, one, see=f"{ground.contract}/X{event.dispute}")
        case e.ContractSigned() | e.ContractAmended() | e.ContractClosed() | e.FollowUpSuspended() | e.FollowUpResumed():
            return _leaf(ground, one)
        case e.MethodologyProposed() | e.MethodologyRejected() | e.MethodologyAdopted():
            return _leaf(ground, one)
        case e.AuditFindingsRecorded() | e.EvaluationSignedOff():
            return _leaf(ground, one)
        case _:
            assert_never(event)


def _leaf(ground: Ground, one: Recorded[Any], see: str = "") -> Node:
    """A record that moves no money by itself."""
    says = said(one)
    return Node(str(one.position), says[:1].upper() + says[1:], None, rests_on=(ground.rests(one.position, says),), see=see)


def _evidence(ground: Ground, one: Recorded[Any]) -> Node:
    """A record of evidence: what it holds; what became of it is told where a determination is explained."""
    event, held = one.data, 0
    if isinstance(event, e.AbsenceReported):
        held, what = event.lines.count, f"Lines of absence from {event.source}"
    elif isinstance(event, e.WorkforceReported):
        held, what = len(event.rows), "Headcounts by month and workplace"
    elif isinstance(event, e.TrendPublished):
        held, what = len(event.values), f"Values of the index {event.series}"
    elif isinstance(event, e.IndicatorsReported | e.TargetsStated):
        return _followed(ground, one, event)
    else:
        held, what = len(event.rows), "Months of which the state repaid sick pay"
    saw = [f"D{found.number}" for found in ground.folded.determinations if found.basis >= one.position]
    notes = (f"The first determination that could see it: {saw[0]}.",) if saw else ("No determination has seen it yet.",)
    return Node(str(one.position), what, held, "count", rests_on=(ground.rests(one.position, what.lower()),), notes=notes)


def _followed(ground: Ground, one: Recorded[Any], event: e.IndicatorsReported | e.TargetsStated) -> Node:
    """A record of unpaid outcomes or of targets: nothing that anyone is paid by rests on it."""
    what = "Values of outcomes that are not paid by" if isinstance(event, e.IndicatorsReported) else "Targets"
    rests = (ground.rests(one.position, what.lower()),)
    notes = ("No determination rests on it. What it says is answered by: soc indicators.",)
    return Node(str(one.position), what, len(event.rows), "count", rests_on=rests, notes=notes)


def _answered(ground: Ground, one: Recorded[Any], event: e.SavingsNotified | e.DeterminationAccepted) -> Node:
    """A notice or an acceptance: the claim as it stands."""
    if ground.folded.determination(event.determination).notice is None:
        return _leaf(ground, one, see=f"{ground.contract}/D{event.determination}")
    stands = claim(ground, ground.folded, event.determination)
    if isinstance(event, e.SavingsNotified):
        return stands
    moved = "." if event.becomes is None else f", the last to agree; the claim falls payable on {event.becomes.payable_on}."
    says = said(one)
    return computed(
        str(one.position),
        f"{says[:1].upper()}{says[1:]}",
        stands.value,
        stands.value,
        (stands,),
        unit="SEK",
        how="the claim of the determination, as it stands",
        rests_on=(ground.rests(one.position, says),),
        notes=(f"{event.role.replace('_', ' ').capitalize()} accepted{moved}",),
    )


def _corrected(ground: Ground, one: Recorded[Any], event: e.EntryCorrected) -> Node:
    """A correction: what it takes away, and what it says instead."""
    becomes = 0 if event.becomes is None else event.becomes.amount_ore
    now = "Nothing: it is reversed" if event.becomes is None else f"What it says instead, on {event.becomes.on}"
    says, key, about = said(one), str(one.position), f"{ground.contract}/{event.corrects}"
    parts = (
        Node(f"{key}.now", now, becomes, "SEK"),
        Node(f"{key}.was", f"What was recorded, on {event.was.on}", event.was.amount_ore, "SEK", see=about),
    )
    return computed(
        key,
        f"{says[:1].upper()}{says[1:]}",
        becomes - event.was.amount_ore,
        number(parts[0]) - number(parts[1]),
        parts,
        unit="SEK",
        how="now − before",
        rests_on=(ground.rests(one.position, says),),
    )


# Disputes: rule 18


def _raised(ground: Ground, one: Recorded[Any], event: e.DisputeRaised) -> Node:
    """What a dispute is about: by how much its position differs from what is on record."""
    key, position = f"X{event.number}", event.position
    by = event.by.replace("_", " ")
    if event.determination is not None:
        lines = {line.month: line for line in ground.folded.determination(event.determination).months}
        found = ground.folded.determination(event.determination)
        held = [
            Node(f"{key}.{line.month}", f"Savings of {line.month}, by {by}", line.amount_ore, "SEK")
            for line in position.savings or ()
        ]
        was = [savings(ground, found, line) for line in lines.values()]
    else:
        held = [Node(f"{key}.position", f"The payment, by {by}", position.total, "SEK")]
        was = [Node(f"{key}.was", f"P{event.payment}", event.was_ore, "SEK", see=f"{ground.contract}/P{event.payment}")]
    return computed(
        key,
        f"{key}, raised by {by} on {event.on}: what is at stake",
        position.total - event.was_ore,
        sum(map(number, held)) - sum(map(number, was)),
        (*held, *was),
        unit="SEK",
        how="the position − what is on record",
        rests_on=(ground.rests(one.position, said(one)),),
        notes=(f"Grounds: {event.grounds}", *computed_by(position), f"It is {ground.folded.dispute(event.number).status}."),
    )


def _resolved(ground: Ground, one: Recorded[Any], event: e.DisputeResolved) -> Node:
    """A resolution: what it claims, or that what was determined stands."""
    if event.determination is None or event.claim is None:
        return _leaf(ground, one, see=f"{ground.contract}/X{event.dispute}")
    return claim(ground, ground.folded, event.determination)
