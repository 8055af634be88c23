"""verify.py as an auditor runs it: exit codes, words, JSON, what was given from elsewhere, time stamps, samples."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from cli.verifier.beside import drawn_lines
from cli.verifier.joined import joined
from cli.verifier.main import main
from tests.verifier import bundles
from tests.verifier.bundles import CONTRACT, PAYER, PROVIDER, changed, contract_bundle
from tests.verifier.test_timestamps import Authority

PARTS = ["intact", "complete", "recomputed", "authorised", "anchored"]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Verify these members with these arguments: the exit code, and what was said."""

    def verify(members: dict[str, bytes] | bytes, *arguments: str) -> tuple[int, str]:
        place = tmp_path / "bundle.zip"
        place.write_bytes(members if isinstance(members, bytes) else bundles.zipped(members))
        code = main([str(place), *arguments])
        return code, capsys.readouterr().out

    return verify


# ── The verdict ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_right_bundle_exits_with_0_and_says_what_is_left_to_do(run: Any) -> None:
    code, said = run(contract_bundle())
    assert code == 0
    assert "verdict  NOTHING BAD FOUND" in said
    assert [line.split()[0] for line in said.splitlines()[4:] if line.startswith("  ") and line[2] != " "][:5] == PARTS
    for words in ("not checked   no key was given", "--key NAME+ID+KEY", "--checkpoint FILE", "That what was reported is true."):
        assert words in said.replace("\n    ", " ")
    assert max(map(len, said.splitlines())) <= 100


def test_a_bundle_that_fails_exits_with_3_and_names_the_first_bad_item(run: Any) -> None:
    members = contract_bundle()
    body = members["events.jsonl"].replace(b'"employees":20', b'"employees":21')
    code, said = run(changed(members, {"events.jsonl": body, "proofs/3-5.json": None}))
    assert code == 3
    assert "verdict  FAILED" in said
    assert "   1. record 5 (intact): its content is not what was recorded" in said
    assert "   2. proof 3-5 (complete): it is missing" in said


def test_json_says_the_same_in_the_words_of_the_format(run: Any) -> None:
    members = contract_bundle()
    code, said = run(members, "-O", "json")
    verdict = json.loads(said)
    assert (code, list(verdict)) == (0, ["bundle", "verdict", "parts", "bad", "not_proven"])
    assert verdict["bundle"] == hashlib.sha256(bundles.zipped(members)).hexdigest()
    assert list(verdict["parts"]) == PARTS
    more = {name: sorted(part.keys() - {"status", "says"}) for name, part in verdict["parts"].items()}
    counts = ["determinations", "not_recomputed", "states"]
    assert more == {"intact": [], "complete": ["checkpoint"], "recomputed": counts, "authorised": ["by"], "anchored": ["at"]}
    code, said = run(b"no zip", "-O", "json")
    verdict = json.loads(said)
    assert (code, verdict["verdict"], verdict["bad"][0]["where"]) == (3, "failed", "container")
    assert {name: sorted(part.keys() - {"status", "says"}) for name, part in verdict["parts"].items()} == more


def test_what_stands_in_a_bundle_cannot_write_on_a_terminal(run: Any) -> None:
    ledger = bundles.small_ledger()
    ledger.change(5, stream="workforce/\x1b[31m\u202e")
    _, said = run(bundles.members_of(ledger))
    assert "\\x1b[31m\\u202e" in said
    assert "\x1b" not in said


# ── What is given ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_keys_and_checkpoints_are_taken_from_the_command_line_and_files(run: Any, tmp_path: Path) -> None:
    keys, note = tmp_path / "keys", tmp_path / "kept.note"
    keys.write_text(f"{PROVIDER.verifier}\n\n{PAYER.verifier}\n")
    members = contract_bundle()
    note.write_bytes(members["checkpoints/3.note"])
    code, said = run(members, "--key", PAYER.verifier, "--keys", str(keys), "--checkpoint", str(note), "-O", "json")
    authorised = json.loads(said)["parts"]["authorised"]
    assert (code, authorised["status"], authorised["by"]) == (0, "yes", [PAYER.name, PROVIDER.name])
    stranger = bundles.Signer("stranger.example")
    code, said = run(members, "--key", stranger.verifier)
    assert code == 3
    assert "signature of stranger.example on checkpoint 7 (authorised): it is missing" in said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["{bundle}", "--more"],
        ["{bundle}", "-O", "xml"],
        ["{bundle}", "--key", "no key"],
        ["{bundle}", "--keys", "{bundle}"],
        ["{bundle}", "--keys", "{missing}"],
        ["{bundle}", "--checkpoint", "{bundle}"],
        ["{bundle}", "--tsa-certificate", "{bundle}"],
        ["{bundle}", "--sample", "0"],
        ["{bundle}", "--sample", "3", "--contract", "other"],
        ["{missing}"],
        ["{folder}"],
    ],
)
def test_what_cannot_be_used_exits_with_2_and_says_so(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "bundle.zip"
    place.write_bytes(bundles.zipped(contract_bundle()))
    names = {"bundle": str(place), "missing": str(tmp_path / "missing"), "folder": str(tmp_path)}
    with pytest.raises(SystemExit) as raised:
        main([argument.format(**names) for argument in arguments])
    assert raised.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "verify.py: " in said.err


# ── Anchored ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one", rsa.generate_private_key(65537, 2048))


def stamped(authority: Authority, **stamps: bytes) -> dict[str, bytes]:
    """The small bundle with checkpoint 5 and 7 stamped, or with other responses."""
    members = contract_bundle()
    texts = {size: members[f"checkpoints/{size}.note"].partition(b"\n\n")[0] + b"\n" for size in (5, 7)}
    responses = {f"checkpoints/{size}.1.tsr": stamps.get(f"of_{size}") or authority.stamp(texts[size]) for size in (5, 7)}
    return changed(members, responses)


def test_a_stamp_is_told_and_checked_with_the_certificate(run: Any, authority: Authority, tmp_path: Path) -> None:
    members, pem = stamped(authority), tmp_path / "tsa.pem"
    pem.write_bytes(authority.pem)
    code, said = run(members, "-O", "json")
    anchored = json.loads(said)["parts"]["anchored"]
    assert (code, anchored["status"]) == (0, "not checked")
    assert anchored["at"] in anchored["says"]
    assert "give the authority's certificate" in anchored["says"]
    code, said = run(members, "-O", "json", "--tsa-certificate", str(pem))
    assert (code, json.loads(said)["parts"]["anchored"]["status"]) == (0, "yes")
    other = Authority(tmp_path / "other", rsa.generate_private_key(65537, 2048), serial=8)
    pem.write_bytes(other.pem)
    code, said = run(members, "-O", "json", "--tsa-certificate", str(pem))
    verdict = json.loads(said)
    assert (code, verdict["parts"]["anchored"]["status"]) == (3, "no")
    assert [item["where"] for item in verdict["bad"]] == ["timestamp 1 of checkpoint 7"]


@pytest.mark.parametrize("size", [5, 7])
def test_a_stamp_of_something_else_is_bad_also_without_a_certificate(run: Any, authority: Authority, size: int) -> None:
    for response in (authority.stamp(b"something else"), authority.stamp(b"", hashed="sha512"), b"\x30\x03\x02\x01\x00"):
        code, said = run(stamped(authority, **{f"of_{size}": response}), "-O", "json")
        assert (code, [item["where"] for item in json.loads(said)["bad"]]) == (3, [f"timestamp 1 of checkpoint {size}"])


# ── A sample ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_drawing_is_the_one_that_is_described() -> None:
    """Counted out by hand: SHA-256(root ‖ contract ‖ k), the largest numbers left out, each item once."""
    root, population = bytes(range(32)), 1000
    found: list[int] = []
    k = 0
    while len(found) < 40:
        number = int(hashlib.sha256(root + "å".encode() + k.to_bytes(8, "big")).hexdigest(), 16)
        k += 1
        if number < 2**256 - 2**256 % population and number % population not in found:
            found.append(number % population)
    assert drawn_lines(root, "å", population, 40) == found
    assert sorted(drawn_lines(root, "å", 7, 99)) == list(range(7))
    assert drawn_lines(root, "å", 0, 5) == []


def test_a_sample_shows_the_lines_that_are_here(run: Any) -> None:
    ledger = bundles.small_ledger()
    root = bundles.root([bundles.leaf(body) for body in ledger.bodies])
    drawn = drawn_lines(root, CONTRACT, 3, 2)
    code, said = run(contract_bundle(), "--sample", "2", "-O", "json")
    sample = json.loads(said)["sample"]
    assert (code, sample["population"], sample["checkpoint"], sample["root"]) == (0, 3, 7, root.hex())
    lines = ledger.lines[6]
    assert sample["drawn"] == [
        {"draw": draw, "record": 6, "line": item, "shown": bundles.line(lines, item)} for draw, item in enumerate(drawn, 1)
    ]
    _, said = run(contract_bundle(audience="auditor", opened={6: sorted(drawn)}), "--sample", "3", "--contract", CONTRACT)
    rows = [line.split() for line in said.splitlines() if line.strip()[:1].isdigit() and "  6  " in line]
    assert [int(row[2]) for row in rows] == drawn_lines(root, CONTRACT, 3, 3)
    assert [len(row) > 3 for row in rows] == [True, True, False]
    assert "ask for them to be opened" in said


# ── Joined ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_the_one_file_says_the_same_alone_and_on_several_processes(run: Any, tmp_path: Path, start: str) -> None:
    """As an auditor has it: a file, a zip, and Python with nothing installed; also where processes are not forked."""
    verifier, place = tmp_path / "verify.py", tmp_path / "bundle.zip"
    text = (
        joined()
        .replace("WORTH_TWO_PROCESSES = 20_000_000", "WORTH_TWO_PROCESSES = 1")
        .replace("PIECE_BYTES = 1_000_000", "PIECE_BYTES = 300")
    )
    assert "WORTH_TWO_PROCESSES = 1\n" in text
    verifier.write_text(
        text.replace(
            "    raise SystemExit(main())", f"    multiprocessing.set_start_method('{start}')\n    raise SystemExit(main())"
        )
    )
    members = contract_bundle(opened={6: (0, 1)})
    for other in (members, changed(members, {"states.json": b"{}"})):
        expected = run(other, "-O", "json", "--key", PAYER.verifier)
        command = [sys.executable, "-I", str(verifier), str(place), "-O", "json", "--key", PAYER.verifier]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, env={})
        assert (done.returncode, done.stdout, done.stderr) == (*expected, "")
