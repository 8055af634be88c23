"""A month's window of absences: which lines stand in it, and what the rules decide on each (rules 1 to 5).

The window of a month holds every line, of every report of every source, whose days touch the month, and every line of extent 0
that says anything of such a line. A line lasts until the end that it has by rule 3 where it is in force, else until the one that
it said, or the end of its report's period.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, NamedTuple

import numpy as np

from ledger.lines import OPEN
from ledger.methodology import SHORT_TERM, Numbers
from ledger.periods import Month
from projections.absences import Reports, Spells
from projections.columns import Ints, Marks, among, day_number, weekdays_from
from projections.numbering import numbered
from projections.rules.exclude_cause_1 import with_causes

Fate = Literal["used", "left out", "replaced"]
"""What becomes of a fact in the window: exactly one of these."""

FATES: tuple[Fate, ...] = Fate.__args__  # type: ignore[attr-defined]


class Reason(NamedTuple):
    """Why a line has its fate, in words, and by which rule."""

    fate: Fate
    why: str
    rule: int | None


USED = Reason("used", "its days numbered 1–14 that are Monday to Friday count", None)
NOTHING = Reason("left out", "says with extent 0 that there is no such spell", 3)
AGAIN = Reason("replaced", "a later report says the spell anew", 3)
WITHDRAWN = Reason("replaced", "a later report withdraws the spell with extent 0", 3)
NOT_REPEATED = Reason("replaced", "a later report is complete for its month and workplace, and does not repeat it", 3)
COVERED = Reason("left out", "an earlier spell covers its days of the month", 4)
LONG = Reason("left out", "its days of the month are numbered above 14", 4)
LONG_OR_COVERED = Reason("left out", "its days of the month are numbered above 14, or an earlier spell covers them", 4)
WEEKEND = Reason("left out", "its days of the month numbered 1–14 are Saturdays and Sundays", 5)
CAUSE = Reason("left out", "its cause is left out by the methodology", 5)
NO_EMPLOYEES = Reason("left out", "its workplace had no employees in the month", 1)
AGREED = Reason("left out", "the month is not measured, by agreement", 9)
UNDECIDED = Reason("left out", "no rule has decided on it", None)
"""Of a line that should not be: it is in no tally, and so left over."""

_DAYS = (COVERED, LONG, LONG_OR_COVERED, WEEKEND, CAUSE, NO_EMPLOYEES, AGREED)
_REASONS = (USED, NOTHING, AGAIN, WITHDRAWN, NOT_REPEATED, *_DAYS, UNDECIDED)
_NUMBER = {reason: number for number, reason in enumerate(_REASONS)}


@cache
def reasons(numbers: Numbers) -> tuple[Reason, ...]:
    """Every reason, in the words of the numbers that count in a sick-pay period."""
    if numbers == SHORT_TERM:
        return _REASONS
    others = f"its days of the month are not numbered {numbers}"
    said = {
        USED: f"its days numbered {numbers} that are Monday to Friday count",
        LONG: others,
        LONG_OR_COVERED: f"{others}, or an earlier spell covers them",
        WEEKEND: f"its days of the month numbered {numbers} are Saturdays and Sundays",
    }
    return tuple(one._replace(why=said.get(one, one.why)) for one in _REASONS)


@dataclass(frozen=True)
class Part:
    """One source's lines in a month's window: their ``places`` among the source's columns; of each its reason, by number among
    ``reasons``, the record that replaced it, 0 where none did, and net days × 100 that it adds, or would but for its reason."""

    read: Read
    places: Ints
    reasons: tuple[Reason, ...]
    reason: Ints
    by: Ints
    days: Ints

    def column(self, name: str) -> Ints:
        """A column of the window's lines."""
        return self.read.reported.columns[name][self.places]

    @property
    def used(self) -> Marks:
        """Which of them are used."""
        return np.array([one.fate == "used" for one in self.reasons])[self.reason]


@dataclass(frozen=True)
class Read:
    """One source's lines, and what is known of each whatever the month."""

    reported: Reports
    spells: Spells

    @cached_property
    def at(self) -> Ints:
        """Where the line of each spell in force stands among the columns."""
        positions, columns = self.reported.positions, self.reported.columns
        starts = np.searchsorted(columns["report"], np.arange(len(positions)))
        return starts[np.searchsorted(positions, self.spells.report)] + self.spells.line

    @cached_property
    def spell(self) -> Ints:
        """For each line the number of its spell in force; −1 where it is not."""
        found = np.full(len(self.reported.order), -1)
        found[self.at] = np.arange(len(self.at))
        return found

    @cached_property
    def last(self) -> Ints:
        """The day number that each line lasts until."""
        columns = self.reported.columns
        found = np.where(columns["last_day"] == OPEN, self.reported.ends[columns["report"]], columns["last"])
        found[self.at] = self.spells.last
        return found

    @cached_property
    def following(self) -> Ints:
        """For each line the next recorded with its employee and first day; −1 where there is none."""
        order, found = self.reported.order, np.full(len(self.reported.order), -1)
        keys = self.reported.columns["key"][order]
        same = keys[1:] == keys[:-1]
        found[order[:-1][same]] = order[1:][same]
        return found

    @cached_property
    def _numbered(self) -> dict[Numbers, tuple[Ints, Ints]]:
        return {}

    def numbered(self, numbers: Numbers) -> tuple[Ints, Ints]:
        """As the function of that name; once for each numbers."""
        if numbers not in self._numbered:
            self._numbered[numbers] = numbered(self.spells, numbers)
        return self._numbered[numbers]

    def window(self, month: Month) -> Ints:
        """The places of the lines in the month's window, in order of recording."""
        columns = self.reported.columns
        touches = (columns["first"] <= day_number(month.last_day)) & (self.last >= day_number(month.first_day))
        touching, apart = np.flatnonzero(touches), np.flatnonzero((columns["extent"] == 0) & ~touches)
        keys, earliest = np.unique(columns["key"][touching], return_index=True)
        apart = apart[among(columns["key"][apart], keys)]
        withdraws = touching[earliest[np.searchsorted(keys, columns["key"][apart])]] < apart
        return np.sort(np.concatenate([touching, apart[withdraws]]))

    def of_another_source(self, month: Month, source: str) -> Part:
        """The window of a source other than the methodology's."""
        places, said = self.window(month), self.reported.records[0].data.source
        reason = Reason("left out", f"of another source, {said}: the methodology counts {source}", 2)
        none = np.zeros(len(places), np.int64)
        return Part(self, places, (reason,), reason=none, by=none, days=none)

    def decided(self, month: Month, employed: Marks, causes: tuple[str, ...], agreed: bool, numbers: Numbers) -> Part:
        """The window of the methodology's source. ``employed``: which workplaces had employees; ``causes``: those left out;
        ``agreed``: whether the month is not measured; ``numbers``: which days of a sick-pay period count."""
        places = self.window(month)
        reason, by = self._replaced(places)
        reason[(by == 0) & (self.reported.columns["extent"][places] == 0)] = _NUMBER[NOTHING]
        days, spell = np.zeros(len(places), np.int64), self.spell[places]
        standing = spell >= 0
        reason[standing], days[standing] = self._counted(spell[standing], month, employed, causes, numbers)
        if agreed:
            reason[standing] = _NUMBER[AGREED]
        return Part(self, places, reasons(numbers), reason, by, days)

    def _replaced(self, places: Ints) -> tuple[Ints, Ints]:
        """For each line why it was replaced, and the position of the record that did so first; 0 where none did."""
        columns, none, after = self.reported.columns, len(self.reported.records), self.following[places]
        follows = np.where(after >= 0, columns["report"][after], none)
        complete = self._complete_after(places)
        anew = np.where(columns["extent"][after] > 0, _NUMBER[AGAIN], _NUMBER[WITHDRAWN])
        reason = np.where(follows <= complete, anew, _NUMBER[NOT_REPEATED])
        by = np.minimum(follows, complete)
        return np.where(by < none, reason, _NUMBER[UNDECIDED]), np.append(self.reported.positions, 0)[by]

    def _complete_after(self, places: Ints) -> Ints:
        """For each line the first report after its own, by index, that is complete for its month and workplace; as many as there
        are reports where none is."""
        columns, names, none = self.reported.columns, self.reported.workplaces, len(self.reported.records)
        cells = columns["month"][places] * len(names) + columns["workplace"][places]
        own, found = columns["report"][places], np.full(len(places), none)
        for cell in np.unique(cells).tolist():
            here = cells == cell
            covering = np.array([*self.reported.covering(cell // len(names), names[cell % len(names)]), none])
            found[here] = covering[np.searchsorted(covering, own[here], side="right")]
        return found

    def _counted(
        self, spell: Ints, month: Month, employed: Marks, causes: tuple[str, ...], numbers: Numbers
    ) -> tuple[Ints, Ints]:
        """For each of these spells, which touch the month, why it counts there or not, and the net days × 100 that it has."""
        spells, (start, days) = self.spells, self.numbered(numbers)
        first, last = day_number(month.first_day), day_number(month.last_day)
        begins, ends = np.maximum(spells.first[spell], first), np.minimum(spells.last[spell], last)
        own = np.maximum(self.numbered(SHORT_TERM)[0][spell], first)  # its first day of the month that no earlier spell covers
        counts = np.maximum(start[spell], first)
        length = np.maximum(np.minimum(start[spell] + days[spell], last + 1) - counts, 0)
        weekdays = weekdays_from(counts, length)
        in_order = [
            (COVERED, own > ends),
            (LONG_OR_COVERED, (length == 0) & (own > begins)),
            (LONG, length == 0),
            (WEEKEND, weekdays == 0),
            (NO_EMPLOYEES, ~employed[spells.workplace[spell]]),
            (CAUSE, with_causes(spells, causes)[spell]),
        ]
        reason = np.select([found for _, found in in_order], [_NUMBER[one] for one, _ in in_order], _NUMBER[USED])
        return reason, weekdays * spells.extent[spell]
