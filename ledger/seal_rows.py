"""The rows in which seals are kept: what they hold, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Literal, NamedTuple

import sqlalchemy as sa

from ledger import notes, stamps
from ledger.notes import CheckpointText, Signature
from ledger.recorder import Recorder
from ledger.schema import seals

Kind = Literal["checkpoint", "signature", "timestamp"]


class Seal(NamedTuple):
    """A row of the table: the text of a checkpoint of ``size`` records, or a signature's line or a response of an authority to
    it. ``sha256`` is over all the others."""

    number: int
    size: int
    kind: str
    content: bytes
    sha256: bytes


def kept(recorder: Recorder) -> list[Seal]:
    """Every row as it is stored, by number; none in a ledger that was opened before there were seals."""
    with recorder.reading() as connection:
        if not sa.inspect(connection).has_table(seals.name):
            return []
        return [Seal(*row) for row in connection.execute(sa.select(seals).order_by(seals.c.number))]


def faults(recorder: Recorder, found: Sequence[Seal]) -> Iterator[tuple[str, str]]:
    """What is wrong with these seals, each with where it stands: what is damaged, or else what stands under a checkpoint and is
    of no use. The log itself is taken to be whole.

    That the last rows were removed nobody can see here: whoever keeps a note sees it (``soc seal add``, ``soc verify``).
    """
    damaged = list(damage(recorder, found))
    yield from damaged or ((_where(one), what) for one, what in useless(found))


def damage(recorder: Recorder, found: Sequence[Seal]) -> Iterator[tuple[str, str]]:
    """Rows that are not what was kept, and checkpoints that are not of this log, each with where it stands."""
    last, size = recorder.head().position, 0
    for expected, one in enumerate(found, 1):
        if one.number != expected:
            yield f"seal {one.number}", f"stands where seal {expected} should"
            return
        if one.sha256 != fingerprint(one):
            yield f"seal {one.number}", f"is not what was kept ({_where(one)})"
        elif one.kind == "checkpoint":
            if one.size <= size:
                yield _where(one), f"does not follow from the checkpoint before it, of {size} records"
            yield from ((_where(one), what) for what in _differing(recorder, one, last))
            size = one.size


def useless(found: Sequence[Seal]) -> Iterator[tuple[Seal, str]]:
    """Signatures and time stamps that ``checkpoints`` passes over: who may append could have put them there, and they must not
    stop what is right."""
    texts: dict[int, bytes] = {}
    seen: set[tuple[int, object]] = set()
    for one in found:
        if one.kind == "checkpoint":
            texts[one.size] = one.content
            continue
        try:
            who, what = _of(one, texts.get(one.size))
        except ValueError as error:
            yield one, str(error)
            continue
        if (one.size, who) in seen:
            yield one, f"{what} stands there already: only the first counts"
        seen.add((one.size, who))


def _of(one: Seal, text: bytes | None) -> tuple[object, str]:
    """What a row must be alone in under its checkpoint, and in words. Raises ValueError for what is of no use there."""
    if text is None:
        raise ValueError(f"there is no checkpoint of {one.size} records before it")
    if one.kind == "signature":
        signature = Signature.parse(one.content)
        return (signature.name, signature.key_id), f"a signature of {signature.name} ({signature.key_id.hex()})"
    if not stamps.read(one.content).is_of(text):
        raise ValueError("the time stamp is for something else than this checkpoint")
    return one.content, "the same time stamp"


def _where(one: Seal) -> str:
    return f"checkpoint {one.size}" if one.kind == "checkpoint" else f"{one.kind} of checkpoint {one.size}"


def fingerprint(one: Seal) -> bytes:
    """The SHA-256 of a row, over all but itself."""
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


def origin(recorder: Recorder) -> str:
    """The name of the ledger in its checkpoints."""
    return notes.origin(recorder.head_at(1).root)  # the root over one record is its leaf
