"""Verifies a bundle: whether it is whole, complete up to its checkpoint, computes again to what it says, and who vouches for it.

Pure: bytes and what the auditor has from elsewhere in, a verdict out. Nothing is believed because the bundle says it: records are
held against leaves, leaves against checkpoints, figures against records, checkpoints against keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from ledger import bundle
from ledger.errors import VerificationFailed
from ledger.events import LedgerOpened, SavingsDetermined, TiersDetermined
from ledger.notes import CheckpointText, Note
from ledger.periods import instant_text
from projections.verification import members as verifying_members
from projections.verification import records as verifying_records
from projections.verification import words as verifying_words
from projections.verification.items import PARTS, Bad, Items, Part
from projections.verification.kinds import RECOMPUTED, belongs_to, contracts_in
from projections.verification.members import Manifest
from projections.verification.recomputed import AsJson, Recomputed, recomputed
from projections.verification.records import Records
from projections.verification.sealed import End, Given, Sealed, roots, sealed, sizes
from projections.verification.source import Shown
from projections.verification.stamps import Stamped, stamped
from projections.verification.stated import Totals

T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """What was found. ``parts``: of each its status and what it says, as JSON; ``bad``: what is wrong, in the format's order."""

    bundle: str
    parts: Mapping[Part, Mapping[str, Any]]
    bad: tuple[Bad, ...]
    not_proven: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether no part failed."""
        return all(one["status"] != "no" for one in self.parts.values())

    def as_json(self) -> dict[str, Any]:
        """The verdict as programs read it."""
        return {
            "bundle": self.bundle,
            "verdict": "verified" if self.verified else "failed",
            "parts": {name: dict(self.parts[name]) for name in PARTS},
            "bad": [vars(one) for one in self.bad],
            "not_proven": list(self.not_proven),
        }


@dataclass
class Looked:
    """All that was looked at. What could not be read is None."""

    manifest: Manifest | None = None
    records: Records = field(default_factory=Records)
    sealed: Sealed = field(default_factory=Sealed)
    stamped: Stamped = field(default_factory=Stamped)
    recomputed: Recomputed | None = None
    stated: bool = False
    given: Given = field(default_factory=Given)
    items: Items = field(default_factory=Items)


def verify(data: bytes, given: Given, as_json: AsJson) -> Verdict:
    """The verdict on a bundle's bytes. ``as_json``: a state as bundles state it."""
    looked = Looked(given=given)
    try:
        _look(data, looked, as_json)
    except Exception as error:  # whatever a stranger's bytes bring about: what cannot be looked at is not verified
        looked.items.add("intact", "container", f"not all of it can be looked at: {error!r}")
    return Verdict(
        bundle=sha256(data).hexdigest(),
        parts=verifying_words.parts(looked),
        bad=tuple(looked.items),
        not_proven=tuple(verifying_words.not_proven(looked)),
    )


def _look(data: bytes, looked: Looked, as_json: AsJson) -> None:
    items = looked.items
    try:
        members = bundle.read(data)
    except VerificationFailed as error:
        items.add("intact", "container", error.what)
        return
    try:
        said = looked.manifest = verifying_members.manifest(members)
    except ValueError as error:
        items.add("intact", "member manifest.json", str(error))
        return
    given, found = looked.given, verifying_records.read(members, items)
    looked.records = found
    looked.stated = "lines.jsonl" not in members
    totals = _read(members, "totals.jsonl", verifying_members.totals, found)
    states = _read(members, "states.json", verifying_members.states, found)
    own = contracts_in({one.record.stream for one in found.shown if one.record is not None})
    for name in states or () if not found.unread else ():
        if name not in own:
            found.members.setdefault("states.json", f"there are states of {name}, which is not shown")
    _look_at_members(members, said, found, items)
    root = roots(found.leaves, {*sizes(members), *_sizes(given), *_bases(found), len(found.leaves)})
    end = End(said.records, found.count, said.root, said.origin)
    looked.sealed = sealed(members, found.leaves, root, end, given, items)
    looked.stamped = stamped(members, looked.sealed, given.certificate, found.recorded_up_to, items)
    if found.unread or found.misplaced or states is None or (looked.stated and totals is None):
        return
    records = [one.record for one in found.shown if one.record is not None and one.readable]
    if not records:
        return
    asked = Totals(totals) if totals is not None and looked.stated else None
    facts = Shown(records, found.count, found.leaves, found.lines, root, asked).facts(said.known_at)
    looked.recomputed = recomputed(facts, states, asked, _unknown(found), as_json, items)


def _read(members: Mapping[str, bytes], name: str, read: Callable[[bytes], T], found: Records) -> T | None:
    """What a member says; None where it is missing or does not read, which is noted."""
    if name not in members:
        return None
    try:
        return read(members[name])
    except ValueError as error:
        found.members.setdefault(name, str(error))
        return None


# ── Members against the manifest and the records ─────────────────────────────────────────────────────────────────────


def _look_at_members(members: Mapping[str, bytes], said: Manifest, found: Records, items: Items) -> None:
    """Every member against the manifest, in order of name; then what repeats what records say."""
    faults = [("manifest.json", what) for what in _manifest_faults(said, found)]
    for name, what in sorted([*verifying_members.faults(members, said), *found.members.items(), *faults], key=lambda one: one[0]):
        items.add("intact", f"member {name}", what)
    brought = _brought(found)
    for name in sorted({*brought, *(one for one in members if one.startswith(("terms/", "methodologies/")))}):
        if name not in members:
            items.add("intact", f"member {name}", "it is missing")
        elif members[name] != brought.get(name):
            items.add("intact", f"member {name}", "it is not what the record says" if name in brought else "no record brought it")


def _manifest_faults(said: Manifest, found: Records) -> Iterator[str]:
    shown = [one.record for one in found.shown if one.record is not None]
    streams: dict[str, int] = {}
    for one in shown:
        streams[one.stream] = streams.get(one.stream, 0) + 1
    lines = sum(one.data.lines.count for one in shown if hasattr(one.data, "lines")) if found.lines is not None else 0
    pairs = {
        "records": (said.records, found.count),
        "shown": (said.shown, len(found.shown)),
        "lines": (said.lines, lines),
        "streams": (said.streams, streams),
        "contracts": (list(said.contracts), contracts_in(streams)),
    }
    if shown and isinstance(shown[0].data, LedgerOpened):
        pairs["simulated"] = (said.simulated, shown[0].data.simulated)
    if found.shown and found.shown[-1].position == found.count and shown:
        pairs["known_at"] = (said.known_at, shown[-1].recorded_at)
    if shown and said.known_at < shown[-1].recorded_at and not found.unread:
        yield f"it is known at {instant_text(said.known_at)}, before the last record that is shown"
    for name, (theirs, ours) in pairs.items():
        if theirs != ours and not found.unread:
            yield f"it says {name}: {theirs}, and there are {ours}" if isinstance(ours, int) else f"its {name} are others"


def _brought(found: Records) -> dict[str, bytes]:
    """The members that repeat what shown records brought, with what they must hold."""
    brought: dict[str, bytes] = {}
    for one in found.shown:
        if one.record is not None:
            brought |= verifying_members.brought_by(one.record.type, one.record.stream, one.position, one.said)
    return brought


def _unknown(found: Records) -> dict[str, str]:
    """What this version cannot recompute: by the SHA-256 of a methodology, or by the type of a record."""
    unknown = {str(one.said["data"].get("sha256", one.unknown)): one.unknown for one in found.shown if one.unknown is not None}
    records = [one.record for one in found.shown if one.record is not None]
    return unknown | {one.type: one.type for one in records if belongs_to(one.stream)[0] not in ("", *RECOMPUTED)}


# ── The end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sizes(given: Given) -> list[int]:
    return [CheckpointText.parse(Note.parse(one).text).size for one in given.checkpoints]


def _bases(found: Records) -> Iterator[int]:
    for one in found.shown:
        if one.record is not None and isinstance(one.record.data, SavingsDetermined | TiersDetermined):
            yield one.record.data.basis.position
