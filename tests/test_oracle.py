"""The second opinion against examples worked by hand from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests import oracle
from tests.oracle import NotDeterminable, Spell

Line = tuple[int, str, str, str | None, int] | tuple[int, str, str, str | None, int, str]
"""Employee, workplace, first day, last day (None: open), extent; a cause, where it is not sickness."""


class Book:
    """A record written by hand. Every record is made one minute after the one before it."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.lines: dict[int, dict[str, Any]] = {}

    @property
    def end(self) -> int:
        return len(self.records)

    @property
    def now(self) -> str:
        return self.instant(self.end)

    @staticmethod
    def instant(position: int) -> str:
        return f"2022-01-01T{position // 60:02d}:{position % 60:02d}:00.000000Z"

    def add(self, stream: str, event: str, /, **data: Any) -> int:
        """A record of ``event``, version 1 where it says none."""
        position = self.end + 1
        evidence = [{"document": "letter", "obtained_how": "by post"}] if event.startswith("Dispute") else []
        self.records.append(
            {
                "position": position,
                "stream": stream,
                "version": 1,
                "type": event if "@" in event else f"{event}@1",
                "recorded_at": self.instant(position),
                "effective_on": "2022-01-01",
                "recorded_by": {"name": "A", "role": "performance_manager"},
                "submission": "0" * 64,
                "evidence": evidence,
                "data": data,
            }
        )
        return position

    def report(
        self,
        *lines: Line,
        complete: str | None = None,
        workplaces: Sequence[str] | None = None,
        period: str | None = None,
        source: str = "payroll",
    ) -> int:
        data: dict[str, Any] = {
            "contract": "c",
            "source": source,
            "months": [],
            "lines": {"count": len(lines), "sha256": "0" * 64},
        }
        if complete is not None:
            data["scope"] = {"complete": complete}
            if workplaces is not None:
                data["scope"]["workplaces"] = list(workplaces)
        if period is not None or complete is not None:
            data["period"] = period or complete
        position = self.add("absences/c", "AbsenceReported", **data)
        names = sorted({line[1] for line in lines})
        self.lines[position] = {
            "workplaces": names,
            "employee": [line[0] for line in lines],
            "workplace": [names.index(line[1]) for line in lines],
            "first_day": [int(line[2].replace("-", "")) for line in lines],
            "last_day": [int(line[3].replace("-", "")) if line[3] else 0 for line in lines],
            "extent": [line[4] for line in lines],
            "cause": [oracle.CAUSES.index(line[5]) if len(line) == 6 else 0 for line in lines],
            "secret": "00",
        }
        return position

    def workforce(self, **heads: int) -> int:
        """``workforce(A_2018_10=10)``"""
        rows = [{"month": name[2:].replace("_", "-"), "workplace": name[0], "employees": count} for name, count in heads.items()]
        return self.add("workforce/c", "WorkforceReported", contract="c", rows=rows)

    def trend(self, status: str = "published", **values: str) -> int:
        """``trend(q2018Q4="3.00")``"""
        rows = [
            {"quarter": name[1:], "value": value, "published_on": "2019-03-01", "status": status, "source": "SCB"}
            for name, value in values.items()
        ]
        return self.add("trend/t", "TrendPublished", series="t", values=rows)

    def reimbursed(self, month: str, cost: int, wages: int, threshold: str, repaid: int) -> int:
        row = {
            "month": month,
            "sick_pay_cost_ore": cost,
            "wage_cost_ore": wages,
            "threshold": threshold,
            "reimbursed_ore": repaid,
        }
        return self.add("reimbursements/c", "ReimbursementsReported", contract="c", rows=[row])

    def adopt(self, method: dict[str, Any], sha256: str, from_on: str = "2018-10-01") -> int:
        return self.add("contract/c", "MethodologyAdopted@2", methodology=method, sha256=sha256 * 64, from_on=from_on)

    def next(self) -> tuple[str, str] | None:
        return oracle.next_period(self.records, "c", self.end)

    def spells(self, source: str = "payroll", upto: int | None = None) -> list[tuple[int, str, str, str, int]]:
        found = oracle.spells_in_force(self.records, self.lines, "c", source, self.end if upto is None else upto)
        return [(one.employee, one.workplace, one.first.isoformat(), one.last.isoformat(), one.extent) for one in found]

    def determine(self, *months: str, basis: int | None = None, redo: bool = False) -> dict[str, dict[str, Any]]:
        return oracle.determine(self.records, self.lines, "c", months, self.end if basis is None else basis, redo=redo)

    def state(self, as_of: str, known_at: str | None = None) -> dict[str, Any]:
        return oracle.state(self.records, "c", as_of, known_at or self.now)

    def check(self) -> list[str]:
        return oracle.check(self.records, self.lines)


def botkyrka(**outcome: str) -> dict[str, Any]:
    return {
        "id": "c",
        "starts_on": "2018-09-26",
        "measured_from": "2018-10-01",
        "months": 36,
        "investment": {"total": "22900000.00", "external_service_value": "8400000.00", "at_risk_share": "0.5"},
        "outcome": {"provider_share": "0.184", "maximum_payment": "6300000.00", "bonus_rate": "0.5", "ceiling": "1.5", **outcome},
        "settlement": {"period": "quarter", "objection_days": 30, "payment_days": 30},
    }


def ornskoldsvik() -> dict[str, Any]:
    return {
        **botkyrka(),
        "measured_from": "2018-11-01",
        "investment": {"total": "17400000.00", "at_risk_share": "0.75"},
        "outcome": {"provider_share": "0.3375", "maximum_payment": "8660000.00", "bonus_rate": "0.5", "ceiling": "1.5"},
    }


def methodology(**trend: str) -> dict[str, Any]:
    return {
        "name": "m",
        "version": 1,
        "measure": {"kind": "short-term-net-days@1", "source": "payroll", "day_basis": "weekday", "extent": "proportional"},
        "reference": {"kind": "reference-years@1", "from": "2017-10-01", "to": "2018-09-30"},
        "trend": {
            "kind": "national-index@1",
            "series": "t",
            "accept": ["published", "derived", "estimated"],
            "quarter_split": "whole-quarter",
            **trend,
        },
        "price": {"kind": "per-net-day@1", "sek": [{"from": "2018-10-01", "amount": "2140.00"}]},
        "disruption": {"kind": "none@1"},
    }


def agreed(*rules: dict[str, Any]) -> dict[str, Any]:
    """The methodology with rules for disrupted months."""
    return {**methodology(), "disruption": rules[0] if len(rules) == 1 else list(rules)}


def signed(terms: dict[str, Any] | None = None) -> Book:
    book = Book()
    book.add("contract/c", "ContractSigned", terms=terms or botkyrka(), signed_on="2018-09-26")
    return book


def spell(first: str, last: str, extent: int = 100, workplace: str = "A", employee: int = 1) -> Spell:
    return Spell(employee, workplace, date.fromisoformat(first), date.fromisoformat(last), extent, "sick", 1)


# --- Rules 4 and 5: which days --------------------------------------------------------------------------------------------


def test_sick_monday_to_thursday_and_again_on_tuesday_is_day_five() -> None:
    # Thursday 2019-04-04 to Tuesday 2019-04-09 is five days: the period continues with number 5, so that the nine days
    # to Wednesday the 17th are numbers 5 to 13, the 18th is 14 and Friday the 19th is 15.
    days = oracle.net_days([spell("2019-04-01", "2019-04-04"), spell("2019-04-09", "2019-04-19")])
    assert days == {("2019-04", "A"): (4 + 8) * 100}


def test_sixteenth_to_nineteenth_and_the_twenty_fifth_is_a_new_period() -> None:
    # Monday 2019-09-16 to the 19th, then from Wednesday the 25th (6 days after): numbered from 1, so 14 days to 10-08.
    days = oracle.net_days([spell("2019-09-16", "2019-09-19"), spell("2019-09-25", "2019-10-31")])
    assert days == {("2019-09", "A"): (4 + 4) * 100, ("2019-10", "A"): 6 * 100}


def test_payroll_by_working_day_and_payroll_from_to_give_the_same() -> None:
    # Three working weeks from Monday 2019-04-01: the 14th day is Sunday the 14th, so ten working days count.
    by_day = [spell(f"2019-04-{day:02d}", f"2019-04-{day:02d}") for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19)]
    assert oracle.net_days(by_day) == oracle.net_days([spell("2019-04-01", "2019-04-19")]) == {("2019-04", "A"): 1000}


def test_a_gap_with_a_working_day_is_not_numbered() -> None:
    # Thursday 04-04, then Monday 04-08 to Friday the 19th: Friday to Sunday between are not absent. Monday is number 2,
    # Friday the 19th number 13: all eleven working days count. With Friday absent too the weekend is, and the 18th is number 15.
    assert oracle.net_days([spell("2019-04-04", "2019-04-04"), spell("2019-04-08", "2019-04-19")]) == {("2019-04", "A"): 1100}
    assert oracle.net_days([spell("2019-04-04", "2019-04-05"), spell("2019-04-08", "2019-04-19")]) == {("2019-04", "A"): 1000}


def test_a_day_takes_extent_and_workplace_from_the_earlier_spell() -> None:
    # Monday to Wednesday at 50 % at A; Tuesday to Thursday at 100 % at B: only Thursday is B's.
    days = oracle.net_days([spell("2019-04-02", "2019-04-04", 100, "B"), spell("2019-04-01", "2019-04-03", 50, "A")])
    assert days == {("2019-04", "A"): 150, ("2019-04", "B"): 100}


def test_employments_are_numbered_apart_and_a_withdrawn_spell_numbers_nothing() -> None:
    days = oracle.net_days([spell("2019-04-01", "2019-04-14"), spell("2019-04-15", "2019-04-15", employee=2)])
    assert days == {("2019-04", "A"): 1100}
    assert oracle.net_days([spell("2019-04-01", "2019-04-15")]) == {("2019-04", "A"): 1000}


def test_public_holidays_count() -> None:
    assert oracle.net_days([spell("2019-04-19", "2019-04-22")]) == {("2019-04", "A"): 200}  # Good Friday to Easter Monday


# --- Rule 3: restatement --------------------------------------------------------------------------------------------------


def test_a_complete_report_withdraws_what_it_does_not_repeat() -> None:
    book = Book()
    book.report((1, "A", "2019-01-07", "2019-01-08", 100), (2, "A", "2019-01-07", "2019-01-08", 100), complete="2019-01")
    book.report((2, "A", "2019-01-07", "2019-01-09", 50), (3, "A", "2019-01-10", "2019-01-10", 100), complete="2019-01")
    assert book.spells() == [(2, "A", "2019-01-07", "2019-01-09", 50), (3, "A", "2019-01-10", "2019-01-10", 100)]
    assert book.spells(upto=1) == [(1, "A", "2019-01-07", "2019-01-08", 100), (2, "A", "2019-01-07", "2019-01-08", 100)]


def test_a_complete_report_touches_only_lines_that_begin_in_its_months_at_its_workplaces() -> None:
    book = Book()
    january = (1, "A", "2019-01-28", "2019-02-05", 100)
    other = (2, "B", "2019-02-04", "2019-02-05", 100)
    book.report(january, complete="2019-01")
    book.report(other, (3, "A", "2019-02-04", "2019-02-05", 100), complete="2019-02")
    book.report(complete="2019-02", workplaces=["A"])  # a nil report is a report
    assert book.spells() == [january, other]


def test_a_partial_report_replaces_by_employee_and_first_day_whatever_the_workplace() -> None:
    book = Book()
    book.report((1, "A", "2019-01-07", "2019-01-08", 100), (2, "A", "2019-01-07", "2019-01-08", 100), complete="2019-01")
    book.report((1, "B", "2019-01-07", "2019-01-11", 25))
    assert book.spells() == [(1, "B", "2019-01-07", "2019-01-11", 25), (2, "A", "2019-01-07", "2019-01-08", 100)]
    book.report(complete="2019-01", workplaces=["A"])  # the moved line is no longer one of A's
    assert book.spells() == [(1, "B", "2019-01-07", "2019-01-11", 25)]


def test_extent_zero_withdraws_also_in_a_complete_report() -> None:
    book = Book()
    book.report((1, "A", "2019-01-28", "2019-02-05", 100), (2, "A", "2019-01-07", "2019-01-08", 100), complete="2019-01")
    book.report((2, "A", "2019-01-07", "2019-01-08", 0))
    assert book.spells() == [(1, "A", "2019-01-28", "2019-02-05", 100)]
    book.report((1, "A", "2019-01-28", "2019-02-05", 0), complete="2019-02")
    assert book.spells() == []


def test_other_sources_never_replace() -> None:
    book = Book()
    book.report((1, "A", "2019-01-07", "2019-01-08", 100), complete="2019-01")
    book.report(complete="2019-01", source="health-support")
    book.report((1, "A", "2019-01-07", "2019-01-18", 100), source="health-support")
    assert book.spells() == [(1, "A", "2019-01-07", "2019-01-08", 100)]
    assert book.spells("health-support") == [(1, "A", "2019-01-07", "2019-01-18", 100)]


def test_an_open_spell_ends_with_the_period_of_the_last_report_that_holds_it() -> None:
    book = Book()
    book.report((1, "A", "2019-01-28", None, 100), complete="2019-01")
    assert book.spells() == [(1, "A", "2019-01-28", "2019-01-31", 100)]
    book.report((1, "A", "2019-01-28", None, 100), complete="2019-02")
    assert book.spells() == [(1, "A", "2019-01-28", "2019-02-28", 100)]
    book.report((1, "A", "2019-01-28", "2019-03-01", 100), complete="2019-03")
    assert book.spells() == [(1, "A", "2019-01-28", "2019-03-01", 100)]


def test_restating_an_earlier_month_does_not_shorten_a_spell_left_open() -> None:
    for last in (None, "2019-03-01"):
        book = Book()
        book.report((1, "A", "2019-01-28", None, 100), complete="2019-01")
        book.report((1, "A", "2019-01-28", None, 100), complete="2019-02")
        book.report((1, "A", "2019-01-28", last, 100), complete="2019-03")
        book.report((1, "A", "2019-01-28", None, 50), complete="2019-01")
        assert book.spells() == [(1, "A", "2019-01-28", last or "2019-03-31", 50)]
        book.report((1, "A", "2019-01-28", "2019-01-30", 50), complete="2019-01")  # but an end is an end
        assert book.spells() == [(1, "A", "2019-01-28", "2019-01-30", 50)]


def test_a_partial_report_or_the_latest_month_does_shorten() -> None:
    book = Book()
    book.report((1, "A", "2019-01-28", None, 100), complete="2019-01..2019-02")
    book.report((1, "A", "2019-01-28", None, 100), period="2019-01")
    assert book.spells() == [(1, "A", "2019-01-28", "2019-01-31", 100)]
    book = Book()
    book.report((1, "A", "2019-01-28", None, 100), period="2019-03")
    book.report(complete="2019-03", workplaces=["B"])  # another workplace's latest
    book.report((1, "A", "2019-01-28", None, 100), complete="2019-01", workplaces=["A"])
    assert book.spells() == [(1, "A", "2019-01-28", "2019-01-31", 100)]


# --- Rules 1, 2, 6 to 8: one month ----------------------------------------------------------------------------------------


def measured(**trend: str) -> Book:
    """Ten employees at A. October 2017: 22 net days over 10 x 22 weekdays, a rate of 1/10. Index 2.00, then 3.00.

    Employee 1: Monday 2 to Friday 13, ten working days. Employee 2: 16 to 31, of which the days from the 30th on are
    numbered 15 and 16: ten. Employee 3: Tuesday to Friday at 50 per cent: two.
    """
    book = signed()
    book.add("contract/c", "MethodologyAdopted", methodology=methodology(**trend), sha256="a" * 64, from_on="2018-10-01")
    book.report(
        (1, "A", "2017-10-02", "2017-10-13", 100),
        (2, "A", "2017-10-16", "2017-10-31", 100),
        (3, "A", "2017-10-03", "2017-10-06", 50),
        complete="2017-10..2018-09",
    )
    book.report((1, "A", "2018-10-01", "2018-10-02", 100), complete="2018-10..2018-12")
    book.workforce(A_2017_10=10, A_2018_10=10)
    book.trend(q2017Q4="2.00", q2018Q4="3.00")
    return book


def test_a_month_by_hand() -> None:
    # 1/10 x 10 employees x 23 weekdays x 3/2 = 34.5 expected, 2 actual: 32.5 x 2 140.00 = 69 550.00.
    month = measured().determine("2018-10")["2018-10"]
    assert month["employees"] == 10
    assert month["weekdays"] == 23
    assert month["reference_rate"] == Fraction(1, 10)
    assert month["factor"] == Fraction(3, 2)
    assert month["expected"] == Fraction(69, 2)
    assert month["actual_hundredths"] == 200
    assert month["price_ore"] == 214000
    assert month["savings_ore"] == 6955000
    assert month["trend"] == {"quarter": "2018Q4", "value": "3.00", "published_on": "2019-03-01", "status": "published"}


@pytest.mark.parametrize(
    ("exact", "whole"),
    [("1/2", 1), ("-1/2", -1), ("149/100", 1), ("-149/100", -1), ("5/2", 3), ("-5/2", -3), ("0", 0), ("-1/3", 0)],
)
def test_half_rounds_away_from_zero(exact: str, whole: int) -> None:
    assert oracle.rounded(Fraction(exact)) == whole


def test_every_workplace_with_employees_needs_a_complete_report_in_the_reference_years_too() -> None:
    book = measured()
    book.workforce(B_2018_10=5)
    assert book.determine("2018-10")["2018-10"]["employees"] == 15  # a report that names no workplaces covers all
    book = signed()
    book.add("contract/c", "MethodologyAdopted", methodology=methodology(), sha256="a" * 64, from_on="2018-10-01")
    book.report(complete="2017-10..2018-09", workplaces=["A"])
    book.report(complete="2018-10", workplaces=["A"])
    book.workforce(A_2017_10=10, A_2018_10=10, B_2018_10=1)
    book.trend(q2017Q4="2.00", q2018Q4="3.00")
    with pytest.raises(NotDeterminable, match="covers B in 2018-10"):
        book.determine("2018-10")
    book.report(complete="2018-10", workplaces=["B"], source="health-support")
    with pytest.raises(NotDeterminable, match="covers B in 2018-10"):
        book.determine("2018-10")
    book.report(complete="2018-10", workplaces=["B"])
    assert book.determine("2018-10")["2018-10"]["employees"] == 11
    book.workforce(B_2017_10=1)
    with pytest.raises(NotDeterminable, match="covers B in 2017-10"):
        book.determine("2018-10")


def test_days_at_a_workplace_without_employees_are_not_counted() -> None:
    book = measured()
    book.report((7, "Z", "2018-10-01", "2018-10-12", 100))
    book.report((8, "Z", "2017-10-02", "2017-10-12", 100))
    assert book.determine("2018-10")["2018-10"]["savings_ore"] == 6955000
    book.workforce(Z_2018_10=0)
    assert book.determine("2018-10")["2018-10"]["savings_ore"] == 6955000


def test_the_last_recorded_headcount_holds_and_a_missing_one_refuses() -> None:
    book = measured()
    book.workforce(A_2018_10=20)
    assert book.determine("2018-10")["2018-10"]["expected"] == 69
    with pytest.raises(NotDeterminable, match="no workforce is recorded for 2018-11"):
        book.determine("2018-11")
    book.workforce(B_2018_11=3)
    with pytest.raises(NotDeterminable, match="no workforce is recorded for A in 2018-11"):
        book.determine("2018-11")


def test_no_methodology_no_price_no_trend_no_month() -> None:
    book = measured()
    with pytest.raises(NotDeterminable, match="no methodology"):
        book.determine("2018-10", basis=1)
    with pytest.raises(NotDeterminable, match="2017Q4"):
        book.determine("2018-10", basis=5)
    with pytest.raises(NotDeterminable, match="not a month of the contract"):
        book.determine("2018-09")
    book.add("contract/c", "FollowUpSuspended", from_month="2018-10", agreed_by=[], reason="")
    with pytest.raises(NotDeterminable, match="suspended"):
        book.determine("2018-10")
    later = methodology()
    later["price"] = {"sek": [{"from": "2018-10-02", "amount": "2140.00"}]}
    book = measured()
    book.add("contract/c", "MethodologyAdopted", methodology=later, sha256="b" * 64, from_on="2018-10-01")
    with pytest.raises(NotDeterminable, match="no price"):
        book.determine("2018-10")


def test_a_methodology_and_a_price_begin_on_the_first_of_a_month() -> None:
    book = measured()
    dearer = methodology()
    dearer["price"] = {"sek": [{"from": "2018-10-01", "amount": "2140.00"}, {"from": "2018-11-01", "amount": "3000.00"}]}
    book.add("contract/c", "MethodologyAdopted", methodology=dearer, sha256="b" * 64, from_on="2018-11-01")
    assert book.determine("2018-10")["2018-10"]["methodology_sha256"] == "a" * 64
    book.add("contract/c", "MethodologyAdopted", methodology=dearer, sha256="b" * 64, from_on="2018-10-01")
    month = book.determine("2018-10")["2018-10"]
    assert (month["methodology_sha256"], month["price_ore"]) == ("b" * 64, 214000)


def test_a_contract_quarter_takes_the_first_value_and_a_redo_the_last() -> None:
    book = measured()
    book.trend(q2018Q4="4.00")
    assert book.determine("2018-10")["2018-10"]["factor"] == Fraction(3, 2)
    assert book.determine("2018-10", redo=True)["2018-10"]["factor"] == 2
    assert book.determine("2018-10", redo=True, basis=6)["2018-10"]["factor"] == Fraction(3, 2)


def test_only_accepted_statuses_count() -> None:
    book = measured()
    book.add(
        "contract/c",
        "MethodologyAdopted",
        methodology={**methodology(), "trend": {**methodology()["trend"], "accept": ["published"]}},
        sha256="b" * 64,
        from_on="2018-10-01",
    )
    book.trend("estimated", q2018Q4="4.00")
    assert book.determine("2018-10", redo=True)["2018-10"]["factor"] == Fraction(3, 2)


def test_reference_values_are_locked_with_the_first_determination_under_a_methodology() -> None:
    book = measured()
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    locked = book.end
    book.report(complete="2017-10")  # withdraws every reference day
    book.report(complete="2018-10")  # and every actual one
    book.trend(q2017Q4="1.00")
    month = book.determine("2018-10", redo=True)["2018-10"]
    assert (month["reference_rate"], month["factor"], month["actual_hundredths"]) == (Fraction(1, 10), Fraction(3, 2), 0)
    assert month["savings_ore"] == 7383000  # 34.5 x 2 140.00
    book.add("contract/c", "MethodologyAdopted", methodology=methodology(), sha256="b" * 64, from_on="2018-10-01")
    assert book.determine("2018-10", redo=True)["2018-10"]["reference_rate"] == 0  # another methodology sees them
    assert book.determine("2018-10", basis=locked)["2018-10"]["actual_hundredths"] == 200


def disrupted(**trend: str) -> Book:
    """The pandemic quarter in miniature: reference 2018Q1 2.00, then 2019Q1 2.50, 2020Q1 3.00."""
    book = signed()
    book.add("contract/c", "MethodologyAdopted", methodology=methodology(**trend), sha256="a" * 64, from_on="2018-10-01")
    book.report((1, "A", "2018-01-08", "2018-01-09", 100), (1, "A", "2018-03-05", "2018-03-06", 100), complete="2017-10..2020-03")
    book.workforce(A_2018_01=10, A_2018_03=10, A_2020_01=10, A_2020_03=10)
    book.trend(q2018Q1="2.00", q2019Q1="2.50")
    book.trend("estimated", q2020Q1="3.00")
    return book


def test_undisturbed_months_of_a_disrupted_quarter() -> None:
    whole = disrupted(disrupted="2020-03..2021-06").determine("2020-01", "2020-03")
    assert (whole["2020-01"]["factor"], whole["2020-03"]["factor"]) == (Fraction(3, 2), Fraction(3, 2))
    book = disrupted(disrupted="2020-03..2021-06", quarter_split="previous-year")
    split = book.determine("2020-01", "2020-03")
    assert (split["2020-01"]["factor"], split["2020-03"]["factor"]) == (Fraction(5, 4), Fraction(3, 2))
    assert (split["2020-01"]["trend"]["quarter"], split["2020-03"]["trend"]["status"]) == ("2019Q1", "estimated")
    book = disrupted(disrupted="2020-03..2021-06", quarter_split="refuse")
    assert book.determine("2020-03")["2020-03"]["factor"] == Fraction(3, 2)
    with pytest.raises(NotDeterminable, match="2020Q1 holds disrupted months"):
        book.determine("2020-01")


def test_a_ratio_of_sums_over_several_reference_years() -> None:
    # October 2016 has 21 weekdays, October 2017 has 22: 22 days / 10 x (21 + 22). Trend: 3.00 over the mean of 1.00 and 2.00.
    book = measured()
    two_years = {**methodology(), "reference": {"from": "2016-10-01", "to": "2018-09-30"}}
    book.add("contract/c", "MethodologyAdopted", methodology=two_years, sha256="b" * 64, from_on="2018-10-01")
    book.report(complete="2016-10..2017-09")
    book.workforce(A_2016_10=10)
    book.trend(q2016Q4="1.00")
    month = book.determine("2018-10")["2018-10"]
    assert month["reference_rate"] == Fraction(22, 430)
    assert month["factor"] == 2


# --- Disrupted months -----------------------------------------------------------------------------------------------------

OCTOBER = "2018-10"
COVID_OUT = {"kind": "exclude-cause@1", "causes": ["covid"], "window": OCTOBER}
OTHER_YEARS = {"kind": "rebase@1", "from": "2016-10-01", "to": "2017-09-30", "window": OCTOBER}
NET = {"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": OCTOBER}


def october(*rules: dict[str, Any], book: Book | None = None) -> dict[str, Any]:
    """October 2018 under these rules; without any, as ``measured`` has it."""
    book = book or measured()
    book.adopt(agreed(*rules), "b")
    return book.determine(OCTOBER)[OCTOBER]


def test_days_left_out_keep_their_numbers() -> None:
    # Sick from Monday 1 to Tuesday the 9th, seven working days. Covid from the 10th, number 10: to Friday the 12th three working
    # days; Monday the 15th is number 15. 34.5 expected, 7 actual: 27.5 x 2 140.00.
    book = measured()
    book.report((1, "A", "2018-10-01", "2018-10-09", 100), (1, "A", "2018-10-10", "2018-10-19", 100, "covid"), complete=OCTOBER)
    month = october(COVID_OUT, book=book)
    assert (month["actual_hundredths"], month["left_out_hundredths"], month["savings_ore"]) == (700, 300, 5885000)
    both = october({**COVID_OUT, "causes": ["covid", "sick"]}, book=book)
    assert (both["actual_hundredths"], both["left_out_hundredths"]) == (0, 1000)
    assert october({**COVID_OUT, "window": "2018-11"}, book=book)["left_out_hundredths"] is None


def test_a_day_takes_its_cause_from_the_spell_that_counts_it_and_workplaces_without_employees_count_nothing() -> None:
    book = measured()
    sick, covid = (1, "A", "2018-10-01", "2018-10-05", 100), (1, "A", "2018-10-04", "2018-10-08", 50, "covid")
    book.report(sick, covid, (2, "Z", "2018-10-01", "2018-10-05", 100, "covid"), complete=OCTOBER)
    month = october(COVID_OUT, book=book)
    assert (month["actual_hundredths"], month["left_out_hundredths"]) == (500, 50)


def test_days_of_the_reference_years_are_never_left_out() -> None:
    book = measured()
    book.report((1, "A", "2017-10-02", "2017-10-13", 100, "covid"))
    assert october(COVID_OUT, book=book)["reference_rate"] == Fraction(1, 10)


def rebased() -> Book:
    """Ten net days in October 2016, of 10 employees and 21 weekdays; index 1.00 then, 3.00 now."""
    book = measured()
    book.report((1, "A", "2016-10-03", "2016-10-14", 100), complete="2016-10..2017-09")
    book.workforce(A_2016_10=10)
    book.trend(q2016Q4="1.00")
    return book


def test_other_reference_years_for_rate_and_index() -> None:
    # 1/21 x 10 x 23 x 3 = 230/7 expected, 2 actual: 216/7 x 2 140.00 = 66 034.28 and 4/7.
    month = october(OTHER_YEARS, book=rebased())
    assert (month["reference_rate"], month["factor"], month["savings_ore"]) == (Fraction(1, 21), 3, 6603429)
    assert october({**OTHER_YEARS, "window": "2018-11..2019-06"}, book=rebased())["savings_ore"] == 6955000


def test_other_reference_years_are_locked_with_the_methodology() -> None:
    book = rebased()
    book.adopt(agreed(OTHER_YEARS), "b")
    determine(book, 1, {OCTOBER: 6603429}, entitlement={}, claim_ore=0, methodology_sha256="b" * 64)
    book.report(complete="2016-10")
    book.trend(q2016Q4="2.00")
    month = book.determine(OCTOBER, redo=True)[OCTOBER]
    assert (month["reference_rate"], month["factor"]) == (Fraction(1, 21), 3)


def frozen(at: str) -> dict[str, Any]:
    return {"kind": "freeze-trend@1", "at": at, "window": OCTOBER}


def test_a_frozen_trend_compares_a_quarter_with_its_own() -> None:
    book = measured()
    book.trend(q2018Q1="1.60", q2019Q1="3.20")
    month = october(frozen("2019Q1"), book=book)
    assert (month["factor"], month["trend"]["quarter"], month["expected"]) == (2, "2019Q1", 46)
    assert october(frozen("2018Q1"), book=book)["factor"] == 1
    with pytest.raises(NotDeterminable, match="2018Q2"):
        october(frozen("2018Q2"), book=book)
    both = october(frozen("2017Q4"), OTHER_YEARS, book=rebased())
    assert both["factor"] == 2  # 2017Q4 over 2016Q4, the fourth quarter of the other years


def test_a_frozen_quarter_is_taken_like_any_but_a_reference_value_is_locked() -> None:
    for at, first, again, anew in (("2019Q1", 2, 2, 3), ("2016Q1", 1, 1, 3), ("2018Q1", 1, 1, 1)):
        book = measured()
        book.trend(q2018Q1="1.60", q2019Q1="3.20", q2016Q1="1.60")
        book.adopt(agreed(frozen(at)), "b")
        assert book.determine(OCTOBER)[OCTOBER]["factor"] == first
        determine(book, 1, {OCTOBER: 0}, entitlement={}, claim_ore=0, methodology_sha256="b" * 64)
        book.trend(q2018Q1="4.80", q2019Q1="4.80", q2016Q1="4.80")
        assert book.determine(OCTOBER)[OCTOBER]["factor"] == again
        assert book.determine(OCTOBER, redo=True)[OCTOBER]["factor"] == anew


def test_a_frozen_trend_asks_nothing_of_the_months_own_quarter() -> None:
    book = measured(disrupted="2018-12", quarter_split="refuse")
    book.trend(q2018Q1="1.60", q2019Q1="3.20")
    refusing = {**agreed(frozen("2019Q1")), "trend": methodology(disrupted="2018-12", quarter_split="refuse")["trend"]}
    book.adopt(refusing, "b")
    assert book.determine(OCTOBER)[OCTOBER]["factor"] == 2


def test_a_reference_year_from_within_a_quarter_gives_the_quarter_that_begins_in_it() -> None:
    book = measured()
    years = {"reference": {"from": "2017-11-01", "to": "2018-10-31"}}
    book.adopt({**agreed(frozen("2019Q4")), **years}, "b")
    book.trend(q2019Q4="6.00")
    book.report(complete="2018-01..2018-12")
    assert book.determine(OCTOBER)[OCTOBER]["factor"] == 2  # over 2018Q4, which begins in it; 2017Q4 does not


def test_net_of_what_the_state_repaid_on_average() -> None:
    book = measured()
    with pytest.raises(NotDeterminable, match="no reimbursement is recorded for 2018-10"):
        october(NET, book=book)
    book.reimbursed(OCTOBER, 300, 1, "0", 100)
    month = book.determine(OCTOBER)[OCTOBER]
    assert (month["reimbursed"], month["price_ore"], month["savings_ore"]) == (Fraction(1, 3), 214000, 4636667)
    book.reimbursed(OCTOBER, 300, 1, "0", 300)
    assert book.determine(OCTOBER)[OCTOBER]["savings_ore"] == 0  # the last recorded holds
    assert book.determine(OCTOBER, basis=book.end - 1)[OCTOBER]["savings_ore"] == 4636667
    book.reimbursed(OCTOBER, 0, 1, "0", 0)
    assert book.determine(OCTOBER)[OCTOBER]["savings_ore"] == 6955000


def test_net_of_what_the_state_repaid_rounds_once() -> None:
    # Half of 6 603 428 and 4/7 öre is 3 301 714 and 2/7; half of what it rounds to would round up.
    book = rebased()
    book.reimbursed(OCTOBER, 2, 0, "0", 1)
    assert october(OTHER_YEARS, NET, book=book)["savings_ore"] == 3301714


@pytest.mark.parametrize(("cost", "share"), [(106, 0), (107, 0), (108, 1)])
def test_net_of_what_the_last_krona_brought_back(cost: int, share: int) -> None:
    book = measured()
    book.reimbursed(OCTOBER, cost, 10_000, "0.0107", 0)
    assert october({**NET, "reimbursed": "marginal"}, book=book)["reimbursed"] == share


def test_several_rules_at_once() -> None:
    # 230/7 expected at factor 3, frozen at 2016Q4 over itself: 230/21; 2 days left out; a quarter repaid.
    book = rebased()
    book.report((1, "A", "2018-10-01", "2018-10-02", 100, "covid"))
    book.reimbursed(OCTOBER, 400, 1, "0", 100)
    month = october(NET, frozen("2016Q4"), OTHER_YEARS, COVID_OUT, book=book)
    assert (month["expected"], month["actual_hundredths"]) == (Fraction(230, 21), 0)
    assert month["savings_ore"] == 1757857  # 230/21 x 2 140.00 x 3/4 = 17 578.57 and 1/7


def test_two_rules_at_one_step_and_unknown_rules_are_refused() -> None:
    with pytest.raises(NotDeterminable, match=r"exclude-cause@1 and exclude-cause@1 both act in 2018-10"):
        october(COVID_OUT, {**COVID_OUT, "causes": ["sick"]})
    with pytest.raises(NotDeterminable, match="exclude-cause@2 is not known"):
        october({**COVID_OUT, "kind": "exclude-cause@2"})


def excluded(window: str) -> dict[str, Any]:
    return {"kind": "exclude-months@1", "window": window}


def deemed(window: str, of: str) -> dict[str, Any]:
    return {"kind": "deem-average@1", "window": window, "of": of}


def test_an_excluded_month_counts_for_nothing_and_needs_nothing() -> None:
    book = signed()
    book.adopt(agreed(excluded("2018-10..2018-11")), "b")
    november = {"kind": "exclude-months@1", "of": None, "savings_ore": 0, "methodology_sha256": "b" * 64}
    assert book.determine("2018-11")["2018-11"] == november
    with pytest.raises(NotDeterminable, match="2018-12"):
        book.determine("2018-12")


def savings_of(book: Book, *months: str, redo: bool = False) -> list[int]:
    return [month["savings_ore"] for month in book.determine(*months, redo=redo).values()]


def test_a_deemed_month_counts_for_the_mean_half_away_from_zero() -> None:
    for amounts, mean in (((1, 2), 2), ((-1, -2), -2), ((1, 3), 2)):
        book = signed()
        book.adopt(agreed(deemed("2018-12", "2018-10..2018-11")), "b")
        with pytest.raises(NotDeterminable, match=r"2018-12 is the mean of 2018-10\.\.2018-11, not all of it measured as agreed"):
            book.determine("2018-12")
        settled = dict(zip(("2018-10", "2018-11"), amounts, strict=True))
        determine(book, 1, settled, entitlement={}, claim_ore=0, methodology_sha256="b" * 64)
        assert savings_of(book, "2018-12") == [mean]
        book.adopt(agreed(deemed("2018-12", "2018-10..2018-11")), "c", "2018-11-01")
        with pytest.raises(NotDeterminable, match="not all of it measured as agreed"):
            book.determine("2018-12")


def test_a_mean_is_taken_of_months_determined_together_first_whichever_comes_first() -> None:
    book = measured()
    book.adopt(agreed(deemed("2018-11..2018-12", OCTOBER)), "b")
    assert savings_of(book, OCTOBER, "2018-11", "2018-12") == [6955000] * 3
    determine(book, 1, {OCTOBER: 100}, entitlement={}, claim_ore=0, methodology_sha256="b" * 64)
    assert savings_of(book, "2018-11") == [100]  # by the determination in force
    assert savings_of(book, OCTOBER, "2018-11", redo=True) == [6955000] * 2  # newly computed
    book = measured()
    book.workforce(A_2017_11=10, A_2018_11=10)
    book.adopt(agreed(deemed(OCTOBER, "2018-11")), "b")
    book.report((1, "A", "2018-11-05", "2018-11-05", 100), complete="2018-11")
    assert savings_of(book, OCTOBER, "2018-11") == [-214000] * 2
    # Not of months that are not measured themselves.
    book.adopt(agreed(deemed("2018-11", "2018-12"), excluded("2018-12")), "c", "2018-11-01")
    with pytest.raises(NotDeterminable, match="2018-10 is the mean of 2018-11, not all of it measured as agreed"):
        book.determine(OCTOBER, "2018-11", "2018-12")


def test_means_of_one_another_are_not_determinable() -> None:
    book = signed()
    book.adopt(agreed(deemed(OCTOBER, "2018-11")), "b")
    book.adopt(agreed(deemed("2018-11", OCTOBER)), "c", "2018-11-01")
    with pytest.raises(NotDeterminable, match="2018-10 is the mean"):
        book.determine(OCTOBER, "2018-11")


def test_a_methodology_for_determined_months_waits_for_a_redo_and_is_locked_by_it() -> None:
    book = measured()
    determine(book, 1, {OCTOBER: 6955000}, entitlement={OCTOBER: 1279720}, claim_ore=1279720)
    book.report((1, "A", "2018-10-01", "2018-10-02", 100, "covid"))
    book.report(complete="2017-10")
    book.adopt(agreed(COVID_OUT), "b")
    assert book.check() == []
    assert book.state("2018-10-31")["savings"]["determined"] == "69550.00"
    month = book.determine(OCTOBER, redo=True)[OCTOBER]  # nothing is locked under it yet
    assert (month["methodology_sha256"], month["reference_rate"], month["savings_ore"]) == ("b" * 64, 0, 0)


# --- Rules 10 to 12: sharing ----------------------------------------------------------------------------------------------


def test_botkyrka_at_savings() -> None:
    state = signed().state("2018-09-26")
    assert state["break_even"]["contract"]["at_savings"] == "22900000.00"
    assert state["break_even"]["provider"]["at_savings"] == "22826086.93"
    assert state["break_even"]["authority"]["at_savings"] == "22916666.67"
    assert state["cap"]["at_savings"] == "34239130.41"
    assert state["cap"]["ceiling_savings"] == "34350000.00"
    assert state["cap"]["binding"] == "maximum"
    assert state["investment"] == {
        "total": "22900000.00",
        "internal": "14500000.00",
        "upfront": "4200000.00",
        "at_risk": "4200000.00",
        "worst_case": "25000000.00",
    }
    assert state["balance"]["loan"]["limit"] == "18700000.00"


def test_ornskoldsvik_derives_the_service_value_from_the_maximum() -> None:
    # 8 660 000 / 1.5 = 5 773 333.33 at risk; / 0.75 = 7 697 777.78; the rest of it upfront; each rounded once.
    book = signed(ornskoldsvik())
    state = book.state("2018-12-01")
    assert state["investment"] == {
        "total": "17400000.00",
        "internal": "9702222.22",
        "upfront": "1924444.44",
        "at_risk": "5773333.33",
        "worst_case": "20286666.67",
    }
    assert state["balance"]["upfront"]["agreed"] == "1924444.44"
    assert state["balance"]["loan"]["limit"] == "11626666.67"
    # Provider: (5 773 333.33 - half an öre) / 0.3375. Authority: 0.6625 S >= 11 626 666.665. They are 443 500 SEK apart.
    provider = Fraction(state["break_even"]["provider"]["at_savings"])
    authority = Fraction(state["break_even"]["authority"]["at_savings"])
    assert provider == Fraction("17106172.82")
    assert authority == Fraction("17549685.54")
    assert 443_500 < authority - provider < 443_520
    # 8 660 000 / 0.3375 = 25 659 259.26 is 147.5 per cent of the investment, below the ceiling.
    assert state["cap"]["at_savings"] == "25659259.25"
    assert state["cap"]["binding"] == "maximum"


def test_a_ceiling_below_prevents_the_cap() -> None:
    state = signed(botkyrka(ceiling="1.4")).state("2018-09-26")
    assert (state["cap"]["at_savings"], state["cap"]["binding"], state["cap"]["ceiling_savings"]) == (
        None,
        "ceiling",
        "32060000.00",
    )


def test_no_state_before_signature() -> None:
    book = signed()
    with pytest.raises(ValueError, match="signed on 2018-09-26"):
        book.state("2018-09-25")
    with pytest.raises(ValueError, match="not known"):
        book.state("2018-09-26", "2021-12-31T00:00:00.000000Z")


def determine(
    book: Book,
    number: int,
    savings: dict[str, int],
    *,
    entitlement: dict[str, int],
    claim_ore: int,
    supersedes: tuple[int, ...] = (),
    preliminary: bool = False,
    **month: Any,
) -> int:
    """A determination as recorded; each month as ``measured`` gives it unless told otherwise."""
    data: dict[str, Any] = {
        "number": number,
        "months": [
            {
                "month": name,
                "employees": 10,
                "weekdays": 23,
                "reference_rate": "1/10",
                "trend": {
                    "quarter": "2018Q4",
                    "value": "3.00",
                    "published_on": "2019-03-01",
                    "status": "published",
                    "factor": "3/2",
                },
                "expected_days": "69/2",
                "actual_hundredths": 200,
                "price_ore": 214000,
                "savings_ore": amount,
                "terms_sha256": "0" * 64,
                "methodology_sha256": "a" * 64,
                "findings": [],
                **month,
            }
            for name, amount in savings.items()
        ],
        "supersedes": list(supersedes),
        "preliminary": preliminary,
        "basis": {"position": book.end, "root": "0" * 64},
        "computed_by": "",
        "entitlement": [{"month": name, "amount_ore": amount} for name, amount in entitlement.items()],
        "claim_ore": claim_ore,
    }
    if supersedes:
        data["reason"] = "late facts"
    return book.add("contract/c", "SavingsDetermined", **data)


def notify(book: Book, determination: int, amount: int, on: str, until: str, payable_on: str) -> int:
    return book.add(
        "contract/c",
        "SavingsNotified",
        determination=determination,
        on=on,
        objection_until=until,
        claim={"amount_ore": amount, "payable_on": payable_on},
    )


M = 100_000_000
"""A million kronor in öre."""


def test_entitlement_falls_and_is_lost_and_found_again() -> None:
    # S: 23.0, 22.0, 24.0 m at three month ends. E: 4.232, 4.048, 4.416 m; S - E: 18.768, 17.952, 19.584 m.
    book = signed()
    first = determine(
        book,
        1,
        {"2018-10": 23 * M, "2018-11": -M, "2018-12": 2 * M},
        entitlement={"2018-10": 423200000, "2018-11": -18400000, "2018-12": 36800000},
        claim_ore=441600000,
    )
    october, november, december = (book.state(day) for day in ("2018-10-31", "2018-11-30", "2018-12-31"))
    assert [state["savings"]["to_provider"] for state in (october, november, december)] == [
        "4232000.00",
        "4048000.00",
        "4416000.00",
    ]
    for party in ("contract", "authority", "provider"):
        assert october["break_even"][party]["reached"] is True
        assert october["break_even"][party]["reached_on"] == "2018-10-31"
        assert november["break_even"][party]["reached"] is False
        assert november["break_even"][party]["reached_on"] == "2018-10-31"
        assert november["break_even"][party]["lost_on"] == "2018-11-30"
        assert november["break_even"][party]["known_since"] is None
        assert december["break_even"][party]["reached_on"] == "2018-12-31"
        assert december["break_even"][party]["lost_on"] is None
        assert december["break_even"][party]["known_since"] == Book.instant(first)
    assert november["break_even"]["contract"]["remaining"] == "900000.00"
    assert november["break_even"]["provider"]["remaining"] == "152000.00"
    assert november["break_even"]["authority"]["remaining"] == "748000.00"
    assert december["cap"]["headroom"] == "1884000.00"
    assert book.state("2018-10-30")["savings"]["determined"] == "0.00"
    assert november["determined_through"] == "2018-11-30"
    assert december["savings"]["ratio_to_investment"] == "1.0480"
    assert december["savings"]["net_days_avoided"] == "97.50"
    assert december["forecast"] == {"method": "pro-rata", "months": 3, "ratio_to_investment": "12.58"}  # 24 x 36 / 3 / 22.9
    assert book.state("2018-10-30")["forecast"] == {"method": "pro-rata", "months": 0, "ratio_to_investment": None}


def test_known_since_is_the_start_of_the_latest_uninterrupted_knowledge() -> None:
    book = signed()
    first = determine(book, 1, {"2018-10": 23 * M}, entitlement={}, claim_ore=0)
    second = determine(book, 2, {"2018-10": 20 * M}, entitlement={}, claim_ore=0, supersedes=(1,))
    third = determine(book, 3, {"2018-10": 25 * M}, entitlement={}, claim_ore=0, supersedes=(2,))
    determine(book, 4, {"2018-10": 26 * M}, entitlement={}, claim_ore=0, supersedes=(3,))
    assert book.state("2018-10-31")["break_even"]["contract"]["known_since"] == Book.instant(third)
    assert book.state("2018-10-31", Book.instant(first))["break_even"]["contract"]["known_since"] == Book.instant(first)
    assert book.state("2018-10-31", Book.instant(second))["break_even"]["contract"]["known_since"] is None
    assert book.state("2018-10-31")["savings"]["determined"] == "26000000.00"


def test_the_cap_binds_and_negative_sums_entitle_to_nothing() -> None:
    book = signed()
    determine(book, 1, {"2018-10": 3423913040, "2018-11": 1, "2018-12": 100 * M}, entitlement={}, claim_ore=0)
    assert book.state("2018-10-31")["cap"]["headroom"] == "0.01"
    assert book.state("2018-11-30")["cap"]["reached"] is True
    assert book.state("2018-11-30")["savings"]["to_provider"] == "6300000.00"
    assert book.state("2018-12-31")["savings"]["to_provider"] == "6300000.00"
    assert book.state("2018-12-31")["savings"]["to_authority"] == "127939130.41"
    book = signed()
    determine(book, 1, {"2018-10": -M}, entitlement={}, claim_ore=0)
    state = book.state("2018-10-31")
    assert (state["savings"]["to_provider"], state["savings"]["to_authority"]) == ("0.00", "-1000000.00")
    assert state["break_even"]["contract"]["remaining"] == "23900000.00"
    assert state["balance"]["loan"]["available_for_repayment"] == "0.00"


def test_an_amended_maximum_holds_from_its_month() -> None:
    book = signed()
    book.add("contract/c", "ContractAmended", terms=botkyrka(maximum_payment="7000000.00"), from_month="2018-11")
    determine(book, 1, {"2018-10": 36 * M, "2018-11": 0}, entitlement={}, claim_ore=0)
    assert book.state("2018-10-31")["savings"]["to_provider"] == "6300000.00"
    assert book.state("2018-10-31")["cap"]["amount"] == "6300000.00"
    # From November 0.184 x min(36, 34.35) m = 6 320 400.00: the ceiling binds before the maximum.
    november = book.state("2018-11-30")
    assert november["savings"]["to_provider"] == "6320400.00"
    assert (november["cap"]["amount"], november["cap"]["binding"], november["cap"]["headroom"]) == (
        "7000000.00",
        "ceiling",
        "679600.00",
    )
    assert (november["cap"]["reached"], november["cap"]["reached_on"], november["cap"]["lost_on"]) == (
        False,
        "2018-10-31",
        "2018-11-30",
    )


# --- Rules 15 to 19: paying and suspending --------------------------------------------------------------------------------


def test_notice_dates() -> None:
    assert oracle.notice_dates(date(2020, 6, 20), 30, 30) == (date(2020, 7, 20), date(2020, 7, 21), date(2020, 8, 20))


def test_the_balance_by_date() -> None:
    book = signed()
    determine(book, 1, {"2018-10": 10 * M}, entitlement={"2018-10": 184000000}, claim_ore=184000000)
    notify(book, 1, 184000000, "2020-06-20", "2020-07-20", "2020-08-20")
    book.add(
        "contract/c",
        "DeterminationAccepted",
        determination=1,
        role="payer",
        on="2020-07-01",
        was={"amount_ore": 184000000, "payable_on": "2020-08-20"},
        becomes={"amount_ore": 184000000, "payable_on": "2020-07-31"},
    )
    assert book.state("2020-07-30")["balance"]["provider"]["payable"] == "0.00"
    assert book.state("2020-07-31")["balance"]["provider"]["due"] == "1840000.00"
    book.add("contract/c", "PaymentInstructed", number=1, kind="outcome", amount_ore=100000000, on="2020-08-03", invoice="1")
    state = book.state("2020-08-03")["balance"]["provider"]
    assert (state["instructed"], state["paid"], state["due"]) == ("1000000.00", "0.00", "840000.00")
    paid = book.add(
        "contract/c",
        "PaymentMade",
        number=2,
        kind="outcome",
        amount_ore=200000000,
        on="2020-08-05",
        invoice="1",
        bank_reference="b",
        settles={"number": 1, "amount_ore": 100000000, "on": "2020-08-05"},
    )
    state = book.state("2020-08-05")["balance"]["provider"]
    assert (state["instructed"], state["paid"], state["due"], state["overpaid"]) == ("0.00", "2000000.00", "0.00", "160000.00")
    book.add(
        "contract/c",
        "PaymentMade",
        number=3,
        kind="recovery",
        amount_ore=10000000,
        on="2020-08-06",
        invoice="2",
        bank_reference="b",
    )
    state = book.state("2020-08-06")["balance"]["provider"]
    assert (state["recovered"], state["overpaid"]) == ("100000.00", "60000.00")
    book.add(
        "contract/c",
        "EntryCorrected",
        corrects=paid,
        entry="outcome",
        number=2,
        was={"amount_ore": 200000000, "on": "2020-08-05"},
        becomes={"amount_ore": 20000000, "on": "2020-08-07"},
        reason="",
    )
    assert book.state("2020-08-06")["balance"]["provider"]["paid"] == "0.00"
    assert book.state("2020-08-07")["balance"]["provider"]["paid"] == "200000.00"
    assert book.state("2020-08-07", Book.instant(paid))["balance"]["provider"]["paid"] == "2000000.00"


def test_upfront_and_loan() -> None:
    book = signed()
    book.add("contract/c", "LoanDrawn", number=1, amount_ore=420000000, on="2018-09-26", purpose="upfront")
    book.add(
        "contract/c",
        "PaymentMade",
        number=2,
        kind="upfront",
        amount_ore=420000000,
        on="2018-09-26",
        invoice="1",
        bank_reference="b",
    )
    determine(book, 1, {"2018-10": M}, entitlement={"2018-10": 18400000}, claim_ore=18400000)
    book.add("contract/c", "LoanRepaid", number=3, amount_ore=50000000, on="2018-11-01")
    state = book.state("2018-11-01")["balance"]
    assert state["upfront"] == {"agreed": "4200000.00", "paid": "4200000.00"}
    assert state["loan"] == {
        "limit": "18700000.00",
        "drawn": "4200000.00",
        "repaid": "500000.00",
        "outstanding": "3700000.00",
        "available_for_repayment": "316000.00",  # 1 000 000 - 184 000 - 500 000
    }
    assert state["provider"]["due"] == "0.00"  # upfront payments are never part of due


def test_suspended_and_undetermined_months() -> None:
    book = signed()
    determine(book, 1, {"2018-10": M}, entitlement={}, claim_ore=0, preliminary=True)
    assert book.state("2018-12-30")["undetermined_months"] == ["2018-11"]
    assert (book.state("2018-10-30")["preliminary"], book.state("2018-10-31")["preliminary"]) == (False, True)
    book.add("contract/c", "FollowUpSuspended", from_month="2018-12", agreed_by=[], reason="")
    book.add("contract/c", "FollowUpResumed", from_month="2019-02", agreed_by=[], reason="")
    state = book.state("2019-02-28")
    assert state["suspended_months"] == ["2018-12", "2019-01"]
    assert state["undetermined_months"] == ["2018-11", "2019-02"]
    assert book.state("2018-12-01")["suspended_months"] == ["2018-12"]
    assert len(book.state("2030-01-01")["undetermined_months"]) == 33


def test_months_inside_a_suspension_count_for_what_the_methodology_then_says() -> None:
    book = signed()
    book.adopt(methodology(), "a")
    book.add("contract/c", "FollowUpSuspended", from_month="2018-12", agreed_by=[], reason="")
    assert book.next() == ("2018-10", "2018-11")
    determine(book, 1, {"2018-10": M, "2018-11": M}, entitlement={}, claim_ore=0)
    assert book.next() is None
    book.adopt(agreed(excluded("2018-12..2019-02")), "b", "2018-12-01")
    assert book.next() is None  # follow-up has not resumed
    book.add("contract/c", "FollowUpResumed", from_month="2019-05", agreed_by=[], reason="")
    assert book.state("2019-05-31")["suspended_months"] == ["2019-03", "2019-04"]
    assert book.state("2019-05-31")["undetermined_months"] == ["2018-12", "2019-01", "2019-02", "2019-05"]
    assert book.next() == ("2018-12", "2018-12")
    with pytest.raises(NotDeterminable, match="2019-03 is suspended"):
        book.determine("2019-03")
    determine(book, 2, {"2018-12": 0}, entitlement={}, claim_ore=0)
    assert book.next() == ("2019-01", "2019-02")


def test_a_hole_is_filled_up_to_what_is_determined() -> None:
    book = signed()
    book.adopt(methodology(), "a")
    book.add("contract/c", "FollowUpSuspended", from_month="2018-10", agreed_by=[], reason="")
    book.add("contract/c", "FollowUpResumed", from_month="2018-12", agreed_by=[], reason="")
    assert book.next() == ("2018-12", "2018-12")
    determine(book, 1, {"2018-12": M}, entitlement={}, claim_ore=0)
    assert book.next() == ("2019-01", "2019-03")
    book.adopt(agreed(deemed("2018-10..2018-11", "2018-12")), "b")
    assert book.next() == ("2018-10", "2018-11")


def test_resumed_from_the_month_of_suspension_nothing_was_suspended() -> None:
    book = signed()
    book.add("contract/c", "FollowUpSuspended", from_month="2018-12", agreed_by=[], reason="")
    book.add("contract/c", "FollowUpResumed", from_month="2018-12", agreed_by=[], reason="")
    assert book.state("2018-12-31")["suspended_months"] == []
    assert book.next() == ("2018-10", "2018-12")


def not_measured(book: Book, number: int, months: dict[str, tuple[str, int]], **data: Any) -> int:
    """A determination of months that are not measured: what each counts for, and by which kind of rule."""
    position = determine(book, number, {}, entitlement={}, claim_ore=0, **data)
    book.records[-1]["type"] = "SavingsDetermined@2"
    for name, (kind, amount) in months.items():
        month = {"month": name, "kind": kind, "savings_ore": amount, "methodology_sha256": "b" * 64}
        book.records[-1]["data"]["months"].append(month | ({"of": "2018-10"} if kind == "deem-average@1" else {}))
    return position


def test_state_names_months_that_are_not_measured() -> None:
    book = signed()
    determine(book, 1, {"2018-10": 6955000}, entitlement={}, claim_ore=0)
    not_measured(book, 2, {"2018-11": ("exclude-months@1", 0), "2018-12": ("deem-average@1", 100)})
    state = book.state("2018-12-31")
    assert (state["excluded_months"], state["deemed_months"]) == (["2018-11"], ["2018-12"])
    assert state["savings"]["determined"] == "69551.00"
    assert state["savings"]["net_days_avoided"] == "32.50"  # of October alone
    assert state["forecast"]["months"] == 2  # October and December
    assert book.state("2018-11-30")["excluded_months"] == ["2018-11"]
    assert book.state("2018-11-29")["excluded_months"] == []
    none = signed()
    not_measured(none, 1, {"2018-10": ("exclude-months@1", 0)})
    assert none.state("2018-10-31")["forecast"] == {"method": "pro-rata", "months": 0, "ratio_to_investment": None}
    assert none.state("2018-10-31")["determined_through"] == "2018-10-31"


# --- Checking a record ----------------------------------------------------------------------------------------------------


def test_a_true_record_checks_in_silence() -> None:
    book = measured()
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    notify(book, 1, 1279720, "2020-06-20", "2020-07-20", "2020-08-20")
    assert book.check() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("employees", 11),
        ("weekdays", 22),
        ("reference_rate", "1/11"),
        ("expected_days", "35"),
        ("actual_hundredths", 201),
        ("price_ore", 214001),
        ("methodology_sha256", "b" * 64),
    ],
)
def test_every_field_of_a_month_is_compared(field: str, value: Any) -> None:
    book = measured()
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720, **{field: value})
    (difference,) = book.check()
    assert difference.startswith(f"record 7 (c/D1): 2018-10 {field} is ")


def test_money_and_flags_are_compared() -> None:
    book = measured()
    determine(book, 1, {"2018-10": 6955001}, entitlement={"2018-10": 1279719}, claim_ore=1279721, preliminary=True)
    notify(book, 1, 1279719, "2020-06-20", "2020-07-21", "2020-08-21")
    assert book.check() == [
        "record 7 (c/D1): 2018-10 savings_ore is 6955001, recomputed 6955000",
        "record 7 (c/D1): preliminary is True, recomputed False",
        "record 7 (c/D1): entitlement of 2018-10 moves by 1279719, recomputed 1279720",
        "record 7 (c/D1): claim_ore is 1279721, recomputed 1279720",
        "record 8 (notice of c/D1): objection_until is 2020-07-21, recomputed 2020-07-20",
        "record 8 (notice of c/D1): payable_on is 2020-08-21, recomputed 2020-08-20",
        "record 8 (notice of c/D1): claim is 1279719, recomputed 1279720",
    ]


def test_a_redo_moves_the_months_and_claims_what_nobody_was_noticed_of() -> None:
    # Actual days withdrawn: 34.5 x 2 140.00 = 73 830.00 instead of 69 550.00; 0.184 of the difference is 787.52.
    book = measured()
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    book.report(complete="2018-10")
    silent = len(book.records)
    determine(
        book, 2, {"2018-10": 7383000}, entitlement={"2018-10": 78752}, claim_ore=1358472, supersedes=(1,), actual_hundredths=0
    )
    assert book.check() == []
    determine(book, 3, {"2018-10": 7383000}, entitlement={}, claim_ore=1358472, supersedes=(2,), actual_hundredths=0)
    assert book.check() == []

    del book.records[silent:]
    notice = notify(book, 1, 1279720, "2020-06-20", "2020-07-20", "2020-08-20")
    determine(
        book, 2, {"2018-10": 7383000}, entitlement={"2018-10": 78752}, claim_ore=78752, supersedes=(1,), actual_hundredths=0
    )
    assert book.check() == []

    del book.records[notice:]
    was = {"amount_ore": 1279720, "on": "2020-08-20"}
    book.add("contract/c", "EntryCorrected", corrects=notice, entry="notice", number=1, was=was, reason="never sent")
    determine(
        book, 2, {"2018-10": 7383000}, entitlement={"2018-10": 78752}, claim_ore=1358472, supersedes=(1,), actual_hundredths=0
    )
    assert book.check() == []
    assert book.state("2020-08-20")["balance"]["provider"]["payable"] == "0.00"


def test_a_redo_moves_later_months_too() -> None:
    # The cap is at 34 239 130.41. October 30 m, November 10 m: E 5.52 m, then 6.30 m. October falls to 10 m: 1.84, 3.68 m.
    book = signed()
    determine(book, 1, {"2018-10": 30 * M}, entitlement={}, claim_ore=0)
    determine(book, 2, {"2018-11": 10 * M}, entitlement={}, claim_ore=0)
    determine(book, 3, {"2018-10": 10 * M}, entitlement={}, claim_ore=0, supersedes=(1,))
    first, second, third = book.records[1:]
    assert oracle.entitlement_differences(book.records, first) == {"2018-10": 552000000}
    assert oracle.entitlement_differences(book.records, second) == {"2018-11": 78000000}
    assert oracle.entitlement_differences(book.records, third) == {"2018-10": -368000000, "2018-11": 106000000}
    assert oracle.claim(book.records, third) == 552000000 - 262000000


def test_a_month_that_cannot_be_determined_or_counts_twice_is_said() -> None:
    book = measured()
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    determine(book, 2, {"2018-10": 6955000}, entitlement={}, claim_ore=0)
    assert book.check() == ["record 8 (c/D2): 2018-10 counts twice, also in D1"]
    book = measured()
    determine(book, 1, {"2018-11": 6955000}, entitlement={"2018-11": 1279720}, claim_ore=1279720)
    assert book.check() == [
        "record 7 (c/D1): 2018-11 cannot be determined: no workforce is recorded for 2018-11",
        "record 7 (c/D1): 2018-11 is determined, and the next is 2018-10",
    ]
    book = measured()
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    del book.lines[4]
    assert book.check() == ["record 7 (c/D1): 2018-10 cannot be determined: the 1 lines of record 4 are not at hand"]


def test_months_that_are_not_measured_are_recomputed() -> None:
    book = measured()
    book.adopt(agreed(excluded("2018-11"), deemed("2018-12", "2018-10")), "b", "2018-11-01")
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    start = len(book.records)
    not_measured(book, 2, {"2018-11": ("exclude-months@1", 0), "2018-12": ("deem-average@1", 6955000)})
    book.records[-1]["data"] |= {"entitlement": [{"month": "2018-12", "amount_ore": 1279720}], "claim_ore": 1279720}
    assert book.check() == []
    book.records[-1]["data"]["months"][1]["of"] = "2018-11"
    book.records[-1]["data"]["months"][1]["savings_ore"] = 6955001
    assert book.check() == [
        "record 9 (c/D2): 2018-12 of is 2018-11, recomputed 2018-10",
        "record 9 (c/D2): 2018-12 savings_ore is 6955001, recomputed 6955000",
    ]
    del book.records[start:]
    not_measured(book, 2, {"2018-11": ("deem-average@1", 6955000)})
    assert book.check()[0] == "record 9 (c/D2): 2018-11 is deem-average@1, recomputed exclude-months@1"
    del book.records[start:]
    determine(book, 2, {"2018-11": 0}, entitlement={}, claim_ore=0)
    assert book.check() == ["record 9 (c/D2): 2018-11 is measured, recomputed exclude-months@1"]


@pytest.mark.parametrize(("field", "value"), [("left_out_hundredths", 1), ("reimbursed", "1/2")])
def test_what_is_left_out_and_repaid_is_recomputed(field: str, value: Any) -> None:
    book = measured()
    book.reimbursed("2018-10", 3, 0, "0", 1)
    book.adopt(agreed(COVID_OUT, NET), "b")
    said: dict[str, Any] = {"methodology_sha256": "b" * 64, "left_out_hundredths": 0, "reimbursed": "1/3"}
    determine(book, 1, {"2018-10": 4636667}, entitlement={"2018-10": 853147}, claim_ore=853147, **said)
    assert book.check() == []
    del book.records[-1]
    determine(book, 1, {"2018-10": 4636667}, entitlement={"2018-10": 853147}, claim_ore=853147, **{**said, field: value})
    (difference,) = book.check()
    assert difference.startswith(f"record 9 (c/D1): 2018-10 {field} is {value}, recomputed")


def ended() -> Book:
    """A contract of one month, determined and noticed; silence accepts it on 2020-07-21."""
    book = measured()
    book.records[0]["data"]["terms"] = {**botkyrka(), "months": 1, "governance": {"agrees": ["payer"]}}
    determine(book, 1, {"2018-10": 6955000}, entitlement={"2018-10": 1279720}, claim_ore=1279720)
    notify(book, 1, 1279720, "2020-06-20", "2020-07-20", "2020-08-20")
    return book


def close(book: Book, on: str) -> list[str]:
    """What is said of a contract that is closed on a day, with a final evaluation."""
    book.add("contract/c", "ContractClosed", on=on)
    book.records[-1]["evidence"] = [{"document": "evaluation", "obtained_how": "by post"}]
    return book.check()


def test_a_contract_is_closed_when_nothing_is_left_to_settle() -> None:
    assert close(ended(), "2020-07-21") == []
    assert close(ended(), "2020-07-20") == ["record 9 (end of c): the notice of D1 runs until 2020-07-21"]
    accepted = ended()
    was, becomes = ({"amount_ore": 1279720, "payable_on": day} for day in ("2020-08-20", "2020-07-31"))
    accepted.add("contract/c", "DeterminationAccepted", determination=1, role="payer", on="2020-07-01", was=was, becomes=becomes)
    assert close(accepted, "2020-07-01") == []
    redone = ended()
    determine(redone, 2, {"2018-10": 6955000}, entitlement={}, claim_ore=0, supersedes=(1,))
    assert close(redone, "2020-07-20") == ["record 10 (end of c): the notice of D1 runs until 2020-07-21"]
    again = ended()
    was, becomes = ({"amount_ore": 1279720, "on": day} for day in ("2020-08-20", "2022-03-03"))
    again.add(
        "contract/c", "EntryCorrected", corrects=8, entry="notice", number=1, was=was, becomes=becomes, reason="dated 2022-01-01"
    )
    assert close(again, "2022-01-31") == ["record 10 (end of c): the notice of D1 runs until 2022-02-01"]


def test_after_closing_only_money_moves() -> None:
    book = ended()
    assert close(book, "2020-07-21") == []
    was = {"amount_ore": 1279720, "on": "2020-08-20"}
    correction = {"number": 1, "was": was, "reason": ""}
    book.add(
        "contract/c", "PaymentMade", number=1, kind="outcome", amount_ore=1279720, on="2020-08-20", invoice="", bank_reference=""
    )
    book.add("contract/c", "EntryCorrected", corrects=10, entry="outcome", **correction)
    assert book.check() == []
    book.add("contract/c", "EntryCorrected", corrects=8, entry="notice", **correction)
    assert book.check() == ["record 12: EntryCorrected@1 of c, which is closed"]


def test_what_stands_against_closing_is_said() -> None:
    book = ended()
    del book.records[7:]
    book.records[0]["data"]["terms"]["months"] = 3
    book.add("contract/c", "FollowUpSuspended", from_month="2018-11", agreed_by=[], reason="")
    book.add("contract/c", "FollowUpResumed", from_month="2018-12", agreed_by=[], reason="")
    book.add("contract/c", "ContractClosed", on="2020-07-21")
    determine(book, 2, {"2018-12": 0}, entitlement={}, claim_ore=0)
    assert book.check() == [
        "record 10 (end of c): 2018-12 is neither determined nor excluded",
        "record 10 (end of c): D1 claims 1279720, and nobody was noticed",
        "record 10 (end of c): no final evaluation is recorded with it",
        "record 11: SavingsDetermined@1 of c, which is closed",
        "record 11 (c/D2): 2018-12 cannot be determined: no workforce is recorded for 2018-12",
    ]


# --- Rules 16 and 18: disputes --------------------------------------------------------------------------------------------


def sharing(**outcome: str) -> dict[str, Any]:
    """Terms by which the provider has a quarter of the savings, up to 6.3 m at 25.2 m; both parties agree."""
    terms = botkyrka(provider_share="0.25", **outcome)
    terms["settlement"]["correction_months"] = 36
    return {**terms, "governance": {"agrees": ["payer", "external_provider"]}}


def claimed(*savings: int, terms: dict[str, Any] | None = None) -> Book:
    """A determination a month from October 2018; the first payable on 2020-08-20, each later one a month after."""
    book = signed(terms or sharing())
    for number, amount in enumerate(savings, 1):
        month = f"2018-{9 + number}"
        position = determine(book, number, {month: amount}, entitlement={}, claim_ore=0)
        claim = oracle.claim(book.records, book.records[position - 1])
        notify(book, number, claim, f"2020-{5 + number:02d}-20", f"2020-{6 + number:02d}-20", f"2020-{7 + number:02d}-20")
    return book


def says(**months: int) -> dict[str, Any]:
    """``says(m2018_10=0)``: a position about savings, by month."""
    return {"savings": [{"month": name[1:].replace("_", "-"), "amount_ore": amount} for name, amount in months.items()]}


def objects(book: Book, determination: int, was: int, position: dict[str, Any], on: str = "2020-07-01", by: str = "payer") -> int:
    number = 1 + sum(one["type"] == "DisputeRaised@1" for one in book.records)
    data = {"number": number, "determination": determination, "by": by, "on": on, "was_ore": was, "position": position}
    return book.add("contract/c", "DisputeRaised", **data, grounds="")


def paid(book: Book, amount: int, on: str, kind: str = "outcome") -> int:
    """A payment; its number."""
    number: int = 1 + sum(one["type"] == "PaymentMade@1" for one in book.records)
    data = {"number": number, "kind": kind, "amount_ore": amount, "on": on, "invoice": "", "bank_reference": ""}
    book.add("contract/c", "PaymentMade", **data)
    return number


def objects_to_payment(book: Book, payment: int, was: int, position: int, on: str = "2022-01-01", kind: str = "outcome") -> int:
    number = 1 + sum(one["type"] == "DisputeRaised@1" for one in book.records)
    data = {"number": number, "payment": payment, "payment_kind": kind, "by": "payer", "on": on, "was_ore": was}
    return book.add("contract/c", "DisputeRaised", **data, position={"amount_ore": position}, grounds="")


def provider(book: Book, as_of: str, known_at: str | None = None) -> tuple[str, str, str, str]:
    """Payable, held, claimed above, due."""
    found = book.state(as_of, known_at)["balance"]["provider"]
    return found["payable"], found["held"], found["claimed_above"], found["due"]


def test_what_is_disputed_is_held_from_the_day_it_is_payable_and_the_rest_is_due() -> None:
    # A quarter of 4 m and of 2 m: 1.0 m payable on 2020-08-20, 0.5 m on 2020-09-20, which the payer disputes at nothing.
    book = claimed(4 * M, 2 * M)
    objects(book, 2, 2 * M, says(m2018_11=0), on="2020-08-01")
    assert provider(book, "2020-09-19") == ("1000000.00", "0.00", "0.00", "1000000.00")
    assert provider(book, "2020-09-20") == ("1500000.00", "500000.00", "0.00", "1000000.00")
    book.add("contract/c", "PaymentInstructed", number=1, kind="outcome", amount_ore=M, on="2020-09-21", invoice="1")
    assert provider(book, "2020-09-21") == ("1500000.00", "500000.00", "0.00", "0.00")
    paid(book, 120_000_000, "2020-09-22")  # above what was due: 0.3 m is left, and held
    assert provider(book, "2020-09-22")[1:] == ("300000.00", "0.00", "0.00")
    book.add("contract/c", "DisputeWithdrawn", dispute=1, on="2020-10-01", reason="")
    assert provider(book, "2020-09-30")[1] == "300000.00"
    assert provider(book, "2020-10-01")[1] == "0.00"
    assert [one["status"] for day in ("2020-07-31", "2020-09-30", "2020-10-01") for one in book.state(day)["disputes"]] == [
        "open",
        "withdrawn",
    ]


def test_a_position_above_holds_nothing_and_is_claimed_from_the_day_it_is_raised() -> None:
    book = claimed(4 * M)
    objects(book, 1, 4 * M, says(m2018_10=6 * M), by="external_provider")
    assert provider(book, "2020-06-30") == ("0.00", "0.00", "0.00", "0.00")
    assert provider(book, "2020-07-01") == ("0.00", "0.00", "500000.00", "0.00")
    assert provider(book, "2020-08-20") == ("1000000.00", "0.00", "500000.00", "1000000.00")


def test_of_several_about_one_determination_the_lowest_holds_and_the_highest_claims() -> None:
    book = claimed(4 * M, 2 * M)
    for position, by in ((3 * M, "payer"), (M, "payer"), (5 * M, "external_provider"), (6 * M, "external_provider")):
        objects(book, 1, 4 * M, says(m2018_10=position), by=by)
    assert provider(book, "2020-08-20") == ("1000000.00", "750000.00", "500000.00", "250000.00")
    objects(book, 2, 2 * M, says(m2018_11=0), on="2020-08-01")  # those about another count beside them
    assert provider(book, "2020-09-20") == ("1500000.00", "1250000.00", "500000.00", "250000.00")
    book.add("contract/c", "DisputeResolved", dispute=2, on="2020-09-21", outcome="rejected", reason="")
    assert provider(book, "2020-09-21")[1] == "750000.00"  # 3 m is the lowest left: 0.25 m, and 0.5 m of the second


def test_a_hold_follows_the_sum_through_ceiling_cap_and_below_nothing() -> None:
    # 24 m: 6.0 m. Disputed at 20 m, 1.0 m is held. A later month brings 4 m: 28 m and 24 m with it, 6.3 m and 6.0 m.
    book = claimed(24 * M)
    objects(book, 1, 24 * M, says(m2018_10=20 * M))
    assert provider(book, "2020-08-20")[1] == "1000000.00"
    before = book.now
    determine(book, 2, {"2018-11": 4 * M}, entitlement={}, claim_ore=0)
    assert provider(book, "2020-08-20", before)[1] == "1000000.00"
    assert provider(book, "2020-08-20")[1] == "300000.00"
    determine(book, 3, {"2018-12": 4 * M}, entitlement={}, claim_ore=0)  # 32 m and 28 m: the cap, whoever is right
    assert provider(book, "2020-08-20")[1] == "0.00"
    determine(book, 4, {"2019-01": -31 * M}, entitlement={}, claim_ore=0)  # 1 m, and 3 m below nothing
    assert provider(book, "2020-08-20")[1] == "250000.00"
    book.add("contract/c", "ContractAmended", terms=sharing(maximum_payment="100000.00"), from_month="2019-01")
    assert provider(book, "2020-08-20")[1] == "100000.00"


def test_a_determination_that_supersedes_makes_a_dispute_moot_from_the_day_it_is_recorded() -> None:
    book = claimed(4 * M)
    objects(book, 1, 4 * M, says(m2018_10=0))
    determine(book, 2, {"2018-10": 5 * M}, entitlement={}, claim_ore=0, supersedes=(1,))
    # As of a day before it was recorded the dispute was open, about the savings of then: 4 m at stake, though 5 m count now.
    assert provider(book, "2021-12-31") == ("1000000.00", "1000000.00", "0.00", "0.00")
    assert provider(book, "2022-01-01") == ("1000000.00", "0.00", "0.00", "1000000.00")
    assert book.state("2022-01-01")["disputes"] == [
        {
            "id": "c/X1",
            "against": "c/D1",
            "by": "payer",
            "raised_on": "2020-07-01",
            "disputed": "4000000.00",
            "position": "0.00",
            "status": "moot",
            "ended_on": "2022-01-01",
            "answers": 0,
        }
    ]


@pytest.mark.parametrize(
    ("recorded_at", "day"),
    [
        ("2022-01-01T22:59:59.000000Z", "2022-01-01"),
        ("2022-01-01T23:00:00.000000Z", "2022-01-02"),
        ("2022-03-26T23:30:00.000000Z", "2022-03-27"),  # an hour ahead until 01:00 UTC on the 27th
        ("2022-03-27T21:59:59.000000Z", "2022-03-27"),
        ("2022-03-27T22:00:00.000000Z", "2022-03-28"),
        ("2022-10-29T22:00:00.000000Z", "2022-10-30"),
        ("2022-10-30T22:30:00.000000Z", "2022-10-30"),
    ],
)
def test_a_day_of_recording_is_one_in_stockholm(recorded_at: str, day: str) -> None:
    assert str(oracle._recorded_on({"recorded_at": recorded_at})) == day


def test_a_position_above_what_is_determined_holds_nothing_of_an_earlier_claim() -> None:
    # 1.0 m payable; determined anew at 3 m, 0.25 m less, which is not payable yet. The provider says 3.5 m: it holds nothing.
    book = claimed(4 * M)
    determine(book, 2, {"2018-10": 3 * M}, entitlement={}, claim_ore=0, supersedes=(1,))
    notify(book, 2, -25_000_000, "2022-01-01", "2022-01-31", "2022-03-03")
    objects(book, 2, 3 * M, says(m2018_10=350_000_000), on="2022-01-02", by="external_provider")
    assert provider(book, "2022-01-02") == ("1000000.00", "0.00", "125000.00", "1000000.00")
    objects(book, 2, 3 * M, says(m2018_10=2 * M), on="2022-01-02")  # the payer's holds, of what is payable: 0.5 m, then 0.25 m
    assert provider(book, "2022-01-02") == ("1000000.00", "500000.00", "125000.00", "500000.00")
    assert provider(book, "2022-03-03") == ("750000.00", "250000.00", "125000.00", "500000.00")


def test_disputed_payments_lower_what_is_owed_whatever_the_sum() -> None:
    # 1.0 m payable, 0.4 m paid; the payer says 0.7 m, and 0.9 m: the lowest that would be owed is 0.1 m.
    book = claimed(4 * M)
    paid(book, 40_000_000, "2021-12-30")
    for position in (70_000_000, 90_000_000):
        objects_to_payment(book, 1, 40_000_000, position)
    assert provider(book, "2021-12-31")[1:] == ("0.00", "0.00", "600000.00")
    assert provider(book, "2022-01-01")[1:] == ("500000.00", "0.00", "100000.00")
    objects_to_payment(book, 1, 40_000_000, 10_000_000)  # paid less: the provider would be owed more
    assert provider(book, "2022-01-01")[1:] == ("500000.00", "300000.00", "100000.00")
    paid(book, 20_000_000, "2021-12-30", kind="recovery")
    objects_to_payment(book, 2, 20_000_000, 5_000_000, kind="recovery")  # 0.15 m less would be owed
    assert provider(book, "2022-01-01")[1:] == ("650000.00", "300000.00", "150000.00")
    paid(book, 10_000_000, "2021-12-30", kind="upfront")
    objects_to_payment(book, 3, 10_000_000, 0, kind="upfront")
    assert provider(book, "2022-01-01")[1:] == ("650000.00", "300000.00", "150000.00")


def test_a_hold_is_never_more_than_what_is_payable_and_not_paid() -> None:
    book = claimed(4 * M)
    objects(book, 1, 4 * M, says(m2018_10=0))
    paid(book, 90_000_000, "2020-08-20")
    objects_to_payment(book, 1, 90_000_000, 190_000_000, on="2020-08-21")
    assert provider(book, "2020-08-21") == ("1000000.00", "100000.00", "0.00", "0.00")
    paid(book, 20_000_000, "2020-08-22")
    assert provider(book, "2020-08-22")[1] == "0.00"


# --- The end of a dispute ---


def contested(position: dict[str, Any] | None = None) -> Book:
    """October by hand: 69 550.00 of savings, of which 12 797.20 are claimed, payable on 2020-08-20; the payer says half."""
    book = measured()
    book.records[0]["data"]["terms"] = {**sharing(), "months": 1, "outcome": botkyrka()["outcome"]}
    determine(book, 1, {OCTOBER: 6955000}, entitlement={OCTOBER: 1279720}, claim_ore=1279720)
    notify(book, 1, 1279720, "2020-06-20", "2020-07-20", "2020-08-20")
    objects(book, 1, 6955000, position or says(m2018_10=3477500))
    return book


def resolve(book: Book, outcome: str, stands: int | None, on: str = "2020-07-10", **data: Any) -> int:
    """The end of the first dispute, with the determination that carries it out where the savings change."""
    claim = None
    if stands is not None and stands != 6955000:
        moved = oracle.rounded(Fraction(184, 1000) * stands) - 1279720
        determine(book, 2, {}, entitlement={OCTOBER: moved}, claim_ore=moved, supersedes=(1,))
        month = {"month": OCTOBER, "kind": "resolved", "dispute": 1, "savings_ore": stands, "methodology_sha256": "a" * 64}
        book.records[-1]["data"]["months"] = [month]
        book.records[-1]["type"] = "SavingsDetermined@3"
        claim = {"amount_ore": moved, "payable_on": "2020-08-20"}
        data = {"determination": 2, "claim": claim, **data}
    position = None if stands is None else says(m2018_10=stands)
    data = {"agreed_by": ["payer", "external_provider"], "position": position, **data}
    return book.add("contract/c", "DisputeResolved", dispute=1, on=on, outcome=outcome, reason="", **data)


def test_a_lower_sum_decided_leaves_the_claim_on_the_day_it_was_payable() -> None:
    book = contested()
    resolve(book, "upheld", 3477500)
    assert book.check() == []
    between = Book.instant(book.end - 1)
    # Held until it is decided, also as known when the determination stood and the resolution had not followed.
    assert provider(book, "2020-08-20", between) == ("12797.20", "6398.60", "0.00", "6398.60")
    assert provider(book, "2020-08-20") == ("6398.60", "0.00", "0.00", "6398.60")
    assert book.state("2020-07-09")["disputes"][0]["status"] == "open"
    assert book.state("2020-07-10")["disputes"][0]["status"] == "upheld"
    assert book.state("2020-08-20")["savings"]["determined"] == "34775.00"
    assert book.state("2020-08-20")["savings"]["net_days_avoided"] == "0.00"  # nothing was measured so
    late = contested()
    resolve(late, "settled", 5000000, on="2020-09-01")
    late.records[-1]["data"]["claim"]["payable_on"] = "2020-09-01"
    assert late.check() == []
    assert [provider(late, day)[0] for day in ("2020-08-20", "2020-08-31", "2020-09-01")] == ["12797.20", "12797.20", "9200.00"]
    assert [provider(late, day)[3] for day in ("2020-08-20", "2020-08-31", "2020-09-01")] == ["6398.60", "6398.60", "9200.00"]


def test_a_higher_sum_decided_falls_payable_as_what_is_accepted() -> None:
    book = contested(says(m2018_10=8000000))
    book.records[-1]["data"]["by"] = "external_provider"
    resolve(book, "upheld", 8000000)
    assert book.check() == []
    days = ("2020-07-09", "2020-07-10", "2020-08-09", "2020-08-20")
    assert [provider(book, day)[0] for day in days] == ["0.00", "0.00", "0.00", "14720.00"]  # not before what is disputed
    assert [provider(book, day)[2] for day in days] == ["1922.80", "0.00", "0.00", "0.00"]


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("raised.was_ore", 6955001, "record 9 (c/X1): it disputes 6955001, recorded is 6955000"),
        ("raised.by", "technical_advisor", "record 9 (c/X1): technical_advisor is none of payer, external_provider"),
        ("raised.on", "2020-07-21", "could be objected to from 2020-06-20 until 2020-07-20, not on 2020-07-21"),
        ("raised.on", "2020-06-19", "could be objected to from 2020-06-20 until 2020-07-20, not on 2020-06-19"),
        ("raised.number", 2, "record 9 (c/X2): it is X2, the next is X1"),
        ("raised.determination", 3, "record 9 (c/X1): there is no D3"),
        ("raised.position", says(m2018_10=6955000), "record 9 (c/X1): its position is 6955000, as is recorded"),
        ("raised.position", says(m2018_11=0), "record 9 (c/X1): a position about 2018-10 speaks of 2018-11"),
        ("raised.position", {"amount_ore": 0}, "record 9 (c/X1): a position about 2018-10 speaks of no month"),
        ("determined.supersedes", [], "record 11 (c/X1): D2 does not supersede D1 alone"),
        ("determined.preliminary", True, "record 10 (c/D2): preliminary is True, and nothing is left to measure"),
        ("determined.claim_ore", 1, "record 10 (c/D2): claim_ore is 1, recomputed -639860"),
        ("resolved.outcome", "rejected", "record 11 (c/X1): it is rejected at 3477500"),
        ("resolved.on", "2020-06-30", "record 11 (c/X1): X1 was raised on 2020-07-01, after 2020-06-30"),
        ("resolved.agreed_by", ["payer"], "record 11 (c/X1): external_provider did not agree, and no third person decided"),
        ("resolved.decided_by", "A. Judge", "record 11 (c/X1): both the parties and a third person decided"),
        ("resolved.position", None, "record 11 (c/X1): it is upheld at nothing"),
        ("resolved.position", says(m2018_10=3477501), "record 11 (c/X1): it is upheld at 3477501, raised was 3477500"),
        ("resolved.dispute", 2, "record 11 (c/X2): there is no X2"),
        ("resolved.determination", None, "record 11 (c/X1): no determination puts what was decided in the place of D1"),
        ("resolved.claim", {"amount_ore": 0, "payable_on": "2020-08-20"}, "record 11 (c/X1): claim is 0, recomputed -639860"),
        (
            "resolved.claim",
            {"amount_ore": -639860, "payable_on": "2020-07-10"},
            "record 11 (c/X1): payable_on is 2020-07-10, recomputed 2020-08-20",
        ),
    ],
)
def test_what_is_wrong_about_a_dispute_is_said(where: str, value: Any, said: str) -> None:
    book = contested()
    resolve(book, "upheld", 3477500)
    record, field = where.split(".")
    book.records[{"raised": 8, "determined": 9, "resolved": 10}[record]]["data"][field] = value
    found = [one for one in book.check() if said in one]
    assert len(found) == 1, book.check()


def test_what_was_decided_is_what_is_determined() -> None:
    book = contested()
    resolve(book, "upheld", 3477500)
    (month,) = book.records[9]["data"]["months"]
    for field, value, said in (
        ("savings_ore", 3477501, "(c/X1): D2 is {'2018-10': 3477501}, decided was {'2018-10': 3477500}"),
        ("methodology_sha256", "b" * 64, "(c/D2): it determines 2018-10, disputed is D1"),
        ("month", "2018-11", "(c/D2): it determines 2018-11, disputed is D1"),
    ):
        book.records[9]["data"]["months"] = [{**month, field: value}]
        assert any(said in one for one in book.check()), (field, book.check())
    del book.records[10]
    book.records[9]["data"]["months"] = [month]
    assert book.check() == ["record 10 (c/D2): X1 is not resolved with it"]
    unchanged = contested()
    resolve(unchanged, "settled", 6955000)
    assert unchanged.check() == []
    unchanged.records[-1]["data"]["determination"] = 2
    assert unchanged.check() == ["record 10 (c/X1): D2 is recorded, and nothing else was decided"]


def test_who_accepted_or_has_ended_a_dispute_has_nothing_to_say() -> None:
    book = contested()
    book.add("contract/c", "DeterminationAccepted", determination=1, role="payer", on="2020-07-02")
    assert book.check() == ["record 10 (acceptance of c/D1): payer disputes it in X1"]
    book.records[-1]["data"]["role"] = "external_provider"
    assert book.check() == []
    objects(book, 1, 6955000, says(m2018_10=0), by="external_provider")
    assert book.check() == ["record 11 (c/X2): external_provider accepted D1"]
    del book.records[10]
    book.add(
        "contract/c", "DisputeAnswered", dispute=1, by="external_provider", on="2020-07-05", answer="", position={"amount_ore": 0}
    )
    assert book.check() == ["record 11 (c/X1): a position about 2018-10 speaks of no month"]
    book.records[-1]["data"] |= {"by": "payer", "position": None}
    assert book.check() == ["record 11 (c/X1): payer raised X1 and answers it"]
    assert book.state("2020-07-05")["disputes"][0]["answers"] == 1
    del book.records[10]
    book.add("contract/c", "DisputeWithdrawn", dispute=1, on="2020-07-06", reason="")
    book.add("contract/c", "DisputeWithdrawn", dispute=1, on="2020-07-07", reason="")
    assert book.check() == ["record 12 (c/X1): X1 is withdrawn since 2020-07-06"]
    resolved = contested()
    resolve(resolved, "upheld", 3477500)
    resolved.add("contract/c", "DeterminationAccepted", determination=2, role="payer", on="2020-07-10")
    objects(resolved, 2, 3477500, says(m2018_10=0), on="2020-07-10", by="external_provider")
    assert resolved.check() == [
        "record 12 (acceptance of c/D2): D2 carries out a resolution",
        "record 13 (c/X2): D2 carries out the resolution of X1",
        "record 13 (c/X2): D2 is not noticed",
        "record 13 (c/X2): D2 is closed since 2020-07-10",
    ]


def test_what_the_parties_agree_on_ends_all_that_is_about_it_and_a_third_person_decides_one_alone() -> None:
    book = contested()
    objects(book, 1, 6955000, says(m2018_10=0))
    end = book.end
    resolve(book, "upheld", 3477500)
    assert book.check() == []
    # From the day of the agreement, as known when it stands; an instant earlier its determination ends nothing.
    assert [one["status"] for one in book.state("2020-07-10")["disputes"]] == ["upheld", "moot"]
    assert [one["ended_on"] for one in book.state("2020-07-10")["disputes"]] == ["2020-07-10", "2020-07-10"]
    between = book.state("2020-08-20", Book.instant(book.end - 1))
    assert [one["status"] for one in between["disputes"]] == ["open", "open"]
    assert between["balance"]["provider"]["held"] == "12797.20"
    assert provider(book, "2020-08-20") == ("6398.60", "0.00", "0.00", "6398.60")
    del book.records[end:]
    judge: dict[str, Any] = {"agreed_by": [], "decided_by": "A. Judge"}
    resolve(book, "upheld", 3477500, **judge)
    assert book.check() == ["record 12 (c/X1): what is decided changes what X2 disputes too"]
    del book.records[end:]
    resolve(book, "settled", 6955000, **judge)  # changes nothing
    assert book.check() == []


def test_a_third_person_is_none_of_the_parties_and_the_decision_is_there() -> None:
    book = contested()
    book.records[0]["data"]["terms"]["parties"] = {"payer": "Botkyrka kommun"}
    resolve(book, "rejected", None, agreed_by=[], decided_by="A. Judge")
    assert book.check() == []
    for name in ("payer", "Botkyrka Kommun", " "):
        book.records[-1]["data"]["decided_by"] = name
        assert book.check() == [f"record 10 (c/X1): {name!r} is no third person"]
    book.records[-1]["data"]["decided_by"] = "A. Judge"
    book.records[-1]["evidence"] = []
    assert book.check() == ["record 10 (c/X1): a third person decided, and the decision is not recorded with it"]


def test_what_is_recorded_late_or_for_another_comes_with_a_document() -> None:
    book = contested()
    book.records[-1]["evidence"] = []
    assert book.check() == ["record 9 (c/X1): it is recorded after 2020-07-20, without a document that shows its date"]
    book.records[-1]["recorded_at"] = "2020-07-20T21:59:59.000000Z"
    assert book.check() == []
    book.add("contract/c", "DisputeWithdrawn", dispute=1, on="2020-07-10", reason="")
    book.records[-1]["evidence"] = []
    said = "record 10 (c/X1): performance_manager records that payer withdraws it, without a document that says so"
    assert book.check() == [said]
    book.records[-1]["recorded_by"] = {"name": "A", "role": "payer"}
    assert book.check() == []


def test_what_was_decided_is_not_disputed_again() -> None:
    for outcome, by, said in (
        ("settled", "external_provider", ["X1 about it was settled", "D1 is closed since 2020-07-10"]),
        ("rejected", "payer", ["X1 about it was rejected"]),
        ("rejected", "external_provider", []),
    ):
        book = contested()
        resolve(book, outcome, 6955000 if outcome == "settled" else None)
        objects(book, 1, 6955000, says(m2018_10=0), on="2020-07-15", by=by)
        assert book.check() == [f"record 11 (c/X2): {one}" for one in said]
    book = claimed(4 * M)
    paid(book, 100, "2022-01-01")
    objects_to_payment(book, 1, 100, 150)
    book.add("contract/c", "DisputeResolved", dispute=1, on="2022-01-01", outcome="settled", decided_by="A. Judge", reason="")
    book.records[-1]["data"]["position"] = {"amount_ore": 100}
    was = {"amount_ore": 100, "on": "2022-01-01"}
    book.add("contract/c", "EntryCorrected", corrects=4, entry="outcome", number=1, was=was, reason="")
    assert "record 7 (corrected c/P1): it is corrected, and X1 decided what it is" in book.check()


def test_who_disputed_what_is_superseded_need_not_wait_for_the_notice() -> None:
    # 1.0 m payable on 2020-08-20. What supersedes it is recorded on 2022-01-01; of its 0.25 m more nobody is noticed.
    book = claimed(4 * M)
    objects(book, 1, 4 * M, says(m2018_10=2 * M))
    determine(book, 2, {"2018-10": 5 * M}, entitlement={}, claim_ore=0, supersedes=(1,))
    objects(book, 2, 5 * M, says(m2018_10=2 * M), on="2022-01-01")
    assert [one for one in book.check() if "(c/X2)" in one] == []
    # Of 1.0 m that is payable by the first claim 0.5 m are held, before as after; of 1.25 m, once that is, 0.75 m.
    assert provider(book, "2021-12-31") == ("1000000.00", "500000.00", "0.00", "500000.00")
    assert provider(book, "2022-01-01") == ("1000000.00", "500000.00", "0.00", "500000.00")
    notify(book, 2, 25_000_000, "2022-01-01", "2022-01-31", "2022-03-03")
    assert provider(book, "2022-03-02") == ("1000000.00", "500000.00", "0.00", "500000.00")
    assert provider(book, "2022-03-03") == ("1250000.00", "750000.00", "0.00", "500000.00")
    del book.records[-1]
    book.records[-1]["data"] |= {"by": "external_provider"}
    assert [one for one in book.check() if "(c/X2)" in one] == ["record 6 (c/X2): D2 is not noticed"]
    book.records[-1]["data"] |= {"by": "payer", "on": "2021-12-31"}
    said = "record 6 (c/X2): D2 could be objected to from 2022-01-01 on, not on 2021-12-31"
    assert [one for one in book.check() if "(c/X2)" in one] == [said]


def test_what_is_disputed_is_not_corrected_meanwhile() -> None:
    book = contested()
    was = {"amount_ore": 1279720, "on": "2020-08-20"}
    book.add("contract/c", "EntryCorrected", corrects=8, entry="notice", number=1, was=was, reason="")
    assert book.check() == ["record 10 (corrected notice of c/D1): it is corrected while X1 disputes it"]
    del book.records[9:]
    paid(book, 100, "2022-01-01")
    objects_to_payment(book, 1, 100, 150)
    was = {"amount_ore": 100, "on": "2022-01-01"}
    right = {"amount_ore": 150, "on": "2022-01-01"}
    correction = {"corrects": 10, "entry": "outcome", "number": 1, "was": was, "reason": ""}
    book.add("contract/c", "EntryCorrected", **correction, becomes=right)
    assert book.check() == ["record 12 (corrected c/P1): it is corrected while X2 disputes it"]
    decided = {"dispute": 2, "on": "2022-01-01", "outcome": "upheld", "decided_by": "A. Judge", "reason": ""}
    book.add("contract/c", "DisputeResolved", **decided, position={"amount_ore": 150})
    assert book.check() == []
    book.records[-2]["data"]["becomes"] = {"amount_ore": 149, "on": "2022-01-01"}
    assert book.check() == [
        "record 13 (c/X2): the payment becomes {'amount_ore': 149, 'on': '2022-01-01'}, "
        "decided was {'amount_ore': 150, 'on': '2022-01-01'}"
    ]
    book.records[-2]["data"].pop("becomes")
    assert book.check() == ["record 13 (c/X2): the payment is reversed, decided was 150"]
    book.records[-2:] = [{**book.records[-1], "position": 12}]
    assert book.check() == ["record 12 (c/X2): P1 is not corrected"]


def test_a_payment_decided_counts_as_decided_also_as_of_a_day_on_which_it_was_disputed() -> None:
    # 1.0 m payable; 0.4 m paid, the payer says 0.7 m and is right: 0.3 m is owed, whether it is held or paid already.
    book = claimed(4 * M)
    paid(book, 40_000_000, "2021-12-30")
    objects_to_payment(book, 1, 40_000_000, 70_000_000)
    assert provider(book, "2022-01-01")[1:] == ("300000.00", "0.00", "300000.00")
    was, becomes = ({"amount_ore": amount, "on": "2021-12-30"} for amount in (40_000_000, 70_000_000))
    book.add("contract/c", "EntryCorrected", corrects=4, entry="outcome", number=1, was=was, becomes=becomes, reason="")
    book.add(
        "contract/c",
        "DisputeResolved",
        dispute=1,
        on="2022-01-05",
        outcome="upheld",
        reason="",
        position={"amount_ore": 70_000_000},
    )
    assert [provider(book, day)[1:] for day in ("2022-01-01", "2022-01-05")] == [("0.00", "0.00", "300000.00")] * 2


def test_a_payment_is_disputed_in_time_and_while_it_stands() -> None:
    # Recorded in Stockholm on 2022-01-01, whatever its date: 30 days from then.
    for on, said in (("2022-01-31", []), ("2022-02-01", ["until 2022-01-31"]), ("2020-08-19", ["from 2020-08-20"])):
        book = claimed(4 * M)
        paid(book, 100, "2020-08-20")
        objects_to_payment(book, 1, 100, 150, on=on)
        found = [one for one in book.check() if "(c/X1)" in one]
        assert (len(found), all(words in found[0] for words in said)) == (len(said), True)
    book.records[-1]["data"] |= {"on": "2022-01-01", "payment_kind": "recovery", "was_ore": 99, "position": says(m2018_10=0)}
    assert [one for one in book.check() if "(c/X1)" in one] == [
        "record 5 (c/X1): P1 is outcome, not recovery",
        "record 5 (c/X1): it disputes 99, recorded is 100",
        "record 5 (c/X1): a position about a payment says no amount",
    ]
    was = {"amount_ore": 100, "on": "2020-08-20"}
    book.add("contract/c", "EntryCorrected", corrects=4, entry="outcome", number=1, was=was, reason="")
    book.records[3:] = [book.records[3], {**book.records[5], "position": 5}, {**book.records[4], "position": 6}]
    assert "record 6 (c/X1): P1 was reversed" in book.check()


def test_a_determination_is_closed_by_time_or_by_what_ended_a_dispute_about_it() -> None:
    def closed(book: Book) -> str:
        return str(oracle.closed_on(book.records, "c", 1, book.end))

    book = contested()
    book.records[0]["data"]["terms"]["settlement"]["correction_months"] = 12
    assert closed(book) == "None"
    end = book.end
    resolve(book, "settled", 6955000)
    assert closed(book) == "2020-07-10"
    objects(book, 1, 6955000, says(m2018_10=0), on="2020-07-11")
    assert closed(book) == "2020-07-10"  # for good, whoever objects again
    del book.records[end:]
    book.add("contract/c", "DisputeWithdrawn", dispute=1, on="2021-07-30", reason="")
    assert closed(book) == "2021-07-21"  # twelve months after silence accepted it
    del book.records[end:]
    resolve(book, "rejected", None, on="2021-07-30")
    assert closed(book) == "2021-07-30"
    del book.records[end:]
    resolve(book, "rejected", None, on="2020-07-30")
    assert closed(book) == "2021-07-21"
    determine(book, 2, {OCTOBER: 6955000}, entitlement={}, claim_ore=0, supersedes=(1,))
    assert "record 11 (c/D2): D1 is superseded, and closed since 2021-07-21" in book.check()
    upheld = contested()
    resolve(upheld, "upheld", 3477500)
    assert str(oracle.closed_on(upheld.records, "c", 2, upheld.end)) == "2020-07-10"


def test_a_contract_is_not_closed_while_a_dispute_is_open() -> None:
    assert close(contested(), "2021-01-01") == ["record 10 (end of c): X1 is open"]
    withdrawn = contested()
    withdrawn.add("contract/c", "DisputeWithdrawn", dispute=1, on="2021-01-02", reason="")
    assert close(withdrawn, "2021-01-01") == ["record 11 (end of c): X1 is open"]  # it was, on that day
    del withdrawn.records[-1]
    assert close(withdrawn, "2021-01-02") == []
    upheld = contested()
    resolve(upheld, "upheld", 3477500)
    assert close(upheld, "2020-07-20") == ["record 12 (end of c): the notice of D1 runs until 2020-07-21"]
    del upheld.records[-1]
    assert close(upheld, "2020-07-21") == []


def test_a_mean_may_be_taken_of_what_a_resolution_decided() -> None:
    book = contested()
    resolve(book, "upheld", 3477500)
    book.records[0]["data"]["terms"]["months"] = 2
    book.adopt(agreed(deemed("2018-11", OCTOBER)), "b")  # by which October was never measured
    assert savings_of(book, "2018-11") == [3477500]


def computed(facts: dict[str, Any], method: dict[str, Any] | None = None, *later: Any) -> int:
    """What October saved by a position on these facts."""
    book = contested()
    for add in later:
        add(book)
    position = {"facts": facts, **({} if method is None else {"methodology": method, "sha256": "c" * 64})}
    found = oracle.position_by_month(book.records, book.lines, "c", book.records[6], position)
    (figures,) = found.values()
    if isinstance(figures, NotDeterminable):
        raise figures
    savings: int = figures["savings_ore"]
    return savings


def test_a_position_is_computed_by_its_methodology_on_its_facts() -> None:
    # 34.5 days expected, 2 taken. The determination saw six records; without the fourth nobody was absent in October 2018.
    def late(book: Book) -> None:
        book.report((1, "A", "2018-10-01", "2018-10-05", 100), complete=OCTOBER)
        book.report(complete="2017-10")
        book.trend(q2018Q4="4.00", q2017Q4="1.00")

    def another(**price: str) -> dict[str, Any]:
        return {**methodology(), "price": {"kind": "per-net-day@1", "sek": [{"from": "2018-10-01", "amount": "1000.00"}]}}

    assert computed({"upto": 6}) == computed({"upto": 6}, None, late) == 6955000
    assert computed({"upto": 6}, another(), late) == 3250000
    with pytest.raises(NotDeterminable, match="no complete report of payroll covers A in 2018-10"):
        computed({"upto": 6, "without": [4]})
    # Later: five days taken, and an index of 4.00 as a determination anew takes it. By its own methodology the reference days and
    # the index of 2017 are locked: 1/10 x 10 x 23 x 2 = 46 expected.
    assert computed({"upto": 12}, None, late) == 41 * 214000
    assert computed({"upto": 12, "without": [11]}, None, late) == 41 * 214000
    assert computed({"upto": 12, "without": [12]}, None, late) == (69 * 107000 - 5 * 214000)
    assert computed({"upto": 12}, another(), late) == -500000  # nothing is locked by another: no reference day is left
    assert computed({"upto": 12, "without": [11]}, another(), late) == 4100000  # 46 expected, as above
    assert computed({"upto": 12}, agreed(excluded(OCTOBER)), late) == 0


def test_a_position_is_computed_by_the_methodology_of_the_determination_whatever_was_agreed_since() -> None:
    def since(book: Book) -> None:
        book.adopt(agreed(excluded(OCTOBER)), "b")

    assert computed({"upto": 10}, None, since) == 6955000
    book = contested()
    since(book)
    not_measured(book, 2, {OCTOBER: ("exclude-months@1", 0)}, supersedes=(1,))
    (then,) = oracle.position_by_month(book.records, book.lines, "c", book.records[-1], {"facts": {"upto": 6}}).values()
    assert not isinstance(then, NotDeterminable)
    assert then["savings_ore"] == 0  # also on facts recorded before it was agreed


def test_a_position_that_was_computed_is_computed_again() -> None:
    book = contested({**says(m2018_10=3250000), "facts": {"upto": 6}, "computed_by": ""})
    book.records[8]["data"]["position"] |= {"methodology": methodology(), "sha256": "c" * 64}
    assert book.check() == ["record 9 (c/X1): the position's 2018-10 is 3250000, recomputed 6955000"]
    book.records[8]["data"]["position"]["facts"]["without"] = [4]
    assert book.check() == [
        "record 9 (c/X1): the position's 2018-10 cannot be computed: no complete report of payroll covers A in 2018-10"
    ]
