"""Eight methodologies over the same facts, in process and from the log, beside one; and why they differ."""

from __future__ import annotations

from pathlib import Path

from ledger.log import Log
from ledger.methodology import Methodology, read_methodology
from projections.replays.causes import Way, difference
from projections.replays.replay import Replay, replay
from tests.benchmarks.figures import Figure, beside, paired

METHODOLOGIES = Path("fixtures") / "methodologies"
FIRST = "contract-2018"


def figures(ledger: Path) -> list[Figure]:
    """For Botkyrka in the demo's ledger, all its months: the record is opened and read anew each time."""
    url, every = f"sqlite:///{ledger}", methodologies()[:8]

    def asked(count: int) -> Replay:
        return replay(Log.open(url).facts(), "botkyrka", every[:count])

    months = len(asked(8).months)
    eight, one = paired(lambda: asked(8), lambda: asked(1))
    two, again = paired(lambda: asked(2), lambda: asked(1))
    explained, shown = paired(lambda: explain(asked(8)), lambda: asked(8), runs=3)
    return [
        beside(f"eight methodologies over {months} months from the log", eight, "≤ 500 ms", "one methodology", one),
        beside("two methodologies", two, "≤ 1.3 × one", "one methodology", again),
        beside("eight, and why they differ, cause by cause", explained, "", "eight methodologies", shown),
    ]


def methodologies() -> list[Methodology]:
    """Those that come with the product, the contract's first."""
    files = sorted(METHODOLOGIES.glob("*.toml"), key=lambda file: (file.stem != FIRST, file.stem))
    return [read_methodology(file.read_bytes(), file.name) for file in files]


def explain(found: Replay) -> int:
    """Why each methodology differs from the first, and the first from the record; öre, so that nothing is left undone."""
    ways = [_way(found, number) for number in range(len(found.outcomes))]
    why = [difference(ways[0], way, found.months) for way in ways[1:]]
    recorded = tuple(month for month in found.months if month in found.replayer.determined)
    why.append(difference(Way(found.replayer, found.replayer.in_force, found.recorded), ways[0], recorded))
    assert {one.residual for one in why} == {(0, 0)}
    return sum(amount for one in why for _, amount, _, _ in one.by_cause())


def _way(found: Replay, number: int) -> Way:
    methodology = found.outcomes[number].methodology
    assert methodology is not None
    return Way(found.replayer, lambda _: methodology, found.outcomes[number])
