"""``make bench``: each figure beside a floor or an alternative of the same run; written to BENCHMARKS.md with the conditions.

Trust ratios, not milliseconds. ``python -m tests.benchmarks state savings`` measures only those and writes nothing.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tabulate import tabulate

from tests.benchmarks import fleet, imports, programme, replay, risk_group, savings, state, verify
from tests.benchmarks.figures import Figure, seconds

HEADERS = ["what", "measured", "goal", "beside it, in the same run", "ratio"]
LIBRARIES = ["eventsourcing", "sqlalchemy", "pydantic", "click", "numpy", "pandas"]


def main(chosen: Iterable[str]) -> None:
    """Build what is measured in a temporary folder, measure, print, write."""
    wanted = set(chosen)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sections: dict[str, Callable[[], list[Figure]]] = {
            "imports": lambda: imports.figures(folder, imports.history()),
            "savings": lambda: savings.figures(_demo(folder)),
            "replay": lambda: replay.figures(_demo(folder)),
            "state": lambda: state.figures(folder, f"sqlite:///{_demo(folder)}"),
            "verify": lambda: verify.figures(folder, _demo(folder)),
            "fleet": lambda: fleet.figures(_fleet(folder)),
            "programme": lambda: programme.figures(folder / "seven"),
            "risk-group": lambda: risk_group.figures(_demo(folder), _fleet(folder) / "ledger.db"),
        }
        found = [figure for key, section in sections.items() if not wanted or key in wanted for figure in section()]
    rows = [[figure.what, figure.measured, figure.goal, figure.beside, figure.ratio] for figure in found]
    print(tabulate(rows, HEADERS))
    if not wanted:
        Path("BENCHMARKS.md").write_text(_told(rows), encoding="utf-8")


def _demo(folder: Path) -> Path:
    target = folder / "demo"
    if not target.exists():
        soc = [*state.SOC, "demo", "--to", str(target)]
        took = seconds(lambda: subprocess.run(soc, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        print(f"soc demo, both contracts: {took:.1f} s", file=sys.stderr)
    return target / "ledger.db"


def _fleet(folder: Path) -> Path:
    return Path(os.environ.get("FLEET_FOLDER", folder / "fleet"))


def _told(rows: list[list[str]]) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    machine = f"Python {platform.python_version()} · {os.cpu_count()} cores · {platform.system()}"
    head = [
        "# Benchmarks",
        "",
        "Made by `make bench`. Each figure was measured beside something else in the same run, in turn; medians.",
        "Machines are noisy: trust ratios, not milliseconds.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d} · {machine} · {libraries}",
        "",
    ]
    return "\n".join([*head, tabulate(rows, HEADERS, tablefmt="github"), ""])


if __name__ == "__main__":
    main(sys.argv[1:])
