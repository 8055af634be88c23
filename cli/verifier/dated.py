"""The day that a record is about: of each type, which day of its data that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from cli.verifier.calendar import _day, _day_number, _first_day, _last_day, _month, _period
from cli.verifier.facts import ADOPTED, DETERMINED, Lines, Record, Records, _of, _recorded_on
from cli.verifier.kinds import belongs_to

FROM_MONTH = ("ContractAmended@1", "FollowUpSuspended@1", "FollowUpResumed@1")
ROWS = ("WorkforceReported@1", "ReimbursementsReported@1")
WHEN_RECORDED = ("LedgerOpened@1", "MethodologyProposed@1", "MethodologyRejected@1")


def faults_of_day(own: Records, lines: Lines, record: Record) -> list[str]:
    """What speaks against the day that a record says it is about; nothing where the bundle does not tell which it is."""
    about = _about(own, lines, record)
    said = record["effective_on"]
    return [] if about is None or about.isoformat() == said else [f"effective_on is {said}, recomputed {about}"]


def faults_apart(records: Records, contracts: Collection[str]) -> list[tuple[int, str]]:
    """The same of what is of no contract; and reports of contracts of which nothing else is shown."""
    found = []
    for record in records:
        kind, whose = belongs_to(record["stream"])
        if not kind:
            found += [(record["position"], what) for what in faults_of_day((), None, record)]
        elif kind == "contract" and whose not in contracts:
            found.append((record["position"], f"it is of no contract that is shown: {record['stream']}"))
    return found


def _about(own: Records, lines: Lines, record: Record) -> date | None:
    kind, data = record["type"], record["data"]
    if kind in WHEN_RECORDED:
        return _recorded_on(record)
    if kind == "ContractSigned@1":
        return _day(data["signed_on"])
    if kind in FROM_MONTH:
        return _first_day(_month(data["from_month"]))
    if kind in ADOPTED:
        return _day(data["from_on"])
    if kind in DETERMINED:
        return _last_day(_month(data["months"][-1]["month"]))
    if kind in ROWS and data["rows"]:
        return _last_day(max(_month(row["month"]) for row in data["rows"]))
    if kind == "IndicatorsReported@1":
        return max((_last_day(_period(row["period"])[1]) for row in data["rows"]), default=None)
    if kind == "TargetsStated@1":
        return max((_day(row["stated_on"]) for row in data["rows"] if "stated_on" in row), default=_recorded_on(record))
    if kind == "TrendPublished@1":
        return max((_day(value["published_on"]) for value in data["values"]), default=None)
    if kind == "AbsenceReported@1":
        return _about_absences(lines, record)
    if kind == "EntryCorrected@1":
        return _about_correction(own, record)
    return _day(data["on"]) if "on" in data else None


def _about_absences(lines: Lines, record: Record) -> date | None:
    """The end of the period that it reports, or of the last absence; the day of the report, if that is later."""
    period = record["data"].get("period")
    if period is not None:
        about = _last_day(_period(period)[1])
    else:
        columns: Mapping[str, Any] = (lines or {}).get(record["position"], {})
        days = [*columns.get("first_day", ()), *columns.get("last_day", ())]
        if not days:
            return None
        about = _day_number(max(days))
    return min(about, _recorded_on(record))


def _about_correction(own: Records, record: Record) -> date:
    """The day that the entry takes; of one that no longer stands, the day that it had. The new day of a notice stands nowhere
    else: what falls payable by it is recomputed from it."""
    data, becomes = record["data"], record["data"].get("becomes")
    corrected = next(one for one in own if one["position"] == data["corrects"])
    if data["entry"] == "acceptance":
        return _day(corrected["data"]["on"])
    if data["entry"] == "notice":
        moved = [
            _day(one["effective_on"])
            for one in _of(own, record["stream"], "EntryCorrected@1", record["position"] - (becomes is None))
            if one["data"]["corrects"] == data["corrects"]
        ]
        return moved[-1] if moved else _day(corrected["data"]["on"])
    return _day((data["was"] if becomes is None else becomes)["on"])
