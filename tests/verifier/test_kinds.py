"""Kinds of streams: both programs know the same, and say of others that they do not judge them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cli.verifier.fields import FIELDS
from cli.verifier.kinds import CONTRACTS, STREAM_KINDS
from ledger.events import TYPES
from projections.verification import kinds as verifying_kinds
from tests.verifier.bundles import Ledger, Making, members_of, small_ledger, states_of, zipped
from tests.verifier.honest import by_soc, by_verify_py, named, statuses

PAID = {"number": 1, "kind": "outcome", "payer": "payer", "payee": "investor", "amount_ore": 1, "on": "2018-10-01"}


def verdicts(ledger: Ledger) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both verdicts on the small ledger's bundle, with what was added to it."""
    states = states_of(small_ledger(), date(2018, 10, 1))
    for one in states["botkyrka"]:
        one["known_at"] = f"2018-10-01T08:{len(ledger.bodies):02d}:00.000000Z"
    data = zipped(members_of(ledger, Making(states=states)))
    return by_soc(data), by_verify_py(data)


def test_both_know_the_same_kinds_and_what_stands_in_them() -> None:
    assert CONTRACTS == verifying_kinds.CONTRACTS
    assert STREAM_KINDS.keys() == verifying_kinds.KINDS.keys()
    listed = {kind: set(one.sorts) for kind, one in STREAM_KINDS.items()}
    sorts = {name.partition("@")[0] for name in FIELDS}
    listed["contract"] = sorts - {sort for one in listed.values() for sort in one}
    for kind, one in verifying_kinds.KINDS.items():
        assert (listed[kind], STREAM_KINDS[kind].of, STREAM_KINDS[kind].key) == (one.sorts, one.of, one.key)
    assert {name.partition("@")[0] for name in TYPES} == {sort for one in verifying_kinds.KINDS.values() for sort in one.sorts}


@pytest.mark.parametrize(
    ("stream", "kind"), [("choir/a", "SongSung@1"), ("contract/botkyrka", "SongSung@1"), ("tiered/a", "SongSung@1")]
)
def test_what_nobody_knows_is_named(stream: str, kind: str) -> None:
    ledger = small_ledger()
    ledger.add(stream, kind, {})
    for verdict in verdicts(ledger):
        assert verdict["bad"] == []
        recomputed = verdict["parts"]["recomputed"]
        assert (recomputed["status"], recomputed["not_recomputed"]) == ("partly", [kind])


@pytest.mark.parametrize(
    ("stream", "kind", "data"),
    [
        ("contract/botkyrka", "TieredPaid@1", {**PAID, "bank_reference": "B"}),
        ("tiered/botkyrka", "LoanRepaid@1", {"number": 1, "amount_ore": 1, "on": "2018-10-01"}),
        ("choir/a", "LoanRepaid@1", {"number": 1, "amount_ore": 1, "on": "2018-10-01"}),
        ("absences/botkyrka", "SongSung@1", {}),
        ("choir/", "SongSung@1", {}),
    ],
)
def test_what_stands_in_the_wrong_place_is_told(stream: str, kind: str, data: dict[str, Any]) -> None:
    ledger = small_ledger()
    position = ledger.add(stream, kind, data)
    ours, theirs = verdicts(ledger)
    for verdict in (ours, theirs):
        assert named(verdict)[0] == ("intact", f"record {position}")
        assert "does not belong in" in verdict["bad"][0]["what"]
    assert statuses(ours) == statuses(theirs)


def test_reports_of_a_contract_that_is_not_shown() -> None:
    ledger = small_ledger()
    position = ledger.add("indicators/elsewhere", "TargetsStated@1", {"contract": "elsewhere", "rows": []})
    for verdict in verdicts(ledger):
        assert named(verdict) == [("recomputed", f"record {position}")]
        assert "no contract that is shown" in verdict["bad"][0]["what"]
