"""Who knew what when, of one figure: as JSON, and as rows for CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli import output
from cli.changes import head, plain, record_id, what
from cli.words import told
from ledger.facts import Facts
from ledger.money import kronor
from ledger.record import Recorded
from projections.arrived_withheld import Row, Told
from projections.explanation.arrived import Amounts, Arrived, ByMonth, Moment, total
from projections.explanation.arrived_answer import Answer
from projections.explanation.arrived_figures import Figure
from projections.since import MOVES
from projections.statements.people import FEW

AMOUNTS = ("facts_savings", "facts_entitlement", "recorded_savings", "recorded_entitlement")
COLUMNS = (
    *("part", "id", "record", "recorded_at", "sort", "what", "late", "counted_by", "waits", "told_with"),
    *AMOUNTS,
    *("figure", "before", "after", *MOVES, "rests_on"),
)


def as_json(found: Answer, earlier: Facts, later: Facts, contract_id: str, named: str) -> dict[str, Any]:
    """The answer for a program: money in kronor as text, absent values null."""
    as_of = found.months.as_of if found.months else found.figures[0].as_of
    return {
        "contract": contract_id,
        "target": named,
        "as_of": str(as_of),
        "currency": later.contract(contract_id).signed.currency,
        "then": output.basis_json(earlier),
        "now": output.basis_json(later),
        "months": None if found.months is None or found.told is None else _months_json(found.months, found.told),
        "figures": [_figure_json(one, contract_id) for one in found.figures],
    }


def _months_json(one: Arrived, how: Told) -> dict[str, Any]:
    given, on_record = one.residual
    return {
        "months": [str(month) for month in one.months],
        "audience": how.audience,
        "withheld": FEW if how.withheld else None,
        "few": how.few,
        "then": _moment_json(one.contract, one.then, how),
        "now": _moment_json(one.contract, one.now, how),
        "arrived": [_arrival_json(one.contract, row, how) for row in how.rows],
        "residual": {"by_the_facts": _amounts(given), "on_record": _amounts(on_record)},
    }


def _arrival_json(contract_id: str, row: Row, how: Told) -> dict[str, Any]:
    """Of records told together the last has what all of them move, the others null."""
    one = row.arrival
    return {
        **_head(contract_id, one.record, how),
        "sort": one.sort,
        "late": one.late,
        "counted_by": None if one.counted_by is None else f"{contract_id}/D{one.counted_by}",
        "waits": list(one.waits),
        "told_with": told_with(contract_id, row),
        "by_the_facts": None if row.given is None else {**_amounts(row.given), "by_month": _by_month(row.by_month)},
        "on_record": _summed(one.on_record),
    }


def _moment_json(contract_id: str, one: Moment, how: Told) -> dict[str, Any]:
    return {
        "determinations": [f"{contract_id}/D{found.number}" for found in one.determinations],
        "on_record": _summed(one.on_record),
        "by_the_facts": {**_summed(one.given), **({} if how.by_month else {"by_month": None})},
        "waits": list(one.waits),
        "rests_on": {
            kind.replace(" ", "_"): [_resting(contract_id, record, how) for record in records]
            for kind, records in one.rests_on.items()
        },
        "index_values": [
            {**found.value.model_dump(mode="json"), "record": found.record.position, "reference": found.reference}
            for found in one.index
        ],
        "uncounted": [_resting(contract_id, record, how) for record in one.uncounted],
    }


def said(record: Recorded[Any], how: Told) -> str:
    """The record in a line of words; not how many absences it holds where that is withheld."""
    return f"{told(record, number=False)} ({FEW})" if record.position in how.no_number else what(record)


def told_with(contract_id: str, row: Row) -> list[str] | None:
    """The other records that what this one moves is told with; None where it is told alone."""
    return [record_id(contract_id, one) for one in row.together if one != row.arrival.record] or None


def _summed(months: ByMonth) -> dict[str, Any]:
    return {**_amounts(total(months.values())), "by_month": _by_month(months)}


def _by_month(months: ByMonth | None) -> dict[str, Any] | None:
    return None if months is None else {str(month): _amounts(one) for month, one in months.items()}


def _amounts(one: Amounts) -> dict[str, str]:
    return {"savings": kronor(one.savings), "entitlement": kronor(one.entitlement)}


def _head(contract_id: str, record: Recorded[Any], how: Told) -> dict[str, Any]:
    return {**head(contract_id, record), "what": said(record, how)}


def _resting(contract_id: str, record: Recorded[Any], how: Told) -> dict[str, Any]:
    documents = [{"document": one.document, "sha256": one.sha256} for one in record.evidence]
    return {**_head(contract_id, record, how), "documents": documents}


def _figure_json(one: Figure, contract_id: str) -> dict[str, Any]:
    return {
        "figure": one.figure,
        "before": plain(one.figure, one.before),
        "after": plain(one.figure, one.after),
        "steps": [
            {
                **head(contract_id, step.record),
                "what": what(step.record),
                "before": plain(one.figure, step.before),
                "after": plain(one.figure, step.after),
                "moves": {name: kronor(amount) for name, amount in step.moves.items()},
                "rests_on": [record_id(contract_id, record) for record in step.rests_on],
            }
            for step in one.steps
        ],
        "residual": plain(one.figure, one.residual),
    }


def rows(found: Answer, contract_id: str) -> Iterator[dict[str, Any]]:
    """A row for each moment, each record that arrived, and what is left over; then those of each figure."""
    if found.months is not None and found.told is not None:
        yield from _month_rows(found.months, found.told)
    for figure in found.figures:
        for step in _figure_json(figure, contract_id)["steps"]:
            yield {"part": "figure", "figure": figure.figure, **step, **step["moves"]}


def _month_rows(one: Arrived, how: Told) -> Iterator[dict[str, Any]]:
    yield {"part": "then", **_both(one.then), "waits": "; ".join(one.then.waits)}
    for row in how.rows:
        said = _arrival_json(one.contract, row, how)
        several = {name: "; ".join(said[name] or ()) for name in ("waits", "told_with")}
        yield {"part": "arrived", **said, **several, **_columns(row.given, total(row.arrival.on_record.values()))}
    yield {"part": "now", **_both(one.now), "waits": "; ".join(one.now.waits)}
    yield {"part": "left over", **_columns(*one.residual)}


def _both(one: Moment) -> dict[str, str | None]:
    return _columns(total(one.given.values()), total(one.on_record.values()))


def _columns(given: Amounts | None, on_record: Amounts) -> dict[str, str | None]:
    facts = (None, None) if given is None else map(kronor, given)
    return dict(zip(AMOUNTS, (*facts, *map(kronor, on_record)), strict=True))
