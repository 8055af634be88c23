"""Answers about a bond for programs: money with two decimals, ratios with four, absent values null."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from cli.bond.ground import Ground
from ledger.bonds import Flow
from ledger.money import decimals, kronor
from projections.bond import BondState, PartState, Scenario, bond_of
from projections.bond_redemption import Redemption

FLOW = ("on", "part", "kind", "amount", "formula")
"""The columns of a schedule in CSV."""


def flow(one: Flow) -> dict[str, Any]:
    """A payment of the schedule."""
    return {"on": str(one.on), "part": one.part, "kind": one.kind, "amount": _money(one.amount), "formula": one.formula}


def schedule(ground: Ground, flows: Iterable[Flow]) -> dict[str, Any]:
    """The schedule, with what the bond pays in all at least and at most; null where the terms set no such limit."""
    bond = bond_of(ground.terms)
    return {
        **ground.as_json(),
        "holder": bond.holder,
        "issuer": bond.issuer,
        "issued_on": str(bond.issued_on),
        "matures_on": str(bond.matures_on),
        "principal": kronor(bond.principal),
        "least": _money(bond.limit("least")),
        "most": _money(bond.limit("most")),
        "payments": [flow(one) for one in flows],
    }


def state(ground: Ground, one: BondState) -> dict[str, Any]:
    """What the holder has and the issuer owes."""
    return {
        **ground.as_json(),
        "issued_on": str(one.bond.issued_on),
        "matures_on": str(one.bond.matures_on),
        "holder": {
            "party": one.bond.holder,
            "principal": kronor(one.bond.principal),
            "lent": kronor(one.lent),
            "interest_due": kronor(one.interest_due),
            "interest_paid": kronor(one.paid_interest),
            "redeemed": kronor(one.redeemed),
            "due": kronor(one.due),
            "open": kronor(one.open),
            "balance": kronor(one.balance),
            "return_so_far": _ratio(one.return_so_far),
        },
        "parts": [_part(part) for part in one.parts],
        "outcome": _outcome(one),
        "issuer": {
            "party": one.bond.issuer,
            "owed_at_least": kronor(one.owed_at_least),
            "owed_by_outcome": kronor(one.owed_by_outcome),
            "may_be_owed": _money(one.may_be_owed),
        },
        "over_the_term": {"least": _redemption(one.least), "as_determined": _redemption(one.determined)},
        "scenarios": [scenario(each) for each in one.scenarios],
    }


def _part(one: PartState) -> dict[str, Any]:
    return {
        "part": one.part.id,
        "kind": one.part.kind,
        "principal": kronor(one.part.principal),
        "due": kronor(one.due),
        "accrued": kronor(one.accrued),
        "balance": kronor(one.balance),
    }


def _outcome(one: BondState) -> dict[str, Any]:
    last = one.determination
    return {
        "determination": None if last is None else f"{one.contract}/D{last.number}",
        "determined_on": None if last is None else str(last.event.on),
        "agreed": None if last is None else last.claims is not None,
        "given": kronor(one.determined.outcome),
    }


def _redemption(one: Redemption) -> dict[str, Any]:
    return {
        "outcome": kronor(one.outcome),
        "adjustment": kronor(one.adjustment),
        "interest": kronor(one.interest),
        "at_maturity": kronor(one.at_maturity),
        "total": kronor(one.total),
        "total_return": _ratio(one.total_return),
        "limit": one.limit,
        "parts": [
            {"part": each.part.id, "interest": kronor(each.interest), "at_maturity": kronor(each.at_maturity)}
            for each in one.parts
        ],
    }


def scenario(one: Scenario) -> dict[str, Any]:
    """What the bond pays at other savings."""
    return {
        "per_cent": decimals(one.times * 100, 2),
        "savings": kronor(one.savings),
        "kept_by": one.kept.party,
        "kept": kronor(one.kept.amount),
        **_redemption(one.redemption),
    }


SCENARIO = (
    *("per_cent", "savings", "kept_by", "kept", "outcome", "adjustment", "part"),
    *("interest", "at_maturity", "total", "total_return", "limit"),
)
"""The columns of scenarios in CSV: a row for the whole, ``part`` empty, then one for each part."""


def scenario_rows(one: Scenario) -> list[dict[str, Any]]:
    """A scenario as rows of CSV."""
    whole = scenario(one)
    parts = [{"per_cent": whole["per_cent"], "savings": whole["savings"], **each} for each in whole["parts"]]
    totals = [kronor(each.total) for each in one.redemption.parts]
    return [whole, *({**each, "total": total} for each, total in zip(parts, totals, strict=True))]


def _money(amount: int | None) -> str | None:
    return None if amount is None else kronor(amount)


def _ratio(exact: Fraction | None) -> str | None:
    return None if exact is None else decimals(exact, 4)
