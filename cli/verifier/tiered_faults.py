"""Checking the records of a contract settled by tiers: who may record them and when, and every figure computed again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cli.verifier.calendar import _day
from cli.verifier.facts import NotDeterminable, Record, Records, _recorded_on, fingerprint_of
from cli.verifier.tiered import Determined, Terms, Tiered, tiered_after
from cli.verifier.tiered_worth import amounts_named, conditions_found, worth
from cli.verifier.tiers import divide

Data = Mapping[str, Any]


def faults_of_tiered(records: Records, record: Record) -> list[str]:
    """What the record before it has against a record of a contract settled by tiers."""
    before = tiered_after(records, record["stream"], record["position"] - 1)
    is_signing = record["type"] == "TieredSigned@1"
    if (before.signed_on is None) != is_signing:
        return ["the contract was signed before" if is_signing else "the contract is not signed before it"]
    look = {
        "TieredSigned@1": _faults_of_signing,
        "TieredAmended@1": _faults_of_amending,
        "MetricsReported@1": _faults_of_metrics_reported,
        "TiersDetermined@1": _faults_of_tiers_determined,
        "TiersAgreed@1": _faults_of_tiers_agreed,
        "TieredPaid@1": _faults_of_tiered_paid,
        "TieredPaymentCorrected@1": _faults_of_tiered_correction,
    }[record["type"]]
    faults = look(records, before, record)
    about = _tiered_about(record)
    return (
        [*faults, f"effective_on is {record['effective_on']}, recomputed {about}"] if about != record["effective_on"] else faults
    )


def _tiered_about(record: Record) -> str:
    """The day that a record is about."""
    data, kind = record["data"], record["type"]
    if kind == "MetricsReported@1":
        return max((str(row["until"]) for row in data["rows"]), default=record["effective_on"])
    if kind == "TieredPaymentCorrected@1":
        return str(data.get("becomes", data["was"])["on"])
    return str(data[{"TieredSigned@1": "signed_on", "TieredAmended@1": "from_on"}.get(kind, "on")])


def _faults_of_role(record: Record, *may: str) -> list[str]:
    role = record["recorded_by"]["role"]
    return [] if role in may else [f"{role} recorded it; {', '.join(sorted(set(may)))} may"]


def _faults_of_past(record: Record, on: date, before: Tiered) -> list[str]:
    """Nothing lies in the future, and nothing before the contract was signed."""
    today = _recorded_on(record)
    faults = [f"{on} lies after {today}, when it was recorded"] if on > today else []
    is_before = before.signed_on is not None and on < before.signed_on
    return [*faults, f"{on} lies before the contract was signed on {before.signed_on}"] if is_before else faults


# --- What the parties agreed on -----------------------------------------------------------------------------------------


def _faults_of_signing(records: Records, before: Tiered, record: Record) -> list[str]:
    terms = record["data"]["terms"]
    faults = _faults_of_role(record, *terms["governance"]["signs"])
    if terms["id"] != record["stream"].partition("/")[2]:
        faults.append(f"the terms are of {terms['id']}")
    return faults + _faults_of_past(record, _day(record["data"]["signed_on"]), before)


def _faults_of_amending(records: Records, before: Tiered, record: Record) -> list[str]:
    """All that must agree have; the id, the currency and the start stay; and what is agreed is not reached."""
    data, now = record["data"], before.latest
    faults = _faults_of_role(record, *now["governance"]["signs"])
    missing = [role for role in now["governance"]["agrees"] if role not in data["agreed_by"]]
    strange = [role for role in data["agreed_by"] if role not in now["parties"]]
    faults += [f"{', '.join(missing)} did not agree"] if missing else []
    faults += [f"{', '.join(strange)} is no party"] if strange else []
    faults += [f"it changes {name}" for name in ("id", "currency", "starts_on") if now[name] != data["terms"][name]]
    pays, would_pay = (terms["governance"]["pays"] for terms in (now, data["terms"]))
    if pays != would_pay and (any(one.claims for one in before.determined) or any(one.stands for one in before.paid)):
        faults.append(f"it makes the {would_pay} pay, and what is claimed or paid is of the {pays}")
    begins = _day(data["from_on"])
    if begins < before.versions[-1][0]:
        faults.append(f"it begins on {begins}, before what was agreed from {before.versions[-1][0]}")
    agreed = [one.on for one in before.determined if one.claims is not None]
    if agreed and begins <= max(agreed):
        faults.append(f"it begins on {begins}, and what is determined as of {max(agreed)} is agreed")
    return faults


def _faults_of_metrics_reported(records: Records, before: Tiered, record: Record) -> list[str]:
    terms, rows = before.latest, record["data"]["rows"]
    keys = [(row["metric"], row["group"], row["part"]) for row in rows]
    faults = _faults_of_role(record, *terms["governance"]["records"])
    if not rows or len(set(keys)) < len(keys):
        faults.append("its rows are not there once each, or there are none")
    return faults + [f"{' '.join(key)} {what}" for key, row in zip(keys, rows, strict=True) for what in _odd(row, terms, record)]


def _odd(row: Data, terms: Terms, record: Record) -> list[str]:
    """In what a row does not fit the terms, or the day on which it was recorded."""
    units = {one["id"]: one["unit"] for one in terms["metrics"]}
    if row["metric"] not in units:
        return ["is of no metric of the terms"]
    by_person = {one["metric"] for one in terms["valuations"] if one["kind"] == "cost-difference@1"}
    found = [] if (units[row["metric"]] == "money") == ("amount_ore" in row) else [f"is not in {units[row['metric']]}"]
    found += ["does not say how many persons it is about"] if row["metric"] in by_person and "persons" not in row else []
    return found + ([f"ended on {row['until']}, after it was recorded"] if _day(row["until"]) > _recorded_on(record) else [])


# --- What is determined, and agreed to ----------------------------------------------------------------------------------


def _faults_of_tiers_determined(records: Records, before: Tiered, record: Record) -> list[str]:
    """Made upon all that is on record, as of a day that is not before the last one's; every figure follows from it."""
    data, on = record["data"], _day(record["data"]["on"])
    basis = data["basis"]["position"]
    if basis != record["position"] - 1:
        return [f"it rests on record {basis}, and not on record {record['position'] - 1}, the one before it"]
    terms, last = before.terms_on(on), before.determined[-1].on if before.determined else None
    faults = _faults_of_role(record, terms["governance"]["determines"]) + _faults_of_past(record, on, before)
    if data["number"] != len(before.determined) + 1:
        faults.append(f"it is D{data['number']}, the next is D{len(before.determined) + 1}")
    if last is not None and on < last:
        faults.append(f"it is as of {on}, and what stood as of {last} is determined")
    if (data.get("reason") is not None) != (on == last):
        faults.append("what was determined as of that day before says why it is determined anew, and only that")
    if data["terms_sha256"] != fingerprint_of(terms):
        faults.append("the terms that it names are not those in force")
    try:
        amounts = worth(records, before, terms, on, basis)
    except NotDeterminable as refused:
        return [*faults, f"it cannot be determined: {refused}"]
    faults += _lines_differing("amounts", ("id",), data["amounts"], amounts)
    conditions = conditions_found(before, terms, on)
    faults += [] if data["conditions"] == conditions else ["its conditions are not those of the terms and the reported values"]
    unmet = [one["tier"] for one in data["conditions"] if not one["met"]]
    given, kept = divide(terms["waterfall"], amounts_named(terms, data["amounts"]), unmet)
    faults += _lines_differing("given", ("of", "tier", "party"), data["given"], given)
    return faults + _lines_differing("kept", ("of", "party"), data["kept"], kept)


def _lines_differing(name: str, key: tuple[str, ...], said: list[Data], ours: list[dict[str, Any]]) -> list[str]:
    """Where lines of amounts differ from ours, which are in the same order."""
    theirs, own = ([" ".join(one[part] for part in key) for one in lines] for lines in (said, ours))
    if theirs != own:
        return [f"{name} are of {', '.join(theirs)}, recomputed {', '.join(own)}"]
    return [
        f"{name}: {what} is {one['amount_ore']}, recomputed {our['amount_ore']}"
        for what, one, our in zip(own, said, ours, strict=True)
        if one["amount_ore"] != our["amount_ore"]
    ]


def _faults_of_tiers_agreed(records: Records, before: Tiered, record: Record) -> list[str]:
    """Each that must agree does so once, to the last determination; with the last of them the claims fall."""
    data, on, number = record["data"], _day(record["data"]["on"]), record["data"]["determination"]
    if not 1 <= number <= len(before.determined):
        return [f"there is no determination D{number}"]
    one, role = before.determined[number - 1], data["role"]
    governance = before.terms_on(one.on)["governance"]
    faults = _faults_of_role(record, role, *governance["records"]) + _faults_of_past(record, on, before)
    faults += [] if role in governance["agrees"] else [f"{role} need not agree"]
    faults += [f"{role} agreed on {one.agreed[role]}"] if role in one.agreed else []
    faults += [] if number == len(before.determined) else [f"D{number} was followed by D{len(before.determined)}"]
    faults += [f"{on} lies before what it is about, {one.on}"] if on < one.on else []
    if one.data["terms_sha256"] != fingerprint_of(before.terms_on(one.on)):
        faults.append(f"the terms of {one.on} were changed since D{number}")
    return faults + _faults_of_claims(before, one, role, on, data["claims"])


def _faults_of_claims(before: Tiered, one: Determined, role: str, on: date, said: list[Data]) -> list[str]:
    ours = before.claims_falling(one, {**one.agreed, role: on})
    if faults := _lines_differing("claims", ("party",), said, ours):
        return faults
    days = [(claim["party"], claim["payable_on"], our["payable_on"]) for claim, our in zip(said, ours, strict=True)]
    return [f"claims: {party} is payable on {theirs}, recomputed {day}" for party, theirs, day in days if theirs != day]


# --- Payments -----------------------------------------------------------------------------------------------------------


def _faults_of_tiered_paid(records: Records, before: Tiered, record: Record) -> list[str]:
    data, on = record["data"], _day(record["data"]["on"])
    terms = before.terms_on(on)
    pays, parties = terms["governance"]["pays"], (data["payer"], data["payee"])
    faults = _faults_of_role(record, pays, *terms["governance"]["records"]) + _faults_of_past(record, on, before)
    if data["number"] != len(before.paid) + 1:
        faults.append(f"it is P{data['number']}, the next is P{len(before.paid) + 1}")
    faults += [f"{one} is no party" for one in parties if one not in before.roles]
    faults += ["nobody pays itself"] if data["payer"] == data["payee"] else []
    if {"outcome": data["payer"], "recovery": data["payee"]}.get(data["kind"], pays) != pays:
        faults.append(f"an outcome is paid by the {pays}, and what is recovered to it")
    return faults + _faults_of_bond_payment(data, terms)


def _faults_of_bond_payment(data: Data, terms: Terms) -> list[str]:
    """The holder lends at issue; the issuer pays interest and redemption; of what is no bond nobody does."""
    if data["kind"] not in ("issue", "interest", "redemption"):
        return []
    if "bond" not in terms:
        return [f"{data['kind']} is of a bond, and there is none"]
    holder, issuer = terms["bond"]["holder"], terms["bond"]["issuer"]
    sides = (holder, issuer) if data["kind"] == "issue" else (issuer, holder)
    return [] if (data["payer"], data["payee"]) == sides else [f"{data['kind']} is paid by the {sides[0]} to the {sides[1]}"]


def _faults_of_tiered_correction(records: Records, before: Tiered, record: Record) -> list[str]:
    data, becomes = record["data"], record["data"].get("becomes")
    if not 1 <= data["number"] <= len(before.paid):
        return [f"there is no payment P{data['number']}"]
    one = before.paid[data["number"] - 1]
    governance = before.terms_on(one.on)["governance"]
    faults = _faults_of_role(record, governance["pays"], *governance["records"])
    faults += [] if one.stands else [f"P{data['number']} was reversed"]
    if data["was"] != {"amount_ore": one.amount, "on": one.on.isoformat()}:
        faults.append(f"it was {one.amount} on {one.on}, and it says {data['was']['amount_ore']} on {data['was']['on']}")
    if becomes is None:
        return faults
    if becomes["amount_ore"] <= 0 or becomes == data["was"]:
        faults.append("it becomes what it was, or nothing")
    return faults + _faults_of_past(record, _day(becomes["on"]), before)
