"""Questions to contracts that other processes can import."""

from __future__ import annotations

import os
import signal

from ledger.facts import Facts, absence_stream


def how_many_reports(facts: Facts, contract_id: str) -> int:
    """Reports on record."""
    facts.contract(contract_id)
    return len(facts.stream(absence_stream(contract_id)))


def process(facts: Facts, contract_id: str) -> int:
    """Which process was asked."""
    return os.getpid()


def deadly(facts: Facts, contract_id: str) -> int:
    """Ends the process that is asked about the second contract, as a machine out of memory does."""
    if contract_id.startswith("m002"):
        os.kill(os.getpid(), signal.SIGKILL)
    return how_many_reports(facts, contract_id)
