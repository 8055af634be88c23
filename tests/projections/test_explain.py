"""Explanations: every figure is what its parts give, every fact in a window is accounted for, nobody sees what is not theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import pytest

from cli.explain.as_json import figure
from cli.output import flat
from cli.state import as_json
from ledger.commands import OfContract, RaiseDispute
from ledger.errors import Refused, Usage
from ledger.events import MonthAgreed, MonthAmount, Position, SavingsDetermined
from ledger.facts import Facts, contract_stream, evidence_streams
from ledger.periods import Month, Period
from projections.absences import reports
from projections.audience import Audience
from projections.explanation.answer import Explanation, explain
from projections.explanation.keys import HOW
from projections.explanation.reports import about
from projections.explanation.tree import FactsCounted, Node, added, computed, coverage, found
from projections.facts_used import EveryReport, absences_used
from projections.measured import Measured
from projections.names import resolve
from projections.postings import postings
from projections.state import state
from tests import histories
from tests.memory import Memory
from tests.replayed import Story, plain
from tests.test_against_oracle import Player, memory

KINDS = ("savings", "renegotiated", "disputed")
SEEDS = range(4)
DAY = timedelta(days=1)


@cache
def played(kind: str, seed: int) -> tuple[Memory, str]:
    """A random history on a ledger in memory whose determinations rest on evidence, and the contract."""
    steps = histories.savings(seed) if kind == "disputed" else getattr(histories, kind)(seed)
    if kind == "disputed":
        steps = histories.disputed(Random(f"explained {seed}"), steps)
    ledger = memory()
    player = Player(ledger)
    for step in steps:
        if not isinstance(step, histories.Ask) and getattr(step, "given", None) is None:
            player.play(step)
    return ledger, player.id


@cache
def moments(kind: str, seed: int) -> tuple[tuple[Facts, str], ...]:
    """The end of a history, and a moment in its latter half; those at which the contract has a state."""
    ledger, contract_id = played(kind, seed)
    last = len(ledger.records)
    found_: list[tuple[Facts, str]] = []
    for position in sorted({last, Random(f"{kind} {seed}").randint(last // 2, last)}):
        facts = ledger.facts(position)
        if contract_id in facts.contracts:
            found_.append((facts, contract_id))
    return tuple(found_)


def sound(one: Explanation, facts: Facts) -> None:
    """What holds of every explanation: residual zero, no fact left over, keys unique, and what is named elsewhere is there."""
    off = [(node.key, node.value, node.given) for node in one.coverage.off]
    assert (off, one.coverage.left_over) == ([], 0), one.asked
    keys = Counter(node.key for node in one.top.walk())
    assert [key for key, times in keys.items() if times > 1] == [], one.asked
    for node in one.top.walk():
        for resting in node.rests_on:
            assert resting.position <= facts.position
        _, slash, rest = node.see.partition("/")
        if rest.startswith("balance."):
            assert rest in HOW
        elif slash:
            resolve(facts, node.see)
        else:
            assert not node.see or node.see in keys, f"{one.asked}: {node.key} is to be seen at {node.see}"


# Every figure, every record


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_of_a_state_comes_out(kind: str, seed: int) -> None:
    for facts, contract_id in moments(kind, seed):
        try:
            said = {row["key"]: row["value"] for row in flat(as_json(state(facts, contract_id)))}
        except Refused:  # not signed yet
            continue
        for place, (key, value) in enumerate(said.items()):
            one = explain(facts, contract_id, key, audience="payer" if place % 2 else "public")
            sound(one, facts)
            assert figure(one.top)["value"] == value, key


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_record_and_posting_comes_out(kind: str, seed: int) -> None:
    for facts, contract_id in moments(kind, seed)[-1:]:
        for record in (
            one for name in (contract_stream(contract_id), *evidence_streams(contract_id)) for one in facts.stream(name)
        ):
            ident = f"{contract_id}/{record.position}"
            sound(explain(facts, ident, audience="payer", lines=record.position % 5 == 0), facts)
            if record.stream == contract_stream(contract_id):
                for place, posting in enumerate(postings(record), 1):
                    one = explain(facts, f"{ident}.{place}")
                    sound(one, facts)
                    assert one.top.value == posting.amount


def every_explanation() -> Iterator[Explanation]:
    for kind in KINDS:
        for seed in range(8):
            for facts, contract_id in moments(kind, seed)[-1:]:
                for record in facts.stream(contract_stream(contract_id)):
                    yield explain(facts, f"{contract_id}/{record.position}", audience="payer")
                yield explain(facts, contract_id, "balance.provider.due")


def test_the_histories_hold_what_an_explanation_may_meet() -> None:
    seen: Counter[str] = Counter()
    for one in every_explanation():
        for node in one.top.walk():
            seen[node.key.rpartition(".")[2]] += bool(node.value)
            seen["redone"] += ".causes.savings" in node.key and not node.parts
            seen["mean"] += ".total." in node.key
        for fact in one.coverage.facts:
            seen[f"{fact.kind} {fact.fate}"] += 1
    kinds = ("line of absence", "headcount", "index value", "reimbursement")
    wanted = [f"{kind} {fate}" for kind in kinds for fate in ("used", "left out", "replaced")]
    wanted += ["redone", "mean", "reimbursed", "factor"]
    assert [name for name in wanted if not seen[name]] == []


# By hand: ten employees, 7.5 days expected, 2 140 SEK a day


@pytest.fixture(scope="module")
def story() -> Story:
    return plain()


def at(one: Explanation | Node, key: str) -> Node:
    top = one.top if isinstance(one, Explanation) else one
    [node] = [node for node in top.walk() if node.key == key]
    return node


def test_a_month_is_taken_apart_as_it_was_measured(story: Story) -> None:
    one = explain(story.facts, "botkyrka/D1", audience="payer")
    november = at(one, "D1.2018-11.savings")
    assert (november.value, november.given) == (749_000, 749_000)
    assert [(part.key.rpartition(".")[2], part.value) for part in november.parts] == [
        ("avoided", Fraction(7, 2)),
        ("price", 214_000),
    ]
    expected, actual = at(one, "D1.2018-11.expected"), at(one, "D1.2018-11.actual")
    assert (expected.value, actual.value) == (Fraction(15, 2), Fraction(4))
    rate, employees, weekdays, factor = expected.parts
    assert (rate.value, employees.value, weekdays.value, factor.value) == (Fraction(5, 220), 10, 22, Fraction(3, 2))
    assert [part.value for part in rate.parts] == [Fraction(5), 220]
    assert [part.value for part in factor.parts] == [Fraction(3), Fraction(2)]
    assert [(part.what, part.value) for part in at(one, "D1.2018-11.actual.cause").parts] == [
        ("covid: 1 spell", Fraction(2)),
        ("sick: 1 spell", Fraction(2)),
        ("work-injury: 0 spells", Fraction(0)),
    ]


def test_a_claim_is_what_the_entitlement_moves_by_month(story: Story) -> None:
    top = explain(story.facts, "botkyrka/D2").top
    assert [(part.key, part.value) for part in top.parts] == [("D2.2019-01", 177_192), ("D2.2019-02", 255_944)]
    assert top.value == 433_136
    after, before = at(top, "D2.2019-01").parts
    assert (after.value, before.value) == (610_328, 433_136)  # 18.4 % of 33 170 and of 23 540 SEK
    total, share, ceiling, maximum = after.parts
    assert (total.value, share.value, ceiling.value, maximum.value) == (3_317_000, Fraction("0.184"), 3_435_000_000, 630_000_000)
    assert (share.clause, share.status) == ("case study §4.3", "published")
    assert [part.see for part in at(top, "D2.2018-12.sum").parts] == ["botkyrka/D1", "botkyrka/D1"]


def test_facts_are_counted_by_what_became_of_them(story: Story) -> None:
    counted = explain(story.facts, "botkyrka/D1", audience="payer").coverage
    lines = {fact.fate: fact.count for fact in counted.facts if fact.kind == "line of absence"}
    assert lines == {"used": 4}  # two in November, none in December, and those of both months a year before
    assert {fact.kind: fact.count for fact in counted.facts if fact.kind != "line of absence"} == {
        "headcount": 4,
        "index value": 2,
    }
    assert (counted.window, counted.left_over) == (10, 0)


def test_single_lines_are_told_by_their_report(story: Story) -> None:
    one = explain(story.facts, "botkyrka/D1", "2018-11.actual", audience="payer", lines=True)
    assert one.top.key == "D1.2018-11.actual"
    [report] = [node for node in at(one, "D1.2018-11.actual.reports").parts if node.parts]
    assert [(line.value, line.how) for line in report.parts] == [
        (Fraction(2), "used: its days numbered 1–14 that are Monday to Friday count"),
        (Fraction(2), "used: its days numbered 1–14 that are Monday to Friday count"),
    ]
    assert report.parts[0].what.startswith("line 1: employee ")
    assert report.parts[0].what.endswith(", Alby, 2018-11-05 to 2018-11-06, 100 %, sick")


# What is held: rule 18


@pytest.fixture(scope="module")
def disputed() -> Story:
    """D1 claims 4 331.36 of 23 540 SEK. The payer holds 10 000, then 5 000; the provider 30 000."""
    told = plain(determined=1)
    for step in (histories.Act("notify"), histories.Act("wait", wait=5)):
        told.player.play(step)
    for by, ore in (("payer", 1_000_000), ("payer", 500_000), ("external_provider", 3_000_000)):
        months = (
            MonthAmount(month=Month.parse("2018-11"), amount_ore=ore),
            MonthAmount(month=Month.parse("2018-12"), amount_ore=0),
        )
        raised = RaiseDispute(by, told.player.today, f"it saved {ore}", Position(savings=months), determination=1)
        told.submit(lambda _, raised=raised: OfContract("botkyrka", raised))
    return told


def test_what_is_held_is_computed_through_the_sharing(disputed: Story) -> None:
    payable_on = disputed.folded.determination(1).notice.claim.payable_on  # type: ignore[union-attr]
    before, one = (
        explain(disputed.facts, "botkyrka", "balance.provider.due", as_of=day) for day in (payable_on - DAY, payable_on)
    )
    for answer in (before, one):
        sound(answer, disputed.facts)
    assert (before.top.value, one.top.value) == (0, 92_000)  # 18.4 % of 5 000 SEK
    held = at(one, "balance.provider.held")
    assert (held.value, at(before, "balance.provider.held").value) == (341_136, 0)
    lower = at(one, "balance.provider.lower")
    assert [part.value for part in lower.parts] == [433_136, 92_000]
    assert [(part.what, part.how) for part in at(one, "balance.provider.lower.positions.sum").parts] == [
        (f"X2 of payer against D1, raised on {disputed.player.today}", "it saved 500000"),
    ] * 2
    above = explain(disputed.facts, "botkyrka", "balance.provider.claimed_above", as_of=payable_on)
    sound(above, disputed.facts)
    assert (above.top.value, above.top.how) == (
        118_864,
        "what the provider would be owed more; it holds nothing, and nothing of it is due",
    )


def test_what_is_held_and_claimed_above_comes_out_in_random_disputes() -> None:
    seen: Counter[str] = Counter()
    for seed in range(12):
        ledger = memory()
        player = Player(ledger)
        steps = histories.disputed(Random(seed), histories.money(seed)) if seed % 2 else histories.contested(seed)
        for step in steps:
            if not isinstance(step, histories.Ask):
                player.play(step)
        for position, days in [(len(ledger.records), 0), (len(ledger.records) * 3 // 4, 60), (len(ledger.records) // 2, 90)]:
            facts = ledger.facts(position)
            if player.id not in facts.contracts:
                continue
            now = state(facts, player.id, player.today + days * DAY)
            for name in ("held", "claimed_above"):
                one = explain(facts, player.id, f"balance.provider.{name}", as_of=now.when.as_of)
                sound(one, facts)
                assert one.top.value == getattr(now.provider, name)
                seen[name] += bool(one.top.value)
    assert min(seen["held"], seen["claimed_above"]) > 2


def test_a_dispute_is_what_is_at_stake(disputed: Story) -> None:
    one = explain(disputed.facts, "botkyrka/X1")
    sound(one, disputed.facts)
    assert (one.top.value, one.top.notes) == (1_000_000 - 2_354_000, ("Grounds: it saved 1000000", "It is open."))
    for place, (position, was) in enumerate([(1_000_000, 2_354_000), (500_000, 2_354_000), (3_000_000, 2_354_000)], 1):
        for name, value in (("position", position), ("disputed", was), ("status", "open"), ("id", f"botkyrka/X{place}")):
            found_ = explain(disputed.facts, "botkyrka", f"disputes.{place}.{name}")
            sound(found_, disputed.facts)
            assert found_.top.value == value


# What was seen then


def figures_of(top: Node) -> dict[str, Any]:
    return {node.key: (node.value, node.given, node.window, node.facts) for node in top.walk()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_determination_is_explained_on_the_facts_that_it_saw(seed: int) -> None:
    for facts, contract_id in moments("savings", seed)[-1:]:
        for record in facts.stream(contract_stream(contract_id)):
            if isinstance(record.data, SavingsDetermined):
                ident = f"{contract_id}/D{record.data.number}"
                then = explain(facts.at(record.position), ident, audience="payer")
                assert figures_of(then.top) == figures_of(explain(facts, ident, audience="payer").top)


def test_late_facts_leave_a_determination_and_are_told_as_unsettled() -> None:
    told = plain()
    late = histories.Line(5, "Alby", date(2018, 12, 3), date(2018, 12, 7), 100)
    before = explain(told.facts, "botkyrka/D1", audience="payer")
    told.player.play(histories.Report((late,), None, None, "2018-12"))
    assert figures_of(before.top) == figures_of(explain(told.facts, "botkyrka/D1", audience="payer").top)
    unsettled = explain(told.facts, "botkyrka", "unsettled.facts")
    assert [part.what for part in unsettled.top.parts] == [f"Record {told.facts.position}, recorded after D1"]
    told.determine(Period.parse("2018-11..2018-12"), "late")
    again = explain(told.facts, "botkyrka/D3", audience="payer")
    assert at(again, "D3.2018-12.savings").value == 535_000
    causes = {part.key.rpartition(".")[2]: part.value for part in at(again, "D3.causes.savings").parts}
    assert causes == {"facts recorded since": -1_070_000}
    assert at(again, "D3.2018-12").value == 98_440 - 295_320


# Who may see what


AUDIENCES: tuple[Audience, ...] = ("payer", "provider", "auditor", "public")


@pytest.mark.parametrize("audience", AUDIENCES[1:])
def test_lines_are_for_the_employer_alone(story: Story, audience: Audience) -> None:
    with pytest.raises(Refused, match="for the employer alone, not for the audience"):
        explain(story.facts, "botkyrka/D1", audience=audience, lines=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_only_the_employer_sees_figures_of_few(kind: str, seed: int) -> None:
    for facts, contract_id in moments(kind, seed)[-1:]:
        folded = facts.contract(contract_id)
        for one in folded.determinations:
            seen = {audience: explain(facts, f"{contract_id}/D{one.number}", audience=audience).top for audience in AUDIENCES}
            assert figures_of(seen["public"]) == figures_of(seen["provider"]) == figures_of(seen["auditor"])
            assert not found(seen["public"], lambda node: ".reports" in node.key or ".cells" in node.key)
            for line in (line for line in one.months if not isinstance(line, MonthAgreed)):
                method = folded.every_methodology[line.methodology_sha256]
                used = absences_used(facts.at(one.basis), contract_id, line.month, method)
                who = {cell.workplace: frozenset[int]() for cell in used.cells}
                for cell in used.cells:
                    who[cell.workplace] |= cell.who
                few = {name for name, tokens in who.items() if len(tokens) < 5}
                key = f"D{one.number}.{line.month}.actual.workplace"
                for node in (node for top in found(seen["public"], lambda node, key=key: node.key == key) for node in top.parts):
                    assert node.key.removeprefix(f"{key}.") not in few


# Loudly, where it does not come out


def test_a_tree_that_is_off_is_not_sound() -> None:
    leaves = [Node("a", "A", 2, "SEK"), Node("b", "B", 3, "SEK")]
    assert coverage(added("sum", "Sum", leaves)).sound
    assert coverage(added("sum", "Sum", leaves, 5)).sound
    wrong = added("sum", "Sum", leaves, 6)
    assert (wrong.residual, coverage(wrong).off, coverage(wrong).sound) == (1, (wrong,), False)
    assert not coverage(computed("top", "Top", 1, 1, [wrong])).sound
    assert computed("on", "On", Month.parse("2019-01").last_day, None, []).residual == 0
    assert computed("on", "On", Month.parse("2019-01").last_day, Month.parse("2019-02").last_day, []).residual == 1
    assert computed("whether", "Whether", True, False, []).residual == 1


def test_facts_that_nothing_became_of_are_left_over() -> None:
    node = Node("n", "N", 1, window=5, facts=(FactsCounted("headcount", "used", 2), FactsCounted("headcount", "left out", 2)))
    assert (coverage(node).left_over, coverage(node).sound) == (1, False)
    twice = computed("top", "Top", 1, 1, [node, replace(node, key="m", window=4)])
    assert (coverage(twice).left_over, coverage(twice).count("used"), len(coverage(twice).facts)) == (1, 4, 2)


def test_a_line_that_no_rule_decides_on_is_left_over(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    used = EveryReport.used

    def forgetting(self: EveryReport, *args: Any, **more: Any) -> Any:
        one = used(self, *args, **more)
        return replace(one, tallies=one.tallies[1:])

    monkeypatch.setattr(EveryReport, "used", forgetting)
    for audience in AUDIENCES:
        one = explain(story.facts, "botkyrka/D1", audience=audience)
        assert (one.coverage.left_over, one.coverage.sound) == (4, False)


def test_a_month_that_its_facts_do_not_give_is_off(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    from projections.explanation.ground import Ground

    monkeypatch.setattr(Ground, "locked", lambda *_: 2)
    one = explain(story.facts, "botkyrka/D1")
    assert {node.key for node in one.coverage.off} >= {"D1.2018-11.expected.rate", "D1.2018-11.expected.factor"}
    assert not one.coverage.sound


def test_made_up_savings_are_off_but_the_money_that_follows_is_not() -> None:
    explained = 0
    for seed in range(3):
        ledger = memory()
        player = Player(ledger)
        for step in histories.money(seed):
            if not isinstance(step, histories.Ask):
                player.play(step)
        facts = ledger.facts()
        if player.id not in facts.contracts:
            continue
        for record in facts.stream(contract_stream(player.id)):
            if isinstance(record.data, SavingsDetermined):
                continue  # made up
            one = explain(facts, f"{player.id}/{record.position}")
            for node in one.coverage.off:
                assert node.key.startswith(("D", "reference.")), f"{one.asked}: {node.key}"
                assert any(part in node.key for part in (".savings", ".avoided", ".expected", ".actual", ".days")), node.key
            explained += len(found(one.top, lambda node: node.key.startswith("balance.") and bool(node.value)))
    assert explained > 20


# What is read, and what is asked


@pytest.mark.parametrize("kind", ["savings", "renegotiated"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_lines_that_a_month_can_follow_from_give_the_same_as_all(kind: str, seed: int) -> None:
    for facts, contract_id in moments(kind, seed)[-1:]:
        every = reports(facts, contract_id, "payroll")
        method = facts.contract(contract_id).methodologies
        months = sorted({month for record in every.records for month in record.data.months})
        for month in months if method else ():
            alone = Measured(facts, contract_id, "payroll")
            alone.reported = about(every, (month,), method[-1][1].measure.numbers)
            whole = EveryReport(Measured(facts, contract_id, "payroll")).used(month, method[-1][1])
            assert EveryReport(alone).used(month, method[-1][1]) == whole
            assert len(alone.reported.order) <= len(every.order)


def test_what_is_asked_must_be_on_record(story: Story) -> None:
    for ident, key, said, do in [
        ("botkyrka", None, "botkyrka is a contract", "soc explain botkyrka balance.provider.due"),
        ("botkyrka", "due", "due is not a figure of the state", "balance.provider.due"),
        ("botkyrka", "savings", "savings is not a figure", "savings.determined"),
        ("botkyrka/savings", "determine", "savings.determine is not", "savings.determined"),
        ("botkyrka/D9", None, "no D9 on record", "soc register botkyrka"),
        ("botkyrka/D1.99", None, "it has no posting 99", "soc register botkyrka"),
        ("botkyrka/D1", "avoided", "avoided is not a figure in the explanation", "D1.2018-11.avoided"),
        ("nowhere/D1", None, "no contract nowhere", ""),
    ]:
        with pytest.raises(Usage) as refused:
            explain(story.facts, ident, key)
        assert said in str(refused.value)
        assert do in str(refused.value)


def test_a_figure_is_asked_for_in_either_form(story: Story) -> None:
    one = explain(story.facts, "botkyrka/balance.provider.entitled")
    assert figures_of(one.top) == figures_of(explain(story.facts, "botkyrka", "balance.provider.entitled").top)
    assert (one.top.value, one.asked) == (866_272, "botkyrka balance.provider.entitled")
