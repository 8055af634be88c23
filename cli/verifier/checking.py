"""Checking every record: what the rules have against it."""

from __future__ import annotations

from datetime import timedelta

from cli.verifier.calendar import _day, _month_of, _month_text
from cli.verifier.determined import _faults_of_determination, _faults_while_disputed
from cli.verifier.disputes import disputes
from cli.verifier.facts import (
    DETERMINED,
    Lines,
    Memo,
    Record,
    Records,
    _contract_months,
    _is_suspended,
    _of,
    _suspensions,
    _terms,
    by_contract,
)
from cli.verifier.notices import _accepted, _accepted_on, _is_noticed, _payable_by_silence, _resolution_of, claim, notice_dates
from cli.verifier.resolving import faults_of_carrying_out, faults_of_dispute
from cli.verifier.sharing import _determinations_in_force, _months_in_force


def check(records: Records, lines: Lines) -> list[str]:
    """Every determination recomputed from the facts that it rests on, every notice and every dispute; each difference as a line
    of text."""
    differences: list[tuple[int, str]] = []
    for own in by_contract(records).values():
        memo: Memo = {}
        for record in own:
            at = record["position"]
            differences += [(at, f"record {at}{what}") for what in faults_of_record(own, lines, record, memo)]
    return [what for _, what in sorted(differences, key=lambda one: one[0])]


def faults_of_record(records: Records, lines: Lines, record: Record, memo: Memo) -> list[str]:
    """What the rules have against a record of a contract, of which ``records`` are all that it rests on."""
    if not record["stream"].startswith("contract/"):
        return []
    name, faults = _faults_of(records, lines, record, memo)
    said = [f" ({name}): {what}" for what in faults]
    if _of(records, record["stream"], "ContractClosed@1", record["position"] - 1) and not _may_follow_the_end(record):
        said.insert(0, f": {record['type']} of {record['stream'].split('/', 1)[1]}, which is closed")
    return said


def _faults_of(records: Records, lines: Lines, record: Record, memo: Memo) -> tuple[str, list[str]]:
    """What a record is, in words, and what the rules have against it."""
    contract, data, kind = record["stream"].split("/", 1)[-1], record["data"], record["type"]
    if kind in DETERMINED:
        return f"{contract}/D{data['number']}", _faults_of_determination(records, lines, record, memo)
    if kind == "SavingsNotified@1":
        return f"notice of {contract}/D{data['determination']}", _faults_of_notice(records, record)
    if kind == "DeterminationAccepted@1":
        return f"acceptance of {contract}/D{data['determination']}", _faults_of_acceptance(records, record)
    if kind == "EntryCorrected@1" and data["entry"] in ("notice", "acceptance"):
        return f"corrected {data['entry']} of {contract}/D{data['number']}", _faults_of_correction(records, record)
    if kind == "EntryCorrected@1" and data["entry"] in ("upfront", "outcome", "recovery"):
        return f"corrected {contract}/P{data['number']}", _faults_while_disputed(records, record, "payment", data["number"])
    if kind == "DisputeRaised@1":
        return f"{contract}/X{data['number']}", faults_of_dispute(records, lines, record, memo)
    if kind in ("DisputeAnswered@1", "DisputeWithdrawn@1", "DisputeResolved@1"):
        faults = faults_of_dispute(records, lines, record, memo)
        if not faults and kind == "DisputeResolved@1":
            faults = faults_of_carrying_out(records, record)
        return f"{contract}/X{data['dispute']}", faults
    if kind == "ContractClosed@1":
        return f"end of {contract}", _faults_of_closing(records, record)
    return "", []


def _may_follow_the_end(record: Record) -> bool:
    """Whether a record says that money moved, or was to, or what an auditor found: what may still come when a contract is closed
    and its sums are final."""
    if record["type"] in ("AuditFindingsRecorded@1", "EvaluationSignedOff@1"):
        return True
    of_money = ("PaymentInstructed@1", "PaymentMade@1", "LoanDrawn@1", "LoanRepaid@1", "EntryCorrected@1")
    return record["type"] in of_money and record["data"].get("entry") not in ("notice", "acceptance")


def _faults_of_closing(records: Records, record: Record) -> list[str]:
    """What stands against the end of a contract: a month that is neither determined nor excluded by agreement, a notice that
    runs, an entitlement that nobody was noticed of, an open dispute; and an evaluation that is not there (rule 21)."""
    contract = record["stream"].split("/", 1)[1]
    earlier = record["position"] - 1
    on = _day(record["data"]["on"])
    terms = _terms(records, contract, _month_of(on), earlier)
    if terms is None:
        return [f"{contract} is not signed"]
    determined = _months_in_force(records, contract, earlier)
    _, since = _suspensions(records, contract, earlier)
    faults = []
    for month in _contract_months(terms):
        excluded = _is_suspended(records, contract, month, earlier) and (since is None or month < since)
        if month not in determined and not excluded:
            faults.append(f"{_month_text(month)} is neither determined nor excluded")
    in_force = _determinations_in_force(records, contract, earlier)
    for other in _of(records, f"contract/{contract}", DETERMINED, earlier):
        number = other["data"]["number"]
        if _is_noticed(records, contract, number, earlier):
            accepted_on = _accepted_on(records, contract, number, earlier)
            if accepted_on > on:
                faults.append(f"the notice of D{number} runs until {accepted_on}")
        elif other in in_force and claim(records, other) != 0:
            faults.append(f"D{number} claims {claim(records, other)}, and nobody was noticed")
    for dispute in disputes(records, contract, earlier):
        if dispute.how == "open" or dispute.was_open_on(on):
            faults.append(f"X{dispute.number} is open")
    if not record.get("evidence"):
        faults.append("no final evaluation is recorded with it")
    return faults


def _faults_of_notice(records: Records, record: Record) -> list[str]:
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    on = _day(data["on"])
    terms = _terms(records, contract, _month_of(on), record["position"])
    if terms is None:
        return [f"{contract} is not signed"]
    settlement = terms["settlement"]
    objection_until, _, payable_on = notice_dates(on, settlement["objection_days"], settlement["payment_days"])
    faults = []
    if _day(data["objection_until"]) != objection_until:
        faults.append(f"objection_until is {data['objection_until']}, recomputed {objection_until}")
    if _day(data["claim"]["payable_on"]) != payable_on:
        faults.append(f"payable_on is {data['claim']['payable_on']}, recomputed {payable_on}")
    determinations = _of(records, f"contract/{contract}", DETERMINED, record["position"])
    named = [one for one in determinations if one["data"]["number"] == data["determination"]]
    if not named:
        faults.append("there is no such determination")
    elif data["claim"]["amount_ore"] != claim(records, named[0]):
        faults.append(f"claim is {data['claim']['amount_ore']}, recomputed {claim(records, named[0])}")
    return faults


def _faults_of_correction(records: Records, record: Record) -> list[str]:
    """A notice dated anew falls payable as one of that date would; one whose acceptance is withdrawn, as its notice said
    (rules 16, 20)."""
    contract = record["stream"].split("/", 1)[1]
    data = record["data"]
    becomes = data.get("becomes")
    if data["entry"] == "notice" and (faults := _faults_while_disputed(records, record, "determination", data["number"])):
        return faults
    if data["entry"] == "acceptance":
        payable_on = _payable_by_silence(records, contract, data["number"], record["position"])
        if becomes is None:
            return ["an acceptance is withdrawn, and the claim falls payable on no day"]
    elif becomes is None:
        return []
    else:
        on = _day(record["effective_on"])
        terms = _terms(records, contract, _month_of(on), record["position"])
        assert terms is not None
        payable_on = notice_dates(on, terms["settlement"]["objection_days"], terms["settlement"]["payment_days"])[2]
    faults = []
    if _day(becomes["on"]) != payable_on:
        faults.append(f"payable_on is {becomes['on']}, recomputed {payable_on}")
    if becomes["amount_ore"] != data["was"]["amount_ore"]:
        faults.append(f"claim is {becomes['amount_ore']}, was {data['was']['amount_ore']}")
    return faults


def _faults_of_acceptance(records: Records, record: Record) -> list[str]:
    """When the last of those that must agree has accepted, the claim falls payable that many days later (rules 16, 20). Who
    disputes does not accept; a resolution is not accepted, for it was agreed or decided (rule 18)."""
    contract, number = record["stream"].split("/", 1)[1], record["data"]["determination"]
    if _resolution_of(records, contract, number, record["position"]) is not None:
        return [f"D{number} carries out a resolution"]
    for one in disputes(records, contract, record["position"]):
        its_own = one.disputed == ("determination", number) and one.by == record["data"]["role"]
        if its_own and (one.how == "open" or one.was_open_on(_day(record["data"]["on"]))):
            return [f"{one.by} disputes it in X{one.number}"]
    accepted = _accepted(records, contract, number, record["position"])
    last = max(accepted.values())
    terms = _terms(records, contract, _month_of(last), record["position"])
    assert terms is not None
    all_agree = set(terms["governance"]["agrees"]) <= set(accepted)
    becomes = record["data"].get("becomes")
    if (becomes is not None) != all_agree:
        return [f"the claim {'moves' if becomes else 'stays'}, and {', '.join(sorted(accepted))} accepted"]
    if becomes is None:
        return []
    faults = []
    payable_on = last + timedelta(days=terms["settlement"]["payment_days"])
    if _day(becomes["payable_on"]) != payable_on:
        faults.append(f"payable_on is {becomes['payable_on']}, recomputed {payable_on}")
    if becomes["amount_ore"] != record["data"]["was"]["amount_ore"]:
        faults.append(f"claim is {becomes['amount_ore']}, was {record['data']['was']['amount_ore']}")
    return faults
