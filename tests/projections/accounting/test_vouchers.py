"""Vouchers: every bookable posting and nothing else, each voucher zero, corrections in the period of discovery; and the map."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ledger.errors import InputRefused, VerificationFailed
from ledger.facts import Facts, contract_stream
from ledger.periods import Month, Period
from projections.accounting import vouchers as v
from projections.accounting.account_map import AccountMap, read_account_map, require
from projections.accounting.texts import months_text
from projections.accounting.vouchers import Row, Voucher, balances, booked_in, vouchers
from projections.postings import ACCOUNTS, postings
from tests import histories, spec
from tests.histories import History
from tests.spec import (
    accepted,
    adopted,
    claim_of,
    corrected,
    determined,
    disputed,
    drawn,
    given,
    instructed,
    months,
    notified,
    paid,
    resolved,
    signed,
)
from tests.test_against_oracle import Player, counted, every, memory

FIRST = determined(1, months("2018Q4", "1 000 000"), claim="184 000", recorded="2019-03-15")
NOTICE = notified(1, on="2019-03-20", objection_until="2019-04-19", claim="184 000", payable_on="2019-05-20")
SECOND = determined(2, months("2019Q1", "2 000 000"), claim="368 000", recorded="2019-06-12")
REDO = determined(3, months("2018Q4", "500 000"), claim="-92 000", recorded="2019-06-20", supersedes=[1], reason="late notes")
REDO_NOTICE = notified(3, on="2019-06-21", objection_until="2019-07-21", claim="-92 000", payable_on="2019-08-21")


def told(*happened: spec.Happened) -> list[Voucher]:
    facts: Facts = given(signed(), adopted(), *happened).facts()
    return vouchers(facts, "botkyrka")


# ── Which postings ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_account_is_classified() -> None:
    """A new account must be said to be for the books, or not."""
    assert v.BOOKABLE | v.MEMORANDUM == ACCOUNTS
    assert not v.BOOKABLE & v.MEMORANDUM


def history_fault(history: History) -> str | None:
    """Whether vouchers hold anything but all bookable postings, each voucher zero; and quarter by quarter the same."""
    ledger = memory()
    player = Player(ledger)
    for step in history:
        player.play(step)
    facts = ledger.facts()
    records = facts.stream(contract_stream(player.id))
    if not records:
        return None
    found = vouchers(facts, player.id)
    posted = [one for record in records for one in postings(record)]
    sums: dict[str, int] = {}
    for one in posted:
        if one.kind == "bookable":
            sums[one.account] = sums.get(one.account, 0) + one.amount
        elif one.account not in v.MEMORANDUM:
            return f"{one.account} is memorandum"
    counted["vouchers"] += len(found)
    counted["of corrections"] += sum(one.said.late for one in found)
    counted["memorandum postings"] += sum(one.kind == "memorandum" for one in posted)
    if {pair for pair in sums.items() if pair[1]} != {pair for pair in balances(found).items() if pair[1]}:
        return "balances"
    if any(sum(row.amount for row in one.rows) for one in found):
        return "not zero"
    if [one.number for one in found] != [one.number for one in dict.fromkeys(found)] or found != in_order(found):
        return "numbers"
    return None if found == quarters(found) else "quarters"


def in_order(found: list[Voucher]) -> list[Voucher]:
    return sorted(found, key=lambda one: (one.booked_on, one.record, one.effective_on))


def quarters(found: list[Voucher]) -> list[Voucher]:
    """The vouchers as exports of one quarter after the other hold them."""
    if not found:
        return []
    quarter, last = Month.holding(found[0].booked_on).quarter, Month.holding(found[-1].booked_on).quarter
    each: list[Voucher] = []
    while quarter <= last:
        each += booked_in(found, quarter.months)
        quarter += 1
    return each


def test_vouchers_hold_all_bookable_postings_and_nothing_else() -> None:
    counted.clear()
    every(histories.contested, history_fault, 60)
    assert counted["vouchers"] > 300
    assert counted["of corrections"] > 30
    assert counted["memorandum postings"] > 100


def test_savings_instructions_and_disputes_give_no_voucher() -> None:
    known = (FIRST, NOTICE)
    more = (
        instructed(1, "outcome", "100 000", "2019-05-21"),
        disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-04-01"),
    )
    assert told(*known, *more) == told(*known)
    rows = {row.account for one in told(*known) for row in one.rows}
    assert rows == {"expenses:outcome", *(f"liabilities:outcome:{name}" for name in ("entitled", "claimed", "payable"))}


def test_what_is_not_for_the_books_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v, "BOOKABLE", v.BOOKABLE - {"assets:bank"})
    with pytest.raises(VerificationFailed, match="holds assets:bank"):
        told(paid(1, "upfront", "4 200 000", "2018-10-01"))


# ── Vouchers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_determination_has_a_voucher_for_each_month() -> None:
    found = told(determined(1, months("2018Q4", "100", "0", "200"), claim="55.20", recorded="2019-03-15"))
    assert [(one.number, one.effective_on, one.booked_on) for one in found] == [
        ("4-1", date(2018, 10, 31), date(2019, 3, 15)),
        ("4-2", date(2018, 12, 31), date(2019, 3, 15)),
    ]
    assert found[0].rows == (Row("expenses:outcome", 1840), Row("liabilities:outcome:entitled", -1840))
    assert found[0].text == "D1 determined: entitlement of 2018-10"


def test_a_redone_determination_is_booked_when_it_is_discovered_and_names_its_months() -> None:
    anew = [one for one in told(FIRST, NOTICE, SECOND, REDO, REDO_NOTICE) if one.booked_on >= date(2019, 6, 20)]
    assert {one.booked_on for one in anew} == {date(2019, 6, 20), date(2019, 6, 21)}
    text = "D3 determined anew, in place of D1: difference in entitlement; in the period of discovery, about 2018-10"
    assert anew[0].text == text
    assert anew[-1].text == (
        "N3 claims the entitlement of D3, 2018-10, payable on 2019-08-21; in the period of discovery, about 2018-10"
    )
    assert not any("discovery" in one.text for one in told(FIRST, NOTICE, SECOND))


def test_a_claim_of_a_redo_is_about_the_months_never_claimed_before_too() -> None:
    """Its claim holds what the superseded one never claimed."""
    redo = determined(2, months("2018Q4", "0", "1 000 000", "0"), claim="184 000", recorded="2019-06-20", supersedes=[1])
    notice = notified(2, on="2019-06-21", objection_until="2019-07-21", claim="184 000", payable_on="2019-08-21")
    first = determined(1, months("2018Q4", "500 000", "500 000", "0"), claim="184 000", recorded="2019-03-15")
    assert told(first, redo, notice)[-1].said.about == (Month.of(2018, 10), Month.of(2018, 11))


def test_acceptance_moves_the_claim_in_two_vouchers_and_moves_nothing_where_the_day_is_the_same() -> None:
    was, becomes = claim_of("184 000", "2019-05-20"), claim_of("184 000", "2019-04-24")
    by_payer = accepted(1, spec.PAYER, "2019-03-24")
    found = told(FIRST, NOTICE, by_payer, accepted(1, spec.PROVIDER, "2019-03-25", was, becomes))[-2:]
    assert [(one.number, one.effective_on, one.rows[0].amount) for one in found] == [
        ("7-1", date(2019, 4, 24), 18400000),
        ("7-2", date(2019, 5, 20), -18400000),
    ]
    assert found[0].text == "D1 accepted by external provider, the last to agree: payable on 2019-04-24 instead of 2019-05-20"
    assert found[1].text == "D1 accepted by external provider, the last to agree: earlier due day 2019-05-20 taken back"
    same = told(FIRST, NOTICE, by_payer, accepted(1, spec.PROVIDER, "2019-04-20", was, was))
    assert same == told(FIRST, NOTICE, by_payer)


def test_payments_and_their_corrections_name_invoice_and_bank_reference() -> None:
    made = paid(1, "upfront", "4 200 000", "2018-10-01", invoice="F-77")
    first, anew = told(made, corrected(3, "upfront", 1, ("4 200 000", "2018-10-01"), ("4 200 001", "2018-10-01"), "2019-02-01"))
    assert first.text == "P1 upfront payment to Aino Health, invoice F-77, bank reference BG 1"
    assert anew.booked_on == date(2019, 2, 1)
    assert [row.amount for row in anew.rows] == [-420000000, 420000000, 420000100, -420000100]
    assert (anew.said.name, anew.said.invoice, anew.said.bank_reference) == ("P1", "F-77", "BG 1")
    assert anew.text == (
        "P1 corrected (record 3, upfront, invoice F-77, bank reference BG 1): 4200000.00 on 2018-10-01 becomes 4200001.00 on "
        "2018-10-01: recorded in error; in the period of discovery, about 2018-10"
    )


def test_a_correction_of_a_day_says_of_each_part_what_it_does() -> None:
    made = paid(1, "upfront", "500", "2018-10-01")
    found = told(made, corrected(3, "upfront", 1, ("500", "2018-10-01"), ("600", "2018-10-05"), "2019-02-01"))[1:]
    assert [one.text.partition("): ")[2].partition(": ")[0] for one in found] == [
        "500.00 on 2018-10-01 taken back",
        "600.00 on 2018-10-05 in place of 500.00 on 2018-10-01",
    ]
    assert [one.rows[0].amount for one in found] == [-50000, 60000]


def test_a_draw_that_is_reversed() -> None:
    first, anew = told(drawn(1, "500", "2018-12-01"), corrected(3, "draw", 1, ("500", "2018-12-01"), effective="2018-12-01"))
    assert first.text == "L1 loan drawn for the internal cost"
    assert anew.text.startswith("L1 corrected (record 3, draw): 500.00 on 2018-12-01 is reversed: recorded in error;")
    assert balances([first, anew]) == {"assets:loan-funds": 0, "liabilities:loan:drawn": 0}


def test_a_resolution_says_which_determination_carries_it_out() -> None:
    objection = disputed(1, "D1", "1 000 000", months("2018Q4", "400 000"), "2019-04-01")
    carried = determined(2, months("2018Q4", "400 000"), claim="-110 400", recorded="2019-05-01", supersedes=[1])
    end = resolved(1, "upheld", "2019-05-01", months("2018Q4", "400 000"), 2, claim_of("-110 400", "2019-05-20"))
    found = told(FIRST, NOTICE, objection, carried, end)[-1]
    assert (
        found.text
        == "X1 resolved, upheld: difference in what D2 claims, payable on 2019-05-20; in the period of discovery, about 2018-10"
    )
    assert [row.amount for row in found.rows] == [-11040000, 11040000]


def test_months_are_told_in_runs() -> None:
    given_months = [Month.parse(text) for text in ("2019-05", "2018-10", "2018-11", "2018-12", "2019-02", "2019-06")]
    assert months_text(given_months) == "2018Q4, 2019-02, 2019-05..2019-06"
    assert months_text([]) == ""


def test_booked_in_leaves_out_what_an_earlier_export_held() -> None:
    found = told(FIRST, NOTICE, SECOND)
    second = booked_in(found, Period.parse("2019Q2"))
    assert [one.record for one in second] == [6]
    assert booked_in(found, Period.parse("2019Q1"), after=4) == [one for one in found if one.record == 5] != []


# ── The map ──────────────────────────────────────────────────────────────────────────────────────────────────────────

MAPS = Path(__file__).parents[3] / "fixtures" / "accounts"
EXAMPLE = (MAPS / "botkyrka.toml").read_text(encoding="utf-8")


def read(text: str) -> AccountMap:
    return read_account_map(text.encode(), "map.toml")


@pytest.mark.parametrize("name", ["botkyrka", "ornskoldsvik"])
def test_the_examples_map_every_account_and_say_that_they_are_examples(name: str) -> None:
    text = (MAPS / f"{name}.toml").read_text(encoding="utf-8")
    found = read_account_map(text.encode(), name)
    assert found.contract == name
    for form in ("sie", "hledger", "beancount"):
        names = found.names(form)
        assert set(names) == v.BOOKABLE
        assert len(set(names.values())) == len(names)
    assert text.startswith("# AN EXAMPLE")
    assert "assumed" in text


@pytest.mark.parametrize("name", ["botkyrka", "ornskoldsvik"])
def test_the_examples_say_what_an_accountant_must_know(name: str) -> None:
    text = (MAPS / f"{name}.toml").read_text(encoding="utf-8")
    found = read_account_map(text.encode(), name)
    assert found.accounts["liabilities:outcome:payable"].name.endswith(", anmäld, förfaller enligt radtext")
    assert not [one.name for one in found.accounts.values() if "förfallen" in one.name]
    assert found.loan.export
    for words in ("Amounts exclude VAT", "clearing account", "eliminate both", 'series = ""', "periodisering"):
        assert words in text


def test_the_loan_is_exported_unless_the_map_says_otherwise() -> None:
    without = EXAMPLE.replace("export = true ", "export = false ")
    assert not read(without).loan.export
    assert read(EXAMPLE.replace("[loan]\nexport = true ", "")).loan.export
    with pytest.raises(InputRefused, match=r"loan\.exprt is no key"):
        read(EXAMPLE.replace("export = true ", "exprt = true "))


def test_all_that_is_missing_is_listed() -> None:
    found = read(EXAMPLE.replace('beancount = "Assets:Bank"\n', "").replace('beancount = "Expenses:FastErsättning"\n', ""))
    booked = {"assets:bank": 6, "expenses:upfront": 6, "assets:loan-funds": 5}
    require(found, "botkyrka", booked, "sie", "map.toml")
    with pytest.raises(InputRefused) as refused:
        require(found, "botkyrka", booked, "beancount", "map.toml")
    assert [fault.what for fault in refused.value.faults] == [
        'accounts."assets:bank": beancount is missing; record 6 is booked on it',
        'accounts."expenses:upfront": beancount is missing; record 6 is booked on it',
    ]
    with pytest.raises(InputRefused, match="is the map of botkyrka, not of ornskoldsvik"):
        require(found, "ornskoldsvik", booked, "sie", "map.toml")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"expenses:upfront"', '"expenses:upfrnt"', "is not an account that is booked on"),
        ('"assets:bank"', '"memorandum:savings"', "is not an account that is booked on"),
        ('number = "1930"', 'number = "1791"', "is called 'Bank' elsewhere"),
        ('number = "1930"', 'number = "bank"', "'bank' is not written as 7420"),
        ('{ "1" = "1100" }\n\n[accounts."expenses:outcome"]', '{ "6" = "1100" }\n\n[accounts.x]', "object 1100 of dimension 6"),
        ('"Assets:Bank"', '"Tillgångar:Bank"', "is not a name that beancount reads"),
        ('"Assets:Bank"', '"Assets:bank"', "is not a name that beancount reads"),
        ('"Tillgångar:Bank"', '"Tillgångar:Bank  konto"', "is not a name that hledger reads"),
        ('"Tillgångar:Bank"', '"Tillgångar:Bank ; 1"', "is not a name that hledger reads"),
        ("212000-2882", "2120002882", "'2120002882' is not written as 212000-0000"),
        ("financial_year_begins = 1 ", "financial_year_begins = 13 ", "company.financial_year_begins"),
        ('series = "SOC"', "", "series is missing"),
        ('name = "Bank"\n', "", "accounts.assets:bank.name is missing"),
        ('number = "1930"', 'number = "1930"\nvat = "25"', "accounts.assets:bank.vat is no key that is known here"),
    ],
)
def test_a_map_with_a_fault_is_refused_with_its_line(old: str, new: str, says: str) -> None:
    assert EXAMPLE.count(old) == 1
    with pytest.raises(InputRefused) as refused:
        read(EXAMPLE.replace(old, new))
    assert says in str(refused.value)
    assert old.startswith("series") or any(fault.line for fault in refused.value.faults)


def test_several_accounts_may_share_a_number_under_one_name() -> None:
    shared = EXAMPLE.replace('number = "2442"', 'number = "2441"').replace(
        "utfallsersättning, betald", "utfallsersättning, anmäld, förfaller enligt radtext"
    )
    assert read(shared).names("sie")["liabilities:outcome:paid"] == "2441"
