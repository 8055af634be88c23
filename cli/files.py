"""Reading the files that users name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ledger.canonical import sha256
from ledger.errors import Fault, InputRefused
from ledger.events import Document


def content(path: str) -> bytes:
    """The file's bytes. Raises InputRefused where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputRefused([Fault(path, None, f"cannot be read: {error.strerror}")]) from None


def document(path: str, data: bytes, obtained_on: date, obtained_how: str = "file given to soc") -> Document:
    """The evidence that a file is: its name and SHA-256, when and how it was obtained."""
    return Document(document=Path(path).name, sha256=sha256(data), obtained_on=obtained_on, obtained_how=obtained_how)
