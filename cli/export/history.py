"""``soc export history``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.export.datasets import Dataset, Field, basis, data_answers, emit
from cli.options import PERIOD, audience, looking
from cli.words import counted, role, told
from ledger.events import Document
from ledger.facts import Facts
from ledger.periods import Month, Period, day_in_stockholm, instant_text
from projections.audience import Audience, is_employer
from projections.history import Entry, Tie, history, streams_of
from projections.names import short_name

FIELDS = (
    Field("record", "the record's number, in the order in which it was recorded", "whole"),
    Field("contract", "the contract that it belongs to; empty where it is common to all"),
    Field("name", "its short name, such as D5 for the fifth determination"),
    Field("recorded_at", "when it was recorded, UTC"),
    Field("booked_on", "the day of recording in Stockholm", "date"),
    Field("recorded_by", "who recorded it"),
    Field("role", "as what"),
    Field("effective_on", "the day that it is about", "date"),
    Field("event", "what sort of record it is"),
    Field("what", "what it says"),
    Field("documents", "the documents that it rests on, by name; several with ; between, as in the next three"),
    Field("sha256", "their SHA-256, where the ledger saw their bytes"),
    Field("obtained_on", "when they were obtained"),
    Field("obtained_how", "how they were obtained"),
    Field("corrects", "the records that it corrects or supersedes, and how"),
    Field("why", "why it does"),
    Field("corrected_by", "the records that correct or supersede it, and how"),
    Field("corrected_why", "why they do"),
    Field("rests_on_records_to", "of a determination: the last record that it saw", "whole"),
    Field("computed_by", "of what was computed: the version of the program, and of what measures savings"),
)

NOTES = (
    "One row a record, in the order of recording. No record is ever changed or taken away: what was wrong is corrected by a "
    "later record, which names it.",
    "Behandlingshistorik: lag (2018:597) om kommunal bokföring och redovisning 3 kap. 11 §; bokföringslagen 5 kap. 11 §.",
)


@click.command("history")
@click.argument("contract_id", metavar="[CONTRACT]", required=False)
@click.option("--period", type=PERIOD, metavar="PERIOD", help="Only what was recorded in these months; default: all of it.")
@audience
@data_answers("csv", "xlsx", "json")
@looking
def command(
    desk: Desk,
    contract_id: str | None,
    period: Period | None,
    audience: Audience,
    known_at: str | None,
    form: str,
    file: str,
) -> None:
    """Who recorded what, when, on which document, what corrected what and why: the processing history (behandlingshistorik) of
    a contract, or of all of them. How many absences a report holds is for the payer, as employer, alone."""
    facts = desk.known_at(known_at)
    names = desk.log.recorder.streams(upto=facts.position) if contract_id is None else streams_of(facts, contract_id)
    found = [one for one in history(facts, names) if period is None or _booked(one) in period]
    if form == "json":
        output.emit(output.as_json(_json(facts, contract_id, found, audience)), file)
        return
    rows = [_row(one, audience) for one in found]
    table = Dataset("history", "Processing history (behandlingshistorik)", FIELDS, rows, _notes(audience))
    emit(desk.settings, facts, contract_id, [table], form, file)


def _notes(audience: Audience) -> list[str]:
    return [*NOTES, f"Made for: {audience}."]


def _booked(one: Entry) -> Month:
    return Month.holding(day_in_stockholm(one.record.recorded_at))


def _row(one: Entry, audience: Audience) -> list[Any]:
    record, documents = one.record, one.record.evidence
    return [
        record.position,
        one.contract,
        short_name(record),
        instant_text(record.recorded_at),
        day_in_stockholm(record.recorded_at),
        record.recorded_by.name,
        role(record.recorded_by.role),
        record.effective_on,
        _sort(record.type),
        told(record, number=is_employer(audience)),
        _each(documents, lambda each: each.document),
        _each(documents, lambda each: each.sha256),
        _each(documents, lambda each: each.obtained_on),
        _each(documents, lambda each: each.obtained_how),
        _ties(one.corrects, lambda tie: tie.earlier, audience),
        _whys(one.corrects),
        _ties(one.corrected_by, lambda tie: tie.later, audience),
        _whys(one.corrected_by),
        one.rests_on,
        one.computed_by or None,
    ]


def _sort(type_name: str) -> str:
    """``SavingsDetermined@3`` → ``savings determined``."""
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type_name.partition("@")[0]).lower()
    return words.replace("follow up", "follow-up")


def _joined(texts: Iterable[str]) -> str | None:
    return "; ".join(texts) or None


def _each(documents: tuple[Document, ...], said: Callable[[Document], object]) -> str | None:
    """What is said of each document, in their order; ``-`` where nothing is."""
    texts = ["-" if said(one) is None else str(said(one)) for one in documents]
    return _joined(texts) if set(texts) - {"-"} else None


def _ties(ties: tuple[Tie, ...], other: Callable[[Tie], int], audience: Audience) -> str | None:
    return _joined(f"record {other(tie)} ({_how(tie, audience)})" for tie in ties)


def _whys(ties: tuple[Tie, ...]) -> str | None:
    return _joined(dict.fromkeys(tie.why or "no reason was recorded" for tie in ties))


def _how(tie: Tie, audience: Audience) -> str:
    if tie.lines is None or not is_employer(audience):
        return tie.how
    return f"{tie.how}, {counted(tie.lines, 'absence')}"


def _json(facts: Facts, contract_id: str | None, found: list[Entry], audience: Audience) -> dict[str, Any]:
    return {**basis(facts, contract_id), "notes": _notes(audience), "records": [_record_json(one, audience) for one in found]}


def _record_json(one: Entry, audience: Audience) -> dict[str, Any]:
    cells = dict(zip((field.name for field in FIELDS), _row(one, audience), strict=True))
    plain = ("record", "contract", "name", "recorded_at", "recorded_by", "role", "event", "what")
    return {
        **{name: cells[name] for name in plain},
        "booked_on": str(cells["booked_on"]),
        "effective_on": str(cells["effective_on"]),
        "documents": [document.model_dump(mode="json", exclude_none=True) for document in one.record.evidence],
        "corrects": [{"record": tie.earlier, "how": _how(tie, audience), "why": tie.why or None} for tie in one.corrects],
        "corrected_by": [{"record": tie.later, "how": _how(tie, audience), "why": tie.why or None} for tie in one.corrected_by],
        "rests_on_records_to": cells["rests_on_records_to"],
        "computed_by": cells["computed_by"],
    }
