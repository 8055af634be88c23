"""What a bundle holds, gathered in one pass over the record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cli.export.bundle_openings import openings
from cli.export.bundle_states import states
from ledger import merkle, notes
from ledger.bundle import FORMAT, json_lines
from ledger.canonical import canonical
from ledger.errors import VerificationFailed
from ledger.events import AbsenceReported
from ledger.facts import Facts
from ledger.lines import committed
from ledger.log import Log, verified
from ledger.notes import CheckpointText, Proof
from ledger.periods import instant_text
from ledger.recorder import Row
from projections.audience import Audience, is_employer
from projections.tender import streams_for
from projections.verification.kinds import CONTRACTS, belongs_to
from projections.verification.members import brought_by

if TYPE_CHECKING:
    from ledger.seal import Checkpoint


@dataclass(frozen=True)
class Asked:
    """What is exported: which contracts, for whom, and how many lines are opened (None: none)."""

    contracts: tuple[str, ...]
    audience: Audience
    sample: int | None

    @property
    def with_lines(self) -> bool:
        """Whether absence lines go with it."""
        return is_employer(self.audience)

    def shows(self, stream: str) -> bool:
        """Whether the stream's records are shown: the national series, and what belongs to the contracts."""
        kind, whose = belongs_to(stream)
        return not kind or (kind in CONTRACTS and whose in self.contracts)


@dataclass
class _Gathered:
    """The record up to the checkpoint, as far as it is shown."""

    events: list[bytes] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    stored: dict[int, bytes] = field(default_factory=dict)
    streams: Counter[str] = field(default_factory=Counter)
    brought: dict[str, bytes] = field(default_factory=dict)
    bodies: list[dict[str, Any]] = field(default_factory=list)


def members(log: Log, facts: Facts, checkpoints: Sequence[Checkpoint], asked: Asked) -> dict[str, bytes]:
    """Every member of the bundle that ends at the last of the checkpoints. ``facts``: as at that. Raises VerificationFailed where
    the record is not what was recorded."""
    from cli.export.bundle_fields import fields_csv, schema_json
    from cli.export.bundle_readme import readme
    from cli.verifier.joined import joined

    found = _gathered(log, facts, checkpoints[-1].size, asked)
    members = {
        "verify.py": joined().encode(),
        "events.jsonl": b"".join(one + b"\n" for one in found.events),
        "leaves.txt": b"".join(one.hex().encode() + b"\n" for one in found.leaves),
        "states.json": canonical(states(facts, asked.contracts)),
        "schema.json": schema_json(),
        "fields.csv": fields_csv(),
        **found.brought,
        **_sealed(checkpoints, found.leaves),
        **_days(facts, found, asked),
    }
    described = _described(facts, found, asked, checkpoints[-1])
    members["README.txt"] = readme(described, members["verify.py"], asked.sample)
    of = {name: {"bytes": len(content), "sha256": sha256(content).hexdigest()} for name, content in members.items()}
    return members | {"manifest.json": canonical({**described, "members": of})}


def _gathered(log: Log, facts: Facts, size: int, asked: Asked) -> _Gathered:
    found = _Gathered()
    tenders = streams_for(facts, asked.contracts, asked.audience)
    shows = {name: asked.shows(name) or name in tenders for name in log.recorder.streams(upto=size)}
    for row in log.recorder.rows(upto=size, beside=True):
        record = verified(row)
        found.leaves.append(row.leaf)
        if not shows[row.stream]:
            found.events.append(b"null")
            continue
        found.events.append(row.body)
        found.streams[row.stream] += 1
        if isinstance(record.data, AbsenceReported) and row.beside is not None:
            if not committed(row.beside, record.data.lines.count, record.data.lines.sha256):
                raise VerificationFailed(f"the lines of record {row.position} are not what was recorded", do="run soc check")
            found.stored[row.position] = row.beside
        _take_in(found, row)
    return found


def _take_in(found: _Gathered, row: Row) -> None:
    body = json.loads(row.body)
    found.bodies.append(body)
    found.brought |= brought_by(row.type, row.stream, row.position, body)


def _days(facts: Facts, found: _Gathered, asked: Asked) -> dict[str, bytes]:
    """The lines, or what they come to month by month; and those of them that are opened."""
    from cli.verifier.recompute import questions_asked
    from projections.audit.sampling import drawn

    columns = {position: json.loads(stored) for position, stored in found.stored.items()}
    if asked.with_lines:
        days = {"lines.jsonl": json_lines({"lines": lines, "position": at} for at, lines in sorted(columns.items()))}
    else:
        days = {"totals.jsonl": json_lines(questions_asked(found.bodies, columns))}
    if asked.sample is not None:
        [contract] = asked.contracts
        _, places = drawn(facts, contract, asked.sample)
        days["openings.jsonl"] = json_lines(openings(found.stored, places))
    return days


def _sealed(checkpoints: Sequence[Checkpoint], leaves: list[bytes]) -> dict[str, bytes]:
    """Every checkpoint with its signatures and stamps, and the proof from each to the next."""
    members: dict[str, bytes] = {}
    for one in checkpoints:
        members[f"checkpoints/{one.size}.note"] = one.note()
        for number, stamp in enumerate(one.stamps, 1):
            members[f"checkpoints/{one.size}.{number}.tsr"] = stamp
    for first, second in pairwise(checkpoints):
        hashes = merkle.consistency_proof(leaves[: second.size], first.size)
        members[f"proofs/{first.size}-{second.size}.json"] = Proof(first.size, second.size, hashes).content()
    return members


def _described(facts: Facts, found: _Gathered, asked: Asked, last: Checkpoint) -> Mapping[str, Any]:
    """The manifest but for its members. Raises VerificationFailed where the checkpoint is not of this record."""
    root, origin = facts.basis.root, notes.origin(found.leaves[0])
    if CheckpointText.parse(last.text) != CheckpointText(origin, len(found.leaves), bytes.fromhex(root)):
        raise VerificationFailed(f"the checkpoint of {last.size} records is not of this record", do="run soc check")
    lines = sum(one["data"]["lines"]["count"] for one in found.bodies if one["type"].startswith("AbsenceReported@"))
    return {
        "format": FORMAT,
        "made_by": f"soc-ledger {version('soc-ledger')}",
        "origin": origin,
        "audience": asked.audience,
        "contracts": list(asked.contracts),
        "simulated": facts.opened.simulated,
        "records": len(found.leaves),
        "shown": len(found.bodies),
        "lines": lines if asked.with_lines else 0,
        "root": root,
        "known_at": instant_text(facts.known_at),
        "streams": dict(found.streams),
    }
