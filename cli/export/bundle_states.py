"""What the ledger says of balance, break-even and cap at each year's end, as a bundle states it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cli.state import as_json
from cli.tiered.state_as_json import as_json as tiered_as_json
from ledger.facts import Facts
from projections.state import State
from projections.tiered import state as tiered_state
from projections.verification.recomputed import days, state_of

_NOT_STATED = ("basis", "label", "currency", "closed_on", "unsettled", "methodology")
_STATED_OF_TIERS = (
    *("contract", "as_of", "known_at", "signed_on"),
    *("determination", "amounts", "tiers", "kept", "parties", "undetermined_records"),
)


def states(facts: Facts, contracts: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """By contract: as of 31 December of each year from signature on, and as of the day of the last record, all as known then."""
    return {one: [stated(state_of(facts, one, day)) for day in days(facts, one)] for one in contracts}


def stated(one: State | tiered_state.State) -> dict[str, Any]:
    """A state in the shape of ``soc state -O json`` or ``soc tiered state -O json``, without what no figure rests on."""
    if isinstance(one, tiered_state.State):
        said = tiered_as_json(one)
        return {key: said[key] for key in _STATED_OF_TIERS}
    return {key: value for key, value in as_json(one).items() if key not in _NOT_STATED}
