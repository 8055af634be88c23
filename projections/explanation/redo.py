"""Why a determination differs from those that it superseded, cause by cause (rule 15)."""

from __future__ import annotations

from ledger.contract import Determination
from ledger.events import SavingsDetermined
from projections.explanation.ground import Ground
from projections.explanation.tree import Node, added


def causes(ground: Ground, one: Determination) -> tuple[Node, ...]:
    """What moved the savings of its months, and the entitlement; nothing for a first determination, and for one that carries out
    a dispute's resolution."""
    if not one.redo or one.resolves is not None:
        return ()
    from projections.redone import redone

    event: SavingsDetermined = ground.records[one.position].data
    found = redone(ground.facts, ground.contract, one.number)
    assert found is not None
    moved = sum(line.amount_ore for line in event.savings)
    by_cause, key = found.by_cause(), f"D{one.number}.causes"
    return (
        added(
            f"{key}.savings",
            "Why: the savings of its months, now less before",
            [Node(f"{key}.savings.{name}", _said(name, facts), savings, "SEK") for name, savings, _, facts in by_cause],
            moved,
        ),
        added(
            f"{key}.entitlement",
            "Why: the entitlement of its months, now less before",
            [Node(f"{key}.entitlement.{name}", _said(name, facts), amount, "SEK") for name, _, amount, facts in by_cause],
            found.entitlement,
        ),
    )


def _said(name: str, facts: int) -> str:
    return f"{name[:1].upper()}{name[1:]}{f': {facts} facts' if facts > 1 else ': 1 fact' if facts else ''}"
