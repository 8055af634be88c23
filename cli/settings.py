"""What the options before the command said, and how a write is known. Imports nothing, so that ``--help`` stays quick."""

from __future__ import annotations

from dataclasses import dataclass

STOPPED_A_WRITE = "It stopped a write."
"""The note on an error that came while something was to be recorded."""


@dataclass(frozen=True)
class Settings:
    """The options of ``soc`` itself, as given."""

    ledger: str
    vault: str | None
    actor: str | None
    now: str | None
