"""DER, the one way to write ASN.1, as far as certificates and time stamps are written in it (X.690)."""

from __future__ import annotations

from typing import NamedTuple

INTEGER, BIT_STRING, OCTETS, OBJECT_ID, SEQUENCE, SET, GENERALIZED_TIME, UTC_TIME = 2, 3, 4, 6, 0x30, 0x31, 0x18, 0x17

OBJECT_ID_LONGEST = 63
"""Bytes: others read no longer ones, and none that is registered comes near it."""


class Der(NamedTuple):
    """One value of DER: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes


def read_der(content: bytes) -> Der:
    """The one sequence that the bytes are. Raises ValueError."""
    value, end = _der_at(content, 0)
    if end != len(content) or value.tag != SEQUENCE:
        raise ValueError("it is not one sequence, or something follows its end")
    return value


def _der_at(content: bytes, begins: int) -> tuple[Der, int]:
    """The value at a place, and where it ends."""
    if begins + 2 > len(content) or content[begins] & 0x1F == 0x1F:
        raise ValueError("it is cut short, or has a tag that no time stamp has")
    length, inner = content[begins + 1], begins + 2
    if length & 0x80:
        octets = length & 0x7F
        length = int.from_bytes(content[inner : inner + octets], "big")
        if not 1 <= octets <= 4 or length < 0x80 or length.bit_length() <= 8 * (octets - 1):
            raise ValueError("a length is not written as DER writes it")
        inner += octets
    if inner + length > len(content):
        raise ValueError("it is cut short")
    return Der(content[begins], content[inner : inner + length], content[begins : inner + length]), inner + length


def der_parts(value: Der, *tags: int) -> list[Der]:
    """The values within, the first of which have these tags. Raises ValueError."""
    if not value.tag & 0x20:
        raise ValueError("a value has no parts where it should")
    parts, begins = [], 0
    while begins < len(value.content):
        part, begins = _der_at(value.content, begins)
        parts.append(part)
    if tuple(part.tag for part in parts[: len(tags)]) != tags:  # too few are others too
        raise ValueError("its parts are not those of a time stamp")
    return parts


def _exactly(value: Der, *tags: int) -> list[Der]:
    """The values within, which have these tags and are no more. Raises ValueError."""
    parts = der_parts(value, *tags)
    if len(parts) != len(tags):
        raise ValueError("it has more parts than a time stamp has")
    return parts


def object_id(value: Der) -> str:
    """An object identifier as dotted text. Raises ValueError."""
    if value.tag != OBJECT_ID or not 1 <= len(value.content) <= OBJECT_ID_LONGEST or value.content[-1] & 0x80:
        raise ValueError("an object identifier does not read")
    numbers, number = [], 0
    for octet in value.content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
