"""``soc seal list``: the checkpoints, who signed each, and when it was stamped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from cli import output
from cli.desk import Desk
from cli.options import answers, looking
from cli.seal_files import VERIFIER, check_free
from ledger import keys, seal, stamps
from ledger.notes import Signature, VerifierKey
from ledger.periods import instant_text, stockholm_text
from ledger.seal import Checkpoint

COLUMNS = ["records", "last_recorded_at", "root", "signed_by", "signatures", "stamped_at"]


@click.command("list")
@click.option(
    "--verifier",
    "verifiers",
    type=VERIFIER,
    multiple=True,
    metavar="KEY",
    help="Say which of its signatures are right; repeatable.",
)
@answers
@looking
@click.pass_context
def list_(ctx: click.Context, desk: Desk, verifiers: tuple[VerifierKey, ...], form: str, file: str) -> None:
    """List the checkpoints.

    Of each: how many records it covers, when the last of them was recorded, its fingerprint, who signed, when it was stamped. Who
    signed is said as it is kept, unless verifier keys are given; a signature by one of them that is not right ends with 3.
    """
    check_free(file)
    found = [_listed(desk, one, verifiers) for one in seal.checkpoints(desk.log.recorder)]
    if form == "text":
        headers = ["records", "last recorded", "fingerprint", "signed by" if verifiers else _AS_KEPT, "stamped"]
        rows = [one.cells() for one in found]
        listed = output.table(rows, headers, right=(0,)) if rows else "Nothing is sealed yet; see: soc seal --help"
        output.emit(f"Checkpoints · {output.basis_line(desk.facts)}\n\n{listed}", file)
    else:
        values = [one.as_json() for one in found]
        output.emit(output.as_json({"checkpoints": values}) if form == "json" else output.as_csv(values, COLUMNS), file)
    if any("wrong" in one.judged for one in found):
        ctx.exit(3)


_AS_KEPT = "signed by (as kept; check with --verifier)"


@dataclass(frozen=True)
class _Listed:
    """A checkpoint with when its last record was recorded, of each signature whether it is right, and its stamps' instants."""

    checkpoint: Checkpoint
    recorded_at: datetime | None
    judged: tuple[str, ...]
    stamped_at: tuple[datetime, ...]

    @property
    def _names(self) -> list[str]:
        return [one.name for one in self.checkpoint.signatures]

    def as_json(self) -> dict[str, Any]:
        return {
            "records": self.checkpoint.size,
            "last_recorded_at": instant_text(self.recorded_at) if self.recorded_at else None,
            "root": self.checkpoint.root.hex(),
            "signed_by": self._names,
            "signatures": list(self.judged),
            "stamped_at": [instant_text(at) for at in self.stamped_at],
        }

    def cells(self) -> list[Any]:
        pairs = zip(self._names, self.judged, strict=True)
        signed = ", ".join(name if judged == "unchecked" else f"{name} ({judged})" for name, judged in pairs)
        recorded = stockholm_text(self.recorded_at) if self.recorded_at else ""
        stamped = ", ".join(stockholm_text(at) for at in self.stamped_at)
        return [self.checkpoint.size, recorded, self.checkpoint.root.hex()[:16], signed or "nobody", stamped]


def _listed(desk: Desk, one: Checkpoint, verifiers: Sequence[VerifierKey]) -> _Listed:
    return _Listed(
        one,
        desk.log.recorder.head_at(one.size).recorded_at,
        tuple(_judged(signature, verifiers, one.text) for signature in one.signatures),
        tuple(stamps.read(stamp).at for stamp in one.stamps),
    )


def _judged(signature: Signature, verifiers: Sequence[VerifierKey], text: bytes) -> str:
    """Also wrong: a signature under the name of a verifier key, by another key."""
    named = [key for key in verifiers if key.name == signature.name]
    if not named:
        return "unchecked"
    return "right" if any(keys.signed(key, signature, text) for key in named) else "wrong"
