"""Which kind of file it is, from what it holds."""

from __future__ import annotations

import codecs
from typing import Literal

from ledger.errors import Fault, InputRefused
from ledger.imports import absence_csv, tables, trend_csv, workforce_csv

HEADERS = {
    "absences": absence_csv.COLUMNS,
    "workforce": workforce_csv.COLUMNS,
    "trend": trend_csv.COLUMNS,
}
"""The kinds of file, each with the columns that its header names."""


def form(content: bytes) -> Literal["csv", "paxml"]:
    """How the file is written: XML, or else delimited text."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    head = content[:200].removeprefix(codecs.BOM_UTF8).decode("utf-16" if wide else "latin-1", "replace")
    return "paxml" if head.lstrip().startswith("<") else "csv"


def kind(content: bytes, file: str) -> str:
    """``absences``, ``workforce`` or ``trend``: the kind that more than half of its columns speak for; XML is absences, as PAXml.

    A header that is nearly right is recognised, so that its own reader can name the columns that are wrong.
    Raises InputRefused with one fault: unknown header, empty, not text.
    """
    if form(content) == "paxml":
        return "absences"
    tables.refuse_tabs(tables.decoded(content, file), file)
    found = set(tables.header_names(content, file))
    for name, columns in HEADERS.items():
        if 2 * len(found.intersection(columns)) > len(columns):
            return name
    known = "; ".join(f"{name}: {','.join(columns)}" for name, columns in HEADERS.items())
    what = "the header is none that is known here" if found else "the file is empty"
    raise InputRefused([Fault(file, 1 if found else None, what, f"The first line must be one of: {known}")])
