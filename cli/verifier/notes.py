"""Checkpoints as signed notes, and the keys that they are verified with (C2SP signed-note and tlog-checkpoint)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from cli.verifier.ed25519 import ed25519_holds

ORIGIN_BEGINS = "soc-ledger/"
KIND_OF_KEY = b"\x01"
"""Ed25519, as signed-note numbers it."""
NOTE_LARGEST = 1_000_000
"""Bytes: a note is a few lines, with as many signatures as there are parties."""

_SIZE_TEXT = re.compile(r"[1-9][0-9]{0,15}")


class GivenKey(NamedTuple):
    """A key as it was given out of band: the signer's name, 4 bytes that tell its keys apart, and 32 bytes of Ed25519."""

    name: str
    key_id: bytes
    public: bytes


class NoteSignature(NamedTuple):
    """What a signature line claims."""

    name: str
    key_id: bytes
    signature: bytes


class SignedNote(NamedTuple):
    """A checkpoint: the log's origin, how many records, the root over them; the text that is signed, and the signatures."""

    origin: str
    size: int
    root: bytes
    text: bytes
    signatures: tuple[NoteSignature, ...]


def origin_of(first_leaf: bytes) -> str:
    """The name of the log that begins with this record."""
    return ORIGIN_BEGINS + first_leaf.hex()[:32]


def key_id_of(name: str, public: bytes) -> bytes:
    """The 4 bytes that tell a signer's keys apart."""
    return hashlib.sha256(name.encode() + b"\n" + KIND_OF_KEY + public).digest()[:4]


def _is_signer(name: str) -> bool:
    return bool(name) and name.isprintable() and not set(name) & {" ", "+"}


def _unbase64(text: str) -> bytes:
    """Raises ValueError for any other spelling than the usual one."""
    content = b64decode(text.encode("ascii"), validate=True)
    if b64encode(content).decode() != text:
        raise ValueError("base64 in another spelling than the usual")
    return content


def read_key(content: bytes) -> GivenKey:
    """The key that ``NAME+KEYID+BASE64`` says. Raises ValueError."""
    text = content.decode().strip()
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise ValueError(f"{text[:100]!r} is no key to verify with, which reads NAME+KEYID+BASE64")
    name, key_id, encoded = parts
    if name == "PRIVATE":
        raise ValueError("that is a secret key: give the one to verify with, and keep this one to yourself")
    try:
        content = _unbase64(encoded)
    except ValueError:
        raise ValueError(f"the key of {name} is not written in base64") from None
    if content[:1] != KIND_OF_KEY or len(content) != 33 or not _is_signer(name):
        raise ValueError(f"the key of {name} is not an Ed25519 key")
    if key_id_of(name, content[1:]).hex() != key_id:
        raise ValueError(f"the key of {name} does not have the id {key_id} that it says: it was copied wrongly")
    return GivenKey(name, bytes.fromhex(key_id), content[1:])


def read_note(content: bytes) -> SignedNote:
    """The checkpoint that a note says, its signatures not yet verified. Raises ValueError."""
    if len(content) > NOTE_LARGEST:
        raise ValueError("it is too large for a checkpoint")
    text, gap, signed = content.decode().partition("\n\n")
    if any(ord(letter) < 0x20 and letter != "\n" for letter in text + signed):
        raise ValueError("it holds control characters")
    if not gap or not signed.endswith("\n"):
        raise ValueError("it is not a text, an empty line and signatures, each line ended")
    lines = text.split("\n")
    if len(lines) != 3 or not lines[0] or not _SIZE_TEXT.fullmatch(lines[1]):
        raise ValueError("its text is not three lines: origin, number of records, fingerprint")
    root = _unbase64(lines[2])
    if len(root) != 32:
        raise ValueError("its fingerprint is not 32 bytes")
    signatures = tuple(_signature(line) for line in signed[:-1].split("\n"))
    if len({(one.name, one.key_id) for one in signatures}) != len(signatures):
        raise ValueError("one key has signed it twice")
    return SignedNote(lines[0], int(lines[1]), root, (text + "\n").encode(), signatures)


def _signature(line: str) -> NoteSignature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not _is_signer(name):
        raise ValueError(f"{line[:40]!r} is no line of a signature")
    content = _unbase64(encoded)
    if len(content) < 5:
        raise ValueError(f"the signature of {name} is cut short")
    return NoteSignature(name, content[:4], content[4:])


def signed_by(note: SignedNote, key: GivenKey) -> bool | None:
    """Whether the signature that says it is by this key is; None where there is none."""
    for one in note.signatures:
        if (one.name, one.key_id) == (key.name, key.key_id):
            return ed25519_holds(key.public, one.signature, note.text)
    return None
