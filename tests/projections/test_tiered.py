"""Norrköping's contract, row by row: what each outcome gives whom; and what holds for every contract settled by tiers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import events as e
from ledger import tiered
from ledger.errors import Refused, Usage
from ledger.tiered_terms import TieredTerms
from projections.parties import every
from projections.tiered import check as check_tiered
from projections.tiered.explain import explain
from projections.tiered.postings import posted
from projections.tiered.state import State, state
from projections.tiered.valuation import Trace
from projections.tiered.what_if import what_if
from tests import oracle_tiers
from tests.tiered_spec import INVESTOR, NORRKOPING, PAYER, THREE_YEARS, Story, changed, day, of_fund, ore, row

ACTIVITY = "activity-cost intervention calendar-2018 to 2018-12-31: 9 586 000"
END = "2021-02-28"


def kronor(amount: int) -> str:
    """An amount as rows write it."""
    return f"{'−' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def followed(saved: str, school: str | None = "58.3", cost: str = "9 586 000") -> Story:
    """Two years in which both groups have 60 persons, so that the costs' difference is what is saved."""
    second = ore("40 000 000") - ore(saved)
    rows = [
        f"activity-cost intervention calendar-2018 to 2018-12-31: {cost}",
        "social-costs baseline year-1 to 2013-12-31, 60 persons: 40 000 000",
        "social-costs baseline year-2 to 2014-12-31, 60 persons: 40 000 000",
        "social-costs intervention year-1 to 2018-12-31, 60 persons: 40 000 000",
        f"social-costs intervention year-2 to 2019-12-31, 60 persons: {kronor(second)}",
    ]
    if school is not None:
        rows.append(f"school-results intervention follow-up to 2020-06-30, 60 persons: {school}%")
    return Story().signed().reported(*rows).determined(END)


def of(story: Story) -> State:
    return state(story.facts(), "norrkoping", day(END))


# ── What each outcome gives ──────────────────────────────────────────────────────────────────────────────────────────

#   saved             school   guaranteed     to break-even  return         stays with the payer, of the savings
OUTCOMES = [
    ("0", "58.3", "3 834 400", "0", "0", "0", "no saving: the guaranteed part alone"),
    ("−319 231.97", "58.3", "3 834 400", "0", "0", "−319 231.97", "a negative saving is the payer's, and lowers no guarantee"),
    ("0.01", "58.3", "3 834 400", "0.01", "0", "0", "the first öre: 60 of 100 is rounded up"),
    ("1 000 000", "58.3", "3 834 400", "600 000", "0", "400 000", "each krona saved, 60 and 40"),
    ("9 585 999.99", "58.3", "3 834 400", "5 751 599.99", "0", "3 834 400.00", "an öre below break-even"),
    ("9 586 000", "58.3", "3 834 400", "5 751 600", "0", "3 834 400.00", "break-even: all that was lent is repaid"),
    ("9 586 000.01", "58.3", "3 834 400", "5 751 600", "0.01", "3 834 400.00", "an öre above: the return begins"),
    ("9 586 000.01", "49.9", "3 834 400", "5 751 600", "0", "3 834 400.01", "an öre above, school results not met"),
    (
        "12 781 333.32",
        "50",
        "3 834 400",
        "5 751 600",
        "1 917 199.99",
        "5 112 533.33",
        "an öre below the cap; the threshold meets",
    ),
    ("12 781 333.34", "50", "3 834 400", "5 751 600", "1 917 200", "5 112 533.34", "the cap of 20 %"),
    ("12 781 333.36", "50", "3 834 400", "5 751 600", "1 917 200", "5 112 533.36", "above the cap all is the payer's"),
    ("30 000 000", "58.3", "3 834 400", "5 751 600", "1 917 200", "22 331 200", "far above"),
    ("30 000 000", "49.9", "3 834 400", "5 751 600", "0", "24 248 400", "far above, school results not met"),
    ("30 000 000", None, "3 834 400", "5 751 600", "0", "24 248 400", "far above, school results not reported"),
]


@pytest.mark.parametrize(
    ("saved", "school", "guaranteed", "even", "extra", "stays"), [one[:6] for one in OUTCOMES], ids=[one[6] for one in OUTCOMES]
)
def test_who_gets_what(saved: str, school: str | None, guaranteed: str, even: str, extra: str, stays: str) -> None:
    found = of(followed(saved, school))
    assert found.amounts == {"activity-cost": ore("9 586 000"), "savings": ore(saved)}
    assert {one.tier.name: one.given.get(INVESTOR) for one in found.tiers} == {
        "guaranteed": ore(guaranteed),
        "to-break-even": ore(even),
        "return": ore(extra),
    }
    [investor] = found.parties
    assert investor.entitled == ore(guaranteed) + ore(even) + ore(extra)
    assert investor.guaranteed == ore(guaranteed)
    assert {one.of: (one.party, one.amount_ore) for one in found.kept} == {
        "activity-cost": (INVESTOR, ore("5 751 600")),
        "savings": (PAYER, ore(stays) - sum(one.given.get(PAYER, 0) for one in found.tiers)),
    }
    assert found.tiers[1].given[PAYER] == max(0, min(ore(saved), ore("9 586 000"))) * 4 // 10


@pytest.mark.parametrize(
    ("saved", "reached", "short"),
    [("9 585 999.99", False, "0.01"), ("9 586 000", True, "0"), ("9 586 000.01", True, "0"), ("−5", False, "9 586 000")],
)
def test_break_even_is_reached_to_the_ore(saved: str, reached: bool, short: str) -> None:
    story = followed(saved)
    story.paid("investment", "9 586 000", "2018-03-15", INVESTOR, PAYER)
    found = of(story)
    tier = next(one for one in found.tiers if one.tier.name == "to-break-even")
    assert (tier.reached, tier.remaining) == (reached, ore(short))
    assert found.parties[0].breaks_even is reached


def test_more_than_the_loan_is_not_guaranteed() -> None:
    found = of(followed("0", cost="12 000 000"))
    assert found.parties[0].entitled == ore("4 000 000")


def test_two_years_of_the_fixture_save_nothing_and_three_do() -> None:
    """Published: no direct saving in two years, a positive indication in three. The figures are synthetic."""
    found = what_if(_fixture().facts(), "norrkoping", THREE_YEARS, day(END))
    assert kronor(found.agreed.amounts["savings"]) == "−319231.97"
    assert kronor(found.other.amounts["savings"]) == "10497662.29"
    assert tuple(map(kronor, found.given(INVESTOR))) == ("3834400.00", "10132997.37")


def _fixture() -> Story:
    """The fixture's files, as the demo sends them."""
    from ledger.imports import metrics_csv
    from tests.spec import FIXTURES

    story = Story().signed()
    for name in ("activity-cost", "social-costs", "school-results", "third-year"):
        path = FIXTURES / "norrkoping" / f"{name}-synthetic.csv"
        rows = []
        for one in metrics_csv.read(path.read_bytes(), path.name):
            persons = "" if one.persons is None else f", {one.persons} persons"
            found = f"{one.value}%" if one.amount is None else kronor(one.amount)
            rows.append(f"{one.metric} {one.group} {one.part} to {one.until}{persons}: {found}")
        story.reported(*rows)
    return story


# ── What is missing is an error ──────────────────────────────────────────────────────────────────────────────────────

BASELINE = "social-costs baseline year-1 to 2013-12-31, 61 persons: 42 712 400"
YEAR_1 = "social-costs intervention year-1 to 2018-12-31, 60 persons: 43 118 250"
YEAR_2 = "social-costs intervention year-2 to 2019-12-31, 60 persons: 35 211 900"


@pytest.mark.parametrize(
    ("rows", "on", "missing"),
    [
        ((BASELINE, YEAR_1), "2019-03-31", ["activity-cost, intervention: no row"]),
        ((ACTIVITY, YEAR_1), "2019-03-31", ["social-costs, baseline, year-1"]),
        ((ACTIVITY, BASELINE, YEAR_2), "2019-12-31", ["social-costs, intervention, year-1", "social-costs, baseline, year-2"]),
        ((ACTIVITY, BASELINE, YEAR_1), END, ["social-costs, baseline, year-2", "social-costs, intervention, year-2"]),
    ],
    ids=["activity", "the baseline of a part", "a part before, and a baseline", "at the end every part"],
)
def test_every_row_that_is_missing_is_named(rows: tuple[str, ...], on: str, missing: list[str]) -> None:
    with pytest.raises(Refused, match="cannot be told") as refused:
        Story().signed().reported(*rows).determined(on)
    said = str(refused.value)
    assert [one for one in missing if one not in said] == []
    assert said.count("no row until") == len(missing)


def test_a_part_that_has_not_ended_is_not_measured_and_that_is_said() -> None:
    story = Story().signed().reported(ACTIVITY.replace("2018", "2017"), BASELINE, YEAR_1, YEAR_2)
    found = what_if(story.facts(), "norrkoping", NORRKOPING, day("2018-12-30"))
    assert found.agreed.amounts["savings"] == 0
    assert "savings: nothing is measured yet; it counts as 0" in found.agreed.notes


def test_a_contract_that_is_not_on_record_is_an_error() -> None:
    with pytest.raises(Usage, match="norrkoping is on record; there are: none"):
        state(Story().facts(), "norrkoping")


def test_before_signature_there_is_no_state() -> None:
    with pytest.raises(Refused, match="was signed on 2016-02-15"):
        state(Story().signed().facts(), "norrkoping", day("2016-02-14"))


# ── Payable, paid, due ───────────────────────────────────────────────────────────────────────────────────────────────


def _paid_too_much() -> Story:
    return followed("0").agreed(1, "2021-03-31").paid("outcome", "3 834 400.01", "2021-05-03")


@pytest.mark.parametrize(
    ("on", "payable", "due", "overpaid"),
    [
        ("2021-04-29", "0", "0", "0"),
        ("2021-04-30", "3 834 400", "3 834 400", "0"),
        ("2021-05-03", "3 834 400", "0", "0.01"),
    ],
    ids=["the day before it is payable", "the day on which it is", "an öre too much is paid"],
)
def test_what_is_due_on_a_day(on: str, payable: str, due: str, overpaid: str) -> None:
    [one] = state(_paid_too_much().facts(), "norrkoping", day(on)).parties
    assert (one.payable, one.due, one.overpaid) == (ore(payable), ore(due), ore(overpaid))


def test_what_is_paid_back_is_no_longer_overpaid() -> None:
    story = _paid_too_much().paid("recovery", "0.01", "2021-05-04", INVESTOR, PAYER)
    [one] = state(story.facts(), "norrkoping", day("2021-05-04")).parties
    assert (one.due, one.overpaid) == (0, 0)


def test_what_is_reported_later_is_said_to_be_undetermined() -> None:
    story = followed("0")
    assert of(story).undetermined == ()
    story.reported("activity-cost intervention calendar-2019 to 2019-03-31: 100")
    assert of(story).undetermined == (story.own[-1].position,)
    story.reported("social-costs baseline year-3 to 2015-12-31, 61 persons: 1")  # which these terms do not count
    assert of(story).undetermined == (story.own[-2].position,)


def test_a_determination_is_shown_under_the_terms_that_it_was_divided_by() -> None:
    """Though the parties change the terms of its day before anybody agrees to it."""
    story = followed("1 000 000")
    first = of(story).tiers
    smaller = NORRKOPING.model_dump(mode="json")["amounts"][0] | {"amount": "5000000.00"}
    story.told(tiered.AmendTiered(changed(NORRKOPING, amounts=[smaller]), day("2020-01-01"), (PAYER, INVESTOR), "a smaller loan"))
    assert of(story).tiers == first
    assert of(story.determined(END, redo="the loan is smaller")).parties[0].guaranteed == ore("2 000 000")


def test_a_party_that_the_terms_drop_keeps_its_money_in_sight() -> None:
    """The investor is paid 3 834 400; a fund has its place, and all is claimed for it, less of the investor."""
    story = followed("0").agreed(1, "2021-03-01").paid("outcome", "3 834 400", "2021-05-03")
    story.told(tiered.AmendTiered(of_fund(NORRKOPING), day("2021-06-01"), (PAYER, INVESTOR), "assigned to a fund"))
    story.determined("2021-06-01")
    for role in (PAYER, "fund"):
        story.told(tiered.AgreeTiers(2, role, day("2021-06-30")))
    found = {one.party: one for one in state(story.facts(), "norrkoping", day("2021-08-01")).parties}
    assert (found["fund"].due, found["fund"].overpaid) == (ore("3 834 400"), 0)
    assert (found[INVESTOR].payable, found[INVESTOR].paid, found[INVESTOR].overpaid) == (0, ore("3 834 400"), ore("3 834 400"))
    lines = {one.role: one for one in every(story.facts(), day("2021-08-01"))}
    assert lines[INVESTOR].name == NORRKOPING.parties[INVESTOR]
    assert lines[INVESTOR].figures["overpaid"] == lines[PAYER].figures["overpaid"] == ore("3 834 400")


def test_a_determination_whose_terms_were_changed_says_so_until_it_is_determined_anew() -> None:
    story = followed("0")
    story.told(tiered.AmendTiered(changed(NORRKOPING, payment_days=5), day(END), (PAYER, INVESTOR), "sooner"))
    assert ["must be determined anew" in note for note in of(story).notes] == [True]
    assert of(story.determined(END, redo="new terms")).notes == ()


def test_a_row_reported_again_for_a_later_day_is_said_to_count_no_more() -> None:
    other = ACTIVITY.replace("calendar-2018", "calendar-2019")
    story = followed("0").reported(ACTIVITY.replace("2018-12-31", "2021-03-01"), other)
    [note] = of(story).notes
    said = "activity-cost, intervention, calendar-2018 to 2018-12-31 (record 3), reported again to 2021-03-01 (record 5)"
    assert note == f"{said}, no longer counts as of 2021-02-28"
    story.determined(END, redo="a row moved")
    assert note in explain(story.facts(), "norrkoping", 2).notes
    assert state(story.facts(), "norrkoping", day("2021-03-01")).notes == ()


# ── Other valuations ─────────────────────────────────────────────────────────────────────────────────────────────────


def priced() -> TieredTerms:
    """So much a pupil, all to the investor up to 1 000 000."""
    return changed(
        NORRKOPING,
        metrics=[{"id": "pupils", "name": "pupils who passed", "unit": "count", "better": "higher", "source": "the school"}],
        valuations=[{"kind": "price-per-unit@1", "id": "worth", "metric": "pupils", "group": "school", "price": "1234.55"}],
        waterfall={
            "tiers": [
                {
                    "name": "all",
                    "what": "all of it",
                    "of": "worth",
                    "up_to": {"times": "0.1", "of": "investment"},
                    "shares": [{"party": "investor", "share": "1"}],
                }
            ],
            "remainder": [{"of": "worth", "party": "payer"}],
        },
    )


@pytest.mark.parametrize(
    ("pupils", "worth", "given_"),
    [
        ("0", "0", "0"),
        ("10.5", "12 962.78", "12 962.78"),
        ("810", "999 985.50", "999 985.50"),
        ("811", "1 001 220.05", "1 000 000"),
    ],
)
def test_a_price_per_unit_is_rounded_once(pupils: str, worth: str, given_: str) -> None:
    story = Story(priced()).signed().reported(f"pupils school spring to 2018-06-30: {pupils}%").determined("2018-12-31")
    found = state(story.facts(), "norrkoping", day("2018-12-31"))
    assert found.amounts == {"worth": ore(worth)}
    assert found.parties[0].entitled == ore(given_)


# ── Explained, checked, posted ───────────────────────────────────────────────────────────────────────────────────────


def test_an_explanation_goes_down_to_every_row_that_counts() -> None:
    story = _fixture().determined(END)
    one = explain(story.facts(), "norrkoping", 1)
    assert one.differs == ()
    rows = {trace.what.split(" to ")[0]: trace.record for top in one.traces for trace in top.walk() if trace.record is not None}
    for key in (
        "activity-cost, intervention, calendar-2019",
        "social-costs, baseline, year-2",
        "social-costs, intervention, year-1",
    ):
        assert rows[key] in {record.position for record in story.own}
    assert not any("year-3" in key for key in rows)
    assert [top.value for top in one.traces] == [ore("3 834 400"), 0, ore("5 751 600"), ore("−319 231.97")]


def _adds_up(trace: Trace) -> None:
    """A sum is the sum of its parts; what is saved is expected less actual."""
    amounts = [part.value for part in trace.parts if isinstance(part.value, int)]
    if trace.how in ("the sum of what was reported", "the sum over its parts", "the sum of its tiers"):
        assert trace.value == sum(amounts)
    if trace.how == "expected less what it cost":
        assert trace.value == amounts[0] - amounts[1]


def test_every_step_of_an_explanation_adds_up() -> None:
    for top in explain(_fixture().determined(END).facts(), "norrkoping", 1).traces:
        for trace in top.walk():
            _adds_up(trace)


def test_a_check_finds_nothing_where_nothing_is_wrong_and_says_what_to_know() -> None:
    story = followed("1 000 000").agreed(1, "2021-03-31")
    assert list(check_tiered.differences(story.facts(), "norrkoping")) == []
    assert list(check_tiered.standing(story.facts(), "norrkoping")) == []
    story.paid("outcome", "9 000 000", "2021-05-03").reported(ACTIVITY.replace("9 586 000", "9 000 000"))
    [overpaid, late] = check_tiered.standing(story.facts(), "norrkoping")
    assert overpaid.replace("\u2009", " ").startswith("4 565 600.00 SEK overpaid to the investor")
    assert late.startswith("reported and not determined")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data["amounts"][1].update(amount_ore=5), "savings: recorded 0.05"),
        (lambda data: data["given"][1].update(amount_ore=5), "what its tiers give"),
        (lambda data: data["kept"][1].update(amount_ore=5), "what is kept"),
        (lambda data: data["conditions"][0].update(met=False), "amounts or conditions"),
        (lambda data: data.update(number=2), "its number is not the next"),
        (lambda data: data.update(terms_sha256="0" * 64), "not those in force"),
        (lambda data: data["basis"].update(root="0" * 64), "another fingerprint"),
        (lambda data: data["basis"].update(position=2), "rests on record 2"),
    ],
)
def test_a_check_finds_a_determination_that_is_not_what_the_facts_give(change: Any, said: str) -> None:
    story = followed("1 000 000")
    data = json.loads(story.records[-1].body())["data"]
    change(data)
    story.records[-1] = story.records[-1].model_copy(
        update={"data": type(story.records[-1].data).model_validate_json(json.dumps(data))}
    )
    assert any(said in what for _, what in check_tiered.differences(story.facts(), "norrkoping"))


def test_a_check_finds_a_claim_that_is_not_the_difference() -> None:
    story = followed("1 000 000").agreed(1, "2021-03-31")
    last = story.records[-1].data
    claim = last.claims[0].model_copy(update={"amount_ore": 1})
    story.records[-1] = story.records[-1].model_copy(update={"data": last.model_copy(update={"claims": (claim,)})})
    assert ["its claims are not" in what for _, what in check_tiered.differences(story.facts(), "norrkoping")] == [True]


def test_a_check_finds_what_was_agreed_to_under_other_terms() -> None:
    story = followed("1 000 000")
    change = tiered.AmendTiered(changed(NORRKOPING, payment_days=5), day(END), (PAYER, INVESTOR), "sooner")
    story.told(change).told(tiered.ReportMetrics((row(ACTIVITY),)))
    event = e.TiersAgreed(determination=1, role=PAYER, on=day("2021-03-31"), claims=())
    story.records[-1] = story.records[-1].model_copy(update={"type": event.TYPE, "data": event})
    assert ["agreed to, though the terms" in what for _, what in check_tiered.differences(story.facts(), "norrkoping")] == [True]


def test_an_explanation_that_does_not_come_out_names_tier_party_and_amounts() -> None:
    story = followed("1 000 000")
    data = json.loads(story.records[-1].body())["data"]
    data["given"][1]["amount_ore"] = 5
    event = type(story.records[-1].data).model_validate_json(json.dumps(data))
    story.records[-1] = story.records[-1].model_copy(update={"data": event})
    [said] = explain(story.facts(), "norrkoping", 1).differs
    found = said.replace("\u2009", " ")
    assert found == "to-break-even gives the investor otherwise: recorded 0.05 and computed anew 600 000.00"


# ── Whatever happens ─────────────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.dates(min_value=day("2016-02-15"), max_value=day("2022-04-20"))
AMOUNTS = st.integers(0, 3 * 10**9).map(kronor)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Rows as they come, corrections among them; determinations, agreements and payments where the rules let them."""
    story = Story().signed()
    story.reported(
        f"activity-cost intervention calendar-2016 to 2016-08-01: {draw(AMOUNTS)}", BASELINE, BASELINE.replace("year-1", "year-2")
    )
    for _ in range(draw(st.integers(1, 8))):
        try:
            _step(draw, story)
        except Refused:
            continue
    return story


def _step(draw: st.DrawFn, story: Story) -> None:
    on = draw(DAYS).isoformat()
    match draw(st.integers(0, 5)):
        case 0:
            until = draw(st.dates(min_value=day("2016-08-01"), max_value=day("2021-01-01")))
            story.reported(f"activity-cost intervention calendar-{draw(st.integers(2016, 2018))} to {until}: {draw(AMOUNTS)}")
        case 1:
            year = draw(st.integers(1, 2))
            until = f"{2017 + year}-12-31"
            story.reported(
                f"social-costs intervention year-{year} to {until}, {draw(st.integers(1, 99))} persons: {draw(AMOUNTS)}"
            )
        case 2:
            story.reported(f"school-results intervention follow-up to 2020-06-30: {draw(st.integers(0, 100))}%")
        case 3:
            last = story.state.determinations
            story.determined(
                on if not last or draw(st.booleans()) else last[-1].event.on.isoformat(), redo=None if not last else "anew"
            )
        case 4:
            story.agreed(len(story.state.determinations), on)
        case _:
            story.paid("outcome", kronor(draw(st.integers(1, 10**9))), on)


@settings(max_examples=150)
@given(stories())
def test_each_record_balances_in_each_kind(story: Story) -> None:
    for found in posted(story.own).values():
        for kind in ("bookable", "memorandum"):
            assert sum(one.amount for one in found if one.kind == kind) == 0


@settings(max_examples=150)
@given(stories(), DAYS)
def test_the_state_is_the_sum_of_the_postings(story: Story, on: Any) -> None:
    sums: dict[str, int] = {}
    for found in posted(story.own).values():
        for one in found:
            if one.effective_on <= on:
                sums[one.account] = sums.get(one.account, 0) + one.amount
    for party in state(story.facts(), "norrkoping", on).parties:
        assert party.entitled == -sums.get(f"liabilities:{party.party}:entitled", 0)
        assert party.payable == -sums.get(f"liabilities:{party.party}:payable", 0)
        assert party.paid == sums.get(f"liabilities:{party.party}:paid", 0)


@settings(max_examples=150)
@given(stories(), DAYS, st.data())
def test_what_is_appended_later_changes_no_answer_as_known_earlier(story: Story, on: Any, data: st.DataObject) -> None:
    """The same position and day give the same state, before and after more is recorded."""
    position = data.draw(st.integers(2, len(story.records)))
    then = Story(story.terms, story.today, story.records[:position])
    earlier, later = (state(one, "norrkoping", on) for one in (then.facts(), story.facts(position)))
    assert earlier == later


@settings(max_examples=150)
@given(stories())
def test_a_second_opinion_computes_every_determination_and_claim_alike(story: Story) -> None:
    assert oracle_tiers.check([json.loads(record.body()) for record in story.records]) == []
    assert list(check_tiered.differences(story.facts(), "norrkoping")) == []
