"""Which day numbers others than the employer may see: what follows from those told rests on nobody or on five persons."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from ledger.methodology import Numbers
from projections.audience import FEWEST
from projections.replays.numbers import pieces, told

LAST = 8
NUMBERS = st.tuples(st.integers(1, LAST), st.integers(1, LAST)).map(lambda ends: Numbers(min(ends), max(ends)))
SEVERAL = st.lists(NUMBERS, max_size=6)
ABSENT = st.lists(st.frozensets(st.integers(0, 11)), min_size=LAST, max_size=LAST)
"""Who is absent on the first day, on the second, and so on."""


def days(one: Numbers) -> set[int]:
    return set(range(one.first, one.last + 1))


def people(absent: list[frozenset[int]], numbers: set[int]) -> int:
    return len(frozenset().union(*(absent[number - 1] for number in numbers)))


def few(absent: list[frozenset[int]], numbers: set[int]) -> bool:
    return 0 < people(absent, numbers) < FEWEST


def test_numbers_are_cut_where_any_begins_or_ends() -> None:
    assert pieces([Numbers(1, 14)]) == {Numbers(1, 14)}
    assert pieces([Numbers(1, 14), Numbers(1, 28)]) == {Numbers(1, 14), Numbers(15, 28)}
    assert pieces([Numbers(1, 14), Numbers(10, 20), Numbers(60, 365)]) == {
        *(Numbers(1, 9), Numbers(10, 14), Numbers(15, 20)),
        Numbers(60, 365),
    }


@given(SEVERAL)
def test_pieces_are_apart_and_hold_what_the_numbers_hold(several: list[Numbers]) -> None:
    cut = pieces(several)
    assert sum(len(days(piece)) for piece in cut) == len(set().union(*map(days, several)))
    for one in several:
        assert days(one) == set().union(*(days(piece) for piece in cut if days(piece) <= days(one)))


@given(SEVERAL, ABSENT)
def test_no_figure_and_no_difference_of_two_rests_on_few(others: list[Numbers], absent: list[frozenset[int]]) -> None:
    found = told([], others, lambda piece: few(absent, days(piece)))
    for one in found:
        assert not few(absent, days(one))
    for one, other in combinations(found, 2):
        assert not few(absent, days(one) - days(other))
        assert not few(absent, days(other) - days(one))
    assert not any(few(absent, days(piece)) for piece in pieces(found))


@given(NUMBERS, SEVERAL, ABSENT)
def test_what_is_paid_by_is_told_and_tells_with_others_of_no_few(
    paid: Numbers, others: list[Numbers], absent: list[frozenset[int]]
) -> None:
    found = told([paid], others, lambda piece: few(absent, days(piece)))
    assert found[0] == paid
    assert not any(few(absent, days(piece)) for piece in pieces(found) - pieces([paid]))


@given(SEVERAL, NUMBERS, ABSENT)
def test_a_later_proposal_withholds_nothing(others: list[Numbers], later: Numbers, absent: list[frozenset[int]]) -> None:
    before, after = (told([], some, lambda piece: few(absent, days(piece))) for some in (others, [*others, later]))
    assert after[: len(before)] == before
