"""Every event there is. THE STORAGE VOCABULARY: names and fields are what is hashed and kept for ever.

An event that was ever recorded is never changed here: a new shape gets a new version (``SavingsDetermined@2``) beside
the old, and one golden file per version must decode for ever (``fixtures/events/``).

Every event is a *fact* (it came from outside) or a *decision* (our rules produced it, and can produce it again).
Money is öre in fields that end in ``_ore``; days are calendar dates; months are text such as ``2019-04``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from ledger.methodology import Methodology, Source, TrendStatus
from ledger.periods import Month, Period, Quarter, instant_text, parse_instant
from ledger.tender_terms import TenderTerms
from ledger.terms import ContractTerms, Status
from ledger.tiered_terms import TieredTerms
from ledger.tiers import Key, Line, Number
from ledger.vocabulary import Day, Frozen, Ratio, Role, Sha256, Share


def _instant(value: object) -> Any:
    if not isinstance(value, str):
        return value
    instant = parse_instant(value)
    if instant_text(instant) != value:
        raise ValueError(f"{value!r} is not an instant as the log writes it, such as 2020-06-15T09:00:00.000000Z")
    return instant


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(instant_text, return_type=str),
]
"""UTC, always six digits and Z in text."""


class Event(Frozen):
    """What happened. ``TYPE`` is its stable stored name."""

    TYPE: ClassVar[str]
    SORT: ClassVar[Literal["fact", "decision"]]


class Actor(Frozen):
    """Who records: a name and a role, a key of [parties]."""

    name: str
    role: Role


class Document(Frozen):
    """The evidence that an event rests on: which document, its SHA-256 where the ledger saw its bytes, when and how it
    was obtained."""

    document: str
    sha256: Sha256 | None = None
    obtained_on: Day | None = None
    obtained_how: str


class Basis(Frozen):
    """How much of the record a decision saw: the position of the last event, and the root of the tree there."""

    position: int
    root: Sha256


class MonthAmount(Frozen):
    """An amount in öre dated at a month's end."""

    month: Month
    amount_ore: int


class Claim(Frozen):
    """An amount in öre and the date on which it falls payable."""

    amount_ore: int
    payable_on: Day


class LedgerOpened(Event):
    """The ledger begins. A simulated one takes its clock, tokens and salts from outside, for good."""

    TYPE = "LedgerOpened@1"
    SORT = "fact"
    simulated: bool
    seed: str | None = None


class ContractSigned(Event):
    """The parties signed the terms."""

    TYPE = "ContractSigned@1"
    SORT = "fact"
    terms: ContractTerms
    signed_on: Day


class ContractAmended(Event):
    """New terms for the months from ``from_month`` on, by the parties' agreement (rule 20)."""

    TYPE = "ContractAmended@1"
    SORT = "fact"
    terms: ContractTerms
    from_month: Month
    agreed_by: tuple[Role, ...]
    reason: str


class MethodologyProposed(Event):
    """A party proposes how savings are to be measured in the months from ``from_on`` on, and argues for it."""

    TYPE = "MethodologyProposed@1"
    SORT = "fact"
    number: int
    methodology: Methodology
    sha256: Sha256
    from_on: Day
    by: Role
    reason: str


class MethodologyRejected(Event):
    """A party that would have to agree refused a proposal, and why."""

    TYPE = "MethodologyRejected@1"
    SORT = "fact"
    proposal: int
    by: Role
    reason: str


class AcceptedFinding(Frozen):
    """A finding that the parties knew of when they adopted a methodology: its name, what it says, and its size in öre on the
    facts on record then; None where they do not give it."""

    name: str
    what: str
    size_ore: int | None = None


class MethodologyAdopted(Event):
    """How savings are measured in the months from ``from_on`` on, by the parties' agreement.

    ``proposal``: the number of the one that it adopts. ``accepts``: the findings that the parties accepted with it. ``beside``:
    the months that the one in force the day before is measured in too, beside it; that moves no money.
    """

    TYPE = "MethodologyAdopted@3"
    SORT = "fact"
    methodology: Methodology
    sha256: Sha256
    from_on: Day
    agreed_by: tuple[Role, ...]
    proposal: int | None = None
    accepts: tuple[AcceptedFinding, ...] | None = None
    beside: Period | None = None


class MethodologyAdopted2(MethodologyAdopted):
    """As it was recorded before a methodology could be measured beside the one that it replaces."""

    TYPE = "MethodologyAdopted@2"

    @model_validator(mode="after")
    def _as_then(self) -> MethodologyAdopted2:
        if "beside" in self.model_fields_set:
            raise ValueError("it knows no months measured beside it")
        return self


class MethodologyAdopted1(MethodologyAdopted):
    """As it was recorded before there were proposals and findings."""

    TYPE = "MethodologyAdopted@1"

    @model_validator(mode="after")
    def _as_then(self) -> MethodologyAdopted1:
        if self.model_fields_set & {"proposal", "accepts", "beside"}:
            raise ValueError("it knows neither proposal, accepts nor beside")
        return self


class FollowUpSuspended(Event):
    """No month from ``from_month`` on is determined, until follow-up resumes (rule 19)."""

    TYPE = "FollowUpSuspended@1"
    SORT = "fact"
    from_month: Month
    agreed_by: tuple[Role, ...]
    reason: str


class FollowUpResumed(Event):
    """Months count again from ``from_month`` on (rule 19)."""

    TYPE = "FollowUpResumed@1"
    SORT = "fact"
    from_month: Month
    agreed_by: tuple[Role, ...]
    reason: str


class Scope(Frozen):
    """For which months and workplaces a report is complete; ``workplaces`` None means all (rule 2)."""

    complete: Period
    workplaces: tuple[str, ...] | None = None


class LineCommitment(Frozen):
    """How many lines the report has, and the SHA-256 of their salted commitments (``ledger/lines.py``)."""

    count: int
    sha256: Sha256


class AbsenceReported(Event):
    """One document as delivered, with its spells beside it (decision 6). ``scope`` None: partial.

    ``period`` is what open spells end with; ``months`` are those of its scope, and those in which it changes what stands.
    """

    TYPE = "AbsenceReported@1"
    SORT = "fact"
    contract: str
    source: Source
    scope: Scope | None = None
    period: Period | None = None
    months: tuple[Month, ...]
    lines: LineCommitment


class Headcount(Frozen):
    """Employees by head on the last day of the month; 0 ends a workplace (rule 1)."""

    month: Month
    workplace: str
    employees: Annotated[int, Field(ge=0)]


class WorkforceReported(Event):
    """Headcounts by month and workplace; the last recorded of a month and workplace holds."""

    TYPE = "WorkforceReported@1"
    SORT = "fact"
    contract: str
    rows: tuple[Headcount, ...]


class Reimbursement(Frozen):
    """What the state repaid of a month's sick-pay cost, in öre: what lies above ``threshold``, a share of the wage cost (rule of
    Förordning 2020:195 and 2020:510: 0 from April to July 2020, 0.0107 from August for a municipality)."""

    month: Month
    sick_pay_cost_ore: Annotated[int, Field(ge=0)]
    wage_cost_ore: Annotated[int, Field(ge=0)]
    threshold: Share
    reimbursed_ore: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _of_its_cost(self) -> Reimbursement:
        if self.reimbursed_ore > self.sick_pay_cost_ore:
            raise ValueError("the state cannot have repaid more than the sick pay cost")
        return self


class ReimbursementsReported(Event):
    """The state's reimbursements of sick pay by month; the last recorded of a month holds."""

    TYPE = "ReimbursementsReported@1"
    SORT = "fact"
    contract: str
    rows: tuple[Reimbursement, ...]


class IndexValue(Frozen):
    """One quarter's value of a national series, as a decimal string."""

    quarter: Quarter
    value: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]
    published_on: Day
    status: TrendStatus
    source: str


class TrendPublished(Event):
    """Values of a national series, with the date and status of each (rule 7)."""

    TYPE = "TrendPublished@1"
    SORT = "fact"
    series: str
    values: tuple[IndexValue, ...]


class TrendUsed(Frozen):
    """The index value that a month rests on, and the factor that it gives (rule 7)."""

    quarter: Quarter
    value: str
    published_on: Day
    status: TrendStatus
    factor: Ratio


class MonthDetermined(Frozen):
    """One month of a determination as it was measured (rules 5 to 8), under the terms and methodology in force on its first day.

    Days are exact: ``actual_hundredths`` in hundredths of a net day, without ``left_out_hundredths``, those of causes that the
    methodology leaves out. ``reimbursed``: the share of the price that the state bore, by which a net day is worth less.
    """

    month: Month
    employees: int
    weekdays: int
    reference_rate: Ratio
    trend: TrendUsed
    expected_days: Ratio
    actual_hundredths: int
    left_out_hundredths: int | None = None
    price_ore: int
    reimbursed: Ratio | None = None
    savings_ore: int
    terms_sha256: Sha256
    methodology_sha256: Sha256
    findings: tuple[str, ...] = ()


class MonthAgreed(Frozen):
    """One month of a determination that is not measured: its savings are what the methodology's rule ``kind`` gives, nothing or
    the mean of the months ``of``; or, of kind ``resolved``, what the resolution of a ``dispute`` says (rule 18)."""

    month: Month
    kind: Literal["exclude-months@1", "deem-average@1", "resolved"]
    of: Period | None = None
    dispute: int | None = None
    savings_ore: int
    terms_sha256: Sha256
    methodology_sha256: Sha256
    findings: tuple[str, ...] = ()


AnyMonth = MonthDetermined | MonthAgreed


class SavingsDetermined(Event):
    """The savings of whole months under the methodology in force, on the facts up to ``basis`` (rules 9, 15).

    ``savings`` and ``entitlement``: how the sum and the provider's entitlement move at each month's end, the differences to
    what stood before. ``claim_ore``: what its notice will claim, superseded differences never noticed included.
    """

    TYPE = "SavingsDetermined@3"
    SORT = "decision"
    number: int
    months: tuple[AnyMonth, ...]
    supersedes: tuple[int, ...] = ()
    reason: str | None = None
    preliminary: bool
    basis: Basis
    computed_by: str
    savings: tuple[MonthAmount, ...]
    entitlement: tuple[MonthAmount, ...]
    claim_ore: int


class SavingsDetermined2(SavingsDetermined):
    """As it was recorded before there were disputes."""

    TYPE = "SavingsDetermined@2"

    @model_validator(mode="after")
    def _as_then(self) -> SavingsDetermined2:
        if any(isinstance(one, MonthAgreed) and (one.kind == "resolved" or one.dispute is not None) for one in self.months):
            raise ValueError("it knows no month that a dispute's resolution decides")
        return self


class SavingsDetermined1(SavingsDetermined):
    """As it was recorded before months could be left out or agreed."""

    TYPE = "SavingsDetermined@1"

    @model_validator(mode="after")
    def _as_then(self) -> SavingsDetermined1:
        for one in self.months:
            if isinstance(one, MonthAgreed) or one.model_fields_set & {"left_out_hundredths", "reimbursed"}:
                raise ValueError(f"it knows no month that is agreed or nets anything, as {one.month}")
        return self


class SavingsNotified(Event):
    """The parties were notified. Silence until ``objection_until`` makes it accepted the day after (rule 16)."""

    TYPE = "SavingsNotified@1"
    SORT = "fact"
    determination: int
    on: Day
    objection_until: Day
    claim: Claim


class DeterminationAccepted(Event):
    """A party accepted. When the last of those that must agree has, the claim moves from ``was`` to ``becomes``."""

    TYPE = "DeterminationAccepted@1"
    SORT = "fact"
    determination: int
    role: Role
    on: Day
    was: Claim | None = None
    becomes: Claim | None = None


PaymentKind = Literal["upfront", "outcome", "recovery"]


class PaymentInstructed(Event):
    """An order to pay, never above what is due (rule 17). A recovery is asked back from the provider."""

    TYPE = "PaymentInstructed@1"
    SORT = "decision"
    number: int
    kind: PaymentKind
    amount_ore: int
    on: Day
    invoice: str


class Settled(Frozen):
    """The instruction that a payment carries out: its number, its amount in öre, and from when it no longer stands."""

    number: int
    amount_ore: int
    on: Day


class PaymentMade(Event):
    """Money moved on a bank day: a fact, always recorded."""

    TYPE = "PaymentMade@1"
    SORT = "fact"
    number: int
    kind: PaymentKind
    amount_ore: int
    on: Day
    invoice: str
    bank_reference: str
    settles: Settled | None = None


class LoanDrawn(Event):
    """The HR department drew on its loan from the finance department (rule 14)."""

    TYPE = "LoanDrawn@1"
    SORT = "fact"
    number: int
    amount_ore: int
    on: Day
    purpose: Literal["internal", "upfront"]


class LoanRepaid(Event):
    """The HR department repaid part of its loan (rule 14)."""

    TYPE = "LoanRepaid@1"
    SORT = "fact"
    number: int
    amount_ore: int
    on: Day


class Entry(Frozen):
    """What a money entry says: an amount in öre on a date."""

    amount_ore: int
    on: Day


class EntryCorrected(Event):
    """An entry recorded in error is reversed (``becomes`` None) or replaced; the original stays readable.

    ``corrects``: the position of the event. ``entry``: what sort of entry it was; of a notice or an acceptance ``was`` and
    ``becomes`` are its claim and the day it falls payable, and ``role`` whose acceptance no longer stands. Where a payment's new
    date moves the day from which its instruction no longer stands: ``lifted`` before, ``lifts`` now.
    """

    TYPE = "EntryCorrected@1"
    SORT = "fact"
    corrects: int
    entry: Literal[
        "upfront",
        "outcome",
        "recovery",
        "instructed upfront",
        "instructed outcome",
        "instructed recovery",
        "draw",
        "repayment",
        "notice",
        "acceptance",
    ]
    number: int
    was: Entry
    becomes: Entry | None = None
    role: Role | None = None
    lifted: Settled | None = None
    lifts: Settled | None = None
    reason: str


class OtherFacts(Frozen):
    """Which facts a position rests on: those recorded up to ``upto``, the records ``without`` left out."""

    upto: int
    without: tuple[int, ...] = ()


class Position(Frozen):
    """What a party holds to be right: ``savings`` by month of all months of a determination, or the ``amount_ore`` of a payment.

    Savings are stated, or computed by ``computed_by`` under another ``methodology`` or on other ``facts`` than the determination.
    """

    savings: tuple[MonthAmount, ...] | None = None
    amount_ore: Annotated[int, Field(ge=0)] | None = None
    methodology: Methodology | None = None
    sha256: Sha256 | None = None
    facts: OtherFacts | None = None
    computed_by: str | None = None

    @model_validator(mode="after")
    def _of_one_sort(self) -> Position:
        if (self.savings is None) == (self.amount_ore is None):
            raise ValueError("a position says either savings by month or the amount of a payment")
        if (self.methodology is None) != (self.sha256 is None):
            raise ValueError("a methodology comes with its SHA-256")
        if (self.computed_by is None) != (self.facts is None):
            raise ValueError("a position that was computed says on which facts, and by what")
        return self

    @property
    def total(self) -> int:
        """Öre: the savings of all its months, or the payment."""
        return sum(one.amount_ore for one in self.savings or ()) if self.amount_ore is None else self.amount_ore


class DisputeRaised(Event):
    """A party objects to a determination or a payment, in time, and says what it holds to be right (rules 16, 18).

    ``was_ore``: what it objects to, the savings of the determination's months or the payment's amount.
    """

    TYPE = "DisputeRaised@1"
    SORT = "fact"
    number: int
    determination: int | None = None
    payment: int | None = None
    payment_kind: PaymentKind | None = None
    by: Role
    on: Day
    was_ore: int
    position: Position
    grounds: str

    @model_validator(mode="after")
    def _against_one(self) -> DisputeRaised:
        if (self.determination is None) == (self.payment is None) or (self.payment is None) != (self.payment_kind is None):
            raise ValueError("a dispute is against a determination, or against a payment of a kind")
        return self


class DisputeAnswered(Event):
    """Another party answers, perhaps with a position of its own, which holds nothing (rule 18)."""

    TYPE = "DisputeAnswered@1"
    SORT = "fact"
    dispute: int
    by: Role
    on: Day
    answer: str
    position: Position | None = None


class DisputeWithdrawn(Event):
    """The party that raised the dispute withdraws it: as if it had not been raised, from that day on."""

    TYPE = "DisputeWithdrawn@1"
    SORT = "fact"
    dispute: int
    on: Day
    reason: str


Outcome = Literal["upheld", "rejected", "settled"]


class DisputeResolved(Event):
    """The dispute ends, by the parties (``agreed_by``) or by a named third person (``decided_by``): the position is upheld or
    rejected, or something between is settled.

    ``position``: what stands from then on, None where it is rejected. ``determination``: the one recorded with it that puts these
    savings in the place of the disputed ones; ``claim``: the difference in entitlement, negative where a claim is reversed.
    """

    TYPE = "DisputeResolved@1"
    SORT = "fact"
    dispute: int
    on: Day
    outcome: Outcome
    agreed_by: tuple[Role, ...] = ()
    decided_by: str | None = None
    reason: str
    position: Position | None = None
    determination: int | None = None
    claim: Claim | None = None


class ContractClosed(Event):
    """Everything is determined, agreed and claimed; the external auditor's final evaluation is on record (rule 21)."""

    TYPE = "ContractClosed@1"
    SORT = "fact"
    on: Day


class Checkpoint(Frozen):
    """A size of the record that was sealed, and the root of the tree there."""

    size: Annotated[int, Field(ge=1)]
    root: Sha256


class ItemTested(Frozen):
    """One reported line as the auditor tested it: the ``record`` of its report, and its number there from 0.

    ``exception``: in what the evidence differs. The differences, where known, are what the evidence shows less what is on record:
    net days × 100, and öre.
    """

    record: int
    line: Annotated[int, Field(ge=0)]
    result: Literal["ok", "exception"]
    exception: str | None = None
    days_hundredths: int | None = None
    amount_ore: int | None = None
    evidence: str

    @model_validator(mode="after")
    def _says_what(self) -> ItemTested:
        if (self.exception is None) != (self.result == "ok"):
            raise ValueError("an exception says what it is, and only that")
        if self.result == "ok" and (self.days_hundredths is not None or self.amount_ore is not None):
            raise ValueError("what is ok differs in nothing")
        return self


class AuditFindingsRecorded(Event):
    """The external auditor tested a sample of the reported lines by one procedure (the shape of ISRS 4400).

    The ``sample`` was drawn from the ``population`` of all lines on record at the ``checkpoint``; ``items`` are in the order in
    which they were drawn. ``supersedes``: the number of earlier findings whose place it takes, with a ``reason``.
    """

    TYPE = "AuditFindingsRecorded@1"
    SORT = "fact"
    number: int
    on: Day
    checkpoint: Checkpoint
    population: int
    sample: int
    procedure: str
    items: tuple[ItemTested, ...]
    supersedes: int | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> AuditFindingsRecorded:
        if not 1 <= self.sample <= self.population or len(self.items) != self.sample:
            raise ValueError("the items are the sample, and the sample is of the population")
        if (self.supersedes is None) != (self.reason is None):
            raise ValueError("what takes the place of earlier findings says why")
        return self


Opinion = Literal["unqualified", "qualified", "adverse", "disclaimer"]
"""What an auditor may conclude (ISA 700 and 705)."""


class EvaluationSignedOff(Event):
    """The external auditor signs off the final evaluation, whose SHA-256 is ``evaluation``.

    ``findings``: the numbers of those considered. ``recorded_at_closing``: whether the contract was closed on this same document;
    None where it was not closed yet. One that takes the place of another, or is of another document, says the ``reason``.
    """

    TYPE = "EvaluationSignedOff@1"
    SORT = "fact"
    number: int
    by: Role
    on: Day
    opinion: Opinion
    text: str
    findings: tuple[int, ...] = ()
    evaluation: Sha256
    recorded_at_closing: bool | None = None
    supersedes: int | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _says_why(self) -> EvaluationSignedOff:
        if (self.reason is None) != (self.supersedes is None and self.recorded_at_closing is not False):
            raise ValueError("a sign-off in the place of an earlier one, or of another document, says why, and only that")
        return self


class TieredSigned(Event):
    """The parties signed the terms of a contract settled by tiers."""

    TYPE = "TieredSigned@1"
    SORT = "fact"
    terms: TieredTerms
    signed_on: Day


class TieredAmended(Event):
    """New terms of a contract settled by tiers, for what is determined as of ``from_on`` or later, by the parties' agreement."""

    TYPE = "TieredAmended@1"
    SORT = "fact"
    terms: TieredTerms
    from_on: Day
    agreed_by: tuple[Role, ...]
    reason: str


class MetricRow(Frozen):
    """What a metric was found to be for a ``group`` in a ``part`` that ended on ``until``: an amount of money in öre, or another
    value; ``persons`` that it is about."""

    metric: Key
    group: Key
    part: Key
    until: Day
    persons: Annotated[int, Field(ge=1)] | None = None
    amount_ore: int | None = None
    value: Number | None = None

    @model_validator(mode="after")
    def _of_one_sort(self) -> MetricRow:
        if (self.amount_ore is None) == (self.value is None):
            raise ValueError("a row says an amount of money, or another value")
        return self


class MetricsReported(Event):
    """Metrics of a contract settled by tiers; the last recorded row of a metric, group and part holds."""

    TYPE = "MetricsReported@1"
    SORT = "fact"
    rows: tuple[MetricRow, ...]


class AmountFound(Frozen):
    """An amount that a valuation gave, in öre."""

    id: Key
    amount_ore: int


class ConditionFound(Frozen):
    """What a conditional tier's metric was, and whether the condition holds; None where nothing was reported by then, so it does
    not."""

    tier: Key
    value: Number | None = None
    met: bool


class TierGiven(Frozen):
    """What a tier gives a party of an amount, in öre."""

    of: Key
    tier: Key
    party: Role
    amount_ore: int


class TierKept(Frozen):
    """What no tier gives of an amount, in öre, and who keeps or bears it."""

    of: Key
    party: Role
    amount_ore: int


class TiersDetermined(Event):
    """What the valuations gave as of a day, and how the waterfall divides it, from the beginning: cumulative, on the facts up to
    ``basis`` (rule 9). The last determination as of a day takes the place of those before it."""

    TYPE = "TiersDetermined@1"
    SORT = "decision"
    number: int
    on: Day
    amounts: tuple[AmountFound, ...]
    conditions: tuple[ConditionFound, ...] = ()
    given: tuple[TierGiven, ...]
    kept: tuple[TierKept, ...]
    terms_sha256: Sha256
    basis: Basis
    computed_by: str
    reason: str | None = None


class PartyClaim(Frozen):
    """What falls payable to a party on a day, in öre; below zero where a claim falls."""

    party: Role
    amount_ore: int
    payable_on: Day


class TiersAgreed(Event):
    """A party agreed to a determination by tiers. When the last of those that must agree has, ``claims`` fall payable: what each
    party is given less what was claimed before."""

    TYPE = "TiersAgreed@1"
    SORT = "fact"
    determination: int
    role: Role
    on: Day
    claims: tuple[PartyClaim, ...] = ()


TieredPayment = Literal["investment", "outcome", "recovery", "issue", "interest", "redemption"]
"""What money moved for in a contract settled by tiers: lent, paid by the waterfall, paid back; and of a bond."""


class TieredPaid(Event):
    """Money moved between two parties of a contract settled by tiers on a bank day: a fact, always recorded."""

    TYPE = "TieredPaid@1"
    SORT = "fact"
    number: int
    kind: TieredPayment
    payer: Role
    payee: Role
    amount_ore: Annotated[int, Field(gt=0)]
    on: Day
    bank_reference: str


class TieredPaymentCorrected(Event):
    """A payment of a contract settled by tiers, recorded in error, is reversed (``becomes`` None) or replaced; the original stays
    readable."""

    TYPE = "TieredPaymentCorrected@1"
    SORT = "fact"
    number: int
    was: Entry
    becomes: Entry | None = None
    reason: str


# ── Targets and unpaid outcomes ──────────────────────────────────────────────────────────────────────────────────────

ReportedIndicator = Literal["engagement", "work-capacity", "ohs-preventive", "ohs-rehabilitative"]
"""Unpaid outcomes that somebody reports: sustainable employee engagement, work capacity, purchases of occupational health
services."""

IndicatorUnit = Literal["index-0-100", "score-0-10", "per-cent", "sek"]
"""What an indicator's value is in."""

TargetMeasure = Literal[
    "short-term-days",
    "long-term-days",
    "long-term-employees",
    "risk-group",
    "healthy-workplaces",
    "engagement",
    "work-capacity",
    "ohs-preventive",
    "ohs-rehabilitative",
]
"""What a target may be about: net short-term days per employee, by which is paid, or an indicator."""


class IndicatorRow(Frozen):
    """What an indicator was in a period, as exact decimal text; ``respondents``: of how many persons, where any are asked."""

    indicator: ReportedIndicator
    period: Period
    value: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$")]
    unit: IndicatorUnit
    respondents: Annotated[int, Field(ge=0)] | None = None
    note: Line | None = None


class IndicatorsReported(Event):
    """Outcomes that are not paid by; the last recorded of an indicator and period holds. No savings rest on them."""

    TYPE = "IndicatorsReported@1"
    SORT = "fact"
    contract: str
    rows: tuple[IndicatorRow, ...]


class TargetRow(Frozen):
    """What somebody aims at: a ``change`` of a measure, ``-0.12`` for twelve per cent less, ``by`` whom it was stated and when;
    compared with ``from_period``, attained in ``to_period``. What is None was not published."""

    measure: TargetMeasure
    change: Share
    stated_on: Day | None = None
    by: Line
    from_period: Period | None = None
    to_period: Period | None = None
    source: Line
    note: Line | None = None


class TargetsStated(Event):
    """Targets of a contract; the last recorded of a measure and source holds. No payment rests on them."""

    TYPE = "TargetsStated@1"
    SORT = "fact"
    contract: str
    rows: tuple[TargetRow, ...]


# ── Tenders ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class TenderOpened(Event):
    """The payer tenders the agreement with an external provider: the draft of the contract, and what a bid decides."""

    TYPE = "TenderOpened@1"
    SORT = "fact"
    terms: TenderTerms


class BidReceived(Event):
    """A provider bid what share of its service's value is at risk; ``service_value_ore`` where the tender gives no value."""

    TYPE = "BidReceived@1"
    SORT = "fact"
    number: int
    bidder: Line
    at_risk_share: Share
    service_value_ore: Annotated[int, Field(gt=0)] | None = None
    on: Day


class BidWithdrawn(Event):
    """A provider withdrew its bid, before the award."""

    TYPE = "BidWithdrawn@1"
    SORT = "fact"
    bid: int
    on: Day
    reason: str


class TenderAwarded(Event):
    """The tender was awarded to a bid. ``terms_sha256``: of the contract's terms that follow from it."""

    TYPE = "TenderAwarded@1"
    SORT = "fact"
    bid: int
    on: Day
    reason: str
    terms_sha256: Sha256


# ── Programmes: several contracts under one ──────────────────────────────────────────────────────────────────────────

StatedOf = Literal["investment", "maximum-payments", "employees"]
"""What is stated of a programme as a whole."""

StatedUnit = Literal["SEK", "EUR", "employees"]
"""What a stated figure is in."""


class StatedFigure(Frozen):
    """What a source says of a programme as a whole: ``words`` as it has them, ``value`` as they are read, exact decimal text,
    rounded to the nearest ``nearest``. Nothing is computed from it; it stands beside what is."""

    figure: StatedOf
    value: Number
    unit: StatedUnit
    nearest: Number
    words: Line
    status: Status
    source: Line

    @model_validator(mode="after")
    def _consistent(self) -> StatedFigure:
        if (self.figure == "employees") != (self.unit == "employees"):
            raise ValueError(f"{self.figure} is never in {self.unit}")
        if Fraction(self.value) <= 0 or Fraction(self.nearest) <= 0:
            raise ValueError("value and nearest, to what it is rounded, must be above zero")
        return self


class StatedRate(Frozen):
    """What one unit of a currency is in kronor, as a programme names it: for the figures that it states, and for nothing else."""

    currency: Literal["EUR"]
    sek: Number
    status: Status
    source: Line

    @model_validator(mode="after")
    def _above_zero(self) -> StatedRate:
        if Fraction(self.sek) <= 0:
            raise ValueError("sek, what one unit is in kronor, must be above zero")
        return self


class ProgrammeFormed(Event):
    """Several contracts are looked at as one from a day on. No entitlement and no payment rests on it."""

    TYPE = "ProgrammeFormed@1"
    SORT = "fact"
    id: Key
    name: Line
    contracts: Annotated[tuple[Key, ...], Field(min_length=1)]
    from_on: Day
    stated: tuple[StatedFigure, ...] = ()
    rates: tuple[StatedRate, ...] = ()


class ProgrammeChanged(Event):
    """Contracts join a programme, or leave it, from a day on, by the agreement of those that must agree in each of them."""

    TYPE = "ProgrammeChanged@1"
    SORT = "fact"
    id: Key
    from_on: Day
    joins: tuple[Key, ...] = ()
    leaves: tuple[Key, ...] = ()
    agreed_by: tuple[Role, ...]
    reason: str

    @model_validator(mode="after")
    def _changes_something(self) -> ProgrammeChanged:
        if not (self.joins or self.leaves) or set(self.joins) & set(self.leaves):
            raise ValueError("a contract joins or leaves, and none does both")
        return self


AnyEvent = (
    LedgerOpened
    | ContractSigned
    | ContractAmended
    | MethodologyProposed
    | MethodologyRejected
    | MethodologyAdopted
    | MethodologyAdopted2
    | MethodologyAdopted1
    | FollowUpSuspended
    | FollowUpResumed
    | AbsenceReported
    | WorkforceReported
    | ReimbursementsReported
    | TrendPublished
    | SavingsDetermined
    | SavingsDetermined2
    | SavingsDetermined1
    | SavingsNotified
    | DeterminationAccepted
    | PaymentInstructed
    | PaymentMade
    | LoanDrawn
    | LoanRepaid
    | EntryCorrected
    | DisputeRaised
    | DisputeAnswered
    | DisputeWithdrawn
    | DisputeResolved
    | ContractClosed
    | AuditFindingsRecorded
    | EvaluationSignedOff
    | TieredSigned
    | TieredAmended
    | MetricsReported
    | TiersDetermined
    | TiersAgreed
    | TieredPaid
    | TieredPaymentCorrected
    | IndicatorsReported
    | TargetsStated
    | TenderOpened
    | BidReceived
    | BidWithdrawn
    | TenderAwarded
    | ProgrammeFormed
    | ProgrammeChanged
)
"""The closed list; a ``match`` over it ends in ``assert_never``."""


def _members(union: Any) -> Iterable[type[Event]]:
    return union.__args__  # type: ignore[no-any-return]


TYPES: dict[str, type[Event]] = {event.TYPE: event for event in _members(AnyEvent)}
"""Stored name → class, for every version that was ever recorded."""

ContractEvent = (
    ContractSigned
    | ContractAmended
    | MethodologyProposed
    | MethodologyRejected
    | MethodologyAdopted
    | MethodologyAdopted2
    | MethodologyAdopted1
    | FollowUpSuspended
    | FollowUpResumed
    | SavingsDetermined
    | SavingsDetermined2
    | SavingsDetermined1
    | SavingsNotified
    | DeterminationAccepted
    | PaymentInstructed
    | PaymentMade
    | LoanDrawn
    | LoanRepaid
    | EntryCorrected
    | DisputeRaised
    | DisputeAnswered
    | DisputeWithdrawn
    | DisputeResolved
    | ContractClosed
    | AuditFindingsRecorded
    | EvaluationSignedOff
)
"""What stands in a contract's own stream."""

OfContracts = ContractEvent | LedgerOpened | AbsenceReported | WorkforceReported | ReimbursementsReported | TrendPublished
"""What a contract measured by sick leave rests on: its own stream, its evidence, the national series, the ledger's opening."""

TieredEvent = TieredSigned | TieredAmended | MetricsReported | TiersDetermined | TiersAgreed | TieredPaid | TieredPaymentCorrected
"""What stands in the stream of a contract settled by tiers."""

IndicatorEvent = IndicatorsReported | TargetsStated
"""What stands in a contract's stream of targets and unpaid outcomes."""

TenderEvent = TenderOpened | BidReceived | BidWithdrawn | TenderAwarded
"""What stands in a tender's stream."""

ProgrammeEvent = ProgrammeFormed | ProgrammeChanged
"""What stands in a programme's stream."""
