"""Why a determination that superseded others gives other savings and another entitlement: cause by cause, facts recorded since
first, then what the parties agreed (rule 15)."""

from __future__ import annotations

from ledger.facts import Facts
from projections.as_of import AsOf
from projections.replays.causes import Difference, Way, difference
from projections.replays.replay import Outcome, Replayer


def redone(facts: Facts, contract_id: str, number: int) -> Difference | None:
    """The difference that a redo made in the months that it determined anew; None for a determination that superseded nothing.

    Raises Refused where the contract has no determination of that number.
    """
    one = facts.contract(contract_id).determination(number)
    if not one.redo:
        return None
    after, before = facts.at(one.position), facts.at(one.position - 1)
    old, new = _recorded(before, contract_id), _recorded(after, contract_id)
    months = tuple(line.month for line in one.months if line.month in old.outcome.lines)
    return difference(old, new, months)


def _recorded(facts: Facts, contract_id: str) -> Way:
    """What stood on record, each month on the facts that its determination saw."""
    replayer = Replayer(facts, contract_id, then=True)
    lines = {line.month: line for one in replayer.folded.in_force for line in one.months}
    as_of = max(replayer.folded.versions[-1][1].last_month.last_day, AsOf.latest(facts).as_of)
    return Way(replayer, replayer.in_force, Outcome("recorded", None, lines, replayer.folded, as_of))
