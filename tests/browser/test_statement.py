"""The settlement statement's page as readers have it: on a screen, on a phone, on paper, without eyes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from ledger.money import decimals, kronor, parse_kronor
from tests.cli.test_statement import hostile
from tests.cli.world import ABSENCE_HEADER, BOTH, METHODOLOGY, PAYROLL, World, absences, spells, trend, workforce

pytestmark = pytest.mark.xdist_group("browser")

Open = Callable[..., Page]
WIDTHS = pytest.mark.parametrize("width", [1100, 360], ids=["desktop", "phone"])


def page_of(world: World, ident: str = "tiny/D1") -> Path:
    file = world.folder / "statement.html"
    world.done("statement", ident, "-O", "html", "-o", file, by=None)
    return file


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, its best practices included."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run()")
    assert found["passes"], "axe-core has judged nothing"
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


def cells(page: Page, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins so."""
    table = page.locator("table", has=page.locator("caption", has_text=re.compile(f"^{caption}")))
    rows: list[list[str]] = table.evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


def amount(cell: str) -> str:
    """A cell as JSON writes its amount."""
    return kronor(parse_kronor(cell.replace("+", "")))


@WIDTHS
def test_a_page_can_be_read_by_everyone(settled: World, opened: Open, width: int) -> None:
    assert faults(opened(page_of(settled), width)) == []


def test_the_judge_finds_faults(tmp_path: Path, opened: Open) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text("<link rel=icon href='data:,'><img src='data:,'><p style='color:#ccc'>pale", encoding="utf-8")
    found = " ".join(faults(opened(bad)))
    assert "image-alt" in found
    assert "color-contrast" in found
    assert "html-has-lang" in found


@WIDTHS
def test_nothing_is_wider_than_the_window(settled: World, opened: Open, width: int) -> None:
    page = opened(page_of(settled), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    chart = page.locator("#chart svg").bounding_box()
    assert chart is not None
    assert chart["width"] >= 390, "its letters would be too small to read"
    visible = page.locator("#chart").bounding_box()
    assert visible is not None
    assert visible["width"] <= width


def test_a_quarter_is_printed_on_two_pages(settled: World, opened: Open) -> None:
    assert printed_pages(opened(page_of(settled))) == 2


def test_a_redo_is_printed_on_two_pages(settled: World, opened: Open) -> None:
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "to see it printed", at="2019-07-23T09:00")
    settled.at = "2019-07-23T10:00"
    assert printed_pages(opened(page_of(settled, "tiny/D2"))) == 2


@pytest.mark.parametrize("audience", ["public", "payer"])
def test_what_is_withheld_is_printed_on_two_pages(settled: World, opened: Open, audience: str) -> None:
    """Days left out and findings of few persons, a late report of few, and the words that say that they are withheld."""
    world = few_everywhere(settled)
    file = world.folder / "statement.html"
    world.done("statement", "tiny/D2", "-O", "html", "-o", file, "--audience", audience, by=None)
    page = opened(file)
    left_out = [row[6] for row in cells(page, "Month by month")]
    assert left_out == (["withheld"] * 4 if audience == "public" else ["10.00", "0.00", "0.00", "10.00"])
    assert ("Köket" in page.inner_text("main")) is (audience == "payer")
    assert faults(page) == []
    assert printed_pages(page) == 2


def few_everywhere(world: World) -> World:
    """The first quarter determined again, two of January's days left out as coded, three absent from a kitchen of two employees;
    and a report of two persons since."""
    heads = "month,workplace,employees\n2019-01,Köket,2\n2019-02,Köket,0\n"
    world.done("import", "workforce", "tiny", world.file("w.csv", heads), at="2019-07-23T08:00")
    lines = [ABSENCE_HEADER, *spells("2019-01", 5, "Skolan"), *spells("2019-01", 3, "Köket")]
    lines[1:3] = [line.replace(",sick", ",covid") for line in lines[1:3]]
    file, complete = world.file("coded.csv", "\n".join(lines) + "\n"), ("--source", "payroll", "--complete", "2019-01")
    world.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-23T09:00")
    rule = '[disruption]\nkind = "exclude-cause@1"\ncauses = ["covid"]\nwindow = "2019-01..2019-03"\n'
    out = world.file("out.toml", METHODOLOGY.replace('"tiny-2019"', '"out"').partition("[disruption]")[0] + rule)
    world.done("methodology", "adopt", "tiny", out, "--from", "2019-01-01", *BOTH, at="2019-07-23T10:00")
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "agreed anew", at="2019-07-23T11:00")
    late = world.file("late.csv", "\n".join([ABSENCE_HEADER, *spells("2019-02", 2, "Hemmet")]) + "\n")
    world.done("import", "absences", "tiny", late, "--source", "payroll", by=PAYROLL, at="2019-07-24T09:00")
    world.at = "2019-07-24T10:00"
    return world


def test_a_year_determined_again_flows_over_more_pages(settled: World, opened: Open) -> None:
    for number in (2, 3, 4):
        months = [f"2019-{month:02d}" for month in range(number * 3 - 2, number * 3 + 1)]
        day = ("2019-09-20", "2019-12-20", "2020-03-20")[number - 2]
        settled.done("import", "workforce", "tiny", settled.file(f"w{number}.csv", workforce(months)), at=f"{day}T08:00")
        settled.done("import", "trend", settled.file(f"t{number}.csv", trend([f"2019Q{number}"])), at=f"{day}T08:10")
        file = settled.file(f"a{number}.csv", absences(months, 5, 1))
        complete = ("--source", "payroll", "--complete", f"2019Q{number}")
        settled.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at=f"{day}T08:20")
        settled.done("determine", "tiny", f"2019Q{number}", at=f"{day}T09:00")
    reason = "a new count of all that was reported late, " * 5
    settled.done("determine", "tiny", "2019-01..2019-12", "--redo", "--reason", reason, at="2020-05-02T09:00")
    settled.at = "2020-05-02T10:00"
    page = opened(page_of(settled, "tiny/D5"), 360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert len(cells(page, "Month by month")) == 13
    assert printed_pages(page) == 3


def test_a_phone_scrolls_the_month_table_in_its_own_box(settled: World, opened: Open) -> None:
    page = opened(page_of(settled), 360)
    box = page.get_by_role("group", name="Month by month")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    box.focus()
    box.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
    last = box.locator("tbody tr").first.locator("td").last.bounding_box()
    assert last is not None
    assert last["x"] >= 0
    assert last["x"] + last["width"] <= 360


def printed_pages(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))


def test_figures_are_those_of_the_json_answer(settled: World, opened: Open) -> None:
    page = opened(page_of(settled))
    one: Any = settled.done("statement", "tiny/D1", "-O", "json", by=None).json
    *rows, total = cells(page, "Month by month")
    for month, row in zip(one["months"], rows, strict=True):
        assert (row[0], int(row[1]), int(row[2])) == (month["month"], month["employees"], month["weekdays"])
        assert [near(row[place]) for place in (3, 4)] == [
            six(month["reference_rate"]),
            six(month["trend"]["factor"]),
        ]
        assert [near(row[place]) for place in (5, 7)] == [six(month["expected_days_exact"]), six(month["avoided_days_exact"])]
        assert (near(row[6]), amount(row[8]), amount(row[9])) == (near(month["actual_days"]), month["price"], month["savings"])
    assert amount(total[9]) == one["savings"]["determined"]
    shared = cells(page, "Before and after this determination")
    assert [[*map(amount, row[1:])] for row in shared[:2]] == [[*one["savings"].values()][1:], [*one["entitlement"].values()]]
    balance = {row[0].lower(): amount(row[1]) for row in cells(page, "All determinations together")}
    assert balance == {key: one["balance"][key] for key in balance}
    targets = cells(page, "After this determination")
    expected = [one["break_even"][key] for key in ("contract", "authority", "provider")]
    assert [amount(row[3]) for row in targets] == [*(target["remaining"] for target in expected), one["cap"]["headroom"]]
    path = [[row[0], *map(amount, row[1:])] for row in cells(page, "2019-01 to 2019-03")]
    assert path == [[month["month"], month["savings"], month["entitlement"]] for month in one["by_month"]]


def near(cell: str) -> Fraction:
    return Fraction(re.sub("[\u2009\u202f]", "", cell).replace("−", "-"))


def six(exact: str) -> Fraction:
    """A fraction as six decimals show it."""
    return Fraction(decimals(Fraction(exact), 6))


def test_a_window_and_a_page_are_named(settled: World, opened: Open) -> None:
    page = opened(page_of(settled))
    assert page.title() == "Settlement statement tiny/D1: savings of January to March 2019"
    assert 'content: "Settlement statement tiny/D1 · record ' in page.locator("style").inner_text()


@WIDTHS
def test_hostile_names_do_nothing(nothing: World, opened: Open, width: int) -> None:
    page = opened(page_of(hostile(nothing)), width)
    assert "<script>alert(1)</script>{{ 7*7 }}" in page.inner_text("main")
    assert page.locator("script, img").count() == 0
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_reach_what_scrolls(settled: World, opened: Open) -> None:
    page = opened(page_of(settled), 360)
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 14)"))
    assert reached[0] == "Month by month"
    assert json.dumps(reached) != json.dumps([reached[0]] * 3)
