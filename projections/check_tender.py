"""A tender checked: each record decided anew upon those before it, other tenders' too, and the contract signed upon its award."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, assert_never

from ledger import events as e
from ledger import tendering, tenders
from ledger.commands import Context
from ledger.errors import LedgerError
from ledger.events import ContractSigned, TenderEvent
from ledger.facts import Facts, contract_stream, tender_stream
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from ledger.tenders import AwardTender, OpenTender, ReceiveBid, TenderCommand, TenderState, WithdrawBid, document_of


def differences(facts: Facts, tender_id: str) -> Iterator[tuple[int, str]]:
    """What differs from what the rules give, each with the position of the record."""
    state = tenders.Initial
    for number, record in enumerate(facts.stream(tender_stream(tender_id)), 1):
        if record.version != number:
            yield record.position, f"is not the next of {record.stream}"
        yield from ((record.position, what) for what in _decided_anew(facts, state, record, tender_id))
        state = tenders.evolve(state, record)
    yield from _signed(facts, tender_id, state)


def _decided_anew(facts: Facts, state: TenderState, record: Recorded[Any], tender_id: str) -> Iterator[str]:
    if (state.terms is None) != isinstance(record.data, e.TenderOpened):
        yield "the tender is not open, or opened twice"
        return
    if isinstance(record.data, e.TenderOpened) and record.data.terms.id != tender_id:
        yield f"it is the tender {record.data.terms.id}, recorded as {tender_id}"
    context = Context(record.recorded_by, day_in_stockholm(record.recorded_at))
    then = facts.at(record.position)
    others = {name: tenders.fold(then.stream(tender_stream(name))) for name in then.named("tender") if name != tender_id}
    try:
        [decided] = tendering.decide(_command(record), state, context, then.contracts, others)
    except LedgerError as error:
        yield f"the rules do not give it: {error.what}"
        return
    if decided.event != record.data:
        yield _difference(decided.event, record.data)
    elif decided.effective_on != record.effective_on:
        yield f"it is about {decided.effective_on}, and says {record.effective_on}"


def _command(record: Recorded[Any]) -> TenderCommand:
    """What brought the record about."""
    event: TenderEvent = record.data
    match event:
        case e.TenderOpened():
            return OpenTender(event.terms)
        case e.BidReceived():
            said = (event.bidder, event.at_risk_share, event.service_value_ore, event.on)
            return ReceiveBid(*said, document_of(record))
        case e.BidWithdrawn():
            return WithdrawBid(event.bid, event.on, event.reason)
        case e.TenderAwarded():
            return AwardTender(event.bid, event.reason, event.on)
        case _:
            assert_never(event)


def _difference(now: Any, was: Any) -> str:
    if isinstance(was, e.TenderAwarded):
        return f"the terms that follow from bid {was.bid} have the SHA-256 {now.terms_sha256}, and not {was.terms_sha256}"
    names = [name for name in type(was).model_fields if getattr(now, name, None) != getattr(was, name)]
    return f"recomputed otherwise in {', '.join(names)}"


def _signed(facts: Facts, tender_id: str, state: TenderState) -> Iterator[tuple[int, str]]:
    """A contract signed after its tender was opened, against what was awarded by then."""
    if state.terms is None:
        return
    opened = facts.stream(tender_stream(tender_id))[0].position
    for record in facts.stream(contract_stream(state.terms.draft.id)):
        if isinstance(record.data, ContractSigned) and record.position > opened:
            seen = tenders.fold(facts.at(record.position).stream(tender_stream(tender_id)))
            yield from _against(seen, record, day_in_stockholm(record.recorded_at))


def _against(state: TenderState, record: Recorded[ContractSigned], today: date) -> Iterator[tuple[int, str]]:
    try:
        tendering.check_signature(record.data.terms, {state.opened.id: state}, today)
    except LedgerError as error:
        yield record.position, error.what
