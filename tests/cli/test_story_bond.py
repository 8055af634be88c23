"""The demo's bond, told in a ledger of its own to its redemption; every step is a command that a user types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.stories.bond import CONTRACT, ISSUER, health_impact_bond, redeemed
from cli.stories.stage import Stage, Timed, instant


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    one = Stage(tmp_path)
    one.run((instant("2022-04-01T08:00"), ISSUER), "init", "--simulated", "--seed", "bond")
    return one


def told(steps: Iterator[Timed]) -> list[str]:
    return [said for _, step in sorted(steps, key=lambda one: one[0]) if (said := step())]


def asked(stage: Stage, *question: str) -> Any:
    return json.loads(stage.run(None, *question, "-O", "json"))


def test_two_years_after_issue_savings_are_determined_and_nothing_is_paid(stage: Stage) -> None:
    said = told(health_impact_bond(stage))
    assert any("synthetic" in line for line in said)
    state = asked(stage, "bond", "state", CONTRACT, "--as-of", "2022-04-25")
    assert (state["holder"]["lent"], state["holder"]["open"], state["holder"]["balance"]) == (
        "30000000.00",
        "0.00",
        "25875000.00",
    )
    assert (state["outcome"]["given"], state["outcome"]["agreed"]) == ("1875000.00", False)
    before = asked(stage, "bond", "state", CONTRACT, "--as-of", "2021-06-30")
    assert before["outcome"]["given"] == "300000.00"


def test_at_maturity_it_is_redeemed_within_its_limits(stage: Stage) -> None:
    told(health_impact_bond(stage))
    told(redeemed(stage))
    state = asked(stage, "bond", "state", CONTRACT)
    assert state["as_of"] == "2025-06-16"
    assert (state["holder"]["redeemed"], state["holder"]["open"]) == ("32400000.00", "0.00")
    assert state["holder"]["return_so_far"] == state["over_the_term"]["as_determined"]["total_return"] == "0.0800"
    assert state["issuer"]["owed_at_least"] == state["issuer"]["owed_by_outcome"] == "0.00"


def test_both_views_of_the_bond_agree_on_outcomes(stage: Stage) -> None:
    told(health_impact_bond(stage))
    told(redeemed(stage))
    tiers = stage.run(None, "tiered", "state", CONTRACT, "-O", "json")
    assert "8400000.00" in tiers
    assert asked(stage, "bond", "state", CONTRACT)["outcome"]["given"] == "8400000.00"
