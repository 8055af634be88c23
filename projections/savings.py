"""Measured days × trend × methodology → savings by month, with a trace of every step (rules 4 to 9).

The steps come in one order: number days, leave out, net days, reference, trend, price, window. Exact throughout: days in whole
hundredths, rates and factors as Fractions, rounded once, where money is determined.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ledger.contract import ContractState
from ledger.disruption import Agreed, DeemAverage, ExcludeMonths
from ledger.errors import Refused
from ledger.events import AnyMonth, IndexValue, MonthAgreed, MonthDetermined, TrendUsed
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.money import rounded
from ledger.periods import Month, Period, Quarter
from ledger.terms import ContractTerms
from projections import trend
from projections.measured import Counted, Measured, measured
from projections.month_findings import month_findings
from projections.reimbursements import Reimbursements, reimbursements
from projections.rules import (
    deem_average_1,
    exclude_months_1,
    freeze_trend_1,
    national_index_1,
    net_of_reimbursement_1,
    per_net_day_1,
    rebase_1,
    reference_years_1,
)


@dataclass(frozen=True)
class Standing:
    """A methodology on the facts as they stand: ``locked`` for the reference years, ``now`` for the contract's months,
    ``settled`` the savings of determined months of which an average may be taken."""

    methodology: Methodology
    now: Counted
    locked: Counted
    reference_index: trend.Index
    index: trend.Index
    first_quarter: Quarter
    repaid: Reimbursements
    settled: Mapping[Month, int]

    def index_of(self, quarter: Quarter, years: Period) -> trend.Index:
        """Where a quarter's value is taken from: a reference quarter before the contract keeps its locked one."""
        if quarter < self.first_quarter and any(month.quarter == quarter for month in years):
            return self.reference_index
        return self.index


def standing(
    facts: Facts, locked: Facts, state: ContractState, methodology: Methodology, *, redo: bool, now: Measured | None = None
) -> Standing:
    """A methodology on the facts. Reference rates and reference values are those of ``locked``, the facts when the
    methodology's first month was determined; a redo takes the last recorded trend, else the first (rules 6, 7). ``now``: the
    same source's reports, where they are measured already."""
    measure, contract = methodology.measure, state.signed.id
    now = (now or measured(facts, contract, measure.source)).counting(measure.numbers)
    return Standing(
        methodology=methodology,
        now=now,
        locked=now.at(locked),
        reference_index=trend.first_recorded(locked, methodology.trend),
        index=(trend.last_recorded if redo else trend.first_recorded)(facts, methodology.trend),
        first_quarter=state.signed.first_month.quarter,
        repaid=reimbursements(facts, contract),
        settled=state.averageable,
    )


def determine(on: Mapping[Month, Standing], terms_of: Callable[[Month], ContractTerms]) -> list[AnyMonth]:
    """The months of one determination, in order, each on its own standing and with its trace. Raises Refused, naming everything
    that is missing."""
    period = Period(min(on), max(on))
    together = {month for month in on if on[month].methodology.agreed(month) is None}
    lacking = dict.fromkeys(said for month in on for said in missing(on[month], month, together))
    if lacking:
        raise Refused(
            f"{period} cannot be determined:\n    " + "\n    ".join(lacking),
            where=f"methodology {', '.join(dict.fromkeys(one.methodology.name for one in on.values()))}",
            do=f"see what is in with: soc evidence {terms_of(period.last).id}",
        )
    return in_order(on, on, terms_of)


def in_order(months: Iterable[Month], on: Mapping[Month, Standing], terms_of: Callable[[Month], ContractTerms]) -> list[AnyMonth]:
    """The months, each on its own standing: those that are measured first, because an average may be taken of them."""
    months, lines = list(months), dict[Month, AnyMonth]()
    for month in months:
        if on[month].methodology.agreed(month) is None:
            lines[month] = measured_month(on[month], month, terms_of(month))
    known = {month: line.savings_ore for month, line in lines.items()}
    for month in months:
        rule = on[month].methodology.agreed(month)
        if rule is not None:
            lines[month] = _agreed(on[month], month, rule, {**on[month].settled, **known}, terms_of(month))
    return [lines[month] for month in months]


def missing(on: Standing, month: Month, within: Collection[Month]) -> list[str]:
    """What is missing before a month can be determined, in words; ``within``: months that are measured with it."""
    method = on.methodology
    rule = method.agreed(month)
    if isinstance(rule, DeemAverage):
        lacking = [one for one in rule.of if one not in on.settled and one not in within]
        return [f"{one}: it is not measured by what is agreed for it, and the average of {rule.of} needs it" for one in lacking]
    if rule is not None:
        return []
    like = reference_years_1.months_like(month, method.reference_of(month))
    wanted = [(on.now, month), *((on.locked, one) for one in like)]
    found = [said for measured, one in wanted if (said := measured.incomplete(one)) is not None]
    if all(map(on.locked.has_headcounts, like)) and not any(on.locked.employees(one) for one in like):
        found.append(f"{month}: nobody was employed in its reference months")
    found += missing_trend(on, month)
    if per_net_day_1.price_ore(method.price, month) is None:
        found.append(f"{month}: the methodology has no price so early")
    if method.netting(month) is not None and month not in on.repaid:
        found.append(f"{month}: what the state repaid of sick pay is not recorded; a month without says 0")
    return found


def missing_trend(on: Standing, month: Month) -> list[str]:
    """The index values that the month needs and that are not recorded, in words (rule 7)."""
    method, series = on.methodology, on.methodology.trend.series
    quarter, years = _quarter(method, month), method.reference_of(month)
    if quarter is None:
        return [f"{month}: {month.quarter} holds disrupted months, and the methodology refuses its index"]
    lacking = [] if quarter in on.index_of(quarter, years) else [f"{quarter}: no value of {series} is recorded"]
    for one in _reference(method, month):
        if one.quarter not in on.reference_index:
            lacking.append(f"{one.quarter}: no value of {series} is recorded, and the reference years need it")
    return lacking


def _quarter(method: Methodology, month: Month) -> Quarter | None:
    """The quarter whose index the month takes; None where the methodology refuses it."""
    return method.frozen_at(month) or national_index_1.quarter_for(month, method.trend.disrupted, method.trend.quarter_split)


def _reference(method: Methodology, month: Month) -> list[Month]:
    """The reference months whose quarters the index is compared with."""
    frozen, years = method.frozen_at(month), method.reference_of(month)
    if frozen is not None:
        return freeze_trend_1.reference_months(frozen, years)
    return reference_years_1.months_like(month, years)


def _rate(on: Standing, month: Month) -> Fraction:
    years = on.methodology.reference_of(month)
    kind = reference_years_1 if on.methodology.rule("reference", month) is None else rebase_1
    like = kind.months_like(month, years)
    days, heads = {one: on.locked.hundredths(one) for one in like}, {one: on.locked.employees(one) for one in like}
    rate: Fraction = kind.rate(like, days, heads)
    return rate


def _trend(on: Standing, month: Month) -> TrendUsed:
    method = on.methodology
    quarter = _quarter(method, month)
    assert quarter is not None, "missing has refused it"
    value: IndexValue = on.index_of(quarter, method.reference_of(month))[quarter]
    kind = freeze_trend_1 if method.frozen_at(month) else national_index_1
    return TrendUsed(
        quarter=quarter,
        value=value.value,
        published_on=value.published_on,
        status=value.status,
        factor=kind.factor(value, _reference(method, month), on.reference_index),
    )


def measured_month(on: Standing, month: Month, terms: ContractTerms) -> MonthDetermined:
    """A month as it is measured, step by step; nothing that it needs may be missing."""
    method = on.methodology
    causes, netting = method.left_out(month), method.netting(month)
    left_out = on.now.left_out(month, causes)
    actual = on.now.hundredths(month) - left_out
    rate, used, employees = _rate(on, month), _trend(on, month), on.now.employees(month)
    expected = rate * employees * month.weekdays * used.factor
    price = per_net_day_1.price_ore(method.price, month)
    assert price is not None, "missing has refused a month without a price"
    avoided = expected - Fraction(actual, 100)
    if netting is None:
        repaid, savings = None, per_net_day_1.savings_ore(avoided, price)
    else:
        repaid = net_of_reimbursement_1.repaid(on.repaid[month], netting.reimbursed)
        savings = rounded(net_of_reimbursement_1.worth(avoided, price, repaid))
    return MonthDetermined(
        month=month,
        employees=employees,
        weekdays=month.weekdays,
        reference_rate=rate,
        trend=used,
        expected_days=expected,
        actual_hundredths=actual,
        left_out_hundredths=left_out if causes else None,
        price_ore=price,
        reimbursed=repaid,
        savings_ore=savings,
        terms_sha256=terms.sha256,
        methodology_sha256=method.sha256,
        findings=tuple(month_findings(method, on.now, on.locked, month)),
    )


def _agreed(on: Standing, month: Month, rule: Agreed, known: Mapping[Month, int], terms: ContractTerms) -> MonthAgreed:
    match rule:
        case ExcludeMonths():
            of, savings = None, exclude_months_1.savings_ore()
        case DeemAverage():
            of, savings = rule.of, deem_average_1.savings_ore([known[one] for one in rule.of])
    return MonthAgreed(
        month=month,
        kind=rule.kind,
        of=of,
        savings_ore=savings,
        terms_sha256=terms.sha256,
        methodology_sha256=on.methodology.sha256,
    )
