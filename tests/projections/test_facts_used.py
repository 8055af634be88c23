"""What became of every fact in a month's window: against a second opinion that goes line by line and day by day, and against what
was determined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

import pytest

from cli.desk import Desk
from cli.settings import Settings
from ledger.contract import ContractState, Determination
from ledger.errors import LedgerError
from ledger.events import MonthDetermined
from ledger.facts import Facts
from ledger.lines import CAUSES
from ledger.methodology import Methodology
from ledger.periods import Month
from projections.facts_used import AbsencesUsed, EveryReport, absences_used, lines_used
from projections.facts_used_other import TO_COMPARE, OtherFact, other_facts
from projections.facts_window import (
    AGAIN,
    AGREED,
    CAUSE,
    COVERED,
    LONG,
    LONG_OR_COVERED,
    NO_EMPLOYEES,
    NOT_REPEATED,
    NOTHING,
    USED,
    WEEKEND,
    WITHDRAWN,
    Reason,
)
from projections.measured import Measured
from projections.people import distinct_absent
from projections.proposals import locked_at
from projections.rules import freeze_trend_1, reference_years_1
from tests import histories, oracle
from tests.cli.world import World
from tests.histories import Adopt, History, Line, Reimbursements, Report, Trend, Workforce
from tests.memory import Memory
from tests.replayed import plain, plain_methodology
from tests.test_against_oracle import EVIDENCE_FROM, SIGNED, TIMES, Player, memory, methodology_of

APRIL = Month.parse("2019-04")
"""It begins on a Monday."""

ONE_DAY = timedelta(days=1)


def method(*rules: dict[str, Any], source: str = "payroll") -> Methodology:
    """A methodology with rules for disrupted months."""
    measure = {**histories.METHODOLOGY["measure"], "source": source}
    disruption = rules or {"kind": "none@1"}
    return methodology_of(Adopt({**histories.METHODOLOGY, "measure": measure, "disruption": disruption}, "2018-01"))


def sick(first: str, last: str | None = "", extent: int = 100, workplace: str = "Tumba", employee: int = 1, **more: str) -> Line:
    """``sick("04-08", "04-09")`` of 2019; ``last`` None: open."""
    begins, ends = (date.fromisoformat(f"2019-{text}") for text in (first, last or first))
    return Line(employee, workplace, begins, None if last is None else ends, extent, **more)


def played(*steps: Report | Workforce) -> Player:
    """The reports, recorded in 2023; Tumba has employees in April 2019, and Fittja has none."""
    player = Player(memory())
    player.play(SIGNED)
    player.today = EVIDENCE_FROM
    for step in (Workforce(((str(APRIL), "Tumba", 9), (str(APRIL), "Fittja", 0))), *steps):
        assert player.play(step) is not None, step
    return player


def window(
    player: Player, methodology: Methodology | None = None, month: Month = APRIL
) -> list[tuple[int, int, str, int | None]]:
    """Of each line in the window which report it stands in, counted from 1, its number there, why it has its fate, and which
    report replaced it."""
    facts = player.ledger.facts()
    numbers: dict[int | None, int] = {
        record.position: number for number, record in enumerate(facts.stream(f"absences/{player.id}"), 1)
    }
    lines = lines_used(facts, player.id, month, methodology or method())
    return [(numbers[one.report], one.line, one.why, numbers[one.by] if one.by else None) for one in lines]


# One reason after another

COVID = {"kind": "exclude-cause@1", "causes": ("covid",), "window": "2019-04"}
NOT_MEASURED = {"kind": "exclude-months@1", "window": "2019-04"}


@pytest.mark.parametrize(
    ("lines", "why", "hundredths"),
    [
        ([sick("04-08", "04-09")], [USED], 200),
        ([sick("04-08", "04-09", 25)], [USED], 50),
        ([sick("03-28", "04-01")], [USED], 100),
        ([sick("03-29", "03-31")], [], 0),
        ([sick("04-30", "05-09")], [USED], 100),
        ([sick("05-01")], [], 0),
        ([sick("04-06", "04-07")], [WEEKEND], 0),
        ([sick("03-18", "04-01")], [LONG], 0),
        ([sick("03-19", "04-02")], [USED], 100),
        ([sick("03-23", "04-12")], [USED], 500),
        ([sick("03-24", "04-12"), sick("04-13", "04-14")], [USED, LONG], 500),
        ([sick("04-01", "04-10"), sick("04-03", "04-05")], [USED, COVERED], 800),
        ([sick("03-25", "04-05"), sick("04-04", "04-05")], [USED, COVERED], 500),
        ([sick("03-18", "04-05"), sick("04-04", "04-12")], [LONG, LONG_OR_COVERED], 0),
        ([sick("04-05"), sick("04-08")], [USED, USED], 200),
        ([sick("04-01", "04-12"), sick("04-15", "04-16")], [USED, LONG], 1000),
        ([sick("04-01", "04-05"), sick("04-05", "04-07")], [USED, WEEKEND], 500),
        ([sick("04-08", workplace="Fittja")], [NO_EMPLOYEES], 0),
        ([sick("04-08", workplace="nowhere")], [NO_EMPLOYEES], 0),
        ([sick("04-08", cause="covid")], [USED], 100),
    ],
)
def test_a_line_has_the_fate_that_its_days_give_it(lines: list[Line], why: list[Reason], hundredths: int) -> None:
    player = played(Report(tuple(lines), complete="2019-01..2019-06"))
    assert [(one, by) for _, _, one, by in window(player)] == [(one.why, None) for one in why]
    used = absences_used(player.ledger.facts(), player.id, APRIL, method())
    assert (used.hundredths, used.touching, used.left_over) == (hundredths, len(why), 0)


def test_what_the_methodology_leaves_out() -> None:
    lines = (sick("04-08", "04-09", cause="covid"), sick("04-15", workplace="Fittja", cause="covid"), sick("04-29"))
    player = played(Report(lines, complete="2019-04"))
    assert [one for _, _, one, _ in window(player, method(COVID))] == [CAUSE.why, NO_EMPLOYEES.why, USED.why]
    used = absences_used(player.ledger.facts(), player.id, APRIL, method(COVID))
    assert (used.hundredths, used.left_out_hundredths, used.causes) == (100, 200, ("sick", "work-injury"))
    assert {one.why: (one.rule, one.left_out) for one in used.tallies} == {
        USED.why: (None, 0),
        CAUSE.why: (5, 200),
        NO_EMPLOYEES.why: (1, 100),
    }
    compared = absences_used(player.ledger.facts(), player.id, APRIL, method(COVID), reference=True)
    assert (compared.hundredths, compared.left_out_hundredths, compared.causes) == (300, 0, CAUSES)


def test_of_a_month_that_is_not_measured_no_line_is_used() -> None:
    player = played(Report((sick("04-08"), sick("04-13")), complete="2019-04"), Report((sick("04-13", extent=0),)))
    assert window(player, method(NOT_MEASURED)) == [
        (1, 0, AGREED.why, None),
        (1, 1, WITHDRAWN.why, 2),
        (2, 0, NOTHING.why, None),
    ]
    used = absences_used(player.ledger.facts(), player.id, APRIL, method(NOT_MEASURED))
    assert (used.hundredths, used.left_out_hundredths, used.cells) == (0, 0, ())
    assert absences_used(player.ledger.facts(), player.id, APRIL, method(NOT_MEASURED), reference=True).hundredths == 100


NIL = Report((), complete="2019-04")
SAID = Report((sick("04-08"),), complete="2019-04")


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([SAID, Report((sick("04-08", "04-09"),))], [(1, 0, AGAIN, 2), (2, 0, USED, None)]),
        ([SAID, Report((sick("04-08", workplace="Fittja"),))], [(1, 0, AGAIN, 2), (2, 0, NO_EMPLOYEES, None)]),
        ([SAID, Report((sick("04-08", extent=0),))], [(1, 0, WITHDRAWN, 2), (2, 0, NOTHING, None)]),
        ([SAID, NIL], [(1, 0, NOT_REPEATED, 2)]),
        ([SAID, Report((), "2019-04", ("Fittja",))], [(1, 0, USED, None)]),
        ([SAID, SAID], [(1, 0, AGAIN, 2), (2, 0, USED, None)]),
        ([SAID, NIL, SAID], [(1, 0, NOT_REPEATED, 2), (3, 0, USED, None)]),
        ([SAID, SAID, NIL], [(1, 0, AGAIN, 2), (2, 0, NOT_REPEATED, 3)]),
        (
            [SAID, Report((sick("04-08", extent=0),)), Report((sick("04-08", "04-10"),))],
            [(1, 0, WITHDRAWN, 2), (2, 0, AGAIN, 3), (3, 0, USED, None)],
        ),
        # A withdrawal need not say the days that it takes away, and says nothing of what comes after it.
        (
            [Report((sick("03-30", "04-02"),), "2019-04"), Report((sick("03-30", extent=0),))],
            [(1, 0, WITHDRAWN, 2), (2, 0, NOTHING, None)],
        ),
        (
            [
                Report((sick("03-30"),), "2019-03"),
                Report((sick("03-30", extent=0),)),
                Report((sick("03-30", "04-02"),)),
            ],
            [(3, 0, USED, None)],
        ),
        # An open spell lasts to the end of the last report that holds it.
        (
            [Report((sick("04-29", None),), "2019-04"), Report((sick("04-29", "05-02"),), "2019-05")],
            [(1, 0, AGAIN, 2), (2, 0, USED, None)],
        ),
        (
            [Report((sick("03-29", None),), "2019-03"), Report((sick("03-29", None),), "2019-04")],
            [(2, 0, USED, None)],
        ),
        # A restatement of March does not shorten what April's report says goes on.
        (
            [
                Report((sick("03-29", None),), "2019-03"),
                Report((sick("03-29", None),), "2019-04"),
                Report((sick("03-29", None),), "2019-03"),
            ],
            [(2, 0, AGAIN, 3), (3, 0, USED, None)],
        ),
    ],
)
def test_of_what_is_said_again_the_first_that_says_otherwise_replaces_it(
    reports: list[Report], expected: list[tuple[int, int, Reason, int | None]]
) -> None:
    player = played(*reports)
    assert window(player) == [(report, line, reason.why, by) for report, line, reason, by in expected]
    for one in lines_used(player.ledger.facts(), player.id, APRIL, method()):
        assert (one.fate, one.rule) == next((reason.fate, reason.rule) for _, _, reason, _ in expected if reason.why == one.why)


def test_reports_of_another_source_are_left_out_and_replace_nothing() -> None:
    reports = [SAID, Report((), "2019-04", source="health-support"), Report((sick("04-10"),), source="other")]
    player = played(*reports, Report((sick("04-08"), sick("04-11")), source="health-support"))
    found = absences_used(player.ledger.facts(), player.id, APRIL, method())
    assert [(one.fate, one.rule, one.lines, one.hundredths) for one in found.tallies] == [
        ("used", None, 1, 100),
        ("left out", 2, 2, 0),
        ("left out", 2, 1, 0),
    ]
    assert [(one.source, one.lines, one.touching, one.used, one.hundredths) for one in found.reports] == [
        ("payroll", 1, 1, 1, 100),
        ("health-support", 0, 0, 0, 0),
        ("other", 1, 1, 0, 0),
        ("health-support", 2, 2, 0, 0),
    ]
    assert (found.touching, found.left_over) == (4, 0)
    theirs = absences_used(player.ledger.facts(), player.id, APRIL, method(source="health-support"))
    assert theirs.hundredths == 200


def test_numbering_is_read_from_the_lines_of_seventy_days_before() -> None:
    """The first of April less seventy days is the 21st of January."""
    before = (sick("01-18", "01-20"), sick("01-18", "01-21", employee=2), sick("02-04"), sick("03-29", "03-31"))
    player = played(Report(before, complete="2019-01..2019-03"), Report((sick("03-30", "04-01", employee=3),), period="2019-04"))
    numbering = absences_used(player.ledger.facts(), player.id, APRIL, method()).numbering
    first = player.ledger.facts().stream(f"absences/{player.id}")[0].position
    assert (numbering.since, numbering.lines, numbering.reports) == (date(2019, 1, 21), 3, (first,))


def test_a_line_is_shown_as_it_was_said() -> None:
    player = played(Report((sick("04-27", None, 50, employee=4, cause="work-injury"),), complete="2019-04"))
    [line] = lines_used(player.ledger.facts(), player.id, APRIL, method())
    record = player.ledger.facts().stream(f"absences/{player.id}")[0]
    assert (line.report, line.line, line.employee, line.workplace) == (record.position, 0, 4, "Tumba")
    assert (line.first, line.last, line.extent, line.cause) == (date(2019, 4, 27), None, 50, "work-injury")
    assert (line.fate, line.hundredths, line.left_out) == ("used", 100, 0)


def test_a_report_without_lines_stands_among_those_that_the_month_rests_on() -> None:
    player = played(NIL)
    found = absences_used(player.ledger.facts(), player.id, APRIL, method())
    assert [(one.lines, one.touching) for one in found.reports] == [(0, 0)]
    assert (found.touching, found.tallies, found.hundredths, found.workplaces) == (0, (), 0, ("Tumba",))
    assert absences_used(player.ledger.facts(), player.id, APRIL + 1, method()).reports == ()


def test_what_is_read_already_serves_earlier_facts_and_every_month() -> None:
    player = played(SAID, NIL)
    facts = player.ledger.facts()
    now, then = Measured(facts, player.id, "payroll"), facts.at(facts.position - 1)
    assert absences_used(then, player.id, APRIL, method(), now) == absences_used(then, player.id, APRIL, method())
    assert absences_used(then, player.id, APRIL, method(), now).hundredths == 100
    read = EveryReport(now)
    assert read.used(APRIL, method()) == absences_used(facts, player.id, APRIL, method())
    assert read.lines(APRIL, method()) == lines_used(facts, player.id, APRIL, method(), now)
    with pytest.raises(AssertionError, match="other reports are read"):
        absences_used(facts, player.id, APRIL, method(source="other"), now)
    with pytest.raises(AssertionError, match="less is read"):
        absences_used(facts, player.id, APRIL, method(), now.at(then))


# A second opinion, line by line and day by day


class Judged(NamedTuple):
    """Where a line stands, why it has its fate, the record that replaced it, and net days × 100 that it adds."""

    report: int
    line: int
    why: str
    by: int | None
    hundredths: int


class Judge:
    """One source's reports, read from the plain record."""

    def __init__(self, ledger: Memory, contract_id: str, source: str) -> None:
        upto = len(ledger.records)
        self.records = oracle._reports(ledger.plain, contract_id, source, upto)
        self.lines = {one["position"]: oracle._lines_of(one, ledger.columns) for one in self.records}
        self.spells = oracle.spells_in_force(ledger.plain, ledger.columns, contract_id, source, upto)
        self.standing = {(one.position, one.employee, one.first): one for one in self.spells}
        self.numbers = numbers(self.spells)

    def window(self, month: Month) -> list[tuple[int, int]]:
        """Report and line of all that touches the month, or withdraws what does."""
        touching: list[tuple[int, int]] = []
        said: set[tuple[int, date]] = set()
        for record in self.records:
            for number, (employee, _, first, last, extent, _) in enumerate(self.lines[record["position"]]):
                spell = self.standing.get((record["position"], employee, first))
                until = spell.last if spell else last or oracle._end_of_period(record)
                touches = first <= month.last_day and until >= month.first_day
                if touches or (extent == 0 and (employee, first) in said):
                    touching.append((record["position"], number))
                if touches:
                    said.add((employee, first))
        return touching

    def replaced(self, report: int, number: int) -> tuple[Reason, int] | None:
        """By the first later record that says the spell anew, or is complete for its first day's month and its workplace."""
        employee, workplace, first, *_ = self.lines[report][number]
        for record in (one for one in self.records if one["position"] > report):
            position, scope = record["position"], record["data"].get("scope")
            anew = [line[4] for line in self.lines[position] if (line[0], line[2]) == (employee, first)]
            if anew:
                return (AGAIN if anew[0] else WITHDRAWN), position
            if scope is not None and oracle._is_at(scope, workplace):
                begins, ends = oracle._period(scope["complete"])
                if begins <= oracle._month_of(first) <= ends:
                    return NOT_REPEATED, position
        return None

    def judged(self, month: Month, employed: Sequence[str], causes: Sequence[str]) -> list[Judged]:
        """Every line of the window."""
        found = []
        for report, number in self.window(month):
            employee, workplace, first, _, extent, cause = self.lines[report][number]
            replaced = self.replaced(report, number)
            spell = self.standing.get((report, employee, first))
            assert (spell is None) == (replaced is not None or not extent)
            if replaced is not None:
                found.append(Judged(report, number, replaced[0].why, replaced[1], 0))
            elif spell is None:
                found.append(Judged(report, number, NOTHING.why, None, 0))
            else:
                why, days = self._of_days(spell, month)
                if days and workplace not in employed:
                    why, days = NO_EMPLOYEES, 0
                elif days and cause in causes:
                    why, days = CAUSE, 0
                found.append(Judged(report, number, why.why, None, days * extent))
        return found

    def _of_days(self, spell: oracle.Spell, month: Month) -> tuple[Reason, int]:
        days = [spell.first + ONE_DAY * number for number in range((spell.last - spell.first).days + 1)]
        days = [day for day in days if Month.holding(day) == month]
        own = {day: self.numbers[spell, day] for day in days if (spell, day) in self.numbers}
        short = [day for day, number in own.items() if number <= 14]
        weekdays = [day for day in short if day.weekday() < 5]
        if weekdays:
            return USED, len(weekdays)
        if short:
            return WEEKEND, 0
        if not own:
            return COVERED, 0
        return (LONG if len(own) == len(days) else LONG_OR_COVERED), 0


def numbers(spells: Sequence[oracle.Spell]) -> dict[tuple[oracle.Spell, date], int]:
    """The number in its sick-pay period of every day that a spell counts itself."""
    found: dict[tuple[oracle.Spell, date], int] = {}
    employee, latest, number = 0, date.min, 0
    for spell in spells:
        if spell.employee != employee:
            employee, latest, number = spell.employee, date.min, 0
        day = spell.first
        while day <= spell.last:
            if day > latest:
                gap = (day - latest).days
                between = [latest + ONE_DAY * step for step in range(1, gap)] if gap <= 3 else []
                if gap > 5:
                    number = 0
                elif gap == 1 + len(between) and all(one.weekday() >= 5 for one in between):
                    number += len(between)
                number, latest = number + 1, day
                found[spell, day] = number
            day += ONE_DAY
    return found


def test_every_line_has_the_fate_that_a_second_opinion_gives_it() -> None:
    seen: Counter[str] = Counter()
    for seed in range(int(600 * TIMES)):
        draw = Random(f"fates {seed}")
        player, months = told(histories.evidence(seed), draw)
        source = draw.choice(("payroll", "payroll", "health-support"))
        judges = {one: Judge(player.ledger, player.id, one) for one in ("payroll", "health-support")}
        for month in months:
            causes = draw.sample(CAUSES, draw.choice((0, 0, 1, 2)))
            rules = [{"kind": "exclude-cause@1", "causes": tuple(causes), "window": str(month)}] if causes else []
            methodology, facts = method(*rules, source=source), player.ledger.facts()
            now = Measured(facts, player.id, source)
            used, lines = (
                make(facts, player.id, month, methodology, now)  # type: ignore[operator]
                for make in (absences_used, lines_used)
            )
            employed = [name for name, heads in now.coverage.counts.get(month, {}).items() if heads]
            own = {one.position for one in now.reported.records}
            ours = [Judged(one.report, one.line, one.why, one.by, one.hundredths) for one in lines if one.report in own]
            assert ours == judges[source].judged(month, employed, causes), (seed, str(month))
            others = [(one.report, one.line) for one in lines if one.report not in own]
            wanted = [place for name, judge in judges.items() if name != source for place in judge.window(month)]
            assert others == wanted, (seed, str(month))
            assert {(one.fate, one.rule, one.hundredths) for one in lines if one.report not in own} <= {("left out", 2, 0)}
            assert_adds_up(used, lines, now)
            seen.update(one.why for one in lines)
    reasons = (USED, NOTHING, AGAIN, WITHDRAWN, NOT_REPEATED, COVERED, LONG, LONG_OR_COVERED, WEEKEND, CAUSE, NO_EMPLOYEES)
    assert [one.why for one in reasons if not seen[one.why]] == []


def told(history: History, draw: Random) -> tuple[Player, list[Month]]:
    """The reports as recorded, with headcounts for some of the workplaces, some of them 0; and the months that they are about."""
    player = Player(memory())
    player.play(SIGNED)
    player.today = EVIDENCE_FROM
    for step in history:
        player.play(step)
    records = player.ledger.facts().stream(f"absences/{player.id}")
    months = sorted({month + step for record in records for month in record.data.months for step in (0, 1)})
    months = [month for month in months if month.last_day < player.today]
    rows = [(str(month), name, draw.choice((0, 5, 5, 5))) for month in months for name in ("Alby", "Fittja", "Tumba")]
    player.play(Workforce(tuple(row for row in rows if draw.random() < 0.9)))
    return player, months


def assert_adds_up(used: AbsencesUsed, lines: Sequence[Any], now: Measured) -> None:
    """What is counted together is what the lines say one by one, and what the months are determined by."""
    month = used.month
    causes = tuple(cause for cause in CAUSES if cause not in used.causes)
    assert used.left_over == 0
    assert used.touching == len(lines) == sum(one.touching for one in used.reports)
    assert used.hundredths == now.hundredths(month) - now.left_out(month, causes)
    assert used.left_out_hundredths == now.left_out(month, causes)
    tallied = Counter({(one.fate, one.why, one.rule, one.by): one.lines for one in used.tallies})
    assert tallied == Counter((one.fate, one.why, one.rule, one.by) for one in lines)
    for one in used.tallies:
        own = [line for line in lines if (line.why, line.by) == (one.why, one.by)]
        assert (one.hundredths, one.left_out) == tuple(
            sum(getattr(line, key) for line in own) for key in ("hundredths", "left_out")
        )
        assert one.who == {line.employee for line in own}
    for cell in used.cells:
        own = [line for line in lines if line.fate == "used" and (line.workplace, line.cause) == (cell.workplace, cell.cause)]
        assert (cell.spells, cell.hundredths) == (len(own), sum(line.hundredths for line in own))
        assert cell.who == {line.employee for line in own}
        assert cell.persons == len(cell.who) <= distinct_absent(now.spells, month)[cell.workplace]
    assert sum(one.hundredths for one in used.cells) == sum(one.hundredths for one in used.reports) == used.hundredths
    counted = Counter(one.report for one in lines if one.fate == "used")
    assert {one.position: one.used for one in used.reports if one.used} == counted
    assert set(used.workplaces) >= {one.workplace for one in used.cells}


# What was determined


def test_the_facts_used_give_what_was_determined() -> None:
    """Actual days, employees, index values and reference rates, each from the facts that are said to be used."""
    seen: Counter[str] = Counter()
    for make, number in ((histories.savings, 60), (histories.renegotiated, 60)):
        for seed in range(int(number * TIMES)):
            player = Player(memory())
            for step in make(seed):
                player.play(step)
            for one in player.folded.determinations:
                for line in one.months:
                    seen[type(line).__name__] += 1
                    if isinstance(line, MonthDetermined):
                        assert_gives(player.ledger.facts(), player.folded, one, line, seen)
    kinds = ("headcount used", "headcount replaced", "index used", "index left out", "index replaced", "MonthAgreed")
    more = ("reimbursement used", "reimbursement left out", "redone", "left out by cause")
    assert [one for one in (*kinds, *more) if not seen[one]] == []


def assert_gives(facts: Facts, folded: ContractState, one: Determination, line: MonthDetermined, seen: Counter[str]) -> None:
    """A determined month from the facts used."""
    contract_id, month = folded.signed.id, line.month
    methodology = folded.every_methodology[line.methodology_sha256]
    then, locked = facts.at(one.basis), facts.at(locked_at(folded, methodology) or one.basis)
    used = absences_used(then, contract_id, month, methodology)
    assert (used.hundredths, used.left_out_hundredths) == (line.actual_hundredths, line.left_out_hundredths or 0)
    assert used.left_over == 0
    found = other_facts(then, locked, folded, methodology, month, one.redo)
    seen.update(f"{fact.kind} {fact.fate}" for fact in found)
    seen["redone"] += one.redo
    seen["left out by cause"] += used.left_out_hundredths > 0
    assert sum(int(fact.value) for fact in of(found, "headcount", "used", compared=False)) == line.employees
    assert [fact.value.split()[0] for fact in of(found, "index", "used", compared=False)] == [line.trend.value]
    years, held = methodology.reference_of(month), methodology.frozen_at(month)
    like = reference_years_1.months_like(month, years)
    months = {each: absences_used(locked, contract_id, each, methodology, reference=True).hundredths for each in like}
    heads = Counter[str]()
    for fact in of(found, "headcount", "used", compared=True):
        heads[fact.what[-len(TO_COMPARE) - 7 : -len(TO_COMPARE)]] += int(fact.value)
    exposure = sum(heads[str(each)] * each.weekdays for each in like)
    assert Fraction(sum(months.values()), 100 * exposure) == line.reference_rate
    values = {
        fact.what.split()[2].rstrip(","): Fraction(fact.value.split()[0]) for fact in of(found, "index", "used", compared=True)
    }
    quarters = [str(each.quarter) for each in (freeze_trend_1.reference_months(held, years) if held else like)]
    assert Fraction(line.trend.value) * len(quarters) / sum(values[each] for each in quarters) == line.trend.factor
    assert len(of(found, "reimbursement", "used", compared=False)) == (line.reimbursed is not None)


def of(found: Sequence[OtherFact], kind: str, fate: str, *, compared: bool) -> list[OtherFact]:
    """Those of a kind and fate, of the month itself or of those that it is compared with."""
    return [one for one in found if (one.kind, one.fate, one.what.endswith(TO_COMPARE)) == (kind, fate, compared)]


def test_the_demo_s_determinations_leave_no_line_over(demo: World) -> None:
    facts = Desk(Settings(demo.ledger, None, None, None)).facts
    months = 0
    for contract_id in facts.contracts:
        folded = facts.contract(contract_id)
        for one in folded.determinations:
            every: dict[str, EveryReport] = {}
            for line in one.months:
                methodology = folded.every_methodology[line.methodology_sha256]
                source = methodology.measure.source
                if source not in every:
                    every[source] = EveryReport(Measured(facts.at(one.basis), contract_id, source))
                used = every[source].used(line.month, methodology)
                assert used.left_over == 0
                assert used.touching > 0
                if isinstance(line, MonthDetermined):
                    assert used.hundredths == line.actual_hundredths
                    months += 1
    assert months > 40


# Other facts


def test_headcounts_that_came_later_replace_or_come_after_the_lock() -> None:
    told = plain()
    folded, month = told.folded, told.folded.in_force[0].months[0].month
    methodology = folded.methodology_of(month)
    locked = told.facts.at(folded.determinations[0].basis)
    like = reference_years_1.months_like(month, methodology.reference_of(month))[0]
    told.player.play(Workforce(((str(month), "Alby", 77), (str(like), "Alby", 78))))
    after = told.facts.position
    found = heads_of(told.facts, locked, folded, month)
    own = [one for one in found if not one.what.endswith(TO_COMPARE)]
    assert [(one.fate, one.rule, one.by) for one in own] == [("replaced", 1, after), ("used", None, None)]
    assert own[1].value == "77"
    late = [one for one in found if one.position == after and one.what.endswith(TO_COMPARE)]
    assert [(one.value, one.fate, one.rule, one.by) for one in late] == [("78", "left out", 6, None)]
    seen = [one for one in heads_of(told.facts, told.facts.at(after), folded, month) if one.position == after]
    assert [(one.value, one.fate) for one in seen] == [("77", "used"), ("78", "used")]


def heads_of(facts: Facts, locked: Facts, folded: ContractState, month: Month) -> list[OtherFact]:
    """The headcounts of a month and those that it is compared with."""
    found = other_facts(facts, locked, folded, folded.methodology_of(month), month, False)
    return [one for one in found if one.kind == "headcount"]


def test_of_index_values_the_first_accepted_holds_and_in_a_redo_the_last() -> None:
    told = plain()
    folded, month = told.folded, told.folded.in_force[0].months[0].month
    locked, published = told.facts.at(folded.determinations[0].basis), date(2018, 1, 1)
    methodology = folded.methodology_of(month)
    reference = str(reference_years_1.months_like(month, methodology.reference_of(month))[0].quarter)
    statuses = [one for one in ("published", "derived", "estimated") if one not in methodology.trend.accept]
    quarter = str(month.quarter)
    told.player.play(Trend(((quarter, "9.11", published, "published"), (reference, "9.12", published, "published"))))
    told.player.play(Trend(tuple((quarter, "9.13", published, status) for status in statuses[:1])))
    told.player.play(Trend(((quarter, "9.14", published, "published"),)))

    def fates(redo: bool, compared: bool) -> list[tuple[str, str, int | None]]:
        found = other_facts(told.facts, locked, folded, methodology, month, redo)
        chosen = [one for one in found if one.kind == "index" and one.what.endswith(TO_COMPARE) == compared]
        return [(one.value.split()[0], one.fate, one.rule) for one in chosen]

    first, *later = fates(redo=False, compared=False)
    refused = [("9.13", "left out", 7)] if statuses else []
    assert first[1:] == ("used", None)
    assert later == [("9.11", "left out", 7), *refused, ("9.14", "left out", 7)]
    assert [one for one in fates(redo=True, compared=False) if one[1] == "used"] == [("9.14", "used", None)]
    assert ("9.11", "replaced", 7) in fates(redo=True, compared=False)
    assert ("9.12", "left out", 7) in fates(redo=False, compared=True)
    assert fates(redo=True, compared=True) == fates(redo=False, compared=True)


def test_a_reference_quarter_s_trend_is_held_at_the_value_that_was_locked() -> None:
    told = plain()
    folded, month = told.folded, told.folded.in_force[0].months[0].month
    locked = told.facts.at(folded.determinations[0].basis)
    held = plain_methodology({"kind": "freeze-trend@1", "at": "2017Q4", "window": str(month)})
    told.player.play(Trend((("2017Q4", "9.11", date(2018, 1, 1), "published"),)))
    for redo in (False, True):
        index = [one for one in other_facts(told.facts, locked, folded, held, month, redo) if one.kind == "index"]
        assert [(one.what, one.value.split()[0], one.fate, one.rule) for one in index] == [
            (f"index index, 2017Q4{added}", value, fate, rule)
            for added in ("", TO_COMPARE)
            for value, fate, rule in (("2.00", "used", None), ("9.11", "left out", 7))
        ]
        assert {one.why for one in index if one.fate != "used"} == {"recorded after the reference values were locked"}


def test_reimbursements_are_used_where_the_methodology_nets() -> None:
    told = plain()
    month = told.folded.in_force[0].months[0].month
    locked = told.facts.at(told.folded.determinations[0].basis)
    for repaid in (100, 200):
        told.player.play(Reimbursements(((str(month), 1000, 5000, "0", repaid),)))
    last = told.facts.position

    def fates(methodology: Methodology) -> list[tuple[str, str, int | None, int | None]]:
        found = other_facts(told.facts, locked, told.folded, methodology, month, False)
        return [(one.value, one.fate, one.rule, one.by) for one in found if one.kind == "reimbursement"]

    plainly = told.folded.methodology_of(month)
    replaced = ("1.00 of 10.00 SEK", "replaced", None, last)
    assert fates(plainly) == [replaced, ("2.00 of 10.00 SEK", "left out", 8, None)]
    value = plainly.model_dump(mode="json", by_alias=True, exclude_none=True)
    netting = {"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": str(month)}
    nets = Adopt({**value, "disruption": (netting,)}, str(month))
    assert fates(methodology_of(nets)) == [replaced, ("2.00 of 10.00 SEK", "used", None, None)]
    agreed = methodology_of(Adopt({**value, "disruption": ({"kind": "exclude-months@1", "window": str(month)},)}, str(month)))
    found = other_facts(told.facts, locked, told.folded, agreed, month, False)
    assert {(one.kind, one.fate, one.rule) for one in found if one.fate != "replaced"} == {
        ("headcount", "left out", 9),
        ("reimbursement", "left out", 9),
    }


def test_damaged_lines_are_refused() -> None:
    player = played(SAID)
    facts = player.ledger.facts()
    player.ledger.tamper(facts.stream(f"absences/{player.id}")[0].position, None)
    with pytest.raises(LedgerError, match="has lost its lines"):
        absences_used(facts, player.id, APRIL, method())
