"""The absence lines that a bundle opens: drawn by the checkpoint, each with what shows that it is what was recorded."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from ledger.lines import Lines


def openings(stored: Mapping[int, bytes], places: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """One row for each report with a drawn line, by position. ``stored``: the lines of the contract's reports; ``places``: record
    and number of each line drawn."""
    for position, group in groupby(sorted(places), itemgetter(0)):
        lines = Lines.read(stored[position])
        texts = list(lines.texts())
        yield {
            "commitments": b"".join(lines.commitments()).hex(),
            "opened": [_opened(lines, texts, number) for _, number in group],
            "position": position,
        }


def _opened(lines: Lines, texts: list[bytes], number: int) -> dict[str, Any]:
    salt = hmac.digest(lines.secret, number.to_bytes(8, "big"), "sha256")
    return {"line": json.loads(texts[number]), "number": number, "salt": salt.hex()}
