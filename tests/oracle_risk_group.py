"""A second opinion on the risk group and on workplaces' short-term days, day by day: plain dates, sets and dicts, nothing shared
with the product. Slow on purpose.

Months count from year 0. A spell is whatever has ``employee``, ``workplace``, ``first``, ``last`` and ``extent``; records are
decoded bodies in order of position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Heads = Mapping[int, Mapping[str, int]]
"""Employees by month and workplace."""

Figures = dict[str, tuple[int, int] | None]
"""By figure what it is and what it is a part of; None where that is not known yet."""

DAY = timedelta(days=1)


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def last_day(month: int) -> date:
    following = month + 1
    return date(following // 12, following % 12 + 1, 1) - DAY


# ── What the reports cover (rules 1 and 2) ───────────────────────────────────────────────────────────────────────────


def heads_of(records: Iterable[Mapping[str, Any]], contract: str) -> dict[int, dict[str, int]]:
    """The last headcount of each month and workplace."""
    heads: dict[int, dict[str, int]] = {}
    for record in records:
        if record["stream"] == f"workforce/{contract}":
            for row in record["data"]["rows"]:
                year, number = map(int, row["month"].split("-"))
                heads.setdefault(year * 12 + number - 1, {})[row["workplace"]] = row["employees"]
    return heads


def complete_of(records: Sequence[Mapping[str, Any]], contract: str, source: str, heads: Heads) -> Callable[[int], bool]:
    """Whether a month has all its headcounts, and a complete report for every workplace with employees."""
    scopes = [
        record["data"]["scope"]
        for record in records
        if record["stream"] == f"absences/{contract}" and record["data"]["source"] == source and record["data"].get("scope")
    ]

    def covered(month: int, workplace: str) -> bool:
        return any(
            first <= month <= last and (scope.get("workplaces") is None or workplace in scope["workplaces"])
            for scope in scopes
            for first, last in (_ends(scope["complete"]),)
        )

    def complete(month: int) -> bool:
        here = heads.get(month, {})
        latest = {name: number for earlier in sorted(heads) if earlier < month for name, number in heads[earlier].items()}
        silent = [name for name, number in latest.items() if number and name not in here]
        return bool(here) and not silent and all(covered(month, name) for name, number in here.items() if number)

    return complete


def _ends(period: str) -> tuple[int, int]:
    if "Q" in period and ".." not in period:
        first = int(period[:4]) * 12 + (int(period[5]) - 1) * 3
        return first, first + 2
    months = [int(text[:4]) * 12 + int(text[5:7]) - 1 for text in period.split("..")]
    return months[0], months[-1]


# ── One person's days (rules 4 and 5) ────────────────────────────────────────────────────────────────────────────────


class Person:
    """Every absent day of one employee."""

    def __init__(self, spells: Iterable[Any]) -> None:
        own = sorted(spells, key=lambda one: one.first)
        self.by_day: dict[date, Any] = {}
        for spell in own:
            day = spell.first
            while day <= spell.last:
                self.by_day.setdefault(day, spell)
                day += DAY
        self.days = self._bridged()
        self.number: dict[date, int] = {}
        self.absences: list[date] = []
        self.rows: list[tuple[date, date]] = []
        for day in sorted(self.days):
            self._count(day)

    def _bridged(self) -> set[date]:
        found = set(self.by_day)
        for day in self.by_day:
            for days in (1, 2):
                between = [day + DAY * (step + 1) for step in range(days)]
                free = not any(one in self.by_day for one in between)
                if free and all(one.weekday() >= 5 for one in between) and between[-1] + DAY in self.by_day:
                    found |= set(between)
        return found

    def _count(self, day: date) -> None:
        near = [day - DAY * step for step in range(1, 6) if day - DAY * step in self.days]
        self.number[day] = self.number[near[0]] + 1 if near else 1
        if not near:
            self.absences.append(day)
        if day - DAY in self.days:
            self.rows[-1] = (self.rows[-1][0], day)
        else:
            self.rows.append((day, day))

    @property
    def long(self) -> list[tuple[date, date]]:
        """Rows of at least sixty days: first and last."""
        return [(first, last) for first, last in self.rows if (last - first).days + 1 >= 60]


class Everybody:
    """All persons of a contract, and who worked where."""

    def __init__(self, spells: Sequence[Any], heads: Heads) -> None:
        self.heads = heads
        by_employee: dict[int, list[Any]] = {}
        for spell in spells:
            by_employee.setdefault(spell.employee, []).append(spell)
        self.persons = {employee: Person(own) for employee, own in by_employee.items()}

    def there(self, month: int, person: Person, day: date) -> bool:
        """Whether the workplace that the person was absent from on a day had employees in a month."""
        return self.heads.get(month, {}).get(person.by_day[day].workplace, 0) > 0

    def employees(self, month: int) -> int:
        return sum(self.heads.get(month, {}).values())

    def net(self, person: Person, month: int, upto: int) -> int:
        """Net days × 100 of a month, of days with a number up to that one."""
        return sum(
            spell.extent
            for day, spell in person.by_day.items()
            if month_of(day) == month and day.weekday() < 5 and person.number[day] <= upto and self.there(month, person, day)
        )

    def members(self, month: int, threshold: int) -> set[int]:
        """Who began so many absences in the twelve months."""
        return {employee for employee, person in self.persons.items() if self._begun(person, month) >= threshold}

    def _begun(self, person: Person, month: int) -> int:
        begun = [day for day in person.absences if month - 11 <= month_of(day) <= month]
        return sum(self.there(month_of(day), person, day) for day in begun)

    def on_leave(self, month: int) -> set[int]:
        """Who is on long-term leave on the month's last day."""
        end = last_day(month)
        return {
            employee
            for employee, person in self.persons.items()
            if any(first <= end <= last and self.there(month, person, first) for first, last in person.long)
        }

    def begin_leave(self, month: int) -> set[int]:
        """Who begins long-term leave within the twelve months after."""
        return {
            employee
            for employee, person in self.persons.items()
            if any(
                month < month_of(first) <= month + 12 and self.there(month_of(first), person, first) for first, _ in person.long
            )
        }

    def risk_group(self, month: int, threshold: int, again: bool, long_term: bool) -> Figures:
        """The figures of a month whose twelve months are known; ``again``, ``long_term``: whether what they need is."""
        members, year = self.members(month, threshold), range(month - 11, month + 1)
        short, every = (self._days(year, upto) for upto in (14, 10**6))
        on_leave, begin = self.on_leave(month), self.begin_leave(month)
        free = members - on_leave
        return {
            "size": (len(members), self.employees(month)),
            "short": (sum(short[who] for who in members), sum(short.values())),
            "every": (sum(every[who] for who in members), sum(every.values())),
            "again": (len(members & self.members(month + 12, threshold)), len(members)) if again else None,
            "long_term": (len(free & begin), len(free)) if long_term else None,
            "average": (len(begin - on_leave), self.employees(month) - len(on_leave)) if long_term else None,
        }

    def _days(self, months: Iterable[int], upto: int) -> dict[int, int]:
        return {who: sum(self.net(person, month, upto) for month in months) for who, person in self.persons.items()}

    def by_workplace(self, month: int) -> dict[str, tuple[int, int]]:
        """Of the twelve months each workplace's net days × 100 numbered 1–14, and its headcounts, summed."""
        found: dict[str, tuple[int, int]] = {}
        for one in range(month - 11, month + 1):
            for name, number in self.heads.get(one, {}).items():
                if number:
                    days = sum(
                        spell.extent
                        for person in self.persons.values()
                        for day, spell in person.by_day.items()
                        if month_of(day) == one and day.weekday() < 5 and person.number[day] <= 14 and spell.workplace == name
                    )
                    before = found.get(name, (0, 0))
                    found[name] = (before[0] + days, before[1] + number)
        return found


def risk_groups(
    everybody: Everybody, complete: Callable[[int], bool], months: Iterable[int], until: date, threshold: int
) -> dict[int, Figures | None]:
    """Each month's figures; None where one of its twelve months is not known."""

    def known(first: int, last: int) -> bool:
        return all(last_day(one) <= until and complete(one) for one in range(first, last + 1))

    return {
        month: everybody.risk_group(month, threshold, known(month + 1, month + 12), known(month + 1, month + 14))
        if known(month - 11, month)
        else None
        for month in months
    }
