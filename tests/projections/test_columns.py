"""Lines read straight into columns, against the ledger's own reading; and what a report changes, against a plain comparison."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest

from ledger.errors import VerificationFailed
from ledger.facts import Facts
from ledger.lines import COLUMNS, Lines
from ledger.periods import Month
from projections import reporting
from projections.absences import Spells, in_force, reports
from projections.columns import Ints, among, columns_of, day_numbers, month_at, months_of, stored_column, stored_columns
from projections.measured import Measured
from projections.rules.short_term_net_days_1 import net_days
from tests.histories import Line, Report, evidence
from tests.memory import Memory
from tests.test_against_oracle import EVIDENCE_FROM, SIGNED, Player, memory

# Reading


def lines(random: Random, count: int) -> Lines:
    """Lines as they may be recorded, some with the largest numbers."""
    workplaces = ("Fittja", 'Hall"undas, "employee":[1]', "Åby", "]")
    return Lines(
        workplaces=workplaces,
        employee=tuple(random.choice([0, 1, 2**53 - 1, random.randrange(10**6)]) for _ in range(count)),
        workplace=tuple(random.randrange(len(workplaces)) for _ in range(count)),
        first_day=tuple(20190100 + random.randint(1, 31) for _ in range(count)),
        last_day=tuple(random.choice([0, 20190200 + random.randint(1, 28)]) for _ in range(count)),
        extent=tuple(random.randint(0, 100) for _ in range(count)),
        cause=tuple(random.randrange(3) for _ in range(count)),
        secret=random.randbytes(32),
    )


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_columns_are_what_the_ledger_reads(count: int) -> None:
    given = lines(Random(count), count)
    for workplaces, columns in (stored_columns(given.stored()), columns_of(given)):
        assert tuple(workplaces) == Lines.read(given.stored()).workplaces
        assert {name: tuple(column.tolist()) for name, column in columns.items()} == {
            name: getattr(given, name) for name in COLUMNS
        }
    assert tuple(stored_column(given.stored(), "employee").tolist()) == given.employee


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"extent":[50,', b'"extent":[-50,'),
        (b'"extent":[50,', b'"extent":[ 50,'),
        (b'"extent":[50,', b'"extent":[5.0,'),
        (b'"extent":[50,', b'"extent":[101,'),
        (b'"extent":[50,', b'"extent":['),
        (b'"extent":[50,', b'"extent":[50,50,'),
        (b'"extent":[50,', b'"extent":[,'),
        (b'"extent":[50,', b'"extent":[50,,'),
        (b'"extent":[50,', b'"extent":[99999999999999999999,'),
        (b'"extent":[', b'"extend":['),
        (b'"workplace":[0,', b'"workplace":[2,'),
        (b'"cause":[0,', b'"cause":[3,'),
        (b'"first_day":[20', b'"first_day":[2020'),
        (b'"workplaces":[', b'"workplaces":[['),
        (b'"workplaces":["', b'"workplaces":5,["'),
        (b"]}", b""),
        (b",", b";"),
    ],
)
def test_lines_that_are_not_as_recorded_give_no_figure(old: bytes, new: bytes) -> None:
    ledger, facts = _with_one_report()
    [position] = ledger.beside
    stored = ledger.beside[position]
    assert old in stored
    assert Measured(facts, "botkyrka", "payroll").days.of(Month.parse("2023-01"))
    ledger.tamper(position, stored.replace(old, new))
    with warnings.catch_warnings(), pytest.raises(VerificationFailed, match=f"record {position} are not what was recorded"):
        warnings.simplefilter("ignore", DeprecationWarning)
        reports(facts, "botkyrka", "payroll")


@pytest.mark.parametrize(
    ("old", "new"), [(b'"employee":[', b'"employees":['), (b'"employee":[', b'"employee":[x,'), (b"[1,", b"[1,1,")]
)
def test_lines_that_are_not_as_recorded_name_no_highest_token(old: bytes, new: bytes) -> None:
    ledger, facts = _with_one_report()
    [position] = ledger.beside
    assert reporting.highest_token(facts, "botkyrka") == 2
    ledger.tamper(position, ledger.beside[position].replace(old, new))
    with pytest.raises(VerificationFailed, match=f"record {position} are not what was recorded"):
        reporting.highest_token(facts, "botkyrka")


def test_lines_that_are_gone_give_no_figure() -> None:
    ledger, facts = _with_one_report()
    [position] = ledger.beside
    ledger.tamper(position, None)
    with pytest.raises(VerificationFailed, match=f"record {position} has lost its lines"):
        reports(facts, "botkyrka", "payroll")


def _with_one_report() -> tuple[Memory, Facts]:
    ledger = memory()
    player = Player(ledger)
    player.play(SIGNED)
    player.today = date(2023, 2, 20)
    spells = [Line(employee, "Fittja", date(2023, 1, day), date(2023, 1, day + 2), 50) for employee, day in ((1, 9), (2, 16))]
    assert player.play(Report((*spells, Line(2, "Tumba", date(2023, 1, 23), None, 50)), complete="2023-01"))
    return ledger, ledger.facts()


# As it was known earlier


@pytest.mark.parametrize("seed", range(6))
def test_the_first_reports_are_those_known_at_that_time(seed: int) -> None:
    ledger = memory()
    player = Player(ledger)
    player.play(SIGNED)
    player.today = EVIDENCE_FROM
    for step in evidence(seed):
        player.play(step)
    now = Measured(ledger.facts(), "botkyrka", "payroll")
    assert now.reported.records
    for record in ledger.facts().stream("absences/botkyrka"):
        earlier = ledger.facts(record.position)
        fresh, derived = Measured(earlier, "botkyrka", "payroll"), now.at(earlier)
        assert _plain(derived.spells) == _plain(fresh.spells)
        months = [Month.parse("2022-06") + number for number in range(24)]
        assert [derived.days.of(month) for month in months] == [fresh.days.of(month) for month in months]


# What a report changes


ByKey = dict[tuple[int, int], tuple[object, ...]]


def _plain(spells: Spells) -> ByKey:
    """Spells by employee and first day: last day, workplace, extent, cause, where they stand, whether they are open."""
    columns = [spells.last, spells.extent, spells.cause, spells.report, spells.line, spells.open]
    names = [spells.workplaces[number] for number in spells.workplace.tolist()]
    values = zip(names, *(column.tolist() for column in columns), strict=True)
    return dict(zip(zip(spells.employee.tolist(), spells.first.tolist(), strict=True), values, strict=True))


def _months_by_walking(old: Spells, new: Spells) -> set[Month]:
    """The months that differ, spell by spell and month by month."""
    kinds = [{key: (value[1], value[0], *value[2:4]) for key, value in _plain(spells).items()} for spells in (old, new)]
    changed: set[Month] = set()
    for key in kinds[0].keys() | kinds[1].keys():
        one, other = (kind.get(key) for kind in kinds)
        if one == other:
            continue
        if one is not None and other is not None and one[1:] == other[1:]:
            start, stop = min(one[0], other[0]) + 1, max(one[0], other[0])  # type: ignore[type-var, operator]
        else:
            start, stop = key[1], max(value[0] for value in (one, other) if value is not None)  # type: ignore[type-var]
        changed |= {_month(day) for day in range(start, stop + 1)}  # type: ignore[arg-type]
    every = [month_at(number) for number in range(12 * 49, 12 * 52)]
    return changed | {month for month in every if net_days(old).of(month) != net_days(new).of(month)}


def _month(day: int) -> Month:
    return month_at(int(months_of(np.array([day]))[0]))


FIRST = int(day_numbers(np.array([20200115]))[0])


def _random_spells(random: Random) -> Spells:
    """Spells of a few employees within some months, crowded so that their numbering hangs together."""
    taken = sorted({(random.randrange(6), FIRST + random.randrange(200)) for _ in range(random.randrange(25))})
    count = len(taken)

    def column(numbers: Iterator[int]) -> Ints:
        return np.fromiter(numbers, dtype=np.int64, count=count)

    return Spells(
        workplaces=("Fittja", "Tumba"),
        employee=column(employee for employee, _ in taken),
        workplace=column(random.randrange(2) for _ in taken),
        first=column(first for _, first in taken),
        last=column(first + random.choice([0, 1, 4, 12, 70]) for _, first in taken),
        extent=column(random.choice([25, 50, 100]) for _ in taken),
        cause=column(random.randrange(3) for _ in taken),
        report=column(1 for _ in taken),
        line=column(number for number in range(count)),
        open=column(0 for _ in taken),
    )


def _varied(spells: Spells, random: Random) -> Spells:
    """The same with some gone and some otherwise, others the same."""
    kept = spells.where(np.array([random.random() < 0.85 for _ in spells.first], dtype=bool))
    touched = np.array([random.random() < 0.15 for _ in kept.first], dtype=bool)
    name = random.choice(["last", "extent", "cause", "workplace"])
    other = {"last": kept.last + random.choice([1, 3, 40]), "extent": 125 - kept.extent, "cause": (kept.cause + 1) % 3}
    column = np.where(touched, {**other, "workplace": 1 - kept.workplace}[name], getattr(kept, name))
    return replace(kept, **{name: column})


@pytest.mark.parametrize("seed", range(8))
def test_what_a_report_changes_against_a_plain_comparison(seed: int) -> None:
    random = Random(seed)
    differing = 0
    for _ in range(60):
        old = _random_spells(random)
        new = _varied(old, random) if random.random() < 0.8 else _random_spells(random)
        for one, other in ((old, new), (new, old), (old, old)):
            months, gone = reporting._difference(one, other)
            assert months == _months_by_walking(one, other)
            assert gone == len(_plain(one).keys() - _plain(other).keys())
            differing += bool(months)
    assert differing > 60


def test_among_an_empty_column_is_nothing() -> None:
    empty = np.zeros(0, np.int64)
    assert not among(np.array([1, 2]), empty).any()
    assert among(empty, np.array([1, 2])).shape == (0,)
    assert among(np.array([0, 1, 2, 3]), np.array([1, 3])).tolist() == [False, True, False, True]


def test_no_reports_no_spells() -> None:
    ledger = memory()
    Player(ledger).play(SIGNED)
    reported = reports(ledger.facts(), "botkyrka", "payroll")
    assert reported.records == ()
    assert _plain(in_force(reported)) == {}
    assert net_days(in_force(reported)).of(Month.parse("2023-01")) == {}
