"""The tree over the records (RFC 9162, section 2.1): roots at any size, and proofs that one tree contains an earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

ROOT_OF_NOTHING = sha256(b"").digest()


def leaf_of(body: bytes) -> bytes:
    """The 32 bytes that stand for a record: SHA-256(0x00 ‖ body)."""
    return sha256(b"\x00" + body).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The 32 bytes above two others: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def roots_at(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The root over the first n leaves, for each n that is asked for and not beyond the leaves; all in one pass."""
    asked = {size for size in sizes if 0 <= size <= len(leaves)}
    found = {0: ROOT_OF_NOTHING} if 0 in asked else {}
    hashed = sha256
    peaks: list[bytes] = []  # the roots of the perfect trees that the leaves so far split into, largest first
    for size, leaf in enumerate(leaves[: max(asked, default=0)], 1):
        full = size
        while not full & 1:
            leaf = hashed(b"\x01" + peaks.pop() + leaf).digest()
            full >>= 1
        peaks.append(leaf)
        if size in asked:
            found[size] = _root_of_peaks(peaks)
    return found


def _root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    *rest, root = peaks
    for peak in reversed(rest):
        root = node_of(peak, root)
    return root


def proof_holds(first: int, second: int, first_root: bytes, second_root: bytes, hashes: Sequence[bytes]) -> bool:
    """Whether a consistency proof shows that the tree of ``first`` leaves is the beginning of that of ``second``
    (section 2.1.4.2)."""
    if not 0 < first < second:
        return first == second and not hashes and first_root == second_root
    if not hashes:
        return False
    path = [first_root, *hashes] if first & (first - 1) == 0 else list(hashes)
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    before = after = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            before, after = node_of(one, before), node_of(one, after)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            after = node_of(after, one)
        here, last = here >> 1, last >> 1
    return last == 0 and before == first_root and after == second_root
