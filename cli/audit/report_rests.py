"""Assumptions and findings in force with their size: the fifth section of the audit report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cli.audit.report_table import Brief, Names, Section, Table, grouped, number
from cli.workbook import Column
from ledger.money import shown
from ledger.record import Recorded
from projections.audit.assumptions import UNPUBLISHED, Rests
from projections.audit.report import AuditReport


def rests(report: AuditReport, names: Names) -> Section:
    """What the figures rest on beside facts."""
    found = grouped(report.rests, lambda one: one.sort)
    says = [*_preliminary(found.get("preliminary", [])), *_agreed(found.get("agreed, not measured", []), report)]
    says += ["Every report about the determined months is counted: nothing is unsettled."] if "unsettled" not in found else []
    absent = [sort for sort in ("finding accepted at adoption", "finding of a month", "preliminary") if sort not in found]
    overlap = ["The sizes overlap: do not add them."] if found else []
    says.append(" ".join([f"None: {'; '.join(absent)}."] * bool(absent) + overlap))
    says += _audited(report)
    return Section("rests_on", "Assumptions and findings in force, and their size", says, [_table(report, names)])


def _audited(report: AuditReport) -> list[str]:
    """What the external auditor has on record already."""
    state = report.folded
    tested = [f"A{one.data.number} ({number(_exceptions(one), 'exception')})" for one in state.standing_audits]
    says = [f"The external auditor's findings on record: {', '.join(tested)}; see soc audit findings."] if tested else []
    if state.signed_off is not None:
        event = state.signed_off.data
        other = ", on another document than the contract was closed on" if event.recorded_at_closing is False else ""
        says.append(f"The final evaluation is signed off: S{event.number}, {event.opinion}, on {event.on}{other}.")
    return says


def _exceptions(record: Recorded[Any]) -> int:
    return sum(item.result == "exception" for item in record.data.items)


def _preliminary(several: list[Rests]) -> list[str]:
    return [f"Preliminary, on index values not published: {_summed(several)}."] if several else []


def _agreed(several: list[Rests], report: AuditReport) -> list[str]:
    """What is agreed, and how much of it rests, through a mean, on index values that are no published figures; with what does by
    itself."""
    if not several:
        return []
    unsure = [one for one in report.rests if one.unsure]
    means, whole = (_provider(one for one in found if one.unsure) for found in (several, unsure))
    said = f"Agreed, not measured: {_summed(several)}"
    if not any(one.unsure for one in several):
        return [f"{said}."]
    part = "" if means == _provider(several) else f"{shown(means)} of it "
    of = f"{shown(whole)} of {shown(report.folded.entitled)} SEK"
    return [f"{said}; {part}means of months partly on such values, with the preliminary {of}."]


def _summed(several: list[Rests]) -> str:
    savings = sum(one.ore or 0 for one in several)
    return f"savings of {shown(savings)} SEK in {number(len(several), 'determination')}, {shown(_provider(several))} SEK entitled"


def _provider(several: Iterable[Rests]) -> int:
    return sum(one.provider_ore or 0 for one in several)


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
        values = [each.what.removeprefix("index ").removesuffix(UNPUBLISHED) for each in several]
        what = "; ".join(f"{each.where.split(',')[0]} {value}" for each, value in zip(several, values, strict=True))
        what += UNPUBLISHED if all(each.what.endswith(UNPUBLISHED) for each in several) else ""
    elif len({each.what for each in several}) > 1:
        what = where
    else:
        what = one.what if one.where == one.what else f"{one.what} ({where})"
    records = names.several(sorted({position for each in several for position in each.records}), 1)
    return one.sort, what, shown(sum(sizes)) if sizes else "—", one.of, records
