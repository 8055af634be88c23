"""A second opinion on what is computed of paid and unpaid outcomes: day by day, in dictionaries, with no code of the product.

Long-term leave: sixty days in a row by the end of the months, weekends between absent days among them; its net days are Mondays
to Fridays by extent. Healthy workplaces and the paid metric: sums and quotients by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Spell:
    """Absent from ``first`` to ``last``, both included, by ``extent`` per cent."""

    employee: int
    workplace: str
    first: date
    last: date
    extent: int


Heads = Mapping[tuple[int, int], Mapping[str, int]]
"""(year, month) → workplace → employees."""


def long_term(spells: Iterable[Spell], heads: Heads, first: date, last: date) -> tuple[int, int]:
    """Net days × 100 of long-term leave from ``first`` to ``last``, and how many persons are on it."""
    by_person: dict[int, list[Spell]] = {}
    for one in spells:
        if one.first <= last:
            by_person.setdefault(one.employee, []).append(one)
    hundredths, persons = 0, 0
    for some in by_person.values():
        absent = _absent(some, last)
        counted = [
            (day, spell)
            for run in _runs(absent)
            if (run[-1] - run[0]).days + 1 >= 60
            for day, spell in ((day, absent[day]) for day in run if day in absent)
            if first <= day and heads.get((day.year, day.month), {}).get(spell.workplace, 0) > 0
        ]
        hundredths += sum(spell.extent for day, spell in counted if day.weekday() < 5)
        persons += bool(counted)
    return hundredths, persons


def _absent(spells: Sequence[Spell], until: date) -> dict[date, Spell]:
    """Each absent day with the spell that counts it: the one that began first."""
    days: dict[date, Spell] = {}
    for one in sorted(spells, key=lambda each: each.first):
        day = one.first
        while day <= min(one.last, until):
            days.setdefault(day, one)
            day += DAY
    return days


def _runs(absent: Mapping[date, Spell]) -> list[list[date]]:
    """Days in a row; a gap that is only a Saturday, a Sunday or both does not end one."""
    runs: list[list[date]] = []
    for day in sorted(absent):
        if runs and all((runs[-1][-1] + DAY * step).weekday() >= 5 for step in range(1, (day - runs[-1][-1]).days)):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def healthy(days: Sequence[Mapping[str, int]], heads: Sequence[Mapping[str, int]], below: Fraction) -> tuple[int, int]:
    """How many workplaces are healthy, and of how many; by month net days × 100 and employees, of those with employees."""
    employed = [{name for name, count in month.items() if count} for month in heads]
    everywhere = set.union(*employed)
    throughout = set.intersection(*employed)

    def rate(names: Iterable[str]) -> Fraction:
        some = set(names)
        worked = sum(count for month in heads for name, count in month.items() if name in some)
        return Fraction(sum(one for month in days for name, one in month.items() if name in some), worked)

    mean = rate(everywhere)
    return sum(rate([name]) < below * mean for name in throughout), len(throughout)


def paid(months: Sequence[Mapping[str, object]]) -> tuple[Fraction, Fraction, Fraction]:
    """Net days per employee over determined months as the record says them: actual, in the reference years, with the trend."""
    actual = reference = expected = Fraction(0)
    for one in months:
        employees = Fraction(str(one["employees"]))
        actual += Fraction(str(one["actual_hundredths"])) / 100 / employees
        reference += Fraction(str(one["reference_rate"])) * Fraction(str(one["weekdays"]))
        expected += Fraction(str(one["expected_days"])) / employees
    return actual, reference, expected
