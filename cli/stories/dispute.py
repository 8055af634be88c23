"""The demo's disputes: Botkyrka objects to January and February 2020, because the index of their quarter also measures March; and
to a quarter of 2021, which the true-up makes moot.

That the index of 2020Q1 holds March is a fact; who objected to what, when, and how it ended is an example.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from cli.stories.stage import AGREED, MANAGER, Stage, Timed, at, due_paid, first, instant

CONTRACT = "botkyrka"

GROUNDS = "January and February were ordinary months; the index of their quarter also measures the pandemic's March"
ANSWER = "the contract takes the index of the month's own quarter, whole; nobody foresaw March, and a rule agreed holds for both"
SETTLED = "part of the agreement of January 2021: these months stand, and the pandemic's count for the mean of others"
SECOND = "the second quarter of 2021 is as disturbed as those that the parties agreed to deem"

LETTERS = {
    "objection-D7.txt": f"Botkyrka kommun objects to D7.\n{GROUNDS.capitalize()}.\n",
    "answer-X1.txt": f"Aino Health answers the objection X1.\n{ANSWER.capitalize()}.\n",
    "settlement-X1.txt": f"The parties settle X1.\n{SETTLED.capitalize()}.\n",
    "objection-D13.txt": f"Botkyrka kommun objects to D13.\n{SECOND.capitalize()}.\n",
}
"""Letters of the story; each says that it is synthetic."""


def disputes(stage: Stage) -> Iterator[Timed]:
    """Every step of both disputes, each with its time."""
    yield from _over_the_trend(stage)
    yield from _over_a_quarter_that_is_determined_anew(stage)


def _letter(stage: Stage, name: str) -> tuple[str, str]:
    said = f"{LETTERS[name]}Synthetic: it stands in the demo for a letter that is not public.\n"
    return "--evidence", stage.file(f"{CONTRACT}/{name}", said.encode())


def _methodology(stage: Stage, name: str) -> tuple[str, str]:
    with open(stage.fixture(f"methodologies/{name}.toml"), "rb") as file:
        return "--methodology", stage.file(f"methodologies/{name}.toml", file.read())


def _over_the_trend(stage: Stage) -> Iterator[Timed]:
    """Raised in time, answered, the rest paid, settled with the agreement on the pandemic."""
    position = _methodology(stage, "previous-year-quarter")
    raised = ("dispute", "raise", f"{CONTRACT}/D7", "--by", "payer", "--on", "2020-07-13", "--grounds", GROUNDS, *position)
    say = f"{CONTRACT}, disputed:"
    yield at("2020-07-13", "10:00", stage, MANAGER, *raised, *_letter(stage, "objection-D7.txt"), say=say)
    answer = ("dispute", "answer", f"{CONTRACT}/X1", "--by", "external_provider", "--on", "2020-08-12", "--answer", ANSWER)
    say = f"{CONTRACT}, answered:"
    yield at("2020-08-12", "09:00", stage, MANAGER, *answer, *_letter(stage, "answer-X1.txt"), say=say)
    papers = (f"{CONTRACT}-outcome-2020-02", f"BG-{CONTRACT}-2020-02")
    yield from due_paid(stage, CONTRACT, date(2020, 8, 20), papers, "what is not disputed")
    yield "2021-01-20T11:00", lambda: _settled(stage)


def _settled(stage: Stage) -> str:
    """The parties settle at what was determined, and say so in kronor."""
    asked = ("dispute", "show", f"{CONTRACT}/X1", "-O", "json")
    determined = json.loads(stage.run(None, *asked))["disputed"]
    settled = ("dispute", "resolve", f"{CONTRACT}/X1", "--outcome", "settled", "--savings", determined, "--on", "2021-01-20")
    said = (*settled, *AGREED, "--reason", SETTLED, *_letter(stage, "settlement-X1.txt"))
    return f"2021-01-20  {CONTRACT}, settled: {first(stage.run((instant('2021-01-20T11:00'), MANAGER), *said))}"


def _over_a_quarter_that_is_determined_anew(stage: Stage) -> Iterator[Timed]:
    """Raised against a determination that the true-up then supersedes: the dispute is moot, and holds nothing."""
    position = _methodology(stage, "medium-scenario")
    raised = ("dispute", "raise", f"{CONTRACT}/D13", "--by", "payer", "--on", "2021-10-11", "--grounds", SECOND, *position)
    say = f"{CONTRACT}, disputed:"
    yield at("2021-10-11", "10:00", stage, MANAGER, *raised, *_letter(stage, "objection-D13.txt"), say=say)
