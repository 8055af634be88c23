"""The checkpoints of a bundle: whether each is of its record, follows from the one before, and is signed and stamped by whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ledger import keys, merkle, notes
from ledger.notes import CheckpointText, Note, Proof, VerifierKey
from projections.verification.items import Items

_NOTE = re.compile(r"checkpoints/([1-9][0-9]{0,15})\.note")
_PROOF = re.compile(r"proofs/([1-9][0-9]{0,15})-([1-9][0-9]{0,15})\.json")


@dataclass(frozen=True)
class Given:
    """What the auditor has from elsewhere: keys, checkpoints kept from before, an authority's certificate (PEM)."""

    keys: tuple[VerifierKey, ...] = ()
    checkpoints: tuple[bytes, ...] = ()
    certificate: bytes | None = None


@dataclass(frozen=True)
class End:
    """How the bundle ends: how many records the manifest says there are, and how many there are; its root and the log's name."""

    said: int
    count: int
    root: str
    origin: str


@dataclass
class Sealed:
    """What the checkpoints say. ``notes``: those that could be read, by size; ``signed_by``: which of the given keys signed the
    last one, ``others`` whose signatures on it say that they are by other keys."""

    notes: dict[int, tuple[Note, CheckpointText]] = field(default_factory=dict)
    signed_by: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def last(self) -> int | None:
        """The size of the last checkpoint."""
        return max(self.notes, default=None)


def roots(leaves: Sequence[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The roots over the first so many leaves, all in one pass; of sizes beyond them, none."""
    wanted, found = set(sizes), {}
    peaks: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaves, 1):
        peaks = merkle.peaks_after(peaks, size - 1, leaf)
        if size in wanted:
            found[size] = merkle.root(peaks)
    return found


def numbered(pattern: re.Pattern[str], members: Iterable[str]) -> list[tuple[int, ...]]:
    """The numbers in the names of members that are called so, in order."""
    found = (pattern.fullmatch(name) for name in members)
    return sorted(tuple(map(int, one.groups())) for one in found if one is not None)


def sizes(members: Iterable[str]) -> list[int]:
    """The sizes that the names of checkpoints say."""
    return [size for (size,) in numbered(_NOTE, members)]


def sealed(
    members: Mapping[str, bytes], leaves: Sequence[bytes], root: Mapping[int, bytes], end: End, given: Given, items: Items
) -> Sealed:
    """Everything about the checkpoints. ``root``: the roots at their sizes, and at those of the checkpoints given."""
    found = Sealed()
    unread = {size: _read(members[f"checkpoints/{size}.note"], size, found) for size in sizes(members)}
    last = end.said if found.last is None else found.last
    for size in sorted({*unread, last}):
        where = f"checkpoint {size}"
        if what := unread.get(size):
            items.add("complete", where, what)
        for what in _differing(found.notes[size][1], leaves, root, size) if size in found.notes else ():
            items.add("complete", where, what)
        for what in _ending(found, end) if size == last else ():
            items.add("complete", where, what)
    for content in given.checkpoints:
        _from_before(content, leaves, root, items)
    _proofs(members, root, items)
    for size, (note, _) in found.notes.items():
        for key in given.keys:
            _signature(note, key, size, size == found.last, found, items)
    if found.last is not None:
        known = {(key.name, key.key_id) for key in given.keys}
        found.others = [one.name for one in found.notes[found.last][0].signatures if (one.name, one.key_id) not in known]
    return found


def _read(content: bytes, size: int, found: Sealed) -> str | None:
    """Take in a checkpoint; why not, where it does not read."""
    try:
        note = Note.parse(content)
        found.notes[size] = note, CheckpointText.parse(note.text)
    except ValueError as error:
        return str(error)
    return None


def _differing(said: CheckpointText, leaves: Sequence[bytes], root: Mapping[int, bytes], size: int) -> Iterable[str]:
    if said.size != size:
        yield f"it says that it is of {said.size} records"
    if leaves and said.origin != notes.origin(leaves[0]):
        yield f"it is of another ledger, {said.origin}"
    if said.size not in root:
        yield f"it is of {said.size} records, and there are {len(leaves)}"
    elif said.root != root[said.size]:
        yield "its fingerprint is not that of the records"


def _ending(found: Sealed, end: End) -> Iterable[str]:
    """The bundle ends at its last checkpoint, and its manifest says the same as that."""
    if found.last is None:
        yield "the bundle has no checkpoint that reads"
        return
    _, last = found.notes[found.last]
    if not last.size == end.said == end.count:
        yield f"the bundle does not end at it, but at record {end.count}"
    if (end.root, end.origin) != (last.root.hex(), last.origin):
        yield "the manifest has another fingerprint, or names another ledger"


def _from_before(content: bytes, leaves: Sequence[bytes], root: Mapping[int, bytes], items: Items) -> None:
    """A checkpoint that the auditor kept must be of this log, and its beginning."""
    said = CheckpointText.parse(Note.parse(content).text)
    for what in _differing(said, leaves, root, said.size):
        items.add("complete", f"checkpoint {said.size}", f"the one that you have from before: {what}")


def _proofs(members: Mapping[str, bytes], root: Mapping[int, bytes], items: Items) -> None:
    every = sizes(members)
    pairs = list(pairwise(every))
    for first, second in sorted({*pairs, *((a, b) for a, b in numbered(_PROOF, members))}):
        where, name = f"proof {first}-{second}", f"proofs/{first}-{second}.json"
        if (first, second) not in pairs:
            items.add("complete", where, "it is between no two checkpoints that follow each other")
            continue
        if name not in members:
            items.add("complete", where, "it is missing")
            continue
        try:
            proof = Proof.parse(members[name])
        except ValueError as error:
            items.add("complete", where, str(error))
            continue
        said = (first, second, root.get(first, b""), root.get(second, b""), proof.hashes)
        as_written = proof.content() == members[name] and (proof.first, proof.second) == (first, second)
        if not as_written or not merkle.verify_consistency(*said):
            items.add("complete", where, "it does not show that the one checkpoint is the beginning of the other")


def _signature(note: Note, key: VerifierKey, size: int, last: bool, found: Sealed, items: Items) -> None:
    where, signature = f"signature of {key.name} on checkpoint {size}", note.by(key)
    if signature is None:
        if last:
            items.add("authorised", where, "it is missing")
    elif not keys.signed(key, signature, note.text):
        items.add("authorised", where, "it is not right")
    elif last:
        found.signed_by.append(key.name)
