"""A sample of the reported lines that anyone can draw again: from the fingerprint of a checkpoint, which nobody could choose
once the lines were on record.

The population is every line of every absence report of the contract up to the checkpoint, in order of record and line, numbered
from 0. For k = 0, 1, …: x = SHA-256(root ‖ contract's id in UTF-8 ‖ k as 8 bytes, big-endian), as a big-endian integer; x is
skipped where x ≥ floor(2^256 / P) · P, so that every line is as likely as any other; line x mod P is drawn unless it was before.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, count

from ledger.errors import Refused, VerificationFailed
from ledger.events import AbsenceReported, Basis
from ledger.facts import Facts, absence_stream
from ledger.lines import CAUSES, OPEN, Lines, committed
from ledger.record import Recorded

_VALUES = 1 << 256
"""How many values a SHA-256 has."""


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

    ``last_day`` None: it left the absence open, which ends for its report on ``until``. ``employee`` is the person's number
    within the ledger; it tells persons apart and is shown to nobody.
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


@dataclass(frozen=True)
class Sample:
    """The ``lines`` drawn from a ``population`` of so many, at the checkpoint that ``basis`` says, in the order of drawing."""

    contract: str
    basis: Basis
    population: int
    lines: tuple[Line, ...]


def drawn(facts: Facts, contract_id: str, number: int) -> tuple[int, list[tuple[int, int]]]:
    """How many lines the contract's reports hold, and record and number of each line drawn. ``facts``: as at the checkpoint."""
    reports = facts.stream(absence_stream(contract_id))
    ends = list(accumulate(record.data.lines.count for record in reports))
    population = ends[-1] if ends else 0
    found = []
    for item in draw(bytes.fromhex(facts.basis.root), contract_id, population, number):
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
    )


def _day(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)
