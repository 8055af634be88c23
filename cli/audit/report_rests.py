"""Assumptions and findings in force with their size: the fifth section of the audit report."""

from __future__ import annotations

from typing import Any

from cli.audit.report_table import Brief, Names, Section, Table, grouped, number
from cli.workbook import Column
from ledger.money import shown
from ledger.record import Recorded
from projections.audit.assumptions import UNPUBLISHED, Rests, Sort
from projections.audit.report import AuditReport


def rests(report: AuditReport, names: Names) -> Section:
    """What the figures rest on beside facts."""
    found = grouped(report.rests, lambda one: one.sort)
    says = [
        _summed(sort, found[sort], report.folded.entitled) for sort in ("preliminary", "agreed, not measured") if sort in found
    ]
    says += ["Every report about the determined months is counted: nothing is unsettled."] if "unsettled" not in found else []
    absent = [sort for sort in ("finding accepted at adoption", "finding of a month", "preliminary") if sort not in found]
    says += [f"None: {'; '.join(absent)}."] if absent else []
    says += _audited(report)
    return Section("rests_on", "Assumptions and findings in force, and their size", says, [_table(report, names)])


def _audited(report: AuditReport) -> list[str]:
    """What the external auditor has on record already."""
    state = report.folded
    tested = [f"A{one.data.number} ({number(_exceptions(one), 'exception')})" for one in state.standing_audits]
    says = [f"The external auditor's findings on record: {', '.join(tested)}; see soc audit findings."] if tested else []
    if state.signed_off is not None:
        event = state.signed_off.data
        says.append(f"The final evaluation is signed off: S{event.number}, {event.opinion}, on {event.on}.")
    return says


def _exceptions(record: Recorded[Any]) -> int:
    return sum(item.result == "exception" for item in record.data.items)


def _summed(sort: Sort, several: list[Rests], entitled: int) -> str:
    savings, provider = (sum(getattr(one, name) or 0 for one in several) for name in ("ore", "provider_ore"))
    titles = {
        "preliminary": "Preliminary, on trend values not published as figures",
        "agreed, not measured": "Agreed, not measured",
    }
    return (
        f"{titles[sort]}: {shown(savings)} SEK of savings, {shown(provider)} SEK of the {shown(entitled)} SEK entitled, in "
        f"{number(len(several), 'determination')}."
    )


def _table(report: AuditReport, names: Names) -> Table:
    columns = (
        Column("sort"),
        Column("what"),
        Column("where"),
        Column("size", "money"),
        Column("size is"),
        Column("of the entitlement", "money"),
        Column("records"),
    )
    rows = [(one.sort, one.what, one.where, one.ore, one.of, one.provider_ore, names.every(one.records)) for one in report.rests]
    brief = [_brief(several, names) for several in grouped(report.rests, _alike).values()]
    headers = ["sort", "what", "SEK", "which is", "records"]
    return Table("rests_on", "Assumptions and findings", columns, rows, Brief(headers, brief, (2,), 30))


def _alike(one: Rests) -> tuple[str, ...]:
    """What the text tells in one row: terms without an amount; preliminary determinations; the same agreement for the months of
    several."""
    if one.sort == "preliminary" or (one.ore is None and one.sort in ("assumed term", "derived term")):
        return (one.sort,)
    return one.sort, one.what


def _brief(several: list[Rests], names: Names) -> tuple[str, str, str, str, str]:
    one, sizes = several[0], [each.ore for each in several if each.ore is not None]
    where = ", ".join(each.where for each in several)
    if one.sort == "preliminary":
        what = "; ".join(f"{each.where.split(',')[0]} {each.what.removesuffix(UNPUBLISHED)}" for each in several)
        what += UNPUBLISHED if all(each.what.endswith(UNPUBLISHED) for each in several) else ""
    elif len({each.what for each in several}) > 1:
        what = where
    else:
        what = one.what if one.where == one.what else f"{one.what} ({where})"
    records = names.several(sorted({position for each in several for position in each.records}), 1)
    return one.sort, what, shown(sum(sizes)) if sizes else "—", one.of, records
