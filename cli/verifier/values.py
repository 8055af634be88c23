"""What a month is compared with and what a day is worth: reference years, national trend, price, reimbursement (rules 6 to 8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from cli.verifier.calendar import _day, _first_day, _last_day, _month, _month_of, _month_text, _ore, _period, _quarter_text
from cli.verifier.facts import DETERMINED, NotDeterminable, Records, _of, _rules


def _locked_at(records: Records, contract: str, sha256: str, basis: int) -> int:
    """What the reference values of a methodology rest on: the basis of the first determination under it (rules 6, 7)."""
    for record in _of(records, f"contract/{contract}", DETERMINED, basis):
        for month in record["data"]["months"]:
            if month["methodology_sha256"] == sha256 and "kind" not in month:
                return int(record["data"]["basis"]["position"])
    return basis


def _reference_years(methodology: Mapping[str, Any], month: int) -> list[int]:
    """The months of the years that a month is compared with: the methodology's, or others agreed for it (rule 6)."""
    years = _rules(methodology, month).get("reference", methodology["reference"])
    first, last = _day(years["from"]), _day(years["to"])
    return [
        other for other in range(_month_of(first), _month_of(last) + 1) if first <= _first_day(other) and _last_day(other) <= last
    ]


def _months_like(month: int, years: list[int]) -> list[int]:
    """The months of those years with the same name as this one."""
    return [other for other in years if other % 12 == month % 12]


def _index(records: Records, trend: Mapping[str, Any], quarter: int, upto: int, *, latest: bool) -> Mapping[str, Any]:
    """The first recorded value of a quarter with an accepted status, or the latest (rule 7)."""
    found: Mapping[str, Any] | None = None
    for record in _of(records, f"trend/{trend['series']}", "TrendPublished@1", upto):
        for value in record["data"]["values"]:
            if value["quarter"] == _quarter_text(quarter) and value["status"] in trend["accept"] and (found is None or latest):
                found = value
    if found is None:
        raise NotDeterminable(f"{trend['series']} has no accepted value for {_quarter_text(quarter)}")
    return found


def _trend(
    records: Records, methodology: Mapping[str, Any], terms: Mapping[str, Any], month: int, basis: int, locked: int, *, redo: bool
) -> tuple[Mapping[str, Any], Fraction]:
    """The index value that a month rests on and the trend factor (rule 7).

    Where a quarter's factor is agreed on instead of the month's own, its index is compared with that of the same quarter of the
    reference years: in each of them, the one that begins in it.
    """
    trend = methodology["trend"]
    years = _reference_years(methodology, month)
    frozen = _rules(methodology, month).get("trend")
    if frozen is None:
        quarter, compared = _quarter_taken(trend, month), _months_like(month, years)
    else:
        first = _period(frozen["at"])[0]
        quarter, compared = first // 3, _months_like(first, years)
    if not compared:
        raise NotDeterminable(f"the reference years hold no month like {_month_text(month)}")
    total = Fraction(0)
    for other in compared:
        total += Fraction(_index(records, trend, other // 3, locked, latest=False)["value"])
    mean = total / len(compared)
    if mean == 0:
        raise NotDeterminable(f"the mean index of the reference quarters of {_month_text(month)} is 0")

    before_the_contract = quarter < _month_of(_day(terms["measured_from"])) // 3
    if before_the_contract and any(quarter == other // 3 for other in years):
        used = _index(records, trend, quarter, locked, latest=False)
    else:
        used = _index(records, trend, quarter, basis, latest=redo)
    return used, Fraction(used["value"]) / mean


def _quarter_taken(trend: Mapping[str, Any], month: int) -> int:
    """The quarter whose index a month takes: its own, or what is said for undisturbed months of a disrupted one (rule 7)."""
    quarter = month // 3
    if trend.get("disrupted") is None:
        return quarter
    first, last = _period(trend["disrupted"])
    holds_disrupted = any(first <= other <= last for other in range(quarter * 3, quarter * 3 + 3))
    if not holds_disrupted or first <= month <= last or trend["quarter_split"] == "whole-quarter":
        return quarter
    if trend["quarter_split"] == "previous-year":
        return quarter - 4
    raise NotDeterminable(f"{_quarter_text(quarter)} holds disrupted months and {_month_text(month)} is not one")


def _price(methodology: Mapping[str, Any], month: int) -> int:
    """Öre for a net day, in force on the first day of the month (rules 8, 20)."""
    price: int | None = None
    since: date | None = None
    for step in methodology["price"]["sek"]:
        begins = _day(step["from"])
        if begins <= _first_day(month) and (since is None or begins >= since):
            price, since = _ore(step["amount"]), begins
    if price is None:
        raise NotDeterminable(f"no price of a net day is in force in {_month_text(month)}")
    return price


def _reimbursed(records: Records, contract: str, how: str, month: int, upto: int) -> Fraction:
    """The share of a month's sick pay that the state repaid, on average or at the margin; the last recorded of a month holds."""
    row: Mapping[str, Any] | None = None
    for record in _of(records, f"reimbursements/{contract}", "ReimbursementsReported@1", upto):
        for one in record["data"]["rows"]:
            if _month(one["month"]) == month:
                row = one
    if row is None:
        raise NotDeterminable(f"no reimbursement is recorded for {_month_text(month)}")
    cost = row["sick_pay_cost_ore"]
    if how == "average":
        return Fraction(row["reimbursed_ore"], cost) if cost else Fraction(0)
    if how == "marginal":
        return Fraction(1) if cost > Fraction(row["threshold"]) * row["wage_cost_ore"] else Fraction(0)
    raise NotDeterminable(f"reimbursed = {how} is not known")
