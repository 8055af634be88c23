"""One field of a file: the value in it, or what is wrong with it; and how a message repeats it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from ledger.imports.personal_numbers import holds_personal_number, without_personal_numbers
from ledger.periods import Month

YEARS = range(1990, 2101)
"""Years that a date, month or quarter may lie in; others are taken for slips of the pen."""

LONGEST_NAME = 200
"""So many characters may a name have."""

LONGEST_TEXT = 1000
"""So many characters may a text have that is no name, as the source of a value."""

_DAY = re.compile(r"[0-9]{4}(-?)[0-9]{2}\1[0-9]{2}")
_WHOLE = re.compile(r"0*([0-9]+)(?:[.,]0+)?")


class Unreadable(ValueError):
    """One field cannot be read: ``what`` is wrong with it ("is not a date"), and what to ``do``."""

    def __init__(self, what: str, do: str | None = None) -> None:
        super().__init__(what)
        self.what, self.do = what, do


def shown(text: str) -> str:
    """The text in quotation marks, as a message may repeat it: short, on one line, no personal numbers."""
    line = "".join(char if char.isprintable() else " " for char in text.strip())
    line = without_personal_numbers(line)
    return f"'{line if len(line) <= 40 else line[:39] + '…'}'"


def place_of(cell: str) -> str:
    """A workplace's name. Raises Unreadable: empty, invisible characters, a personal number."""
    name = text_of(cell)
    if holds_personal_number(name):
        advice = "Name the workplace without it: personal identity numbers must not enter the ledger."
        raise Unreadable("holds a personal number", advice)
    return name


def text_of(cell: str, longest: int = LONGEST_NAME) -> str:
    """What a reader sees in the field, spaces single. Raises Unreadable: empty, invisible characters, more characters than
    the longest."""
    if cell.isascii() and cell.isprintable() and 0 < len(cell) <= longest and " " not in cell:
        return cell  # nothing to tidy, as in most employment numbers
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if not text:
        raise Unreadable("is empty", "Fill it in on every line.")
    if not text.isprintable():
        hidden = next(char for char in text if not char.isprintable())
        raise Unreadable(f"holds an invisible character (U+{ord(hidden):04X})", "Take the character away.")
    if len(text) > longest:
        raise Unreadable(f"is longer than {longest} characters", "Shorten it, or see whether the columns are in place.")
    return text


def day_of(cell: str) -> date:
    """The date in ``2019-03-31`` or ``20190331``. Raises Unreadable, also for years outside YEARS."""
    text = cell.strip()
    advice = "Write dates as 2019-03-31 or 20190331."
    if not text:
        raise Unreadable("is empty", advice)
    if _DAY.fullmatch(text) is None:
        raise Unreadable("is not a date", advice)
    digits = text.replace("-", "")
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Unreadable("is no day in the calendar", advice) from None
    check_year(day.year)
    return day


def month_of(cell: str) -> Month:
    """The month in ``2020-02``. Raises Unreadable, also for years outside YEARS."""
    text = cell.strip()
    advice = "Write months as 2020-02."
    if not text:
        raise Unreadable("is empty", advice)
    try:
        if not text.isascii():
            raise ValueError(text)
        month = Month.parse(text)
    except ValueError:
        raise Unreadable("is not a month", advice) from None
    check_year(month.year)
    return month


def check_year(year: int) -> None:
    """Raises Unreadable for a year outside YEARS."""
    if year not in YEARS:
        raise Unreadable(f"is not in the years {YEARS[0]} to {YEARS[-1]}", "Correct the year.")


def whole_of(cell: str) -> int | None:
    """The whole number in ``120``, ``120,0`` or ``120.00``; None if it is not one. Raises Unreadable above seven digits."""
    match = _WHOLE.fullmatch(cell.strip())
    if match is None:
        return None
    if len(match[1]) > 7:
        raise Unreadable("is too many", "See whether it stands in the right column.")
    return int(match[1])
