"""The vault: erasing a person leaves their number nowhere and every figure as it was; the log never held it."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.world import ABSENCE_HEADER, MANAGER, PAYROLL, World, absences

NUMBER = "QX7341905"
"""An employment number that nothing else looks like."""


@pytest.fixture
def employed(settled: World) -> World:
    """The settled contract, and an absence of the person who will be erased."""
    lines = [f"{NUMBER},Skolan,2019-04-01,2019-04-05,100,sick", "QX7341906,Skolan,2019-04-01,2019-04-05,100,sick"]
    path = settled.file("april.csv", "\n".join([ABSENCE_HEADER, *lines]))
    settled.done("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL)
    path.unlink()
    return settled


def forget(world: World) -> str:
    return world.done("forget", "tiny", NUMBER, "--decision", "GDPR 17, KS 2019:33").out


def stored(world: World) -> bytes:
    """Everything that the ledger's file holds, unpacked: every column of every record."""
    with closing(sqlite3.connect(world.database())) as file:
        rows = file.execute("SELECT * FROM events").fetchall()
    return b"\n".join(_cells(rows))


def _cells(rows: list[tuple[object, ...]]) -> Iterator[bytes]:
    for cell in (cell for row in rows for cell in row):
        if not isinstance(cell, bytes):
            yield str(cell).encode()
            continue
        try:
            yield zlib.decompress(cell)
        except zlib.error:
            yield cell


def holding(world: World, text: str) -> list[str]:
    """The files of the folder whose bytes hold the text."""
    return sorted(path.name for path in world.folder.iterdir() if path.is_file() and text.encode() in path.read_bytes())


# --- Erasing --------------------------------------------------------------------------------------------------------


def test_the_number_is_in_the_vault_until_it_is_erased_and_nowhere_after(employed: World) -> None:
    assert holding(employed, NUMBER) == ["ledger.vault.db"]
    said = forget(employed)
    assert said.startswith("Erased one person of tiny from the vault on 2019-07-22: GDPR 17, KS 2019:33")
    assert holding(employed, NUMBER) == []
    assert holding(employed, "QX7341906") == ["ledger.vault.db"]
    assert NUMBER not in employed.employees_in_vault()


def test_the_number_is_nowhere_on_the_disk_of_a_process_that_ended(employed: World) -> None:
    process = employed.process("forget", "tiny", NUMBER, "--decision", "GDPR 17", by=MANAGER)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert NUMBER not in out
    assert holding(employed, NUMBER) == []


def test_erasing_changes_no_record_no_total_and_no_payment(employed: World) -> None:
    asked = [
        args.split()
        for args in (
            "state tiny -O json",
            "state tiny --as-of 2019-12-31",
            "pay list -O csv",
            "register tiny -O json",
            "evidence tiny 2019Q1",
            "portfolio",
        )
    ]
    log, head = stored(employed), employed.head()
    answers = [employed.soc(*args) for args in asked]
    forget(employed)
    assert stored(employed) == log
    assert employed.head() == head
    assert [employed.soc(*args) for args in asked] == answers


def test_a_determination_made_before_can_still_be_recomputed_and_made_again(employed: World) -> None:
    employed.done("forget", "tiny", "S7001", "--decision", "GDPR 17")
    assert employed.soc("check").code == 1
    assert "DIFFERS" not in employed.soc("check").out
    employed.done("determine", "tiny", "2019Q1", "--redo", "--reason", "the same facts")
    assert employed.state("--as-of", "2019-03-31")["savings"]["determined"] == "174545.45"


def test_the_next_receipt_and_check_say_that_lines_from_before_cannot_be_matched(employed: World) -> None:
    assert "erased" not in employed.soc("check").out
    forget(employed)
    path = employed.file("april.csv", f"{ABSENCE_HEADER}\n{NUMBER},Skolan,2019-04-01,2019-04-04,100,sick\n")
    receipt = employed.done("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL).out
    assert "finding: 1 person erased, last on 2019-07-22; lines of theirs from before cannot be matched" in receipt
    checked = employed.soc("check")
    assert checked.code == 1
    assert "tiny/14: reaches back before the erasure on 2019-07-22" in checked.out
    assert NUMBER not in receipt.replace(str(path), "") + checked.out


def test_a_report_from_after_the_erasure_is_not_a_finding(employed: World) -> None:
    employed.at = "2019-07-23T09:00"
    forget(employed)
    employed.at = "2019-09-02T09:00"
    path = employed.file("august.csv", absences(["2019-08"], 2, 0))
    assert "erased" not in employed.done("import", "absences", "tiny", path, "--source", "payroll").out
    assert "erasure" not in employed.soc("check").out


def test_a_report_from_before_the_erasure_on_the_same_day_is_not_a_finding(employed: World) -> None:
    forget(employed)
    assert "erasure" not in employed.soc("check").out


def test_a_rehearsal_erases_nothing(employed: World) -> None:
    before = employed.database().with_suffix(".vault.db").read_bytes()
    said = employed.done("forget", "tiny", NUMBER, "--decision", "GDPR 17", "--dry-run").out
    assert said.startswith("Would erase one person of tiny")
    assert employed.database().with_suffix(".vault.db").read_bytes() == before


def test_erasing_somebody_unknown_or_erased_is_refused(employed: World) -> None:
    forget(employed)
    for number in (NUMBER, "nobody"):
        result = employed.soc("forget", "tiny", number, "--decision", "GDPR 17")
        assert (result.code, result.out) == (1, "")
        assert "the vault holds no such employee of tiny" in result.err
        assert number not in result.err


def test_a_token_is_never_given_twice(employed: World) -> None:
    """The person erased and sent again becomes another person: their old absences stay theirs alone."""
    forget(employed)
    path = employed.file("april.csv", f"{ABSENCE_HEADER}\n{NUMBER},Skolan,2019-04-15,2019-04-18,100,sick\n")
    employed.done("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL)
    with closing(sqlite3.connect(employed.database().with_suffix(".vault.db"))) as vault:
        tokens = [token for (token,) in vault.execute("SELECT token FROM employees")]
    assert len(tokens) == len(set(tokens))
    assert max(tokens) == 15  # 12 in the reference year, 2 in April, 1 anew


# --- Nobody in the log ----------------------------------------------------------------------------------------------


def test_no_employment_number_is_in_the_ledgers_file(employed: World) -> None:
    numbers = employed.employees_in_vault()
    assert len(numbers) == 14
    raw = employed.database().read_bytes() + stored(employed)
    assert [number for number in numbers if number.encode() in raw] == []


def test_no_personal_number_or_name_of_an_employee_is_in_the_ledgers_file(settled: World) -> None:
    lines = ["Anna Andersson,Skolan,2019-04-01,2019-04-05,100,sick"]  # an employment "number" is what the employer says it is
    named = settled.file("april.csv", "\n".join([ABSENCE_HEADER, *lines]))
    settled.done("import", "absences", "tiny", named, "--source", "payroll", by=PAYROLL)
    personal = settled.file("may.csv", f"{ABSENCE_HEADER}\n19811218-9876,Skolan,2019-05-06,2019-05-07,100,sick\n")
    assert settled.soc("import", "absences", "tiny", personal, "--source", "payroll", by=PAYROLL).code == 4
    raw = settled.database().read_bytes() + stored(settled)
    assert b"Andersson" not in raw
    assert b"19811218" not in raw
    assert not re.search(rb"\d{6}-\d{4}", stored(settled))


def test_the_order_of_tokens_says_nothing_of_the_order_of_numbers(settled: World) -> None:
    with closing(sqlite3.connect(settled.database().with_suffix(".vault.db"))) as vault:
        ordered = [number for (number,) in vault.execute("SELECT employee FROM employees ORDER BY token")]
    assert ordered != sorted(ordered)


def test_a_file_named_after_a_person_is_refused_or_told(settled: World) -> None:
    path = settled.file("811218-9876.csv", f"{ABSENCE_HEADER}\nN1,Skolan,2019-05-06,2019-05-07,100,sick\n")
    settled.soc("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL)
    assert b"811218-9876" not in stored(settled)


# --- Where there is no vault ----------------------------------------------------------------------------------------


@pytest.fixture
def bereft(settled: World) -> World:
    """A settled contract whose vault is not at hand."""
    settled.database().with_suffix(".vault.db").unlink()
    return settled


def test_without_the_vault_imports_and_erasures_say_so_and_make_none(bereft: World) -> None:
    path = bereft.file("april.csv", absences(["2019-04"], 2, 0))
    for args in (["import", "absences", "tiny", path, "--source", "payroll"], ["forget", "tiny", "S7001", "--decision", "d"]):
        result = bereft.soc(*args, by=PAYROLL)
        assert (result.code, result.out) == (2, "")
        assert "there is no vault at" in result.err
        assert "--vault" in result.err
    assert not bereft.database().with_suffix(".vault.db").exists()
    assert bereft.head()[0] == 12


def test_without_the_vault_everything_else_works(bereft: World, settled: World) -> None:
    assert bereft.done("state", "tiny", "--as-of", "2019-07-22").out
    assert bereft.done("determine", "tiny", "2019Q1", "--redo", "--reason", "r").out.startswith("Recorded tiny/D2")
    checked = bereft.soc("check")
    assert checked.code == 1
    assert "vault: it is not at hand, so reports that reach back before an erasure were not looked for" in checked.out


def test_the_vault_may_stand_elsewhere(nothing: World, tmp_path: Path) -> None:
    (tmp_path / "safe").mkdir()
    nothing.vault = f"sqlite:///{tmp_path / 'safe' / 'people.db'}"
    world = nothing.reported()
    assert not world.database().with_suffix(".vault.db").exists()
    assert holding(world, "S7001") == ["absences-2018.csv", "absences-2019Q1.csv"]
    assert b"S7001" in (tmp_path / "safe" / "people.db").read_bytes()


def test_a_vault_that_is_no_database_is_told(settled: World) -> None:
    settled.database().with_suffix(".vault.db").write_bytes(b"somebody's notes\n" * 100)
    path = settled.file("april.csv", absences(["2019-04"], 2, 0))
    result = settled.soc("import", "absences", "tiny", path, "--source", "payroll", by=PAYROLL)
    assert result.code == 2
