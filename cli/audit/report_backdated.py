"""What was recorded long after its day, and what that did to the time to object: the second section of the audit report."""

from __future__ import annotations

from datetime import date
from typing import Any

from cli.audit.report_table import Brief, Names, Section, Table, cut, documents, grouped, number
from cli.words import role, told, who
from cli.workbook import Column
from ledger.money import shown
from projections.audit.backdated import Backdated, Told, Why, hurried
from projections.audit.report import AuditReport

GROUPS = {
    "evidence": "reports, headcounts, reimbursements or trend values of months or quarters that had ended",
    "determination": "determinations",
}
"""What is late by its nature, and stands in a line in the text."""

WHY: dict[Why, str] = {
    "trend published later": "whose trend was published later",
    "follow-up was suspended": "of months that ended while follow-up was suspended",
    "determined again": "in the place of others",
    "no reason on record": "for no reason on record",
}


def backdated(report: AuditReport, names: Names) -> Section:
    """Records of long after what they are about, and notices that left little time to object."""
    found, late = report.backdated, hurried(report.notices, report.days)
    acts = [one for one in found if one.sort not in GROUPS]
    after = [one for one in report.notices if one.late > 0]
    says = [
        f"{number(len(acts), 'act or agreement', 'acts and agreements')} recorded more than {report.days} days after "
        f"the day that each is about{f', by up to {max(one.days for one in acts)} days' if acts else ''}."
    ]
    for sort, several in grouped((one for one in found if one.sort in GROUPS), lambda one: one.sort).items():
        least, most = min(one.days for one in several), max(one.days for one in several)
        whys = grouped(several, lambda one: one.why)
        parts = ", ".join(f"{len(whys[why])} {said}" for why, said in WHY.items() if why in whys)
        says.append(f"Also {len(several)} {GROUPS[sort]}, by {least} to {most} days{f': {parts}' if parts else ''}.")
    noticed = number(len(after), "notice")
    says.append(
        f"{noticed[0].upper()}{noticed[1:]} of {len(report.notices)} recorded after the day of the notice"
        + (f"; the shortest time left to object was {min(one.left for one in after)} days." if after else ".")
    )
    return Section(
        "backdated",
        "Dated back: what was recorded long after its day?",
        says,
        [_late(found, names), _notices(report, late, names)],
    )


LATE = (
    Column("record"),
    Column("sort"),
    Column("what"),
    Column("by"),
    Column("role"),
    Column("about", "date"),
    Column("recorded", "date"),
    Column("days", "number"),
    Column("why"),
    Column("documents"),
)


def _late(found: tuple[Backdated, ...], names: Names) -> Table:
    rows = [
        (
            names.full(one.record.position),
            one.sort,
            told(one.record, number=False),
            one.record.recorded_by.name,
            role(one.record.recorded_by.role),
            one.dated,
            one.recorded_on,
            one.days,
            one.why,
            documents(one.record),
        )
        for one in found
    ]
    brief = [
        (
            names.short(one.record.position),
            cut(told(one.record, number=False), 36),
            one.record.recorded_by.name,
            one.dated,
            one.recorded_on,
            one.days,
            "named" if one.record.evidence else "none",
        )
        for one in found
        if one.sort not in GROUPS
    ]
    headers = ["record", "what", "by", "about", "recorded", "days", "document"]
    return Table("records", "Dated back", LATE, rows, Brief(headers, brief, (5,)))


NOTICES = (
    Column("record"),
    Column("determination"),
    Column("notice", "date"),
    Column("recorded", "date"),
    Column("by"),
    Column("objection until", "date"),
    Column("days given", "number"),
    Column("days left", "number"),
    Column("claim", "money"),
    Column("accepted"),
    Column("needs an answer"),
)


def _notices(report: AuditReport, late: list[Told], names: Names) -> Table:
    rows = [(*_notice(one, report.today, names), "yes" if one in late else "no") for one in report.notices]
    brief = [
        (
            names.short(one.record.position),
            one.on,
            one.recorded_on,
            one.objection_until,
            _left(one),
            shown(one.claim_ore),
            _how(one, report.today),
        )
        for one in late
    ]
    headers = ["notice", "dated", "recorded", "object until", "days left to object", "claim", "accepted"]
    return Table("notices", "Notices", NOTICES, rows, Brief(headers, brief, (5,)))


def _notice(one: Told, today: date, names: Names) -> tuple[Any, ...]:
    return (
        names.full(one.record.position),
        f"D{one.determination.number}",
        one.on,
        one.recorded_on,
        who(one.record.recorded_by),
        one.objection_until,
        one.given,
        one.left,
        one.claim_ore,
        _how(one, today),
    )


def _left(one: Told) -> str:
    left = f"over {-one.left} days before" if one.left < 0 else str(one.left)
    return f"{left} of {one.given}"


def _how(one: Told, today: date) -> str:
    if one.notice is None:
        return "notice withdrawn"
    if one.notice.accepted_on is not None:
        return f"by act on {one.notice.accepted_on}"
    return f"by silence on {one.notice.deemed_on}" if one.notice.deemed_on <= today else "not yet"
