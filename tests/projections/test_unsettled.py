"""What late facts would change is what determining again then records, to the öre; each record accounts for its part."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest

from ledger.errors import Refused
from ledger.events import AbsenceReported, SavingsDetermined
from ledger.periods import Month
from projections import proposals
from projections.about import abouts, is_about, rests_on
from projections.restated import Difference, Restated, restated
from projections.state import state
from projections.unsettled import late_facts, unsettled
from tests import histories
from tests.histories import Line, Report, Step, Trend, Workforce
from tests.memory import Memory
from tests.test_against_oracle import MANAGER, Player, _savings_of_a_quarter, memory

SEEDS = 100


def played(steps: list[Step]) -> tuple[Memory, Player]:
    """A history on a ledger in memory."""
    ledger = memory()
    player = Player(ledger)
    for step in steps:
        player.play(step)
    return ledger, player


def cut(seed: int) -> tuple[Memory, Player]:
    """A random history up to a random step, asked about then or some years later, when corrections are closed."""
    draw = Random(f"cut {seed}")
    steps = histories.savings(seed)
    ledger, player = played(steps[: draw.randint(len(steps) * 2 // 3, len(steps))])
    player.today += timedelta(days=draw.choice((0, 0, 400, 900)))
    return ledger, player


def redone(ledger: Memory, player: Player, number: int) -> SavingsDetermined:
    """``determine --redo`` of one determination, recorded."""
    period = player.folded.determination(number).period
    done = ledger.submit(
        lambda facts: proposals.determination(
            facts, player.id, period, today=player.today, computed_by="test", redo="late facts"
        ),
        {"redo": number},
        by=MANAGER,
        at=datetime.combine(player.today, time(9, tzinfo=UTC)),
    )
    event = done.records[0].data
    assert isinstance(event, SavingsDetermined)
    return event


def sums_up(one: Difference) -> None:
    """Months and causes each sum to the difference: residual zero."""
    for part in (one.months, one.causes):
        assert sum(found.savings for found in part) == one.savings
        assert sum(found.entitlement for found in part) == one.entitlement


def check_against_redo(ledger: Memory, player: Player, found: Restated) -> None:
    """Redo all that may be: the events say what was foretold; what was said to be closed or impossible is refused."""
    before = state(ledger.facts(), player.id, player.today)
    savings: Counter[Month] = Counter()
    entitlement: Counter[Month] = Counter()
    for one in found.open.determinations:
        event = redone(ledger, player, one.number)
        savings.update({moved.month: moved.amount_ore for moved in event.savings})
        entitlement.update({moved.month: moved.amount_ore for moved in event.entitlement})
    for refused in (*found.closed.determinations, *(one.determination for one in found.unable)):
        with pytest.raises(Refused):
            redone(ledger, player, refused.number)
    moved = found.open.months
    assert {month: amount for month, amount in savings.items() if amount} == {
        one.month: one.savings for one in moved if one.savings
    }
    assert {month: amount for month, amount in entitlement.items() if amount} == {
        one.month: one.entitlement for one in moved if one.entitlement
    }
    after = state(ledger.facts(), player.id, player.today)
    assert after.savings - before.savings == found.open.savings
    assert after.to_provider - before.to_provider == found.open.entitlement


def check_the_rest(ledger: Memory, player: Player) -> int:
    """Determinations without late facts come out on all that is recorded as on the facts that they saw; how many there are."""
    facts, folded, compared = ledger.facts(), player.folded, 0
    late = late_facts(facts, folded, player.id, player.today)
    for one in folded.in_force:
        if one.number in late:
            continue
        try:
            now = proposals.measured(facts, folded, one.period, redo=True)
        except Refused:
            continue  # a workplace of an earlier month fell silent since
        then = proposals.measured(facts.at(one.basis), folded, one.period, redo=True)
        assert [month.savings_ore for month in now] == [month.savings_ore for month in then], one.number
        compared += facts.position > one.position
    return compared


def test_it_is_what_determining_again_records() -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        ledger, player = cut(seed)
        if not player.folded.determinations:
            continue
        found = restated(ledger.facts(), player.id, player.today)
        for one in (found.open, found.closed):
            sums_up(one)
            seen.update(cause.sort for cause in one.causes)
            seen["moved"] += sum(bool(cause.savings) for cause in one.causes)
        seen["open"] += len(found.open.determinations)
        seen["closed"] += len(found.closed.determinations)
        seen["unable"] += len(found.unable)
        seen["without late facts"] += check_the_rest(ledger, player)
        check_against_redo(ledger, player, found)
        again = restated(ledger.facts(), player.id, player.today)
        assert again.open == Difference(0, 0, (), (), ())
        assert again.closed_on == found.closed_on
    assert not seen["computed otherwise"]
    assert min(seen[what] for what in ("open", "moved", "recorded late", "without late facts")) > 10, seen
    assert min(seen[what] for what in ("closed", "unable", "revised before")) > 0, seen


def revised(quarter: str) -> Trend:
    """Another value of a quarter's index, published after the determination."""
    return Trend(((quarter, "4.00", date(2019, 2, 10), "published"),), on=date(2019, 2, 10))


@pytest.mark.parametrize(
    ("quarter", "moved"), [("2017Q4", []), ("2018Q4", ["2018-10"])], ids=["locked with the reference years", "the month's own"]
)
def test_of_index_values_only_those_count_that_a_month_took(quarter: str, moved: list[str]) -> None:
    """October is disrupted: November and December take the year before, a reference quarter that is locked (rules 6, 7)."""
    steps = _savings_of_a_quarter(revised(quarter), disrupted="2018-10", quarter_split="previous-year")
    ledger, player = played(steps[:-1])
    late = unsettled(ledger.facts(), player.folded, player.id, player.today)
    assert [record.position for record in late] == ([len(ledger.records)] if moved else [])
    found = restated(ledger.facts(), player.id, player.today)
    assert [str(one.month) for one in found.open.months if one.savings] == moved
    check_against_redo(ledger, player, found)


def test_a_revision_before_the_determination_is_named_as_such() -> None:
    """It took the first of two values; a redo, caused by a late report, takes the last."""
    steps = _savings_of_a_quarter()
    heads = Workforce((("2018-10", "Alby", 12),))
    before, determine, redo = steps[:-2], steps[-2], steps[-1]
    ledger, player = played([*before, revised("2018Q4"), determine])
    assert restated(ledger.facts(), player.id, player.today).facts == ()
    player.play(heads)
    found = restated(ledger.facts(), player.id, player.today)
    assert [cause.sort for cause in found.open.causes] == ["revised before", "recorded late"]
    assert all(cause.savings for cause in found.open.causes)
    sums_up(found.open)
    player.play(redo)
    assert state(ledger.facts(), player.id, player.today).savings == found.open.savings + sum(
        month.savings_ore for month in player.folded.determination(1).months
    )


def test_only_reports_of_the_source_that_is_measured_by_are_unsettled() -> None:
    """The provider's own report of the same absence never counts (rule 2); payroll's does."""
    sick = (Line(1, "Alby", date(2018, 11, 5), date(2018, 11, 9), 100),)
    for source, expected in (("health-support", 0), ("payroll", 1)):
        late = Report(sick, source=source, on=date(2019, 3, 1))
        ledger, player = played([*_savings_of_a_quarter()[:-1], late])
        assert isinstance(ledger.records[-1].data, AbsenceReported)
        found = restated(ledger.facts(), player.id, player.today)
        assert len(found.facts) == expected
        assert found.open.savings == expected * -5 * 214000
        check_against_redo(ledger, player, found)


def test_a_month_rests_on_the_index_of_the_quarter_whose_factor_it_took() -> None:
    """Under ``previous-year`` that is not its own."""
    ledger, player = played(_savings_of_a_quarter(disrupted="2018-10", quarter_split="previous-year")[:-1])
    october, november, _ = player.folded.determination(1).months
    for quarter, about in (("2018Q4", [october]), ("2017Q4", [november])):
        player.play(revised(quarter))
        [said] = abouts(ledger.records[-1])
        assert [month for month in (october, november) if is_about(said, rests_on(month, player.folded))] == about
