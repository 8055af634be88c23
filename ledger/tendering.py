"""The rules of a tender. Pure: no clock, no I/O; a refusal names the clause.

Rules: bids in the window, at a share within the limits, one standing of each bidder, and upon a document where they are recorded
after closing; one tender of a contract at a time; one award, after closing, to a bid that stands; the contract's terms are those
that follow from it. Source: the case study, §4.2 and §4.3; who records and who awards, the tender says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any, assert_never

from ledger import events as e
from ledger.commands import Context, Decided
from ledger.errors import Refused
from ledger.tender_terms import TenderTerms, awarded, faults_in, percent
from ledger.tenders import AwardTender, Bid, OpenTender, ReceiveBid, TenderCommand, TenderState, WithdrawBid
from ledger.terms import ContractTerms
from ledger.vocabulary import decimal_text


def decide(
    command: TenderCommand,
    state: TenderState,
    context: Context,
    contracts: Iterable[str] = (),
    tenders: Mapping[str, TenderState] | None = None,
) -> tuple[Decided, ...]:
    """The event that a command brings about. Raises Refused, naming the clause, where a rule stands against it.

    ``contracts``: the ids of those on record; ``tenders``: all on record, by id. An opening, a bid and an award are
    compared with them.
    """
    terms = command.terms if isinstance(command, OpenTender) else state.opened
    taken = unfree(terms, contracts, tenders or {}, context.today)
    match command:
        case OpenTender():
            return _open(command, state, context, taken)
        case ReceiveBid():
            return _receive(command, state, context, taken)
        case WithdrawBid():
            return _withdraw(command, state, context)
        case AwardTender():
            return _award(command, state, context, taken)
        case _:
            assert_never(command)


def _open(command: OpenTender, state: TenderState, context: Context, taken: str | None) -> tuple[Decided, ...]:
    if state.terms is not None:
        raise Refused(f"{command.terms.id} is open already", do="give another tender another id")
    _require_free(command.terms, taken)
    _require(command.terms, "records", context)
    return (Decided(command.terms.opens_on, e.TenderOpened(terms=command.terms)),)


def _receive(command: ReceiveBid, state: TenderState, context: Context, taken: str | None) -> tuple[Decided, ...]:
    terms = state.opened
    _require(terms, "records", context)
    _require_past(command.on, context)
    _require_not_awarded(state)
    _require_free(terms, taken)
    _require_in_time(command, state, context)
    check_share(terms, command.at_risk_share)
    name = command.bidder.casefold()
    own = [bid.number for bid in state.bids if bid.stands and bid.bidder.casefold() == name]
    if own:
        raise Refused(
            f"{command.bidder} has a bid that stands, bid {own[0]}",
            do=f"withdraw it first: soc tender withdraw {terms.id} --bid {own[0]} --on DATE --reason TEXT",
        )
    checked_terms(terms, command.bidder, command.at_risk_share, command.value)
    _require_shown(command, terms, context)
    said = {"number": len(state.bids) + 1, "bidder": command.bidder, "at_risk_share": decimal_text(command.at_risk_share)}
    event = e.BidReceived.model_validate({**said, "service_value_ore": command.value, "on": command.on})
    return (Decided(command.on, event),)


def _require_in_time(command: ReceiveBid, state: TenderState, context: Context) -> None:
    """Refuse a bid outside the window, and one on a tender that came to nothing."""
    terms = state.opened
    if not terms.opens_on <= command.on <= terms.closes_on:
        where = terms.clause("opens_on" if command.on < terms.opens_on else "closes_on")
        raise Refused(f"{command.on} is outside the time for bids, {terms.opens_on} to {terms.closes_on}", where=where)
    told_by_then = state.recorded_on is not None and state.recorded_on <= terms.closes_on  # else all of it is told after the fact
    if told_by_then and state.lapsed(context.today):
        raise Refused(
            f"{terms.id} lapsed: it closed on {terms.closes_on} without a bid that stands",
            where=terms.clause("closes_on"),
            do="tender anew: soc tender open TENDER.toml, with another id and later days",
        )


def _require_shown(command: ReceiveBid, terms: TenderTerms, context: Context) -> None:
    """Refuse a bid recorded after closing that no document shows: others' bids may be known by then."""
    late = (context.today - terms.closes_on).days
    if late > 0 and not command.document:
        raise Refused(
            f"recorded {days(late)} after closing, a bid needs a document that shows that it was received on {command.on}",
            where=terms.clause("closes_on"),
            do="name it with: --reference TEXT",
        )


def days(number: int) -> str:
    """``1 day``, ``9 days``."""
    return f"{number} day{'s' if number != 1 else ''}"


def check_share(terms: TenderTerms, share: Fraction) -> None:
    """Refuse a share outside the limits of the tender."""
    limits = terms.at_risk
    if not limits.least <= share <= limits.most:
        side, key = ("below", "at_risk.least") if share < limits.least else ("above", "at_risk.most")
        raise Refused(
            f"a provider may bid {percent(limits.least)} to {percent(limits.most)} at risk; {percent(share)} is {side} it",
            where=terms.clause(key),
        )


def checked_terms(terms: TenderTerms, bidder: str, share: Fraction, value: int | None) -> ContractTerms:
    """The contract's terms that follow from a bid. Raises Refused, with every fault, where they cannot be."""
    given = terms.service.value
    if given is not None and value is not None:
        raise Refused(
            "the tender gives the service's value, so that a bid does not",
            where=terms.clause("service.value"),
            do="leave out --value",
        )
    if given is None and value is None:
        raise Refused(
            "the tender gives no value of the service, so that a bid does",
            where=terms.clause("service"),
            do="say it with --value AMOUNT",
        )
    try:
        return awarded(terms, bidder, share, value)
    except ValueError as error:
        faults = "".join(f"\n    {fault}" for fault in faults_in(error))
        raise Refused(f"no contract can follow from this bid{faults}", where=terms.clause("draft")) from None


def _withdraw(command: WithdrawBid, state: TenderState, context: Context) -> tuple[Decided, ...]:
    _require(state.opened, "records", context)
    _require_past(command.on, context)
    _require_not_awarded(state)
    bid = _standing(state, command.bid)
    if command.on < bid.on:
        raise Refused(f"{command.on} is before bid {bid.number} was received on {bid.on}")
    return (Decided(command.on, e.BidWithdrawn(bid=bid.number, on=command.on, reason=command.reason)),)


def _award(command: AwardTender, state: TenderState, context: Context, taken: str | None) -> tuple[Decided, ...]:
    terms = state.opened
    _require(terms, "awards", context)
    _require_past(command.on, context)
    _require_not_awarded(state)
    _require_free(terms, taken)
    if command.on <= terms.closes_on:
        raise Refused(f"bids are received until {terms.closes_on}; it is awarded after that", where=terms.clause("closes_on"))
    bid = _standing(state, command.bid)
    withdrawn = [one for one in state.bids if one.withdrawn_on is not None and command.on < one.withdrawn_on]
    if withdrawn:
        raise Refused(f"bid {withdrawn[0].number} still stood on {command.on}; it was withdrawn on {withdrawn[0].withdrawn_on}")
    sha256 = state.terms_of(bid).sha256
    return (Decided(command.on, e.TenderAwarded(bid=bid.number, on=command.on, reason=command.reason, terms_sha256=sha256)),)


def _standing(state: TenderState, number: int) -> Bid:
    bid = state.bid(number)
    if not bid.stands:
        raise Refused(f"bid {number} was withdrawn on {bid.withdrawn_on}")
    return bid


def _require(terms: TenderTerms, may: str, context: Context) -> None:
    """Refuse an actor whose role the tender does not let do this."""
    named: tuple[str, ...] = getattr(terms.governance, may)
    if context.by.role not in named:
        raise Refused(
            f"{context.by.role} may not do this; governance.{may} names {', '.join(named)}",
            where=terms.clause(f"governance.{may}"),
            do='say who acts with: --actor "NAME, ROLE"',
        )


def _require_past(on: date, context: Context) -> None:
    if on > context.today:
        raise Refused(f"{on} is in the future; today is {context.today}", do="record it on that day, or date it today or earlier")


def _require_not_awarded(state: TenderState) -> None:
    if state.award is not None:
        event, by = state.award.event, state.opened.clause("governance.awards")
        raise Refused(f"{state.opened.id} was awarded on {event.on} to bid {event.bid}; that stands", where=by)


def _require_free(terms: TenderTerms, taken: str | None) -> None:
    if taken is not None:
        raise Refused(taken, where=terms.clause("draft.id"), do="see each tender and where it stands with: soc tender list")


# ── Beside other tenders and contracts ──────────────────────────────────────────────────────────────────────────────────


def unfree(terms: TenderTerms, contracts: Iterable[str], others: Mapping[str, TenderState], today: date) -> str | None:
    """Why a contract cannot be tendered: it is signed, or tendered elsewhere; None where nothing stands against it."""
    wanted = terms.draft.id
    if wanted in contracts:
        return f"{wanted} is signed already, so that it cannot be tendered"
    for name, state in others.items():
        if name != terms.id and state.terms is not None and state.terms.draft.id == wanted and not state.lapsed(today):
            return f"{wanted} is {'tendered' if state.award is None else 'awarded'} in {name} already"
    return None


def check_signature(terms: ContractTerms, tenders: Mapping[str, TenderState], today: date) -> None:
    """Refuse terms that differ from what was awarded for the contract of that id, with each difference; and terms of a contract
    whose tender is not awarded. Where no tender of it is on record, or one that came to nothing, nothing is asked."""
    for state in tenders.values():
        tender = state.opened
        if tender.draft.id != terms.id or state.lapsed(today):
            continue
        if state.award is None or state.awarded_terms is None:
            raise Refused(
                f"the tender {tender.id} of {terms.id} is not awarded",
                where=tender.clause("governance.awards"),
                do=f"award it with: soc tender award {tender.id} --bid N --reason TEXT --on DATE",
            )
        differs = list(differences(state.awarded_terms, terms))
        if differs:
            raise Refused(
                f"these are not the terms awarded in tender {tender.id}, record {state.award.position}:"
                + "".join(f"\n    {key}: awarded {was}, here {now}" for key, was, now in differs),
                do=f"sign what was awarded: soc contract sign --award {tender.id}",
            )


def differences(awarded: ContractTerms, given: ContractTerms) -> Iterator[tuple[str, str, str]]:
    """Key by key, what was awarded and what is given, where they differ."""
    was, now = (dict(_flat(one.model_dump(mode="json", exclude_none=True))) for one in (awarded, given))
    for key in {**was, **now}:
        if was.get(key) != now.get(key):
            yield key, was.get(key, "nothing"), now.get(key, "nothing")


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{key}.{number}")
    else:
        yield key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)
