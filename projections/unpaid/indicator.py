"""One measure that is followed: what it is, what it was before, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from ledger.events import IndicatorRow, IndicatorUnit, TargetMeasure
from ledger.periods import Period

Measure = TargetMeasure | Literal["ohs-rehabilitative-share"]
Unit = IndicatorUnit | Literal["days-per-100", "employees-per-100", "per-cent-employees", "per-cent-workplaces", "per-cent-sek"]
Better = Literal["lower", "higher"]
Verdict = Literal["better", "worse", "same"]

BETTER: dict[Measure, Better | None] = {
    "short-term-days": "lower",
    "long-term-days": "lower",
    "long-term-employees": "lower",
    "risk-group": "lower",
    "healthy-workplaces": "higher",
    "engagement": "higher",
    "work-capacity": "higher",
    "ohs-preventive": None,
    "ohs-rehabilitative": None,
    "ohs-rehabilitative-share": "lower",
}
"""Which way is better; of purchases alone no source says. Their rehabilitative share: the pre-study of 2017 found 80 per cent and
took it for too little prevention (case study §2)."""


@dataclass(frozen=True)
class Indicator:
    """A measure as of a date. ``before``: in the twelve months before the contract's first, or where that cannot be, what was
    reported first. ``missing``: why there is no value, or nothing to compare with, in words. ``withheld``: which of the two
    rest on too few persons for the audience. ``position`` and ``row``: the record of what was reported, and its row there.
    ``counts``, ``counts_before``: of a share that counts something, how many of how many."""

    measure: Measure
    unit: Unit
    value: Fraction | None = None
    period: Period | None = None
    before: Fraction | None = None
    before_period: Period | None = None
    missing: str | None = None
    withheld: frozenset[Literal["value", "before"]] = field(default_factory=frozenset)
    position: int | None = None
    row: IndicatorRow | None = None
    counts: tuple[int, int] | None = None
    counts_before: tuple[int, int] | None = None

    @property
    def better(self) -> Better | None:
        """Which way is better; None where no source says."""
        return BETTER[self.measure]

    @property
    def change(self) -> Fraction | None:
        """Relative to before: −3/25 for twelve per cent less. None where either is not known, or it was nothing before."""
        return self.value / self.before - 1 if self.value is not None and self.before else None

    @property
    def worse_by(self) -> Fraction | None:
        """By how much it is worse than before, as a part of that; below zero where it is better."""
        if self.change is None or self.better is None:
            return None
        return self.change if self.better == "lower" else -self.change

    @property
    def verdict(self) -> Verdict | None:
        """Whether it is better or worse than before."""
        by = self.worse_by
        return None if by is None else "worse" if by > 0 else "better" if by < 0 else "same"
