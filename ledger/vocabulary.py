"""The strict, frozen base of everything that is stored or read from TOML, and the field types they share."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from ledger.money import kronor, parse_kronor, parse_share


class Frozen(BaseModel):
    """Frozen, strict, and closed: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


def _kronor(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError('write money as a string, as "4200000.00"')
    return parse_kronor(value)


def _share(value: object) -> Fraction:
    if not isinstance(value, str):
        raise ValueError('write a share as a string, as "0.184"')
    return parse_share(value)


def _ratio(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]+(/[1-9][0-9]*)?", value):
        raise ValueError(f"{value!r} is not an exact ratio such as 23/125")
    return Fraction(value)


def decimal_text(exact: Fraction) -> str:
    """The shortest decimal that equals the share exactly; every share was read from one."""
    places = 0
    while (exact * 10**places).denominator != 1:
        places += 1
    units = abs(int(exact * 10**places))
    sign = "-" if exact < 0 else ""
    if places == 0:
        return f"{sign}{units}"
    return f"{sign}{units // 10**places}.{units % 10**places:0{places}d}"


def _date(value: object) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def printable(text: str) -> str:
    """One line without control characters or marks that turn its direction. Raises ValueError."""
    if not text.isprintable():
        raise ValueError("must stand on one line, without control characters")
    return text


Kronor = Annotated[int, BeforeValidator(_kronor), PlainSerializer(kronor, return_type=str)]
"""Öre inside; kronor with two decimals in text: ``"4200000.00"``."""

Share = Annotated[Fraction, BeforeValidator(_share), PlainSerializer(decimal_text, return_type=str)]
"""An exact share, ``"0.184"`` in text."""

Ratio = Annotated[Fraction, BeforeValidator(_ratio), PlainSerializer(str, return_type=str)]
"""An exact ratio, ``"23/125"`` in text."""

Day = Annotated[date, BeforeValidator(_date)]
"""A calendar date, ISO in text."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""

Role = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
"""A key of [parties]."""
