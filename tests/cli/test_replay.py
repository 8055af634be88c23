"""``soc replay``: other methodologies over the same facts, with figures worked out here by hand; asking changes nothing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ledger.money import rounded, shown
from tests.cli.world import (
    BOTH,
    METHODOLOGY,
    PAYROLL,
    QUARTERS_2018,
    Result,
    World,
    absences,
    spells,
    trend,
)

NONE = '[disruption]\nkind = "none@1"\n'
EXPECTED = {"2019-01": Fraction(60), "2019-02": Fraction(60), "2019-03": Fraction(60 * 21, 22)}
"""Each month's expected days: 12 people were sick for five days in 2018; March had 22 weekdays then, and 21 a year later."""

ACTUAL = 30
SHARE, MAXIMUM = Fraction(1, 5), 30_000_000
PAYER = ("--audience", "payer")


def savings(price: int, factor: int = 1) -> dict[str, int]:
    """Öre by month at a price in kronor."""
    return {month: rounded((days * factor - ACTUAL) * price * 100) for month, days in EXPECTED.items()}


def entitled(amount: int) -> int:
    """The provider's part of savings of at most the ceiling, in öre."""
    return min(MAXIMUM, rounded(SHARE * max(amount, 0)))


def kronor(ore: int) -> str:
    return f"{'-' if ore < 0 else ''}{abs(ore) // 100}.{abs(ore) % 100:02d}"


def ore(text: str) -> int:
    return int(Fraction(text) * 100)


def method(world: World, name: str, *changes: tuple[str, str]) -> Path:
    """A methodology's file: the contract's, with another name and changes to its text."""
    text = METHODOLOGY.replace('"tiny-2019"', f'"{name}"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return world.file(f"{name}.toml", text)


def priced(world: World, name: str, price: int) -> Path:
    return method(world, name, ('amount = "2000.00"', f'amount = "{price}.00"'))


def ruled(world: World, name: str, rule: str) -> Path:
    return method(world, name, (NONE, f"[disruption]\n{rule}\n"))


def asked(world: World, methods: Sequence[str | Path], *more: str | Path, form: str | None = "json") -> Any:
    """``soc replay tiny`` with the methodologies: JSON read, or else what was printed."""
    named = [part for one in methods for part in ("--methodology", one)]
    result = world.done("replay", "tiny", *named, *more, *(("-O", form) if form else ()), by=None)
    assert result.err == ""
    return json.loads(result.out) if form == "json" else result.out


def refused(world: World, *args: str | Path) -> Result:
    return world.soc("replay", "tiny", *args, by=None)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def late(world: World) -> None:
    """A report that restates February: eight more people were absent from the school."""
    file = world.file("absences-2019-02.csv", absences(["2019-02"], 13, 1))
    complete = ("--source", "payroll", "--complete", "2019-02")
    world.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-20T09:00")


# ── Side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_contracts_own_methodology_gives_what_is_recorded(settled: World) -> None:
    one = asked(settled, ["tiny-2019"], "--as-of", "2019-07-22")
    (own,), recorded = one["methodologies"], one["recorded"]
    state = settled.state("--as-of", "2019-07-22")
    total = sum(savings(2000).values())
    assert own["savings"]["by_month"] == {month: kronor(amount) for month, amount in savings(2000).items()}
    assert own["savings"]["sum"] == recorded["savings"]["sum"] == state["savings"]["determined"] == kronor(total)
    assert own["to_provider"] == recorded["to_provider"] == state["balance"]["provider"]["entitled"] == kronor(entitled(total))
    assert own["to_authority"] == kronor(total - entitled(total))
    assert own["remuneration"] == kronor(20_000_000 + entitled(total))
    assert own["due"] == state["balance"]["provider"]["due"]
    for party, reaching in own["break_even"].items():
        assert {**state["break_even"][party], "known_since": None} == reaching
    assert {**state["cap"], "known_since": None} == own["cap"]
    shared = set(own) - {"label", "name", "sha256", "findings", "procurement", "workplaces", "workplaces_in_all"}
    assert {key: own[key] for key in shared} == {key: recorded[key] for key in shared}


def test_the_answer_says_what_it_is_and_what_it_rests_on(settled: World) -> None:
    one = asked(settled, ["tiny-2019", priced(settled, "dear", 2500)])
    state = settled.state()
    assert (one["contract"], one["as_of"], one["known_at"]) == ("tiny", state["as_of"], state["known_at"])
    assert (one["basis"], one["currency"], one["facts"]) == (state["basis"], "SEK", "now")
    assert one["label"] == "simulation"
    assert [each["label"] for each in one["methodologies"]] == ["simulation", "simulation"]
    assert one["recorded"]["label"] == "recorded (simulated ledger)"
    assert one["months"] == list(EXPECTED)
    assert one["suspended_months"] == []
    assert (one["differences"], one["sweep"], one["methodologies"][0]["workplaces"]) == (None, None, None)


def test_another_price_is_worth_what_it_says(settled: World) -> None:
    (dear,) = asked(settled, [priced(settled, "dear", 2500)])["methodologies"]
    total = sum(savings(2500).values())
    assert dear["savings"]["by_month"] == {month: kronor(amount) for month, amount in savings(2500).items()}
    assert dear["to_provider"] == dear["due"] == kronor(entitled(total))
    steps = dear["entitlement"]["by_month"]
    assert sum(map(ore, steps.values())) == entitled(total)
    assert steps["2019-01"] == kronor(entitled(savings(2500)["2019-01"]))
    assert (dear["months_measured"], dear["months_deemed"], dear["months_excluded"]) == (3, 0, 0)


def test_months_that_are_not_measured_count_for_what_was_agreed(settled: World) -> None:
    deemed = ruled(settled, "deemed", 'kind = "deem-average@1"\nwindow = "2019-03"\nof = "2019-01..2019-02"')
    left_out = ruled(settled, "left-out", 'kind = "exclude-months@1"\nwindow = "2019-03"')
    first, second = asked(settled, [deemed, left_out])["methodologies"]
    assert first["savings"]["by_month"]["2019-03"] == kronor(savings(2000)["2019-01"])
    assert (first["months_measured"], first["months_deemed"], first["months_excluded"]) == (2, 1, 0)
    assert second["savings"]["by_month"]["2019-03"] == "0.00"
    assert (second["months_measured"], second["months_deemed"], second["months_excluded"]) == (2, 0, 1)


def test_break_evens_and_the_cap_are_dated(settled: World) -> None:
    (rich,) = asked(settled, [priced(settled, "rich", 20_000)])["methodologies"]
    sums = [30 * 20_000, 60 * 20_000, sum(savings(20_000).values()) // 100]
    assert sums[0] < 1_000_000 <= sums[1] < 1_500_000 <= sums[2]
    assert rich["break_even"]["contract"]["reached_on"] == "2019-02-28"
    assert (rich["cap"]["reached"], rich["cap"]["reached_on"], rich["cap"]["headroom"]) == (True, "2019-03-31", "0.00")
    assert rich["to_provider"] == kronor(MAXIMUM)


def test_text_says_the_same_as_json(settled: World) -> None:
    methods = ["tiny-2019", priced(settled, "dear", 2500)]
    text, one = asked(settled, methods, form=None), asked(settled, methods)
    assert "· simulation\n" in text
    assert "A simulation: nothing is recorded, nothing can be paid by it." in text
    assert "SEK excluding VAT" in text
    for side in (one["recorded"], *one["methodologies"]):
        amounts = [side[key] for key in ("to_provider", "to_authority", "remuneration", "due", "overpaid")]
        amounts += [side["savings"]["sum"], side["cap"]["headroom"], *side["savings"]["by_month"].values()]
        for amount in [*amounts, *side["entitlement"]["by_month"].values()]:
            assert shown(ore(amount)) in text


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_text_fits_a_terminal_however_many_methodologies(settled: World, count: int) -> None:
    methods = [priced(settled, f"methodology-with-a-longer-name-{number}", 2000 + number) for number in range(count)]
    everything = ("--diff", "--against", "9", "--workplaces")
    for more in ((), everything, ("--sweep", "price=2000..2100:50")):
        text = asked(settled, methods, *more, form=None)
        assert [line for line in text.splitlines() if len(line) > 120] == []
        for number in range(count):
            assert shown(sum(savings(2000 + number).values())) in text


def test_csv_has_a_row_for_each_methodology_and_month(settled: World) -> None:
    deemed = ruled(settled, "deemed", 'kind = "deem-average@1"\nwindow = "2019-03"\nof = "2019-01..2019-02"')
    methods = ["tiny-2019", deemed]
    found, one = rows(asked(settled, methods, form="csv")), asked(settled, methods)
    assert [(row["methodology"], row["month"]) for row in found] == [
        (name, month) for name in ("tiny-2019", "deemed") for month in EXPECTED
    ]
    assert {row["label"] for row in found} == {"simulation"}
    assert [row["kind"] for row in found] == ["measured"] * 5 + ["deemed"]
    assert (found[2]["price"], found[2]["actual_days"], found[2]["recorded_savings"]) == ("2000.00", "30.00", found[2]["savings"])
    assert found[5]["price"] == ""
    for side in one["methodologies"]:
        mine = [row for row in found if row["sha256"] == side["sha256"]]
        assert sum(ore(row["savings"]) for row in mine) == ore(side["savings"]["sum"])
        assert sum(ore(row["entitlement"]) for row in mine) == ore(side["to_provider"]) == ore(mine[-1]["entitled"])


# ── Which methodologies, months and facts ────────────────────────────────────────────────────────────────────────────


def proposed(world: World, name: str, price: int) -> None:
    why = ("--from", "2019-04-01", "--by", "external_provider", "--reason", "a day is worth more")
    world.done("methodology", "propose", "tiny", priced(world, name, price), *why, at="2019-07-22T10:00")


def test_methodologies_are_named_in_four_ways(settled: World) -> None:
    proposed(settled, "dear", 2500)
    (own,) = asked(settled, ["tiny-2019"])["methodologies"]
    (dear,) = asked(settled, [settled.folder / "dear.toml"])["methodologies"]
    ways = (own["sha256"], own["sha256"][:8], "M1", "tiny/M1", "dear", dear["sha256"][:12])
    for way, wanted in zip(ways, (own, own, dear, dear, dear, dear), strict=True):
        (found,) = asked(settled, [way])["methodologies"]
        assert found == wanted


def test_two_of_one_name_are_told_apart_by_fingerprint(settled: World) -> None:
    settled.folder.joinpath("other").mkdir()
    other = priced(settled, "tiny-2019", 2500).rename(settled.folder / "other" / "method.toml")
    one = asked(settled, ["tiny-2019", other])
    assert [each["name"] for each in one["methodologies"]] == [
        f"tiny-2019 ({each['sha256'][:8]})" for each in one["methodologies"]
    ]
    assert "tiny-2019 (" in asked(settled, ["tiny-2019", other], form="csv")


def test_a_name_that_several_have_on_record_must_be_a_fingerprint(settled: World) -> None:
    proposed(settled, "tiny-2019", 2500)
    found = refused(settled, "--methodology", "tiny-2019")
    assert found.code == 2
    assert "2 methodologies on record are named tiny-2019" in found.err
    (dear,) = asked(settled, ["M1"])["methodologies"]
    assert dear["sha256"][:16] in found.err


def test_what_is_not_there_names_what_is(settled: World) -> None:
    proposed(settled, "dear", 2500)
    found = refused(settled, "--methodology", "tiny-2018")
    assert found.code == 2
    assert "on record: tiny-2019 (" in found.err
    assert "M1 dear (" in found.err


def test_the_very_same_twice_is_an_error(settled: World) -> None:
    found = refused(settled, "--methodology", "tiny-2019", "--methodology", settled.file("method.toml", METHODOLOGY))
    assert found.code == 2
    assert "is the same methodology as tiny-2019" in found.err


def test_bad_files_are_refused_together_with_their_lines(settled: World) -> None:
    bad = settled.file("bad.toml", METHODOLOGY.replace('"whole-quarter"', '"half"').replace("2018-01-01", "2018-02-01"))
    worse = settled.file("worse.toml", "name = \n")
    found = refused(settled, "--methodology", bad, "--methodology", worse, "--methodology", settled.folder / "none.toml")
    assert found.code == 4
    assert "bad.toml:16: trend.quarter_split is 'half'" in found.err
    assert "bad.toml:8: reference: from and to must span whole years" in found.err
    assert "worse.toml:1: is not valid TOML" in found.err
    assert "none.toml: there is no such file" in found.err


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        ((), 2, "--methodology"),
        (("--methodology", "tiny-2019", "--against", "10"), 2, "--against belongs to --diff"),
        (("--methodology", "tiny-2019", "--diff", "--workplaces", "-O", "csv"), 2, "-O csv is one table"),
        (("--methodology", "tiny-2019", "--known-at", "10", "--diff", "--against", "11"), 2, "later than what is asked about"),
        (("--methodology", "tiny-2019", "--facts", "soon"), 2, "--facts"),
        (("--methodology", "tiny-2019", "--sweep", "price=1..2"), 2, "'1..2' is not an amount"),
        (("--methodology", "tiny-2019", "--sweep", "price=1..2:0"), 2, "has no values"),
        (("--methodology", "tiny-2019", "--sweep", "rebase.from=2018-01-01"), 2, "tiny-2019 has no rebase.from"),
        (("--methodology", "tiny-2019", "--periods", "2020-01"), 1, "not a month of the contract"),
        (("--methodology", "tiny-2019", "--periods", "2019-04"), 1, "2019-04: headcounts are missing"),
        (("--methodology", "tiny-2019", "--as-of", "2019-01-30"), 1, "no month of tiny ended by 2019-01-30"),
    ],
)
def test_questions_that_cannot_be_answered(settled: World, args: tuple[str, ...], code: int, said: str) -> None:
    found = refused(settled, *args)
    assert (found.code, found.out) == (code, "")
    assert said in found.err


def test_an_unknown_contract_is_an_error(settled: World) -> None:
    found = settled.soc("replay", "tinier", "--methodology", "tiny-2019", by=None)
    assert (found.code, found.out) == (2, "")
    assert "contracts on record: tiny" in found.err


def test_other_months_stand_as_determined(settled: World) -> None:
    dear = priced(settled, "dear", 2500)
    one = asked(settled, [dear], "--periods", "2019-02", "--diff")
    by_month = {**savings(2000), "2019-02": savings(2500)["2019-02"]}
    assert one["months"] == ["2019-02"]
    assert one["methodologies"][0]["savings"]["by_month"] == {month: kronor(by_month[month]) for month in EXPECTED}
    (found,) = one["differences"]
    assert ore(found["to_provider"]) == ore(one["methodologies"][0]["to_provider"]) - ore(one["recorded"]["to_provider"])
    marked = rows(asked(settled, [dear], "--periods", "2019-02", form="csv"))
    assert [row["label"] for row in marked] == ["recorded", "simulation", "recorded"]
    assert "2019-02; other months stand as determined." in asked(settled, [dear], "--periods", "2019-02", form=None)


def test_months_that_cannot_be_replayed_say_why(settled: World) -> None:
    settled.at = "2019-09-30T09:00"
    one = asked(settled, ["tiny-2019"], "--as-of", "2019-08-31")
    assert one["months"] == list(EXPECTED)
    assert one["stopped"]["tiny-2019"][0] == "2019-04: headcounts are missing"
    said = asked(settled, ["tiny-2019"], "--as-of", "2019-08-31", form=None)
    assert "Later months are not replayed: 2019-04: headcounts are missing" in said


def test_months_whose_follow_up_is_suspended_count_all_the_same(reported: World) -> None:
    why = ("--from", "2019-02", *BOTH, "--reason", "the pandemic")
    reported.done("suspend", "tiny", *why, at="2019-06-10T10:00")
    one = asked(reported, ["tiny-2019"])
    assert one["suspended_months"] == ["2019-02", "2019-03"]
    assert one["methodologies"][0]["savings"]["sum"] == kronor(sum(savings(2000).values()))
    assert one["recorded"]["savings"]["sum"] == "0.00"
    assert "Follow-up is suspended in 2019-02 to 2019-03 (2 months)" in asked(reported, ["tiny-2019"], form=None)


def test_as_known_then_a_late_report_counts_for_nothing(settled: World) -> None:
    before = asked(settled, ["tiny-2019"])
    position = str(before["basis"]["position"])
    late(settled)
    now, then = asked(settled, ["tiny-2019"]), asked(settled, ["tiny-2019"], "--facts", "then")
    february = (EXPECTED["2019-02"] - 70) * 2000
    assert now["methodologies"][0]["savings"]["by_month"]["2019-02"] == kronor(rounded(february * 100))
    assert (now["facts"], then["facts"]) == ("now", "then")
    assert then["methodologies"] == before["methodologies"]
    assert asked(settled, ["tiny-2019"], "--known-at", position)["methodologies"] == before["methodologies"]
    assert "on those that its determination saw" in asked(settled, ["tiny-2019"], "--facts", "then", form=None)


# ── Why they differ ──────────────────────────────────────────────────────────────────────────────────────────────────


def adds_up(found: dict[str, Any]) -> None:
    """The causes make up the difference, and the months the causes."""
    assert found["residual"] == "0.00"
    for column in ("savings", "to_provider", "to_authority"):
        assert sum(ore(cause[column]) for cause in found["causes"]) == ore(found[column])
        by_cause: defaultdict[str, int] = defaultdict(int)
        for part in found["by_month"]:
            by_cause[part["cause"]] += ore(part[column])
        assert by_cause == {cause["cause"]: ore(cause[column]) for cause in found["causes"]}
    for part in (found, *found["causes"], *found["by_month"]):
        assert ore(part["savings"]) == ore(part["to_provider"]) + ore(part["to_authority"])


def causes(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {cause["cause"]: cause for cause in found["causes"]}


def test_a_price_differs_by_the_price_alone(settled: World) -> None:
    one = asked(settled, ["tiny-2019", priced(settled, "dear", 2500)], "--diff")
    recorded, found = one["differences"]
    assert (recorded["from"], recorded["to"], recorded["causes"]) == ("recorded", "tiny-2019", [])
    assert (found["from"], found["to"]) == ("tiny-2019", "dear")
    moved = sum(savings(2500).values()) - sum(savings(2000).values())
    assert ore(found["savings"]) == moved
    assert set(causes(found)) <= {"price", "rounding"}
    assert abs(ore(causes(found)["price"]["savings"]) - moved) <= 3
    adds_up(recorded)
    adds_up(found)


def test_facts_recorded_since_come_first_with_their_number(settled: World) -> None:
    earlier = str(settled.head()[0])
    late(settled)
    one = asked(settled, ["tiny-2019", priced(settled, "dear", 2500)], "--diff", "--against", earlier)
    since_determined, price, *since = one["differences"]
    for found in (since_determined, since[0]):
        (cause,) = found["causes"]
        assert (cause["cause"], cause["savings"], cause["facts"]) == ("facts recorded since", kronor(-40 * 2000 * 100), 1)
        assert {part["month"] for part in found["by_month"]} == {"2019-02"}
    assert set(causes(price)) <= {"price", "rounding"}
    assert [found["to"] for found in since] == ["tiny-2019", "dear"]
    assert since[1]["savings"] == kronor(-40 * 2500 * 100)
    for found in one["differences"]:
        adds_up(found)


def test_an_index_revised_since_is_a_cause_of_its_own(settled: World) -> None:
    settled.done("import", "trend", settled.file("revised.csv", trend(["2019Q1"], "5.00")), at="2019-07-21T09:00")
    (found,) = asked(settled, ["tiny-2019"], "--diff")["differences"]
    moved = sum(savings(2000, 2).values()) - sum(savings(2000).values())
    assert ore(found["savings"]) == moved
    assert causes(found)["trend revisions"]["facts"] == 3
    adds_up(found)


def test_what_could_not_be_measured_then_says_why(settled: World) -> None:
    before, others = "2019-04-07", ("--diff", "--against", "2019-04-07")
    found = asked(settled, ["tiny-2019"], *others)["differences"][-1]
    assert found["from"].startswith(f"tiny-2019 as known at {before}")
    assert (found["savings"], found["causes"]) == (None, [])
    assert "headcounts are missing" in found["why_not"]
    assert "No month can be compared: 2019-01: headcounts are missing" in asked(settled, ["tiny-2019"], *others, form=None)


def test_the_cap_is_a_cause_that_moves_no_savings(settled: World) -> None:
    one = asked(settled, ["tiny-2019", priced(settled, "rich", 40_000)], "--diff")
    found = one["differences"][1]
    adds_up(found)
    cap = causes(found)["cap and ceiling"]
    assert (ore(cap["savings"]), ore(cap["to_provider"])) == (0, MAXIMUM - rounded(SHARE * sum(savings(40_000).values())))


def test_causes_in_text_and_csv(settled: World) -> None:
    methods = ["tiny-2019", priced(settled, "dear", 2500)]
    late(settled)
    text, one = asked(settled, methods, "--diff", form=None), asked(settled, methods, "--diff")
    found = rows(asked(settled, methods, "--diff", form="csv"))
    assert [(row["from"], row["to"], row["month"], row["cause"], row["savings"]) for row in found] == [
        (each["from"], each["to"], part["month"], part["cause"], part["savings"])
        for each in one["differences"]
        for part in each["by_month"]
    ]
    assert text.count("residual 0.00") == len(one["differences"]) == 2
    assert "Why tiny-2019 differs from what stands on record" in text
    for each in one["differences"]:
        for cause in each["causes"]:
            assert f"{cause['cause']} " in text
            assert shown(ore(cause["to_authority"])) in text


# ── By workplace ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_workplaces_add_up_to_the_methodology(settled: World) -> None:
    rule = 'kind = "exclude-cause@1"\ncauses = ["sick"]\nwindow = "2019-03"'
    methods = ["tiny-2019", ruled(settled, "without", rule)]
    one = asked(settled, methods, "--workplaces", *PAYER)
    own, without = (each["workplaces"] for each in one["methodologies"])
    assert [each["workplace"] for each in own] == ["Hemmet", "Skolan"]
    assert [each["employees"] for each in own] == ["50.00", "100.00"]
    assert [each["actual_days"] for each in own] == ["15.00", "75.00"]
    assert [each["actual_days"] for each in without] == ["10.00", "50.00"]
    assert [each["left_out_days"] for each in without] == ["5.00", "25.00"]
    expected = [ore(each["expected_days_allocated_by_employees"]) for each in own]
    assert sum(expected) == rounded(sum(EXPECTED.values()) * 100)
    assert expected[1] == rounded(sum(EXPECTED.values()) * 100 * Fraction(2, 3))
    assert [each["workplaces_in_all"]["actual_days"] for each in one["methodologies"]] == ["90.00", "60.00"]
    text = asked(settled, methods, "--workplaces", *PAYER, form=None)
    assert "By workplace under without, the months measured" in text
    assert "expected," in text
    assert "allocated by" in text
    found = rows(asked(settled, methods, "--workplaces", *PAYER, form="csv"))
    assert [(row["methodology"], row["workplace"], row["actual_days"]) for row in found[:2]] == [
        ("tiny-2019", "Hemmet", "15.00"),
        ("tiny-2019", "Skolan", "75.00"),
    ]


def test_months_that_are_not_measured_are_not_at_any_workplace(settled: World) -> None:
    out = ruled(settled, "left-out", 'kind = "exclude-months@1"\nwindow = "2019-01..2019-03"')
    (found,) = asked(settled, [out], "--workplaces")["methodologies"]
    assert found["workplaces"] == []
    assert "No month is measured." in asked(settled, [out], "--workplaces", form=None)


# ── What is for the employer alone ───────────────────────────────────────────────────────────────────────────────────

COVID = 'kind = "exclude-cause@1"\ncauses = ["covid"]\nwindow = "2019-01..2019-03"'


def in_four_places(world: World, *, by_month: Sequence[int] = (5, 5, 5)) -> World:
    """The quarter reported anew: every month eleven absent from the school, of whom so many are coded covid, one from the home,
    seven from the bath, two of them coded, and two from the kitchen."""
    lines = ["employee,workplace,first_day,last_day,extent,cause"]
    for month, coded in zip(EXPECTED, by_month, strict=True):
        for place, count, covid in (("Skolan", 11, coded), ("Hemmet", 1, 0), ("Badet", 7, 2), ("Köket", 2, 0)):
            found = spells(month, count, place)
            lines += [line.replace(",sick", ",covid") for line in found[:covid]] + found[covid:]
    heads = [f"{month},{place},20" for month in EXPECTED for place in ("Badet", "Köket")]
    world.done(
        "import", "workforce", "tiny", world.file("w.csv", "\n".join(["month,workplace,employees", *heads]) + "\n"), at=EARLY
    )
    complete = ("--source", "payroll", "--complete", "2019Q1")
    file = world.file("places.csv", "\n".join(lines) + "\n")
    world.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-22T09:10")
    return world


EARLY = "2019-07-22T09:00"


def days_of(side: dict[str, Any], key: str = "actual_days") -> dict[str, str]:
    return {each["workplace"]: each[key] for each in side["workplaces"]}


def test_workplaces_where_few_were_absent_are_withheld_with_another(settled: World) -> None:
    """One and two persons are three: the next with the fewest is withheld with them, and the sum stays."""
    one = asked(in_four_places(settled), ["tiny-2019"], "--workplaces")
    (side,) = one["methodologies"]
    assert days_of(side) == {"Badet": "withheld", "Hemmet": "withheld", "Köket": "withheld", "Skolan": "165.00"}
    assert side["workplaces_in_all"]["actual_days"] == "315.00"
    assert set(days_of(side, "left_out_days").values()) == {"0.00"}
    assert (one["audience"], one["withheld"]) == ("public", "withheld: fewer than five persons")
    text = asked(settled, ["tiny-2019"], "--workplaces", form=None)
    assert len(re.findall(r" withheld +0\.00 ", text)) == 3
    assert "Withheld: what rests on fewer than five absent persons" in text
    found = rows(asked(settled, ["tiny-2019"], "--workplaces", form="csv"))
    assert {row["workplace"]: row["actual_days"] for row in found} == days_of(side)


def test_two_methodologies_withhold_what_would_follow_from_both(settled: World) -> None:
    """Alone, each would tell the bath's days: seven persons', and five's; but they differ by two persons' days."""
    world = in_four_places(settled)
    out = ruled(world, "coded-out", COVID)
    for side in asked(world, ["tiny-2019", out], "--workplaces")["methodologies"]:
        assert days_of(side) == {"Badet": "withheld", "Hemmet": "withheld", "Köket": "withheld", "Skolan": "withheld"}
    own, coded = asked(world, ["tiny-2019", out], "--workplaces", *PAYER)["methodologies"]
    assert (days_of(own)["Badet"], days_of(coded)["Badet"], days_of(coded, "left_out_days")["Badet"]) == (
        "105.00",
        "75.00",
        "30.00",
    )
    (alone,) = asked(world, [out], "--workplaces")["methodologies"]
    assert days_of(alone)["Skolan"] == "90.00"
    assert set(days_of(alone, "left_out_days").values()) == {"withheld"}
    assert alone["workplaces_in_all"]["left_out_days"] == "105.00"


def test_days_left_out_of_few_are_withheld_for_all_workplaces_too(settled: World) -> None:
    out = ruled(in_four_places(settled, by_month=(0, 0, 0)), "coded-out", COVID)
    (alone,) = asked(settled, [out], "--workplaces")["methodologies"]
    assert alone["workplaces_in_all"]["left_out_days"] == "withheld"
    assert alone["workplaces_in_all"]["actual_days"] == "285.00"
    for audience, found in (("auditor", ["withheld"] * 3), ("payer", ["10.00"] * 3)):
        months = rows(asked(settled, [out], "--audience", audience, form="csv"))
        assert [row["left_out_days"] for row in months] == found
        assert [row["actual_days"] for row in months] == ["95.00"] * 3


def test_a_month_in_which_days_left_out_are_of_few_is_not_split_by_cause(settled: World) -> None:
    """In January only two are coded, later seven; the price differs too."""
    world = in_four_places(settled, by_month=(0, 5, 5))
    dear = method(world, "dear-and-out", (NONE, f"[disruption]\n{COVID}\n"), ('amount = "2000.00"', 'amount = "2500.00"'))
    methods = ["tiny-2019", dear]
    _, found = asked(world, methods, "--diff")["differences"]
    _, own = asked(world, methods, "--diff", *PAYER)["differences"]
    adds_up(found)
    adds_up(own)
    told = {month: {part["cause"] for part in found["by_month"] if part["month"] == month} for month in EXPECTED}
    assert told["2019-01"] == {"causes not told apart"}
    assert told["2019-02"] >= {"days left out", "price"}
    january = [sum(ore(part["savings"]) for part in each["by_month"] if part["month"] == "2019-01") for each in (found, own)]
    assert january[0] == january[1] == savings_of(asked(world, methods), "2019-01")
    assert causes(found)["causes not told apart"]["facts"] == found["facts"] == "withheld"
    assert causes(found)["days left out"]["facts"] == 14
    assert causes(own)["days left out"]["facts"] == 16
    assert causes(own)["days left out"]["savings"] == kronor((10 + 35 + 35) * 2000 * 100)
    assert causes(found)["days left out"]["savings"] == kronor((35 + 35) * 2000 * 100)
    text = asked(world, methods, "--diff", form=None)
    assert "2019-01: causes not told apart, withheld: fewer than five persons." in text
    assert "20\u2009000.00" not in text  # what ten days are worth


def savings_of(one: Any, month: str) -> int:
    """How far the second methodology's savings of a month are above the first's."""
    first, second = (ore(each["savings"]["by_month"][month]) for each in one["methodologies"])
    return second - first


@pytest.mark.parametrize(("more", "told"), [(2, "causes not told apart"), (5, "facts recorded since")])
def test_a_late_report_of_few_is_not_told_apart(settled: World, more: int, told: str) -> None:
    """So many more were absent from the school in February than was known."""
    earlier = str(settled.head()[0])
    file = settled.file("more.csv", absences(["2019-02"], 5 + more, 1))
    complete = ("--source", "payroll", "--complete", "2019-02")
    settled.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-20T09:00")
    for found in asked(settled, ["tiny-2019"], "--diff", "--against", earlier)["differences"]:
        assert [cause["cause"] for cause in found["causes"]] == [told]
        assert found["savings"] == kronor(-more * 5 * 2000 * 100)
        adds_up(found)


@pytest.mark.parametrize("count", [2, 5])
def test_the_size_of_a_finding_about_few_is_withheld(settled: World, count: int) -> None:
    """Days of the pandemic are kept in actual, and the index is freed of them: five days of each at 2 000.00."""
    lines = absences(["2019-01"], 7, 1).splitlines()
    lines[1 : count + 1] = [line.replace(",sick", ",covid") for line in lines[1 : count + 1]]
    file, complete = settled.file("coded.csv", "\n".join(lines) + "\n"), ("--source", "payroll", "--complete", "2019-01")
    settled.done("import", "absences", "tiny", file, *complete, by=PAYROLL, at="2019-07-21T09:00")
    rule = '[disruption]\nkind = "freeze-trend@1"\nat = "2018Q4"\nwindow = "2019-01..2019-03"\n'
    split = ('quarter_split = "whole-quarter"', 'disrupted = "2019-01..2019-03"\nquarter_split = "whole-quarter"')
    frozen = method(settled, "frozen", (NONE, rule), split)
    (narrow,), (own,) = (asked(settled, [frozen], *more)["methodologies"][0]["findings"] for more in ((), PAYER))
    size = kronor(-count * 5 * 2000 * 100)
    assert own["size"] == size
    assert narrow["size"] == ("withheld" if count < 5 else size)
    text = asked(settled, [frozen], form=None)
    assert (shown(-ore(size)) in text) is (count >= 5)
    assert ("(its size is withheld: fewer than five persons)" in " ".join(text.split())) is (count < 5)


def test_all_but_the_payer_have_one_answer(settled: World) -> None:
    world = in_four_places(settled)
    more = ("--workplaces", "--diff")
    for form in ("text", "json"):
        narrow = asked(world, ["tiny-2019"], *more, form=form)
        for audience in ("public", "provider", "auditor"):
            assert asked(world, ["tiny-2019"], *more, "--audience", audience, form=form) == narrow
        assert asked(world, ["tiny-2019"], *more, *PAYER, form=form) != narrow


# ── A sweep ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sweep_of_the_price_is_linear_to_the_cap(settled: World) -> None:
    prices = range(2000, 20_001, 1000)
    found = asked(settled, ["tiny-2019"], "--sweep", "price=2000..20000:1000")["sweep"]
    assert found["parameters"] == {"price": [f"{price}.00" for price in prices]}
    for price, row in zip(prices, found["rows"], strict=True):
        total = sum(savings(price).values())
        assert row["settings"] == {"price": f"{price}.00"}
        assert (row["savings"], row["to_provider"]) == (kronor(total), kronor(entitled(total)))
        assert row["to_authority"] == kronor(total - entitled(total))
        assert (row["contract_reached_on"] is not None) == (total >= 100_000_000)
        assert (row["cap_reached_on"] is not None) == (total >= 150_000_000)
        assert (row["label"], row["why"]) == ("simulation", None)
    first = asked(settled, ["tiny-2019"])["methodologies"][0]
    assert (found["rows"][0]["sha256"], found["rows"][0]["savings"]) == (first["sha256"], first["savings"]["sum"])


def test_a_sweep_says_where_interests_cross(settled: World) -> None:
    sweep = ("--sweep", "price=1500..18500:1000")
    text = asked(settled, ["tiny-2019"], *sweep, form=None)
    recorded = shown(entitled(sum(savings(2000).values())))
    assert "Where interests cross, over price" in text
    assert f"to the provider: passes what is recorded, {recorded}, between 1500.00 and 2500.00" in text
    assert "the contract's break-even is reached from 11500.00 on (not at 10500.00)" in text
    assert "the cap is reached from 17500.00 on (not at 16500.00)" in text
    crossings = asked(settled, ["tiny-2019"], *sweep)["sweep"]["crossings"]
    assert {(one["what"], *one["between"]) for one in crossings} >= {
        ("entitlement", "1500.00", "2500.00"),
        ("contract", "10500.00", "11500.00"),
        ("cap", "16500.00", "17500.00"),
    }


def test_a_value_that_gives_what_is_recorded_is_named(settled: World) -> None:
    text = asked(settled, ["tiny-2019"], "--sweep", "price=2000..2100:50", form=None)
    assert "is what is recorded, 34 909.09, at 2000.00".replace(" ", "") in text.replace(" ", "").replace("\u2009", "")
    assert "the cap is not reached throughout" in text


def test_every_methodology_times_every_combination_is_a_row(settled: World) -> None:
    settled.done("import", "trend", settled.file("more.csv", trend(["2017Q4"])), at="2019-07-21T09:00")
    split = ('quarter_split = "whole-quarter"', 'disrupted = "2019-03"\nquarter_split = "whole-quarter"')
    methods = [method(settled, "one", split), method(settled, "two", split, ('"2000.00"', '"2100.00"'))]
    sweeps = ("--sweep", "price=1900,2000", "--sweep", "trend.quarter_split=whole-quarter,refuse,previous-year")
    found = rows(asked(settled, methods, *sweeps, form="csv"))
    assert len(found) == 2 * 2 * 3
    assert {(row["methodology"], row["price"], row["trend.quarter_split"]) for row in found} == {
        (name, price, way)
        for name in ("one", "two")
        for price in ("1900.00", "2000.00")
        for way in ("whole-quarter", "refuse", "previous-year")
    }
    for row in found:
        measured = row["trend.quarter_split"] != "refuse"
        assert row["savings"] == (kronor(sum(savings(int(row["price"][:4])).values())) if measured else "")
        assert ("2019Q1 holds disrupted months" in row["why"]) != measured
    text = asked(settled, methods, *sweeps, form=None)
    assert text.count("not measured (1)") == 4
    assert "(1) 2019-01: 2019Q1 holds disrupted months" in text


# ── Beside them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_remuneration_is_compared_with_what_the_contract_began_with(settled: World) -> None:
    own, dear = asked(settled, ["tiny-2019", priced(settled, "dear", 2500)])["methodologies"]
    assert (own["procurement"]["change"], own["procurement"]["share"]) == ("0.00", "0.0000")
    change = entitled(sum(savings(2500).values())) - entitled(sum(savings(2000).values()))
    assert dear["procurement"]["change"] == kronor(change)
    assert dear["procurement"]["value"] == "400000.00"
    assert dear["procurement"]["compared_with"] == "tiny-2019"
    assert dear["procurement"]["remuneration"] == dear["remuneration"]
    text = asked(settled, [settled.folder / "dear.toml"], form=None)
    assert "beside the 10 % of LOU 17:9" in text
    assert "Arithmetic, not a legal opinion." in " ".join(text.split())


def test_remuneration_is_compared_with_what_the_contract_began_with_whatever_was_adopted_since(settled: World) -> None:
    dear = priced(settled, "dear", 2500)
    before = asked(settled, [dear])["methodologies"][0]["procurement"]
    settled.done("methodology", "adopt", "tiny", dear, "--from", "2019-03-01", *BOTH, at="2019-07-22T10:00")
    assert asked(settled, [dear])["methodologies"][0]["procurement"] == before


def test_where_what_the_contract_began_with_cannot_be_measured_that_is_said(settled: World) -> None:
    out = ruled(settled, "out", 'kind = "exclude-months@1"\nwindow = "2019-04..2019-06"')
    (own,) = asked(settled, [out], "--periods", "2019-04")["methodologies"]
    assert own["procurement"]["change"] is None
    assert "cannot be told: 2019-04: headcounts are missing" in own["procurement"]["what"]


def test_days_left_out_of_actual_but_kept_in_the_trend_are_found_with_their_size(settled: World) -> None:
    """The index doubles in the quarter, and every day is coded: half of expected is the disruption's."""
    settled.done("import", "trend", settled.file("revised.csv", trend(["2019Q1"], "5.00")), at="2019-07-21T09:00")
    months = list(EXPECTED)
    lines = [line for month in months for line in (*spells(month, 5, "Skolan"), *spells(month, 1, "Hemmet"))]
    coded = "\n".join(["employee,workplace,first_day,last_day,extent,cause", *lines]).replace(",sick", ",covid") + "\n"
    complete = ("--source", "payroll", "--complete", "2019Q1")
    settled.done("import", "absences", "tiny", settled.file("coded.csv", coded), *complete, by=PAYROLL, at="2019-07-21T10:00")
    out = ruled(settled, "coded-out", 'kind = "exclude-cause@1"\ncauses = ["covid"]\nwindow = "2019-01..2019-03"')
    (found,) = asked(settled, [out])["methodologies"][0]["findings"]
    assert (found["name"], found["to_accept"]) == ("symmetry", True)
    assert abs(ore(found["size"]) - sum(EXPECTED.values()) * 2000 * 100) <= 3
    assert "left out of actual, kept in the trend" in found["what"]
    assert "--accept-finding symmetry" in asked(settled, [out], form=None)


# ── Nothing changes ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_asking_changes_no_file(settled: World) -> None:
    late(settled)
    proposed(settled, "dear", 2500)

    def files() -> dict[str, str]:
        found = settled.folder.glob("ledger*.db")
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    before = files()
    assert set(before) == {"ledger.db", "ledger.vault.db"}
    for form in ("text", "json", "csv"):
        for more in ((), ("--diff", "--against", "9"), ("--workplaces",), ("--sweep", "price=2000..2100:50")):
            asked(settled, ["tiny-2019", "M1"], *more, form=form)
            asked(settled, ["tiny-2019", "M1"], *more, "--facts", "then", form=form)
    assert len(asked(settled, ["tiny-2019"], "--sweep", "price=1001..2000:1")["sweep"]["rows"]) == 1000
    assert files() == before
    assert all(not path.read_bytes() for path in settled.folder.glob("*-wal"))


def test_quarters_of_the_reference_year_are_those_of_2018() -> None:
    """What the figures above rest on: every index is the same, so that the trend factor is 1."""
    assert [line.split(",")[1:3] for line in trend(QUARTERS_2018).splitlines()[1:]] == [[one, "2.50"] for one in QUARTERS_2018]
