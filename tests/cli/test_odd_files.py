"""Files that look odd and are right: what is recorded of them is what they say."""

from __future__ import annotations

import pytest

from ledger.facts import Facts
from ledger.lines import CAUSES, Lines
from ledger.log import Log
from ledger.periods import Month
from projections import trend, workforce
from tests.cli.test_bad_corpus import send
from tests.cli.world import ABSENCE_HEADER, ROOT, World

GOOD = ROOT / "fixtures" / "imports" / "good"
ANGEN, NORR = "Förskolan Ängen", "Hemtjänsten Norr"
SPELL = (ANGEN, 20190916, 20190919, 100, "sick")
HALF = (20190902, 20190930, 50)

FILES: dict[str, list[tuple[str, int, int, int, str]]] = {
    "absences-blank-lines-at-end.csv": [SPELL],
    "absences-columns-in-another-order.csv": [(ANGEN, 20190916, 20190919, 50, "sick"), (NORR, 20190905, 20190905, 100, "sick")],
    "absences-cr-line-ends.csv": [SPELL],
    "absences-excel.csv": [("Städ; lokalvård", 20190916, 20190919, 100, "sick"), (ANGEN, 20200330, 0, 50, "covid")],
    "absences-letters-taken-apart.csv": [SPELL],
    "absences-line-end-in-a-name.csv": [SPELL],
    "absences-odd-spaces.csv": [SPELL, (NORR, *HALF, "sick")],
    "absences-quoted-crlf-bom.csv": [SPELL, ('Avdelning "Ö", plan 4', *HALF, "work-injury")],
    "absences-utf-16.csv": [SPELL],
    "absences-paxml-days-and-schedule.xml": [SPELL, (NORR, 20190924, 20190925, 50, "sick")],
    "absences-paxml-namespace-and-comments.pax": [
        SPELL,
        (NORR, *HALF, "work-injury"),
        (NORR, 20190911, 20190912, 100, "sick"),
    ],
    "absences-paxml-sent-again.xml": [(ANGEN, 20190919, 20190919, 100, "sick")],
}


@pytest.mark.parametrize("name", FILES)
def test_an_odd_absence_file_is_recorded_as_it_says(settled: World, name: str) -> None:
    settled.at = "2020-06-01T09:00"
    position, _ = settled.head()
    people = settled.employees_in_vault()
    options = () if "paxml" in name else ("--period", "2019-09..2020-03")
    result = send(settled, "absences", GOOD / name, *options)
    assert (result.code, result.err) == (0, "")
    assert settled.head()[0] == position + 1
    lines = _last_lines(settled)
    found = zip(lines.workplace, lines.first_day, lines.last_day, lines.extent, lines.cause, strict=True)
    said = [(lines.workplaces[place], first, last, extent, CAUSES[cause]) for place, first, last, extent, cause in found]
    assert sorted(said) == sorted(FILES[name])
    assert len(settled.employees_in_vault() - people) == len(set(lines.employee))


def _last_lines(world: World) -> Lines:
    log = Log.open(world.ledger)
    *_, last = log.recorder.rows(beside=True)
    log.recorder.close()
    assert last.beside is not None
    return Lines.checked(last.beside)


def test_an_odd_workforce_file_is_recorded_as_it_says(settled: World) -> None:
    settled.at = "2020-06-01T09:00"
    result = send(settled, "workforce", GOOD / "workforce-excel.csv")
    assert (result.code, result.err) == (0, "")
    counts = workforce.headcounts(_facts(settled), "tiny")[Month.of(2019, 9)]
    assert counts == {ANGEN: 24, "Stöd; lokalvård": 61}


def test_an_odd_trend_file_is_recorded_as_it_says(settled: World) -> None:
    result = send(settled, "trend", GOOD / "trend-quoted-decimal-comma.csv")
    assert (result.code, result.err) == (0, "")
    [value] = trend.values(_facts(settled), "made-up").values()
    assert (str(value.quarter), value.value, value.status, value.source) == (
        "2019Q1",
        "3.41",
        "published",
        "made up, for this file",
    )


def _facts(world: World) -> Facts:
    return Log.open(world.ledger).facts()


def test_a_nil_report_says_for_which_months_it_is_complete(settled: World) -> None:
    path = settled.file("nil.csv", f"{ABSENCE_HEADER}\n\n")
    assert "0 absences from payroll, complete for 2019-04" in send(settled, "absences", path, "--complete", "2019-04").out
