"""Notice and acceptance of a determination, and what undoes one recorded in error (rule 16). Pure; a refusal names the clause."""

from __future__ import annotations

from datetime import date, timedelta

from ledger import events as e
from ledger.authority import require, require_dated
from ledger.commands import AcceptDetermination, Context, CorrectEntry, Decided, NotifyDetermination
from ledger.contract import ContractState, Determination, Notice
from ledger.errors import Refused
from ledger.events import Claim
from ledger.terms import ContractTerms


def notify(command: NotifyDetermination, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The notice of a determination, from which objection runs."""
    one = state.determination(command.determination)
    terms = state.terms_on(command.on)
    require(terms, "determines", context.by)
    require_dated(command.on, state, context)
    if one.superseded_by is not None:
        raise Refused(f"D{one.number} was superseded by D{one.superseded_by}", do=f"notify D{one.superseded_by}")
    if one.notice is not None:
        raise Refused(f"D{one.number} was notified on {one.notice.on}")
    if command.on < one.determined_on:
        raise Refused(f"D{one.number} was determined on {one.determined_on}; it cannot be notified before, on {command.on}")
    return (Decided(command.on, notice_event(terms, one.number, one.claim_ore, command.on)),)


def notice_event(terms: ContractTerms, number: int, claim_ore: int, on: date) -> e.SavingsNotified:
    """The notice of a determination, its claim on the day when silence will have made it payable (rule 16)."""
    objection_until = on + timedelta(days=terms.settlement.objection_days)
    payable_on = objection_until + timedelta(days=1 + terms.settlement.payment_days)
    claim = Claim(amount_ore=claim_ore, payable_on=payable_on)
    return e.SavingsNotified(determination=number, on=on, objection_until=objection_until, claim=claim)


def accept(command: AcceptDetermination, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A party's acceptance; the last of those that must agree moves the claim."""
    one = state.determination(command.determination)
    terms = state.terms_on(command.on)
    require(terms, "records", context.by, also=(command.role, terms.governance.determines))
    require_dated(command.on, state, context)
    notice, agrees = one.notice, terms.governance.agrees
    if command.role not in agrees:
        raise Refused(f"{command.role} need not accept; {', '.join(agrees)} do", where=terms.clause("governance.agrees"))
    if one.resolves is not None:
        raise Refused(f"D{one.number} carries out the resolution of X{one.resolves}; it needs no acceptance")
    if notice is None:
        raise Refused(f"D{one.number} was not notified", do=f"notify it with: soc notify {terms.id}/D{one.number} --on DATE")
    if command.on < notice.on:
        raise Refused(f"D{one.number} was notified on {notice.on}; it cannot be accepted before, on {command.on}")
    own = [each for each in state.disputes if each.raised.by == command.role and each.raised.determination == one.number]
    disputed = [each for each in own if each.open or each.open_on(command.on)]
    if disputed:
        raise Refused(
            f"{command.role} disputes D{one.number} in {disputed[0].name}",
            where=terms.clause("settlement.objection_days"),
            do=f"withdraw the dispute first: soc dispute withdraw {terms.id}/{disputed[0].name}",
        )
    if command.role in notice.accepted:
        raise Refused(f"{command.role} accepted D{one.number} on {notice.accepted[command.role]}")
    if command.on > notice.objection_until:
        raise Refused(
            f"D{one.number} counts as accepted since {notice.deemed_on}, because nobody objected by {notice.objection_until}",
            where=terms.clause("settlement.objection_days"),
        )
    accepted = {**notice.accepted, command.role: command.on}
    event = e.DeterminationAccepted(determination=one.number, role=command.role, on=command.on)
    if all(role in accepted for role in agrees):
        last = max(accepted.values())
        payable_on = last + timedelta(days=state.terms_on(last).settlement.payment_days)
        becomes = Claim(amount_ore=notice.claim.amount_ore, payable_on=payable_on)
        event = e.DeterminationAccepted(
            determination=one.number, role=command.role, on=command.on, was=notice.claim, becomes=becomes
        )
    return (Decided(command.on, event),)


def correct_notice(
    command: CorrectEntry, one: Determination, notice: Notice, state: ContractState, context: Context
) -> tuple[Decided, ...]:
    """A notice recorded in error, or with a wrong date, while nobody has answered it."""
    terms = state.terms_on(command.on or notice.on)
    require(terms, "determines", context.by)
    if one.resolves is not None:
        raise Refused(f"D{one.number} carries out the resolution of X{one.resolves}, which nothing corrects but agreement")
    if disputed := [dispute.name for dispute in state.disputes if dispute.raised.determination == one.number]:
        raise Refused(
            f"D{one.number} is disputed in {', '.join(disputed)}, raised upon this notice; it can no longer be corrected",
            where=terms.clause("settlement.objection_days"),
        )
    if notice.deemed_on <= context.today:
        raise Refused(
            f"D{one.number} counts as accepted since {notice.deemed_on}; its notice can no longer be corrected",
            where=terms.clause("settlement.objection_days"),
        )
    if command.amount is not None:
        raise Refused("a notice's amount follows from its determination", do="redo the determination instead")
    if notice.accepted:
        raise Refused(f"D{one.number} was accepted by {', '.join(notice.accepted)}; its notice can no longer be corrected")
    becomes = None
    if command.on is None and one.superseded_by is not None:
        raise Refused(
            f"D{one.number} was superseded by D{one.superseded_by}, which claims the difference only; its own notice must stand",
            do="correct its date instead, or determine the months again",
        )
    if command.on is not None:
        require_dated(command.on, state, context)
        if command.on < one.determined_on or command.on == notice.on:
            raise Refused(f"D{one.number} was determined on {one.determined_on} and notified on {notice.on}")
        claim = notice_event(terms, one.number, one.claim_ore, command.on).claim
        becomes = e.Entry(amount_ore=claim.amount_ore, on=claim.payable_on)
    event = e.EntryCorrected(
        corrects=notice.position,
        entry="notice",
        number=one.number,
        was=e.Entry(amount_ore=notice.claim.amount_ore, on=notice.claim.payable_on),
        becomes=becomes,
        reason=command.reason,
    )
    return (Decided(command.on or notice.on, event),)


def withdraw_acceptance(
    command: CorrectEntry, one: Determination, notice: Notice, state: ContractState, context: Context
) -> tuple[Decided, ...]:
    """An acceptance recorded in error no longer stands; unless accepted anew, silence decides as if it had not been given."""
    terms, role = state.terms_on(notice.on), notice.acceptances[command.position]
    require(terms, "records", context.by, also=(role, terms.governance.determines))
    if command.amount is not None or command.on is not None:
        raise Refused("an acceptance can only be withdrawn", do="withdraw it, then record it with its right date: soc accept")
    claim = notice.claim
    event = e.EntryCorrected(
        corrects=command.position,
        entry="acceptance",
        number=one.number,
        was=e.Entry(amount_ore=claim.amount_ore, on=claim.payable_on),
        becomes=e.Entry(amount_ore=claim.amount_ore, on=notice.by_silence.payable_on),
        role=role,
        reason=command.reason,
    )
    return (Decided(notice.accepted[role], event),)
