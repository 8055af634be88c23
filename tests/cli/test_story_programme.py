"""The demo's programme, told in a ledger with both contracts signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.stories.programme import PROGRAMME, programme
from cli.stories.stage import MANAGER, Stage, instant


def test_the_two_come_to_what_sources_state_of_the_whole(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.run((instant("2018-09-24T08:00"), MANAGER), "init", "--simulated", "--seed", "programme")
    for contract, day in (("botkyrka", "2018-09-26"), ("ornskoldsvik", "2018-11-01")):
        stage.run((instant(f"{day}T09:00"), MANAGER), "contract", "sign", stage.fixture(f"contracts/{contract}.toml"))
    [(_, step)] = programme(stage)
    said = step()
    assert said is not None
    assert "programme occupational-health formed from 2018-11-01 of botkyrka, ornskoldsvik" in said
    answer: dict[str, Any] = json.loads(stage.run(None, "programme", "state", PROGRAMME, "--as-of", "2018-11-01", "-O", "json"))
    assert [(one["unit"], one["figure"], one["computed"], one["difference"], one["agrees"]) for one in answer["stated"]] == [
        ("SEK", "investment", "40300000.00", "300000.00", True),
        ("EUR", "investment", None, None, None),
        ("SEK", "maximum-payments", "14960000.00", "-40000.00", True),
    ]
    assert (answer["whole"]["headroom"], answer["at_cap"]) == ("14960000.00", [])
