"""What a negotiator must know beside a methodology: whether it treats disrupted days alike on both sides of the comparison, and
what adopting it does to the provider's remuneration. Arithmetic, not a legal opinion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from ledger.disruption import ExcludeCause, FreezeTrend
from ledger.events import AcceptedFinding, MonthDetermined
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.money import decimals, rounded, shown
from ledger.periods import Month, Period, Quarter
from ledger.terms import ContractTerms
from projections.replays.replay import Replayer
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
    """Disrupted days on one side of the comparison only. ``size``: öre of savings that come of it, in the ``known`` months, those
    that can be measured by now; None where there are none. ``by_rule``: a rule for disrupted months chose the index."""

    side: Side
    months: tuple[Month, ...]
    size: int | None
    known: tuple[Month, ...] = ()
    by_rule: bool = False

    @property
    def to_accept(self) -> bool:
        """Whether the methodology's own rules for disrupted months bring it about, so that adopting it takes accepting it."""
        return self.side != "not in actual, but in the index of the quarter" or self.by_rule

    @property
    def what(self) -> str:
        """In words."""
        said = f"disrupted days are {self.side}, in {_named(self.months)}"
        if self.size is None:
            return said
        part = "" if self.known == self.months else f", in {_named(self.known)} alone, which can be measured by now"
        if self.size < 0:
            return f"{said}: savings are lower by {shown(-self.size)} SEK because of that{part}"
        return f"{said}: {shown(self.size)} SEK of the savings come of that{part}"


@dataclass(frozen=True)
class Procurement:
    """How far a methodology moves the provider's total remuneration from what the contract began with, in öre, and the agreed
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
    disrupted = _disrupted(replayer, methodology)
    for month in months:
        side = _side(methodology, month, disrupted)
        if side is not None:
            sides.setdefault(side, {})[month] = _size(replayer, methodology, month, side, disrupted)
    return [_summed(methodology, side, found) for side, found in sides.items() if any(size != 0 for size in found.values())]


def _summed(method: Methodology, side: Side, sizes: Mapping[Month, int | None]) -> Symmetry:
    known = {month: size for month, size in sizes.items() if size is not None}
    by_rule = any(method.frozen_at(month) is not None for month in sizes)
    return Symmetry(side, tuple(sizes), sum(known.values()) if known else None, tuple(known), by_rule)


@dataclass(frozen=True)
class _Disrupted:
    """Which months the parties hold for disrupted: the methodology says so, or the one that the contract began with."""

    windows: tuple[Period, ...]

    def __contains__(self, month: Month) -> bool:
        return any(month in window for window in self.windows)

    def touches(self, quarter: Quarter) -> bool:
        """Whether a quarter's index measures a disrupted month."""
        return any(month in self for month in quarter.months)


def _disrupted(replayer: Replayer, method: Methodology) -> _Disrupted:
    first = next(iter(replayer.folded.every_methodology.values()), method)
    windows = [one.trend.disrupted for one in (method, first) if one.trend.disrupted is not None]
    ours = [rule.window for rule in method.disruption if isinstance(rule, (FreezeTrend, ExcludeCause))]
    return _Disrupted((*windows, *(() if windows else ours)))


def _side(method: Methodology, month: Month, disrupted: _Disrupted) -> Side | None:
    if method.agreed(month) is not None:
        return None
    quarter = _index_quarter(method, month)
    in_index = quarter is not None and disrupted.touches(quarter)
    left_out = set(method.left_out(month))
    without = bool(left_out & set(PANDEMIC))
    if without and in_index:
        return "left out of actual, kept in the trend"
    if month in disrupted and not without and not in_index:
        return "kept in actual, left out of the trend"
    if left_out - set(PANDEMIC):  # the index always holds them
        return "left out of actual, kept in the trend"
    return "not in actual, but in the index of the quarter" if in_index and month not in disrupted else None


def _index_quarter(method: Methodology, month: Month) -> Quarter | None:
    rule = method.trend
    return method.frozen_at(month) or national_index_1.quarter_for(month, rule.disrupted, rule.quarter_split)


def _size(replayer: Replayer, method: Methodology, month: Month, side: Side, disrupted: _Disrupted) -> int | None:
    """Öre of the month's savings that come of it; None where the month cannot be measured yet."""
    if replayer.lacking(method, [month]):
        return None
    on = replayer.standing(method, month)
    line = replayer.lines({month: method})[month]
    assert isinstance(line, MonthDetermined)
    if side == "kept in actual, left out of the trend":
        days = -Fraction(on.now.left_out(month, PANDEMIC), 100)
    else:
        undisturbed = _undisturbed(on, month, disrupted)
        if undisturbed is None:
            return None
        days = line.expected_days * (1 - undisturbed / line.trend.factor) if line.trend.factor else Fraction(0)
        others = tuple(cause for cause in method.left_out(month) if cause not in PANDEMIC)
        days += Fraction(on.now.left_out(month, others), 100)
    return per_net_day_1.savings_ore(days * (1 - (line.reimbursed or 0)), line.price_ore)


def _undisturbed(on: Standing, month: Month, disrupted: _Disrupted) -> Fraction | None:
    """The trend factor of the same quarter in the last year before the disruption; None where its index is not on record."""
    quarter = month.quarter
    while disrupted.touches(quarter):
        quarter = quarter - 4
    years = on.methodology.reference_of(month)
    index = on.index_of(quarter, years)
    reference = reference_years_1.months_like(month, years)
    if quarter not in index or any(one.quarter not in on.reference_index for one in reference):
        return None
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
