"""Disputes: a party objects in time to a determination or a payment, another answers, the first withdraws (rules 16, 18). Pure; a
refusal names the clause. What ends one otherwise stands in ``resolutions.py``."""

from __future__ import annotations

from datetime import date, timedelta

from ledger import events as e
from ledger.authority import require, require_dated
from ledger.commands import AnswerDispute, Context, Decided, RaiseDispute, WithdrawDispute
from ledger.contract import ContractState, Determination, MoneyEntry, closed_on
from ledger.errors import Refused
from ledger.holds import MOOT, Dispute
from ledger.money import shown
from ledger.terms import ContractTerms


def raise_(command: RaiseDispute, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """A dispute, numbered: raised by a party whose agreement is needed, while it may object, with a position that differs from
    what it objects to."""
    terms = state.terms_on(command.on)
    _require_party(terms, command.by, context)
    require_dated(command.on, state, context)
    if command.determination is not None:
        one = state.determination(command.determination)
        was, last = _objected_to(one, command, state, context)
        kind = None
    else:
        assert command.payment is not None
        paid = payment(state, command.payment)
        was, kind = paid.amount, _kind(paid)
        last = _payment_objected_to(paid, command, state)
    _not_decided(command, state)
    if context.today > last and not command.documented:
        raise Refused(
            f"the last day to object was {last}; an objection that is recorded later needs the document that shows its date",
            where=terms.clause("settlement.objection_days"),
            do="give it with --evidence FILE",
        )
    if command.position.total == was:
        raise Refused(f"the position says {shown(was)}, as is recorded; there is nothing to dispute")
    event = e.DisputeRaised(
        number=len(state.disputes) + 1,
        determination=command.determination,
        payment=command.payment,
        payment_kind=kind,
        by=command.by,
        on=command.on,
        was_ore=was,
        position=command.position,
        grounds=command.grounds,
    )
    return (Decided(command.on, event),)


def _require_party(terms: ContractTerms, role: str, context: Context) -> None:
    if role not in terms.governance.agrees:
        raise Refused(
            f"{role} is no party to what is disputed; {', '.join(terms.governance.agrees)} are",
            where=terms.clause("governance.agrees"),
        )
    require(terms, "records", context.by, also=(role, terms.governance.determines))


def _objected_to(one: Determination, command: RaiseDispute, state: ContractState, context: Context) -> tuple[int, date]:
    """The savings in öre of the determination's months, and the last day to object. Raises Refused where it can no longer be
    objected to, or not yet."""
    terms = state.terms_on(command.on)
    name, notice = f"D{one.number} ({one.period})", one.notice
    if one.superseded_by is not None:
        raise Refused(f"{name} was superseded by D{one.superseded_by}", do=f"object to D{one.superseded_by}")
    if one.resolves is not None:
        raise Refused(f"{name} carries out the resolution of X{one.resolves}, which is final")
    if notice is None:
        _objected_before(one, command, terms, state)
    elif command.by in notice.accepted:
        raise Refused(f"{command.by} accepted {name} on {notice.accepted[command.by]}")
    else:
        _in_time(command.on, _opens(one, command.by, state), notice.objection_until, f"{name} was notified on {notice.on}", terms)
    if command.position.savings is None:
        raise Refused(f"a position about {name} says what its months saved")
    if [line.month for line in command.position.savings] != list(one.period):
        raise Refused(f"a position about {name} says what each of its months saved, in order")
    closed = closed_on(state, one)
    if closed is not None and closed <= context.today:
        raise Refused(f"{name} is closed since {closed}", where=terms.clause("settlement.correction_months"))
    return sum(line.savings_ore for line in one.months), notice.objection_until if notice is not None else date.max


def _not_decided(command: RaiseDispute, state: ContractState) -> None:
    """Refuse to raise anew what was decided already: settled or upheld by anybody, or rejected upon the party's own objection."""
    about = (command.determination, command.payment)
    for one in state.disputes:
        same = (one.raised.determination, one.raised.payment) == about
        if same and (one.status in ("settled", "upheld") or (one.status == "rejected" and one.raised.by == command.by)):
            assert one.ended is not None
            raise Refused(f"{one.name} about it was {one.ended.how} on {one.ended.on}, and that is final")


def _opens(one: Determination, role: str, state: ContractState) -> date:
    """The first day to object: that of the notice or, for a party whose dispute the determination made moot, that on which it was
    determined, so that nothing is released in between."""
    assert one.notice is not None
    return one.determined_on if _made_moot(one, role, state) else one.notice.on


def _made_moot(one: Determination, role: str, state: ContractState) -> bool:
    ended = [dispute.ended for dispute in state.disputes if dispute.raised.by == role]
    return any(how is not None and how.how == MOOT and how.determination == one.number for how in ended)


def _objected_before(one: Determination, command: RaiseDispute, terms: ContractTerms, state: ContractState) -> None:
    """Refuse an objection before the notice, but by a party whose dispute the determination made moot."""
    name = f"D{one.number} ({one.period})"
    if not _made_moot(one, command.by, state):
        raise Refused(
            f"{name} was not notified; objection begins with the notice",
            where=terms.clause("settlement.objection_days"),
            do=f"notify it: soc notify {terms.id}/D{one.number} --on DATE",
        )
    if command.on < one.determined_on:
        raise Refused(f"{name} was determined on {one.determined_on}; it cannot be objected to before, on {command.on}")


def _in_time(on: date, first: date, last: date, said: str, terms: ContractTerms) -> None:
    if not first <= on <= last:
        raise Refused(
            f"{said}; an objection was possible until {last}, and {on} is {'too late' if on > last else 'earlier'}",
            where=terms.clause("settlement.objection_days"),
        )


def payment(state: ContractState, number: int) -> MoneyEntry:
    """The payment with that number. Raises Refused where there is none."""
    if not 1 <= number <= len(state.payments):
        raise Refused(f"{state.signed.id} has no payment P{number}")
    return state.payments[number - 1]


def _kind(paid: MoneyEntry) -> e.PaymentKind:
    kinds: dict[str, e.PaymentKind] = {"upfront": "upfront", "outcome": "outcome", "recovery": "recovery"}
    if paid.entry not in kinds:
        raise Refused(f"{paid.name} is an instruction; nothing was paid yet", do="cancel it with: soc correct")
    return kinds[paid.entry]


def _payment_objected_to(paid: MoneyEntry, command: RaiseDispute, state: ContractState) -> date:
    """The last day to object. Raises Refused where it can no longer be objected to, or no longer stands."""
    if not paid.open:
        raise Refused(f"{paid.name} no longer stands: {paid.note}")
    known = max(paid.on, paid.recorded_on)
    terms = state.terms_on(known)
    last = known + timedelta(days=terms.settlement.objection_days)
    _in_time(command.on, paid.on, last, f"{paid.name} of {paid.on} was recorded on {paid.recorded_on}", terms)
    if command.position.amount_ore is None:
        raise Refused(f"a position about {paid.name} says its amount")
    return last


def require_open_dispute(state: ContractState, number: int) -> Dispute:
    """The dispute with that number. Raises Refused where there is none, or it has ended."""
    one = state.dispute(number)
    if one.ended is not None:
        said = f": {one.ended.reason}" if one.ended.reason else ""
        raise Refused(f"{one.name} is {one.ended.how} since {one.ended.on}{said}")
    return one


def require_after(on: date, one: Dispute) -> None:
    """Refuse a date before the dispute was raised."""
    if on < one.raised.on:
        raise Refused(f"{one.name} was raised on {one.raised.on}; nothing happened to it before, on {on}")


def answer(command: AnswerDispute, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """An answer by another party; its position, if it has one, is an argument and holds nothing."""
    terms = state.terms_on(command.on)
    _require_party(terms, command.by, context)
    require_dated(command.on, state, context)
    one = require_open_dispute(state, command.dispute)
    require_after(command.on, one)
    if command.by == one.raised.by:
        raise Refused(f"{command.by} raised {one.name}; another party answers it")
    said = command.position
    if said is not None:
        require_same_kind(one, said)
    event = e.DisputeAnswered(dispute=command.dispute, by=command.by, on=command.on, answer=command.answer, position=said)
    return (Decided(command.on, event),)


def require_same_kind(one: Dispute, said: e.Position) -> None:
    """Refuse a position about something else than what the dispute is about."""
    first = one.raised.position
    if (said.savings is None) != (first.savings is None):
        raise Refused(f"{one.name} is about {'savings' if first.savings is not None else 'the amount of a payment'}")
    months = [line.month for line in first.savings or ()]
    if [line.month for line in said.savings or ()] != months:
        raise Refused(f"{one.name} is about {', '.join(map(str, months))}; a position says what each of them saved, in order")


def withdraw(command: WithdrawDispute, state: ContractState, context: Context) -> tuple[Decided, ...]:
    """The party that raised it withdraws it: what was held is due again."""
    terms = state.terms_on(command.on)
    one = require_open_dispute(state, command.dispute)
    require(terms, "records", context.by, also=(one.raised.by, terms.governance.determines))
    if context.by.role != one.raised.by and not command.documented:
        raise Refused(
            f"{one.raised.by} raised {one.name}; who else records that it is withdrawn needs the document that says so",
            do="give it with --evidence FILE",
        )
    require_dated(command.on, state, context)
    require_after(command.on, one)
    return (Decided(command.on, e.DisputeWithdrawn(dispute=command.dispute, on=command.on, reason=command.reason)),)
