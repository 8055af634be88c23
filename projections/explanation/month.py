"""One month's savings taken apart: expected less actual net days at a price, and each down to its facts (rules 4 to 8)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ledger.contract import Determination
from ledger.disruption import NetOfReimbursement
from ledger.events import AnyMonth, MonthAgreed, MonthDetermined
from ledger.methodology import Methodology
from ledger.money import rounded
from ledger.periods import Month, Period
from projections.explanation.days import actual_days, agreed_window, findings, other_facts, reference_days
from projections.explanation.ground import Ground
from projections.explanation.tree import ABSENT, Node, added, computed, exact
from projections.explanation.trend import factor
from projections.reimbursements import reimbursements
from projections.rules import net_of_reimbursement_1


def savings(ground: Ground, one: Determination, line: AnyMonth) -> Node:
    """The savings of a month of a determination, on the facts that the determination saw; taken apart once in a tree."""
    key = savings_key(one, line.month)
    make = _agreed if isinstance(line, MonthAgreed) else _measured
    return ground.once(key, lambda: make(ground, one, line, key))  # type: ignore[arg-type]


def savings_key(one: Determination, month: Month) -> str:
    """The key of a determined month's savings."""
    return f"D{one.number}.{month}.savings"


def named(ground: Ground, one: Determination, line: AnyMonth, under: str) -> Node:
    """The savings of a month, taken apart elsewhere: ``under`` begins its key."""
    own = savings_key(one, line.month)
    see = own if ground.told(own) else f"{ground.contract}/D{one.number}"
    return Node(f"{under}.{line.month}", f"Savings of {line.month}", line.savings_ore, "SEK", see=see)


def _measured(ground: Ground, one: Determination, line: MonthDetermined, key: str) -> Node:
    method, begins = ground.method(line), key.removesuffix(".savings")
    avoided = _avoided(ground, one, line, begins)
    price = Node(f"{begins}.price", "Price of a net day", line.price_ore, "SEK", clause=_clause(method))
    parts, worth, how = [avoided, price], line.price_ore * Fraction(1), "avoided net days × price"
    if line.reimbursed is not None:
        parts.append(_reimbursed(ground, one, line, begins))
        worth, how = worth * (1 - line.reimbursed), f"{how} × (1 − share borne by the state)"
    given = rounded(exact(avoided) * worth)
    return computed(
        key,
        f"Savings of {line.month}",
        line.savings_ore,
        given,
        parts,
        unit="SEK",
        how=f"{how}, rounded to the öre",
        clause=_clause(method),
        rests_on=(ground.determined(one),),
        notes=tuple(findings(ground, line)),
        folds="month",
    )


def _clause(method: Methodology) -> str:
    return f"methodology {method.name}, version {method.version}"


def _avoided(ground: Ground, one: Determination, line: MonthDetermined, begins: str) -> Node:
    """Expected less actual net days."""
    expected, actual = _expected(ground, one, line, begins), actual_days(ground, one, line, f"{begins}.actual")
    days = line.expected_days - Fraction(line.actual_hundredths, 100)
    window, others = other_facts(ground, one, line)
    return computed(
        f"{begins}.avoided",
        f"Net days avoided in {line.month}",
        days,
        exact(expected) - exact(actual),
        (expected, actual),
        unit="net days",
        how="expected − actual",
        window=window,
        facts=others,
        folds="month",
    )


def _expected(ground: Ground, one: Determination, line: MonthDetermined, begins: str) -> Node:
    """What the month would have had (rule 8)."""
    key = f"{begins}.expected"
    rate = _rate(ground, one, line, f"{key}.rate")
    employees = _employees(ground, one, line, f"{key}.employees")
    weekdays = Node(f"{key}.weekdays", "Mondays to Fridays of the month", line.weekdays, "weekdays", how="the calendar")
    trend = factor(ground, one, line, f"{key}.factor")
    given = line.reference_rate * line.employees * line.month.weekdays * line.trend.factor
    parts = (rate, employees, weekdays, trend)
    how = "reference rate × employees × weekdays × trend factor"
    return computed(key, "Net days expected", line.expected_days, given, parts, unit="net days", how=how)


def _rate(ground: Ground, one: Determination, line: MonthDetermined, key: str) -> Node:
    """Net days per employee and weekday in the reference years (rule 6)."""
    method = ground.method(line)
    days, exposure = reference_days(ground, one, line, key)
    given = exact(days) / exact(exposure) if exposure.value else ABSENT
    years = method.reference_of(line.month)
    return computed(
        key,
        "Reference rate, net days per employee and weekday",
        line.reference_rate,
        given,
        (days, exposure),
        unit="rate",
        how=f"net days ÷ employee weekdays of the same calendar month, {years.first} to {years.last}",
        clause=_clause(method),
        notes=(f"Kept as known at record {ground.locked(one, method)}; facts recorded later change it by agreement alone.",),
    )


def _employees(ground: Ground, one: Determination, line: MonthDetermined, key: str) -> Node:
    """Employees by head on the month's last day (rule 1)."""
    counts = ground.headcounts(line.month, one.basis)
    parts = [Node(f"{key}.{name}", name, employees, "employees") for name, (_, employees) in counts.items()]
    rests = tuple(ground.rests(position, "headcounts") for position in sorted({position for position, _ in counts.values()}))
    what = "Employees by head on the last day of the month"
    return added(key, what, parts, line.employees, unit="employees", rests_on=rests, folds="evidence")


def _reimbursed(ground: Ground, one: Determination, line: MonthDetermined, begins: str) -> Node:
    """The share of the price that the state bore."""
    method, key = ground.method(line), f"{begins}.reimbursed"
    netting = method.netting(line.month)
    assert isinstance(netting, NetOfReimbursement)
    what, row = "Share of the price that the state bore", reimbursements(ground.at(one.basis), ground.contract).get(line.month)
    if row is None:
        return Node(key, what, line.reimbursed, "share", given=ABSENT)
    leaves = (
        Node(f"{key}.repaid", "Repaid by the state", row.reimbursed_ore, "SEK"),
        Node(f"{key}.cost", "Sick-pay cost of the month", row.sick_pay_cost_ore, "SEK"),
        Node(f"{key}.wages", "Wage cost of the month", row.wage_cost_ore, "SEK"),
        Node(f"{key}.threshold", "Threshold, a share of the wage cost", row.threshold, "share"),
    )
    how = {
        "average": "repaid ÷ sick-pay cost",
        "marginal": "all of it where the sick-pay cost lies above the threshold × wage cost, else nothing",
    }[netting.reimbursed]
    given = net_of_reimbursement_1.repaid(row, netting.reimbursed)
    rests = (ground.reimbursement(line.month, one.basis),)
    return computed(key, what, line.reimbursed, given, leaves, unit="share", how=how, clause=_clause(method), rests_on=rests)


def _agreed(ground: Ground, one: Determination, line: MonthAgreed, key: str) -> Node:
    """A month that is not measured: nothing, the mean of others, or what a dispute's resolution says."""
    method = ground.method(line)
    what, rests = f"Savings of {line.month}, not measured", (ground.determined(one),)
    if line.dispute is not None:
        ended = ground.folded.dispute(line.dispute).ended
        decided = {each.month: each.amount_ore for each in ended.says.savings or ()} if ended and ended.says else {}
        how, see = f"as the resolution of X{line.dispute} says", f"{ground.contract}/X{line.dispute}"
        given = decided.get(line.month)  # the resolution is the record after the determination
        return Node(key, what, line.savings_ore, "SEK", how=how, see=see, rests_on=rests, given=given)
    (window, lines), (others, more) = agreed_window(ground, one, line, method), other_facts(ground, one, line)
    about: Mapping[str, Any] = {
        "unit": "SEK",
        "clause": _clause(method),
        "rests_on": rests,
        "window": window + others,
        "facts": (*lines, *more),
    }
    if line.of is None:
        return computed(key, what, line.savings_ore, 0, (), how="nothing, by agreement", **about)
    total, months = _total(ground, one, line.of, key), Node(f"{key}.months", "How many months", len(line.of), "count")
    mean = rounded(exact(total) / len(line.of))
    how = f"the mean of the months {line.of.first} to {line.of.last}, rounded to the öre, by agreement"
    return computed(key, what, line.savings_ore, mean, (total, months), how=how, **about)


def _total(ground: Ground, one: Determination, of: Period, key: str) -> Node:
    """The savings of the months of which a mean is taken, as they stood then."""
    lines = {line.month: (other, line) for other in ground.after[one.number].in_force for line in other.months}

    def make() -> Node:
        months = [savings(ground, *lines[month]) for month in of if month in lines]
        return added(f"{key}.total", f"Savings of {of.first} to {of.last}", months)

    return ground.once(f"D{one.number}.total.{of}", make)
