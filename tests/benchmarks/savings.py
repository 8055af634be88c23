"""A quarter's savings recomputed from the log, in process, beside reading the rows and reading their JSON."""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path

from ledger.log import Log
from ledger.periods import Period
from projections import proposals
from tests.benchmarks.figures import Figure, beside, paired


def figures(ledger: Path) -> list[Figure]:
    """For Botkyrka in the demo's ledger."""
    url = f"sqlite:///{ledger}"
    folded = Log.open(url).facts().contract("botkyrka")

    def from_log() -> object:
        return proposals.measured(Log.open(url).facts(), folded, Period.parse("2019Q4"), redo=True)

    def stored() -> list[dict[str, list[int]]]:
        asked = "SELECT beside FROM events WHERE stream = 'absences/botkyrka'"
        with sqlite3.connect(ledger) as connection:
            return [json.loads(zlib.decompress(row[0])) for row in connection.execute(asked)]

    lines = sum(len(one["employee"]) for one in stored())
    one, other = paired(from_log, stored)
    what = f"savings of a quarter from the log, {lines:,} lines in 56 reports"
    return [beside(what, one, "≤ 100 ms", "unpacking and json.loads of the same lines", other)]
