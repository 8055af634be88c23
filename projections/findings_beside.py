"""What a negotiator must know beside a methodology: whether it treats disrupted days alike on both sides of the comparison, and
what adopting it does to the provider's remuneration. Arithmetic, not a legal opinion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ledger.events import AcceptedFinding, MonthDetermined
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.money import decimals, rounded, shown
from ledger.periods import Month, Period
from ledger.terms import ContractTerms
from projections.replay import Replayer
from projections.rules import national_index_1, per_net_day_1, reference_years_1
from projections.savings import Standing

PANDEMIC = ("covid",)
"""The causes by which the pandemic's days are coded."""

Side = Literal[
    "left out of actual, kept in the trend",
    "kept in actual, left out of the trend",
    "not in actual, but in the index of the quarter",
]


@dataclass(frozen=True)
class Symmetry:
    """Disrupted days on one side of the comparison only. ``size``: öre of savings that come of it, in the months where it can be
    told; None where no such month can be measured yet."""

    side: Side
    months: tuple[Month, ...]
    size: int | None

    @property
    def to_accept(self) -> bool:
        """Whether the methodology's own rules for disrupted months bring it about, so that adopting it takes accepting it."""
        return self.side != "not in actual, but in the index of the quarter"

    @property
    def what(self) -> str:
        """In words."""
        said = f"disrupted days are {self.side}, in {_named(self.months)}"
        return said if self.size is None else f"{said}: {shown(self.size)} SEK of the savings come of that"


@dataclass(frozen=True)
class Procurement:
    """How far a methodology moves the provider's total remuneration from what the one in force gives, in öre, and the agreed
    value of the service. LOU 17:9 speaks of 10 per cent of the contract's value; its other conditions are not judged here."""

    change: int
    remuneration: int
    value: int

    @property
    def share(self) -> Fraction:
        """The change ÷ the value."""
        return Fraction(self.change, self.value)

    @property
    def what(self) -> str:
        """In words."""
        percent = decimals(self.share * 100, 1).replace("-", "−")
        return (
            f"the provider's total remuneration changes by {shown(self.change)} SEK, {percent} % of the service's agreed value "
            f"of {shown(self.value)} SEK, beside the 10 % of LOU 17:9"
        )


def symmetry(replayer: Replayer, methodology: Methodology, months: Iterable[Month]) -> list[Symmetry]:
    """Disrupted days that only one side of the comparison holds, in those months: what is left out of actual is still in the
    index, or the index is freed of it and actual is not; or a quarter's index holds a disrupted month beside others (rule 7)."""
    sides: dict[Side, dict[Month, int | None]] = {}
    for month in months:
        side = _side(methodology, month)
        if side is not None:
            sides.setdefault(side, {})[month] = _size(replayer, methodology, month, side)
    return [
        Symmetry(side, tuple(found), sum(known) if (known := [one for one in found.values() if one is not None]) else None)
        for side, found in sides.items()
        if any(size != 0 for size in found.values())
    ]


def _side(method: Methodology, month: Month) -> Side | None:
    if method.agreed(month) is not None:
        return None
    if not _disrupted(method, month):
        split = any(_disrupted(method, one) for one in month.quarter.months) and method.trend.quarter_split == "whole-quarter"
        return "not in actual, but in the index of the quarter" if split else None
    without = bool(set(method.left_out(month)) & set(PANDEMIC))
    frozen = method.frozen_at(month)
    index_holds = frozen is None or any(_disrupted(method, one) for one in frozen.months)
    if without and index_holds:
        return "left out of actual, kept in the trend"
    if not without and not index_holds:
        return "kept in actual, left out of the trend"
    return None


def _disrupted(method: Methodology, month: Month) -> bool:
    """Whether the parties hold the month for disrupted: the trend says so, its index is not taken, or coded days are left out."""
    said = method.trend.disrupted is not None and month in method.trend.disrupted
    return said or method.frozen_at(month) is not None or bool(method.left_out(month))


def _size(replayer: Replayer, method: Methodology, month: Month, side: Side) -> int | None:
    """Öre of the month's savings that come of it; None where the month cannot be measured yet."""
    if replayer.lacking(method, [month]):
        return None
    on = replayer.standing(method, month)
    line = replayer.lines({month: method})[month]
    assert isinstance(line, MonthDetermined)
    if side == "kept in actual, left out of the trend":
        days = -Fraction(on.now.left_out(month, PANDEMIC), 100)
    else:
        undisturbed = _undisturbed(on, month)
        if undisturbed is None:
            return None
        days = line.expected_days * (1 - undisturbed / line.trend.factor) if line.trend.factor else Fraction(0)
    return per_net_day_1.savings_ore(days * (1 - (line.reimbursed or 0)), line.price_ore)


def _undisturbed(on: Standing, month: Month) -> Fraction | None:
    """The trend factor of the same quarter in the last year before the disruption; None where its index is not on record."""
    method, quarter = on.methodology, month.quarter
    while any(_disrupted(method, one) for one in quarter.months):
        quarter = quarter - 4
    years = method.reference_of(month)
    index = on.index_of(quarter, years)
    if quarter not in index:
        return None
    reference = reference_years_1.months_like(quarter.months.first, years)
    return national_index_1.factor(index[quarter], reference, on.reference_index)


def procurement(terms: ContractTerms, entitled: int, in_force: int) -> Procurement:
    """Arithmetic on the provider's entitlement under a methodology and under the one in force, in öre."""
    return Procurement(entitled - in_force, terms.upfront_agreed + entitled, rounded(terms.service_value))


def beside(facts: Facts, contract_id: str, methodology: Methodology, from_on: date) -> tuple[AcceptedFinding, ...]:
    """The findings that must be accepted by name when a methodology is adopted from a date: those of symmetry, with their size on
    the facts as they stand."""
    replayer = Replayer(facts, contract_id)
    terms = replayer.folded.versions[-1][1]
    first = max(terms.first_month, Month.holding(from_on))
    months = Period(first, terms.last_month) if first <= terms.last_month else ()
    found = [one for one in symmetry(replayer, methodology, months) if one.to_accept]
    if not found:
        return ()
    sizes = [one.size for one in found if one.size is not None]
    return (AcceptedFinding(name="symmetry", what="; ".join(one.what for one in found), size_ore=sum(sizes) if sizes else None),)


def _named(months: tuple[Month, ...]) -> str:
    runs: list[list[Month]] = []
    for month in sorted(months):
        if runs and runs[-1][-1] + 1 == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
