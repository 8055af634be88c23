"""A contract settled by tiers under other terms: the same facts, valued and divided otherwise. A simulation, never written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.errors import Refused
from ledger.facts import Facts
from ledger.tiered_terms import TieredTerms
from ledger.tiers import Given
from projections.as_of import AsOf
from projections.tiered.valuation import Valued, folded, valued


@dataclass(frozen=True)
class WhatIf:
    """The same facts under the terms in force (``agreed``) and under others (``other``), as of one day."""

    contract: str
    when: AsOf
    agreed: Valued
    other: Valued

    def given(self, party: str) -> tuple[int, int]:
        """Öre that a party is given under the one and the other."""
        return self.agreed.division.entitled(party), self.other.division.entitled(party)

    @property
    def parties(self) -> tuple[str, ...]:
        """Who is given something under either, in the order of the tiers."""
        lines: tuple[Given, ...] = (*self.agreed.division.given, *self.other.division.given)
        return tuple(dict.fromkeys(one.party for one in lines))


def what_if(facts: Facts, contract_id: str, terms: TieredTerms, as_of: date | None = None) -> WhatIf:
    """Both, as of a day, as known by the facts. Raises Refused where a row is missing, or the currency is another."""
    contract, when = folded(facts, contract_id), AsOf.latest(facts, as_of)
    agreed = contract.terms_on(when.as_of)
    if terms.currency != agreed.currency:
        raise Refused(f"{contract_id} is in {agreed.currency}, the other terms are in {terms.currency}", where="currency")
    return WhatIf(
        contract_id,
        when,
        valued(facts, contract, agreed, when.as_of),
        valued(facts, contract, terms, when.as_of),
    )
