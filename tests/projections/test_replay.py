"""A replay gives what was recorded, what determining again would, and, once it is adopted, what is recorded then: to the öre."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from ledger.errors import Refused, Usage
from ledger.events import MethodologyAdopted
from ledger.facts import contract_stream
from ledger.methodology import Methodology
from ledger.periods import Period
from projections import proposals
from projections.findings_beside import symmetry
from projections.replays.causes import Way, difference
from projections.replays.replay import Outcome, Replay, Replayer, outcome, replay
from projections.state import Reaching, State, state
from tests.histories import Act, Line, Report
from tests.replayed import KINDS, PLAIN_MONTHS, Story, cut, late, methodologies, months_of, plain, plain_methodology, ways
from tests.test_against_oracle import TIMES

SEEDS = range(int(120 * TIMES))
FROM_FACTS = {"facts recorded since", "trend revisions", "window", "rounding", "cap and ceiling"}
"""What moves under one methodology; a month that is not measured moves with those that it takes the mean of."""


def agreed(seed: int) -> Iterator[tuple[Story, Methodology, Replay, list[Period]]]:
    """Histories in which one methodology after another is replayed, as it is shown before it is adopted."""
    told, draw = cut(seed), Random(f"agreed {seed}")
    for methodology in methodologies(draw, told.folded, 3) if told is not None else ():
        assert told is not None
        found = told.shown(methodology)
        if found is not None:
            yield told, methodology, *found


def adopted(told: Story, methodology: Methodology, periods: list[Period], *, at_once: bool) -> bool:
    """Adopt what was replayed, and determine it; False where that can no longer be: it is closed, or the methodology agrees on
    other suspended months than the one before did."""
    try:
        told.adopt(methodology, periods[0].first)
    except Refused as refused:
        if "is closed since" not in refused.what:
            raise
        return False
    if told.periods[: len(periods)] != periods or any(map(told.folded.suspended, months_of(periods))):
        return False
    told.settle(periods, at_once=at_once)
    return True


# As recorded, and as a redo


def test_on_the_facts_of_then_every_month_comes_out_as_it_was_recorded() -> None:
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        for told, methodology, _, periods in agreed(seed):
            adopted(told, methodology, periods, at_once=seed % 2 == 0)
            then = Replayer(told.facts, told.id, then=True)
            lines = then.lines({month: then.in_force(month) for month in then.determined})
            assert lines == told.recorded, seed
            compared.update(type(line).__name__ for line in lines.values())
    assert compared["MonthDetermined"] > 400 * TIMES
    assert compared["MonthAgreed"] > 50 * TIMES


def test_on_the_facts_as_they_stand_every_month_comes_out_as_determining_it_again_would() -> None:
    compared: Counter[bool] = Counter()
    for seed in SEEDS:
        for told, methodology, _, periods in agreed(seed):
            adopted(told, methodology, periods[:1], at_once=False)
            replayer, folded = Replayer(told.facts, told.id), told.folded
            for period in told.periods:
                redo = period.first in folded.savings
                if any(map(folded.suspended, period)):
                    continue
                methods = {month: folded.methodology_of(month) for month in period}
                lacking = [
                    said
                    for method, part in proposals.by_methodology(folded, period)
                    for said in replayer.lacking(method, list(part))
                ]
                compared[redo] += not lacking
                try:
                    expected = proposals.measured(told.facts, folded, period, redo=redo)
                except Refused:
                    assert lacking, seed
                else:
                    assert (lacking, list(replayer.lines(methods).values())) == ([], expected), seed
    assert compared[True] > 150 * TIMES
    assert compared[False] > 30 * TIMES


# Shown, adopted, determined


def test_what_was_shown_is_what_is_recorded_once_it_is_adopted() -> None:
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        for number, (told, methodology, shown, periods) in enumerate(agreed(seed)):
            if not adopted(told, methodology, periods, at_once=(seed + number) % 2 == 0):
                compared["closed"] += 1
                continue
            recorded = told.recorded
            assert shown.outcomes[0].lines == {month: recorded[month] for month in shown.months}, seed
            compared.update(rule.kind for rule in methodology.disruption if any(map(rule.acts_in, shown.months)))
            compared["shown and adopted"] += 1
            for days in (0, 20, 60, 120, 300):
                as_of = shown.when.as_of - timedelta(days=days)
                if told.folded.signed_on is not None and as_of >= told.folded.signed_on:
                    again = outcome(shown.replayer, dict.fromkeys(shown.months, methodology), as_of, "again", methodology)
                    _same(state(told.facts, told.id, as_of), again)
                    compared["states"] += 1
    assert compared["shown and adopted"] > 120 * TIMES
    assert min(compared[kind] for kind in KINDS[1:]) >= 10 * TIMES, compared


def _same(recorded: State, shown: Outcome) -> None:
    """Whether a state says what an outcome said, of all that does not wait for notice and acceptance."""
    provider = recorded.provider
    unpaid = provider.entitled - provider.paid - provider.instructed + provider.recovered
    assert (recorded.savings, provider.entitled, recorded.to_authority) == (shown.sum, shown.entitled, shown.to_authority)
    assert (shown.due, shown.overpaid) == (max(0, unpaid), max(0, -unpaid))
    reached = {
        "contract": recorded.break_even_contract,
        "authority": recorded.break_even_authority,
        "provider": recorded.break_even_provider,
        "cap": recorded.cap,
    }
    assert {name: _told(one) for name, one in reached.items()} == {name: _told(one) for name, one in shown.reaching.items()}


def _told(one: Reaching) -> tuple[Any, ...]:
    """All of it but since when it is known: a simulation is not."""
    return one.target, one.reached, one.reached_on, one.lost_on, one.remaining


def between(seed: int) -> Iterator[tuple[Story, Replay, list[Period], Replay]]:
    """Methodologies as they were shown, and as they come out after what was recorded since."""
    told, draw = cut(seed), Random(f"between {seed}")
    for methodology in methodologies(draw, told.folded, 2) if told is not None else ():
        assert told is not None
        found = told.shown(methodology)
        if found is None:
            continue
        for step in (*told.rest, *late(draw, told)):
            told.player.play(step)
        told.repaid(draw)
        try:
            yield told, *found, replay(told.facts, told.id, [methodology], months=found[0].months)
        except Refused:  # a workplace fell silent
            continue


def test_what_comes_between_showing_and_adopting_is_the_difference() -> None:
    compared: Counter[str] = Counter()
    for seed in SEEDS:
        for told, shown, periods, now in between(seed):
            methodology = shown.outcomes[0].methodology
            assert methodology is not None
            if not adopted(told, methodology, periods, at_once=False):
                continue
            recorded = told.recorded
            assert now.outcomes[0].lines == {month: recorded[month] for month in now.months}, seed
            why = difference(*ways(shown), *ways(now), shown.months)
            assert why.residual == (0, 0), seed
            was = shown.outcomes[0].savings
            assert why.savings == sum(told.folded.savings[month] - was[month] for month in shown.months)
            if told.folded.savings.keys() == set(shown.months):
                assert why.entitlement == told.folded.entitled - shown.outcomes[0].entitled
            agrees = {month for month in shown.months if methodology.agreed(month) is not None}
            for part in why.parts:
                assert part.cause in FROM_FACTS, seed
                assert part.month in agrees or part.cause != "window", seed
                assert part.facts or part.cause in ("rounding", "cap and ceiling"), (seed, part)
            compared.update({part.cause for part in why.parts})
    assert min(compared[name] for name in ("facts recorded since", "trend revisions")) >= 30 * TIMES, compared
    assert compared["window"] >= 2 * TIMES


# Known at a moment


def _told_at(told: Story, position: int, methods: list[Methodology]) -> Any:
    """All that a replay at a position says of each methodology and of how they differ."""
    facts, said = told.ledger.facts(position), []
    for then in (False, True):
        for method in methods:
            try:
                replayed = replay(facts, told.id, [method], then=then)
            except Refused as refused:
                said.append(str(refused))
                continue
            one = replayed.outcomes[0]
            figures = (one.sum, one.entitled, one.due, one.overpaid, one.entitlements, one.reaching, one.preliminary)
            found = symmetry(replayed.replayer, method, replayed.months)
            recorded = tuple(month for month in replayed.months if month in replayed.replayer.determined)
            taken = Replayer(facts, told.id, then=True)
            why = difference(Way(taken, taken.in_force, replayed.recorded), *ways(replayed), recorded)
            said.append((replayed.when, replayed.months, replayed.stopped, dict(one.lines), figures, found, why.parts))
    return said


def test_what_is_recorded_later_changes_no_replay_of_an_earlier_moment() -> None:
    compared = 0
    for seed in SEEDS[::3]:
        told, draw = cut(seed), Random(f"later {seed}")
        if told is None:
            continue
        methods = methodologies(draw, told.folded, 2)
        first = next(
            one.position for one in told.facts.stream(contract_stream(told.id)) if isinstance(one.data, MethodologyAdopted)
        )
        positions = {draw.randint(first, len(told.ledger.records)), len(told.ledger.records)}
        before = {position: _told_at(told, position, methods) for position in positions}
        for step in told.rest:
            told.player.play(step)
        for methodology in methods[1:]:
            found = told.shown(methodology)
            if found is not None:
                adopted(told, methodology, found[1], at_once=False)
        told.repaid(draw)
        assert {position: _told_at(told, position, methods) for position in positions} == before, seed
        compared += len(positions)
    assert compared > 40 * TIMES


# What is asked for, and what is refused

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = PLAIN_MONTHS
MEAN = {"kind": "deem-average@1", "of": "2018-11..2018-12", "window": "2019-01..2019-02"}
OUT = {"kind": "exclude-months@1", "window": "2019-01..2019-02"}


def test_months_that_are_not_asked_for_stand_as_they_were_determined() -> None:
    found = replay(plain().facts, "botkyrka", [plain_methodology(price="4280.00")], months=[DECEMBER])
    assert found.outcomes[0].savings == {NOVEMBER: 7490_00, DECEMBER: 2 * 16050_00, JANUARY: 9630_00, FEBRUARY: 13910_00}
    assert (found.outcomes[0].sum, found.recorded.sum) == (63130_00, 47080_00)
    assert (found.outcomes[0].entitled, found.recorded.entitled) == (11615_92, 8662_72)


def test_a_mean_is_taken_of_months_as_they_are_replayed_before_those_determined() -> None:
    dearer = plain_methodology(MEAN, price="4280.00")
    whole = replay(plain().facts, "botkyrka", [dearer]).outcomes[0]
    alone = replay(plain().facts, "botkyrka", [dearer], months=[JANUARY, FEBRUARY]).outcomes[0]
    assert [one.savings[JANUARY] for one in (whole, alone)] == [2 * 11770_00, 11770_00]


def test_months_run_to_the_last_that_every_methodology_can_measure_and_it_says_why_not_further() -> None:
    told = plain()
    net = plain_methodology({"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2019-02"}, name="net")
    found = replay(told.facts, told.id, [plain_methodology(), net])
    assert found.months == (NOVEMBER, DECEMBER, JANUARY)
    assert found.stopped == {net.sha256: ("2019-02: what the state repaid of sick pay is not recorded; a month without says 0",)}
    with pytest.raises(Refused, match="net: 2019-02: what the state repaid"):
        replay(told.facts, told.id, [plain_methodology(), net], months=[FEBRUARY])
    with pytest.raises(
        Refused, match=r"(?s)no month can be replayed under every methodology:.*2018-11: the methodology has no price"
    ):
        replay(told.facts, told.id, [plain_methodology(), plain_methodology(priced_from="2019-02-01")])


def test_a_run_that_is_cut_short_takes_with_it_the_means_that_need_what_is_left_out() -> None:
    """January needs February, which a methodology beside it cannot measure and nobody has determined."""
    told = plain(determined=1)
    backwards = plain_methodology(MEAN | {"of": "2019-02", "window": "2019-01"}, name="backwards")
    net = plain_methodology({"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2019-02"}, name="net")
    found = replay(told.facts, told.id, [backwards, net])
    assert found.months == (NOVEMBER, DECEMBER)
    assert found.stopped.keys() == {backwards.sha256, net.sha256}


def test_a_month_that_has_not_ended_or_is_not_of_the_contract_is_refused() -> None:
    facts = plain().facts
    with pytest.raises(Refused, match=r"2019-02: not a month of the contract .* that ended by 2019-02-27"):
        replay(facts, "botkyrka", [plain_methodology()], months=PLAIN_MONTHS, as_of=FEBRUARY.last_day - timedelta(days=1))
    with pytest.raises(Refused, match="2018-10, 2019-03: not a month"):
        replay(facts, "botkyrka", [plain_methodology()], months=[NOVEMBER - 1, NOVEMBER, FEBRUARY + 1])
    with pytest.raises(Usage, match="no contract elsewhere"):
        replay(facts, "elsewhere", [plain_methodology()])


def test_a_suspended_month_is_replayed_and_said_to_be_suspended() -> None:
    told = plain(determined=1)
    assert told.player.play(Act("suspend")) is not None
    found = replay(told.facts, told.id, [plain_methodology()])
    assert found.suspended == (JANUARY, FEBRUARY)
    assert (found.outcomes[0].sum, found.recorded.sum) == (47080_00, 23540_00)


# What random histories have found


def test_a_mean_taken_then_is_of_the_months_as_they_stood_then() -> None:
    """November and December are determined again after January and February took their mean."""
    told = plain()
    told.adopt(plain_methodology(MEAN), JANUARY)
    told.determine(Period(JANUARY, FEBRUARY), "agreed")
    told.player.play(Report((Line(5, "Alby", DECEMBER.first_day + timedelta(9), None, 100),), None, None, "2018-12"))
    told.determine(Period(NOVEMBER, DECEMBER), "late facts")
    assert told.recorded[DECEMBER].savings_ore < 16050_00
    then = Replayer(told.facts, told.id, then=True)
    lines = then.lines({month: then.in_force(month) for month in then.determined})
    assert lines == told.recorded
    assert lines[JANUARY].savings_ore == 11770_00


def test_an_instruction_carried_out_later_stands_until_then() -> None:
    told = plain()
    for step in (Act("notify", pick=0), Act("instruct", kind="outcome", wait=62), Act("made", kind="outcome", wait=5)):
        assert told.player.play(step) is not None
    instructed_on = told.player.today - timedelta(days=5)
    for days, settled in ((-1, 0), (0, 4331_36), (4, 4331_36), (5, 4331_36)):
        as_of = instructed_on + timedelta(days=days)
        found = replay(told.facts, told.id, [plain_methodology()], as_of=as_of).outcomes[0]
        assert found.due == 8662_72 - settled, days
        _same(state(told.facts, told.id, as_of), found)


def test_each_month_of_a_determination_takes_the_reference_years_that_its_own_methodology_locked() -> None:
    """February has another price, and took its reference rate when two more days of February a year before were known."""
    told = plain(determined=1)
    told.adopt(plain_methodology(price="1000.00"), FEBRUARY)
    told.player.play(Report((Line(5, "Alby", date(2018, 2, 12), date(2018, 2, 13), 100),), None, None, "2018-02"))
    told.determine(Period(JANUARY, FEBRUARY))
    assert [told.recorded[month].savings_ore for month in (JANUARY, FEBRUARY)] == [9630_00, 9500_00]
    then = Replayer(told.facts, told.id, then=True)
    assert then.lines({month: then.in_force(month) for month in then.determined}) == told.recorded
