"""The absence lines that a bundle opens: drawn by the checkpoint, each with what shows that it is what was recorded."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ledger.lines import Lines


def openings(stored: Mapping[int, bytes], root: bytes, contract: str, number: int) -> Iterator[dict[str, Any]]:
    """One row for each report with a drawn line, by position. ``stored``: the lines of the contract's reports."""
    from projections.audit.sampling import draw

    reports = {position: Lines.read(lines) for position, lines in sorted(stored.items())}
    every = [(position, line) for position, lines in reports.items() for line in range(len(lines))]
    drawn = sorted(every[item] for item in draw(root, contract, len(every), number))
    for position, lines in reports.items():
        wanted = [line for at, line in drawn if at == position]
        if wanted:
            yield {
                "commitments": b"".join(lines.commitments()).hex(),
                "opened": [_opened(lines, texts, line) for texts in [list(lines.texts())] for line in wanted],
                "position": position,
            }


def _opened(lines: Lines, texts: list[bytes], number: int) -> dict[str, Any]:
    salt = hmac.digest(lines.secret, number.to_bytes(8, "big"), "sha256")
    return {"line": json.loads(texts[number]), "number": number, "salt": salt.hex()}
