"""Personal numbers in every way of writing: recognised in a file, never repeated in a message."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputRefused
from ledger.imports import absence_csv, fields
from ledger.imports.personal_numbers import is_personal_number, without_personal_numbers

HEADER = "employee,workplace,first_day,last_day,extent,cause"
WRITTEN = (
    "811218-9876",
    "8112189876",
    "198112189876",
    "811218+9876",
    "811278-9873",
    "811218 - 9876",
    "811218 -9876",
    "19 811218-9876",
    "19811218/9876",
    "1981-12-18-9876",
    "1981 12 18 9876",
    "811218.9876",
    "811218_9876",
    "8112189876,0",
    "8112189876.00",
    "SE198112189876",
    "se 811218-9876",
    "#811218-9876",
    '"811218-9876"',
    "'8112189876",
    "(811218-9876)",
    "811218\u20139876",
    "811218\u20119876",
    "811218\u22129876",
    "８１１２１８-９８７６",
    "٨١١٢١٨-٩٨٧٦",
    "Anna 811218-9876",
    "8112189876 Anna",
)
OTHERS = ("10482", "8112189875", "811218.9875", "811318-9876", "196802300000", "Å 12", "1E", "KOM-20190401-1234", "7-811218", "0")


def faults(employee: str) -> list[str]:
    cell = employee.replace('"', '""')
    content = f'{HEADER}\n"{cell}",Norr,2019-09-16,2019-09-19,100,sick'.encode()
    try:
        absence_csv.read(content, "f.csv")
    except InputRefused as refused:
        return [fault.what for fault in refused.faults]
    return []


@pytest.mark.parametrize("employee", WRITTEN)
def test_a_personal_number_is_no_employment_number_and_is_not_repeated(employee: str) -> None:
    [what] = faults(employee)
    assert what.endswith("looks like a personal identity number")
    assert not re.search("9876|9873|９８７６|٩٨٧٦", what)


@pytest.mark.parametrize("employee", OTHERS)
def test_other_numbers_are_employment_numbers(employee: str) -> None:
    assert faults(employee) == []


@pytest.mark.parametrize("written", WRITTEN)
def test_a_message_shows_none_wherever_it_stands(written: str) -> None:
    for text in (written, f"x {written} y", f"x;{written};", f"12 {written}"):
        assert not re.search("9876|9873|９８７６|٩٨٧٦", fields.shown(text)), text
    if "811218-9876" in written:
        text = f"0{written}0"
        assert not re.search("9876|9873|９８７６|٩٨٧٦", fields.shown(text)), text


@given(
    date=st.dates().map(lambda day: day.strftime("%y%m%d")),
    serial=st.integers(0, 999),
    gap=st.sampled_from(["-", "+", " ", " - ", "–", "/", ".", "_", "", " \u2011"]),
    century=st.sampled_from(["", "19", "20 "]),
)
def test_whatever_has_a_date_and_the_right_check_digit_is_hidden(date: str, serial: int, gap: str, century: str) -> None:
    if date.endswith("0229"):
        return
    nine = f"{date}{serial:03d}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(nine))
    written = f"{century}{date}{gap}{serial:03d}{-total % 10}"
    assert is_personal_number(written)
    assert without_personal_numbers(f"a {written} b") == "a … b"


def test_text_without_one_is_shown_as_it_is_written() -> None:
    assert fields.shown("２０１９-09-16 ½") == "'２０１９-09-16 ½'"
