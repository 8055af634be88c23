"""The planned seven at their size, 33 000 employees over three years: how long building the ledger and answering takes.

PROGRAMME says how many employees there are in all. Run alone with: python -m tests.benchmarks.programme
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tabulate import tabulate

from tests.benchmarks.figures import Figure
from tests.benchmarks.fleet import SOC, Run, run

EMPLOYEES = int(os.environ.get("PROGRAMME", "33000"))
ID = "planned-seven"


def figures(folder: Path) -> list[Figure]:
    """Build the seven, ask for their state as one, and beside it for one contract's state and for all measured again."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    built = run([*SOC, "programme", "demo", "--to", str(folder), "--employees", str(EMPLOYEES)])
    ask = [*SOC, "--ledger", url]
    whole = run([*ask, "programme", "state", ID, "-O", "json"])
    alone = run([*ask, "state", "kommun-1", "-O", "json"])
    measured = run([*ask, "fleet", "measure", "-O", "json"])
    totals = json.loads(measured.out)["totals"]
    answer = json.loads(whole.out)
    assert totals["savings"] == answer["whole"]["savings"]
    assert {one["figure"]: one["computed"] for one in answer["stated"]}["employees"] == str(EMPLOYEES)
    size = f"{EMPLOYEES} employees, {totals['spells']:,} spells in {totals['lines']:,} lines"
    return [
        Figure(f"soc programme demo: {size}", _said(built), "", "", ""),
        Figure("soc programme state of the seven", _said(whole), "", f"soc state of one: {_said(alone)}", _ratio(whole, alone)),
        Figure("soc fleet measure of the seven", _said(measured), "", "", ""),
    ]


def _said(one: Run) -> str:
    return f"{one.seconds:.1f} s ({one.busy:.1f} s of processor), {one.megabytes:.0f} MB"


def _ratio(one: Run, other: Run) -> str:
    return f"{one.seconds / other.seconds:.2f}"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        rows = [[one.what, one.measured, one.beside, one.ratio] for one in figures(Path(name) / "seven")]
    print(tabulate(rows, ["what", "measured", "beside it, in the same run", "ratio"]))


if __name__ == "__main__":
    sys.exit(main())
