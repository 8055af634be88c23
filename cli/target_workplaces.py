"""``soc target-population``: workplaces with high or increasing short-term sick absence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import Parsed, answers, audience, looking, moment
from cli.risk_group import source_of
from cli.sections import wrapped
from ledger.money import decimals, parse_share, rounded
from ledger.money import shown as told
from projections.as_of import AsOf
from projections.audience import WITHHELD, Audience, is_employer
from projections.measured import Measured
from projections.rules.short_term_net_days_1 import NUMBERING_REACH
from projections.target_workplaces import Place, Targets, Year, target_workplaces


def _bar(text: str) -> Fraction:
    bar = parse_share(text)
    if bar < 0:
        raise ValueError("it is a number of days, from 0 on")
    return bar


DAYS = Parsed("days", _bar)


@click.command("target-population")
@click.argument("contract_id", metavar="CONTRACT")
@click.option(
    "--above",
    type=DAYS,
    metavar="DAYS",
    help="High: more net days an employee and year than this, such as 7.5; default: the contract's mean.",
)
@moment
@audience
@answers
@looking
def command(
    desk: Desk,
    contract_id: str,
    above: Fraction | None,
    as_of: date | None,
    known_at: str | None,
    audience: Audience,
    form: str,
    file: str,
) -> None:
    """The target population by workplace: where short-term sick absence is high, or increasing.

    Net days an employee in the latest twelve months with headcounts, against the contract's mean of the same months, and against
    the twelve months before. Those most above come first.
    """
    facts = desk.known_at(known_at)
    folded = facts.contract(contract_id)
    when = AsOf.latest(facts, as_of)
    measured = Measured(facts, contract_id, source_of(folded))
    found = target_workplaces(measured, when.as_of, audience, above)
    if form == "text":
        head = [f"Target population of {folded.signed.name} — {contract_id}", f"As of {when.as_of} · {output.basis_line(facts)}"]
        output.emit("\n".join([*head, "SEK excluding VAT", "", *_text(found, above, audience, measured.source)]), file)
    elif form == "csv":
        output.emit(output.as_csv([_row(one) for one in found.places], COLUMNS), file)
    else:
        said = {"contract": contract_id, "as_of": str(when.as_of), **output.basis_json(facts), "currency": folded.signed.currency}
        output.emit(output.as_json({**said, **_json(found, above, audience, measured.source)}), file)


# ── Text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

HEADERS = [
    "workplace",
    "employees",
    "persons\nabsent",
    "net days an\nemployee",
    "above",
    "net days\nabove",
    "the twelve\nbefore",
    "high",
    "increasing",
]


def _text(found: Targets, above: Fraction | None, audience: Audience, source: str) -> Iterator[str]:
    yield from wrapped(meaning(found, above))
    yield ""
    rows = [[one.name, *_cells(one, shown=one.shown)] for one in found.places]
    yield output.table([*rows, _total(found)], HEADERS, right=range(1, 7))
    yield ""
    for said in (_counts(found), *_findings(found), *counting(source), *_privacy(found, audience)):
        yield from wrapped(said)


def meaning(found: Targets, above: Fraction | None) -> str:
    """Which months are compared, and from where absence is high."""
    is_mean = "the contract's mean of the same months" if above is None else "as asked for"
    months, before = (f"{period.first}..{period.last}" for period in (found.months, found.before))
    return (
        f"Short-term net days an employee, {months}. High: above {_days(found.bar)} ({is_mean}). "
        f"Increasing: above the workplace's own of the twelve months before, {before}."
    )


def counting(source: str) -> tuple[str, ...]:
    """How the figures come about; the source names no bar."""
    return (
        f"Net days as {source} reports them, numbered 1–14, Monday to Friday times extent, of any cause; an employee: the month "
        "ends' headcounts summed ÷ 12, so that a workplace of six months counts as if it had been there for twelve.",
        "The case study names workplaces with high or increasing sick absence, and no figure; that the mean is the bar is "
        "assumed. A workplace of few swings by chance.",
    )


def _cells(one: Place, *, shown: bool) -> list[str]:
    if not shown:
        return [str(one.employees), *[WITHHELD] * 7]
    hidden = "before" in one.hidden
    before = WITHHELD if hidden else "–" if one.before is None else _told(one.before.rate)
    increasing = WITHHELD if hidden else {True: "increasing", False: "", None: "–"}[one.increasing]
    figures = [str(one.now.persons), _told(one.now.rate), _told(one.excess), _told(one.excess_days)]
    return [str(one.employees), *figures, before, "high" if one.high else "", increasing]


def _total(found: Targets) -> list[str]:
    employees = sum(one.employees for one in found.places)
    before = "–" if found.all_before is None else _told(found.all_before.rate)
    return ["All", str(employees), str(found.all_now.persons), _told(found.mean), "", "", before, "", ""]


def _counts(found: Targets) -> str:
    shown = [one for one in found.places if one.shown]
    rising = [one for one in shown if one.increasing and "before" not in one.hidden]
    high = [one for one in shown if one.high]
    either = {one.name: one.employees for one in (*high, *rising)}
    withheld = len(found.places) - len(shown)
    return (
        f"{len(found.places)} workplaces: {len(high)} high, {len(rising)} increasing, {len(either)} high or increasing with "
        f"{sum(either.values())} employees{f'; {withheld} withheld, which are not counted here' if withheld else ''}."
    )


def _findings(found: Targets) -> Iterator[str]:
    if found.before_missing is not None:
        yield f"Whether absence increases is not known: of {found.before}, {found.before_missing}."
    if not found.numbered:
        yield f"Absences of the {NUMBERING_REACH} days before are not complete; the first months' days may be numbered too low."


def _privacy(found: Targets, audience: Audience) -> Iterator[str]:
    if is_employer(audience):
        yield "For the payer, as employer: figures may rest on fewer than five persons."
    elif any(one.hidden for one in found.places):
        yield f"For the {audience}: withheld are workplaces of which a month rests on fewer than five persons, or goes with such."


def _told(exact: Fraction) -> str:
    """Days for a reader, two decimals."""
    return told(rounded(exact * 100))


# ── JSON and CSV ─────────────────────────────────────────────────────────────────────────────────────────────────────

COLUMNS = [
    "workplace",
    "employees",
    "persons",
    "net_days",
    "net_days_an_employee",
    "excess",
    "excess_net_days",
    "before_net_days",
    "before_net_days_an_employee",
    "high",
    "increasing",
    "withheld",
]


def _json(found: Targets, above: Fraction | None, audience: Audience, source: str) -> dict[str, Any]:
    return {
        "source": source,
        "audience": audience,
        "withheld": next(iter(_privacy(found, audience)), None) if any(one.hidden for one in found.places) else None,
        "months": {"first": str(found.months.first), "last": str(found.months.last)},
        "before": {"first": str(found.before.first), "last": str(found.before.last), "missing": found.before_missing},
        "mean": _days(found.mean),
        "high_above": {"net_days_an_employee": _days(found.bar), "is": "mean" if above is None else "given"},
        "all": {"now": _year(found.all_now), "before": None if found.all_before is None else _year(found.all_before)},
        "workplaces": [_row(one) for one in found.places],
        "findings": list(_findings(found)),
        "meaning": meaning(found, above),
        "counting": list(counting(source)),
    }


def _year(one: Year) -> dict[str, Any]:
    return {"net_days": _days(Fraction(one.hundredths, 100)), "net_days_an_employee": _days(one.rate), "persons": one.persons}


def _row(one: Place) -> dict[str, Any]:
    """A workplace; what is withheld is null, and what follows from it."""
    shown, hidden = one.shown, "before" in one.hidden
    before = None if one.before is None or hidden else _year(one.before)
    now = _year(one.now) if shown else {}
    return {
        "workplace": one.name,
        "employees": one.employees,
        "persons": now.get("persons"),
        "net_days": now.get("net_days"),
        "net_days_an_employee": now.get("net_days_an_employee"),
        "excess": _days(one.excess) if shown else None,
        "excess_net_days": _days(one.excess_days) if shown else None,
        "before_net_days": None if before is None else before["net_days"],
        "before_net_days_an_employee": None if before is None else before["net_days_an_employee"],
        "high": one.high if shown else None,
        "increasing": one.increasing if shown and not hidden else None,
        "withheld": sorted(one.hidden),
    }


def _days(exact: Fraction) -> str:
    return decimals(exact, 2)
