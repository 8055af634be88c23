"""Records, their lines and the other members: whatever is done to them is named by where it is, and never raises."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest

from cli.verifier import pieces
from cli.verifier.checkpoints import Given
from cli.verifier.members import read_canonical
from cli.verifier.verdict import Verdict, verify_bundle
from tests.verifier import bundles
from tests.verifier.bundles import CONTRACT, Ledger, Making, canonical, changed, contract_bundle, members_of, small_ledger

Members = dict[str, bytes]
OPENED = {6: (0, 1)}
"""What the last checkpoint of the small ledger draws, of two lines."""


def verified(members: Members) -> Verdict:
    return verify_bundle(bundles.zipped(members), Given(), lambda done: None)[0]


def places(verdict: Verdict) -> list[tuple[str, str]]:
    return [(item.part, item.where) for item in verdict.bad]


def statuses(verdict: Verdict) -> dict[str, str]:
    return {name: part["status"] for name, part in verdict.parts.items()}


def resealed(ledger: Ledger, **how: Any) -> Verdict:
    """The verdict on a bundle that someone made, and sealed, of another record: only what the records say can betray it."""
    return verified(members_of(ledger, Making(**{"states": bundles.states_of(small_ledger(), date(2018, 10, 1)), **how})))


def line_of(members: Members, name: str, number: int, new: bytes | None) -> Members:
    """Another line in a member, or none."""
    lines = members[name].split(b"\n")
    lines[number - 1 : number] = [] if new is None else [new]
    return changed(members, {name: b"\n".join(lines)})


# ── What is right ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", [{}, {"opened": OPENED}, {"audience": "auditor", "opened": OPENED}, {"audience": "public"}])
def test_a_right_bundle_is_verified(how: dict[str, Any]) -> None:
    verdict = verified(contract_bundle(**how))
    assert places(verdict) == []
    lines = how.get("audience", "payer") == "payer"
    said = {"intact": "yes", "complete": "yes", "recomputed": "yes" if lines else "partly"}
    assert statuses(verdict) == said | {"authorised": "not checked", "anchored": "not checked"}
    assert verdict.parts["recomputed"]["states"] == 1
    assert verdict.parts["complete"]["checkpoint"] == 7
    assert any("stated" in sentence for sentence in verdict.not_proven) is not lines


def test_records_that_are_not_shown_are_counted_and_told() -> None:
    verdict = verified(contract_bundle(hidden=(4, 5)))
    assert places(verdict) == []
    assert "2 of them are not shown" in verdict.parts["complete"]["says"]
    assert statuses(verdict)["complete"] == "partly"
    assert f"ends for {CONTRACT} with record 7" in verdict.parts["complete"]["says"]
    assert "That the records that are not shown are of other contracts: they may be later records of these." in verdict.not_proven


# ── One record changed, its leaf not ─────────────────────────────────────────────────────────────────────────────────


def test_a_changed_record_does_not_give_its_leaf() -> None:
    members = contract_bundle()
    body = members["events.jsonl"].split(b"\n")[4]
    verdict = verified(line_of(members, "events.jsonl", 5, body.replace(b'"employees":20', b'"employees":21')))
    assert places(verdict) == [("intact", "record 5")]
    assert statuses(verdict)["recomputed"] == "yes"  # what is there recomputes; it is not what was recorded


UNREADABLE = {
    "not UTF-8": b'{"a":"\xff"}',
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[1]",
    "two": b"{}{}",
    "not a number": b'{"a":NaN}',
    "infinite": b'{"a":-Infinity}',
    "a float": b'{"position":5.0}',
    "an exponent": b'{"position":5e0}',
    "a huge number": b'{"position":' + b"9" * 5000 + b"}",
    "nested deeply": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested deeply as objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "half a letter": b'{"a":"\\ud800"}',
    "no type": b'{"data":{}}',
    "a list as type": b'{"type":["WorkforceReported@1"]}',
    "space before": b" {}",
}


@pytest.mark.parametrize("crime", UNREADABLE)
def test_what_does_not_read_is_named_and_nothing_is_recomputed(crime: str) -> None:
    verdict = verified(line_of(contract_bundle(), "events.jsonl", 5, UNREADABLE[crime]))
    assert places(verdict)[0] == ("intact", "record 5")
    assert statuses(verdict)["recomputed"] == "not checked"
    assert statuses(verdict)["complete"] == "yes"


ODD_FIELDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a field missing": lambda body: body.pop("effective_on"),
    "a field more": lambda body: body.update(more=1),
    "a field of the data missing": lambda body: body["data"].pop("rows"),
    "text for a number": lambda body: body.update(version="1"),
    "true for a number": lambda body: body.update(version=True),
    "a list for the data": lambda body: body.update(data=[]),
    "no day": lambda body: body.update(effective_on="2018-02-30"),
    "no instant": lambda body: body.update(recorded_at="2018-10-01"),
}


@pytest.mark.parametrize("crime", ODD_FIELDS)
def test_a_record_with_other_fields_does_not_read(crime: str) -> None:
    ledger = small_ledger()
    body = json.loads(ledger.bodies[4])
    ODD_FIELDS[crime](body)
    ledger.bodies[4] = canonical(body)
    verdict = resealed(ledger)
    assert places(verdict) == [("intact", "record 5")]
    assert statuses(verdict)["recomputed"] == "not checked"


OTHER_SPELLINGS = {
    "spaces": lambda body: body.replace(b'":', b'": '),
    "another order": lambda body: json.dumps(dict(reversed(json.loads(body).items())), separators=(",", ":")).encode(),
    "a key twice": lambda body: body[:-1] + b',"version":1}',
    "escaped letters": lambda body: json.dumps(json.loads(body), separators=(",", ":"), sort_keys=True).encode(),
}


@pytest.mark.parametrize("crime", OTHER_SPELLINGS)
def test_another_spelling_of_the_same_is_not_canonical(crime: str) -> None:
    ledger = small_ledger()
    ledger.bodies[4] = OTHER_SPELLINGS[crime](ledger.bodies[4])
    members = members_of(ledger, Making(states=bundles.states_of(small_ledger(), date(2018, 10, 1))))
    lines = members["events.jsonl"].split(b"\n")
    lines[4] = ledger.bodies[4]
    verdict = verified(changed(members, {"events.jsonl": b"\n".join(lines)}))
    assert places(verdict) == [("intact", "record 5")]
    assert "canonical" in verdict.bad[0].what
    assert statuses(verdict)["recomputed"] == "yes"


# ── A record in another place, all of it sealed again ────────────────────────────────────────────────────────────────

MISPLACED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "another position": ({"position": 9}, ["record 5"]),
    "another version": ({"version": 2}, ["record 5"]),
    "an earlier instant": ({"recorded_at": "2018-10-01T08:04:00.000000Z"}, ["record 5"]),
    "a later instant": ({"recorded_at": "2018-10-01T08:06:00.000000Z"}, ["record 6"]),
    "another contract's stream": ({"stream": "workforce/other"}, ["record 5"]),
    "a stream of another sort": ({"stream": "absences/botkyrka"}, ["record 5", "record 6"]),
    "the ledger's own stream": ({"stream": "ledger", "version": 2}, ["record 5"]),
}


@pytest.mark.parametrize("crime", MISPLACED)
def test_a_record_out_of_its_place_is_named(crime: str) -> None:
    changes, wheres = MISPLACED[crime]
    ledger = small_ledger()
    ledger.change(5, **changes)
    assert [where for part, where in places(resealed(ledger)) if part == "intact"] == wheres


def test_a_dropped_a_doubled_and_two_exchanged_records_are_named() -> None:
    dropped, doubled, exchanged = small_ledger(), small_ledger(), small_ledger()
    del dropped.bodies[3]
    dropped.lines = {position - 1: lines for position, lines in dropped.lines.items()}
    doubled.bodies.insert(4, doubled.bodies[4])
    doubled.lines = {position + 1: lines for position, lines in doubled.lines.items()}
    exchanged.bodies[3:5] = reversed(exchanged.bodies[3:5])
    for ledger, first in ((dropped, "record 4"), (doubled, "record 6"), (exchanged, "record 4")):
        verdict = resealed(ledger)
        assert places(verdict)[0] == ("intact", first)
        assert statuses(verdict)["recomputed"] == "not checked"


def test_a_record_that_is_hidden_leaves_a_gap_in_its_stream() -> None:
    verdict = verified(contract_bundle(hidden=(6,)))
    assert places(verdict) == [("intact", "record 7")]


@pytest.mark.parametrize("hidden", [(1,), tuple(range(1, 8))])
def test_the_first_record_is_always_shown(hidden: tuple[int, ...]) -> None:
    assert places(verified(contract_bundle(hidden=hidden, states={})))[0] == ("intact", "record 1")


def test_an_empty_record_is_bad() -> None:
    verdict = verified(members_of(Ledger()))
    assert places(verdict) == [("intact", "record 1"), ("complete", "checkpoint 0")]


def test_a_type_that_is_not_known_is_intact_and_named() -> None:
    ledger = small_ledger()
    ledger.add(f"contract/{CONTRACT}", "BondIssued@1", {"anything": ["goes", 1, None]})
    [state] = bundles.states_of(small_ledger(), date(2018, 10, 1))[CONTRACT]
    known_at = json.loads(ledger.bodies[-1])["recorded_at"]
    verdict = resealed(ledger, states={CONTRACT: [{**state, "known_at": known_at}]})
    assert statuses(verdict)["intact"] == "yes"
    assert verdict.parts["recomputed"]["status"] == "partly"
    assert any("BondIssued@1" in one for one in verdict.parts["recomputed"]["not_recomputed"])
    ledger.change(8, data={"näckel": 2**60})
    assert places(resealed(ledger))[0] == ("intact", "record 8")


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_row(members: Members, name: str, number: int, change: Callable[[dict[str, Any]], Any]) -> Members:
    row = json.loads(members[name].split(b"\n")[number - 1])
    change(row)
    return line_of(members, name, number, canonical(row))


ODD_LINES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "another extent": (lambda row: row["lines"]["extent"].__setitem__(0, 99), "yes"),
    "another salt": (lambda row: row["lines"].update(secret="00" * 32), "yes"),
    "a line less": (lambda row: [row["lines"][name].pop() for name in bundles.COLUMNS], "yes"),
    "two lines exchanged": (lambda row: [row["lines"][name].reverse() for name in bundles.COLUMNS], "yes"),
    "columns of other lengths": (lambda row: row["lines"]["extent"].pop(), "not checked"),
    "a column less": (lambda row: row["lines"].pop("extent"), "not checked"),
    "a column more": (lambda row: row["lines"].update(name=[]), "not checked"),
    "an extent above 100": (lambda row: row["lines"]["extent"].__setitem__(0, 101), "not checked"),
    "true for a number": (lambda row: row["lines"]["extent"].__setitem__(0, True), "not checked"),
    "a workplace beyond": (lambda row: row["lines"]["workplace"].__setitem__(0, 2), "not checked"),
    "no lines": (lambda row: row.update(lines=None), "not checked"),
    "another position": (lambda row: row.update(position=5), "not checked"),
}


@pytest.mark.parametrize("crime", ODD_LINES)
def test_lines_that_are_not_those_of_the_record_are_named(crime: str) -> None:
    change, recomputed = ODD_LINES[crime]
    verdict = verified(of_row(contract_bundle(), "lines.jsonl", 1, change))
    assert ("intact", "lines of record 6") in places(verdict)
    assert statuses(verdict)["recomputed"] == recomputed


def test_lines_that_are_missing_or_do_not_read_are_named() -> None:
    assert places(verified(line_of(contract_bundle(), "lines.jsonl", 1, None))) == [("intact", "lines of record 6")]
    broken = places(verified(line_of(contract_bundle(), "lines.jsonl", 1, b"{")))
    assert broken == [("intact", "lines of record 6"), ("intact", "member lines.jsonl")]


def test_opened_lines_are_those_that_the_record_is_bound_to() -> None:
    members = contract_bundle(audience="auditor", opened=OPENED)
    where = "lines of record 6"
    crimes: list[tuple[Callable[[dict[str, Any]], Any], str]] = [
        (lambda row: row["opened"][1]["line"].update(extent=99), "line 1 of record 6"),
        (lambda row: row["opened"][0].update(salt="00" * 32), "line 0 of record 6"),
        (lambda row: row["opened"][0].update(salt=7), "line 0 of record 6"),
        (lambda row: row["opened"][1].update(number=2), "line 2 of record 6"),
        (lambda row: row["opened"][0].pop("line"), "line 0 of record 6"),
        (lambda row: row["opened"].reverse(), where),
        (lambda row: row["opened"].append(row["opened"][1]), where),
        (lambda row: row["opened"][1].update(number=3), where),
        (lambda row: row.update(opened={}), where),
        (lambda row: row.update(commitments="00" * 96), where),
        (lambda row: row.update(commitments=row["commitments"].upper()), where),
        (lambda row: row.update(commitments=None), where),
    ]
    for change, place in crimes:
        assert places(verified(of_row(members, "openings.jsonl", 1, change))) == [("intact", place)]


def test_opened_lines_are_those_that_the_last_checkpoint_draws() -> None:
    for opened in ((0,), (0, 2), (2,)):
        verdict = verified(contract_bundle(audience="auditor", opened={6: opened}))
        assert places(verdict) == [("intact", "lines of record 6")]
    for opened in ((1,), (0, 1), (0, 1, 2)):
        assert places(verified(contract_bundle(audience="auditor", opened={6: opened}))) == []


def test_lines_of_a_record_that_has_none_are_named() -> None:
    members = contract_bundle(audience="auditor", opened=OPENED)
    moved = of_row(members, "openings.jsonl", 1, lambda row: row.update(position=5))
    assert places(verified(moved)) == [("intact", "lines of record 5")]


# ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────────────

ODD_MEMBERS: dict[str, tuple[dict[str, bytes | None], str]] = {
    "no README": ({"README.txt": None}, "README.txt"),
    "no states": ({"states.json": None}, "states.json"),
    "one that a bundle has not": ({"extra.txt": b""}, "extra.txt"),
    "terms that no record brought": ({"terms/botkyrka-9.json": b"{}"}, "terms/botkyrka-9.json"),
    "other terms": ({"terms/botkyrka-2.json": b"{}"}, "terms/botkyrka-2.json"),
    "no terms": ({"terms/botkyrka-2.json": None}, "terms/botkyrka-2.json"),
    "another methodology": ({"methodologies/botkyrka-3.json": b"{}"}, "methodologies/botkyrka-3.json"),
    "totals beside lines": ({"totals.jsonl": b""}, "totals.jsonl"),
    "states that do not read": ({"states.json": b"[]"}, "states.json"),
    "states without a day": ({"states.json": b'{"botkyrka":[{"contract":"botkyrka"}]}'}, "states.json"),
    "leaves in capitals": ({"leaves.txt": b"A" * 64 + b"\n"}, "leaves.txt"),
}


@pytest.mark.parametrize("crime", ODD_MEMBERS)
def test_a_member_that_is_not_as_it_should_be_is_named(crime: str) -> None:
    contents, name = ODD_MEMBERS[crime]
    assert ("intact", f"member {name}") in places(verified(changed(contract_bundle(), contents)))


def test_members_are_what_the_manifest_says() -> None:
    members = contract_bundle()
    assert places(verified({**members, "schema.json": b"other"})) == [("intact", "member schema.json")]
    assert places(verified({**members, "totals.jsonl": b""})) == [("intact", "member totals.jsonl")]


@pytest.mark.parametrize(
    "said",
    [
        {"shown": 6},
        {"lines": 4},
        {"simulated": False},
        {"known_at": "2018-10-01T08:08:00.000000Z"},
        {"contracts": []},
        {"streams": {"ledger": 1}},
    ],
)
def test_what_the_manifest_says_of_the_records_is_compared(said: dict[str, Any]) -> None:
    assert places(verified(changed(contract_bundle(), **said)))[0] == ("intact", "member manifest.json")


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format":"soc-ledger bundle 2"}', b'{"format":NaN}'],
)
def test_without_a_manifest_that_reads_nothing_else_is_looked_at(content: bytes | None) -> None:
    members = {name: inside for name, inside in contract_bundle().items() if name != "manifest.json"}
    verdict = verified(members if content is None else {**members, "manifest.json": content})
    assert places(verdict) == [("intact", "member manifest.json")]
    assert set(statuses(verdict).values()) == {"no", "not checked"}


@pytest.mark.parametrize("key", sorted(json.loads(contract_bundle()["manifest.json"])))
@pytest.mark.parametrize("value", [None, [], {}, -1, True, "x", [1], {"a": None}])
def test_every_word_of_the_manifest_is_read_in_its_form(key: str, value: Any) -> None:
    members = contract_bundle()
    manifest = json.loads(members["manifest.json"])
    assert (
        verified({**members, "manifest.json": canonical({**manifest, key: value})}).failed
        or manifest[key] == value
        or (key == "made_by" and isinstance(value, str))
    )


@pytest.mark.parametrize(
    "content", [b"1.0", b"1e3", b"NaN", b'{"a":1,"a":1}', b"9007199254740992", b'{"\xc3\xa5":1}', b" 1", b"-0"]
)
def test_what_is_not_canonical_json_does_not_read(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_canonical(content)
    assert read_canonical(b'{"a":[1,"\xc3\xa5",true,null]}') == {"a": [1, "å", True, None]}


def test_a_methodology_is_the_one_whose_hash_is_stated() -> None:
    ledger = small_ledger()
    data = json.loads(ledger.bodies[2])["data"]
    ledger.change(3, data={**data, "sha256": hashlib.sha256(b"other").hexdigest()})
    assert places(resealed(ledger))[0] == ("intact", "record 3")


def test_a_determination_rests_on_a_root_of_this_record() -> None:
    ledger = small_ledger()
    ledger.add(f"contract/{CONTRACT}", "SavingsDetermined@3", bundles.golden("SavingsDetermined@3"))
    verdict = resealed(ledger)
    [item] = [item for item in verdict.bad if item.where == "record 8"]
    assert item.part == "recomputed"
    assert "the fingerprint there differs" in item.what


# ── Pieces, and chance ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("processes", [False, True])
def test_pieces_on_several_processes_find_the_same_as_one(monkeypatch: pytest.MonkeyPatch, processes: bool) -> None:
    ledger = small_ledger()
    for number in range(300):
        rows = [{"month": "2018-09", "workplace": "Förskolan", "employees": number}]
        ledger.add(f"workforce/{CONTRACT}", "WorkforceReported@1", {"contract": CONTRACT, "rows": rows}, "internal_provider")
    ledger.change(100, version=7)
    ledger.change(200, recorded_at="2018-10-01T08:00:00.000000Z")
    members = line_of(members_of(ledger), "events.jsonl", 250, b"{")
    whole = places(verified(members))
    monkeypatch.setattr(pieces, "PIECE_BYTES", 500)
    monkeypatch.setattr(pieces, "WORTH_TWO_PROCESSES", 0 if processes else 10**9)
    assert places(verified(members)) == whole
    intact = [where for part, where in whole if part == "intact"]
    assert intact[:5] == ["record 100", "record 101", "record 200", "record 250", "record 251"]


def test_chance_never_raises_and_never_passes() -> None:
    """Bytes of members changed, cut and doubled, each time with a manifest that is right about them."""
    members, chance = contract_bundle(opened=OPENED), Random(66)
    names = sorted(set(members) - {"manifest.json", "README.txt", "verify.py", "schema.json", "fields.csv", "lines.jsonl"})
    for _ in range(700):
        name = chance.choice(names)
        content = bytearray(members[name])
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                content[at] ^= 1 << chance.randrange(8)
            case 1:
                content[at : at + chance.randrange(1, 40)] = b""
            case 2:
                content[at:at] = content[at : at + 9]
            case 3:
                content[at:at] = chance.choice((b"\xff", b"[" * 5000, b'"', b"9" * 400, b"\n", b"null", b"\\ud800", b"NaN"))
        verdict = verified(changed(members, {name: bytes(content)}))
        assert verdict.failed or name.endswith(".note"), name  # signatures are not looked at without keys
