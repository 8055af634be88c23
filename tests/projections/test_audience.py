"""Who may see what: nothing withheld follows from what is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.lines import CAUSES
from ledger.periods import Month
from projections.audience import (
    FEWEST,
    NARROWEST,
    Audience,
    Table,
    by_cause,
    by_workplace,
    distinct,
    is_employer,
    not_used,
    tables,
    withheld,
)
from projections.facts_used import AbsencesUsed, Cell, Numbering, Tally, Tokens, absences_used
from projections.facts_window import AGAIN, CAUSE, LONG, NO_EMPLOYEES, USED, Reason
from tests import histories
from tests.histories import Adopt, Line, Report, Workforce
from tests.memory import Memory
from tests.test_against_oracle import EVIDENCE_FROM, SIGNED, Player, memory, methodology_of

APRIL = Month.parse("2019-04")
OTHERS: tuple[Audience, ...] = ("provider", "auditor", "public")
UNHURRIED = settings(deadline=None, max_examples=300)

Who = Mapping[str, frozenset[int]]


def together(who: Who, names: Collection[str]) -> int:
    """Distinct persons in several cells."""
    return len(frozenset[int]().union(*(who[name] for name in names)))


def hidden(who: Who, audience: Audience = "public") -> frozenset[str]:
    """What is withheld of cells with those persons."""
    return withheld({name: len(some) for name, some in who.items()}, audience, lambda names: together(who, names))


def apart(**persons: int) -> Who:
    """So many persons in each cell, nobody in two."""
    return {name: frozenset(range(1000 * number, 1000 * number + count)) for number, (name, count) in enumerate(persons.items())}


# Which cells


def test_only_the_payer_is_the_employer_and_the_narrowest_is_anyone() -> None:
    assert [one for one in get_args(Audience) if is_employer(one)] == ["payer"]
    assert NARROWEST in OTHERS
    assert set(OTHERS) == set(get_args(Audience)) - {"payer"}


@pytest.mark.parametrize(
    ("who", "names"),
    [
        (apart(a=5, b=6), ""),
        (apart(a=4, b=5, c=6), "ab"),
        (apart(a=4, b=9, c=6), "ac"),
        (apart(a=4, b=7, c=7), "ab"),  # of as many, in order of name
        (apart(c=4, b=7, a=7), "ca"),
        (apart(a=4, b=4, c=6), "ab"),
        (apart(a=2, b=2, c=6, d=7), "abc"),  # four persons are too few to be had by subtraction
        (apart(a=2, b=3, c=6), "ab"),
        (apart(a=0, b=6, c=7), "ab"),
        (apart(a=0, b=0, c=6, d=7), "abc"),
        (apart(a=0, b=0, c=0), "abc"),
        (apart(a=0), "a"),
        (apart(a=4), "a"),
        (apart(a=5), ""),
        (apart(a=4, b=50), "ab"),
        (apart(a=1, b=1, c=1), "abc"),
        (apart(a=1, b=1, c=1, d=1, e=1, f=5), "abcde"),
        ({}, ""),
        # Five persons in all though the cells say six: one is in two.
        ({"a": frozenset({1, 2, 3}), "b": frozenset({3, 4, 5}), "c": frozenset(range(9))}, "ab"),
        # Four persons in all though the cells say eight.
        ({"a": frozenset({1, 2, 3, 4}), "b": frozenset({1, 2, 3, 4}), "c": frozenset(range(9)), "d": frozenset(range(8))}, "abd"),
    ],
)
def test_cells_of_fewer_than_five_are_withheld_with_others(who: Who, names: str) -> None:
    for audience in OTHERS:
        assert hidden(who, audience) == frozenset(names)
    assert hidden(who, "payer") == frozenset()


def test_where_persons_cannot_be_counted_together_all_cells_are_withheld() -> None:
    assert withheld({"a": 4, "b": 50, "c": 60}, "provider") == {"a", "b", "c"}
    assert withheld({"a": 5, "b": 50}, "provider") == frozenset()
    assert withheld({"a": 4, "b": 50}, "payer") == frozenset()


@UNHURRIED
@given(st.dictionaries(st.sampled_from("abcdefgh"), st.frozensets(st.integers(0, 14), max_size=10)), st.sampled_from(OTHERS))
def test_what_is_withheld_cannot_be_had_by_subtraction(who: dict[str, frozenset[int]], audience: Audience) -> None:
    found = hidden(who, audience)
    assert found >= {name for name, some in who.items() if len(some) < FEWEST}
    assert bool(found) == any(len(some) < FEWEST for some in who.values())
    if found and found != who.keys():
        assert len(found) >= 2
        assert together(who, found) >= FEWEST
        more = [name for name in found if len(who[name]) >= FEWEST]
        assert all(len(who[name]) <= len(who[other]) for name in more for other in who.keys() - found)
    assert hidden(who, "payer") == frozenset()
    assert hidden(dict(sorted(who.items(), reverse=True)), audience) == found


# Tables


def month_of(who: Mapping[tuple[str, str], frozenset[int]], workplaces: Collection[str], *tallies: Tally) -> AbsencesUsed:
    """A month with these persons absent by workplace and cause, a spell of three days each."""
    cells = tuple(Cell(*place, len(some), 300 * len(some), len(some), some) for place, some in sorted(who.items()) if some)
    used = sum(one.spells for one in cells)
    days = sum(one.hundredths for one in cells)
    counted = Tally("used", USED.why, None, None, used, days, who=Tokens().union(*who.values()))
    touching = used + sum(one.lines for one in tallies)
    none = Numbering(date(2019, 1, 21), 0, ())
    return AbsencesUsed(APRIL, touching, (counted, *tallies), cells, (), days, 0, none, tuple(sorted(workplaces)), CAUSES)


PLACES = ("Alby", "Fittja", "Tumba", "Vårsta")
PEOPLE = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(CAUSES)), st.frozensets(st.integers(0, 20), max_size=8), max_size=9
)


def solved(table: Table) -> set[str]:
    """The withheld rows that follow from what the table says, by all that is linear: elimination of its one equation."""
    unknown = [row.name for row in table.rows if row.withheld]
    shown = [(row.spells, row.hundredths) for row in table.rows if not row.withheld]
    rest = table.spells - sum(one or 0 for one, _ in shown), table.hundredths - sum(one or 0 for _, one in shown)
    assert rest == (table.withheld_spells, table.withheld_hundredths)
    return set(unknown) if len(unknown) == 1 else set()


@UNHURRIED
@given(PEOPLE, st.sampled_from(OTHERS))
def test_no_row_of_a_table_follows_from_the_others(who: dict[tuple[str, str], frozenset[int]], audience: Audience) -> None:
    used = month_of(who, PLACES)
    for number, table in enumerate(tables(used, audience)):
        rests = {row.name: Tokens().union(*(some for key, some in who.items() if key[number] == row.name)) for row in table.rows}
        assert [row.name for row in table.rows] == sorted(PLACES if number == 0 else CAUSES)
        assert (table.spells, table.hundredths) == (sum(map(len, who.values())), used.hundredths)
        assert table.withheld == sum(row.withheld for row in table.rows)
        for row in table.rows:
            assert row.withheld or len(rests[row.name]) >= FEWEST
            assert row.withheld or row.hundredths == 300 * (row.spells or 0)
        if table.withheld < len(table.rows):
            assert solved(table) == set()
            joint = Tokens().union(*(rests[row.name] for row in table.rows if row.withheld))
            assert len(joint) >= FEWEST or not table.withheld


@UNHURRIED
@given(PEOPLE)
def test_the_employer_sees_every_row(who: dict[tuple[str, str], frozenset[int]]) -> None:
    used = month_of(who, PLACES)
    for table in (*tables(used, "payer"), not_used(used, "payer")):
        assert table is not None
        assert (table.withheld, table.withheld_spells, table.withheld_hundredths) == (0, 0, 0)
        assert sum(row.spells or 0 for row in table.rows) == table.spells
        assert not any(row.withheld for row in table.rows)


def test_a_workplace_where_nobody_is_absent_stands_in_the_table_as_any_that_is_withheld() -> None:
    """Were it left out, or shown as 0, one would see that of a workplace of two nobody was ill."""
    everybody = frozenset(range(9))
    used = month_of({("Alby", "sick"): everybody, ("Fittja", "sick"): frozenset({3}), ("Vårsta", "sick"): everybody}, PLACES)
    table = by_workplace(used, "public")
    assert [(row.name, row.spells) for row in table.rows] == [("Alby", None), ("Fittja", None), ("Tumba", None), ("Vårsta", 9)]
    assert (table.withheld, table.withheld_spells, table.withheld_hundredths) == (3, 10, 3000)
    assert [(row.name, row.spells) for row in by_workplace(used, "payer").rows][2] == ("Tumba", 0)


def test_of_a_single_workplace_the_total_says_what_is_withheld() -> None:
    """This cannot be prevented: the total is what is paid by."""
    used = month_of({("Tumba", "sick"): frozenset({1, 2})}, ("Tumba",))
    table = by_workplace(used, "public")
    assert (table.rows[0].withheld, table.withheld, table.withheld_spells, table.spells) == (True, 1, 2, 2)
    many = by_workplace(month_of({("Tumba", "sick"): frozenset(range(5))}, ("Tumba",)), "public")
    assert (many.rows[0].spells, many.withheld) == (5, 0)


def test_a_person_of_two_causes_is_one() -> None:
    """Five spells of four persons."""
    who = {("Tumba", "sick"): frozenset({1, 2, 3, 4}), ("Tumba", "covid"): frozenset({4}), ("Alby", "sick"): frozenset(range(9))}
    used = month_of(who, ("Alby", "Tumba"))
    assert distinct(one for one in used.cells if one.workplace == "Tumba") == 4
    assert [row.withheld for row in by_workplace(used, "provider").rows] == [True, True]
    assert [row.withheld for row in by_workplace(used, "payer").rows] == [False, False]


# Lines that are not used


def tally(reason: Reason, persons: frozenset[int], by: int | None = None) -> Tally:
    """A line of each of the persons."""
    return Tally(reason.fate, reason.why, reason.rule, by, len(persons), 0, 100 if reason is CAUSE else 0, persons)


def test_lines_that_are_not_used_are_counted_by_reason() -> None:
    many, few = frozenset(range(20)), frozenset({1, 2})
    used = month_of({}, PLACES, tally(LONG, many), tally(CAUSE, few), tally(AGAIN, frozenset(range(4)), 7), tally(AGAIN, many, 8))
    table = not_used(used, "provider")
    assert table is not None
    assert [(row.name.split(":")[0], row.spells, row.hundredths) for row in table.rows] == [
        ("left out", None, None),
        ("left out", None, None),
        ("replaced", 24, 0),
    ]
    assert (table.spells, table.withheld, table.withheld_spells, table.hundredths) == (46, 2, 22, 0)
    for_all = not_used(used, "payer")
    assert for_all is not None
    assert [row.spells for row in for_all.rows] == [2, 20, 24]


def test_lines_that_are_not_used_of_too_few_are_not_even_counted() -> None:
    used = month_of({}, PLACES, tally(LONG, frozenset({1, 2})), tally(NO_EMPLOYEES, frozenset({2, 3, 4})))
    assert not_used(used, "auditor") is None
    assert not_used(used, "payer") is not None
    nothing = not_used(month_of({}, PLACES), "public")
    assert nothing is not None
    assert (nothing.rows, nothing.spells) == ((), 0)
    enough = not_used(month_of({}, PLACES, tally(LONG, frozenset({1, 2})), tally(CAUSE, frozenset({3, 4, 5}))), "public")
    assert enough is not None
    assert (enough.withheld, enough.withheld_spells) == (2, 5)


# On a record


def recorded(lines: Collection[Line], heads: Mapping[str, int]) -> tuple[Memory, str]:
    """A complete report for April 2019 and the headcounts of its workplaces."""
    player = Player(memory())
    player.play(SIGNED)
    player.today = EVIDENCE_FROM
    for step in (Workforce(tuple((str(APRIL), *one) for one in heads.items())), Report(tuple(lines), complete=str(APRIL))):
        assert player.play(step) is not None
    return player.ledger, player.id


def absent(workplace: str, employees: range, cause: str = "sick") -> list[Line]:
    """Each of them on Monday the 8th."""
    return [Line(one, workplace, date(2019, 4, 8), date(2019, 4, 8), 100, cause) for one in employees]


def test_tables_of_a_recorded_month() -> None:
    """Vårsta has ended: its days count nothing, and its name is in no table, or it would be a zero that everyone knows."""
    lines = [
        *absent("Alby", range(1, 8)),
        *absent("Fittja", range(11, 14), "covid"),
        *absent("Tumba", range(21, 26), "covid"),
        *absent("Vårsta", range(31, 40)),
    ]
    ledger, contract_id = recorded(lines, {"Alby": 20, "Fittja": 9, "Tumba": 9, "Vårsta": 0})
    method: dict[str, Any] = histories.METHODOLOGY
    used = absences_used(ledger.facts(), contract_id, APRIL, methodology_of(Adopt(method, "2018-01")))
    table = by_workplace(used, "provider")
    assert [(row.name, row.spells, row.hundredths) for row in table.rows] == [
        ("Alby", 7, 700),
        ("Fittja", None, None),
        ("Tumba", None, None),
    ]
    assert (table.withheld_spells, table.withheld_hundredths, table.hundredths) == (8, 800, 1500)
    causes = by_cause(used, "provider")
    assert [(row.name, row.spells) for row in causes.rows] == [("covid", 8), ("sick", None), ("work-injury", None)]
    assert causes.withheld_hundredths == 700
    unused = not_used(used, "provider")
    assert unused is not None
    assert [(row.name, row.spells) for row in unused.rows] == [(f"left out: {NO_EMPLOYEES.why}", 9)]


def test_a_cause_that_the_methodology_leaves_out_is_in_no_table() -> None:
    """It counts nothing, as everyone knows who knows the methodology; to withhold it would hide no other."""
    ledger, contract_id = recorded([*absent("Alby", range(1, 8)), *absent("Alby", range(11, 19), "covid")], {"Alby": 20})
    rule = {"kind": "exclude-cause@1", "causes": ("covid",), "window": str(APRIL)}
    method = methodology_of(Adopt({**histories.METHODOLOGY, "disruption": (rule,)}, "2018-01"))
    table = by_cause(absences_used(ledger.facts(), contract_id, APRIL, method), "public")
    assert [(row.name, row.spells) for row in table.rows] == [("sick", None), ("work-injury", None)]
    assert (table.withheld_spells, table.spells) == (7, 7)


def test_every_two_cells_of_a_small_table_by_hand() -> None:
    """Whatever the numbers of two cells are: one is only ever shown where both may be."""
    for one, other in combinations(range(9), 2):
        assert hidden(apart(a=one, b=other)) == (frozenset() if min(one, other) >= FEWEST else frozenset("ab"))
