"""How a figure is measured and told: always beside something else, in turn, in the same run."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

RUNS = 7


@dataclass(frozen=True)
class Figure:
    """One line of the benchmarks: ``goal`` is what was promised, ``beside`` what else the same run measured."""

    what: str
    measured: str
    goal: str
    beside: str
    ratio: str


def seconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def paired(one: Callable[[], object], other: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Median seconds of both, run in turn, after one run each that does not count."""
    one(), other()
    times = [(seconds(one), seconds(other)) for _ in range(runs)]
    return statistics.median(first for first, _ in times), statistics.median(second for _, second in times)


def beside(what: str, one: float, goal: str, other_is: str, other: float, note: str = "") -> Figure:
    """Two times in milliseconds, and how one is to the other."""
    return Figure(what, f"{one * 1000:.1f} ms{note}", goal, f"{other_is}: {other * 1000:.1f} ms", f"{one / other:.2f}")


def process(*args: str) -> Callable[[], object]:
    """A whole process, its output thrown away."""
    return lambda: subprocess.run(args, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
