"""A second opinion on programmes, from decoded bodies in order of position. It shares no code with the ledger.

Months are counted from year 0, money is whole öre, shares are exact fractions. Every month's end is worked out anew.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

Record = Mapping[str, Any]


class Reached(NamedTuple):
    """Whether a target is attained, since which day and when it was lost; what is missing."""

    target: int
    reached: bool
    reached_on: date | None
    lost_on: date | None
    missing: int


class Whole(NamedTuple):
    """Figures of the whole, in öre."""

    contracts: tuple[str, ...]
    investment: int
    savings: int
    entitled: int
    break_even: Reached
    cap: Reached
    forecast: Fraction | None


def whole(records: Sequence[Record], programme: str, as_of: date, position: int) -> Whole | None:
    """The programme on a day, as the record stood at a position; None where it holds nothing then."""
    known = [one for one in records if one["position"] <= position]
    contracts = members(known, programme, as_of)
    if not contracts:
        return None
    now = _index(as_of)
    first = min(_index(date.fromisoformat(_signed(known, one)["measured_from"])) for one in contracts)
    ends = [(month, [_at(known, one, month, as_of) for one in contracts]) for month in range(first, now + 1)]
    today = [_at(known, one, now, as_of) for one in contracts]
    return Whole(
        contracts=contracts,
        investment=sum(one.investment for one in today),
        savings=sum(one.savings for one in today),
        entitled=sum(one.entitled for one in today),
        break_even=_reached(ends, today, "savings", "investment"),
        cap=_reached(ends, today, "towards_cap", "maximum"),
        forecast=_forecast(known, contracts, as_of),
    )


def members(records: Sequence[Record], programme: str, as_of: date) -> tuple[str, ...]:
    """The contracts that it holds on a day."""
    held: list[str] = []
    for record in records:
        data = record["data"]
        if record["stream"] != f"programme/{programme}" or date.fromisoformat(data["from_on"]) > as_of:
            continue
        if record["type"] == "ProgrammeFormed@1":
            held = list(data["contracts"])
        else:
            held = [one for one in held if one not in data["leaves"]] + list(data["joins"])
    return tuple(held)


class _Part(NamedTuple):
    savings: int
    entitled: int
    investment: int
    maximum: int

    @property
    def towards_cap(self) -> int:
        """What is entitled, as far as the contract's own maximum."""
        return min(self.entitled, self.maximum)


def _at(records: Sequence[Record], contract: str, month: int, as_of: date) -> _Part:
    """A contract at a month's end, by the terms of that month, or of its first where that is later."""
    total, entitled = 0, 0
    for determined, amount in sorted(_savings(records, contract).items()):
        if determined <= month and _last(determined) <= as_of:
            total += amount
            entitled = _entitled(_terms(records, contract, determined), total)
    terms = _terms(records, contract, month)
    return _Part(total, entitled, _ore(terms["investment"]["total"]), _ore(terms["outcome"]["maximum_payment"]))


def _entitled(terms: Record, savings: int) -> int:
    outcome, investment = terms["outcome"], _ore(terms["investment"]["total"])
    ceiling = Fraction(outcome["ceiling"]) * investment
    exact = Fraction(outcome["provider_share"]) * max(Fraction(0), min(Fraction(savings), ceiling))
    return min(_ore(outcome["maximum_payment"]), (2 * exact.numerator + exact.denominator) // (2 * exact.denominator))


def _reached(ends: Sequence[tuple[int, Sequence[_Part]]], today: Sequence[_Part], amount: str, target: str) -> Reached:
    """At each month's end the sum of amounts against the sum of targets; what is missing is of today's."""

    def total(parts: Sequence[_Part], figure: str) -> int:
        return sum(getattr(one, figure) for one in parts)

    held = [total(each, amount) >= total(each, target) for _, each in ends]
    reached_on = lost_on = None
    for number, (month, _) in enumerate(ends):
        before = number > 0 and held[number - 1]
        if held[number] and not before:
            reached_on, lost_on = _last(month), None
        if before and not held[number]:
            lost_on = _last(month)
    missing = max(0, total(today, target) - total(today, amount))
    return Reached(total(today, target), bool(held) and held[-1], reached_on, lost_on, missing)


def _forecast(records: Sequence[Record], contracts: Sequence[str], as_of: date) -> Fraction | None:
    """Each contract's savings over its determined months, times its months; together, of the investments."""
    savings, investment = Fraction(0), 0
    for contract in contracts:
        found = {month: amount for month, amount in _savings(records, contract).items() if _last(month) <= as_of}
        terms = _terms(records, contract, _index(as_of))
        if not found:
            return None
        savings += Fraction(sum(found.values()) * terms["months"], len(found))
        investment += _ore(terms["investment"]["total"])
    return savings / investment


def _savings(records: Sequence[Record], contract: str) -> dict[int, int]:
    """By month, of the determinations in force: a later one takes the place of those that it names."""
    standing: dict[int, dict[int, int]] = {}
    for record in records:
        if record["stream"] == f"contract/{contract}" and record["type"].startswith("SavingsDetermined@"):
            for number in record["data"]["supersedes"]:
                standing.pop(number)
            months = record["data"]["months"]
            standing[record["data"]["number"]] = {_month(one["month"]): one["savings_ore"] for one in months}
    return {month: amount for found in standing.values() for month, amount in found.items()}


def _signed(records: Sequence[Record], contract: str) -> Any:
    return next(one["data"]["terms"] for one in records if (one["stream"], one["version"]) == (f"contract/{contract}", 1))


def _terms(records: Sequence[Record], contract: str, month: int) -> Any:
    terms = _signed(records, contract)
    for record in records:
        if record["stream"] == f"contract/{contract}" and record["type"] == "ContractAmended@1":
            terms = record["data"]["terms"] if _month(record["data"]["from_month"]) <= month else terms
    return terms


def _month(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


def _last(month: int) -> date:
    year, number = divmod(month, 12)
    return date(year, number + 1, monthrange(year, number + 1)[1])


def _ore(text: str) -> int:
    return int(Fraction(text) * 100)
