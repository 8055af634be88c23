"""The lines of an absence report: columns of integers stored *beside* the hashed body, and the salted commitments
that bind the body to them (decision 6).

commitment(i) = SHA-256(salt(i) ‖ canonical JSON of line i), salt(i) = HMAC-SHA-256(secret, i as 8 bytes big-endian), i from 0.
The body holds the count and the SHA-256 of all commitments in order: a line can be opened alone with its salt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.canonical import canonical

CAUSES = ("sick", "work-injury", "covid")
"""Why an employee is absent; columns hold the index."""

OPEN = 0
"""``last_day`` of a spell still going on at the end of the reported period."""


@dataclass(frozen=True)
class Lines:
    """One report's lines as parallel columns.

    ``employee``: tokens. ``workplace``: index into ``workplaces``. ``first_day``, ``last_day``: YYYYMMDD, ``OPEN`` for a
    spell still going on. ``extent``: per cent 0–100, 0 withdraws. ``cause``: index into CAUSES. ``secret``: 32 bytes.
    """

    workplaces: tuple[str, ...]
    employee: tuple[int, ...]
    workplace: tuple[int, ...]
    first_day: tuple[int, ...]
    last_day: tuple[int, ...]
    extent: tuple[int, ...]
    cause: tuple[int, ...]
    secret: bytes

    def __len__(self) -> int:
        return len(self.employee)

    def texts(self) -> Iterator[bytes]:
        """Each line's canonical JSON, the bytes that its commitment covers."""
        names = [json.dumps(name, ensure_ascii=False) for name in self.workplaces]
        for employee, workplace, first, last, extent, cause in zip(
            self.employee, self.workplace, self.first_day, self.last_day, self.extent, self.cause, strict=True
        ):
            yield (
                f'{{"cause":"{CAUSES[cause]}","employee":{employee},"extent":{extent},"first_day":{first},'
                f'"last_day":{last},"workplace":{names[workplace]}}}'
            ).encode()

    def commitments(self) -> Iterator[bytes]:
        """The 32-byte commitment of each line, in order."""
        inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in self.secret.ljust(64, b"\0"))) for pad in (0x36, 0x5C))
        for number, text in enumerate(self.texts()):
            # HMAC-SHA-256 (RFC 2104) of a key that is the same for every line: its two halves are begun once.
            within, salt = inner.copy(), outer.copy()
            within.update(number.to_bytes(8, "big"))
            salt.update(within.digest())
            yield hashlib.sha256(salt.digest() + text).digest()

    def commitment(self) -> str:
        """What the hashed body carries: SHA-256 over all commitments, in hexadecimal."""
        return hashlib.sha256(b"".join(self.commitments())).hexdigest()

    def stored(self) -> bytes:
        """The columns as canonical JSON, as the log keeps them beside the body."""
        columns = {name: list(getattr(self, name)) for name in COLUMNS}
        return canonical({**columns, "workplaces": list(self.workplaces), "secret": self.secret.hex()})

    @classmethod
    def read(cls, stored: bytes) -> Lines:
        """The lines from what the log keeps. ``checked`` reads them without trust; this is the quick way."""
        value = json.loads(stored)
        columns = {name: tuple(value[name]) for name in COLUMNS}
        return cls(workplaces=tuple(value["workplaces"]), secret=bytes.fromhex(value["secret"]), **columns)

    @classmethod
    def checked(cls, stored: bytes) -> Lines:
        """The lines, if they are exactly what ``stored`` writes: no other keys, whole numbers within their bounds. Raises
        ValueError."""
        value = json.loads(stored)
        if not isinstance(value, dict) or value.keys() != {*COLUMNS, "workplaces", "secret"} or canonical(value) != stored:
            raise ValueError("the lines are not written as they were recorded")
        bounds = {**LARGEST, "workplace": len(value["workplaces"]) - 1}
        for name in COLUMNS:
            column = value[name]
            if column and not (set(map(type, column)) == {int} and min(column) >= 0 and max(column) <= bounds[name]):
                raise ValueError(f"a line's {name} is none that can be recorded")
        return cls.read(stored)


COLUMNS = ("employee", "workplace", "first_day", "last_day", "extent", "cause")

LARGEST = {"employee": 2**53, "first_day": 99991231, "last_day": 99991231, "extent": 100, "cause": len(CAUSES) - 1}
"""The largest number that a column may hold; none may hold one below 0."""


def committed(stored: bytes | None, count: int, sha256: str) -> bool:
    """Whether what stands beside a report's body is exactly the lines that the body is bound to."""
    try:
        lines = Lines.checked(stored or b"")
        return len(lines) == count and lines.commitment() == sha256
    except (ValueError, KeyError, TypeError, IndexError):
        return False
