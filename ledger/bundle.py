"""The bundle's container: a zip that has one form for its members, written and read byte by byte. Pure.

Every member is stored as it is, under the oldest header that zip has, without dates, comments or extra fields, in code point
order of the names. A zip is a bundle only if it is byte for byte what writing its own members gives: nothing can hide before,
between or after them, and nothing is ever unpacked or put on a disk. (PKWARE, APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12, 4.3.16.)
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from struct import Struct, error
from typing import Any

from ledger.canonical import canonical
from ledger.errors import Refused, VerificationFailed

FORMAT = "soc-ledger bundle 1"
"""What the manifest says that it is of."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
"""What a member may be called: nothing that a path could climb by."""

_LOCAL = Struct("<4s5H3I2H")
_CENTRAL = Struct("<4s6H3I5H2I")
_END = Struct("<4s4H2IH")
_VERSION = 20
_MIDNIGHT, _NEW_YEAR_1980 = 0, 1 << 5 | 1
_LARGEST = 2**32 - 2
_MOST = 2**16 - 2
"""Bytes and members that a zip can say without the extension for larger ones."""


def written(members: Mapping[str, bytes]) -> Iterator[bytes]:
    """The bundle of these members, part by part. Raises Refused for a name that no member may have, and for more or larger
    members than a zip of this form holds (65 534; 4 GiB together)."""
    directory, at = [], 0
    for name in sorted(members):
        content = members[name]
        if not NAME.fullmatch(name):
            raise Refused(f"a member of a bundle cannot be called {name!r}")
        said = (_VERSION, 0, 0, _MIDNIGHT, _NEW_YEAR_1980, zlib.crc32(content), len(content), len(content), len(name), 0)
        if max(len(content), at) > _LARGEST:
            raise Refused("the bundle would be larger than 4 GiB", do="export contract by contract, with --contract")
        local = _LOCAL.pack(b"PK\x03\x04", *said) + name.encode()
        directory.append(_CENTRAL.pack(b"PK\x01\x02", _VERSION, *said, 0, 0, 0, 0, at) + name.encode())
        at += len(local) + len(content)
        yield local
        yield content
    size = sum(map(len, directory))
    if at + size > _LARGEST or len(directory) > _MOST:
        raise Refused(
            "the bundle would be larger than a zip of its form holds", do="export contract by contract, with --contract"
        )
    yield from directory
    yield _END.pack(b"PK\x05\x06", 0, 0, len(directory), len(directory), size, at, 0)


def read(data: bytes) -> dict[str, bytes]:
    """The members of a bundle by name. Raises VerificationFailed, saying what it is, for anything that is not written so."""
    members = dict(_members(data))
    at = 0
    for part in written(members):
        if not data.startswith(part, at):
            raise _refused(f"at byte {at} it is not what writing its own members gives")
        at += len(part)
    if at != len(data):
        raise _refused(f"{len(data) - at} bytes follow its end")
    return members


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    at, last = 0, ""
    while data[at : at + 4] == b"PK\x03\x04":
        try:
            _, version, flags, method, *when, _, packed, size, length, extra = _LOCAL.unpack_from(data, at)
        except error:
            raise _refused("it is cut short") from None
        begins = at + _LOCAL.size + length
        name = data[at + _LOCAL.size : begins].decode("ascii", "replace")
        if not NAME.fullmatch(name):
            raise _refused(f"no member may be called {name[:100]!r}")
        if method or packed != size:
            raise _refused(f"{name} is compressed; what a bundle holds is stored as it is")
        if (version, flags, extra, *when) != (_VERSION, 0, 0, _MIDNIGHT, _NEW_YEAR_1980):
            raise _refused(f"{name} has another header than a bundle's")
        if name <= last:
            raise _refused(f"{name} stands twice, or out of order")
        if begins + size > len(data):
            raise _refused("it is cut short")
        yield name, data[begins : begins + size]
        at, last = begins + size, name
    if data[:2] != b"PK":
        raise _refused("it is no zip")


def _refused(what: str) -> VerificationFailed:
    return VerificationFailed(f"not a bundle: {what}", do="ask for the file again, and compare its SHA-256 with the sender's")


# ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def json_lines(values: Iterable[Any]) -> bytes:
    """Canonical JSON, a line each."""
    return b"".join(canonical(value) + b"\n" for value in values)


def lines_of(content: bytes) -> list[bytes]:
    """The lines of a member in which each ends with a line feed. Raises ValueError where the last one does not."""
    *lines, rest = content.split(b"\n")
    if rest:
        raise ValueError("its last line does not end")
    return lines


DEEPEST = 64
"""How many lists and objects may stand within each other."""


def is_too_deep(value: Any, deepest: int = DEEPEST) -> bool:
    """Whether more lists and objects stand within each other than may."""
    if not isinstance(value, dict | list):
        return False
    return deepest == 0 or any(is_too_deep(one, deepest - 1) for one in (value.values() if isinstance(value, dict) else value))


def value_of(content: bytes) -> Any:
    """What a member or a line of it says. Raises ValueError for anything that is not canonical JSON: doubled keys, floats,
    numbers that other readers would round, another order, spaces, or too deep a nesting."""
    try:
        value = json.loads(content)
        if is_too_deep(value):
            raise RecursionError
        same = canonical(value) == content
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not same:
        raise ValueError("it is not canonical JSON")
    return value
