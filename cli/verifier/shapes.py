"""What a value must look like: plain kinds of text and numbers, objects with their own fields, lists, rules by their kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from cli.verifier.calendar import _month_text, _ore, _period, _quarter_text
from cli.verifier.members import WHOLE_LARGEST


class Kinds(NamedTuple):
    """An object whose ``kind`` says which fields it has. One of a kind that is not known is not looked into; where kinds are
    ``closed``, there is none."""

    fields: Mapping[str, Mapping[str, Any]]
    closed: bool = False


class Either(NamedTuple):
    """An object of one shape where it has the field ``name``, and of the other where it has not."""

    name: str
    having: Mapping[str, Any]
    lacking: Mapping[str, Any]


class OneOrMore(NamedTuple):
    """One, or a list of at least two."""

    shape: Any


def _text_of(pattern: str, holds: Callable[[str], bool] | None = None) -> Callable[[Any], bool]:
    """Whether a value is text of a pattern, of which more may have to hold."""
    matches = re.compile(pattern).fullmatch
    if holds is None:
        return lambda value: type(value) is str and matches(value) is not None

    @lru_cache(maxsize=4096)
    def is_right(text: str) -> bool:
        try:
            return matches(text) is not None and holds(text)
        except (ArithmeticError, ValueError):  # more digits, or a later day, than can be computed with
            return False

    return lambda value: type(value) is str and is_right(value)


def _whole_from(least: int, most: int = WHOLE_LARGEST) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_instant(text: str) -> bool:
    """An instant of the years that a contract is about."""
    return "1900" <= text[:4] <= "2200" and _is_day(text[:10])


def _is_lowest(text: str) -> bool:
    return str(Fraction(text)) == text


def _is_amount(text: str) -> bool:
    return text != "-0.00" and abs(_ore(text)) <= WHOLE_LARGEST


def _is_period(text: str) -> bool:
    """Whole months, said in the one way: a month, a quarter, or from one month to another."""
    first, last = _period(text)
    quarter = first % 3 == 0 and last == first + 2
    one_way = _month_text(first) if first == last else _quarter_text(first // 3) if quarter else None
    return first <= last and text == (one_way or f"{_month_text(first)}..{_month_text(last)}")


_MONTH, _QUARTER = "[0-9]{4}-(0[1-9]|1[0-2])", "[0-9]{4}Q[1-4]"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NAME = "[a-z][a-z0-9-]*"
LEAVES: dict[str, Callable[[Any], bool]] = {
    "anything": lambda value: True,
    "text": lambda value: type(value) is str,
    "line": lambda value: type(value) is str and len(value) <= 300 and value.isprintable(),
    "true or false": lambda value: type(value) is bool,
    "whole": _whole_from(-WHOLE_LARGEST),
    "count": _whole_from(0),
    "above zero": _whole_from(1),
    "days": _whole_from(0, 3650),
    "months": _whole_from(1, 600),
    "ramp": _whole_from(0, 600),
    "dimension": _whole_from(1, 99),
    "decimals": _whole_from(2, 12),
    "interest months": _whole_from(1, 120),
    "day": _text_of(_DATE, _is_day),
    "instant": _text_of(f"{_DATE}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\.[0-9]{{6}}Z", _is_instant),
    "month": _text_of(_MONTH),
    "quarter": _text_of(_QUARTER),
    "period": _text_of(f"{_QUARTER}|{_MONTH}(\\.\\.{_MONTH})?", _is_period),
    "sha256": _text_of("[0-9a-f]{64}"),
    "role": _text_of("[a-z][a-z_]*"),
    "name40": _text_of(_NAME, lambda text: len(text) <= 40),
    "name60": _text_of(_NAME, lambda text: len(text) <= 60),
    "kronor": _text_of("-?(0|[1-9][0-9]*)\\.[0-9]{2}", _is_amount),
    "share": _text_of("-?(0|[1-9][0-9]{0,8})(\\.[0-9]{0,11}[1-9])?", lambda text: text != "-0"),
    "ratio": _text_of("-?[0-9]+(/[1-9][0-9]*)?", _is_lowest),
    "index": _text_of("[0-9]+(\\.[0-9]+)?"),
    "number": _text_of("-?[0-9]{1,12}(\\.[0-9]{1,6})?"),
}
"""The plain kinds of values, each written in one way alone."""
_KIND = re.compile("[a-z][a-z-]*@[1-9][0-9]*")


def checker(shape: Any) -> Callable[[Any], bool]:
    """Whether a value has a shape, made ready once: a million records are looked at."""
    if isinstance(shape, str):
        return LEAVES[shape]
    if isinstance(shape, list):
        each = checker(shape[0])
        return lambda value: type(value) is list and all(map(each, value))
    if isinstance(shape, Kinds):
        kinds = {kind: checker({"kind": (kind,), **fields}) for kind, fields in shape.fields.items()}
        other = _is_nothing if shape.closed else _is_anything
        return lambda value: _kind_of(value) is not None and kinds.get(value["kind"], other)(value)
    if isinstance(shape, Either):
        having, lacking = checker(shape.having), checker(shape.lacking)
        return lambda value: type(value) is dict and (having if shape.name in value else lacking)(value)
    if isinstance(shape, OneOrMore):
        one, several = checker(shape.shape), checker([shape.shape])
        return lambda value: several(value) and len(value) > 1 if type(value) is list else one(value)
    if isinstance(shape, dict):
        return _checker_of_object(shape)
    words = frozenset(shape)
    return lambda value: type(value) is str and value in words


def _checker_of_object(shape: Mapping[str, Any]) -> Callable[[Any], bool]:
    together: Callable[[Any], Iterator[str]] | None = shape.get("")
    named = {name: checker(inner) for name, inner in shape.items() if name}
    if open_names := [name for name in named if name.startswith("*")]:
        is_name, each = checker(open_names[0][1:] or "text"), named[open_names[0]]
        return lambda value: type(value) is dict and all(is_name(name) and each(inner) for name, inner in value.items())
    needed = [(name, check) for name, check in named.items() if not name.endswith("?")]
    optional = [(name[:-1], check) for name, check in named.items() if name.endswith("?")]

    def is_right(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, check in needed:
            if name not in value or not check(value[name]):
                return False
        more = len(value) - len(needed)
        if more:
            for name, check in optional:
                if name in value:
                    if not check(value[name]):
                        return False
                    more -= 1
        return more == 0 and (together is None or next(together(value), None) is None)

    return is_right


def _is_anything(value: Any) -> bool:
    return True


def _is_nothing(value: Any) -> bool:
    return False


def _kind_of(value: Any) -> str | None:
    """The kind that an object says it is of, where it is one as kinds are written."""
    kind = value.get("kind") if type(value) is dict else None
    return kind if type(kind) is str and _KIND.fullmatch(kind) else None


def faults_of_value(shape: Any, value: Any, where: str) -> list[str]:
    """In what a value differs from a shape, and where."""
    if checker(shape)(value):
        return []
    if isinstance(shape, Kinds):
        kind = _kind_of(value)
        return (
            [f"{where} is of no kind"]
            if kind is None or kind not in shape.fields
            else _faults_of_object({"kind": (kind,), **shape.fields[kind]}, value, where)
        )
    if isinstance(shape, Either):
        has = type(value) is dict and shape.name in value
        return _faults_of_object(shape.having if has else shape.lacking, value, where)
    if isinstance(shape, OneOrMore) and type(value) is not list:
        return faults_of_value(shape.shape, value, where)
    if isinstance(shape, (list, OneOrMore)) and type(value) is list:
        each = shape[0] if isinstance(shape, list) else shape.shape
        found = [fault for number, inner in enumerate(value) for fault in faults_of_value(each, inner, f"{where}[{number}]")]
        return found or [f"{where} is a list of fewer than two"]
    if isinstance(shape, dict):
        return _faults_of_object(shape, value, where)
    wanted = shape if isinstance(shape, str) else "a list" if isinstance(shape, list) else f"one of {', '.join(shape)}"
    return [f"{where} is not {wanted}"]


def _faults_of_object(shape: Mapping[str, Any], value: Any, where: str) -> list[str]:
    if type(value) is not dict:
        return [f"{where} is not an object"]
    begin = f"{where}." if where else ""
    if open_names := [name for name in shape if name.startswith("*")]:
        each, is_name = shape[open_names[0]], checker(open_names[0][1:] or "text")
        found = [f"{begin}{name} is no such name" for name in value if not is_name(name)]
        return found + [fault for name, inner in value.items() for fault in faults_of_value(each, inner, f"{begin}{name}")]
    known = {name.rstrip("?"): inner for name, inner in shape.items() if name}
    found = [f"{begin}{name} is missing" for name in shape if name and not name.endswith("?") and name not in value]
    found += [f"{begin}{name} is not known" for name in value if name not in known]
    found += [
        fault for name, inner in known.items() if name in value for fault in faults_of_value(inner, value[name], f"{begin}{name}")
    ]
    together: Callable[[Any], Iterator[str]] | None = shape.get("")
    return found if found or together is None else [f"{where}: {fault}" for fault in together(value)]
