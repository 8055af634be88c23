"""Ed25519: the vectors of RFC 8032, and the same answer as ``cryptography`` on everything, however odd."""

from __future__ import annotations

import hashlib
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cli.verifier.ed25519 import FIELD, ORDER, ed25519_holds

VECTORS = [  # RFC 8032, section 7.1: secret key, public key, message, signature
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        hashlib.sha512(b"abc").hexdigest(),
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


def theirs(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold(secret: str, public: str, message: str, signature: str) -> None:
    key, said, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    made = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert (made.public_key().public_bytes_raw(), made.sign(said)) == (key, signed)
    assert ed25519_holds(key, signed, said)
    assert not ed25519_holds(key, signed, said + b"\0")
    for at in range(0, 512, 31):
        changed = bytearray(signed)
        changed[at // 8] ^= 1 << at % 8
        assert not ed25519_holds(key, bytes(changed), said)


def test_an_s_that_is_too_large_is_refused() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"m")
    assert ed25519_holds(public, signature, b"m")
    s = int.from_bytes(signature[32:], "little")
    for larger in (s + ORDER, s + 2 * ORDER, s + 8 * ORDER, 2**256 - 1):
        if larger < 2**256:
            malleable = signature[:32] + larger.to_bytes(32, "little")
            assert not ed25519_holds(public, malleable, b"m")
            assert not theirs(public, malleable, b"m")


@pytest.mark.parametrize("length", [0, 31, 33, 63, 65])
def test_other_lengths_are_refused(length: int) -> None:
    public = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    assert not ed25519_holds(public, bytes(length), b"m")
    assert not ed25519_holds(bytes(length), bytes(64), b"m")


def encodings() -> list[bytes]:
    """Points of small order, both signs, and y beyond the field: every spelling that readers have disagreed about."""
    eighth = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
    small = [0, 1, FIELD - 1, eighth, FIELD - eighth, *range(2, 19)]
    every = [y + more for y in small for more in (0, FIELD) if y + more < 2**255]
    return [(y | sign << 255).to_bytes(32, "little") for y in every for sign in (0, 1)]


def test_odd_points_get_the_same_answer_as_from_cryptography() -> None:
    answers = []
    for key in encodings():
        for r in [*encodings()[:16], key]:
            for s in (0, 1, ORDER):
                signature = r + s.to_bytes(32, "little")
                answers.append(ed25519_holds(key, signature, b"m"))
                assert answers[-1] == theirs(key, signature, b"m"), (key.hex(), signature.hex())
    assert True in answers
    assert False in answers


def test_random_input_gets_the_same_answer_as_from_cryptography() -> None:
    chance = Random(8032)
    for number in range(150):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        message = chance.randbytes(number)
        parts = [key.public_key().public_bytes_raw(), key.sign(message), message]
        assert ed25519_holds(*parts)
        which = chance.randrange(3 if message else 2)
        changed = bytearray(parts[which])
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        parts[which] = bytes(changed)
        assert ed25519_holds(*parts) == theirs(*parts)
        noise = chance.randbytes(32), chance.randbytes(64)
        assert ed25519_holds(*noise, message) == theirs(*noise, message)
