"""Several contracts as one: the whole is the sum of its parts, breaks even to the öre, and stays as it was known."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import events as e
from ledger.commands import AmendTerms, DrawLoan, OfContract, Pay
from ledger.errors import LedgerError, Refused, Usage
from ledger.events import StatedFigure, StatedRate
from ledger.money import parse_kronor
from ledger.periods import Month, Period
from projections.parties import FIGURES, every, of_party, of_state, together
from projections.programme import SUMMED, Programme, programme
from projections.state import Reaching, state
from tests import oracle_programme as oracle
from tests import spec
from tests.programmes import BOTH, FROM, THIRD, Programmes, quarter

TOTAL = 2_290_000_000 + 1_740_000_000
"""Öre: both investments."""

FIRST = {"botkyrka": "2018Q4", "ornskoldsvik": "2018-11..2018-12", "tredje": "2018Q4"}


def at(world: Programmes, as_of: str, position: int | None = None) -> Programme:
    return programme(world.ledger.facts(position), "halsa", date.fromisoformat(as_of))


# ── Break-even and cap of the whole, to the öre ──────────────────────────────────────────────────────────────────────


def saved(*quarters: tuple[int, int]) -> Programmes:
    """By quarter, what Botkyrka and Örnsköldsvik saved in its last month."""
    world = Programmes().formed()
    for number, (first, second) in enumerate(quarters):
        months = Period.parse(f"{2018 + (number + 3) // 4}Q{(number + 3) % 4 + 1}")
        for contract, ore in (("botkyrka", first), ("ornskoldsvik", second)):
            start = months.first + (1 if contract == "ornskoldsvik" and number == 0 else 0)
            savings = dict.fromkeys(Period(start, months.last), 0) | {months.last: ore}
            world.determined(contract, (months.last + 3).first_day, savings)
    return world


@pytest.mark.parametrize(
    ("missing", "reached", "reached_on"),
    [(1, False, None), (0, True, date(2019, 3, 31)), (-1, True, date(2019, 3, 31))],
)
def test_given_savings_when_they_come_to_the_investments_of_all_then_the_whole_breaks_even(
    missing: int, reached: bool, reached_on: date | None
) -> None:
    one = at(saved((0, 0), (TOTAL - 100, 100 - missing)), "2019-06-30")
    assert (one.break_even.reached, one.break_even.reached_on) == (reached, reached_on)
    assert one.break_even.remaining == max(0, missing)
    assert [each.break_even_contract.reached for each in one.states] == [True, False]


def test_given_a_break_even_when_a_later_quarter_is_negative_then_it_is_lost_at_its_end() -> None:
    world = saved((0, 0), (TOTAL, 0), (0, -1))
    one = at(world, "2019-08-31").break_even
    assert (one.reached, one.reached_on, one.lost_on, one.remaining) == (False, date(2019, 3, 31), date(2019, 6, 30), 1)
    assert at(world, "2019-06-29").break_even.reached


def test_one_contract_alone_never_makes_the_whole_break_even_on_its_own_investment() -> None:
    """Its savings would cover Botkyrka's investment in October, before Örnsköldsvik was measured at all."""
    world = Programmes().formed()
    world.determined("botkyrka", date(2019, 3, 1), quarter("2018Q4", spec.BOTKYRKA.investment.total))
    one = at(world, "2018-12-31")
    assert one.states[0].break_even_contract.reached_on == date(2018, 10, 31)
    assert (one.break_even.reached, one.break_even.reached_on) == (False, None)
    assert one.break_even.remaining == spec.ORNSKOLDSVIK.investment.total


def test_the_cap_of_the_whole_is_reached_when_each_is_at_its_own() -> None:
    enough = 10_000_000_000
    one = at(saved((enough, 0)), "2019-03-31")
    assert (one.cap.reached, one.at_cap) == (False, ("botkyrka",))
    assert (one.cap.target.amount, one.cap.remaining) == (1_496_000_000, 866_000_000)
    both = at(saved((enough, enough)), "2019-03-31")
    assert (both.cap.reached, both.at_cap, both.cap.remaining) == (True, ("botkyrka", "ornskoldsvik"), 0)
    assert both.cap.reached_on == date(2018, 12, 31)


def test_it_is_known_since_the_record_that_told_it() -> None:
    world = saved((TOTAL, 0))
    records = world.ledger.records
    one = at(world, "2019-06-30")
    assert one.break_even.known_since == records[-2].recorded_at  # Botkyrka's, before Örnsköldsvik's zeros
    assert at(world, "2019-06-30", len(records) - 2).break_even.known_since is None


# ── The whole and its parts, against a second opinion ────────────────────────────────────────────────────────────────


def random_world(seed: int) -> Programmes:
    """Three contracts, random savings of up to six quarters, some determined again; two formed, the third joins, one leaves."""
    draw = Random(f"programme {seed}")
    world = Programmes(spec.BOTKYRKA, spec.ORNSKOLDSVIK, THIRD).formed()
    months = {one: Period.parse(text) for one, text in FIRST.items()}
    for number in range(draw.randint(1, 6)):
        on = (months["botkyrka"].last + 3).first_day
        for contract in draw.sample(sorted(months), len(months)):
            if draw.random() < 0.9 or number < 2:
                world.determined(contract, on, {month: draw.randint(-(10**8), 15 * 10**8) for month in months[contract]})
                if draw.random() < 0.3:
                    again = {month: draw.randint(-(10**8), 15 * 10**8) for month in months[contract]}
                    world.determined(contract, on, again, redo="counted again")
            else:
                months.pop(contract)  # and no later quarter of it
        if number == 1 and draw.random() < 0.4:
            less = spec.changed(spec.ORNSKOLDSVIK, outcome__maximum_payment="1000000.00")
            world.do(on, OfContract("ornskoldsvik", AmendTerms(less, months["botkyrka"].last + 3, BOTH, "agreed")))
        if draw.random() < 0.4 and number:
            held = world.ledger.stream("programme/halsa")
            joined = any("tredje" in getattr(one.data, "joins", ()) for one in held)
            left = any(one.data.leaves for one in held[1:])
            if not joined:
                world.changed(on, joins=("tredje",))
            elif not left:
                world.changed(on, leaves=(draw.choice(("botkyrka", "ornskoldsvik")),))
        months = {one: Period(found.last + 1, found.last + 3) for one, found in months.items()}
        if "botkyrka" not in months:
            break
    return world


def as_oracle(one: Reaching) -> oracle.Reached:
    return oracle.Reached(one.target.amount, one.reached, one.reached_on, one.lost_on, one.remaining)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), days=st.lists(st.integers(0, 900), min_size=3, max_size=3), data=st.data())
def test_the_whole_is_what_a_second_opinion_says(seed: int, days: list[int], data: st.DataObject) -> None:
    world = random_world(seed)
    for number in days:
        as_of = FROM + timedelta(days=number - 10)
        position = data.draw(st.integers(9, len(world.ledger.records)))
        told = oracle.whole(world.ledger.plain, "halsa", as_of, position)
        if told is None:
            with pytest.raises(LedgerError):
                programme(world.ledger.facts(position), "halsa", as_of)
            continue
        one = programme(world.ledger.facts(position), "halsa", as_of)
        ours = oracle.Whole(
            one.members.contracts,
            one.total("investment"),
            one.total("savings"),
            one.total("entitled"),
            as_oracle(one.break_even),
            as_oracle(one.cap),
            one.forecast,
        )
        assert ours == told


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), day=st.integers(0, 900))
def test_the_whole_is_the_sum_of_its_parts(seed: int, day: int) -> None:
    world = random_world(seed)
    facts, as_of = world.ledger.facts(), FROM + timedelta(days=day)
    one = programme(facts, "halsa", as_of)
    each = [state(facts, contract, as_of) for contract in one.members.contracts]
    assert list(one.states) == each
    for key, figure in SUMMED.items():
        assert one.total(key) == sum(map(figure, each))
    assert one.total("savings") == one.total("to_authority") + one.total("entitled")
    assert one.cap.remaining == one.total("headroom")
    assert one.cap.reached == (len(one.at_cap) == len(each))
    assert one.break_even.remaining == max(0, one.total("investment") - one.total("savings"))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_what_was_known_stays_as_it_was_known(seed: int, data: st.DataObject) -> None:
    world = random_world(seed)
    position = data.draw(st.integers(9, len(world.ledger.records)))
    as_of = FROM + timedelta(days=data.draw(st.integers(0, 900)))
    before = programme(world.ledger.facts(position), "halsa", as_of)
    if len(world.ledger.stream("programme/halsa")) == 1:
        world.changed(date(2020, 12, 1), joins=("tredje",))
    assert programme(world.ledger.facts(position), "halsa", as_of) == before
    assert programme(world.ledger.facts(), "halsa", as_of).basis.position == len(world.ledger.records)


# ── Contracts that join and leave ────────────────────────────────────────────────────────────────────────────────────


def test_contracts_count_from_the_day_on_which_they_join_to_the_day_before_they_leave() -> None:
    world = Programmes(spec.BOTKYRKA, spec.ORNSKOLDSVIK, THIRD).formed()
    world.changed(date(2019, 5, 2), joins=("tredje",)).changed(date(2019, 9, 1), leaves=("botkyrka",))
    held = {day: at(world, day).members.contracts for day in ("2019-05-01", "2019-05-02", "2019-08-31", "2019-09-01")}
    assert list(held.values()) == [
        ("botkyrka", "ornskoldsvik"),
        ("botkyrka", "ornskoldsvik", "tredje"),
        ("botkyrka", "ornskoldsvik", "tredje"),
        ("ornskoldsvik", "tredje"),
    ]


def test_it_has_no_state_before_it_was_formed_and_none_where_it_is_unknown() -> None:
    world = Programmes().formed()
    with pytest.raises(Refused, match="was formed from 2018-11-01 on"):
        at(world, "2018-10-31")
    with pytest.raises(Usage, match="programmes on record: halsa"):
        programme(world.ledger.facts(), "helsa")


# ── What is stated ───────────────────────────────────────────────────────────────────────────────────────────────────


def stated(figure: e.StatedOf, value: str, unit: e.StatedUnit, nearest: str = "1000000") -> StatedFigure:
    return StatedFigure(
        figure=figure, value=value, unit=unit, nearest=nearest, words="about", status="published", source="somewhere"
    )


RATE = StatedRate(currency="EUR", sek="10", status="derived", source="40 m by 4 m")


@pytest.mark.parametrize(
    ("figure", "rates", "computed", "agrees"),
    [
        (stated("investment", "40000000", "SEK"), (), Fraction(40_300_000), True),
        (stated("maximum-payments", "15000000", "SEK"), (), Fraction(14_960_000), True),
        (stated("investment", "41000000", "SEK"), (), Fraction(40_300_000), False),
        (stated("investment", "40300000", "SEK", "0.01"), (), Fraction(40_300_000), True),
        (stated("investment", "40300000.01", "SEK", "0.01"), (), Fraction(40_300_000), False),
        (stated("investment", "40600000", "SEK", "600000"), (), Fraction(40_300_000), False),
        (stated("investment", "4000000", "EUR"), (), None, None),
        (stated("investment", "4000000", "EUR"), (RATE,), Fraction(4_030_000), True),
        (stated("investment", "4000000", "EUR", "10000"), (RATE,), Fraction(4_030_000), False),
        (stated("employees", "5000", "employees", "1"), (), None, None),
    ],
)
def test_a_stated_figure_stands_beside_the_computed_one(
    figure: StatedFigure, rates: tuple[StatedRate, ...], computed: Fraction | None, agrees: bool | None
) -> None:
    [one] = at(Programmes().formed(stated=(figure,), rates=rates), "2019-01-31").stated
    assert (one.computed, one.agrees) == (computed, agrees)
    assert one.difference == (None if computed is None else computed - Fraction(figure.value))


# ── Parties ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def paid_world() -> Programmes:
    """Savings determined of both, an upfront payment of each, and a draw of Botkyrka's."""
    world = saved((10 * 10**8, 5 * 10**8))
    payer = e.Actor(name="A. Ek", role="payer")
    on = date(2019, 3, 2)
    for contract in ("botkyrka", "ornskoldsvik"):
        world.do(on, OfContract(contract, Pay("upfront", 100_00, on, "U", made=True, bank_reference="BG")), payer)
    return world.do(on, OfContract("botkyrka", DrawLoan(parse_kronor("5000"), on, "internal")), payer)


def test_a_party_in_several_roles_is_a_line_a_role() -> None:
    lines = every(paid_world().ledger.facts())
    found = together(of_party(lines, "botkyrka KOMMUN"))
    assert [(one.first.name, one.first.role, one.first.side) for one in found] == [
        ("Botkyrka kommun", "payer", "pays"),
        ("Botkyrka kommun, HR department", "internal_provider", "borrows"),
        ("Botkyrka kommun, finance department", "investor", "lends"),
    ]
    assert found[0].figures["savings_kept"] == 10 * 10**8 - 184 * 10**6
    assert [one.figures.get("loan_outstanding") for one in found] == [None, 500_000, 500_000]


def test_one_name_over_contracts_is_one_line() -> None:
    [one] = together(of_party(every(paid_world().ledger.facts()), "RISE"))
    assert (one.contracts, one.first.side, one.figures) == (("botkyrka", "ornskoldsvik"), None, {})
    with pytest.raises(Usage, match='"Aino Health"'):
        of_party(every(paid_world().ledger.facts()), "Ain")


def test_what_is_paid_on_one_side_is_received_on_the_other() -> None:
    facts = paid_world().ledger.facts()
    lines = every(facts)
    for key in FIGURES[:7]:
        sides = {side: sum(one.figures[key] for one in lines if one.side == side) for side in ("pays", "receives")}
        assert sides["pays"] == sides["receives"]
    states = [state(facts, one) for one in facts.contracts]
    assert sum(one.figures.get("entitled", 0) for one in lines if one.side == "receives") == sum(map(SUMMED["entitled"], states))
    assert lines == [line for one in states for line in of_state(one)]


def test_a_contract_is_of_no_party_before_it_is_signed() -> None:
    lines = every(Programmes().ledger.facts(), date(2018, 10, 31))
    assert {one.contract for one in lines} == {"botkyrka"}


def test_months_before_a_contract_begins_count_its_whole_investment() -> None:
    one = at(Programmes().formed(), "2018-11-01")
    assert one.break_even.target.amount == TOTAL
    assert Month.holding(one.when.as_of) == spec.ORNSKOLDSVIK.first_month
