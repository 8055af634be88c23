"""What changed since an earlier moment, and what late facts would change, in a controller's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, assert_never

from cli import output
from cli.changes import record_id, reports, sorts, what, why
from ledger.money import decimals, shown
from ledger.periods import stockholm_text
from projections.since import Cause, Change, Since, Value
from projections.state import State

if TYPE_CHECKING:
    from projections.restated import Difference, Restated

REACHING = {
    "at_savings": "at savings of",
    "reached": "reached",
    "reached_on": "reached on",
    "lost_on": "lost on",
    "known_since": "known since",
    "remaining": "missing",
    "amount": "at most",
    "headroom": "left",
    "binding": "binds first",
    "ceiling_savings": "shared savings end at",
}
WHOSE = {
    "break_even.contract": "Contract's break-even",
    "break_even.authority": "Authority's break-even",
    "break_even.provider": "Provider's break-even",
    "cap": "Cap",
}
LABELS = {
    "determined_through": "Determined through",
    "preliminary": "Preliminary",
    "investment.worst_case": "At most spent in all",
    "savings.determined": "Savings determined",
    "savings.ratio_to_investment": "Savings ÷ investment",
    "savings.to_authority": "of which the authority's",
    "savings.net_days_avoided": "Net sick days avoided",
    "balance.provider.claimed_above": "Claimed above",
    "balance.upfront.agreed": "Upfront payment agreed",
    "balance.upfront.paid": "Upfront payment paid",
    "balance.loan.available_for_repayment": "Available for repayment",
    **{f"balance.loan.{name}": f"Loan {name}" for name in ("limit", "drawn", "repaid", "outstanding")},
    **{f"{key}.{name}": f"{whose}: {said}" for key, whose in WHOSE.items() for name, said in REACHING.items()},
}
"""A figure's name for a reader; one of the provider's balance says it itself."""

TWICE = ("savings.to_provider",)
"""Said already, as what the provider is entitled to."""


def signed(amount: int) -> str:
    """An amount in kronor with its sign: ``+1 234.00``, ``−120.50``."""
    return f"+{shown(amount)}" if amount > 0 else shown(amount)


def since_text(state: State, one: Since) -> str:
    """Every figure that differs, then every record since with what it moved."""
    then = f"known at {stockholm_text(one.known_at)} · record {one.basis.position} · fingerprint {one.basis.root[:16]}"
    lines = [f"Compared with what was {then}"]
    if one.before is None:
        lines.append("The contract was not on record then: all of it is new since.")
    elif not (one.changes or one.causes or one.uncounted):
        return "\n".join([*lines, "Nothing has changed: no figure differs, and nothing about the contract was recorded since."])
    elif not one.changes:
        lines.append("No figure differs.")
    if one.changes:
        lines += ["", "What differs", *(f"  {line}" for line in _changes(one.changes))]
    if one.causes:
        title = f"What was recorded since, in order, and what it moves as of {state.when.as_of}"
        lines += ["", title, *(f"  {line}" for line in _causes(state.contract, one.causes))]
    if one.uncounted:
        number = ", ".join(_counted(count, name) for name, count in sorts(one.uncounted).items() if count)
        lines += ["", f"Recorded since without changing a figure: {number}."]
        lines.append("They count only where months that they are about are determined, or determined again.")
    return "\n".join(lines)


SORTS = {
    "absences": ("absence report", "absence reports"),
    "workforce": ("headcount file", "headcount files"),
    "trend": ("file of index values", "files of index values"),
    "reimbursements": ("file of reimbursements", "files of reimbursements"),
    "methodologies": ("methodology adopted", "methodologies adopted"),
}


def _counted(number: int, sort: str) -> str:
    one, several = SORTS[sort]
    return f"{number} {one if number == 1 else several}"


def _changes(changes: Iterable[Change]) -> list[str]:
    rows = [
        [_label(one.figure), *(cell(one.figure, value) for value in (one.before, one.after)), _difference(one)]
        for one in changes
        if one.figure not in TWICE
    ]
    lines = output.table(rows, ["", "then", "now", "difference"], right=(1, 2, 3)).splitlines()
    parts = next((one.parts for one in changes if one.parts), None)
    return lines if parts is None else [*lines, _balance(parts)]


def _label(figure: str) -> str:
    return LABELS.get(figure) or figure.removeprefix("balance.provider.").capitalize()


def cell(figure: str, value: Value) -> str:
    """A figure's value for a reader: money in kronor, ratios in per cent, an instant by its day."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return shown(value)
        case Fraction():
            return decimals(value, 2) if figure.endswith("days_avoided") else f"{decimals(value * 100, 2)} %"
        case datetime():
            return stockholm_text(value)[:10]
        case date() | str():
            return str(value)
        case _:
            assert_never(value)


def _difference(one: Change) -> str:
    value = one.difference
    if value is None:
        return ""
    said = cell(one.figure, value).replace("-", "−").replace(" %", " points")
    return f"+{said}" if value > 0 else said


def _balance(parts: Mapping[str, int]) -> str:
    listed = ", ".join(f"{name} {signed(amount)}" for name, amount in parts.items())
    total = signed(sum(parts.values()))
    return f"Due and overpaid follow from the balance, which moved by {total}: {listed}."


def _causes(contract_id: str, causes: Iterable[Cause]) -> list[str]:
    lines = []
    for one in causes:
        name, day = record_id(contract_id, one.record), stockholm_text(one.record.recorded_at)[:10]
        unmoved = "; dated later: changes nothing as of then" if one.later else "; no money moves"
        lines.append(f"{name}  {day}  {what(one.record)}{'' if one.moves else unmoved}")
        if one.rests_on:
            lines.append(f"    it counts {', '.join(record_id(contract_id, record) for record in one.rests_on)}")
        if one.moves:
            lines.append("    " + " · ".join(f"{name.replace('_', ' ')} {signed(amount)}" for name, amount in one.moves.items()))
    return lines


def unsettled_text(state: State, one: Restated) -> str:
    """What determining again now would change, by month and by report."""
    if not one.facts:
        return "Nothing is unsettled: the months determined count every report about them that is on record."
    late = f"{reports(one.facts)} came after the months in question were determined"
    lines = ["Unsettled", f"  {late}, and no figure above counts {_them(one)}."]
    if one.open.determinations:
        named = _named(one.open)
        amounts = f"savings {signed(one.open.savings)}, entitlement {signed(one.open.entitlement)}"
        lines += [f"  If {named} were determined again now: {amounts}.", *_followed(state, one.open)]
    if one.closed.determinations:
        amounts = f"savings {signed(one.closed.savings)}, entitlement {signed(one.closed.entitlement)}"
        more = ", beside that" if one.open.determinations else ""
        lines += [f"  Outside the correction period{more}: {amounts}, which can no longer be determined again."]
        lines += [f"    {line}" for line in _closed(one)] + _followed(state, one.closed)
    for unable in one.unable:
        found = unable.determination
        lines.append(f"  D{found.number} ({found.period}) cannot be determined again: {unable.reason}")
    return "\n".join(lines)


def _them(one: Restated) -> str:
    return "it" if len(one.facts) == 1 else "them"


def _named(one: Difference) -> str:
    return ", ".join(f"D{found.number} ({found.period})" for found in one.determinations)


def _closed(one: Restated) -> list[str]:
    return [
        f"D{found.number} ({found.period}) is closed since {one.closed_on[found.number]}" for found in one.closed.determinations
    ]


def _followed(state: State, one: Difference) -> list[str]:
    rows = [[moved.month, signed(moved.savings), signed(moved.entitlement)] for moved in one.months]
    by = "by report and agreement" if any(cause.sort == "agreed since" for cause in one.causes) else "by report"
    lines = ["", *output.table(rows, ["by month", "savings", "entitlement"], right=(1, 2)).splitlines(), "", by]
    for cause in one.causes:
        name, day = record_id(state.contract, cause.record), stockholm_text(cause.record.recorded_at)[:10]
        lines.append(f"{name}  {day}  {why(cause)}")
        lines.append(f"    savings {signed(cause.savings)} · entitlement {signed(cause.entitlement)}")
    return [f"    {line}" if line else "" for line in lines]
