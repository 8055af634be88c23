"""The demo's targets and unpaid outcomes: what RISE published as targets, for both contracts; and Botkyrka's surveys and
purchases, which are synthetic, as their notes say. In the survey of 2019 engagement has fallen while sick days fell: first
reported without the care homes, then corrected, so that the warning is there as known from April 2020 on, and not before.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.stories.stage import MANAGER, PAYROLL, PLOTS, Stage, Timed, at

REPORTED = (
    ("2018-10-15", "2018", "before the contract: engagement, work capacity, occupational health services"),
    ("2019-11-20", "2019", "a year in: engagement a little lower, of those who answered"),
    ("2020-04-02", "2019-corrected", "corrected, with the care homes: engagement has fallen while sick days fell"),
    ("2020-11-23", "2020", "two years in: engagement recovers, more of the services bought prevent"),
)
"""When each of Botkyrka's files comes in, assumed; which; and what it says."""


def indicators(stage: Stage) -> Iterator[Timed]:
    """Every step, each with its time."""
    for plot in PLOTS:
        contract = plot.profile.id
        path = _sent(stage, contract, "targets-rise")
        say = f"{contract}: the targets that RISE published, 12 % fewer sick days per employee, and about 10 % for break-even"
        yield at("2018-12-10", "09:00", stage, MANAGER, "import", "targets", contract, path, say=say)
    for day, name, said in REPORTED:
        path = _sent(stage, "botkyrka", f"botkyrka-{name}")
        say = f"botkyrka, synthetic: {said}"
        yield at(day, "09:15", stage, PAYROLL, "import", "indicators", "botkyrka", path, say=say)


def _sent(stage: Stage, contract: str, name: str) -> str:
    """A file that comes with the product, as it was sent; its path."""
    with open(stage.fixture(f"indicators/{name}.csv"), "rb") as file:
        return stage.file(f"{contract}/indicators/{name}.csv", file.read())
