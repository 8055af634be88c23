"""What the dossier's figures are made of: a tree for what is recorded, and for each position that was computed."""

from __future__ import annotations

from collections.abc import Sequence

from cli.dossier.positions import subject
from cli.explain.words import proof
from cli.words import role
from ledger.errors import VerificationFailed
from ledger.events import AnyMonth, MonthDetermined
from projections.dossier import Dossier, Side
from projections.explanation.tree import Node, coverage

Trees = Sequence[tuple[str, Node, str]]
"""Titles with a tree, and the proof that nothing is missing in it."""


def _shows_few(one: Dossier, side: Side) -> bool:
    """Whether a position counts other days than were determined: two trees beside each other would show whose they are."""
    if side.lines is None or one.disputed is None:
        return False
    determined = {line.month: line for line in one.disputed.months}
    return any(_other_days(line, determined[month]) for month, line in side.lines.items())


def _other_days(one: AnyMonth, other: AnyMonth) -> bool:
    both = isinstance(one, MonthDetermined) and isinstance(other, MonthDetermined)
    return both and one.actual_hundredths != other.actual_hundredths  # type: ignore[union-attr]


def trees(one: Dossier) -> Trees:
    """Raises VerificationFailed where a tree does not come out."""
    found = []
    for side in one.sides:
        if side.explained is None or _shows_few(one, side):
            continue
        title = (
            f"How {subject(one)} came about" if side.role is None else f"How the position of the {role(side.role)} comes about"
        )
        covered = coverage(side.explained)
        if not covered.sound:
            raise VerificationFailed(f"{title}: the explanation does not come out", do="see what differs with: soc check")
        found.append((title, side.explained, " ".join(said.strip() for said in proof(covered, 3))))
    return found
