"""A second opinion on contracts settled by tiers: terms as TOML tables, rows as dictionaries, records as JSON. It shares no code
with the product.

Given of an amount x ≥ 0: a tier from a to b gives a party share × (min(x, b) − a), at most its limit; parts of one party are
added up before they are rounded, to the nearest öre for the party that is named first, down for others. Below zero nothing is
given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

Given = dict[tuple[str, str, str], int]
"""Amount, tier and party → öre."""

_WIDE = Context(prec=80)


def _ore(text: str) -> int:
    return int(Decimal(text) * 100)


def _whole(exact: Fraction, nearest: bool) -> int:
    """To a whole öre: by long division of decimals, not by the product's own way."""
    whole, rest = divmod(exact.numerator, exact.denominator)
    part = _WIDE.divide(Decimal(rest), Decimal(exact.denominator))
    return whole + int(part.to_integral_value(ROUND_HALF_UP if nearest else ROUND_FLOOR))


def limit(said: Mapping[str, Any] | None, amounts: Mapping[str, int]) -> Fraction | None:
    """A limit in öre."""
    if said is None:
        return None
    if "amount" in said:
        return Fraction(_ore(said["amount"]))
    return Fraction(said["times"]) * max(0, amounts[said["of"]])


def divide(waterfall: Mapping[str, Any], amounts: Mapping[str, int], unmet: Iterable[str] = ()) -> tuple[Given, dict[str, int]]:
    """What each tier gives each party, and what stays of each amount."""
    given: Given = {}
    stays: dict[str, int] = {}
    rests = {one["of"]: one["party"] for one in waterfall["remainder"]}
    for of in rests:
        x, floor, sums, first = max(0, amounts[of]), Fraction(0), {}, None
        for tier in (one for one in waterfall["tiers"] if one["of"] == of):
            ceiling = limit(tier.get("up_to"), amounts)
            top = Fraction(x) if ceiling is None else min(Fraction(x), ceiling)
            width = max(Fraction(0), top - floor)
            for share in tier["shares"]:
                first = first or share["party"]
                most = limit(share.get("most"), amounts)
                part = Fraction(0) if tier["name"] in unmet else Fraction(share["share"]) * width
                part = part if most is None else min(most, part)
                before = sums.get(share["party"], Fraction(0))
                sums[share["party"]] = before + part
                nearest = share["party"] == first
                given[of, tier["name"], share["party"]] = _whole(before + part, nearest) - _whole(before, nearest)
            floor = max(floor, top)
        stays[of] = amounts[of] - sum(amount for (name, _, _), amount in given.items() if name == of)
    return given, stays


def valued(terms: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], on: str) -> dict[str, int]:
    """What the valuations give as of a day: the last row of each metric, group and part holds, those ended by the day count."""
    last = {(one["metric"], one["group"], one["part"]): one for one in rows}
    ended = {key: one for key, one in last.items() if one["until"] <= on}
    found = {}
    for one in terms["valuations"]:
        own = [row for (metric, group, _), row in ended.items() if (metric, group) == (one.get("metric"), one.get("group"))]
        if one["kind"] == "reported-amount@1":
            found[one["id"]] = sum(row["amount_ore"] for row in own)
        elif one["kind"] == "price-per-unit@1":
            worth = sum(Fraction(row["value"]) for row in own) * _ore(one["price"])
            found[one["id"]] = _whole(worth, True) if worth >= 0 else -_whole(-worth, True)
        elif one["kind"] == "cost-difference@1":
            found[one["id"]] = sum(_saved(one, part, ended) for part in one["parts"])
    return found


def _saved(one: Mapping[str, Any], part: str, ended: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> int:
    actual = ended.get((one["metric"], one["group"], part))
    if actual is None:
        return 0
    baseline = ended[one["metric"], one["baseline"], part]
    expected = Fraction(baseline["amount_ore"] * actual["persons"], baseline["persons"])
    return _whole(expected, True) - int(actual["amount_ore"])


def check(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every determination by tiers among the records, computed again: what differs."""
    terms: dict[str, Any] = {}
    rows: dict[str, list[Any]] = {}
    claimed: dict[tuple[str, str], int] = {}
    determined: dict[tuple[str, int], Any] = {}
    faults = []
    for record in records:
        kind, _, contract = record["stream"].partition("/")
        if kind != "tiered":
            continue
        data = record["data"]
        if record["type"] in ("TieredSigned@1", "TieredAmended@1"):
            terms[contract] = data["terms"]
        elif record["type"] == "MetricsReported@1":
            rows.setdefault(contract, []).extend(data["rows"])
        elif record["type"] == "TiersDetermined@1":
            determined[contract, data["number"]] = data
            faults += _determination(record, terms[contract], rows.get(contract, []))
        elif record["type"] == "TiersAgreed@1" and data.get("claims"):
            one = determined[contract, data["determination"]]
            for claim in data["claims"]:
                given = sum(line["amount_ore"] for line in one["given"] if line["party"] == claim["party"])
                before = claimed.get((contract, claim["party"]), 0)
                if claim["amount_ore"] != given - before:
                    faults.append(f"record {record['position']}: claims {claim['amount_ore']}, not {given - before}")
                claimed[contract, claim["party"]] = given
    return faults


def _determination(record: Mapping[str, Any], terms: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> list[str]:
    data = record["data"]
    found = valued(terms, rows, data["on"])
    said = {one["id"]: one["amount_ore"] for one in data["amounts"]}
    faults = [
        f"record {record['position']}: {key} {said.get(key)}, not {amount}"
        for key, amount in found.items()
        if said.get(key) != amount
    ]
    amounts = {**{one["id"]: _ore(one["amount"]) for one in terms.get("amounts", [])}, **said}
    unmet = [one["tier"] for one in data.get("conditions", []) if not one["met"]]
    given, stays = divide(terms["waterfall"], amounts, unmet)
    if given != {(one["of"], one["tier"], one["party"]): one["amount_ore"] for one in data["given"]}:
        faults.append(f"record {record['position']}: given otherwise")
    if stays != {one["of"]: one["amount_ore"] for one in data["kept"]}:
        faults.append(f"record {record['position']}: kept otherwise")
    return faults
