"""``net-days@1``: how far back numbering reaches, and the golden vectors against a second opinion."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledger.periods import Month
from projections.rules.net_days_1 import net_days, numbered, reach
from projections.rules.short_term_net_days_1 import CONTINUES_WITHIN
from tests import oracle
from tests.projections.rules.reading import spells_of, told_days
from tests.projections.rules.test_vectors import VECTORS, cases, kind_of

CASES = [case for path in VECTORS if kind_of(path) == "net-days@1" for case in cases(path) if case["function"] == "net_days"]


@pytest.mark.parametrize("last", [1, 14, 28, 59])
def test_numbering_reaches_back_as_far_as_is_said(last: int) -> None:
    """The day after the last one counts where the first of them is not known, and does not where it is."""
    days = [date(2020, 1, 6) + timedelta(days=CONTINUES_WITHIN * number) for number in range(last + 1)]
    lines = [f"1 Fittja {day}..{day} 100 sick" for day in days]
    assert days[0] == days[-1] - timedelta(days=reach(last))
    known, unknown = (numbered(spells_of(some), 1, last)[1].tolist() for some in (lines, lines[1:]))
    assert (known[-1], unknown[-1]) == (0, 1)


def test_the_vectors_are_what_the_offline_verifier_says() -> None:
    assert CASES
    for case in CASES:
        spells = []
        for number, line in enumerate(case["spells"]):
            employee, workplace, days, extent, cause = line.split()
            first, last = map(date.fromisoformat, days.split(".."))
            spells.append(oracle.Spell(int(employee), workplace, first, last, int(extent), cause, number))
        found = sorted(oracle.net_days(spells, numbers=tuple(case["numbers"])).items())
        assert [f"{month} {name} {count}" for (month, name), count in found if count] == case["result"], case["what"]


@pytest.mark.parametrize("month", ["1969-12", "1970-01", "2020-03"])
def test_nobody_absent_in_any_month(month: str) -> None:
    one = spells_of(["1 Fittja 2020-03-02..2020-03-31 100 sick"])
    nobody = net_days(one, 1, 28, one.extent == 0)
    assert (nobody.workplaces, nobody.of(Month.parse(month))) == (("Fittja",), {})
    assert told_days(net_days(one, 40, 50), one) == []
