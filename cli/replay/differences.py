"""Which outcomes a replay compares, and the causes of each difference in whole öre, so that every column adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from cli.replay.methods import RECORDED
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month, stockholm_text
from projections.replays.causes import ORDER, Difference, Name, Way, difference
from projections.replays.replay import Outcome, Replay, Replayer, outcome
from projections.replays.withheld import not_told_apart
from projections.statements.people import Behind

NOT_TOLD_APART: Literal["causes not told apart"] = "causes not told apart"
"""In place of a month's causes, where one of them rests on fewer than five absent persons."""

Cause = Name | Literal["causes not told apart"]
CAUSES: tuple[Cause, ...] = (*ORDER, NOT_TOLD_APART)


class Moved(NamedTuple):
    """What a cause moves, in öre; ``facts``: how many stand behind it, None where that is withheld."""

    savings: int
    to_provider: int
    facts: int | None

    @property
    def to_authority(self) -> int:
        """What the provider does not get of it."""
        return self.savings - self.to_provider


@dataclass(frozen=True)
class Compared:
    """Why one outcome differs from another; None where nothing could be compared, and ``why``. ``whole``: the months whose causes
    are not told apart."""

    before: str
    after: str
    found: Difference | None
    why: str | None = None
    whole: frozenset[Month] = frozenset()

    @property
    def months(self) -> tuple[Month, ...]:
        """The months compared."""
        return () if self.found is None else self.found.months

    @cached_property
    def by_month(self) -> dict[Month, dict[Cause, Moved]]:
        """The causes of each month in which anything moves."""
        if self.found is None:
            return {}
        each = {month: self.found.by_cause(month) for month in sorted({part.month for part in self.found.parts})}
        told: dict[Month, dict[Cause, Moved]] = {
            month: {name: Moved(*amounts) for name, *amounts in causes} for month, causes in each.items() if causes
        }
        return {month: _whole(causes) if month in self.whole else causes for month, causes in told.items()}

    @cached_property
    def causes(self) -> dict[Cause, Moved]:
        """The causes of all months: sums of the months' whole öre, so that a table by month adds up to them."""
        sums: dict[Cause, Moved] = {}
        for name in CAUSES:
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


def _whole(causes: Mapping[Cause, Moved]) -> dict[Cause, Moved]:
    """A month's causes as one; how many facts stand behind it is withheld."""
    return {NOT_TOLD_APART: _added(causes.values())._replace(facts=None)}


def _added(several: Iterable[Moved]) -> Moved:
    found = list(several)
    facts = [one.facts for one in found if one.facts is not None]
    told = sum(facts) if len(facts) == len(found) else None
    return Moved(sum(one.savings for one in found), sum(one.to_provider for one in found), told)


def compared(
    one: Replay, labels: Mapping[str, Methodology], against: Facts | None, behind: Behind | None = None
) -> list[Compared]:
    """The first methodology with what stands on record, so that facts recorded since come first; each other with the first; and
    each with itself as known then, where an earlier moment is asked for. ``behind``: who is behind the days, where what rests on
    few of them is withheld."""
    ways = {label: _way(one, found) for label, found in zip(labels, one.outcomes, strict=True)}
    first, *others = ways
    found = [_compared(RECORDED, _recorded(one), first, ways[first], behind)] if one.recorded.savings else []
    found += [_compared(first, ways[first], other, ways[other], behind) for other in others]
    if against is not None:
        found += [_since(one, label, methodology, against, behind) for label, methodology in labels.items()]
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


def _compared(before: str, old: Way, after: str, new: Way, behind: Behind | None) -> Compared:
    months = tuple(month for month in old.outcome.savings if month in new.outcome.savings)
    return _over(months, before, old, after, new, behind)


def _over(months: tuple[Month, ...], before: str, old: Way, after: str, new: Way, behind: Behind | None) -> Compared:
    """Two ways over months that both have."""
    found = difference(old, new, months)
    whole = frozenset[Month]() if behind is None else not_told_apart(behind, old, new, found)
    return Compared(before, after, found, whole=whole)


def _since(one: Replay, label: str, methodology: Methodology, then: Facts, behind: Behind | None) -> Compared:
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
    return _over(months, before, old, label, new, behind)


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
