"""Answers as an XLSX workbook: one sheet a table, the same bytes for the same answer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ledger.errors import Refused

Kind = Literal["text", "money", "number", "date"]

_CREATED = datetime(1980, 1, 1)  # noqa: DTZ001 -- a workbook's own date has no zone; always the same, so that its bytes are
_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {"text_wrap": True, "valign": "top"},
    "money": {"num_format": "#,##0.00", "valign": "top"},
    "number": {"num_format": "0.00##", "valign": "top"},
    "date": {"num_format": "yyyy-mm-dd", "valign": "top"},
}
_WIDTH_MAX, _WIDTH_ROWS = 60, 500
_ROWS_MAX, _TEXT_MAX = 1_048_576, 32_767
"""What a sheet of XLSX can hold: rows, and characters in a cell."""


@dataclass(frozen=True)
class Column:
    """A column's header and what its cells hold: ``text``; ``money`` in öre (int), shown in kronor; ``number`` (int, Decimal or
    decimal text); ``date`` (date). None is an empty cell."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Sheet:
    """A table on a sheet of its own, ``notes`` above it. ``title``: at most 31 characters."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """The workbook's bytes. Texts are written as texts: none is taken for a formula or an address. Raises Refused for more than a
    sheet can hold."""
    import xlsxwriter

    for sheet in sheets:
        _check_fits(sheet)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:  # row by row: a fifth of the memory
        book.set_properties({"created": _CREATED})
        formats = {kind: book.add_format(look) for kind, look in _FORMATS.items()}
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for sheet in sheets:
            _write(book.add_worksheet(sheet.title), sheet, formats, bold)
    return out.getvalue()


def _check_fits(sheet: Sheet) -> None:
    if _top(sheet) + 1 + len(sheet.rows) > _ROWS_MAX:
        raise Refused(
            f"{sheet.title} has {len(sheet.rows)} rows, and a sheet holds {_ROWS_MAX} lines",
            do="take a narrower question, or csv",
        )
    longest = max((len(cell) for row in sheet.rows for cell in row if isinstance(cell, str)), default=0)
    if longest > _TEXT_MAX:
        raise Refused(f"{sheet.title} has a text of {longest} characters, and a cell holds {_TEXT_MAX}", do="take csv or json")


def _top(sheet: Sheet) -> int:
    """The row of the headers, from 0."""
    return len(sheet.notes) + bool(sheet.notes)


def _write(page: Any, sheet: Sheet, formats: dict[Kind, Any], bold: Any) -> None:
    top = _top(sheet)
    for across, column in enumerate(sheet.columns):
        shown = [str(row[across]) for row in sheet.rows[:_WIDTH_ROWS] if row[across] is not None]
        page.set_column(across, across, min(_WIDTH_MAX, max(map(len, [column.name, *shown])) + 2))
    page.freeze_panes(top + 1, 0)
    if sheet.rows:
        page.autofilter(top, 0, top + len(sheet.rows), len(sheet.columns) - 1)
    for number, note in enumerate(sheet.notes):
        page.write_string(number, 0, note)
    for across, column in enumerate(sheet.columns):
        page.write_string(top, across, column.name, bold)
    kinds = [(column.kind, formats[column.kind]) for column in sheet.columns]
    for down, row in enumerate(sheet.rows, top + 1):
        for across, (value, (kind, look)) in enumerate(zip(row, kinds, strict=True)):
            _cell(page, down, across, value, kind, look)


def _cell(page: Any, down: int, across: int, value: Any, kind: Kind, look: Any) -> None:
    match kind, value:
        case _, None:
            page.write_blank(down, across, None, look)
        case "money", int():
            page.write_number(down, across, Decimal(value) / 100, look)
        case "number", int() | Decimal() | str():
            page.write_number(down, across, Decimal(value), look)
        case "date", date():
            page.write_datetime(down, across, datetime(value.year, value.month, value.day), look)  # noqa: DTZ001 -- a day
        case _:
            page.write_string(down, across, str(value), look)
