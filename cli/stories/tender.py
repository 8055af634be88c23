"""The demo's tenders: each contract's, with what was bid and to whom it was awarded; before its signature.

Published are the limits of what could be bid, and what Aino Health and Previa bid. That others bid, who they were and what they
bid is not: those bidders are invented, and called synthetic wherever they are shown. The days are assumed, and recorded when the
ledger was opened, after the fact. What is awarded is, to the byte, what the contracts in ``fixtures/contracts`` say, so that
these steps may stand anywhere before a signature, or be left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.stories.stage import MANAGER, PAYER, Stage, Timed, at

BIDS = {
    "botkyrka": (
        ("Aino Health", "50%", "2018-06-11"),
        ("Friskvård i Söder AB (synthetic)", "25%", "2018-06-12"),
        ("Arbetsro AB (synthetic)", "75%", "2018-06-13"),
    ),
    "ornskoldsvik": (("Previa", "75%", "2018-06-12"),),
}
"""Bidder, share at risk, and the day on which it was received."""

REASONS = {
    "botkyrka": "the best in all by the criteria; half of its service is at risk (the reason is invented)",
    "ornskoldsvik": "three quarters of its service are at risk (the reason is invented)",
}
AWARDED_ON = "2018-06-29"
RECEIVED = "list of bids received (synthetic)"
"""What shows that they came in time: they are recorded after closing."""


def tenders(
    stage: Stage, recorded: str = "2018-09-25", contracts: tuple[str, ...] = ("botkyrka", "ornskoldsvik")
) -> Iterator[Timed]:
    """Every step, all on one day; ``recorded``: the day on which the ledger learns of it, before the contracts are signed."""
    for number, contract in enumerate(contracts):
        minute = iter(f"{14 + number}:{minute:02d}" for minute in range(0, 60, 5))

        def step(actor: str, *args: str, say: str, minute: Iterator[str] = minute) -> Timed:
            return at(recorded, next(minute), stage, actor, "tender", *args, say=say)

        file = stage.fixture(f"tenders/{contract}.toml")
        yield step(MANAGER, "open", file, say="Tendered in the spring, recorded now:")
        for bidder, share, on in BIDS[contract]:
            bid = ("--bidder", bidder, "--at-risk", share, "--on", on, "--reference", RECEIVED)
            yield step(MANAGER, "bid", contract, *bid, say="Bid:")
        award = ("--bid", "1", "--reason", REASONS[contract], "--on", AWARDED_ON)
        yield step(PAYER, "award", contract, *award, say="Awarded:")
