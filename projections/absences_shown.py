"""Absences month by month and workplace by workplace, for others than the employer: short-term net days as they are measured, of
fewer than five absent persons nothing (``audience``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.contract import ContractState
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month, day_in_stockholm
from projections.audience import FEWEST, Audience, by_workplace, distinct
from projections.facts_used import AbsencesUsed, EveryReport
from projections.measured import Measured


@dataclass(frozen=True)
class Shown:
    """A workplace's month, or that of all withheld ones together where ``workplace`` is None. ``spells``, and net days × 100:
    None where they are withheld. ``reference``: a month that the contract's months are compared with."""

    month: Month
    workplace: str | None
    workplaces: int
    spells: int | None
    hundredths: int | None
    reference: bool


def absences_shown(facts: Facts, contract_id: str, audience: Audience) -> Iterator[Shown]:
    """The months that have ended with headcounts on record, under the methodology that is agreed for them now; those that are not
    measured, by agreement, left out. Raises Usage for an unknown contract, VerificationFailed for lines that are not what was
    recorded."""
    folded = facts.contract(contract_id)
    sources: dict[str, EveryReport] = {}
    for month, method, reference in _months(folded):
        source = method.measure.source
        if source not in sources:
            sources[source] = EveryReport(Measured(facts, contract_id, source))
        if month.last_day < day_in_stockholm(facts.known_at) and sources[source].workplaces(month):
            used = sources[source].used(month, method, reference=reference)
            yield from _shown(used, audience, reference)


def _months(folded: ContractState) -> Iterator[tuple[Month, Methodology, bool]]:
    """The reference months of the first methodology, then the contract's months that are measured."""
    first, last = folded.signed.first_month, folded.versions[-1][1].last_month
    if not any(start <= first.first_day for start, _ in folded.methodologies):
        return
    method = folded.methodology_of(first)
    yield from ((month, method, True) for month in method.reference.months if month < first)
    month = first
    while month <= last:
        method = folded.methodology_of(month)
        if method.agreed(month) is None and not folded.suspended(month):
            yield month, method, False
        month = month + 1


def _shown(used: AbsencesUsed, audience: Audience, reference: bool) -> Iterator[Shown]:
    table = by_workplace(used, audience)
    for row in table.rows:
        yield Shown(used.month, row.name, 1, row.spells, row.hundredths, reference)
    if not table.withheld:
        return
    hidden = {row.name for row in table.rows if row.withheld}
    enough = distinct(cell for cell in used.cells if cell.workplace in hidden) >= FEWEST
    spells, hundredths = (table.withheld_spells, table.withheld_hundredths) if enough else (None, None)
    yield Shown(used.month, None, table.withheld, spells, hundredths, reference)
