"""Checking the records of a tender: bids within time and limits, one tender of a contract at a time, one award after closing, the
terms that follow from it, and the contract signed upon them. Written for itself, from the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _day
from cli.verifier.facts import NotDeterminable, Record, Records, _recorded_on, fingerprint_of
from cli.verifier.tender_terms import Tender, faults_of_terms_of_bid, terms_of_bid


def faults_of_tenders(records: Records) -> list[tuple[int, str]]:
    """Position and what of every record of a tender that differs, and of every contract that was not signed as awarded."""
    found = []
    tenders = _records_of_tenders(records)
    for stream, own in tenders.items():
        others = [theirs for name, theirs in tenders.items() if name != stream]
        for number, record in enumerate(own):
            try:
                faults = _faults_in_tender(own[:number], record)
                faults += _faults_beside_tenders(own[0], record, others, records)
            except (NotDeterminable, ArithmeticError, LookupError, TypeError, ValueError) as error:
                faults = [f"it cannot be recomputed: {error or type(error).__name__}"]
            found += [(record["position"], "; ".join(faults))] if faults else []
        found += _faults_of_signatures(records, own)
    return found


def _records_of_tenders(records: Records) -> dict[str, list[Record]]:
    """The records of each tender, in order of their streams."""
    found: dict[str, list[Record]] = {}
    for record in records:
        if record["stream"].startswith("tender/"):
            found.setdefault(record["stream"], []).append(record)
    return dict(sorted(found.items()))


def _faults_beside_tenders(first: Record, record: Record, others: Sequence[Records], records: Records) -> Iterator[str]:
    """Nothing is opened, bid or awarded for a contract that is signed, or that another tender stands for or was awarded for."""
    if first["type"] != "TenderOpened@1" or record["type"] == "BidWithdrawn@1":
        return
    contract, position = first["data"]["terms"]["draft"]["id"], record["position"]
    if any(one["stream"] == f"contract/{contract}" and one["position"] < position for one in records):
        yield f"the contract {contract} was signed before it"
    for other in others:
        theirs = [one for one in other if one["position"] < position]
        if not theirs or theirs[0]["type"] != "TenderOpened@1" or theirs[0]["data"]["terms"]["draft"]["id"] != contract:
            continue
        if not _tender_lapsed(theirs, _recorded_on(record)):
            yield f"{theirs[0]['stream']} stands for the contract {contract} already"


def _tender_lapsed(before: Records, day: date) -> bool:
    """Whether it was closed by that day, and no bid stood: what is awarded has one that does."""
    return not _standing_bids(before) and day > _day(before[0]["data"]["terms"]["closes_on"])


def _faults_in_tender(before: Records, record: Record) -> list[str]:
    """What the records before it have against a record of a tender."""
    kind, data = record["type"], record["data"]
    if (not before) != (kind == "TenderOpened@1"):
        return ["the tender was opened before" if before else "the tender is not open before it"]
    tender = data["terms"] if not before else before[0]["data"]["terms"]
    may = tender["governance"]["awards" if kind == "TenderAwarded@1" else "records"]
    role, about = record["recorded_by"]["role"], data["on"] if before else tender["opens_on"]
    faults = [] if role in may else [f"{role} recorded it; {', '.join(sorted(may))} may"]
    if about != record["effective_on"]:
        faults.append(f"effective_on is {record['effective_on']}, recomputed {about}")
    if before and _day(about) > _recorded_on(record):
        faults.append(f"{about} lies after {_recorded_on(record)}, when it was recorded")
    if any(one["type"] == "TenderAwarded@1" for one in before):
        faults.append("the tender was awarded before it")
    if kind == "TenderOpened@1":
        return faults + list(_faults_of_opening(tender, record["stream"]))
    look = {"BidReceived@1": _faults_of_bid, "BidWithdrawn@1": _faults_of_withdrawal, "TenderAwarded@1": _faults_of_award}[kind]
    faults += look(tender, before, data)
    return faults + list(_faults_of_late_bid(tender, before, record)) if kind == "BidReceived@1" else faults


def _faults_of_opening(tender: Tender, stream: str) -> Iterator[str]:
    if tender["id"] != stream.partition("/")[2]:
        yield f"it is the tender {tender['id']}"


def _faults_of_bid(tender: Tender, before: Records, data: Mapping[str, Any]) -> Iterator[str]:
    limits, share = tender["at_risk"], Fraction(data["at_risk_share"])
    if data["number"] != 1 + sum(one["type"] == "BidReceived@1" for one in before):
        yield "its number is not the next"
    if not tender["opens_on"] <= data["on"] <= tender["closes_on"]:
        yield f"{data['on']} is outside the time for bids"
    if not Fraction(limits["least"]) <= share <= Fraction(limits["most"]):
        yield f"{data['at_risk_share']} is outside the limits of what may be bid"
    if any(one["bidder"].casefold() == data["bidder"].casefold() for one in _standing_bids(before).values()):
        yield "the bidder has another bid that stands"
    if ("value" in tender["service"]) == ("service_value_ore" in data):
        yield "the service's value is given both by the tender and the bid, or by neither"
        return
    yield from faults_of_terms_of_bid(tender, data["bidder"], data["at_risk_share"], data.get("service_value_ore"))


def _faults_of_late_bid(tender: Tender, before: Records, record: Record) -> Iterator[str]:
    """A bid recorded after closing rests on a document, and on a tender that still stood."""
    closes, recorded = _day(tender["closes_on"]), _recorded_on(record)
    if recorded > closes and not record.get("evidence"):
        yield f"it was recorded after {tender['closes_on']}, when bids closed, and names no document"
    if _recorded_on(before[0]) <= closes and _tender_lapsed(before, recorded):
        yield f"the tender lapsed after {tender['closes_on']}, when it closed without a bid that stood"


def _standing_bids(before: Records) -> dict[int, Mapping[str, Any]]:
    bids = {one["data"]["number"]: one["data"] for one in before if one["type"] == "BidReceived@1"}
    withdrawn = {one["data"]["bid"] for one in before if one["type"] == "BidWithdrawn@1"}
    return {number: bid for number, bid in bids.items() if number not in withdrawn}


def _faults_of_withdrawal(tender: Tender, before: Records, data: Mapping[str, Any]) -> Iterator[str]:
    bid = _standing_bids(before).get(data["bid"])
    if bid is None:
        yield f"bid {data['bid']} does not stand"
    elif data["on"] < bid["on"]:
        yield f"bid {data['bid']} was received later, on {bid['on']}"


def _faults_of_award(tender: Tender, before: Records, data: Mapping[str, Any]) -> Iterator[str]:
    bid = _standing_bids(before).get(data["bid"])
    if data["on"] <= tender["closes_on"]:
        yield f"bids were received until {tender['closes_on']}"
    if any(one["type"] == "BidWithdrawn@1" and one["data"]["on"] > data["on"] for one in before):
        yield "a bid was withdrawn after it, which stood then"
    if bid is None:
        yield f"bid {data['bid']} does not stand"
        return
    terms = terms_of_bid(tender, bid["bidder"], bid["at_risk_share"], bid.get("service_value_ore"))
    if fingerprint_of(terms) != data["terms_sha256"]:
        yield f"the terms that follow from bid {data['bid']} have another SHA-256, {fingerprint_of(terms)}"


# --- From the award to the signature ------------------------------------------------------------------------------------


def _faults_of_signatures(records: Records, own: Records) -> Iterator[tuple[int, str]]:
    """A contract signed after its tender was opened, on other terms than were awarded by then; a tender that closed with no bid
    standing binds nobody."""
    if own[0]["type"] != "TenderOpened@1":
        return
    tender = own[0]["data"]["terms"]
    for record in records:
        is_later = record["type"] == "ContractSigned@1" and record["position"] > own[0]["position"]
        if not is_later or record["data"]["terms"]["id"] != tender["draft"]["id"]:
            continue
        before = [one for one in own if one["position"] < record["position"]]
        awarded = [one["data"]["terms_sha256"] for one in before if one["type"] == "TenderAwarded@1"]
        if awarded and awarded[0] != fingerprint_of(record["data"]["terms"]):
            yield record["position"], f"its terms are not those awarded in the tender {tender['id']}"
        if not awarded and (_standing_bids(before) or _recorded_on(record) <= _day(tender["closes_on"])):
            yield record["position"], f"the tender {tender['id']} of this contract was not awarded before it"
