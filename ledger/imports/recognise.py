"""Which kind of file it is, from what it holds."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import Literal

from ledger.errors import Fault, InputRefused
from ledger.imports import (
    absence_csv,
    decoding,
    fields,
    indicators_csv,
    reimbursements_csv,
    tables,
    targets_csv,
    trend_csv,
    workforce_csv,
)

HEADERS = {
    "absences": absence_csv.COLUMNS,
    "workforce": workforce_csv.COLUMNS,
    "trend": trend_csv.COLUMNS,
    "reimbursements": reimbursements_csv.COLUMNS,
    "indicators": indicators_csv.COLUMNS,
    "targets": targets_csv.COLUMNS,
}
"""The kinds of file, each with the columns that its header names."""

_LOOKED_AT = 20  # lines among which a header is looked for that is not the first


def form(content: bytes) -> Literal["csv", "paxml"]:
    """How the file is written: XML, or else delimited text."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    head = content[:200].removeprefix(codecs.BOM_UTF8).decode("utf-16" if wide else "latin-1", "replace")
    return "paxml" if head.lstrip().startswith("<") else "csv"


def kind(content: bytes, file: str, wanted: str | None = None) -> str:
    """``absences``, ``workforce``, ``trend``, ``reimbursements``, ``indicators`` or ``targets``: the kind that more than half of
    its columns speak for; XML is absences, as PAXml.

    A header that is nearly right is recognised, so that its own reader can name the columns that are wrong.
    ``wanted``: the kind that was asked for. Raises InputRefused with one fault: unknown header, empty, not text.
    """
    decoding.refuse_other_formats(content, file)
    if form(content) == "paxml":
        return "absences"
    text = decoding.decoded(content, file)
    first = re.search(r"\S[^\r\n]*", text)
    if first is None:
        raise InputRefused([Fault(file, None, "the file is empty", _advice(wanted))])
    tables.refuse_tabs(text, file)
    found = _kind_of(tables.header_names(text, file))
    if found is None:
        line = decoding.line_at(text[: first.start()])
        raise InputRefused([Fault(file, line, *_no_header(text[first.start() :], line, wanted))])
    return found


def _kind_of(header: list[str]) -> str | None:
    found = set(header)
    kinds = (name for name, columns in HEADERS.items() if 2 * len(found.intersection(columns)) > len(columns))
    return next(kinds, None)


def _no_header(text: str, line: int, wanted: str | None) -> tuple[str, str]:
    """What is wrong with a first line that is no header, and what to do."""
    head = [found[0] for found in islice(re.finditer(r"[^\r\n]+", text), _LOOKED_AT)]
    said = f"line {line} says {fields.shown(head[0])}"
    for row in head[1:]:
        if _kind_of([cell.strip(' "').lower() for cell in re.split("[,;]", row)]):
            return f"the header is not the first line: {said}", f"Delete what stands above {fields.shown(row)}."
    return f"the header is none that is known here: {said}", _advice(wanted)


def _advice(wanted: str | None) -> str:
    if wanted is not None:
        return tables.expected(HEADERS[wanted])
    return "The first line must be one of: " + "; ".join(f"{name}: {','.join(columns)}" for name, columns in HEADERS.items())
