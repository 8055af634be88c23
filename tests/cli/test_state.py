"""``soc state``: its keys and formats, its words, its two times, and that nothing recorded later changes an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.test_statement import MARCH, adopt
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
    "closed_on": f"{DATE}|None",
    "suspended_months": [MONTH],
    "excluded_months": [MONTH],
    "deemed_months": [MONTH],
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


# --- What late facts would change -----------------------------------------------------------------------------------


def late(world: World) -> World:
    """The quarter's absences restated, then its index, both after it was determined."""
    path = world.file("a.csv", absences(Q1, 9, 2))
    world.done("import", "absences", "tiny", path, "--source", "payroll", "--complete", "2019Q1", by=PAYROLL)
    world.done("import", "trend", world.file("t.csv", trend(["2019Q1"], "3.00")))
    return world


def moved(months: list[dict[str, str]], what: str) -> dict[str, str]:
    return {one["month"]: one[what] for one in months if one[what] != "0.00"}


def test_unsettled_says_in_kronor_what_determining_again_records(settled: World) -> None:
    """25 net days more a month cost 50 000 each; an index of 3.00 instead of 2.50 raises 177.27 expected days by a fifth."""
    world = late(settled)
    before = world.state("--as-of", "2019-07-22")
    assert before["unsettled"] == {"facts": 2, "savings": None, "entitlement": None}
    found = world.state("--as-of", "2019-07-22", "--unsettled")
    said = found.pop("unsettled")
    assert found == {key: value for key, value in before.items() if key != "unsettled"}
    assert (said["facts"], said["savings"], said["entitlement"]) == (2, "-79090.90", "-15818.18")
    assert [(one["id"], one["savings"], one["entitlement"]) for one in said["causes"]] == [
        ("tiny/13", "-150000.00", "-30000.00"),
        ("record 14", "70909.10", "14181.82"),
    ]
    assert "takes the last recorded" in said["causes"][1]["what"]
    assert moved(said["months"], "savings") == {"2019-01": "-26000.00", "2019-02": "-26000.00", "2019-03": "-27090.90"}
    assert {one["determination"] for one in said["months"]} == {"tiny/D1"}
    assert (said["closed"], said["undeterminable"]) == (None, [])
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "late notes")
    after = world.state("--as-of", "2019-07-22", "--unsettled")
    assert after["unsettled"] == {**said, "facts": 0, "savings": "0.00", "entitlement": "0.00", "months": [], "causes": []}
    for key, part in (("determined", "savings"), ("to_provider", "entitlement")):
        assert ore(after["savings"][key]) - ore(before["savings"][key]) == ore(said[part])


def ore(text: str) -> int:
    return int(text.replace(".", ""))


def test_unsettled_writes_nothing(settled: World) -> None:
    world = late(settled)
    head = world.head()
    for form in ("text", "json", "csv"):
        world.done("state", "tiny", "--unsettled", "-O", form)
    assert world.head() == head


def test_unsettled_in_words(settled: World) -> None:
    none = settled.done("state", "tiny", "--unsettled").out.splitlines()
    assert none[-1] == "Nothing is unsettled: the months determined count every report about them that is on record."
    out = late(settled).done("state", "tiny", "--as-of", "2019-07-22", "--unsettled").out
    assert "2 reports came after the months in question were determined, and no figure above counts them." in out
    assert "If D1 (2019Q1) were determined again now: savings −79\u2009090.90, entitlement −15\u2009818.18." in out
    assert "savings −150\u2009000.00 · entitlement −30\u2009000.00" in out
    assert "savings +70\u2009909.10 · entitlement +14\u2009181.82" in out
    assert [word for word in JARGON if re.search(rf"\b{word}", out, re.IGNORECASE)] == []


def test_what_is_closed_is_shown_outside_the_correction_period(settled: World) -> None:
    """Accepted on 2019-06-20, closed twelve months later: then the redo is refused, and the state says since when."""
    world = late(settled)
    open_ = world.state("--as-of", "2020-06-19", "--unsettled")["unsettled"]
    assert (open_["savings"], open_["closed"]) == ("-79090.90", None)
    found = world.state("--as-of", "2020-06-20", "--unsettled")["unsettled"]
    assert (found["facts"], found["savings"], found["entitlement"]) == (2, "0.00", "0.00")
    assert {key: found["closed"][key] for key in ("savings", "entitlement", "months", "causes")} == {
        key: open_[key] for key in ("savings", "entitlement", "months", "causes")
    }
    out = world.done("state", "tiny", "--as-of", "2020-06-20", "--unsettled").out
    assert "D1 (2019Q1) is closed since 2020-06-20" in out
    assert "Outside the correction period" in out
    refused = world.soc("determine", "tiny", "2019Q1", "--redo", "--reason", "too late", at="2020-06-20T09:00")
    assert refused.code == 1
    assert "closed since 2020-06-20" in refused.err


def test_what_cannot_be_determined_again_says_why(settled: World) -> None:
    """A workplace of January that nobody had counted falls silent; once February says 0, January's 20 people count: 8 days."""
    settled.done("import", "workforce", "tiny", settled.file("w.csv", "month,workplace,employees\n2019-01,Badet,20\n"))
    found = settled.state("--as-of", "2019-07-22", "--unsettled")["unsettled"]
    assert (found["facts"], found["savings"], found["causes"]) == (1, "0.00", [])
    assert [(one["id"], one["months"]) for one in found["undeterminable"]] == [("tiny/D1", Q1)]
    assert "2019-02: no headcount for Badet" in found["undeterminable"][0]["reason"]
    out = settled.done("state", "tiny", "--as-of", "2019-07-22", "--unsettled").out
    assert "D1 (2019Q1) cannot be determined again: 2019-02: no headcount for Badet" in out
    settled.done("import", "workforce", "tiny", settled.file("w2.csv", "month,workplace,employees\n2019-02,Badet,0\n"))
    found = settled.state("--as-of", "2019-07-22", "--unsettled")["unsettled"]
    assert (found["facts"], found["savings"], found["undeterminable"]) == (2, "16000.00", [])
    assert [(one["id"], one["savings"]) for one in found["causes"]] == [("tiny/13", "0.00"), ("tiny/14", "16000.00")]
    assert "by itself it is not enough: 2019-02" in found["causes"][0]["what"]


def test_a_methodology_agreed_since_is_unsettled_until_its_months_are_determined_again(settled: World) -> None:
    """Nothing counts for a mean before it is determined so: 60 000 and 60 000 make 60 000, not 54 545.45."""
    before = settled.state()
    adopt(settled, [{"kind": "exclude-months@1", "window": "2019-01"}, {**MARCH, "of": "2019-02"}], at="2019-08-01T09:00")
    settled.at = "2019-08-02T09:00"
    found = settled.state("--unsettled")
    assert (found["savings"], found["excluded_months"], found["deemed_months"]) == (before["savings"], [], [])
    (cause,) = found["unsettled"]["causes"]
    assert cause["what"].startswith("agreed since; determining again measures by it: methodology agreed adopted from 2019-01-01")
    assert found["unsettled"]["savings"] == "-54545.45"  # 60 000 less of January, 5 454.55 more of March
    out = settled.done("state", "tiny", "--unsettled").out
    assert "Unsettled: 1 report or agreement recorded" in out
    assert "1 agreement came after the months in question were determined, and no figure above counts it." in out
    assert "by report and agreement" in out
    settled.done("determine", "tiny", "2019Q1", "--redo", "--reason", "agreed anew")
    after = settled.state()
    assert (after["unsettled"]["facts"], after["savings"]["determined"]) == (0, "120000.00")
    assert (after["excluded_months"], after["deemed_months"], after["forecast"]["months"]) == (["2019-01"], ["2019-03"], 2)
    out = settled.done("state", "tiny").out
    assert "Left out by agreement, counting for nothing: 2019-01." in out
    assert "Counting for the mean of other months by agreement: 2019-03." in out
    assert "from the 2 determined and not left out" in out


# --- What changed since ---------------------------------------------------------------------------------------------

SORTS = ("absences", "workforce", "trend", "reimbursements", "methodologies")


def test_against_tells_every_figure_that_differs_and_why(settled: World) -> None:
    """Record 9 is the determination; the notice of the day after falls payable on 2019-07-20, and is paid in part."""
    payment = ["--on", "2019-07-20", "--invoice", "O1", "--made", "--bank-reference", "B"]
    settled.done("pay", "outcome", "tiny", "10000", *payment, by=PAYER)
    found = settled.state("--as-of", "2019-07-22", "--against", "9")
    since = found.pop("since")
    assert found == settled.state("--as-of", "2019-07-22")
    assert (since["known_at"], since["basis"]["position"], since["on_record"]) == ("2019-06-12T07:00:00.000000Z", 9, True)
    assert [tuple(one[key] for key in ("figure", "before", "after", "difference")) for one in since["changes"]] == [
        ("balance.provider.payable", "0.00", "34909.09", "34909.09"),
        ("balance.provider.paid", "0.00", "10000.00", "10000.00"),
        ("balance.provider.due", "0.00", "24909.09", "24909.09"),
    ]
    assert since["changes"][2]["parts"] == {"payable": "34909.09", "paid": "-10000.00"}
    assert [(one["id"], one["moves"]) for one in since["causes"]] == [
        ("tiny/N1", {}),  # by silence it would be payable on 2019-08-13
        ("tiny/11", {}),
        ("tiny/12", {"payable": "34909.09"}),
        ("tiny/P1", {"paid": "10000.00"}),
    ]
    assert since["uncounted"] == {"facts": 0, **dict.fromkeys(SORTS, 0)}


def test_against_names_what_a_redo_counts(settled: World) -> None:
    world = late(settled)
    early = world.state("--as-of", "2019-07-22", "--against", "12")["since"]
    assert (early["changes"], early["causes"]) == ([], [])
    assert early["uncounted"] == {"facts": 2, **dict.fromkeys(SORTS, 0), "absences": 1, "trend": 1}
    assert world.state("--as-of", "2019-07-22", "--against", "2")["since"]["uncounted"]["facts"] == 2
    world.done("determine", "tiny", "2019Q1", "--redo", "--reason", "late notes")
    since = world.state("--as-of", "2019-07-22", "--against", "12")["since"]
    assert since["uncounted"]["facts"] == 0
    assert [(one["id"], one["rests_on"]) for one in since["causes"]] == [("tiny/D2", ["tiny/13", "record 14"])]
    assert since["causes"][0]["moves"] == {"savings": "-79090.90", "entitled": "-15818.18"}
    assert "late notes" in since["causes"][0]["what"]


def test_against_an_amendment_says_from_when_it_moves_money(settled: World) -> None:
    path = settled.file("amended.toml", _amended())
    settled.done("contract", "amend", "tiny", path, "--from", "2019-04", *BOTH, "--reason", "r")
    since = settled.state("--as-of", "2019-07-22", "--against", "12")["since"]
    assert [one["moves"] for one in since["causes"]] == [{}]
    assert "only when months from 2019-04 on are determined" in since["causes"][0]["what"]
    changed = {one["figure"]: (one["before"], one["after"]) for one in since["changes"]}
    assert changed["cap.amount"] == ("300000.00", "250000.00")
    assert not any(figure.startswith("balance.provider") for figure in changed)


def test_against_in_words(settled: World) -> None:
    same = settled.done("state", "tiny", "--against", "12").out
    assert "Nothing has changed: no figure differs, and nothing about the contract was recorded since." in same
    new = settled.done("state", "tiny", "--against", "1").out
    assert "The contract was not on record then: all of it is new since." in new
    out = settled.done("state", "tiny", "--as-of", "2019-07-22", "--against", "9").out
    assert re.search(r"Payable +0\.00 +34\u2009909\.09 +\+34\u2009909\.09", out)
    assert re.search(r"Due +0\.00 +34\u2009909\.09 +\+34\u2009909\.09", out)
    assert "tiny/N1  2019-06-13  D1 notified on 2019-06-13" in out
    assert "Compared with what was known at 2019-06-12 09:00:00 · record 9 · fingerprint" in out
    for text in (same, new, out):
        assert [word for word in JARGON if re.search(rf"\b{word}", text, re.IGNORECASE)] == []


def test_against_as_rows_of_causes(settled: World) -> None:
    rows = settled.done("state", "tiny", "--as-of", "2019-07-22", "--against", "8", "--unsettled", "-O", "csv").out.splitlines()
    head = (
        "part,id,record,recorded_at,what,savings,entitled,payable,instructed,paid,recovered,upfront_paid,loan_drawn,loan_repaid"
    )
    assert rows[0] == head
    assert rows[1].startswith("since,tiny/D1,9,2019-06-12T07:00:00.000000Z,")
    assert rows[1].endswith(",174545.45,34909.09,,,,,,,")
    assert len(rows) == 5
    more = late(settled).done("state", "tiny", "--as-of", "2019-07-22", "--against", "14", "--unsettled", "-O", "csv").out
    assert [line.split(",")[:3] for line in more.splitlines()[1:]] == [
        ["unsettled", "tiny/13", "13"],
        ["unsettled", "record 14", "14"],
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--against", "13"), "record 13 is outside the record"),
        (("--against", "12", "--known-at", "9"), "--against 12 is later than what is asked about"),
        (("--against", "2019-06-30", "--known-at", "9"), "is outside the record"),
        (("--against", "soon"), "--against: 'soon' is not an instant"),
    ],
)
def test_against_a_moment_that_does_not_come_before_is_a_usage_error(settled: World, args: tuple[str, ...], said: str) -> None:
    result = settled.soc("state", "tiny", *args)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "leave --known-at out" not in result.err


def test_both_options_need_no_more_than_they_must(settled: World) -> None:
    """A question about the past is answered as it was known then: late facts after it are not unsettled yet."""
    world = late(settled)
    found = world.state("--known-at", "13", "--as-of", "2019-07-22", "--against", "9", "--unsettled")
    assert (found["unsettled"]["facts"], found["unsettled"]["savings"]) == (1, "-150000.00")
    assert found["since"]["uncounted"]["facts"] == 1
