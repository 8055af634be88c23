"""The tree is RFC 9162's, at every size."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle

CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The inputs of Certificate Transparency's own tests, and the root after each."""
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(bodies: list[bytes]) -> bytes:
    """MTH, word for word from RFC 9162, section 2.1.1."""
    n = len(bodies)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + bodies[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + naive_root(bodies[:k]) + naive_root(bodies[k:])).digest()


def test_equals_the_naive_tree_at_every_size() -> None:
    bodies = [str(number).encode() for number in range(300)]
    peaks: tuple[bytes, ...] = ()
    for size, body in enumerate(bodies):
        assert merkle.root(peaks) == naive_root(bodies[:size])
        assert len(peaks) == size.bit_count()
        peaks = merkle.peaks_after(peaks, size, merkle.leaf_hash(body))


def test_equals_certificate_transparency() -> None:
    peaks: tuple[bytes, ...] = ()
    for size, (leaf, root) in enumerate(zip(CT_LEAVES, CT_ROOTS, strict=True)):
        peaks = merkle.peaks_after(peaks, size, merkle.leaf_hash(leaf))
        assert merkle.root(peaks).hex() == root


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root(()) == sha256(b"").digest()


def test_peaks_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves has 2 peaks, not 1"):
        merkle.peaks_after((bytes(32),), 3, bytes(32))


# --- proofs -------------------------------------------------------------------------------------------------

LEAVES = [merkle.leaf_hash(str(number).encode()) for number in range(300)]
CT_HASHED = [merkle.leaf_hash(leaf) for leaf in CT_LEAVES]
CT_INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CT_CONSISTENCY = {
    (1, 8): CT_INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
"""The paths and proofs of Certificate Transparency's own tests."""


@pytest.mark.parametrize(("place", "proof"), CT_INCLUSION.items())
def test_inclusion_is_proved_as_in_certificate_transparency(place: tuple[int, int], proof: list[str]) -> None:
    index, size = place
    assert [one.hex() for one in merkle.inclusion_proof(CT_HASHED[:size], index)] == proof


@pytest.mark.parametrize(("sizes", "proof"), CT_CONSISTENCY.items())
def test_consistency_is_proved_as_in_certificate_transparency(sizes: tuple[int, int], proof: list[str]) -> None:
    first, second = sizes
    assert [one.hex() for one in merkle.consistency_proof(CT_HASHED[:second], first)] == proof


def test_the_root_of_the_leaves_is_that_of_the_peaks() -> None:
    peaks: tuple[bytes, ...] = ()
    for size, leaf in enumerate(LEAVES):
        assert merkle.root_of(LEAVES[:size]) == merkle.root(peaks)
        peaks = merkle.peaks_after(peaks, size, leaf)


SMALL = 40


def test_every_leaf_of_every_small_tree_is_proved() -> None:
    for size in range(1, SMALL):
        top = merkle.root_of(LEAVES[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(LEAVES[:size], index)
            assert merkle.verify_inclusion(index, size, LEAVES[index], top, proof)
            assert not merkle.verify_inclusion(index, size, LEAVES[size], top, proof)
            wrong = [other for other in range(size) if merkle.verify_inclusion(other, size, LEAVES[index], top, proof)]
            assert wrong == [index]


def test_every_pair_of_small_trees_is_proved() -> None:
    roots = [merkle.root_of(LEAVES[:size]) for size in range(SMALL)]
    for second in range(1, SMALL):
        for first in range(1, second + 1):
            proof = merkle.consistency_proof(LEAVES[:second], first)
            assert merkle.verify_consistency(first, second, roots[first], roots[second], proof)
            assert bool(proof) == (first != second)
            for other in range(1, second + 1):
                holds = merkle.verify_consistency(other, second, roots[first], roots[second], proof)
                assert holds == (other == first), (first, other, second)


@settings(deadline=None)
@given(st.integers(1, 299), st.data())
def test_a_proof_that_was_tampered_with_does_not_hold(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    roots = merkle.root_of(LEAVES[:first]), merkle.root_of(LEAVES[:second])
    proof = merkle.consistency_proof(LEAVES[:second], first)
    assert merkle.verify_consistency(first, second, *roots, proof)
    other = data.draw(st.sampled_from([LEAVES[0], *roots, *proof, bytes(32)]))
    at = data.draw(st.integers(0, len(proof)))
    assert not merkle.verify_consistency(first, second, *roots, [*proof[:at], other, *proof[at:]])
    if at < len(proof):
        assert not merkle.verify_consistency(first, second, *roots, proof[:at] + proof[at + 1 :])
        flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        assert not merkle.verify_consistency(first, second, *roots, [*proof[:at], flipped, *proof[at + 1 :]])
    assert not merkle.verify_consistency(first, second, bytes(32), roots[1], proof)
    assert not merkle.verify_consistency(first, second, roots[0], bytes(32), proof)


@settings(deadline=None)
@given(st.integers(1, 299), st.data())
def test_a_leaf_that_was_changed_is_not_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    top, proof = merkle.root_of(LEAVES[:size]), merkle.inclusion_proof(LEAVES[:size], index)
    at = data.draw(st.integers(0, len(proof)))
    assert not merkle.verify_inclusion(index, size, bytes(32), top, proof)
    assert not merkle.verify_inclusion(index, size, LEAVES[index], top, [*proof[:at], bytes(32), *proof[at:]])
    if at < len(proof):
        assert not merkle.verify_inclusion(index, size, LEAVES[index], top, proof[:at] + proof[at + 1 :])


def test_proofs_of_what_is_no_tree_are_refused() -> None:
    for first in (-1, 0, 4):
        with pytest.raises(ValueError, match="no tree to begin from"):
            merkle.consistency_proof(LEAVES[:3], first)
    for index in (-1, 3):
        with pytest.raises(ValueError, match="there is no leaf"):
            merkle.inclusion_proof(LEAVES[:3], index)
    top = merkle.root_of(LEAVES[:3])
    for first, second in ((0, 3), (-1, 3), (4, 3), (0, 0)):
        assert not merkle.verify_consistency(first, second, top, top, [])
    assert not merkle.verify_consistency(2, 3, top, top, [])
    assert not merkle.verify_consistency(3, 5, top, top, [])
    assert not merkle.verify_inclusion(3, 3, LEAVES[2], top, [])
    assert not merkle.verify_inclusion(-1, 3, LEAVES[2], top, [])
