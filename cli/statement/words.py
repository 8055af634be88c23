"""Months, roles and figures as a statement writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from ledger.money import decimals, shown
from ledger.periods import Month, Period

NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def months_of(period: Period) -> str:
    """``January to March 2019``, ``October 2018 to February 2019``, ``February 2020``."""
    first, last = period.first, period.last
    end = f"{NAMES[last.number - 1]} {last.year}"
    if first == last:
        return end
    return f"{NAMES[first.number - 1]}{'' if first.year == last.year else f' {first.year}'} to {end}"


def named(months: Sequence[Month]) -> str:
    """Months by name, many as a range."""
    names = [str(month) for month in months]
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} to {names[-1]}, {len(names)} months"


def number(exact: Fraction, places: int) -> str:
    """A number for a reader, thousands in thin spaces, with a true minus."""
    return grouped(decimals(exact, places))


def grouped(figure: str) -> str:
    """A figure's whole part in groups of three."""
    whole, dot, rest = figure.removeprefix("-").partition(".")
    return f"{'−' if figure.startswith('-') else ''}{shown(int(whole) * 100)[:-3]}{dot}{rest}"


def signed(ore: int) -> str:
    """Kronor with a sign, for differences."""
    return f"+{shown(ore)}" if ore > 0 else shown(ore)


def percent(share: Fraction) -> str:
    """A share in per cent, without empty decimals."""
    return number(share * 100, 2).rstrip("0").rstrip(".") + " %"


def falls_payable(ore: int, on: date, *, fallen: bool = False) -> str:
    """What a claim brings about on a day; a claim below zero lowers what is payable."""
    if not ore:
        return f"nothing {'fell' if fallen else 'falls'} payable"
    if ore < 0:
        return f"it {'lowered' if fallen else 'lowers'} what is payable by {shown(-ore)} SEK on {on}"
    return f"{shown(ore)} SEK {'fell' if fallen else 'falls'} payable on {on}"
