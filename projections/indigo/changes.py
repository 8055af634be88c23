"""What the parties agreed to change after signing, for an INDIGO record: terms, methodology, follow-up; and COVID-19."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger import events as e
from ledger.disruption import DeemAverage
from ledger.methodology import Methodology
from ledger.record import Recorded
from projections.indigo.sources import Json, value

if TYPE_CHECKING:
    from projections.indigo.record import Ground

PANDEMIC = ("covid", "corona", "pandemi")
"""Words by which a reason speaks of the pandemic."""


@dataclass(frozen=True)
class Change:
    """A change by agreement: the record's position, what it says, why; ``disruption``: it is for disrupted months; ``pause``: it
    suspends follow-up."""

    position: int
    says: str
    why: str
    disruption: bool = False
    pause: bool = False


def changes(records: Sequence[Recorded[Any]]) -> Iterator[Change]:
    """Every change, in order of recording; the methodology that was adopted first is none."""
    before: Methodology | None = None
    argued = {one.data.number: one.data.reason for one in records if isinstance(one.data, e.MethodologyProposed)}
    for record in records:
        event = record.data
        if isinstance(event, e.MethodologyAdopted):
            if before is not None:
                why = "" if event.proposal is None else argued[event.proposal]
                yield Change(record.position, _method(before, event), why, _disrupted(event.methodology))
            before = event.methodology
        elif isinstance(event, e.ContractAmended):
            yield Change(record.position, f"terms amended from {event.from_month}", event.reason)
        elif isinstance(event, (e.FollowUpSuspended, e.FollowUpResumed)):
            pause = isinstance(event, e.FollowUpSuspended)
            says = f"follow-up {'suspended' if pause else 'resumed'} from {event.from_month}"
            yield Change(record.position, says, event.reason, pause=pause)


def _method(before: Methodology, event: e.MethodologyAdopted) -> str:
    """The methodology before and after, and what it says of disrupted months."""
    rules = "; ".join(_rule(rule) for rule in event.methodology.disruption if rule.kind != "none@1")
    change = f"savings measured by {event.methodology.name} in place of {before.name} in months from {event.from_on}"
    return f"{change}: {rules}" if rules else change


def _rule(rule: Any) -> str:
    of = f", each for the mean of {rule.of}" if isinstance(rule, DeemAverage) else ""
    return f"{rule.kind} for {rule.window}{of}"


def _disrupted(methodology: Methodology) -> bool:
    return any(rule.kind != "none@1" for rule in methodology.disruption)


def covid(ground: Ground) -> Json:
    """What the code list has for the pandemic: a methodology with a rule for disrupted months varies the contract, follow-up
    suspended because of the pandemic pauses it; where nothing of the kind is on record, nothing is said."""
    varied = [one for one in ground.changes if one.disruption]
    paused = [one for one in ground.changes if one.pause and any(word in one.why.lower() for word in PANDEMIC)]
    if not (varied or paused):
        return {}
    said = "Continue on outcomes contract with variations" if varied else "Pause project"
    return {**value(said), "source_ids": ground.sources.recorded(*(one.position for one in (*varied, *paused)))}
