"""What a contract is told (commands), in which context, and what comes of it. The rules stand in ``decisions.py`` and
``agreements.py``. Pure: no clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from ledger import events as e
from ledger.events import Actor, PaymentKind
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from ledger.terms import ContractTerms


@dataclass(frozen=True)
class SignContract:
    """The parties sign the terms."""

    terms: ContractTerms
    on: date


@dataclass(frozen=True)
class AmendTerms:
    """New terms from a month on."""

    terms: ContractTerms
    from_month: Month
    agreed_by: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ProposeMethodology:
    """A party proposes a methodology from a date on, and argues for it."""

    methodology: Methodology
    from_on: date
    by: str
    reason: str


@dataclass(frozen=True)
class RejectMethodology:
    """A party that would have to agree refuses a proposal."""

    proposal: int
    by: str
    reason: str


@dataclass(frozen=True)
class AdoptMethodology:
    """A methodology from a date on. ``findings``: what is found beside it on the facts as they stand; ``accepted``: the names of
    those that the parties accept. ``beside``: the months in which the one before is measured beside it."""

    methodology: Methodology
    from_on: date
    agreed_by: tuple[str, ...]
    findings: tuple[e.AcceptedFinding, ...] = ()
    accepted: tuple[str, ...] = ()
    beside: Period | None = None


@dataclass(frozen=True)
class SuspendFollowUp:
    """No month is determined from this one on."""

    from_month: Month
    agreed_by: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ResumeFollowUp:
    """Months count again from this one on."""

    from_month: Month
    agreed_by: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class RecordDetermination:
    """Savings as computed by a proposal; ``redo`` is the reason for superseding earlier determinations."""

    months: tuple[e.AnyMonth, ...]
    preliminary: bool
    basis: e.Basis
    computed_by: str
    redo: str | None = None


@dataclass(frozen=True)
class NotifyDetermination:
    """The parties were notified on a date."""

    determination: int
    on: date


@dataclass(frozen=True)
class AcceptDetermination:
    """A party accepted on a date."""

    determination: int
    role: str
    on: date


@dataclass(frozen=True)
class Pay:
    """Instruct a payment, or record one that was made. ``amount`` in öre; None: what is due."""

    kind: PaymentKind
    amount: int | None
    on: date
    invoice: str
    made: bool = False
    bank_reference: str | None = None


@dataclass(frozen=True)
class DrawLoan:
    """A draw on the internal loan, in öre."""

    amount: int
    on: date
    purpose: Literal["internal", "upfront"]


@dataclass(frozen=True)
class RepayLoan:
    """A repayment of the internal loan, in öre."""

    amount: int
    on: date


@dataclass(frozen=True)
class CorrectEntry:
    """Reverse (no amount, no date) or replace a money entry that was recorded in error."""

    position: int
    reason: str
    amount: int | None = None
    on: date | None = None


@dataclass(frozen=True)
class RaiseDispute:
    """A party objects to a determination, or to a payment, by its number; ``position`` is what it holds to be right;
    ``documented``: a document comes with it."""

    by: str
    on: date
    grounds: str
    position: e.Position
    determination: int | None = None
    payment: int | None = None
    documented: bool = False


@dataclass(frozen=True)
class AnswerDispute:
    """Another party answers a dispute."""

    dispute: int
    by: str
    on: date
    answer: str
    position: e.Position | None = None


@dataclass(frozen=True)
class WithdrawDispute:
    """The party that raised it withdraws a dispute; ``documented``: a document comes with it."""

    dispute: int
    on: date
    reason: str
    documented: bool = False


@dataclass(frozen=True)
class ResolveDispute:
    """A dispute ends by the parties, or by a third person's decision. ``position``: what is settled, None unless it is; a
    determination that carries it out rests on ``basis`` and is ``computed_by``; ``documented``: a document comes with it."""

    dispute: int
    on: date
    outcome: e.Outcome
    reason: str
    basis: e.Basis
    computed_by: str
    agreed_by: tuple[str, ...] = ()
    decided_by: str | None = None
    position: e.Position | None = None
    documented: bool = False


@dataclass(frozen=True)
class CloseContract:
    """Everything is settled; the final evaluation is the evidence."""

    on: date


@dataclass(frozen=True)
class RecordAuditFindings:
    """The external auditor tested a sample drawn at a checkpoint, whose last record was made on ``recorded_on``."""

    on: date
    checkpoint: e.Checkpoint
    recorded_on: date
    population: int
    procedure: str
    items: tuple[e.ItemTested, ...]
    supersedes: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class SignOffEvaluation:
    """The external auditor signs off the final evaluation, by its SHA-256; ``reason``: why again, or why another document."""

    on: date
    opinion: e.Opinion
    text: str
    evaluation: str
    reason: str | None = None


Command = (
    SignContract
    | AmendTerms
    | ProposeMethodology
    | RejectMethodology
    | AdoptMethodology
    | SuspendFollowUp
    | ResumeFollowUp
    | RecordDetermination
    | NotifyDetermination
    | AcceptDetermination
    | Pay
    | DrawLoan
    | RepayLoan
    | CorrectEntry
    | RaiseDispute
    | AnswerDispute
    | WithdrawDispute
    | ResolveDispute
    | CloseContract
    | RecordAuditFindings
    | SignOffEvaluation
)


@dataclass(frozen=True)
class Context:
    """Who commands, the date in Stockholm, 32 bytes that no one can guess for salts, and who records in any contract."""

    by: Actor
    today: date
    secret: bytes = b""
    recorders: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Decided:
    """An event to record, with the date it is about; ``beside`` is stored with it, not hashed."""

    effective_on: date
    event: e.Event
    beside: bytes | None = None


@dataclass(frozen=True)
class OfContract:
    """A command to a contract's decider."""

    contract: str
    command: Command
