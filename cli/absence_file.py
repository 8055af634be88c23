"""A file of absences, read: CSV, or PAXml under the terms in force."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from cli.words import counted
from ledger.contract import ContractState
from ledger.imports import absence_csv, paxml, paxml_scope, paxml_xml
from ledger.imports.absence_csv import AbsenceRows
from ledger.imports.paxml import Correction, Spoken
from ledger.periods import Period
from ledger.terms import AbsenceCodes


@dataclass(frozen=True)
class AbsenceFile:
    """What it says: absences, corrections of earlier reports, the months for which it is complete, what to say of it, and the
    meaning of codes that was agreed."""

    kind: Literal["csv", "paxml"]
    rows: AbsenceRows
    complete: Period | None
    corrections: tuple[Correction, ...] = ()
    notes: list[str] = field(default_factory=list)
    codes: AbsenceCodes | None = None


def read(
    form: str, data: bytes, path: str, complete: Period | None, period: Period | None, contract: ContractState, today: date
) -> AbsenceFile:
    """A file in the format ``csv`` or ``paxml``; ``complete`` and ``period`` are what the command line says of it. Raises
    InputRefused with every fault."""
    if form == "csv":
        return from_csv(data, path, complete)
    return from_paxml(data, path, complete, period, contract, today)


def from_csv(data: bytes, path: str, complete: Period | None) -> AbsenceFile:
    """A CSV file, complete for what the command line says. Raises InputRefused."""
    return AbsenceFile("csv", absence_csv.read(data, path), complete)


def from_paxml(
    data: bytes, path: str, complete: Period | None, period: Period | None, contract: ContractState, today: date
) -> AbsenceFile:
    """A PAXml file under the terms in force in the last month that it is about, today's where nothing says which that is. Raises
    InputRefused."""
    document = paxml_xml.document(data, path)
    found, notes = paxml_scope.complete_for(document, complete, period)
    about = found or period
    terms = contract.terms_of(about.last) if about is not None else contract.terms_on(today)
    spoken = paxml.spoken(document, terms.absence_codes)
    if found is not None and complete is None:
        notes.insert(0, f"complete for {found} as the file itself says")
    return AbsenceFile("paxml", spoken.rows, found, spoken.corrections, [*notes, *_notes(spoken)], terms.absence_codes)


def _notes(spoken: Spoken) -> list[str]:
    said = []
    if spoken.left_out:
        said.append(f"left out, for it is no sick leave: {_counts(spoken.left_out)}")
    for code, count in sorted(spoken.unmapped.items()):
        said.append(f"finding: {code} ×{count} is not mapped in [absence_codes] of the terms, and left out")
    if spoken.without_hours:
        said.append(f"left out, for they have 0 hours: {counted(spoken.without_hours, 'time transaction')}")
    if spoken.mixed:
        said.append(
            f"finding: {counted(spoken.mixed, 'day')} with two causes or workplaces; the greater extent decides which counts"
        )
    return said


def _counts(codes: Counter[str]) -> str:
    return ", ".join(f"{code} ×{count}" for code, count in sorted(codes.items()))
