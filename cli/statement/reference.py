"""The settlement statement: where each month's reference rate and trend factor come from, so that a reader can compute them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from cli.methodology_words import span
from cli.sections import Section
from cli.statement.words import grouped, named, number
from ledger.events import IndexValue, MonthDetermined, TrendUsed
from ledger.money import decimals, shown
from ledger.periods import Month
from projections.audience import WITHHELD, Audience, is_employer
from projections.statements.reference import Mean, Reference
from projections.statements.statement import Statement

OTHERWISE = "recomputed otherwise: see soc check"


def sources(one: Statement) -> Section | None:
    """The reference years' days, employees and index values behind the measured months; None where there are none."""
    if not one.references:
        return None
    return Section("sources", "Where reference rate and trend factor come from", [*_rates(one), *_factors(one)])


def mean(one: Statement, found: Mean) -> str:
    """How the mean that agreed months count for comes about."""
    said = f"The mean of {span(found.of)}"
    if found.total is None:
        return f"{said}: {OTHERWISE}."
    savings = next(month.savings_ore for month in one.months if month.month in found.months)
    return f"{said}: {shown(found.total)} SEK ÷ {len(found.of)} = {shown(savings)}, rounded to the öre."


def locked(one: Statement) -> str:
    """The records up to which reference values were taken, where they can be recomputed."""
    return ", ".join(map(str, sorted({found.locked_at for found in one.references if found is not None})))


def not_published(one: Statement) -> list[IndexValue]:
    """The reference values that are no published figures, each once, in order of quarter."""
    values = (value for found in one.references if found is not None for value in found.index)
    soft = {value.quarter: value for value in values if value.status != "published"}
    return [soft[quarter] for quarter in sorted(soft)]


def _rates(one: Statement) -> Iterable[tuple[str, str]]:
    for month, found in zip(one.months_measured, one.references, strict=True):
        yield f"Rate, {month.month}", OTHERWISE if found is None else _rate(found)


def _rate(found: Reference) -> str:
    days, exposure = number(found.net_days, 2), grouped(str(found.exposure))
    years = ", ".join(str(one.month.year) for one in found.months)
    return f"{days} net days ÷ {exposure} employee weekdays = {number(found.net_days / found.exposure, 6)}; in {years}"


def _factors(one: Statement) -> Iterable[tuple[str, str]]:
    """Each factor once, with the months that take it where a quarter has several or is held by agreement."""
    taken: dict[tuple[TrendUsed, str, bool], list[Month]] = {}
    for month, found in zip(one.months_measured, one.references, strict=True):
        said = _recorded(month) if found is None else _factor(month, found)
        taken.setdefault((month.trend, said, found is not None and found.held), []).append(month.month)
    quarters = [used.quarter for used, *_ in taken]
    for (used, said, held), months in taken.items():
        if held:
            said += f"; held by agreement for {named(months)}"
        elif quarters.count(used.quarter) > 1:
            said += f"; for {named(months)}"
        yield f"Factor, {used.quarter}", said


def _factor(month: MonthDetermined, found: Reference) -> str:
    index = grouped(month.trend.value)
    mean = ", ".join(grouped(one.value) for one in found.index)
    each = ", ".join(f"{one.quarter} {grouped(one.value)} ({one.status})" for one in found.index)
    told = f"{index} ÷ mean({mean}) = {index} ÷ {number(found.index_mean, 6)} = {number(month.trend.factor, 6)}"
    return f"{told}; {_own(month.trend)}; {each}"


def _recorded(month: MonthDetermined) -> str:
    return f"{number(month.trend.factor, 6)} from {_own(month.trend)}; {OTHERWISE}"


def _own(used: TrendUsed) -> str:
    """The index that a month takes, such as ``2020Q1 3.41 (published 2020-06-06)``."""
    return f"{used.quarter} {grouped(used.value)} ({used.status} {used.published_on})"


def as_json(one: Statement) -> list[dict[str, Any]]:
    """The same for programs: each month's reference months; ``agrees`` false where they give another rate or factor, null for a
    month that is not measured."""
    measured = zip(one.months_measured, one.references, strict=True)
    found = {month.month: _json(month.month, of, one.audience) for month, of in measured}
    return [found.get(month.month, {"month": str(month.month), "agrees": None}) for month in one.months]


def _json(month: Month, found: Reference | None, audience: Audience) -> dict[str, Any]:
    if found is None:
        return {"month": str(month), "agrees": False}
    index = {value.quarter: _value(value) for value in found.index}
    hidden = frozenset() if is_employer(audience) else found.few
    return {
        "month": str(month),
        "agrees": True,
        "known_at_record": found.locked_at,
        "months": [
            {
                "month": str(one.month),
                "net_days": WITHHELD if one.month in hidden else decimals(Fraction(one.hundredths, 100), 2),
                "employees": one.employees,
                "weekdays": one.month.weekdays,
                "trend": index.get(one.month.quarter),
            }
            for one in found.months
        ],
        "net_days": decimals(found.net_days, 2),
        "employee_weekdays": found.exposure,
        "index": [_value(value) for value in found.index],
        "index_mean": str(found.index_mean),
    }


def _value(one: IndexValue) -> dict[str, Any]:
    return {"quarter": str(one.quarter), "value": one.value, "status": one.status, "published_on": str(one.published_on)}
