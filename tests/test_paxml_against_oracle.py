"""Absence files in CSV and PAXml by turns, played through the import, against a second opinion that shares no code with it.

After every file: whether it is refused, every absent weekday, and net days by month and workplace. A failure names the seed
and shows the shortest history that still fails. ``LEDGER_HISTORIES`` multiplies how many are tried: 1 under CI, else a half.
"""

from __future__ import annotations

import os
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli import absence_file
from cli.absence_import import AbsenceImport
from ledger.commands import OfContract, SignContract
from ledger.errors import InputRefused
from ledger.events import Actor, Document, Scope
from ledger.facts import Facts
from ledger.imports import recognise
from ledger.log import Log, Receipt
from ledger.periods import Period
from ledger.terms import ContractTerms
from projections.measured import Measured
from tests import histories, histories_paxml, oracle, oracle_paxml
from tests.cli.world import BOTH, METHODOLOGY, TERMS, World
from tests.histories import Line, Report
from tests.histories_paxml import CODES, File, TimeFile, Transaction
from tests.memory import Memory

TIMES = float(os.environ.get("LEDGER_HISTORIES", "1" if os.environ.get("CI") else "0.5"))
MANAGER = Actor(name="M. Lind", role="performance_manager")
OPENED = datetime(2022, 1, 1, 8, tzinfo=UTC)
TODAY = date(2023, 1, 1)
CONTRACT = "tiny"
AGREED = TERMS + '\n[absence_codes]\nFR3 = "covid"\nSMB = "sick"\nworkplace_dimension = 1\n'
CAUSES = oracle_paxml.CAUSES

counted: Counter[str] = Counter()
"""What was compared."""


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A place for a ledger, without one, and no settings from outside."""
    for name in ("SOC_LEDGER", "SOC_VAULT", "SOC_ACTOR", "SOC_NOW", "SOC_TRACE"):
        monkeypatch.delenv(name, raising=False)
    return World(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}")


class People:
    """A vault in memory."""

    place = "memory"

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def last_token(self, contract: str) -> int:
        return len(self.known)

    def tokens(
        self, contract: str, employees: Iterable[str], shuffled_by: Callable[[str], bytes], *, keep: bool = True
    ) -> dict[str, int]:
        new = sorted(set(employees) - self.known.keys(), key=shuffled_by)
        found = self.known | {name: number for number, name in enumerate(new, len(self.known) + 1)}
        if keep:
            self.known = found
        return found

    def keep(self, contract: str, tokens: Mapping[str, int]) -> None:
        self.known |= tokens

    def employee(self, contract: str, token: int) -> str | None:
        return next((name for name, number in self.known.items() if number == token), None)


class Office:
    """Where files are imported, without a database: the ledger in memory, and what a command works with."""

    def __init__(self) -> None:
        self.memory = Memory(by=MANAGER, at=OPENED, seed="paxml")
        self.people = People()
        self.sent = 0
        terms = ContractTerms.model_validate(_tuples(tomllib.loads(AGREED)))
        signed = OfContract(CONTRACT, SignContract(terms, terms.starts_on))
        self.memory.submit(lambda _: signed, {"sign": 1}, by=MANAGER, at=OPENED)

    @property
    def facts(self) -> Facts:
        return self.memory.facts()

    def send(self, file: File) -> Receipt:
        """Import a file. Raises InputRefused."""
        self.sent += 1
        data = content(file)
        facts = self.facts
        complete = Period.parse(file.complete) if file.complete else None
        period = Period.parse(file.period) if isinstance(file, Report) and file.period else None
        read = absence_file.read(recognise.form(data), data, "sent", complete, period, facts.contract(CONTRACT), TODAY)
        scope = Scope(complete=read.complete, workplaces=file.workplaces) if read.complete is not None else None
        desk: Any = SimpleNamespace(vault=self.people, actor=MANAGER, facts=facts, submit=self._submit)
        source: Any = file.source
        made = AbsenceImport(desk, CONTRACT, "sent", data, read, source, scope, period or read.complete)
        return made.submit(False, None, Document(document="sent", obtained_on=TODAY, obtained_how="made up"))

    def _submit(
        self, propose: Any, words: Mapping[str, Any], *, documents: Sequence[Document], before_commit: Any, **_: Any
    ) -> Receipt:
        at = datetime(TODAY.year, TODAY.month, TODAY.day, 8, tzinfo=UTC)
        done = self.memory.submit(propose, {**words, "sent": self.sent}, by=MANAGER, at=at, evidence=tuple(documents))
        before_commit()
        return done

    def measured(self, source: str = "payroll") -> Measured:
        """What the reports of a source say."""
        return Measured(self.facts, CONTRACT, source)


def content(file: File) -> bytes:
    """The file as it is sent."""
    return histories_paxml.paxml(file) if isinstance(file, TimeFile) else histories_paxml.csv(file)


def _tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tuples(inner) for key, inner in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


# Comparing


def told(book: oracle_paxml.Book, file: File) -> str | None:
    """Play a file in the oracle; why it refuses it, None where it does not."""
    kept, complete = dict(book.standing), list(book.complete)
    try:
        if isinstance(file, TimeFile):
            book.paxml(oracle_paxml.read(histories_paxml.paxml(file), CODES, 1), file.complete, file.workplaces)
        else:
            lines = [oracle_paxml.Line(histories_paxml.number_of(line[0]), *line[1:]) for line in file.lines]
            book.csv(lines, file.complete, file.workplaces, file.period)
    except oracle_paxml.Refused as refusal:
        book.standing, book.complete = kept, complete
        return str(refusal)
    return None


def fault(history: Sequence[File]) -> str | None:
    """Where ledger and oracle differ after a file, in words; None where they agree."""
    office, books = Office(), {"payroll": oracle_paxml.Book(), "health-support": oracle_paxml.Book()}
    for file in history:
        refusal = told(books[file.source], file)
        try:
            office.send(file)
            refused = None
        except InputRefused as error:
            refused = str(error)
        counted["files"] += 1
        if (refused is None) != (refusal is None):
            return f"refusal: the ledger says {refused}, the oracle {refusal}"
        if refused is not None:
            counted["files refused"] += 1
            continue
        found = difference(office.measured(file.source), office.people, books[file.source])
        if found is not None:
            return found
    return None


def difference(measured: Measured, people: People, book: oracle_paxml.Book) -> str | None:
    """Where the days on record and the net days differ."""
    ours = {
        (employee, day.isoformat()): (one.extent, one.cause, one.workplace)
        for (employee, day), one in book.days().items()
        if day.weekday() < 5
    }
    theirs = weekdays(measured, people)
    if ours != theirs:
        every = sorted(ours.keys() | theirs.keys())
        return "days: " + "; ".join(
            f"{key[0]} {key[1]} is {theirs.get(key)} in the ledger, {ours.get(key)} by the oracle"
            for key in every
            if ours.get(key) != theirs.get(key)
        )
    numbers = {employee: number for number, employee in enumerate(sorted({one.employee for one in book.standing.values()}))}
    spells = [oracle.Spell(numbers[one.employee], *one[1:6], 0) for one in book.standing.values()]
    by_oracle = oracle.net_days(spells)
    days = measured.days
    table = {
        (histories.month_text(days.first + row + 1970 * 12), name): hundredths
        for row, cells in enumerate(days.table.tolist())
        for name, hundredths in zip(days.workplaces, cells, strict=True)
        if hundredths
    }
    if table != by_oracle:
        return f"net days: {table} in the ledger, {by_oracle} by the oracle"
    counted["absent weekdays compared"] += len(ours)
    counted["months and workplaces compared"] += len(table)
    return None


def weekdays(measured: Measured, people: People) -> dict[tuple[str, str], tuple[int, str, str]]:
    """Every absent weekday on record: extent, cause, workplace of the absence that begins first."""
    spells = measured.spells
    names = {number: name for name, number in people.known.items()}
    columns = (spells.employee, spells.workplace, spells.first, spells.last, spells.extent, spells.cause)
    found: dict[tuple[str, str], tuple[int, str, str]] = {}
    epoch = date(1970, 1, 1)
    for employee, place, first, last, extent, cause in zip(*(one.tolist() for one in columns), strict=True):
        for number in range(first, last + 1):
            day = epoch + timedelta(days=number)
            if day.weekday() < 5:
                found.setdefault((names[employee], day.isoformat()), (extent, CAUSES[cause], spells.workplaces[place]))
    return found


def shortest(history: Sequence[File], found: str) -> str:
    """The shortest history with the same sort of fault, file by file."""
    sort = found.split(":")[0]
    fewest: Any = histories.shrunk(history, lambda tried: (fault(tried) or "").split(":")[0] == sort)  # type: ignore[arg-type]
    return "\n".join([f"shortest history, {len(fewest)} files: {fault(fewest)}", *(f"  {file}" for file in fewest)])


# Tests


def test_files_in_both_formats_by_turns(record_property: Callable[[str, object], None]) -> None:
    number = int(1000 * TIMES)
    for seed in range(number):
        history = histories_paxml.switching(seed)
        found = fault(history)
        if found is not None:
            pytest.fail(f"seed {seed}: {found}\n{shortest(history, found)}", pytrace=False)
    assert 0 < counted["files refused"] * 3 < counted["files"]
    said = ", ".join(f"{count:,} {what}" for what, count in counted.items())
    record_property("counts", f"PAXml against the oracle: {number} histories, {said}")


def test_the_command_records_what_the_oracle_says(nothing: World) -> None:
    world = nothing.opened()
    terms, method = world.file("terms.toml", AGREED), world.file("method.toml", METHODOLOGY)
    world.done("contract", "sign", terms, at="2019-01-02T09:00")
    world.done("methodology", "adopt", CONTRACT, method, "--from", "2019-01-01", *BOTH, at="2019-01-02T10:00")
    world.at = f"{TODAY}T08:00"
    book = oracle_paxml.Book()
    longest = max((histories_paxml.switching(seed) for seed in range(20)), key=len)
    for file in longest:
        refusal = told(book, file) if file.source == "payroll" else None
        name = "sent.xml" if isinstance(file, TimeFile) else "sent.csv"
        path = world.file(name, content(file))
        result = world.soc("import", "absences", CONTRACT, path, *options(file))
        assert file.source != "payroll" or (result.code == 4) == (refusal is not None), (refusal, result)
    log = Log.open(world.ledger)
    people = People()
    with closing(sqlite3.connect(world.database().with_suffix(".vault.db"))) as vault:
        people.known = dict(vault.execute("SELECT employee, token FROM employees"))
    assert len(longest) > 8
    assert book.standing
    assert difference(Measured(log.facts(), CONTRACT, "payroll"), people, book) is None


def options(file: File) -> list[str]:
    """What the command line says of a file."""
    period = file.period if isinstance(file, Report) else None
    said = [("--complete", file.complete), ("--workplaces", ",".join(file.workplaces or ())), ("--period", period)]
    return ["--source", file.source, *(part for name, value in said if value for part in (name, value))]


JANUARY = (date(2019, 1, 18), date(2019, 1, 21))  # a Friday and the Monday after it


def time_file(*lines: tuple[date, date, str], complete: str | None = None) -> TimeFile:
    """A PAXml file of one employee: from, to and per cent, empty for whole days."""
    said = tuple(
        Transaction(1, "SJK", first, last, "Alby", "range", "omfattning" if extent else "", extent)
        for first, last, extent in lines
    )
    return TimeFile(said, complete=complete)


def days(*each: date, extent: str = "") -> list[tuple[date, date, str]]:
    """Single days."""
    return [(day, day, extent) for day in each]


def counted_days(*files: File) -> dict[str, int]:
    """Hundredths of net days by month after the files."""
    office = Office()
    for file in files:
        office.send(file)
    measured = office.measured().days
    every = {str(month): sum(measured.of(month).values()) for month in Period.parse("2019-01..2019-12")}
    return {month: hundredths for month, hundredths in every.items() if hundredths}


def test_a_weekend_that_nobody_said_goes_with_its_day() -> None:
    friday, monday = JANUARY
    said = time_file(*days(friday, monday), complete="2019-01")
    relapse = time_file((date(2019, 1, 25), date(2019, 2, 15), ""))
    corrected = counted_days(said, time_file(*days(monday, extent="-100")), relapse)
    assert corrected == counted_days(said, time_file(*days(friday), complete="2019-01"), relapse)


def test_two_months_in_one_file_are_as_two_files() -> None:
    earlier, friday = (date(2019, 5, 24), date(2019, 5, 27), ""), date(2019, 5, 31)
    june = (date(2019, 6, 3), date(2019, 6, 21), "")
    again = time_file(earlier, complete="2019-05")
    together = counted_days(time_file(earlier, *days(friday), june, complete="2019-05..2019-06"), again)
    apart = time_file(earlier, *days(friday), complete="2019-05"), time_file(june, complete="2019-06")
    assert together == counted_days(*apart, again)


def test_an_absence_left_open_is_still_due_after_one_of_its_days_is_corrected() -> None:
    office = Office()
    office.send(Report((Line(1, "Alby", date(2019, 1, 21), None, 100),), "2019-01"))
    office.send(time_file(*days(date(2019, 1, 23), extent="50")))
    with pytest.raises(InputRefused, match="neither repeated nor ended"):
        office.send(Report((), "2019-02"))


def test_an_earlier_month_sent_again_may_name_a_day_of_an_absence_left_open() -> None:
    office = Office()
    office.send(Report((Line(1, "Alby", date(2019, 3, 4), None, 100),), "2019-03"))
    office.send(time_file(*days(date(2019, 3, 4)), complete="2019-02"))


def test_a_correction_is_of_the_record_not_of_a_weekend_joined_in_the_file() -> None:
    friday, monday = JANUARY
    office = Office()
    office.send(time_file((friday, monday, ""), complete="2019-01"))
    office.send(time_file((friday, monday, "-50"), *days(friday, monday, extent="60")))
