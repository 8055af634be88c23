"""``soc tiered report``: what was measured, from a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import click

from cli import files
from cli.desk import Desk
from cli.options import with_desk, writes
from cli.tiered.receipt import receipt
from cli.words import counted
from ledger.canonical import sha256
from ledger.errors import Faults
from ledger.events import MetricRow
from ledger.facts import Facts
from ledger.imports import metrics_csv
from ledger.imports.metrics_csv import MetricsRow
from ledger.record import Recorded
from ledger.tiered import OfTiered, ReportMetrics, TieredState
from ledger.tiered_rules import row_faults
from ledger.tiered_terms import TieredTerms
from projections.tiered.valuation import counts, folded


@click.command("report")
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("path", metavar="FILE.csv")
@writes
@with_desk
def report(desk: Desk, contract_id: str, path: str, dry_run: bool, reference: str | None, form: str, file: str) -> None:
    """Record what metrics were found to be: metric,group,part,until,persons,amount,value. The last row recorded of a metric,
    group and part holds; a file with a fault is refused whole."""
    contract = folded(desk.facts, contract_id)
    data = files.content(path)
    read = metrics_csv.read(data, path)
    _refuse_faults(read, path, contract, desk.today)
    rows = tuple(map(_recorded, read))

    def replaced(facts: Facts, records: Sequence[Recorded[Any]]) -> bool:
        standing = folded(facts, contract_id).rows
        return any(standing[row.metric, row.group, row.part][1] != row for row in rows)

    done = desk.submit(
        lambda facts: OfTiered(contract_id, ReportMetrics(rows)),
        {"command": "tiered report", "contract": contract_id, "sha256": sha256(data)},
        dry_run=dry_run,
        reference=reference,
        documents=[files.document(path, data, desk.today, "file given to soc tiered report")],
        replaced=replaced,
    )
    said = [f"{path}: {counted(len(rows), 'row')} of {', '.join(dict.fromkeys(row.metric for row in rows))}"]
    before = folded(done.before, contract_id)
    said += [f"replaces {' '.join(key)}, recorded as record {before.rows[key][0]}" for key in _replaced(rows, before)]
    said += [f"finding: {one}" for one in _unused(rows, before.versions[-1][1])]
    receipt(done, contract_id, said, form, file)


def _recorded(row: MetricsRow) -> MetricRow:
    return MetricRow(
        metric=row.metric,
        group=row.group,
        part=row.part,
        until=row.until,
        persons=row.persons,
        amount_ore=row.amount,
        value=row.value,
    )


def _refuse_faults(read: Sequence[MetricsRow], path: str, contract: TieredState, today: date) -> None:
    """Raise InputRefused with every row that does not fit the terms."""
    faults = Faults(path)
    for row in read:
        for said in row_faults(_recorded(row), contract.versions[-1][1], today):
            faults.add(row.line, said, "Correct the line, or see which terms are in force with: soc tiered show")
    faults.refuse()


def _replaced(rows: Sequence[MetricRow], before: TieredState) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        key = (row.metric, row.group, row.part)
        if key in before.rows and before.rows[key][1] != row:
            yield key


def _unused(rows: Sequence[MetricRow], terms: TieredTerms) -> Iterator[str]:
    """Rows that no valuation and no condition of the terms takes: perhaps a slip of the pen, perhaps for a what-if."""
    for row in rows:
        if not counts(row, terms):
            yield f"{row.metric} {row.group} {row.part}: no valuation and no condition of the terms takes it"
