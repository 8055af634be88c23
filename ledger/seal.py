"""The seal: checkpoints of the log with the signatures and time stamps under them, kept beside it and never changed.

A checkpoint is signed under the lock that events are recorded under, over a tree made anew of the leaves. A seal is no event:
nothing of it enters the log, and no key enters the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Literal, NamedTuple

import sqlalchemy as sa

from ledger import keys, merkle, notes, schema, stamps
from ledger.errors import Refused, Usage, VerificationFailed
from ledger.notes import CheckpointText, Note, Proof, Signature, VerifierKey
from ledger.recorder import Head, Recorder
from ledger.schema import seals

if TYPE_CHECKING:
    from ledger.keys import SigningKey
    from ledger.stamps import Stamp

Kind = Literal["checkpoint", "signature", "timestamp"]


class Seal(NamedTuple):
    """A row of the table: the text of a checkpoint of ``size`` records, or a signature's line or a response of an authority to
    it. ``sha256`` is over all the others."""

    number: int
    size: int
    kind: str
    content: bytes
    sha256: bytes


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint of the first ``size`` records: its text as it was signed, the signatures in the order in which they were
    added, and the responses of time-stamping authorities (DER)."""

    size: int
    text: bytes
    signatures: tuple[Signature, ...] = ()
    stamps: tuple[bytes, ...] = ()

    def note(self) -> bytes:
        """The signed note, as it is handed over."""
        return Note(self.text, self.signatures).content()

    @property
    def root(self) -> bytes:
        """The root over its records."""
        return CheckpointText.parse(self.text).root


# --- reading ------------------------------------------------------------------------------------------------


def kept(recorder: Recorder) -> list[Seal]:
    """Every row as it is stored, by number; none in a ledger that was opened before there were seals."""
    with recorder.reading() as connection:
        if not sa.inspect(connection).has_table(seals.name):
            return []
        return [Seal(*row) for row in connection.execute(sa.select(seals).order_by(seals.c.number))]


def faults(recorder: Recorder, found: Sequence[Seal]) -> Iterator[tuple[str, str]]:
    """What is wrong with these seals, each with where it stands: rows that are not what was kept, checkpoints that are not of
    this log. The log itself is taken to be whole."""
    last, size = recorder.head().position, 0
    for expected, one in enumerate(found, 1):
        where = f"{one.kind} of checkpoint {one.size}" if one.kind != "checkpoint" else f"checkpoint {one.size}"
        if one.number != expected:
            yield f"seal {one.number}", f"stands where seal {expected} should"
            return
        if one.sha256 != _fingerprint(one):
            yield f"seal {one.number}", f"is not what was kept ({where})"
        elif one.kind == "checkpoint":
            if one.size <= size:
                yield where, f"does not follow from the checkpoint before it, of {size} records"
            yield from ((where, what) for what in _differing(recorder, one, last))
            size = one.size
        else:
            yield from ((where, what) for what in _unreadable(one))


def _fingerprint(one: Seal) -> bytes:
    return sha256(f"{one.number}\n{one.size}\n{one.kind}\n".encode() + one.content).digest()


def _differing(recorder: Recorder, one: Seal, last: int) -> Iterator[str]:
    """What of a checkpoint is not as the log says."""
    try:
        said = CheckpointText.parse(one.content)
    except ValueError as error:
        yield str(error)
        return
    if said.origin != origin(recorder):
        yield f"it is of another ledger, {said.origin}"
    elif said.size != one.size:
        yield f"it says that it is of {said.size} records"
    elif said.size > last:
        yield f"there are only {last} records: those after them are gone"
    elif said.root != recorder.head_at(said.size).root:
        yield "its fingerprint is not that of the record: what was recorded before it was signed has been changed"


def _unreadable(one: Seal) -> Iterator[str]:
    try:
        if one.kind == "signature":
            Signature.parse(one.content)
        else:
            stamps.read(one.content)
    except ValueError as error:
        yield str(error)


def checkpoints(recorder: Recorder) -> list[Checkpoint]:
    """Every checkpoint with what was added to it, in order of size. Raises VerificationFailed where one is not of this log, or
    is not what was kept."""
    found = kept(recorder)
    for where, what in faults(recorder, found):
        raise VerificationFailed(f"{where}: {what}", do="See what else differs with: soc check")
    return [
        Checkpoint(
            one.size,
            one.content,
            tuple(Signature.parse(under.content) for under in _under(found, one.size, "signature")),
            tuple(under.content for under in _under(found, one.size, "timestamp")),
        )
        for one in found
        if one.kind == "checkpoint"
    ]


def _under(found: Iterable[Seal], size: int, kind: Kind) -> list[Seal]:
    return [one for one in found if (one.size, one.kind) == (size, kind)]


def checkpoint(recorder: Recorder, size: int) -> Checkpoint:
    """The checkpoint of so many records. Raises Usage where there is none, VerificationFailed as ``checkpoints``."""
    found = checkpoints(recorder)
    for one in found:
        if one.size == size:
            return one
    sizes = ", ".join(str(one.size) for one in found[-5:])
    have = f"the last ones are of {sizes}" if found else "there is none yet; make one with: soc seal --key FILE"
    raise Usage(f"there is no checkpoint of {size} records", do=have)


def origin(recorder: Recorder) -> str:
    """The name of the ledger in its checkpoints."""
    return notes.origin(recorder.head_at(1).root)  # the root over one record is its leaf


# --- adding -------------------------------------------------------------------------------------------------


class Added(NamedTuple):
    """A checkpoint as it stands, and what was added to it now: nothing where it was there."""

    checkpoint: Checkpoint
    added: tuple[Signature, ...] = ()


def prepare(recorder: Recorder) -> None:
    """Make the table in a ledger that was opened before there were seals. Raises Refused where this database user may not."""
    with recorder.maintaining() as connection:
        schema.add_seals(connection)


def sign(recorder: Recorder, key: SigningKey) -> Added:
    """Sign a checkpoint of the record as it stands, and keep it; of the same record again, add the signature of another key.

    Raises VerificationFailed, and signs nothing, where the record is not what its tree says or what earlier checkpoints say.
    """
    with recorder.writing() as connection:
        schema.add_seals(connection)
        head, before = recorder.head(), checkpoints(recorder)
        if not head.position:
            raise Usage("the ledger holds no record yet", do="There is nothing to seal.")
        _check_tree(recorder, head, before)
        text = CheckpointText(origin(recorder), head.position, head.root).text()
        last = before[-1] if before and before[-1].size == head.position else None
        if last is None:
            _keep(connection, head.position, "checkpoint", text)
        signature = key.sign(text)
        if last is not None and _signed_already(last, key.verifier):
            return Added(last)
        _keep(connection, head.position, "signature", signature.line())
        return Added(checkpoints(recorder)[-1], (signature,))


def _check_tree(recorder: Recorder, head: Head, before: Sequence[Checkpoint]) -> None:
    """Raise VerificationFailed unless the leaves themselves give the root to be signed, and that of the last checkpoint."""
    leaves = recorder.leaves(head.position)
    sealed = [(head.position, head.root), *((one.size, one.root) for one in before[-1:])]
    for size, root in sealed:
        if merkle.root_of(leaves[:size]) != root:
            what = f"the fingerprint of the first {size} records does not follow from them"
            raise VerificationFailed(what, do="Nothing was signed. See what differs with: soc check")


def _signed_already(one: Checkpoint, key: VerifierKey) -> bool:
    """Raises VerificationFailed for a signature that says it is by this key and is not."""
    found = Note(one.text, one.signatures).by(key)
    if found is not None and not keys.signed(key, found, one.text):
        raise VerificationFailed(f"the signature of {key.name} under checkpoint {one.size} is not right")
    return found is not None


def _keep(connection: sa.Connection, size: int, kind: Kind, content: bytes) -> None:
    number = connection.execute(sa.select(sa.func.coalesce(sa.func.max(seals.c.number), 0) + 1)).scalar_one()
    one = Seal(number, size, kind, content, b"")
    connection.execute(seals.insert(), one._replace(sha256=_fingerprint(one))._asdict())


def add(recorder: Recorder, note: Note, verifiers: Sequence[VerifierKey]) -> Added:
    """Take the signatures of others under a checkpoint into the ledger: all that are new, or none.

    Raises Refused for a note that is of no checkpoint here or has a new signature by none of the keys, VerificationFailed for a
    signature that is not right.
    """
    with recorder.writing() as connection:
        found = _same(recorder, note)
        new = [one for one in note.signatures if one not in found.signatures]
        for one in new:
            check_signature(one, verifiers, note.text)
        there = {(one.name, one.key_id) for one in found.signatures}
        added = tuple(one for one in new if (one.name, one.key_id) not in there)
        for one in added:
            _keep(connection, found.size, "signature", one.line())
        return Added(checkpoint(recorder, found.size), added)


def check_signature(signature: Signature, verifiers: Sequence[VerifierKey], text: bytes) -> None:
    """Raise Refused where the signature says it is by none of these keys, VerificationFailed where it is not right."""
    claimed = [key for key in verifiers if signature.claims(key)]
    who = f"{signature.name} ({signature.key_id.hex()})"
    if not claimed:
        raise Refused(f"the note has a signature of {who}, whose key was not given", do="Give it with --verifier NAME+ID+KEY.")
    if not any(keys.signed(key, signature, text) for key in claimed):
        raise VerificationFailed(f"the signature of {who} is not right", do="Nothing was added.")


def _same(recorder: Recorder, note: Note) -> Checkpoint:
    """The checkpoint that a note is of."""
    try:
        said = CheckpointText.parse(note.text)
    except ValueError as error:
        raise Refused(f"the note is no checkpoint: {error}") from None
    if said.origin != origin(recorder):
        raise Refused(f"the note is of another ledger, {said.origin}", do="Name that ledger with --ledger.")
    found = next((one for one in checkpoints(recorder) if one.size == said.size), None)
    if found is None:
        raise Refused(f"no checkpoint of {said.size} records was sealed here", do="See those that were with: soc seal list")
    if found.text != note.text:
        advice = "Keep it. If its signatures are right, the parties have been shown two different records."
        raise Refused(f"the note has another fingerprint than checkpoint {said.size} of this ledger", do=advice)
    return found


def add_stamp(recorder: Recorder, size: int, response: bytes, certificates: bytes) -> tuple[Stamp, bool]:
    """Keep an authority's response to a checkpoint once it is verified; the stamp, and whether it was added now.

    Raises Usage where there is no such checkpoint, and as ``stamps.verify``.
    """
    with recorder.writing() as connection:
        found = checkpoint(recorder, size)
        stamp = stamps.verify(response, found.text, certificates)
        if new := response not in found.stamps:
            _keep(connection, size, "timestamp", response)
        return stamp, new


# --- proofs -------------------------------------------------------------------------------------------------


def prove(recorder: Recorder, first: int, second: int) -> Proof:
    """Shows that the ``first`` records are the beginning of the ``second``; it holds, or VerificationFailed is raised. Raises
    Usage for what is no such pair of numbers."""
    with recorder.view():
        last = recorder.head().position
        if not 1 <= first <= second <= last:
            raise Usage(f"{first} and {second} are not two numbers of records in order, from 1 to {last}")
        roots = [recorder.head_at(size).root for size in (first, second)]
        proof = Proof(first, second, tuple(merkle.consistency_proof(recorder.leaves(second), first)))
    if not merkle.verify_consistency(first, second, roots[0], roots[1], proof.hashes):
        raise VerificationFailed("the record does not follow from itself: no proof holds", do="See what differs with: soc check")
    return proof
