"""Many contracts measured from the log in two processes, beside the pandas script that a consultant would write.

FLEET says how many contracts: 291 hold about 15 million spells, and take a quarter of an hour to build and 1 GB of disk.
FLEET_FOLDER keeps the ledger, and takes it up again.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure

CONTRACTS = int(os.environ.get("FLEET", "291"))
EMPLOYEES = 2_700
MONTHS = 36
SOC = [sys.executable, "-c", "from cli.main import main; main()"]
DAYS = [sys.executable, "-c", "import sys; from tests.benchmarks.fleet import days; days(sys.argv[1])"]
CONSULTANT = [sys.executable, "-m", "tests.benchmarks.consultant"]


@dataclass(frozen=True)
class Run:
    """One command: wall seconds; of its process tree the processor's seconds and the largest proportional set size in MB
    (Linux only, else 0); its output."""

    seconds: float
    busy: float
    megabytes: float
    out: str


def figures(folder: Path, contracts: int = CONTRACTS) -> list[Figure]:
    """Build (or take up) the fleet in the folder, run both, check that they agree, and compare."""
    ledger = folder / "ledger.db"
    url = f"sqlite:///{ledger}"
    found = []
    if not ledger.exists():
        size = ["--employees", str(EMPLOYEES), "--months", str(MONTHS), "--to", str(folder)]
        built = run([*SOC, "fleet", "build", str(contracts), *size])
        found.append(Figure(f"soc fleet build {contracts}", _said(built), "", "", ""))
    two, one = (run([*SOC, "--ledger", url, "fleet", "measure", "--processes", many, "-O", "json"]) for many in "21")
    assert one.out == two.out
    answer = json.loads(two.out)
    alone = run([*DAYS, url])
    assert int(alone.out) == int(answer["totals"]["net_days"].replace(".", ""))
    script, what_script = _consultant(url, folder / "in-force", answer)
    totals = answer["totals"]
    size_ = f"{totals['spells']:,} spells in {totals['lines']:,} lines, {len(answer['contracts'])} contracts"
    beside = f"{what_script}: {_said(script)}"
    goal = f"≤ {10 * totals['spells'] / 15_000_000:.1f} s, ≤ 200 MB"  # 10 s for 15 million
    return [
        *found,
        Figure(f"net days of {size_}, two processes", _said(alone), goal, beside, _ratio(alone, script)),
        Figure("with coverage and savings: soc fleet measure", _said(two), goal, "the same script", _ratio(two, script)),
        Figure("soc fleet measure --processes 1", _said(one), "", f"--processes 2: {_said(two)}", _ratio(one, two)),
    ]


def _consultant(url: str, files: Path, answer: dict[str, Any]) -> tuple[Run, str]:
    """The script's run on every contract, or from a hundred contracts on every tenth: then its seconds beyond the start are
    multiplied, and it says so. The net days of both must agree."""
    chosen = answer["contracts"][:: 10 if len(answer["contracts"]) >= 100 else 1]
    if not files.exists():
        write_spells(url, files, [one["contract"] for one in chosen])
    script = run([*CONSULTANT, str(files), "2"])
    days = sum(int(one["net_days"].replace(".", "")) for one in chosen)
    assert int(script.out) == days, "the script and the ledger count different net days"
    what = "pandas from CSV, two processes"
    if len(chosen) == len(answer["contracts"]):
        return script, what
    with tempfile.TemporaryDirectory() as nothing:
        start = run([*CONSULTANT, nothing, "2"])
    times = answer["totals"]["spells"] / sum(one["spells"] for one in chosen)
    seconds, busy = (
        first + (all_ - first) * times for first, all_ in [(start.seconds, script.seconds), (start.busy, script.busy)]
    )
    return Run(seconds, busy, script.megabytes, script.out), f"{what}, extrapolated from {len(chosen)} contracts"


def _said(one: Run) -> str:
    return f"{one.seconds:.1f} s ({one.busy:.1f} s of processor), {one.megabytes:.0f} MB"


def _ratio(one: Run, other: Run) -> str:
    return f"{one.seconds / other.seconds:.2f}"


def run(command: Sequence[str]) -> Run:
    """Run it, looking at its whole process tree twenty times a second."""
    began = time.perf_counter()
    most = 0
    busy: dict[int, float] = {}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out)
        while process.poll() is None:
            tree = _tree(process.pid)
            busy |= {one: spent for one in tree if (spent := _busy(one))}
            most = max(most, sum(map(_proportional, tree)))
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        out.seek(0)
        return Run(seconds, sum(busy.values()), most / 1024, out.read().decode())


def _tree(root: int) -> list[int]:
    """A process and all that came of it."""
    parents = {int(path.name): int(fields[1]) for path in Path("/proc").glob("[0-9]*") if (fields := _stat(int(path.name)))}
    tree = [root]
    for one in tree:
        tree += [child for child, parent in parents.items() if parent == one]
    return tree


def _stat(process: int) -> list[str]:
    """What Linux tells of a process, from its state on; nothing once it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _busy(process: int) -> float:
    """Seconds of processor that it took itself."""
    fields = _stat(process)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0


def _proportional(process: int) -> int:
    """kB: memory of its own, and its part of what it shares."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def days(url: str) -> None:
    """Print the net days of all contracts, measured in two processes, in hundredths: what the script computes, and no more."""
    from ledger.log import Log
    from projections.fleet import ask, processes, signed

    log = Log.open(url)
    basis = log.facts().basis
    print(sum(one.value or 0 for one in ask(url, basis, net_days, signed(log, basis.position), processes(2))))


def net_days(facts: Any, contract_id: str) -> int:
    """One contract's, in hundredths."""
    from projections.measured import Measured

    return int(Measured(facts, contract_id, "payroll").days.table.sum())


def write_spells(url: str, folder: Path, contracts: Sequence[str]) -> None:
    """The contracts' spells in force, as one CSV file each: what the script is handed."""
    from ledger.log import Log

    log = Log.open(url)
    folder.mkdir()
    for contract_id in contracts:
        with (folder / f"{contract_id}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["employee", "workplace", "first_day", "last_day", "extent", "cause"])
            writer.writerows(_lines(log.facts(), contract_id))


def _lines(facts: Any, contract_id: str) -> Iterator[tuple[Any, ...]]:
    from ledger.lines import CAUSES
    from projections.absences import in_force, reports

    spells = in_force(reports(facts, contract_id, "payroll"))
    first, last = (days.astype("datetime64[D]").astype(str).tolist() for days in (spells.first, spells.last))
    names = [spells.workplaces[number] for number in spells.workplace.tolist()]
    causes = [CAUSES[number] for number in spells.cause.tolist()]
    return zip(spells.employee.tolist(), names, first, last, spells.extent.tolist(), causes, strict=True)
