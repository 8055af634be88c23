"""The verdict in words: what each part says, and what a bundle cannot prove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.verifier.checkpoints import Anchored, Checkpoints, Given, signers_of
from cli.verifier.kinds import belongs_to
from cli.verifier.reading import BundleRead
from cli.verifier.recompute import Recomputed

PartSaid = dict[str, Any]
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


def unopened_said(why: str) -> Mapping[str, PartSaid]:
    """The parts of a bundle that cannot be opened."""
    unlooked: PartSaid = {"status": "not checked", "says": "not looked at, because the bundle cannot be opened"}
    return {
        "intact": {"status": "no", "says": why},
        "complete": {**unlooked, "checkpoint": None},
        "recomputed": {**unlooked, "determinations": 0, "states": 0, "not_recomputed": []},
        "authorised": {**unlooked, "by": []},
        "anchored": {**unlooked, "at": None},
    }


def intact_said(bundle: BundleRead) -> PartSaid:
    """What is shown is what was recorded."""
    shown = bundle.found.count - bundle.found.hidden
    return {
        "status": "yes",
        "says": f"{shown} records, and the lines, terms and methodologies with them, are byte for byte what was recorded",
    }


def complete_said(bundle: BundleRead, last: int | None) -> PartSaid:
    """Nothing up to the last checkpoint is missing; how much is shown."""
    hidden = bundle.found.hidden
    says = f"nothing is missing, added or moved among the {last} records of the last checkpoint"
    if hidden:
        shown = ", ".join(f"{name} with record {position}" for name, position in sorted(_last_of_contracts(bundle).items()))
        says += f"; {hidden} of them are not shown, their fingerprints alone are here"
        says += f"; what is shown ends for {shown or 'no contract'}"
    return {"status": "partly" if hidden else "yes", "says": says, "checkpoint": last}


def _last_of_contracts(bundle: BundleRead) -> dict[str, int]:
    """The last record that is shown of each contract, its reports among them."""
    found: dict[str, int] = {}
    for stream, position in bundle.found.last_of.items():
        kind, whose = belongs_to(stream)
        if kind:
            found[whose] = max(position, found.get(whose, 0))
    return found


def recomputed_said(bundle: BundleRead, found: Recomputed | None) -> PartSaid:
    """How much was computed again, and what was not; None where it could not be."""
    if found is None:
        says = "not all records and lines can be read"
        return {"status": "not checked", "says": says, "determinations": 0, "states": 0, "not_recomputed": []}
    told = [f"{found.determinations} determinations and {found.states} states come out to the öre as they are recorded"]
    if found.not_recomputed:
        told.append(f"not known to this program, and not recomputed: {', '.join(found.not_recomputed)}")
    if bundle.days_are_stated:
        told.append("the days of each month are taken as stated, for the absence lines are not in this bundle")
    return {
        "status": "partly" if len(told) > 1 else "yes",
        "says": "; ".join(told),
        "determinations": found.determinations,
        "states": found.states,
        "not_recomputed": list(found.not_recomputed),
    }


def authorised_said(checkpoints: Checkpoints, given: Given) -> PartSaid:
    """Who signed the last checkpoint, by the keys that were given."""
    last = max(checkpoints, default=0)
    by, others = signers_of(checkpoints.get(last), given.keys)
    if not given.keys:
        claim = ", ".join(others) or "nobody"
        says = f"no key was given; on checkpoint {last} there are signatures that say they are by {claim}"
        return {"status": "not checked", "says": says, "by": []}
    more = f"; there are others, for which no key was given: {', '.join(others)}" if others else ""
    return {"status": "yes", "says": f"checkpoint {last} is signed by {', '.join(by)}{more}", "by": by}


def anchored_said(found: Anchored, given: Given) -> PartSaid:
    """When an authority stamped a checkpoint."""
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


def unproven(bundle: BundleRead) -> list[str]:
    """What no verification of this bundle can show."""
    found = list(ALWAYS_UNPROVEN)
    if bundle.found.hidden:
        found.append("That the records that are not shown are of other contracts: they may be later records of these.")
    if bundle.found.simulated:
        found.append("This ledger is simulated: its instants are what somebody typed.")
    if bundle.days_are_stated:
        found.append("The days of each month: they are stated, and of the absence lines their fingerprint alone is here.")
    return found
