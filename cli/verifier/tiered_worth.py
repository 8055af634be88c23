"""What the valuations of a contract settled by tiers give as of a day, and whether its conditions hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _day, _last_day, _ore, rounded
from cli.verifier.facts import NotDeterminable, Records, _of
from cli.verifier.sharing import _months_in_force
from cli.verifier.tiered import RowKey, Said, Terms, Tiered

RowsBy = Mapping[RowKey, Mapping[str, Any]]


def worth(records: Records, contract: Tiered, terms: Terms, day: date, basis: int) -> list[Said]:
    """Each valuation's amount in öre, in the terms' order. Raises NotDeterminable where a row is missing."""
    rows = contract.rows_by(day)
    return [{"id": one["id"], "amount_ore": _valued(records, one, terms, rows, day, basis)} for one in terms["valuations"]]


def conditions_found(contract: Tiered, terms: Terms, day: date) -> list[Said]:
    """Of each conditional tier the last value by a day, if there is one, and whether it meets what was agreed; equality does."""
    found, rows = [], contract.rows_by(day)
    for tier in terms["waterfall"]["tiers"]:
        if "only_if" not in tier:
            continue
        asked = tier["only_if"]
        value = rows.get((asked["metric"], asked["group"], asked["part"]), {}).get("value")
        if value is None:
            found.append({"tier": tier["name"], "met": False})
        else:
            least, most = (Fraction(asked.get(name, value)) for name in ("at_least", "at_most"))
            found.append({"tier": tier["name"], "value": value, "met": least <= Fraction(value) <= most})
    return found


def amounts_named(terms: Terms, amounts: list[Said]) -> dict[str, int]:
    """All that tiers divide and limits refer to: what the terms name, and what the valuations gave."""
    named = {one["id"]: _ore(one["amount"]) for one in terms["amounts"]}
    return named | {one["id"]: one["amount_ore"] for one in amounts}


def _valued(records: Records, one: Mapping[str, Any], terms: Terms, rows: RowsBy, day: date, basis: int) -> int:
    if one["kind"] == "contracts-savings@1":
        return sum(savings_of(records, contract, day, basis) for contract in one["contracts"])
    if one["kind"] == "cost-difference@1":
        return _difference(one, terms, rows, day)
    own = [row for (metric, group, _), row in rows.items() if (metric, group) == (one["metric"], one["group"])]
    if not own and day >= _day(terms["starts_on"]):
        raise NotDeterminable(f"{one['id']}: no row of {one['metric']}, {one['group']} is reported until {day}")
    if one["kind"] == "reported-amount@1":
        return sum(row["amount_ore"] for row in own)
    return rounded(sum((Fraction(row["value"]) for row in own), Fraction(0)) * _ore(one["price"]))


def _difference(one: Mapping[str, Any], terms: Terms, rows: RowsBy, day: date) -> int:
    """Over the parts that are measured, those whose group is reported: what the group would have cost at the baseline's cost a
    person, in whole öre, less what it cost. None of them, and none before, lacks a row; at the contract's end no part does."""
    both = [[rows.get((one["metric"], group, part)) for group in (one["baseline"], one["group"])] for part in one["parts"]]
    measured = [number for number, (_, group) in enumerate(both, 1) if group is not None]
    needed = len(both) if day >= _day(terms["ends_on"]) else max(measured, default=0)
    total = 0
    for part, (baseline, group) in list(zip(one["parts"], both, strict=True))[:needed]:
        if baseline is None or group is None:
            missing = one["baseline"] if baseline is None else one["group"]
            raise NotDeterminable(f"{one['id']}: no row of {one['metric']}, {missing}, {part} is reported until {day}")
        expected = rounded(Fraction(baseline["amount_ore"], baseline["persons"]) * group["persons"])
        total += expected - group["amount_ore"]
    return total


def savings_of(records: Records, contract: str, day: date, basis: int) -> int:
    """The savings determined in a contract measured by sick leave, of months that had ended by a day, as known at a record."""
    signed = _of(records, f"contract/{contract}", "ContractSigned@1", basis)
    if not signed or day < _day(signed[0]["data"]["signed_on"]):
        raise NotDeterminable(f"{contract} is not signed by {day}, or not shown")
    months = _months_in_force(records, contract, basis)
    return sum(month["savings_ore"] for number, month in months.items() if _last_day(number) <= day)
