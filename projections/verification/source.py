"""The records of a bundle as facts: what other projections read, with positions that the bundle does not show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ledger import merkle
from ledger.errors import Usage, VerificationFailed
from ledger.facts import Facts
from ledger.record import Recorded
from projections.verification.kinds import belongs_to
from projections.verification.stated import Stated, Totals


class Shown:
    """A source of records that may be some of all, of which there are ``count``. Leaves are of all: roots are those of the whole
    record."""

    def __init__(
        self,
        records: Sequence[Recorded[Any]],
        count: int,
        leaves: Sequence[bytes],
        lines: Mapping[int, bytes] | None,
        roots: Mapping[int, bytes],
        totals: Totals | None = None,
    ) -> None:
        if totals is not None:  # days are as stated: the lines are not at hand
            self.measured = partial(Stated, totals=totals)
        self._count, self._leaves, self._roots = count, leaves, dict(roots)
        self._positions = [one.position for one in records]
        self._instants = [one.recorded_at for one in records]
        self._streams: dict[str, list[Recorded[Any]]] = {}
        self._lines: dict[str, dict[int, bytes]] = {}
        for one in records:
            self._streams.setdefault(one.stream, []).append(one)
            if lines is not None and one.position in lines:
                self._lines.setdefault(one.stream, {})[one.position] = lines[one.position]

    def stream(self, name: str) -> Sequence[Recorded[Any]]:
        """The stream's records in order."""
        return self._streams.get(name, [])

    def stored_lines(self, stream: str) -> Mapping[int, bytes]:
        """What stands beside the stream's records, by position."""
        return self._lines.get(stream, {})

    def contracts(self) -> Sequence[str]:
        """The ids of the contracts shown."""
        return sorted(name.removeprefix("contract/") for name in self._streams if name.startswith("contract/"))

    def named(self, kind: str) -> Sequence[str]:
        """The names of the streams of a kind, without it."""
        return sorted(name.removeprefix(f"{kind}/") for name in self._streams if name.startswith(f"{kind}/"))

    def apart(self) -> list[Recorded[Any]]:
        """The records that are of nobody, and those of a contract of which nothing else is shown."""
        shown, found = self.contracts(), list[Recorded[Any]]()
        for name, records in self._streams.items():
            kind, whose = belongs_to(name)
            found += records if not kind or (kind == "contract" and whose not in shown) else []
        return found

    @property
    def of_contracts(self) -> bool:
        """Whether anything is shown that is of a contract."""
        return any(belongs_to(name)[0] for name in self._streams)

    def root(self, position: int) -> bytes:
        """The root of the tree over the records up to that position. Raises VerificationFailed where there are fewer."""
        if not 0 <= position <= len(self._leaves):
            raise VerificationFailed(f"there are only {len(self._leaves)} records, and none at {position}")
        if position not in self._roots:
            self._roots[position] = merkle.root_of(self._leaves[:position])
        return self._roots[position]

    def recorded_at(self, position: int) -> datetime:
        """When the record at that position was recorded, or the last one shown before it."""
        before = bisect_right(self._positions, position)
        if not before:
            raise Usage(f"no record up to {position} is shown")
        return self._instants[before - 1]

    def facts(self, known_at: datetime) -> Facts:
        """All of it. ``known_at``: when the last record was recorded, which need not be shown."""
        return Facts(self, self._count, known_at)
