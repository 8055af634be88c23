"""A replay by workplace. Days are actual ones; what was expected is known for the whole contract only, because reference rates
are not kept by workplace: a workplace's part of it is an allocation by employees, and no finding about the workplace."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from ledger.events import MonthDetermined
from ledger.methodology import Methodology
from ledger.money import rounded
from ledger.periods import Month
from projections.replays.replay import Lines, Replayer


@dataclass(frozen=True)
class Workplace:
    """A workplace over the measured months, all in hundredths: employees by head on average, net days that count, net days left
    out, and expected days allocated by employees. The workplaces add up to the contract. None: withheld."""

    name: str
    employees: int
    actual: int | None
    left_out: int | None
    expected: int


Exact = dict[str, Fraction]


def by_workplace(replayer: Replayer, methodology: Methodology, lines: Lines) -> list[Workplace]:
    """The lines' measured months by workplace, in order of name, on the facts that the lines were measured on."""
    employees, actual, left_out, expected = Exact(), Exact(), Exact(), Exact()
    measured = [line for line in lines.values() if isinstance(line, MonthDetermined)]
    for line in measured:
        heads, days, out = _counted(replayer, methodology, line.month)
        for name, count in heads.items():
            _add(employees, name, Fraction(count * 100, len(measured)))
            _add(actual, name, Fraction(days[name] - out.get(name, 0)))
            _add(left_out, name, Fraction(out.get(name, 0)))
            _add(expected, name, line.expected_days * 100 * count / line.employees)
    columns = [_adding_up(column) for column in (employees, actual, left_out, expected)]
    return [Workplace(name, *(column[name] for column in columns)) for name in sorted(employees)]


def in_all(several: Iterable[Workplace]) -> Workplace:
    """The workplaces together, of which nothing is withheld yet."""
    found = list(several)
    sums = (sum(getattr(one, key) for one in found) for key in ("employees", "actual", "left_out", "expected"))
    return Workplace("in all", *sums)


def without(several: Iterable[Workplace], actual: Container[str], left_out: Container[str]) -> list[Workplace]:
    """The workplaces, the actual days of some and the days left out of some withheld."""
    return [
        replace(one, actual=None if one.name in actual else one.actual, left_out=None if one.name in left_out else one.left_out)
        for one in several
    ]


def _counted(replayer: Replayer, methodology: Methodology, month: Month) -> tuple[Mapping[str, int], ...]:
    """Employees, net days × 100, and those of them that are left out, at each workplace with employees."""
    position, _ = replayer.positions(methodology, month)
    measure = methodology.measure
    now = replayer.measured(measure.source).at(replayer.facts.at(position)).counting(measure.numbers)
    causes = methodology.left_out(month)
    heads = {name: count for name, count in now.coverage.counts[month].items() if count}
    return heads, now.by_workplace(month), now.by_workplace(month, causes) if causes else {}


def _add(column: Exact, name: str, amount: Fraction) -> None:
    column[name] = column.get(name, Fraction(0)) + amount


def _adding_up(column: Exact) -> dict[str, int]:
    """Whole hundredths that add up to the rounded sum: all are rounded down, and the largest rests take what is left."""
    whole = {name: amount.numerator // amount.denominator for name, amount in column.items()}
    left = rounded(sum(column.values(), Fraction(0))) - sum(whole.values())
    for name in islice(sorted(column, key=lambda one: (whole[one] - column[one], one)), left):
        whole[name] += 1
    return whole
