"""Rules for disrupted months as methodologies write them: what is read, in which order, and every refusal with its line."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from ledger.disruption import DeemAverage, ExcludeCause, ExcludeMonths, FreezeTrend, NetOfReimbursement, NoDisruption, Rebase
from ledger.errors import Fault, InputRefused
from ledger.methodology import Methodology, read_methodology
from ledger.periods import Month, Period, Quarter

CONTRACT = (Path(__file__).parents[2] / "fixtures" / "methodologies" / "contract-2018.toml").read_text(encoding="utf-8")
HEAD = CONTRACT[: CONTRACT.index("[disruption]")]

EXCLUDE_CAUSE = 'kind = "exclude-cause@1"; causes = ["covid"]; window = "2020-03..2021-06"'
REBASE = 'kind = "rebase@1"; from = 2018-10-01; to = 2019-09-30; window = "2020-10..2021-06"'
FREEZE_TREND = 'kind = "freeze-trend@1"; at = "2019Q4"; window = "2020Q2"'
NET = 'kind = "net-of-reimbursement@1"; reimbursed = "average"; window = "2020-04..2020-07"'
EXCLUDE_MONTHS = 'kind = "exclude-months@1"; window = "2020-03"'
DEEM = 'kind = "deem-average@1"; window = "2020-05..2020-06"; of = "2018-10..2020-02"'
NONE = 'kind = "none@1"'
EVERY = (EXCLUDE_CAUSE, REBASE, FREEZE_TREND, NET, EXCLUDE_MONTHS, DEEM)
"""In the order in which they act."""


def one(table: str) -> str:
    """The contract's methodology with one rule."""
    return HEAD + "[disruption]\n" + table.replace("; ", "\n")


def several(*tables: str) -> str:
    """… with several."""
    return HEAD + "".join("[[disruption]]\n" + table.replace("; ", "\n") + "\n" for table in tables)


def read(text: str) -> Methodology:
    return read_methodology(text.encode(), "method.toml")


def refused(text: str) -> list[tuple[str, str]]:
    """Each fault: the line it stands at, as written, and what it says. Each names the file."""
    with pytest.raises(InputRefused) as caught:
        read(text)
    assert all(fault.file == "method.toml" and str(fault) in str(caught.value) for fault in caught.value.faults)
    return [(at(text, fault), fault.what) for fault in caught.value.faults]


def at(text: str, fault: Fault) -> str:
    return text.splitlines()[fault.line - 1] if fault.line else ""


# ── What is read ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_table_of_each_kind() -> None:
    window = Period.parse("2020-03..2021-06")
    assert read(one(EXCLUDE_CAUSE)).disruption == (ExcludeCause(kind="exclude-cause@1", causes=("covid",), window=window),)
    assert read(one(FREEZE_TREND)).disruption == (
        FreezeTrend(kind="freeze-trend@1", at=Quarter.parse("2019Q4"), window=Period.parse("2020-04..2020-06")),
    )
    assert read(one(NET)).disruption == (
        NetOfReimbursement(kind="net-of-reimbursement@1", reimbursed="average", window=Period.parse("2020-04..2020-07")),
    )
    assert read(one(EXCLUDE_MONTHS)).disruption == (ExcludeMonths(kind="exclude-months@1", window=Period.parse("2020-03")),)
    assert read(one(DEEM)).disruption == (
        DeemAverage(kind="deem-average@1", window=Period.parse("2020-05..2020-06"), of=Period.parse("2018-10..2020-02")),
    )
    assert read(one(NONE)).disruption == (NoDisruption(kind="none@1"),)


def test_other_reference_years_are_whole_months() -> None:
    (rule,) = read(one(REBASE)).disruption
    assert isinstance(rule, Rebase)
    assert rule.months == Period.parse("2018-10..2019-09")
    assert read(one(REBASE)).reference.months == Period.parse("2015-10..2018-09")


@pytest.mark.parametrize("table", EVERY)
def test_a_rule_acts_in_its_window_and_nowhere_else(table: str) -> None:
    (rule,) = read(one(table)).disruption
    window = Period.parse(table.split('window = "')[1].split('"')[0])
    acts = [month for month in Period.parse("2015-01..2025-12") if rule.acts_in(month)]
    assert acts == list(window)


def test_none_acts_nowhere() -> None:
    (rule,) = read(one(NONE)).disruption
    assert not any(rule.acts_in(month) for month in Period.parse("2015-01..2025-12"))


@pytest.mark.parametrize("written", ['["covid", "work-injury"]', '["work-injury", "covid"]', '["covid", "work-injury", "covid"]'])
def test_causes_are_a_set(written: str) -> None:
    text = one(EXCLUDE_CAUSE.replace('["covid"]', written))
    assert read(text).left_out(Month.parse("2020-03")) == ("covid", "work-injury")
    assert read(text).sha256 == read(one(EXCLUDE_CAUSE.replace('["covid"]', '["covid", "work-injury"]'))).sha256


# ── Order and identity ───────────────────────────────────────────────────────────────────────────────────────────────


def test_rules_stand_in_the_order_in_which_they_act_however_they_are_written() -> None:
    found = {tuple(rule.kind for rule in read(several(*order)).disruption) for order in permutations(EVERY)}
    assert found == {tuple(table.split('"')[1] for table in EVERY)}


def test_the_order_in_which_rules_are_written_changes_no_fingerprint() -> None:
    assert len({read(several(*order)).sha256 for order in permutations(EVERY)}) == 1


def test_rules_of_one_sort_stand_in_order_of_their_windows() -> None:
    later, latest = EXCLUDE_MONTHS.replace("2020-03", "2020-08"), EXCLUDE_MONTHS.replace("2020-03", "2021-01..2021-02")
    for order in permutations((EXCLUDE_MONTHS, DEEM, later, latest)):
        first = [rule.window.first for rule in read(several(*order)).disruption if isinstance(rule, ExcludeMonths | DeemAverage)]
        assert first == sorted(first)


@pytest.mark.parametrize("table", [*EVERY, NONE])
def test_one_rule_alone_in_a_list_is_the_same_methodology(table: str) -> None:
    assert read(several(table)).sha256 == read(one(table)).sha256


def test_every_rule_and_every_figure_of_it_makes_another_methodology() -> None:
    edits = [("2021-06", "2021-05"), ("2020-03", "2020-02"), ("covid", "sick"), ("2019Q4", "2019Q3"), ("2020Q2", "2020Q3")]
    edits += [("average", "marginal"), ("2018-10-01", "2017-10-01"), ("2018-10..", "2018-11..")]
    texts = {one(table) for table in (*EVERY, NONE)}
    texts |= {one(table.replace(*edit)) for table in EVERY for edit in edits if "deem" not in table or edit[0] != "average"}
    assert len(texts) > 15
    assert len({read(text).sha256 for text in texts}) == len(texts)


@pytest.mark.parametrize("text", [one(EXCLUDE_CAUSE), several(*EVERY), one(NONE)], ids=["one", "several", "none"])
def test_a_methodology_is_the_same_after_being_recorded(text: str) -> None:
    method = read(text)
    stored = json.dumps(method.model_dump(mode="json", by_alias=True, exclude_none=True))
    assert Methodology.model_validate_json(stored) == method
    assert Methodology.model_validate_json(stored).sha256 == method.sha256


def test_one_rule_is_recorded_as_a_table_and_several_as_a_list() -> None:
    """As adoptions of before have it."""
    assert read(one(NONE)).model_dump(mode="json")["disruption"] == {"kind": "none@1"}
    kinds = [table["kind"] for table in read(several(*reversed(EVERY))).model_dump(mode="json")["disruption"]]
    assert kinds == [table.split('"')[1] for table in EVERY]


# ── Refusals of a key ────────────────────────────────────────────────────────────────────────────────────────────────

KINDS = (
    "'none@1', 'exclude-cause@1', 'rebase@1', 'freeze-trend@1', 'net-of-reimbursement@1', 'exclude-months@1', 'deem-average@1'"
)
WHOLE_MONTHS = ": from must be the first of a month and to the last of one"
WHOLE_YEARS = ": from and to must span whole years, so that no calendar month is missing"
PERIOD = "is not a period such as 2019Q2, 2020-02 or 2018-10..2020-02"
HERE = "[disruption]"
FAULTS: list[tuple[str, str, str]] = [
    ('kind = "exclude-cause@2"', HERE, f".kind is 'exclude-cause@2'; it must be one of {KINDS}"),
    ('window = "2020-03"', HERE, ".kind is missing"),
    (f'{NONE}; window = "2020-03"', 'window = "2020-03"', ".window is no key that is known here"),
    (EXCLUDE_CAUSE.replace('["covid"]', "[]"), "causes = []", ".causes must name at least one"),
    (
        EXCLUDE_CAUSE.replace("covid", "flu"),
        'causes = ["flu"]',
        ".causes.0 is 'flu'; it must be 'sick', 'work-injury' or 'covid'",
    ),
    (EXCLUDE_CAUSE.replace('["covid"]', '"covid"'), 'causes = "covid"', ".causes is 'covid'; write a list in square brackets"),
    (EXCLUDE_CAUSE.replace("2020-03.", "2020-3."), 'window = "2020-3..2021-06"', f".window: '2020-3..2021-06' {PERIOD}"),
    (
        EXCLUDE_CAUSE.replace("2021-06", "2020-02"),
        'window = "2020-03..2020-02"',
        ".window: a period cannot end (2020-02) before it begins (2020-03)",
    ),
    (EXCLUDE_CAUSE.split("; window")[0], HERE, ".window is missing"),
    ('kind = "exclude-cause@1"; window = "2020-03"', HERE, ".causes is missing"),
    ('kind = "exclude-months@1"', HERE, ".window is missing"),
    (f"{EXCLUDE_MONTHS}; savings = 0", "savings = 0", ".savings is no key that is known here"),
    (DEEM.split("; of")[0], HERE, ".of is missing"),
    (DEEM.replace("2018-10.", "2018."), 'of = "2018..2020-02"', f".of: '2018..2020-02' {PERIOD}"),
    (FREEZE_TREND.replace("2019Q4", "2019-10"), 'at = "2019-10"', ".at: '2019-10' is not a quarter such as 2019Q2"),
    (FREEZE_TREND.replace("2019Q4", "2019Q5"), 'at = "2019Q5"', ".at: '2019Q5' is not a quarter such as 2019Q2"),
    (FREEZE_TREND.replace('at = "2019Q4"; ', ""), HERE, ".at is missing"),
    (NET.replace('"average"', '"mean"'), 'reimbursed = "mean"', ".reimbursed is 'mean'; it must be 'average' or 'marginal'"),
    (NET.replace('reimbursed = "average"; ', ""), HERE, ".reimbursed is missing"),
    (REBASE.replace("2018-10-01", "2018-10-02"), HERE, WHOLE_MONTHS),
    (REBASE.replace("2019-09-30", "2019-09-29"), HERE, WHOLE_MONTHS),
    (REBASE.replace("2019-09-30", "2019-10-01"), HERE, WHOLE_MONTHS),
    (REBASE.replace("2019-09-30", "2019-08-31"), HERE, WHOLE_YEARS),
    (REBASE.replace("2019-09-30", "2019-10-31"), HERE, WHOLE_YEARS),
    (REBASE.replace("to = 2019-09-30; ", ""), HERE, ".to is missing"),
    (REBASE.replace("2018-10-01", '"October 2018"'), 'from = "October 2018"', ".from: Invalid isoformat string: 'October 2018'"),
    (REBASE.replace("2018-10-01", "1818-10-01"), "", ".from: the year 1818 is not one that a contract is about"),
]


@pytest.mark.parametrize(("table", "line", "said"), FAULTS, ids=[said for _, _, said in FAULTS])
def test_a_fault_of_one_rule(table: str, line: str, said: str) -> None:
    assert refused(one(table)) == [(line, f"disruption{said}")]


@pytest.mark.parametrize("to", ["2018-09-30", "2017-09-30"])
def test_years_that_end_before_they_begin(to: str) -> None:
    said = f"disruption: a period cannot end ({to[:7]}) before it begins (2018-10)"
    assert refused(one(REBASE.replace("2019-09-30", to))) == [("[disruption]", said)]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2018-09-29", WHOLE_MONTHS),
        ("2018-08-31", WHOLE_YEARS),
        ("2015-09-30", ": a period cannot end (2015-09) before it begins (2015-10)"),
    ],
)
def test_the_contract_s_own_years_keep_to_the_same(written: str, said: str) -> None:
    text = CONTRACT.replace("to = 2018-09-30", f"to = {written}")
    assert refused(text) == [("[reference]", f"reference{said}")]


@pytest.mark.parametrize(
    ("first", "last"), [("2016-02-01", "2017-01-31"), ("2015-03-01", "2016-02-29"), ("2000-01-01", "2019-12-31")]
)
def test_whole_years_of_any_months(first: str, last: str) -> None:
    table = REBASE.replace("2018-10-01", first).replace("2019-09-30", last)
    assert read(one(table)).reference_of(Month.parse("2020-10")) == Period.parse(f"{first[:7]}..{last[:7]}")


def test_every_fault_of_a_rule_is_listed() -> None:
    found = refused(one('kind = "net-of-reimbursement@1"; reimbursed = "mean"; window = "2020"; share = "0.5"'))
    assert [said.split()[0].rstrip(":") for _, said in found] == [
        "disruption.reimbursed",
        "disruption.window",
        "disruption.share",
    ]


def test_a_methodology_says_how_it_takes_disrupted_months() -> None:
    assert refused(HEAD) == [("", "disruption is missing")]


@pytest.mark.parametrize("written", ['"none@1"', '["none@1"]', "1"])
def test_what_is_no_table(written: str) -> None:
    ((line, said),) = refused(f"disruption = {written}\n{HEAD}")
    assert line == f"disruption = {written}"
    assert said.startswith("disruption.0 is ")


# ── Refusals of rules together ───────────────────────────────────────────────────────────────────────────────────────


def test_a_list_of_none() -> None:
    assert refused(f"disruption = []\n{HEAD}") == [("disruption = []", "disruption: must name at least one rule, or none@1")]


@pytest.mark.parametrize("tables", [(NONE, EXCLUDE_MONTHS), (EXCLUDE_MONTHS, NONE), (NONE, NONE), (*EVERY, NONE)])
def test_none_stands_alone(tables: tuple[str, ...]) -> None:
    said = "disruption: none@1 stands alone: it says that disrupted months are measured as any other"
    assert refused(several(*tables)) == [("[[disruption]]", said)]


SECOND = {
    "leave out": 'kind = "exclude-cause@1"; causes = ["sick"]; window = "{}"',
    "reference": 'kind = "rebase@1"; from = 2015-10-01; to = 2016-09-30; window = "{}"',
    "trend": 'kind = "freeze-trend@1"; at = "2018Q4"; window = "{}"',
    "price": 'kind = "net-of-reimbursement@1"; reimbursed = "marginal"; window = "{}"',
}
FIRST = dict(zip(SECOND, EVERY, strict=False))


@pytest.mark.parametrize("sort", SECOND)
def test_two_rules_of_one_sort_in_one_month(sort: str) -> None:
    """The window's first month, its last, all of them; the months beside it are free."""
    table = FIRST[sort]
    window, kind = Period.parse(table.split('window = "')[1].split('"')[0]), table.split('"')[1]
    for text, month in [
        (f"2020-01..{window.first}", window.first),
        (f"{window.last}..2025-12", window.last),
        ("2010-01..2025-12", window.first),
        (str(window), window.first),
    ]:
        said = f"disruption: {kind} and {kind} both act on the {sort} of {month}; at most one may"
        assert refused(several(table, SECOND[sort].format(text))) == [("[[disruption]]", said)]
        assert refused(several(SECOND[sort].format(text), table))[0][1].endswith("; at most one may")
    for beside in (window.first - 1, window.last + 1):
        read(several(table, SECOND[sort].format(beside)))


def test_months_left_out_and_deemed() -> None:
    """Both say what a month that is not measured counts for."""
    said = "disruption: deem-average@1 and exclude-months@1 both act on the window of 2020-06; at most one may"
    assert refused(several(DEEM, EXCLUDE_MONTHS.replace("2020-03", "2020-06"))) == [("[[disruption]]", said)]
    said = "disruption: exclude-months@1 and deem-average@1 both act on the window of 2020-05; at most one may"
    assert refused(several(EXCLUDE_MONTHS.replace("2020-03", "2020-01..2020-09"), DEEM)) == [("[[disruption]]", said)]
    read(several(DEEM, EXCLUDE_MONTHS.replace("2020-03", "2020-07"), EXCLUDE_MONTHS.replace("2020-03", "2020-04")))


def test_an_average_of_months_that_are_not_measured() -> None:
    said = "disruption: deem-average@1: the months of which the average is taken lie in a window that is not measured"
    assert refused(one(DEEM.replace("2020-02", "2020-05"))) == [("[disruption]", said)]
    assert refused(one(DEEM.replace("2018-10..2020-02", "2020-06..2020-09"))) == [("[disruption]", said)]
    assert refused(several(DEEM, EXCLUDE_MONTHS.replace("2020-03", "2020-02"))) == [("[[disruption]]", said)]
    assert refused(several(DEEM, DEEM.replace("2020-05..2020-06", "2018-10").replace("2018-10..", "2018-11.."))) == [
        ("[[disruption]]", said)
    ]


def test_an_average_of_months_up_to_the_window_and_after_it() -> None:
    read(one(DEEM.replace("2020-02", "2020-04")))
    read(one(DEEM.replace("2018-10..2020-02", "2020-07..2020-09")))
    read(several(DEEM, EXCLUDE_MONTHS.replace("2020-03", "2018-09")))


@pytest.mark.parametrize("other", [EXCLUDE_CAUSE, REBASE, FREEZE_TREND, NET])
def test_rules_of_other_sorts_may_act_in_months_that_an_average_is_taken_of(other: str) -> None:
    window = other.split('window = "')[1].split('"')[0]
    read(several(other.replace(window, "2019-01..2019-12"), DEEM))


@pytest.mark.xfail(strict=True, reason="the reader finds a key by its name, and takes the first table that has it")
def test_a_fault_of_a_later_rule_stands_at_its_line() -> None:
    text = several(EXCLUDE_MONTHS, FREEZE_TREND.replace("2020Q2", "2020Q5"))
    assert refused(text) == [('window = "2020Q5"', f"disruption.window: '2020Q5' {PERIOD}")]


@pytest.mark.xfail(strict=True, reason="of rules that clash only the first two are named")
def test_every_clash_is_listed() -> None:
    text = several(EXCLUDE_MONTHS, EXCLUDE_MONTHS, FREEZE_TREND, FREEZE_TREND)
    assert len(refused(text)) == 2
