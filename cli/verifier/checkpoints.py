"""The checkpoints: whether the records are theirs and they follow each other, who signed them, and when they were stamped."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from cli.verifier.container import BadItem
from cli.verifier.members import HASH_TEXT, read_canonical
from cli.verifier.merkle import proof_holds
from cli.verifier.notes import GivenKey, SignedNote, origin_of, read_note, signed_by
from cli.verifier.reading import BundleRead
from cli.verifier.records import HIDDEN_RECORD
from cli.verifier.timestamps import Certificate, NotSupported, TimeStamp, read_stamp, stamp_faults

CHECKPOINT_MEMBER = re.compile(r"checkpoints/([1-9][0-9]{0,15})\.note")
STAMP_MEMBER = re.compile(r"checkpoints/([1-9][0-9]{0,15})\.([1-9][0-9]{0,3})\.tsr")
PROOF_MEMBER = re.compile(r"proofs/([1-9][0-9]{0,15})-([1-9][0-9]{0,15})\.json")


class Given(NamedTuple):
    """What the auditor has from elsewhere: keys, checkpoints from before, certificates of time-stamping authorities."""

    keys: Sequence[GivenKey] = ()
    notes: Sequence[SignedNote] = ()
    certificates: Sequence[Certificate] = ()


Checkpoints = dict[int, SignedNote]
"""The bundle's checkpoints that read, by the size that their names say."""


def _numbered(members: Iterable[str], pattern: re.Pattern[str]) -> list[tuple[tuple[int, ...], str]]:
    """The members of such names with the numbers in them, in order of these."""
    found = [(pattern.fullmatch(name), name) for name in members]
    return sorted((tuple(map(int, match.groups())), name) for match, name in found if match)


# --- Complete -----------------------------------------------------------------------------------------------------------


def read_checkpoints(members: Mapping[str, memoryview]) -> tuple[Checkpoints, dict[int, str]]:
    """Every checkpoint of the bundle that reads, and why the others do not."""
    checkpoints, faults = {}, {}
    for (size,), name in _numbered(members, CHECKPOINT_MEMBER):
        try:
            checkpoints[size] = read_note(bytes(members[name]))
        except ValueError as fault:
            faults[size] = f"it does not read: {fault}"
    return checkpoints, faults


def completeness_faults(
    bundle: BundleRead,
    checkpoints: Checkpoints,
    unread: Mapping[int, str],
    given: Sequence[SignedNote],
    roots: Mapping[int, bytes],
) -> list[BadItem]:
    """Every checkpoint, the bundle's and those given, against the leaves; the manifest against the last; the proofs."""
    last = max(checkpoints, default=bundle.records)
    items = []
    for size in sorted({*checkpoints, *unread, last}):
        faults = [unread[size]] if size in unread else []
        if size in checkpoints:
            faults += [f"it says that it is of {checkpoints[size].size} records"] if checkpoints[size].size != size else []
            faults += _note_faults(bundle, checkpoints[size], roots)
        if size == last:
            faults += _end_faults(bundle, checkpoints.get(last))
        items += [BadItem("complete", f"checkpoint {size}", "; ".join(faults))] if faults else []
    for note in given:
        faults = _note_faults(bundle, note, roots)
        told = f"the one that was given from elsewhere: {'; '.join(faults)}"
        items += [BadItem("complete", f"checkpoint {note.size}", told)] if faults else []
    return [*items, *_proof_faults(bundle.members, roots)]


def _note_faults(bundle: BundleRead, note: SignedNote, roots: Mapping[int, bytes]) -> list[str]:
    faults = []
    if bundle.leaves and note.origin != origin_of(bundle.leaves[0]):
        faults.append("it is of another record than this one")
    if note.size not in roots:
        faults.append(f"it is of {note.size} records, and there are {len(bundle.leaves)}")
    elif note.root != roots[note.size]:
        faults.append(f"the first {note.size} records are not those that were sealed: they do not give its fingerprint")
    return faults


def _end_faults(bundle: BundleRead, last: SignedNote | None) -> list[str]:
    """The bundle ends at its last checkpoint, and its manifest says the same as that."""
    if last is None:
        return ["the bundle has no checkpoint that reads"]
    faults = []
    if not last.size == bundle.records == bundle.found.count:
        faults.append(f"the bundle does not end at it, but at record {bundle.found.count}")
    if (bundle.manifest["root"], bundle.manifest["origin"]) != (last.root.hex(), last.origin):
        faults.append("the manifest has another fingerprint, or is of another record")
    return faults


def _proof_faults(members: Mapping[str, memoryview], roots: Mapping[int, bytes]) -> list[BadItem]:
    """The proofs that each checkpoint contains the one before."""
    sizes = [size for (size,), _ in _numbered(members, CHECKPOINT_MEMBER)]
    pairs = set(pairwise(sizes))
    named = {(first, second): name for (first, second), name in _numbered(members, PROOF_MEMBER)}
    items = []
    for first, second in sorted(pairs | named.keys()):
        what = ""
        if (first, second) not in pairs:
            what = "these are not two checkpoints that follow each other"
        elif (first, second) not in named:
            what = "it is missing"
        elif not _holds(bytes(members[named[first, second]]), first, second, roots):
            what = "it does not show that the later checkpoint contains the earlier"
        if what:
            items.append(BadItem("complete", f"proof {first}-{second}", what))
    return items


def _holds(content: bytes, first: int, second: int, roots: Mapping[int, bytes]) -> bool:
    """Whether a proof reads, is of these sizes, and holds between the roots that the leaves give."""
    try:
        proof = read_canonical(content)
    except ValueError:
        return False
    if not isinstance(proof, dict) or proof.keys() != {"from", "hashes", "to"} or not isinstance(proof["hashes"], list):
        return False
    if not all(isinstance(one, str) and HASH_TEXT.fullmatch(one) for one in proof["hashes"]):
        return False
    if [type(proof["from"]), type(proof["to"]), proof["from"], proof["to"]] != [int, int, first, second]:
        return False
    hashes = [bytes.fromhex(one) for one in proof["hashes"]]
    return {first, second} <= roots.keys() and proof_holds(first, second, roots[first], roots[second], hashes)


# --- Authorised ---------------------------------------------------------------------------------------------------------


def signature_faults(checkpoints: Checkpoints, keys: Iterable[GivenKey]) -> list[BadItem]:
    """Every signature by a given key that is wrong, and the last checkpoint's that are missing."""
    items = []
    for size, note in sorted(checkpoints.items()):
        for key in keys:
            held = signed_by(note, key)
            where = f"signature of {key.name} on checkpoint {size}"
            if held is False:
                items.append(BadItem("authorised", where, "it is wrong: what it signs is not this checkpoint"))
            if held is None and size == max(checkpoints):
                items.append(BadItem("authorised", where, "it is missing: who holds this key has not signed"))
    return items


def signers_of(note: SignedNote | None, keys: Sequence[GivenKey]) -> tuple[list[str], list[str]]:
    """Who signed a checkpoint by the given keys, and who else claims to have."""
    if note is None:
        return [], []
    known = {(key.name, key.key_id) for key in keys}
    by = [key.name for key in keys if signed_by(note, key)]
    return by, [one.name for one in note.signatures if (one.name, one.key_id) not in known]


# --- Anchored -----------------------------------------------------------------------------------------------------------


@dataclass
class Anchored:
    """What the time stamps say: of the last stamped checkpoint, how many, the earliest instant; whether each was verified, and
    what could not be."""

    bad: list[BadItem] = field(default_factory=list)
    size: int | None = None
    at: str | None = None
    stamps: int = 0
    unsupported: list[str] = field(default_factory=list)


CLOCKS_APART = timedelta(minutes=5)
"""By so much the authority's clock and the ledger's may differ."""


def look_at_stamps(
    members: Mapping[str, memoryview],
    checkpoints: Checkpoints,
    certificates: Sequence[Certificate],
    recorded: Callable[[int], str | None] = lambda size: None,
) -> Anchored:
    """Every time stamp's imprint, and the signatures on those of the last stamped checkpoint where certificates are given.
    ``recorded``: when the last record that is shown up to there was recorded, before which nobody can have stamped it."""
    named = _numbered(members, STAMP_MEMBER)
    anchored = Anchored(size=max((size for (size, _), _ in named), default=None))
    for (size, number), name in named:
        last, what = size == anchored.size, list[str]()
        try:
            stamp = read_stamp(bytes(members[name]))
            what = _imprint_faults(stamp, checkpoints.get(size)) + _early_faults(stamp, recorded(size))
            if last:
                anchored.stamps += 1
                anchored.at = min(stamp.at, anchored.at or stamp.at)
            if last and certificates:
                what += stamp_faults(stamp, list(certificates))
        except NotSupported as way:
            anchored.unsupported.append(f"timestamp {number} of checkpoint {size}: {way}")
        except ValueError as fault:
            what = [f"it does not read: {fault}"]
        if what:
            anchored.bad.append(BadItem("anchored", f"timestamp {number} of checkpoint {size}", "; ".join(what)))
    return anchored


def _imprint_faults(stamp: TimeStamp, note: SignedNote | None) -> list[str]:
    if note is None:
        return ["there is no checkpoint that it could stamp"]
    if stamp.hash_name != "sha256" or stamp.imprint != hashlib.sha256(note.text).digest():
        return ["it stamps something else than this checkpoint"]
    return []


def _early_faults(stamp: TimeStamp, recorded_at: str | None) -> list[str]:
    if recorded_at is None or datetime.fromisoformat(stamp.at) >= datetime.fromisoformat(recorded_at) - CLOCKS_APART:
        return []
    return [f"it says {stamp.at}, when what it stamps was not recorded: that was at {recorded_at}"]


def recorded_at_last(bundle: BundleRead) -> Callable[[int], str | None]:
    """When the last record that is shown up to a size was recorded; nothing where not all records read."""
    lines = [] if bundle.unread or bundle.found.misplaced else bundle.events.split(b"\n")

    def recorded(size: int) -> str | None:
        shown = next((line for line in reversed(lines[:size]) if line not in (b"", HIDDEN_RECORD)), None)
        return None if shown is None else str(json.loads(shown)["recorded_at"])

    return recorded


def asked_sizes(bundle: BundleRead, checkpoints: Checkpoints, given: Sequence[SignedNote]) -> set[int]:
    """The sizes at which roots are asked for: checkpoints, by name and by what they say, and what determinations rest on."""
    named = {size for (size,), _ in _numbered(bundle.members, CHECKPOINT_MEMBER)}
    return named | {note.size for note in [*checkpoints.values(), *given]} | {basis for _, basis, _ in bundle.found.bases}
