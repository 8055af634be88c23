"""What the state repaid: what is read from good files, what a clerk is told about bad ones, and who may record it when."""

from __future__ import annotations

import csv
import io
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from ledger import commands, evidence
from ledger import contract as c
from ledger.errors import Fault, InputRefused, Refused
from ledger.events import Actor, Reimbursement, ReimbursementsReported
from ledger.evidence import ReportReimbursements
from ledger.imports import reimbursements_csv
from ledger.imports.reimbursements_csv import ReimbursementRow
from ledger.money import kronor
from ledger.periods import Month
from ledger.vocabulary import decimal_text
from tests.spec import HR, MANAGER, PAYER, given, signed

HEADER = "month,sick_pay_cost,wage_cost,threshold,reimbursed"
LINE = "2020-08,2950000,256000000,1.07,210800"


def read(*lines: str) -> tuple[ReimbursementRow, ...]:
    return reimbursements_csv.read("\n".join([HEADER, *lines]).encode(), "f.csv").rows


# ── Good files ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_month_is_read_in_ore_and_its_threshold_as_a_share() -> None:
    assert read(LINE) == ((2, Month.of(2020, 8), 295000000, 25600000000, Fraction(107, 10000), 21080000),)


@pytest.mark.parametrize(
    ("written", "share"),
    [
        ("0", Fraction(0)),
        ("0.00", Fraction(0)),
        ("1.07", Fraction(107, 10000)),
        (" 1.070 ", Fraction(107, 10000)),
        ("1", Fraction(1, 100)),
        ("0.35", Fraction(35, 10000)),
        ("100", Fraction(1)),
        ("1.070001", Fraction(1070001, 100000000)),
    ],
)
def test_thresholds(written: str, share: Fraction) -> None:
    [row] = read(f"2020-08,2950000,256000000,{written},0")
    assert row.threshold == share
    assert Fraction(decimal_text(row.threshold)) == share


@pytest.mark.parametrize("written", ["2950000", "2950000.00", "2 950 000", "2\u00a0950\u00a0000.00", '"2950000,00"', " 2950000"])
def test_amounts_in_every_accepted_spelling(written: str) -> None:
    [row] = read(f"2020-08,{written},256000000,1.07,210800")
    assert row.sick_pay_cost == 295000000


@pytest.mark.parametrize(
    ("cost", "wages", "threshold", "by_rule"),
    [
        (100, 1000, Fraction(0), Fraction(100)),
        (100, 1000, Fraction(1, 10), Fraction(0)),
        (99, 1000, Fraction(1, 10), Fraction(0)),
        (101, 1000, Fraction(1, 10), Fraction(1)),
        (295000000, 25600000000, Fraction(107, 10000), Fraction(21080000)),
        (100, 333, Fraction(107, 10000), 100 - Fraction(107 * 333, 10000)),
    ],
)
def test_what_the_rule_gives(cost: int, wages: int, threshold: Fraction, by_rule: Fraction) -> None:
    """All that lies above the threshold; nothing where the cost is below it."""
    assert ReimbursementRow(2, Month.of(2020, 8), cost, wages, threshold, 0).by_rule == by_rule


AMOUNTS = st.integers(0, 10**13)
ROWS = st.tuples(AMOUNTS, AMOUNTS, st.integers(0, 10**8).map(lambda parts: Fraction(parts, 10**8)), AMOUNTS).map(
    lambda row: (max(row[0], row[3]), row[1], row[2], min(row[0], row[3]))
)


@generated(
    rows=st.dictionaries(st.integers(1990 * 12, 2100 * 12 + 11).map(Month), ROWS, min_size=1, max_size=20),
    delimiter=st.sampled_from(",;"),
    comma=st.booleans(),
    order=st.permutations(reimbursements_csv.COLUMNS),
)
def test_what_is_written_is_read(
    rows: dict[Month, tuple[int, int, Fraction, int]], delimiter: str, comma: bool, order: list[str]
) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, order, delimiter=delimiter)
    writer.writeheader()
    for month, (cost, wages, threshold, repaid) in rows.items():
        said = [kronor(cost), kronor(wages), decimal_text(threshold * 100), kronor(repaid)]
        said = [text.replace(".", ",") for text in said] if comma else said
        writer.writerow(dict(zip(reimbursements_csv.COLUMNS, [str(month), *said], strict=True)))
    found = reimbursements_csv.read(out.getvalue().encode(), "f.csv")
    assert len(found) == len(rows)
    assert [row[1:] for row in found.rows] == [(month, *rows[month]) for month in rows]
    assert [row.line for row in found.rows] == list(range(2, len(rows) + 2))


# ── Bad files ────────────────────────────────────────────────────────────────────────────────────────────────────────

KRONOR = "Write whole kronor or exactly two decimals, as 4200000 or 4200000.00."
NOTHING = f"{KRONOR} Where there is nothing, write 0."
MONTHS = "Write months as 2020-02."
PER_CENT = "Write the threshold in per cent of the wage cost, as 1.07; 0 where all was repaid."
UNSIGNED = "Write amounts without a sign; where nothing was repaid, 0."
NO_MORE = "Correct one of them: the state repays no more than the cost."

BAD = [
    ("", None, "no lines below the header", "Give every month one line."),
    (LINE.replace("2020-08", ""), 2, "month is empty", MONTHS),
    (LINE.replace("2020-08", "2020-13"), 2, "month '2020-13' is not a month", MONTHS),
    (LINE.replace("2020-08", "2020Q3"), 2, "month '2020Q3' is not a month", MONTHS),
    (LINE.replace("2020-08", "２０２０-08"), 2, "month '２０２０-08' is not a month", MONTHS),
    (LINE.replace("2020-08", "1020-08"), 2, "month '1020-08' is not in the years 1990 to 2100", "Correct the year."),
    (LINE.replace("2950000", ""), 2, "sick_pay_cost is empty", NOTHING),
    (LINE.replace("256000000", " "), 2, "wage_cost is empty", NOTHING),
    (LINE.replace("210800", ""), 2, "reimbursed is empty", NOTHING),
    (LINE.replace("210800", "210800.5"), 2, "reimbursed '210800.5' is not an amount", KRONOR),
    (LINE.replace("210800", "210.800"), 2, "reimbursed '210.800' is not an amount", KRONOR),
    (LINE.replace("210800", "-"), 2, "reimbursed '-' is not an amount", KRONOR),
    (LINE.replace("210800", "1e5"), 2, "reimbursed '1e5' is not an amount", KRONOR),
    (LINE.replace("210800", "-0.01"), 2, "reimbursed '-0.01' is below 0", UNSIGNED),
    (LINE.replace("2950000", "\u22122950000"), 2, "sick_pay_cost '\u22122950000' is below 0", UNSIGNED),
    (LINE.replace("256000000", "-256000000"), 2, "wage_cost '-256000000' is below 0", UNSIGNED),
    (
        LINE.replace("256000000", "1234567890123456"),
        2,
        "wage_cost '1234567890123456' is too much",
        "See whether it stands in the right column.",
    ),
    (LINE.replace("1.07", ""), 2, "threshold is empty", PER_CENT),
    (LINE.replace("1.07", "1.07%"), 2, "threshold '1.07%' is not a number of per cent", PER_CENT),
    (LINE.replace("1.07", "-1.07"), 2, "threshold '-1.07' is not a number of per cent", PER_CENT),
    (LINE.replace("1.07", ".5"), 2, "threshold '.5' is not a number of per cent", PER_CENT),
    (LINE.replace("1.07", "1."), 2, "threshold '1.' is not a number of per cent", PER_CENT),
    (LINE.replace("1.07", "1.0000001"), 2, "threshold '1.0000001' is not a number of per cent", PER_CENT),
    (LINE.replace("1.07", "100.000001"), 2, "threshold '100.000001' is more than 100 per cent", PER_CENT),
    (LINE.replace("210800", "2950000.01"), 2, "reimbursed 2950000.01 is above sick_pay_cost 2950000.00", NO_MORE),
    (f"{LINE}\n2020-09,1,1,0,1\n{LINE}", 4, "lines 2 and 4 both give 2020-08", "Keep the one that holds."),
]


@pytest.mark.parametrize(("lines", "line", "what", "do"), BAD)
def test_bad_reimbursements(lines: str, line: int | None, what: str, do: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(*lines.split("\n"))
    assert list(refused.value.faults) == [Fault("f.csv", line, what, do)]


def test_every_column_must_be_there_and_no_other() -> None:
    with pytest.raises(InputRefused) as refused:
        reimbursements_csv.read(b"month;sick_pay_cost;wage_cost;reimbursed;decided_on\n", "f.csv")
    assert [fault.what for fault in refused.value.faults] == ["missing column: threshold", "unknown column: 'decided_on'"]


def test_every_fault_is_listed_and_a_month_that_is_none_is_not_also_doubled() -> None:
    with pytest.raises(InputRefused) as refused:
        read("x,1,1,0,2", "x,1,1,0,-1", "2020-05,,1,0,1", "2020-05,1,1,0,1")
    assert [(fault.line, fault.what) for fault in refused.value.faults] == [
        (2, "month 'x' is not a month"),
        (2, "reimbursed 2.00 is above sick_pay_cost 1.00"),
        (3, "month 'x' is not a month"),
        (3, "reimbursed '-1' is below 0"),
        (4, "sick_pay_cost is empty"),
        (5, "lines 4 and 5 both give 2020-05"),
    ]


# ── Who may record it, and when ──────────────────────────────────────────────────────────────────────────────────────


def reimbursement(month: str) -> Reimbursement:
    said = {"month": month, "sick_pay_cost_ore": 2, "wage_cost_ore": 100, "threshold": "0.01", "reimbursed_ore": 1}
    return Reimbursement.model_validate(said)


def report(*months: str) -> ReportReimbursements:
    return ReportReimbursements("botkyrka", tuple(map(reimbursement, months)))


SIGNED = given(signed()).folded


def decided(command: ReportReimbursements, state: c.ContractState, role: str, today: str) -> tuple[commands.Decided, ...]:
    return evidence.decide(command, state, commands.Context(Actor(name="A. Ek", role=role), date.fromisoformat(today)))


@pytest.mark.parametrize("role", [MANAGER, HR])
def test_who_records_reports_what_was_repaid(role: str) -> None:
    command = report("2020-08", "2020-07")
    [one] = decided(command, SIGNED, role, "2020-09-01")
    assert one.event == ReimbursementsReported(contract="botkyrka", rows=command.rows)
    assert one.effective_on == date(2020, 8, 31)


@pytest.mark.parametrize(
    ("state", "role", "today", "text"),
    [
        (SIGNED, PAYER, "2020-09-01", "payer may not do this; governance.records names performance_manager, internal_provider"),
        (SIGNED, MANAGER, "2020-08-30", "2020-08 has not ended, so nothing can have been repaid for it; today is 2020-08-30"),
        (c.Initial, MANAGER, "2020-09-01", "the contract is not signed"),
    ],
)
def test_what_is_refused(state: c.ContractState, role: str, today: str, text: str) -> None:
    with pytest.raises(Refused) as refused:
        decided(report("2020-07", "2020-08"), state, role, today)
    assert text in str(refused.value)
