"""``soc state``: its keys and formats, its words, its two times, and that nothing recorded later changes an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.world import BOTH, MANAGER, PAYER, PAYROLL, Q1, World, absences, trend

MONEY, DAYS, RATIO, FORECAST = r"-?\d+\.\d\d", r"-?\d+\.\d\d", r"-?\d+\.\d{4}", r"-?\d+\.\d\d"
DATE, MONTH, INSTANT = r"\d{4}-\d\d-\d\d", r"\d{4}-\d\d", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
SHA = r"[0-9a-f]{64}"

REACHING = {
    "at_savings": f"{MONEY}|None",
    "reached": "True|False",
    "reached_on": f"{DATE}|None",
    "lost_on": f"{DATE}|None",
    "known_since": f"{INSTANT}|None",
    "remaining": MONEY,
}
KEYS: dict[str, Any] = {
    "contract": "tiny",
    "as_of": DATE,
    "known_at": INSTANT,
    "basis": {"position": r"\d+", "root": SHA},
    "label": r"recorded|recorded \(simulated ledger\)|simulation",
    "currency": "SEK",
    "determined_through": f"{DATE}|None",
    "undetermined_months": [MONTH],
    "suspended_months": [MONTH],
    "preliminary": "True|False",
    "investment": dict.fromkeys(("total", "internal", "upfront", "at_risk", "worst_case"), MONEY),
    "savings": {
        "determined": MONEY,
        "ratio_to_investment": RATIO,
        "to_authority": MONEY,
        "to_provider": MONEY,
        "net_days_avoided": DAYS,
    },
    "balance": {
        "provider": dict.fromkeys(
            ("entitled", "payable", "instructed", "paid", "recovered", "held", "claimed_above", "overpaid", "due"), MONEY
        ),
        "upfront": {"agreed": MONEY, "paid": MONEY},
        "loan": dict.fromkeys(("limit", "drawn", "repaid", "outstanding", "available_for_repayment"), MONEY),
    },
    "break_even": {"contract": REACHING, "authority": REACHING, "provider": REACHING},
    "cap": {
        "amount": MONEY,
        "reached": "True|False",
        "reached_on": f"{DATE}|None",
        "lost_on": f"{DATE}|None",
        "known_since": f"{INSTANT}|None",
        "headroom": MONEY,
        "binding": "maximum|ceiling",
        "at_savings": f"{MONEY}|None",
        "ceiling_savings": MONEY,
    },
    "unsettled": {"facts": r"\d+", "savings": f"{MONEY}|None", "entitlement": f"{MONEY}|None"},
    "forecast": {"method": "pro-rata", "months": r"\d+", "ratio_to_investment": f"{FORECAST}|None"},
    "methodology": {"name": r"[a-z0-9-]+", "sha256": SHA},
    "disputes": [r".*"],
}


def differences(value: Any, pattern: Any, key: str = "") -> Iterator[str]:
    """Where an answer is not of the shape and the formats expected; the order of keys counts."""
    if isinstance(pattern, dict):
        if not isinstance(value, dict) or list(value) != list(pattern):
            yield f"{key}: {list(value) if isinstance(value, dict) else value} instead of {list(pattern)}"
            return
        for name, inner in pattern.items():
            yield from differences(value[name], inner, f"{key}.{name}")
    elif isinstance(pattern, list):
        for inner in value:
            yield from differences(inner, pattern[0], key)
    elif not re.fullmatch(pattern, str(value)) or isinstance(value, float):
        yield f"{key}: {value!r}"


WHOLE = ("position", "facts", "months")
"""The only numbers; everything else that counts is text."""


def numbers(value: Any, key: str = "") -> Iterator[str]:
    """The keys whose values are numbers."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, name)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield key


@pytest.mark.parametrize("as_of", ["2019-01-01", "2019-01-30", "2019-01-31", "2019-03-31", "2019-07-22", "2021-01-01"])
def test_json_has_exactly_the_keys_and_formats_agreed_on(settled: World, as_of: str) -> None:
    found = settled.state("--as-of", as_of)
    assert list(differences(found, KEYS)) == []
    assert sorted(numbers(found)) == sorted(WHOLE)
    assert found["as_of"] == as_of


def test_json_of_a_contract_without_a_methodology_says_null(nothing: World) -> None:
    world = nothing.opened()
    world.done("contract", "sign", world.file("tiny.toml", _terms()), at="2019-01-02T09:00")
    found = world.state()
    assert found.pop("methodology") is None
    assert list(differences(found, {key: value for key, value in KEYS.items() if key != "methodology"})) == []


def _terms() -> str:
    from tests.cli.world import TERMS

    return TERMS


def test_the_figures_of_the_settled_quarter(settled: World) -> None:
    """150 employees, 60 net days a month in 2018 and 30 in 2019, of as many weekdays but in March 2019: 21 for 22."""
    found = settled.state("--as-of", "2019-07-20")
    assert found["savings"] == {
        "determined": "174545.45",  # (30 + 30 + 60 * 21 / 22 - 30) * 2 000
        "ratio_to_investment": "0.1745",
        "to_authority": "139636.36",
        "to_provider": "34909.09",  # 20 %
        "net_days_avoided": "87.27",
    }
    assert found["balance"]["provider"] == {
        "entitled": "34909.09",
        "payable": "34909.09",
        "instructed": "0.00",
        "paid": "0.00",
        "recovered": "0.00",
        "held": "0.00",
        "claimed_above": "0.00",
        "overpaid": "0.00",
        "due": "34909.09",
    }
    assert settled.state("--as-of", "2019-07-19")["balance"]["provider"]["payable"] == "0.00"
    assert found["break_even"]["contract"]["remaining"] == "825454.55"
    assert found["cap"]["headroom"] == "265090.91"
    assert found["forecast"] == {"method": "pro-rata", "months": 3, "ratio_to_investment": "0.70"}
    assert found["undetermined_months"] == ["2019-04", "2019-05", "2019-06"]


# --- Text ---------------------------------------------------------------------------------------------------------

JARGON = ("merkle", "token", "projection", "vintage", "memorandum", "bookable", "posting", "leaf", "hash", "None", "null")


@pytest.mark.parametrize(
    "question", ["state tiny", "state tiny --as-of 2019-01-01", "portfolio", "pay list", "evidence tiny", "check"]
)
def test_text_says_both_times_and_what_it_rests_on_in_plain_words(settled: World, question: str) -> None:
    out = settled.soc(*question.split(), by=None).out
    head = "\n".join(out.splitlines()[:4])
    assert "known at 2019-06-20 09:10:00" in head
    assert "record 12" in head
    assert re.search(r"fingerprint [0-9a-f]{16}", head)
    assert "recorded (simulated ledger)" in head
    if question.startswith(("state", "portfolio")):
        assert f"s of {'2019-01-01' if '2019-01-01' in question else '2019-06-20'}" in head
    if question.startswith(("state", "portfolio", "pay")):
        assert "SEK excluding VAT" in head
    assert [word for word in JARGON if re.search(rf"\b{word}", out, re.IGNORECASE)] == []


def test_text_groups_thousands_with_thin_spaces(settled: World) -> None:
    out = settled.done("state", "tiny", "--as-of", "2019-07-22").out
    assert "174\u2009545.45" in out
    assert "1\u2009000\u2009000.00" in out
    assert not re.search(r"\d{4,}\.\d\d", out)
    assert not re.search(r"\d{1,3}[,\u00a0]\d{3}", out)


def test_text_says_what_is_assumed_and_what_comes_next(settled: World) -> None:
    out = settled.done("state", "tiny", "--as-of", "2019-06-30").out
    assert "Assumed, not published: population." in out
    assert "Not yet payable: 34\u2009909.09 of D1 (2019Q1), notified 2019-06-13; payable on 2019-07-20, accepted" in out
    assert "Ended, not determined: 2019-04, 2019-05, 2019-06." in out


def test_the_list_of_contracts_groups_thousands_as_every_other_text(settled: World) -> None:
    assert "1\u2009000\u2009000.00" in settled.done("contract", "list").out


# --- Before, at and after signature -------------------------------------------------------------------------------


def test_before_signature_there_is_no_state(settled: World) -> None:
    result = settled.soc("state", "tiny", "--as-of", "2018-12-31")
    assert (result.code, result.out) == (1, "")
    assert "tiny was signed on 2019-01-01" in result.err


def test_before_the_signature_was_recorded_the_contract_is_unknown(settled: World) -> None:
    result = settled.soc("state", "tiny", "--known-at", "1")
    assert (result.code, result.out) == (2, "")
    assert "no contract tiny is on record" in result.err


def test_right_after_signature_everything_is_zero(signed: World) -> None:
    found = signed.state()
    assert found["determined_through"] is None
    assert set(found["savings"].values()) == {"0.00", "0.0000"}
    assert set(found["balance"]["provider"].values()) == {"0.00"}
    assert found["balance"]["upfront"] == {"agreed": "200000.00", "paid": "0.00"}
    assert {key: value for key, value in found["balance"]["loan"].items() if key != "limit"} == {
        "drawn": "0.00",
        "repaid": "0.00",
        "outstanding": "0.00",
        "available_for_repayment": "0.00",
    }
    assert [one["reached"] for one in (*found["break_even"].values(), found["cap"])] == [False] * 4
    assert found["cap"]["headroom"] == found["cap"]["amount"] == "300000.00"
    assert found["forecast"] == {"method": "pro-rata", "months": 0, "ratio_to_investment": None}
    assert (found["preliminary"], found["undetermined_months"], found["suspended_months"]) == (False, [], [])
    assert "No month is determined." in signed.done("state", "tiny").out


# --- Two times ----------------------------------------------------------------------------------------------------


def test_known_at_takes_an_instant_a_date_and_a_record_number(settled: World) -> None:
    """Record 9 is the determination of 2019-06-12 at nine in Stockholm; the notice came the day after."""
    by_number = settled.state("--known-at", "9", "--as-of", "2019-03-31")
    assert by_number["known_at"] == "2019-06-12T07:00:00.000000Z"
    assert by_number["basis"]["position"] == 9
    for instant in ("2019-06-12T07:00:00Z", "2019-06-12T09:00:00+02:00", "2019-06-12T07:00:00.000000Z"):
        assert settled.state("--known-at", instant, "--as-of", "2019-03-31") == by_number
    by_date = settled.state("--known-at", "2019-06-12", "--as-of", "2019-03-31")
    assert by_date["known_at"] == "2019-06-12T21:59:59.999999Z"
    assert {**by_date, "known_at": by_number["known_at"]} == by_number
    just_before = settled.state("--known-at", "2019-06-12T06:59:59.999999Z", "--as-of", "2019-03-31")
    assert just_before["basis"]["position"] == 8
    assert just_before["determined_through"] is None


def test_without_options_it_is_known_at_and_as_of_the_last_record(settled: World) -> None:
    found = settled.state()
    assert (found["known_at"], found["as_of"]) == ("2019-06-20T07:10:00.000000Z", "2019-06-20")
    assert settled.state("--known-at", "2019-06-20") == found
    assert settled.state("--known-at", "12") == found


def test_as_of_defaults_to_the_date_of_the_known_instant_in_stockholm(settled: World) -> None:
    assert settled.state("--known-at", "2019-06-14T22:30:00Z")["as_of"] == "2019-06-15"


def test_the_same_basis_gives_the_same_bytes(settled: World) -> None:
    for form in ("text", "json", "csv"):
        args = ("state", "tiny", "--as-of", "2019-07-22", "-O", form)
        first = settled.done(*args, by=None)
        assert settled.done(*args, by=MANAGER, at="2030-01-01T00:00") == first
        assert settled.done(*args, "--known-at", "12", by=None) == first


ASKED = ("state tiny", "portfolio", "pay list", "register tiny", "evidence tiny", "contract show tiny")


def _answers(world: World, last: int) -> dict[str, tuple[int, str]]:
    answers = {}
    for known_at in range(1, last + 1):
        for question in ASKED:
            dates = {"state tiny": "--as-of", "portfolio": "--as-of", "pay list": "--on"}.get(question)
            for as_of in ("2019-01-15", "2019-03-31", "2019-07-20", "2020-12-31") if dates else ("",):
                args = [*question.split(), "--known-at", str(known_at), *([dates, as_of] if dates else [])]
                result = world.soc(*args, "-O", "json", by=None)
                answers[" ".join(args)] = (result.code, result.out)
    return answers


def test_nothing_recorded_later_changes_an_answer_for_an_earlier_known_at(settled: World) -> None:
    before = _answers(settled, 12)
    assert len(before) == 12 * (3 * 4 + 3)
    for args, by in [
        (["pay", "outcome", "tiny", "10000", "--on", "2019-07-20", "--invoice", "O1", "--made", "--bank-reference", "B"], PAYER),
        (["loan", "draw", "tiny", "5000", "--on", "2019-01-10", "--for", "internal"], PAYER),
        (["correct", "tiny/P1", "--reason", "typing", "--amount", "9000", "--date", "2019-07-21"], PAYER),
        (["correct", "tiny/L1", "--reason", "never drawn"], PAYER),
        (["import", "trend", settled.file("t.csv", trend(["2019Q1"], "3.00"))], MANAGER),
        (
            [
                "import",
                "absences",
                "tiny",
                settled.file("a.csv", absences(Q1, 9, 2)),
                "--source",
                "payroll",
                "--complete",
                "2019Q1",
            ],
            PAYROLL,
        ),
        (["determine", "tiny", "2019Q1", "--redo", "--reason", "late notes"], MANAGER),
        (["notify", "tiny/D2", "--on", "2019-07-22"], MANAGER),
        (["suspend", "tiny", "--from", "2019-04", *BOTH, "--reason", "agreed"], MANAGER),
        (
            ["contract", "amend", "tiny", settled.file("amended.toml", _amended()), "--from", "2019-04", *BOTH, "--reason", "r"],
            MANAGER,
        ),
    ]:
        settled.done(*args, by=by)
    assert settled.head()[0] == 22
    after = _answers(settled, 12)
    assert [question for question in before if before[question] != after[question]] == []
    assert (
        settled.state("--as-of", "2019-03-31")["savings"] != settled.state("--as-of", "2019-03-31", "--known-at", "12")["savings"]
    )


def _amended() -> str:
    return _terms().replace('maximum_payment = "300000.00"', 'maximum_payment = "250000.00"')


def test_facts_that_came_late_are_counted_and_change_no_figure(settled: World) -> None:
    before = settled.state("--as-of", "2019-06-20")
    path = settled.file("a.csv", absences(Q1, 9, 2))
    settled.done("import", "absences", "tiny", path, "--source", "payroll", "--complete", "2019Q1", by=PAYROLL)
    after = settled.state("--as-of", "2019-06-20")
    assert after["unsettled"]["facts"] == 1
    for key in ("savings", "balance", "break_even", "cap", "forecast", "determined_through"):
        assert after[key] == before[key]
    assert "Unsettled: 1 report" in settled.done("state", "tiny").out
