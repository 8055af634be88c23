"""Recomputing without absence lines: the days of a month as the bundle states them, in place of those that lines give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ledger.errors import VerificationFailed
from ledger.facts import Facts
from ledger.lines import CAUSES
from ledger.methodology import SHORT_TERM, Numbers
from ledger.periods import Month
from projections.measured import Causes, Measured

Question = tuple[str, str, int, str, Causes, tuple[int, ...], Numbers]
"""Contract, source, up to which record, month, causes in the order of CAUSES, which records were left out, and the numbers in a
sick-pay period of the days that count."""


NOT_STATED = "are not stated"
"""How a difference ends that comes of days that are missing."""

_ASKED = ("contract", "source", "upto", "month")


class Totals:
    """The days that a bundle states, in net days × 100. ``missed``: questions that no row answers."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = {
            (
                *(row[name] for name in _ASKED),
                tuple(row["causes"]),
                tuple(row.get("without", ())),
                Numbers(*row.get("numbers", SHORT_TERM)),
            ): row["hundredths"]
            for row in rows
        }
        self.missed: list[Question] = []
        self._asked: set[Question] = set()

    @property
    def unasked(self) -> list[Question]:
        """Rows that nothing asked for."""
        return [one for one in self._rows if one not in self._asked]

    def of(self, contract: str, source: str, facts: Facts, month: Month, causes: Causes, numbers: Numbers) -> int:
        """The days of those causes and numbers. Raises VerificationFailed where they are not stated."""
        upto, without = facts.position, tuple(sorted(getattr(facts.source, "hidden", ())))
        asked = (contract, source, upto, str(month), tuple(one for one in CAUSES if one in causes), without, numbers)
        self._asked.add(asked)
        if asked not in self._rows:
            self.missed.append(asked)
            raise VerificationFailed(f"the days of {month} known at record {upto} {NOT_STATED}")
        found: int = self._rows[asked]
        return found


class Stated(Measured):
    """What a source's reports say, its days as stated. What reports cover, and the headcounts, are on record."""

    def __init__(self, facts: Facts, contract: str, source: str, totals: Totals, numbers: Numbers = SHORT_TERM) -> None:
        super().__init__(facts, contract, source, numbers)
        self._totals = totals

    def counting(self, numbers: Numbers) -> Stated:
        """The same, of the days with these numbers."""
        return self if numbers == self.numbers else Stated(self.facts, self.contract, self.source, self._totals, numbers)

    def at(self, facts: Facts) -> Stated:
        """The same as known at an earlier position."""
        here = facts.position == self.facts.position
        return self if here else Stated(facts, self.contract, self.source, self._totals, self.numbers)

    def hundredths(self, month: Month) -> int:
        """Net days × 100, as stated."""
        return self.left_out(month, CAUSES)

    def left_out(self, month: Month, causes: Causes) -> int:
        """Those of them that have the causes, as stated."""
        return self._totals.of(self.contract, self.source, self.facts, month, causes, self.numbers) if causes else 0

    def not_counted(self, month: Month) -> dict[str, int]:
        """Unknown without lines."""
        return {}

    def crowded(self, month: Month) -> Iterator[str]:
        """Unknown without lines."""
        return iter(())
