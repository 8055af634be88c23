"""Checking what moves money: payments and instructions, the loan, corrections; claims as notices and acceptances move them
(rules 13 to 17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cli.verifier.calendar import _day, _kronor, _month_of
from cli.verifier.disputes import disputes
from cli.verifier.disputing import _objection
from cli.verifier.facts import Record, Records, _of, _recorded_on, _terms
from cli.verifier.governing import _latest_terms, _resolution_after
from cli.verifier.notices import _accepted, _accepted_on, _determination
from cli.verifier.sharing import _determinations_in_force, _shares
from cli.verifier.standing import LENT, PAID, Account, Entry, claim_standing, entries_standing


def faults_of_money(records: Records, record: Record) -> list[str]:
    """What the record before it has against a record that moves money, or a claim."""
    contract, kind = record["stream"].split("/", 1)[1], record["type"]
    if kind == "PaymentInstructed@1":
        return _faults_of_instruction(records, contract, record)
    if kind == "PaymentMade@1":
        return _faults_of_payment(records, contract, record)
    if kind in LENT:
        return _faults_of_number(records, contract, record, LENT) + _faults_of_loan(records, contract, record["position"])
    if kind == "EntryCorrected@1" and record["data"]["entry"] in ("notice", "acceptance"):
        return _faults_of_claim_corrected(records, contract, record)
    if kind == "EntryCorrected@1":
        return _faults_of_entry_corrected(records, contract, record)
    if kind == "SavingsNotified@1":
        return _faults_of_noticing(records, contract, record)
    if kind == "DeterminationAccepted@1":
        return _faults_of_accepting(records, contract, record)
    return []


def _faults_of_number(records: Records, contract: str, record: Record, kinds: tuple[str, ...]) -> list[str]:
    """Entries are numbered in order, and are above zero."""
    following = len(_of(records, f"contract/{contract}", kinds, record["position"] - 1)) + 1
    said, amount = record["data"]["number"], record["data"]["amount_ore"]
    faults = [] if said == following else [f"its number is {said}, the next is {following}"]
    return faults if amount > 0 else [*faults, f"{_kronor(amount)} SEK is not above zero"]


def _faults_of_instruction(records: Records, contract: str, record: Record) -> list[str]:
    """An instruction is never above what was due when it was recorded (rule 17)."""
    data = record["data"]
    faults = _faults_of_number(records, contract, record, PAID)
    limit = Account(records, contract, record["position"] - 1).limit(data["kind"], _day(data["on"]))
    if data["amount_ore"] <= limit:
        return faults
    return [*faults, f"{_kronor(data['amount_ore'])} SEK is above what was due: {_kronor(limit)}"]


def _faults_of_payment(records: Records, contract: str, record: Record) -> list[str]:
    """A payment carries out the open instruction with its invoice: of several that with its amount, if there is one."""
    data = record["data"]
    faults = _faults_of_number(records, contract, record, PAID)
    matching = [
        one
        for one in entries_standing(records, contract, PAID, record["position"] - 1).values()
        if one.stands and one.sort == f"instructed {data['kind']}" and one.invoice == data["invoice"]
    ]
    exact = [one for one in matching if one.amount == data["amount_ore"]]
    carried_out = (exact or matching)[0] if exact or len(matching) == 1 else None
    right = None if carried_out is None else _settled(carried_out, _day(data["on"]))
    if data.get("settles") != right and not (data.get("settles") is None and len(matching) > 1):
        faults.append(f"it settles {data.get('settles')}, recomputed {right}")
    return faults


def _settled(instruction: Entry, on: date) -> dict[str, Any]:
    """How a payment on a day says that it carries out an instruction: from when that no longer stands."""
    return {"amount_ore": instruction.amount, "number": instruction.number, "on": max(on, instruction.on).isoformat()}


def _faults_of_loan(records: Records, contract: str, upto: int) -> list[str]:
    """No more is drawn in all than the limit, and no day repays more than is outstanding then (rule 14)."""
    standing = [one for one in entries_standing(records, contract, LENT, upto).values() if one.stands]
    limit = _shares(_latest_terms(records, contract, upto)).to_repay
    drawn = sum(one.amount for one in standing if one.sort == "draw")
    faults = [f"{_kronor(drawn)} SEK is drawn in all, the limit is {_kronor(limit)}"] if drawn > limit else []
    outstanding = 0
    for one in sorted(standing, key=lambda one: (one.on, one.sort)):
        outstanding += one.amount if one.sort == "draw" else -one.amount
        if outstanding < 0:
            return [*faults, f"{_kronor(-outstanding)} SEK more is repaid on {one.on} than is outstanding then"]
    return faults


def _faults_of_entry_corrected(records: Records, contract: str, record: Record) -> list[str]:
    """What is corrected is an entry as it stands, and becomes what it could have been."""
    data, upto = record["data"], record["position"] - 1
    lent = data["entry"] in ("draw", "repayment")
    one = entries_standing(records, contract, LENT if lent else PAID, upto).get(data["number"])
    if one is None or one.sort != data["entry"] or one.position != data["corrects"] or not one.stands:
        return [f"record {data['corrects']} is no {data['entry']} of number {data['number']} that stands"]
    was = {"amount_ore": one.amount, "on": one.on.isoformat()}
    faults = [] if data["was"] == was else [f"it was {data['was']}, recomputed {was}"]
    becomes = data.get("becomes")
    if becomes is not None:
        if becomes["amount_ore"] <= 0:
            faults.append(f"{_kronor(becomes['amount_ore'])} SEK is not above zero")
        if becomes == was and _resolution_after(records, record) is None:
            faults.append("it becomes what it was")
        if data["entry"].startswith("instructed "):
            account = Account(records, contract, upto, without=one.number)
            limit = account.limit(data["entry"].removeprefix("instructed "), _day(becomes["on"]))
            if becomes["amount_ore"] > limit:
                faults.append(f"{_kronor(becomes['amount_ore'])} SEK is above what was due: {_kronor(limit)}")
    if lent:
        faults += _faults_of_loan(records, contract, record["position"])
    right = _lifting(records, contract, one, becomes, upto)
    said = data.get("lifted"), data.get("lifts")
    return faults if said == right else [*faults, f"it lifts {said}, recomputed {right}"]


def _lifting(
    records: Records, contract: str, one: Entry, becomes: Mapping[str, Any] | None, upto: int
) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """From when the instruction that a payment carried out no longer stands, before and now, where the new date moves that."""
    if one.settles is None or becomes is None:
        return None, None
    instruction = entries_standing(records, contract, PAID, upto)[one.settles["number"]]
    lifts = {**one.settles, "on": max(_day(becomes["on"]), instruction.on).isoformat()}
    return (None, None) if lifts == one.settles else (one.settles, lifts)


def _faults_of_noticing(records: Records, contract: str, record: Record) -> list[str]:
    """What is noticed is determined, in force, and not noticed already."""
    number, upto, on = record["data"]["determination"], record["position"] - 1, _day(record["data"]["on"])
    one = _determination(records, contract, number, upto)
    if one is None:
        return []  # told by the recomputed claim
    faults = [] if one in _determinations_in_force(records, contract, upto) else [f"D{number} is superseded"]
    if claim_standing(records, contract, number, upto) is not None:
        faults.append(f"D{number} is noticed already")
    if on < _recorded_on(one):
        faults.append(f"D{number} was determined on {_recorded_on(one)}, after {on}")
    return faults


def _faults_of_accepting(records: Records, contract: str, record: Record) -> list[str]:
    """Who accepts must agree, was noticed, and does so once and in time; what the claim was is what stands (rule 16)."""
    data, upto, on = record["data"], record["position"] - 1, _day(record["data"]["on"])
    number, role = data["determination"], data["role"]
    terms = _terms(records, contract, _month_of(on), upto)
    assert terms is not None
    standing, runs = claim_standing(records, contract, number, upto), _objection(records, contract, number, upto)
    if standing is None or runs is None:
        return [f"D{number} is not noticed"]
    faults = [] if role in terms["governance"]["agrees"] else [f"{role} need not agree"]
    if not runs[0] <= on <= runs[1]:
        faults.append(f"D{number} could be accepted from {runs[0]} until {runs[1]}, not on {on}")
    if role in _accepted(records, contract, number, upto):
        faults.append(f"{role} accepted D{number} before")
    if (data.get("was") is None) != (data.get("becomes") is None):
        faults.append("a claim that moves says what it was, and one that stays does not")
    was, right = data.get("was"), {"amount_ore": standing[0], "payable_on": standing[1].isoformat()}
    return [*faults, f"the claim was {was}, recomputed {right}"] if was is not None and was != right else faults


def _faults_of_claim_corrected(records: Records, contract: str, record: Record) -> list[str]:
    """A notice that nobody answered, or an acceptance, that stands."""
    data, upto = record["data"], record["position"] - 1
    number, standing = data["number"], claim_standing(records, contract, data["number"], upto)
    if standing is None:
        return [f"D{number} is not noticed"]
    right = {"amount_ore": standing[0], "on": standing[1].isoformat()}
    faults = [] if data["was"] == right else [f"the claim was {data['was']}, recomputed {right}"]
    if data["entry"] == "acceptance":
        given = [
            one["data"]["role"]
            for one in _of(records, f"contract/{contract}", "DeterminationAccepted@1", upto)
            if one["position"] == data["corrects"] and one["data"]["determination"] == number
        ]
        stands = given == [data.get("role")] and given[0] in _accepted(records, contract, number, upto)
        return faults if stands else [*faults, f"record {data['corrects']} is no acceptance of D{number} that stands"]
    notices = _of(records, f"contract/{contract}", "SavingsNotified@1", upto)
    if [one["position"] for one in notices if one["data"]["determination"] == number][-1:] != [data["corrects"]]:
        faults.append(f"record {data['corrects']} is no notice of D{number} that stands")
    if any(one.disputed == ("determination", number) for one in disputes(records, contract, upto)):
        faults.append(f"D{number} was disputed upon this notice")
    runs, on = _objection(records, contract, number, upto), _day(record["effective_on"])
    if data.get("becomes") is not None and (runs is None or on == runs[0]):
        faults.append(f"the notice of D{number} is of {on} already")
    if _accepted(records, contract, number, upto):
        faults.append(f"D{number} was accepted, and its notice is corrected")
    elif _accepted_on(records, contract, number, upto) <= _recorded_on(record):
        faults.append(f"D{number} counted as accepted, and its notice is corrected")
    one = _determination(records, contract, number, upto)
    if one is not None and data.get("becomes") is not None and on < _recorded_on(one):
        faults.append(f"D{number} was determined on {_recorded_on(one)}, after {on}")
    if data.get("becomes") is None and one not in _determinations_in_force(records, contract, upto):
        faults.append(f"the notice of D{number} is reversed, which is superseded")
    return faults
