"""``soc import``: absences, workforce, trend, reimbursements, indicators, targets.

All or nothing per file; every fault with its file and line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Literal

import click

from cli import absence_file, files, output, reimbursements_import
from cli.absence_import import AbsenceImport
from cli.desk import Desk
from cli.indicators import importing as indicators_import
from cli.options import DATE, PERIOD, TEXT, with_desk, writes
from ledger.canonical import sha256
from ledger.errors import Fault, Faults, InputRefused, Refused
from ledger.events import Document, Headcount, IndexValue, Scope
from ledger.evidence import PublishTrend, ReportReimbursements, ReportWorkforce
from ledger.facts import Facts
from ledger.imports import absence_csv, lookalikes, recognise, trend_csv, workforce_csv
from ledger.imports.personal_numbers import without_personal_numbers
from ledger.imports.trend_csv import TrendRow
from ledger.periods import Period
from projections import trend, workforce
from projections.reimbursements import reimbursements


@click.group("import")
def command() -> None:
    """Record absences, workforce, the national trend, the state's reimbursements, unpaid outcomes and targets from files."""


def _obtained(function: Any) -> Any:
    function = click.option("--obtained-on", type=DATE, metavar="DATE", help="When the document was obtained; default: today.")(
        function
    )
    how = click.option(
        "--obtained-how",
        type=TEXT,
        default="file given to soc import",
        show_default=True,
        metavar="TEXT",
        help="How it was obtained.",
    )
    return how(function)


@command.command("absences")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--source", type=click.Choice(["payroll", "health-support", "other"]), required=True, help="Who reports.")
@click.option("--complete", type=PERIOD, metavar="PERIOD", help="The months for which the file holds everything.")
@click.option("--workplaces", metavar="A,B", help="The workplaces for which it does; default: all.")
@click.option("--period", type=PERIOD, metavar="PERIOD", help="The months that a partial file is about; open spells end with it.")
@click.option("--kind", type=click.Choice(["csv", "paxml"]), help="The format; default: recognised from the file.")
@_obtained
@writes
@with_desk
def absences(
    desk: Desk,
    contract_id: str,
    paths: tuple[str, ...],
    source: Literal["payroll", "health-support", "other"],
    complete: Period | None,
    workplaces: str | None,
    period: Period | None,
    kind: str | None,
    obtained_on: date | None,
    obtained_how: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record absence reports: CSV, or PAXml 2.x time transactions. Without --complete a report is partial: its lines replace
    those with the same employee and first day (in PAXml: the same days), and nothing else. A PAXml file may itself say for
    which months it is complete (klar, nyexport)."""
    if complete is None and workplaces is not None:
        raise click.UsageError("--workplaces says where a report is complete; give --complete PERIOD with it")
    if complete is not None and period is not None and complete != period:
        raise click.UsageError("--complete says the file's period; leave --period out")
    desk.facts.contract(contract_id)
    names = _names(workplaces)

    def one(path: str, advance: Callable[[int], None]) -> output.Receipted:
        data = files.content(path)
        if kind is None:
            _expect(data, path, "absences")
        contract = desk.facts.contract(contract_id)
        report = absence_file.read(kind or recognise.form(data), data, path, complete, period, contract, desk.today)
        _not_in_the_future(report.rows, path, desk.today)
        advance(1)
        scope = Scope(complete=report.complete, workplaces=names) if report.complete is not None else None
        record = AbsenceImport(desk, contract_id, path, data, report, source, scope, period or report.complete)
        done = record.submit(dry_run, reference, _document(desk, path, data, obtained_on, obtained_how))
        advance(1)
        return output.Receipted(done, contract_id, record.said(done))

    _each(paths, one, form, file)


def _names(workplaces: str | None) -> tuple[str, ...] | None:
    names = tuple(sorted({name.strip() for name in workplaces.split(",")})) if workplaces else None
    if names is not None and "" in names:
        raise click.UsageError("--workplaces has a comma too many: name each workplace once, as --workplaces 'A,B'")
    return names


def _each(paths: Sequence[str], one: Callable[[str, Callable[[int], None]], output.Receipted], form: str, file: str) -> None:
    """Each file by itself, with a progress bar on a terminal; a refused file does not stop the others, but the exit code
    says so."""
    receipts: list[output.Receipted] = []
    refused: list[InputRefused] = []
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=2 * len(paths), label="Importing", file=sys.stderr, hidden=hidden) as bar:
        for number, path in enumerate(paths, 1):
            try:
                receipts.append(one(path, bar.update))
            except InputRefused as error:
                refused.append(error)
                bar.update(2 * number - bar.pos)
    if receipts:
        output.receipts(receipts, form, file)
    if refused:
        raise InputRefused.together(refused)


def _expect(data: bytes, path: str, wanted: str) -> None:
    found = recognise.kind(data, path, wanted)
    if found != wanted:
        raise InputRefused([Fault(path, 1, f"its header is that of a file of {found}", f"Import it with: soc import {found}")])


def _document(desk: Desk, path: str, data: bytes, obtained_on: date | None, obtained_how: str) -> Document:
    if obtained_on is not None and obtained_on > desk.today:
        raise Refused(f"{obtained_on} is in the future; today is {desk.today}", do="Say when the document was obtained.")
    return files.document(path, data, obtained_on or desk.today, obtained_how)


def _not_in_the_future(rows: absence_csv.AbsenceRows, path: str, today: date) -> None:
    limit = int(today.strftime("%Y%m%d"))
    faults = Faults(path)
    for line, first in zip(rows.line, rows.first_day, strict=True):
        if first > limit and not faults.passes_over(line):
            faults.add(line, f"begins after today, {today}", "Leave it out: an absence is recorded when it has begun.")
    faults.refuse()


@command.command("workforce")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("path", metavar="FILE")
@_obtained
@writes
@with_desk
def workforce_(
    desk: Desk,
    contract_id: str,
    path: str,
    obtained_on: date | None,
    obtained_how: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record headcounts on the last day of each month, by workplace; 0 ends a workplace."""
    desk.facts.contract(contract_id)
    data = files.content(path)
    _expect(data, path, "workforce")
    read = workforce_csv.read(data, path).rows
    late = Faults(path)
    for row in read:
        if row.month.last_day > desk.today:
            advice = "Leave the month out until it has ended: heads are counted on its last day."
            late.add(row.line, f"{row.month} has not ended; today is {desk.today}", advice)
    late.refuse()
    rows = tuple(Headcount(month=row.month, workplace=row.workplace, employees=row.employees) for row in read)

    def replaced(facts: Facts, records: Sequence[Any]) -> bool:
        counts = workforce.headcounts(facts, contract_id)
        return any(counts[row.month][row.workplace] != row.employees for row in rows)

    done = desk.submit(
        lambda facts: ReportWorkforce(contract_id, rows),
        {"command": "import workforce", "contract": contract_id, "sha256": sha256(data)},
        dry_run=dry_run,
        reference=reference,
        documents=[_document(desk, path, data, obtained_on, obtained_how)],
        replaced=replaced,
    )
    months = sorted({row.month for row in rows})
    places = {row.workplace for row in rows}
    said = [f"{path}: headcounts of {len(places)} workplaces, {Period(months[0], months[-1])}"]
    known = {name for names in workforce.headcounts(done.before, contract_id).values() for name in names}
    said += [f"finding: {one}, which has headcounts" for one in lookalikes.found(places - known, known)]
    output.receipt(done, contract_id, said, form, file)


@command.command("trend")
@click.argument("path", metavar="FILE")
@_obtained
@writes
@with_desk
def trend_(
    desk: Desk,
    path: str,
    obtained_on: date | None,
    obtained_how: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record values of a national series, each with its date of publication and its status."""
    data = files.content(path)
    _expect(data, path, "trend")
    read = trend_csv.read(data, path).rows
    _check_trend(read, path, desk.today)
    series = read[0].series
    values = tuple(
        IndexValue(quarter=row.quarter, value=row.value, published_on=row.published_on, status=row.status, source=row.source)  # type: ignore[arg-type]
        for row in read
    )

    def replaced(facts: Facts, records: Sequence[Any]) -> bool:
        standing = trend.values(facts, series)
        return any(standing[value.quarter] != value for value in values)

    done = desk.submit(
        lambda facts: PublishTrend(series, values),
        {"command": "import trend", "sha256": sha256(data)},
        dry_run=dry_run,
        reference=reference,
        documents=[_document(desk, path, data, obtained_on, obtained_how)],
        replaced=replaced,
    )
    statuses = ", ".join(f"{value.quarter} {value.value} ({value.status})" for value in values[:4])
    more = f" and {len(values) - 4} more" if len(values) > 4 else ""
    output.receipt(done, None, [f"{path}: {series}: {statuses}{more}"], form, file)


def _check_trend(rows: Sequence[TrendRow], path: str, today: date) -> None:
    """Raise InputRefused for values published after today, and for several series."""
    late = Faults(path)
    for row in rows:
        if row.published_on > today:
            what = f"published on {row.published_on}, after today, {today}"
            late.add(row.line, what, "Correct the date, or leave the value out until it is public.")
    late.refuse()
    series = sorted({row.series for row in rows})
    if len(series) > 1:
        second = next(row.line for row in rows if row.series != rows[0].series)
        named = without_personal_numbers(", ".join(series[:5])) + (" and others" if len(series) > 5 else "")
        raise InputRefused([Fault(path, second, f"holds {len(series)} series: {named}", "Make it one file for each series.")])


@command.command("reimbursements")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("path", metavar="FILE")
@_obtained
@writes
@with_desk
def reimbursements_(
    desk: Desk,
    contract_id: str,
    path: str,
    obtained_on: date | None,
    obtained_how: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """Record what the state repaid of each month's sick-pay cost; a month for which nothing was repaid says 0."""
    desk.facts.contract(contract_id)
    data = files.content(path)
    _expect(data, path, "reimbursements")
    read = reimbursements_import.read(data, path, desk.today)
    rows = reimbursements_import.recorded(read)

    def replaced(facts: Facts, records: Sequence[Any]) -> bool:
        standing = reimbursements(facts, contract_id)
        return any(standing[row.month] != row for row in rows)

    done = desk.submit(
        lambda facts: ReportReimbursements(contract_id, rows),
        {"command": "import reimbursements", "contract": contract_id, "sha256": sha256(data)},
        dry_run=dry_run,
        reference=reference,
        documents=[_document(desk, path, data, obtained_on, obtained_how)],
        replaced=replaced,
    )
    said = reimbursements_import.said(path, read, done.before, contract_id)
    output.receipt(done, contract_id, said, form, file)


@command.command("indicators")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("path", metavar="FILE")
@_obtained
@writes
@with_desk
def indicators_(desk: Desk, contract_id: str, path: str, **how: Any) -> None:
    """Record outcomes that are followed and not paid by: employee engagement, work capacity, purchases of occupational health
    services. The last recorded of a period holds."""
    _whole(desk, contract_id, path, "indicators", indicators_import.indicators, **how)


@command.command("targets")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("path", metavar="FILE")
@_obtained
@writes
@with_desk
def targets_(desk: Desk, contract_id: str, path: str, **how: Any) -> None:
    """Record what the contract aims at: by how many per cent something is to change, who said so, when and where."""
    _whole(desk, contract_id, path, "targets", indicators_import.targets, **how)


def _whole(
    desk: Desk,
    contract_id: str,
    path: str,
    kind: str,
    read: Callable[[str, bytes, str, date], indicators_import.Sent],
    *,
    obtained_on: date | None,
    obtained_how: str,
    dry_run: bool,
    reference: str | None,
    form: str,
    file: str,
) -> None:
    """One file as one record."""
    desk.facts.contract(contract_id)
    data = files.content(path)
    _expect(data, path, kind)
    sent = read(contract_id, data, path, desk.today)
    done = desk.submit(
        lambda facts: sent.command,
        {"command": f"import {kind}", "contract": contract_id, "sha256": sha256(data)},
        dry_run=dry_run,
        reference=reference,
        documents=[_document(desk, path, data, obtained_on, obtained_how)],
        replaced=lambda facts, records: sent.differs(facts),
    )
    output.receipt(done, contract_id, sent.said(done.before), form, file)
