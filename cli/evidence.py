"""``soc evidence``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import PERIOD, answers, with_desk
from ledger.contract import ContractState
from ledger.disruption import DeemAverage, Rebase
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.periods import Month, Period, day_in_stockholm
from projections.evidence import Cell, Coverage
from projections.savings import missing_trend, standing


@click.command("evidence")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("period", type=PERIOD, required=False)
@click.option("--known-at", metavar="INSTANT", help="As known at an instant, a date, or a record number; default: all of it.")
@answers
@with_desk
@click.pass_context
def command(
    ctx: click.Context, desk: Desk, contract_id: str, period: Period | None, known_at: str | None, form: str, file: str
) -> None:
    """Which reports are in, by workplace and month. Without PERIOD: the contract's months that have ended. Exits with 1 if a
    month cannot be determined."""
    facts = desk.known_at(known_at)
    folded = facts.contract(contract_id)
    months = list(period or _ended(folded, facts))
    source = folded.methodologies[-1][1].measure.source if folded.methodologies else "payroll"
    coverage = Coverage(facts, contract_id, source)
    cells = [cell for month in months for cell in _cells(coverage, folded, month)]
    lacks = {month: _lacking(coverage, folded, month) or _beyond_reports(facts, folded, month) for month in months}
    lacking = [month for month in months if lacks[month] and not _agreed_out(folded, month)]
    if form == "text":
        head = f"Absence reports from {source} for {contract_id} · {output.basis_line(facts)}"
        matrix = _matrix(months, cells) if period is not None and len(months) <= MATRIX_MONTHS else []
        output.emit("\n".join([head, "", *_text(lacks, folded, cells), *matrix]), file)
    else:
        rows = [_row(coverage, cell) for cell in cells]
        unsaid = [{"month": str(month), "missing": lacks[month]} for month in lacking]
        value = {
            "contract": contract_id,
            "source": source,
            **output.basis_json(facts),
            "cells": rows,
            "cannot_be_determined": unsaid,
        }
        lines = rows + [{"month": one["month"], "workplace": "", "status": one["missing"]} for one in unsaid]
        output.emit(output.as_json(value) if form == "json" else output.as_csv(lines, COLUMNS), file)
    if lacking:
        ctx.exit(1)


COLUMNS = ["month", "workplace", "employees", "status", "reports", "days_late", "restated"]


MATRIX_MONTHS = 12
"""A period of at most so many months is also shown workplace by workplace."""


def _matrix(months: list[Month], cells: list[Cell]) -> list[str]:
    by_place: dict[str, dict[Month, Cell]] = {}
    for cell in cells:
        by_place.setdefault(cell.workplace, {})[cell.month] = cell
    rows = [[name, *(_cell(found.get(month)) for month in months)] for name, found in sorted(by_place.items())]
    return ["", output.table(rows, ["workplace", *map(str, months)])] if rows else []


def _cells(coverage: Coverage, folded: ContractState, month: Month) -> list[Cell]:
    """Late by the terms in force in the month (rule 20)."""
    return coverage.cells([month], folded.terms_of(month).settlement.report_days, folded.signed.first_month)


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "no headcount"
    notes = [f"{cell.days_late} days late"] if cell.days_late else []
    notes += ["restated"] if cell.restated else []
    return ", ".join([cell.status, *notes])


def _ended(folded: ContractState, facts: Facts) -> Iterable[Month]:
    terms, today = folded.versions[-1][1], day_in_stockholm(facts.known_at)
    every = (terms.first_month + number for number in range(terms.months))
    return [month for month in every if month.last_day < today]


def _agreed_out(folded: ContractState, month: Month) -> bool:
    """Whether nobody expects the month to be determined: suspended, or outside the contract and its reference years."""
    return folded.suspended(month) or not _concerns(folded, month)


def _concerns(folded: ContractState, month: Month) -> bool:
    terms = folded.versions[-1][1]
    reference = [months for _, one in folded.methodologies for months in _reference(one)]
    return terms.first_month <= month <= terms.last_month or any(month in period for period in reference)


def _reference(one: Methodology) -> list[Period]:
    return [one.reference.months, *(rule.months for rule in one.disruption if isinstance(rule, Rebase))]


def _measured_by(folded: ContractState, month: Month) -> Methodology | None:
    """The methodology in force in a month of the contract; None elsewhere."""
    adopted = any(start <= month.first_day for start, _ in folded.methodologies)
    return folded.methodology_of(month) if adopted and month >= folded.signed.first_month else None


def _lacking(coverage: Coverage, folded: ContractState, month: Month) -> str | None:
    """What keeps the month from being determined, in words."""
    method = _measured_by(folded, month)
    if folded.suspended(month):
        return "follow-up is suspended by agreement"
    if not _concerns(folded, month):
        return "neither a month of the contract nor of its reference years"
    if method is not None and method.agreed(month) is not None:
        return None
    if not coverage.counts.get(month):
        return "headcounts are missing"
    if unsaid := coverage.silent.get(month):
        return f"no headcount for {', '.join(unsaid)}"
    if missing := coverage.missing(month):
        return f"no complete report for {', '.join(missing)}"
    return None


def _beyond_reports(facts: Facts, folded: ContractState, month: Month) -> str | None:
    """What a month of the contract lacks of the national trend and of the state's reimbursements."""
    method = _measured_by(folded, month)
    if method is None or month in folded.savings or folded.suspended(month) or method.agreed(month) is not None:
        return None
    on = standing(facts, facts, folded, method, redo=False)
    found, said = missing_trend(on, month), []
    if found:
        said.append(f"{'; '.join(found)}; record it with: soc import trend FILE")
    if method.netting(month) is not None and month not in on.repaid:
        repaid = "what the state repaid of sick pay is missing"
        said.append(f"{repaid}; record it with: soc import reimbursements {folded.signed.id} FILE")
    return "; ".join(said) or None


def _row(coverage: Coverage, cell: Cell) -> dict[str, Any]:
    return {
        "month": str(cell.month),
        "workplace": cell.workplace,
        "employees": cell.employees,
        "status": cell.status,
        "reports": list(cell.reports),
        "days_late": cell.days_late,
        "restated": cell.restated,
    }


def _can(folded: ContractState, month: Month) -> str:
    found = [one.number for one in folded.in_force if month in one.period]
    if found:
        return f"determined, D{found[0]}"
    method = _measured_by(folded, month)
    rule = None if method is None else method.agreed(month)
    if rule is not None:
        counts = f"it counts for the mean of {rule.of}" if isinstance(rule, DeemAverage) else "it is left out"
        return f"yes, by agreement {counts}"
    return "yes" if month >= folded.signed.first_month else "yes, a reference month"


def _text(lacks: dict[Month, str | None], folded: ContractState, cells: list[Cell]) -> Iterable[str]:
    by_month: dict[Month, list[Cell]] = {month: [] for month in lacks}
    for cell in cells:
        by_month[cell.month].append(cell)
    if not lacks:
        yield "No month has ended yet."
    rows = []
    for month, found in by_month.items():
        working = [cell for cell in found if cell.employees]
        lacking = lacks[month]
        late = max((cell.days_late for cell in working), default=0)
        rows.append(
            [
                month,
                len(working),
                sum(cell.status == "complete" for cell in working),
                sum(cell.status == "partial" for cell in working),
                sum(cell.status == "missing" for cell in working),
                f"{sum(cell.days_late > 0 for cell in working)}{f', up to {late} days' if late else ''}",
                sum(cell.restated for cell in working),
                f"no: {lacking}" if lacking else _can(folded, month),
            ]
        )
    if rows:
        headers = ["month", "workplaces", "complete", "partial", "missing", "late", "restated", "can be determined"]
        yield output.table(rows, headers, right=(1, 2, 3, 4, 6))
