"""The dossier for programs: money in kronor as text, each row as the page shows it."""

from __future__ import annotations

from typing import Any

from cli import output
from cli.dispute_view import whole_json
from cli.dossier.positions import compared
from cli.dossier.record import documents_of, held_rows
from cli.dossier.trees import Trees
from cli.explain.arrived_as_json import said
from cli.explain.as_json import tree
from cli.words import told, who
from ledger.money import kronor
from ledger.periods import instant_text
from ledger.record import Recorded
from projections.arrived_withheld import Row, Told
from projections.dossier import Dossier, Side
from projections.explanation.arrived import Amounts, total
from projections.statements.people import FEW


def as_json(one: Dossier, trees: Trees) -> dict[str, Any]:
    """All that the page says; the explanations as ``soc explain`` gives them."""
    return {
        "contract": one.contract,
        "as_of": str(one.when.as_of),
        **output.basis_json(one.facts),
        "currency": one.state.terms.currency,
        "audience": "all parties alike: the narrowest",
        "parties": dict(one.state.terms.parties),
        "dispute": whole_json(one.facts, one.contract, one.dispute, one.state),
        "positions": [_side(one, side) for side in one.sides],
        "held": [{"on": str(day), "held": kronor(held), "claimed_above": kronor(above)} for day, held, above in held_rows(one)],
        "alternatives": [
            {"name": each.name, **_amounts(each.amounts), "why_not": each.why_not or None} for each in one.alternatives
        ],
        "timeline": [_record(record) for record in one.timeline],
        "decisions": [
            {**_record(each.record), "off": _amounts(each.off), "arrived": [record.position for record in each.arrived]}
            for each in one.decisions
        ],
        "withheld": FEW if one.withheld else None,
        "arrived": [] if one.told is None else [_arrived(one, row, one.told) for row in one.told.rows],
        "documents": documents_of(one),
        "explanations": [{"what": title, "proof": proof, "explanation": tree(node)} for title, node, proof in trees],
    }


def _amounts(amounts: Amounts | None) -> dict[str, str | None]:
    if amounts is None:
        return {"savings": None, "entitlement": None}
    return {"savings": kronor(amounts.savings), "entitlement": kronor(amounts.entitlement)}


def _side(one: Dossier, side: Side) -> dict[str, Any]:
    value: dict[str, Any] = {"by": side.role or "determined"}
    if one.disputed is None:
        amount = one.dispute.raised.was_ore if side.position is None else side.position.total
        return value | {"amount": kronor(amount)}
    found, causes = compared(side), None
    if found is not None:
        causes = [
            {"cause": name, "savings": kronor(moved.savings), "entitlement": kronor(moved.to_provider)}
            for name, moved in found.causes.items()
        ]
    return value | {
        "savings": kronor(side.total),
        "by_month": [{"month": str(month), "savings": kronor(amount)} for month, amount in side.savings.items()],
        "sum_of_all_months": kronor(side.path[-1].savings),
        "entitlement_in_all": kronor(side.entitled),
        "causes": causes,
        "residual": None if side.causes is None else [str(left) for left in side.causes.residual],
    }


def _arrived(one: Dossier, row: Row, how: Told) -> dict[str, Any]:
    """Of records told together the last has what all of them move, the others null."""
    each = row.arrival
    return {
        **_record(each.record),
        "says": said(each.record, how),
        "told_with": [record.position for record in row.together if record != each.record] or None,
        "by_the_facts": _amounts(row.given),
        "on_record": _amounts(total(each.on_record.values())),
        "counted_by": None if each.counted_by is None else f"{one.contract}/D{each.counted_by}",
    }


def _record(record: Recorded[Any]) -> dict[str, Any]:
    return {
        "record": record.position,
        "type": record.type,
        "recorded_at": instant_text(record.recorded_at),
        "about": str(getattr(record.data, "on", record.effective_on)),
        "recorded_by": who(record.recorded_by),
        "says": told(record),
    }
