"""Who knew what when: every record between two moments is told with what it changes, to the öre; one that is not told changes
nothing."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from io import StringIO
from random import Random
from typing import Any

import pytest

from cli.desk import Desk
from cli.explain.arrived import arrived_answer
from cli.settings import Settings
from ledger import waterfall
from ledger.commands import NotifyDetermination, OfContract, RaiseDispute, ResolveDispute
from ledger.errors import Refused, Usage, VerificationFailed
from ledger.events import MonthAmount, PaymentMade, Position, Reimbursement
from ledger.evidence import ReportReimbursements
from ledger.facts import Facts, contract_stream
from ledger.money import parse_kronor
from ledger.periods import Month, Period, parse_instant
from projections import proposals
from projections.explanation import arrived as explain_arrived
from projections.explanation.arrived import Amounts, Arrived, ByMonth, arrived, total
from projections.explanation.arrived_answer import answer
from projections.explanation.arrived_figures import figures_arrived
from projections.names import resolve
from projections.since import figures
from projections.state import state
from tests import histories
from tests.cli.world import World
from tests.histories import Line, Report, Step, Trend, Workforce
from tests.memory import Memory
from tests.replayed import PLAIN_MONTHS, Story, plain, plain_methodology
from tests.test_against_oracle import Player, memory

SEEDS = 30
NOTHING = Amounts(0, 0)


@cache
def played(kind: str, seed: int) -> tuple[Memory, Player]:
    """A random history on a ledger in memory."""
    ledger = memory()
    player = Player(ledger)
    for step in getattr(histories, kind)(seed):
        if not isinstance(step, histories.Ask):
            player.play(step)
    return ledger, player


# Random histories


def by_the_facts(facts: Facts, contract_id: str, period: Period) -> ByMonth | None:
    """The months as a redo would compute them at that moment, by the command's own way; None where it could not."""
    if contract_id not in facts.contracts:
        return None
    folded = facts.contract(contract_id)
    if any(map(folded.suspended, period)):
        return None
    try:
        lines = proposals.measured(facts, folded, period, redo=True)
    except Refused:
        return None
    savings = {line.month: line.savings_ore for line in lines}
    steps = waterfall.increments(waterfall.path({**folded.savings, **savings}, folded.terms_of))
    return {month: Amounts(amount, steps[month]) for month, amount in savings.items()}


def on_record(facts: Facts, contract_id: str, period: Period) -> ByMonth:
    """The months as they stand determined at that moment."""
    if contract_id not in facts.contracts:
        return {}
    folded = facts.contract(contract_id)
    steps = waterfall.increments(folded.path)
    return {month: Amounts(amount, steps[month]) for month, amount in folded.savings.items() if month in period}


def apart(before: ByMonth, after: ByMonth) -> ByMonth:
    """After less before, of the months that differ."""
    every = {month: (before.get(month, NOTHING), after.get(month, NOTHING)) for month in {*before, *after}}
    return {month: Amounts(b[0] - a[0], b[1] - a[1]) for month, (a, b) in every.items() if a != b}


def check(found: Arrived, ledger: Memory, period: Period, seen: Counter[str]) -> None:
    """Record by record against the redo at each position: what is told is what differs, and nothing else differs."""
    told = {one.record.position: one for one in found.arrivals}
    assert list(told) == sorted(told)
    assert found.residual == (NOTHING, NOTHING)
    for moment in (found.then, found.now):
        given = by_the_facts(moment.facts, found.contract, period)
        assert (given is None) == bool(moment.waits)
        assert given is None or moment.given == given
        assert moment.on_record == on_record(moment.facts, found.contract, period)
    before = found.then.facts
    last, recorded = (of(before, found.contract, period) for of in (by_the_facts, on_record))
    for position in range(before.position + 1, found.now.facts.position + 1):
        facts = ledger.facts(position)
        given, standing = (of(facts, found.contract, period) for of in (by_the_facts, on_record))
        one = told.get(position)
        assert (one.on_record if one else {}) == apart(recorded or {}, standing or {})
        if one is None:
            assert given == last
        else:
            assert (given is None) == bool(one.waits)
            assert given is None or last is None or one.given == apart(last, given)
            assert given is not None or not one.given or one.sort == "decision"
            seen.update([one.sort, "waits" if one.waits else "moves" if one.given else "changes nothing"])
        last, recorded = given, standing


@pytest.mark.parametrize("kind", ["savings", "renegotiated"])
def test_between_random_moments_every_record_is_told_with_what_it_changes(kind: str) -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        ledger, player = played(kind, seed)
        draw = Random(f"arrived {seed}")
        for one in draw.sample(player.folded.determinations, min(2, len(player.folded.determinations))):
            later = draw.randint(one.position, len(ledger.records))
            earlier = draw.choice((1, draw.randint(1, later), draw.randint(one.position, later)))
            found = arrived(ledger.facts(earlier), ledger.facts(later), player.id, one.period, one.period.last_day)
            check(found, ledger, one.period, seen)
    assert {"report", "restatement", "headcounts", "index value", "index revision", "agreement", "decision"} <= seen.keys()
    assert min(seen[name] for name in ("waits", "moves", "changes nothing")) > 20, seen


@pytest.mark.parametrize("kind", ["money", "savings", "renegotiated"])
def test_every_figure_goes_from_record_to_record(kind: str) -> None:
    steps = 0
    for seed in range(SEEDS // 2):
        ledger, player = played(kind, seed)
        draw = Random(f"figures {seed}")
        signed = next(one.position for one in ledger.records if one.stream == contract_stream(player.id))
        later = draw.randint(signed, len(ledger.records))
        earlier, as_of = ledger.facts(draw.randint(1, later)), player.today - timedelta(days=draw.choice((0, 0, 40, 200)))
        as_of = max(as_of, player.folded.signed_on or as_of)
        keys = draw.sample(list(figures(state(ledger.facts(later), player.id, as_of))), 12)
        for found in figures_arrived(earlier, ledger.facts(later), player.id, keys, as_of):
            told, last = {step.record.position: step for step in found.steps}, found.before
            for record in found.now.stream(contract_stream(player.id))[len(earlier.stream(contract_stream(player.id))) :]:
                now = figures(state(ledger.facts(record.position), player.id, as_of))[found.figure]
                step = told.get(record.position)
                assert (last, now) == ((step.before, step.after) if step else (last, last))
                last = now
            assert last == found.after
            assert not found.residual
            steps += len(found.steps)
    assert steps > 20


def test_what_is_recorded_later_changes_no_answer_for_earlier_moments() -> None:
    compared = 0
    for seed in range(SEEDS // 2):
        steps = [one for one in histories.savings(seed) if not isinstance(one, histories.Ask)]
        ledger = memory()
        player = Player(ledger)
        for step in steps[: 2 * len(steps) // 3]:
            player.play(step)
        if not player.folded.determinations:
            continue
        one, last = player.folded.determinations[0], len(ledger.records)
        asked = [(form, ledger.facts(one.position - 1), ledger.facts(last)) for form in ("text", "json", "csv")]
        before = [arrived_answer(then, now, player.id, f"{player.id}/D1", None, form) for form, then, now in asked]
        for step in steps[2 * len(steps) // 3 :]:
            player.play(step)
        assert len(ledger.records) > last
        asked = [(form, ledger.facts(last), ledger.facts(one.position - 1)) for form in ("text", "json", "csv")]
        assert [arrived_answer(a, b, player.id, f"{player.id}/D1", None, form) for form, a, b in asked] == before
        compared += 1
    assert compared > 3


# By hand: 7 490, 16 050, 9 630 and 13 910 SEK from November to February, 18.4 per cent of them the provider's

DAY = 2140_00
NOVEMBER, DECEMBER, JANUARY, FEBRUARY = PLAIN_MONTHS
BOTH = [NOVEMBER, DECEMBER]


def share(savings: int) -> Amounts:
    """Savings in öre, and 18.4 per cent of them, in whole öre here."""
    assert savings * 184 % 1000 == 0
    return Amounts(savings, savings * 184 // 1000)


def since(told: Story, number: int, position: int) -> Arrived:
    """What arrived about a determination's months since a record."""
    period = told.folded.determination(number).period
    return arrived(told.ledger.facts(position), told.facts, told.id, period)


SPELL = Line(5, "Alby", date(2018, 12, 10), date(2018, 12, 11), 100)
LATE: list[tuple[str, int, Step, list[tuple[str, dict[Month, Amounts]]]]] = [
    (
        "a spell of two days",
        1,
        Report((SPELL,), None, None, "2018-12"),
        [("report", {DECEMBER: share(-2 * DAY)})],
    ),
    ("a month told anew, without its absences", 1, Report((), "2018-11"), [("restatement", {NOVEMBER: share(4 * DAY)})]),
    ("two employees fewer", 2, Workforce((("2019-02", "Alby", 8),)), [("headcounts", {FEBRUARY: share(-3 * DAY // 2)})]),
    ("the same headcount", 2, Workforce((("2019-02", "Alby", 10),)), [("headcounts", {})]),
    (
        "an index of 4.00",
        1,
        Trend((("2018Q4", "4.00", FEBRUARY.first_day, "published"),)),
        [("index revision", dict.fromkeys(BOTH, share(5 * DAY // 2)))],
    ),
    ("an index of a locked reference quarter", 1, Trend((("2017Q4", "4.00", FEBRUARY.first_day, "published"),)), []),
    ("absences of reference months that are locked", 1, Report((), "2017-12"), []),
    ("what another source says", 1, Report((), "2018-11", None, None, "other"), []),
    ("another quarter's months", 2, Report((), "2018-11"), []),
]


@pytest.mark.parametrize(("number", "late", "expected"), [row[1:] for row in LATE], ids=[row[0] for row in LATE])
def test_what_came_late_moves_what_the_facts_give_until_a_redo_counts_it(number: int, late: Step, expected: Any) -> None:
    told = plain()
    before = told.facts.position
    assert told.player.play(late) is not None
    found = since(told, number, before)
    assert [(one.sort, one.given) for one in found.arrivals] == expected
    assert all((one.late, one.counted_by, one.on_record) == (True, None, {}) for one in found.arrivals)
    assert [one.position for one in found.now.uncounted] == [one.record.position for one in found.arrivals]
    if expected:
        told.determine(told.folded.determination(number).period, "late facts")
        first, again = since(told, number, before).arrivals
        assert (first.given, first.counted_by) == (expected[0][1], 3)
        assert (again.sort, again.given, again.on_record) == ("decision", {}, expected[0][1])


def test_what_the_parties_agree_moves_what_the_facts_give() -> None:
    told = plain()
    before = told.facts.position
    told.adopt(plain_methodology({"kind": "exclude-cause@1", "causes": ("covid",), "window": "2018-11"}), NOVEMBER)
    (found,) = since(told, 1, before).arrivals
    assert (found.sort, found.given, found.on_record) == ("agreement", {NOVEMBER: share(2 * DAY)}, {})


def repaid(back: int) -> Reimbursement:
    """Of a cost of 100 000 SEK in November."""
    said = {"month": "2018-11", "sick_pay_cost_ore": 100_000_00, "wage_cost_ore": 0, "threshold": "0", "reimbursed_ore": back}
    return Reimbursement.model_validate(said)


def test_what_the_state_repaid_bears_only_where_the_price_is_net_of_it() -> None:
    told = plain()
    before = told.facts.position
    told.submit(lambda _: ReportReimbursements(told.id, (repaid(25_000_00),)))
    assert since(told, 1, before).arrivals == ()
    told.adopt(plain_methodology({"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2018-11"}), NOVEMBER)
    agreed = told.facts.position
    told.submit(lambda _: ReportReimbursements(told.id, (repaid(50_000_00),)))
    (found,) = since(told, 1, agreed).arrivals
    assert (found.sort, found.given) == ("reimbursements", {NOVEMBER: share(-7490_00 // 4)})


def test_until_the_evidence_is_complete_each_record_waits_for_the_one_that_completes_it() -> None:
    told = plain()
    found = since(told, 1, 1)
    assert [one.sort for one in found.arrivals[:2]] == ["agreement", "agreement"]
    *waiting, last, determined = found.arrivals
    assert all(one.waits and not one.given and not one.on_record and one.counted_by == 1 for one in waiting)
    assert found.then.waits == ("the contract was not on record",)
    assert (last.waits, total(last.given.values())) == ((), share(7490_00 + 16050_00))
    assert (determined.sort, determined.given, determined.on_record) == ("decision", {}, last.given)


def test_a_workplace_that_falls_silent_makes_the_months_wait() -> None:
    told = plain()
    before = told.facts.position
    for heads in (5, 0):
        assert told.player.play(Workforce((("2018-10", "Fittja", heads),))) is not None
    first, second = since(told, 1, before).arrivals
    assert ("2018-11: no headcount for Fittja; a workplace that ends says 0" in first.waits, second.waits) == (True, ())
    assert (first.given, second.given) == ({}, {})


def test_it_says_what_the_months_rested_on() -> None:
    told = plain()
    one = told.folded.determination(1)
    assert told.player.play(Report((), "2018-11")) is not None
    found = since(told, 1, told.facts.position)
    counts = {kind: len(records) for kind, records in found.then.rests_on.items() if records}
    assert counts == {"terms": 1, "methodology": 1, "absence reports": 2, "headcounts": 2, "reference months": 4}
    assert all(record.position <= one.basis for records in found.then.rests_on.values() for record in records)
    values = [(str(value.value.quarter), value.value.value, value.reference) for value in found.then.index]
    assert values == [("2018Q4", "3.00", False), ("2017Q4", "2.00", True)]
    assert [record.position for record in found.then.uncounted] == [told.facts.position]


def test_a_record_that_is_not_told_is_never_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    told = plain()
    before = told.facts.position
    assert told.player.play(Report((), "2018-11")) is not None
    monkeypatch.setattr(explain_arrived._History, "bears", lambda *_: False)
    with pytest.raises(VerificationFailed, match="unexplained of what the facts give"):
        since(told, 1, before)


def test_months_that_have_not_ended_are_left_out() -> None:
    told = plain()
    found = arrived(told.ledger.facts(1), told.facts, told.id, BOTH, NOVEMBER.last_day)
    assert (found.months, total(found.now.on_record.values())) == ((NOVEMBER,), share(7490_00))
    with pytest.raises(Refused, match="had ended by"):
        arrived(told.ledger.facts(1), told.facts, told.id, BOTH, NOVEMBER.first_day)


def test_a_dispute_is_told_and_its_resolution_moves_what_is_on_record_alone() -> None:
    told = plain()
    today = told.player.today
    told.submit(lambda _: OfContract(told.id, NotifyDetermination(2, today)))
    before = told.facts.position
    lower = Position(savings=(MonthAmount(month=JANUARY, amount_ore=0), MonthAmount(month=FEBRUARY, amount_ore=13910_00)))
    told.submit(lambda _: OfContract(told.id, RaiseDispute("payer", today, "the index is off", lower, determination=2)))
    told.submit(
        lambda facts: OfContract(
            told.id,
            ResolveDispute(1, today, "upheld", "agreed", facts.basis, "test", agreed_by=("payer", "external_provider")),
        )
    )
    found = since(told, 2, before)
    raised, anew, resolved = found.arrivals
    assert [one.sort for one in found.arrivals] == ["dispute", "decision", "dispute"]
    assert (raised.given, raised.on_record, resolved.given, resolved.on_record, anew.given) == ({},) * 5
    assert anew.on_record == {JANUARY: share(-9630_00)}
    for record in (raised.record, resolved.record):
        assert answer(told.ledger.facts(before), told.facts, told.id, record).months == found


# Payments, claims, and forms


def test_a_payment_is_told_with_what_it_rests_on_and_other_records_say_no_figure() -> None:
    ledger, player = next(one for one in (played("money", seed) for seed in range(40)) if one[1].folded.payments)
    facts = ledger.facts()
    paid = next(one for one in facts.stream(contract_stream(player.id)) if isinstance(one.data, PaymentMade))
    keys = [one.figure for one in answer(ledger.facts(paid.position - 1), facts, player.id, paid, player.today).figures]
    assert keys[-1].startswith("balance.")
    with pytest.raises(Usage, match="no figure"):
        answer(ledger.facts(1), facts, player.id, facts.stream(contract_stream(player.id))[0])
    with pytest.raises(Usage, match="not a figure"):
        answer(ledger.facts(1), facts, player.id, "balance.nobody")


def test_each_form_says_the_same() -> None:
    told = plain()
    before = told.ledger.facts()
    assert told.player.play(Report((), "2018-11")) is not None
    told.determine(Period(NOVEMBER, DECEMBER), "late facts")
    asked = (told.facts, before, told.id, "botkyrka/D1", None)
    text, said, rows = (arrived_answer(*asked, form, "payer") for form in ("text", "json", "csv"))
    assert text != arrived_answer(*asked, "text")
    one = json.loads(said)["months"]
    assert [arrival["by_the_facts"]["savings"] for arrival in one["arrived"]] == ["8560.00", "0.00"]
    assert [arrival["on_record"]["entitlement"] for arrival in one["arrived"]] == ["0.00", "1575.04"]
    assert one["residual"] == {key: {"savings": "0.00", "entitlement": "0.00"} for key in ("by_the_facts", "on_record")}
    table = list(csv.DictReader(StringIO(rows)))
    assert [row["part"] for row in table] == ["then", "arrived", "arrived", "now", "left over"]
    for column in ("facts_savings", "facts_entitlement", "recorded_savings", "recorded_entitlement"):
        then, *moves, now, left = (parse_kronor(row[column]) for row in table)
        assert (then + sum(moves), left) == (now, 0)
    for line in ("restatement:", "counted by D3", "savings +8\u2009560.00", "left over 0.00", "determined again:"):
        assert line in text


# The demo


def test_the_demo_s_second_determination_row_by_row(demo: World) -> None:
    desk = Desk(Settings(demo.ledger, None, None, None))
    then, now = (desk.log.known_at(parse_instant(day)) for day in ("2019-05-01", "2019-12-31"))
    found = answer(then, now, "botkyrka", resolve(now, "botkyrka/D2")[1]).months
    assert found is not None
    first, late = Amounts(2251639_06, 414301_58), Amounts(-161035_00, -29630_44)
    rows = [
        (one.sort, total(one.given.values()), total(one.on_record.values()), one.late, one.counted_by) for one in found.arrivals
    ]
    assert rows == [
        ("index value", first, NOTHING, False, 2),
        ("decision", NOTHING, first, False, None),
        ("restatement", late, NOTHING, True, 4),
        ("decision", NOTHING, late, True, None),
    ]
    assert found.then.waits == ("2019Q1: no value of scb-ksju-kommun is recorded",)
    assert ([one.number for one in found.now.determinations], found.now.uncounted) == ([4], ())
    assert replace(found, arrivals=found.arrivals[1:]).residual == (first, NOTHING)
