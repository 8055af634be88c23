"""Swedish personal identity and coordination numbers, in whatever way they are written: they must not enter the ledger, nor be
repeated in a message."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_OTHER = r"(?:\W|_)"  # what is neither letter nor digit
_GAP = _OTHER + "{0,3}"
_NUMBER = (
    rf"(?:(18|19|20){_GAP})?([0-9]{{2}})({_GAP})(0[1-9]|1[0-2])({_GAP})([0-3][0-9]|[6-9][0-9])({_GAP})([0-9]{{4}})"  # day + 60
)
_WHOLE = re.compile(rf"{_OTHER}*(?:SE{_OTHER}*)?{_NUMBER}(?:[.,]0+)?{_OTHER}*", re.IGNORECASE)
_ANYWHERE = re.compile(rf"(?<![0-9]){_NUMBER}(?![0-9])")
_SIGNED = re.compile(rf"[0-9]{{2}}(?:0[1-9]|1[0-2])[0-9]{{2}}{_OTHER}{{1,3}}[0-9]{{4}}")  # whatever stands beside it
_IN_TEXT = re.compile(r"(?<![0-9])(?:[0-9]{6}[-+][0-9]{4}|[0-9]{8}[-+]?[0-9]{4})(?![0-9])")
_SHORTEST = 10


def is_personal_number(text: str) -> bool:
    """Whether it reads as one: a real date, and written with its sign, or else with the right check digit. What is put around
    it, between its parts or in place of its characters does not hide it: SE, quotation marks, other dashes, wide digits."""
    if len(text) < _SHORTEST:
        return False
    match = _WHOLE.fullmatch(_plain(text))
    if match is None:
        return False
    century, year, one, month, other, day, sign, serial = match.groups()
    try:
        # Without a century 2000 serves: it calls 29 February right in whatever year either century does.
        date(int((century or "20") + year), int(month), int(day) - 60 if int(day) > 60 else int(day))
    except ValueError:
        return False
    signed = not one and not other and bool(sign) and sign.strip() in ("", "-", "+")
    return signed or _checks(year + month + day + serial)


def _checks(digits: str) -> bool:
    """Whether the last of ten digits is the check digit of the others."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def holds_personal_number(text: str) -> bool:
    """Whether free text holds one with its sign, or with its century. Ten bare digits may be an invoice."""
    return any(is_personal_number(found) for found in _IN_TEXT.findall(_plain(text)))


def without_personal_numbers(text: str) -> str:
    """The text with … for each, as a message may repeat it."""
    plain = left = _plain(text)
    for pattern in (_ANYWHERE, _SIGNED):
        left = pattern.sub(lambda match: "…" if is_personal_number(match[0]) else match[0], left)
    return text if left == plain else left


def _plain(text: str) -> str:
    """The text with plain dashes and digits."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in folded)
