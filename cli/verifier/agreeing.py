"""Checking what the parties agree on, when it may begin, and what an auditor adds (rules 15, 19 to 21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from cli.verifier.calendar import _day, _first_day, _last_day, _month, _month_of, _month_text, _period
from cli.verifier.disputes import closed_on
from cli.verifier.facts import (
    ADOPTED,
    Record,
    Records,
    _contract_months,
    _is_suspended,
    _methodology,
    _of,
    _recorded_on,
    _rules,
    _suspensions,
)
from cli.verifier.governing import FIXED, _latest_terms
from cli.verifier.notices import _is_noticed, _resolves
from cli.verifier.sharing import _determinations_in_force, _months_in_force


def faults_of_agreeing(records: Records, record: Record) -> list[str]:
    """What the record before it has against an agreement, a proposal, the contract's end, or an auditor's work."""
    contract, kind = record["stream"].split("/", 1)[1], record["type"]
    look = {
        "ContractAmended@1": _faults_of_amendment,
        "MethodologyProposed@1": _faults_of_proposing,
        "MethodologyRejected@1": _faults_of_rejecting,
        "FollowUpSuspended@1": _faults_of_suspending,
        "FollowUpResumed@1": _faults_of_resuming,
        "ContractClosed@1": _faults_of_end,
        "AuditFindingsRecorded@1": _faults_of_findings,
        "EvaluationSignedOff@1": _faults_of_sign_off,
    }.get(kind, _faults_of_adopting if kind in ADOPTED else None)
    return [] if look is None else look(records, contract, record, record["position"] - 1)


def _last_month(terms: Mapping[str, Any]) -> int:
    return _contract_months(terms)[-1]


def _faults_of_amendment(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    """An amendment never reprices earlier months, and changes no share; it begins within the contract, and in order."""
    data, now = record["data"], _latest_terms(records, contract, upto)
    faults = [f"it changes {key}" for key in FIXED if _value(now, key) != _value(data["terms"], key)]
    if data["terms"] == now:
        faults.append("the terms are the same as those in force")
    begins, determined = _month(data["from_month"]), _months_in_force(records, contract, upto)
    if determined and begins <= max(determined):
        faults.append(f"it begins in {data['from_month']}, and {_month_text(max(determined))} is determined")
    amended = _of(records, f"contract/{contract}", "ContractAmended@1", upto)
    earlier = _month(amended[-1]["data"]["from_month"]) if amended else _contract_months(now)[0]
    if begins < earlier:
        faults.append(f"it begins in {data['from_month']}, before what was agreed from {_month_text(earlier)}")
    if begins > _last_month(now) + 1 or _last_month(data["terms"]) < begins - 1:
        faults.append("it begins after the contract's end")
    return faults


def _value(terms: Mapping[str, Any], key: str) -> Any:
    table, _, name = key.rpartition(".")
    return (terms[table] if table else terms)[name]


class _Proposal(NamedTuple):
    """A methodology proposed, by whom it was rejected, and whether it was adopted."""

    data: Mapping[str, Any]
    rejected_by: tuple[str, ...] = ()
    adopted: bool = False

    @property
    def is_open(self) -> bool:
        return not self.rejected_by and not self.adopted

    def is_of(self, data: Mapping[str, Any]) -> bool:
        """Whether it proposes this methodology from this day on."""
        return all(self.data[name] == data[name] for name in ("methodology", "from_on"))


def _proposals(records: Records, contract: str, upto: int) -> dict[int, _Proposal]:
    found: dict[int, _Proposal] = {}
    for record in _of(records, f"contract/{contract}", ("MethodologyProposed@1", "MethodologyRejected@1", *ADOPTED), upto):
        data = record["data"]
        if record["type"] == "MethodologyProposed@1":
            found[data["number"]] = _Proposal(data)
        elif record["type"] == "MethodologyRejected@1" and data["proposal"] in found:
            one = found[data["proposal"]]
            found[data["proposal"]] = one._replace(rejected_by=(*one.rejected_by, data["by"]))
        elif data.get("proposal") in found:
            found[data["proposal"]] = found[data["proposal"]]._replace(adopted=True)
    return found


def _faults_of_start(terms: Mapping[str, Any], from_on: str) -> list[str]:
    """A methodology starts on the first of a month, or with the contract, and before its end."""
    begins = _day(from_on)
    if begins > _last_day(_last_month(terms)):
        return [f"it starts on {from_on}, after the contract's last month"]
    return [] if begins.day == 1 or from_on == terms["starts_on"] else [f"it starts on {from_on}, within a month"]


def _faults_of_proposing(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    terms, data, before = _latest_terms(records, contract, upto), record["data"], _proposals(records, contract, upto)
    faults = [] if data["by"] in terms["parties"] else [f"{data['by']} is no party"]
    if data["number"] != len(before) + 1:
        faults.append(f"it is M{data['number']}, the next is M{len(before) + 1}")
    if any(one.is_open and one.is_of(data) for one in before.values()):
        faults.append("the same was proposed before")
    return faults + _faults_of_start(terms, data["from_on"])


def _faults_of_rejecting(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    terms, data = _latest_terms(records, contract, upto), record["data"]
    faults = [] if data["by"] in terms["governance"]["agrees"] else [f"{data['by']} need not agree"]
    one = _proposals(records, contract, upto).get(data["proposal"])
    if one is None:
        return [*faults, f"there is no proposal M{data['proposal']}"]
    if one.adopted or data["by"] in one.rejected_by:
        faults.append(f"M{data['proposal']} was {'adopted' if one.adopted else 'rejected by ' + data['by']} before")
    return faults


def _faults_of_adopting(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    """A methodology reaches no determination that is closed; it says what months of an ended suspension count for that are
    determined; and adopts what was proposed, if it was."""
    data, terms = record["data"], _latest_terms(records, contract, upto)
    faults, from_on = _faults_of_start(terms, data["from_on"]), _day(data["from_on"])
    for one in _determinations_in_force(records, contract, upto):
        closed = closed_on(records, contract, one["data"]["number"], upto)
        reached = _last_day(_month(one["data"]["months"][-1]["month"])) >= from_on
        if reached and closed is not None and closed <= _recorded_on(record):
            faults.append(f"D{one['data']['number']} is closed since {closed}")
    ended, _ = _suspensions(records, contract, upto)
    for month in _months_in_force(records, contract, upto):
        inside = any(first <= month < resumed for first, resumed in ended)
        if inside and _first_day(month) >= from_on and "window" not in _rules(data["methodology"], month):
            faults.append(f"{_month_text(month)} lies inside a suspension, and it says nothing of it")
    if data.get("accepts") == []:
        faults.append("it accepts an empty list of findings")
    faults += _faults_of_beside(records, contract, record, upto)
    waiting = [one for one in _proposals(records, contract, upto).values() if one.is_of(data) and not one.adopted]
    waiting.sort(key=lambda one: (one.is_open, one.data["number"]))
    right = waiting[-1].data["number"] if waiting and record["type"] != "MethodologyAdopted@1" else None
    return faults if data.get("proposal") == right else [*faults, f"it adopts M{data.get('proposal')}, proposed was M{right}"]


def _faults_of_beside(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    """Beside a methodology the one before it is measured, in months of the contract from its start on."""
    beside, from_on = record["data"].get("beside"), record["data"]["from_on"]
    if beside is None:
        return []
    first, last = _period(beside)
    earlier = [one["data"]["from_on"] for one in _of(records, f"contract/{contract}", ADOPTED, upto)]
    faults = [] if min(earlier, default=from_on) < from_on else ["no methodology is in force before it, to measure beside it"]
    if first < _month_of(_day(from_on)) or last > _last_month(_latest_terms(records, contract, upto)):
        faults.append(f"{beside} is measured beside it, not all of it in months from {from_on} on of the contract")
    return faults


def _faults_of_suspending(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    """Months of the contract that are not determined, once at a time and in order (rule 19)."""
    month, (ended, since) = _month(record["data"]["from_month"]), _suspensions(records, contract, upto)
    months = _contract_months(_latest_terms(records, contract, upto))
    determined = _months_in_force(records, contract, upto)
    faults = [] if since is None else [f"follow-up is suspended since {_month_text(since)}"]
    lasted = [resumed for first, resumed in ended if first < resumed]
    if lasted and month < lasted[-1]:
        faults.append(f"follow-up was suspended until {_month_text(lasted[-1])}")
    if month not in months or (determined and month <= max(determined)):
        faults.append(f"{_month_text(month)} is determined, or no month of the contract")
    return faults


def _faults_of_resuming(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    month, (_, since) = _month(record["data"]["from_month"]), _suspensions(records, contract, upto)
    if since is None:
        return ["follow-up is not suspended"]
    last = _last_month(_latest_terms(records, contract, upto))
    return [] if since <= month <= last + 1 else [f"{_month_text(month)} is not within the suspension"]


def _faults_of_end(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    """Nothing is left to settle: the last month has ended, every determination is noticed, and measured as agreed (rule 21)."""
    terms, on = _latest_terms(records, contract, upto), _day(record["data"]["on"])
    _, since = _suspensions(records, contract, upto)
    faults = [] if on > _last_day(_last_month(terms)) else ["its last month has not ended"]
    if since is not None and since <= _last_month(terms):
        faults.append(f"follow-up is suspended from {_month_text(since)}")
    determined = _months_in_force(records, contract, upto)
    for month in _contract_months(terms):
        if month not in determined and not _is_suspended(records, contract, month, upto):
            faults.append(f"{_month_text(month)} is neither determined nor excluded")
    for one in _determinations_in_force(records, contract, upto):
        number = one["data"]["number"]
        if not _is_noticed(records, contract, number, upto):
            faults.append(f"D{number} is not noticed")
        closed = closed_on(records, contract, number, upto)
        if _resolves(one) is None and (closed is None or closed > on):
            faults += _measured_otherwise(records, contract, one, upto)
    return faults


def _measured_otherwise(records: Records, contract: str, determination: Record, upto: int) -> list[str]:
    for line in determination["data"]["months"]:
        adopted = _methodology(records, contract, _month(line["month"]), upto)
        if adopted is None or adopted[1] != line["methodology_sha256"]:
            return [f"{line['month']} is not measured as was agreed since"]
    return []


def _faults_of_findings(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    data, before = record["data"], _of(records, f"contract/{contract}", "AuditFindingsRecorded@1", upto)
    faults = [] if data["number"] == len(before) + 1 else [f"it is A{data['number']}, the next is A{len(before) + 1}"]
    if data.get("supersedes") is not None and data["supersedes"] not in _standing_findings(before):
        faults.append(f"there are no findings A{data['supersedes']} that stand")
    drawn = [_recorded_on(one) for one in records if one["position"] == data["checkpoint"]["size"]]
    if drawn and _day(data["on"]) < drawn[0]:
        faults.append(f"the sample is drawn from record {data['checkpoint']['size']} of {drawn[0]}, after {data['on']}")
    return faults + _faults_of_items(data["items"])


def _faults_of_items(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """No item differs by more than the 262 weekdays of a year, and an exception is described."""
    faults = []
    for one in items:
        if abs(one.get("days_hundredths") or 0) > 26200:
            faults.append(f"record {one['record']}, line {one['line']} differs by more days than a year has weekdays")
        if one.get("exception") is not None and not any(map(str.isalnum, one["exception"])):
            faults.append(f"record {one['record']}, line {one['line']} has an exception that is not described")
    return faults


def _standing_findings(before: Sequence[Record]) -> list[int]:
    superseded = {one["data"].get("supersedes") for one in before}
    return [one["data"]["number"] for one in before if one["data"]["number"] not in superseded]


def _faults_of_sign_off(records: Records, contract: str, record: Record, upto: int) -> list[str]:
    """On all findings that stand, and after all that it is about; whether the contract was closed on the same evaluation, and if
    not, why; a second one says why."""
    data, stream = record["data"], f"contract/{contract}"
    before = _of(records, stream, "EvaluationSignedOff@1", upto)
    closed = _of(records, stream, "ContractClosed@1", upto)
    evaluation = next((one.get("sha256") for one in closed[-1]["evidence"]), None) if closed else None
    right = {
        "number": len(before) + 1,
        "by": record["recorded_by"]["role"],
        "findings": _standing_findings(_of(records, stream, "AuditFindingsRecorded@1", upto)),
        "recorded_at_closing": data["evaluation"] == evaluation if closed else None,
        "supersedes": before[-1]["data"]["number"] if before else None,
    }
    faults = [f"{name} is {data.get(name)}, recomputed {one}" for name, one in right.items() if data.get(name) != one]
    last = _last_before_sign_off(records, contract, upto)
    return [*faults, f"it is of {data['on']}, before {last}"] if last is not None and _day(data["on"]) < last else faults


def _last_before_sign_off(records: Records, contract: str, upto: int) -> date | None:
    """The latest day of findings that stand and of the closing, or, of a contract not closed, of the recording of a
    determination in force."""
    found = _of(records, f"contract/{contract}", "AuditFindingsRecorded@1", upto)
    standing = _standing_findings(found)
    days = [_day(one["data"]["on"]) for one in found if one["data"]["number"] in standing]
    closed = _of(records, f"contract/{contract}", "ContractClosed@1", upto)
    days += [_day(one["data"]["on"]) for one in closed[-1:]]
    if not closed:
        days += [_recorded_on(one) for one in _determinations_in_force(records, contract, upto)]
    return max(days, default=None)
