"""The verdict on a bundle: five parts, each with its status and a sentence, and every bad item by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cli.verifier.beside import drawn_lines, line_at, line_of
from cli.verifier.checkpoints import (
    Checkpoints,
    Given,
    asked_sizes,
    completeness_faults,
    look_at_stamps,
    read_checkpoints,
    recorded_at_last,
    signature_faults,
)
from cli.verifier.container import BadItem, NotABundle, read_container
from cli.verifier.kinds import belongs_to
from cli.verifier.members import read_manifest
from cli.verifier.merkle import roots_at
from cli.verifier.reading import BundleRead, Progress, read_bundle
from cli.verifier.recompute import Recomputed, recompute
from cli.verifier.records import HIDDEN_RECORD
from cli.verifier.words import (
    ALWAYS_UNPROVEN,
    PartSaid,
    anchored_said,
    authorised_said,
    complete_said,
    intact_said,
    recomputed_said,
    unopened_said,
    unproven,
)


class Verdict(NamedTuple):
    """What was found. ``bundle``: the SHA-256 of the zip; ``bad`` in the order in which to look at it."""

    bundle: str
    parts: Mapping[str, PartSaid]
    bad: Sequence[BadItem]
    not_proven: Sequence[str]

    @property
    def failed(self) -> bool:
        """Whether any part failed."""
        return any(part["status"] == "no" for part in self.parts.values())

    def as_json(self) -> dict[str, Any]:
        """The verdict for programs."""
        return {
            "bundle": self.bundle,
            "verdict": "failed" if self.failed else "verified",
            "parts": self.parts,
            "bad": [{"part": one.part, "what": one.what, "where": one.where} for one in self.bad],
            "not_proven": list(self.not_proven),
        }


class Looked(NamedTuple):
    """All that was looked at, where the bundle could be opened."""

    bundle: BundleRead
    checkpoints: Checkpoints
    roots: Mapping[int, bytes]


def verify_bundle(content: bytes, given: Given, progress: Progress) -> tuple[Verdict, Looked | None]:
    """The verdict on the bytes of a bundle, and what was looked at; never raises for any bytes."""
    name = hashlib.sha256(content).hexdigest()
    try:
        return _looked_through(name, content, given, progress)
    except Exception as error:  # whatever a stranger's bytes bring about: what cannot be looked at is not verified
        what = f"not all of it can be looked at ({type(error).__name__}: {error})"
        return _unopened(name, BadItem("intact", "container", what)), None


def _looked_through(name: str, content: bytes, given: Given, progress: Progress) -> tuple[Verdict, Looked | None]:
    try:
        members = read_container(content)
    except NotABundle as fault:
        return _unopened(name, BadItem("intact", "container", str(fault))), None
    try:
        manifest = read_manifest(members)
    except ValueError as fault:
        return _unopened(name, BadItem("intact", "member manifest.json", str(fault))), None
    bundle = read_bundle(members, manifest, progress)
    checkpoints, unread = read_checkpoints(members)
    roots = roots_at(bundle.leaves, asked_sizes(bundle, checkpoints, given.notes))
    anchored = look_at_stamps(members, checkpoints, given.certificates, recorded_at_last(bundle))
    recomputed, differing = _recomputed_if_read(bundle, roots)
    bad = _each_once(
        [
            *bundle.bad,
            *completeness_faults(bundle, checkpoints, unread, given.notes, roots),
            *signature_faults(checkpoints, given.keys),
            *anchored.bad,
            *differing,
        ]
    )
    parts = {
        "intact": intact_said(bundle),
        "complete": complete_said(bundle, max(checkpoints, default=None)),
        "recomputed": recomputed_said(bundle, recomputed),
        "authorised": authorised_said(checkpoints, given),
        "anchored": anchored_said(anchored, given),
    }
    for part, said in parts.items():
        _fail(said, [item for item in bad if item.part == part])
    return Verdict(name, parts, bad, unproven(bundle)), Looked(bundle, checkpoints, roots)


def _unopened(name: str, item: BadItem) -> Verdict:
    return Verdict(name, unopened_said(f"{item.where}: {item.what}"), [item], ALWAYS_UNPROVEN)


def _each_once(items: Sequence[BadItem]) -> list[BadItem]:
    """The items in order, each place once in a part: what else is wrong there is said with the first."""
    found: dict[tuple[str, str], BadItem] = {}
    for item in items:
        place = item.part, item.where
        found[place] = found[place]._replace(what=f"{found[place].what}; {item.what}") if place in found else item
    return list(found.values())


def _fail(said: PartSaid, bad: Sequence[BadItem]) -> None:
    """Turn a part into a no where anything in it is bad."""
    if bad:
        more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
        said |= {"status": "no", "says": f"{bad[0].where}: {bad[0].what}{more}"}


# --- Recomputing --------------------------------------------------------------------------------------------------------


def _recomputed_if_read(bundle: BundleRead, roots: Mapping[int, bytes]) -> tuple[Recomputed | None, list[BadItem]]:
    """What recomputing found, None where it needs more than can be read; and every figure that differs, by record."""
    if not bundle.recomputable:
        return None, []
    if not bundle.states and not any(belongs_to(stream)[0] for stream in bundle.found.streams):
        return Recomputed([], 0, 0, sorted(bundle.found.unknown)), []
    records = [json.loads(line) for line in bundle.events.split(b"\n") if line not in (b"", HIDDEN_RECORD)]
    try:
        found = recompute(records, bundle.lines, bundle.totals or [], bundle.states or {}, bundle.manifest["known_at"])
    except Exception as error:  # whatever a stranger's records bring about: what cannot be recomputed is not verified
        what = f"nothing can be recomputed from these records ({type(error).__name__}: {error})"
        return None, [BadItem("recomputed", f"record {bundle.found.last_shown}", what)]
    by_record = [
        *_basis_faults(bundle, roots),
        *_sample_faults(bundle, roots),
        *(one for one in found.bad if one[0].startswith("record ")),
    ]
    others = [one for one in found.bad if not one[0].startswith("record ")]
    ordered = [*sorted(by_record, key=lambda one: int(one[0].partition(" ")[2])), *others]
    return found, [BadItem("recomputed", where, what) for where, what in ordered]


def _basis_faults(bundle: BundleRead, roots: Mapping[int, bytes]) -> list[tuple[str, str]]:
    """Determinations and findings that name another root than the records up to there have."""
    return [
        (f"record {position}", f"it rests on record {basis}, but on another record than this one: the fingerprint there differs")
        for position, basis, root in bundle.found.bases
        if basis >= position or basis not in roots or roots[basis].hex() != root
    ]


def _sample_faults(bundle: BundleRead, roots: Mapping[int, bytes]) -> list[tuple[str, str]]:
    """Audit findings about other lines than their checkpoint draws."""
    faults = []
    for one in bundle.found.samples:
        reports = [each for each in bundle.found.reports if each.contract == one.contract and each.position <= one.checkpoint]
        population = sum(each.lines for each in reports)
        if one.population != population:
            faults.append(
                (f"record {one.position}", f"it says that there are {one.population} lines, and there are {population}")
            )
        elif one.checkpoint in roots:
            items = drawn_lines(roots[one.checkpoint], one.contract, population, len(one.drawn))
            places = [(report.position, line) for report, line in (line_at(reports, item) for item in items)]
            if places != one.drawn:
                faults.append((f"record {one.position}", f"its lines are not those that record {one.checkpoint} draws"))
    return faults


# --- A sample -----------------------------------------------------------------------------------------------------------


class SampleFault(Exception):
    """A sample cannot be drawn, and why."""


def draw_sample(looked: Looked, contract: str | None, number: int) -> dict[str, Any]:
    """So many absence lines of a contract, drawn from the root of the last checkpoint that reads. Raises SampleFault."""
    bundle = looked.bundle
    contracts = sorted({report.contract for report in bundle.found.reports})
    if contract is None and len(contracts) == 1:
        contract = contracts[0]
    if contract not in contracts:
        raise SampleFault(f"name the contract with --contract; there are absence lines of: {', '.join(contracts) or 'none'}")
    size = max((size for size in looked.checkpoints if size in looked.roots), default=None)
    if size is None:
        raise SampleFault("there is no checkpoint that reads, by whose fingerprint it could be drawn")
    reports = [report for report in bundle.found.reports if report.contract == contract and report.position <= size]
    population = sum(report.lines for report in reports)
    drawn = []
    for draw, item in enumerate(drawn_lines(looked.roots[size], contract, population, number), 1):
        report, line = line_at(reports, item)
        shown = _line_shown(bundle, report.position, line)
        drawn.append({"draw": draw, "record": report.position, "line": line, "shown": shown})
    root = looked.roots[size].hex()
    return {"contract": contract, "checkpoint": size, "root": root, "population": population, "drawn": drawn}


def _line_shown(bundle: BundleRead, position: int, line: int) -> dict[str, Any] | None:
    """The line itself, where the bundle holds or opens it."""
    columns = (bundle.lines or {}).get(position)
    if columns is not None and line < len(columns["employee"]):
        return line_of(columns, line)
    row = bundle.openings.get(position, {})
    opened = row.get("opened")
    for one in opened if isinstance(opened, list) else []:
        if isinstance(one, dict) and one.get("number") == line and isinstance(one.get("line"), dict):
            return dict(one["line"])
    return None
