"""Disputes, in the sixth section of the audit report: about what, what they held, and how they ended."""

from __future__ import annotations

from typing import Any

from cli.audit.report_table import Brief, Names, Table
from cli.words import role, roles
from cli.workbook import Column
from ledger.money import shown
from projections.audit.changes import Disputed
from projections.audit.report import AuditReport


def disputes(report: AuditReport, names: Names) -> Table:
    """A row a dispute."""
    columns = (
        Column("record"),
        Column("dispute"),
        Column("about"),
        Column("raised by"),
        Column("on", "date"),
        Column("disputed", "money"),
        Column("its position", "money"),
        Column("amounts are"),
        Column("held of what was payable", "money"),
        Column("held from", "date"),
        Column("held until", "date"),
        Column("grounds"),
        Column("ended"),
        Column("ended on", "date"),
        Column("ended by"),
        Column("reason"),
        Column("moves the claim by", "money"),
        Column("ended by record"),
    )
    rows = [_disputed_row(one, names) for one in report.disputes]
    brief = [
        (
            names.short(one.raised.position),
            f"{_about(one)}, {_amounts(one)} {shown(one.raised.data.was_ore)}",
            f"{role(one.raised.data.by)}: {shown(one.raised.data.position.total)}",
            f"held {_held(one)}; {_ended(one)}",
            "—" if one.claim is None else shown(one.claim),
        )
        for one in report.disputes
    ]
    headers = ["dispute", "about", "raised by", "ended", "claim moved"]
    return Table("disputes", "Disputes", columns, rows, Brief(headers, brief, (4,)))


def _disputed_row(one: Disputed, names: Names) -> tuple[Any, ...]:
    raised, ended = one.raised.data, one.dispute.ended
    return (
        names.full(one.raised.position),
        one.dispute.name,
        _about(one),
        role(raised.by),
        raised.on,
        raised.was_ore,
        raised.position.total,
        _amounts(one),
        one.held.ore if one.held else None,
        one.held.since if one.held else None,
        one.held.until if one.held else None,
        raised.grounds,
        one.dispute.status,
        ended.on if ended else None,
        _by(one),
        ended.reason if ended else None,
        one.claim,
        None if one.ended is None else names.full(one.ended.position),
    )


def _about(one: Disputed) -> str:
    raised = one.raised.data
    return f"D{raised.determination}" if raised.determination is not None else f"P{raised.payment}"


def _amounts(one: Disputed) -> str:
    """What the amounts of a dispute are: savings of a determination's months, or a payment."""
    return "savings" if one.raised.data.determination is not None else "payment"


def _held(one: Disputed) -> str:
    if one.held is None:
        return "nothing"
    return f"{shown(one.held.ore)} SEK from {one.held.since}{f' to {one.held.until}' if one.held.until else ''}"


def _by(one: Disputed) -> str | None:
    ended = one.dispute.ended
    if ended is None:
        return None
    return ended.decided_by or (f"agreement of {roles(ended.agreed_by)}" if ended.agreed_by else None)


def _ended(one: Disputed) -> str:
    ended = one.dispute.ended
    if ended is None:
        return "open"
    return f"{ended.how} on {ended.on}" + (f" by {by}" if (by := _by(one)) else "") + f": {ended.reason}"
