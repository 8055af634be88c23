"""Months, quarters, periods and their grammar: ``2020-02`` · ``2019Q2`` · ``2018-10..2020-02``. No now().

Periods are whole months and inclusive of both ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class _Textual:
    """A value that JSON carries as its text."""

    @classmethod
    def parse(cls, text: str) -> Any:
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        from pydantic_core import core_schema

        parse = lru_cache(maxsize=1024)(cls.parse)  # a file of headcounts says the same few months again and again

        def validate(value: object) -> Any:
            if isinstance(value, cls):
                return value
            if isinstance(value, str):
                return parse(value)
            raise ValueError(f"{value!r} is not text such as {cls.__name__} is written in")

        return core_schema.no_info_plain_validator_function(
            validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


@dataclass(frozen=True, order=True, slots=True)
class Month(_Textual):
    """A calendar month. ``index`` counts months since year 0, so that neighbours differ by 1."""

    index: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """``2020-02``. Raises ValueError."""
        return _month(text)

    @classmethod
    def of(cls, year: int, number: int) -> Month:
        """The month with that number (1–12) of that year."""
        return cls(year * 12 + number - 1)

    @classmethod
    def holding(cls, day: date) -> Month:
        """The month that the day belongs to."""
        return cls.of(day.year, day.month)

    @property
    def year(self) -> int:
        """Calendar year."""
        return self.index // 12

    @property
    def number(self) -> int:
        """1 for January … 12 for December."""
        return self.index % 12 + 1

    @property
    def first_day(self) -> date:
        """The first of the month."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """The last day of the month."""
        return (self + 1).first_day - timedelta(days=1)

    @property
    def quarter(self) -> Quarter:
        """The calendar quarter that holds it."""
        return Quarter(self.index // 3)

    @property
    def weekdays(self) -> int:
        """How many Mondays to Fridays it has; public holidays are not left out (rule 5)."""
        return _weekdays(self.index)

    def __add__(self, months: int) -> Month:
        return Month(self.index + months)

    def __sub__(self, months: int) -> Month:
        return Month(self.index - months)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@lru_cache(maxsize=4096)
def _month(text: str) -> Month:
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
    if match is None or not 1 <= int(match[2]) <= 12:
        raise ValueError(f"{text!r} is not a month such as 2020-02")
    return Month.of(int(match[1]), int(match[2]))


@lru_cache(maxsize=4096)
def _weekdays(index: int) -> int:
    month = Month(index)
    days = (month.last_day - month.first_day).days + 1
    return sum((month.first_day.weekday() + offset) % 7 < 5 for offset in range(days))


@dataclass(frozen=True, order=True, slots=True)
class Quarter(_Textual):
    """A calendar quarter. ``index`` counts quarters since year 0."""

    index: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """``2019Q2``. Raises ValueError."""
        match = re.fullmatch(r"([0-9]{4})Q([1-4])", text)
        if match is None:
            raise ValueError(f"{text!r} is not a quarter such as 2019Q2")
        return cls(int(match[1]) * 4 + int(match[2]) - 1)

    @property
    def months(self) -> Period:
        """Its three months."""
        return Period(Month(self.index * 3), Month(self.index * 3 + 2))

    def __sub__(self, quarters: int) -> Quarter:
        return Quarter(self.index - quarters)

    def __add__(self, quarters: int) -> Quarter:
        return Quarter(self.index + quarters)

    def __str__(self) -> str:
        return f"{self.index // 4:04d}Q{self.index % 4 + 1}"


@dataclass(frozen=True, order=True, slots=True)
class Period(_Textual):
    """Whole months from ``first`` to ``last``, both included."""

    first: Month
    last: Month

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period cannot end ({self.last}) before it begins ({self.first})")

    @classmethod
    def parse(cls, text: str) -> Period:
        """``2019Q2``, ``2020-02`` or ``2018-10..2020-02``; a range may also name quarters. Raises ValueError."""
        ends = text.split("..")
        if len(ends) > 2:
            raise ValueError(f"{text!r} is not a period such as 2019Q2, 2020-02 or 2018-10..2020-02")
        parts = [_quarter_or_month(end, text) for end in ends]
        return cls(parts[0].first, parts[-1].last)

    @property
    def first_day(self) -> date:
        """The first day of the first month."""
        return self.first.first_day

    @property
    def last_day(self) -> date:
        """The last day of the last month."""
        return self.last.last_day

    def __iter__(self) -> Iterator[Month]:
        return (Month(index) for index in range(self.first.index, self.last.index + 1))

    def __len__(self) -> int:
        return self.last.index - self.first.index + 1

    def __contains__(self, month: Month) -> bool:
        return self.first <= month <= self.last

    def __str__(self) -> str:
        if self.first == self.last:
            return str(self.first)
        if self == self.first.quarter.months:
            return str(self.first.quarter)
        return f"{self.first}..{self.last}"


def _quarter_or_month(part: str, whole: str) -> Period:
    try:
        if "Q" in part:
            return Quarter.parse(part).months
        month = Month.parse(part)
    except ValueError:
        raise ValueError(f"{whole!r} is not a period such as 2019Q2, 2020-02 or 2018-10..2020-02") from None
    return Period(month, month)


def instant_text(instant: datetime) -> str:
    """An instant as the log carries it, always UTC with six digits: ``2020-06-15T09:00:00.000000Z``."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """An instant, in Stockholm where it names no offset; or a bare date: the end of that day there. Raises ValueError."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return end_of_day(parse_date(text))
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an instant such as 2020-06-15T09:00:00Z, nor a date") from None
    check_year(instant.year)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=STOCKHOLM)
    return instant.astimezone(UTC)


def parse_date(text: str) -> date:
    """An ISO date of the years 1900 to 2200. Raises ValueError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2020-06-15") from None
    check_year(day.year)
    return day


def check_year(year: int) -> None:
    """Raise ValueError for years that no contract is about."""
    if not 1900 <= year <= 2200:
        raise ValueError(f"the year {year} is not one that a contract is about")


def end_of_day(day: date) -> datetime:
    """The last microsecond of the day in Stockholm, in UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM) + timedelta(days=1)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def stockholm_text(instant: datetime) -> str:
    """An instant for a reader: date and time in Stockholm, exact, so that it can be asked for again."""
    local = instant.astimezone(STOCKHOLM)
    return local.strftime("%Y-%m-%d %H:%M:%S.%f" if local.microsecond else "%Y-%m-%d %H:%M:%S")


def day_in_stockholm(instant: datetime) -> date:
    """The date that calendars in Stockholm show at that instant: ``booked_on`` of what is recorded then."""
    return instant.astimezone(STOCKHOLM).date()
