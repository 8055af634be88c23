"""What of a replay rests on fewer than five absent persons, and is for the employer alone: days by workplace, days left out of a
month, what one cause of a difference moves in a month, the size of a finding. Savings, entitlements and actual days of whole
months are totals over the contract, and stay: of which day numbers there is a total to see, ``numbers`` decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from ledger.events import MonthDetermined
from ledger.lines import CAUSES
from ledger.methodology import Methodology, Numbers
from ledger.periods import Month
from projections.audience import FEWEST, NARROWEST, withheld
from projections.facts_used import Cell, Tokens
from projections.findings_beside import PANDEMIC, Symmetry
from projections.replays.causes import Difference, Way
from projections.replays.numbers import counting
from projections.replays.replay import Lines, Replay, Replayer
from projections.rules.reference_years_1 import months_like
from projections.statements.people import Behind, hidden_months

# ── By workplace ─────────────────────────────────────────────────────────────────────────────────────────────────────

Part = tuple[str, int, Month, str]
"""Net days of one source, as known at a position, in one month, with one cause."""


@dataclass(frozen=True)
class _Column:
    """A column of days by workplace: which parts of a source's days it adds up, at which workplaces."""

    method: Methodology
    parts: frozenset[Part]
    workplaces: frozenset[str]

    def __xor__(self, other: _Column) -> _Column:
        """What follows where both are told: their difference."""
        return _Column(self.method, self.parts ^ other.parts, self.workplaces & other.workplaces)

    def who(self, behind: Behind) -> dict[str, Tokens]:
        """Who is behind each workplace's days."""
        found = {name: set[int]() for name in self.workplaces}
        for _, position, month, cause in self.parts:
            for cell in behind.cells(self.method, position, month):
                if cell.cause == cause:
                    found[cell.workplace] |= cell.who
        return {name: Tokens(people) for name, people in found.items()}


@dataclass(frozen=True)
class Workplaces:
    """The workplaces whose actual days are withheld, and those whose days left out are; ``in_all``: the methodologies, by number,
    whose days left out are withheld for all workplaces together too."""

    actual: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    in_all: frozenset[int] = frozenset()


def workplaces(replayer: Replayer, behind: Behind, ways: Sequence[tuple[Methodology, Lines]]) -> Workplaces:
    """What is withheld of several methodologies' days by workplace, told side by side.

    Where they leave out different days, two columns differ at a workplace by days that may be one person's: then a workplace is
    withheld in all columns or in none, and what two columns differ by counts as a column.
    """
    actual, left_out = zip(*(_columns(replayer, *way) for way in ways), strict=True)
    out = [(number, column.who(behind)) for number, column in enumerate(left_out) if column.parts]
    in_all = frozenset(number for number, who in out if len(Tokens().union(*who.values())) < FEWEST)
    kept = list({(column.parts, column.method.measure.numbers): column for column in actual}.values())
    tables = [column.who(behind) for column in kept]
    if len(kept) == 1:
        return Workplaces(_hidden(tables), _hidden([who for _, who in out[:1]]), in_all)
    tables += [who for _, who in out]
    tables += [who for one, other in combinations(kept, 2) if _same_source(one, other) for who in _between(one, other, behind)]
    hidden = _hidden(tables)
    return Workplaces(hidden, hidden, in_all)


def _same_source(one: _Column, other: _Column) -> bool:
    return one.method.measure.source == other.method.measure.source


def _between(one: _Column, other: _Column, behind: Behind) -> list[dict[str, Tokens]]:
    """Who is behind what two columns differ by. Where they count days with other numbers, the persons of the numbers that one of
    them alone counts, in any of the parts: each side's by itself, since what it has more may be one person's."""
    a, b = one.method.measure.numbers, other.method.measure.numbers
    if a == b:
        return [(one ^ other).who(behind)]
    apart = [(min(a.first, b.first), max(a.first, b.first) - 1), (min(a.last, b.last) + 1, max(a.last, b.last))]
    if a.last < b.first or b.last < a.first:
        apart = [a, b]
    names, parts = one.workplaces & other.workplaces, one.parts | other.parts
    every = [_Column(counting(one.method, Numbers(*part)), parts, names) for part in apart if part[0] <= part[1]]
    return [column.who(behind) for column in every]


def _columns(replayer: Replayer, method: Methodology, lines: Lines) -> tuple[_Column, _Column]:
    """Actual days, and days left out, of the measured months."""
    measured = [month for month, line in lines.items() if isinstance(line, MonthDetermined)]
    kept, left_out, names = set[Part](), set[Part](), set[str]()
    for month in measured:
        position, _ = replayer.positions(method, month)
        counts = replayer.measured(method.measure.source).at(replayer.facts.at(position)).coverage.counts[month]
        names |= {name for name, employees in counts.items() if employees}
        without = method.left_out(month)
        for cause in CAUSES:
            (left_out if cause in without else kept).add((method.measure.source, position, month, cause))
    return tuple(_Column(method, frozenset(parts), frozenset(names)) for parts in (kept, left_out))  # type: ignore[return-value]


def _hidden(tables: Sequence[dict[str, Tokens]]) -> frozenset[str]:
    """The workplaces that are withheld in all of the tables, which others may be computed from."""

    def together(names: Collection[str]) -> int:
        several = ([who[name] for name in names if name in who] for who in tables)
        return min(len(Tokens().union(*found)) for found in several if found)

    return withheld({name: together((name,)) for who in tables for name in who}, NARROWEST, together)


# ── By month ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def left_out(one: Replay, behind: Behind, method: Methodology, lines: Lines) -> frozenset[Month]:
    """The months whose days left out are withheld. ``lines``: the replayed months, and others that stand as determined."""
    who = {}
    for month, line in lines.items():
        if isinstance(line, MonthDetermined) and line.left_out_hundredths is not None:
            replayed = month in one.months
            used = method if replayed else one.replayer.in_force(month)
            position = one.replayer.positions(method, month)[0] if replayed else one.replayer.determined[month].basis
            who[month] = behind.with_causes(used, position, month, used.left_out(month))
    return hidden_months(who)


def not_told_apart(behind: Behind, before: Way, after: Way, found: Difference) -> frozenset[Month]:
    """The months in which what a cause moves rests on fewer than five persons: of these the causes are not told apart, so that
    only the difference of the months' savings is told, which is exact."""
    few = {"days left out": _few_left_out, "facts recorded since": _few_recorded_since}
    moving = ((part.month, few[part.cause]) for part in found.parts if part.savings and part.cause in few)
    return frozenset(month for month, rests_on_few in moving if rests_on_few(behind, before, after, month))


def _few_left_out(behind: Behind, before: Way, after: Way, month: Month) -> bool:
    """Days that one side alone leaves out."""
    method = after.method(month)
    causes = set(method.left_out(month)) ^ set(before.method(month).left_out(month))
    position, _ = after.replayer.positions(method, month)
    return len(behind.with_causes(method, position, month, causes)) < FEWEST


def _few_recorded_since(behind: Behind, before: Way, after: Way, month: Month) -> bool:
    """Days of the month, or of its reference months, that the second side's facts have and the first's have not."""
    method, other = before.method(month), after.method(month)
    if method.measure != other.measure:
        return False
    seen, sees = before.replayer.positions(method, month), after.replayer.positions(other, month)
    compared = months_like(month, method.reference_of(month))
    own, reference = ((method, old, new) for old, new in zip(seen, sees, strict=True))
    return _few_changed(behind, *own, [month]) or _few_changed(behind, *reference, compared)


def _few_changed(behind: Behind, method: Methodology, old: int, new: int, months: Iterable[Month]) -> bool:
    """Whether the days of the months changed between two positions, by fewer than five persons; those whose days changed and did
    not come or go are not counted, so that it errs to the safe side."""
    changed, people = False, set[int]()
    for month in months if old != new else ():
        sides = ({(one.workplace, one.cause): one for one in behind.cells(method, at, month)} for at in (old, new))
        before, after = sides
        for key in before.keys() | after.keys():
            if before.get(key) != after.get(key):
                changed = True
                people |= _who(before.get(key)) ^ _who(after.get(key))
    return changed and len(people) < FEWEST


def _who(cell: Cell | None) -> Tokens:
    return Tokens() if cell is None else cell.who


# ── Findings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def size_rests_on_few(replayer: Replayer, behind: Behind, method: Methodology, found: Symmetry) -> bool:
    """Whether the days of which a finding tells the worth are those of fewer than five persons."""
    people = Tokens()
    for month in found.known:
        kept = found.side == "kept in actual, left out of the trend"
        causes = PANDEMIC if kept else tuple(set(method.left_out(month)) - set(PANDEMIC))
        people |= behind.with_causes(method, replayer.positions(method, month)[0], month, causes)
    return 0 < len(people) < FEWEST
