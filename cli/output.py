"""Answers on stdout or into a file, talk on stderr: text for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ledger.errors import LedgerError
from ledger.events import AnyMonth, MonthAgreed
from ledger.facts import Facts
from ledger.log import Receipt
from ledger.money import kronor, shown
from ledger.periods import instant_text, stockholm_text
from projections.names import short_name
from projections.state import State, state


def emit(content: str, file: str) -> None:
    """Print, or write to a file as UTF-8."""
    text = content if content.endswith("\n") else content + "\n"
    if file == "-":
        click.echo(text, nl=False)
        return
    Path(file).write_text(text, encoding="utf-8")
    click.echo(f"written to {file}", err=True)


def emit_bytes(content: bytes, file: str) -> None:
    """Write what is no text, or in an encoding of its own, to a file or to stdout."""
    if file == "-":
        click.echo(content, nl=False)
        return
    Path(file).write_bytes(content)
    click.echo(f"written to {file}", err=True)


def as_json(value: Any) -> str:
    """Indented JSON, letters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """CSV with a header; absent values are empty."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows([{key: _guarded(plain(value)) for key, value in row.items()} for row in rows])
    return out.getvalue()


_NUMBER = re.compile(r"[-+]?[0-9][0-9 \u00a0\u2009.,:]*(?:%| per cent| SEK)?|-")


def _guarded(cell: Any) -> Any:
    """A cell that a spreadsheet does not take for a formula: a text that begins as one has an apostrophe before it (OWASP,
    CSV injection)."""
    if isinstance(cell, str) and "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")  # the writer would not put it in quotation marks
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def plain(value: Any) -> Any:
    """A value as a cell of CSV or of a table holds it: absent empty, lists with spaces between."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | tuple():
            return " ".join(map(str, value))
        case _:
            return value


def flat(value: Any, key: str = "") -> list[dict[str, Any]]:
    """A nested answer as rows of dotted key and value, for CSV."""
    if isinstance(value, dict):
        return [row for name, inner in value.items() for row in flat(inner, f"{key}.{name}" if key else name)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [row for number, inner in enumerate(value, 1) for row in flat(inner, f"{key}.{number}")]
    return [{"key": key, "value": value}]


def table(rows: Sequence[Sequence[Any]], headers: Sequence[str], right: Sequence[int] = ()) -> str:
    """A plain table; columns numbered in ``right`` are right-aligned."""
    from tabulate import tabulate

    align = ["right" if number in right else "left" for number in range(len(headers))]
    return tabulate(rows, headers, tablefmt="simple", colalign=align if rows else None, disable_numparse=True)


def label(facts: Facts) -> str:
    """``recorded``, or ``recorded (simulated ledger)`` (decision 11)."""
    return "recorded (simulated ledger)" if facts.opened.simulated else "recorded"


def basis_line(facts: Facts) -> str:
    """What a text answer rests on: known at, record number, fingerprint."""
    basis = facts.basis
    return f"known at {stockholm_text(facts.known_at)} · record {basis.position} · fingerprint {basis.root[:16]} · {label(facts)}"


def basis_json(facts: Facts) -> dict[str, Any]:
    """What a JSON answer rests on."""
    basis = facts.basis
    return {
        "known_at": instant_text(facts.known_at),
        "basis": {"position": basis.position, "root": basis.root},
        "label": label(facts),
    }


@dataclass(frozen=True)
class Receipted:
    """What a write did, and what to say of it."""

    done: Receipt
    contract: str | None
    said: Sequence[str]
    more: Mapping[str, Any] = field(default_factory=dict)


def receipt(done: Receipt, contract_id: str | None, said: Sequence[str], form: str, file: str) -> None:
    """What a write did: the events' ids, and the entitlement, payable, due and headroom that result."""
    receipts([Receipted(done, contract_id, said)], form, file)


def receipts(several: Sequence[Receipted], form: str, file: str) -> None:
    """What several writes of one command did, as one answer."""
    if form == "text":
        emit("\n".join(_receipt_text(one, _results(one)) for one in several), file)
        return
    values = [_receipt_json(one, _results(one)) for one in several]
    if form == "json":
        emit(as_json(values[0] if len(values) == 1 else {"receipts": values}), file)
        return
    rows = [{"receipt": number, **row} for number, value in enumerate(values, 1) for row in flat(value)]
    emit(as_csv(rows, ["key", "value"] if len(values) == 1 else ["receipt", "key", "value"]), file)


def _receipt_json(one: Receipted, results: State | None) -> dict[str, Any]:
    done, contract_id = one.done, one.contract
    return {
        "recorded": not (done.repeated or done.dry_run),
        "repeated": done.repeated,
        "dry_run": done.dry_run,
        "events": [
            {"id": _id(contract_id, record.position), "name": _name(contract_id, record), "type": record.type}
            for record in done.records
        ],
        "said": list(one.said),
        **one.more,
        **({} if results is None else _figures(results)),
    }


def _results(one: Receipted) -> State | None:
    if one.contract is None:
        return None
    try:
        return state(one.done.facts, one.contract)
    except LedgerError:
        return None  # not yet signed as of the record's date


def _figures(one: State) -> dict[str, str]:
    provider = one.provider
    return {
        "entitled": kronor(provider.entitled),
        "payable": kronor(provider.payable),
        "held": kronor(provider.held),
        "due": kronor(provider.due),
        "headroom": kronor(one.cap.remaining),
    }


def _receipt_text(one: Receipted, results: State | None) -> str:
    done, contract_id, said = one.done, one.contract, one.said
    names = ", ".join(_name(contract_id, record) or _id(contract_id, record.position) for record in done.records)
    if done.repeated:
        recorded = stockholm_text(done.records[0].recorded_at)
        lines = [f"Already recorded as {names} on {recorded}; nothing was recorded now: {said[0]}"]
    else:
        lines = [f"{'Would record' if done.dry_run else 'Recorded'} {names}: {said[0]}", *(f"  {line}" for line in said[1:])]
    if results is not None:
        provider = results.provider
        others = f"overpaid {shown(provider.overpaid)} · " if provider.overpaid else ""
        others += f"held {shown(provider.held)} · " if provider.held else ""
        others += f"claimed above {shown(provider.claimed_above)} · " if provider.claimed_above else ""
        lines.append(
            f"  as of {results.when.as_of}: entitled {shown(provider.entitled)} · payable {shown(provider.payable)} · "
            f"due {shown(provider.due)} · {others}left to the cap {shown(results.cap.remaining)} SEK"
        )
    if done.dry_run:
        lines.append("  This was a dry run: nothing was recorded.")
    return "\n".join(lines)


def _id(contract_id: str | None, position: int) -> str:
    return f"{contract_id}/{position}" if contract_id else f"record {position}"


def _name(contract_id: str | None, record: Any) -> str | None:
    short = short_name(record)
    return f"{contract_id}/{short}" if short and contract_id else None


def rests_on(month: AnyMonth) -> dict[str, Any]:
    """What a determined month rests on, as JSON: the rule agreed for it; null for a measured one, which rests on employees,
    weekdays, reference rate, and the trend with its status and date."""
    if isinstance(month, MonthAgreed):
        return {"month": str(month.month), "agreed": month.kind, "of": None if month.of is None else str(month.of)}
    return {
        "month": str(month.month),
        "agreed": None,
        "employees": month.employees,
        "weekdays": month.weekdays,
        "reference_rate": str(month.reference_rate),
        "trend": {
            "quarter": str(month.trend.quarter),
            "value": month.trend.value,
            "status": month.trend.status,
            "published_on": str(month.trend.published_on),
            "factor": str(month.trend.factor),
        },
    }
