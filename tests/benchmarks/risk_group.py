"""The risk group: Botkyrka from the log, and a whole fleet, beside the same counted day by day by the oracle.

The fleet is the one that ``tests/benchmarks/fleet.py`` builds: FLEET says how many contracts, FLEET_FOLDER keeps it.
``python -m tests.benchmarks.risk_group LEDGER [FLEET]`` measures ledgers that are there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure, beside, paired, seconds
from tests.benchmarks.fleet import Run, run

LATER = date(2100, 1, 1)
SAMPLE = 20
"""Of how many persons the oracle counts: it takes a walk over every day of each."""

MONTHS = 12


def figures(demo: Path, fleet: Path | None = None) -> list[Figure]:
    """For Botkyrka in the demo's ledger, and for a fleet's ledger where there is one."""
    found = [*_botkyrka(f"sqlite:///{demo}")]
    return [*found, *(_fleet(f"sqlite:///{fleet}") if fleet is not None and fleet.exists() else [])]


def _botkyrka(url: str) -> list[Figure]:
    from ledger.log import Log

    def from_log() -> Any:
        return groups(Log.open(url).facts(), "botkyrka")

    def read() -> Any:
        return _measured(Log.open(url).facts(), "botkyrka").spells

    measured = _measured(Log.open(url).facts(), "botkyrka")
    answered = [one for one in from_log() if one.group is not None]
    one, other = paired(from_log, read)
    lines = len(measured.spells.first)
    what = f"risk group of {len(answered)} months from the log, Botkyrka, {lines:,} spells"
    counted, by_day = paired(lambda: groups(measured.facts, "botkyrka", measured), lambda: None)[0], _oracle(measured)
    return [
        beside(what, one, "≤ 100 ms", "reading the spells alone", other),
        Figure(
            "of which counting",
            f"{counted * 1000:.1f} ms",
            "",
            f"the oracle, day by day, extrapolated from {SAMPLE} persons and {MONTHS} months: {by_day:.0f} s",
            f"{counted / by_day:.6f}",
        ),
    ]


def _oracle(measured: Any) -> float:
    """Seconds that the oracle would take for all persons and months; a sample must agree with the projection."""
    spells = _plain(measured)
    persons = sorted({one.employee for one in spells})
    chosen = set(persons[:: len(persons) // SAMPLE][:SAMPLE])
    some = [one for one in spells if one.employee in chosen]
    heads = {month.index: here for month, here in measured.coverage.counts.items()}
    months = sorted(heads)[MONTHS - 1 :][: MONTHS + 1]
    took = seconds(lambda: _agrees(measured, some, heads, months, chosen))
    return took * len(persons) / SAMPLE * (len(heads) - MONTHS + 1) / len(months)


def _agrees(measured: Any, some: Sequence[Any], heads: Any, months: Sequence[int], chosen: set[int]) -> None:
    """Whether both say the same of the sample."""
    import numpy as np

    from projections.measured import Measured
    from projections.risk_group import FIGURES, risk_group
    from tests.oracle_risk_group import Everybody, risk_groups

    theirs = risk_groups(Everybody(some, heads), lambda month: month in heads, months, LATER, 4)
    own = Measured(measured.facts, measured.contract, measured.source)
    own.spells = measured.spells.where(np.isin(measured.spells.employee, list(chosen)))
    for one in risk_group(own, LATER, "payer", [month for month in own.coverage.counts if month.index in theirs]):
        assert one.group is not None
        found = {name: (part.some, part.whole) for name in FIGURES if (part := getattr(one.group, name)) is not None}
        assert found == {name: part for name, part in (theirs[one.month.index] or {}).items() if part is not None}


@dataclass(frozen=True)
class Spell:
    """As the oracle takes it."""

    employee: int
    workplace: str
    first: date
    last: date
    extent: int


def _plain(measured: Any) -> list[Spell]:
    spells = measured.spells
    columns = (one.tolist() for one in (spells.employee, spells.workplace, spells.first, spells.last, spells.extent))
    begins = date(1970, 1, 1).toordinal()
    return [
        Spell(employee, spells.workplaces[place], date.fromordinal(begins + first), date.fromordinal(begins + last), extent)
        for employee, place, first, last, extent in zip(*columns, strict=True)
    ]


# ── A fleet ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fleet(url: str) -> list[Figure]:
    mine = [sys.executable, "-c", "import sys; from tests.benchmarks.risk_group import every; every(*sys.argv[1:])", url]
    days = [sys.executable, "-c", "import sys; from tests.benchmarks.fleet import days; days(sys.argv[1])", url]
    two, net_days, one = run([*mine, "2"]), run(days), run([*mine, "1"])
    assert one.out == two.out
    spells, contracts, months = map(int, two.out.split()[:3])
    what = f"risk group of {spells:,} spells, {contracts} contracts, {months:,} months, two processes"
    goal = f"≤ {20 * spells / 15_000_000:.1f} s, ≤ 500 MB"  # 20 s for 15 million
    return [
        Figure(what, _said(two), goal, f"net days alone: {_said(net_days)}", f"{two.seconds / net_days.seconds:.2f}"),
        Figure("the same in one process", _said(one), "", "two processes", f"{one.seconds / two.seconds:.2f}"),
    ]


def _said(one: Run) -> str:
    return f"{one.seconds:.1f} s ({one.busy:.1f} s of processor), {one.megabytes:.0f} MB"


def every(url: str, many: str) -> None:
    """Print spells, contracts, months with an answer, and sizes summed, of all contracts measured in so many processes."""
    from ledger.log import Log
    from projections.fleet import ask, here, processes, signed

    log = Log.open(url)
    basis, place = log.facts().basis, here if many == "1" else processes(int(many))
    answers = list(ask(url, basis, sums, signed(log, basis.position), place))
    assert not [one.error for one in answers if one.error is not None]
    found = [one.value for one in answers if one.value is not None]
    print(sum(one[0] for one in found), len(found), sum(one[1] for one in found), sum(one[2] for one in found))


def sums(facts: Any, contract_id: str) -> tuple[int, int, int]:
    """One contract's spells, months with an answer, and the sizes of their groups, summed."""
    measured = _measured(facts, contract_id)
    sizes = [one.group.size.some for one in groups(facts, contract_id, measured) if one.group is not None]
    return len(measured.spells.first), len(sizes), sum(sizes)


def _measured(facts: Any, contract_id: str) -> Any:
    from projections.measured import Measured

    return Measured(facts, contract_id, "payroll")


def groups(facts: Any, contract_id: str, measured: Any = None) -> Any:
    """The answers for every month with headcounts."""
    from projections.risk_group import risk_group

    return risk_group(measured or _measured(facts, contract_id), LATER, "public")


if __name__ == "__main__":
    began = time.perf_counter()
    for figure in figures(*map(Path, sys.argv[1:])):
        print(figure)
    print(f"{time.perf_counter() - began:.0f} s")
