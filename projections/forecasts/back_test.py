"""The forecast tried on the record itself: what each way said after every determination, on the facts known at that moment, about
the sums at the later dates that are determined now, and by how much it was wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import accumulate
from typing import Any

from ledger import contract
from ledger.contract import ContractState, Determination
from ledger.money import rounded
from ledger.periods import Month
from ledger.record import Recorded
from projections.forecasts.ground import ground
from projections.forecasts.methods import METHODS, Name, Step, path


@dataclass(frozen=True)
class Said:
    """What a way said of the sum at the end of the month ``about`` once a determination was recorded, and what it ``came`` to, in
    öre. ``through``: the last month determined then."""

    method: Name
    determination: int
    recorded_at: datetime
    through: Month
    about: Month
    said: int
    low: int | None
    high: int | None
    came: int

    @property
    def error(self) -> int:
        """Öre by which it was too high; below zero: too low."""
        return self.said - self.came

    @property
    def ratio(self) -> Fraction | None:
        """The error ÷ what it came to; None where that is not above zero."""
        return Fraction(self.error, self.came) if self.came > 0 else None

    @property
    def quarters_ahead(self) -> int:
        """How many quarters it looked ahead, rounded up."""
        return -(-(self.about.index - self.through.index) // 3)

    @property
    def within(self) -> bool | None:
        """Whether it came within the range; None where there was none."""
        return None if self.low is None or self.high is None else self.low <= self.came <= self.high


@dataclass(frozen=True)
class Score:
    """How wrong a way was over ``times``: the mean of the errors without their sign and with it, in öre, rounded half away from
    zero; and how often what came lay within the range, of the times that there was one."""

    method: Name
    times: int
    mean_absolute: int
    mean: int
    within: int
    ranged: int


@dataclass(frozen=True)
class BackTest:
    """Everything said, in order; empty where no later date is determined."""

    said: tuple[Said, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """Each way's score over everything it said."""
        return self._scored(lambda one: True)

    @property
    def by_quarters_ahead(self) -> dict[int, tuple[Score, ...]]:
        """Each way's score by how far it looked ahead."""
        every = sorted({one.quarters_ahead for one in self.said})
        return {ahead: self._scored(lambda one, ahead=ahead: one.quarters_ahead == ahead) for ahead in every}  # type: ignore[misc]

    def _scored(self, counts: Callable[[Said], bool]) -> tuple[Score, ...]:
        chosen = [one for one in self.said if counts(one)]
        return tuple(_score(name, [one for one in chosen if one.method == name]) for name in METHODS) if chosen else ()


def _score(name: Name, said: Sequence[Said]) -> Score:
    errors, within = [one.error for one in said], [one.within for one in said if one.within is not None]
    absolute = rounded(Fraction(sum(map(abs, errors)), len(errors)))
    return Score(name, len(errors), absolute, rounded(Fraction(sum(errors), len(errors))), sum(within), len(within))


def back_test(records: Sequence[Recorded[Any]], folded: ContractState, as_of: date) -> BackTest:
    """Each determination's first forecast against the months now in force, up to ``as_of``. A redo, or what carries out a
    resolution, says nothing of its own: it changes what came. ``folded``: the state after the records."""
    ends = [one.period.last for one in folded.in_force if one.period.last_day <= as_of]
    savings = sorted(folded.savings.items())
    sums = dict(zip((month for month, _ in savings), accumulate(amount for _, amount in savings), strict=True))
    said: list[Said] = []
    for one in folded.determinations:
        later = [(month, sums[month]) for month in ends if month > one.period.last]
        if later and not one.redo:
            said += _said(one, records, later)
    return BackTest(tuple(said))


def _said(one: Determination, records: Sequence[Recorded[Any]], later: Iterable[tuple[Month, int]]) -> Iterable[Said]:
    before = [record for record in records if record.position <= one.position]
    through = one.period.last
    known = ground(contract.fold(before), through.last_day)
    paths = {name: path(known, name) for name in METHODS} if known.measured else {}
    for about, came in later:
        for name, steps in paths.items():
            step = _until(steps, about)
            if step is not None:
                at = before[-1].recorded_at
                yield Said(name, one.number, at, through, about, step.savings, step.low, step.high, came)


def _until(steps: Sequence[Step], about: Month) -> Step | None:
    """The last step up to a month; None where the month lay beyond the term."""
    if not steps or about > steps[-1].month:
        return None
    return next((step for step in reversed(steps) if step.month <= about), None)
