"""What another party does with a checkpoint that it was handed: compare it with the last one that it signed, and sign. No ledger
is needed."""

from __future__ import annotations

from ledger import keys, merkle
from ledger.errors import Refused, VerificationFailed
from ledger.keys import SigningKey
from ledger.notes import CheckpointText, Note, Proof

_NOTHING = "Nothing was signed."


def cosign(note: Note, key: SigningKey, previous: Note | None = None, proof: Proof | None = None) -> tuple[Note, bool]:
    """Another party's signature under a checkpoint that it was handed; the note with it, and whether it is new.

    With ``previous``, the last checkpoint that this key signed, only where ``proof`` shows that it is contained. Raises Refused
    for what is no checkpoint, or where the two cannot follow each other, VerificationFailed for a signature or proof that does
    not hold. Nothing is signed then.
    """
    said = _said(note, "the note")
    if previous is not None:
        if not any(keys.signed(key.verifier, one, previous.text) for one in previous.signatures):
            raise VerificationFailed(f"the previous note is not signed by {key.verifier.name}", do=_NOTHING)
        _check_follows(_said(previous, "the previous note"), said, proof)
    if (mine := note.by(key.verifier)) is not None:
        if not keys.signed(key.verifier, mine, note.text):
            raise VerificationFailed(f"the note has a signature of {key.verifier.name} that is not right", do=_NOTHING)
        return note, False
    return note.signed(key.sign(note.text)), True


def _said(note: Note, which: str) -> CheckpointText:
    try:
        return CheckpointText.parse(note.text)
    except ValueError as error:
        raise Refused(f"{which} is no checkpoint: {error}", do=_NOTHING) from None


def _check_follows(first: CheckpointText, second: CheckpointText, proof: Proof | None) -> None:
    """``proof`` may be None where both are of as many records."""
    if first.origin != second.origin:
        raise Refused(f"the two notes are of two ledgers, {first.origin} and {second.origin}", do=_NOTHING)
    if first.size > second.size:
        raise Refused(f"the note is of {second.size} records; you have signed {first.size} before", do=_NOTHING)
    shown = proof or Proof(first.size, second.size, ())
    if (shown.first, shown.second) != (first.size, second.size):
        what = f"the proof is from {shown.first} to {shown.second} records, the notes from {first.size} to {second.size}"
        raise Refused(what, do=f"Ask for that of: soc seal prove {first.size} {second.size}")
    if not merkle.verify_consistency(first.size, second.size, first.root, second.root, shown.hashes):
        advice = "Nothing was signed. Keep both notes: what you signed before is not contained in what you were handed now."
        raise VerificationFailed(f"nothing shows that your checkpoint of {first.size} records is contained", do=advice)
