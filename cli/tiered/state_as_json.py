"""The state of a contract settled by tiers as JSON: money in kronor as text, absent values null."""

from __future__ import annotations

from typing import Any

from ledger.money import kronor
from ledger.periods import instant_text
from projections.tiered.state import PartyBalance, State, TierStanding


def as_json(one: State) -> dict[str, Any]:
    """The whole state."""
    event = None if one.determination is None else one.determination.event
    return {
        "contract": one.contract,
        "as_of": str(one.when.as_of),
        "known_at": instant_text(one.when.known_at),
        "basis": {"position": one.basis.position, "root": one.basis.root},
        "label": "recorded (simulated ledger)" if one.simulated else "recorded",
        "currency": one.terms.currency,
        "vat": one.terms.vat,
        "signed_on": str(one.signed_on),
        "determination": None
        if event is None
        else {
            "id": f"{one.contract}/D{event.number}",
            "on": str(event.on),
            "rests_on_record": event.basis.position,
            "agreed_by": {role: str(on) for role, on in one.agreed_by.items()},
            "still_to_agree": [role for role in one.terms.governance.agrees if role not in one.agreed_by],
        },
        "amounts": {key: kronor(amount) for key, amount in one.amounts.items()},
        "tiers": [_tier(tier) for tier in one.tiers],
        "kept": [{"of": kept.of, "party": kept.party, "amount": kronor(kept.amount_ore)} for kept in one.kept],
        "parties": {party.party: _party(party) for party in one.parties},
        "undetermined_records": list(one.undetermined),
        "notes": list(one.notes),
        "terms_sha256": one.terms.sha256,
        "not_published": list(one.terms.unpublished),
        "assumed": list(one.terms.assumed),
        "sources": {metric.id: metric.source for metric in one.terms.metrics},
    }


def _tier(one: TierStanding) -> dict[str, Any]:
    condition = None if one.met is None else {"met": one.met, "value": one.value}
    return {
        "tier": one.tier.name,
        "of": one.tier.of,
        "begins": kronor(one.begins),
        "ends": kronor(one.ends),
        "limit": None if one.limit is None else kronor(one.limit),
        "reached": one.reached,
        "remaining": None if one.remaining is None else kronor(one.remaining),
        "guaranteed": one.tier.guaranteed,
        "condition": condition,
        "given": {party: kronor(amount) for party, amount in one.given.items()},
    }


def _party(one: PartyBalance) -> dict[str, Any]:
    figures = ("entitled", "guaranteed", "unagreed", "payable", "coming", "paid", "recovered", "due", "overpaid", "lent")
    by_bond = None if one.by_bond is None else kronor(one.by_bond)
    return {**{name: kronor(getattr(one, name)) for name in figures}, "by_bond": by_bond, "breaks_even": one.breaks_even}
