"""Targets and unpaid outcomes in a controller's words: what each measure is called, what it is in, what a record of them says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from ledger import events as e
from ledger.money import THIN, decimals, rounded, shown

if TYPE_CHECKING:
    from projections.unpaid.warning import Warned

NAMES: Mapping[str, str] = {
    "short-term-days": "Net short-term days per employee",
    "long-term-days": "Long-term leave, net days",
    "long-term-employees": "Long-term leave, employees",
    "risk-group": "Risk group",
    "healthy-workplaces": "Healthy workplaces",
    "engagement": "Employee engagement (HME)",
    "work-capacity": "Work capacity",
    "ohs-preventive": "Occupational health, preventive",
    "ohs-rehabilitative": "Occupational health, rehabilitative",
    "ohs-rehabilitative-share": "Its rehabilitative part",
}
"""What each measure is called. Engagement: sustainable employee engagement; occupational health: what was bought of such
services."""

UNITS = {
    "index-0-100": "index 0–100",
    "score-0-10": "score 0–10",
    "per-cent": "%",
    "sek": "SEK",
    "days-per-100": "per 100 employees",
    "employees-per-100": "per 100 employees",
    "per-cent-employees": "% of employees",
    "per-cent-workplaces": "% of workplaces",
    "per-cent-sek": "% of purchases",
    "days": "days",
}


def told_of_indicators(event: e.IndicatorEvent) -> str:
    """What the record says, for a register."""
    match event:
        case e.IndicatorsReported():
            values = [f"{NAMES[row.indicator]}, {row.period}: {reported_in_unit(row)}" for row in event.rows]
            return f"outcomes not paid by: {_several(values)}"
        case e.TargetsStated():
            return f"targets: {_several([f'{NAMES[row.measure]} {percent(row.change)}, {row.by}' for row in event.rows])}"
        case _:
            assert_never(event)


def _several(said: Sequence[str], most: int = 3) -> str:
    more = f"; and {len(said) - most} more" if len(said) > most else ""
    return "; ".join(said[:most]) + more


def in_unit(value: Fraction, unit: str) -> str:
    """A value with what it is in."""
    return f"{number(value)} {UNITS[unit]}"


def number(value: Fraction) -> str:
    """The value alone with two decimals, thousands in thin spaces."""
    return shown(rounded(value * 100))


def as_reported(value: str, unit: str) -> str:
    """A value as somebody reported it: kronor with their öre, all else with its own decimals; thousands in thin spaces."""
    if unit == "sek":
        return number(Fraction(value))
    whole, point, rest = value.partition(".")
    return f"{int(whole):,}".replace(",", THIN) + point + rest


def reported_in_unit(row: e.IndicatorRow) -> str:
    """A value as reported, with what it is in."""
    return f"{as_reported(row.value, row.unit)} {UNITS[row.unit]}"


def percent(change: Fraction) -> str:
    """A change with its sign, in per cent: ``−12.0 %``."""
    size = decimals(abs(change) * 100, 1)
    sign = "" if size == "0.0" else "−" if change < 0 else "+"
    return f"{sign}{size} %"


def warning_line(one: Warned) -> str:
    """The warning in a sentence, for who reads of what is paid."""
    assert one.paid.adjusted is not None
    worse = "; ".join(f"{NAMES[each.indicator.measure]} {percent(each.indicator.change or Fraction(0))}" for each in one.worse)
    return (
        f"Warning: what is paid by improves ({NAMES['short-term-days']} {percent(one.paid.adjusted)}) while what is not paid by "
        f"gets worse ({worse}): people may be working while they are sick. See: soc indicators."
    )
