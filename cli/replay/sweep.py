"""``soc replay --sweep``: every methodology over every combination of values, and where the parties' interests cross."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cli.replay import wide as replay_wide
from ledger.methodology import Methodology
from ledger.money import kronor, shown
from projections import sweep
from projections.replays.replay import Replay
from projections.sweep import Course, Figures, Row, Sweep, Target


@dataclass(frozen=True)
class Grid:
    """The rows; ``courses`` only over a single number, and against the entitlement on record, in öre."""

    sweeps: Sequence[Sweep]
    rows: Sequence[Row]
    courses: Sequence[Course]
    recorded: int


def measured(one: Replay, labels: Mapping[str, Methodology], sweeps: Sequence[Sweep]) -> Grid:
    """The grid over the replay's months, with a progress bar on a terminal."""
    variants = sweep.grid(labels, sweeps)
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=len(variants), label="Measuring", file=sys.stderr, hidden=hidden) as bar:
        rows = []
        for row in sweep.rows(one, variants):
            rows.append(row)
            bar.update(1)
    recorded = one.recorded.entitled
    single = len(sweeps) == 1 and sweeps[0].numeric
    return Grid(sweeps, rows, sweep.courses(rows, recorded) if single else (), recorded)


# ── As text ──────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADERS = ("savings", "to the provider", "to the authority", "due then", "overpaid then")
REACHED = ("contract breaks even", "authority breaks even", "provider breaks even", "cap reached")


def as_text(one: Grid) -> list[str]:
    """The table; a row that cannot be measured says why under it."""
    parameters = [each.parameter for each in one.sweeps]
    several = len({row.variant.label for row in one.rows}) > 1
    first = ["methodology", *parameters] if several else parameters
    rows, notes = [], dict[tuple[str, ...], int]()
    for row in one.rows:
        names = [row.variant.label] if several else []
        names += [row.variant.settings[parameter] for parameter in parameters]
        if row.figures is not None:
            rows.append([*names, *_cells(row.figures)])
        else:
            number = notes.setdefault(row.lacking, len(notes) + 1)
            rows.append([*names, f"not measured ({number})", *["–"] * (len(HEADERS) + len(REACHED) - 1)])
    right = [number for number in range(len(first) + len(HEADERS)) if number >= len(first) - one.sweeps[-1].numeric]
    lines = replay_wide.in_blocks([*first, *HEADERS, *REACHED], rows, keep=len(first), right=right)
    for lacking, number in notes.items():
        lines += replay_wide.wrapped(f"({number}) {'; '.join(lacking)}")
    return [*lines, *_crossings(one)]


def _cells(one: Figures) -> list[str]:
    amounts = (one.sum, one.entitled, one.to_authority, one.due, one.overpaid)
    reached = (one.reached_on[target] for target in sweep.TARGETS)
    return [*map(shown, amounts), *("not reached" if day is None else str(day) for day in reached)]


def _crossings(one: Grid) -> Iterator[str]:
    if not one.courses:
        return
    yield from ("", f"Where interests cross, over {one.sweeps[0].parameter}")
    for label in dict.fromkeys(course.label for course in one.courses):
        yield f"  {label}"
        yield from (f"    {_told(course, one.recorded)}" for course in one.courses if course.label == label)


LIES = {-1: "lies below", 0: "is", 1: "lies above"}


def _told(one: Course, recorded: int) -> str:
    if not one.signs:
        return "could not be measured"
    if one.what == "entitlement":
        return _passing(one, f"what is recorded, {shown(recorded)}")
    name = "the cap" if one.what == "cap" else f"the {one.what}'s break-even"
    if not one.changes:
        return f"{name} is {'reached' if one.signs[0][1] else 'not reached'} throughout"
    said = [
        f"reached from {high} on (not at {low})" if after else f"no longer reached from {high} on (still at {low})"
        for low, high, _, after in one.changes
    ]
    return f"{name} is {', '.join(said)}"


def _passing(one: Course, what: str) -> str:
    """Between which values the entitlement passes what is recorded; a value that gives just that is named."""
    if not one.changes:
        return f"to the provider: {LIES[one.signs[0][1]]} {what} throughout"
    said = [f"passes {what}, between {low} and {high}" for low, high, before, after in one.changes if before and after]
    same = [value for value, sign in one.signs if not sign]
    return f"to the provider: {', '.join(said + [f'is {what}, at {value}' for value in same])}"


# ── For programs ─────────────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS = (
    *("savings", "to_provider", "to_authority", "due", "overpaid"),
    *("contract_reached_on", "authority_reached_on", "provider_reached_on", "cap_reached_on", "why"),
)


def as_json(one: Grid) -> dict[str, Any]:
    """The value of ``sweep``."""
    return {
        "parameters": {each.parameter: list(dict.fromkeys(_values(one, each.parameter))) for each in one.sweeps},
        "rows": [
            {
                "methodology": row.variant.label,
                "sha256": row.variant.methodology.sha256,
                "label": "simulation",
                "settings": dict(row.variant.settings),
                **_plain(row),
            }
            for row in one.rows
        ],
        "crossings": [
            {"methodology": course.label, "what": course.what, "between": [low, high], "from": before, "to": after}
            for course in one.courses
            for low, high, before, after in course.changes
        ],
    }


def _values(one: Grid, parameter: str) -> Iterator[str]:
    return (row.variant.settings[parameter] for row in one.rows)


def csv_rows(one: Grid, contract_id: str) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each combination, and the columns."""
    rows = [
        {
            "contract": contract_id,
            "label": "simulation",
            "methodology": row.variant.label,
            "sha256": row.variant.methodology.sha256,
            **row.variant.settings,
            **_plain(row),
        }
        for row in one.rows
    ]
    return rows, ["contract", "label", "methodology", "sha256", *(each.parameter for each in one.sweeps), *COLUMNS]


def _plain(row: Row) -> dict[str, Any]:
    """A row's figures; all null where it could not be measured, and why."""
    figures = row.figures
    if figures is None:
        return {**dict.fromkeys(COLUMNS), "why": "; ".join(row.lacking)}
    return {
        "savings": kronor(figures.sum),
        "to_provider": kronor(figures.entitled),
        "to_authority": kronor(figures.to_authority),
        "due": kronor(figures.due),
        "overpaid": kronor(figures.overpaid),
        **{f"{target}_reached_on": _day(figures, target) for target in sweep.TARGETS},
        "why": None,
    }


def _day(figures: Figures, target: Target) -> str | None:
    day = figures.reached_on[target]
    return None if day is None else str(day)
