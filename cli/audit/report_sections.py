"""The sections of the audit report, in the order in which an auditor asks."""

from __future__ import annotations

from cli.audit.report_backdated import backdated
from cli.audit.report_changes import changes
from cli.audit.report_completeness import completeness
from cli.audit.report_duties import duties
from cli.audit.report_payments import payments
from cli.audit.report_rests import rests
from cli.audit.report_sealed import sealed
from cli.audit.report_table import Names, Section
from ledger.facts import Facts
from ledger.recorder import Recorder
from projections.audit.report import report


def sections(facts: Facts, contract_id: str, days: int, recorder: Recorder) -> list[Section]:
    """All of them, of one contract. Raises Usage for an unknown contract."""
    found = report(facts, contract_id, days)
    names = Names(contract_id, found.of)
    made = [one(found, names) for one in (completeness, backdated, duties, payments, rests, changes)]
    return [*made, sealed(facts, recorder)]
