"""Canonical JSON: one byte string for one value. What is hashed, stored and exported is written by this and nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

LARGEST = 2**53 - 1
"""Integers beyond ±(2^53 − 1) are refused: other readers of JSON would round them."""


def canonical(value: Any) -> bytes:
    """Sorted ASCII keys, no spaces, integers within ±(2^53 − 1), no floats; equal to RFC 8785 on what it accepts.

    Raises ValueError for floats, large integers, keys that are not ASCII text, and types JSON does not have.
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _check(value: Any) -> None:
    match value:
        case None | bool() | str():
            pass
        case int():
            if abs(value) > LARGEST:
                raise ValueError(f"{value} is beyond ±(2^53 − 1)")
        case dict():
            for key, inner in value.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise ValueError(f"key {key!r} is not ASCII text")
                _check(inner)
        case list() | tuple():
            if set(map(type, value)) == {int} and min(value) >= -LARGEST and max(value) <= LARGEST:
                return  # a column of integers: checked without a step of Python for each
            for inner in value:
                _check(inner)
        case _:
            raise ValueError(f"{type(value).__name__} {value!r} has no canonical form")


def sha256(content: bytes) -> str:
    """SHA-256 in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal: the identity of terms and methodologies."""
    return sha256(canonical(value))
