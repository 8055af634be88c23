"""What others than the employer are told of the records that arrived about some months: where one changes the days of fewer than
five persons, not what it moves, which is their days times the price, but what it moves together with those after it or, at the
end, those before.

The sum of all is exact, and so is each part that is told: what any run of parts moves rests on at least five persons, also from
and to what a determination, or the position of a disputing party, says on the facts of some record. What is on record is told
record by record: each determination's total is exact and public.

What this cannot prevent: where all records together change the days of fewer than five, the sum is theirs; the same months on
record and by the facts differ by exactly what is not counted yet; and two such answers about other moments by what came between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from ledger import events as e
from ledger.contract import ContractState
from ledger.events import MonthDetermined, Position
from ledger.methodology import Methodology
from ledger.record import Recorded
from projections.arrived_people import Footing, Footings, People
from projections.audience import Audience, is_employer
from projections.explanation.arrived import Amounts, Arrival, Arrived, ByMonth, total
from projections.explanation.arrived_ground import method_of
from projections.lines_withheld import few_lines
from projections.proposals import locked_at


@dataclass(frozen=True)
class Row:
    """A record that arrived, as it is told. ``given``: what it moves by the facts; of several that are told ``together`` the last
    has what all of them move, the others None. ``by_month``: the same by month; None where that is withheld."""

    arrival: Arrival
    given: Amounts | None
    by_month: ByMonth | None
    together: tuple[Recorded[Any], ...] = ()


@dataclass(frozen=True)
class Told:
    """How an audience is told what arrived. ``by_month``: whether what the facts give is told by month; ``few``: all records
    together change the days of fewer than five persons; ``no_number``: the positions of reports whose number of lines is
    withheld."""

    audience: Audience
    rows: tuple[Row, ...]
    by_month: bool = True
    few: bool = False
    no_number: frozenset[int] = frozenset()

    @property
    def in_part(self) -> bool:
        """Whether anything is withheld of what arrived."""
        return self.few or any(row.together or row.arrival.record.position in self.no_number for row in self.rows)

    @property
    def withheld(self) -> bool:
        """Whether anything is at all."""
        return bool(self.in_part or self.no_number or not self.by_month)

    def upto(self, position: int) -> Amounts | None:
        """What the records up to a position move by the facts; None where that would part what is told together."""
        if any(row.together and row.together[0].position <= position < row.together[-1].position for row in self.rows):
            return None
        return total(row.given for row in self.rows if row.given is not None and row.arrival.record.position <= position)


def told(found: Arrived, audience: Audience) -> Told:
    """What arrived, as the audience is told it. Raises VerificationFailed for lines that are not what was recorded."""
    if is_employer(audience):
        return Told(audience, tuple(Row(one, total(one.given.values()), one.given) for one in found.arrivals))
    telling = _Telling(found)
    return Told(
        audience,
        rows=tuple(telling.rows()),
        by_month=telling.by_month,
        few=not telling.people.enough(telling.moments[0], telling.moments[-1]),
        no_number=few_lines(_named(found), found.reports),
    )


def _named(found: Arrived) -> Iterator[Recorded[Any]]:
    """The records that are told with what they say."""
    for moment in (found.then, found.now):
        yield from moment.uncounted
        for several in moment.rests_on.values():
            yield from several
    for one in found.arrivals:
        yield one.record


class _Telling:
    """What arrived, for others than the employer. ``movers``: the records that move what the facts give, or change a spell; that
    the others move nothing is told. ``moments``: what the months are measured by before the first mover, and after each."""

    def __init__(self, found: Arrived) -> None:
        self.found, self.people = found, People()
        self.movers: list[Arrival] = []
        self.moments: list[Footings] = [_first(found)]
        for one in found.arrivals:
            now = self.moments[-1] if one.waits else _measured(found, one.record.position)
            if one.given or any(map(any, self.people.moved(self.moments[-1], now).values())):
                self.movers.append(one)
                self.moments.append(now)
        self.public = list(_public(found))
        self.ends = self._ends()
        self.by_month = self._by_month()

    def _ends(self) -> list[int]:
        """The numbers of the movers with which a part ends that is told: from the start, from what is public, from each end
        before, and to the last, enough persons stand behind what moves."""
        ends, last = list[int](), len(self.movers)
        for number in range(1, last):
            seen = [self.moments[0], *(self.moments[end] for end in ends), *self.public]
            if all(self.people.enough(one, self.moments[number]) for one in seen):
                ends.append(number)
        return [*(end for end in ends if self.people.enough(self.moments[end], self.moments[-1])), *([last] if last else [])]

    def _by_month(self) -> bool:
        """Whether the same holds of each month by itself."""
        parts = [self.moments[0], *(self.moments[end] for end in self.ends)]
        pairs = [*combinations(parts, 2), *product(self.public, parts)]
        return all(self.people.enough_by_month(one, other) for one, other in pairs)

    def rows(self) -> Iterator[Row]:
        """Each record in order."""
        parts = {one.record.position: part for part in self._parts() for one in part}
        for one in self.found.arrivals:
            part = parts.get(one.record.position, [one])
            if one is not part[-1]:
                yield Row(one, None, None, tuple(each.record for each in part))
            else:
                given = _added(each.given for each in part)
                several = tuple(each.record for each in part) if len(part) > 1 else ()
                yield Row(one, total(given.values()), given if self.by_month else None, several)

    def _parts(self) -> Iterator[Sequence[Arrival]]:
        for start, end in zip([0, *self.ends], self.ends, strict=False):
            yield self.movers[start:end]


def _added(several: Iterable[ByMonth]) -> ByMonth:
    """What they move together, of the months that move."""
    found = list(several)
    months = sorted({month for one in found for month in one})
    added = {month: total(one[month] for one in found if month in one) for month in months}
    return {month: amounts for month, amounts in added.items() if any(amounts)}


# ── What months are measured by ──────────────────────────────────────────────────────────────────────────────────────


def _first(found: Arrived) -> Footings:
    """At the earlier moment: all that was known, or what is on record where that does not allow them to be measured."""
    position = found.then.facts.position
    return _on_record(found, position) if found.then.waits else _measured(found, position)


def _measured(found: Arrived, position: int) -> Footings:
    """As determining again would measure the months on the facts up to a record."""
    folded = found.records.state(position)
    methods = {month: method_of(folded, month) for month in found.months} if folded.signed_on else {}
    return {month: _footing(found, folded, method, position) for month, method in methods.items() if method is not None}


def _footing(found: Arrived, folded: ContractState, method: Methodology, position: int) -> Footing:
    source, locked = method.measure.source, locked_at(folded, method) or position
    return Footing(method, found.reports(source, position), found.reports(source, locked))


def _on_record(found: Arrived, position: int) -> Footings:
    """As the determinations in force at a record measured them; none of months that were agreed."""
    folded = found.records.state(position)
    return {
        line.month: _footing(found, folded, folded.every_methodology[line.methodology_sha256], one.basis)
        for one in folded.in_force
        for line in one.months
        if isinstance(line, MonthDetermined) and line.month in found.months
    }


def _public(found: Arrived) -> Iterator[Footings]:
    """What the months are measured by in amounts that stand on record: determinations, and positions that were computed."""
    for record in found.records.own:
        event = record.data
        if isinstance(event, e.SavingsDetermined) and any(line.month in found.months for line in event.months):
            yield _on_record(found, record.position)
        if isinstance(event, (e.DisputeRaised, e.DisputeAnswered)) and event.position is not None:
            yield from _position(found, record.position, event.position)


def _position(found: Arrived, recorded: int, position: Position) -> Iterator[Footings]:
    """Of the months that a computed position speaks of; records that it leaves out are known to be left out."""
    folded, said = found.records.state(recorded), {one.month for one in position.savings or ()}
    if position.facts is not None:
        methods = {month: position.methodology or method_of(folded, month) for month in found.months if month in said}
        upto = position.facts.upto
        yield {month: _footing(found, folded, method, upto) for month, method in methods.items() if method is not None}
