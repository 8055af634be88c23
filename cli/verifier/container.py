"""The bundle's container: a zip in the one form that there is, read without trust.

Nothing is decompressed and nothing is written to disk. The container is built again from its own members, name by name, and
every byte compared: a byte that could be changed without being seen does not exist.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

CONTAINER_LARGEST = 2**32 - 2
"""Bytes: what a zip without zip64 can hold."""
MEMBER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")

LOCAL_HEAD = struct.Struct("<4sHHHHHIIIHH")
CENTRAL_HEAD = struct.Struct("<4sHHHHHHIIIHHHHHII")
END_OF_ZIP = struct.Struct("<4sHHHHIIH")
LOCAL_MARK, CENTRAL_MARK, END_MARK, ZIP64_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\7"
ZIP_VERSION = 20
ZIP_DATE = (1980 - 1980) << 9 | 1 << 5 | 1
"""1 January 1980 as MS-DOS writes it; the time is 0."""


class BadItem(NamedTuple):
    """One thing that is wrong: in which part of the verdict, where, and what."""

    part: str
    where: str
    what: str


class NotABundle(Exception):
    """The container is not what a bundle's is, and why."""


class CentralEntry(NamedTuple):
    """What the directory at the end of the zip says of a member. ``begins``: where its own head stands."""

    name: str
    crc: int
    size: int
    begins: int


def read_container(content: bytes) -> dict[str, memoryview]:
    """The members by name, in order. Raises NotABundle for anything but the bytes that these members make."""
    if len(content) > CONTAINER_LARGEST:
        raise NotABundle(f"{len(content)} bytes are more than a bundle can hold ({CONTAINER_LARGEST})")
    count, begins = _end_of_zip(content)
    members: dict[str, memoryview] = {}
    entries = []
    position = 0
    view = memoryview(content)
    for entry in _central_entries(content, count, begins):
        members[entry.name] = _member(view, entry, position, begins)
        entries.append(entry)
        position += LOCAL_HEAD.size + len(entry.name) + entry.size
    if position != begins:
        raise NotABundle(f"{begins - position} bytes stand between the members and the directory of the zip")
    _check_order([entry.name for entry in entries])
    directory = b"".join(_central_head(entry) for entry in entries)
    if content[begins:] != directory + _end_record(len(entries), len(directory), begins):
        raise NotABundle("built again from its members, the zip has another directory: bytes were changed that no member holds")
    return members


def _end_of_zip(content: bytes) -> tuple[int, int]:
    """How many members the end of the zip counts, and where its directory begins."""
    end = len(content) - END_OF_ZIP.size
    if end < 0 or content[end : end + len(END_MARK)] != END_MARK:
        raise NotABundle(_why_no_end(content.rfind(END_MARK), end))
    _, disk, first_disk, here, count, size, begins, comment = END_OF_ZIP.unpack_from(content, end)
    if ZIP64_MARK in content[max(0, end - 20) : end] or 0xFFFF in (here, count) or 0xFFFFFFFF in (size, begins):
        raise NotABundle("it is a zip64, which a bundle never is")
    if disk or first_disk or here != count or comment:
        raise NotABundle("the end of the zip tells of several disks, of other members than it has, or of a comment")
    if begins + size != end:
        raise NotABundle("the directory of the zip does not stand where its end says: bytes were added, dropped or changed")
    return count, begins


def _why_no_end(found: int, end: int) -> str:
    """Why the end of a zip does not stand where it must, by where the last mark of one was found."""
    if found < 0 or end < 0:
        return "no end of a zip is found: it is cut short, or not a zip"
    return "the zip is cut short within its end" if found > end else f"{end - found} bytes follow the end of the zip"


def _central_entries(content: bytes, count: int, begins: int) -> Iterator[CentralEntry]:
    """The directory's entries. What they say beside name, checksum, size and place is compared when all is built again."""
    position = begins
    for number in range(1, count + 1):
        if position + CENTRAL_HEAD.size > len(content) - END_OF_ZIP.size:
            raise NotABundle(f"the directory of the zip ends before member {number} of {count}")
        head = CENTRAL_HEAD.unpack_from(content, position)
        if head[0] != CENTRAL_MARK:
            raise NotABundle(f"member {number} has no entry in the directory of the zip")
        raw = content[position + CENTRAL_HEAD.size : position + CENTRAL_HEAD.size + head[10]]
        entry = CentralEntry(_checked_name(raw), head[7], head[9], head[16])
        _check_plain(entry, head)
        yield entry
        position += CENTRAL_HEAD.size + head[10]


def _checked_name(raw: bytes) -> str:
    name = raw.decode("ascii", "replace")
    if ".." in name.split("/") or name.startswith(("/", "\\")) or "\\" in name or ":" in name:
        raise NotABundle(f"the member name {name!r} leads out of the bundle")
    if name.endswith("/"):
        raise NotABundle(f"the member {name!r} is a directory; a bundle has none")
    if not MEMBER_NAME.fullmatch(name):
        raise NotABundle(f"{name!r} is no name of a member")
    return name


def _check_plain(entry: CentralEntry, head: tuple[int, ...]) -> None:
    """Say in words what would otherwise only differ: compression, secrets, links, extra fields, comments."""
    flags, method, packed = head[3], head[4], head[8]
    if method != 0 or packed != entry.size:
        raise NotABundle(f"{entry.name} is compressed ({packed} bytes for {entry.size}); a bundle's are stored as they are")
    if flags & 1:
        raise NotABundle(f"{entry.name} is encrypted")
    if (head[15] >> 16) & 0xF000 == 0xA000:
        raise NotABundle(f"{entry.name} is a link to something else")
    never = {"flags": flags, "an extra field": head[11], "a comment": head[12], "attributes": head[14] or head[15]}
    if any(never.values()):
        raise NotABundle(
            f"{entry.name} has {', '.join(name for name, value in never.items() if value)}, as no member of a bundle has"
        )


def _member(view: memoryview, entry: CentralEntry, position: int, directory: int) -> memoryview:
    """A member's content, its head and checksum compared. ``position``: where it must begin."""
    if entry.begins != position:
        raise NotABundle(f"{entry.name} begins at byte {entry.begins} and not at {position}: members overlap or leave a gap")
    content = position + LOCAL_HEAD.size + len(entry.name)
    if content + entry.size > directory:
        raise NotABundle(f"{entry.name} says that it has {entry.size} bytes, more than there are")
    if view[position:content] != _local_head(entry):
        raise NotABundle(f"the head of {entry.name} is not the one that its name, size and checksum make")
    inside = view[content : content + entry.size]
    if zlib.crc32(inside) != entry.crc:
        raise NotABundle(f"the content of {entry.name} does not have the checksum that the zip says")
    return inside


def _check_order(names: list[str]) -> None:
    for before, name in pairwise(names):
        if before == name:
            raise NotABundle(f"the member {name} is there twice")
        if before > name:
            raise NotABundle(f"the member {name} stands after {before}: members are in order of name")


def _local_head(entry: CentralEntry) -> bytes:
    name = entry.name.encode()
    sizes = (entry.crc, entry.size, entry.size, len(name), 0)
    return LOCAL_HEAD.pack(LOCAL_MARK, ZIP_VERSION, 0, 0, 0, ZIP_DATE, *sizes) + name


def _central_head(entry: CentralEntry) -> bytes:
    name = entry.name.encode()
    sizes = (entry.crc, entry.size, entry.size, len(name), 0, 0, 0, 0, 0, entry.begins)
    return CENTRAL_HEAD.pack(CENTRAL_MARK, ZIP_VERSION, ZIP_VERSION, 0, 0, 0, ZIP_DATE, *sizes) + name


def _end_record(count: int, size: int, begins: int) -> bytes:
    return END_OF_ZIP.pack(END_MARK, 0, 0, count, count, size, begins, 0)
