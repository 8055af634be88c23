"""The dossier of a dispute: what both parties say, what separates them krona by krona, what was known when, what every other way
would give, what is held. Figures alone; how they are told is another matter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from ledger import events as e
from ledger import waterfall
from ledger.contract import ContractState, Determination
from ledger.errors import LedgerError
from ledger.events import OtherFacts, Position
from ledger.facts import Facts, contract_stream
from ledger.holds import Dispute
from ledger.methodology import Methodology
from ledger.periods import Month
from ledger.record import Recorded
from ledger.waterfall import Step
from projections import positions
from projections.arrived_withheld import Told, told
from projections.as_of import AsOf
from projections.audience import NARROWEST
from projections.book import Book
from projections.dossier_withheld import whole_months
from projections.explanation.arrived import Amounts, Arrived, arrived
from projections.explanation.ground import Ground
from projections.explanation.position import explained
from projections.explanation.record import record as explained_record
from projections.explanation.tree import Node
from projections.names import resolve
from projections.positions import Measuring
from projections.replays.causes import Difference, Way, difference
from projections.replays.replay import Lines, Outcome, Replayer, outcome
from projections.state import State, state
from projections.statements.people import FEW


@dataclass(frozen=True)
class Side:
    """What one side holds the disputed months to have saved, and what follows; öre. ``role`` None: what is recorded. ``entitled``
    and ``path``: through the sharing, over all months determined.

    Where it was computed, ``lines``: each month, ``causes``: why it differs from what is recorded, told of the months ``whole``
    as one, ``explained``: its parts."""

    role: str | None
    position: Position | None
    savings: Mapping[Month, int]
    path: tuple[Step, ...]
    lines: Lines | None = None
    causes: Difference | None = None
    whole: frozenset[Month] = frozenset()
    explained: Node | None = None

    @property
    def total(self) -> int:
        """The savings of the disputed months."""
        return sum(self.savings.values())

    @property
    def entitled(self) -> int:
        """The provider's entitlement in all, if this side prevailed."""
        return self.path[-1].entitlement if self.path else 0


@dataclass(frozen=True)
class Alternative:
    """What another end would give: savings of the disputed months and the provider's entitlement in all, öre; or why it cannot be
    computed or is withheld."""

    name: str
    amounts: Amounts | None
    why_not: str = ""


@dataclass(frozen=True)
class Decision:
    """A decision, and what was known then: by how much the facts on record at that moment give other savings of the disputed
    months, and another entitlement, than the determination says, None where that is withheld; ``arrived``: what bears on them,
    recorded since the one before."""

    record: Recorded[Any]
    off: Amounts | None
    arrived: tuple[Recorded[Any], ...]


@dataclass(frozen=True)
class Dossier:
    """All that is said of a dispute. ``sides``: what is recorded first, then each party's position. ``arrived``, how both are
    ``told`` so, ``decisions``: of a disputed determination; ``timeline``: the contract's records that bear on it, in order."""

    facts: Facts
    contract: str
    dispute: Dispute
    disputed: Determination | None
    when: AsOf
    state: State
    sides: tuple[Side, ...]
    alternatives: tuple[Alternative, ...]
    arrived: Arrived | None
    told: Told | None
    decisions: tuple[Decision, ...]
    timeline: tuple[Recorded[Any], ...]

    @property
    def averaging(self) -> int:
        """How many determined months count for the mean of months among which disputed ones are."""
        lines = (line for found in self.facts.contract(self.contract).in_force for line in found.months)
        means = (line.of for line in lines if isinstance(line, e.MonthAgreed) and line.of is not None)
        return sum(any(month in of for month in self.months) for of in means)

    @property
    def recorded(self) -> Side:
        """What is recorded."""
        return self.sides[0]

    @property
    def withheld(self) -> bool:
        """Whether anything is, because it rests on fewer than five absent persons."""
        few = any(side.whole for side in self.sides) or any(each.why_not == FEW for each in self.alternatives)
        return few or (self.told is not None and self.told.in_part)

    @property
    def months(self) -> tuple[Month, ...]:
        """The disputed months; none where a payment is disputed."""
        return tuple(self.recorded.savings)


def dossier(facts: Facts, contract_id: str, number: int, as_of: date | None = None, book: Book | None = None) -> Dossier:
    """The dossier of a contract's dispute, on all of the facts. Raises Usage for an unknown contract, Refused for a dispute that
    is not on record."""
    telling = _Telling(facts, contract_id, number, AsOf.latest(facts, as_of).as_of)
    return Dossier(
        facts=facts,
        contract=contract_id,
        dispute=telling.dispute,
        disputed=telling.one,
        when=AsOf.latest(facts, as_of),
        state=state(facts, contract_id, telling.as_of, book),
        sides=tuple(telling.sides()),
        alternatives=tuple(telling.alternatives()),
        arrived=telling.arrived,
        told=telling.told,
        decisions=() if telling.told is None else tuple(telling.decisions(telling.told)),
        timeline=tuple(telling.timeline()),
    )


class _Telling:
    """One dispute, read once."""

    def __init__(self, facts: Facts, contract_id: str, number: int, as_of: date) -> None:
        self.facts, self.contract, self.as_of = facts, contract_id, as_of
        self.folded = facts.contract(contract_id)
        self.dispute = self.folded.dispute(number)
        against = self.dispute.raised.determination
        self.one = None if against is None else self.folded.determination(against)

    @cached_property
    def then(self) -> Facts:
        """The record just before the dispute was raised."""
        return self.facts.at(self.dispute.position - 1)

    @cached_property
    def arrived(self) -> Arrived | None:
        """What arrived about the disputed months since the determination saw the facts."""
        if self.one is None:
            return None
        return arrived(self.facts.at(self.one.basis), self.facts, self.contract, self.one.period, self.as_of)

    @cached_property
    def told(self) -> Told | None:
        """How both parties are told so."""
        return None if self.arrived is None else told(self.arrived, NARROWEST)

    def sides(self) -> Iterator[Side]:
        """What is recorded, the position, and those of the answers."""
        yield Side(None, None, self._determined, self._path(self._determined), explained=self._recorded)
        said = [(self.dispute.raised.by, self.dispute.raised.position)]
        said += [(one.by, one.says) for one in self.dispute.answers if one.says is not None]
        for role, position in said:
            savings = {one.month: one.amount_ore for one in position.savings or ()}
            measuring = self._measured(position)
            side = Side(role, position, savings, self._path(savings))
            yield side if measuring is None else self._explained(side, measuring)

    @cached_property
    def _determined(self) -> dict[Month, int]:
        return {} if self.one is None else {line.month: line.savings_ore for line in self.one.months}

    @cached_property
    def _recorded(self) -> Node:
        """What is disputed, taken apart as it is recorded."""
        raised = self.dispute.raised
        name = f"D{raised.determination}" if raised.determination is not None else f"P{raised.payment}"
        _, found = resolve(self.facts, f"{self.contract}/{name}")
        return explained_record(Ground(self.facts, self.contract, NARROWEST), found)

    def _explained(self, side: Side, measuring: Measuring) -> Side:
        assert self.one is not None
        assert side.position is not None
        name = f"the {(side.role or '').replace('_', ' ')}"
        node = explained(self.contract, self.one, side.position, measuring, name)
        causes, whole = self._causes(measuring)
        return replace(side, lines=measuring.lines, causes=causes, whole=whole, explained=node)

    def _path(self, savings: Mapping[Month, int]) -> tuple[Step, ...]:
        standing = {month: amount for month, amount in self.folded.savings.items() if month.last_day <= self.as_of}
        return waterfall.path({**standing, **savings}, self.folded.terms_of)

    def _measured(self, position: Position) -> Measuring | None:
        if position.facts is None or self.one is None:
            return None
        return positions.measured(self.then, self.contract, self.one.number, position.methodology, position.facts)

    def _causes(self, measuring: Measuring) -> tuple[Difference, frozenset[Month]]:
        """From what the determination says to what the position does, as the facts stood when it was raised."""
        assert self.one is not None
        replayer = Replayer(self.then, self.contract, then=True)
        lines = {line.month: line for line in self.one.months}
        recorded = Outcome("recorded", None, lines, replayer.folded, self.one.period.last_day)
        after = outcome(measuring.replayer, measuring.methods, self.one.period.last_day, "position")
        before = Way(replayer, replayer.in_force, recorded)
        position = Way(measuring.replayer, lambda month: measuring.methods[month], after)
        found = difference(before, position, tuple(lines))
        return found, whole_months(before, position, found)

    def alternatives(self) -> Iterator[Alternative]:
        """The ends that the dispute may have, then what every methodology on the table gives on the facts that the determination
        saw, and all facts by its own."""
        if self.one is None:
            return
        said = {one.month: one.amount_ore for one in self.dispute.raised.position.savings or ()}
        yield self._alternative("rejected: as determined", self._determined)
        half = {month: (amount + said[month]) // 2 for month, amount in self._determined.items()}
        yield self._alternative("settled half-way between", half)
        yield self._alternative("upheld: as its position says", said)
        if self.dispute.ended is not None and not self.dispute.open_on(self.as_of):
            now = {month: amount for month, amount in self.folded.savings.items() if month in self._determined}
            yield self._alternative(f"as it ended: {self.dispute.ended.how}", now)
        for methodology in _on_the_table(self.folded):
            yield self._by(f"by {methodology.name}", methodology, OtherFacts(upto=self.one.basis))
        if self.then.position > self.one.position and self.told is not None:
            name, upto = f"by {self._own}, its own, on all facts when the dispute was raised", self.then.position
            few = self.told.upto(upto) is None
            yield Alternative(name, None, FEW) if few else self._by(name, None, OtherFacts(upto=upto))

    @property
    def _own(self) -> str:
        assert self.one is not None
        return self.folded.every_methodology[self.one.months[-1].methodology_sha256].name

    def _alternative(self, name: str, savings: Mapping[Month, int]) -> Alternative:
        entitled = self._path(savings)[-1].entitlement if savings else 0
        return Alternative(name, Amounts(sum(savings.values()), entitled))

    def _by(self, name: str, methodology: Methodology | None, on: OtherFacts) -> Alternative:
        assert self.one is not None
        try:
            lines = positions.measured(self.then, self.contract, self.one.number, methodology, on).lines
        except LedgerError as error:
            return Alternative(name, None, error.what)
        return self._alternative(name, {month: line.savings_ore for month, line in lines.items()})

    def decisions(self, found: Told) -> Iterator[Decision]:
        """Each decision about the determination, with what was known then."""
        before, listed = 0, {record.position for record in self.timeline()}
        for record in self.timeline():
            others = (row.arrival.record for row in found.rows if before < row.arrival.record.position < record.position)
            since = tuple(one for one in others if one.position not in listed)
            yield Decision(record, found.upto(record.position), since)
            before = record.position

    def timeline(self) -> Iterator[Recorded[Any]]:
        """The contract's records about what is disputed and about the dispute, and what was paid while it was open."""
        for record in self.facts.stream(contract_stream(self.contract)):
            if self._bears(record):
                yield record

    def _meanwhile(self, position: int) -> bool:
        """Whether a record came while the dispute was open."""
        ended = self.dispute.ended
        return self.dispute.position < position and (ended is None or position < ended.position)

    def _bears(self, record: Recorded[Any]) -> bool:
        event, raised, number = record.data, self.dispute.raised, self.one.number if self.one else None
        if isinstance(event, e.SavingsDetermined):
            return number is not None and (event.number == number or number in event.supersedes)
        if isinstance(event, (e.SavingsNotified, e.DeterminationAccepted)):
            return event.determination == number
        if isinstance(event, (e.PaymentMade, e.PaymentInstructed)):
            return event.number == raised.payment or (event.kind == "outcome" and self._meanwhile(record.position))
        if isinstance(event, e.DisputeRaised):
            return (event.determination, event.payment) == (raised.determination, raised.payment)
        answers = (e.DisputeAnswered, e.DisputeWithdrawn, e.DisputeResolved)
        return isinstance(event, answers) and event.dispute == raised.number


def _on_the_table(folded: ContractState) -> Iterable[Methodology]:
    """Every methodology that was adopted or proposed, each once, in order."""
    named = [*folded.every_methodology.values(), *(one.methodology for one in folded.proposals)]
    return {one.sha256: one for one in named}.values()


def held_by_day(folded: ContractState, days: Iterable[date]) -> dict[date, tuple[int, int]]:
    """Öre held and claimed above on each of the days (rule 18)."""
    return {day: (folded.held(day), folded.disputed(day).above) for day in days}


def without(folded: ContractState, dispute: Dispute) -> ContractState:
    """The contract as if the dispute had not been raised."""
    return replace(folded, disputes=tuple(one for one in folded.disputes if one != dispute))
