"""*Behandlingshistorik*: who recorded what, when, on which document, what it is about, what it corrects or supersedes and why,
and what corrects or supersedes it (lag 2018:597 om kommunal bokföring och redovisning 3 kap. 11 §, bokföringslagen 5 kap. 11 §).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, assert_never

from ledger import events as e
from ledger.facts import OPENED, Facts, absence_stream, contract_stream
from ledger.record import Recorded
from projections.about import streams
from projections.audit.records import runs
from projections.lines_on_record import LinesOnRecord, lines_on_record

Records = Sequence[Recorded[Any]]


class Tie(NamedTuple):
    """That the record ``later`` corrects, or supersedes, the record ``earlier``: how, and why where it says so. ``lines``: of how
    many lines, where both are absence reports; for the employer alone."""

    later: int
    earlier: int
    how: str
    why: str = ""
    lines: int | None = None


@dataclass(frozen=True)
class Entry:
    """A record in the history. ``contract``: None where it is common to all contracts."""

    record: Recorded[Any]
    contract: str | None
    corrects: tuple[Tie, ...]
    corrected_by: tuple[Tie, ...]

    @property
    def computed_by(self) -> str:
        """The version of the program, and of what measures savings, that computed it; empty where nothing was computed."""
        event = self.record.data
        if isinstance(event, e.SavingsDetermined):
            return event.computed_by
        position = getattr(event, "position", None)
        return (position.computed_by or "") if isinstance(position, e.Position) else ""

    @property
    def rests_on(self) -> int | None:
        """The record up to which a determination saw the facts; None for other records."""
        event = self.record.data
        return event.basis.position if isinstance(event, e.SavingsDetermined) else None


def streams_of(facts: Facts, contract_id: str) -> list[str]:
    """Where everything about a contract stands, the opening of the ledger and its national series included. Raises Usage for an
    unknown contract."""
    return [OPENED, contract_stream(contract_id), *streams(contract_id, facts.contract(contract_id))]


def history(facts: Facts, names: Sequence[str]) -> list[Entry]:
    """The records of those streams in the order in which they were recorded, each once. Raises VerificationFailed for lines that
    are not what was recorded."""
    found = {name: facts.stream(name) for name in names}
    corrects: dict[int, list[Tie]] = {}
    corrected: dict[int, list[Tie]] = {}
    for name, records in found.items():
        for tie in sorted(_ties(facts, name, records)):
            corrects.setdefault(tie.later, []).append(tie)
            corrected.setdefault(tie.earlier, []).append(tie)
    every = sorted((record for records in found.values() for record in records), key=lambda record: record.position)
    return [
        Entry(one, _contract(one.stream), tuple(corrects.get(one.position, ())), tuple(corrected.get(one.position, ())))
        for one in every
    ]


def _contract(stream: str) -> str | None:
    kind, _, contract_id = stream.partition("/")
    return None if kind in (OPENED, "trend") else contract_id


def _ties(facts: Facts, stream: str, records: Records) -> Iterator[Tie]:
    kind, _, contract_id = stream.partition("/")
    match kind:
        case "contract":
            yield from _Contract().ties(records)
        case "absences":
            assert stream == absence_stream(contract_id)
            for source in lines_on_record(facts, contract_id):
                yield from _restated(source)
        case "workforce":
            yield from _said_anew(records, lambda event: (((row.month, row.workplace), row.employees) for row in event.rows))
        case "reimbursements":
            yield from _said_anew(records, lambda event: ((row.month, row) for row in event.rows))
        case "trend":
            yield from _said_anew(records, lambda event: ((one.quarter, (one.value, one.status)) for one in event.values))


def _restated(source: LinesOnRecord) -> Iterator[Tie]:
    """Where a report changes what stands in months of an earlier one, it restates those. Else it only says in other words spells
    that reach into them, such as those that an earlier month's report leaves open (rule 3)."""
    reports = {record.position: record.data for record in source.reported.records}
    for one in source.contradicted():
        months = set(reports[one.earlier].months) & set(reports[one.later].months)
        how = f"restates {runs(months)}" if months else "says anew spells that began earlier"
        yield Tie(one.later, one.earlier, how, lines=one.lines)


def _said_anew(records: Records, says: Callable[[Any], Iterator[tuple[Hashable, object]]]) -> Iterator[Tie]:
    """Where a record says of the same thing something else than the last before it did."""
    last: dict[Hashable, tuple[int, object]] = {}
    found = set()
    for record in records:
        for key, said in says(record.data):
            before, earlier = last.get(key, (record.position, said))
            if before != record.position and earlier != said:
                found.add(Tie(record.position, before, "restates"))
            last[key] = (record.position, said)
    yield from found


class _Contract:
    """A contract's own records, read in order: where what later ones name was recorded."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._reasons: dict[int, str] = {}
        self._terms: list[tuple[Any, int]] = []
        self._methods: list[tuple[Any, int]] = []

    def ties(self, records: Records) -> Iterator[Tie]:
        """What each corrects or supersedes."""
        for record in records:
            yield from (Tie(record.position, *one) for one in self._of(record.position, record.data))

    def _of(self, position: int, event: e.ContractEvent) -> list[tuple[int, str, str]]:
        match event:
            case e.ContractSigned():
                self._terms.append((event.terms.first_month, position))
            case e.ContractAmended():
                signed, *amended = self._terms
                self._terms, earlier = _from(amended, event.from_month, position)
                self._terms.insert(0, signed)
                return [(one, f"amends from {event.from_month} on", event.reason) for one in earlier or [signed[1]]]
            case e.MethodologyAdopted():
                self._methods, earlier = _from(self._methods, event.from_on, position)
                return [(one, f"takes its place from {event.from_on} on", self._argued(event)) for one in earlier]
            case e.MethodologyProposed():
                self._reasons[event.number] = event.reason
            case e.FollowUpSuspended():
                self._at["suspension"] = position
            case e.FollowUpResumed():
                return [(self._at["suspension"], "ends", event.reason)]
            case e.SavingsDetermined():
                self._at[f"D{event.number}"] = position
                return [(self._at[f"D{one}"], "supersedes", event.reason or _resolved(event)) for one in event.supersedes]
            case e.EntryCorrected():
                return [(event.corrects, "reverses" if event.becomes is None else "changes", event.reason)]
            case e.DisputeRaised():
                self._at[f"X{event.number}"] = position
            case e.DisputeWithdrawn():
                return [(self._at[f"X{event.dispute}"], "withdraws", event.reason)]
            case e.DisputeResolved():
                return [(self._at[f"X{event.dispute}"], "ends", event.reason)]
            case e.MethodologyRejected() | e.SavingsNotified() | e.DeterminationAccepted() | e.DisputeAnswered():
                pass
            case e.AuditFindingsRecorded() | e.EvaluationSignedOff():
                return self._audited(position, event)
            case e.PaymentInstructed() | e.PaymentMade() | e.LoanDrawn() | e.LoanRepaid() | e.ContractClosed():
                pass
            case _:
                assert_never(event)
        return []

    def _audited(self, position: int, event: e.AuditFindingsRecorded | e.EvaluationSignedOff) -> list[tuple[int, str, str]]:
        sort = "A" if isinstance(event, e.AuditFindingsRecorded) else "S"
        self._at[f"{sort}{event.number}"] = position
        return [] if event.supersedes is None else [(self._at[f"{sort}{event.supersedes}"], "supersedes", event.reason or "")]

    def _argued(self, event: e.MethodologyAdopted) -> str:
        return "" if event.proposal is None else self._reasons[event.proposal]


def _resolved(event: e.SavingsDetermined) -> str:
    first = event.months[0]
    return f"resolution of X{first.dispute}" if isinstance(first, e.MonthAgreed) and first.dispute is not None else ""


def _from(versions: list[tuple[Any, int]], start: Any, position: int) -> tuple[list[tuple[Any, int]], list[int]]:
    """The versions after one that is in force from ``start`` on, and the positions of those that it takes the place of, wholly or
    from then on."""
    kept = [one for one in versions if one[0] < start]
    gone = [one for one in versions if one[0] >= start]
    return [*kept, (start, position)], [at for _, at in (*kept[-1:], *gone)]
