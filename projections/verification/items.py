"""What a verification found: the parts of its verdict, and each bad item by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Part = Literal["intact", "complete", "recomputed", "authorised", "anchored"]
Status = Literal["yes", "no", "partly", "not checked"]

PARTS: tuple[Part, ...] = ("intact", "complete", "recomputed", "authorised", "anchored")


@dataclass(frozen=True)
class Bad:
    """Something that is wrong: in which part of the verdict, what it is, and where it stands."""

    part: Part
    what: str
    where: str


@dataclass
class Items:
    """The bad items in the order in which they were found; what else is wrong in a place and part is said with the first."""

    _found: dict[tuple[Part, str], Bad] = field(default_factory=dict)

    def add(self, part: Part, where: str, what: str) -> None:
        """Note that something is wrong there."""
        before = self._found.get((part, where))
        self._found[part, where] = Bad(part, what if before is None else f"{before.what}; {what}", where)

    def __iter__(self) -> Iterator[Bad]:
        return iter(self._found.values())
