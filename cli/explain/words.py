"""An explanation's figures, facts and proof in a controller's words; its text and its page say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from cli.statement.words import grouped, number, percent
from cli.words import counted
from ledger.money import rounded, shown
from ledger.periods import stockholm_text
from projections.audience import is_employer
from projections.explanation.answer import Explanation
from projections.explanation.tree import ABSENT, Coverage, FactsCounted, Node, RestsOn

PLACES = {"net days": 2, "index": 2, "rate": 6, "factor": 6}
"""Decimals of what is exact with as many; else six are shown."""


def figure(one: Node) -> str:
    """A node's value for a reader, without its unit."""
    match one.value:
        case bool():
            return "yes" if one.value else "no"
        case datetime():
            return stockholm_text(one.value)
        case int() | Fraction():
            return _number(one.value, one.unit)
        case None:
            return "none"
        case tuple():
            return _listed(one.value)
        case _:
            return str(one.value)


def _number(value: int | Fraction, unit: str) -> str:
    if unit == "SEK":
        return shown(rounded(Fraction(value)))
    if unit == "share":
        return percent(Fraction(value))
    if isinstance(value, int):
        return grouped(str(value))
    places = PLACES.get(unit, 6)
    return number(value, places if (value * 10**places).denominator == 1 else 6)


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "none"
    return ", ".join(names) if len(names) <= 4 else f"{names[0]} to {names[-1]}, {len(names)} in all"


def unit(one: Node) -> str:
    """What the value counts, where that must be said."""
    return (
        one.unit
        if one.unit in ("SEK", "net days", "employees", "weekdays", "employee weekdays") and one.value is not None
        else ""
    )


def name(one: Node) -> str:
    """What it is; with where it is agreed, unless that stands with how it is computed, and where it is taken apart."""
    said = [one.what]
    if not one.how and (place := _place(one)):
        said.append(f"({place})")
    if one.see and "/" in one.see:
        said.append(f"→ {one.see}")
    elif one.see:
        said.append("(above)")
    return " ".join(said)


def method(one: Node) -> str:
    """How it is computed, and where that is agreed."""
    place = _place(one)
    return f"{one.how} ({place})" if one.how and place else one.how


def _place(one: Node) -> str:
    status = one.status if one.status != "published" or not one.clause else ""
    return "; ".join(part for part in (one.clause, status) if part)


# What it rests on


def record(one: RestsOn) -> str:
    """A record that a figure rests on, with its document and the first sixteen digits of its SHA-256."""
    said = f"record {one.position}: {one.what}"
    if one.document is None:
        return said
    return f"{said}; {one.document}" + (f", SHA-256 {one.sha256[:16]}" if one.sha256 else "")


def facts(one: Node) -> str:
    """What became of the facts in a figure's window; nothing where it has none."""
    if not one.window:
        return ""
    kinds = _kinds(one.facts)
    what = counted_grouped(one.window, kinds[0] if len(kinds) == 1 else "fact")
    return f"In its window {what}: {'; '.join(_fates(one.facts, several=3))}."


FATES = ("used", "left out", "replaced", "left out or replaced")


def _fates(found: Iterable[FactsCounted], several: int) -> Iterator[str]:
    """Each fate with what it befell: used by kind, left out by rule, replaced by record, of which ``several`` are named."""
    facts_ = list(found)
    for fate in FATES:
        own = [one for one in facts_ if one.fate == fate]
        if own:
            by = {"used": _by_kind, "replaced": _by_record}.get(fate, _by_rule)
            more = by(own, several)
            yield f"{grouped(str(sum(one.count for one in own)))} {fate}{f' ({more})' if more else ''}"


def _by_kind(own: list[FactsCounted], several: int) -> str:
    kinds = _kinds(own)
    if len(kinds) == 1:
        return ""
    return ", ".join(counted_grouped(sum(one.count for one in own if one.kind == kind), kind) for kind in kinds)


def _kinds(own: Iterable[FactsCounted]) -> list[str]:
    return list(dict.fromkeys(one.kind for one in own))


def counted_grouped(count: int, what: str) -> str:
    """``1 headcount``, ``1 193 lines of absence``."""
    noun, of, rest = what.partition(" of ")
    return f"{grouped(str(count))} {noun if count == 1 else f'{noun}s'}{of}{rest}"


def _by_rule(own: list[FactsCounted], several: int) -> str:
    reasons: dict[tuple[str, int | None], int] = {}
    for one in own:
        reasons[one.why, one.rule] = reasons.get((one.why, one.rule), 0) + one.count
    said = (f"{grouped(str(count))}: {why}{f', rule {rule}' if rule else ''}" for (why, rule), count in reasons.items())
    return "; ".join(said)


def _by_record(own: list[FactsCounted], several: int) -> str:
    records: dict[int, int] = {}
    for one in own:
        if one.by is not None:
            records[one.by] = records.get(one.by, 0) + one.count
    if not records:
        return _by_rule(own, several)
    rules = ", ".join(dict.fromkeys(f"rule {one.rule}" for one in own if one.rule))
    ordered = sorted(records.items())
    if len(ordered) > several:
        said = f"by {len(ordered)} later records, {ordered[0][0]} to {ordered[-1][0]}"
    else:
        said = "by " + ", ".join(f"record {position}: {grouped(str(count))}" for position, count in ordered)
    return f"{said}; {rules}"


# The proof


def proof(one: Coverage, several: int = 12) -> list[str]:
    """That nothing is missing, in words; or loudly what is."""
    if one.off:
        said = ", ".join(f"{node.key} by {_off(node)}" for node in one.off[:10])
        figures = f"NOT SOUND: of {counted(one.figures, 'figure')} {len(one.off)} are not what their parts give: {said}."
    else:
        figures = f"{counted_grouped(one.figures, 'figure')} computed anew from their parts: residual 0.00."
    if one.left_over:
        left = f"NOT SOUND: {counted_grouped(one.left_over, 'fact')} left over: neither used nor left out nor replaced."
    else:
        left = "None is left over."
    if not one.window:
        return [figures, *([left] if one.left_over else [])]
    window = f"Facts in the windows of its months, each counted in every month that it touches: {grouped(str(one.window))}."
    return [figures, window, *(f"  {line}" for line in _fates(one.facts, several)), left]


def _off(node: Node) -> str:
    residual = node.residual
    if node.given == ABSENT:
        return "facts that are not on record"
    if isinstance(node.value, (int, Fraction)) and not isinstance(node.value, bool):
        return f"{_number(residual, node.unit)} {unit(node)}".strip()
    return "another value"


def unsound(one: Node) -> str:
    """That a figure is not what its parts give, loudly; nothing where it is."""
    return f"NOT SOUND: it differs from what its parts give by {_off(one)}" if one.residual else ""


def privacy(one: Explanation) -> str:
    """For whom it is, and what is withheld."""
    if is_employer(one.audience):
        return "For the payer as employer: nothing is withheld; not to be handed on."
    withheld = "figures that rest on fewer than five absent persons, figures by report, and single lines"
    return f"For the {one.audience}: withheld are {withheld}; totals are exact."


def known(one: Explanation, basis: str) -> str:
    """The two times, and what it rests on."""
    return basis if one.as_of is None else f"as of {one.as_of} · {basis}"


def capital(said: str) -> str:
    """With a capital, as a sentence begins."""
    return f"{said[:1].upper()}{said[1:]}"
