"""The same absences as CSV, as PAXml day by day and as PAXml from–to give the same net days, whichever month comes how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli import absence_file
from cli.absence_file import AbsenceFile
from fixtures.paxml import paxml_extract
from fixtures.synthetic import BOTKYRKA, History, Spell, Workplace, payroll_extract
from ledger.commands import OfContract, SignContract
from ledger.errors import InputRefused
from ledger.events import Actor, Scope
from ledger.evidence import ReportAbsences
from ledger.facts import Facts
from ledger.lines import CAUSES, Lines
from ledger.periods import Month, Period
from projections import day_reports, reporting
from projections.absences import in_force, reports
from projections.day_reports import Less
from projections.rules.short_term_net_days_1 import net_days
from tests.memory import Memory
from tests.spec import BOTKYRKA as TERMS

PLACES = ("Norr", "Söder")
MONTHS = tuple(Period.parse("2019-05..2019-09"))
PROFILE = replace(BOTKYRKA, workplaces=tuple(Workplace(name, 10) for name in PLACES))
MANAGER = Actor(name="M. Lind", role="performance_manager")
NetDays = dict[Month, dict[str, int]]


class Ledger:
    """A contract in memory, to which absence files are sent as ``soc import absences`` sends them."""

    def __init__(self) -> None:
        self.at = datetime(2018, 9, 26, 9, tzinfo=UTC)
        self.memory = Memory(by=MANAGER, at=self.at, seed="days")
        command = OfContract(TERMS.id, SignContract(TERMS, TERMS.starts_on))
        self.memory.submit(lambda facts: command, {"sign": 1}, by=MANAGER, at=self.at)
        self.tokens: dict[str, int] = {}
        self.ended = 0

    def send(self, content: bytes, kind: str, complete: str | None, period: str | None = None) -> None:
        """Record one file."""
        scope, about = (Period.parse(text) if text else None for text in (complete, period))
        contract = self.memory.facts().contract(TERMS.id)
        if kind == "csv":
            report = absence_file.from_csv(content, "f", scope)
        else:
            report = absence_file.from_paxml(content, "f", scope, about, contract, date(2020, 1, 1))
        self.at += timedelta(days=400) if self.at.year == 2018 else timedelta(hours=1)
        words = {"file": len(self.memory.records)}
        self.memory.submit(lambda facts: self._propose(facts, report, about), words, by=MANAGER, at=self.at)

    def _propose(self, facts: Facts, report: AbsenceFile, period: Period | None) -> ReportAbsences:
        scope = Scope(complete=report.complete, workplaces=None) if report.complete else None
        for name in [*report.rows.employee, *(one.employee for one in report.corrections)]:
            self.tokens.setdefault(name, len(self.tokens) + 1)
        rows, places = report.rows, sorted(set(report.rows.workplace))
        lines = Lines(
            tuple(places),
            tuple(self.tokens[name] for name in rows.employee),
            tuple(places.index(name) for name in rows.workplace),
            *(tuple(column) for column in (rows.first_day, rows.last_day, rows.extent, rows.cause)),
            b"",
        )
        file = reporting.File("f", rows.line, lines, "payroll", scope, period or report.complete)
        if report.kind == "paxml":
            less = [Less(one.line, self.tokens[one.employee], *one[2:]) for one in report.corrections]
            written = day_reports.rewritten(facts, TERMS.id, file, less, self.name)
            file, self.ended = written.file, self.ended + written.ended
        return reporting.report(facts, TERMS.id, file, self.name)

    def name(self, token: int) -> str | None:
        """The employment number behind a token."""
        return next(name for name, one in self.tokens.items() if one == token)

    def spells(self) -> list[tuple[str, str, str, str, int, bool]]:
        """The spells in force."""
        found = in_force(reports(self.memory.facts(), TERMS.id, "payroll"))
        columns = zip(
            found.employee.tolist(), found.workplace.tolist(), found.first.tolist(), found.last.tolist(),
            found.extent.tolist(), found.open.tolist(), strict=True,
        )  # fmt: skip
        day = date(1970, 1, 1)
        return [
            (
                str(self.name(who)),
                found.workplaces[place],
                str(day + timedelta(first)),
                str(day + timedelta(last)),
                extent,
                bool(open_),
            )
            for who, place, first, last, extent, open_ in columns
        ]

    def net_days(self) -> NetDays:
        """Hundredths of net days by month and workplace."""
        found = net_days(in_force(reports(self.memory.facts(), TERMS.id, "payroll")))
        return {month: found.of(month) for month in MONTHS}


def extract(history: History, month: Month, kind: str) -> bytes:
    if kind == "csv":
        return payroll_extract(history, month)
    return paxml_extract(history, month, by="day" if kind == "day" else "range")


def sent(history: History, kinds: Sequence[str], again: Sequence[tuple[int, str]] = ()) -> NetDays:
    ledger = Ledger()
    for month, kind in zip(MONTHS, kinds, strict=True):
        ledger.send(extract(history, month, kind), kind, str(month))
    for place, kind in again:
        ledger.send(extract(history, MONTHS[place], kind), kind, str(MONTHS[place]))
    return ledger.net_days()


def spell(who: int, first: str, days: int, extent: int = 100, place: int = 0, cause: str = "sick") -> Spell:
    begins = date.fromisoformat(first)
    return Spell(f"E{who}", PLACES[place], begins, begins + timedelta(days=days - 1), extent, cause)


def history(spells: Sequence[Spell]) -> History:
    ordered = sorted(
        {(one.employee, one.first_day): one for one in spells}.values(), key=lambda one: (one.first_day, one.employee)
    )
    return History(PROFILE, MONTHS[-1], tuple(ordered), ())


SPELLS = st.builds(
    spell,
    st.integers(1, 3),
    st.dates(date(2019, 5, 1), date(2019, 9, 30)).map(str),
    st.one_of(st.integers(1, 20), st.integers(20, 70)),
    st.sampled_from([100, 100, 75, 50, 25]),
    st.sampled_from([0, 1]),
    st.sampled_from(["sick", "sick", "work-injury"]),
)
KINDS = st.sampled_from(["csv", "day", "range"])
ACROSS = [spell(1, "2019-05-20", 50), spell(1, "2019-05-28", 20, 50, 1), spell(2, "2019-05-31", 3), spell(3, "2019-06-28", 5, 25)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spells=st.lists(SPELLS, max_size=9), kinds=st.lists(KINDS, min_size=5, max_size=5))
@example(spells=ACROSS, kinds=["csv", "day", "range", "csv", "day"])
@example(spells=ACROSS, kinds=["day"] * 5)
def test_three_formats_give_the_same_net_days(spells: list[Spell], kinds: list[str]) -> None:
    made = history(spells)
    expected = sent(made, ["csv"] * 5)
    assert sent(made, kinds) == expected
    assert sent(made, ["day"] * 5) == expected
    assert sent(made, ["range"] * 5) == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    spells=st.lists(SPELLS, max_size=9),
    kinds=st.lists(KINDS, min_size=5, max_size=5),
    again=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["day", "range"])), max_size=3),
)
@example(spells=ACROSS, kinds=["csv"] * 5, again=[(1, "day"), (0, "range")])
def test_a_month_sent_again_as_paxml_changes_nothing(spells: list[Spell], kinds: list[str], again: list[tuple[int, str]]) -> None:
    made = history(spells)
    assert sent(made, kinds, again) == sent(made, kinds)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    spells=st.lists(SPELLS, max_size=7),
    late=st.lists(SPELLS, max_size=3),
    place=st.integers(0, 4),
    kind=st.sampled_from(["day", "range"]),
)
def test_days_that_come_late_in_a_month_sent_again(spells: list[Spell], late: list[Spell], place: int, kind: str) -> None:
    first, last = MONTHS[place].first_day, MONTHS[place].last_day
    inside = [one for one in late if first <= one.first_day and one.last_day <= last]
    before, after = history(spells), history([*inside, *spells])
    ledger = Ledger()
    for month in MONTHS:
        ledger.send(extract(before, month, kind), kind, str(month))
    ledger.send(extract(after, MONTHS[place], kind), kind, str(MONTHS[place]))
    assert ledger.net_days() == sent(after, [kind] * 5)


# ── Switching from CSV, by example ───────────────────────────────────────────────────────────────────────────────────

CSV = "employee,workplace,first_day,last_day,extent,cause\n"
UNIT = '<resenheter><resenhet dim="1" id="{}"/></resenheter>'


def paxml(*said: tuple[str, str, str], place: str = "Norr", extent: str = "", header: str = "") -> bytes:
    lines = [
        f'<tidtrans anstid="{who}"><tidkod>SJK</tidkod><datumfrom>{first}</datumfrom><datumtom>{last}</datumtom>'
        f"{extent}{UNIT.format(place)}</tidtrans>"
        for who, first, last in said
    ]
    head = f"<paxml><header><version>2.0</version>{header}</header><tidtransaktioner>"
    return "\n".join([head, *lines, "</tidtransaktioner></paxml>"]).encode()


def open_in_may(line: str = "E1,Norr,2019-05-20,,100,sick") -> Ledger:
    ledger = Ledger()
    ledger.send(f"{CSV}{line}\n".encode(), "csv", "2019-05")
    return ledger


@pytest.mark.parametrize(
    ("line", "said", "expected", "ended"),
    [
        pytest.param("E1,Norr,2019-05-20,,100,sick", [("E1", "2019-06-01", "2019-06-07")],
                     [("E1", "Norr", "2019-05-20", "2019-06-07", 100, False)], 0, id="goes on"),
        pytest.param("E1,Norr,2019-05-20,,100,sick", [("E1", "2019-06-03", "2019-06-07")],
                     [("E1", "Norr", "2019-05-20", "2019-06-07", 100, False)], 0, id="goes on after the weekend"),
        pytest.param("E1,Norr,2019-05-20,,100,sick", [("E1", "2019-06-04", "2019-06-07")],
                     [("E1", "Norr", "2019-05-20", "2019-05-31", 100, False),
                      ("E1", "Norr", "2019-06-04", "2019-06-07", 100, False)],
                     1, id="not after a Monday"),
        pytest.param("E1,Norr,2019-05-20,,50,sick", [("E1", "2019-06-01", "2019-06-07")],
                     [("E1", "Norr", "2019-05-20", "2019-05-31", 50, False),
                      ("E1", "Norr", "2019-06-01", "2019-06-07", 100, False)],
                     0, id="goes on with another extent"),
        pytest.param("E1,Söder,2019-05-20,,100,sick", [("E1", "2019-06-01", "2019-06-07")],
                     [("E1", "Söder", "2019-05-20", "2019-05-31", 100, False),
                      ("E1", "Norr", "2019-06-01", "2019-06-07", 100, False)],
                     0, id="goes on elsewhere"),
        pytest.param("E1,Norr,2019-05-20,,100,sick", [], [("E1", "Norr", "2019-05-20", "2019-05-31", 100, False)], 1, id="ends"),
        pytest.param("E1,Norr,2019-05-20,2019-06-14,100,sick", [("E1", "2019-06-01", "2019-06-03")],
                     [("E1", "Norr", "2019-05-20", "2019-06-03", 100, False)], 0, id="shorter than was thought"),
        pytest.param("E1,Norr,2019-05-20,2019-07-14,100,sick", [("E1", "2019-06-01", "2019-06-03")],
                     [("E1", "Norr", "2019-05-20", "2019-06-03", 100, False),
                      ("E1", "Norr", "2019-07-01", "2019-07-14", 100, False)],
                     0, id="a known end after the month stays"),
    ],
)  # fmt: skip
def test_a_spell_on_record_and_the_next_month_as_paxml(line: str, said: Any, expected: Any, ended: int) -> None:
    ledger = open_in_may(line)
    ledger.send(paxml(*said), "paxml", "2019-06")
    assert ledger.spells() == expected
    assert ledger.ended == ended


def test_an_open_spell_stays_open_when_an_earlier_month_is_sent_again_with_all_its_days() -> None:
    ledger = open_in_may()
    ledger.send(f"{CSV}E1,Norr,2019-05-20,,100,sick\n".encode(), "csv", "2019-06")
    ledger.send(paxml(("E1", "2019-05-20", "2019-05-31")), "paxml", "2019-05")
    assert ledger.spells() == [("E1", "Norr", "2019-05-20", "2019-06-30", 100, True)]
    ledger.send(paxml(("E1", "2019-05-22", "2019-05-31")), "paxml", "2019-05")
    assert ledger.spells() == [("E1", "Norr", "2019-05-22", "2019-06-30", 100, False)]


def test_csv_after_paxml_repeats_the_spell_with_its_first_day() -> None:
    ledger = open_in_may()
    ledger.send(paxml(("E1", "2019-06-01", "2019-06-30")), "paxml", "2019-06")
    ledger.send(f"{CSV}E1,Norr,2019-05-20,2019-07-03,100,sick\n".encode(), "csv", "2019-07")
    assert ledger.spells() == [("E1", "Norr", "2019-05-20", "2019-07-03", 100, False)]


# ── Corrections and re-exports ───────────────────────────────────────────────────────────────────────────────────────

MAY = "E1,Norr,2019-05-06,2019-05-17,100,sick"


@pytest.mark.parametrize(
    ("said", "extent", "expected"),
    [
        (("E1", "2019-05-08", "2019-05-08"), "-100", [("06", "07", 100), ("09", "17", 100)]),
        (("E1", "2019-05-08", "2019-05-09"), "-50", [("06", "07", 100), ("08", "09", 50), ("10", "17", 100)]),
        (("E1", "2019-05-06", "2019-05-07"), "-100", [("08", "17", 100)]),
        (("E1", "2019-05-16", "2019-05-17"), "-100", [("06", "15", 100)]),
        (("E1", "2019-05-06", "2019-05-17"), "-100", []),
    ],
)
@pytest.mark.parametrize("complete", [None, "2019-06"])
def test_a_correction_of_an_earlier_day_becomes_withdrawal_and_replacement(
    said: Any, extent: str, expected: Any, complete: Any
) -> None:
    ledger = open_in_may(MAY)
    ledger.send(paxml(said, extent=f"<omfattning>{extent}</omfattning>"), "paxml", complete)
    assert [(first[-2:], last[-2:], extent) for _, _, first, last, extent, _ in ledger.spells()] == expected


@pytest.mark.parametrize(
    ("said", "extent", "complete", "what"),
    [
        (("E1", "2019-05-20", "2019-05-20"), "-100", None, "takes 100 per cent from 2019-05-20, a day that is not on record"),
        (("E9", "2019-05-08", "2019-05-08"), "-50", None, "takes 50 per cent from 2019-05-08, a day that is not on record"),
        (("E1", "2019-05-18", "2019-05-18"), "-50", None, "takes 50 per cent from 2019-05-18, a day that is not on record"),
        (
            ("E1", "2019-05-08", "2019-05-08"),
            "-100",
            "2019-05",
            "takes 100 per cent from 2019-05-08, a day that is not on record",
        ),
    ],
)
def test_a_correction_of_a_day_that_is_not_on_record_is_a_fault(said: Any, extent: str, complete: Any, what: str) -> None:
    ledger = open_in_may(MAY)
    before = ledger.spells()
    with pytest.raises(InputRefused) as refused:
        ledger.send(paxml(said, extent=f"<omfattning>{extent}</omfattning>"), "paxml", complete)
    assert [(fault.line, fault.what) for fault in refused.value.faults] == [(2, what)]
    assert ledger.spells() == before


def changed(*said: tuple[str, str, str], day: str = "2019-05-08", last: str = "") -> bytes:
    """A file of one employee: code, per cent, day or (with ``last``) from and to."""
    lines = [
        f'<tidtrans anstid="E1"><tidkod>{code}</tidkod><datumfrom>{first or day}</datumfrom>'
        f"<datumtom>{last or first or day}</datumtom><omfattning>{extent}</omfattning>{UNIT.format('Norr')}</tidtrans>"
        for code, extent, first in said
    ]
    return "\n".join(
        ["<paxml><header><version>2.0</version></header><tidtransaktioner>", *lines, "</tidtransaktioner></paxml>"]
    ).encode()


@pytest.mark.parametrize(
    ("on_record", "said", "expected"),
    [
        (50, [("SJK", "-50"), ("SJK", "100")], (100, "sick")),
        (100, [("SJK", "-100"), ("ASK", "100")], (100, "work-injury")),
        (100, [("SJK", "-75"), ("ASK", "50")], (75, "work-injury")),
        (100, [("SJK", "-50"), ("ASK", "50")], (100, "sick")),
        (50, [("SJK", "75"), ("SJK", "-50")], (75, "sick")),
        (50, [("ASK", "75")], (75, "work-injury")),
    ],
)
def test_a_day_with_values_below_zero_is_changed_and_another_replaced(
    on_record: int, said: list[tuple[str, str]], expected: tuple[int, str]
) -> None:
    ledger = open_in_may(MAY.replace("100", str(on_record)))
    ledger.send(changed(*((code, extent, "") for code, extent in said)), "paxml", None)
    found = in_force(reports(ledger.memory.facts(), TERMS.id, "payroll"))
    days = {date(1970, 1, 1) + timedelta(first): place for place, first in enumerate(found.first.tolist())}
    place = days.get(date(2019, 5, 8), 0)
    assert (int(found.extent[place]), CAUSES[int(found.cause[place])]) == expected


def test_a_correction_over_a_weekend_that_is_not_on_record_passes_over_it() -> None:
    ledger = Ledger()
    ledger.send(paxml(("E1", "2019-05-10", "2019-05-10"), ("E1", "2019-05-13", "2019-05-13")), "paxml", "2019-05")
    ledger.send(paxml(("E1", "2019-05-10", "2019-05-13"), extent="<omfattning>-50</omfattning>"), "paxml", None)
    assert [one[2:5] for one in ledger.spells()] == [("2019-05-10", "2019-05-10", 50), ("2019-05-13", "2019-05-13", 50)]
    with pytest.raises(InputRefused, match="from 2019-05-11, a day that is not on record"):
        ledger.send(paxml(("E1", "2019-05-11", "2019-05-12"), extent="<omfattning>-50</omfattning>"), "paxml", None)


@pytest.mark.parametrize(
    ("day", "extent", "expected"),
    [
        ("2019-05-22", "50", [("20", "21", 100, False), ("22", "22", 50, False), ("23", "31", 100, True)]),
        ("2019-05-22", "100", [("20", "31", 100, True)]),
        ("2019-05-31", "50", [("20", "30", 100, False), ("31", "31", 50, True)]),
        ("2019-05-31", "-100", [("20", "30", 100, False)]),
    ],
)
def test_a_partial_file_leaves_open_what_was_left_open(day: str, extent: str, expected: Any) -> None:
    ledger = open_in_may()
    ledger.send(changed(("SJK", extent, day)), "paxml", None)
    assert [(first[-2:], last[-2:], *rest) for _, _, first, last, *rest in ledger.spells()] == expected


def test_absences_left_open_on_two_days_are_not_changed_in_one_file() -> None:
    ledger = open_in_may()
    ledger.send(f"{CSV}E2,Söder,2019-06-10,,100,sick\n".encode(), "csv", None, "2019-06")
    both = paxml(("E1", "2019-05-22", "2019-05-22"), ("E2", "2019-06-12", "2019-06-12"), extent="<omfattning>50</omfattning>")
    with pytest.raises(InputRefused, match="left open on 2019-05-31, and other lines of absences left open on 2019-06-30"):
        ledger.send(both, "paxml", None)


def test_more_than_is_on_record_cannot_be_taken() -> None:
    ledger = open_in_may(MAY.replace("100", "50"))
    with pytest.raises(InputRefused) as refused:
        ledger.send(paxml(("E1", "2019-05-08", "2019-05-08"), extent="<omfattning>-75</omfattning>"), "paxml", None)
    assert "takes 75 per cent from 2019-05-08, of which 50 per cent is on record" in str(refused.value)


def test_a_partial_file_replaces_the_days_that_it_names_and_no_others() -> None:
    ledger = open_in_may(MAY)
    ledger.send(
        paxml(("E1", "2019-05-08", "2019-05-08"), ("E1", "2019-05-20", "2019-05-21"), extent="<omfattning>50</omfattning>"),
        "paxml",
        None,
    )
    found = [(first[-2:], last[-2:], extent) for _, _, first, last, extent, _ in ledger.spells()]
    assert found == [("06", "07", 100), ("08", "08", 50), ("09", "17", 100), ("20", "21", 50)]


def test_a_re_export_replaces_what_was_said_of_its_months() -> None:
    ledger = open_in_may(MAY)
    header = '<nyexport datum="2019-06-20" datumfrom="2019-05-01" datumtom="2019-05-31"/>'
    ledger.send(paxml(("E2", "2019-05-08", "2019-05-08"), header=header), "paxml", None)
    assert ledger.spells() == [("E2", "Norr", "2019-05-08", "2019-05-08", 100, False)]
