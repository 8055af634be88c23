"""TOML documents: plain values out, or every fault with its line, in words that name what to write instead."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import ValidationError

from ledger.errors import Fault, InputRefused


def read_toml(content: bytes, file: str) -> Any:
    """A TOML document as plain values, its lists as tuples. Raises InputRefused with the line that TOML's reader names."""
    try:
        value = _tuples(tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise InputRefused([Fault(file, None, "is not UTF-8 text", "TOML files are UTF-8; save it so")]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        what = re.sub(r" \(at line .*\)$", "", str(error))
        raise InputRefused([Fault(file, int(line[1]) if line else None, f"is not valid TOML: {what}")]) from None
    except ValueError as error:
        raise InputRefused([Fault(file, None, f"is not valid TOML: {error}")]) from None
    except RecursionError:
        raise InputRefused([Fault(file, None, "is nested too deeply to be a contract or a methodology")]) from None
    faults = [Fault(file, None, f"{key}: the year {day.year} is not one that a contract is about") for key, day in _dates(value)]
    if faults:
        raise InputRefused(faults)
    return value


def _dates(value: Any, key: str = "") -> Iterator[tuple[str, date]]:
    """The dates in a document of years that no contract is about."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _dates(inner, f"{key}.{name}" if key else name)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _dates(inner, key)
    elif isinstance(value, date) and not 1900 <= value.year <= 2200:
        yield key, value


def _tuples(value: Any) -> Any:
    """Lists as tuples, so that strict models take them."""
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(_tuples(inner) for inner in value) if isinstance(value, list) else value


def faults_of(error: ValidationError, content: bytes, file: str) -> InputRefused:
    """Every fault that a model found in a document, with its line."""
    lines = content.decode("utf-8-sig").splitlines()
    faults = []
    found = error.errors(include_url=False)
    for one in found:
        if one["type"] == "too_short" and any(
            other["loc"][: len(one["loc"])] == one["loc"] for other in found if other is not one
        ):
            continue  # what is there does not read, and that is said
        loc = _place(one["loc"], one["type"])
        key = ".".join(loc)
        for what in _said(one, key):
            fault = Fault(file, _line(lines, loc or tuple(re.split(r"\W", what)[:1])), what)
            if fault not in faults:
                faults.append(fault)
    return InputRefused(sorted(faults, key=lambda fault: fault.line or 0))


def _place(loc: tuple[int | str, ...], sort: str) -> tuple[str, ...]:
    """The keys down to a fault, without the kind that a table was chosen by and the table's number before it."""
    tagged = {number for number, part in enumerate(loc) if "@" in str(part)}
    if sort.startswith("union_tag"):
        tagged.add(len(loc))
    numbers = {number - 1 for number in tagged if number and isinstance(loc[number - 1], int)}
    return tuple(str(part) for number, part in enumerate(loc) if number not in tagged | numbers)


def _said(one: Any, key: str) -> list[str]:
    """pydantic's fault in words; a model's own checks may say several."""
    given = one["input"]
    match one["type"]:
        case "missing":
            return [f"{key} is missing"]
        case "extra_forbidden":
            return [f"{key} is no key that is known here"]
        case "literal_error":
            return [f"{key} is {_given(given)}; it must be {one['ctx']['expected']}"]
        case "union_tag_invalid":
            return [f"{key}.kind is {_given(one['ctx']['tag'])}; it must be one of {one['ctx']['expected_tags']}"]
        case "union_tag_not_found":
            return [f"{key}.kind is missing"]
        case "string_pattern_mismatch":
            return [f"{key} is {_given(given)}; write it in small letters, digits and the separators of the examples"]
        case "value_error":
            message = one["msg"].removeprefix("Value error, ")
            return [f"{key}: {message}"] if key else message.split("; ")
        case kind if kind.endswith("_type") or kind in ("is_instance_of", "date_from_datetime_inexact"):
            return [f"{key} is {_given(given)}; {_wanted(kind)}"]
        case "too_short":
            return [f"{key} must name at least one"]
        case _:
            return [f"{key}: {one['msg'][:1].lower()}{one['msg'][1:]}"]


def _given(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)


def _wanted(kind: str) -> str:
    wanted = {
        "string_type": "write it as text in quotation marks",
        "int_type": "write a whole number without quotation marks",
        "date_type": "write a date without quotation marks, as 2019-01-01",
        "tuple_type": "write a list in square brackets",
        "model_type": "write it as a table",
        "dict_type": "write it as a table",
    }
    return wanted.get(kind, "that is not what is wanted here")


def _line(lines: list[str], loc: tuple[str, ...]) -> int | None:
    """The line of the key, or of its section where the key is missing; None where there is neither."""
    section: list[str] = []
    best: tuple[int, int | None] = (0, None)
    wanted = [part.removesuffix("_") for part in loc if not part.isdigit()]
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        key = re.match(r"\s*\"?([A-Za-z0-9_.\-]+)\"?\s*=", line)
        if header:
            section = header[1].replace('"', "").split(".")
            found = section
        elif key:
            found = [*section, *key[1].split(".")]
        else:
            continue
        depth = len(found)
        if depth > best[0] and wanted[:depth] == found:
            best = (depth, number)
    return best[1]
