"""Who may record what, who must have agreed, and what may be dated when (rule 20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from cli.verifier.calendar import _day, _last_day, _month, _month_of
from cli.verifier.disputes import disputes
from cli.verifier.disputing import _objection
from cli.verifier.facts import ADOPTED, DETERMINED, Record, Records, _of, _recorded_on, _terms
from cli.verifier.notices import _resolves
from cli.verifier.standing import LENT

AUDITOR = "external_auditor"
FIXED = (
    "id",
    "currency",
    "vat",
    "starts_on",
    "measured_from",
    "population",
    "investment",
    "upfront",
    "governance",
    "outcome.provider_share",
    "outcome.bonus_rate",
)
"""What an amendment may not change."""
AGREED = ("ContractAmended@1", *ADOPTED, "FollowUpSuspended@1", "FollowUpResumed@1")
"""What stands by the agreement of all that must agree."""
EVIDENCE = ("AbsenceReported@1", "WorkforceReported@1", "ReimbursementsReported@1", "IndicatorsReported@1", "TargetsStated@1")


def faults_of_acting(records: Records, record: Record) -> list[str]:
    """What the governance of the terms has against who recorded a record, and when."""
    contract, kind, data = record["stream"].split("/", 1)[1], record["type"], record["data"]
    upto = record["position"] - 1
    signed = _of(records, f"contract/{contract}", "ContractSigned@1", record["position"])
    if not signed or (signed[0]["position"] == record["position"]) != (kind == "ContractSigned@1"):
        return ["the contract is not signed before it" if kind != "ContractSigned@1" else "the contract was signed before"]
    may = _who_may(records, contract, record, upto)
    faults = []
    if may is not None and record["recorded_by"]["role"] not in may:
        faults.append(f"{record['recorded_by']['role']} recorded it; {', '.join(sorted(may)) or 'nobody'} may")
    if kind in AGREED:
        faults += _faults_of_agreement(_latest_terms(records, contract, upto), data["agreed_by"])
    if kind == "DisputeResolved@1" and data["agreed_by"]:
        terms = _terms(records, contract, _month_of(_day(data["on"])), upto)
        faults += [] if terms is None else _faults_of_agreement(terms, data["agreed_by"])
    faults += _faults_of_dates(records, record, _day(signed[0]["data"]["signed_on"]))
    return faults


def _latest_terms(records: Records, contract: str, upto: int) -> Mapping[str, Any]:
    """The terms that the parties agreed on last, from whatever month they hold."""
    found = _of(records, f"contract/{contract}", ("ContractSigned@1", "ContractAmended@1"), upto)[-1]
    terms: Mapping[str, Any] = found["data"]["terms"]
    return terms


def _who_may(records: Records, contract: str, record: Record, upto: int) -> set[str] | None:
    """The roles that may record it; None where the terms do not say."""
    kind, data = record["type"], record["data"]
    if kind == "ContractSigned@1":
        return set(data["terms"]["governance"]["signs"])
    latest = _latest_terms(records, contract, upto)["governance"]
    if kind in (*AGREED, "ContractClosed@1"):
        return set(latest["signs"])
    if kind in EVIDENCE:
        return set(latest["records"])
    if kind in ("MethodologyProposed@1", "MethodologyRejected@1"):
        return {*latest["records"], data["by"]}
    if kind in DETERMINED:
        return _who_determines(records, contract, record, upto)
    if kind == "EntryCorrected@1":
        return _who_corrects(records, contract, record, upto)
    if kind in ("AuditFindingsRecorded@1", "EvaluationSignedOff@1"):
        terms = _terms(records, contract, _month_of(_day(data["on"])), upto)
        return {AUDITOR} & set({} if terms is None else terms["parties"])
    return _who_may_on(records, contract, record, upto)


def _who_may_on(records: Records, contract: str, record: Record, upto: int) -> set[str] | None:
    """The same where the terms of the day that a record is about say it."""
    kind, data = record["type"], record["data"]
    if data.get("on") is None:
        return None
    terms = _terms(records, contract, _month_of(_day(data["on"])), upto)
    assert terms is not None
    governance = terms["governance"]
    if kind == "SavingsNotified@1":
        return {governance["determines"]}
    if kind == "PaymentInstructed@1":
        return {governance["pays"]}
    if kind == "PaymentMade@1":
        return {governance["pays"], *governance["records"]}
    if kind in LENT:
        return {governance["pays"], "internal_provider", "investor"}
    if kind == "DisputeResolved@1":
        return set(governance["signs"])
    own = {"DeterminationAccepted@1": "role", "DisputeRaised@1": "by", "DisputeAnswered@1": "by"}
    if kind in own:
        return {*governance["records"], governance["determines"], data[own[kind]]}
    if kind == "DisputeWithdrawn@1":
        raised = {one.by for one in disputes(records, contract, upto) if one.number == data["dispute"]}
        return {*governance["records"], governance["determines"], *raised}
    return None


def _who_determines(records: Records, contract: str, record: Record, upto: int) -> set[str]:
    """Who determines; of what carries out a resolution, who resolves, as of the day of the resolution."""
    resolution = _resolution_after(records, record)
    last = _month(record["data"]["months"][-1]["month"])
    if _resolves(record) is not None and resolution is not None:
        last = _month_of(_day(resolution["data"]["on"]))
    terms = _terms(records, contract, last, upto)
    assert terms is not None
    governance = terms["governance"]
    return set(governance["signs"]) if _resolves(record) is not None else {governance["determines"]}


def _resolution_after(records: Records, record: Record) -> Record | None:
    """The resolution that the next record of the stream is."""
    for one in records:
        if one["stream"] == record["stream"] and one["position"] > record["position"]:
            return one if one["type"] == "DisputeResolved@1" else None
    return None


def _who_corrects(records: Records, contract: str, record: Record, upto: int) -> set[str]:
    data, entry = record["data"], record["data"]["entry"]
    on = _day(data["was"]["on"])
    resolution = _resolution_after(records, record)
    carries_out = resolution is not None and resolution["submission"] == record["submission"]
    if carries_out and resolution is not None:
        on = _day(resolution["data"]["on"])
    elif entry == "notice":
        on = _day(record["effective_on"])
    elif entry == "acceptance":
        on = (_objection(records, contract, data["number"], upto) or (on, on))[0]
    terms = _terms(records, contract, _month_of(on), upto)
    assert terms is not None
    governance = terms["governance"]
    if carries_out:
        return set(governance["signs"])
    if entry == "notice":
        return {governance["determines"]}
    if entry == "acceptance":
        return {*governance["records"], governance["determines"], data.get("role", "")}
    return {governance["pays"]} if entry.startswith("instructed") else {governance["pays"], *governance["records"]}


def _faults_of_agreement(terms: Mapping[str, Any], agreed_by: Sequence[str]) -> list[str]:
    missing = [role for role in terms["governance"]["agrees"] if role not in agreed_by]
    strange = [role for role in agreed_by if role not in terms["parties"]]
    faults = [f"{', '.join(missing)} did not agree"] if missing else []
    return [*faults, f"{', '.join(strange)} is no party"] if strange else faults


def _faults_of_dates(records: Records, record: Record, signed_on: date) -> list[str]:
    """Nothing lies in the future, and no money and no notice before the contract was signed."""
    data, today = record["data"], _recorded_on(record)
    said = [data["on"]] if data.get("on") is not None else []
    if record["type"] == "ContractSigned@1":
        said = [data["signed_on"]]
    elif record["type"] in DETERMINED:
        said = [(_last_day(_month(data["months"][-1]["month"])) + timedelta(days=1)).isoformat()]
    elif record["type"] == "EntryCorrected@1" and data.get("becomes") is not None and data["entry"] != "acceptance":
        said = [record["effective_on"] if data["entry"] == "notice" else data["becomes"]["on"]]
    faults = [f"{on} lies after {today}, when it was recorded" for on in said if _day(on) > today]
    return faults + [f"{on} lies before the contract was signed on {signed_on}" for on in said if _day(on) < signed_on]
