"""``exclude-cause@1``: what is left out and what is kept make up the whole, and both are as a walk over single days has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.rules.exclude_cause_1 import with_causes
from projections.rules.short_term_net_days_1 import net_days
from tests import oracle
from tests.projections.rules.reading import spells_of, told_days
from tests.projections.rules.test_vectors import VECTORS, cases, kind_of

CAUSES = ("sick", "work-injury", "covid")


def by_cause(lines: Sequence[str]) -> Counter[tuple[str, str]]:
    """Net days × 100 by ``2020-03 Fittja`` and cause, as the oracle counts them: it takes a workplace's name as it stands, so
    the cause goes with it."""
    spells = []
    for number, line in enumerate(lines):
        employee, workplace, days, extent, cause = line.split()
        first, last = map(date.fromisoformat, days.split(".."))
        spells.append(oracle.Spell(int(employee), f"{workplace} {cause}", first, last, int(extent), cause, number))
    sums: Counter[tuple[str, str]] = Counter()
    for (month, name), count in oracle.net_days(spells).items():
        workplace, cause = name.split()
        sums[f"{month} {workplace}", cause] += count
    return sums


def told(sums: Counter[tuple[str, str]], causes: Sequence[str]) -> list[str]:
    """Those with the causes, as the vectors write them."""
    found: Counter[str] = Counter()
    for (place, cause), count in sums.items():
        found[place] += count if cause in causes else 0
    return [f"{place} {count}" for place, count in sorted(found.items()) if count]


def agreed(lines: Sequence[str], causes: Sequence[str]) -> None:
    spells, sums = spells_of(lines), by_cause(lines)
    left_out = with_causes(spells, tuple(causes))
    assert told_days(net_days(spells, left_out), spells) == told(sums, causes)
    assert told_days(net_days(spells, ~left_out), spells) == told(sums, [one for one in CAUSES if one not in causes])
    assert told_days(net_days(spells), spells) == told(sums, CAUSES)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case["what"]) for path in VECTORS if kind_of(path) == "exclude-cause@1" for case in cases(path)],
)
def test_the_vectors_are_what_a_second_opinion_says(case: dict[str, list[str]]) -> None:
    agreed(case["spells"], case["causes"])
    assert told(by_cause(case["spells"]), case["causes"]) == case["left_out"]


@st.composite
def spells(draw: st.DrawFn) -> list[str]:
    """Spells of three employees in order, with gaps about five days and the weekend, overlaps, relapses and any cause."""
    lines = []
    for employee in (1, 2, 7):
        first = date(2020, 2, 24) + timedelta(days=draw(st.integers(0, 20)))
        for _ in range(draw(st.integers(0, 6))):
            length = draw(st.integers(1, 8) | st.integers(12, 20))
            last, workplace = first + timedelta(days=length - 1), draw(st.sampled_from(["Fittja", "Tumba"]))
            extent, cause = draw(st.sampled_from([25, 50, 100])), draw(st.sampled_from(CAUSES))
            lines.append(f"{employee} {workplace} {first}..{last} {extent} {cause}")
            first += timedelta(days=draw(st.integers(1, 4) | st.integers(length, length + 8)))
    return lines


@settings(deadline=None, max_examples=150)
@given(spells(), st.sets(st.sampled_from(CAUSES), min_size=1))
def test_any_spells_and_causes(lines: list[str], causes: set[str]) -> None:
    agreed(lines, sorted(causes))
