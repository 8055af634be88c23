"""Facts recorded, and methodologies adopted, after the determination of a month that they are about: they change no figure by
themselves (rule 15)."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.contract import ContractState
from ledger.events import MethodologyAdopted, SavingsDetermined
from ledger.facts import Facts, contract_stream
from ledger.record import Recorded
from projections.about import abouts, late, streams


def unsettled(facts: Facts, folded: ContractState, contract_id: str, as_of: date) -> list[Recorded[Any]]:
    """The records of the methodology's source, the headcounts and trend values, that touch a month determined without them."""
    found = {one.position: one for each in late_facts(facts, folded, contract_id, as_of).values() for one in each}
    return [found[position] for position in sorted(found)]


def late_facts(facts: Facts, folded: ContractState, contract_id: str, as_of: date) -> dict[int, list[Recorded[Any]]]:
    """The same by the number of the determination in force that did not see them, in order of recording."""
    resting = (MethodologyAdopted, SavingsDetermined)
    others = (one for one in facts.stream(contract_stream(contract_id)) if isinstance(one.data, resting))
    records = {one.position: one for one in (*evidence(facts, folded, contract_id), *others)}
    found = late([about for record in records.values() for about in abouts(record)], folded, as_of)
    return {number: [records[position] for position in positions] for number, positions in found.items()}


def evidence(facts: Facts, folded: ContractState, contract_id: str) -> list[Recorded[Any]]:
    """The contract's absence reports and headcounts, and the national series that it is measured by, in order of recording."""
    records = (record for name in streams(contract_id, folded) for record in facts.stream(name))
    return sorted(records, key=lambda record: record.position)
