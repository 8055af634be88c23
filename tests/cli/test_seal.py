"""``soc seal`` from end to end: keys, checkpoints, others' signatures, proofs, time stamps, and what ``soc check`` says."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from ledger import keys
from ledger.notes import CheckpointText, Note, Proof, VerifierKey
from tests.cli.test_copy import forge
from tests.cli.test_roles import Shared, place, shared
from tests.cli.world import PAYER, World
from tests.ledger.test_seal import Authority, authority

__all__ = ["authority", "place", "shared"]  # fixtures

PAY = ("pay", "outcome", "tiny", "--due", "--on", "2019-07-22", "--invoice", "A-1")


@pytest.fixture
def keyed(settled: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A contract with a claim payable, and a key of each party."""
    monkeypatch.delenv("SOC_KEY", raising=False)
    for name, file in (("tiny.se/economy", "mine"), ("friskare.se", "theirs")):
        made = settled.done("seal", "new-key", name, settled.folder / file, by=None)
        settled.file(f"{file}.pub", made.out)
        assert VerifierKey.parse(made.out.strip()).name == name
    return settled


def key(world: World, name: str = "mine") -> tuple[str, Path]:
    return "--key", world.folder / name


def verifier(world: World, name: str) -> str:
    return (world.folder / f"{name}.pub").read_text().strip()


def test_the_whole_way(keyed: World) -> None:
    """Sealed, handed over, signed by the other party, taken back; then again, with the proof that nothing has changed."""
    first, cosigned = keyed.folder / "first.note", keyed.folder / "first-cosigned.note"
    sealed = keyed.done("seal", *key(keyed), "-o", first, by=None)
    assert "Sealed 12 records, fingerprint" in sealed.err
    assert "Hand this note to the other parties" in sealed.err
    elsewhere = World(keyed.folder, "sqlite:///nowhere.db")
    signed = elsewhere.done("seal", "cosign", first, *key(keyed, "theirs"), "-o", cosigned, by=None)
    assert "Nothing was compared" in signed.err
    assert "Nobody's signature under it was checked" in signed.err
    added = keyed.done("seal", "add", cosigned, "--verifier", verifier(keyed, "theirs"), by=None)
    assert added.out == "Added to the checkpoint of 12 records: friskare.se. Signed by tiny.se/economy, friskare.se.\n"
    assert "nothing was added" in keyed.done("seal", "add", cosigned, "--verifier", verifier(keyed, "theirs"), by=None).out
    assert keyed.done("seal", "show", "12", by=None).out.encode() == cosigned.read_bytes()
    keyed.done(*PAY, by=PAYER)
    second, proof = keyed.folder / "second.note", keyed.folder / "proof.json"
    second.write_text(keyed.done("seal", *key(keyed), by=None).out)
    keyed.done("seal", "prove", "12", "13", "-o", proof, by=None)
    follows = ("--proof", proof, "--verifier", verifier(keyed, "mine"))
    compared = elsewhere.done("seal", "cosign", second, *key(keyed, "theirs"), *follows, by=None)
    assert compared.err == "What you signed before is contained in it.\n"
    listed = keyed.done("seal", "list", "-O", "json", by=None).json["checkpoints"]
    assert [(one["records"], one["signed_by"]) for one in listed] == [
        (12, ["tiny.se/economy", "friskare.se"]),
        (13, ["tiny.se/economy"]),
    ]
    assert listed[1]["root"] == keyed.head()[1]
    assert keyed.soc("check", by=None).code == 1, "findings, but no difference"


def test_the_note_is_of_the_record_and_printed_as_it_is_kept(keyed: World) -> None:
    done = keyed.done("seal", *key(keyed), by=None)
    note = Note.parse(done.out.encode())
    said = CheckpointText.parse(note.text)
    assert (said.size, said.root.hex()) == keyed.head()
    answer = keyed.done("seal", "show", "12", "-O", "json", by=None).json
    assert answer["note"] == done.out
    assert answer["signatures"] == [{"name": "tiny.se/economy", "key_id": note.signatures[0].key_id.hex()}]
    assert (answer["records"], answer["root"], answer["origin"]) == (said.size, said.root.hex(), said.origin)


def test_sealing_is_no_record_and_no_event(keyed: World) -> None:
    before, register = keyed.head(), keyed.done("register", "tiny", by=None)
    keyed.done("seal", *key(keyed), by=None)
    assert keyed.head() == before
    assert keyed.done("register", "tiny", by=None) == register


def test_the_same_again_is_said_to_be_there(keyed: World) -> None:
    first = keyed.done("seal", *key(keyed), by=None)
    again = keyed.done("seal", *key(keyed), by=None)
    assert again.out == first.out
    assert "nothing was added" in again.err
    other = keyed.done("seal", *key(keyed, "theirs"), "-O", "json", by=None).json
    assert other["added"]
    assert [one["name"] for one in other["signatures"]] == ["tiny.se/economy", "friskare.se"]


def test_a_real_ledger_is_sealed_too(nothing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing.done("init")
    nothing.done("seal", "new-key", "tiny.se", nothing.folder / "mine", by=None)
    monkeypatch.setenv("SOC_KEY", str(nothing.folder / "mine"))
    assert Note.parse(nothing.done("seal", by=None).out.encode()).text.split(b"\n")[1] == b"1"
    assert nothing.done("seal", "list", "-O", "csv", by=None).out.startswith(
        "records,last_recorded_at,root,signed_by,signatures,stamped_at\n1,"
    )
    assert "signed by (as kept; check with --verifier)" in nothing.done("seal", "list", by=None).out


# --- what is refused ----------------------------------------------------------------------------------------


def test_without_a_key_nothing_is_signed(keyed: World) -> None:
    refused = keyed.soc("seal", by=None)
    assert (refused.code, refused.out) == (2, "")
    assert "soc seal new-key NAME FILE" in refused.err
    assert keyed.soc("seal", "--key", keyed.folder / "absent", by=None).code == 2
    (keyed.folder / "mine").write_text("")
    damaged = keyed.soc("seal", *key(keyed), by=None)
    assert (damaged.code, damaged.out) == (1, "")
    assert "Nothing was signed" in damaged.err
    assert (keyed.folder / "mine").read_text() == ""
    (keyed.folder / "theirs").chmod(0o644)
    readable = keyed.soc("seal", *key(keyed, "theirs"), by=None)
    assert readable.code == 1
    assert "chmod 600" in readable.err
    assert keyed.done("seal", "list", by=None).out.endswith("Nothing is sealed yet; see: soc seal --help\n")


def test_a_key_is_written_over_by_nothing(keyed: World) -> None:
    folder = keyed.folder
    mine, theirs = ((folder / name).read_bytes() for name in ("mine", "theirs"))
    (folder / "hard").hardlink_to(folder / "theirs")
    (folder / "soft").symlink_to(folder / "theirs")
    own, made = ("seal", *key(keyed), "-o", folder / "mine"), ("seal", "new-key", "tiny.se", folder / "mine")
    for words, said in ((own, "holds a secret key"), (made, "there is a file at")):
        refused = keyed.soc(*words, by=None)
        assert refused.code in (1, 2)
        assert said in refused.err
    for name in ("hard", "soft", "theirs"):
        refused = keyed.soc("seal", *key(keyed), "-o", folder / name, by=None)
        assert (refused.code, refused.out) == (2, "")
        assert f"{folder / name} holds a secret key" in refused.err
    assert keyed.done("seal", "list", "-O", "json", by=None).json == {"checkpoints": []}
    note = keyed.file("note", keyed.done("seal", *key(keyed), by=None).out)
    for words in (
        ("cosign", note, *key(keyed)),
        ("add", note, "--verifier", verifier(keyed, "mine")),
        ("list", "-O", "json"),
        ("show", "12"),
        ("prove", "5", "12"),
        ("stamp", "12", "--request", folder / "request"),
    ):
        assert keyed.soc("seal", *words, "-o", folder / "hard", by=None).code == 2, words
        assert keyed.soc("seal", *words, "-o", folder / "mine.last", by=None).code == 1, words
    assert not (folder / "request").exists()
    assert [(folder / name).read_bytes() for name in ("mine", "theirs", "mine.last")] == [mine, theirs, note.read_bytes()]


def test_notes_and_proofs_are_written_over_nothing_else(keyed: World) -> None:
    minutes, note = keyed.file("minutes.txt", "minutes\n"), keyed.file("empty", "")
    keyed.done("seal", *key(keyed), "-o", note, by=None)
    first = note.read_text()
    proof = keyed.file("proof", keyed.done("seal", "prove", "5", "12", by=None).out)
    for words in (("cosign", note, *key(keyed, "theirs")), ("show", "12"), ("prove", "5", "12")):
        refused = keyed.soc("seal", *words, "-o", minutes, by=None)
        assert refused.code == 1
        assert "there is another file at" in refused.err
    assert not (keyed.folder / "theirs.last").exists(), "refused before anything was signed"
    assert keyed.soc("seal", "show", "12", "-o", proof, by=None).code == 1
    assert keyed.soc("seal", "prove", "5", "12", "-o", note, by=None).code == 1
    assert (minutes.read_text(), note.read_text()) == ("minutes\n", first)
    keyed.done("seal", "cosign", note, *key(keyed, "theirs"), "-o", note, by=None)
    assert note.read_text().startswith(first)
    keyed.done("seal", "prove", "4", "12", "-o", proof, by=None)
    assert Proof.parse(proof.read_bytes()).first == 4
    for _ in range(2):
        keyed.done("seal", "show", "12", "-O", "json", "-o", keyed.folder / "note.json", by=None)
    keyed.done("seal", "show", "12", "-o", keyed.folder / "note.json", by=None)


# --- what a key signed last ---------------------------------------------------------------------------------


def copied(source: Path, target: Path) -> None:
    """The whole database, in place of what is at the target."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_a_fork_is_not_signed_with_an_old_note(keyed: World) -> None:
    """The operator hands the other party a second record that also begins as the first note says, with a proof from there."""
    theirs = key(keyed, "theirs")
    begun = keyed.file("begun.note", keyed.done("seal", *key(keyed), by=None).out)
    begun.write_text(keyed.done("seal", "cosign", begun, *theirs, by=None).out)
    for end in (".db", ".vault.db"):
        copied(keyed.folder / f"ledger{end}", keyed.folder / f"fork{end}")
    forked = World(keyed.folder, f"sqlite:///{keyed.folder / 'fork.db'}", at=keyed.at)
    proofs = []
    for world, paid in ((keyed, PAY), (forked, (*PAY[:-1], "A-2"))):
        world.done(*paid, by=PAYER)
        proofs.append(world.file(f"proof-{len(proofs)}", world.done("seal", "prove", "12", "13", by=None).out))
    shown = keyed.file("shown.note", keyed.done("seal", *key(keyed), by=None).out)
    keyed.done("seal", "cosign", shown, *theirs, "--proof", proofs[0], by=None)
    own = forked.soc("seal", *key(keyed), by=None)
    assert (own.code, own.out) == (3, "")
    assert "the first 13 records are not those that this key has signed" in own.err
    (keyed.folder / "mine.last").unlink()  # the operator is the attacker now
    fork = keyed.file("fork.note", forked.done("seal", *key(keyed), by=None).out)
    assert fork.read_text() != shown.read_text()
    kept = (keyed.folder / "theirs.last").read_bytes()
    for words, code, said in (
        (("--previous", begun, "--proof", proofs[1]), 1, "not the last one signed with this key, which is of 13 records"),
        (("--proof", proofs[1]), 3, "another fingerprint of 13 records"),
        ((), 3, "they are evidence"),
    ):
        refused = keyed.soc("seal", "cosign", fork, *theirs, *words, by=None)
        assert (refused.code, refused.out) == (code, "")
        assert said in refused.err
    assert (keyed.folder / "theirs.last").read_bytes() == kept
    assert Note.parse(kept).text == Note.parse(shown.read_bytes()).text


def test_an_old_copy_of_the_ledger_is_not_sealed(keyed: World) -> None:
    copied(keyed.folder / "ledger.db", keyed.folder / "backup")
    keyed.done(*PAY, by=PAYER)
    keyed.done("seal", *key(keyed), by=None)
    copied(keyed.folder / "backup", keyed.folder / "ledger.db")
    refused = keyed.soc("seal", *key(keyed), by=None)
    assert (refused.code, refused.out) == (3, "")
    assert "the ledger has 12 records; this key has signed 13" in refused.err
    assert "make a new key" in refused.err
    assert keyed.done("seal", "list", "-O", "json", by=None).json == {"checkpoints": []}
    keyed.done("seal", "new-key", "tiny.se/economy", keyed.folder / "new", by=None)
    keyed.done("seal", *key(keyed, "new"), by=None)


def test_the_list_says_which_signatures_are_right(keyed: World) -> None:
    note = keyed.file("note", keyed.done("seal", *key(keyed), by=None).out)
    cosigned = keyed.file("cosigned", keyed.done("seal", "cosign", note, *key(keyed, "theirs"), by=None).out)
    keyed.done("seal", "add", cosigned, "--verifier", verifier(keyed, "theirs"), by=None)
    mine, theirs = (("--verifier", verifier(keyed, name)) for name in ("mine", "theirs"))
    assert "tiny.se/economy, friskare.se\n" in keyed.done("seal", "list", by=None).out
    assert "tiny.se/economy, friskare.se (right)\n" in keyed.done("seal", "list", *theirs, by=None).out
    keyed.done("seal", "new-key", "friskare.se", keyed.folder / "false", by=None)
    other = str(keys.read(keyed.folder / "false").verifier)
    found = keyed.soc("seal", "list", *mine, "--verifier", other, "-O", "json", by=None)
    assert (found.code, found.json["checkpoints"][0]["signatures"]) == (3, ["right", "wrong"])
    assert "friskare.se (wrong)" in keyed.soc("seal", "list", "--verifier", other, by=None).out


def test_a_doubled_signature_is_told_and_stops_nothing(keyed: World) -> None:
    """Whoever may append can keep a row twice; it can never be taken away."""
    keyed.done("seal", *key(keyed), by=None)
    line = Note.parse(keyed.done("seal", "show", "12", by=None).out.encode()).signatures[0].line()
    fingerprint = sha256(b"3\n12\nsignature\n" + line).digest()
    with closing(sqlite3.connect(keyed.database())) as file:
        file.execute("INSERT INTO seals VALUES (3, 12, 'signature', ?, ?)", (line, fingerprint))
        file.commit()
    found = keyed.soc("check", by=None)
    assert found.code == 3
    assert "signature of checkpoint 12: a signature of tiny.se/economy (" in found.out
    assert "stands there already: only the first counts" in found.out
    keyed.done("export", "bundle", "--contract", "tiny", "-o", keyed.folder / "tiny.zip", by=None)
    verified = keyed.soc("verify", keyed.folder / "tiny.zip", "--key", verifier(keyed, "mine"), by=None)
    assert verified.code == 0, verified.out + verified.err
    assert keyed.done("seal", "list", "-O", "json", by=None).json["checkpoints"][0]["signed_by"] == ["tiny.se/economy"]


@pytest.mark.parametrize("name", ["tiny se", "tiny+se", "", "19121212-1212"])
def test_names_that_cannot_stand_in_a_note_are_refused(nothing: World, name: str) -> None:
    refused = nothing.soc("seal", "new-key", name, nothing.folder / "mine", by=None)
    assert refused.code == 2
    assert not (nothing.folder / "mine").exists()


def test_options_stand_after_what_they_are_for(keyed: World) -> None:
    refused = keyed.soc("seal", *key(keyed), "cosign", "note", by=None)
    assert refused.code == 2
    assert "options of soc seal cosign stand after it" in refused.err


def test_the_codes_of_what_does_not_hold(keyed: World) -> None:
    """3 for a signature or proof that does not hold, 1 for what is refused, 2 for a question that cannot be asked."""
    note = keyed.file("note", keyed.done("seal", *key(keyed), by=None).out)
    keyed.done(*PAY, by=PAYER)
    later = keyed.file("later", keyed.done("seal", *key(keyed), by=None).out)
    theirs, vkey = key(keyed, "theirs"), ("--verifier", verifier(keyed, "theirs"))
    mine = keyed.file("cosigned", keyed.done("seal", "cosign", note, *theirs, by=None).out)
    signature = mine.read_text().splitlines(keepends=True)[-1]
    proof = Proof.parse(keyed.done("seal", "prove", "12", "13", by=None).out.encode())
    good = keyed.file("good.json", proof.content())
    other = keyed.done("seal", "cosign", later, *theirs, "--proof", good, by=None).out.splitlines(keepends=True)[-1]
    (keyed.folder / "theirs.last").write_bytes(mine.read_bytes())
    moved = keyed.file("moved", mine.read_text().replace(signature, other))
    bad = keyed.file("bad.json", Proof(12, 13, (bytes(32), *proof.hashes[1:])).content())
    wrong = keyed.file("wrong.json", Proof(11, 13, proof.hashes).content())
    keyed.done("seal", "new-key", "third.se", keyed.folder / "third", by=None)
    fresh = key(keyed, "third")
    torn = keyed.file("torn", note.read_bytes()[:-3])
    for words, code in (
        (("add", moved, *vkey), 3),
        (("add", mine, "--verifier", verifier(keyed, "mine")), 1),
        (("add", torn, *vkey), 1),
        (("add", mine), 2),
        (("add", mine, "--verifier", "friskare.se+00+AA"), 2),
        (("cosign", later, *theirs, "--previous", mine, "--proof", bad), 3),
        (("cosign", later, *theirs, "--previous", mine), 1),
        (("cosign", later, *theirs), 1),
        (("cosign", later, *theirs, "--previous", later, "--proof", good), 1),
        (("cosign", later, *theirs, "--proof", good, "--verifier", verifier(keyed, "theirs")), 3),
        (("cosign", later, *theirs, "--proof", good, "--verifier", "friskare.se+00+AA"), 2),
        (("cosign", later, *theirs, "--previous", mine, "--proof", wrong), 1),
        (("cosign", later, *theirs, "--previous", mine, "--proof", note), 1),
        (("cosign", torn, *theirs), 1),
        (("cosign", later, *fresh, "--proof", good), 2),
        (("cosign", later, *fresh, "--previous", note, "--proof", good), 3),
        (("cosign", later), 2),
        (("cosign", later, *theirs, "--previous", mine, "--proof", good, "--verifier", verifier(keyed, "mine")), 0),
        (("cosign", later, *theirs, "--previous", mine, "--proof", good), 0),
        (("cosign", note, *theirs), 3),
        (("prove", "13", "12"), 2),
        (("prove", "1", "14"), 2),
        (("prove", "0", "1"), 2),
        (("show", "11"), 2),
        (("stamp", "12"), 2),
        (("stamp", "12", "--request", note), 1),
        (("stamp", "11", "--request", keyed.folder / "request"), 2),
        (("stamp", "12", "--response", note), 2),
        (("stamp", "12", "--response", note, "--certificate", note), 1),
    ):
        found = keyed.soc("seal", *words, by=None)
        assert found.code == code, (words, found)
        assert found.out == "" or code == 0
    assert keyed.done("seal", "show", "12", by=None).out == note.read_text()


# --- damage -------------------------------------------------------------------------------------------------


def test_the_check_finds_a_byte_that_changed_in_any_seal(keyed: World, authority: Authority) -> None:
    stamped(keyed, authority)
    with closing(sqlite3.connect(keyed.database())) as file:
        rows = file.execute("SELECT number, kind, content FROM seals ORDER BY number").fetchall()
    assert [kind for _, kind, _ in rows] == ["checkpoint", "signature", "timestamp"]
    for number, kind, content in rows:
        at = len(content) // 2
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        forge(keyed, "UPDATE seals SET content = ? WHERE number = ?", changed, number)
        found = keyed.soc("check", by=None)
        assert found.code == 3
        assert f"seal {number}: is not what was kept ({kind}" in found.out
        listed = keyed.soc("seal", "list", by=None)
        assert (listed.code, listed.out) == (3, "")
        forge(keyed, "UPDATE seals SET content = ? WHERE number = ?", content, number)
    assert keyed.soc("check", by=None).code == 1


def test_a_record_made_anew_does_not_pass_for_the_one_that_was_sealed(keyed: World) -> None:
    """The seals of one record beside another that is whole in itself: nothing but the checkpoint can tell."""
    keyed.done("seal", *key(keyed), by=None)
    with closing(sqlite3.connect(keyed.database())) as file:
        rows = file.execute("SELECT number, size, kind, content, sha256 FROM seals ORDER BY number").fetchall()
    folder = keyed.folder / "anew"
    folder.mkdir()
    anew = World(folder, f"sqlite:///{folder / 'ledger.db'}", at="2019-07-22T09:00").reported()
    for number in range(keyed.head()[0] - anew.head()[0]):
        anew.done("loan", "draw", "tiny", str(100 + number), "--on", "2019-07-01", "--for", "internal", by=PAYER)
    assert anew.head()[0] == keyed.head()[0]
    assert anew.soc("check", by=None).code == 1
    for row in rows:
        forge(anew, "INSERT INTO seals VALUES (?, ?, ?, ?, ?)", *row)
    found = anew.soc("check", by=None)
    assert found.code == 3
    assert "checkpoint 12: its fingerprint is not that of the record" in found.out
    assert anew.soc("seal", *key(keyed), by=None).code == 3


# --- time stamps --------------------------------------------------------------------------------------------


def stamped(world: World, authority: Authority) -> str:
    """Sealed and stamped; what ``soc seal stamp`` said."""
    world.done("seal", *key(world), by=None)
    request = world.folder / "request.tsq"
    world.done("seal", "stamp", "12", "--request", request, by=None)
    world.done("seal", "stamp", "12", "--request", request, by=None)
    world.file("answer.tsr", authority.answer(request.read_bytes()))
    world.file("authority.pem", authority.certificates)
    answer = ("--response", world.folder / "answer.tsr", "--certificate", world.folder / "authority.pem")
    return world.done("seal", "stamp", "12", *answer, by=None).out


def test_a_checkpoint_is_stamped_once(keyed: World, authority: Authority) -> None:
    assert "was stamped at 20" in stamped(keyed, authority)
    answer = ("--response", keyed.folder / "answer.tsr", "--certificate", keyed.folder / "authority.pem")
    assert "already; nothing was added" in keyed.done("seal", "stamp", "12", *answer, by=None).out
    assert len(keyed.done("seal", "list", "-O", "json", by=None).json["checkpoints"][0]["stamped_at"]) == 1
    listed = keyed.done("seal", "list", by=None).out
    assert len(listed.splitlines()) == 5


def test_a_stamp_of_something_else_is_refused(keyed: World, authority: Authority) -> None:
    stamped(keyed, authority)
    keyed.done(*PAY, by=PAYER)
    keyed.done("seal", *key(keyed), by=None)
    answer = ("--response", keyed.folder / "answer.tsr", "--certificate", keyed.folder / "authority.pem")
    refused = keyed.soc("seal", "stamp", "13", *answer, by=None)
    assert (refused.code, refused.out) == (3, "")
    assert "for something else than this checkpoint" in refused.err


# --- who may seal -------------------------------------------------------------------------------------------


def test_who_may_append_may_seal_and_who_may_read_may_look(shared: Shared, tmp_path: Path) -> None:
    adder, reader = shared.as_("adder"), shared.as_("reader")
    adder.done("seal", "new-key", "tiny.se/economy", tmp_path / "mine", by=None)
    refused = reader.soc("seal", "--key", tmp_path / "mine", by=None)
    assert refused.code == 1
    assert "may only read" in refused.err
    note = adder.done("seal", "--key", tmp_path / "mine", by=None).out
    for user in ("owner", "adder", "reader"):
        assert shared.as_(user).done("seal", "show", "12", by=None).out == note
    assert json.loads(reader.done("seal", "prove", "5", "12", by=None).out)["to"] == 12
    assert reader.soc("check", by=None).code == 1


def test_rights_given_before_there_were_seals_hold_for_them(shared: Shared, tmp_path: Path) -> None:
    import psycopg

    owner, adder, reader = (shared.as_(user) for user in ("owner", "adder", "reader"))
    adder.done("seal", "new-key", "tiny.se/economy", tmp_path / "mine", by=None)
    for renew in (("seal", "--key", tmp_path / "mine"), ("grant", shared.role("readers"), "read")):
        with psycopg.connect(owner.ledger, autocommit=True) as connection:
            connection.execute("DROP TABLE seals CASCADE")
        assert reader.done("seal", "list", "-O", "json", by=None).json == {"checkpoints": []}
        refused = adder.soc("seal", "--key", tmp_path / "mine", by=None)
        assert refused.code == 1
        assert "Do it as the owner" in refused.err
        owner.done(*renew, by=None)
        adder.done("seal", "--key", tmp_path / "mine", by=None)
        reader.done("seal", "show", "12", by=None)
