"""Amounts in whole öre (int), shares as exact Fractions. The only place that rounds."""

from __future__ import annotations

import re
from fractions import Fraction

ORE = 100
LARGEST = 2**53 - 1
"""Öre: what every reader of JSON holds exactly."""

THIN = "\u2009"
"""Thin space: groups thousands in text output."""

_SPACES = "\u0020\u00a0\u2009\u202f"
_KRONOR = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]{2}))?")
_GROUPED = re.compile(rf"-?[0-9]{{1,3}}([{_SPACES}][0-9]{{3}})+([.,][0-9]{{2}})?")


def rounded(exact: Fraction) -> int:
    """The nearest whole number, half away from zero (rules 8, 10): 0.5 → 1, −0.5 → −1."""
    doubled = 2 * abs(exact.numerator) + exact.denominator
    magnitude = doubled // (2 * exact.denominator)
    return magnitude if exact >= 0 else -magnitude


def parse_kronor(text: str) -> int:
    """Öre from whole kronor or exactly two decimals: ``4200000``, ``4 200 000``, ``4200000.00``, ``4200000,00``.

    Raises ValueError for anything else, one decimal and thousands commas included.
    """
    stripped = text.strip().replace("\u2212", "-")
    if any(space in stripped for space in _SPACES):
        if not _GROUPED.fullmatch(stripped):
            raise ValueError(_not_an_amount(text))
        stripped = re.sub(f"[{_SPACES}]", "", stripped)
    match = _KRONOR.fullmatch(stripped)
    if match is None:
        raise ValueError(_not_an_amount(text))
    sign, kronor, ore = match.groups()
    amount = int(kronor) * ORE + int(ore or 0)
    if amount > LARGEST:
        raise ValueError(f"{text!r} is more money than the ledger can hold")
    return -amount if sign else amount


def _not_an_amount(text: str) -> str:
    return f"{text!r} is not an amount: write whole kronor or exactly two decimals, as 4200000 or 4200000.00"


def kronor(ore: int) -> str:
    """Kronor with two decimals, as JSON and files carry them: ``4200000.00``."""
    return f"{'-' if ore < 0 else ''}{abs(ore) // ORE}.{abs(ore) % ORE:02d}"


def shown(ore: int) -> str:
    """Kronor for a reader, thousands in thin spaces: ``4 200 000.00``, ``−120.50``."""
    whole = f"{abs(ore) // ORE:,}".replace(",", THIN)
    return f"{'−' if ore < 0 else ''}{whole}.{abs(ore) % ORE:02d}"


def parse_share(text: str) -> Fraction:
    """An exact share from a decimal string: ``"0.184"`` → 23/125. Raises ValueError."""
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,12})?", text):
        raise ValueError(f"{text!r} is not a decimal number such as 0.184")
    return Fraction(text)


def decimals(exact: Fraction, places: int) -> str:
    """An exact number with that many decimals, half away from zero: ratios (4), days (2), forecast (2)."""
    scale = 10**places
    units = rounded(exact * scale)
    sign = "-" if units < 0 else ""
    if places == 0:
        return f"{units}"
    return f"{sign}{abs(units) // scale}.{abs(units) % scale:0{places}d}"
