"""Recomputing without absence lines: the days of a month as the bundle states them, in place of those that lines give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.errors import VerificationFailed
from ledger.facts import Facts
from ledger.lines import CAUSES
from ledger.periods import Month
from projections.measured import Causes, Measured

Question = tuple[str, str, int, str, Causes, tuple[int, ...]]
"""Contract, source, up to which record, month, causes in the order of CAUSES, and which records were left out."""


NOT_STATED = "are not stated"
"""How a difference ends that comes of days that are missing."""

_ASKED = ("contract", "source", "upto", "month")


class Totals:
    """The days that a bundle states, in net days × 100. ``missed``: questions that no row answers."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {
            (*(row[name] for name in _ASKED), tuple(row["causes"]), tuple(row.get("without", ()))): row["hundredths"]
            for row in rows
        }
        self.missed: list[Question] = []
        self._asked: set[Question] = set()

    @property
    def unasked(self) -> list[Question]:
        """Rows that nothing asked for."""
        return [one for one in self._rows if one not in self._asked]

    def of(self, contract: str, source: str, facts: Facts, month: Month, causes: Causes) -> int:
        """The days of those causes. Raises VerificationFailed where they are not stated."""
        upto, without = facts.position, tuple(sorted(getattr(facts.source, "hidden", ())))
        asked = (contract, source, upto, str(month), tuple(one for one in CAUSES if one in causes), without)
        self._asked.add(asked)
        if asked not in self._rows:
            self.missed.append(asked)
            raise VerificationFailed(f"the days of {month} known at record {upto} {NOT_STATED}")
        found: int = self._rows[asked]
        return found


class Stated(Measured):
    """What a source's reports say, its days as stated. What reports cover, and the headcounts, are on record."""

    def __init__(self, facts: Facts, contract: str, source: str, totals: Totals) -> None:
        super().__init__(facts, contract, source)
        self._totals = totals

    def at(self, facts: Facts) -> Stated:
        """The same as known at an earlier position."""
        return self if facts.position == self.facts.position else Stated(facts, self.contract, self.source, self._totals)

    def hundredths(self, month: Month) -> int:
        """Net days × 100, as stated."""
        return self.left_out(month, CAUSES)

    def left_out(self, month: Month, causes: Causes) -> int:
        """Those of them that have the causes, as stated."""
        return self._totals.of(self.contract, self.source, self.facts, month, causes) if causes else 0

    def not_counted(self, month: Month) -> dict[str, int]:
        """Unknown without lines."""
        return {}

    def crowded(self, month: Month) -> Iterator[str]:
        """Unknown without lines."""
        return iter(())
