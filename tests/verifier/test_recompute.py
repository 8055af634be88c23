"""Recomputing a bundle: what the rules brought about is right, and whatever is changed in it is told, by its place."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from cli.verifier.facts import by_contract
from cli.verifier.fields import faults_of_body
from cli.verifier.recompute import Recomputed, days_of_states, questions_asked, recompute
from cli.verifier.standing import Account
from tests import histories, oracle
from tests.memory import Memory
from tests.test_against_oracle import TIMES, Player, answer, memory

Body = dict[str, Any]
NOT_A_FIGURE = ("basis", "label", "currency", "closed_on", "unsettled", "methodology")
"""What ``soc state`` says beside what is stated in a bundle."""


def played(make: Callable[[int], list[Any]], seed: int) -> Player:
    """A random history, played on a ledger in memory."""
    player = Player(memory())
    for step in make(seed):
        player.play(step)
    return player


def ledger_of(player: Player) -> Memory:
    assert isinstance(player.ledger, Memory)
    return player.ledger


def states_by_the_product(player: Player) -> dict[str, list[Body]]:
    """What a bundle states: the ledger's answers."""
    ledger, found = ledger_of(player), []
    for day in days_of_states(ledger.plain, player.id, ledger.plain[-1]["recorded_at"]):
        said = answer(ledger, player.id, date.fromisoformat(day), ledger.recorded_at(len(ledger.plain)))
        assert said is not None
        found.append({name: one for name, one in said.items() if name not in NOT_A_FIGURE})
    return {player.id: found} if found else {}


@cache
def story(name: str = "savings", seed: int = 11) -> tuple[list[Body], dict[int, Any], dict[str, list[Body]]]:
    """Records, lines and states of a history with determinations, payments, a dispute and its resolution."""
    player = played(getattr(histories, name), seed)
    return ledger_of(player).plain, ledger_of(player).columns, states_by_the_product(player)


def looked_at(records: list[Body]) -> Recomputed:
    _, lines, states = story()
    return recompute(records, lines, [], states)


def changed(position: int, path: str, value: Any) -> list[Body]:
    """The story's records, one of them saying something else."""
    records = copy.deepcopy(story()[0])
    at: Any = records[position - 1]
    *keys, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in keys:
        at = at[key]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return records


def first(kind: str, number: int = 0) -> Body:
    return [record for record in story()[0] if record["type"].startswith(kind)][number]


# --- What is right ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "number"), [("savings", 60), ("renegotiated", 40)])
def test_what_the_rules_brought_about_is_right(name: str, number: int) -> None:
    """Determined from lines, and the same from what the lines come to."""
    determinations = 0
    for seed in range(int(number * TIMES)):
        player = played(getattr(histories, name), seed)
        records, lines = ledger_of(player).plain, ledger_of(player).columns
        states = states_by_the_product(player)
        assert [fault for record in records for fault in faults_of_body(record)] == [], seed
        found = recompute(records, lines, [], states)
        assert (found.bad, found.not_recomputed) == ([], []), (name, seed)
        assert found.determinations == sum(record["type"].startswith("SavingsDetermined") for record in records)
        assert found.states == sum(map(len, states.values()))
        assert recompute(records, None, questions_asked(records, lines), states) == found, (name, seed)
        determinations += found.determinations
    assert determinations >= 2 * int(number * TIMES)


@pytest.mark.parametrize("name", ["money", "contested", "closing"])
def test_what_was_done_about_given_savings_is_right(name: str) -> None:
    """Of determinations whose months are given, everything but the months."""
    kinds: Counter[str] = Counter()
    for seed in range(int(60 * TIMES)):
        player = played(getattr(histories, name), seed)
        records = ledger_of(player).plain
        found = recompute(records, ledger_of(player).columns, [], states_by_the_product(player))
        for where, what in found.bad:
            rest = [one for one in what.split("; ") if not re.search("cannot be (determined|computed)|preliminary is", one)]
            assert (where, rest) == (where, []), (name, seed)
        kinds.update(record["type"] for record in records)
    assert min(kinds[kind] for kind in ("PaymentMade@1", "SavingsDetermined@3", "SavingsNotified@1")) >= 15 * TIMES


def test_no_more_may_be_instructed_than_the_ledger_allows() -> None:
    seen: Counter[bool] = Counter()
    for name in ("money", "contested"):
        for seed in range(int(100 * TIMES)):
            player = played(getattr(histories, name), seed)
            if not player.folded.signed_on:
                continue
            records = ledger_of(player).plain
            account = Account(records, player.id, len(records))
            for days in (0, 5, 30, 60, 200, -40):
                on = max(player.today - timedelta(days=days), player.folded.signed_on)
                for kind in ("upfront", "outcome", "recovery"):
                    limit = account.limit(kind, on)
                    assert limit == player.folded.payment_limit(kind, on), (name, seed, kind, on)  # type: ignore[arg-type]
                    seen[limit > 0] += 1
    assert min(seen.values()) > 500 * TIMES


def test_a_contract_that_is_not_shown_leaves_gaps_and_changes_nothing() -> None:
    records, lines, states = story()
    moved = [
        {**record, "position": record["position"] + 100 * (record["position"] > 1), "data": _moved(record["data"])}
        for record in records
    ]
    found = recompute(moved, {position + 100: columns for position, columns in lines.items()}, [], states)
    assert found == recompute(records, lines, [], states)
    other = [{**record, "stream": record["stream"].replace("botkyrka", "other")} for record in records[1:]]
    assert sorted(by_contract([*records, *other])) == ["botkyrka", "other"]


def _moved(data: Any) -> Any:
    """What a record says, each position of another record 100 later."""
    if isinstance(data, list):
        return [_moved(one) for one in data]
    if not isinstance(data, dict):
        return data
    at = {"corrects", "upto"} | ({"position"} if "root" in data else set())
    found = {key: value + 100 if key in at and isinstance(value, int) else _moved(value) for key, value in data.items()}
    return found | ({"without": [one + 100 for one in data["without"]]} if "upto" in data and "without" in data else {})


# --- What is changed ----------------------------------------------------------------------------------------------------

NOT_JUDGED = {
    "basis.root",  # compared with the leaves, elsewhere
    "sha256",  # of what was agreed: compared with its content, elsewhere
    "computed_by",
    "bank_reference",
    "grounds",
    "answer",
    "reason",
    "decided_by",
    "findings",
    "methodology",
    "accepts",
    "facts",
    "clauses",
    "parties",
    "population",
    "name",
    "assumed",
    "derived",
    "ramp_up_months",
    "report_days",
    "absence_codes",
    "terms",
    "on",
    "from_on",
    "invoice",
    "signed_on",
}
"""What nothing on record can contradict, or need not."""


def figures(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the figures, dates and names stand that a record can be held to."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        here = (*path, key)
        if not {str(key), ".".join(map(str, here[-2:]))} & NOT_JUDGED:
            if not isinstance(one, (dict, list)):
                yield here
            yield from figures(one, here)


def otherwise(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return (date.fromisoformat(value) + timedelta(days=1)).isoformat()
    if re.fullmatch("[0-9]{4}-[0-9]{2}", value):
        return f"{int(value[:4]) + 1}{value[4:]}"
    if re.fullmatch("[0-9a-f]{64}", value):
        return f"{'1' if value[0] == '0' else '0'}{value[1:]}"
    return f"{value}1" if "/" in value else str(int(value) + 1) if value.lstrip("-").isdigit() else f"{value}x"


@pytest.mark.parametrize(("name", "seed"), [("savings", 11), ("renegotiated", 19)])
def test_every_figure_that_is_changed_is_told(name: str, seed: int) -> None:
    records, lines, states = story(name, seed)
    totals, tried = questions_asked(records, lines), 0
    for number, record in enumerate(records):
        if not record["stream"].startswith("contract/"):
            continue
        for path in figures(record["data"]):
            other = copy.deepcopy(record)
            at = other["data"]
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = otherwise(at[path[-1]])
            found = recompute([*records[:number], other, *records[number + 1 :]], None, totals, states)
            assert found.bad != [], (record["position"], record["type"], path)
            tried += 1
    assert tried > 150


@pytest.mark.parametrize(
    ("kind", "path", "value", "what"),
    [
        ("PaymentInstructed", "data.amount_ore", 10**12, "is above what was due"),
        ("PaymentInstructed", "recorded_by.role", "performance_manager", "performance_manager recorded it; payer may"),
        ("PaymentInstructed", "data.number", 7, "its number is 7"),
        ("PaymentMade", "recorded_by.role", "external_provider", "external_provider recorded it"),
        ("PaymentMade", "data.settles", {"number": 1, "amount_ore": 1, "on": "2019-01-01"}, "it settles"),
        ("PaymentMade", "data.on", "2030-01-01", "when it was recorded"),
        ("SavingsDetermined", "recorded_by.role", "payer", "payer recorded it; performance_manager may"),
        ("SavingsDetermined", "data.savings.0.amount_ore", 1, "savings are"),
        ("SavingsDetermined", "data.savings", [], "savings are []"),
        ("SavingsDetermined", "data.months.0.terms_sha256", "0" * 64, "is not that of the terms in force"),
        ("SavingsDetermined", "data.months.0.methodology_sha256", "0" * 64, "methodology_sha256 is"),
        ("SavingsDetermined", "data.months.0.savings_ore", 1, "savings_ore is 1"),
        ("SavingsDetermined", "data.number", 9, "it is D9"),
        ("MethodologyAdopted", "data.agreed_by", ["payer"], "external_provider did not agree"),
        ("MethodologyAdopted", "data.agreed_by", ["payer", "external_provider", "nobody"], "nobody is no party"),
        ("MethodologyAdopted", "recorded_by.role", "external_provider", "external_provider recorded it"),
        ("MethodologyAdopted", "data.proposal", 3, "it adopts M3"),
        ("MethodologyAdopted", "data.beside", "2018-11", "no methodology is in force before it, to measure beside it"),
        ("MethodologyAdopted", "data.beside", "2015-01", "2015-01 is measured beside it, not all of it in months from"),
        ("MethodologyAdopted", "data.beside", "2030-01", "2030-01 is measured beside it, not all of it in months from"),
        ("SavingsNotified", "recorded_by.role", "payer", "payer recorded it"),
        ("SavingsNotified", "data.claim.amount_ore", 1, "claim is 1"),
        ("DeterminationAccepted", "data.role", "investor", "investor need not agree"),
        ("DeterminationAccepted", "data.on", "2030-01-01", "could be accepted from"),
        ("DisputeRaised", "data.was_ore", 1, "it disputes 1"),
        ("DisputeRaised", "data.position.sha256", "0" * 64, "the methodology of the position is not the one of"),
        ("ContractSigned", "data.terms.governance.signs", ["payer"], "performance_manager recorded it; payer may"),
        ("WorkforceReported", "recorded_by.role", "external_provider", "external_provider recorded it"),
        ("AbsenceReported", "recorded_by.role", "external_provider", "external_provider recorded it"),
    ],
)
def test_what_is_wrong_is_told_at_its_record(kind: str, path: str, value: Any, what: str) -> None:
    position = first(kind)["position"]
    found = dict(looked_at(changed(position, path, value)).bad)
    assert what in found[f"record {position}"]


def test_a_record_is_named_once_however_much_is_wrong_and_all_in_order() -> None:
    records = changed(first("PaymentMade")["position"], "data.amount_ore", 1)
    for position in (first("SavingsNotified")["position"], first("SavingsDetermined")["position"]):
        records[position - 1] = changed(position, "recorded_by.role", "nobody")[position - 1]
    where = [where for where, _ in looked_at(records).bad]
    numbers = [int(one.split()[1]) for one in where if one.startswith("record ")]
    assert numbers == sorted(set(numbers))
    assert where[len(numbers) :] == [one for one in where if one.startswith("state of ")]
    assert len(where) > len(numbers) > 1


def test_records_that_contradict_each_other_are_told_and_no_fault_of_the_program() -> None:
    records, told = story()[0], set()
    for number, record in enumerate(records[1:], 1):
        found = looked_at([*records[:number], *records[number + 1 :]])
        if found.bad:
            told.add(record["type"])
    assert told >= {"ContractSigned@1", "MethodologyAdopted@3", "SavingsDetermined@3", "SavingsNotified@1", "DisputeRaised@1"}
    assert told >= {"AbsenceReported@1", "WorkforceReported@1", "TrendPublished@1", "PaymentMade@1"}


def test_lines_that_are_changed_change_what_is_determined() -> None:
    records, lines, states = story()
    other = copy.deepcopy(lines)
    for columns in other.values():
        columns["extent"] = [1 if extent > 1 else extent for extent in columns["extent"]]
    assert recompute(records, other, [], states).bad != []
    del other[min(position for position, columns in lines.items() if columns["extent"])]
    assert "are not at hand" in str(recompute(records, other, [], states).bad)


# --- Stated totals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "seed"), [("savings", 11), ("renegotiated", 19)])
def test_every_total_is_asked_and_each_counts(name: str, seed: int) -> None:
    records, lines, states = story(name, seed)
    rows = questions_asked(records, lines)
    order = [tuple(row[key] for key in ("contract", "source", "upto", "month", "causes")) for row in rows]
    assert order == sorted(order)
    assert recompute(records, None, rows, states).bad == []
    for number, row in enumerate(rows):
        less = [*rows[:number], *rows[number + 1 :]]
        bad = recompute(records, None, less, states).bad
        assert [where for where, _ in bad if where == "totals"] == ["totals"], row
        assert f"{row['month']} of {row['contract']}" in dict(bad)["totals"]
    more = [{**row, "hundredths": row["hundredths"] + 100} for row in rows]
    assert recompute(records, None, more, states).bad != []


def test_a_position_on_other_facts_asks_for_the_totals_without_what_it_leaves_out() -> None:
    records, lines, _ = story("renegotiated", 19)
    rows = questions_asked(records, lines)
    assert {tuple(row["without"]) for row in rows if "without" in row} == {
        tuple(record["data"]["position"]["facts"]["without"])
        for record in records
        if record["type"] == "DisputeRaised@1" and record["data"]["position"]["facts"]["without"]
    }


@pytest.mark.parametrize("row", [{}, {"month": "2019-01"}, "doubled", "text"])
def test_totals_that_do_not_read_are_bad(row: Any) -> None:
    records, lines, states = story()
    rows = questions_asked(records, lines)
    odd = {"doubled": rows[0], "text": {**rows[0], "upto": 1, "hundredths": "1"}}.get(row, row) if isinstance(row, str) else row
    bad = recompute(records, None, [*rows, odd], states).bad
    assert [where for where, _ in bad] == ["totals"]


# --- States -------------------------------------------------------------------------------------------------------------


def test_every_figure_of_a_state_is_compared() -> None:
    records, lines, states = story()
    for number, one in enumerate(states["botkyrka"]):
        for path in figures(one):
            other = copy.deepcopy(states)
            at: Any = other["botkyrka"][number]
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = "otherwise"
            if path in (("as_of",), ("contract",)):
                continue
            found = recompute(records, lines, [], other)
            assert [where for where, _ in found.bad] == [f"state of botkyrka as of {one['as_of']}"], path
            assert ".".join(map(str, path[:1])) in found.bad[0][1]


def test_states_are_of_all_the_days_and_of_no_others() -> None:
    records, lines, states = story("contested", 3)
    ((contract, rows),) = states.items()
    first_day, last_day = (row["as_of"] for row in rows)

    def where(stated: dict[str, list[Body]]) -> list[str]:
        return [where for where, _ in recompute(records, lines, [], stated).bad if where.startswith("state ")]

    assert where(states) == []
    assert where({}) == [f"state of {contract} as of {day}" for day in (first_day, last_day)]
    assert where({contract: rows[:1]}) == [f"state of {contract} as of {last_day}"]
    assert where({contract: rows[::-1]}) == [f"state of {contract} as of {last_day}"]
    assert where({contract: [{**rows[0], "as_of": "2018-12-30"}, *rows]}) == [f"state of {contract} as of 2018-12-30"]
    assert where({contract: [{**rows[0], "more": 1}, rows[1]]}) == [f"state of {contract} as of {first_day}"]
    assert where({**states, "nowhere": [{"as_of": "2019-12-31"}]}) == ["state of nowhere as of 2019-12-31"]


# --- What is not known --------------------------------------------------------------------------------------------------


def test_under_a_rule_kind_that_is_not_known_nothing_is_called_wrong() -> None:
    records, lines, states = story()
    all_of_them = looked_at(records).determinations
    other = copy.deepcopy(records)
    for record in other:
        if record["type"] == "MethodologyAdopted@3":
            record["data"]["methodology"]["disruption"] = {"kind": "half-of-it@1", "window": "2018-10"}
    found = recompute(other, lines, [], states)
    assert found.not_recomputed == ["half-of-it@1"]
    assert (found.determinations, all_of_them > 0) == (0, True)
    assert [where for where, _ in found.bad if "Savings" in where] == []


def test_only_what_rests_on_the_unknown_rule_is_left() -> None:
    records, lines, states = story("renegotiated", 17)
    whole = recompute(records, lines, [], states)
    adopted = [record for record in records if record["type"] == "MethodologyAdopted@3"]
    assert len(adopted) > 1
    other = copy.deepcopy(records)
    other[adopted[-1]["position"] - 1]["data"]["methodology"]["trend"]["kind"] = "another-index@2"
    found = recompute(other, lines, [], states)
    assert found.not_recomputed == ["another-index@2"]
    assert 0 < found.determinations < whole.determinations


def test_a_type_that_is_not_known_is_named_and_all_others_are_recomputed() -> None:
    records, lines, states = story()
    last = records[-1]
    more = {**last, "position": last["position"] + 1, "type": "ContractPaused@1", "data": {"whatever": 1}}
    known_at = last["recorded_at"]
    found = recompute([*records, more], lines, [], states, known_at)
    assert found == looked_at(records)._replace(not_recomputed=["ContractPaused@1"])


def test_the_oracle_is_made_of_the_same_parts() -> None:
    records, lines, _ = story()
    assert oracle.check(records, lines) == []
    assert oracle.check.__module__ == "cli.verifier.checking"
