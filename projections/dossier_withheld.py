"""In which months the causes of a difference between a position and what was determined are not told apart: where one of them
rests on fewer than five absent persons, also where the position leaves records out."""

from __future__ import annotations

from ledger.periods import Month
from projections.arrived_people import Footing, People
from projections.replays.causes import Difference, Way
from projections.replays.withheld import not_told_apart
from projections.statements.people import Behind


def whole_months(before: Way, after: Way, found: Difference) -> frozenset[Month]:
    """The months whose difference is told as one."""
    people = People()
    moving = {one.month for one in found.parts if one.cause == "facts recorded since" and one.savings}
    old, new = ({month: _on(before, facts, month) for month in moving} for facts in (before, after))
    few = frozenset(month for month, moved in people.moved(old, new).items() if not moved.enough)
    return not_told_apart(Behind(before.replayer.measured), before, after, found) | few


def _on(method_of: Way, facts_of: Way, month: Month) -> Footing:
    """The month by the methodology of one way on the facts of another, which may lack records that the positions do not say."""
    method, replayer = method_of.method(month), facts_of.replayer
    reports = replayer.measured(method.measure.source)
    own, locked = (replayer.facts.at(one) for one in replayer.positions(facts_of.method(month), month))
    return Footing(method, reports.at(own), reports.at(locked))
