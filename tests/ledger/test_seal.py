"""The seal in the database: checkpoints of this log and no other, guards, damage, keys in files, and time stamps."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from eventsourcing.persistence import IntegrityError

from ledger import cosigning, keys, merkle, notes, schema, seal, seal_rows, stamps
from ledger.errors import LedgerError, Refused, Usage, VerificationFailed
from ledger.keys import Memory, SigningKey
from ledger.notes import CheckpointText, Note, Proof, Signature, VerifierKey
from ledger.recorder import RecordedEvent, Recorder
from tests.ledger.test_notes import PUBLIC, SEED

START = datetime(2019, 1, 1, tzinfo=UTC)
MINE = SigningKey(VerifierKey("tiny.se/economy", PUBLIC), SEED)
THEIRS = SigningKey(VerifierKey("friskare.se", PUBLIC), SEED)


@pytest.fixture
def recorder(ledger_url: str) -> Recorder:
    found = Recorder(ledger_url)
    found.create()
    record(found, 5)
    return found


def record(recorder: Recorder, count: int) -> None:
    before = recorder.head().position
    later = [before + 1 + number for number in range(count)]
    recorder.insert_events(
        [RecordedEvent("notes/a", one, "Noted@1", f"{one}".encode(), START + timedelta(hours=one)) for one in later]
    )


def note_of(found: seal.Checkpoint) -> Note:
    return Note.parse(found.note())


# --- sealing ------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_of_the_record_as_it_stands(recorder: Recorder) -> None:
    assert seal.checkpoints(recorder) == []
    done = seal.sign(recorder, MINE)
    said = CheckpointText.parse(done.checkpoint.text)
    leaves = recorder.leaves(5)
    assert leaves == [merkle.leaf_hash(str(number).encode()) for number in range(1, 6)]
    assert said == CheckpointText(f"soc-ledger/{leaves[0].hex()[:32]}", 5, merkle.root_of(leaves))
    assert [keys.signed(MINE.verifier, one, done.checkpoint.text) for one in done.added] == [True]
    assert note_of(done.checkpoint).signatures == done.added
    assert seal.checkpoints(recorder) == [done.checkpoint]


def test_the_same_record_is_sealed_once_by_each_key(recorder: Recorder) -> None:
    first = seal.sign(recorder, MINE)
    assert seal.sign(recorder, MINE) == seal.Added(first.checkpoint)
    second = seal.sign(recorder, THEIRS)
    assert [one.name for one in second.checkpoint.signatures] == ["tiny.se/economy", "friskare.se"]
    record(recorder, 2)
    third = seal.sign(recorder, THEIRS)
    assert seal.checkpoints(recorder) == [second.checkpoint, third.checkpoint]
    assert [one.size for one in seal.checkpoints(recorder)] == [5, 7]


def test_nothing_is_sealed_before_the_first_record(ledger_url: str) -> None:
    recorder = Recorder(ledger_url)
    recorder.create()
    with pytest.raises(Usage, match="holds no record yet"):
        seal.sign(recorder, MINE)


def test_a_ledger_from_before_there_were_seals(recorder: Recorder) -> None:
    with recorder.maintaining() as connection:
        connection.exec_driver_sql(f"DROP TABLE seals{' CASCADE' if recorder.on_postgresql else ''}")
    assert seal.checkpoints(recorder) == []
    assert seal.kept(recorder) == []
    with pytest.raises(Usage, match="There is none yet"):
        seal.checkpoint(recorder, 5)
    assert seal.sign(recorder, MINE).checkpoint.size == 5
    seal.prepare(recorder)
    with pytest.raises(IntegrityError), recorder.maintaining() as connection:
        connection.exec_driver_sql("DELETE FROM seals")


@pytest.mark.parametrize("sealed_before", [False, True])
def test_a_record_whose_tree_was_forged_is_not_signed(recorder: Recorder, sealed_before: bool) -> None:
    """Also where the forger made the tree's peaks anew, and the next records follow from what he made."""
    if sealed_before:
        seal.sign(recorder, MINE)
    forge(recorder, "UPDATE events SET leaf = :value WHERE position = 3", bytes(32))
    if sealed_before:
        peaks: tuple[bytes, ...] = ()
        for position, leaf in enumerate(recorder.leaves(5)):
            peaks = merkle.peaks_after(peaks, position, leaf)
        forge(recorder, "UPDATE events SET peaks = :value WHERE position = 5", b"".join(peaks))
    with pytest.raises(VerificationFailed, match="changed" if sealed_before else "does not follow from them"):
        seal.sign(recorder, MINE)
    assert len(seal.kept(recorder)) == (2 if sealed_before else 0)


def test_what_was_sealed_and_then_changed_is_not_signed_though_its_peaks_still_say_the_same(recorder: Recorder) -> None:
    seal.sign(recorder, MINE)
    record(recorder, 3)
    forge(recorder, "UPDATE events SET leaf = :value WHERE position = 3", bytes(32))
    peaks: tuple[bytes, ...] = ()
    for position, leaf in enumerate(recorder.leaves(8)):
        peaks = merkle.peaks_after(peaks, position, leaf)
    forge(recorder, "UPDATE events SET peaks = :value WHERE position = 8", b"".join(peaks))
    with pytest.raises(VerificationFailed, match="of the first 5 records does not follow from them"):
        seal.sign(recorder, MINE)
    assert len(seal.kept(recorder)) == 2


def test_a_missing_leaf_is_told(recorder: Recorder) -> None:
    with pytest.raises(VerificationFailed, match="of the first 6 records 5 are there"):
        recorder.leaves(6)


# --- guards -------------------------------------------------------------------------------------------------

GOOD = CheckpointText("soc-ledger/" + "0" * 32, 5, bytes(32)).text()


def row(number: int, size: int, kind: str, content: bytes = GOOD) -> dict[str, object]:
    one = seal.Seal(number, size, kind, content, b"")
    return one._replace(sha256=seal_rows.fingerprint(one))._asdict()


CHANGING = (
    "UPDATE seals SET size = 6 WHERE number = 1",
    "DELETE FROM seals WHERE number = 2",
    "DELETE FROM seals",
)
CHANGING_SQLITE = (
    "INSERT OR REPLACE INTO seals SELECT number, size, kind, content, sha256 FROM seals WHERE number = 1",
    "UPDATE OR REPLACE seals SET number = 1 WHERE number = 2",
)
CHANGING_POSTGRESQL = ("TRUNCATE seals", "UPDATE seals SET size = 6 WHERE number = 99")


def test_what_is_kept_is_neither_changed_nor_removed(recorder: Recorder) -> None:
    seal.sign(recorder, MINE)
    before = seal.kept(recorder)
    for statement in (*CHANGING, *(CHANGING_POSTGRESQL if recorder.on_postgresql else CHANGING_SQLITE)):
        with pytest.raises(IntegrityError), recorder.maintaining() as connection:
            connection.exec_driver_sql(statement)
        assert seal.kept(recorder) == before, statement


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (row(4, 7, "checkpoint"), "under the next number"),
        (row(2, 7, "checkpoint"), "under the next number"),
        (row(3, 5, "checkpoint"), "more records than the one before it"),
        (row(3, 4, "checkpoint"), "more records than the one before it"),
        (row(3, 8, "checkpoint"), "no more than there are"),
        (row(3, 7, "signature"), "of a checkpoint that is kept"),
        (row(3, 4, "timestamp"), "of a checkpoint that is kept"),
        (row(3, 5, "note"), "(?i)check constraint"),
        ({**row(3, 5, "signature"), "sha256": b""}, "(?i)check constraint"),
    ],
)
def test_only_what_follows_is_kept(recorder: Recorder, values: dict[str, object], said: str) -> None:
    seal.sign(recorder, MINE)
    record(recorder, 2)
    with pytest.raises(IntegrityError, match=said), recorder.writing() as connection:
        connection.execute(schema.seals.insert(), values)
    assert len(seal.kept(recorder)) == 2


# --- damage -------------------------------------------------------------------------------------------------


def forge(recorder: Recorder, statement: str, value: object) -> None:
    """Change what is stored as whoever owns the database can: past the guards."""
    with recorder.maintaining() as connection:
        if recorder.on_postgresql:
            for table in ("events", "seals"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        else:
            guards = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            for name, _ in guards:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.execute(sa.text(statement), {"value": value})
        if recorder.on_postgresql:
            for table in ("events", "seals"):
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept")
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_in_order")
        else:
            for _, sql in guards:
                connection.exec_driver_sql(sql)


def replaced(recorder: Recorder, number: int, content: bytes) -> None:
    """Another content with a fingerprint of its own that is right."""
    one = seal.kept(recorder)[number - 1]._replace(content=content)
    forge(recorder, f"UPDATE seals SET content = :value WHERE number = {number}", content)
    forge(recorder, f"UPDATE seals SET sha256 = :value WHERE number = {number}", seal_rows.fingerprint(one))


def told(recorder: Recorder) -> list[tuple[str, str]]:
    found = list(seal.faults(recorder, seal.kept(recorder)))
    if found:
        with pytest.raises(VerificationFailed):
            seal.checkpoints(recorder)
    return found


def test_any_byte_changed_is_found(tmp_path: Path) -> None:
    recorder = Recorder(f"sqlite:///{tmp_path / 'ledger.db'}")
    recorder.create()
    record(recorder, 5)
    seal.sign(recorder, MINE)
    assert told(recorder) == []
    good = seal.kept(recorder)
    for number, one in enumerate(good):
        for column, stored in (("content", one.content), ("sha256", one.sha256)):
            for at in range(len(stored)):
                value = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]
                bad = [*good[:number], one._replace(**{column: value}), *good[number + 1 :]]
                assert any(where == f"seal {one.number}" for where, _ in seal.faults(recorder, bad)), (number, column, at)
    forge(recorder, "UPDATE seals SET content = :value WHERE number = 2", good[1].content.replace(b" ", b"  ", 1))
    assert told(recorder) == [("seal 2", "is not what was kept (signature of checkpoint 5)")]


@pytest.mark.parametrize(
    ("statement", "value", "where"),
    [
        ("UPDATE seals SET size = :value WHERE number = 1", 4, "seal 1"),
        ("UPDATE seals SET kind = :value WHERE number = 2", "timestamp", "seal 2"),
        ("UPDATE seals SET number = :value WHERE number = 2", 3, "seal 3"),
        ("DELETE FROM seals WHERE number = :value", 1, "seal 2"),
    ],
)
def test_a_row_that_was_moved_or_removed_is_found(recorder: Recorder, statement: str, value: object, where: str) -> None:
    seal.sign(recorder, MINE)
    forge(recorder, statement, value)
    assert [at for at, _ in told(recorder)] == [where]


def test_a_checkpoint_that_is_not_of_this_record_is_found(recorder: Recorder) -> None:
    seal.sign(recorder, MINE)
    good = CheckpointText.parse(seal.kept(recorder)[0].content)
    for other, said in (
        (CheckpointText("soc-ledger/" + "0" * 32, 5, good.root), "of another ledger, soc-ledger/0000"),
        (CheckpointText(good.origin, 4, good.root), "says that it is of 4 records"),
        (CheckpointText(good.origin, 5, bytes(32)), "its fingerprint is not that of the record"),
    ):
        replaced(recorder, 1, other.text())
        [(where, what)] = told(recorder)
        assert where == "checkpoint 5"
        assert said in what
    replaced(recorder, 1, b"no checkpoint")
    assert "three lines" in told(recorder)[0][1]


def test_records_that_are_gone_are_found(recorder: Recorder) -> None:
    seal.sign(recorder, MINE)
    forge(recorder, "DELETE FROM events WHERE position = :value", 5)
    assert told(recorder) == [("checkpoint 5", "there are only 4 records: those after them are gone")]


def test_checkpoints_that_do_not_follow_are_found(recorder: Recorder) -> None:
    first = seal.sign(recorder, MINE).checkpoint
    record(recorder, 2)
    seal.sign(recorder, MINE)
    rows = seal.kept(recorder)
    doubled = rows[2]._replace(size=5, content=first.text)
    found = list(seal.faults(recorder, [*rows[:2], doubled._replace(sha256=seal_rows.fingerprint(doubled))]))
    assert found == [("checkpoint 5", "does not follow from the checkpoint before it, of 5 records")]


def kept_raw(recorder: Recorder, size: int, kind: str, content: bytes) -> None:
    """A row that whoever may append can put there."""
    with recorder.writing() as connection:
        connection.execute(schema.seals.insert(), row(len(seal.kept(recorder)) + 1, size, kind, content))


def test_what_is_of_no_use_under_a_checkpoint_is_told_and_passed_over(recorder: Recorder, authority: Authority) -> None:
    good = seal.sign(recorder, MINE).checkpoint
    line, wrong = good.signatures[0].line(), Signature("tiny.se/economy", MINE.verifier.key_id, bytes(64)).line()
    other, right = authority.answer(stamps.request(b"other\n")), authority.answer(stamps.request(good.text))
    doubled = f"a signature of tiny.se/economy ({MINE.verifier.key_id.hex()}) stands there already: only the first counts"
    another = "the time stamp is for something else than this checkpoint"
    for kind, content in (
        ("signature", line),
        ("signature", wrong),
        ("signature", b"no signature"),
        ("timestamp", other),
        ("timestamp", right),
        ("timestamp", right),
    ):
        kept_raw(recorder, 5, kind, content)
    assert list(seal.faults(recorder, seal.kept(recorder))) == [
        ("signature of checkpoint 5", doubled),
        ("signature of checkpoint 5", doubled),
        ("signature of checkpoint 5", "a signature stands on a line: — NAME BASE64"),
        ("timestamp of checkpoint 5", another),
        ("timestamp of checkpoint 5", "the same time stamp stands there already: only the first counts"),
    ]
    assert seal.checkpoints(recorder) == [replace(good, stamps=(right,))]
    assert Note.parse(seal.checkpoint(recorder, 5).note()).signatures == good.signatures
    record(recorder, 1)
    assert seal.sign(recorder, MINE).checkpoint.size == 6


@pytest.mark.parametrize("kind", ["signature", "timestamp"])
def test_what_stands_under_no_checkpoint_is_told_and_passed_over(recorder: Recorder, kind: str) -> None:
    good = seal.sign(recorder, MINE).checkpoint
    kept_raw(recorder, 5, kind, good.signatures[0].line())
    one = seal.kept(recorder)[2]._replace(size=4)
    forge(recorder, "UPDATE seals SET size = :value WHERE number = 3", 4)
    forge(recorder, "UPDATE seals SET sha256 = :value WHERE number = 3", seal_rows.fingerprint(one))
    told = [(f"{kind} of checkpoint 4", "there is no checkpoint of 4 records before it")]
    assert list(seal.faults(recorder, seal.kept(recorder))) == told
    assert seal.checkpoints(recorder) == [good]


def test_a_wrong_signature_that_stands_where_a_right_one_belongs_is_told(recorder: Recorder) -> None:
    note = note_of(seal.sign(recorder, MINE).checkpoint)
    kept_raw(recorder, 5, "signature", Signature("friskare.se", THEIRS.verifier.key_id, bytes(64)).line())
    with pytest.raises(VerificationFailed, match=r"another signature of friskare\.se stands under checkpoint 5 here"):
        seal.add(recorder, cosigning.cosign(note, THEIRS)[0], [THEIRS.verifier])
    assert len(seal.kept(recorder)) == 3


# --- the signatures of others ---------------------------------------------------------------------------------


def test_signatures_of_others_are_taken_once(recorder: Recorder) -> None:
    mine = seal.sign(recorder, MINE).checkpoint
    cosigned, new = cosigning.cosign(note_of(mine), THEIRS)
    assert new
    done = seal.add(recorder, cosigned, [THEIRS.verifier])
    assert [one.name for one in done.added] == ["friskare.se"]
    assert note_of(seal.checkpoint(recorder, 5)) == cosigned
    assert seal.add(recorder, cosigned, []).added == ()
    assert cosigning.cosign(cosigned, THEIRS) == (cosigned, False)


def test_a_signature_that_is_not_right_or_by_nobody_known_is_not_taken(recorder: Recorder) -> None:
    note = note_of(seal.sign(recorder, MINE).checkpoint)
    forged = note.signed(Signature("friskare.se", THEIRS.verifier.key_id, bytes(64)))
    with pytest.raises(VerificationFailed, match=r"the signature of friskare.se .* is not right"):
        seal.add(recorder, forged, [THEIRS.verifier])
    signed, _ = cosigning.cosign(note, THEIRS)
    with pytest.raises(Refused, match="whose key was not given"):
        seal.add(recorder, signed, [MINE.verifier])
    third = SigningKey(VerifierKey("third.se", PUBLIC), SEED)
    with pytest.raises(Refused, match=r"of third\.se .* whose key was not given"):
        seal.add(recorder, cosigning.cosign(signed, third)[0], [THEIRS.verifier])
    assert note_of(seal.checkpoint(recorder, 5)) == note


def test_a_note_that_is_no_checkpoint_of_this_ledger_is_not_taken(recorder: Recorder) -> None:
    good = CheckpointText.parse(seal.sign(recorder, MINE).checkpoint.text)
    record(recorder, 1)
    for other, said in (
        (CheckpointText("other", 5, good.root).text(), "of another ledger, other"),
        (CheckpointText(good.origin, 6, recorder.head().root).text(), "no checkpoint of 6 records was sealed here"),
        (CheckpointText(good.origin, 5, bytes(32)).text(), "another fingerprint than checkpoint 5"),
        (b"something\n", "is no checkpoint"),
    ):
        with pytest.raises(Refused, match=said):
            seal.add(recorder, Note(other).signed(THEIRS.sign(other)), [THEIRS.verifier])
    assert len(seal.kept(recorder)) == 2


# --- proofs and cosigning -----------------------------------------------------------------------------------


def test_any_two_numbers_of_records_are_proved(recorder: Recorder) -> None:
    record(recorder, 6)
    for second in range(1, 12):
        for first in range(1, second + 1):
            proof = seal.prove(recorder, first, second)
            roots = recorder.head_at(first).root, recorder.head_at(second).root
            assert merkle.verify_consistency(first, second, *roots, proof.hashes)
    for first, second in ((0, 5), (6, 5), (1, 12)):
        with pytest.raises(Usage, match="not two numbers of records in order, from 1 to 11"):
            seal.prove(recorder, first, second)


def test_no_proof_is_given_that_does_not_hold(recorder: Recorder) -> None:
    forge(recorder, "UPDATE events SET leaf = :value WHERE position = 2", bytes(32))
    with pytest.raises(VerificationFailed, match="no proof holds"):
        seal.prove(recorder, 3, 5)


def test_another_party_signs_only_what_contains_its_last_checkpoint(recorder: Recorder) -> None:
    previous, _ = cosigning.cosign(note_of(seal.sign(recorder, MINE).checkpoint), THEIRS)
    record(recorder, 3)
    handed, proof = note_of(seal.sign(recorder, MINE).checkpoint), seal.prove(recorder, 5, 8)
    signed, new = cosigning.cosign(handed, THEIRS, previous, proof)
    assert new
    assert keys.signed(THEIRS.verifier, signed.signatures[-1], handed.text)
    assert cosigning.cosign(previous, THEIRS, previous)[1] is False
    said = CheckpointText.parse(handed.text)
    forked = Note(CheckpointText(said.origin, 8, bytes(32)).text())
    stranger = Note(previous.text).signed(MINE.sign(previous.text))
    unsigned = Note(previous.text).signed(Signature("friskare.se", THEIRS.verifier.key_id, bytes(64)))
    foreign = Note(CheckpointText("other", 8, said.root).text())
    cases: list[tuple[Note, Note, Proof | None, type[LedgerError], str]] = [
        (handed, previous, None, Refused, "you have signed 5 records; no proof shows(.|\n)*soc seal prove 5 8"),
        (handed, previous, Proof(5, 8, ()), VerificationFailed, "nothing shows that your checkpoint of 5 records is contained"),
        (handed, previous, Proof(5, 8, proof.hashes[1:]), VerificationFailed, "nothing shows"),
        (forked, previous, proof, VerificationFailed, "nothing shows"),
        (handed, previous, Proof(4, 8, proof.hashes), Refused, "the proof is from 4 to 8 records"),
        (handed, stranger, proof, VerificationFailed, "not signed by friskare.se"),
        (handed, unsigned, proof, VerificationFailed, "not signed by friskare.se"),
        (
            previous,
            signed,
            None,
            VerificationFailed,
            "of 5 records; you have signed 8 before(.|\n)*Keep both notes: they are evidence",
        ),
        (forked, signed, Proof(8, 8, ()), VerificationFailed, "another fingerprint of 8 records(.|\n)*they are evidence"),
        (foreign, previous, proof, Refused, "of two ledgers"),
        (Note(b"something\n"), previous, proof, Refused, "is no checkpoint"),
    ]
    for note, before, shown, error, words in cases:
        with pytest.raises(error, match=words):
            cosigning.cosign(note, THEIRS, before, shown)
    assert cosigning.cosign(handed, THEIRS, signed) == (signed, True)  # the same again, as after a failure


def test_a_wrong_signature_under_ones_own_name_is_told() -> None:
    text = CheckpointText("soc-ledger/" + "0" * 32, 5, bytes(32)).text()
    note = Note(text).signed(Signature("friskare.se", THEIRS.verifier.key_id, bytes(64)))
    with pytest.raises(VerificationFailed, match=r"has a signature of friskare\.se that is not right"):
        cosigning.cosign(note, THEIRS)


# --- keys in files ------------------------------------------------------------------------------------------


def test_a_key_is_made_for_its_owner_alone_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "key"
    before = os.umask(0)
    try:
        made = keys.make("tiny.se/economy", path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keys.read(path) == made
    assert keys.signed(made.verifier, made.sign(b"text\n"), b"text\n")
    assert keys.make("tiny.se/economy", tmp_path / "other").seed != made.seed
    assert made.seed.hex() not in repr(made)
    assert str(made.seed) not in repr(made)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path, link = tmp_path / "key", tmp_path / "link"
    keys.make("tiny.se", path)
    before = path.read_bytes()
    link.symlink_to(tmp_path / "nowhere")
    for taken in (path, link, tmp_path):
        with pytest.raises(Refused, match="there is a file at"):
            keys.make("tiny.se", taken)
    assert path.read_bytes() == before
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(Usage, match="the folder"):
        keys.make("tiny.se", tmp_path / "absent" / "key")
    with pytest.raises(ValueError, match="no spaces"):
        keys.make("tiny se", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    keys.make("tiny.se", path)
    path.chmod(mode)
    with pytest.raises(Refused, match=r"others than its owner(.|\n)*chmod 600"):
        keys.read(path)


GOOD_KEY = notes.private_text(VerifierKey("tiny.se", PUBLIC), SEED) + "\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"\xff\xfe", "it is not text"),
        (b"-----BEGIN PRIVATE KEY-----\n", "a secret key begins with"),
        (str(VerifierKey("tiny.se", PUBLIC)).encode(), "a secret key begins with"),
        (GOOD_KEY[:-4].encode(), "not base64"),
        (GOOD_KEY.replace("tiny", "tiny2").encode(), "its id is not that"),
        (GOOD_KEY.encode() + b"more\n", "not base64"),
        (b"x" * 5000, "a secret key begins with"),
    ],
)
def test_what_is_no_whole_key_signs_nothing_and_stays(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Refused, match=rf"{said}(.|\n)*Nothing was signed"):
        keys.read(path)
    assert path.read_bytes() == content


def test_every_letter_of_a_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for at in range(len(GOOD_KEY) - 1):
        path.write_text(GOOD_KEY[:at] + ("B" if GOOD_KEY[at] != "B" else "C") + GOOD_KEY[at + 1 :])
        path.chmod(0o600)
        with pytest.raises(Refused, match="Nothing was signed"):
            keys.read(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Usage, match="there is no key at"):
        keys.read(tmp_path / "absent")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(Refused, match=r"no file|Is a directory"):
            keys.read(path)


# --- what a key signed last ---------------------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    """Of ``THEIRS``, in a file."""
    path = tmp_path / "theirs"
    path.write_text(notes.private_text(THEIRS.verifier, SEED) + "\n")
    path.chmod(0o600)
    with keys.memory(path, keys.read(path)) as found:
        return found


def test_the_last_note_is_kept_beside_the_key_for_its_owner(recorder: Recorder, memory: Memory, tmp_path: Path) -> None:
    assert memory.last() is None
    first = seal.sign(recorder, THEIRS, memory).checkpoint
    assert memory.path == tmp_path / "theirs.last"
    assert memory.path.read_bytes() == first.note()
    assert memory.path.stat().st_mode & 0o777 == 0o600
    record(recorder, 2)
    second = seal.sign(recorder, THEIRS, memory).checkpoint
    assert memory.last() == note_of(second)
    assert seal.sign(recorder, THEIRS, memory) == seal.Added(second)
    assert sorted(path.name for path in tmp_path.iterdir() if "theirs" in path.name) == ["theirs", "theirs.last"]


def test_what_a_key_remembers_is_read_as_it_was_kept_or_not_at_all(recorder: Recorder, memory: Memory) -> None:
    good = note_of(seal.sign(recorder, THEIRS, memory).checkpoint)
    kept = len(seal.kept(recorder))
    unsigned = Note(good.text).signed(Signature("friskare.se", THEIRS.verifier.key_id, bytes(64)))
    by_other = Note(good.text).signed(MINE.sign(good.text))
    record(recorder, 1)
    for content, said in (
        (b"", "is damaged"),
        (good.content()[:-3], "is damaged"),
        (Note(b"no checkpoint\n").signed(THEIRS.sign(b"no checkpoint\n")).content(), "is damaged: a checkpoint has three lines"),
        (unsigned.content(), r"is not signed by friskare\.se"),
        (by_other.content(), r"is not signed by friskare\.se"),
    ):
        memory.path.write_bytes(content)
        with pytest.raises(Refused, match=rf"the last note signed with the key, {said}(.|\n)*Nothing was signed"):
            seal.sign(recorder, THEIRS, memory)
        assert memory.path.read_bytes() == content
    assert len(seal.kept(recorder)) == kept


def test_no_signature_leaves_before_it_is_remembered(recorder: Recorder, memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ledger.keys.os.replace", full)
    with pytest.raises(Refused, match=r"cannot be kept in .*theirs\.last: No space left(.|\n)*Nothing was signed"):
        seal.sign(recorder, THEIRS, memory)
    assert seal.kept(recorder) == []
    assert [path.name for path in memory.path.parent.glob("theirs*")] == ["theirs"]


def test_one_process_at_a_time_signs_with_a_key(memory: Memory) -> None:
    path = memory.path.with_name("theirs")
    with keys.memory(path, THEIRS), path.open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_ledger_that_does_not_contain_what_the_key_signed_is_not_sealed(recorder: Recorder, memory: Memory) -> None:
    last = seal.sign(recorder, THEIRS, memory).checkpoint
    said = CheckpointText.parse(last.text)
    record(recorder, 2)
    later = CheckpointText(said.origin, 8, bytes(32))
    fork = CheckpointText(said.origin, 5, bytes(32))
    same = CheckpointText(said.origin, 7, bytes(32))
    other = CheckpointText("soc-ledger/" + "0" * 32, 5, said.root)
    cases: list[tuple[CheckpointText, type[LedgerError], str]] = [
        (later, VerificationFailed, "the ledger has 7 records; this key has signed 8(.|\n)*make a new key"),
        (fork, VerificationFailed, "the first 5 records are not those that this key has signed"),
        (same, VerificationFailed, "the first 7 records are not those that this key has signed"),
        (other, Refused, "this key has signed for another ledger, soc-ledger/0000"),
    ]
    for text, error, words in cases:
        note = Note(text.text()).signed(THEIRS.sign(text.text()))
        memory.keep(note)
        with pytest.raises(error, match=words):
            seal.sign(recorder, THEIRS, memory)
        assert memory.last() == note
        assert [one.size for one in seal.checkpoints(recorder)] == [5]
    memory.keep(note_of(last))
    assert seal.sign(recorder, THEIRS, memory).checkpoint.size == 7


def test_the_previous_note_is_the_one_that_the_key_remembers(recorder: Recorder) -> None:
    first = note_of(seal.sign(recorder, THEIRS).checkpoint)
    record(recorder, 2)
    second = note_of(seal.sign(recorder, THEIRS).checkpoint)
    record(recorder, 2)
    third = note_of(seal.sign(recorder, THEIRS).checkpoint)
    assert cosigning.before(third, None, None) is None
    assert cosigning.before(third, None, first) == first
    assert cosigning.before(third, second, None) == second
    assert cosigning.before(third, second, Note(second.text)) == second, "as it is kept, whoever signed since"
    assert cosigning.before(second, second, first) == second, "the same command again"
    with pytest.raises(Refused, match="not the last one signed with this key, which is of 7 records"):
        cosigning.before(third, second, first)


def test_who_must_have_signed_before_is_checked(recorder: Recorder) -> None:
    note = note_of(seal.sign(recorder, MINE).checkpoint)
    cosigning.check_signed(note, [])
    cosigning.check_signed(note, [MINE.verifier])
    forged = note.signed(Signature("friskare.se", THEIRS.verifier.key_id, bytes(64)))
    for bad, said in (
        (note, r"not signed by friskare\.se"),
        (forged, r"the signature of friskare\.se under the note is not right"),
    ):
        with pytest.raises(VerificationFailed, match=said):
            cosigning.check_signed(bad, [MINE.verifier, THEIRS.verifier])


# --- time stamps --------------------------------------------------------------------------------------------

CONFIGURATION = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test authority
[root]
basicConstraints = critical, CA:TRUE
[stamps]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """A time-stamping authority of ``openssl ts``: a root, and a certificate for time stamps that it issued."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ts.cnf").write_text(CONFIGURATION)
        (folder / "serial").write_text("01\n")
        new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "ts.cnf")
        self.openssl(*new, "-x509", "-keyout", "root.key", "-out", "root.pem", "-days", "30", "-extensions", "root")
        self.openssl(*new, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps")
        signed_by = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
        made = ("-out", "tsa.pem", "-days", "30", "-extfile", "ts.cnf", "-extensions", "stamps")
        self.openssl("x509", "-req", "-in", "tsa.csr", *signed_by, *made)
        self.root = (folder / "root.pem").read_bytes()
        self.certificates = (folder / "tsa.pem").read_bytes() + self.root

    def openssl(self, *args: str) -> None:
        subprocess.run(["openssl", *args], cwd=self.folder, check=True, capture_output=True)

    def answer(self, request: bytes) -> bytes:
        """Its response, whether it grants or not."""
        (self.folder / "request").write_bytes(request)
        signer = ("-signer", "tsa.pem", "-inkey", "tsa.key")
        self.openssl("ts", "-reply", "-config", "ts.cnf", "-section", "tsa", *signer, "-queryfile", "request", "-out", "response")
        return (self.folder / "response").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa2"))


def test_a_checkpoint_is_stamped(recorder: Recorder, authority: Authority) -> None:
    found = seal.sign(recorder, MINE).checkpoint
    request = stamps.request(found.text)
    assert request == stamps.request(found.text)
    before = datetime.now(UTC).replace(microsecond=0)
    response = authority.answer(request)
    for certificates in (authority.certificates, authority.root):
        stamp, added = seal.add_stamp(recorder, 5, response, certificates)
        assert added == (certificates == authority.certificates)
        assert before <= stamp.at <= datetime.now(UTC)
    assert seal.checkpoint(recorder, 5).stamps == (response,)
    assert stamps.read(response).is_of(found.text)
    seal.sign(recorder, THEIRS)
    assert seal.checkpoint(recorder, 5).stamps == (response,)


def test_a_stamp_of_something_else_or_by_somebody_else_is_not_kept(
    recorder: Recorder, authority: Authority, stranger: Authority
) -> None:
    text = seal.sign(recorder, MINE).checkpoint.text
    good, other = authority.answer(stamps.request(text)), authority.answer(stamps.request(b"other\n"))
    flipped = good[:-5] + bytes([good[-5] ^ 1]) + good[-4:]
    leaf_alone = authority.certificates[: -len(authority.root)]
    cases: list[tuple[bytes, bytes, type[LedgerError], str]] = [
        (other, authority.certificates, VerificationFailed, "for something else"),
        (good, stranger.certificates, VerificationFailed, "not by the authority"),
        (stranger.answer(stamps.request(text)), authority.certificates, VerificationFailed, "not by the authority"),
        (flipped, authority.certificates, VerificationFailed, "not by the authority"),
        (good, leaf_alone, VerificationFailed, "up to the root"),
        (good, b"no certificate", Refused, "holds none"),
        (good, authority.certificates + stranger.certificates, Refused, "holds several"),
        (b"no response", authority.certificates, Refused, "holds no time stamp"),
        (b"", authority.certificates, Refused, "holds no time stamp"),
        (good[:-1], authority.certificates, Refused, "holds no time stamp"),
    ]
    for response, certificates, error, said in cases:
        with pytest.raises(error, match=rf"(.|\n)*{said}"):
            seal.add_stamp(recorder, 5, response, certificates)
    with pytest.raises(Usage, match="no checkpoint of 4 records"):
        seal.add_stamp(recorder, 4, good, authority.certificates)
    assert seal.checkpoint(recorder, 5).stamps == ()


def test_an_answer_that_grants_nothing_says_why(authority: Authority) -> None:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(b"x").hash_algorithm(HashAlgorithm.SHA512).build().as_bytes()
    with pytest.raises(ValueError, match=r"did not grant it: .*digest"):
        stamps.read(authority.answer(asked))


def test_the_table_lies_in_the_ledgers_own_file(tmp_path: Path) -> None:
    recorder = Recorder(f"sqlite:///{tmp_path / 'ledger.db'}")
    recorder.create()
    record(recorder, 5)
    seal.sign(recorder, MINE)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as file:
        assert file.execute("SELECT number, size, kind FROM seals").fetchall() == [(1, 5, "checkpoint"), (2, 5, "signature")]
        assert SEED not in b"".join(content for (content,) in file.execute("SELECT content FROM seals"))
