"""The Merkle tree over the log (RFC 9162, section 2.1), kept as its peaks, and proofs about it. Pure.

The peaks of a tree of n leaves are the roots of the perfect subtrees that n splits into, leftmost first:
one for each bit set in n. They are all that is needed to append a leaf and to tell the root.
"""

from __future__ import annotations

from collections.abc import Sequence
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


# --- proofs -------------------------------------------------------------------------------------------------


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree with these leaf hashes."""
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)  # a last one without a pair goes up as it is
        level = [node_hash(left, right) for left, right in pairs] + level[len(level) - len(level) % 2 :]
    return level[0] if level else EMPTY_ROOT


def _split(size: int) -> int:
    """How many leaves stand to the left in a tree of ``size`` > 1: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What leads from leaf ``index``, counted from 0, to the root (RFC 9162, 2.1.3.1). Raises ValueError for none there is."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"there is no leaf {index} among {len(leaves)}")
    if len(leaves) == 1:
        return []
    left = _split(len(leaves))
    if index < left:
        return [*inclusion_proof(leaves[:left], index), root_of(leaves[left:])]
    return [*inclusion_proof(leaves[left:], index - left), root_of(leaves[:left])]


def verify_inclusion(index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that ``leaf`` stands at ``index`` in the tree of ``size`` leaves with this root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, top = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            top = node_hash(one, top)
            at, last = _up(at, last)
        else:
            top = node_hash(top, one)
        at, last = at >> 1, last >> 1
    return last == 0 and top == root


def _up(at: int, last: int) -> tuple[int, int]:
    """Past the levels where the node goes up without a pair."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """What shows that the tree of the ``first`` leaves is the beginning of the tree of all (RFC 9162, 2.1.4.1).

    Empty where they are the same. Raises ValueError unless 1 ≤ ``first`` ≤ the number of leaves.
    """
    if not 1 <= first <= len(leaves):
        raise ValueError(f"the first {first} of {len(leaves)} leaves are no tree to begin from")
    return _subproof(leaves, first, whole=True)


def _subproof(leaves: Sequence[bytes], first: int, whole: bool) -> list[bytes]:
    """``whole``: these leaves begin with the very first, so that who verifies knows their root already."""
    if first == len(leaves):
        return [] if whole else [root_of(leaves)]
    left = _split(len(leaves))
    if first <= left:
        return [*_subproof(leaves[:left], first, whole), root_of(leaves[left:])]
    return [*_subproof(leaves[left:], first - left, False), root_of(leaves[:left])]


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``first`` leaves is the beginning of that of ``second`` (RFC 9162, 2.1.4.2)."""
    if not 1 <= first < second:
        return first == second >= 1 and first_root == second_root and not proof
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(one, old), node_hash(one, new)
            at, last = _up(at, last)
        else:
            new = node_hash(new, one)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
