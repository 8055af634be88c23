"""``soc import``: absences, workforce, trend. All or nothing per file; every fault with its file and line."""

from __future__ import annotations

import hashlib
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any, Literal

import click

from cli import files, output
from cli.desk import Desk
from cli.options import DATE, PERIOD, TEXT, with_desk, writes
from cli.words import counted
from ledger.canonical import sha256
from ledger.decisions import require
from ledger.errors import Fault, InputRefused, Refused, Usage
from ledger.events import Document, Headcount, IndexValue, Scope
from ledger.evidence import PublishTrend, ReportAbsences, ReportWorkforce
from ledger.facts import Facts
from ledger.imports import absence_csv, recognise, trend_csv, workforce_csv
from ledger.lines import Lines
from ledger.log import Receipt
from ledger.periods import Period, day_in_stockholm
from projections import reporting, trend, workforce


@click.group("import")
def command() -> None:
    """Record absences, workforce and the national trend from files."""


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
@click.option("--kind", type=click.Choice(["csv"]), help="The format, where it is not recognised.")
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
    """Record absence reports. Without --complete a report is partial: its lines replace those with the same employee and
    first day, and nothing else."""
    if complete is None and workplaces is not None:
        raise click.UsageError("--workplaces says where a report is complete; give --complete PERIOD with it")
    if complete is not None and period is not None and complete != period:
        raise click.UsageError("--complete says the file's period; leave --period out")
    desk.facts.contract(contract_id)
    names = tuple(sorted({name.strip() for name in workplaces.split(",")})) if workplaces else None
    if names is not None and "" in names:
        raise click.UsageError("--workplaces has a comma too many: name each workplace once, as --workplaces 'A,B'")
    scope = Scope(complete=complete, workplaces=names) if complete is not None else None

    def one(path: str, advance: Callable[[int], None]) -> output.Receipted:
        data = files.content(path)
        if kind is None:
            _expect(data, path, "absences")
        rows = absence_csv.read(data, path)
        _not_in_the_future(rows, path, desk.today)
        advance(1)
        record = _Absences(desk, contract_id, path, data, rows, source, scope, period or complete)
        done = record.submit(dry_run, reference, _document(desk, path, data, obtained_on, obtained_how))
        advance(1)
        return output.Receipted(done, contract_id, record.said(done))

    _each(paths, one, form, file)


def _each(paths: Sequence[str], one: Callable[[str, Callable[[int], None]], output.Receipted], form: str, file: str) -> None:
    """Each file by itself, with a progress bar on a terminal; a refused file does not stop the others, but the exit code
    says so."""
    receipts: list[output.Receipted] = []
    faults: list[Fault] = []
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=2 * len(paths), label="Importing", file=sys.stderr, hidden=hidden) as bar:
        for number, path in enumerate(paths, 1):
            try:
                receipts.append(one(path, bar.update))
            except InputRefused as error:
                faults += error.faults
                bar.update(2 * number - bar.pos)
    if receipts:
        output.receipts(receipts, form, file)
    if faults:
        raise InputRefused(faults)


def _expect(data: bytes, path: str, wanted: str) -> None:
    found = recognise.kind(data, path)
    if found != wanted:
        raise InputRefused([Fault(path, 1, f"its header is that of a file of {found}", f"import it with: soc import {found}")])


def _document(desk: Desk, path: str, data: bytes, obtained_on: date | None, obtained_how: str) -> Document:
    if obtained_on is not None and obtained_on > desk.today:
        raise Refused(f"{obtained_on} is in the future; today is {desk.today}", do="say when the document was obtained")
    return files.document(path, data, obtained_on or desk.today, obtained_how)


def _not_in_the_future(rows: absence_csv.AbsenceRows, path: str, today: date) -> None:
    limit = int(today.strftime("%Y%m%d"))
    faults = [
        Fault(path, line, f"begins after today, {today}", "an absence is recorded when it has begun")
        for line, first in zip(rows.line, rows.first_day, strict=True)
        if first > limit
    ]
    if faults:
        raise InputRefused(faults)


class _Absences:
    """One file of absences on its way into the log."""

    def __init__(
        self,
        desk: Desk,
        contract_id: str,
        path: str,
        data: bytes,
        rows: absence_csv.AbsenceRows,
        source: Literal["payroll", "health-support", "other"],
        scope: Scope | None,
        period: Period | None,
    ) -> None:
        self.desk, self.contract_id, self.path, self.data, self.rows = desk, contract_id, path, data, rows
        self.source: Literal["payroll", "health-support", "other"] = source
        self.scope, self.period = scope, period
        self.withdrawn = self.outside = 0

    def submit(self, dry_run: bool, reference: str | None, document: Document) -> Receipt:
        """Record it, its employees as tokens."""
        words = {
            "command": "import absences",
            "contract": self.contract_id,
            "kind": "csv",
            "source": self.source,
            "scope": self.scope.model_dump(mode="json") if self.scope else None,
            "period": str(self.period) if self.period else None,
            "sha256": sha256(self.data),
        }
        _ = self.desk.vault
        return self.desk.submit(
            lambda facts: self._propose(facts, keep=not dry_run),
            words,
            dry_run=dry_run,
            reference=reference,
            documents=[document],
            replaced=lambda facts, records: reporting.replaced_by_later(facts, self.contract_id, records[0]),
        )

    def _propose(self, facts: Facts, keep: bool) -> ReportAbsences:
        """The report; new people get their tokens for good only once nothing stands against it."""
        require(facts.contract(self.contract_id).versions[-1][1], "records", self.desk.actor)
        known = self.desk.vault.last_token(self.contract_id)
        if reporting.highest_token(facts, self.contract_id) > known:
            raise Usage(
                f"the vault at {self.desk.vault.place} is older than the ledger: it does not know people who are on record",
                do="restore the latest copy of the vault: people would be mistaken for each other",
            )
        read = reporting.File(self.path, self.rows.line, self._lines(keep=False), self.source, self.scope, self.period)
        command = reporting.report(facts, self.contract_id, read, self._name_of)
        self.withdrawn, self.outside = command.withdraws, reporting.outside(read)
        return replace(command, lines=self._lines(keep=True)) if keep else command

    def _lines(self, keep: bool) -> Lines:
        """The rows as columns, employees as tokens."""
        tokens = self.desk.vault.tokens(self.contract_id, self.rows.employee, self._shuffled, keep=keep)
        names = sorted(set(self.rows.workplace))
        index = {name: number for number, name in enumerate(names)}
        return Lines(
            workplaces=tuple(names),
            employee=tuple(map(tokens.__getitem__, self.rows.employee)),
            workplace=tuple(map(index.__getitem__, self.rows.workplace)),
            first_day=tuple(self.rows.first_day),
            last_day=tuple(self.rows.last_day),
            extent=tuple(self.rows.extent),
            cause=tuple(self.rows.cause),
            secret=b"",
        )

    @cached_property
    def _shuffled(self) -> Callable[[str], bytes]:
        """What orders new people, so that the order of their tokens means nothing."""
        opened = self.desk.facts.opened
        key = f"{opened.seed}\0{self.contract_id}\0".encode() if opened.simulated else secrets.token_bytes(32)
        return lambda name: hashlib.sha256(key + name.encode()).digest()

    def _name_of(self, token: int) -> str | None:
        return self.desk.vault.employee(self.contract_id, token)

    def said(self, done: Receipt) -> list[str]:
        """What the receipt says of it."""
        scope = f"complete for {self.scope.complete} at {_places(self.scope)}" if self.scope else "partial"
        said = [f"{self.path}: {counted(len(self.rows), 'absence')} from {self.source}, {scope}"]
        if self.withdrawn:
            said.append(f"withdraws {counted(self.withdrawn, 'absence')} that stood on record")
        if self.outside:
            lines = counted(self.outside, "line")
            said.append(f"finding: {lines} outside the months that it is complete for, taken as from a partial report")
        months = done.records[0].data.months
        folded = done.facts.contract(self.contract_id)
        determined = [str(month) for month in months if month in folded.savings]
        if determined and not done.repeated:
            said.append(f"{_listed(determined)} already determined: the change counts as unsettled until redone")
        erased = self.desk.vault.erasures(self.contract_id)
        first = min(self.rows.first_day, default=99999999)
        named = {*self.rows.workplace, *((self.scope.workplaces or ()) if self.scope else ())}
        unknown = sorted(named - self._workplaces(done.facts))
        if unknown:
            said.append(f"finding: no headcount names {', '.join(unknown[:5])}{' and others' if len(unknown) > 5 else ''}")
        last = day_in_stockholm(erased[-1].erased_at) if erased else None
        if last is not None and first < int(last.strftime("%Y%m%d")):
            count = "1 person" if len(erased) == 1 else f"{len(erased)} people"
            said.append(f"finding: {count} erased, last on {last}; lines of theirs from before cannot be matched")
        return said

    def _workplaces(self, facts: Facts) -> set[str]:
        return {name for names in workforce.headcounts(facts, self.contract_id).values() for name in names}


def _places(scope: Scope) -> str:
    return "all workplaces" if scope.workplaces is None else ", ".join(scope.workplaces)


def _listed(names: list[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names)} are"


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
    late = [row for row in read if row.month.last_day > desk.today]
    if late:
        raise InputRefused([Fault(path, row.line, f"{row.month} has not ended; today is {desk.today}") for row in late])
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
    said = [f"{path}: headcounts of {len({row.workplace for row in rows})} workplaces, {Period(months[0], months[-1])}"]
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
    late = [row for row in read if row.published_on > desk.today]
    if late:
        raise InputRefused([Fault(path, row.line, f"published on {row.published_on}, after today, {desk.today}") for row in late])
    series = sorted({row.series for row in read})
    if len(series) > 1:
        raise InputRefused([Fault(path, None, f"holds {len(series)} series: {', '.join(series)}", "make it one file a series")])
    values = tuple(
        IndexValue(quarter=row.quarter, value=row.value, published_on=row.published_on, status=row.status, source=row.source)  # type: ignore[arg-type]
        for row in read
    )

    def replaced(facts: Facts, records: Sequence[Any]) -> bool:
        standing = trend.values(facts, series[0])
        return any(standing[value.quarter] != value for value in values)

    done = desk.submit(
        lambda facts: PublishTrend(series[0], values),
        {"command": "import trend", "sha256": sha256(data)},
        dry_run=dry_run,
        reference=reference,
        documents=[_document(desk, path, data, obtained_on, obtained_how)],
        replaced=replaced,
    )
    statuses = ", ".join(f"{value.quarter} {value.value} ({value.status})" for value in values[:4])
    more = f" and {len(values) - 4} more" if len(values) > 4 else ""
    output.receipt(done, None, [f"{path}: {series[0]}: {statuses}{more}"], form, file)
