"""For every month exactly one rule of each sort applies: the methodology's own, or one for disrupted months.

Counted here from the tables as TOML has them, and compared with what a methodology says and with what a determination takes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import disruption
from ledger.errors import InputRefused
from ledger.events import IndexValue, MonthAgreed, Reimbursement
from ledger.methodology import Methodology, read_methodology
from ledger.periods import Month, Period, Quarter
from ledger.terms import read_terms
from projections.savings import Standing, determine

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((FIXTURES / "methodologies").glob("*.toml"))}
CONTRACT = FILES["contract-2018"]
HEAD = CONTRACT[: CONTRACT.index("[disruption]")]
TERMS = read_terms((FIXTURES / "contracts" / "botkyrka.toml").read_bytes(), "botkyrka.toml")

GRID = [f"{year}-{number:02}" for year in range(2015, 2026) for number in range(1, 13)]
SORT_OF = {
    "exclude-cause@1": "leave out",
    "rebase@1": "reference",
    "freeze-trend@1": "trend",
    "net-of-reimbursement@1": "price",
    "exclude-months@1": "window",
    "deem-average@1": "window",
}
SORTS = ("leave out", "reference", "trend", "price", "window")

Table = Mapping[str, Any]


def disrupted(*tables: str) -> str:
    """The contract's methodology with these rules for disrupted months."""
    return HEAD + "\n".join("[[disruption]]\n" + table.replace("; ", "\n") for table in tables)


MADE = {
    "all sorts at once, later ones first": disrupted(
        'kind = "deem-average@1"; window = "2020-05"; of = "2018-10..2020-02"',
        'kind = "exclude-months@1"; window = "2020-03..2020-04"',
        'kind = "net-of-reimbursement@1"; reimbursed = "marginal"; window = "2020-08..2021-09"',
        'kind = "net-of-reimbursement@1"; reimbursed = "average"; window = "2020-04..2020-07"',
        'kind = "freeze-trend@1"; at = "2019Q4"; window = "2020Q1..2021Q2"',
        'kind = "rebase@1"; from = 2018-10-01; to = 2019-09-30; window = "2020-10..2021-09"',
        'kind = "exclude-cause@1"; causes = ["covid"]; window = "2020-03..2021-06"',
    ),
    "windows that touch": disrupted(
        'kind = "exclude-cause@1"; causes = ["covid"]; window = "2020-03..2020-12"',
        'kind = "exclude-cause@1"; causes = ["work-injury", "covid"]; window = "2021-01"',
        'kind = "exclude-cause@1"; causes = ["sick"]; window = "2021-02..2021-06"',
        'kind = "freeze-trend@1"; at = "2019Q4"; window = "2020-02"',
        'kind = "freeze-trend@1"; at = "2019Q1"; window = "2020-03"',
        'kind = "deem-average@1"; window = "2020Q2"; of = "2019Q2"',
        'kind = "deem-average@1"; window = "2020Q3"; of = "2019Q3"',
        'kind = "exclude-months@1"; window = "2020Q4"',
    ),
    "reference years within each other, and gaps": disrupted(
        'kind = "rebase@1"; from = 2015-10-01; to = 2016-09-30; window = "2018-12"',
        'kind = "rebase@1"; from = 2017-10-01; to = 2018-09-30; window = "2019-02"',
        'kind = "rebase@1"; from = 2016-10-01; to = 2018-09-30; window = "2019-04..2025-12"',
        'kind = "net-of-reimbursement@1"; reimbursed = "average"; window = "2025-12"',
    ),
    "trend frozen and rebased where a quarter is split": disrupted(
        'kind = "freeze-trend@1"; at = "2019Q4"; window = "2020-01..2020-02"',
        'kind = "rebase@1"; from = 2018-03-01; to = 2019-02-28; window = "2020-02..2020-03"',
        'kind = "exclude-cause@1"; causes = ["work-injury"]; window = "2020-03"',
    ).replace('"whole-quarter"', '"previous-year"'),
}
METHODOLOGIES = {**FILES, **MADE}
every_methodology = pytest.mark.parametrize("text", METHODOLOGIES.values(), ids=METHODOLOGIES.keys())


def read(text: str) -> Methodology:
    return read_methodology(text.encode(), "method.toml")


@cache
def tables(text: str) -> list[Table]:
    """The rules for disrupted months, as written."""
    found = tomllib.loads(text)["disruption"]
    return found if isinstance(found, list) else [found]


@cache
def listed(period: str) -> tuple[str, ...]:
    """``2020Q1..2020-04`` → its months as text."""
    first, _, last = period.partition("..")
    return tuple(month for month in GRID if _ends(first)[0] <= month <= _ends(last or first)[1])


def _ends(part: str) -> tuple[str, str]:
    if "Q" not in part:
        return part, part
    return f"{part[:4]}-{int(part[5]) * 3 - 2:02}", f"{part[:4]}-{int(part[5]) * 3:02}"


def acting(text: str, month: str) -> dict[str, Table | None]:
    """The rule of each sort that acts in a month; None for the methodology's own. Fails where two would."""
    found: dict[str, Table | None] = {}
    for sort in SORTS:
        those = [one for one in tables(text) if SORT_OF.get(one["kind"]) == sort and month in listed(one["window"])]
        assert len(those) <= 1, f"{month}: {len(those)} rules act on the {sort}"
        found[sort] = those[0] if those else None
    return found


# ── What a methodology says ──────────────────────────────────────────────────────────────────────────────────────────


def test_every_kind_for_disrupted_months_has_its_sort() -> None:
    models = get_args(get_args(disruption.Rule)[0])
    kinds = {kind: model.SORT for model in models for kind in get_args(model.model_fields["kind"].annotation)}
    assert {kind: sort for kind, sort in kinds.items() if kind != "none@1"} == SORT_OF


@every_methodology
def test_every_rule_acts_in_some_month_of_the_grid(text: str) -> None:
    counts = [sum(month in listed(one["window"]) for month in GRID) for one in tables(text) if one["kind"] != "none@1"]
    assert all(counts)
    assert sum(counts) == sum(rule is not None for month in GRID for rule in acting(text, month).values())


@every_methodology
def test_exactly_one_rule_of_each_sort_applies_in_every_month(text: str) -> None:
    method, own = read(text), tomllib.loads(text)
    for one in GRID:
        month, rules = Month.parse(one), acting(text, one)
        kinds = {sort: getattr(method.rule(sort, month), "kind", None) for sort in SORTS}
        assert kinds == {sort: rule["kind"] if rule else None for sort, rule in rules.items()}, one
        left_out, years = rules["leave out"], rules["reference"] or own["reference"]
        assert method.left_out(month) == (tuple(sorted(set(left_out["causes"]))) if left_out else ()), one
        assert method.reference_of(month) == Period(Month.holding(years["from"]), Month.holding(years["to"])), one
        at, netting, window = method.frozen_at(month), method.netting(month), method.agreed(month)
        assert (str(at) if at else None) == (rules["trend"] or {}).get("at"), one
        assert getattr(netting, "reimbursed", None) == (rules["price"] or {}).get("reimbursed"), one
        of = (rules["window"] or {}).get("of")
        assert tuple(map(str, getattr(window, "of", ()))) == (listed(of) if of else ()), one


# ── What a determination takes ───────────────────────────────────────────────────────────────────────────────────────


class Plain:
    """Facts made of the month's number, so that no two months are alike."""

    def incomplete(self, month: Month) -> str | None:
        return None

    def has_headcounts(self, month: Month) -> bool:
        return True

    def employees(self, month: Month) -> int:
        return 50 + month.index % 17

    def hundredths(self, month: Month) -> int:
        return 5000 + month.index * 7919 % 4001

    def left_out(self, month: Month, causes: tuple[str, ...]) -> int:
        return sum({"sick": 500, "work-injury": 30, "covid": 900}[cause] + month.index % 13 for cause in causes)

    def findings(self, month: Month) -> Iterator[str]:
        yield from ()

    def crowded(self, month: Month) -> Iterator[str]:
        yield from ()


QUARTERS = [Quarter.parse(f"{year}Q{number}") for year in range(2014, 2026) for number in range(1, 5)]
VALUES = {quarter: f"{80 + quarter.index * 37 % 41}.{quarter.index % 10}" for quarter in QUARTERS}
INDEX = {
    quarter: IndexValue(quarter=quarter, value=value, published_on=date(2015, 1, 1), status="published", source="made up")
    for quarter, value in VALUES.items()
}
PAID = {"wage_cost_ore": 100000, "threshold": "0.0105"}
REPAID = {
    month: Reimbursement(
        month=month, sick_pay_cost_ore=1000 + month.index * 31 % 97, reimbursed_ore=month.index * 13 % 500, **PAID
    )
    for month in map(Month.parse, GRID)
}
DETERMINED = [month for month in GRID if month >= "2018-10"]


def standing(method: Methodology) -> Standing:
    return Standing(
        methodology=method,
        now=Plain(),
        locked=Plain(),
        reference_index=INDEX,
        index=INDEX,
        first_quarter=Quarter.parse("2018Q4"),
        repaid=REPAID,
        settled={},
    )


def like(number: int, years: Table) -> list[Month]:
    """The months of reference years with a number, 1 to 12."""
    months = [Month.of(year, number) for year in range(years["from"].year, years["to"].year + 1)]
    return [month for month in months if years["from"] <= month.first_day <= years["to"]]


def weekdays(month: Month) -> int:
    days = [month.first_day + timedelta(days=number) for number in range(31)]
    return sum(day.weekday() < 5 and day.month == month.number for day in days)


def half_away(exact: Fraction) -> int:
    return int(abs(exact) + Fraction(1, 2)) * (1 if exact > 0 else -1)


def measured(text: str, one: str, rules: Mapping[str, Table | None]) -> int:
    """Öre of a month that is measured, from the tables that act in it (rules 5 to 8)."""
    own, month, facts = tomllib.loads(text), Month.parse(one), Plain()
    years, split = rules["reference"] or own["reference"], own["trend"]["quarter_split"]
    at = (rules["trend"] or {}).get("at")
    quarter = Quarter.parse(at) if at else month.quarter
    strange = listed(own["trend"]["disrupted"])
    if not at and one not in strange and any(str(other) in strange for other in month.quarter.months):
        quarter = quarter - 4 if split == "previous-year" else quarter
    same = like(month.number, years)
    rate = Fraction(sum(map(facts.hundredths, same)), 100 * sum(facts.employees(other) * weekdays(other) for other in same))
    base = [INDEX[other.quarter] for other in like(int(at[5]) * 3 - 2 if at else month.number, years)]
    factor = Fraction(INDEX[quarter].value) / (sum(Fraction(value.value) for value in base) / len(base))
    causes = tuple((rules["leave out"] or {}).get("causes", ()))
    actual = Fraction(facts.hundredths(month) - facts.left_out(month, causes), 100)
    share, row = Fraction(0), REPAID[month]
    if rules["price"] and rules["price"]["reimbursed"] == "average":
        share = Fraction(row.reimbursed_ore, row.sick_pay_cost_ore)
    elif rules["price"]:
        share = Fraction(row.sick_pay_cost_ore > Fraction("0.0105") * row.wage_cost_ore)
    return half_away((rate * facts.employees(month) * weekdays(month) * factor - actual) * 214000 * (1 - share))


@every_methodology
def test_a_determination_takes_those_rules_and_no_other(text: str) -> None:
    found = determine(dict.fromkeys(map(Month.parse, DETERMINED), standing(read(text))), lambda month: TERMS)
    savings = {str(line.month): line.savings_ore for line in found}
    assert list(savings) == DETERMINED
    for line in found:
        one, rules = str(line.month), acting(text, str(line.month))
        window = rules["window"]
        assert isinstance(line, MonthAgreed) == (window is not None), one
        if window is None:
            assert line.savings_ore == measured(text, one, rules), one
        elif window["kind"] == "exclude-months@1":
            assert line.savings_ore == 0, one
        else:
            of = listed(window["of"])
            assert line.savings_ore == half_away(Fraction(sum(savings[other] for other in of), len(of))), one


# ── Any rules ────────────────────────────────────────────────────────────────────────────────────────────────────────

REST = {
    "exclude-cause@1": 'causes = ["covid"]',
    "rebase@1": "from = 2018-10-01; to = 2019-09-30",
    "freeze-trend@1": 'at = "2019Q4"',
    "net-of-reimbursement@1": 'reimbursed = "average"',
    "exclude-months@1": "",
    "deem-average@1": 'of = "2018-10..2018-12"',
}


@st.composite
def rules(draw: st.DrawFn) -> list[str]:
    """Rules with windows of one to six months in 2020."""
    found = []
    for kind in draw(st.lists(st.sampled_from(sorted(REST)), min_size=1, max_size=5)):
        first = draw(st.integers(1, 12))
        window = f"2020-{first:02}..2020-{min(12, first + draw(st.integers(0, 5))):02}"
        found.append(f'kind = "{kind}"; window = "{window}"; {REST[kind]}')
    return found


def clash(text: str) -> bool:
    """Whether two rules of one sort name one month."""
    named = [(SORT_OF[one["kind"]], month) for one in tables(text) for month in listed(one["window"])]
    return len(named) > len(set(named))


@settings(deadline=None, max_examples=150)
@given(rules())
def test_rules_of_one_sort_that_overlap_are_refused_and_all_others_are_not(written: Sequence[str]) -> None:
    text = disrupted(*written)
    if clash(text):
        with pytest.raises(InputRefused, match="; at most one may"):
            read(text)
    else:
        test_exactly_one_rule_of_each_sort_applies_in_every_month(text)
        assert read(text).sha256 == read(disrupted(*reversed(written))).sha256
