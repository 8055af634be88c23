"""Whether the rules bring about what is recorded: every record of a contract decided again, upon what was on record before it
(rules 9 to 21)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from ledger import commands as c
from ledger import decisions
from ledger import events as e
from ledger.authority import require
from ledger.commands import Command, Context
from ledger.contract import ContractState
from ledger.errors import LedgerError
from ledger.facts import Facts
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from projections import check_disputes


def differences(before: ContractState, together: Sequence[Recorded[Any]], facts: Facts) -> Iterator[str]:
    """What the rules have against the records of one submission and the days that they are about, in words.
    ``before``: the contract when it was made."""
    first = together[0]
    context = Context(first.recorded_by, day_in_stockholm(first.recorded_at))
    said = [(one.effective_on, _said(one.data)) for one in together]
    why = "the rules give another record, or others with it"
    for command in _commands(together, facts):
        try:
            found = decisions.decide(command, before, context)
        except LedgerError as error:
            why = f"the rules refuse it: {error.what}"
            continue
        if [(one.effective_on, _said(one.event)) for one in found] == said:
            return
    yield why


def _said(event: e.Event) -> dict[str, Any]:
    """What an event says. Whether a methodology's SHA-256 is its own is told where the record is read."""
    apart = {"sha256"} if isinstance(event, e.MethodologyProposed | e.MethodologyAdopted) else set()
    return event.model_dump(exclude_none=True, exclude=apart)


def evidence(before: ContractState, record: Recorded[Any]) -> Iterator[str]:
    """What the rules have against who recorded a report."""
    if before.signed_on is None:
        yield "the contract is not signed before it"
        return
    try:
        require(before.versions[-1][1], "records", record.recorded_by)
    except LedgerError as error:
        yield error.what


def _commands(together: Sequence[Recorded[Any]], facts: Facts) -> Iterator[Command]:
    """What may have been commanded; of a payment, with its amount named or left to what was instructed."""
    resolved = next((one for one in together if isinstance(one.data, e.DisputeResolved)), None)
    if resolved is not None:
        yield check_disputes._command(list(together), resolved)
        return
    record = together[0]
    event: e.ContractEvent = record.data
    if isinstance(event, e.PaymentMade | e.PaymentInstructed):
        reference = event.bank_reference if isinstance(event, e.PaymentMade) else None
        for amount in (event.amount_ore, None):
            yield c.Pay(event.kind, amount, event.on, event.invoice, made=reference is not None, bank_reference=reference)
    elif isinstance(event, e.DisputeRaised | e.DisputeAnswered | e.DisputeWithdrawn | e.DisputeResolved):
        yield check_disputes._command(list(together), record)
    elif isinstance(event, e.AuditFindingsRecorded):
        drawn_on = day_in_stockholm(facts.source.recorded_at(event.checkpoint.size))
        items = (event.checkpoint, drawn_on, event.population, event.procedure, event.items, event.supersedes, event.reason)
        yield c.RecordAuditFindings(event.on, *items)
    else:
        yield _command(record, event)


_Plain = (
    e.ContractSigned
    | e.ContractAmended
    | e.MethodologyProposed
    | e.MethodologyRejected
    | e.MethodologyAdopted
    | e.MethodologyAdopted2
    | e.MethodologyAdopted1
    | e.FollowUpSuspended
    | e.FollowUpResumed
    | e.SavingsDetermined
    | e.SavingsDetermined2
    | e.SavingsDetermined1
    | e.SavingsNotified
    | e.DeterminationAccepted
    | e.LoanDrawn
    | e.LoanRepaid
    | e.EntryCorrected
    | e.ContractClosed
    | e.EvaluationSignedOff
)
"""Events that one command brings about, which they say themselves."""


def _command(record: Recorded[Any], event: _Plain) -> Command:
    match event:
        case e.ContractSigned():
            return c.SignContract(event.terms, event.signed_on)
        case e.ContractAmended():
            return c.AmendTerms(event.terms, event.from_month, event.agreed_by, event.reason)
        case e.MethodologyProposed():
            return c.ProposeMethodology(event.methodology, event.from_on, event.by, event.reason)
        case e.MethodologyRejected():
            return c.RejectMethodology(event.proposal, event.by, event.reason)
        case e.MethodologyAdopted():
            found = event.accepts or ()
            accepts = (found, tuple(one.name for one in found))
            return c.AdoptMethodology(event.methodology, event.from_on, event.agreed_by, *accepts, event.beside)
        case e.FollowUpSuspended():
            return c.SuspendFollowUp(event.from_month, event.agreed_by, event.reason)
        case e.FollowUpResumed():
            return c.ResumeFollowUp(event.from_month, event.agreed_by, event.reason)
        case e.SavingsDetermined():
            return c.RecordDetermination(event.months, event.preliminary, event.basis, event.computed_by, event.reason)
        case e.SavingsNotified():
            return c.NotifyDetermination(event.determination, event.on)
        case e.DeterminationAccepted():
            return c.AcceptDetermination(event.determination, event.role, event.on)
        case e.LoanDrawn():
            return c.DrawLoan(event.amount_ore, event.on, event.purpose)
        case e.LoanRepaid():
            return c.RepayLoan(event.amount_ore, event.on)
        case e.EntryCorrected():
            return _correction(record, event)
        case e.ContractClosed():
            return c.CloseContract(event.on)
        case e.EvaluationSignedOff():
            return c.SignOffEvaluation(event.on, event.opinion, event.text, event.evaluation, event.reason)
        case _:
            assert_never(event)


def _correction(record: Recorded[Any], event: e.EntryCorrected) -> Command:
    """A notice takes another date, an acceptance is withdrawn, an entry is reversed or takes another amount and date."""
    if event.becomes is None or event.entry == "acceptance":
        return c.CorrectEntry(event.corrects, event.reason)
    if event.entry == "notice":
        return c.CorrectEntry(event.corrects, event.reason, on=record.effective_on)
    return c.CorrectEntry(event.corrects, event.reason, event.becomes.amount_ore, event.becomes.on)
