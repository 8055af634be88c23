"""Canonical JSON against another implementation of RFC 8785."""

from __future__ import annotations

import enum
import json
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.canonical import LARGEST, canonical, fingerprint, sha256

UNHURRIED = settings(deadline=None)
SAFE = 2**53 - 1
"""The largest integer of RFC 8785, which takes I-JSON's range (RFC 7493, 2.2)."""

SCALARS = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=6),
    max_leaves=30,
)


@UNHURRIED
@given(VALUES)
@example({"b": 1, "a": [True, False, None, "", SAFE, -SAFE]})
@example('\u0000\u001f"\\/\b\f\n\r\t\u007f\u0080\u2028\u2029\ufeff\ud7ff\ue000\uffff')
@example("å̈Ö €😀")
@example({"": {"": {}}, "A": [], "a": [[]], "Z": 0, "_": -0, "~": 1, " ": 2, '"': 3, "\\": 4})
def test_equal_to_rfc_8785(value: Any) -> None:
    written = canonical(value)
    assert written == rfc8785.dumps(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@UNHURRIED
@given(VALUES)
def test_a_value_has_one_form(value: Any) -> None:
    """Whatever the order of its keys, and tuples as lists."""

    def turned(inner: Any) -> Any:
        if isinstance(inner, dict):
            return {key: turned(inner[key]) for key in reversed(inner)}
        return tuple(map(turned, inner)) if isinstance(inner, list) else inner

    assert canonical(turned(value)) == canonical(value)
    assert fingerprint(turned(value)) == sha256(canonical(value))


@pytest.mark.parametrize("value", [0.0, 1.0, -0.5, 1e300, float("nan"), float("inf")])
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [value], lambda value: {"a": {"b": [value]}}])
def test_floats_refused(value: float, wrap: Any) -> None:
    with pytest.raises(ValueError, match=r"float .* has no canonical form"):
        canonical(wrap(value))


@UNHURRIED
@given(st.integers(LARGEST + 1) | st.integers(max_value=-LARGEST - 1))
@example(2**53 + 1)
@example(-(2**53) - 1)
@example(10**30)
def test_large_integers_refused(number: int) -> None:
    for value in (number, [number], {"a": number}):
        with pytest.raises(ValueError, match="is beyond"):
            canonical(value)


@pytest.mark.parametrize("number", [2**53, -(2**53)])
def test_the_first_integer_that_is_not_safe_is_refused(number: int) -> None:
    with pytest.raises(rfc8785.IntegerDomainError):
        rfc8785.dumps(number)
    with pytest.raises(ValueError, match="is beyond"):
        canonical(number)


@UNHURRIED
@given(st.builds("{}{}{}".format, st.text(), st.characters(min_codepoint=128), st.text()))
@example("Ö")
@example("\u0080")
def test_keys_that_are_not_ascii_refused(key: str) -> None:
    for value in ({key: 1}, [{"a": {key: 1}}]):
        with pytest.raises(ValueError, match="is not ASCII text"):
            canonical(value)


@pytest.mark.parametrize("key", [1, None, True, 1.5, (), b"a"])
def test_keys_that_are_not_text_refused(key: Any) -> None:
    with pytest.raises(ValueError, match="is not ASCII text"):
        canonical({key: 1})


@pytest.mark.parametrize("value", [b"a", {1}, Fraction(1, 2), date(2020, 6, 15), 1j, object(), range(3), enum.auto()])
def test_other_types_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="has no canonical form"):
        canonical([value])


@pytest.mark.parametrize("value", ["\ud800", "a\udfff", {"a": "\udc00"}])
def test_text_that_is_not_unicode_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        canonical(value)
