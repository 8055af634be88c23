"""Every case of fixtures/cases, as ``soc test`` runs them; that none can hold by accident; and case files that are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from cli.test import read_file
from ledger.cases import Case, CaseFile, read_cases
from ledger.disruption import Rule
from ledger.errors import InputRefused
from projections.cases import run

FOLDER = Path(__file__).parents[1] / "fixtures" / "cases"
FILES = [read_file(str(path)) for path in sorted(FOLDER.glob("*.toml"))]


EVERY = [pytest.param(one, case, id=f"{Path(one.file).stem}: {case.name}") for one in FILES for case in one.cases]
DETERMINED = [one for one in EVERY if one.values[1].when.determined]  # the others are about sharing alone


@pytest.mark.parametrize(("file", "case"), EVERY)
def test_the_case_holds(file: CaseFile, case: Case) -> None:
    assert run(case, file.terms, file.methodology).differences == ()


# ── None can hold by accident ────────────────────────────────────────────────────────────────────────────────────────


def last_digit_moved(number: str, by: int) -> str:
    """``31.50`` → ``31.51`` or ``31.49``: the least that is another number at its decimals."""
    places = len(number.partition(".")[2])
    units = int(number.replace(".", "")) + by
    sign, digits = "-" if units < 0 else "", str(abs(units)).rjust(places + 1, "0")
    return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)


def moved(value: Any, by: int) -> Any:
    return last_digit_moved(value, by) if isinstance(value, str) else value + by


def wrong(case: Case) -> Iterator[tuple[str, Case]]:
    """The case with one expectation wrong, for each that it has; figures by one in the last digit, either way."""
    for key in case.then.named:
        value = getattr(case.then, key)
        said: list[Any] = []
        if isinstance(value, dict):
            said = [{**value, period: moved(one, by)} for period, one in value.items() for by in (-1, 1)]
        elif key == "break_even":
            said = [value.model_copy(update={name: other(one)}) for name, one in value if one is not None]
        elif key == "refused":
            said = [("another refusal",), (*value, "and more")]
        else:
            said = [other(value)]
        yield from ((f"{key} {one}", case.model_copy(update={"then": case.then.model_copy(update={key: one})})) for one in said)


def other(reached: str) -> str:
    return "2020-12-31" if reached == "not reached" else "not reached"


@pytest.mark.parametrize(("file", "case"), EVERY)
def test_a_wrong_expectation_fails(file: CaseFile, case: Case) -> None:
    tried = list(wrong(case))
    assert tried
    assert [said for said, one in tried if run(one, file.terms, file.methodology).holds] == []


@pytest.mark.parametrize(("file", "case"), DETERMINED)
def test_a_refusal_is_not_taken_for_a_figure_nor_a_figure_for_a_refusal(file: CaseFile, case: Case) -> None:
    then = case.then.model_copy(update={"refused": () if case.then.refused else ("cannot be determined",)})
    [found] = run(case.model_copy(update={"then": then}), file.terms, file.methodology).differences
    assert str(case.when.determined) in found.what


def test_every_rule_for_disrupted_months_has_cases_that_hold_and_one_that_is_refused() -> None:
    kinds = {get_args(one.model_fields["kind"].annotation)[0] for one in get_args(get_args(Rule)[0])}
    cases: dict[str, list[Case]] = {}
    for one in FILES:
        for rule in one.methodology.disruption if one.methodology else ():
            cases.setdefault(rule.kind, []).extend(one.cases)
    assert cases.keys() == kinds
    for kind, several in cases.items():
        assert sum(not case.then.refused for case in several) >= 3, kind
        assert any(case.then.refused for case in several), kind


# ── Refused whole ────────────────────────────────────────────────────────────────────────────────────────────────────

GOOD = """\
title = "Made up"
terms = "terms"
methodology = "method"

[given]
employees = { "2015-10..2021-09" = 100 }
net_days = { "2015-10..2018-09" = "22.00" }
index = { 2016Q1 = "2.00", 2017Q1 = "2.00", 2018Q1 = "2.00", 2020Q1 = "3.00" }

[[case]]
name = "Days"
rule = "rule 8"
given.net_days = { 2020-03 = "40.00" }
given.of_which = { 2020-03 = { covid = "25.00" } }
when.determined = "2020-03"
then.actual = { 2020-03 = "40.00" }

[[case]]
name = "Lines"
rule = "rule 4"
when.determined = "2020-03"
[case.given]
absences = '''
employee,workplace,first_day,last_day,extent,cause
1,School,2020-03-02,2020-03-04,100,sick
'''
[case.then.actual]
2020-03 = "3.00"

[[case]]
name = "Sharing"
rule = "rule 11"
given.savings = { "2018-10..2018-11" = "1.00" }
then.entitlement = { 2018-10 = "0.18" }
"""

BESIDE = {
    "terms": (FOLDER.parent / "contracts" / "botkyrka.toml").read_bytes(),
    "method": (FOLDER.parent / "methodologies" / "contract-2018.toml").read_bytes(),
}


def read(text: str, **beside: bytes) -> CaseFile:
    return read_cases(text.encode(), "cases.toml", lambda name: ((BESIDE | beside)[name], name))


def faults(text: str, **beside: bytes) -> list[str]:
    with pytest.raises(InputRefused) as refused:
        read(text, **beside)
    return [str(fault) for fault in refused.value.faults]


def test_the_good_file_is_read_and_holds() -> None:
    found = read(GOOD)
    assert [case.name for case in found.cases] == ["Days", "Lines", "Sharing"]
    assert [run(case, found.terms, found.methodology).differences for case in found.cases] == [(), (), ()]


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


DAYS, ACTUAL, SHARED = '{ 2020-03 = "40.00" }\ngiven', 'actual = { 2020-03 = "40.00" }', 'then.entitlement = { 2018-10 = "0.18" }'
LATE = 'determined = "2020-03..2021-10"\nthen'
ONE_FAULT: dict[str, tuple[str, str, str | None, str]] = {
    "no title": ('title = "Made up"\n', "", None, "title is missing"),
    "no terms": ('terms = "terms"\n', "", None, "terms is missing"),
    "no methodology": ('methodology = "method"\n', "", 'determined = "', "when.determined: the file names no methodology"),
    "an unknown key": ("when.determined", "when.done", "when.done", "when.done is no key that is known here"),
    "no name": ('name = "Days"\n', "", "[[case]]", "name is missing"),
    "an empty name": ('"Sharing"', '" "', '" "', "name: say something here"),
    "two cases of one name": ('"Lines"', '"Days"', "[[case]]", "case: two are called 'Days'"),
    "no then": (f"then.{ACTUAL}\n", "", "[[case]]", "then is missing"),
    "nothing to compare": (ACTUAL, "actual = {}", "[[case]]", "then: says nothing that could be compared"),
    "days that are no text": (DAYS, "{ 2020-03 = 40.0 }\ngiven", "40.0 }", "given.net_days.2020-03: write days"),
    "three decimals": ('"25.00"', '"25.001"', "25.001", "given.of_which.2020-03.covid: write days"),
    "an unknown cause": ("covid =", "flu =", "flu =", "given.of_which.2020-03.flu is 'flu'; it must be"),
    "more of a cause than days": ('"25.00"', '"40.01"', "of_which", "given.of_which.2020-03: these are more days"),
    "no month": ("{ 2020-03 = { c", "{ 2020-13 = { c", "2020-13", "given.of_which.2020-13: '2020-13' is not a period"),
    "an index of nothing": ('"3.00" }', '"0.00" }', "0.00", "given.index.2020Q1: '0.00' is not an index value"),
    "an index for a month": ("2020Q1 =", "2020-01 =", "2020-01 =", "given.index.2020-01: '2020-01' is not a quarter"),
    "months said twice": (DAYS, f'{{ 2020Q1 = "1", {DAYS[2:]}', '2020Q1 = "1', "given.net_days: 2020Q1 and 2020-03 both name"),
    "kronor that are no text": ('"1.00" }', "1 }", "= 1 }", "given.savings.2018-10..2018-11: write money as a string"),
    "a figure that is none": (ACTUAL, ACTUAL.replace("40.00", "x"), '"x"', "then.actual.2020-03: 'x' is not a number"),
    "a month not determined": (ACTUAL, ACTUAL.replace("-03", "-04"), "2020-04", "then.actual.2020-04: 2020-04 is not determined"),
    "no savings to share": ("{ 2018-10 =", "{ 2018-12 =", "2018-12 =", "then.entitlement.2018-12: 2018-12 is not determined"),
    "savings too early": (
        "2018-10..",
        "2018-09..",
        "2018-09..",
        "given.savings.2018-09..2018-11: 2018-09..2018-11 is not within",
    ),
    "determined too late": ('determined = "2020-03"\nthen', LATE, "2021-10", "when.determined: 2020-03..2021-10 is not within"),
    "both given and determined": (
        ACTUAL,
        f"{ACTUAL}\ngiven.savings.2020-03 = '1'",
        "'1'",
        "given.savings.2020-03: 2020-03 is determined",
    ),
    "a refusal with figures": (
        SHARED,
        f'then.refused = "no"\n{SHARED}',
        "then.refused",
        "then.refused: what is refused has no figures",
    ),
    "a refusal of nothing": (SHARED, 'then.refused = "no"', "then.refused", "then.refused: is about a determination"),
    "a date that is none": (SHARED, 'then.cap_reached_on = "soon"', '"soon"', "then.cap_reached_on: 'soon' is not a date"),
    "an absence that does not read": ("-03-02", "-03-32", "absences", "given.absences: line 2 of it: first_day '2020-03-32'"),
    "a spell without an end": ("2020-03-04", "", "absences", "given.absences: line 2 of it: a spell of a case has a last day"),
    "a spell that withdraws": (",100,", ",0,", "absences", "given.absences: line 2 of it: a spell of a case has a last day"),
}
"""What is replaced in GOOD, by what, a part of the line that is named, how the message begins."""

MORE = {"no methodology": 2, "a refusal with figures": 2}  # both cases that determine; a refusal of nothing besides


@pytest.mark.parametrize("what", ONE_FAULT)
def test_a_fault_is_told_with_its_line(what: str) -> None:
    old, new, at, said = ONE_FAULT[what]
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1)
    found = faults(text)
    place = "cases.toml" if at is None else f"cases.toml:{line_of(text, at)}"
    assert found[0].startswith(f"{place}: {said}")
    assert len(found) == MORE.get(what, 1), found


def test_every_fault_of_every_case_is_listed() -> None:
    wrong = [("Made up", "5"), ('{ 2020-03 = "40.00" }', '{ 2020-03 = "forty" }'), ("when.", "when.ever"), ("-02,", "-32,")]
    text = GOOD.replace('"Made up"', "5")
    for old, new in wrong[1:]:
        text = text.replace(old, new, 1)
    text = text.replace('"1.00"', '"x"')
    found = faults(text, method=b"name = 3")
    assert "method:1: name is 3; write it as text in quotation marks" in found  # the file beside, by its own name and lines
    assert [re.sub(r"(?<=: )(\S+?):? .*", r"\1", one) for one in found if one.startswith("cases.toml")] == [
        f"cases.toml:{line_of(text, part)}: {key}"
        for part, key in [
            ("title", "title"),
            ("forty", "given.net_days.2020-03"),
            ("when.ever", "when.everdetermined"),
            ("absences", "given.absences"),
            ('"x"', "given.savings.2018-10..2018-11"),
        ]
    ]


def test_cases_written_as_one_list_are_read_and_refused_without_lines() -> None:
    text = GOOD[: GOOD.index("[[case]]")].replace("[given]", 'case = [{ name = "a", rule = "b", then = {} }]\n[given]')
    assert faults(text) == ["cases.toml: then: says nothing that could be compared"]


def test_a_file_without_cases_is_refused() -> None:
    text = GOOD[: GOOD.index("[[case]]")]
    assert faults(text) == ["cases.toml: case is missing"]
    assert faults(f"case = []\n{text}") == ["cases.toml:1: case must name at least one"]
    [as_table] = faults(f"{text}[case]\nname = 'a'")
    assert as_table.endswith("case is a table; write a list in square brackets")
    [no_toml] = faults(f"{text}[[case\n")
    assert no_toml.startswith(f"cases.toml:{len(text.splitlines()) + 1}: is not valid TOML")


# ── What is given ────────────────────────────────────────────────────────────────────────────────────────────────────


def outcome(case: str, given: str = "") -> tuple[str, ...]:
    text = GOOD[: GOOD.index("[[case]]")].replace("[given]", f"[given]\n{given}")
    [one] = read(f'{text}[[case]]\nname = "a"\nrule = "b"\n{case}').cases
    found = read(GOOD)
    return tuple(f"{one.what}: {one.found}" for one in run(one, found.terms, found.methodology).differences)


def test_what_a_case_gives_holds_over_what_all_share() -> None:
    days = 'given.net_days = { 2020-03 = "40.00", 2016-03 = "44.00" }\nwhen.determined = "2020-03"\n'
    # (44 + 22 + 22) ÷ (100 × (23 + 23 + 22)) × 100 × 22 × 1.5 = 88 ÷ 68 × 33
    assert outcome(days + 'then.expected = { 2020-03 = "42.7059" }') == ()
    assert outcome(days + 'then.expected = { 2020-03 = "0" }', 'savings = { 2018-10 = "1.00" }') == (
        "expected days of 2020-03: 43",
    )


def test_differences_come_in_order_of_month() -> None:
    days = 'given.net_days = { "2020-01..2020-03" = "40.00" }\nwhen.determined = "2020-01..2020-03"\n'
    found = outcome(days + 'then.actual = { 2020-03 = "1", "2020-01..2020-02" = "1" }')
    assert found == tuple(f"actual days of 2020-0{number}: 40" for number in (1, 2, 3))


def test_absences_are_complete_for_the_months_between_the_first_and_the_last() -> None:
    lines = "employee,workplace,first_day,last_day,extent,cause\\n"
    ends = "1,A,2015-10-05,2015-10-05,100,sick\\n1,A,2018-09-03,2018-09-03,100,sick\\n1,A,2016-03-01,2016-03-02,50,sick\\n"
    text = 'when.determined = "2020-03"\nthen.reference_rate = { 2020-03 = "0.000147" }\n'  # 1 ÷ (100 × 68)
    reference = GOOD[: GOOD.index("[[case]]")].replace('net_days = { "2015-10..2018-09" = "22.00" }\n', "")
    [one] = read(f'{reference}[[case]]\nname = "a"\nrule = "b"\ngiven.absences = "{lines}{ends}"\n{text}').cases
    found = read(GOOD)
    assert run(one, found.terms, found.methodology).differences == ()
    [short] = read(f'{reference}[[case]]\nname = "a"\nrule = "b"\ngiven.absences = "{lines}"\n{text}').cases
    [difference] = run(short, found.terms, found.methodology).differences
    assert "2016-03: net days are not given" in difference.found


def test_a_month_that_is_not_measured_has_no_days() -> None:
    file = next(one for one in FILES if Path(one.file).stem == "exclude-months")
    case = next(one for one in file.cases if str(one.when.determined) == "2021Q2")
    then = case.then.model_copy(update={"savings": {}, "actual": {case.when.determined: "0.00"}})
    found = run(case.model_copy(update={"then": then}), file.terms, file.methodology).differences
    assert {one.found for one in found} == {"none, for the month is not measured (exclude-months@1)"}
