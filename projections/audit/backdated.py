"""What was recorded long after the day that it is about, and notices recorded so late that little time to object was left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal, assert_never

from ledger import contract
from ledger import events as e
from ledger.contract import ContractState, Determination, Notice
from ledger.events import AnyEvent
from ledger.periods import Month
from ledger.record import Recorded
from projections.audit.records import dated, recorded_on

Sort = Literal["act", "agreement", "correction", "evidence", "determination"]
"""What a record is: an act of a day (notice, acceptance, payment, dispute); an agreement for months from a day on; a correction,
dated as what it corrects; evidence, of months that have ended; a determination, of months that have ended."""


Why = Literal["determined again", "follow-up was suspended", "trend published later", "no reason on record"]
"""Why a determination came long after its months: it takes the place of others; its last month ended while follow-up was
suspended; the trend that it uses was published no longer before it than a record may be late."""


@dataclass(frozen=True)
class Backdated:
    """A record and how many days passed from the day that it is about, ``dated``, to its recording. ``why``: of a determination,
    why it came so late."""

    record: Recorded[Any]
    sort: Sort
    dated: date
    recorded_on: date
    why: Why | None = None

    @property
    def days(self) -> int:
        """How long after."""
        return (self.recorded_on - self.dated).days


def backdated(records: Sequence[Recorded[Any]], days: int) -> list[Backdated]:
    """Records of more than so many days after what they are about, the longest first within their sort."""
    every = (Backdated(record, sort_of(record.data), dated(record), recorded_on(record)) for record in records)
    found = [replace(one, why=_why(one, records, days)) for one in every if one.days > days]
    order = ("act", "agreement", "correction", "evidence", "determination")
    return sorted(found, key=lambda one: (order.index(one.sort), -one.days, one.record.position))


def _why(late: Backdated, records: Sequence[Recorded[Any]], days: int) -> Why | None:
    event = late.record.data
    if not isinstance(event, e.SavingsDetermined):
        return None
    if event.supersedes:
        return "determined again"
    if any(first <= event.months[-1].month <= last for first, last in _suspensions(records)):
        return "follow-up was suspended"
    published = (line.trend.published_on for line in event.months if isinstance(line, e.MonthDetermined))
    soon = (late.recorded_on - max(published, default=date.min)).days <= days
    return "trend published later" if soon else "no reason on record"


def _suspensions(records: Iterable[Recorded[Any]]) -> Iterator[tuple[Month, Month]]:
    """The months that ended while follow-up was suspended, and has resumed, whatever they count for now."""
    first = None
    for record in records:
        if isinstance(record.data, e.FollowUpSuspended):
            first = record.data.from_month
        elif isinstance(record.data, e.FollowUpResumed) and first is not None:
            yield first, Month.holding(recorded_on(record)) - 1


def sort_of(event: AnyEvent) -> Sort:
    """What the event is, for the question how late it was recorded."""
    match event:
        case e.AbsenceReported() | e.WorkforceReported() | e.ReimbursementsReported() | e.TrendPublished():
            return "evidence"
        case e.MetricsReported() | e.IndicatorsReported():
            return "evidence"
        case e.SavingsDetermined() | e.TiersDetermined():
            return "determination"
        case e.ContractAmended() | e.MethodologyAdopted() | e.FollowUpSuspended() | e.FollowUpResumed() | e.TieredAmended():
            return "agreement"
        case e.ProgrammeChanged():
            return "agreement"
        case e.EntryCorrected() | e.TieredPaymentCorrected():
            return "correction"
        case (
            e.LedgerOpened()
            | e.ContractSigned()
            | e.MethodologyProposed()
            | e.MethodologyRejected()
            | e.SavingsNotified()
            | e.DeterminationAccepted()
            | e.PaymentInstructed()
            | e.PaymentMade()
            | e.LoanDrawn()
            | e.LoanRepaid()
            | e.DisputeRaised()
            | e.DisputeAnswered()
            | e.DisputeWithdrawn()
            | e.DisputeResolved()
            | e.ContractClosed()
            | e.AuditFindingsRecorded()
            | e.EvaluationSignedOff()
            | e.TieredSigned()
            | e.TiersAgreed()
            | e.TieredPaid()
            | e.TargetsStated()
            | e.ProgrammeFormed()
            | e.TenderOpened()
            | e.BidReceived()
            | e.BidWithdrawn()
            | e.TenderAwarded()
        ):
            return "act"
        case _:
            assert_never(event)


@dataclass(frozen=True)
class Told:
    """A notice as it was recorded, or its date corrected: how many days to object the terms give, and how many were left when the
    record was made; below zero the time was over. ``notice``: as it stands now, None where it was withdrawn."""

    record: Recorded[Any]
    determination: Determination
    on: date
    objection_until: date
    recorded_on: date
    claim_ore: int
    notice: Notice | None

    @property
    def given(self) -> int:
        """Days to object by the terms."""
        return (self.objection_until - self.on).days

    @property
    def left(self) -> int:
        """Days that were left to object."""
        return (self.objection_until - self.recorded_on).days

    @property
    def late(self) -> int:
        """Days from the notice's day to its recording."""
        return (self.recorded_on - self.on).days

    @property
    def by_silence(self) -> bool:
        """Whether nobody's act but silence made it accepted, or will."""
        return self.notice is not None and self.notice.accepted_on is None


def notices(records: Iterable[Recorded[Any]], now: ContractState) -> list[Told]:
    """Every notice, and every correction of a notice's date, in order of recording."""
    return list(_notices(records, now))


def _notices(records: Iterable[Recorded[Any]], now: ContractState) -> Iterator[Told]:
    state = contract.Initial
    for record in records:
        if not record.stream.startswith("contract/"):
            continue
        state, event = contract.evolve(state, record), record.data
        if isinstance(event, e.SavingsNotified):
            number, on, until, claim = event.determination, event.on, event.objection_until, event.claim.amount_ore
        elif isinstance(event, e.EntryCorrected) and event.entry == "notice" and event.becomes is not None:
            number, on, claim = event.number, record.effective_on, event.becomes.amount_ore
            until = on + timedelta(days=state.terms_on(on).settlement.objection_days)
        else:
            continue
        one = now.determination(number)
        yield Told(record, one, on, until, recorded_on(record), claim, one.notice)


def hurried(told: Iterable[Told], days: int) -> list[Told]:
    """Notices recorded more than so many days after their day, or when less than half of the time to object was left; those with
    the shortest time left first."""
    found = [one for one in told if one.late > days or (one.late > 0 and 2 * one.left < one.given)]
    return sorted(found, key=lambda one: one.left)
