"""Records that follow each other: each hashed, read, written in the one way, and in its place."""

from __future__ import annotations

import gc
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from cli.verifier.fields import FIELDS, faults_of_body
from cli.verifier.kinds import STREAM_KINDS, may_stand_in
from cli.verifier.members import check_values, decoded_json, encoded_json, is_too_deep
from cli.verifier.merkle import leaf_of

TOGETHER = 128
"""Records that are looked at together: few enough to stay in the processor's cache."""

KNOWN_SORTS = {name.partition("@")[0] for name in FIELDS}
TERMS_SORTS = ("ContractSigned", "ContractAmended", "TieredSigned", "TieredAmended")
ATTACHING_SORTS = (*TERMS_SORTS, "MethodologyAdopted", "MethodologyProposed")
DETERMINED_SORTS = ("SavingsDetermined", "TiersDetermined")
KEPT_SORTS = ("LedgerOpened", "AbsenceReported", "AuditFindingsRecorded", *DETERMINED_SORTS, *ATTACHING_SORTS)
"""Sorts of records that others than the record itself are compared with."""
LOOSE_SORTS = (*ATTACHING_SORTS, "DisputeRaised", "DisputeAnswered", "DisputeResolved", "TenderOpened")
"""Sorts of records with names of the parties' own, or with rules that may be of kinds that are not known."""
HIDDEN_RECORD = b"null"
"""The line of a record that is not shown."""


class Report(NamedTuple):
    """What an absence report says of its lines."""

    position: int
    contract: str
    lines: int
    sha256: str


class Attached(NamedTuple):
    """Terms or a methodology that a record brought, and the member that repeats it."""

    position: int
    member: str
    content: Any


class Sampled(NamedTuple):
    """What audit findings say of their sample: of how many lines it was drawn, and those drawn, each as record and line."""

    position: int
    contract: str
    checkpoint: int
    population: int
    drawn: list[tuple[int, int]]


@dataclass
class Found:
    """What was found in records that follow each other. ``last_of``: the last one shown of each stream."""

    faults: dict[int, list[str]] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)
    misplaced: bool = False
    count: int = 0
    hidden: int = 0
    streams: Counter[str] = field(default_factory=Counter)
    unknown: set[str] = field(default_factory=set)
    reports: list[Report] = field(default_factory=list)
    attached: list[Attached] = field(default_factory=list)
    bases: list[tuple[int, int, str]] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)
    simulated: bool | None = None
    first_versions: dict[str, tuple[int, int]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    first_instant: tuple[int, str] | None = None
    instant: str = ""
    last_shown: int = 0
    last_of: dict[str, int] = field(default_factory=dict)

    def fault(self, position: int, *what: str) -> None:
        """Note what is wrong with a record."""
        self.faults.setdefault(position, []).extend(what)


Piece = tuple[int, bytes, bytes]
"""The position of the first record, the records' lines, and their leaves joined, as far as there are any."""


def look_at_piece(piece: Piece) -> Found:
    """Everything that can be told of these records without those before them."""
    first, content, leaves = piece
    lines = content.split(b"\n")
    found = Found(count=len(lines))
    gc.disable()  # nothing here refers to itself, and looking for what does takes a tenth of the time
    try:
        for begins in range(0, len(lines), TOGETHER):
            batch = lines[begins : begins + TOGETHER]
            _look_at_lines(found, first + begins, batch, leaves[32 * begins : 32 * (begins + len(batch))])
    finally:
        gc.enable()
    return found


def _look_at_lines(found: Found, first: int, lines: list[bytes], leaves: bytes) -> None:
    if b"".join([hashlib.sha256(b"\x00" + line).digest() for line in lines]) != leaves:
        _tell_leaves(found, first, lines, leaves)
    values: list[Any] = []
    shown: list[bytes] = []
    for position, line in enumerate(lines, first):
        if line == HIDDEN_RECORD:
            found.hidden += 1
            continue
        try:
            record = _record_of(line)
        except ValueError as fault:
            found.fault(position, f"it cannot be read: {fault}")
            found.unread.add(position)
            continue
        values.append(record)
        shown.append(line)
        _look_at_record(found, position, record)
    if not _is_canonical(values, b"[" + b",".join(shown) + b"]"):
        _tell_canonical(found, first, lines)


def _tell_leaves(found: Found, first: int, lines: list[bytes], leaves: bytes) -> None:
    """Which of the records do not give their leaf, of those that are shown and have one."""
    for number, line in enumerate(lines):
        leaf = leaves[32 * number : 32 * number + 32]
        if leaf and line != HIDDEN_RECORD and leaf_of(line) != leaf:
            found.fault(first + number, "its content is not what was recorded: it does not give the record's fingerprint")


def _is_canonical(value: Any, content: bytes) -> bool:
    try:
        return encoded_json(value).encode() == content
    except (UnicodeError, RecursionError):
        return False


def _record_of(line: bytes) -> dict[str, Any]:
    """The object that a line holds. Raises ValueError, in words."""
    try:
        text = line.decode()
        record, end = decoded_json(text)
    except UnicodeError:
        raise ValueError("it is not UTF-8") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg})") from None
    if end != len(text) or not isinstance(record, dict):
        raise ValueError("it is not one object of JSON")
    return record


def _tell_canonical(found: Found, first: int, lines: list[bytes]) -> None:
    """Which of the records are not written in the one way. All are compared together before, which is quicker: no object of
    JSON is the beginning of another, so what is right together is right one by one."""
    for position, line in enumerate(lines, first):
        if line == HIDDEN_RECORD:
            continue
        try:
            record = _record_of(line)
        except ValueError:
            continue  # told already
        if not _is_canonical(record, line):
            found.fault(position, "it is not written in the one canonical way")


def _look_at_record(found: Found, position: int, record: dict[str, Any]) -> None:
    faults = faults_of_body(record) if isinstance(record.get("type"), str) else ["it does not say of what type it is"]
    place = None if faults else _place_of(record["stream"], record["type"])
    if place is not None and place.loose and is_too_deep(record):
        faults = ["it is nested too deeply"]
    if faults or place is None:
        found.fault(position, *faults)
        found.unread.add(position)
        return
    stream, instant = record["stream"], record["recorded_at"]
    if record["position"] != position:
        found.fault(position, f"it says that it is record {record['position']}")
        found.misplaced = True
    if not place.right or record["data"].get(place.key, place.whose) != place.whose or (stream == "ledger") != (position == 1):
        found.fault(position, f"{record['type']} does not belong in {stream}, at that place")
    _look_at_version(found, position, stream, record["version"])
    if found.first_instant is None:
        found.first_instant = position, instant
    elif instant <= found.instant:
        found.fault(position, not_later(instant, found.instant))
    found.instant, found.last_shown = instant, position
    if place.loose:
        _look_at_values(found, position, record)
    if place.kept:
        _keep(found, position, record, place)


def _look_at_version(found: Found, position: int, stream: str, version: int) -> None:
    before = found.versions.get(stream)
    if before is None:
        found.first_versions[stream] = position, version
    elif version != before + 1:
        found.fault(position, not_next(stream, version, before))
    found.versions[stream] = version
    found.streams[stream] += 1
    found.last_of[stream] = position


def _look_at_values(found: Found, position: int, record: dict[str, Any]) -> None:
    """Of records that may hold what no table of fields describes: its numbers and keys."""
    if record["type"] not in FIELDS:
        found.unknown.add(record["type"])
    try:
        check_values(record)
    except ValueError as fault:
        found.fault(position, str(fault))
    except RecursionError:
        found.fault(position, "it is nested too deeply")


class Place(NamedTuple):
    """What records of a type in a stream are: whether they belong there; whose they are, and the field that says so too; whether
    they may hold what no table of fields describes; whether they are kept for others to be compared with."""

    right: bool
    whose: str
    key: str
    sort: str
    loose: bool
    kept: bool


@lru_cache(maxsize=10_000)
def _place_of(stream: str, type_name: str) -> Place:
    kind, _, whose = stream.partition("/")
    sort = type_name.partition("@")[0]
    named = stream == kind if kind == "ledger" else whose != "" and (kind == "trend" or "/" not in whose)
    right = named and may_stand_in(sort, kind, known=sort in KNOWN_SORTS)
    key, loose = STREAM_KINDS[kind].key if kind in STREAM_KINDS else "contract", type_name not in FIELDS or sort in LOOSE_SORTS
    return Place(right, whose, key, sort, loose, sort in KEPT_SORTS)


def not_next(stream: str, version: int, before: int) -> str:
    """What is wrong with a record that is not the next of its stream."""
    return f"it is number {version} of {stream}, where number {before + 1} is next"


def not_later(instant: str, before: str) -> str:
    """What is wrong with a record that was not recorded after the one before it."""
    return f"it was recorded at {instant}, not after the record before it, at {before}"


def _keep(found: Found, position: int, record: dict[str, Any], place: Place) -> None:
    """What others than the record itself are compared with."""
    match place.sort, record["data"]:
        case "AbsenceReported", {"lines": {"count": int(count), "sha256": str(sha256)}}:
            found.reports.append(Report(position, place.whose, count, sha256))
        case sort, {"terms": terms} if sort in TERMS_SORTS:
            found.attached.append(Attached(position, f"terms/{place.whose}-{position}.json", terms))
        case "MethodologyAdopted" | "MethodologyProposed", {"methodology": content, "sha256": str(sha256)}:
            found.attached.append(Attached(position, f"methodologies/{place.whose}-{position}.json", content))
            if hashlib.sha256(encoded_json(content).encode(errors="replace")).hexdigest() != sha256:
                found.fault(position, "the SHA-256 that it states is not that of its methodology")
        case sort, {"basis": {"position": int(basis), "root": str(root)}} if sort in DETERMINED_SORTS:
            found.bases.append((position, basis, root))
        case "AuditFindingsRecorded", {"checkpoint": {"size": int(size), "root": str(root)}, "population": population}:
            drawn = [(item["record"], item["line"]) for item in record["data"]["items"]]
            found.bases.append((position, size, root))
            found.samples.append(Sampled(position, place.whose, size, population, drawn))
        case "LedgerOpened", {"simulated": bool(simulated)} if position == 1:
            found.simulated = simulated
