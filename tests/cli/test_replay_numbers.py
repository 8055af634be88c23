"""Whoever is not the employer learns nothing of few persons by counting other days: neither from one measure, nor from two."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_methodology_beside import PAYER, adopt, beside, report
from tests.cli.test_replay import asked, method, refused
from tests.cli.world import PAYROLL, World, absences

OTHERS = ("public", "provider", "auditor")
FEBRUARY, MARCH = ("--periods", "2019-02"), ("--periods", "2019-03")


def counting(world: World, first: int, last: int) -> Path:
    measure = f'kind = "net-days@1"\nfirst_day_counted = {first}\nlast_day_counted = {last}'
    return method(world, f"days-{first}-{last}", ('kind = "short-term-net-days@1"', measure))


def propose(world: World, first: int, last: int, by: str = "payer") -> Path:
    """… and put on record as a proposal."""
    file = counting(world, first, last)
    more = ("--from", "2019-04-01", "--by", by, "--reason", "other days")
    world.done("methodology", "propose", "tiny", file, *more)
    return file


def long_ill(world: World, persons: int) -> World:
    """February restated: so many more persons absent all of it; the fifteenth day is the fifteenth."""
    lines = "".join(f"L{number},Skolan,2019-02-01,2019-02-28,100,sick\n" for number in range(persons))
    file = world.file("long.csv", absences(["2019-02"], 5, 1) + lines)
    complete = ("--source", "payroll", "--complete", "2019-02")
    world.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-22T09:00")
    world.at = "2019-07-22T09:30"
    return world


@pytest.mark.parametrize("audience", OTHERS)
def test_numbers_that_are_not_on_record_are_the_employers_alone(settled: World, audience: str) -> None:
    """Else anybody could step from day to day."""
    file = counting(long_ill(settled, 3), 16, 16)
    result = refused(settled, "--methodology", file, "--audience", audience)
    assert result.code == 1
    assert "days-16-16 counts days 16–16; those on record: 1–14" in result.err
    assert "--audience payer" in result.err
    assert "soc methodology propose tiny FILE" in result.err
    assert result.out == ""
    assert asked(settled, [file], *PAYER)["methodologies"][0]["name"] == "days-16-16"


@pytest.mark.parametrize(("persons", "code"), [(0, 0), (1, 1), (4, 1), (5, 0)])
def test_a_proposal_is_replayed_where_what_it_counts_apart_rests_on_nobody_or_enough(
    settled: World, persons: int, code: int
) -> None:
    """Days 1 to 20 less the 1 to 14 that are paid by are the days 15 to 20 of those who are ill so long."""
    if persons:
        long_ill(settled, persons)
    file = propose(settled, 1, 20)
    result = refused(settled, "--methodology", file, *FEBRUARY)
    assert result.code == code
    assert ("would tell of fewer than five persons in 2019-02\n" in result.err) == bool(code)
    assert refused(settled, "--methodology", file, *MARCH).code == 0
    assert refused(settled, "--methodology", file, *FEBRUARY, *PAYER).code == 0


def test_a_single_day_that_a_party_proposes_is_not_told_either(settled: World) -> None:
    file = propose(long_ill(settled, 3), 18, 18, by="external_provider")
    assert "in 2019-02\n" in refused(settled, "--methodology", file).err
    assert refused(settled, "--methodology", file, *MARCH).code == 0


def test_all_that_cannot_be_told_is_listed(settled: World) -> None:
    one, other = propose(long_ill(settled, 3), 1, 20), counting(settled, 1, 21)
    said = refused(settled, "--methodology", one, "--methodology", other).err
    assert "days-1-20 counts days 1–20, which would tell" in said
    assert "days-1-21 counts days 1–21; those on record: 1–14, 1–20" in said


def test_what_was_known_then_is_looked_at_too(settled: World) -> None:
    """Now five are long ill, and before there were three: the difference of the two is told to the employer alone."""
    file = propose(long_ill(settled, 3), 1, 20)
    before = str(settled.head()[0])
    lines = "".join(f"L{number},Skolan,2019-02-01,2019-02-28,100,sick\n" for number in range(5))
    restated = settled.file("more.csv", absences(["2019-02"], 5, 1) + lines)
    complete = ("--source", "payroll", "--complete", "2019-02")
    settled.done("import", "absences", "tiny", restated, *complete, by=PAYROLL, at="2019-07-22T10:00")
    assert refused(settled, "--methodology", file, *FEBRUARY).code == 0
    assert refused(settled, "--methodology", file, *FEBRUARY, "--diff", "--against", before).code == 1


def test_reference_months_are_looked_at_too(settled: World) -> None:
    """In 2018 three were long ill in February: what would be expected tells of them."""
    lines = "".join(f"L{number},Skolan,2018-02-01,2018-02-28,100,sick\n" for number in range(3))
    file = settled.file("long-2018.csv", absences(["2018-02"], 11, 1) + lines)
    complete = ("--source", "payroll", "--complete", "2018-02")
    settled.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-22T09:00")
    settled.at = "2019-07-22T09:30"
    longer = propose(settled, 1, 20)
    assert "fewer than five persons in 2018-02\n" in refused(settled, "--methodology", longer, *FEBRUARY).err
    assert refused(settled, "--methodology", longer, *MARCH).code == 0


@pytest.mark.parametrize("audience", OTHERS)
def test_a_month_beside_that_tells_of_few_is_not_compared(settled: World, audience: str) -> None:
    """In April one employee has the days 15 to 20; the months after it nobody."""
    assert adopt(settled).code == 0
    report(settled)
    [one] = beside(settled, "--audience", audience)["adoptions"]
    assert [month["month"] for month in one["months"]] == ["2019-05", "2019-06"]
    why = "what the two count apart would tell of fewer than five persons, and is the payer's to see"
    assert one["not_compared"] == [{"month": "2019-04", "why": why}]
    text = settled.done("methodology", "beside", "tiny", "--audience", audience, by=None).out
    assert f"2019-04 is not compared: {why}." in " ".join(text.split())
    assert "45.00" not in text
    [own] = beside(settled)["adoptions"]
    assert [month["month"] for month in own["months"]] == ["2019-04", "2019-05", "2019-06"]
