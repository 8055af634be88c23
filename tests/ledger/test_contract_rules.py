"""The rules of the contract, row by row: what is on record, what someone commands, what comes of it.

Botkyrka's provider has 18.4 % of the savings: 1 000 000 SEK saved entitle it to 184 000. Notice on 2019-02-20 with 30 days is
accepted by silence on 2019-03-23 and payable 30 days later, on 2019-04-22.
"""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from ledger import commands, evidence, waterfall
from ledger import contract as c
from ledger.errors import Refused
from ledger.events import Actor, Headcount, IndexValue, Scope
from ledger.lines import Lines
from ledger.periods import Month, Period, Quarter
from ledger.tender_terms import TenderTerms
from ledger.terms import ContractTerms
from ledger.tiered_terms import TieredTerms
from ledger.vocabulary import Frozen
from tests.spec import (
    BOTH,
    BOTKYRKA,
    CONTRACT_2018,
    HR,
    MANAGER,
    ORNSKOLDSVIK,
    PAYER,
    PROVIDER,
    Commanded,
    Given,
    accept,
    accepted,
    adopt,
    adopted,
    amend,
    amended,
    at,
    changed,
    claim_of,
    clause,
    correct,
    corrected,
    day,
    determine,
    determined,
    draw,
    drawn,
    entitlements,
    given,
    instruct,
    instructed,
    methodology,
    months,
    noon,
    notified,
    notify,
    ore,
    paid,
    pay,
    repaid,
    repay,
    resume,
    resumed,
    sign,
    signed,
    suspend,
    suspended,
    withdraw,
)

UNHURRIED = settings(deadline=None)
NOTHING = Given(())
BARE = given(signed())
SIGNED = BARE.with_(adopted())
FIRST = determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-02-15")
DETERMINED = SIGNED.with_(FIRST)
NOTICE = notified(1, on="2019-02-20", objection_until="2019-03-22", claim="184 000", payable_on="2019-04-22")
NOTIFIED = DETERMINED.with_(NOTICE)
BY_SILENCE = claim_of("184 000", payable_on="2019-04-22")

# ── Signature (rule 20) ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("terms", [BOTKYRKA, ORNSKOLDSVIK], ids=lambda terms: terms.id)
def test_a_contract_is_signed(terms: ContractTerms) -> None:
    when = terms.starts_on.isoformat()
    NOTHING.when(sign(terms, on=when), by=MANAGER, today=when).then(signed(terms))


def test_a_signature_can_be_recorded_later() -> None:
    NOTHING.when(sign(on="2018-09-26"), by=PAYER, today="2018-10-10").then(signed())


def test_a_contract_is_not_signed_before_the_day() -> None:
    refused = NOTHING.when(sign(on="2018-09-26"), by=MANAGER, today="2018-09-25")
    refused.then_refused("2018-09-26 is in the future; today is 2018-09-25")


def test_a_contract_is_signed_once() -> None:
    SIGNED.when(sign(), by=MANAGER, today="2018-10-01").then_refused("botkyrka was signed on 2018-09-26")
    SIGNED.when(sign(), by=MANAGER, today="2018-10-01").then_nothing()


def test_nothing_happens_before_signature() -> None:
    told: list[Commanded] = [
        amend(BOTKYRKA, from_="2019-01"),
        adopt(),
        suspend("2019-01"),
        resume("2019-01"),
        determine(months("2018Q4")),
        notify(1, on="2019-02-20"),
        accept(1, PAYER, on="2019-02-20"),
        instruct("upfront", "1", on="2018-09-26"),
        draw("1", on="2018-09-26"),
        repay("1", on="2018-09-26"),
        commands.CorrectEntry(2, "recorded in error"),
    ]
    for command in told:
        NOTHING.when(command, by=MANAGER, today="2019-02-20").then_refused("the contract is not signed")


# ── Amendment and methodology (rule 20) ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param(changed(BOTKYRKA, months=48), id="months"),
        pytest.param(changed(BOTKYRKA, parties__external_provider="Aino Health AB"), id="a party's name"),
        pytest.param(changed(BOTKYRKA, parties__bank="Kommuninvest"), id="another party"),
        pytest.param(changed(BOTKYRKA, settlement__payment_days=10), id="settlement"),
        pytest.param(changed(BOTKYRKA, outcome__maximum_payment="7000000.00"), id="maximum"),
        pytest.param(changed(BOTKYRKA, outcome__ceiling="1.6"), id="ceiling"),
    ],
)
def test_an_amendment_may_change(terms: ContractTerms) -> None:
    SIGNED.when(amend(terms, from_="2019-04"), by=PAYER, today="2019-03-10").then(
        amended(terms, from_="2019-04", recorded="2019-03-10")
    )


@pytest.mark.parametrize(
    ("key", "terms", "place"),
    [
        ("outcome.provider_share", changed(BOTKYRKA, outcome__provider_share="0.2"), "case study §4.3"),
        ("outcome.bonus_rate", changed(BOTKYRKA, outcome__bonus_rate="0.6"), "case study §4.3"),
        ("investment", changed(BOTKYRKA, investment__total="23000000.00"), "investment"),
        ("investment", changed(BOTKYRKA, investment__at_risk_share="0.75"), "investment"),
        ("upfront", changed(BOTKYRKA, upfront__instalments=[]), "upfront"),
        ("population", changed(BOTKYRKA, population__workplaces="schools"), "population"),
        ("governance", changed(BOTKYRKA, governance__pays="investor"), "governance"),
        ("starts_on", changed(BOTKYRKA, starts_on="2018-09-27"), "case study §4.1"),
        ("measured_from", changed(BOTKYRKA, measured_from="2018-11-01"), "measured_from"),
        ("id", changed(BOTKYRKA, id="botkyrka-2"), "id"),
    ],
)
def test_an_amendment_cannot_change(key: str, terms: ContractTerms, place: str) -> None:
    SIGNED.when(amend(terms, from_="2019-04"), by=PAYER, today="2019-03-10").then_refused(
        f"an amendment cannot change {key}", clause=place
    )


def test_an_amendment_changes_something() -> None:
    SIGNED.when(amend(BOTKYRKA, from_="2019-04"), by=PAYER, today="2019-03-10").then_refused("the same as those in force")


LOWER = changed(BOTKYRKA, outcome__maximum_payment="5000000.00")


@pytest.mark.parametrize(
    ("from_", "outcome"),
    [("2018-10", "refused"), ("2018-12", "refused"), ("2019-01", "recorded"), ("2020-01", "recorded")],
)
def test_an_amendment_never_reprices(from_: str, outcome: str) -> None:
    """Months through December 2018 are determined."""
    done = DETERMINED.when(amend(LOWER, from_), by=MANAGER, today="2019-03-01")
    if outcome == "refused":
        done.then_refused("months through 2018-12 are determined, and an amendment never reprices", clause="governance.agrees")
    else:
        done.then(amended(LOWER, from_, recorded="2019-03-01"))


def test_each_month_has_the_entitlement_of_its_own_terms() -> None:
    """28 million saved by December entitle to 5.152 million; under a maximum of 5 million from January, to 5 million."""
    record = SIGNED.with_(
        determined(1, months("2018Q4", "0", "0", "28 000 000"), claim="5 152 000"),
        amended(LOWER, from_="2019-01", recorded="2019-03-01"),
    )
    after = record.when(determine(months("2019Q1")), by=MANAGER, today="2019-05-01").then(
        determined(2, months("2019Q1"), claim="−152 000")
    )
    assert [step.entitlement for step in after.folded.path] == [0, 0, ore("5 152 000"), *[ore("5 000 000")] * 3]


def test_an_earlier_amendment_is_not_undercut() -> None:
    record = SIGNED.with_(amended(changed(BOTKYRKA, months=48), from_="2020-01", recorded="2019-03-01"))
    record.when(amend(LOWER, from_="2019-07"), by=MANAGER, today="2019-03-01").then_refused(
        "an earlier amendment holds from 2020-01"
    )


def test_the_contract_cannot_end_before_what_is_determined() -> None:
    shorter = changed(BOTKYRKA, months=2)
    DETERMINED.when(amend(shorter, from_="2019-01"), by=MANAGER, today="2019-03-01").then_refused(
        "under the new terms the contract would have ended with 2018-11, before they start"
    )


QUARTER_LONG = changed(BOTKYRKA, months=3)


def test_a_contract_is_lengthened() -> None:
    record = given(signed(QUARTER_LONG), determined(1, months("2018Q4"), claim="0"))
    first_of_2019 = determine(months("2019Q1"))
    record.when(first_of_2019, by=MANAGER, today="2019-05-01").then_refused(
        "2019Q1 is not within the contract, 2018-10 to 2018-12", clause="case study §4.1"
    )
    record = record.with_(amended(changed(BOTKYRKA, months=6), from_="2019-01", recorded="2019-02-01"))
    record.when(first_of_2019, by=MANAGER, today="2019-05-01").then(determined(2, months("2019Q1"), claim="0"))


def test_a_contract_is_lengthened_within_a_quarter() -> None:
    record = given(signed(changed(BOTKYRKA, months=2)), amended(BOTKYRKA, from_="2018-12", recorded="2018-11-15"))
    record.when(determine(months("2018Q4")), by=MANAGER, today="2019-02-01").then(determined(1, months("2018Q4"), claim="0"))


AGREEMENTS: list[tuple[str, Given, Any]] = [
    ("amend", SIGNED, lambda roles: amend(LOWER, "2019-04", roles)),
    ("adopt", SIGNED, lambda roles: adopt(CONTRACT_2018, "2018-10-01", roles)),
    ("suspend", SIGNED, lambda roles: suspend("2020-03", roles)),
    ("resume", SIGNED.with_(suspended("2020-03", recorded="2020-05-20")), lambda roles: resume("2020-07", roles)),
]


@pytest.mark.parametrize(("record", "command"), [row[1:] for row in AGREEMENTS], ids=[row[0] for row in AGREEMENTS])
@pytest.mark.parametrize(
    ("roles", "text", "key"),
    [
        ((), "agreement is missing from payer, external_provider", "governance.agrees"),
        ((PAYER,), "agreement is missing from external_provider", "governance.agrees"),
        ((PROVIDER, HR), "agreement is missing from payer", "governance.agrees"),
        ((*BOTH, "mayor"), "mayor is not a party", "case study, at a glance"),
    ],
)
def test_the_parties_must_agree(record: Given, command: Any, roles: tuple[str, ...], text: str, key: str) -> None:
    record.when(command(roles), by=MANAGER, today="2020-06-01").then_refused(text, clause=key)


def test_others_may_agree_too() -> None:
    SIGNED.when(adopt(agreed_by=(PROVIDER, PAYER, "investor")), by=MANAGER, today="2018-10-01").recorded()


@pytest.mark.parametrize("from_", ["2018-09-26", "2018-10-01", "2020-03-01"])
def test_a_methodology_is_adopted_from_the_first_of_a_month_or_with_the_contract(from_: str) -> None:
    SIGNED.when(adopt(from_=from_), by=MANAGER, today="2018-10-01").then(adopted(from_=from_))


def test_a_methodology_is_not_adopted_within_a_month() -> None:
    refused = SIGNED.when(adopt(from_="2018-10-02"), by=MANAGER, today="2018-10-01")
    refused.then_refused("a methodology starts on the first of a month, or with the contract")


def test_a_methodology_never_reprices_by_itself() -> None:
    other = methodology(name="negotiated-2020")
    for start in ("2018-12-01", "2019-01-01"):
        outcome = DETERMINED.when(adopt(other, start), by=MANAGER, today="2019-03-01")
        after = outcome.then(adopted(other, from_=start, recorded="2019-03-01"))
        assert (after.folded.savings, after.folded.path) == (DETERMINED.folded.savings, DETERMINED.folded.path)


def test_a_month_is_measured_by_the_methodology_of_its_first_day() -> None:
    other = methodology(name="negotiated-2020")
    record = BARE.with_(adopted(from_="2018-09-26"), adopted(other, from_="2020-03-01", recorded="2020-06-01"))
    named = {month: record.folded.methodology_of(Month.parse(month)).name for month in ("2018-10", "2020-02", "2020-03")}
    assert named == {"2018-10": "contract-2018", "2020-02": "contract-2018", "2020-03": "negotiated-2020"}


def test_a_month_without_a_methodology_is_an_error() -> None:
    with pytest.raises(Refused, match="no methodology is in force in 2018-10"):
        BARE.folded.methodology_of(Month.parse("2018-10"))


# ── Who may do what (rule 20) ────────────────────────────────────────────────────────────────────────────────────────

CLAUSED = BOTKYRKA
for number, may in enumerate(("signs", "records", "determines", "pays", "agrees"), 1):
    CLAUSED = clause(CLAUSED, f"governance.{may}", f"agreement §9.{number}")

SUSPENDED = given(signed(CLAUSED), suspended("2020-03", recorded="2020-02-20"))
PAID = given(signed(CLAUSED), FIRST, NOTICE, instructed(1, "upfront", "4 200 000", on="2018-10-01"))
CARRIED_OUT = PAID.with_(paid(2, "upfront", "4 200 000", "2018-10-02", carries_out=(1, "4 200 000", "2018-10-02")))
NOTICED_LATE = given(
    signed(CLAUSED),
    FIRST,
    notified(1, on="2020-02-20", objection_until="2020-03-21", claim="184 000", payable_on="2020-04-21"),
)
BORROWED = given(signed(CLAUSED), drawn(1, "1 000", on="2018-10-01"))

SIGNERS, RECORDERS, LOAN = {MANAGER, PAYER}, {MANAGER, HR}, {PAYER, HR, "investor"}

GOVERNED: list[tuple[str, Given, Commanded, set[str], str]] = [
    ("sign", NOTHING, sign(CLAUSED), SIGNERS, "signs"),
    ("amend", given(signed(CLAUSED)), amend(changed(CLAUSED, months=48), from_="2019-04"), SIGNERS, "signs"),
    ("adopt", given(signed(CLAUSED)), adopt(), SIGNERS, "signs"),
    ("suspend", given(signed(CLAUSED)), suspend("2020-03"), SIGNERS, "signs"),
    ("resume", SUSPENDED, resume("2020-07"), SIGNERS, "signs"),
    ("determine", given(signed(CLAUSED)), determine(months("2018Q4")), {MANAGER}, "determines"),
    ("redo", PAID, determine(months("2018Q4"), redo="late"), {MANAGER}, "determines"),
    ("notify", given(signed(CLAUSED), FIRST), notify(1, on="2019-02-20"), {MANAGER}, "determines"),
    ("accept for the provider", PAID, accept(1, PROVIDER, on="2019-02-25"), {MANAGER, HR, PROVIDER}, "records"),
    ("accept for the payer", PAID, accept(1, PAYER, on="2019-02-25"), {MANAGER, HR, PAYER}, "records"),
    ("instruct", given(signed(CLAUSED)), instruct("upfront", "4 200 000", on="2018-09-26"), {PAYER}, "pays"),
    ("pay", given(signed(CLAUSED)), pay("upfront", "4 200 000", on="2018-09-26"), {PAYER, *RECORDERS}, "pays"),
    ("recover", given(signed(CLAUSED)), pay("recovery", "1 000", on="2018-09-26"), {PAYER, *RECORDERS}, "pays"),
    ("draw", given(signed(CLAUSED)), draw("1 000", on="2018-10-01"), LOAN, "pays"),
    ("repay", BORROWED, repay("1 000", on="2018-10-01"), LOAN, "pays"),
    ("correct an instruction", PAID, correct("P1"), {PAYER}, "pays"),
    ("correct an instruction's amount", PAID, correct("P1", amount="1"), {PAYER}, "pays"),
    ("correct a payment", CARRIED_OUT, correct("P2"), {PAYER, *RECORDERS}, "pays"),
    ("correct a payment's amount", CARRIED_OUT, correct("P2", amount="1"), {PAYER, *RECORDERS}, "pays"),
    ("correct a draw", BORROWED, correct("L1"), {PAYER, *RECORDERS}, "pays"),
    ("correct a notice", NOTICED_LATE, correct("N1"), {MANAGER}, "determines"),
    ("withdraw", PAID.with_(accepted(1, PROVIDER, on="2019-02-25")), withdraw(1, PROVIDER), {MANAGER, HR, PROVIDER}, "records"),
]


@pytest.mark.parametrize(("record", "command", "roles", "may"), [row[1:] for row in GOVERNED], ids=[row[0] for row in GOVERNED])
def test_who_may(record: Given, command: Commanded, roles: set[str], may: str) -> None:
    """Every party in turn, and one that is none."""
    place = CLAUSED.clauses[f"governance.{may}"]
    for role in (*CLAUSED.parties, "mayor"):
        done = record.when(command, by=role, today="2020-03-01")
        if role in roles:
            done.recorded()
        else:
            done.then_refused(f"{role} may not do this; governance.{may} names", clause=place)


def test_where_no_clause_is_given_the_key_is_named() -> None:
    refused = SIGNED.when(determine(months("2018Q4")), by=PAYER, today="2019-02-15")
    refused.then_refused("payer may not do this; governance.determines names performance_manager", clause="governance.determines")


LINES = Lines(("Fittja",), (1,), (0,), (20181001,), (20181003,), (100,), (0,), b"")
SCOPE = Scope(complete=Period.parse("2018-10"))
REPORT = evidence.ReportAbsences("botkyrka", "payroll", SCOPE, None, (Month.parse("2018-10"),), LINES)
HEADS = evidence.ReportWorkforce("botkyrka", (Headcount(month=Month.parse("2018-10"), workplace="Fittja", employees=31),))
INDEX = IndexValue(
    quarter=Quarter.parse("2018Q4"), value="2.38", published_on=day("2019-03-08"), status="published", source="SCB"
)
TREND = evidence.PublishTrend("scb-ksju-kommun", (INDEX,))


def reports(command: evidence.EvidenceCommand, record: Given, role: str, today: str) -> tuple[commands.Decided, ...]:
    return evidence.decide(command, record.folded, commands.Context(Actor(name="A. Ek", role=role), day(today), bytes(32)))


@pytest.mark.parametrize("command", [REPORT, HEADS], ids=["absences", "workforce"])
@pytest.mark.parametrize("role", [*CLAUSED.parties, "mayor"])
def test_who_may_send_evidence(command: evidence.EvidenceCommand, role: str) -> None:
    record = given(signed(CLAUSED))
    if role in RECORDERS:
        assert len(reports(command, record, role, "2018-11-01")) == 1
        return
    with pytest.raises(Refused, match=r"governance\.records names") as refused:
        reports(command, record, role, "2018-11-01")
    assert refused.value.where == CLAUSED.clauses["governance.records"]


@pytest.mark.parametrize(
    ("command", "today"),
    [(REPORT, "2018-10-30"), (HEADS, "2018-10-30"), (TREND, "2019-03-07")],
    ids=["absences", "workforce", "trend"],
)
def test_evidence_is_not_about_the_future(command: evidence.EvidenceCommand, today: str) -> None:
    with pytest.raises(Refused, match=r"has not ended|is in the future"):
        reports(command, SIGNED, HR, today)
    assert len(reports(command, SIGNED, HR, "2019-03-08")) == 1


OTHER_TERMS: dict[str, type[Frozen]] = {"tiered_rules": TieredTerms, "tendering": TenderTerms, "tender_terms": TenderTerms}
"""Deciders whose refusals name keys of other terms than a contract's measured by sick leave."""


def _clauses_named(*modules: str) -> set[str]:
    """Every key that a refusal of the core names, as far as it is written out; of those modules, or of all but OTHER_TERMS."""
    found = set()
    for path in (Path(c.__file__).parent).glob("*.py"):
        if path.stem not in modules if modules else path.stem in OTHER_TERMS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "clause"
            if named and isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def known_to_terms(key: str) -> bool:
    """Whether [clauses] may say where the key stands."""
    try:
        clause(BOTKYRKA, key, "agreement §1")
    except ValueError:
        return False
    return True


def test_refusals_name_keys_of_the_terms() -> None:
    assert _clauses_named() > {"months", "starts_on", "governance.agrees", "settlement.period"}


def test_a_clause_can_be_given_for_every_refusal() -> None:
    assert {key for key in _clauses_named() if not known_to_terms(key)} == set()


@pytest.mark.parametrize("module", OTHER_TERMS)
def test_refusals_about_other_terms_name_their_keys(module: str) -> None:
    named = _clauses_named(module)
    assert named
    assert [key for key in named if not _has(OTHER_TERMS[module], key.split("."))] == []


def _has(model: Any, path: list[str]) -> bool:
    """Whether terms have a key, section by section."""
    field = getattr(model, "model_fields", {}).get(path[0])
    return field is not None and (len(path) == 1 or _has(field.annotation, path[1:]))


# ── Dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────

BORROWED_IN_2018 = SIGNED.with_(drawn(1, "1 000", on="2018-10-01"))
DATED: list[tuple[str, Given, Any]] = [
    ("sign", NOTHING, lambda on: sign(on=on)),
    ("notify", DETERMINED, lambda on: notify(1, on)),
    ("accept", NOTIFIED, lambda on: accept(1, PAYER, on)),
    ("instruct", SIGNED, lambda on: instruct("upfront", "1", on)),
    ("pay", SIGNED, lambda on: pay("upfront", "1", on)),
    ("draw", SIGNED, lambda on: draw("1", on)),
    ("repay", BORROWED_IN_2018, lambda on: repay("1", on)),
    ("correct a notice's day", NOTIFIED, lambda on: correct("N1", on=on)),
    ("correct a payment's day", SIGNED.with_(paid(1, "upfront", "1", on="2018-10-01")), lambda on: correct("P1", on=on)),
    (
        "correct an instruction's day",
        SIGNED.with_(instructed(1, "upfront", "1", on="2018-10-01")),
        lambda on: correct("P1", on=on),
    ),
    ("correct a draw's day", BORROWED_IN_2018, lambda on: correct("L1", on=on)),
]


def who(name: str) -> str:
    return MANAGER if name == "notify" or (name.startswith("correct") and "instruction" not in name) else PAYER


@pytest.mark.parametrize(("name", "record", "command"), DATED, ids=[row[0] for row in DATED])
def test_nothing_is_recorded_before_its_day(name: str, record: Given, command: Any) -> None:
    tomorrow = record.when(command("2019-03-02"), by=who(name), today="2019-03-01")
    tomorrow.then_refused("2019-03-02 is in the future; today is 2019-03-01")
    tomorrow.then_refused("on that day, or date it today or earlier")
    record.when(command("2019-03-02"), by=who(name), today="2019-03-02").recorded()


@pytest.mark.parametrize(("name", "record", "command"), DATED[1:], ids=[row[0] for row in DATED[1:]])
def test_nothing_is_recorded_of_a_day_before_signature(name: str, record: Given, command: Any) -> None:
    refused = record.when(command("2018-09-25"), by=who(name), today="2019-03-01")
    refused.then_refused("2018-09-25 is before the contract was signed on 2018-09-26", clause="case study §4.1")


# ── Determinations: order, quarters, redo (rules 9, 15, 19) ──────────────────────────────────────────────────────────


def test_a_quarter_is_determined() -> None:
    saved = months("2018Q4", "−109 436.73", "618 892.35", "−52 961.78")
    SIGNED.when(determine(saved), by=MANAGER, today="2019-02-15").then(determined(1, saved, claim="83 994.87"))


def test_a_quarter_is_determined_when_it_has_ended() -> None:
    SIGNED.when(determine(months("2018Q4")), by=MANAGER, today="2018-12-31").then_refused(
        "2018Q4 has not ended; today is 2018-12-31"
    )
    SIGNED.when(determine(months("2018Q4")), by=MANAGER, today="2019-01-01").then(determined(1, months("2018Q4"), claim="0"))


QUARTERS = "settlement.period"


@pytest.mark.parametrize(
    ("period", "text", "place"),
    [
        ("2018-10", "a determination is a calendar quarter: 2018Q4, not 2018-10", QUARTERS),
        ("2018-10..2018-11", "a determination is a calendar quarter: 2018Q4, not 2018-10..2018-11", QUARTERS),
        ("2018-10..2019-03", "a determination is a calendar quarter: 2018Q4, not 2018-10..2019-03", QUARTERS),
        ("2018-11..2018-12", "in order, without gaps: the next is 2018-10, not 2018-11", QUARTERS),
        ("2019Q1", "in order, without gaps: the next is 2018-10, not 2019-01", QUARTERS),
        ("2018Q3", "2018Q3 is not within the contract, 2018-10 to 2021-09", "case study §4.1"),
        ("2018-09..2018-12", "2018-09..2018-12 is not within the contract", "case study §4.1"),
        ("2021Q4", "2021Q4 is not within the contract", "case study §4.1"),
        ("2021-09..2021-10", "2021-09..2021-10 is not within the contract", "case study §4.1"),
    ],
)
def test_determinations_are_quarters_in_order(period: str, text: str, place: str) -> None:
    SIGNED.when(determine(months(period)), by=MANAGER, today="2022-06-01").then_refused(text, clause=place)


@pytest.mark.parametrize("period", ["2018Q4", "2018-12", "2018-12..2019-02"])
def test_no_month_is_determined_twice(period: str) -> None:
    DETERMINED.when(determine(months(period)), by=MANAGER, today="2019-05-01").then_refused(
        f"{period} is determined by D1 (2018Q4)", clause=QUARTERS
    )


def test_the_first_determination_may_be_shorter() -> None:
    """Örnsköldsvik's first month is November."""
    record = given(signed(ORNSKOLDSVIK))
    record.when(determine(months("2018-11..2018-12")), by=MANAGER, today="2019-02-15").then(
        determined(1, months("2018-11..2018-12"), claim="0")
    )
    record.when(determine(months("2018-11")), by=MANAGER, today="2019-02-15").then_refused("2018-11..2018-12, not 2018-11")
    record.when(determine(months("2018Q4")), by=MANAGER, today="2019-02-15").then_refused("not within the contract")


def test_the_last_determination_may_be_shorter() -> None:
    """Örnsköldsvik's last month is October 2021."""
    record = given(signed(ORNSKOLDSVIK), suspended("2018-11", recorded="2018-11-01"), resumed("2021-10", recorded="2021-09-01"))
    record.when(determine(months("2021-10")), by=MANAGER, today="2021-12-15").then(determined(1, months("2021-10"), claim="0"))


def test_after_the_last_month_nothing_is_determined() -> None:
    record = given(signed(QUARTER_LONG), determined(1, months("2018Q4"), claim="0"))
    assert record.folded.next_month is None


def test_the_determination_before_a_suspension_may_be_shorter() -> None:
    record = SIGNED.with_(suspended("2018-12", recorded="2019-01-10"))
    record.when(determine(months("2018Q4")), by=MANAGER, today="2019-02-15").then_refused(
        "follow-up of 2018-12 is suspended by agreement"
    )
    record.when(determine(months("2018-10")), by=MANAGER, today="2019-02-15").then_refused(
        "2018-10..2018-11, not 2018-10", clause=QUARTERS
    )
    record.when(determine(months("2018-10..2018-11")), by=MANAGER, today="2019-02-15").then(
        determined(1, months("2018-10..2018-11"), claim="0", recorded="2019-02-15")
    )


def test_no_month_is_determined_while_follow_up_is_suspended() -> None:
    record = DETERMINED.with_(suspended("2019-01", recorded="2019-02-20"))
    for period in ("2019Q1", "2019-01", "2020Q3"):
        record.when(determine(months(period)), by=MANAGER, today="2020-12-01").then_refused("is suspended by agreement")
    assert record.folded.next_month is None


@pytest.mark.parametrize(
    ("resumption", "first"),
    [("2019-04", "2019Q2"), ("2019-05", "2019-05..2019-06"), ("2019-06", "2019-06"), ("2020-01", "2020Q1")],
)
def test_the_month_of_resumption_counts_again(resumption: str, first: str) -> None:
    record = DETERMINED.with_(suspended("2019-02", recorded="2019-02-20"), resumed(resumption, recorded="2019-08-01"))
    record = record.when(determine(months("2019-01")), by=MANAGER, today="2020-06-01").recorded()
    record.when(determine(months(first)), by=MANAGER, today="2020-06-01").then(determined(3, months(first), claim="0"))
    month_before = str(Month.parse(resumption) - 1)
    record.when(determine(months(month_before)), by=MANAGER, today="2020-06-01").then_refused(
        f"follow-up of {month_before} is suspended by agreement"
    )


def test_the_contract_is_not_lengthened_by_a_suspension() -> None:
    record = SIGNED.with_(suspended("2020-03", recorded="2020-05-20"), resumed("2020-07", recorded="2020-08-01"))
    assert record.folded.terms_on(day("2020-08-01")).last_month == Month.parse("2021-09")


TWO = DETERMINED.with_(determined(2, months("2019Q1", "1 000 000"), claim="184 000"))


@pytest.mark.parametrize(
    ("period", "text"),
    [
        ("2018-11", "a redo takes whole determinations: 2018Q4, not 2018-11"),
        ("2018-12..2019-01", "a redo takes whole determinations: 2018-10..2019-03, not 2018-12..2019-01"),
        ("2018-10..2019-02", "a redo takes whole determinations: 2018-10..2019-03, not 2018-10..2019-02"),
        ("2019Q2", "2019Q2 is not determined; there is nothing to redo"),
        ("2018-10..2019-06", "a redo takes whole determinations: 2018-10..2019-03, not 2018-10..2019-06"),
    ],
)
def test_a_redo_takes_whole_determinations(period: str, text: str) -> None:
    TWO.when(determine(months(period), redo="late reports"), by=MANAGER, today="2019-08-01").then_refused(text)


@pytest.mark.parametrize(
    ("period", "supersedes", "claim"),
    [("2018Q4", (1,), "−92 000"), ("2019Q1", (2,), "−92 000"), ("2018-10..2019-03", (1, 2), "−276 000")],
)
def test_a_redo_supersedes_and_its_claim_is_the_difference(period: str, supersedes: tuple[int, ...], claim: str) -> None:
    """Half a million less in each; the notices of both went out before."""
    record = TWO.with_(NOTICE, notified(2, "2019-06-01", "2019-07-01", claim="184 000", payable_on="2019-08-01"))
    anew = months(period, "500 000")
    record.when(determine(anew, redo="late reports"), by=MANAGER, today="2019-08-01").then(
        determined(3, anew, claim, supersedes=supersedes, reason="late reports")
    )


def test_a_redo_can_be_redone() -> None:
    record = NOTIFIED.with_(determined(2, months("2018Q4", "500 000"), claim="−92 000", supersedes=(1,), reason="late reports"))
    again = months("2018Q4", "1 500 000")
    record.when(determine(again, redo="later reports"), by=MANAGER, today="2019-05-01").then(
        determined(3, again, claim="92 000", supersedes=(2,), reason="later reports")
    )
    assert [one.number for one in record.folded.in_force] == [2]


def test_a_redo_of_an_early_quarter_moves_the_entitlement_of_later_ones() -> None:
    """At the maximum in December and March; a million less in October shows where the entitlement leaves the maximum."""
    record = SIGNED.with_(
        determined(1, months("2018Q4", "34 000 000", "500 000"), claim="6 300 000"),
        determined(2, months("2019Q1", "0", "400 000"), claim="0"),
    )
    anew = months("2018Q4", "33 000 000", "500 000")
    after = record.when(determine(anew, redo="late reports"), by=MANAGER, today="2019-08-01").then(
        determined(3, anew, claim="6 237 600", supersedes=(1,), reason="late reports")
    )
    assert after.folded.entitled == ore("6 237 600")
    assert [(str(one.month), one.amount_ore) for one in after.records[-1].data.entitlement] == [
        ("2018-10", ore("−184 000")),
        ("2018-11", ore("48 000")),
        ("2019-02", ore("73 600")),
    ]


def test_what_no_notice_claimed_is_claimed_by_the_next() -> None:
    """D1 was never noticed: the claim of D2 is the whole of it. D2 neither: D3 claims it all."""
    less, more = months("2018Q4", "500 000"), months("2018Q4", "1 500 000")
    second = determined(2, less, claim="92 000", supersedes=(1,), reason="late reports")
    third = determined(3, more, claim="276 000", supersedes=(2,), reason="later reports")
    record = DETERMINED.when(determine(less, redo="late reports"), by=MANAGER, today="2019-03-01").then(second)
    record.when(determine(more, redo="later reports"), by=MANAGER, today="2019-03-02").then(third)
    record.when(notify(1, on="2019-03-02"), by=MANAGER, today="2019-03-02").then_refused("D1 was superseded by D2")


def test_a_notice_taken_back_before_a_redo_is_claimed_by_the_redo() -> None:
    record = NOTIFIED.when(correct("N1"), by=MANAGER, today="2019-02-21").recorded()
    less = months("2018Q4", "500 000")
    record.when(determine(less, redo="late reports"), by=MANAGER, today="2019-03-01").then(
        determined(2, less, claim="92 000", supersedes=(1,), reason="late reports")
    )


def test_no_claim_is_lost_when_the_notice_of_a_superseded_determination_is_taken_back() -> None:
    record = NOTIFIED.with_(determined(2, months("2018Q4", "1 500 000"), claim="92 000", supersedes=(1,), reason="late reports"))
    done = record.when(correct("N1"), by=MANAGER, today="2019-05-01")
    after = record if isinstance(done.result, Refused) else done.recorded()
    claims = [one.claim_ore for one in after.folded.determinations if one.notice is not None or one.superseded_by is None]
    assert sum(claims) == after.folded.entitled


@pytest.mark.parametrize(
    ("today", "outcome"),
    [("2020-03-22", "recorded"), ("2020-03-23", "refused"), ("2021-01-01", "refused")],
)
def test_twelve_months_after_acceptance_a_determination_is_closed(today: str, outcome: str) -> None:
    """Accepted by silence on 2019-03-23."""
    done = NOTIFIED.when(determine(months("2018Q4"), redo="late reports"), by=MANAGER, today=today)
    if outcome == "recorded":
        done.recorded()
    else:
        done.then_refused(
            "D1 (2018Q4) was accepted on 2019-03-23 and is closed since 2020-03-23", clause="settlement.correction_months"
        )


@pytest.mark.parametrize(
    ("correction_months", "noticed", "closed"),
    [
        (12, "2019-02-20", "2020-03-23"),
        (1, "2019-12-30", "2020-02-29"),
        (11, "2019-02-27", "2020-02-29"),
        (6, "2019-07-31", "2020-02-29"),
    ],
)
def test_a_month_without_that_day_closes_on_its_last(correction_months: int, noticed: str, closed: str) -> None:
    """Accepted by silence on the 31st day after the notice: 03-23, 01-30, 03-30, 08-31."""
    record = given(signed(changed(BOTKYRKA, settlement__correction_months=correction_months)), FIRST)
    record = record.when(notify(1, on=noticed), by=MANAGER, today=noticed).recorded()
    assert c.closed_on(record.folded, record.folded.determination(1)) == day(closed)


def test_what_was_never_noticed_is_never_closed() -> None:
    DETERMINED.when(determine(months("2018Q4"), redo="late reports"), by=MANAGER, today="2025-01-01").recorded()


@pytest.mark.parametrize("left_out", ["2018-11"])
def test_a_determination_has_every_month_of_its_period(left_out: str) -> None:
    gap = {month: amount for month, amount in months("2018Q4").items() if month != Month.parse(left_out)}
    SIGNED.when(determine(gap), by=MANAGER, today="2019-02-15").then_nothing()


# ── Suspension and resumption (rule 19) ──────────────────────────────────────────────────────────────────────────────


def test_follow_up_is_suspended_and_resumed() -> None:
    record = SIGNED.when(suspend("2020-03"), by=MANAGER, today="2020-05-20").then(suspended("2020-03", recorded="2020-05-20"))
    record = record.when(resume("2020-07"), by=PAYER, today="2020-08-01").then(resumed("2020-07", recorded="2020-08-01"))
    assert [str(month) for month in Period.parse("2020-01..2020-09") if record.folded.suspended(month)] == [
        "2020-03",
        "2020-04",
        "2020-05",
        "2020-06",
    ]


def test_follow_up_can_be_suspended_again() -> None:
    record = SIGNED.with_(suspended("2020-03", recorded="2020-05-20"), resumed("2020-07", recorded="2020-08-01"))
    record = record.when(suspend("2020-12"), by=MANAGER, today="2021-01-10").recorded()
    assert record.folded.suspended(Month.parse("2020-06"))
    assert not record.folded.suspended(Month.parse("2020-11"))
    assert record.folded.suspended(Month.parse("2021-09"))


PAUSED = SIGNED.with_(suspended("2020-03", recorded="2020-05-20"))


@pytest.mark.parametrize(
    ("record", "command", "text"),
    [
        (PAUSED, suspend("2020-05"), "follow-up is suspended since 2020-03"),
        (DETERMINED, suspend("2018-12"), "months through 2018-12 are determined"),
        (SIGNED, suspend("2018-09"), "2018-09 is not a month of the contract, 2018-10 to 2021-09"),
        (SIGNED, suspend("2021-10"), "2021-10 is not a month of the contract, 2018-10 to 2021-09"),
        (SIGNED, resume("2020-07"), "follow-up is not suspended"),
        (PAUSED, resume("2019-12"), "follow-up is suspended from 2020-03; it can resume from then on, until 2021-10"),
        (PAUSED, resume("2021-11"), "follow-up is suspended from 2020-03; it can resume from then on, until 2021-10"),
    ],
)
def test_suspension_refused(record: Given, command: Commanded, text: str) -> None:
    record.when(command, by=MANAGER, today="2020-06-01").then_refused(text)


@pytest.mark.parametrize("month", ["2020-03", "2020-04", "2021-10"])
def test_follow_up_resumes_until_the_month_after_the_last(month: str) -> None:
    PAUSED.when(resume(month), by=MANAGER, today="2020-06-01").then(resumed(month, recorded="2020-06-01"))


def test_while_suspended_dues_stay_due_and_objection_time_runs() -> None:
    record = NOTIFIED.with_(suspended("2019-01", recorded="2019-02-21"))
    record.when(instruct("outcome", "184 000", on="2019-04-22"), by=PAYER, today="2019-04-22").then(
        instructed(1, "outcome", "184 000", on="2019-04-22")
    )


# ── Notice and acceptance (rule 16) ──────────────────────────────────────────────────────────────────────────────────


def test_the_dates_of_a_notice() -> None:
    """Notice on 2020-06-20: objection at latest 2020-07-20, accepted 2020-07-21, payable 2020-08-20."""
    record = SIGNED.with_(determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2020-06-15"))
    record = record.when(notify(1, on="2020-06-20"), by=MANAGER, today="2020-06-22").then(
        notified(1, on="2020-06-20", objection_until="2020-07-20", claim="184 000", payable_on="2020-08-20")
    )
    one = record.folded.determination(1)
    assert c.accepted_on(one, day("2020-07-20")) is None
    assert c.accepted_on(one, day("2020-07-21")) == day("2020-07-21")
    assert record.folded.payable(day("2020-08-19")) == 0
    assert record.folded.payable(day("2020-08-20")) == ore("184 000")
    assert record.state("2020-08-19").provider.due == 0
    assert record.state("2020-08-20").provider.due == ore("184 000")


def test_the_days_of_notice_and_payment_are_those_of_the_terms_then_in_force() -> None:
    slower = changed(BOTKYRKA, settlement__objection_days=60, settlement__payment_days=0)
    record = SIGNED.with_(amended(slower, from_="2019-02", recorded="2019-01-15"), FIRST)
    record.when(notify(1, on="2019-02-20"), by=MANAGER, today="2019-02-20").then(
        notified(1, on="2019-02-20", objection_until="2019-04-21", claim="184 000", payable_on="2019-04-22")
    )


@pytest.mark.parametrize(
    ("record", "command", "text"),
    [
        (NOTIFIED, notify(1, on="2019-02-21"), "D1 was notified on 2019-02-20"),
        (DETERMINED, notify(1, on="2019-02-14"), "D1 was determined on 2019-02-15; it cannot be notified before, on 2019-02-14"),
        (DETERMINED, notify(2, on="2019-02-20"), "botkyrka has no determination D2"),
        (DETERMINED, notify(0, on="2019-02-20"), "botkyrka has no determination D0"),
        (DETERMINED, accept(1, PAYER, on="2019-02-20"), "D1 was not notified"),
        (NOTIFIED, accept(1, PAYER, on="2019-02-19"), "D1 was notified on 2019-02-20; it cannot be accepted before"),
        (
            NOTIFIED,
            accept(1, "technical_advisor", on="2019-02-25"),
            "technical_advisor need not accept; payer, external_provider do",
        ),
        (NOTIFIED, accept(1, MANAGER, on="2019-02-25"), "performance_manager need not accept"),
        (
            NOTIFIED,
            accept(1, PAYER, on="2019-03-23"),
            "D1 counts as accepted since 2019-03-23, because nobody objected by 2019-03-22",
        ),
        (
            NOTIFIED.with_(accepted(1, PAYER, on="2019-02-25")),
            accept(1, PAYER, on="2019-02-26"),
            "payer accepted D1 on 2019-02-25",
        ),
    ],
)
def test_notice_and_acceptance_refused(record: Given, command: Commanded, text: str) -> None:
    record.when(command, by=MANAGER, today="2019-04-01").then_refused(text)


def test_refusals_of_acceptance_name_the_clause() -> None:
    late = NOTIFIED.when(accept(1, PAYER, on="2019-03-23"), by=MANAGER, today="2019-04-01")
    late.then_refused("counts as accepted", clause="settlement.objection_days")
    other = NOTIFIED.when(accept(1, HR, on="2019-02-25"), by=MANAGER, today="2019-04-01")
    other.then_refused("need not accept", clause="governance.agrees")


def test_accepted_by_both() -> None:
    """The claim falls payable 30 days after the last of them."""
    record = NOTIFIED.when(accept(1, PROVIDER, on="2019-02-21"), by=PROVIDER, today="2019-02-21").then(
        accepted(1, PROVIDER, on="2019-02-21")
    )
    assert c.accepted_on(record.folded.determination(1), day("2019-03-22")) is None
    record = record.when(accept(1, PAYER, on="2019-03-04"), by=MANAGER, today="2019-03-05").then(
        accepted(1, PAYER, on="2019-03-04", was=BY_SILENCE, becomes=claim_of("184 000", payable_on="2019-04-03"))
    )
    assert c.accepted_on(record.folded.determination(1), day("2019-03-04")) == day("2019-03-04")
    assert record.state("2019-04-02").provider.payable == 0
    assert record.state("2019-04-03").provider.payable == ore("184 000")


def test_the_last_to_accept_counts_though_recorded_first() -> None:
    record = NOTIFIED.with_(accepted(1, PAYER, on="2019-03-10"))
    record.when(accept(1, PROVIDER, on="2019-02-25"), by=HR, today="2019-03-11").then(
        accepted(1, PROVIDER, on="2019-02-25", was=BY_SILENCE, becomes=claim_of("184 000", payable_on="2019-04-09"))
    )


def test_acceptance_on_the_last_day_for_objection() -> None:
    record = NOTIFIED.with_(accepted(1, PAYER, on="2019-02-25"))
    record.when(accept(1, PROVIDER, on="2019-03-22"), by=PROVIDER, today="2019-06-01").then(
        accepted(1, PROVIDER, on="2019-03-22", was=BY_SILENCE, becomes=claim_of("184 000", payable_on="2019-04-21"))
    )


def test_accepted_by_one_the_other_by_silence() -> None:
    record = NOTIFIED.with_(accepted(1, PAYER, on="2019-02-25"))
    one = record.folded.determination(1)
    assert c.accepted_on(one, day("2019-03-22")) is None
    assert c.accepted_on(one, day("2019-03-23")) == day("2019-03-23")
    assert record.folded.payable(day("2019-04-22")) == ore("184 000")


def test_silence_needs_no_event() -> None:
    assert [NOTIFIED.state(on).provider.payable for on in ("2019-04-21", "2019-04-22")] == [0, ore("184 000")]


@pytest.mark.parametrize(
    ("known_through", "as_of", "settled"),
    [
        ("2019-04-01", "2019-03-22", False),
        ("2019-04-01", "2019-03-23", True),
        ("2019-03-22", "2019-04-01", False),
        ("2019-03-23", "2019-04-01", True),
    ],
)
def test_what_could_still_be_objected_to_is_not_settled(known_through: str, as_of: str, settled: bool) -> None:
    """Objection at latest 2019-03-22: settled from the day after, as soon as the record reaches that far."""
    record = NOTIFIED.with_(paid(1, "upfront", "1", on=known_through))
    assert [one.settled for one in record.state(as_of).coming] == [settled]


BOTH_ACCEPTED = NOTIFIED.with_(
    accepted(1, PROVIDER, on="2019-02-21"),
    accepted(1, PAYER, on="2019-03-04", was=BY_SILENCE, becomes=claim_of("184 000", payable_on="2019-04-03")),
)


def test_what_is_accepted_and_not_yet_payable_is_coming_and_settled() -> None:
    (one,) = BOTH_ACCEPTED.state("2019-03-05").coming
    assert (one.settled, one.payable_on) == (True, day("2019-04-03"))
    assert BOTH_ACCEPTED.state("2019-04-03").coming == ()


def test_what_is_not_yet_notified_is_coming() -> None:
    (one,) = DETERMINED.state("2019-02-15").coming
    assert (one.determination, one.period, one.amount) == (1, Period.parse("2018Q4"), ore("184 000"))
    assert (one.notified_on, one.payable_on, one.objection_until, one.settled) == (None, None, None, False)
    (one,) = NOTIFIED.state("2019-02-20").coming
    assert (one.notified_on, one.payable_on, one.objection_until) == (day("2019-02-20"), day("2019-04-22"), day("2019-03-22"))


LESS = determined(2, months("2018Q4", "500 000"), claim="−92 000", supersedes=(1,), reason="late reports")


@pytest.mark.parametrize(
    "record",
    [
        SIGNED,
        DETERMINED,
        NOTIFIED,
        NOTIFIED.with_(LESS),
        NOTIFIED.with_(LESS, notified(2, "2019-03-01", "2019-03-31", claim="−92 000", payable_on="2019-05-01")),
        DETERMINED.with_(
            determined(2, months("2018Q4", "500 000"), claim="92 000", supersedes=(1,), reason="late reports"),
            determined(3, months("2019Q1", "1 000 000"), claim="184 000"),
        ),
    ],
    ids=["nothing", "determined", "notified", "redone", "redone and notified", "redone before notice, and the next quarter"],
)
@pytest.mark.parametrize("as_of", ["2019-04-21", "2019-04-22", "2019-04-30", "2019-05-01", "2020-01-01"])
def test_what_is_payable_and_what_is_coming_are_the_entitlement(record: Given, as_of: str) -> None:
    state = record.state(as_of)
    assert state.provider.payable + sum(one.amount for one in state.coming) == state.provider.entitled


def test_a_fall_is_noticed_and_accepted_like_a_rise() -> None:
    record = NOTIFIED.with_(determined(2, months("2018Q4", "500 000"), claim="−92 000", supersedes=(1,), reason="late reports"))
    record = record.when(notify(2, on="2019-03-01"), by=MANAGER, today="2019-03-01").then(
        notified(2, on="2019-03-01", objection_until="2019-03-31", claim="−92 000", payable_on="2019-05-01")
    )
    assert [record.folded.payable(day(on)) for on in ("2019-04-30", "2019-05-01")] == [ore("184 000"), ore("92 000")]


# ── Paying (rules 13, 15, 17) ────────────────────────────────────────────────────────────────────────────────────────

DUE = "settlement.payment_days"
UPFRONT = "upfront.instalments"
NOTHING_MOVED = "paid 0.00, instructed 0.00, recovered 0.00"
LIMIT = "which paid and instructed may not exceed"

TWICE = given(
    signed(
        changed(
            BOTKYRKA,
            upfront__instalments=[{"on": "2018-09-26", "amount": "2000000.00"}, {"on": "2019-01-15", "amount": "2200000.00"}],
        )
    )
)


@pytest.mark.parametrize(
    ("on", "due"),
    [("2018-09-26", "2 000 000"), ("2019-01-14", "2 000 000"), ("2019-01-15", "4 200 000"), ("2021-01-01", "4 200 000")],
)
def test_the_upfront_payment_falls_due_by_its_instalments(on: str, due: str) -> None:
    TWICE.when(instruct("upfront", None, on), by=PAYER, today=on).then(instructed(1, "upfront", due, on))
    over = ore(due) + 1
    TWICE.when(commands.Pay("upfront", over, day(on), "F-1"), by=PAYER, today=on).then_refused(f"{due}.00", clause=UPFRONT)


def test_the_state_says_what_is_due_of_the_upfront_payment() -> None:
    record = TWICE.with_(
        instructed(1, "upfront", "500 000", on="2018-10-01"), paid(2, "upfront", "1 700 000", "2018-10-02", invoice="F-2")
    )
    assert [record.state(on).upfront_due for on in ("2018-09-30", "2018-10-01", "2018-10-02", "2019-01-14", "2019-01-15")] == [
        ore("2 000 000"),
        ore("1 500 000"),
        0,
        0,
        ore("2 000 000"),
    ]


def test_what_is_instructed_or_paid_is_not_due_again() -> None:
    record = TWICE.with_(instructed(1, "upfront", "1 500 000", on="2018-10-01"))
    record.when(instruct("upfront", "500 000.01", on="2018-10-02"), by=PAYER, today="2018-10-02").then_refused(
        "500 000.01 is above what is due on 2018-10-02: 500 000.00", clause=UPFRONT
    )
    record = record.with_(paid(2, "upfront", "500 000", on="2018-10-02", invoice="F-2"))
    record.when(instruct("upfront", None, on="2018-10-03"), by=PAYER, today="2018-10-03").then_refused(
        "nothing is due on 2018-10-03", clause=UPFRONT
    )


def test_the_upfront_payment_is_no_part_of_due() -> None:
    record = NOTIFIED.with_(paid(1, "upfront", "4 200 000", on="2018-09-26"))
    state = record.state("2019-04-22")
    assert (state.upfront_paid, state.provider.paid, state.provider.due) == (ore("4 200 000"), 0, ore("184 000"))


@pytest.mark.parametrize("on", ["2019-02-20", "2019-03-23", "2019-04-21"])
def test_nothing_is_due_before_it_falls_payable(on: str) -> None:
    NOTIFIED.when(instruct("outcome", None, on), by=PAYER, today=on).then_refused(f"nothing is due on {on}", clause=DUE)
    NOTIFIED.when(instruct("outcome", "0.01", on), by=PAYER, today=on).then_refused(
        f"0.01 is above what is due on {on}: 0.00 (payable 0.00, {NOTHING_MOVED}; entitled 184 000.00, {LIMIT})", clause=DUE
    )


def test_an_instruction_up_to_what_is_due() -> None:
    on = "2019-04-22"
    NOTIFIED.when(instruct("outcome", None, on), by=PAYER, today=on).then(instructed(1, "outcome", "184 000", on))
    NOTIFIED.when(instruct("outcome", "184 000", on), by=PAYER, today=on).then(instructed(1, "outcome", "184 000", on))
    NOTIFIED.when(instruct("outcome", "100 000", on), by=PAYER, today=on).then(instructed(1, "outcome", "100 000", on))


def test_an_instruction_above_what_is_due_is_refused_with_the_amount() -> None:
    NOTIFIED.when(instruct("outcome", "184 000.01", on="2019-04-22"), by=PAYER, today="2019-04-22").then_refused(
        f"184 000.01 is above what is due on 2019-04-22: 184 000.00 (payable 184 000.00, {NOTHING_MOVED}; "
        f"entitled 184 000.00, {LIMIT})",
        clause=DUE,
    )


@pytest.mark.parametrize("amount", ["0", "−1"])
@pytest.mark.parametrize("command", [instruct, pay])
def test_an_amount_is_above_zero(command: Any, amount: str) -> None:
    NOTIFIED.when(command("outcome", amount, "2019-04-22"), by=PAYER, today="2019-04-22").then_refused("must be above zero")


def test_a_payment_made_is_always_recorded_and_overpaid_is_shown() -> None:
    record = NOTIFIED.when(pay("outcome", "200 000", on="2019-04-22"), by=PAYER, today="2019-04-22").then(
        paid(1, "outcome", "200 000", on="2019-04-22")
    )
    provider = record.state("2019-04-22").provider
    assert (provider.payable, provider.paid) == (ore("184 000"), ore("200 000"))
    assert (provider.overpaid, provider.due) == (ore("16 000"), 0)


def test_a_payment_made_before_anything_is_payable_is_recorded() -> None:
    record = SIGNED.when(pay("outcome", "1 000", on="2018-10-01"), by=PAYER, today="2018-10-01").then(
        paid(1, "outcome", "1 000", on="2018-10-01")
    )
    assert record.state("2018-10-01").provider.overpaid == ore("1 000")


def test_what_is_overpaid_is_set_off_against_later_claims() -> None:
    record = NOTIFIED.with_(paid(1, "outcome", "200 000", on="2019-04-22"))
    record = record.with_(
        determined(2, months("2019Q1", "1 000 000"), claim="184 000"),
        notified(2, on="2019-06-01", objection_until="2019-07-01", claim="184 000", payable_on="2019-08-01"),
    )
    record.when(instruct("outcome", None, on="2019-08-01", invoice="F-2"), by=PAYER, today="2019-08-01").then(
        instructed(2, "outcome", "168 000", on="2019-08-01", invoice="F-2")
    )


def test_a_fall_not_yet_payable_limits_what_is_instructed() -> None:
    """184 000 payable, entitled to 92 000 since the redo: no instruction may bring paid above the entitlement (rule 15)."""
    record = NOTIFIED.with_(
        determined(2, months("2018Q4", "500 000"), claim="−92 000", recorded="2019-04-01", supersedes=(1,), reason="late reports")
    )
    record.when(instruct("outcome", "184 000", on="2019-04-22"), by=PAYER, today="2019-04-22").then_refused(
        f"above what is due on 2019-04-22: 92 000.00 (payable 184 000.00, {NOTHING_MOVED}; entitled 92 000.00, {LIMIT})",
        clause=DUE,
    )
    record.when(instruct("outcome", None, on="2019-04-22"), by=PAYER, today="2019-04-22").then(
        instructed(1, "outcome", "92 000", on="2019-04-22")
    )


def test_a_rise_not_yet_payable_is_not_due() -> None:
    record = NOTIFIED.with_(
        determined(
            2, months("2018Q4", "2 000 000"), claim="184 000", recorded="2019-04-01", supersedes=(1,), reason="late reports"
        ),
        notified(2, on="2019-04-02", objection_until="2019-05-02", claim="184 000", payable_on="2019-06-02"),
    )
    record.when(instruct("outcome", "184 000.01", on="2019-06-01"), by=PAYER, today="2019-06-01").then_refused(
        "above what is due on 2019-06-01: 184 000.00"
    )
    record.when(instruct("outcome", None, on="2019-06-02"), by=PAYER, today="2019-06-02").then(
        instructed(1, "outcome", "368 000", on="2019-06-02")
    )


INSTRUCTED = NOTIFIED.with_(instructed(1, "outcome", "184 000", on="2019-04-22", invoice="F-7"))


@pytest.mark.parametrize(
    ("amount", "on", "stands_until"),
    [("184 000", "2019-04-25", "2019-04-25"), ("184 000", "2019-04-20", "2019-04-22"), ("150 000", "2019-04-25", "2019-04-25")],
)
def test_an_instruction_is_carried_out_by_its_invoice(amount: str, on: str, stands_until: str) -> None:
    record = INSTRUCTED.when(pay("outcome", amount, on, invoice="F-7"), by=PAYER, today="2019-04-26").then(
        paid(2, "outcome", amount, on, invoice="F-7", carries_out=(1, "184 000", stands_until))
    )
    provider = record.state("2019-04-26").provider
    assert (provider.instructed, provider.paid, provider.due) == (0, ore(amount), ore("184 000") - ore(amount))


def test_a_payment_without_an_amount_is_what_was_instructed() -> None:
    INSTRUCTED.when(pay("outcome", None, on="2019-04-25", invoice="F-7"), by=PAYER, today="2019-04-25").then(
        paid(2, "outcome", "184 000", on="2019-04-25", invoice="F-7", carries_out=(1, "184 000", "2019-04-25"))
    )


def test_an_instruction_stands_beside_a_payment_of_another_invoice() -> None:
    record = INSTRUCTED.when(pay("outcome", "184 000", on="2019-04-25", invoice="F-8"), by=PAYER, today="2019-04-25").then(
        paid(2, "outcome", "184 000", on="2019-04-25", invoice="F-8")
    )
    provider = record.state("2019-04-25").provider
    assert (provider.instructed, provider.paid, provider.overpaid) == (ore("184 000"), ore("184 000"), ore("184 000"))


def test_an_instruction_is_carried_out_once() -> None:
    record = INSTRUCTED.with_(paid(2, "outcome", "184 000", "2019-04-25", "F-7", carries_out=(1, "184 000", "2019-04-25")))
    record.when(pay("outcome", "184 000", on="2019-04-26", invoice="F-7"), by=PAYER, today="2019-04-26").then(
        paid(3, "outcome", "184 000", on="2019-04-26", invoice="F-7")
    )


TWO_OF_AN_INVOICE = NOTIFIED.with_(
    instructed(1, "outcome", "100 000", on="2019-04-22", invoice="F-7"),
    instructed(2, "outcome", "84 000", on="2019-04-22", invoice="F-7"),
)


@pytest.mark.parametrize(("amount", "number"), [("100 000", 1), ("84 000", 2)])
def test_of_several_instructions_the_one_with_the_amount_is_carried_out(amount: str, number: int) -> None:
    TWO_OF_AN_INVOICE.when(pay("outcome", amount, on="2019-04-25", invoice="F-7"), by=PAYER, today="2019-04-25").then(
        paid(3, "outcome", amount, on="2019-04-25", invoice="F-7", carries_out=(number, amount, "2019-04-25"))
    )


def test_of_several_instructions_without_the_amount_none_is_carried_out() -> None:
    record = TWO_OF_AN_INVOICE.when(pay("outcome", "90 000", "2019-04-25", "F-7"), by=PAYER, today="2019-04-25").then(
        paid(3, "outcome", "90 000", on="2019-04-25", invoice="F-7")
    )
    provider = record.state("2019-04-25").provider
    assert (provider.instructed, provider.paid) == (ore("184 000"), ore("90 000"))


def test_an_instruction_of_another_kind_is_not_carried_out() -> None:
    record = SIGNED.with_(instructed(1, "upfront", "4 200 000", on="2018-09-26", invoice="F-7"))
    record.when(pay("outcome", "1 000", on="2018-10-01", invoice="F-7"), by=PAYER, today="2018-10-01").then(
        paid(2, "outcome", "1 000", on="2018-10-01", invoice="F-7")
    )


OVERPAID = NOTIFIED.with_(paid(1, "outcome", "200 000", on="2019-04-22"))


def test_what_is_overpaid_can_be_recovered() -> None:
    record = OVERPAID.when(instruct("recovery", "10 000", on="2019-05-01", invoice="K-1"), by=PAYER, today="2019-05-01").then(
        instructed(2, "recovery", "10 000", on="2019-05-01", invoice="K-1")
    )
    record.when(instruct("recovery", "6 000.01", on="2019-05-01", invoice="K-2"), by=PAYER, today="2019-05-01").then_refused(
        ": 6 000.00", clause="settlement.overpaid"
    )
    record = record.when(pay("recovery", None, on="2019-05-10", invoice="K-1"), by=PAYER, today="2019-05-10").then(
        paid(3, "recovery", "10 000", on="2019-05-10", invoice="K-1", carries_out=(2, "10 000", "2019-05-10"))
    )
    provider = record.state("2019-05-10").provider
    assert (provider.recovered, provider.overpaid, provider.due) == (ore("10 000"), ore("6 000"), 0)


def test_nothing_is_recovered_where_nothing_is_overpaid() -> None:
    NOTIFIED.when(instruct("recovery", None, on="2019-05-01"), by=PAYER, today="2019-05-01").then_refused(
        "nothing is due on 2019-05-01", clause="settlement.overpaid"
    )


def test_what_was_recovered_in_excess_is_due_again() -> None:
    record = OVERPAID.with_(paid(2, "recovery", "20 000", on="2019-05-10", invoice="K-1"))
    record.when(instruct("outcome", None, on="2019-05-11", invoice="F-2"), by=PAYER, today="2019-05-11").then(
        instructed(3, "outcome", "4 000", on="2019-05-11", invoice="F-2")
    )


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (SIGNED.with_(paid(1, "upfront", "4 200 000", on="2018-10-10")), instruct("upfront", "4 200 000", "2018-10-01", "F-2")),
        (
            NOTIFIED.with_(
                paid(1, "outcome", "184 000", on="2019-05-10"),
                determined(2, months("2019Q1", "1 000 000"), claim="184 000", recorded="2019-05-11"),
            ),
            instruct("outcome", "184 000", "2019-05-01", "F-2"),
        ),
        (OVERPAID.with_(paid(2, "recovery", "16 000", on="2019-05-10")), instruct("recovery", "16 000", "2019-05-01", "K-2")),
    ],
    ids=["upfront", "outcome", "recovery"],
)
def test_nothing_is_instructed_twice_by_an_earlier_date(record: Given, command: Commanded) -> None:
    record.when(command, by=PAYER, today="2019-06-01").then_nothing()


# ── The loan (rule 14) ───────────────────────────────────────────────────────────────────────────────────────────────


def test_draws_up_to_the_limit() -> None:
    """Internal cost and upfront: 18.7 million, not 22.9."""
    record = SIGNED.with_(drawn(1, "4 200 000", on="2018-09-26", purpose="upfront"))
    record.when(draw("14 500 000.01", on="2018-10-01"), by=HR, today="2018-10-01").then_refused(
        "18 700 000.01 drawn in all is above the loan's limit of 18 700 000.00"
    )
    record.when(draw("14 500 000", on="2018-10-01"), by=HR, today="2018-10-01").then(drawn(2, "14 500 000", on="2018-10-01"))


def test_what_is_repaid_cannot_be_drawn_anew() -> None:
    record = SIGNED.with_(drawn(1, "18 700 000", on="2018-10-01"), repaid(2, "1 000", on="2018-10-02"))
    record.when(draw("1", on="2018-10-03"), by=HR, today="2018-10-03").then_refused("above the loan's limit")


def test_repayments_up_to_what_is_drawn() -> None:
    record = SIGNED.with_(drawn(1, "1 000", on="2018-10-01"), repaid(2, "400", on="2018-10-02"))
    record.when(repay("600.01", on="2018-10-03"), by=HR, today="2018-10-03").then_refused(
        "600.01 on 2018-10-03 repays 0.01 more than is outstanding then", clause="case study §4.2"
    )
    record = record.when(repay("600", on="2018-10-03"), by=HR, today="2018-10-03").then(repaid(3, "600", on="2018-10-03"))
    loan = record.state("2018-10-03").loan
    assert (loan.limit, loan.drawn, loan.repaid, loan.outstanding) == (ore("18 700 000"), ore("1 000"), ore("1 000"), 0)


@pytest.mark.parametrize("command", [draw("0", on="2018-10-01"), draw("−1", on="2018-10-01"), repay("0", on="2018-10-01")])
def test_the_loan_moves_by_amounts_above_zero(command: Commanded) -> None:
    SIGNED.when(command, by=HR, today="2018-10-01").then_refused("an amount must be above zero")


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (SIGNED.with_(drawn(1, "1 000", on="2018-12-01")), repay("1 000", on="2018-10-01")),
        (
            SIGNED.with_(drawn(1, "1 000", on="2018-10-01"), repaid(2, "1 000", on="2018-11-01")),
            correct("L1", on="2018-12-01"),
        ),
    ],
    ids=["repaid before it was drawn", "draw moved behind its repayment"],
)
def test_the_loan_is_never_below_zero_on_any_day(record: Given, command: Commanded) -> None:
    record.when(command, by=PAYER, today="2019-01-01").then_nothing()


def test_what_the_authority_saved_is_available_for_repayment() -> None:
    record = SIGNED.with_(determined(1, months("2018Q4", "1 000 000"), claim="184 000"), drawn(1, "900 000", on="2019-02-15"))
    record = record.with_(repaid(2, "16 000", on="2019-02-15"))
    assert record.state("2019-02-15").loan.available_for_repayment == ore("800 000")


# ── Corrections (decision 5) ─────────────────────────────────────────────────────────────────────────────────────────

ENTRIES: list[tuple[str, Given, str, str]] = [
    ("upfront", SIGNED.with_(paid(1, "upfront", "1 000", on="2018-10-02")), "P1", "2018-10-02"),
    ("outcome", SIGNED.with_(paid(1, "outcome", "1 000", on="2018-10-02")), "P1", "2018-10-02"),
    ("recovery", SIGNED.with_(paid(1, "recovery", "1 000", on="2018-10-02")), "P1", "2018-10-02"),
    ("instructed upfront", SIGNED.with_(instructed(1, "upfront", "1 000", on="2018-10-02")), "P1", "2018-10-02"),
    ("instructed outcome", NOTIFIED.with_(instructed(1, "outcome", "1 000", on="2019-04-23")), "P1", "2019-04-23"),
    ("instructed recovery", OVERPAID.with_(instructed(2, "recovery", "1 000", on="2019-04-23")), "P2", "2019-04-23"),
    ("draw", SIGNED.with_(drawn(1, "1 000", on="2018-10-02")), "L1", "2018-10-02"),
    ("repayment", SIGNED.with_(drawn(1, "9 000", on="2018-10-01"), repaid(2, "1 000", on="2018-10-02")), "L2", "2018-10-02"),
]
EACH = pytest.mark.parametrize(("entry", "record", "name", "on"), ENTRIES, ids=[row[0] for row in ENTRIES])
TODAY = "2019-06-01"


def standing(record: Given, name: str) -> c.MoneyEntry:
    entries = record.folded.payments if name[0] == "P" else record.folded.loans
    return next(one for one in entries if one.name == name)


@EACH
def test_an_entry_is_reversed(entry: str, record: Given, name: str, on: str) -> None:
    after = record.when(correct(name), by=PAYER, today=TODAY).then(
        corrected(record.position(name), entry, int(name[1:]), was=("1 000", on))
    )
    assert not standing(after, name).open
    after.when(correct(name), by=PAYER, today=TODAY).then_refused(f"{name} no longer stands")


@EACH
@pytest.mark.parametrize(
    ("amount", "later", "becomes"),
    [("900", False, "900"), (None, True, "1 000"), ("900", True, "900")],
    ids=["amount", "day", "amount and day"],
)
def test_an_entry_is_replaced(
    entry: str, record: Given, name: str, on: str, amount: str | None, later: bool, becomes: str
) -> None:
    moved = "2019-05-02" if later else on
    after = record.when(correct(name, amount, moved if later else None), by=PAYER, today=TODAY).then(
        corrected(record.position(name), entry, int(name[1:]), was=("1 000", on), becomes=(becomes, moved))
    )
    now = standing(after, name)
    assert (now.open, now.amount, now.on, now.position) == (True, ore(becomes), day(moved), record.position(name))
    again = after.when(correct(name), by=PAYER, today=TODAY)
    again.then(corrected(record.position(name), entry, int(name[1:]), was=(becomes, moved)))


@EACH
def test_a_correction_says_something_new_and_possible(entry: str, record: Given, name: str, on: str) -> None:
    record.when(correct(name, "1 000"), by=PAYER, today=TODAY).then_refused(f"{name} already says 1 000.00 on {on}")
    record.when(correct(name, "1 000", on), by=PAYER, today=TODAY).then_refused(f"{name} already says")
    for amount in ("0", "−1"):
        record.when(correct(name, amount), by=PAYER, today=TODAY).then_refused("an amount must be above zero")


@EACH
def test_a_reversed_entry_counts_nowhere(entry: str, record: Given, name: str, on: str) -> None:
    """The state is then what it was without the entry."""
    reversed_ = record.when(correct(name), by=PAYER, today=TODAY).recorded()
    without = Given(tuple(one for one in record.records if one.position != record.position(name)))
    state, before = reversed_.state(TODAY), without.state(TODAY)
    assert (state.provider, state.loan, state.upfront_paid) == (before.provider, before.loan, before.upfront_paid)


@EACH
def test_a_replaced_entry_counts_as_if_recorded_so(entry: str, record: Given, name: str, on: str) -> None:
    after = record.when(correct(name, "900", "2019-05-02"), by=PAYER, today=TODAY).recorded()
    for as_of in ("2019-05-01", "2019-05-02"):
        state = after.state(as_of)
        total = (
            state.upfront_paid
            + state.provider.instructed
            + state.provider.paid
            + state.provider.recovered
            + state.loan.drawn
            + state.loan.repaid
        )
        base = Given(tuple(one for one in record.records if one.position != record.position(name))).state(as_of)
        before = base.upfront_paid + base.provider.paid + base.provider.recovered + base.loan.drawn + base.loan.repaid
        memorandum = entry in ("instructed upfront", "instructed recovery")  # shown by pay list, no part of the state
        assert total - before == (0 if as_of == "2019-05-01" or memorandum else ore("900"))


def test_only_money_and_notices_are_corrected() -> None:
    for position in (1, 2, 3, 4, 99):
        DETERMINED.when(commands.CorrectEntry(position, "recorded in error"), by=MANAGER, today=TODAY).then_refused(
            f"record {position} is not a"
        )


def test_an_instruction_carried_out_no_longer_stands() -> None:
    record = INSTRUCTED.with_(paid(2, "outcome", "184 000", "2019-04-25", "F-7", carries_out=(1, "184 000", "2019-04-25")))
    record.when(correct("P1"), by=PAYER, today=TODAY).then_refused("P1 no longer stands")


def test_a_cancelled_instruction_is_due_again() -> None:
    record = INSTRUCTED.when(correct("P1"), by=PAYER, today="2019-04-23").recorded()
    record.when(instruct("outcome", None, on="2019-04-23", invoice="F-9"), by=PAYER, today="2019-04-23").then(
        instructed(2, "outcome", "184 000", on="2019-04-23", invoice="F-9")
    )


def test_a_corrected_instruction_is_not_above_what_is_due() -> None:
    record = NOTIFIED.with_(instructed(1, "outcome", "100 000", on="2019-04-22"))
    record.when(correct("P1", "184 000.01"), by=PAYER, today=TODAY).then_refused(
        "184 000.01 is above what is due on 2019-04-22: 184 000.00", clause=DUE
    )
    record.when(correct("P1", on="2019-04-21"), by=PAYER, today=TODAY).then_refused(
        "100 000.00 is above what is due on 2019-04-21: 0.00"
    )
    record.when(correct("P1", "184 000"), by=PAYER, today=TODAY).recorded()


def test_a_corrected_payment_may_be_above_what_is_due() -> None:
    record = NOTIFIED.with_(paid(1, "outcome", "184 000", on="2019-04-22"))
    record = record.when(correct("P1", "250 000"), by=PAYER, today=TODAY).recorded()
    assert record.state(TODAY).provider.overpaid == ore("66 000")


def test_corrections_keep_the_limits_of_the_loan() -> None:
    record = SIGNED.with_(drawn(1, "1 000", on="2018-10-01"), repaid(2, "600", on="2018-10-02"))
    record.when(correct("L1"), by=PAYER, today=TODAY).then_refused(
        "nothing is outstanding on 2018-10-02, so nothing can be repaid then", clause="case study §4.2"
    )
    record.when(correct("L1", "599.99"), by=PAYER, today=TODAY).then_refused(
        "600.00 on 2018-10-02 repays 0.01 more than is outstanding then", clause="case study §4.2"
    )
    record.when(correct("L1", "18 700 000.01"), by=PAYER, today=TODAY).then_refused("above the loan's limit of 18 700 000.00")
    record.when(correct("L2", "1 000.01"), by=PAYER, today=TODAY).then_refused(
        "1 000.01 on 2018-10-02 repays 0.01 more than is outstanding then"
    )
    record.when(correct("L2", "1 000"), by=PAYER, today=TODAY).recorded()


def test_a_notice_is_taken_back_and_sent_anew() -> None:
    record = NOTIFIED.when(correct("N1"), by=MANAGER, today="2019-02-21").then(
        corrected(5, "notice", 1, was=("184 000", "2019-04-22"), effective="2019-02-20")
    )
    assert record.state("2019-04-22").provider.payable == 0
    record.when(notify(1, on="2019-02-21"), by=MANAGER, today="2019-02-21").then(
        notified(1, on="2019-02-21", objection_until="2019-03-23", claim="184 000", payable_on="2019-04-23")
    )


def test_the_day_of_a_notice_is_corrected() -> None:
    record = NOTIFIED.when(correct("N1", on="2019-02-18"), by=MANAGER, today="2019-03-01").then(
        corrected(5, "notice", 1, ("184 000", "2019-04-22"), ("184 000", "2019-04-20"), effective="2019-02-18")
    )
    notice = record.folded.determination(1).notice
    assert notice is not None
    assert (notice.on, notice.objection_until, notice.deemed_on) == (day("2019-02-18"), day("2019-03-20"), day("2019-03-21"))
    assert [record.state(on).provider.payable for on in ("2019-04-19", "2019-04-20")] == [0, ore("184 000")]
    again = record.when(correct("N1", on="2019-02-20"), by=MANAGER, today="2019-03-01").recorded().folded.determination(1).notice
    first = NOTIFIED.folded.determination(1).notice
    assert again == first


@pytest.mark.parametrize(
    ("record", "command", "text"),
    [
        (NOTIFIED, correct("N1", amount="100 000"), "a notice's amount follows from its determination"),
        (NOTIFIED, correct("N1", on="2019-02-14"), "D1 was determined on 2019-02-15 and notified on 2019-02-20"),
        (NOTIFIED, correct("N1", on="2019-02-20"), "D1 was determined on 2019-02-15 and notified on 2019-02-20"),
        (
            NOTIFIED.with_(accepted(1, PAYER, on="2019-02-25")),
            correct("N1"),
            "D1 was accepted by payer; its notice can no longer be corrected",
        ),
        (
            NOTIFIED.with_(LESS),
            correct("N1"),
            "D1 was superseded by D2, which claims the difference only; its own notice must stand",
        ),
    ],
)
def test_correction_of_a_notice_refused(record: Given, command: Commanded, text: str) -> None:
    record.when(command, by=MANAGER, today="2019-03-01").then_refused(text)


def test_a_notice_is_corrected_into_a_month_of_other_terms() -> None:
    """Payment 60 days after acceptance from February: the notice of 20 January was one of 5 February."""
    slower = changed(BOTKYRKA, settlement__payment_days=60)
    record = SIGNED.with_(
        amended(slower, from_="2019-02", recorded="2019-01-10"),
        determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-01-15"),
        notified(1, on="2019-01-20", objection_until="2019-02-19", claim="184 000", payable_on="2019-03-22"),
    )
    after = record.when(correct("N1", on="2019-02-05"), by=MANAGER, today="2019-02-10").recorded()
    notice = after.folded.determination(1).notice
    assert notice is not None
    assert (notice.on, notice.objection_until) == (day("2019-02-05"), day("2019-03-07"))
    assert notice.claim == claim_of("184 000", payable_on="2019-05-07")


def test_the_day_of_a_superseded_determinations_notice_is_corrected() -> None:
    record = NOTIFIED.with_(LESS).when(correct("N1", on="2019-02-18"), by=MANAGER, today="2019-03-01").recorded()
    assert [record.folded.payable(day(on)) for on in ("2019-04-19", "2019-04-20")] == [0, ore("184 000")]


@pytest.mark.parametrize("on", [None, "2019-02-18"])
def test_a_notice_that_counts_as_accepted_is_no_longer_corrected(on: str | None) -> None:
    NOTIFIED.when(correct("N1", on=on), by=MANAGER, today="2019-03-22").recorded()
    NOTIFIED.when(correct("N1", on=on), by=MANAGER, today="2019-03-23").then_refused(
        "D1 counts as accepted since 2019-03-23; its notice can no longer be corrected", clause="settlement.objection_days"
    )
    BOTH_ACCEPTED.when(correct("N1", on=on), by=MANAGER, today="2019-03-05").then_refused(
        "D1 counts as accepted since 2019-03-04"
    )


@pytest.mark.parametrize(("role", "on", "position"), [(PROVIDER, "2019-02-21", 6), (PAYER, "2019-03-04", 7)])
def test_an_acceptance_is_withdrawn_and_silence_decides(role: str, on: str, position: int) -> None:
    record = BOTH_ACCEPTED.when(withdraw(1, role), by=MANAGER, today="2019-03-05").then(
        corrected(position, "acceptance", 1, ("184 000", "2019-04-03"), ("184 000", "2019-04-22"), effective=on, role=role)
    )
    one = record.folded.determination(1)
    assert one.notice is not None
    assert set(one.notice.accepted) == {PROVIDER, PAYER} - {role}
    assert c.accepted_on(one, day("2019-03-22")) is None
    assert c.accepted_on(one, day("2019-03-23")) == day("2019-03-23")
    assert [record.state(as_of).provider.payable for as_of in ("2019-04-21", "2019-04-22")] == [0, ore("184 000")]


def test_an_acceptance_is_withdrawn_and_given_anew() -> None:
    record = BOTH_ACCEPTED.when(withdraw(1, PAYER), by=PAYER, today="2019-03-05").recorded()
    record.when(accept(1, PAYER, on="2019-03-05"), by=MANAGER, today="2019-03-05").then(
        accepted(1, PAYER, on="2019-03-05", was=BY_SILENCE, becomes=claim_of("184 000", payable_on="2019-04-04"))
    )
    record.when(commands.CorrectEntry(7, "once more"), by=MANAGER, today="2019-03-05").then_refused("that stands")


def test_a_first_acceptance_is_withdrawn() -> None:
    record = NOTIFIED.with_(accepted(1, PROVIDER, on="2019-02-21"))
    record = record.when(withdraw(1, PROVIDER), by=PROVIDER, today="2019-02-22").recorded()
    record.when(correct("N1", on="2019-02-21"), by=MANAGER, today="2019-02-22").recorded()
    record.when(accept(1, PROVIDER, on="2019-02-22"), by=PROVIDER, today="2019-02-22").then(
        accepted(1, PROVIDER, on="2019-02-22")
    )


def test_an_acceptance_is_not_moved() -> None:
    BOTH_ACCEPTED.when(withdraw(1, PAYER, on="2019-03-03"), by=MANAGER, today="2019-03-05").then_refused(
        "an acceptance can only be withdrawn"
    )


@pytest.mark.parametrize(("moved", "as_of"), [("2019-04-23", "2019-04-24"), ("2019-04-28", "2019-04-26")])
def test_a_payment_moved_to_another_day_takes_its_instruction_along(moved: str, as_of: str) -> None:
    """At every moment the 184 000 are either instructed or paid: neither twice nor never."""
    record = INSTRUCTED.with_(paid(2, "outcome", "184 000", "2019-04-25", "F-7", carries_out=(1, "184 000", "2019-04-25")))
    provider = record.when(correct("P2", on=moved), by=PAYER, today=TODAY).recorded().state(as_of).provider
    assert (provider.due, provider.overpaid) == (0, 0)


# ── Entitlement, break-even and cap (rules 10 and 11) ────────────────────────────────────────────────────────────────

TARGETS = ("contract", "authority", "provider", "cap")
AT = {
    ("botkyrka", "contract"): "22 900 000.00",
    ("botkyrka", "authority"): "22 916 666.67",
    ("botkyrka", "provider"): "22 826 086.93",
    ("botkyrka", "cap"): "34 239 130.41",
    ("ornskoldsvik", "contract"): "17 400 000.00",
    ("ornskoldsvik", "authority"): "17 549 685.54",
    ("ornskoldsvik", "provider"): "17 106 172.82",
    ("ornskoldsvik", "cap"): "25 659 259.25",
}
TERMS = {"botkyrka": BOTKYRKA, "ornskoldsvik": ORNSKOLDSVIK}


def saved(terms: ContractTerms, amount: int) -> Given:
    """The first determination, with that sum in öre in its first month."""
    period = Period(terms.first_month, terms.first_month.quarter.months.last)
    saving = {month: amount if month == period.first else 0 for month in period}
    return given(signed(terms), adopted()).when(determine(saving), by=MANAGER, today="2019-02-15").recorded()


def reaching(record: Given, target: str, as_of: str) -> Any:
    state = record.state(as_of)
    return state.cap if target == "cap" else getattr(state, f"break_even_{target}")


@pytest.mark.parametrize("off", [-1, 0, 1])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", TERMS)
def test_an_ore_decides(name: str, target: str, off: int) -> None:
    terms = TERMS[name]
    amount = ore(AT[name, target]) + off
    found = reaching(saved(terms, amount), target, "2018-12-31")
    assert found.target.at_savings == ore(AT[name, target])
    assert found.reached == (off >= 0)
    assert (found.remaining == 0) == found.reached
    assert found.reached_on == (terms.first_month.last_day if off >= 0 else None)
    assert found.lost_on is None
    assert found.known_since == (noon("2019-02-15") if off >= 0 else None)


@pytest.mark.parametrize("terms", TERMS.values(), ids=TERMS)
@pytest.mark.parametrize("amount", [-1, 0, 1])
def test_nothing_is_reached_around_zero(terms: ContractTerms, amount: int) -> None:
    for target in TARGETS:
        found = reaching(saved(terms, amount), target, "2018-12-31")
        assert not found.reached
        assert found.remaining > 0


@pytest.mark.parametrize("terms", TERMS.values(), ids=TERMS)
def test_before_the_first_month_nothing_is_reached(terms: ContractTerms) -> None:
    for target in TARGETS:
        found = reaching(given(signed(terms)), target, terms.starts_on.isoformat())
        assert (found.reached, found.reached_on, found.lost_on, found.known_since) == (False, None, None, None)
        assert found.remaining == found.target.amount


@UNHURRIED
@generated(amount=st.integers(-(10**10), 10**10), name=st.sampled_from(sorted(TERMS)))
def test_entitlement_depends_on_the_sum_alone(amount: int, name: str) -> None:
    """It is a whole number of öre between nothing and the maximum, never falls as the sum grows, and leaves the rest."""
    terms = TERMS[name]
    found = waterfall.entitlement(terms, amount)
    assert found == entitlements(lambda _: terms, {terms.first_month: amount})[terms.first_month]
    assert 0 <= found <= terms.outcome.maximum_payment
    assert found <= waterfall.entitlement(terms, amount + 1) <= found + 1
    assert (found == 0) if amount <= 0 else True
    attained = {
        "contract": amount >= terms.investment.total,
        "authority": amount - found >= terms.loan_limit,
        "provider": found >= terms.at_risk,
        "cap": found >= terms.outcome.maximum_payment,
    }
    assert attained == {target: amount >= ore(AT[name, target]) for target in TARGETS}


@UNHURRIED
@generated(parts=st.lists(st.integers(-(10**9), 2 * 10**9), min_size=1, max_size=6), name=st.sampled_from(sorted(TERMS)))
def test_entitlement_does_not_depend_on_the_path(parts: list[int], name: str) -> None:
    terms = TERMS[name]
    steps = waterfall.path({terms.first_month + place: part for place, part in enumerate(parts)}, lambda _: terms)
    assert steps[-1].entitlement == waterfall.entitlement(terms, sum(parts))
    assert sum(waterfall.increments(steps).values()) == steps[-1].entitlement


CEILED = changed(BOTKYRKA, outcome__ceiling="1.4")


@pytest.mark.parametrize("off", [-1, 0, 1, 10**9])
def test_where_the_ceiling_binds_the_cap_is_never_reached(off: int) -> None:
    """1.4 × 22.9 million × 18.4 % = 5 899 040; the authority has all beyond."""
    assert (waterfall.targets(CEILED).binding, waterfall.targets(CEILED).cap.at_savings) == ("ceiling", None)
    record = saved(CEILED, CEILED.ceiling_savings + off)
    found = reaching(record, "cap", "2018-12-31")
    assert (found.reached, found.reached_on) == (False, None)
    assert found.remaining == ore("6 300 000") - record.folded.entitled
    assert record.folded.entitled == ore("5 899 040")


@pytest.mark.parametrize("as_of", ["2019-01-15"])
def test_reached_exactly_when_nothing_remains_also_within_the_month_of_an_amendment(as_of: str) -> None:
    """Entitled to 5.152 million, and the maximum is 5 million from January."""
    record = saved(BOTKYRKA, ore("28 000 000")).with_(amended(LOWER, from_="2019-01", recorded="2019-03-01"))
    found = reaching(record, "cap", as_of)
    assert found.reached == (found.remaining == 0)


def test_reached_lost_and_reached_again() -> None:
    """22.9 million in November, 22.8 in January, 23 in March: the contract's break-even."""
    record = SIGNED
    for today, savings in (
        ("2019-02-15", months("2018Q4", "20 000 000", "3 000 000")),
        ("2019-05-15", months("2019Q1", "−200 000", "0", "200 000")),
    ):
        record = record.when(determine(savings), by=MANAGER, today=today).recorded()

    def told(as_of: str) -> tuple[Any, ...]:
        found = reaching(record, "contract", as_of)
        assert found.reached == (found.remaining == 0)
        return found.reached, found.reached_on, found.lost_on, found.known_since

    first, second = noon("2019-02-15"), noon("2019-05-15")
    november, january, march = date(2018, 11, 30), date(2019, 1, 31), date(2019, 3, 31)
    assert told("2018-11-29") == (False, None, None, None)
    assert told("2018-11-30") == (True, november, None, first)
    assert told("2019-01-30") == (True, november, None, first)
    assert told("2019-01-31") == (False, november, january, None)
    assert told("2019-03-30") == (False, november, january, None)
    assert told("2019-03-31") == (True, march, None, first)
    assert told("2019-12-31") == (True, march, None, first)
    assert second > first


def test_known_since_is_when_the_ledger_could_first_say_so() -> None:
    record = SIGNED
    for today, savings in (
        ("2019-02-15", months("2018Q4", "20 000 000")),
        ("2019-05-15", months("2019Q1", "0", "5 000 000")),
        ("2019-08-15", months("2019Q2", "1 000 000")),
    ):
        record = record.when(determine(savings), by=MANAGER, today=today).recorded()
    found = reaching(record, "contract", "2019-06-30")
    assert (found.reached_on, found.known_since) == (date(2019, 2, 28), noon("2019-05-15"))


def test_a_fall_after_a_redo_and_a_rise_after_another() -> None:
    """25 million through March, 20 after the first redo, 24 after the second; each answer as known then stays."""
    record = SIGNED
    for today, savings, redo in (
        ("2019-02-15", months("2018Q4", "24 000 000"), None),
        ("2019-05-15", months("2019Q1", "0", "1 000 000"), None),
        ("2019-06-15", months("2018Q4", "19 000 000"), "withdrawn reports"),
        ("2019-07-15", months("2018Q4", "0", "0", "23 000 000"), "reports after all"),
    ):
        record = record.when(determine(savings, redo), by=MANAGER, today=today).recorded()

    def told(position: int, as_of: str = "2019-03-31") -> tuple[Any, ...]:
        from projections.state import state

        found = state(at(record, position), "botkyrka", day(as_of)).break_even_contract
        assert found.reached == (found.remaining == 0)
        return found.reached, found.reached_on, found.lost_on, found.known_since

    assert told(4) == (True, date(2018, 10, 31), None, noon("2019-02-15"))
    assert told(5) == (True, date(2018, 10, 31), None, noon("2019-02-15"))
    assert told(6) == (False, None, None, None)
    assert told(7) == (True, date(2018, 12, 31), None, noon("2019-07-15"))
    assert told(7, "2018-11-30") == (False, None, None, None)


def test_the_provider_can_lose_what_it_had_reached() -> None:
    record = saved(BOTKYRKA, ore("23 000 000"))
    record = record.when(determine(months("2019Q1", "−500 000")), by=MANAGER, today="2019-05-15").recorded()
    found = reaching(record, "provider", "2019-03-31")
    assert (found.reached, found.reached_on, found.lost_on) == (False, date(2018, 10, 31), date(2019, 1, 31))
    assert found.remaining == ore("4 200 000") - ore("4 140 000")
