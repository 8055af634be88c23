"""Who did what, and where one person did two things that should be apart: the third section of the audit report."""

from __future__ import annotations

from cli.audit.report_table import Brief, Names, Section, Table, grouped, number
from cli.words import role, roles
from cli.workbook import Column
from ledger.events import DeterminationAccepted
from projections.audit.duties import Pair, SamePerson, Twice
from projections.audit.records import recorded_on
from projections.audit.report import AuditReport

PAIRS: dict[Pair, str] = {
    "imported and determined": "imported the evidence and determined on it",
    "determined and recorded the acceptance": "determined, and recorded a party's acceptance of it",
    "determined and instructed": "determined, and instructed the payment",
    "instructed and recorded the payment": "instructed, and recorded that the payment was made",
    "raised and resolved": "raised the dispute, and recorded its resolution",
    "raised and decided": "raised the dispute, and decided it",
}


def duties(report: AuditReport, names: Names) -> Section:
    """Counts by person and role; pairs with their records; names in several roles."""
    found = grouped(report.twice, lambda one: one.pair)
    people = len({one.name for one in report.deeds})
    says = [
        f"{number(people, 'person', 'persons')} recorded the contract. The ledger knows who recorded, not who decided or signed: "
        "hold it against the documents."
    ]
    missing = [PAIRS[pair] for pair in PAIRS if pair not in found]
    if found:
        says.append(f"One person did two things that should be apart {number(len(report.twice), 'time')}, listed below.")
    if missing:
        says.append(f"Nobody: {'; '.join(missing)}.")
    says += _by_the_terms(report)
    says += _acceptances(report)
    said = [_same(one) for one in report.same_person]
    says += said or ["No name appears in two roles, or is written in two ways."]
    return Section("who_did_what", "Who did what, and who did two things?", says, [_deeds(report, names), _twice(report, names)])


def _by_the_terms(report: AuditReport) -> list[str]:
    """Where the terms give one role both of two such things."""
    terms = report.folded.versions[-1][1]
    governance, found = terms.governance, []
    if governance.determines in governance.records:
        found.append(f"{role(governance.determines)} may both record evidence and determine")
    if governance.pays == governance.determines:
        found.append(f"{role(governance.pays)} may both determine and pay")
    return [f"By the terms {' and '.join(found)} ({terms.clause('governance')})."] if found else []


def _acceptances(report: AuditReport) -> list[str]:
    """How many acceptances were recorded by another role than accepted, and on no document."""
    found = [record for record in report.of if isinstance(record.data, DeterminationAccepted)]
    if not found:
        return []
    by_another = sum(record.recorded_by.role != record.data.role for record in found)
    bare = sum(not record.evidence for record in found)
    said = f"{by_another} recorded by another role than the one that accepted, {bare} on no document"
    return [f"{number(len(found), 'acceptance')} on record: {said}."]


def _same(one: SamePerson) -> str:
    said = []
    if len(one.roles) > 1:
        said.append(f"recorded in {len(one.roles)} roles: {roles(one.roles)}")
    if len(one.spellings) > 1:
        said.append(f"is written in {len(one.spellings)} ways: {', '.join(repr(name) for name in one.spellings)}")
    return f"{one.name} {'; and '.join(said)}."


def _deeds(report: AuditReport, names: Names) -> Table:
    columns = (
        Column("person"),
        Column("role"),
        Column("did"),
        Column("times", "number"),
        Column("first", "date"),
        Column("last", "date"),
        Column("records"),
    )
    rows = [
        (
            one.name,
            role(one.role),
            one.act,
            len(one.records),
            recorded_on(one.records[0]),
            recorded_on(one.records[-1]),
            names.every(record.position for record in one.records),
        )
        for one in report.deeds
    ]
    brief = [
        (*person, ", ".join(f"{one.act} {len(one.records)}" for one in several))
        for person, several in grouped(report.deeds, lambda one: (one.name, role(one.role))).items()
    ]
    return Table("deeds", "Who did what", columns, rows, Brief(["person", "role", "recorded"], brief))


def _twice(report: AuditReport, names: Names) -> Table:
    columns = (Column("person"), Column("did"), Column("record"), Column("of"), Column("roles"))
    rows = [
        (one.name, PAIRS[one.pair], names.full(one.did.position), names.every(each.position for each in one.others), _roles(one))
        for one in report.twice
    ]
    brief = [
        (name, PAIRS[pair], f"{len(several)} ×", _which(several, names))
        for (name, pair), several in grouped(report.twice, lambda one: (one.name, one.pair)).items()
    ]
    return Table("twice", "One person, two things", columns, rows, Brief(["person", "did both", "times", "records"], brief, (2,)))


def _roles(one: Twice) -> str:
    return roles(dict.fromkeys(record.recorded_by.role for record in (*one.others, one.did)))


def _which(several: list[Twice], names: Names) -> str:
    """The first of the pairs: the record, and those of the other sort before it; and how many pairs more."""
    one, more = several[0], len(several) - 1
    said = f"{names.short(one.did.position)} upon {names.several([each.position for each in one.others], 2)}"
    return f"{said}; {number(more, 'more such pair')}" if more else said
