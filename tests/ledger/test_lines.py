"""The lines of an absence report: their commitments against HMAC as the library has it, and what is not as it was stored."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import LARGEST, canonical
from ledger.lines import CAUSES, COLUMNS, Lines

SECRET = bytes(range(32))
LINES = Lines(
    workplaces=('Äppel "1"', "Björken"),
    employee=(7, 8, 9),
    workplace=(0, 1, 0),
    first_day=(20190301, 20190302, 20190304),
    last_day=(20190305, 0, 20190304),
    extent=(100, 50, 0),
    cause=(0, 1, 2),
    secret=SECRET,
)


@settings(deadline=None)
@given(st.binary(min_size=0, max_size=64), st.integers(0, 40))
def test_a_commitment_is_salted_by_hmac_sha_256_of_the_lines_number(secret: bytes, count: int) -> None:
    lines = Lines(
        ("Fittja",), tuple(range(count)), (0,) * count, (20190301,) * count, (0,) * count, (100,) * count, (1,) * count, secret
    )
    expected = []
    for number in range(count):
        salt = hmac.digest(secret, number.to_bytes(8, "big"), "sha256")
        line = {
            "cause": CAUSES[1],
            "employee": number,
            "extent": 100,
            "first_day": 20190301,
            "last_day": 0,
            "workplace": "Fittja",
        }
        expected.append(hashlib.sha256(salt + canonical(line)).digest())
    assert list(lines.commitments()) == expected
    assert lines.commitment() == hashlib.sha256(b"".join(expected)).hexdigest()


def test_lines_read_back_as_they_were_stored() -> None:
    assert Lines.read(LINES.stored()) == Lines.checked(LINES.stored()) == LINES


@pytest.mark.parametrize(
    ("column", "number"),
    [
        ("employee", -1),
        ("employee", 2**53 + 1),
        ("workplace", 2),
        ("first_day", 99991232),
        ("last_day", -1),
        ("extent", 101),
        ("cause", 3),
        ("cause", True),
        ("extent", None),
        ("extent", "50"),
    ],
)
def test_lines_that_cannot_be_recorded_are_found(column: str, number: Any) -> None:
    value = json.loads(LINES.stored())
    value[column][1] = number
    stored = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(ValueError, match=r"none that can be recorded|beyond"):
        Lines.checked(stored)


@pytest.mark.parametrize("place", [0, 1, 4999])
@pytest.mark.parametrize(("number", "said"), [(LARGEST + 1, "beyond"), (-LARGEST - 1, "beyond"), (object(), "canonical form")])
def test_one_number_in_a_long_column_is_not_overlooked(place: int, number: Any, said: str) -> None:
    column: list[Any] = [LARGEST, -LARGEST] * 2500
    assert json.loads(canonical(column)) == column
    column[place] = number
    with pytest.raises(ValueError, match=said):
        canonical(column)


def test_every_column_has_its_bound() -> None:
    from ledger.lines import LARGEST as BOUNDS

    assert {*BOUNDS, "workplace"} == set(COLUMNS)
