"""What open disputes hold back and claim above: the entitlement as it would be if the open positions prevailed, through the
sharing (rule 18). Pure; a contract's state goes in, öre come out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ledger import waterfall
from ledger.events import DisputeRaised, Outcome, Position
from ledger.periods import Month
from ledger.terms import ContractTerms


@dataclass(frozen=True)
class Answer:
    """What another party said to a dispute."""

    position: int
    by: str
    on: date
    answer: str
    says: Position | None


@dataclass(frozen=True)
class Ended:
    """How a dispute ended, on which day, and the record that says so; ``determination``: what carries the resolution out.

    ``moot``: the disputed determination was superseded by another, which can be disputed in its turn.
    """

    how: Outcome | str
    on: date
    position: int
    reason: str = ""
    agreed_by: tuple[str, ...] = ()
    decided_by: str | None = None
    says: Position | None = None
    determination: int | None = None


WITHDRAWN, MOOT = "withdrawn", "moot"


@dataclass(frozen=True)
class Dispute:
    """A dispute: what was raised, by the record at ``position``, what was answered, how it ended."""

    position: int
    raised: DisputeRaised
    answers: tuple[Answer, ...] = ()
    ended: Ended | None = None

    @property
    def name(self) -> str:
        """``X1``."""
        return f"X{self.raised.number}"

    @property
    def open(self) -> bool:
        """Whether nothing has ended it, as far as is known."""
        return self.ended is None

    def open_on(self, day: date) -> bool:
        """Whether it was raised by that day and not ended."""
        return self.raised.on <= day and (self.ended is None or day < self.ended.on)

    @property
    def status(self) -> str:
        """``open``, or how it ended."""
        return "open" if self.ended is None else self.ended.how

    @property
    def at_stake(self) -> int:
        """Öre that the position differs from what is disputed by: of savings, or of a payment."""
        return self.raised.position.total - self.raised.was_ore

    @property
    def lowers(self) -> bool:
        """Whether the provider would be owed less if the position prevailed: then it holds."""
        if self.raised.payment_kind == "upfront":
            return False  # it is no part of what is due (rule 13)
        return (self.at_stake > 0) == (self.raised.payment_kind == "outcome")

    def with_answer(self, answer: Answer) -> Dispute:
        """The same, answered."""
        return replace(self, answers=(*self.answers, answer))


def disputed(one: Dispute) -> str:
    """What is disputed, by its short name: ``D7`` or ``P3``."""
    raised = one.raised
    return f"D{raised.determination}" if raised.determination is not None else f"P{raised.payment}"


class Disputed(NamedTuple):
    """Disputed savings by month as they were ``determined``, as they are ``claimed`` and payable on the day asked about (none,
    while nothing of them is), and the positions."""

    determined: Mapping[Month, int]
    claimed: Mapping[Month, int]
    positions: tuple[Position, ...]


class Claims(NamedTuple):
    """Öre by which the provider would be owed less, and more, if the open positions prevailed."""

    lower: int
    above: int


def claims(
    savings: Mapping[Month, int],
    disputed: Iterable[Disputed],
    payments: Iterable[tuple[int, tuple[int, ...]]],
    terms_of: Callable[[Month], ContractTerms],
    on: date,
) -> Claims:
    """E − E⁻ and E⁺ − E on a day (rule 18). ``savings``: those of the months determined; ``payments``: of each disputed payment
    how much less the provider would be owed (öre, below zero: more) by each open position.

    A lower position counts against what is claimed and payable by then, a higher one, from when it was raised, against what was
    determined; of several about one determination the one furthest off counts, for they cannot prevail together.
    """
    standing = {month: amount for month, amount in savings.items() if month.last_day <= on}
    claimed, low, high = dict(standing), dict[Month, int](), dict[Month, int]()
    for one in disputed:
        standing |= one.determined
        claimed |= {**one.determined, **one.claimed}
        lowest, highest = min(one.positions, key=_total), max(one.positions, key=_total)
        said = {month: amount for month, amount in _by_month(lowest).items() if month in one.claimed}
        if lowest.total < sum(one.determined.values()) and sum(said.values()) < sum(one.claimed.values()):
            low |= said
        if highest.total > sum(one.determined.values()):
            high |= _by_month(highest)
    held = _entitled(claimed, terms_of) - _entitled({**claimed, **low}, terms_of)
    above = _entitled({**standing, **high}, terms_of) - _entitled(standing, terms_of)
    less = [max(0, *amounts) for _, amounts in payments]
    more = [max(0, *(-amount for amount in amounts)) for _, amounts in payments]
    return Claims(max(0, held) + sum(less), max(0, above) + sum(more))


def _total(position: Position) -> int:
    return position.total


def _by_month(position: Position) -> dict[Month, int]:
    return {one.month: one.amount_ore for one in position.savings or ()}


def _entitled(savings: Mapping[Month, int], terms_of: Callable[[Month], ContractTerms]) -> int:
    return waterfall.entitlement(terms_of(max(savings)), sum(savings.values())) if savings else 0
