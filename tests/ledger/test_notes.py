"""Checkpoints, notes and keys are those of C2SP and of Go's note package: others' examples read, and write back the same."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import keys, notes
from ledger.notes import CheckpointText, Note, Proof, Signature, VerifierKey

# RFC 8032, section 7.1, test 1.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

# The example of Go's package golang.org/x/mod/sumdb/note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_gos_example_reads_verifies_and_is_signed_the_same() -> None:
    name, key_id, seed = notes.parse_private(GO_PRIVATE)
    key = VerifierKey.parse(GO_VERIFIER)
    assert (name, key_id) == (key.name, key.key_id)
    assert str(key) == GO_VERIFIER
    assert notes.private_text(key, seed) == GO_PRIVATE
    note = Note.parse(GO_NOTE.encode())
    assert note.text == GO_TEXT.encode()
    assert note.content() == GO_NOTE.encode()
    assert [keys.signed(key, one, note.text) for one in note.signatures] == [True]
    assert keys.SigningKey(key, seed).sign(note.text) == note.signatures[0]


def test_a_key_is_named_by_its_name_and_itself() -> None:
    key = VerifierKey("tiny.se/economy", PUBLIC)
    assert key.key_id == sha256(b"tiny.se/economy\n\x01" + PUBLIC).digest()[:4]
    assert VerifierKey.parse(str(key)) == key
    assert key.key_id != VerifierKey("tiny.se", PUBLIC).key_id


VKEY = str(VerifierKey("tiny.se", PUBLIC))
SECRET = notes.private_text(VerifierKey("tiny.se", PUBLIC), SEED)


@pytest.mark.parametrize("at", range(len(VKEY)))
def test_a_verifier_key_with_any_letter_changed_is_none(at: int) -> None:
    other = "B" if VKEY[at] != "B" else "C"
    with pytest.raises(ValueError, match="key"):
        VerifierKey.parse(VKEY[:at] + other + VKEY[at + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "a", "a+b", VKEY[:-1], VKEY + "=", VKEY + "\n", " " + VKEY, VKEY.replace(".se+", ".se++"), "+" + VKEY, SECRET],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        VerifierKey.parse(text)


@pytest.mark.parametrize(
    "text", ["", VKEY, SECRET[:-1], SECRET.lower(), SECRET.replace("+A", "+C"), SECRET + "AAAA", "PRIVATE+KEY+"]
)
def test_what_is_no_secret_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        notes.parse_private(text)
    assert b64encode(SEED).decode()[:10] not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x7fb", "a\u2028b", "\u202eab"])
def test_names_that_cannot_stand_in_a_note_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no spaces, plus signs"):
        notes.check_name(name)


ROOT = sha256(b"root").digest()


@given(
    st.text(st.characters(codec="utf-8", min_codepoint=32), min_size=1),
    st.integers(1, 2**53),
    st.binary(min_size=32, max_size=32),
)
def test_every_checkpoint_reads_back(origin: str, size: int, root: bytes) -> None:
    said = CheckpointText(origin, size % 10**16 or 1, root)
    assert CheckpointText.parse(said.text()) == said


GOOD = CheckpointText("soc-ledger/" + "0" * 32, 12, ROOT).text()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n12\n" + b64encode(ROOT) + b"\n",
        GOOD[:-1],
        GOOD + b"extension\n",
        GOOD.replace(b"\n12\n", b"\n012\n"),
        GOOD.replace(b"\n12\n", b"\n0\n"),
        GOOD.replace(b"\n12\n", b"\n-12\n"),
        GOOD.replace(b"\n12\n", "\n١٢\n".encode()),
        GOOD.replace(b"\n12\n", b"\n" + b"9" * 5000 + b"\n"),
        GOOD.replace(b64encode(ROOT), b64encode(ROOT[:-1])),
        GOOD.replace(b64encode(ROOT), b64encode(ROOT) + b"="),
        GOOD.replace(b"=\n", b"\n"),
        GOOD.replace(b"\n", b"\r\n"),
        b"\xff" + GOOD,
    ],
)
def test_what_is_no_checkpoint_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"checkpoint|fingerprint|UTF-8|control"):
        CheckpointText.parse(text)


def test_base64_has_one_way_to_be_written() -> None:
    """The last letter before the = has two bits that say nothing; other bits there are another text with the same meaning."""
    coded = b64encode(ROOT).decode()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = coded[:-2] + letters[letters.index(coded[-2]) + 1] + "="
    assert b64decode(other) == ROOT
    with pytest.raises(ValueError, match="not base64"):
        CheckpointText.parse(GOOD.replace(coded.encode(), other.encode()))


names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="+"), min_size=1).filter(
    str.isprintable
)
signatures = st.builds(Signature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80))


@given(st.lists(signatures, min_size=1, max_size=4, unique_by=lambda one: (one.name, one.key_id)))
def test_every_note_reads_back(signed: list[Signature]) -> None:
    note = Note(GOOD, tuple(signed))
    assert Note.parse(note.content()) == note


SIGNED = Note(GOOD).signed(keys.SigningKey(VerifierKey("tiny.se", PUBLIC), SEED).sign(GOOD))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        GOOD,
        GOOD + b"\n",
        SIGNED.content()[:-1],
        SIGNED.content() + b"\n",
        SIGNED.content() + SIGNED.signatures[0].line(),
        SIGNED.content().replace("— ".encode(), b"- "),
        SIGNED.content().replace(b"tiny.se", b"tiny se"),
        SIGNED.content().replace(b"\n", b"\r\n"),
        SIGNED.content().replace(b"tiny.se ", b"tiny.se  "),
        GOOD + b"\n" + "— tiny.se AAAA\n".encode(),
    ],
)
def test_what_is_no_note_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"note|signature|control|name of a key"):
        Note.parse(content)


def test_a_note_with_any_byte_changed_is_none_or_not_signed() -> None:
    key, content = VerifierKey("tiny.se", PUBLIC), SIGNED.content()
    for at in range(len(content)):
        for flip in (1, 32, 128):
            changed = content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :]
            try:
                note = Note.parse(changed)
            except ValueError:
                continue
            assert not any(keys.signed(key, one, note.text) for one in note.signatures), changed


def test_a_signature_by_another_key_or_of_another_text_does_not_hold() -> None:
    key, [signature] = VerifierKey("tiny.se", PUBLIC), SIGNED.signatures
    assert keys.signed(key, signature, GOOD)
    assert not keys.signed(
        VerifierKey("tiny.se", bytes(32)), Signature("tiny.se", notes.key_id("tiny.se", bytes(32)), bytes(64)), GOOD
    )
    assert not keys.signed(VerifierKey("other.se", PUBLIC), signature, GOOD)
    assert not keys.signed(key, signature, GOOD + b"\n")
    assert not keys.signed(key, Signature("tiny.se", key.key_id, signature.value + b"\x00"), GOOD)


def test_a_proof_is_canonical_and_reads_back() -> None:
    proof = Proof(3, 7, (ROOT, bytes(32)))
    assert proof.content() == b'{"from":3,"hashes":["%s","%s"],"to":7}' % (ROOT.hex().encode(), b"0" * 64)
    assert Proof.parse(proof.content() + b"\n") == proof


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"from":3,"to":7}',
        b'{"from":3,"hashes":[],"to":7,"more":1}',
        b'{"from":true,"hashes":[],"to":7}',
        b'{"from":3.0,"hashes":[],"to":7}',
        b'{"from":0,"hashes":[],"to":7}',
        b'{"from":3,"hashes":"00","to":7}',
        b'{"from":3,"hashes":["00"],"to":7}',
        b'{"from":3,"hashes":[1],"to":7}',
        b'{"from":3,"hashes":[' + b",".join([b'"' + b"0" * 64 + b'"'] * 129) + b'],"to":7}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_proof_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="proof"):
        Proof.parse(content)
