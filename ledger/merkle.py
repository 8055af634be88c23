"""The Merkle tree over the log (RFC 9162, section 2.1), kept as its peaks. Pure.

The peaks of a tree of n leaves are the roots of the perfect subtrees that n splits into, leftmost first:
one for each bit set in n. They are all that is needed to append a leaf and to tell the root.
"""

from __future__ import annotations

from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(body: bytes) -> bytes:
    """The 32 bytes that stand for ``body`` in the tree."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32 bytes of the node above two others. A leaf's prefix differs: neither passes for the other."""
    return sha256(b"\x01" + left + right).digest()


def peaks_after(peaks: tuple[bytes, ...], size: int, leaf: bytes) -> tuple[bytes, ...]:
    """The peaks when ``leaf`` is added to a tree of ``size`` leaves with these ``peaks``.

    Raises ValueError where peaks and size do not belong together.
    """
    if len(peaks) != size.bit_count():
        raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, not {len(peaks)}")
    kept, peak = len(peaks), leaf
    while size & 1:  # as in adding one to a binary number: each full subtree on the right is carried
        kept -= 1
        peak = node_hash(peaks[kept], peak)
        size >>= 1
    return (*peaks[:kept], peak)


def root(peaks: tuple[bytes, ...]) -> bytes:
    """The root of the tree with these ``peaks``: RFC 9162's MTH of its leaves."""
    if not peaks:
        return EMPTY_ROOT
    *rest, top = peaks
    for peak in reversed(rest):
        top = node_hash(peak, top)
    return top
