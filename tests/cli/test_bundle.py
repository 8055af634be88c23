"""``soc export bundle``: what a bundle holds, for whom, and that the same record gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from cli.export import bundle_fields
from cli.options import AUDIENCES
from ledger import bundle
from ledger.canonical import canonical
from ledger.errors import Refused, VerificationFailed
from ledger.events import TYPES
from ledger.lines import Lines
from tests.cli.world import TERMS, World, copy

OTHER = TERMS.replace('id = "tiny"', 'id = "other"').replace("Lilla kommun", "Andra kommun")


def seal(world: World) -> World:
    """A key, a checkpoint; a payment, and another checkpoint."""
    world.done("seal", "new-key", "tiny.se/economy", world.folder / "key")
    world.done("seal", "--key", world.folder / "key")
    paid = ("--due", "--on", "2019-07-22", "--invoice", "17", "--made", "--bank-reference", "B1")
    world.done("pay", "outcome", "tiny", *paid, at="2019-07-23T09:00")
    world.done("seal", "--key", world.folder / "key")
    return world


@pytest.fixture(scope="session")
def _sealed(tmp_path_factory: pytest.TempPathFactory, _settled: World) -> World:
    return seal(copy(_settled, tmp_path_factory.mktemp("sealed")))


@pytest.fixture
def sealed(_sealed: World, tmp_path: Path) -> World:
    """A contract with a first claim paid, sealed before and after."""
    return copy(_sealed, tmp_path)


def export(world: World, *args: str) -> dict[str, bytes]:
    """The members of a bundle of the ledger."""
    file = world.folder / "bundle.zip"
    world.done("export", "bundle", "-o", file, *args)
    return bundle.read(file.read_bytes())


def rows(members: dict[str, bytes], name: str) -> list[Any]:
    return [json.loads(line) for line in members[name].splitlines()]


# ── The container ────────────────────────────────────────────────────────────────────────────────────────────────────


def container(members: dict[str, bytes]) -> bytes:
    return b"".join(bundle.written(members))


def test_any_zip_program_opens_it_and_finds_members_stored_in_order(sealed: World) -> None:
    members = export(sealed)
    with zipfile.ZipFile(sealed.folder / "bundle.zip") as taken:
        assert taken.testzip() is None
        assert taken.namelist() == sorted(members)
        for one in taken.infolist():
            assert taken.read(one) == members[one.filename]
            said = (one.compress_type, one.date_time, one.flag_bits, one.extra, one.comment, one.external_attr, one.create_system)
            assert said == (zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), 0, b"", b"", 0, 0)


def test_what_is_written_reads_back() -> None:
    members = {"b/c.txt": b"", "a.json": b"{}", "b-x": bytes(range(256))}
    assert bundle.read(container(members)) == members
    assert list(bundle.read(container(members))) == ["a.json", "b-x", "b/c.txt"]


@pytest.mark.parametrize("name", ["", "/a", "../a", "a/../b", "a//b", "a/b/c", "a b", ".a", "å", "a\\b", "C:a", "a/"])
def test_no_member_has_a_name_that_a_path_could_climb_by(name: str) -> None:
    with pytest.raises(Refused):
        container({name: b"x"})


def zipped(write: Iterable[tuple[zipfile.ZipInfo | str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        for name, content in write:
            made.writestr(name, content)
    return out.getvalue()


def link() -> zipfile.ZipInfo:
    one = zipfile.ZipInfo("a", (1980, 1, 1, 0, 0, 0))
    one.external_attr = (stat.S_IFLNK | 0o777) << 16
    return one


GOOD = container({"a": b"one", "b": b"two"})
CRIMES = {
    "nothing": b"",
    "no zip": b"hello",
    "cut short": GOOD[:-1],
    "cut in half": GOOD[: len(GOOD) // 2],
    "something after it": GOOD + b"\0",
    "something before it": b"\0" + GOOD,
    "another zip after it": GOOD + GOOD,
    "compressed": zipped([("a", b"one" * 1000)], zipfile.ZIP_DEFLATED),
    "written by another program": zipped([("a", b"one")]),
    "a link": zipped([(link(), b"/etc/passwd")]),
    "a path that climbs": GOOD.replace(b"a", b"/"),
    "doubled": GOOD.replace(b"b", b"a"),
    "out of order": GOOD.replace(b"a", b"c"),
    "content changed": GOOD.replace(b"two", b"twa"),
}


@pytest.mark.parametrize("crime", CRIMES)
def test_anything_else_is_no_bundle(crime: str) -> None:
    with pytest.raises(VerificationFailed):
        bundle.read(CRIMES[crime])


def test_every_bit_of_the_container_counts() -> None:
    for at in range(len(GOOD) * 8):
        flipped = bytearray(GOOD)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(VerificationFailed):
            bundle.read(bytes(flipped))


# ── What it holds ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_checkpoint_there_is_no_bundle(settled: World) -> None:
    result = settled.soc("export", "bundle", "-o", settled.folder / "bundle.zip")
    assert result.code == 1
    assert "soc seal --key" in result.err
    assert not (settled.folder / "bundle.zip").exists()


def test_it_ends_at_the_last_checkpoint_or_at_the_one_asked_for(sealed: World) -> None:
    last, before = json.loads(export(sealed)["manifest.json"]), export(sealed, "--upto", "12")
    assert (last["records"], last["shown"], last["streams"]["contract/tiny"]) == (13, 13, 7)
    assert json.loads(before["manifest.json"])["records"] == 12
    assert [name for name in before if name.startswith(("checkpoints/", "proofs/"))] == ["checkpoints/12.note"]
    result = sealed.soc("export", "bundle", "-o", "-", "--upto", "11")
    assert (result.code, "12, 13" in result.err) == (2, True)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_same_record_gives_the_same_bytes(sealed: World, tmp_path: Path, audience: str) -> None:
    first = container(export(sealed, "--audience", audience))
    elsewhere = copy(sealed, tmp_path / "elsewhere")
    assert container(export(elsewhere, "--audience", audience)) == first


@pytest.mark.parametrize("audience", AUDIENCES)
def test_only_the_payer_gets_lines(sealed: World, audience: str) -> None:
    members = export(sealed, "--audience", audience)
    said = json.loads(members["manifest.json"])
    assert said["audience"] == audience
    assert ("lines.jsonl" in members, "totals.jsonl" in members) == ((True, False) if audience == "payer" else (False, True))
    assert said["lines"] == (162 if audience == "payer" else 0)
    secrets = [row["lines"]["secret"] for row in rows(export(sealed, "--audience", "payer"), "lines.jsonl")]
    assert len(secrets) == 2
    if audience != "payer":
        assert not [one for one in secrets for content in members.values() if one.encode() in content]


def test_the_narrowest_audience_is_the_default(sealed: World) -> None:
    assert json.loads(export(sealed)["manifest.json"])["audience"] == "public"


def test_records_and_lines_are_byte_for_byte_those_stored(sealed: World) -> None:
    from ledger.recorder import Recorder

    members = export(sealed, "--audience", "payer")
    stored = list(Recorder(sealed.ledger).rows(beside=True))
    assert members["events.jsonl"] == b"".join(row.body + b"\n" for row in stored)
    assert members["leaves.txt"].decode().split() == [row.leaf.hex() for row in stored]
    lines = {row["position"]: canonical(row["lines"]) for row in rows(members, "lines.jsonl")}
    assert lines == {row.position: row.beside for row in stored if row.beside is not None}


def test_the_manifest_knows_every_member(sealed: World) -> None:
    members = export(sealed)
    said = json.loads(members.pop("manifest.json"))["members"]
    assert said == {name: {"bytes": len(one), "sha256": hashlib.sha256(one).hexdigest()} for name, one in members.items()}


def test_states_are_those_that_soc_state_gives(sealed: World) -> None:
    [now] = json.loads(export(sealed)["states.json"])["tiny"]
    asked = sealed.state("--as-of", "2019-07-23")
    assert now["balance"]["provider"]["paid"] == "34909.09"
    assert now == {key: asked[key] for key in now}
    assert set(asked) - set(now) == {"basis", "label", "currency", "closed_on", "unsettled", "methodology"}


def test_terms_and_methodologies_stand_for_reading(sealed: World) -> None:
    members = export(sealed)
    assert json.loads(members["terms/tiny-2.json"])["outcome"]["provider_share"] == "0.2"
    adopted = json.loads(members["events.jsonl"].splitlines()[2])["data"]
    assert hashlib.sha256(members["methodologies/tiny-3.json"]).hexdigest() == adopted["sha256"]


def test_it_goes_to_stdout(sealed: World) -> None:
    expected = container(export(sealed))
    command = [sys.executable, "-c", "from cli.main import main; main()", *sealed.options(None, None)]
    root = Path(__file__).parents[2]
    done = subprocess.run([*command, "export", "bundle", "-o", "-"], capture_output=True, check=True, cwd=root)
    assert done.stdout == expected


# ── Several contracts ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two(sealed: World) -> World:
    """… with another contract signed, of another payer, and the record sealed again."""
    sealed.done("contract", "sign", sealed.file("other.toml", OTHER), at="2019-07-24T09:00")
    sealed.done("seal", "--key", _key(sealed))
    return sealed


def _key(world: World) -> Path:
    world.done("seal", "new-key", "other.se/economy", world.folder / "another-key")
    return world.folder / "another-key"


def test_of_other_contracts_only_leaves_are_in(two: World) -> None:
    file = two.folder / "bundle.zip"
    said = two.done("export", "bundle", "-o", file, "--contract", "tiny").err
    assert "1 of other contracts are left out" in said
    members = bundle.read(file.read_bytes())
    manifest = json.loads(members["manifest.json"])
    assert (manifest["contracts"], manifest["records"], manifest["shown"]) == (["tiny"], 14, 13)
    assert members["events.jsonl"].splitlines()[13] == b"null"
    assert len(members["leaves.txt"].split()) == 14
    assert not [name for name, content in members.items() if b"other" in content and name.startswith(("events", "terms/", "sta"))]


def test_lines_go_to_one_employer_alone(two: World) -> None:
    refused = two.soc("export", "bundle", "-o", "-", "--audience", "payer")
    assert refused.code == 1
    assert "Andra kommun" in refused.err
    assert "lines.jsonl" in export(two, "--audience", "payer", "--contract", "tiny")


def test_an_unknown_contract_is_refused(sealed: World) -> None:
    assert sealed.soc("export", "bundle", "-o", "-", "--contract", "none").code == 2


def test_a_record_without_contracts_gives_no_bundle(nothing: World) -> None:
    nothing.opened()
    nothing.done("seal", "new-key", "tiny.se/economy", nothing.folder / "key")
    nothing.done("seal", "--key", nothing.folder / "key")
    assert nothing.soc("export", "bundle", "-o", nothing.folder / "bundle.zip").code == 1


# ── Opened lines ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sample_opens_the_lines_that_the_checkpoint_draws(sealed: World) -> None:
    from projections.audit.sampling import draw

    members = export(sealed, "--audience", "auditor", "--sample", "7")
    root = bytes.fromhex(json.loads(members["manifest.json"])["root"])
    stored = {row["position"]: row["lines"] for row in rows(export(sealed, "--audience", "payer"), "lines.jsonl")}
    every = [(at, number) for at, lines in sorted(stored.items()) for number in range(len(lines["employee"]))]
    opened = [(row["position"], one) for row in rows(members, "openings.jsonl") for one in row["opened"]]
    assert [(at, one["number"]) for at, one in opened] == sorted(every[item] for item in draw(root, "tiny", len(every), 7))
    for at, one in opened:
        [*texts] = Lines.read(canonical(stored[at])).texts()
        assert canonical(one["line"]) == texts[one["number"]]


@pytest.mark.parametrize("audience", ["provider", "public"])
def test_lines_are_opened_for_auditor_and_payer_alone(sealed: World, audience: str) -> None:
    assert sealed.soc("export", "bundle", "-o", "-", "--audience", audience, "--sample", "1").code == 2


def test_a_sample_is_of_one_contract(two: World) -> None:
    assert two.soc("export", "bundle", "-o", "-", "--audience", "auditor", "--sample", "1").code == 2
    assert "openings.jsonl" in export(two, "--audience", "auditor", "--sample", "1", "--contract", "tiny")


# ── For reading ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_field_of_every_event_is_described() -> None:
    said = list(bundle_fields.rows())
    assert all(row["meaning"] and row["type"] for row in said)
    assert {row["of"] for row in said} >= {"every record", *TYPES}
    assert {row["unit"] for row in said if row["field"].endswith("_ore")} == {"öre"}
    assert len({(row["of"], row["field"]) for row in said}) == len(said)
    parts = {
        word
        for row in said
        for word in re.findall(r"\b[A-Z][a-zA-Z]+\b", row["type"])
        if word not in ("SEK", "EUR", "UTC", "SHA")
    }
    assert parts - {"Z"} <= {row["of"] for row in said}, "a part that is named and not described"


def test_every_description_is_of_a_field() -> None:
    from cli.export.bundle_meanings import MEANINGS

    used = set()
    for row in bundle_fields.rows():
        used.add(row["meaning"])
    assert set(MEANINGS.values()) - used == set()


def test_the_schema_has_every_event() -> None:
    schema = json.loads(bundle_fields.schema_json())
    assert set(schema["data_by_type"]) == set(TYPES)
    for reference in schema["data_by_type"].values():
        assert schema["$defs"][reference["$ref"].removeprefix("#/$defs/")]["type"] == "object"


@pytest.mark.parametrize(("audience", "sample", "checks"), [("payer", 3, 6), ("auditor", 4, 5), ("public", None, 2)])
def test_what_the_readme_says_to_do_by_hand_holds(
    sealed: World, monkeypatch: pytest.MonkeyPatch, audience: str, sample: int | None, checks: int
) -> None:
    members = export(sealed, "--audience", audience, *([] if sample is None else ["--sample", str(sample)]))
    text = members["README.txt"].decode()
    assert len(text.splitlines()) <= 200
    assert max(map(len, text.splitlines())) <= 130
    assert hashlib.sha256(members["verify.py"]).hexdigest() in text
    by_hand = text[text.index("CHECK BY HAND") :].splitlines()
    code = "\n".join(line[4:] if line.startswith("    ") else "" for line in by_hand if line[:1] in ("", " "))
    monkeypatch.chdir(sealed.folder)
    (sealed.folder / "BUNDLE.zip").write_bytes((sealed.folder / "bundle.zip").read_bytes())
    out = io.StringIO()
    with redirect_stdout(out):
        exec(compile(code, "README.txt", "exec"), {})
    assert out.getvalue().split() == ["True"] * checks
