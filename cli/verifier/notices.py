"""Notices and acceptances: what is claimed, when it is accepted and when it falls payable (rules 15, 16)."""

from __future__ import annotations

from datetime import date, timedelta

from cli.verifier.calendar import _day, _month_of
from cli.verifier.facts import DETERMINED, RESOLVED, Record, Records, _of, _terms
from cli.verifier.sharing import entitlement_differences


def notice_dates(on: date, objection_days: int, payment_days: int) -> tuple[date, date, date]:
    """The last day to object, the day when silence makes the determination accepted, and the day when it falls payable
    (rule 16). No date moves for a weekend."""
    objection_until = on + timedelta(days=objection_days)
    accepted_on = objection_until + timedelta(days=1)
    return objection_until, accepted_on, accepted_on + timedelta(days=payment_days)


def _is_noticed(records: Records, contract: str, number: int, upto: int) -> bool:
    """Whether a determination was noticed. A notice recorded in error and reversed is none; the last correction decides. One that
    carries out a resolution needs none: the resolution claims it (rule 18)."""
    stands: dict[int, bool] = {}
    original: dict[int, int] = {}  # of each correction, which notice it is about in the end
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        if record["type"] in ("SavingsNotified@1", "DisputeResolved@1") and record["data"].get("determination") == number:
            stands[record["position"]] = True
        elif record["type"] == "EntryCorrected@1" and record["data"]["entry"] == "notice":
            corrects = record["data"]["corrects"]
            original[record["position"]] = original.get(corrects, corrects)
            if original[record["position"]] in stands:
                stands[original[record["position"]]] = record["data"].get("becomes") is not None
    return any(stands.values())


def claim(records: Records, determination: Record) -> int:
    """What the notice of a determination claims: its own differences and those of what it supersedes and nobody was ever
    noticed of (rule 15)."""
    contract = determination["stream"].split("/", 1)[1]
    earlier = determination["position"] - 1
    total = sum(entitlement_differences(records, determination).values())
    superseded = set(determination["data"].get("supersedes", ()))
    for record in _of(records, f"contract/{contract}", DETERMINED, earlier):
        number = record["data"]["number"]
        if number in superseded and not _is_noticed(records, contract, number, earlier):
            total += claim(records, record)
    return total


def _resolves(determination: Record) -> int | None:
    """The dispute whose resolution a determination carries out."""
    for month in determination["data"]["months"]:
        if month.get("kind") == RESOLVED:
            return int(month["dispute"])
    return None


def _resolution_of(records: Records, contract: str, number: int, upto: int) -> Record | None:
    """The resolution that a determination carries out."""
    for record in _of(records, f"contract/{contract}", "DisputeResolved@1", upto):
        if record["data"].get("determination") == number:
            return record
    return None


def _determination(records: Records, contract: str, number: int, upto: int) -> Record | None:
    for record in _of(records, f"contract/{contract}", DETERMINED, upto):
        if record["data"]["number"] == number:
            return record
    return None


def _payable_on(records: Records, contract: str, number: int, upto: int) -> date | None:
    """When the claim of a determination falls payable, as its notice, the last acceptance or the last correction says; None
    where nobody is noticed."""
    payable_on: date | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data = record["data"]
        if record["type"] in ("SavingsNotified@1", "DisputeResolved@1") and data.get("determination") == number:
            payable_on = _day(data["claim"]["payable_on"])
        elif record["type"] == "DeterminationAccepted@1" and data["determination"] == number:
            if data.get("becomes") is not None:
                payable_on = _day(data["becomes"]["payable_on"])
        elif record["type"] == "EntryCorrected@1" and data["entry"] in ("notice", "acceptance") and data["number"] == number:
            payable_on = None if data.get("becomes") is None else _day(data["becomes"]["on"])
    return payable_on


def _accepted_on(records: Records, contract: str, number: int, upto: int) -> date:
    """The day on which a noticed determination counts as accepted, by all that must agree or by silence (rule 16); of one that
    carries out a resolution, that of the resolution."""
    resolution = _resolution_of(records, contract, number, upto)
    if resolution is not None:
        return _day(resolution["data"]["on"])
    by_silence: date | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data = record["data"]
        if record["type"] == "SavingsNotified@1" and data["determination"] == number:
            by_silence = _day(data["objection_until"]) + timedelta(days=1)
        elif record["type"] == "EntryCorrected@1" and data["entry"] == "notice" and data["number"] == number:
            on = _day(record["effective_on"])
            terms = _terms(records, contract, _month_of(on), upto)
            if data.get("becomes") is not None and terms is not None:
                by_silence = notice_dates(on, terms["settlement"]["objection_days"], 0)[1]
    if by_silence is None:
        raise ValueError(f"{contract}/D{number} is not noticed")
    accepted = _accepted(records, contract, number, upto)
    if not accepted:
        return by_silence
    last = max(accepted.values())
    terms = _terms(records, contract, _month_of(last), upto)
    all_agree = terms is not None and set(terms["governance"]["agrees"]) <= set(accepted)
    return last if all_agree else by_silence


def _payable_by_silence(records: Records, contract: str, number: int, upto: int) -> date:
    """When the claim of the notice that stands falls payable if nobody accepts, as it or its correction said."""
    payable_on: date | None = None
    for record in records:
        if record["stream"] != f"contract/{contract}" or record["position"] > upto:
            continue
        data = record["data"]
        if record["type"] == "SavingsNotified@1" and data["determination"] == number:
            payable_on = _day(data["claim"]["payable_on"])
        elif record["type"] == "EntryCorrected@1" and data["entry"] == "notice" and data["number"] == number:
            payable_on = None if data.get("becomes") is None else _day(data["becomes"]["on"])
    if payable_on is None:
        raise ValueError(f"{contract}/D{number} is not noticed")
    return payable_on


def _accepted(records: Records, contract: str, number: int, upto: int) -> dict[str, date]:
    """By whom a determination is accepted, and when; acceptances withdrawn are none."""
    withdrawn = {
        record["data"]["corrects"]
        for record in _of(records, f"contract/{contract}", "EntryCorrected@1", upto)
        if record["data"]["entry"] == "acceptance"
    }
    return {
        record["data"]["role"]: _day(record["data"]["on"])
        for record in _of(records, f"contract/{contract}", "DeterminationAccepted@1", upto)
        if record["data"]["determination"] == number and record["position"] not in withdrawn
    }
