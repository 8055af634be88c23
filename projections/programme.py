"""Several contracts as one under an AsOf: sums of their states, break-even and cap of the whole and of each, and what is stated
of the whole beside what is computed. Amounts in öre; every contract measured by sick leave is in SEK.

The whole moves no money: each contract has its own cap, and no headroom of one is another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import assert_never

from ledger import contract, programmes
from ledger.contract import ContractState
from ledger.errors import Refused, Usage
from ledger.events import Basis, ProgrammeFormed, StatedFigure, StatedRate
from ledger.facts import Facts, programme_stream
from ledger.money import rounded
from ledger.periods import Month
from ledger.programmes import Members, ProgrammeState
from ledger.waterfall import Target, Targets, targets
from projections.as_of import AsOf
from projections.book import Book, Folded
from projections.state import MonthEnd, Reaching, Reachings, State, history, month_ends, state
from projections.workforce import headcounts

SUMMED: Mapping[str, Callable[[State], int]] = {
    "investment": lambda one: one.terms.investment.total,
    "savings": lambda one: one.savings,
    "to_authority": lambda one: one.to_authority,
    "maximum": lambda one: one.terms.outcome.maximum_payment,
    "entitled": lambda one: one.provider.entitled,
    "headroom": lambda one: one.cap.remaining,
    "payable": lambda one: one.provider.payable,
    "paid": lambda one: one.provider.paid,
    "held": lambda one: one.provider.held,
    "claimed_above": lambda one: one.provider.claimed_above,
    "due": lambda one: one.provider.due,
    "overpaid": lambda one: one.provider.overpaid,
    "upfront_paid": lambda one: one.upfront_paid,
    "loan_outstanding": lambda one: one.loan.outstanding,
}
"""What is summed over the contracts, in öre, by name."""


@dataclass(frozen=True)
class Compared:
    """A stated figure beside what the record gives, both in the stated unit. ``computed`` None: no rate of that currency is
    named, or no headcount is on record. ``rounded``: the computed one to the nearest that the stated one is said to."""

    stated: StatedFigure
    computed: Fraction | None
    rounded: Fraction | None
    rate: StatedRate | None

    @property
    def value(self) -> Fraction:
        """The stated figure."""
        return Fraction(self.stated.value)

    @property
    def difference(self) -> Fraction | None:
        """Computed less stated."""
        return None if self.computed is None else self.computed - self.value

    @property
    def agrees(self) -> bool | None:
        """Whether the two differ by rounding alone."""
        return None if self.rounded is None else self.rounded == self.value


@dataclass(frozen=True)
class Programme:
    """A programme's state. ``states``: of its contracts as of the day; ``members``: since when it holds these."""

    formed: ProgrammeFormed
    when: AsOf
    basis: Basis
    simulated: bool
    members: Members
    states: tuple[State, ...]
    break_even: Reaching
    cap: Reaching
    stated: tuple[Compared, ...]

    def total(self, figure: str) -> int:
        """The sum of a figure over the contracts, in öre (``SUMMED``)."""
        return sum(map(SUMMED[figure], self.states))

    @property
    def at_cap(self) -> tuple[str, ...]:
        """The contracts that have come to their own cap."""
        return tuple(one.contract for one in self.states if one.cap.reached)

    @property
    def forecast(self) -> Fraction | None:
        """Pro rata as each contract's own (rule 19): forecast savings of all ÷ investment of all; None while one has no month."""
        found = [one.forecast.ratio for one in self.states]
        if None in found:
            return None
        parts = zip(found, map(SUMMED["investment"], self.states), strict=True)
        return sum((ratio * investment for ratio, investment in parts if ratio), Fraction(0)) / self.total("investment")

    @property
    def ratio(self) -> Fraction:
        """Savings ÷ investment of all."""
        return Fraction(self.total("savings"), self.total("investment"))


def folded(facts: Facts, programme_id: str) -> ProgrammeState:
    """What is on record of a programme. Raises Usage for one that is not."""
    found = programmes.fold(facts.stream(programme_stream(programme_id)))
    if found.formed is None:
        known = ", ".join(facts.named("programme")) or "none"
        raise Usage(f"no programme {programme_id} is on record; programmes on record: {known}")
    return found


def programme(facts: Facts, programme_id: str, as_of: date | None = None, book: Book | None = None) -> Programme:
    """The programme's state, from the ``book`` (by default the facts, folded). Raises Usage for an unknown programme, Refused for
    a day before it was formed."""
    book = book or Folded(facts)
    found, when = folded(facts, programme_id), AsOf.latest(facts, as_of)
    members = found.on(when.as_of)
    assert found.formed is not None
    if members is None:
        raise Refused(f"{programme_id} was formed from {found.formed.from_on} on; it has no state as of {when.as_of}")
    states = tuple(state(facts, one, when.as_of, book) for one in members.contracts)
    whole = _Whole(book, members, when.as_of)
    return Programme(
        formed=found.formed,
        when=when,
        basis=facts.basis,
        simulated=facts.opened.simulated,
        members=members,
        states=states,
        break_even=whole.of("contract", "savings"),
        cap=whole.of("cap", "provider"),
        stated=tuple(_compared(found.formed, states, facts)),
    )


# ── Break-even and cap of the whole ──────────────────────────────────────────────────────────────────────────────────


class _Whole(Reachings):
    """The same run of months for several contracts: each month's end has their sums, and the sums of their targets (rule 11).

    A contract counts with its whole investment in every month, also in those before its own first."""

    def __init__(self, book: Book, members: Members, as_of: date) -> None:
        records = [book.shaping(one) for one in members.contracts]
        states = [contract.fold(found) for found in records]
        before = [_before(one) for one in states]
        each = [month_ends(one, as_of) for one in states]
        first = min(one.month for one in before) + 1
        months = (first + number for number in range(Month.holding(as_of).index - first.index + 1))
        now = [replace(start, targets=targets(one.terms_on(as_of))) for start, one in zip(before, states, strict=True)]
        self._targets = _summed(now).targets
        self._now = [_summed([_at(*one, month) for one in zip(each, before, strict=True)]) for month in months]
        self._history = list(_joined([list(history(one, as_of)) for one in records], before))


def _before(state: ContractState) -> MonthEnd:
    """Where a contract stands before its first month."""
    first = state.signed.first_month
    return MonthEnd(first - 1, 0, 0, targets(state.terms_of(first)))


def _at(found: Sequence[MonthEnd], before: MonthEnd, month: Month) -> MonthEnd:
    """Where a contract stands at a month's end, which may lie before its first."""
    number = month.index - before.month.index - 1
    return found[number] if number >= 0 else replace(before, month=month)


def _summed(each: Sequence[MonthEnd]) -> MonthEnd:
    """Where the whole stands. Towards the cap a contract counts at most its own: what is above one is no headroom of another."""

    def target(name: str) -> Target:
        return Target(sum(getattr(one.targets, name).amount for one in each), None)

    whole = Targets(target("contract"), target("authority"), target("provider"), target("cap"), "maximum")
    month = max(one.month for one in each)
    capped = sum(min(one.entitlement, one.targets.cap.amount) for one in each)
    return MonthEnd(month, sum(one.savings for one in each), capped, whole)


def _joined(
    histories: Sequence[Sequence[tuple[datetime, MonthEnd | None]]], before: Sequence[MonthEnd]
) -> Iterator[tuple[datetime, MonthEnd | None]]:
    """The whole after each record of its contracts that can move it; nothing of it was known before all of them were on record.
    When it was formed does not matter: the same could be said of its contracts before."""
    steps = [(at, number, standing) for number, found in enumerate(histories) for at, standing in found]
    latest: dict[int, MonthEnd] = {}
    for at, number, standing in sorted(steps, key=lambda step: step[:2]):
        latest[number] = standing or before[number]
        yield at, _summed([*latest.values()]) if len(latest) == len(histories) else None


# ── What is stated of it ─────────────────────────────────────────────────────────────────────────────────────────────


def _compared(formed: ProgrammeFormed, states: Sequence[State], facts: Facts) -> Iterator[Compared]:
    rates = {one.currency: one for one in formed.rates}
    for stated in formed.stated:
        rate = rates.get(stated.unit) if stated.unit == "EUR" else None
        computed = _computed(stated, states, facts)
        if stated.unit == "EUR":
            computed = None if computed is None or rate is None else computed / Fraction(rate.sek)
        nearest = Fraction(stated.nearest)
        yield Compared(stated, computed, None if computed is None else rounded(computed / nearest) * nearest, rate)


def _computed(stated: StatedFigure, states: Sequence[State], facts: Facts) -> Fraction | None:
    """The figure of the whole: kronor, or employees by head in the last month reported by the day of the state."""
    match stated.figure:
        case "investment":
            return Fraction(sum(map(SUMMED["investment"], states)), 100)
        case "maximum-payments":
            return Fraction(sum(map(SUMMED["maximum"], states)), 100)
        case "employees":
            found = [employees(facts, one.contract, one.when.as_of) for one in states]
            return None if None in found else Fraction(sum(one or 0 for one in found))
        case _:
            assert_never(stated.figure)


def employees(facts: Facts, contract_id: str, as_of: date) -> int | None:
    """Employees by head at the end of the last month reported that ended by a day; None where none is."""
    counts = headcounts(facts, contract_id)
    last = max((month for month in counts if month.last_day <= as_of), default=None)
    return None if last is None else sum(counts[last].values())
