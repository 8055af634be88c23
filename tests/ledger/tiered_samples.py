"""One record of each type of a contract settled by tiers, as ``test_events_golden`` keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ledger import events as e
from ledger.record import Recorded
from ledger.tiered_terms import read_tiered_terms

TERMS = read_tiered_terms(
    """
form = "tiered"
id = "blandat"
name = "Every sort of valuation and limit, påhittat"
currency = "SEK"
vat = "none"
starts_on = 2020-01-01
ends_on = 2023-12-31
assumed = ["governance"]
derived = ["amounts.loan"]
unpublished = ["waterfall.return.only_if"]
clauses = { "amounts.loan" = "avtalet §2" }
parties = { payer = "Staden", investor = "Fonden", performance_manager = "SKR" }
amounts = [{ id = "loan", what = "what is lent", amount = "1000000.00" }]
payment_days = 30
metrics = [
  { id = "costs", name = "cost of placements", unit = "money", better = "lower", source = "the city's books" },
  { id = "results", name = "school results", unit = "per cent", better = "higher", source = "the schools" },
]
valuations = [
  { kind = "reported-amount@1", id = "spent", metric = "costs", group = "children" },
  { kind = "cost-difference@1", id = "saved", metric = "costs", baseline = "before", group = "children", parts = ["year-1"] },
  { kind = "price-per-unit@1", id = "passed", metric = "results", group = "children", price = "12.50" },
  { kind = "contracts-savings@1", id = "others", contracts = ["botkyrka", "ornskoldsvik"] },
]
[governance]
signs = ["payer"]
records = ["performance_manager"]
determines = "performance_manager"
pays = "payer"
agrees = ["payer", "investor"]
[waterfall]
remainder = [{ of = "spent", party = "payer" }, { of = "saved", party = "payer" }]
[[waterfall.tiers]]
name = "guaranteed"
what = "two fifths of what is spent"
of = "spent"
up_to = { amount = "500000.00" }
shares = [{ party = "investor", share = "0.4" }]
guaranteed = true
[[waterfall.tiers]]
name = "return"
what = "half of what is saved, at most a fifth of the loan"
of = "saved"
shares = [{ party = "investor", share = "0.5", most = { times = "0.2", of = "loan" } }]
only_if = { metric = "results", group = "children", part = "spring", at_least = "62.5" }
""".encode(),
    "terms",
)

STREAM = "tiered/blandat"
MANAGER = e.Actor(name="M. Lind", role="performance_manager")
PAYER = e.Actor(name="Å. Öberg-Ek", role="payer")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _row(metric: str, part: str, until: str, **found: Any) -> e.MetricRow:
    said = {"metric": metric, "group": "children", "part": part, "until": _day(until), **found}
    return e.MetricRow.model_validate(said)


EVENTS: tuple[tuple[str, e.Actor, e.Event], ...] = (
    ("2020-01-01", PAYER, e.TieredSigned(terms=TERMS, signed_on=_day("2020-01-01"))),
    (
        "2021-01-01",
        PAYER,
        e.TieredAmended(
            terms=TERMS.model_copy(update={"payment_days": 45}),
            from_on=_day("2021-01-01"),
            agreed_by=("payer", "investor"),
            reason="längre betalningstid",
        ),
    ),
    (
        "2021-06-30",
        MANAGER,
        e.MetricsReported(
            rows=(
                _row("costs", "year-1", "2020-12-31", persons=60, amount_ore=43118250),
                _row("results", "spring", "2021-06-30", value="-0.5"),
            )
        ),
    ),
    (
        "2021-06-30",
        MANAGER,
        e.TiersDetermined(
            number=2,
            on=_day("2021-06-30"),
            amounts=(e.AmountFound(id="spent", amount_ore=43118250), e.AmountFound(id="saved", amount_ore=-7)),
            conditions=(e.ConditionFound(tier="return", value="-0.5", met=False), e.ConditionFound(tier="later", met=False)),
            given=(e.TierGiven(of="spent", tier="guaranteed", party="investor", amount_ore=17247300),),
            kept=(
                e.TierKept(of="spent", party="payer", amount_ore=25870950),
                e.TierKept(of="saved", party="payer", amount_ore=-7),
            ),
            terms_sha256=TERMS.sha256,
            basis=e.Basis(position=502, root="ab" * 32),
            computed_by="soc-ledger 0.1.0, source 0123456789abcdef",
            reason="en faktura räknades två gånger",
        ),
    ),
    (
        "2021-07-31",
        MANAGER,
        e.TiersAgreed(
            determination=2,
            role="investor",
            on=_day("2021-07-31"),
            claims=(e.PartyClaim(party="investor", amount_ore=-100, payable_on=_day("2021-09-14")),),
        ),
    ),
    (
        "2021-09-14",
        PAYER,
        e.TieredPaid(
            number=1,
            kind="outcome",
            payer="payer",
            payee="investor",
            amount_ore=17247300,
            on=_day("2021-09-14"),
            bank_reference="BG 5050-1055",
        ),
    ),
    (
        "2021-09-15",
        PAYER,
        e.TieredPaymentCorrected(
            number=1,
            was=e.Entry(amount_ore=17247300, on=_day("2021-09-14")),
            becomes=e.Entry(amount_ore=17247200, on=_day("2021-09-15")),
            reason="två siffror hade bytt plats",
        ),
    ),
)


def samples(sample: Callable[..., Recorded[Any]], document: Callable[..., e.Document]) -> list[Recorded[Any]]:
    """The records, as the log stamps them."""
    papers = {"TieredSigned@1": "blandat.toml", "MetricsReported@1": "metrics.csv"}
    found = []
    for number, (on, by, event) in enumerate(EVENTS):
        evidence = [document(papers[event.TYPE], on, "file given to soc")] if event.TYPE in papers else []
        found.append(sample(500 + number, STREAM, number + 1, f"2021-10-0{number + 1}T09:00:00+02:00", on, by, event, *evidence))
    return found
