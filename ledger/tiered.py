"""A contract settled by tiers: what it is told (commands), and what its decider must remember; the rules stand in
``tiered_rules.py``. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, assert_never

from ledger import events as e
from ledger.errors import Refused
from ledger.events import TieredEvent
from ledger.record import Recorded
from ledger.tiered_terms import TieredTerms

# ── What it is told ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class SignTiered:
    """The parties sign the terms."""

    terms: TieredTerms
    on: date


@dataclass(frozen=True)
class AmendTiered:
    """New terms for what is determined as of a day or later."""

    terms: TieredTerms
    from_on: date
    agreed_by: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class ReportMetrics:
    """What metrics were found to be."""

    rows: tuple[e.MetricRow, ...]


@dataclass(frozen=True)
class DetermineTiers:
    """The amounts that the valuations give as of a day, and the conditions, as computed by a proposal; ``reason``: why anew."""

    on: date
    amounts: tuple[e.AmountFound, ...]
    conditions: tuple[e.ConditionFound, ...]
    basis: e.Basis
    computed_by: str
    reason: str | None = None


@dataclass(frozen=True)
class AgreeTiers:
    """A party agrees to a determination."""

    determination: int
    role: str
    on: date


@dataclass(frozen=True)
class PayTiered:
    """Money moved between two parties; ``amount`` in öre."""

    kind: e.TieredPayment
    payer: str
    payee: str
    amount: int
    on: date
    bank_reference: str


@dataclass(frozen=True)
class CorrectTieredPayment:
    """Reverse (no amount, no date) or replace a payment recorded in error."""

    number: int
    reason: str
    amount: int | None = None
    on: date | None = None


TieredCommand = SignTiered | AmendTiered | ReportMetrics | DetermineTiers | AgreeTiers | PayTiered | CorrectTieredPayment


@dataclass(frozen=True)
class OfTiered:
    """A command to the decider of a contract settled by tiers."""

    contract: str
    command: TieredCommand


# ── What it remembers ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class TierDetermination:
    """A determination by tiers: ``agreed`` by which party when; ``claims`` once all that must have agreed."""

    position: int
    event: e.TiersDetermined
    agreed: Mapping[str, date] = field(default_factory=dict)
    claims: tuple[e.PartyClaim, ...] | None = None

    @property
    def number(self) -> int:
        """Its number in the contract."""
        return self.event.number

    def given(self, party: str) -> int:
        """Öre that it gives a party, from the beginning."""
        return sum(one.amount_ore for one in self.event.given if one.party == party)


@dataclass(frozen=True)
class TieredPayment:
    """A payment as it stands after corrections; ``open`` unless it was reversed."""

    number: int
    position: int
    kind: e.TieredPayment
    payer: str
    payee: str
    amount: int
    on: date
    bank_reference: str
    open: bool = True
    note: str = ""


BOND_PAYMENTS: tuple[e.TieredPayment, ...] = ("issue", "interest", "redemption")
"""What is paid of a bond alone."""

RowKey = tuple[str, str, str]
"""Metric, group and part."""


@dataclass(frozen=True)
class TieredState:
    """What the decider must remember. ``rows``: the last reported of each metric, group and part, with its record."""

    signed_on: date | None = None
    versions: tuple[tuple[date, TieredTerms], ...] = ()
    rows: Mapping[RowKey, tuple[int, e.MetricRow]] = field(default_factory=dict)
    determinations: tuple[TierDetermination, ...] = ()
    payments: tuple[TieredPayment, ...] = ()

    @property
    def signed(self) -> TieredTerms:
        """The terms as first signed."""
        return self.versions[0][1]

    def terms_on(self, day: date) -> TieredTerms:
        """The terms in force on a day."""
        return [terms for start, terms in self.versions if start <= day or terms is self.signed][-1]

    @property
    def parties(self) -> Mapping[str, str]:
        """Every role that any version of the terms names, with its last name: money that moved stays theirs."""
        return {role: name for _, terms in self.versions for role, name in terms.parties.items()}

    @property
    def money_is_on_record(self) -> bool:
        """Whether something was claimed, or a payment stands."""
        return any(one.claims for one in self.determinations) or any(one.open for one in self.payments)

    def is_outdated(self, one: TierDetermination) -> bool:
        """Whether the terms of a determination's day are others by now than those that it was divided under."""
        return one.event.terms_sha256 != self.terms_on(one.event.on).sha256

    def determination(self, number: int) -> TierDetermination:
        """The determination with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.determinations):
            raise Refused(f"{self.signed.id} has no determination {number}; it has {len(self.determinations)}")
        return self.determinations[number - 1]

    def in_force(self, on: date) -> TierDetermination | None:
        """The determination that holds as of a day: of those as of the latest day by then, the last recorded."""
        by_then = [one for one in self.determinations if one.event.on <= on]
        return max(by_then, key=lambda one: (one.event.on, one.number), default=None)

    def claimed(self, party: str) -> int:
        """Öre claimed for a party by the determinations that were agreed."""
        claims = (claim for one in self.determinations for claim in one.claims or ())
        return sum(claim.amount_ore for claim in claims if claim.party == party)


Initial = TieredState()


def fold(records: Iterable[Recorded[Any]]) -> TieredState:
    """The state after a stream's records."""
    state = Initial
    for record in records:
        state = evolve(state, record)
    return state


def evolve(state: TieredState, record: Recorded[Any]) -> TieredState:
    """The state after one more record."""
    event: TieredEvent = record.data
    match event:
        case e.TieredSigned():
            return replace(state, signed_on=event.signed_on, versions=((event.terms.starts_on, event.terms),))
        case e.TieredAmended():
            return replace(state, versions=(*state.versions, (event.from_on, event.terms)))
        case e.MetricsReported():
            new = {(row.metric, row.group, row.part): (record.position, row) for row in event.rows}
            return replace(state, rows={**state.rows, **new})
        case e.TiersDetermined():
            return replace(state, determinations=(*state.determinations, TierDetermination(record.position, event)))
        case e.TiersAgreed():
            return _with_agreement(state, event)
        case e.TieredPaid():
            said = (event.kind, event.payer, event.payee, event.amount_ore, event.on, event.bank_reference)
            return replace(state, payments=(*state.payments, TieredPayment(event.number, record.position, *said)))
        case e.TieredPaymentCorrected():
            return _with_correction(state, event)
        case _:
            assert_never(event)


def _with_agreement(state: TieredState, event: e.TiersAgreed) -> TieredState:
    one = state.determination(event.determination)
    agreed = {**one.agreed, event.role: event.on}
    every = set(state.terms_on(one.event.on).governance.agrees) <= agreed.keys()
    changed = replace(one, agreed=agreed, claims=event.claims if every else None)
    determinations = tuple(changed if each.number == one.number else each for each in state.determinations)
    return replace(state, determinations=determinations)


def _with_correction(state: TieredState, event: e.TieredPaymentCorrected) -> TieredState:
    changes: dict[str, Any] = {"open": False, "note": f"reversed: {event.reason}"}
    if event.becomes is not None:
        changes = {"amount": event.becomes.amount_ore, "on": event.becomes.on, "note": f"corrected: {event.reason}"}
    payments = tuple(replace(one, **changes) if one.number == event.number else one for one in state.payments)
    return replace(state, payments=payments)
