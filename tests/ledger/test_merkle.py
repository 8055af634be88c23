"""The tree is RFC 9162's, at every size."""

from __future__ import annotations

from hashlib import sha256

import pytest

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
