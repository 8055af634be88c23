"""The table of fields against what the product itself reads: whatever is changed in a body, both read it or neither does."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.verifier.fields import FIELDS, faults_of_body
from ledger.canonical import canonical
from ledger.errors import LedgerError
from ledger.events import TYPES
from ledger.record import decode

GOLDENS = sorted((Path(__file__).parents[2] / "fixtures" / "events").glob("*.json"))
OTHERWISE = (
    None,
    True,
    0,
    -1,
    1,
    2**53,
    "",
    "x",
    "x\n",
    "A b",
    "0.5",
    "0.50",
    "-1.00",
    "01.00",
    "2/4",
    "7/3",
    "2020-02",
    "2020-13",
    "2020Q1",
    "2020-01..2020-03",
    "2020-01..2020-02",
    "2020-03..2020-01",
    "2020-02-29",
    "2021-02-29",
    "20200229",
    "2020-02-29T24:00:00.000000Z",
    "2020-02-29T08:00:00.000000Z",
    "2020-02-29T08:00:00Z",
    "0" * 64,
    "0" * 63 + "A",
    [],
    ["x"],
    [{}],
    {},
    {"x": 1},
)
"""Values of every plain kind, some of them written in a way that is not the one way."""


def reads(body: dict[str, Any]) -> bool:
    """Whether the product reads a body, and would write it so."""
    try:
        stored = canonical(body)
        record = decode(body.get("type", ""), stored)
        return canonical(record.model_dump(mode="json", by_alias=True, exclude_none=True)) == stored
    except (LedgerError, ValueError):
        return False


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where everything stands within a value, at every depth."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*path, key)
        yield from places(one, (*path, key))


def at(body: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


def changed(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The body with one thing dropped, added, doubled or of another kind."""
    for path in [(), *places(body)]:
        value = at(body, path)
        if isinstance(value, (dict, list)):
            more = copy.deepcopy(body)
            target = at(more, path)
            if isinstance(target, dict):
                target["more"] = 1
            else:
                target += copy.deepcopy(target[:1]) or [1]
            yield f"{path} with more", more
        if path:
            less = copy.deepcopy(body)
            del at(less, path[:-1])[path[-1]]
            yield f"{path} dropped", less
    for path in places(body):
        if path == ("type",):
            continue
        for value in OTHERWISE:
            other = copy.deepcopy(body)
            at(other, path[:-1])[path[-1]] = value
            yield f"{path} = {value!r}", other


def test_every_type_of_the_product_is_there() -> None:
    assert sorted(FIELDS) == sorted(TYPES)
    assert [path.stem for path in GOLDENS] == sorted(FIELDS)


@pytest.mark.parametrize("path", GOLDENS, ids=[path.stem for path in GOLDENS])
def test_what_the_product_does_not_read_is_told_and_nothing_else(path: Path) -> None:
    body = json.loads(path.read_bytes())
    assert faults_of_body(body) == []
    assert reads(body)
    seen = {True: 0, False: 0}
    for what, other in changed(body):
        is_read = reads(other)
        faults = faults_of_body(other)
        assert (faults == []) == is_read, (what, faults)
        seen[is_read] += 1
    assert min(seen.values()) > 5


def golden(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((GOLDENS[0].parent / f"{name}.json").read_bytes())
    return body


LEAVE_OUT = {"kind": "exclude-cause@1", "causes": ["covid"], "window": "2020-04..2020-06"}
OTHER_YEARS = {"kind": "rebase@1", "from": "2016-10-01", "to": "2018-09-30", "window": "2020-07..2020-12"}
HELD = {"kind": "freeze-trend@1", "at": "2019Q4", "window": "2020-07..2020-12"}
NETTED = {"kind": "net-of-reimbursement@1", "reimbursed": "average", "window": "2020-07"}
EXCLUDED = {"kind": "exclude-months@1", "window": "2021-01"}
AVERAGED = {"kind": "deem-average@1", "window": "2021Q2", "of": "2020Q1"}


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [LEAVE_OUT],
        LEAVE_OUT,
        [{**LEAVE_OUT, "window": "2020Q2"}, OTHER_YEARS, HELD, NETTED, EXCLUDED, AVERAGED],
        [OTHER_YEARS, LEAVE_OUT],
        [LEAVE_OUT, {"kind": "none@1"}],
        {**LEAVE_OUT, "window": "2020-04..2020-06"},
        {**LEAVE_OUT, "window": "2020Q2"},
        [{**LEAVE_OUT, "window": "2020Q2"}, {**LEAVE_OUT, "window": "2020-06"}],
        [{**LEAVE_OUT, "window": "2020-05"}, {**LEAVE_OUT, "window": "2020-06"}],
        [{**LEAVE_OUT, "window": "2020-06"}, {**LEAVE_OUT, "window": "2020-05"}],
        {**LEAVE_OUT, "causes": ["sick", "covid"], "window": "2020Q2"},
        {**LEAVE_OUT, "causes": ["covid", "covid"], "window": "2020Q2"},
        {**LEAVE_OUT, "causes": [], "window": "2020Q2"},
        {**OTHER_YEARS, "to": "2018-08-31"},
        {**OTHER_YEARS, "from": "2016-10-02"},
        [EXCLUDED, {**AVERAGED, "of": "2020-12..2021-01"}],
        {**AVERAGED, "of": "2021-04"},
        {**AVERAGED, "of": "2021-07"},
    ],
)
def test_rules_for_disrupted_months_are_read_as_the_product_reads_them(rules: Any) -> None:
    body = golden("MethodologyProposed@1")
    body["data"]["methodology"]["disruption"] = rules
    assert (faults_of_body(body) == []) == reads(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"assumed": ["population", "investment.external_service_value", "absence_codes"]},
        {"assumed": ["absence_codes.FR1"]},
        {"assumed": ["absence_codes.FR1"], "absence_codes": {"SMB": "sick"}},
        {"derived": ["upfront.instalments"]},
        {"derived": ["upfront.instalments.on"]},
        {"clauses": {"parties.payer": "1"}},
        {"clauses": {"parties.nobody": "1"}},
        {"measured_from": "2018-10-02"},
        {"measured_from": "2018-09-01"},
        {"measured_from": "2018-08-01"},
        {"parties": {"payer": "only"}},
        {"upfront": {"instalments": []}},
        {"upfront": {"instalments": [{"on": "2018-09-26", "amount": "0.00"}]}},
        {"investment": {"total": "8400000.00", "external_service_value": "8400000.00", "at_risk_share": "0.5"}},
        {"investment": {"total": "8399999.99", "external_service_value": "8400000.00", "at_risk_share": "0.5"}},
        {"investment": {"total": "8400000.00", "at_risk_share": "0.5"}},
        {"investment": {"total": "8399999.99", "at_risk_share": "0.5"}},
        {"investment": {"total": "22900000.00", "at_risk_share": "1"}},
        {"outcome": {"provider_share": "0.184", "maximum_payment": "6300000.00", "bonus_rate": "-0.5", "ceiling": "1.5"}},
        {"outcome": {"provider_share": "0.184", "maximum_payment": "6300000.00", "bonus_rate": "0", "ceiling": "0"}},
        {"name": "x" * 300},
        {"name": "x" * 301},
        {"name": "two\u2028lines"},
    ],
)
def test_terms_are_read_as_the_product_reads_them(changes: dict[str, Any]) -> None:
    body = golden("ContractSigned@1")
    body["data"]["terms"] |= changes
    assert (faults_of_body(body) == []) == reads(body)


def test_of_an_unknown_type_the_envelope_alone_is_looked_at() -> None:
    body = {**golden("ContractClosed@1"), "type": "ContractPaused@1", "data": {"whatever": [1]}}
    assert faults_of_body(body) == []
    assert faults_of_body({**body, "position": "1"}) == ["position is not whole"]
    assert body["type"] not in FIELDS


def test_a_rule_of_an_unknown_kind_is_not_looked_into() -> None:
    """The product refuses it; an auditor is told that it was not recomputed."""
    body = golden("MethodologyProposed@1")
    for name in ("measure", "reference", "trend", "price", "disruption"):
        other = copy.deepcopy(body)
        other["data"]["methodology"][name] = {"kind": "another-kind@2", "whatever": 1}
        assert faults_of_body(other) == []
    other["data"]["methodology"]["disruption"] = {"kind": "another kind"}
    assert faults_of_body(other) == ["data.methodology.disruption is of no kind"]


def test_what_is_wrong_is_named_by_its_place() -> None:
    body = golden("PaymentMade@1")
    body["data"] |= {"amount_ore": "1", "more": 1}
    del body["data"]["bank_reference"]
    assert faults_of_body(body) == ["data.bank_reference is missing", "data.more is not known", "data.amount_ore is not whole"]
