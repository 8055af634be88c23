"""Facts → command: a determination by tiers, on the record as it stands. The ledger calls it under its write lock."""

from __future__ import annotations

from datetime import date

from ledger import events as e
from ledger.facts import Facts, contract_stream, tiered_stream
from ledger.tiered import DetermineTiers, OfTiered
from ledger.tiered_terms import ContractsSavings
from projections.tiered.valuation import folded, valued

RESTS_ON = (e.TieredSigned, e.TieredAmended, e.MetricsReported)
"""What a determination by tiers rests on, of its own contract's records."""


def determination(facts: Facts, contract_id: str, on: date, *, computed_by: str, redo: str | None = None) -> OfTiered:
    """What the valuations give as of a day under the terms in force then, and the conditions. ``redo``: why it is done
    anew.

    Raises Refused where a row is missing, Usage for a contract that is not on record.
    """
    contract = folded(facts, contract_id)
    found = valued(facts, contract, contract.terms_on(on), on)
    amounts = tuple(e.AmountFound(id=key, amount_ore=amount) for key, amount in found.amounts.items())
    return OfTiered(contract_id, DetermineTiers(on, amounts, found.conditions, facts.basis, computed_by, redo))


def last_fact(facts: Facts, contract_id: str) -> int:
    """The position of the last record that a determination rests on; part of its submission id (decision 3)."""
    own = [one.position for one in facts.stream(tiered_stream(contract_id)) if isinstance(one.data, RESTS_ON)]
    versions = folded(facts, contract_id).versions
    others = {
        name for _, terms in versions for one in terms.valuations if isinstance(one, ContractsSavings) for name in one.contracts
    }
    own += [
        one.position
        for name in others
        for one in facts.stream(contract_stream(name))
        if isinstance(one.data, e.SavingsDetermined)
    ]
    return max(own)
