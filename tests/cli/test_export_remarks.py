"""What an accountant is told beside the vouchers: in every file, on stderr, in the help."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.money import kronor, parse_kronor
from tests.cli.accounting_world import EXAMPLES, INVOICE, MAP, WHOLE, export, names, refused, sie, storied
from tests.cli.world import PAYER, World, copy, run
from tests.debian import required

FORMS = ("sie", "hledger", "beancount")
WITHOUT_LOAN = MAP.replace("export = true ", "export = false ")
LOAN = ("assets:loan-funds", "liabilities:loan:drawn", "liabilities:loan:repaid")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, _settled: World) -> World:
    return storied(copy(_settled, tmp_path_factory.mktemp("remarks")))


def text_of(file: Path) -> str:
    return file.read_bytes().decode("cp437" if file.suffix == ".si" else "utf-8")


def told(world: World, form: str, period: str, *more: str, text: str = MAP, contract: str = "tiny") -> tuple[str, str]:
    """What is said on stderr, and in the file."""
    accounts, file = world.file("map.toml", text), world.folder / f"told.{'si' if form == 'sie' else form}"
    args = ("export", form, contract, "--period", period, "--accounts", accounts, *more, "-o", file)
    return world.done(*args, by=None).err, text_of(file)


# ── In every file and in the help ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FORMS)
def test_every_file_says_what_its_balances_are_by_and_that_vat_is_excluded(story: World, form: str) -> None:
    _, found = told(story, form, WHOLE)
    assert "Amounts exclude VAT, as the terms of the contract do." in found
    assert "Balances are by booking day; when a claim falls due is in " in found


@pytest.mark.parametrize("form", FORMS)
def test_the_help_says_what_to_map_and_what_to_leave_out(form: str) -> None:
    out = " ".join(run(["export", form, "--help"]).out.split())
    assert "Amounts exclude VAT." in out
    assert "map assets:bank to a clearing account, or the same payment is booked twice" in out
    assert "Eliminate both, or leave it out: export = false under [loan] in the map." in out
    assert ('write series = "" in the map' in out) == (form == "sie")


def test_the_row_s_text_says_when_a_claim_falls_due(story: World) -> None:
    rows = [(one, row) for one in sie(export(story, "sie")).vouchers for row in one.rows if row.text.startswith("falls due")]
    assert {row.account for _, row in rows} == {"2992", "2441"}
    assert {(one.text, row.text) for one, row in rows if one.text.startswith("N1 ")} == {
        ("N1 claims the entitlement of D1, 2019Q1, payable on 2019-08-13", "falls due 2019-08-13")
    }
    assert {row.text for one, row in rows if "earlier due day" in one.text} == {"falls due 2019-08-13"}


def test_where_a_program_wants_numerals_the_numbers_are_left_empty(story: World) -> None:
    numbered = [one.number for one in sie(export(story, "sie")).vouchers]
    assert [one for one in numbered if not one.isdigit()]
    plain = sie(export(story, "sie", text=re.sub(r'series = "SOC"', 'series = ""', MAP)))
    assert [(one.series, one.number) for one in plain.vouchers] == [("", "")] * len(numbered)


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_two_vouchers_of_a_record_have_the_same_words(story: World) -> None:
    found = sie(export(story, "sie")).vouchers
    by_record = [(one.number.partition("-")[0], one.text) for one in found]
    assert len(by_record) == len(set(by_record))
    moved = [one.text for one in found if one.text.startswith("D1 accepted")]
    assert moved == [
        "D1 accepted by external provider, the last to agree: payable on 2019-07-20 instead of 2019-08-13",
        "D1 accepted by external provider, the last to agree: earlier due day 2019-08-13 taken back",
    ]


def test_payments_name_the_payee_and_what_they_settle(story: World, tmp_path: Path) -> None:
    _, text = told(story, "hledger", WHOLE)
    assert "P1 upfront payment to Friskare AB, invoice F-1" in text
    assert "outcome payment to Friskare AB, settles N1, invoice F-2" in text
    assert "recovery received from Friskare AB, invoice F-3" in text
    assert INVOICE.startswith("F-2")


# ── The internal loan ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FORMS)
def test_the_loan_is_left_out_where_the_map_says_so(story: World, form: str) -> None:
    _, whole = told(story, form, WHOLE)
    _, without = told(story, form, WHOLE, text=WITHOUT_LOAN)
    called = [names(form)[account] for account in LOAN]
    assert all(name in whole for name in called)
    assert not [name for name in called if name in without]
    assert "The internal loan is left out, as the map says (loan.export = false)." in without
    assert "The internal loan is a claim and a debt within one legal person. Eliminate both" in whole


def test_without_the_loan_its_accounts_need_no_mapping_and_all_else_is_the_same(story: World) -> None:
    bare = WITHOUT_LOAN
    for account in LOAN:
        bare = re.sub(rf'\[accounts\."{account}"\]\n(?:\w+ = .*\n?)+', "", bare)
    assert "loan:drawn" not in bare
    kept = sie(export(story, "sie", text=bare)).vouchers
    every = sie(export(story, "sie", name="every")).vouchers
    assert kept == [one for one in every if not one.text.startswith("L")]
    assert 0 < len(kept) < len(every)
    assert refused(story, "sie", text=bare.replace("export = false", "export = true")).code == 4


def test_programs_read_files_without_the_loan(story: World) -> None:
    journal = export(story, "hledger", text=WITHOUT_LOAN)
    subprocess.run([required("hledger", package="hledger"), "-f", journal, "check", "--strict"], check=True, timeout=60)
    books = export(story, "beancount", text=WITHOUT_LOAN)
    subprocess.run([Path(sys.executable).with_name("bean-check"), books], check=True, timeout=60)


# ── Held, overpaid, cut-off ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", FORMS)
def test_what_a_dispute_holds_is_said_as_of_the_period_s_end(reported: World, form: str) -> None:
    world = disputed(reported)
    err, file = told(world, form, "2019Q3")
    held = world.state("--as-of", "2019-09-30")["balance"]["provider"]["held"]
    assert held != "0.00"
    amount = f"{int(held[:-3]):,}".replace(",", " ") + held[-3:]
    said = f"{amount} SEK of what is claimed is held by a dispute (X1) on 2019-09-30."
    assert said in err
    assert said in file
    assert "is held by" not in "".join(told(world, form, "2019Q2"))


def disputed(world: World) -> World:
    """The first quarter noticed and disputed; the claim falls payable by silence, and the disputed part is held."""
    world.done("determine", "tiny", "2019Q1", at="2019-06-12T09:00")
    world.done("notify", "tiny/D1", "--on", "2019-06-13", at="2019-06-13T09:00")
    says = ("--by", "payer", "--on", "2019-06-20", "--grounds", "too dear", "--savings", "100000")
    world.done("dispute", "raise", "tiny/D1", *says, by=PAYER, at="2019-06-20T09:00")
    world.at = "2019-10-02T09:00"
    world.done("loan", "draw", "tiny", "1000", "--on", "2019-10-01", "--for", "internal", by=PAYER, at="2019-10-01T09:00")
    return world


@pytest.mark.parametrize("form", FORMS)
def test_what_is_overpaid_is_a_claim_on_the_provider(settled: World, form: str) -> None:
    payable = parse_kronor(settled.state("--as-of", "2019-08-05")["balance"]["provider"]["payable"])
    more = kronor(payable + parse_kronor("37192.37"))
    made = ("--invoice", "F-2", "--made", "--bank-reference", "BG 1")
    settled.done("pay", "outcome", "tiny", more, "--on", "2019-08-05", *made, by=PAYER, at="2019-08-05T10:00")
    err, file = told(settled, form, "2019Q3")
    assert "37 192.37 SEK is overpaid on 2019-08-05: a claim on the provider, to be set off against later claims." in err
    assert "37 192.37 SEK is overpaid on 2019-08-05: a claim on the provider" in file
    assert "is overpaid" not in "".join(told(settled, form, "2019Q2"))


@pytest.mark.parametrize("form", FORMS)
def test_the_cut_off_at_a_year_s_end_is_told(story: World, form: str) -> None:
    """With a financial year that ends with June: the redo of September is about a month of the year before."""
    text = MAP.replace("financial_year_begins = 1 ", "financial_year_begins = 7 ")
    err, file = told(story, form, "2019-07..2019-12", text=text)
    later = ", booked after the year are about the financial year 2018-07..2019-06: accrue them there (periodisering)."
    assert f"2 vouchers, 198 000.00 SEK of cost{later}" in err
    assert f"2 vouchers, 198 000.00 SEK of cost{later}" in file
    err, file = told(story, form, "2019Q2", text=text)
    last = (
        "2 vouchers, 198 000.00 SEK of cost, booked after 2019-06-30 are about the financial year 2018-07..2019-06, "
        "as known on 2019-12-02: accrue them there (periodisering)."
    )
    assert last in err
    assert last in file
    assert "No outcome payment is determined for 2019Q2, as known on 2019-12-02" in file
    assert "financial year" not in told(story, form, "2019Q2")[0]


def test_the_cut_off_of_the_demo(demo: World, tmp_path: Path) -> None:
    """What was determined of 2020 in January 2021, when follow-up resumed."""
    text = (EXAMPLES / "botkyrka.toml").read_text(encoding="utf-8")
    err, file = told(copy(demo, tmp_path), "hledger", "2020-01..2020-12", text=text, contract="botkyrka")
    assert "10 vouchers, 1 753 948.13 SEK of cost, booked after 2020-12-31 are about the financial year 2020" in err
    assert "P7" not in file
    err, file = told(copy(demo, tmp_path), "hledger", "2018-09..2022-12", text=text, contract="botkyrka")
    assert "10 vouchers, 1 753 948.13 SEK of cost, booked after the year are about the financial year 2020" in err
    assert "P7 outcome payment to Aino Health, settles N3 331296.39, N4 29630.44 set off" in file


def test_a_period_before_the_contract_is_said_to_be_so(story: World) -> None:
    err, _ = told(story, "sie", "2017-01")
    assert "2017-01 lies before the contract begins (2019-01).\n" in err
    assert "Begin with: soc export sie tiny --period 2019-01 --accounts " in err
    assert "is over" not in err
    assert "2019-01 is over. Go on with" in told(story, "sie", "2019-01")[0]
