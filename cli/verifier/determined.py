"""Checking a determination: its months recomputed, their order, what it shares and claims (rules 1 to 10, 15, 18)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _month
from cli.verifier.disputes import Dispute, closed_on, disputes
from cli.verifier.facts import (
    DETERMINED,
    RESOLVED,
    Lines,
    Memo,
    NotDeterminable,
    Record,
    Records,
    UnknownRule,
    _is_suspended,
    _of,
    _recorded_on,
    _terms,
    fingerprint_of,
)
from cli.verifier.measuring import _together
from cli.verifier.notices import _determination, _resolves, claim
from cli.verifier.sharing import _determinations_in_force, _months_in_force, entitlement_differences, next_period


def _faults_of_determination(records: Records, lines: Lines, record: Record, memo: Memo) -> list[str]:
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    basis = data["basis"]["position"]
    faults: list[str] = []
    if basis != record["position"] - 1:  # it is made upon all that is on record: nothing stands between
        return [f"it rests on record {basis}, and not on record {record['position'] - 1}, the one before it"]
    if _resolves(record) is not None:
        return faults + _faults_of_resolved(records, record) + _faults_of_sharing(records, record)
    preliminary = unknown = False
    every = [_month(month["month"]) for month in data["months"]]
    computed = _together(records, lines, contract, every, basis, memo, redo=data.get("reason") is not None)
    for month in data["months"]:
        ours = computed[_month(month["month"])]
        if isinstance(ours, UnknownRule):
            unknown = True
            continue
        if isinstance(ours, NotDeterminable):
            faults.append(f"{month['month']} cannot be determined: {ours}")
            continue
        preliminary = preliminary or ("trend" in ours and ours["trend"]["status"] != "published")
        faults += [f"{month['month']} {what}" for what in _faults_of_month(month, ours)]
    if not unknown and not any("cannot be determined" in fault for fault in faults) and data["preliminary"] != preliminary:
        faults.append(f"preliminary is {data['preliminary']}, recomputed {preliminary}")
    return faults + _faults_of_order(records, record) + _faults_of_sharing(records, record)


def _faults_of_resolved(records: Records, record: Record) -> list[str]:
    """A determination that carries out a resolution stands before it, and takes the place of what was disputed, month by month,
    each named as measured as before; what the months saved, the resolution says (rule 18)."""
    contract, data = record["stream"].split("/", 1)[1], record["data"]
    found = [one for one in disputes(records, contract, record["position"]) if one.number == _resolves(record)]
    if not found or not _is_followed_by_resolution(records, record, found[0]):
        return [f"X{_resolves(record)} is not resolved with it"]
    disputed = _determination(records, contract, found[0].record["data"].get("determination"), record["position"])
    if disputed is None:
        return [f"X{_resolves(record)} is about no determination"]
    faults = [] if data["preliminary"] is False else ["preliminary is True, and nothing is left to measure"]
    was = [(month["month"], month["methodology_sha256"]) for month in disputed["data"]["months"]]
    months = [(month["month"], month["methodology_sha256"]) for month in data["months"]]
    if was != months or {month.get("kind") for month in data["months"]} != {RESOLVED}:
        faults.append(f"it determines {', '.join(month for month, _ in months)}, disputed is D{disputed['data']['number']}")
    return faults


def _is_followed_by_resolution(records: Records, record: Record, dispute: Dispute) -> bool:
    """Whether the next record of the stream resolves the dispute."""
    following = [one for one in records if one["stream"] == record["stream"] and one["position"] > record["position"]]
    return bool(following) and following[0]["type"] == "DisputeResolved@1" and following[0]["data"]["dispute"] == dispute.number


def _faults_while_disputed(records: Records, record: Record, sort: str, number: int) -> list[str]:
    """What is disputed is not corrected meanwhile, but by what ends the dispute; what was decided of a payment, not at all."""
    contract = record["stream"].split("/", 1)[1]
    about = [one for one in disputes(records, contract, record["position"]) if one.disputed == (sort, number)]
    decided = [f"X{one.number}" for one in about if sort == "payment" and one.how in ("settled", "upheld")]
    if decided:
        return [f"it is corrected, and {', '.join(decided)} decided what it is"]
    standing = [one for one in about if one.how == "open"]
    if any(_is_followed_by_resolution(records, record, one) for one in standing):
        return []
    names = ", ".join(f"X{one.number}" for one in standing)
    return [f"it is corrected while {names} disputes it"] if names else []


def _faults_of_month(month: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    kind, our_kind = month.get("kind", "measured"), ours.get("kind", "measured")
    if kind != our_kind:
        return [f"is {kind}, recomputed {our_kind}"]
    pairs: list[tuple[str, Any, Any]]
    if kind == "measured":
        reimbursed = month.get("reimbursed")
        pairs = [
            ("employees", month["employees"], ours["employees"]),
            ("weekdays", month["weekdays"], ours["weekdays"]),
            ("reference_rate", Fraction(month["reference_rate"]), ours["reference_rate"]),
            ("trend.quarter", month["trend"]["quarter"], ours["trend"]["quarter"]),
            ("trend.value", month["trend"]["value"], ours["trend"]["value"]),
            ("trend.published_on", month["trend"]["published_on"], ours["trend"]["published_on"]),
            ("trend.status", month["trend"]["status"], ours["trend"]["status"]),
            ("trend.factor", Fraction(month["trend"]["factor"]), ours["factor"]),
            ("expected_days", Fraction(month["expected_days"]), ours["expected"]),
            ("actual_hundredths", month["actual_hundredths"], ours["actual_hundredths"]),
            ("left_out_hundredths", month.get("left_out_hundredths"), ours["left_out_hundredths"]),
            ("price_ore", month["price_ore"], ours["price_ore"]),
            ("reimbursed", None if reimbursed is None else Fraction(reimbursed), ours["reimbursed"]),
        ]
    else:
        pairs = [("of", month.get("of"), ours["of"])]
    pairs += [(name, month[name], ours[name]) for name in ("savings_ore", "methodology_sha256")]
    return [f"{name} is {theirs}, recomputed {our}" for name, theirs, our in pairs if theirs != our]


def _faults_of_order(records: Records, record: Record) -> list[str]:
    """No month counts twice; months are determined in order, and a redo takes whole determinations (rule 9) that are not closed
    (rules 15, 18)."""
    contract = record["stream"].split("/", 1)[1]
    earlier = record["position"] - 1
    superseded = set(record["data"].get("supersedes", ()))
    faults = []
    seen: set[str] = set()
    for month in record["data"]["months"]:
        if month["month"] in seen:
            faults.append(f"{month['month']} counts twice")
        seen.add(month["month"])
    for other in _determinations_in_force(records, contract, earlier):
        for month in other["data"]["months"]:
            if other["data"]["number"] in superseded:
                if month["month"] not in seen:
                    faults.append(f"{month['month']} of D{other['data']['number']} is superseded and not determined anew")
            elif month["month"] in seen:
                faults.append(f"{month['month']} counts twice, also in D{other['data']['number']}")
    for number in sorted(superseded):
        closed = closed_on(records, contract, number, earlier)
        if closed is not None and closed <= _recorded_on(record):
            faults.append(f"D{number} is superseded, and closed since {closed}")
    following = next_period(records, contract, earlier)
    first = record["data"]["months"][0]["month"]
    if not superseded and not faults and (following is None or first != following[0]):
        faults.append(f"{first} is determined, and the next is {following[0] if following else 'none'}")
    return faults


def _faults_of_sharing(records: Records, record: Record) -> list[str]:
    data = record["data"]
    faults = []
    theirs_by_month: dict[str, int] = {}
    for line in data["entitlement"]:
        theirs_by_month[line["month"]] = theirs_by_month.get(line["month"], 0) + line["amount_ore"]
    ours_by_month = entitlement_differences(records, record)
    for name in sorted(set(theirs_by_month) | set(ours_by_month)):
        theirs, our = theirs_by_month.get(name, 0), ours_by_month.get(name, 0)
        if theirs != our:
            faults.append(f"entitlement of {name} moves by {theirs}, recomputed {our}")
    if data["claim_ore"] != claim(records, record):
        faults.append(f"claim_ore is {data['claim_ore']}, recomputed {claim(records, record)}")
    return faults


def faults_of_differences(records: Records, record: Record) -> list[str]:
    """A determination is the next; it holds whole quarters, or supersedes exactly the determinations of its months; and says how
    the savings differ from what stood before, and under which terms (rules 9, 15, 20)."""
    contract, data, earlier = record["stream"].split("/", 1)[1], record["data"], record["position"] - 1
    following = len(_of(records, f"contract/{contract}", DETERMINED, earlier)) + 1
    faults = [] if data["number"] == following else [f"it is D{data['number']}, the next is D{following}"]
    months = [_month(month["month"]) for month in data["months"]]
    if months != list(range(months[0], months[0] + len(months))):
        faults.append("its months do not follow each other")
    in_force = sorted(
        _determinations_in_force(records, contract, earlier), key=lambda one: str(one["data"]["months"][0]["month"])
    )
    touched = [
        one["data"]["number"] for one in in_force if any(_month(line["month"]) in months for line in one["data"]["months"])
    ]
    if list(data.get("supersedes", ())) != touched:
        faults.append(f"it supersedes {list(data.get('supersedes', ()))}, determined are its months in {touched}")
    if (data.get("reason") is None) != (not touched):
        faults.append("it is made anew without a reason" if touched else "it gives a reason to be made anew, and is not")
    period = next_period(records, contract, earlier)
    if not touched and period is not None and data["months"][-1]["month"] != period[1]:
        faults.append(f"it ends with {data['months'][-1]['month']}, the quarter with {period[1]}")
    return faults + _faults_of_lines(records, contract, record)


def _faults_of_lines(records: Records, contract: str, record: Record) -> list[str]:
    """The savings and the entitlement line by line, and the SHA-256 of each month's terms."""
    data, earlier = record["data"], record["position"] - 1
    before = _months_in_force(records, contract, earlier)
    moved = []
    faults = []
    for month in data["months"]:
        stood = before.get(_month(month["month"]))
        difference = month["savings_ore"] - (0 if stood is None else stood["savings_ore"])
        if difference != 0:
            moved.append({"amount_ore": difference, "month": month["month"]})
        terms = _terms(records, contract, _month(month["month"]), earlier)
        if terms is not None and fingerprint_of(terms) != month["terms_sha256"]:
            faults.append(f"{month['month']} terms_sha256 is not that of the terms in force")
    if data["savings"] != moved:
        faults.append(f"savings are {data['savings']}, recomputed {moved}")
    entitlement = [line["month"] for line in data["entitlement"]]
    if entitlement != sorted(set(entitlement)) or not all(line["amount_ore"] for line in data["entitlement"]):
        faults.append("its entitlement is not said once a month, in order, where it moves")
    suspended = [month["month"] for month in data["months"] if _is_suspended(records, contract, _month(month["month"]), earlier)]
    if suspended and _resolves(record) is None:
        faults.append(f"follow-up of {', '.join(suspended)} is suspended")
    return faults
