"""What the state repaid of a contract's sick-pay cost: the last recorded of each month holds."""

from __future__ import annotations

from ledger.events import Reimbursement
from ledger.facts import Facts, reimbursement_stream
from ledger.periods import Month

Reimbursements = dict[Month, Reimbursement]


def reimbursements(facts: Facts, contract: str) -> Reimbursements:
    """The reimbursement of each month for which one is recorded; a month for which nothing was repaid says 0."""
    return {row.month: row for record in facts.stream(reimbursement_stream(contract)) for row in record.data.rows}
