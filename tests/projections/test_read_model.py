"""The tables that follow the log: equal to the pure fold at every date and position, written with it, rebuilt from it."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.state import as_json
from ledger.commands import DrawLoan, OfContract
from ledger.errors import LedgerError, Refused, VerificationFailed
from ledger.events import Actor
from ledger.facts import Facts
from ledger.log import Log
from projections import read_model
from projections.book import Book, Folded
from projections.state import state
from tests import histories
from tests.test_against_oracle import played_on_disk

PAYER = Actor(name="A. Ek", role="payer")


def told(facts: Facts, contract_id: str, as_of: date, book: Book) -> object:
    """The state as JSON, or why there is none."""
    try:
        return as_json(state(facts, contract_id, as_of, book))
    except LedgerError as error:
        return str(error)


def assert_agree(log: Log, contract_id: str, as_of: date, position: int) -> None:
    """The tables and the fold say the same at that date and position."""
    facts = log.facts().at(position)
    kept, folded = read_model.Book(log.recorder, facts), Folded(facts)
    assert told(facts, contract_id, as_of, kept) == told(facts, contract_id, as_of, folded)
    assert tuple(kept.contracts()) == tuple(folded.contracts())
    assert kept.postings(contract_id) == folded.postings(contract_id)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data(), about_money=st.booleans())
def test_tables_equal_the_fold(seed: int, data: st.DataObject, about_money: bool) -> None:
    history = histories.money(seed) if about_money else histories.savings(seed)
    with tempfile.TemporaryDirectory() as folder:
        _, log, contract_id = played_on_disk(history, Path(folder) / "ledger.db")
        last = log.recorder.head().position
        if not contract_id:
            return
        for _ in range(4):
            day = date(2018, 6, 1) + timedelta(days=data.draw(st.integers(0, 1500)))
            assert_agree(log, contract_id, day, data.draw(st.integers(1, last)))
        assert list(read_model.differences(log)) == []
        log.recorder.close()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """A ledger with determinations, payments and corrections."""
    _, log, contract_id = played_on_disk(histories.money(4), tmp_path / "ledger.db")
    assert contract_id == "botkyrka"
    return log


def test_rebuilt_tables_are_the_same_rows(log: Log) -> None:
    def rows() -> list[object]:
        with log.recorder.reading() as connection:
            return [connection.execute(sa.select(table).order_by(*table.primary_key)).all() for table in read_model.ROWS]

    before = rows()
    assert all(before[:3])
    assert read_model.rebuild(log) == log.recorder.head().position
    assert rows() == before


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM postings WHERE position = (SELECT max(position) FROM postings)",
        "UPDATE postings SET effective_on = '2019-01-01' WHERE position = (SELECT max(position) FROM postings)",
        "UPDATE determinations SET savings_ore = savings_ore + 1",
        "UPDATE records SET entry = 1 - entry WHERE position = 3",
        "INSERT INTO about VALUES (1, '2019-01', 'absences/botkyrka', 'payroll')",
        "DROP TABLE read_model",
    ],
)
def test_what_differs_is_found_and_rebuilt(log: Log, damage: str) -> None:
    with log.recorder.writing() as connection:
        connection.exec_driver_sql(damage)
    assert list(read_model.differences(log))
    read_model.rebuild(log)
    assert list(read_model.differences(log)) == []


def test_postings_that_do_not_balance_are_never_answered_with(log: Log) -> None:
    with log.recorder.writing() as connection:
        connection.exec_driver_sql("UPDATE postings SET amount_ore = amount_ore + 1 WHERE line = 0")
    with pytest.raises(VerificationFailed, match="do not balance"):
        state(log.facts(), "botkyrka", book=read_model.Book(log.recorder, log.facts()))


@pytest.mark.parametrize("damage", ["DROP TABLE read_model", "DELETE FROM records WHERE position > 5"])
def test_tables_that_do_not_follow_are_neither_read_nor_added_to(log: Log, damage: str) -> None:
    with log.recorder.writing() as connection:
        connection.exec_driver_sql(damage)
    facts = log.facts()
    with pytest.raises(Refused, match="soc rebuild"):
        read_model.Book(log.recorder, facts)
    drawing = OfContract("botkyrka", DrawLoan(100, date(2018, 12, 1), "internal"))
    with pytest.raises(Refused, match="soc rebuild"):
        log.submit(lambda facts: drawing, {"draw": 1}, by=PAYER, at=facts.known_at)
    assert log.facts().position == facts.position


def test_a_dry_run_leaves_nothing_in_the_tables(log: Log) -> None:
    facts = log.facts()
    drawing = OfContract("botkyrka", DrawLoan(100, date(2018, 12, 1), "internal"))
    log.submit(lambda facts: drawing, {"draw": 1}, by=PAYER, at=facts.known_at, dry_run=True)
    assert list(read_model.differences(log)) == []
    log.submit(lambda facts: drawing, {"draw": 1}, by=PAYER, at=facts.known_at)
    assert list(read_model.differences(log)) == []
