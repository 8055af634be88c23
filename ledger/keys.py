"""Signing keys: Ed25519, each in a file of its own outside the ledger, which others may not read.

A key is made once and never again: a file that is damaged, empty or something else is told of, and nothing is signed.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

from ledger import notes
from ledger.errors import Refused, Usage
from ledger.notes import Signature, VerifierKey

_LARGEST = 4096  # bytes; what has more is no key


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
