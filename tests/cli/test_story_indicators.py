"""The demo's chapter on targets and unpaid outcomes: every step runs, and the planted case is in what it leaves on record."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cli.stories import chapters as story
from cli.stories.indicators import indicators
from cli.stories.stage import PLOTS, Stage
from cli.stories.tender import tenders
from ledger import indicators as decider
from ledger.facts import Facts, indicator_stream
from ledger.log import Log
from ledger.periods import Period
from projections.unpaid.warning import MARGINS

SURVEY = "engagement", Period.parse("2019-10")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, list[str]]:
    """The contracts signed, and the chapter told, on a ledger with nothing else."""
    stage = Stage(tmp_path_factory.mktemp("story"), {})
    timed = [one for plot in PLOTS for one in story._signature(stage, plot)]
    timed += [*tenders(stage), *indicators(stage)]
    said = [story._open(stage)]
    said += [line for _, step in sorted(timed, key=lambda one: one[0]) if (line := step()) is not None]
    return Log.open(stage.ledger).facts(), said


def value(facts: Facts, of: tuple[str, Period]) -> Fraction:
    return Fraction(decider.fold(facts.stream(indicator_stream("botkyrka"))).values[of][1].value)  # type: ignore[index]


def test_both_contracts_have_both_targets(told: tuple[Facts, list[str]]) -> None:
    for contract in ("botkyrka", "ornskoldsvik"):
        held = decider.fold(told[0].stream(indicator_stream(contract)))
        assert [row.change for _, row in held.targets.values()] == [Fraction(-3, 25), Fraction(-1, 10)]
        assert bool(held.values) == (contract == "botkyrka")


def test_engagement_is_known_to_have_fallen_from_the_correction_on(told: tuple[Facts, list[str]]) -> None:
    facts = told[0]
    records = facts.stream(indicator_stream("botkyrka"))
    before = Fraction(79)
    assert value(facts, ("engagement", Period.parse("2018-09"))) == before
    first = facts.at(records[2].position)
    assert 0 < 1 - value(first, SURVEY) / before < MARGINS["engagement"]
    corrected = facts.at(records[3].position)
    assert str(corrected.known_at.date()) == "2020-04-02"
    assert 1 - value(corrected, SURVEY) / before > MARGINS["engagement"]


def test_what_is_invented_is_said_to_be(told: tuple[Facts, list[str]]) -> None:
    said = [line for line in told[1] if "engagement" in line]
    assert len(said) == 4
    assert all("synthetic" in line for line in said)
