"""An explanation as text: an indented tree, its amounts in a column."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from cli.explain.words import capital, facts, figure, known, method, name, privacy, proof, record, unit, unsound
from cli.sections import WIDTH, wrapped
from cli.words import counted
from projections.explanation.answer import Explanation
from projections.explanation.tree import Node

FIGURE = 82
"""The column where figures end."""

MONTHS = 6
"""So many months are taken apart without being asked; of more each is told in three lines."""

SEVERAL = 3
"""So many records, or parts that are taken apart elsewhere, are told one by one; of more their number."""

Depth = int | str | None
"""How many levels of a tree are shown: a number, ``all``, or None for what a reader can take in."""


def as_text(one: Explanation, basis: str, depth: Depth) -> str:
    """The explanation with its head and its proof."""
    head = [f"Explanation of {one.asked}", *wrapped(one.name), *wrapped(capital(known(one, basis))), "SEK excluding VAT"]
    tree = Tree(one.top, depth)
    return "\n".join([*head, *wrapped(privacy(one)), "", *tree.lines(), "", *_closing(one, tree)])


def _closing(one: Explanation, tree: Tree) -> Iterator[str]:
    """The proof, and how to see more."""
    for said in proof(one.coverage, 10_000 if tree.depth == "all" else SEVERAL):
        indent = "  " if said.startswith("  ") else ""
        yield from textwrap.wrap(said.strip(), WIDTH, initial_indent=indent, subsequent_indent=indent * 2)
    if tree.folded:
        yield ""
        yield "Not all is shown: --depth all shows every level; -O json and -O html hold all of it."


class Tree:
    """A tree on its way to text. What is said once is not said again: how a figure is computed, what a term says, a record.
    ``folded``: something was left out."""

    def __init__(self, top: Node, depth: Depth) -> None:
        self.top, self.depth, self.folded = top, depth, False
        self._said: set[str] = set()
        self._fold_months = sum(one.folds == "month" and not one.see for one in top.walk()) > 2 * MONTHS

    def lines(self) -> list[str]:
        """The tree, line by line."""
        return list(self._node(self.top, 0))

    def _node(self, one: Node, level: int) -> Iterator[str]:
        indent, inner = "  " * level, "  " * (level + 1)
        yield from headline(one, indent)
        if self.depth is None and one.key.startswith("reference."):
            self.folded = True
            return
        if wrong := unsound(one):
            yield from _wrapped(wrong, inner)
        if self._new(how := method(one)):
            yield from _wrapped(f"= {how}", inner)
        for said in (*one.notes, *self._rests(one)):
            if self._new(said) or (one.unit == "SEK" and said in one.notes):
                yield from _wrapped(said, inner)
        yield from self._below(one, level, inner)
        if became := facts(one):
            yield from _wrapped(became, inner)

    def _new(self, said: str) -> bool:
        """Whether it is said for the first time."""
        if not said or said in self._said:
            return False
        self._said.add(said)
        return True

    def _rests(self, one: Node) -> list[str]:
        """The records that it rests on; of many their number."""
        if len(one.rests_on) > SEVERAL and self.depth != "all":
            return [f"rests on {len(one.rests_on)} records, {one.rests_on[0].position} to {one.rests_on[-1].position}"]
        return [record(resting) for resting in one.rests_on]

    def _below(self, one: Node, level: int, indent: str) -> Iterator[str]:
        """Its parts, or what stands for them."""
        parts = [part for part in one.parts if not self._told(part)]
        if self._shows(one, parts, level):
            for part in parts:
                yield from self._node(part, level + 1)
        elif parts:
            self.folded = True
            yield from self._summary(one, parts, indent)

    def _told(self, one: Node) -> bool:
        """Whether it follows from terms alone, and stands above already."""
        leaves = [part for part in one.walk() if not part.parts]
        return all(part.clause and part.status for part in leaves) and not self._new(f"{one.what} {one.value}")

    def _shows(self, one: Node, parts: list[Node], level: int) -> bool:
        if self.depth == "all":
            return True
        if self.depth is not None:
            return level < int(self.depth)
        if one.folds == "evidence" or (one.folds == "month" and self._fold_months):
            return False
        return not parts or not all(part.see for part in parts)

    def _summary(self, one: Node, parts: list[Node], indent: str) -> Iterator[str]:
        """What stands for parts that are not shown: of a month expected and actual days, of days their causes, of months that are
        taken apart elsewhere where."""
        if one.folds == "month":
            days = parts[0].parts if one.unit == "SEK" else one.parts
            yield from (line for part in days for line in headline(part, indent))
        elif one.folds == "evidence":
            tables = {part.key.removeprefix(f"{one.key}."): part.parts for part in parts}
            reports = tables.get("reports", ())
            rows = (*(reports if len(reports) <= SEVERAL else ()), *tables.get("cause", ()))
            yield from (line for row in rows for line in headline(row, indent))
        elif elsewhere := list(dict.fromkeys(part.see for part in parts if "/" in part.see)):
            yield from _wrapped(f"{counted(len(parts), 'part')}, taken apart in {', '.join(elsewhere)}", indent)


def headline(one: Node, indent: str) -> Iterator[str]:
    """What it is, with its figure in the column and its unit behind; long names in several lines, the figure at the last."""
    value, said = figure(one), name(one)
    room = FIGURE - len(value) - 2 - len(indent)
    if room < 24:
        yield from _wrapped(said, indent)
        yield from _wrapped(value, f"{indent}  ")
        return
    *before, last = textwrap.wrap(said, room, subsequent_indent="  ", break_on_hyphens=False) or [""]
    yield from (f"{indent}{line}" for line in before)
    yield f"{indent}{last:<{room}}  {value} {unit(one)}".rstrip()


def _wrapped(said: str, indent: str) -> list[str]:
    """In lines of a page's width; a word that is longer, as an address, is cut."""
    room = WIDTH - len(indent) - 2
    words = (word if len(word) <= room else f"{word[: room - 1]}…" for word in said.split(" "))
    return textwrap.wrap(" ".join(words), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False)
