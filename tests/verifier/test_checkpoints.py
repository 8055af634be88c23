"""Checkpoints: roots, proofs, keys and signatures, the ones in the bundle and the ones an auditor kept."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from cli.verifier.checkpoints import Given
from cli.verifier.merkle import leaf_of, node_of, proof_holds, roots_at
from cli.verifier.notes import read_key, read_note, signed_by
from cli.verifier.verdict import Verdict, verify_bundle
from tests.verifier import bundles
from tests.verifier.bundles import PAYER, PROVIDER, Making, Signer, canonical, changed, contract_bundle

Members = dict[str, bytes]
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = {  # of the reference trees of Certificate Transparency, by size
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def verified(members: Members, **given: Any) -> Verdict:
    return verify_bundle(bundles.zipped(members), Given(**given), lambda done: None)[0]


def places(verdict: Verdict, part: str | None = None) -> list[str]:
    return [item.where for item in verdict.bad if part in (None, item.part)]


# ── The tree ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_roots_of_certificate_transparency() -> None:
    leaves = [leaf_of(bytes.fromhex(one)) for one in CT_LEAVES]
    assert {size: root.hex() for size, root in roots_at(leaves, CT_ROOTS).items()} == CT_ROOTS
    assert roots_at([], [0]) == {0: hashlib.sha256(b"").digest()}
    assert roots_at(leaves, [9, 4]).keys() == {4}
    assert node_of(leaves[0], leaves[1]).hex() == CT_ROOTS[2]


def test_every_proof_of_small_trees_holds_and_no_other_does() -> None:
    leaves = [leaf_of(bytes([number])) for number in range(18)]
    roots = roots_at(leaves, range(19))
    assert roots == {size: bundles.root(leaves[:size]) for size in range(19)}
    for second in range(1, 19):
        for first in range(1, second + 1):
            proof = bundles.consistency(first, leaves[:second])
            assert proof_holds(first, second, roots[first], roots[second], proof)
            wrong = [[*proof, leaves[0]], proof[:-1], [*proof[1:], *proof[:1]]]
            wrong += [[*proof[:at], leaf_of(b"x"), *proof[at + 1 :]] for at in range(len(proof))]
            for other in [other for other in wrong if other != proof]:
                assert not proof_holds(first, second, roots[first], roots[second], other)
            if first < second:
                assert not proof_holds(first, second, roots[second], roots[second], proof)
                assert not proof_holds(first, second, roots[first], roots[first], proof)
    assert not proof_holds(0, 3, roots[0], roots[3], [])
    assert not proof_holds(3, 2, roots[3], roots[2], [])


# ── Keys and notes ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_are_read_as_others_write_them() -> None:
    key = read_key(PAYER.verifier.encode() + b"\n")
    assert (key.name, key.key_id, key.public) == (PAYER.name, PAYER.key_id, PAYER.public)
    # The example of C2SP signed-note and of Go's sumdb/note.
    known = read_key(b"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert known.name == "PeterNeumann"
    note = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    signed = base64.b64decode(signature)
    from cli.verifier.ed25519 import ed25519_holds

    assert signed[:4] == known.key_id
    assert ed25519_holds(known.public, signed[4:], note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "botkyrka.se",
        "a+b",
        "botkyrka.se/economy+00000000+" + PAYER.verifier.split("+", 2)[2],
        PAYER.verifier[:-4],
        PAYER.verifier.replace("economy", "finance"),
        PAYER.verifier.replace("botkyrka.se/economy", "botkyrka .se"),
        "PRIVATE+KEY+botkyrka.se/economy+00000000+AAAA",
        PAYER.verifier + "=",
        "å" + PAYER.verifier,
        f"x+{hashlib.sha256(b'x').hexdigest()[:8]}+{base64.b64encode(bytes(33)).decode()}",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_key(text.encode())


RIGHT = contract_bundle()["checkpoints/7.note"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        RIGHT[:-1],
        RIGHT.replace(b"\n\n", b"\n"),
        RIGHT.replace(b"\n7\n", b"\n07\n"),
        RIGHT.replace(b"\n7\n", b"\n0\n"),
        RIGHT.replace(b"\n7\n", b"\n7\nmore\n"),
        RIGHT.replace(b"=\n", b"\n", 1),
        RIGHT.replace(b"\n\n", b"\n\n\n"),
        RIGHT.replace("—".encode(), b"-"),
        RIGHT.replace(b" botkyrka", b"  botkyrka"),
        RIGHT + RIGHT.split(b"\n\n")[1],
        RIGHT + b"\n",
        RIGHT.replace(b"soc", b"s\x01c"),
        RIGHT.split(b"\n\n")[0] + b"\n\n",
        RIGHT.split(b"\n\n")[0] + b"\n\n\xe2\x80\x94 name AAAA\n",
    ],
)
def test_what_is_no_signed_checkpoint_is_refused_and_named(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_note(content)
    assert "checkpoint 7" in places(verified(changed(contract_bundle(), {"checkpoints/7.note": content})), "complete")


def test_a_signature_is_of_the_text_by_the_key() -> None:
    note, key = read_note(RIGHT), read_key(PAYER.verifier.encode())
    assert signed_by(note, key) is True
    assert signed_by(note, read_key(Signer("other").verifier.encode())) is None
    assert signed_by(note._replace(text=note.text + b" "), key) is False


# ── Complete ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def other_note(size: int, root: bytes | None = None, origin: str | None = None, says: int | None = None) -> bytes:
    """A checkpoint that is signed by both, of something else."""
    leaves = [bundles.leaf(body) for body in bundles.small_ledger().bodies]
    lines = bundles.note_text(leaves, size).decode().split("\n")
    lines[0], lines[1] = origin or lines[0], str(says or size)
    lines[2] = base64.b64encode(root).decode() if root else lines[2]
    return bundles.note("\n".join(lines).encode(), (PAYER, PROVIDER))


def test_a_checkpoint_of_other_records_is_named_by_its_size() -> None:
    for size in (3, 5, 7):
        verdict = verified(changed(contract_bundle(), {f"checkpoints/{size}.note": other_note(size, root=bytes(32))}))
        assert places(verdict) == [f"checkpoint {size}"]
        assert verdict.parts["complete"]["status"] == "no"
        assert verdict.parts["intact"]["status"] == "yes"


@pytest.mark.parametrize("more", [{"origin": "soc-ledger/" + "0" * 32}, {"says": 4}, {"says": 9}])
def test_a_checkpoint_of_another_record_or_size_is_named(more: dict[str, Any]) -> None:
    assert places(verified(changed(contract_bundle(), {"checkpoints/5.note": other_note(5, **more)}))) == ["checkpoint 5"]


def test_a_bundle_ends_at_a_checkpoint() -> None:
    dropped = changed(contract_bundle(), {"checkpoints/7.note": None, "proofs/5-7.json": None})
    assert places(verified(dropped)) == ["checkpoint 5"]
    none = {name: None for name in contract_bundle() if name.startswith(("checkpoints/", "proofs/"))}
    assert places(verified(changed(contract_bundle(), none))) == ["checkpoint 7"]


def test_a_tail_that_was_dropped_is_told_by_the_checkpoint() -> None:
    """Record 7 and its leaf left out of everything but the checkpoints."""
    members = contract_bundle()
    cut = {name: b"".join(members[name].splitlines(keepends=True)[:-1]) for name in ("events.jsonl", "leaves.txt", "lines.jsonl")}
    manifest = json.loads(members["manifest.json"])
    said = {"records": 6, "shown": 6, "streams": {**manifest["streams"], "absences/botkyrka": 1}}
    verdict = verified(changed(members, cut, **said, known_at=json.loads(cut["events.jsonl"].splitlines()[-1])["recorded_at"]))
    assert places(verdict, "complete")[0] == "checkpoint 7"
    assert places(verdict, "intact") == []


@pytest.mark.parametrize("said", [{"root": "0" * 64}, {"origin": "soc-ledger/x"}])
def test_the_manifest_says_what_the_last_checkpoint_says(said: dict[str, Any]) -> None:
    assert places(verified(changed(contract_bundle(), **said))) == ["checkpoint 7"]


def test_a_fork_is_told_by_the_checkpoint_that_was_kept() -> None:
    """All of it sealed again by the same parties, with one record changed: only who kept a checkpoint can tell."""
    forked = bundles.small_ledger()
    forked.change(4, recorded_by={"name": "Someone", "role": "performance_manager"})
    members = bundles.members_of(forked, Making(states=json.loads(contract_bundle()["states.json"]), checkpoints=(3, 5)))
    assert places(verified(members)) == []
    for size, wheres in ((3, []), (5, ["checkpoint 5"]), (7, ["checkpoint 7"])):
        kept = read_note(contract_bundle()[f"checkpoints/{size}.note"])
        assert places(verified(members, notes=[kept])) == wheres


def test_a_checkpoint_that_was_kept_must_be_of_this_record_and_no_longer() -> None:
    members = contract_bundle()
    elsewhere, longer = other_note(5, origin="soc-ledger/" + "0" * 32), other_note(7, says=9)
    for content, where in ((elsewhere, "checkpoint 5"), (longer, "checkpoint 9")):
        verdict = verified(members, notes=[read_note(content)])
        assert places(verdict) == [where]
        assert "given" in verdict.bad[0].what
    assert places(verified(members, notes=[read_note(members["checkpoints/3.note"])])) == []


PROOF = json.loads(contract_bundle()["proofs/3-5.json"])


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"[" * 100_000,
        canonical([]),
        canonical({**PROOF, "from": 2}),
        canonical({**PROOF, "to": True}),
        canonical({**PROOF, "more": 1}),
        canonical({**PROOF, "hashes": PROOF["hashes"][:-1]}),
        canonical({**PROOF, "hashes": [*PROOF["hashes"], "0" * 64]}),
        canonical({**PROOF, "hashes": ["A" * 64]}),
        canonical({**PROOF, "hashes": "0" * 64}),
        canonical({**PROOF, "hashes": [None]}),
    ],
)
def test_a_proof_that_does_not_hold_is_named(content: bytes | None) -> None:
    assert places(verified(changed(contract_bundle(), {"proofs/3-5.json": content}))) == ["proof 3-5"]


def test_a_proof_between_others_is_named() -> None:
    members = contract_bundle()
    assert places(verified(changed(members, {"proofs/3-7.json": members["proofs/3-5.json"]}))) == ["proof 3-7"]


# ── Authorised ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_that_are_given_must_have_signed() -> None:
    keys = [read_key(one.verifier.encode()) for one in (PAYER, PROVIDER)]
    both = verified(contract_bundle(), keys=keys)
    assert both.parts["authorised"]["status"] == "yes"
    assert both.parts["authorised"]["by"] == [PAYER.name, PROVIDER.name]
    one = verified(contract_bundle(signers=(PAYER,)), keys=keys)
    assert places(one) == [f"signature of {PROVIDER.name} on checkpoint 7"]
    assert (one.parts["authorised"]["status"], one.parts["authorised"]["by"]) == ("no", [PAYER.name])
    none = verified(contract_bundle())
    assert none.parts["authorised"]["status"] == "not checked"
    assert PROVIDER.name in none.parts["authorised"]["says"]


def test_a_signature_by_another_key_of_the_same_name_counts_as_none() -> None:
    impostor = Signer(PAYER.name, seed="another")
    verdict = verified(contract_bundle(signers=(impostor,)), keys=[read_key(PAYER.verifier.encode())])
    assert places(verdict) == [f"signature of {PAYER.name} on checkpoint 7"]


@pytest.mark.parametrize("size", [3, 7])
def test_a_wrong_signature_by_a_given_key_is_bad_on_any_checkpoint(size: int) -> None:
    members = contract_bundle()
    text, _, lines = members[f"checkpoints/{size}.note"].partition(b"\n\n")
    wrong = text + b"\n\n" + PAYER.line(b"something else").encode() + lines.split(b"\n")[1] + b"\n"
    other = changed(members, {f"checkpoints/{size}.note": wrong})
    verdict = verified(other, keys=[read_key(PAYER.verifier.encode())])
    assert places(verdict) == [f"signature of {PAYER.name} on checkpoint {size}"]
    assert verified(other).bad == []  # who gives no key has not checked who signed, and is told
    assert verified(other, keys=[read_key(PROVIDER.verifier.encode())]).bad == []
