"""The dossier in sections: what its text, its page and its JSON all say, with the trees that explain the figures."""

from __future__ import annotations

from cli.dossier import positions, record
from cli.dossier.positions import in_short, subject
from cli.sections import Section
from cli.words import role
from projections.dossier import Dossier

__all__ = ["heading", "in_short", "sections"]


def heading(one: Dossier) -> str:
    """The dispute in a line."""
    return f"{role(one.dispute.raised.by).capitalize()} against {subject(one)}"


def sections(one: Dossier) -> list[Section]:
    """The whole dossier, in the order of its pages; the trees come after these."""
    found = [
        positions.parties(one),
        positions.said(one),
        positions.side_by_side(one),
        positions.causes(one),
        record.held(one),
        positions.alternatives(one),
        positions.clauses(one),
        record.timeline(one),
        record.known(one),
        record.arrived(one),
        record.documents(one),
        record.checking(one),
    ]
    return [section for section in found if section is not None]
