"""One file of absences on its way into the log: employees become tokens, and the receipt says what came of it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal

from cli.absence_file import AbsenceFile
from cli.desk import Desk
from cli.words import counted
from ledger.authority import require
from ledger.canonical import sha256
from ledger.errors import Usage
from ledger.events import Document, Scope
from ledger.evidence import ReportAbsences
from ledger.facts import Facts
from ledger.imports import lookalikes
from ledger.lines import Lines
from ledger.log import Receipt
from ledger.periods import Period, day_in_stockholm
from projections import day_reports, reporting, workforce
from projections.day_reports import Less


class AbsenceImport:
    """One file of absences on its way into the log."""

    def __init__(
        self,
        desk: Desk,
        contract_id: str,
        path: str,
        data: bytes,
        report: AbsenceFile,
        source: Literal["payroll", "health-support", "other"],
        scope: Scope | None,
        period: Period | None,
    ) -> None:
        self.desk, self.contract_id, self.path, self.data, self.report = desk, contract_id, path, data, report
        self.rows = report.rows
        self.source: Literal["payroll", "health-support", "other"] = source
        self.scope, self.period = scope, period
        self.withdrawn = self.outside = self.ended = self.corrected = 0
        self.tokens: dict[str, int] = {}

    def submit(self, dry_run: bool, reference: str | None, document: Document) -> Receipt:
        """Record it, its employees as tokens."""
        words: dict[str, Any] = {
            "command": "import absences",
            "contract": self.contract_id,
            "kind": self.report.kind,
            "source": self.source,
            "scope": self.scope.model_dump(mode="json") if self.scope else None,
            "period": str(self.period) if self.period else None,
            "sha256": sha256(self.data),
        }
        if self.report.codes is not None:
            words["absence_codes"] = self.report.codes.model_dump(mode="json", exclude_none=True)
        _ = self.desk.vault
        return self.desk.submit(
            self._propose,
            words,
            dry_run=dry_run,
            reference=reference,
            documents=[document],
            replaced=lambda facts, records: reporting.replaced_by_later(facts, self.contract_id, records[0]),
            before_commit=self._keep,
        )

    def _propose(self, facts: Facts) -> ReportAbsences:
        """The report; new people get their tokens for good only once nothing stands against it."""
        require(facts.contract(self.contract_id).versions[-1][1], "records", self.desk.actor)
        known = self.desk.vault.last_token(self.contract_id)
        if reporting.highest_token(facts, self.contract_id) > known:
            raise Usage(
                f"the vault at {self.desk.vault.place} is older than the ledger: it does not know people who are on record",
                do="restore the latest copy of the vault: people would be mistaken for each other",
            )
        tokens = self.tokens = self._tokens()
        read = reporting.File(self.path, self.rows.line, self._lines(tokens), self.source, self.scope, self.period)
        self.outside = reporting.outside(read)
        if self.report.kind == "paxml":
            less = [Less(one.line, tokens[one.employee], *one[2:]) for one in self.report.corrections]
            written = day_reports.rewritten(facts, self.contract_id, read, less, self._name_of)
            read, self.ended, self.corrected = written.file, written.ended, written.corrected
        command = reporting.report(facts, self.contract_id, read, self._name_of)
        self.withdrawn = command.withdraws
        return command

    def _tokens(self) -> dict[str, int]:
        employees = [*self.rows.employee, *(one.employee for one in self.report.corrections)]
        return self.desk.vault.tokens(self.contract_id, employees, self._shuffled, keep=False)

    def _keep(self) -> None:
        """The vault may know people who are not on record, if the ledger's commit then fails: a token is not given twice. It
        must not be the other way round."""
        self.desk.vault.keep(self.contract_id, self.tokens)

    def _lines(self, tokens: dict[str, int]) -> Lines:
        """The rows as columns, employees as tokens."""
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
        said += self.report.notes
        if self.corrected:
            said.append(f"corrects {counted(self.corrected, 'day')} that earlier reports said")
        if self.ended:
            said.append(
                f"ends {counted(self.ended, 'absence')} that an earlier report left open, for it has no next day of theirs"
            )
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
        known = self._workplaces(done.facts)
        unknown = sorted(named - known)
        said += [f"finding: {one}, which has headcounts" for one in lookalikes.found(unknown, known)]
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
