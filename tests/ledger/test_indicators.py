"""Targets and unpaid outcomes: files good and bad, who may record them, and what is refused with every fault."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ledger import commands
from ledger import contract as c
from ledger import events as e
from ledger import indicators as decider
from ledger.errors import InputRefused, Refused
from ledger.imports import indicators_csv, targets_csv
from ledger.indicators import IndicatorState, ReportIndicators, StateTargets
from ledger.periods import Period
from ledger.vocabulary import decimal_text
from tests.ledger.test_events_golden import TERMS

INDICATORS = "indicator,period,value,unit,respondents,note"
TARGETS = "measure,change,stated_on,by,from_period,to_period,source,note"


# ── Files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def indicators(*lines: str) -> tuple[indicators_csv.IndicatorLine, ...]:
    return indicators_csv.read("\n".join([INDICATORS, *lines]).encode(), "f.csv", date(2020, 3, 31)).rows


def targets(*lines: str) -> tuple[targets_csv.TargetLine, ...]:
    return targets_csv.read("\n".join([TARGETS, *lines]).encode(), "f.csv").rows


def test_a_file_of_indicators() -> None:
    first, second = indicators('Engagement,2019-10,"78,40",index-0-100,4210,"synthetic"', "ohs-preventive,2019Q4,1250000,sek,,")
    assert (first.indicator, first.period, first.value, first.unit) == (
        "engagement",
        Period.parse("2019-10"),
        "78.40",
        "index-0-100",
    )
    assert (first.respondents, first.note) == (4210, "synthetic")
    assert (second.line, second.period, second.respondents, second.note) == (3, Period.parse("2019Q4"), None, None)


def test_a_file_of_targets() -> None:
    dated, undated = targets(
        "short-term-days,-12 %,2018-11-01,RISE,,,release,at least", "engagement,+2.5%,,RISE,2018Q3,2019Q4,story,"
    )
    assert (dated.change, dated.stated_on, dated.from_period, dated.note) == (
        Fraction(-3, 25),
        date(2018, 11, 1),
        None,
        "at least",
    )
    assert (undated.change, undated.stated_on, undated.to_period) == (Fraction(1, 40), None, Period.parse("2019Q4"))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("morale,2019-10,78,index-0-100,,", "indicator 'morale' is none that is known here"),
        (",2019-10,78,index-0-100,,", "indicator is empty"),
        ("engagement,2019,78,index-0-100,,", "period '2019' is not a period"),
        ("engagement,2019-10,,index-0-100,,", "value is empty"),
        ("engagement,2019-10,-1,index-0-100,,", "value '-1' is not a number from 0 on with at most 6 decimals"),
        ("engagement,2019-10,78 %,index-0-100,,", "value '78 %' is not a number from 0 on with at most 6 decimals"),
        ("engagement,2019-10,100.01,index-0-100,,", "engagement: 100.01 is more than there can be in index-0-100"),
        ("engagement,2019-10,7,score-0-10,,", "engagement: it is never in score-0-10; it may be in index-0-100"),
        (
            "ohs-preventive,2019-10,1.005,sek,,",
            "ohs-preventive: 1.005 is not an amount: write whole kronor or exactly two decimals, as 900000 or 900000.00",
        ),
        (
            "ohs-preventive,2019-10,900.5,sek,,",
            "ohs-preventive: 900.5 is not an amount: write whole kronor or exactly two decimals, as 900000 or 900000.00",
        ),
        ("engagement,1999-12,78,index-0-100,,", "period '1999-12' begins before 2000-01"),
        ("engagement,2020-04,78,index-0-100,,", "2020-04 has not ended; today is 2020-03-31"),
        ("engagement,2019-10,78,points,,", "unit 'points' is none that is known here"),
        ("engagement,2019-10,78,index-0-100,many,", "respondents 'many' is not a number of persons"),
        (
            "engagement,2019-10,78,index-0-100,4,",
            "engagement: 4 answered, and a value of fewer than 5 persons tells of each of them",
        ),
        ("engagement,2019-10,78,index-0-100,,19850412-1234", "note '…' holds a personal number"),
        (
            "engagement,2019-10,78,index-0-100,,\nengagement,2019-10,79,index-0-100,,",
            "lines 2 and 3 both give engagement for 2019-10",
        ),
        ("", "no lines below the header"),
    ],
)
def test_bad_indicators(line: str, what: str) -> None:
    with pytest.raises(InputRefused) as refused:
        indicators(line)
    assert what in [fault.what for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("short-term-days,-0.12,,RISE,,,release,", "change '-0.12' is not a change in per cent"),
        ("short-term-days,12 %,,RISE,,,release,", "change '12 %' is not a change in per cent"),
        ("short-term-days,-0 %,,RISE,,,release,", "change '-0 %' cannot be: a change of nothing is no target"),
        ("short-term-days,-101 %,,RISE,,,release,", "change '-101 %' cannot be: a change lies between -100 and 1000 per cent"),
        ("days,-12 %,,RISE,,,release,", "measure 'days' is none that is known here"),
        ("short-term-days,-12 %,,,,,release,", "by is empty"),
        ("short-term-days,-12 %,,RISE,,,,", "source is empty"),
        ("short-term-days,-12 %,soon,RISE,,,release,", "stated_on 'soon' is not a date"),
        ("engagement,+2 %,,RISE,1999Q4,2019Q1,release,", "from_period '1999Q4' begins before 2000-01"),
        ("short-term-days,-12 %,,RISE,2019Q1,2019Q1,release,", "to_period 2019Q1 does not come after from_period 2019Q1"),
        (
            "risk-group,-1 %,,A,,,x,\nrisk-group,-2 %,,B,,,x,",
            "lines 2 and 3 both give risk-group of 'x'",
        ),
    ],
)
def test_bad_targets(line: str, what: str) -> None:
    with pytest.raises(InputRefused) as refused:
        targets(line)
    assert what in [fault.what for fault in refused.value.faults]


def test_every_fault_of_a_file_is_told_with_its_line() -> None:
    with pytest.raises(InputRefused) as refused:
        indicators(
            "engagement,2019-10,101,index-0-100,,", "morale,2019-10,1,index-0-100,,", "engagement,2020-01,x,index-0-100,3,"
        )
    assert [fault.line for fault in refused.value.faults] == [2, 3, 4]


# ── The decider ──────────────────────────────────────────────────────────────────────────────────────────────────────


def row(
    period: str = "2019-10", value: str = "78.4", indicator: str = "engagement", unit: str = "index-0-100", **more: Any
) -> e.IndicatorRow:
    said = {"indicator": indicator, "period": Period.parse(period), "value": value, "unit": unit, **more}
    return e.IndicatorRow.model_validate(said)


def wanted(change: str = "-0.12", **more: Any) -> e.TargetRow:
    said = {"measure": "short-term-days", "change": change, "by": "RISE", "source": "release", **more}
    return e.TargetRow.model_validate(said)


def signed() -> c.ContractState:
    return c.ContractState(signed_on=date(2018, 9, 26), versions=((TERMS.first_month, TERMS),))


def decided(
    command: decider.IndicatorCommand,
    *,
    role: str = "internal_provider",
    today: str = "2020-03-01",
    held: IndicatorState | None = None,
    contract: c.ContractState | None = None,
) -> tuple[commands.Decided, ...]:
    context = commands.Context(e.Actor(name="A. Ek", role=role), date.fromisoformat(today))
    return decider.decide(command, contract or signed(), held or IndicatorState(), context)


def test_reported_values_are_a_fact_about_the_end_of_their_last_period() -> None:
    rows = (row("2019-10"), row("2019Q4", "1000", "ohs-preventive", "sek"))
    (one,) = decided(ReportIndicators("botkyrka", rows))
    assert one.event == e.IndicatorsReported(contract="botkyrka", rows=rows)
    assert (one.effective_on, one.event.SORT) == (date(2019, 12, 31), "fact")


def test_targets_are_about_the_day_on_which_the_last_was_stated_or_today() -> None:
    rows = (wanted(stated_on="2018-11-01"), wanted("-0.1", source="story"))
    (one,) = decided(StateTargets("botkyrka", rows))
    assert (one.event, one.effective_on) == (e.TargetsStated(contract="botkyrka", rows=rows), date(2018, 11, 1))
    (undated,) = decided(StateTargets("botkyrka", rows[1:]))
    assert undated.effective_on == date(2020, 3, 1)


@pytest.mark.parametrize("role", ["payer", "external_provider", "external_auditor"])
def test_who_does_not_record_is_refused(role: str) -> None:
    for command in (ReportIndicators("botkyrka", (row(),)), StateTargets("botkyrka", (wanted(),))):
        with pytest.raises(Refused, match=r"governance\.records names performance_manager, internal_provider"):
            decided(command, role=role)


def test_a_contract_that_is_not_signed_has_none() -> None:
    with pytest.raises(Refused, match="not signed"):
        decided(StateTargets("botkyrka", (wanted(),)), contract=c.Initial)


def test_every_fault_of_reported_values_is_told() -> None:
    rows = (row("2020-03"), row("1999-12"), row(value="101"), row(), row("2018-10", "8", "work-capacity", "sek"))
    with pytest.raises(Refused) as refused:
        decided(ReportIndicators("botkyrka", rows))
    for fault in (
        "engagement 2019-10 stands twice",
        "engagement 2020-03: the period has not ended; today is 2020-03-01",
        "engagement 1999-12: the period lies before 2000-01",
        "engagement 2019-10: 101 is more than there can be in index-0-100",
        "work-capacity 2018-10: it is never in sek",
    ):
        assert fault in str(refused.value)
    with pytest.raises(Refused, match="there are no rows"):
        decided(ReportIndicators("botkyrka", ()))


def test_an_indicator_keeps_its_unit() -> None:
    of_before = row("2018-10", "8", "work-capacity", "score-0-10")
    held = IndicatorState({("work-capacity", of_before.period): (9, of_before)})
    with pytest.raises(Refused, match="it is in per-cent, and elsewhere in score-0-10; the two cannot be compared"):
        decided(ReportIndicators("botkyrka", (row("2019-10", "80", "work-capacity", "per-cent"),)), held=held)


def test_few_who_answered_are_not_recorded() -> None:
    decided(ReportIndicators("botkyrka", (row(respondents=5),)))
    with pytest.raises(Refused, match="4 answered"):
        decided(ReportIndicators("botkyrka", (row(respondents=4),)))


def test_every_fault_of_targets_is_told() -> None:
    rows = (wanted("0"), wanted("-1.01", stated_on="2020-03-02"), wanted(from_period="2019Q2", to_period="2019Q1", source="x"))
    with pytest.raises(Refused) as refused:
        decided(StateTargets("botkyrka", rows))
    for fault in (
        "short-term-days of release stands twice",
        "a change of nothing is no target",
        "a change lies between -100 and 1000 per cent",
        "2020-03-02 is in the future; today is 2020-03-01",
        "2019Q1 does not come after 2019Q2",
    ):
        assert fault in str(refused.value)


def test_the_last_recorded_of_a_key_holds() -> None:
    said: list[Any] = [
        e.IndicatorsReported(contract="botkyrka", rows=(row(), row("2018-10"))),
        e.TargetsStated(contract="botkyrka", rows=(wanted(), wanted(source="story"))),
        e.IndicatorsReported(contract="botkyrka", rows=(row(value="76.2"),)),
        e.TargetsStated(contract="botkyrka", rows=(wanted("-0.13"),)),
    ]
    records: list[Any] = [type("R", (), {"position": position, "data": data}) for position, data in enumerate(said, 1)]
    state = decider.fold(records)
    assert {key[1]: (at, one.value) for key, (at, one) in state.values.items()} == {
        Period.parse("2019-10"): (3, "76.2"),
        Period.parse("2018-10"): (1, "78.4"),
    }
    assert [(at, decimal_text(one.change)) for at, one in state.targets.values()] == [(4, "-0.13"), (2, "-0.12")]


# ── Fixtures ─────────────────────────────────────────────────────────────────────────────────────────────────────────

FIXTURES = Path(__file__).parents[2] / "fixtures" / "indicators"


def test_every_invented_value_says_that_it_is_synthetic() -> None:
    paths = sorted(FIXTURES.glob("botkyrka-*.csv"))
    assert len(paths) == 4
    for path in paths:
        for one in indicators_csv.read(path.read_bytes(), path.name).rows:
            assert one.note is not None
            assert one.note.startswith("synthetic"), f"{path.name}:{one.line}"


def test_the_targets_are_those_that_were_published() -> None:
    path = FIXTURES / "targets-rise.csv"
    said = [(one.change, one.stated_on) for one in targets_csv.read(path.read_bytes(), path.name).rows]
    assert said == [(Fraction(-12, 100), date(2018, 11, 1)), (Fraction(-1, 10), None)]
