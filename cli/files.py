"""Reading the files that users name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ledger.canonical import sha256
from ledger.errors import Fault, InputRefused
from ledger.events import Document
from ledger.imports.tables import holds_personal_number


def content(path: str) -> bytes:
    """The file's bytes. Raises InputRefused where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise InputRefused([Fault(path, None, "there is no such file")]) from None
    except OSError as error:
        raise InputRefused([Fault(path, None, f"cannot be read: {error.strerror}")]) from None


def document(path: str, data: bytes, obtained_on: date, obtained_how: str = "file given to soc") -> Document:
    """The evidence that a file is: its name and SHA-256, when and how it was obtained."""
    name = Path(path).name
    if holds_personal_number(name):
        what = "its name holds a personal number, which must not enter the record"
        raise InputRefused([Fault("a file", None, what, "rename the file and import it again")])
    if not name.isprintable():
        raise InputRefused([Fault("a file", None, "its name holds control characters", "rename the file")])
    return Document(document=name, sha256=sha256(data), obtained_on=obtained_on, obtained_how=obtained_how)
