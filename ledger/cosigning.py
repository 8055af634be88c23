"""What another party does with a checkpoint that it was handed: compare it with the last one that it signed, and sign. No ledger
is needed."""

from __future__ import annotations

from collections.abc import Sequence

from ledger import keys, merkle
from ledger.errors import Refused, VerificationFailed
from ledger.keys import SigningKey
from ledger.notes import CheckpointText, Note, Proof, VerifierKey

_NOTHING = "Nothing was signed."
_EVIDENCE = "Nothing was signed. Keep both notes: they are evidence. What you signed before is not shown to be contained in this."
ONE_LEDGER = (
    "Nothing was signed. A key signs for one ledger: for another, make a key of its own. If it should be the same ledger, keep "
    "both notes: they are evidence that its first record has been changed."
)
"""What to do where a key is asked to sign for another ledger than before."""


def before(note: Note, last: Note | None, previous: Note | None) -> Note | None:
    """The checkpoint that ``note`` must follow from: the ``last`` that the key remembers, or, where it remembers none, the
    ``previous`` one that was named. Raises Refused where both are there and are not of the same text."""
    if last is None or previous is None or last.text in (previous.text, note.text):
        return previous if last is None else last
    size = _said(last, "the last note").size
    advice = f"{_NOTHING} Leave --previous away. If you have signed the one you named, keep both notes: they are evidence."
    raise Refused(f"the previous note is not the last one signed with this key, which is of {size} records", do=advice)


def check_signed(note: Note, verifiers: Sequence[VerifierKey]) -> None:
    """Raise VerificationFailed unless each of these keys has signed the note."""
    for key in verifiers:
        found = note.by(key)
        if found is None:
            raise VerificationFailed(f"the note is not signed by {key.name} ({key.key_id.hex()})", do=_NOTHING)
        if not keys.signed(key, found, note.text):
            raise VerificationFailed(f"the signature of {key.name} under the note is not right", do=_NOTHING)


def cosign(note: Note, key: SigningKey, previous: Note | None = None, proof: Proof | None = None) -> tuple[Note, bool]:
    """Another party's signature under a checkpoint that it was handed; the note with it, and whether it is new.

    With ``previous``, the last checkpoint that this key signed, only where it is the same, or ``proof`` shows that it is
    contained. Raises Refused for what is no checkpoint, is of another ledger or has no proof of the two, VerificationFailed for
    a checkpoint that contradicts the previous one, and for a signature or proof that does not hold. Nothing is signed then.
    """
    said = _said(note, "the note")
    if previous is not None:
        if not any(keys.signed(key.verifier, one, previous.text) for one in previous.signatures):
            raise VerificationFailed(f"the previous note is not signed by {key.verifier.name}", do=_NOTHING)
        if previous.text != note.text:
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
    """``first``: what was signed before, another text than ``second``."""
    if first.origin != second.origin:
        raise Refused(f"the two notes are of two ledgers, {first.origin} and {second.origin}", do=ONE_LEDGER)
    if first.size > second.size:
        raise VerificationFailed(f"the note is of {second.size} records; you have signed {first.size} before", do=_EVIDENCE)
    if first.size == second.size:
        what = f"the note has another fingerprint of {second.size} records than the one that you have signed"
        raise VerificationFailed(what, do=_EVIDENCE)
    advice = f"{_NOTHING} Ask for that of: soc seal prove {first.size} {second.size}"
    if proof is None:
        raise Refused(f"you have signed {first.size} records; no proof shows that they are contained (--proof)", do=advice)
    if (proof.first, proof.second) != (first.size, second.size):
        what = f"the proof is from {proof.first} to {proof.second} records, the notes from {first.size} to {second.size}"
        raise Refused(what, do=advice)
    if not merkle.verify_consistency(first.size, second.size, first.root, second.root, proof.hashes):
        raise VerificationFailed(f"nothing shows that your checkpoint of {first.size} records is contained", do=_EVIDENCE)
