"""Recomputes everything that can be recomputed, and names what it could not and why. Pure: facts and rows in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from ledger import contract, merkle, waterfall
from ledger.canonical import canonical
from ledger.contract import ContractState
from ledger.errors import LedgerError, VerificationFailed
from ledger.events import (
    AbsenceReported,
    AnyMonth,
    Claim,
    DeterminationAccepted,
    Event,
    IndicatorEvent,
    MethodologyAdopted,
    MethodologyAdopted1,
    ProgrammeEvent,
    SavingsDetermined,
    SavingsNotified,
    TenderEvent,
    TieredEvent,
)
from ledger.facts import OPENED, Facts, contract_stream, programme_stream, streams_of, tender_stream, tiered_stream
from ledger.lines import committed
from ledger.money import shown
from ledger.periods import Period, day_in_stockholm
from ledger.record import Recorded, decode
from ledger.recorder import Row
from projections import check_disputes, check_tender, proposals
from projections.audit import findings as audit_findings
from projections.findings_beside import beside
from projections.postings import postings
from projections.state import state
from projections.tiered import check as check_tiered
from projections.unsettled import unsettled

Sort = Literal["broken", "differs", "finding"]


@dataclass(frozen=True)
class Finding:
    """What a check found: ``broken`` storage, a figure that ``differs`` when recomputed, or a ``finding`` to know of."""

    sort: Sort
    where: str
    what: str


def storage(rows: Iterable[Row]) -> Iterator[Finding]:
    """Every body against its leaf, its columns and the tree; every report's lines against what the body commits to."""
    peaks: tuple[bytes, ...] = ()
    try:
        for expected, row in enumerate(rows, 1):
            where = f"record {row.position}"
            if row.position != expected:
                yield Finding("broken", where, f"stands where record {expected} should")
                return
            if merkle.leaf_hash(row.body) != row.leaf:
                yield Finding("broken", where, "its content is not what was recorded")
            if merkle.peaks_after(peaks, expected - 1, row.leaf) != row.peaks:
                yield Finding("broken", where, "its fingerprint does not follow from the records before it")
            peaks = row.peaks
            yield from _body(row, where)
    except (VerificationFailed, ValueError) as error:
        yield Finding("broken", "the record", str(error))


def seals(faults: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """What is wrong with the checkpoints kept beside the record, each with where it stands: one that is not of the record says
    that one of the two has been changed."""
    for where, what in faults:
        yield Finding("broken", where, what)


def _body(row: Row, where: str) -> Iterator[Finding]:
    try:
        record = decode(row.type, row.body)
    except LedgerError as error:
        yield Finding("broken", where, str(error))
        return
    said = (record.position, record.stream, record.version, record.type, record.recorded_at, record.submission)
    if said != (row.position, row.stream, row.version, row.type, row.recorded_at, row.submission):
        yield Finding("broken", where, "its columns do not say what its content says")
    if canonical(record.model_dump(mode="json", by_alias=True, exclude_none=True)) != row.body:
        yield Finding("broken", where, "its content is not in canonical form")
    if record.stream.partition("/")[0] != _kind_of_stream(record.data) or (record.stream == OPENED) != (row.position == 1):
        yield Finding("broken", where, f"{record.type} does not belong in {record.stream}, at that place")
    if row.beside is not None and not isinstance(record.data, AbsenceReported):
        yield Finding("broken", where, "something is stored with it that was not recorded")
    if isinstance(record.data, AbsenceReported) and not committed(row.beside, record.data.lines.count, record.data.lines.sha256):
        yield Finding("broken", where, "its lines are not those that it was recorded with")


def _kind_of_stream(event: Event) -> str:
    named = {"LedgerOpened": OPENED, "AbsenceReported": "absences", "WorkforceReported": "workforce"}
    named |= {"ReimbursementsReported": "reimbursements", "TrendPublished": "trend"}
    named |= {kind.__name__: "tiered" for kind in get_args(TieredEvent)}
    named |= {kind.__name__: "indicators" for kind in get_args(IndicatorEvent)}
    named |= {kind.__name__: "programme" for kind in get_args(ProgrammeEvent)}
    named |= {kind.__name__: "tender" for kind in get_args(TenderEvent)}
    return named.get(type(event).__name__, "contract")


def contract_findings(facts: Facts, contract_id: str) -> Iterator[Finding]:
    """Every determination recomputed on the facts that it saw; every posting; what is overpaid and unsettled."""
    records = facts.stream(contract_stream(contract_id))
    folded = contract.Initial
    seen: list[int] = []
    for record in records:
        if isinstance(record.data, SavingsDetermined):
            yield from list(basis(contract_id, record)) or _determination(facts, contract_id, folded, record)
        if isinstance(record.data, SavingsNotified):
            yield from _notice(folded, record)
        if isinstance(record.data, DeterminationAccepted):
            yield from _acceptance(folded, record)
        if isinstance(record.data, MethodologyAdopted):
            yield from _adoption(facts, contract_id, record)
        if record.version != len(seen) + 1:
            yield Finding("broken", f"record {record.position}", f"is not the next of {record.stream}")
        seen.append(record.version)
        for said in check_disputes.differences(facts, contract_id, folded, record):
            yield Finding("differs", f"record {record.position}", said)
        for said in audit_findings.differences(facts, contract_id, folded, record):
            yield Finding("differs", f"record {record.position}", said)
        yield from _balanced(contract_id, record)
        folded = contract.evolve(folded, record)
    yield from _standing(facts, contract_id, folded)


def tiered_findings(facts: Facts, contract_id: str) -> Iterator[Finding]:
    """The same of a contract settled by tiers."""
    for where, what in check_tiered.differences(facts, contract_id):
        yield Finding("differs", where, what)
    for what in check_tiered.standing(facts, contract_id):
        yield Finding("finding", contract_id, what)


def tender_findings(facts: Facts, tender_id: str) -> Iterator[Finding]:
    """What was awarded, from the tender and the bid anew; and what was signed upon it."""
    for position, what in check_tender.differences(facts, tender_id):
        yield Finding("differs", f"record {position}", what)


def basis(contract_id: str, record: Recorded[SavingsDetermined]) -> Iterator[Finding]:
    """A determination is made upon all that is on record: what it rests on is the record before it (rule 9)."""
    rests, before = record.data.basis.position, record.position - 1
    if rests != before:
        what = f"it rests on record {rests}, and not on record {before}, the one before it"
        yield Finding("differs", f"{contract_id}/D{record.data.number}", what)


def _determination(
    facts: Facts, contract_id: str, before: ContractState, record: Recorded[SavingsDetermined]
) -> Iterator[Finding]:
    event, where = record.data, f"{contract_id}/D{record.data.number}"
    seen = facts.at(event.basis.position)
    if seen.basis != event.basis:
        yield Finding("differs", where, "the record that it names as its basis has another fingerprint")
    period = Period(event.months[0].month, event.months[-1].month)
    try:
        months = _months(facts, contract_id, seen, before, record)
    except LedgerError as error:
        yield Finding("differs", where, f"cannot be recomputed: {error.what}")
        return
    for was, now in zip(event.months, months, strict=True):
        if was != now:
            yield Finding("differs", where, _month_difference(was, now))
    savings = {**before.savings, **{one.month: one.savings_ore for one in event.months}}
    moves = waterfall.difference(before.path, waterfall.path(savings, before.terms_of))
    moved = {one.month: one.savings_ore - before.savings.get(one.month, 0) for one in event.months}
    if {one.month: one.amount_ore for one in event.savings} != {month: amount for month, amount in moved.items() if amount}:
        yield Finding("differs", where, "its savings by month are not the difference to what stood before")
    if tuple((one.month, one.amount_ore) for one in event.entitlement) != moves:
        yield Finding("differs", where, "its entitlement by month is not what the terms give")
    touched = tuple(one.number for one in before.in_force if any(line.month in period for line in one.months))
    if event.supersedes != touched or event.number != len(before.determinations) + 1:
        yield Finding(
            "differs", where, "it does not supersede exactly the determinations of its months, or its number is not the next"
        )
    if event.preliminary != any(map(proposals.is_preliminary, event.months)):
        yield Finding("differs", where, "whether it is preliminary does not follow from its index values")
    unclaimed = sum(one.claim_ore for one in before.in_force if one.number in event.supersedes and one.notice is None)
    if event.claim_ore != sum(amount for _, amount in moves) + unclaimed:
        yield Finding("differs", where, "its claim is not the difference in entitlement")


def _months(
    facts: Facts, contract_id: str, seen: Facts, before: ContractState, record: Recorded[SavingsDetermined]
) -> Sequence[AnyMonth]:
    """Its months computed anew; what a dispute's resolution decided is compared with the resolution, which follows it."""
    if check_disputes.resolution_of(facts, contract_id, record) is not None:
        return record.data.months
    event = record.data
    period = Period(event.months[0].month, event.months[-1].month)
    return proposals.measured(seen, before, period, redo=event.reason is not None)


def _month_difference(was: AnyMonth, now: AnyMonth) -> str:
    names = dict.fromkeys([*type(was).model_fields, *type(now).model_fields])
    fields = [name for name in names if getattr(was, name, None) != getattr(now, name, None)]
    if "savings_ore" in fields:
        return f"{was.month}: recorded savings {shown(was.savings_ore)}, recomputed {shown(now.savings_ore)}"
    return f"{was.month}: recomputed otherwise in {', '.join(fields)}"


def _notice(before: ContractState, record: Recorded[SavingsNotified]) -> Iterator[Finding]:
    event = record.data
    if event.claim.amount_ore != before.determination(event.determination).claim_ore:
        yield Finding("differs", f"record {record.position}", f"the notice does not claim what D{event.determination} says")


def _acceptance(before: ContractState, record: Recorded[DeterminationAccepted]) -> Iterator[Finding]:
    event = record.data
    notice = before.determination(event.determination).notice
    if event.becomes is None:
        return
    last = max({event.on, *(notice.accepted.values() if notice else ())})
    payable_on = last + timedelta(days=before.terms_on(last).settlement.payment_days)
    if (
        notice is None
        or event.was != notice.claim
        or event.becomes != Claim(amount_ore=notice.claim.amount_ore, payable_on=payable_on)
    ):
        yield Finding("differs", f"record {record.position}", f"the acceptance does not move the claim of D{event.determination}")


def _adoption(facts: Facts, contract_id: str, record: Recorded[MethodologyAdopted]) -> Iterator[Finding]:
    """What was found beside a methodology when it was adopted, found again on the facts of that moment."""
    event, where = record.data, f"record {record.position}"
    if event.sha256 != event.methodology.sha256:
        yield Finding("differs", where, f"the methodology {event.methodology.name} has another fingerprint than was agreed on")
    if isinstance(event, MethodologyAdopted1):
        return  # nothing was looked for then
    found = beside(facts.at(record.position - 1), contract_id, event.methodology, event.from_on)
    if found != (event.accepts or ()):
        yield Finding("differs", where, f"what was found beside {event.methodology.name} at its adoption is found otherwise now")


def _balanced(contract_id: str, record: Recorded[Any]) -> Iterator[Finding]:
    sums: dict[str, int] = {}
    for one in postings(record):
        sums[one.kind] = sums.get(one.kind, 0) + one.amount
    for kind, total in sums.items():
        if total:
            yield Finding("differs", f"{contract_id}/{record.position}", f"its {kind} postings sum to {shown(total)}, not zero")


def _standing(facts: Facts, contract_id: str, folded: ContractState) -> Iterator[Finding]:
    one = state(facts, contract_id)
    today = day_in_stockholm(facts.known_at)
    if one.provider.overpaid:
        yield Finding("finding", contract_id, f"{shown(one.provider.overpaid)} SEK overpaid to the provider as of {today}")
    if one.provider.entitled != folded.entitled and one.when.as_of == today:
        yield Finding("differs", contract_id, "its entitlement by postings is not its entitlement by terms")
    if one.upfront_due:
        yield Finding(
            "finding", contract_id, f"{shown(one.upfront_due)} SEK of the upfront payment is due and neither paid nor instructed"
        )
    late = unsettled(facts, folded, contract_id, today)
    if late:
        positions = ", ".join(f"{contract_id}/{record.position}" for record in late[:5])
        more = f" and {len(late) - 5} more" if len(late) > 5 else ""
        yield Finding(
            "finding",
            contract_id,
            f"recorded after the months that they are about were determined, {len(late)} in all: {positions}{more}",
        )


def unknown_streams(facts: Facts, streams: Iterable[str]) -> Iterator[Finding]:
    """Streams that no contract on record accounts for."""
    known = {name for one in facts.contracts for name in streams_of(one)}
    known |= {tiered_stream(one) for one in facts.named("tiered")}
    known |= {programme_stream(one) for one in facts.named("programme")}
    known |= {tender_stream(one) for one in facts.named("tender")}
    for stream in streams:
        if stream != OPENED and not stream.startswith("trend/") and stream not in known:
            yield Finding("broken", stream, "belongs to no contract on record")


def erasures(contract_id: str, erased_at: Iterable[datetime], reports: Iterable[Recorded[AbsenceReported]]) -> Iterator[Finding]:
    """Reports recorded after an erasure that reach back before it: they cannot be matched to the person erased (decision 7)."""
    instants = sorted(erased_at)
    if not instants:
        return
    day = day_in_stockholm(instants[0])
    for record in reports:
        if record.recorded_at > instants[0] and record.data.months and record.data.months[0].first_day < day:
            what = f"reaches back before the erasure on {day}; lines of the person erased cannot be matched"
            yield Finding("finding", f"{contract_id}/{record.position}", what)
