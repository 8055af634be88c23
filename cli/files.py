"""Reading the files that users name."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

from ledger.canonical import sha256
from ledger.errors import Fault, InputRefused
from ledger.events import Document
from ledger.imports.personal_numbers import holds_personal_number

LARGEST = 256_000_000
"""So many bytes may a file have."""


def content(path: str) -> bytes:
    """The file's bytes. Raises InputRefused where it cannot be read, is larger than LARGEST, or has a name that must not enter
    the record."""
    _check_name(path)
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            # Room is made for as much as is asked for, so of a file no more is than it has.
            most = min(found.st_size, LARGEST) if stat.S_ISREG(found.st_mode) else LARGEST
            data = file.read(most + 1) if found.st_size <= LARGEST else b""
    except FileNotFoundError:
        raise InputRefused([Fault(path, None, "there is no such file", "Correct its name or folder.")]) from None
    except OSError as error:
        raise InputRefused([Fault(path, None, f"cannot be read: {error.strerror}")]) from None
    except ValueError:
        raise InputRefused([Fault(path, None, "is no name of a file", "Correct its name or folder.")]) from None
    if max(len(data), found.st_size) > LARGEST:
        advice = "See whether it is the right file; if it is, export it in parts."
        raise InputRefused([Fault(path, None, f"is larger than {LARGEST // 1_000_000} MB", advice)])
    return data


def _check_name(path: str) -> None:
    name = Path(path).name
    if holds_personal_number(name):
        what = "its name holds a personal number, which must not enter the record"
        raise InputRefused([Fault("a file", None, what, "Rename the file and import it again.")])
    if not name.isprintable():
        raise InputRefused([Fault(path, None, "its name holds control characters", "Rename the file.")])


def document(path: str, data: bytes, obtained_on: date, obtained_how: str = "file given to soc") -> Document:
    """The evidence that a file is: its name and SHA-256, when and how it was obtained."""
    _check_name(path)
    return Document(document=Path(path).name, sha256=sha256(data), obtained_on=obtained_on, obtained_how=obtained_how)
