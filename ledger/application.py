"""eventsourcing's Application on our recorder, and the mapper between records and stored events (decision 1).

Only writing needs it; answers read the recorder, and start sooner without it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent
from eventsourcing.utils import Environment

from ledger.record import Recorded, decode
from ledger.recorder import Factory, RecordedEvent, Recorder


class RecordMapper(Mapper[str]):
    """Between records and stored events: canonical JSON under a stable type name, not a module path."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The stored event of a stamped record."""
        record: Recorded[Any] = domain_event.record
        return RecordedEvent(
            originator_id=record.stream,
            originator_version=record.version,
            topic=record.type,
            state=record.body(),
            recorded_at=record.recorded_at,
            submission=record.submission,
            part=domain_event.part,
            beside=domain_event.beside,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The record of a stored event; unknown types and fields are errors."""
        return decode(stored_event.topic, stored_event.state)


class LedgerApplication(Application[str]):
    """eventsourcing's application on the ledger's recorder."""

    name = "soc-ledger"
    env: ClassVar[dict[str, str]] = {}

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        super().__init__()

    def construct_factory(self, env: Environment) -> Any:
        """A factory that hands out the one recorder."""
        return Factory(env, self._recorder)

    def construct_mapper(self) -> Mapper[str]:
        """Ours: the library's would store module paths and skip validation."""
        return RecordMapper(self.construct_transcoder())
