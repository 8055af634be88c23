"""The demo's programme: the two contracts as one, entered when both had ended, as of the day on which both are signed.

Published is what sources state of the whole, about 40 m and 15 m SEK; what the contracts come to is computed from their terms.
That it begins on the second's day of signature is derived.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.stories.stage import MANAGER, Stage, Timed, at

PROGRAMME = "occupational-health"
RECORDED = "2022-04-25"


def programme(stage: Stage) -> Iterator[Timed]:
    """The one step."""
    path = stage.fixture(f"programmes/{PROGRAMME}.toml")
    say = "both contracts are looked at as one, the Occupational Health SOC:"
    yield at(RECORDED, "10:00", stage, MANAGER, "programme", "form", path, say=say)
