"""The files of ``soc seal``: keys and what they signed last, notes and proofs, and what no answer may be written over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli import files
from cli.options import Parsed
from ledger import keys
from ledger.errors import Refused, Usage
from ledger.notes import Note, VerifierKey

VERIFIER = Parsed("verifier key", VerifierKey.parse)
"""A party's key that its signatures are checked by."""


@contextmanager
def signing(path: str | None, file: str) -> Iterator[tuple[keys.SigningKey, keys.Memory]]:
    """The key to sign with, and what it signed last."""
    if path is None:
        raise Usage("a key is needed to sign with: --key FILE, or SOC_KEY", do="Make one with: soc seal new-key NAME FILE")
    if file != "-" and Path(file).resolve() == Path(path).resolve():
        raise Usage(f"{file} is the key itself", do="Name another file with -o.")
    check_free(file, as_note)
    secret = keys.read(Path(path))
    with keys.memory(Path(path), secret) as memory:
        yield secret, memory


def check_free(file: str, parse: Callable[[bytes], object] | None = None) -> None:
    """Refuse to answer into a file with what a key remembers; with ``parse``, also into one with anything but what it reads. Into
    a key no command answers (``options.writable``)."""
    path = Path(file).resolve()
    if file == "-" or not path.is_file():
        return
    try:
        there = path.read_bytes()
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}", do="Name a new file with -o.") from None
    if path.name.endswith(keys.LAST) and path.with_name(path.name.removesuffix(keys.LAST)).exists():
        raise Refused(f"{file} is the last note that a key signed", do="Name another file with -o.")
    if parse is not None and there.strip():
        try:
            parse(there)
        except (ValueError, RecursionError):
            raise Refused(f"there is another file at {file}, which is not of this kind", do="Name a new one with -o.") from None


def as_note(content: bytes) -> Note:
    """The note in an answer, as text or as JSON. Raises ValueError where there is none."""
    try:
        return Note.parse(content)
    except ValueError:
        said = json.loads(content)
        if not (isinstance(said, dict) and isinstance(said.get("note"), str)):
            raise
        return Note.parse(said["note"].encode())


def parsed(path: str, parse: Any) -> Any:
    """What a file of another party's holds. Raises Refused where it is not that."""
    try:
        return parse(files.content(path))
    except ValueError as error:
        raise Refused(f"{path}: {error}", do="Ask for the file again, as it was written.") from None


def write_new(path: Path, content: bytes) -> None:
    """Never over another file."""
    if path.exists() and path.is_file() and path.read_bytes() == content:
        return
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise Refused(f"there is another file at {path}", do="Name a new one.") from None
