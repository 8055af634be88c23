"""The demo's third contract: Norrköping's, Sweden's first, taken into the ledger when the other two had ended. Each fact keeps
the date that it is about, from 2016 on; that the ledger learned of it only in April 2022 is what two times are for.

Published are the dates of publication, start, end of activity and evaluation, the parties, shares and limits, and that two years
of follow-up showed no saving. Every amount reported is synthetic; dates of payment and agreement are assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cli.stories.stage import Stage, Timed, at

CONTRACT = "norrkoping"
MANAGER = "H. Sand, performance_manager"
PAYER = "K. Bro, payer"

RECORDED = "2022-04-20"
LENT = (("2016-08-15", "3000000"), ("2017-03-15", "3500000"), ("2018-03-15", "3086000"))
"""Drawn on the loan, 9 586 000 in all: what activity cost. Days and amounts are assumed."""


def norrkoping(stage: Stage) -> Iterator[Timed]:
    """Every step of it, each with its time."""
    minute = iter(f"{8 + number // 4:02d}:{number % 4 * 15:02d}" for number in range(40))

    def step(actor: str, *args: str, say: str | None = None) -> Timed:
        return at(RECORDED, next(minute), stage, actor, "tiered", *args, say=say)

    def agreed(number: str, day: str) -> Iterator[Timed]:
        for role in ("payer", "investor"):
            yield step(MANAGER, "agree", f"{CONTRACT}/{number}", "--by", role, "--on", day)

    terms = stage.fixture(f"contracts/{CONTRACT}.toml")
    yield step(MANAGER, "sign", terms, "--on", "2016-02-15", say="Norrköping's contract of 2016 is entered, six years late:")
    for number, (day, amount) in enumerate(LENT, 1):
        sides = ("--from", "investor", "--to", "payer", "--on", day)
        yield step(PAYER, "pay", CONTRACT, "investment", amount, *sides, "--bank-reference", f"LSV-{number}")
    for name in ("activity-cost", "social-costs"):
        yield step(MANAGER, "report", CONTRACT, _sent(stage, name), say=f"norrkoping: {name} reported, synthetic figures")
    yield step(MANAGER, "determine", CONTRACT, "--on", "2019-03-31", say="norrkoping, when activity had ended:")
    yield from agreed("D1", "2019-04-30")
    paid = ("--from", "payer", "--to", "investor", "--on", "2019-06-03", "--bank-reference", "NK-1")
    yield step(PAYER, "pay", CONTRACT, "outcome", "3834400", *paid, say="norrkoping, the guaranteed part:")
    for name in ("school-results", "third-year"):
        yield step(MANAGER, "report", CONTRACT, _sent(stage, name), say=f"norrkoping: {name} reported, synthetic figures")
    yield step(MANAGER, "determine", CONTRACT, "--on", "2021-02-28", say="norrkoping, when the evaluation was complete:")
    yield from agreed("D2", "2021-03-31")
    yield f"{RECORDED}T18:00", lambda: _what_if(stage)


def _what_if(stage: Stage) -> None:
    """Keep the terms that the what-if is asked with, beside what was sent."""
    stage.file(f"{CONTRACT}/three-years.toml", Path(stage.fixture(f"contracts/{CONTRACT}-three-years.toml")).read_bytes())


def _sent(stage: Stage, name: str) -> str:
    """The file as it was sent, kept with the others."""
    content = Path(stage.fixture(f"{CONTRACT}/{name}-synthetic.csv")).read_bytes()
    return stage.file(f"{CONTRACT}/{name}-synthetic.csv", content)
