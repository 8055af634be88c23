"""Each record in a line of plain words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from cli.indicators.words import told_of_indicators
from cli.programme.words import told_of_programme
from cli.tender.words import told_of_tenders
from cli.tiered.words import told_of_tiers
from ledger import events as e
from ledger.events import Actor, AnyEvent
from ledger.money import shown
from ledger.periods import Period
from ledger.record import Recorded


def role(key: str) -> str:
    """A role as readers write it: ``external provider``."""
    return key.replace("_", " ")


def roles(keys: Iterable[str]) -> str:
    """Several roles, one after the other."""
    return ", ".join(map(role, keys))


def who(actor: Actor) -> str:
    """Who recorded it, and as what."""
    return f"{actor.name}, {role(actor.role)}"


def told(record: Recorded[Any], *, number: bool = True) -> str:
    """What the record says, for a register. ``number``: whether an absence report says how many absences it holds."""
    event: AnyEvent = record.data
    match event:
        case e.LedgerOpened():
            return f"{'simulated ' if event.simulated else ''}ledger opened"
        case e.ContractSigned():
            return f"contract signed on {event.signed_on}"
        case e.ContractAmended():
            return f"terms amended from {event.from_month}, agreed by {roles(event.agreed_by)}: {event.reason}"
        case e.MethodologyProposed():
            return f"methodology {event.methodology.name} proposed from {event.from_on} by {role(event.by)}: {event.reason}"
        case e.MethodologyRejected():
            return f"proposal M{event.proposal} rejected by {role(event.by)}: {event.reason}"
        case e.MethodologyAdopted():
            return _adopted(event)
        case e.FollowUpSuspended():
            return f"follow-up suspended from {event.from_month}, agreed by {roles(event.agreed_by)}: {event.reason}"
        case e.FollowUpResumed():
            return f"follow-up resumed from {event.from_month}, agreed by {roles(event.agreed_by)}: {event.reason}"
        case e.AbsenceReported() | e.WorkforceReported() | e.ReimbursementsReported() | e.TrendPublished():
            return _reported(record, event, number=number)
        case e.SavingsDetermined():
            return _determined(event)
        case e.SavingsNotified():
            said = f"D{event.determination} notified on {event.on}, objection at latest {event.objection_until}"
            amount, on = event.claim.amount_ore, event.claim.payable_on
            return f"{said}; " + (
                f"{shown(amount)} payable on {on}" if amount >= 0 else f"lowers what is payable by {shown(-amount)} on {on}"
            )
        case e.DeterminationAccepted():
            said = f"D{event.determination} accepted by {role(event.role)} on {event.on}"
            return said if event.becomes is None else f"{said}, the last to agree; payable on {event.becomes.payable_on}"
        case e.PaymentInstructed() | e.PaymentMade() | e.LoanDrawn() | e.LoanRepaid():
            return _moved(event)
        case e.EntryCorrected():
            was = f"{shown(event.was.amount_ore)} on {event.was.on}"
            now = "reversed" if event.becomes is None else f"now {shown(event.becomes.amount_ore)} on {event.becomes.on}"
            return f"{_corrected(event)} corrected: was {was}, {now}: {event.reason}"
        case e.DisputeRaised() | e.DisputeAnswered() | e.DisputeWithdrawn() | e.DisputeResolved():
            return _dispute(event)
        case e.ContractClosed():
            return f"contract closed on {event.on}; final evaluation: {_document(record)}"
        case e.AuditFindingsRecorded():
            return _tested(event)
        case e.EvaluationSignedOff():
            return f"{signed_off(event)}; {_document(record)}"
        case (
            e.TieredSigned()
            | e.TieredAmended()
            | e.MetricsReported()
            | e.TiersDetermined()
            | e.TiersAgreed()
            | e.TieredPaid()
            | e.TieredPaymentCorrected()
        ):
            return told_of_tiers(event)
        case e.IndicatorsReported() | e.TargetsStated():
            return f"{told_of_indicators(event)}, {_document(record)}"
        case e.ProgrammeFormed() | e.ProgrammeChanged():
            return told_of_programme(event)
        case e.TenderOpened() | e.BidReceived() | e.BidWithdrawn() | e.TenderAwarded():
            return told_of_tenders(event)
        case _:
            assert_never(event)


def _reported(
    record: Recorded[Any],
    event: e.AbsenceReported | e.WorkforceReported | e.ReimbursementsReported | e.TrendPublished,
    *,
    number: bool,
) -> str:
    match event:
        case e.AbsenceReported():
            scope = f"complete for {event.scope.complete} at {_places(event.scope)}" if event.scope else "partial"
            absences = counted(event.lines.count, "absence") if number else "absences"
            return f"{absences} from {event.source}, {scope}, {_document(record)}"
        case e.WorkforceReported():
            return f"{counted(len(event.rows), 'headcount')}, {_document(record)}"
        case e.ReimbursementsReported():
            return f"what the state repaid of sick pay in {counted(len(event.rows), 'month')}, {_document(record)}"
        case e.TrendPublished():
            return f"{event.series}: {', '.join(f'{value.quarter} {value.value} ({value.status})' for value in event.values)}"
        case _:
            assert_never(event)


def _moved(event: e.PaymentInstructed | e.PaymentMade | e.LoanDrawn | e.LoanRepaid) -> str:
    match event:
        case e.PaymentInstructed():
            return f"{event.kind} payment instructed: {shown(event.amount_ore)} on {event.on}, invoice {event.invoice}"
        case e.PaymentMade():
            said = f"{event.kind} payment made: {shown(event.amount_ore)} on {event.on}, invoice {event.invoice}"
            return f"{said}, bank {event.bank_reference}" + (f", carries out P{event.settles.number}" if event.settles else "")
        case e.LoanDrawn():
            return f"loan drawn: {shown(event.amount_ore)} on {event.on} for the {event.purpose} cost"
        case e.LoanRepaid():
            return f"loan repaid: {shown(event.amount_ore)} on {event.on}"
        case _:
            assert_never(event)


def _dispute(event: e.DisputeRaised | e.DisputeAnswered | e.DisputeWithdrawn | e.DisputeResolved) -> str:
    match event:
        case e.DisputeRaised():
            of_payment = event.determination is None
            what = f"P{event.payment}" if of_payment else f"D{event.determination}"
            was = f"{shown(event.was_ore)} {'recorded' if of_payment else 'determined'}"
            by = f"X{event.number} raised by {role(event.by)} on {event.on}"
            return f"{by}: {what}, {was}, {shown(event.position.total)} by its position; {event.grounds}"
        case e.DisputeAnswered():
            said = "" if event.position is None else f", {shown(event.position.total)} by its position"
            return f"X{event.dispute} answered by {role(event.by)} on {event.on}{said}: {event.answer}"
        case e.DisputeWithdrawn():
            return f"X{event.dispute} withdrawn on {event.on}: {event.reason}"
        case e.DisputeResolved():
            by = event.decided_by or f"agreement of {roles(event.agreed_by)}"
            at = f" at {shown(event.position.total)}" if event.outcome == "settled" and event.position is not None else ""
            carried = "" if event.determination is None else f"; D{event.determination} carries it out"
            return f"X{event.dispute} {event.outcome}{at} on {event.on} by {by}: {event.reason}{carried}"
        case _:
            assert_never(event)


def _tested(event: e.AuditFindingsRecorded) -> str:
    exceptions = sum(one.result == "exception" for one in event.items)
    drawn = f"{event.sample} of {counted(event.population, 'reported line')} tested, drawn at record {event.checkpoint.size}"
    instead = "" if event.supersedes is None else f"; in place of A{event.supersedes}: {event.reason}"
    return f"{drawn}: {counted(exceptions, 'exception')}; {event.procedure}{instead}"


def signed_off(event: e.EvaluationSignedOff) -> str:
    """What a sign-off says: when, by whom, with which opinion, on which findings, and on the document of the closing or not."""
    said = f"final evaluation signed off on {event.on} by {role(event.by)}: {event.opinion}; {event.text}"
    considered = ", ".join(f"A{number}" for number in event.findings) or "no findings on record"
    same = {None: "the contract was not closed yet", True: "the evaluation recorded at closing"}
    instead = "" if event.supersedes is None else f"; in place of S{event.supersedes}"
    closing = same.get(event.recorded_at_closing, "NOT the evaluation recorded at closing")
    why = "" if event.reason is None else f": {event.reason}"
    return f"{said}; considered: {considered}; {closing}{instead}{why}"


def _adopted(event: e.MethodologyAdopted) -> str:
    name = event.methodology.name if event.proposal is None else f"{event.methodology.name} (M{event.proposal})"
    said = f"methodology {name} adopted from {event.from_on}, agreed by {roles(event.agreed_by)}"
    said += "" if event.beside is None else f"; the one before is measured beside it in {event.beside}"
    found = ", ".join(one.name if one.size_ore is None else f"{one.name} {shown(one.size_ore)}" for one in event.accepts or ())
    return f"{said}; accepting {found}" if found else said


def counted(number: int, what: str) -> str:
    """``1 absence``, ``2 absences``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _determined(event: e.SavingsDetermined) -> str:
    period = Period(event.months[0].month, event.months[-1].month)
    total = sum(month.savings_ore for month in event.months)
    said = f"savings of {period} determined: {shown(total)}{', preliminary' if event.preliminary else ''}"
    if event.supersedes:
        said += f"; supersedes {', '.join(f'D{number}' for number in event.supersedes)}: {event.reason}"
    return said


def _corrected(event: e.EntryCorrected) -> str:
    match event.entry:
        case "notice":
            return f"notice of D{event.number}"
        case "acceptance":
            return f"acceptance of D{event.number} by {event.role} withdrawn"
        case "draw" | "repayment":
            return f"L{event.number} ({event.entry})"
        case _:
            return f"P{event.number} ({event.entry})"


def _places(scope: e.Scope) -> str:
    return "all workplaces" if scope.workplaces is None else ", ".join(scope.workplaces)


def _document(record: Recorded[Any]) -> str:
    return record.evidence[0].document if record.evidence else "no document named"
