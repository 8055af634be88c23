"""The log, byte for byte, from one place to another: SQLite or PostgreSQL, either way, with the same root."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from ledger import merkle, schema, seal
from ledger.errors import Refused, Usage, VerificationFailed
from ledger.events import TYPES, AbsenceReported
from ledger.lines import committed
from ledger.log import verified
from ledger.recorder import Head, Recorder, as_row
from ledger.schema import events, seals
from ledger.seal import Seal

_PAGE = 50  # records held in memory; one may be a megabyte
_Stored = sa.Row[Any]


def _nothing(*_: object) -> None:
    pass


def copy(
    source: Recorder,
    target: Recorder,
    *,
    after: Callable[[], object] = _nothing,
    copied: Callable[[int], object] = _nothing,
) -> Head:
    """Copy all that ``source`` holds, seals included, into ``target``, which holds nothing; the head, alike in both.

    One transaction at the target: all or nothing, ``after`` (called when every record is there) included. Rows stay as they are
    stored, and each is proved to follow from those before it. ``copied`` is told of each page how many records it had.
    Raises Refused where there is a ledger at the target, Usage for a source without records, VerificationFailed at the first
    record that is not what was recorded.
    """
    with source.view():
        head, sealed = source.head(), seal.kept(source)
        if not head.position:
            raise Usage(f"the ledger at {source.place} holds no record yet", do="There is nothing to copy.")
        _check_free(target)
        if not target.exists():
            target.create()
        _copy(source, target, head, sealed, after, copied)
    return head


def _copy(
    source: Recorder,
    target: Recorder,
    head: Head,
    sealed: Sequence[Seal],
    after: Callable[[], object],
    copied: Callable[[int], object],
) -> None:
    with target.writing() as connection, closing(_pages(source, head.position)) as pages:
        _check_free(target)  # again, now that nobody else can write
        last = Head(0, None, ())
        for page in pages:
            for row in page:
                last = _followed(last, row)
            connection.execute(events.insert(), [row._asdict() for row in page])
            copied(len(page))
        _seal(target, connection, sealed)
        after()
        if not last.root == head.root == target.head().root:
            raise VerificationFailed(f"what is at {target.place} is not what was copied", do="Nothing was kept; copy again.")


def _seal(target: Recorder, connection: sa.Connection, sealed: Sequence[Seal]) -> None:
    """The seals as they are stored, each proved to be of the records that were copied."""
    for where, what in seal.damage(target, sealed):
        raise _broken(f"{where}: {what}")
    schema.add_seals(connection)
    if sealed:
        connection.execute(seals.insert(), [one._asdict() for one in sealed])


def _check_free(target: Recorder) -> None:
    if target.exists() and target.head().position:
        raise Refused(f"there is a ledger at {target.place} already", do="Copy to a place that holds none.")


def _pages(source: Recorder, upto: int) -> Generator[Sequence[_Stored], None, None]:
    """The rows as stored, in one unchanging view, by position."""
    statement = sa.select(events).where(events.c.position <= upto).order_by(events.c.position)
    with source.reading() as connection, connection.execute(statement, execution_options={"yield_per": _PAGE}) as result:
        yield from result.partitions()


def _followed(before: Head, row: _Stored) -> Head:
    """The head after this row. Raises VerificationFailed unless it follows from the head before it."""
    if row.position != before.position + 1:
        raise _broken(f"record {before.position + 1} is missing")
    whole = as_row(row)
    if merkle.leaf_hash(whole.body) != row.leaf:
        raise _broken(f"record {row.position} is not what was recorded")
    if row.type in TYPES:  # one that a later version wrote is copied as it is
        event = verified(whole).data
        if isinstance(event, AbsenceReported) and not committed(whole.beside, event.lines.count, event.lines.sha256):
            raise _broken(f"the lines of record {row.position} are not those that it was recorded with")
    peaks = merkle.peaks_after(before.peaks, before.position, row.leaf)
    if b"".join(peaks) != row.peaks:
        raise _broken(f"record {row.position} does not follow from those before it")
    return Head(row.position, None, peaks)


def _broken(what: str) -> VerificationFailed:
    return VerificationFailed(what, do="Nothing was copied. See what else differs with: soc check")
