"""The dossier for a terminal or a printer."""

from __future__ import annotations

from cli import sections as telling
from cli.dossier.sections import heading, in_short, sections
from cli.dossier.trees import Trees
from cli.explain.as_text import Tree
from projections.dossier import Dossier


def as_text(one: Dossier, basis: str, trees: Trees) -> str:
    """Its sections one after the other, then what the figures are made of."""
    head = [f"Dossier {one.contract}/{one.dispute.name}: {heading(one)}", one.state.terms.name, *telling.wrapped(basis), ""]
    head += [line for said in in_short(one) for line in telling.wrapped(said)]
    explained = [
        "\n".join([title, "─" * len(title), *Tree(node, None).lines(), "", *telling.wrapped(proof)])
        for title, node, proof in trees
    ]
    return "\n\n".join(["\n".join(head), telling.as_text(sections(one)), *explained])
