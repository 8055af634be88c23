"""What a golden vector says, as the functions of a rule kind take it, and what they give, as a vector says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from ledger.events import IndexValue, Reimbursement
from ledger.lines import CAUSES
from ledger.methodology import PerNetDay
from ledger.periods import Month, Period, Quarter
from projections.absences import Spells
from projections.columns import Ints, day_number
from projections.rules import (
    deem_average_1,
    exclude_cause_1,
    exclude_months_1,
    freeze_trend_1,
    national_index_1,
    net_days_1,
    net_of_reimbursement_1,
    per_net_day_1,
    rebase_1,
    reference_years_1,
    short_term_net_days_1,
)
from projections.rules.short_term_net_days_1 import NetDays, net_days

Case = Mapping[str, Any]


# ── Spells and days ──────────────────────────────────────────────────────────────────────────────────────────────────


def spells_of(lines: Iterable[str]) -> Spells:
    """``1 Fittja 2020-03-02..2020-03-06 100 sick``: employee, workplace, first day..last day, extent, cause; in order."""
    rows = [line.split() for line in lines]
    places = tuple(sorted({row[1] for row in rows}))
    spans = [[date.fromisoformat(day) for day in row[2].split("..")] for row in rows]
    assert rows == sorted(rows, key=lambda row: (int(row[0]), row[2])), "spells are in order of employee and first day"

    def column(values: Iterable[int]) -> np.ndarray:
        return np.array(list(values), dtype=np.int64)

    return Spells(
        workplaces=places,
        employee=column(int(row[0]) for row in rows),
        workplace=column(places.index(row[1]) for row in rows),
        first=column(day_number(first) for first, _ in spans),
        last=column(day_number(last) for _, last in spans),
        extent=column(int(row[3]) for row in rows),
        cause=column(CAUSES.index(row[4]) for row in rows),
        report=column(1 for _ in rows),
        line=column(range(len(rows))),
        open=column(0 for _ in rows),
    )


def day_of(number: int) -> date:
    """The date with a day number."""
    return date(1970, 1, 1) + timedelta(days=number)


def told_days(days: NetDays, spells: Spells) -> list[str]:
    """``2020-03 Fittja 500``: every month and workplace that has net days, looked for half a year before and after too."""
    touched = [Month.holding(day_of(number)) for number in (*spells.first.tolist(), *spells.last.tolist())] or [Month.of(2020, 1)]
    around = Period(min(touched) - 6, max(touched) + 6)
    return [f"{month} {name} {count}" for month in around for name, count in sorted(days.of(month).items())]


def short_term(case: Case) -> list[str]:
    """``2020-03-02 5``: the first day that a spell counts itself, and how many it counts; ``none`` where it counts none."""
    return told_starts(*short_term_net_days_1.short_term(spells_of(case["spells"])))


def told_starts(starts: Ints, counts: Ints) -> list[str]:
    """The same of any numbers."""
    both = zip(starts.tolist(), counts.tolist(), strict=True)
    return [f"{day_of(start)} {count}" if count else "none" for start, count in both]


def numbered_days(case: Case) -> list[str]:
    """The net days with the numbers of the case."""
    spells = spells_of(case["spells"])
    return told_days(net_days_1.net_days(spells, *case["numbers"]), spells)


def with_causes(case: Case) -> dict[str, list[str]]:
    """The net days of the spells with the causes, and those of the others, all numbered together."""
    spells = spells_of(case["spells"])
    found = exclude_cause_1.with_causes(spells, tuple(case["causes"]))
    assert found.dtype == bool
    return {"left_out": told_days(net_days(spells, found), spells), "kept": told_days(net_days(spells, ~found), spells)}


# ── Months, quarters, values ─────────────────────────────────────────────────────────────────────────────────────────


def months_like(kind: ModuleType) -> Callable[[Case], Any]:
    """The months of the reference years like a month."""
    return lambda case: kind.months_like(Month.parse(case["month"]), Period.parse(case["years"]))


def rate(kind: ModuleType) -> Callable[[Case], Any]:
    """Months, their hundredths of net days and their employees → the reference rate."""
    return lambda case: kind.rate(months(case["months"]), by_month(case["hundredths"]), by_month(case["employees"]))


def months(texts: Iterable[str]) -> list[Month]:
    """``["2016-01"]``"""
    return [Month.parse(text) for text in texts]


def by_month(table: Mapping[str, int]) -> dict[Month, int]:
    """``{"2016-01" = 100}``"""
    return {Month.parse(text): number for text, number in table.items()}


def value(text: str, quarter: str = "2020Q1") -> IndexValue:
    """An index value; when it was published does not matter to the kinds."""
    return IndexValue(
        quarter=Quarter.parse(quarter), value=text, published_on=date(2020, 1, 1), status="published", source="by hand"
    )


def factor(kind: ModuleType) -> Callable[[Case], Any]:
    """A quarter's value, the reference months and the values of their quarters → the trend factor."""

    def run(case: Case) -> Any:
        values = {Quarter.parse(quarter): value(text, quarter) for quarter, text in case["values"].items()}
        return kind.factor(value(case["value"]), months(case["reference"]), values)

    return run


def quarter_for(case: Case) -> Quarter | None:
    """The quarter that a month takes; a case without ``disrupted`` is of a methodology without."""
    disrupted = Period.parse(case["disrupted"]) if "disrupted" in case else None
    return national_index_1.quarter_for(Month.parse(case["month"]), disrupted, case["quarter_split"])


def repaid(case: Case) -> Fraction:
    """The share of a month's reimbursement."""
    row = {key: case[key] for key in ("sick_pay_cost_ore", "wage_cost_ore", "threshold", "reimbursed_ore")}
    return net_of_reimbursement_1.repaid(Reimbursement(month=Month.parse("2020-04"), **row), case["how"])


def price_ore(case: Case) -> int | None:
    """The price of a month from a list as methodologies write it."""
    return per_net_day_1.price_ore(PerNetDay(kind="per-net-day@1", sek=tuple(case["sek"])), Month.parse(case["month"]))


RUN: dict[str, Callable[[Case], Any]] = {
    "short-term-net-days@1 net_days": lambda case: told_days(net_days(spells_of(case["spells"])), spells_of(case["spells"])),
    "short-term-net-days@1 short_term": short_term,
    "net-days@1 net_days": numbered_days,
    "net-days@1 numbered": lambda case: told_starts(*net_days_1.numbered(spells_of(case["spells"]), *case["numbers"])),
    "net-days@1 reach": lambda case: net_days_1.reach(case["last"]),
    "exclude-cause@1 with_causes": with_causes,
    "reference-years@1 months_like": months_like(reference_years_1),
    "reference-years@1 rate": rate(reference_years_1),
    "rebase@1 months_like": months_like(rebase_1),
    "rebase@1 rate": rate(rebase_1),
    "national-index@1 quarter_for": quarter_for,
    "national-index@1 factor": factor(national_index_1),
    "freeze-trend@1 reference_months": lambda case: freeze_trend_1.reference_months(
        Quarter.parse(case["at"]), Period.parse(case["years"])
    ),
    "freeze-trend@1 factor": factor(freeze_trend_1),
    "net-of-reimbursement@1 repaid": repaid,
    "net-of-reimbursement@1 worth": lambda case: net_of_reimbursement_1.worth(
        Fraction(case["avoided"]), case["price"], Fraction(case["share"])
    ),
    "per-net-day@1 price_ore": price_ore,
    "per-net-day@1 savings_ore": lambda case: per_net_day_1.savings_ore(Fraction(case["avoided"]), case["price"]),
    "deem-average@1 savings_ore": lambda case: deem_average_1.savings_ore(case["savings"]),
    "exclude-months@1 savings_ore": lambda case: exclude_months_1.savings_ore(),
}
"""How a case of a kind and function is run."""


def told(found: Any) -> Any:
    """A result as a vector says it: an exact ratio as ``"a/b"``, a month, a quarter and what is none as text, öre as a number."""
    if isinstance(found, list):
        return [told(one) for one in found]
    if isinstance(found, Fraction | Month | Quarter):
        return str(found)
    return "none" if found is None else found
