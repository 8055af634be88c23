"""What a reconciliation answers: as JSON, and as rows of months for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cli import output
from ledger.facts import Facts
from ledger.money import decimals, kronor
from ledger.periods import Month
from projections.audience import Audience
from projections.reconcile import PARTS, MonthReconciled, Part


@dataclass(frozen=True)
class Answer:
    """The months, and what they were compared with. ``missing``: determined months that the file says nothing of; ``given``: the
    months whose cost of a day is not the file's but was given with the question."""

    contract: str
    facts: Facts
    file: str
    sha256: str
    months: tuple[MonthReconciled, ...]
    missing: tuple[Month, ...]
    within: Fraction
    audience: Audience
    given: frozenset[Month]

    def is_withheld(self, one: MonthReconciled) -> bool:
        """Whether the month's parts are not for this reader."""
        return one.is_withheld(self.audience)


COLUMNS = (
    *("month", "determined", "counted_days", "price", "at_price", "cost", "cost_from", "at_cost", "booked", "difference"),
    *(f"{part}.{figure}" for part in PARTS for figure in ("days", "amount")),
    *("explained", "not_explained", "not_explained_share", "within", "withheld", "if_part_time_were_whole", "numbering_known"),
)


def as_json(one: Answer) -> dict[str, Any]:
    """The answer: money in kronor, days with two decimals, shares with four, absent and withheld values null."""
    return {
        "contract": one.contract,
        **output.basis_json(one.facts),
        "currency": one.facts.contract(one.contract).signed.currency,
        "ledger_amounts": {"file": one.file, "sha256": one.sha256},
        "within": decimals(one.within, 4),
        "audience": one.audience,
        "missing_months": [str(month) for month in one.missing],
        "months": [_month(one, month) for month in one.months],
        "total": _total(one),
        "not_within": [str(month.month) for month in one.months if not month.is_within(one.within)],
    }


def _total(one: Answer) -> dict[str, str | None]:
    hidden = any(map(one.is_withheld, one.months))
    sums = {name: sum(getattr(month, name) for month in one.months) for name in ("at_cost", "booked", "difference")}
    parts = {key: sum(getattr(month, name) for month in one.months) for key, name in _EXPLAINED.items()}
    return {
        **{name: kronor(amount) for name, amount in sums.items()},
        **{key: None if hidden else kronor(amount) for key, amount in parts.items()},
    }


_EXPLAINED = {"explained": "explained", "not_explained": "rest"}


def _month(one: Answer, month: MonthReconciled) -> dict[str, Any]:
    hidden = one.is_withheld(month)
    return {
        "month": str(month.month),
        "determined": None if month.determined is None else f"{one.contract}/D{month.determined}",
        "counted_days": decimals(Fraction(month.hundredths, 100), 2),
        "price": None if month.price is None else kronor(month.price),
        "at_price": None if month.at_price is None else kronor(month.at_price),
        "cost": kronor(month.cost),
        "cost_from": "given" if month.month in one.given else "file",
        "at_cost": kronor(month.at_cost),
        "booked": kronor(month.booked),
        "difference": kronor(month.difference),
        "parts": {name: None if hidden else _part(part) for name, part in month.parts.items()},
        "explained": None if hidden else kronor(month.explained),
        "not_explained": None if hidden else kronor(month.rest),
        "not_explained_share": None if hidden or month.share is None else decimals(month.share, 4),
        "within": month.is_within(one.within),
        "withheld": hidden,
        "if_part_time_were_whole": None if hidden else kronor(month.whole.amount),
        "numbering_known": month.numbered,
    }


def _part(part: Part) -> dict[str, Any]:
    return {"days": decimals(Fraction(part.hundredths, 100), 2), "amount": kronor(part.amount), "periods": part.periods or None}


def rows(one: Answer) -> Iterator[dict[str, Any]]:
    """A row for each month."""
    for month in one.months:
        value = _month(one, month)
        parts = value.pop("parts")
        flat = {f"{name}.{key}": figure for name, part in parts.items() if part is not None for key, figure in part.items()}
        yield {**dict.fromkeys(COLUMNS), **value, **flat}
