"""A comparison of bids as a page: its sections, with a chart of what is paid and one of what is left."""

from __future__ import annotations

from collections.abc import Sequence

from cli.chart import GREY, Line, millions, percents_chart
from cli.page import render
from cli.tender.as_text import CLAIM, name, sections
from projections.tender import MOST, Comparison, Offer, point

PERCENTS = range(0, MOST + 1, 5)
"""Per cent of the investment at which a chart's lines are drawn."""

STYLES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("#0b3d66", ()),
    ("#8a3a00", (10, 4)),
    ("#1b6e3c", (2, 3)),
    ("#6b2a7a", (10, 3, 2, 3)),
    (GREY, (6, 6)),
    ("#7a5a00", (14, 3)),
    ("#00606b", (4, 2)),
    ("#a01040", (1, 2)),
)
"""Colour and dash of each bid's line; black-and-white print tells them by dash and name."""


def as_html(one: Comparison, head: Sequence[str], foot: str) -> str:
    """A page that stands alone."""
    from markupsafe import Markup

    return render(
        "tender.html",
        ident=one.tender.id,
        name=one.tender.name,
        head=head[1:],
        foot=foot,
        claim=CLAIM,
        charts=[(title, Markup(_chart(one, figure, title))) for title, figure in CHARTS],  # numbers and words of ours
        sections=sections(one),
    )


CHARTS = (("Paid to the provider, by savings", "paid"), ("Left to the authority, by savings", "authority"))


def _chart(one: Comparison, figure: str, title: str) -> str:
    lines = [
        Line(name(offer.bid), _amounts(offer, figure), color, dash)
        for offer, (color, dash) in zip(one.offers, STYLES, strict=False)
    ]
    ends = "; ".join(f"{line.name}: {millions(line.values[0])} to {millions(line.values[-1])}" for line in lines)
    what = f"From no savings to twice the investment, in millions of SEK. {ends}. The tables hold the figures."
    return percents_chart(PERCENTS, lines, "100 %: the investment", key=f"chart-{figure}", what=what, title=title)


def _amounts(offer: Offer, figure: str) -> list[int]:
    return [getattr(point(offer.terms, percent), figure) for percent in PERCENTS]
