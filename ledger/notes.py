"""What parties hand each other about the record: checkpoints, signed notes, keys and proofs, as text. Pure.

The formats are those of C2SP (tlog-checkpoint, signed-note) and of Go's note package, so that others' programs read them.
Every text here has one way to be written: what reads, writes back to the same bytes. Nothing here tells whether a signature
is right.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from ledger.canonical import canonical

_ED25519 = b"\x01"
"""The kind of signature, before every key."""
_DASH = "— "
_SIZE = re.compile(r"[1-9][0-9]{0,15}")
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_HASH = re.compile(r"[0-9a-f]{64}")
_NOTE_LARGEST = 1_000_000  # bytes; a note is a few lines, with as many signatures as there are parties
_PROOF_LONGEST = 128  # hashes; no tree of as many records as a size can say needs more


def origin(first_leaf: bytes) -> str:
    """The name of a ledger in its checkpoints, made of the leaf of its first record."""
    return f"soc-ledger/{first_leaf.hex()[:32]}"


def check_name(name: str) -> str:
    """The name of a key. Raises ValueError for one that cannot stand in a note: empty, with spaces, plus signs or control
    characters."""
    if not name or not name.isprintable() or "+" in name or " " in name:
        raise ValueError("the name of a key has no spaces, plus signs or control characters, such as botkyrka.se/economy")
    return name


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes that name a key in its signatures. ``public``: the 32 bytes of the public key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _bytes(text: str, what: str) -> bytes:
    """Base64, written as it is always written. Raises ValueError for what is not."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = b""
    if not data or b64encode(data).decode() != text:
        raise ValueError(f"{what} is not base64")
    return data


# --- keys ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VerifierKey:
    """Whom a signature is by: a name and the 32 bytes of an Ed25519 public key. As text: ``NAME+KEYID+BASE64``."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in its signatures."""
        return key_id(self.name, self.public)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key that a text says. Raises ValueError for what is no verifier key, or names another key than it holds."""
        name, said, public = _key(text, "verifier key")
        key = cls(name, public)
        if key.key_id.hex() != said:
            raise ValueError("the verifier key is damaged: its id is not that of its name and key")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64encode(_ED25519 + self.public).decode()}"


_PRIVATE = "PRIVATE+KEY+"


def private_text(key: VerifierKey, seed: bytes) -> str:
    """A secret key as it stands in its file; ``seed``: its 32 bytes."""
    return f"{_PRIVATE}{key.name}+{key.key_id.hex()}+{b64encode(_ED25519 + seed).decode()}"


def parse_private(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and the 32 bytes of a secret key. Raises ValueError, which never quotes the text."""
    if not text.startswith(_PRIVATE):
        raise ValueError(f"a secret key begins with {_PRIVATE}")
    name, said, seed = _key(text.removeprefix(_PRIVATE), "secret key")
    return name, bytes.fromhex(said), seed


def _key(text: str, what: str) -> tuple[str, str, bytes]:
    """Name, key id and 32 bytes."""
    parts = text.split("+", 2)  # base64 has plus signs of its own
    if len(parts) != 3 or not _KEY_ID.fullmatch(parts[1]):
        raise ValueError(f"a {what} is NAME+KEYID+BASE64, the id of eight hex digits")
    data = _bytes(parts[2], f"what the {what} holds")
    if data[:1] != _ED25519 or len(data) != 33:
        raise ValueError(f"the {what} is not an Ed25519 key")
    return check_name(parts[0]), parts[1], data[1:]


# --- checkpoints and notes ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckpointText:
    """What a checkpoint says: the first ``size`` records of the ledger ``origin`` have this root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: bytes) -> CheckpointText:
        """What a text says. Raises ValueError for what is no checkpoint of exactly three lines."""
        lines = _decoded(text).split("\n")
        if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
            raise ValueError("a checkpoint has three lines: the ledger's name, how many records, and their fingerprint")
        found = cls(lines[0], int(lines[1]), _bytes(lines[2], "the fingerprint"))
        if len(found.root) != 32:
            raise ValueError("the fingerprint of a checkpoint has 32 bytes")
        return found

    def text(self) -> bytes:
        """As it is signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()


@dataclass(frozen=True)
class Signature:
    """A line under a note: who signed, by which key, and the signature's bytes, 64 where it is Ed25519."""

    name: str
    key_id: bytes
    value: bytes

    @classmethod
    def parse(cls, line: bytes) -> Signature:
        """The signature of a line, its newline included. Raises ValueError for what is none."""
        text = _decoded(line)
        name, space, coded = text.removeprefix(_DASH).removesuffix("\n").partition(" ")
        if not (text.startswith(_DASH) and text.endswith("\n") and space):
            raise ValueError("a signature stands on a line: — NAME BASE64")
        data = _bytes(coded, "a signature")
        if len(data) < 5:
            raise ValueError("a signature has four bytes for its key and more for itself")
        return cls(check_name(name), data[:4], data[4:])

    def line(self) -> bytes:
        """As it stands under a note."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.value).decode()}\n".encode()

    def claims(self, key: VerifierKey) -> bool:
        """Whether it says that it is by this key."""
        return (self.name, self.key_id) == (key.name, key.key_id)


@dataclass(frozen=True)
class Note:
    """A text and the signatures under it."""

    text: bytes
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def parse(cls, content: bytes) -> Note:
        """The note that a file holds. Raises ValueError for what is no signed note, is larger than 1 MB, or has a signature
        twice."""
        if len(content) > _NOTE_LARGEST:
            raise ValueError("it is too large for a signed note")
        above, empty, below = content.rpartition(b"\n\n")
        if not (empty and below.endswith(b"\n")):
            raise ValueError("a signed note is a text, an empty line, and lines with signatures")
        signatures = tuple(Signature.parse(line + b"\n") for line in below[:-1].split(b"\n"))
        if len({(one.name, one.key_id) for one in signatures}) != len(signatures):
            raise ValueError("a key has signed the note twice")
        return cls(above + b"\n", signatures)

    def content(self) -> bytes:
        """As it is handed over."""
        return self.text + b"\n" + b"".join(one.line() for one in self.signatures)

    def signed(self, signature: Signature) -> Note:
        """The note with one signature more."""
        return replace(self, signatures=(*self.signatures, signature))

    def by(self, key: VerifierKey) -> Signature | None:
        """The signature that says it is by this key."""
        return next((one for one in self.signatures if one.claims(key)), None)


def _decoded(text: bytes) -> str:
    """UTF-8 without control characters but the newline. Raises ValueError for anything else."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        raise ValueError("a note is text in UTF-8") from None
    if any(char < " " and char != "\n" for char in decoded):
        raise ValueError("a note holds no control characters")
    return decoded


# --- proofs -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """Shows that the ``first`` records are the beginning of the ``second``. As text: canonical JSON."""

    first: int
    second: int
    hashes: Sequence[bytes]

    @classmethod
    def parse(cls, content: bytes) -> Proof:
        """The proof that a file holds. Raises ValueError for what is none."""
        try:
            said = json.loads(content)
        except (ValueError, RecursionError):
            raise ValueError("the proof is not JSON") from None
        if not isinstance(said, dict) or set(said) != {"from", "hashes", "to"}:
            raise ValueError("a proof says from, hashes and to, and nothing else")
        if not (_is_size(said["from"]) and _is_size(said["to"])):
            raise ValueError("a proof is from one number of records to another")
        if not _are_hashes(said["hashes"]):
            raise ValueError("the hashes of a proof are a list of 64 hex digits each")
        return cls(said["from"], said["to"], tuple(bytes.fromhex(one) for one in said["hashes"]))

    def content(self) -> bytes:
        """As it is handed over."""
        return canonical({"from": self.first, "hashes": [one.hex() for one in self.hashes], "to": self.second})


def _is_size(value: Any) -> bool:
    return type(value) is int and 1 <= value < 2**53


def _are_hashes(value: Any) -> bool:
    if not isinstance(value, list) or len(value) > _PROOF_LONGEST:
        return False
    return all(isinstance(one, str) and _HASH.fullmatch(one) for one in value)
