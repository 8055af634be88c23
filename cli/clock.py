"""The one clock, at the edge: the machine's on a real ledger; on a simulated one ``--now``, else its last record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ledger.errors import Usage
from ledger.facts import Facts
from ledger.periods import parse_instant


def instant(now: str | None, facts: Facts) -> datetime:
    """The instant to record under. Raises Usage for ``--now`` on a real ledger, or one that cannot be read."""
    if not facts.opened.simulated:
        if now is not None:
            raise Usage(
                "--now is for simulated ledgers; this one records real time, for good",
                do="leave --now (or SOC_NOW) out",
            )
        return datetime.now(UTC)
    return given(now) if now is not None else facts.known_at + timedelta(microseconds=1)


def given(now: str) -> datetime:
    """The instant that ``--now`` says; of a bare date a minute before its end, so that several records fit into the day.
    Raises Usage."""
    try:
        instant = parse_instant(now)
        return instant - timedelta(minutes=1) if len(now) == len("2020-06-15") else instant
    except ValueError as error:
        raise Usage(f"--now: {error}") from None
