"""A year-end as JSON, and as rows of figures for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli import output
from cli.changes import head, what
from ledger.facts import Facts
from ledger.money import kronor
from projections.since import MOVES
from projections.year_end import FIGURES, Standing, YearEnd

COLUMNS = ("part", "key", "then", "now", "difference")
BOOKED = ("own", "own_after", "about_the_year", "first", "again", "in_the_year")
"""The parts of ``Booked``, in the order in which they are told."""

PARTS = ("opening", "earlier", "own", "closing")
MONTHS = ("undetermined", "suspended")

Told = dict[str, str | None]


def as_json(one: YearEnd, then: Facts | None, now: Facts) -> dict[str, Any]:
    """The answer: each figure then, now, and by how much it differs; money in kronor, absent values null."""
    told = _told(one)
    return {
        "contract": one.contract,
        "year": one.year,
        "as_of": str(one.now.state.when.as_of),
        **output.basis_json(now),
        "then": None if then is None else _basis(then),
        "opening": None if one.opening is None else _basis(one.opening),
        "currency": one.now.state.terms.currency,
        "figures": {name: told["figures", name] for name in FIGURES},
        "movements": {name: {part: told["movements", f"{name}.{part}"] for part in PARTS} for name in MOVES},
        "entitlement_booked": {name: told["entitlement_booked", name] for name in BOOKED},
        "months": {name: {"then": _months(one.then, name), "now": _months(one.now, name)} for name in MONTHS},
        "unsettled_facts": {
            "then": None if one.then is None else one.then.state.unsettled_facts,
            "now": one.now.state.unsettled_facts,
        },
        "causes": [
            {
                **head(one.contract, cause.record),
                "what": what(cause.record),
                "moves": {name: kronor(amount) for name, amount in cause.moves.items()},
            }
            for cause in one.causes
        ],
    }


def rows(one: YearEnd) -> Iterator[dict[str, Any]]:
    """A row for each figure, movement and part of the entitlement, then the months without a figure."""
    for (part, key), found in _told(one).items():
        yield {"part": part, "key": key, **found}
    for name in MONTHS:
        yield {"part": "months", "key": name, "then": _months(one.then, name), "now": _months(one.now, name), "difference": None}


def _basis(facts: Facts) -> dict[str, Any]:
    return {key: value for key, value in output.basis_json(facts).items() if key != "label"}


def _amounts(one: Standing) -> dict[tuple[str, str], int]:
    """Every amount in öre by its part and key."""
    moved = ((name, part, getattr(one.movements[name], part)) for name in MOVES for part in PARTS)
    return {
        **{("figures", name): one.figures[name] for name in FIGURES},
        **{("movements", f"{name}.{part}"): amount for name, part, amount in moved},
        **{("entitlement_booked", name): getattr(one.booked, name) for name in BOOKED},
    }


def _told(one: YearEnd) -> dict[tuple[str, str], Told]:
    before = None if one.then is None else _amounts(one.then)
    return {key: _three(None if before is None else before[key], now) for key, now in _amounts(one.now).items()}


def _three(then: int | None, now: int) -> Told:
    if then is None:
        return {"then": None, "now": kronor(now), "difference": None}
    return {"then": kronor(then), "now": kronor(now), "difference": kronor(now - then)}


def _months(one: Standing | None, name: str) -> list[str] | None:
    return None if one is None else [str(month) for month in getattr(one.state, name)]
