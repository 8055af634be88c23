"""Recomputes the records of a contract settled by tiers, each on the facts that it saw; and says what is to be known of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ledger import events as e
from ledger import tiered, tiered_rules
from ledger.errors import LedgerError
from ledger.facts import Facts, tiered_stream
from ledger.money import shown
from ledger.record import Recorded
from ledger.tiered import TieredState
from projections.bond import bond_if_any
from projections.tiered.postings import postings
from projections.tiered.proposals import determination
from projections.tiered.state import state


def differences(facts: Facts, contract_id: str) -> Iterator[tuple[str, str]]:
    """Where a record differs from what is computed anew: the place, and in what."""
    before = tiered.Initial
    for number, record in enumerate(facts.stream(tiered_stream(contract_id)), 1):
        if record.version != number:
            yield f"record {record.position}", f"is not the next of {record.stream}"
        if isinstance(record.data, e.TiersDetermined):
            yield from (
                (f"{contract_id}/D{record.data.number}", said) for said in _determined(facts, contract_id, before, record)
            )
        if isinstance(record.data, e.TiersAgreed):
            yield from ((f"record {record.position}", said) for said in _agreed(before, record.data))
        sums: dict[str, int] = {}
        for one in postings(before, record):
            sums[one.kind] = sums.get(one.kind, 0) + one.amount
        for kind, total in sums.items():
            if total:
                yield f"{contract_id}/{record.position}", f"its {kind} postings sum to {shown(total)}, not zero"
        before = tiered.evolve(before, record)


def standing(facts: Facts, contract_id: str) -> Iterator[str]:
    """What is overpaid, and what is reported and not determined, as of the last record's date."""
    try:
        one = state(facts, contract_id)
    except LedgerError:
        return  # signed later than the date of the last record
    bond = bond_if_any(facts, contract_id, one.when.as_of)
    if bond is not None and bond.open < 0:
        what = f"{shown(-bond.open)} {one.terms.currency} paid on the bond beyond what is due as of {one.when.as_of}"
        yield f"{what}; see it with: soc bond state {contract_id}"
    for party in one.parties:
        if bond is not None and bond.bond.holder == party.party and party.overpaid <= -bond.open:
            continue  # it is said of the whole bond
        if party.overpaid:
            yield f"{shown(party.overpaid)} {one.terms.currency} overpaid to the {party.party} as of {one.when.as_of}"
    if one.undetermined:
        positions = ", ".join(f"record {position}" for position in one.undetermined)
        yield f"reported and not determined as of {one.when.as_of}: {positions}"


def _determined(facts: Facts, contract_id: str, before: TieredState, record: Recorded[Any]) -> Iterator[str]:
    event: e.TiersDetermined = record.data
    if event.basis.position != record.position - 1:
        yield f"it rests on record {event.basis.position}, and not on record {record.position - 1}, the one before it"
    seen = facts.at(event.basis.position)
    if seen.basis != event.basis:
        yield "the record that it names as its basis has another fingerprint"
    if event.number != len(before.determinations) + 1:
        yield "its number is not the next"
    if event.terms_sha256 != before.terms_on(event.on).sha256:
        yield "the terms that it names are not those in force"
    try:
        anew = determination(seen, contract_id, event.on, computed_by=event.computed_by).command
    except LedgerError as error:
        yield f"cannot be recomputed: {error.what}"
        return
    assert isinstance(anew, tiered.DetermineTiers)
    for was, now in zip(event.amounts, anew.amounts, strict=False):
        if was != now:
            yield f"{was.id}: recorded {shown(was.amount_ore)}, recomputed {shown(now.amount_ore)} ({now.id})"
    if len(event.amounts) != len(anew.amounts) or event.conditions != anew.conditions:
        yield "its amounts or conditions are not those of its terms and facts"
    yield from _division(before, event)


def _division(before: TieredState, event: e.TiersDetermined) -> Iterator[str]:
    """What the recorded amounts give, divided anew."""
    given, kept = tiered_rules.divided(before.terms_on(event.on), event.amounts, event.conditions)
    if event.given != given:
        yield "what its tiers give is not what the terms give"
    if event.kept != kept:
        yield "what is kept is not what the tiers leave"


def _agreed(before: TieredState, event: e.TiersAgreed) -> Iterator[str]:
    """The claims at the last party's agreement: what each is given less what was claimed before."""
    one = before.determination(event.determination)
    terms, agreed = before.terms_on(one.event.on), {**one.agreed, event.role: event.on}
    claims: tuple[e.PartyClaim, ...] = ()
    if set(terms.governance.agrees) <= agreed.keys():
        claims = tiered_rules.claims(one, before, terms, terms.payable_on(max(agreed.values())))
    if before.is_outdated(one):
        yield f"D{one.number} is agreed to, though the terms of {one.event.on} were changed since"
    if event.claims != claims:
        yield f"its claims are not what D{one.number} gives beyond what was claimed before"
