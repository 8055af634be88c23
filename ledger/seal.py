"""The seal: checkpoints of the log with the signatures and time stamps under them, kept beside it and never changed.

A checkpoint is signed under the lock that events are recorded under, over a tree made anew of the leaves. A seal is no event:
nothing of it enters the log, and no key enters the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from ledger import keys, merkle, schema, stamps
from ledger.cosigning import ONE_LEDGER
from ledger.errors import Refused, Usage, VerificationFailed
from ledger.notes import CheckpointText, Note, Proof, Signature, VerifierKey
from ledger.recorder import Head, Recorder
from ledger.schema import seals
from ledger.seal_rows import Kind, Seal, damage, faults, fingerprint, kept, origin, useless

if TYPE_CHECKING:
    from ledger.keys import Memory, SigningKey
    from ledger.stamps import Stamp

__all__ = ["Seal", "damage", "faults", "kept", "origin"]  # of the rows, for those who call the seal

_NOT_CONTAINED = (
    "Nothing was signed. Is it an old copy of the ledger? Find a later one. If there is none, make a new key with: soc seal "
    "new-key NAME FILE, and tell the other parties what was lost, and why. No option has the old key sign it."
)


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


def checkpoints(recorder: Recorder) -> list[Checkpoint]:
    """Every checkpoint with what was added to it, in order of size; what is of no use there is passed over, and told by
    ``faults``. Raises VerificationFailed where a checkpoint is not of this log, or a row is not what was kept."""
    found = kept(recorder)
    for where, what in damage(recorder, found):
        raise VerificationFailed(f"{where}: {what}", do="See what else differs with: soc check")
    passed_over = {one.number for one, _ in useless(found)}
    found = [one for one in found if one.number not in passed_over]
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


# --- adding -------------------------------------------------------------------------------------------------


class Added(NamedTuple):
    """A checkpoint as it stands, and what was added to it now: nothing where it was there."""

    checkpoint: Checkpoint
    added: tuple[Signature, ...] = ()


def prepare(recorder: Recorder) -> None:
    """Make the table in a ledger that was opened before there were seals. Raises Refused where this database user may not."""
    with recorder.maintaining() as connection:
        schema.add_seals(connection)


def sign(recorder: Recorder, key: SigningKey, memory: Memory | None = None) -> Added:
    """Sign a checkpoint of the record as it stands, and keep it; of the same record again, add the signature of another key.

    ``memory``: what the key signed last; the record must contain it, and the new note is kept there before it is kept here.
    Raises VerificationFailed, and signs nothing, where the record is not what its tree says, what earlier checkpoints say or
    what the key signed last, Refused for a key that signed for another ledger.
    """
    with recorder.writing() as connection:
        schema.add_seals(connection)
        head, before = recorder.head(), checkpoints(recorder)
        if not head.position:
            raise Usage("the ledger holds no record yet", do="There is nothing to seal.")
        _check_tree(recorder, head, before)
        if memory is not None and (signed_last := memory.last()) is not None:
            _check_contains(recorder, head, CheckpointText.parse(signed_last.text))
        text = CheckpointText(origin(recorder), head.position, head.root).text()
        signature = key.sign(text)
        if memory is not None:
            memory.keep(Note(text, (signature,)))
        last = before[-1] if before and before[-1].size == head.position else None
        if last is None:
            _keep(connection, head.position, "checkpoint", text)
        elif _signed_already(last, key.verifier):
            return Added(last)
        _keep(connection, head.position, "signature", signature.line())
        return Added(checkpoints(recorder)[-1], (signature,))


def _check_contains(recorder: Recorder, head: Head, last: CheckpointText) -> None:
    """Raise unless the record begins with what the key signed last. No option overrides it: a key that has signed both of two
    records that contradict each other is worth nothing to anybody."""
    if last.origin != origin(recorder):
        raise Refused(f"this key has signed for another ledger, {last.origin}", do=ONE_LEDGER)
    if last.size > head.position:
        raise VerificationFailed(f"the ledger has {head.position} records; this key has signed {last.size}", do=_NOT_CONTAINED)
    if merkle.root_of(recorder.leaves(last.size)) != last.root:
        raise VerificationFailed(f"the first {last.size} records are not those that this key has signed", do=_NOT_CONTAINED)


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
    connection.execute(seals.insert(), one._replace(sha256=fingerprint(one))._asdict())


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
        added = tuple(one for one in new if not _stands(found, one, verifiers))
        for one in added:
            _keep(connection, found.size, "signature", one.line())
        return Added(checkpoint(recorder, found.size), added)


def _stands(found: Checkpoint, signature: Signature, verifiers: Sequence[VerifierKey]) -> bool:
    """Whether the checkpoint has a right signature by the same key. Raises VerificationFailed where it has one that is not."""
    for one in found.signatures:
        if (one.name, one.key_id) == (signature.name, signature.key_id):
            if any(keys.signed(key, one, found.text) for key in verifiers):
                return True
            what = f"another signature of {one.name} stands under checkpoint {found.size} here, and it is not right"
            raise VerificationFailed(what, do="Nothing was added. Ask who put it there; the next checkpoint is free of it.")
    return False


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
