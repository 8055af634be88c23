"""The savings of months: measured, left out or taken as the mean of others, as is agreed (rules 1 to 9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cli.verifier.calendar import _month, _month_text, _period, _weekdays, rounded
from cli.verifier.counting import _counted
from cli.verifier.facts import (
    RESOLVED,
    Lines,
    Memo,
    NotDeterminable,
    Records,
    UnknownRule,
    _contract_months,
    _is_suspended,
    _methodology,
    _rules,
    _terms,
    unknown_kinds,
)
from cli.verifier.sharing import _months_in_force
from cli.verifier.values import _locked_at, _months_like, _price, _reference_years, _reimbursed, _trend


def determine(
    records: Records, lines: Lines, contract: str, months: Iterable[str], basis: int, *, redo: bool
) -> dict[str, dict[str, Any]]:
    """The savings of the months of one determination on the facts up to position ``basis`` (rules 1 to 9).
    Raises NotDeterminable.

    Beside the figures a month says what they rest on: ``trend`` (the index value) and ``methodology_sha256``. One that is not
    measured says by which ``kind`` of rule, and ``of`` which months it takes the average.
    """
    found = _together(records, lines, contract, [_month(month) for month in months], basis, {}, redo=redo)
    for figures in found.values():
        if isinstance(figures, NotDeterminable):
            raise figures
    return {_month_text(month): figures for month, figures in found.items() if not isinstance(figures, NotDeterminable)}


class _Way(NamedTuple):
    """How a month is measured: under which terms, by which methodology, with reference values of which position (rules 6, 7),
    and whether it is determined anew."""

    terms: Mapping[str, Any]
    methodology: Mapping[str, Any]
    sha256: str
    locked: int
    redo: bool


def _together(
    records: Records, lines: Lines, contract: str, months: list[int], basis: int, memo: Memo, *, redo: bool
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """Each month of one determination: its figures, or why it cannot be determined."""
    ways: dict[int, _Way | NotDeterminable] = {}
    for month in months:
        try:
            terms, methodology, sha256 = _agreed(records, contract, month, basis)
            ways[month] = _Way(terms, methodology, sha256, _locked_at(records, contract, sha256, basis), redo)
        except NotDeterminable as error:
            ways[month] = error
    return _figures(records, lines, contract, ways, basis, memo)


def _figures(
    records: Records, lines: Lines, contract: str, ways: Mapping[int, _Way | NotDeterminable], basis: int, memo: Memo
) -> dict[int, dict[str, Any] | NotDeterminable]:
    """Each month in its way: its figures, or why it cannot be determined."""
    found: dict[int, dict[str, Any] | NotDeterminable] = {}
    averages: dict[int, dict[str, Any]] = {}
    for month, way in ways.items():
        try:
            if isinstance(way, NotDeterminable):
                raise way
            if unknown := unknown_kinds(way.methodology):
                raise UnknownRule(f"the rule kind {', '.join(unknown)} is not known")
            rule = _rules(way.methodology, month).get("window")
            if rule is None:
                found[month] = _measured(records, lines, contract, way, month, basis, memo)
                continue
            figures = {"kind": rule["kind"], "of": rule.get("of"), "savings_ore": 0, "methodology_sha256": way.sha256}
            if rule["kind"] == "exclude-months@1":
                found[month] = figures
            else:
                averages[month] = figures
        except NotDeterminable as error:
            found[month] = error
    settled = {}
    for month, recorded in _months_in_force(records, contract, basis).items():
        adopted = _methodology(records, contract, month, basis)
        measured_as_agreed = "kind" not in recorded and adopted is not None and adopted[1] == recorded["methodology_sha256"]
        if month not in ways and (measured_as_agreed or recorded.get("kind") == RESOLVED):
            settled[month] = recorded["savings_ore"]
    _average(averages, found, settled)
    return {month: found[month] for month in ways}


def _average(
    averages: dict[int, dict[str, Any]], found: dict[int, dict[str, Any] | NotDeterminable], settled: Mapping[int, int]
) -> None:
    """Find what the months in ``averages`` count for: the mean monthly savings of others, which are measured in the same
    determination, or else settled by one in force that measured them by what is agreed for them; half away from zero."""
    measured = {month: one["savings_ore"] for month, one in found.items() if isinstance(one, dict) and "kind" not in one}
    known = {**settled, **measured}
    for month, figures in averages.items():
        first, last = _period(figures["of"])
        if all(other in known for other in range(first, last + 1)):
            total = sum(known[other] for other in range(first, last + 1))
            found[month] = {**figures, "savings_ore": rounded(Fraction(total, last - first + 1))}
        elif any(isinstance(found.get(other), UnknownRule) for other in range(first, last + 1)):
            found[month] = UnknownRule(f"{_month_text(month)} is the mean of months that are measured by a rule kind not known")
        else:
            found[month] = NotDeterminable(
                f"{_month_text(month)} is the mean of {figures['of']}, not all of it measured as agreed"
            )


def _agreed(records: Records, contract: str, month: int, basis: int) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """The terms, the methodology and its hash under which a month is determined. Raises NotDeterminable where it is not."""
    name = _month_text(month)
    terms = _terms(records, contract, month, basis)
    if terms is None:
        raise NotDeterminable(f"{contract} is not signed")
    if month not in _contract_months(terms):
        raise NotDeterminable(f"{name} is not a month of the contract")
    if _is_suspended(records, contract, month, basis):
        raise NotDeterminable(f"follow-up of {name} is suspended")
    adopted = _methodology(records, contract, month, basis)
    if adopted is None:
        raise NotDeterminable(f"no methodology is in force in {name}")
    return terms, *adopted


def _measured(records: Records, lines: Lines, contract: str, way: _Way, month: int, basis: int, memo: Memo) -> dict[str, Any]:
    """A month's figures. The steps: number days, leave out, net days, reference, trend, price (rules 4 to 8)."""
    terms, methodology, sha256, locked, redo = way
    rules = _rules(methodology, month)

    employees, actual_hundredths = _counted(records, lines, contract, methodology, month, basis, memo)
    left_out_hundredths: int | None = None
    if "leave out" in rules:
        causes = rules["leave out"]["causes"]
        left_out_hundredths = _counted(records, lines, contract, methodology, month, basis, memo, causes)[1]
        actual_hundredths -= left_out_hundredths

    rate = _reference_rate(records, lines, contract, methodology, month, locked, memo)
    used, factor = _trend(records, methodology, terms, month, basis, locked, redo=redo)
    expected = rate * employees * _weekdays(month) * factor
    avoided = expected - Fraction(actual_hundredths, 100)
    price_ore = _price(methodology, month)
    reimbursed: Fraction | None = None
    if "price" in rules:
        reimbursed = _reimbursed(records, contract, rules["price"]["reimbursed"], month, basis)
    return {
        "employees": employees,
        "weekdays": _weekdays(month),
        "reference_rate": rate,
        "factor": factor,
        "expected": expected,
        "actual_hundredths": actual_hundredths,
        "left_out_hundredths": left_out_hundredths,
        "price_ore": price_ore,
        "reimbursed": reimbursed,
        "savings_ore": rounded(avoided * price_ore * (1 - (reimbursed or 0))),
        "trend": {name: used[name] for name in ("quarter", "value", "published_on", "status")},
        "methodology_sha256": sha256,
    }


def _reference_rate(
    records: Records, lines: Lines, contract: str, methodology: Mapping[str, Any], month: int, locked: int, memo: Memo
) -> Fraction:
    """Net days per employee and weekday in the months of the reference years with the same name: a ratio of sums (rule 6)."""
    total_hundredths = 0
    capacity = 0
    for other in _months_like(month, _reference_years(methodology, month)):
        heads, hundredths = _counted(records, lines, contract, methodology, other, locked, memo)
        total_hundredths += hundredths
        capacity += heads * _weekdays(other)
    if capacity == 0:
        raise NotDeterminable(f"nobody was employed in the reference months of {_month_text(month)}")
    return Fraction(total_hundredths, 100 * capacity)
