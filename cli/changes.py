"""What changed since an earlier moment, and what late facts would change: as JSON, and as rows of causes for CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, assert_never

from cli.words import counted, told
from ledger.events import (
    AbsenceReported,
    ContractAmended,
    MethodologyAdopted,
    ReimbursementsReported,
    TrendPublished,
    WorkforceReported,
)
from ledger.money import decimals, kronor
from ledger.periods import instant_text
from ledger.record import Recorded
from projections.names import short_name
from projections.since import MOVES, Change, Since, Value

if TYPE_CHECKING:
    from projections import restated
    from projections.restated import Difference, Restated

COLUMNS = ("part", "id", "record", "recorded_at", "what", *MOVES)


def record_id(contract_id: str, record: Recorded[Any]) -> str:
    """``botkyrka/D4``, ``botkyrka/81``; of a national series, which belongs to no contract, ``record 90``."""
    if isinstance(record.data, TrendPublished):
        return f"record {record.position}"
    return f"{contract_id}/{short_name(record) or record.position}"


def what(record: Recorded[Any]) -> str:
    """The record in a line of words, with what it does not do by itself."""
    said = told(record)
    if isinstance(record.data, ContractAmended):
        return f"{said}; the entitlement moves by it only when months from {record.data.from_month} on are determined"
    return said


def why(cause: restated.Cause) -> str:
    """A cause of the difference that a redo would make, in words."""
    match cause.sort:
        case "recorded late":
            said = what(cause.record)
            if isinstance(cause.record.data, TrendPublished):
                said = f"index value recorded later; determining again takes the last recorded: {said}"
        case "agreed since":
            said = f"agreed since; determining again measures by it: {what(cause.record)}"
        case "averaged since":
            said = f"months that an average is taken of were determined anew: {what(cause.record)}"
        case "revised before":
            name = short_name(cause.record)
            said = f"index values revised before {name} was determined: it took the first recorded, determining again the last"
        case "computed otherwise":
            said = f"{short_name(cause.record)} comes out otherwise on the facts that it saw; see: soc check"
        case _:
            assert_never(cause.sort)
    return said if cause.waits is None else f"{said}; by itself it is not enough: {cause.waits}"


SORTS = {
    "absences": AbsenceReported,
    "workforce": WorkforceReported,
    "trend": TrendPublished,
    "reimbursements": ReimbursementsReported,
    "methodologies": MethodologyAdopted,
}


def sorts(records: Sequence[Recorded[Any]]) -> dict[str, int]:
    """How many absence reports, headcount files, index files, files of reimbursements and methodologies adopted."""
    return {name: sum(isinstance(one.data, kind) for one in records) for name, kind in SORTS.items()}


def reports(records: Sequence[Recorded[Any]]) -> str:
    """``2 reports``, ``1 report and 1 agreement``: what stands behind figures, and agreements on how to measure them."""
    agreed = sorts(records)["methodologies"]
    reported = len(records) - agreed
    said = [counted(number, what) for number, what in ((reported, "report"), (agreed, "agreement")) if number]
    return " and ".join(said) or counted(0, "report")


def since_json(contract_id: str, one: Since) -> dict[str, Any]:
    """The value of ``since``."""
    return {
        "known_at": instant_text(one.known_at),
        "basis": {"position": one.basis.position, "root": one.basis.root},
        "on_record": one.before is not None,
        "changes": [_change(change) for change in one.changes],
        "causes": [
            {
                **head(contract_id, cause.record),
                "what": what(cause.record),
                "moves": {name: kronor(amount) for name, amount in cause.moves.items()},
                "rests_on": [record_id(contract_id, record) for record in cause.rests_on],
            }
            for cause in one.causes
        ],
        "uncounted": {"facts": len(one.uncounted), **sorts(one.uncounted)},
    }


def _change(one: Change) -> dict[str, Any]:
    parts = {} if one.parts is None else {"parts": {name: kronor(amount) for name, amount in one.parts.items()}}
    before, after, difference = (plain(one.figure, value) for value in (one.before, one.after, one.difference))
    return {"figure": one.figure, "before": before, "after": after, "difference": difference, **parts}


def plain(figure: str, value: Value) -> Any:
    """A figure's value in JSON: money in kronor, ratios and instants as text."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return kronor(value)
        case Fraction():
            return decimals(value, 2 if figure.endswith("days_avoided") else 4)
        case datetime():
            return instant_text(value)
        case date():
            return str(value)
        case _:
            assert_never(value)


def head(contract_id: str, record: Recorded[Any]) -> dict[str, Any]:
    """Which record, and when it was recorded."""
    return {
        "id": record_id(contract_id, record),
        "record": record.position,
        "recorded_at": instant_text(record.recorded_at),
    }


def unsettled_json(contract_id: str, one: Restated) -> dict[str, Any]:
    """The value of ``unsettled``: savings and entitlement are what may still be determined again; ``closed`` is not in them."""
    return {
        "facts": len(one.facts),
        **_difference(contract_id, one.open),
        "closed": _difference(contract_id, one.closed) if one.closed.determinations else None,
        "undeterminable": [
            {
                "id": f"{contract_id}/D{unable.determination.number}",
                "months": [str(month) for month in unable.determination.period],
                "reason": unable.reason,
            }
            for unable in one.unable
        ],
    }


def _difference(contract_id: str, one: Difference) -> dict[str, Any]:
    return {
        "savings": kronor(one.savings),
        "entitlement": kronor(one.entitlement),
        "months": [
            {
                "month": str(moved.month),
                "determination": None if moved.determination is None else f"{contract_id}/D{moved.determination}",
                "savings": kronor(moved.savings),
                "entitlement": kronor(moved.entitlement),
            }
            for moved in one.months
        ],
        "causes": [
            {
                **head(contract_id, cause.record),
                "what": why(cause),
                "savings": kronor(cause.savings),
                "entitlement": kronor(cause.entitlement),
            }
            for cause in one.causes
        ],
    }


def rows(contract_id: str, changed: Since, late: Restated | None) -> Iterator[dict[str, Any]]:
    """A row for each cause: ``part`` says whether it moved the figures, or would."""
    for moved in changed.causes:
        amounts = {name: kronor(amount) for name, amount in moved.moves.items()}
        yield {"part": "since", **head(contract_id, moved.record), "what": what(moved.record), **dict.fromkeys(MOVES), **amounts}
    for part, difference in (("unsettled", late.open), ("closed", late.closed)) if late else ():
        for cause in difference.causes:
            amounts = {"savings": kronor(cause.savings), "entitled": kronor(cause.entitlement)}
            yield {"part": part, **head(contract_id, cause.record), "what": why(cause), **dict.fromkeys(MOVES), **amounts}
