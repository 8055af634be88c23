"""What others than the employer are told of late reports: nothing that moves by the days of fewer than five persons, however the
parts are added up; and the sum, to the öre."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from io import StringIO
from itertools import combinations, product
from random import Random
from typing import Any

import pytest

from cli.dossier.as_json import as_json as dossier_json
from cli.dossier.as_text import as_text as dossier_text
from cli.dossier.trees import trees
from cli.explain.arrived import arrived_answer
from ledger.commands import AnswerDispute, NotifyDetermination, OfContract, RaiseDispute
from ledger.contract import ContractState
from ledger.events import AbsenceReported, MonthDetermined, OtherFacts
from ledger.facts import Facts
from ledger.methodology import Methodology
from ledger.money import kronor, shown
from ledger.periods import Month, Period
from projections import positions
from projections.arrived_people import Moved
from projections.arrived_withheld import Told, told
from projections.audience import FEWEST, Audience
from projections.dossier import Dossier, dossier
from projections.explanation.arrived import Amounts, Arrived, arrived, total
from projections.facts_used import Tokens, absences_used, lines_used
from projections.lines_withheld import few_lines
from projections.measured import Measured
from projections.proposals import locked_at
from projections.statements.people import FEW
from tests import histories
from tests.histories import Line, Report, Step, Trend, Workforce
from tests.replayed import PLAIN_MONTHS, Story, plain, plain_methodology, story

DAY = 2140_00
NOVEMBER, DECEMBER, JANUARY, FEBRUARY = PLAIN_MONTHS
NOTHING = Amounts(0, 0)
OTHERS: tuple[Audience, ...] = ("provider", "auditor", "public")


def spells(first: int, count: int, month: Month = DECEMBER, day: int = 3, **changes: Any) -> tuple[Line, ...]:
    """One day of so many employees, from that number on; of December 2018 and all other months, the third or what is said."""
    on = month.first_day.replace(day=day)
    return tuple(Line(employee, "Alby", on, on, 100)._replace(**changes) for employee in range(first, first + count))


def late(*lines: Line, month: Month = DECEMBER) -> Report:
    """What was not said in time."""
    return Report(lines, None, None, str(month))


def since(told: Story, number: int = 1, position: int | None = None) -> Arrived:
    """What arrived about a determination's months since it saw the facts."""
    one = told.folded.determination(number)
    return arrived(told.ledger.facts(position or one.basis), told.facts, told.id, one.period)


def played(*steps: Step | str, start: Story | None = None) -> Story:
    """The plain contract, then what came late; a word determines the first quarter anew."""
    found = start or plain(determined=1)
    for step in steps:
        if isinstance(step, str):
            found.determine(found.folded.determination(1).period, step)
        else:
            assert found.player.play(step) is not None
    return found


def parts(how: Told) -> list[tuple[int, int | None]]:
    """Of each record that moves days how many it is told with, itself included, and the days less that are told, if any."""
    moving = [row for row in how.rows if row.given is None or any(row.given)]
    return [(len(row.together) or 1, None if row.given is None else -row.given.savings // DAY) for row in moving]


# By hand: each person has one day, which is 2 140 SEK less

ONE, FOUR, FIVE, SIX = late(*spells(11, 1)), late(*spells(21, 4)), late(*spells(31, 5)), late(*spells(41, 6))
AGAIN = late(*spells(31, 4, extent=0))
HEADS = Workforce((("2018-12", "Alby", 10),))
INDEX = Trend((("2018Q4", "4.00", FEBRUARY.first_day, "published"),))
CASES: list[tuple[str, list[Step | str], list[tuple[int, int | None]], bool]] = [
    ("five persons stand alone", [FIVE], [(1, 5)], False),
    ("one does not: with those after it", [ONE, FOUR], [(2, None), (2, 5)], False),
    ("until they are five, and no further", [ONE, FOUR, SIX], [(2, None), (2, 5), (1, 6)], False),
    ("at the end: with those before it", [SIX, FIVE, ONE], [(1, 6), (2, None), (2, 6)], False),
    ("fewer than five in all: the sum alone", [ONE, late(*spells(15, 3))], [(2, None), (2, 4)], True),
    ("one alone is its own sum", [ONE], [(1, 1)], True),
    ("the same person again is one person", [late(*spells(11, 3)), late(*spells(11, 3, day=4))], [(2, None), (2, 6)], True),
    ("what takes back four of five: from the start it is one person's", [FIVE, AGAIN, SIX], [(1, 5), (2, None), (2, 2)], False),
    ("what moves nothing is told between", [ONE, HEADS, FOUR], [(2, None), (2, 5)], False),
]


@pytest.mark.parametrize(("steps", "expected", "few"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_what_few_persons_move_is_told_with_what_others_do(steps: Any, expected: Any, few: bool) -> None:
    found = since(played(*steps))
    for audience in OTHERS:
        how = told(found, audience)
        assert (parts(how), how.few, how.in_part) == (expected, few, few or any(size > 1 for size, _ in expected))
        assert [row.arrival for row in how.rows] == list(found.arrivals)
        summed = total(row.given for row in how.rows if row.given is not None)
        assert summed == total(one for each in found.arrivals for one in each.given.values())
    alone = told(found, "payer")
    assert [(row.given, row.by_month, row.together) for row in alone.rows] == [
        (total(each.given.values()), each.given, ()) for each in found.arrivals
    ]
    assert not alone.withheld


def test_records_told_together_are_named_in_order_and_the_last_has_the_sum() -> None:
    found = since(played(ONE, HEADS, FOUR))
    determined, first, heads, last = told(found, "public").rows
    both = (first.arrival.record, last.arrival.record)
    assert (first.given, first.by_month, first.together, last.together) == (None, None, both, both)
    assert (last.given, last.by_month) == (Amounts(-5 * DAY, -5 * DAY * 184 // 1000), {DECEMBER: last.given})
    assert (determined.given, heads.given, heads.together) == (NOTHING, NOTHING, ())


def test_what_is_on_record_is_a_boundary_that_the_reader_has() -> None:
    """Determined between: whoever knows what six and one moved, and what six moved, has the one."""
    found = since(played(SIX, ONE, "late", FIVE))
    assert parts(told(found, "public")) == [(2, None), (2, 7), (1, 5)]
    assert parts(told(since(played(SIX, "late", ONE, FIVE)), "public")) == [(1, 6), (2, None), (2, 6)]


def test_a_position_on_the_facts_of_a_record_is_one_too() -> None:
    given = played(SIX, ONE)
    upto = given.facts.position
    assert parts(told(since(given), "public")) == [(2, None), (2, 7)]
    disputed(given, OtherFacts(upto=upto - 1))
    played(FIVE, start=given)
    assert parts(told(since(given), "public")) == [(1, 6), (2, None), (2, 6)]
    other = played(SIX, ONE)
    disputed(other, OtherFacts(upto=upto))
    played(FIVE, start=other)
    assert parts(told(since(other), "public")) == [(2, None), (2, 7), (1, 5)]


def test_by_month_only_where_five_stand_behind_each() -> None:
    five = spells(31, 5), spells(31, 5, NOVEMBER, 13)
    assert told(since(played(late(*five[0], *five[1]))), "public").by_month
    unequal = since(played(late(*spells(31, 5), *spells(31, 1, NOVEMBER, 13))))
    (row,) = [row for row in told(unequal, "public").rows if any(row.given or ())]
    assert (row.given, row.by_month) == (Amounts(-6 * DAY, -6 * DAY * 184 // 1000), None)
    assert told(unequal, "public").withheld
    (own,) = [row for row in told(unequal, "payer").rows if any(row.given or ())]
    assert own.by_month == {NOVEMBER: Amounts(-DAY, -DAY * 184 // 1000), DECEMBER: Amounts(-5 * DAY, -5 * DAY * 184 // 1000)}


def test_a_spell_that_moves_nothing_is_one_person_s_too() -> None:
    """On a Saturday, or of an employee who is absent already."""
    for nothing in (late(*spells(11, 1, day=8)), late(*spells(1, 1, NOVEMBER, 6), month=NOVEMBER)):
        found = since(played(nothing, FIVE))
        assert [total(one.given.values()).savings for one in found.arrivals] == [0, 0, -5 * DAY]
        assert [row.given for row in told(found, "public").rows] == [NOTHING, None, Amounts(-5 * DAY, -5 * DAY * 184 // 1000)]


def test_a_workplace_without_employees_and_a_cause_left_out_move_days_of_persons_too() -> None:
    gone = Workforce((("2018-11", "Alby", 0), ("2018-11", "Fittja", 10), ("2018-12", "Alby", 10), ("2018-12", "Fittja", 0)))
    given = played(late(*spells(31, 2, NOVEMBER, 13, workplace="Fittja"), month=NOVEMBER), FIVE)
    before = given.facts.position
    quiet = since(played(gone, start=given), position=before)
    assert any(quiet.arrivals[0].given)
    assert told(quiet, "public").few  # two at Alby no more, two at Fittja now
    agreed = played()
    agreed.adopt(plain_methodology({"kind": "exclude-cause@1", "causes": ("covid",), "window": "2018-11"}), NOVEMBER)
    assert told(since(agreed), "public").few
    assert parts(told(since(played(FIVE, start=agreed)), "public")) == [(2, None), (2, 3)]


def test_until_they_can_be_measured_the_days_wait_for_the_record_that_counts_them() -> None:
    silent = Workforce((("2018-10", "Fittja", 5),))
    found = since(played(silent, ONE, Workforce((("2018-10", "Fittja", 0),)), FOUR))
    assert [bool(one.waits) for one in found.arrivals] == [False, True, True, False, False]
    assert [total(one.given.values()).savings // DAY for one in found.arrivals] == [0, 0, 0, -1, -4]
    assert parts(told(found, "public")) == [(2, None), (2, 5)]


def test_before_the_first_determination_days_of_reference_months_are_told_no_more_alone() -> None:
    given = plain(determined=0)
    period, before = Period(NOVEMBER, DECEMBER), given.facts
    reference = Report(spells(31, 1, Month.parse("2017-12"), 12), None, None, "2017-12")
    played(reference, start=given)
    found = arrived(before, given.facts, given.id, period)
    assert [bool(one.given) for one in found.arrivals] == [True]
    assert told(found, "public").few
    played(Report(spells(41, 5, Month.parse("2017-12"), 12), None, None, "2017-12"), start=given)
    assert [row.given is None for row in told(arrived(before, given.facts, given.id, period), "public").rows] == [True, False]


# Whoever adds up what is told: random records, and a second count of whose days they move


def days(facts: Facts, folded: ContractState, month: Month, position: int, locked: int) -> Counter[tuple[int, Month]]:
    """Net days × 100 that a month counts, by person, and that the months which it is compared with do."""
    method = folded.methodology_of(month)
    found = Counter[tuple[int, Month]]()
    for line in lines_used(facts.at(position), folded.signed.id, month, method):
        found[line.employee, month] += line.hundredths
    for year in method.reference_of(month):
        if year.number == month.number:
            for line in lines_used(facts.at(locked), folded.signed.id, year, method, reference=True):
                found[line.employee, year] += line.hundredths
    return +found


def known(found: Arrived, position: int) -> Counter[tuple[int, Month]]:
    """The same of all months, as determining them on the facts up to a record would count them."""
    folded = found.records.state(position)
    each = (
        days(found.now.facts, folded, month, position, locked_at(folded, folded.methodology_of(month)) or position)
        for month in found.months
    )
    return sum(each, Counter[tuple[int, Month]]())


def persons(before: Mapping[tuple[int, Month], int], after: Mapping[tuple[int, Month], int]) -> int:
    """How many persons' days are others."""
    return len({key[0] for key in {*before, *after} if before.get(key) != after.get(key)})


def follow(found: Arrived, how: Told) -> list[tuple[int, int]]:
    """Every run of parts that can be added up, but all of them, by the records that it begins after and ends with; and from each
    end of a part but the first and the last to what a determination says that saw the facts up to another record."""
    ends = [found.then.facts.position]
    ends += [row.arrival.record.position for row in how.rows if row.given is not None and (any(row.given) or row.together)]
    runs = list(combinations(range(len(ends)), 2))
    public = [one.basis for one in found.records.latest.determinations if one.period.first in found.months]
    within = [(min(one, end), max(one, end)) for one, end in product(public, ends[1:-1])]
    return within + [(ends[one], ends[other]) for one, other in runs if (one, other) != (0, len(ends) - 1)]


def anything(draw: Random) -> list[Step | str]:
    """Late reports of few and of many, taken back, told again, with other records between."""
    found: list[Step | str] = []
    for _ in range(draw.randint(3, 8)):
        first, count, month = draw.choice((11, 13, 30)), draw.choice((1, 2, 4, 5, 6, 8)), draw.choice((NOVEMBER, DECEMBER))
        day = draw.choice((3, 4, 13, 17, 29))
        report = late(*spells(first, count, month, day, extent=draw.choice((0, 50, 100, 100))), month=month)
        found.append(draw.choice((report, report, report, report, INDEX, HEADS, "late")))
    return found


def test_no_run_of_parts_rests_on_fewer_than_five_persons() -> None:
    seen = Counter[str]()
    for seed in range(80):
        given = played()
        for step in anything(Random(f"arrived withheld {seed}")):
            try:
                played(step, start=given)
            except AssertionError:  # nothing that is new
                continue
        found = since(given)
        how = told(found, "public")
        assert total(row.given for row in how.rows if row.given) == total(found.now.given.values()).less(
            total(found.then.given.values())
        )
        for before, after in follow(found, how):
            moved = persons(known(found, before), known(found, after))
            assert moved == 0 or moved >= FEWEST, (seed, before, after)
            seen.update(["a run"])
        seen.update(["together" if row.together else "alone" for row in how.rows if row.given and any(row.given)])
    assert min(seen[name] for name in ("a run", "together", "alone")) > 20, seen


@pytest.mark.parametrize("kind", ["savings", "renegotiated"])
def test_of_random_histories_the_sum_stands_and_every_record_in_order(kind: str) -> None:
    withheld = 0
    for seed in range(25):
        given = story(step for step in getattr(histories, kind)(seed) if not isinstance(step, histories.Ask))
        draw = Random(f"told {seed}")
        for one in draw.sample(given.folded.determinations, min(2, len(given.folded.determinations))):
            earlier = draw.choice((1, one.basis, draw.randint(1, given.facts.position)))
            found = arrived(given.ledger.facts(earlier), given.facts, given.id, one.period, one.period.last_day)
            how = told(found, "provider")
            assert [row.arrival for row in how.rows] == list(found.arrivals)
            moved = total(found.now.given.values()).less(total(found.then.given.values()))
            assert total(row.given for row in how.rows if row.given is not None) == moved
            assert all(row.given is None for row in how.rows if row.together and row.arrival.record != row.together[-1])
            withheld += how.withheld
    assert withheld > 10


# How many lines a report has


def number_withheld(given: Story) -> list[bool]:
    """Of each report that came late, whether its number of lines is."""
    stream = [record for record in given.ledger.records if isinstance(record.data, AbsenceReported)]
    reports = cache(lambda source: Measured(given.facts, given.id, source))
    few = few_lines(stream, lambda source, at: reports(source).at(given.ledger.facts(at)))
    return [record.position in few for record in stream if record.position > start()]


@cache
def start() -> int:
    """The last record of the plain contract."""
    return plain(determined=1).facts.position


def test_the_number_of_lines_is_not_told_of_few_persons_nor_of_few_that_changed() -> None:
    nine, eight = Report(spells(11, 9), "2018-12"), Report(spells(11, 8), "2018-12")
    other, longer = Report(spells(21, 9), "2018-12"), Report(spells(11, 9, last=date(2018, 12, 5)), "2018-12")
    assert number_withheld(played(FIVE, FOUR, late(*spells(51, 3), *spells(51, 3, day=4)))) == [False, True, True]
    assert number_withheld(played(nine, eight, nine, other)) == [False, True, True, False]
    assert number_withheld(played(nine, longer)) == [False, False]
    assert number_withheld(played(Report((), "2018-12"))) == [True]  # that nobody was absent is a figure of nobody
    assert number_withheld(played(nine, Report(spells(11, 9), None, None, "2018-12"))) == [False, False]  # nothing is new


# As they are told


def test_each_form_tells_several_as_one() -> None:
    given = played(ONE, FOUR, SIX)
    asked = (given.ledger.facts(given.folded.determination(1).basis), given.facts, given.id, "botkyrka/D1", None)
    text, said, rows = (arrived_answer(*asked, form) for form in ("text", "json", "csv"))
    assert [arrived_answer(*asked, form, "provider") == told for form, told in (("text", text), ("csv", rows))] == [True, True]
    for answer in (text, said, rows):
        assert not any(form(amount * DAY) in answer for amount in (1, 4) for form in (shown, kronor))
        assert "1 absence" not in answer
        assert "4 absences" not in answer
        assert "6 absences from payroll, partial" in answer
        assert f" ({FEW})" in answer
    one = json.loads(said)["months"]
    _, first, second, third = one["arrived"]
    assert (first["by_the_facts"], first["told_with"], one["withheld"], one["few"]) == (None, [second["id"]], FEW, False)
    assert (second["by_the_facts"]["savings"], second["told_with"]) == (kronor(-5 * DAY), [first["id"]])
    assert (third["by_the_facts"]["savings"], third["told_with"]) == (kronor(-6 * DAY), None)
    table = [row for row in csv.DictReader(StringIO(rows)) if row["part"] == "arrived"]
    assert [row["facts_savings"] for row in table] == ["0.00", "", kronor(-5 * DAY), kronor(-6 * DAY)]
    assert f"by the facts: {FEW}; told at {second['id']}" in text
    assert f"by the facts, together with {first['id']}, in 2018-12: savings −{shown(5 * DAY)}" in text
    assert "Withheld: what rests on fewer than five absent persons" in text
    own = arrived_answer(*asked, "text", "payer")
    assert all(
        words in own for words in ("1 absence from", f"savings −{shown(DAY)}", f"savings −{shown(4 * DAY)}", "For the payer")
    )


def test_where_all_are_few_it_is_said_and_nothing_is_told_by_month() -> None:
    given = played(late(*spells(11, 1)), late(*spells(12, 1, NOVEMBER, 13), month=NOVEMBER))
    asked = (given.ledger.facts(given.folded.determination(1).basis), given.facts, given.id, "botkyrka/D1", None)
    one, text = json.loads(arrived_answer(*asked, "json"))["months"], arrived_answer(*asked, "text")
    assert one["few"]
    assert [one[moment]["by_the_facts"]["by_month"] for moment in ("then", "now")] == [None, None]
    assert [each["by_the_facts"] and each["by_the_facts"]["by_month"] for each in one["arrived"]] == [None, None, None]
    assert one["now"]["on_record"]["by_month"]
    assert "only their sum over the whole time is told" in text
    assert shown(DAY) not in text


# The dossier


def disputed(given: Story, facts: OtherFacts | None = None, by: Methodology | None = None) -> None:
    """The payer objects to the first quarter: holds nothing to be saved, or what the ledger computes on other facts."""
    if given.folded.determination(1).notice is None:
        given.submit(lambda _: OfContract(given.id, NotifyDetermination(1, given.player.today)))
    one = given.folded.determination(1)
    says = positions.stated(one, 0)
    if facts is not None:
        says = positions.computed(given.facts, given.id, 1, by, facts, "test")
    command = RaiseDispute("payer", given.player.today, "late reports", says, determination=1)
    given.submit(lambda _: OfContract(given.id, command))


def opened(given: Story) -> Dossier:
    """The dossier of the first dispute."""
    return dossier(given.facts, given.id, 1)


def test_what_was_known_at_a_decision_parts_nothing_that_is_told_together() -> None:
    given = played(ONE)
    disputed(given)
    played(FOUR, start=given)
    answer = AnswerDispute(1, "external_provider", given.player.today, "all are counted")
    given.submit(lambda _: OfContract(given.id, answer))
    one = opened(given)
    five = Amounts(-5 * DAY, -5 * DAY * 184 // 1000)
    assert [(type(each.record.data).__name__, each.off) for each in one.decisions] == [
        ("SavingsDetermined", NOTHING),
        ("SavingsNotified", None),
        ("DisputeRaised", None),
        ("DisputeAnswered", five),
    ]
    (when_raised,) = [each for each in one.alternatives if "on all facts when" in each.name]
    assert (when_raised.amounts, when_raised.why_not, one.withheld) == (None, FEW, True)
    text, said = dossier_text(one, "", trees(one)), json.dumps(dossier_json(one, trees(one)))
    for answer_ in (text, said):
        assert not [
            amount for days_ in (1, 4) for amount in (f"−{shown(days_ * DAY)}", kronor(-days_ * DAY)) if amount in answer_
        ]
        assert "1 absence" not in answer_
    assert "told together, at the last; alone withheld: fewer than five persons." in " ".join(text.split())


def test_a_dossier_of_many_withholds_nothing() -> None:
    given = played(FIVE)
    disputed(given)
    one = opened(given)
    assert (one.withheld, [each.off for each in one.decisions][-1]) == (False, Amounts(-5 * DAY, -5 * DAY * 184 // 1000))
    (when_raised,) = [each for each in one.alternatives if "on all facts when" in each.name]
    assert when_raised.amounts is not None
    assert dossier_json(one, trees(one))["withheld"] is None


@pytest.mark.parametrize(("steps", "few"), [((ONE,), True), ((SIX,), False)], ids=["one", "six"])
def test_why_a_position_differs_is_not_told_apart_where_few_stand_behind_it(steps: tuple[Step, ...], few: bool) -> None:
    """On later facts, and without a report that the determination counts."""
    given = played(*steps, INDEX)
    disputed(given, OtherFacts(upto=given.facts.position))
    side = opened(given).sides[1]
    assert side.whole == (frozenset((DECEMBER,)) if few else frozenset())
    assert side.causes is not None
    assert len({part.cause for part in side.causes.parts}) > 1
    told_ = dossier_json(opened(given), trees(opened(given)))["positions"][1]
    assert all(each.keys() == {"cause", "savings", "entitlement"} for each in told_["causes"])
    assert [each["cause"] for each in told_["causes"]] == (
        ["trend revisions", "causes not told apart"] if few else ["facts recorded since", "trend revisions"]
    )
    assert sum_of(told_["causes"]) == side.total - opened(given).recorded.total


def test_nor_where_a_position_leaves_out_a_report_of_few() -> None:
    given = plain(determined=0)
    played(ONE, FIVE, start=given)
    few, many = given.facts.position - 1, given.facts.position
    given.determine(Period(NOVEMBER, DECEMBER))
    basis = given.folded.determination(1).basis
    for without, whole in ((few, {DECEMBER}), (many, set[Month]())):
        disputed(given, OtherFacts(upto=basis, without=(without,)))
        one = dossier(given.facts, given.id, len(given.folded.disputes))
        assert one.sides[1].whole == whole
        assert one.sides[1].total - one.recorded.total == (1 if without == few else 5) * DAY


def test_nor_where_its_methodology_leaves_out_the_days_of_few() -> None:
    given = played()
    other = plain_methodology({"kind": "exclude-cause@1", "causes": ("covid",), "window": "2018-11"}, price="2200.00")
    disputed(given, OtherFacts(upto=given.folded.determination(1).basis), other)
    one = opened(given)
    assert one.sides[1].whole == {NOVEMBER}
    causes = dossier_json(one, trees(one))["positions"][1]["causes"]
    assert {each["cause"]: each["savings"] for each in causes} == {"price": "450.00", "causes not told apart": "4610.00"}
    assert f"2018-11: causes not told apart, {FEW}." in dossier_text(one, "", trees(one))


def sum_of(causes: Iterable[Mapping[str, str]]) -> int:
    """Öre of savings."""
    return sum(int(each["savings"].replace(".", "")) for each in causes)


# Counting


def test_five_or_nobody() -> None:
    def moved(days_: int, spells_: int) -> bool:
        return Moved(Tokens(range(days_)), Tokens(range(spells_))).enough

    assert [moved(number, 9) for number in (0, 1, 4, 5)] == [True, False, False, True]
    assert [moved(0, number) for number in (0, 1, 4, 5)] == [True, False, False, True]


def test_whose_days_a_month_counts_is_counted_as_its_days_are() -> None:
    """The second count above adds up to what the determination says."""
    given = played()
    for line in given.folded.determination(1).months:
        assert isinstance(line, MonthDetermined)
        method = given.folded.methodology_of(line.month)
        used = absences_used(given.facts, given.id, line.month, method)
        own = days(given.facts, given.folded, line.month, given.facts.position, given.facts.position)
        assert sum(number for (_, month), number in own.items() if month == line.month) == used.hundredths
        assert used.hundredths == line.actual_hundredths
