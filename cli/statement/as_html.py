"""The settlement statement as a page: its sections, with the sum by month as a chart."""

from __future__ import annotations

from cli.chart import Level, Line, Span, millions, months_chart
from cli.page import render
from cli.statement.sections import in_short, same_records, sections, title
from projections.statements.statement import Statement


def as_html(one: Statement, basis: str) -> str:
    """Two printed pages that stand alone; ``basis`` says what they rest on."""
    from markupsafe import Markup

    return render(
        "statement.html",
        ident=f"{one.contract}/D{one.found.number}",
        contract=one.terms.name,
        heading=title(one),
        known=basis,
        position=one.basis.position,
        fingerprint=one.basis.root[:16],
        same=same_records(one),
        short=in_short(one),
        of={section.key: section for section in sections(one)},
        chart=Markup(chart(one)),  # drawn here, and the only names in it are a contract's id and months
    )


def chart(one: Statement) -> str:
    """The sum of savings and the provider's share by month, to the last month determined, against break-even and cap."""
    months = [step.month for step in one.path]
    lines = [
        Line("Savings", [step.savings for step in one.path], "#0b3d66"),
        Line("Provider's share", [step.entitlement for step in one.path], "#7a3b00", (6, 3)),
    ]
    levels = [
        Level(f"{name} at {millions(at)}", at, dash)
        for name, reaching, dash in [
            ("Contract breaks even", one.standing.break_even_contract, (10, 4)),
            ("Maximum to the provider reached (cap)", one.standing.cap, (2, 3)),
        ]
        if (at := reaching.target.at_savings) is not None
    ]
    period = one.found.period
    span = Span(f"D{one.found.number}", months.index(period.first), months.index(period.last))
    return months_chart(months, lines, levels, span, key="chart", what=_told(one, levels))


def _told(one: Statement, levels: list[Level]) -> str:
    last = one.path[-1]
    said = [
        f"In millions of SEK, from {one.path[0].month} to {last.month}: savings {millions(last.savings)}, the provider's share "
        f"of them {millions(last.entitlement)}.",
        *(f"{level.name}." for level in levels),
        f"The months of D{one.found.number} are marked. The tables below hold the figures.",
    ]
    return " ".join(said)
