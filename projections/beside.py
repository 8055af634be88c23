"""Two methodologies side by side: the one that was adopted, and the one before it, measured beside it for the months that the
parties agreed on. The months are determined and paid under the one in force; what the other gives moves no money.

Each month is measured by both on the same facts: those that its determination saw or, before there is one, all. Each methodology
keeps the reference values that it locked itself (rules 6, 7). For others than the employer, months are not compared of which the
numbers that one of the two counts would tell of fewer than five persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledger import waterfall
from ledger.contract import ContractState, Determination
from ledger.errors import Refused
from ledger.events import AnyMonth, MethodologyAdopted, MonthDetermined
from ledger.facts import Facts, contract_stream
from ledger.methodology import Methodology
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections.as_of import AsOf
from projections.audience import NARROWEST, Audience, is_employer
from projections.measured import Measured, measured
from projections.proposals import locked_at
from projections.replays.numbers import Tellable
from projections.savings import Standing, in_order, missing, standing
from projections.statements.people import Behind

Lines = Mapping[Month, AnyMonth]


@dataclass(frozen=True)
class Side:
    """One methodology's months. ``recorded``: those that stand determined by it; the others are a simulation. ``entitled``: öre
    that each adds to the provider's entitlement, all other months as they stand."""

    methodology: Methodology
    lines: Lines
    recorded: frozenset[Month]
    entitled: Mapping[Month, int]


@dataclass(frozen=True)
class Beside:
    """An adoption with a methodology measured beside it. ``months``: those of its period that ended by the date and that both can
    measure; ``left_out``: why others of them are not compared; ``waiting``: what is missing before the next can be;
    ``uncounted``: earlier months of the contract that are not determined, which add nothing to the entitlement of either."""

    position: int
    from_on: date
    agreed_by: tuple[str, ...]
    period: Period
    new: Side
    old: Side
    months: tuple[Month, ...]
    left_out: Mapping[Month, str]
    waiting: tuple[str, ...]
    uncounted: tuple[Month, ...]


@dataclass(frozen=True)
class SideBySide:
    """Every adoption of a contract that says a methodology measured beside it, in order."""

    contract: str
    facts: Facts
    when: AsOf
    adoptions: tuple[Beside, ...]


FEW = "what the two count apart would tell of fewer than five persons, and is the payer's to see"
"""Why a month is not compared for others than the employer."""


def side_by_side(facts: Facts, contract_id: str, as_of: date | None = None, audience: Audience = NARROWEST) -> SideBySide:
    """What the contract measures beside each methodology that it adopted so. Raises Usage for an unknown contract, Refused where
    nothing was agreed to be measured beside another."""
    when, ground = AsOf.latest(facts, as_of), _Ground(facts, contract_id)
    agreed = [
        record
        for record in facts.stream(contract_stream(contract_id))
        if isinstance(record.data, MethodologyAdopted) and record.data.beside is not None
    ]
    if not agreed:
        raise Refused(
            f"nothing is measured beside the methodology of {contract_id}",
            where=ground.folded.signed.clause("governance.agrees"),
            do=f"agree on it with a new one: soc methodology adopt {contract_id} METHOD.toml --from DATE --beside PERIOD …",
        )
    return SideBySide(contract_id, facts, when, tuple(_compared(ground, record, when.as_of, audience) for record in agreed))


def before(folded: ContractState, from_on: date) -> Methodology:
    """The methodology in force the day before another begins. Raises IndexError where there is none."""
    return [methodology for start, methodology in folded.methodologies if start < from_on][-1]


class _Ground:
    """A contract's facts, its reports read once however many methodologies count them."""

    def __init__(self, facts: Facts, contract_id: str) -> None:
        self.facts, self.contract, self.folded = facts, contract_id, facts.contract(contract_id)
        self.determined = {line.month: (one, line) for one in self.folded.in_force for line in one.months}
        self._measured: dict[str, Measured] = {}
        self._standings: dict[tuple[str, int, bool], Standing] = {}
        self._tellable = Tellable(self.folded, Behind(self.measured), self.measured)

    def standing(self, methodology: Methodology, month: Month, within: Period) -> Standing:
        """The methodology on the facts that the month's determination saw, all where there is none; an average is taken of no
        other's months ``within``."""
        one = self._determination(month)
        position, redo = (self.facts.position, False) if one is None else (one.basis, one.redo)
        key = (methodology.sha256, position, redo)
        if key not in self._standings:
            facts = self.facts.at(position)
            now = self.measured(methodology.measure.source).at(facts)
            locked = self.facts.at(locked_at(self.folded, methodology) or position)
            self._standings[key] = standing(facts, locked, self.folded, methodology, redo=redo, now=now)
        settled = {other: amount for other, amount in self.folded.averageable.items() if other not in within}
        return replace(self._standings[key], settled=settled)

    def measured(self, source: str) -> Measured:
        """What the source's reports say."""
        if source not in self._measured:
            self._measured[source] = measured(self.facts, self.contract, source)
        return self._measured[source]

    def few(self, methodologies: Iterable[Methodology], month: Month) -> bool:
        """Whether one of them would tell others than the employer of fewer than five persons."""
        one = self._determination(month)
        position = self.facts.position if one is None else one.basis
        return any(
            list(self._tellable.hidden(method, month, position, locked_at(self.folded, method) or position))
            for method in methodologies
        )

    def _determination(self, month: Month) -> Determination | None:
        found = self.determined.get(month)
        return None if found is None else found[0]

    def recorded(self, methodology: Methodology, month: Month) -> AnyMonth | None:
        """The month as it stands determined by that methodology; None where it does not."""
        one, line = self.determined.get(month, (None, None))
        measured_so = one is not None and one.resolves is None and line is not None
        return line if measured_so and line is not None and line.methodology_sha256 == methodology.sha256 else None


def _compared(ground: _Ground, record: Recorded[Any], as_of: date, audience: Audience) -> Beside:
    event: MethodologyAdopted = record.data
    assert event.beside is not None
    old = before(ground.facts.at(record.position - 1).contract(ground.contract), event.from_on)
    ended = [month for month in event.beside if month.last_day <= as_of]
    left_out = {month: why for month in ended if (why := _not_compared(ground.folded, month, event.methodology))}
    if not is_employer(audience):
        left_out |= {month: FEW for month in ended if month not in left_out and ground.few((event.methodology, old), month)}
    asked = [month for month in ended if month not in left_out]
    months, waiting = _measurable(ground, (event.methodology, old), asked, event.beside)
    return Beside(
        position=record.position,
        from_on=event.from_on,
        agreed_by=event.agreed_by,
        period=event.beside,
        new=_side(ground, event.methodology, months, event.beside),
        old=_side(ground, old, months, event.beside),
        months=tuple(months),
        left_out=left_out,
        waiting=tuple(waiting),
        uncounted=tuple(_uncounted(ground, months)),
    )


def _uncounted(ground: _Ground, months: Sequence[Month]) -> Iterator[Month]:
    """The contract's months before the last compared that are not determined, nor compared, nor suspended."""
    if months:
        for month in Period(ground.folded.signed.first_month, months[-1]):
            if month not in months and month not in ground.determined and not ground.folded.suspended(month):
                yield month


def _not_compared(folded: ContractState, month: Month, methodology: Methodology) -> str:
    """Why a month is not compared, in words; empty where it is."""
    if folded.suspended(month):
        return "follow-up is suspended"
    agreed = folded.methodology_of(month)
    return "" if agreed == methodology else f"measured by {agreed.name}, as was agreed since"


def _measurable(
    ground: _Ground, methodologies: Sequence[Methodology], asked: Sequence[Month], within: Period
) -> tuple[list[Month], list[str]]:
    """The months up to the first that one of them cannot measure, and what that one lacks."""
    for number, month in enumerate(asked):
        lacking = [
            said
            for methodology in methodologies
            if ground.recorded(methodology, month) is None
            for said in missing(ground.standing(methodology, month, within), month, asked)
        ]
        if lacking:  # an average may need a month that is left out now
            months, more = _measurable(ground, methodologies, asked[:number], within)
            return months, list(dict.fromkeys([*lacking, *more]))
    return list(asked), []


def _side(ground: _Ground, methodology: Methodology, months: Sequence[Month], within: Period) -> Side:
    """The months by one methodology: as they stand determined by it, the others as they would be."""
    recorded = {month: line for month in months if (line := ground.recorded(methodology, month)) is not None}
    own = {month: line.savings_ore for month, line in recorded.items() if isinstance(line, MonthDetermined)}
    on = {month: ground.standing(methodology, month, within) for month in months if month not in recorded}
    on = {month: replace(one, settled={**one.settled, **own}) for month, one in on.items()}
    lines = {**recorded, **{line.month: line for line in in_order(on, on, ground.folded.terms_of)}}
    stood = {month: amount for month, amount in ground.folded.savings.items() if months and month <= months[-1]}
    path = waterfall.path({**stood, **{month: line.savings_ore for month, line in lines.items()}}, ground.folded.terms_of)
    moves = waterfall.increments(path)
    return Side(methodology, lines, frozenset(recorded), {month: moves[month] for month in months})
