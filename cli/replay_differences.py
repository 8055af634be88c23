"""Which outcomes a replay compares, and the causes of each difference in whole öre, so that every column adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from cli.replay_methods import RECORDED
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month, stockholm_text
from projections.replay import Outcome, Replay, Replayer, outcome
from projections.replay_causes import ORDER, Difference, Name, Way, difference


class Moved(NamedTuple):
    """What a cause moves, in öre; ``facts``: how many stand behind it."""

    savings: int
    to_provider: int
    facts: int

    @property
    def to_authority(self) -> int:
        """What the provider does not get of it."""
        return self.savings - self.to_provider


@dataclass(frozen=True)
class Compared:
    """Why one outcome differs from another; None where nothing could be compared, and ``why``."""

    before: str
    after: str
    found: Difference | None
    why: str | None = None

    @property
    def months(self) -> tuple[Month, ...]:
        """The months compared."""
        return () if self.found is None else self.found.months

    @cached_property
    def by_month(self) -> dict[Month, dict[Name, Moved]]:
        """The causes of each month in which anything moves."""
        if self.found is None:
            return {}
        each = {month: self.found.by_cause(month) for month in sorted({part.month for part in self.found.parts})}
        return {month: {name: Moved(*amounts) for name, *amounts in causes} for month, causes in each.items() if causes}

    @cached_property
    def causes(self) -> dict[Name, Moved]:
        """The causes of all months: sums of the months' whole öre, so that a table by month adds up to them."""
        sums: dict[Name, Moved] = {}
        for name in ORDER:
            found = [causes[name] for causes in self.by_month.values() if name in causes]
            if found:
                sums[name] = _added(found)
        return sums

    @property
    def total(self) -> Moved:
        """How far the outcomes differ by their own figures; the facts of all causes."""
        if self.found is None:
            return Moved(0, 0, 0)
        return Moved(self.found.savings, self.found.entitlement, _added(self.causes.values()).facts)

    @property
    def residual(self) -> Moved:
        """What the causes leave over of that; zero."""
        causes = _added(self.causes.values())
        return Moved(self.total.savings - causes.savings, self.total.to_provider - causes.to_provider, 0)


def _added(several: Iterable[Moved]) -> Moved:
    found = list(several)
    return Moved(*(sum(one[number] for one in found) for number in range(3)))


def compared(one: Replay, labels: Mapping[str, Methodology], against: Facts | None) -> list[Compared]:
    """The first methodology with what stands on record, so that facts recorded since come first; each other with the first; and
    each with itself as known then, where an earlier moment is asked for."""
    ways = {label: _way(one, found) for label, found in zip(labels, one.outcomes, strict=True)}
    first, *others = ways
    found = [_compared(RECORDED, _recorded(one), first, ways[first])] if one.recorded.savings else []
    found += [_compared(first, ways[first], other, ways[other]) for other in others]
    if against is not None:
        found += [_since(one, label, methodology, against) for label, methodology in labels.items()]
    return found


def _way(one: Replay, found: Outcome) -> Way:
    """A methodology, with the months that stand as determined: when others differ, cap and ceiling move them too."""
    methodology = found.methodology
    assert methodology is not None
    lines = {line.month: line for standing in found.folded.in_force for line in standing.months}
    return Way(one.replayer, lambda month: methodology, replace(found, lines=lines))


def _recorded(one: Replay) -> Way:
    """What stands on record, each month on the facts that its determination saw."""
    then = one.replayer if one.then else Replayer(one.facts, one.contract, then=True)
    return Way(then, then.in_force, one.recorded)


def _compared(before: str, old: Way, after: str, new: Way) -> Compared:
    months = tuple(month for month in old.outcome.savings if month in new.outcome.savings)
    return Compared(before, after, difference(old, new, months))


def _since(one: Replay, label: str, methodology: Methodology, then: Facts) -> Compared:
    """A methodology on what is known, and on what was, over the months that it can measure on both."""
    before = f"{label} as known at {stockholm_text(then.known_at)}"
    replayers = Replayer(then, one.contract, then=one.then), one.replayer
    months, why = _measurable(replayers, methodology, one.months)
    if not months:
        return Compared(before, label, None, "; ".join(why))
    methods = dict.fromkeys(months, methodology)
    old, new = (
        Way(replayer, lambda month: methodology, outcome(replayer, methods, one.when.as_of, label, methodology))
        for replayer in replayers
    )
    return Compared(before, label, difference(old, new, months))


def _measurable(
    replayers: Sequence[Replayer], methodology: Methodology, months: tuple[Month, ...]
) -> tuple[tuple[Month, ...], list[str]]:
    """The months that can be measured on all facts, and what the others lack; an average may need a month that is left out."""
    why: dict[str, None] = {}
    while months:
        lacking = [replayer.lacking(methodology, months) for replayer in replayers]
        unable = {month for found in lacking for month in found}
        if not unable:
            break
        why |= dict.fromkeys(said for found in lacking for reasons in found.values() for said in reasons)
        months = tuple(month for month in months if month not in unable)
    return months, list(why)
