"""For which months a PAXml file says it is complete: its ``<klar>`` (``<klart>``) and ``<nyexport>``.

``<klar>`` with an employment or personal number is about one person, and one without ``datumfrom`` and ``datumtom`` about no
months: neither says anything of the file. Several make one period together, if their days follow on each other.
"""

from __future__ import annotations

from datetime import date, timedelta

from ledger.errors import Fault, InputRefused
from ledger.imports import fields
from ledger.imports.fields import Unreadable
from ledger.imports.paxml_values import day_of
from ledger.imports.paxml_xml import Document, Mark
from ledger.periods import Month, Period


def complete_for(document: Document, complete: Period | None, period: Period | None) -> tuple[Period | None, list[str]]:
    """The months for which the file says it holds everything, and what to say of it. ``complete`` and ``period`` are what the
    command line says of the file. Raises InputRefused where the two disagree, and for a re-export of no whole months."""
    said = complete or period
    done, notes = _done(document)
    again = document.exported_again
    faults: list[Fault] = []
    found = done
    if again is not None:
        replaced = _whole_months([_dates(again, document, faults)])
        if replaced is None and said is None and not faults:
            what = "is a re-export (nyexport) whose datumfrom and datumtom make no whole months"
            advice = "Say what it replaces: --complete PERIOD for whole months, --period PERIOD for single days in them."
            faults.append(Fault(document.file, again.line, what, advice))
        elif replaced is not None and done is not None and replaced != done:
            what = f"its <nyexport> replaces {replaced}, its <klar> is about {done}"
            faults.append(Fault(document.file, again.line, what, "Export it again with one period."))
        found = replaced or done
    if found is not None and said is not None and found != said:
        option = "--complete" if complete is not None else "--period"
        line = again.line if again is not None else document.done[0].line
        what = f"says itself that it is complete for {found}, but {option} says {said}"
        faults.append(Fault(document.file, line, what, f"Leave {option} out, or export that period."))
    if faults:
        raise InputRefused(faults)
    return complete or found, notes


def _done(document: Document) -> tuple[Period | None, list[str]]:
    faults: list[Fault] = []
    marks = [mark for mark in document.done if not (mark.values.get("anstid") or mark.values.get("persnr"))]
    dated = [mark for mark in marks if mark.values.get("datumfrom") or mark.values.get("datumtom")]
    spans = [_dates(mark, document, faults) for mark in dated]
    if faults:
        raise InputRefused(faults)
    found = _whole_months(spans)
    if marks and found is None:
        return None, ["finding: its <klar> gives no whole months, so it does not say for which months the file is complete"]
    return found, []


def _dates(mark: Mark, document: Document, faults: list[Fault]) -> tuple[int, int] | None:
    ends = []
    for key in ("datumfrom", "datumtom"):
        text = mark.values.get(key, "").strip()
        if text:
            try:
                ends.append(day_of(text))
            except Unreadable as why:
                faults.append(Fault(document.file, mark.line, f"{key} {fields.shown(text)} {why.what}", why.do))
    if len(ends) == 2 and ends[1] < ends[0]:
        faults.append(Fault(document.file, mark.line, "datumtom is before datumfrom", "Correct one of them."))
        return None
    return (ends[0], ends[1]) if len(ends) == 2 else None


def _whole_months(spans: list[tuple[int, int] | None]) -> Period | None:
    """The months that spans of days (ordinals) make together, if they make whole ones in a row."""
    ordered = sorted(span for span in spans if span is not None)
    if not ordered or len(ordered) < len(spans):
        return None
    first, last = ordered[0]
    for begins, ends in ordered[1:]:
        if begins > last + 1:
            return None
        last = max(last, ends)
    starts, stops = date.fromordinal(first), date.fromordinal(last)
    whole = starts.day == 1 and (stops + timedelta(days=1)).day == 1
    return Period(Month.holding(starts), Month.holding(stops)) if whole else None
