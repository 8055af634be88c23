"""``soc verify`` and the verify.py that goes with a bundle: they find the same, and name it alike."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from cli.export.bundle_states import stated
from cli.options import AUDIENCES
from cli.verifier.checkpoints import Given as TheirGiven
from cli.verifier.notes import read_key
from cli.verifier.recompute import DAYS_MOST, questions_asked
from cli.verifier.timestamps import read_certificates
from cli.verifier.verdict import verify_bundle
from ledger import bundle, contract, merkle, notes
from ledger.canonical import canonical
from ledger.notes import CheckpointText, Note, Proof, VerifierKey
from projections.state import state
from projections.verification import decided as verifying_decided
from projections.verification.items import Items
from projections.verification.recomputed import days, recomputed
from projections.verification.sealed import Given
from projections.verification.source import Shown
from projections.verification.stated import Totals
from projections.verification.verdict import verify
from tests import histories
from tests.cli.test_bundle import OTHER, _sealed, container, export, rows, seal, sealed
from tests.cli.world import World, copy
from tests.ledger.test_seal import Authority, authority, stranger
from tests.test_against_oracle import Player, memory

Members = dict[str, bytes]
Verdict = dict[str, Any]

__all__ = ["_sealed", "authority", "seal", "sealed", "stranger"]  # fixtures


def key_of(world: World) -> str:
    """The verifier key of those who sealed."""
    from ledger import keys

    return str(keys.read(world.folder / "key").verifier)


@pytest.fixture
def forked(_settled: World, tmp_path: Path) -> World:
    """The same record until another payment."""
    return copy(_settled, tmp_path / "fork")


@pytest.fixture
def key(_sealed: World) -> str:
    return key_of(_sealed)


def both(data: bytes, key: str | None = None) -> Verdict:
    """The verdict that both verifiers give; they agree on all but the words."""
    ours = verify(data, Given((VerifierKey.parse(key),) if key else ()), stated).as_json()
    theirs = verify_bundle(data, TheirGiven([read_key(key.encode())] if key else []), lambda done: None)[0].as_json()
    assert ours["verdict"] == theirs["verdict"]
    assert {name: one["status"] for name, one in ours["parts"].items()} == {
        name: one["status"] for name, one in theirs["parts"].items()
    }
    assert named(ours) == named(theirs)
    return ours


def named(verdict: Verdict) -> list[tuple[str, str]]:
    return [(one["part"], one["where"]) for one in verdict["bad"]]


def status(verdict: Verdict) -> dict[str, str]:
    return {name: one["status"] for name, one in verdict["parts"].items()}


# ── What is right ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("audience", AUDIENCES)
def test_both_verify_it_and_say_the_same_byte_for_byte(sealed: World, key: str, audience: str) -> None:
    members = export(sealed, "--audience", audience)
    script, file = sealed.file("verify.py", members["verify.py"]), sealed.folder / "bundle.zip"
    asked = [str(file), "--key", key, "-O", "json"]
    theirs = subprocess.run([sys.executable, "-I", str(script), *asked], capture_output=True, cwd=sealed.folder)
    assert (theirs.returncode, theirs.stderr) == (0, b"")
    assert sealed.done("verify", *asked).out.encode() == theirs.stdout
    verdict = json.loads(theirs.stdout)
    assert verdict["verdict"] == "verified"
    recomputed = "yes" if audience == "payer" else "partly"
    expected = {"intact": "yes", "complete": "yes", "recomputed": recomputed, "authorised": "yes", "anchored": "not checked"}
    assert status(verdict) == expected
    assert verdict["parts"]["complete"]["checkpoint"] == 13
    assert (verdict["parts"]["recomputed"]["determinations"], verdict["parts"]["recomputed"]["states"]) == (1, 1)
    assert any("days of each month" in one for one in verdict["not_proven"]) == (audience != "payer")


def test_it_needs_no_ledger(sealed: World, tmp_path: Path) -> None:
    export(sealed)
    moved = (sealed.folder / "bundle.zip").rename(sealed.folder / "moved.zip")
    elsewhere = World(tmp_path, f"sqlite:///{tmp_path / 'none.db'}")
    said = elsewhere.done("verify", moved)
    assert "NOTHING BAD FOUND" in said.out
    assert not (tmp_path / "none.db").exists()


def test_hidden_records_are_told(sealed: World) -> None:
    sealed.done("contract", "sign", sealed.file("other.toml", OTHER), at="2019-07-24T09:00")
    sealed.done("seal", "new-key", "other.se/economy", sealed.folder / "another-key")
    sealed.done("seal", "--key", sealed.folder / "another-key")
    for shown, hidden in (("tiny", 1), ("other", 10)):
        members = export(sealed, "--contract", shown)
        verdict = both(container(members))
        assert verdict["verdict"] == "verified"
        assert f"{hidden} of them are not shown" in verdict["parts"]["complete"]["says"]
        assert status(verdict)["complete"] == "partly"
        ends = {"tiny": 13, "other": 14}[shown]
        assert verdict["parts"]["complete"]["says"].endswith(f"what is shown ends for {shown} with record {ends}")
        said = "That the records that are not shown are of other contracts: they may be later records of these."
        assert said in verdict["not_proven"]


def test_opened_lines_verify(sealed: World) -> None:
    members = export(sealed, "--audience", "auditor", "--sample", "9")
    assert both(container(members))["verdict"] == "verified"


# ── Keys and checkpoints from elsewhere ──────────────────────────────────────────────────────────────────────────────


def test_without_keys_who_signed_is_not_checked(sealed: World) -> None:
    verdict = both(container(export(sealed)))
    assert verdict["verdict"] == "verified"
    assert status(verdict)["authorised"] == "not checked"
    assert "tiny.se/economy" in verdict["parts"]["authorised"]["says"]


def another_key(world: World, name: str) -> str:
    world.done("seal", "new-key", name, world.folder / "fresh")
    from ledger import keys

    return str(keys.read(world.folder / "fresh").verifier)


def test_a_key_that_did_not_sign_fails_it(sealed: World) -> None:
    data = container(export(sealed))
    verdict = both(data, another_key(sealed, "stranger.se/economy"))
    assert named(verdict) == [("authorised", "signature of stranger.se/economy on checkpoint 13")]


def test_a_wrong_signature_by_a_given_key_fails_it_wherever_it_is(sealed: World, key: str) -> None:
    members = export(sealed)
    note = Note.parse(members["checkpoints/12.note"])
    [one] = note.signatures
    wrong = Note(note.text, (notes.Signature(one.name, one.key_id, one.value[::-1]),)).content()
    data = container(told(members | {"checkpoints/12.note": wrong}))
    assert named(both(data, key)) == [("authorised", "signature of tiny.se/economy on checkpoint 12")]
    assert both(data)["verdict"] == "verified"


def test_a_checkpoint_kept_from_before_must_be_its_beginning(sealed: World, forked: World) -> None:
    members = export(sealed)
    kept = sealed.file("kept.note", members["checkpoints/12.note"])
    assert sealed.soc("verify", sealed.folder / "bundle.zip", "--checkpoint", kept).code == 0
    forked.done("pay", "outcome", "tiny", "100.00", "--on", "2019-07-22", "--invoice", "18", "--made", "--bank-reference", "B9")
    forked.done("seal", "new-key", "tiny.se/economy", forked.folder / "key")
    note = forked.file("forked.note", forked.done("seal", "--key", forked.folder / "key").out.encode())
    result = sealed.soc("verify", sealed.folder / "bundle.zip", "--checkpoint", note, "-O", "json")
    assert result.code == 3
    assert named(result.json) == [("complete", "checkpoint 13")]


@pytest.mark.parametrize("option", ["--key", "--keys", "--checkpoint", "--tsa-certificate"])
def test_what_is_given_to_verify_with_must_read(sealed: World, option: str) -> None:
    export(sealed)
    given = "nonsense" if option == "--key" else str(sealed.file("nonsense", "nonsense\n"))
    result = sealed.soc("verify", sealed.folder / "bundle.zip", option, given)
    assert (result.code, result.out) == (2, "")


def test_keys_come_from_a_file_too(sealed: World, key: str) -> None:
    export(sealed)
    file = sealed.file("keys", f"\n{key}\n\n")
    assert "authorised   yes" in sealed.done("verify", sealed.folder / "bundle.zip", "--keys", file).out


# ── What is wrong ────────────────────────────────────────────────────────────────────────────────────────────────────


def told(members: Members) -> Members:
    """With a manifest that says the members as they are: who changes the one can change the other."""
    manifest = json.loads(members["manifest.json"])
    said = {name: {"bytes": len(one), "sha256": sha256(one).hexdigest()} for name, one in members.items()}
    del said["manifest.json"]
    return members | {"manifest.json": canonical({**manifest, "members": said})}


def changed(name: str, old: bytes, new: bytes) -> Callable[[Members], Members]:
    def change(members: Members) -> Members:
        assert old in members[name]
        return members | {name: members[name].replace(old, new, 1)}

    return change


def without(name: str) -> Callable[[Members], Members]:
    return lambda members: {other: content for other, content in members.items() if other != name}


def swapped(members: Members) -> Members:
    lines = members["events.jsonl"].splitlines(keepends=True)
    lines[4], lines[5] = lines[5], lines[4]
    return members | {"events.jsonl": b"".join(lines)}


def dropped(at: int) -> Callable[[Members], Members]:
    def drop(members: Members) -> Members:
        records, leaves = (members[name].splitlines(keepends=True) for name in ("events.jsonl", "leaves.txt"))
        del records[at], leaves[at]
        return members | {"events.jsonl": b"".join(records), "leaves.txt": b"".join(leaves)}

    return drop


CRIMES: dict[str, tuple[Callable[[Members], Members], str, str, str]] = {
    "a payment's amount": (
        changed("events.jsonl", b'"amount_ore":3490909,"bank', b'"amount_ore":3490908,"bank'),
        "public",
        "intact",
        "record 13",
    ),
    "a headcount": (changed("events.jsonl", b'"employees":100', b'"employees":101'), "public", "intact", "record 4"),
    "who recorded it": (changed("events.jsonl", b'"name":"M. Lind"', b'"name":"M. Land"'), "public", "intact", "record 1"),
    "two records in each other's place": (swapped, "public", "intact", "record 5"),
    "the first record gone": (dropped(0), "public", "intact", "record 1"),
    "a record in the middle gone": (dropped(6), "public", "intact", "record 7"),
    "the last record gone": (dropped(12), "public", "intact", "member manifest.json"),
    "a line": (changed("lines.jsonl", b'"extent":[100', b'"extent":[99'), "payer", "intact", "lines of record 6"),
    "a report's lines gone": (
        lambda m: m | {"lines.jsonl": m["lines.jsonl"].splitlines(keepends=True)[0]},
        "payer",
        "intact",
        "lines of record 7",
    ),
    "a line for no report": (changed("lines.jsonl", b'"position":6', b'"position":5'), "payer", "intact", "lines of record 5"),
    "an opened line": (changed("openings.jsonl", b'"extent":100', b'"extent":50'), "auditor", "intact", "line"),
    "the commitments": (
        changed("openings.jsonl", b'"commitments":"', b'"commitments":"00'),
        "auditor",
        "intact",
        "lines of record",
    ),
    "a leaf that is none": (changed("leaves.txt", b"\n", b"x\n"), "public", "intact", "member leaves.txt"),
    "the terms beside": (changed("terms/tiny-2.json", b'"0.2"', b'"0.3"'), "public", "intact", "member terms/tiny-2.json"),
    "a methodology gone": (without("methodologies/tiny-3.json"), "public", "intact", "member methodologies/tiny-3.json"),
    "terms of nobody": (
        lambda m: m | {"terms/tiny-5.json": m["terms/tiny-2.json"]},
        "public",
        "intact",
        "member terms/tiny-5.json",
    ),
    "the readme gone": (without("README.txt"), "public", "intact", "member README.txt"),
    "a strange member": (lambda m: m | {"virus.exe": b"MZ"}, "public", "intact", "member virus.exe"),
    "lines for the public": (lambda m: m | {"lines.jsonl": b""}, "public", "intact", "lines of record 6"),
    "the manifest's count": (
        changed("manifest.json", b'"records":13', b'"records":12'),
        "public",
        "intact",
        "member manifest.json",
    ),
    "the manifest's audience": (changed("manifest.json", b'"public"', b'"everyone"'), "public", "intact", "member manifest.json"),
    "the manifest gone": (without("manifest.json"), "public", "intact", "member manifest.json"),
    "a checkpoint's root": (changed("checkpoints/12.note", b"\n12\n", b"\n12\nA"), "public", "complete", "checkpoint 12"),
    "a checkpoint's size": (changed("checkpoints/13.note", b"\n13\n", b"\n12\n"), "public", "complete", "checkpoint 13"),
    "another log's checkpoint": (
        changed("checkpoints/12.note", b"soc-ledger/", b"soc-ledger/0"),
        "public",
        "complete",
        "checkpoint 12",
    ),
    "the last checkpoint gone": (without("checkpoints/13.note"), "public", "complete", "checkpoint 12"),
    "a proof gone": (without("proofs/12-13.json"), "public", "complete", "proof 12-13"),
    "a proof": (
        changed("proofs/12-13.json", b'"hashes":["', b'"hashes":["' + b"0" * 64 + b'","'),
        "public",
        "complete",
        "proof 12-13",
    ),
    "a total": (changed("totals.jsonl", b'"hundredths":', b'"hundredths":1'), "public", "recomputed", "record 9"),
    "a total gone": (
        lambda m: m | {"totals.jsonl": b"".join(m["totals.jsonl"].splitlines(keepends=True)[1:])},
        "public",
        "recomputed",
        "totals",
    ),
    "a state": (
        changed("states.json", b'"paid":"34909.09"', b'"paid":"34909.08"'),
        "public",
        "recomputed",
        "state of tiny as of 2019-07-23",
    ),
    "a state's day": (
        changed("states.json", b'"as_of":"2019-07-23"', b'"as_of":"2019-07-22"'),
        "public",
        "recomputed",
        "state of tiny as of 2019-07-22",
    ),
    "no states": (changed("states.json", b'{"tiny"', b'{"tina"'), "public", "intact", "member states.json"),
}


@pytest.mark.parametrize("crime", CRIMES)
def test_both_name_what_was_done(sealed: World, key: str, crime: str) -> None:
    do, audience, part, where = CRIMES[crime]
    sample = ("--sample", "5") if audience == "auditor" else ()
    members = do(export(sealed, "--audience", audience, *sample))
    if "manifest.json" in members and not crime.startswith("the manifest"):
        members = told(members)
    verdict = both(container(members), key)
    assert verdict["verdict"] == "failed"
    first = verdict["bad"][0]
    assert (first["part"], first["where"][: len(where)]) == (part, where)


def test_a_member_that_the_manifest_tells_otherwise_is_named(sealed: World) -> None:
    members = export(sealed)
    for name in members.keys() - {"manifest.json"}:
        verdict = both(container(members | {name: members[name] + b" "}))
        assert ("intact", f"member {name}") in named(verdict)


# ── What was recorded wrongly, and sealed ────────────────────────────────────────────────────────────────────────────


def resealed(members: Members, position: int, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The bundle as an operator could make it who recorded something else: leaves, checkpoints and proofs follow."""
    bodies = members["events.jsonl"].splitlines()
    record = json.loads(bodies[position - 1])
    change(record)
    bodies[position - 1] = canonical(record)
    leaves = [merkle.leaf_hash(body) for body in bodies]
    log, root = notes.origin(leaves[0]), merkle.root_of(leaves)
    manifest = json.loads(members["manifest.json"]) | {"root": root.hex(), "origin": log}
    forged = members | {
        "events.jsonl": b"".join(body + b"\n" for body in bodies),
        "leaves.txt": b"".join(leaf.hex().encode() + b"\n" for leaf in leaves),
        "proofs/12-13.json": Proof(12, 13, merkle.consistency_proof(leaves, 12)).content(),
        "manifest.json": canonical(manifest),
    }
    for size in (12, 13):
        signatures = Note.parse(members[f"checkpoints/{size}.note"]).signatures
        text = CheckpointText(log, size, merkle.root_of(leaves[:size])).text()
        forged[f"checkpoints/{size}.note"] = Note(text, signatures).content()
    if "methodology" in record["data"]:
        forged[f"methodologies/tiny-{position}.json"] = canonical(record["data"]["methodology"])
    return container(told(forged))


def put(value: Any, *path: Any) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        inner: Any = record
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = value

    return change


FORGED = {
    "savings of a month": (9, put(6000001, "data", "months", 0, "savings_ore"), "record 9"),
    "the entitlement": (9, put(1200001, "data", "entitlement", 0, "amount_ore"), "record 9"),
    "days": (9, put(1, "data", "months", 0, "actual_hundredths"), "record 9"),
    "what a notice claims": (10, put(3490908, "data", "claim", "amount_ore"), "record 10"),
    "when a claim falls payable": (12, put("2019-07-21", "data", "becomes", "payable_on"), "record 12"),
    "who determined": (9, put("external_provider", "recorded_by", "role"), "record 9"),
    "who reported": (6, put("external_provider", "recorded_by", "role"), "record 6"),
    "who agreed": (3, put(["payer"], "data", "agreed_by"), "record 3"),
    "a payment's number": (13, put(2, "data", "number"), "record 13"),
}


@pytest.mark.parametrize("audience", ["payer", "public"])
@pytest.mark.parametrize("what", FORGED)
def test_what_the_rules_do_not_bring_about_is_named(sealed: World, key: str, what: str, audience: str) -> None:
    position, change, where = FORGED[what]
    data = resealed(export(sealed, "--audience", audience), position, change)
    ours = verify(data, Given(), stated).as_json()
    theirs = verify_bundle(data, TheirGiven(), lambda done: None)[0].as_json()
    for verdict in (ours, theirs):
        assert status(verdict)["intact"] == status(verdict)["complete"] == "yes"
        assert status(verdict)["recomputed"] == "no"
        assert ("recomputed", where) in named(verdict)
    signed = verify(data, Given((VerifierKey.parse(key),)), stated).as_json()
    assert ("authorised", "signature of tiny.se/economy on checkpoint 13") in named(signed)


def test_nothing_changes_in_an_untouched_bundle_that_is_sealed_anew(sealed: World) -> None:
    assert both(resealed(export(sealed), 13, lambda record: None))["verdict"] == "verified"


@pytest.mark.parametrize("audience", ["payer", "public"])
def test_a_determination_rests_on_the_record_before_it(sealed: World, audience: str) -> None:
    members = export(sealed, "--audience", audience)
    leaves = [bytes.fromhex(line) for line in members["leaves.txt"].decode().split()]
    stale = {"position": 7, "root": merkle.root_of(leaves[:7]).hex()}
    verdict = both(resealed(members, 9, put(stale, "data", "basis")))
    assert named(verdict)[0] == ("recomputed", "record 9")
    assert "it rests on record 7, and not on record 8, the one before it" in verdict["bad"][0]["what"]


@pytest.mark.parametrize("position", range(1, 14))
def test_the_day_that_a_record_is_about_is_that_of_its_data(sealed: World, position: int) -> None:
    verdict = both(resealed(export(sealed, "--audience", "payer"), position, put("1950-01-01", "effective_on")))
    assert ("recomputed", f"record {position}") in named(verdict)


@pytest.mark.parametrize("stream", ["contract", "contract/", "contracts/tiny", "ledger/x", "contract/tiny/x"])
def test_a_stream_is_of_a_kind_and_a_name(sealed: World, stream: str) -> None:
    verdict = both(resealed(export(sealed), 13, put(stream, "stream")))
    assert ("intact", "record 13") in named(verdict)


def test_a_report_of_a_contract_that_is_not_there_is_bad(sealed: World) -> None:
    def elsewhere(record: dict[str, Any]) -> None:
        record |= {"stream": "workforce/ghost", "version": 1, "data": {**record["data"], "contract": "ghost"}}

    assert ("recomputed", "record 4") in named(both(resealed(export(sealed), 4, elsewhere)))


# ── What nobody signs ────────────────────────────────────────────────────────────────────────────────────────────────


def with_last_hidden(members: Members, known_at: str) -> bytes:
    """The last record as that of another contract, and the manifest as if it were."""
    lines = members["events.jsonl"].splitlines(keepends=True)
    manifest = json.loads(members["manifest.json"])
    streams = manifest["streams"] | {"contract/tiny": manifest["streams"]["contract/tiny"] - 1}
    manifest |= {"shown": manifest["shown"] - 1, "streams": streams, "known_at": known_at}
    hidden = members | {"events.jsonl": b"".join([*lines[:-1], b"null\n"]), "manifest.json": canonical(manifest)}
    return container(told(hidden))


@pytest.mark.parametrize(
    "known_at", ["2019-06-15T00:00:00.000000Z", "9998-01-01T00:00:00.000000Z", "2019-02-30T00:00:00.000000Z"]
)
def test_it_is_not_known_before_the_last_record_shown_nor_out_of_all_years(sealed: World, known_at: str) -> None:
    verdict = both(with_last_hidden(export(sealed), known_at))
    assert ("intact", "member manifest.json") in named(verdict)


def test_more_states_than_a_contract_has_years_are_not_recomputed(sealed: World) -> None:
    assert DAYS_MOST == 200
    stated_until = both(with_last_hidden(export(sealed), "2200-12-31T00:00:00.000000Z"))
    assert named(stated_until)[-1] == ("recomputed", "state of tiny as of 2218-12-31") or len(named(stated_until)) > 100


def of_totals(change: Callable[[list[Any]], Any]) -> Callable[[Members], Members]:
    def do(members: Members) -> Members:
        found = [json.loads(line) for line in members["totals.jsonl"].splitlines()]
        change(found)
        found.sort(key=lambda row: (row["contract"], row["source"], row["upto"], row["month"], row["causes"]))
        return members | {"totals.jsonl": b"".join(canonical(row) + b"\n" for row in found)}

    return do


@pytest.mark.parametrize("more", [{"month": "2023-05"}, {"contract": "ghost"}, {"upto": 13}, {"without": [3]}])
def test_a_total_that_nothing_asks_for_is_bad(sealed: World, more: dict[str, Any]) -> None:
    members = of_totals(lambda found: found.append(found[0] | more))(export(sealed))
    assert named(both(container(told(members)))) == [("recomputed", "totals")]


@pytest.mark.parametrize("without", [5, {}, [], None, [0], [2, 1], [1, 1], ["1"], [True], "1"])
def test_what_a_total_leaves_out_are_records_in_order(sealed: World, without: Any) -> None:
    members = of_totals(lambda found: found[0].update(without=without))(export(sealed))
    assert ("intact", "member totals.jsonl") in named(both(container(told(members))))


@pytest.mark.parametrize("states", [{"ghost": []}, {"ghost": [{"contract": "ghost", "as_of": "2019-07-23"}]}])
def test_a_state_of_a_contract_that_is_not_shown_is_bad(sealed: World, states: Any) -> None:
    members = export(sealed)
    more = {**json.loads(members["states.json"]), **states}
    verdict = both(container(told(members | {"states.json": canonical(more)})))
    assert named(verdict)[0] == ("intact", "member states.json")


def test_a_state_is_compared_to_the_type(sealed: World) -> None:
    members = export(sealed)
    odd = members["states.json"].replace(b":false", b":0").replace(b":true", b":1")
    assert odd != members["states.json"]
    assert named(both(container(told(members | {"states.json": odd})))) == [("recomputed", "state of tiny as of 2019-07-23")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("checkpoints/1" + "0" * 5000 + ".note", b"x"),
        ("checkpoints/13.1.tsr", b"0" * 70_000),
        ("checkpoints/13.1.tsr", b"\x30\x84\x00\x01\x00\x00" + b"\x06" * 65_536),
    ],
)
def test_no_member_is_too_large_for_both_to_agree(sealed: World, name: str, content: bytes) -> None:
    assert both(container(told(export(sealed) | {name: content})))["verdict"] == "failed"


def test_a_note_has_a_largest_size_for_both(sealed: World) -> None:
    members = export(sealed)
    line = "— x{}.example " + b64encode(bytes(68)).decode() + "\n"
    large = members["checkpoints/13.note"] + "".join(line.format(number) for number in range(10_000)).encode()
    assert ("complete", "checkpoint 13") in named(both(container(told(members | {"checkpoints/13.note": large}))))


@pytest.mark.parametrize(("deep", "verdict"), [(61, "verified"), (65, "failed"), (300, "failed"), (3000, "failed")])
def test_both_read_as_deep_as_each_other(sealed: World, deep: int, verdict: str) -> None:
    def nest(record: dict[str, Any]) -> None:
        record |= {"type": "Nothing@1", "data": {"a": 0}}

    members = bundle.read(resealed(export(sealed), 13, nest))
    body = members["events.jsonl"].splitlines()[12].replace(b'{"a":0}', b'{"a":' + b"[" * deep + b"]" * deep + b"}")
    lines = [*members["events.jsonl"].splitlines()[:12], body]
    leaves = [*members["leaves.txt"].decode().split()[:12], merkle.leaf_hash(body).hex()]
    changed_too = {
        "events.jsonl": b"".join(one + b"\n" for one in lines),
        "leaves.txt": "".join(f"{one}\n" for one in leaves).encode(),
    }
    found = both(container(told(members | changed_too)))
    assert (("intact", "record 13") in named(found)) is (verdict == "failed")


def test_what_is_not_signed_and_what_stands_in_words_is_not_proven(sealed: World) -> None:
    said = both(container(export(sealed)))["not_proven"]
    for words in ("no signature is on them", "no document is named", "none of it is recomputed", "is simulated"):
        assert any(words in one for one in said), words


@pytest.mark.parametrize("audience", ["payer", "public"])
def test_an_unknown_rule_is_named_and_the_rest_recomputed(sealed: World, audience: str) -> None:
    known = export(sealed, "--audience", audience)

    def agree_on_another(record: dict[str, Any]) -> None:
        rules = {"kind": "exclude-weather@1", "window": "2019-10..2019-12"}
        record["data"]["methodology"]["disruption"] = rules
        record["data"]["sha256"] = sha256(canonical(record["data"]["methodology"])).hexdigest()

    agreed = bundle.read(resealed(known, 3, agree_on_another))
    leaves = [bytes.fromhex(line) for line in agreed["leaves.txt"].decode().split()]

    def determine_by_it(record: dict[str, Any]) -> None:
        record["data"]["basis"]["root"] = merkle.root_of(leaves[:8]).hex()
        for month in record["data"]["months"]:
            month["methodology_sha256"] = sha256(agreed["methodologies/tiny-3.json"]).hexdigest()

    verdict = both(resealed(agreed, 9, determine_by_it))
    assert verdict["verdict"] == "verified"
    found = verdict["parts"]["recomputed"]
    expected = ("partly", ["exclude-weather@1"], 0, 1)
    assert (found["status"], found["not_recomputed"], found["determinations"], found["states"]) == expected


# ── Any bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_flipped_bit_passes(sealed: World, key: str) -> None:
    chance = random.Random(6)
    data = container(export(sealed, "--audience", "payer"))
    for _ in range(300):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        assert named(both(bytes(flipped), key)) == [("intact", "container")]


def test_no_flipped_bit_of_a_member_passes_and_none_is_a_fault_of_ours(sealed: World, key: str) -> None:
    chance = random.Random(7)
    members = export(sealed, "--audience", "payer")
    for _ in range(150):
        name = chance.choice([one for one in members if one not in ("README.txt", "verify.py", "schema.json", "fields.csv")])
        flipped = bytearray(members[name])
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        data = container(members | {name: bytes(flipped)})
        ours = verify(data, Given((VerifierKey.parse(key),)), stated).as_json()
        theirs = verify_bundle(data, TheirGiven([read_key(key.encode())]), lambda done: None)[0].as_json()
        assert ours["verdict"] == theirs["verdict"] == "failed"
        assert named(ours)[0] == named(theirs)[0]


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"[]",
        b"nul",
        b'{"type":1}',
        b"[" * 100_000,
        b'{"a":NaN}',
        b'{"a":1e9}',
        b'{"a":' + b"9" * 5000 + b"}",
        b"\xff",
        b'{"a":1,"a":2}',
    ],
)
@pytest.mark.parametrize("name", ["events.jsonl", "lines.jsonl", "states.json", "manifest.json", "proofs/12-13.json"])
def test_nothing_that_a_member_may_hold_is_a_fault_of_ours(sealed: World, name: str, line: bytes) -> None:
    members = export(sealed, "--audience", "payer")
    verdict = verify(container(members | {name: line + b"\n"}), Given(), stated)
    assert not verdict.verified


def test_exit_codes_and_text(sealed: World, key: str) -> None:
    members = export(sealed)
    good = sealed.done("verify", sealed.folder / "bundle.zip", "--key", key).out
    assert "VERIFIED" in good
    assert "Not proven:" in good
    assert max(map(len, good.splitlines())) <= 100
    bad = sealed.file("bad.zip", container(told(changed("events.jsonl", b"M. Lind", b"M. \x1b[2J")(members))))
    result = sealed.soc("verify", bad)
    assert result.code == 3
    assert "record 1 (intact)" in result.out
    assert "\x1b" not in result.out
    assert sealed.soc("verify", sealed.folder / "none.zip").code == 2
    assert sealed.soc("verify", sealed.file("empty.zip", "")).code == 3
    assert rows(members, "totals.jsonl")


# ── Stamps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def stamped(sealed: World, authority: Authority) -> World:
    """… with the last checkpoint stamped by a time-stamping authority."""
    request = sealed.folder / "request.tsq"
    sealed.done("seal", "stamp", "13", "--request", request)
    sealed.file("answer.tsr", authority.answer(request.read_bytes()))
    certificate = sealed.file("authority.pem", authority.certificates)
    sealed.done("seal", "stamp", "13", "--response", sealed.folder / "answer.tsr", "--certificate", certificate)
    return sealed


def both_anchored(data: bytes, pem: bytes | None) -> Verdict:
    """The verdict of both on a certificate from elsewhere."""
    ours = verify(data, Given(certificate=pem), stated).as_json()
    certificates = read_certificates(pem) if pem is not None else ()
    theirs = verify_bundle(data, TheirGiven(certificates=certificates), lambda done: None)[0].as_json()
    assert (status(ours), named(ours)) == (status(theirs), named(theirs))
    assert ours["parts"]["anchored"]["at"] == theirs["parts"]["anchored"]["at"]
    return ours


def test_a_stamp_is_checked_by_the_certificate_given(stamped: World, authority: Authority, stranger: Authority) -> None:
    data = container(export(stamped))
    read = both_anchored(data, None)["parts"]["anchored"]
    assert read["status"] == "not checked"
    assert read["at"].startswith("20")
    assert status(both_anchored(data, authority.certificates))["anchored"] == "yes"
    assert named(both_anchored(data, stranger.certificates)) == [("anchored", "timestamp 1 of checkpoint 13")]
    pem = stamped.folder / "authority.pem"
    assert "anchored     yes" in stamped.done("verify", stamped.folder / "bundle.zip", "--tsa-certificate", pem).out


def test_a_stamp_of_something_else_is_bad_in_any_case(stamped: World) -> None:
    members = export(stamped)
    moved = {name.replace("13.1.tsr", "12.1.tsr"): content for name, content in members.items()}
    assert named(both_anchored(container(told(moved)), None)) == [("anchored", "timestamp 1 of checkpoint 12")]


def test_a_stamp_that_does_not_read_is_bad(stamped: World) -> None:
    members = export(stamped) | {"checkpoints/13.1.tsr": b"\x30\x03\x02\x01\x00"}
    assert named(both_anchored(container(told(members)), None)) == [("anchored", "timestamp 1 of checkpoint 13")]


# ── Random histories ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", [histories.savings, histories.renegotiated], ids=lambda make: str(make.__name__))
@pytest.mark.parametrize("seed", range(10))
def test_nothing_that_was_rightly_recorded_is_called_wrong(seed: int, make: Callable[[int], Any]) -> None:
    ledger = memory()
    player = Player(ledger)
    for step in make(seed):
        player.play(step)
    leaves, last = [merkle.leaf_hash(body) for body in ledger.bodies], ledger.records[-1].recorded_at
    whole = Shown(ledger.records, len(leaves), leaves, ledger.beside, {}).facts(last)
    states = {player.id: [stated(state(whole, player.id, day)) for day in days(whole, player.id)]}
    asked = Totals(questions_asked(ledger.plain, ledger.columns))
    without = Shown(ledger.records, len(leaves), leaves, None, {}, asked).facts(last)
    for facts, totals in ((whole, None), (without, asked)):
        items = Items()
        found = recomputed(facts, states, totals, {}, stated, items)
        assert list(items) == []
        assert found.determinations == len(ledger.state(player.id).determinations)


@pytest.mark.parametrize("make", [histories.money, histories.closing, histories.contested], ids=lambda make: str(make.__name__))
@pytest.mark.parametrize("seed", range(10))
def test_what_the_rules_brought_about_they_bring_about_again(seed: int, make: Callable[[int], Any]) -> None:
    ledger = memory()
    player = Player(ledger)
    for step in make(seed):
        player.play(step)
    facts, before = ledger.facts(), contract.Initial
    for _, together in groupby(facts.stream(f"contract/{player.id}"), key=lambda record: record.submission):
        records = list(together)
        assert list(verifying_decided.differences(before, records, facts)) == []
        for record in records:
            before = contract.evolve(before, record)
