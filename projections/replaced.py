"""Whether later records have replaced what a submission did: then the same words are recorded again (decision 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.events import DisputeWithdrawn, EntryCorrected, FollowUpResumed, FollowUpSuspended, MethodologyAdopted
from ledger.facts import Facts
from ledger.record import Recorded


def corrected(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether a later correction undid what these records did: then the same command is recorded again. One that only changed
    an amount or a date leaves them standing."""
    positions = {record.position for record in records}
    stream = facts.stream(records[0].stream)
    return any(
        isinstance(one.data, EntryCorrected)
        and one.data.corrects in positions
        and (one.data.becomes is None or one.data.entry == "acceptance")
        for one in stream
    )


def withdrawn(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the dispute that these records raised was withdrawn since: then the same words raise it again."""
    number = records[-1].data.number
    return any(isinstance(one.data, DisputeWithdrawn) and one.data.dispute == number for one in facts.stream(records[0].stream))


def agreed_since(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the parties have agreed on something of the same sort since: then the same agreement is a new one."""
    last = records[-1]
    pair = (FollowUpSuspended, FollowUpResumed)
    sort = next((one for one in (pair, MethodologyAdopted) if isinstance(last.data, one)), type(last.data))
    later: list[Any] = [
        one.data for one in facts.stream(last.stream) if isinstance(one.data, sort) and one.position > last.position
    ]
    if isinstance(last.data, MethodologyAdopted):
        return any(one.from_on <= last.data.from_on for one in later)  # one that starts later leaves it standing
    return bool(later)


def corrected_again(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
    """Whether the entry that these records correct was corrected once more since: then the same correction is a new one."""
    last = records[-1]
    return any(
        isinstance(one.data, EntryCorrected) and one.data.corrects == last.data.corrects and one.position > last.position
        for one in facts.stream(last.stream)
    )
