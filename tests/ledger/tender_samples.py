"""One record of each type of a tender, as ``test_events_golden`` keeps them. It is made up; each optional field is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ledger import events as e
from ledger.record import Recorded
from ledger.tender_terms import awarded, read_tender

TERMS = read_tender(
    """
form = "tender"
id = "lillstad-2023"
name = "Upphandling av utförare, påhittad"
opens_on = 2023-02-01
closes_on = 2023-03-15
criteria = ["riskandel", "metod och bemanning"]
unpublished = ["service.value"]
clauses = { "at_risk" = "förfrågningsunderlaget §4", "at_risk.most" = "förfrågningsunderlaget §4.2" }
at_risk = { least = "0.25", most = "0.75" }
service = { value = "7000000.00", in_terms = "derived" }
provider_share = { decimals = 4, fixed = [{ at_risk_share = "0.6", provider_share = "0.25" }] }
upfront = [{ on = 2023-05-02, part = "0.75" }, { on = 2024-05-02, part = "0.25" }]
governance = { records = ["performance_manager", "payer"], awards = ["payer"] }

[draft]
id = "lillstad"
name = "Utfallskontrakt, Lillstad"
currency = "SEK"
vat = "excluded"
starts_on = 2023-05-02
measured_from = 2023-06-01
months = 24
ramp_up_months = 6
assumed = ["settlement"]
derived = ["investment.external_service_value"]
clauses = { "investment.total" = "förfrågningsunderlaget §2" }
parties = { payer = "Lillstads kommun", performance_manager = "SKR" }
population = { employees = "monthly-paid", workplaces = "all" }
investment = { total = "16000000.00" }
outcome = { bonus_rate = "0.5", ceiling = "1.5" }
absence_codes = { SMB = "covid", workplace_dimension = 2 }
[draft.settlement]
period = "quarter"
objection_days = 30
payment_days = 30
correction_months = 12
report_days = 20
overpaid = "refund"
interest = "none"
[draft.governance]
signs = ["performance_manager", "payer"]
records = ["performance_manager"]
determines = "performance_manager"
pays = "payer"
agrees = ["payer", "external_provider"]
""".encode(),
    "tender",
)
BID = {"number": 2, "bidder": "Må Väl i Norr AB (påhittad)", "at_risk_share": "0.6", "on": date(2023, 3, 14)}
GIVEN = e.BidReceived.model_validate(BID)
BID_VALUE = e.BidReceived.model_validate({**BID, "service_value_ore": 712345678})


def samples(sample: Callable[..., Recorded[Any]], document: Callable[..., e.Document]) -> list[Recorded[Any]]:
    """The records, in a stream of their own."""
    stream = "tender/lillstad-2023"
    manager, payer = e.Actor(name="M. Lind", role="performance_manager"), e.Actor(name="Å. Öberg-Ek", role="payer")
    evidence = document("förfrågningsunderlag.toml", "2023-02-01", "file given to soc")
    sha256 = awarded(TERMS, GIVEN.bidder, GIVEN.at_risk_share, None).sha256
    award = e.TenderAwarded(bid=2, on=date(2023, 4, 3), reason="störst riskandel", terms_sha256=sha256)
    withdrawn = e.BidWithdrawn(bid=1, on=date(2023, 3, 10), reason="felräknat")
    return [
        sample(420, stream, 1, "2023-02-01T09:00:00+01:00", "2023-02-01", manager, e.TenderOpened(terms=TERMS), evidence),
        sample(421, stream, 2, "2023-03-15T09:00:00+01:00", "2023-03-14", manager, BID_VALUE),
        sample(422, stream, 3, "2023-03-15T10:00:00+01:00", "2023-03-10", manager, withdrawn),
        sample(423, stream, 4, "2023-04-03T09:00:00+02:00", "2023-04-03", payer, award),
    ]
