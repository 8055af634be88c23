"""Shares at risk as they are typed: ``50%``, ``62.5 %`` or ``0.5``; several with commas between."""

from __future__ import annotations

import re
from fractions import Fraction

from cli.options import Parsed


def share(text: str) -> Fraction:
    """An exact share. Raises ValueError."""
    said = re.fullmatch(r"\s*([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*(%?)\s*", text)
    if said is None:
        raise ValueError(f"{text!r} is not a share such as 50% or 0.5")
    exact = Fraction(said[1]) / (100 if said[2] else 1)
    if exact > 1:
        raise ValueError(f"{text!r} is more than the whole: write per cent as {said[1]}%")
    return exact


def shares(text: str) -> tuple[Fraction, ...]:
    """Several, each once. Raises ValueError."""
    return tuple(dict.fromkeys(map(share, text.split(","))))


SHARE = Parsed("share", share)
SHARES = Parsed("shares", shares)
