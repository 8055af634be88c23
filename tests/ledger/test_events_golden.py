"""Every event that was ever recorded decodes for ever, and encodes to the same bytes.

``fixtures/events/<Type>@<n>.json`` holds one canonical body a type, without a line end. A golden that is missing is written
from the sample here, and its test fails once so that someone looks at it; one that exists is never overwritten. A shape that
changes gets a new type name and a new golden; the old stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ledger import events as e
from ledger.canonical import canonical, sha256
from ledger.errors import VerificationFailed
from ledger.methodology import Methodology, NetDays, read_methodology
from ledger.periods import Month, Period, Quarter
from ledger.record import Recorded, decode
from ledger.terms import read_terms
from tests.ledger import tender_samples, tiered_samples

GOLDENS = Path(__file__).parents[2] / "fixtures" / "events"

MANAGER = e.Actor(name="M. Lind", role="performance_manager")
PAYROLL = e.Actor(name="HR payroll", role="internal_provider")
PAYER = e.Actor(name="Å. Öberg-Ek", role="payer")
AUDITOR = e.Actor(name="R. Granskare", role="external_auditor")

TERMS = read_terms(
    """
id = "botkyrka"
name = "Occupational Health SOC, Botkyrka"
currency = "SEK"
vat = "excluded"
starts_on = 2018-09-26
measured_from = 2018-10-01
months = 36
ramp_up_months = 9
assumed = ["population", "upfront", "settlement", "governance"]
derived = []
clauses = { "outcome.provider_share" = "case study §4.3", "investment.total" = "case study §4.2" }
population = { employees = "monthly-paid", workplaces = "all" }
investment = { total = "22900000.00", external_service_value = "8400000.00", at_risk_share = "0.50" }
upfront = { instalments = [{ on = 2018-09-26, amount = "4200000.00" }] }
outcome = { provider_share = "0.184", maximum_payment = "6300000.00", bonus_rate = "0.5", ceiling = "1.5" }
[parties]
payer = "Botkyrka kommun"
investor = "Botkyrka kommun, finance department"
internal_provider = "Botkyrka kommun, HR department"
external_provider = "Aino Health"
performance_manager = "RISE and SALAR project organisation"
technical_advisor = "RISE"
external_auditor = "to be appointed"
[settlement]
period = "quarter"
objection_days = 30
payment_days = 30
correction_months = 12
report_days = 20
overpaid = "set-off"
interest = "none"
[governance]
signs = ["performance_manager", "payer"]
records = ["performance_manager", "internal_provider"]
determines = "performance_manager"
pays = "payer"
agrees = ["payer", "external_provider"]
""".encode(),
    "terms",
)
METHOD = read_methodology(
    b"""
name = "contract-2018"
version = 1
measure = { kind = "short-term-net-days@1", source = "payroll", day_basis = "weekday", extent = "proportional" }
reference = { kind = "reference-years@1", from = 2015-10-01, to = 2018-09-30 }
price = { kind = "per-net-day@1", sek = [{ from = 2018-10-01, amount = "2140.00" }] }
disruption = { kind = "none@1" }
[trend]
kind = "national-index@1"
series = "scb-ksju-kommun"
accept = ["published", "derived", "estimated"]
disrupted = "2020-03..2021-06"
quarter_split = "whole-quarter"
""",
    "methodology",
)
BOTH = ("payer", "external_provider")


def disrupted(name: str, *rules: dict[str, Any]) -> Methodology:
    """The methodology with rules for disrupted months."""
    values = METHOD.model_dump(mode="json", by_alias=True, exclude_none=True)
    return Methodology.model_validate_json(canonical({**values, "name": name, "version": 2, "disruption": list(rules)}))


PANDEMIC = "2020-03..2021-06"
CODED_OUT = disrupted(
    "coded-out-and-netted",
    {"kind": "exclude-cause@1", "causes": ["covid", "work-injury"], "window": PANDEMIC},
    {"kind": "rebase@1", "from": "2017-01-01", "to": "2017-12-31", "window": PANDEMIC},
    {"kind": "freeze-trend@1", "at": "2019Q4", "window": PANDEMIC},
    {"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2020-04..2020-07"},
    {"kind": "net-of-reimbursement@1", "reimbursed": "marginal", "window": "2020-08..2021-06"},
)
DEEMED = disrupted(
    "left-out-and-deemed",
    {"kind": "exclude-months@1", "window": "2020-03..2020-08"},
    {"kind": "deem-average@1", "window": "2020-09..2021-06", "of": "2018-10..2020-02"},
)
LONGER = METHOD.model_copy(
    update={
        "name": "days-1-28",
        "measure": NetDays(
            kind="net-days@1",
            source="payroll",
            day_basis="weekday",
            extent="proportional",
            first_day_counted=1,
            last_day_counted=28,
        ),
    }
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def month(text: str) -> Month:
    return Month.parse(text)


def sample(
    position: int, stream: str, version: int, at: str, effective: str, by: e.Actor, event: e.Event, *evidence: e.Document
) -> Recorded[Any]:
    """A record as the log stamps it."""
    return Recorded(
        position=position,
        stream=stream,
        version=version,
        type=event.TYPE,
        recorded_at=datetime.fromisoformat(at).astimezone(UTC),
        effective_on=day(effective),
        recorded_by=by,
        evidence=evidence,
        submission=sha256(f"submission {position}".encode()),
        data=event,
    )


def document(name: str, on: str | None, how: str, seen: bool = True) -> e.Document:
    return e.Document(
        document=name,
        sha256=sha256(name.encode()) if seen else None,
        obtained_on=day(on) if on else None,
        obtained_how=how,
    )


def reimbursement(of: str, *, cost: int, wages: int, threshold: str, repaid: int) -> e.Reimbursement:
    said = {"month": of, "sick_pay_cost_ore": cost, "wage_cost_ore": wages, "threshold": threshold, "reimbursed_ore": repaid}
    return e.Reimbursement.model_validate(said)


DETERMINED_MONTHS = (
    e.MonthDetermined(
        month=month("2018-11"),
        employees=6120,
        weekdays=22,
        reference_rate=Fraction(36427, 1557064),
        trend=e.TrendUsed(
            quarter=Quarter.parse("2018Q4"),
            value="2.38",
            published_on=day("2019-03-08"),
            status="estimated",
            factor=Fraction(238, 233),
        ),
        expected_days=Fraction(8582929740, 2667617),
        actual_hundredths=292825,
        price_ore=214000,
        savings_ore=61889235,
        terms_sha256=TERMS.sha256,
        methodology_sha256=METHOD.sha256,
    ),
    e.MonthDetermined(
        month=month("2018-12"),
        employees=6120,
        weekdays=21,
        reference_rate=Fraction(105, 4444),
        trend=e.TrendUsed(
            quarter=Quarter.parse("2018Q4"), value="2.38", published_on=day("2019-03-08"), status="published", factor=Fraction(1)
        ),
        expected_days=Fraction(3102),
        actual_hundredths=312650,
        price_ore=214000,
        savings_ore=-5296178,
        terms_sha256=TERMS.sha256,
        methodology_sha256=METHOD.sha256,
        findings=("33 people were absent from Förskolan Älvan, which had 32 employees",),
    ),
)

NETTED_AND_AGREED = (
    e.MonthDetermined(
        month=month("2020-08"),
        employees=6180,
        weekdays=21,
        reference_rate=Fraction(105, 4444),
        trend=e.TrendUsed(
            quarter=Quarter.parse("2019Q4"),
            value="2.75",
            published_on=day("2020-03-10"),
            status="published",
            factor=Fraction(12, 11),
        ),
        expected_days=Fraction(3102, 7),
        actual_hundredths=31265,
        left_out_hundredths=9810,
        price_ore=214000,
        reimbursed=Fraction(123457, 987654),
        savings_ore=2441,
        terms_sha256=TERMS.sha256,
        methodology_sha256=CODED_OUT.sha256,
        findings=("reference month 2017-08: 12.00 net days at Tallens förskola, which had no employees, are not counted",),
    ),
    e.MonthAgreed(
        month=month("2020-09"),
        kind="deem-average@1",
        of=Period.parse("2018-10..2020-02"),
        savings_ore=89058824,
        terms_sha256=TERMS.sha256,
        methodology_sha256=DEEMED.sha256,
        findings=("the average is of 17 months",),
    ),
    e.MonthAgreed(
        month=month("2020-10"),
        kind="exclude-months@1",
        savings_ore=0,
        terms_sha256=TERMS.sha256,
        methodology_sha256=DEEMED.sha256,
    ),
)

RESOLVED = (
    NETTED_AND_AGREED[0],
    e.MonthAgreed(
        month=month("2020-09"),
        kind="resolved",
        dispute=3,
        savings_ore=-1234567,
        terms_sha256=TERMS.sha256,
        methodology_sha256=METHOD.sha256,
    ),
)

OF_CONTRACT, OF_ABSENCES = "contract/botkyrka", "absences/botkyrka"
SAMPLES: list[Recorded[Any]] = [
    sample(
        1,
        "ledger",
        1,
        "2018-09-24T08:00:00+02:00",
        "2018-09-24",
        MANAGER,
        e.LedgerOpened(simulated=True, seed="soc-demo"),
    ),
    sample(
        2,
        "trend/scb-ksju-kommun",
        1,
        "2018-09-24T08:30:00.123456+02:00",
        "2018-09-07",
        MANAGER,
        e.TrendPublished(
            series="scb-ksju-kommun",
            values=(
                e.IndexValue(
                    quarter=Quarter.parse("2016Q2"),
                    value="1.82",
                    published_on=day("2016-09-05"),
                    status="published",
                    source="https://www.altinget.se/rikspolitik/artikel/fler-sjukdagar-under-andra-kvartalet",
                ),
                e.IndexValue(
                    quarter=Quarter.parse("2016Q3"),
                    value="1.54",
                    published_on=day("2016-12-06"),
                    status="estimated",
                    source="second quarter times 0.27/0.32, the municipal cases per employee of 2010Q3 and 2010Q2",
                ),
            ),
        ),
        document("trend-before-2018-09.csv", "2018-09-24", "file given to soc import"),
    ),
    sample(
        3,
        OF_CONTRACT,
        1,
        "2018-09-26T10:00:00+02:00",
        "2018-09-26",
        MANAGER,
        e.ContractSigned(terms=TERMS, signed_on=day("2018-09-26")),
        document("botkyrka.toml", "2018-09-26", "file given to soc"),
        document("Avtal Aino Health, dnr KS/2018:417", None, "named with --reference", seen=False),
    ),
    sample(
        4,
        OF_CONTRACT,
        2,
        "2018-09-26T10:30:00+02:00",
        "2018-10-01",
        MANAGER,
        e.MethodologyAdopted1(methodology=METHOD, sha256=METHOD.sha256, from_on=day("2018-10-01"), agreed_by=BOTH),
        document("contract-2018.toml", "2018-09-26", "file given to soc"),
    ),
    sample(
        5,
        OF_CONTRACT,
        3,
        "2018-09-26T11:00:00+02:00",
        "2018-09-26",
        PAYER,
        e.LoanDrawn(number=1, amount_ore=420000000, on=day("2018-09-26"), purpose="upfront"),
    ),
    sample(
        7,
        "workforce/botkyrka",
        1,
        "2018-10-10T09:00:00+02:00",
        "2018-09-30",
        PAYROLL,
        e.WorkforceReported(
            contract="botkyrka",
            rows=(
                e.Headcount(month=month("2018-09"), workplace="Förskolan Älvan", employees=33),
                e.Headcount(month=month("2018-09"), workplace="Äldreboendet Silverkronan", employees=0),
            ),
        ),
        document("workforce-2018-09.csv", "2018-10-10", "file given to soc import"),
    ),
    sample(
        8,
        OF_ABSENCES,
        1,
        "2018-11-10T09:00:00+01:00",
        "2018-10-31",
        PAYROLL,
        e.AbsenceReported(
            contract="botkyrka",
            source="payroll",
            scope=e.Scope(complete=Period.parse("2018-10..2018-11"), workplaces=("Förskolan Älvan", "Äldreboendet Silverkronan")),
            period=Period.parse("2018-10..2018-11"),
            months=(month("2018-09"), month("2018-10"), month("2018-11")),
            lines=e.LineCommitment(count=1173, sha256="e4d69ff347cfd83377f03011382b5d0139f8700cbb3efe53e3bb45fb24f52bb2"),
        ),
        document("absences-2018-10.csv", "2018-11-10", "file given to soc import"),
    ),
    sample(
        114,
        OF_CONTRACT,
        6,
        "2019-03-15T09:00:00+01:00",
        "2018-12-31",
        MANAGER,
        e.SavingsDetermined1(
            number=2,
            months=DETERMINED_MONTHS,
            supersedes=(1,),
            reason="payroll for November came late",
            preliminary=True,
            basis=e.Basis(position=113, root="6f56f63cd8266654f2a249b9c29d1224c21e1a4f7664611d960a9db7146c4d4e"),
            computed_by="soc-ledger 0.1.0, source e27630585cc2b61d",
            savings=(
                e.MonthAmount(month=month("2018-11"), amount_ore=61889235),
                e.MonthAmount(month=month("2018-12"), amount_ore=-5296178),
            ),
            entitlement=(
                e.MonthAmount(month=month("2018-11"), amount_ore=9373983),
                e.MonthAmount(month=month("2018-12"), amount_ore=-974496),
            ),
            claim_ore=8399487,
        ),
    ),
    sample(
        116,
        OF_CONTRACT,
        7,
        "2019-03-16T10:00:00+01:00",
        "2019-03-16",
        MANAGER,
        e.SavingsNotified(
            determination=2,
            on=day("2019-03-16"),
            objection_until=day("2019-04-15"),
            claim=e.Claim(amount_ore=8399487, payable_on=day("2019-05-16")),
        ),
        document("Underrättelse nr 2", "2019-03-16", "named with --reference", seen=False),
    ),
    sample(
        119,
        OF_CONTRACT,
        9,
        "2019-03-28T13:00:00+01:00",
        "2019-03-28",
        MANAGER,
        e.DeterminationAccepted(
            determination=2,
            role="external_provider",
            on=day("2019-03-28"),
            was=e.Claim(amount_ore=8399487, payable_on=day("2019-05-16")),
            becomes=e.Claim(amount_ore=8399487, payable_on=day("2019-04-27")),
        ),
    ),
    sample(
        126,
        OF_CONTRACT,
        10,
        "2019-04-27T14:00:00+02:00",
        "2019-04-27",
        PAYER,
        e.PaymentInstructed(number=2, kind="outcome", amount_ore=8399487, on=day("2019-04-27"), invoice="botkyrka-outcome-1"),
    ),
    sample(
        127,
        OF_CONTRACT,
        11,
        "2019-04-29T14:00:00+02:00",
        "2019-04-29",
        PAYER,
        e.PaymentMade(
            number=3,
            kind="outcome",
            amount_ore=8399487,
            on=day("2019-04-29"),
            invoice="botkyrka-outcome-1",
            bank_reference="BG 5050-1055",
            settles=e.Settled(number=2, amount_ore=8399487, on=day("2019-04-29")),
        ),
    ),
    sample(
        128,
        OF_CONTRACT,
        12,
        "2019-05-02T14:00:00+02:00",
        "2019-05-02",
        PAYER,
        e.LoanRepaid(number=2, amount_ore=48193570, on=day("2019-05-02")),
    ),
    sample(
        129,
        OF_CONTRACT,
        13,
        "2019-05-03T14:00:00+02:00",
        "2019-05-02",
        PAYER,
        e.EntryCorrected(
            corrects=128,
            entry="repayment",
            number=2,
            was=e.Entry(amount_ore=48193570, on=day("2019-05-02")),
            becomes=e.Entry(amount_ore=48193507, on=day("2019-05-02")),
            reason="två siffror hade bytt plats",
        ),
    ),
    sample(
        150,
        OF_CONTRACT,
        14,
        "2019-12-12T14:00:00+01:00",
        "2020-01-01",
        MANAGER,
        e.ContractAmended(
            terms=TERMS.model_copy(update={"months": 48}),
            from_month=month("2020-01"),
            agreed_by=BOTH,
            reason="one more year, agreed on 2019-12-10",
        ),
        document("Tilläggsavtal 1", "2019-12-10", "named with --reference", seen=False),
    ),
    sample(
        223,
        OF_CONTRACT,
        36,
        "2020-05-20T14:00:00+02:00",
        "2020-03-01",
        MANAGER,
        e.FollowUpSuspended(
            from_month=month("2020-03"),
            agreed_by=BOTH,
            reason="COVID-19 disturbs the measurement; the parties negotiate how to go on",
        ),
    ),
    sample(
        224,
        OF_CONTRACT,
        37,
        "2021-06-10T14:00:00+02:00",
        "2021-07-01",
        MANAGER,
        e.FollowUpResumed(
            from_month=month("2021-07"), agreed_by=(*BOTH, "investor"), reason="months count again, the pandemic's do not"
        ),
    ),
    sample(
        225,
        OF_CONTRACT,
        38,
        "2020-11-05T14:00:00+01:00",
        "2020-11-05",
        MANAGER,
        e.MethodologyProposed(
            number=1,
            methodology=CODED_OUT,
            sha256=CODED_OUT.sha256,
            from_on=day("2020-03-01"),
            by="external_provider",
            reason="pandemidagarna mäter inte arbetet",
        ),
        document("coded-out-and-netted.toml", "2020-11-05", "file given to soc"),
    ),
    sample(
        226,
        OF_CONTRACT,
        39,
        "2020-11-20T09:00:00+01:00",
        "2020-11-20",
        PAYER,
        e.MethodologyRejected(proposal=1, by="payer", reason="the index keeps the days that are left out"),
        document("Protokoll 2020-11-20", "2020-11-20", "named with --reference", seen=False),
    ),
    sample(
        227,
        OF_CONTRACT,
        40,
        "2021-02-01T10:00:00+01:00",
        "2020-03-01",
        MANAGER,
        e.MethodologyAdopted2(
            methodology=DEEMED,
            sha256=DEEMED.sha256,
            from_on=day("2020-03-01"),
            agreed_by=(*BOTH, "investor"),
            proposal=2,
            accepts=(
                e.AcceptedFinding(
                    name="symmetry", what="days are left out of actual and kept in the trend", size_ore=-1000000055
                ),
                e.AcceptedFinding(name="procurement", what="the provider's pay changes by 2.1 per cent of the contract's value"),
            ),
        ),
        document("left-out-and-deemed.toml", "2021-02-01", "file given to soc"),
    ),
    sample(
        228,
        OF_CONTRACT,
        41,
        "2021-02-02T10:00:00+01:00",
        "2021-01-01",
        MANAGER,
        e.MethodologyAdopted(
            methodology=LONGER,
            sha256=LONGER.sha256,
            from_on=day("2021-01-01"),
            agreed_by=BOTH,
            proposal=3,
            accepts=(e.AcceptedFinding(name="window-size", what="the months weigh another share than they are of the term"),),
            beside=Period.parse("2021-01..2021-06"),
        ),
        document("days-1-28.toml", "2021-02-02", "file given to soc"),
    ),
    sample(
        228,
        "reimbursements/botkyrka",
        1,
        "2021-02-02T10:00:00+01:00",
        "2020-08-31",
        PAYROLL,
        e.ReimbursementsReported(
            contract="botkyrka",
            rows=(
                reimbursement("2020-07", cost=123456789, wages=26000000000, threshold="0", repaid=123456789),
                reimbursement("2020-08", cost=300000000, wages=26000000050, threshold="0.0107", repaid=21799999),
            ),
        ),
        document("reimbursements.csv", "2021-02-02", "file given to soc import"),
    ),
    sample(
        230,
        OF_CONTRACT,
        41,
        "2021-02-03T09:00:00+01:00",
        "2020-10-31",
        MANAGER,
        e.SavingsDetermined2(
            number=9,
            months=NETTED_AND_AGREED,
            supersedes=(7, 8),
            reason="adopted on 2021-02-01",
            preliminary=False,
            basis=e.Basis(position=229, root="9b0ffdd3a4eda9e4f51e2a2e6f2ff5c36f56f63cd8266654f2a249b9c29d1224"),
            computed_by="soc-ledger 0.3.0, source e27630585cc2b61d",
            savings=(e.MonthAmount(month=month("2020-08"), amount_ore=2441), e.MonthAmount(month=month("2020-09"), amount_ore=7)),
            entitlement=(e.MonthAmount(month=month("2020-08"), amount_ore=-449),),
            claim_ore=-449,
        ),
    ),
    sample(
        260,
        OF_CONTRACT,
        50,
        "2021-02-20T10:00:00+01:00",
        "2021-02-19",
        MANAGER,
        e.DisputeRaised(
            number=3,
            determination=9,
            by="payer",
            on=day("2021-02-19"),
            was_ore=89061265,
            position=e.Position(
                savings=(
                    e.MonthAmount(month=month("2020-08"), amount_ore=-4711),
                    e.MonthAmount(month=month("2020-09"), amount_ore=89058824),
                    e.MonthAmount(month=month("2020-10"), amount_ore=0),
                ),
                methodology=CODED_OUT,
                sha256=CODED_OUT.sha256,
                facts=e.OtherFacts(upto=259, without=(8, 228)),
                computed_by="soc-ledger 0.4.0, source e27630585cc2b61d",
            ),
            grounds="augusti är räknad på fel arbetsstyrka",
        ),
        document("bestridande.pdf", "2021-02-19", "file given to soc"),
    ),
    sample(
        261,
        OF_CONTRACT,
        51,
        "2021-03-01T10:00:00+01:00",
        "2021-03-01",
        MANAGER,
        e.DisputeAnswered(
            dispute=4,
            by="external_provider",
            on=day("2021-03-01"),
            answer="beloppet kom två gånger och återbetalades",
            position=e.Position(amount_ore=8399487),
        ),
        document("svar.pdf", "2021-03-01", "file given to soc"),
    ),
    sample(
        262,
        OF_CONTRACT,
        52,
        "2021-03-02T10:00:00+01:00",
        "2021-03-01",
        PAYER,
        e.DisputeWithdrawn(dispute=4, on=day("2021-03-01"), reason="kontoutdraget visar det"),
    ),
    sample(
        263,
        OF_CONTRACT,
        53,
        "2021-04-06T10:00:00+02:00",
        "2020-09-30",
        MANAGER,
        e.SavingsDetermined(
            number=10,
            months=RESOLVED,
            supersedes=(9,),
            reason="resolution of X3",
            preliminary=False,
            basis=e.Basis(position=262, root="6f56f63cd8266654f2a249b9c29d1224c21e1a4f7664611d960a9db7146c4d4e"),
            computed_by="soc-ledger 0.4.0, source e27630585cc2b61d",
            savings=(e.MonthAmount(month=month("2020-09"), amount_ore=-90293391),),
            entitlement=(e.MonthAmount(month=month("2020-09"), amount_ore=-16613984),),
            claim_ore=-16613984,
        ),
    ),
    sample(
        264,
        OF_CONTRACT,
        54,
        "2021-04-06T10:00:00.000001+02:00",
        "2021-04-06",
        MANAGER,
        e.DisputeResolved(
            dispute=3,
            on=day("2021-04-06"),
            outcome="settled",
            decided_by="Å. Öst, skiljeman",
            reason="mitt emellan parternas tal",
            position=e.Position(
                savings=(
                    e.MonthAmount(month=month("2020-08"), amount_ore=2441),
                    e.MonthAmount(month=month("2020-09"), amount_ore=-1234567),
                )
            ),
            determination=10,
            claim=e.Claim(amount_ore=-16613984, payable_on=day("2021-04-06")),
        ),
        document("skiljedom.pdf", "2021-04-06", "file given to soc"),
    ),
    sample(
        400,
        OF_CONTRACT,
        90,
        "2021-12-20T15:00:00+01:00",
        "2021-12-17",
        MANAGER,
        e.ContractClosed(on=day("2021-12-17")),
        document("slututvärdering.pdf", "2021-12-17", "final evaluation, file given to soc"),
    ),
    sample(
        401,
        OF_CONTRACT,
        91,
        "2022-02-01T09:00:00+01:00",
        "2022-01-31",
        AUDITOR,
        e.AuditFindingsRecorded(
            number=2,
            on=day("2022-01-31"),
            checkpoint=e.Checkpoint(size=400, root=sha256(b"root 400")),
            population=105881,
            sample=3,
            procedure="Avstämt mot lönesystemets frånvarolista",
            items=(
                e.ItemTested(record=12, line=0, result="ok", evidence="lönespecifikation 1"),
                e.ItemTested(
                    record=99,
                    line=1048,
                    result="exception",
                    exception="en dag för mycket, och lägre omfattning",
                    days_hundredths=-150,
                    amount_ore=-35050,
                    evidence="lönespecifikation 2",
                ),
                e.ItemTested(record=7, line=3, result="exception", exception="intyg saknas", evidence="inget"),
            ),
            supersedes=1,
            reason="fel kolumn i den första",
        ),
        document("granskning.csv", "2022-02-01", "findings sheet, file given to soc"),
    ),
    sample(
        402,
        OF_CONTRACT,
        92,
        "2022-02-04T09:00:00+01:00",
        "2022-02-03",
        AUDITOR,
        e.EvaluationSignedOff(
            number=2,
            by="external_auditor",
            on=day("2022-02-03"),
            opinion="qualified",
            text="rättvisande i allt väsentligt, utom för intygen",
            findings=(2,),
            evaluation=sha256(b"slututv\xc3\xa4rdering.pdf"),
            recorded_at_closing=True,
            supersedes=1,
            reason="granskningen rättades",
        ),
        document("slututvärdering.pdf", "2022-02-04", "final evaluation, file given to soc"),
    ),
    sample(
        403,
        "indicators/botkyrka",
        1,
        "2022-02-05T09:00:00+01:00",
        "2020-02-29",
        PAYROLL,
        e.IndicatorsReported(
            contract="botkyrka",
            rows=(
                e.IndicatorRow(
                    indicator="engagement",
                    period=Period.parse("2019-10..2020-02"),
                    value="78.40",
                    unit="index-0-100",
                    respondents=4210,
                    note="medarbetarenkät, påhittad",
                ),
                e.IndicatorRow(indicator="ohs-preventive", period=Period.parse("2019Q4"), value="1250000", unit="sek"),
            ),
        ),
        document("utfall.csv", "2022-02-05", "file given to soc import"),
    ),
    sample(
        404,
        "indicators/botkyrka",
        2,
        "2022-02-05T10:00:00+01:00",
        "2018-11-01",
        MANAGER,
        e.TargetsStated(
            contract="botkyrka",
            rows=(
                e.TargetRow(
                    measure="short-term-days",
                    change="-0.12",  # type: ignore[arg-type]  # shares are read from text
                    stated_on=day("2018-11-01"),
                    by="RISE",
                    from_period=Period.parse("2015-10..2018-09"),
                    to_period=Period.parse("2021Q3"),
                    source="pressmeddelande 2018-11-01",
                    note="därefter självfinansierat",
                ),
                e.TargetRow.model_validate(
                    {"measure": "short-term-days", "change": "-0.1", "by": "RISE", "source": "berättelse på ri.se"}
                ),
            ),
        ),
        document("mål.csv", "2022-02-05", "file given to soc import"),
    ),
    sample(
        405,
        "programme/halsa",
        1,
        "2022-02-06T09:00:00+01:00",
        "2018-11-01",
        MANAGER,
        e.ProgrammeFormed(
            id="halsa",
            name="Hälsa på jobbet",
            contracts=("botkyrka", "ornskoldsvik"),
            from_on=day("2018-11-01"),
            stated=(
                e.StatedFigure(
                    figure="investment",
                    value="40000000",
                    unit="SEK",
                    nearest="1000000",
                    words="~ 40 miljoner kronor",
                    status="published",
                    source="fallstudien §4.2",
                ),
                e.StatedFigure(
                    figure="employees",
                    value="33000",
                    unit="employees",
                    nearest="1000.5",
                    words="omkring 33 000",
                    status="assumed",
                    source="artikeln",
                ),
            ),
            rates=(e.StatedRate(currency="EUR", sek="10.25", status="derived", source="fallstudien §4.2"),),
        ),
        document("program.toml", "2022-02-06", "file given to soc"),
    ),
    sample(
        406,
        "programme/halsa",
        2,
        "2022-02-07T09:00:00+01:00",
        "2022-01-01",
        MANAGER,
        e.ProgrammeChanged(
            id="halsa",
            from_on=day("2022-01-01"),
            joins=("umea",),
            leaves=("botkyrka",),
            agreed_by=("payer", "external_provider"),
            reason="avtalet är slut",
        ),
        document("protokoll.pdf", "2022-02-07", "named by who recorded it"),
    ),
]
SAMPLES += tiered_samples.samples(sample, document)
SAMPLES += tender_samples.samples(sample, document)
OF_TYPE = {one.type: one for one in SAMPLES}

EACH = pytest.mark.parametrize("name", sorted(e.TYPES))


def golden(name: str) -> bytes:
    """The golden body; written from the sample where there is none yet, which fails once."""
    path = GOLDENS / f"{name}.json"
    if not path.exists():
        body = OF_TYPE[name].body()
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.write(body)
        pytest.fail(f"{path.name} was missing and is written anew: look at it and keep it", pytrace=False)
    return path.read_bytes()


def test_every_type_has_one_sample() -> None:
    assert sorted(one.type for one in SAMPLES) == sorted(e.TYPES)
    assert len(e.TYPES) == 46


def test_every_golden_is_of_a_type_that_is_known() -> None:
    """What was recorded once is decoded for ever: no type leaves the list."""
    assert {path.stem for path in GOLDENS.glob("*.json")} <= set(e.TYPES)


@EACH
def test_a_golden_decodes_to_its_record(name: str) -> None:
    assert decode(name, golden(name)) == OF_TYPE[name]


@EACH
def test_a_golden_encodes_to_the_same_bytes(name: str) -> None:
    body = golden(name)
    assert decode(name, body).body() == body
    assert canonical(json.loads(body)) == body


@EACH
def test_a_golden_is_what_its_name_says(name: str) -> None:
    said = json.loads(golden(name))
    kind, version = name.split("@")
    assert said["type"] == name
    newest = max(int(one.split("@")[1]) for one in e.TYPES if one.split("@")[0] == kind)
    assert e.TYPES[name].__name__ == (kind if int(version) == newest else f"{kind}{version}")
    assert 1 <= int(version) <= newest
    assert e.TYPES[name].SORT in ("fact", "decision")


@EACH
def test_a_decoded_event_has_its_class_and_cannot_be_changed(name: str) -> None:
    record = decode(name, golden(name))
    assert type(record.data) is e.TYPES[name]
    for frozen in (record, record.data):
        with pytest.raises(ValueError, match="frozen"):
            setattr(frozen, next(iter(type(frozen).model_fields)), None)


def test_a_dispute_is_about_a_payment_of_a_kind_too() -> None:
    """The golden is about a determination; what one about a payment says reads back the same."""
    about = {"determination": None, "payment": 3, "payment_kind": "outcome", "position": e.Position(amount_ore=0)}
    record = OF_TYPE["DisputeRaised@1"].model_copy(update={"data": OF_TYPE["DisputeRaised@1"].data.model_copy(update=about)})
    assert json.loads(record.body())["data"].keys() >= {"payment", "payment_kind"}
    assert decode(record.type, record.body()) == record


def test_what_a_golden_leaves_out_is_none() -> None:
    """Absent values are left out of the bytes, so every optional field of these events is given in its sample."""
    bare = OF_TYPE["DeterminationAccepted@1"].data.model_copy(update={"was": None, "becomes": None})
    record = OF_TYPE["DeterminationAccepted@1"].model_copy(update={"data": bare})
    assert b"becomes" not in record.body()
    assert decode(record.type, record.body()) == record


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def tampered(name: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    said = json.loads(golden(name))
    change(said)
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    "name", ["SavingsDetermined@4", "SavingsDetermined", "savingsdetermined@1", "ledger.events.LoanDrawn", ""]
)
def test_an_unknown_type_is_refused(name: str) -> None:
    with pytest.raises(VerificationFailed, match="which this version does not know"):
        decode(name, golden("SavingsDetermined@1"))


@EACH
@pytest.mark.parametrize("where", ["record", "event"])
def test_an_unknown_field_is_refused(name: str, where: str) -> None:
    def add(said: dict[str, Any]) -> None:
        (said if where == "record" else said["data"])["colour"] = "red"

    with pytest.raises(VerificationFailed, match=r"(?s)of type .*colour"):
        decode(name, tampered(name, add))


OPTIONAL = {"evidence", "seed", "scope", "period", "supersedes", "settles", "becomes"}
OPTIONAL_IN = {
    "SavingsDetermined@1": {"reason"},
    "SavingsDetermined@2": {"reason"},
    "SavingsDetermined@3": {"reason"},
    "DeterminationAccepted@1": {"was"},
    "MethodologyAdopted@2": {"proposal", "accepts"},
    "MethodologyAdopted@3": {"proposal", "accepts", "beside"},
    "ProgrammeFormed@1": {"stated", "rates"},
    "ProgrammeChanged@1": {"joins", "leaves"},
    "DisputeRaised@1": {"determination"},
    "DisputeAnswered@1": {"position"},
    "DisputeResolved@1": {"agreed_by", "decided_by", "position", "determination", "claim"},
    "AuditFindingsRecorded@1": {"reason"},
    "EvaluationSignedOff@1": {"findings", "recorded_at_closing", "reason"},
    "BidReceived@1": {"service_value_ore"},
    "TiersDetermined@1": {"conditions", "reason"},
    "TiersAgreed@1": {"claims"},
}


@EACH
def test_a_missing_field_is_refused(name: str) -> None:
    said = json.loads(golden(name))
    optional = OPTIONAL | OPTIONAL_IN.get(name, set())
    for table in ("record", "event"):
        for field in said if table == "record" else said["data"]:
            if field in optional:
                continue

            def remove(body: dict[str, Any], table: str = table, field: str = field) -> None:
                del (body if table == "record" else body["data"])[field]

            with pytest.raises(VerificationFailed, match=r"(?s)of type .* Field required"):
                decode(name, tampered(name, remove))


def _numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [found for key in value for found in _numbers(value[key], (*path, key))]
    if isinstance(value, list):
        return [found for place, inner in enumerate(value) for found in _numbers(inner, (*path, place))]
    return [path] if isinstance(value, int) and not isinstance(value, bool) else []


@EACH
def test_floats_are_refused_wherever_a_number_stands(name: str) -> None:
    """Also 1.0 for 1, "1" and true."""
    paths = _numbers(json.loads(golden(name)))
    assert ("position",) in paths
    for path in paths:
        for wrong in (float, lambda number: number + 0.5, str, bool):

            def change(said: dict[str, Any], path: tuple[Any, ...] = path, wrong: Callable[[int], Any] = wrong) -> None:
                *tables, last = path
                table: Any = said
                for key in tables:
                    table = table[key]
                table[last] = wrong(table[last])

            with pytest.raises(VerificationFailed, match=r"record .*of type"):
                decode(name, tampered(name, change))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("LoanDrawn@1", ("recorded_at",), "2018-09-26T11:00:00"),
        ("LoanDrawn@1", ("recorded_at",), "yesterday"),
        ("LoanDrawn@1", ("effective_on",), "2018-09-31"),
        ("LoanDrawn@1", ("recorded_by", "role"), "Payer"),
        ("LoanDrawn@1", ("data", "purpose"), "holiday"),
        ("LoanDrawn@1", ("data", "on"), None),
        ("PaymentMade@1", ("data", "kind"), "gift"),
        ("EntryCorrected@1", ("data", "entry"), "anything"),
        ("FollowUpSuspended@1", ("data", "from_month"), "2020-13"),
        ("AbsenceReported@1", ("data", "source"), "hearsay"),
        ("AbsenceReported@1", ("data", "lines", "sha256"), "E4D69FF3"),
        ("SavingsDetermined@1", ("data", "basis", "root"), "0"),
        ("TrendPublished@1", ("data", "values", 0, "value"), "1,82"),
        ("TrendPublished@1", ("data", "values", 0, "quarter"), "2016-Q2"),
        ("SavingsDetermined@1", ("data", "months", 0, "expected_days"), "3217.46"),
        ("WorkforceReported@1", ("data", "rows", 0, "employees"), -1),
        ("ContractSigned@1", ("data", "terms", "outcome", "provider_share"), "1.84"),
        ("ReimbursementsReported@1", ("data", "rows", 0, "reimbursed_ore"), -1),
        ("ReimbursementsReported@1", ("data", "rows", 0, "threshold"), "1,07"),
        ("SavingsDetermined@2", ("data", "months", 1, "kind"), "none@1"),
        ("SavingsDetermined@2", ("data", "months", 1, "actual_hundredths"), 0),
        ("SavingsDetermined@3", ("data", "months", 1, "kind"), "settled"),
        ("SavingsDetermined@3", ("data", "months", 1, "dispute"), "X3"),
        ("DisputeRaised@1", ("data", "determination"), None),
        ("DisputeRaised@1", ("data", "payment"), 3),
        ("DisputeRaised@1", ("data", "payment_kind"), "outcome"),
        ("DisputeRaised@1", ("data", "position", "savings"), None),
        ("DisputeRaised@1", ("data", "position", "amount_ore"), 1),
        ("DisputeRaised@1", ("data", "position", "sha256"), None),
        ("DisputeRaised@1", ("data", "position", "methodology"), None),
        ("DisputeRaised@1", ("data", "position", "facts"), None),
        ("DisputeRaised@1", ("data", "position", "computed_by"), None),
        ("DisputeRaised@1", ("data", "by"), "The payer"),
        ("DisputeAnswered@1", ("data", "position", "amount_ore"), -1),
        ("DisputeResolved@1", ("data", "outcome"), "moot"),
        ("AuditFindingsRecorded@1", ("data", "sample"), 2),
        ("AuditFindingsRecorded@1", ("data", "population"), 2),
        ("AuditFindingsRecorded@1", ("data", "items"), []),
        ("AuditFindingsRecorded@1", ("data", "reason"), None),
        ("AuditFindingsRecorded@1", ("data", "checkpoint", "size"), 0),
        ("AuditFindingsRecorded@1", ("data", "checkpoint", "root"), "0"),
        ("AuditFindingsRecorded@1", ("data", "items", 0, "result"), "fine"),
        ("AuditFindingsRecorded@1", ("data", "items", 0, "result"), "exception"),
        ("AuditFindingsRecorded@1", ("data", "items", 0, "days_hundredths"), 0),
        ("AuditFindingsRecorded@1", ("data", "items", 0, "line"), -1),
        ("AuditFindingsRecorded@1", ("data", "items", 1, "result"), "ok"),
        ("AuditFindingsRecorded@1", ("data", "items", 1, "exception"), None),
        ("IndicatorsReported@1", ("data", "rows", 0, "value"), "78,4"),
        ("IndicatorsReported@1", ("data", "rows", 0, "unit"), "index"),
        ("IndicatorsReported@1", ("data", "rows", 0, "respondents"), -1),
        ("IndicatorsReported@1", ("data", "rows", 1, "period"), "2019"),
        ("TargetsStated@1", ("data", "rows", 0, "change"), "-12 %"),
        ("TargetsStated@1", ("data", "rows", 0, "measure"), "days"),
        ("TargetsStated@1", ("data", "rows", 0, "by"), None),
        ("TenderOpened@1", ("data", "terms", "form"), "tiered"),
        ("TenderOpened@1", ("data", "terms", "closes_on"), "2023-01-31"),
        ("TenderOpened@1", ("data", "terms", "at_risk", "least"), "0.8"),
        ("TenderOpened@1", ("data", "terms", "service", "value"), None),
        ("TenderOpened@1", ("data", "terms", "upfront", 1, "part"), "0.3"),
        ("TenderOpened@1", ("data", "terms", "draft", "parties", "external_provider"), "Nu"),
        ("TenderOpened@1", ("data", "terms", "draft", "governance", "pays"), "nobody"),
        ("BidReceived@1", ("data", "at_risk_share"), "60%"),
        ("BidReceived@1", ("data", "service_value_ore"), 0),
        ("TenderAwarded@1", ("data", "terms_sha256"), "E4D69FF3"),
        ("ProgrammeFormed@1", ("data", "id"), "Halsa"),
        ("ProgrammeFormed@1", ("data", "contracts"), []),
        ("ProgrammeFormed@1", ("data", "stated", 0, "value"), "40 m"),
        ("ProgrammeFormed@1", ("data", "stated", 0, "unit"), "employees"),
        ("ProgrammeFormed@1", ("data", "stated", 1, "unit"), "SEK"),
        ("ProgrammeFormed@1", ("data", "stated", 0, "nearest"), "0.00"),
        ("ProgrammeFormed@1", ("data", "stated", 0, "value"), "-1"),
        ("ProgrammeFormed@1", ("data", "stated", 0, "status"), "stated"),
        ("ProgrammeFormed@1", ("data", "rates", 0, "currency"), "USD"),
        ("ProgrammeFormed@1", ("data", "rates", 0, "sek"), "-10"),
        ("ProgrammeChanged@1", ("data", "joins"), ["botkyrka"]),
        ("ProgrammeChanged@1", ("data", "agreed_by", 0), "Payer"),
        ("EvaluationSignedOff@1", ("data", "opinion"), "clean"),
        ("EvaluationSignedOff@1", ("data", "supersedes"), None),
        ("EvaluationSignedOff@1", ("data", "evaluation"), "E4D69FF3"),
        ("EvaluationSignedOff@1", ("data", "recorded_at_closing"), 1),
        ("DisputeResolved@1", ("data", "claim", "payable_on"), "soon"),
        ("MethodologyProposed@1", ("data", "methodology", "disruption", 1, "kind"), "rebase@2"),
        ("MethodologyProposed@1", ("data", "methodology", "disruption", 4, "window"), "2020-07..2021-06"),
    ],
)
def test_a_value_that_cannot_be_is_refused(name: str, path: tuple[Any, ...], value: Any) -> None:
    def change(said: dict[str, Any]) -> None:
        *tables, last = path
        table: Any = said
        for key in tables:
            table = table[key]
        table[last] = value

    with pytest.raises(VerificationFailed, match=r"record .*of type"):
        decode(name, tampered(name, change))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"soc", b"\xff"])
def test_what_is_no_record_is_refused(body: bytes) -> None:
    with pytest.raises(VerificationFailed, match=r"record .*of type"):
        decode("LoanDrawn@1", body)


@pytest.mark.parametrize("body", [b"{", b'{"position":1', b'{"\xff":1}'])
def test_a_body_cut_short_is_refused(body: bytes) -> None:
    with pytest.raises(VerificationFailed, match=r"record .*of type"):
        decode("LoanDrawn@1", body)


def test_a_ratio_over_zero_is_refused() -> None:
    def change(said: dict[str, Any]) -> None:
        said["data"]["months"][0]["expected_days"] = "1/0"

    with pytest.raises(VerificationFailed, match=r"record .*of type"):
        decode("SavingsDetermined@1", tampered("SavingsDetermined@1", change))


@pytest.mark.parametrize(
    ("name", "other"), [("FollowUpSuspended@1", "FollowUpResumed@1"), ("FollowUpResumed@1", "FollowUpSuspended@1")]
)
def test_a_body_under_the_name_of_another_event_is_refused(name: str, other: str) -> None:
    with pytest.raises(VerificationFailed):
        decode(other, golden(name))


# ── Earlier versions ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "newest"),
    [
        ("SavingsDetermined@1", e.SavingsDetermined),
        ("SavingsDetermined@2", e.SavingsDetermined),
        ("MethodologyAdopted@1", e.MethodologyAdopted),
        ("MethodologyAdopted@2", e.MethodologyAdopted),
    ],
)
def test_an_earlier_version_is_read_wherever_the_newest_is(name: str, newest: type[e.Event]) -> None:
    assert isinstance(decode(name, golden(name)).data, newest)


def _month_left_out(said: dict[str, Any]) -> None:
    said["data"]["months"][0] = {**json.loads(golden("SavingsDetermined@2"))["data"]["months"][2], "month": "2018-11"}


def _month_resolved(said: dict[str, Any]) -> None:
    said["data"]["months"][0] = {**json.loads(golden("SavingsDetermined@3"))["data"]["months"][1], "month": "2018-11"}


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("SavingsDetermined@1", lambda said: said["data"]["months"][0].update(left_out_hundredths=0), "knows no month that is"),
        (
            "SavingsDetermined@1",
            lambda said: said["data"]["months"][1].update(reimbursed="1/2"),
            "agreed or nets anything, as 2018-12",
        ),
        ("SavingsDetermined@1", _month_left_out, "knows no month that is agreed or nets anything, as 2018-11"),
        ("SavingsDetermined@1", _month_resolved, "knows no month that is agreed or nets anything, as 2018-11"),
        ("SavingsDetermined@2", lambda said: said["data"]["months"][1].update(kind="resolved"), "resolution decides"),
        ("SavingsDetermined@2", lambda said: said["data"]["months"][2].update(dispute=3), "resolution decides"),
        ("MethodologyAdopted@1", lambda said: said["data"].update(proposal=1), "neither proposal, accepts nor beside"),
        ("MethodologyAdopted@1", lambda said: said["data"].update(accepts=[]), "neither proposal, accepts nor beside"),
        ("MethodologyAdopted@1", lambda said: said["data"].update(beside="2020-01"), "neither proposal, accepts nor beside"),
        ("MethodologyAdopted@2", lambda said: said["data"].update(beside="2020-01"), "it knows no months measured beside it"),
    ],
)
def test_an_earlier_version_says_nothing_that_came_later(name: str, change: Callable[[dict[str, Any]], None], said: str) -> None:
    with pytest.raises(VerificationFailed, match=rf"(?s)of type .*{said}"):
        decode(name, tampered(name, change))
