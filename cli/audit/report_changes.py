"""Determinations superseded, corrections, agreements, and disputes: the sixth section of the audit report."""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any

from cli.audit.report_disputes import disputes
from cli.audit.report_table import Brief, Names, Section, Table, cut, documents, number, some
from cli.words import role, roles, told, who
from cli.workbook import Column
from ledger.money import shown
from projections.audit.changes import Accepted, Agreed, Superseded
from projections.audit.records import recorded_on
from projections.audit.report import AuditReport


def changes(report: AuditReport, names: Names) -> Section:
    """What was settled and later changed: why, by whom, and what it did to the money."""
    tables = [_superseded(report, names), disputes(report, names), _corrections(report, names), _agreements(report, names)]
    says = [_sum(report)] if report.superseded else ["No determination was ever superseded."]
    bare = [one for one in report.agreements if not one.record.evidence]
    for what, found in (("dispute", report.disputes), ("correction", report.corrections)):
        says += [f"No {what} is on record."] if not found else []
    if bare:
        which = names.several(one.record.position for one in bare)
        says.append(f"{number(len(bare), 'agreement')} of the parties recorded on no document: {which}.")
    return Section("changes", "What was settled and later changed: why, and by whom?", says, tables)


def _sum(report: AuditReport) -> str:
    found = report.superseded
    savings, entitlement = sum(one.savings for one in found), sum(one.entitlement for one in found)
    above = sum(one.above > 0 for one in found)
    by = some([f"D{one.record.data.number}" for one in found])
    gone = number(sum(len(one.together) for one in found), "determination")
    return (
        f"{gone} superseded, by {by}: savings moved by {shown(savings)} SEK, the entitlement by {shown(entitlement)} SEK; "
        f"{above or 'none'} left more paid than the entitlement."
    )


def _superseded(report: AuditReport, names: Names) -> Table:
    columns = (
        Column("record"),
        Column("determination"),
        Column("supersedes"),
        Column("months"),
        Column("recorded", "date"),
        Column("by"),
        Column("reason"),
        Column("counts"),
        Column("superseded was accepted"),
        Column("accepted"),
        Column("savings", "money"),
        Column("entitlement", "money"),
        Column("paid by then", "money"),
        Column("paid above the new entitlement", "money"),
        Column("claims", "money"),
        Column("payable on", "date"),
        Column("next outcome payment"),
        Column("documents"),
    )
    rows = [_superseded_row(one, names) for one in report.superseded]
    brief = [
        (_title(one) if first else "", what, said)
        for one in report.superseded
        for first, (what, said) in zip(chain([True], repeat(False)), _story(one, names), strict=False)
    ]
    return Table("superseded", "Superseded", columns, rows, Brief(["determination", "asked", "answer"], brief, (), 28))


def _superseded_row(one: Superseded, names: Names) -> tuple[Any, ...]:
    event = one.record.data
    return (
        names.full(one.record.position),
        f"D{event.number}",
        tuple(f"D{each.number}" for each in one.together),
        _months(one),
        recorded_on(one.record),
        who(one.record.recorded_by),
        one.reason,
        names.every(each.position for each in one.on),
        "; ".join(f"D{each.number}: {accepted(was)}" for each, was in zip(one.together, one.was, strict=True)),
        accepted(one.becomes),
        one.savings,
        one.entitlement,
        one.paid,
        one.above,
        one.claim,
        one.payable_on,
        None if one.following is None else names.full(one.following.position),
        documents(one.record),
    )


def _months(one: Superseded) -> str:
    months = one.record.data.months
    return f"{months[0].month}..{months[-1].month}"


def _title(one: Superseded) -> str:
    return f"{one.record.position} D{one.record.data.number} for {', '.join(f'D{each.number}' for each in one.together)}"


def _story(one: Superseded, names: Names) -> list[tuple[str, str]]:
    """One that superseded others, in the order in which an auditor asks."""
    was = "; ".join(f"D{each.number} {accepted(how)}" for each, how in zip(one.together, one.was, strict=True))
    above = f"{shown(one.above)} above the entitlement left" if one.above else "within the entitlement left"
    said = [
        ("why", f"{one.reason} ({_months(one)}, recorded {recorded_on(one.record)} by {who(one.record.recorded_by)})"),
        ("counts", some([f"{each.position} {told(each, number=False)}" for each in one.on], 1) or "no record that was new"),
        ("stood before", was),
        ("agreed", accepted(one.becomes)),
        ("moved", f"savings by {shown(one.savings)} SEK, the entitlement by {shown(one.entitlement)} SEK"),
        ("paid by then", f"{shown(one.paid)} SEK, {above}"),
    ]
    claim = f"claims {shown(one.claim)} SEK" if one.claim >= 0 else f"{shown(-one.claim)} SEK less is payable"
    on = f"from {one.payable_on}" if one.payable_on else "once it is noticed"
    return [*said, ("and so", f"{claim} {on}{_next_paid(one, names)}")]


def _next_paid(one: Superseded, names: Names) -> str:
    """The next outcome payment; one made before less is payable may have been lowered already (rule 15)."""
    if one.following is None:
        return ""
    paid = one.following.data
    said = f"{names.short(one.following.position)} of {paid.on}, {shown(paid.amount_ore)}"
    if one.claim < 0 and (one.payable_on is None or paid.on < one.payable_on):
        return f"; {said}, was {f'already {shown(one.below)} lower' if one.below else 'not lowered yet'}"
    return f"; next paid {said}"


def accepted(one: Accepted) -> str:
    """By whom and when, or by whose silence."""
    by = ", ".join(f"{role(key)} on {on}" for key, on in one.by)
    if one.deemed_on is None:
        return f"accepted by {by} alone" if by else "not accepted yet"
    if not one.silence:
        return f"accepted by {by}" if by else f"decided on {one.deemed_on}"
    return f"accepted by silence on {one.deemed_on}" + (f", and by {by}" if by else "")


def _corrections(report: AuditReport, names: Names) -> Table:
    columns = (
        Column("record"),
        Column("corrects"),
        Column("what"),
        Column("was", "money"),
        Column("was on", "date"),
        Column("becomes", "money"),
        Column("becomes on", "date"),
        Column("reason"),
        Column("by"),
        Column("recorded", "date"),
        Column("documents"),
    )
    rows = [
        (
            names.full(one.position),
            names.full(of.position),
            one.data.entry,
            one.data.was.amount_ore,
            one.data.was.on,
            one.data.becomes.amount_ore if one.data.becomes else None,
            one.data.becomes.on if one.data.becomes else None,
            one.data.reason,
            who(one.recorded_by),
            recorded_on(one),
            documents(one),
        )
        for one, of in report.corrections
    ]
    brief = [
        (one.position, names.short(of.position), told(one), one.recorded_by.name, recorded_on(one))
        for one, of in report.corrections
    ]
    headers = ["record", "corrects", "what", "by", "recorded"]
    return Table("corrections", "Corrections", columns, rows, Brief(headers, brief))


def _agreements(report: AuditReport, names: Names) -> Table:
    columns = (
        Column("record"),
        Column("what"),
        Column("from", "date"),
        Column("agreed by"),
        Column("recorded", "date"),
        Column("by"),
        Column("determined before"),
        Column("determined again by"),
        Column("documents"),
    )
    again = [(_again(one, report), one) for one in report.agreements]
    rows = [
        (
            names.full(one.record.position),
            told(one.record),
            one.from_on,
            roles(one.agreed_by),
            recorded_on(one.record),
            who(one.record.recorded_by),
            tuple(f"D{each}" for each in one.determined_before),
            anew,
            documents(one.record),
        )
        for anew, one in again
    ]
    brief = [
        (
            one.record.position,
            cut(told(one.record), 47),
            recorded_on(one.record),
            _before(one, anew),
            "named" if one.record.evidence else "none",
        )
        for anew, one in again
    ]
    headers = ["record", "agreed", "recorded", "settled before", "document"]
    return Table("agreements", "Agreements", columns, rows, Brief(headers, brief))


def _again(one: Agreed, report: AuditReport) -> tuple[str, ...]:
    found = (report.folded.determination(number).superseded_by for number in one.determined_before)
    return tuple(f"D{number}" for number in dict.fromkeys(found) if number is not None)


def _before(one: Agreed, again: tuple[str, ...]) -> str:
    if not one.determined_before:
        return "—"
    anew = f"now {', '.join(again)}" if again else "not again"
    return f"{', '.join(f'D{number}' for number in one.determined_before)}; {anew}"
