"""The processing history holds every record once, and what corrects what reads the same from both sides; what became of each line
of absence is what the months' windows say of it; others than the employer see nothing that rests on fewer than five persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ledger import events as e
from ledger.facts import Facts, absence_stream, contract_stream
from ledger.periods import Month, Period
from ledger.record import Recorded
from projections.absences_shown import absences_shown
from projections.audience import FEWEST
from projections.facts_used import EveryReport
from projections.facts_window import AGAIN, NOT_REPEATED, NOTHING, WITHDRAWN
from projections.history import Entry, Tie, history, streams_of
from projections.lines_on_record import Line, lines_on_record
from projections.measured import Measured
from tests import histories
from tests.histories import Report
from tests.memory import Memory
from tests.test_against_oracle import Player, memory

SEEDS = range(12)
DRAWN = [
    (draw, seed) for draw in (histories.savings, histories.renegotiated, histories.contested, histories.money) for seed in SEEDS
]


def played(steps: Iterable[Any]) -> tuple[Memory, Player]:
    ledger = memory()
    player = Player(ledger)
    for step in steps:
        player.play(step)
    return ledger, player


def told(ledger: Memory, player: Player) -> list[Entry]:
    facts = ledger.facts()
    return history(facts, streams_of(facts, player.id))


@pytest.mark.parametrize(("draw", "seed"), DRAWN)
def test_every_record_once_in_order(draw: Any, seed: int) -> None:
    ledger, player = played(draw(seed))
    assert [one.record.position for one in told(ledger, player)] == [record.position for record in ledger.records]


@pytest.mark.parametrize(("draw", "seed"), DRAWN)
def test_corrected_and_corrected_by_are_the_same_from_both_sides(draw: Any, seed: int) -> None:
    ledger, player = played(draw(seed))
    entries = told(ledger, player)
    forth = Counter(tie for one in entries for tie in one.corrects)
    assert forth == Counter(tie for one in entries for tie in one.corrected_by)
    assert set(forth.values()) <= {1}
    for one in entries:
        assert {tie.later for tie in one.corrects} <= {one.record.position}
        assert {tie.earlier for tie in one.corrected_by} <= {one.record.position}
        assert all(tie.earlier < one.record.position for tie in one.corrects)


def test_what_a_record_says_that_it_corrects_is_what_it_is_tied_to() -> None:
    """Against a plain reading of the events. Over all seeds every sort of tie comes up."""
    seen: Counter[str] = Counter()
    for draw, seed in DRAWN:
        ledger, player = played(draw(seed))
        at = {record.data.number: record.position for record in ledger.records if isinstance(record.data, e.SavingsDetermined)}
        for one in told(ledger, player):
            event, ties = one.record.data, one.corrects
            seen.update(tie.how.split()[0] for tie in ties)
            if isinstance(event, e.EntryCorrected):
                assert [(tie.earlier, tie.why) for tie in ties] == [(event.corrects, event.reason)]
            if isinstance(event, e.SavingsDetermined):
                assert [tie.earlier for tie in ties] == sorted(at[number] for number in event.supersedes)
                assert one.computed_by == event.computed_by
                assert one.rests_on == event.basis.position
    assert seen.keys() == {"reverses", "changes", "supersedes", "restates", "says", "takes", "amends", "withdraws", "ends"}


FATES = {AGAIN: "said anew", WITHDRAWN: "withdrawn", NOT_REPEATED: "not repeated", NOTHING: "withdraws"}


@pytest.mark.parametrize("seed", range(40))
def test_what_became_of_a_line_is_what_its_months_say(seed: int) -> None:
    """As known now, and when each of the last reports had just come."""
    ledger, player = played(histories.savings(seed))
    method = player.folded.methodologies[0][1]
    every = [record.position for record in ledger.facts().stream(absence_stream(player.id))]
    for position in (len(ledger.records), *every[-8:]):
        facts = ledger.facts(position)
        now = EveryReport(Measured(facts, player.id, method.measure.source))
        lines = {(one.report.position, one.line): one for source in lines_on_record(facts, player.id) for one in source}
        assert len(lines) == sum(record.data.lines.count for record in facts.stream(absence_stream(player.id)))
        windows = [line for month in months(facts, player.id) for line in now.lines(month, method, reference=True)]
        assert windows
        for line in windows:
            one = lines[line.report, line.line]
            said = (one.employee, one.workplace, one.extent, one.cause)
            assert said == (line.employee, line.workplace, line.extent, line.cause)
            if one.report.data.source == method.measure.source:
                expected = next((fate for reason, fate in FATES.items() if reason.why == line.why), "in force")
                assert (one.fate, one.by) == (expected, line.by)


def months(facts: Any, contract_id: str) -> list[Month]:
    """Every month that a report speaks of."""
    records = facts.stream(absence_stream(contract_id))
    return sorted({month for record in records for month in record.data.months})


@pytest.mark.parametrize("seed", range(40))
def test_a_report_restates_another_that_it_contradicts(seed: int) -> None:
    """By a plain reading, line by line: replaced lines that the later report does not say in the same words, and spells that a
    complete report had missed."""
    ledger, player = played(histories.savings(seed))
    expected: Counter[tuple[int, int]] = Counter()
    for source in lines_on_record(ledger.facts(), player.id):
        lines = list(source)
        for number, one in enumerate(lines):
            if one.by is not None and (one.extent or one.fate == "said anew") and not _continued(one, lines[number + 1 :]):
                expected[one.by, one.report.position] += 1
            covering = [each for each in source.reported.records if each.position < one.report.position and _covers(each, one)]
            if covering and one.extent and not any(_same(one, each) for each in lines[:number]):
                expected[one.report.position, covering[-1].position] += 1
    found = {(tie.later, tie.earlier): tie.lines for one in told(ledger, player) for tie in one.corrects if tie.lines}
    assert found == expected


@pytest.mark.parametrize("seed", range(40))
def test_what_it_restates_are_months_with_days_that_it_moved(seed: int) -> None:
    """Day by day: a report that only says spells anew moves no day of the earlier report's months."""
    ledger, player = played(histories.savings(seed))
    named = {record.position: record.data.months for record in ledger.facts().stream(absence_stream(player.id))}
    for one in told(ledger, player):
        for tie in one.corrects:
            if tie.lines is None:
                continue
            before, after = (_days(ledger, player, position) for position in (tie.later - 1, tie.later))
            moved = {month for month, _ in before.items() ^ after.items()} & set(named[tie.earlier])
            if tie.how == "says anew spells that began earlier":
                assert not moved
            else:
                assert moved <= _months_of(tie.how)


def test_both_sorts_of_restating_come_up() -> None:
    entries = (one for seed in range(40) for one in told(*played(histories.savings(seed))))
    said = Counter(tie.how.split()[0] for one in entries for tie in one.corrects if tie.lines)
    assert said["restates"]
    assert said["says"]


def _days(ledger: Memory, player: Player, position: int) -> dict[Month, frozenset[tuple[int, ...]]]:
    """The absent days that stand after a record, by month: source, employee, day, workplace, extent and cause."""
    found: dict[Month, set[tuple[int, ...]]] = {}
    for number, source in enumerate(lines_on_record(ledger.facts(position), player.id)):
        spells = source.spells
        columns = (spells.employee, spells.first, spells.last, spells.extent, spells.cause, spells.workplace)
        for employee, first, last, extent, cause, place in zip(*(column.tolist() for column in columns), strict=True):
            name = sum(map(ord, spells.workplaces[place]))
            for day in range(first, last + 1):
                month = Month.holding(date(1970, 1, 1) + timedelta(days=day))
                found.setdefault(month, set()).add((number, employee, day, name, extent, cause))
    return {month: frozenset(days) for month, days in found.items()}


def _months_of(how: str) -> set[Month]:
    return {month for period in how.removeprefix("restates ").split(", ") for month in Period.parse(period)}


def _same(one: Line, other: Line) -> bool:
    return (one.employee, one.first) == (other.employee, other.first)


def _continued(one: Line, later: list[Line]) -> bool:
    """Whether the report that replaced the line says the same, or ends what it left open."""
    anew = next((each for each in later if _same(one, each) and each.report.position == one.by), None)
    return anew is not None and one.last in (None, anew.last) and _words(anew) == _words(one)


def _covers(record: Any, one: Line) -> bool:
    scope, month = record.data.scope, Month.holding(date(1970, 1, 1) + timedelta(days=one.first))
    return scope is not None and month in scope.complete and (scope.workplaces is None or one.workplace in scope.workplaces)


def _words(line: Line) -> tuple[Any, ...]:
    return line.workplace, line.extent, line.cause


def crowded(seed: int) -> list[Any]:
    """A history whose absences are many: each report's lines again for other employees of the workplace."""

    def many(report: Report) -> Report:
        more = [line._replace(employee=line.employee + 1000 * (1 + copy)) for line in report.lines for copy in range(4)]
        kept = [line for number, line in enumerate(more) if number % 3 or line.workplace != "A"]
        return Report((*report.lines, *kept), report.complete, report.workplaces, report.period, report.source, report.on)

    return [many(step) if isinstance(step, Report) else step for step in histories.savings(seed)]


def test_others_than_the_employer_see_no_figure_of_fewer_than_five_persons() -> None:
    shown = withheld = together = 0
    for steps in (draw(seed) for draw in (crowded, histories.savings) for seed in range(15)):
        ledger, player = played(steps)
        facts, folded = ledger.facts(), player.folded
        rows = list(absences_shown(facts, player.id, "public"))
        for row in rows:
            method = folded.methodology_of(max(row.month, folded.signed.first_month))
            used = EveryReport(Measured(facts, player.id, method.measure.source)).lines(
                row.month, method, reference=row.reference
            )
            hidden = {one.workplace for one in rows if one.month == row.month and one.workplace and one.spells is None}
            places = hidden if row.workplace is None else {row.workplace}
            persons = {line.employee for line in used if line.fate == "used" and line.workplace in places}
            assert row.spells is None or len(persons) >= FEWEST
            shown += row.spells is not None and row.workplace is not None
            withheld += row.spells is None
            together += row.spells is not None and row.workplace is None
            if row.workplace is None:
                assert row.workplaces == len(hidden) != 1 or row.spells is None
    assert shown
    assert withheld
    assert together


def test_the_employer_sees_every_workplace() -> None:
    ledger, player = played(histories.savings(3))
    assert all(row.spells is not None for row in absences_shown(ledger.facts(), player.id, "payer"))


def test_the_history_of_one_contract_holds_nothing_of_another() -> None:
    ledger, player = played(histories.savings(1))
    facts = ledger.facts()
    assert contract_stream("other") not in streams_of(facts, player.id)
    assert {one.contract for one in told(ledger, player)} <= {None, player.id}


def test_a_second_sign_off_takes_the_place_of_the_first() -> None:
    said = {"by": "external_auditor", "on": date(2022, 1, 3), "opinion": "qualified", "text": "x", "evaluation": "0" * 64}
    first = e.EvaluationSignedOff(number=1, **said)
    second = e.EvaluationSignedOff(number=2, supersedes=1, reason="one more finding", **said)
    facts = Facts(_Stream([first, second]), 2, datetime(2022, 1, 4, tzinfo=UTC))
    one, other = history(facts, [contract_stream("x")])
    assert one.corrected_by == other.corrects == (Tie(2, 1, "supersedes", "one more finding"),)
    assert one.corrects == other.corrected_by == ()


class _Stream:
    """A source of one stream."""

    def __init__(self, events: list[Any]) -> None:
        self._records = [
            Recorded[Any](
                position=number,
                stream=contract_stream("x"),
                version=number,
                type=event.TYPE,
                recorded_at=datetime(2022, 1, 3, number, tzinfo=UTC),
                effective_on=event.on,
                recorded_by=e.Actor(name="A", role="external_auditor"),
                submission="0" * 64,
                data=event,
            )
            for number, event in enumerate(events, 1)
        ]

    def stream(self, name: str) -> Any:
        return self._records if name == contract_stream("x") else []

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} is not asked for")
