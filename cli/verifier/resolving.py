"""Checking the records by which a dispute ends, and what carries its resolution out (rule 18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cli.verifier.calendar import _day, _month_of
from cli.verifier.disputes import Dispute, _by_month, _open_disputes, _total, disputes
from cli.verifier.disputing import _faults_of_computing, _faults_of_party, _faults_of_position, _faults_of_raising
from cli.verifier.facts import DETERMINED, Lines, Memo, Record, Records, _terms, fingerprint_of
from cli.verifier.notices import _payable_on, _resolves, claim


def faults_of_dispute(records: Records, lines: Lines, record: Record, memo: Memo | None = None) -> list[str]:
    """What the rules have against a record by which a dispute is raised, answered, withdrawn or resolved."""
    contract, kind = record["stream"].split("/", 1)[1], record["type"]
    data, earlier = record["data"], record["position"] - 1
    if kind == "DisputeRaised@1":
        faults = _faults_of_raising(records, contract, record)
        return faults or _faults_of_computing(records, lines, contract, data, data["position"], earlier, memo)
    found = [one for one in disputes(records, contract, earlier) if one.number == data["dispute"]]
    if not found:
        return [f"there is no X{data['dispute']}"]
    one = found[0]
    if one.how != "open":
        return [f"X{one.number} is {one.how} since {one.ended_on}"]
    faults = []
    if _day(data["on"]) < one.raised_on:
        faults.append(f"X{one.number} was raised on {one.raised_on}, after {data['on']}")
    if kind == "DisputeAnswered@1":
        faults += _faults_of_party(records, contract, data, earlier)
        if data["by"] == one.by:
            faults.append(f"{data['by']} raised X{one.number} and answers it")
        if data.get("position") is not None:
            faults += _faults_of_position(records, contract, one.record["data"], data["position"], earlier)
            faults += _faults_of_computing(records, lines, contract, one.record["data"], data["position"], earlier, memo)
    elif kind == "DisputeWithdrawn@1" and record["recorded_by"]["role"] != one.by and not record.get("evidence"):
        faults.append(f"{record['recorded_by']['role']} records that {one.by} withdraws it, without a document that says so")
    elif kind == "DisputeResolved@1":
        faults += _faults_of_decision(records, contract, record, one)
    return faults


def _faults_of_decision(records: Records, contract: str, record: Record, one: Dispute) -> list[str]:
    """Who decided, and whether what is to stand is what the outcome says. A third person decides one dispute alone; where the
    parties agree on what several are about, the others are moot."""
    data, upto = record["data"], record["position"] - 1
    faults = _faults_of_who_decided(records, contract, record)
    position = data.get("position")
    if (position is None) != (data["outcome"] == "rejected"):
        return [*faults, f"it is {data['outcome']} at {'nothing' if position is None else _total(position)}"]
    if position is None:
        return faults
    raised = one.record["data"]
    if data["outcome"] == "upheld" and (_total(position), _by_month(position)) != (one.position, _by_month(raised["position"])):
        faults.append(f"it is upheld at {_total(position)}, raised was {one.position}")
    faults += _faults_of_position(records, contract, raised, position, upto)
    others = [other for other in _open_disputes(records, contract, *one.disputed, upto) if other.number != one.number]
    if others and data.get("decided_by") is not None and _total(position) != raised["was_ore"]:
        faults.append(f"what is decided changes what {', '.join(f'X{other.number}' for other in others)} disputes too")
    return faults


def _faults_of_who_decided(records: Records, contract: str, record: Record) -> list[str]:
    """All whose agreement is needed, or somebody else, with the decision."""
    data = record["data"]
    terms = _terms(records, contract, _month_of(_day(data["on"])), record["position"] - 1)
    assert terms is not None
    decided_by = data.get("decided_by")
    if decided_by is None:
        missing = set(terms["governance"]["agrees"]) - set(data.get("agreed_by", ()))
        return [f"{', '.join(sorted(missing))} did not agree, and no third person decided"] if missing else []
    faults = []
    if data.get("agreed_by"):
        faults.append("both the parties and a third person decided")
    parties = terms.get("parties", {})
    if decided_by.strip().lower() in {"", *(name.lower() for names in parties.items() for name in names)}:
        faults.append(f"{decided_by!r} is no third person")
    if not record.get("evidence"):
        faults.append("a third person decided, and the decision is not recorded with it")
    return faults


def faults_of_carrying_out(records: Records, record: Record) -> list[str]:
    """Whether a resolution is carried out with it: a determination of the savings decided, with its claim, or a payment corrected
    to the amount decided; neither where nothing changes (rule 18)."""
    contract, data = record["stream"].split("/", 1)[1], record["data"]
    before = [one for one in records if one["stream"] == record["stream"] and one["position"] < record["position"]]
    (one,) = [one for one in disputes(before, contract, record["position"]) if one.number == data["dispute"]]
    raised, position = one.record["data"], data.get("position")
    last = before[-1]
    changes = position is not None and _total(position) != raised["was_ore"]
    if raised.get("determination") is None:
        right = (raised["payment_kind"], raised["payment"])
        carried_out = last["type"] == "EntryCorrected@1" and (last["data"]["entry"], last["data"]["number"]) == right
        if not changes or position is None:
            return [f"P{raised['payment']} is corrected, and nothing else was decided"] if carried_out else []
        return _faults_of_corrected_payment(last, _total(position)) if carried_out else [f"P{raised['payment']} is not corrected"]
    if not changes or position is None:
        said = data.get("determination") is not None or data.get("claim") is not None
        return [f"D{data.get('determination')} is recorded, and nothing else was decided"] if said else []
    if data.get("determination") is None or _resolves(last) != one.number or last["data"]["number"] != data["determination"]:
        return [f"no determination puts what was decided in the place of D{raised['determination']}"]
    faults = []
    savings = {month["month"]: month["savings_ore"] for month in last["data"]["months"]}
    if savings != _by_month(position):
        faults.append(f"D{data['determination']} is {savings}, decided was {_by_month(position)}")
    if list(last["data"].get("supersedes", ())) != [raised["determination"]]:
        faults.append(f"D{data['determination']} does not supersede D{raised['determination']} alone")
    return faults + _faults_of_resolved_claim(records, contract, data, raised["determination"], last)


def _faults_of_corrected_payment(correction: Record, amount: int) -> list[str]:
    becomes, was = correction["data"].get("becomes"), correction["data"]["was"]
    if becomes is None:
        return [] if amount == 0 else [f"the payment is reversed, decided was {amount}"]
    right = {"amount_ore": amount, "on": was["on"]}
    return [] if dict(becomes) == right else [f"the payment becomes {becomes}, decided was {right}"]


def _faults_of_resolved_claim(
    records: Records, contract: str, data: Mapping[str, Any], disputed: int, determination: Record
) -> list[str]:
    """What is no longer owed leaves the claim on the day on which the disputed claim is payable, at the earliest on that of the
    resolution; what is owed beyond falls payable as an accepted claim does, and not before the disputed one (rules 16, 18)."""
    on, amount = _day(data["on"]), claim(records, determination)
    earlier = determination["position"] - 1
    terms = _terms(records, contract, _month_of(on), earlier)
    assert terms is not None
    claimed_on = _payable_on(records, contract, disputed, earlier) or on
    days = 0 if amount < 0 else terms["settlement"]["payment_days"]
    payable_on = max(on + timedelta(days=days), claimed_on)
    faults = []
    if data["claim"]["amount_ore"] != amount:
        faults.append(f"claim is {data['claim']['amount_ore']}, recomputed {amount}")
    if _day(data["claim"]["payable_on"]) != payable_on:
        faults.append(f"payable_on is {data['claim']['payable_on']}, recomputed {payable_on}")
    return faults


def faults_of_position_recorded(records: Records, record: Record) -> list[str]:
    """A position's methodology is the one named by its SHA-256; one that is upheld is the one raised; what carries it out says of
    which dispute (rule 18)."""
    contract, data, upto = record["stream"].split("/", 1)[1], record["data"], record["position"] - 1
    faults = []
    if record["type"] in DETERMINED and _resolves(record) is not None:
        if {month.get("dispute") for month in data["months"]} != {_resolves(record)}:
            faults.append("its months name several disputes")
        if data.get("reason") != f"resolution of X{_resolves(record)}":
            faults.append(f"its reason is {data.get('reason')}")
    position = data.get("position")
    if record["type"] not in ("DisputeRaised@1", "DisputeAnswered@1", "DisputeResolved@1") or position is None:
        return faults
    if position.get("methodology") is not None and fingerprint_of(position["methodology"]) != position["sha256"]:
        faults.append(f"the methodology of the position is not the one of {position['sha256']}")
    if record["type"] == "DisputeResolved@1" and data["outcome"] == "upheld":
        raised = [one.record["data"]["position"] for one in disputes(records, contract, upto) if one.number == data["dispute"]]
        if raised != [position]:
            faults.append("it is upheld at another position than was raised")
    return faults
