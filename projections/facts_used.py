"""What became of every line of absence in a month's window: used, left out by a rule, or replaced by a later report; counted, and
none left over (rules 1 to 5). Which lines the window holds: ``facts_window``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from ledger.facts import Facts, absence_stream
from ledger.lines import CAUSES, OPEN
from ledger.methodology import Methodology, Numbers
from ledger.periods import Month
from projections.absences import in_force, reports
from projections.columns import day_number
from projections.facts_window import CAUSE, FATES, UNDECIDED, Fate, Part, Read
from projections.measured import Measured
from projections.numbering import reach

Tokens = frozenset[int]


@dataclass(frozen=True)
class Line:
    """One line of a report. ``report``: the record's position; ``line``: its number there from 0; ``employee``: a token; ``last``
    None: the line leaves it open; ``extent``: per cent. ``by``: the record that replaced it. ``hundredths``: net days × 100 that
    it adds to the month's actual days; ``left_out``: those that it would add, but for the rule that leaves it out."""

    report: int
    line: int
    employee: int
    workplace: str
    first: date
    last: date | None
    extent: int
    cause: str
    fate: Fate
    why: str
    rule: int | None
    by: int | None
    hundredths: int
    left_out: int = 0


@dataclass(frozen=True)
class Tally:
    """How many lines have a fate for one reason, and net days × 100 as on ``Line``. ``who``: the employees' tokens, to count
    people by; never shown."""

    fate: Fate
    why: str
    rule: int | None
    by: int | None
    lines: int
    hundredths: int
    left_out: int = 0
    who: Tokens = field(default=Tokens(), repr=False)


@dataclass(frozen=True)
class Cell:
    """The used lines of one workplace and cause: spells, net days × 100, distinct employees. ``who``: as in ``Tally``."""

    workplace: str
    cause: str
    spells: int
    hundredths: int
    persons: int
    who: Tokens = field(default=Tokens(), repr=False)


@dataclass(frozen=True)
class ReportUsed:
    """A report of which lines stand in the window, or that speaks of the month without any. ``lines``: all that it holds,
    ``touching`` those in the window, ``used`` those used, with net days × 100."""

    position: int
    document: str | None
    sha256: str | None
    recorded_at: datetime
    source: str
    lines: int
    touching: int
    used: int
    hundredths: int


@dataclass(frozen=True)
class Numbering:
    """Lines in force outside the window that touch the days before the month which its numbering is read from (rule 4), and the
    positions of the records that they stand in."""

    since: date
    lines: int
    reports: tuple[int, ...]


@dataclass(frozen=True)
class AbsencesUsed:
    """A month's window: ``touching`` lines, each in one of the ``tallies``. ``hundredths``: net days × 100 of the used ones, the
    month's actual days; ``left_out_hundredths``: those of causes that the methodology leaves out. ``workplaces``: those with
    employees in the month; ``causes``: those that count."""

    month: Month
    touching: int
    tallies: tuple[Tally, ...]
    cells: tuple[Cell, ...]
    reports: tuple[ReportUsed, ...]
    hundredths: int
    left_out_hundredths: int
    numbering: Numbering
    workplaces: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def left_over(self) -> int:
        """Lines of the window that no rule has decided on: none."""
        return self.touching - sum(one.lines for one in self.tallies)


def absences_used(
    facts: Facts,
    contract_id: str,
    month: Month,
    methodology: Methodology,
    now: Measured | None = None,
    *,
    reference: bool = False,
) -> AbsencesUsed:
    """What became of every line in the month's window, on ``facts`` as the determination saw them. ``now``: the methodology's
    source, where it is read already, as known then or later; ``reference``: as a month to compare with, of which no cause is left
    out (rule 6). Raises VerificationFailed for lines that are not what was recorded. For several months: ``EveryReport``."""
    return EveryReport.known(facts, contract_id, methodology, now).used(month, methodology, reference=reference)


def lines_used(
    facts: Facts,
    contract_id: str,
    month: Month,
    methodology: Methodology,
    now: Measured | None = None,
    *,
    reference: bool = False,
) -> list[Line]:
    """The single lines of the same window, in order of report and line."""
    return EveryReport.known(facts, contract_id, methodology, now).lines(month, methodology, reference=reference)


class EveryReport:
    """All reports of a contract as known at one position, whatever their source: read once, however many months ask."""

    def __init__(self, now: Measured) -> None:
        self.now = now

    @classmethod
    def known(cls, facts: Facts, contract_id: str, methodology: Methodology, now: Measured | None) -> EveryReport:
        """As known on those facts."""
        source = methodology.measure.source
        if now is None:
            return cls(Measured(facts, contract_id, source))
        assert (now.contract, now.source) == (contract_id, source), "other reports are read than the methodology counts"
        assert facts.position <= now.facts.position, "less is read than was known"
        return cls(now.at(facts))

    @cached_property
    def _own(self) -> Read:
        return Read(self.now.reported, self.now.spells)

    @cached_property
    def _others(self) -> tuple[Read, ...]:
        facts, contract_id = self.now.facts, self.now.contract
        sources = {record.data.source for record in facts.stream(absence_stream(contract_id))} - {self.now.source}
        found = (reports(facts, contract_id, source) for source in sorted(sources))
        return tuple(Read(one, in_force(one)) for one in found)

    def workplaces(self, month: Month) -> tuple[str, ...]:
        """Those that had employees in the month."""
        return tuple(sorted(name for name, employees in self.now.coverage.counts.get(month, {}).items() if employees))

    def _parts(self, month: Month, methodology: Methodology, reference: bool) -> list[Part]:
        """The window by source, the methodology's first."""
        assert methodology.measure.source == self.now.source, "other reports are read than the methodology counts"
        having = frozenset(self.workplaces(month))
        employed = np.array([name in having for name in self._own.reported.workplaces], dtype=bool)
        agreed = not reference and methodology.agreed(month) is not None
        causes = () if reference else methodology.left_out(month)
        own = self._own.decided(month, employed, causes, agreed, methodology.measure.numbers)
        return [own, *(one.of_another_source(month, self.now.source) for one in self._others)]

    def used(self, month: Month, methodology: Methodology, *, reference: bool = False) -> AbsencesUsed:
        """As ``absences_used``."""
        parts = self._parts(month, methodology, reference)
        found = sorted((one for part in parts for one in _reports(part, month)), key=lambda one: one.position)
        left_out = () if reference else methodology.left_out(month)
        tallies = _tallies(parts)
        return AbsencesUsed(
            month=month,
            touching=sum(len(part.places) for part in parts),
            tallies=tallies,
            cells=tuple(_cells(parts[0])),
            reports=tuple(found),
            hundredths=sum(one.hundredths for one in tallies),
            left_out_hundredths=sum(one.left_out for one in tallies if one.why == CAUSE.why),
            numbering=_numbering(self._own, month, methodology.measure.numbers),
            workplaces=self.workplaces(month),
            causes=tuple(cause for cause in CAUSES if cause not in left_out),
        )

    def lines(self, month: Month, methodology: Methodology, *, reference: bool = False) -> list[Line]:
        """As ``lines_used``."""
        found = (line for part in self._parts(month, methodology, reference) for line in _lines(part))
        return sorted(found, key=lambda one: (one.report, one.line))


def _tallies(parts: Iterable[Part]) -> tuple[Tally, ...]:
    """In order of fate, rule, reason and replacing record."""
    found = [one for part in parts for one in _tallies_of(part)]
    return tuple(sorted(found, key=lambda one: (FATES.index(one.fate), one.rule or 0, one.why, one.by or 0)))


def _tallies_of(part: Part) -> Iterator[Tally]:
    employee = part.column("employee")
    for number, by in sorted(set(zip(part.reason.tolist(), part.by.tolist(), strict=True))):
        here, reason = (part.reason == number) & (part.by == by), part.reasons[number]
        if reason is not UNDECIDED:
            count, days, used = int(np.count_nonzero(here)), int(part.days[here].sum()), reason.fate == "used"
            who = Tokens(employee[here].tolist())
            yield Tally(reason.fate, reason.why, reason.rule, by or None, count, days if used else 0, 0 if used else days, who)


_OF_A_CELL = ("workplace", "cause", "employee")


def _cells(part: Part) -> Iterator[Cell]:
    """The used lines by workplace and cause, in that order."""
    workplace, cause, employee, days = (column[part.used] for column in (*map(part.column, _OF_A_CELL), part.days))
    for place, number in sorted(set(zip(workplace.tolist(), cause.tolist(), strict=True))):
        here = (workplace == place) & (cause == number)
        name, who = part.read.reported.workplaces[place], Tokens(employee[here].tolist())
        yield Cell(name, CAUSES[number], int(np.count_nonzero(here)), int(days[here].sum()), len(who), who)


def _reports(part: Part, month: Month) -> Iterator[ReportUsed]:
    """The reports with lines in the window, and those that speak of the month, as a nil report does."""
    records, report, days = part.read.reported.records, part.column("report"), np.zeros(len(part.read.reported.records), np.int64)
    np.add.at(days, report, np.where(part.used, part.days, 0))
    counts = (np.bincount(one, minlength=len(records)).tolist() for one in (report, report[part.used]))
    for record, touching, used, hundredths in zip(records, *counts, days.tolist(), strict=True):
        if touching or month in record.data.months:
            document, sha256 = next(((one.document, one.sha256) for one in record.evidence), (None, None))
            at, said = record.recorded_at, record.data
            yield ReportUsed(record.position, document, sha256, at, said.source, said.lines.count, touching, used, hundredths)


def _lines(part: Part) -> Iterator[Line]:
    """The window's lines, each by itself."""
    names = part.read.reported.workplaces
    first, last = (part.column(name).astype("datetime64[D]").tolist() for name in ("first", "last"))
    columns = map(part.column, ("line", "employee", "workplace", "last_day", "extent", "cause"))
    position = part.read.reported.positions[part.column("report")]
    rows = zip(*(column.tolist() for column in (position, *columns, part.reason, part.by, part.days)), first, last, strict=True)
    for report, line, employee, place, until, extent, cause, number, by, days, begins, ends in rows:
        reason = part.reasons[number]
        used, ended = reason.fate == "used", None if until == OPEN else ends
        said = (report, line, employee, names[place], begins, ended, extent, CAUSES[cause])
        yield Line(*said, reason.fate, reason.why, reason.rule, by or None, days if used else 0, 0 if used else days)


def _numbering(read: Read, month: Month, numbers: Numbers) -> Numbering:
    """The spells in force before the month that its numbering is read from besides."""
    since, spells = month.first_day - timedelta(days=reach(numbers)), read.spells
    before = (spells.last >= day_number(since)) & (spells.last < day_number(month.first_day))
    return Numbering(since, int(np.count_nonzero(before)), tuple(np.unique(spells.report[before]).tolist()))
