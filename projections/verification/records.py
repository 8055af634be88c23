"""The records of a bundle, read without trust: each against its leaf and its place, its lines against what it commits to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from ledger import merkle
from ledger.bundle import is_too_deep, lines_of, value_of
from ledger.canonical import canonical, fingerprint
from ledger.errors import VerificationFailed
from ledger.events import TYPES, AbsenceReported, LedgerOpened, MethodologyAdopted, MethodologyProposed
from ledger.facts import OPENED
from ledger.record import Recorded, decode
from projections.verification import lines as verifying_lines
from projections.verification.items import Items
from projections.verification.kinds import KINDS, may_stand_in
from projections.verification.lines import are_recorded, not_drawn, not_opened

_ENCODED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
_LEAF = re.compile(rb"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z0-9-]*@[1-9][0-9]*")


@dataclass(frozen=True)
class Shown:
    """A record that the bundle shows. ``unknown``: the type or the rule kind that this version does not know; then ``record``
    says where it stands, and ``readable`` whether all but that rule is read. ``record`` None: it does not read."""

    position: int
    body: bytes
    record: Recorded[Any] | None
    unknown: str | None = None
    readable: bool = True

    @cached_property
    def said(self) -> Any:
        """What its body says, as JSON."""
        return json.loads(self.body)


@dataclass
class Records:
    """What a bundle shows of the record. ``count``: how many records there are, shown or not; ``leaves`` of all of them.

    ``lines``: the lines of the reports, as they are stored, by position; None where the bundle has none. ``unread``: whether a
    record or a report's lines could not be read, ``misplaced``: whether a record says another position than its own; then nothing
    can be recomputed. ``members``: what is wrong with whole members.
    """

    leaves: list[bytes] = field(default_factory=list)
    count: int = 0
    shown: list[Shown] = field(default_factory=list)
    lines: dict[int, bytes] | None = None
    unread: bool = False
    misplaced: bool = False
    members: dict[str, str] = field(default_factory=dict)

    @property
    def simulated(self) -> bool:
        """Whether the first record says that the ledger is simulated."""
        opened = _data(self.shown[0]) if self.shown and self.shown[0].position == 1 else None
        return isinstance(opened, LedgerOpened) and opened.simulated

    def recorded_up_to(self, size: int) -> datetime | None:
        """When the last record that is shown up to a size was recorded; nothing where not all records read."""
        if self.unread or self.misplaced:
            return None
        shown = (one.record for one in reversed(self.shown) if one.position <= size)
        last = next(shown, None)
        return None if last is None else last.recorded_at

    @property
    def reported(self) -> bool:
        """Whether reports of absences are shown."""
        return any(isinstance(_data(one), AbsenceReported) for one in self.shown)

    @property
    def hidden(self) -> int:
        """How many records are not shown."""
        return self.count - len(self.shown)


def read(members: Mapping[str, bytes], items: Items) -> Records:
    """The records of these members; what is wrong with one, or with its lines, is noted under its number."""
    found = Records()
    found.leaves = list(_leaves(members, found))
    bodies = _lines(members, "events.jsonl", found)
    found.count = len(bodies)
    if len(found.leaves) != found.count:
        found.members.setdefault("leaves.txt", f"it has {len(found.leaves)} fingerprints for {found.count} records")
    found.unread |= not bodies
    stored, opened = _rows(members, "lines.jsonl", found), _rows(members, "openings.jsonl", found)
    found.lines = None if stored is None else {}
    order = _Order()
    beside = sorted({*(stored or ()), *(opened or ())})
    for position, body in enumerate(bodies or [b"null"], 1):
        if body != b"null":
            _record(found, position, body, order, items)
        if position == 1 and not (found.shown and isinstance(_data(found.shown[0]), LedgerOpened)):
            items.add("intact", "record 1", "it is not there: the first record says how the record was opened")
        _beside(found, position, stored, opened, items)
    for position in beside:
        if position > found.count:
            items.add("intact", f"lines of record {position}", "there is no such record")
    if opened and not found.unread and not list(items) and len(found.leaves) == found.count:
        reports = [one.record for one in found.shown if one.record is not None and isinstance(_data(one), AbsenceReported)]
        for position in not_drawn(reports, opened, merkle.root_of(found.leaves)):
            what = "the lines that are opened are not those that the last checkpoint draws"
            items.add("intact", f"lines of record {position}", what)
    return found


def _data(one: Shown) -> Any:
    return one.record.data if one.record is not None and one.readable else None


def _leaves(members: Mapping[str, bytes], found: Records) -> Iterator[bytes]:
    lines = _lines(members, "leaves.txt", found)
    strange = next((number for number, line in enumerate(lines, 1) if not _LEAF.fullmatch(line)), None)
    if strange is not None:
        found.members["leaves.txt"] = f"line {strange} is no fingerprint"
    if "leaves.txt" not in found.members:
        yield from (bytes.fromhex(line.decode()) for line in lines)


def _lines(members: Mapping[str, bytes], name: str, found: Records) -> list[bytes]:
    if name not in members:
        found.members[name] = "it is missing"
        return []
    try:
        return lines_of(members[name])
    except ValueError as error:
        found.members[name] = str(error)
        return members[name].split(b"\n") if name == "events.jsonl" else members[name].split(b"\n")[:-1]


def _rows(members: Mapping[str, bytes], name: str, found: Records) -> dict[int, dict[str, Any]] | None:
    """The rows of a member by position; None where the bundle has no such member."""
    if name not in members:
        return None
    rows: dict[int, dict[str, Any]] = {}
    lines = _lines(members, name, found)
    found.unread |= name in found.members
    for number, line in enumerate(lines, 1):
        try:
            row = value_of(line)
            if type(row["position"]) is not int or row["position"] <= max(rows, default=0):
                raise ValueError("its position does not follow")
            rows[row["position"]] = row
        except (ValueError, KeyError, TypeError, IndexError) as error:
            found.members.setdefault(name, f"line {number}: {error}")
            found.unread = True
    return rows


# ── One record ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Order:
    """What the records shown before say of the next one."""

    versions: dict[str, int] = field(default_factory=dict)
    last: datetime | None = None


def _record(found: Records, position: int, body: bytes, order: _Order, items: Items) -> None:
    where = f"record {position}"
    if position <= len(found.leaves) and merkle.leaf_hash(body) != found.leaves[position - 1]:
        items.add("intact", where, "its content is not what was recorded: it does not give its fingerprint")
    try:
        one, as_written = _read(position, body)
    except (ValueError, KeyError, TypeError, RecursionError, VerificationFailed) as error:
        items.add("intact", where, f"it does not read: {getattr(error, 'what', error)}")
        found.shown.append(Shown(position, b"null", None, "unread"))
        found.unread = True
        return
    found.shown.append(one)
    if not as_written:
        items.add("intact", where, "it is not written in the one canonical way")
    found.misplaced |= one.record is not None and one.record.position != position
    brought = one.said["data"].get("methodology") if isinstance(_data(one), MethodologyAdopted | MethodologyProposed) else None
    if brought is not None and _data(one).sha256 != fingerprint(brought):
        items.add("intact", where, "the SHA-256 that it states is not that of its methodology")
    for what in _out_of_place(one, order):
        items.add("intact", where, what)


def _read(position: int, body: bytes) -> tuple[Shown, bool]:
    """The record of a body, and whether it is written in the one canonical way. Raises ValueError and its like, and
    VerificationFailed, where it does not read."""
    value = json.loads(body)
    unknown = _unknown(value["type"], value["data"])
    if unknown is not None and is_too_deep(value):
        raise ValueError("it is nested too deeply")
    if unknown is not None:
        as_written = canonical(value) == body
        try:
            return Shown(position, body, _without_rules(value), unknown), as_written
        except (ValueError, KeyError, TypeError, VerificationFailed):
            return Shown(position, body, Recorded[Any].model_validate_json(body), unknown, readable=False), as_written
    record = decode(value["type"], body)
    written = _written(record)
    if written != body and written != canonical(value):
        raise ValueError("it says something in another way than the ledger writes it")
    return Shown(position, body, record), written == body


def _without_rules(value: Any) -> Recorded[Any]:
    """An adoption or a proposal without the rules for disrupted months, of which there are unknown ones: the contract goes on
    under its methodology, and no month is measured by it. Raises as ``decode``."""
    data = {**value["data"], "methodology": {**value["data"]["methodology"], "disruption": {"kind": "none@1"}}}
    record = decode(value["type"], canonical({**value, "data": data}))
    record.data.methodology.__dict__["sha256"] = record.data.sha256  # of the methodology with all its rules
    return record


def _written(record: Recorded[Any]) -> bytes:
    """As ``Recorded.body`` writes it, without looking for what no event can hold: a million records are written so."""
    return _ENCODED(record.model_dump(mode="json", by_alias=True, exclude_none=True)).encode()


_KINDS = {
    *("short-term-net-days@1", "reference-years@1", "national-index@1", "per-net-day@1", "none@1", "exclude-cause@1"),
    *("net-days@1", "rebase@1", "freeze-trend@1", "net-of-reimbursement@1", "exclude-months@1", "deem-average@1"),
}
"""The rule kinds that this version knows."""


def _unknown(kind: str, data: Any) -> str | None:
    """The type, or the rule kind of a methodology, that this version does not know; None where it knows them."""
    if kind not in TYPES:
        return str(kind)
    if not isinstance(data, dict) or not isinstance(data.get("methodology"), dict):
        return None
    for rules in data["methodology"].values():
        for rule in rules if isinstance(rules, list) else [rules]:
            said = rule.get("kind") if isinstance(rule, dict) else None
            if isinstance(said, str) and _KIND.fullmatch(said) and said not in _KINDS:
                return said
    return None


def _out_of_place(one: Shown, order: _Order) -> Iterator[str]:
    record = one.record
    assert record is not None
    if record.position != one.position:
        yield f"it says that it is record {record.position}"
    expected = order.versions.get(record.stream, 0) + 1
    if record.version != expected:
        yield f"it is number {record.version} of {record.stream}, and {expected} comes next"
    order.versions[record.stream] = record.version
    if order.last is not None and record.recorded_at <= order.last:
        yield "it was recorded no later than the record before it"
    order.last = record.recorded_at
    if not _belongs(record) or (record.stream == OPENED) != (one.position == 1):
        yield f"{record.type} does not belong in {record.stream}, at that place"


def _belongs(record: Recorded[Any]) -> bool:
    """Whether a record of its sort stands in such a stream, and says itself whose it is."""
    sort, (kind, _, whose) = record.type.partition("@")[0], record.stream.partition("/")
    said = record.data if isinstance(record.data, dict) else vars(record.data)
    named = record.stream == OPENED if kind == OPENED else whose != "" and (kind == "trend" or "/" not in whose)
    key = KINDS[kind].key if kind in KINDS else "contract"
    return named and may_stand_in(sort, kind) and said.get(key, whose) == whose


# ── Its lines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _beside(found: Records, position: int, stored: dict[int, Any] | None, opened: dict[int, Any] | None, items: Items) -> None:
    """The lines of a record, and those opened of it, against what it commits to."""
    one = found.shown[-1] if found.shown and found.shown[-1].position == position else None
    report, where = None if one is None else _data(one), f"lines of record {position}"
    if not isinstance(report, AbsenceReported):
        strays = position in (stored or ()) or position in (opened or ())
        if strays and (one is None or one.record is not None):
            items.add("intact", where, "it is no report of absences that is shown")
        return
    said = report.lines
    if stored is not None and found.lines is not None:
        row = stored.get(position, {})
        lines = canonical(row.get("lines"))
        found_lines = verifying_lines.read(lines)
        if row.keys() != {"lines", "position"} or found_lines is None:
            items.add("intact", where, "they do not read as lines of absence" if row else f"its {said.count} lines are missing")
            found.unread = True
        elif not are_recorded(found_lines, said.count, said.sha256):
            items.add("intact", where, "they are not those that it was recorded with")
        found.lines[position] = lines
    if opened is not None and position in opened:
        for place, what in not_opened(opened[position], said.count, said.sha256):
            items.add("intact", where if place is None else f"line {place} of record {position}", what)
