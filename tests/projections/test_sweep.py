"""A sweep's grammar and grid: exact values with both ends, methodologies that pass their model, and where figures change."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from ledger.errors import Usage
from ledger.methodology import Methodology, read_methodology
from projections.sweep import MOST, TARGETS, Figures, Row, Sweep, Variant, courses, grid, parse, told

FOLDER = Path(__file__).parents[2] / "fixtures" / "methodologies"
FILES = sorted(FOLDER.glob("*.toml"))


def methodology(name: str, *changes: tuple[str, str]) -> Methodology:
    """One of those that come with the product, with changes to its text."""
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_methodology(text.encode(), name)


def one(text: str, method: Methodology) -> list[Variant]:
    """The grid of one methodology and one sweep."""
    return grid({method.name: method}, [parse(text)])


# ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("price=1900..2400:50", [str(1900 + 50 * number) for number in range(11)]),
        ("price=0.1..0.3:0.1", ["0.1", "0.2", "0.3"]),
        ("price=-1..1:0.5", ["-1", "-0.5", "0", "0.5", "1"]),
        ("price=2140..2140:1", ["2140"]),
        ("price = 2200, 2000,2200", ["2000", "2200"]),
        ("price=9,10", ["9", "10"]),
    ],
)
def test_numbers_rise_and_both_ends_are_in(text: str, values: list[str]) -> None:
    assert parse(text) == Sweep("price", tuple(values), True)


def test_steps_are_exact_however_many() -> None:
    found = parse("price=0..999.9:0.1")
    assert len(found.values) == MOST
    assert [Fraction(value) for value in found.values] == [Fraction(number, 10) for number in range(MOST)]


def test_a_list_keeps_its_order_and_names_each_value_once() -> None:
    text = "deem-average.window=2020-03..2021-06,2020-03..2020-12,2020-03..2021-06"
    assert parse(text) == Sweep("deem-average.window", ("2020-03..2021-06", "2020-03..2020-12"), False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("price", "is not PARAM=VALUES"),
        ("=1", "is not PARAM=VALUES"),
        ("price=", "is not PARAM=VALUES"),
        ("price=1,,2", "a comma too many"),
        ("price=2..1:1", "has no values"),
        ("price=1..2:0", "has no values"),
        ("price=1..2:-1", "has no values"),
        ("price=1..2:0.3", "the last step reaches 1.9"),
        ("price=0..10000:1", "10001 values"),
        ("price=0..999999999999:0.000001", "10000 rows"),
    ],
)
def test_what_cannot_be_read_says_why_and_names_the_sweep(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        parse(text)
    assert text in str(caught.value)


# ── Methodologies ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_methodology_swept_over_what_it_says_is_itself(path: Path) -> None:
    same = methodology(path.stem)
    texts = ["price=2140", "trend.quarter_split=" + same.trend.quarter_split, f"trend.disrupted={same.trend.disrupted}"]
    texts += [f"reference.from={same.reference.from_}", f"reference.to={same.reference.to}"]
    for rule in same.disruption:
        said = rule.model_dump(mode="json", by_alias=True, exclude={"kind"})
        values = {key: "+".join(value) if isinstance(value, list) else value for key, value in said.items()}
        texts += [f"{rule.kind.partition('@')[0]}.{key}={value}" for key, value in values.items()]
    for text in texts:
        (found,) = one(text, same)
        assert found.methodology == same
        assert found.methodology.sha256 == same.sha256


def test_every_combination_is_a_methodology_of_its_own() -> None:
    methods = {"a": methodology("medium-scenario"), "b": methodology("medium-scenario", ("2018-11..2020-02", "2019-01..2019-12"))}
    sweeps = [parse("price=2000..2200:100"), parse("deem-average.window=2020-03..2021-06,2020-03..2020-12")]
    found = grid(methods, sweeps)
    assert len({variant.methodology.sha256 for variant in found}) == len(found) == 2 * 3 * 2
    assert [variant.label for variant in found] == ["a"] * 6 + ["b"] * 6
    first, last = found[0], found[-1]
    assert told(first.settings) == "price=2000.00, deem-average.window=2020-03..2021-06"
    assert [price.amount for price in first.methodology.price.sek] == [200_000]
    assert str(last.methodology.disruption[0].window) == "2020-03..2020-12"  # type: ignore[union-attr]
    assert last.methodology.price.sek[0].from_ == date(2018, 10, 1)


def test_one_of_several_rules_is_changed_and_the_others_stay() -> None:
    several = """
[[disruption]]
kind = "exclude-cause@1"
causes = ["covid"]
window = "2020-03..2020-06"
[[disruption]]
kind = "freeze-trend@1"
at = "2019Q4"
window = "2020-03..2020-12"
"""
    method = methodology("contract-2018", ('[disruption]\nkind = "none@1"\n', several))
    (found,) = one("freeze-trend.at=2019Q1", method)
    before, after = method.disruption, found.methodology.disruption
    assert after[0] == before[0]
    assert str(after[1].at) == "2019Q1"  # type: ignore[union-attr]
    (other,) = one("exclude-cause.causes=covid+work-injury", method)
    assert other.methodology.left_out(after[0].window.first) == ("covid", "work-injury")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("contract-2018", "price=1900.555", "'1900.555' is not an amount"),
        ("contract-2018", "price=0", "a price must be above zero"),
        ("contract-2018", "trend.quarter_split=half", "it must be 'whole-quarter', 'previous-year' or 'refuse'"),
        ("contract-2018", "reference.to=2018-08-31", "must span whole years"),
        ("contract-2018", "deem-average.window=2020-03", "contract-2018 has no deem-average.window to sweep; it has price, "),
        ("contract-2018", "version=2", "contract-2018 has no version to sweep"),
        ("contract-2018", "disruption.kind=none@1", "has no disruption.kind to sweep"),
        ("medium-scenario", "deem-average.of=2020-01..2020-03", "lie in a window that is not measured"),
        ("trend-frozen-2019q4", "freeze-trend.at=2019", "'2019' is not a quarter"),
        ("net-of-reimbursement", "net-of-reimbursement.reimbursed=all", "'average' or 'marginal'"),
        ("rebased-2019", "rebase.from=2018-02-01", "must span whole years"),
    ],
)
def test_a_bad_parameter_or_value_is_refused_with_why(name: str, text: str, said: str) -> None:
    with pytest.raises(Usage, match=said.replace("?", r"\?")) as caught:
        one(text, methodology(name))
    assert text.partition("=")[0] in str(caught.value)


def test_every_bad_value_is_listed_once() -> None:
    with pytest.raises(Usage) as caught:
        grid({"m": methodology("contract-2018")}, [parse("price=2000,0"), parse("trend.quarter_split=half,refuse,third")])
    said = str(caught.value)
    assert (said.count("'half'"), said.count("'third'"), said.count("above zero")) == (1, 1, 1)


def test_a_price_that_changes_cannot_be_swept() -> None:
    two = '{ from = 2018-10-01, amount = "2140.00" }, { from = 2020-01-01, amount = "2200.00" }'
    method = methodology("contract-2018", ('{ from = 2018-10-01, amount = "2140.00" }', two))
    with pytest.raises(Usage, match="contract-2018 has 2 prices"):
        one("price=1900..2400:50", method)


def test_two_rules_of_a_kind_cannot_be_told_apart() -> None:
    two = '[[disruption]]\nkind = "exclude-months@1"\nwindow = "2020-03"\n' + (
        '[[disruption]]\nkind = "exclude-months@1"\nwindow = "2020-05"\n'
    )
    method = methodology("contract-2018", ('[disruption]\nkind = "none@1"\n', two))
    with pytest.raises(Usage, match=r"has 2 rules with exclude-months\.window"):
        one("exclude-months.window=2020-07", method)


def test_a_grid_has_no_more_rows_than_it_may_and_no_parameter_twice() -> None:
    methods = {"a": methodology("contract-2018"), "b": methodology("previous-year-quarter")}
    assert len(grid({"a": methods["a"]}, [parse("price=1..100:1")])) == 100
    with pytest.raises(Usage, match=f"10002 rows; a grid may have {MOST}"):
        grid(methods, [parse("price=0..5000:1")])
    with pytest.raises(Usage, match="price is swept twice"):
        grid(methods, [parse("price=1"), parse("price=2")])


# ── Where interests cross ────────────────────────────────────────────────────────────────────────────────────────────


def rows(*entitled: int | None, cap: int = 300) -> list[Row]:
    """Rows over a price from 1 on, each with such an entitlement; None where it could not be measured."""
    method = methodology("contract-2018")
    found = []
    for number, amount in enumerate(entitled, 1):
        variant = Variant("m", {"price": str(number)}, method)
        reached = {target: date(2020, 1, 31) if (amount or 0) >= cap else None for target in TARGETS}
        found.append(Row(variant, None if amount is None else Figures(2 * amount, amount, 0, 0, reached), ()))
    return found


def changes(found: list[Row], recorded: int) -> dict[str, list[tuple[str, str, int, int]]]:
    return {course.what: course.changes for course in courses(found, recorded)}


def test_the_entitlement_passes_what_is_recorded_between_two_values() -> None:
    found = changes(rows(100, 150, 250, 300), 200)
    assert found["entitlement"] == [("2", "3", -1, 1)]
    assert found["cap"] == found["contract"] == [("3", "4", 0, 1)]


def test_a_value_that_gives_just_what_is_recorded_is_told() -> None:
    assert changes(rows(100, 200, 250), 200)["entitlement"] == [("1", "2", -1, 0), ("2", "3", 0, 1)]


def test_what_never_changes_has_no_change_and_what_is_not_measured_is_left_out() -> None:
    found = changes(rows(100, None, 150), 200)
    assert not any(found.values())
    assert changes(rows(100, None, 250), 200)["entitlement"] == [("1", "3", -1, 1)]
    assert all(not course.signs for course in courses(rows(None), 200))
