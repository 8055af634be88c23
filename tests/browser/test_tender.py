"""The comparison of bids as a page: on a screen, on a phone, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.test_statement import cells, faults
from tests.cli.tender_world import TENDER
from tests.cli.world import World

pytestmark = pytest.mark.xdist_group("browser")

Open = Callable[..., Page]
WIDTHS = pytest.mark.parametrize("width", [1100, 375], ids=["desktop", "phone"])


def page_of(world: World, shares: str = "25%,50%,75%") -> Path:
    file = world.folder / "bids.html"
    world.done("tender", "try", world.file("tender.toml", TENDER), "--at-risk", shares, "-O", "html", "-o", file, by=None)
    return file


@WIDTHS
@pytest.mark.parametrize("shares", ["50%", "25%,50%,75%", "25%,30%,35%,40%,50%,60%,70%,75%"])
def test_a_page_can_be_read_by_everyone(nothing: World, opened: Open, width: int, shares: str) -> None:
    page = opened(page_of(nothing, shares), width)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_bid_is_named_in_both_charts(nothing: World, opened: Open) -> None:
    """Each name inside its picture, none upon another."""
    page = opened(page_of(nothing, "25%,30%,35%,40%,50%,60%,70%,75%"))
    for number in (1, 2):
        svg = page.locator(f"#chart-{number} svg")
        frame = svg.bounding_box()
        names = [one.bounding_box() for one in svg.locator("text", has_text="bid ").all()]
        assert frame is not None
        assert len(names) == 8
        tops = sorted(box["y"] for box in names if box is not None)
        assert len(tops) == 8
        assert tops[0] >= frame["y"]
        assert all(later - earlier >= 10 for earlier, later in pairwise(tops))


def test_figures_are_those_of_the_json_answer(nothing: World, opened: Open) -> None:
    page = opened(page_of(nothing))
    said = nothing.done("tender", "try", nothing.folder / "tender.toml", "--at-risk", "25%,50%,75%", "-O", "json", by=None).json
    rows = cells(page, "Paid to the provider in all")
    assert len(rows) == 21
    for place, row in enumerate(rows):
        paid = [one["points"][place]["paid"] for one in said["offers"]]
        assert [cell.replace("\u2009", "") for cell in row[2:]] == paid
