"""The verdict in words: what each part says, and what a bundle cannot prove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from projections.verification.items import Part
from projections.verification.kinds import belongs_to

if TYPE_CHECKING:
    from projections.verification.verdict import Looked


def parts(looked: Looked) -> Mapping[Part, Mapping[str, Any]]:
    """Each part with its status and what it says."""
    if looked.manifest is None:
        unlooked = {"status": "not checked", "says": "not looked at, because the bundle cannot be opened"}
        more: Mapping[Part, dict[str, Any]] = {
            "intact": {},
            "complete": {"checkpoint": None},
            "recomputed": {"determinations": 0, "states": 0, "not_recomputed": []},
            "authorised": {"by": []},
            "anchored": {"at": None},
        }
        return {part: {**unlooked, **said, **_failed(looked, part)} for part, said in more.items()}
    said: Mapping[Part, Mapping[str, Any]] = {
        "intact": _intact(looked),
        "complete": _complete(looked),
        "recomputed": _recomputed(looked),
        "authorised": _authorised(looked),
        "anchored": _anchored(looked),
    }
    return {part: {**one, **_failed(looked, part)} for part, one in said.items()}


def _failed(looked: Looked, part: Part) -> Mapping[str, Any]:
    """What a part says that failed, of its first bad item; nothing for one that did not."""
    wrong = [one for one in looked.items if one.part == part]
    if not wrong:
        return {}
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return {"status": "no", "says": f"{wrong[0].where}: {wrong[0].what}{more}"}


def _intact(looked: Looked) -> Mapping[str, Any]:
    shown = len(looked.records.shown)
    return {
        "status": "yes",
        "says": f"{shown} records, and the lines, terms and methodologies with them, are byte for byte what was recorded",
    }


def _complete(looked: Looked) -> Mapping[str, Any]:
    last, hidden = looked.sealed.last, looked.records.hidden
    says = f"nothing is missing, added or moved among the {last} records of the last checkpoint"
    if hidden:
        shown = ", ".join(f"{name} with record {position}" for name, position in sorted(_last_of_contracts(looked).items()))
        says += f"; {hidden} of them are not shown, their fingerprints alone are here"
        says += f"; what is shown ends for {shown or 'no contract'}"
    return {"status": "partly" if hidden else "yes", "says": says, "checkpoint": last}


def _last_of_contracts(looked: Looked) -> Mapping[str, int]:
    """The last record that is shown of each contract, its reports among them."""
    found: dict[str, int] = {}
    for one in looked.records.shown:
        kind, whose = ("", "") if one.record is None else belongs_to(one.record.stream)
        if kind:
            found[whose] = one.position
    return found


def _recomputed(looked: Looked) -> Mapping[str, Any]:
    found = looked.recomputed
    if found is None:
        says = "not all records and lines can be read"
        return {"status": "not checked", "says": says, "determinations": 0, "states": 0, "not_recomputed": []}
    said = [f"{found.determinations} determinations and {found.states} states come out to the öre as they are recorded"]
    if found.not_recomputed:
        said.append(f"not known to this program, and not recomputed: {', '.join(found.not_recomputed)}")
    if looked.stated and looked.records.reported:
        said.append("the days of each month are taken as stated, for the absence lines are not in this bundle")
    more = {"determinations": found.determinations, "states": found.states, "not_recomputed": found.not_recomputed}
    return {"status": "partly" if len(said) > 1 else "yes", "says": "; ".join(said), **more}


def _authorised(looked: Looked) -> Mapping[str, Any]:
    last, by, others = looked.sealed.last or 0, looked.sealed.signed_by, looked.sealed.others
    if not looked.given.keys:
        claim = ", ".join(others) or "nobody"
        says = f"no key was given; on checkpoint {last} there are signatures that say they are by {claim}"
        return {"status": "not checked", "says": says, "by": []}
    more = f"; there are others, for which no key was given: {', '.join(others)}" if others else ""
    return {"status": "yes", "says": f"checkpoint {last} is signed by {', '.join(by)}{more}", "by": by}


def _anchored(looked: Looked) -> Mapping[str, Any]:
    found = looked.stamped
    if found.at is None:
        return {"status": "not checked", "says": "no authority has stamped a checkpoint", "at": None}
    says = f"checkpoint {found.size} was stamped at {found.at}"
    if looked.given.certificate is None:
        more = "; give the authority's certificate to check who says so"
        return {"status": "not checked", "says": says + more, "at": found.at}
    if found.unsupported:
        return {"status": "not checked", "says": f"{says}; {found.unsupported[0]}", "at": found.at}
    return {"status": "yes", "says": f"{says}, by the authority whose certificate was given", "at": found.at}


def not_proven(looked: Looked) -> Iterator[str]:
    """What no verification of a bundle can show."""
    yield "That what was reported is true."
    yield "That everything was reported that should have been."
    yield "Who recorded a record: the names are as the operator wrote them."
    yield "What was recorded after the last checkpoint."
    yield (
        "That a notice, an acceptance or an agreement was given on the day and by whom the record says, where no document is "
        "named with it."
    )
    yield "What stands in words: reasons, names, and what was found beside the figures of a month; none of it is recomputed."
    yield "README.txt, verify.py, schema.json and fields.csv: no signature is on them, and who made the zip could write others."
    if looked.records.hidden:
        yield "That the records that are not shown are of other contracts: they may be later records of these."
    if looked.records.simulated:
        yield "This ledger is simulated: its instants are what somebody typed."
    if looked.manifest is not None and looked.stated and looked.records.reported:
        yield "The days of each month: they are stated, and of the absence lines their fingerprint alone is here."
