"""The dossier as a page: its sections, with charts where people look rather than read."""

from __future__ import annotations

from cli.chart import Bars, Level, Line, Span, bars_chart, millions, months_chart
from cli.dossier.sections import heading, in_short, sections
from cli.dossier.trees import Trees
from cli.explain.as_html import view
from cli.page import render
from cli.words import role
from ledger.money import shown
from projections.dossier import Dossier, Side

COLOURS = ("#0b3d66", "#7a3b00", "#4d2a6b", "#1d5c2e")
DASHES = ((), (6, 3), (2, 3), (10, 3))


def as_html(one: Dossier, basis: str, trees: Trees) -> str:
    """One file that stands alone; ``basis`` says what it rests on."""
    from markupsafe import Markup

    told = sections(one)
    return render(
        "dossier.html",
        charts_after="causes" if any(section.key == "causes" for section in told) else "positions",
        ident=f"{one.contract}/{one.dispute.name}",
        contract=one.state.terms.name,
        heading=heading(one),
        known=basis,
        position=one.facts.position,
        fingerprint=one.facts.basis.root[:16],
        short=in_short(one),
        sections=told,
        trees=[(title, view(node, f"tree{place}-"), proof) for place, (title, node, proof) in enumerate(trees, 1)],
        sums=Markup(_sums(one)),  # drawn here, and the only names in them are a contract's id, roles and months
        differences=Markup(_differences(one)),
    )


def _name(side: Side) -> str:
    return "As determined" if side.role is None else f"Position of the {role(side.role)}"


def _sums(one: Dossier) -> str:
    """The sum of savings by month under each side, against break-even and cap; empty where a payment is disputed."""
    if one.disputed is None:
        return ""
    months = [step.month for step in one.recorded.path]
    lines = [
        Line(_name(side), [step.savings for step in side.path], COLOURS[place % 4], DASHES[place % 4])
        for place, side in enumerate(one.sides)
    ]
    state = one.state
    levels = [
        Level(f"{name} at {millions(at)}", at, dash)
        for name, at, dash in [
            ("Contract breaks even", state.break_even_contract.target.at_savings, (10, 4)),
            ("Maximum to the provider reached (cap)", state.cap.target.at_savings, (2, 3)),
        ]
        if at is not None
    ]
    first, last = months.index(one.months[0]), months.index(one.months[-1])
    ends = "; ".join(f"{_name(side)}: {shown(side.path[-1].savings)} SEK" for side in one.sides)
    what = f"Sum of savings from {months[0]} to {months[-1]}. {ends}. The disputed months are marked."
    return months_chart(months, lines, levels, Span("disputed", first, last), key="sums", what=what)


def _differences(one: Dossier) -> str:
    """How far each position is from what was determined, month by month: savings, and the provider's entitlement."""
    if one.disputed is None:
        return ""
    bars = []
    for place, side in enumerate(one.sides[1:]):
        savings = [side.savings[month] - one.recorded.savings[month] for month in one.months]
        bars.append(Bars(f"Savings, {role(side.role or '')}", savings, COLOURS[place % 4]))
        moves = _moves(side, one), _moves(one.recorded, one)
        entitled = [new - old for new, old in zip(*moves, strict=True)]
        bars.append(Bars(f"Entitlement, {role(side.role or '')}", entitled, COLOURS[(place + 1) % 4]))
    said = "; ".join(f"{bar.name}: {', '.join(shown(value) for value in bar.values)} SEK" for bar in bars)
    what = f"Difference to what was determined, {one.months[0]} to {one.months[-1]}. {said}."
    return bars_chart(one.months, bars, key="differences", what=what)


def _moves(side: Side, one: Dossier) -> list[int]:
    """By how much the entitlement moves at each disputed month's end."""
    ends = {step.month: step.entitlement for step in side.path}
    ordered = sorted(ends)
    before = {month: ends[ordered[place - 1]] if place else 0 for place, month in enumerate(ordered)}
    return [ends[month] - before[month] for month in one.months]
