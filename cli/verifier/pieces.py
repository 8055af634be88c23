"""All records, looked at in pieces, on several processors where there are.

What a piece cannot know of those before it, the versions of streams and the instant of the last record, is compared where the
pieces meet.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator

from cli.verifier.records import Found, Piece, look_at_piece, not_later, not_next

PIECE_BYTES = 1_000_000
WORTH_TWO_PROCESSES = 20_000_000
"""Bytes of records from which a second process pays for itself."""


def look_at_records(events: bytes, leaves: bytes, progress: Callable[[int], None]) -> Found:
    """Everything that can be told of the records and their order. ``progress`` hears how many are done."""
    total = Found()
    for first, found in _looked_at(_pieces(events, leaves), len(events)):
        progress(first - 1)
        _join_on(total, found)
    return total


def _pieces(events: bytes, leaves: bytes) -> Iterator[Piece]:
    first, begins, end = 1, 0, len(events) - events.endswith(b"\n")
    while begins < len(events):
        cut = events.find(b"\n", begins + PIECE_BYTES, end)
        content = events[begins : cut if cut >= 0 else end]
        count = content.count(b"\n") + 1
        yield first, content, leaves[(first - 1) * 32 : (first - 1 + count) * 32]
        first, begins = first + count, begins + len(content) + 1


def _looked_at(pieces: Iterable[Piece], size: int) -> Iterator[tuple[int, Found]]:
    """Each piece's first position and what was found in it, in order; in one process where more do not pay or cannot be had."""
    processes = min(multiprocessing.cpu_count(), 4)
    pool = None
    if size >= WORTH_TWO_PROCESSES and processes > 1:
        try:
            pool = multiprocessing.Pool(processes)
        except (ImportError, OSError, AssertionError, RuntimeError):  # no semaphores, no more processes, or a child itself
            pool = None
    if pool is None:
        yield from map(_numbered_piece, pieces)
        return
    with pool:
        yield from pool.imap(_numbered_piece, pieces)


def _numbered_piece(piece: Piece) -> tuple[int, Found]:
    return piece[0], look_at_piece(piece)


def _join_on(total: Found, found: Found) -> None:
    """Add what was found in the next piece, and compare what meets."""
    for stream, (position, version) in found.first_versions.items():
        if version != total.versions.get(stream, 0) + 1:
            found.fault(position, not_next(stream, version, total.versions.get(stream, 0)))
    if found.first_instant is not None and found.first_instant[1] <= total.instant:
        found.fault(found.first_instant[0], not_later(found.first_instant[1], total.instant))
    total.faults.update(found.faults)
    total.unread |= found.unread
    total.misplaced |= found.misplaced
    total.count += found.count
    total.hidden += found.hidden
    total.streams.update(found.streams)
    total.unknown |= found.unknown
    total.versions.update(found.versions)
    total.last_of.update(found.last_of)
    total.reports += found.reports
    total.attached += found.attached
    total.bases += found.bases
    total.samples += found.samples
    if found.simulated is not None and total.simulated is None:
        total.simulated = found.simulated
    if found.first_instant is not None:
        total.instant, total.last_shown = found.instant, found.last_shown
