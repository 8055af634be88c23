"""``soc explain`` as users ask it: every figure of the state, every record, in text, JSON, CSV and as a page.

The first quarter of 2019 saved 174 545.45 SEK, at 2 000 SEK a net day: D1 claims 34 909.09 for the provider, payable since
2019-07-20.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from cli.explain.as_html import place
from cli.output import flat
from projections.facts_used import EveryReport
from tests.cli.world import ABSENCE_HEADER, PAYER, World


def explained(world: World, *args: str) -> Any:
    """``soc explain -O json``."""
    return world.done("explain", *args, "-O", "json", by=None).json


def nodes(tree: Any) -> Iterator[Any]:
    yield tree
    for part in tree.get("parts", ()):
        yield from nodes(part)


def node(tree: Any, key: str) -> Any:
    [found] = [one for one in nodes(tree) if one["key"] == key]
    return found


def text(world: World, *args: str) -> str:
    return world.done("explain", *args, by=None).out.replace("\u2009", " ")


@pytest.fixture
def paid(settled: World) -> World:
    """… with the claim instructed and paid, and part of the loan drawn."""
    settled.done("loan", "draw", "tiny", "5000", "--on", "2019-07-01", "--for", "upfront", by=PAYER)
    settled.done("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "F1", by=PAYER)
    made = ("--made", "--bank-reference", "BG 1")
    settled.done("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "F1", *made, by=PAYER)
    return settled


# Every figure


def test_every_figure_of_the_state_is_explained(paid: World) -> None:
    said = flat(paid.state())
    assert len(said) > 60
    for row in said:
        one = explained(paid, "tiny", row["key"])
        assert one["explanation"]["value"] == row["value"], row["key"]
        assert one["sound"] is True
        assert one["coverage"]["residual_not_zero"] == []
        assert one["coverage"]["left_over"] == 0
        for found in nodes(one["explanation"]):
            assert found.get("residual", 0) in (0, "0.00", "0.0000", "0.000000"), found


def test_every_figure_is_explained_as_of_a_date_and_as_known_then(paid: World) -> None:
    when = ("--as-of", "2019-07-19", "--known-at", "2019-06-20")
    for row in flat(paid.state(*when)):
        one = explained(paid, "tiny", row["key"], *when)
        assert (one["explanation"]["value"], one["as_of"]) == (row["value"], "2019-07-19")
    assert explained(paid, "tiny", "balance.provider.payable", *when)["explanation"]["value"] == "0.00"
    later = explained(paid, "tiny", "balance.provider.payable", "--as-of", "2019-07-20", *when[2:])["explanation"]
    assert (later["value"], later["parts"][0]["key"]) == ("34909.09", "N1")


def test_a_figure_is_named_in_two_ways(settled: World) -> None:
    assert explained(settled, "tiny/savings.determined") == explained(settled, "tiny", "savings.determined")


# Records


def test_a_determination_is_explained_down_to_its_documents(settled: World) -> None:
    tree = explained(settled, "tiny/D1")["explanation"]
    assert (tree["value"], [part["value"] for part in tree["parts"]]) == ("34909.09", ["12000.00", "12000.00", "10909.09"])
    january = node(tree, "D1.2019-01.savings")
    assert (january["value"], january["parts"][0]["value"], january["parts"][1]["value"]) == ("60000.00", "30.00", "2000.00")
    rate = node(tree, "D1.2019-01.expected.rate")
    assert (rate["value"], rate["exact"], rate["residual"]) == ("0.017391", "2/115", "0.000000")
    share = node(tree, "D1.2019-01.entitlement.share")
    assert (share["value"], share["clause"], share["status"]) == ("0.2000", "terms: outcome.provider_share", "published")
    actual = node(tree, "D1.2019-01.actual")
    [rests] = actual["rests_on"]
    assert (rests["document"], len(rests["sha256"])) == ("absences-2019Q1.csv", 64)
    assert actual["facts"]["in_window"] == 6


def test_a_payment_is_what_was_open_before_it(paid: World) -> None:
    one = explained(paid, "tiny/P2")["explanation"]
    assert (one["value"], [part["value"] for part in one["parts"]]) == ("34909.09", ["0.00", "34909.09", "0.00"])
    assert (one["parts"][1]["see"], one["notes"]) == ("tiny/P1", ["Invoice F1, bank reference BG 1."])
    instruction = explained(paid, "tiny/P1")["explanation"]
    assert [part["value"] for part in instruction["parts"]] == ["34909.09", "0.00"]
    assert [part["value"] for part in instruction["parts"][0]["parts"]] == ["34909.09", "0.00", "0.00", "0.00"]
    assert instruction["notes"] == ["Invoice F1.", "Carried out by P2 on 2019-07-22."]


def test_a_payment_above_what_is_payable_is_explained_too(paid: World) -> None:
    more = ("--invoice", "F2", "--made", "--bank-reference", "BG 2")
    paid.done("pay", "outcome", "tiny", "100", "--on", "2019-07-22", *more, by=PAYER)
    one = explained(paid, "tiny/P3")["explanation"]
    assert [part["value"] for part in one["parts"]] == ["0.00", "-100.00"]
    overpaid = explained(paid, "tiny", "balance.provider.overpaid")["explanation"]
    assert (overpaid["value"], overpaid["parts"][0]["value"]) == ("100.00", "-100.00")
    paid.done("pay", "recover", "tiny", "--due", "--on", "2019-07-22", "--invoice", "F3", by=PAYER)
    assert [part["value"] for part in explained(paid, "tiny/P4")["explanation"]["parts"]] == ["100.00", "0.00"]
    paid.done("correct", "tiny/P3", "--amount", "40", "--reason", "misread", by=PAYER)
    position = paid.head()[0]
    one = explained(paid, f"tiny/{position}")["explanation"]
    assert (one["value"], [part["value"] for part in one["parts"]]) == ("-60.00", ["40.00", "100.00"])


def test_notice_acceptance_loan_and_upfront_are_explained(paid: World) -> None:
    notice = explained(paid, "tiny/N1")["explanation"]
    assert "accepted on 2019-06-20 by all that must agree; payable 30 days later" in notice["how"]
    loan = explained(paid, "tiny/L1")["explanation"]
    assert [part["value"] for part in loan["parts"][:2]] == ["0.00", "5000.00"]
    made = ("--made", "--bank-reference", "BG", "--invoice", "U1")
    paid.done("pay", "upfront", "tiny", "--due", "--on", "2019-07-22", *made, by=PAYER)
    upfront = explained(paid, "tiny/P3")["explanation"]
    assert (upfront["value"], upfront["parts"][0]["value"], upfront["parts"][0]["parts"][0]["value"]) == ("200000.00",) * 3


def test_postings_are_numbered_as_the_register_shows_them(paid: World) -> None:
    records = paid.done("register", "tiny", "-O", "json", by=None).json["records"]
    asked = 0
    for record in records:
        for number, posting in enumerate(record["postings"], 1):
            one = explained(paid, f"{record['id']}.{number}")
            assert (one["explanation"]["value"], one["sound"]) == (posting["amount"], True)
            assert posting["account"].removeprefix("memorandum:") in one["explanation"]["what"]
            asked += 1
    assert asked > 20


def test_evidence_and_agreements_are_explained_by_their_record(settled: World) -> None:
    for record in settled.done("register", "tiny", "-O", "json", by=None).json["records"]:
        assert explained(settled, record["id"])["sound"] is True
    report = explained(settled, "tiny/7")["explanation"]
    assert (report["value"], report["notes"]) == (18, ["The first determination that could see it: D1."])
    index = explained(settled, "tiny/8")["explanation"]
    assert (index["what"], index["value"]) == ("Values of the index tiny-index", 1)


def test_a_redo_says_what_it_supersedes_and_why(settled: World) -> None:
    spell = "S7999,Skolan,2019-02-11,2019-02-15,100,sick"
    late = settled.file("late.csv", f"{ABSENCE_HEADER}\n{spell}\n")
    complete = ("--source", "payroll", "--period", "2019-02")
    settled.done("import", "absences", "tiny", late, *complete, at="2019-07-22T10:00")
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "a late note", at="2019-07-22T11:00")
    settled.at = "2019-07-22T12:00"
    one = explained(settled, "tiny/D2")["explanation"]
    assert (one["value"], one["notes"][1]) == ("-2000.00", "It supersedes D1: a late note")
    causes = node(one, "D2.causes.savings")
    assert [(part["what"], part["value"]) for part in causes["parts"]] == [("Facts recorded since: 1 fact", "-10000.00")]
    february = node(one, "D2.2019-02")
    assert [part["value"] for part in february["parts"]] == ["10000.00", "12000.00"]


# What is refused


def test_an_unknown_figure_is_told_near_ones(settled: World) -> None:
    for args, near in [
        (("tiny", "balance.provider.du"), "balance.provider.due"),
        (("tiny/due",), "balance.provider.due"),
        (("tiny", "cap"), "cap.amount"),
        (("tiny",), "soc explain tiny balance.provider.due"),
        (("tiny/D1", "actual"), "D1.2019-01.actual"),
    ]:
        result = settled.soc("explain", *args, by=None)
        assert (result.code, result.out) == (2, "")
        assert near in result.err


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("tiny/D7",), 2, "no D7 on record"),
        (("nowhere/D1",), 2, "no contract nowhere"),
        (("tiny/8.1",), 2, "record 8 has no postings"),
        (("tiny/D1", "--as-of", "2019-07-22"), 2, "--as-of"),
        (("tiny", "cap.amount", "--as-of", "2018-01-01"), 1, "was signed on"),
        (("tiny/D1", "--lines"), 1, "for the employer alone, not for the audience public"),
        (("tiny/D1", "--lines", "--audience", "provider"), 1, "for the employer alone, not for the audience provider"),
        (("tiny/D1", "--depth", "deep"), 2, "not a number of levels"),
        (("tiny/D1", "--against", "3", "--lines", "--audience", "payer"), 2, "--against tells what has arrived"),
        (("tiny", "--against", "3"), 2, "neither a record nor a figure"),
    ],
)
def test_what_cannot_be_answered_is_said(settled: World, args: tuple[str, ...], code: int, said: str) -> None:
    result = settled.soc("explain", *args, by=None)
    assert (result.code, result.out) == (code, "")
    assert said in " ".join(result.err.split())


# Who reads it


def test_only_the_payer_reads_reports_cells_and_lines(settled: World) -> None:
    every = {
        audience: explained(settled, "tiny/D1", "--audience", audience) for audience in ("payer", "provider", "auditor", "public")
    }
    assert every["public"]["explanation"] == every["provider"]["explanation"] == every["auditor"]["explanation"]
    assert explained(settled, "tiny/D1")["explanation"] == every["public"]["explanation"]
    assert every["payer"]["withheld"] is None
    assert "fewer than five absent persons" in every["public"]["withheld"]
    tables = {audience: node(one["explanation"], "D1.2019-01.actual.workplace") for audience, one in every.items()}
    assert [part["what"] for part in tables["payer"]["parts"]] == ["Hemmet: 1 spell", "Skolan: 5 spells"]
    assert [part["what"] for part in tables["public"]["parts"]] == ["2 that are withheld, together: 6 spells"]
    assert node(every["payer"]["explanation"], "D1.2019-01.actual.reports")["value"] == "30.00"
    assert "Hemmet" not in "".join(one["what"] for one in nodes(every["public"]["explanation"]) if ".actual" in one["key"])


def test_single_lines_reach_the_payer(settled: World) -> None:
    out = text(settled, "tiny/D1", "2019-01.actual", "--audience", "payer", "--lines")
    lines = [line.strip() for line in out.splitlines() if line.strip().startswith("line ")]
    assert len(lines) == 6
    assert re.fullmatch(r"line 1: employee \d+, Skolan, 2019-01-07 to 2019-01-11, 100 %, sick +5\.00 net days", lines[0])
    assert "= used: its days numbered 1–14 that are Monday to Friday count" in out
    assert "not to be handed on" in out


# Forms


def test_the_text_is_a_tree_with_its_amounts_in_a_column(settled: World) -> None:
    out = text(settled, "tiny/D1")
    lines = out.splitlines()
    assert lines[:2] == ["Explanation of tiny/D1", "Tiny SOC"]
    assert max(map(len, lines)) <= 100
    amounts = [line.rindex(" SEK") for line in lines if re.search(r"[0-9]\.[0-9]{2} SEK$", line)]
    assert len(amounts) > 20
    assert set(amounts) == {82}
    assert any(line.startswith("  Entitlement of 2019-01 ") for line in lines)
    assert "SEK excluding VAT" in lines
    assert "residual 0.00." in out
    assert "None is left over." in out


def test_the_text_shows_as_many_levels_as_asked_for(settled: World) -> None:
    lengths = [len(text(settled, "tiny/D1", "--depth", depth).splitlines()) for depth in ("0", "1", "4", "all")]
    assert lengths == sorted(set(lengths))
    top, every = text(settled, "tiny/D1", "--depth", "0"), text(settled, "tiny/D1", "--depth", "all")
    assert "Entitlement of 2019-01" not in top
    assert "Not all is shown" in top
    assert "Not all is shown" not in every
    assert "2 that are withheld, together" in every


def test_the_rows_of_csv_are_the_tree(settled: World) -> None:
    rows = list(csv.DictReader(io.StringIO(settled.done("explain", "tiny/D1", "-O", "csv", by=None).out)))
    tree = explained(settled, "tiny/D1")["explanation"]
    assert [(row["key"], row["value"]) for row in rows] == [(one["key"], str(one["value"])) for one in nodes(tree)]
    assert rows[0]["within"] == ""
    assert {row["within"] for row in rows[1:]} <= {row["key"] for row in rows}


class Page(HTMLParser):
    """What a page holds: its elements, its ids, where it points, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("href", "src") and value:
                self.links.append(value)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_stands_alone_and_holds_the_whole_tree(settled: World) -> None:
    file = settled.folder / "explained.html"
    settled.done("explain", "tiny/D1", "-O", "html", "-o", file, by=None)
    page = Page(file.read_text(encoding="utf-8"))
    tree = explained(settled, "tiny/D1")["explanation"]
    assert {"script", "img", "iframe"}.isdisjoint(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("details") > 20
    for one in nodes(tree):
        assert place(one["key"]) in page.ids
    assert all(link.removeprefix("#") in page.ids for link in page.links if not link.startswith("data:"))
    [rests] = node(tree, "D1.2019-01.actual")["rests_on"]
    assert rests["sha256"] in page.words
    assert "residual 0.00" in page.words


def test_the_same_record_gives_the_same_bytes(settled: World) -> None:
    for form in ("text", "json", "csv", "html"):
        asked = ("explain", "tiny", "balance.provider.due", "-O", form)
        assert settled.done(*asked, by=None).out == settled.done(*asked, by=None).out


# What has arrived since


@pytest.mark.parametrize("form", ["text", "json", "csv", "html"])
def test_what_has_arrived_since_is_told(settled: World, form: str) -> None:
    one = settled.done("explain", "tiny/D1", "--known-at", "2019-04-08", "--against", "2019-06-20", "-O", form, by=None).out
    assert "2019Q1" in one
    other = settled.done("explain", "tiny/D1", "--against", "2019-04-08", "-O", form, by=None).out
    assert len(other) > 300
    if form == "html":
        assert "pre" in Page(one).tags


def test_a_figure_of_the_state_is_told_against_another_moment(settled: World) -> None:
    out = text(settled, "tiny", "savings.determined", "--against", "2019-06-01")
    assert "174 545.45" in out


# Loudly


def test_an_explanation_that_does_not_come_out_fails(settled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    used = EveryReport.used

    def otherwise(self: EveryReport, *args: Any, **more: Any) -> Any:
        one = used(self, *args, **more)
        return replace(one, hundredths=one.hundredths + 100, tallies=one.tallies[1:])

    monkeypatch.setattr(EveryReport, "used", otherwise)
    result = settled.soc("explain", "tiny/D1", by=None)
    assert result.code == 3
    assert "NOT SOUND: it differs from what its parts give by −1.00 net days" in result.out
    assert "facts left over: neither used nor left out nor replaced" in " ".join(result.out.split())
    assert "the explanation of tiny/D1 does not come out" in result.err
    assert settled.soc("explain", "tiny/D1", "-O", "json", by=None).json["sound"] is False
