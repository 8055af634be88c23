"""Who knew what when, of one figure: what it rested on at an earlier moment, what has arrived since, and what each record
changes; in a controller's words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from cli import output
from cli.changes import record_id, what
from cli.changes_text import LABELS, cell, signed
from cli.explain.arrived_as_json import COLUMNS, as_json, rows, said, told_with
from cli.words import counted
from ledger.facts import Facts
from ledger.money import shown
from ledger.periods import Month, stockholm_text
from ledger.record import Recorded
from projections.arrived_withheld import Row, Told
from projections.audience import NARROWEST, Audience, is_employer
from projections.explanation.arrived import Amounts, Arrived, ByMonth, Moment, Sort, total
from projections.explanation.arrived_answer import Answer, answer
from projections.explanation.arrived_figures import Figure
from projections.explanation.arrived_ground import Index
from projections.names import resolve
from projections.since import Value
from projections.statements.people import FEW

SORTS: dict[Sort, tuple[str, str]] = {
    "report": ("absence report", "late absence report"),
    "restatement": ("restatement", "restatement"),
    "headcounts": ("headcounts", "late headcounts"),
    "reimbursements": ("reimbursements", "late reimbursements"),
    "index value": ("index value", "index value"),
    "index revision": ("index revision", "index revision"),
    "agreement": ("agreement", "agreement"),
    "decision": ("determination", "determined again"),
    "dispute": ("dispute", "dispute"),
}
"""What a record is called before the months were determined, and after."""


def arrived_answer(
    earlier: Facts,
    later: Facts,
    contract_id: str,
    target: str | Recorded[Any],
    as_of: date | None,
    form: str,
    audience: Audience = NARROWEST,
) -> str:
    """The whole answer as ``text``, ``json`` or ``csv``. ``target``: a record, its ID such as ``botkyrka/D2``, or a dotted key of
    ``soc state``. The moments may come in either order; ``as_of`` None: the day of the later one. ``audience``: all but the payer
    are told nothing that rests on fewer than five absent persons, but sums over the whole time.

    Raises Usage for an unknown contract, ID or figure, and for a record that says no figure; VerificationFailed where the records
    do not account for a difference.
    """
    earlier, later = sorted((earlier, later), key=lambda one: one.position)
    if isinstance(target, str) and "/" in target:
        contract_id, target = resolve(later, target)
    found = answer(earlier, later, contract_id, target, as_of, audience)
    named = target if isinstance(target, str) else record_id(contract_id, target)
    match form:
        case "json":
            return output.as_json(as_json(found, earlier, later, contract_id, named))
        case "csv":
            return output.as_csv(list(rows(found, contract_id)), COLUMNS)
        case _:
            return as_text(found, earlier, later, contract_id, named)


def as_text(found: Answer, earlier: Facts, later: Facts, contract_id: str, named: str) -> str:
    """The answer for a reader."""
    as_of = found.months.as_of if found.months else found.figures[0].as_of
    currency = later.contract(contract_id).signed.currency
    head = [
        f"Who knew what when: {named}",
        f"As of {as_of} · {currency} excluding VAT",
        f"  then  {output.basis_line(earlier)}",
        f"  now   {output.basis_line(later)}",
    ]
    blocks = ["\n".join(head)]
    if found.months and found.told:
        blocks += _months_text(found.months, found.told)
    blocks += [_figure_text(one, contract_id) for one in found.figures]
    return "\n\n".join(blocks)


def _months_text(one: Arrived, how: Told) -> Iterator[str]:
    yield "\n".join([_named(one.months), *_indented(_amounts_table(one).splitlines()), *_waiting(one)])
    yield "\n".join(["What it rested on then", *_indented(_rested(one.contract, one.then, how))])
    if not one.arrivals:
        yield "\n".join(["Nothing that bears on these months has arrived since.", *_for_whom(how)])
        return
    lines = [line for row in how.rows for line in _arrival_text(one.contract, row, how)]
    yield "\n".join(["What has arrived since, in order, and what it changes", *_indented(lines), "", *_together(one, how)])
    if (late := one.now.uncounted) or one.now.given != one.now.on_record:
        yield _uncounted(one, late)


def _for_whom(how: Told) -> Iterator[str]:
    """That something is withheld, or that it is not."""
    if is_employer(how.audience):
        yield "For the payer alone: it tells what each record moves, be it the days of one absent person."
    elif how.few:
        yield "Together they change the days of fewer than five absent persons: only their sum over the whole time is told."
    elif how.withheld:
        yield "Withheld: what rests on fewer than five absent persons, and what that would follow from; sums stay exact."


def _named(months: Sequence[Month]) -> str:
    return str(months[0]) if len(months) == 1 else f"{months[0]} to {months[-1]}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def _amounts_table(one: Arrived) -> str:
    """Savings and entitlement at both moments, as determined and as the facts give them."""
    rows = [["determined by", _by(one.then), _by(one.now), ""]]
    for name, title in (("on_record", "on record"), ("given", "by the facts known")):
        then, now = (total(getattr(moment, name).values()) for moment in (one.then, one.now))
        for place, label in enumerate(("savings", "provider's entitlement")):
            rows.append([f"{label} {title}", shown(then[place]), shown(now[place]), signed(now[place] - then[place])])
    return output.table(rows, ["", "then", "now", "difference"], right=(1, 2, 3))


def _by(moment: Moment) -> str:
    return ", ".join(f"D{one.number}" for one in moment.determinations) or "none"


def _waiting(one: Arrived) -> Iterator[str]:
    """Why the facts of a moment do not give the months, and what stands in the table for it."""
    if one.then.waits:
        instead = "the table shows what is on record" if one.then.on_record else "the table shows 0.00"
        yield f"The facts known then do not give these months, so {instead}: {'; '.join(one.then.waits)}."
    if one.now.waits:
        yield f"The facts known now do not give these months, so the table shows what they last gave: {'; '.join(one.now.waits)}."


def _rested(contract_id: str, moment: Moment, how: Told) -> Iterator[str]:
    for kind, records in moment.rests_on.items():
        if kind == "reference months":
            yield f"{kind}: {counted(len(records), 'file')}, records {_ranges(records)}" if records else f"{kind}: none"
        elif records:
            yield f"{kind}: {len(records)}" if kind not in ("terms", "methodology") else f"{kind}:"
            yield from (f"  {record_id(contract_id, record)}  {_day(record)}  {said(record, how)}" for record in records)
        elif kind in ("absence reports", "headcounts", "methodology"):
            yield f"{kind}: none"
    for reference, title in ((False, "index values"), (True, "index values of the reference quarters")):
        found = [one for one in moment.index if one.reference == reference]
        if found:
            yield f"{title}:"
            yield from (f"  {_index_text(one)}" for one in found)
    if moment.uncounted:
        names = ", ".join(record_id(contract_id, record) for record in moment.uncounted)
        yield f"on record then, and not counted: {names}"


def _index_text(one: Index) -> str:
    value = one.value
    return f"{value.quarter}  {value.value}  {value.status}, dated {value.published_on}, record {one.record.position}"


def _ranges(records: Sequence[Recorded[Any]]) -> str:
    """``7, 14–16, 26``: records by number, runs together."""
    runs: list[list[int]] = []
    for record in records:
        if runs and runs[-1][-1] + 1 == record.position:
            runs[-1].append(record.position)
        else:
            runs.append([record.position])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _day(record: Recorded[Any]) -> str:
    return stockholm_text(record.recorded_at)[:10]


def _arrival_text(contract_id: str, row: Row, how: Told) -> Iterator[str]:
    one = row.arrival
    seen = "" if one.counted_by is None else f"; counted by D{one.counted_by}"
    name = f"{record_id(contract_id, one.record)}  {_day(one.record)}  {SORTS[one.sort][one.late]}"
    yield f"{name}: {said(one.record, how)}{seen}"
    if one.on_record:
        yield f"    on record{_moved(total(one.on_record.values()), one.on_record)}"
    others = told_with(contract_id, row)
    if row.given is None:
        yield f"    by the facts: {FEW}; told at {record_id(contract_id, row.together[-1])}"
    elif others:
        yield f"    by the facts, together with {', '.join(others)}{_moved(row.given, row.by_month)}"
    elif any(row.given) or not one.on_record:
        yield f"    by the facts{_moved(row.given, row.by_month)}"
    if one.waits:
        more = f", and {len(one.waits) - 1} more" if len(one.waits) > 1 else ""
        yield f"    the months cannot be measured with it yet: {one.waits[0]}{more}"


def _moved(moved: Amounts, months: ByMonth | None) -> str:
    where = f", in {', '.join(map(str, months))}" if months else ""
    return f"{where}: savings {signed(moved.savings)} · entitlement {signed(moved.entitlement)}"


def _together(one: Arrived, how: Told) -> Iterator[str]:
    moves = (total(total(each.on_record.values()) for each in one.arrivals), total(each.given for each in how.rows if each.given))
    for title, moved, left in zip(("On record", "By the facts"), moves, reversed(one.residual), strict=True):
        sums = f"savings {signed(moved.savings)}, entitlement {signed(moved.entitlement)}"
        yield f"{title}, together: {sums}; left over {shown(left.savings)} and {shown(left.entitlement)}."
    yield from _for_whom(how)


def _uncounted(one: Arrived, late: Sequence[Recorded[Any]]) -> str:
    """What determining again now would change, and why."""
    now, on_record = total(one.now.given.values()), total(one.now.on_record.values())
    moved = f"savings {signed(now.savings - on_record.savings)}, entitlement {signed(now.entitlement - on_record.entitlement)}"
    if not one.now.determinations:
        return f"These months are not determined. Determined on the facts known now: {moved}."
    if not late:
        return (
            f"Determined again now: {moved}. Nothing is uncounted: determining again takes the last index value recorded, "
            f"determining first took the first (rule 7); a difference of another sort is told by: soc check"
        )
    names = ", ".join(record_id(one.contract, record) for record in late)
    return f"Not counted on record by now: {names}. Determined again now: {moved}."


def _figure_text(one: Figure, contract_id: str) -> str:
    label = LABELS.get(one.figure, one.figure.removeprefix("balance.provider.").capitalize())
    lines = [f"{label} ({one.figure}): {_said(one.figure, one.before)} then, {_said(one.figure, one.after)} now"]
    for step in one.steps:
        lines.append(f"  {record_id(contract_id, step.record)}  {_day(step.record)}  {what(step.record)}")
        if step.rests_on:
            lines.append(f"      it counts {', '.join(record_id(contract_id, record) for record in step.rests_on)}")
        parts = [f"{name.replace('_', ' ')} {signed(amount)}" for name, amount in step.moves.items()]
        lines.append("      " + " · ".join([f"{_said(one.figure, step.before)} → {_said(one.figure, step.after)}", *parts]))
    if not one.steps:
        lines.append("  No record since moves it.")
    elif isinstance(one.after, (int, Fraction)) and not isinstance(one.after, bool):
        lines.append(f"  Left over: {_said(one.figure, one.residual)}")
    return "\n".join(lines)


def _said(figure: str, value: Value) -> str:
    """A value; an instant to its time of day, for the records of one day differ by that alone."""
    return stockholm_text(value) if isinstance(value, datetime) else cell(figure, value)
