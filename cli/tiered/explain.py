"""A determination by tiers taken apart: as text, as JSON, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cli.sections import WIDTH, wrapped
from cli.tiered.receipt import money_line, parameters, sources
from ledger.money import decimals, kronor, shown
from projections.tiered.explain import Explanation
from projections.tiered.valuation import Trace

FIGURE = 84
"""The column where figures end."""


def as_text(one: Explanation, basis: str) -> str:
    """The explanation, below its head, and whether it comes out."""
    event = one.determination.event
    head = [f"Explanation of {one.contract}/D{event.number}, as of {event.on}", one.terms.name, *wrapped(basis)]
    rests = f"Computed anew on the record up to {event.basis.position}, on which it rests, under terms {one.terms.sha256[:16]}."
    lines = [*head, money_line(one.terms), *wrapped(rests), ""]
    said: set[Trace] = set()
    for trace in one.traces:
        lines += [*_told(trace, 0, said), ""]
    lines += [f"Note: {note}." for note in one.notes]
    lines += [line for found in (*parameters(one.terms), *sources(one.terms)) for line in wrapped(found)]
    return "\n".join([*lines, "", *_proof(one)])


def _proof(one: Explanation) -> list[str]:
    if one.differs:
        return [f"NOT SOUND: {said}" for said in one.differs]
    return [f"{len(one.determination.event.amounts)} amounts computed anew from their rows, and divided anew: residual 0.00."]


def _told(one: Trace, level: int, said: set[Trace]) -> Iterator[str]:
    """A step with what is below it; what was told above is not told again."""
    indent, value = "  " * level, figure(one)
    again = one in said
    what = f"{one.what} (above)" if again and one.parts else one.what
    room = FIGURE - len(value) - 2 - len(indent)
    first, *rest = _cut(what, room)
    yield f"{indent}{first:<{room}}  {value}".rstrip()
    yield from (f"{indent}  {line}" for line in rest)
    if again and one.parts:
        return
    said.add(one)
    if one.how:
        yield from (f"{indent}  {line}" for line in _cut(f"= {one.how}", WIDTH - len(indent) - 2))
    if one.record is not None:
        yield f"{indent}  record {one.record}"
    for part in one.parts:
        yield from _told(part, level + 1, said)


def _cut(text: str, room: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, max(room, 24), break_on_hyphens=False) or [""]


def figure(one: Trace) -> str:
    """A step's value for a reader."""
    if one.unit == "money" and isinstance(one.value, int):
        return shown(one.value)
    return decimals(one.value, 2) if isinstance(one.value, Fraction) else str(one.value)


def as_json(one: Explanation) -> dict[str, Any]:
    """The explanation, the whole tree."""
    event = one.determination.event
    return {
        "contract": one.contract,
        "determination": f"{one.contract}/D{event.number}",
        "as_of": str(event.on),
        "currency": one.terms.currency,
        "vat": one.terms.vat,
        "rests_on_record": event.basis.position,
        "terms_sha256": one.terms.sha256,
        "sound": not one.differs,
        "differs": list(one.differs),
        "notes": list(one.notes),
        "not_published": list(one.terms.unpublished),
        "sources": {metric.id: metric.source for metric in one.terms.metrics},
        "explanation": [_tree(trace) for trace in one.traces],
    }


def _value(one: Trace) -> str | int | None:
    if one.unit == "money" and isinstance(one.value, int):
        return kronor(one.value)
    return decimals(one.value, 2) if isinstance(one.value, Fraction) else one.value


def _tree(one: Trace) -> dict[str, Any]:
    found: dict[str, Any] = {"what": one.what, "value": _value(one), "unit": one.unit}
    found |= {"how": one.how} if one.how else {}
    found |= {"record": one.record} if one.record is not None else {}
    return {**found, **({"parts": [_tree(part) for part in one.parts]} if one.parts else {})}


COLUMNS = ["level", "what", "value", "unit", "how", "record"]


def rows(one: Explanation) -> Iterator[dict[str, Any]]:
    """The tree for a spreadsheet, from the top down."""
    for trace in one.traces:
        yield from _rows(trace, 0)


def _rows(one: Trace, level: int) -> Iterator[dict[str, Any]]:
    values = [level, one.what, _value(one), one.unit, one.how, one.record]
    yield dict(zip(COLUMNS, values, strict=True))
    for part in one.parts:
        yield from _rows(part, level + 1)
