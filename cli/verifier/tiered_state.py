"""What a contract settled by tiers comes to on a day: what each tier gives, and what each party is entitled to, was paid and is
due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from cli.verifier.bonds import OUTCOME, _paid_of
from cli.verifier.calendar import _day, _kronor, _ore, rounded
from cli.verifier.facts import DETERMINED, Records, _end, _of
from cli.verifier.tiered import Determined, Paid, Said, Terms, Tiered, tiered_after
from cli.verifier.tiered_worth import amounts_named
from cli.verifier.tiers import limit_of, slices_of

OF_A_BOND = ("interest", "redemption")
"""The payments of a bond to its holder that are not of its outcome."""


def tiered_state(records: Records, contract: str, as_of: str, known_at: str) -> Said:
    """The state in the shape and the number formats of ``soc tiered state -O json``."""
    day, stream = _day(as_of), f"tiered/{contract}"
    known = [record for record in records if record["recorded_at"] <= known_at]
    now = tiered_after(known, stream, _end(known))
    one = now.in_force(day)
    terms = now.terms_on(day) if one is None else one.terms
    data: Mapping[str, Any] = {"amounts": [], "kept": []} if one is None else one.data
    return {
        "signed_on": None if now.signed_on is None else now.signed_on.isoformat(),
        "determination": None if one is None else _determination_told(contract, one, terms, day),
        "amounts": {line["id"]: _kronor(line["amount_ore"]) for line in data["amounts"]},
        "tiers": [] if one is None else list(_tiers_told(terms, one)),
        "kept": [{"of": line["of"], "party": line["party"], "amount": _kronor(line["amount_ore"])} for line in data["kept"]],
        "parties": dict(_parties_told(now, terms, one, day)),
        "undetermined_records": list(_not_determined(known, stream, terms, one, day)),
    }


def _determination_told(contract: str, one: Determined, terms: Terms, day: date) -> Said:
    agreed = {role: on.isoformat() for role, on in one.agreed.items() if on <= day}
    return {
        "id": f"{contract}/D{one.data['number']}",
        "on": one.on.isoformat(),
        "rests_on_record": one.data["basis"]["position"],
        "agreed_by": agreed,
        "still_to_agree": [role for role in terms["governance"]["agrees"] if role not in agreed],
    }


def _tiers_told(terms: Terms, one: Determined) -> Iterator[Said]:
    waterfall, amounts = terms["waterfall"], amounts_named(terms, one.data["amounts"])
    tiers = {tier["name"]: tier for tier in waterfall["tiers"]}
    conditions = {found["tier"]: found for found in one.data["conditions"]}
    for of in dict.fromkeys(tier["of"] for tier in waterfall["tiers"]):
        for name, first, last in slices_of(waterfall, of, amounts):
            tier, begins, ends = tiers[name], rounded(first), rounded(last)
            limit = rounded(limit_of(tier["up_to"], amounts)) if "up_to" in tier else None
            found = conditions.get(name)
            lines = [line for line in one.data["given"] if line["tier"] == name]
            yield {
                "tier": name,
                "of": of,
                "begins": _kronor(begins),
                "ends": _kronor(ends),
                "limit": None if limit is None else _kronor(limit),
                "reached": None if limit is None else ends >= limit,
                "remaining": None if limit is None else _kronor(max(0, limit - ends)),
                "guaranteed": tier["guaranteed"],
                "condition": None if found is None else {"met": found["met"], "value": found.get("value")},
                "given": {line["party"]: _kronor(line["amount_ore"]) for line in lines},
            }


def _parties_told(now: Tiered, terms: Terms, one: Determined | None, day: date) -> Iterator[tuple[str, Said]]:
    """Every party but the payer that the tiers name, that was claimed for, or that paid or was paid."""
    claims = [claim for other in now.determined if _is_agreed_by(other, day) for claim in other.claims or ()]
    paid = [payment for payment in now.paid if payment.stands and payment.on <= day]
    named = {part["party"] for tier in terms["waterfall"]["tiers"] for part in tier["shares"]}
    named |= {claim["party"] for claim in claims} | {payment.data[side] for payment in paid for side in ("payer", "payee")}
    guaranteed = {tier["name"] for tier in terms["waterfall"]["tiers"] if tier["guaranteed"]}
    for party in dict.fromkeys([*terms["parties"], *now.roles]):
        if party == terms["governance"]["pays"] or party not in named:
            continue
        lines = [line for line in one.data["given"] if line["party"] == party] if one is not None else []
        own = [claim for claim in claims if claim["party"] == party]
        payable = sum(claim["amount_ore"] for claim in own if _day(claim["payable_on"]) <= day)
        coming = sum(claim["amount_ore"] for claim in own) - payable
        moved = {
            kind: sum(each.amount for each in paid if (each.data["kind"], each.data[side]) == (kind, party))
            for kind, side in (("outcome", "payee"), ("recovery", "payer"), ("investment", "payer"))
        }
        entitled = sum(line["amount_ore"] for line in lines)
        by_bond = _met_by_bond(terms["bond"], paid, payable) if terms.get("bond", {}).get("holder") == party else None
        had, lent = moved["outcome"] - moved["recovery"] + (by_bond or 0), moved["investment"]
        figures = {
            "entitled": entitled,
            "guaranteed": sum(line["amount_ore"] for line in lines if line["tier"] in guaranteed),
            "unagreed": entitled - payable - coming,
            "payable": payable,
            "coming": coming,
            "paid": moved["outcome"],
            "recovered": moved["recovery"],
            "due": max(0, payable - had),
            "overpaid": max(0, had - payable),
            "lent": lent,
        }
        breaks_even = entitled >= lent if lent else None
        met = None if by_bond is None else _kronor(by_bond)
        yield party, {**{name: _kronor(ore) for name, ore in figures.items()}, "by_bond": met, "breaks_even": breaks_even}


def _met_by_bond(bond: Mapping[str, Any], paid: Iterable[Paid], payable: int) -> int:
    """Of what is payable to the holder: what was paid as interest and redemption beyond the least that the bond pays, and what
    its limits leave of the outcome unpaid."""
    other = sum(each.amount for each in paid if each.data["payee"] == bond["holder"] and each.data["kind"] in OF_A_BOND)
    least, outcome = total_paid(bond, 0), max(0, payable)
    return max(0, other - least) + outcome - (total_paid(bond, outcome) - least)


def total_paid(bond: Mapping[str, Any], outcome: int) -> int:
    """Öre that a bond pays over its term at an outcome, within its least and its most."""
    days, principal = (_day(bond["issued_on"]), _day(bond["matures_on"])), sum(_ore(part["principal"]) for part in bond["parts"])
    total = outcome + sum(_paid_of(part, *days) for part in bond["parts"] if part["kind"] != OUTCOME)
    total = max(total, rounded(principal * (1 + Fraction(bond["least_return"])))) if "least_return" in bond else total
    return min(total, rounded(principal * (1 + Fraction(bond["most_return"])))) if "most_return" in bond else total


def _is_agreed_by(one: Determined, day: date) -> bool:
    return one.claims is not None and max(one.agreed.values()) <= day


def _not_determined(records: Records, stream: str, terms: Terms, one: Determined | None, day: date) -> Iterator[int]:
    """The records about what had ended by a day that the determination in force did not count."""
    basis, through = (0, date.min) if one is None else (one.data["basis"]["position"], one.on)
    for record in _of(records, stream, "MetricsReported@1", _end(records)):
        ended = [_day(row["until"]) for row in record["data"]["rows"] if _is_counted(row, terms)]
        ended = [until for until in ended if until <= day]
        if ended and (record["position"] > basis or max(ended) > through):
            yield record["position"]
    for name in (name for valuation in terms["valuations"] for name in valuation.get("contracts", ())):
        for record in _of(records, f"contract/{name}", DETERMINED, _end(records)):
            if record["position"] > basis and _day(record["effective_on"]) <= day:
                yield record["position"]


def _is_counted(row: Mapping[str, Any], terms: Terms) -> bool:
    """Whether a valuation or a condition of the terms takes a row."""
    for one in terms["valuations"]:
        groups = {one.get("group"), one.get("baseline", one.get("group"))}
        if one.get("metric") == row["metric"] and row["group"] in groups and row["part"] in one.get("parts", [row["part"]]):
            return True
    asked = [tier["only_if"] for tier in terms["waterfall"]["tiers"] if "only_if" in tier]
    return any(all(one[name] == row[name] for name in ("metric", "group", "part")) for one in asked)
