"""What leaves for accounting, read by the programs that it is for: hledger, beancount, and a reader of SIE files."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction

from ledger.money import parse_kronor
from projections.accounting.vouchers import BOOKABLE, MEMORANDUM
from tests.cli import sie_reader
from tests.cli.accounting_world import EXAMPLES, LATE, MAP, WHOLE, export, names, refused, sie, storied
from tests.cli.world import ROOT, World, copy, environment
from tests.debian import required


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, _settled: World) -> World:
    return storied(copy(_settled, tmp_path_factory.mktemp("accounting")))


@pytest.fixture(scope="session")
def hledger() -> str:
    return required("hledger", package="hledger")


def ran(hledger: str, file: Path, *args: str) -> str:
    """What hledger says, in a UTF-8 locale."""
    done = subprocess.run(
        [hledger, "-f", str(file), *args],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def balances_of_hledger(hledger: str, file: Path, *args: str) -> dict[str, int]:
    rows = list(csv.reader(io.StringIO(ran(hledger, file, "bal", "--flat", "-N", "-O", "csv", *args))))[1:]
    return {name: parse_kronor(amount.removesuffix(" SEK")) for name, amount in rows}


def read_by_beancount(file: Path) -> list[Any]:
    entries, errors, _ = loader.load_file(str(file))
    assert errors == []
    return list(entries)


def balances_of_beancount(entries: list[Any], until: date) -> dict[str, int]:
    sums: dict[str, int] = {}
    for posting in (row for one in entries if isinstance(one, Transaction) and one.date <= until for row in one.postings):
        sums[posting.account] = sums.get(posting.account, 0) + int(posting.units.number * 100)
    return sums


def said_by_state(world: World, contract: str, *options: str) -> dict[str, int]:
    """The balances of ``soc state``, by the ledger's account, debit positive."""
    balance = world.done("state", contract, *options, "-O", "json", by=None).json["balance"]
    provider, loan = balance["provider"], balance["loan"]
    said = {
        "liabilities:outcome:entitled": (provider["entitled"], -1),
        "liabilities:outcome:payable": (provider["payable"], -1),
        "liabilities:outcome:paid": (provider["paid"], 1),
        "liabilities:outcome:recovered": (provider["recovered"], -1),
        "expenses:upfront": (balance["upfront"]["paid"], 1),
        "liabilities:loan:drawn": (loan["drawn"], -1),
        "liabilities:loan:repaid": (loan["repaid"], 1),
    }
    return {account: sign * parse_kronor(amount) for account, (amount, sign) in said.items()}


def same(said: Mapping[str, int], found: Mapping[str, int], called: Mapping[str, str]) -> bool:
    return all(found.get(called[account], 0) == amount for account, amount in said.items())


# ── hledger ──────────────────────────────────────────────────────────────────────────────────────────────────────────

DATES = [
    "01-01",
    "01-02",
    "01-31",
    "02-28",
    "03-31",
    "07-19",
    "07-20",
    "08-01",
    "08-05",
    "09-02",
    "11-12",
    "11-13",
    "12-01",
    "12-20",
]
"""Before and after everything that is effective."""


def test_hledger_gives_the_state_as_of_any_date(story: World, hledger: str) -> None:
    file, seen = export(story, "hledger"), set()
    ran(hledger, file, "check", "--strict")
    for day in [date.fromisoformat(f"2019-{one}") for one in DATES]:
        found = balances_of_hledger(hledger, file, "--date2", "-e", str(day + timedelta(days=1)))
        said = said_by_state(story, "tiny", "--as-of", str(day))
        assert same(said, found, names("hledger")), day
        seen.add(tuple(said.values()))
    assert len(seen) >= 10


def test_hledger_s_booking_dates_and_codes_are_those_of_the_records(story: World, hledger: str) -> None:
    file = export(story, "hledger")
    register = story.done("register", "tiny", "-O", "json", by=None).json["records"]
    booked = {
        (one["booked_on"], record["id"].removeprefix("tiny/"))
        for record in register
        for one in record["postings"]
        if one["kind"] == "bookable"
    }
    rows = list(csv.DictReader(io.StringIO(ran(hledger, file, "print", "-O", "csv"))))
    assert {(row["date"], row["code"]) for row in rows} == booked
    assert 'F-2 "öre" – 50 €, a, b / c\\d' in {
        part for row in rows for part in [row["description"].partition("invoice ")[2].partition(", bank")[0]]
    }
    assert ran(hledger, file, "print", "tag:invoice=F-1").count("(") == 1


# ── beancount ────────────────────────────────────────────────────────────────────────────────────────────────────────

KNOWN = ["06-12", "06-13", "06-20", "07-22", "08-01", "08-05", "08-20", "09-02", "09-12", "09-13", "12-01", "12-02"]
"""The days on which something is booked."""


def test_beancount_gives_the_state_as_known_on_any_day(story: World) -> None:
    file, seen = export(story, "beancount"), set()
    done = subprocess.run([Path(sys.executable).with_name("bean-check"), file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    entries = read_by_beancount(file)
    for day in [date.fromisoformat(f"2019-{one}") for one in KNOWN]:
        said = said_by_state(story, "tiny", "--known-at", str(day), "--as-of", LATE)
        assert same(said, balances_of_beancount(entries, day), names("beancount")), day
        seen.add(tuple(said.values()))
    assert len(seen) >= 10


def test_beancount_asserts_every_balance_at_each_month_s_end_and_at_the_end(story: World) -> None:
    entries = read_by_beancount(export(story, "beancount"))
    asserted = {one.date for one in entries if isinstance(one, Balance)}
    assert asserted == {*(date(2019, month, 1) for month in (7, 8, 9, 10, 11, 12)), date(2019, 12, 3)}
    opened = {one.account for one in entries if isinstance(one, Open)}
    assert {one.account for one in entries if isinstance(one, Balance) and one.date == date(2019, 12, 3)} == opened


def test_a_wrong_amount_is_caught_by_an_assertion(story: World) -> None:
    """An amount that is moved between two accounts leaves every voucher zero."""
    file = export(story, "beancount")
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("Liabilities:Utfallsersättning:Betald ", "Liabilities:Utfallsersättning:Anmäld "), encoding="utf-8"
    )
    assert file.read_text(encoding="utf-8") != text
    _, errors, _ = loader.load_file(str(file))
    assert "Balance failed" in str(errors)


# ── Incremental, without doubles ─────────────────────────────────────────────────────────────────────────────────────

QUARTERS = ("2019Q1", "2019Q2", "2019Q3", "2019Q4")


def test_quarters_are_disjoint_and_together_the_whole(story: World, hledger: str) -> None:
    whole = sie(export(story, "sie")).vouchers
    parts = [sie(export(story, "sie", period=quarter, name=quarter)).vouchers for quarter in QUARTERS]
    assert [one for part in parts for one in part] == whole
    assert [len(part) > 0 for part in parts] == [False, True, True, True]
    journals = [export(story, "hledger", period=quarter, name=quarter) for quarter in QUARTERS]
    for journal in journals:
        ran(hledger, journal, "check", "--strict")
    both = story.file("all.journal", "".join(f"include {journal.name}\n" for journal in journals))
    ran(hledger, both, "check", "--strict")
    assert balances_of_hledger(hledger, both) == balances_of_hledger(hledger, export(story, "hledger"))


def test_beancount_files_of_quarters_are_checked_as_one(story: World) -> None:
    parts = [export(story, "beancount", period=quarter, name=quarter) for quarter in QUARTERS]
    both = story.file("all.beancount", "".join(f'include "{part.name}"\n' for part in parts))
    whole = read_by_beancount(export(story, "beancount"))
    assert balances_of_beancount(read_by_beancount(both), date.max) == balances_of_beancount(whole, date.max)
    assert "It is a part" in parts[2].read_text(encoding="utf-8")
    assert "It is a part" not in parts[1].read_text(encoding="utf-8")
    twice = story.file("twice.beancount", f'include "{parts[1].name}"\ninclude "../{story.folder.name}/copied"\n')
    story.file("copied", parts[1].read_bytes())
    assert loader.load_file(str(twice))[1] != []


def test_what_an_earlier_file_held_is_left_out_after_its_last_record(story: World) -> None:
    """A file of a period that was not over, then the rest: as in one."""
    more = ("--known-at", "2019-08-05")
    first = export(story, "sie", *more, period="2019Q3", name="first")
    last = max(int(one.number.partition("-")[0]) for one in sie(first).vouchers)
    assert f"The last record that it holds is {last}." in sie(first).single["#PROSA"][0]
    rest = export(story, "sie", "--after", str(last), period="2019Q3", name="rest")
    assert sie(first).vouchers + sie(rest).vouchers == sie(export(story, "sie", period="2019Q3")).vouchers
    assert sie(export(story, "sie", "--after", f"tiny/{last}", period="2019Q3", name="again")) == sie(rest)
    assert len(sie(rest).vouchers) > 3
    for name, options in (("one", ("--known-at", "2019-08-05")), ("two", ("--after", str(last)))):
        export(story, "beancount", *options, period="2019Q3", name=name)
    export(story, "beancount", period="2019Q2", name="zero")
    both = story.file("both.beancount", "".join(f'include "{name}.beancount"\n' for name in ("zero", "one", "two")))
    assert read_by_beancount(both)


def test_how_to_go_on_is_said_on_stderr(story: World) -> None:
    accounts = story.file("map.toml", MAP)
    args = ("export", "sie", "tiny", "--accounts", accounts, "-o", story.folder / "x.si", "--period")
    over = story.done(*args, "2019Q3", by=None).err
    assert "vouchers of tiny, booked in 2019Q3: records " in over
    assert f"2019Q3 is over. Go on with: soc export sie tiny --period 2019Q4 --accounts {accounts}\n" in over
    open_ = story.done(*args, "2019Q4", by=None).err
    assert "2019Q4 is not over as known at 2019-12-02 10:00:00: more may be booked in it." in open_
    assert "--period 2019Q4 " in open_
    last = sie(story.folder / "x.si").vouchers[-1].number
    assert open_.endswith(f"--after {last}\n")
    again = open_.partition("Go on later with: soc ")[2].split()
    assert "No vouchers of tiny are booked in 2019Q4" in story.done(*again, "-o", story.folder / "y.si", by=None).err


@pytest.mark.parametrize("form", ["sie", "hledger", "beancount"])
def test_an_empty_period_gives_a_file_without_vouchers(story: World, hledger: str, form: str) -> None:
    accounts = story.file("map.toml", MAP)
    file = story.folder / f"empty.{form}"
    result = story.done("export", form, "tiny", "--period", "2019Q1", "--accounts", accounts, "-o", file, by=None)
    assert "No vouchers of tiny are booked in 2019Q1." in result.err
    if form == "sie":
        assert (sie(file).vouchers, sie(file).accounts) == ([], {})
    elif form == "hledger":
        ran(hledger, file, "check", "--strict")
        assert balances_of_hledger(hledger, file) == {}
    else:
        assert read_by_beancount(file) == []


@pytest.mark.parametrize("form", ["sie", "hledger", "beancount"])
def test_the_same_record_gives_the_same_bytes(story: World, form: str) -> None:
    assert export(story, form, name="a").read_bytes() == export(story, form, name="b").read_bytes()


# ── SIE ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sie_is_read_back_with_the_sums_of_the_others(story: World, hledger: str) -> None:
    file = export(story, "sie")
    found = sie(file)
    numbers, others = names("sie"), names("hledger")
    sums = balances_of_hledger(hledger, export(story, "hledger"))
    assert {number: ore for number, ore in found.sums.items() if ore} == {
        numbers[account]: sums[others[account]] for account in numbers if sums.get(others[account])
    }
    assert found.single["#GEN"] == ("20191202",)
    assert found.single["#FNAMN"] == ("Botkyrka kommun",)
    assert found.single["#ORGNR"] == ("212000-2882",)
    assert found.single["#KPTYP"] == ("Kommun-BAS",)
    assert found.single["#VALUTA"] == ("SEK",)
    assert found.years == {0: (date(2020, 1, 1), date(2020, 12, 31)), -1: (date(2019, 1, 1), date(2019, 12, 31))}
    assert found.objects == {("1", "1100"): "HR-avdelningen"}
    assert {row.objects for one in found.vouchers for row in one.rows if row.account == "7420"} == {(("1", "1100"),)}
    assert {one.series for one in found.vouchers} == {"SOC"}
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")


def test_corrections_are_booked_when_discovered_and_name_their_months(story: World) -> None:
    late = {one.number: one for one in sie(export(story, "sie")).vouchers if "in the period of discovery" in one.text}
    assert [(one.on, one.text.partition(", about ")[2]) for one in late.values()] == [
        (date(2019, 8, 20), "2019-08"),
        (date(2019, 9, 12), "2019-02"),
        (date(2019, 9, 13), "2019-02"),
    ]
    anew = late[next(number for number, one in late.items() if one.text.startswith("D2 determined anew"))]
    assert [(row.account, row.ore, row.text, row.on) for row in anew.rows] == [
        ("7420", -200000, "effective 2019-02-28", None),
        ("2991", 200000, "effective 2019-02-28", None),
    ]


def test_characters_that_the_code_page_lacks_are_replaced_and_reported(story: World) -> None:
    accounts = story.file("map.toml", MAP.replace('name = "Bank"', 'name = "Bank Šibenik “€”\\u200b"'))
    file = story.folder / "odd.si"
    result = story.soc("export", "sie", "tiny", "--period", WHOLE, "--accounts", accounts, "-o", file, by=None)
    assert "must stand on one line" in result.err  # a mark without width is refused in the map
    accounts = story.file("map.toml", MAP.replace('name = "Bank"', 'name = "Bank Šibenik “€”"'))
    result = story.done("export", "sie", "tiny", "--period", WHOLE, "--accounts", accounts, "-o", file, by=None)
    found = sie(file)
    assert found.accounts["1930"] == 'Bank Sibenik "EUR"'
    assert [one.text for one in found.vouchers if "F-2" in one.text] == [
        'P3 outcome payment to Friskare AB, settles N1, invoice F-2 "öre" - 50 EUR; a, b | c/d, bank reference BG 1'
    ]
    assert "replaced in its texts: " in result.err
    for name in ("en dash", "euro sign", "reverse solidus", "latin capital letter s with caron", "left double quotation mark"):
        assert name in result.err


def test_the_checksum_is_that_of_the_specification(story: World) -> None:
    plain, summed = export(story, "sie"), export(story, "sie", "--checksum", name="summed")
    assert sie(plain).checksum is None
    found = sie(summed)
    assert found.checksum is not None
    assert found.vouchers == sie(plain).vouchers
    assert sie_reader.crc32(b"123456789") == 0xCBF43926
    with pytest.raises(ValueError, match="the checksum is not that of the file"):
        sie_reader.read(summed.read_bytes().replace(b"HR-avdelningen", b"HR-avdelninger"))


def test_books_that_number_vouchers_themselves_are_given_no_numbers(story: World) -> None:
    found = sie(export(story, "sie", text=MAP.replace('series = "SOC"', 'series = ""')))
    assert {(one.series, one.number) for one in found.vouchers} == {("", "")}


def test_a_broken_financial_year(story: World) -> None:
    text = MAP.replace("financial_year_begins = 1 ", "financial_year_begins = 7 ")
    found = sie(export(story, "sie", text=text, period="2019Q2"))
    assert found.years == {0: (date(2018, 7, 1), date(2019, 6, 30))}


def test_sie_on_stdout_is_in_its_code_page(story: World) -> None:
    accounts = story.file("map.toml", MAP)
    command = [sys.executable, "-c", "from cli.main import main; main()", "--ledger", story.ledger]
    command += ["export", "sie", "tiny", "--period", WHOLE, "--accounts", str(accounts)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment())
    assert done.stdout == export(story, "sie").read_bytes()
    assert "Fast ersättning".lower().encode("cp437") in done.stdout


# ── What never leaves, and what is refused ───────────────────────────────────────────────────────────────────────────


def test_memorandum_postings_never_leave(story: World) -> None:
    """The ledger has savings, instructions and a dispute; no export has their accounts, amounts or words."""
    register = story.done("register", "tiny", "-O", "json", by=None).json["records"]
    posted = [one for record in register for one in record["postings"]]
    memorandum = {one["account"] for one in posted if one["kind"] == "memorandum"}
    assert {
        "memorandum:savings",
        "memorandum:avoided-cost",
        "memorandum:instructed:outcome",
        "memorandum:instructions",
    } == memorandum
    assert memorandum <= MEMORANDUM
    assert any(record["type"].startswith("DisputeRaised") for record in register)
    only = {one["amount"].lstrip("-") for one in posted if one["kind"] == "memorandum"}
    only -= {one["amount"].lstrip("-") for one in posted if one["kind"] == "bookable"}
    assert only
    kept = {one["id"].removeprefix("tiny/") for one in register if any(p["kind"] == "bookable" for p in one["postings"])}
    for form in ("sie", "hledger", "beancount"):
        text = export(story, form).read_bytes().decode("cp437" if form == "sie" else "utf-8")
        assert not [amount for amount in only if amount in text]
        assert "memorandum" not in text.lower()
        assert "instruct" not in text.lower()
    found = sie(export(story, "sie"))
    assert {one.number.partition("-")[0] for one in found.vouchers} == kept
    assert set(found.accounts) <= {names("sie")[account] for account in BOOKABLE}


def test_an_account_without_a_mapping_is_refused_and_all_are_listed(story: World) -> None:
    text = MAP.replace('hledger = "Tillgångar:Bank"\n', "").replace('hledger = "Skulder:Internt lån:Upplånat"\n', "")
    result = refused(story, "hledger", text=text)
    assert result.code == 4
    assert 'accounts."assets:bank": hledger is missing; record ' in result.err
    assert 'accounts."liabilities:loan:drawn": hledger is missing; record ' in result.err
    assert "Say which account of the books it is; none is assumed." in result.err
    assert export(story, "sie", text=text)
    without = MAP.partition('[accounts."assets:bank"]')
    assert refused(story, "sie", text=without[0] + "[accounts." + without[2].split("\n[accounts.", 1)[1]).code == 4


def test_what_is_refused(story: World) -> None:
    other = refused(story, "sie", text=MAP.replace('contract = "tiny"', 'contract = "botkyrka"'))
    assert (other.code, "is the map of botkyrka, not of tiny" in other.err) == (4, True)
    memorandum = refused(story, "sie", text=MAP + '\n[accounts."memorandum:savings"]\nnumber = "9999"\nname = "x"\n')
    assert (memorandum.code, "is not an account that is booked on" in memorandum.err) == (4, True)
    assert refused(story, "sie", contract="nobody").code == 2
    assert refused(story, "sie", "--after", "99999").code == 2
    assert refused(story, "sie", period="2019Q5").code == 2


# ── The demo, with the example maps ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("contract", ["botkyrka", "ornskoldsvik"])
def test_both_contracts_of_the_demo_at_ten_dates(demo: World, tmp_path: Path, hledger: str, contract: str) -> None:
    world = copy(demo, tmp_path)
    text = (EXAMPLES / f"{contract}.toml").read_text(encoding="utf-8")
    files = {
        form: export(world, form, period="2018-01..2022-12", text=text, contract=contract)
        for form in ("sie", "hledger", "beancount")
    }
    entries = read_by_beancount(files["beancount"])
    ran(hledger, files["hledger"], "check", "--strict")
    days = [date(2018, 12, 31), *(date(year, month, 15) for year in (2019, 2020, 2021) for month in (4, 8, 12))]
    for day in days:
        by_effect = balances_of_hledger(hledger, files["hledger"], "--date2", "-e", str(day + timedelta(days=1)))
        assert same(said_by_state(world, contract, "--as-of", str(day)), by_effect, names("hledger", text)), day
        said = said_by_state(world, contract, "--known-at", str(day), "--as-of", LATE)
        assert same(said, balances_of_beancount(entries, day), names("beancount", text)), day
    sums = balances_of_beancount(entries, date.max)
    numbers, others = names("sie", text), names("beancount", text)
    assert sie(files["sie"]).sums == {numbers[account]: sums[others[account]] for account in numbers if others[account] in sums}
    assert len(sie(files["sie"]).vouchers) > 80
