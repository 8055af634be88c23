"""A party's position taken apart as a determination is: month by month, under its methodology, on its facts (rule 18)."""

from __future__ import annotations

from dataclasses import replace

from ledger.contract import Determination
from ledger.events import Position
from ledger.methodology import Methodology
from projections.audience import NARROWEST
from projections.explanation.ground import Ground
from projections.explanation.month import savings
from projections.explanation.tree import Node, added
from projections.positions import Measuring


class _Ground(Ground):
    """The facts of a position, with the methodologies that it measures by, and its reference values as it took them."""

    def __init__(self, contract_id: str, measuring: Measuring) -> None:
        replayer = measuring.replayer
        super().__init__(replayer.facts, contract_id, NARROWEST)
        self._measuring = measuring
        known = {one.sha256: one for one in measuring.methods.values()}
        self.folded = replace(self.folded, every_methodology={**self.folded.every_methodology, **known})

    def locked(self, one: Determination, methodology: Methodology) -> int:
        """The record up to which the position takes reference rates and values."""
        own = (month for month, found in self._measuring.methods.items() if found.sha256 == methodology.sha256)
        month = next(own, None)  # none: of another determination's months, of which an average is taken
        return super().locked(one, methodology) if month is None else self._measuring.replayer.positions(methodology, month)[1]


def explained(contract_id: str, one: Determination, said: Position, measuring: Measuring, name: str) -> Node:
    """The savings of a position, month by month, down to the facts that it rests on; ``name`` says whose it is."""
    assert said.facts is not None
    ground = _Ground(contract_id, measuring)
    redo = one.redo or said.facts.upto > one.basis
    as_if = replace(one, months=tuple(measuring.lines.values()), basis=said.facts.upto, redo=redo)
    parts = [savings(ground, as_if, line) for line in as_if.months]
    return added(
        "position", f"Savings of {one.period}, by the position of {name}", parts, said.total, how="the sum of its months"
    )
