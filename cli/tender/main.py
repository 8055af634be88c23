"""``soc tender``: from bids to signed terms; each command is imported when it runs."""

from __future__ import annotations

import click

from cli.tiered.main import TieredGroup

MODULES = {
    "try": ("cli.tender.compare:try_", "What bids would give, before any is received; records nothing."),
    "open": ("cli.tender.record:open_", "Record that a tender opens."),
    "bid": ("cli.tender.record:bid", "Record a provider's bid."),
    "withdraw": ("cli.tender.record:withdraw", "Record that a provider withdrew its bid."),
    "compare": ("cli.tender.compare:compare", "What each bid would pay at 0 to 200 % of the investment."),
    "award": ("cli.tender.record:award", "Record to which bid it is awarded, and why."),
    "show": ("cli.tender.show:show", "A tender's terms, its bids and its award."),
    "list": ("cli.tender.show:list_", "All tenders on record."),
}
"""Each command: its module, its name there, and its line in the list."""


@click.group("tender", cls=TieredGroup, modules=MODULES)
def command() -> None:
    """Providers bid their share at risk: try, open, bid, compare, award."""
