"""An explanation as JSON: the whole tree, and the proof. Values as ``soc state`` writes them, exact fractions beside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import Any

from cli.explain.words import privacy
from ledger.money import decimals, kronor, rounded
from ledger.periods import instant_text
from projections.audience import is_employer
from projections.explanation.answer import Explanation
from projections.explanation.tree import Coverage, FactsCounted, Node, RestsOn, Value

PLACES = {"net days": 2, "share": 4}
"""Decimals of what is exact, as ``soc state`` writes it; of others six."""

FORECAST = "forecast.ratio_to_investment"
"""A ratio that ``soc state`` writes with two decimals."""


def as_json(one: Explanation) -> dict[str, Any]:
    """The explanation as JSON, without what it rests on as a whole."""
    return {
        "asked": one.asked,
        "contract": one.contract,
        "name": one.name,
        "as_of": None if one.as_of is None else str(one.as_of),
        "currency": "SEK",
        "vat": "excluded",
        "audience": one.audience,
        "withheld": None if is_employer(one.audience) else privacy(one),
        "sound": one.coverage.sound,
        "coverage": coverage(one.coverage),
        "explanation": tree(one.top),
    }


def coverage(one: Coverage) -> dict[str, Any]:
    """The proof: how many figures their parts give, and what became of the facts in the windows."""
    return {
        "figures": one.figures,
        "residual_not_zero": [node.key for node in one.off],
        "facts": one.window,
        "used": one.count("used"),
        "left_out": one.count("left out"),
        "replaced": one.count("replaced"),
        "left_out_or_replaced": one.count("left out or replaced"),
        "left_over": one.left_over,
        "by": [_counted(fact) for fact in one.facts],
    }


def tree(one: Node) -> dict[str, Any]:
    """A node and all below it; what is empty is left out."""
    parts = [tree(part) for part in one.parts]
    return {**figure(one), **({"parts": parts} if parts else {})}


def figure(one: Node) -> dict[str, Any]:
    """A node by itself."""
    numeric = isinstance(one.value, (int, Fraction)) and not isinstance(one.value, bool)
    found: dict[str, Any] = {"key": one.key, "what": one.what, "value": _value(one.value, one)}
    if isinstance(one.value, Fraction):
        found["exact"] = str(one.value / 100 if one.unit == "SEK" else one.value)
    found["unit"] = one.unit
    if one.given is not None:
        found["given"] = _value(one.given, one)
        found["residual"] = _value(one.residual, one) if numeric else one.residual
    said = {"how": one.how, "clause": one.clause, "status": one.status, "notes": list(one.notes), "see": one.see}
    found |= {key: value for key, value in said.items() if value}
    if one.rests_on:
        found["rests_on"] = [_record(resting) for resting in one.rests_on]
    if one.window:
        found["facts"] = {"in_window": one.window, "by": [_counted(fact) for fact in one.facts]}
    return found


def _value(value: Value | Fraction, one: Node) -> Any:
    match value:
        case None | bool():
            return value
        case int() | Fraction():
            return _number(value, one)
        case datetime():
            return instant_text(value)
        case tuple():
            return list(value)
        case _:
            return str(value)


def _number(value: int | Fraction, one: Node) -> Any:
    if one.unit == "SEK":
        return kronor(rounded(Fraction(value)))
    if isinstance(value, int) and one.unit not in PLACES:
        return value
    places = 2 if one.key == FORECAST else PLACES.get(one.unit, 6)
    return decimals(Fraction(value), places)


def _record(one: RestsOn) -> dict[str, Any]:
    return {"record": one.position, "what": one.what, "document": one.document, "sha256": one.sha256}


def _counted(one: FactsCounted) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "fate": one.fate,
        "count": one.count,
        "why": one.why or None,
        "rule": one.rule,
        "by_record": one.by,
    }


COLUMNS = (
    *("key", "within", "what", "value", "exact", "unit", "how", "clause", "status", "residual", "see"),
    *("records", "documents", "facts", "used", "left_out", "replaced", "left_out_or_replaced"),
)


def rows(one: Node, within: str = "") -> Iterator[dict[str, Any]]:
    """The tree for a spreadsheet, a figure a row, from the top down; ``within``: the key of the one above."""
    said = figure(one)
    rests = one.rests_on
    yield {
        **{name: said.get(name) for name in COLUMNS},
        "within": within,
        "records": [resting.position for resting in rests],
        "documents": list(dict.fromkeys(resting.document for resting in rests if resting.document)),
        "facts": one.window or None,
        **{
            fate.replace(" ", "_"): sum(fact.count for fact in one.facts if fact.fate == fate) if one.window else None
            for fate in ("used", "left out", "replaced", "left out or replaced")
        },
    }
    for part in one.parts:
        yield from rows(part, one.key)
