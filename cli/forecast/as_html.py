"""The forecast as a page: its sections, with a chart of each way and its range."""

from __future__ import annotations

from collections.abc import Sequence

from cli.chart import GREY, Level, Line, Span, millions, months_chart
from cli.forecast.as_text import basis_line, sections
from cli.forecast.words import CLAIM, NAMES
from cli.page import render
from ledger.facts import Facts
from ledger.periods import Month
from projections.forecasts.forecast import Forecast, Outlook


def as_html(one: Forecast, facts: Facts, *, back_test: bool) -> str:
    """A page that stands alone; with ``back_test`` everything that was said then."""
    from markupsafe import Markup

    basis = facts.basis
    return render(
        "forecast.html",
        ident=one.state.contract,
        contract=one.state.terms.name,
        heading=f"As of {one.state.when.as_of}, to the end of the term on {one.ends_on}",
        known=basis_line(facts),
        position=basis.position,
        fingerprint=basis.root[:16],
        claim=CLAIM,
        charts=[(NAMES[each.method], Markup(chart(one, each))) for each in one.outlooks],  # names of ours, months and amounts
        sections=sections(one, back_test=back_test),
    )


def chart(one: Forecast, way: Outlook) -> str:
    """The sum by month to the end of the term by one way, with the ends of its range, against break-even and cap."""
    terms = one.ground.terms
    months = [terms.first_month + offset for offset in range(terms.months)]
    drawn = [
        ("highest", {step.month: step.high for step in way.steps if step.high is not None}, GREY, (2, 3)),
        ("expected", {step.month: step.savings for step in way.steps}, "#0b3d66", ()),
        ("lowest", {step.month: step.low for step in way.steps if step.low is not None}, GREY, (2, 3)),
    ]
    lines = [Line(name, _sums(one, months, ends), color, dash) for name, ends, color, dash in drawn if ends or name == "expected"]
    levels = [
        Level(f"{name} at {millions(at)}", at, dash)
        for name, at, dash in [
            ("Contract breaks even", way.expected["contract"].target.at_savings, (10, 4)),
            ("Maximum to the provider reached (cap)", way.expected["cap"].target.at_savings, (2, 3)),
        ]
        if at is not None
    ]
    ahead = [place for place, month in enumerate(months) if month in one.ground.ahead]
    span = Span("", min(ahead, default=0), max(ahead, default=-1))
    return months_chart(months, lines, levels, span, key=f"chart-{way.method}", what=_told(way, levels))


def _sums(one: Forecast, months: Sequence[Month], ahead: dict[Month, int]) -> list[int]:
    """The sum at each month's end: as determined, then as forecast; months that count for nothing leave it."""
    sums, total = list[int](), 0
    for month in months:
        total = ahead.get(month, total + one.ground.counted.get(month, 0))
        sums.append(total)
    return sums


def _told(way: Outlook, levels: Sequence[Level]) -> str:
    ends = "" if way.low is None or way.high is None else f", from {millions(way.low)} to {millions(way.high)}"
    said = f"{NAMES[way.method]}, in millions of SEK at the end of the term: {millions(way.savings)}{ends}."
    return " ".join(
        [said, *(f"{level.name}." for level in levels), "The months to come are marked; the tables hold the figures."]
    )
