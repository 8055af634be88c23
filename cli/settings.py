"""What the options before the command said. Imports nothing, so that ``--help`` stays quick."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The options of ``soc`` itself, as given."""

    ledger: str
    vault: str | None
    actor: str | None
    now: str | None
