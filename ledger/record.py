"""An event as recorded: what happened, in the envelope that says when it is about, when and by whom it was recorded,
and on what it rests. The canonical JSON of all of it is what the log hashes (decisions 1 to 3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from ledger.canonical import canonical
from ledger.errors import VerificationFailed
from ledger.events import TYPES, Actor, Document, Event, Instant
from ledger.vocabulary import Day, Frozen

E = TypeVar("E", bound=Event)


class Recorded(Frozen, Generic[E]):
    """One record. ``position`` counts all records from 1, ``version`` those of its stream from 1.

    ``effective_on`` is the date it is about; ``recorded_at`` the instant the ledger learned it; ``submission`` the SHA-256
    of what the command said.
    """

    position: int
    stream: str
    version: int
    type: str
    recorded_at: Instant
    effective_on: Day
    recorded_by: Actor
    evidence: tuple[Document, ...] = ()
    submission: str
    data: E

    @property
    def originator_id(self) -> str:
        """The stream, as eventsourcing calls it."""
        return self.stream

    @property
    def originator_version(self) -> int:
        """The version, as eventsourcing calls it."""
        return self.version

    def body(self) -> bytes:
        """The canonical JSON that is hashed and stored."""
        return canonical(self.model_dump(mode="json", by_alias=True, exclude_none=True))


@dataclass(frozen=True)
class Stamped:
    """A record on its way into the log, with what is stored beside it."""

    record: Recorded[Any]
    part: int
    beside: bytes | None

    @property
    def originator_id(self) -> str:
        """The stream."""
        return self.record.stream

    @property
    def originator_version(self) -> int:
        """The version within the stream."""
        return self.record.version


@cache
def _envelope(type_name: str) -> type[Recorded[Any]]:
    event: Any = TYPES[type_name]
    return Recorded[event]


def decode(type_name: str, body: bytes) -> Recorded[Any]:
    """The record that a stored body says. Raises VerificationFailed for unknown types and fields: silence is an error."""
    if type_name not in TYPES:
        raise VerificationFailed(
            f"a record of type {type_name}, which this version does not know",
            do="read this ledger with the version that wrote it, or a later one",
        )
    try:
        record = _envelope(type_name).model_validate_json(body)
        if record.type != type_name:
            raise ValueError(f"it says that it is of type {record.type}")
        return record
    except ValueError as error:
        fault = str(error).splitlines()
        said = "; ".join(line.strip() for line in fault[1:3]) if len(fault) > 2 else fault[0]
        raise VerificationFailed(f"a record of type {type_name} does not read: {said}", do="run soc check") from None
