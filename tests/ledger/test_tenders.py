"""Tenders: files good and bad, the terms that follow from a bid, who may do what when, and what is signed upon an award."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ledger.commands import Context, OfContract, SignContract
from ledger.errors import InputRefused, Refused
from ledger.events import Actor, Document
from ledger.record import Recorded
from ledger.tender_terms import TenderTerms, awarded, read_tender, share_by_rule, share_findings
from ledger.tendering import decide
from ledger.tenders import AwardTender, OfTender, OpenTender, ReceiveBid, TenderCommand, TenderState, WithdrawBid, fold
from ledger.terms import ContractTerms, read_terms
from tests.cli.tender_world import SIGNED, TENDER
from tests.memory import Memory

FIXTURES = Path(__file__).parents[2] / "fixtures"
NEXT = read_tender(TENDER.encode(), "tender.toml")
OPEN_VALUE = read_tender(TENDER.replace('value = "400000.00", ', "").encode(), "tender.toml")
HALF = Fraction(1, 2)
MANAGER, PAYER = Actor(name="M", role="performance_manager"), Actor(name="P", role="payer")


def fixture(name: str) -> tuple[TenderTerms, ContractTerms]:
    files = [FIXTURES / folder / f"{name}.toml" for folder in ("tenders", "contracts")]
    return read_tender(files[0].read_bytes(), "t"), read_terms(files[1].read_bytes(), "c")


# ── The terms that follow ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "share"), [("botkyrka", "0.5"), ("ornskoldsvik", "0.75")])
def test_what_was_awarded_is_what_was_signed(name: str, share: str) -> None:
    """The same bytes, so the same SHA-256: both contracts follow from their tenders and the bids that were published."""
    tender, terms = fixture(name)
    assert awarded(tender, terms.parties["external_provider"], Fraction(share), None) == terms
    assert awarded(tender, terms.parties["external_provider"], Fraction(share), None).sha256 == terms.sha256


def test_the_published_share_is_not_what_the_rule_gives() -> None:
    """4.2 ÷ 22.9 is 18.34 %, published 18.4 %; 5.773 ÷ 17.4 is 33.18 %, published 33.75 %."""
    botkyrka, ornskoldsvik = fixture("botkyrka")[0], fixture("ornskoldsvik")[0]
    assert share_by_rule(botkyrka, HALF, 840000000) == Fraction("0.183")
    assert share_by_rule(ornskoldsvik, Fraction(3, 4), 769777778) == Fraction("0.3318")
    [one], [other] = share_findings(botkyrka, HALF, None), share_findings(ornskoldsvik, Fraction(3, 4), None)
    assert (one.size, other.size) == (2290000, 9918000)
    assert "fixed at 18.4 % of savings" in one.what
    assert "18.3406 %, by the tender's rule 18.3 %" in one.what
    assert share_findings(botkyrka, Fraction(1, 4), None) == []


def test_a_bid_decides_the_rest() -> None:
    terms = awarded(NEXT, "Friskare AB", HALF, None)
    assert terms == read_terms(SIGNED.encode(), "t")
    other = awarded(OPEN_VALUE, "Annan AB", Fraction("0.75"), 50000000)
    assert (other.at_risk, other.upfront_agreed, other.outcome.maximum_payment) == (37500000, 12500000, 56250000)
    assert other.outcome.provider_share == Fraction("0.375")
    assert other.investment.external_service_value == 50000000


def test_instalments_sum_to_the_upfront_payment() -> None:
    thirds = TENDER.replace('upfront = [{ on = 2019-01-02, part = "1" }]', "").replace(
        "governance = { records",
        'upfront = [{ on = 2019-01-02, part = "0.333" }, { on = 2019-02-02, part = "0.333" }, '
        '{ on = 2019-03-02, part = "0.334" }]\n'
        "governance = { records",
        1,
    )
    terms = awarded(read_tender(thirds.encode(), "t"), "F", Fraction("0.2501"), None)
    assert sum(one.amount for one in terms.upfront.instalments) == terms.upfront_agreed
    assert [one.amount for one in terms.upfront.instalments][:2] == [9988668, 9988668]


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('form = "tender"', 'form = "tiered"', "form is 'tiered'; it must be 'tender'"),
        ("closes_on = 2019-03-15", "closes_on = 2019-01-15", "closes_on lies before opens_on"),
        ('least = "0.25"', 'least = "0.8"', "the least first"),
        ('value = "400000.00", in_terms = "stated"', 'in_terms = "derived"', "service.value is missing"),
        ('part = "1"', 'part = "0.9"', "the parts must sum to 1"),
        ('awards = ["payer"]', 'awards = ["mayor"]', "governance.awards names mayor, which is not in [draft.parties]"),
        ('awards = ["payer"]', "awards = []", "governance.awards must name at least one role"),
        ("unpublished = []", 'unpublished = ["opened_on"]', "unpublished names opened_on, which the tender does not have"),
        ("[draft.parties]", '[draft.parties]\nexternal_provider = "X"', "whom the award decides"),
        ("measured_from = 2019-01-01", "measured_from = 2019-01-02", "draft: measured_from must be the first of a month"),
        ('total = "1000000.00"', 'total = "300000.00"', "the service costs more than investment.total"),
        ("decimals = 3", "decimals = 1", "provider_share.decimals"),
        ("bonus_rate", "bonus", "draft.outcome.bonus_rate is missing"),
        ('bonus_rate = "0.5"', 'bonus_rate = "-1"', "draft.outcome.bonus_rate cannot be negative"),
    ],
)
def test_a_tender_that_does_not_read_is_refused_whole(was: str, now: str, said: str) -> None:
    assert was in TENDER
    with pytest.raises(InputRefused) as refused:
        read_tender(TENDER.replace(was, now).encode(), "tender.toml")
    assert said in str(refused.value)
    assert "tender.toml" in str(refused.value)


# ── Who may do what, when ────────────────────────────────────────────────────────────────────────────────────────────


def told(*commands: tuple[TenderCommand, Actor], today: str = "2019-04-01", terms: TenderTerms = NEXT) -> TenderState:
    """The state after these commands, the tender opened first."""
    records: list[Recorded[Any]] = []
    for command, by in [(OpenTender(terms), MANAGER), *commands]:
        context = Context(by, date.fromisoformat(today))
        for one in decide(command, fold(records), context):
            said = (len(records) + 1, f"tender/{terms.id}", len(records) + 1, one.event.TYPE)
            records.append(
                Recorded(
                    **dict(zip(("position", "stream", "version", "type"), said, strict=True)),
                    recorded_at=datetime(2019, 4, 1, tzinfo=UTC),
                    effective_on=one.effective_on,
                    recorded_by=by,
                    submission="",
                    data=one.event,
                )
            )
    return fold(records)


def bid(
    bidder: str = "Friskare AB",
    share: str = "0.5",
    on: str = "2019-02-10",
    value: int | None = None,
    document: str | None = "diary 2019/17",
) -> tuple[ReceiveBid, Actor]:
    return ReceiveBid(bidder, Fraction(share), value, date.fromisoformat(on), document), MANAGER


def award(number: int = 1, on: str = "2019-03-18", by: Actor = PAYER) -> tuple[AwardTender, Actor]:
    return AwardTender(number, "the most at risk", date.fromisoformat(on)), by


def withdraw(number: int = 1, on: str = "2019-02-12") -> tuple[WithdrawBid, Actor]:
    return WithdrawBid(number, date.fromisoformat(on), "a fault in the figures"), MANAGER


def test_from_bids_to_the_award() -> None:
    state = told(bid(), bid("Piggare AB", "0.75"), withdraw(1), bid(), award(3))
    assert [(one.number, one.bidder, one.stands) for one in state.bids] == [
        (1, "Friskare AB", False),
        (2, "Piggare AB", True),
        (3, "Friskare AB", True),
    ]
    assert state.award is not None
    assert state.awarded_terms is not None
    assert state.award.event.terms_sha256 == state.awarded_terms.sha256 == read_terms(SIGNED.encode(), "t").sha256


OUTSIDE = [
    ([bid(share="0.8")], r"a provider may bid 25 % to 75 % at risk; 80 % is above it \(invitation §4\)"),
    ([bid(share="0.2499")], r"25 % to 75 % at risk; 24.99 % is below it \(at_risk.least\)"),
    ([bid(on="2019-01-31")], r"2019-01-31 is outside the time for bids, 2019-02-01 to 2019-03-15 \(opens_on\)"),
    ([bid(on="2019-03-16")], r"outside the time for bids.* \(closes_on\)"),
    ([bid(on="2019-04-02")], "2019-04-02 is in the future"),
    ([bid(value=1)], "the tender gives the service's value"),
    ([bid(), bid("FRISKARE ab")], "has a bid that stands, bid 1"),
    ([bid("x" * 301)], "at most 300 characters"),
    ([(bid()[0], Actor(name="N", role="technical_advisor"))], "technical_advisor may not do this; governance.records names"),
    ([bid(), award(by=MANAGER)], "performance_manager may not do this; governance.awards names payer"),
    ([bid(), award(on="2019-03-15")], "bids are received until 2019-03-15"),
    ([bid(), award(2)], "has no bid 2; it has 1"),
    ([bid(), withdraw(), award()], "bid 1 was withdrawn on 2019-02-12"),
    ([bid(), withdraw(), withdraw()], "bid 1 was withdrawn on 2019-02-12"),
    ([bid(), withdraw(on="2019-02-09")], "before bid 1 was received on 2019-02-10"),
    ([bid(), bid("B"), withdraw(2, "2019-03-20"), award()], "bid 2 still stood on 2019-03-18"),
    ([bid(), award(), award()], "was awarded on 2019-03-18 to bid 1; that stands"),
    ([bid(), award(), bid("B")], "was awarded on 2019-03-18"),
    ([bid(), award(), withdraw()], "was awarded on 2019-03-18"),
    ([(OpenTender(NEXT), MANAGER)], "next is open already"),
]


@pytest.mark.parametrize(("commands", "said"), OUTSIDE, ids=[said[:40] for _, said in OUTSIDE])
def test_what_a_rule_stands_against_is_refused(commands: Sequence[tuple[TenderCommand, Actor]], said: str) -> None:
    told(*commands[:-1])
    with pytest.raises(Refused, match=said):
        told(*commands)


def test_the_limits_themselves_may_be_bid() -> None:
    assert [one.at_risk_share for one in told(bid(share="0.25"), bid("B", "0.75")).bids] == [Fraction(1, 4), Fraction(3, 4)]


def test_a_bid_states_its_value_where_the_tender_gives_none() -> None:
    assert told(bid(value=40000000), terms=OPEN_VALUE).bids[0].value == 40000000
    with pytest.raises(Refused, match="the tender gives no value of the service"):
        told(bid(), terms=OPEN_VALUE)
    with pytest.raises(Refused, match=r"from this bid \(draft\)\n +investment.external_service_value: the service costs"):
        told(bid(value=100000001), terms=OPEN_VALUE)


def test_a_tender_that_is_not_open_takes_nothing() -> None:
    with pytest.raises(Refused, match="the tender is not open"):
        decide(bid()[0], TenderState(), Context(MANAGER, date(2019, 4, 1)))


# ── Signing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Ledger:
    """A ledger in memory in which a tender is awarded, and contracts are signed."""

    def __init__(self) -> None:
        self.memory = Memory(by=MANAGER, at=datetime(2018, 12, 1, tzinfo=UTC), seed="tender")

    def tender(self, *commands: tuple[TenderCommand, Actor], of: str = "next", on: str = "2019-04-01") -> Ledger:
        for command, by in commands:
            self.submit(OfTender(command.terms.id if isinstance(command, OpenTender) else of, command), by, on)
        return self

    def sign(self, terms: ContractTerms, on: str = "2019-04-01") -> None:
        self.submit(OfContract(terms.id, SignContract(terms, terms.starts_on)), MANAGER, on)

    def submit(self, command: Any, by: Actor, on: str = "2019-04-01") -> None:
        number, day = len(self.memory.records), date.fromisoformat(on)
        at = datetime(day.year, day.month, day.day, 0, number, tzinfo=UTC)
        named = command.command.document if isinstance(command.command, ReceiveBid) else None
        evidence = () if named is None else (Document(document=named, obtained_on=day, obtained_how="named by who recorded it"),)
        self.memory.submit(lambda facts: command, {"n": number}, by=by, at=at, evidence=evidence)


OPENED = (OpenTender(NEXT), MANAGER)
TERMS = read_terms(SIGNED.encode(), "t")


def test_awarded_terms_are_signed() -> None:
    ledger = Ledger().tender(OPENED, bid(), award())
    ledger.sign(TERMS)
    assert ledger.memory.facts().contracts == ("tiny-two",)


def test_other_terms_than_awarded_are_refused_with_each_difference() -> None:
    dearer = SIGNED.replace('at_risk_share = "0.50"', 'at_risk_share = "0.6"').replace(
        "objection_days = 30", "objection_days = 10"
    )
    ledger = Ledger().tender(OPENED, bid(), award())
    with pytest.raises(Refused) as refused:
        ledger.sign(read_terms(dearer.encode(), "t"))
    assert str(refused.value).splitlines() == [
        "these are not the terms awarded in tender next, record 4:",
        "    investment.at_risk_share: awarded 0.5, here 0.6",
        "    settlement.objection_days: awarded 30, here 10",
        "  → Sign what was awarded: soc contract sign --award next",
    ]
    assert ledger.memory.facts().contracts == ()


def test_a_tender_that_is_not_awarded_stands_against_signing() -> None:
    with pytest.raises(Refused, match="the tender next of tiny-two is not awarded"):
        Ledger().tender(OPENED, bid()).sign(TERMS)


def test_a_tender_that_came_to_nothing_does_not() -> None:
    ledger = Ledger().tender(OPENED, bid(), withdraw())
    ledger.sign(TERMS)
    assert ledger.memory.facts().contracts == ("tiny-two",)


def test_another_contract_is_signed_as_ever() -> None:
    Ledger().tender(OPENED, bid()).sign(read_terms(SIGNED.replace("tiny-two", "tiny-three").encode(), "t"))


def test_a_contract_is_tendered_once_unless_nothing_came_of_it() -> None:
    other = read_tender(TENDER.replace('id = "next"', 'id = "again"').encode(), "t")
    with pytest.raises(Refused, match="tiny-two is tendered in next already"):
        Ledger().tender(OPENED, bid(), (OpenTender(other), MANAGER))
    Ledger().tender(OPENED, bid(), withdraw(), (OpenTender(other), MANAGER))


def test_a_contract_that_is_signed_is_not_tendered() -> None:
    ledger = Ledger()
    ledger.sign(TERMS)
    with pytest.raises(Refused, match="tiny-two is signed already"):
        ledger.tender(OPENED)


# ── One tender of a contract at a time ───────────────────────────────────────────────────────────────────────────────

SECOND = read_tender(
    TENDER.replace('id = "next"', 'id = "second"')
    .replace("opens_on = 2019-02-01", "opens_on = 2019-04-02")
    .replace("closes_on = 2019-03-15", "closes_on = 2019-04-30")
    .encode(),
    "t",
)
SECOND_OPENED, SECOND_BID = (OpenTender(SECOND), MANAGER), bid("Piggare AB", on="2019-04-10", document=None)
SECOND_AWARD = award(on="2019-05-02")


def lapsed_and_tendered_anew() -> Ledger:
    """``next`` opened in time and closed without a bid; then ``second`` of the same contract, with a bid."""
    ledger = Ledger().tender(OPENED, on="2019-02-01").tender(SECOND_OPENED, on="2019-04-02")
    return ledger.tender(SECOND_BID, of="second", on="2019-04-10")


def told_after_the_fact() -> Ledger:
    """The same, ``next`` told when it had closed."""
    return Ledger().tender(OPENED).tender(SECOND_OPENED, on="2019-04-02").tender(SECOND_BID, of="second", on="2019-04-10")


@pytest.mark.parametrize("start", [lapsed_and_tendered_anew, told_after_the_fact])
def test_no_bid_brings_a_tender_back_beside_another(start: Callable[[], Ledger]) -> None:
    ledger = start()
    with pytest.raises(Refused, match="tiny-two is tendered in second already"):
        ledger.tender(bid(), on="2019-04-11")
    ledger.tender(SECOND_AWARD, of="second", on="2019-05-02")
    with pytest.raises(Refused, match="tiny-two is awarded in second already"):
        ledger.tender(bid(), on="2019-05-03")
    ledger.sign(TERMS.model_copy(update={"parties": {**TERMS.parties, "external_provider": "Piggare AB"}}), on="2019-05-04")
    assert ledger.memory.facts().contracts == ("tiny-two",)


def test_a_tender_that_lapsed_takes_no_bid_however_it_is_dated() -> None:
    ledger = Ledger().tender(OPENED, on="2019-02-01")
    with pytest.raises(Refused, match=r"next lapsed: it closed on 2019-03-15 without a bid that stands \(closes_on\)"):
        ledger.tender(bid(), on="2019-03-16")
    ledger.tender(bid(document=None), on="2019-03-15")
    ledger.tender(bid("Piggare AB"), on="2019-03-16")
    assert len(fold(ledger.memory.stream("tender/next")).bids) == 2


def test_what_is_tendered_elsewhere_is_not_awarded() -> None:
    """Two tenders with bids, as a ledger may hold them from before this was a rule."""
    mine, other = told(bid()), told(bid(), terms=NEXT.model_copy(update={"id": "second"}))
    context = Context(PAYER, date(2019, 4, 1))
    command = award()[0]
    assert decide(command, mine, context, (), {"next": mine})
    with pytest.raises(Refused, match=r"tiny-two is tendered in second already \(draft.id\)"):
        decide(command, mine, context, (), {"next": mine, "second": other})


@pytest.mark.parametrize("command", [bid("Piggare AB"), award()])
def test_a_contract_that_is_signed_takes_no_bid_and_no_award(command: tuple[TenderCommand, Actor]) -> None:
    state = told(bid())
    context = Context(command[1], date(2019, 4, 1))
    assert decide(command[0], state, context, ("another",))
    with pytest.raises(Refused, match="tiny-two is signed already"):
        decide(command[0], state, context, ("tiny-two",))


# ── Told after closing ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bid_recorded_after_closing_needs_a_document() -> None:
    ledger = Ledger().tender(OPENED, bid(document="diary 2019/4"), on="2019-03-15")
    with pytest.raises(Refused) as refused:
        ledger.tender(bid("Piggare AB", document=None), on="2019-03-16")
    assert str(refused.value).splitlines() == [
        "recorded 1 day after closing, a bid needs a document that shows that it was received on 2019-02-10 (closes_on)",
        "  → Name it with: --reference TEXT",
    ]
    state = fold(ledger.tender(bid("Piggare AB"), on="2019-03-17").memory.stream("tender/next"))
    assert [(one.days_late(NEXT), one.document) for one in state.bids] == [(0, "diary 2019/4"), (2, "diary 2019/17")]
