"""A sample of the reported lines that anyone can draw again: from the fingerprint of a checkpoint.

Once it is sealed it cannot be chosen any more; before, it can: whoever seals can try many endings of the record until one draws
the lines that he likes. So the auditor says which checkpoint it is only after it was signed by others or stamped, and takes one
that was not made for the drawing; or he has words of his own recorded, such as findings, and asks for a new checkpoint at once.
No ending that was tried before holds his words. Between these and the seal, endings can be tried still: the less time, the fewer.

The population is every line of every absence report of the contract up to the checkpoint, in order of record and line, numbered
from 0. For k = 0, 1, …: x = SHA-256(root ‖ contract's id in UTF-8 ‖ k as 8 bytes, big-endian), as a big-endian integer; x is
skipped where x ≥ floor(2^256 / P) · P, so that every line is as likely as any other; line x mod P is drawn unless it was before.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, count

from ledger.errors import Refused, VerificationFailed
from ledger.events import AbsenceReported, Basis
from ledger.facts import Facts, absence_stream
from ledger.lines import CAUSES, OPEN, Lines, committed
from ledger.periods import Period
from ledger.record import Recorded

_VALUES = 1 << 256
"""How many values a SHA-256 has."""

SHORT_TERM = 14
"""So many days of an absence are short-term (rule 4)."""


def draw(root: bytes, contract: str, population: int, number: int) -> list[int]:
    """Numbers of the lines drawn, from 0, in the order in which they are drawn; all of them where ``number`` is as many or more.

    ``root``: the 32 bytes of the checkpoint's fingerprint; ``population``: how many lines there are.
    """
    drawn: dict[int, None] = {}
    fair = _VALUES - _VALUES % population if population else 0
    counter = count()
    while len(drawn) < min(number, population):
        message = root + contract.encode() + next(counter).to_bytes(8, "big")
        x = int.from_bytes(hashlib.sha256(message).digest(), "big")
        if x < fair:
            drawn.setdefault(x % population)
    return list(drawn)


@dataclass(frozen=True)
class Line:
    """A reported line that was drawn: the how-manieth, in which record, its number there from 0, and what it says.

    ``last_day`` None: it left the absence open, which ends for its report on ``until``. ``months``: those that its report is
    complete for; None: a partial one. ``employee`` is the person's number within the ledger; it tells persons apart and is shown
    to nobody.
    """

    draw: int
    record: int
    line: int
    document: str
    workplace: str
    first_day: date
    last_day: date | None
    until: date
    extent: int
    cause: str
    employee: int
    months: Period | None = None

    @property
    def net_hundredths(self) -> int:
        """Net days × 100 that the line accounts for: days 1 to 14 of its absence in its report's months, Mondays to Fridays,
        times its extent (rules 4 and 5).

        It is counted by itself: an absence that continues an earlier one counts fewer. A report holds an absence that began
        before its months again, so that the days before are another line's; of a partial report, or outside the months, all are
        its own.
        """
        first, last = self.first_day, min(self.until, self.first_day + timedelta(days=SHORT_TERM - 1))
        if self.months is not None and self.first_day <= self.months.last_day and self.until >= self.months.first_day:
            first, last = max(first, self.months.first_day), min(last, self.months.last_day)
        days = (first + timedelta(count) for count in range((last - first).days + 1))
        return sum(day.weekday() < 5 for day in days) * self.extent


@dataclass(frozen=True)
class Sample:
    """The ``lines`` drawn from a ``population`` of so many, at the checkpoint that ``basis`` says, in the order of drawing."""

    contract: str
    basis: Basis
    population: int
    lines: tuple[Line, ...]


def drawn(facts: Facts, contract_id: str, number: int) -> tuple[int, list[tuple[int, int]]]:
    """How many lines the contract's reports hold, and record and number of each line drawn. ``facts``: as at the checkpoint."""
    return places(facts.stream(absence_stream(contract_id)), bytes.fromhex(facts.basis.root), contract_id, number)


def places(
    reports: Sequence[Recorded[AbsenceReported]], root: bytes, contract_id: str, number: int
) -> tuple[int, list[tuple[int, int]]]:
    """The same of all reports of the contract up to the checkpoint with that root, in order."""
    ends = list(accumulate(record.data.lines.count for record in reports))
    population = ends[-1] if ends else 0
    found = []
    for item in draw(root, contract_id, population, number):
        report = bisect_right(ends, item)
        found.append((reports[report].position, item - (ends[report] - reports[report].data.lines.count)))
    return population, found


def sample(facts: Facts, contract_id: str, number: int) -> Sample:
    """The sample with what its lines say. ``facts``: as at the checkpoint.

    Raises Refused where no line is reported, VerificationFailed where a report's lines are not those it was recorded with.
    """
    population, places = drawn(facts, contract_id, number)
    if not population:
        raise Refused(f"no absence of {contract_id} is reported up to record {facts.position}; there is nothing to draw from")
    reports = {record.position: record for record in facts.stream(absence_stream(contract_id))}
    stored = {position: _lines(facts, reports[position]) for position in {position for position, _ in places}}
    lines = (_line(draw, reports[at], stored[at], line) for draw, (at, line) in enumerate(places, 1))
    return Sample(contract_id, facts.basis, population, tuple(lines))


def _lines(facts: Facts, record: Recorded[AbsenceReported]) -> Lines:
    said = record.data.lines
    stored = facts.stored_lines(record)
    if not committed(stored, said.count, said.sha256):
        what = f"the lines of record {record.position} are not those that it was recorded with"
        raise VerificationFailed(what, do="see what else differs with: soc check")
    return Lines.read(stored)


def _line(draw: int, record: Recorded[AbsenceReported], lines: Lines, number: int) -> Line:
    event, last = record.data, lines.last_day[number]
    period = event.scope.complete if event.scope is not None else event.period
    first_day = _day(lines.first_day[number])
    last_day = None if last == OPEN else _day(last)
    return Line(
        draw=draw,
        record=record.position,
        line=number,
        document=record.evidence[0].document if record.evidence else "",
        workplace=lines.workplaces[lines.workplace[number]],
        first_day=first_day,
        last_day=last_day,
        until=last_day or max(first_day, period.last_day if period is not None else first_day),
        extent=lines.extent[number],
        cause=CAUSES[lines.cause[number]],
        employee=lines.employee[number],
        months=None if event.scope is None else event.scope.complete,
    )


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)
