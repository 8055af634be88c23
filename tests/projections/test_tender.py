"""Bids compared, against a plain formula; and what was recorded, decided anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import tendering
from ledger.errors import Refused, Usage
from ledger.facts import Facts
from ledger.money import kronor
from ledger.tender_terms import TenderTerms, read_tender
from ledger.tenders import Bid, TenderState
from ledger.vocabulary import decimal_text
from projections import check_tender
from projections.tender import Comparison, Offer, compared, of, offer
from projections.verification import tender as verifying_tender
from tests.cli.tender_world import TENDER
from tests.ledger.test_tenders import (
    NEXT,
    OPENED,
    SECOND_AWARD,
    TERMS,
    Ledger,
    award,
    bid,
    lapsed_and_tendered_anew,
    told,
    withdraw,
)
from tests.oracle_tender import OracleBid

FIXTURES = Path(__file__).parents[2] / "fixtures" / "tenders"


def tender(name: str) -> TenderTerms:
    return read_tender((FIXTURES / f"{name}.toml").read_bytes(), name)


def offered(terms: TenderTerms, share: str, step: int = 10, value: int | None = None) -> Offer:
    return offer(terms, Bid(1, 0, "A bidder", Fraction(share), value, date(2018, 6, 1)), step)


def test_botkyrka_at_each_share() -> None:
    """Case study §4.3: at 50 %, 4.2 m upfront, 4.2 m at risk, at most 6.3 m; the rest by the same formula."""
    terms = tender("botkyrka")
    rows = {share: offered(terms, share, 50) for share in ("0.25", "0.5", "0.75")}
    assert {share: [kronor(point.paid) for point in one.points] for share, one in rows.items()} == {
        "0.25": ["6300000.00", "7353400.00", "8406800.00", "9450000.00", "9450000.00"],
        "0.5": ["4200000.00", "6306800.00", "8413600.00", "10500000.00", "10500000.00"],
        "0.75": ["2100000.00", "5248750.00", "8397500.00", "11546250.00", "11546250.00"],
    }
    half = rows["0.5"]
    assert [kronor(point.authority) for point in half.points] == [
        "-18700000.00",
        "-9356800.00",
        "-13600.00",
        "9350000.00",
        "20800000.00",
    ]
    assert half.targets.provider.at_savings == 2282608693
    assert half.targets.authority.at_savings == 2291666667
    assert half.targets.cap.at_savings == 3423913041
    assert half.provider_most == 1050000000
    assert rows["0.75"].targets.cap.at_savings is None


SHARES = st.integers(2500, 7500).map(lambda number: Fraction(number, 10000))


@settings(max_examples=60, deadline=None)
@given(SHARES, st.integers(100, 160_000_000), st.sampled_from(["0", "0.25", "0.5", "1"]), st.sampled_from(["1", "1.5", "2"]))
def test_every_bid_is_as_a_plain_formula_has_it(share: Fraction, value: int, bonus: str, ceiling: str) -> None:
    text = TENDER.replace('value = "400000.00", ', "").replace('total = "1000000.00"', 'total = "1600000.00"')
    text = text.replace("decimals = 3", "decimals = 12")
    text = text.replace('bonus_rate = "0.5"', f'bonus_rate = "{bonus}"').replace('ceiling = "1.5"', f'ceiling = "{ceiling}"')
    terms = read_tender(text.encode(), "t")
    try:
        one = offered(terms, decimal_text(share), 20, value)
    except Refused:
        assert share * value < 1600
        return
    expected = OracleBid(
        share,
        Fraction(value, 100),
        Fraction(1600000),
        one.terms.outcome.provider_share,
        Fraction(bonus),
        Fraction(ceiling),
    )
    assert abs(expected.share - share * value / 160000000) <= Fraction(1, 2 * 10**12)
    for point in one.points:
        savings = Fraction(1600000 * point.percent, 100)
        assert Decimal(kronor(point.paid)) == expected.paid(savings)
        assert Decimal(kronor(point.outcome)) == expected.outcome(savings)
        assert Decimal(kronor(point.authority)) == expected.authority(savings)
        assert point.paid <= one.provider_most
    paid = [point.paid for point in one.points]
    assert paid == sorted(paid)


@pytest.mark.parametrize(("name", "share"), [("botkyrka", "0.25"), ("botkyrka", "0.5"), ("ornskoldsvik", "0.75")])
def test_the_provider_breaks_even_where_the_oracle_does(name: str, share: str) -> None:
    terms = tender(name)
    one = offered(terms, share)
    total, value = Fraction(terms.draft.investment.total, 100), one.terms.service_value / 100
    expected = OracleBid(Fraction(share), value, total, one.terms.outcome.provider_share, Fraction("0.5"), Fraction("1.5"))
    at = one.targets.provider.at_savings
    assert at is not None
    assert Decimal(kronor(at)) == expected.provider_breaks_even_at()


def test_which_bid_is_paid_less_turns_on_the_way() -> None:
    terms = tender("botkyrka")
    offers = tuple(
        offer(terms, Bid(number, 0, "x", Fraction(share), None, date(2018, 6, 1)), 10)
        for number, share in enumerate(("0.5", "0.25"), 1)
    )
    assert Comparison(terms, offers).notes == (
        "Up to 90 % of the investment bid 1 is paid less than bid 2; from 100 % (22\u2009900\u2009000.00) on, more.",
    )


def test_bids_that_stand_are_compared() -> None:
    state = told(bid(), bid("B", "0.25"), bid("C", "0.75"), withdraw(2), award(3))
    one = compared(state, 100)
    assert [found.bid.number for found in one.offers] == [1, 3]
    assert ([found.number for found in one.withdrawn], one.awarded) == ([2], 3)
    with pytest.raises(Usage, match="next has no bid that stands"):
        compared(told(bid(), withdraw()), 10)


def test_a_tender_that_is_not_on_record() -> None:
    facts = Ledger().tender(OPENED).memory.facts()
    with pytest.raises(Usage, match="no tender other is on record; tenders on record: next"):
        of(facts, "other")
    assert of(facts, "next").opened == NEXT


# ── Decided anew ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_recorded_by_the_rules_is_given_by_them() -> None:
    ledger = Ledger().tender(OPENED, bid(), bid("B", "0.75"), withdraw(2), award())
    assert list(check_tender.differences(ledger.memory.facts(), "next")) == []


RECORDED = (OPENED, bid(), bid("B", "0.75"), withdraw(2), award())
CHANGED = [
    (6, {"terms_sha256": "0" * 64}, "the terms that follow from bid 1 have the SHA-256"),
    (6, {"bid": 2}, "the rules do not give it: bid 2 was withdrawn"),
    (6, {"on": date(2019, 3, 15)}, "the rules do not give it: bids are received until"),
    (4, {"at_risk_share": Fraction("0.8")}, "the rules do not give it: a provider may bid 25 % to 75 %"),
    (4, {"number": 3}, "recomputed otherwise in number"),
    (2, {"terms": NEXT.model_copy(update={"id": "other"})}, "it is the tender other, recorded as next"),
]


@pytest.mark.parametrize(("position", "change", "said"), CHANGED)
def test_what_was_changed_is_found(position: int, change: dict[str, object], said: str) -> None:
    memory = Ledger().tender(*RECORDED).memory
    stream = memory._streams["tender/next"]
    one = stream[position - 2]
    assert one.position == position
    stream[position - 2] = one.model_copy(update={"data": one.data.model_copy(update=change)})
    found = list(check_tender.differences(memory.facts(), "next"))
    assert found[0][0] == position
    assert said in found[0][1]


def test_a_contract_signed_against_the_award_is_found() -> None:
    ledger = Ledger().tender(*RECORDED)
    ledger.sign(TERMS)
    assert list(check_tender.differences(ledger.memory.facts(), "next")) == []
    signed = ledger.memory._streams["contract/tiny-two"]
    other = TERMS.model_copy(update={"months": 24})
    signed[0] = signed[0].model_copy(update={"data": signed[0].data.model_copy(update={"terms": other})})
    [(where, what)] = check_tender.differences(ledger.memory.facts(), "next")
    assert where == 7
    assert "months: awarded 12, here 24" in what


def both_awarded() -> Ledger:
    """Two tenders of one contract awarded, as no rule lets them be any more."""
    ledger = lapsed_and_tendered_anew().tender(SECOND_AWARD, of="second", on="2019-05-02")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tendering, "unfree", lambda *_: None)
        patch.setattr(TenderState, "lapsed", lambda *_: False)
        return ledger.tender(bid(), award(on="2019-05-02"), on="2019-05-03")


@pytest.mark.parametrize("of_both", [check_tender.differences, verifying_tender.wrong])
def test_two_tenders_of_one_contract_are_found(of_both: Callable[[Facts, str], Iterator[tuple[int, str]]]) -> None:
    facts = both_awarded().memory.facts()
    assert list(of_both(facts, "next")) == [
        (6, "the rules do not give it: tiny-two is awarded in second already"),
        (7, "the rules do not give it: tiny-two is awarded in second already"),
    ]
    assert list(of_both(facts, "second")) == []


def test_a_late_bid_that_no_document_shows_is_found() -> None:
    memory = Ledger().tender(*RECORDED).memory
    stream = memory._streams["tender/next"]
    stream[1] = stream[1].model_copy(update={"evidence": ()})
    [(position, what)] = check_tender.differences(memory.facts(), "next")
    assert position == 3
    assert "recorded 17 days after closing, a bid needs a document" in what
