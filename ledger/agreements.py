"""What the parties agree on: amendments, methodologies proposed, rejected and adopted, suspension, the contract's end (rules 19
to 21). Pure; a refusal names the clause."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ledger import events as e
from ledger.authority import require, require_agreement, require_dated
from ledger.commands import (
    AdoptMethodology,
    AmendTerms,
    CloseContract,
    Context,
    Decided,
    ProposeMethodology,
    RejectMethodology,
    ResumeFollowUp,
    SuspendFollowUp,
)
from ledger.contract import ContractState, closed_on
from ledger.errors import Refused
from ledger.holds import disputed
from ledger.money import shown
from ledger.periods import Month, Period
from ledger.terms import ContractTerms

FIXED = ("id", "currency", "vat", "starts_on", "measured_from", "population", "investment", "upfront", "governance")
"""What an amendment may not change (rule 20): it may change dates, parties, settlement, maximum, ceiling
and what absence codes mean."""


def amend(command: AmendTerms, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """New terms from a month on that is not determined (rule 20)."""
    now = state.versions[-1][1]
    require(now, "signs", context.by)
    require_agreement(now, command.agreed_by)
    if command.terms == now:
        raise Refused("the new terms are the same as those in force")
    for key in (*FIXED, "outcome.provider_share", "outcome.bonus_rate"):
        if _value(command.terms, key) != _value(now, key):
            raise Refused(
                f"an amendment cannot change {key}: it may change dates, parties, settlement, maximum, ceiling and absence codes",
                where=now.clause(key),
            )
    through = state.determined_through
    if through is not None and command.from_month <= through:
        raise Refused(
            f"months through {through} are determined, and an amendment never reprices earlier months",
            where=now.clause("governance.agrees"),
            do=f"let it start in {through + 1} or later",
        )
    if command.from_month < state.versions[-1][0]:
        raise Refused(f"an earlier amendment holds from {state.versions[-1][0]}; a new one cannot start before it")
    if command.from_month > now.last_month + 1:
        ends = now.last_month
        what = f"the contract ends with {ends}; new terms cannot start later than {ends + 1}"
        raise Refused(what, where=now.clause("months"))
    if command.terms.last_month < command.from_month - 1:
        raise Refused(
            f"under the new terms the contract would have ended with {command.terms.last_month}, before they start",
            where=now.clause("months"),
        )
    event = e.ContractAmended(
        terms=command.terms, from_month=command.from_month, agreed_by=command.agreed_by, reason=command.reason
    )
    return (Decided(command.from_month.first_day, event),)


def _value(terms: Any, key: str) -> Any:
    for part in key.split("."):
        terms = getattr(terms, part)
    return terms


def propose(command: ProposeMethodology, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A party's proposal, numbered; it changes nothing until it is adopted."""
    terms, methodology = state.versions[-1][1], command.methodology
    require(terms, "records", context.by, also=(command.by,))
    if command.by not in terms.parties:
        raise Refused(f"{command.by} is not a party", where=terms.clause("parties"))
    _starts(terms, command.from_on)
    same = [one for one in state.proposals if one.open and one.methodology == methodology and one.from_on == command.from_on]
    if same:
        raise Refused(f"it was proposed from that date by {same[0].by} on {same[0].proposed_on}, as M{same[0].number}")
    event = e.MethodologyProposed(
        number=len(state.proposals) + 1,
        methodology=methodology,
        sha256=methodology.sha256,
        from_on=command.from_on,
        by=command.by,
        reason=command.reason,
    )
    return (Decided(context.today, event),)


def reject(command: RejectMethodology, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A refusal of a proposal by a party that would have to agree to it."""
    terms = state.versions[-1][1]
    require(terms, "records", context.by, also=(command.by,))
    one = state.proposal(command.proposal)
    if command.by not in terms.governance.agrees:
        agrees = ", ".join(terms.governance.agrees)
        raise Refused(f"{command.by} need not agree; {agrees} do", where=terms.clause("governance.agrees"))
    if one.adopted_at is not None:
        raise Refused(f"M{one.number} was adopted by all that must agree; it can no longer be rejected")
    if command.by in one.rejected:
        raise Refused(f"{command.by} rejected M{one.number} on {one.rejected[command.by]}")
    event = e.MethodologyRejected(proposal=one.number, by=command.by, reason=command.reason)
    return (Decided(context.today, event),)


def adopt(command: AdoptMethodology, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A methodology by the agreement of all that must agree. Months that are determined already stay as they are until they are
    determined again (rules 15, 20); one that can no longer be is never reached by it."""
    terms, methodology = state.versions[-1][1], command.methodology
    require(terms, "signs", context.by)
    require_agreement(terms, command.agreed_by)
    _starts(terms, command.from_on)
    for one in state.in_force:
        closed = closed_on(state, one)
        if one.period.last_day >= command.from_on and closed is not None and closed <= context.today:
            raise Refused(
                f"D{one.number} ({one.period}) is closed since {closed}: its months can no longer be measured otherwise",
                where=terms.clause("settlement.correction_months"),
                do=f"let it start on {(one.period.last + 1).first_day} or later",
            )
    passed_over = [month for month in sorted(state.savings) if month.first_day >= command.from_on and state.was_suspended(month)]
    if strange := [month for month in passed_over if methodology.agreed(month) is None]:
        raise Refused(
            f"{strange[0]} lies inside a suspension and counts for what was agreed; this methodology says nothing of it",
            do="let it exclude or deem the months of the suspension, as exclude-months@1 does",
        )
    _findings_accepted(command)
    if command.beside is not None:
        _measurable_beside(terms, state, command.from_on, command.beside)
    same = [one for one in state.proposals if one.methodology == methodology and one.from_on == command.from_on]
    waiting = [one for one in same if one.adopted_at is None]
    proposals = [one.number for one in sorted(waiting, key=lambda one: (one.open, one.number))]
    event = e.MethodologyAdopted(
        methodology=methodology,
        sha256=methodology.sha256,
        from_on=command.from_on,
        agreed_by=command.agreed_by,
        proposal=proposals[-1] if proposals else None,
        accepts=command.findings or None,
        beside=command.beside,
    )
    return (Decided(command.from_on, event),)


def _measurable_beside(terms: ContractTerms, state: ContractState, from_on: date, beside: Period) -> None:
    """Whether the methodology in force before can be measured beside the new one in these months."""
    where = terms.clause("governance.agrees")
    if not any(start < from_on for start, _ in state.methodologies):
        raise Refused(f"no methodology is in force before {from_on}; there is none to measure beside the new one", where=where)
    if beside.first < Month.holding(from_on):
        raise Refused(
            f"{beside} begins before {from_on}, when the new methodology does: until then the one before is the only one",
            where=where,
            do=f"measure beside it from {Month.holding(from_on)} or later",
        )
    if beside.last > terms.last_month:
        raise Refused(f"the contract's last month is {terms.last_month}; nothing is measured later", where=terms.clause("months"))


def _starts(terms: ContractTerms, from_on: date) -> None:
    if from_on > terms.last_month.last_day:
        raise Refused(f"the contract's last month is {terms.last_month}; nothing is measured later", where=terms.clause("months"))
    if from_on.day != 1 and from_on != terms.starts_on:
        raise Refused(
            "a methodology starts on the first of a month, or with the contract", where=terms.clause("governance.agrees")
        )


def _findings_accepted(command: AdoptMethodology) -> None:
    names = [one.name for one in command.findings]
    if strange := [name for name in command.accepted if name not in names]:
        said = f"; found: {', '.join(names)}" if names else "; nothing is found beside it"
        raise Refused(f"there is no finding {', '.join(strange)} beside this methodology{said}")
    missing = [one for one in command.findings if one.name not in command.accepted]
    if missing:
        raise Refused(
            "what is found beside this methodology must be accepted by name:\n    "
            + "\n    ".join(f"{one.name}: {one.what}" for one in missing),
            do=f"adopt it knowingly with: {' '.join(f'--accept-finding {one.name}' for one in missing)}",
        )


def suspend_or_resume(command: SuspendFollowUp | ResumeFollowUp, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """Follow-up suspended, or resumed; resumed from the month in which it was suspended, every month counts again (rule 19)."""
    terms = state.versions[-1][1]
    require(terms, "signs", context.by)
    require_agreement(terms, command.agreed_by)
    month, through = command.from_month, state.determined_through
    fields: dict[str, Any] = {"from_month": month, "agreed_by": command.agreed_by, "reason": command.reason}
    if isinstance(command, SuspendFollowUp):
        if state.suspended_from is not None:
            raise Refused(f"follow-up is suspended since {state.suspended_from}")
        if state.suspensions and month <= state.suspensions[-1].last:
            raise Refused(f"follow-up was suspended until {state.suspensions[-1].last}; it can be suspended later than that")
        if month < terms.first_month or month > terms.last_month:
            raise Refused(f"{month} is not a month of the contract, {terms.first_month} to {terms.last_month}")
        if through is not None and month <= through:
            raise Refused(f"months through {through} are determined", do=f"suspend from {through + 1} or later")
        return (Decided(month.first_day, e.FollowUpSuspended(**fields)),)
    if state.suspended_from is None:
        raise Refused("follow-up is not suspended")
    if not state.suspended_from <= month <= terms.last_month + 1:
        raise Refused(
            f"follow-up is suspended from {state.suspended_from}; it can resume from then on, until {terms.last_month + 1}"
        )
    return (Decided(month.first_day, e.FollowUpResumed(**fields)),)


def close(command: CloseContract, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The contract's end, when nothing is left to settle (rule 21). Money that is claimed may still be paid."""
    terms = state.versions[-1][1]
    require(terms, "signs", context.by)
    require_dated(command.on, state, context)
    left = list(_left(state, terms, command.on))
    if left:
        raise Refused(f"{terms.id} cannot be closed on {command.on}:\n    " + "\n    ".join(left), where=terms.clause("months"))
    return (Decided(command.on, e.ContractClosed(on=command.on)),)


def _left(state: ContractState, terms: ContractTerms, on: date) -> Iterator[str]:
    """What stands against closing, in words."""
    if on <= terms.last_month.last_day:
        yield f"its last month is {terms.last_month}"
    if state.suspended_from is not None and state.suspended_from <= terms.last_month:
        yield f"follow-up is suspended from {state.suspended_from}: what its months count for is not agreed"
    months = Period(terms.first_month, terms.last_month)
    missing = [str(month) for month in months if month not in state.savings and not state.suspended(month)]
    if missing:
        yield f"neither determined nor excluded by agreement: {', '.join(missing)}"
    for one in state.in_force:
        if one.notice is None:
            yield f"D{one.number} ({one.period}) is not notified; its claim of {shown(one.claim_ore)} is due to nobody yet"
        if one.resolves is not None:
            continue
        otherwise = [line.month for line in one.months if state.methodology_of(line.month).sha256 != line.methodology_sha256]
        closed = closed_on(state, one)
        if otherwise and (closed is None or closed > on):
            agreed = state.methodology_of(otherwise[0]).name
            yield f"D{one.number} ({one.period}) is not measured by {agreed}, which was agreed for {otherwise[0]} since"
    for dispute in state.disputes:
        if dispute.open_on(on) or dispute.open:
            yield f"{dispute.name} is open: {dispute.raised.by} disputes {disputed(dispute)}"
    for one in state.determinations:
        if one.notice is not None and one.notice.deemed_on > on:
            yield f"the notice of D{one.number} runs until {one.notice.objection_until}"
