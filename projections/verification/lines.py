"""The absence lines of a bundle, whole or opened one by one, against what their report commits to."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from ledger.canonical import canonical
from ledger.lines import COLUMNS, Lines
from ledger.record import Recorded
from projections.audit.sampling import places

_HEX = re.compile(r"([0-9a-f]{2})*")


def read(stored: bytes) -> Lines | None:
    """The lines of a report; None where these are not its columns, exactly as the ledger writes them."""
    try:
        lines = Lines.checked(stored)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    columns = {len(getattr(lines, name)) for name in COLUMNS}
    as_written = len(columns) == 1 and all(isinstance(name, str) for name in lines.workplaces) and lines.stored() == stored
    return lines if as_written else None


def are_recorded(lines: Lines, count: int, commitment: str) -> bool:
    """Whether lines that read are those that the report commits to."""
    try:
        return len(lines) == count and lines.commitment() == commitment
    except ValueError:  # a name of a workplace that cannot be written
        return False


def not_opened(row: Mapping[str, Any], count: int, commitment: str) -> Iterator[tuple[int | None, str]]:
    """What is wrong with a report's opened lines: the number of the line, or None for all of them, and what."""
    try:
        joined = _bytes(row["commitments"])
        if row.keys() != {"commitments", "opened", "position"} or len(joined) != 32 * count or not row["opened"]:
            raise ValueError
        if sha256(joined).hexdigest() != commitment:
            raise ValueError
        numbers = [one["number"] for one in row["opened"]]
        if numbers != sorted(set(numbers)) or {*map(type, numbers)} != {int} or not 0 <= numbers[0] <= numbers[-1] < count:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        yield None, "their fingerprints are not those that it was recorded with"
        return
    for one in row["opened"]:
        own = joined[32 * one["number"] : 32 * one["number"] + 32]
        if one.keys() != {"line", "number", "salt"} or not hmac.compare_digest(_commitment(one), own):
            yield one["number"], "it is not the line that was recorded"


def not_drawn(reports: Sequence[Recorded[Any]], opened: Mapping[int, Mapping[str, Any]], root: bytes) -> list[int]:
    """The positions of the reports of which other lines are opened than the root draws, where it draws as many as are opened.
    ``reports``: all absence reports that are shown, in order."""
    wrong: set[int] = set()
    for contract in {one.data.contract for one in reports if one.position in opened}:
        own = [one for one in reports if one.data.contract == contract]
        said = {(one.position, line["number"]) for one in own for line in opened.get(one.position, {}).get("opened", ())}
        _, drawn = places(own, root, contract, len(said))
        wrong |= {position for position, _ in said.symmetric_difference(drawn)}
    return sorted(wrong)


def _commitment(one: Mapping[str, Any]) -> bytes:
    try:
        return sha256(_bytes(one["salt"]) + canonical(one["line"])).digest()
    except (ValueError, KeyError, TypeError):
        return b""


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("it is not hexadecimal")
    return bytes.fromhex(text)
