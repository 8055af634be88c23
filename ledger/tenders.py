"""What the decider of a tender is told, and what it remembers. The rules stand in ``tendering.py``. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, assert_never

from ledger import events as e
from ledger.errors import Refused
from ledger.events import TenderEvent
from ledger.periods import day_in_stockholm
from ledger.record import Recorded
from ledger.tender_terms import TenderTerms, awarded
from ledger.terms import ContractTerms

# ── What it is told ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OpenTender:
    """The payer opens a tender."""

    terms: TenderTerms


@dataclass(frozen=True)
class ReceiveBid:
    """A provider bids; ``value`` in öre, where the tender gives none. ``document``: what shows when it was received, which a bid
    recorded after closing needs."""

    bidder: str
    at_risk_share: Fraction
    value: int | None
    on: date
    document: str | None = None


@dataclass(frozen=True)
class WithdrawBid:
    """A provider withdraws its bid."""

    bid: int
    on: date
    reason: str


@dataclass(frozen=True)
class AwardTender:
    """The tender is awarded to a bid, and why."""

    bid: int
    reason: str
    on: date


TenderCommand = OpenTender | ReceiveBid | WithdrawBid | AwardTender


@dataclass(frozen=True)
class OfTender:
    """A command to a tender's decider."""

    tender: str
    command: TenderCommand


# ── What it remembers ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Bid:
    """A bid as it stands; ``withdrawn_on`` where it does not. ``recorded_on`` None: it is tried, and on no record."""

    number: int
    position: int
    bidder: str
    at_risk_share: Fraction
    value: int | None
    on: date
    recorded_on: date | None = None
    document: str | None = None
    withdrawn_on: date | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_on is None

    def days_late(self, terms: TenderTerms) -> int:
        """How many days after the tender closed it was recorded, received in time as it was; 0 where it was recorded by then."""
        return 0 if self.recorded_on is None else max((self.recorded_on - terms.closes_on).days, 0)


@dataclass(frozen=True)
class Award:
    """To which bid the tender was awarded, by which record."""

    position: int
    event: e.TenderAwarded


@dataclass(frozen=True)
class TenderState:
    """What the decider must remember. ``terms`` None: the tender is not open. ``recorded_on``: the day on which the ledger
    learned of it."""

    terms: TenderTerms | None = None
    recorded_on: date | None = None
    bids: tuple[Bid, ...] = ()
    award: Award | None = None

    @property
    def opened(self) -> TenderTerms:
        """The tender's terms. Raises Refused where it is not open."""
        if self.terms is None:
            raise Refused("the tender is not open", do="open it with: soc tender open TENDER.toml")
        return self.terms

    def bid(self, number: int) -> Bid:
        """The bid with that number. Raises Refused where there is none."""
        if not 1 <= number <= len(self.bids):
            raise Refused(f"{self.opened.id} has no bid {number}; it has {len(self.bids)}")
        return self.bids[number - 1]

    def terms_of(self, bid: Bid) -> ContractTerms:
        """The contract's terms that follow from a bid."""
        return awarded(self.opened, bid.bidder, bid.at_risk_share, bid.value)

    @cached_property
    def awarded_terms(self) -> ContractTerms | None:
        """The contract's terms that follow from the award."""
        return None if self.award is None else self.terms_of(self.bid(self.award.event.bid))

    def lapsed(self, today: date) -> bool:
        """Whether it closed and no bid stands: then nothing can be awarded."""
        return self.award is None and today > self.opened.closes_on and not any(bid.stands for bid in self.bids)


Initial = TenderState()


def fold(records: Iterable[Recorded[Any]]) -> TenderState:
    """The state after a stream's records."""
    state = Initial
    for record in records:
        state = evolve(state, record)
    return state


def evolve(state: TenderState, record: Recorded[Any]) -> TenderState:
    """The state after one more record."""
    event: TenderEvent = record.data
    match event:
        case e.TenderOpened():
            return replace(state, terms=event.terms, recorded_on=day_in_stockholm(record.recorded_at))
        case e.BidReceived():
            return replace(state, bids=(*state.bids, _bid(record)))
        case e.BidWithdrawn():
            changed = (replace(bid, withdrawn_on=event.on) if bid.number == event.bid else bid for bid in state.bids)
            return replace(state, bids=tuple(changed))
        case e.TenderAwarded():
            return replace(state, award=Award(record.position, event))
        case _:
            assert_never(event)


def _bid(record: Recorded[e.BidReceived]) -> Bid:
    event = record.data
    said = (event.bidder, event.at_risk_share, event.service_value_ore, event.on)
    return Bid(event.number, record.position, *said, day_in_stockholm(record.recorded_at), document_of(record))


def document_of(record: Recorded[Any]) -> str | None:
    """The document that a record rests on, where it names one."""
    return record.evidence[0].document if record.evidence else None
