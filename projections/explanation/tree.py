"""A figure taken apart: a tree of what it is, how it was computed and what it rests on, down to facts. Every node whose parts
give its value says by how much they miss it, which is by nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

Unit = Literal[
    "SEK", "net days", "employees", "weekdays", "employee weekdays", "share", "rate", "factor", "index", "count", "none"
]
"""What a value counts; öre where it is SEK, exact net days, rates and factors as Fractions."""

Value = int | Fraction | date | str | bool | tuple[str, ...] | None


@dataclass(frozen=True)
class RestsOn:
    """A record that a figure rests on: its position, what it is in words, and its document with SHA-256 where it has one."""

    position: int
    what: str
    document: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class FactsCounted:
    """How many facts of a ``kind`` in a figure's window met one ``fate``: used, left out (``why``, by which ``rule``), or
    replaced (``by`` which record); which of these, may be withheld from a reader."""

    kind: str
    fate: Literal["used", "left out", "replaced", "left out or replaced"]
    count: int
    why: str = ""
    rule: int | None = None
    by: int | None = None


@dataclass(frozen=True)
class Node:
    """One figure. ``key`` is unique in the tree and stable: ``2020-01.expected.rate``; ``how`` says in words how it is computed,
    ``clause`` where that is agreed; ``given``: what the parts give, None for a leaf; ``notes``: what a reader must know.

    ``status``: whether a term is published, derived or assumed. ``see``: where it is taken apart, a key in this tree or an ID.
    ``window``: so many facts there are in its window, ``facts`` what became of each. ``folds``: what lies below is detail that
    a summary leaves out, of a ``month`` or of ``evidence``.
    """

    key: str
    what: str
    value: Value
    unit: Unit = "none"
    how: str = ""
    clause: str = ""
    parts: tuple[Node, ...] = ()
    given: Value = None
    rests_on: tuple[RestsOn, ...] = ()
    notes: tuple[str, ...] = ()
    status: str = ""
    see: str = ""
    window: int = 0
    facts: tuple[FactsCounted, ...] = ()
    folds: Literal["", "month", "evidence"] = ""

    @property
    def residual(self) -> int | Fraction:
        """The value less what its parts give; 0 for a leaf, and for every node of a sound tree. Of what is no number: 0 where the
        parts give the same, else 1."""
        if self.given is None:
            return 0
        if isinstance(self.value, (int, Fraction)) and isinstance(self.given, (int, Fraction)):
            return self.value - self.given
        return int(self.value != self.given)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, from the top down."""
        yield self
        for part in self.parts:
            yield from part.walk()


def added(
    key: str, what: str, parts: Sequence[Node], value: int | Fraction | None = None, *, unit: Unit = "SEK", **more: Any
) -> Node:
    """A node whose parts add up to it; ``value``: its own figure where it stands on record, else the sum."""
    total = sum((part.value for part in parts if isinstance(part.value, (int, Fraction))), 0)
    return Node(key, what, total if value is None else value, unit, parts=tuple(parts), given=total, **more)


def computed(key: str, what: str, value: Value, given: Value, parts: Sequence[Node], **more: Any) -> Node:
    """A node that a formula gives from its parts; ``how`` among ``more`` says the formula."""
    return Node(key, what, value, parts=tuple(parts), given=given, **more)


ABSENT = "not on record"
"""What parts give where the facts that a figure rests on are gone."""


def number(one: Node) -> int:
    """A node's value, which is whole: öre, or a count."""
    assert isinstance(one.value, int)
    return one.value


def exact(one: Node) -> Fraction:
    """A node's value, exact."""
    assert isinstance(one.value, (int, Fraction))
    return Fraction(one.value)


def found(top: Node, wanted: Callable[[Node], bool]) -> list[Node]:
    """The nodes of the tree that are wanted, from the top down."""
    return [one for one in top.walk() if wanted(one)]


@dataclass(frozen=True)
class Coverage:
    """The proof that nothing is missing: how many ``figures`` their parts give, those that are ``off``, and what became of every
    fact in the windows of the tree; ``left_over``: facts that nothing became of. A sound tree has neither."""

    figures: int
    off: tuple[Node, ...]
    window: int
    facts: tuple[FactsCounted, ...]

    @property
    def left_over(self) -> int:
        """Facts in a window that are neither used, left out nor replaced."""
        return self.window - sum(one.count for one in self.facts)

    @property
    def sound(self) -> bool:
        """Whether every figure is what its parts give, and every fact is accounted for."""
        return not self.off and not self.left_over

    def count(self, fate: str) -> int:
        """How many facts met that fate."""
        return sum(one.count for one in self.facts if one.fate == fate)


def merged(facts: Iterable[FactsCounted]) -> tuple[FactsCounted, ...]:
    """Those that say the same as one, in the order in which they first come."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for one in facts:
        counts[one.kind, one.fate, one.why, one.rule, one.by] += one.count
    return tuple(FactsCounted(kind, fate, count, why, rule, by) for (kind, fate, why, rule, by), count in counts.items())


def coverage(top: Node) -> Coverage:
    """The proof over a whole tree. A fact is counted in the window of each month that it touches."""
    nodes = list(top.walk())
    facts = merged(fact for node in nodes for fact in node.facts)
    checked = [one for one in nodes if one.given is not None]
    return Coverage(len(checked), tuple(one for one in checked if one.residual), sum(one.window for one in nodes), facts)
