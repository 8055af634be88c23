"""``short-term-net-days@1``: how far back numbering reaches, and the golden vectors against a second opinion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from ledger.periods import Month
from projections.rules.short_term_net_days_1 import CONTINUES_WITHIN, NUMBERING_REACH, SICK_PAY_DAYS, net_days
from tests import oracle
from tests.projections.rules.reading import spells_of, told_days
from tests.projections.rules.test_vectors import VECTORS, cases, kind_of

SPELLS = [case["spells"] for path in VECTORS for case in cases(path) if "spells" in case]
ALL = {kind_of(path): cases(path) for path in VECTORS}


def chain(length: int) -> list[str]:
    """Single days, each as late after the last as still continues its period."""
    days = [date(2020, 1, 6) + timedelta(days=CONTINUES_WITHIN * number) for number in range(length)]
    return [f"1 Fittja {day}..{day} 100 sick" for day in days]


def test_numbering_reaches_back_to_the_first_of_fourteen_days() -> None:
    """The day after the fourteenth counts where the first is not known, and does not where it is."""
    days = chain(SICK_PAY_DAYS + 1)
    last = days[-1].split()[2].split("..")[0]
    reach = date.fromisoformat(last) - timedelta(days=NUMBERING_REACH)
    assert days[0].startswith(f"1 Fittja {reach}..")
    march = f"{last[:7]} Fittja"
    assert f"{march} 200" in told_days(net_days(spells_of(days)), spells_of(days))
    assert f"{march} 300" in told_days(net_days(spells_of(days[1:])), spells_of(days))


@pytest.mark.parametrize("month", ["1969-12", "1970-01", "1970-02", "1970-03", "2020-03"])
def test_nobody_absent_in_any_month(month: str) -> None:
    one = spells_of(["1 Fittja 2020-03-02..2020-03-02 100 sick"])
    nobody = net_days(one, one.extent == 0)
    assert (nobody.workplaces, nobody.of(Month.parse(month))) == (("Fittja",), {})
    assert net_days(spells_of([])).of(Month.parse(month)) == {}


def second_opinion(lines: Sequence[str]) -> list[str]:
    """Net days by month and workplace as the oracle counts them, day by day."""
    spells = []
    for number, line in enumerate(lines):
        employee, workplace, days, extent, cause = line.split()
        first, last = map(date.fromisoformat, days.split(".."))
        spells.append(oracle.Spell(int(employee), workplace, first, last, int(extent), cause, number))
    return [f"{month} {name} {count}" for (month, name), count in sorted(oracle.net_days(spells).items()) if count]


@pytest.mark.parametrize("lines", SPELLS, ids=len)
def test_a_second_opinion_counts_the_spells_of_the_vectors_alike(lines: list[str]) -> None:
    assert second_opinion(lines) == told_days(net_days(spells_of(lines)), spells_of(lines))


def test_the_vectors_are_what_the_second_opinion_says() -> None:
    counted = [case for case in ALL["short-term-net-days@1"] if case["function"] == "net_days"]
    assert [case["what"] for case in counted if case["result"] != second_opinion(case["spells"])] == []
