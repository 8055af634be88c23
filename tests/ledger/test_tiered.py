"""The rules of a contract settled by tiers: given what is on record, when someone commands, then it is recorded or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ledger import events as e
from ledger import tiered
from ledger.errors import InputRefused, Refused
from ledger.tiered_terms import TieredTerms, read_tiered_terms
from tests.tiered_spec import (
    CONTRACTS,
    INVESTOR,
    MANAGER,
    NORRKOPING,
    PAYER,
    Story,
    changed,
    day,
    of_fund,
    ore,
    row,
    terms_of,
)

ACTIVITY = "activity-cost intervention calendar-2017 to 2017-12-31: 9 586 000"
BASELINE = "social-costs baseline year-1 to 2013-12-31, 61 persons: 42 712 400"
YEAR_1 = "social-costs intervention year-1 to 2018-12-31, 60 persons: 43 118 250"


def signed() -> Story:
    return Story().signed()


def begun() -> Story:
    """Activity and a first year of follow-up are reported."""
    return signed().reported(ACTIVITY, BASELINE, YEAR_1)


def assigned() -> Story:
    """The investor is paid, and then a fund has its place."""
    story = begun().determined("2019-03-31").agreed(1, "2019-04-30").paid("outcome", "3 834 400", "2019-06-03")
    return story.told(tiered.AmendTiered(of_fund(NORRKOPING), day("2020-01-01"), (PAYER, INVESTOR), "assigned to a fund"))


# ── Who, when, in what order ─────────────────────────────────────────────────────────────────────────────────────────

REFUSED: list[tuple[str, Callable[[], object], str]] = [
    ("signed twice", lambda: signed().signed(), "was signed on 2016-02-15"),
    ("signed in the future", lambda: Story().signed("2022-04-21"), "is in the future"),
    ("signed by the investor", lambda: Story().told(tiered.SignTiered(NORRKOPING, day("2016-02-15")), by=INVESTOR), "may not"),
    ("reported before it is signed", lambda: Story().reported(ACTIVITY), "is not signed"),
    ("reported by the investor", lambda: signed().told(tiered.ReportMetrics((row(ACTIVITY),)), by=INVESTOR), "may not do this"),
    ("no rows", lambda: signed().reported(), "there are no rows"),
    ("a metric that the terms do not know", lambda: signed().reported(ACTIVITY.replace("activity", "other")), "no metric other"),
    ("a value for money", lambda: signed().reported("activity-cost intervention x to 2017-12-31: 5%"), "so it says an amount"),
    ("money for a value", lambda: signed().reported("school-results intervention x to 2017-12-31: 5"), "so it says a value"),
    ("a cost per person of nobody", lambda: signed().reported(YEAR_1.replace(", 60 persons", "")), "how many persons"),
    ("a part that has not ended", lambda: signed().reported(ACTIVITY.replace("2017-12-31", "2022-04-21")), "is in the future"),
    ("a row twice", lambda: signed().reported(ACTIVITY, ACTIVITY), "stands twice"),
    ("determined by the payer", lambda: _determine(begun(), PAYER), "may not do this"),
    ("determined in the future", lambda: begun().determined("2022-04-21"), "cannot be told|is in the future"),
    ("determined backwards", lambda: begun().determined("2019-06-30").determined("2019-03-31"), "determinations follow"),
    ("determined twice", lambda: begun().determined("2019-03-31").determined("2019-03-31"), "is determined by D1"),
    ("a redo of nothing", lambda: begun().determined("2019-03-31", redo="why"), "nothing is determined as of"),
    (
        "a redo of another day",
        lambda: begun().determined("2019-03-31").determined("2019-06-30", redo="w"),
        "nothing is determined",
    ),
    ("agreed by one who need not", lambda: begun().determined("2019-03-31").agreed(1, "2019-04-30", MANAGER), "need not agree"),
    (
        "agreed twice",
        lambda: begun().determined("2019-03-31").agreed(1, "2019-04-30", PAYER, PAYER),
        "agreed to D1 on 2019-04-30",
    ),
    ("agreed to nothing", lambda: begun().agreed(1, "2019-04-30"), "has no determination 1"),
    ("agreed before its day", lambda: begun().determined("2019-03-31").agreed(1, "2019-03-30"), "is before what D1 is about"),
    (
        "agreed to what was followed",
        lambda: begun().determined("2019-03-31").determined("2019-06-30").agreed(1, "2019-07-01"),
        "followed by D2",
    ),
    ("paid nothing", lambda: signed().paid("investment", "0", "2017-01-01", INVESTOR, PAYER), "must be above zero"),
    ("paid by nobody known", lambda: signed().paid("investment", "1", "2017-01-01", "bank", PAYER), "bank is not a party"),
    ("paid to oneself", lambda: signed().paid("investment", "1", "2017-01-01", PAYER, PAYER), "nobody pays itself"),
    ("an outcome from the investor", lambda: signed().paid("outcome", "1", "2017-01-01", INVESTOR, PAYER), "paid from the payer"),
    ("recovered from the payer", lambda: signed().paid("recovery", "1", "2017-01-01", PAYER, INVESTOR), "paid to the payer"),
    ("paid before signature", lambda: signed().paid("outcome", "1", "2016-02-14"), "before the contract was signed"),
    ("corrected to itself", lambda: _corrected(ore("5"), None), "another amount above zero, or another date"),
    ("corrected to nothing", lambda: _corrected(0, None), "another amount above zero"),
    (
        "reversed twice",
        lambda: _corrected(None, None).told(tiered.CorrectTieredPayment(1, "again"), by=PAYER),
        "reversed already",
    ),
    (
        "corrected one that is not there",
        lambda: signed().told(tiered.CorrectTieredPayment(1, "x"), by=PAYER),
        "has no payment P1",
    ),
    ("amended without the investor", lambda: _amended(changed(NORRKOPING, payment_days=60), (PAYER,)), "missing from investor"),
    ("amended to another currency", lambda: _amended(changed(NORRKOPING, currency="EUR")), "keeps the id, the currency"),
    ("amended to another payer", lambda: _amended(_pays(INVESTOR)), "an amendment cannot make the investor pay .governance.pays"),
    ("agreed to under other terms", lambda: _outdated().agreed(1, "2019-05-30", INVESTOR), "were changed since D1"),
    ("agreed to though one need not agree any more", lambda: _outdated((PAYER,)).agreed(1, "2019-05-30", INVESTOR), "since D1"),
    ("issued of what is no bond", lambda: signed().paid("issue", "1", "2017-01-01", INVESTOR, PAYER), "no \\[bond\\]"),
    ("interest of what is no bond", lambda: signed().paid("interest", "1", "2017-01-01"), "interest is paid of a bond"),
    ("redeemed of what is no bond", lambda: signed().paid("redemption", "1", "2017-01-01"), "Say what was paid"),
    ("issued by the issuer", lambda: _of_bond("issue", "issuer", INVESTOR), "paid by the investor to the issuer"),
    ("redeemed by the holder", lambda: _of_bond("redemption", INVESTOR, "issuer"), "paid by the issuer to the investor"),
    ("interest to an arranger", lambda: _of_bond("interest", "issuer", "arranger"), "paid by the issuer to the investor"),
    ("amended under what is agreed", lambda: _amended(changed(NORRKOPING, payment_days=60), on="2019-03-31"), "is agreed"),
]


def _determine(story: Story, by: str) -> Story:
    from projections.tiered.proposals import determination

    return story.told(determination(story.facts(), "norrkoping", day("2019-03-31"), computed_by="a test").command, by=by)


def _corrected(amount: int | None, on: str | None) -> Story:
    story = signed().paid("outcome", "5", "2017-01-01")
    return story.told(tiered.CorrectTieredPayment(1, "typing", amount, None if on is None else day(on)), by=PAYER)


def _amended(terms: TieredTerms, agreed_by: tuple[str, ...] = (PAYER, INVESTOR), on: str = "2020-01-01") -> Story:
    story = begun().determined("2019-03-31").agreed(1, "2019-04-30")
    return story.told(tiered.AmendTiered(terms, day(on), agreed_by, "agreed anew"))


def _pays(role: str) -> TieredTerms:
    return changed(NORRKOPING, governance={**NORRKOPING.model_dump(mode="json")["governance"], "pays": role})


def _outdated(agrees: tuple[str, ...] = (PAYER, INVESTOR)) -> Story:
    """The payer agreed to D1; then the terms of its day are changed."""
    governance = {**NORRKOPING.model_dump(mode="json")["governance"], "agrees": list(agrees)}
    story = begun().determined("2019-03-31").agreed(1, "2019-04-30", PAYER)
    terms = changed(NORRKOPING, payment_days=5, governance=governance)
    return story.told(tiered.AmendTiered(terms, day("2019-03-31"), (PAYER, INVESTOR), "agreed anew"))


def _of_bond(kind: str, payer: str, payee: str) -> Story:
    terms = terms_of("health-impact-bond")
    story = Story(terms).told(tiered.SignTiered(terms, day("2020-06-16")), "issuer")
    return story.told(tiered.PayTiered(kind, payer, payee, 1, day("2021-01-04"), "BG"), "issuer")  # type: ignore[arg-type]


@pytest.mark.parametrize(("act", "said"), [(act, said) for _, act, said in REFUSED], ids=[name for name, _, _ in REFUSED])
def test_what_stands_against_a_rule_is_refused(act: Callable[[], object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        act()


def test_every_fault_of_a_report_is_listed() -> None:
    with pytest.raises(Refused) as refused:
        signed().reported(ACTIVITY.replace("activity", "other"), "school-results intervention x to 2017-12-31: 5")
    assert "no metric other-cost" in str(refused.value)
    assert "so it says a value" in str(refused.value)


# ── Agreement and claims ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_claimed_falls_payable_when_the_last_party_agrees() -> None:
    story = begun().determined("2019-03-31").agreed(1, "2019-04-30", PAYER)
    assert story.own[-1].data.claims == ()
    story.agreed(1, "2019-05-15", INVESTOR)
    assert story.own[-1].data.claims == (e.PartyClaim(party=INVESTOR, amount_ore=ore("3 834 400"), payable_on=day("2019-06-14")),)


def test_a_later_determination_claims_the_difference_alone() -> None:
    story = begun().determined("2019-03-31").agreed(1, "2019-04-30")
    story.reported(ACTIVITY.replace("2017", "2018").replace("9 586 000", "100 000"))
    story.determined("2019-06-30").agreed(2, "2019-07-31")
    assert [claim.amount_ore for claim in story.own[-1].data.claims] == [ore("40 000")]


def test_a_claim_falls_where_less_is_found() -> None:
    story = begun().determined("2019-03-31").agreed(1, "2019-04-30")
    story.reported(ACTIVITY.replace("9 586 000", "9 000 000")).determined("2019-03-31", redo="an invoice was counted twice")
    story.agreed(2, "2019-07-31")
    assert [claim.amount_ore for claim in story.own[-1].data.claims] == [ore("−234 400")]


def test_what_nobody_agreed_to_claims_nothing_and_the_next_claims_it_all() -> None:
    story = begun().determined("2019-03-31").determined("2019-06-30").agreed(2, "2019-07-31")
    assert [claim.amount_ore for claim in story.own[-1].data.claims] == [ore("3 834 400")]


def test_what_the_terms_were_changed_under_is_determined_anew_and_agreed_to_by_all() -> None:
    story = _outdated().determined("2019-03-31", redo="new terms").agreed(2, "2019-05-30")
    assert [claim.payable_on for claim in story.own[-1].data.claims] == [day("2019-06-04")]
    story = _outdated((PAYER,)).determined("2019-03-31", redo="new terms").agreed(2, "2019-05-30", PAYER)
    assert [claim.amount_ore for claim in story.own[-1].data.claims] == [ore("3 834 400")]


def test_another_payer_is_taken_while_nothing_is_claimed_or_paid() -> None:
    story = begun().told(tiered.AmendTiered(_pays("performance_manager"), day("2019-01-01"), (PAYER, INVESTOR), "agreed anew"))
    assert story.state.terms_on(day("2019-01-01")).governance.pays == "performance_manager"


def test_who_is_no_party_any_more_pays_back_all_the_same() -> None:
    story = assigned().paid("recovery", "3 834 400", "2020-12-01", INVESTOR, PAYER)
    assert story.state.payments[-1].payer == INVESTOR


def test_new_terms_hold_for_what_is_determined_from_their_day_on() -> None:
    story = _amended(changed(NORRKOPING, payment_days=60)).determined("2020-06-30")
    assert story.own[-1].data.terms_sha256 == story.state.versions[-1][1].sha256
    assert story.state.terms_on(day("2019-12-31")).payment_days == 30


def test_a_payment_corrected_stays_readable_and_counts_as_it_now_stands() -> None:
    [one] = _corrected(ore("6"), "2017-01-02").state.payments
    assert (one.amount, one.on, one.open, one.note) == (ore("6"), day("2017-01-02"), True, "corrected: typing")
    [reversed_] = _corrected(None, None).state.payments
    assert not reversed_.open


# ── Terms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TERMS = (CONTRACTS / "norrkoping.toml").read_text(encoding="utf-8")
BROKEN = [
    ("ends_on = 2021-02-28", "ends_on = 2016-08-01", "ends_on must lie after starts_on"),
    ('pays = "payer"', 'pays = "bank"', "governance names bank"),
    ('id = "savings"\n', 'id = "activity-cost"\n', "activity-cost is named twice"),
    ('metric = "social-costs"', 'metric = "costs"', "is of costs, which is no metric"),
    ('of = "savings"\nup_to', 'of = "saving"\nup_to', "nobody has the remainder of saving"),
    ('times = "1", of = "investment"', 'times = "1", of = "loan"', "refers to loan"),
    ('{ metric = "school-results"', '{ metric = "school"', "conditional on school, which is no metric"),
    ('{ metric = "school-results"', '{ metric = "social-costs"', "whose values are money"),
    (
        'up_to = { times = "1", of = "investment" }',
        'up_to = { times = "1", of = "savings" }',
        "cannot rest on savings, an outcome",
    ),
    ('shares = [{ party = "investor", share = "0.40" }]', "shares = []", "names each party once, and at least one"),
]


@pytest.mark.parametrize(("was", "becomes", "said"), BROKEN, ids=[said for _, _, said in BROKEN])
def test_terms_that_do_not_hold_together_are_refused(was: str, becomes: str, said: str) -> None:
    assert was in TERMS
    with pytest.raises(InputRefused, match=said):
        read_tiered_terms(TERMS.replace(was, becomes, 1).encode(), "terms.toml")


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("parties", "published"),
        ("governance.pays", "assumed"),
        ("waterfall.to-break-even.up_to", "derived"),
        ("waterfall.return.only_if", "not published"),
        ("waterfall.guaranteed", "published"),
    ],
)
def test_a_term_says_what_it_rests_on(key: str, status: str) -> None:
    assert NORRKOPING.status(key) == status


def test_no_key_that_public_sources_do_not_give_is_called_published() -> None:
    said: dict[str, Any] = NORRKOPING.model_dump(mode="json")
    assert {"waterfall.return.shares.investor.share", "waterfall.return.only_if"} <= set(said["unpublished"])
    assert all("parameter" in NORRKOPING.clause(key) for key in NORRKOPING.unpublished if key.startswith("waterfall."))
