"""The drawing of audit samples: the same for everybody, each line as likely as any other, and of the lines that were recorded."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from cli.verifier.beside import drawn_lines
from ledger.commands import OfContract, SignContract
from ledger.errors import Refused, VerificationFailed
from ledger.events import Actor, Document, Scope
from ledger.evidence import ReportAbsences
from ledger.lines import Lines
from ledger.periods import Month, Period
from projections.audit.sampling import Line, draw, drawn, sample
from tests.memory import Memory
from tests.spec import BOTKYRKA

ROOT = hashlib.sha256(b"a checkpoint").digest()
MANAGER = Actor(name="M. Lind", role="performance_manager")


# ── The drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def slowly(root: bytes, contract: str, population: int, number: int) -> list[int]:
    """The drawing as its description says it, step by step."""
    found: list[int] = []
    k = 0
    while len(found) < min(number, population):
        x = int(hashlib.sha256(root + contract.encode("utf-8") + k.to_bytes(8, byteorder="big")).hexdigest(), 16)
        if x < (2**256 // population) * population and x % population not in found:
            found.append(x % population)
        k += 1
    return found


@pytest.mark.parametrize("population", [1, 2, 7, 100, 225_196, 2**40])
@pytest.mark.parametrize("number", [1, 3, 40])
@pytest.mark.parametrize("contract", ["tiny", "örnsköldsvik"])
def test_it_is_drawn_as_it_is_described(population: int, number: int, contract: str) -> None:
    assert draw(ROOT, contract, population, number) == slowly(ROOT, contract, population, number)


def test_who_verifies_draws_the_same() -> None:
    for population, number in ((1, 1), (7, 9), (225_196, 60)):
        assert drawn_lines(ROOT, "botkyrka", population, number) == draw(ROOT, "botkyrka", population, number)


def test_the_drawing_never_changes() -> None:
    assert draw(bytes(32), "botkyrka", 225_196, 8) == [101539, 75032, 67310, 84010, 159751, 88821, 27245, 93408]


def test_nothing_is_drawn_twice_and_a_whole_population_is_drawn_whole() -> None:
    assert sorted(draw(ROOT, "tiny", 500, 500)) == list(range(500))
    assert sorted(draw(ROOT, "tiny", 500, 9999)) == list(range(500))


@pytest.mark.parametrize(("population", "number"), [(0, 5), (5, 0)])
def test_nothing_is_drawn_from_nothing_or_when_nothing_is_asked_for(population: int, number: int) -> None:
    assert draw(ROOT, "tiny", population, number) == []


def test_a_larger_sample_begins_with_the_smaller() -> None:
    assert draw(ROOT, "tiny", 1000, 60)[:25] == draw(ROOT, "tiny", 1000, 25)


def test_contract_and_checkpoint_give_other_samples() -> None:
    assert len({tuple(draw(root, name, 1000, 5)) for root in (ROOT, bytes(32)) for name in ("tiny", "tinz")}) == 4


def test_values_that_would_favour_some_lines_are_passed_over() -> None:
    """Of so many lines nearly half of all values lie above the last whole multiple of their number."""
    population = 2**255 + 1
    values = [int.from_bytes(hashlib.sha256(ROOT + b"tiny" + k.to_bytes(8, "big")).digest(), "big") for k in range(64)]
    kept = [x for x in values if x < population]
    assert 16 < len(kept) < 48
    assert draw(ROOT, "tiny", population, 10) == kept[:10]


def test_every_line_is_as_likely() -> None:
    """1000 samples of 10 from 50: each line in 200, give or take; the bounds are six standard deviations."""
    counts = Counter(line for number in range(1000) for line in draw(number.to_bytes(32, "big"), "tiny", 50, 10))
    assert sum(counts.values()) == 10_000
    assert all(124 <= counts[line] <= 276 for line in range(50))


# ── The lines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def at(hour: int) -> datetime:
    return datetime(2019, 5, 2, hour, tzinfo=UTC)


def lines(*days: int, last: int = 20190305) -> Lines:
    """A line for each first day in March, at alternating workplaces, of employees 1, 2, …"""
    many = len(days)
    return Lines(
        workplaces=("Skolan", "Hemmet"),
        employee=tuple(range(1, many + 1)),
        workplace=tuple(number % 2 for number in range(many)),
        first_day=tuple(20190300 + day for day in days),
        last_day=(last,) * many,
        extent=(50,) * many,
        cause=(0,) * many,
        secret=b"",
    )


def ledger(*reports: Lines, partial: bool = False) -> Memory:
    """A signed contract, record 2, and these reports from record 3 on."""
    memory = Memory(by=MANAGER, at=at(1), seed="sample")
    memory.submit(lambda _: OfContract("botkyrka", SignContract(BOTKYRKA, date(2018, 9, 26))), {"sign": 1}, by=MANAGER, at=at(2))
    march = Period(Month.parse("2019-03"), Month.parse("2019-03"))
    scope = None if partial else Scope(complete=march)
    for number, one in enumerate(reports):
        command = ReportAbsences("botkyrka", "payroll", scope, march, (march.first,), one)
        document = Document(document=f"march-{number}.csv", obtained_how="file given to soc")
        memory.submit(lambda _, said=command: said, {"report": number}, by=MANAGER, at=at(3), evidence=(document,))  # type: ignore[misc]
    return memory


def test_the_population_is_all_lines_by_record_and_line() -> None:
    memory = ledger(lines(4), lines(), lines(4, 5, 6), lines(4, 5))
    population, places = drawn(memory.facts(), "botkyrka", 99)
    assert population == 6
    assert sorted(places) == [(3, 0), (5, 0), (5, 1), (5, 2), (6, 0), (6, 1)]
    order = draw(memory.root(6), "botkyrka", 6, 99)
    assert [sorted(places)[one] for one in order] == places


def test_only_what_was_on_record_at_the_checkpoint_is_drawn_from() -> None:
    memory = ledger(lines(4), lines(4, 5, 6))
    assert drawn(memory.facts(3), "botkyrka", 99) == (1, [(3, 0)])
    assert drawn(memory.facts(3), "botkyrka", 99) == drawn(memory.facts().at(3), "botkyrka", 99)


def test_a_line_says_what_was_reported() -> None:
    found = sample(ledger(lines(4, 5)).facts(), "botkyrka", 9)
    assert (found.contract, found.population, found.basis.position, [one.draw for one in found.lines]) == (
        "botkyrka",
        2,
        3,
        [1, 2],
    )
    [line] = [one for one in found.lines if one.line == 1]
    assert (line.record, line.document, line.workplace, line.employee) == (3, "march-0.csv", "Hemmet", 2)
    assert (line.first_day, line.last_day, line.until) == (date(2019, 3, 5), date(2019, 3, 5), date(2019, 3, 5))
    assert (line.extent, line.cause) == (50, "sick")


@pytest.mark.parametrize("partial", [False, True])
def test_an_open_line_ends_with_its_report(partial: bool) -> None:
    [line] = sample(ledger(lines(4, last=0), partial=partial).facts(), "botkyrka", 1).lines
    assert (line.last_day, line.until) == (None, date(2019, 3, 31))


@pytest.mark.parametrize(
    ("first", "until", "extent", "months", "hundredths"),
    [
        ("2019-03-04", "2019-03-04", 100, None, 100),
        ("2019-03-04", "2019-03-10", 100, None, 500),
        ("2019-03-09", "2019-03-10", 100, None, 0),
        ("2019-03-08", "2019-03-18", 25, None, 175),
        ("2019-03-04", "2019-03-15", 0, None, 0),
        ("2019-03-05", "2019-03-04", 100, None, 0),
        ("2019-03-04", "2019-03-17", 100, None, 1000),  # fourteen days
        ("2019-03-04", "2019-06-30", 100, None, 1000),  # and no more
        ("2019-03-04", "2019-03-31", 100, "2019-03", 1000),
        ("2019-02-25", "2019-03-31", 100, "2019-03", 600),  # days 5 to 14; four are of February's report
        ("2019-02-25", "2019-02-28", 100, "2019-02", 400),
        ("2019-01-07", "2019-03-31", 100, "2019-03", 0),  # its first fourteen days are of January
        ("2019-01-07", "2019-01-11", 100, "2019-03", 500),  # outside the months: its own
        ("2019-03-25", "2019-04-07", 50, "2019-03", 250),
    ],
)
def test_a_line_accounts_for_its_short_term_days(
    first: str, until: str, extent: int, months: str | None, hundredths: int
) -> None:
    days = date.fromisoformat(first), date.fromisoformat(until), date.fromisoformat(until)
    complete = None if months is None else Period.parse(months)
    assert Line(1, 3, 0, "", "Skolan", *days, extent, "sick", 1, complete).net_hundredths == hundredths


@pytest.mark.parametrize("partial", [False, True])
def test_the_months_of_a_line_are_those_that_its_report_is_complete_for(partial: bool) -> None:
    [line] = sample(ledger(lines(4), partial=partial).facts(), "botkyrka", 1).lines
    assert line.months == (None if partial else Period.parse("2019-03"))


def test_without_a_line_there_is_nothing_to_draw_from() -> None:
    with pytest.raises(Refused, match="no absence of botkyrka is reported up to record 3"):
        sample(ledger(lines()).facts(), "botkyrka", 1)


def test_lines_that_are_not_those_recorded_are_not_drawn() -> None:
    memory = ledger(lines(4, 5))
    memory.tamper(3, memory.beside[3].replace(b"20190304", b"20190301"))
    with pytest.raises(VerificationFailed, match="the lines of record 3 are not those"):
        sample(memory.facts(), "botkyrka", 1)
