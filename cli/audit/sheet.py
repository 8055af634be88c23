"""The findings sheet of an audit sample: its columns as they are handed out, and as they are read back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from cli.desk import Desk
from ledger.errors import Fault, Faults, InputRefused, Refused, Usage
from ledger.imports import fields, tables
from ledger.imports.decoding import decoded
from ledger.imports.fields import LONGEST_TEXT, Unreadable
from ledger.imports.personal_numbers import holds_personal_number
from ledger.imports.tables import Column
from ledger.money import parse_kronor
from projections.audit.sampling import Line, Sample
from projections.audit.sheet import UNREAD, UNREAD_DAY, UNREAD_TEXT, SheetRow

DRAWN = ("checkpoint", "fingerprint", "sample", "draw", "record", "line", "document")
"""What the drawing says of each row, for everybody."""

SAYS = ("workplace", "first_day", "last_day", "extent", "cause")
"""What the line drawn says, for the employer and the auditor."""

NUMBER = "employment_number"
"""Who the line is about, for the employer's own hands: to fetch the documents. It is never read back."""

FILLED_IN = ("procedure", "evidence", "result", "exception", "days_difference", "amount_difference")
"""What the auditor fills in (ISRS 4400: procedure, evidence, result, exception)."""

HOW_TO_FILL_IN = (
    "record, line: the report's record, and the line in the record, from 0; it is not the line of the file that was imported.",
    "procedure: what was done, the same for every row. evidence: on which document. result: ok or exception.",
    "exception: in what the evidence differs from the record; no names and no employment numbers, for it stands in the record.",
    "days_difference, amount_difference: what the evidence shows less what is on record, in net days and in kronor, where known.",
    "Net days are days 1 to 14 of the absence that lie in the report's months, Mondays to Fridays, times extent.",
)


def checkpoint(desk: Desk, size: int | None) -> int:
    """The size of the checkpoint to draw from: the one asked for, or the last. Raises Refused where nothing is sealed, Usage
    where that size is not."""
    sizes = sealed(desk)
    if not sizes:
        raise Refused("a sample is drawn from a checkpoint, and the record has none", do="seal it first: soc seal --key FILE")
    if size is not None and size not in sizes:
        said = ", ".join(map(str, sizes))
        raise Usage(f"there is no checkpoint of {size} records; there are: {said}", do="see them with: soc seal list")
    return sizes[-1] if size is None else size


def sealed(desk: Desk) -> list[int]:
    """The sizes of all checkpoints, in order."""
    from ledger.seal import checkpoints

    return [one.size for one in checkpoints(desk.log.recorder)]


def row(found: Sample, line: Line) -> dict[str, Any]:
    """What a row of the sheet says before it is filled in."""
    said = {name: getattr(line, name) for name in (*DRAWN[3:], *SAYS)}
    said |= {name: None if said[name] is None else str(said[name]) for name in ("first_day", "last_day")}
    return {"checkpoint": found.basis.position, "fingerprint": found.basis.root, "sample": len(found.lines), **said}


def employment_numbers(desk: Desk, found: Sample) -> list[str]:
    """Who each line drawn is about, by the vault; ``erased`` for a person who was. Raises Usage where there is no vault."""
    vault, people = desk.vault, {line.employee for line in found.lines}
    names = {one: vault.employee(found.contract, one) or "erased" for one in people}
    return [names[line.employee] for line in found.lines]


def _refuse_employment_numbers(content: bytes, file: str) -> None:
    """Raise InputRefused for a sheet that still says who its lines are about."""
    if NUMBER in tables.header_names(decoded(content, file), file):
        what = f"the column {NUMBER} is for the employer's own hands, and must not leave them"
        advice = "Take the whole column out, and record the sheet without it; destroy the copies that were handed on."
        raise InputRefused([Fault(file, None, what, advice)])


def read(content: bytes, file: str) -> tuple[list[SheetRow], Faults]:
    """The rows of a sheet (CSV), and what is wrong with single fields. Raises InputRefused where rows cannot be told apart, and
    where the sheet says who they are about."""
    _refuse_employment_numbers(content, file)
    parsers: dict[str, tuple[Callable[[str], Any], Any]] = {
        **dict.fromkeys(("checkpoint", "sample", "draw", "record", "line", "extent"), (_whole, UNREAD)),
        **dict.fromkeys(("fingerprint", "document", "workplace", "cause"), (str.strip, "")),
        "first_day": (fields.day_of, UNREAD_DAY),
        "last_day": (_day_or_open, UNREAD_DAY),
        **dict.fromkeys(("procedure", "evidence", "exception"), (_words, UNREAD_TEXT)),
        "result": (_result, UNREAD_TEXT),
        "days_difference": (_days, None),
        "amount_difference": (_amount, None),
    }
    columns = [Column(name, *parsers[name]) for name in (*DRAWN, *SAYS, *FILLED_IN)]
    table = tables.read(content, file, columns)
    values = zip(table.lines, *(column.values for column in columns), strict=True)
    return [SheetRow(*one) for one in values], table.faults


def _whole(cell: str) -> int:
    found = fields.whole_of(cell)
    if found is None:
        raise Unreadable("is not a whole number" if cell.strip() else "is empty", "Leave it as it was drawn.")
    return found


def _day_or_open(cell: str) -> date | None:
    return fields.day_of(cell) if cell.strip() else None


def _words(cell: str) -> str:
    """One line of words, or nothing yet."""
    if not cell.strip():
        return ""
    text = fields.text_of(cell, LONGEST_TEXT)
    if holds_personal_number(text):
        raise Unreadable("holds a personal number", "Take it away: personal identity numbers must not enter the ledger.")
    return text


def _result(cell: str) -> str:
    said = cell.strip().lower()
    if said not in ("", "ok", "exception"):
        raise Unreadable("is neither ok nor exception", "Write one of the two.")
    return said


_DAYS = re.compile(r"(-?)([0-9]{1,4})(?:[.,]([0-9]{1,2}))?")


def _days(cell: str) -> int | None:
    """Hundredths of a day; None where nothing is said."""
    text = cell.strip().replace("\u2212", "-")
    if not text:
        return None
    match = _DAYS.fullmatch(text)
    if match is None:
        raise Unreadable("is not a number of days", "Write days as 2, -1.5 or 0,25.")
    hundredths = int(match[2]) * 100 + int((match[3] or "0").ljust(2, "0"))
    return -hundredths if match[1] else hundredths


def _amount(cell: str) -> int | None:
    """Öre; None where nothing is said."""
    try:
        return parse_kronor(cell) if cell.strip() else None
    except ValueError:
        raise Unreadable("is no amount", "Write kronor as 1200, -350.50 or 350,50.") from None
