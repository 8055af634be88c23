"""A bundle read as a whole: every member in its own form and against the others, every fault noted and none in the way of the
next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cli.verifier.beside import Columns, line_faults, opening_faults, undrawn_faults
from cli.verifier.container import BadItem
from cli.verifier.kinds import CONTRACTS
from cli.verifier.members import (
    encoded_json,
    in_member,
    member_faults,
    read_leaves,
    read_states,
    read_totals,
    rows_by_position,
)
from cli.verifier.pieces import look_at_records
from cli.verifier.records import Found

Progress = Callable[[int], None]
Value = TypeVar("Value")
Rows = dict[int, dict[str, Any]]
MemberFaults = list[tuple[str, str]]


@dataclass
class BundleRead:
    """What a bundle holds. ``leaves``: none where they do not read; ``lines``: None where there is no such member; ``unread``:
    whether a record, or a line beside one, does not read. ``bad``: what is not intact, in order."""

    members: Mapping[str, memoryview]
    manifest: Mapping[str, Any]
    events: bytes
    leaves: list[bytes]
    found: Found
    lines: dict[int, Columns] | None
    openings: Rows
    totals: list[dict[str, Any]] | None
    states: dict[str, list[dict[str, Any]]] | None
    unread: bool
    bad: list[BadItem] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records the manifest says there are."""
        return int(self.manifest["records"])

    @property
    def days_are_stated(self) -> bool:
        """Whether there are reports of absences, and their lines are not here."""
        return self.lines is None and bool(self.found.reports)

    @property
    def recomputable(self) -> bool:
        """Whether all that recomputing needs reads: every shown record, in its place, every line or total, and the states."""
        days = self.totals if self.lines is None else self.lines
        return not self.unread and not self.found.misplaced and days is not None and self.states is not None


def read_bundle(members: Mapping[str, memoryview], manifest: Mapping[str, Any], progress: Progress) -> BundleRead:
    """Everything in the bundle that can be read, and everything in it that does not agree."""
    faults: MemberFaults = []
    joined = _read_member(members, "leaves.txt", read_leaves, faults) or b""
    events = bytes(members.get("events.jsonl", b""))
    found = look_at_records(events, joined, progress)
    if (found.simulated is None or events.startswith(b"null\n")) and 1 not in found.faults:
        found.fault(1, "it is not there: the first record says how the record was opened")
    rows, openings = _rows(members, "lines.jsonl", faults), _rows(members, "openings.jsonl", faults)
    bundle = BundleRead(
        members=members,
        manifest=manifest,
        events=events,
        leaves=[joined[begins : begins + 32] for begins in range(0, len(joined), 32)],
        found=found,
        lines=None if rows is None else {},
        openings=openings or {},
        totals=_read_member(members, "totals.jsonl", read_totals, faults),
        states=_read_member(members, "states.json", read_states, faults),
        unread=bool(found.unread or faults_of(faults, "lines.jsonl", "openings.jsonl")) or not found.count,
    )
    items = _record_items(bundle, rows)
    if not items and not bundle.unread and len(bundle.leaves) == found.count:
        items = undrawn_faults(found.reports, bundle.openings, bundle.leaves)
    faults += [*_counted_faults(bundle), *member_faults(members, manifest), *_manifest_faults(bundle)]
    bundle.bad = [*items, *in_member(faults), *in_member(_attached_faults(bundle))]
    return bundle


def faults_of(faults: MemberFaults, *names: str) -> list[str]:
    """What is wrong with these members."""
    return [what for name, what in faults if name in names]


def _read_member(
    members: Mapping[str, memoryview], name: str, read: Callable[[bytes], Value], faults: MemberFaults
) -> Value | None:
    """What a member says; None where there is none, or it does not read, which is noted."""
    if name not in members:
        return None
    try:
        return read(bytes(members[name]))
    except ValueError as fault:
        faults.append((name, str(fault)))
        return None


def _rows(members: Mapping[str, memoryview], name: str, faults: MemberFaults) -> Rows | None:
    """The rows beside records; None where there is no such member."""
    if name not in members:
        return None
    rows, fault = rows_by_position(bytes(members[name]))
    if fault:
        faults.append((name, fault))
    return rows


def _record_items(bundle: BundleRead, rows: Rows | None) -> list[BadItem]:
    """What is wrong with records, each followed by its lines. The lines that read are kept."""
    beside: dict[int, list[BadItem]] = {}
    for report in bundle.found.reports:
        items = beside.setdefault(report.position, [])
        if rows is not None and bundle.lines is not None:
            what, read = line_faults(report, rows.get(report.position))
            items += [BadItem("intact", f"lines of record {report.position}", what)] if what else []
            bundle.unread |= not read
            bundle.lines |= {report.position: rows[report.position]["lines"]} if read else {}
        if report.position in bundle.openings:
            items += opening_faults(report, bundle.openings[report.position])
    strays = ({*(rows or ()), *bundle.openings} - beside.keys()) - bundle.found.unread
    for position in strays:
        beside[position] = [BadItem("intact", f"lines of record {position}", "it is no report of absences that is shown")]
    found = []
    for position in sorted({*bundle.found.faults, *beside}):
        if position in bundle.found.faults:
            found.append(BadItem("intact", f"record {position}", "; ".join(bundle.found.faults[position])))
        found += beside.get(position, [])
    return found


def _counted_faults(bundle: BundleRead) -> MemberFaults:
    """Members that hold more or fewer records than there are, or are cut short."""
    faults = []
    if bundle.events and not bundle.events.endswith(b"\n"):
        faults.append(("events.jsonl", "its last line is not ended: it was cut short"))
    if len(bundle.leaves) != bundle.found.count:
        faults.append(("leaves.txt", f"it holds {len(bundle.leaves)} fingerprints for {bundle.found.count} records"))
    return faults


def _manifest_faults(bundle: BundleRead) -> MemberFaults:
    """What the manifest says of the records against the records, where they read."""
    if bundle.unread:
        return []
    found = bundle.found
    contracts = sorted(whose for kind, _, whose in (name.partition("/") for name in found.streams) if kind in CONTRACTS)
    told = {
        "records": found.count,
        "shown": found.count - found.hidden,
        "lines": 0 if bundle.lines is None else sum(report.lines for report in found.reports),
        "streams": dict(found.streams),
        "contracts": contracts,
    }
    if found.simulated is not None:
        told["simulated"] = found.simulated
    if found.last_shown == found.count:
        told["known_at"] = found.instant
    differing = [f"its {name} are not those of the records" for name, value in told.items() if bundle.manifest[name] != value]
    if bundle.manifest["known_at"] < found.instant:
        differing.append(f"it is known at {bundle.manifest['known_at']}, before record {found.last_shown} of {found.instant}")
    unshown = [name for name in bundle.states or () if name not in contracts]
    faults = [("states.json", f"there are states of {name}, which is not shown") for name in unshown]
    return [*faults, ("manifest.json", "; ".join(differing))] if differing else faults


def _attached_faults(bundle: BundleRead) -> MemberFaults:
    """Terms and methodologies against the records that brought them."""
    faults, brought = [], set()
    for one in bundle.found.attached:
        brought.add(one.member)
        if one.member not in bundle.members:
            faults.append((one.member, f"it is missing; record {one.position} brought it"))
        elif bundle.members[one.member] != encoded_json(one.content).encode(errors="replace"):
            faults.append((one.member, f"it is not what record {one.position} brought"))
    folders = [name for name in bundle.members if name.startswith(("terms/", "methodologies/"))]
    return faults + [(name, "no record that is shown brought it") for name in folders if name not in brought]
