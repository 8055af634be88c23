"""The demo's bond: Region Stockholm's Health Impact Bond, the nearest real relative of the bond that was planned for these
contracts; entered when the two contracts had ended, each fact with the date that it is about.

Published are the parties, SEK 30 m, the day of issue, five years, and the least and the most total return. How the bond is
divided, how savings are shared, and every saving here are not: the terms call them parameters, and the savings are synthetic.
"""

from __future__ import annotations

from collections.abc import Iterator

from cli.stories.stage import Stage, Timed, at

CONTRACT = "health-impact-bond"
ISSUER, INVESTOR = "K. Alm, issuer", "E. Fors, investor"
RECORDED = "2022-04-25"
MATURITY = "2025-06-16"

SAVINGS = {"2020": ("2020-12-31", "400000.00"), "2021": ("2021-12-31", "2100000.00")}
LATER = {
    "2022": ("2022-12-31", "2600000.00"),
    "2023": ("2023-12-31", "2900000.00"),
    "2024": ("2024-12-31", "2300000.00"),
    "2025": ("2025-05-31", "900000.00"),
}
"""Synthetic savings in care, by calendar year: 11.2 m SEK to the end, of which the investor is given 8.4 m."""


def health_impact_bond(stage: Stage) -> Iterator[Timed]:
    """Issued in 2020, two years of savings determined, none of them agreed: everything is paid at maturity."""
    terms = stage.fixture(f"contracts/{CONTRACT}.toml")
    signing = ("tiered", "sign", terms, "--on", "2020-06-16")
    say = "Region Stockholm's Health Impact Bond of 2020 is entered:"
    yield at(RECORDED, "09:00", stage, ISSUER, *signing, say=say)
    yield at(RECORDED, "09:10", stage, ISSUER, *_paid("issue", "30000000", "2020-06-16", "investor", "issuer"))
    say = "health-impact-bond: savings of 2020 and 2021, synthetic"
    yield at(RECORDED, "09:20", stage, ISSUER, "tiered", "report", CONTRACT, _sent(stage, SAVINGS), say=say)
    for clock, (until, _) in zip(("09:30", "09:40"), SAVINGS.values(), strict=True):
        yield at(RECORDED, clock, stage, ISSUER, "tiered", "determine", CONTRACT, "--on", until, say=f"{CONTRACT}:")


def redeemed(stage: Stage) -> Iterator[Timed]:
    """What would come after: savings to the end, agreed and redeemed at maturity. For a ledger that goes on to 2025."""
    yield at("2025-06-10", "09:00", stage, ISSUER, "tiered", "report", CONTRACT, _sent(stage, LATER))
    yield at("2025-06-10", "10:00", stage, ISSUER, "tiered", "determine", CONTRACT, "--on", "2025-05-31", say=f"{CONTRACT}:")
    agreed = ("tiered", "agree", f"{CONTRACT}/D3", "--by", "investor", "--on", MATURITY)
    yield at(MATURITY, "09:00", stage, INVESTOR, *agreed, say=f"{CONTRACT}:")
    yield at(MATURITY, "10:00", stage, ISSUER, *_paid("redemption", "24000000", MATURITY, "issuer", "investor"))
    say = "health-impact-bond is redeemed: 24.0 m SEK whatever the outcome, 8.4 m by outcomes"
    yield at(MATURITY, "10:10", stage, ISSUER, *_paid("outcome", "8400000", MATURITY, "issuer", "investor"), say=say)


def _paid(kind: str, amount: str, on: str, payer: str, payee: str) -> tuple[str, ...]:
    sides = ("--from", payer, "--to", payee, "--on", on, "--bank-reference", f"HIB-{kind}")
    return "tiered", "pay", CONTRACT, kind, amount, *sides


def _sent(stage: Stage, savings: dict[str, tuple[str, str]]) -> str:
    """The file as it is sent, kept with the others."""
    lines = [f"savings,participants,calendar-{year},{until},,{amount}," for year, (until, amount) in savings.items()]
    content = "\n".join(["metric,group,part,until,persons,amount,value", *lines]) + "\n"
    return stage.file(f"{CONTRACT}/savings-{min(savings)}-synthetic.csv", content.encode())
