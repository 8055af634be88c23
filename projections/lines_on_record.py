"""Every line of absence that was ever reported, and what became of it as the record stands: it stands, or which later report says
it anew, withdraws it, or does not repeat it (rule 3). For one month's figures: ``facts_used``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np

from ledger.facts import Facts, absence_stream
from ledger.lines import CAUSES, OPEN
from projections.absences import Record, Reports, Spells, in_force, reports
from projections.columns import Ints, Marks
from projections.facts_window import Read

Fate = Literal["in force", "said anew", "withdrawn", "not repeated", "withdraws"]
FATES: tuple[Fate, ...] = Fate.__args__  # type: ignore[attr-defined]
"""``said anew``, ``withdrawn``, ``not repeated``: by a later report; ``withdraws``: a line of extent 0, which says that there is
no such spell."""

_IN_FORCE, _ANEW, _WITHDRAWN, _NOT_REPEATED, _WITHDRAWS = range(len(FATES))


class Line(NamedTuple):
    """One line. ``line``: its number in the report from 0; ``employee``: a number of the ledger's own; days as numbers, ``last``
    None: left open; ``until``: the day with which it ends while in force, else None; ``by``: the record that replaced it."""

    report: Record
    line: int
    employee: int
    workplace: str
    first: int
    last: int | None
    until: int | None
    extent: int
    cause: str
    fate: Fate
    by: int | None


class Replaced(NamedTuple):
    """In how many lines the record ``later`` says something else than the record ``earlier`` did."""

    earlier: int
    later: int
    lines: int


@dataclass(frozen=True)
class LinesOnRecord:
    """One source's lines."""

    reported: Reports
    spells: Spells

    def __len__(self) -> int:
        return len(self.reported.order)

    @cached_property
    def _read(self) -> Read:
        return Read(self.reported, self.spells)

    @cached_property
    def _after(self) -> tuple[Ints, Ints]:
        """For each line, by index of the report, the first later one that says its spell again, and the first that is complete
        for its month and workplace; the number of reports where none is."""
        columns, none, following = self.reported.columns, len(self.reported.records), self._read.following
        follows = np.where(following >= 0, columns["report"][following], none)
        cells = (columns["month"] * len(self.reported.workplaces) + columns["workplace"]) * none
        complete = np.append(self.reported.complete_cells, np.iinfo(np.int64).max)
        found = complete[np.searchsorted(complete, cells + columns["report"], side="right")]
        return follows, np.where(found < cells + none, found - cells, none)

    @cached_property
    def by(self) -> Ints:
        """For each line the record that replaced it first; 0 where none did."""
        first: Ints = np.append(self.reported.positions, 0)[np.minimum(*self._after)]
        return first

    @cached_property
    def fate(self) -> Ints:
        """For each line what became of it, by number among ``FATES``."""
        extent, following, (follows, complete) = self.reported.columns["extent"], self._read.following, self._after
        again = np.where(extent[following] > 0, _ANEW, _WITHDRAWN)
        replaced = np.where(follows <= complete, again, _NOT_REPEATED)
        standing = np.where(extent > 0, _IN_FORCE, _WITHDRAWS)
        fate: Ints = np.where(self.by > 0, replaced, standing)
        return fate

    @cached_property
    def _changed(self) -> Marks:
        """Which replaced lines the later report contradicts. A spell left open that a later report continues or ends is not."""
        columns, following = self.reported.columns, self._read.following
        other = np.zeros(len(self), dtype=bool)
        for name in ("workplace", "extent", "cause"):
            other |= columns[name] != columns[name][following]
        other |= (columns["last_day"] != OPEN) & (columns["last_day"] != columns["last_day"][following])
        anew = self.fate == _ANEW
        gone = (self.fate == _WITHDRAWN) | (self.fate == _NOT_REPEATED)
        changed: Marks = (anew & other) | (gone & (columns["extent"] > 0))
        return changed

    @cached_property
    def _missed(self) -> Ints:
        """For each line whose spell nobody had said before, the last earlier report, by index, that was complete for its month
        and workplace, and did not hold it; −1 for other lines."""
        columns, order, none = self.reported.columns, self.reported.order, len(self.reported.records)
        keys, first = columns["key"][order], np.zeros(len(self), dtype=bool)
        first[order] = np.append(True, keys[1:] != keys[:-1]) if len(order) else False
        cells = (columns["month"] * len(self.reported.workplaces) + columns["workplace"]) * none
        complete = np.append(self.reported.complete_cells, -1)  # reached by −1 as well, where no cell lies before
        found = complete[np.searchsorted(self.reported.complete_cells, cells + columns["report"]) - 1]
        missed: Ints = np.where(first & (columns["extent"] > 0) & (found >= cells), found - cells, -1)
        return missed

    def contradicted(self) -> Iterator[Replaced]:
        """Which reports say something else than earlier ones did, and in how many lines: those that they contradict, and those
        that an earlier complete report had missed; in order of both."""
        own, added = self.reported.positions[self.reported.columns["report"]], self._missed >= 0
        earlier = np.concatenate([own[self._changed], self.reported.positions[self._missed[added]]])
        later = np.concatenate([self.by[self._changed], own[added]])
        pairs, counts = np.unique(np.stack([earlier, later]), axis=1, return_counts=True)
        for before, after, lines in zip(*pairs.tolist(), counts.tolist(), strict=True):
            yield Replaced(before, after, lines)

    def __iter__(self) -> Iterator[Line]:
        """The lines in order of recording."""
        columns, names, fate = self.reported.columns, self.reported.workplaces, self.fate.tolist()
        chosen = ("report", "line", "employee", "workplace", "first", "last", "last_day", "extent", "cause")
        rows = zip(*(columns[name].tolist() for name in chosen), fate, self.by.tolist(), self._read.last.tolist(), strict=True)
        for report, line, employee, place, first, last, until, extent, cause, became, by, ends in rows:
            yield Line(
                self.reported.records[report],
                line,
                employee,
                names[place],
                first,
                None if until == OPEN else last,
                ends if became == _IN_FORCE else None,
                extent,
                CAUSES[cause],
                FATES[became],
                by or None,
            )


def lines_on_record(facts: Facts, contract_id: str) -> list[LinesOnRecord]:
    """The lines of each source, in order of its name. Raises VerificationFailed for lines that are not what was recorded."""
    sources = sorted({record.data.source for record in facts.stream(absence_stream(contract_id))})
    read = (reports(facts, contract_id, source) for source in sources)
    return [LinesOnRecord(one, in_force(one)) for one in read]
