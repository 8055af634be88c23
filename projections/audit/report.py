"""What an auditor asks on day one about a contract: is the evidence complete, what was dated back, who did what, what was paid on
what, what do the figures rest on, and what was changed later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.contract import ContractState
from ledger.facts import Facts
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from projections.audit.assumptions import Rests, rests
from projections.audit.backdated import Backdated, Told, backdated, notices
from projections.audit.changes import Agreed, Disputed, Superseded, agreements, disputes, superseded
from projections.audit.changes import corrections as corrections_of
from projections.audit.completeness import Completeness, completeness
from projections.audit.duties import Deeds, SamePerson, Twice, deeds, same_person, twice
from projections.audit.payments import Payment, payments
from projections.audit.records import records as records_of


@dataclass(frozen=True)
class AuditReport:
    """One contract as known at a moment. ``days``: from how many days on a record is dated back, and an open instruction old.
    ``today``: the day of the last record; ``of``: the records that were gone through."""

    contract: str
    folded: ContractState
    today: date
    days: int
    of: tuple[Recorded[Any], ...]
    completeness: Completeness
    backdated: tuple[Backdated, ...]
    notices: tuple[Told, ...]
    deeds: tuple[Deeds, ...]
    same_person: tuple[SamePerson, ...]
    twice: tuple[Twice, ...]
    payments: tuple[Payment, ...]
    rests: tuple[Rests, ...]
    superseded: tuple[Superseded, ...]
    disputes: tuple[Disputed, ...]
    corrections: tuple[tuple[Recorded[Any], Recorded[Any]], ...]
    agreements: tuple[Agreed, ...]


def report(facts: Facts, contract_id: str, days: int) -> AuditReport:
    """The report on all that the facts hold. Raises Usage for an unknown contract."""
    folded = facts.contract(contract_id)
    records, today = records_of(facts, folded), day_in_stockholm(facts.known_at)
    return AuditReport(
        contract=contract_id,
        folded=folded,
        today=today,
        days=days,
        of=records,
        completeness=completeness(facts, folded),
        backdated=tuple(backdated(records, days)),
        notices=tuple(notices(records, folded)),
        deeds=tuple(deeds(records)),
        same_person=tuple(same_person(records)),
        twice=tuple(twice(records, folded)),
        payments=tuple(payments(records, folded, today, days)),
        rests=tuple(rests(facts, folded)),
        superseded=tuple(superseded(facts, records, folded)),
        disputes=tuple(disputes(records, folded)),
        corrections=tuple(corrections_of(records)),
        agreements=tuple(agreements(records, folded)),
    )
