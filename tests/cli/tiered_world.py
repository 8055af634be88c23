"""A tiny contract settled by tiers, and what is measured of it."""

from __future__ import annotations

from tests.cli.world import World

KIDS = """\
form = "tiered"
id = "kids"
name = "Tiny contract for children"
currency = "SEK"
vat = "excluded"
starts_on = 2019-01-01
ends_on = 2019-12-31
payment_days = 30
unpublished = ["waterfall.return.only_if"]

[clauses]
"governance.pays" = "agreement §7"

[parties]
payer = "Lilla kommun"
investor = "Fonden"
performance_manager = "The project organisation"

[[metrics]]
id = "spent"
name = "cost of activity"
unit = "money"
better = "lower"
source = "synthetic, made up for this test"

[[metrics]]
id = "costs"
name = "cost of placements"
unit = "money"
better = "lower"
source = "synthetic, made up for this test"

[[metrics]]
id = "results"
name = "school results"
unit = "per cent"
better = "higher"
source = "synthetic, made up for this test"

[[valuations]]
kind = "reported-amount@1"
id = "activity"
metric = "spent"
group = "children"

[[valuations]]
kind = "cost-difference@1"
id = "savings"
metric = "costs"
baseline = "before"
group = "children"
parts = ["spring", "autumn"]

[[waterfall.tiers]]
name = "guaranteed"
what = "40 % whatever the outcome"
of = "activity"
shares = [{ party = "investor", share = "0.4" }]
guaranteed = true

[[waterfall.tiers]]
name = "even"
what = "60 and 40 until activity is paid"
of = "savings"
up_to = { times = "1", of = "activity" }
shares = [{ party = "investor", share = "0.6" }]

[[waterfall.tiers]]
name = "return"
what = "at most a fifth more"
of = "savings"
shares = [{ party = "investor", share = "0.6", most = { times = "0.2", of = "activity" } }]
only_if = { metric = "results", group = "children", part = "spring", at_least = "50" }

[[waterfall.remainder]]
of = "activity"
party = "payer"

[[waterfall.remainder]]
of = "savings"
party = "payer"

[governance]
signs = ["performance_manager"]
records = ["performance_manager", "payer"]
determines = "performance_manager"
pays = "payer"
agrees = ["payer", "investor"]
"""

HEADER = "metric,group,part,until,persons,amount,value"
KIDS_MEASURED = f"""\
{HEADER}
spent,children,spring,2019-06-30,,1000.00,
costs,before,spring,2018-06-30,10,5000,
costs,children,spring,2019-06-30,8,3500,
results,children,spring,2019-06-15,8,,55.5
"""


def measured(world: World) -> World:
    """The contract signed in an opened ledger, and its spring reported."""
    world.done("tiered", "sign", world.file("kids.toml", KIDS), at="2019-01-02T09:00")
    world.done("tiered", "report", "kids", world.file("kids.csv", KIDS_MEASURED), at="2019-07-01T09:00")
    world.at = "2019-07-02T09:00"
    return world


def agreed(world: World) -> World:
    """… determined as of the end of June, and agreed by both."""
    measured(world)
    world.done("tiered", "determine", "kids", "--on", "2019-06-30")
    for role in ("payer", "investor"):
        world.done("tiered", "agree", "kids/D1", "--by", role, "--on", "2019-07-01")
    return world
