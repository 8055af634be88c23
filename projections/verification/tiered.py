"""Whether the rules bring about what is recorded of a contract settled by tiers: every record decided again, upon what was on
record before it, and every figure computed again on the facts that it saw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from ledger import events as e
from ledger import tiered, tiered_rules
from ledger.commands import Context
from ledger.errors import LedgerError
from ledger.facts import Facts, tiered_stream
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from ledger.tiered import TieredCommand, TieredState
from projections.tiered import check as check_tiered


def wrong(facts: Facts, contract_id: str) -> Iterator[tuple[int, str]]:
    """Position and what of every record of the contract that differs."""
    before = tiered.Initial
    for record in facts.stream(tiered_stream(contract_id)):
        try:
            odd = list(_differences(facts, contract_id, before, record))
            before = tiered.evolve(before, record)
        except Exception as error:  # whatever a stranger's record brings about
            yield record.position, f"it cannot be computed again: {getattr(error, 'what', repr(error))}"
            return
        if odd:
            yield record.position, "; ".join(odd)


def determinations(facts: Facts, contract_id: str) -> int:
    """How many determinations the contract has."""
    return sum(isinstance(record.data, e.TiersDetermined) for record in facts.stream(tiered_stream(contract_id)))


def _differences(facts: Facts, contract_id: str, before: TieredState, record: Recorded[Any]) -> Iterator[str]:
    event: e.TieredEvent = record.data
    context = Context(record.recorded_by, day_in_stockholm(record.recorded_at))
    try:
        [found] = tiered_rules.decide(_command(event), before, context)
        if (found.effective_on, found.event) != (record.effective_on, event):
            yield "the rules give another record"
    except LedgerError as error:
        yield f"the rules refuse it: {error.what}"
    if isinstance(event, e.TieredSigned) and event.terms.id != contract_id:
        yield f"the terms are of {event.terms.id}"
    if isinstance(event, e.TiersDetermined) and before.signed_on is not None:
        yield from check_tiered._determined(facts, contract_id, before, record)


def _command(event: e.TieredEvent) -> TieredCommand:
    """What was commanded."""
    match event:
        case e.TieredSigned():
            return tiered.SignTiered(event.terms, event.signed_on)
        case e.TieredAmended():
            return tiered.AmendTiered(event.terms, event.from_on, event.agreed_by, event.reason)
        case e.MetricsReported():
            return tiered.ReportMetrics(event.rows)
        case e.TiersDetermined():
            found = (event.amounts, event.conditions, event.basis, event.computed_by, event.reason)
            return tiered.DetermineTiers(event.on, *found)
        case e.TiersAgreed():
            return tiered.AgreeTiers(event.determination, event.role, event.on)
        case e.TieredPaid():
            said = (event.kind, event.payer, event.payee, event.amount_ore, event.on, event.bank_reference)
            return tiered.PayTiered(*said)
        case e.TieredPaymentCorrected():
            if event.becomes is None:
                return tiered.CorrectTieredPayment(event.number, event.reason)
            return tiered.CorrectTieredPayment(event.number, event.reason, event.becomes.amount_ore, event.becomes.on)
        case _:
            assert_never(event)
