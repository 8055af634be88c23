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
