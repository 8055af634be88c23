"""Absences × workforce × trend × methodology → savings by month, with a trace of every step (rules 4 to 8).

Exact throughout: days in whole hundredths, rates and factors as Fractions, rounded once, where money is determined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property

from ledger.errors import Refused
from ledger.events import IndexValue, MonthDetermined, TrendUsed
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.money import decimals
from ledger.periods import Month, Period, Quarter
from ledger.terms import ContractTerms
from projections import trend
from projections.absences import Reports, Spells, in_force, reports
from projections.evidence import Coverage
from projections.rules import national_index_1, per_net_day_1, reference_years_1
from projections.rules.short_term_net_days_1 import NUMBERING_REACH, NetDays, net_days


class Measured:
    """What one source's reports say, as known at one position: net days and headcounts by month. Nothing is read before it is
    asked for; the days alone need the absence reports alone."""

    def __init__(self, facts: Facts, contract: str, source: str) -> None:
        self.facts, self.contract, self.source = facts, contract, source
        self._counted: dict[Month, tuple[int, dict[str, int]]] = {}

    def at(self, facts: Facts) -> Measured:
        """The same as known at an earlier position."""
        if facts.position == self.facts.position:
            return self
        measured = Measured(facts, self.contract, self.source)
        known = sum(record.position <= facts.position for record in self.reported.records)
        measured.reported = self.reported.earlier(known)
        return measured

    @cached_property
    def coverage(self) -> Coverage:
        """Which months the reports are complete for, and who works where."""
        return Coverage(self.facts, self.contract, self.source)

    @cached_property
    def reported(self) -> Reports:
        """The reports' lines."""
        return reports(self.facts, self.contract, self.source)

    @cached_property
    def spells(self) -> Spells:
        """The spells in force."""
        return in_force(self.reported)

    @cached_property
    def days(self) -> NetDays:
        """Net days by month and workplace."""
        return net_days(self.spells)

    def employees(self, month: Month) -> int:
        """Employees by head, all workplaces."""
        return sum(self.coverage.counts.get(month, {}).values())

    def hundredths(self, month: Month) -> int:
        """Net days × 100 at workplaces that had employees that month (rule 1)."""
        return self._hundredths(month)[0]

    def not_counted(self, month: Month) -> dict[str, int]:
        """Net days × 100 at workplaces without employees that month: recorded, not counted."""
        return self._hundredths(month)[1]

    def _hundredths(self, month: Month) -> tuple[int, dict[str, int]]:
        if month not in self._counted:
            counts, days = self.coverage.counts.get(month, {}), self.days.of(month)
            left_out = {name: one for name, one in days.items() if not counts.get(name, 0)}
            self._counted[month] = (sum(days.values()) - sum(left_out.values()), left_out)
        return self._counted[month]

    def incomplete(self, month: Month) -> str | None:
        """What is missing before the month can be determined, in words; None when nothing is (rule 2)."""
        if not self.coverage.counts.get(month):
            return f"{month}: headcounts are missing"
        if unsaid := self.coverage.silent[month]:
            return f"{month}: no headcount for {_named(unsaid)}; a workplace that ends says 0"
        missing = self.coverage.missing(month)
        if missing:
            return f"{month}: no complete absence report for {_named(missing)}"
        return None


@dataclass(frozen=True)
class Standing:
    """A methodology on the facts as they stand: ``locked`` for the reference years, ``now`` for the contract's months."""

    methodology: Methodology
    now: Measured
    locked: Measured
    reference_index: trend.Index
    index: trend.Index
    first_quarter: Quarter

    def index_of(self, quarter: Quarter) -> trend.Index:
        """Where a quarter's value is taken from: a reference quarter before the contract keeps its locked one."""
        reference = self.methodology.reference.months
        if quarter < self.first_quarter and any(month.quarter == quarter for month in reference):
            return self.reference_index
        return self.index


def standing(facts: Facts, locked: Facts, contract: str, methodology: Methodology, *, redo: bool) -> Standing:
    """A methodology on the facts. Reference rates and reference values are those of ``locked``, the facts when the
    methodology's first month was determined; a redo takes the last recorded trend, else the first (rules 6, 7)."""
    source = methodology.measure.source
    now = Measured(facts, contract, source)
    return Standing(
        methodology=methodology,
        now=now,
        locked=now.at(locked),
        reference_index=trend.first_recorded(locked, methodology.trend),
        index=(trend.last_recorded if redo else trend.first_recorded)(facts, methodology.trend),
        first_quarter=facts.contract(contract).signed.first_month.quarter,
    )


def determine(on: Standing, period: Period, terms_of: Callable[[Month], ContractTerms]) -> list[MonthDetermined]:
    """The period's months, each with its trace. Raises Refused, naming everything that is missing."""
    missing = _missing(on, period)
    if missing:
        raise Refused(
            f"{period} cannot be determined:\n    " + "\n    ".join(missing),
            where=f"methodology {on.methodology.name}",
            do=f"see what is in with: soc evidence {terms_of(period.last).id}",
        )
    return [_month(on, month, terms_of(month)) for month in period]


def _missing(on: Standing, period: Period) -> list[str]:
    reference = on.methodology.reference.months
    numbers = {month.number for month in period}
    wanted = [*((on.now, month) for month in period), *((on.locked, month) for month in reference if month.number in numbers)]
    missing = [said for measured, month in wanted if (said := measured.incomplete(month)) is not None]
    for month in period:
        like = reference_years_1.months_like(month, reference)
        if all(on.locked.coverage.counts.get(one) for one in like) and not any(on.locked.employees(one) for one in like):
            missing.append(f"{month}: nobody was employed in its reference months")
        missing += missing_trend(on, month)
        if per_net_day_1.price_ore(on.methodology.price, month) is None:
            missing.append(f"{month}: the methodology has no price so early")
    return list(dict.fromkeys(missing))


def missing_trend(on: Standing, month: Month) -> list[str]:
    """The index values that the month needs and that are not recorded, in words (rule 7)."""
    rule = on.methodology.trend
    quarter = national_index_1.quarter_for(month, rule.disrupted, rule.quarter_split)
    if quarter is None:
        return [f"{month}: {month.quarter} holds disrupted months, and the methodology refuses its index"]
    missing = [] if quarter in on.index_of(quarter) else [f"{quarter}: no value of {rule.series} is recorded"]
    for one in reference_years_1.months_like(month, on.methodology.reference.months):
        if one.quarter not in on.reference_index:
            missing.append(f"{one.quarter}: no value of {rule.series} is recorded, and the reference years need it")
    return missing


def _month(on: Standing, month: Month, terms: ContractTerms) -> MonthDetermined:
    reference = reference_years_1.months_like(month, on.methodology.reference.months)
    rate = reference_years_1.rate(
        reference,
        {one: on.locked.hundredths(one) for one in reference},
        {one: on.locked.employees(one) for one in reference},
    )
    used = _trend(on, month, reference)
    employees, actual = on.now.employees(month), on.now.hundredths(month)
    expected = rate * employees * month.weekdays * used.factor
    price = per_net_day_1.price_ore(on.methodology.price, month)
    assert price is not None, "_missing has refused a month without a price"
    return MonthDetermined(
        month=month,
        employees=employees,
        weekdays=month.weekdays,
        reference_rate=rate,
        trend=used,
        expected_days=expected,
        actual_hundredths=actual,
        price_ore=price,
        savings_ore=per_net_day_1.savings_ore(expected - Fraction(actual, 100), price),
        terms_sha256=terms.sha256,
        methodology_sha256=on.methodology.sha256,
        findings=tuple(_findings(on, month, reference)),
    )


def _trend(on: Standing, month: Month, reference: list[Month]) -> TrendUsed:
    rule = on.methodology.trend
    quarter = national_index_1.quarter_for(month, rule.disrupted, rule.quarter_split)
    assert quarter is not None, "_missing has refused it"
    value: IndexValue = on.index_of(quarter)[quarter]
    return TrendUsed(
        quarter=quarter,
        value=value.value,
        published_on=value.published_on,
        status=value.status,
        factor=national_index_1.factor(value, reference, on.reference_index),
    )


def _findings(on: Standing, month: Month, reference: list[Month]) -> list[str]:
    """What a reader must know beside the month (rules 1, 4, 7)."""
    found = []
    for measured, one in [(on.now, month), *((on.locked, one) for one in reference)]:
        label = "" if one == month else f"reference month {one}: "
        if not _numbering_known(measured, one):
            found.append(
                f"{label}absences of the {NUMBERING_REACH} days before are not complete, so days may be numbered too low"
            )
        for name, days in measured.not_counted(one).items():
            found.append(f"{label}{decimals(Fraction(days, 100), 2)} net days at {name}, which had no employees, are not counted")
        if one == month:
            found += _too_many_absent(measured, one)
    rule = on.methodology.trend
    disrupted = rule.disrupted
    if disrupted is not None and month not in disrupted and any(other in disrupted for other in month.quarter.months):
        found.append(f"the index of {month.quarter} also measures disrupted months ({rule.quarter_split})")
    return found


def _numbering_known(measured: Measured, month: Month) -> bool:
    reach = Period(Month.holding(month.first_day - timedelta(days=NUMBERING_REACH)), month - 1)
    return all(measured.coverage.all_workplaces(one) for one in reach)


def _too_many_absent(measured: Measured, month: Month) -> list[str]:
    from projections.people import distinct_absent

    counts = measured.coverage.counts.get(month, {})
    absent = distinct_absent(measured.spells, month)
    return [
        f"{absent[name]} people were absent from {name}, which had {employees} employees"
        for name, employees in sorted(counts.items())
        if absent.get(name, 0) > employees > 0
    ]


def _named(names: list[str], most: int = 5) -> str:
    said = ", ".join(names[:most])
    return said if len(names) <= most else f"{said} and {len(names) - most} more workplaces"
