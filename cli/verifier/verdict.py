"""The verdict on a bundle: five parts, each with its status and a sentence, and every bad item by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cli.verifier.beside import drawn_lines, line_at, line_of
from cli.verifier.checkpoints import (
    Anchored,
    Checkpoints,
    Given,
    asked_sizes,
    completeness_faults,
    look_at_stamps,
    read_checkpoints,
    recorded_at_last,
    signature_faults,
    signers_of,
)
from cli.verifier.container import BadItem, NotABundle, read_container
from cli.verifier.members import read_manifest
from cli.verifier.merkle import roots_at
from cli.verifier.reading import BundleRead, Progress, read_bundle
from cli.verifier.recompute import Recomputed, recompute
from cli.verifier.records import HIDDEN_RECORD

PartSaid = dict[str, Any]
BECAUSE_UNOPENED = "not looked at, because the bundle cannot be opened"
ALWAYS_UNPROVEN = (
    "That what was reported is true.",
    "That everything was reported that should have been.",
    "Who recorded a record: the names are as the operator wrote them.",
    "What was recorded after the last checkpoint.",
    "That a notice, an acceptance or an agreement was given on the day and by whom the record says, where no document is "
    "named with it.",
    "What stands in words: reasons, names, and what was found beside the figures of a month; none of it is recomputed.",
    "README.txt, verify.py, schema.json and fields.csv: no signature is on them, and who made the zip could write others.",
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
        "intact": _intact(bundle),
        "complete": _complete(bundle, max(checkpoints, default=None)),
        "recomputed": _recomputed(bundle, recomputed),
        "authorised": _authorised(checkpoints, given),
        "anchored": _anchored(anchored, given),
    }
    for part, said in parts.items():
        _fail(said, [item for item in bad if item.part == part])
    return Verdict(name, parts, bad, _not_proven(bundle)), Looked(bundle, checkpoints, roots)


def _unopened(name: str, item: BadItem) -> Verdict:
    unlooked: PartSaid = {"status": "not checked", "says": BECAUSE_UNOPENED}
    parts = {
        "intact": {"status": "no", "says": f"{item.where}: {item.what}"},
        "complete": {**unlooked, "checkpoint": None},
        "recomputed": {**unlooked, "determinations": 0, "states": 0, "not_recomputed": []},
        "authorised": {**unlooked, "by": []},
        "anchored": {**unlooked, "at": None},
    }
    return Verdict(name, parts, [item], ALWAYS_UNPROVEN)


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
    if not bundle.states and all(stream == "ledger" or stream.startswith("trend/") for stream in bundle.found.streams):
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
        (f"record {position}", f"it rests on record {basis}, but on another record than this one: the root there differs")
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


# --- The parts in words -------------------------------------------------------------------------------------------------


def _intact(bundle: BundleRead) -> PartSaid:
    shown = bundle.found.count - bundle.found.hidden
    return {
        "status": "yes",
        "says": f"{shown} records, and the lines, terms and methodologies with them, are byte for byte what was recorded",
    }


def _complete(bundle: BundleRead, last: int | None) -> PartSaid:
    hidden = bundle.found.hidden
    says = f"nothing is missing, added or moved among the {last} records of the last checkpoint"
    if hidden:
        shown = ", ".join(f"{name} with record {position}" for name, position in sorted(_last_of_contracts(bundle).items()))
        says += f"; {hidden} of them are not shown, their leaves alone are here; what is shown ends for {shown or 'no contract'}"
    return {"status": "partly" if hidden else "yes", "says": says, "checkpoint": last}


def _last_of_contracts(bundle: BundleRead) -> dict[str, int]:
    """The last record that is shown of each contract, its reports among them."""
    found: dict[str, int] = {}
    for stream, position in bundle.found.last_of.items():
        kind, _, whose = stream.partition("/")
        if kind not in ("ledger", "trend"):
            found[whose] = max(position, found.get(whose, 0))
    return found


def _recomputed(bundle: BundleRead, found: Recomputed | None) -> PartSaid:
    if found is None:
        says = "not all records and lines can be read"
        return {"status": "not checked", "says": says, "determinations": 0, "states": 0, "not_recomputed": []}
    told = [f"{found.determinations} determinations and {found.states} states come out to the öre as they are recorded"]
    if found.not_recomputed:
        told.append(f"not known to this program, and not recomputed: {', '.join(found.not_recomputed)}")
    if bundle.lines is None:
        told.append("the days of each month are taken as stated, for the absence lines are not in this bundle")
    return {
        "status": "partly" if len(told) > 1 else "yes",
        "says": "; ".join(told),
        "determinations": found.determinations,
        "states": found.states,
        "not_recomputed": list(found.not_recomputed),
    }


def _authorised(checkpoints: Checkpoints, given: Given) -> PartSaid:
    last = max(checkpoints, default=0)
    by, others = signers_of(checkpoints.get(last), given.keys)
    if not given.keys:
        claim = ", ".join(others) or "nobody"
        says = f"no key was given; on checkpoint {last} there are signatures that say they are by {claim}"
        return {"status": "not checked", "says": says, "by": []}
    more = f"; there are others, for which no key was given: {', '.join(others)}" if others else ""
    return {"status": "yes", "says": f"checkpoint {last} is signed by {', '.join(by)}{more}", "by": by}


def _anchored(found: Anchored, given: Given) -> PartSaid:
    if found.at is None:
        return {"status": "not checked", "says": "no authority has stamped a checkpoint", "at": None}
    says = f"checkpoint {found.size} was stamped at {found.at}"
    if not given.certificates:
        says += "; give the authority's certificate to check who says so"
    elif found.unsupported:
        says += f"; this program does not verify {'; '.join(found.unsupported)}"
    else:
        return {"status": "yes", "says": f"{says}, by the authority whose certificate was given", "at": found.at}
    return {"status": "not checked", "says": says, "at": found.at}


def _not_proven(bundle: BundleRead) -> list[str]:
    unproven = list(ALWAYS_UNPROVEN)
    if bundle.found.hidden:
        unproven.append("That the records that are not shown are of other contracts: they may be later records of these.")
    if bundle.found.simulated:
        unproven.append("This ledger is simulated: its instants are what somebody typed.")
    if bundle.lines is None:
        unproven.append("The days of each month: they are stated, and each absence line is bound by its commitment alone.")
    return unproven


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
        raise SampleFault("there is no checkpoint that reads, from whose root it could be drawn")
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
