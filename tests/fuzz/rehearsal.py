"""A file's way into a record without the database: read, matched with what is on record, decided, encoded. Hundreds a second,
where the whole command makes a dozen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from types import SimpleNamespace
from typing import Any

from cli.absence_file import from_csv, from_paxml
from cli.absence_import import AbsenceImport
from cli.import_ import _not_in_the_future
from ledger import evidence
from ledger.commands import Context
from ledger.errors import Fault, InputRefused
from ledger.events import Actor, Scope
from ledger.facts import Facts, absence_stream
from ledger.imports import recognise, trend_csv, workforce_csv
from ledger.lines import Lines
from ledger.record import decode
from projections import reporting
from projections.absences import reports
from tests.fuzz import days
from tests.fuzz.hold import hold
from tests.fuzz.ways import Way

MANAGER = Actor(name="M. Lind", role="performance_manager")


class People:
    """A vault in memory: employment numbers and tokens of each contract, new ones forgotten."""

    place = "memory"

    def __init__(self, tokens: dict[str, dict[str, int]]) -> None:
        self._tokens = tokens

    def last_token(self, contract: str) -> int:
        return max(self._tokens.get(contract, {}).values(), default=0)

    def tokens(
        self, contract: str, employees: Iterable[str], shuffled_by: Callable[[str], bytes], *, keep: bool
    ) -> dict[str, int]:
        known = self._tokens.get(contract, {})
        new = sorted(set(employees) - known.keys(), key=shuffled_by)
        return known | {name: number for number, name in enumerate(new, self.last_token(contract) + 1)}

    def employee(self, contract: str, token: int) -> str | None:
        return next((name for name, number in self._tokens[contract].items() if number == token), None)


class Rehearsal:
    """What a file would record on a ledger as it stands."""

    def __init__(self, facts: Facts, tokens: dict[str, dict[str, int]], today: date) -> None:
        self.facts, self.tokens, self.today = facts, tokens, today
        self._before: dict[tuple[str, str], days.Days] = {}
        self._desk: Any = SimpleNamespace(vault=People(tokens), actor=MANAGER, facts=facts, today=today)

    def send(self, way: Way, content: bytes) -> None:
        """Raises what the product raises, and Broken where its record would be none."""
        if recognise.kind(content, "sent") != way.kind:
            raise InputRefused([Fault("sent", 1, "is of another kind")])
        if way.kind == "absences":
            self._absences(way, content)
        elif way.kind == "workforce":
            workforce_csv.read(content, "sent")
        else:
            trend_csv.read(content, "sent")

    def _absences(self, way: Way, content: bytes) -> None:
        complete, period = way.period("--complete"), way.period("--period")
        if recognise.form(content) == "csv":
            report = from_csv(content, "sent", complete)
        else:
            report = from_paxml(content, "sent", complete, period, self.facts.contract(way.contract), self.today)
        _not_in_the_future(report.rows, "sent", self.today)
        names = tuple(sorted(way.said("--workplaces").split(","))) if way.said("--workplaces") else None
        scope = Scope(complete=report.complete, workplaces=names) if report.complete is not None else None
        source: Any = way.said("--source")
        made = AbsenceImport(self._desk, way.contract, "sent", content, report, source, scope, period or report.complete)
        self._check(way, made, made._propose(self.facts))

    def _check(self, way: Way, made: AbsenceImport, command: evidence.ReportAbsences) -> None:
        context = Context(MANAGER, self.today, bytes(32), frozenset())
        [decided] = evidence.decide(command, self.facts.contract(way.contract), context)
        event: Any = decided.event
        lines = Lines.checked(decided.beside or b"")
        hold((len(lines), lines.commitment()) == (event.lines.count, event.lines.sha256), "lines other than committed to")
        last = self.facts.stream(absence_stream(way.contract))[-1]
        record = last.model_copy(update={"data": event, "effective_on": decided.effective_on})
        hold(decode(event.TYPE, record.body()).body() == record.body(), "a record that does not read back as it was written")
        named = {*made.rows.employee, *(one.employee for one in made.report.corrections)}
        new = named - self.tokens[way.contract].keys()
        unknown = set(lines.employee) - set(self.tokens[way.contract].values())
        hold(len(new) == len(unknown), f"{len(new)} new people in the file, {len(unknown)} in the record")
        hold(all(extent for extent in lines.extent) or command.withdraws > 0, "lines of extent 0 that withdraw nothing")
        if made.report.kind == "paxml":
            self._check_days(way, made, lines)

    def _check_days(self, way: Way, made: AbsenceImport, lines: Lines) -> None:
        tokens = made._tokens()
        named = days.said(made.rows, tokens)
        if len(named) > days.MOST:
            return
        file = reporting.File("sent", [], lines, made.source, made.scope, made.period)
        record = reporting._record(self.facts, way.contract, file)
        after = reports(self.facts, way.contract, made.source, then=(record, lines))
        key = way.contract, made.source
        if key not in self._before:
            self._before[key] = days.on_record(after.earlier(len(after.records) - 1))
        corrected = {tokens[one.employee] for one in made.report.corrections}
        days.check(self._before[key], named, days.on_record(after), made.scope, corrected)
