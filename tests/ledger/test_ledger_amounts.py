"""What payroll booked: what is read from good files, and what a clerk is told about bad ones."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import InputRefused
from ledger.imports import ledger_amounts_csv
from ledger.imports.ledger_amounts_csv import LedgerAmountRow
from ledger.money import kronor
from ledger.periods import Month


def read(*lines: str) -> tuple[LedgerAmountRow, ...]:
    return ledger_amounts_csv.read("\n".join(lines).encode(), "f.csv").rows


def faults(*lines: str) -> list[tuple[int | None, str]]:
    with pytest.raises(InputRefused) as caught:
        read(*lines)
    return [(fault.line, fault.what) for fault in caught.value.faults]


def test_a_month_with_everything() -> None:
    [row] = read("month,sick_pay,cost,employer_charges", "2019-01,2772956.94,1446.02,871263.07")
    assert row == (2, Month.of(2019, 1), 277295694, 144602, 87126307)
    assert row.booked == 277295694 + 87126307


def test_columns_may_be_left_out_and_stand_in_any_order() -> None:
    assert read("sick_pay;month", "1 000;2019-01") == ((2, Month.of(2019, 1), 100000, None, None),)
    assert read("cost,sick_pay,month", ",0,2019-01", "12,5,2019-02") == (
        (2, Month.of(2019, 1), 0, None, None),
        (3, Month.of(2019, 2), 500, 1200, None),
    )


def test_every_fault_is_told_with_its_line() -> None:
    assert faults(
        "month,sick_pay,cost",
        "2019-13,1000,1",
        "2019-02,ten,1",
        "2019-03,-5,1",
        "2019-04,,1",
        "2019-05,1000,0",
        "2019-06,1000.5,x",
        "2019-07,1000,1",
        "2019-07,2000,1",
        "2019-08,1234567890123456,1",
    ) == [
        (2, "month '2019-13' is not a month"),
        (3, "sick_pay 'ten' is not an amount"),
        (4, "sick_pay '-5' is below 0"),
        (5, "sick_pay is empty"),
        (6, "cost '0' is 0"),
        (7, "sick_pay '1000.5' is not an amount"),
        (7, "cost 'x' is not an amount"),
        (9, "lines 8 and 9 both give 2019-07"),
        (10, "sick_pay '1234567890123456' is too much"),
    ]


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("month,cost", "missing column: sick_pay"),
        ("month,sick_pay,pay", "unknown column: 'pay'"),
        ("month,sick_pay,cost,cost", "doubled column: cost"),
        ("month\tsick_pay", "the columns are separated by tabs"),
    ],
)
def test_headers_that_are_refused(header: str, what: str) -> None:
    assert next(said for _, said in faults(header, "2019-01,1000,1")) == what


def test_a_file_without_months() -> None:
    assert faults("month,sick_pay") == [(None, "no lines below the header")]
    assert faults("") == [(None, "the file is empty")]


AMOUNTS = st.integers(0, 10**13)
ROWS = st.tuples(AMOUNTS, st.none() | st.integers(1, 10**7), AMOUNTS)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.dictionaries(st.integers(1990 * 12, 2100 * 12 + 11).map(Month), ROWS, min_size=1, max_size=20),
    delimiter=st.sampled_from(",;"),
    order=st.permutations([*ledger_amounts_csv.COLUMNS, *ledger_amounts_csv.OPTIONAL]),
)
def test_what_is_written_is_read(rows: dict[Month, tuple[int, int | None, int]], delimiter: str, order: list[str]) -> None:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, order, delimiter=delimiter)
    writer.writeheader()
    for month, (pay, cost, charges) in rows.items():
        written = {"sick_pay": kronor(pay), "cost": "" if cost is None else kronor(cost), "employer_charges": kronor(charges)}
        writer.writerow({"month": str(month), **written})
    found = ledger_amounts_csv.read(out.getvalue().encode(), "f.csv").rows
    assert {row.month: (row.sick_pay, row.cost, row.employer_charges) for row in found} == rows
