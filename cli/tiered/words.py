"""What the records of a contract settled by tiers say, in a controller's words."""

from __future__ import annotations

from typing import assert_never

from ledger import events as e
from ledger.money import shown


def told_of_tiers(event: e.TieredEvent) -> str:
    """What the record says, for a register. Amounts are in the contract's currency."""
    match event:
        case e.TieredSigned():
            return f"contract signed on {event.signed_on}"
        case e.TieredAmended():
            return f"terms amended from {event.from_on}, agreed by {', '.join(map(_role, event.agreed_by))}: {event.reason}"
        case e.MetricsReported():
            return "; ".join(map(_row, event.rows))
        case e.TiersDetermined():
            amounts = ", ".join(f"{one.id} {shown(one.amount_ore)}" for one in event.amounts)
            given = ", ".join(f"{_role(one.party)} {shown(one.amount_ore)} ({one.tier})" for one in event.given)
            anew = "" if event.reason is None else f"; determined anew: {event.reason}"
            return f"determined as of {event.on}: {amounts}; given: {given}{anew}"
        case e.TiersAgreed():
            said = f"D{event.determination} agreed to by {_role(event.role)} on {event.on}"
            claims = (f"{shown(one.amount_ore)} payable to {_role(one.party)} on {one.payable_on}" for one in event.claims)
            return "; ".join([said, *claims])
        case e.TieredPaid():
            said = f"{event.kind} paid on {event.on}: {shown(event.amount_ore)} from {_role(event.payer)} to {_role(event.payee)}"
            return f"{said}, bank {event.bank_reference}"
        case e.TieredPaymentCorrected():
            was = f"{shown(event.was.amount_ore)} on {event.was.on}"
            now = "reversed" if event.becomes is None else f"now {shown(event.becomes.amount_ore)} on {event.becomes.on}"
            return f"P{event.number} corrected: was {was}, {now}: {event.reason}"
        case _:
            assert_never(event)


def _row(row: e.MetricRow) -> str:
    found = shown(row.amount_ore) if row.amount_ore is not None else row.value
    persons = "" if row.persons is None else f" for {row.persons} persons"
    return f"{row.metric}, {row.group}, {row.part} to {row.until}: {found}{persons}"


def _role(name: str) -> str:
    return name.replace("_", " ")
