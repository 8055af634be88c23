"""Completeness: the first section of the audit report."""

from __future__ import annotations

from cli.audit.report_table import Brief, Names, Section, Table, documents, grouped, number, some
from cli.words import who
from cli.workbook import Column
from ledger.periods import stockholm_text
from projections.audit.completeness import Alike, Completeness, Reported, counted, imperfect
from projections.audit.records import runs
from projections.audit.report import AuditReport

USES = {
    "reference": "reference",
    "measured": "measured",
    "by agreement": "agreed on",
    "suspended": "suspended",
}


def completeness(report: AuditReport, names: Names) -> Section:
    """Workplace × month: complete, partial, missing, late, restated."""
    found = report.completeness
    return Section(
        "completeness",
        "Completeness: are all absences reported, in time and once?",
        _completeness_says(found),
        [_summary(found), _not_perfect(found, names), _partial(found, names), _matrix(found, names)],
    )


def _completeness_says(found: Completeness) -> list[str]:
    cells = [cell for cell in found.cells if cell.status != "no employees"]
    bad = [cell for cell in cells if cell.status != "complete"]
    late, restated = [cell for cell in cells if cell.days_late], [cell for cell in cells if cell.restated]
    says = [
        f"Of {len(cells)} workplaces × months, judged by reports from {found.source}: {len(cells) - len(bad)} complete, "
        f"{len(bad)} not; {len(late)} late{f', by up to {max(cell.days_late for cell in late)} days' if late else ''}; "
        f"{len(restated)} reported again."
    ]
    unseen = sorted({number for cell in restated for number in cell.unseen_by})
    if unseen:
        says.append(f"Reported again after {', '.join(f'D{one}' for one in unseen)} had settled the month: see section 6.")
    if found.partial:
        says.append(f"{number(len(found.partial), 'report')} complete for nothing changed single absences; the months are below.")
    if found.others:
        sources = ", ".join(sorted({record.data.source for record in found.others}))
        says.append(f"{number(len(found.others), 'report')} from {sources}: on record, and not used.")
    return says


def _summary(found: Completeness) -> Table:
    titles = ("months", "workplace months", "complete", "partial", "missing", "no headcount", "late", "restated")
    rows = [
        (USES[one.use], one.months, one.cells, one.complete, one.partial, one.missing, one.no_headcount, one.late, one.restated)
        for one in counted(found.cells)
    ]
    columns = (Column("needed as"), *(Column(title, "number") for title in titles))
    return Table("summary", "Completeness", columns, rows, Brief(["months", "number", "in all", *titles[2:]], rows, range(1, 9)))


def _not_perfect(found: Completeness, names: Names) -> Table:
    columns = (
        Column("month"),
        Column("needed as"),
        Column("status"),
        Column("workplaces"),
        Column("of", "number"),
        Column("due by", "date"),
        Column("days late", "number"),
        Column("times restated", "number"),
        Column("last restated on", "date"),
        Column("settled before by"),
        Column("reports"),
    )
    alike = imperfect(found.cells)
    rows = [
        (
            one.like.month,
            USES[one.like.use],
            one.like.status,
            one.workplaces,
            one.of,
            one.like.due_by,
            one.like.days_late,
            one.like.restated,
            one.like.restated_on,
            tuple(f"D{number}" for number in one.like.unseen_by),
            names.every(one.like.reports),
        )
        for one in alike
    ]
    told = grouped(alike, lambda one: (_state(one.like), _places(one), names.several(one.like.reports)))
    brief = [(runs(one.like.month for one in several), *said) for said, several in told.items()]
    return Table("not_perfect", "Not perfect", columns, rows, Brief(["month", "what", "workplaces", "records"], brief, most=8))


def _state(one: Reported) -> str:
    said: list[str] = [one.status]
    if one.days_late:
        said.append(f"{one.days_late} days late")
    elif one.status != "complete" and one.due_by is not None:
        said.append(f"due by {one.due_by}")
    if one.restated:
        said.append(f"reported again {'once' if one.restated == 1 else f'{one.restated} times'}, last {one.restated_on}")
    if one.unseen_by:
        said.append(f"after {', '.join(f'D{number}' for number in one.unseen_by)}")
    return ", ".join(said)


def _places(one: Alike) -> str:
    return f"all {one.of}" if len(one.workplaces) == one.of > 1 else some(one.workplaces, 2)


def _partial(found: Completeness, names: Names) -> Table:
    columns = (Column("record"), Column("recorded"), Column("by"), Column("source"), Column("months"), Column("documents"))
    records = sorted([*found.partial, *found.others], key=lambda record: record.position)
    rows = [
        (
            names.full(record.position),
            stockholm_text(record.recorded_at),
            who(record.recorded_by),
            record.data.source,
            runs(record.data.months),
            documents(record),
        )
        for record in records
    ]
    brief = [
        (names.short(record.position), stockholm_text(record.recorded_at)[:10], record.data.source, runs(record.data.months))
        for record in records
    ]
    return Table("other_reports", "Other reports", columns, rows, Brief(["record", "recorded", "from", "months"], brief, most=5))


def _matrix(found: Completeness, names: Names) -> Table:
    columns = (
        Column("workplace"),
        Column("month"),
        Column("needed as"),
        Column("status"),
        Column("due by", "date"),
        Column("days late", "number"),
        Column("times restated", "number"),
        Column("last restated on", "date"),
        Column("reports"),
    )
    rows = [
        (
            cell.workplace,
            cell.month,
            USES[cell.use],
            cell.status,
            cell.due_by,
            cell.days_late,
            cell.restated,
            cell.restated_on,
            names.every(cell.reports),
        )
        for cell in found.cells
    ]
    return Table("matrix", "Workplace by month", columns, rows)
