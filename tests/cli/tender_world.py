"""A tender of the tiny contract's successor, as files say it."""

from __future__ import annotations

from tests.cli.world import TERMS

HEAD = """\
form = "tender"
id = "next"
name = "Provider of the next tiny SOC"
opens_on = 2019-02-01
closes_on = 2019-03-15
criteria = ["the share at risk"]
unpublished = []
clauses = { "at_risk.most" = "invitation §4" }
at_risk = { least = "0.25", most = "0.75" }
service = { value = "400000.00", in_terms = "stated" }
provider_share = { decimals = 3 }
upfront = [{ on = 2019-01-02, part = "1" }]
governance = { records = ["performance_manager", "payer"], awards = ["payer"] }
"""


def _draft() -> str:
    """The terms without what a bid decides."""
    decided = ("external_provider =", "external_service_value =", "at_risk_share =", "instalments =", "provider_share =")
    lines = [line for line in TERMS.splitlines() if not line.startswith((*decided, "maximum_payment =", "[upfront]"))]
    tables = [f"[draft.{line[1:]}" if line.startswith("[") else line for line in lines]
    return "[draft]\n" + "\n".join(tables).replace('id = "tiny"', 'id = "tiny-two"')


TENDER = HEAD + _draft() + "\n"
BID = ("--bidder", "Friskare AB", "--at-risk", "50%", "--on", "2019-02-10", "--reference", "diary 2019/17")
SIGNED = TERMS.replace('id = "tiny"', 'id = "tiny-two"')
"""What follows from the bid: the tiny contract's terms under another id."""
