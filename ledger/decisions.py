"""The contract's rules: ``decide(command, state) -> events``, each subject in its own module. Pure: no clock, no I/O. A refusal
names the clause."""

from __future__ import annotations

from typing import assert_never

from ledger import agreements, audits, determining, disputes, notices, payments, resolutions
from ledger import events as e
from ledger.authority import require, require_dated, require_open
from ledger.commands import (
    AcceptDetermination,
    AdoptMethodology,
    AmendTerms,
    AnswerDispute,
    CloseContract,
    Command,
    Context,
    CorrectEntry,
    Decided,
    DrawLoan,
    NotifyDetermination,
    Pay,
    ProposeMethodology,
    RaiseDispute,
    RecordAuditFindings,
    RecordDetermination,
    RejectMethodology,
    RepayLoan,
    ResolveDispute,
    ResumeFollowUp,
    SignContract,
    SignOffEvaluation,
    SuspendFollowUp,
    WithdrawDispute,
)
from ledger.contract import ContractState
from ledger.errors import Refused

STILL = (Pay, DrawLoan, RepayLoan, CorrectEntry, RecordAuditFindings, SignOffEvaluation)
"""What may still be recorded of a closed contract: money that moves as it was settled, and audit work, which moves none."""


def decide(command: Command, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The events that a command brings about. Raises Refused, naming the clause, where a rule stands against it."""
    if isinstance(command, SignContract):
        return _sign(command, state, context)
    if state.signed_on is None:
        raise Refused("the contract is not signed", do="sign it with: soc contract sign TERMS.toml")
    if not isinstance(command, STILL):
        require_open(state)
    match command:
        case AmendTerms():
            return agreements.amend(command, state, context)
        case ProposeMethodology():
            return agreements.propose(command, state, context)
        case RejectMethodology():
            return agreements.reject(command, state, context)
        case AdoptMethodology():
            return agreements.adopt(command, state, context)
        case SuspendFollowUp() | ResumeFollowUp():
            return agreements.suspend_or_resume(command, state, context)
        case CloseContract():
            return agreements.close(command, state, context)
        case RecordDetermination():
            return determining.determine(command, state, context)
        case NotifyDetermination():
            return notices.notify(command, state, context)
        case AcceptDetermination():
            return notices.accept(command, state, context)
        case Pay():
            return payments.pay(command, state, context)
        case DrawLoan():
            return payments.draw(command, state, context)
        case RepayLoan():
            return payments.repay(command, state, context)
        case CorrectEntry():
            return _correct(command, state, context)
        case RaiseDispute():
            return disputes.raise_(command, state, context)
        case AnswerDispute():
            return disputes.answer(command, state, context)
        case WithdrawDispute():
            return disputes.withdraw(command, state, context)
        case ResolveDispute():
            return resolutions.resolve(command, state, context)
        case RecordAuditFindings():
            return audits.record(command, state, context)
        case SignOffEvaluation():
            return audits.sign_off(command, state, context)
        case _:
            assert_never(command)


def _sign(command: SignContract, state: ContractState, context: Context) -> tuple[Decided, ...]:
    terms = command.terms
    if state.signed_on is not None:
        raise Refused(
            f"{terms.id} was signed on {state.signed_on}",
            do=f"change it with: soc contract amend {terms.id} TERMS.toml --from MONTH --agreed-by ROLE --reason TEXT",
        )
    require(terms, "signs", context.by)
    require_dated(command.on, state, context)
    return (Decided(command.on, e.ContractSigned(terms=terms, signed_on=command.on)),)


def _correct(command: CorrectEntry, state: ContractState, context: Context) -> tuple[Decided, ...]:
    for one in state.determinations:
        if one.notice is not None and command.position in (one.notice.position, *one.notice.acceptances):
            require_open(state)
            noticed = one.notice.position == command.position
            correct = notices.correct_notice if noticed else notices.withdraw_acceptance
            return correct(command, one, one.notice, state, context)
    return payments.correct(command, state, context)
