"""The dossier's and the explanation's pages as readers have them: on a screen, on a phone, on paper, without eyes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.test_statement import WIDTHS, Open, cells, faults, printed_pages
from tests.cli.test_dossier import _disputed, disputed  # noqa: F401 - the dispute
from tests.cli.world import World

pytestmark = pytest.mark.xdist_group("browser")

PAGES = pytest.mark.parametrize(
    "command", [("dossier", "tiny/X1"), ("explain", "tiny/D1"), ("explain", "tiny/savings.determined")]
)


def page_of(world: World, command: tuple[str, str]) -> Path:
    file = world.folder / f"{command[0]}.html"
    world.done(*command, "-O", "html", "-o", file, by=None)
    return file


@WIDTHS
@PAGES
def test_a_page_can_be_read_by_everyone(disputed: World, opened: Open, command: tuple[str, str], width: int) -> None:  # noqa: F811
    page = opened(page_of(disputed, command), width)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@WIDTHS
def test_the_charts_are_seen(disputed: World, opened: Open, width: int) -> None:  # noqa: F811
    page = opened(page_of(disputed, ("dossier", "tiny/X1")), width)
    for name in ("#chart-sums", "#chart-differences"):
        box = page.locator(f"{name} svg").bounding_box()
        assert box is not None
        assert box["width"] >= 390, "its letters would be too small to read"
        assert box["height"] >= 150


def test_the_rows_are_those_of_the_json_answer(disputed: World, opened: Open) -> None:  # noqa: F811
    found = disputed.done("dossier", "tiny/X1", "-O", "json", by=None).json
    page = opened(page_of(disputed, ("dossier", "tiny/X1")))
    rows = cells(page, "What the disputed months saved")
    assert [row[0] for row in rows] == [month["month"] for month in found["positions"][0]["by_month"]] + ["In all"]
    assert [row[1].replace("\u2009", "") for row in rows[:-1]] == [
        month["savings"] for month in found["positions"][0]["by_month"]
    ]


def test_everything_is_open_on_paper(disputed: World, opened: Open) -> None:  # noqa: F811
    page = opened(page_of(disputed, ("explain", "tiny/D1")))
    page.emulate_media(media="print")
    hidden = page.locator("details .inside").evaluate_all("all => all.filter(one => !one.getClientRects().length).length")
    assert hidden == 0


def test_a_dossier_is_printed_on_few_pages(disputed: World, opened: Open) -> None:  # noqa: F811
    assert 3 <= printed_pages(opened(page_of(disputed, ("dossier", "tiny/X1")))) <= 16
