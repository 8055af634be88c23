"""Who recorded what, and where one person did two things that should be apart. Judged by who recorded: a person is a name,
compared without case and spaces, whatever the role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ledger import events as e
from ledger.contract import ContractState, Determination
from ledger.record import Recorded
from projections.about import About, abouts
from projections.audit.records import person
from projections.rules.reference_years_1 import months_like

ACTS: dict[type[e.Event], str] = {
    e.LedgerOpened: "opened",
    e.ContractSigned: "signed",
    e.ContractAmended: "amended",
    e.MethodologyProposed: "proposed",
    e.MethodologyRejected: "rejected",
    e.MethodologyAdopted: "adopted",
    e.MethodologyAdopted2: "adopted",
    e.MethodologyAdopted1: "adopted",
    e.FollowUpSuspended: "suspended",
    e.FollowUpResumed: "resumed",
    e.AbsenceReported: "imported",
    e.WorkforceReported: "imported",
    e.ReimbursementsReported: "imported",
    e.TrendPublished: "imported",
    e.SavingsDetermined: "determined",
    e.SavingsDetermined2: "determined",
    e.SavingsDetermined1: "determined",
    e.SavingsNotified: "notified",
    e.DeterminationAccepted: "accepted",
    e.PaymentInstructed: "instructed",
    e.PaymentMade: "paid",
    e.LoanDrawn: "moved the loan",
    e.LoanRepaid: "moved the loan",
    e.EntryCorrected: "corrected",
    e.DisputeRaised: "disputed",
    e.DisputeAnswered: "answered",
    e.DisputeWithdrawn: "withdrew",
    e.DisputeResolved: "resolved",
    e.ContractClosed: "closed",
    e.AuditFindingsRecorded: "tested",
    e.EvaluationSignedOff: "signed off",
    e.IndicatorsReported: "imported",
    e.TargetsStated: "imported",
    e.TieredSigned: "signed",
    e.TieredAmended: "amended",
    e.MetricsReported: "imported",
    e.TiersDetermined: "determined",
    e.TiersAgreed: "accepted",
    e.TieredPaid: "paid",
    e.TieredPaymentCorrected: "corrected",
    e.TenderOpened: "opened a tender",
    e.BidReceived: "recorded a bid",
    e.BidWithdrawn: "recorded a bid",
    e.TenderAwarded: "awarded",
    e.ProgrammeFormed: "formed a programme",
    e.ProgrammeChanged: "changed a programme",
}
"""What recording each event is called."""


def act_of(record: Recorded[Any]) -> str:
    """What recording it is called: imported, determined, notified …"""
    return ACTS[type(record.data)]


@dataclass(frozen=True)
class Deeds:
    """What one person recorded of one sort in one role. ``name``: as first written."""

    name: str
    role: str
    act: str
    records: tuple[Recorded[Any], ...]


def deeds(records: Iterable[Recorded[Any]]) -> list[Deeds]:
    """Who recorded what, by person and role, acts in the order of a contract's life."""
    names: dict[str, str] = {}
    found: dict[tuple[str, str, str], list[Recorded[Any]]] = {}
    for record in records:
        by = record.recorded_by
        who = person(by.name)
        names.setdefault(who, by.name)
        found.setdefault((who, by.role, act_of(record)), []).append(record)
    order = list(dict.fromkeys(ACTS.values()))
    people = list(names)
    keys = sorted(found, key=lambda key: (people.index(key[0]), key[1], order.index(key[2])))
    return [Deeds(names[who], role, act, tuple(found[who, role, act])) for who, role, act in keys]


@dataclass(frozen=True)
class SamePerson:
    """A name that recorded in several roles, or was written in several ways."""

    name: str
    roles: tuple[str, ...]
    spellings: tuple[str, ...]


def same_person(records: Iterable[Recorded[Any]]) -> list[SamePerson]:
    """Names in more than one role, or written in more than one way."""
    found: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for record in records:
        roles, spellings = found.setdefault(person(record.recorded_by.name), ({}, {}))
        roles[record.recorded_by.role] = None
        spellings[record.recorded_by.name] = None
    every = [SamePerson(next(iter(names)), tuple(roles), tuple(names)) for roles, names in found.values()]
    return [one for one in every if len(one.roles) > 1 or len(one.spellings) > 1]


Pair = Literal[
    "imported and determined",
    "determined and recorded the acceptance",
    "determined and instructed",
    "instructed and recorded the payment",
    "raised and resolved",
    "raised and decided",
]


@dataclass(frozen=True)
class Twice:
    """One person did two things that should be apart: ``did`` after ``others`` of the other sort, which it is about."""

    name: str
    pair: Pair
    did: Recorded[Any]
    others: tuple[Recorded[Any], ...]


def twice(records: Sequence[Recorded[Any]], folded: ContractState) -> list[Twice]:
    """Every such pair, by sort and in order of recording."""
    found = [
        *_imported_and_determined(records, folded),
        *_determined_and_accepted(records),
        *_determined_and_instructed(records),
        *_instructed_and_paid(records),
        *_raised_and_resolved(records),
    ]
    order: list[str] = list(Pair.__args__)  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (order.index(one.pair), one.did.position))


def _of(records: Iterable[Recorded[Any]], *sorts: type[e.Event]) -> list[Recorded[Any]]:
    return [record for record in records if isinstance(record.data, sorts)]


def _same(one: Recorded[Any], other: Recorded[Any]) -> bool:
    return person(one.recorded_by.name) == person(other.recorded_by.name)


def _imported_and_determined(records: Sequence[Recorded[Any]], folded: ContractState) -> Iterator[Twice]:
    imports = [(record, abouts(record)) for record in records if act_of(record) == "imported"]
    for did in _of(records, e.SavingsDetermined):
        one = folded.determination(did.data.number)
        own = [(record, about) for record, about in imports if _same(record, did) and record.position <= one.basis]
        rests_on = _rests_on(one, folded) if own else frozenset()
        used = tuple(record for record, about in own if any(_used(each, rests_on) for each in about))
        if used:
            yield Twice(did.recorded_by.name, "imported and determined", did, used)


def _rests_on(one: Determination, folded: ContractState) -> frozenset[tuple[str, str]]:
    """Which months of which source, and which quarters of which series, its measured months and their reference months are."""
    found: set[tuple[str, str]] = set()
    for line in one.months:
        if isinstance(line, e.MonthAgreed):
            continue
        method = folded.every_methodology[line.methodology_sha256]
        like = months_like(line.month, method.reference_of(line.month))
        found |= {(method.measure.source, str(month)) for month in (line.month, *like)}
        found |= {(method.trend.series, str(month.quarter)) for month in like}
        found.add((method.trend.series, str(line.trend.quarter)))
    return frozenset(found)


def _used(about: About, rests_on: frozenset[tuple[str, str]]) -> bool:
    if about.stream.startswith("trend/"):
        return (about.stream.removeprefix("trend/"), about.period) in rests_on
    return any(period == about.period and about.source in (None, source) for source, period in rests_on)


def _determined_and_accepted(records: Sequence[Recorded[Any]]) -> Iterator[Twice]:
    determined = {record.data.number: record for record in _of(records, e.SavingsDetermined)}
    for did in _of(records, e.DeterminationAccepted):
        one = determined[did.data.determination]
        if _same(one, did):
            yield Twice(did.recorded_by.name, "determined and recorded the acceptance", did, (one,))


def _determined_and_instructed(records: Sequence[Recorded[Any]]) -> Iterator[Twice]:
    """An instruction of an outcome payment rests on every determination before it."""
    determined = _of(records, e.SavingsDetermined)
    for did in _of(records, e.PaymentInstructed):
        own = tuple(one for one in determined if one.position < did.position and _same(one, did))
        if own and did.data.kind != "upfront":
            yield Twice(did.recorded_by.name, "determined and instructed", did, own)


def _instructed_and_paid(records: Sequence[Recorded[Any]]) -> Iterator[Twice]:
    instructed = {record.data.number: record for record in _of(records, e.PaymentInstructed)}
    for did in _of(records, e.PaymentMade):
        one = instructed.get(did.data.settles.number) if did.data.settles else None
        if one is not None and _same(one, did):
            yield Twice(did.recorded_by.name, "instructed and recorded the payment", did, (one,))


def _raised_and_resolved(records: Sequence[Recorded[Any]]) -> Iterator[Twice]:
    raised = {record.data.number: record for record in _of(records, e.DisputeRaised)}
    for did in _of(records, e.DisputeResolved):
        one = raised[did.data.dispute]
        if _same(one, did):
            yield Twice(did.recorded_by.name, "raised and resolved", did, (one,))
        if did.data.decided_by and person(did.data.decided_by) == person(one.recorded_by.name):
            yield Twice(did.data.decided_by, "raised and decided", did, (one,))
