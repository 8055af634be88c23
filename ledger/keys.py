"""Signing keys: Ed25519, each in a file of its own outside the ledger, which others may not read.

A key is made once and never again: a file that is damaged, empty or something else is told of, and nothing is signed. Beside
it stands the last note that it signed, so that it never signs two records that contradict each other. That file protects
against what is handed over, not against the key's owner: who removes it, or signs with a copy of the key, begins anew.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ledger import notes
from ledger.errors import Refused, Usage
from ledger.notes import CheckpointText, Note, Signature, VerifierKey

_LARGEST = 4096  # bytes; what has more is no key
_SECRET = b"PRIVATE+KEY"
LAST = ".last"
"""What the file of the last note is called, after the name of the key's."""


@dataclass(frozen=True)
class SigningKey:
    """A secret key and the verifier key that its signatures are checked with."""

    verifier: VerifierKey
    seed: bytes = field(repr=False)

    def sign(self, text: bytes) -> Signature:
        """The signature of a note's text."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        value = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text)
        return Signature(self.verifier.name, self.verifier.key_id, value)


def signed(key: VerifierKey, signature: Signature, text: bytes) -> bool:
    """Whether ``signature`` is by ``key``, over ``text``."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not signature.claims(key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature.value, text)
    except (InvalidSignature, ValueError):  # ValueError: bytes that are no public key
        return False
    return True


def signing_key(name: str, seed: bytes) -> SigningKey:
    """The key under ``name`` whose secret is ``seed``, 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return SigningKey(VerifierKey(name, public), seed)


def make(name: str, path: Path) -> SigningKey:
    """A new key under ``name``, in a new file that its owner alone can read.

    Raises ValueError for a name that cannot stand in a note, Refused where there is a file, Usage where there is no folder.
    """
    key = signing_key(notes.check_name(name), secrets.token_bytes(32))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"there is a file at {path} already", do="A key is never written over: name a new file.") from None
    except (FileNotFoundError, NotADirectoryError):
        raise Usage(f"the folder {path.parent} does not exist", do="Make it, or name another file.") from None
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(notes.private_text(key.verifier, key.seed) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)  # half a key helps nobody
        raise
    return key


def read(path: Path) -> SigningKey:
    """The key in a file. Raises Usage where there is no file, Refused where others can read it or it holds no whole key."""
    text = _text(path)
    try:
        name, key_id, seed = notes.parse_private(text.removesuffix("\n"))
    except ValueError as error:
        raise _no_key(path, str(error)) from None
    key = signing_key(name, seed)
    if key.verifier.key_id != key_id:
        raise _no_key(path, "it is damaged: its id is not that of its name and key")
    return key


def _text(path: Path) -> str:
    try:
        data = _bytes(path)
    except FileNotFoundError:
        raise Usage(f"there is no key at {path}", do="Correct the name, or make one with: soc seal new-key NAME FILE") from None
    except OSError as error:
        raise Refused(f"the key at {path} cannot be read: {error.strerror}", do="See to its permissions.") from None
    if not data.strip():
        raise _no_key(path, "it is empty")
    try:
        return data.decode() if len(data) <= _LARGEST else ""
    except UnicodeDecodeError:
        raise _no_key(path, "it is not text") from None


def _bytes(path: Path) -> bytes:
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:  # a pipe would never open
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise _no_key(path, "it is no file")
        if found.st_mode & 0o077:
            advice = f"If none but you has read it: chmod 600 {path}. If others may have, make a new key. Nothing was signed."
            raise Refused(f"others than its owner may read or write the key at {path}", do=advice)
        return file.read(_LARGEST + 1)


def _no_key(path: Path, why: str) -> Refused:
    advice = "Nothing was signed. Put the key back from its copy; a lost one is replaced by a new one, told to all parties."
    return Refused(f"{path} holds no key to sign with: {why}", do=advice)


def is_secret(content: bytes) -> bool:
    """Whether a file's content is a secret key, whole or damaged."""
    return content.startswith(_SECRET)


# --- the last note that a key signed ------------------------------------------------------------------------


@dataclass(frozen=True)
class Memory:
    """The last note that a key signed, in a file beside the key's."""

    path: Path
    key: VerifierKey

    def last(self) -> Note | None:
        """The note; None where nothing was signed yet. Raises Refused where the file is not what was kept."""
        try:
            note = Note.parse(self.path.read_bytes())
            CheckpointText.parse(note.text)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._lost(f"cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise self._lost(f"is damaged: {error}") from None
        if not any(signed(self.key, one, note.text) for one in note.signatures):
            raise self._lost(f"is not signed by {self.key.name}")
        return note

    def keep(self, note: Note) -> None:
        """Keep ``note`` in place of the one before, wholly or not at all; to be called before a signature is shown to anybody.
        Raises Refused where it cannot be kept."""
        try:
            handle, name = tempfile.mkstemp(prefix=self.path.name, dir=self.path.parent)
            try:
                with open(handle, "wb") as file:
                    file.write(note.content())
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, self.path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            _flush(self.path.parent)
        except OSError as error:
            what = f"the last note signed cannot be kept in {self.path}: {error.strerror}"
            raise Refused(what, do="Nothing was signed. Keep the key in a folder that you may write in.") from None

    def _lost(self, why: str) -> Refused:
        advice = f"Nothing was signed. Put your copy of the last note that {self.key.name} signed there."
        return Refused(f"{self.path}, the last note signed with the key, {why}", do=advice)


def _flush(folder: Path) -> None:
    """A name that was changed in a folder outlives a power failure only from then on."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def memory(path: Path, key: SigningKey) -> Iterator[Memory]:
    """What the key in this file signed last, held by one process at a time from reading to keeping."""
    file = path.resolve()
    with open(file, "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield Memory(file.with_name(file.name + LAST), key.verifier)
