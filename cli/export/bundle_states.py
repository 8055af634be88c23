"""What the ledger says of balance, break-even and cap at each year's end, as a bundle states it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.state import as_json
from ledger.facts import Facts
from projections.state import State, state
from projections.verifying_recomputed import days

_NOT_STATED = ("basis", "label", "currency", "closed_on", "unsettled", "methodology")


def states(facts: Facts, contracts: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """By contract: as of 31 December of each year from signature on, and as of the day of the last record, all as known then."""
    return {one: [stated(state(facts, one, day)) for day in days(facts, one)] for one in contracts}


def stated(one: State) -> dict[str, Any]:
    """A state in the shape of ``soc state -O json``, without what no figure rests on."""
    return {key: value for key, value in as_json(one).items() if key not in _NOT_STATED}
