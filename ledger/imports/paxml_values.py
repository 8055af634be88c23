"""What PAXml writes as text: days, local times, decimals."""

from __future__ import annotations

import re
from fractions import Fraction

from ledger.imports import fields
from ledger.imports.fields import Unreadable

DAY_SECONDS = 24 * 60 * 60

_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*|Z|[-+][0-9]{2}:[0-9]{2})?")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?)(?![0-9]).*")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?(?![0-9]).*")
_DECIMAL = re.compile(r"[-+\u2212]?([0-9]{1,9}([.,][0-9]{0,20})?|[.,][0-9]{1,20})")


def day_of(text: str) -> int:
    """A date's ordinal, its zone or time of day left aside. Raises Unreadable."""
    match = _DATE.fullmatch(text)
    return fields.day_of(match[1] if match else text).toordinal()


def _seconds(hours: str, minutes: str, seconds: str | None) -> int:
    clock = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    if clock > DAY_SECONDS or int(minutes) > 59 or int(seconds or 0) > 59:
        raise Unreadable("is no time of day", "Write times as 2019-03-31T08:00:00.")
    return clock


def instant_of(text: str) -> tuple[int, int]:
    """Ordinal and seconds of a local date and time. Raises Unreadable."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unreadable("is no date and time", "Write times as 2019-03-31T08:00:00.")
    return fields.day_of(match[1]).toordinal(), _seconds(match[3], match[4], match[5])


def decimal_of(text: str) -> Fraction:
    """An exact decimal, with point or comma. Raises Unreadable."""
    if _DECIMAL.fullmatch(text) is None:
        raise Unreadable("is no decimal number", "Write it as 7.5 or 7,5.")
    return Fraction(text.replace(",", ".").replace("\u2212", "-").removesuffix("."))


def clock_of(text: str) -> int:
    """Seconds since midnight of a time of day. Raises Unreadable."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise Unreadable("is no time of day", "Write times as 08:00:00.")
    return _seconds(match[1], match[2], match[3])
