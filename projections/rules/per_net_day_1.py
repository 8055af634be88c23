"""``per-net-day@1``: what an avoided net day is worth (rule 8). The price is derived from published results."""

from __future__ import annotations

from fractions import Fraction

from ledger.methodology import PerNetDay
from ledger.money import rounded
from ledger.periods import Month


def price_ore(price: PerNetDay, month: Month) -> int | None:
    """The price in öre in force on the month's first day; None before the first."""
    return next((one.amount for one in reversed(price.sek) if one.from_ <= month.first_day), None)


def savings_ore(avoided_days: Fraction, price: int) -> int:
    """Avoided net days × price, rounded to the öre, half away from zero."""
    return rounded(avoided_days * price)
